"""What stands around the sectors of a sheet, told by sums: totals, output and signs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from io_tables.recognition import Numbers, Square
from io_tables.vocabulary import ACCOUNTS, OUTPUT, TOTAL, named

Array = npt.NDArray[np.float64]
PART = "transactions"


@dataclass
class Side:
    """
    Columns right of the sectors, or lines below them, and what they are.

    Parameters
    ----------
    places : list of int
        Columns, or lines, from zero.
    values : dict
        Place -> numbers along the sectors, zero where empty.
    names : dict
        Place -> texts that stand above, or beside, the closest first.
    totals : dict
        Place of a total -> places of its parts; ``"transactions"`` for all sectors.
    weights : dict
        Place of a part -> 1, -1, or 0 where it is no part of the identity.
    gap : float
        Largest amount by which the identity does not close.
    loosest : float
        Largest amount by which a total misses its parts.
    """

    places: list[int]
    values: dict[int, Array]
    names: dict[int, list[str]]
    totals: dict[int, list[int | str]] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    gap: float = float("nan")
    loosest: float = 0.0


def sides(sheet: Numbers, square: Square) -> tuple[Side, Side]:
    """
    Gather columns right of the sectors and lines below them.

    Parameters
    ----------
    sheet : Numbers
        Sheet.
    square : Square
        Its sectors.

    Returns
    -------
    Side, Side
        Columns, and lines.
    """
    lines, across, values = square.lines, square.across, sheet.values
    top, left = min(lines), min(across)
    right = [
        k
        for k in range(max(across) + 1, values.shape[1])
        if np.isfinite(values[lines, k]).sum() >= max(1, 0.5 * len(lines))
    ]
    used = range(square.abroad[0], square.abroad[1] + 1) if square.abroad else range(0)
    below = [
        i
        for i in range(max(lines) + 1, len(values))
        if i not in used and np.isfinite(values[i, across]).sum() >= max(1, 0.5 * len(across))
    ]
    above = [*reversed(square.header), *range(top - 1, -1, -1)]
    before = [*reversed(square.beside), *range(left - 1, -1, -1)]
    columns = Side(
        right,
        {k: np.nan_to_num(values[lines, k]) for k in right},
        {k: _names(sheet.texts[i][k] for i in above) for k in right},
    )
    rows = Side(
        below,
        {i: np.nan_to_num(values[i, across]) for i in below},
        {i: _names(sheet.texts[i][k] for k in before) for i in below},
    )
    return columns, rows


def _names(texts: Iterable[str]) -> list[str]:
    """Texts of a heading, the label first."""
    return [text for text in dict.fromkeys(texts) if text]


def slack(values: Iterable[Array], terms: int) -> float:
    """
    Largest gap that rounding explains.

    Parameters
    ----------
    values : iterable of numpy.ndarray
        Numbers of the sheet.
    terms : int
        How many are added up.

    Returns
    -------
    float
        Half of the last printed digit for each term; at least 1e-6 of the largest number.
    """
    every = np.concatenate([np.ravel(v) for v in values]) if values else np.zeros(1)
    scale = float(np.abs(every).max(initial=0.0))
    for digits in range(4):
        if np.allclose(np.round(every, digits), every, rtol=0, atol=1e-9 * max(scale, 1.0)):
            return max(1e-6 * scale, min(0.5 * terms * 10.0**-digits, 1e-3 * scale))
    return 1e-6 * scale


def find_totals(side: Side, inner: Array, tolerance: float) -> None:
    """
    Find columns, or lines, that are sums of those before them.

    Parameters
    ----------
    side : Side
        Its ``totals`` are filled.
    inner : numpy.ndarray
        Sums over all sectors.
    tolerance : float
        Largest gap of a sum.
    """
    leaves: list[int] = []
    for place in side.places:
        column = side.values[place]
        if np.abs(column - inner).max() <= tolerance and np.abs(column).max() > tolerance:
            side.totals[place] = [PART]
            side.loosest = max(side.loosest, float(np.abs(column - inner).max()))
            continue
        found = list(_sums(side, place, leaves, inner, tolerance))
        if found:
            gap, side.totals[place] = min(found, key=lambda f: f[0])
            side.loosest = max(side.loosest, gap)
        else:
            leaves.append(place)


def _sums(
    side: Side, place: int, leaves: Sequence[int], inner: Array, tolerance: float
) -> Iterator[tuple[float, list[int | str]]]:
    """Sums of the last parts, with the sectors or without, that a column has."""
    column = side.values[place]
    if np.abs(column).max() <= tolerance:
        return
    one = any(TOTAL.search(name) for name in side.names[place])
    for count in range(1 if one else 2, len(leaves) + 1):
        last = leaves[-count:]
        if not _told(side, last):
            continue
        total = np.sum([side.values[p] for p in last], axis=0)
        parts: list[int | str] = [*last]
        for sums, terms in ((total, parts), (total + inner, [PART, *parts])):
            gap = float(np.abs(column - sums).max())
            if gap <= tolerance:
                yield gap, terms


def _told(side: Side, parts: Sequence[int]) -> bool:
    """Whether a sum says anything: more than one of its parts is not zero."""
    return len(parts) == 1 or sum(bool(np.abs(side.values[p]).max() > 0) for p in parts) > 1


def outputs(
    columns: Side, rows: Side, tolerance: float
) -> list[tuple[int | None, int | None, bool]]:
    """
    Find what may be output: a column and a line with the same numbers, or one by its name.

    Parameters
    ----------
    columns, rows : Side
        Both sides, totals found.
    tolerance : float
        Largest difference.

    Returns
    -------
    list of tuple
        Column, line, and whether they agree; the most likely first.
    """
    pairs = [
        (_score(columns.names[c]) + _score(rows.names[r]), c, r)
        for c in columns.places
        for r in rows.places
        if np.abs(columns.values[c] - rows.values[r]).max() <= tolerance
        and np.abs(columns.values[c]).max() > tolerance
    ]
    if pairs:
        return [(c, r, True) for _, c, r in sorted(pairs, reverse=True)]
    by_name = [c for c in columns.places if _score(columns.names[c])]
    below = [r for r in rows.places if _score(rows.names[r])]
    alone: list[tuple[int | None, int | None, bool]] = [(None, r, False) for r in below]
    return [*alone, *((c, None, False) for c in by_name)]


def _score(names: Sequence[str]) -> int:
    return int(any(OUTPUT.search(name) for name in names))


def close(side: Side, target: Array, output: int | None, flips: bool, tolerance: float) -> None:
    """
    Find the signs of the parts by which they add up to a target.

    Parameters
    ----------
    side : Side
        Its ``weights`` and ``gap`` are filled.
    target : numpy.ndarray
        What the parts have to sum to.
    output : int, optional
        Place of output itself; what stands beyond it is no part, unless that closes the sum.
    flips : bool
        Whether a part may be subtracted.
    tolerance : float
        Largest gap that counts as none.
    """
    parts = [p for p in side.places if p != output and p not in side.totals]
    beyond = np.inf if output is None else output
    accounts = {p for p in parts if named(side.names[p], ACCOUNTS)}
    start = {p: int(p < beyond and p not in accounts) for p in parts}
    choices = (-1, 0, 1) if flips else (0, 1)
    singles = [{p: w} for w in choices for p in parts if start[p] != w]
    doubles = [a | b for a, b in itertools.combinations(singles, 2) if {*a} != {*b}]
    best: tuple[float, dict[int, int]] = (np.inf, start)
    for change in [{}, *singles, *(doubles if len(parts) <= 20 else [])]:
        weights = start | change
        total = np.sum([w * side.values[p] for p, w in weights.items()], axis=0)
        gap = float(np.abs(total - target).max())
        if gap < best[0]:
            best = gap, weights
        if gap <= tolerance:
            break
    side.gap, side.weights = best if best[0] <= tolerance else (_plain_gap(side, start, target))


def _plain_gap(side: Side, weights: dict[int, int], target: Array) -> tuple[float, dict[int, int]]:
    """Gap with all parts as they are, where no signs close the identity."""
    total = np.sum([w * side.values[p] for p, w in weights.items()], axis=0)
    return float(np.abs(total - target).max()), weights
