"""Parts of the page that judge: whether the runs are plausible, what to keep in mind."""

from __future__ import annotations

from handprint.compare import Comparison
from handprint.export.evidence import origins
from handprint.export.markup import Html, paragraphs, section, table, tag
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.plausibility import check_title, plausibility, rows_of, together
from handprint.results import Results
from handprint.wording import scenario_name, sector_name


def plausibility_section(comparison: Comparison, lang: str) -> Html:
    """
    List what the checks found not in order, or say that all is.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Html
        The section.
    """
    found = plausibility(comparison, lang)
    names = {r.scenario.name: scenario_name(r.scenario, lang) for r in comparison.results}
    rows = [
        [
            tag("span", label(f"verdict_{row.verdict}", lang), class_="whole"),
            label("plausibility_all_runs", lang)
            if len(whose) == len(names)
            else (", " if lang == "en" else "、").join(names[name] for name in whose),
            check_title(row.check, lang),
            row.explanation,
        ]
        for whose, row in together(rows_of(found[found["verdict"] != "ok"]))
    ]
    title = label("page_plausibility", lang)
    if not rows:
        said = label("plausibility_fine", lang, count=len(found))
        return section("plausibility", title, paragraphs([said]))
    caption = label("page_plausibility_table", lang, count=len(found))
    head = [label(key, lang) for key in ("verdict", "scenario", "check_name", "note")]
    shown = table(caption, head, rows, words=(1, 2, 3))
    notes = [label("plausibility_note", lang)]
    return section("plausibility", title, shown, paragraphs(notes, "note"))


def caveats_section(results: Results, lang: str) -> Html:
    """
    List what a reader must keep in mind.

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
    comma = ", " if lang == "en" else "、"
    covered = comma.join(sector_name(s, lang) for s in results.scenario.sectors)
    counts = origins(results)[1].sum(axis=0)
    count, assumed = int(counts.sum()), int(counts[-1])
    sentences = [label("range_note", lang)]
    end = results.indicators.sel(sector=TOTAL).isel(year=-1).sel(estimate="central")
    avoided = float(end["actual_reduction"] + end["lesser_increase"])
    if avoided > 0:
        share = float(end["lesser_increase"]) / avoided
        base, year = results.scenario.base_year, results.scenario.end_year
        sentences.append(label("growth_note", lang, share=share, year=year, base=base))
    sentences += [
        label("caveat_assumptions", lang, count=count, assumption=assumed),
        label("caveat_readings", lang),
        label("independence", lang),
        label("caveat_reference", lang),
        label("caveat_coverage", lang, sectors=covered),
        label("caveat_interest", lang),
        label("caveat_reviews", lang),
    ]
    return section("caveats", label("page_caveats", lang), paragraphs(sentences))
