"""Files as rows of cells: the only place where a table's file is opened."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from io_tables.errors import TableFileError
from io_tables.files import LIMITS, Limits, demand_kind, text_of
from io_tables.files import existing as existing
from io_tables.progress import following

Cell: TypeAlias = Any  # str, float, int or None; CSV has str only
DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma"}
SAMPLED = 50  # first lines from which the delimiter is told
BLOCK = 1000  # lines after which the bar is told
ARMED = tuple("=+-@\t\r")  # a spreadsheet runs text that begins with one of these


@dataclass(frozen=True)
class Cells:
    """
    The cells of a file or sheet as the file has them.

    Parameters
    ----------
    name : str
        File name, and the sheet where there are several, for messages.
    rows : sequence of sequence
        Lines of the file, the header among them: str, float, int or None. Empty lines are left
        out at the end only.
    sheet : str, optional
        Sheet of a workbook.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    sheet: str | None = field(default=None, kw_only=True)


def read_cells(
    path: Path | str,
    sheet: str | int | None = None,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits = LIMITS,
) -> Cells:
    """
    Read a text file, a sheet of a workbook or a parquet file.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.txt``; ``.xlsx``, ``.xls``, ``.ods``; ``.parquet`` where pyarrow is
        installed. Anything else is read as text.
    sheet : str or int, optional
        Sheet of a workbook: its name, or its number from one; default the first.
    encoding : str, optional
        Encoding of text, for example ``"gb18030"``; default UTF-8, with or without a mark.
    delimiter : {",", ";", tab}, optional
        What separates the cells of text; default recognised from the first lines.
    limits : Limits
        Largest sizes that are read.

    Returns
    -------
    Cells
        Never empty. Text files give text; workbooks numbers as numbers, values of formulas,
        and errors such as ``#DIV/0!`` as text.

    Raises
    ------
    TableFileError
        If the file is missing, empty, cut off, not what its name says, or in another encoding.
    UnsafeFileError
        If it is too large, a bomb, or depends on macros, other files or values never computed.
    MissingExtraError
        If the file is parquet and pyarrow is not installed.
    """
    path = existing(path)
    kind = demand_kind(path)
    if kind != "text" and (encoding or delimiter):
        raise TableFileError(f"{path.name}: encoding and delimiter are for text files")
    if kind not in ("text", "parquet"):
        return next(read_book(path, [1 if sheet is None else sheet], limits=limits))
    if sheet is not None:
        raise TableFileError(f"{path.name}: has no sheets: leave out sheet = {sheet!r}")
    if kind == "parquet":
        from io_tables.workbooks import read_parquet

        return Cells(path.name, _whole(path.name, read_parquet(path, limits)))
    return Cells(
        path.name, _whole(path.name, _split(path, text_of(path, encoding, limits), delimiter))
    )


def read_book(
    path: Path | str,
    sheets: Sequence[str | int] | None = None,
    *,
    blank: bool = False,
    limits: Limits = LIMITS,
) -> Iterator[Cells]:
    """
    Read sheets of a workbook one after another.

    Parameters
    ----------
    path : path
        Workbook.
    sheets : sequence of str or int, optional
        Names, or numbers from one; default all that hold cells.
    blank : bool
        Whether sheets without content are let pass, with no rows.
    limits : Limits
        Largest sizes that are read.

    Yields
    ------
    Cells
        One for each sheet, named after the file and, where there are several, the sheet.

    Raises
    ------
    TableFileError
        If the file is no workbook or has no such sheet.
    UnsafeFileError
        If a guard refuses it.
    """
    from io_tables.workbooks import read_sheets

    path = existing(path)
    kind = demand_kind(path)
    if kind not in ("zip", "ole"):
        raise TableFileError(f"{path.name}: not a workbook")
    for found, rows, many in read_sheets(path, kind, sheets, limits):
        name = f"{path.name}, sheet {found}" if many else path.name
        empty = blank and not any(cell not in ("", None) for row in rows for cell in row)
        yield Cells(name, [] if empty else _whole(name, rows), sheet=found)


def _split(path: Path, text: str, delimiter: str | None) -> list[list[str]]:
    """Cut text into cells."""
    if delimiter is None:
        delimiter = recognised_delimiter(text)
    elif delimiter not in DELIMITERS:
        known = ", ".join(DELIMITERS.values())
        raise TableFileError(f"{path.name}: delimiter {delimiter!r} is none of {known}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        with following(f"{path.name}: cells", text.count("\n")) as step:
            while block := list(itertools.islice(reader, BLOCK)):
                rows += block
                step(len(block))
            return rows
    except csv.Error as error:
        raise TableFileError(
            f"{path.name}: not a CSV file ({error}): is it cut off, or a quotation mark too many?"
        ) from error


def _whole(name: str, rows: list[Any]) -> list[Any]:
    """Leave out empty lines at the end, and refuse a file of nothing else."""
    while rows and not any(cell.strip() if isinstance(cell, str) else cell for cell in rows[-1]):
        if any(isinstance(cell, int | float) for cell in rows[-1]):
            break
        rows.pop()
    if not rows:
        raise TableFileError(f"{name}: the file is empty")
    return rows


def recognised_delimiter(text: str) -> str:
    r"""
    Tell what separates the cells of text from its first lines.

    Parameters
    ----------
    text : str
        Text, or its beginning.

    Returns
    -------
    str
        Tab, semicolon or comma: the one that cuts most lines into the same number of cells.

    Examples
    --------
    >>> recognised_delimiter("a;b\n1,5;2,5\n"), recognised_delimiter("a,b\n1,2\n")
    (';', ',')
    """
    lines = [line for line in text[:200_000].splitlines()[:SAMPLED] if line.strip()]

    def score(delimiter: str) -> int:
        """Count the cells that most lines agree on."""
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return 0
        return max((widths.count(w) for w in {*widths} if w > 1), default=0)

    return max(DELIMITERS, key=lambda d: (score(d), score(d) > 0 and d != ","))


def sha256(path: Path | str) -> str:
    """
    Return the SHA-256 of a file's bytes.

    Parameters
    ----------
    path : path
        File.

    Returns
    -------
    str
        Hexadecimal digits.

    Raises
    ------
    TableFileError
        If there is no such file.
    """
    with existing(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def number(cell: Cell) -> float:
    """
    Read a cell as a number.

    Parameters
    ----------
    cell : str, float, int or None
        Cell.

    Returns
    -------
    float
        Finite.

    Raises
    ------
    ValueError
        If the cell is empty, text, or not finite; thousands separators are text.
    """
    if isinstance(cell, str):
        value = float(cell) if "_" not in cell and cell.isascii() else math.nan
    else:
        value = math.nan if cell is None or isinstance(cell, bool) else float(cell)
    if not math.isfinite(value):
        raise ValueError(f"{cell!r} is not a finite number")
    return value


def letters(column: int) -> str:
    """
    Name a column as a spreadsheet does.

    Parameters
    ----------
    column : int
        Counted from zero.

    Returns
    -------
    str
        Letters.

    Examples
    --------
    >>> letters(0), letters(25), letters(26), letters(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    name, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        name = chr(65 + digit) + name
    return name


def inert(text: str) -> str:
    """
    Put an apostrophe before text that a spreadsheet would run as a formula.

    Parameters
    ----------
    text : str
        Label to be written to CSV.

    Returns
    -------
    str
        The text, or the text after an apostrophe; :func:`disarmed` takes it off again.

    Examples
    --------
    >>> inert("=1+1"), inert("Farms")
    ("'=1+1", 'Farms')
    """
    return f"'{text}" if text.lstrip("'").startswith(ARMED) else text


def disarmed(text: str) -> str:
    """
    Take off the apostrophe that :func:`inert` put there.

    Parameters
    ----------
    text : str
        Label as the file has it.

    Returns
    -------
    str
        Label as it was.

    Examples
    --------
    >>> disarmed("'=1+1"), disarmed("'t Zand")
    ('=1+1', "'t Zand")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(ARMED) else text
