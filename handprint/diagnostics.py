"""What lies behind a reconciled number: which observation moves it, and how much it matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from handprint.alignment import Array
from handprint.errors import CovarianceError, MissingValueError, OptionError
from handprint.gaussian import NULL, root_of
from handprint.reconcile import Reconciled, solve
from handprint.sides import Sides

FACTORS = (0.5, 2.0)


def diagnose(result: Reconciled, factors: Sequence[float] = FACTORS) -> xr.Dataset:
    """
    Ask a reconciliation how it came about.

    Parameters
    ----------
    result : Reconciled
        Of :func:`handprint.reconcile`.
    factors : sequence of float
        Of the bottom-up standard deviations, for the sensitivity to the prior.

    Returns
    -------
    xarray.Dataset
        By sector ``adjustment_share``; by observation ``left_out_shift`` (observation, sector)
        and ``left_out_p_value``; by factor ``swapped`` (factor, sector) and
        ``swapped_p_value``; ``information_gain`` and ``directions_fixed``; ``bias``,
        ``bias_sd``, left out where the bottom-up half is zero in every observation; ``chi2``,
        ``p_value``, ``birge``.

    Raises
    ------
    OptionError
        If a factor is not above zero.

    Examples
    --------
    >>> from handprint import reconcile
    >>> found = reconcile([2900], [372.6**2], [1], 2300, 200**2).diagnostics
    >>> round(found["bias"].item(), 3), round(found["information_gain"].item(), 3)
    (0.793, 1.498)
    """
    gain, fixed = information_gain(result)
    parts = {
        "adjustment_share": adjustment_share(result),
        "information_gain": _number(gain, "1", "log det of the bottom-up over that of the blend"),
        "directions_fixed": _number(fixed, "1", "directions that exact observations fix"),
        "chi2": _number(result.chi2, "1", "global consistency"),
        "p_value": _number(result.p_value, "1", "probability of a larger chi2"),
        "birge": _number(result.birge, "1", "Birge ratio"),
    }
    if (result.implied != 0).any():
        beta, sd = bias(result)
        parts["bias"] = _number(beta, "1", "c = beta H z")
        parts["bias_sd"] = _number(sd, "1", "its standard deviation")
    return xr.merge([xr.Dataset(parts), leave_one_out(result), prior_swap(result, factors)])


def adjustment_share(result: Reconciled) -> xr.DataArray:
    """
    Share of each sector in the total adjustment, signs left aside.

    Parameters
    ----------
    result : Reconciled
        Of :func:`handprint.reconcile`.

    Returns
    -------
    xarray.DataArray
        Dims (sector) [1]; zero where nothing is adjusted at all.
    """
    moved = abs(result.candidate - result.bottom_up)
    whole = float(moved.sum())
    share: xr.DataArray = moved / whole if whole else moved * 0.0
    return share.assign_attrs(units="1", long_name="share of the total adjustment")


def leave_one_out(result: Reconciled) -> xr.Dataset:
    """
    Leave one observation out at a time.

    Parameters
    ----------
    result : Reconciled
        Of :func:`handprint.reconcile`.

    Returns
    -------
    xarray.Dataset
        ``left_out_shift`` (observation, sector), what the blend would move by without the
        observation [units of the estimate]; ``left_out_p_value`` (observation), consistency of
        the rest. Exact identities and bounds stay.
    """
    above, rows, probable = result.top_down, [], []
    for i in range(above.size):
        kept = [j for j in range(len(result.sides.c)) if j != i]
        estimate, p_value = _again(result, _some(result.sides, kept))
        rows.append(estimate - result.candidate.values)
        probable.append(p_value)
    return _two(result, above[above.dims[0]], rows, probable, "left_out_shift", "left_out_p_value")


def prior_swap(result: Reconciled, factors: Sequence[float] = FACTORS) -> xr.Dataset:
    """
    Blend again with other bottom-up standard deviations.

    Parameters
    ----------
    result : Reconciled
        Of :func:`handprint.reconcile`.
    factors : sequence of float
        Of the standard deviations; what both sides share changes on both sides.

    Returns
    -------
    xarray.Dataset
        ``swapped`` (factor, sector), the blend [units of the estimate]; ``swapped_p_value``
        (factor).

    Raises
    ------
    OptionError
        If a factor is not above zero.
    CovarianceError
        If both sides share so much that the top-down spread leaves no room for the factor.
    """
    rows, probable = [], []
    for factor in factors:
        if not (isinstance(factor, int | float) and 0 < factor < np.inf):
            raise OptionError(f"factors: {factor!r} is not a number above zero")
        estimate, p_value = _again(result, _widened(result.sides, float(factor)))
        rows.append(estimate)
        probable.append(p_value)
    labels = xr.DataArray(list(map(float, factors)), dims="factor", name="factor")
    return _two(result, labels, rows, probable, "swapped", "swapped_p_value")


def information_gain(result: Reconciled) -> tuple[float, int]:
    r"""
    Measure what the observations add to the bottom-up half.

    Parameters
    ----------
    result : Reconciled
        Of :func:`handprint.reconcile`.

    Returns
    -------
    gain : float
        :math:`\log(\det V_b / \det \hat V)` in the directions in which both have a spread,
        before bounds; zero if nothing is learnt.
    fixed : int
        Number of directions that exact observations fix: there the gain would be infinite.
    """
    sides = result.sides
    root = root_of(sides.v)
    if not root.shape[1]:
        return 0.0, 0
    posterior, *_ = solve(sides, _free(sides), result.bottom_up.indexes[result.bottom_up.dims[0]])
    inverse = np.linalg.pinv(root)
    left = np.linalg.eigvalsh(inverse @ posterior.covariance @ inverse.T)
    seen = left > 1e3 * NULL
    return float(-np.log(left[seen].clip(max=1.0)).sum()), int((~seen).sum())


def bias(result: Reconciled) -> tuple[float, float]:
    r"""
    Estimate one factor between the two sides: :math:`c = \beta H z`.

    Parameters
    ----------
    result : Reconciled
        Of :func:`handprint.reconcile`.

    Returns
    -------
    beta : float
        One if both sides measure the same thing.
    sd : float
        Its standard deviation.

    Raises
    ------
    MissingValueError
        If the bottom-up half is zero in every observation.

    Notes
    -----
    Generalised least squares of c on :math:`H z_b` with the covariance of :math:`c - \beta H z_b`,
    :math:`\beta^2 H V_b H' + V_t - \beta (H C + C' H')`, taken at :math:`\beta = 1` first and
    at the first estimate then. Exact identities are left aside.
    """
    sides, m = result.sides, result.top_down.size
    h, c, cross = sides.h[:m], sides.c[:m], sides.cross[:, :m]
    x = h @ sides.z
    if not x.any():
        raise MissingValueError("bottom-up is zero in every observation: it has no bias factor")
    hc, beta, sd = h @ cross, 1.0, 0.0
    for _ in range(2):
        s = beta**2 * h @ sides.v @ h.T + sides.r[:m, :m] - beta * (hc + hc.T)
        weight = np.linalg.pinv(s, rcond=1e-12, hermitian=True)
        size = float(x @ weight @ x)
        if size <= 0:
            return float(x @ c / (x @ x)), 0.0
        beta, sd = float(x @ weight @ c) / size, size**-0.5
    return beta, sd


def _again(result: Reconciled, sides: Sides) -> tuple[Array, float]:
    """Blend again from other sides, within the same bounds."""
    limits = result.bounds["lower"].values, result.bounds["upper"].values
    sectors = result.bottom_up.indexes[result.bottom_up.dims[0]]
    found = solve(sides, limits, sectors)
    return found.held.estimate, found.p_value


def _free(sides: Sides) -> tuple[Array, Array]:
    return np.full(len(sides.z), -np.inf), np.full(len(sides.z), np.inf)


def _some(sides: Sides, kept: Sequence[int]) -> Sides:
    """Sides with some of the observations."""
    return sides._replace(
        h=sides.h[kept], c=sides.c[kept], r=sides.r[np.ix_(kept, kept)], cross=sides.cross[:, kept]
    )


def _widened(sides: Sides, factor: float) -> Sides:
    """
    Multiply bottom-up standard deviations, and what the top-down half takes from that side.

    The shared error of the observations is C' V^-1 C of their variance.
    """
    shared = sides.cross.T @ np.linalg.pinv(sides.v, rcond=1e-12, hermitian=True) @ sides.cross
    r = sides.r + (factor**2 - 1) * shared
    if np.linalg.eigvalsh(r)[0] < -1e-9 * max(1e-300, float(np.abs(sides.r).max())):
        raise CovarianceError(
            f"factor {factor:g}: the top-down spread is smaller than what it shares with the "
            "bottom-up one; check cross_covariance"
        )
    return sides._replace(v=sides.v * factor**2, r=r, cross=sides.cross * factor**2)


def _two(
    result: Reconciled,
    along: xr.DataArray,
    rows: list[Array],
    probable: list[float],
    name: str,
    p_name: str,
) -> xr.Dataset:
    below, dim = result.bottom_up, str(along.dims[0])
    shape = (along.size, below.size)
    return xr.Dataset(
        {
            name: ((dim, *below.dims), np.array(rows).reshape(shape), dict(below.attrs)),
            p_name: (dim, np.array(probable, dtype=float), {"units": "1"}),
        },
        coords={**below.coords, dim: along.values},
    )


def _number(value: float, units: str, title: str) -> xr.DataArray:
    return xr.DataArray(value, attrs={"units": units, "long_name": title})
