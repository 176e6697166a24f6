"""What a terminal shows of worked cases, annex 2 and requirements of standards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape

import sector_models
from handprint.annex import ESTIMATES, AnnexTwo
from handprint.assessment import Assessment
from handprint.console import _console, _table
from handprint.evidence_tests import WHOLE
from handprint.i18n import check_language, label
from handprint.standards import KEYS, standards
from sector_models import Case

RELATIONS = {
    "equal": "case_equal",
    "at_least": "case_at_least",
    "at_most": "case_at_most",
    "within": "case_within",
}
"""Texts of how a source gives a number."""
CONDITIONS = ("consequence_tree", "net_second_order", "primary_data", "higher_order")


def in_figures(number: float) -> str:
    """
    Write a number in five figures.

    Parameters
    ----------
    number : float
        Any.

    Returns
    -------
    str
        Without trailing zeros and powers of ten.

    Examples
    --------
    >>> in_figures(2695.6521), in_figures(0.0974468), in_figures(200000.0)
    ('2,695.7', '0.097447', '200,000')
    """
    text = f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:,.5g}"
    return text.replace("-", "\u2212")


def range_text(low: float, central: float, high: float) -> str:
    """
    Write a central value with its range where there is one.

    Parameters
    ----------
    low, central, high : float
        In one unit.

    Returns
    -------
    str
        For example ``135 (90 … 180)``.

    Examples
    --------
    >>> range_text(90.0, 135.0, 180.0), range_text(2.0, 2.0, 2.0)
    ('135 (90 … 180)', '2')
    """
    if low == high:
        return in_figures(central)
    return f"{in_figures(central)} ({in_figures(low)} … {in_figures(high)})"


def printed_text(row: Mapping[Any, Any], lang: str) -> str:
    """
    Write a published number as the source gives it: a number, a bound or a range.

    Parameters
    ----------
    row : mapping
        Row of `Case.published`.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        For example ``at least 90``.
    """
    low, central, high = (float(row[e]) for e in ESTIMATES)
    value = range_text(low, central, high)
    ends = {"low": in_figures(low), "high": in_figures(high)}
    return label(RELATIONS[str(row["relation"])], lang, value=value, **ends)


def verdict(case: Case, output: str, lang: str) -> str:
    """
    Say whether an output agrees with what is published.

    Parameters
    ----------
    case : Case
        A worked case.
    output : str
        Key of the output.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        Agrees, differs with the difference, or that nothing is published.
    """
    found = case.discrepancy.to_dict("index").get(output)
    if found is None:
        return label("case_check", lang)
    if found["agrees"]:
        return label("case_agrees", lang)
    relative = "" if pd.isna(found["relative"]) else f" ({found['relative']:+.1%})"
    return label("case_differs", lang) + relative.replace("-", "\u2212")


def print_cases(lang: str = "en", console: Console | None = None) -> None:
    """
    List the worked cases with the number of outputs that agree and differ.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    table = _table(label("cases_title", lang))
    table.add_column(" ")
    table.add_column(" ")
    table.add_column(label("case_agrees", lang), justify="right")
    table.add_column(label("case_differs", lang), justify="right")
    table.add_column(label("case_check", lang), justify="right")
    for name in sector_models.cases():
        found = sector_models.case(name)
        agrees = found.discrepancy["agrees"].astype(bool)
        title = found.title_zh if lang == "zh" else found.title
        counts = (agrees.sum(), (~agrees).sum(), len(found.outputs) - len(agrees))
        table.add_row(name, title, *(str(int(count)) for count in counts))
    out.print(table)


def print_case(found: Case, lang: str = "en", console: Console | None = None) -> None:
    """
    Print inputs, formulas and outputs of a case beside what is published.

    Parameters
    ----------
    found : Case
        A worked case.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    own = "_zh" if lang == "zh" else ""
    table = _table(str(getattr(found, f"title{own}")))
    for name in ("case_input", " ", "value", "unit", "status", "source"):
        table.add_column(label(name, lang) if name.strip() else name)
    for key, part in found.inputs.items():
        value = range_text(part.low, part.value, part.high)
        about = (label(part.status, lang), ", ".join(part.source))
        table.add_row(key, str(getattr(part, f"title{own}")), value, part.units, *about)
    out.print(table)
    table = _table("")
    for name in ("case_output", " ", "case_formula", "case_computed", "case_printed", "unit", " "):
        table.add_column(label(name, lang) if name.strip() else name)
    computed, printed = found.computed.to_dict("index"), found.published.to_dict("index")
    for key, output in found.outputs.items():
        mine = range_text(*(float(computed[key][e]) for e in ESTIMATES))
        theirs = printed_text(printed[key], lang) if key in printed else ""
        title = str(getattr(output, f"title{own}"))
        row = (output.formula, mine, theirs, output.units, verdict(found, key, lang))
        table.add_row(key, title, *row)
    out.print(table)
    out.print(str(getattr(found, f"remark{own}")))


def print_annex(found: AnnexTwo, lang: str = "en", console: Console | None = None) -> None:
    """
    Print the configuration of annex 2 and how the range of power follows.

    Parameters
    ----------
    found : AnnexTwo
        Result of `handprint.annex.annex_2`.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    table = _table(label("annex_title", lang))
    table.add_column(label("sector", lang))
    for name in ("annex_share", "case_computed", "case_printed"):
        table.add_column(label(name, lang), justify="right")
    table.add_column(label("status", lang))
    for key, row in found.savings.iterrows():
        name = f"annex_{key}" if key in ("any_sector", "economy") else str(key)
        low, high = (f"{100 * row[e]:.1f}" for e in ("low", "high"))
        printed = [f"{100 * row[f'published_{e}']:.1f}" for e in ("low", "high")]
        table.add_row(
            label(name, lang),
            "" if pd.isna(row["share"]) else f"{100 * row['share']:.0f}",
            f"{low} … {high}",
            f"{printed[0]} … {printed[1]}",
            label(str(row["status"]), lang),
        )
    out.print(table)
    table = _table(label("annex_power", lang))
    for name in ("annex_end", "annex_economy", "annex_others", "annex_share", "power"):
        table.add_column(label(name, lang), justify="right")
    for end, row in found.power.iterrows():
        numbers = [f"{100 * row[k]:.2f}" for k in ("economy", "others", "share", "saving")]
        table.add_row(label(str(end), lang), *numbers)
    out.print(table)
    out.print(found.formula_zh if lang == "zh" else found.formula)
    out.print(found.finding_zh if lang == "zh" else found.finding)


def print_assessment(
    found: Assessment,
    lang: str = "en",
    console: Console | None = None,
    *,
    subject: str = WHOLE,
) -> None:
    """
    Print requirements with their evidence, tiers and the questions left to a person.

    Parameters
    ----------
    found : Assessment
        Result of `handprint.assess`.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    subject : str
        Use case, or ``whole``.

    Raises
    ------
    AssessmentError
        If there is no such use case with an effect.
    """
    out = console or _console()
    check_language(lang)
    own = "_zh" if lang == "zh" else ""
    name = label("assess_whole", lang) if subject == WHOLE else subject
    table = _table(label("assess_title", lang, subject=name))
    table.add_column(label("assess_requirement", lang))
    for key in KEYS:
        table.add_column(key)
    for column in ("assess_status", "assess_evidence"):
        table.add_column(label(column, lang))
    for row in found.of(subject).to_dict("records"):
        duties = [row[k] + (" (M)" if row[f"{k}_basis"] == "M" else "") for k in KEYS]
        status = label(f"assess_{row['status']}", lang)
        table.add_row(row[f"title{own}"], *duties, status, escape(row[f"evidence{own}"]))
    out.print(table)
    out.print(label("assess_legend", lang))
    _print_tiers(found, lang, out)
    answer = label("assess_yes" if found.publishable else "assess_no", lang)
    out.print(label("assess_verdict", lang, tier=found.tier, publishable=answer))
    out.print(f"[bold]{label('assess_gates', lang)}[/bold]")
    for gate in found.gates.to_dict("records"):
        asked = standards().standards[gate["standard"]]
        place = asked.title_zh if own else asked.title
        known = "" if gate["basis"] == "V" else " (M)"
        out.print(f"  - {gate[f'title{own}']} {place}{known}: {label('assess_not_assessed', lang)}")


def _print_tiers(found: Assessment, lang: str, out: Console) -> None:
    """Tier of every use case, and what is lacking."""
    table = _table(label("assess_tiers", lang))
    table.add_column(" ")
    for name in ("declared", "supported", "tier", "publishable", "lacking"):
        table.add_column(label(f"assess_{name}", lang))
    for key, row in found.tiers.to_dict("index").items():
        lacking = ", ".join(label(f"lacks_{k}", lang) for k in CONDITIONS if not row[k])
        answer = label("assess_yes" if row["publishable"] else "assess_no", lang)
        tiers = (str(row[k]) for k in ("declared", "supported", "tier"))
        table.add_row(str(key), *tiers, answer, lacking)
    out.print(table)
