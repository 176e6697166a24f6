"""What the parts of an intervention must agree on: shares, lifetimes, fuel and its smoke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import expm1, isfinite, log1p

import numpy as np

BACKFIRE = 2.0  # most of a saving that direct rebound may eat up: as much again as was saved
EXACT = 1e-9  # largest difference of two numbers that mean the same share

Amount = float | Mapping[str, float]
FuelRows = Sequence[str] | Mapping[str, float]


def annuity(lifetime: float, discount: float = 0.0) -> float:
    r"""
    Yearly cost of one unit of investment.

    Parameters
    ----------
    lifetime : float
        Years n, positive.
    discount : float
        Interest rate r per year, 0 to 1; zero is straight-line depreciation.

    Returns
    -------
    float
        :math:`r / (1 - (1 + r)^{-n})`, :math:`1/n` without interest [1/year].

    Examples
    --------
    >>> annuity(5), round(annuity(5, 0.08), 6)
    (0.2, 0.250456)
    """
    return discount / -expm1(-lifetime * log1p(discount)) if discount else 1 / lifetime


def share_problem(what: str, value: object, most: float = 1.0) -> str:
    """
    Say why a value is no share.

    Parameters
    ----------
    what : str
        Name for the message.
    value : object
        As given.
    most : float
        Largest value that is one.

    Returns
    -------
    str
        Empty when it is one.
    """
    if not isinstance(value, int | float | np.number):
        return f"{what} is {value!r}, no number"
    if 0 <= value <= most:
        return ""
    hint = f" ({value:g} % is {value / 100:g})" if most < value <= 100 else ""
    return f"{what} is {value:g}, needed 0 to {most:g}{hint}"


def capital_problems(capital: Amount, lifetime: object, discount: object) -> list[str]:
    """
    Say what keeps an investment from being annualised.

    Parameters
    ----------
    capital : float or Mapping of str to float
        One-off purchases per unit of yearly output.
    lifetime, discount : object
        As given; ``lifetime`` is None where none was.

    Returns
    -------
    list of str
        Empty when it can.
    """
    parts = capital if isinstance(capital, Mapping) else {"": capital}
    named = {f"ict_capital from {k!r}" if k else "ict_capital": v for k, v in parts.items()}
    problems = [
        f"{what} is {value!r}, needed a number from 0"
        for what, value in named.items()
        if not _from_zero(value)
    ]
    rate = share_problem("discount", discount)
    if rate:
        problems.append(rate)
    if lifetime is None:
        if not problems and any(named.values()):
            problems.append("ict_capital has no lifetime: give it in years, for example lifetime=5")
        return problems
    if not _from_zero(lifetime) or not lifetime:
        return [*problems, f"lifetime is {lifetime!r}, needed a positive number of years"]
    if not problems:
        yearly = annuity(float(lifetime), float(discount))  # type: ignore[arg-type]
        problems = [
            f"{what} of {value:g} is {value * yearly:g} a year, needed 0 to 1"
            for what, value in named.items()
            if value * yearly > 1
        ]
    return problems


def _from_zero(value: object) -> bool:
    return isinstance(value, int | float | np.number) and isfinite(value) and bool(value >= 0)


def tied_saving(fuel_rows: FuelRows, saving: Mapping[str, float]) -> float:
    r"""
    Share of own emissions saved together with the fuel.

    Parameters
    ----------
    fuel_rows : sequence of str or Mapping of str to float
        Rows of fuel, or row f -> share :math:`w_f` of own emissions that comes from it.
    saving : Mapping of str to float
        Row -> share :math:`\theta_f` of it saved.

    Returns
    -------
    float
        :math:`\phi = \sum_f w_f \theta_f`; for a sequence the saving common to its rows.
    """
    if isinstance(fuel_rows, Mapping):
        return float(sum(share * saving[row] for row, share in fuel_rows.items()))
    return saving[fuel_rows[0]]


def fuel_problems(fuel_rows: FuelRows, saving: Mapping[str, float], onsite: float) -> list[str]:
    """
    Say where fuel rows, savings and on-site saving contradict each other.

    Parameters
    ----------
    fuel_rows : sequence of str or Mapping of str to float
        As given; empty where nothing is tied.
    saving : Mapping of str to float
        As given, known to be shares.
    onsite : float
        As given; zero where it is left to the tie.

    Returns
    -------
    list of str
        Empty when they agree.
    """
    if isinstance(fuel_rows, str):
        return [f"fuel_rows: give a list of rows, for example [{fuel_rows!r}]"]
    if not isinstance(fuel_rows, list | tuple | Mapping):
        return [f"fuel_rows is {fuel_rows!r}, needed a list of rows or a mapping row -> share"]
    if not all(isinstance(row, str) for row in fuel_rows):
        return [f"fuel_rows is {fuel_rows!r}, needed names of rows"]
    problems = [
        f"fuel_rows names {row!r}, which saving does not: same fuel, same saving"
        for row in fuel_rows
        if row not in saving
    ]
    if isinstance(fuel_rows, Mapping):
        wrong = [share_problem(f"share of {row!r} in fuel_rows", w) for row, w in fuel_rows.items()]
        problems += [p for p in wrong if p]
        if not problems and sum(fuel_rows.values()) > 1 + EXACT:
            problems.append(
                f"fuel_rows sum to {sum(fuel_rows.values()):g}: they are shares of the sector's "
                "own emissions, the rest is no fuel"
            )
    elif not problems and len({saving[row] for row in fuel_rows}) > 1:
        found = ", ".join(f"{row!r} {saving[row]:g}" for row in fuel_rows)
        problems.append(
            f"fuel_rows save different shares ({found}): say how much of the sector's own "
            "emissions comes from each, for example {row: 0.6, other: 0.4}"
        )
    if fuel_rows and onsite and not problems:
        tied = tied_saving(fuel_rows, saving)
        if abs(tied - onsite) > EXACT:
            problems.append(
                f"onsite is {onsite:g} but the fuel rows save {tied:g} of own emissions: it is "
                "the same fuel; leave onsite out or correct one of them"
            )
    return problems


def shares_of_fuel(fuel_rows: FuelRows) -> dict[str, float]:
    """
    Share of own emissions by fuel, as far as it is known.

    Parameters
    ----------
    fuel_rows : sequence of str or Mapping of str to float
        Without contradictions.

    Returns
    -------
    dict of str to float
        Empty for a sequence of several rows, which says nothing about single ones.
    """
    if isinstance(fuel_rows, Mapping):
        return dict(fuel_rows)
    return {fuel_rows[0]: 1.0} if len(fuel_rows) == 1 else {}
