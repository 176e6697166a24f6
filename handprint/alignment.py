"""The seam of the engine: arrays from outside meet the table by label, exactly."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from types import EllipsisType
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.errors import (
    LabelMismatchError,
    MissingValueError,
    ShapeError,
    UnknownSectorError,
    listed,
)
from io_tables.errors import did_you_mean

Array: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = "pd.Index[Any]"
NO_NUMBERS = {"M": "dates", "m": "durations", "c": "complex numbers"}
ArrayInput: TypeAlias = "npt.ArrayLike | pd.DataFrame | pd.Series[Any] | xr.DataArray"


class Block(NamedTuple):
    """Numbers with what their container said about them; None where it said nothing."""

    values: Array
    dims: tuple[str | None, ...]
    labels: tuple[Labels | None, ...]
    units: str | None


def read(values: object, what: str, *, dims: Sequence[str | EllipsisType] | None = None) -> Block:
    """
    Take numbers, dims, labels and units out of any array.

    Parameters
    ----------
    values : array_like
        A numpy array, nested list, pandas or xarray object.
    what : str
        Name for messages.
    dims : sequence of str or ellipsis, optional
        Order in which an xarray object's dims are wanted; ``...`` stands for the others.

    Returns
    -------
    Block
        All numbers finite.

    Raises
    ------
    ShapeError
        If an xarray object lacks one of the dims.
    MissingValueError
        If a cell is missing, infinite or no number.
    LabelMismatchError
        If a label occurs twice on one axis.
    """
    units: str | None = None
    names: tuple[str | None, ...] | None = None
    labels: tuple[Labels | None, ...] | None = None
    if isinstance(values, xr.DataArray):
        array = _ordered(values, dims, what)
        units = array.attrs.get("units")
        names = tuple(str(d) for d in array.dims)
        labels = tuple(None if d not in array.indexes else flat(array.indexes[d]) for d in names)
        values = array.values
    elif isinstance(values, pd.DataFrame):
        labels = (flat(values.index), flat(values.columns))
        values = values.to_numpy()
    elif isinstance(values, pd.Series):
        labels = (flat(values.index),)
        values = values.to_numpy()
    numbers = _numbers(values, what)
    blank: tuple[None, ...] = (None,) * numbers.ndim
    block = Block(numbers, names or blank, labels or blank, units)
    _refuse_gaps(block, what)
    for axis in block.labels:
        if axis is not None and not axis.is_unique:
            twice = axis[axis.duplicated()].unique().tolist()
            raise LabelMismatchError(f"{what}: labels occur twice: {listed(twice)}; rename them")
    return block


def flat(index: Labels) -> Labels:
    """
    Join the levels of a multi-level index with a colon, as ``region:sector``.

    Parameters
    ----------
    index : pandas.Index
        With one level or several.

    Returns
    -------
    pandas.Index
        With one level.
    """
    if isinstance(index, pd.MultiIndex):
        return pd.Index([":".join(str(level) for level in label) for label in index])
    return index


def demand_labels(found: Labels | None, wanted: Labels, what: str) -> None:
    """
    Demand the wanted labels in their order; an axis without labels is taken by position.

    Parameters
    ----------
    found : pandas.Index or None
        What the array brought.
    wanted : pandas.Index
        What it must match.
    what : str
        Array and axis, for the message.

    Raises
    ------
    LabelMismatchError
        Naming the labels that are missing, unknown or out of order.
    """
    if found is None or found.equals(wanted):
        return
    missing = [label for label in wanted if label not in found]
    unknown = [label for label in found if label not in wanted]
    if not missing and not unknown:
        first = next(i for i, label in enumerate(found) if label != wanted[i])
        raise LabelMismatchError(
            f"{what}: same labels in another order, first at position {first + 1} "
            f"({list(found)[first]!r} where {list(wanted)[first]!r} is expected): "
            "reindex it to the order of the table"
        )
    parts = [f"missing {listed(missing)}"] if missing else []
    if unknown:
        parts.append(f"unknown {listed(unknown)} ({did_you_mean(unknown[0], wanted)})")
    raise LabelMismatchError(f"{what}: labels differ: {'; '.join(parts)}")


def square(values: object, what: str, labels: Labels | None = None) -> tuple[Array, Labels]:
    """
    Read a square matrix with the same labels on both axes.

    Parameters
    ----------
    values : array_like
        Dims (sector, purchaser).
    what : str
        Name for messages.
    labels : pandas.Index, optional
        Labels that it must have; its own when missing, or positions where it has none.

    Returns
    -------
    values : numpy.ndarray
        The numbers.
    labels : pandas.Index
        The sectors.

    Raises
    ------
    ShapeError
        If it is not square, or of another size than the labels.
    LabelMismatchError, MissingValueError
        If rows and columns are not labelled alike, or a number is missing.
    """
    block = read(values, what, dims=("sector", "purchaser"))
    if block.values.ndim != 2 or len(set(block.values.shape)) != 1 or not block.values.size:
        raise ShapeError(f"{what}: shape {block.values.shape} is not square: one row per column")
    rows = block.labels[0] if labels is None else labels
    if rows is None:
        rows = pd.RangeIndex(len(block.values))
    if len(rows) != len(block.values):
        raise ShapeError(f"{what}: {len(block.values)} rows for {len(rows)} sectors")
    demand_labels(block.labels[0], rows, f"{what}, rows")
    demand_labels(block.labels[1], rows, f"{what}, columns")
    return block.values, rows


def by_sector(
    values: ArrayInput, what: str, sectors: Labels, *, dims: tuple[str | EllipsisType, ...]
) -> Block:
    """
    Read a vector or a matrix that has the sectors on one axis.

    Parameters
    ----------
    values : array_like
        One or two dims.
    what : str
        Name for messages.
    sectors : pandas.Index
        The table's.
    dims : tuple
        ``("sector", ...)`` or ``(..., "sector")``.

    Returns
    -------
    Block
        With its numbers in this order.

    Raises
    ------
    ShapeError, LabelMismatchError, MissingValueError
        If it does not fit the sectors.
    """
    block, axis = read(values, what, dims=dims), 0 if dims[0] == "sector" else -1
    if block.values.ndim not in (1, 2) or block.values.shape[axis] != len(sectors):
        raise ShapeError(
            f"{what} has shape {block.values.shape}: its {'first' if axis == 0 else 'last'} "
            f"axis needs the {len(sectors)} sectors"
        )
    demand_labels(block.labels[axis], sectors, f"{what}, sector")
    return block


def other_axis(block: Block, axis: int, default: str) -> dict[str, object]:
    """
    Name and label the axis that does not hold the sectors.

    Parameters
    ----------
    block : Block
        Two dims.
    axis : int
        Which one.
    default : str
        Its name where it has none.

    Returns
    -------
    dict
        Name -> labels, positions where it has none.
    """
    labels = block.labels[axis]
    values = np.arange(block.values.shape[axis]) if labels is None else labels
    return {block.dims[axis] or default: values}


def positions(names: Sequence[object], labels: Labels, what: str) -> npt.NDArray[np.intp]:
    """
    Find where sectors stand in the table.

    Parameters
    ----------
    names : sequence
        Sector labels, each once.
    labels : pandas.Index
        The table's sectors.
    what : str
        Role of the names, for the message.

    Returns
    -------
    numpy.ndarray
        Positions, in the order of the names.

    Raises
    ------
    UnknownSectorError
        If a name is no sector, with the nearest that is.
    LabelMismatchError
        If a name is given twice, or none is given.
    """
    if isinstance(names, str) or not isinstance(names, Sequence | np.ndarray | pd.Index):
        raise ShapeError(f"{what}: give a list of sectors, for example [{names!r}]")
    wanted = list(names)
    if not wanted:
        raise LabelMismatchError(f"{what}: no sector given; {did_you_mean('', labels)}")
    strange = [name for name in wanted if not isinstance(name, Hashable)]
    if strange:
        raise ShapeError(f"{what}: give single names; {type(strange[0]).__name__} among them")
    found = _places(wanted, labels)
    unknown = [name for name, i in zip(wanted, found, strict=True) if i < 0]
    if unknown:
        hints = "; ".join(f"{name!r}: {did_you_mean(name, labels)}" for name in unknown)
        raise UnknownSectorError(f"{what}: not a sector of this table: {hints}")
    if len(set(wanted)) < len(wanted):
        twice = [name for i, name in enumerate(wanted) if name in wanted[:i]]
        raise LabelMismatchError(f"{what}: given twice: {listed(twice)}")
    return found


def _places(wanted: list[object], labels: Labels) -> npt.NDArray[np.intp]:
    """Look labels up, -1 where there is none; a frame's own look-up is slow for a few names."""
    if all(type(name) is str for name in wanted):
        at = [labels.get_loc(name) if name in labels else -1 for name in wanted]
        return np.array(at, dtype=np.intp)
    return labels.get_indexer(pd.Index(wanted))


def _ordered(
    array: xr.DataArray, dims: Sequence[str | EllipsisType] | None, what: str
) -> xr.DataArray:
    """Bring an xarray object's dims into the wanted order."""
    if dims is None:
        return array
    lacking = [d for d in dims if d is not ... and d not in array.dims]
    if lacking or (... not in dims and len(dims) != array.ndim):
        has = ", ".join(str(d) for d in array.dims)
        needs = ", ".join("..." if isinstance(d, EllipsisType) else d for d in dims)
        raise ShapeError(f"{what} has dims ({has}), needed ({needs}): rename or sum over dims")
    return array.transpose(*dims)


def _numbers(values: object, what: str) -> Array:
    """Convert to floats; text in a number is named with its place."""
    kind = values.dtype.kind if isinstance(values, np.ndarray) else ""
    if kind in NO_NUMBERS:  # these would turn into numbers without a word
        raise MissingValueError(f"{what}: {NO_NUMBERS[kind]} where numbers are needed")
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        for place, cell in np.ndenumerate(np.asarray(values, dtype=object)):
            if isinstance(cell, Sequence) and not isinstance(cell, str):
                raise ShapeError(f"{what}: rows of unequal length") from None
            try:
                float(cast("float", cell))
            except (TypeError, ValueError):
                raise MissingValueError(
                    f"{what} [{', '.join(str(i) for i in place)}]: {cell!r} is not a number"
                ) from None
        raise


def _refuse_gaps(block: Block, what: str) -> None:
    """Name the cells that are missing or infinite."""
    if np.isfinite(block.values).all():
        return
    bad = np.argwhere(~np.isfinite(block.values))
    cells = [
        ", ".join(
            str(i if axis is None else axis[i]) for i, axis in zip(at, block.labels, strict=True)
        )
        for at in bad[:5]
    ]
    more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    raise MissingValueError(
        f"{what}: missing or infinite at {'; '.join(f'[{cell}]' for cell in cells)}{more}: "
        "give the number; write 0 only if it is zero"
    )
