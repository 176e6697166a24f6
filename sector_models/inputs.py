"""What a caller may give to a run: adoption paths and drivers, checked at the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sector_models.alignment import as_array, same_years, where
from sector_models.errors import (
    LabelError,
    UnitError,
    UnknownDriverError,
    UnknownUseCaseError,
    ValueRangeError,
    did_you_mean,
)
from sector_models.estimates import constant, stack
from sector_models.records import Sector

OverYears: TypeAlias = "float | Mapping[int, float] | pd.Series[float] | xr.DataArray"
"""Numbers over years; a single number is the same in every year."""
Adoptions: TypeAlias = "Mapping[str, OverYears] | xr.DataArray"
Drivers: TypeAlias = "Mapping[str, OverYears] | xr.Dataset"

DRIVERS = {
    "reference": "Mt CO2",
    "output": "10^4 CNY",
    "ict_input": "10^4 CNY",
    "ict_intensity": "t CO2/10^4 CNY",
    "ict_index": "1",
}
"""Names of the drivers that a run takes, and their units."""


def _over_years(values: OverYears, years: NDArray[np.int64], name: str) -> xr.DataArray:
    """Turn a number, mapping, series or array into an array over the years of the run."""
    if isinstance(values, Mapping):
        values = xr.DataArray(list(values.values()), dims="year", coords={"year": list(values)})
    elif isinstance(values, pd.Series):
        values = xr.DataArray(values.to_numpy(), dims="year", coords={"year": values.index})
    array = values if isinstance(values, xr.DataArray) else as_array(values, name)
    if not array.ndim:
        return constant(float(as_array(array, name)), years)
    return as_array(same_years(array, years, name), name)


def adoptions(
    record: Sector,
    given: Adoptions | None,
    years: NDArray[np.int64],
    members: pd.Index[Any],
    name: str,
) -> xr.DataArray:
    """
    Return adoption of each use case: what is given, else the curves of the sector.

    Parameters
    ----------
    record : Sector
        The sector.
    given : mapping or xarray.DataArray, optional
        Paths that replace curves of the sector.
    years : numpy.ndarray
        Years of the run.
    members : pandas.Index
        Estimates or draws of the run, under their name.
    name : {"adoption", "reference_adoption"}
        Which of the two is meant.

    Returns
    -------
    xarray.DataArray
        Adoption, dims (use_case, year), and estimate or draw if a path has them [1].

    Raises
    ------
    UnknownUseCaseError
        If the sector has no use case of a given name.
    LabelError
        If it is not clear which use case, year, estimate or draw is meant.
    ValueRangeError
        If an adoption lies outside 0 to 1.
    """
    paths: dict[str, OverYears] = {}
    if isinstance(given, xr.DataArray):
        if "use_case" not in given.indexes:
            raise LabelError(f"{name}: no labels on 'use_case'; say which use case is which")
        paths = {key: given.sel(use_case=key, drop=True) for key in given.indexes["use_case"]}
    elif isinstance(given, pd.DataFrame):
        paths = {str(key): given[key] for key in given}
    elif isinstance(given, Mapping):
        paths = dict(given)
    elif given is not None:
        raise LabelError(f"{name}: {given!r} does not say which use case is meant; pass a mapping")
    for key in paths:
        if key not in record.use_cases:
            hint = did_you_mean(key, record.use_cases)
            raise UnknownUseCaseError(f"{name}: {record.name} has no use case {key!r}; {hint}")
    found: dict[str, xr.DataArray] = {}
    seen: dict[int, str] = {}  # one path for several use cases is checked once
    for key, use_case in record.use_cases.items():
        if key in paths:
            first = seen.setdefault(id(paths[key]), key)
            if first != key:
                found[key] = found[first]
                continue
            place = f"{name}[{key!r}]"
            path = _share_of(_over_years(paths[key], years, place), place)
            found[key] = _fitting(path, {str(members.name): list(members)}, place)
            continue
        curve = getattr(use_case, name)
        found[key] = constant(0.0, years) if curve is None else curve.over(years)
    once = {id(path): path for path in found.values()}
    alike = dict(zip(once, xr.broadcast(*once.values()), strict=True))
    adoption = stack({key: alike[id(path)] for key, path in found.items()})
    return adoption.transpose("use_case", "year", ...)


def _share_of(path: xr.DataArray, place: str) -> xr.DataArray:
    """Refuse an adoption outside 0 to 1."""
    outside = (path < 0) | (path > 1)
    if outside.any():
        value = float(path.values[outside.values][0])
        meant = f"; for {value:g} % write {value / 100:g}" if value > 1 else ""
        raise ValueRangeError(f"{place}: {value:g} at {where(outside)} is outside 0 to 1{meant}")
    return path


def _fitting(array: xr.DataArray, wanted: Mapping[str, list[Any]], place: str) -> xr.DataArray:
    """Refuse dimensions besides the year that a run does not have, label by label."""
    for dim in array.dims:
        if dim == "year":
            continue
        if dim not in wanted:
            allowed = ", ".join(["year", *wanted])
            raise LabelError(f"{place}: no dimension {dim!r} in this run; allowed: {allowed}")
        given = array[dim].values.tolist() if dim in array.indexes else None
        if given != wanted[str(dim)]:
            raise LabelError(f"{place}: {dim} is {given}, needed is {wanted[str(dim)]}")
    return array.reset_coords(drop=True)


def drivers_of(
    drivers: Drivers | None, years: NDArray[np.int64], record: Sector, members: pd.Index[Any]
) -> dict[str, xr.DataArray]:
    """
    Check what drives the sector from outside.

    Parameters
    ----------
    drivers : mapping or xarray.Dataset, optional
        Drivers by name.
    years : numpy.ndarray
        Years of the run.
    record : Sector
        The sector.
    members : pandas.Index
        Estimates or draws of the run, under their name.

    Returns
    -------
    dict of xarray.DataArray
        The drivers that were given, dims (year, ...).

    Raises
    ------
    UnknownDriverError
        If there is no driver of a given name.
    UnitError
        If a driver states another unit.
    ValueRangeError
        If a value is negative.
    LabelError
        If years or use cases are not those of the run.
    """
    if drivers is not None and not isinstance(drivers, Mapping | xr.Dataset):
        raise UnknownDriverError(f"drivers: {type(drivers).__name__} names none; pass a mapping")
    found: dict[str, xr.DataArray] = {}
    for key, values in ({} if drivers is None else drivers).items():
        name = str(key)
        if name not in DRIVERS:
            raise UnknownDriverError(f"no driver {name!r}; {did_you_mean(name, DRIVERS)}")
        stated = getattr(values, "attrs", {}).get("units", DRIVERS[name])
        if stated != DRIVERS[name]:
            raise UnitError(f"driver {name} is in {stated!r}, {DRIVERS[name]!r} is needed")
        array = _over_years(values, years, f"driver {name}")
        if (array < 0).any():
            raise ValueRangeError(f"driver {name} is negative at {where(array < 0)}")
        wanted = {str(members.name): list(members)}
        if name == "ict_input":
            wanted["use_case"] = list(record.use_cases)
        array = _fitting(array, wanted, f"driver {name}")
        if name == "ict_input" and "use_case" not in array.dims:
            array = array * _purchase_shares(record)
        found[name] = array
    return found


def _purchase_shares(record: Sector) -> xr.DataArray:
    """Return the share of each use case in the ICT purchases of a sector."""
    inputs = xr.DataArray(
        [case.ict_input.value for case in record.use_cases.values()],
        dims="use_case",
        coords={"use_case": list(record.use_cases)},
    )
    total = float(inputs.sum())
    return inputs / total if total else xr.ones_like(inputs) / inputs.size
