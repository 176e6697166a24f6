"""
National tables of the OECD, edition 2021: total flows, 45 industries.

Columns ``Code, Description``, industries, ``HFCE NPISH GGFC GFCF INVNT CONS_ABR CONS_NONRES
EXPO IMPO``; imports are stored negative. Rows are industries, two rows of taxes on products,
``TTL_INT_FNL``, ``VALU`` and ``OUTPUT``. Numbers are rounded to a tenth of a million dollars.
"""

from __future__ import annotations

import numpy as np

from io_tables.arrays import same_labels
from io_tables.cells import Cells
from io_tables.checks import label_findings
from io_tables.errors import BalanceError, LayoutError
from io_tables.manifest import Manifest
from io_tables.readers.assemble import assembled
from io_tables.readers.grid import (
    Grid,
    code_findings,
    label,
    placed,
    same_year,
    text,
    wrong_totals,
    year_in,
)
from io_tables.report import Finding, refuse
from io_tables.table import EXPORTS, IMPORTS, PRODUCT_TAXES, IOTable

DEFAULTS: dict[str, object] = {
    "units": "10^6 USD",
    "source": "OECD, Input-Output Tables, 2021 edition",
}
PRICES = "current basic prices {year}"
TOLERANCE = 0.85  # 10^6 USD: rounding at 0.1; 0.8 was the largest gap seen in China's tables
CATEGORIES = {
    "HFCE": "households",
    "NPISH": "non-profit institutions",
    "GGFC": "government",
    "GFCF": "fixed capital",
    "INVNT": "inventories",
    "CONS_ABR": "purchases abroad by residents",
    "CONS_NONRES": "purchases by non-residents",
    "EXPO": EXPORTS,
    "IMPO": IMPORTS,
}
TAXES = ("TXS_IMP_FNL", "TXS_INT_FNL")
FOOT = (*TAXES, "TTL_INT_FNL", "VALU", "OUTPUT")


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
        True if it has households, exports and imports under the OECD's names.
    """
    return {"HFCE", "EXPO", "IMPO"} <= {text(c) for c in cells.rows[0]}


def facts(cells: Cells) -> dict[str, object]:
    """
    Read the year from the name of the file, which is all that tells it.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    dict
        ``year``, where the name has one.
    """
    year = year_in(cells.name)
    return {} if year is None else {"year": year}


def read(cells: Cells, manifest: Manifest) -> IOTable:
    r"""
    Read a national table.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices and tolerance.

    Returns
    -------
    IOTable
        Total flows; imports are a negative column of final demand, as the OECD stores them;
        taxes on products are a primary input and no part of value added.

    Raises
    ------
    LayoutError
        If a code is unknown or missing, or the year is another than stated.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If imports are stored positive, or the table does not add up within the tolerance.

    Notes
    -----
    :math:`x = Z 1 + F 1` with imports among the columns of F as negative numbers, and
    :math:`x = 1 Z + t_{abroad} + t_{home} + v`.
    """
    same_year(cells, manifest.year, year_in(cells.name))
    if manifest.tolerance is None:
        manifest = manifest.model_copy(update={"tolerance": TOLERANCE})
    tolerance = manifest.tolerance or 0.0
    grid, sectors = _grid(cells)
    flows = grid.block(sectors, sectors)
    demand = grid.block(sectors, list(CATEGORIES))
    foot = {code: grid.row(code, sectors) for code in FOOT}
    grid.demand_numbers()
    taxes = foot["TXS_IMP_FNL"] + foot["TXS_INT_FNL"]
    sums = {"TTL_INT_FNL": flows.sum(axis=0) + taxes}
    titles = [text(cells.rows[grid.rows[code]][1]) for code in sectors]
    imports = demand[:, list(CATEGORIES).index("IMPO")]
    wrong = np.flatnonzero(imports > tolerance).tolist()
    findings = [
        *wrong_totals("row", sectors, foot, sums, tolerance),
        *(
            Finding(
                "error",
                f"imports of {imports[i]:,.6g} are positive, the OECD stores them negative",
                f"{cells.name}, row {sectors[i]}, column IMPO",
                "is the sign changed, or the table of another publisher?",
                BalanceError,
                "balance",
                float(imports[i]),
            )
            for i in wrong
        ),
    ]
    return assembled(
        cells.name,
        findings,
        manifest,
        sectors,
        titles={"title": titles},
        transactions=flows,
        final_demand=demand,
        categories=list(CATEGORIES.values()),
        output=foot["OUTPUT"],
        value_added=np.vstack([foot["VALU"], taxes]),
        components=["value added", PRODUCT_TAXES],
        located=placed(grid, sectors, {"VALU": "value added"}, CATEGORIES),
    )


def _grid(cells: Cells) -> tuple[Grid, list[str]]:
    """Find codes of rows and columns."""
    header = [label(c) for c in cells.rows[0]]
    refuse(cells.name, code_findings("column", header[:2], ("Code", "Description")))
    lines = [(label(row[0]) if row else "", i) for i, row in enumerate(cells.rows) if i]
    codes = [code for code, _ in lines]
    foot = next((i for i, code in enumerate(codes) if code in FOOT), None)
    if foot is None:
        raise LayoutError(f"{cells.name}: none of the rows {', '.join(FOOT)}: is the file cut off?")
    sectors, columns = codes[:foot], header[2:]
    first = columns.index("HFCE")
    refuse(
        cells.name,
        [
            *label_findings(sectors, "row"),
            *label_findings(columns[:first], "column"),
            *code_findings("row", codes[foot:], FOOT),
            *code_findings("column", columns[first:], list(CATEGORIES)),
        ],
    )
    same_labels(columns[:first], sectors, f"{cells.name}: columns against rows")
    places = {c: j for j, c in enumerate(header) if j > 1}
    return Grid(cells, dict(lines), places), sectors
