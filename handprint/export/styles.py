"""How cells of a workbook look: by role, and numbers by kind."""

from __future__ import annotations

FONTS = {"en": "Calibri", "zh": "Microsoft YaHei"}
BLUE, PALE, GREY, INPUT = "#1F4E79", "#DDEBF7", "#808080", "#FFF2CC"
NUMBERS = {
    "share": "0.000;[Red]-0.000",
    "amount": "#,##0.0;[Red]-#,##0.0",
    "money": "#,##0;[Red]-#,##0",
    "rate": "0.0000;[Red]-0.0000",
    "ratio": "0.00;[Red]-0.00",
    "percent": "0.0%;[Red]-0.0%",
    "whole": "0",
    "tiny": "0.00E+00",
}
LINE = {"bottom": 1, "bottom_color": "#D9D9D9"}
ROLES: dict[str, dict[str, object]] = {
    "input": {"bg_color": INPUT, "font_color": "#0000FF", "border": 1, "border_color": "#BFBFBF"},
    "data": {"font_color": "#0000FF"},
    "formula": LINE,
    "strong": LINE | {"bold": True, "bg_color": "#F2F2F2"},
    "run": LINE | {"italic": True, "font_color": GREY},
}
PLAIN: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16, "font_color": BLUE},
    "note": {"font_color": GREY, "italic": True},
    "lead": {"bold": True, "font_size": 12},
    "header": {
        "bold": True, "font_color": "#FFFFFF", "bg_color": BLUE, "text_wrap": True,
        "align": "center", "border": 1, "border_color": "#FFFFFF",
    },
    "band": {"bold": True, "bg_color": PALE, "font_color": BLUE},
    "text": LINE | {"indent": 1},
    "small": LINE | {"indent": 1, "font_size": 8},
    "wrapped": LINE | {"text_wrap": True, "indent": 1},
    "bold": LINE | {"bold": True, "indent": 1},
    "key": LINE | {"font_color": "#A6A6A6", "font_size": 8, "indent": 1},
    "link": LINE | {"font_color": BLUE, "underline": 1, "indent": 1},
    "choice": {
        "bg_color": INPUT, "font_color": "#0000FF", "bold": True, "border": 2,
        "border_color": BLUE, "align": "center",
    },
    "verdict": {"bold": True, "align": "center", "border": 1, "border_color": "#BFBFBF"},
}  # fmt: skip
