"""What saved money is spent on: marginal budget shares by category of final demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.errors import (
    ArgumentError,
    HandprintError,
    InterventionError,
    ShapeError,
    listed,
)
from handprint.guards import NAMES, shown
from handprint.ties import EXACT, share_problem
from io_tables import IOTable
from io_tables.errors import did_you_mean

ALL, HOUSEHOLDS = "final demand", "households"

BudgetChoice = str | Sequence[str] | Mapping[str, float]


class Budget(NamedTuple):
    """Who spends the saved money, and on what."""

    categories: tuple[str, ...]  # empty: one budget of all
    weights: Array  # share of the money, (category)
    baskets: Array  # marginal budget shares, (category, sector)

    @property
    def mu(self) -> Array:
        """Marginal budget shares of all money together, (sector)."""
        return np.asarray(self.weights @ self.baskets)


def read_budget(table: IOTable, budget: BudgetChoice, shares: ArrayInput | None) -> Budget:
    r"""
    Take the budget of re-spending.

    Parameters
    ----------
    table : IOTable
        Gives average budgets where no marginal ones are given.
    budget : str, sequence of str or Mapping of str to float
        ``"final demand"``: one budget. ``"households"``, or a list of categories: these
        categories, each with money in proportion to its present spending. A mapping: category
        -> share of the money.
    shares : array_like, optional
        Marginal budget shares, dims (sector) for one budget, or (sector, category).

    Returns
    -------
    Budget
        Weights and every basket sum to one.

    Raises
    ------
    ArgumentError
        If the budget is neither names nor shares.
    InterventionError
        If categories are unknown, sums are not one, or a basket has no positive sum or a
        negative part; all problems are listed.
    ShapeError, LabelMismatchError, MissingValueError
        If ``shares`` do not fit the sectors.

    Notes
    -----
    :math:`\mu = \sum_h \omega_h \mu_h`. Average budgets :math:`y_{ih} / \sum_i y_{ih}` stand
    for marginal ones where none are given. Purchases of a competitive table include imports.
    """
    if not isinstance(budget, str | Mapping) and not NAMES.fits(budget):
        raise ArgumentError(
            f"budget is {shown(budget)}, needed 'final demand', 'households', a list of "
            "categories or {category: share}"
        )
    if isinstance(budget, str) and budget == ALL and (shares is None or _one_axis(shares)):
        basket = _whole(table) if shares is None else _given(shares, table)[:, 0]
        return Budget((), np.ones(1), basket[None, :])
    categories, weights = _chosen(table, budget)
    if shares is None:
        baskets = _average(table, categories)
    else:
        baskets = _by_category(shares, table, categories)
    return Budget(tuple(categories), weights, baskets)


def _one_axis(shares: ArrayInput) -> bool:
    return np.ndim(shares) == 1


def _whole(table: IOTable) -> Array:
    """All of final demand, imports and exports included."""
    y = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    if y.sum() <= 0:
        raise InterventionError(
            "respend: final demand is not positive in sum, so it gives no budget shares: "
            "give budget_shares"
        )
    return np.asarray(y / y.sum())


def _given(shares: ArrayInput, table: IOTable) -> Array:
    """Marginal budget shares as given, (sector, category)."""
    name, labels = "budget_shares", table.transactions.indexes["sector"]
    axes = ("sector",) if _one_axis(shares) else ("sector", "category")
    block = read(shares, name, dims=axes)
    if len(block.values) != len(labels) or block.values.ndim > 2:
        raise ShapeError(f"{name}: shape {block.values.shape} for {len(labels)} sectors")
    demand_labels(block.labels[0], labels, name)
    values = block.values if block.values.ndim == 2 else block.values[:, None]
    sums = values.sum(axis=0)
    wrong = [f"{total:.6g}" for total in sums if abs(total - 1) > EXACT]
    if wrong:
        raise InterventionError(f"budget_shares sum to {', '.join(wrong)}, needed 1")
    return values


def _by_category(shares: ArrayInput, table: IOTable, categories: list[str]) -> Array:
    """Marginal budget shares of the chosen categories, (category, sector)."""
    if _one_axis(shares):
        raise InterventionError(
            "budget_shares of one budget and a budget by category contradict each other: give "
            "shares with dims (sector, category), or leave budget out"
        )
    values = _given(shares, table)
    named = read(shares, "budget_shares", dims=("sector", "category")).labels[1]
    labels: Labels = table.final_demand.indexes["category"][
        [table.categories.index(c) for c in categories]
    ]
    if values.shape[1] != len(categories):
        raise ShapeError(
            f"budget_shares: {values.shape[1]} categories, budget has {listed(categories)}"
        )
    try:
        demand_labels(named, labels, "budget_shares, categories")
    except HandprintError as error:
        raise InterventionError(str(error)) from error
    return values.T


def _chosen(table: IOTable, budget: BudgetChoice) -> tuple[list[str], Array]:
    """Name the categories that spend and how the money is shared among them."""
    known = table.categories
    if isinstance(budget, str):
        if budget == ALL:
            raise InterventionError(
                "budget_shares by category need a budget that says who gets how much: "
                "budget='households', a list of categories, or {category: share}"
            )
        names = [c for c in known if "household" in c.lower()] if budget == HOUSEHOLDS else []
        if not names:
            raise InterventionError(
                f"budget {budget!r} names no category: give 'final demand', 'households', or "
                f"a list of categories of the table, which has {listed(known, 12)}"
            )
    else:
        names = list(budget)
    problems = [f"no category {c!r}, {did_you_mean(c, known)}" for c in names if c not in known]
    problems += [f"{c!r} is given twice" for c in dict.fromkeys(names) if names.count(c) > 1]
    if isinstance(budget, Mapping):
        problems += [p for c, w in budget.items() if (p := share_problem(f"share of {c!r}", w))]
        if not problems and abs(sum(budget.values()) - 1) > EXACT:
            problems.append(f"shares sum to {sum(budget.values()):.6g}, needed 1")
    if not names:
        problems.append("no category given")
    if problems:
        raise InterventionError(f"budget: {'; '.join(problems)}")
    if isinstance(budget, Mapping):
        return names, np.array(list(budget.values()), dtype=np.float64)
    size = table.final_demand.sel(category=names).transpose("category", "sector").values.sum(axis=1)
    if (size < 0).any() or size.sum() <= 0:
        raise InterventionError(f"budget: {listed(names)} spend nothing in sum: give budget_shares")
    return names, size / size.sum()


def _average(table: IOTable, categories: list[str]) -> Array:
    """Average budgets of categories, (category, sector)."""
    spent = table.final_demand.sel(category=categories).transpose("category", "sector").values
    problems = []
    for name, basket in zip(categories, spent, strict=True):
        negative = [table.sectors[i] for i in np.flatnonzero(basket < 0)]
        if negative:
            problems.append(f"{name!r} is negative in {listed(negative)}")
        elif basket.sum() <= 0:
            problems.append(f"{name!r} spends nothing")
    if problems:
        raise InterventionError(
            f"budget: {'; '.join(problems)}, so it gives no budget shares: give budget_shares"
        )
    return np.asarray(spent / spent.sum(axis=1, keepdims=True))
