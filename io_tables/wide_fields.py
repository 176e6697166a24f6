"""Fields of a manifest: where a sheet has its sectors, final demand, value added and totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from io_tables.cells import letters
from io_tables.identities import PART, Side
from io_tables.recognition import Numbers, Square
from io_tables.table import IMPORTS
from io_tables.vocabulary import CATEGORIES, COMPONENTS, ERRORS, OUTPUT, PRODUCT, named

OUTPUTS = [(OUTPUT, "output")]


@dataclass(frozen=True)
class Seen:
    """
    One thing that was recognised.

    Parameters
    ----------
    what, value : str
        Field, and what it is.
    where : str
        Cells.
    how : str
        How it was verified.
    sure : bool
        Whether nothing else would do.
    """

    what: str
    value: str
    where: str
    how: str
    sure: bool = True

    def __str__(self) -> str:
        """One line."""
        where = f" [{self.where}]" if self.where else ""
        return f"{self.what}: {self.value}{where} ({self.how})"


def span(lines: Sequence[int], across: Sequence[int]) -> str:
    """
    Name a block of cells as a spreadsheet does.

    Parameters
    ----------
    lines, across : sequence of int
        Lines and columns from zero.

    Returns
    -------
    str
        First and last cell.

    Examples
    --------
    >>> span([1, 2], [1, 2, 3])
    'B2:D3'
    """
    first = f"{letters(min(across))}{min(lines) + 1}"
    return f"{first}:{letters(max(across))}{max(lines) + 1}"


def place_fields(sheet: Numbers, square: Square) -> dict[str, Any]:
    """
    Say where the sectors are.

    Parameters
    ----------
    sheet : Numbers
        Sheet.
    square : Square
        Its sectors.

    Returns
    -------
    dict
        Fields of ``[wide]``: labels, the block of transactions, what is skipped in it.
    """
    lines, across = square.lines, square.across
    skipped = sorted({*range(min(lines), max(lines) + 1)} - {*lines})
    beside = sorted({*range(min(across), max(across) + 1)} - {*across})
    wide: dict[str, Any] = {
        "header": [i + 1 for i in square.header],
        "labels": [letters(j) for j in square.beside],
        "transactions": span(lines, across),
    }
    regions = [label.partition(":")[0] for label in square.labels]
    if len(square.beside) > 1 and 1 < len({*regions}) < len(regions):
        wide["regions"] = True
    wide |= {"skip_rows": [i + 1 for i in skipped]} if skipped else {}
    wide |= {"skip_columns": [letters(k) for k in beside]} if beside else {}
    if square.abroad:
        wide["imported_inputs"] = span([*square.abroad], across)
    wide |= {"decimal": sheet.decimal} if sheet.decimal != "." else {}
    wide |= {"thousands": sheet.thousands} if sheet.thousands else {}
    if np.isnan(sheet.values[np.ix_(lines, across)]).any():
        empty = {sheet.texts[i][k] for i in lines for k in across if np.isnan(sheet.values[i, k])}
        wide["zero_marks"] = sorted(empty)
    for k in range(min(across)):
        column = [sheet.texts[i][k] for i in lines]
        chinese = sum(any("一" <= sign <= "鿿" for sign in text) for text in column)
        if k not in square.beside and all(column) and len({*column}) == len(column):
            if chinese > 0.9 * len(column):
                wide.setdefault("title_zh", letters(k))
            elif not chinese and sum(text[:1].isalpha() for text in column) > 0.9 * len(column):
                wide.setdefault("title", letters(k))
    return wide


def column_fields(
    sheet: Numbers, side: Side, output: int | None, seen: list[Seen], tolerance: float, told: bool
) -> dict[str, Any]:
    """
    Say what the columns right of the sectors are.

    Parameters
    ----------
    sheet : Numbers
        Sheet.
    side : Side
        The columns, with totals and weights.
    output : int, optional
        The column that holds output.
    seen : list of Seen
        What is recognised is added here.
    tolerance : float
        Largest gap that rounding explains.
    told : bool
        Whether output is known, so that the gap means something.

    Returns
    -------
    dict
        Fields of ``[wide]``: final demand, imports, errors, output and totals.
    """
    pick = {p: _selector(side, p, _address(p)) for p in side.places}
    how = f"rows add up to output within {side.gap:.3g}" if told else "by name"
    closed = told and side.gap <= tolerance
    wide: dict[str, Any] = {"final_demand": {}}
    taken: Counter[str] = Counter()
    for place, weight in side.weights.items():
        cells = f"column {letters(place)}"
        name = named(side.names[place], CATEGORIES)
        title = next(iter(side.names[place]), f"column {letters(place)}")
        negative = bool((side.values[place] <= 0).all() and (side.values[place] < 0).any())
        if weight == -1 or name == IMPORTS:
            wide["imports"] = pick[place]
            wide["imports_sign"] = "positive" if weight == -1 else "negative"
            sign = f"{title}, stored {wide['imports_sign']}"
            seen.append(Seen(IMPORTS, sign, cells, how, closed and (weight == -1 or negative)))
        elif weight == 0:
            seen.append(Seen("left out", title, cells, "no part of the sum to output", closed))
        elif name == ERRORS:
            wide["errors"] = pick[place]
            seen.append(Seen(ERRORS, title, cells, how, closed))
        else:
            label = _free(name or title, title, taken)
            wide["final_demand"][pick[place]] = label
            seen.append(Seen("final demand", f"{title} -> {label}", cells, how, closed))
    wide |= {} if output is None else {"output_column": pick[output]}
    totals = {p: parts for p, parts in side.totals.items() if p != output}
    if totals:
        wide["total_columns"] = {pick[p]: _terms(parts, pick) for p, parts in totals.items()}
    seen += _summed(totals, side, "column")
    if not wide["final_demand"]:
        seen.append(Seen("final demand", "none", "", "no columns right of the sectors", sure=False))
    if not closed and np.isfinite(side.gap):
        seen.append(Seen("rows", f"miss output by up to {side.gap:.4g}", "", "no signs close them",
                         sure=False))  # fmt: skip
    return wide


def row_fields(
    sheet: Numbers, side: Side, foot: int | None, seen: list[Seen], tolerance: float
) -> dict[str, Any]:
    """
    Say what the lines below the sectors are.

    Parameters
    ----------
    sheet : Numbers
        Sheet.
    side : Side
        The lines, with totals and weights.
    foot : int, optional
        The line that holds output.
    seen : list of Seen
        What is recognised is added here.
    tolerance : float
        Largest gap that rounding explains.

    Returns
    -------
    dict
        Fields of ``[wide]``: value added, output and totals.
    """
    pick = {p: _selector(side, p, f"${p + 1}") for p in side.places}
    closed = side.gap <= tolerance
    how = f"columns add up to output within {side.gap:.3g}"
    wide: dict[str, Any] = {"value_added": {}}
    taken: Counter[str] = Counter()
    for place, weight in side.weights.items():
        title = next(iter(side.names[place]), f"line {place + 1}")
        if weight == 0:
            continue
        name = named(side.names[place], PRODUCT) or named(side.names[place], COMPONENTS)
        label = _free(name or title, title, taken)
        wide["value_added"][pick[place]] = label
        seen.append(Seen("value added", f"{title} -> {label}", f"line {place + 1}", how, closed))
    wide |= {} if foot is None else {"output_row": pick[foot]}
    totals = {p: parts for p, parts in side.totals.items() if p != foot}
    if totals:
        wide["total_rows"] = {pick[p]: _terms(parts, pick) for p, parts in totals.items()}
        for parts in wide["total_rows"].values():
            if parts == [PART] and sheet and "imported" in "".join(s.what for s in seen):
                parts.append("imported_inputs")
    seen += _summed(totals, side, "line")
    if not wide["value_added"]:
        seen.append(Seen("value added", "none", "", "taken as what balances", sure=False))
    elif not closed and np.isfinite(side.gap):
        seen.append(Seen("columns", f"miss output by up to {side.gap:.4g}", "",
                         "value added is not whole", sure=False))  # fmt: skip
    return wide


def _selector(side: Side, place: int, address: str) -> str:
    """How a manifest names a column or line: by a text that no other has."""
    others = Counter(name for names in side.names.values() for name in {*names})
    title = next((name for name in side.names[place] if others[name] == 1), "")
    return title if title and not title.startswith(("$", "-")) else address


def _address(place: int) -> str:
    return f"${letters(place)}"


def _free(name: str, title: str, taken: Counter[str]) -> str:
    """A name that is not taken."""
    label = name if not taken[name] else title
    while taken[label]:
        label = f"{label} {taken[name] + 1}"
    taken[label] += 1
    taken[name] += label != name
    return label


def _terms(parts: Sequence[int | str], pick: Mapping[int, str]) -> list[str]:
    return [pick[p] if isinstance(p, int) else p for p in parts]


def _summed(totals: Mapping[int, list[int | str]], side: Side, kind: str) -> Iterator[Seen]:
    """Say which totals were found."""
    for place, parts in totals.items():
        at = letters(place) if kind == "column" else str(place + 1)
        title = next(iter(side.names[place]), "")
        inner = "the sectors" if PART in parts else ""
        count = sum(isinstance(p, int) for p in parts)
        rest = f"{count} {kind}(s)" if count else ""
        terms = " and ".join(t for t in (inner, rest) if t)
        yield Seen("total", title, f"{kind} {at}", f"sum of {terms}, checked")
