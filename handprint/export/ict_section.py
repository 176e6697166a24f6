"""The part of the page that shows all ICT: what it does, uses and emits over the years."""

from __future__ import annotations

from handprint.export.markup import Html, paragraphs, section, table
from handprint.i18n import label
from handprint.ict_path import ict_sentence
from handprint.projection import INTERPOLATED
from handprint.results import Results


def ict_section(results: Results, lang: str) -> Html:
    """
    Show activity and footprint of the whole ICT industry, or say that there is no account.

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
    title = label("page_ict", lang)
    sentence = ict_sentence(results, lang)
    if sentence is None:
        return section("ict", title, paragraphs([label("page_ict_none", lang)]))
    data, scenario = results.ict.sel(estimate="central"), results.scenario
    middle = (scenario.base_year + scenario.end_year) // 2
    years = [scenario.base_year, middle, scenario.end_year]
    titles = data["quantity_title_zh" if lang == "zh" else "quantity_title"]
    rows = []
    for quantity in data["quantity"].values:
        here = data.sel(quantity=quantity)
        marks = here["activity_origin"].sel(year=years).values
        values = here["activity"].sel(year=years).values
        cells = [
            f"({_short(v)})" if mark == INTERPOLATED else _short(v)
            for v, mark in zip(values, marks, strict=True)
        ]
        unit = str(data["quantity_units"].sel(quantity=quantity).item())
        rows.append([str(titles.sel(quantity=quantity).item()), unit, *cells])
    for name in ("electricity_total", "footprint", "traffic_energy", "computing_energy"):
        values = data[name].sel(year=years).values
        shown = [_short(float(v)) for v in values]
        rows.append([label(f"ict_{name}", lang), data[name].attrs["units"], *shown])
    head = [label("quantity", lang), label("unit", lang), *(str(y) for y in years)]
    shown_table = table(label("page_ict_table", lang), head, rows, words=(0, 1))
    notes = [label("page_ict_note", lang)]
    return section("ict", title, paragraphs([sentence]), shown_table, paragraphs(notes, "note"))


def _short(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
