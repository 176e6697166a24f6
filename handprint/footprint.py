"""Footprint accounts: who produces, who consumes, what crosses borders, and a closed ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.accounts import CLOSURE
from handprint.alignment import Array
from handprint.errors import LedgerError, UnknownSectorError
from handprint.footprint_accounts import Accounts, read_accounts
from handprint.guards import NAMES, TABLE, TEXT, WHOLE, checked
from handprint.leontief import Solver
from handprint.meaning import Meaning, variables
from handprint.warming import BASIS
from io_tables import IOTable
from io_tables.errors import did_you_mean
from io_tables.table import EXPORTS, IMPORTS

NOTE = "An account of burdens and activities: nothing in it is avoided."
NOTE_ZH = "负担与活动量的账户，不含任何减排量。"


def _account(name: str, name_zh: str, description: str, units: str = "amount") -> Meaning:
    return Meaning(name, name_zh, units, description, "account")


MEANINGS = {
    "multiplier": _account(
        "amount per unit of final demand", "单位最终需求完全量", "S (I - A)^-1.", "rate"
    ),
    "produced": _account(
        "direct, by region of origin", "生产侧（直接）", "Sum of e_i of a region."
    ),
    "consumed": _account("embodied in final demand, by region of use", "消费侧（隐含）", "T Y_r."),
    "consumed_product": _account(
        "embodied in final demand, by product", "消费侧，按产品", "By use and product."
    ),
    "source_to_use": _account(
        "from region of origin to region of use", "来源地区到使用地区", "Sum of s_i X_ir."
    ),
    "exports": _account("embodied in exports", "出口隐含", "Made here for use elsewhere."),
    "imports": _account("embodied in imports", "进口隐含", "Used here, made elsewhere."),
    "households": _account(
        "direct of households", "居民直接", "As stated; no part of other variables."
    ),
    "households_category": _account(
        "direct of households, by category", "居民直接，按最终需求类别", "As the table states it."
    ),
    "households_region": _account(
        "direct of households, by region", "居民直接，按地区", "Sum over categories of a region."
    ),
    "not_allocated": _account(
        "not allocated", "未分配", "Amounts without output, and gaps within the tolerance."
    ),
}
HOME, ABROAD = "domestic", "rest of world"
Groups: TypeAlias = tuple[npt.NDArray[np.intp], ...]


@dataclass(frozen=True, eq=False)
class _Places:
    """Regions and industries of the table, and final demand by region of use."""

    regions: list[str]
    industries: list[str]
    members: Groups
    makers: Groups
    demand: Array
    owners: list[int]  # region of each category; one past the last for demand from outside
    single: bool


@checked(table=TABLE, satellites=NAMES, gwp=TEXT, method=TEXT, memory=WHOLE)
def footprint(
    table: IOTable,
    satellites: Sequence[str] | None = None,
    *,
    gwp: str | None = None,
    trade: bool = True,
    method: str | None = None,
    memory: int | None = None,
) -> xr.Dataset:
    r"""
    Production- and consumption-based accounts of a table, by region.

    Parameters
    ----------
    table : IOTable
        With the accounts, scope "direct". Sectors with regions make it a world table, whose
        final-demand categories read ``region:category``.
    satellites : sequence of str, optional
        Accounts: gases, employment, energy; ``"value added"`` takes that of the table.
        All of the table's when missing.
    gwp : {"AR4", "AR5", "AR6"}, optional
        Turn the gases into CO2e with this set of 100-year potentials, and add their sum as
        stressor ``"GHG"``.
    trade : bool
        Whether to find which region's sectors work for which region's demand, and from it
        imports and exports; one solve for each region.
    method, memory : optional
        As :class:`handprint.Solver` takes them.

    Returns
    -------
    xarray.Dataset
        By stressor: ``multiplier`` (sector), ``produced`` (region), ``consumed`` (use),
        ``consumed_product`` (use, industry): embodied in what a region finally buys of each
        product; ``households``: direct, where the table has them, and no part of the others,
        with ``households_region`` (region) in a table of one region, and with
        ``households_category`` (category) too where the table says which category of final
        demand emits; what a region emits in all is ``produced`` and ``households_region``;
        ``not_allocated`` (reason); with trade ``source_to_use`` (region, use), ``imports``
        (use), ``exports`` (region). Each stressor has its ``units``, and ``gwp`` where one
        was applied, 0 for accounts that are no gas.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    LedgerError
        If the two sides differ by more than 1e-9 of the direct amounts, or household amounts
        by category do not add up to their sum.
    MissingSatelliteError, ScopeError
        If an account is missing or counts purchased electricity.
    UnknownSectorError
        If a category names no region of the table.
    UnitMismatchError
        If a gas is no mass, or the set of potentials is unknown.

    Notes
    -----
    With :math:`T = S (I - A)^{-1}` and :math:`Y_r` the final demand of region r, consumption
    is :math:`T Y_r`; with :math:`X = (I - A)^{-1} Y` the amounts that region q emits for r are
    :math:`\sum_{i \in q} s_i X_{ir}`, exports of q sum those for others [1]_. In a table of one
    region exports are those embodied in the category "exports", and imports those that the
    competitive imports would have caused if made at home; a table without an import column
    knows nothing of imports, so there are none in the result.

    References
    ----------
    .. [1] G. P. Peters, From production-based to consumption-based national emission
       inventories, Ecological Economics 65 (2008) 13-23.
    """
    accounts, places = read_accounts(table, satellites, gwp), _places(table)
    output = table.output.values
    s = np.divide(accounts.direct, output, out=np.zeros_like(accounts.direct), where=output > 0)
    solver = Solver(table, method=method, memory=memory)
    t = solver.multipliers(s)
    m = t.values
    idle = np.where(output > 0, 0.0, accounts.direct)
    pulled = table.transactions.values.sum(axis=1)
    gap = output - pulled - table.final_demand.values.sum(axis=1)
    found: dict[str, Any] = {
        "multiplier": (("stressor", "sector"), m),
        "produced": (("stressor", "region"), _by_group(accounts.direct, places.members)),
        "consumed": (("stressor", "use"), m @ places.demand),
        "consumed_product": (("stressor", "use", "industry"), _by_product(m, places)),
        "not_allocated": (
            ("stressor", "reason"),
            np.stack([idle.sum(axis=1), m @ gap], axis=1),
        ),
    }
    found |= _homes(table, accounts, places)
    if places.single:
        found |= _abroad(table, m)
    elif trade:
        found |= _trade(places, s, solver.output(places.demand).values)
    return _labelled(table, accounts, places, found, t, gwp)


def _homes(table: IOTable, accounts: Accounts, places: _Places) -> dict[str, Any]:
    """Direct amounts of households: in sum, by category and by region as far as these are known."""
    if not accounts.known:
        return {}
    found: dict[str, Any] = {"households": ("stressor", accounts.households)}
    own = accounts.by_category
    if own is not None:
        found["households_category"] = (("stressor", "category"), own)
        owners, count = np.array(places.owners), len(places.regions)
        if own[:, owners == count].any():
            raise LedgerError(
                f"table {table.name} books household emissions on demand from outside its regions: "
                "give them to a category of a region"
            )
        regions = np.stack([own[:, owners == r].sum(axis=1) for r in range(count)], axis=1)
        found["households_region"] = (("stressor", "region"), regions)
    elif places.single:
        found["households_region"] = (("stressor", "region"), accounts.households[:, None])
    return found


def _abroad(table: IOTable, m: Array) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Exports and competitive imports of a table of one region, as far as it has them."""
    found: dict[str, tuple[tuple[str, ...], Array]] = {}
    for category, name, dim, sign in (
        (EXPORTS, "exports", "region", 1),
        (IMPORTS, "imports", "use", -1),
    ):
        if category in table.categories:
            column = table.final_demand.values[:, table.categories.index(category)]
            found[name] = (("stressor", dim), sign * (m @ column)[:, None])
    return found


def _trade(places: _Places, s: Array, x: Array) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Amounts by source and use, and what crosses borders."""
    flows = np.stack([s[:, own] @ x[own] for own in places.members], axis=1)
    width = len(places.regions)
    home = np.zeros((len(s), flows.shape[2]))
    home[:, :width] = np.einsum("krr->kr", flows[:, :, :width])
    return {
        "source_to_use": (("stressor", "region", "use"), flows),
        "exports": (("stressor", "region"), flows.sum(axis=2) - home[:, :width]),
        "imports": (("stressor", "use"), flows.sum(axis=1) - home),
    }


def _by_group(values: Array, members: Groups) -> Array:
    """Add up sectors, the last axis, by group."""
    return np.stack([values[..., own].sum(axis=-1) for own in members], axis=-1)


def _by_product(m: Array, places: _Places) -> Array:
    """Embodied amounts by use and product, whatever region the product comes from."""
    if places.single:
        return np.asarray(m[:, None, :] * places.demand.T)
    parts = [m[:, own] @ places.demand[own] for own in places.makers]
    return np.stack(parts, axis=-1)


def _labelled(
    table: IOTable,
    accounts: Accounts,
    places: _Places,
    found: dict[str, Any],
    t: xr.DataArray,
    gwp: str | None,
) -> xr.Dataset:
    """Put labels and units on the accounts, and refuse them if they do not close."""
    outside = [ABROAD] if places.demand.shape[1] > len(places.regions) else []
    coords: dict[str, Any] = {
        "stressor": accounts.names,
        "units": ("stressor", accounts.units),
        **({"gwp": ("stressor", accounts.factors)} if gwp else {}),
        "sector": table.sectors,
        "region": places.regions,
        "use": [*places.regions, *outside],
        "industry": places.industries,
        "reason": ["zero output", "unbalanced row"],
        **({"category": table.categories} if "households_category" in found else {}),
    }
    units = {"amount": accounts.common, "rate": f"({accounts.common})/{table.units}"}
    book = xr.Dataset(variables(found, MEANINGS, units, NOTE), coords=coords)
    certificate = {k: v for k, v in t.attrs.items() if k not in ("units", "long_name")}
    book["multiplier"].attrs.update(certificate)
    book.attrs = {
        "title": "footprint accounts",
        "note": NOTE,
        "note_zh": NOTE_ZH,
        "identity": (
            "produced = consumed + exports - imports + not allocated"
            if places.single
            else "produced = consumed + not allocated, in the sum of regions"
        ),
        "gwp_set": f"{gwp}, 100 years" if gwp else "none: gases in their own mass",
        **({"gwp_basis": BASIS[gwp]} if gwp else {}),
        "imports": "as if made at home" if places.single else "by region of origin",
        "source": table.source,
        "price_basis": table.price_basis,
    }
    refuse_open(book, np.abs(accounts.direct).sum(axis=1))
    return book


def refuse_open(book: xr.Dataset, size: Array) -> None:
    """
    Refuse accounts whose sides differ, stressor by stressor.

    Parameters
    ----------
    book : xarray.Dataset
        As :func:`footprint` returns it.
    size : numpy.ndarray
        Direct amounts without their sign, by stressor.

    Raises
    ------
    LedgerError
        With both sides and the gap.
    """
    produced = book["produced"].values.sum(axis=1)
    loose = book["not_allocated"].values
    used = book["consumed"].values.sum(axis=1) + loose.sum(axis=1)
    if "source_to_use" not in book:
        for name, sign in (("exports", 1), ("imports", -1)):
            used = used + (sign * book[name].values.sum(axis=1) if name in book else 0.0)
    sides = {"consumption": used}
    if "source_to_use" in book:
        sides["trade"] = book["source_to_use"].values.sum(axis=(1, 2)) + loose.sum(axis=1)
    for what, accounted in sides.items():
        open_ = ~(np.abs(produced - accounted) <= CLOSURE * size)
        if open_.any():
            k = int(open_.argmax())
            raise LedgerError(
                f"the ledger of {book['stressor'].values[k]} does not close: produced "
                f"{produced[k]:.12g}, accounted for by {what} {accounted[k]:.12g}, gap "
                f"{produced[k] - accounted[k]:.3g}: the table is too badly conditioned or its "
                "arrays were exchanged after its checks"
            )


def _places(table: IOTable) -> _Places:
    """Regions and industries of sectors, and final demand by region of use."""
    demand = table.final_demand.transpose("sector", "category").values
    at, kind = (table.transactions.coords.get(c) for c in ("region", "industry"))
    n = len(demand)
    if at is None or len(np.unique(at.values)) == 1:
        name = HOME if at is None else str(at.values[0])
        own = [c not in (EXPORTS, IMPORTS) for c in table.categories]
        used = demand[:, own].sum(axis=1, keepdims=True)
        singles = tuple(np.arange(n)[:, None])
        owners = [0 if inside else 1 for inside in own]
        return _Places([name], table.sectors, (np.arange(n),), singles, used, owners, single=True)
    regions, members = _groups(at.values)
    industries, makers = _groups(table.sectors if kind is None else kind.values)
    index = {r: i for i, r in enumerate(regions)}
    whose = [_whose(c, index) for c in table.categories]
    split = np.zeros((n, len(regions) + (len(regions) in whose)))
    for column, owner in enumerate(whose):
        split[:, owner] += demand[:, column]
    return _Places(regions, industries, members, makers, split, whose, single=False)


def _groups(names: npt.ArrayLike) -> tuple[list[str], Groups]:
    """Distinct names in the order they appear, and the positions of each."""
    found, first, code = np.unique(
        np.asarray(names, dtype=str), return_index=True, return_inverse=True
    )
    order = np.argsort(first)
    return [str(found[i]) for i in order], tuple(np.flatnonzero(code == i) for i in order)


def _whose(category: str, index: dict[str, int]) -> int:
    """Region whose demand a category is; one past the last for demand from outside."""
    region = category.partition(":")[0]
    if region in index:
        return index[region]
    if category in (EXPORTS, IMPORTS, ABROAD):
        return len(index)
    raise UnknownSectorError(
        f"final-demand category {category!r} names no region: call it region:category, "
        f"{did_you_mean(region, list(index))}"
    )
