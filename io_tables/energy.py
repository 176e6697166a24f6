"""Purchased electricity and heat times factors: emissions charged to the user."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import xarray as xr

from io_tables.errors import ScopeError, UnitError, UnknownTableError, did_you_mean
from io_tables.table import IOTable

FACTORS = Path(__file__).parent / "data" / "factors.toml"


@dataclass(frozen=True)
class Factor:
    """An emission factor and how far to trust it."""

    value: float
    units: str
    status: str
    source: str
    note: str = ""


def factor(name: str) -> Factor:
    """
    Look up an emission factor.

    Parameters
    ----------
    name : str
        Key in ``data/factors.toml``.

    Returns
    -------
    Factor
        Value, units, status and source.

    Raises
    ------
    UnknownTableError
        If there is no such factor.

    Examples
    --------
    >>> factor("electricity").value
    0.6101
    """
    known = tomllib.loads(FACTORS.read_text(encoding="utf-8"))
    if name not in known:
        raise UnknownTableError(f"no factor {name!r}; {did_you_mean(name, known)}")
    return Factor(**known[name])


def purchased_energy(
    table: IOTable, electricity_factor: float | None = None, heat_factor: float | None = None
) -> xr.DataArray:
    r"""
    CO2 of the electricity and heat that each sector buys.

    Parameters
    ----------
    table : IOTable
        With satellites ``electricity`` [TWh] and ``heat`` [PJ].
    electricity_factor : float, optional
        Grid average, default :func:`factor` ``("electricity")`` [t CO2/MWh].
    heat_factor : float, optional
        Heat supply, default :func:`factor` ``("heat")`` [t CO2/GJ].

    Returns
    -------
    xarray.DataArray
        Purchased CO2, dims (sector) [Mt].

    Raises
    ------
    UnitError
        If an account is missing or in another unit.

    Notes
    -----
    :math:`p_i = E_i g + H_i h`; a TWh times a t/MWh is a Mt, and so is a PJ times a t/GJ. This is
    what the user is charged with: summed over sectors together with direct emissions it counts
    the emissions of power and heating plants twice.
    """
    total = _charged(table.satellites, table.name, *_factors(electricity_factor, heat_factor))
    return total.rename("purchased_CO2").assign_attrs(units="Mt")


def with_purchased_energy(
    table: IOTable, electricity_factor: float | None = None, heat_factor: float | None = None
) -> IOTable:
    """
    Charge purchased electricity and heat to their users.

    Parameters
    ----------
    table : IOTable
        With scope ``"direct"`` and satellites ``CO2`` [Mt], ``electricity`` [TWh], ``heat`` [PJ].
    electricity_factor : float, optional
        Grid average, default :func:`factor` ``("electricity")`` [t CO2/MWh].
    heat_factor : float, optional
        Heat supply, default :func:`factor` ``("heat")`` [t CO2/GJ].

    Returns
    -------
    IOTable
        ``CO2`` of sectors and households is direct plus purchased, the scope says so. Leontief
        multipliers of such an account would count electricity twice: the engine refuses it.

    Raises
    ------
    ScopeError
        If the table's scope is not ``"direct"``.
    UnitError
        If an account is missing or in another unit.
    """
    if table.scope != "direct":
        raise ScopeError(
            f"table {table.name} has scope {table.scope!r}: purchased energy is added to a table "
            'of scope "direct" only'
        )
    factors = _factors(electricity_factor, heat_factor)
    co2 = _account(table.satellites, "CO2", "Mt", table.name)
    sectors = co2 + _charged(table.satellites, table.name, *factors)
    households = dict(table.households)
    if "CO2" in households:
        own = households["CO2"] + _charged(households, f"{table.name}, households", *factors)
        households["CO2"] = own.rename("CO2").assign_attrs(units="Mt")
    return replace(
        table,
        satellites={**table.satellites, "CO2": sectors.rename("CO2").assign_attrs(units="Mt")},
        households=households,
        scope="direct+purchased",
        history=(
            *table.history,
            f"CO2 charged with electricity at {factors[0]} t/MWh and heat at {factors[1]} t/GJ",
        ),
    )


def _factors(electricity: float | None, heat: float | None) -> tuple[float, float]:
    """Fill in the shipped factors."""
    return (
        factor("electricity").value if electricity is None else electricity,
        factor("heat").value if heat is None else heat,
    )


def _charged(
    accounts: Mapping[str, xr.DataArray], where: str, electricity: float, heat: float
) -> xr.DataArray:
    """CO2 of purchased electricity and heat [Mt]."""
    bought = _account(accounts, "electricity", "TWh", where) * electricity
    return bought + _account(accounts, "heat", "PJ", where) * heat


def _account(
    accounts: Mapping[str, xr.DataArray], name: str, units: str, where: str
) -> xr.DataArray:
    """Account in the unit that the formula takes."""
    if name not in accounts:
        hint = did_you_mean(name, accounts)
        raise UnitError(f"table {where}: no account {name!r} in {units}; {hint}")
    found = accounts[name].attrs["units"]
    if found != units:
        raise UnitError(f"table {where}: {name} is in {found!r}, not {units!r}: convert it")
    return accounts[name]
