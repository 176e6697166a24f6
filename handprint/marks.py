"""Marks of a figure: amounts, whiskers, labels beside lines, axes."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import xarray as xr

from handprint.canvas import INK, MUTED, RULE
from handprint.wording import corners, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


def bar_amount(axes: Axes, place: float, height: float, text: str) -> None:
    """
    Write a number at the end of a bar, left of its whisker.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Panel.
    place : float
        Middle of the bar.
    height : float
        Its end; the number stands above it, or below if the bar hangs down.
    text : str
        The number.
    """
    below = height < 0
    axes.annotate(
        text,
        (place - 0.05, height),
        xytext=(0, -4 if below else 4),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        fontweight="bold",
        fontsize=10.5,
    )


def whisker(axes: Axes, x: float, cell: xr.DataArray, gid: str) -> None:
    """
    Draw a range beside a value.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Panel.
    x : float
        Where.
    cell : xarray.DataArray
        Dims (estimate).
    gid : str
        Name of the artist.
    """
    from matplotlib.patheffects import withStroke

    low, mid, high = corners(cell)
    reach = ([max(0.0, mid - low)], [max(0.0, high - mid)])
    bars = axes.errorbar([x], [mid], yerr=reach, fmt="none", ecolor=INK, elinewidth=1.4, capsize=4)
    bars.lines[2][0].set_path_effects([withStroke(linewidth=3.5, foreground="white")])
    bars.lines[2][0].set_gid(gid)


def foot_lines(axes: Axes, place: float, lines: Sequence[str]) -> None:
    """
    Name a bar below the axis, every line at its own height, so that all names start level.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Panel.
    place : float
        Middle of the bar.
    lines : sequence of str
        Texts.
    """
    for i, text in enumerate(lines):
        axes.annotate(
            text,
            (place, 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -17 - 13.5 * i),
            textcoords="offset points",
            ha="center",
            va="baseline",
        )


def end_labels(
    axes: Axes,
    x: float,
    heights: Sequence[float],
    texts: Sequence[str],
    colours: Sequence[str],
    gap: float,
    square: int = 0,
) -> None:
    """
    Write beside the end of lines, without one label on another.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Panel.
    x : float
        Last year.
    heights : sequence of float
        Where the lines end.
    texts : sequence of str
        Labels.
    colours : sequence of str
        Of the lines.
    gap : float
        Least distance of two labels.
    square : int
        So many labels, the first, stand on a patch of their colour.
    """
    places = spread_out(heights, gap)
    for i, (text, place, colour) in enumerate(zip(texts, places, colours, strict=True)):
        axes.annotate(
            text,
            (x, place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            linespacing=1.25,
            color=ink_on(colour) if i < square else colour,
            annotation_clip=False,
            bbox={"facecolor": colour, "edgecolor": "none", "pad": 2.0} if i < square else None,
        )


def note(figure: Figure, text: str) -> None:
    """
    Write what a reader must know below the title.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Sheet.
    text : str
        One line or two.
    """
    figure.text(0.03, 0.92, text, fontsize=9, color=MUTED, va="top", linespacing=1.4, gid="note")


def say(figure: Figure, sentence: str) -> None:
    """
    Write a sentence where there is nothing to draw.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Sheet.
    sentence : str
        Why.
    """
    figure.text(
        0.5, 0.5, sentence, ha="center", va="center", fontsize=12, wrap=True, gid="sentence"
    )


def amount_axis(axes: Axes, title: str) -> None:
    """
    Number the upright axis and name its unit.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Panel.
    title : str
        Unit.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.set_ylabel(title, rotation=0, ha="left", va="bottom", fontsize=8.5)
    axes.yaxis.set_label_coords(-0.01, 1.015)
    axes.grid(axis="y", color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)


def _tick(value: float, _position: int | None) -> str:
    return number(value, 0 if value == round(value) else 1)


def year_axis(axes: Axes, years: NDArray[Any]) -> None:
    """
    Number the axis of years, five or so, the last always among them.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Panel.
    years : numpy.ndarray
        All years.
    """
    step = max(1, -(-(len(years) - 1) // 5))
    axes.set_xticks([int(y) for y in years[::-1][::step][::-1]])
    axes.set_xlim(years[0], years[-1])


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """
    Move labels apart that would lie on each other.

    Parameters
    ----------
    heights : sequence of float
        Where the labels belong.
    gap : float
        Least distance.

    Returns
    -------
    list of float
        Where to write them: in the same order, as near as the gap allows.

    Examples
    --------
    >>> spread_out([1.0, 5.0, 1.5], gap=1.0)
    [0.75, 5.0, 1.75]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    groups: list[list[float]] = []  # [middle, number of labels]
    for i in order:
        groups.append([heights[i], 1])
        while len(groups) > 1:
            (low, n), (high, m) = groups[-2:]
            if high - low >= gap * (n + m) / 2:
                break
            groups[-2:] = [[(low * n + high * m) / (n + m), n + m]]
    places = [mid + gap * (k - (n - 1) / 2) for mid, n in groups for k in range(int(n))]
    found = dict(zip(order, places, strict=True))
    return [found[i] for i in range(len(heights))]


def wrapped(text: str, width: int) -> str:
    """
    Break a text into lines; Chinese characters count twice and break anywhere.

    Parameters
    ----------
    text : str
        One line.
    width : int
        Letters that fit in a line.

    Returns
    -------
    str
        With line breaks.

    Examples
    --------
    >>> wrapped("frozen-digitalisation", 12)
    'frozen-\\ndigitalisation'
    >>> wrapped("数字化水平", 6)
    '数字化\\n水平'
    """
    if not any(unicodedata.east_asian_width(c) in "WF" for c in text):
        return "\n".join(textwrap.wrap(text, width, break_long_words=False))
    lines, used = [""], 0
    for c in text:
        wide = 2 if unicodedata.east_asian_width(c) in "WF" else 1
        if used + wide > width:
            lines.append("")
            used = 0
        lines[-1] += c
        used += wide
    return "\n".join(lines)


def ink_on(colour: str) -> str:
    """
    Choose black or white letters, whichever is easier to read.

    Parameters
    ----------
    colour : str
        Ground, ``#rrggbb``.

    Returns
    -------
    str
        Colour of the letters.

    Examples
    --------
    >>> ink_on("#0072b2"), ink_on("#e69f00")
    ('white', '#1f2328')
    """
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return INK if light > 0.22 else "white"
