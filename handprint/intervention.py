"""Digital interventions: what they change in the column of the sector that applies them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from handprint.alignment import Array, Labels
from handprint.errors import InterventionError, ShapeError
from handprint.guards import TEXT, refuse_kinds
from handprint.sharing import shapley_shares
from handprint.ties import (
    BACKFIRE,
    EXACT,
    Amount,
    FuelRows,
    annuity,
    capital_problems,
    fuel_problems,
    share_problem,
    shares_of_fuel,
    tied_saving,
)
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
        Share of the sector's own emissions saved where applied, phi in 0..1; left out where
        ``fuel_rows`` tie it to the saving of fuel.
    ict_input : float or Mapping of str to float
        ICT bought per unit of output where applied, kappa in 0..1: running cost, and investment
        that is annualised already [table units per table units]; a mapping ICT sector ->
        kappa where there are several.
    rebound : float
        Share of the savings lost again by direct rebound, r in 0..2; above one the use grows by
        more than was saved (backfire).
    name : str
        Label; the sector when empty.
    ict_capital : float or Mapping of str to float
        ICT bought once per unit of yearly output where applied, likewise; its annuity over
        ``lifetime`` is added to ``ict_input``.
    lifetime : float, optional
        Years that ``ict_capital`` lasts.
    discount : float
        Interest rate of the annuity per year, 0..1; zero is straight-line depreciation.
    fuel_rows : sequence of str or Mapping of str to float
        Rows of ``saving`` that the sector burns: what is not bought is not burnt. A mapping
        row -> share of the sector's own emissions that comes from it; what is left to one is
        no fuel (process emissions). A sequence of rows that all save the same share stands
        for all own emissions.

    Raises
    ------
    ArgumentError
        If sector or name is no text.
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
    ict_input: Amount = 0.0
    rebound: float = 0.0
    name: str = ""
    ict_capital: Amount = 0.0
    lifetime: float | None = None
    discount: float = 0.0
    fuel_rows: FuelRows = ()

    def __post_init__(self) -> None:
        """Copy the mappings and refuse shares that are none."""
        texts = {"sector": self.sector, "name": self.name}
        refuse_kinds("Intervention", texts, dict.fromkeys(texts, TEXT))
        if not isinstance(self.saving, Mapping):
            raise InterventionError(
                f"intervention {self.label!r}: saving is {self.saving!r}, needed a mapping "
                "input -> share saved"
            )
        for field_name in ("saving", "ict_input", "ict_capital", "fuel_rows"):
            if isinstance(given := getattr(self, field_name), Mapping):
                object.__setattr__(self, field_name, dict(given))
        if isinstance(self.ict_input, Mapping):
            bought = {f"ict_input from {k!r}": v for k, v in self.ict_input.items()}
        else:
            bought = {"ict_input": self.ict_input}
        shares = {
            "penetration": self.penetration,
            **{f"saving of {k!r}": v for k, v in self.saving.items()},
            "onsite": self.onsite,
            **bought,
        }
        problems = [p for what, value in shares.items() if (p := share_problem(what, value))]
        problems += [p] if (p := share_problem("rebound", self.rebound, BACKFIRE)) else []
        if not problems:
            problems += fuel_problems(self.fuel_rows, self.saving, self.onsite)
        problems += capital_problems(self.ict_capital, self.lifetime, self.discount)
        if problems:
            raise InterventionError(f"intervention {self.label!r}: {'; '.join(problems)}")

    @property
    def label(self) -> str:
        """Name, or the sector where none was given."""
        return self.name or self.sector

    @property
    def own_saving(self) -> float:
        """Share of own emissions saved where applied: as given, or tied to the fuel rows."""
        return tied_saving(self.fuel_rows, self.saving) if self.fuel_rows else self.onsite

    @property
    def yearly(self) -> float:
        """Yearly cost of one unit of ``ict_capital`` [1/year]; zero without a lifetime."""
        return annuity(self.lifetime, self.discount) if self.lifetime is not None else 0.0


class Fractions(NamedTuple):
    """What interventions save and add, by intervention; savings as fractions of what is there."""

    column: npt.NDArray[np.intp]  # position of the sector, (intervention)
    saving: Array  # of each input, (intervention, sector)
    onsite: Array  # of the sector's own emissions, (intervention)
    added: Array  # ICT coefficients, capital included, (intervention, sector)
    capital: Array  # of which annualised capital, (intervention, sector)


def listed_ict(ict: Sequence[str]) -> list[str]:
    """
    Take the names of ICT sectors.

    Parameters
    ----------
    ict : sequence of str
        As given; may be empty.

    Returns
    -------
    list of str
        In their order.

    Raises
    ------
    ShapeError
        If it is a single text.
    """
    if isinstance(ict, str):
        raise ShapeError(f"ict: give a list of sectors, for example [{ict!r}]")
    return list(ict)


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
    if len(given := listed_ict(ict)):
        return given
    bought = (amount for i in interventions for amount in (i.ict_input, i.ict_capital))
    named = (amount for amount in bought if isinstance(amount, Mapping))
    return list(dict.fromkeys(sector for mapping in named for sector in mapping))


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
    ict = listed_ict(ict)
    problems = [share_problem("respend", respend)]
    problems += [f"ict: no sector {c!r}, {did_you_mean(c, labels)}" for c in ict if c not in labels]
    for one in interventions:
        problems += _name_problems(one, labels, ict)
    problems += _fuel_conflicts(interventions)
    problems = [p for p in problems if p]
    if problems:
        raise InterventionError("; ".join(problems))


def _name_problems(one: Intervention, labels: Labels, ict: Sequence[str]) -> list[str]:
    """Names that are no sector, and ICT that is bought from an unclear one."""
    amounts: dict[str, Amount] = {"ict_input": one.ict_input, "ict_capital": one.ict_capital}
    bought = {k: v if isinstance(v, Mapping) else {} for k, v in amounts.items()}
    named = {"sector": [one.sector], "saving": one.saving, **bought}
    problems = [
        f"{one.label!r}: {what} names {name!r}, {did_you_mean(name, labels)}"
        for what, names in named.items()
        for name in names
        if name not in labels
    ]
    for what, amount in amounts.items():
        if ict:
            problems += [
                f"{one.label!r}: {what} from {c!r}, which is not among ict {list(ict)}"
                for c in bought[what]
                if c in labels and c not in ict
            ]
        if not isinstance(amount, Mapping) and amount and len(ict) != 1:
            problems.append(
                f"{one.label!r}: {what} is one number but there are {len(ict)} ICT sectors: "
                "give ict=[sector], or a mapping ICT sector -> input"
            )
    return problems


def _fuel_conflicts(interventions: Sequence[Intervention]) -> list[str]:
    """Ties of several interventions in one sector that cannot all hold."""
    problems = []
    for sector in dict.fromkeys(i.sector for i in interventions):
        here = [i for i in interventions if i.sector == sector]
        known: dict[str, tuple[float, str]] = {}
        for one in here:
            for row, share in shares_of_fuel(one.fuel_rows).items():
                before, who = known.setdefault(row, (share, one.label))
                if abs(before - share) > EXACT:
                    problems.append(
                        f"{one.label!r}: {share:g} of the emissions of {sector!r} comes from "
                        f"{row!r}, but {before:g} according to {who!r}"
                    )
        whole = sum(share for share, _ in known.values())
        if whole > 1 + EXACT:
            problems.append(f"fuel_rows of {sector!r}: {list(known)} sum to {whole:g}, above 1")
        problems += [
            f"{one.label!r}: saves {row!r}, which {sector!r} burns according to {known[row][1]!r}, "
            "but no own emissions: give fuel_rows or onsite"
            for one in here
            for row, share in one.saving.items()
            if share and row in known and known[row][0] and not one.fuel_rows and not one.onsite
        ]
    return problems


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
    capital = np.zeros(shape)
    for k, one in enumerate(interventions):
        reach = one.penetration * (1 - one.rebound) if rebound else one.penetration
        for name, share in one.saving.items():
            saving[k, labels.get_loc(name)] = share * reach
        for name, amount in by_ict_sector(one.ict_input, ict).items():
            added[k, labels.get_loc(name)] = amount * one.penetration
        for name, amount in by_ict_sector(one.ict_capital, ict).items():
            capital[k, labels.get_loc(name)] = amount * one.yearly * one.penetration
        onsite[k] = one.own_saving * reach
    column = labels.get_indexer(pd.Index([i.sector for i in interventions], dtype=object))
    return Fractions(column, saving, onsite, added + capital, capital)


def by_ict_sector(amount: Amount, ict: Sequence[str]) -> Mapping[str, float]:
    """
    Say which sector an amount of ICT is bought from.

    Parameters
    ----------
    amount : float or Mapping of str to float
        One number is bought from the only ICT sector.
    ict : sequence of str
        ICT sectors.

    Returns
    -------
    Mapping of str to float
        ICT sector -> amount.
    """
    if isinstance(amount, Mapping):
        return amount
    return {ict[0]: amount} if amount else {}


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
