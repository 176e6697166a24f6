"""The sheet of all ICT: what it does, uses and emits by scenario and year, as values."""

from __future__ import annotations

from handprint.export.book import Book
from handprint.export.inputs import Material
from handprint.ict_path import ict_table
from handprint.projection import ESTIMATES

HEADS = ("scenario", "wb_ict_item", "year", "quantity", *ESTIMATES, "unit", "wb_ict_origin")
INDEX = ("scenario", "item", "year", "quantity", "unit", "origin")
WIDTHS = (26, 20, 8, 22, 14, 14, 14, 16, 22)


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
        page.text(row, 1, item, "key")
        page.number(row, 2, int(year), "formula.whole")
        page.text(row, 3, quantity, "key")
        for col, estimate in enumerate(ESTIMATES, start=4):
            page.number(row, col, values[estimate], "formula.rate")
        page.text(row, 7, unit)
        page.text(row, 8, origin)
        row += 1
    page.sheet.freeze_panes(4, 0)
    page.sheet.repeat_rows(3)
    if row > 4:
        page.sheet.autofilter(3, 0, row - 1, len(HEADS) - 1)
