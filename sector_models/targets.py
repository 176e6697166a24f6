"""Targets of policy for the ICT industry, and whether a path keeps to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import Field, model_validator

from sector_models.account import load_account
from sector_models.alignment import as_array, check_years
from sector_models.datafiles import read_shipped
from sector_models.errors import (
    LabelError,
    ParameterError,
    UnitError,
    ValueRangeError,
    did_you_mean,
)
from sector_models.ict import COMPONENTS
from sector_models.parameters import Parameter, Record, Source, Sources, Text, Year

Path: TypeAlias = "Mapping[int, float] | pd.Series[float] | xr.DataArray"
"""Numbers by year; an array may also hold estimates."""

STATUSES = ("met", "on_track", "behind", "missed", "cannot_be_told")
"""What can be said of a target in a year."""


class Target(Record):
    """How far a quantity shall come by a year."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    units: Text
    """Units of the quantity."""
    relative: bool = False
    """Whether the limit is a change on the base year."""
    bound: Literal["at_most", "below", "at_least"]
    """On which side of the limit the target is met."""
    base_year: Year
    """Year from which the way is measured."""
    limit: Parameter
    """Limit in the year of the target."""

    @model_validator(mode="after")
    def _ahead(self) -> Target:
        if self.base_year >= self.limit.year:
            raise ValueError("the base year is not before the year of the target")
        return self

    def meets(self, value: float, level: float) -> bool:
        """
        Whether a value is on the good side of a level.

        Parameters
        ----------
        value : float
            The value [units].
        level : float
            The level [units].

        Returns
        -------
        bool
            Strictly below for ``below``; the level itself counts for the other bounds.
        """
        if self.bound == "below":
            return value < level
        near = 1e-12 * max(abs(level), 1.0)
        return value <= level + near if self.bound == "at_most" else value >= level - near


class Outlook(Record):
    """An aim in words, which no number can test."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    year: Year
    """Year of the aim."""
    source: Sources
    """Keys of sources."""


class _Targets(Record):
    """The shipped targets."""

    targets: dict[str, Target]
    outlook: dict[str, Outlook]
    sources: dict[str, Source] = Field(default_factory=dict)


@cache
def _shipped() -> _Targets:
    return read_shipped(_Targets, "targets.toml")


def load_targets() -> dict[str, Target]:
    """
    Read the shipped targets.

    Returns
    -------
    dict of Target
        Targets by the name of the quantity they bind.

    Examples
    --------
    >>> load_targets()["site_sharing"].limit.value
    0.8
    """
    return _shipped().targets


def track_targets(paths: Mapping[str, Path]) -> pd.DataFrame:
    r"""
    Say for each target and year whether a path meets it.

    Parameters
    ----------
    paths : mapping
        By name of the quantity (`load_targets`), numbers by year [units of the target]. An
        array may have a dimension ``estimate`` or ``draw`` besides the year; a status is then
        given only where all estimates, or 95 % of the draws, agree.

    Returns
    -------
    pandas.DataFrame
        One row per target and year, and one per aim in words: target, title, title_zh, year,
        units, value (central), level (what the target asks for in its year), line (what the
        straight way asks for now), status and reason. Status is ``met`` (at the level of the
        target, also before its year), ``on_track`` (on the straight way or better), ``behind``,
        ``missed`` (not met in the year of the target or later) or ``cannot_be_told`` with a
        reason: ``no_value``, ``no_base``, ``before_base``, ``range`` or ``words``.

    Raises
    ------
    ParameterError
        If there is no target for a name.
    UnitError
        If an array states other units than the target.
    NotANumberError, YearError, LabelError, ValueRangeError
        If a path holds no numbers by ascending years, or a negative one.

    Notes
    -----
    The straight way leads from the value :math:`v_0` of the base year :math:`t_0` to the level
    :math:`v_T`: :math:`v_0 + (v_T - v_0)(t - t_0)/(T - t_0)`; for a relative target
    :math:`v_T = v_0 (1 + \delta)`.

    Examples
    --------
    >>> found = track_targets({"energy_per_traffic": {2020: 10.0, 2023: 8.7, 2025: 8.1}})
    >>> found.loc[found["target"] == "energy_per_traffic", "status"].tolist()
    ['on_track', 'on_track', 'missed']
    """
    known = load_targets()
    for name in paths:
        if name not in known:
            raise ParameterError(f"no target for {name!r}; {did_you_mean(name, known)}")
    rows = []
    for name, target in known.items():
        about = {"target": name, "title": target.title, "title_zh": target.title_zh,
                 "units": target.units, "source": ", ".join(target.limit.source)}  # fmt: skip
        if name in paths:
            rows += [about | row for row in _tracked(target, _checked(paths[name], target, name))]
        else:
            level = None if target.relative else target.limit.value
            rows.append(
                about | _row(target.limit.year, None, level, None, "cannot_be_told", "no_value")
            )
    for name, aim in _shipped().outlook.items():
        about = {"target": name, "title": aim.title, "title_zh": aim.title_zh, "units": "",
                 "source": ", ".join(aim.source)}  # fmt: skip
        rows.append(about | _row(aim.year, None, None, None, "cannot_be_told", "words"))
    found = pd.DataFrame(rows, columns=_COLUMNS).astype(object)
    return found.where(found.notna(), None)


_AGREEING = 0.95
_COLUMNS = ["target", "title", "title_zh", "year", "units", "value", "level", "line", "status",
            "reason", "source"]  # fmt: skip


def _checked(path: Path, target: Target, name: str) -> xr.DataArray:
    """Turn a path into an array over ascending years, members last."""
    values: Any = pd.Series(path) if isinstance(path, Mapping) else path
    if isinstance(values, pd.Series):
        values = xr.DataArray(values.to_numpy(), dims="year", coords={"year": values.index})
    stated = getattr(values, "attrs", {}).get("units", target.units)
    if stated != target.units:
        raise UnitError(f"{name} is in {stated!r}, {target.units!r} is needed")
    array = as_array(values, name)
    if (
        "year" not in array.indexes
        or array.ndim > 2
        or not {"estimate", "draw"} >= {*array.dims} - {"year"}
    ):
        raise LabelError(f"{name}: numbers by year are needed, not dims {array.dims}")
    check_years(array.indexes["year"])
    if (array < 0).any():
        raise ValueRangeError(f"{name}: negative value")
    return array.transpose("year", ...)


def _row(
    year: int,
    value: float | None,
    level: float | None,
    line: float | None,
    status: str,
    reason: str,
) -> dict[str, Any]:
    return {
        "year": year,
        "value": value,
        "level": level,
        "line": line,
        "status": status,
        "reason": reason,
    }


def _tracked(target: Target, path: xr.DataArray) -> list[dict[str, Any]]:
    """Rows of one target."""
    years = [int(year) for year in path.indexes["year"]]
    members = path.values.reshape(len(years), -1)
    middle = members.shape[1] // 2
    central = np.median(members, axis=1) if "draw" in path.dims else members[:, middle]
    bases = members[years.index(target.base_year)] if target.base_year in years else None
    rows = []
    for number, year in enumerate(years):
        found = Counter(
            _status(target, year, value, None if bases is None else float(bases[m]))
            for m, value in enumerate(members[number])
        )
        (status, reason), count = found.most_common(1)[0]
        if count < _AGREEING * members.shape[1]:
            status, reason = "cannot_be_told", "range"
        base = None
        if bases is not None:
            base = float(np.median(bases)) if "draw" in path.dims else float(bases[middle])
        level, line = _levels(target, year, base)
        rows.append(_row(year, float(central[number]), level, line, status, reason))
    return rows


def _levels(target: Target, year: int, base: float | None) -> tuple[float | None, float | None]:
    """Level of the target, and of the straight way to it in a year."""
    if target.relative:
        level = None if base is None else base * (1 + target.limit.value)
    else:
        level = target.limit.value
    if level is None or base is None or not target.base_year <= year <= target.limit.year:
        return level, None
    share = (year - target.base_year) / (target.limit.year - target.base_year)
    return level, base + (level - base) * share


def _status(target: Target, year: int, value: float, base: float | None) -> tuple[str, str]:
    """Status and reason of one value."""
    level, line = _levels(target, year, base)
    if level is None:
        return "cannot_be_told", "no_base"
    if year < target.base_year:
        return "cannot_be_told", "before_base"
    if target.meets(value, level):
        return "met", ""
    if year >= target.limit.year:
        return "missed", ""
    if line is None:
        return "cannot_be_told", "no_base"
    near = 1e-12 * max(abs(line), 1.0)
    kept = value >= line - near if target.bound == "at_least" else value <= line + near
    return ("on_track" if kept else "behind"), ""


def target_paths(
    footprint: xr.Dataset, *, traffic: Path | None = None, business: Path | None = None
) -> dict[str, xr.DataArray]:
    """
    What an ICT account can say about the quantities that targets bind.

    Parameters
    ----------
    footprint : xarray.Dataset
        Result of `ict_footprint`.
    traffic : mapping, pandas.Series or xarray.DataArray, optional
        Information flow by year [10^6 TB].
    business : mapping, pandas.Series or xarray.DataArray, optional
        Telecom business at constant prices by year [10^8 CNY].

    Returns
    -------
    dict of xarray.DataArray
        Paths for `track_targets`: ``average_pue``; ``energy_per_traffic`` and
        ``energy_per_business`` of stations, rooms and fixed network where traffic or business
        is given; ``efficiency_5g`` only if a driver gave the power of 5G stations, because the
        account itself assumes it constant.

    Raises
    ------
    LabelError
        If traffic or business lacks a year of the account.
    ValueRangeError
        If traffic or business is not above zero.

    Notes
    -----
    Electricity counts with its equivalent heat, quantity ``coal_equivalent`` of the account.
    """
    found = {"average_pue": footprint["pue"].assign_attrs(units="1")}
    parts = [name for name, (group, _, _) in COMPONENTS.items() if group == "facilities"]
    parts.remove("data_centres")
    energy = footprint["electricity"].sel(component=parts).sum("component")
    energy = energy * load_account().quantities["coal_equivalent"].points[0].value
    # TWh x kgce/kWh = 10^9 kgce: over 10^6 TB, or over 10^8 CNY = 10^4 x 10^4 CNY.
    volumes = {"energy_per_traffic": (traffic, 1e3), "energy_per_business": (business, 1e5)}
    for name, (given, scale) in volumes.items():
        if given is not None:
            units = load_targets()[name].units
            found[name] = (energy * scale / _volume(given, footprint, name)).assign_attrs(
                units=units
            )
    if "power_5g" in footprint.attrs["drivers"].split(", "):
        power = footprint["power_5g"]
        found["efficiency_5g"] = (power.isel(year=0, drop=True) / power).assign_attrs(units="1")
    return {name: array.reset_coords(drop=True) for name, array in found.items()}


def _volume(given: Path, footprint: xr.Dataset, name: str) -> xr.DataArray:
    """Traffic or business over exactly the years of the account."""
    values: Any = pd.Series(given) if isinstance(given, Mapping) else given
    if isinstance(values, pd.Series):
        values = xr.DataArray(values.to_numpy(), dims="year", coords={"year": values.index})
    array = as_array(values, name)
    if list(array.indexes.get("year", ())) != list(footprint.indexes["year"]):
        raise LabelError(f"{name}: years are not those of the account")
    if (array <= 0).any():
        raise ValueRangeError(f"{name}: the volume is not above zero")
    return array


def targets_template(lang: str = "en") -> str:
    """
    Write a file of paths to be filled in.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language of the comments.

    Returns
    -------
    str
        TOML with a commented table per target.
    """
    lines = []
    for name, target in load_targets().items():
        title = target.title_zh if lang == "zh" else target.title
        change = f"{target.limit.value:+.0%}" if target.relative else f"{target.limit.value:g}"
        lines += [
            f"# {title} [{target.units}], {target.bound} {change}, {target.limit.year}",
            f"# [{name}]",
            f'# units = "{target.units}"',
            f"# {target.base_year} =",
            f"# {target.limit.year} =",
            "",
        ]
    return "\n".join(lines)
