"""
Small tables in the style of Eurostat's manual: domestic flows, imports and taxes as rows.

Lines are labelled by the column whose words are also heads of columns; totals, final uses and
primary inputs have the names that the manual's examples use (``output_bp``, ``gva_bp``,
``final_consumption_households`` ...). Comma or semicolon separated. Printed totals are compared
with the sums of their parts, because these publications have slips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from io_tables.cells import Cells, read_cells
from io_tables.checks import label_findings
from io_tables.errors import LayoutError, ManifestError, did_you_mean
from io_tables.manifest import Manifest
from io_tables.readers.assemble import assembled
from io_tables.readers.grid import (
    Array,
    Grid,
    as_warnings,
    code_findings,
    label,
    placed,
    same_year,
    text,
    wrong_totals,
    year_in,
)
from io_tables.report import Finding, refuse
from io_tables.table import EXPORTS, IMPORTED_INPUTS, PRODUCT_TAXES, IOTable

DEFAULTS: dict[str, object] = {
    "units": "10^6 EUR",
    "source": "Eurostat, Manual of Supply, Use and Input-Output Tables, 2008, example",
}
PRICES = "current basic prices {year}"
OPTIONS = ("emissions", "emission_units")
COMPANIONS = ("emissions",)
TOLERANCE = 0.5  # 10^6: printed sums of whole numbers are exact but for slips
PRIVATE, NON_PROFIT = "final_consumption_private", "non-profit institutions"
FINAL = {
    "consumption_expenditure_household": "households",
    "final_consumption_households": "households",
    "consumption_expenditure_government": "government",
    "final_consumption_government": "government",
    "gross_capital_formation": "fixed capital",
    "gross_fixed_capital_formation": "fixed capital",
    "inventory_change": "inventories",
    "export_goods_services": EXPORTS,
    "exports": EXPORTS,
}
IMPORTED = ("import_goods_services", "imports")
TAXES = ("net_tax_production", "net_tax")  # on products; the other taxes have "_other"
COMPONENTS = {
    "compensation_employees": "compensation of employees",
    "net_tax_production_other": "other net taxes on production",
    "consumption_fixed_capital": "consumption of fixed capital",
    "operating_surplus_net": "net operating surplus",
}
ADDED = ("gva_bp", "value_added_bp")
OUTPUT = "output_bp"
SUMS = ("total", "TOTAL")
INPUTS = ("intermediate_consumption_pp", "total_use_pp")
USES = ("output_bp", "total_use")
NOT_MONEY = ("wage_salary_earner", "self_employed", "employment_total")
ROWS = (*SUMS, *IMPORTED, *TAXES, *INPUTS, *COMPONENTS, *ADDED, OUTPUT, *NOT_MONEY)
COLUMNS = (*SUMS, PRIVATE, *FINAL, *USES)
ALIASES = {"industry_group": "manufacturing_group", "construction": "construction_group"}
TOTAL_EMISSIONS = "Total"


def recognises(cells: Cells) -> bool:
    """
    Tell whether the first line has final uses and totals under the manual's names.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    bool
        True if it has two or more of them.
    """
    return len({text(c) for c in _commas(cells).rows[0]} & {*FINAL, *USES}) > 1


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
    Read a small table.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices and tolerance; ``options``: ``emissions`` a file of air emissions by
        branch, and ``emission_units``, which such a file does not say.

    Returns
    -------
    IOTable
        Domestic flows; imported inputs and taxes on products are primary inputs. Output is that
        of the columns. What only a tolerance above the default lets pass is a warning of
        :meth:`IOTable.check`.

    Raises
    ------
    LayoutError
        If a row or column is unknown or missing.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a printed total is not the sum of its parts: the row and column are named.
    ManifestError
        If emissions are given without their units.

    Notes
    -----
    :math:`x = Z_d 1 + f_d = 1 Z_d + m + t + v`. Private consumption is that of households and of
    non-profit institutions: where both private and households' consumption are printed, the
    difference is the category ``"non-profit institutions"``.
    """
    cells = _commas(cells)
    same_year(cells, manifest.year, year_in(cells.name))
    tolerance = TOLERANCE if manifest.tolerance is None else manifest.tolerance
    manifest = manifest.model_copy(update={"tolerance": tolerance})
    grid, sectors = _grid(cells)
    flows = grid.block(sectors, sectors)
    use = _final_uses(grid, sectors)
    primary = _primary_inputs(grid, sectors)
    foot = {code: grid.row(code, sectors) for code in (*SUMS, *INPUTS, *ADDED) if code in grid.rows}
    output = grid.row(OUTPUT, sectors)
    side = {c: grid.column(c, sectors) for c in (*SUMS, *USES) if c in grid.columns}
    grid.demand_numbers()

    inner = flows.sum(axis=0)
    outside = primary[IMPORTED_INPUTS] + primary[PRODUCT_TAXES]
    added = np.sum([v for k, v in primary.items() if k not in (IMPORTED_INPUTS, PRODUCT_TAXES)], 0)
    total = flows.sum(axis=1) + np.sum(list(use.values()), axis=0)
    below = {**dict.fromkeys(SUMS, inner), **dict.fromkeys(INPUTS, inner + outside)}
    below |= dict.fromkeys(ADDED, added)
    beside = {**dict.fromkeys(SUMS, flows.sum(axis=1)), **dict.fromkeys(USES, total)}

    def wrong(limit: float) -> list[Finding]:
        """Printed totals that miss their parts by more than a limit."""
        return [
            *wrong_totals("row", sectors, foot, below, limit),
            *wrong_totals("column", sectors, side, beside, limit),
        ]

    findings = wrong(tolerance)
    if tolerance > TOLERANCE:
        findings += as_warnings([f for f in wrong(TOLERANCE) if f not in findings])
    parts: dict[str, Any] = {}
    if "emissions" in manifest.options:
        manifest, parts = _with_emissions(manifest, sectors)
    return assembled(
        cells.name,
        findings,
        manifest,
        sectors,
        transactions=flows,
        final_demand=np.column_stack(list(use.values())),
        categories=list(use),
        output=output,
        value_added=np.vstack(list(primary.values())),
        components=list(primary),
        located=placed(grid, sectors),
        **parts,
    )


def emissions(path: str, sectors: Sequence[str]) -> tuple[dict[str, Array], dict[str, float]]:
    """
    Read air emissions by branch and households.

    Parameters
    ----------
    path : str
        CSV file: a line for each pollutant, a column for each branch, for households and for
        the total.
    sectors : sequence of str
        Branches wanted, in order.

    Returns
    -------
    dict of str to numpy.ndarray
        By pollutant and branch. The line ``Total`` adds tonnes of different gases and is left.
    dict of str to float
        By pollutant, of households.

    Raises
    ------
    LayoutError
        If a branch is unknown or missing.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a printed total is not the sum of its parts, beyond rounding.
    """
    cells = _commas(read_cells(path))
    header = [ALIASES.get(text(c), text(c)) for c in cells.rows[0]]
    own = "final_consumption_households"
    refuse(cells.name, code_findings("column", header[1:], [*sectors, own, OUTPUT]))
    gases = {text(row[0]): i for i, row in enumerate(cells.rows) if i and row and text(row[0])}
    gases.pop(TOTAL_EMISSIONS, None)
    grid = Grid(cells, gases, {c: j for j, c in enumerate(header)})
    values = grid.block(list(gases), [*sectors, own])
    total = grid.column(OUTPUT, list(gases))
    grid.demand_numbers()
    rounding = 0.5 * (len(sectors) + 2)
    sums = {OUTPUT: values.sum(axis=1)}
    refuse(cells.name, wrong_totals("column", list(gases), {OUTPUT: total}, sums, rounding))
    return (
        {gas: values[i, :-1] for i, gas in enumerate(gases)},
        {gas: float(values[i, -1]) for i, gas in enumerate(gases)},
    )


def _with_emissions(manifest: Manifest, sectors: Sequence[str]) -> tuple[Manifest, dict[str, Any]]:
    """Satellites and households, with the unit that the caller states."""
    path, units = str(manifest.options["emissions"]), manifest.options.get("emission_units")
    if units is None:
        raise ManifestError(
            f"{path}: the file of emissions does not say its unit: give emission_units=, "
            'for example "kt"'
        )
    branches, households = emissions(path, sectors)
    scope = manifest.scope or "direct"
    parts: dict[str, Any] = {
        "satellites": {gas: (values, str(units)) for gas, values in branches.items()},
        "households": {gas: (value, str(units)) for gas, value in households.items()},
    }
    step = f"air emissions by branch from {path.rsplit('/', 1)[-1]}, scope taken as {scope}"
    update = {"scope": scope, "method": (*manifest.method, step)}
    return manifest.model_copy(update=update), parts


def _final_uses(grid: Grid, sectors: Sequence[str]) -> dict[str, Array]:
    """Final uses by category; private consumption is split where its part is printed."""
    use = {FINAL[c]: grid.column(c, sectors) for c in grid.columns if c in FINAL}
    if PRIVATE in grid.columns:
        private = grid.column(PRIVATE, sectors)
        if "households" in use:
            use[NON_PROFIT] = private - use["households"]
        else:
            use["private consumption"] = private
    return use


def _primary_inputs(grid: Grid, sectors: Sequence[str]) -> dict[str, Array]:
    """Imports, taxes on products, and value added by component as far as printed."""
    known = {COMPONENTS[c]: grid.row(c, sectors) for c in COMPONENTS if c in grid.rows}
    if len(known) < len(COMPONENTS):
        total = grid.row(_present(grid, ADDED), sectors)
        known["other value added"] = total - np.sum(list(known.values()), axis=0)
    bought = {
        IMPORTED_INPUTS: grid.row(_present(grid, IMPORTED), sectors),
        PRODUCT_TAXES: grid.row(_present(grid, TAXES), sectors),
    }
    return {**known, **bought}


def _present(grid: Grid, names: Sequence[str]) -> str:
    """Which of several names the sheet uses for a row."""
    return next((name for name in names if name in grid.rows), names[0])


def _grid(cells: Cells) -> tuple[Grid, list[str]]:
    """Find the column of labels, the branches, and every other row and column by name."""
    header = [label(c) for c in cells.rows[0]]
    body = [(i, row) for i, row in enumerate(cells.rows) if i]
    heads = set(header)

    def hits(at: int) -> int:
        return sum(label(row[at]) in heads for _, row in body if at < len(row))

    at = max(range(len(header)), key=hits)
    labels = [(label(row[at]) if at < len(row) else "", i) for i, row in body]
    rows = [code for code, _ in labels]
    end = next((i for i, code in enumerate(rows) if code in ROWS), len(rows))
    sectors = rows[:end]
    first = next((j for j, c in enumerate(header) if j > at and c in sectors), at + 1)
    columns = header[first:]
    refuse(
        cells.name,
        [
            *label_findings(sectors, "row"),
            *code_findings("row", rows[end:], ROWS, [OUTPUT]),
            *code_findings("column", columns, [*sectors, *COLUMNS], sectors),
            *_one_of("row", rows, IMPORTED),
            *_one_of("row", rows, TAXES),
            *_one_of("row", rows, ADDED),
            *_one_of("column", columns, USES),
        ],
    )
    places: Mapping[str, int] = {c: j for j, c in enumerate(header) if j >= first}
    return Grid(cells, dict(labels), places), sectors


def _one_of(axis: str, found: Sequence[str], names: Sequence[str]) -> list[Finding]:
    """Demand a row or column that goes by one of several names."""
    if any(name in found for name in names):
        return []
    hint = did_you_mean(names[0], found)
    what = f"is missing (also called {', '.join(names[1:])})"
    return [Finding("error", what, f"{axis} {names[0]}", hint, LayoutError)]


def _commas(cells: Cells) -> Cells:
    """Split the cells of a file that is separated by semicolons."""
    if any(len(row) > 1 for row in cells.rows) or ";" not in "".join(map(str, cells.rows[0])):
        return cells
    return Cells(cells.name, [str(row[0]).split(";") if row else [] for row in cells.rows])
