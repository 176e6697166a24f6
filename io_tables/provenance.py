"""Where a table and each of its cells come from: file, sheet, cells, and every step since."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from io_tables.cells import letters
from io_tables.errors import LabelError, did_you_mean
from io_tables.kinds import demand_table, demand_text

if TYPE_CHECKING:
    import numpy.typing as npt

    from io_tables.table import IOTable

LISTED = 12  # source cells that are spelled out
Cell = tuple[str, str]
Shares = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Located:
    """
    Lines and columns of a sheet that hold the labels of a table.

    Parameters
    ----------
    rows : mapping
        Label -> lines, from zero; several when they were added up.
    columns : mapping
        Label -> column, from zero.
    lines : mapping
        Row and column label -> line, for sheets with one number a line.
    value_at : int, optional
        Column of the numbers in such a sheet.
    """

    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[Cell, int] = field(default_factory=dict)
    value_at: int = 0

    def cells(self, row: str, column: str) -> list[str]:
        """
        Name the cells of the sheet that hold a number of the table.

        Parameters
        ----------
        row, column : str
            Labels as the sheet was read.

        Returns
        -------
        list of str
            A1 references; empty when they are not known.
        """
        if (row, column) in self.lines:
            return [f"{letters(self.value_at)}{self.lines[row, column] + 1}"]
        if row in self.rows and column in self.columns:
            return [f"{letters(self.columns[column])}{line + 1}" for line in self.rows[row]]
        return []


@dataclass(frozen=True)
class Step:
    """
    A step that made new labels out of old ones.

    Parameters
    ----------
    at : int
        Its place in the history.
    members : mapping
        New label -> old labels and their shares; a label that is not there stayed as it was.
    """

    at: int
    members: Mapping[str, Shares]


@dataclass(frozen=True)
class Provenance:
    """
    Where a table comes from; no part of its content hash.

    Parameters
    ----------
    file : str
        Name of the file that was read, without folder.
    sha256 : str
        Digest of its bytes.
    sheet : str, optional
        Sheet of a workbook.
    publisher : str
        Who published it, as the manifest says.
    reader : str
        Layout and version of the reader.
    located : Located, optional
        Where the labels stand in the sheet.
    start : int
        Steps of the history that were made before the file was written.
    steps : tuple of Step
        Aggregations and splits since.
    """

    file: str = ""
    sha256: str = ""
    sheet: str | None = None
    publisher: str = ""
    reader: str = ""
    located: Located | None = None
    start: int = 0
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        """One line: file, sheet, digest, publisher, reader."""
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        publisher = f", {self.publisher}" if self.publisher else ""
        return f"{self.file}{sheet} (SHA-256 {self.sha256}){publisher}, read by {self.reader}"


class History(tuple[str, ...]):
    """
    Steps of a table; printed one a line, after the file they start from.

    Examples
    --------
    >>> print(History(["aggregated to 8 sectors: given by the user"]))
    1. aggregated to 8 sectors: given by the user
    """

    source: Provenance | None

    def __new__(cls, steps: Sequence[str] = (), source: Provenance | None = None) -> History:
        """Keep the steps, and where they start."""
        made = super().__new__(cls, steps)
        made.source = source
        return made

    def __str__(self) -> str:
        """Write one step a line."""
        lines = [f"{i}. {step}" for i, step in enumerate(self, start=1)]
        if self.source is not None and self.source.file:
            lines.insert(self.source.start, f"-- {self.source}")
        return "\n".join(lines) or "no steps"


@functools.cache
def reader_version() -> str:
    """
    Version of the readers: that of the package, and a digest of its code.

    Returns
    -------
    str
        For example ``0.1.0+3f2a9c1d``.
    """
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    try:
        number = version("handprint")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()[:8]}"


def attached(table: IOTable, provenance: Provenance | None) -> IOTable:
    """
    Return the same table with another provenance; its numbers are not checked again.

    Parameters
    ----------
    table : IOTable
        Checked.
    provenance : Provenance, optional
        Where it comes from.

    Returns
    -------
    IOTable
        Sharing the arrays, which are read-only.
    """
    made: IOTable = object.__new__(type(table))
    history = History(table.history, provenance)
    made.__dict__.update(table.__dict__ | {"provenance": provenance, "history": history})
    return made


def aggregated(
    provenance: Provenance | None,
    matrix: npt.NDArray[np.float64],
    sectors: Sequence[str],
    targets: Sequence[str],
    at: int,
) -> Provenance | None:
    """
    Remember which sectors make up which aggregate.

    Parameters
    ----------
    provenance : Provenance, optional
        Of the table before.
    matrix : numpy.ndarray
        Shares, targets by sectors.
    sectors, targets : sequence of str
        Labels.
    at : int
        Place of the step in the history.

    Returns
    -------
    Provenance or None
        None when none was known.
    """
    if provenance is None:
        return None
    members = {
        target: tuple((sectors[j], float(row[j])) for j in np.flatnonzero(row).tolist())
        for target, row in zip(targets, matrix, strict=True)
    }
    return replace(provenance, steps=(*provenance.steps, Step(at, members)))


def divided(
    provenance: Provenance | None, parts: Sequence[str], sector: str, at: int
) -> Provenance | None:
    """
    Remember which sector was split into which parts.

    Parameters
    ----------
    provenance : Provenance, optional
        Of the table before.
    parts : sequence of str
        Labels of the parts.
    sector : str
        Label that was split.
    at : int
        Place of the step in the history.

    Returns
    -------
    Provenance or None
        None when none was known. Shares differ from cell to cell and are not kept.
    """
    if provenance is None:
        return None
    step = Step(at, dict.fromkeys(parts, ((sector, math.nan),)))
    return replace(provenance, steps=(*provenance.steps, step))


def origin(table: IOTable, sector: str, purchaser: str) -> str:
    """
    Tell where a number of a table comes from, as far as it was recorded.

    Parameters
    ----------
    table : IOTable
        Any table.
    sector : str
        Row: a sector, a component of value added or imported inputs, or a satellite account.
    purchaser : str
        Column: a sector, a category of final demand, ``"output"`` or ``"households"``.

    Returns
    -------
    str
        Value, file, cells of the sheet, and the steps since.

    Raises
    ------
    LabelError
        If the table has no such row or column.

    Examples
    --------
    >>> import io_tables
    >>> print(origin(io_tables.load("china-2017-cn8"), "ICT", "SER").splitlines()[1])
    from china-2017-cn8.csv, cell D57
    """
    demand_table(table)
    demand_text(sector, "sector", LabelError)
    demand_text(purchaser, "purchaser", LabelError)
    value, units = _value(table, sector, purchaser)
    head = f"{table.name} [{sector}, {purchaser}] = {value:,.10g} {units}"
    source = table.provenance
    if source is None or not source.file:
        return f"{head}\nnot recorded: the table was made from arrays\n{_later(table, 0)}".rstrip()
    pairs: dict[Cell, float] = {(sector, purchaser): 1.0}
    for step in reversed(source.steps):
        pairs = dict(_before(pairs, step))
    place = f"{source.file}, sheet {source.sheet}" if source.sheet else source.file
    lines = [head, *_cells(pairs, source, place)]
    lines.append(f"file: {source}")
    return "\n".join([*lines, *([later] if (later := _later(table, source.start)) else [])])


def _before(pairs: Mapping[Cell, float], step: Step) -> Iterator[tuple[Cell, float]]:
    """Rows and columns that the step made these of, with their shares."""
    made: dict[Cell, float] = {}
    for (row, column), weight in pairs.items():
        for old_row, first in step.members.get(row, ((row, 1.0),)):
            for old_column, second in step.members.get(column, ((column, 1.0),)):
                key = old_row, old_column
                made[key] = made.get(key, 0.0) + weight * first * second
    yield from made.items()


def _cells(pairs: Mapping[Cell, float], source: Provenance, place: str) -> list[str]:
    """Name the cells of the file."""
    known = {p: source.located.cells(*p) if source.located else [] for p in pairs}
    cells = [(cell, pair) for pair, found in known.items() for cell in found]
    if not cells:
        return [f"from {place}, cells not recorded by reader {source.reader}"]
    if len(cells) == 1 and pairs[cells[0][1]] == 1.0:
        return [f"from {place}, cell {cells[0][0]}"]
    count = "a cell" if len(cells) == 1 else f"the sum of {len(cells)} cells"
    lines = [f"from {count} of {place}:"]
    for cell, pair in cells[:LISTED]:
        weight = pairs[pair]
        share = "" if weight == 1.0 else f", times {weight:.6g}"
        share = ", a share of it" if math.isnan(weight) else share
        lines.append(f"  {cell} [{pair[0]}, {pair[1]}]{share}")
    if len(cells) > LISTED:
        lines.append(f"  ... and {len(cells) - LISTED} more")
    missing = sum(not found for found in known.values())
    if missing:
        lines.append(f"  {missing} contributions not recorded")
    return lines


def _later(table: IOTable, start: int) -> str:
    """Steps since the file was read that may have changed the number."""
    known = {step.at for step in table.provenance.steps} if table.provenance else set()
    lines = [
        f"step {i + 1}: {step}{'' if i in known else ' (not recorded cell by cell)'}"
        for i, step in enumerate(table.history)
        if i >= start
    ]
    return "\n".join(lines)


def _value(table: IOTable, row: str, column: str) -> tuple[float, str]:
    """The number, and its unit."""
    components = [str(c) for c in table.primary_inputs["component"].values]
    if row in table.satellites and column == "households" and row in table.households:
        account = table.households[row]
        return float(account), str(account.attrs["units"])
    if row in table.satellites and column in table.sectors:
        account = table.satellites[row]
        return float(account.values[table.sectors.index(column)]), str(account.attrs["units"])
    rows = [*table.sectors, *components]
    columns = [*table.sectors, *(["output", *table.categories] if row in table.sectors else [])]
    for kind, label, known in (("row", row, rows), ("column", column, columns)):
        if label not in known:
            known = [*known, *table.satellites] if kind == "row" else known
            raise LabelError(
                f"table {table.name}: no {kind} {label!r}; {did_you_mean(label, known)}"
            )
    if row in components:
        return float(
            table.primary_inputs.values[components.index(row), table.sectors.index(column)]
        ), table.units
    i = table.sectors.index(row)
    if column in table.sectors:
        return float(table.transactions.values[i, table.sectors.index(column)]), table.units
    if column in table.categories:
        return float(table.final_demand.values[i, table.categories.index(column)]), table.units
    return float(table.output.values[i]), table.units
