"""The lever sheet: inputs by scenario, and the column of those in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from handprint.export.book import Book, Cell, Page
from handprint.export.inputs import Entry, Input, Material, Section
from handprint.projection import ESTIMATES

HEAD = 4  # row of the header
PARAMETER, SCENARIO, UNIT, LOW, CENTRAL, HIGH, STATUS, SOURCE, KEY, NOTE = range(10)
WIDTHS = (46, 24, 15, 14, 14, 14, 13, 34, 38, 90)
Levers = Mapping[tuple[str, str], Cell]


def write_levers(book: Book, material: Material, scenarios: Sequence[Cell]) -> tuple[Levers, Cell]:
    """
    Write every input, and the formulas that pick those of the scenario in use.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        What the inputs are.
    scenarios : sequence of Cell
        Names of the scenarios, one below the other, on another sheet.

    Returns
    -------
    levers : mapping
        Cell in use by key of the input and estimate.
    choice : Cell
        Cell in which the scenario is chosen.
    """
    page = book.pages["levers"]
    page.title(book.text("wb_levers_title", year=material.year), book.text("wb_levers_hint"))
    for col, width in enumerate(WIDTHS):
        page.sheet.set_column(col, col, width)
    choice, place = _chooser(page, material, scenarios)
    titles = ("parameter", "scenario", "unit", *ESTIMATES, "status", "source", "wb_key", "note")
    for col, key in enumerate(titles):
        page.text(HEAD, col, book.text(key), "header")
    page.sheet.set_row(HEAD, 20)
    page.sheet.freeze_panes(HEAD + 1, 1)
    page.sheet.repeat_rows(HEAD)
    row = HEAD + 1
    found: dict[tuple[str, str], Cell] = {}
    for section in material.sections:
        row = _band(page, row, material, section)
        for given in section.inputs:
            row = _input(page, row, given, material, place, found)
    page.sheet.print_area(0, 0, row, NOTE)
    return found, choice


def _chooser(page: Page, material: Material, scenarios: Sequence[Cell]) -> tuple[Cell, Cell]:
    """Cell in which the scenario is chosen, and its number in the list."""
    book, name = page.book, material.chosen.scenario.name
    first, last = scenarios[0], scenarios[-1]
    sheet, rows = quote_sheetname(first.sheet), (first.row, last.row)
    listed, titles = (
        f"{sheet}!{xl_range_abs(rows[0], col, rows[1], col)}" for col in (first.col, first.col + 1)
    )
    page.text(2, PARAMETER, book.text("wb_choice"), "bold")
    page.text(2, SCENARIO, name, "choice")
    page.sheet.data_validation(
        2, SCENARIO, 2, SCENARIO,
        {
            "validate": "list", "source": f"={listed}",
            "error_title": book.text("wb_choice"), "error_message": book.text("wb_choice_error"),
        },
    )  # fmt: skip
    choice = Cell(page.name, 2, SCENARIO, name)
    number = [c.value for c in scenarios].index(name) + 1
    page.text(3, PARAMETER, book.text("wb_choice_number"))
    place = page.formula(3, SCENARIO, f"MATCH({{}},{listed},0)", (choice,), number, "formula.whole")
    scenario = material.chosen.scenario
    title = scenario.title_zh if book.lang == "zh" else scenario.title
    page.formula(2, UNIT, f"INDEX({titles},{{}})", (place,), title, "lead")
    return choice, place


def _band(page: Page, row: int, material: Material, section: Section) -> int:
    """Heading of a sector or a lever."""
    zh = page.book.lang == "zh"
    title = section.title_zh if zh else section.title
    if section.lever:
        model = material.models[section.sector]
        case = model.use_cases[section.lever]
        segment = model.segments[case.segment]
        part = segment.title_zh if zh else segment.title
        sector = model.title_zh if zh else model.title
        title = page.book.text("wb_lever_band", sector=sector, lever=title, segment=part)
    elif section.sector:
        title = page.book.text("wb_sector_band", sector=title)
        row += 1
    for col in range(NOTE + 1):
        page.text(row, col, title if col == 0 else "", "band")
    return row + 1


def _input(
    page: Page,
    row: int,
    given: Input,
    material: Material,
    place: Cell,
    found: dict[tuple[str, str], Cell],
) -> int:
    """One input: a row, or a row for each scenario and one for the scenario in use."""
    names = [r.scenario.name for r in material.results]
    entries = [given.by_scenario[name] for name in names]
    if all(e.values == entries[0].values for e in entries):
        cells = _row(page, row, given, "", entries[0], found)
        found.update({(given.key, e): c for e, c in zip(ESTIMATES, cells, strict=True)})
        return row + 1
    rows = [
        _row(page, row + i, given, name, entry, found)
        for i, (name, entry) in enumerate(zip(names, entries, strict=True))
    ]
    end = row + len(names)
    _describe(page, end, given, page.book.text("wb_in_use"), "bold")
    for j, estimate in enumerate(ESTIMATES):
        column = [cells[j] for cells in rows]
        pattern = f"INDEX({page.span(column[0], column[-1])},{{}})"
        value = column[int(place.value) - 1].value
        cell = page.formula(end, LOW + j, pattern, (place,), value, f"strong.{given.number}")
        found[given.key, estimate] = cell
    for col in (STATUS, SOURCE, NOTE):
        page.text(end, col, "")
    return end + 1


def _row(
    page: Page,
    row: int,
    given: Input,
    scenario: str,
    entry: Entry,
    found: Mapping[tuple[str, str], Cell],
) -> list[Cell]:
    """Low, central and high of one input; what repeats another cell is a formula."""
    _describe(page, row, given, scenario, "text")
    page.text(row, STATUS, page.book.text(entry.status))
    page.text(row, SOURCE, entry.source, "small")
    page.text(row, NOTE, entry.note, "small")
    if given.same_as:
        twins = [found[given.same_as, e] for e in ESTIMATES]
        return [
            page.formula(row, LOW + j, "{}", (twin,), twin.value, f"formula.{given.number}")
            for j, twin in enumerate(twins)
        ]
    role = "run" if given.fixed else "input"
    style = f"{role}.{given.number}"
    if given.single:
        central = page.number(row, CENTRAL, entry.values[1], style)
        ends = [
            page.formula(row, col, "{}", (central,), central.value, f"formula.{given.number}")
            for col in (LOW, HIGH)
        ]
        cells = [ends[0], central, ends[1]]
    else:
        cells = [page.number(row, LOW + j, v, style) for j, v in enumerate(entry.values)]
    if given.bounds and not given.fixed:
        columns = (CENTRAL, CENTRAL) if given.single else (LOW, HIGH)
        page.sheet.data_validation(row, columns[0], row, columns[1], _rule(page.book, given))
    return cells


def _describe(page: Page, row: int, given: Input, scenario: str, style: str) -> None:
    page.text(row, PARAMETER, page.book.text(given.parameter), style)
    page.text(row, SCENARIO, scenario, style)
    page.text(row, UNIT, page.book.units(given.units), style)
    page.text(row, KEY, given.key, "key")


def _rule(book: Book, given: Input) -> dict[str, Any]:
    """What may be typed into an input cell."""
    low, high = given.bounds or (0.0, 0.0)
    shares = book.text("wb_share_hint") if given.units == "1" else ""
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": low,
        "maximum": high,
        "error_title": book.text("wb_bounds_title"),
        "error_message": book.text("wb_bounds", low=f"{low:g}", high=f"{high:g}") + shares,
    }
