"""Files as rows of text: the only place where a table's file is opened."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from io_tables.errors import TableFileError


@dataclass(frozen=True)
class Cells:
    """
    The text of a file, cell by cell.

    Parameters
    ----------
    name : str
        File name for messages.
    rows : sequence of sequence of str
        Lines of the file, the header among them; empty lines are left out at the end only.
    """

    name: str
    rows: Sequence[Sequence[str]]


def read_cells(path: Path | str) -> Cells:
    """
    Read a CSV file in UTF-8.

    Parameters
    ----------
    path : path
        File, with or without a byte-order mark.

    Returns
    -------
    Cells
        Never empty.

    Raises
    ------
    TableFileError
        If the file is missing, empty, not text in UTF-8 or not CSV.
    """
    path = existing(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        raise TableFileError(
            f"{path.name}: byte {error.start} is not UTF-8 text: save the sheet as CSV in UTF-8"
        ) from error
    except csv.Error as error:
        raise TableFileError(f"{path.name}: not a CSV file ({error}): is it cut off?") from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise TableFileError(f"{path.name}: the file is empty")
    return Cells(path.name, rows)


def existing(path: Path | str) -> Path:
    """
    Demand that a file exists.

    Parameters
    ----------
    path : path
        File.

    Returns
    -------
    pathlib.Path
        The same.

    Raises
    ------
    TableFileError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        kind = "is a folder" if path.is_dir() else "does not exist"
        raise TableFileError(f"file {path} {kind}: give the path of a file")
    return path


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
    return hashlib.sha256(existing(path).read_bytes()).hexdigest()


def number(text: str) -> float:
    """
    Read a cell as a number.

    Parameters
    ----------
    text : str
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
    value = float(text) if "_" not in text else math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value
