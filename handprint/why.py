"""Why two runs differ: their inputs one by one, and how firm the order of levers is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

import io_tables
from handprint.errors import HandprintError, OptionError
from handprint.guards import TABLE, TEXT, WHOLE, checked
from handprint.headline import TOTAL
from handprint.pipeline import central_run, economy, run, table_of
from handprint.records import Scenario
from handprint.results import RUN, Results
from handprint.uncertainty import Plan, monte_carlo

# What a scenario says about itself changes no number.
NAMES = {"name", "title", "title_zh", "description", "base", "sector_files"}
INTERACTION, ENVIRONMENT = "interaction", "sector files, table data and versions"
NOT_STATED = "not stated"
COLUMNS = ["input", "before", "after", "effect", "unit", "note"]


@checked(zero=RUN, one=RUN, quantity=TEXT, sector=TEXT, table=TABLE)
def why(
    zero: Results,
    one: Results,
    *,
    quantity: str = "NER",
    sector: str = TOTAL,
    table: io_tables.IOTable | None = None,
) -> pd.DataFrame:
    """
    List the inputs in which two runs differ, those with the largest effect first.

    Parameters
    ----------
    zero, one : Results
        Runs before and after; same years and sectors.
    quantity : str
        Additive indicator.
    sector : str
        Sector model, or ``total``.
    table : IOTable, optional
        Table of both runs where it is not the one that their scenarios name.

    Returns
    -------
    pandas.DataFrame
        Columns input, before, after, effect, unit, note. The effect of an input is the change
        of the central value in the end year if it alone is replaced in the first run; what
        inputs do together is ``interaction``. What cannot be replaced here (sector files, table
        data and versions that have changed since a run was saved) is measured by running each
        scenario again. The effects add up to the difference of the runs, in ``attrs``.

    Raises
    ------
    OptionError
        If quantity or sector do not exist, or years or sectors of the runs differ.
    ScenarioError
        If the table is not that of the runs, or both were made with one that is not given.
    """
    for result in (zero, one):
        if quantity not in result.indicators or sector not in result.indicators["sector"].values:
            raise OptionError(f"{result.scenario.name} has no {quantity!r} of {sector!r}")
    a, b = zero.scenario, one.scenario
    if (a.years, a.sectors) != (b.years, b.sectors):
        raise OptionError(
            f"years or sectors of {a.name} and {b.name} differ: inputs cannot be replaced singly"
        )
    units = zero.indicators[quantity].attrs["units"]
    stored = [_value(r, quantity, sector) for r in (zero, one)]
    moved = [line for result in (zero, one) for line in _moved(result, table)]
    start, end = (_value(run(s, table=table), quantity, sector) for s in (a, b))
    rows: list[tuple[str, object, object, float, str, str]] = []
    for name, old, new, changed in _replaced(a, b):
        try:
            effect = _value(run(changed, table=table), quantity, sector) - start
        except HandprintError as error:
            rows.append((name, old, new, 0.0, units, f"only with others: {error}"))
            continue
        rows.append((name, old, new, effect, units, ""))
    rows.sort(key=lambda row: -abs(row[3]))
    rest = end - start - sum(row[3] for row in rows)
    if rows:
        rows.append((INTERACTION, "", "", rest, units, "what they do together"))
    drift = (stored[1] - stored[0]) - (end - start)
    facts = [*moved, *_environment(zero, one)]
    if facts or drift:
        rows.append((ENVIRONMENT, "", "", drift, units, "; ".join(facts)))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame.attrs = {
        "difference": stored[1] - stored[0], "quantity": quantity, "sector": sector,
        "year": a.end_year,
    }  # fmt: skip
    return frame


def _moved(result: Results, table: io_tables.IOTable | None) -> list[str]:
    """Refuse another table than that of a run; say where the content of its table has changed."""
    if table is not None:
        table_of(result, table)
        return []
    now, then = economy(result.scenario), result.record
    if now.name != then.table:
        table_of(result)  # effects of inputs on another table are not those of the run
    if now.content_hash == then.table_hash:
        return []
    return [
        f"table {now.name} of {then.scenario}: {then.table_hash[:12]} then, "
        f"{now.content_hash[:12]} now"
    ]


def _value(result: Results, quantity: str, sector: str) -> float:
    place = {"sector": sector, "year": result.scenario.end_year, "estimate": "central"}
    return float(result.indicators[quantity].sel(place))


def _replaced(a: Scenario, b: Scenario) -> Iterator[tuple[str, object, object, Scenario]]:
    """Name, old and new entry of each input that differs, and the scenario with it alone."""
    for field in Scenario.model_fields:
        if field in NAMES:
            continue
        old, new = getattr(a, field), getattr(b, field)
        if old == new:
            continue
        if not isinstance(old, dict) or not isinstance(new, dict):
            yield field, _brief(old), _brief(new), a.model_copy(update={field: new})
            continue
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) == new.get(key):
                continue
            kept: dict[str, object] = {**old}
            kept.pop(key, None)
            if key in new:
                kept[key] = new[key]
            changed = a.model_copy(update={field: kept})
            yield f"{field}.{key}", _brief(old.get(key)), _brief(new.get(key)), changed


def _brief(entry: object) -> object:
    """What of an entry fits into a cell: its number, or its last point."""
    if entry is None:
        return NOT_STATED
    for name in ("level", "value"):
        if hasattr(entry, name):
            return getattr(entry, name)
    points = getattr(entry, "points", None)
    if points:
        return f"{points[-1].value:g} ({points[-1].year})"
    levers = getattr(entry, "levers", None)
    return ", ".join(levers) if levers else str(entry)


def _environment(zero: Results, one: Results) -> Iterator[str]:
    """Differences of the records that are no entry of a scenario."""
    a, b = zero.record, one.record
    if a.table_hash != b.table_hash:
        yield f"content of the table: {a.table} {a.table_hash[:12]}, {b.table} {b.table_hash[:12]}"
    for name in sorted({*a.sector_hashes} & {*b.sector_hashes}):
        if a.sector_hashes[name] != b.sector_hashes[name]:
            yield f"sector file {name}"
    for package in sorted({*a.versions} & {*b.versions}):
        if a.versions[package] != b.versions[package]:
            yield f"{package}: {a.versions[package]}, {b.versions[package]}"
    if a.draws != b.draws:
        yield f"draws: {a.draws}, {b.draws} (central values do not depend on them)"


@checked(result=RUN, draws=WHOLE, seed=WHOLE, table=TABLE)
def lever_ranking(
    result: Results, *, draws: int = 500, seed: int = 1, table: io_tables.IOTable | None = None
) -> pd.DataFrame:
    r"""
    Tell how firm the order of the levers is over draws of everything that is uncertain.

    Parameters
    ----------
    result : Results
        A run.
    draws : int
        Two or more.
    seed : int
        Of the draws.
    table : IOTable, optional
        Table of the run where it is not the one that its scenario names.

    Returns
    -------
    pandas.DataFrame
        Index use case, in the order of central net effects in the end year; columns net
        [Mt CO2], rank, same_rank (share of draws with this rank [1]), lowest_rank and
        highest_rank (5th and 95th percentile, one is best). ``attrs`` state ``kendall_tau``,
        the mean rank correlation of draws with the central order: one means the same order.

    Raises
    ------
    OptionError
        If there are fewer than two draws, or the seed is negative.
    ScenarioError
        If the table is not that of the run.
    """
    if draws < 2:
        raise OptionError(f"draws is {draws}: give two or more")
    table_of(result, table)  # refuses a table that is not that of the run
    model = central_run(result.scenario, table).model()
    drawn = monte_carlo(model, Plan(draws, seed)).cases
    year = result.scenario.end_year
    net = (drawn["enabled"] - drawn["footprint"]).sel(year=year).transpose("use_case", "draw")
    central = result.bottom_up.sel(year=year, estimate="central")
    mine = (central["enabled"] - central["footprint"]).to_series().loc[net["use_case"].values]
    order = (-mine).rank(method="first").astype(int)
    ranks = np.argsort(np.argsort(-net.values, axis=0, kind="stable"), axis=0) + 1
    low, high = np.quantile(ranks, [0.05, 0.95], axis=1, method="nearest")
    taus = [float(kendalltau(order.to_numpy(), column).statistic) for column in ranks.T]
    frame = pd.DataFrame(
        {
            "net": mine,
            "rank": order,
            "same_rank": (ranks == order.to_numpy()[:, None]).mean(axis=1),
            "lowest_rank": high.astype(int),
            "highest_rank": low.astype(int),
        }
    ).sort_values("rank")
    frame.attrs = {
        "kendall_tau": float(np.mean(taus)), "draws": draws, "seed": seed, "units": "Mt CO2",
        "year": year,
    }  # fmt: skip
    return frame
