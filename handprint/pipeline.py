"""The whole path of a run on one page: table, drivers, both halves, reconciliation, indicators."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Literal

import numpy as np
import xarray as xr

import io_tables
import sector_models
from handprint.accounts import intensities
from handprint.blend import blend
from handprint.bridge import Bridge, bridge_of
from handprint.bridging import purchased_power
from handprint.errors import ScenarioError, UnitMismatchError
from handprint.guards import TABLE_OR_NAME, WHOLE, checked
from handprint.headline import headline, indicator_ratios
from handprint.overlap import without_overlap
from handprint.overrides import files_of, models_of
from handprint.projection import adoption_path, drivers, ict_index
from handprint.response import respending_response
from handprint.results import Results, RunRecord, versions
from handprint.scenario import Scenario, load_scenario
from handprint.topdown import (
    Progress,
    closure,
    emissions_by_group,
    project,
    reference_index,
    top_down,
)
from handprint.uncertainty import quantiles, sample_parts, triangle
from io_tables import IOTable
from sector_models import Sector

Spread = Literal["adoption", "reference_adoption"]


@checked(seed=WHOLE, table=TABLE_OR_NAME)
def run(
    scenario: str | Path | Scenario,
    *,
    draws: int = 0,
    seed: int | None = None,
    table: IOTable | str | None = None,
    progress: Progress = iter,
) -> Results:
    """
    Run one scenario.

    Parameters
    ----------
    scenario : str, path or Scenario
        Name of a shipped scenario, path of a file, or a loaded scenario.
    draws : int
        Monte Carlo draws of the sector models' parameters; 0 gives corner ranges only.
    seed : int, optional
        Of the draws; the same seed gives the same numbers.
    table : IOTable or str, optional
        Instead of the scenario's, or the name of a shipped one; sectors as in ``cn24``.
    progress : callable
        Wraps the years of the top-down half.

    Returns
    -------
    Results
        Complete, with a closed ledger for every year.

    Raises
    ------
    HandprintError, TableError, SectorError
        For any input that does not fit; nothing is half done.

    Examples
    --------
    >>> results = run("current-policy")
    >>> results.indicators["NER"].sel(sector="total", year=2030, estimate="central").item() > 0
    True
    """
    scenario = load_scenario(scenario)
    base = economy(scenario, table)
    files = files_of(scenario)
    models = models_of(scenario, files)
    bridge = bridge_of(models, base)
    paths = drivers(scenario)
    tables = project(scenario, bridge, base, paths, scenario.years)
    bottom = bottom_up(scenario, bridge, tables, paths)
    top = top_down(scenario, bridge, tables, bottom, progress)
    ledger = closure(scenario, tables, top)
    parts, seed = None, _seed(draws, seed)
    if seed is not None:
        drawn = bottom_up(scenario, bridge, tables, paths, draws=draws, seed=seed)
        response = respending_response(bottom, top)
        parts = sample_parts(drawn, response, scenario.respend, seed)
    net = None if parts is None else parts["enabled"] - parts["rebound_direct"]
    reconciled = blend(scenario, bottom, top, net)
    indicators = headline(bottom, top, reconciled, scenario.respend)
    record = RunRecord(
        scenario=scenario.name,
        scenario_hash=scenario.content_hash,
        table=base.name,
        table_hash=base.content_hash,
        table_source=base.source,
        sector_hashes={name: _hash(model) for name, model in files.items()},
        draws=draws,
        seed=seed,
        ledger_gap=float(np.abs(ledger["gap"]).max()),
        versions=versions(),
    )
    return Results(
        scenario=scenario,
        top_down=top,
        bottom_up=bottom,
        reconciled=reconciled,
        indicators=indicators,
        ratios=indicator_ratios(indicators),
        quantiles=xr.Dataset() if parts is None else quantiles(parts),
        ledger=ledger,
        drivers=paths,
        record=record,
    )


@checked(table=TABLE_OR_NAME)
def economy(scenario: Scenario, table: IOTable | str | None = None) -> IOTable:
    """
    Return the table of the base year as the engine takes it.

    Parameters
    ----------
    scenario : Scenario
        Names the table and says whether imports are removed.
    table : IOTable or str, optional
        Instead of the scenario's, or the name of a shipped one.

    Returns
    -------
    IOTable
        Ready for the engine.

    Raises
    ------
    ArgumentError
        If the table is none.
    UnknownTableError
        If no shipped table has the name.
    MissingSatelliteError, ScopeError
        If the table has no fit account of direct emissions.
    UnitMismatchError
        If the account is not in Mt.
    TableError
        If the table cannot be read.
    """
    if isinstance(table, str):
        table = io_tables.load(table)
    elif table is None:
        shipped = scenario.table in io_tables.names()
        table = io_tables.load(scenario.table) if shipped else io_tables.read(scenario.table)
    intensities(table, scenario.satellite)  # refuses an account that is missing or of another scope
    units = str(table.satellites[scenario.satellite].attrs["units"])
    if units.split()[0] != "Mt":
        raise UnitMismatchError(
            f"{scenario.satellite} of table {table.name} is in {units!r}: a run counts in 'Mt', "
            "convert it"
        )
    return table.domestic() if scenario.imports == "domestic" else table


def bottom_up(
    scenario: Scenario,
    bridge: Bridge,
    tables: Mapping[int, IOTable],
    paths: xr.Dataset,
    *,
    draws: int = 0,
    seed: int | None = None,
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
    draws : int
        Monte Carlo draws instead of low, central and high.
    seed : int, optional
        Of the draws.

    Returns
    -------
    xarray.Dataset
        Additive parts, dims (use_case, year, estimate) or (use_case, year, draw), ``model`` and
        ``lever`` on ``use_case``; ``reference`` (sector, year).
    """
    models = bridge.models
    first, central = tables[scenario.base_year], paths.sel(estimate="central", drop=True)
    own = emissions_by_group(bridge, first, scenario.satellite).rename(group="model")
    direct = own.sel(model=list(models)) * reference_index(central)
    grid = central["intensity"].sel(group=bridge.power_model(), drop=True)
    bought = purchased_power(bridge, first, scenario.satellite) * central["activity"] * grid
    whole = (direct + bought).drop_attrs()
    found = []

    def _spread(kind: Spread, name: str) -> dict[str, xr.DataArray]:
        return _adoption(scenario, kind, name, models[name], draws, seed)

    for name, model in models.items():
        reference = whole.sel(model=name, drop=True)
        data = sector_models.run(
            model,
            adoption=_spread("adoption", name),
            years=scenario.years,
            drivers={
                "reference": reference,
                "output": bridge.ict_buyers_output(name, tables),
                "ict_index": ict_index(scenario),
            },
            reference_adoption=_spread("reference_adoption", name),
            draws=draws,
            seed=seed,
        )
        found.append(_labelled(data.drop_vars("reference"), name))
    if not all("footprint_embodied" in data for data in found):
        found = [data.drop_vars("footprint_embodied", errors="ignore") for data in found]
    stacked = xr.concat(found, dim="use_case", join="exact", combine_attrs="drop")
    for key, array in stacked.data_vars.items():
        kept = {k: found[0][key].attrs[k] for k in ("units", "long_name")}
        array.attrs = {**kept, "source": "sector models"}
    twice = bought if bridge.power_model() in models else xr.zeros_like(bought)
    for key, title, values in (
        ("reference", "reference emissions", whole),
        ("reference_twice", "of which the power model counts too: electricity bought", twice),
    ):
        stacked[key] = values.rename(model="sector").transpose("sector", "year")
        stacked[key].attrs = {"units": "Mt CO2", "long_name": title}
    return without_overlap(stacked, bridge, first, scenario.satellite)


def _adoption(
    scenario: Scenario, kind: Spread, name: str, model: Sector, draws: int, seed: int | None
) -> dict[str, xr.DataArray]:
    """Spread of each lever of a sector model; the levers of one model spread together."""
    goal = getattr(scenario, kind).get(name)
    level = None
    if draws and goal is not None:
        level = triangle(goal.low, goal.level, goal.high, f"{seed}:{name}.{kind}", draws)
    paths = {}
    for key, case in model.use_cases.items():
        start = float(case.adoption.over([scenario.base_year])[0])
        path = adoption_path(goal, start, scenario.years, level)
        # A frozen path has no uncertainty: it is the same in every draw.
        paths[key] = path.isel(estimate=0, drop=True) if draws and goal is None else path
    return paths


def _seed(draws: int, seed: int | None) -> int | None:
    """Seed of the draws; a fresh one, kept in the record, when none is given."""
    if not isinstance(draws, Integral) or isinstance(draws, bool):
        raise ScenarioError(f"draws is {draws!r}: give a whole number")
    if draws < 0 or draws == 1:
        raise ScenarioError(f"draws is {draws}: give 0 for corner ranges, or two or more")
    if not draws:
        return None
    return int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed


def _labelled(data: xr.Dataset, name: str) -> xr.Dataset:
    """Name use cases uniquely over all sector models."""
    levers = [str(lever) for lever in data["use_case"].values]
    kept = data.drop_vars("sector").assign_coords(use_case=[f"{name}.{lever}" for lever in levers])
    return kept.assign_coords(model=("use_case", [name] * len(levers)), lever=("use_case", levers))


def _hash(model: Sector) -> str:
    return hashlib.sha256(model.model_dump_json().encode()).hexdigest()
