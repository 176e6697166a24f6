"""Repairs of single cells and of the order of columns: safe ones only, each with its reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from io_tables.cells import existing, read_cells
from io_tables.errors import TableFileError
from io_tables.files import LIMITS, demand_size
from io_tables.manifest import Manifest

Rows = list[list[str]]
OPENING = ("sheet", "encoding", "delimiter")
TEXT, ARRAYS = (".csv", ".tsv", ".txt"), (".npz", ".parquet")
SEARCHED = 12  # first lines and columns that may hold the codes of columns and rows
LEVEL_ONE = 0.9  # share of Chinese characters that must be common ones for GB 18030 to be believed
_MINUS = str.maketrans(dict.fromkeys("−–﹣－", "-"))
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?|[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+")
_USUAL = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff01-\uff5e\u2010-\u2026−×°℃‰]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Change:
    """
    One change that was made.

    Parameters
    ----------
    kind : {"encoding", "label", "number", "order", "total", "difference"}
        What was repaired.
    where : str
        Place in the file, or in the table.
    old, new : str
        Before and after.
    why : str
        Reason, and why it is safe.
    """

    kind: str
    where: str
    old: str
    new: str
    why: str


def opened(path: Path, manifest: Manifest | None = None, **said: Any) -> tuple[Rows, list[Change]]:
    """
    Open a file as rows of text, whatever its encoding.

    Parameters
    ----------
    path : pathlib.Path
        CSV file, or a workbook.
    manifest : Manifest, optional
        What is known about sheet, encoding and delimiter.
    **said
        ``sheet``, ``encoding`` or ``delimiter`` from the call.

    Returns
    -------
    list of list of str
        Rows.
    list of Change
        The encoding, if it is not UTF-8.

    Raises
    ------
    TableFileError
        If the file cannot be read, or its encoding is not certain.
    """
    if existing(path).suffix.lower() in ARRAYS:
        raise TableFileError(f"{path.name}: arrays have nothing that could be repaired safely")
    known: dict[str, Any] = {k: said.get(k) or getattr(manifest, k, None) for k in OPENING}
    if path.suffix.lower() not in TEXT:
        return _texts(read_cells(path, **known).rows), []
    demand_size(path, LIMITS.text, "what is larger is read line by line and not repaired")
    raw, why = path.read_bytes(), "every byte decodes, and to common characters"
    if known["encoding"]:
        encoding, why = str(known["encoding"]), "the call or the manifest says what it is"
    elif raw.startswith(b"\xef\xbb\xbf"):
        encoding = "UTF-8 with byte-order mark"
        why = "programs that do not know the mark take it for a letter of the first label"
    else:
        known["encoding"] = _encoding(raw)
        encoding = known["encoding"] or "UTF-8"
    rows = _texts(read_cells(path, **known).rows)
    plain = encoding.upper().replace("-", "") == "UTF8"
    return rows, [] if plain else [Change("encoding", path.name, encoding, "UTF-8", why)]


def _texts(rows: Sequence[Sequence[object]]) -> Rows:
    """Cells as text; numbers to the last bit, whole ones without a point."""

    def text(cell: object) -> str:
        if isinstance(cell, float):
            return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
        return "" if cell is None else str(cell)

    return [[text(cell) for cell in row] for row in rows]


def _encoding(raw: bytes) -> str | None:
    """Name the encoding when it is not UTF-8 and there is no doubt."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16" if _decodes(raw, "utf-16") else None
    if _decodes(raw, "utf-8"):
        return None
    text = raw.decode("gb18030", errors="replace")
    signs = [c for c in text if ord(c) > 127]
    odd = [c for c in signs if not _USUAL.fullmatch(c)]
    hanzi = [c for c in signs if "一" <= c <= "鿿"]
    common = sum(b"\xb0" <= c.encode("gb18030")[:1] <= b"\xd7" for c in hanzi)
    sure = not odd and hanzi and common >= LEVEL_ONE * len(hanzi)
    return "gb18030" if sure else None


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def cleaned(rows: Rows, name: str) -> tuple[Rows, list[Change]]:
    """
    Clean labels and numbers, cell by cell.

    Parameters
    ----------
    rows : list of list of str
        The file.
    name : str
        Its name, for the places.

    Returns
    -------
    list of list of str
        The same shape.
    list of Change
        One for each cell that differs.
    """
    made: list[Change] = []
    counted = _counted(rows)
    clean = []
    for i, row in enumerate(rows):
        line = []
        for j, cell in enumerate(row):
            kind, new, why = _clean(cell, numbers=j in counted and i > 0)
            if new != cell:
                where = f"{name}, line {i + 1}, column {_letters(j)}"
                made.append(Change(kind, where, cell, new, why))
            line.append(new)
        clean.append(line)
    return clean, made


def is_tidy(rows: Rows) -> bool:
    """
    Tell whether rows have the tidy layout, in which columns have no order.

    Parameters
    ----------
    rows : list of list of str
        The file.

    Returns
    -------
    bool
        True if the first line has ``block`` and ``value``.
    """
    return bool(rows) and {"block", "value"} <= set(rows[0])


def _counted(rows: Rows) -> set[int]:
    """Columns in which thousands separators may be taken out: those that hold numbers."""
    header = rows[0] if rows else []
    if is_tidy(rows):
        return {header.index("value")}
    width = max((len(row) for row in rows), default=0)
    found = set()
    for j in range(1, width):
        cells = [row[j].strip() for row in rows[1:] if j < len(row) and row[j].strip()]
        plain = sum(bool(_NUMBER.fullmatch(_ascii(c))) for c in cells)
        grouped = sum(bool(_GROUPED.fullmatch(_ascii(c))) for c in cells)
        if cells and 2 * (plain + grouped) > len(cells):
            found.add(j)
    return found


def _ascii(text: str) -> str:
    """Plain digits, signs and blanks."""
    return "".join(c for c in unicodedata.normalize("NFKC", text.translate(_MINUS)) if c.isascii())


def _clean(cell: str, *, numbers: bool) -> tuple[str, str, str]:
    """Return what kind of cell it is, its clean text, and why."""
    spaced = re.sub(r"\s*[\r\n\t]+\s*", " ", cell)
    shown = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf"))
    text = _narrow(shown).strip()
    plain = text.translate(_MINUS)
    if numbers and _NUMBER.fullmatch(plain):
        return "number", plain, "the same number in plain digits and signs"
    if numbers and _GROUPED.fullmatch(plain):
        digits = re.sub(r"[, \u00a0\u202f]", "", plain)
        return "number", digits, "separators of thousands, groups of three digits throughout"
    return "label", text, "blanks around it, zero-width or full-width letters and digits"


def _narrow(text: str) -> str:
    """Turn full-width letters, digits and blanks into plain ones; Chinese punctuation stays."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "！" <= c <= "～" and (c.isalnum()) else c for c in text
    ).replace("\u3000", " ")


def reordered(rows: Rows, name: str) -> tuple[Rows, list[Change]]:
    """
    Move columns into the order of the rows, header and numbers together.

    Parameters
    ----------
    rows : list of list of str
        The file.
    name : str
        Its name, for the places.

    Returns
    -------
    list of list of str
        The same cells.
    list of Change
        One for each column that moved.
    """
    found = None if is_tidy(rows) else _frame(rows)
    if found is None:
        return rows, []
    header, order = found
    places = {rows[header][j]: j for j in range(len(rows[header]))}
    slots = sorted(places[label] for label in order)
    if [rows[header][j] for j in slots] == order:
        return rows, []
    moved = [list(row) for row in rows]
    for slot, label in zip(slots, order, strict=True):
        for new, old in zip(moved, rows, strict=True):
            if slot < len(new) or places[label] < len(old):
                new.extend([""] * (slot + 1 - len(new)))
                new[slot] = old[places[label]] if places[label] < len(old) else ""
    return moved, [
        Change(
            "order",
            f"{name}, line {header + 1}, column {_letters(slot)}",
            rows[header][slot],
            label,
            f"the column {label} stood at {_letters(places[label])}: moved with its numbers to "
            "the order of the rows",
        )
        for slot, label in zip(slots, order, strict=True)
        if places[label] != slot
    ]


def _frame(rows: Rows) -> tuple[int, list[str]] | None:
    """Find the header line and the labels that rows and columns share, in the rows' order."""
    best: tuple[int, list[str]] | None = None
    for h, header in enumerate(rows[:SEARCHED]):
        once = {c for c in header if c.strip() and header.count(c) == 1}
        for j in range(min(SEARCHED, len(header))):
            below = [row[j] for row in rows[h + 1 :] if j < len(row)]
            order = [c for c in dict.fromkeys(below) if c in once and header.index(c) != j]
            slots = [header.index(c) for c in order]
            whole = len(order) > 1 and max(slots) - min(slots) + 1 == len(order)
            if whole and (best is None or len(order) > len(best[1])):
                best = h, order
    return best


def _letters(column: int) -> str:
    """Name a column as a spreadsheet does."""
    name, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        name = chr(65 + digit) + name
    return name
