"""A workbook under construction: styles, pages, and cells that are formula and value at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_range, xl_rowcol_to_cell

from handprint.errors import HandprintError
from handprint.export.styles import FONTS, NUMBERS, PLAIN, ROLES
from handprint.i18n import label

SHEETS = ("guide", "levers", "indicators", "leontief", "results", "ict", "scenarios", "sources")


class WorkbookError(HandprintError):
    """A workbook cannot be written so that its formulas give the numbers of the run."""


@dataclass(frozen=True)
class Cell:
    """
    One cell that other formulas use.

    Parameters
    ----------
    sheet : str
        Name of its sheet.
    row, col : int
        Place, counted from zero.
    value : float or str
        What it holds, or what its formula gives.
    """

    sheet: str
    row: int
    col: int
    value: Any

    def seen_from(self, sheet: str) -> str:
        """
        Write the address of the cell.

        Parameters
        ----------
        sheet : str
            Where the formula stands.

        Returns
        -------
        str
            With the name of the sheet where it is another one.

        Examples
        --------
        >>> Cell("Levers", 4, 2, 0.0).seen_from("Indicators")
        'Levers!$C$5'
        """
        place: str = xl_rowcol_to_cell(self.row, self.col, row_abs=True, col_abs=True)
        return place if sheet == self.sheet else f"{quote_sheetname(self.sheet)}!{place}"


@dataclass(frozen=True)
class Book:
    """
    The file, its language and its styles.

    Parameters
    ----------
    file : xlsxwriter.Workbook
        What is written to.
    lang : {"en", "zh"}
        Language.
    styles : mapping
        Formats by name; those of numbers read ``role.number``.
    pages : mapping
        Sheets by key, in order.
    """

    file: Any
    lang: str
    styles: Mapping[str, Any]
    pages: dict[str, Page]

    def text(self, key: str, **values: object) -> str:
        """
        Look up a text in the language of the book.

        Parameters
        ----------
        key : str
            Entry of ``labels.toml``.
        **values : object
            Put in place of names in braces.

        Returns
        -------
        str
            The text.
        """
        return label(key, self.lang, **values)

    def units(self, units: str) -> str:
        """
        Write a unit as people print it.

        Parameters
        ----------
        units : str
            Unit of the package, for example ``Mt CO2``.

        Returns
        -------
        str
            For example ``Mt CO₂``; in Chinese 10^4 CNY is 万元.
        """
        money = "万元" if self.lang == "zh" else "10⁴ CNY"
        return units.replace("CO2", "CO₂").replace("10^4 CNY", money)


@dataclass(frozen=True)
class Page:
    """
    One sheet.

    Parameters
    ----------
    book : Book
        Its workbook.
    name : str
        Name in the language of the book.
    sheet : xlsxwriter.Worksheet
        What is written to.
    """

    book: Book
    name: str
    sheet: Any

    def text(self, row: int, col: int, text: str, style: str = "text") -> None:
        """
        Write a text.

        Parameters
        ----------
        row, col : int
            Place.
        text : str
            What; never read as a formula. A header begins with a capital.
        style : str
            Format.
        """
        if style == "header":
            text = text[:1].upper() + text[1:]
        if text:
            self.sheet.write_string(row, col, text, self.book.styles[style])
        else:
            self.sheet.write_blank(row, col, None, self.book.styles[style])

    def number(self, row: int, col: int, value: float, style: str) -> Cell:
        """
        Write a number.

        Parameters
        ----------
        row, col : int
            Place.
        value : float
            What.
        style : str
            Format.

        Returns
        -------
        Cell
            For formulas.
        """
        self.sheet.write_number(
            row, col, _finite(value, self.name, row, col), self.book.styles[style]
        )
        return Cell(self.name, row, col, float(value))

    def formula(
        self, row: int, col: int, pattern: str, cells: Sequence[Cell], value: object, style: str
    ) -> Cell:
        """
        Write a formula with the value that it gives.

        Parameters
        ----------
        row, col : int
            Place.
        pattern : str
            Formula without ``=``; cells stand as ``{}`` or ``{0}``.
        cells : sequence of Cell
            What the formula refers to.
        value : float or str
            Shown by programs that do not recalculate.
        style : str
            Format.

        Returns
        -------
        Cell
            For further formulas.
        """
        shown = value if isinstance(value, str) else _finite(value, self.name, row, col)
        text = "=" + pattern.format(*(cell.seen_from(self.name) for cell in cells))
        self.sheet.write_formula(row, col, text, self.book.styles[style], shown)
        return Cell(self.name, row, col, shown)

    def array(self, row: int, col: int, formula: str, values: Any, style: str) -> list[list[Cell]]:
        """
        Write an array formula with the values that it gives.

        Parameters
        ----------
        row, col : int
            Upper left corner.
        formula : str
            Without ``=``.
        values : numpy.ndarray
            Two-dimensional.
        style : str
            Format.

        Returns
        -------
        list of list of Cell
            By row and column.
        """
        last_row, last_col = row + len(values) - 1, col + len(values[0]) - 1
        form = self.book.styles[style]
        head = _finite(values[0][0], self.name, row, col)
        self.sheet.write_array_formula(row, col, last_row, last_col, f"{{={formula}}}", form, head)
        found = []
        for i, line in enumerate(values):
            for j, value in enumerate(line):
                if i or j:
                    shown = _finite(value, self.name, row + i, col + j)
                    self.sheet.write_number(row + i, col + j, shown, form)
            found.append([Cell(self.name, row + i, col + j, float(v)) for j, v in enumerate(line)])
        return found

    def span(self, first: Cell, last: Cell) -> str:
        """
        Write the address of a block of cells on this sheet.

        Parameters
        ----------
        first, last : Cell
            Opposite corners.

        Returns
        -------
        str
            For example ``C5:C9``.
        """
        return str(xl_range(first.row, first.col, last.row, last.col))

    def total(self, row: int, col: int, cells: Sequence[Cell], style: str) -> Cell:
        """
        Add up neighbouring cells of this sheet.

        Parameters
        ----------
        row, col : int
            Place of the sum.
        cells : sequence of Cell
            In one row or column, without gaps.
        style : str
            Format.

        Returns
        -------
        Cell
            The sum.
        """
        value = float(np.sum([cell.value for cell in cells]))
        return self.formula(row, col, f"SUM({self.span(cells[0], cells[-1])})", (), value, style)

    def title(self, text: str, hint: str = "") -> None:
        """
        Write the first two rows and set up printing.

        Parameters
        ----------
        text : str
            Title.
        hint : str
            One line below it.
        """
        self.text(0, 0, text, "title")
        self.sheet.set_row(0, 26)
        if hint:
            self.text(1, 0, hint, "note")
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.set_footer("&L&8&A&R&8&P / &N")


def lines(text: str, width: float) -> int:
    """
    Estimate how many lines a text takes in a cell.

    Parameters
    ----------
    text : str
        Text; a Chinese character is as wide as two others.
    width : float
        Width of the cell in characters.

    Returns
    -------
    int
        At least one.

    Examples
    --------
    >>> lines("four words in line", 10), lines("数字碳手印", 10)
    (2, 2)
    """
    size = sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
    return max(1, math.ceil(1.1 * size / width))


def open_book(path: Path, lang: str) -> Book:
    """
    Begin a workbook with all its sheets.

    Parameters
    ----------
    path : pathlib.Path
        Where it is written when it is closed.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Book
        With empty pages.
    """
    file = Workbook(str(path), {"strings_to_urls": False, "strings_to_formulas": False})
    font = {"font_name": FONTS[lang], "font_size": 10, "valign": "vcenter"}
    file.formats[0].set_font_name(FONTS[lang])
    file.formats[0].set_font_size(10)
    styles = {name: file.add_format(font | look) for name, look in PLAIN.items()}
    for role, look in ROLES.items():
        for number, pattern in NUMBERS.items():
            styles[f"{role}.{number}"] = file.add_format(font | look | {"num_format": pattern})
    book = Book(file, lang, styles, {})
    for key in SHEETS:
        name = book.text(f"wb_sheet_{key}")
        book.pages[key] = Page(book, name, file.add_worksheet(name))
    return book


def _finite(value: Any, sheet: str, row: int, col: int) -> float:
    """Refuse a number that a workbook cannot hold."""
    number = float(value)
    if not math.isfinite(number):
        place = f"{sheet}!{xl_rowcol_to_cell(row, col)}"
        raise WorkbookError(f"{place} would hold {number}: run the scenario again")
    return number
