"""One table as the factors of its emissions, and two tables that may be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from handprint.accounts import intensities
from handprint.alignment import Array, ArrayInput, Labels, demand_labels, positions, read
from handprint.errors import (
    DecompositionError,
    OptionError,
    ScopeError,
    ShapeError,
    UnitMismatchError,
)
from handprint.factor import Factor, coefficients, factorise
from io_tables import IOTable

PERCENT = 20.0  # no price rises so far between two tables; an index with 100 does
INTENSITY = "intensity"
WHOLE, ICT, OTHER = "technology", "technology, ICT rows", "technology, other rows"
DEMAND = ("demand level", "category mix", "sector mix")


class Snapshot(NamedTuple):
    """Factors of the emissions s L y of one table."""

    s: Array
    rows: Mapping[str, Array]  # parts of A; they add up to it
    level: float
    sizes: Array  # of categories, as shares of the level
    mixes: Array  # of sectors within categories, (sector, category)
    factor: Factor
    labels: Labels
    account: Array  # emissions as booked, (sector)


def final_demand(zero: Snapshot, one: Snapshot, changed: frozenset[str] | set[str]) -> Array:
    """
    Final demand with some of its factors taken from the other table.

    Parameters
    ----------
    zero, one : Snapshot
        One table, and the other.
    changed : set of str
        Names among :data:`DEMAND` that come from the other.

    Returns
    -------
    numpy.ndarray
        Shape (sector,).
    """
    level, sizes, mixes = (one if name in changed else zero for name in DEMAND)
    demand: Array = level.level * (mixes.mixes @ sizes.sizes)
    return demand


def mixed_emissions(zero: Snapshot, one: Snapshot, changed: frozenset[str]) -> Array:
    """
    Compute emissions by emitter with some factors taken from the other table.

    Parameters
    ----------
    zero, one : Snapshot
        One table, and the other.
    changed : set of str
        Factors that come from the other.

    Returns
    -------
    numpy.ndarray
        Shape (sector,).

    Raises
    ------
    NotProductiveError
        If the mixed technology is not productive.
    """
    from_other = [name in changed for name in zero.rows]
    factor = one.factor if all(from_other) else zero.factor
    if any(from_other) and not all(from_other):
        a = sum((one if name in changed else zero).rows[name] for name in zero.rows)
        factor = factorise(np.asarray(a), zero.labels)
    s = (one if INTENSITY in changed else zero).s
    emissions: Array = s * factor.columns(final_demand(zero, one, changed))
    return emissions


def comparable_snapshots(
    table0: IOTable,
    table1: IOTable,
    satellite: str,
    split: Sequence[str] | None,
    deflators: ArrayInput | float | None,
) -> tuple[Snapshot, Snapshot]:
    """
    Take two tables apart into the same factors.

    Parameters
    ----------
    table0, table1 : IOTable
        Before and after.
    satellite : str
        Name of the account.
    split : sequence of str or None
        ICT sectors, whose rows of A are a factor of their own.
    deflators : array_like, float or None
        Price after over price before, by sector or one number.

    Returns
    -------
    tuple of Snapshot
        The second in prices of the first if deflators are given.

    Raises
    ------
    LabelMismatchError, UnitMismatchError, ScopeError, DecompositionError
        If the tables cannot be compared.
    OptionError
        If a deflator is not positive.
    """
    refuse_unlike(table0, table1, satellite)
    labels = pd.Index(table0.sectors)
    p = price_ratio(deflators, labels)
    group = None if split is None else positions(split, labels, "split")
    categories = list(dict.fromkeys([*table0.categories, *table1.categories]))
    demands = [_demand(t, categories) for t in (table0, table1)]
    demands[1] = demands[1] / p[:, None]
    sizes = [np.abs(d).sum(axis=0) for d in demands]
    mixes = [
        np.divide(d, n, out=np.zeros_like(d), where=n > 0)
        for d, n in zip(demands, sizes, strict=True)
    ]
    # A category without spending has no mix: it takes that of the other table.
    filled = [np.where(n > 0, b, c) for n, b, c in zip(sizes, mixes, mixes[::-1], strict=True)]
    made = []
    for table, demand, size, mix, price in zip(
        (table0, table1), demands, sizes, filled, (np.ones_like(p), p), strict=True
    ):
        level = float(demand.sum())
        if level <= 0:
            raise DecompositionError(
                f"table {table.name}: final demand sums to {level:g}, so it has no mix"
            )
        a = coefficients(table) * price / price[:, None]
        made.append(
            Snapshot(
                s=intensities(table, satellite) * price,
                rows=_split(a, group),
                level=level,
                sizes=size / level,
                mixes=mix,
                factor=factorise(a, labels),
                labels=labels,
                account=table.satellites[satellite].values,
            )
        )
    return made[0], made[1]


def refuse_unlike(table0: IOTable, table1: IOTable, satellite: str) -> None:
    """
    Refuse two tables that cannot be compared.

    Parameters
    ----------
    table0, table1 : IOTable
        With the account, scope "direct".
    satellite : str
        Name of the account.

    Raises
    ------
    LabelMismatchError
        If the sectors differ.
    UnitMismatchError
        If money or emissions have two units.
    ScopeError
        If the scopes differ.
    DecompositionError
        If only one table has direct emissions of households.
    MissingSatelliteError
        If a table lacks the account.
    """
    both = (table0, table1)
    demand_labels(pd.Index(table1.sectors), pd.Index(table0.sectors), f"table {table1.name}")
    for table in both:
        intensities(table, satellite)
    units = [(t.units, str(t.satellites[satellite].attrs["units"])) for t in both]
    if units[0] != units[1]:
        raise UnitMismatchError(
            f"table {table0.name} is in {' and '.join(units[0])}, table {table1.name} in "
            f"{' and '.join(units[1])}: convert one of them"
        )
    if table0.scope != table1.scope:
        raise ScopeError(
            f"{satellite} of table {table0.name} has scope {table0.scope!r}, of table "
            f"{table1.name} {table1.scope!r}: give both the same"
        )
    has = [satellite in t.households for t in both]
    if has[0] != has[1]:
        lacking = both[has.index(False)].name
        raise DecompositionError(
            f"table {lacking} has no {satellite} of households, the other has: absent is not "
            "zero; give it, or leave it out of both"
        )


def price_ratio(deflators: ArrayInput | float | None, labels: Labels) -> Array:
    """
    Read deflators by sector.

    Parameters
    ----------
    deflators : array_like, float or None
        By sector, one number for all, or None for current prices.
    labels : pandas.Index
        Sectors.

    Returns
    -------
    numpy.ndarray
        Shape (sector,), ones for None.

    Raises
    ------
    ShapeError, LabelMismatchError
        If they do not fit the sectors.
    OptionError
        If one is not positive, or can only be meant in percent.
    """
    if deflators is None:
        return np.ones(len(labels))
    block = read(deflators, "deflators")
    if block.values.shape not in ((), (len(labels),)):
        raise ShapeError(f"deflators: shape {block.values.shape} for {len(labels)} sectors")
    if block.values.shape:
        demand_labels(block.labels[0], labels, "deflators")
    ratio: Array = np.broadcast_to(block.values, (len(labels),))
    if (ratio <= 0).any():
        bad = int(np.argmin(ratio))
        raise OptionError(
            f"deflator of {labels[bad]!r} is {ratio[bad]:g}: a price index is above zero, 1.05 "
            "for 5 % dearer"
        )
    if (ratio >= PERCENT).any():
        bad = int(np.argmax(ratio))
        raise OptionError(
            f"deflator of {labels[bad]!r} is {ratio[bad]:g} times the earlier price: for an index "
            f"with 100 in the earlier year write {ratio[bad] / 100:g}"
        )
    return ratio


def _demand(table: IOTable, categories: Sequence[str]) -> Array:
    """Final demand on the categories of both tables; a category a table lacks has no spending."""
    own = table.final_demand.transpose("sector", "category").values
    demand = np.zeros((len(own), len(categories)))
    demand[:, [categories.index(c) for c in table.categories]] = own
    return demand


def _split(a: Array, group: npt.NDArray[np.intp] | None) -> dict[str, Array]:
    """Rows of A that belong to ICT, and all others."""
    if group is None:
        return {WHOLE: a}
    ict = np.zeros_like(a)
    ict[group] = a[group]
    return {ICT: ict, OTHER: a - ict}
