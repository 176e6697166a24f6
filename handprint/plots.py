"""Three figures: from gross to net, emissions with and without levers, scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import io_tables
from handprint.canvas import (
    INK,
    LOSS,
    MUTED,
    PALETTE,
    FigureFormatError,
    FontError,
    picture,
    save_figure,
    sheet,
)
from handprint.compare import Comparison
from handprint.headline import TOTAL
from handprint.i18n import check_language, label
from handprint.marks import (
    amount_axis,
    bar_amount,
    end_labels,
    foot_lines,
    note,
    say,
    spread_out,
    whisker,
    wrapped,
    year_axis,
)
from handprint.results import Results
from handprint.wording import corners, number, numbers, scenario_name, sector_name, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FigureFormatError",
    "FontError",
    "comparison_figure",
    "picture",
    "save_figure",
    "waterfall_figure",
    "wedges_figure",
]
STEPS = ("enabled", "footprint", "NER", "rebound_direct", "rebound_respending", "NER_star")
SUMS = ("enabled", "NER", "NER_star")
WIDTH = 0.6  # of a bar, in units of the distance between bars
LABEL = 22  # letters beside a line
DOTS = (0, (2, 2))
NET, GAIN = "#8b95a1", "#56b4e9"
LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31")
MARKS = ("o", "s", "^", "D", "v", "P")


def waterfall_figure(results: Results, *, lang: str = "en") -> Figure:
    """
    Draw the way from the gross enabling effect to NER and NER* in the end year.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        Bars ``enabled.<sector>``, ``footprint``, ``NER``, ``rebound_direct``,
        ``rebound_respending``, ``NER_star`` (names are the ``gid`` of the artists); whiskers are
        corner ranges. Without any effect: a sentence that says so.

    Raises
    ------
    FontError
        If no installed font has the characters.
    """
    year = int(results.indicators["year"].values[-1])
    name = scenario_name(results.scenario, check_language(lang))
    title = label("waterfall_title", lang, scenario=name, year=year)
    with sheet(title, results.record, lang, shipped=_shipped(results)) as figure:
        if no_effect(results.indicators):
            say(figure, label("no_effect", lang))
            return figure
        axes = figure.add_axes((0.06, 0.19, 0.92, 0.62))
        now = results.indicators.sel(year=year)
        _bars(axes, now, lang)
        for place, key in enumerate(STEPS):
            lines = label(f"{key}_step", lang).split("\n")
            if key in SUMS:
                cell = now[key].sel(sector=TOTAL)
                lines.append(span(cell, lang))
                whisker(axes, place + WIDTH / 2 - 0.1, cell, f"range.{key}")
            foot_lines(axes, place, lines)
        axes.set_xticks([])
        axes.set_xlim(-1.0, len(STEPS) - 0.5)
        bottom, top = axes.dataLim.intervaly
        axes.set_ylim(min(0.0, bottom * 1.15), top * 1.06)
        axes.axhline(0, color=INK, linewidth=1)
        axes.spines["bottom"].set_visible(False)
        amount_axis(axes, label("emissions_axis", lang))
        central = now.sel(sector=TOTAL, estimate="central")
        gains = float(central["rebound_respending"]) < 0
        lines = [label("waterfall_note", lang), *([label("respend_gain", lang)] if gains else [])]
        note(figure, "\n".join(lines))
    return figure


def _bars(axes: Axes, now: xr.Dataset, lang: str) -> None:
    """Draw the bars, each from where the one before leaves off, and their numbers."""
    central = now.sel(estimate="central")
    sectors = [str(s) for s in central["sector"].values if s != TOTAL]
    parts = [float(central["enabled"].sel(sector=s)) for s in sectors]
    ceiling = max(corners(now[k].sel(sector=TOTAL))[2] for k in SUMS)
    digits = 0 if ceiling >= 100 else 1
    foot, middles, names = 0.0, [], []
    for sector, height, colour in zip(sectors, parts, _cycle(PALETTE, len(sectors)), strict=True):
        axes.bar(0, height, WIDTH, foot, color=colour, edgecolor="white", gid=f"enabled.{sector}")
        names.append(f"{sector_name(sector, lang)} {number(height, digits)}")
        middles.append(foot + height / 2)
        foot += height
    for text, at in zip(names, spread_out(middles, ceiling * 0.05), strict=True):
        axes.text(-WIDTH / 2 - 0.05, at, text, ha="right", va="center", fontsize=9)
    bar_amount(axes, 0, foot, number(foot, digits))
    level = foot
    for place, key in enumerate(STEPS[1:], 1):
        ends = (place - 1 + WIDTH / 2, place - WIDTH / 2)
        axes.plot(ends, (level, level), color=MUTED, linewidth=0.8)
        amount = float(central[key].sel(sector=TOTAL))
        if key in SUMS:
            axes.bar(place, amount, WIDTH, 0, color=NET, gid=key)
            bar_amount(axes, place, amount, number(amount, digits))
            level = amount
        else:
            colour = LOSS if amount >= 0 else GAIN
            axes.bar(place, -amount, WIDTH, level, color=colour, gid=key)
            top = max(level, level - amount)
            bar_amount(axes, place, top, number(-amount, digits, signed=True))
            level -= amount


def wedges_figure(results: Results, *, lang: str = "en") -> Figure:
    """
    Draw emissions of the covered sectors and the wedges that digital levers take off.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        Left, on an axis from zero: lines ``reference`` and ``with_levers``, the wedges
        ``wedge.<sector>`` between them and the corner range ``range``. Right, the wedges alone
        (``avoided.<sector>``), enlarged, on an axis of their own. All net of direct rebound.
        Without any effect: a sentence that says so.

    Raises
    ------
    FontError
        If no installed font has the characters.
    """
    name = scenario_name(results.scenario, check_language(lang))
    title = label("wedges_title", lang, scenario=name)
    data = results.indicators
    with sheet(title, results.record, lang, shipped=_shipped(results)) as figure:
        if no_effect(data):
            say(figure, label("no_effect", lang))
            return figure
        avoided = data["enabled"] - data["rebound_direct"]
        reference = data["reference"].sel(sector=TOTAL, estimate="central")
        left = figure.add_axes((0.06, 0.11, 0.345, 0.66))
        right = figure.add_axes((0.585, 0.11, 0.26, 0.66))
        _whole(left, reference, avoided, lang)
        _enlarged(right, avoided, lang)
        note(figure, label("wedges_note", lang))
    return figure


def _whole(axes: Axes, reference: xr.DataArray, avoided: xr.DataArray, lang: str) -> None:
    years = reference["year"].values
    upper = reference.values
    sectors = [str(s) for s in avoided["sector"].values if s != TOTAL]
    for sector, colour in zip(sectors, _cycle(PALETTE, len(sectors)), strict=True):
        lower = upper - avoided.sel(sector=sector, estimate="central").values
        axes.fill_between(years, lower, upper, color=colour, linewidth=0, gid=f"wedge.{sector}")
        upper = lower
    total = avoided.sel(sector=TOTAL)
    low, high = (reference.values - total.sel(estimate=e).values for e in ("high", "low"))
    axes.fill_between(years, low, high, color=INK, alpha=0.12, linewidth=0, gid="range")
    for edge in (low, high):
        axes.plot(years, edge, color=INK, linewidth=0.9, linestyle=DOTS)
    axes.plot(years, reference.values, color=INK, linewidth=2, gid="reference")
    axes.plot(years, upper, color=INK, linewidth=2, linestyle=(0, (4, 1.5)), gid="with_levers")
    axes.set_ylim(0, max(reference.values.max(), high.max()) * 1.06)
    texts = [
        f"{label('reference_line', lang)}\n{number(float(reference[-1]))}",
        f"{label('with_levers_short', lang)}\n{number(float(upper[-1]))}"
        f"\n{label('span', lang, low=number(low[-1]), high=number(high[-1]))}",
    ]
    gap = axes.get_ylim()[1] * 0.12
    end_labels(axes, years[-1], [float(reference[-1]), float(upper[-1])], texts, [INK, INK], gap)
    axes.set_title(label("wedges_left", lang), pad=22, fontweight="bold")
    year_axis(axes, years)
    amount_axis(axes, label("emissions_axis", lang))


def _enlarged(axes: Axes, avoided: xr.DataArray, lang: str) -> None:
    years = avoided["year"].values
    sectors = [str(s) for s in avoided["sector"].values if s != TOTAL]
    colours = _cycle(PALETTE, len(sectors))
    foot = np.zeros(len(years))
    middles, texts = [], []
    digits = 0 if abs(avoided).max() >= 100 else 1
    for sector, colour in zip(sectors, colours, strict=True):
        amount = avoided.sel(sector=sector, estimate="central").values
        axes.fill_between(
            years, foot, foot + amount, color=colour, linewidth=0, gid=f"avoided.{sector}"
        )
        middles.append(float(foot[-1] + amount[-1] / 2))
        texts.append(f"{sector_name(sector, lang)} {number(float(amount[-1]), digits)}")
        foot = foot + amount
    total = avoided.sel(sector=TOTAL)
    low, high = (total.sel(estimate=e).values for e in ("low", "high"))
    for edge in (low, high):
        axes.plot(years, edge, color=INK, linewidth=0.9, linestyle=DOTS, gid="avoided.range")
    axes.plot(years, foot, color=INK, linewidth=1.5, gid="avoided.total")
    axes.set_ylim(min(0.0, low.min()), max(high.max(), foot.max()) * 1.06)
    ends = [*middles, float(foot[-1]), float(high[-1]), float(low[-1])]
    texts += [
        f"{label('total', lang)} {number(float(foot[-1]), digits)}",
        f"{label('high', lang)} {number(high[-1], digits)}",
        f"{label('low', lang)} {number(low[-1], digits)}",
    ]
    tones = [*colours, INK, MUTED, MUTED]
    gap = axes.get_ylim()[1] * 0.052
    end_labels(axes, years[-1], ends, texts, tones, gap, square=len(colours))
    axes.set_title(label("wedges_right", lang), pad=22, fontweight="bold")
    year_axis(axes, years)
    amount_axis(axes, label("emissions_axis", lang))


def comparison_figure(comparison: Comparison, *, lang: str = "en") -> Figure:
    """
    Draw NER and NER* of all sectors by scenario and year.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels on one axis: lines ``NER.<scenario>`` and ``NER_star.<scenario>`` with their
        corner ranges ``range.<quantity>.<scenario>``. A scenario without effect is the zero line.

    Raises
    ------
    FontError
        If no installed font has the characters.
    """
    check_language(lang)
    first = comparison.results[0]
    title = label("comparison_figure_title", lang)
    moving = [r for r in comparison.results if not no_effect(r.indicators)]
    still = [r for r in comparison.results if no_effect(r.indicators)]
    with sheet(title, first.record, lang, shipped=_shipped(first)) as figure:
        if not moving:
            say(figure, label("no_effect", lang))
            return figure
        left = figure.add_axes((0.06, 0.11, 0.275, 0.66))
        right = figure.add_axes((0.555, 0.11, 0.275, 0.66), sharey=left)
        for axes, key in ((left, "NER"), (right, "NER_star")):
            _paths(axes, key, moving, lang)
            axes.set_title(label(f"{key}_panel", lang), pad=22, fontweight="bold")
            amount_axis(axes, label("emissions_axis", lang))
        bottom, top = left.dataLim.intervaly
        other = right.dataLim.intervaly
        left.set_ylim(min(0.0, bottom, other[0]) * 1.06, max(top, other[1]) * 1.06)
        for axes, key in ((left, "NER"), (right, "NER_star")):
            _ends(axes, key, moving, still, lang)
        note(figure, label("comparison_note", lang))
    return figure


def _paths(axes: Axes, key: str, runs: Sequence[Results], lang: str) -> None:
    for run, colour, mark in zip(
        runs, _cycle(LINES, len(runs)), _cycle(MARKS, len(runs)), strict=True
    ):
        line = run.indicators[key].sel(sector=TOTAL)
        years, name = line["year"].values, run.scenario.name
        low, high = (line.sel(estimate=e).values for e in ("low", "high"))
        axes.fill_between(
            years, low, high, color=colour, alpha=0.12, linewidth=0, gid=f"range.{key}.{name}"
        )
        for edge in (low, high):
            axes.plot(years, edge, color=colour, linewidth=0.8, linestyle=DOTS)
        axes.plot(
            years,
            line.sel(estimate="central").values,
            color=colour,
            linewidth=2,
            marker=mark,
            markersize=4,
            clip_on=False,
            gid=f"{key}.{name}",
        )
    year_axis(axes, years)
    axes.axhline(0, color=INK, linewidth=1.2)


def _ends(
    axes: Axes, key: str, runs: Sequence[Results], still: Sequence[Results], lang: str
) -> None:
    """Write the end values beside the lines, and the reference beside zero."""
    ends, texts = [], []
    for run in runs:
        cell = run.indicators[key].sel(sector=TOTAL).isel(year=-1)
        ends.append(corners(cell)[1])
        central = numbers(corners(cell))[1]
        name = wrapped(scenario_name(run.scenario, lang), LABEL)
        texts.append(f"{name}\n{central} ({span(cell, lang)})")
    names = [scenario_name(r.scenario, lang) for r in still] or [label("zero_line", lang)]
    texts.append("\n".join(wrapped(name, LABEL) for name in names))
    bottom, top = axes.get_ylim()
    gap = (top - bottom) * 0.048 * max(1 + t.count("\n") for t in texts)
    last = runs[0].indicators["year"].values[-1]
    end_labels(axes, last, [*ends, 0.0], texts, [*_cycle(LINES, len(runs)), INK], gap)


def no_effect(indicators: xr.Dataset) -> bool:
    """
    Tell whether no lever does anything in a run.

    Parameters
    ----------
    indicators : xarray.Dataset
        Of a run.

    Returns
    -------
    bool
        Whether enabling effect and footprint are zero throughout.
    """
    return not (indicators["enabled"].any() or indicators["footprint"].any())


def _cycle(values: Sequence[str], count: int) -> list[str]:
    return [values[i % len(values)] for i in range(count)]


def _shipped(results: Results) -> bool:
    return results.scenario.table in io_tables.names()
