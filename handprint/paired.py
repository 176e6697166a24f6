"""Ranges of the difference between runs, draw by draw with common random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from handprint.compare import Comparison
from handprint.errors import ArgumentError, ScenarioError
from handprint.guards import shown
from handprint.pipeline import central_run, table_of
from handprint.quantiles import QUANTILES
from handprint.results import Results
from handprint.sampling import Method
from handprint.topdown import Progress
from handprint.uncertainty import Plan, monte_carlo
from io_tables import IOTable

QUANTITIES = ("enabled", "footprint", "NER", "NER_star")
COLUMNS = ["scenario", "baseline", "sector", "year", "quantity", "estimate", "value", "unit"]
SAME = 1e-9  # relative gap that draws made again may have from the stored quantiles


def difference_quantiles(
    comparison: Comparison,
    *,
    table: IOTable | None = None,
    workers: int = 1,
    progress: Progress = iter,
) -> xr.Dataset:
    """
    Take quantiles of the difference from the baseline over draws that the runs share.

    Parameters
    ----------
    comparison : Comparison
        Runs with draws, of one seed and method.
    table : IOTable, optional
        Table of the runs where it is not the one that their scenario names.
    workers : int
        Threads for the draws; numbers do not depend on it.
    progress : callable
        Wraps the chunks of the draws of each run.

    Returns
    -------
    xarray.Dataset
        ``enabled``, ``footprint``, ``NER`` and ``NER_star`` less those of the baseline, dims
        (scenario, sector, year, quantile) [Mt CO2], and ``higher``, the share of draws in which
        NER* exceeds that of the baseline, dims (scenario, sector, year) [1].

    Raises
    ------
    ArgumentError
        If it is no comparison.
    OptionError
        If there is no worker.
    ScenarioError
        If a run has no draws, seeds or methods differ, the table is not that of the runs, or
        draws made again are not those that a run was saved with.

    Notes
    -----
    Every stream of random numbers has the name of its parameter, so a parameter has the same
    rank in the same draw of every scenario and what the scenarios share cancels. The range of a
    difference is therefore not the difference of the ranges, and mostly far narrower.
    """
    if not isinstance(comparison, Comparison):
        raise ArgumentError(
            f"comparison is {shown(comparison)}, needed the outcome of handprint.compare"
        )
    plan = _common(comparison.results, workers)
    zero, *others = (_drawn(r, plan, table, progress) for r in comparison.results)
    found = [_differences(zero, one) for one in others]
    names = pd.Index(comparison.scenarios[1:], name="scenario")
    data = xr.concat(found, dim=names, combine_attrs="override")
    return data.assign_attrs(baseline=comparison.baseline, draws=plan.draws, seed=plan.seed)


def difference_quantile_table(data: xr.Dataset) -> pd.DataFrame:
    """
    Lay out the quantiles of differences as a tidy table.

    Parameters
    ----------
    data : xarray.Dataset
        Outcome of :func:`difference_quantiles`.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, baseline, sector, year, quantity, estimate (p05, p17, p50, p83, p95, or
        share for ``higher``), value, unit.
    """
    return pd.DataFrame(_rows(data), columns=COLUMNS)


def _rows(data: xr.Dataset) -> Iterator[tuple[object, ...]]:
    for quantity, array in data.data_vars.items():
        for place, value in np.ndenumerate(array.values):
            at = {d: array[d].values[i] for d, i in zip(array.dims, place, strict=True)}
            estimate = f"p{100 * at['quantile']:02.0f}" if "quantile" in at else "share"
            yield (
                str(at["scenario"]),
                data.attrs["baseline"],
                str(at["sector"]),
                int(at["year"]),
                quantity,
                estimate,
                float(value),
                array.attrs["units"],
            )


def _common(results: tuple[Results, ...], workers: int) -> Plan:
    """The plan that all runs were drawn with."""
    first = results[0].record
    wanted = (first.draws, first.seed, first.sampling, first.draw_drivers)
    for result in results:
        own = result.record
        if not own.draws or own.seed is None or own.sampling is None:
            raise ScenarioError(
                f"{result.scenario.name} was run without draws: run it with draws=... and seed=..."
            )
        if (own.draws, own.seed, own.sampling, own.draw_drivers) != wanted:
            raise ScenarioError(
                f"draws of {result.scenario.name} ({own.draws}, seed {own.seed}, {own.sampling}) "
                f"and of {results[0].scenario.name} ({first.draws}, seed {first.seed}, "
                f"{first.sampling}) are not the same: their difference would be noise; give all "
                "runs one seed"
            )
    seed, sampling = cast("int", first.seed), cast("Method", first.sampling)  # seen above
    return Plan(first.draws, seed, sampling, first.draw_drivers, workers)


def _drawn(result: Results, plan: Plan, table: IOTable | None, progress: Progress) -> xr.Dataset:
    """Draws of a run, made again, dims (sector, year, draw)."""
    table_of(result, table)  # refuses a table that is not that of the run
    central = central_run(result.scenario, table)
    parts = monte_carlo(central.model(draw_drivers=plan.draw_drivers), plan, progress).sectors
    parts = parts[list(QUANTITIES)].transpose("sector", "year", "draw")
    stored = result.quantiles["NER_star"].transpose("sector", "year", "quantile")
    again = np.moveaxis(np.quantile(parts["NER_star"].values, QUANTILES, axis=-1), 0, -1)
    if not np.allclose(again, stored.values, rtol=SAME, atol=SAME):
        raise ScenarioError(
            f"draws of {result.scenario.name} made again are not those that the run was saved "
            "with: sector files or versions have changed, run it again"
        )
    return parts


def _differences(zero: xr.Dataset, one: xr.Dataset) -> xr.Dataset:
    found = {}
    dims, coords = ("sector", "year"), {"sector": zero["sector"], "year": zero["year"]}
    for name in QUANTITIES:
        gap = one[name].values - zero[name].values
        values = np.moveaxis(np.quantile(gap, QUANTILES, axis=-1), 0, -1)
        attrs = {"units": "Mt CO2", "long_name": f"difference of {name}", "source": "paired draws"}
        found[name] = xr.DataArray(
            values, {**coords, "quantile": list(QUANTILES)}, (*dims, "quantile"), attrs=attrs
        )
    above = (one["NER_star"].values > zero["NER_star"].values).mean(axis=-1)
    title = "share of draws in which NER* is higher"
    found["higher"] = xr.DataArray(
        above, coords, dims, attrs={"units": "1", "long_name": title, "source": "paired draws"}
    )
    return xr.Dataset(found)
