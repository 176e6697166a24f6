"""From what a sheet shows to the fields of its manifest, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from io_tables.cells import Cells, letters
from io_tables.readers.grid import year_in
from io_tables.recognition import (
    PART,
    Numbers,
    Side,
    Square,
    close,
    find_square,
    find_totals,
    numbers_of,
    outputs,
    sides,
    slack,
)
from io_tables.table import IMPORTS
from io_tables.vocabulary import (
    ACCOUNTS,
    CATEGORIES,
    COMPONENTS,
    ERRORS,
    OUTPUT,
    PRODUCT,
    named,
    prices_in,
    units_in,
)

CANDIDATES = 6  # for output
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


def described(cells: Cells, stem: str) -> tuple[int, dict[str, Any], list[Seen]] | None:
    """
    Describe a sheet by what it shows.

    Parameters
    ----------
    cells : Cells
        Sheet.
    stem : str
        Name of the file, which may tell the year.

    Returns
    -------
    tuple or None
        Number of sectors, fields of the manifest, and what was recognised; None if no sectors
        are.
    """
    sheet = numbers_of(cells)
    square = find_square(sheet)
    if square is None:
        return None
    columns, rows = sides(sheet, square)
    flows = np.nan_to_num(sheet.values[np.ix_(square.lines, square.across)])
    every = [flows, *columns.values.values(), *rows.values.values()]
    tolerance = slack(every, len(flows) + len(columns.places))
    seen = _layout(sheet, square)
    find_totals(columns, flows.sum(axis=1), tolerance)
    foreign = _abroad(sheet, square)
    find_totals(rows, flows.sum(axis=0) + foreign, tolerance)
    output, foot, agree = _closed(columns, rows, flows, foreign, tolerance)
    wide = _wide(sheet, square)
    wide |= _columns(sheet, columns, output, seen, tolerance, np.isfinite(columns.gap))
    wide |= _rows(sheet, rows, foot, seen, tolerance)
    seen += _output(output, foot, agree, columns, rows, square)
    fields: dict[str, Any] = {"wide": wide, **_texts(sheet, square, stem, seen, cells.sheet)}
    gaps = (columns.gap, rows.gap, columns.loosest, rows.loosest)
    gap = max((g for g in gaps if np.isfinite(g) and g <= tolerance), default=0.0)
    if 1e-6 * float(np.abs(flows).max(initial=0.0)) < gap:
        fields["tolerance"] = float(f"{max(gap * 1.01, 1e-9):.3g}")
        seen.append(Seen("tolerance", f"{fields['tolerance']:g}", "", "rounding of printed digits"))
    seen += _accounts(rows, fields, wide)
    return len(square.labels), fields, seen


def _layout(sheet: Numbers, square: Square) -> list[Seen]:
    """Labels, block, and how numbers are written."""
    n = len(square.labels)
    block = _range(square.lines, square.across)
    seen = [
        Seen(
            "sectors",
            str(n),
            block,
            f"the same labels in line {_list(i + 1 for i in square.header)} and column "
            f"{_list(map(letters, square.beside))}: {square.labels[0]} ... {square.labels[-1]}",
        )
    ]
    if sheet.decimal == "," or sheet.thousands:
        marks = f"decimal {sheet.decimal!r}, thousands {sheet.thousands!r}"
        seen.append(Seen("numbers", marks, "", "most cells are numbers this way", sheet.sure))
    if square.abroad:
        top, bottom = square.abroad
        cells = _range([top, bottom], square.across)
        seen.append(
            Seen("imported inputs", "a second block", cells, "the same labels again", sure=True)
        )
    return seen


def _list(items: Iterable[object]) -> str:
    return ", ".join(map(str, items))


def _range(lines: Sequence[int], across: Sequence[int]) -> str:
    first = f"{letters(min(across))}{min(lines) + 1}"
    return f"{first}:{letters(max(across))}{max(lines) + 1}"


def _abroad(sheet: Numbers, square: Square) -> Any:
    """Imported inputs by purchaser; zero where there is no second block."""
    if square.abroad is None:
        return np.zeros(len(square.labels))
    lines = list(range(square.abroad[0], square.abroad[1] + 1))
    return np.nan_to_num(sheet.values[np.ix_(lines, square.across)]).sum(axis=0)


def _closed(
    columns: Side, rows: Side, flows: Any, foreign: Any, tolerance: float
) -> tuple[int | None, int | None, bool]:
    """Find output, and the signs by which rows and columns add up to it."""
    best: tuple[float, int, int | None, int | None, bool] | None = None
    for i, (column, foot, agree) in enumerate(outputs(columns, rows, tolerance)[:CANDIDATES]):
        _fit(columns, rows, (column, foot), flows, foreign, tolerance)
        gap = float(np.nan_to_num(columns.gap + rows.gap, nan=np.inf))
        gap = 0.0 if gap <= 2 * tolerance else gap
        if best is None or gap < best[0]:
            best = gap, i, column, foot, agree
        if gap == 0.0:
            break
    if best is None:
        close(columns, np.full(len(flows), np.nan), None, False, tolerance)
        return None, None, False
    _fit(columns, rows, (best[2], best[3]), flows, foreign, tolerance)
    return best[2:]


def _fit(
    columns: Side,
    rows: Side,
    output: tuple[int | None, int | None],
    flows: Any,
    foreign: Any,
    tolerance: float,
) -> None:
    column, foot = output
    x = columns.values[column] if column is not None else rows.values[foot or 0]
    ends = [p for p in columns.places if column is None and named(columns.names[p], OUTPUTS)]
    close(columns, x - flows.sum(axis=1), column if column is not None else _last(ends), True,
          tolerance)  # fmt: skip
    below = [p for p in rows.places if foot is None and named(rows.names[p], OUTPUTS)]
    close(rows, x - flows.sum(axis=0) - foreign, foot if foot is not None else _last(below), False,
          tolerance)  # fmt: skip


def _last(places: Sequence[int]) -> int | None:
    return places[0] if places else None


def _wide(sheet: Numbers, square: Square) -> dict[str, Any]:
    """Where the sectors are."""
    lines, across = square.lines, square.across
    skipped = sorted({*range(min(lines), max(lines) + 1)} - {*lines})
    beside = sorted({*range(min(across), max(across) + 1)} - {*across})
    wide: dict[str, Any] = {
        "header": [i + 1 for i in square.header],
        "labels": [letters(j) for j in square.beside],
        "transactions": _range(lines, across),
    }
    regions = [label.partition(":")[0] for label in square.labels]
    if len(square.beside) > 1 and 1 < len({*regions}) < len(regions):
        wide["regions"] = True
    wide |= {"skip_rows": [i + 1 for i in skipped]} if skipped else {}
    wide |= {"skip_columns": [letters(k) for k in beside]} if beside else {}
    if square.abroad:
        wide["imported_inputs"] = _range([*square.abroad], across)
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


def _columns(
    sheet: Numbers, side: Side, output: int | None, seen: list[Seen], tolerance: float, told: bool
) -> dict[str, Any]:
    """Final demand, imports, errors and totals."""
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


def _rows(
    sheet: Numbers, side: Side, foot: int | None, seen: list[Seen], tolerance: float
) -> dict[str, Any]:
    """Value added and totals."""
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


def _output(
    output: int | None, foot: int | None, agree: bool, columns: Side, rows: Side, square: Square
) -> Iterator[Seen]:
    """Say where output is, and what else bears its name."""
    places = [f"column {letters(output)}"] if output is not None else []
    places += [f"line {foot + 1}"] if foot is not None else []
    if agree:
        yield Seen("output", "column and line", ", ".join(places), "the same numbers in both")
        return
    if not places:
        yield Seen("output", "none", "", "taken as the sum of the rows", sure=False)
        return
    x = columns.values[output] if output is not None else rows.values[foot or 0]
    yield Seen("output", "by name and sums", places[0], "no column and line agree", sure=False)
    for side, own, kind in ((columns, output, "column"), (rows, foot, "line")):
        for place in side.places:
            if place == own or not named(side.names[place], OUTPUTS):
                continue
            other = np.flatnonzero(~np.isclose(side.values[place], x, rtol=1e-9, atol=0)).tolist()
            at = letters(place) if kind == "column" else place + 1
            if 0 < len(other) <= max(1, len(x) // 4):
                which = ", ".join(
                    f"{square.labels[i]} {side.values[place][i]:,.10g} against {x[i]:,.10g}"
                    for i in other[:3]
                )
                yield Seen("output", "differs", f"{kind} {at}", f"not read: {which}", sure=False)


def _texts(
    sheet: Numbers, square: Square, stem: str, seen: list[Seen], tab: str | None
) -> dict[str, Any]:
    """Unit, year and prices, where the sheet says them."""
    body = {*square.lines}
    around = [t for i, row in enumerate(sheet.texts) if i not in body for t in row if t]
    around = [t for t in around if not t.replace(".", "").lstrip("-").isdigit()]
    years = {y for t in around if (y := year_in(t)) is not None}
    fields: dict[str, Any] = {}
    if len(years) == 1:
        fields["year"] = years.pop()
        seen.append(Seen("year", str(fields["year"]), "", "the only one in the titles"))
    else:
        for origin, name in (("sheet", tab), ("file", stem)):
            year = year_in((name or "").replace("_", " "))
            if year is not None:
                fields["year"] = year
                how = f"name of the {origin}, {name}"
                seen.append(Seen("year", str(year), "", how, sure=False))
                break
    unit = units_in(around)
    if unit:
        fields["units"] = unit[0]
        seen.append(Seen("units", unit[0], "", f"stated: {unit[1][:60]}"))
    prices = prices_in(around, fields.get("year"))
    if prices:
        fields["price_basis"] = prices[0]
        seen.append(Seen("price_basis", prices[0], "", f"stated: {prices[1][:60]}"))
    return fields


def _accounts(rows: Side, fields: dict[str, Any], wide: Mapping[str, Any]) -> Iterator[Seen]:
    """Name lines below output that look like satellite accounts; their units are not known."""
    for place, names in rows.names.items():
        account = named(names, ACCOUNTS)
        if account and rows.weights.get(place, 0) == 0 and place not in rows.totals:
            how = f'not read: say [wide.satellites] "{names[0]}" = "{account}" and its unit'
            yield Seen("account", account, f"line {place + 1}", how, sure=False)
