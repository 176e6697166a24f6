"""Where a sheet of unknown layout has its sectors: labels that stand above and beside numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from io_tables.cells import Cells
from io_tables.readers.sheet import Sheet, words
from io_tables.sheets import Wide
from io_tables.vocabulary import OUTPUT, TOTAL

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
