"""Descriptions of sheets of any origin: where the parts of a table stand in them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

STRICT = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Line = Annotated[int, Field(ge=1, le=1_048_576)]
Letters = Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")]
Range = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[1-9]\d{0,6}:[A-Z]{1,3}[1-9]\d{0,6}$")]
Address = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[1-9]\d{0,6}$")]


class Wide(BaseModel):
    """
    Where the parts of a table stand in a wide sheet, one row and one column for each sector.

    Rows are counted from one and columns lettered from A, as a spreadsheet does, in text files
    too. A column that is no sector is named by its label in the header, or as `$AT` by its
    letters; a row by its label, or as `$47` by its number.
    """

    model_config = STRICT

    header: tuple[Line, ...] = (1,)
    """Lines with the labels of columns. Labels of several lines are joined with `:`; a merged
    heading counts for all its columns."""
    labels: tuple[Letters, ...] = ("A",)
    """Columns with the labels of rows, joined with `:` when there are several."""
    transactions: Range | None = None
    """Cells of the flows between sectors, for example `C5:AR46`."""
    sectors: Annotated[tuple[Text, ...], Field(min_length=2, max_length=2)] | None = None
    """First and last sector by label, in rows and columns alike, instead of `transactions`."""
    match: Literal["label", "position"] = "label"
    """Whether columns are put into the order of the rows by their labels, or stand in that order
    already although they are labelled differently."""
    skip_rows: tuple[Line, ...] = ()
    """Lines between the sectors that are none: subtotals, blank lines."""
    skip_columns: tuple[Letters, ...] = ()
    """Columns between the sectors that are none."""
    rename: dict[Text, Text] = {}
    """Label in the sheet -> label of the sector; applied to rows and columns before they meet."""
    regions: bool = False
    """Whether the first part of joined labels is a region."""
    final_demand: dict[Text, Text] = {}
    """Column -> category of final demand, without imports and errors."""
    imports: Text | None = None
    """Column of imports, which becomes the category `imports`."""
    imports_sign: Literal["negative", "positive"] = "negative"
    """How imports are stored: negative, to be added, or positive, to be subtracted."""
    errors: Text | None = None
    """Column of statistical errors, which belong to the row: the category `errors`."""
    value_added: dict[Text, Text] = {}
    """Row -> component of value added or another primary input."""
    imported_inputs: Range | None = None
    """Cells of imported flows in a non-competitive table, as wide as `transactions`; their sum
    becomes the primary input `imported inputs`."""
    output_column: Text | None = None
    """Column of output; without it output is the row of output, or the sum of the rows."""
    output_row: Text | None = None
    """Row of output, compared with the column."""
    total_columns: dict[Text, tuple[Text, ...]] = {}
    """Column of a total -> the columns it is the sum of, to be checked; `transactions` stands for
    all sectors. `-` before a column subtracts it."""
    total_rows: dict[Text, tuple[Text, ...]] = {}
    """Row of a total -> the rows it is the sum of, to be checked; `transactions` stands for all
    sectors, `imported_inputs` for those."""
    satellites: dict[Text, Text] = {}
    """Row -> satellite account, whose unit stands in `[satellites]` of the manifest."""
    households: dict[Text, Address] = {}
    """Satellite account -> cell with the direct amount of households."""
    title: Letters | None = None
    """Column with English names of the sectors."""
    title_zh: Letters | None = None
    """Column with Chinese names of the sectors."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers written as text."""
    thousands: Literal["", ",", ".", " ", "'"] = ""
    """Separator of thousands in numbers written as text."""
    zero_marks: tuple[str, ...] = ()
    """What the publisher writes for zero, for example `-`, or `""` for an empty cell. An empty
    cell is an error otherwise: absent is never zero."""

    @model_validator(mode="after")
    def _whole(self) -> Wide:
        if (self.transactions is None) == (self.sectors is None):
            raise ValueError("give either transactions or sectors")
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same")
        if self.imported_inputs and self.transactions is None:
            raise ValueError("imported_inputs needs transactions")
        return self


class Tidy(BaseModel):
    """
    How the columns of a tidy sheet are called, one number a line.

    Needed only where the sheet has other names than `block, row, column, value, unit`.
    """

    model_config = STRICT

    row: Text = "row"
    """Column with the seller, or the component of value added."""
    column: Text = "column"
    """Column with the purchaser, or the category of final demand."""
    value: Text = "value"
    """Column with the number."""
    block: Text | None = None
    """Column with the block; without it lines are told by `final_demand`, `value_added`,
    `output` and `satellites`, and all others are transactions."""
    unit: Text | None = None
    """Column with the unit."""
    final_demand: dict[Text, Text] = {}
    """Purchaser in the sheet -> category of final demand."""
    value_added: dict[Text, Text] = {}
    """Seller in the sheet -> component of value added."""
    output: Text | None = None
    """Seller in the sheet whose lines are output."""
    satellites: dict[Text, Text] = {}
    """Seller in the sheet -> satellite account."""
    households: Text | None = None
    """Purchaser in the sheet whose accounts are the direct amounts of households."""
    ignore: tuple[Text, ...] = ()
    """Sellers and purchasers whose lines are left out: totals."""
    absent: Literal["error", "zero"] = "error"
    """Whether a flow without a line is an error, or zero because the sheet lists only others."""


def corners(cells: str) -> tuple[int, int, int, int]:
    """
    Take an A1 range apart.

    Parameters
    ----------
    cells : str
        Range, or the address of a cell.

    Returns
    -------
    tuple of int
        First line, first column, last line, last column, all from zero.

    Examples
    --------
    >>> corners("C5:AR46")
    (4, 2, 45, 43)
    """
    found = re.findall(r"([A-Z]+)(\d+)", cells)
    (left, top), (right, bottom) = found[0], found[-1]
    return int(top) - 1, column_at(left), int(bottom) - 1, column_at(right)


def column_at(letters: str) -> int:
    """
    Return the place of a column.

    Parameters
    ----------
    letters : str
        Its name in a spreadsheet.

    Returns
    -------
    int
        Counted from zero.

    Examples
    --------
    >>> column_at("A"), column_at("AA")
    (0, 26)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
