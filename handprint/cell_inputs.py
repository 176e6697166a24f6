"""What numbers of a result rest on besides other numbers: parameters, cells, drivers, draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from handprint.cell import Cell
from handprint.errors import LedgerError
from handprint.explanation import Term
from handprint.ict_path import ict_path
from handprint.observations import SPREAD
from handprint.origins import cited, corners_of, driver_said, input_term, stated
from handprint.projection import adoption_path
from handprint.results import Results
from handprint.telling import Teller, power_group
from sector_models import Sector, UseCase
from sector_models.account import Quantity, load_account

Models = Mapping[str, Sector]
Tell = Callable[[Results, Models, Cell], Iterator[Term]]
CLOSE = 1e-9


def _whose(cell: Cell) -> str:
    """Sector model of a number; empty for sums and economy-wide numbers."""
    return str(cell.labels.get("sector", ""))


def _year(results: Results, cell: Cell) -> int:
    return int(cell.labels.get("year", results.scenario.end_year))


def _cases(results: Results, model: str) -> list[str]:
    cases = results.bottom_up["use_case"]
    return [str(c) for c in cases.values[cases["model"].values == model]]


def _use_case(models: Models, case: str) -> tuple[str, UseCase]:
    """Sector model and record of a use case."""
    name = next(m for m in models if case.startswith(f"{m}."))
    return name, models[name].use_cases[case.removeprefix(f"{name}.")]


def _by_case(results: Results, cell: Cell, variable: str, symbol: str) -> Iterator[Term]:
    """A part of the bottom-up half for every use case of the sector model."""
    array = results.bottom_up[variable]
    if "year" in array.dims:
        array = array.sel(year=_year(results, cell))
    for case in _cases(results, _whose(cell)):
        unit = str(array.attrs["units"])
        yield Term(symbol, case, corners_of(array.sel(use_case=case)), unit)


def _savings(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    yield from _by_case(results, cell, "enabled", "ENB")
    yield from _by_case(results, cell, "rebound_rate", "r")


def _purchases(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    yield from _by_case(results, cell, "ict_purchases", "X_ICT")


def _net(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    now = results.bottom_up.sel(year=_year(results, cell), estimate="central")
    for case in _cases(results, _whose(cell)):
        mine = now.sel(use_case=case)
        value = float(mine["enabled"] - mine["rebound"])
        yield Term("ENB - R_direct", case, (value,) * 3, "Mt CO2")


def _table_cells(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    """Cells of the table that the levers change, as the sector file states them."""
    if not (name := _whose(cell)):
        return
    model = models[name]
    groups = [("*", a) for a in model.affected]
    groups += [(key, a) for key, use in model.use_cases.items() for a in use.affected]
    for lever, a in groups:
        rows = f"{', '.join(a.rows)} → " if a.rows else ""
        origin = {
            "status": a.status,
            "note": a.note or "",
            "sources": cited(a.source, model.sources),
        }
        place = f"{lever}: {rows}{', '.join(a.purchasers)}"
        yield Term(f"share of {a.kind}", place, (a.share,) * 3, "1", origin=origin)


def _lifetime(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    if (name := _whose(cell)) and (lifetime := models[name].ict_lifetime) is not None:
        yield input_term("n", "ict_lifetime", lifetime, models[name].sources)


def _lever(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    case = str(cell.labels["use_case"])
    for term in Teller(results, models, _year(results, cell)).inputs("enabled", case):
        if term.symbol != "overlap":
            yield term


def _spread(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    """Level of the base year and goal, with a proof."""
    scenario, case = results.scenario, str(cell.labels["use_case"])
    name, use = _use_case(models, case)
    start = float(use.adoption.over([scenario.base_year])[0])
    goal = getattr(scenario, cell.variable).get(name)
    path = adoption_path(goal, start, scenario.years).sel(year=_year(results, cell))
    if not np.allclose(corners_of(path), cell.values, rtol=CLOSE, atol=CLOSE):
        raise LedgerError(
            f"{cell.name} of {case}: the goal gives {corners_of(path)}, the result has "
            f"{cell.values}: files have changed since the run, run it again"
        )
    a = use.adoption
    about = {"status": a.status, "note": a.note or "", "year": str(scenario.base_year)}
    about["sources"] = cited(a.source, models[name].sources)
    yield Term("p_0", f"adoption {scenario.base_year}", (start,) * 3, "1", origin=about)
    if goal is not None:
        ends = (goal.low, goal.level, goal.high)
        origin = stated(goal, scenario.end_year, scenario.sources)
        yield Term("p_T", f"goal {scenario.end_year}", ends, "1", origin=origin)
        yield Term("t_m", "year of fastest spread", (goal.midpoint,) * 3, "year", origin=origin)
        yield Term("k", "steepness", (goal.speed,) * 3, "1/year", origin=origin)


def _rebound(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    name, use = _use_case(models, str(cell.labels["use_case"]))
    yield input_term("r", "rebound", use.rebound, models[name].sources)


def _respend(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    yield Teller(results, models, _year(results, cell)).respend()


def _error(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    error = results.scenario.top_down_error
    origin = stated(error, error.year, results.scenario.sources)
    yield Term("τ", "top_down_error", (error.low, error.value, error.high), "1", origin=origin)


def _base_table(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    """The same number in the year of the table."""
    first = results.scenario.base_year
    array = getattr(results, cell.dataset)[cell.variable].sel({**cell.labels, "year": first})
    origin = {"status": "derived", "sources": results.record.table_source}
    origin["note"] = f"table {results.record.table}, content {results.record.table_hash[:12]}"
    yield Term(str(first), f"{cell.name} {first}", corners_of(array), cell.unit, origin=origin)


def _covariance(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    if results.record.draws:
        yield from _draws(results, models, cell)
        return
    now = results.bottom_up.sel(year=_year(results, cell))
    mine = (now["enabled"] - now["rebound"]).sel(use_case=_cases(results, _whose(cell)))
    low, central, high = corners_of(mine.sum("use_case"))
    note = {"note": f"(high - low) / {SPREAD:.4g}: corners read as a 90 % interval"}
    yield Term("z_b", "range of the sector model", (low, central, high), "Mt CO2", origin=note)


def _adjustment(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    """The use case before, and what its sector model is moved by."""
    case, year = str(cell.labels["use_case"]), _year(results, cell)
    now = results.bottom_up.sel(use_case=case, year=year)
    yield Term("ENB - R_direct", case, corners_of(now["enabled"] - now["rebound"]), "Mt CO2")
    sector = str(now["model"].item())
    for symbol, name in (("z_b", "bottom_up"), ("z", "estimate")):
        value = float(results.reconciled[name].sel(sector=sector, year=year))
        yield Term(symbol, f"reconciled.{name} {sector}", (value,) * 3, "Mt CO2")


def _draws(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    record = results.record
    drawn = "drivers drawn" if record.draw_drivers else "drivers central"
    origin = {"note": f"{record.sampling}, seed {record.seed}, {drawn}"}
    yield Term("n", "draws", (float(record.draws),) * 3, "1", origin=origin)
    if "error" in results.quantiles.attrs:
        about = results.quantiles.attrs
        error = (float(about["error"]),) * 3
        note = {"note": f"largest standard error of a quantile, {about['where']}, over the range"}
        yield Term("ε", "sampling error", error, "1", origin=note)


def _observation(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    name = str(cell.labels["observation"])
    seen = results.scenario.observations[name]
    origin = stated(seen, seen.year, results.scenario.sources)
    yield Term(name, seen.title, (seen.low, seen.value, seen.high), seen.units, origin=origin)


def _driver(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    """Points that the value lies between."""
    label = str(next(v for k, v in cell.labels.items() if k != "year"))
    given = getattr(results.scenario, cell.variable)[label]
    year, own = _year(results, cell), results.scenario.sources
    mark = results.drivers[f"{cell.variable}_origin"].sel(cell.labels)
    points = {p.year: p for p in given.points}
    for y in sorted({max(y for y in points if y <= year), min(y for y in points if y >= year)}):
        p = points[y]
        origin = stated(p, y, own, f"{mark.item()}; " if y == year else "")
        yield Term(str(y), given.title, (p.low, p.value, p.high), given.units, origin=origin)


def _account(results: Results, models: Models, cell: Cell) -> Iterator[Term]:
    """Points of the account of ICT, or what the scenario states instead, with a proof."""
    again = ict_path(results.scenario, power_group(models))[cell.variable].sel(cell.labels)
    if not np.allclose(corners_of(again), cell.values, rtol=CLOSE, atol=0.0):
        raise LedgerError(
            f"{cell.name}: the account gives {corners_of(again)}, the result has {cell.values}: "
            "it has changed since the run, run it again"
        )
    scenario, year, own = results.scenario, _year(results, cell), results.scenario.sources
    known = load_account().quantities
    wanted = [str(cell.labels["quantity"])] if "quantity" in cell.labels else []
    if "component" in cell.labels:
        wanted = [q for q in known if _part_of(str(cell.labels["component"]), q)]
    for name in wanted:
        if name in scenario.ict_activity:
            driver = scenario.ict_activity[name]
            path = results.ict["activity"].sel(quantity=name, year=year)
            origin = driver_said(driver, year, own)
            yield Term(name, driver.title, corners_of(path), driver.units, origin=origin)
            continue
        if name == "grid_factor":
            group = power_group(models)
            path = results.drivers["intensity"].sel(group=group, year=year)
            origin = driver_said(scenario.intensity[group], year, own)
            yield Term("ι", f"intensity of {group}", corners_of(path), path.attrs["units"],
                       origin=origin)  # fmt: skip
            yield from _points(name, known[name], scenario.base_year)
            continue
        yield from _points(name, known[name], year)


def _points(name: str, quantity: Quantity, year: int) -> Iterator[Term]:
    """Points of the account around a year, or the only one there is."""
    years = [p.year for p in quantity.points]
    near = {max((y for y in years if y <= year), default=years[0]),
            min((y for y in years if y >= year), default=years[-1])}  # fmt: skip
    for point in quantity.points:
        if point.year in near:
            title = f"{quantity.title} {point.year}"
            yield input_term(name, title, point, load_account().sources)


def _part_of(component: str, quantity: str) -> bool:
    return quantity in PARTS[component] or quantity in EVERYWHERE


EVERYWHERE = ("grid_factor",)
STATION = ("sleep_coverage", "station_embodied", "station_life", "co2_in_co2e")
PARTS = {
    "data_centres": ("racks", "rack_power", "load", "pue", "generator_share", "generator_factor",
                     "dc_embodied"),
    **{f"stations_{g}": (f"stations_{g}", f"power_{g}", f"sleep_saving_{g}", *STATION)
       for g in ("2g3g", "4g", "5g")},
    "rooms": ("room_load", "room_pue", "network_embodied"),
    "fixed_network": ("network_electricity", "network_embodied"),
    **{many: (many, f"{one}_electricity", f"{one}_embodied", f"{one}_life", "co2_in_co2e")
       for many, one in (("phones", "phone"), ("computers", "computer"), ("gateways", "gateway"))},
}  # fmt: skip
"""Component -> quantities of the account that it is computed from."""

INPUTS: dict[str, Tell] = {
    "savings": _savings,
    "purchases": _purchases,
    "net_by_case": _net,
    "cells": _table_cells,
    "lever": _lever,
    "lifetime": _lifetime,
    "spread": _spread,
    "rebound": _rebound,
    "respend": _respend,
    "error": _error,
    "base_table": _base_table,
    "covariance": _covariance,
    "adjustment": _adjustment,
    "draws": _draws,
    "observation": _observation,
    "driver": _driver,
    "account": _account,
}
