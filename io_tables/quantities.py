"""Units of fuels, energy and emissions: a small table, used once at the door."""

from __future__ import annotations

import re
from typing import NamedTuple

from io_tables.errors import UnitError, did_you_mean

KGCE_IN_GJ = 0.0293076
"""One kilogram of coal equivalent is 7000 kcal of 4.1868 kJ, by GB/T 2589 [GJ]."""
CARBON_TO_CO2 = 44 / 12
"""Mass of CO2 per mass of carbon, as the IPCC rounds it [t CO2/t C]."""


class Unit(NamedTuple):
    """A kind of quantity and its size in the base unit of that kind."""

    kind: str
    size: float


_MASS = {"g": 1e-6, "kg": 1e-3, "t": 1.0, "kt": 1e3, "Gg": 1e3, "Mt": 1e6, "Tg": 1e6, "Gt": 1e9}
_MASS |= {"ton": 1.0, "tons": 1.0, "tonne": 1.0, "tonnes": 1.0, "吨": 1.0, "千克": 1e-3}
_VOLUME = {"m3": 1.0, "m^3": 1.0, "cu.m": 1.0, "cu m": 1.0, "Nm3": 1.0, "立方米": 1.0}
_ENERGY = {"kJ": 1e-6, "kj": 1e-6, "MJ": 1e-3, "GJ": 1.0, "TJ": 1e3, "PJ": 1e6, "EJ": 1e9}
_ENERGY |= {"kWh": 3.6e-3, "kwh": 3.6e-3, "MWh": 3.6, "GWh": 3.6e3, "TWh": 3.6e6}
_ENERGY |= {"kgce": KGCE_IN_GJ, "tce": 1e3 * KGCE_IN_GJ, "Mtce": 1e9 * KGCE_IN_GJ}
_ENERGY |= {"千焦": 1e-6, "百万千焦": 1.0, "千瓦时": 3.6e-3, "吨标准煤": 1e3 * KGCE_IN_GJ}

UNITS: dict[str, Unit] = {
    **{name: Unit("mass", size) for name, size in _MASS.items()},
    **{name: Unit("volume", size) for name, size in _VOLUME.items()},
    **{name: Unit("energy", size) for name, size in _ENERGY.items()},
    # t, t C, t CO2 and t CO2e are four units: none turns into another without a factor
    **{
        f"{name} {gas}": Unit(f"mass of {gas}", size)
        for name, size in _MASS.items()
        for gas in ("C", "CO2", "CO2e")
    },
}
"""Known units; the bases are t, m3 and GJ."""
_PREFIXES = {"万": 1e4, "亿": 1e8, "百亿": 1e10, "百万": 1e6}


def unit(text: str) -> Unit:
    """
    Read a unit.

    Parameters
    ----------
    text : str
        For example ``"10^4 t"``, ``"10^8 cu.m"``, ``"亿千瓦时"``, ``"t CO2"``; blanks around it
        are left alone, capitals are not: Mt is no mt.

    Returns
    -------
    Unit
        Its kind and its size in t, m3 or GJ.

    Raises
    ------
    UnitError
        If the unit is not in the table.

    Examples
    --------
    >>> unit("10^8 kWh")
    Unit(kind='energy', size=360000.0)
    """
    plain = " ".join(text.split())
    power = re.fullmatch(r"10\^(\d{1,2}) ?(.+)", plain)
    scale, name = (10.0 ** int(power[1]), power[2]) if power else (1.0, plain)
    if name not in UNITS:
        for prefix in sorted(_PREFIXES, key=len, reverse=True):
            rest = name.removeprefix(prefix)
            if rest != name and rest in UNITS:
                scale, name = scale * _PREFIXES[prefix], rest
                break
        else:
            raise UnitError(f"unit {text!r} is not known; {did_you_mean(name, UNITS)}")
    kind, size = UNITS[name]
    return Unit(kind, scale * size)


def conversion(given: str, wanted: str) -> float:
    """
    Find the factor from one unit to another of the same kind.

    Parameters
    ----------
    given, wanted : str
        Units, or ratios of units such as ``"kg CO2/m3"``.

    Returns
    -------
    float
        What a number in the unit given is multiplied with [1].

    Raises
    ------
    UnitError
        If a unit is unknown, or the two are of different kinds.

    Examples
    --------
    >>> conversion("10^8 kWh", "TWh")
    0.1
    >>> conversion("kg CO2/m3", "t CO2/m3")
    0.001
    """
    sides = []
    for text in (given, wanted):
        parts = [unit(part) for part in text.split("/")]
        if len(parts) > 2:
            raise UnitError(f"unit {text!r} has more than one '/': write a ratio of two units")
        sides.append(parts)
    kinds = [" per ".join(part.kind for part in parts) for parts in sides]
    if kinds[0] != kinds[1]:
        raise UnitError(
            f"{given!r} is {kinds[0]}, {wanted!r} is {kinds[1]}: one does not turn into the other "
            "without a factor"
        )
    top = sides[0][0].size / sides[1][0].size
    return top if len(sides[0]) == 1 else top / (sides[0][1].size / sides[1][1].size)
