"""
Where the codes stand in a workbook of the National Bureau of Statistics of China.

Codes are partly text (``01``), partly numbers (36.0), partly missing; so the row and the column of
codes are those with the most running numbers, and what has no code is known by its Chinese name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from io_tables.arrays import same_labels
from io_tables.cells import Cells
from io_tables.checks import label_findings
from io_tables.errors import LayoutError
from io_tables.readers import nbs
from io_tables.readers.grid import text, year_in
from io_tables.report import Finding, refuse

CODE = "代码"
KINDS = {  # words of the title, without blanks
    "完全消耗系数": "cumulative input coefficients",
    "直接消耗系数": "direct input coefficients",
    "产品比例": "product-mix matrix",
    "市场份额": "market-share matrix",
    "基本流量": "flows",
}
ROW_NAMES = {
    "中间投入合计": "TII",
    "劳动者报酬": "VA001",
    "生产税净额": "VA002",
    "固定资产折旧": "VA003",
    "营业盈余": "VA004",
    "增加值合计": "TVA",
    "总投入": "TI",
    "产业部门总产出": "SUM",
    "产业部门合计": "SUM",
}
COLUMN_NAMES = {
    "中间使用合计": "TIU",
    "农村居民": "FU101",
    "城镇居民": "FU102",
    "小计": "THC",
    "政府消费支出": "FU103",
    "固定资本形成总额": "FU201",
    "存货增加": "FU202",
    "出口": "EX",
    "最终使用合计": "TFU",
    "进口": "IM",
    "其他": "ERR",
    "总产出": "GO",
    "产品部门总产出": "SUM",
    "产品部门合计": "SUM",
}
WORDS = frozenset({CODE, "-", "SUM", *nbs.ROW_CODES, *nbs.COLUMN_CODES})
RUNNING = re.compile(r"(\d{1,3})(?:\.0+)?", re.ASCII)
SUBTOTALS = {"FU103": "TC", "FU202": "GCF"}  # 合计 right of these


@dataclass(frozen=True)
class Sheet:
    """
    A sheet whose codes are found.

    Parameters
    ----------
    kind : str
        One of the values of ``KINDS``; flows by industry are ``"use"`` or ``"make"``.
    year : int, optional
        Year of the prices, from the titles.
    frame : Frame
        Where things stand.
    names : tuple of str
        Chinese names of the rows that are sectors.
    column_names : tuple of str
        Chinese names of the columns that are sectors.
    """

    kind: str
    year: int | None
    frame: nbs.Frame
    names: tuple[str, ...]
    column_names: tuple[str, ...]


def find_codes(cells: Cells) -> Sheet:
    """
    Find rows and columns by content.

    Parameters
    ----------
    cells : Cells
        A sheet with a title of the Bureau's tables.

    Returns
    -------
    Sheet
        Its kind, year and codes.

    Raises
    ------
    LabelError
        If codes stand there twice, or rows and columns list different ones.
    LayoutError
        If a total stands there twice.
    """
    top = max(range(len(cells.rows)), key=lambda i: _codes(cells.rows[i]))
    side = max(
        range(max(len(row) for row in cells.rows)),
        key=lambda j: _codes([row[j] for row in cells.rows if j < len(row)]),
    )
    header, below = cells.rows[top], list(enumerate(cells.rows))[top + 1 :]
    own = [(j, _whole(c)) for j, c in enumerate(header) if j > side and _whole(c)]
    at_side = [(i, _whole(row[side])) for i, row in below if side < len(row) and _whole(row[side])]
    width = len(str(max((code for _, code in [*own, *at_side]), default=0)))
    columns = {f"{code:0{width}d}": j for j, code in own}
    lines = {f"{code:0{width}d}": i for i, code in at_side}
    sectors, last = list(lines), max(lines.values(), default=top)
    twice = [
        *label_findings([f"{code:0{width}d}" for _, code in own], "column"),
        *label_findings([f"{code:0{width}d}" for _, code in at_side], "row"),
    ]
    refuse(cells.name, twice)
    same_labels(list(columns), sectors, f"{cells.name}: columns against rows")
    names = tuple(_name(cells.rows[i][:side]) for i in lines.values())
    heads = tuple(
        _name([row[j] for row in cells.rows[:top] if j < len(row)]) for j in columns.values()
    )
    lines |= _other_rows(cells, side, last)
    columns |= _other_columns(cells, top, max(columns.values(), default=side))
    kind = kind_of(cells)
    if kind == "flows" and "GO" not in columns:
        kind = "make" if "SUM" in lines else "use"
    frame = nbs.Frame(sectors, columns, lines)
    return Sheet(kind, year_of(cells), frame, names, heads)


def _other_rows(cells: Cells, side: int, last: int) -> dict[str, int]:
    """Rows below the sectors by code, or by Chinese name where the code is missing."""
    found: dict[str, int] = {}
    for i, row in enumerate(cells.rows[last + 1 :], start=last + 1):
        code = text(row[side]) if side < len(row) else ""
        code = code or next((ROW_NAMES[n] for c in row[:side] if (n := bare(c)) in ROW_NAMES), "")
        if code in found:
            refuse(cells.name, [_twice(f"row {code}")])
        if code:
            found[code] = i
    return found


def _other_columns(cells: Cells, top: int, last: int) -> dict[str, int]:
    """Columns right of the sectors by code, or by the lowest heading where it is missing."""
    found: dict[str, int] = {}
    before = ""
    for j in range(last + 1, max(len(row) for row in cells.rows[: top + 1])):
        above = [bare(row[j]) for row in cells.rows[: top + 1] if j < len(row)]
        heads = [h for h in above[:-1] if h]
        code = above[-1] if len(above) > top and above[-1] else ""
        if not code:
            code = next((COLUMN_NAMES[h] for h in reversed(heads) if h in COLUMN_NAMES), "")
        if not code and "合计" in heads:
            code = SUBTOTALS.get(before, "")
        if code in found:
            refuse(cells.name, [_twice(f"column {code}")])
        if code:
            found[code] = j
            before = code
    return found


def _twice(where: str) -> Finding:
    """Say that a total stands there twice."""
    return Finding("error", "stands there twice", where, "leave one", LayoutError)


def kind_of(cells: Cells) -> str:
    """
    Say what the title calls the table.

    Parameters
    ----------
    cells : Cells
        A sheet with a title of the Bureau's tables.

    Returns
    -------
    str
        One of the values of ``KINDS``.
    """
    titles = [bare(c) for row in cells.rows[:15] for c in row if isinstance(c, str)]
    return next(kind for words, kind in KINDS.items() if any(words in t for t in titles))


def year_of(cells: Cells) -> int | None:
    """
    Find the one year that the titles name.

    Parameters
    ----------
    cells : Cells
        A sheet.

    Returns
    -------
    int or None
        None if the first lines name none or several.
    """
    titles = (c for row in cells.rows[:6] for c in row if isinstance(c, str))
    years = {year for title in titles if (year := year_in(title)) is not None}
    return years.pop() if len(years) == 1 else None


def _codes(cells: Sequence[object]) -> int:
    """Count codes: how far the cells run through 1, 2, 3 ..., and the codes that are words."""
    reached = words = 0
    for cell in cells:
        reached += _whole(cell) == reached + 1
        words += bare(cell) in WORDS
    return reached + words


def _whole(cell: object) -> int:
    """Read a running number, also one that a CSV file made 36.0; zero when it is none."""
    found = RUNNING.fullmatch(text(cell))
    return int(found.group(1)) if found else 0


def _name(cells: Sequence[object]) -> str:
    """The nearest heading, without the blanks and line breaks that fill its cell."""
    return next((n for c in reversed(cells) if (n := bare(c))), "")


def bare(cell: object) -> str:
    """
    Take every blank and line break out of a text.

    Parameters
    ----------
    cell : object
        Cell.

    Returns
    -------
    str
        Empty for anything but text.
    """
    return "".join(str(cell).split()) if isinstance(cell, str) else ""
