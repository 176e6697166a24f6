"""Use at purchasers' prices brought to the basic prices of supply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from io_tables.arrays import matrix
from io_tables.checks import value_findings
from io_tables.errors import BalanceError, LabelError
from io_tables.make_use import Pair, note
from io_tables.report import as_error
from io_tables.table import IMPORTS, PRODUCT_TAXES

Array = npt.NDArray[np.float64]


def at_basic_prices(
    pair: Pair,
    imports: object | None,
    margins: object | None,
    taxes: object | None,
    tolerance: float,
) -> Pair:
    r"""
    Take imports, trade and transport margins and taxes on products out of use.

    Parameters
    ----------
    pair : Pair
        Use at purchasers' prices.
    imports, margins, taxes : array_like or mapping, optional
        By product; margins are negative where they are produced and sum to zero.
    tolerance : float
        Largest sum of margins that counts as zero.

    Returns
    -------
    Pair
        Use at basic prices; imports a negative category; taxes on what industries buy a primary
        input.

    Raises
    ------
    BalanceError
        If margins do not sum to zero, or a product without use bears margins or taxes.
    LabelError
        If there are imports twice.

    Notes
    -----
    Every user of product i bears the same rates :math:`t_i = T_i / u_i` and :math:`m_i =
    M_i^+ / u_i`; what user j pays in margins becomes a purchase from the products that
    supply them, in proportion to :math:`-M_k^-` [1]_.

    References
    ----------
    .. [1] Eurostat, Manual of Supply, Use and Input-Output Tables, 2008, ch. 6.
    """
    notes, demand, use = list(pair.notes), pair.demand, pair.use
    components, primary = list(pair.components), pair.primary
    levied = vector(taxes, pair.products, "taxes")
    paid = vector(margins, pair.products, "margins")
    if abs(paid.sum()) > tolerance:
        raise BalanceError(
            f"margins sum to {paid.sum():,.6g}, not zero: they are negative for the trade and "
            "transport products that supply them"
        )
    whole = use.sum(axis=1) + demand.sum(axis=1)
    bare = np.flatnonzero((whole <= 0) & ((levied != 0) | (paid > 0))).tolist()
    if bare:
        raise BalanceError(
            f"product {pair.products[bare[0]]} bears margins or taxes but its use is "
            f"{whole[bare[0]]:,.6g}: correct one of them"
        )
    if levied.any() or paid.any():
        rates = [
            np.divide(a, whole, out=np.zeros_like(whole), where=whole > 0)
            for a in (levied, np.maximum(paid, 0.0))
        ]
        makers = np.maximum(-paid, 0.0)
        makers = makers / makers.sum() if makers.any() else makers
        row = rates[0] @ use
        lost = float((rates[0] @ demand).sum())
        use, demand = (
            b * (1 - rates[0] - rates[1])[:, None] + np.outer(makers, rates[1] @ b)
            for b in (use, demand)
        )
        if levied.any():
            components.append(PRODUCT_TAXES)
            primary = np.vstack([primary, row])
        notes.append(
            note(
                f"margins of {np.maximum(paid, 0).sum():,.6g} and taxes of {levied.sum():,.6g} "
                f"taken out, the same rates for every user; taxes of {lost:,.6g} on final demand "
                "leave the table",
                "use at purchasers' prices",
                "give valuation matrices as use at basic prices where they exist",
            )
        )
    categories = list(pair.categories)
    if imports is not None:
        if IMPORTS in categories:
            raise LabelError(f"{IMPORTS!r} is a category already: leave imports= out")
        brought = vector(imports, pair.products, "imports")
        demand = np.hstack([demand, -brought[:, None]])
        categories.append(IMPORTS)
    return replace(
        pair,
        categories=categories,
        components=components,
        use=use,
        demand=demand,
        primary=primary,
        notes=tuple(notes),
    )


def vector(values: object | None, labels: Sequence[str], what: str) -> Array:
    """
    Read a vector; nothing given is zero.

    Parameters
    ----------
    values : array_like or mapping, optional
        With the labels where it has any.
    labels : sequence of str
        Labels expected.
    what : str
        Name for messages.

    Returns
    -------
    numpy.ndarray
        In the order of the labels.

    Raises
    ------
    LabelError, MissingValueError
        If labels differ, or a number is missing.
    """
    if values is None:
        return np.zeros(len(labels))
    if isinstance(values, Mapping):
        values = pd.Series(values)
    array = matrix(values, ("label", "value"), (labels, [what]), what)
    holes = list(value_findings(array, what))
    if holes:
        raise as_error(what, holes)
    return np.asarray(array.values[:, 0], dtype=float)
