"""Reconcile a path over years so that it keeps the movement of the bottom-up half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.errors import OptionError, ShapeError, YearsError
from handprint.gaussian import refuse_covariance, root_of, tighten
from handprint.guards import shown
from handprint.reconcile import Reconciled, judged
from handprint.sides import UNSTATED, Sides
from handprint.year_sides import (
    demand_years,
    read_errors,
    read_limits,
    read_observed,
    read_paths,
    stacked_labels,
    told,
)


@dataclass(frozen=True, eq=False)
class ReconciledYears:
    """
    Result of a reconciliation over years.

    Parameters
    ----------
    estimate, sd : xarray.DataArray
        What may be published, and its standard deviation, dims (sector, year).
    ratio : xarray.DataArray
        Estimate over bottom-up, dims (sector, year) [1]; one where the bottom-up value is zero.
    stacked : Reconciled
        The same with ``sector:year`` for sectors and ``observation:year`` for observations:
        tests, covariance, bounds and diagnostics.
    """

    estimate: xr.DataArray
    sd: xr.DataArray
    ratio: xr.DataArray
    stacked: Reconciled

    @property
    def blended(self) -> bool:
        """Whether both sides agree over all years."""
        return self.stacked.blended

    @property
    def message(self) -> str:
        """What was found and what to do."""
        return self.stacked.message


def reconcile_years(
    bottom_up: pd.DataFrame | xr.DataArray,
    covariance: ArrayInput,
    aggregation: ArrayInput,
    top_down: pd.DataFrame | xr.DataArray | pd.Series[float],
    top_down_covariance: ArrayInput,
    *,
    movement: float | None = None,
    persistence: float = 0.0,
    bounds: object | None = None,
    exact: tuple[ArrayInput, ArrayInput] | None = None,
) -> ReconciledYears:
    r"""
    Weigh both halves over all years at once; years without observation follow their neighbours.

    Parameters
    ----------
    bottom_up : pandas.DataFrame or xarray.DataArray
        :math:`z_b`, dims (sector, year), years without gap.
    covariance : array_like
        Variances (sector, year); or the covariance of each year (year, sector, sector); or of
        all, (sector and year, sector and year), the year running fastest.
    aggregation : array_like
        H, dims (observation, sector).
    top_down : pandas.DataFrame, xarray.DataArray or pandas.Series
        Observations, dims (observation, year), of the years that have them; or a series with
        the index (observation, year) where not every observation has the same years.
    top_down_covariance : array_like
        Variances in the shape of ``top_down``, their covariance in its order, or 0 for hard
        totals.
    movement : float, optional
        Standard deviation :math:`\sigma` of the change of :math:`\rho_t = z_t / z_{b,t}` from
        one year to the next; 0 keeps the ratio constant. None leaves movement free.
    persistence : float
        Correlation of the bottom-up error of one year with that of the next, where
        ``covariance`` does not state it; 1 for parameters that are the same in all years.
    bounds : tuple or Mapping, optional
        (lower, upper), each None, a number, a value by sector or (sector, year); or a mapping
        sector -> (lower, upper).
    exact : tuple, optional
        (G, g) with :math:`G z_t = g_t`: G (identity, sector), g (identity) or (identity, year).

    Returns
    -------
    ReconciledYears
        Paths, and the reconciliation of all numbers at once.

    Raises
    ------
    YearsError
        If years have a gap or no whole numbers, an observation is of another year, or
        movement is asked of a year with a bottom-up value of zero.
    OptionError
        If ``movement`` or ``persistence`` is out of range.
    CovarianceError, InfeasibleBoundsError, ShapeError, LabelMismatchError, MissingValueError
        As in :func:`handprint.reconcile`; labels decide wherever an array has them.
    UnitMismatchError
        If both halves state units and these differ.

    Notes
    -----
    .. math::
        \min_z (z - z_b)' V_b^{-1} (z - z_b) + (H z - c)' V_t^{-1} (H z - c)
        + \sigma^{-2} \sum_t (\rho_t - \rho_{t-1})^2

    The last term is a pseudo-observation of each change of the ratio, with value zero, which
    the bottom-up half meets by itself: it narrows the prior before the test and adds nothing
    to :math:`\chi^2`. With hard totals of single sectors and a wide prior this is the
    proportional method of Denton [1]_: the ratio runs straight between anchors and is
    constant outside. Where errors of different years have one cause, state it by
    ``persistence``: independent errors that must also move together would average out, and
    the result would look surer than it is.

    References
    ----------
    .. [1] F. T. Denton, Adjustment of monthly or quarterly series to annual totals, Journal of
       the American Statistical Association 66 (1971) 99-102.

    Examples
    --------
    >>> import pandas as pd
    >>> path = pd.DataFrame([[10.0, 20, 40]], ["power"], [2028, 2029, 2030])
    >>> end = pd.DataFrame([[50.0]], ["nation"], [2030])
    >>> found = reconcile_years(path, (0.2 * path) ** 2, [[1]], end, 0, movement=0)
    >>> found.ratio.values.round(6).tolist()
    [[1.25, 1.25, 1.25]]
    """
    z, sectors, years = read_paths(bottom_up)
    _refuse_options(movement, persistence)
    v = _spread(covariance, z, persistence)
    if movement is not None:
        v, _ = tighten(v, _changes(z.values, sectors, years), _steps(z.shape, movement))
    names = stacked_labels(sectors, z.indexes["year"])
    below = xr.DataArray(
        z.values.ravel(), coords={"sector": names}, dims="sector", name="bottom_up", attrs=z.attrs
    )
    h, observed = _whole(aggregation, "aggregation", sectors)
    seen = read_observed(top_down, len(h), observed, years, z.attrs["units"])
    rows = np.array(
        [_placed(h[i], t, len(years)) for i, t in zip(seen.rows, seen.years, strict=True)]
    )
    r = read_errors(top_down_covariance, top_down, seen)
    above = xr.DataArray(
        seen.values, coords={"observation": seen.names}, dims="observation", attrs=z.attrs
    )
    sides = Sides(below.values, v, rows, seen.values, r, np.zeros((below.size, len(rows))))
    sides = _with_identities(sides, exact, sectors, years)
    units = z.attrs["units"]
    limits = read_limits(bounds, z, None if units == UNSTATED else units)
    found = judged(sides, limits, below, above)
    return _unstacked(found, z)


def _unstacked(found: Reconciled, z: xr.DataArray) -> ReconciledYears:
    def _back(values: Array, units: str, title: str) -> xr.DataArray:
        attrs = {"units": units, "long_name": title}
        return z.copy(data=values.reshape(z.shape)).rename(None).assign_attrs(attrs)

    units, estimate = z.attrs["units"], found.estimate.values
    zero = found.bottom_up.values == 0
    ratio = np.where(zero, 1.0, estimate / np.where(zero, 1.0, found.bottom_up.values))
    deviation = np.sqrt(np.diag(found.covariance.values).clip(min=0))
    return ReconciledYears(
        _back(estimate, units, "reconciled estimate"),
        _back(deviation, units, "standard deviation"),
        _back(ratio, "1", "reconciled over bottom-up"),
        found,
    )


def _refuse_options(movement: object, persistence: object) -> None:
    def _is(value: object) -> bool:
        return isinstance(value, int | float | np.number) and not isinstance(value, bool)

    if movement is not None and not (_is(movement) and 0 <= movement < np.inf):  # type: ignore[operator]
        raise OptionError(f"movement is {shown(movement)}: give a standard deviation, 0 or more")
    if not (_is(persistence) and 0 <= persistence <= 1):  # type: ignore[operator]
        raise OptionError(f"persistence is {shown(persistence)}: give a correlation from 0 to 1")


def _spread(covariance: ArrayInput, z: xr.DataArray, persistence: float) -> Array:
    """Covariance of all numbers, the year running fastest."""
    (n, t), sectors, years = z.shape, z.indexes["sector"], z["year"].values.tolist()
    flat = isinstance(covariance, xr.DataArray) and {*covariance.dims} == {*z.dims}
    block = read(covariance, "covariance", dims=("sector", "year") if flat else None)
    values = block.values
    if values.shape == (n * t, n * t) and values.shape != z.shape:
        for labels in block.labels:
            demand_labels(told(labels), stacked_labels(sectors, z.indexes["year"]), "covariance")
        refuse_covariance(values, "covariance")
        return values
    if values.shape == z.shape:
        demand_labels(told(block.labels[0]), sectors, "covariance, sectors")
        demand_years(block.labels[1], years, "covariance, years")
        values = np.stack([np.diag(column) for column in values.T])
    elif values.shape == (t, n, n):
        demand_years(block.labels[0], years, "covariance, years")
        for labels in block.labels[1:]:
            demand_labels(told(labels), sectors, "covariance, sectors")
    if values.shape != (t, n, n):
        raise ShapeError(
            f"covariance has shape {values.shape}: give variances ({n}, {t}), one covariance by "
            f"year ({t}, {n}, {n}), or the whole ({n * t}, {n * t})"
        )
    for i, block in enumerate(values):
        refuse_covariance(block, f"covariance, year {i + 1}")
    lag = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
    close = np.where(lag == 0, 1.0, float(persistence) ** np.maximum(lag, 1))
    roots = np.stack([_even_root(block) for block in values])
    whole = np.einsum("tij,skj,ts->itks", roots, roots, close)
    stacked: Array = whole.reshape(n * t, n * t)
    return stacked


def _even_root(covariance: Array) -> Array:
    """Symmetric root: the same cause in every year stays with its sector."""
    root = root_of(covariance)
    values, vectors = np.linalg.eigh(root @ root.T)
    even: Array = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    return even


def _changes(z: Array, sectors: Labels, years: list[int]) -> Array:
    """Rows that take the change of the ratio to z from each year to the next."""
    zero = [f"{sectors[i]!r} in {years[t]}" for i, t in np.argwhere(z == 0)]
    if zero:
        raise YearsError(
            f"movement: bottom-up is 0 for {', '.join(zero[:5])}: there is no ratio to it; leave "
            "these years or sectors out"
        )
    n, t = z.shape
    step = np.eye(t)[1:] - np.eye(t)[:-1]
    rows: Array = np.kron(np.eye(n), step) / z.ravel()
    return rows


def _steps(shape: tuple[int, ...], movement: float) -> Array:
    return np.full(shape[0] * (shape[1] - 1), float(movement))


def _whole(values: ArrayInput, what: str, sectors: Labels) -> tuple[Array, Labels | None]:
    """Rows by sector, and their labels where they have some."""
    block, n = read(values, what), len(sectors)
    rows: Array = block.values if block.values.ndim > 1 else block.values[None]
    if rows.ndim != 2 or rows.shape[1] != n:
        raise ShapeError(f"{what} has shape {block.values.shape}: its rows need {n} sectors")
    demand_labels(block.labels[-1] if block.labels else None, sectors, f"{what}, columns")
    return rows, block.labels[0] if block.values.ndim > 1 else None


def _placed(row: Array, year: int, years: int) -> Array:
    """Row of the aggregation at one year."""
    at: Array = np.zeros((len(row), years))
    at[:, year] = row
    return at.reshape(-1)


def _with_identities(
    sides: Sides, exact: tuple[ArrayInput, ArrayInput] | None, sectors: Labels, years: list[int]
) -> Sides:
    """Stack identities of every year below the observations."""
    if exact is None:
        return sides
    if not (isinstance(exact, tuple | list) and len(exact) == 2):
        raise ShapeError("exact: give the pair (G, g) of identities G z = g")
    (g, names), t = _whole(exact[0], "exact, G", sectors), len(years)
    block = read(exact[1], "exact, g")
    target = np.atleast_1d(block.values)
    if target.shape not in ((len(g),), (len(g), t)):
        raise ShapeError(f"exact, g has shape {target.shape}: give ({len(g)}) or ({len(g)}, {t})")
    if block.labels and (rows := told(names)) is not None:
        demand_labels(told(block.labels[0]), rows, "exact, g")
    if target.ndim == 1:
        target = np.repeat(target[:, None], t, axis=1)
    else:
        demand_years(block.labels[1], years, "exact, g, years")
    m, k = len(sides.c), target.size
    r = np.zeros((m + k, m + k))
    r[:m, :m] = sides.r
    return sides._replace(
        h=np.vstack([sides.h, np.kron(g, np.eye(t))]),
        c=np.concatenate([sides.c, target.ravel()]),
        r=r,
        cross=np.hstack([sides.cross, np.zeros((len(sides.z), k))]),
    )
