"""Sums over years, with units that no annual figure has."""

from __future__ import annotations

import xarray as xr


def cumulated_units(units: str, years: tuple[int, int]) -> str:
    """
    Name the unit of a sum over years.

    Parameters
    ----------
    units : str
        Unit of the annual figure.
    years : tuple of int
        First and last year that count.

    Returns
    -------
    str
        For example ``Mt CO2 cumulated 2021-2030``.

    Examples
    --------
    >>> cumulated_units("Mt CO2", (2021, 2030))
    'Mt CO2 cumulated 2021-2030'
    """
    return f"{units} cumulated {years[0]}-{years[1]}"


def cumulated(data: xr.Dataset) -> xr.Dataset:
    """
    Add additive quantities up from the year after the base year to the end year.

    Parameters
    ----------
    data : xarray.Dataset
        Annual quantities with dim ``year``, base year first, and attribute ``units``.

    Returns
    -------
    xarray.Dataset
        Without ``year``; units say which years are in the sum.
    """
    years = data["year"].values
    span = (int(years[1]), int(years[-1]))
    found = data.isel(year=slice(1, None)).sum("year")
    for name, array in data.data_vars.items():
        units = cumulated_units(array.attrs["units"], span)
        found[name].attrs = {"units": units, "long_name": f"sum over {span[0]}-{span[1]}"}
    return found
