"""Bring both halves of a run to one boundary, test whether they agree, and blend them if so."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.reconcile import Reconciled, reconcile
from handprint.scenario import Scenario

Array = npt.NDArray[np.float64]
SPREAD = 2 * 1.6448536269514722  # a corner range is read as a 90 % interval of a normal


def net_enabled(bottom_up: xr.Dataset) -> xr.DataArray:
    """
    Enabling effect by sector model after direct rebound: what both halves can be compared on.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts by use case.

    Returns
    -------
    xarray.DataArray
        Dims (sector, year, estimate) [Mt CO2].
    """
    return by_model(bottom_up["enabled"] - bottom_up["rebound"])


def by_model(array: xr.DataArray) -> xr.DataArray:
    """
    Add up use cases by sector model, in the order of the models.

    Parameters
    ----------
    array : xarray.DataArray
        With ``model`` as a coordinate on ``use_case``.

    Returns
    -------
    xarray.DataArray
        ``use_case`` replaced by ``sector``.
    """
    order = list(dict.fromkeys(array["model"].values))
    return array.groupby("model").sum().rename(model="sector").sel(sector=order)


def blend(
    scenario: Scenario,
    bottom_up: xr.Dataset,
    top_down: xr.Dataset,
    draws: xr.DataArray | None = None,
) -> xr.Dataset:
    r"""
    Reconcile the two halves year by year.

    Parameters
    ----------
    scenario : Scenario
        Gives the top-down error.
    bottom_up : xarray.Dataset
        Additive parts by use case.
    top_down : xarray.Dataset
        Counterfactual by sector model.
    draws : xarray.DataArray, optional
        Net enabling effect of each draw, dims (sector, year, draw); gives the covariance of
        the sector models. Without draws the corner ranges are read as 90 % intervals of
        independent normals.

    Returns
    -------
    xarray.Dataset
        For the sectors whose levers do something and the years in which they do:
        ``bottom_up``, ``top_down``, ``estimate``, ``sd``, ``element_test`` (sector, year) and
        ``chi2``, ``p_value``, ``blended`` (year). Without any effect the years are none.

    Notes
    -----
    The top-down half takes savings and adoption from the bottom-up half, so the two share that
    error: with the relative standard deviation :math:`\tau` of table, bridge and projection,
    :math:`V_t = V_b + diag(\tau z)^2` and :math:`C = V_b`. Then :math:`K = 0`: agreement tests
    boundary and supply chain, but a view that repeats the savings of the other adds nothing to
    what is known about them, and the estimate is the bottom-up one with its own deviation.
    Scaling the shared error by the ratio of the two halves instead would carry the estimate
    outside both (R. W. Peelle, Peelle's pertinent puzzle, Oak Ridge 1987; G. D'Agostini, Nucl.
    Instrum. Meth. A 346, 1994).
    """
    z, c = net_enabled(bottom_up), top_down["enabled"]
    central = z.sel(estimate="central")
    moved = [s for s in scenario.sectors if (central.sel(sector=s) != 0).any()]
    sectors = moved or list(scenario.sectors)
    z, c, central = z.sel(sector=sectors), c.sel(sector=sectors), central.sel(sector=sectors)
    years = [int(y) for y in z["year"].values if (central.sel(year=y) != 0).all()]
    spread = {y: _covariance(z.sel(year=y), draws) for y in years}
    found = [
        _one(
            central.sel(year=y).values,
            spread[y],
            c.sel(year=y, estimate="central").values,
            scenario.top_down_error.value,
        )
        for y in years
    ]
    coords = {"sector": sectors, "year": years}

    def _grid(rows: list[object], title: str, units: str = "Mt CO2") -> xr.DataArray:
        values = np.array(rows, dtype=float).reshape(len(years), len(sectors)).T
        return xr.DataArray(
            values,
            coords=coords,
            dims=("sector", "year"),
            attrs={"units": units, "long_name": title, "source": "both halves"},
        )

    def _line(rows: list[object], title: str) -> xr.DataArray:
        return xr.DataArray(
            rows, coords={"year": years}, dims="year", attrs={"units": "1", "long_name": title}
        )

    return xr.Dataset(
        {
            "bottom_up": _grid([r.bottom_up.values for r in found], "bottom-up, common boundary"),
            "top_down": _grid([r.top_down.values for r in found], "top-down, common boundary"),
            "estimate": _grid([r.estimate.values for r in found], "reconciled, common boundary"),
            "sd": _grid(
                [np.sqrt(np.diag(r.covariance.values)) for r in found], "standard deviation"
            ),
            "element_test": _grid(
                [r.element_tests["d"].values for r in found], "adjustment over its deviation", "1"
            ),
            "chi2": _line([r.chi2 for r in found], "global consistency"),
            "p_value": _line([r.p_value for r in found], "probability of a larger chi2"),
            "blended": _line([r.blended for r in found], "whether the halves may be blended"),
        },
        attrs={
            "message": found[-1].message if found else "no lever does anything in this scenario",
            "independence": "savings and adoption are shared: agreement tests boundary and supply "
            "chain, not the savings, so it adds no information to the bottom-up estimate",
        },
    )


def _covariance(z: xr.DataArray, draws: xr.DataArray | None) -> Array:
    """Covariance of the sector models in one year: from draws, or from corner ranges."""
    if draws is not None:
        sample = draws.sel(sector=z["sector"].values, year=z["year"].values)
        return np.atleast_2d(np.cov(sample.transpose("sector", "draw").values))
    sd = (z.sel(estimate="high") - z.sel(estimate="low")).values / SPREAD
    return np.diag(sd**2)


def _one(z: Array, spread: Array, c: Array, tau: float) -> Reconciled:
    """Reconcile the sectors of one year."""
    # Relative errors that both halves share belong to one true value, so they are the same
    # amount on both sides. Scaling them by c / z would push the estimate outside both halves
    # (Peelle's puzzle).
    return reconcile(
        z,
        spread,
        np.eye(len(z)),
        c,
        spread + np.diag((tau * z) ** 2),
        cross_covariance=spread,
    )
