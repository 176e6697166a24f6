"""The sheet of all ICT: what it does, uses and emits by scenario and year, as values."""

from __future__ import annotations

from handprint.export.book import Book
from handprint.export.inputs import Material
from handprint.headline import TOTAL
from handprint.ict_path import FROM_GRID, ict_table
from handprint.projection import ESTIMATES, INTERPOLATED, OUTTURN, STATED
from sector_models.account import load_account
from sector_models.ict import COMPONENTS

HEADS = ("scenario", "wb_ict_item", "year", "quantity", *ESTIMATES, "unit", "wb_ict_origin")
INDEX = ("scenario", "item", "year", "quantity", "unit", "origin")
WIDTHS = (26, 34, 8, 40, 14, 14, 14, 16, 22)
ORIGINS = {
    STATED: "origin_stated",
    INTERPOLATED: "origin_interpolated",
    OUTTURN: "origin_outturn",
    FROM_GRID: "origin_grid",
}
"""Texts of how a value is known."""


def write_ict(book: Book, material: Material) -> None:
    """
    Write activity, electricity and footprint of the ICT industry of every run.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Runs; those without an account have no rows.
    """
    page = book.pages["ict"]
    page.title(book.text("wb_ict_title"), book.text("wb_ict_hint"))
    for col, (key, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
        page.text(3, col, book.text(key), "header")
        page.sheet.set_column(col, col, width)
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for line in ict_table(material.results).to_dict("records"):
        place = tuple(str(line[key]) for key in INDEX)
        found.setdefault(place, {})[str(line["estimate"])] = float(line["value"])
    row = 4
    for (scenario, item, year, quantity, unit, origin), values in found.items():
        page.text(row, 0, scenario)
        page.text(row, 1, _item(book, item, quantity))
        page.number(row, 2, int(year), "formula.whole")
        page.text(row, 3, book.text(f"ict_{quantity}"))
        for col, estimate in enumerate(ESTIMATES, start=4):
            page.number(row, col, values[estimate], "formula.rate")
        page.text(row, 7, unit)
        page.text(row, 8, book.text(ORIGINS[origin]) if origin else "")
        row += 1
    page.sheet.freeze_panes(4, 0)
    page.sheet.repeat_rows(3)
    if row > 4:
        page.sheet.autofilter(3, 0, row - 1, len(HEADS) - 1)


def _item(book: Book, item: str, quantity: str) -> str:
    """Name what a row is about: a quantity of the account, a component, or all."""
    zh = book.lang == "zh"
    if item == TOTAL:
        return book.text(TOTAL)
    if quantity == "activity":
        known = load_account().quantities[item]
        return known.title_zh if zh else known.title
    return COMPONENTS[item][2 if zh else 1]
