"""The arithmetic of the counterfactual on plain arrays: two economies and the exact split."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array, Labels
from handprint.factor import Factor, factorise
from handprint.intervention import Fractions, credited
from handprint.respending import Budget

ORDERS = ("first", "second_inputs", "second_onsite", "higher")

Values = dict[str, tuple[tuple[str, ...], npt.ArrayLike]]


class Economy(NamedTuple):
    """A solved economy."""

    a: Array  # current inputs
    k: Array | None  # capital goods that are inputs too
    s: Array
    factor: Factor  # of I - a - k
    x: Array

    @property
    def emissions(self) -> float:
        """Direct emissions of all sectors."""
        return float(self.s @ self.x)


class Setting(NamedTuple):
    """All that a counterfactual is made of; households follow the interventions."""

    labels: Labels
    before: Economy
    demand: Array  # final demand that is met, without endogenous capital, (sector)
    cost: Array  # coefficients that money is counted on, (sector, purchaser)
    home: Array  # share of what is bought in addition that is made at home, (sector)
    alone: Fractions
    unspoilt: Fractions | None  # without direct rebound, where there is any
    shift: Array  # change of final demand, (household, sector)
    smoke: Array  # change of direct emissions, (household)
    hearth: float | None  # direct emissions of households, where they count
    ict: npt.NDArray[np.intp]
    budget: Budget | None  # where something is spent again
    respend: float

    @property
    def demand_after(self) -> Array:
        """Final demand after the changes of households."""
        return np.asarray(self.demand + self.shift.sum(axis=0) * self.home)

    @property
    def mu(self) -> Array:
        """Domestic products in what saved money is spent on."""
        mu = np.zeros(len(self.home)) if self.budget is None else self.budget.mu
        return np.asarray(mu * self.home)


class Change(NamedTuple):
    """What each intervention changes in the column of its sector."""

    column: npt.NDArray[np.intp]  # position of the sector, (intervention)
    saved: Array  # coefficients, (intervention, sector)
    onsite: Array  # intensity, (intervention)
    added: Array  # ICT coefficients, (intervention, sector)


def solved(a: Array, k: Array | None, s: Array, y: Array, labels: Labels) -> Economy:
    """
    Solve an economy.

    Parameters
    ----------
    a : numpy.ndarray
        Coefficients, (sector, purchaser).
    k : numpy.ndarray or None
        Capital use, likewise.
    s, y : numpy.ndarray
        Intensity and final demand, (sector).
    labels : pandas.Index
        Sectors, for messages.

    Returns
    -------
    Economy
        With output :math:`x = (I - A - K)^{-1} y`.
    """
    factor = factorise(a if k is None else a + k, labels)
    return Economy(a, k, s, factor, factor.columns(y))


def outcome(setting: Setting) -> tuple[Array, Values]:
    """
    Compare the economies before and after.

    Parameters
    ----------
    setting : Setting
        What is compared.

    Returns
    -------
    effect : numpy.ndarray
        Change of emissions, (order, emitter, intervention); households last on both axes
        where they count.
    values : dict
        Name -> (dims, numbers).
    """
    before, alone = setting.before, setting.alone
    after, ideal = _after(setting, alone), None
    if setting.unspoilt is not None:
        ideal = _after(setting, setting.unspoilt)
    shared = credited(alone)
    change = _change(before, shared, setting.home)
    per_output = (shared.saving * setting.cost[:, alone.column].T - alone.added).sum(axis=1)
    cost = np.concatenate([per_output * after.x[change.column], -setting.shift.sum(axis=1)])
    effect = _effect(setting, after, change, cost)
    at_home, less = 0.0 if setting.hearth is None else setting.hearth, float(setting.smoke.sum())
    values = totals(
        before.emissions + at_home,
        after.emissions + at_home + less,
        (ideal or after).emissions + at_home + less,
        effect[3].sum(),
    )
    values["cost_saving"] = ((), cost.sum())
    values["cost_saving_by_intervention"] = (("intervention",), cost)
    if len(setting.ict) and not len(setting.shift):
        values |= _break_even(setting, _change(before, alone, setting.home))
    return effect, values | _extras(setting, after, float(cost.sum()))


def totals(e0: float, e1: float, engineering: float, higher: float) -> Values:
    """
    Add up totals and their differences.

    Parameters
    ----------
    e0, e1, engineering : float
        Emissions before, after, and after without direct rebound.
    higher : float
        Emissions of what is spent again.

    Returns
    -------
    dict
        Name -> (dims, numbers); the rebound share only where it means something.
    """
    values = differences(e0, e1, engineering, higher)
    ideal, lost = e0 - engineering, e1 - engineering + higher
    if ideal > 0 or lost == 0:
        values["rebound_share"] = lost / ideal if lost else 0.0
    return {name: ((), value) for name, value in values.items()}


def differences(e0: float, e1: float, engineering: float, higher: float) -> dict[str, float]:
    """
    Take differences of totals; numbers or arrays.

    Parameters
    ----------
    e0, e1, engineering, higher : float
        As in :func:`totals`.

    Returns
    -------
    dict of str to float
        Without the rebound share.
    """
    return {
        "total_before": e0,
        "total_after": e1,
        "total_after_respending": e1 + higher,
        "ner_td": e0 - e1,
        "ner_td_star": e0 - e1 - higher,
        "engineering_saving": e0 - engineering,
        "rebound_direct": e1 - engineering,
        "rebound_respending": higher,
    }


def _after(setting: Setting, share: Fractions) -> Economy:
    """Coefficients and intensities after all interventions: savings multiply, purchases add."""
    before = setting.before
    kept, own, added = np.ones_like(before.a), np.ones_like(before.s), np.zeros_like(before.a)
    np.multiply.at(kept, share.column, 1 - share.saving)
    np.multiply.at(own, share.column, 1 - share.onsite)
    np.add.at(added, share.column, share.added * setting.home)
    a = before.a * kept.T + added.T
    return solved(a, before.k, before.s * own, setting.demand_after, setting.labels)


def _change(before: Economy, share: Fractions, home: Array) -> Change:
    """Turn fractions into coefficients and intensities."""
    j = share.column
    saved = before.a[:, j].T * share.saving
    return Change(j, saved, before.s[j] * share.onsite, share.added * home)


def _effect(setting: Setting, after: Economy, change: Change, cost: Array) -> Array:
    """Split the change of emissions exactly, (order, emitter, intervention)."""
    before, j = setting.before, change.column
    n, x = len(before.x), before.x[j, None]
    shift = setting.shift * setting.home
    bought = np.vstack([change.added * x, np.zeros_like(shift)])
    spared = np.vstack([-change.saved * x, shift])
    pulled = np.stack([bought, spared, np.outer(cost, setting.respend * setting.mu)])
    output = after.factor.columns(pulled.reshape(-1, n).T)
    first, second, higher = output.reshape(n, 3, -1).transpose(1, 0, 2)
    s = ((before.s + after.s) / 2)[:, None]
    onsite = np.zeros_like(first)
    onsite[j, np.arange(len(j))] = -change.onsite * (before.x[j] + after.x[j]) / 2
    effect = np.stack([s * first, s * second, onsite, after.s[:, None] * higher])
    if setting.hearth is None:
        return effect
    households = np.zeros((len(ORDERS), 1, len(cost)))
    households[2, 0, len(j) :] = setting.smoke
    return np.concatenate([effect, households], axis=1)


def _break_even(setting: Setting, alone: Change) -> Values:
    """ICT coefficient at which each intervention alone saves nothing, in its own mix of ICT."""
    before, ict = setting.before, setting.ict
    m = before.factor.rows(before.s)
    bought = setting.alone.added[:, ict].copy()
    none = bought.sum(axis=1) == 0
    bought[none] = before.x[ict]
    per_unit = bought @ (m * setting.home)[ict] / bought.sum(axis=1)
    inputs = alone.saved @ m
    never = np.full(len(inputs), np.inf)
    return {
        name: (
            ("intervention",),
            np.divide(saved, per_unit, out=never.copy(), where=per_unit > 0),
        )
        for name, saved in {
            "break_even": inputs,
            "break_even_with_onsite": inputs + alone.onsite,
        }.items()
    }


def _extras(setting: Setting, after: Economy, cost: float) -> Values:
    """Results of options that are not always there."""
    before, budget, values = setting.before, setting.budget, Values()
    capital = setting.alone.capital
    if capital.any():
        mean = after.factor.rows((before.s + after.s) / 2)
        part = np.zeros(len(capital) + len(setting.shift))
        part[: len(capital)] = (capital * setting.home) @ mean * before.x[setting.alone.column]
        values["first_from_capital"] = (("intervention",), part)
    if before.k is not None:
        plain = factorise(before.a, setting.labels)
        values["multiplier"] = (("sector",), before.factor.rows(before.s))
        values["multiplier_without_capital"] = (("sector",), plain.rows(before.s))
    if budget is not None and budget.categories:
        caused = (budget.baskets * setting.home) @ after.factor.rows(after.s)
        spent = setting.respend * cost * budget.weights
        values["respending_by_category"] = (("category",), spent * caused)
    return values
