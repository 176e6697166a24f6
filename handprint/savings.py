"""What the levers of each sector model save, as shares of what they act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
import xarray as xr

from handprint.bridge import ANY, Bridge
from handprint.bridging import Emitting, Saving, lever_base
from handprint.errors import ScenarioError
from handprint.scenario import Scenario
from io_tables import IOTable


def savings(
    scenario: Scenario, bridge: Bridge, tables: Mapping[int, IOTable], bottom_up: xr.Dataset
) -> dict[tuple[int, str], list[Saving]]:
    """
    Sum up what the levers of each model save, as a share of what they act on.

    Parameters
    ----------
    scenario : Scenario
        Names the satellite.
    bridge : Bridge
        Names the cells of the levers.
    tables : mapping of int to IOTable
        Reference economy by year.
    bottom_up : xarray.Dataset
        Additive parts, dims (use_case, year, estimate), with ``model`` and ``lever`` on
        ``use_case``.

    Returns
    -------
    dict
        (year, estimate) -> one saving for the levers of each model that share its cells, and
        one for each lever with cells of its own.

    Raises
    ------
    ScenarioError
        If a lever saves more than its cells emit.
    """
    models, levers = bottom_up["model"].values, bottom_up["lever"].values
    parts = bottom_up[["enabled", "rebound", "ict_purchases"]].transpose(
        "use_case", "year", "estimate"
    )
    enabled, rebound, purchases = (parts[name].values for name in parts.data_vars)
    given = bottom_up["reference"].transpose("sector", "year")
    reference = {
        (str(s), int(y)): value
        for s, row in zip(given["sector"].values, given.values, strict=True)
        for y, value in zip(given["year"].values, row, strict=True)
    }
    emitting = {year: Emitting(table, scenario.satellite) for year, table in tables.items()}
    years = [int(year) for year in parts["year"].values]
    estimates = [str(e) for e in parts["estimate"].values]
    pairs = _pairs(models, levers)
    owners = [_cells_of(bridge, m, k) for m, k in pairs]
    sellers = [_ict_of(bridge, m, k) for m, k in pairs]
    found: dict[tuple[int, str], list[Saving]] = {(y, e): [] for y in years for e in estimates}
    for model, lever in _groups(bridge):
        own = np.array([owner == (model, lever) for owner in owners])
        buys = np.array([seller == (model, lever) for seller in sellers])
        by_cells = bridge.models[model].saving_of == "cells"
        base = np.array(
            [
                lever_base(bridge, model, lever, emitting[year])
                if by_cells
                else float(reference[model, year])
                for year in years
            ]
        )[:, None]
        gross = enabled[own].sum(axis=0)
        over = np.argwhere(gross > base)
        if len(over):
            y, e = over[0]
            raise ScenarioError(
                f"{model}.{lever}: saves {gross[y, e]:.4g} Mt in {years[y]} ({estimates[e]}) where "
                f"its cells of the table emit {base[y, 0]:.4g} Mt: check segment and cells"
            )
        some = gross != 0
        fraction = np.divide(gross, base, out=np.zeros_like(gross), where=some)
        lost = np.divide(rebound[own].sum(axis=0), gross, out=np.zeros_like(gross), where=some)
        spent = purchases[buys].sum(axis=0)
        for (y, year), (e, estimate) in product(enumerate(years), enumerate(estimates)):
            found[year, estimate].append(
                Saving(model, lever, fraction[y, e], lost[y, e], spent[y, e])
            )
    return found


def _pairs(models: Iterable[object], levers: Iterable[object]) -> list[tuple[str, str]]:
    return [(str(m), str(k)) for m, k in zip(models, levers, strict=True)]


def _groups(bridge: Bridge) -> list[tuple[str, str]]:
    """Every model with ``*``, which buys the ICT, and each lever with cells of its own."""
    return [(m, lever) for m in bridge.models for lever in (ANY, *bridge.own_levers(m))]


def _cells_of(bridge: Bridge, model: str, lever: str) -> tuple[str, str]:
    return model, lever if lever in bridge.own_levers(model) else ANY


def _ict_of(bridge: Bridge, model: str, lever: str) -> tuple[str, str]:
    return model, lever if lever in bridge.ict_levers(model) else ANY
