"""What a scenario file holds: frozen records that refuse what cannot be."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from io_tables.errors import did_you_mean

Status = Literal["published", "derived", "assumption"]


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
    midpoint: Annotated[float, Field(ge=1990, le=2100)] = 2026.0
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


class Observation(_Record):
    """
    What somebody else found: independent evidence on the net enabling effect.

    It is that after direct rebound, on the boundary of the sector models: their own emissions
    and those of the power they buy.
    """

    title: str
    """What it is, in English."""
    title_zh: str
    """What it is, in Chinese."""
    year: Annotated[int, Field(ge=1990, le=2100)]
    """Calendar year."""
    value: Annotated[float, Field(allow_inf_nan=False)]
    """Central value."""
    low: Annotated[float, Field(allow_inf_nan=False)]
    """Low end of its 90 % interval."""
    high: Annotated[float, Field(allow_inf_nan=False)]
    """High end of its 90 % interval."""
    units: Literal["Mt CO2", "1"]
    """``Mt CO2``, or ``1`` for a share of the reference emissions of the sectors."""
    of: Literal["total"] | Annotated[tuple[str, ...], Field(min_length=1)] = "total"
    """Sector models that it is the sum of."""
    status: Status
    """Whether the value was published, follows from published ones, or is assumed."""
    source: str
    """Key of an entry in ``sources.toml``."""
    note: str = ""
    """What the value rests on."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high or self.low == self.high:
            raise ValueError(
                f"low {self.low} <= value {self.value} <= high {self.high} fails, or there is no "
                "range: an observation without error is no evidence that could be weighed"
            )
        return self


class Scenario(_Record):
    """
    Everything a run needs: the table, the years, the drivers and the spread of digital levers.

    Made by :func:`load_scenario`.
    """

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
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
    """Whether imports are removed from the table before the engine sees it; if not, they keep
    their share of the use of each product at home in every year, and stay as they are when
    interventions save inputs."""
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
    demand: Annotated[dict[str, Driver], Field(min_length=1)]
    """Final demand by category of the table, index with the base year at one."""
    activity: dict[str, Driver]
    """Activity of each sector model, index with the base year at one."""
    intensity: dict[str, Driver]
    """Direct emissions per unit of activity without further digitalisation, index."""
    adoption: dict[str, AdoptionGoal] = Field(default_factory=dict)
    """Spread of digital levers by sector model; a sector left out stays at today's level."""
    reference_adoption: dict[str, AdoptionGoal] = Field(default_factory=dict)
    """Spread that would come anyway and earns no credit; a sector left out stays at today's."""

    observations: dict[str, Observation] = Field(default_factory=dict)
    """Independent evidence on what digital levers enable; none in the shipped scenarios."""

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
            allowed = [*self.sectors, *(["other"] if group == "intensity" else [])]
            problems += [f"{group}.{s}: missing" for s in allowed if s not in given]
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
        for name, seen in self.observations.items():
            if not self.base_year < seen.year <= self.end_year:
                problems.append(
                    f"observations.{name}.year: {seen.year} is not after {self.base_year} and up "
                    f"to {self.end_year}"
                )
            problems += [
                f"observations.{name}.of: unknown sector model {part!r}; "
                f"{did_you_mean(part, self.sectors)}"
                for part in (() if seen.of == "total" else seen.of)
                if part not in self.sectors
            ]
        if problems:
            raise ValueError("\n".join(problems))
        return self
