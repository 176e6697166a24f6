"""Emission factors of fuels: shipped sets, and how a factor is made of its parts."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from io_tables.errors import MissingValueError, UnitError, UnknownTableError, did_you_mean
from io_tables.quantities import CARBON_TO_CO2, conversion, unit

FUELS = Path(__file__).parent / "data" / "fuels.toml"
ELECTRICITY, HEAT, NOT_BURNT = "electricity", "heat", "not burnt"
"""Targets of a carrier that is no fuel of its user."""
_TRUST = ("published", "derived", "assumption")  # a product is as good as its worst part


@dataclass(frozen=True)
class Constant:
    """
    A number with its range, unit and origin.

    Parameters
    ----------
    value, low, high : float
        The number and its range; low and high default to the value, which claims no
        certainty: the source gives no range.
    units : str
        Unit.
    status : {"published", "derived", "assumption"}
        Whether a publisher printed it, it follows from printed ones, or is assumed.
    source : str
        Where it can be read.
    year : int, optional
        Year it was published or holds for.
    note : str
        What a user should know.
    constant : bool
        False when the source varies it and this is only a middle value.
    """

    value: float
    units: str
    status: str
    source: str
    low: float | None = None
    high: float | None = None
    year: int | None = None
    note: str = ""
    constant: bool = True

    def __post_init__(self) -> None:
        """Refuse what is no number, no range or has no known status."""
        low, high = self.limits
        numbers = (low, self.value, high)
        if not all(math.isfinite(n) and n >= 0 for n in numbers) or not low <= self.value <= high:
            raise MissingValueError(
                f"factor {numbers} {self.units} ({self.source}): give low <= value <= high, "
                "all finite and not negative"
            )
        if self.status not in _TRUST:
            raise UnitError(f"status {self.status!r}: {did_you_mean(self.status, _TRUST)}")

    @property
    def limits(self) -> tuple[float, float]:
        """Low and high."""
        low = self.value if self.low is None else self.low
        return low, self.value if self.high is None else self.high

    def times(self, other: Constant, units: str, scale: float = 1.0) -> Constant:
        """
        Multiply by another number; ranges multiply end by end.

        Parameters
        ----------
        other : Constant
            The other factor.
        units : str
            Unit of the product.
        scale : float
            Change of unit that goes with it.

        Returns
        -------
        Constant
            With the worse status of the two and both sources.
        """
        (low, high), (other_low, other_high) = self.limits, other.limits
        years = [y for y in (self.year, other.year) if y is not None]
        return Constant(
            self.value * other.value * scale,
            units,
            max(self.status, other.status, key=_TRUST.index),
            self.source if other.source in self.source else f"{self.source}; {other.source}",
            low=low * other_low * scale,
            high=high * other_high * scale,
            year=max(years, default=None),
            note="; ".join(n for n in (self.note, other.note) if n),
            constant=self.constant and other.constant,
        )


def combustion_factor(calorific: Constant, carbon: Constant, oxidation: Constant) -> Constant:
    r"""
    Make the emission factor of a fuel from its parts.

    Parameters
    ----------
    calorific : Constant
        Net calorific value, energy per mass or volume, for example [kgce/kg] or [GJ/t].
    carbon : Constant
        Carbon or CO2 per energy, for example [t C/TJ] or [t CO2/TJ].
    oxidation : Constant
        Share of the carbon that is oxidised [1].

    Returns
    -------
    Constant
        CO2 per mass [t CO2/t] or per volume [t CO2/m3].

    Raises
    ------
    UnitError
        If a part has a unit of another kind, or oxidation is above one.

    Notes
    -----
    :math:`f = n \, c \, o`, times 44/12 where c is carbon and not CO2 [1]_. The standard-coal
    coefficient is a calorific value: 1 kgce is 7000 kcal or 29.3076 MJ [2]_.

    References
    ----------
    .. [1] IPCC, 2006 IPCC Guidelines for National Greenhouse Gas Inventories, vol. 2, ch. 1-2.
    .. [2] GB/T 2589, General rules for calculation of the comprehensive energy consumption.

    Examples
    --------
    >>> coke = combustion_factor(
    ...     Constant(0.9714, "kgce/kg", "published", "yearbook"),
    ...     Constant(29.5, "t C/TJ", "assumption", "guidelines"),
    ...     Constant(0.93, "1", "assumption", "guidelines"))
    >>> round(coke.value, 3), coke.units, coke.status
    (2.864, 't CO2/t', 'assumption')
    """
    if oxidation.units != "1" or oxidation.limits[1] > 1:
        raise UnitError(f"oxidation is a share from 0 to 1 in unit '1', not {oxidation}")
    per = calorific.units.partition("/")[2]
    base = "m3" if per and unit(per).kind == "volume" else "t"
    energy = conversion(calorific.units, f"GJ/{base}")
    top = carbon.units.partition("/")[0]
    if top and unit(top).kind == "mass of C":
        mass = conversion(carbon.units, "t C/GJ") * CARBON_TO_CO2
    else:
        mass = conversion(carbon.units, "t CO2/GJ")
    units = f"t CO2/{base}"
    return calorific.times(carbon, units, energy * mass).times(oxidation, units)


@cache
def _book() -> Mapping[str, Any]:
    """Shipped numbers."""
    return MappingProxyType(tomllib.loads(FUELS.read_text(encoding="utf-8")))


def _constant(entry: Mapping[str, Any]) -> Constant:
    """One entry, with its source spelled out."""
    return Constant(**{**entry, "source": _book()["sources"][entry["source"]]})


def calorific_values() -> dict[str, Constant]:
    """
    Energy per physical unit of fuels, electricity and heat.

    Returns
    -------
    dict
        Fuel -> standard-coal coefficient of the China Energy Statistical Yearbook 2022,
        appendix 4, for example [kgce/kg]; those printed as a range have their middle as value.

    Examples
    --------
    >>> calorific_values()["natural_gas"].limits
    (1.1, 1.33)
    """
    return {fuel: _constant(entry) for fuel, entry in _book()["calorific"].items()}


def fuel_factor_sets() -> list[str]:
    """
    List the shipped sets of emission factors.

    Returns
    -------
    list of str
        For :func:`fuel_factors`.

    Examples
    --------
    >>> fuel_factor_sets()
    ['ceads-2017', 'guidelines-2011', 'ipcc-2006']
    """
    return sorted({*_book()["direct"], *_book()["carbon"]})


def fuel_factors(name: str) -> dict[str, Constant]:
    """
    Look up a set of emission factors of fuels.

    Parameters
    ----------
    name : {"ceads-2017", "guidelines-2011", "ipcc-2006"}
        Derived from the CEADs inventories; carbon content and oxidation as quoted from the
        Chinese guidelines; IPCC default factors. The last two start from
        :func:`calorific_values`.

    Returns
    -------
    dict
        Fuel -> CO2 per mass or volume. Sets can be put on top of each other with ``|``.

    Raises
    ------
    UnknownTableError
        If there is no such set.

    Examples
    --------
    >>> fuel_factors("ceads-2017")["raw_coal"].constant
    False
    """
    book = _book()
    if name in book["direct"]:
        return {fuel: _constant(entry) for fuel, entry in book["direct"][name].items()}
    if name not in book["carbon"]:
        raise UnknownTableError(
            f"no set of fuel factors {name!r}; {did_you_mean(name, fuel_factor_sets())}"
        )
    carbon, oxidation = book["carbon"][name], book["oxidation"][name]
    heat = calorific_values()
    return {
        fuel: combustion_factor(heat[fuel], _constant(carbon[fuel]), _constant(oxidation[fuel]))
        for fuel in carbon
    }


def carriers(name: str) -> dict[str, str]:
    """
    Look up which fuel the carriers of an energy account are.

    Parameters
    ----------
    name : {"ceads"}
        Energy account.

    Returns
    -------
    dict
        Carrier -> key of :func:`fuel_factors`, ``"electricity"``, ``"heat"`` or ``"not burnt"``.

    Raises
    ------
    UnknownTableError
        If there is no such list.
    """
    known: dict[str, dict[str, str]] = _book()["carriers"]
    if name not in known:
        raise UnknownTableError(f"no carriers of {name!r}; {did_you_mean(name, known)}")
    return dict(known[name])
