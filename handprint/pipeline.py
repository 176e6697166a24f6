"""The whole path of a run on one page: table, drivers, both halves, reconciliation, indicators."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

import io_tables
from handprint.accounts import intensities
from handprint.blend import blend
from handprint.bottomup import bottom_up
from handprint.bridge import Bridge, bridge_of
from handprint.errors import ScenarioError, UnitMismatchError
from handprint.guards import TABLE_OR_NAME, WHOLE, YES_OR_NO, checked
from handprint.headline import headline, indicator_ratios
from handprint.ict_path import ict_path
from handprint.overrides import files_of, models_of
from handprint.projection import drivers
from handprint.quantiles import quantiles
from handprint.results import Results, RunRecord, versions
from handprint.sampling import Method, refuse_method
from handprint.scenario import Scenario, load_scenario
from handprint.table_fit import refuse_misfit
from handprint.topdown import Progress, closure, project, top_down
from handprint.uncertainty import Drawing, Model, Plan, monte_carlo
from io_tables import IOTable
from io_tables.errors import TableFileError, did_you_mean
from sector_models import Sector

__all__ = ["Central", "bottom_up", "central_run", "economy", "run", "table_of"]


class Central(NamedTuple):
    """Both halves of a run before draws, and what they stand on."""

    scenario: Scenario
    files: Mapping[str, Sector]
    table: IOTable
    bridge: Bridge
    tables: Mapping[int, IOTable]
    paths: xr.Dataset
    bottom: xr.Dataset
    top: xr.Dataset

    def model(self, *, draw_drivers: bool = True) -> Model:
        """
        Return the run as a function of its uncertain numbers.

        Parameters
        ----------
        draw_drivers : bool
            Whether drivers of growth are among them.

        Returns
        -------
        Model
            To be drawn from.
        """
        return Model(
            self.scenario, self.bridge, self.tables, self.paths, self.bottom, self.top,
            draw_drivers=draw_drivers,
        )  # fmt: skip

    def record(self, ledger_gap: float, plan: Plan | None = None) -> RunRecord:
        """
        Say with what the run was made.

        Parameters
        ----------
        ledger_gap : float
            Largest gap of the ledger [Mt CO2].
        plan : Plan, optional
            Of the draws.

        Returns
        -------
        RunRecord
            Enough to make the run again.
        """
        return RunRecord(
            scenario=self.scenario.name,
            scenario_hash=self.scenario.content_hash,
            table=self.table.name,
            table_hash=self.table.content_hash,
            table_source=self.table.source,
            sector_hashes={name: _hash(model) for name, model in self.files.items()},
            draws=0 if plan is None else plan.draws,
            seed=None if plan is None else plan.seed,
            ledger_gap=ledger_gap,
            versions=versions(),
            sampling=None if plan is None else plan.sampling,
            draw_drivers=plan is not None and plan.draw_drivers,
        )


@checked(seed=WHOLE, table=TABLE_OR_NAME, draw_drivers=YES_OR_NO, workers=WHOLE, chunk=WHOLE)
def run(
    scenario: str | Path | Scenario,
    *,
    draws: int = 0,
    seed: int | None = None,
    table: IOTable | str | None = None,
    progress: Progress = iter,
    sampling: Method = "lhs",
    draw_drivers: bool = True,
    workers: int = 1,
    chunk: int | None = None,
) -> Results:
    """
    Run one scenario.

    Parameters
    ----------
    scenario : str, path or Scenario
        Name of a shipped scenario, path of a file, or a loaded scenario.
    draws : int
        Monte Carlo draws of everything that has a range; 0 gives corner ranges only.
    seed : int, optional
        Of the draws; the same seed gives the same numbers, and in every scenario the same
        rank to the same parameter, so that differences between scenarios are not noise.
    table : IOTable or str, optional
        Instead of the scenario's, or the name of a shipped one; sectors as in ``cn24``.
    progress : callable
        Wraps the years of the top-down half, and then the chunks of the draws.
    sampling : {"lhs", "sobol", "random"}
        Latin hypercube, scrambled Sobol sequence or plain draws.
    draw_drivers : bool
        Whether the drivers of growth are drawn too, one rank for each; else they stay central.
    workers : int
        Threads for the draws; numbers do not depend on it.
    chunk : int, optional
        Draws that are worked on at once, chosen by memory if not given; numbers do not depend
        on it.

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
    plan = _plan(draws, seed, sampling, draw_drivers, workers, chunk)
    central = central_run(scenario, table, progress=progress)
    scenario, bottom, top = central.scenario, central.bottom, central.top
    ledger = closure(scenario, central.tables, top)
    drawn, net = None, None
    if plan is not None:
        drawn = monte_carlo(central.model(draw_drivers=draw_drivers), plan, progress)
        net = drawn.sectors["enabled"] - drawn.sectors["rebound_direct"]
    reconciled = blend(scenario, bottom, top, net)
    indicators = headline(bottom, top, reconciled, scenario.respend)
    record = central.record(float(np.abs(ledger["gap"]).max()), plan)
    return Results(
        scenario=scenario,
        top_down=top,
        bottom_up=bottom,
        reconciled=reconciled,
        indicators=indicators,
        ratios=indicator_ratios(indicators),
        **_quantiles(drawn),
        ledger=ledger,
        drivers=central.paths,
        ict=ict_path(scenario, central.bridge.power_model()),
        record=record,
    )


def central_run(
    scenario: str | Path | Scenario,
    table: IOTable | str | None = None,
    *,
    progress: Progress = iter,
) -> Central:
    """
    Run both halves at low, central and high values, without draws.

    Parameters
    ----------
    scenario : str, path or Scenario
        As in :func:`run`.
    table : IOTable or str, optional
        As in :func:`run`.
    progress : callable
        Wraps the years of the top-down half.

    Returns
    -------
    Central
        Both halves, and what they stand on.

    Raises
    ------
    HandprintError, TableError, SectorError
        For any input that does not fit.
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
    return Central(scenario, files, base, bridge, tables, paths, bottom, top)


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
    ScenarioError
        If the table is of another year than the base year.
    DriverError
        If a driver is of a product or category that the table does not have.
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
        table = _stated(scenario.table)
    refuse_misfit(scenario, table)
    intensities(table, scenario.satellite)  # refuses an account that is missing or of another scope
    units = str(table.satellites[scenario.satellite].attrs["units"])
    if units.split()[0] != "Mt":
        raise UnitMismatchError(
            f"{scenario.satellite} of table {table.name} is in {units!r}: a run counts in 'Mt', "
            "convert it"
        )
    return table.domestic() if scenario.imports == "domestic" else table


def _stated(name: str) -> IOTable:
    """Table that a scenario names: a shipped one, or a file."""
    if name in io_tables.names():
        return io_tables.load(name)
    if not Path(name).suffix and not Path(name).exists():
        hint = did_you_mean(name, io_tables.names())
        raise TableFileError(f"table {name!r} is neither shipped nor a file; {hint}")
    return io_tables.read(name)


def table_of(result: Results, table: IOTable | str | None = None) -> IOTable:
    """
    Return the table that a run was made with, as the engine took it.

    Parameters
    ----------
    result : Results
        A run, just made or read.
    table : IOTable or str, optional
        Table of the run where it is not the one that its scenario names.

    Returns
    -------
    IOTable
        As :func:`economy` makes it.

    Raises
    ------
    ScenarioError
        If its content is not that of the run.
    """
    found = economy(result.scenario, table)
    if found.content_hash != result.record.table_hash:
        raise ScenarioError(
            f"{result.scenario.name}: the run was made with table {result.record.table} "
            f"({result.record.table_hash[:12]}), {found.name} is another "
            f"({found.content_hash[:12]}): give the table of the run as table=, or run again"
        )
    return found


def _plan(
    draws: int,
    seed: int | None,
    sampling: Method,
    draw_drivers: bool,
    workers: int,
    chunk: int | None,
) -> Plan | None:
    """Plan of the draws, none without draws; a fresh seed is kept in the record."""
    if not isinstance(draws, Integral) or isinstance(draws, bool):
        raise ScenarioError(f"draws is {draws!r}: give a whole number")
    if draws < 0 or draws == 1:
        raise ScenarioError(f"draws is {draws}: give 0 for corner ranges, or two or more")
    for name, value, least in (("seed", seed, 0), ("workers", workers, 1), ("chunk", chunk, 1)):
        if value is not None and value < least:
            raise ScenarioError(f"{name} is {value}: give a whole number from {least}")
    refuse_method(sampling)
    if not draws:
        return None
    fresh = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else int(seed)
    return Plan(int(draws), fresh, sampling, draw_drivers, workers, chunk)


def _quantiles(drawn: Drawing | None) -> dict[str, xr.Dataset]:
    if drawn is None:
        return {"quantiles": xr.Dataset(), "use_case_quantiles": xr.Dataset()}
    return {
        "quantiles": quantiles(drawn.sectors),
        "use_case_quantiles": quantiles(drawn.cases, "use_case"),
    }


def _hash(model: Sector) -> str:
    return hashlib.sha256(model.model_dump_json().encode()).hexdigest()
