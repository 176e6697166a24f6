"""What both sides owe to the same source: their covariances from signed loadings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, Labels, demand_labels, read
from handprint.errors import CovarianceError, ShapeError


class SharedCovariance(NamedTuple):
    """
    Covariances of two sides that share sources.

    Parameters
    ----------
    covariance : pandas.DataFrame
        :math:`V_b`, (sector, sector).
    top_down_covariance : pandas.DataFrame
        :math:`V_t`, (observation, observation).
    cross_covariance : pandas.DataFrame
        C, (sector, observation).
    shared : tuple of str
        Keys of the sources that both sides rest on.
    """

    covariance: pd.DataFrame
    top_down_covariance: pd.DataFrame
    cross_covariance: pd.DataFrame
    shared: tuple[str, ...]


def shared_covariance(
    bottom_up: pd.DataFrame | xr.DataArray,
    top_down: pd.DataFrame | xr.DataArray,
    own: pd.Series[float] | xr.DataArray,
    *,
    bottom_up_own: pd.Series[float] | xr.DataArray | None = None,
) -> SharedCovariance:
    r"""
    Form the covariances of both sides from what each source does to each number.

    Parameters
    ----------
    bottom_up : pandas.DataFrame or xarray.DataArray
        :math:`L_b`, dims (sector, source): by how much the estimate moves with one standard
        deviation of the source, with sign [units of the estimate].
    top_down : pandas.DataFrame or xarray.DataArray
        :math:`L_t`, dims (observation, source). A source with the same key is the same source.
    own : pandas.Series or xarray.DataArray
        Variance of each observation from what only it rests on [units squared].
    bottom_up_own : pandas.Series or xarray.DataArray, optional
        The same by sector; none by default.

    Returns
    -------
    SharedCovariance
        For :func:`handprint.reconcile`: ``covariance``, ``top_down_covariance`` and
        ``cross_covariance``.

    Raises
    ------
    CovarianceError
        If a variance is negative.
    ShapeError, LabelMismatchError, MissingValueError
        If loadings or variances have no labels, labels twice, gaps, or other labels.

    Notes
    -----
    :math:`V_b = L_b L_b' + D_b`, :math:`V_t = L_t L_t' + D_t` and :math:`C = L_b L_t'` over the
    shared keys: positive semidefinite together, whatever the loadings. Both sides load on the
    same truth, so the shared loading of a number that both give is the same amount on both,
    not the same per cent of two different amounts: with percentages of unequal values least
    squares finds an average outside both, known as Peelle's pertinent puzzle.

    Examples
    --------
    >>> import pandas as pd
    >>> below = pd.DataFrame({"adoption": [3.0, 1.0], "kiln": [0.0, 2.0]}, ["power", "cement"])
    >>> above = pd.DataFrame({"adoption": [4.0], "table": [5.0]}, ["nation"])
    >>> found = shared_covariance(below, above, pd.Series({"nation": 1.0}))
    >>> found.shared, found.cross_covariance["nation"].tolist()
    (('adoption',), [12.0, 4.0])
    """
    low, sectors, keys = _loadings(bottom_up, "bottom_up loadings")
    high, observations, others = _loadings(top_down, "top_down loadings")
    variance = _own(own, "own variance", observations)
    below = np.zeros(len(sectors))
    if bottom_up_own is not None:
        below = _own(bottom_up_own, "bottom_up_own variance", sectors)
    shared = [key for key in keys if key in others]
    left = low[:, np.flatnonzero([key in others for key in keys])]
    right = high[:, others.get_indexer(pd.Index(shared, dtype=others.dtype))]
    return SharedCovariance(
        pd.DataFrame(low @ low.T + np.diag(below), sectors, sectors),
        pd.DataFrame(high @ high.T + np.diag(variance), observations, observations),
        pd.DataFrame(left @ right.T, sectors, observations),
        tuple(str(key) for key in shared),
    )


def _loadings(values: object, what: str) -> tuple[Array, Labels, Labels]:
    # In an xarray object the dims have names, and may stand in any order.
    named = isinstance(values, xr.DataArray) and "source" in values.dims
    block = read(values, what, dims=(..., "source") if named else None)
    if block.values.ndim != 2 or block.labels[0] is None or block.labels[1] is None:
        raise ShapeError(
            f"{what}: give a frame with labels on both axes; sources meet by their keys"
        )
    return block.values, block.labels[0], block.labels[1]


def _own(values: object, what: str, labels: Labels) -> Array:
    block = read(values, what)
    if block.values.ndim != 1 or block.labels[0] is None:
        raise ShapeError(f"{what}: give a labelled vector, one variance for each of {list(labels)}")
    demand_labels(block.labels[0], labels, what)
    if (block.values < 0).any():
        at = int(block.values.argmin())
        raise CovarianceError(f"{what} of {labels[at]!r} is {block.values[at]:.6g}: it is negative")
    return block.values
