"""The consequence tree of a use case: its effects by order, as text and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.tree import Tree

import sector_models
from handprint.errors import HandprintError
from handprint.i18n import check_language, label
from handprint.marks import wrapped
from io_tables.errors import did_you_mean
from sector_models import Consequence, Sector, UseCase

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ORDERS = ("first", "second", "higher")
COUNTED = {
    "saving": "counted_saving",
    "rebound": "counted_rebound",
    "ict_input": "counted_ict_input",
    "top_down": "counted_top_down",
    "no": "counted_no",
}
"""Texts of what counts an effect."""
SAVES, ADDS = "#009e73", "#d55e00"
COLUMN = {"case": 0.02, "order": 0.26, "effect": 0.47}
LETTERS = {"case": 22, "order": 22, "effect": 58}


class TreeError(HandprintError):
    """There is no such use case, or its file lists no consequences."""


def use_case(sector: str | Path, name: str) -> tuple[Sector, UseCase]:
    """
    Look up a use case with its consequences.

    Parameters
    ----------
    sector : str or path
        Sector model or file.
    name : str
        Key of the use case.

    Returns
    -------
    Sector, UseCase
        Both records.

    Raises
    ------
    TreeError
        If there is none of this name, or it lists no consequences.
    """
    record = sector_models.load(sector)
    case = record.use_cases.get(name)
    if case is None:
        hint = did_you_mean(name, record.use_cases)
        raise TreeError(f"{record.name}: no use case {name!r}; {hint}")
    if not case.consequences:
        raise TreeError(
            f"{record.name}.{name} lists no consequences: add [[use_cases.{name}.consequences]] "
            "to its file, or choose a use case of a detailed sector model"
        )
    return record, case


def tree_text(sector: str | Path, name: str, *, lang: str = "en") -> Tree:
    """
    Draw the consequence tree as text.

    Parameters
    ----------
    sector : str or path
        Sector model or file.
    name : str
        Key of the use case.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    rich.tree.Tree
        Use case, orders of effects, effects with their sign and what counts them.

    Raises
    ------
    TreeError
        If there is none of this name, or it lists no consequences.
    """
    check_language(lang)
    record, case = use_case(sector, name)
    titles = (escape(_own(part, "title", lang)) for part in (case, record))
    trunk = Tree("[bold]{}[/bold] ({})".format(*titles))
    trunk.add(escape(_own(case, "mechanism", lang)))
    for order in ORDERS:
        branch = trunk.add(f"[bold]{label(f'order_{order}', lang)}[/bold]")
        effects = _of(case, order)
        for effect in effects:
            colour = "green" if effect.effect == "saves" else "red"
            branch.add(
                f"[{colour}]{_sign(effect)}[/{colour}] {escape(_own(effect, 'text', lang))} "
                rf"\[{label(COUNTED[effect.counted], lang)}]"
            )
        if not effects:
            branch.add(label("order_none", lang))
    return trunk


def tree_figure(sector: str | Path, name: str, *, lang: str = "en") -> Figure:
    """
    Draw the consequence tree as a picture.

    Parameters
    ----------
    sector : str or path
        Sector model or file.
    name : str
        Key of the use case.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        Boxes ``case``, ``order.<order>`` and ``effect.<number>`` (names are the ``gid`` of the
        texts), from left to right; the taller, the more effects there are.

    Raises
    ------
    TreeError
        If there is none of this name, or it lists no consequences.
    FontError
        If no installed font has the characters.
    """
    from handprint.canvas import plain_sheet

    record, case = use_case(sector, name)
    check_language(lang)
    leaves = [(order, effect) for order in ORDERS for effect in _of(case, order) or (None,)]
    title = label("tree_title", lang, case=_own(case, "title", lang))
    height = max(3.4, 1.7 + 0.72 * len(leaves))
    with plain_sheet(title, lang, height=height) as figure:
        axes = figure.add_axes((0.02, 0.9 / height, 0.96, 1 - 1.75 / height))
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        axes.set_ylim(len(leaves) - 0.5, -0.5)
        _boxes(axes, leaves, record, case, lang)
        figure.text(0.03, 0.42 / height, label("tree_note", lang), fontsize=8, gid="legend")
    return figure


def _boxes(
    axes: Axes,
    leaves: Sequence[tuple[str, Consequence | None]],
    record: Sector,
    case: UseCase,
    lang: str,
) -> None:
    """Write effects, orders and use case, and the lines between them."""
    places: dict[str, list[float]] = {order: [] for order in ORDERS}
    for row, (order, effect) in enumerate(leaves):
        places[order].append(float(row))
        _box(axes, "effect", row, _leaf(effect, lang), f"effect.{row}", _edge(effect))
    middles = {order: sum(found) / len(found) for order, found in places.items()}
    trunk = sum(middles.values()) / len(middles)
    for order, middle in middles.items():
        _box(axes, "order", middle, label(f"order_{order}", lang), f"order.{order}")
        _line(axes, "case", trunk, "order", middle)
        for height in places[order]:
            _line(axes, "order", middle, "effect", height)
    text = f"{_own(case, 'title', lang)}\n({_own(record, 'title', lang)})"
    _box(axes, "case", trunk, text, "case")


def _leaf(effect: Consequence | None, lang: str) -> str:
    if effect is None:
        return label("order_none", lang)
    counted = label(COUNTED[effect.counted], lang)
    return f"{_sign(effect)} {_own(effect, 'text', lang)} [{counted}]"


def _edge(effect: Consequence | None) -> str:
    from handprint.canvas import RULE

    if effect is None:
        return RULE
    return SAVES if effect.effect == "saves" else ADDS


def _box(axes: Axes, column: str, height: float, text: str, gid: str, edge: str = "") -> None:
    """Write a text in a frame, its left side at the column."""
    from handprint.canvas import MUTED

    lines = "\n".join(wrapped(part, LETTERS[column]) for part in text.split("\n"))
    frame: dict[str, Any] = {
        "boxstyle": "round,pad=0.35",
        "facecolor": "white",
        "edgecolor": edge or MUTED,
        "linewidth": 1.6 if edge else 1.0,
    }
    axes.text(
        COLUMN[column],
        height,
        lines,
        va="center",
        fontsize=9,
        fontweight="bold" if column == "case" else "normal",
        bbox=frame,
        zorder=2,
        gid=gid,
    )


def _line(axes: Axes, start: str, low: float, end: str, high: float) -> None:
    """Join two columns with a step; boxes lie over it."""
    from handprint.canvas import RULE

    left, right = COLUMN[start], COLUMN[end]
    bend = right - 0.025
    axes.plot([left, bend, bend, right], [low, low, high, high], color=RULE, lw=1.4, zorder=1)


def _of(case: UseCase, order: str) -> tuple[Consequence, ...]:
    return tuple(effect for effect in case.consequences if effect.order == order)


def _sign(effect: Consequence) -> str:
    return "\u2212" if effect.effect == "saves" else "+"


def _own(record: Sector | UseCase | Consequence, name: str, lang: str) -> str:
    """A text of a record in a language."""
    return str(getattr(record, f"{name}_zh" if lang == "zh" else name))
