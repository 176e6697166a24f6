"""From a table, interventions and options to the arrays of a counterfactual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, ArrayInput, Labels, demand_labels, positions, read
from handprint.capital import read_capital
from handprint.effects import Setting, solved
from handprint.errors import ArgumentError, InterventionError, ShapeError
from handprint.factor import coefficients
from handprint.guards import LABELLED, NAMES, NUMBER, TEXT, refuse_kinds, shown
from handprint.intervention import (
    Intervention,
    fractions,
    ict_sectors,
    listed_ict,
    refuse_problems,
)
from handprint.respending import ALL, BudgetChoice, read_budget
from io_tables import IOTable
from io_tables.errors import did_you_mean

HOUSEHOLDS, FINAL_DEMAND = "households", "final demand"


class Options(TypedDict, total=False):
    """Options of a counterfactual, as in :func:`handprint.counterfactual`."""

    satellite: str
    respend: float
    ict: Sequence[str]
    budget: BudgetChoice
    budget_shares: ArrayInput | None
    demand_changes: Mapping[str, ArrayInput] | None
    household_onsite: Mapping[str, float] | None
    capital: ArrayInput | None


KINDS = {"satellite": TEXT, "respend": NUMBER, "ict": NAMES}
OPTIONAL = {"demand_changes": LABELLED, "household_onsite": LABELLED}


class Market(NamedTuple):
    """Flows that the table's own producers deliver."""

    a: Array  # (sector, purchaser)
    demand: Array  # (sector)
    home: Array  # share of all purchases of a product, (sector)


def listed_interventions(
    interventions: Sequence[Intervention] | Intervention,
) -> list[Intervention]:
    """
    Take one intervention or several.

    Parameters
    ----------
    interventions : sequence of Intervention
        Or one.

    Returns
    -------
    list of Intervention
        In their order.

    Raises
    ------
    ArgumentError
        If something else is among them.
    """
    if isinstance(interventions, Intervention):
        return [interventions]
    if not isinstance(interventions, Iterable) or isinstance(interventions, str | Mapping):
        raise ArgumentError(
            f"interventions is {shown(interventions)}, needed a list of handprint.Intervention"
        )
    given = list(interventions)
    strange = [shown(one) for one in given if not isinstance(one, Intervention)]
    if strange:
        raise ArgumentError(
            f"interventions holds {', '.join(strange[:3])}, needed handprint.Intervention only"
        )
    return given


def read_options(options: Options) -> Options:
    """
    Refuse options that do not exist, and values of another kind.

    Parameters
    ----------
    options : Options
        As given.

    Returns
    -------
    Options
        With the ICT sectors as a list.

    Raises
    ------
    ArgumentError
        Listing all.
    """
    unknown = [name for name in options if name not in Options.__annotations__]
    if unknown:
        hints = "; ".join(f"{n!r}, {did_you_mean(n, Options.__annotations__)}" for n in unknown)
        raise ArgumentError(f"no option {hints}")
    there = {name: value for name, value in options.items() if value is not None}
    refuse_kinds("options", options, KINDS)
    refuse_kinds("options", there, OPTIONAL)
    return {**options, "ict": listed_ict(options.get("ict", ()))}


def market(table: IOTable) -> Market:
    """
    Take all flows of a table as its own.

    Parameters
    ----------
    table : IOTable
        Competitive or domestic.

    Returns
    -------
    Market
        With domestic shares of one.
    """
    demand = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    return Market(coefficients(table), demand, np.ones(len(demand)))


def prepare(
    table: IOTable,
    given: Sequence[Intervention],
    options: Options,
    rule: Market | None = None,
) -> Setting:
    """
    Check and read all that a counterfactual is made of.

    Parameters
    ----------
    table : IOTable
        The economy before.
    given : sequence of Intervention
        As given.
    options : Options
        As given; what is missing has its default.
    rule : Market, optional
        Domestic flows under a rule for imports; by default those of the table.

    Returns
    -------
    Setting
        With the economy before solved.

    Raises
    ------
    InterventionError
        Listing what does not fit the table.
    NotProductiveError
        If the economy before is not productive.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.
    """
    options = read_options(options)
    labels: Labels = pd.Index(table.sectors)
    ict, respend = options.get("ict", ()), options.get("respend", 0.0)
    satellite = options.get("satellite", "CO2")
    refuse_problems(given, labels, ict, respend)
    own = market(table)
    rule = rule or own
    k, demand = None, rule.demand
    if (capital := options.get("capital")) is not None:
        k = read_capital(capital, table) * rule.home[:, None]
        demand = demand - k @ table.output.values
    before = solved(rule.a, k, intensities(table, satellite), demand, labels)
    changes = options.get("demand_changes") or {}
    smoke = _household_onsite(options, table, satellite)
    at_home = list(dict.fromkeys([*changes, *smoke]))
    group = ict_sectors(given, ict)
    chosen, shares = options.get("budget", ALL), options.get("budget_shares")
    wanted = bool(respend) or not (isinstance(chosen, str) and chosen == ALL) or shares is not None
    return Setting(
        labels=labels,
        before=before,
        demand=demand,
        cost=own.a,
        home=rule.home,
        alone=fractions(given, labels, ict),
        unspoilt=fractions(given, labels, ict, rebound=False)
        if any(i.rebound for i in given)
        else None,
        shift=_by_sector(changes, at_home, labels),
        smoke=np.array([smoke.get(label, 0.0) for label in at_home]),
        hearth=float(table.households[satellite]) if smoke else None,
        ict=positions(group, labels, "ict") if group else np.zeros(0, dtype=np.intp),
        budget=read_budget(table, chosen, shares) if wanted else None,
        respend=float(respend),
    )


def names_of(
    given: Sequence[Intervention], options: Options
) -> tuple[list[str], list[str], list[str]]:
    """
    Label the axes of the result.

    Parameters
    ----------
    given : sequence of Intervention
        As given.
    options : Options
        As given.

    Returns
    -------
    labels : list of str
        Interventions, then households; equal ones numbered.
    places : list of str
        Where each is applied.
    extra : list of str
        Emitters that are no sectors.
    """
    changes, smoke = options.get("demand_changes") or {}, options.get("household_onsite") or {}
    at_home = list(dict.fromkeys([*changes, *smoke]))
    labels = [i.label for i in given] + at_home
    again = [labels[:k].count(label) + 1 for k, label in enumerate(labels)]
    places = [i.sector for i in given]
    places += [FINAL_DEMAND if label in changes else HOUSEHOLDS for label in at_home]
    numbered = [f"{n} #{k}" if k > 1 else n for n, k in zip(labels, again, strict=True)]
    return numbered, places, [HOUSEHOLDS] if smoke else []


def _by_sector(changes: Mapping[str, ArrayInput], names: Sequence[str], labels: Labels) -> Array:
    """Read vectors by sector, one row for each name; zero where there is none."""
    rows = np.zeros((len(names), len(labels)))
    for row, name in zip(rows, names, strict=True):
        if name not in changes:
            continue
        block = read(changes[name], name, dims=("sector",))
        if block.values.shape != (len(labels),):
            raise ShapeError(f"{name}: shape {block.values.shape} for {len(labels)} sectors")
        demand_labels(block.labels[0], labels, name)
        row[:] = block.values
    return rows


def _household_onsite(options: Options, table: IOTable, satellite: str) -> dict[str, float]:
    """Changes of direct household emissions, refused where they do not fit what there is."""
    given = options.get("household_onsite") or {}
    if not given:
        return {}
    if satellite not in table.households:
        raise InterventionError(
            f"household_onsite: table {table.name} has no direct {satellite} of households; "
            f"it has {', '.join(table.households) or 'none'}"
        )
    own = table.households[satellite]
    problems = [
        f"{label!r} is {value!r}, no finite number"
        for label, value in given.items()
        if not isinstance(value, int | float | np.number | xr.DataArray) or not np.isfinite(value)
    ]
    if not problems and sum(given.values()) < -float(own) * (1 + 1e-9):
        problems.append(
            f"{-sum(given.values()):g} {own.attrs['units']} less in sum, but households emit "
            f"{float(own):g}"
        )
    if HOUSEHOLDS in table.sectors:
        problems.append(f"a sector is called {HOUSEHOLDS!r} as well: rename it")
    if problems:
        raise InterventionError(f"household_onsite: {'; '.join(problems)}")
    return {label: float(value) for label, value in given.items()}
