"""One cell of a result: found by dataset, variable, year and labels."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import xarray as xr

from handprint.errors import HandprintError
from handprint.explanation import Corners
from handprint.headline import TOTAL
from handprint.projection import ESTIMATES
from handprint.results import DATASETS, Results
from io_tables.errors import did_you_mean

_TEXT = re.compile(r"(?:(\w+)\.)?(\w+?)(?:_(\d{4}))?")
YEARS = ("year", "ratio_year")
ENDS = ("estimate", "quantile")  # dims that are shown as low, central and high
SHOWN = {"estimate": ESTIMATES, "quantile": (0.05, 0.5, 0.95)}
MARK = "_origin"


class UnknownIndicatorError(HandprintError):
    """An indicator, sector or use case is asked for that the result does not have."""


@dataclass(frozen=True)
class Cell:
    """
    One number of a result, or its low, central and high value.

    Parameters
    ----------
    dataset, variable : str
        Where it stands.
    labels : Mapping of str to object
        Label on each dim but that of the ends.
    values : tuple of float
        Low, central and high; quantiles 5, 50 and 95 %; thrice the same where there is one.
    unit : str
        Unit.
    title, title_zh : str
        What it is.
    summed : str
        Dim over which it is a sum; empty for a single number.
    """

    dataset: str
    variable: str
    labels: Mapping[str, Any]
    values: Corners
    unit: str
    title: str
    title_zh: str = ""
    summed: str = ""

    @property
    def name(self) -> str:
        """
        Name the number.

        Returns
        -------
        str
            ``dataset.variable``.
        """
        return f"{self.dataset}.{self.variable}"


@cache
def formulas() -> dict[str, dict[str, dict[str, Any]]]:
    """
    Read how each number of a result is computed.

    Returns
    -------
    dict
        Dataset -> variable -> symbol, formula, numbers in it, inputs.
    """
    text = (resources.files("handprint") / "data" / "cells.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class Asked:
    """
    What is asked for, before it is looked up.

    Parameters
    ----------
    dataset, variable : str
        Dataset and variable; both exist.
    year : int or None
        Year, where one is named.
    sector : str
        Label on whichever dim knows it.
    at : Mapping of str to str
        Label by dim.
    """

    dataset: str
    variable: str
    year: int | None
    sector: str = TOTAL
    at: Mapping[str, str] = field(default_factory=dict)


def asked_of(results: Results, text: str, sector: str, at: Mapping[str, str]) -> Asked:
    """
    Read the name of a number.

    Parameters
    ----------
    results : Results
        A run.
    text : str
        Such as ``top_down.upstream_2030``; the dataset may be left out where only one has it.
    sector : str
        Label.
    at : Mapping of str to str
        Labels by dim.

    Returns
    -------
    Asked
        Of a variable that exists.

    Raises
    ------
    UnknownIndicatorError
        Naming the datasets or variables there are.
    """
    match = _TEXT.fullmatch(text) if isinstance(text, str) else None
    known = {d: [str(v) for v in getattr(results, d).data_vars] for d in DATASETS}
    everything = [f"{d}.{v}" for d, names in known.items() for v in names]
    if match is None:
        raise UnknownIndicatorError(f"no quantity {text!r}; {did_you_mean(text, everything)}")
    dataset, name, year = match[1], match[2], int(match[3]) if match[3] else None
    homes = [d for d, names in known.items() if name in names and dataset in (None, d)]
    if name.endswith(MARK) and homes:
        whole = name.removesuffix(MARK)
        raise UnknownIndicatorError(
            f"{homes[0]}.{name} is a word beside {homes[0]}.{whole}: ask for that"
        )
    if not homes:
        hint = did_you_mean(text if dataset else name, everything)
        raise UnknownIndicatorError(f"no quantity {text!r} in the result; {hint}")
    if len(homes) > 1:
        choices = ", ".join(f"{d}.{name}" for d in homes)
        raise UnknownIndicatorError(f"{name!r} stands in several datasets: name one of {choices}")
    return Asked(homes[0], name, year, sector, at)


def find_cell(results: Results, asked: Asked) -> Cell:
    """
    Look up a number.

    Parameters
    ----------
    results : Results
        A run.
    asked : Asked
        What is looked for.

    Returns
    -------
    Cell
        With its labels; a sum where the sector is ``total`` and the numbers add up.

    Raises
    ------
    UnknownIndicatorError
        If a label is missing or unknown; the labels there are are named.
    """
    array = getattr(results, asked.dataset)[asked.variable]
    name = f"{asked.dataset}.{asked.variable}"
    if strange := [d for d in asked.at if d not in array.dims]:
        dims = ", ".join(map(str, array.dims)) or "nothing"
        raise UnknownIndicatorError(f"{name} has no dim {strange[0]!r}: it is by {dims}")
    labels: dict[str, Any] = {}
    summed = ""
    open_dims = [str(d) for d in array.dims if str(d) not in (*ENDS, *YEARS, *asked.at)]
    placed = any(_label(array, dim, asked.sector) is not None for dim in open_dims)
    for dim in [str(d) for d in array.dims]:
        if dim in ENDS and dim not in asked.at:
            continue
        if dim in YEARS:
            labels[dim] = _year(results, array, dim, asked)
            continue
        wanted = asked.at.get(dim, asked.sector)
        if placed and dim not in asked.at and _label(array, dim, wanted) is None:
            wanted = TOTAL  # the sector is a label of another dim
        found = _label(array, dim, wanted)
        if found is None and wanted == TOTAL and not summed and _adds(asked):
            summed = dim
            continue
        if found is None:
            raise UnknownIndicatorError(_missing(name, array, dim, wanted, dim in asked.at))
        labels[dim] = found
    if asked.year is not None and not set(array.dims) & set(YEARS):
        raise UnknownIndicatorError(f"{name} is the same in all years: leave out the year")
    chosen = array.sel(labels)
    if summed:
        chosen = chosen.sum(summed)
    about = array.attrs
    unit = str(about.get("units", "1"))
    if unit in array.coords:  # the unit differs by label
        unit = str(array[unit].sel({d: labels[d] for d in array[unit].dims}).item())
    return Cell(
        asked.dataset, asked.variable, labels, _ends(chosen), unit,
        str(about.get("long_name", asked.variable)), str(about.get("long_name_zh", "")), summed,
    )  # fmt: skip


def _adds(asked: Asked) -> bool:
    return bool(formulas().get(asked.dataset, {}).get(asked.variable, {}).get("adds", False))


def _year(results: Results, array: xr.DataArray, dim: str, asked: Asked) -> int:
    years = [int(y) for y in array[dim].values]
    year = int(asked.at.get(dim, asked.year or results.scenario.end_year))
    if year not in years:
        span = f"has {years[0]} to {years[-1]}" if years else "has no year"
        raise UnknownIndicatorError(f"{asked.dataset}.{asked.variable} {span}, not {year}")
    return year


def _label(array: xr.DataArray, dim: str, wanted: str) -> Any:
    """Label of a dim that is written as wanted; numbers are compared as numbers."""
    values = array[dim].values
    if np.issubdtype(values.dtype, np.number):
        try:
            near = np.isclose(values, float(wanted), rtol=0, atol=1e-9)
        except ValueError:
            return None
        return values[int(near.argmax())].item() if near.any() else None
    return next((str(v) for v in values if str(v) == wanted), None)


def _missing(name: str, array: xr.DataArray, dim: str, wanted: str, stated: bool) -> str:
    labels = [str(v) for v in array[dim].values]
    if stated:
        return f"{name}: no {dim} {wanted!r}; {did_you_mean(wanted, labels)}"
    if wanted != TOTAL:
        dims = [str(d) for d in array.dims if str(d) not in (*ENDS, *YEARS)]
        known = [str(v) for d in dims for v in array[d].values]
        return f"{name}: no {' or '.join(dims)} {wanted!r}; {did_you_mean(wanted, known)}"
    shown = ", ".join(labels[:12]) + (", ..." if len(labels) > 12 else "")
    return f"{name} is by {dim}: name one with --sector or --at {dim}=LABEL, of {shown}"


def _ends(array: xr.DataArray) -> Corners:
    if not array.dims:
        return (float(array),) * 3
    (dim,) = array.dims
    low, central, high = (float(array.sel({str(dim): e})) for e in SHOWN[str(dim)])
    return low, central, high
