"""How a parameter with a range becomes an array: three estimates, or random draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.core.indexes import Indexes

from sector_models.errors import ParameterError
from sector_models.parameters import Parameter
from sector_models.parameters import sample as draw_values

ESTIMATES = ("low", "central", "high")
_CORNERS = xr.Coordinates({"estimate": list(ESTIMATES)})
Sample: TypeAlias = Callable[[Parameter, str], NDArray[np.float64]]
"""Draws of a parameter, by the name of its stream."""


@dataclass(frozen=True)
class Members:
    """
    How parameters become arrays.

    Parameters
    ----------
    labels : xarray.Coordinates
        Of the one dimension: estimates or draws.
    values : callable
        Function of a parameter and the name of its stream of draws.
    """

    labels: xr.Coordinates
    values: Sample

    def __call__(self, parameter: Parameter, name: str) -> xr.DataArray:
        """
        Return the values of one parameter.

        Parameters
        ----------
        parameter : Parameter
            A number with its range.
        name : str
            Name of its stream of draws.

        Returns
        -------
        xarray.DataArray
            Dims (estimate) or (draw) [units of the parameter].
        """
        return xr.DataArray(
            self.values(parameter, name), coords=self.labels, dims=list(self.labels.dims)
        )

    def stacked(self, wanted: Mapping[str, tuple[Parameter, str]]) -> xr.DataArray:
        """
        Put parameters side by side.

        Parameters
        ----------
        wanted : mapping of str to tuple
            Use case -> parameter and name of its stream of draws.

        Returns
        -------
        xarray.DataArray
            Dims (use_case, estimate) or (use_case, draw) [units of the parameters].
        """
        values = np.stack([self.values(*one) for one in wanted.values()])
        coords = {"use_case": list(wanted), **self.labels.indexes}
        return xr.DataArray(values, coords=coords, dims=("use_case", *self.labels.dims))


def members_of(
    draws: int, seed: int | None, sample: Sample | None = None
) -> tuple[Members, int | None]:
    """
    Choose how a parameter becomes an array: by its three estimates, or by draws.

    Parameters
    ----------
    draws : int
        Number of draws; 0 for the estimates.
    seed : int, optional
        Seed of the draws; a fresh one is made when it is missing.
    sample : callable, optional
        Gives the draws of a parameter by the name of its stream, instead of a seed.

    Returns
    -------
    members : Members
        Function of a parameter and the name of its stream of draws.
    seed : int or None
        Seed that is used, none for the estimates or with ``sample``.

    Raises
    ------
    ParameterError
        If a number is negative or not whole, or ``sample`` does not go with the rest.

    Notes
    -----
    Every name has a stream of its own: sectors run with one seed neither share draws by
    accident nor lose those that they have in common. Parameters with one ``shared`` key have
    one stream, whatever their names.
    """
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 0:
        raise ParameterError(f"draws: {draws!r} is not a whole number from 0")
    if sample is not None and (not draws or seed is not None):
        raise ParameterError("sample: goes with a number of draws and without a seed")
    if not draws:
        return Members(_CORNERS, lambda parameter, _: _three(parameter)), None
    if sample is not None:
        return _sampled(draws, sample), None
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ParameterError(f"seed: {seed!r} is not a whole number from 0")

    def _drawn(parameter: Parameter, name: str) -> NDArray[np.float64]:
        rng = np.random.default_rng([seed, crc32(name.encode())])
        return draw_values(parameter, rng, draws)

    return _sampled(draws, _drawn), int(seed)


def _sampled(draws: int, sample: Sample) -> Members:
    """Label draws; parameters with one shared key have one stream."""
    labels = xr.Coordinates({"draw": np.arange(draws)})
    return Members(labels, lambda parameter, name: sample(parameter, parameter.shared or name))


def _three(parameter: Parameter) -> NDArray[np.float64]:
    return np.array([parameter.low, parameter.value, parameter.high])


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
    return xr.DataArray(_three(parameter), coords=_CORNERS, dims="estimate")


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
    every = list(arrays.values())
    dims, labels = every[0].dims, every[0].indexes
    alike = all(
        a.dims == dims and len(a.coords) == len(dims) and _same(a.indexes, labels)
        for a in {id(a): a for a in every}.values()
    )
    if not (alike and len(labels) == len(dims)):
        return xr.concat(every, dim, join="exact").assign_coords({dim: list(arrays)})
    # The usual case, ten times as fast: labels need not be joined, for they are the same.
    values = np.stack([a.values for a in every])
    return xr.DataArray(values, coords={dim: list(arrays), **labels}, dims=(dim, *dims))


def _same(one: Indexes[Any], other: Indexes[Any]) -> bool:
    """Tell whether labels are equal, dimension by dimension."""
    return all(one[dim] is other[dim] or one[dim].equals(other[dim]) for dim in other)


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
