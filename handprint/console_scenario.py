"""What a terminal shows of a scenario, and of the checks whether runs are plausible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handprint.compare import Comparison
from handprint.console import _console, _table
from handprint.console_evidence import range_text
from handprint.i18n import check_language, label
from handprint.inherited import differences, driver_groups, lineage, settings
from handprint.plausibility import plausibility, rows_of, together
from handprint.projection import ESTIMATES, INTERPOLATED, adoption_path, driver_origin, driver_path
from handprint.records import AdoptionGoal, Scale, Scenario, Share
from handprint.results import Results, cited
from handprint.wording import sector_name

SPREADS = ("adoption", "reference_adoption")
ENDS = ("low", "value", "level", "high")
MOST_YEARS = 11
STYLES = {"fails": "bold red", "warning": "yellow", "note": "cyan", "ok": "green"}


def print_plausibility(
    results: Results | Comparison | Iterable[Results],
    lang: str = "en",
    console: Console | None = None,
    *,
    every: bool = False,
) -> pd.DataFrame:
    """
    Print what is not in order with runs.

    Parameters
    ----------
    results : Results, Comparison or iterable of Results
        As in :func:`handprint.plausibility.plausibility`.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    every : bool
        Print checks that are in order too.

    Returns
    -------
    pandas.DataFrame
        All checks.
    """
    out = console or _console()
    found = plausibility(results, lang)
    rows = found if every else found[found["verdict"] != "ok"]
    if rows.empty:
        out.print(label("plausibility_fine", lang, count=len(found)))
        return found
    key = "plausibility_all" if every else "plausibility_title"
    out.print(f"[bold]{label(key, lang, count=len(found))}[/bold]")
    several = len(set(found["scenario"]))
    for names, row in together(rows_of(rows)):
        whose = label("plausibility_all_runs", lang) if len(names) == several else ", ".join(names)
        whose = f"{whose} · " if several > 1 else ""
        verdict = f"[{STYLES[row.verdict]}]{label(f'verdict_{row.verdict}', lang)}[/]"
        text = escape(f"{whose}{row.explanation}")
        out.print(f"  {verdict} · {text}", highlight=False, soft_wrap=True)
    out.print(label("plausibility_note", lang), highlight=False, style="dim", soft_wrap=True)
    return found


def print_scenario(
    scenario: str | Path | Scenario,
    lang: str = "en",
    console: Console | None = None,
    *,
    notes: bool | None = None,
) -> None:
    """
    Print everything that a scenario says, and what it inherits.

    Parameters
    ----------
    scenario : str, path or Scenario
        Scenario.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    notes : bool, optional
        Print the notes of numbers, which are written in English; if not given, in English only.
    """
    out = console or _console()
    check_language(lang)
    notes = lang == "en" if notes is None else notes
    chain = lineage(scenario)
    mine = chain[0]
    _head(out, chain, lang, notes=notes)
    for group in driver_groups(mine):
        out.print(_driver_table(mine, group, lang))
    out.print(label("scenario_marks", lang), style="dim")
    for kind in SPREADS:
        _spread(out, mine, kind, lang, notes=notes)
    out.print(f"\n[bold]{label('scenario_points', lang)}[/bold]")
    for group, drivers in driver_groups(mine).items():
        for name, driver in drivers.items():
            title = driver.title_zh if lang == "zh" else driver.title
            place = group if name == group else f"{group}.{name}"
            _line(out, f"  [bold]{escape(place)}[/bold] {escape(f'{title} [{driver.units}]')}")
            for point in driver.points:
                value = range_text(point.low, point.value, point.high)
                _origin(out, f"    {point.year}: {value}", point, lang, notes=notes)
    if not notes:
        out.print(label("notes_left_out", lang))
    _changes(out, chain, lang)
    out.print(f"\n[bold]{label('page_sources', lang)}[/bold]")
    for key, entry in cited(mine).items():
        _line(out, f"  {escape(key)}: {escape(entry['title'])}. {escape(entry['publisher'])}, "
              f"{entry['year']}")  # fmt: skip


def scenario_record(scenario: str | Path | Scenario) -> dict[str, Any]:
    """
    Describe a scenario for other programs.

    Parameters
    ----------
    scenario : str, path or Scenario
        Scenario.

    Returns
    -------
    dict
        Every entry, with the chain of bases, each driver by year with its origin, adoption by
        year, differences from the base, and the sources that are cited.
    """
    chain = lineage(scenario)
    mine = chain[0]
    changes = differences(mine, chain[1]) if len(chain) > 1 else []
    return {
        "scenario": mine.model_dump(mode="json"),
        "inherits": [s.name for s in chain[1:]],
        "drivers": {
            group: {name: _by_year(mine, group, name) for name in drivers}
            for group, drivers in driver_groups(mine).items()
        },
        **{
            kind: {
                name: {
                    e: path.sel(estimate=e).values.tolist()
                    for path in [adoption_path(goal, 0.0, mine.years)]
                    for e in ESTIMATES
                }
                for name, goal in getattr(mine, kind).items()
            }
            for kind in SPREADS
        },
        "years": mine.years,
        "differences": [d._asdict() for d in changes],
        "sources": cited(mine),
    }


def _by_year(scenario: Scenario, group: str, name: str) -> dict[str, Any]:
    driver = driver_groups(scenario)[group][name]
    path = driver_path(driver, scenario.years)
    return {
        **{e: path.sel(estimate=e).values.tolist() for e in ESTIMATES},
        "origin": driver_origin(driver, scenario.years).values.tolist(),
        "units": driver.units,
    }


def _head(out: Console, chain: list[Scenario], lang: str, *, notes: bool) -> None:
    """Print title, bases and settings that have one value for all years."""
    mine = chain[0]
    title = mine.title_zh if lang == "zh" else mine.title
    _line(out, f"[bold]{escape(mine.name)}[/bold] · {escape(title)}")
    if notes and mine.description:
        _line(out, escape(mine.description))
    bases = " → ".join(s.name for s in chain[1:]) or label("scenario_no_base", lang)
    sectors = ", ".join(sector_name(s, lang) for s in mine.sectors)
    settings = {
        "scenario_base": bases,
        "scenario_years": f"{mine.base_year}-{mine.end_year}",
        "scenario_table": f"{mine.table}, {label(f'imports_{mine.imports}', lang)}, "
        f"{mine.satellite}",
        "scenario_sectors": sectors,
        "scenario_ict": ", ".join(mine.ict),
    }
    for key, value in settings.items():
        _line(out, f"  {label(key, lang)}: {escape(value)}")
    single: dict[str, Share | Scale | None] = {
        "input_respend": mine.respend,
        "scenario_rebound": mine.rebound_scale,
        "scenario_error": mine.top_down_error,
    }
    for key, number in single.items():
        if number is None:
            _line(out, f"  {label(key, lang)}: {label('scenario_files', lang)}")
        else:
            value = range_text(number.low, number.value, number.high)
            _origin(out, f"  {label(key, lang)}: {value}", number, lang, notes=notes)
    if mine.ict_intensity is None:
        _line(out, f"  {label('driver_ict_intensity', lang)}: {label('scenario_constant', lang)}")
    for group in ("overrides", "observations"):
        entries = list(_records(getattr(mine, group), group))
        none = "" if entries else f" {label('scenario_none', lang)}"
        _line(out, f"  {label(f'scenario_{group}', lang)}:{none}")
        for place, record in entries:
            value = range_text(record.low, record.value, record.high)
            text = f"    {escape(place)} = {value} {escape(f'[{record.units}]')}"
            _origin(out, text, record, lang, notes=notes)
    out.print()


def _records(value: object, place: str) -> Iterator[tuple[str, Any]]:
    """Numbers with an origin at any depth of an entry, each under its place."""
    if isinstance(value, BaseModel):
        if hasattr(value, "status"):
            yield place, value
            return
        value = dict(value)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _records(inner, f"{place}.{key}")


def _driver_table(scenario: Scenario, group: str, lang: str) -> Table:
    """Central values by year; what is interpolated stands in brackets and is dim."""
    years = _shown(scenario.years)
    drivers = driver_groups(scenario)[group]
    units = ", ".join(dict.fromkeys(d.units for d in drivers.values()))
    table = _table(f"{_group_name(group, lang)} [{escape(units)}]")
    table.add_column(label("driver", lang))
    for year in years:
        table.add_column(str(year), justify="right")
    for name, driver in drivers.items():
        path = driver_path(driver, years).sel(estimate="central").values
        marks = driver_origin(driver, years).values
        cells = [
            f"[dim italic]({value:.2f})[/]" if mark == INTERPOLATED else f"{value:.2f}"
            for value, mark in zip(path, marks, strict=True)
        ]
        title = driver.title_zh if lang == "zh" else driver.title
        shown = sector_name(name, lang) if group in ("activity", "intensity") else title
        table.add_row(escape(label("driver_other", lang) if name == "other" else shown), *cells)
    return table


def _group_name(group: str, lang: str) -> str:
    """Name of a table of drivers; its key, where it is not one of those that have a text."""
    known = {"demand": "driver_demand", "activity": "driver_activity",
             "intensity": "driver_intensity", "ict_intensity": "driver_ict_intensity",
             "structure": "driver_structure", "coefficients": "driver_coefficients",
             "ict_activity": "driver_ict_activity"}  # fmt: skip
    return label(known[group], lang) if group in known else group


def _spread(out: Console, scenario: Scenario, kind: str, lang: str, *, notes: bool) -> None:
    """Print adoption by sector model and year, and what it rests on."""
    goals: dict[str, AdoptionGoal] = getattr(scenario, kind)
    title = label(f"scenario_{kind}", lang, year=scenario.base_year)
    if not goals:
        out.print(f"[bold]{title}[/bold]: {label('scenario_stays', lang)}", highlight=False)
        return
    years = _shown(scenario.years)
    table = _table(title)
    table.add_column(label("sector", lang))
    for year in years:
        table.add_column(str(year), justify="right")
    for name in scenario.sectors:
        path = adoption_path(goals.get(name), 0.0, scenario.years).sel(estimate="central")
        cells = [f"{float(path.sel(year=y)):.0%}" for y in years]
        table.add_row(escape(sector_name(name, lang)), *cells)
    out.print(table)
    for name, goal in goals.items():
        value = range_text(goal.low, goal.level, goal.high)
        curve = label("scenario_curve", lang, midpoint=goal.midpoint, speed=goal.speed)
        text = f"  [bold]{kind}.{escape(name)}[/bold] = {value}, {curve}"
        _origin(out, text, goal, lang, notes=notes)


def _changes(out: Console, chain: list[Scenario], lang: str) -> None:
    """Print what differs from the base."""
    if len(chain) < 2:
        return
    out.print(f"\n[bold]{label('scenario_changes', lang, base=chain[1].name)}[/bold]")
    for place, before, after in _merged(chain[0], chain[1]):
        if before is None or after is None:
            key = "scenario_new" if before is None else "scenario_gone"
            text = label(key, lang, value=after if before is None else before)
        else:
            text = f"{before} → {after}"
        _line(out, f"  {escape(place)}: {escape(text)}")


def _merged(scenario: Scenario, base: Scenario) -> Iterator[tuple[str, str | None, str | None]]:
    """One line for what is new or gone as a whole, and for a value with its range."""
    sides = settings(base), settings(scenario)
    changes = differences(scenario, base)
    for entry, group in groupby(changes, key=lambda d: _entry(d.place, scenario)):
        places = list(dict.fromkeys(_whole(d.place) for d in group))
        lines = [(p, _written(sides[0], p), _written(sides[1], p)) for p in places]
        there = [any(f"{p}.".startswith(f"{entry}.") for p in side) for side in sides]
        if not all(there) and not entry.startswith("overrides."):
            # Of what is new or gone as a whole, the level or the last year says enough.
            lines = [next((line for line in lines if line[0] == entry), lines[-1])]
        yield from lines


def _entry(place: str, scenario: Scenario) -> str:
    """The entry of a scenario file to which a place belongs, such as ``activity.power``."""
    head, _, rest = place.partition(".")
    grouped = isinstance(getattr(scenario, head), Mapping)
    return f"{head}.{rest.split('.')[0]}" if grouped else head


def _whole(place: str) -> str:
    """Place of a value together with its range."""
    above, _, last = place.rpartition(".")
    return above if last in ENDS else place


def _written(known: Mapping[str, Any], place: str) -> str | None:
    """A setting as text, a value with its range; None if there is none."""
    span = [known[f"{place}.{end}"] for end in ENDS if f"{place}.{end}" in known]
    if len(span) == 3:
        return range_text(*span)
    plain = known.get(place)
    if plain is None:
        return None
    return ", ".join(map(str, plain)) if isinstance(plain, list) else str(plain)


def _shown(years: list[int]) -> list[int]:
    """Years that fit beside each other, the first and the last among them."""
    step = -(-(len(years) - 1) // (MOST_YEARS - 1))
    return [*years[:-1:step], years[-1]]


def _origin(out: Console, text: str, record: Any, lang: str, *, notes: bool) -> None:
    """Print a number with status and source, and its note."""
    keys = record.source if isinstance(record.source, str) else ", ".join(record.source)
    _line(out, f"{text} · {label(record.status, lang)}: {escape(keys)}")
    if notes and record.note:
        out.print(f"      {escape(record.note)}", highlight=False, style="dim", soft_wrap=True)


def _line(out: Console, text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)
