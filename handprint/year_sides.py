"""Both sides of a reconciliation over years: read, aligned by label and year, stacked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.errors import ShapeError, UnitMismatchError, YearsError, listed
from handprint.gaussian import refuse_covariance
from handprint.guards import shown
from handprint.limits import read_bounds
from handprint.sides import UNSTATED
from io_tables.errors import did_you_mean


class Seen(NamedTuple):
    """Observations of single years."""

    values: Array
    rows: list[int]
    years: list[int]
    names: list[str]


def read_paths(bottom_up: object) -> tuple[xr.DataArray, Labels, list[int]]:
    """
    Read paths; their years must be whole, rising and without gap.

    Parameters
    ----------
    bottom_up : pandas.DataFrame or xarray.DataArray
        Dims (sector, year).

    Returns
    -------
    paths : xarray.DataArray
        Dims (sector, year), with units.
    sectors : pandas.Index
        Labels.
    years : list of int
        Years.

    Raises
    ------
    YearsError
        If years are no whole numbers, not in order or have a gap.
    ShapeError, LabelMismatchError, MissingValueError
        If it is no frame with labels, or has gaps.
    """
    dims = ("sector", "year") if isinstance(bottom_up, xr.DataArray) else None
    block = read(bottom_up, "bottom_up", dims=dims)
    sectors = block.labels[0] if block.values.ndim == 2 else None
    if sectors is None or not block.values.size:
        raise ShapeError("bottom_up: give a frame (sector, year) with labels on both axes")
    years = _whole_years(block.labels[1], "bottom_up")
    gaps = [y for y in range(years[0], years[-1] + 1) if y not in years]
    if gaps or years != sorted(years):
        what = f"missing {listed(gaps)}" if gaps else "not in order"
        raise YearsError(f"bottom_up: years {years[0]} to {years[-1]}: {what}")
    attrs = {"units": block.units or UNSTATED}
    coords = {"sector": sectors, "year": years}
    array = xr.DataArray(block.values, coords=coords, dims=("sector", "year"), attrs=attrs)
    return array, sectors, years


def _whole_years(labels: Labels | None, what: str) -> list[int]:
    try:
        years = [int(y) for y in labels]  # type: ignore[union-attr]
        whole = all(y == float(label) for y, label in zip(years, labels, strict=True))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise YearsError(f"{what}: years must be whole numbers such as 2030, given {shown(labels)}")
    return years


def told(labels: Labels | None) -> Labels | None:
    """
    Tell labels that somebody gave from the numbers that pandas puts where there are none.

    Parameters
    ----------
    labels : pandas.Index or None
        Of one axis.

    Returns
    -------
    pandas.Index or None
        The labels, if they are any.
    """
    plain = labels is not None and pd.RangeIndex(len(labels)).equals(labels)
    return None if plain else labels


def demand_years(found: Labels | None, wanted: list[int], what: str) -> None:
    """
    Demand the wanted years in their order.

    Parameters
    ----------
    found : pandas.Index or None
        What the array brought.
    wanted : list of int
        What it must match.
    what : str
        Array and axis, for the message.

    Raises
    ------
    YearsError, LabelMismatchError
        If these are no years, or others.
    """
    if told(found) is not None:
        demand_labels(pd.Index(_whole_years(found, what)), pd.Index(wanted), what)


def read_observed(
    top_down: object, rows: int, names: Labels | None, years: list[int], units: str
) -> Seen:
    """
    Take observations of single years out of a frame or a series.

    Parameters
    ----------
    top_down : pandas.DataFrame, xarray.DataArray or pandas.Series
        Dims (observation, year), or a series with the index (observation, year).
    rows : int
        Rows of the aggregation.
    names : pandas.Index or None
        Their labels.
    years : list of int
        Years of the bottom-up half.
    units : str
        Of the bottom-up half.

    Returns
    -------
    Seen
        One after another.

    Raises
    ------
    YearsError
        If an observation is of another year.
    ShapeError
        If there are no labels, or not as many observations as rows.
    LabelMismatchError, UnitMismatchError
        If observations and rows are labelled differently, or units differ.
    """
    names = told(names)
    if isinstance(top_down, pd.Series):
        if top_down.index.nlevels != 2:
            raise ShapeError("top_down: a series needs the index (observation, year)")
        labels = list(dict.fromkeys(top_down.index.get_level_values(0)))
        if names is not None and set(labels) == set(names):
            labels = list(names)  # a series has no order of its own
        found = _whole_years(top_down.index.get_level_values(1), "top_down")
        values = read(top_down, "top_down").values
        places = [labels.index(name) for name in top_down.index.get_level_values(0)]
    else:
        dims = ("observation", "year") if isinstance(top_down, xr.DataArray) else None
        block = read(top_down, "top_down", dims=dims)
        if UNSTATED != units != (block.units or units):
            raise UnitMismatchError(
                f"bottom_up is in {units!r}, top_down in {block.units!r}: convert one"
            )
        first = block.labels[0] if block.values.ndim == 2 else None
        if first is None:
            raise ShapeError("top_down: give a frame (observation, year) with labels, or a series")
        labels, own = list(first), _whole_years(block.labels[1], "top_down")
        values = block.values.ravel()
        places = [i for i in range(len(labels)) for _ in own]
        found = own * len(labels)
    if len(labels) != rows:
        raise ShapeError(f"top_down has {len(labels)} observations, aggregation {rows} rows")
    if names is not None:
        demand_labels(names, pd.Index(labels), "aggregation, rows")
    strange = [y for y in dict.fromkeys(found) if y not in years]
    if strange:
        raise YearsError(
            f"top_down: no bottom-up value for {listed(strange)}; {did_you_mean(strange[0], years)}"
        )
    each = [f"{labels[i]}:{y}" for i, y in zip(places, found, strict=True)]
    return Seen(values, places, [years.index(y) for y in found], each)


def read_errors(values: ArrayInput, like: ArrayInput, seen: Seen) -> Array:
    """
    Read variances in the shape of the observations, their covariance, or zero.

    Parameters
    ----------
    values : array_like
        The errors.
    like : array_like
        The observations.
    seen : Seen
        The same, read.

    Returns
    -------
    numpy.ndarray
        Covariance, (m, m).

    Raises
    ------
    CovarianceError, ShapeError, LabelMismatchError, MissingValueError
        If it is no covariance of these observations.
    """
    what, m = "top_down_covariance", len(seen.values)
    dims = ("observation", "year") if isinstance(like, xr.DataArray) else None
    pattern = read(like, "top_down", dims=dims)
    shape = pattern.values.shape
    same = dims if isinstance(values, xr.DataArray) and {*values.dims} == {*(dims or ())} else None
    block = read(values, what, dims=same)
    numbers = block.values
    if numbers.shape == (m, m) and shape != (m, m):
        for labels in block.labels:
            demand_labels(told(labels), pd.Index(seen.names), what)
        full = numbers
    elif numbers.shape == shape:
        for labels, wanted in zip(block.labels, pattern.labels, strict=True):
            if wanted is not None:
                demand_labels(told(labels), wanted, what)
        full = np.diag(numbers.ravel())
    elif numbers.ndim == 0 and (m == 1 or numbers == 0):
        full = np.eye(m) * numbers
    else:
        raise ShapeError(
            f"top_down_covariance has shape {numbers.shape}: give variances {shape}, or ({m}, {m})"
        )
    refuse_covariance(full, "top_down_covariance")
    return full


def read_limits(bounds: object, z: xr.DataArray, units: str | None) -> tuple[Array, Array]:
    """
    Read bounds by sector, the same in all years, or by sector and year.

    Parameters
    ----------
    bounds : object
        As of :func:`handprint.movement.reconcile_years`.
    z : xarray.DataArray
        Dims (sector, year).
    units : str or None
        Of the state.

    Returns
    -------
    lower, upper : numpy.ndarray
        The year running fastest.

    Raises
    ------
    InfeasibleBoundsError, ShapeError, LabelMismatchError
        If they cross, or do not fit.
    """
    sectors, years = z.indexes["sector"], z.indexes["year"]
    if not (isinstance(bounds, tuple | list) and len(bounds) == 2):
        lower, upper = read_bounds(bounds, sectors, units)
        return np.repeat(lower, len(years)), np.repeat(upper, len(years))
    found = []
    for i, side in enumerate(bounds):
        plain = np.asarray(side, dtype=object)
        labels, limits = sectors, side
        if plain.ndim == 2:
            labels, limits = pd.RangeIndex(z.size), _flat(side, plain, sectors, years)
        pair = read_bounds((limits, None) if i == 0 else (None, limits), labels, units)
        found.append(pair[i] if plain.ndim == 2 else np.repeat(pair[i], len(years)))
    return read_bounds((list(found[0]), list(found[1])), stacked_labels(sectors, years), units)


def _flat(side: object, plain: Array, sectors: Labels, years: Labels) -> list[object]:
    """Check a bound by sector and year against the labels and put its rows one after another."""
    if isinstance(side, xr.DataArray):
        side = side.transpose("sector", "year").to_pandas()
        plain = np.asarray(side, dtype=object)
    if isinstance(side, pd.DataFrame):
        demand_labels(side.index, sectors, "bounds, rows")
        demand_labels(side.columns, years, "bounds, columns")
    if plain.shape != (len(sectors), len(years)):
        raise ShapeError(f"bounds: shape {plain.shape}, needed ({len(sectors)}, {len(years)})")
    return list(plain.ravel())


def stacked_labels(sectors: Labels, years: Labels) -> Labels:
    """
    Name every number of a path.

    Parameters
    ----------
    sectors, years : pandas.Index
        Labels.

    Returns
    -------
    pandas.Index
        ``sector:year``, the year running fastest.
    """
    return pd.Index([f"{sector}:{year}" for sector in sectors for year in years])
