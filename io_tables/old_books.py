"""Guards of old workbooks (.xls): their records are walked before they are parsed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from io_tables.errors import TableFileError, UnsafeFileError
from io_tables.files import Limits

FREE = 0xFFFFFFFA  # sector numbers from here on mark ends, not sectors
SINGLE = (0x0006, 0x0203, 0x027E, 0x00FD, 0x0204, 0x0205, 0x0201, 0x00D6)
MULTIPLE = (0x00BD, 0x00BE)
FORMULA, BOOLERR, BOUNDSHEET, FILEPASS, BOF = 0x0006, 0x0205, 0x0085, 0x002F, 0x0809
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!"}


def old_marks(path: Path, limits: Limits) -> list[dict[tuple[int, int], str]]:
    """
    Walk the records of an old workbook.

    Parameters
    ----------
    path : pathlib.Path
        File that begins like a compound document.
    limits : Limits
        Largest number of cells in a sheet.

    Returns
    -------
    list of dict
        For each sheet: line and column, from zero, of cells that hold an error -> its text.

    Raises
    ------
    TableFileError
        If the file is cut off, damaged, no workbook or has a password.
    UnsafeFileError
        If a sheet is too large.
    """
    try:
        stream = _stream(path.read_bytes())
        return _walk(path.name, stream, limits)
    except (struct.error, IndexError) as error:
        raise TableFileError(
            f"{path.name}: not a workbook, or cut off: save it again from its source"
        ) from error


def _walk(name: str, stream: bytes, limits: Limits) -> list[dict[tuple[int, int], str]]:
    """Find sizes and errors of all sheets."""
    starts: list[int] = []
    marks: dict[int, dict[tuple[int, int], str]] = {}
    sheet, rows, columns = -1, 1, 1
    for at, kind, data in _records(stream):
        if kind == FILEPASS:
            raise TableFileError(f"{name}: has a password: save it without")
        if kind == BOUNDSHEET:
            starts.append(struct.unpack_from("<I", data)[0])
        elif kind == BOF:
            sheet, rows, columns = at, 1, 1
        elif kind in SINGLE or kind in MULTIPLE:
            row, column = struct.unpack_from("<HH", data)
            last = struct.unpack_from("<H", data, len(data) - 2)[0] if kind in MULTIPLE else column
            rows, columns = max(rows, row + 1), max(columns, last + 1, column + 1)
            if rows * columns > limits.cells:
                raise UnsafeFileError(
                    f"{name}: a sheet reaches line {rows:,}, column {columns:,}: more than "
                    f"{limits.cells:,} cells are not read"
                )
            code = _error(kind, data)
            if code is not None:
                marks.setdefault(sheet, {})[row, column] = ERRORS.get(code, "#N/A")
    return [marks.get(start, {}) for start in starts]


def _error(kind: int, data: bytes) -> int | None:
    """Code of the error that a cell holds, if it does."""
    if kind == BOOLERR and data[7]:
        return data[6]
    if kind == FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
        return data[8]
    return None


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and data of each record."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _stream(raw: bytes) -> bytes:
    """Put the workbook's stream together from its sectors."""
    size = 1 << struct.unpack_from("<H", raw, 30)[0]
    if size not in (512, 4096):
        raise IndexError
    count, first_dir = struct.unpack_from("<II", raw, 44)
    cutoff, first_mini, _, difat, _ = struct.unpack_from("<IIIII", raw, 56)

    def sector(number: int) -> bytes:
        return raw[(number + 1) * size : (number + 2) * size]

    listed = list(struct.unpack_from("<109I", raw, 76))
    for _ in range(len(raw) // size):
        if difat >= FREE:
            break
        numbers = struct.unpack(f"<{size // 4}I", sector(difat))
        listed += numbers[:-1]
        difat = numbers[-1]
    fat: list[int] = []
    for number in [n for n in listed if n < FREE][:count]:
        fat += struct.unpack(f"<{size // 4}I", sector(number))
    table = b"".join(sector(n) for n in _chain(fat, first_dir))
    entries = [table[i : i + 128] for i in range(0, len(table) - 127, 128)]
    named = {e[: max(e[64] - 2, 0)].decode("utf-16-le", "replace"): e for e in entries}
    entry = named.get("Workbook") or named.get("Book")
    if entry is None:
        raise IndexError
    start, length = struct.unpack_from("<II", entry, 116)
    if length >= cutoff:
        return b"".join(sector(n) for n in _chain(fat, start))[:length]
    root = struct.unpack_from("<I", entries[0], 116)[0]
    small = b"".join(sector(n) for n in _chain(fat, root))
    minis = b"".join(sector(n) for n in _chain(fat, first_mini))
    minifat = list(struct.unpack(f"<{len(minis) // 4}I", minis))
    return b"".join(small[n * 64 : n * 64 + 64] for n in _chain(minifat, start))[:length]


def _chain(fat: list[int], start: int) -> Iterator[int]:
    """Follow sectors; one that leads in a circle is cut off."""
    number = start
    for _ in range(len(fat)):
        if number >= FREE:
            return
        yield number
        number = fat[number]
    if number < FREE:
        raise IndexError
