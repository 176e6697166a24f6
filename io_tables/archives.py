"""Guards of zipped workbooks: bombs, false sizes, huge dimensions, links, macros, formulas."""

from __future__ import annotations

import html
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from io_tables.errors import TableFileError, UnsafeFileError
from io_tables.files import MIB, Limits

CHUNK = 2**18
NAMED = 10  # cells that a message names
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?v>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ODS_ROW = re.compile(rb"<table:table-row\b.*?(?:</table:table-row>|$)", re.DOTALL)
_ODS_REPEAT = re.compile(rb'table:number-(rows|columns)-repeated="(\d+)"')


def demand_archive(path: Path, limits: Limits) -> None:
    """
    Refuse an archive that is no harmless workbook.

    Parameters
    ----------
    path : pathlib.Path
        File that begins like an archive.
    limits : Limits
        Largest sizes.

    Raises
    ------
    TableFileError
        If it is cut off or damaged.
    UnsafeFileError
        If it is too large when unpacked, states false sizes, holds macros or links to other
        files, or has paths that lead out of it.
    """
    with opened_archive(path) as archive, path.open("rb") as file:
        infos = archive.infolist()
        demand_directory(path, infos, limits)
        for info in infos:
            size, check, head = 0, 0, b""
            for chunk in _inflated(file, info, path.name):
                head, size, check = head or chunk, size + len(chunk), zlib.crc32(chunk, check)
                if size > info.file_size:
                    break
            if (size, check) != (info.file_size, info.CRC):
                raise UnsafeFileError(
                    f"{path.name}: {info.filename} does not unpack to what it states: the "
                    "file is damaged or made to mislead: save it again from its source"
                )
            if _DTD.search(head):
                raise UnsafeFileError(
                    f"{path.name}: {info.filename} declares a document type, which no workbook does"
                )
        if "content.xml" in archive.namelist():
            _demand_content(path.name, archive.read("content.xml"), limits)


def sheet_marks(
    path: Path, sheet: str, position: int, limits: Limits
) -> dict[tuple[int, int], str]:
    """
    Look through the XML of one sheet before it is parsed.

    Parameters
    ----------
    path : pathlib.Path
        Workbook that :func:`demand_archive` let pass.
    sheet : str
        Name of the sheet.
    position : int
        Its number from zero.
    limits : Limits
        Largest number of cells.

    Returns
    -------
    dict
        Line and column, from zero, of cells that hold an error -> its text.

    Raises
    ------
    UnsafeFileError
        If the sheet is too large, or holds formulas whose values were never computed.
    """
    with opened_archive(path) as archive:
        if "content.xml" in archive.namelist():
            return {}
        text = archive.read(_part(archive, sheet, position))
    return _marks(f"{path.name}, sheet {sheet}", text, limits)


def demand_sheets(path: Path, limits: Limits) -> dict[str, dict[tuple[int, int], str]]:
    """
    Look through the XML of every sheet, for a parser of others that picks its own.

    Parameters
    ----------
    path : pathlib.Path
        Workbook that :func:`demand_archive` let pass.
    limits : Limits
        Largest number of cells.

    Returns
    -------
    dict
        Part of the workbook -> cells that hold an error, as :func:`sheet_marks` has them.

    Raises
    ------
    UnsafeFileError
        If a sheet is too large, or holds formulas whose values were never computed.
    """
    with opened_archive(path) as archive:
        return {
            name: _marks(f"{path.name}, {name}", archive.read(name), limits)
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        }


def _marks(where: str, text: bytes, limits: Limits) -> dict[tuple[int, int], str]:
    """Find errors in the XML of a sheet; refuse a huge one, and formulas without values."""
    found = _REFERENCE.findall(text)  # names and lines apart: few are different
    names, lines = {b"A", *(name for name, _ in found)}, {b"1", *(line for _, line in found)}
    rows = max(int(line[:12]) for line in lines)
    columns = max(_column(name) + 1 for name in names)
    if rows * columns > limits.cells:
        raise UnsafeFileError(
            f"{where}: reaches line {rows:,}, column {columns:,}: more than {limits.cells:,} cells "
            "are not read: delete what stands far away from the table"
        )
    marks: dict[tuple[int, int], str] = {}
    formulas = (b"<f" in text or b":f" in text) and _FORMULA.search(text)
    errors = (b'"e"' in text or b"'e'" in text) and _ERROR.search(text)
    if formulas or errors:
        marks = _demand_values(where, text)
    return marks


@contextmanager
def opened_archive(path: Path, what: str = "a workbook") -> Iterator[zipfile.ZipFile]:
    """
    Open an archive; whatever is wrong with it is one of our errors.

    Parameters
    ----------
    path : pathlib.Path
        File.
    what : str
        What it should be.

    Yields
    ------
    zipfile.ZipFile
        Open for reading.

    Raises
    ------
    TableFileError
        If it is cut off or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except TableFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError) as error:
        raise TableFileError(f"{path.name}: not {what}: {error}: is it cut off?") from error


def demand_directory(path: Path, infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """
    Refuse an archive for what its directory says.

    Parameters
    ----------
    path : pathlib.Path
        Archive.
    infos : list of zipfile.ZipInfo
        Its directory.
    limits : Limits
        Largest sizes.

    Raises
    ------
    TableFileError
        If a file in it is encrypted or packed in a way that is not read.
    UnsafeFileError
        If it holds too many files or unpacks to too much, if parts overlap, if paths lead out of
        it, and if it holds macros or links to other files.
    """
    names = [info.filename for info in infos]
    if len(infos) > limits.entries or len({*names}) != len(names):
        raise UnsafeFileError(
            f"{path.name}: {len(infos):,} files inside, some of the same name or more than "
            f"{limits.entries:,}: no table has that"
        )
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > limits.unpacked or packed > path.stat().st_size:
        raise UnsafeFileError(
            f"{path.name}: states {unpacked / MIB:,.0f} MiB when unpacked, at most "
            f"{limits.unpacked / MIB:,.0f} MiB are read"
        )
    if unpacked > MIB and unpacked > limits.ratio * max(packed, 1):
        raise UnsafeFileError(
            f"{path.name}: unpacks to {unpacked // max(packed, 1):,} times its size: a zip bomb, "
            "or a sheet formatted far beyond its table"
        )
    for info in infos:
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise UnsafeFileError(f"{path.name}: path {name!r} leads out of the archive")
        if info.flag_bits & 1:
            raise TableFileError(f"{path.name}: {name} is encrypted: save it without a password")
        if info.compress_type not in (0, 8):
            raise TableFileError(
                f"{path.name}: {name} is packed by method {info.compress_type}: pack it again as "
                "plain zip (deflate)"
            )
        if name.lower().endswith("vbaproject.bin"):
            raise UnsafeFileError(
                f"{path.name}: holds macros, which are never run: save the sheet as .xlsx"
            )
        if "externallinks/" in name.lower():
            raise UnsafeFileError(
                f"{path.name}: holds links to other files, so its values may be out of date: "
                "break the links (Data, Edit links) or save the sheet as values"
            )


def _inflated(file: BinaryIO, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Unpack one file piece by piece, as far as its data really go."""
    try:
        file.seek(info.header_offset)
        head = file.read(30)
        lengths = struct.unpack("<HH", head[26:30])
        file.seek(sum(lengths), 1)
        left, engine = info.compress_size, zlib.decompressobj(-15)
        while left > 0 and (data := file.read(min(left, CHUNK))):
            left -= len(data)
            if info.compress_type == 0:
                yield data
                continue
            while data and not engine.eof:
                yield engine.decompress(data, CHUNK)
                data = engine.unconsumed_tail
    except (struct.error, zlib.error) as error:
        raise TableFileError(f"{name}: not a workbook: {info.filename}: {error}") from error


def _part(archive: zipfile.ZipFile, sheet: str, position: int) -> str:
    """Path of the XML of a sheet."""
    names = archive.namelist()
    try:
        tags = _SHEET.findall(archive.read("xl/workbook.xml"))
        relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
        tag = next((t for t in tags if _attribute(t, "name") == sheet), None) or tags[position]
        goal = next(
            _attribute(r, "Target")
            for r in relations
            if _attribute(r, "Id") == _attribute(tag, "id")
        )
        part = goal.lstrip("/") if goal.startswith("/") else f"xl/{goal}"
        if part in names:
            return part
    except (KeyError, IndexError, StopIteration):
        pass
    raise TableFileError(f"{archive.filename}: not a workbook: no XML of sheet {sheet!r}")


def _attribute(tag: bytes, name: str) -> str:
    """Value of an attribute, whatever its prefix."""
    found = re.search(rf"""[\s:]{name}\s*=\s*["']([^"']*)["']""".encode(), tag)
    return html.unescape(found.group(1).decode("utf-8", "replace")) if found else ""


def _column(name: bytes) -> int:
    """Number of a column from zero; a row's own number has no letters."""
    place = 0
    for letter in name[:8].upper():
        place = place * 26 + letter - 64
    return max(place - 1, 0)


def _demand_values(where: str, text: bytes) -> dict[tuple[int, int], str]:
    """Find errors, and refuse formulas without values."""
    marks: dict[tuple[int, int], str] = {}
    missing: list[str] = []
    values: list[bytes] = []
    for cell in _CELL.finditer(text):
        head, inside = cell.groups()
        formula, error = _FORMULA.search(inside), _ERROR.search(head)
        if not (formula or error):
            continue
        found = _REFERENCE.search(head)
        value = _VALUE.search(inside)
        stored = (value.group(1) or b"").strip() if value else b""
        name = b"".join(found.groups()).decode() if found else "?"
        if error and found:
            place = int(found.group(2)) - 1, _column(found.group(1))
            marks[place] = stored.decode("utf-8", "replace") or "#ERROR!"
        elif not stored and not (value and _TEXT.search(head)):
            missing.append(name)
        else:
            values.append(stored)
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise UnsafeFileError(
            f"{where}: formulas without a stored value in {', '.join(missing[:NAMED])}{more}: open "
            "the workbook in a spreadsheet program and save it, so that they are computed"
        )
    if len(values) > 2 and {*values} == {b"0"}:
        raise UnsafeFileError(
            f"{where}: all {len(values)} formulas have the stored value 0, as programs write that "
            "do not compute: open the workbook in a spreadsheet program and save it"
        )
    return marks


def _demand_content(name: str, text: bytes, limits: Limits) -> None:
    """Refuse an OpenDocument sheet with huge repetitions or links to other files."""
    if b"<table:table-source" in text:
        raise UnsafeFileError(f"{name}: holds links to other files: save the sheet as values")
    cells = 0
    for row in _ODS_ROW.finditer(text):
        inside = row.group()
        if b"office:value" not in inside and b"<text:p" not in inside:
            continue
        repeats = _ODS_REPEAT.findall(inside)
        lines = max((int(n) for what, n in repeats if what == b"rows"), default=1)
        columns = sum(int(n) for what, n in repeats if what == b"columns")
        cells += lines * (columns + inside.count(b"<table:table-cell"))
    if cells > limits.cells:
        raise UnsafeFileError(
            f"{name}: {cells:,} cells, at most {limits.cells:,} are read: delete repeated cells "
            "far away from the table"
        )
