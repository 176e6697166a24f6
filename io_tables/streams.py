"""Large text files: labels first, then numbers line by line, in bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from io_tables.cells import Cells, letters, number, recognised_delimiter
from io_tables.errors import LayoutError, MissingValueError, TableFileError, UnsafeFileError
from io_tables.files import MIB, demand_kind, existing
from io_tables.progress import following

Array = npt.NDArray[np.float64]
STREAMED = 8 * MIB  # bytes from which a text file with a wide manifest is read line by line
LONGEST = 32 * MIB  # bytes of a line
CHUNK = 4 * MIB
HEAD = 64  # lines at the top that are kept whole, as long as they are not huge
BAD = 1000  # cells without a number that are remembered
_NUMERIC = b"0123456789+-.eE \r\n"
_EXACT = tuple(int(n) for n in pd.__version__.split(".")[:2]) >= (3, 1)
_PRECISE: dict[str, Any] = {} if _EXACT else {"float_precision": "round_trip"}


@dataclass(frozen=True)
class LargeText(Cells):
    """
    A text file that is too large for cells: ``rows`` holds its first lines only.

    Parameters
    ----------
    path : pathlib.Path
        File in UTF-8.
    delimiter : str
        What separates its cells.
    """

    path: Path = field(kw_only=True)
    delimiter: str = field(kw_only=True)


def open_text(path: Path, delimiter: str | None = None) -> LargeText:
    """
    Open a large text file.

    Parameters
    ----------
    path : pathlib.Path
        File in UTF-8.
    delimiter : str, optional
        Default recognised.

    Returns
    -------
    LargeText
        Its first lines.

    Raises
    ------
    TableFileError
        If it is not text in UTF-8.
    UnsafeFileError
        If a line is too long.
    """
    demand_kind(existing(path))
    lines: list[str] = []
    with path.open("rb") as file:
        for _ in range(HEAD):
            line = file.readline(LONGEST + 1)
            if not line or sum(map(len, lines)) > LONGEST:
                break
            lines.append(_text(path.name, line, len(lines) + 1))
    if not lines:
        raise TableFileError(f"{path.name}: the file is empty")
    lines[0] = lines[0].removeprefix("\ufeff")
    cut = delimiter or recognised_delimiter("".join(line[:4000] + "\n" for line in lines))
    return LargeText(path.name, [_cut(line, cut) for line in lines], path=path, delimiter=cut)


def row_labels(text: LargeText, columns: int) -> list[tuple[str, ...]]:
    """
    Read the first columns of every line.

    Parameters
    ----------
    text : LargeText
        File.
    columns : int
        How many.

    Returns
    -------
    list of tuple of str
        One for each line of the file.

    Raises
    ------
    TableFileError
        If a line is not text.
    """
    found: list[tuple[str, ...]] = []
    cut = text.delimiter.encode()
    for count, line in enumerate(_lines(text, "labels"), start=1):
        start = line if line[:1] == b'"' or b'"' in line[:4096] else b""
        if start:
            cells = _cut(_text(text.name, line, count), text.delimiter)[:columns]
        else:
            head = line.split(cut, columns)[:columns]
            cells = _text(text.name, cut.join(head), count).split(text.delimiter)
        found.append(tuple(cell.strip() for cell in cells))
    return found


def numbers(
    text: LargeText, rows: Sequence[int], first: int, last: int
) -> tuple[Array, dict[tuple[int, int], str]]:
    """
    Read the numbers of some lines between two columns.

    Parameters
    ----------
    text : LargeText
        File.
    rows : sequence of int
        Lines from zero.
    first, last : int
        Columns from zero, both read.

    Returns
    -------
    numpy.ndarray
        One line for each of ``rows``; NaN where there is no number.
    dict
        Line and column -> text, of cells that are neither numbers nor empty.

    Raises
    ------
    MissingValueError
        If thousands of cells hold no number.
    LayoutError
        If a line is cut off.
    """
    out = np.empty((len(rows), last - first + 1))
    place = {row: i for i, row in enumerate(rows)}
    bad: dict[tuple[int, int], str] = {}
    jobs: list[Future[None]] = []

    def parse(lines: list[tuple[int, bytes]]) -> None:
        """Put the numbers of some lines where they belong."""
        tails = [_tail(text, row, line, first, last) for row, line in lines]
        values = _parsed([tail for tail in tails if tail is not None], text.delimiter)
        if values is not None and len(values) == len(lines) * out.shape[1]:
            where = [place[row] for row, _ in lines]
            out[where] = values.reshape(len(lines), -1)
            return
        for row, line in lines:
            out[place[row]] = _slow(text, row, line, first, last, bad)

    with ThreadPoolExecutor(2) as pool:
        for lines in _chunks(text, place):
            jobs.append(pool.submit(parse, lines))
            if len(jobs) > 2:
                jobs.pop(0).result()
        for job in jobs:
            job.result()
    return out, bad


def _chunks(text: LargeText, wanted: dict[int, int]) -> Iterator[list[tuple[int, bytes]]]:
    """Gather wanted lines."""
    gathered: list[tuple[int, bytes]] = []
    size = 0
    for row, line in enumerate(_lines(text, "numbers")):
        if row in wanted:
            gathered.append((row, line))
            size += len(line)
        if size > CHUNK:
            yield gathered
            gathered, size = [], 0
    if gathered:
        yield gathered


def _lines(text: LargeText, what: str) -> Iterator[bytes]:
    """Lines of the file; a bar is shown on a terminal when it takes more than a second."""
    with (
        text.path.open("rb", buffering=MIB) as file,
        following(f"{text.name}: {what}", text.path.stat().st_size) as step,
    ):
        while line := file.readline(LONGEST + 1):
            if len(line) > LONGEST:
                raise UnsafeFileError(
                    f"{text.name}: a line is longer than {LONGEST // MIB} MiB: no table has that"
                )
            step(len(line))
            yield line


def _tail(text: LargeText, row: int, line: bytes, first: int, last: int) -> bytes | None:
    """Part of a line between two columns; None where only a closer look can tell."""
    cut = text.delimiter.encode()
    width = len(text.rows[-1])
    at = line.rfind(b'"')
    if at >= 0:  # labels in quotation marks: count from the right
        done = width - 1 - line.count(cut, at)
        if done >= first or line[at + 1 : at + 2] != cut:
            return None
        line = cut * done + line[at + 1 :]
    parts = line.split(cut, first)
    if len(parts) <= first:
        return None
    tail = parts[first].rstrip(b"\r\n")
    beyond = tail.count(cut) - (last - first)
    if beyond < 0:
        return None
    return tail.rsplit(cut, beyond)[0] if beyond else tail


def _parsed(tails: list[bytes], delimiter: str) -> Array | None:
    """Numbers of many lines at once; None if one of the cells is anything else."""
    cut = delimiter.encode()
    if cut in _NUMERIC:
        return None
    block = cut.join(tails)
    if not block or block.translate(None, _NUMERIC + cut):
        return None
    column = block.replace(cut, b"\n") + b"\n"
    found = _by_arrow(column)
    if found is not None:
        return found
    try:
        frame = pd.read_csv(
            io.BytesIO(column),
            header=None,
            dtype=np.float64,
            na_filter=False,
            skip_blank_lines=False,
            **_PRECISE,
        )
    except ValueError:
        return None
    values: Array = frame.to_numpy().ravel()
    return values if np.isfinite(values).all() else None


def _by_arrow(column: bytes) -> Array | None:
    """
    Numbers of one column by pyarrow where it is installed: exact, and faster than pandas.

    None where it is not, or where a cell is written in a way that only pandas takes.
    """
    try:
        import pyarrow as pa
        from pyarrow import csv
    except ImportError:
        return None
    try:
        table = csv.read_csv(
            pa.BufferReader(column),
            read_options=csv.ReadOptions(
                column_names=["value"], use_threads=False, block_size=len(column) + 1
            ),
            parse_options=csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types={"value": pa.float64()}, null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    values: Array = table.column(0).to_numpy()
    return values if np.isfinite(values).all() else None


def _slow(
    text: LargeText, row: int, line: bytes, first: int, last: int, bad: dict[tuple[int, int], str]
) -> Array:
    """Numbers of one line, cell by cell."""
    cells = _cut(_text(text.name, line, row + 1), text.delimiter)
    if len(cells) <= last:
        raise LayoutError(
            f"{text.name}, line {row + 1}: {len(cells)} cells where {last + 1} are expected: is "
            "the file cut off?"
        )
    values = np.full(last - first + 1, np.nan)
    for i, cell in enumerate(cells[first : last + 1]):
        try:
            values[i] = number(cell)
        except ValueError:
            if cell.strip():
                bad[row, first + i] = cell
    if len(bad) > BAD:
        (r, c), shown = next(iter(bad.items()))
        raise MissingValueError(
            f"{text.name}: more than {BAD} cells hold no number, the first is {letters(c)}{r + 1}: "
            f"{shown[:80]!r}: say where the numbers are in the manifest"
        )
    return values


def _cut(line: str, delimiter: str) -> list[str]:
    """Cells of one line."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error as error:
        raise TableFileError(f"not a CSV file ({error})") from error


def _text(name: str, line: bytes, count: int) -> str:
    """Decode a line."""
    if b"\0" in line:
        raise TableFileError(f"{name}, line {count}: holds NUL: not text in UTF-8")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TableFileError(
            f"{name}, line {count}: byte {error.start} is not UTF-8 text: save the sheet as CSV "
            "in UTF-8"
        ) from error
