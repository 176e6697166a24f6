"""Bring the sum of the parts and the view from above together, or say that they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels
from handprint.gaussian import Posterior, condition, root_of
from handprint.limits import Held, active_names, bounds_table, hold, read_bounds
from handprint.sides import UNSTATED, Sides, read_sides, square_like

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
        estimate, unchanged but for bounds.
    covariance : xarray.DataArray
        Of ``estimate``, dims (sector, sector_other), active bounds held.
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
        ``attrs["threshold"]``; ``adjustment``, candidate minus bottom-up before bounds.
    candidate, candidate_covariance : xarray.DataArray
        The blend, whether or not it may be published; for diagnosis.
    bottom_up, top_down : xarray.DataArray
        The two sides as given; both are to be shown when not blended.
    implied : xarray.DataArray
        Bottom-up value of each top-down observation.
    bounds : xarray.Dataset
        By sector ``lower``, ``upper``, ``unbounded``, ``active``, ``multiplier`` [per unit],
        ``deviations``, the same in standard deviations, and ``conflict``.
    sides : Sides
        What was reconciled, as arrays; for diagnosis.
    active_bounds : tuple
        Bounds that hold the estimate, for example ``steel <= 900``.
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
    bounds: xr.Dataset
    sides: Sides
    active_bounds: tuple[str, ...] = ()

    @property
    def inflated_covariance(self) -> xr.DataArray:
        """Covariance with standard deviations times the Birge ratio where that is above one."""
        return (self.covariance * max(1.0, self.birge) ** 2).assign_attrs(self.covariance.attrs)

    @property
    def diagnostics(self) -> xr.Dataset:
        """What lies behind the numbers: see :func:`handprint.diagnostics.diagnose`."""
        from handprint.diagnostics import diagnose

        return diagnose(self)


class Solved(NamedTuple):
    """Both sides conditioned on each other, then held within bounds."""

    posterior: Posterior
    held: Held
    p_value: float
    blended: bool


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
    bounds : tuple or Mapping, optional
        (l, u) with :math:`l \\le z \\le u`, each None, a number or an array by sector in which
        None leaves a sector free; or a mapping sector -> (lower, upper).
    exact : tuple, optional
        (G, g) of identities :math:`G z = g` that hold exactly.

    Returns
    -------
    Reconciled
        Not blended if p < 0.05 and a total is uncertain: ``estimate`` is then the bottom-up
        estimate within its bounds, and both sides are to be shown side by side.

    Raises
    ------
    InfeasibleBoundsError
        If bounds, with what is exact, exclude every state; it names them.
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
    sides, below, above = read_sides(
        bottom_up, covariance, aggregation, top_down, top_down_covariance, cross_covariance, exact
    )
    units = below.attrs["units"]
    limits = read_bounds(bounds, _labels(below), None if units == UNSTATED else units)
    return judged(sides, limits, below, above)


def judged(
    sides: Sides, limits: tuple[Array, Array], below: xr.DataArray, above: xr.DataArray
) -> Reconciled:
    """
    Condition, test, and decide whether the blend may stand.

    Parameters
    ----------
    sides : Sides
        Plain arrays; exact identities follow the observations.
    limits : tuple of numpy.ndarray
        Lower and upper bounds.
    below, above : xarray.DataArray
        Both sides with their labels.

    Returns
    -------
    Reconciled
        As of :func:`reconcile`.
    """
    lower, upper = limits
    sectors = _labels(below)
    posterior, held, p_value, blended = solve(sides, limits, sectors)
    kept = held if blended else hold(sides.z, root_of(sides.v), lower, upper, sectors)
    freedom = posterior.degrees_of_freedom
    implied = above.copy(data=sides.h[: above.size] @ below.values)
    active = active_names(kept, lower, upper, sectors)
    unbounded = posterior.estimate if blended else sides.z
    return Reconciled(
        estimate=below.copy(data=kept.estimate),
        covariance=square_like(below, kept.covariance if blended or active else sides.v),
        chi2=posterior.chi2,
        p_value=p_value,
        degrees_of_freedom=freedom,
        birge=float(np.sqrt(posterior.chi2 / freedom)) if freedom else 0.0,
        blended=blended,
        message=_message(blended, p_value, above, implied, not sides.r.any()) + _held(active),
        element_tests=_element_tests(
            below, posterior.estimate, np.diag(posterior.adjustment_covariance), np.diag(sides.v)
        ),
        candidate=below.copy(data=held.estimate),
        candidate_covariance=square_like(below, held.covariance),
        bottom_up=below,
        top_down=above,
        implied=implied,
        bounds=bounds_table(kept, unbounded, lower, upper, below),
        sides=sides,
        active_bounds=active,
    )


def solve(sides: Sides, limits: tuple[Array, Array], sectors: Labels) -> Solved:
    """
    Condition both sides on each other and hold the state within bounds.

    Parameters
    ----------
    sides : Sides
        Plain arrays.
    limits : tuple of numpy.ndarray
        Lower and upper bounds.
    sectors : pandas.Index
        Names for messages.

    Returns
    -------
    Solved
        An exact total is no second estimate that could be left aside: where all observations
        are exact the state must satisfy them, and it counts as blended.
    """
    from scipy.special import chdtrc

    posterior = condition(*sides)
    freedom = posterior.degrees_of_freedom
    p_value = float(chdtrc(freedom, posterior.chi2)) if freedom else 1.0
    held = hold(posterior.estimate, posterior.root, *limits, sectors)
    return Solved(posterior, held, p_value, not sides.r.any() or p_value >= SIGNIFICANCE)


def _labels(below: xr.DataArray) -> Labels:
    found: Labels = below.indexes[below.dims[0]]
    return found


def _held(active: tuple[str, ...]) -> str:
    return f"; held by the bounds {', '.join(active)}" if active else ""


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
