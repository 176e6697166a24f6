"""The part of the page that shows what changed together with ICT in the past."""

from __future__ import annotations

from functools import cache

import pandas as pd

from handprint.association import association, association_rows, older_tables
from handprint.export.markup import Html, paragraphs, section, table
from handprint.i18n import label
from handprint.results import Results


def association_section(results: Results, lang: str) -> Html:
    """
    Show the decomposition between older tables of the same economy, or say that there are none.

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
    title = label("page_association", lang)
    names = older_tables(results.scenario.table)
    if len(names) < 2:
        return section("association", title, paragraphs([label("page_association_none", lang)]))
    found = _found(tuple(names), results.scenario.ict, results.scenario.satellite)
    head, rows = association_rows(found, lang)
    caption = label("association_title", lang, unit=str(found["unit"].iloc[0]))
    meaning = found.attrs["meaning_zh" if lang == "zh" else "meaning"]
    notes = [label("association_current", lang)]
    return section(
        "association", title, paragraphs([meaning]), table(caption, head, rows, words=(0,)),
        paragraphs(notes, "note"),
    )  # fmt: skip


@cache
def _found(names: tuple[str, ...], ict: tuple[str, ...], satellite: str) -> pd.DataFrame:
    """Both languages and all pages of one process share it."""
    return association(names, ict=ict, satellite=satellite)
