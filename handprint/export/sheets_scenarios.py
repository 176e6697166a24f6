"""The scenario sheet: NER by year, and from gross to net, each with a chart."""

from __future__ import annotations

from typing import Any

from handprint.export.book import Book, Cell, Page
from handprint.export.inputs import Material
from handprint.export.sheets_cases import Found
from handprint.export.styles import BLUE
from handprint.headline import TOTAL
from handprint.projection import ESTIMATES
from handprint.results import Results

COLORS = ("#7F7F7F", "#1F77B4", "#2CA02C", "#D62728", "#9467BD", "#FF7F0E")
BARS = {
    "enabled": "#2E8B57", "footprint": "#C0504D", "NER": BLUE, "rebound_direct": "#E08E45",
    "rebound_respending": "#E0B445", "NER_star": BLUE,
}  # fmt: skip


def write_scenarios(book: Book, material: Material, found: Found, choice: Cell) -> None:
    """
    Write NER by scenario and year with a line chart, and the live bridge from gross to net.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Runs.
    found : dict
        Live indicators.
    choice : Cell
        Scenario in use.
    """
    page = book.pages["scenarios"]
    page.title(book.text("wb_scenarios_title"), book.text("range_note"))
    page.sheet.set_column(0, 0, 34)
    page.sheet.set_column(1, 18, 12)
    end = _lines(page, material, 3)
    _waterfall(page, material, found, choice, end + 2, end + 14)


def _lines(page: Page, material: Material, row: int) -> int:
    """NER of the whole economy by year; a chart with a line for each scenario."""
    book = page.book
    page.text(row, 0, book.text("wb_ner_table"), "lead")
    page.text(row + 1, 0, "", "header")
    page.text(row + 2, 0, book.text("year"), "header")
    years = material.chosen.scenario.years
    for i, year in enumerate(years):
        page.number(row + 3 + i, 0, year, "formula.whole")
    chart = book.file.add_chart({"type": "line"})
    last = row + 2 + len(years)
    for k, result in enumerate(material.results):
        col = 1 + 3 * k
        page.sheet.merge_range(
            row + 1, col, row + 1, col + 2, _title(result, book.lang), book.styles["header"]
        )
        net = result.indicators["NER"].sel(sector=TOTAL)
        for j, estimate in enumerate(ESTIMATES):
            page.text(row + 2, col + j, book.text(estimate), "header")
            for i, year in enumerate(years):
                style = "strong.amount" if estimate == "central" else "formula.amount"
                value = float(net.sel(year=year, estimate=estimate))
                page.number(row + 3 + i, col + j, value, style)
        chart.add_series(
            {
                "name": [page.name, row + 1, col],
                "categories": [page.name, row + 3, 0, last, 0],
                "values": [page.name, row + 3, col + 1, last, col + 1],
                "line": {"color": COLORS[k % len(COLORS)], "width": 2.25},
            }
        )
    page.sheet.set_row(row + 1, 30)
    _dress(chart, book, book.text("comparison_figure_title"), legend=True)
    page.sheet.insert_chart(last + 2, 0, chart, {"object_position": 2})
    return last + 22


def _waterfall(
    page: Page, material: Material, found: Found, choice: Cell, row: int, place: int
) -> None:
    """From gross to net in the scenario in use, live; stacked columns on invisible ones."""
    book = page.book
    page.text(row, 0, book.text("wb_waterfall_table", year=material.year), "lead")
    page.formula(row, 4, "{}", (choice,), choice.value, "lead")
    heads = ("", "wb_amount", "wb_start", "wb_end", "wb_hidden_up", "wb_shown_up",
             "wb_hidden_down", "wb_shown_down")  # fmt: skip
    for col, key in enumerate(heads):
        page.text(row + 1, col, book.text(key) if key else "", "header")
    page.sheet.set_row(row + 1, 30)
    end: Cell | None = None
    for i, key in enumerate(BARS):
        page.text(row + 2 + i, 0, book.text(key))
        end = _bar(page, row + 2 + i, key, found[key, TOTAL, "central"], end)
    chart = book.file.add_chart({"type": "column", "subtype": "stacked"})
    first, last = row + 2, row + 1 + len(BARS)
    points = [{"fill": {"color": color}} for color in BARS.values()]
    for col in range(4, 8):
        shown = (
            {"points": points}
            if col in (5, 7)
            else {"fill": {"none": True}, "border": {"none": True}}
        )
        chart.add_series(
            {
                "name": [page.name, row + 1, col],
                "categories": [page.name, first, 0, last, 0],
                "values": [page.name, first, col, last, col],
                "gap": 60,
                **shown,
            }
        )
    _dress(chart, book, book.text("wb_waterfall_chart", year=material.year), legend=False)
    chart.set_x_axis({"num_font": {"size": 8}, "label_position": "low"})
    page.sheet.insert_chart(place - 2, 0, chart, {"object_position": 2})


def _bar(page: Page, row: int, key: str, cell: Cell, before: Cell | None) -> Cell:
    """Start and end of one bar, and the parts of it above and below zero."""
    whole = before is None or key.startswith("NER")
    down = not whole
    amount = page.formula(
        row, 1, "-{}" if down else "{}", (cell,), -cell.value if down else cell.value,
        "strong.amount",
    )  # fmt: skip
    if whole or before is None:
        start = page.number(row, 2, 0.0, "formula.amount")
    else:
        start = page.formula(row, 2, "{}", (before,), before.value, "formula.amount")
    end = page.formula(
        row, 3, "{}+{}", (start, amount), start.value + amount.value, "formula.amount"
    )
    low, high = min(start.value, end.value), max(start.value, end.value)
    both, style = (start, end), "formula.amount"
    up, below = max(0.0, low), min(0.0, high)
    hidden = page.formula(row, 4, "MAX(0,MIN({},{}))", both, up, style)
    page.formula(row, 5, "MAX(0,MAX({},{}))-{}", (*both, hidden), max(0.0, high) - up, style)
    sunk = page.formula(row, 6, "MIN(0,MAX({},{}))", both, below, style)
    page.formula(row, 7, "MIN(0,MIN({},{}))-{}", (*both, sunk), min(0.0, low) - below, style)
    return end


def _dress(chart: Any, book: Book, title: str, *, legend: bool) -> None:
    """Give a chart its title, axis and size."""
    chart.set_title({"name": title, "name_font": {"size": 12, "color": BLUE}, "overlay": False})
    chart.set_y_axis(
        {
            "name": book.units(book.text("emissions_axis")),
            "num_format": "#,##0",
            "name_font": {"size": 9, "bold": False},
            "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}},
        }
    )
    chart.set_legend({"position": "bottom"} if legend else {"none": True})
    chart.set_size({"width": 820, "height": 380})


def _title(result: Results, lang: str) -> str:
    """Name of a scenario as people read it."""
    return result.scenario.title_zh if lang == "zh" else result.scenario.name
