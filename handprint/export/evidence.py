"""The part of the page that lets a reader check: agreement, parameters, ledger, record, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import io_tables
import sector_models
from handprint.console import agreement_sentences
from handprint.export.markup import Html, joined, paragraphs, section, table, tag
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.overrides import files_of
from handprint.results import Results
from handprint.scenario import sources
from handprint.wording import MINUS, corners, number, scenario_name, sector_name, span

STATUS = ("published", "derived", "assumption")
EMITTERS = 8  # shown by name
OUTSIDE = ("upstream", "footprint", "rebound_respending", "households")


def agreement_section(results: Results, lang: str) -> Html:
    """
    Set both halves side by side with their test, what lies outside, and who emits less.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Html
        The section.
    """
    title = label("page_agreement", lang)
    content: list[str] = [tag("p", label("page_agreement_intro", lang))]
    if not results.reconciled.sizes["year"]:
        content.append(tag("p", label("no_effect", lang)))
        return section("agreement", title, *content)
    year = int(results.reconciled["year"].values[-1])
    content += [
        _both(results.reconciled.sel(year=year), year, lang),
        paragraphs(s for s in agreement_sentences(results, lang) if s != _closed(results, lang)),
        _outside(results.top_down.sel(year=year), year, lang),
        _emitters(results.top_down["emitters"].sel(year=year, estimate="central"), year, lang),
        tag("p", label("page_emitters_note", lang), class_="note"),
    ]
    return section("agreement", title, *content)


def _both(now: xr.Dataset, year: int, lang: str) -> Html:
    rows = []
    for sector in now["sector"].values:
        row = now.sel(sector=sector)
        up, down, middle, sd = (
            number(float(row[k]), 1) for k in ("bottom_up", "top_down", "estimate", "sd")
        )
        blended = f"{middle} ± {sd}" if bool(row["blended"]) else "\N{EN DASH}"
        rows.append(
            [
                sector_name(str(sector), lang),
                up,
                down,
                blended,
                number(float(row["element_test"]), 2),
            ]
        )
    names = ("sector", "bottom_up", "top_down", "reconciled", "element_test")
    return table(label("agreement_title", lang, year=year), [label(n, lang) for n in names], rows)


def _outside(now: xr.Dataset, year: int, lang: str) -> Html:
    rows = []
    for sector in now["sector"].values:
        cells = [now[k].sel(sector=sector) for k in OUTSIDE]
        shown = [joined([number(corners(c)[1], 1), tag("small", span(c, lang, 1))]) for c in cells]
        rows.append([sector_name(str(sector), lang), *shown])
    names = (
        "sector",
        "page_upstream",
        "page_td_footprint",
        "page_td_respending",
        "page_households",
    )
    return table(
        label("page_outside_table", lang, year=year), [label(n, lang) for n in names], rows
    )


def _emitters(change: xr.DataArray, year: int, lang: str) -> Html:
    """Show the emitters that change most, the others in one row, and the sum of all."""
    change = change.transpose("emitter", "sector")
    size = np.abs(change.sum("sector").values)
    order = np.argsort(-size, kind="stable")
    names = _emitter_names(lang)
    rows = [
        _changes(
            names.get(str(change["emitter"].values[i]), str(change["emitter"].values[i])), change[i]
        )
        for i in order[:EMITTERS]
    ]
    rest = change[order[EMITTERS:]]
    if rest.sizes["emitter"]:
        count = rest.sizes["emitter"]
        rows.append(_changes(label("page_others", lang, count=count), rest.sum("emitter")))
    rows.append(_changes(label(TOTAL, lang), change.sum("emitter")))
    sectors = [sector_name(str(s), lang) for s in change["sector"].values]
    head = [label("page_emitter", lang), label("page_change", lang), *sectors]
    shown = table(label("page_emitters_table", lang, year=year), head, rows)
    return tag("div", shown, class_="total")


def _changes(name: str, row: xr.DataArray) -> list[str]:
    return [name, *(number(float(v), 1, signed=True) for v in (row.sum(), *row.values))]


def _emitter_names(lang: str) -> dict[str, str]:
    known = io_tables.classification("cn24")
    titles = known["title_zh" if lang == "zh" else "title"]
    return {str(code): str(name) for code, name in titles.items()}


def parameters_section(results: Results, lang: str) -> Html:
    """
    Count the numbers behind a run by origin.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Html
        The section.
    """
    names, counts = origins(results)
    shown = [scenario_name(results.scenario, lang), *(sector_name(n, lang) for n in names[1:])]
    rows = [
        [name, str(int(row.sum())), *(str(int(v)) for v in row)]
        for name, row in zip(shown, counts, strict=True)
    ]
    whole = counts.sum(axis=0)
    rows.append([label(TOTAL, lang), str(int(whole.sum())), *(str(int(v)) for v in whole)])
    head = [label("page_model", lang), label("page_count", lang), *(label(s, lang) for s in STATUS)]
    counted = tag("div", table(label("page_parameters_table", lang), head, rows), class_="total")
    return section("parameters", label("page_parameters", lang), counted)


def origins(results: Results) -> tuple[list[str], NDArray[np.int64]]:
    """
    Count the numbers of a scenario and of its sector models by status.

    Parameters
    ----------
    results : Results
        One run.

    Returns
    -------
    names : list of str
        Scenario first, then sector models.
    counts : numpy.ndarray
        One row for each name; columns published, derived, assumption.
    """
    found = [list(_statuses(results.scenario.model_dump(mode="json")))]
    models = files_of(results.scenario).values()
    found += [list(sector_models.provenance(model)["status"]) for model in models]
    counts = np.array([[statuses.count(s) for s in STATUS] for statuses in found])
    return [results.scenario.name, *results.scenario.sectors], counts


def _statuses(entry: object) -> Iterator[str]:
    """Every ``status`` in nested tables."""
    if isinstance(entry, dict):
        if "status" in entry:
            yield str(entry["status"])
        for inner in entry.values():
            yield from _statuses(inner)
    elif isinstance(entry, list):
        for inner in entry:
            yield from _statuses(inner)


def ledger_section(results: Results, lang: str) -> Html:
    """
    Show that every tonne is accounted for.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Html
        The section.
    """
    book = results.ledger
    amounts = ("produced", "embodied", "not_allocated", "households")
    gaps = ("gap", "counterfactual_gap")
    rows = []
    for year in book["year"].values:
        now = book.sel(year=year)
        sums = [number(float(now[k]), 1) for k in amounts]
        rows.append([str(int(year)), *sums, *(_tiny(float(now[k])) for k in gaps)])
    head = [label("year", lang), *(label(f"ledger_{k}", lang) for k in (*amounts, *gaps))]
    caption = label("page_ledger_table", lang, scenario=scenario_name(results.scenario, lang))
    said = tag("p", _closed(results, lang))
    return section("ledger", label("page_ledger", lang), said, table(caption, head, rows))


def _closed(results: Results, lang: str) -> str:
    return label("ledger_note", lang, gap=results.record.ledger_gap)


def record_section(runs: Sequence[Results], lang: str) -> Html:
    """
    Print with what each run was made.

    Parameters
    ----------
    runs : sequence of Results
        All runs.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Html
        The section.
    """
    rows: list[list[str]] = []
    for key in ("scenario_hash", "table", "table_hash", "table_source", "draws", "seed"):
        cells = [getattr(r.record, key) for r in runs]
        shown = ["\N{EN DASH}" if c is None else str(c) for c in cells]
        rows.append([label(f"record_{key}", lang), *shown])
    for sector in runs[0].record.sector_hashes:
        name = label("record_sector_hash", lang, sector=sector_name(sector, lang))
        rows.append([name, *(r.record.sector_hashes.get(sector, "") for r in runs)])
    gaps = [_tiny(r.record.ledger_gap) for r in runs]
    made = [", ".join(f"{k} {v}" for k, v in r.record.versions.items()) for r in runs]
    rows += [[label("record_versions", lang), *made], [label("record_ledger_gap", lang), *gaps]]
    same = [[name, _code(cells[0])] for name, *cells in rows if len(set(cells)) == 1]
    own = [[name, *map(_code, cells)] for name, *cells in rows if len(set(cells)) > 1]
    item = label("record_item", lang)
    shared = table(label("page_record_table", lang), [item, label("value", lang)], same, words=[1])
    head = [item, *(scenario_name(r.scenario, lang) for r in runs)]
    apart = table(label("page_record_own", lang), head, own, words=list(range(1, len(head))))
    return section("record", label("page_record", lang), shared, apart)


def _code(text: str) -> str:
    return tag("code", text) if len(text) == 64 else text


def _tiny(value: float) -> str:
    return f"{value:.1e}".replace("-", MINUS) if value else "0"


def sources_section(lang: str, results: Sequence[Results]) -> Html:
    """
    List every source that the shipped scenarios and sector models cite.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.
    results : sequence of Results
        Runs; their scenarios may state sources of their own.

    Returns
    -------
    Html
        The section.
    """
    known: dict[str, dict[str, Any]] = {key: dict(entry) for key, entry in sources().items()}
    own = {key: entry for r in results for key, entry in r.scenario.sources.items()}
    for key, entry in {**sector_models.sources(), **own}.items():
        known[key] = {**known.get(key, {}), **entry.model_dump(exclude_none=True)}
    items = [_source(key, known[key], lang) for key in sorted(known)]
    return section("sources", label("page_sources", lang), tag("ol", *items, class_="sources"))


def _source(key: str, entry: dict[str, Any], lang: str) -> Html:
    title = str(entry["title"])
    if lang == "zh":
        title = str(entry.get("title_zh", title))
    parts: list[str] = [tag("b", title), f". {entry['publisher']}, {entry['year']}."]
    for place in (entry.get("url"), entry.get("place")):
        if place is not None:
            web = str(place).startswith(("https://", "http://"))
            parts += [" ", tag("a", str(place), href=str(place)) if web else f"{place}."]
    if entry.get("note"):
        parts.append(f" {entry['note']}")
    return tag("li", *parts, " ", tag("code", f"[{key}]"), id=f"source-{key}")
