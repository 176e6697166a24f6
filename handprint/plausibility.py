"""Whether a run is plausible: what cannot be, what has never been, and what misses the targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.compare import Comparison
from handprint.consistency import credit, growth
from handprint.errors import ArgumentError, ScenarioError
from handprint.guards import shown
from handprint.i18n import check_language, label
from handprint.projection import GROUPS, ict_index
from handprint.results import Results
from handprint.wording import number, sector_name
from handprint.yardsticks import Target, histories, national

Verdict = Literal["ok", "note", "warning", "fails"]
SATURATED = 0.95  # of all that can be adopted
ROUNDING = 1e-9  # relative; below it a number is the same, or zero
COLUMNS = [
    "check",
    "scenario",
    "where",
    "value",
    "threshold",
    "unit",
    "verdict",
    "explanation",
]
REFERENCE, LEVERS = "reference", "with_levers"


class Row(NamedTuple):
    """Outcome of one check at one place."""

    check: str
    scenario: str
    where: str
    value: float
    threshold: float
    unit: str
    verdict: Verdict
    explanation: str


def plausibility(
    results: Results | Comparison | Iterable[Results], lang: str = "en"
) -> pd.DataFrame:
    """
    Check whether runs are plausible.

    Parameters
    ----------
    results : Results, Comparison or iterable of Results
        One run, or several that are to be compared; then the drivers of each are held against
        those of the first.
    lang : {"en", "zh"}
        Language of the explanations.

    Returns
    -------
    pandas.DataFrame
        Columns check, scenario, where (sector model, emitter, driver or economy), value,
        threshold, unit, verdict, explanation. ``fails``: it cannot be. ``warning``: it would be
        new, or misses a national target. ``note``: to be known when comparing, or not judged.

    Raises
    ------
    ArgumentError
        If it is no run.
    ScenarioError
        If no run is given, or one was made before runs kept what is needed.

    Notes
    -----
    Adoption is checked in the low, central and high case, its pace in the central one. Reference
    emissions of sector models, activity times intensity, are held against those that the
    projected tables book for the same emitters, which follow final demand. National
    targets are checked on the central case, on emissions of all sectors and households. GDP is
    value added of the projected tables at constant prices, taken to be the same with levers:
    these change inputs, and what is saved is largely spent again.

    Examples
    --------
    >>> import handprint
    >>> found = plausibility(handprint.run("frozen-digitalisation"))
    >>> found.query("verdict == 'fails'").empty
    True
    """
    check_language(lang)
    runs = _runs(results)
    rows: list[Row] = []
    for run in runs:
        rows += [*_adoption(run, lang), *_below_zero(run, lang)]
        name = run.scenario.name
        rows += [Row(f.check, name, *f[1:]) for f in (*credit(run, lang), *growth(run, lang))]
        rows += _targets(run, lang)
    for other in runs[1:]:
        rows.append(_drivers(other, runs[0], lang))
    return pd.DataFrame(rows, columns=COLUMNS)


def rows_of(found: pd.DataFrame) -> list[Row]:
    """
    List the outcomes of checks.

    Parameters
    ----------
    found : pandas.DataFrame
        From :func:`plausibility`, or part of it.

    Returns
    -------
    list of Row
        In the same order.
    """
    return [Row._make(values) for values in found.itertuples(index=False, name=None)]


def together(rows: Iterable[Row]) -> list[tuple[list[str], Row]]:
    """
    Put outcomes that say the same of several scenarios together.

    Parameters
    ----------
    rows : iterable of Row
        Outcomes of checks.

    Returns
    -------
    list of tuple
        Scenarios and the first of their rows, in the order of first appearance.
    """
    found: dict[tuple[str, str, str], tuple[list[str], Row]] = {}
    for row in rows:
        names, _ = found.setdefault((row.verdict, row.check, row.explanation), ([], row))
        names.append(row.scenario)
    return list(found.values())


def check_title(check: str, lang: str = "en") -> str:
    """
    Name a check.

    Parameters
    ----------
    check : str
        Key in the column ``check`` of :func:`plausibility`.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        For a national target its title.

    Examples
    --------
    >>> check_title("saturation"), check_title("peak", "zh")
    ('saturation before the end', '二氧化碳排放2030年前达峰')
    """
    target = national().targets.get(check)
    if target is None:
        return label(f"check_{check}", lang)
    return target.title_zh if lang == "zh" else target.title


def _runs(results: object) -> list[Results]:
    """List the runs, all of a kind that can be judged."""
    if isinstance(results, Comparison):
        results = results.results
    runs = [results] if isinstance(results, Results) else results
    if isinstance(runs, str) or not isinstance(runs, Iterable):
        raise ArgumentError(f"plausibility takes results of runs, given {shown(results)}")
    runs = list(runs)
    for run in runs:
        if not isinstance(run, Results):
            raise ArgumentError(
                f"plausibility takes results of runs, given {shown(run)}: run it first"
            )
        if "emitters_before" not in run.top_down:
            raise ScenarioError(
                f"{run.scenario.name}: the run does not keep emissions by emitter: run it again"
            )
    if not runs:
        raise ScenarioError("plausibility needs a run, given none")
    return runs


def _adoption(run: Results, lang: str) -> Iterator[Row]:
    """Adoption over one, faster than ever seen, or at its ceiling before the end."""
    name, years = run.scenario.name, run.scenario.years
    past = max(histories().values(), key=lambda h: h.pace)
    title = past.title_zh if lang == "zh" else past.title
    by_model = run.bottom_up["adoption"].groupby("model").max()
    for model in run.scenario.sectors:
        path = by_model.sel(model=model)
        said = {"sector": sector_name(model, lang)}
        highest = float(path.max())
        over = highest > 1 + ROUNDING
        yield Row(
            "adoption_over_one", name, model, highest, 1.0, "1", "fails" if over else "ok",
            label("because_over_one" if over else "because_up_to", lang, **said, value=highest),
        )  # fmt: skip
        central = path.sel(estimate="central")
        start, end = (float(central.sel(year=y)) for y in (years[0], years[-1]))
        pace = (end - start) / (1 - start) / (years[-1] - years[0]) if start < 1 else 0.0
        # Both are stated in two or three digits: less than a tenth of a point is no difference.
        fast = round(pace, 3) > round(past.pace, 3)
        key = "because_too_fast" if fast else "because_not_faster"
        because = label(key, lang, **said, value=pace, past=past.pace, title=title)
        verdict: Verdict = "warning" if fast else "ok"
        yield Row("adoption_pace", name, model, pace, past.pace, "1/year", verdict, because)
        yield _saturation(run, model, path, lang)


def _saturation(run: Results, model: str, path: xr.DataArray, lang: str) -> Row:
    """Say whether next to nothing is left to adopt before the run ends, in any case."""
    before = path.isel(year=slice(None, -1)).max("estimate")
    highest = float(before.max())
    reached = before["year"].values[before.values >= SATURATED]
    full = bool(reached.size)
    key = "because_saturated" if full else "because_room"
    year = int(reached[0]) if full else run.scenario.end_year
    because = label(key, lang, sector=sector_name(model, lang), year=year, value=highest)
    verdict: Verdict = "warning" if full else "ok"
    return Row(
        "saturation", run.scenario.name, model, highest, SATURATED, "1", verdict, because
    )  # fmt: skip


def _below_zero(run: Results, lang: str) -> Iterator[Row]:
    """Emissions left of each emitter, of households and of each sector model: the least of each."""
    top, parts = run.top_down, run.indicators
    before = top["emitters_before"]
    saved_at_home = top["households"].sum("sector")
    sectors = list(run.scenario.sectors)
    net = parts["enabled"] - parts["rebound_direct"]
    left = {
        "emitter": before + top["emitters"].sum("sector"),
        "households": run.ledger["households"] - saved_at_home,
        "sector": (parts["reference"] - net).sel(sector=sectors),
    }
    for kind, array in left.items():
        cell = array.isel(array.argmin(dim=list(array.dims)))
        year, least = int(cell["year"]), float(cell)
        where = kind if kind == "households" else str(cell[kind].item())
        below = least < -ROUNDING * float(abs(before).max())
        named = {
            "emitter": where,
            "households": label("ledger_households", lang),
            "sector": sector_name(where, lang),
        }
        key = "because_below_zero" if below else "because_above_zero"
        because = label(key, lang, who=named[kind], year=year, value=number(least))
        yield Row(
            "emissions_below_zero", run.scenario.name, where, least, 0.0, "Mt CO2",
            "fails" if below else "ok", because,
        )  # fmt: skip


def economies(run: Results) -> xr.Dataset:
    """
    Lay out CO2 and GDP of the whole economy, as national targets count them.

    Parameters
    ----------
    run : Results
        One run.

    Returns
    -------
    xarray.Dataset
        ``emissions`` (economy, year) [Mt CO2] of all sectors and households, in the reference
        and with levers, ICT's own footprint and rebound; ``gdp`` (year) [10^4 CNY, constant
        prices]; ``intensity`` (economy, year) [Mt CO2/10^4 CNY].
    """
    top = run.top_down.sel(estimate="central", drop=True)
    home = run.ledger["households"]
    emissions = xr.concat(
        [
            top["total_before"] + home,
            top["total_after_respending"] + home - top["households"].sum("sector"),
        ],
        dim="economy",
    ).assign_coords(economy=[REFERENCE, LEVERS])
    gdp = top["value_added"]
    return xr.Dataset(
        {
            "emissions": emissions.assign_attrs(units="Mt CO2"),
            "gdp": gdp,
            "intensity": (emissions / gdp).assign_attrs(units="Mt CO2/10^4 CNY"),
        }
    )


def _targets(run: Results, lang: str) -> Iterator[Row]:
    """National targets, in the reference economy and with levers."""
    known, table = national(), run.record.table
    own = table.startswith(known.tables)
    data = economies(run)
    years = [int(y) for y in data["year"].values]
    for key, target in known.targets.items():
        said = {"title": check_title(key, lang), "target": target.value}
        for economy in (REFERENCE, LEVERS):
            value = _reached(target, data.sel(economy=economy)) if own else None
            verdict: Verdict = "note"
            if not own:
                because = label("because_foreign", lang, **said, table=table)
            elif value is None:
                because = label(
                    "because_out_of_years", lang, **said, first=years[0], last=years[-1]
                )
            else:
                said |= {"economy": label(f"economy_{economy}", lang), "value": value}
                verdict, because = _judged(target, value, said, lang)
            shown_value = np.nan if value is None else value
            yield Row(
                key, run.scenario.name, economy, shown_value, target.value, target.units, verdict,
                because,
            )  # fmt: skip


def _judged(
    target: Target, value: float, said: Mapping[str, object], lang: str
) -> tuple[Verdict, str]:
    """Say whether a target is met: a peak comes before its year, a change is as deep or deeper."""
    if target.kind == "peak":
        met = value < target.value
        because = label("because_peaks" if met else "because_no_peak", lang, **said)
    else:
        met = value <= target.value
        told = {**said, "value": _beside(value, target.value)}
        because = label("because_met" if met else "because_missed", lang, **told)
    return ("ok" if met else "warning"), because


def _beside(value: float, target: float) -> str:
    """Two digits, or as many as tell a value from its target."""
    digits = 2
    while digits < 6 and value != target and round(value, digits) == target:
        digits += 1
    return f"{value:+.{digits}f}"


def _reached(target: Target, data: xr.Dataset) -> float | None:
    """Year of the peak, or change of intensity [%]; None if the run does not cover the years."""
    years = [int(y) for y in data["year"].values]
    if target.year not in years:
        return None
    if target.kind == "peak":
        return float(data["emissions"].idxmax("year"))
    intensity = data["intensity"]
    start, before = target.base_year, 1.0
    if start not in years:
        known = [r for r in national().reached.values() if r.base_year == start]
        if not known or known[0].year not in years:
            return None
        start, before = known[0].year, 1 + known[0].value / 100
    change = float(intensity.sel(year=target.year) / intensity.sel(year=start))
    return 100 * (before * change - 1)


def _drivers(other: Results, first: Results, lang: str) -> Row:
    """List drivers that differ between runs: their difference then has more causes than levers."""
    years = sorted({*first.scenario.years} & {*other.scenario.years})
    differ = [
        f"{group}.{name}"
        for group, dim in GROUPS
        for name in _differing(first.drivers[group], other.drivers[group], dim, years)
    ]
    a, b = (ict_index(run.scenario).sel(year=years).values for run in (first, other))
    if not np.allclose(a, b, rtol=ROUNDING, atol=0):
        differ.append("ict_intensity")
    count = len(differ)
    shown_few = ", ".join(differ[:3]) + (" ..." if count > 3 else "")
    said = {"base": first.scenario.name, "count": count, "names": shown_few}
    because = label("because_drivers_differ" if differ else "because_same_drivers", lang, **said)
    return Row(
        "drivers_differ", other.scenario.name, ", ".join(differ), float(count), 0.0, "drivers",
        "note" if differ else "ok", because,
    )  # fmt: skip


def _differing(a: xr.DataArray, b: xr.DataArray, dim: str, years: list[int]) -> list[str]:
    """Names of which the central paths differ, or that one of the runs does not have."""
    central = [array.sel(estimate="central", year=years) for array in (a, b)]
    both = xr.align(*central, join="outer", exclude=["year"])  # NaN where a driver is missing
    mine, others = (array.transpose(dim, "year") for array in both)
    same = np.isclose(mine, others, rtol=ROUNDING, atol=0).all(axis=1)
    return [str(name) for name in mine[dim].values[~same]]
