"""Update a table to new margins by GRAS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from io_tables.arrays import labelled, matrix, quantity
from io_tables.balance import Fixed, balance
from io_tables.checks import value_findings
from io_tables.errors import BalanceError, MissingValueError, TableError, UnitError
from io_tables.kinds import demand_table
from io_tables.multipliers import per_output
from io_tables.report import Finding, as_error
from io_tables.scaling import root, tolerance_for
from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
Accounts = Mapping[str, tuple[object, str]] | Literal["intensity"]


def update(
    table: IOTable,
    *,
    output: object,
    source: str,
    price_basis: str,
    final_demand: object | None = None,
    sales: object | None = None,
    value_added: object | None = None,
    purchases: object | None = None,
    satellites: Accounts | None = None,
    households: Mapping[str, tuple[float, str]] | None = None,
    fixed: Fixed | None = None,
    tolerance: float | None = None,
    max_iterations: int = 5000,
    name: str | None = None,
) -> IOTable:
    r"""
    Bring a table to new margins; the structure stays as near as they allow, signs are kept.

    Parameters
    ----------
    table : IOTable
        Table of another year.
    output : array_like or mapping
        New gross output by sector [units of the table].
    source, price_basis : str
        Where the margins come from, and their prices and year.
    final_demand : array_like, optional
        By sector and category, or totals by sector.
    sales : array_like or mapping, optional
        Intermediate sales by sector, in place of ``final_demand``.
    value_added : array_like, optional
        All primary inputs, by component and sector, or totals by sector.
    purchases : array_like or mapping, optional
        Intermediate purchases by sector, in place of ``value_added``.
    satellites : mapping or "intensity", optional
        New accounts, name -> (vector, unit); ``"intensity"`` keeps amounts per unit of output;
        default: none, because the old amounts belong to the old output.
    households : mapping, optional
        New direct amounts of households, name -> (number, unit). With ``"intensity"`` the old
        ones stay where none are given.
    fixed : array_like of bool or mapping, optional
        Flows that are known, see :func:`io_tables.balance.balance`.
    tolerance : float, optional
        Of the balancing; default what keeps the table within its own.
    max_iterations : int
        Of the balancing.
    name : str, optional
        Short name; default that of the table with "updated".

    Returns
    -------
    IOTable
        Checked; the history says from what and how well.

    Raises
    ------
    TableError
        If not exactly one of each pair is given, or the accounts are not understood.
    BalanceError
        If intermediate sales and purchases differ in total, or total final demand or value
        added cannot be met with the signs of its parts.
    InfeasibleError, ConvergenceError
        If the flows cannot meet the margins, naming rows and columns.

    Notes
    -----
    Row targets are :math:`u = x - f`, column targets :math:`v = x - w`; :math:`\sum u = \sum
    v` is the identity of final demand and value added. Flows by :func:`io_tables.gras`. Totals
    of final demand (or value added) are spread over the categories of each sector by the same
    formula with one factor for the row: :math:`p r - n / r = f` [1]_.

    References
    ----------
    .. [1] U. Temurshoev, R. E. Miller and M. C. Bouwmeester, A note on the GRAS method, Economic
       Systems Research 25, 2013, 361-367.

    Examples
    --------
    >>> import io_tables
    >>> old, new = (io_tables.load(f"china-{y}-cn8") for y in (2017, 2018))
    >>> guess = update(
    ...     old, output=new.output, final_demand=new.final_demand,
    ...     value_added=new.primary_inputs, source="NBS 2018", price_basis=new.price_basis)
    >>> wrong = abs(guess.transactions - new.transactions).sum() / new.transactions.sum()
    >>> round(float(wrong), 3)
    0.014
    """
    demand_table(table)
    if (final_demand is None) == (sales is None) or (value_added is None) == (purchases is None):
        raise TableError(
            "update: give final_demand or sales, and value_added or purchases: one of each pair"
        )
    if not source.strip():
        raise TableError("update: source is empty: say where the new margins come from")
    x = _vector(output, table, "output")
    f = _spread(table, x, final_demand, sales, "final demand")
    w = _spread(table, x, value_added, purchases, "value added")
    flows = table.transactions.values
    u = _cleared(x - f.values.sum(axis=1), x, flows, 1, table.tolerance)
    v = _cleared(x - w.values.sum(axis=0), x, flows, 0, table.tolerance)
    gap = float(u.sum() - v.sum())
    if abs(gap) > table.tolerance:
        raise BalanceError(
            f"update: intermediate sales sum to {u.sum():,.10g}, purchases to {v.sum():,.10g} "
            f"{table.units}: final demand and value added differ by {-gap:,.6g} in total; correct "
            "one of them, or scale it to the other's total"
        )
    note = ""
    if abs(gap) > 1e-15 * np.abs(u).sum() and v.sum():
        v = v * (u.sum() / v.sum())
        note = f", purchases scaled by a gap of {gap:.3g} {table.units}"
    if tolerance is None:
        tolerance = tolerance_for(table.tolerance, float(max(np.abs(u).max(), np.abs(v).max())))
    done = balance(
        table.transactions, u, v, fixed=fixed, tolerance=tolerance, max_iterations=max_iterations
    )
    about = {"units": table.units, "price_basis": price_basis, "source": source}
    accounts, own, step = _accounts(table, x, satellites, households)
    history = (*table.history, f"updated to {source} by {done.report}{note}; {step}")
    return replace(
        table,
        transactions=table.transactions.copy(data=done.matrix.values).assign_attrs(about),
        final_demand=f.assign_attrs(about),
        output=table.output.copy(data=x).assign_attrs(about),
        primary_inputs=w.assign_attrs(about),
        satellites=accounts,
        households=own,
        source=source,
        price_basis=price_basis,
        scope=table.scope if accounts else None,
        name=name or f"{table.name} updated",
        history=history,
    )


def _cleared(target: Array, x: Array, flows: Array, axis: int, tolerance: float) -> Array:
    """Clear rounding: dust of the subtraction, and gaps of rows that have no flows."""
    dust = np.abs(target) <= 1e-12 * np.abs(x)
    unused = ~np.asarray(flows.any(axis=axis))
    return np.where(dust | (unused & (np.abs(target) <= tolerance)), 0.0, target)


def _vector(values: object, table: IOTable, what: str) -> Array:
    """Read a vector by sector; missing numbers are refused."""
    if isinstance(values, Mapping):
        values = pd.Series(values)
    array = np.asarray(labelled(values, table.sectors, what).values, dtype=float)
    bad = np.flatnonzero(~np.isfinite(array)).tolist()
    if bad:
        fix = "give the number; write 0 only if it is zero"
        found = [
            Finding(
                "error",
                f"{what} is {array[i]}",
                f"sector {table.sectors[i]}",
                fix,
                MissingValueError,
            )
            for i in bad
        ]
        raise as_error(f"update, {what}", found)
    return array


def _spread(
    table: IOTable, x: Array, whole: object | None, rest: object | None, what: str
) -> xr.DataArray:
    """New final demand or value added: as given, or totals spread over the old parts."""
    demand = what == "final demand"
    old = table.final_demand if demand else table.primary_inputs
    if whole is not None and np.ndim(np.asarray(whole, dtype=object)) == 2:
        labels = (table.sectors, table.categories)
        if not demand:
            labels = ([str(c) for c in old["component"].values], table.sectors)
        dims = (str(old.dims[0]), str(old.dims[1]))
        new = matrix(whole, dims, labels, what)
        holes = list(value_findings(new, what))
        if holes:
            raise as_error("update", holes)
        return old.copy(data=new.values)
    if whole is not None:
        total = _vector(whole, table, what)
    else:
        total = x - _vector(rest, table, "sales" if demand else "purchases")
        total[np.abs(total) <= 1e-12 * np.abs(x)] = 0.0
    parts = old.values if demand else old.values.T
    up, down = np.maximum(parts, 0).sum(axis=1), np.maximum(-parts, 0).sum(axis=1)
    free = (up > 0) & (down > 0)
    stuck = ((total > 0) & (up == 0)) | ((total < 0) & (down == 0))
    if stuck.any():
        i = int(np.flatnonzero(stuck)[0])
        raise BalanceError(
            f"update: {what} of {table.sectors[i]} is {total[i]:,.6g}, but its parts "
            f"{parts[i].tolist()} cannot have this sum with their signs: give {what} by part"
        )
    factor = root(total, up, down, (total != 0) | free)
    back = np.divide(1.0, factor, out=np.zeros_like(factor), where=factor > 0)
    scaled = np.where(parts > 0, parts * factor[:, None], parts * back[:, None])
    return old.copy(data=scaled if demand else scaled.T)


def _accounts(
    table: IOTable,
    x: Array,
    satellites: Accounts | None,
    households: Mapping[str, tuple[float, str]] | None,
) -> tuple[dict[str, xr.DataArray], dict[str, xr.DataArray], str]:
    """Accounts of the new table, and what to say about them."""
    given = {k: quantity(v, k, None) for k, v in (households or {}).items()}
    if satellites is None:
        if given:
            raise UnitError("update: households without satellites: give the accounts by sector")
        return {}, {}, "accounts left out" if table.satellites else "no accounts"
    if satellites == "intensity":
        old = table.output.values
        lost = [
            s
            for i, s in enumerate(table.sectors)
            if old[i] == 0 and any(a.values[i] != 0 for a in table.satellites.values())
        ]
        if lost:
            raise TableError(
                f"update: {', '.join(lost)} had amounts but no output: there is no intensity to "
                "keep; give the accounts"
            )
        kept = {k: a.copy(data=per_output(a.values, old) * x) for k, a in table.satellites.items()}
        return kept, {**table.households, **given}, "accounts by the old intensities"
    if isinstance(satellites, str):
        raise TableError(f"update: satellites {satellites!r}: give a mapping or 'intensity'")
    new: dict[str, Any] = {k: quantity(v, k, table.sectors) for k, v in satellites.items()}
    return new, given, "accounts as given"
