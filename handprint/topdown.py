"""The top-down half of a run: the projected economy of each year, with and without the levers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.accounts import ledger as table_ledger
from handprint.bridge import (
    ANY,
    HOUSEHOLDS,
    Saving,
    boundary,
    demand_changes,
    interventions,
    own_levers,
)
from handprint.counterfactual import counterfactual
from handprint.errors import LedgerError
from handprint.projection import ESTIMATES, base_solver, table_in_year
from handprint.scenario import Scenario
from io_tables import IOTable

OTHER = "other"
CLOSED = 1e-9  # relative gap that a ledger may have
Array = npt.NDArray[np.float64]
Progress = Callable[[list[int]], Iterable[int]]


def emissions_by_group(table: IOTable, satellite: str) -> xr.DataArray:
    """
    Add up direct emissions by sector model, households included.

    Parameters
    ----------
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
    shares = boundary().sel(emitter=everyone["emitter"].values)
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
    scenario: Scenario, table: IOTable, paths: xr.Dataset, years: Sequence[int]
) -> dict[int, IOTable]:
    """
    Project the reference economy of a scenario: what would be without further digital levers.

    Sectors without a model in the scenario follow the intensity of ``other``; households follow
    the models that cover part of their emissions, and stay as they are without any.

    Parameters
    ----------
    scenario : Scenario
        Names the satellite.
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
    shares = boundary().sel(emitter=table.sectors)
    groups = shares["group"].values
    stated = central["intensity"].sel(group=[g if g in scenario.sectors else OTHER for g in groups])
    by_sector = xr.dot(shares, stated.assign_coords(group=groups), dim="group")
    use = reference_index(central)
    own = boundary().sel(emitter=HOUSEHOLDS, group=list(scenario.sectors)).rename(group="model")
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
        )
        for year in years
    }


def savings(bottom_up: xr.Dataset) -> dict[tuple[int, str], list[Saving]]:
    """
    Sum up what the levers of each model save, as a share of its reference emissions.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts, dims (use_case, year, estimate), with ``model`` and ``lever`` on
        ``use_case``.

    Returns
    -------
    dict
        (year, estimate) -> one saving for the levers of each model that share its cells, and
        one for each lever with cells of its own.
    """
    models, levers = bottom_up["model"].values, bottom_up["lever"].values
    keys = [
        (str(m), str(lever) if lever in own_levers(str(m)) else ANY)
        for m, lever in zip(models, levers, strict=True)
    ]
    parts = bottom_up[["enabled", "rebound", "ict_purchases"]].transpose(
        "use_case", "year", "estimate"
    )
    enabled, rebound, purchases = (parts[name].values for name in parts.data_vars)
    reference = bottom_up["reference"].transpose("sector", "year").to_pandas()
    found: dict[tuple[int, str], list[Saving]] = {}
    for y, year in enumerate(parts["year"].values):
        for e, estimate in enumerate(parts["estimate"].values):
            rows = found.setdefault((int(year), str(estimate)), [])
            for model, lever in dict.fromkeys(keys):
                mine = [k == (model, lever) for k in keys]
                gross = enabled[mine, y, e].sum()
                rows.append(
                    Saving(
                        model=model,
                        lever=lever,
                        fraction=gross / reference.loc[model, year],
                        rebound=rebound[mine, y, e].sum() / gross if gross else 0.0,
                        ict_purchases=purchases[models == model, y, e].sum()
                        if lever == ANY
                        else 0.0,
                    )
                )
    return found


def one_year(
    scenario: Scenario, table: IOTable, saved: Sequence[Saving], share: float
) -> dict[str, Array]:
    """
    Compare the economy of one year with and without the levers of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Names satellite, ICT sectors and sector models.
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
    measures = interventions(saved, table.output)
    changes = demand_changes(saved, table)
    outcome = counterfactual(
        table,
        [measure for _, measure in measures],
        satellite=scenario.satellite,
        respend=1.0,
        ict=list(scenario.ict),
        demand_changes=changes,
    )
    owners = [model for model, _ in measures] + list(changes)
    owned = np.array([[owner == model for model in scenario.sectors] for owner in owners], float)
    first, inputs, onsite, higher = outcome["effect"].values @ owned
    second = -(inputs + onsite)
    inside = boundary().sel(emitter=table.sectors, group=list(scenario.sectors)).values
    within = (second * inside).sum(axis=0)
    at_home = _households(scenario, table, saved)
    return {
        "enabled": within + at_home,
        "households": at_home,
        "upstream": second.sum(axis=0) - within,
        "footprint": first.sum(axis=0),
        "rebound_respending": share * higher.sum(axis=0),
        "respending_of_all": higher.sum(axis=0),
        "cost_saving": outcome["cost_saving_by_intervention"].values @ owned,
        "emitters": (first - second + share * higher).T,
        "total_before": outcome["total_before"].values,
        "total_after": outcome["total_after"].values,
        # Linear in the share: the run spends all of the saving, so any share follows from it.
        "total_after_respending": outcome["total_after"].values + share * higher.sum(),
    }


def _households(scenario: Scenario, table: IOTable, saved: Sequence[Saving]) -> Array:
    """Direct emissions that households save: outside the table, so the same on both sides."""
    own = float(table.households.get(scenario.satellite, 0.0))
    share = boundary().sel(emitter=HOUSEHOLDS).to_series()
    net = [
        sum(s.fraction * (1 - s.rebound) for s in saved if s.model == model)
        for model in scenario.sectors
    ]
    saved_share: Array = np.array([share[model] for model in scenario.sectors]) * np.array(net)
    return own * saved_share


def top_down(
    scenario: Scenario,
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
        ``footprint`` of the additional ICT along its supply chain, ``rebound_respending``,
        ``respending_of_all`` of the saving; ``cost_saving`` [10^4 CNY]. Dims (year, estimate):
        total emissions of sectors before, after, and after re-spending. ``emitters`` (sector,
        emitter, year, estimate): who emits more or less.
    """
    saved = savings(bottom_up)
    share = {"low": scenario.respend.low, "high": scenario.respend.high}
    found = {
        (year, e): one_year(
            scenario, tables[year], saved[year, e], share.get(e, scenario.respend.value)
        )
        for year in progress(list(tables))
        for e in ESTIMATES
    }
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
    rows = []
    for year, table in tables.items():
        book = table_ledger(table, scenario.satellite)
        produced = float(table.satellites[scenario.satellite].sum())
        embodied, left = float(book["embodied"].sum()), float(book["not_allocated"].sum())
        now = top.sel(year=year, estimate="central")
        change = float(now["total_after_respending"] - now["total_before"])
        rows.append(
            {
                "produced": produced,
                "embodied": embodied,
                "not_allocated": left,
                "households": float(table.households.get(scenario.satellite, xr.DataArray(0.0))),
                "gap": produced - embodied - left,
                "counterfactual_gap": change - float(now["emitters"].sum()),
            }
        )
        worst = max(abs(rows[-1]["gap"]), abs(rows[-1]["counterfactual_gap"]))
        if worst > CLOSED * abs(produced):
            raise LedgerError(
                f"{scenario.name}, {year}: the ledger is open by {worst:.3g} of {produced:.6g} Mt"
            )
    data = {k: ("year", [r[k] for r in rows], {"units": "Mt CO2"}) for k in rows[0]}
    return xr.Dataset(data, coords={"year": list(tables)})
