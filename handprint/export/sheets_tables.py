"""The sheets around the calculation: guide, results, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import io_tables
import sector_models
from handprint.export.book import SHEETS, Book, Cell, Page, lines
from handprint.export.inputs import RUN, Material
from handprint.headline import TOTAL
from handprint.projection import ESTIMATES
from handprint.results import Results
from handprint.scenario import sources as driver_sources

CAVEATS = (
    "wb_caveat_corners", "wb_caveat_linkage", "wb_caveat_assumptions", "wb_caveat_respending",
    "wb_caveat_definitions", "wb_caveat_year",
)  # fmt: skip


class Citation(NamedTuple):
    """One row of the sources."""

    key: str
    title: str
    publisher: str
    year: str
    place: str
    note: str


def write_guide(book: Book, material: Material) -> list[Cell]:
    """
    Write what the workbook is and how to use it.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Scenarios, table and versions.

    Returns
    -------
    list of Cell
        Names of the scenarios, one below the other.
    """
    page, record = book.pages["guide"], material.chosen.record
    page.title(book.text("wb_guide_title"), book.text("wb_guide_hint"))
    for col, width in enumerate((26, 30, 58, 46)):
        page.sheet.set_column(col, col, width)
    row = _lead(page, 3, book.text("wb_scenarios_lead"))
    heads = ("", "scenario", "wb_title", "wb_hash")
    for col, key in enumerate(heads):
        page.text(row, col, book.text(key) if key else "", "header")
    names = []
    for i, result in enumerate(material.results):
        s = result.scenario
        page.text(row + 1 + i, 0, str(i + 1))
        page.text(row + 1 + i, 1, s.name, "bold")
        page.text(row + 1 + i, 2, s.title_zh if book.lang == "zh" else s.title)
        page.text(row + 1 + i, 3, result.record.scenario_hash[:16], "key")
        names.append(Cell(page.name, row + 1 + i, 1, s.name))
    row = _lead(page, row + len(names) + 2, book.text("wb_how_lead"))
    for i in range(1, 5):
        row = _line(page, row, str(i), book.text(f"wb_how_{i}", year=material.year))
    row = _lead(page, row + 1, book.text("wb_colours_lead"))
    for role in ("input", "data", "formula", "run"):
        page.number(row, 0, 0.123, f"{role}.share")
        page.text(row, 1, book.text(f"wb_colour_{role}"), "text")
        row += 1
    row = _lead(page, row + 1, book.text("wb_sheets_lead"))
    for key in SHEETS:
        name = book.pages[key].name
        page.sheet.write_url(row, 0, f"internal:'{name}'!A1", book.styles["link"], name)
        row = _merged(page, row, book.text(f"wb_about_{key}", year=material.year))
    row = _lead(page, row + 1, book.text("wb_caveats_lead"))
    for key in CAVEATS:
        row = _line(page, row, "•", book.text(key, year=material.year))
    row = _lead(page, row + 1, book.text("wb_made_lead"))
    made = {
        "wb_made_table": record.table, "wb_made_source": material.table.source,
        "wb_made_hash": record.table_hash, "wb_made_seed": _seed(material.chosen),
        **record.versions,
    }  # fmt: skip
    for key, text in made.items():
        page.text(row, 0, book.text(key) if key.startswith("wb_") else key)
        row = _merged(page, row, text)
    page.sheet.print_area(0, 0, row, 3)
    return names


def _seed(result: Results) -> str:
    return "–" if result.record.seed is None else str(result.record.seed)


def _lead(page: Page, row: int, text: str) -> int:
    page.text(row, 0, text, "lead")
    return row + 1


def _line(page: Page, row: int, mark: str, text: str) -> int:
    page.text(row, 0, mark)
    return _merged(page, row, text)


def _merged(page: Page, row: int, text: str) -> int:
    """Write a long text over the columns right of the first."""
    page.sheet.merge_range(row, 1, row, 3, text, page.book.styles["wrapped"])
    page.sheet.set_row(row, 3 + 14 * lines(text, 134))
    return row + 1


def write_results(book: Book, material: Material) -> None:
    """
    Write the tidy table of all scenarios and years.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Runs.
    """
    page = book.pages["results"]
    page.title(book.text("wb_results_title"), book.text("wb_results_hint"))
    heads = ("scenario", "sector", "year", "quantity", "wb_key", "wb_estimate", "value", "unit")
    for col, (key, width) in enumerate(zip(heads, (26, 16, 8, 34, 22, 12, 18, 18), strict=True)):
        page.text(3, col, book.text(key), "header")
        page.sheet.set_column(col, col, width)
    names = {n: _name(material, n, book.lang) for n in (*material.models, TOTAL)}
    row = 4
    for result in material.results:
        for line in result.summary().itertuples(index=False):
            row = _tidy(page, row, line, names)
    page.sheet.freeze_panes(4, 0)
    page.sheet.repeat_rows(3)
    page.sheet.autofilter(3, 0, row - 1, len(heads) - 1)


def _tidy(page: Page, row: int, line: Any, names: Mapping[str, str]) -> int:
    book, key = page.book, str(line.quantity)
    page.text(row, 0, str(line.scenario))
    page.text(row, 1, names[str(line.sector)])
    page.number(row, 2, line.year, "formula.whole")
    page.text(row, 3, book.text(key))
    page.text(row, 4, key, "key")
    estimate = str(line.estimate)
    page.text(row, 5, book.text(estimate) if estimate in ESTIMATES else estimate)
    page.number(row, 6, line.value, "formula.rate" if abs(line.value) < 1e6 else "formula.money")
    page.text(row, 7, str(line.unit))
    return row + 1


def _name(material: Material, sector: str, lang: str) -> str:
    if sector == TOTAL:
        return {"en": "total", "zh": "合计"}[lang]
    model = material.models[sector]
    return model.title_zh if lang == "zh" else model.title


def write_sources(book: Book, material: Material) -> None:
    """
    Write where every number of the workbook comes from.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Inputs and runs.
    """
    page = book.pages["sources"]
    page.title(book.text("wb_sources_title"), book.text("wb_sources_hint"))
    heads = ("wb_key", "wb_title", "wb_publisher", "year", "wb_place", "note")
    widths = (26, 62, 44, 8, 60, 70)
    for col, (key, width) in enumerate(zip(heads, widths, strict=True)):
        page.text(3, col, book.text(key), "header")
        page.sheet.set_column(col, col, width)
    for i, cited in enumerate(_citations(book, material)):
        for col, text in enumerate(cited):
            page.text(4 + i, col, text, "bold" if col == 0 else "wrapped")
        most = max(lines(text, width) for text, width in zip(cited, widths, strict=True))
        page.sheet.set_row(4 + i, 3 + 14 * most)
    page.sheet.freeze_panes(4, 1)
    page.sheet.repeat_rows(3)


def _citations(book: Book, material: Material) -> Iterator[Citation]:
    """One row for each source in use, that of the run and its table first."""
    table = material.table
    yield Citation(RUN, book.text("wb_source_run"), book.text("wb_source_run_by"), "", "", "")
    shipped = table.name in io_tables.names()
    described = io_tables.describe(table.name) if shipped else None
    zh = book.lang == "zh"
    if described is None:
        title, year = table.name, ""
    else:
        title = described.title_zh if zh else described.title
        year = str(described.year)
    yield Citation(table.name, title, table.source, year, "", table.price_basis)
    explained = _explained(material, zh)
    for key in sorted(_keys(material)):
        yield explained.get(key, Citation(key, "", "", "", "", ""))


def _keys(material: Material) -> set[str]:
    """Keys that inputs, drivers and bridge cite."""
    cited = {
        key
        for model in material.models.values()
        for sources in (*(c.source for c in model.covers), *(c.source for c in model.affected))
        for key in sources
    }
    for section in material.sections:
        for given in section.inputs:
            for entry in given.by_scenario.values():
                cited.update(entry.source.split(", "))
    for result in material.results:
        scenario = result.scenario
        cited |= {scenario.respend.source, scenario.top_down_error.source}
        cited |= {goal.source for goal in scenario.adoption.values()}
        groups = (
            scenario.demand, scenario.activity, scenario.intensity, scenario.structure,
            scenario.coefficients,
        )  # fmt: skip
        for group in groups:
            cited |= {point.source for driver in group.values() for point in driver.points}
    return cited - {RUN}


def _explained(material: Material, zh: bool) -> dict[str, Citation]:
    """Everything that is known about sources: of drivers, then of sector models."""
    found = {
        key: Citation(
            key,
            str(entry.get("title_zh", entry["title"]) if zh else entry["title"]),
            str(entry.get("publisher", "")),
            str(entry.get("year", "")),
            str(entry.get("url", entry.get("place", ""))),
            str(entry.get("note", "")),
        )
        for key, entry in driver_sources().items()
    }
    records = dict(sector_models.sources())
    for model in material.models.values():
        records |= model.sources
    for result in material.results:
        records |= result.scenario.sources
    for key, source in records.items():
        place = source.place or (found[key].place if key in found else "")
        found[key] = Citation(
            key, source.title_zh if zh else source.title, source.publisher, str(source.year), place,
            source.note or "",
        )  # fmt: skip
    return found
