"""How re-spending answers to savings and purchases: linear around the central run."""

from __future__ import annotations

import xarray as xr

from handprint.blend import by_model, net_enabled


def respending_response(bottom_up: xr.Dataset, top_down: xr.Dataset) -> xr.Dataset:
    r"""
    Linearise the re-spending of the top-down half around its central run.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts by use case, low, central and high.
    top_down : xarray.Dataset
        Counterfactual.

    Returns
    -------
    xarray.Dataset
        ``cost`` (sector, year) saved per tonne of net enabling effect [10^4 CNY/Mt CO2] and
        ``emissions`` (year) per cost spent again [Mt CO2/10^4 CNY]; zero where nothing is saved.

    Notes
    -----
    Re-spending is :math:`\alpha\, s' L' \mu\, (c\,(ENB - R) - X)` with ICT purchases X: linear
    in share and cost, and :math:`s' L' \mu` moves little between draws.
    """
    centre = {"estimate": "central"}
    net = net_enabled(bottom_up).sel(centre, drop=True)
    purchases = by_model(bottom_up["ict_purchases"]).sel(centre, drop=True)
    saved = top_down["cost_saving"].sel(centre, drop=True)
    spent = saved.sum("sector")
    again = top_down["respending_of_all"].sel(centre, drop=True).sum("sector")
    cost = ((saved + purchases) / net.where(net != 0, 1.0)).where(net != 0, 0.0)
    emissions = (again / spent.where(spent != 0, 1.0)).where(spent != 0, 0.0)
    return xr.Dataset({"cost": cost, "emissions": emissions})


def respent(
    response: xr.Dataset, net_enabled: xr.DataArray, ict_purchases: xr.DataArray
) -> xr.DataArray:
    """
    Emissions of what the saved cost buys, if all of it is spent again.

    Parameters
    ----------
    response : xarray.Dataset
        Outcome of :func:`respending_response`.
    net_enabled : xarray.DataArray
        Enabling effect after direct rebound, dims (sector, year, ...) [Mt CO2].
    ict_purchases : xarray.DataArray
        Additional ICT purchases, dims (sector, year, ...) [10^4 CNY].

    Returns
    -------
    xarray.DataArray
        Dims (sector, year, ...) [Mt CO2]; negative where the ICT costs more than it saves.
    """
    again: xr.DataArray = response["emissions"] * (response["cost"] * net_enabled - ict_purchases)
    return again.transpose("sector", "year", ...)
