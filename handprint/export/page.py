"""One page with the whole result: words, tables, figures, evidence. No network, no script."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import xarray as xr

from handprint.compare import Comparison
from handprint.export.association_section import association_section
from handprint.export.evidence import (
    agreement_section,
    ledger_section,
    parameters_section,
    record_section,
    sources_section,
)
from handprint.export.ict_section import ict_section
from handprint.export.judged import caveats_section, plausibility_section
from handprint.export.markup import Html, figure, joined, section, table, tag
from handprint.headline import TOTAL
from handprint.i18n import check_language, label
from handprint.plots import (
    comparison_figure,
    no_effect,
    picture,
    waterfall_figure,
    wedges_figure,
)
from handprint.results import Results, write
from handprint.wording import (
    MINUS,
    corners,
    number,
    numbers,
    precision,
    scenario_name,
    sector_name,
    span,
)

MAIN, RATIOS = "current-policy", ("EI", "VEI_gross", "VEI_net", "VEI_share")
PARTS = ("enabled", "footprint", "NER", "rebound_direct", "rebound_respending", "NER_star")
MISSING = "\N{EN DASH}"


def page(comparison: Comparison, path: Path | str, lang: str = "en") -> Path:
    """
    Write a comparison as one HTML file that needs nothing else.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    path : path
        Written under a temporary name and renamed; an existing file is replaced.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    FontError
        If no installed font has the characters of the figures.
    """
    check_language(lang)
    main = main_result(comparison)
    sections = {
        "indicators": _indicators(main, lang),
        "emissions": _emissions(main, lang),
        "scenarios": _scenarios(comparison, lang),
        "cumulative": _cumulative(comparison, lang),
        "agreement": agreement_section(main, lang),
        "association": association_section(main, lang),
        "ict": ict_section(main, lang),
        "plausibility": plausibility_section(comparison, lang),
        "caveats": caveats_section(main, lang),
        "parameters": parameters_section(main, lang),
        "ledger": ledger_section(main, lang),
        "record": record_section(comparison.results, lang),
        "sources": sources_section(lang, comparison.results),
    }
    links = [tag("a", label(f"page_{key}", lang), href=f"#{key}") for key in sections]
    title = label("page_title", lang, year=main.scenario.end_year)
    style = (resources.files("handprint") / "data" / "page.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(style)),
    )
    top = tag("header", tag("h1", title), _under(main, lang), *_answer(main, lang))
    contents = tag("nav", joined(links, " "), aria_label=label("page_contents", lang))
    foot = tag(
        "footer", label("page_footer", lang, version=main.record.versions.get("handprint", ""))
    )
    body = tag("body", top, tag("main", contents, *sections.values()), foot)
    whole = tag("html", head, body, lang="zh-CN" if lang == "zh" else "en")
    write(Path(path), f"<!DOCTYPE html>\n{whole}\n")
    return Path(path)


def main_result(comparison: Comparison) -> Results:
    """
    Choose the run that the page speaks about first.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.

    Returns
    -------
    Results
        Current policy where it is among them, otherwise the last run that has an effect.
    """
    ranks = [(r.scenario.name == MAIN, not no_effect(r.indicators)) for r in comparison.results]
    best = max(range(len(ranks)), key=lambda i: (ranks[i], i))
    return comparison.results[best]


def _under(results: Results, lang: str) -> Html:
    scenario = results.scenario
    text = label(
        "page_under",
        lang,
        name=scenario.name,
        title=scenario.title_zh if lang == "zh" else scenario.title,
        table=results.record.table,
        base=scenario.base_year,
        year=scenario.end_year,
    )
    return tag("p", text, class_="under")


def _answer(results: Results, lang: str) -> list[Html]:
    """Say the result in words, and what it is made of."""
    if no_effect(results.indicators):
        return [tag("p", label("no_effect", lang), class_="answer")]
    end = results.indicators.sel(sector=TOTAL).isel(year=-1)
    low, star, high = corners(end["NER_star"])
    central = {str(k): float(v.sel(estimate="central")) for k, v in end.data_vars.items()}
    said = label(
        "page_answer" if star >= 0 else "page_answer_adds",
        lang,
        year=results.scenario.end_year,
        scenario=scenario_name(results.scenario, lang),
        star=number(abs(star)),
        span=span(end["NER_star"], lang),
        share=f"{number(100 * star / central['reference'], 1)} %",
    )
    shown = numbers(central[k] for k in PARTS)
    parts = dict(zip(PARTS, shown, strict=True))
    respent = central["rebound_respending"]
    steps = [
        label("page_steps", lang, **parts),
        label(
            "page_respend_takes" if respent >= 0 else "page_respend_gives",
            lang,
            amount=parts["rebound_respending"].removeprefix(MINUS),
        ),
    ]
    found = [tag("p", said, class_="answer")]
    if "NER_star" in results.quantiles:
        drawn = results.quantiles["NER_star"].sel(sector=TOTAL).isel(year=-1)
        low_end, high_end = numbers(float(drawn.sel(quantile=q)) for q in (0.05, 0.95))
        ends = label("page_draws", lang, draws=results.record.draws, low=low_end, high=high_end)
        found.append(tag("p", ends))
    if low < 0 < high:
        found.append(tag("p", label("page_zero_inside", lang), class_="warn"))
    return [*found, tag("p", (" " if lang == "en" else "").join(steps))]


def _indicators(results: Results, lang: str) -> Html:
    year = results.scenario.end_year
    name = scenario_name(results.scenario, lang)
    data = results.indicators.sel(year=year)
    empty = no_effect(results.indicators)
    digits = _digits(data, PARTS)
    sectors = [str(s) for s in data["sector"].values]
    names = ("NER", "NER_star", *RATIOS)
    rows = [
        [sector_name(s, lang), *(_indicator(results, key, s, year, lang) for key in names)]
        for s in sectors
    ]
    caption = label("page_indicators_table", lang, scenario=name, year=year)
    head = [label("sector", lang), *(_headed(key, lang) for key in names)]
    content = [_total(table(caption, head, rows))]
    left_out = sorted({*results.indicators["year"].values} - {*_ratio_years(results)})
    if left_out:
        years = ", ".join(str(int(y)) for y in left_out)
        content.append(tag("p", label("page_undefined", lang, years=years), class_="note"))
    if "NER" in results.quantiles:
        content.append(_quantiles(results, name, year, lang))
    total = data.sel(sector=TOTAL)
    values = dict(zip(PARTS, numbers(corners(total[k])[1] for k in PARTS), strict=True))
    alt = label("alt_waterfall", lang, year=year, **values)
    drawn = picture(waterfall_figure(results, lang=lang), "svg")
    caption = label("waterfall_note", lang)
    content.append(figure(drawn, _alt(alt, empty, lang), caption))
    rows = [
        [sector_name(s, lang), *(_cell(data[k].sel(sector=s), lang, digits) for k in PARTS)]
        for s in sectors
    ]
    caption = label("page_steps_table", lang, scenario=name, year=year)
    head = [label("sector", lang), *(label(key, lang) for key in PARTS)]
    content.append(_total(table(caption, head, rows)))
    base = results.scenario.base_year
    keys = ("actual_reduction", "lesser_increase")
    rows = [
        [sector_name(s, lang), *(_cell(data[k].sel(sector=s), lang, digits) for k in keys)]
        for s in sectors
    ]
    caption = label("page_growth_table", lang, scenario=name, year=year, base=base)
    head = [label("sector", lang), *(label(key, lang) for key in keys)]
    content += [_total(table(caption, head, rows)), _definitions(results, lang)]
    return section("indicators", label("page_indicators", lang), *content)


def _quantiles(results: Results, name: str, year: int, lang: str) -> Html:
    shown = (0.05, 0.5, 0.95)
    names = ("NER", "NER_star")
    data = results.quantiles[list(names)].sel(year=year, quantile=list(shown))
    digits = _digits(data, names)
    rows = [
        [
            sector_name(str(s), lang),
            *(number(float(v), digits) for k in names for v in data[k].sel(sector=s).values),
        ]
        for s in data["sector"].values
    ]
    head = [label("sector", lang)]
    head += [f"{label(f'{k}_short', lang)} {q:.0%}" for k in names for q in shown]
    record = results.record
    caption = label(
        "page_quantiles_table", lang, scenario=name, year=year, draws=record.draws, seed=record.seed
    )
    return _total(table(caption, head, rows))


def _definitions(results: Results, lang: str) -> Html:
    """Print the definition that every indicator carries with it."""
    attribute = "definition_zh" if lang == "zh" else "definition"
    entries: list[str] = []
    for data in (results.indicators, results.ratios):
        for key, array in data.data_vars.items():
            if attribute in array.attrs:
                entries += [tag("dt", label(str(key), lang)), tag("dd", array.attrs[attribute])]
    return joined([tag("h3", label("page_definitions", lang)), tag("dl", *entries)])


def _emissions(results: Results, lang: str) -> Html:
    year = results.scenario.end_year
    end = results.indicators.sel(sector=TOTAL, year=year, estimate="central")
    left = float(end["reference"] - end["enabled"] + end["rebound_direct"])
    alt = label(
        "alt_wedges", lang, year=year, reference=number(float(end["reference"])), left=number(left)
    )
    drawn = picture(wedges_figure(results, lang=lang), "svg")
    caption = label("wedges_note", lang)
    shown = figure(drawn, _alt(alt, no_effect(results.indicators), lang), caption)
    return section("emissions", label("page_emissions", lang), shown)


def _scenarios(comparison: Comparison, lang: str) -> Html:
    levels = comparison.levels.sel(sector=TOTAL)
    years = [int(y) for y in levels["year"].values]
    empty = all(no_effect(r.indicators) for r in comparison.results)
    drawn = picture(comparison_figure(comparison, lang=lang), "svg")
    alt = _alt(label("alt_comparison", lang), empty, lang)
    content = [figure(drawn, alt, label("comparison_note", lang))]
    digits = _digits(levels, PARTS)
    end = levels.isel(year=-1)
    caption = label("page_end_table", lang, year=years[-1])
    content.append(_side_by_side(comparison, end, ("reference", *PARTS), caption, lang))
    baseline = next(r for r in comparison.results if r.scenario.name == comparison.baseline)
    if not no_effect(baseline.indicators):
        less = comparison.difference.sel(sector=TOTAL).isel(year=-1)
        name = scenario_name(baseline.scenario, lang)
        caption = label("page_difference_table", lang, baseline=name, year=years[-1])
        content.append(_side_by_side(comparison, less, PARTS, caption, lang))
    for key, title in (("NER", "page_years_table"), ("NER_star", "page_years_table_star")):
        rows = [
            [
                str(y),
                *(
                    _cell(levels[key].sel(scenario=s, year=y), lang, digits)
                    for s in comparison.scenarios
                ),
            ]
            for y in years
        ]
        head = [label("year", lang), *_scenario_names(comparison, lang)]
        content.append(table(label(title, lang), head, rows))
    return section("scenarios", label("page_scenarios", lang), *content)


def _cumulative(comparison: Comparison, lang: str) -> Html:
    """Sums over the years, in a frame of their own: they must not be mixed with annual figures."""
    years = comparison.levels["year"].values
    caption = label("cumulative_title", lang, years=f"{years[1]}-{years[-1]}")
    sums = comparison.cumulative.sel(sector=TOTAL)
    shown = _side_by_side(comparison, sums, PARTS, caption, lang)
    return section("cumulative", label("page_cumulative", lang), tag("div", shown, class_="apart"))


def _side_by_side(
    comparison: Comparison, data: xr.Dataset, names: Sequence[str], caption: str, lang: str
) -> Html:
    digits = _digits(data, names)
    rows = [
        [
            label(key, lang),
            *(_cell(data[key].sel(scenario=s), lang, digits) for s in comparison.scenarios),
        ]
        for key in names
    ]
    return table(caption, [label("quantity", lang), *_scenario_names(comparison, lang)], rows)


def _indicator(results: Results, key: str, sector: str, year: int, lang: str) -> str:
    if key in results.indicators:
        column = results.indicators[key].sel(year=year)
        return _cell(column.sel(sector=sector), lang, precision(column.values.flat))
    if year not in _ratio_years(results) or sector not in results.ratios["sector"].values:
        return MISSING
    cell = results.ratios[key].sel(sector=sector, year=year)
    return _cell(cell * 100 if key == "VEI_share" else cell, lang)


def _ratio_years(results: Results) -> list[int]:
    return [int(y) for y in results.ratios["EI"]["year"].values] if "EI" in results.ratios else []


def _headed(key: str, lang: str) -> Html:
    """Name of an indicator above its unit."""
    units = {"NER": "Mt CO2", "NER_star": "Mt CO2", "EI": "t CO2/10⁴ CNY", "VEI_share": "%"}
    unit = tag("span", units.get(key, "F = 1"), class_="range")
    return joined([label(f"{key}_short", lang), unit])


def _cell(cell: xr.DataArray, lang: str, digits: int | None = None) -> Html:
    """Central value above its range; the range is left out where there is none."""
    values = corners(cell)
    if not np.isfinite(values).all():
        return Html(MISSING)
    if digits is None:
        digits = precision(values)
    shown = number(values[1], digits)
    if min(values) == max(values):
        return joined([shown])
    return joined([shown, tag("small", span(cell, lang, digits))])


def _digits(data: xr.Dataset, names: Sequence[str]) -> int:
    """Digits after the point, the same throughout a table."""
    return min(precision(data[name].values.flat) for name in names)


def _alt(text: str, empty: bool, lang: str) -> str:
    return label("alt_none", lang, sentence=label("no_effect", lang)) if empty else text


def _total(shown: Html) -> Html:
    return tag("div", shown, class_="total")


def _scenario_names(comparison: Comparison, lang: str) -> list[str]:
    return [scenario_name(r.scenario, lang) for r in comparison.results]
