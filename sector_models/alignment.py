"""The seam where numbers from outside become labelled arrays that may meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sector_models.errors import LabelError, NotANumberError, YearError

Numbers: TypeAlias = "ArrayLike | xr.DataArray | pd.Series[float] | pd.DataFrame"
"""A number, or numbers with or without labels."""


def as_array(values: Numbers, name: str) -> xr.DataArray:
    """
    Turn numbers into an array of floats and refuse what is not a finite number.

    Parameters
    ----------
    values : float, array, pandas.Series, pandas.DataFrame or xarray.DataArray
        The numbers. Labels of pandas and xarray objects are kept.
    name : str
        What the numbers are; used in messages.

    Returns
    -------
    xarray.DataArray
        The same numbers as float; dims are those of the input, none for a single number.

    Raises
    ------
    NotANumberError
        If a value is text, missing, masked or infinite.
    LabelError
        If a label occurs twice.

    Examples
    --------
    >>> float(as_array(3, "enabled"))
    3.0
    """
    try:
        listed = list(values) if isinstance(values, tuple) else values  # xarray takes it for one
        array = listed if isinstance(listed, xr.DataArray) else xr.DataArray(listed)
    except (TypeError, ValueError) as err:
        raise NotANumberError(f"{name}: {values!r} cannot be read as numbers") from err
    if array.dtype == object and all(_is_number(v) for v in array.values.flat):
        array = array.astype(float)
    if array.dtype.kind not in "iuf" or np.ma.is_masked(values):
        raise NotANumberError(f"{name}: {_first(array)!r} is not a number")
    array = array.astype(float)
    for dim, index in array.indexes.items():
        if index.has_duplicates:
            twice = index[index.duplicated()].tolist()
            raise LabelError(f"{name}: {dim} has {twice[0]!r} more than once")
    odd = array.copy(data=~np.isfinite(array.values))
    if odd.any():
        raise NotANumberError(f"{name}: missing or infinite value at {where(odd)}")
    return array


def _is_number(value: object) -> bool:
    """Whether a cell of a mixed array is a number; True and False are not."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _refuse_unnamed(arrays: Mapping[str, xr.DataArray]) -> None:
    """Refuse an index without a name beside named ones: xarray would make an outer product."""
    unnamed = [n for n, a in arrays.items() if any(str(d).startswith("dim_") for d in a.indexes)]
    sets = {frozenset(a.dims) for a in arrays.values()}
    if unnamed and len(sets) > 1:
        raise LabelError(
            f"{', '.join(unnamed)}: the index has no name and meets named dimensions: name it, "
            "for example series.rename_axis('sector')"
        )


def align(**arrays: xr.DataArray) -> list[xr.DataArray]:
    """
    Let arrays meet by label, exactly.

    Parameters
    ----------
    **arrays : xarray.DataArray
        The arrays under the names that messages should use.

    Returns
    -------
    list of xarray.DataArray
        The same arrays, whose common dimensions carry the same labels in the same order.

    Raises
    ------
    LabelError
        If labels differ or come in another order, or if an array without labels meets one
        with labels, because then nothing says which number belongs to which.
    """
    shaped = {name: array for name, array in arrays.items() if array.ndim}
    _refuse_unnamed(shaped)
    for dim in {dim for array in shaped.values() for dim in array.dims}:
        having = {name: array for name, array in shaped.items() if dim in array.dims}
        labelled = {name for name, array in having.items() if dim in array.indexes}
        if labelled and labelled != set(having):
            bare = ", ".join(sorted(set(having) - labelled))
            raise LabelError(f"{bare} has no labels on {dim!r}; {', '.join(labelled)} has")
        if not labelled and len(having) < len(shaped):
            raise LabelError(
                f"{', '.join(having)} has no labels on {dim!r} and meets arrays with other "
                "dimensions: pass xarray or pandas objects"
            )
    try:
        return list(xr.align(*arrays.values(), join="exact", copy=False))
    except ValueError as err:
        raise LabelError(f"{' and '.join(shaped)}: {_difference(shaped)}") from err


def check_years(years: Iterable[int]) -> NDArray[np.int64]:
    """
    Check that years are whole, ascending and without repetition.

    Parameters
    ----------
    years : iterable of int
        The years.

    Returns
    -------
    numpy.ndarray
        The years as integers.

    Raises
    ------
    YearError
        If there is none, or one is not a whole number, repeated or out of order.
    """
    try:
        listed = list(years)
    except TypeError as err:
        raise YearError(f"years: {years!r} is not a sequence of years") from err
    if not listed:
        raise YearError("years: at least one year is needed")
    try:
        found = np.asarray(listed, dtype=float)
    except (TypeError, ValueError) as err:
        raise YearError(f"years: {listed} are not all numbers") from err
    if found.ndim != 1 or not np.isfinite(found).all() or (found % 1 != 0).any():
        raise YearError(f"years: {listed} are not all whole years")
    steps = np.diff(found)
    if (steps == 0).any():
        raise YearError(f"years: {int(found[:-1][steps == 0][0])} is given more than once")
    if (steps < 0).any():
        raise YearError(f"years: {int(found[1:][steps < 0][0])} is out of order")
    return found.astype(np.int64)


def same_years(array: xr.DataArray, years: NDArray[np.int64], name: str) -> xr.DataArray:
    """
    Check that an array has exactly the years of a run, in their order.

    Parameters
    ----------
    array : xarray.DataArray
        Numbers with a dimension ``year``.
    years : numpy.ndarray
        The years of the run.
    name : str
        What the numbers are; used in messages.

    Returns
    -------
    xarray.DataArray
        The array itself, its years as integers.

    Raises
    ------
    YearError
        If a year is missing, additional, repeated or out of order.
    """
    if "year" not in array.indexes:
        raise YearError(f"{name}: no years; label the dimension 'year'")
    given = list(array.indexes["year"])
    missing = [int(year) for year in years if year not in given]
    if missing:
        raise YearError(f"{name}: no value for {', '.join(map(str, missing))}")
    extra = [year for year in given if year not in years]
    if extra:
        raise YearError(f"{name}: {', '.join(map(str, extra))} not among the years of the run")
    if len(set(given)) < len(given):
        raise YearError(f"{name}: a year is given more than once")
    if given != years.tolist():
        raise YearError(f"{name}: years out of order: {', '.join(map(str, given))}")
    return array.assign_coords(year=years)


def where(mask: xr.DataArray) -> str:
    """
    Name the first cell in which a mask is true.

    Parameters
    ----------
    mask : xarray.DataArray
        Booleans, at least one of them true.

    Returns
    -------
    str
        Such as ``year=2025, estimate=low``; "the value" for a single number.
    """
    if not mask.ndim:
        return "the value"
    position = np.argwhere(mask.values)[0]
    labels = [
        mask.indexes[dim][i] if dim in mask.indexes else i
        for dim, i in zip(mask.dims, position, strict=True)
    ]
    return ", ".join(f"{dim}={label}" for dim, label in zip(mask.dims, labels, strict=True))


def _first(array: xr.DataArray) -> object:
    """Return the first value that is no number, to show it in a message."""
    values = array.values.ravel().tolist()
    return next((value for value in values if not isinstance(value, int | float)), values[:1])


def _difference(arrays: dict[str, xr.DataArray]) -> str:
    """Say in which labels arrays differ."""
    (first, *others) = arrays.values()
    for other in others:
        for dim in set(first.dims) & set(other.dims):
            if dim not in first.indexes or dim not in other.indexes:
                continue
            odd = first.indexes[dim].symmetric_difference(other.indexes[dim]).tolist()
            if odd:
                return f"{dim} differs in {', '.join(map(str, odd))}"
            if not first.indexes[dim].equals(other.indexes[dim]):
                return f"{dim} has the same labels in another order"
    return "sizes differ"
