"""Guards at the door: what a file is, how large it may be, and which text it holds."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from io_tables.errors import TableFileError, UnsafeFileError
from io_tables.kinds import demand_path

Kind = Literal["text", "zip", "ole", "parquet"]
MIB = 2**20
KINDS: dict[str, Kind] = {
    ".xlsx": "zip",
    ".ods": "zip",
    ".xls": "ole",
    ".parquet": "parquet",
}
MACROS = (".xlsm", ".xlsb", ".xltm", ".xlam", ".xla", ".xlt")
MAGIC: dict[bytes, tuple[Kind | None, str]] = {
    b"PK\x03\x04": ("zip", "a zipped workbook (.xlsx, .ods)"),
    b"PK\x05\x06": ("zip", "an empty archive"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("ole", "an old workbook (.xls)"),
    b"PAR1": ("parquet", "a parquet file"),
    b"\x1f\x8b": (None, "a gzip archive"),
    b"%PDF": (None, "a PDF"),
    b"7z\xbc\xaf\x27\x1c": (None, "a 7z archive"),
    b"Rar!": (None, "a RAR archive"),
    b"\x93NUMPY": (None, "a numpy array"),
    b"SQLite format 3": (None, "a database"),
}
ENCODINGS = ("gb18030", "utf-16", "cp1252")


@dataclass(frozen=True)
class Limits:
    """
    Largest sizes that are read into cells.

    Parameters
    ----------
    text : int
        Bytes of a text file; longer ones are read line by line, with a manifest.
    book : int
        Bytes of a workbook.
    unpacked : int
        Bytes of a workbook when unpacked.
    ratio : int
        Unpacked bytes for each packed one, where it unpacks to more than a mebibyte.
    entries : int
        Files in a zipped workbook.
    cells : int
        Cells of a sheet: its last row times its last column.
    """

    text: int = 64 * MIB
    book: int = 128 * MIB
    unpacked: int = 512 * MIB
    ratio: int = 200
    entries: int = 5000
    cells: int = 16_000_000


LIMITS = Limits()


def existing(path: Path | str) -> Path:
    """
    Demand that a file exists.

    Parameters
    ----------
    path : path
        File.

    Returns
    -------
    pathlib.Path
        The same.

    Raises
    ------
    TableFileError
        If there is no such file.
    """
    path = demand_path(path)
    try:
        if path.is_file():
            return path
        kind = "is a folder" if path.is_dir() else "does not exist"
    except OSError as error:
        raise TableFileError(f"file {str(path)[:200]}: {error.strerror}") from error
    raise TableFileError(f"file {path} {kind}: give the path of a file")


def demand_kind(path: Path) -> Kind:
    """
    Tell what a file is by its name, and refuse it if its first bytes say otherwise.

    Parameters
    ----------
    path : pathlib.Path
        File that exists.

    Returns
    -------
    {"text", "zip", "ole", "parquet"}
        How to open it.

    Raises
    ------
    TableFileError
        If the file is not what its name says.
    UnsafeFileError
        If it is a workbook that can hold macros.
    """
    suffix = path.suffix.lower()
    if suffix in MACROS:
        raise UnsafeFileError(
            f"{path.name}: {suffix} can hold macros, which are never run: save the sheet as .xlsx"
        )
    kind = KINDS.get(suffix, "text")
    with path.open("rb") as file:
        head = file.read(16)
    found = next((what for magic, what in MAGIC.items() if head.startswith(magic)), None)
    if found is not None and found[0] == kind:
        return kind
    if found is None and kind == "text":
        return kind
    if not head:
        raise TableFileError(f"{path.name}: the file is empty")
    what = found[1] if found else "text or something else"
    if suffix == ".xlsx" and found and found[0] == "ole":
        what += " or one with a password"
    named = "text" if kind == "text" else "parquet" if kind == "parquet" else "a workbook"
    raise TableFileError(
        f"{path.name}: not {named}, as its name says, but {what}: give the file its right "
        "ending, or save it again"
    )


def text_of(path: Path, encoding: str | None = None, limits: Limits = LIMITS) -> str:
    """
    Read a text file.

    Parameters
    ----------
    path : pathlib.Path
        File that exists.
    encoding : str, optional
        Its encoding; default UTF-8, with or without a byte-order mark.
    limits : Limits
        Largest size.

    Returns
    -------
    str
        Without byte-order mark.

    Raises
    ------
    TableFileError
        If the bytes are not text in this encoding; others that would do are named.
    UnsafeFileError
        If the file is too large.
    """
    demand_size(path, limits.text, "describe it in a manifest of layout wide, which streams")
    raw = path.read_bytes()
    try:
        codec = codecs.lookup(encoding or "utf-8-sig").name
        "".encode(codec)  # some codecs are no encodings of text, such as hex
    except (LookupError, ValueError, TypeError):
        raise TableFileError(
            f"{path.name}: encoding {encoding!r} is unknown: utf-8, gb18030, utf-16, cp1252 ..."
        ) from None
    try:
        text = raw.decode("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        called = "UTF-8" if encoding is None else encoding
        raise TableFileError(
            f"{path.name}: byte {at} is not {called} text: {_others(raw, codec)}"
        ) from error
    if "\0" in text:
        raise TableFileError(
            f"{path.name}: character {text.index(chr(0))} is NUL: not text in "
            f"{encoding or 'UTF-8'}: {_others(raw, codec)}"
        )
    return text.removeprefix("\ufeff")


def demand_size(path: Path, largest: int, otherwise: str) -> None:
    """
    Refuse a file that is too large to be read at once.

    Parameters
    ----------
    path : pathlib.Path
        File that exists.
    largest : int
        Bytes.
    otherwise : str
        What to do instead.

    Raises
    ------
    UnsafeFileError
        If it is larger.
    """
    size = path.stat().st_size
    if size > largest:
        raise UnsafeFileError(
            f"{path.name}: {size / MIB:,.0f} MiB, at most {largest / MIB:,.0f} MiB are read at "
            f"once: {otherwise}"
        )


def _others(raw: bytes, tried: str) -> str:
    """Name an encoding in which the bytes are text."""
    for other in ENCODINGS:
        if other == tried or (other == "utf-16" and raw[:2] not in (b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = raw.decode(other)
        except UnicodeError:
            continue
        if "\0" not in text:
            return (
                f"save the sheet as CSV in UTF-8, or say encoding={other!r} if the text is right "
                "with it"
            )
    return "save the sheet as CSV in UTF-8"
