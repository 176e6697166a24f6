"""Capital goods as inputs of the sectors that wear them out: the matrix K of A* = A + K."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from handprint.alignment import Array, ArrayInput, demand_labels, read
from handprint.errors import HandprintError, InterventionError, OptionError, ShapeError, listed
from handprint.guards import TABLE, TEXT, checked
from io_tables import IOTable
from io_tables.errors import did_you_mean

FIXED_CAPITAL, DEPRECIATION = "fixed capital", "depreciation"
ROUNDING = 1e-9  # share of a flow that counts as rounding

Volume = Literal["replacement", "all"]


@checked(table=TABLE, by=TEXT, volume=TEXT, category=TEXT)
def capital_coefficients(
    table: IOTable,
    by: str = DEPRECIATION,
    *,
    volume: Volume = "replacement",
    category: str = FIXED_CAPITAL,
) -> xr.DataArray:
    r"""
    Spread the fixed-capital column of a table over the sectors that use the goods.

    Parameters
    ----------
    table : IOTable
        With a fixed-capital category and the component ``by``.
    by : str
        Component of value added that says how much capital each sector uses, for example
        ``"depreciation"`` or ``"operating surplus"``.
    volume : {"replacement", "all"}
        How much becomes input: what depreciation replaces, or all fixed capital formation,
        growth of the stock included.
    category : str
        Name of the fixed-capital category.

    Returns
    -------
    xarray.DataArray
        Capital use K per unit of output, dims (sector, purchaser) [table units per table
        units].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If table, category, component and volume do not fit; all problems are listed.

    Notes
    -----
    With fixed capital formation f of product i, F its sum, :math:`w_j` the component ``by`` of
    sector j as a share of its sum, and V the volume (F, or the sum of depreciation):

    .. math:: K_{ij} = \frac{f_i}{F}\, V\, \frac{w_j}{x_j}

    Assumption: all sectors buy capital goods in the same mix, that of the column. No investment
    by user is known to the table; where a capital flow matrix exists, give that one instead.
    Capital that is endogenous is the flow-matrix approach of Södersten et al. [1]_.

    References
    ----------
    .. [1] C.-J. Södersten, R. Wood and E. G. Hertwich, Endogenizing capital in MRIO models: the
       implications for consumption-based accounting, Environmental Science & Technology 52
       (2018) 13250-13259.
    """
    _refuse_choice(table, by, volume, category)
    goods = table.final_demand.sel(category=category).values
    use = np.asarray(table.primary_inputs.sel(component=by).values)
    output = table.output.values
    total = goods.sum()
    if volume == "replacement":
        total = float(table.primary_inputs.sel(component=DEPRECIATION).sum())
    per_output = np.divide(use, output, out=np.zeros_like(use), where=output > 0)
    matrix = np.outer(goods / goods.sum(), per_output) * (total / use[output > 0].sum())
    return xr.DataArray(
        matrix,
        coords={"sector": table.sectors, "purchaser": table.sectors},
        dims=("sector", "purchaser"),
        name="capital_coefficients",
        attrs={
            "units": f"{table.units}/{table.units}",
            "long_name": "capital goods used per unit of output",
            "assumption": f"{category} ({volume}) spread by {by}, the same mix of goods for all",
            "category": category,
            "price_basis": table.price_basis,
            "source": table.source,
        },
    )


def _refuse_choice(table: IOTable, by: str, volume: str, category: str) -> None:
    """Name all that keeps the column from being spread."""
    components = [str(c) for c in table.primary_inputs["component"].values]
    problems = []
    if category not in table.categories:
        problems.append(f"no category {category!r}; {did_you_mean(category, table.categories)}")
    else:
        goods = table.final_demand.sel(category=category).values
        problems += _negative(table, goods, category)
        if goods.sum() <= 0:
            problems.append(f"{category} is zero")
    if by not in components:
        problems.append(f"by: no component {by!r}; {did_you_mean(by, components)}")
    else:
        use = np.asarray(table.primary_inputs.sel(component=by).values)
        problems += _negative(table, use, by)
        if use[table.output.values > 0].sum() <= 0:
            problems.append(f"{by} is zero")
    if volume not in ("replacement", "all"):
        problems.append(f"volume is {volume!r}, needed 'replacement' or 'all'")
    elif volume == "replacement" and DEPRECIATION not in components:
        problems.append(f"no component {DEPRECIATION!r} to replace: choose volume='all'")
    elif volume == "replacement" and not problems:
        worn = float(table.primary_inputs.sel(component=DEPRECIATION).sum())
        made = float(table.final_demand.sel(category=category).sum())
        if worn > made * (1 + ROUNDING):
            problems.append(
                f"{DEPRECIATION} of {worn:g} exceeds {category} of {made:g}: capital shrinks; "
                "choose volume='all'"
            )
    if problems:
        raise OptionError(f"capital of table {table.name}: {'; '.join(problems)}")


def _negative(table: IOTable, values: Array, what: str) -> list[str]:
    wrong = [table.sectors[i] for i in np.flatnonzero(values < 0)]
    return [f"{what} is negative in {listed(wrong)}: correct or aggregate"] if wrong else []


def read_capital(capital: ArrayInput, table: IOTable) -> Array:
    r"""
    Take a capital matrix and prove that final demand can give what it uses.

    Parameters
    ----------
    capital : array_like
        Capital goods used per unit of output, dims (sector, purchaser).
    table : IOTable
        Its base economy.

    Returns
    -------
    numpy.ndarray
        K, shape (sector, purchaser).

    Raises
    ------
    InterventionError
        Listing wrong labels, negative cells, and sectors whose capital use :math:`(K x)_i` is
        larger than fixed capital formation, or than final demand where the table has no
        fixed-capital category.
    """
    block = read(capital, "capital", dims=("sector", "purchaser"))
    n = len(table.sectors)
    if block.values.shape != (n, n):
        raise ShapeError(f"capital has shape {block.values.shape}, needed ({n}, {n})")
    problems = []
    for labels, what in zip(block.labels, ("capital, rows", "capital, columns"), strict=True):
        try:
            demand_labels(labels, table.transactions.indexes["sector"], what)
        except HandprintError as problem:
            problems.append(str(problem))
    problems = problems or _excess(block.values, table, _category(capital, table))
    if problems:
        raise InterventionError("; ".join(problems))
    return block.values


def _category(capital: ArrayInput, table: IOTable) -> str | None:
    """Category that capital goods are taken from; None for final demand as a whole."""
    stated = capital.attrs.get("category") if isinstance(capital, xr.DataArray) else None
    name = stated or FIXED_CAPITAL
    return str(name) if name in table.categories else None


def _excess(k: Array, table: IOTable, category: str | None) -> list[str]:
    """Cells below zero and rows above what is there."""
    sectors = table.sectors
    problems = [
        f"capital [{sectors[i]}, {sectors[j]}] is {k[i, j]:g}, needed a number from 0"
        for i, j in np.argwhere(k < 0)[:5]
    ]
    used = k @ table.output.values
    demand = table.final_demand.transpose("sector", "category")
    made = demand.values.sum(axis=1) if category is None else demand.sel(category=category).values
    slack = table.tolerance + ROUNDING * np.abs(made)
    above = np.flatnonzero(used > np.maximum(made, 0) + slack)
    if len(above):
        named = ", ".join(f"{sectors[i]} ({used[i]:.6g} of {made[i]:.6g})" for i in above)
        problems.append(
            f"capital uses more than {category or 'final demand'} has in {named}: base output "
            "would change"
        )
    return problems
