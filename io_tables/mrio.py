"""Multi-region tables from pymrio: labels, units and totals are checked, not trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from io_tables.building import from_arrays
from io_tables.errors import (
    BalanceError,
    LabelError,
    MissingValueError,
    UnitError,
)
from io_tables.extensions import (
    BY_CATEGORY,
    Account,
    Taken,
    joined,
    taken,
    two_levels,
    unit_of_rows,
)
from io_tables.kinds import demand_text, shown
from io_tables.report import Finding
from io_tables.table import DISCREPANCY, IOTable, Scope

Array = npt.NDArray[np.float64]
_CORE = 1e-6  # a gap that counts as none, of the largest output


def from_pymrio(
    system: Any,
    *,
    satellites: Mapping[str, Account | tuple[Any, ...]] | None = None,
    price_basis: str,
    source: str,
    units: str | None = None,
    value_added: str | None = None,
    gap: Literal["refuse", "component"] = "refuse",
    scope: Scope | None = None,
    tolerance: float | None = None,
    name: str = "mrio",
    history: Sequence[str] = (),
    remarks: Sequence[Finding] = (),
) -> IOTable:
    r"""
    Make a checked table of a pymrio system.

    Parameters
    ----------
    system : pymrio.IOSystem
        With Z and Y, or A and Y; x is compared when it is there and computed when it is not.
    satellites : mapping, optional
        Name -> (extension, row) or (extension, row, unit). The row is its first label, its full
        key as a tuple, or a list of rows to be added up; the unit is what the account is converted
        to, or (factor, unit) where the extension's own unit is not known here.
    price_basis : str
        Prices and year.
    source : str
        Publisher and database, as it should be cited.
    units : str, optional
        Monetary unit; default, and compared with, the one that the system states.
    value_added : str, optional
        Extension with the components of value added; default: value added is what balances the
        columns, and nothing is compared.
    gap : {"refuse", "component"}
        What happens when columns with that extension miss output: an error, or a component
        ``"statistical discrepancy"`` and a warning in :meth:`IOTable.check`.
    scope : {"direct", "direct+purchased"}, optional
        Scope of the accounts.
    tolerance : float, optional
        Largest gap between a row or column and output; default 1e-6 of the largest output [units].
    name : str
        Short name.
    history : sequence of str
        Steps so far.
    remarks : sequence of Finding
        What was found so far.

    Returns
    -------
    IOTable
        Sectors ``region:industry`` with coordinates ``region`` and ``industry``, categories
        ``region:category``. Household amounts are the sum of ``F_Y``; by category they are the
        coordinate ``direct CO2`` of final demand.

    Raises
    ------
    LabelError
        If labels are not (region, industry) or (region, category), or tables do not meet.
    UnitError
        If units are missing, mixed, or other than said.
    BalanceError
        If x or A contradict Z and Y.
    MissingValueError
        If neither Z nor A is there, or a cell is missing.

    Notes
    -----
    :math:`x = Z 1 + Y 1`; with A alone :math:`x = (I - A)^{-1} Y 1` and :math:`Z = A \hat x`.
    L, B, G, multipliers and accounts that the system holds are not read.
    """
    steps = list(history)
    z, y, x = _core(system, steps)
    regions, industries = two_levels(z.index, "Z")
    own_regions, names = two_levels(y.columns, "columns of Y")
    categories = joined(own_regions, names)
    labels = joined(regions, industries)
    stated = unit_of_rows(getattr(system, "unit", None), labels, units)
    slack = _CORE * float(np.abs(x).max(initial=0.0)) if tolerance is None else tolerance
    _compare_coefficients(system, z, x, labels, slack)
    accounts = {
        key: taken(system, key, Account.of(given), labels, categories, x, steps)
        for key, given in (satellites or {}).items()
    }
    components, own = None, None
    notes = list(remarks)
    if value_added is not None:
        components, own = _primary(system, value_added, stated, labels, x, steps)
        rest = x - z.to_numpy(float).sum(axis=0) - own.sum(axis=0)
        if gap == "component" and np.abs(rest).max(initial=0.0) > slack:
            components, own = [*components, DISCREPANCY], np.vstack([own, rest])
            notes.append(_gap_remark(rest, x, stated, labels))
    table = from_arrays(
        z.to_numpy(float),
        y.to_numpy(float),
        sectors=industries,
        regions=regions,
        categories=categories,
        satellites={key: (account.by_sector, account.units) for key, account in accounts.items()},
        households={
            key: (float(account.by_category.sum()), account.units)
            for key, account in accounts.items()
            if account.by_category is not None
        },
        units=stated,
        price_basis=price_basis,
        source=source,
        scope=scope,
        output=x,
        tolerance=tolerance,
        value_added=own,
        components=components,
        name=name,
        history=steps,
        remarks=notes,
    )
    return _with_categories(table, accounts)


def _core(system: Any, steps: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, Array]:
    """Transactions, final demand and output; what is missing is computed and noted."""
    z, a, y, x = (getattr(system, key, None) for key in ("Z", "A", "Y", "x"))
    if y is None or (z is None and a is None):
        raise MissingValueError(
            "the system has no Y or neither Z nor A: parse or load the tables themselves, "
            "multipliers are not enough"
        )
    square: Any = a if z is None else z
    _same(square.columns, square.index, "columns of Z" if a is None else "columns of Z or A")
    _same(y.index, square.index, "rows of Y")
    demand = y.to_numpy(float).sum(axis=1)
    if x is not None:
        frame = x if isinstance(x, pd.DataFrame) else x.to_frame()
        if frame.shape[1] != 1:
            raise LabelError(f"x has {frame.shape[1]} columns: one is expected")
        _same(frame.index, square.index, "rows of x")
        output = frame.to_numpy(float)[:, 0]
    elif z is None:
        try:
            output = np.linalg.solve(np.eye(len(square)) - square.to_numpy(float), demand)
        except np.linalg.LinAlgError:
            raise BalanceError(
                "I - A is singular: output cannot be computed from A and Y"
            ) from None
        steps.append("x computed from A and Y: the system had none")
    else:
        output = z.to_numpy(float).sum(axis=1) + demand
        steps.append("x computed as row sums of Z and Y: the system had none")
    if z is None:
        z = square * output[None, :]
        steps.append("Z computed as A times x: the system had none")
    return z, y, np.asarray(output, dtype=float)


def _same(own: pd.Index, wanted: pd.Index, what: str) -> None:
    """Demand equal labels in equal order."""
    if own.nlevels == wanted.nlevels and len(own) == len(wanted) and list(own) == list(wanted):
        return
    odd = [str(o) for o in own.difference(wanted)][:3] if own.nlevels == wanted.nlevels else []
    raise LabelError(
        f"{what} do not carry the labels of the rows of Z"
        + (f": {', '.join(odd)} differ" if odd else " in the same order")
    )


def _compare_coefficients(
    system: Any, z: pd.DataFrame, x: Array, labels: Sequence[str], slack: float
) -> None:
    """Refuse an A that is not Z over x."""
    a = getattr(system, "A", None)
    if a is None:
        return
    _same(a.index, z.index, "rows of A")
    _same(a.columns, z.index, "columns of A")
    flows = z.to_numpy(float)
    if not (np.isfinite(flows).all() and np.isfinite(x).all()):
        return  # the table names the cells that are missing
    gaps = np.abs(a.to_numpy(float) * x[None, :] - flows)
    i, j = np.unravel_index(int(np.argmax(np.nan_to_num(gaps, nan=np.inf))), gaps.shape)
    if not gaps[i, j] <= slack:
        raise BalanceError(
            f"A and Z contradict each other by {gaps[i, j]:,.6g} in row {labels[int(i)]}, column "
            f"{labels[int(j)]}: reset the system and calculate A again"
        )


def _primary(
    system: Any, extension: str, units: str, labels: list[str], x: Array, steps: list[str]
) -> tuple[list[str], Array]:
    """Components of value added from an extension; those told by region are added up."""
    everything = taken(system, "value added", Account(extension, None), labels, None, x, steps)
    if everything.units != units:
        raise UnitError(
            f"extension {extension} is in {everything.units!r}, the table in {units!r}: convert it"
        )
    frame = everything.rows
    if "region" in (frame.index.names or []) and frame.index.nlevels > 1:
        kept = [str(n) for n in frame.index.names if n != "region"]
        frame = frame.groupby(level=kept, sort=False).sum()
        steps.append(f"{extension}: components added up over the region that they are paid in")
    keys = [k if isinstance(k, tuple) else (k,) for k in frame.index]
    return [": ".join(str(part) for part in key) for key in keys], frame.to_numpy(float)


def _gap_remark(rest: Array, x: Array, units: str, labels: Sequence[str]) -> Finding:
    """Say how far columns are from output."""
    at = int(np.argmax(np.abs(rest)))
    share = float(np.abs(rest).sum() / np.abs(x).sum())
    return Finding(
        "warning",
        f"inputs miss output by up to {rest[at]:,.6g} {units}, {share:.3%} of all output together",
        f"column {labels[at]}",
        f"the gap is the component {DISCREPANCY!r}: the database does not balance by columns",
        BalanceError,
    )


def _with_categories(table: IOTable, accounts: Mapping[str, Taken]) -> IOTable:
    """Keep direct amounts by category as coordinates of final demand."""
    coords = {
        BY_CATEGORY.format(name=key): ("category", account.by_category, {"units": account.units})
        for key, account in accounts.items()
        if account.by_category is not None
    }
    return (
        replace(table, final_demand=table.final_demand.assign_coords(coords)) if coords else table
    )


def region_totals(by_label: xr.DataArray, dim: str) -> xr.DataArray:
    """
    Add up by region.

    Parameters
    ----------
    by_label : xarray.DataArray
        Amounts by ``region:name``.
    dim : str
        Dim with these labels: ``"sector"``, ``"purchaser"`` or ``"category"``.

    Returns
    -------
    xarray.DataArray
        Dim ``region`` in place of it, regions in order of appearance.

    Raises
    ------
    LabelError
        If a label names no region.

    Examples
    --------
    >>> a = xr.DataArray([1, 2, 4], coords={"sector": ["A:x", "A:y", "B:x"]}, dims="sector")
    >>> region_totals(a, "sector").values.tolist()
    [3, 4]
    """
    if not isinstance(by_label, xr.DataArray):
        raise LabelError(f"by_label is {shown(by_label)}: give a DataArray")
    if demand_text(dim, "dim", LabelError) not in by_label.dims:
        raise LabelError(f"dim {dim!r} is none of {', '.join(map(str, by_label.dims))}")
    labels = [str(v) for v in by_label[dim].values]
    plain = [label for label in labels if ":" not in label]
    if plain:
        raise LabelError(f"{dim} {plain[0]!r} names no region: labels must read 'region:name'")
    regions = [label.partition(":")[0] for label in labels]
    key = xr.DataArray(regions, dims=dim, name="region")
    bare = by_label.drop_vars([c for c in by_label.coords if c not in by_label.dims])
    order = list(dict.fromkeys(regions))
    total: xr.DataArray = bare.groupby(key).sum().sel(region=order)
    return total.assign_attrs(by_label.attrs)
