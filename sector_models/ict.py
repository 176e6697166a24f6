"""Footprint of the ICT industry from physical quantities: facilities, networks, terminals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from sector_models.account import given_quantities, load_account
from sector_models.alignment import check_years
from sector_models.errors import ValueRangeError
from sector_models.estimates import members_of, opposed, stack
from sector_models.ict_parts import (
    AVOIDED,
    HOURS,
    data_centres,
    devices,
    networks,
    over_rest,
    terminals,
)
from sector_models.inputs import OverYears

COMPONENTS = {
    "data_centres": ("facilities", "data centres", "数据中心"),
    "stations_2g3g": ("facilities", "base stations, 2G and 3G", "2G/3G基站"),
    "stations_4g": ("facilities", "base stations, 4G", "4G基站"),
    "stations_5g": ("facilities", "base stations, 5G", "5G基站"),
    "rooms": ("facilities", "communication rooms", "通信机房"),
    "fixed_network": ("facilities", "fixed network", "固定网络"),
    "phones": ("terminals", "mobile phones", "手机"),
    "computers": ("terminals", "computers", "计算机"),
    "gateways": ("terminals", "home gateways", "家庭网关"),
}
"""Components with their group and titles."""

STATIONS = ("stations_2g3g", "stations_4g", "stations_5g")
"""Components that carry mobile traffic."""

LESS_IS_HIGH = ("sleep_saving_2g3g", "sleep_saving_4g", "sleep_saving_5g", "sleep_coverage",
                 "station_life", "phone_life", "computer_life", "gateway_life")  # fmt: skip
"""Quantities whose high value lowers the footprint: their estimates are swapped."""


def ict_footprint(
    years: Iterable[int] = range(2020, 2031),
    drivers: Mapping[str, OverYears] | xr.Dataset | None = None,
    draws: int = 0,
    seed: int | None = None,
) -> xr.Dataset:
    r"""
    Footprint of the ICT industry of China by component and year, use and embodied apart.

    Parameters
    ----------
    years : iterable of int, optional
        Ascending years, 2020 to 2030 unless drivers go further.
    drivers : mapping or xarray.Dataset, optional
        Paths that replace quantities of the account, by name (`account_provenance` lists them).
        A number holds in every year; a path may also differ by ``estimate`` or ``draw``.
    draws : int, optional
        Number of Monte Carlo draws; 0 gives the estimates low, central and high.
    seed : int, optional
        Seed of the draws; without it a fresh one is made and noted in the attributes.

    Returns
    -------
    xarray.Dataset
        Dims component, year and estimate (or draw). ``electricity`` [TWh], ``use`` and
        ``embodied`` [Mt CO2] by component; ``generators`` [Mt CO2], the part of ``use`` that is
        burnt in backup generators. Over year alone: ``pue`` [1], ``water`` [10^6 m3] and
        ``copper`` [kt] of data centres, ``traffic_energy`` of base stations per mobile traffic
        [kWh/GB], ``computing_energy`` of data centres per computing power [GWh/EFLOPS],
        ``power_5g`` [kW/station], ``e_waste`` and ``recycled`` [kt] of terminals, and what
        recycling avoids: ``recycling_co2`` [Mt CO2], ``recycling_so2``,
        ``recycling_waste_water``, ``recycling_solid_waste`` [kt], ``recycling_coal`` [ktce];
        none of it is subtracted.
        ``industry`` [Mt CO2], dims (branch, year, ...), is the other view: manufacturing and
        services with purchased energy. The two views overlap and are never added.

    Raises
    ------
    UnknownDriverError, UnitError, ValueRangeError, LabelError, NotANumberError
        If a driver is unknown, in another unit, without meaning or for other years.
    YearError
        If a year lies outside the account and no driver covers it.
    ParameterError
        If ``draws`` or ``seed`` is impossible.

    Notes
    -----
    With racks :math:`N`, rated power :math:`P`, load :math:`l`, grid factor :math:`g`, share
    and factor of generators :math:`s, k`, embodied share :math:`b` of the life cycle

    .. math::
        W &= N\,P\,l\,\mathrm{PUE}\cdot 8760 \\
        U &= W\,[(1 - s)\,g + s\,k], \qquad M = U\,b / (1 - b)

    for data centres. Stations of a generation use
    :math:`N\,P\,(1 - \sigma c)\cdot 8760` with saving :math:`\sigma` by sleep and the share
    :math:`c` of stations that use it; making them counts
    :math:`N\,m\,/\,\text{life}`, as for terminals. Water is WUE times IT electricity;
    copper is what stands in the racks in place, so its growth is the demand of a year.

    Estimate ``low`` takes the end of every quantity that lowers the footprint: a range of
    corners, not a confidence interval.

    Examples
    --------
    >>> found = ict_footprint([2020, 2021])
    >>> centres = found["electricity"].sel(component="data_centres", year=2021)
    >>> centres.round(1).values.tolist()
    [60.7, 150.0, 441.3]
    """
    steps = check_years(years)
    members, seed = members_of(draws, seed)
    account = load_account()
    # Any parameter shows the estimates or draws of the run.
    labels = members(account.example.racks, "ict").indexes
    given = given_quantities(drivers, steps, next(iter(labels.values())))

    def _value(name: str) -> xr.DataArray:
        if name in given:
            return given[name]
        found = account.quantities[name].over(steps, members, name)
        return opposed(found) if name in LESS_IS_HIGH else found

    centres = data_centres(_value)
    electricity, embodied = networks(_value)
    made, waste = terminals(_value)
    electricity = {"data_centres": centres["electricity"], **electricity, **devices(_value)}
    used = {name: energy * _value("grid_factor") for name, energy in electricity.items()}
    used["data_centres"] = centres["use"]
    embodied = {"data_centres": centres["embodied"], **embodied, **made}
    used_rooms = {
        name: used[name] * over_rest(_value("network_embodied"))
        for name in ("rooms", "fixed_network")
    }
    stations = sum(electricity[name] for name in STATIONS)
    found = xr.Dataset(
        {
            "electricity": _stacked(electricity, labels),
            "use": _stacked(used, labels),
            "embodied": _stacked(embodied | used_rooms, labels),
            "generators": centres["generators"],
            "water": centres["water"],
            "copper": centres["copper"],
            "pue": _value("pue"),
            "traffic_energy": stations / opposed(_value("mobile_traffic")),
            "computing_energy": centres["electricity"] * 1e3 / opposed(_value("computing_power")),
            "power_5g": electricity["stations_5g"] / _value("stations_5g") * 1e3 / HOURS,
            **waste,
            "industry": _stacked(
                {name: _value(name) for name in ("manufacturing", "services")}, labels, "branch"
            ),
        }
    )
    found = xr.Dataset({name: _everywhere(array, steps, labels) for name, array in found.items()})
    return _described(found, set(given), seed)


def data_centre(
    racks: float,
    rack_power: float,
    load: float,
    pue: float,
    *,
    grid_factor: float | None = None,
    operation: float | None = None,
    wue: float | None = None,
) -> dict[str, float]:
    r"""
    Electricity, emissions and water of one data centre in a year.

    Parameters
    ----------
    racks : float
        Number of racks.
    rack_power : float
        Rated IT power per rack [kW].
    load : float
        Share of the rated power that runs, 0 to 1 [1].
    pue : float
        Total electricity over that of the IT, at least 1 [1].
    grid_factor : float, optional
        Emissions per electricity [t CO2/MWh]; default the national average of 2022.
    operation : float, optional
        Share of operation in the life cycle, above 0 to 1 [1]; default that of the example.
    wue : float, optional
        Water per IT electricity [l/kWh].

    Returns
    -------
    dict of float
        ``it_electricity`` and ``electricity`` [GWh], ``operation`` and ``life_cycle`` [kt CO2],
        ``it_share`` of the IT electricity in the life cycle [1] and, if ``wue`` is given,
        ``water`` [10^3 m3].

    Raises
    ------
    ValueRangeError
        If a number is outside its range.

    Notes
    -----
    :math:`W = N P l \cdot 8760`, electricity :math:`W\,\mathrm{PUE}`, life cycle
    :math:`W\,\mathrm{PUE}\,g / o`. The report of 2023 [1]_ says that operation makes about 90 %
    of the life cycle of its example and the IT electricity more than 60 %: :math:`0.9 / 1.5`
    is 60 %.

    References
    ----------
    .. [1] CAICT, ICT industry green and low-carbon development report, December 2023, ch. 3(3).

    Examples
    --------
    >>> found = data_centre(1500, 8.0, 0.75, 1.5)
    >>> round(found["electricity"], 2), round(found["it_share"], 2)
    (118.26, 0.6)
    """
    account = load_account()
    if grid_factor is None:
        points = account.quantities["grid_factor"].points
        grid_factor = next(point.value for point in points if point.year == 2022)
    operation = account.example.operation.value if operation is None else operation
    ranges = {
        "racks": (racks, 0.0, np.inf),
        "rack_power": (rack_power, 0.0, np.inf),
        "load": (load, 0.0, 1.0),
        "pue": (pue, 1.0, np.inf),
        "grid_factor": (grid_factor, 0.0, np.inf),
        "operation": (operation, np.nextafter(0, 1), 1.0),
        "wue": (0.0 if wue is None else wue, 0.0, np.inf),
    }
    wrong = [
        f"{name}: {value!r} is not a finite number from {low:g} to {high:g}"
        for name, (value, low, high) in ranges.items()
        if not (low <= value <= high and np.isfinite(value))
    ]
    if wrong:
        raise ValueRangeError("; ".join(wrong))
    it = racks * rack_power * load * HOURS / 1e6
    found = {"it_electricity": it, "electricity": it * pue}
    found["operation"] = found["electricity"] * grid_factor
    found["life_cycle"] = found["operation"] / operation
    found["it_share"] = operation / pue
    if wue is not None:
        found["water"] = it * wue
    return found


def data_centre_check(draws: int = 0, seed: int | None = None) -> pd.DataFrame:
    """
    Put the account of data centres beside published figures.

    Parameters
    ----------
    draws : int, optional
        Number of draws; 0 gives corners, else low and high are the 5 and 95 % quantiles and the
        central value is the median.
    seed : int, optional
        Seed of the draws.

    Returns
    -------
    pandas.DataFrame
        One row per figure: title, title_zh, year, units, published, low, central, high,
        difference (central over published, less one) and whether the range holds the figure.

    Examples
    --------
    >>> data_centre_check().set_index("check")["within"].to_dict()
    {'ministry_2021': True, 'ministry_2021_co2': True, 'greenpeace_2020': True}
    """
    rows = []
    for name, check in load_account().checks.items():
        figure = check.published
        run = ict_footprint([figure.year], draws=draws, seed=seed)
        run = run.sel(year=figure.year, component="data_centres")
        grid = run["use"] - run["generators"]
        array = run["electricity"] if check.quantity == "electricity" else grid
        if draws:
            low, central, high = np.quantile(array.values, [0.05, 0.5, 0.95])
        else:
            low, central, high = array.values
        rows.append(
            {
                "check": name,
                "title": check.title,
                "title_zh": check.title_zh,
                "year": figure.year,
                "units": figure.units,
                "published": figure.value,
                "low": float(low),
                "central": float(central),
                "high": float(high),
                "difference": float(central) / figure.value - 1,
                "within": bool(low <= figure.value <= high),
                "source": ", ".join(figure.source),
            }
        )
    return pd.DataFrame(rows)


def ewaste_recycling(tonnes: float) -> dict[str, float]:
    """
    What recycling an amount of e-waste avoids.

    Parameters
    ----------
    tonnes : float
        E-waste recycled [t].

    Returns
    -------
    dict of float
        ``co2`` [t CO2], ``so2``, ``waste_water``, ``solid_waste`` [t] and ``coal`` [tce].

    Raises
    ------
    ValueRangeError
        If the amount is negative or not finite.

    Examples
    --------
    >>> ewaste_recycling(1.0)["co2"]
    4.73
    """
    if not (np.isfinite(tonnes) and tonnes >= 0):
        raise ValueRangeError(f"tonnes: {tonnes!r} is not a finite number from 0")
    known = load_account().quantities
    return {key: tonnes * known[f"recycling_{key}"].points[0].value for key in AVOIDED}


def _stacked(
    arrays: Mapping[str, xr.DataArray], labels: Mapping[object, pd.Index], dim: str = "component"
) -> xr.DataArray:
    """Arrays side by side, all over the same years and estimates or draws."""
    alike = {name: _everywhere(array, None, labels) for name, array in arrays.items()}
    if dim == "component":
        alike = {name: alike[name] for name in COMPONENTS}
    return stack(alike, dim)


def _everywhere(
    array: xr.DataArray, years: object, labels: Mapping[object, pd.Index]
) -> xr.DataArray:
    """Repeat what a driver gives without range for every estimate or draw."""
    ((dim, index),) = labels.items()
    if dim not in array.dims:
        array = array.expand_dims({dim: index}, axis=-1)
    return array.transpose(..., "year", dim)


_UNITS = {
    "electricity": ("TWh", "electricity in use"),
    "use": ("Mt CO2", "emissions in use"),
    "embodied": ("Mt CO2", "emissions of making, per year of life"),
    "generators": ("Mt CO2", "part of use: backup generators"),
    "water": ("10^6 m3", "water of data centres on the site"),
    "copper": ("kt", "copper in the racks in place"),
    "pue": ("1", "PUE of data centres"),
    "traffic_energy": ("kWh/GB", "electricity of base stations per mobile traffic"),
    "computing_energy": ("GWh/EFLOPS", "electricity of data centres per computing power"),
    "power_5g": ("kW/station", "power per 5G station, sleep counted"),
    "e_waste": ("kt", "e-waste of terminals"),
    "recycled": ("kt", "e-waste of terminals recycled"),
    "recycling_co2": ("Mt CO2", "CO2 avoided by recycling, not subtracted"),
    "recycling_so2": ("kt", "SO2 avoided by recycling"),
    "recycling_waste_water": ("kt", "waste water avoided by recycling"),
    "recycling_solid_waste": ("kt", "solid waste avoided by recycling"),
    "recycling_coal": ("ktce", "standard coal saved by recycling"),
    "industry": ("Mt CO2", "other view: branches with purchased energy; never add to components"),
}


def _described(found: xr.Dataset, given: set[str], seed: int | None) -> xr.Dataset:
    """Say what each array is, in which unit and from which sources."""
    known = load_account().quantities
    keys = {
        key for name, quantity in known.items() if name not in given for key in quantity.sources
    }
    found = found.assign_coords(
        group=("component", [group for group, _, _ in COMPONENTS.values()]),
        title=("component", [title for _, title, _ in COMPONENTS.values()]),
        title_zh=("component", [title for _, _, title in COMPONENTS.values()]),
    )
    for name, (units, long_name) in _UNITS.items():
        found[name].attrs = {
            "units": units,
            "long_name": long_name,
            "source": ", ".join(sorted(keys)),
        }
    found.attrs = {"title": "ICT footprint", "title_zh": "ICT行业碳足迹"}
    found.attrs["drivers"] = ", ".join(sorted(given)) or "none"
    if seed is not None:
        found.attrs["seed"] = seed
    return found
