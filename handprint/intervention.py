"""Digital interventions: what they change in the column of the sector that applies them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from handprint.alignment import Array, Labels
from handprint.errors import InterventionError, ShapeError
from io_tables.errors import did_you_mean


@dataclass(frozen=True)
class Intervention:
    """
    One digital intervention in the technology of one sector.

    Parameters
    ----------
    sector : str
        Sector j that applies it.
    penetration : float
        Share of the sector's output that it has reached, p in 0..1.
    saving : Mapping of str to float
        Input i -> share of it saved where applied, theta in 0..1.
    onsite : float
        Share of the sector's own emissions saved where applied, phi in 0..1; tie it to the
        fuel rows of ``saving``, it is the same fuel.
    ict_input : float or Mapping of str to float
        ICT bought per unit of output where applied, kappa in 0..1, running cost plus
        annualised investment [table units per table units]; a mapping ICT sector -> kappa
        where there are several.
    rebound : float
        Share of the savings lost again by direct rebound, r in 0..1.
    name : str
        Label; the sector when empty.

    Raises
    ------
    InterventionError
        Listing every value out of range.

    Examples
    --------
    >>> Intervention("industry", 0.5, saving={"power": 10}, onsite=-0.1)
    Traceback (most recent call last):
    handprint.errors.InterventionError: intervention 'industry': saving of 'power' is 10,
    needed 0 to 1 (10 % is 0.1); onsite is -0.1, needed 0 to 1
    """

    sector: str
    penetration: float
    saving: Mapping[str, float] = field(default_factory=dict)
    onsite: float = 0.0
    ict_input: float | Mapping[str, float] = 0.0
    rebound: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        """Copy the mappings and refuse shares that are none."""
        object.__setattr__(self, "saving", dict(self.saving))
        if isinstance(self.ict_input, Mapping):
            object.__setattr__(self, "ict_input", dict(self.ict_input))
            bought = {f"ict_input from {k!r}": v for k, v in self.ict_input.items()}
        else:
            bought = {"ict_input": self.ict_input}
        shares = {
            "penetration": self.penetration,
            **{f"saving of {k!r}": v for k, v in self.saving.items()},
            "onsite": self.onsite,
            **bought,
            "rebound": self.rebound,
        }
        problems = [p for what, value in shares.items() if (p := _share_problem(what, value))]
        if problems:
            raise InterventionError(f"intervention {self.label!r}: {'; '.join(problems)}")

    @property
    def label(self) -> str:
        """Name, or the sector where none was given."""
        return self.name or self.sector


class Fractions(NamedTuple):
    """What interventions save and add, by intervention; savings as fractions of what is there."""

    column: npt.NDArray[np.intp]  # position of the sector, (intervention)
    saving: Array  # of each input, (intervention, sector)
    onsite: Array  # of the sector's own emissions, (intervention)
    added: Array  # ICT coefficients, (intervention, sector)


def _share_problem(what: str, value: object) -> str:
    """Say why a value is no share; nothing when it is one."""
    if not isinstance(value, int | float | np.number):
        return f"{what} is {value!r}, no number"
    if 0 <= value <= 1:
        return ""
    hint = f" ({value:g} % is {value / 100:g})" if 1 < value <= 100 else ""
    return f"{what} is {value:g}, needed 0 to 1{hint}"


def ict_sectors(interventions: Sequence[Intervention], ict: Sequence[str]) -> list[str]:
    """
    Sectors that count as ICT: those given, or those the interventions buy from.

    Parameters
    ----------
    interventions : sequence of Intervention
        As given.
    ict : sequence of str
        As given; may be empty.

    Returns
    -------
    list of str
        Each once.
    """
    if ict:
        return list(ict)
    bought = (i.ict_input for i in interventions if isinstance(i.ict_input, Mapping))
    return list(dict.fromkeys(sector for mapping in bought for sector in mapping))


def refuse_problems(
    interventions: Sequence[Intervention], labels: Labels, ict: Sequence[str], respend: float
) -> None:
    """
    Report all that does not fit the table in one error.

    Parameters
    ----------
    interventions : sequence of Intervention
        As given.
    labels : pandas.Index
        Sectors of the table.
    ict : sequence of str
        Sectors that count as ICT.
    respend : float
        Share of the saved cost that is spent again.

    Raises
    ------
    InterventionError
        Listing every problem.
    """
    if isinstance(ict, str):
        raise ShapeError(f"ict: give a list of sectors, for example [{ict!r}]")
    problems = [_share_problem("respend", respend)]
    problems += [f"ict: no sector {c!r}, {did_you_mean(c, labels)}" for c in ict if c not in labels]
    for one in interventions:
        bought = one.ict_input if isinstance(one.ict_input, Mapping) else {}
        named = {"sector": [one.sector], "saving": one.saving, "ict_input": bought}
        problems += [
            f"{one.label!r}: {what} names {name!r}, {did_you_mean(name, labels)}"
            for what, names in named.items()
            for name in names
            if name not in labels
        ]
        if ict:
            problems += [
                f"{one.label!r}: ict_input from {c!r}, which is not among ict" + f" {list(ict)}"
                for c in bought
                if c in labels and c not in ict
            ]
        if not isinstance(one.ict_input, Mapping) and one.ict_input and len(ict) != 1:
            problems.append(
                f"{one.label!r}: ict_input is one number but there are {len(ict)} ICT sectors: "
                "give ict=[sector], or a mapping ICT sector -> input"
            )
    problems = [p for p in problems if p]
    if problems:
        raise InterventionError("; ".join(problems))


def fractions(
    interventions: Sequence[Intervention],
    labels: Labels,
    ict: Sequence[str],
    *,
    rebound: bool = True,
) -> Fractions:
    """
    Put interventions on the axes of the table.

    Parameters
    ----------
    interventions : sequence of Intervention
        That fit the table.
    labels : pandas.Index
        Sectors.
    ict : sequence of str
        Where a single number of ``ict_input`` is bought.
    rebound : bool
        Whether direct rebound is taken off the savings.

    Returns
    -------
    Fractions
        Penetration included.
    """
    shape = (len(interventions), len(labels))
    saving, added, onsite = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
    for k, one in enumerate(interventions):
        reach = one.penetration * (1 - one.rebound) if rebound else one.penetration
        for name, share in one.saving.items():
            saving[k, labels.get_loc(name)] = share * reach
        bought = one.ict_input
        if not isinstance(bought, Mapping):
            bought = {ict[0]: bought} if bought else {}
        for name, amount in bought.items():
            added[k, labels.get_loc(name)] = amount * one.penetration
        onsite[k] = one.onsite * reach
    column = labels.get_indexer(pd.Index([i.sector for i in interventions], dtype=object))
    return Fractions(column, saving, onsite, added)


def credited(alone: Fractions) -> Fractions:
    """
    Share what several interventions in one sector save together.

    Parameters
    ----------
    alone : Fractions
        What each saves if it is the only one.

    Returns
    -------
    Fractions
        That add up to the joint saving.
    """
    saving, onsite = alone.saving.copy(), alone.onsite.copy()
    for j in np.flatnonzero(np.bincount(alone.column) > 1):
        rivals = alone.column == j
        saving[rivals] = shapley_shares(saving[rivals])
        onsite[rivals] = shapley_shares(onsite[rivals])
    return alone._replace(saving=saving, onsite=onsite)


def shapley_shares(fractions: Array) -> Array:
    r"""
    Share out the joint saving of measures that each save a fraction of what is left.

    Parameters
    ----------
    fractions : numpy.ndarray
        Saving of each measure alone, shape (measure, ...).

    Returns
    -------
    numpy.ndarray
        Same shape; the sum over measures is :math:`1 - \prod_k (1 - f_k)`.

    Notes
    -----
    The Shapley value of measure k is its mean marginal saving over all orders of the measures,
    :math:`f_k \int_0^1 \prod_{l \ne k} (1 - t f_l)\, dt` (Owen's multilinear extension [1]_);
    Gauss-Legendre quadrature is exact for this polynomial.

    References
    ----------
    .. [1] G. Owen, Multilinear extensions of games, Management Science 18 (1972) 64-79.

    Examples
    --------
    >>> shapley_shares(np.array([0.2, 0.5])).round(12)
    array([0.15, 0.45])
    """
    nodes, weights = _quadrature((len(fractions) + 1) // 2)
    left = 1 - np.multiply.outer(nodes, fractions)
    others = left.prod(axis=1, keepdims=True) / left
    shares: Array = fractions * np.einsum("t,t...->...", weights, others)
    return shares


@cache
def _quadrature(order: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss-Legendre quadrature on the open interval from 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return (nodes + 1) / 2, weights / 2
