"""The physical account of the ICT industry as data: quantities over years, checks, an example."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sector_models.alignment import as_array, same_years, where
from sector_models.datafiles import read_shipped
from sector_models.errors import (
    LabelError,
    UnitError,
    UnknownDriverError,
    ValueRangeError,
    YearError,
    did_you_mean,
)
from sector_models.estimates import Members, constant
from sector_models.inputs import OverYears
from sector_models.parameters import Number, Parameter, Record, Source, Text


class Quantity(Record):
    """One quantity: a constant, or points in years with straight lines between them."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    units: Text
    """Units of every point."""
    minimum: Number = 0.0
    """Lowest value that has a meaning."""
    points: Annotated[tuple[Parameter, ...], Field(min_length=1)]
    """Values by year; a single one holds in every year."""

    @model_validator(mode="before")
    @classmethod
    def _with_units(cls, raw: Any) -> Any:
        """Give the points the units of their quantity."""
        if not isinstance(raw, dict) or not isinstance(raw.get("points"), list):
            return raw
        units = raw.get("units")
        points = [{"units": units} | p if isinstance(p, dict) else p for p in raw["points"]]
        return raw | {"points": points}

    @model_validator(mode="after")
    def _possible(self) -> Quantity:
        years = [point.year for point in self.points]
        if years != sorted(set(years)):
            raise ValueError(f"points: years {years} do not ascend")
        for point in self.points:
            if point.units != self.units:
                raise ValueError(f"points: {point.year} is in {point.units!r}, not {self.units!r}")
            if point.low < self.minimum or point.high > self.maximum:
                raise ValueError(
                    f"points: {point.year} leaves the range {self.minimum:g} to {self.maximum:g}"
                )
        return self

    @property
    def maximum(self) -> float:
        """
        Return the highest value that has a meaning.

        Returns
        -------
        float
            One for shares, else infinity [units of the quantity].
        """
        return 1.0 if self.units == "1" and self.minimum < 1 else np.inf

    @property
    def sources(self) -> tuple[str, ...]:
        """
        Return the keys of all sources of the points.

        Returns
        -------
        tuple of str
            Keys, each once.
        """
        return tuple(dict.fromkeys(key for point in self.points for key in point.source))

    def over(self, years: NDArray[np.int64], members: Members, name: str) -> xr.DataArray:
        """
        Values in each year of a run.

        Parameters
        ----------
        years : numpy.ndarray
            Years.
        members : callable
            What makes estimates or draws of a parameter.
        name : str
            Name of the quantity: the stream of draws, one rank for all its points.

        Returns
        -------
        xarray.DataArray
            Dims (year, estimate or draw) [units of the quantity].

        Raises
        ------
        YearError
            If a year lies outside the points.
        """
        at = [members(point, f"ict.{name}") for point in self.points]
        known = [point.year for point in self.points]
        if len(at) == 1:
            return constant(1.0, years) * at[0]
        outside = [int(year) for year in years if not known[0] <= year <= known[-1]]
        if outside:
            raise YearError(
                f"{name}: the account knows {known[0]} to {known[-1]}, not "
                f"{', '.join(map(str, outside))}; give it as a driver"
            )
        weights = np.array([np.interp(years, known, row) for row in np.eye(len(known))])
        found = np.zeros((len(years), at[0].size))
        for weight, value in zip(weights, at, strict=True):
            found += weight[:, None] * value.values
        return xr.DataArray(found, {"year": years, **at[0].coords}, ("year", *at[0].dims))


class Check(Record):
    """A published figure that the account should come near."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    quantity: Literal["electricity", "emissions"]
    """What of the data centres it counts."""
    published: Parameter
    """The figure."""


class Example(Record):
    """One data centre as it is described in a source."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    racks: Parameter
    """Number of racks."""
    rack_power: Parameter
    """Rated IT power per rack."""
    load: Parameter
    """Share of the rated power that runs."""
    pue: Parameter
    """Total electricity over that of the IT."""
    operation: Parameter
    """Share of operation in the life cycle."""


class Account(Record):
    """The shipped physical account."""

    quantities: dict[str, Quantity]
    """Quantities by name; each name is also that of a driver."""
    checks: dict[str, Check]
    """Published figures, by name."""
    example: Example
    """The data centre of the report of 2023."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """Sources in addition to the shipped ones, by key."""


@cache
def load_account() -> Account:
    """
    Read the shipped account.

    Returns
    -------
    Account
        Quantities with their ranges and sources.

    Examples
    --------
    >>> load_account().quantities["stations_5g"].points[0].value
    0.718
    """
    return read_shipped(Account, "ict_account.toml")


def account_provenance() -> pd.DataFrame:
    """
    Every number of the account with its range and origin.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, value, low, high, units, year, status, source, note; one row per point.

    Examples
    --------
    >>> table = account_provenance()
    >>> table.loc[table["quantity"] == "rack_power", "units"].tolist()
    ['kW/rack']
    """
    rows = [
        {"quantity": name} | point.model_dump(include=set(_COLUMNS)) | _origin(point)
        for name, quantity in load_account().quantities.items()
        for point in quantity.points
    ]
    return pd.DataFrame(rows)[["quantity", *_COLUMNS]]


def _origin(point: Parameter) -> dict[str, str]:
    """Source and note as texts."""
    return {"source": ", ".join(point.source), "note": point.note or ""}


_COLUMNS = ["value", "low", "high", "units", "year", "status", "source", "note"]


def given_quantities(
    drivers: Mapping[str, OverYears] | xr.Dataset | None,
    years: NDArray[np.int64],
    members: pd.Index[Any],
) -> dict[str, xr.DataArray]:
    """
    Check the paths of a user.

    Parameters
    ----------
    drivers : mapping or xarray.Dataset, optional
        Paths by name of the quantity.
    years : numpy.ndarray
        Years of the run.
    members : pandas.Index
        Estimates or draws of the run, under their name.

    Returns
    -------
    dict of xarray.DataArray
        The paths, dims (year, ...).

    Raises
    ------
    UnknownDriverError
        If the account has no quantity of a name.
    UnitError
        If a path states another unit.
    ValueRangeError
        If a value has no meaning, such as a PUE below one.
    LabelError
        If years, estimates or draws are not those of the run.
    """
    if drivers is not None and not isinstance(drivers, Mapping | xr.Dataset):
        raise UnknownDriverError(f"drivers: {type(drivers).__name__} names none; pass a mapping")
    known = load_account().quantities
    found: dict[str, xr.DataArray] = {}
    for key, values in ({} if drivers is None else drivers).items():
        name = str(key)
        if name not in known:
            raise UnknownDriverError(f"no quantity {name!r}; {did_you_mean(name, known)}")
        stated = getattr(values, "attrs", {}).get("units", known[name].units)
        if stated != known[name].units:
            raise UnitError(f"driver {name} is in {stated!r}, {known[name].units!r} is needed")
        found[name] = _in_range(_path(values, years, members, name), known[name], name)
    return found


def _path(
    values: OverYears, years: NDArray[np.int64], members: pd.Index[Any], name: str
) -> xr.DataArray:
    """Turn a number, mapping, series or array into an array over the years of the run."""
    place = f"driver {name}"
    if isinstance(values, Mapping):
        values = pd.Series(values)
    if isinstance(values, pd.Series):
        values = xr.DataArray(values.to_numpy(), dims="year", coords={"year": values.index})
    array = as_array(values, place)
    if not array.ndim:
        return constant(float(array), years)
    for dim in array.dims:
        if dim not in ("year", members.name):
            raise LabelError(f"{place}: no dimension {dim!r} in this run")
        if dim == members.name and list(array[dim].values) != list(members):
            raise LabelError(f"{place}: {dim} is not that of the run")
    return same_years(array, years, place).reset_coords(drop=True)


def _in_range(array: xr.DataArray, quantity: Quantity, name: str) -> xr.DataArray:
    """Refuse values without a meaning."""
    outside = (array < quantity.minimum) | (array > quantity.maximum)
    if outside.any():
        value = float(array.values[outside.values][0])
        share = quantity.maximum == 1.0 and value > 1
        meant = f"; for {value:g} % write {value / 100:g}" if share else ""
        raise ValueRangeError(
            f"driver {name}: {value:g} at {where(outside)} is outside "
            f"{quantity.minimum:g} to {quantity.maximum:g}{meant}"
        )
    return array
