"""Runs that are kept: in a folder as JSON, in a netCDF file, or as a tidy table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from handprint.errors import HandprintError, ScenarioError
from handprint.storage import read_datasets
from handprint.tidy import read_tidy

WHOLE = "results.nc"
JSON = "results.json"
TIDY = ("numbers.csv", "about.json")


def kept_as(place: Path) -> Path | None:
    """
    Find the file that a run is read from.

    Parameters
    ----------
    place : pathlib.Path
        Folder or netCDF file.

    Returns
    -------
    pathlib.Path or None
        None if there is no run.
    """
    if place.suffix == ".nc":
        return place
    if place.name in (JSON, *TIDY):  # a file of the folder stands for it
        place = place.parent
    for name in (WHOLE, JSON):
        if (place / name).is_file():
            return place / name
    return place / TIDY[-1] if all((place / name).is_file() for name in TIDY) else None


def read_run(
    place: Path, datasets: tuple[str, ...]
) -> tuple[dict[str, xr.Dataset], dict[str, Any], dict[str, Any]]:
    """
    Read what is kept of a run.

    Parameters
    ----------
    place : pathlib.Path
        Folder or netCDF file.
    datasets : tuple of str
        Those of a complete run.

    Returns
    -------
    data : dict of str to xarray.Dataset
        By name.
    scenario, record : dict
        As written.

    Raises
    ------
    ScenarioError
        If there is no complete run.
    MissingExtraError
        If it is a netCDF file, without the libraries of the extra ``netcdf``.
    """
    path = kept_as(place)
    try:
        if path is None:
            raise FileNotFoundError
        data, scenario, record = _content(path, datasets)
        _refuse_damage(data["indicators"])
        return data, scenario, record
    except (FileNotFoundError, NotADirectoryError):
        raise ScenarioError(
            f"{place}: no results.json here: give the folder of a run, or its netCDF file"
        ) from None
    except HandprintError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise ScenarioError(f"{path}: not a complete run ({err}): run it again") from err


def _content(
    path: Path, datasets: tuple[str, ...]
) -> tuple[dict[str, xr.Dataset], dict[str, Any], dict[str, Any]]:
    if path.suffix == ".nc":
        data, about = read_datasets(path, datasets)
        return data, json.loads(about["scenario"]), json.loads(about["record"])
    content = json.loads(path.read_text(encoding="utf-8"))
    if path.name == JSON:
        data = {name: xr.Dataset.from_dict(content[name]) for name in datasets}
    else:
        numbers = path.with_name(TIDY[0]).read_text(encoding="utf-8")
        data = read_tidy(numbers, {name: content["datasets"][name] for name in datasets})
    return data, content["scenario"], content["record"]


def _refuse_damage(indicators: xr.Dataset) -> None:
    """Refuse indicators that lack one, or a number of one."""
    for name in ("NER", "enabled", "footprint", "reference"):
        if name not in indicators:
            raise KeyError(name)
    for quantity, array in indicators.data_vars.items():
        if array.dtype.kind not in "fi" or not np.isfinite(array.values).all():
            raise ValueError(f"{quantity} has gaps, or texts for numbers")
