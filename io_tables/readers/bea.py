"""
Make and use tables of the US Bureau of Economic Analysis, summary level, after redefinitions.

The use table has commodities and value added in rows, industries and final uses in columns; the
make table has industries in rows, commodities in columns. An input-output table comes from the
two of them by a model of :func:`io_tables.from_supply_use`. Whole million dollars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from io_tables.arrays import same_labels
from io_tables.cells import Cells, read_cells
from io_tables.checks import label_findings
from io_tables.errors import LayoutError, ManifestError
from io_tables.manifest import Manifest
from io_tables.readers.grid import Grid, code_findings, label, same_year, wrong_totals, year_in
from io_tables.report import refuse
from io_tables.table import EXPORTS, IMPORTS, IOTable

DEFAULTS: dict[str, object] = {
    "units": "10^6 USD",
    "source": "US Bureau of Economic Analysis, make and use tables after redefinitions, summary",
}
PRICES = "current producers' prices {year}"
OPTIONS = ("make", "model", "names")
COMPANIONS = ("make", "names")
TOLERANCE = 8.0  # 10^6 USD: rows of 95 rounded cells
CATEGORIES = {
    "F010": "personal consumption",
    "F02S": "private structures",
    "F02E": "private equipment",
    "F02N": "private intellectual property",
    "F02R": "residential investment",
    "F030": "inventories",
    "F040": EXPORTS,
    "F050": IMPORTS,
    "F06C": "federal defense consumption",
    "F06S": "federal defense structures",
    "F06E": "federal defense equipment",
    "F06N": "federal defense intellectual property",
    "F07C": "federal nondefense consumption",
    "F07S": "federal nondefense structures",
    "F07E": "federal nondefense equipment",
    "F07N": "federal nondefense intellectual property",
    "F10C": "state and local consumption",
    "F10S": "state and local structures",
    "F10E": "state and local equipment",
    "F10N": "state and local intellectual property",
}
COMPONENTS = {
    "V001": "compensation of employees",
    "V002": "taxes on production and imports, less subsidies",
    "V003": "gross operating surplus",
}
INTERMEDIATE, FINAL = "Total Intermediate", "Total Final Uses (GDP)"
ADDED, INDUSTRY, COMMODITY = (
    "Total Value Added",
    "Total Industry Output",
    "Total Commodity Output",
)
USE_ROWS = (INTERMEDIATE, *COMPONENTS, ADDED, INDUSTRY)
USE_COLUMNS = (INTERMEDIATE, *CATEGORIES, FINAL, COMMODITY)


def recognises(cells: Cells) -> bool:
    """
    Tell whether the first line is that of a use or of a make table.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    bool
        True if it has total commodity or total industry output.
    """
    header = {label(c) for c in cells.rows[0]}
    return COMMODITY in header or INDUSTRY in header


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
    """
    Make an input-output table of a use table and its make table.

    Parameters
    ----------
    cells : Cells
        The use table.
    manifest : Manifest
        Units, prices and tolerance; ``options``: ``make`` the file of the make table, ``model``
        ``"A"`` to ``"D"`` (default), ``names`` a file of codes and names.

    Returns
    -------
    IOTable
        Product by product (A, B) or industry by industry (C, D); imports are a negative column.

    Raises
    ------
    LayoutError
        If this is a make table, or codes are wrong.
    ManifestError
        If no make table is given.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If totals are not the sums of their parts, or the two tables do not fit each other.
    """
    same_year(cells, manifest.year, year_in(cells.name))
    if "make" not in manifest.options:
        raise ManifestError(
            f"{cells.name}: a use or a make table alone is no input-output table: read the use "
            "table with make=PATH of the make table"
        )
    from io_tables.supply_use import from_supply_use

    tolerance = TOLERANCE if manifest.tolerance is None else manifest.tolerance
    use = _use(cells, tolerance)
    made = read_cells(str(manifest.options["make"]))
    same_year(made, manifest.year, year_in(made.name))
    make = _make(made, tolerance)
    same_labels(_list(make, "industry"), _list(use, "industry"), f"{made.name}: industries")
    same_labels(_list(make, "product"), _list(use, "product"), f"{made.name}: commodities")
    products = _list(use, "product")
    printed = {COMMODITY: use["product_output"].values}
    sums = {COMMODITY: make.sum("industry").values}
    refuse(cells.name, wrong_totals("column", products, printed, sums, tolerance))
    extra: dict[str, Any] = {
        "units": manifest.units,
        "price_basis": manifest.price_basis,
        "source": manifest.source,
        "tolerance": tolerance,
        "name": manifest.name,
        "history": manifest.method,
    }
    table: IOTable = from_supply_use(
        make.transpose("product", "industry"),
        use["use"],
        model=str(manifest.options.get("model", "D")),
        final_demand=use["final_demand"],
        value_added=use["value_added"],
        **extra,
    )
    return _titled(table, manifest)


def read_use(path: Path | str, *, tolerance: float = TOLERANCE) -> xr.Dataset:
    """
    Read a use table.

    Parameters
    ----------
    path : path
        CSV file.
    tolerance : float
        Largest difference between a printed total and its parts that counts as none [10^6 USD].

    Returns
    -------
    xarray.Dataset
        ``use`` (product, industry), ``final_demand`` (product, category), ``value_added``
        (component, industry), ``output`` (industry) and ``product_output`` (product) [10^6 USD].

    Raises
    ------
    LayoutError
        If it is another table, or codes are wrong.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If totals are not the sums of their parts.
    """
    return _use(read_cells(path), tolerance)


def read_make(path: Path | str, *, tolerance: float = TOLERANCE) -> xr.DataArray:
    """
    Read a make table.

    Parameters
    ----------
    path : path
        CSV file.
    tolerance : float
        Largest difference between a printed total and its parts that counts as none [10^6 USD].

    Returns
    -------
    xarray.DataArray
        Dims (industry, product) [10^6 USD].

    Raises
    ------
    LayoutError
        If it is another table, or codes are wrong.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If totals are not the sums of their parts.
    """
    return _make(read_cells(path), tolerance)


def read_names(path: Path | str) -> dict[str, str]:
    """
    Read the names of industries or commodities.

    Parameters
    ----------
    path : path
        CSV file of two columns, code and name.

    Returns
    -------
    dict of str to str
        Code -> name.

    Raises
    ------
    LayoutError
        If a line has no name, or a code stands there twice.
    """
    cells = read_cells(path)
    pairs = [(label(row[0]), label(row[1])) for row in cells.rows[1:] if len(row) > 1]
    if len(pairs) < len(cells.rows) - 1 or len(dict(pairs)) < len(pairs):
        raise LayoutError(f"{cells.name}: each line needs a code of its own and a name")
    return dict(pairs)


def _titled(table: IOTable, manifest: Manifest) -> IOTable:
    """Put the names of a companion beside the codes."""
    if "names" not in manifest.options:
        return table
    path = str(manifest.options["names"])
    names = read_names(path)
    absent = [code for code in table.sectors if code not in names]
    if absent:
        raise LayoutError(
            f"{Path(path).name}: no names of {', '.join(absent[:5])}: give the names of "
            "industries for models C and D, of commodities for A and B"
        )
    titles = ("sector", [names[code] for code in table.sectors])
    return replace(table, output=table.output.assign_coords(title=titles))


def _use(cells: Cells, tolerance: float) -> xr.Dataset:
    """Find codes of a use table and read it."""
    grid, products, industries = _grid(cells, USE_ROWS, USE_COLUMNS, "use")
    use = grid.block(products, industries)
    demand = grid.block(products, list(CATEGORIES))
    added = grid.block(list(COMPONENTS), industries)
    foot = {code: grid.row(code, industries) for code in (INTERMEDIATE, ADDED, INDUSTRY)}
    side = {code: grid.column(code, products) for code in (INTERMEDIATE, FINAL, COMMODITY)}
    grid.demand_numbers()
    below = {INTERMEDIATE: use.sum(axis=0), ADDED: added.sum(axis=0)}
    beside = {INTERMEDIATE: use.sum(axis=1), FINAL: demand.sum(axis=1)}
    below[INDUSTRY] = below[INTERMEDIATE] + below[ADDED]
    beside[COMMODITY] = beside[INTERMEDIATE] + beside[FINAL]
    refuse(
        cells.name,
        [
            *wrong_totals("row", industries, foot, below, tolerance),
            *wrong_totals("column", products, side, beside, tolerance),
        ],
    )
    units = {"units": DEFAULTS["units"]}
    return xr.Dataset(
        {
            "use": (("product", "industry"), use, units),
            "final_demand": (("product", "category"), demand, units),
            "value_added": (("component", "industry"), added, units),
            "output": ("industry", foot[INDUSTRY], units),
            "product_output": ("product", side[COMMODITY], units),
        },
        coords={
            "product": products,
            "industry": industries,
            "category": list(CATEGORIES.values()),
            "component": list(COMPONENTS.values()),
        },
    )


def _make(cells: Cells, tolerance: float) -> xr.DataArray:
    """Find codes of a make table and read it."""
    grid, industries, products = _grid(cells, (COMMODITY,), (INDUSTRY,), "make")
    make = grid.block(industries, products)
    foot = {COMMODITY: grid.row(COMMODITY, products)}
    side = {INDUSTRY: grid.column(INDUSTRY, industries)}
    grid.demand_numbers()
    refuse(
        cells.name,
        [
            *wrong_totals("row", products, foot, {COMMODITY: make.sum(axis=0)}, tolerance),
            *wrong_totals("column", industries, side, {INDUSTRY: make.sum(axis=1)}, tolerance),
        ],
    )
    return xr.DataArray(
        make,
        coords={"industry": industries, "product": products},
        dims=("industry", "product"),
        name="make",
        attrs={"units": DEFAULTS["units"]},
    )


def _grid(
    cells: Cells, foot: Sequence[str], side: Sequence[str], kind: str
) -> tuple[Grid, list[str], list[str]]:
    """Find the codes of rows and columns before and after the first total."""
    header = [label(c) for c in cells.rows[0]]
    lines = [(label(row[0]) if row else "", i) for i, row in enumerate(cells.rows) if i]
    rows, columns = [code for code, _ in lines], header[1:]
    if foot[0] not in rows or side[0] not in columns:
        raise LayoutError(
            f"{cells.name}: no row {foot[0]!r} or no column {side[0]!r}: not a {kind} table, or "
            "cut off"
        )
    end, last = rows.index(foot[0]), columns.index(side[0])
    refuse(
        cells.name,
        [
            *label_findings(rows[:end], "row"),
            *label_findings(columns[:last], "column"),
            *code_findings("row", rows[end:], foot),
            *code_findings("column", columns[last:], side),
        ],
    )
    places = {c: j for j, c in enumerate(header) if j}
    return Grid(cells, dict(lines), places), rows[:end], columns[:last]


def _list(array: xr.DataArray | xr.Dataset, dim: str) -> list[str]:
    """Labels of an axis."""
    return [str(v) for v in array[dim].values]
