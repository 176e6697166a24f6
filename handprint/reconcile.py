"""Bring the sum of the parts and the view from above together, or say that they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.errors import BoundsNotSupportedError, ShapeError, UnitMismatchError
from handprint.gaussian import condition, refuse_covariance

SIGNIFICANCE = 0.05
SINGLE_TEST = 1.96


@dataclass(frozen=True, eq=False)
class Reconciled:
    """
    Result of a reconciliation.

    Parameters
    ----------
    estimate : xarray.DataArray
        What may be published by sector: the blend where ``blended``, otherwise the bottom-up
        estimate unchanged.
    covariance : xarray.DataArray
        Of ``estimate``, dims (sector, sector_other).
    chi2, p_value : float
        Consistency of the two sides before blending.
    degrees_of_freedom : int
        Of the test: the rank of the innovation's covariance.
    birge : float
        Birge ratio, sqrt(chi2 / degrees of freedom).
    blended : bool
        Whether p is at least 0.05, or all totals are exact and must be met in any case.
    message : str
        What was found and what to do.
    element_tests : xarray.Dataset
        By sector: ``d``, the adjustment in its standard deviations; ``tested``, false where
        the observations say nothing about the sector (d is 0 there); ``flag_single``,
        \\|d\\| > 1.96; ``flag``, \\|d\\| above the Sidak threshold for all tests together, in
        ``attrs["threshold"]``; ``adjustment``, candidate minus bottom-up.
    candidate, candidate_covariance : xarray.DataArray
        The blend, whether or not it may be published; for diagnosis.
    bottom_up, top_down : xarray.DataArray
        The two sides as given; both are to be shown when not blended.
    implied : xarray.DataArray
        Bottom-up value of each top-down observation.
    active_bounds : tuple
        Bounds that hold the estimate; empty while bounds are not available.
    """

    estimate: xr.DataArray
    covariance: xr.DataArray
    chi2: float
    p_value: float
    degrees_of_freedom: int
    birge: float
    blended: bool
    message: str
    element_tests: xr.Dataset
    candidate: xr.DataArray
    candidate_covariance: xr.DataArray
    bottom_up: xr.DataArray
    top_down: xr.DataArray
    implied: xr.DataArray
    active_bounds: tuple[str, ...] = ()

    @property
    def inflated_covariance(self) -> xr.DataArray:
        """Covariance with standard deviations times the Birge ratio where that is above one."""
        return (self.covariance * max(1.0, self.birge) ** 2).assign_attrs(self.covariance.attrs)


class Sides(NamedTuple):
    """Both sides as arrays, exact identities stacked below the top-down observations."""

    z: Array
    v: Array
    h: Array
    c: Array
    r: Array
    cross: Array


def reconcile(
    bottom_up: ArrayInput,
    covariance: ArrayInput,
    aggregation: ArrayInput,
    top_down: ArrayInput,
    top_down_covariance: ArrayInput,
    *,
    cross_covariance: ArrayInput | None = None,
    bounds: object | None = None,
    exact: tuple[ArrayInput, ArrayInput] | None = None,
) -> Reconciled:
    r"""
    Weigh bottom-up and top-down estimates by their uncertainty, if they agree.

    Parameters
    ----------
    bottom_up : array_like
        Estimate :math:`z_b` by sector, dims (sector); any name and unit.
    covariance : array_like
        :math:`V_b`, dims (sector, sector), as a numpy array or pandas frame; one-dimensional
        it is the variances.
    aggregation : array_like
        H, dims (observation, sector); one-dimensional it is one observation.
    top_down : array_like
        Observations c of :math:`H z`, dims (observation), or one number.
    top_down_covariance : array_like
        :math:`V_t`, dims (observation, observation), or variances; zero for hard totals
        (a plain 0 makes all of them hard).
    cross_covariance : array_like, optional
        :math:`C = Cov(z_b, c)`, dims (sector, observation), where both sides share inputs.
    bounds : object, optional
        Bounds on the result; not available yet.
    exact : tuple, optional
        (G, g) of identities :math:`G z = g` that hold exactly.

    Returns
    -------
    Reconciled
        Not blended if p < 0.05 and a total is uncertain: ``estimate`` is then the bottom-up
        estimate, and both sides are to be shown side by side.

    Raises
    ------
    BoundsNotSupportedError
        If bounds are given.
    CovarianceError
        If a covariance is none, or exact observations contradict each other.
    ShapeError, LabelMismatchError, MissingValueError, UnitMismatchError
        If the arrays do not fit each other.

    Notes
    -----
    Generalised least squares [1]_: :math:`S = H V_b H' + V_t - H C - C' H'`,
    :math:`K = (V_b H' - C) S^{-1}`, :math:`\hat z = z_b + K (c - H z_b)`,
    :math:`\hat V = V_b - K S K'`. With :math:`V_t = 0` it is Stone's balancing. Before any
    blending :math:`J = d' S^{-1} d`, :math:`d = c - H z_b`, is :math:`\chi^2` with rank(S)
    degrees of freedom if both sides measure the same thing.

    References
    ----------
    .. [1] R. Stone, D. G. Champernowne and J. E. Meade, The precision of national income
       estimates, Review of Economic Studies 9 (1942) 111-125.

    Examples
    --------
    >>> result = reconcile([2900], [372.6**2], [1], 2300, 200**2)
    >>> result.estimate.round(2).item(), round(result.p_value, 3)
    (2434.21, 0.156)
    """
    if bounds is not None:
        raise BoundsNotSupportedError(
            "bounds are not available yet: leave them out and check the estimate against them"
        )
    names = (None, None, *read(aggregation, "aggregation").labels)[-2:]
    below, sectors, units = _vector(bottom_up, "bottom_up", "sector", names[1])
    above, observations, other = _vector(top_down, "top_down", "observation", names[0])
    if None not in (units, other) and units != other:
        raise UnitMismatchError(f"bottom_up is in {units!r}, top_down in {other!r}: convert one")
    h = _matrix(aggregation, "aggregation", observations, sectors)
    cross = np.zeros(h.T.shape)
    if cross_covariance is not None:
        cross = _matrix(cross_covariance, "cross_covariance", sectors, observations)
    v = _covariance(covariance, "covariance", sectors)
    r = _covariance(top_down_covariance, "top_down_covariance", observations)
    refuse_covariance(np.block([[v, cross], [cross.T, r]]), "covariance of both sides together")
    sides = _with_exact(Sides(below.values, v, h, above.values, r, cross), exact, sectors)
    return _judged(sides, below, above, h)


def _judged(sides: Sides, below: xr.DataArray, above: xr.DataArray, h: Array) -> Reconciled:
    """Condition, test, and decide whether the blend may stand."""
    from scipy.special import chdtrc

    posterior = condition(*sides)
    chi2, freedom = posterior.chi2, posterior.degrees_of_freedom
    p_value = float(chdtrc(freedom, chi2)) if freedom else 1.0
    # An exact total is no second estimate that could be left aside: the state must satisfy it.
    exact = not sides.r.any()
    blended = exact or p_value >= SIGNIFICANCE
    candidate = below.copy(data=posterior.estimate)
    spread = _square_like(below, posterior.covariance)
    implied = above.copy(data=h @ below.values)
    return Reconciled(
        estimate=candidate if blended else below,
        covariance=spread if blended else _square_like(below, sides.v),
        chi2=chi2,
        p_value=p_value,
        degrees_of_freedom=freedom,
        birge=float(np.sqrt(chi2 / freedom)) if freedom else 0.0,
        blended=blended,
        message=_message(blended, p_value, above, implied, exact),
        element_tests=_element_tests(
            below, posterior.estimate, np.diag(posterior.adjustment_covariance), np.diag(sides.v)
        ),
        candidate=candidate,
        candidate_covariance=spread,
        bottom_up=below,
        top_down=above,
        implied=implied,
    )


def _message(
    blended: bool, p_value: float, above: xr.DataArray, implied: xr.DataArray, exact: bool
) -> str:
    """Say what the test found, with both sides of every observation."""
    if exact and p_value < SIGNIFICANCE:
        return f"adjusted to exact totals, from which it was far (p = {p_value:.3g})"
    if blended:
        return f"consistent (p = {p_value:.3g}): blended"
    pairs = ", ".join(
        f"{label} {top:.6g} against {bottom:.6g}"
        for label, top, bottom in zip(
            above[above.dims[0]].values, above.values, implied.values, strict=True
        )
    )
    return (
        f"the two sides contradict each other (p = {p_value:.3g} < {SIGNIFICANCE}): not blended, "
        f"the estimate is the bottom-up one; show both side by side, top-down against bottom-up "
        f"({pairs}), and compare their boundaries"
    )


def _element_tests(below: xr.DataArray, estimate: Array, gained: Array, prior: Array) -> xr.Dataset:
    """Test each adjustment against the spread that it would have if both sides agreed."""
    from scipy.special import ndtri

    tested = gained > 1e-12 * prior
    adjustment = estimate - below.values
    deviation = np.sqrt(np.where(tested, gained, 1.0))
    d = np.where(tested, adjustment / deviation, 0.0)
    single = 1 - (1 - SIGNIFICANCE) ** (1 / max(1, int(tested.sum())))
    threshold = float(ndtri(1 - single / 2))
    dim = below.dims[0]
    return xr.Dataset(
        {
            "d": (dim, d, {"units": "1", "long_name": "adjustment in standard deviations"}),
            "tested": (dim, tested),
            "flag_single": (dim, np.abs(d) > SINGLE_TEST),
            "flag": (dim, np.abs(d) > threshold),
            "adjustment": (dim, adjustment, below.attrs),
        },
        coords=below.coords,
        attrs={"threshold": threshold, "test": "Sidak, 5 % for all tests together"},
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
        attrs={"units": block.units or "units of the input"},
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


def _covariance(values: ArrayInput, what: str, labels: Labels) -> Array:
    """Read a covariance, variances, or one variance; a plain zero stands for no variance at all."""
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


def _with_exact(
    sides: Sides, exact: tuple[ArrayInput, ArrayInput] | None, sectors: Labels
) -> Sides:
    """Stack identities below the observations, without variance."""
    if exact is None:
        return sides
    if not (isinstance(exact, tuple | list) and len(exact) == 2):
        raise ShapeError("exact: give the pair (G, g) of identities G z = g")
    target = np.atleast_1d(read(exact[1], "exact, g").values)
    g = _matrix(exact[0], "exact, G", pd.RangeIndex(len(target)), sectors)
    m, k = len(sides.c), len(target)
    r = np.zeros((m + k, m + k))
    r[:m, :m] = sides.r
    return sides._replace(
        h=np.vstack([sides.h, g]),
        c=np.concatenate([sides.c, target]),
        r=r,
        cross=np.hstack([sides.cross, np.zeros((len(sides.z), k))]),
    )


def _square_like(vector: xr.DataArray, values: Array) -> xr.DataArray:
    """Label a covariance like the vector it belongs to."""
    dim = str(vector.dims[0])
    labels = vector[dim].values
    units = vector.attrs["units"]
    return xr.DataArray(
        values,
        coords={dim: labels, f"{dim}_other": labels},
        dims=(dim, f"{dim}_other"),
        name="covariance",
        attrs={"units": f"({units})^2"},
    )
