"""The door of supply and use: what is given becomes a pair of matrices that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from io_tables.arrays import matrix, same_labels
from io_tables.checks import shortened, value_findings
from io_tables.errors import BalanceError, LabelError, SupplyUseError, did_you_mean
from io_tables.report import Finding, as_error

Array = npt.NDArray[np.float64]
Orientation = Literal["supply", "make"]
VALUATION = (
    "declare what stands between them: imports= (by product, positive), and margins= and taxes= "
    "if use is at purchasers' prices; imports that are a negative category need nothing"
)


@dataclass(frozen=True, eq=False)
class Pair:
    """
    Supply and use at one valuation.

    Parameters
    ----------
    products, industries, categories, components : list of str
        Labels.
    supply : numpy.ndarray
        Products by industries.
    use : numpy.ndarray
        Intermediate use, products by industries.
    demand : numpy.ndarray
        Final demand, products by categories; imports negative.
    primary : numpy.ndarray
        Primary inputs, components by industries.
    notes : tuple of Finding
        What was derived or converted on the way.
    """

    products: list[str]
    industries: list[str]
    categories: list[str]
    components: list[str]
    supply: Array
    use: Array
    demand: Array
    primary: Array
    notes: tuple[Finding, ...] = field(default=())


def note(what: str, where: str, fix: str) -> Finding:
    """
    Make a remark about the way from supply and use to the table.

    Parameters
    ----------
    what, where, fix : str
        What was done, to what, and what to know.

    Returns
    -------
    Finding
        Information.
    """
    return Finding("info", what, where, fix, SupplyUseError, "supply-use-note")


def taken_in(
    supply: object,
    use: object,
    *,
    final_demand: object | None,
    value_added: object | None,
    products: Sequence[str] | None,
    industries: Sequence[str] | None,
    categories: Sequence[str] | None,
    components: Sequence[str] | None,
    orientation: Orientation,
) -> Pair:
    """
    Label the matrices; find final demand and value added beside and below intermediate use.

    Parameters
    ----------
    supply, use : array_like
        Numpy, pandas or xarray.
    final_demand, value_added : array_like, optional
        Where they are not part of ``use``.
    products, industries, categories, components : sequence of str, optional
        Labels.
    orientation : {"supply", "make"}
        Whether the rows of ``supply`` are products or industries.

    Returns
    -------
    Pair
        Labelled, not yet checked for balance. What is not given is what the identities leave.

    Raises
    ------
    LabelError
        If labels or shapes do not fit.
    MissingValueError
        If a cell is missing, infinite or text.
    """
    if orientation not in ("supply", "make"):
        raise LabelError(
            f"orientation {orientation!r}: {did_you_mean(orientation, ('supply', 'make'))}"
        )
    made = _supply(supply, products, industries, orientation)
    names, works = _labels(made, "product"), _labels(made, "industry")
    block, demand, primary = _use(use, names, works)
    notes = []
    if final_demand is not None:
        if demand is not None:
            raise LabelError(
                f"use has columns beyond the industries ({', '.join(_labels(demand, 'category'))}) "
                "and final_demand is given too: leave one of them"
            )
        demand = matrix(final_demand, ("product", "category"), (names, categories), "final demand")
    elif demand is None:
        left = made.values.sum(axis=1) - block.values.sum(axis=1)
        demand = matrix(left[:, None], ("product", "category"), (names, ["final demand"]), "rest")
        notes.append(note("is what intermediate use leaves of supply", "final demand", "give it"))
    if value_added is not None:
        if primary is not None:
            raise LabelError(
                f"use has rows beyond the products ({', '.join(_labels(primary, 'component'))}) "
                "and value_added is given too: leave one of them"
            )
        primary = matrix(value_added, ("component", "industry"), (components, works), "value added")
    elif primary is None:
        left = made.values.sum(axis=0) - block.values.sum(axis=0)
        primary = matrix(left[None, :], ("component", "industry"), (["value added"], works), "rest")
        notes.append(note("is what intermediate inputs leave of output", "value added", "give it"))
    arrays = {"supply": made, "use": block, "final demand": demand, "value added": primary}
    holes = [f for what, array in arrays.items() for f in value_findings(array, what)]
    if holes:
        raise as_error("supply and use", holes)
    return Pair(
        names,
        works,
        list(categories) if categories is not None else _labels(demand, "category"),
        list(components) if components is not None else _labels(primary, "component"),
        made.values,
        block.values,
        demand.values,
        primary.values,
        tuple(notes),
    )


def unbalanced(pair: Pair, tolerance: float) -> list[Finding]:
    """
    Find products and industries that do not add up.

    Parameters
    ----------
    pair : Pair
        At one valuation.
    tolerance : float
        Largest gap that counts as balanced.

    Returns
    -------
    list of Finding
        Products whose use differs from supply, industries whose inputs differ from output, and
        negative supply or output.
    """
    found = []
    sides = (
        (
            "product",
            pair.products,
            pair.supply.sum(axis=1),
            pair.use.sum(axis=1) + pair.demand.sum(axis=1),
            "use",
            "supply",
            VALUATION,
        ),
        (
            "industry",
            pair.industries,
            pair.supply.sum(axis=0),
            pair.use.sum(axis=0) + pair.primary.sum(axis=0),
            "inputs",
            "output",
            "check value added, totals taken for components, and the orientation of supply",
        ),
    )
    for kind, names, made, total, uses, makes, fix in sides:
        gaps = total - made
        wrong = [
            Finding(
                "error",
                f"{uses} of {total[i]:,.6g} differ from {makes} {made[i]:,.6g} by {gaps[i]:,.6g} "
                f"(tolerance {tolerance:g})",
                f"{kind} {names[i]}",
                fix,
                BalanceError,
                value=float(gaps[i]),
            )
            for i in np.flatnonzero(np.abs(gaps) > tolerance).tolist()
        ]
        found += shortened(wrong, f"{kind} balance")
        found += [
            Finding(
                "error",
                f"{makes} is negative ({made[i]:,.6g})",
                f"{kind} {names[i]}",
                "check the signs of supply",
                BalanceError,
            )
            for i in np.flatnonzero(made < 0).tolist()
        ]
    return found


def _supply(
    values: object,
    products: Sequence[str] | None,
    industries: Sequence[str] | None,
    orientation: Orientation,
) -> xr.DataArray:
    """Supply as products by industries."""
    dims, labels = ("product", "industry"), (products, industries)
    if orientation == "make":
        dims, labels = ("industry", "product"), (industries, products)
    try:
        made = matrix(values, dims, labels, "supply")
    except LabelError as error:
        other = "make" if orientation == "supply" else "supply"
        raise LabelError(
            f"{error}. Rows are read as {dims[0]}: say orientation={other!r} if they are not"
        ) from None
    return made.transpose("product", "industry")


def _use(
    values: object, products: Sequence[str], industries: Sequence[str]
) -> tuple[xr.DataArray, xr.DataArray | None, xr.DataArray | None]:
    """Intermediate use; final demand to its right and value added below, if there."""
    if isinstance(values, xr.DataArray) and set(values.dims) == {"product", "industry"}:
        values = values.transpose("product", "industry")
    whole = matrix(
        _blank_corner(values, products, industries), ("row", "column"), (None, None), "use"
    )
    p, n = len(products), len(industries)
    if whole.shape[0] < p or whole.shape[1] < n:
        raise LabelError(
            f"use has shape {whole.shape}: it needs at least {p} products and {n} industries of "
            "supply; say orientation='make' if supply has its industries in rows"
        )
    if _labelled(values):
        rows, columns = _labels(whole, "row"), _labels(whole, "column")
        same_labels(rows[:p], products, "use, rows against products of supply")
        same_labels(columns[:n], industries, "use, columns against industries of supply")
    else:
        rows = [*products, *(f"component {i + 1}" for i in range(whole.shape[0] - p))]
        columns = [*industries, *(f"category {i + 1}" for i in range(whole.shape[1] - n))]
    corner = whole.values[p:, n:]
    if corner.size and (corner != 0).any():
        raise LabelError(
            f"use has numbers below final demand ({corner[corner != 0][0]:,.6g}): take totals out, "
            "or give final_demand and value_added apart"
        )
    cells = whole.values
    block = matrix(cells[:p, :n], ("product", "industry"), (products, industries), "use")
    demand = primary = None
    if len(columns) > n:
        demand = matrix(
            cells[:p, n:], ("product", "category"), (products, columns[n:]), "final demand"
        )
    if len(rows) > p:
        primary = matrix(
            cells[p:, :n], ("component", "industry"), (rows[p:], industries), "value added"
        )
    return block, demand, primary


def _blank_corner(values: object, products: Sequence[str], industries: Sequence[str]) -> object:
    """Let empty cells below final demand pass as zero: there is nothing to give there."""
    if isinstance(values, pd.DataFrame):
        frame: Any = values.copy()
        corner = frame.iloc[len(products) :, len(industries) :]
        frame.iloc[len(products) :, len(industries) :] = corner.where(corner.notna(), 0.0)
        return frame
    return values


def _labelled(values: object) -> bool:
    """Whether rows and columns bring labels."""
    if isinstance(values, xr.DataArray):
        return all(d in values.indexes for d in values.dims)
    return isinstance(values, pd.DataFrame)


def _labels(array: xr.DataArray, dim: str) -> list[str]:
    """Labels of a dim."""
    return [str(label) for label in array[dim].values]
