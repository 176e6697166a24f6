"""
The tidy layout: one number a line, every cell present.

Columns ``block, row, column, value`` and, where wanted, ``unit``:

============  ===============  ==================  =================
block         row              column              unit
============  ===============  ==================  =================
transactions  selling sector   buying sector       the table's
final_demand  sector           category            the table's
output        ``output``       sector              the table's
value_added   component        sector              the table's
satellite     account          sector              the account's
household     account          ``households``      the account's
============  ===============  ==================  =================
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from io_tables.cells import Cells, disarmed, inert
from io_tables.checks import bad_cell, label_findings, shortened
from io_tables.errors import LabelError, LayoutError, UnitError, did_you_mean
from io_tables.kinds import demand_path, demand_table
from io_tables.manifest import Manifest, read_manifest
from io_tables.progress import followed
from io_tables.provenance import Located
from io_tables.readers.assemble import assembled, parsed
from io_tables.readers.grid import label as as_label
from io_tables.report import Finding, refuse
from io_tables.table import IOTable

COLUMNS = ("block", "row", "column", "value")
BLOCKS = ("transactions", "final_demand", "output", "value_added", "satellite", "household")
Array = npt.NDArray[np.float64]
OUTPUT, HOUSEHOLDS = "output", "households"
DEFAULTS: dict[str, object] = {}


@dataclass(frozen=True)
class Renamed(Cells):
    """
    Cells that were brought into this layout.

    Parameters
    ----------
    value_at : int
        Column of the numbers in the file.
    """

    value_at: int = field(kw_only=True)


@dataclass
class _Block:
    """The cells of one block and the units that stand beside them, by row and column."""

    name: str
    cells: dict[tuple[str, str], float] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    units: dict[str, set[str]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[str]:
        """Row labels by first appearance."""
        return list(dict.fromkeys(row for row, _ in self.cells))

    @cached_property
    def columns(self) -> list[str]:
        """Column labels by first appearance."""
        return list(dict.fromkeys(column for _, column in self.cells))

    def array(self, rows: Sequence[str], columns: Sequence[str]) -> Array:
        """Cells in the order given; NaN for one that is absent."""
        return np.array([[self.cells.get((r, c), np.nan) for c in columns] for r in rows])


def recognises(cells: Cells) -> bool:
    """
    Tell whether the first line has the columns of this layout.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    bool
        True if it has ``block`` and ``value``.
    """
    return {"block", "value"} <= set(cells.rows[0])


def read(cells: Cells, manifest: Manifest) -> IOTable:
    """
    Read a tidy table.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices, scope, units of the accounts.

    Returns
    -------
    IOTable
        Sectors in the order in which the rows of ``transactions`` name them.

    Raises
    ------
    LayoutError
        If a column or block is unknown or missing, or a line is cut off.
    LabelError
        If a cell is given twice, or a block has sectors that the table does not have.
    MissingValueError
        If a cell is absent or not a number: absent is never zero.
    UnitError
        If a unit is missing or contradicts another.
    """
    blocks = _blocks(cells)
    sectors = blocks["transactions"].rows
    axes = {name: (block.rows, sectors) for name, block in blocks.items()}
    axes["final_demand"] = (sectors, blocks["final_demand"].columns)
    axes["household"] = (blocks["household"].rows, [HOUSEHOLDS])
    if blocks["output"].cells:
        axes["output"] = ([OUTPUT], sectors)
    findings = [*_absent(blocks, manifest), *label_findings(sectors, "sector")]
    for name, block in blocks.items():
        findings += [*_incomplete(block, *axes[name]), *_units(block, manifest)]
    refuse(cells.name, findings)

    given = {name: block.array(*axes[name]) for name, block in blocks.items() if block.cells}
    parts: dict[str, Any] = {}
    if "output" in given:
        parts["output"] = given["output"][0]
    if "value_added" in given:
        parts["value_added"] = given["value_added"]
        parts["components"] = axes["value_added"][0]
    for name, argument in {"satellite": "satellites", "household": "households"}.items():
        rows = zip(blocks[name].rows, given.get(name, ()), strict=True)
        parts[argument] = {
            row: (
                numbers if name == "satellite" else numbers[0],
                _unit(blocks[name], row, manifest),
            )
            for row, numbers in rows
        }
    return assembled(
        cells.name,
        [],
        manifest,
        sectors,
        transactions=given["transactions"],
        final_demand=given["final_demand"],
        categories=axes["final_demand"][1],
        located=_located(blocks, cells),
        **parts,
    )


def _located(blocks: Mapping[str, _Block], cells: Cells) -> Located:
    """Line of each number; output is found by its sector."""
    header = list(cells.rows[0])
    value_at = cells.value_at if isinstance(cells, Renamed) else header.index("value")
    lines = {pair: line for block in blocks.values() for pair, line in block.lines.items()}
    lines |= {(sector, OUTPUT): line for (_, sector), line in blocks["output"].lines.items()}
    return Located(lines=lines, value_at=value_at)


def _blocks(cells: Cells) -> dict[str, _Block]:
    """Sort the lines into blocks; every bad line is named."""
    header = list(cells.rows[0])
    findings = [
        Finding("error", "unknown column", f"column {c!r}", did_you_mean(c, COLUMNS), LayoutError)
        for c in header
        if c not in (*COLUMNS, "unit")
    ]
    findings += [
        Finding("error", "is missing", f"column {c}", f"it has {header}", LayoutError)
        for c in COLUMNS
        if c not in header
    ]
    refuse(cells.name, findings)
    blocks = {name: _Block(name) for name in BLOCKS}
    at = [header.index(c) for c in COLUMNS]
    unit_at = header.index("unit") if "unit" in header else None
    bad: list[Finding] = []
    lines = followed(f"{cells.name}: lines", cells.rows[1:])
    for line, row in enumerate(lines, start=2):
        if row == ():  # left out by the manifest
            continue
        if len(row) != len(header):
            where = f"{cells.name}, line {line}"
            what, fix = f"{len(row)} cells where {len(header)} are expected", "is the file cut off?"
            findings.append(Finding("error", what, where, fix, LayoutError))
            continue
        name, label, column = (disarmed(as_label(row[i])) for i in at[:3])
        value = row[at[3]]
        place = f"{cells.name}, line {line}: {name} [{label}, {column}]"
        block = blocks.get(name)
        if block is None:
            fix = did_you_mean(name, BLOCKS)
            findings.append(Finding("error", f"unknown block {name!r}", place, fix, LayoutError))
            continue
        if (label, column) in block.cells:
            findings.append(
                Finding(
                    "error",
                    "the cell is given twice",
                    place,
                    "leave one line",
                    LabelError,
                    "cell-twice",
                )
            )
        block.cells[label, column] = parsed(value, place, bad)
        block.lines[label, column] = line - 1
        block.units.setdefault(label, set()).add("" if unit_at is None else row[unit_at] or "")
    refuse(cells.name, [*shortened(bad, cells.name), *shortened(findings, cells.name)])
    return blocks


def _absent(blocks: Mapping[str, _Block], manifest: Manifest) -> Iterator[Finding]:
    """Name blocks and accounts that should be there."""
    for name in ("transactions", "final_demand"):
        if not blocks[name].cells:
            yield Finding("error", "has no lines", f"block {name}", "give it", LayoutError)
    for account in manifest.satellites:
        if account not in blocks["satellite"].rows:
            what = "the manifest names it, the file has no line"
            yield bad_cell(what, f"satellite {account}", "cell-absent")


def _incomplete(block: _Block, rows: Sequence[str], columns: Sequence[str]) -> Iterator[Finding]:
    """Name labels that do not belong, and cells that are absent."""
    for axis, found, known in (("row", block.rows, rows), ("column", block.columns, columns)):
        valid = frozenset(known)
        for label in (x for x in found if x not in valid):
            where = f"{block.name}, {axis} {label!r}"
            yield Finding("error", "unknown label", where, did_you_mean(label, known), LabelError)
    if block.cells:
        absent = [
            bad_cell(
                "the cell is absent, and absent is never zero",
                f"{block.name} [{r}, {c}]",
                "cell-absent",
            )
            for r in rows
            for c in columns
            if (r, c) not in block.cells
        ]
        yield from shortened(absent, block.name)


def _units(block: _Block, manifest: Manifest) -> Iterator[Finding]:
    """Name units that are missing or contradict each other."""
    for row, units in block.units.items():
        known = units - {""}
        if block.name in ("satellite", "household"):
            account = manifest.satellites.get(row)
            known |= {account.units} if account else set()
            if not known:
                fix = f'say satellites.{row} = "unit" in the manifest'
                where = f"{block.name} {row}"
                yield Finding("error", "has no unit", where, fix, UnitError, "unit-missing")
        else:
            known.add(manifest.units)
        if len(known) > 1:
            what = f"units differ: {', '.join(sorted(known))}"
            where, fix = f"{block.name} {row}", "convert one of them"
            yield Finding("error", what, where, fix, UnitError, "unit-mixed")


def _unit(block: _Block, row: str, manifest: Manifest) -> str:
    """Return the one unit of an account, from the file or else the manifest."""
    stated = block.units[row] - {""}
    return stated.pop() if stated else manifest.satellites[row].units


def write_tidy(
    table: IOTable,
    path: Path | str,
    *,
    accounts: Mapping[str, Mapping[str, str]] | None = None,
    **description: object,
) -> Manifest:
    """
    Write a table in the tidy layout, with its manifest beside it.

    Parameters
    ----------
    table : IOTable
        Any table.
    path : path
        CSV file; the manifest gets the same name with ``.toml``. Existing files are replaced.
    accounts : mapping, optional
        Status and note of satellite accounts, by name.
    **description
        Further fields of the manifest: ``title``, ``year``, ``notes``, ``files`` ...

    Returns
    -------
    Manifest
        As written. Reading the file gives the same table to the last bit.

    Raises
    ------
    ManifestError
        If the description has unknown keys.
    """
    demand_table(table)
    path = demand_path(path)
    told = accounts or {}
    manifest = read_manifest(
        {
            **description,
            "name": table.name,
            "layout": "tidy",
            "units": table.units,
            "price_basis": table.price_basis,
            "source": table.source,
            "scope": table.scope,
            "tolerance": table.tolerance,
            "content_hash": table.content_hash,
            "method": table.history,
            "regions": [str(r) for r in table.transactions["region"].values]
            if "region" in table.transactions.coords
            else [],
            "satellites": {
                name: {"units": array.attrs["units"], **told.get(name, {})}
                for name, array in table.satellites.items()
            },
        }
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for block, rows, columns, values in _written(table):
        for row, line in zip(rows, values.tolist(), strict=True):
            writer.writerows(
                [block, inert(row), inert(column), repr(value)]
                for column, value in zip(columns, line, strict=True)
            )
    for target, content in (
        (path, text.getvalue()),
        (path.with_suffix(".toml"), manifest.to_toml()),
    ):
        draft = target.with_name(target.name + ".part")
        draft.write_text(content, encoding="utf-8", newline="\n")
        draft.replace(target)
    return manifest


def _written(table: IOTable) -> Iterator[tuple[str, list[str], list[str], Array]]:
    """Blocks with their labels."""
    sectors = table.sectors
    components = [str(c) for c in table.primary_inputs["component"].values]
    yield "transactions", sectors, sectors, table.transactions.values
    yield "final_demand", sectors, table.categories, table.final_demand.values
    yield "output", [OUTPUT], sectors, table.output.values[None, :]
    yield "value_added", components, sectors, table.primary_inputs.values
    for name, array in table.satellites.items():
        yield "satellite", [name], sectors, array.values[None, :]
    for name, array in table.households.items():
        yield "household", [name], [HOUSEHOLDS], array.values[None, None]
