"""What a sheet of unknown layout holds, told from its content: labels, sums and identities."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from io_tables.cells import Cells
from io_tables.readers.sheet import Sheet, words
from io_tables.sheets import Wide
from io_tables.vocabulary import ACCOUNTS, OUTPUT, TOTAL, named

Array = npt.NDArray[np.float64]
TOP, SIDE = 60, 15  # lines and columns that may hold labels
LARGEST = 4_000_000  # cells
PAIRED = 8  # lines and columns that may hold labels of two parts
GAP = 3  # lines or columns between two sectors that may be something else
STYLES = ((".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"))
PART = "transactions"


@dataclass(frozen=True)
class Numbers:
    """
    Numbers and texts of a sheet, in a rectangle.

    Parameters
    ----------
    values : numpy.ndarray
        NaN where there is no number.
    texts : list of list of str
        Text of each cell, numbers included.
    decimal, thousands : str
        How numbers are written.
    sure : bool
        Whether another way of writing is ruled out.
    """

    values: Array
    texts: list[list[str]]
    decimal: str
    thousands: str
    sure: bool


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


@dataclass(frozen=True)
class Square:
    """
    Where the same labels stand above and beside the numbers.

    Parameters
    ----------
    header, beside : tuple of int
        Lines, and columns, of the labels; those of several are joined.
    labels : list of str
        Of the sectors, in the order of the lines.
    lines, across : list of int
        Line and column of each.
    abroad : tuple of int, optional
        First and last line of a second block with the same labels.
    """

    header: tuple[int, ...]
    beside: tuple[int, ...]
    labels: list[str]
    lines: list[int]
    across: list[int]
    abroad: tuple[int, int] | None = None


def numbers_of(cells: Cells) -> Numbers:
    """
    Tell numbers from text, and how numbers are written.

    Parameters
    ----------
    cells : Cells
        Sheet.

    Returns
    -------
    Numbers
        By the way of writing that makes most cells numbers.
    """
    width = max(map(len, cells.rows))
    rows = [[*row, *[None] * (width - len(row))] for row in cells.rows]
    texts = [[words(cell) for cell in row] for row in rows]
    results = []
    plain = all(not isinstance(c, str) or "," not in c for row in rows for c in row)
    for decimal, thousands in STYLES[:1] if plain else STYLES:
        wide = Wide(transactions="A1:A1", decimal=decimal, thousands=thousands)
        sheet = Sheet(cells, wide)
        values = np.full((len(rows), width), np.nan)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                try:
                    values[i, j] = sheet.number(cell)
                except ValueError:
                    continue
        results.append((values, decimal, thousands))
    counts = [int(np.isfinite(values).sum()) for values, _, _ in results]
    best = counts.index(max(counts))
    values, decimal, thousands = results[best]
    return Numbers(values, texts, decimal, thousands, counts.count(max(counts)) == 1)


def find_square(sheet: Numbers) -> Square | None:
    """
    Find the sectors: labels that stand in a line and in a column, with numbers between.

    Parameters
    ----------
    sheet : Numbers
        Sheet.

    Returns
    -------
    Square or None
        The largest; None if there are not two such labels.
    """
    height, width = min(TOP, len(sheet.texts)), min(SIDE, len(sheet.texts[0]))
    single = itertools.product(_singles(height), _singles(width))
    double = itertools.product(_pairs(min(height, PAIRED)), _pairs(min(width, PAIRED)))
    best: tuple[tuple[int, int, int], Square] | None = None
    for header, beside in itertools.chain(single, double):
        square = _square(sheet, header, beside)
        if square is None:
            continue
        rank = len(square.labels), max(header), -sum(map(len, square.labels))
        if best is None or rank > best[0]:
            best = rank, square
    return None if best is None else _with_imports(best[1], sheet)


def _singles(count: int) -> list[tuple[int, ...]]:
    return [(i,) for i in range(count)]


def _pairs(count: int) -> list[tuple[int, ...]]:
    return [(i, i + 1) for i in range(count - 1)]


def _square(sheet: Numbers, lines: tuple[int, ...], beside: tuple[int, ...]) -> Square | None:
    """Labels that some lines share with some columns, if there are numbers between."""
    texts = sheet.texts
    header: dict[str, int] = {}
    for k in range(max(beside) + 1, len(texts[0])):
        label = ":".join(texts[i][k] for i in lines)
        if all(texts[i][k] for i in lines) and not _other(label):
            header[label] = -1 if label in header else k
    found: dict[str, int] = {}
    for line in range(max(lines) + 1, len(texts)):
        label = ":".join(texts[line][j] for j in beside)
        if header.get(label, -1) > 0 and label not in found:
            found[label] = line
    run = _run(found, header)
    filled = sum(bool(np.isfinite(sheet.values[found[s], header[s]])) for s in run)
    if len(run) < 2 or filled < 0.5 * len(run):
        return None
    return Square(lines, beside, run, [found[s] for s in run], [header[s] for s in run])


def _other(label: str) -> bool:
    """Whether a label speaks of a total or of output."""
    return bool(TOTAL.search(label) or OUTPUT.search(label))


def _run(lines: Mapping[str, int], columns: Mapping[str, int]) -> list[str]:
    """Longest stretch of labels that stand close together in lines and columns."""
    order = sorted(lines, key=lambda label: lines[label])
    runs: list[list[str]] = [[]]
    for label in order:
        last = runs[-1][-1] if runs[-1] else None
        near = last is None or lines[label] - lines[last] <= GAP
        if not near:
            runs.append([])
        runs[-1].append(label)
    run = max(runs, key=len)
    across = sorted(columns[label] for label in run)
    cuts = [k for k, (a, b) in enumerate(itertools.pairwise(across), start=1) if b - a > GAP]
    parts = [across[a:b] for a, b in itertools.pairwise([0, *cuts, len(across)])]
    kept = {*max(parts, key=len)}
    return [label for label in run if columns[label] in kept]


def _with_imports(square: Square, sheet: Numbers) -> Square:
    """Look for a second block of the same labels below: imported inputs."""
    below, labels = max(square.lines) + 1, {*square.labels}
    again = [
        line
        for line in range(below, len(sheet.texts))
        if ":".join(sheet.texts[line][j] for j in square.beside) in labels
        and np.isfinite(sheet.values[line, square.across]).any()
    ]
    if len(again) != len(square.labels) or again[-1] - again[0] + 1 != len(again):
        return square
    return Square(
        square.header, square.beside, square.labels, square.lines, square.across,
        (again[0], again[-1]),
    )  # fmt: skip


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
