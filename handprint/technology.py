"""Change of what the economy is made of: products within final demand, and inputs by GRAS."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.errors import ConvergenceError, DriverError
from io_tables import IOTable
from io_tables.balance import balance
from io_tables.errors import BalanceError, InfeasibleError
from io_tables.table import EXPORTS, IMPORTS

Array = npt.NDArray[np.float64]
CLOSE = 1e-13  # change of output between rounds, of the largest, that counts as none
ROUNDS = 2000


def reweighted(final_demand: xr.DataArray, weights: Array) -> xr.DataArray:
    r"""
    Shift each category of final demand towards some products; its total stays.

    Parameters
    ----------
    final_demand : xarray.DataArray
        Dims (sector, category), in this or the other order [units of the table].
    weights : numpy.ndarray
        Weight of each product against its share in the base year [1], (sector).

    Returns
    -------
    xarray.DataArray
        As given; imports are not a use and stay as they are.

    Raises
    ------
    DriverError
        If the weights leave a category nothing to scale: its products cancel.

    Notes
    -----
    :math:`y'_{ic} = y_{ic} w_i \sum_k y_{kc} / \sum_k y_{kc} w_k`.
    """
    weight = xr.DataArray(weights, coords={"sector": final_demand["sector"].values}, dims="sector")
    shifted = final_demand * weight
    before, after = final_demand.sum("sector"), shifted.sum("sector")
    for category in final_demand["category"].values:
        now, then = float(after.sel(category=category)), float(before.sel(category=category))
        if then != 0 and now / then <= 0 and category != IMPORTS:
            raise DriverError(
                f"structure: weights turn category {category} from {then:.6g} into {now:.6g}: it "
                "cannot be scaled back to its total; change the weights"
            )
    scale = (before / after.where(after != 0, 1.0)).where(before != 0, 1.0)
    kept = (shifted * scale).where(final_demand["category"] != IMPORTS, final_demand)
    found: xr.DataArray = kept.transpose(*final_demand.dims).assign_attrs(final_demand.attrs)
    return found


def with_inputs(table: IOTable, uses: Array, made_at_home: Array | None = None) -> IOTable:
    r"""
    Update the input coefficients of a table by GRAS to margins that some products gain on.

    Parameters
    ----------
    table : IOTable
        Projected, balanced.
    uses : numpy.ndarray
        Index of the intermediate use of each product per unit of its purchasers' output [1],
        (sector). All products together keep their share, so only their proportions matter.
    made_at_home : numpy.ndarray, optional
        Share of each product's use at home that is made there, where imports follow use [1],
        (sector).

    Returns
    -------
    IOTable
        Same final demand, value-added shares, and emissions per output; imports follow use
        where ``made_at_home`` is given.

    Raises
    ------
    ConvergenceError
        If margins and output do not settle.
    DriverError
        If a product without output is asked for, or no inputs fit the margins.

    Notes
    -----
    Margins: purchasers keep their share of intermediate inputs, :math:`v_j = x_j \sum_i a_{ij}`;
    use of a product is :math:`u_i = \lambda \rho_i (A x)_i` with :math:`\lambda` from
    :math:`\sum u = \sum v`; output is :math:`x = h (u + f) + e` with final demand at home f,
    exports e and the share h made at home (one without imports). They are found by repeated
    substitution; one GRAS brings :math:`A \hat x` to u and v, and its coefficients give output
    by the Leontief inverse.
    """
    base = table.output.values
    some = base != 0
    a = np.divide(table.transactions.values, base, out=np.zeros_like(table.transactions.values),
                  where=some[None, :])  # fmt: skip
    home, abroad, kept = _demand(table, made_at_home)
    output, used = _margins(table, a, uses, home, abroad, kept)
    flows = xr.DataArray(
        a * output,
        coords={"sector": table.sectors, "purchaser": table.sectors},
        dims=("sector", "purchaser"),
    )
    try:
        balanced = balance(flows, used, a.sum(axis=0) * output).matrix.values
    except (BalanceError, InfeasibleError) as error:
        raise DriverError(
            f"coefficients: no inputs of {table.name} fit the projected margins, state smaller "
            f"changes or cells where there are none: {error}"
        ) from error
    after = np.divide(balanced, output, out=np.zeros_like(balanced), where=some[None, :])
    system = np.eye(len(base)) - kept[:, None] * after
    made = np.where(some, np.linalg.solve(system, kept * home + abroad), 0.0)
    return _assembled(table, after * made, made, home + abroad, made_at_home is not None)


def _demand(table: IOTable, made_at_home: Array | None) -> tuple[Array, Array, Array]:
    """Final demand at home and abroad, and the share of use that is made at home."""
    given = table.final_demand.transpose("sector", "category")
    if made_at_home is None:
        whole = given.sum("category").values
        return whole, np.zeros_like(whole), np.ones_like(whole)
    exports = given["category"].isin([EXPORTS])
    imports = given["category"].isin([IMPORTS])
    home = given.where(~exports & ~imports, 0.0).sum("category").values
    return home, given.where(exports, 0.0).sum("category").values, made_at_home


def _margins(
    table: IOTable, a: Array, uses: Array, home: Array, abroad: Array, kept: Array
) -> tuple[Array, Array]:
    """Output, and intermediate use of each product, that fit together."""
    output = table.output.values
    idle = output == 0
    for _ in range(ROUNDS):
        wanted = uses * (a @ output)
        used = wanted * ((a.sum(axis=0) @ output) / wanted.sum())
        fresh = kept * (used + home) + abroad
        if (fresh[idle] != 0).any():
            name = table.sectors[int(np.flatnonzero(idle & (fresh != 0))[0])]
            raise DriverError(f"coefficients: {name} is used, but the table has no output of it")
        gap = float(np.abs(fresh - output).max())
        output = fresh
        if gap <= CLOSE * float(np.abs(output).max()):
            return output, used
    raise ConvergenceError(
        f"coefficients: margins and output of {table.name} do not settle in {ROUNDS} rounds (last "
        f"change {gap:.3g} {table.units}): state smaller changes of coefficients"
    )


def _assembled(
    table: IOTable, flows: Array, output: Array, demand: Array, imports: bool
) -> IOTable:
    """Put new flows and output into the table; the rest follows output."""
    base, paid = table.output.values, table.primary_inputs
    growth = np.divide(output, base, out=np.ones_like(base), where=base != 0)
    total = paid.transpose(..., "sector").values.reshape(-1, len(base)).sum(axis=0)
    left = output - flows.sum(axis=0)
    scale = np.divide(left, total, out=np.ones_like(left), where=total != 0)
    final_demand = table.final_demand
    if imports:
        final_demand = final_demand.copy(deep=True)
        final_demand.loc[{"category": IMPORTS}] = output - flows.sum(axis=1) - demand
    by_sector = xr.DataArray(scale, coords={"sector": table.sectors}, dims="sector")
    satellites = {
        name: account.copy(data=account.values * growth)
        for name, account in table.satellites.items()
    }
    return replace(
        table,
        transactions=table.transactions.copy(data=flows),
        final_demand=final_demand,
        output=table.output.copy(data=output),
        primary_inputs=(paid * by_sector).transpose(*paid.dims).assign_attrs(paid.attrs),
        satellites=MappingProxyType(satellites),
        history=(*table.history, "inputs updated by GRAS to projected margins"),
    )
