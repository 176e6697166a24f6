"""What differs between runs: by sector, lever and order of effect, and through which factor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from handprint.bridge import bridge_of
from handprint.bridging import purchased_power
from handprint.compare import Comparison, compare
from handprint.end_year import with_levers
from handprint.errors import DecompositionError, OptionError, ScenarioError
from handprint.headline import TOTAL
from handprint.lmdi import index_decomposition
from handprint.overrides import models_of
from handprint.paths import structural_paths
from handprint.pipeline import table_of
from handprint.projection import drivers
from handprint.results import Results
from handprint.sums import cumulated
from handprint.topdown import project
from io_tables import IOTable

Quantity = Literal["emissions", "enabled", "footprint"]
QUANTITIES: tuple[Quantity, ...] = ("emissions", "enabled", "footprint")
COLUMNS = [
    "scenario", "baseline", "by", "item", "year", "quantity", "estimate", "value", "baseline_value",
    "absolute", "relative", "unit",
]  # fmt: skip
FACTOR_COLUMNS = [
    "scenario", "baseline", "year", "quantity", "sector", "factor", "effect", "unit", "note",
]  # fmt: skip
LEVER = ("enabled", "rebound", "footprint", "ict_purchases")
# Orders of the top-down half; emissions beyond the boundary of a sector model count too.
ORDERS = {
    "first": ("footprint",),
    "second": ("enabled", "upstream"),
    "higher": ("rebound_respending",),
}
CLOSURE = 1e-9


def difference_table(comparison: Comparison, *, cumulative: bool = False) -> pd.DataFrame:
    """
    Lay out absolute and relative differences from the baseline.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    cumulative : bool
        Sums from the year after the base year, instead of years; the two never stand in one
        table.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, baseline, by (sector, lever or order), item, year (a span if
        cumulative), quantity, estimate, value, baseline_value, absolute (their difference),
        relative (share of the size of the baseline's value [1]; empty where that is zero) and
        unit. Orders are change of emissions in the top-down half: negative is less.
    """
    runs = {r.scenario.name: _parts(r) for r in comparison.results}
    rows = []
    for name in comparison.scenarios[1:]:
        for by, mine in runs[name].items():
            theirs = runs[comparison.baseline][by]
            a, b = (cumulated(d) if cumulative else d for d in (mine, theirs))
            for head, values in _rows(a, b, mine["year"].values):
                rows.append((name, comparison.baseline, by, *head, *values))
    return pd.DataFrame(rows, columns=COLUMNS)


def _parts(result: Results) -> dict[str, xr.Dataset]:
    """Additive quantities by sector, lever and order."""
    top = result.top_down
    orders = {}
    for kind, names in ORDERS.items():
        whole = xr.concat([top[n].sum("sector") for n in names], dim="part").sum("part")
        orders[kind] = -whole if kind == "second" else whole
    order = xr.concat(list(orders.values()), dim=pd.Index(list(orders), name="item"))
    levers = result.bottom_up[list(LEVER)]
    levers = levers.drop_vars(set(levers.coords) - {"use_case", "year", "estimate"})
    levers = levers.rename(use_case="item")
    change = xr.Dataset({"change_of_emissions": order.drop_attrs()})
    change["change_of_emissions"].attrs["units"] = top["enabled"].attrs["units"]
    return {"sector": result.indicators.rename(sector="item"), "lever": levers, "order": change}


def _rows(
    a: xr.Dataset, b: xr.Dataset, years: np.ndarray
) -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
    """Place and numbers of each difference; levers that only one run has count as zero there."""
    span = f"{int(years[1])}-{int(years[-1])}"
    a, b = xr.align(a, b, join="outer", fill_value=0.0)
    for quantity, array in a.data_vars.items():
        units = array.attrs["units"]
        dims = ("item", "year", "estimate") if "year" in array.dims else ("item", "estimate")
        mine, theirs = (d[quantity].transpose(*dims) for d in (a, b))
        for place, value in np.ndenumerate(mine.values):
            old = float(theirs.values[place])
            labels = [mine[d].values[i] for d, i in zip(dims, place, strict=True)]
            year: object = int(labels[1]) if len(dims) == 3 else span
            gap = float(value) - old
            relative = gap / abs(old) if old else None
            numbers = (float(value), old, gap, relative, units)
            yield (str(labels[0]), year, quantity, str(labels[-1])), numbers


def difference_by_factor(
    zero: Results,
    one: Results,
    *,
    quantity: Quantity = "emissions",
    year: int | None = None,
    table: IOTable | None = None,
) -> xr.Dataset:
    r"""
    Share the difference between two runs in one year among its factors, exactly.

    Parameters
    ----------
    zero, one : Results
        Baseline and the other run; same table, years and sectors.
    quantity : {"emissions", "enabled", "footprint"}
        Emissions left after rebound (reference less NER*), gross enabling effect, or ICT
        footprint, central. The difference of NER is that of ``enabled`` less that of ``footprint``.
    year : int, optional
        By default the end year.
    table : IOTable, optional
        Table of the runs where it is not the one that their scenario names.

    Returns
    -------
    xarray.Dataset
        ``effect`` (factor, sector), the last sector ``total``, and ``change`` (sector) [Mt CO2].
        Factors: activity (of all sectors, weighted by emissions of the base year), structure
        (activity of the sector over that), intensity (own emissions per activity), grid
        (intensity of the power model: its own emissions, and electricity that others buy), digital
        (what levers leave, their footprint added) and rebound (what it adds to that).

    Raises
    ------
    OptionError
        If quantity or year are unknown.
    DecompositionError
        If a quantity is negative, where the logarithmic mean has no meaning.
    ScenarioError
        If the runs cannot be compared, or the table is not theirs.

    Notes
    -----
    Additive LMDI-I over (sector, carrier), with exact limits at zero, of
    :math:`E_{sc} = E^0_{sc}\,a\,(a_s/a)\,i_{sc}\,d_s\,r_s`. What a power model counts too is taken
    off the total with its own factors. The footprint follows activity and digital alone.
    """
    compare([zero, one])
    year = zero.scenario.end_year if year is None else year
    if quantity not in QUANTITIES:
        raise OptionError(f"quantity is {quantity!r}: give one of {', '.join(QUANTITIES)}")
    if year not in zero.scenario.years:
        raise OptionError(f"no year {year!r} in {zero.scenario.years[0]}-{zero.scenario.end_year}")
    sides = [_factors(r, quantity, year, table) for r in (zero, one)]
    (v0, f0), (v1, f1) = sides
    lowest = min(float(v0.min()), float(v1.min()))
    if lowest < 0:
        raise DecompositionError(
            f"{quantity} in {year} is below zero ({lowest:g}) in a sector: it has no decomposition "
            "by logarithmic means; decompose enabled and footprint"
        )
    parts = index_decomposition(v0.values, v1.values, _plain(f0), _plain(f1), units="Mt CO2")
    sectors, twice = list(zero.scenario.sectors), v0["carrier"].values == "twice"
    # What is counted twice belongs to both sectors, and is taken off their total.
    effect = parts["effect"].values * np.where(twice, -1.0, 1.0)
    owned = np.array([[s == o for s in sectors] for o in v0["owner"].values], float)
    mine = effect @ (owned * ~twice[:, None])
    whole = np.column_stack([mine, effect.sum(axis=1)])
    place = {"sector": [*sectors, TOTAL], "year": year}
    wanted = [(_level(r, quantity).sel(place)).drop_attrs() for r in (zero, one)]
    change = wanted[1] - wanted[0]
    size = max(float(abs(w).max()) for w in wanted)
    if float(abs(whole.sum(axis=0) - change.values).max()) > CLOSURE * max(size, 1.0):
        raise DecompositionError(f"parts of the difference of {quantity} do not add up to it")
    names = list(f0)[1:]  # the base year is the same on both sides: no effect
    return xr.Dataset(
        {
            "effect": (("factor", "sector"), whole[1:], {"units": "Mt CO2"}),
            "change": ("sector", change.values, {"units": "Mt CO2"}),
        },
        coords={"factor": names, "sector": place["sector"]},
        attrs={"quantity": quantity, "year": year, "baseline": zero.scenario.name,
               "scenario": one.scenario.name},
    )  # fmt: skip


def factor_table(comparison: Comparison) -> pd.DataFrame:
    """
    Lay out the differences of all runs from the baseline by factor, end year.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more, on the table that their scenarios name.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, baseline, year, quantity, sector, factor, effect, unit, note. Where a
        quantity is below zero it has no such decomposition, and where the table of the runs is
        not the one that their scenario names it is not at hand: one row says so, without effect.
    """
    zero = comparison.results[0]
    rows: list[tuple[object, ...]] = []
    for one in comparison.results[1:]:
        for quantity in QUANTITIES:
            head = (one.scenario.name, zero.scenario.name, one.scenario.end_year, quantity)
            try:
                effect = difference_by_factor(zero, one, quantity=quantity)["effect"]
            except (DecompositionError, ScenarioError) as error:
                rows.append((*head, TOTAL, "", None, "Mt CO2", str(error)))
                continue
            for factor in effect["factor"].values:
                for sector in effect["sector"].values:
                    value = float(effect.sel(factor=factor, sector=sector))
                    rows.append((*head, sector, factor, value, "Mt CO2", ""))
    return pd.DataFrame(rows, columns=FACTOR_COLUMNS)


def path_table(comparison: Comparison, top: int = 100) -> pd.DataFrame:
    """
    List for each run the supply chains that differ most from the baseline, end year.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more, on the table that their scenarios name.
    top : int
        How many for each.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, baseline, year, and those of :func:`path_differences`; empty where the
        table of the runs is not the one that their scenario names.
    """
    zero, frames = comparison.results[0], []
    for one in comparison.results[1:]:
        try:
            found = path_differences(zero, one, top=top)
        except ScenarioError:
            return pd.DataFrame(columns=["scenario", "baseline", "year"])
        head = {
            "scenario": one.scenario.name,
            "baseline": zero.scenario.name,
            "year": one.scenario.end_year,
        }
        found = pd.concat([pd.DataFrame(head, index=found.index), found], axis=1)
        frames.append(found)
    return pd.concat(frames, ignore_index=True)


def _level(result: Results, quantity: Quantity) -> xr.DataArray:
    """Central values, dims (sector, year)."""
    now = result.indicators.sel(estimate="central", drop=True)
    return now["reference"] - now["NER_star"] if quantity == "emissions" else now[quantity]


def _plain(factors: Mapping[str, xr.DataArray]) -> dict[str, np.ndarray]:
    return {name: values.values for name, values in factors.items()}


def _factors(
    result: Results, quantity: Quantity, year: int, table: IOTable | None
) -> tuple[xr.DataArray, dict[str, xr.DataArray]]:
    """Quantity and its factors by item: a carrier of a sector."""
    scenario, bottom = result.scenario, result.bottom_up
    sectors = list(scenario.sectors)
    base = table_of(result, table)
    bridge = bridge_of(models_of(scenario), base)
    first = project(scenario, bridge, base, drivers(scenario), [scenario.base_year])
    electricity = purchased_power(bridge, first[scenario.base_year], scenario.satellite)
    bought = electricity.sel(model=sectors).values
    reference = bottom["reference"].sel(sector=sectors)
    weight = reference.sel(year=scenario.base_year).values
    own, ones = weight - bought, np.ones_like(weight)
    paths = drivers(scenario).sel(estimate="central", year=year)
    index = paths["activity"].sel(model=sectors).values
    clean = paths["intensity"].sel(group=sectors).values
    grid = float(paths["intensity"].sel(group=bridge.power_model()))
    power = np.array([name == bridge.power_model() for name in sectors])
    level = float((index * weight).sum() / weight.sum())
    now = reference.sel(year=year).values
    wanted = _level(result, quantity).sel(sector=sectors, year=year).values
    left = wanted
    if quantity == "emissions":
        central = result.indicators.sel(estimate="central", sector=sectors, year=year)
        left = (central["reference"] - central["NER"]).values
    rate, back = _over(left, now, 0.0), _over(wanted, left, 1.0)
    twice = bottom["reference_twice"].sel(sector=sectors, year=year).values
    doubled = bool(np.abs(twice).sum()) and quantity == "emissions"
    if quantity == "footprint":
        # The purchases of ICT follow the activity of their buyers, not their emissions.
        base_size = _over(wanted, index, 0.0)
        rows = [("own", ones, ones, ones, base_size, ones)]
    else:
        rows = [
            # What power plants emit per kWh is the grid factor itself.
            ("own", own, np.where(power, 1.0, clean), np.where(power, clean, 1.0), rate, back),
            ("power", bought, ones, ones * grid, rate, back),
        ]
    if doubled:
        rows.append(("twice", bought, ones, ones * grid, ones, ones))
    stacked = {
        "base": np.concatenate([r[1] for r in rows]),
        "activity": np.full(len(rows) * len(sectors), level),
        "structure": np.tile(index / level, len(rows)),
        "intensity": np.concatenate([r[2] for r in rows]),
        "grid": np.concatenate([r[3] for r in rows]),
        "digital": np.concatenate([r[4] for r in rows]),
        "rebound": np.concatenate([r[5] for r in rows]),
    }
    value = np.prod(list(stacked.values()), axis=0)
    coords = {"owner": ("item", sectors * len(rows)),
              "carrier": ("item", [r[0] for r in rows for _ in sectors])}  # fmt: skip
    factors = {n: xr.DataArray(v, dims="item") for n, v in stacked.items()}
    return xr.DataArray(value, dims="item", coords=coords), factors


def _over(part: np.ndarray, whole: np.ndarray, empty: float) -> np.ndarray:
    """Ratio, with a value where the whole is zero."""
    ratio: np.ndarray = np.divide(part, whole, out=np.full_like(whole, empty), where=whole != 0)
    return ratio


def path_differences(
    zero: Results, one: Results, *, top: int = 100, table: IOTable | None = None
) -> pd.DataFrame:
    """
    List the supply chains whose emissions differ most between two runs in the end year.

    Parameters
    ----------
    zero, one : Results
        Baseline and the other run.
    top : int
        How many.
    table : IOTable, optional
        Table of the runs where it is not the one that their scenario names.

    Returns
    -------
    pandas.DataFrame
        As :func:`handprint.structural_paths` gives with ``difference_to``: of the projected
        economies with the levers of each run at work.

    Raises
    ------
    ScenarioError
        If the runs cannot be compared.
    """
    compare([zero, one])
    before, after = (with_levers(r, table) for r in (zero, one))
    satellite = zero.scenario.satellite
    return structural_paths(before, top=top, satellite=satellite, difference_to=after)
