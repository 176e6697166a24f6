"""How a parameter with a range becomes an array: three estimates, or random draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias
from zlib import crc32

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sector_models.errors import ParameterError
from sector_models.parameters import Parameter, sample

ESTIMATES = ("low", "central", "high")
Members: TypeAlias = Callable[[Parameter, str], xr.DataArray]


def members_of(draws: int, seed: int | None) -> tuple[Members, int | None]:
    """
    Choose how a parameter becomes an array: by its three estimates, or by draws.

    Parameters
    ----------
    draws : int
        Number of draws; 0 for the estimates.
    seed : int, optional
        Seed of the draws; a fresh one is made when it is missing.

    Returns
    -------
    members : callable
        Function of a parameter and the name of its stream of draws.
    seed : int or None
        Seed that is used, none for the estimates.

    Raises
    ------
    ParameterError
        If a number is negative or not whole.

    Notes
    -----
    Every name has a stream of its own: sectors run with one seed neither share draws by
    accident nor lose those that they have in common. Parameters with one ``shared`` key have
    one stream, whatever their names.
    """
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 0:
        raise ParameterError(f"draws: {draws!r} is not a whole number from 0")
    if not draws:
        return lambda parameter, _: corners(parameter), None
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ParameterError(f"seed: {seed!r} is not a whole number from 0")

    def _drawn(parameter: Parameter, name: str) -> xr.DataArray:
        stream = parameter.shared or name
        rng = np.random.default_rng([seed, crc32(stream.encode())])
        values = sample(parameter, rng, draws)
        return xr.DataArray(values, dims="draw", coords={"draw": np.arange(draws)})

    return _drawn, int(seed)


def corners(parameter: Parameter) -> xr.DataArray:
    """
    Return low, central and high value of a parameter.

    Parameters
    ----------
    parameter : Parameter
        A number with its range.

    Returns
    -------
    xarray.DataArray
        The three values, dims (estimate) [units of the parameter].
    """
    values = [parameter.low, parameter.value, parameter.high]
    return xr.DataArray(values, dims="estimate", coords={"estimate": list(ESTIMATES)})


def constant(value: float, years: NDArray[np.int64]) -> xr.DataArray:
    """
    Repeat a value in every year.

    Parameters
    ----------
    value : float
        The value.
    years : numpy.ndarray
        The years.

    Returns
    -------
    xarray.DataArray
        The value, dims (year).
    """
    return xr.DataArray(np.full(years.shape, value), dims="year", coords={"year": years})


def stack(arrays: Mapping[str, xr.DataArray], dim: str = "use_case") -> xr.DataArray:
    """
    Put arrays side by side under their names.

    Parameters
    ----------
    arrays : mapping of xarray.DataArray
        The arrays by name.
    dim : str, optional
        Name of the new dimension.

    Returns
    -------
    xarray.DataArray
        All arrays, the new dimension first.
    """
    return xr.concat(list(arrays.values()), dim, join="exact").assign_coords({dim: list(arrays)})


def opposed(array: xr.DataArray) -> xr.DataArray:
    """
    Swap low and high, so that what counts against a result is high when it is low.

    Parameters
    ----------
    array : xarray.DataArray
        Estimates; an array of draws is returned as it is.

    Returns
    -------
    xarray.DataArray
        The array with the high values under ``low`` and the reverse.
    """
    if "estimate" not in array.dims:
        return array
    swapped = array.isel(estimate=slice(None, None, -1))
    return swapped.assign_coords(estimate=array["estimate"])
