"""Guards of folders and archives that a parser of others opens: bombs, pickles, links."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from io_tables.archives import demand_archive, demand_directory, demand_sheets, opened_archive
from io_tables.cells import letters
from io_tables.errors import TableFileError
from io_tables.files import KINDS, MACROS, MIB, Limits, demand_kind, demand_size
from io_tables.report import Finding

DATABASE = Limits(book=512 * MIB, unpacked=64 * 1024 * MIB, entries=100_000)
"""A world database is larger than a table: whole years of matrices, still no bomb."""
_BOOK = Limits(book=512 * MIB, unpacked=2048 * MIB)
_PARAMETERS = "file_parameters.json"
_LARGEST_PARAMETERS = 2 * MIB
_PICKLES = (".pkl", ".pickle")
_NAMED = 5  # cells with errors that a finding names


def refuse_hostile(path: Path, limits: Limits = DATABASE) -> list[Finding]:
    """
    Refuse what a parser should not be let near; archives are looked at, not unpacked.

    Parameters
    ----------
    path : pathlib.Path
        Folder, archive or file.
    limits : Limits
        Largest sizes of archives.

    Returns
    -------
    list of Finding
        Warnings: cells of workbooks that hold errors, which parsers take as empty.

    Raises
    ------
    TableFileError
        If the path does not exist, or a file is a pickle, a damaged or encrypted archive, or a
        list of files that leads out of the folder.
    UnsafeFileError
        If an archive or workbook is a bomb, has paths that lead out of it, macros, links to
        other files, huge dimensions or formulas that were never computed.
    """
    try:
        return _findings(path, limits)
    except OSError as error:  # no leave to look into a folder, a name that is too long
        where = str(error.filename or path)[:200]
        raise TableFileError(f"{where}: {error.strerror or error}") from error


def _findings(path: Path, limits: Limits) -> list[Finding]:
    """Look at every file."""
    if not path.exists():
        raise TableFileError(f"{path} does not exist: give the folder or file of the database")
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    found: list[Finding] = []
    for file in files:
        if path.is_dir() and not file.resolve().is_relative_to(path.resolve()):
            raise TableFileError(
                f"{file.name}: a link that leads out of the folder is not followed"
            )
        _refuse_name(file.name, file.name)
        if file.name == _PARAMETERS:
            demand_size(file, _LARGEST_PARAMETERS, "it is a short list of files")
            _refuse_parameters(file.read_bytes(), file.name)
        if file.suffix.lower() == ".zip":
            found += _archive(file, limits)
        elif _is_book(file.name):
            found += _book(file, file.name)
    return found


def _archive(file: Path, limits: Limits) -> Iterator[Finding]:
    """Look at the directory of an archive, then at the few files in it that can harm."""
    with opened_archive(file, "a zip archive") as archive:
        members = archive.infolist()
        demand_directory(file, members, limits)
        for member in members:
            where = f"{file.name}, {member.filename}"
            _refuse_name(member.filename, where)
            if Path(member.filename).name == _PARAMETERS:
                # zipfile never unpacks more than the directory states, whatever the data hold
                if member.file_size > _LARGEST_PARAMETERS:
                    raise TableFileError(f"{where}: {member.file_size:,} bytes for a list of files")
                _refuse_parameters(archive.read(member), where)
            elif _is_book(member.filename):
                yield from _packed_book(archive, member, where)


def _packed_book(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> list[Finding]:
    """Look at a workbook inside an archive, unpacked for that alone."""
    if member.file_size > _BOOK.book:
        raise TableFileError(f"{where}: {member.file_size / MIB:,.0f} MiB: too large a workbook")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(member.filename).name
        copy.write_bytes(archive.read(member))
        return _book(copy, where)


def _book(file: Path, where: str) -> list[Finding]:
    """Look at a workbook; its first bytes tell its kind, as they do for parsers."""
    with file.open("rb") as opened:
        head = opened.read(4)
    demand_size(file, _BOOK.book, "leave it out, or save the sheets that are needed")
    if head.startswith(b"PK"):
        demand_archive(file, _BOOK)
        sheets = demand_sheets(file, _BOOK)
    elif demand_kind(file) == "ole":
        from io_tables.old_books import old_marks

        sheets = {str(i): m for i, m in enumerate(old_marks(file, _BOOK), start=1)}
    return [
        Finding(
            "warning",
            f"{len(marks)} cells hold errors, which the parser takes as empty: "
            + ", ".join(f"{letters(c)}{r + 1} {text}" for (r, c), text in _first(marks)),
            f"{where}, sheet {sheet}",
            "compare with the publisher's file",
        )
        for sheet, marks in sheets.items()
        if marks
    ]


def _first(marks: dict[tuple[int, int], str]) -> list[tuple[tuple[int, int], str]]:
    return sorted(marks.items())[:_NAMED]


def _is_book(name: str) -> bool:
    suffix = Path(name).suffix.lower()
    return suffix in MACROS or KINDS.get(suffix) in ("zip", "ole")


def _refuse_parameters(content: bytes, where: str) -> None:
    """Look at the list of files that pymrio would open."""
    try:
        files = json.loads(content.decode("utf-8"))["files"]
        names = [str(entry["name"]) for entry in files.values()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TableFileError(f"{where}: not a list of files: {error}") from error
    for name in names:
        _refuse_name(name, f"{where}, {name}")
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise TableFileError(f"{where}: {name} leads out of the folder")


def _refuse_name(name: str, where: str) -> None:
    """Refuse pickles: loading one runs whatever its author wrote into it."""
    if name.lower().endswith(_PICKLES):
        raise TableFileError(f"{where}: a pickle is never opened: get the text or parquet files")
