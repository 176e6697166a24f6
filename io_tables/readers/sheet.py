"""A wide sheet, small or large: labels of its rows and columns, numbers of its blocks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from io_tables.cells import Cells, disarmed, letters, number
from io_tables.checks import bad_cell
from io_tables.errors import LayoutError, did_you_mean
from io_tables.readers.grid import text
from io_tables.report import Finding
from io_tables.sheets import Wide, column_at
from io_tables.streams import LargeText, numbers, row_labels

Array = npt.NDArray[np.float64]
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
TRANSACTIONS = "transactions"
KEPT = 5000  # bad cells of a sheet that are kept for a report
_Loaded = tuple[Array, Mapping[int, int], int, Mapping[tuple[int, int], str]]
_NOTHING: _Loaded = (np.empty((0, 0)), {}, 0, {})


def words(cell: object) -> str:
    """
    Read a cell as a label of one line.

    Parameters
    ----------
    cell : object
        Text, number or nothing.

    Returns
    -------
    str
        Without blanks around it, with single blanks inside.
    """
    return disarmed(" ".join(text(cell).split()))


@dataclass(frozen=True)
class Axis:
    """
    Labels of the rows or of the columns of a sheet.

    Parameters
    ----------
    kind : {"row", "column"}
        Which.
    where : str
        File and sheet, for messages.
    parts : sequence of tuple of str
        Every text that stands beside a row, or above a column.
    joined : sequence of str
        Label made of the lines, or columns, that hold labels.
    """

    kind: str
    where: str
    parts: Sequence[tuple[str, ...]]
    joined: Sequence[str]

    def named(self, at: int) -> str:
        """Say where a row or column is: label and address."""
        address = letters(at) if self.kind == "column" else f"line {at + 1}"
        shown = self.joined[at] if at < len(self.joined) else ""
        return f"{self.kind} {shown or '?'} ({address})"

    def find(self, selector: str, findings: list[Finding], key: str) -> int | None:
        """Place of what a manifest names; a finding where there is none, or more than one."""
        if re.fullmatch(r"\$[A-Z]{1,3}|\$\d+", selector):
            bare = selector[1:]
            at = column_at(bare) if self.kind == "column" and bare.isalpha() else None
            at = int(bare) - 1 if self.kind == "row" and bare.isdigit() else at
            if at is not None and 0 <= at < len(self.parts):
                return at
        wanted = words(selector)
        hits = [i for i, label in enumerate(self.joined) if label == wanted]
        hits = hits or [i for i, parts in enumerate(self.parts) if wanted in parts]
        if len(hits) == 1:
            return hits[0]
        if hits:
            places = " or ".join(f"${letters(i) if self.kind == 'column' else i + 1}" for i in hits)
            what, fix = f"wide.{key}: stands there {len(hits)} times", f"say {places}"
        else:
            known = {part for parts in [*self.parts, self.joined] for part in parts if part}
            what, fix = f"wide.{key}: is not in the sheet", did_you_mean(wanted, sorted(known))
        findings.append(
            Finding("error", what, f"{self.where}, {self.kind} {selector!r}", fix, LayoutError)
        )
        return None


@dataclass
class Sheet:
    """
    A sheet and how its numbers are written.

    Parameters
    ----------
    cells : Cells
        Sheet; the first lines only of a large text file.
    wide : Wide
        Its description.
    bad : list of Finding
        Cells without a number, collected while blocks are read.
    """

    cells: Cells
    wide: Wide
    bad: list[Finding] = field(default_factory=list)
    _loaded: _Loaded | None = None

    def row_axis(self, width: int) -> Axis:
        """Labels beside the lines, from the columns before the numbers."""
        joined_at = [column_at(c) for c in self.wide.labels]
        width = max(width, *(j + 1 for j in joined_at))
        if isinstance(self.cells, LargeText):
            parts = [tuple(map(words, row)) for row in row_labels(self.cells, width)]
        else:
            parts = [tuple(words(cell) for cell in row[:width]) for row in self.cells.rows]
        joined = [":".join(p for p in (_at(row, j) for j in joined_at) if p) for row in parts]
        return Axis("row", self.cells.name, parts, joined)

    def column_axis(self, height: int) -> Axis:
        """Labels above the columns, from the lines before the numbers."""
        height = max(height, *self.wide.header)
        top = [[words(cell) for cell in row] for row in self.cells.rows[:height]]
        width = max(map(len, self.cells.rows))
        lines = [line + [""] * (width - len(line)) for line in top]
        own = [lines[i - 1] for i in self.wide.header if i <= len(lines)]
        own = [*(_spread(line) for line in own[:-1]), *own[-1:]]
        joined = [":".join(part for part in column if part) for column in zip(*own, strict=True)]
        return Axis("column", self.cells.name, list(zip(*lines, strict=True)), joined)

    def load(self, rows: Iterable[int], columns: Iterable[int]) -> None:
        """Read what will be needed of a large text file, in one pass."""
        if isinstance(self.cells, LargeText):
            needed, across = sorted({*rows}), [*columns]
            values, bad = numbers(self.cells, needed, min(across), max(across))
            place = {row: i for i, row in enumerate(needed)}
            self._loaded = values, place, min(across), bad

    def block(self, rows: Sequence[int], columns: Sequence[int], axes: tuple[Axis, Axis]) -> Array:
        """Numbers where lines and columns meet; a bad cell is NaN here and named in ``bad``."""
        if self._loaded is not None:
            return self._sliced(rows, columns, axes)
        found = self._cells(rows, columns)
        values = self._fast(found)
        if values is None:
            values = np.full(len(found), np.nan)
            for i, cell in enumerate(found):
                try:
                    values[i] = self.number(cell)
                except ValueError:
                    r, c = divmod(i, len(columns))
                    self._note(cell, rows[r], columns[c], axes)
        return values.reshape(len(rows), len(columns))

    def _sliced(
        self, rows: Sequence[int], columns: Sequence[int], axes: tuple[Axis, Axis]
    ) -> Array:
        """Numbers of a block that was loaded."""
        values, place, first, known = self._loaded or _NOTHING
        lines, across = [place[r] for r in rows], [c - first for c in columns]
        if lines and across and _running(lines) and _running(across):
            block = values[lines[0] : lines[-1] + 1, across[0] : across[-1] + 1]
        else:
            block = values[np.ix_(lines, across)]
        blank = "" in self.wide.zero_marks
        for i, j in np.argwhere(np.isnan(block)).tolist():
            cell = known.get((rows[i], columns[j]), "")
            if not cell and blank:
                continue
            try:
                block[i, j] = self.number(cell)
            except ValueError:
                self._note(cell, rows[i], columns[j], axes)
        return np.nan_to_num(block, copy=False, nan=0.0) if blank and not self.bad else block

    def number(self, cell: Any) -> float:
        """Read a cell by the marks that the manifest declares."""
        if not isinstance(cell, str) and cell is not None:
            return number(cell)
        bare = "" if cell is None else cell.strip()
        if bare in self.wide.zero_marks:
            return 0.0
        if self.wide.thousands and self.wide.thousands in bare:
            sep = re.escape(self.wide.thousands)
            if self.wide.thousands == " ":
                sep = "[ \u00a0\u202f]"
            grouped = rf"[+-]?\d{{1,3}}(?:{sep}\d{{3}})+(?:{re.escape(self.wide.decimal)}\d*)?"
            if not re.fullmatch(grouped, bare):
                raise ValueError(bare)
            bare = re.sub(sep, "", bare)
        if self.wide.decimal == ",":
            if "." in bare:
                raise ValueError(bare)
            bare = bare.replace(",", ".")
        if not _PLAIN.fullmatch(bare):
            raise ValueError(bare)
        return number(bare)

    def _cells(self, rows: Sequence[int], columns: Sequence[int]) -> list[Any]:
        """Cells of a block, line after line; a cell beyond the end of its line is empty."""
        width = max(columns, default=-1) + 1
        first = columns[0] if columns and _running(columns) else None
        found: list[Any] = []
        for r in rows:
            row = self.cells.rows[r] if r < len(self.cells.rows) else ()
            if len(row) < width:
                row = [*row, *[None] * (width - len(row))]
            found += row[first:width] if first is not None else [row[c] for c in columns]
        return found

    def _fast(self, cells: list[Any]) -> Array | None:
        """All cells at once; None if one of them is no plain number."""
        if {type(cell) for cell in cells} <= {float, int}:
            values = np.array(cells, dtype=float)
        else:
            texts = "".join(cell for cell in cells if isinstance(cell, str))
            marks = {".", ",", "_"} - ({"."} if self.wide.decimal == "." else set())
            if self.wide.thousands == "." or not texts.isascii() or marks & {*texts}:
                return None
            try:
                values = np.array(cells, dtype=object).astype(float)
            except (ValueError, TypeError):
                return None
        return values if np.isfinite(values).all() else None

    def _note(self, cell: Any, r: int, c: int, axes: tuple[Axis, Axis]) -> None:
        """Name a cell without a number; thousands of them are not all kept."""
        if len(self.bad) >= KEPT:
            return
        rows, columns = axes
        shown = rows.joined[r] if r < len(rows.joined) else ""
        above = columns.joined[c] if c < len(columns.joined) else ""
        empty = cell is None or not str(cell).strip()
        state = "the cell is empty" if empty else f"{str(cell)[:80]!r} is not a number"
        where = f"{self.cells.name}, row {shown or '?'} (line {r + 1}), column {above or '?'}"
        what = f"{letters(c)}{r + 1}: {state}"
        self.bad.append(bad_cell(what, where, "cell-empty" if empty else "cell-text"))


def _at(row: tuple[str, ...], place: int) -> str:
    return row[place] if place < len(row) else ""


def _spread(line: Sequence[str]) -> list[str]:
    """Let a merged heading count for all its columns."""
    out: list[str] = []
    for cell in line:
        out.append(cell or (out[-1] if out else ""))
    return out


def _running(numbers: Sequence[int]) -> bool:
    """Whether numbers follow one another."""
    return numbers[-1] - numbers[0] + 1 == len(numbers) and all(
        b == a + 1 for a, b in itertools.pairwise(numbers)
    )
