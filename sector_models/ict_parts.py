"""Equations of the physical ICT account, component by component."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import xarray as xr

HOURS = 8760.0
"""Hours of a year without leap day."""

AVOIDED = ("co2", "so2", "waste_water", "solid_waste", "coal")
"""What recycling e-waste avoids."""

Values: TypeAlias = Callable[[str], xr.DataArray]
"""Quantity by name, over years and estimates or draws."""


def over_rest(share: xr.DataArray) -> xr.DataArray:
    """
    Return what a share of a whole is of the rest.

    Parameters
    ----------
    share : xarray.DataArray
        Share, below one [1].

    Returns
    -------
    xarray.DataArray
        Share over one less the share [1].
    """
    return share / (1 - share)


def data_centres(value: Values) -> dict[str, xr.DataArray]:
    """
    Account of the data centres.

    Parameters
    ----------
    value : callable
        Quantity by name.

    Returns
    -------
    dict of xarray.DataArray
        ``electricity`` [TWh], ``use``, ``generators``, ``embodied`` [Mt CO2], ``water``
        [10^6 m3; TWh x l/kWh = 10^9 l] and ``copper`` [kt; GW x t/MW].
    """
    it = value("racks") * value("rack_power") * value("load") * HOURS / 1e3
    electricity = it * value("pue")
    generators = electricity * value("generator_share") * value("generator_factor")
    use = electricity * (1 - value("generator_share")) * value("grid_factor") + generators
    return {
        "electricity": electricity,
        "use": use,
        "generators": generators,
        "embodied": use * over_rest(value("dc_embodied")),
        "water": it * value("wue"),
        "copper": value("racks") * value("rack_power") * value("copper_per_power"),
    }


def networks(value: Values) -> tuple[dict[str, xr.DataArray], dict[str, xr.DataArray]]:
    """
    Account of stations, rooms and fixed network.

    Parameters
    ----------
    value : callable
        Quantity by name.

    Returns
    -------
    electricity : dict of xarray.DataArray
        By component [TWh].
    made : dict of xarray.DataArray
        Emissions of making stations, per year of life [Mt CO2].
    """
    electricity, made = {}, {}
    for generation in ("2g3g", "4g", "5g"):
        asleep = value(f"sleep_saving_{generation}") * value("sleep_coverage")
        stations = value(f"stations_{generation}")
        power = value(f"power_{generation}") * (1 - asleep)
        electricity[f"stations_{generation}"] = stations * power * HOURS / 1e3
        each = value("station_embodied") * value("co2_in_co2e") / value("station_life")
        made[f"stations_{generation}"] = stations * each
    electricity["rooms"] = value("room_load") * value("room_pue")
    electricity["fixed_network"] = value("network_electricity")
    return electricity, made


_DEVICES = {"phones": "phone", "computers": "computer", "gateways": "gateway"}


def devices(value: Values) -> dict[str, xr.DataArray]:
    """
    Electricity of terminals.

    Parameters
    ----------
    value : callable
        Quantity by name.

    Returns
    -------
    dict of xarray.DataArray
        By component [TWh; 10^6 pcs x kWh = GWh].
    """
    return {many: value(many) * value(f"{one}_electricity") / 1e3 for many, one in _DEVICES.items()}


def terminals(value: Values) -> tuple[dict[str, xr.DataArray], dict[str, xr.DataArray]]:
    """
    Account of making and of discarding terminals.

    Parameters
    ----------
    value : callable
        Quantity by name.

    Returns
    -------
    made : dict of xarray.DataArray
        Emissions of making, per year of life, by component [Mt CO2].
    waste : dict of xarray.DataArray
        ``e_waste``, ``recycled`` and what recycling avoids [kt; Mt CO2 and ktce].
    """
    retired = {many: value(many) / value(f"{one}_life") for many, one in _DEVICES.items()}
    made = {
        many: retired[many] * value(f"{one}_embodied") * value("co2_in_co2e")
        for many, one in _DEVICES.items()
    }
    masses = [retired[many] * value(f"{one}_mass") * 1e3 for many, one in _DEVICES.items()]
    waste = masses[0] + masses[1] + masses[2]
    recycled = waste * value("recycling")
    found = {"e_waste": waste, "recycled": recycled}
    for key in AVOIDED:
        scale = 1e-3 if key == "co2" else 1.0
        found[f"recycling_{key}"] = recycled * value(f"recycling_{key}") * scale
    return made, found
