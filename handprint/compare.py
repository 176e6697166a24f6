"""Scenarios side by side: levels, and differences from a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from handprint.errors import ArgumentError, ScenarioError
from handprint.guards import shown
from handprint.results import COLUMNS, Results
from handprint.sums import cumulated
from io_tables.errors import did_you_mean


@dataclass(frozen=True, eq=False)
class Comparison:
    """
    Several runs on one time axis.

    Parameters
    ----------
    results : tuple of Results
        The runs, baseline first.
    baseline : str
        Name of the scenario that the others are compared with.
    levels : xarray.Dataset
        Indicators, dims (scenario, sector, year, estimate).
    difference : xarray.Dataset
        Levels less those of the baseline, same corner with same corner.
    cumulative : xarray.Dataset
        Additive quantities summed from the year after the base year to the end year, dims
        (scenario, sector, estimate); never to be mixed with annual figures.
    """

    results: tuple[Results, ...]
    baseline: str
    levels: xr.Dataset
    difference: xr.Dataset
    cumulative: xr.Dataset

    @property
    def scenarios(self) -> list[str]:
        """Names, baseline first."""
        return [r.scenario.name for r in self.results]

    @property
    def drawn_alike(self) -> bool:
        """Whether all runs have draws, and those with common random numbers."""
        records = [r.record for r in self.results]
        kinds = {(r.draws, r.seed, r.sampling, r.draw_drivers) for r in records}
        return len(kinds) == 1 and records[0].draws > 0

    def summary(self) -> pd.DataFrame:
        """
        Write all runs as one tidy table.

        Returns
        -------
        pandas.DataFrame
            Columns scenario, sector, year, quantity, estimate, value, unit.
        """
        return pd.concat([r.summary() for r in self.results], ignore_index=True)[COLUMNS]


def compare(results: Sequence[Results], baseline: str | None = None) -> Comparison:
    """
    Put runs side by side.

    Parameters
    ----------
    results : sequence of Results
        At least two, with the same base year, end year and sectors.
    baseline : str, optional
        Name of one of them; by default the first.

    Returns
    -------
    Comparison
        Levels, differences and sums over the years.

    Raises
    ------
    ArgumentError
        If it is no list.
    ScenarioError
        If there are fewer than two runs, a name occurs twice, the baseline is none of them,
        or the runs rest on different tables, years, sectors or numbers of draws.
    """
    if not isinstance(results, Iterable):
        raise ArgumentError(f"compare takes a list of results of runs, given {shown(results)}")
    results = list(results)
    strange = [type(r).__name__ for r in results if not isinstance(r, Results)]
    if strange:
        raise ScenarioError(f"compare takes results of runs, given {strange[0]}: run it first")
    names = [r.scenario.name for r in results]
    if len(names) < 2:
        raise ScenarioError(f"a comparison needs two runs or more, given {len(names)}")
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ScenarioError(f"scenario {twice[0]!r} is given twice: give each name once")
    baseline = names[0] if baseline is None else baseline
    if baseline not in names:
        raise ScenarioError(f"no run {baseline!r} to compare with; {did_you_mean(baseline, names)}")
    ordered = sorted(results, key=lambda r: r.scenario.name != baseline)
    _same_ground(ordered)
    axis = pd.Index([r.scenario.name for r in ordered], name="scenario")
    levels = xr.concat(
        [r.indicators for r in ordered], dim=axis, join="exact", combine_attrs="drop"
    )
    for name in levels.data_vars:
        levels[name].attrs = ordered[0].indicators[name].attrs
    difference = levels - levels.sel(scenario=baseline, drop=True)
    cumulative = cumulated(levels)
    for name, array in levels.data_vars.items():
        units = array.attrs["units"]
        difference[name].attrs = {"units": units, "long_name": f"difference from {baseline}"}
    return Comparison(tuple(ordered), baseline, levels, difference, cumulative)


def _same_ground(results: Sequence[Results]) -> None:
    """Refuse runs whose difference would mix the scenario with table, years or sectors."""
    first = results[0]
    problems = []
    for other in results[1:]:
        pairs = {
            "table": (first.record.table_hash[:12], other.record.table_hash[:12]),
            "years": (first.scenario.years, other.scenario.years),
            "sectors": (first.scenario.sectors, other.scenario.sectors),
            "number of draws": (first.record.draws, other.record.draws),
            "sector files": (first.record.sector_hashes, other.record.sector_hashes),
        }
        problems += [
            f"{what} of {other.scenario.name} ({b}) and of {first.scenario.name} ({a})"
            for what, (a, b) in pairs.items()
            if a != b
        ]
    if problems:
        raise ScenarioError(
            "these runs cannot be compared, they differ in more than the scenario: "
            + "; ".join(problems)
        )
