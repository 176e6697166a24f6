"""Global warming potentials: tonnes of a gas as tonnes of CO2e, with the set stated."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from handprint.errors import UnitMismatchError
from io_tables.errors import did_you_mean

TONNES = {"kg": 1e-3, "t": 1.0, "kt": 1e3, "Gg": 1e3, "Mt": 1e6, "Tg": 1e6, "Gt": 1e9}


class Potential(NamedTuple):
    """Warming of one unit of mass over 100 years, that of CO2 being one."""

    value: float
    source: str


@cache
def potentials(gwp: str) -> dict[str, Potential]:
    """
    Potentials of one assessment report.

    Parameters
    ----------
    gwp : {"AR4", "AR5", "AR6"}
        Assessment report of the IPCC.

    Returns
    -------
    dict
        Gas -> potential over 100 years and where it is printed.

    Raises
    ------
    UnitMismatchError
        If there is no such set.

    Examples
    --------
    >>> potentials("AR6")["CH4 fossil"].value
    29.8
    """
    text = files("handprint").joinpath("data/gwp.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found = {r["gas"]: Potential(float(r["gwp100"]), r["source"]) for r in rows if r["set"] == gwp}
    if not found:
        sets = sorted({r["set"] for r in rows})
        raise UnitMismatchError(f"no set of warming potentials {gwp!r}: {did_you_mean(gwp, sets)}")
    return found


def mass_unit(units: str, gas: str) -> str:
    """
    Mass unit of an account of one gas.

    Parameters
    ----------
    units : str
        As the account states them, for example ``"kt"`` or ``"kt CH4"``.
    gas : str
        The gas; a unit that names another one is refused.

    Returns
    -------
    str
        For example ``"kt"``.

    Raises
    ------
    UnitMismatchError
        If it is no mass, or of another gas, or CO2e already.

    Examples
    --------
    >>> mass_unit("kt CH4", "CH4 fossil")
    'kt'
    """
    mass, _, named = units.partition(" ")
    if mass not in TONNES:
        raise UnitMismatchError(
            f"{gas} is counted in {units!r}: warming needs a mass, one of {', '.join(TONNES)}"
        )
    if named and named not in (gas, gas.split(" ")[0]):
        raise UnitMismatchError(f"{gas} is counted in {units!r}: give the mass of {gas} itself")
    return mass
