"""Global warming potentials: tonnes of a gas as tonnes of CO2e, with the set stated."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from handprint.errors import UnitMismatchError
from io_tables.errors import did_you_mean

TONNES = {"kg": 1e-3, "t": 1.0, "kt": 1e3, "Gg": 1e3, "Mt": 1e6, "Tg": 1e6, "Gt": 1e9}

# What the values of a set hold beside the gas itself: they differ, so sets are never mixed.
BASIS = {
    "AR4": "without climate-carbon feedback of gases other than CO2",
    "AR5": "without climate-carbon feedback of gases other than CO2",
    "AR6": "with the carbon-cycle response to gases other than CO2",
}


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

    Notes
    -----
    Values of AR4 (table 2.14) and AR5 (table 8.A.1) leave out the climate-carbon feedback of
    gases other than CO2; AR5 prints others with it (table 8.7: 34 for methane, 298 for N2O).
    Reports under the Paris Agreement use those without, and not that of fossil methane. Values
    of AR6 (tables 7.15 and 7.SM.7) hold the carbon-cycle response. Methane of fossil origin has a
    higher value for the CO2 that it oxidises to; where that CO2 is in the account of CO2 already,
    as with fuel that is burnt, take ``"CH4 biogenic"`` [1]_.

    References
    ----------
    .. [1] P. Forster et al., The Earth's energy budget, climate feedbacks, and climate
       sensitivity, in: Climate Change 2021: The Physical Science Basis, Cambridge University
       Press, 2021, ch. 7, section 7.6.1; G. Myhre et al., Anthropogenic and natural radiative
       forcing, in: Climate Change 2013: The Physical Science Basis, 2013, ch. 8.

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
