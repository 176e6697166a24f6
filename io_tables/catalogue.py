"""Find, open and describe tables: shipped ones by name, files by path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from io_tables.cache import SMALLEST, cache_folder, cache_key, load_cached, store
from io_tables.cells import Cells, existing, read_cells, sha256
from io_tables.concordance import Concordance
from io_tables.errors import (
    ConcordanceError,
    LayoutError,
    TableError,
    TableFileError,
    UnknownTableError,
    did_you_mean,
)
from io_tables.kinds import demand_text
from io_tables.manifest import Manifest, read_manifest
from io_tables.provenance import Provenance, attached, reader_version
from io_tables.readers import LAYOUTS, opened, recognise
from io_tables.readers.options import READER_OPTIONS, with_options
from io_tables.readers.renamed import renamed
from io_tables.report import collector
from io_tables.table import IOTable

DATA = Path(__file__).parent / "data"


def names() -> list[str]:
    """
    List the shipped tables.

    Returns
    -------
    list of str
        For :func:`load`.

    Examples
    --------
    >>> names()[:3]
    ['china-2007-cn24', 'china-2007-cn8', 'china-2007-cn8-instruments']
    """
    return sorted(path.stem for path in (DATA / "tables").glob("*.csv"))


def load(name: str) -> IOTable:
    """
    Load a shipped table.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    IOTable
        Checked against the hash in its manifest.

    Raises
    ------
    UnknownTableError
        If no shipped table has this name.

    Examples
    --------
    >>> load("china-2017-cn8").sectors
    ['AGR', 'IND', 'ELE', 'WAT', 'CON', 'TRA', 'ICT', 'SER']
    """
    return read(_shipped(name, "tables", UnknownTableError))


def describe(name: str) -> Manifest:
    """
    Tell what a shipped table is, where it comes from and how it was made.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    Manifest
        Titles, publisher, accounts, method, raw files, notes.

    Raises
    ------
    UnknownTableError
        If no shipped table has this name.
    """
    return read_manifest(_shipped(name, "tables", UnknownTableError).with_suffix(".toml"))


def read(
    path: Path | str,
    *,
    manifest: Path | str | Mapping[str, object] | None = None,
    cache: bool | Path | str | None = None,
    **options: object,
) -> IOTable:
    """
    Read a table from a file.

    Parameters
    ----------
    path : path
        Text, workbook or parquet file: a publisher's table, a tidy one, or any sheet that a
        manifest describes.
    manifest : path or mapping, optional
        What the file is; default the file of the same name with ``.toml``, if there is one.
    cache : bool or path, optional
        Whether, or in which folder, tables of large files are kept as arrays; default what the
        variable ``HANDPRINT_CACHE`` says, and no. A kept table is found by the content of the
        file and its manifest, so that it is never an old one.
    **options
        Fields of the manifest that override it: ``units``, ``price_basis``, ``year``,
        ``source``, ``name``, ``tolerance`` ... A table of the Bureau needs only ``year``,
        and not even that where the file's name states one.
        Readers have options of their own: ``version`` and ``emissions`` (WIOD), ``make`` and
        ``model`` (BEA) ...; see the page of each.

    Returns
    -------
    IOTable
        Checked.

    Raises
    ------
    TableFileError
        If the file is missing, unreadable, or not the one the manifest describes.
    LayoutError
        If the layout is unknown or not kept.
    ManifestError
        If the manifest is incomplete or has unknown keys.
    TableError
        Of another kind, if the table itself is wrong; all problems of the file are named.
    """
    path = existing(path)
    beside = path.with_suffix(".toml")
    if manifest is None and beside.is_file() and beside != path:
        manifest = beside
    folder = cache_folder(cache)
    if folder is None or collector() is not None or path.stat().st_size < SMALLEST:
        return _read(path, manifest, options)
    key = cache_key(path, manifest, options)
    kept = load_cached(folder, key)
    if kept is None:
        kept = _read(path, manifest, options)
        store(folder, key, kept)
    return kept


def _read(
    path: Path,
    manifest: Path | str | Mapping[str, object] | None,
    options: Mapping[str, object],
) -> IOTable:
    """Read a table from its file."""
    own = {k: v for k, v in options.items() if v is not None and k in READER_OPTIONS}
    fields = {k: v for k, v in options.items() if k not in READER_OPTIONS}
    if manifest is not None:
        described = read_manifest(manifest, **fields)
        described = with_options(described, own, manifest)
        digest = _same_file(path, described)
        cells = renamed(opened(path, described), described)
    else:
        cells = opened(path, _opening(fields))
        described = read_manifest(_recognised(path, cells, fields), **fields)
        described = with_options(described, own, manifest)
        digest = sha256(path)
    reader = LAYOUTS[described.layout]
    if not reader.recognises(cells):
        first = ", ".join(str(cell) for cell in cells.rows[0][:6])
        raise LayoutError(
            f"{path.name}: the manifest says layout {described.layout!r}, the file has {first!r}"
        )
    table: IOTable = reader.read(cells, described)
    if described.content_hash is not None and described.content_hash != table.content_hash:
        raise TableFileError(
            f"{path.name}: the numbers are not those its manifest was written for: restore the "
            "file, or take content_hash out of the manifest if the change is meant"
        )
    return _read_from(table, path, digest, cells, described)


def _opening(fields: Mapping[str, object]) -> Manifest | None:
    """What is said about how to open a file that has no manifest."""
    said = {k: fields.get(k) for k in ("sheet", "encoding", "delimiter")}
    if not any(value is not None for value in said.values()):
        return None
    blank = {"name": "-", "layout": "tidy", "units": "-", "price_basis": "-", "source": "-"}
    return read_manifest(blank, **said)


def _read_from(
    table: IOTable, path: Path, digest: str, cells: Cells, manifest: Manifest
) -> IOTable:
    """Let a table know the file, sheet and reader it comes from."""
    return attached(
        table,
        Provenance(
            file=path.name,
            sha256=digest,
            sheet=cells.sheet,
            publisher=manifest.publisher,
            reader=f"{manifest.layout} {reader_version()}",
            located=table.provenance.located if table.provenance else None,
            start=len(manifest.method),
        ),
    )


def _recognised(path: Path, cells: Cells, options: Mapping[str, object]) -> dict[str, object]:
    """What a publisher's file says about itself."""
    layout = recognise(cells)
    reader = LAYOUTS[layout]
    given: dict[str, object] = {"name": path.stem, "layout": layout, **reader.DEFAULTS}
    given |= reader.facts(cells) if hasattr(reader, "facts") else {}
    year = options.get("year", given.get("year"))
    if year is None and hasattr(reader, "PRICES"):
        year = given["year"] = _year_in(path.stem)
    if year is not None and hasattr(reader, "PRICES"):
        given["price_basis"] = reader.PRICES.format(year=year)
    return given


def _year_in(name: str) -> int | None:
    """Year that a publisher's file name states, if it states just one."""
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", name))
    return int(years.pop()) if len(years) == 1 else None


def classification(name: str) -> pd.DataFrame:
    """
    Titles of the sectors of a classification.

    Parameters
    ----------
    name : {"cn8", "cn24"}
        Classification.

    Returns
    -------
    pandas.DataFrame
        Index ``code`` in the order of the tables; columns ``title`` and ``title_zh``.

    Raises
    ------
    UnknownTableError
        If there is no such classification.

    Examples
    --------
    >>> classification("cn8").loc["ICT", "title_zh"]
    '信息通信业'
    """
    rows = read_cells(_shipped(name, "classifications", UnknownTableError)).rows
    frame = pd.DataFrame([list(row) for row in rows[1:]], columns=pd.Index(rows[0]))
    return frame.set_index("code")


def load_concordance(name: str, target: str) -> Concordance:
    """
    Load a shipped concordance.

    Parameters
    ----------
    name : str
        Classification to start from: ``nbs-2012-139``, ``nbs-2017-149``, ``nbs-2018-153``,
        ``nbs-2020-153`` or ``cn24``.
    target : {"cn24", "cn8", "cn24-instruments", "cn8-instruments"}
        Classification to arrive at; the variants count instruments as ICT.

    Returns
    -------
    Concordance
        Targets in the order of the classification.

    Raises
    ------
    ConcordanceError
        If there is no such concordance.

    Examples
    --------
    >>> load_concordance("nbs-2017-149", "cn8").targets
    ['AGR', 'IND', 'ELE', 'WAT', 'CON', 'TRA', 'ICT', 'SER']
    """
    path = _shipped(name, "concordances", ConcordanceError)
    demand_text(target, "target", ConcordanceError)
    level, _, variant = target.partition("-")
    if name != "cn24" and level == "cn8":
        fine = f"cn24-{variant}" if variant else "cn24"
        return load_concordance(name, fine).then(load_concordance("cn24", "cn8"))
    known = [column for column in read_cells(path).rows[0] if column.startswith("cn")]
    if target not in known:
        raise ConcordanceError(
            f"no concordance from {name} to {target!r}; {did_you_mean(target, known)}"
        )
    codes = list(classification(level).index)
    return Concordance.read(path, source=f"{name} to {target}", targets=codes, column=target)


def concordance_for(table: IOTable, target: str) -> Concordance:
    """
    Load the shipped concordance that starts from the sectors of a table.

    Parameters
    ----------
    table : IOTable
        Table with the sectors of a classification; the year of its prices decides between several.
    target : str
        Classification to arrive at, as for :func:`load_concordance`.

    Returns
    -------
    Concordance
        For all sectors of the table.

    Raises
    ------
    ConcordanceError
        If no shipped concordance starts from these sectors, or none arrives at the target.
    """
    known = sorted(
        (path.stem for path in (DATA / "concordances").glob("*.csv") if path.stem != "ceads"),
        key=lambda name: not any(y in table.price_basis for y in re.findall(r"\d{4}", name)),
    )
    for name in known:
        sheet = read_cells(DATA / "concordances" / f"{name}.csv")
        at = sheet.rows[0].index("sector")
        if {row[at] for row in sheet.rows[1:]} == {*table.sectors}:
            return load_concordance(name, target)
    raise ConcordanceError(
        f"{table.name}: its {len(table.sectors)} sectors are those of no shipped classification "
        f"({', '.join(known)}), and {target!r} is no file: give a CSV file with columns sector "
        "and target"
    )


def _shipped(name: str, folder: str, error: type[TableError]) -> Path:
    """Path of a shipped file."""
    demand_text(name, f"{folder[:-1]} name", error)
    paths = {path.stem: path for path in (DATA / folder).glob("*.csv")}
    if name not in paths:
        raise error(f"no {folder[:-1]} {name!r}; {did_you_mean(name, sorted(paths))}")
    return paths[name]


def _same_file(path: Path, manifest: Manifest) -> str:
    """Digest of a file; refused where the manifest knows another one."""
    digest = sha256(path)
    for file in manifest.files:
        if file.name == path.name and file.sha256 not in (None, digest):
            raise TableFileError(
                f"{path.name}: its SHA-256 is not the one in the manifest: get the file again, "
                "or correct the manifest if the publisher changed it"
            )
    return digest
