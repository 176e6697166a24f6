"""Models A to D: how supply turns products into industries, or industries into products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from io_tables.errors import SupplyUseError
from io_tables.make_use import Pair, note
from io_tables.report import Finding

Array = npt.NDArray[np.float64]
TITLES = {
    "A": "product technology, product by product",
    "B": "industry technology, product by product",
    "C": "fixed industry sales structure, industry by industry",
    "D": "fixed product sales structure, industry by industry",
}
NOISE = 1e-12  # share of a row's or column's largest cell below which an inversion leaves dust
SINGULAR = 1e12  # condition number from which supply counts as singular


@dataclass(frozen=True, eq=False)
class Made:
    """A table by one model, before it is labelled."""

    sectors: list[str]
    flows: Array
    demand: Array
    output: Array
    primary: Array
    move: Array | None
    """Industries to products, for accounts by industry; None where sectors are industries."""


def _product_technology(pair: Pair) -> tuple[Made, list[Finding]]:
    """Model A."""
    q = pair.supply.sum(axis=1)
    move = _inverse(pair, "A") * q
    flows, primary = _dusted(pair.use @ move, 1), _dusted(pair.primary @ move, 1)
    found = _created("A", flows, pair.use.min(axis=1) >= 0, pair.products, pair.products)
    found += _created("A", primary, pair.primary.min(axis=1) >= 0, pair.components, pair.products)
    return Made(pair.products, flows, pair.demand, q, primary, move), found


def _industry_technology(pair: Pair) -> tuple[Made, list[Finding]]:
    """Model B."""
    q, g = pair.supply.sum(axis=1), pair.supply.sum(axis=0)
    move = _shares(pair.supply.T, g[:, None])
    made = Made(pair.products, pair.use @ move, pair.demand, q, pair.primary @ move, move)
    return made, _idle_industries(pair, g)


def _industry_sales(pair: Pair) -> tuple[Made, list[Finding]]:
    """Model C."""
    g = pair.supply.sum(axis=0)
    turn = g[:, None] * _inverse(pair, "C")
    flows, demand = _dusted(turn @ pair.use, 0), _dusted(turn @ pair.demand, 0)
    found = _created(
        "C", flows.T, pair.use.min(axis=0) >= 0, pair.industries, pair.industries, True
    )
    found += _created(
        "C", demand.T, pair.demand.min(axis=0) >= 0, pair.categories, pair.industries, True
    )
    return Made(pair.industries, flows, demand, g, pair.primary, None), found


def _product_sales(pair: Pair) -> tuple[Made, list[Finding]]:
    """Model D."""
    q, g = pair.supply.sum(axis=1), pair.supply.sum(axis=0)
    turn = _shares(pair.supply.T, q[None, :])
    primary, found = pair.primary, []
    foreign = (q == 0) & ((pair.use != 0).any(axis=1) | (pair.demand != 0).any(axis=1))
    if foreign.any():
        bought = pair.use[foreign].sum(axis=0)
        primary = np.vstack([primary, bought])
        names = ", ".join(pair.products[i] for i in np.flatnonzero(foreign).tolist())
        found.append(
            note(
                f"no industry makes it: purchases of {bought.sum():,.6g} by industries are "
                f"imported inputs, {pair.demand[foreign].sum():,.6g} of final demand and imports "
                "leave the table",
                f"product {names}",
                "check that it is an import without domestic output",
            )
        )
    return Made(pair.industries, turn @ pair.use, turn @ pair.demand, g, primary, None), found


MODELS: dict[str, Callable[[Pair], tuple[Made, list[Finding]]]] = {
    "A": _product_technology,
    "B": _industry_technology,
    "C": _industry_sales,
    "D": _product_sales,
}


def _inverse(pair: Pair, model: str) -> Array:
    """Inverse of supply, industries by products; A and C need it."""
    p, n = pair.supply.shape
    if p != n:
        raise SupplyUseError(
            f"model {model} needs as many products as industries, not {p} and {n}: aggregate "
            "products, or take model B or D"
        )
    q, g = pair.supply.sum(axis=1), pair.supply.sum(axis=0)
    empty = [f"product {pair.products[i]}" for i in np.flatnonzero(q == 0).tolist()]
    empty += [f"industry {pair.industries[i]}" for i in np.flatnonzero(g == 0).tolist()]
    if empty:
        raise SupplyUseError(
            f"model {model}: {', '.join(empty[:10])} has no output: aggregate it, or take model B "
            "or D"
        )
    mix = pair.supply / g
    if np.linalg.cond(mix) > SINGULAR:
        raise SupplyUseError(
            f"model {model}: supply is singular: some industries make the same mix of products; "
            "aggregate them, or take model B or D"
        )
    return np.asarray(np.linalg.inv(mix) / g[:, None], dtype=float)


def _shares(amounts: Array, totals: Array) -> Array:
    """Shares in totals, zero where the total is."""
    where = np.broadcast_to(totals > 0, amounts.shape)
    return np.divide(amounts, totals, out=np.zeros(amounts.shape), where=where)


def _dusted(values: Array, axis: int) -> Array:
    """Clear what an inversion leaves where zero should be."""
    largest = np.abs(values).max(axis=axis, keepdims=True, initial=0.0)
    return np.where(np.abs(values) <= NOISE * largest, 0.0, values)


def _created(
    model: str,
    values: Array,
    clean: npt.NDArray[np.bool_],
    rows: Sequence[str],
    columns: Sequence[str],
    turned: bool = False,
) -> list[Finding]:
    """List negative cells where the source has none in that row (or column, when turned)."""
    found = []
    for i, j in np.argwhere((values < 0) & clean[:, None]).tolist():
        one, two = (columns[j], rows[i]) if turned else (rows[i], columns[j])
        found.append(
            Finding(
                "warning",
                f"negative {values[i, j]:,.6g} created by model {model}",
                f"row {one}, column {two}",
                f"small: live with it; large: the assumption of model {model} does not hold here; "
                "correct supply, or take model B or D",
                SupplyUseError,
                "supply-use-negative",
                value=float(values[i, j]),
            )
        )
    return found


def _idle_industries(pair: Pair, g: Array) -> list[Finding]:
    """Refuse industries that buy without making anything: B would lose what they buy."""
    lost = (g == 0) & ((pair.use != 0).any(axis=0) | (pair.primary != 0).any(axis=0))
    if lost.any():
        names = ", ".join(pair.industries[i] for i in np.flatnonzero(lost).tolist())
        raise SupplyUseError(f"model B: industry {names} has inputs but no output: correct supply")
    return []
