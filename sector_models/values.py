"""Reading numbers of the user: values by key, or paths by key and year, from TOML or CSV."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

import xarray as xr

from sector_models.errors import SectorFileError

_LARGEST = 1_000_000


def read_values(path: str | Path) -> dict[str, Any]:
    """
    Read values for a scorecard.

    Parameters
    ----------
    path : str or pathlib.Path
        TOML with ``key = number``, ``key = "choice"`` or
        ``key = { value = number, units = "..." }``; or CSV with the columns key, value and, if
        wanted, units.

    Returns
    -------
    dict
        Values by key, for `scorecard`.

    Raises
    ------
    SectorFileError
        If the file cannot be read or a row is wrong; lists all problems.
    """
    path = Path(path)
    text = _text(path)
    if path.suffix.lower() != ".csv":
        return _toml(text, path.name)
    found: dict[str, Any] = {}
    problems = []
    for line, row in _rows(text, path.name, ("key", "value")):
        key, value = row["key"], _number(row["value"])
        if not key or not row["value"]:
            problems.append(f"line {line}: key or value is empty")
        elif key in found:
            problems.append(f"line {line}: {key!r} occurs twice")
        elif row.get("units"):
            found[key] = {"value": value, "units": row["units"]}
        else:
            found[key] = value
    if problems:
        raise SectorFileError(path.name, problems)
    return found


def read_paths(path: str | Path) -> dict[str, xr.DataArray]:
    """
    Read paths for targets.

    Parameters
    ----------
    path : str or pathlib.Path
        TOML with a table per key, ``2020 = number`` and, if wanted, ``units = "..."``; or CSV
        with the columns key, year, value and, if wanted, units.

    Returns
    -------
    dict of xarray.DataArray
        Paths by key, dims (year), years ascending; units where they are stated.

    Raises
    ------
    SectorFileError
        If the file cannot be read or a row is wrong; lists all problems.
    """
    path = Path(path)
    text = _text(path)
    rows: list[tuple[str, str, str, object, str]] = []
    problems = []
    if path.suffix.lower() == ".csv":
        rows = [
            (f"line {line}", row["key"], row["year"], _number(row["value"]), row.get("units") or "")
            for line, row in _rows(text, path.name, ("key", "year", "value"))
        ]
    else:
        for key, table in _toml(text, path.name).items():
            if not isinstance(table, dict):
                problems.append(f"{key}: a table of years is needed")
                continue
            units = table.pop("units", "")
            rows += [(f"{key}.{year}", key, year, value, units) for year, value in table.items()]
    found: dict[str, dict[int, float]] = {}
    stated: dict[str, str] = {}
    for place, key, year, value, units in rows:
        if not str(year).isdecimal():
            problems.append(f"{place}: {year!r} is no year")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            problems.append(f"{place}: {value!r} is not a number")
        elif int(year) in found.setdefault(key, {}):
            problems.append(f"{place}: {key!r} occurs twice in {year}")
        elif units and stated.setdefault(key, units) != units:
            problems.append(f"{place}: {key!r} is in {stated[key]!r} and in {units!r}")
        else:
            found[key][int(year)] = float(value)
    if problems:
        raise SectorFileError(path.name, problems)
    if not found:
        raise SectorFileError(path.name, ["holds no path"])
    return {key: _path(by_year, stated.get(key)) for key, by_year in found.items()}


def _path(by_year: dict[int, float], units: str | None) -> xr.DataArray:
    years = sorted(by_year)
    array = xr.DataArray([by_year[y] for y in years], dims="year", coords={"year": years})
    return array if units is None else array.assign_attrs(units=units)


def _text(path: Path) -> str:
    """Text of a file of reasonable size."""
    try:
        if path.stat().st_size > _LARGEST:
            raise SectorFileError(path.name, ["larger than 1 MB: these are no values"])
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SectorFileError(path.name, [f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SectorFileError(path.name, [f"not UTF-8 text: byte {error.start}"]) from error


def _toml(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SectorFileError(place, [f"not TOML: {error}"]) from error


def _rows(text: str, place: str, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV with their line numbers, cells stripped."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        names = [str(name).strip() for name in reader.fieldnames or ()]
        missing = [name for name in needed if name not in names]
        unknown = [name for name in names if name not in (*needed, "units")]
        if missing or unknown:
            raise SectorFileError(
                place, [f"columns are {', '.join(names)}; needed: {', '.join(needed)}, units"]
            )
        reader.fieldnames = names
        found = []
        for row in reader:
            if None in row or None in row.values():
                raise SectorFileError(place, [f"line {reader.line_num}: number of cells"])
            cells = {str(key): str(cell).strip() for key, cell in row.items()}
            if any(cells.values()):
                found.append((reader.line_num, cells))
        return found
    except csv.Error as error:
        raise SectorFileError(place, [f"not CSV: {error}"]) from error


def _number(cell: str) -> float | str:
    """Number in a cell, or its text."""
    try:
        return float(cell)
    except ValueError:
        return cell
