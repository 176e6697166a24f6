"""
World tables of WIOD, release 2013, as an archive of arrays (``.npz``).

Arrays ``Z`` (n, n), ``Y`` (n, 5 per country), ``x`` (n), ``countries`` and ``industries``; blocks
of industries by country. Whole million dollars: rows add up to about a hundred. Pickled objects
are never read.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from io_tables.archives import demand_directory, opened_archive
from io_tables.cells import Cells, existing
from io_tables.errors import LayoutError, TableFileError
from io_tables.files import Limits
from io_tables.manifest import Manifest
from io_tables.readers.assemble import assembled
from io_tables.readers.grid import same_year, year_in
from io_tables.report import Finding, refuse
from io_tables.table import IOTable

DEFAULTS: dict[str, object] = {
    "units": "10^6 USD",
    "source": "World Input-Output Database, release 2013, world table",
}
PRICES = "current basic prices {year}"
TOLERANCE = 105.0  # 10^6 USD: 1640 cells of a row, each rounded by up to a half; 104 was seen
ARRAYS = ("Z", "Y", "x", "countries", "industries")
CATEGORIES = (
    "households",
    "non-profit institutions",
    "government",
    "fixed capital",
    "inventories",
)
LARGEST = 4 * 2**30  # bytes of all arrays together


@dataclass(frozen=True)
class Archive(Cells):
    """
    Arrays in place of cells.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray
        By name.
    """

    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def open_archive(path: Path | str) -> Archive:
    """
    Open an archive of arrays without running anything in it.

    Parameters
    ----------
    path : path
        File written by ``numpy.savez``.

    Returns
    -------
    Archive
        Its arrays; ``rows`` holds their names.

    Raises
    ------
    TableFileError
        If it is no archive, or holds pickled objects.
    UnsafeFileError
        If it is a bomb, or too large when unpacked.
    """
    path = existing(path)
    with opened_archive(path, "an archive of arrays") as archive:
        demand_directory(path, archive.infolist(), Limits(unpacked=LARGEST))
        for info in archive.infolist():
            _demand_plain(archive, info, path.name)
        with np.load(path, allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    return Archive(path.name, [list(arrays)], arrays)


def recognises(cells: Cells) -> bool:
    """
    Tell whether an archive has the arrays of this layout.

    Parameters
    ----------
    cells : Cells
        The archive.

    Returns
    -------
    bool
        True if all are there.
    """
    return isinstance(cells, Archive) and {*ARRAYS} <= {*cells.arrays}


def facts(cells: Cells) -> dict[str, object]:
    """
    Read the year from the name of the file, which is all that tells it.

    Parameters
    ----------
    cells : Cells
        The archive.

    Returns
    -------
    dict
        ``year``, where the name has one.
    """
    year = year_in(cells.name.replace("_", " "))
    return {} if year is None else {"year": year}


def read(cells: Cells, manifest: Manifest) -> IOTable:
    """
    Read a world table.

    Parameters
    ----------
    cells : Cells
        The archive.
    manifest : Manifest
        Units, prices and tolerance.

    Returns
    -------
    IOTable
        Sectors ``country:industry`` with the coordinates ``region`` and ``industry``; value
        added, margins and taxes together are what balances the columns.

    Raises
    ------
    LayoutError
        If the shapes of the arrays do not fit each other.
    MissingValueError
        If a cell is missing or infinite.
    BalanceError
        If a row misses output by more than the tolerance.
    """
    if not isinstance(cells, Archive):
        raise LayoutError(f"{cells.name}: not an archive of arrays")
    same_year(cells, manifest.year, year_in(cells.name.replace("_", " ")))
    if manifest.tolerance is None:
        manifest = manifest.model_copy(update={"tolerance": TOLERANCE})
    given = cells.arrays
    countries, industries = ([str(v) for v in given[k]] for k in ("countries", "industries"))
    n = len(countries) * len(industries)
    shapes = {"Z": (n, n), "Y": (n, len(countries) * len(CATEGORIES)), "x": (n,)}
    refuse(
        cells.name,
        [
            Finding(
                "error",
                f"has shape {given[name].shape}, {len(countries)} countries with "
                f"{len(industries)} industries need {shape}",
                f"array {name}",
                "is the archive of this release?",
                LayoutError,
            )
            for name, shape in shapes.items()
            if given[name].shape != shape
        ],
    )
    return assembled(
        cells.name,
        [],
        manifest,
        industries * len(countries),
        transactions=given["Z"],
        final_demand=given["Y"],
        categories=[f"{country}:{use}" for country in countries for use in CATEGORIES],
        regions=[country for country in countries for _ in industries],
        output=given["x"],
    )


def _demand_plain(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    """Refuse an array of objects, and one whose header promises more than the file holds."""
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise TableFileError(f"{name}: array {info.filename} has format {version}")
        shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise TableFileError(
            f"{name}: array {info.filename} holds pickled objects, which are never read: "
            "save it as numbers or text"
        )
    if math.prod(shape) * dtype.itemsize > info.file_size:
        raise TableFileError(
            f"{name}: array {info.filename} promises {shape} and is cut off, or is no array"
        )
