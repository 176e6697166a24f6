"""
The place of a finding, in one grammar that people read and programs take apart.

``[file][, sheet S][, row R][ (line N)][, column C]``, or ``sector S``, ``category C``, or
``block [row, column]`` for a cell of an array. Lines count from one, as a spreadsheet does.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

_PARTS = {
    "file": re.compile(r"^([^,:\[\]]+\.(?:csv|tsv|txt|xlsx?|xlsm|ods|parquet|npz))\b", re.I),
    "sheet": re.compile(r"\bsheet (.+?)(?=, (?:row|line|column|cell)\b|: |$)"),
    "line": re.compile(r"\bline (\d+)"),
    "row": re.compile(r"\brow (.+?)(?= \(line \d|, column |, \w+ row |$)"),
    "column": re.compile(r"\bcolumn (.+?)(?=, row |$)"),
}
_LABEL = re.compile(r"^(?:sector|category|satellite|households) (.+)$")
_CELL = re.compile(r"\[(?:\w+ )?([^\[\]]+?)(?:, (?:\w+ )?([^\[\]]+))?\]$")
_COUNTED = re.compile(r"^\d+ \((['\"])(.*)\1\)$")


@dataclass(frozen=True)
class Place:
    """Where something stands; what is not known is None."""

    file: str | None = None
    sheet: str | None = None
    line: int | None = None
    row: str | None = None
    column: str | None = None
    label: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return asdict(self)


def place(where: str) -> Place:
    """
    Take the text of a place apart.

    Parameters
    ----------
    where : str
        As findings write it.

    Returns
    -------
    Place
        What the text names.

    Examples
    --------
    >>> found = place("table.xlsx, sheet 2017, row 01 (line 2), column FU101")
    >>> found.sheet, found.line, found.row, found.column
    ('2017', 2, '01', 'FU101')
    >>> place("sector ICT").label
    'ICT'
    """
    parts = {name: m.group(1) for name, p in _PARTS.items() if (m := p.search(where))}
    line = parts.pop("line", None)
    cell = _CELL.search(where)
    if cell and "row" not in parts and "column" not in parts:
        parts |= {"row": cell[1]} | ({"column": cell[2]} if cell[2] else {})
    label = _LABEL.match(where)
    named = label[1] if label else parts.get("row") if "column" not in parts else None
    named = named or (parts.get("column") if "row" not in parts else None)
    plain = {name: _bare(text) for name, text in parts.items()}
    return Place(
        **plain, line=int(line) if line else None, label=_bare(named) if named is not None else None
    )


def _bare(text: str) -> str:
    """Take quotes, and the count of a position, off a label."""
    counted = _COUNTED.match(text)
    if counted:
        return counted[2]
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
