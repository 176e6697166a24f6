"""The top-down half of a run: the projected economy of each year, with and without the levers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.accounts import ledger as table_ledger
from handprint.bridge import HOUSEHOLDS, Bridge
from handprint.bridging import Saving
from handprint.errors import LedgerError
from handprint.projection import ESTIMATES, base_solver, table_in_year
from handprint.savings import savings
from handprint.scenario import Scenario
from handprint.yearly import Comparisons
from io_tables import IOTable

CLOSED = 1e-9  # relative gap that a ledger may have
Array = npt.NDArray[np.float64]
Progress = Callable[[list[int]], Iterable[int]]


def emissions_by_group(bridge: Bridge, table: IOTable, satellite: str) -> xr.DataArray:
    """
    Add up direct emissions by sector model, households included.

    Parameters
    ----------
    bridge : Bridge
        Says whose emissions belong to which model.
    table : IOTable
        With the satellite and, where there are, household emissions.
    satellite : str
        Account.

    Returns
    -------
    xarray.DataArray
        Dims (group) [units of the account].
    """
    account = table.satellites[satellite].rename(sector="emitter")
    own = float(table.households.get(satellite, xr.DataArray(0.0)))
    everyone = xr.concat(
        [account, xr.DataArray([own], coords={"emitter": [HOUSEHOLDS]}, dims="emitter")],
        dim="emitter",
    )
    shares = bridge.boundary.sel(emitter=everyone["emitter"].values)
    total: xr.DataArray = xr.dot(shares, everyone, dim="emitter")
    return total.assign_attrs(account.attrs)


def reference_index(paths: xr.Dataset) -> xr.DataArray:
    """
    Multiply activity and intensity: reference emissions of each sector model as an index.

    Parameters
    ----------
    paths : xarray.Dataset
        Drivers.

    Returns
    -------
    xarray.DataArray
        Dims (model, ...), the base year at one.
    """
    models = paths["activity"]["model"].values
    intensity = paths["intensity"].sel(group=models).rename(group="model")
    index: xr.DataArray = paths["activity"] * intensity
    return index


def project(
    scenario: Scenario, bridge: Bridge, table: IOTable, paths: xr.Dataset, years: Sequence[int]
) -> dict[int, IOTable]:
    """
    Project the reference economy of a scenario: what would be without further digital levers.

    Sectors without a model in the scenario follow the intensity of ``other``; households follow
    the models that cover part of their emissions, and stay as they are without any.

    Parameters
    ----------
    scenario : Scenario
        Names the satellite.
    bridge : Bridge
        Says whose emissions belong to which model.
    table : IOTable
        Base year.
    paths : xarray.Dataset
        Drivers by year.
    years : sequence of int
        Years wanted.

    Returns
    -------
    dict of int to IOTable
        Balanced tables in prices of the base year.
    """
    central = paths.sel(estimate="central")
    shares = bridge.boundary.sel(emitter=table.sectors)
    stated = central["intensity"].sel(group=shares["group"].values)
    by_sector = xr.dot(shares, stated, dim="group")
    use = reference_index(central)
    own = bridge.boundary.sel(emitter=HOUSEHOLDS, group=list(scenario.sectors)).rename(
        group="model"
    )
    households = xr.ones_like(use.isel(model=0, drop=True))
    if own.any():
        households = xr.dot(use, own, dim="model") / own.sum()
    categories = [str(c) for c in central["category"].values]
    solver = base_solver(table, dict.fromkeys(categories, 1.0))
    return {
        year: table_in_year(
            table,
            solver,
            dict(zip(categories, central["demand"].sel(year=year).values, strict=True)),
            by_sector.sel(year=year).values,
            float(households.sel(year=year)),
            year,
            scenario.satellite,
            weights=_by_product(central, "structure", table, year),
            uses=_by_product(central, "coefficients", table, year),
        )
        for year in years
    }


def _by_product(paths: xr.Dataset, group: str, table: IOTable, year: int) -> Array | None:
    """Index of each sector of the table, one where nothing is stated; none without any."""
    if group not in paths:
        return None
    stated = paths[group].sel(year=year).to_series()
    return stated.reindex(table.sectors, fill_value=1.0).to_numpy(dtype=float)


def one_year(
    scenario: Scenario, bridge: Bridge, table: IOTable, saved: Sequence[Saving], share: float
) -> dict[str, Array]:
    """
    Compare the economy of one year with and without the levers of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Names satellite, ICT sectors and sector models.
    bridge : Bridge
        Names the cells of the levers.
    table : IOTable
        Reference economy of the year.
    saved : sequence of Saving
        What the levers save; shared with the bottom-up half.
    share : float
        Share of the cost saving that is spent again.

    Returns
    -------
    dict of str to numpy.ndarray
        Parts by sector model (model), totals (0-d) and ``emitters`` (model, emitter).
    """
    return Comparisons(scenario, bridge, table, saved).year(table)(saved, share)


def top_down(
    scenario: Scenario,
    bridge: Bridge,
    tables: Mapping[int, IOTable],
    bottom_up: xr.Dataset,
    progress: Progress = iter,
) -> xr.Dataset:
    """
    Run the counterfactual of every year.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    bridge : Bridge
        Between the sector models and the tables.
    tables : mapping of int to IOTable
        Reference economy by year.
    bottom_up : xarray.Dataset
        Additive parts by use case; adoption and savings are shared with this half.
    progress : callable
        Wraps the years, to show how far the run is.

    Returns
    -------
    xarray.Dataset
        [Mt CO2], dims (sector, year, estimate): ``enabled`` on the common boundary and net of
        direct rebound, of which ``households``; ``upstream`` outside that boundary,
        ``footprint`` of the additional ICT along its supply chain, of which
        ``footprint_equipment``, ``rebound_respending``,
        ``respending_of_all`` of the saving; ``cost_saving`` and ``ict_equipment`` in place
        [10^4 CNY]. Dims (year, estimate): total emissions of sectors before, after, and after
        re-spending; ``value_added`` of the reference economy [10^4 CNY]. ``emitters`` (sector,
        emitter, year, estimate): who emits more or less than ``emitters_before`` (emitter, year,
        estimate).
    """
    saved = savings(scenario, bridge, tables, bottom_up)
    share = {"low": scenario.respend.low, "high": scenario.respend.high}
    whole = Comparisons(scenario, bridge, next(iter(tables.values())), next(iter(saved.values())))
    found = {}
    for year in progress(list(tables)):
        compare = whole.year(tables[year])
        for e in ESTIMATES:
            found[year, e] = compare(saved[year, e], share.get(e, scenario.respend.value))
    coords = {
        "sector": list(scenario.sectors),
        "emitter": next(iter(tables.values())).sectors,
        "year": list(tables),
        "estimate": list(ESTIMATES),
    }
    data = {}
    for name, (units, title, *dims) in MEANINGS.items():
        stacked = np.array([[found[y, e][name] for e in ESTIMATES] for y in tables])
        values = np.moveaxis(stacked, (0, 1), (-2, -1))
        attrs = {"units": units, "long_name": title, "source": "counterfactual"}
        data[name] = ((*dims, "year", "estimate"), values, attrs)
    return xr.Dataset(data, coords=coords)


MEANINGS = {
    "enabled": ("Mt CO2", "avoided on the common boundary, net of direct rebound", "sector"),
    "households": ("Mt CO2", "of which direct emissions of households", "sector"),
    "upstream": ("Mt CO2", "avoided in supply chains outside the common boundary", "sector"),
    "footprint": ("Mt CO2", "emissions of the additional ICT along its supply chain", "sector"),
    "footprint_equipment": ("Mt CO2", "of which making the ICT equipment, annualised", "sector"),
    "ict_equipment": ("10^4 CNY", "ICT equipment in place that the levers need", "sector"),
    "rebound_respending": ("Mt CO2", "emissions of what the saved cost is spent on", "sector"),
    "respending_of_all": ("Mt CO2", "the same if all of the saved cost were spent", "sector"),
    "cost_saving": ("10^4 CNY", "cost saved at home, net of the ICT bought", "sector"),
    "total_before": ("Mt CO2", "emissions of all sectors without further digital levers"),
    "total_after": ("Mt CO2", "emissions of all sectors with the levers"),
    "total_after_respending": ("Mt CO2", "emissions of all sectors with levers and re-spending"),
    "emitters": (
        "Mt CO2",
        "change of emissions by emitter, because of each sector model",
        "sector",
        "emitter",
    ),
    "emitters_before": ("Mt CO2", "emissions by emitter without further digital levers", "emitter"),
    "value_added": ("10^4 CNY", "value added without further digital levers, constant prices"),
}


def closure(scenario: Scenario, tables: Mapping[int, IOTable], top: xr.Dataset) -> xr.Dataset:
    """
    Prove for every year that each tonne is accounted for.

    Parameters
    ----------
    scenario : Scenario
        Names the satellite.
    tables : mapping of int to IOTable
        Reference economy by year.
    top : xarray.Dataset
        Outcome of :func:`top_down`.

    Returns
    -------
    xarray.Dataset
        Dims (year) [Mt CO2]: ``produced``, ``embodied`` in final demand, ``not_allocated``,
        ``households``, ``gap`` (produced - embodied - not allocated) and ``counterfactual_gap``
        (total change - sum of its parts).

    Raises
    ------
    LedgerError
        If a gap exceeds 1e-9 of the emissions.
    """
    central = top.sel(estimate="central", year=list(tables))
    changes = (central["total_after_respending"] - central["total_before"]).values
    parts = central["emitters"].transpose("year", ...).values
    rows = []
    for (year, table), change, part in zip(tables.items(), changes, parts, strict=True):
        book = table_ledger(table, scenario.satellite)
        produced = float(table.satellites[scenario.satellite].sum())
        embodied, left = float(book["embodied"].sum()), float(book["not_allocated"].sum())
        rows.append(
            {
                "produced": produced,
                "embodied": embodied,
                "not_allocated": left,
                "households": float(table.households.get(scenario.satellite, xr.DataArray(0.0))),
                "gap": produced - embodied - left,
                "counterfactual_gap": float(change - part.sum()),
            }
        )
        worst = max(abs(rows[-1]["gap"]), abs(rows[-1]["counterfactual_gap"]))
        if worst > CLOSED * abs(produced):
            raise LedgerError(
                f"{scenario.name}, {year}: the ledger is open by {worst:.3g} of {produced:.6g} Mt"
            )
    data = {
        name: ("year", [r[name] for r in rows], {"units": "Mt CO2", "long_name": title})
        for name, title in LEDGER.items()
    }
    return xr.Dataset(data, coords={"year": list(tables)})


LEDGER = {
    "produced": "emissions of all sectors, by producer",
    "embodied": "emissions embodied in final demand",
    "not_allocated": "emissions of output that no final demand asks for",
    "households": "direct emissions of households, outside the table",
    "gap": "produced less embodied less not allocated",
    "counterfactual_gap": "change of all emissions less the sum of its parts",
}
