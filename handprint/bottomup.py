"""The bottom-up half of a run: sector models on the emissions that the table books for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
import xarray as xr

import sector_models
from handprint.bridge import Bridge
from handprint.bridging import purchased_power
from handprint.growth import Growth
from handprint.overlap import without_overlap
from handprint.projection import adoption_path, ict_index
from handprint.sampling import Sample, spread
from handprint.scenario import Scenario
from handprint.topdown import emissions_by_group, reference_index
from io_tables import IOTable

Spread = Literal["adoption", "reference_adoption"]


def bottom_up(
    scenario: Scenario,
    bridge: Bridge,
    tables: Mapping[int, IOTable],
    paths: xr.Dataset,
    *,
    sample: Sample | None = None,
    growth: Growth | None = None,
    years: Sequence[int] | None = None,
    only: Collection[str] | None = None,
) -> xr.Dataset:
    """
    Run the sector models on the emissions that the table books for them.

    Parameters
    ----------
    scenario : Scenario
        Gives the spread of levers.
    bridge : Bridge
        Sector models, and whose emissions they cover.
    tables : mapping of int to IOTable
        Reference economy by year: base emissions, and output of the sectors that buy ICT.
    paths : xarray.Dataset
        Drivers: activity and intensity.
    sample : Sample, optional
        Draws instead of low, central and high.
    growth : Growth, optional
        Draws of the drivers too; without it drivers are central.
    years : sequence of int, optional
        Years wanted; by default all of the scenario.
    only : collection of str, optional
        Parts wanted, ``enabled`` and ``rebound`` among them; by default all. Many draws of
        parts that nobody asks for would fill the memory.

    Returns
    -------
    xarray.Dataset
        Additive parts, dims (use_case, year, estimate) or (use_case, year, draw), ``model`` and
        ``lever`` on ``use_case``; ``reference`` (sector, year), over ``draw`` too with growth.
    """
    years = scenario.years if years is None else list(years)
    models = bridge.models
    first = tables[scenario.base_year]
    central = paths.sel(estimate="central", drop=True) if growth is None else growth.paths(sample)
    central = central.sel(year=years)
    own = emissions_by_group(bridge, first, scenario.satellite).rename(group="model")
    direct = own.sel(model=list(models)) * reference_index(central)
    grid = central["intensity"].sel(group=bridge.power_model(), drop=True)
    bought = purchased_power(bridge, first, scenario.satellite) * central["activity"] * grid
    whole = (direct + bought).drop_attrs()
    wanted = {year: tables[year] for year in years}
    index = ict_index(scenario).sel(year=years)
    found = []
    for name, model in models.items():
        starts = {
            key: float(case.adoption.over([scenario.base_year])[0])
            for key, case in model.use_cases.items()
        }
        output = (
            bridge.ict_buyers_output(name, wanted)
            if growth is None
            else growth.output(bridge.ict_buyers(name), central["demand"])
        )
        data = sector_models.run(
            model,
            adoption=_adoption(scenario, "adoption", name, starts, years, sample),
            years=years,
            drivers={
                "reference": whole.sel(model=name, drop=True),
                "output": output,
                "ict_index": index,
            },
            reference_adoption=_adoption(
                scenario, "reference_adoption", name, starts, years, sample
            ),
            draws=0 if sample is None else sample.size,
            sample=sample,
        )
        unwanted = {"reference"} if only is None else set(data.data_vars) - set(only)
        found.append(_labelled(data.drop_vars(unwanted), name))
    if not all("footprint_embodied" in data for data in found):
        found = [data.drop_vars("footprint_embodied", errors="ignore") for data in found]
    about = {key: array.attrs for key, array in found[0].data_vars.items()}
    stacked = xr.concat(found, dim="use_case", join="exact", combine_attrs="drop")
    del found, data  # draws are large
    for key, array in stacked.data_vars.items():
        kept = {k: about[key][k] for k in ("units", "long_name")}
        array.attrs = {**kept, "source": "sector models"}
    twice = bought if bridge.power_model() in models else xr.zeros_like(bought)
    for key, title, values in (
        ("reference", "reference emissions", whole),
        ("reference_twice", "of which the power model counts too: electricity bought", twice),
    ):
        stacked[key] = values.rename(model="sector").transpose("sector", "year", ...)
        stacked[key].attrs = {"units": "Mt CO2", "long_name": title}
    return without_overlap(stacked, bridge, first, scenario.satellite)


def _adoption(
    scenario: Scenario,
    kind: Spread,
    name: str,
    starts: Mapping[str, float],
    years: Sequence[int],
    sample: Sample | None,
) -> dict[str, xr.DataArray]:
    """Spread of each lever of a sector model; the levers of one model spread together."""
    goal = getattr(scenario, kind).get(name)
    level = None
    if sample is not None:
        # Asked for without a goal too: the streams of a run depend on its sector models alone.
        ends = (0.0, 0.0, 0.0) if goal is None else (goal.low, goal.level, goal.high)
        values = sample(spread(*ends), f"{name}.{kind}")
        level = xr.DataArray(values, coords={"draw": np.arange(sample.size)}, dims="draw")
    paths: dict[float, xr.DataArray] = {}
    for start in set(starts.values()):
        path = adoption_path(goal, start, scenario.years, None if goal is None else level)
        path = path.sel(year=list(years))
        # A frozen path has no uncertainty: it is the same in every draw.
        frozen = sample is not None and goal is None
        paths[start] = path.isel(estimate=0, drop=True) if frozen else path
    return {key: paths[start] for key, start in starts.items()}


def _labelled(data: xr.Dataset, name: str) -> xr.Dataset:
    """Name use cases uniquely over all sector models."""
    levers = [str(lever) for lever in data["use_case"].values]
    return data.drop_vars("sector").assign_coords(
        use_case=[f"{name}.{lever}" for lever in levers],
        model=("use_case", [name] * len(levers)),
        lever=("use_case", levers),
    )
