"""Datasets in one netCDF file, and files that are written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import xarray as xr

from handprint.errors import HandprintError, ScenarioError

NEEDED = ("h5netcdf", "h5py")


class MissingExtraError(HandprintError):
    """A library for an optional part of the package is not installed."""


def need_netcdf() -> None:
    """
    Refuse to go on without the libraries for netCDF.

    Raises
    ------
    MissingExtraError
        Saying how to install them.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"netCDF needs {' and '.join(missing)}: pip install 'handprint[netcdf]'; "
            "a run folder with results.json needs neither"
        )


def write_datasets(path: Path, data: Mapping[str, xr.Dataset], about: Mapping[str, str]) -> None:
    """
    Write datasets into one netCDF-4 file, each in a group of its own.

    Parameters
    ----------
    path : pathlib.Path
        Where; an existing file is replaced when all is written.
    data : mapping of str to xarray.Dataset
        Group -> dataset.
    about : mapping of str to str
        Attributes of the file.

    Raises
    ------
    MissingExtraError
        Without the libraries for netCDF.
    """
    need_netcdf()
    part = path.with_name(f".{path.name}.part")
    try:
        xr.Dataset(attrs=dict(about)).to_netcdf(part, mode="w", engine="h5netcdf")
        for group, dataset in data.items():
            dataset.to_netcdf(part, mode="a", group=group, engine="h5netcdf")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_datasets(
    path: Path, groups: tuple[str, ...]
) -> tuple[dict[str, xr.Dataset], dict[str, str]]:
    """
    Read what :func:`write_datasets` wrote.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    groups : tuple of str
        Groups wanted.

    Returns
    -------
    data : dict of str to xarray.Dataset
        In memory; the file is closed.
    about : dict of str to str
        Attributes of the file.

    Raises
    ------
    MissingExtraError
        Without the libraries for netCDF.
    ScenarioError
        If the file is none of this kind.
    """
    need_netcdf()
    try:
        with xr.open_dataset(path, engine="h5netcdf") as root:
            about = {str(k): str(v) for k, v in root.attrs.items()}
        found = {}
        for group in groups:
            with xr.open_dataset(path, engine="h5netcdf", group=group) as dataset:
                found[group] = _plain(dataset.load())
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError) as err:
        raise ScenarioError(f"{path}: not a complete run ({err}): export it again") from err
    return found, about


def _plain(dataset: xr.Dataset) -> xr.Dataset:
    """Texts as texts, without traces of the file."""
    texts = {str(k): v.astype(str) for k, v in dataset.variables.items() if v.dtype == object}
    return (
        dataset.assign({k: v for k, v in texts.items() if k in dataset.data_vars})
        .assign_coords({k: v for k, v in texts.items() if k in dataset.coords})
        .drop_encoding()
    )


def write_whole(files: Mapping[Path, str | bytes], last: Path) -> None:
    """
    Write several files that belong together: all of them are there, or ``last`` is not.

    Parameters
    ----------
    files : mapping of pathlib.Path to str or bytes
        Path -> content; text is written as UTF-8.
    last : pathlib.Path
        The one of them that makes the rest valid. An older one goes first, the new one comes
        last, so that it never stands beside files of another run.
    """
    parts = {path: path.with_name(f".{path.name}.part") for path in files}
    try:
        for path, content in files.items():
            parts[path].write_bytes(content.encode() if isinstance(content, str) else content)
        last.unlink(missing_ok=True)
        for path in sorted(files, key=lambda path: path == last):
            parts[path].replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
