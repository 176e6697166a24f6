"""What a terminal shows of scorecards and targets."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from handprint.console import _console, _table
from handprint.i18n import check_language, label
from sector_models import Scorecard

STATUS = {
    "met": "target_met",
    "on_track": "target_on_track",
    "behind": "target_behind",
    "missed": "target_missed",
    "cannot_be_told": "target_cannot_be_told",
}
REASON = {
    "no_value": "reason_no_value",
    "no_base": "reason_no_base",
    "before_base": "reason_before_base",
    "range": "reason_range",
    "words": "reason_words",
}
BEYOND = {"better": "beyond_better", "worse": "beyond_worse"}
"""Texts of what `sector_models` says."""


def print_scorecard(found: Scorecard, lang: str = "en", console: Console | None = None) -> None:
    """
    Print indicators with their scores and weights, groups, total and what is missing.

    Parameters
    ----------
    found : Scorecard
        Result of `sector_models.scorecard`.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    title = "title_zh" if lang == "zh" else "title"
    table = _table(str(getattr(found.card, title)))
    table.add_column(label("indicator", lang))
    for name in ("value", "score_worst", "score_best", "score", "score_share", "score_bounds"):
        table.add_column(label(name, lang), justify="right")
    table.add_column(label("note", lang))
    for group, about in found.groups.iterrows():
        rows = found.indicators[found.indicators["group"] == group]
        for _, row in rows.iterrows():
            table.add_row(
                str(row[title]),
                f"{row['value']:.4g} {'' if row['units'] == '1' else row['units']}".rstrip(),
                f"{row['worst']:.4g}",
                f"{row['best']:.4g}",
                f"{row['score']:.1f}",
                f"{row['share']:.1%}",
                label(str(row["status"]), lang),
                _remark(row, lang),
            )
        scored = (f"{about['score']:.1f}", f"{about['share']:.1%}")
        table.add_row(f"= {about[title]}", "", "", "", *scored, style="bold")
        table.add_section()
    table.add_row(label("total", lang), "", "", "", f"{found.total:.1f}", "100.0%", style="bold")
    out.print(table)
    card, zh = found.card, lang == "zh"
    out.print(card.weights.note_zh if zh else card.weights.note)
    if found.missing:
        out.print(label("score_missing", lang, names=", ".join(found.missing)))
    out.print(card.note_zh if zh else card.note)


def _remark(row: pd.Series, lang: str) -> str:
    """Whether a value lies beyond the bounds and whether a limit is met."""
    parts = []
    if row["met"] is not None:
        parts.append(label("limit_met" if row["met"] else "limit_not_met", lang))
    if row["beyond"]:
        parts.append(label(BEYOND[str(row["beyond"])], lang))
    return ", ".join(parts)


def print_targets(
    found: pd.DataFrame, lang: str = "en", console: Console | None = None, *, own: bool = True
) -> None:
    """
    Print for each target and year what can be said of it.

    Parameters
    ----------
    found : pandas.DataFrame
        Result of `sector_models.track_targets`.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    own : bool, optional
        Whether the paths are those of the user; else those of the shipped account.
    """
    out = console or _console()
    check_language(lang)
    table = _table(label("targets_title", lang))
    table.add_column(label("target", lang))
    table.add_column(label("year", lang))
    for name in ("value", "target_level", "target_line"):
        table.add_column(label(name, lang), justify="right")
    table.add_column(label("status", lang))
    last = None
    for row in found.to_dict("records"):
        title = str(row["title_zh" if lang == "zh" else "title"])
        units = "" if row["units"] in ("", "1") else f" [{row['units']}]"
        if last is not None and last != row["target"]:
            table.add_section()
        numbers = ["" if row[k] is None else f"{row[k]:.4g}" for k in ("value", "level", "line")]
        status = label(STATUS[row["status"]], lang)
        if row["reason"]:
            status += f": {label(REASON[row['reason']], lang)}"
        table.add_row(
            "" if last == row["target"] else title + units.replace("[", r"\["),
            str(row["year"]),
            *numbers,
            status,
        )
        last = row["target"]
    out.print(table)
    out.print(label("targets_note", lang))
    if not own:
        out.print(label("targets_account", lang))
