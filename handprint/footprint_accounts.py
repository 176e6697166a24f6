"""What a footprint counts: accounts of sectors and households, as arrays in one unit each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from handprint.accounts import CLOSURE, intensities
from handprint.alignment import Array
from handprint.errors import LedgerError, MissingSatelliteError
from handprint.warming import TONNES, mass_unit, potentials
from io_tables import IOTable
from io_tables.errors import did_you_mean
from io_tables.extensions import BY_CATEGORY

VALUE_ADDED = "value added"
TOTAL = "GHG"


@dataclass(frozen=True, eq=False)
class Accounts:
    """Satellites by stressor, in the units of the result."""

    names: list[str]
    units: list[str]
    factors: list[float]
    direct: Array  # (stressor, sector)
    households: Array  # (stressor)
    by_category: Array | None  # direct amounts of households, (stressor, category)
    known: bool  # whether the table has any direct amount of households

    @property
    def common(self) -> str:
        """Unit of all, or where to look."""
        units = set(self.units)
        return units.pop() if len(units) == 1 else "see coordinate units"


def read_accounts(table: IOTable, wanted: Sequence[str] | None, gwp: str | None) -> Accounts:
    """
    Take the accounts of a table, as CO2e where that is asked for.

    Parameters
    ----------
    table : IOTable
        With the accounts.
    wanted : sequence of str or None
        Their names; all when None.
    gwp : str or None
        Set of potentials for the gases among them.

    Returns
    -------
    Accounts
        In the order of the names, with the sum of the gases last where a set is given.

    Raises
    ------
    MissingSatelliteError, ScopeError
        If an account is missing or counts purchased electricity.
    UnitMismatchError
        If a gas is no mass, or the set is unknown.
    LedgerError
        If household amounts by category do not add up to their sum.
    """
    names = list(table.satellites) if wanted is None else list(wanted)
    if isinstance(wanted, str):
        raise MissingSatelliteError(f"give a list of accounts: [{wanted!r}]")
    if not names:
        raise MissingSatelliteError(
            f"table {table.name} has no account: {did_you_mean('', [VALUE_ADDED])}"
        )
    direct = np.stack([_direct(table, name) for name in names])
    units = [
        table.units
        if n == VALUE_ADDED and n not in table.satellites
        else str(table.satellites[n].attrs["units"])
        for n in names
    ]
    homes = np.array([float(table.households.get(n, xr.DataArray(0.0))) for n in names])
    known = any(n in table.households for n in names)
    split = _by_category(table, names, homes)
    made = Accounts(names, units, [0.0] * len(names), direct, homes, split, known)
    return made if gwp is None else _as_warming(made, gwp)


def _direct(table: IOTable, name: str) -> Array:
    """Direct amounts of one account by sector."""
    if name == VALUE_ADDED and name not in table.satellites:
        values: Array = table.value_added.values
        return values
    intensities(table, name)  # refuses a missing account and a wrong scope
    return np.asarray(table.satellites[name].values)


def _by_category(table: IOTable, names: Sequence[str], homes: Array) -> Array | None:
    """Direct amounts of households by category, if that is known of all there are."""
    split = np.zeros((len(names), len(table.categories)))
    for row, name, total in zip(split, names, homes, strict=True):
        key = BY_CATEGORY.format(name=name)
        if key in table.final_demand.coords:
            row[:] = table.final_demand[key].values
            gap = abs(row.sum() - total)
            if not gap <= CLOSURE * np.abs(row).sum():
                raise LedgerError(
                    f"{name} of households is {total:.12g}, its categories sum to "
                    f"{row.sum():.12g}: correct the table or drop its coordinate {key!r}"
                )
        elif name in table.households:
            return None
    return split


def _as_warming(made: Accounts, gwp: str) -> Accounts:
    """Turn gases into CO2e in the mass unit of the first, and add their sum."""
    sets = potentials(gwp)
    gases = [i for i, name in enumerate(made.names) if name in sets]
    if not gases:
        raise MissingSatelliteError(
            f"none of {', '.join(made.names)} is a gas of set {gwp}: {', '.join(sets)}"
        )
    masses = {i: mass_unit(made.units[i], made.names[i]) for i in gases}
    mass = masses[gases[0]]
    scale, units, factors = np.ones(len(made.names)), list(made.units), list(made.factors)
    for i in gases:
        factors[i] = sets[made.names[i]].value
        scale[i] = factors[i] * TONNES[masses[i]] / TONNES[mass]
        units[i] = f"{mass} CO2e"

    def _with_sum(values: Array) -> Array:
        """Scale, and add the gases up below."""
        scaled = (values.T * scale).T
        return np.concatenate([scaled, scaled[gases].sum(axis=0, keepdims=True)])

    return replace(
        made,
        names=[*made.names, TOTAL],
        units=[*units, f"{mass} CO2e"],
        factors=[*factors, 1.0],
        direct=_with_sum(made.direct),
        households=_with_sum(made.households),
        by_category=None if made.by_category is None else _with_sum(made.by_category),
    )
