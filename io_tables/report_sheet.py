"""A report as a workbook: summary, findings, and what each code means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from io_tables.errors import TableFileError
from io_tables.wording import codes, words

if TYPE_CHECKING:
    from io_tables.report import Report

COLUMNS = (
    "level", "code", "title", "where", "file", "sheet", "line", "row", "column", "label", "what",
    "fix", "value",
)  # fmt: skip
WIDTHS = {"title": 28, "where": 36, "what": 60, "fix": 60, "code": 18, "label": 16}
COLOURS = {"error": "#F8D0CC", "warning": "#FCE8B2", "info": "#DDEBF7"}
LONGEST = 32_000  # characters that a cell can hold, less a few


def write_report(report: Report, path: Path | str, lang: str = "en") -> Path:
    """
    Write a report as a workbook.

    Parameters
    ----------
    report : Report
        Findings.
    path : path
        File that does not exist yet.
    lang : {"en", "zh"}
        Language of headings, levels and titles.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    TableFileError
        If the file exists, or its folder does not.
    TableError
        If there are no texts in this language.

    Notes
    -----
    Every text is written as a string cell: one that begins with ``=``, ``+``, ``-`` or ``@``
    stays text and is never a formula or a link.
    """
    from xlsxwriter import Workbook

    path, text = Path(path), words(lang)
    if path.exists():
        raise TableFileError(f"{path} exists: choose another name")
    if not path.parent.is_dir():
        raise TableFileError(f"folder {path.parent} does not exist: make it first")
    draft = path.with_name(path.name + ".part")
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(str(draft), {**safe, "nan_inf_to_errors": False}) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#D9D9D9", "text_wrap": True}),
            **{
                level: book.add_format({"bg_color": colour, "text_wrap": True, "valign": "top"})
                for level, colour in COLOURS.items()
            },
        }
        _summary(book.add_worksheet(text["report"]), report, lang, formats)
        _findings(book.add_worksheet(text["findings"]), report, lang, formats)
    draft.replace(path)
    return path


def _summary(sheet: Any, report: Report, lang: str, formats: dict[str, Any]) -> None:
    """Write what was checked, the verdict, the counts, and the codes that occur."""
    text = words(lang)
    verdict = text["usable" if report.ok else "refused"]
    for row, (key, value) in enumerate((("subject", report.subject), ("verdict", verdict))):
        sheet.write_string(row, 0, text[key], formats["head"])
        sheet.write_string(row, 1, value)
    for row, (level, count) in enumerate(report.counts.items(), start=2):
        sheet.write_string(row, 0, text[level], formats[level])
        sheet.write_number(row, 1, count)
    start = 6
    for column, key in enumerate(("code", "title", "fix")):
        sheet.write_string(start, column, text[key], formats["head"])
    for row, name in enumerate(dict.fromkeys(f.code for f in report), start=start + 1):
        entry = codes().get(name)
        sheet.write_string(row, 0, name)
        if entry is not None:
            sheet.write_string(row, 1, entry.text("title", lang))
            sheet.write_string(row, 2, entry.text("fix", lang))
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 2, 90)


def _findings(sheet: Any, report: Report, lang: str, formats: dict[str, Any]) -> None:
    """Write one row for each finding, with a frozen heading and a filter."""
    text = words(lang)
    for column, key in enumerate(COLUMNS):
        sheet.write_string(0, column, text[key], formats["head"])
        sheet.set_column(column, column, WIDTHS.get(key, 10))
    for row, finding in enumerate(report, start=1):
        entry = codes().get(finding.code)
        cells = finding.to_dict() | {"title": entry.text("title", lang) if entry else ""}
        cells["level"] = text[finding.level]
        for column, key in enumerate(COLUMNS):
            _write(sheet, row, column, cells[key], formats[finding.level])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(report), 1), len(COLUMNS) - 1)


def _write(sheet: Any, row: int, column: int, value: object, style: Any) -> None:
    """Write a number as a number and anything else as text."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, style)
    else:
        shown = "; ".join(f"{v:g}" for v in value) if isinstance(value, list) else str(value)
        sheet.write_string(row, column, shown[:LONGEST], style)
