"""From what a sheet shows to the fields of its manifest, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from io_tables.cells import Cells, letters
from io_tables.identities import Side, close, find_totals, outputs, sides, slack
from io_tables.readers.grid import year_in
from io_tables.recognition import Numbers, Square, find_square, numbers_of
from io_tables.vocabulary import ACCOUNTS, named, prices_in, units_in
from io_tables.wide_fields import OUTPUTS, Seen, column_fields, place_fields, row_fields, span

CANDIDATES = 6  # for output


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
    wide = place_fields(sheet, square)
    wide |= column_fields(sheet, columns, output, seen, tolerance, np.isfinite(columns.gap))
    wide |= row_fields(sheet, rows, foot, seen, tolerance)
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
    block = span(square.lines, square.across)
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
        cells = span([top, bottom], square.across)
        seen.append(
            Seen("imported inputs", "a second block", cells, "the same labels again", sure=True)
        )
    return seen


def _list(items: Iterable[object]) -> str:
    return ", ".join(map(str, items))


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
