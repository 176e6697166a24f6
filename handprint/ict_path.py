"""Activity, electricity and footprint of the whole ICT industry over the years of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

import sector_models
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.projection import (
    ESTIMATES,
    INTERPOLATED,
    OUTTURN,
    STATED,
    driver_path,
)
from handprint.results import Results
from handprint.scenario import Driver, Scenario
from sector_models.account import Quantity, load_account
from sector_models.estimates import opposed
from sector_models.ict import LESS_IS_HIGH

ACTIVITY = (
    "mobile_traffic", "computing_power", "racks", "stations_2g3g", "stations_4g", "stations_5g",
    "phones", "computers", "gateways", "load", "pue", "grid_factor",
)  # fmt: skip
"""Quantities of the account that are shown: activity first, then what it is run with."""
GRID = "grid_factor"
FROM_GRID = "grid of the scenario"
COLUMNS = ["scenario", "item", "year", "quantity", "estimate", "value", "unit", "origin"]
SCOPE = (
    "physical account of the whole ICT industry, use and embodied; not to be added to the "
    "footprint of the additional ICT that levers need"
)
SCOPE_ZH = "ICT行业整体实物账户（使用与隐含）；不得与手段新增ICT的足迹相加"


def ict_path(scenario: Scenario, power: str) -> xr.Dataset:
    r"""
    Lay out what ICT does, uses and emits in a scenario.

    Parameters
    ----------
    scenario : Scenario
        With ``ict_account``, and in ``ict_activity`` what differs from the account.
    power : str
        Group whose emission intensity is that of the grid.

    Returns
    -------
    xarray.Dataset
        Empty without an account. Dims (quantity, year, estimate): ``activity``, with ``units``
        and titles on ``quantity``; ``activity_origin`` (quantity, year) says whether a value is
        stated, interpolated, the outturn, or derived from the grid of the scenario. Dims
        (component, year, estimate): ``electricity`` [TWh], ``use`` and ``embodied`` [Mt CO2].
        Dims (year, estimate): ``footprint`` [Mt CO2] and ``electricity_total`` [TWh] of all,
        ``traffic_energy`` [kWh/GB] of base stations per mobile traffic, ``computing_energy``
        [GWh/EFLOPS] of data centres per computing power.

    Raises
    ------
    SectorError
        If the account has no values for a year, or a value has no meaning.

    Notes
    -----
    Unless the scenario states ``ict_activity.grid_factor``, the grid factor is that of the
    account in the base year times the intensity of the power model: ICT stands on the grid of
    the scenario. Low and high are ends of corners, as in
    :func:`sector_models.ict_footprint`.
    """
    if scenario.ict_account is None:
        return xr.Dataset()
    years = scenario.years
    given = {name: _path(driver, years) for name, driver in scenario.ict_activity.items()}
    if GRID not in given:
        given[GRID] = _grid(scenario, power)
    # Low takes the end of every quantity that lowers the footprint.
    ends = {name: opposed(p) if name in LESS_IS_HIGH else p for name, p in given.items()}
    found = sector_models.ict_footprint(years, drivers=ends)
    found = found.assign_coords(estimate=list(ESTIMATES))
    known = load_account().quantities
    activity = [given[q] if q in given else _path(known[q], years) for q in ACTIVITY]
    stacked = xr.concat(activity, dim="quantity", join="exact", combine_attrs="drop")
    stacked = stacked.assign_coords(
        quantity=list(ACTIVITY),
        quantity_units=("quantity", [known[q].units for q in ACTIVITY]),
        quantity_title=("quantity", [known[q].title for q in ACTIVITY]),
        quantity_title_zh=("quantity", [known[q].title_zh for q in ACTIVITY]),
    )
    marks = [_origin(scenario, q, known[q]) for q in ACTIVITY]
    parts = found[["electricity", "use", "embodied"]]
    footprint = (parts["use"] + parts["embodied"]).sum("component")
    data = {
        "activity": _said(stacked, "quantity_units", "activity and equipment of ICT"),
        "activity_origin": xr.DataArray(
            marks, {"quantity": list(ACTIVITY), "year": years}, ("quantity", "year")
        ).assign_attrs(units="1", long_name="how a value is known"),
        "electricity": _said(parts["electricity"], "TWh", "electricity by component"),
        "use": _said(parts["use"], "Mt CO2", "emissions of use"),
        "embodied": _said(parts["embodied"], "Mt CO2", "emissions of making the equipment"),
        "footprint": _said(footprint, "Mt CO2", "footprint of the ICT industry"),
        "electricity_total": _said(
            parts["electricity"].sum("component"), "TWh", "electricity of the ICT industry"
        ),
        "traffic_energy": _said(
            found["traffic_energy"], "kWh/GB", "electricity of base stations per mobile traffic"
        ),
        "computing_energy": _said(
            found["computing_energy"],
            "GWh/EFLOPS",
            "electricity of data centres per computing power",
        ),
    }
    return xr.Dataset(data).assign_attrs(scope=SCOPE, scope_zh=SCOPE_ZH)


def ict_table(results: Sequence[Results]) -> pd.DataFrame:
    """
    Lay out what ICT as a whole does, uses and emits in some runs.

    Parameters
    ----------
    results : sequence of Results
        Runs; those without an account have no rows.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, item (quantity, component or ``total``), year, quantity, estimate,
        value, unit, origin (of activity; else empty).
    """
    return pd.DataFrame([row for r in results for row in _rows(r)], columns=COLUMNS)


def _rows(result: Results) -> Iterator[tuple[object, ...]]:
    name, data = result.scenario.name, result.ict
    for quantity, array in data.data_vars.items():
        if "estimate" not in array.dims:
            continue
        dim = next((d for d in ("quantity", "component") if d in array.dims), None)
        for place, value in np.ndenumerate(array.values):
            at = {d: array[d].values[i] for d, i in zip(array.dims, place, strict=True)}
            item = "total" if dim is None else str(at[dim])
            unit, origin = array.attrs["units"], ""
            if quantity == "activity":
                where = {"quantity": item, "year": at["year"]}
                unit = str(data["quantity_units"].sel(quantity=item).item())
                origin = str(data["activity_origin"].sel(where).item())
            yield (
                name, item, int(at["year"]), str(quantity), str(at["estimate"]), float(value),
                unit, origin,
            )  # fmt: skip


def ict_sentence(results: Results, lang: str = "en") -> str | None:
    """
    Set the footprint of all ICT beside that of the ICT which levers need.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str or None
        One sentence about the end year, none without an account.
    """
    if not results.ict.sizes:
        return None
    year = results.scenario.end_year
    whole, power = (results.ict[k].sel(year=year) for k in ("footprint", "electricity_total"))
    added = results.indicators["footprint"].sel(sector=TOTAL, year=year, estimate="central")
    return label(
        "ict_whole",
        lang,
        year=year,
        added=float(added),
        power=float(power.sel(estimate="central")),
        **{e: float(whole.sel(estimate=e)) for e in ESTIMATES},
    )


def _path(given: Driver | Quantity, years: list[int]) -> xr.DataArray:
    """Straight lines between points, as the account has them; a single point holds."""
    stated = [p.year for p in given.points]
    ends = {"low": [p.low for p in given.points], "central": [p.value for p in given.points],
            "high": [p.high for p in given.points]}  # fmt: skip
    values = np.array([np.interp(years, stated, ends[e]) for e in ESTIMATES]).T
    return xr.DataArray(
        values, {"year": years, "estimate": list(ESTIMATES)}, ("year", "estimate")
    ).assign_attrs(units=given.units)


def _grid(scenario: Scenario, power: str) -> xr.DataArray:
    """Grid factor of the base year, moved by the intensity of the power model."""
    years, quantity = scenario.years, load_account().quantities[GRID]
    index = driver_path(scenario.intensity[power], years).transpose("year", "estimate")
    start = _path(quantity, [scenario.base_year]).isel(year=0, drop=True)
    found: xr.DataArray = index * start
    return found.assign_attrs(units=quantity.units)


def _origin(scenario: Scenario, name: str, quantity: Quantity) -> list[str]:
    """How each year's value is known."""
    driver = scenario.ict_activity.get(name)
    if name == GRID and driver is None:
        return [FROM_GRID] * len(scenario.years)
    points = quantity.points if driver is None else driver.points
    marks = {p.year: OUTTURN if getattr(p, "outturn", False) else STATED for p in points}
    if len(points) == 1:
        return [STATED] * len(scenario.years)
    return [marks.get(year, INTERPOLATED) for year in scenario.years]


def _said(array: xr.DataArray, units: str, title: str) -> xr.DataArray:
    return array.assign_attrs(units=units, long_name=title, source="account of the ICT industry")
