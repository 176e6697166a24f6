"""Datasets as one tidy table: a number to a row, with its labels, unit and definition."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from handprint.errors import ScenarioError, listed

FIRST = ("scenario", "dataset", "variable")
LAST = ("value", "unit", "definition")


def tidy_text(data: Mapping[str, xr.Dataset], scenario: str) -> str:
    """
    Write datasets as one CSV.

    Parameters
    ----------
    data : mapping of str to xarray.Dataset
        By name.
    scenario : str
        Written into every row.

    Returns
    -------
    str
        Columns scenario, dataset, variable, one for each dim of any variable, value, unit,
        definition. Numbers have all their digits; a dim that a variable does not have is empty.
    """
    dims = list(dict.fromkeys(str(d) for ds in data.values() for d in ds.dims))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*FIRST, *dims, *LAST])
    for name, dataset in data.items():
        for variable, array in dataset.data_vars.items():
            writer.writerows(_rows((scenario, name, str(variable)), array, dims))
    return out.getvalue()


def _rows(head: tuple[str, ...], array: xr.DataArray, dims: list[str]) -> Iterator[list[str]]:
    axes = [[str(v) for v in array[d].values.tolist()] for d in array.dims]
    columns = [dims.index(str(d)) for d in array.dims]
    about = array.attrs
    definition = str(about.get("definition", about.get("long_name", "")))
    by = str(about.get("units", ""))
    units = array.coords.get(by)  # the unit may differ by label
    for place, value in np.ndenumerate(array.values):
        labels = [""] * len(dims)
        for axis, (column, at) in enumerate(zip(columns, place, strict=True)):
            labels[column] = axes[axis][at]
        if units is None:
            unit = by
        else:
            unit = str(units.values[tuple(place[array.dims.index(d)] for d in units.dims)])
        yield [*head, *labels, str(value), unit, definition]


def shape_of(dataset: xr.Dataset) -> dict[str, Any]:
    """
    Describe a dataset without its numbers.

    Parameters
    ----------
    dataset : xarray.Dataset
        Any.

    Returns
    -------
    dict
        Coordinates, attributes, and dims, type and attributes of each variable.
    """
    bare = dataset.drop_vars(list(dataset.data_vars)).to_dict()
    variables = {
        str(name): {"dims": list(a.dims), "dtype": str(a.dtype), "attrs": dict(a.attrs)}
        for name, a in dataset.data_vars.items()
    }
    return {"bare": bare, "variables": variables}


def read_tidy(text: str, shapes: Mapping[str, Mapping[str, Any]]) -> dict[str, xr.Dataset]:
    """
    Put datasets together again.

    Parameters
    ----------
    text : str
        Outcome of :func:`tidy_text`, its rows in any order.
    shapes : mapping of str to mapping
        Dataset -> outcome of :func:`shape_of`.

    Returns
    -------
    dict of str to xarray.Dataset
        Equal to what was written; labels decide where a number belongs.

    Raises
    ------
    ScenarioError
        If a column or number is missing, doubled or of nothing that is known.
    """
    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    if missing := [c for c in (*FIRST, "value") if c not in frame.columns]:
        raise ScenarioError(f"tidy table: no column {listed(missing)}")
    known = {(d, v) for d, shape in shapes.items() for v in shape["variables"]}
    groups = dict(iter(frame.groupby(["dataset", "variable"], sort=False)))
    if strange := [key for key in groups if key not in known]:
        raise ScenarioError(f"tidy table: nothing is known of {'.'.join(map(str, strange[0]))}")
    found = {}
    for name, shape in shapes.items():
        dataset = xr.Dataset.from_dict(shape["bare"])
        for variable, about in shape["variables"].items():
            rows = groups.get((name, variable), frame.iloc[:0])
            values = _values(rows, dataset, about, f"{name}.{variable}")
            dataset[variable] = (about["dims"], values, about["attrs"])
        found[name] = dataset
    return found


def _values(
    rows: pd.DataFrame, dataset: xr.Dataset, about: Mapping[str, Any], what: str
) -> np.ndarray[Any, Any]:
    """Numbers of a variable in the order of its labels."""
    dims = about["dims"]
    axes = [[str(v) for v in dataset[d].values.tolist()] for d in dims]
    shape = tuple(len(axis) for axis in axes)
    size = int(np.prod(shape))
    at = np.zeros(len(rows), dtype=np.intp)
    for dim, axis in zip(dims, axes, strict=True):
        if dim not in rows:
            raise ScenarioError(f"tidy table, {what}: no column {dim!r}")
        places = pd.Index(axis).get_indexer(rows[dim])
        if (places < 0).any():
            wrong = rows[dim].iloc[int((places < 0).argmax())]
            raise ScenarioError(f"tidy table, {what}: unknown {dim} {wrong!r}")
        at = at * len(axis) + places
    counts = np.bincount(at, minlength=size)
    if len(rows) != size or (counts != 1).any():
        wrong = int((counts != 1).argmax())
        labels = [a[i] for a, i in zip(axes, np.unravel_index(wrong, shape or (1,)), strict=False)]
        raise ScenarioError(
            f"tidy table, {what}: {counts[wrong]} rows for {', '.join(labels) or 'it'}, needed one"
        )
    kind = np.dtype(about["dtype"])
    texts = rows["value"].to_numpy(dtype=object)
    ordered = np.empty(size, dtype=object)
    ordered[at] = texts
    if kind.kind == "b":
        return np.array([t == "True" for t in ordered]).reshape(shape)
    if kind.kind == "U":
        return ordered.astype(kind).reshape(shape)
    try:
        # Python's own reading of a number is exact; that of pandas is not in every version.
        return np.array([float(t) for t in ordered]).astype(kind).reshape(shape)
    except ValueError as error:
        raise ScenarioError(f"tidy table, {what}: {error}") from None
