"""
Tables of textbooks: a square of flows, final demand and output in one small sheet.

Columns ``row``, sectors, ``final_demand``, ``output``, as in Miller and Blair 2009, table 2.3;
further columns of a new demand and its answer are no part of the table.
"""

from __future__ import annotations

from io_tables.arrays import same_labels
from io_tables.cells import Cells
from io_tables.checks import label_findings
from io_tables.manifest import Manifest
from io_tables.readers.assemble import assembled
from io_tables.readers.grid import Grid, code_findings, label, placed, text
from io_tables.report import refuse
from io_tables.table import IOTable

DEFAULTS: dict[str, object] = {"units": "monetary units", "price_basis": "prices of the table"}
SOURCES = {
    "miller_blair_2009": "Miller and Blair, Input-Output Analysis, 2nd ed., 2009, table 2.3",
}
TOLERANCE = 1e-6
NEEDED = ("final_demand", "output")
ANSWERS = ("final_demand_new", "output_new_published")


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
        True if it begins with ``row`` and has final demand and output.
    """
    header = [text(c) for c in cells.rows[0]]
    return header[:1] == ["row"] and {*NEEDED} <= {*header}


def facts(cells: Cells) -> dict[str, object]:
    """
    Read the book from the name of the file.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    dict
        ``source``, where the book is known; it must be stated otherwise.
    """
    known = [source for start, source in SOURCES.items() if cells.name.startswith(start)]
    return {"source": known[0]} if known else {}


def read(cells: Cells, manifest: Manifest) -> IOTable:
    """
    Read a textbook's table.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices, source and tolerance.

    Returns
    -------
    IOTable
        Value added is what balances the columns.

    Raises
    ------
    LayoutError
        If a column is unknown or missing.
    LabelError
        If rows and columns list the sectors differently.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a row does not add up to output.
    """
    if manifest.tolerance is None:
        manifest = manifest.model_copy(update={"tolerance": TOLERANCE})
    header = [label(c) for c in cells.rows[0]]
    lines = [(label(row[0]) if row else "", i) for i, row in enumerate(cells.rows) if i]
    sectors = [code for code, _ in lines]
    first = header.index("final_demand")
    refuse(
        cells.name,
        [
            *label_findings(sectors, "row"),
            *label_findings(header[1:first], "column"),
            *code_findings("column", header[first:], [*NEEDED, *ANSWERS], NEEDED),
        ],
    )
    same_labels(header[1:first], sectors, f"{cells.name}: columns against rows")
    grid = Grid(cells, dict(lines), {c: j for j, c in enumerate(header) if j})
    flows = grid.block(sectors, sectors)
    demand, output = (grid.column(name, sectors) for name in NEEDED)
    grid.demand_numbers()
    return assembled(
        cells.name,
        [],
        manifest,
        sectors,
        transactions=flows,
        final_demand=demand,
        categories=["final demand"],
        output=output,
        located=placed(grid, sectors),
    )
