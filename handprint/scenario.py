"""Scenarios: a file that states only what differs from its base."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from handprint.errors import ScenarioError, UnknownScenarioError
from io_tables.errors import did_you_mean

Status = Literal["published", "derived", "assumption"]
SHIPPED = resources.files("handprint") / "data" / "scenarios"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Point(_Record):
    """One stated value of a driver; the years between are interpolated."""

    year: Annotated[int, Field(ge=1990, le=2100)]
    """Calendar year."""
    value: Annotated[float, Field(allow_inf_nan=False)]
    """Central value."""
    low: Annotated[float, Field(allow_inf_nan=False)]
    """Low end of what is plausible."""
    high: Annotated[float, Field(allow_inf_nan=False)]
    """High end of what is plausible."""
    status: Status
    """Whether the value was published, follows from published ones, or is assumed."""
    source: str
    """Key of an entry in ``sources.toml``."""
    note: str = ""
    """What the value rests on."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low {self.low} <= value {self.value} <= high {self.high} fails")
        return self


class Driver(_Record):
    """A path over the years, stated at points."""

    title: str
    """What it is, in English."""
    title_zh: str
    """What it is, in Chinese."""
    units: str
    """Unit of the values, for example ``2020 = 1``."""
    points: Annotated[tuple[Point, ...], Field(min_length=1)]
    """Stated values, in order of year."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        years = [p.year for p in self.points]
        if years != sorted(set(years)):
            raise ValueError(f"years must rise and not repeat: {years}")
        if min(p.low for p in self.points) <= 0:
            raise ValueError("values must be above zero: they are interpolated geometrically")
        return self


class AdoptionGoal(_Record):
    """How far the digital levers of a sector spread from the base year to the end year."""

    level: Annotated[float, Field(ge=0, le=1)]
    """Share of the digital potential left in the base year that is used in the end year [1]."""
    low: Annotated[float, Field(ge=0, le=1)]
    """Low end."""
    high: Annotated[float, Field(ge=0, le=1)]
    """High end."""
    midpoint: float = 2026.0
    """Year of fastest spread."""
    speed: Annotated[float, Field(gt=0, le=3)] = 0.5
    """Steepness of the logistic curve [1/year]."""
    status: Status
    """Whether the level was published, follows from published ones, or is assumed."""
    source: str
    """Key of an entry in ``sources.toml``."""
    note: str = ""
    """What the level rests on."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.level <= self.high:
            raise ValueError(f"low {self.low} <= level {self.level} <= high {self.high} fails")
        return self


class Share(_Record):
    """A number between zero and one with its range and origin."""

    value: Annotated[float, Field(ge=0, le=1)]
    """Central value."""
    low: Annotated[float, Field(ge=0, le=1)]
    """Low end."""
    high: Annotated[float, Field(ge=0, le=1)]
    """High end."""
    year: int
    """Year it refers to."""
    units: str = "1"
    """Unit."""
    status: Status
    """Published, derived or assumption."""
    source: str
    """Key of an entry in ``sources.toml``."""
    note: str = ""
    """What it rests on."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low {self.low} <= value {self.value} <= high {self.high} fails")
        return self


class Scenario(_Record):
    """
    Everything a run needs: the table, the years, the drivers and the spread of digital levers.

    Made by :func:`load_scenario`.
    """

    name: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    """Short name, also the label in results."""
    title: str
    """One line, in English."""
    title_zh: str
    """One line, in Chinese."""
    description: str = ""
    """What the scenario stands for."""
    base: str | None = None
    """Scenario whose entries are taken where this one is silent."""
    table: str
    """Name of a shipped table, or path of a table with its manifest."""
    imports: Literal["domestic", "competitive"] = "domestic"
    """Whether imports are removed from the table before the engine sees it."""
    satellite: str = "CO2"
    """Satellite account that is followed."""
    base_year: int
    """Year of the table; adoption is counted above the level of this year."""
    end_year: int
    """Last year of the projection."""
    sectors: Annotated[tuple[str, ...], Field(min_length=1)]
    """Sector models, by name or path."""
    ict: Annotated[tuple[str, ...], Field(min_length=1)]
    """Sectors of the table that make up ICT."""
    respend: Share
    """Share of the cost saving that is spent again."""
    top_down_error: Share
    """Relative standard deviation of the top-down estimate from table and bridge alone."""
    demand: dict[str, Driver]
    """Final demand by category of the table, index with the base year at one."""
    activity: dict[str, Driver]
    """Activity of each sector model, index with the base year at one."""
    intensity: dict[str, Driver]
    """Direct emissions per unit of activity without further digitalisation, index."""
    adoption: dict[str, AdoptionGoal] = Field(default_factory=dict)
    """Spread of digital levers by sector model; a sector left out stays at today's level."""
    reference_adoption: dict[str, AdoptionGoal] = Field(default_factory=dict)
    """Spread that would come anyway and earns no credit; a sector left out stays at today's."""

    @property
    def years(self) -> list[int]:
        """Years of the projection, the base year first."""
        return list(range(self.base_year, self.end_year + 1))

    @property
    def content_hash(self) -> str:
        """SHA-256 of every entry, inherited ones included."""
        return hashlib.sha256(
            json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()
        ).hexdigest()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems = []
        if self.end_year <= self.base_year:
            problems.append(f"end_year {self.end_year} is not after base_year {self.base_year}")
        for group in ("adoption", "reference_adoption"):
            problems += [
                f"{group}.{name}: unknown sector model; {did_you_mean(name, self.sectors)}"
                for name in getattr(self, group)
                if name not in self.sectors
            ]
        for group in ("activity", "intensity"):
            given: dict[str, Driver] = getattr(self, group)
            problems += [f"{group}.{s}: missing" for s in self.sectors if s not in given]
            allowed = [*self.sectors, *(["other"] if group == "intensity" else [])]
            problems += [
                f"{group}.{name}: unknown sector model; {did_you_mean(name, allowed)}"
                for name in given
                if name not in allowed
            ]
        for group in ("demand", "activity", "intensity"):
            for name, driver in getattr(self, group).items():
                first = driver.points[0]
                if first.year != self.base_year or first.value != 1:
                    problems.append(
                        f"{group}.{name}: must start with value 1 in {self.base_year}, "
                        f"starts with {first.value:g} in {first.year}"
                    )
                if driver.points[-1].year < self.end_year:
                    last = driver.points[-1].year
                    problems.append(f"{group}.{name}: ends in {last}, needed to {self.end_year}")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def scenario_names() -> list[str]:
    """
    List the shipped scenarios.

    Returns
    -------
    list of str
        Names that :func:`load_scenario` takes.

    Examples
    --------
    >>> scenario_names()
    ['accelerated', 'current-policy', 'frozen-digitalisation']
    """
    return sorted(
        f.name.removesuffix(".toml") for f in SHIPPED.iterdir() if f.name.endswith(".toml")
    )


def load_scenario(name_or_path: str | Path | Scenario) -> Scenario:
    """
    Load a shipped scenario, or one from a file, with everything it inherits.

    Parameters
    ----------
    name_or_path : str, path or Scenario
        Name of a shipped scenario, or path of a TOML file. A scenario passes through.

    Returns
    -------
    Scenario
        Complete and checked.

    Raises
    ------
    UnknownScenarioError
        If there is neither a shipped scenario nor a file of this name.
    ScenarioError
        If the file cannot be read, inherits from itself, or has problems; all are listed.

    Examples
    --------
    >>> load_scenario("current-policy").base
    'frozen-digitalisation'
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    text, place, folder = _read(str(name_or_path), None)
    raw = _inherit(_parse(text, place), place, folder, seen=(place,))
    return _checked(raw, place)


def _checked(raw: dict[str, Any], place: str) -> Scenario:
    """Validate, and translate pydantic's findings into one message."""
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as err:
        lines = "\n".join(f"  - {line}" for line in problems_of(err))
        raise ScenarioError(f"{place}: {err.error_count()} problem(s)\n{lines}") from None
    missing = _unresolved(scenario)
    if missing:
        lines = "\n".join(f"  - {line}" for line in missing)
        raise ScenarioError(f"{place}: {len(missing)} problem(s)\n{lines}")
    return scenario


def problems_of(error: ValidationError) -> list[str]:
    """
    Write the findings of a validation as sentences: place, what is wrong, what is valid.

    Parameters
    ----------
    error : pydantic.ValidationError
        From any record of this module.

    Returns
    -------
    list of str
        One line for each finding.
    """
    lines = []
    for finding in error.errors():
        place = ".".join(str(part) for part in finding["loc"]) or "file"
        if finding["type"] == "extra_forbidden":
            key = str(finding["loc"][-1])
            lines.append(f"{place}: unknown key; {did_you_mean(key, _keys(finding['loc'][:-1]))}")
        elif finding["type"] == "missing":
            lines.append(f"{place}: missing")
        elif finding["type"] in ("less_than_equal", "greater_than_equal"):
            shown = finding["input"]
            hint = f" (a share is written 0.1, not {shown})" if _percent(shown) else ""
            lines.append(f"{place}: {finding['msg'].lower()}, given {shown}{hint}")
        else:
            lines.append(f"{place}: {finding['msg'].removeprefix('Value error, ')}")
    return lines


def _percent(value: object) -> bool:
    return isinstance(value, int | float) and 1 < value <= 100


def _keys(place: tuple[int | str, ...]) -> list[str]:
    """Valid keys at a place of a scenario file."""
    if not place:
        return list(Scenario.model_fields)
    records: dict[str, type[BaseModel]] = {
        "demand": Driver, "activity": Driver, "intensity": Driver, "adoption": AdoptionGoal,
        "reference_adoption": AdoptionGoal, "respend": Share, "top_down_error": Share,
    }  # fmt: skip
    record = Point if "points" in place else records.get(str(place[0]), Scenario)
    return list(record.model_fields)


def _inherit(
    raw: dict[str, Any], place: str, folder: Path | None, seen: tuple[str, ...]
) -> dict[str, Any]:
    """Lay a file's entries over those of its base, entry by entry."""
    base = raw.get("base")
    if base is None:
        return raw
    text, parent, parent_folder = _read(str(base), folder)
    if parent in seen:
        raise ScenarioError(f"{place}: inherits from itself: {' -> '.join((*seen, parent))}")
    below = _inherit(_parse(text, parent), parent, parent_folder, (*seen, parent))
    return _overlay(below, raw)


def _overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables; lists and values of ``above`` replace those of ``below``."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _overlay(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _read(name: str, folder: Path | None) -> tuple[str, str, Path | None]:
    """Text, display name and folder of a shipped scenario or a file."""
    if name in scenario_names():
        return (SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name, None
    path = Path(name) if folder is None or Path(name).is_absolute() else folder / name
    if path.is_file():
        try:
            return path.read_text(encoding="utf-8"), str(path), path.resolve().parent
        except UnicodeDecodeError as err:
            raise ScenarioError(
                f"{path}: not UTF-8 text (byte {err.start}): save it as UTF-8"
            ) from err
    raise UnknownScenarioError(
        f"no scenario {name!r}: neither shipped nor a file; {did_you_mean(name, scenario_names())}"
    )


def _parse(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ScenarioError(f"{place}: not valid TOML: {err}") from err


def _unresolved(scenario: Scenario) -> list[str]:
    """Source keys without an entry in ``sources.toml``."""
    known = sources()
    places: dict[str, str] = {"respend": scenario.respend.source}
    places["top_down_error"] = scenario.top_down_error.source
    for group in ("adoption", "reference_adoption"):
        for sector, goal in getattr(scenario, group).items():
            places[f"{group}.{sector}"] = goal.source
    for group in ("demand", "activity", "intensity"):
        for name, driver in getattr(scenario, group).items():
            for point in driver.points:
                places[f"{group}.{name} {point.year}"] = point.source
    return [
        f"{place}: source {key!r} has no entry; {did_you_mean(key, known)}"
        for place, key in places.items()
        if key not in known
    ]


@cache
def sources() -> dict[str, dict[str, Any]]:
    """
    Return the sources that scenarios and drivers cite.

    Returns
    -------
    dict
        Key -> title, publisher, year, and where to find it.
    """
    text = (resources.files("handprint") / "data" / "sources.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
