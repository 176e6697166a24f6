"""The part of the page that says whether the runs are plausible."""

from __future__ import annotations

from handprint.compare import Comparison
from handprint.export.markup import Html, paragraphs, section, table, tag
from handprint.i18n import label
from handprint.plausibility import check_title, plausibility, rows_of, together
from handprint.wording import scenario_name


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
