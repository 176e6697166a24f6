"""Bounds on reconciled values: the nearest state within them, and what holding it there costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.alignment import Array, Labels, demand_labels, read
from handprint.errors import (
    ConvergenceError,
    InfeasibleBoundsError,
    LabelMismatchError,
    ShapeError,
    UnitMismatchError,
)
from handprint.guards import shown
from io_tables.errors import did_you_mean

FAR = 1e-14  # square of the share of the bound that least squares misses where all is excluded
CLOSE = 1e-7  # standard deviations by which rounding may miss a bound
CONFLICT = 1.96


class Held(NamedTuple):
    """A state within its bounds."""

    estimate: Array
    covariance: Array
    active: npt.NDArray[np.int_]  # 1 at the upper bound, -1 at the lower one, 0 between
    multiplier: Array
    deviations: Array
    distance: float  # squared, in the metric of the covariance


def read_bounds(bounds: object, sectors: Labels, units: str | None) -> tuple[Array, Array]:
    """
    Read bounds in any of their forms.

    Parameters
    ----------
    bounds : None, pair or Mapping
        (lower, upper), each None, a number or an array by sector in which None or an infinite
        number leaves a sector free; or sector -> (lower, upper).
    sectors : pandas.Index
        Of the state.
    units : str or None
        Of the state; bounds with other units are refused.

    Returns
    -------
    lower, upper : numpy.ndarray
        By sector, infinite where there is none.

    Raises
    ------
    InfeasibleBoundsError
        If a lower bound is above its upper one.
    ShapeError, LabelMismatchError, MissingValueError, UnitMismatchError
        If they do not fit the sectors.
    """
    n = len(sectors)
    if bounds is None:
        return np.full(n, -np.inf), np.full(n, np.inf)
    if isinstance(bounds, Mapping):
        bounds = _pairs(bounds, sectors)
    if not (isinstance(bounds, tuple | list) and len(bounds) == 2):
        raise ShapeError(
            f"bounds is {shown(bounds)}: give the pair (lower, upper), each None, a number or one "
            "value by sector; or a mapping sector -> (lower, upper)"
        )
    lower = _side(bounds[0], "bounds, lower", sectors, units, -np.inf)
    upper = _side(bounds[1], "bounds, upper", sectors, units, np.inf)
    crossed = [
        f"{sector!r}: {low:.6g} > {high:.6g}"
        for sector, low, high in zip(sectors, lower, upper, strict=True)
        if low > high
    ]
    if crossed:
        raise InfeasibleBoundsError(f"bounds: lower above upper: {'; '.join(crossed)}")
    return lower, upper


def hold(estimate: Array, root: Array, lower: Array, upper: Array, sectors: Labels) -> Held:
    r"""
    Find the most likely state within bounds.

    Parameters
    ----------
    estimate : numpy.ndarray
        State without bounds.
    root : numpy.ndarray
        Root of its covariance, as of :func:`handprint.gaussian.root_of`.
    lower, upper : numpy.ndarray
        Bounds, infinite where there is none.
    sectors : pandas.Index
        Names for messages.

    Returns
    -------
    Held
        Its covariance is that of the state with the active bounds held as equalities.

    Raises
    ------
    InfeasibleBoundsError
        Naming the bounds that, with what is exact, exclude every state.
    ConvergenceError
        If rounding leaves a bound violated.

    Notes
    -----
    :math:`\min_z (z - \hat z)' \hat V^{+} (z - \hat z)`, :math:`l \le z \le u`, in the range of
    :math:`\hat V = B B'`, so that exact identities stay met: with :math:`z = \hat z + B w` the
    shortest w with :math:`G w \ge h`, solved by non-negative least squares [1]_, whose active
    set is exact and whose failure names the bounds that exclude each other. The multiplier
    :math:`\lambda \ge 0` of an active bound is the rate at which half the squared distance falls
    when the bound is relaxed, :math:`z - \hat z = \hat V (\lambda_l - \lambda_u)`; over the
    square root of its entry in :math:`\hat V_{AA}^{-1}` it is the number of standard deviations
    by which the state would pass this bound if this one alone were released.

    References
    ----------
    .. [1] C. L. Lawson and R. J. Hanson, Solving Least Squares Problems, SIAM, 1995, ch. 23.
    """
    n = len(estimate)
    free = Held(estimate, root @ root.T, np.zeros(n, int), np.zeros(n), np.zeros(n), 0.0)
    if ((lower <= estimate) & (estimate <= upper)).all():
        return free
    length = np.sqrt((root**2).sum(axis=1))
    size = np.maximum(length, 1e-12 * np.maximum(np.abs(estimate), 1e-300))
    stuck = length <= 1e-9 * length.max(initial=0.0)
    _refuse_stuck(estimate, lower, upper, stuck, sectors)
    rows = [
        (sign, i, sign * (bound[i] - estimate[i]) / size[i])
        for sign, bound in ((1, lower), (-1, upper))
        for i in range(n)
        if np.isfinite(bound[i]) and not stuck[i]
    ]
    signs, at = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    g = signs[:, None] * (root / size[:, None])[at]
    h = np.array([r[2] for r in rows])
    if (h <= CLOSE * 1e-3).all():
        return free._replace(estimate=estimate.clip(lower, upper))
    held = _nearest(
        g, h, [_named(s, i, lower, upper, sectors) for s, i in zip(signs, at, strict=True)]
    )
    keep = held > 0
    active = np.zeros(n, int)
    active[at[keep]] = -signs[keep]
    return _on_active(estimate, root, lower, upper, active, sectors)


def _nearest(g: Array, h: Array, names: list[str]) -> Array:
    """Multipliers, up to a factor, of the shortest w with G w >= h."""
    from scipy.optimize import nnls

    scale = np.abs(h).max()
    stacked = np.vstack([g.T, h / scale])
    target = np.zeros(len(stacked))
    target[-1] = 1.0
    weights, _ = nnls(stacked, target, maxiter=30 * stacked.shape[1] + 100)
    missed = stacked @ weights - target
    if missed @ missed <= FAR:
        guilty = [name for name, w in zip(names, weights, strict=True) if w > 1e-9 * weights.max()]
        raise InfeasibleBoundsError(
            f"bounds that exclude every solution: {', '.join(guilty)} cannot hold together with "
            "the exact totals and identities; relax one of them"
        )
    weights[weights <= 1e-12 * weights.max()] = 0.0
    found: Array = weights
    return found


def _on_active(
    estimate: Array,
    root: Array,
    lower: Array,
    upper: Array,
    active: npt.NDArray[np.int_],
    sectors: Labels,
) -> Held:
    """Hold the active bounds as equalities: exact to rounding, unlike the search for them."""
    places = np.flatnonzero(active)
    target = np.where(active > 0, upper, lower)[places]
    length = np.sqrt((root[places] ** 2).sum(axis=1))
    inverse = np.linalg.pinv(root[places] / length[:, None], rcond=1e-10) / length
    step = inverse @ (target - estimate[places])
    push = inverse.T @ step
    found = estimate + root @ step
    multiplier = np.zeros(len(estimate))
    multiplier[places] = -active[places] * push
    missed = np.maximum(found - upper, lower - found)
    missed[places] = np.abs(found[places] - target)
    spread = np.sqrt((root**2).sum(axis=1))
    slack = CLOSE * spread + 1e-9 * np.maximum(np.abs(found), np.abs(estimate))
    if (missed > slack).any() or (multiplier[places] * length < -CLOSE).any():
        worst = int((missed - slack).argmax())
        raise ConvergenceError(
            f"bounds: rounding leaves {sectors[worst]!r} {missed[worst]:.3g} outside its bounds; "
            "check variances that differ by many orders of magnitude"
        )
    found = found.clip(lower, upper)
    found[places] = target
    deviations = np.zeros(len(estimate))
    deviations[places] = multiplier[places] / np.sqrt((inverse**2).sum(axis=0))
    left = root - (root @ inverse) @ root[places]
    left[places] = 0.0
    return Held(
        found,
        left @ left.T,
        active,
        multiplier.clip(min=0),
        deviations.clip(min=0),
        float(step @ step),
    )


def bounds_table(
    held: Held, unbounded: Array, lower: Array, upper: Array, below: xr.DataArray
) -> xr.Dataset:
    """
    Lay out bounds, which of them hold the state, and what that costs.

    Parameters
    ----------
    held : Held
        The state within its bounds.
    unbounded : numpy.ndarray
        The state without them.
    lower, upper : numpy.ndarray
        Bounds.
    below : xarray.DataArray
        Gives labels and units.

    Returns
    -------
    xarray.Dataset
        By sector: ``lower``, ``upper``, ``unbounded``; ``active`` (1 upper, -1 lower, 0 none);
        ``multiplier`` [1/units]; ``deviations``, the multiplier in standard deviations;
        ``conflict`` where those exceed 1.96.
    """
    dim, units = below.dims[0], below.attrs["units"]

    def _row(values: object, units: str, title: str) -> tuple[object, object, dict[str, str]]:
        return dim, values, {"units": units, "long_name": title}

    return xr.Dataset(
        {
            "lower": _row(lower, units, "lower bound"),
            "upper": _row(upper, units, "upper bound"),
            "unbounded": _row(unbounded, units, "estimate without bounds"),
            "active": _row(held.active, "1", "1 held at the upper bound, -1 at the lower one"),
            "multiplier": _row(held.multiplier, f"1/({units})", "gain per unit of relaxation"),
            "deviations": _row(held.deviations, "1", "multiplier in standard deviations"),
            "conflict": _row(held.deviations > CONFLICT, "1", "bound against the evidence"),
        },
        coords=below.coords,
        attrs={
            "distance": held.distance,
            "conflict": "a bound that holds the estimate more than 1.96 standard deviations from "
            "where the evidence puts it contradicts the evidence; it is no information",
        },
    )


def active_names(held: Held, lower: Array, upper: Array, sectors: Labels) -> tuple[str, ...]:
    """
    Name the bounds that hold the estimate.

    Parameters
    ----------
    held : Held
        The state within its bounds.
    lower, upper : numpy.ndarray
        Bounds.
    sectors : pandas.Index
        Names.

    Returns
    -------
    tuple of str
        For example ``steel <= 900``.
    """
    return tuple(
        _named(-int(side), i, lower, upper, sectors) for i, side in enumerate(held.active) if side
    )


def _named(sign: int, i: int, lower: Array, upper: Array, sectors: Labels) -> str:
    return f"{sectors[i]} >= {lower[i]:.6g}" if sign > 0 else f"{sectors[i]} <= {upper[i]:.6g}"


def _refuse_stuck(
    estimate: Array, lower: Array, upper: Array, stuck: npt.NDArray[np.bool_], sectors: Labels
) -> None:
    """Refuse a bound on what cannot move; rounding is no violation."""
    slack = 1e-9 * np.maximum(np.abs(estimate), 1e-300)
    out = stuck & ((estimate < lower - slack) | (estimate > upper + slack))
    if out.any():
        i = int(out.argmax())
        sign = 1 if estimate[i] < lower[i] else -1
        raise InfeasibleBoundsError(
            "bounds that exclude every solution: "
            f"{_named(sign, i, lower, upper, sectors)}, but it is {estimate[i]:.6g} and nothing "
            "can move it: no variance, or an exact total; relax the bound or give it a spread"
        )


def _pairs(bounds: Mapping[object, object], sectors: Labels) -> tuple[list[object], list[object]]:
    """Turn sector -> (lower, upper) into two lists."""
    unknown = [name for name in bounds if name not in sectors]
    if unknown:
        hint = did_you_mean(str(unknown[0]), [str(s) for s in sectors])
        raise LabelMismatchError(f"bounds: no sector {unknown[0]!r}; {hint}")
    odd = [k for k, v in bounds.items() if not (isinstance(v, tuple | list) and len(v) == 2)]
    if odd:
        raise ShapeError(f"bounds of {odd[0]!r}: give the pair (lower, upper)")
    both = [bounds.get(sector, (None, None)) for sector in sectors]
    return [pair[0] for pair in both], [pair[1] for pair in both]  # type: ignore[index]


def _side(values: object, what: str, sectors: Labels, units: str | None, free: float) -> Array:
    """Read one side; None and infinity leave a sector free."""
    n = len(sectors)
    if values is None:
        return np.full(n, free)
    plain = np.asarray(values, dtype=object)
    none = np.array(
        [v is None or (isinstance(v, float) and v == free) for v in plain.ravel()], bool
    )
    none = none.reshape(plain.shape)
    numbers = np.where(none, 0.0, plain)
    kept: object = numbers
    if isinstance(values, pd.Series):
        kept = pd.Series(numbers, index=values.index)
    elif isinstance(values, xr.DataArray):
        kept = values.copy(data=numbers)
    block = read(kept, what)
    if block.values.ndim > 1 or (block.values.ndim and len(block.values) != n):
        raise ShapeError(f"{what} has shape {block.values.shape}: give one number, or {n} values")
    if None not in (units, block.units) and block.units != units:
        raise UnitMismatchError(f"{what} is in {block.units!r}, the estimate in {units!r}")
    if block.labels:
        demand_labels(block.labels[0], sectors, what)
    found: Array = np.where(none, free, block.values)
    return np.broadcast_to(found, n).copy()
