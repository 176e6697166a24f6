"""The figure of a sensitivity analysis: tornado, and shares of the variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import io_tables
from handprint.canvas import INK, LOSS, MUTED, RULE, sheet
from handprint.headline import TOTAL
from handprint.i18n import check_language, label
from handprint.input_names import input_name
from handprint.marks import note, say, wrapped
from handprint.sensitivity import TOLERANCE, Sensitivity
from handprint.wording import number, scenario_name, sector_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 12
LETTERS = 34
COOL, FIRST = "#0072b2", "#56b4e9"


def sure_sentence(found: Sensitivity, lang: str = "en") -> str:
    """
    Say whether the draws are enough for the shares of the variance.

    Parameters
    ----------
    found : Sensitivity
        Outcome of :func:`handprint.sensitivity`.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        With the error and the tolerance.
    """
    words = {"draws": found.record.draws, "error": found.error, "tolerance": TOLERANCE}
    if found.enough:
        return label("sensitivity_enough", lang, **words)
    return label("sensitivity_few", lang, **words, needed=found.needed)


def sensitivity_figure(
    found: Sensitivity, *, quantity: str = "NER_star", sector: str = TOTAL, lang: str = "en"
) -> Figure:
    """
    Draw the inputs that move a quantity most.

    Parameters
    ----------
    found : Sensitivity
        Outcome of :func:`handprint.sensitivity`.
    quantity : {"NER_star"}
        Quantity.
    sector : str
        ``total``, or the sector that was looked at.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        Left, bars ``low.<input>`` and ``high.<input>`` from the central value; right, bars
        ``total.<input>`` and ``first.<input>``. Without any uncertainty: a sentence that says
        so.

    Raises
    ------
    FontError
        If no installed font has the characters.
    """
    title = label(
        "sensitivity_title",
        check_language(lang),
        scenario=scenario_name(found.scenario, lang),
        sector=sector_name(sector, lang),
        year=found.year,
    )
    swings, shares = (_of(frame, quantity, sector) for frame in (found.tornado, found.indices))
    shipped = found.scenario.table in io_tables.names()
    with sheet(title, found.record, lang, shipped=shipped) as figure:
        if swings.empty:
            say(figure, label("sensitivity_still", lang))
            return figure
        note(figure, label("sensitivity_note", lang, sure=sure_sentence(found, lang)))
        left = figure.add_axes((0.26, 0.1, 0.24, 0.68))
        right = figure.add_axes((0.74, 0.1, 0.23, 0.68))
        _ends(left, swings, lang)
        _bars(right, shares, lang)
    return figure


def _of(frame: pd.DataFrame, quantity: str, sector: str) -> pd.DataFrame:
    """Largest inputs for one quantity, the largest first."""
    mine = frame[(frame["quantity"] == quantity) & (frame["sector"] == sector)]
    return mine.head(SHOWN)


def _ends(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    """Bars from the central value to both ends."""
    for place, row in enumerate(rows.itertuples()):
        for end, colour in (("low", COOL), ("high", LOSS)):
            value, centre = float(getattr(row, end)), float(row.central)  # type: ignore[arg-type]
            axes.barh(
                place, value - centre, 0.62, centre, color=colour, gid=f"{end}.{row.input}",
                label=label(f"sensitivity_{end}", lang) if place == 0 else None,
            )  # fmt: skip
            right = value >= centre
            axes.annotate(
                number(value), (value, place), xytext=(3 if right else -3, 0),
                textcoords="offset points", ha="left" if right else "right", va="center",
                fontsize=8,
            )  # fmt: skip
    axes.axvline(float(rows["central"].iloc[0]), color=INK, linewidth=1)
    _dress(axes, rows, label("sensitivity_tornado", lang), lang)
    axes.margins(x=0.22)


def _bars(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    """Total and first-order shares with their intervals."""
    for place, row in enumerate(rows.to_dict("records")):
        for shift, key, colour in ((-0.16, "total", COOL), (0.16, "first", FIRST)):
            value, low, high = (100 * float(row[f"{key}{end}"]) for end in ("", "_low", "_high"))
            axes.barh(
                place + shift, value, 0.3, color=colour, gid=f"{key}.{row['input']}",
                label=label(f"sensitivity_{key}", lang) if place == 0 else None,
            )  # fmt: skip
            axes.plot((low, high), (place + shift,) * 2, color=INK, linewidth=1)
    axes.axvline(0, color=INK, linewidth=1)
    _dress(axes, rows, label("sensitivity_indices", lang), lang)


def _dress(axes: Axes, rows: pd.DataFrame, title: str, lang: str) -> None:
    """Name the bars, number the axis."""
    names = [wrapped(input_name(str(key), lang), LETTERS) for key in rows["input"]]
    axes.set_yticks(range(len(names)), names, color=INK, fontsize=8.5)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.set_title(title, pad=20, fontweight="bold")
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 0.995), ncols=2, frameon=False, fontsize=8,
        borderaxespad=0.1, handlelength=1, labelcolor=MUTED,
    )  # fmt: skip
