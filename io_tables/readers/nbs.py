"""
Tables of the National Bureau of Statistics of China, as CSV.

Rows are sectors, then ``TII``, ``VA001`` to ``VA004``, ``TVA``, ``TI``; columns are sectors, then
``TIU``, final uses with their totals, ``IM``, ``ERR`` and ``GO``. Imports are stored as positive
numbers and subtracted; the error column exists until 2015 and belongs to the row. Tables with a
column of origins (Domestic, Imports) are non-competitive: imported inputs stand apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from io_tables.arrays import same_labels
from io_tables.cells import Cells
from io_tables.checks import label_findings
from io_tables.errors import BalanceError, LayoutError
from io_tables.manifest import Manifest
from io_tables.provenance import Located
from io_tables.readers.assemble import assembled
from io_tables.readers.grid import Array, Grid, code_findings, label, placed, text, wrong_totals
from io_tables.report import Finding, refuse
from io_tables.table import EXPORTS, IMPORTED_INPUTS, IMPORTS, IOTable

DEFAULTS: dict[str, object] = {
    "units": "10^4 CNY",
    "source": "National Bureau of Statistics of China, input-output table",
}
PRICES = "current producers' prices {year}"
TOLERANCE = 0.5  # 10^4 CNY: half of the last digit that the bureau prints
CATEGORIES = {
    "FU101": "rural households",
    "FU102": "urban households",
    "FU103": "government",
    "FU201": "fixed capital",
    "FU202": "inventories",
    "EX": EXPORTS,
    "IM": IMPORTS,
    "ERR": "errors",
}
DOMESTIC_CATEGORIES = {
    "TC": "final consumption",
    "FU201": "fixed capital",
    "FU202": "inventories",
    "EX": EXPORTS,
}
COMPONENTS = {
    "VA001": "compensation of employees",
    "VA002": "net taxes on production",
    "VA003": "depreciation",
    "VA004": "operating surplus",
}
PARTS = {  # what a total of final uses is the sum of
    "THC": ("FU101", "FU102"),
    "TC": ("FU101", "FU102", "FU103"),
    "GCF": ("FU201", "FU202"),
}
ROW_CODES = ("TII", *COMPONENTS, "TVA", "TI")
COLUMN_CODES = ("TIU", "THC", "TC", "GCF", "TFU", *CATEGORIES, "GO")


@dataclass(frozen=True)
class Frame:
    """
    Where things stand, all counted from zero.

    Parameters
    ----------
    sectors : sequence of str
        Codes of the sectors, in order.
    columns : mapping of str to int
        Columns by code.
    lines : mapping of str to int
        Lines by code.
    imported : mapping of str to int
        Lines of imported inputs; empty in a competitive table.
    """

    sectors: Sequence[str]
    columns: Mapping[str, int]
    lines: Mapping[str, int]
    imported: Mapping[str, int] = field(default_factory=dict)

    @property
    def categories(self) -> dict[str, str]:
        """Final uses that the table has, by code."""
        wanted = DOMESTIC_CATEGORIES if self.imported else CATEGORIES
        return {code: name for code, name in wanted.items() if code in self.columns}


def recognises(cells: Cells) -> bool:
    """
    Tell whether a line of the file has the codes of this layout.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    bool
        True if one line has both ``TIU`` and ``GO``.
    """
    return any({"TIU", "GO"} <= set(row) for row in cells.rows)


def read(cells: Cells, manifest: Manifest) -> IOTable:
    r"""
    Read a table of the National Bureau of Statistics.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices and tolerance.

    Returns
    -------
    IOTable
        Sectors are labelled by their codes; imports are a negative column of final demand,
        the error column the category ``"errors"``. A non-competitive table has domestic flows
        only, and imported inputs among its primary inputs.

    Raises
    ------
    LayoutError
        If a code is unknown or missing.
    LabelError
        If rows and columns list the sectors differently.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a total is not the sum of its parts, or the table does not add up.

    Notes
    -----
    :math:`x = Z 1 + f_{101} + f_{102} + f_{103} + f_{201} + f_{202} + e - m + \varepsilon`. Of
    the final uses a non-competitive table gives total consumption in place of the first three.
    """
    return from_frame(cells, _frame(cells), manifest)


def from_frame(cells: Cells, frame: Frame, manifest: Manifest, **extra: Any) -> IOTable:
    """
    Read the numbers of a table whose codes are found.

    Parameters
    ----------
    cells : Cells
        The file.
    frame : Frame
        Where things stand.
    manifest : Manifest
        Units, prices and tolerance.
    **extra
        Further arguments of :func:`io_tables.from_arrays`.

    Returns
    -------
    IOTable
        As :func:`read` describes.

    Raises
    ------
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a total is not the sum of its parts, or the table does not add up.
    """
    tolerance = TOLERANCE if manifest.tolerance is None else manifest.tolerance
    manifest = manifest.model_copy(update={"tolerance": tolerance})
    grid, sectors, finals = Grid(cells, frame.lines, frame.columns), frame.sectors, frame.categories
    abroad = Grid(cells, frame.imported, frame.columns, grid.bad)
    flows = grid.block(sectors, sectors)
    demand = grid.block(sectors, list(finals))
    value_added = grid.block(list(COMPONENTS), sectors)
    totals = [c for c in ("TIU", *PARTS, "TFU", "GO") if c in frame.columns and c not in finals]
    side = {code: grid.column(code, sectors) for code in totals}
    foot = {code: grid.row(code, sectors) for code in ("TII", "TVA", "TI")}
    imported = abroad.block(list(frame.imported), sectors)
    grid.demand_numbers()

    use = dict(zip(finals, demand.T, strict=True))
    at_home = [use[c] for c in finals if c not in ("IM", "ERR")]
    sums = {"TIU": flows.sum(axis=1), "TFU": np.sum(at_home, axis=0)}
    sums |= {t: np.sum([use[p] for p in parts], axis=0) for t, parts in PARTS.items() if t in side}
    below = {
        "TII": flows.sum(axis=0) + imported.sum(axis=0),
        "TVA": value_added.sum(axis=0),
        "TI": side["GO"],
    }
    findings = [
        *wrong_totals("column", sectors, side, sums, tolerance),
        *wrong_totals("row", sectors, foot, below, tolerance),
    ]
    findings += _negative_imports(cells, use.get("IM"), tolerance)
    signs = [-1.0 if code == "IM" else 1.0 for code in finals]
    primary, names = value_added, list(COMPONENTS.values())
    if frame.imported:
        primary = np.vstack([value_added, imported.sum(axis=0)])
        names.append(IMPORTED_INPUTS)
    return assembled(
        cells.name,
        findings,
        manifest,
        sectors,
        transactions=flows,
        final_demand=demand * signs,
        categories=list(finals.values()),
        output=side["GO"],
        value_added=primary,
        components=names,
        located=_located(grid, frame),
        **extra,
    )


def _located(grid: Grid, frame: Frame) -> Located:
    """Where the labels stand; imported inputs are the sum of all lines of imports."""
    found = placed(grid, frame.sectors, COMPONENTS, frame.categories | {"GO": "output"})
    abroad = {IMPORTED_INPUTS: tuple(frame.imported.values())} if frame.imported else {}
    return Located({**found.rows, **abroad}, found.columns)


def _negative_imports(cells: Cells, imports: Array | None, tolerance: float) -> list[Finding]:
    """Say that imports have the wrong sign when none of them is positive."""
    if imports is None or (imports > -tolerance).any():
        return []
    return [
        Finding(
            "error",
            "imports are stored negative: the Bureau stores them positive, to be subtracted",
            f"{cells.name}, column IM",
            "change the sign of the column",
            BalanceError,
            "imports-sign",
        )
    ]


def _frame(cells: Cells) -> Frame:
    """Find codes of rows and columns by content."""
    top = next(i for i, row in enumerate(cells.rows) if {"TIU", "GO"} <= set(row))
    header, body = [label(c) for c in cells.rows[top]], list(enumerate(cells.rows))[top + 1 :]
    foot = next((i for i, row in body if "TII" in row), None)
    if foot is None:
        raise LayoutError(
            f"{cells.name}: no row TII (total intermediate input) below line {top + 1}: "
            "is the file cut off?"
        )
    code_at = cells.rows[foot].index("TII")
    coded = [(label(row[code_at]) if code_at < len(row) else "", i) for i, row in body]
    abroad = [(code, i) for code, i in coded if i < foot and "Imports" in cells.rows[i]]
    at_home = [pair for pair in coded if pair not in abroad]
    codes = [code for code, _ in at_home]
    sectors = codes[: codes.index("TII")]
    first = header.index("TIU")
    words = {i for i, cell in enumerate(cells.rows[foot][:first]) if not _numeric(cell)}
    own = [c for i, c in enumerate(header[:first]) if i not in words]
    refuse(
        cells.name,
        [
            *label_findings(sectors, "row"),
            *label_findings([code for code, _ in abroad], "imported row"),
            *label_findings(own, "column"),
            *code_findings("row", codes[len(sectors) :], ROW_CODES, ROW_CODES),
            *code_findings(
                "column",
                [c for c in header[first:] if c],
                COLUMN_CODES,
                ("TIU", *(DOMESTIC_CATEGORIES if abroad else list(CATEGORIES)[:-1]), "GO"),
            ),
        ],
    )
    same_labels(own, sectors, f"{cells.name}: columns against rows")
    if abroad:
        same = [code for code, _ in abroad]
        same_labels(same, sectors, f"{cells.name}: imported against domestic rows")
    columns = {c: i for i, c in enumerate(header) if i not in words}
    return Frame(sectors, columns, dict(at_home), dict(abroad))


def _numeric(cell: object) -> bool:
    """Whether a cell could be a number."""
    return text(cell)[:1] in tuple("+-.0123456789")
