"""The door where outside arrays become labelled ones: labels decide, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
import pandas as pd
import xarray as xr

from io_tables.errors import LabelError, MissingValueError, UnitError
from io_tables.kinds import shown
from io_tables.report import Finding, collector, refuse

NO_NUMBERS = {"c": "complex numbers", "m": "spans of time", "M": "dates", "V": "records"}
Numbers: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def matrix(
    values: object,
    dims: tuple[str, str],
    labels: tuple[Sequence[str] | None, Sequence[str] | None],
    what: str,
) -> xr.DataArray:
    """
    Label a two-dimensional array, or check the labels it brings.

    Parameters
    ----------
    values : array_like
        One- or two-dimensional; one dimension is read as a single column (or row when the
        unlabelled axis comes first).
    dims : tuple of str
        Names of rows and columns.
    labels : tuple
        Expected labels of rows and columns; None takes what the object brings, or the name
        of the dimension when there is only one.
    what : str
        Name for messages.

    Returns
    -------
    xarray.DataArray
        Dims as given, a copy.

    Raises
    ------
    LabelError
        If the object's labels differ from those expected, in set or in order, or its shape does.
    """
    if isinstance(values, xr.DataArray) and set(values.dims) == set(dims):
        values = values.transpose(*dims)
    brought = _brought(values, what)
    array = _numbers(values, what)
    if array.ndim == 1:
        single_row = dims[0] == "component"
        array = array[None, :] if single_row else array[:, None]
        name = what
        brought = ([name], brought[0]) if single_row else (brought[0], [name])
    if array.ndim != 2:
        raise LabelError(f"{what} has {array.ndim} dimensions: it needs two, {dims[0]} x {dims[1]}")
    final = []
    for axis, dim in enumerate(dims):
        wanted, own = labels[axis], brought[axis]
        if wanted is None:
            wanted = (
                own if own is not None else [f"{dim} {i + 1}" for i in range(array.shape[axis])]
            )
        elif own is not None and not (len(own) == 1 == len(wanted) and own == [what]):
            same_labels(own, wanted, f"{what}, {dim}")
            array = _in_order(array, axis, own, wanted)
        if len(wanted) != array.shape[axis]:
            raise LabelError(
                f"{what} has {array.shape[axis]} {dim} entries for {len(wanted)} labels: "
                "give one label for each"
            )
        final.append([str(w) for w in wanted])
    return xr.DataArray(array, coords=dict(zip(dims, final, strict=True)), dims=dims)


def labelled(values: object, labels: Sequence[str], what: str) -> xr.DataArray:
    """
    Label a vector by sector, or check the labels it brings.

    Parameters
    ----------
    values : array_like
        One-dimensional.
    labels : sequence of str
        Sector labels.
    what : str
        Name for messages.

    Returns
    -------
    xarray.DataArray
        Dims (sector), a copy.

    Raises
    ------
    LabelError
        If labels or length differ.
    """
    own = _brought(values, what)[0]
    array = _numbers(values, what)
    if own is not None:
        same_labels(own, labels, what)
        array = _in_order(array, 0, own, labels)
    if array.shape != (len(labels),):
        raise LabelError(
            f"{what} has shape {array.shape}, expected ({len(labels)},): one per sector"
        )
    return xr.DataArray(array, coords={"sector": list(labels)}, dims="sector")


def quantity(pair: object, name: str, labels: Sequence[str] | None) -> xr.DataArray:
    """
    Turn (values, unit) into an array that carries its unit.

    Parameters
    ----------
    pair : tuple
        Vector by sector, or a number when ``labels`` is None, and its unit.
    name : str
        Name of the account.
    labels : sequence of str, optional
        Sector labels.

    Returns
    -------
    xarray.DataArray
        Dims (sector) or 0-d, with ``attrs["units"]``.

    Raises
    ------
    UnitError
        If the unit is missing.
    LabelError
        If length or labels differ.
    """
    if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], str)):
        raise UnitError(f'{name}: give (values, unit), for example (e, "Mt"), not {type(pair)}')
    values, unit = pair
    if not unit.strip():
        raise UnitError(f"{name}: the unit is empty")
    if labels is not None:
        array = labelled(values, labels, name)
    else:
        array = xr.DataArray(_numbers(values, name))
        if array.ndim:
            raise LabelError(f"{name} of households has shape {array.shape}: give one number")
    return array.rename(name).assign_attrs(units=unit)


def component_array(name: str, values: object, like: xr.DataArray) -> xr.DataArray:
    """
    Make one row of primary inputs.

    Parameters
    ----------
    name : str
        Component.
    values : array_like
        By sector.
    like : xarray.DataArray
        Any array that has the sectors.

    Returns
    -------
    xarray.DataArray
        Dims (component, sector).
    """
    return xr.DataArray(
        np.asarray(values, dtype=float)[None, :],
        coords={"component": [name], "sector": like["sector"].values},
        dims=("component", "sector"),
    )


def array_like(array: xr.DataArray, values: object, sectors: Sequence[str]) -> xr.DataArray:
    """
    Put new values on the axes of an array, with other sectors.

    Parameters
    ----------
    array : xarray.DataArray
        Gives dims, the other coordinates, name and attributes.
    values : array_like
        In the order of the dims.
    sectors : sequence of str
        New labels of ``sector`` and ``purchaser``.

    Returns
    -------
    xarray.DataArray
        Same dims and attributes.
    """
    coords = {
        dim: list(sectors) if dim in ("sector", "purchaser") else array[dim].values
        for dim in array.dims
    }
    return xr.DataArray(
        np.asarray(values, dtype=float),
        coords=cast("dict[str, object]", coords),
        dims=array.dims,
        name=array.name,
        attrs=array.attrs,
    )


def with_regions(
    array: xr.DataArray, regions: Sequence[str], industries: Sequence[str]
) -> xr.DataArray:
    """
    Add region and industry as coordinates on sector.

    Parameters
    ----------
    array : xarray.DataArray
        With a dim ``sector``.
    regions, industries : sequence of str
        One for each sector.

    Returns
    -------
    xarray.DataArray
        The same with two coordinates more.
    """
    return array.assign_coords(
        region=("sector", list(regions)), industry=("sector", list(industries))
    )


def same_labels(own: Sequence[str], wanted: Sequence[str], what: str) -> None:
    """
    Demand the same labels in the same order.

    Parameters
    ----------
    own, wanted : sequence of str
        Labels found and labels expected.
    what : str
        Name for the message.

    Raises
    ------
    LabelError
        Naming what is missing, unknown, or out of order.
    """
    if list(own) == list(wanted):
        return
    missing = [w for w in wanted if w not in set(own)]
    unknown = [o for o in own if o not in set(wanted)]
    if missing or unknown:
        problem = f"labels differ: missing {missing[:5]}, unknown {unknown[:5]}"
        error = _label_error(what, problem, "give both the same labels", "label-differs")
    else:
        error = _order_error(own, wanted, what)
    if collector() is None:
        raise error
    refuse(what, error.findings)


def _order_error(own: Sequence[str], wanted: Sequence[str], what: str) -> LabelError:
    """Name the first label that stands elsewhere."""
    differ = (i for i, (o, w) in enumerate(zip(own, wanted, strict=False)) if o != w)
    first = next(differ, min(len(own), len(wanted)) - 1)
    return _label_error(
        what,
        f"same labels in another order, first at position {first + 1} "
        f"({own[first]!r} where {wanted[first]!r} is expected)",
        "reindex to the order of the sectors",
        "label-order",
    )


def _label_error(what: str, problem: str, fix: str, code: str) -> LabelError:
    """Make an error that carries its finding."""
    error = LabelError(f"{what}: {problem}: {fix}")
    error.findings = (Finding("error", problem, what, fix, LabelError, code),)
    return error


def _in_order(array: Numbers, axis: int, own: Sequence[str], wanted: Sequence[str]) -> Numbers:
    """Take entries in the order wanted; matters only where a wrong order was let pass."""
    if list(own) == list(wanted) or sorted(own) != sorted(wanted):
        return array
    return np.take(array, [list(own).index(w) for w in wanted], axis=axis)


def _brought(values: object, what: str) -> tuple[list[str] | None, list[str] | None]:
    """Labels that a pandas or xarray object carries, by axis."""
    axes: list[object]
    if isinstance(values, pd.DataFrame):
        axes = [values.index, values.columns]
    elif isinstance(values, pd.Series):
        axes = [values.index, None]
    elif isinstance(values, xr.DataArray):
        axes = [values.indexes.get(d) for d in values.dims]
        axes += [None] * (2 - len(axes))
    else:
        return None, None
    found = [None if a is None else [str(label) for label in a] for a in axes]  # type: ignore[attr-defined]
    if len(found) != 2:
        raise LabelError(f"{what} has {len(found)} dimensions: one or two are expected")
    return found[0], found[1]


def _numbers(values: object, what: str) -> Numbers:
    """Copy as floats; text in a number is named with its place."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        masked = np.argwhere(np.ma.getmaskarray(values))[0] + 1
        at = ", ".join(map(str, masked.tolist()))
        raise MissingValueError(f"{what} [{at}]: the cell is masked: give a number")
    try:
        raw = np.asarray(values)
    except ValueError:
        message = f"{what}: rows of unequal length: give a rectangular array"
        raise MissingValueError(message) from None
    except TypeError:
        raise MissingValueError(f"{what} is {shown(values)}: give an array of numbers") from None
    if raw.dtype.kind in NO_NUMBERS:
        raise MissingValueError(f"{what} holds {NO_NUMBERS[raw.dtype.kind]}: give plain numbers")
    try:
        return np.array(raw, dtype=float)
    except (TypeError, ValueError, OverflowError):
        place, cell = next((i, c) for i, c in np.ndenumerate(raw) if not _is_number(c))
    at = ", ".join(str(i + 1) for i in place)
    raise MissingValueError(f"{what} [{at}]: {str(cell)!r} is not a number: give a number")


def _is_number(cell: object) -> bool:
    """Whether a cell converts to a float."""
    try:
        float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
    return True
