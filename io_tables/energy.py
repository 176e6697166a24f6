"""Purchased electricity and heat times factors: charged to the user, and taken back."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import xarray as xr

from io_tables.errors import (
    LabelError,
    ScopeError,
    UnitError,
    UnknownTableError,
    did_you_mean,
)
from io_tables.kinds import demand_table
from io_tables.table import IOTable, Scope

FACTORS = Path(__file__).parent / "data" / "factors.toml"
CHARGED_AT = ("charged electricity", "charged heat")
"""Attributes of an account that hold the factors it was charged with [t CO2/MWh, t CO2/GJ]."""


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
    factors = purchase_factors(electricity_factor, heat_factor)
    total = _charged(table.satellites, table.name, *factors)
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
        multipliers of such an account would count electricity twice: the engine refuses it until
        :func:`remove_purchased` has taken the charge back.

    Raises
    ------
    ScopeError
        If the table's scope is not ``"direct"``.
    UnitError
        If an account is missing or in another unit.
    """
    demand_table(table)
    if table.scope != "direct":
        raise ScopeError(
            f"table {table.name} has scope {table.scope!r}: purchased energy is added to a table "
            'of scope "direct" only'
        )
    factors = purchase_factors(electricity_factor, heat_factor)
    return _changed(table, factors, 1.0, "direct+purchased")


def remove_purchased(
    table: IOTable,
    electricity_factor: float | None = None,
    heat_factor: float | None = None,
    *,
    supplier: str | None = None,
) -> IOTable:
    r"""
    Take back what was charged to the users of electricity and heat.

    This is the correction of the double count: the table it returns has scope ``"direct"`` and
    may go through the supply chain.

    Parameters
    ----------
    table : IOTable
        With scope ``"direct+purchased"`` and satellites ``CO2`` [Mt], ``electricity`` [TWh],
        ``heat`` [PJ].
    electricity_factor : float, optional
        What electricity was charged at; needed when the table does not know it [t CO2/MWh].
    heat_factor : float, optional
        What heat was charged at; likewise [t CO2/GJ].
    supplier : str, optional
        Sector that gets back what users were charged with, for accounts in which the emissions
        of power and heating plants were handed to the users and not counted twice. Default: the
        plants' emissions still stand where they were.

    Returns
    -------
    IOTable
        With direct ``CO2`` of sectors and households; exact inverse of
        :func:`with_purchased_energy` up to rounding in the last digit.

    Raises
    ------
    ScopeError
        If the table's scope is not ``"direct+purchased"``, the factors of the charge are not
        known or not those the table was charged with, or less would be left than nothing.
    UnitError
        If an account is missing or in another unit.
    LabelError
        If the table has no such supplier.

    Notes
    -----
    :math:`e_i = e^{+}_i - E_i g - H_i h`, and for a supplier s
    :math:`e_s = e^{+}_s - E_s g - H_s h + \sum_i (E_i g + H_i h)`, the sum taken over sectors and
    households. :func:`with_purchased_energy` writes its factors on the account; after a table was
    written to a file and read again they have to be given.
    """
    demand_table(table)
    if table.scope != "direct+purchased":
        raise ScopeError(
            f"table {table.name} has scope {table.scope!r}: purchased energy can be taken back "
            'only from a table of scope "direct+purchased"'
        )
    co2 = _account(table.satellites, "CO2", "Mt", table.name)
    factors = (
        _charge(table, co2, "electricity", electricity_factor),
        _charge(table, co2, "heat", heat_factor),
    )
    given_back = 0.0
    if supplier is not None:
        if supplier not in table.sectors:
            hint = did_you_mean(supplier, table.sectors)
            raise LabelError(f"table {table.name} has no sector {supplier!r}; {hint}")
        given_back = float(_charged(table.satellites, table.name, *factors).sum())
        if "CO2" in table.households:
            where = f"{table.name}, households"
            given_back += float(_charged(table.households, where, *factors))
    direct = _changed(table, factors, -1.0, "direct", supplier, given_back)
    before = {s: float(v) for s, v in zip(table.sectors, co2.values, strict=True)}
    after = dict(zip(table.sectors, map(float, direct.satellites["CO2"].values), strict=True))
    if "CO2" in table.households:
        before["households"] = float(table.households["CO2"])
        after["households"] = float(direct.households["CO2"])
    slack = 1e-9 * max(before.values())
    wrong = [user for user, left in after.items() if left < -slack and before[user] >= 0]
    if wrong:
        raise ScopeError(
            f"table {table.name}: less than nothing would be left of {', '.join(wrong[:10])}: the "
            f"account was not charged at {factors[0]} t/MWh and {factors[1]} t/GJ"
        )
    return direct


def purchase_factors(electricity: float | None, heat: float | None) -> tuple[float, float]:
    """
    Fill in the shipped factors of purchased energy.

    Parameters
    ----------
    electricity, heat : float, optional
        Factors given [t CO2/MWh], [t CO2/GJ].

    Returns
    -------
    tuple of float
        Electricity and heat.

    Raises
    ------
    UnitError
        If a factor is negative or no finite number.
    """
    found = (
        factor("electricity").value if electricity is None else electricity,
        factor("heat").value if heat is None else heat,
    )
    if not all(math.isfinite(f) and f >= 0 for f in found):
        raise UnitError(f"factors of purchased energy {found}: give numbers not below zero")
    return found


def _changed(
    table: IOTable,
    factors: tuple[float, float],
    sign: float,
    scope: Scope,
    supplier: str | None = None,
    given_back: float = 0.0,
) -> IOTable:
    """Add the charge to the users' CO2, or take it from there."""
    attrs: dict[str, object] = {"units": "Mt"}
    if sign > 0:
        attrs |= dict(zip(CHARGED_AT, factors, strict=True))
    co2 = _account(table.satellites, "CO2", "Mt", table.name)
    sectors = co2 + sign * _charged(table.satellites, table.name, *factors)
    if supplier is not None:
        sectors = sectors + given_back * (sectors["sector"] == supplier)
    households = dict(table.households)
    if "CO2" in households:
        charge = _charged(households, f"{table.name}, households", *factors)
        own = households["CO2"] + sign * charge
        households["CO2"] = own.rename("CO2")
        households["CO2"].attrs = dict(attrs)
    sectors = sectors.rename("CO2")
    sectors.attrs = dict(attrs)
    rates = f"electricity at {factors[0]} t/MWh and heat at {factors[1]} t/GJ"
    step = f"CO2 charged with {rates}" if sign > 0 else f"charge of {rates} taken from CO2"
    if supplier is not None:
        step += f", {given_back:.10g} Mt given back to {supplier}"
    return replace(
        table,
        satellites={**table.satellites, "CO2": sectors},
        households=households,
        scope=scope,
        history=(*table.history, step),
    )


def _charge(table: IOTable, co2: xr.DataArray, what: str, given: float | None) -> float:
    """Factor that a carrier was charged at: as written on the account, or as given."""
    written = co2.attrs.get(f"charged {what}")
    charged = written if given is None else given
    if charged is None:
        raise ScopeError(
            f"table {table.name} does not say at which factor {what} was charged: give "
            f"{what}_factor; a shipped default is not put in its place"
        )
    if written not in (None, charged):
        raise ScopeError(
            f"table {table.name}: {what} was charged at {written}, not at {given}: leave "
            f"{what}_factor out"
        )
    if not (math.isfinite(charged) and charged >= 0):
        raise UnitError(f"{what}_factor {given}: give a number not below zero")
    return float(charged)


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
