"""Tidy sheets of any origin, brought into the tidy layout by what their manifest says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from io_tables.cells import Cells
from io_tables.errors import LayoutError, did_you_mean
from io_tables.manifest import Manifest
from io_tables.readers.sheet import words
from io_tables.readers.tidy import COLUMNS, HOUSEHOLDS, OUTPUT, Renamed
from io_tables.report import Finding, refuse
from io_tables.sheets import Tidy

HEADER = [*COLUMNS, "unit"]


def renamed(cells: Cells, manifest: Manifest) -> Cells:
    """
    Give the columns and blocks of a tidy sheet their usual names.

    Parameters
    ----------
    cells : Cells
        Sheet.
    manifest : Manifest
        With or without a block ``tidy``.

    Returns
    -------
    Cells
        The same where the manifest has none. Lines keep their numbers.

    Raises
    ------
    LayoutError
        If a column that the manifest names is not there.
    """
    told = manifest.tidy
    if manifest.layout != "tidy" or told is None:
        return cells
    header = [words(cell) for cell in cells.rows[0]]
    wanted = {"row": told.row, "column": told.column, "value": told.value}
    wanted |= {k: v for k, v in (("block", told.block), ("unit", told.unit)) if v is not None}
    at = {}
    findings = []
    for key, name in wanted.items():
        if words(name) in header:
            at[key] = header.index(words(name))
            continue
        what, where = f"tidy.{key}: is not in the sheet", f"{cells.name}, column {name!r}"
        findings.append(Finding("error", what, where, did_you_mean(name, header), LayoutError))
    refuse(cells.name, findings)
    rows = list(_lines(cells, at, told, len(header)))
    rows += list(_absent(rows, manifest.units)) if told.absent == "zero" else []
    return Renamed(cells.name, [HEADER, *rows], sheet=cells.sheet, value_at=at["value"])


def _lines(cells: Cells, at: Mapping[str, int], told: Tidy, width: int) -> Iterator[Sequence[Any]]:
    """Lines with the columns of the tidy layout; what is ignored becomes ``()``."""
    for line in cells.rows[1:]:
        cell = [*line, *[""] * (width - len(line))]
        row, column = words(cell[at["row"]]), words(cell[at["column"]])
        if row in told.ignore or column in told.ignore:
            yield ()
            continue
        block = words(cell[at["block"]]) if "block" in at else _block(row, column, told)
        row, column = _names(block, row, column, told)
        unit = words(cell[at["unit"]]) if "unit" in at else ""
        yield [block, row, column, cell[at["value"]], unit]


def _block(row: str, column: str, told: Tidy) -> str:
    """Tell the block of a line by its labels."""
    if row == told.output:
        return "output"
    if row in told.satellites:
        return "household" if column == told.households else "satellite"
    if row in told.value_added:
        return "value_added"
    return "final_demand" if column in told.final_demand else "transactions"


def _names(block: str, row: str, column: str, told: Tidy) -> tuple[str, str]:
    """Names that the manifest gives to the labels of a line."""
    if block == "output":
        return OUTPUT, column
    if block in ("satellite", "household"):
        own = told.satellites.get(row, row)
        return own, HOUSEHOLDS if block == "household" else column
    if block == "value_added":
        return told.value_added.get(row, row), column
    return row, told.final_demand.get(column, column) if block == "final_demand" else column


def _absent(rows: list[Sequence[Any]], units: str) -> Iterator[list[Any]]:
    """Lines of zero for flows that the sheet leaves out."""
    lines = [line for line in rows if line]
    flows = [(r, c) for b, r, c, *_ in lines if b == "transactions"]
    sectors = list(dict.fromkeys(label for pair in flows for label in pair))
    for block in ("transactions", "final_demand", "value_added"):
        given = {(r, c) for b, r, c, *_ in lines if b == block}
        across = sectors if block != "final_demand" else list(dict.fromkeys(c for _, c in given))
        down = sectors if block != "value_added" else list(dict.fromkeys(r for r, _ in given))
        for row in down:
            for column in across:
                if (row, column) not in given:
                    yield [block, row, column, 0.0, units]
