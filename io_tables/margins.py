"""The door of balancing: a matrix, its margins and its fixed cells meet by label, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from io_tables.arrays import labelled, matrix, same_labels
from io_tables.checks import shortened
from io_tables.errors import LabelError, MissingValueError, TableError, did_you_mean
from io_tables.kinds import shown
from io_tables.report import Finding, as_error

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """
    Rows or columns of a matrix.

    Parameters
    ----------
    names : list of str
        Labels, or positions from one.
    labelled : bool
        Whether the matrix brought labels.
    """

    names: list[str]
    labelled: bool


@dataclass(frozen=True, eq=False)
class Given:
    """
    A matrix at the door.

    Parameters
    ----------
    values : numpy.ndarray
        Finite cells; never written to.
    rows, columns : Axis
        Labels.
    template : xarray.DataArray
        Carries dims, coordinates and attributes.
    """

    values: Array
    rows: Axis
    columns: Axis
    template: xr.DataArray

    def like(self, values: Array) -> xr.DataArray:
        """
        Put new values in the place of the old ones.

        Parameters
        ----------
        values : numpy.ndarray
            Same shape.

        Returns
        -------
        xarray.DataArray
            Same dims, coordinates and attributes.
        """
        return self.template.copy(data=values)


def front(values: object) -> Given:
    """
    Take in a matrix.

    Parameters
    ----------
    values : array_like
        Numpy, pandas or xarray.

    Returns
    -------
    Given
        Checked.

    Raises
    ------
    LabelError
        If it has other than two dimensions, or a label twice.
    MissingValueError
        If a cell is missing, infinite or text.
    """
    template: xr.DataArray
    if isinstance(values, pd.DataFrame):
        names = (values.index.name or "row", values.columns.name or "column")
        dims = (str(names[0]), str(names[1]))
        dims = dims if dims[0] != dims[1] else ("row", "column")
        brought: tuple[Any, Any] = (values.index, values.columns)
        coords = {d: list(i) for d, i in zip(dims, brought, strict=True)}
        template = xr.DataArray(_floats(values), coords=coords, dims=dims)
    elif isinstance(values, xr.DataArray):
        if values.ndim != 2:
            raise LabelError(f"matrix has {values.ndim} dimensions: give two")
        brought = (values.indexes.get(values.dims[0]), values.indexes.get(values.dims[1]))
        template = values if values.dtype == np.float64 else values.copy(data=_floats(values))
    else:
        array = _floats(values)
        brought = (None, None)
        template = xr.DataArray(array, dims=("row", "column"))
    axes = []
    for index, size, what in zip(brought, template.shape, ("row", "column"), strict=True):
        names_ = [str(i + 1) for i in range(size)] if index is None else [str(i) for i in index]
        twice = [label for label, count in Counter(names_).items() if count > 1]
        if twice:
            raise LabelError(f"{what} {twice[0]!r} occurs twice in the matrix: rename one")
        axes.append(Axis(names_, index is not None))
    cells_ = np.asarray(template.values, dtype=float)
    if not cells_.size:
        raise LabelError(f"matrix is empty, shape {cells_.shape}: give at least one cell")
    with np.errstate(all="ignore"):
        total = float(cells_.sum())
    if not np.isfinite(total):
        bad = ~np.isfinite(cells_)
        if bad.any():
            what = "value is missing or infinite ({})"
            fix = "give the number; write 0 only if it is zero"
            raise as_error(
                "matrix", cells(cells_, bad, axes[0], axes[1], what, fix, MissingValueError)
            )
    return Given(cells_, axes[0], axes[1], template)


def margin(values: object, axis: Axis, what: str) -> Array:
    """
    Take in the targets of rows or columns.

    Parameters
    ----------
    values : array_like or mapping
        One number for each label of the axis.
    axis : Axis
        Labels of the matrix.
    what : str
        ``"rows"`` or ``"columns"``, for messages.

    Returns
    -------
    numpy.ndarray
        In the order of the matrix.

    Raises
    ------
    LabelError
        If labels or length differ.
    MissingValueError
        If a target is missing, infinite or text.
    """
    if isinstance(values, Mapping):
        values = pd.Series(values)
    brings = isinstance(values, pd.Series) or (
        isinstance(values, xr.DataArray) and values.ndim == 1 and values.dims[0] in values.indexes
    )
    if brings and not axis.labelled:
        own = [str(i) for i in _index(values)]
        if own != [str(i) for i in range(len(own))]:
            raise LabelError(
                f"{what} has labels ({', '.join(own[:3])} ...), the matrix has none: give both "
                "labels, for example as a DataFrame, or neither"
            )
        values = np.asarray(values)
    target = np.asarray(labelled(values, axis.names, what).values, dtype=float)
    bad = np.flatnonzero(~np.isfinite(target))
    if len(bad):
        kind = what.removesuffix("s")
        fix = "give the number; write 0 only if it is zero"
        found = [
            Finding(
                "error", f"target is {target[i]}", f"{kind} {axis.names[i]}", fix, MissingValueError
            )
            for i in bad
        ]
        raise as_error(what, shortened(found, what))
    return target


def named(fixed: object, values: Array, rows: Axis, columns: Axis) -> tuple[Any, Array]:
    """
    Take in fixed cells.

    Parameters
    ----------
    fixed : array_like of bool or mapping
        Mask, or (row, column) -> value; positions from zero where the matrix has no labels.
    values : numpy.ndarray
        The matrix.
    rows, columns : Axis
        Its labels.

    Returns
    -------
    tuple of numpy.ndarray
        Mask, and the matrix with the values given.

    Raises
    ------
    LabelError
        If a label is unknown, or the mask has another shape or other labels.
    MissingValueError
        If a value is not finite.
    """
    held = np.array(values)
    if isinstance(fixed, Mapping):
        mask = np.zeros(values.shape, dtype=bool)
        for key, value in fixed.items():
            if not (isinstance(key, tuple) and len(key) == 2):
                raise LabelError(f"fixed cell {key!r}: give (row, column)")
            at = (_position(key[0], rows, "row"), _position(key[1], columns, "column"))
            try:
                held[at] = float(value)
            except (TypeError, ValueError):
                held[at] = np.nan
            if not np.isfinite(held[at]):
                raise MissingValueError(
                    f"fixed cell [{key[0]}, {key[1]}]: {value!r} is not a finite number"
                )
            mask[at] = True
        return mask, held
    for axis, index, what in _labels_of(fixed, rows, columns):
        same_labels([str(i) for i in index], axis.names, f"fixed, {what}")
    try:
        mask = np.asarray(fixed)
    except (TypeError, ValueError):
        raise LabelError(f"fixed is {shown(fixed)}: give an array of true and false") from None
    if mask.dtype != bool or mask.shape != values.shape:
        raise LabelError(
            f"fixed has dtype {mask.dtype} and shape {mask.shape}: give true and false in the "
            f"shape of the matrix {values.shape}, or a mapping (row, column) -> value"
        )
    return mask, held


def cells(
    values: Array,
    bad: Any,
    rows: Axis,
    columns: Axis,
    what: str,
    fix: str,
    error: type[TableError],
) -> list[Finding]:
    """
    Make a finding of each bad cell.

    Parameters
    ----------
    values : numpy.ndarray
        The matrix.
    bad : numpy.ndarray of bool
        Which cells.
    rows, columns : Axis
        Labels.
    what : str
        What is wrong, with a place for the value.
    fix : str
        What to do.
    error : type
        Class of the error.

    Returns
    -------
    list of Finding
        The first ones spelled out, the others counted.
    """
    found = [
        Finding(
            "error",
            what.format(values[i, j]),
            f"row {rows.names[i]}, column {columns.names[j]}",
            fix,
            error,
        )
        for i, j in np.argwhere(bad)
    ]
    return shortened(found, "matrix")


def _floats(values: object) -> Array:
    """Cells as floats; text is named with its place."""
    if type(values) is np.ndarray and values.dtype == np.float64 and values.ndim == 2:
        return values
    try:  # without its labels, with its mask
        array = np.asanyarray(values) if not isinstance(values, (list, tuple)) else values
    except (TypeError, ValueError):
        raise MissingValueError(f"matrix is {shown(values)}: give an array of numbers") from None
    return np.asarray(matrix(array, ("row", "column"), (None, None), "matrix").values, dtype=float)


def _index(values: object) -> Sequence[object]:
    """Labels of a vector."""
    if isinstance(values, xr.DataArray):
        return list(values.indexes[values.dims[0]])
    return list(values.index) if isinstance(values, pd.Series) else []


def _position(label: object, axis: Axis, what: str) -> int:
    """Place of a label, or a position where there are none."""
    if axis.labelled:
        if str(label) not in axis.names:
            hint = did_you_mean(label, axis.names)
            raise LabelError(f"fixed cell: unknown {what} {label!r}; {hint}")
        return axis.names.index(str(label))
    if not isinstance(label, (int, np.integer)) or not 0 <= label < len(axis.names):
        raise LabelError(
            f"fixed cell: {what} {label!r}: the matrix has no labels, give 0 to "
            f"{len(axis.names) - 1}"
        )
    return int(label)


def _labels_of(fixed: object, rows: Axis, columns: Axis) -> list[tuple[Axis, Any, str]]:
    """Pair labels that a mask brings with those of the matrix."""
    if isinstance(fixed, pd.DataFrame):
        found: list[Any] = [fixed.index, fixed.columns]
    elif isinstance(fixed, xr.DataArray) and fixed.ndim == 2:
        found = [fixed.indexes.get(d) for d in fixed.dims]
    else:
        return []
    triples = zip((rows, columns), found, ("row", "column"), strict=True)
    return [(axis, index, what) for axis, index, what in triples if index is not None]
