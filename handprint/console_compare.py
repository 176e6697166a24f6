"""Differences between runs on the terminal: by factor, and input by input."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console

from handprint.compare import Comparison
from handprint.console import _console, _table
from handprint.differences import factor_table
from handprint.export.folder import RANGES
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.results import fresh, write
from handprint.telling import variables
from handprint.why import ENVIRONMENT, INTERACTION, NOT_STATED, lever_ranking, why

SHOWN = 12
SAID = {
    INTERACTION: "why_interaction",
    ENVIRONMENT: "why_environment",
    NOT_STATED: "why_not_stated",
}
"""Texts of cells that are words, not names or numbers."""


def print_factors(comparison: Comparison, lang: str = "en", console: Console | None = None) -> None:
    """
    Print through which factors emissions differ from the baseline in the end year.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    frame = factor_table(comparison)
    frame = frame[(frame["sector"] == TOTAL) & (frame["quantity"] == "emissions")]
    year = int(frame["year"].iloc[0])
    title = label("factors_title", lang, year=year, baseline=comparison.baseline)
    table = _table(title)
    table.add_column(label("factor", lang))
    for name in comparison.scenarios[1:]:
        table.add_column(name, justify="right")
    wide = frame.pivot_table(index="factor", columns="scenario", values="effect", sort=False)
    for factor in dict.fromkeys(frame["factor"]):
        if factor:
            cells = [f"{wide.loc[factor, s]:,.1f}" for s in comparison.scenarios[1:]]
            table.add_row(label(f"factor_{factor}", lang), *cells)
    out = console or _console()
    out.print(table)
    for note in frame["note"]:
        if note:
            out.print(note)


def print_ranges(
    comparison: Comparison, folder: Path, lang: str = "en", console: Console | None = None
) -> None:
    """
    Print the range of the difference from the baseline over the draws that the runs share.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more; if they do not share their draws, that is said instead.
    folder : pathlib.Path
        Holds ``difference-quantiles.csv``, as :func:`write_comparison` makes it.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    if not comparison.drawn_alike:
        if all(r.record.draws for r in comparison.results):
            (console or Console()).print(label("ranges_not_alike", lang))
        return
    year = comparison.results[0].scenario.end_year
    frame = pd.read_csv(folder / RANGES)
    frame = frame[(frame["sector"] == TOTAL) & (frame["year"] == year)]
    title = label("ranges_title", lang, baseline=comparison.baseline, year=year,
                  draws=comparison.results[0].record.draws)  # fmt: skip
    table = _table(title)
    table.add_column(label("scenario", lang))
    for name in ("p05", "p50", "p95", "higher"):
        table.add_column(
            label("ranges_higher", lang) if name == "higher" else name, justify="right"
        )
    for scenario in comparison.scenarios[1:]:
        own = frame[frame["scenario"] == scenario].set_index(["quantity", "estimate"])["value"]
        cells = [f"{own['NER_star', q]:,.0f}" for q in ("p05", "p50", "p95")]
        table.add_row(scenario, *cells, f"{own['higher', 'share']:.0%}")
    (console or _console()).print(table)


def write_reasons(
    comparison: Comparison, folder: Path, *, quantity: str = "NER", force: bool = False
) -> dict[str, pd.DataFrame]:
    """
    Replace the inputs of the baseline one by one, and tell how firm the order of levers is.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    folder : pathlib.Path
        For a file ``why-SCENARIO.csv`` of each other run, and ``ranking-SCENARIO.csv`` of each
        whose levers do something.
    quantity : str
        Additive indicator whose differences are explained.
    force : bool
        Whether files may be replaced.

    Returns
    -------
    dict
        Scenario -> table of :func:`handprint.why`.

    Raises
    ------
    OutputExistsError
        If a file exists and ``force`` is not set.
    """
    others = comparison.results[1:]
    paths = {r.scenario.name: folder / f"why-{r.scenario.name}.csv" for r in others}
    active = [r for r in comparison.results if float(abs(r.indicators["enabled"]).max()) > 0]
    orders = {folder / f"ranking-{r.scenario.name}.csv": r for r in active}
    fresh(*paths.values(), *orders, force=force)
    first = comparison.results[0]
    found = {r.scenario.name: why(first, r, quantity=quantity) for r in others}
    for name, frame in found.items():
        write(paths[name], frame.to_csv(index=False, lineterminator="\n"))
    for path, result in orders.items():
        write(path, lever_ranking(result).to_csv(lineterminator="\n"))
    return found


def print_reasons(
    reasons: Mapping[str, pd.DataFrame], lang: str = "en", console: Console | None = None
) -> None:
    """
    Print the inputs with the largest effects.

    Parameters
    ----------
    reasons : mapping
        Scenario -> table of :func:`handprint.why`.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    for name, frame in reasons.items():
        key = str(frame.attrs["quantity"])
        of = variables().get(key, {"symbol": key})["symbol"]
        title = label("why_title", lang, scenario=name, year=frame.attrs["year"], quantity=of)
        table = _table(title)
        for key in ("input", "before", "after"):
            table.add_column(label(f"why_{key}", lang))
        table.add_column(str(frame["unit"].iloc[0]), justify="right")
        for row in frame.head(SHOWN).itertuples(index=False):
            words = (str(cell) for cell in (row.input, row.before, row.after))
            cells = [label(SAID[w], lang) if w in SAID else w for w in words]
            table.add_row(*cells, f"{row.effect:,.1f}")
        out.print(table)
