"""Structural paths: the single supply chains that carry most emissions, without a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from handprint.accounts import intensities
from handprint.alignment import positions
from handprint.errors import NotProductiveError, OptionError
from handprint.factor import coefficients, factorise
from handprint.guards import TABLE, TEXT, checked
from handprint.leontief import Solver
from handprint.search import (
    Economy,
    Path,
    is_positive,
    largest_differences,
    largest_paths,
    path_value,
)
from handprint.snapshot import refuse_unlike
from io_tables import IOTable

ARROW = " -> "
CAVEAT = "Emissions along a chain, a burden: not avoided emissions."


@checked(table=TABLE, satellite=TEXT, sector=TEXT, difference_to=TABLE)
def structural_paths(
    table: IOTable,
    *,
    top: int = 100,
    satellite: str = "CO2",
    sector: str | None = None,
    difference_to: IOTable | None = None,
) -> pd.DataFrame:
    r"""
    List the supply chains with the largest emissions, exactly and without a threshold.

    Parameters
    ----------
    table : IOTable
        With the satellite account, scope "direct".
    top : int
        How many paths, at least one.
    satellite : str
        Name of the account: one gas, or all in CO2 equivalents.
    sector : str, optional
        Only chains that end in final demand for this sector's product.
    difference_to : IOTable, optional
        Another table with the same sectors, units and scope: rank by the absolute change of
        each path from ``table`` to it.

    Returns
    -------
    pandas.DataFrame
        One row for each path, largest absolute value first: ``rank``, ``path`` (from emitter
        to final demand, "ELE -> STE -> CON"), ``order`` (steps between sectors, 0 for a
        sector's own emissions for its own final demand), ``value`` and ``unit``; ``share`` of
        the total and ``cumulative`` share [1], left out where the total is zero. With
        ``difference_to``: ``before`` and ``after`` too, ``value`` is the change. Fewer rows
        only where no more paths have a value. ``attrs`` state ``total`` (of all paths),
        ``coverage`` (last cumulative share) and, without ``difference_to``,
        ``coverage_gross``: sum of absolute values over that of all paths, which differs where
        final demand has negative entries such as imports.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If ``top`` is no positive whole number.
    UnknownSectorError
        If the sector is not one of the table's.
    NotProductiveError
        If an economy is not productive.
    DecompositionError
        If fewer than ``top`` paths differ noticeably and the search for them finds no end.
    MissingSatelliteError, ScopeError, LabelMismatchError, UnitMismatchError,
    DecompositionError
        If the account is missing or unfit, or the two tables cannot be compared.

    Notes
    -----
    Emissions are the sum over all chains :math:`i_0 \to i_1 \to \dots \to i_k` of
    :math:`s_{i_0} a_{i_0 i_1} \cdots a_{i_{k-1} i_k} y_{i_k}` [1]_ [2]_. The search is best
    first: a chain known back to sector i with product w cannot carry more than :math:`w m_i`,
    where :math:`m_i = \max(s_i, \max_k a_{ki} m_k)` is the best single chain upstream. Paths
    leave the queue in order of their value, so the first K are the K largest. For differences
    the bound is that of :class:`handprint.search.DifferenceBound`. A price index by product
    cancels along every chain: values do not depend on deflators.

    References
    ----------
    .. [1] J. Defourny and E. Thorbecke, Structural path analysis and multiplier decomposition
       within a social accounting matrix framework, Economic Journal 94 (1984) 111-136.
    .. [2] G. P. Peters and E. G. Hertwich, Structural analysis of international trade:
       environmental impacts of Norway, Economic Systems Research 18 (2006) 155-181.
    """
    if not isinstance(top, int | np.integer) or top < 1:
        raise OptionError(f"top is {top!r}, needed a whole number from 1")
    labels = pd.Index(table.sectors)
    tables = [table] if difference_to is None else [table, difference_to]
    if difference_to is not None:
        refuse_unlike(table, difference_to, satellite)
    place = None if sector is None else int(positions([sector], labels, "sector")[0])
    economies = [_economy(t, satellite, place) for t in tables]
    sums = [_total(t, satellite, e) for t, e in zip(tables, economies, strict=True)]
    attrs: dict[str, Any] = {
        "title": f"{satellite}: {top} largest structural paths",
        "sector": sector or "all",
        "note": CAVEAT,
        "unit": str(table.satellites[satellite].attrs["units"]),
        "source": "; ".join(t.source for t in tables),
        "price_basis": "; ".join(t.price_basis for t in tables),
        "scope": table.scope or "not stated",
    }
    if len(economies) == 1:
        search = largest_paths(economies[0], int(top))
        found = {path: value for _, (value, path) in zip(range(top), search, strict=False)}
        frame = _frame(found, table.sectors, int(top), sums[0][0], attrs)
        if sums[0][1] > 0:
            attrs["coverage_gross"] = float(frame["value"].abs().sum() / sums[0][1])
    else:
        found = largest_differences(economies[0], economies[1], int(top))
        attrs["title"] = f"{satellite}: {top} structural paths that changed most"
        frame = _frame(found, table.sectors, int(top), sums[1][0] - sums[0][0], attrs, economies)
    frame.attrs.update(attrs)
    return frame


def _economy(table: IOTable, satellite: str, place: int | None) -> Economy:
    """
    Arrays of a table, with final demand for one product only where one is named.

    Products are measured in shares of their output, which leaves every path as it is and makes
    tables of different years alike but for what really differs: a price cancels.
    """
    y = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    if place is not None:
        y = np.where(np.arange(len(y)) == place, y, 0.0)
    unit = np.where(table.output.values > 0, table.output.values, 1.0)
    a = coefficients(table)
    a *= unit
    a /= unit[:, None]
    return Economy(a, intensities(table, satellite) * unit, y / unit)


def _total(table: IOTable, satellite: str, economy: Economy) -> tuple[float, float]:
    """Sum of all paths, and of their absolute values; proves that the economy is productive."""
    unit = np.where(table.output.values > 0, table.output.values, 1.0)
    m = Solver(table).multipliers(intensities(table, satellite)).values * unit
    gross = m
    if not is_positive(economy):
        try:
            gross = factorise(np.abs(economy.a), pd.Index(table.sectors)).rows(np.abs(economy.s))
        except NotProductiveError as err:
            raise NotProductiveError(
                "coefficients with their signs left out are not productive, so paths may grow "
                f"without end: {err}"
            ) from err
    return float(m @ economy.y), float(gross @ np.abs(economy.y))


def _frame(
    found: dict[Path, float],
    sectors: list[str],
    top: int,
    total: float,
    attrs: dict[str, Any],
    economies: list[Economy] | None = None,
) -> pd.DataFrame:
    """Put paths in order, with their shares."""
    named = {path: ARROW.join(sectors[i] for i in path) for path in found}
    order = sorted(found, key=lambda path: (-abs(found[path]), len(path), named[path]))[:top]
    values = np.array([found[path] for path in order], dtype=float)
    columns: dict[str, object] = {
        "rank": np.arange(1, len(order) + 1),
        "path": [named[path] for path in order],
        "order": np.array([len(path) - 1 for path in order], dtype=int),
    }
    if economies is not None:
        for name, economy in zip(("before", "after"), economies, strict=True):
            columns[name] = np.array([path_value(economy, p) for p in order], dtype=float)
    columns |= {"value": values, "unit": [attrs["unit"]] * len(order)}
    attrs["total"] = total
    if total != 0:
        columns["share"] = values / total
        columns["cumulative"] = np.cumsum(values) / total
        attrs["coverage"] = float(values.sum() / total)
    return pd.DataFrame(columns)
