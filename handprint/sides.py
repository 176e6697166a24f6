"""Both sides of a reconciliation as arrays: read, aligned by label, refused if they do not fit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.errors import ShapeError, UnitMismatchError
from handprint.gaussian import refuse_covariance

UNSTATED = "units of the input"


class Sides(NamedTuple):
    """Both sides as arrays, exact identities stacked below the top-down observations."""

    z: Array
    v: Array
    h: Array
    c: Array
    r: Array
    cross: Array


def read_sides(
    bottom_up: ArrayInput,
    covariance: ArrayInput,
    aggregation: ArrayInput,
    top_down: ArrayInput,
    top_down_covariance: ArrayInput,
    cross_covariance: ArrayInput | None = None,
    exact: tuple[ArrayInput, ArrayInput] | None = None,
) -> tuple[Sides, xr.DataArray, xr.DataArray]:
    """
    Read the arguments of :func:`handprint.reconcile`.

    Parameters
    ----------
    bottom_up, covariance, aggregation, top_down, top_down_covariance : array_like
        As there.
    cross_covariance : array_like, optional
        As there.
    exact : tuple, optional
        As there.

    Returns
    -------
    sides : Sides
        Plain arrays, exact identities included.
    below, above : xarray.DataArray
        Both sides with their labels and units.

    Raises
    ------
    CovarianceError
        If a covariance is none.
    ShapeError, LabelMismatchError, MissingValueError, UnitMismatchError
        If the arrays do not fit each other.
    """
    names = (None, None, *read(aggregation, "aggregation").labels)[-2:]
    below, sectors, units = _vector(bottom_up, "bottom_up", "sector", names[1])
    above, observations, other = _vector(top_down, "top_down", "observation", names[0])
    if None not in (units, other) and units != other:
        raise UnitMismatchError(f"bottom_up is in {units!r}, top_down in {other!r}: convert one")
    h = _matrix(aggregation, "aggregation", observations, sectors)
    cross = np.zeros(h.T.shape)
    if cross_covariance is not None:
        cross = _matrix(cross_covariance, "cross_covariance", sectors, observations)
    v = read_covariance(covariance, "covariance", sectors)
    r = read_covariance(top_down_covariance, "top_down_covariance", observations)
    if cross_covariance is not None:
        refuse_covariance(np.block([[v, cross], [cross.T, r]]), "covariance of both sides together")
    sides = _with_exact(Sides(below.values, v, h, above.values, r, cross), exact, sectors)
    return sides, below, above


def read_covariance(values: ArrayInput, what: str, labels: Labels) -> Array:
    """
    Read a covariance, variances, or one variance; a plain zero stands for no variance at all.

    Parameters
    ----------
    values : array_like
        Shape (n, n), (n) or, for a single one or zero, ().
    what : str
        Name for messages.
    labels : pandas.Index
        What its axes must be labelled with, if they are.

    Returns
    -------
    numpy.ndarray
        Shape (n, n).

    Raises
    ------
    CovarianceError, ShapeError, LabelMismatchError, MissingValueError
        If it is no covariance of this size.
    """
    block = read(values, what)
    n = len(labels)
    if block.values.ndim == 2 and block.values.shape == (n, n):
        demand_labels(block.labels[0], labels, f"{what}, rows")
        demand_labels(block.labels[1], labels, f"{what}, columns")
        full = block.values
    elif block.values.ndim == 1 and len(block.values) == n:
        demand_labels(block.labels[0], labels, what)
        full = np.diag(block.values)
    elif block.values.ndim == 0 and (n == 1 or block.values == 0):
        full = np.eye(n) * block.values
    else:
        raise ShapeError(
            f"{what} has shape {block.values.shape}: give ({n}, {n}), or {n} variances"
        )
    refuse_covariance(full, what)
    return full


def square_like(vector: xr.DataArray, values: Array) -> xr.DataArray:
    """
    Label a covariance like the vector it belongs to.

    Parameters
    ----------
    vector : xarray.DataArray
        One dim, with units.
    values : numpy.ndarray
        Covariance.

    Returns
    -------
    xarray.DataArray
        Dims (dim, dim_other).
    """
    dim = str(vector.dims[0])
    labels = vector[dim].values
    return xr.DataArray(
        values,
        coords={dim: labels, f"{dim}_other": labels},
        dims=(dim, f"{dim}_other"),
        name="covariance",
        attrs={"units": f"({vector.attrs['units']})^2"},
    )


def _vector(
    values: ArrayInput, what: str, default: str, names: Labels | None
) -> tuple[xr.DataArray, Labels, str | None]:
    """Read one side; a single number is a vector of one, labels may come from the aggregation."""
    block = read(values, what)
    if block.values.ndim > 1 or not block.values.size:
        raise ShapeError(f"{what} has shape {block.values.shape}: give one vector")
    numbers = np.atleast_1d(block.values)
    dim = (*block.dims, default)[0] or default
    labels = (*block.labels, None)[0]
    if labels is None:
        fits = names is not None and len(names) == len(numbers)
        labels = names if names is not None and fits else pd.RangeIndex(len(numbers))
    array = xr.DataArray(
        numbers,
        coords={dim: labels},
        dims=(dim,),
        name=what,
        attrs={"units": block.units or UNSTATED},
    )
    return array, labels, block.units


def _matrix(values: ArrayInput, what: str, rows: Labels, columns: Labels) -> Array:
    """Read a matrix; with fewer dimensions it is a single row or a single column."""
    block = read(values, what)
    shape = (len(rows), len(columns))
    thin = block.values.ndim < 2 and 1 in shape and block.values.size == max(shape)
    if block.values.shape != shape and not thin:
        raise ShapeError(f"{what} has shape {block.values.shape}, needed {shape}")
    along: tuple[Labels | None, ...] = block.labels
    if thin:
        one = (*block.labels, None)[0]
        along = (None, one) if shape[0] == 1 else (one, None)
    demand_labels(along[0], rows, f"{what}, rows")
    demand_labels(along[1], columns, f"{what}, columns")
    return block.values.reshape(shape)


def _with_exact(
    sides: Sides, exact: tuple[ArrayInput, ArrayInput] | None, sectors: Labels
) -> Sides:
    """Stack identities below the observations, without variance."""
    if exact is None:
        return sides
    if not (isinstance(exact, tuple | list) and len(exact) == 2):
        raise ShapeError("exact: give the pair (G, g) of identities G z = g")
    block = read(exact[1], "exact, g")
    target = np.atleast_1d(block.values)
    given = read(exact[0], "exact, G").labels
    # Identities go by the labels of g; where it has none, by those of G.
    names = (*block.labels, None)[0]
    if names is None and len(given) == 2 and given[0] is not None:
        names = given[0] if len(given[0]) == len(target) else None
    names = pd.RangeIndex(len(target)) if names is None else names
    g = _matrix(exact[0], "exact, G", names, sectors)
    m, k = len(sides.c), len(target)
    r = np.zeros((m + k, m + k))
    r[:m, :m] = sides.r
    return sides._replace(
        h=np.vstack([sides.h, g]),
        c=np.concatenate([sides.c, target]),
        r=r,
        cross=np.hstack([sides.cross, np.zeros((len(sides.z), k))]),
    )
