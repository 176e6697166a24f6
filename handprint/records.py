"""What a scenario file holds: frozen records that refuse what cannot be."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from handprint.fitting import misfits
from sector_models.parameters import Intensity, Multiple, Number, Rebound, Saving, Source, Year
from sector_models.parameters import Share as PartShare

# True and "0.7" are no numbers, though Python would make some of them.
Whole = Annotated[int, Field(strict=True)]
Part = Annotated[Number, Field(ge=0, le=1)]
Factor = Annotated[Number, Field(ge=0, le=10)]
Status = Literal["published", "derived", "assumption"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Point(_Record):
    """One stated value of a driver; the years between are interpolated."""

    year: Annotated[Whole, Field(ge=1990, le=2100)]
    """Calendar year."""
    value: Number
    """Central value."""
    low: Number
    """Low end of what is plausible."""
    high: Number
    """High end of what is plausible."""
    status: Status
    """Whether the value was published, follows from published ones, or is assumed."""
    source: str
    """Key of an entry in ``sources.toml``."""
    note: str = ""
    """What the value rests on."""
    outturn: bool = False
    """Whether it is what came, from the table that ``outturn`` of the scenario names."""

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
        ends = [number for p in self.points for number in (p.low, p.value, p.high)]
        if self.units.endswith("= 1") and not 1e-3 <= min(ends) <= max(ends) <= 1e3:
            raise ValueError(
                f"an index from {min(ends):g} to {max(ends):g} leaves the range 0.001 to 1000: "
                "state values over that of the base year, not in per cent and not amounts"
            )
        return self


class AdoptionGoal(_Record):
    """How far the digital levers of a sector spread from the base year to the end year."""

    level: Part
    """Share of the digital potential left in the base year that is used in the end year [1]."""
    low: Part
    """Low end."""
    high: Part
    """High end."""
    midpoint: Annotated[Number, Field(ge=1990, le=2100)] = 2026.0
    """Year of fastest spread."""
    speed: Annotated[Number, Field(gt=0, le=3)] = 0.5
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

    value: Part
    """Central value."""
    low: Part
    """Low end."""
    high: Part
    """High end."""
    year: Year
    """Year it refers to."""
    units: Literal["1"] = "1"
    """Unit; a share is never written in percent."""
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


class Scale(_Record):
    """A factor with its range and origin."""

    value: Factor
    """Central value."""
    low: Factor
    """Low end."""
    high: Factor
    """High end."""
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


class LeverOverride(_Record):
    """Parameters of one lever that a scenario states anew, as in a sector file."""

    saving: Saving | None = None
    """Saving on the segment at an adopter."""
    shrinkage: PartShare | None = None
    """What is left of the saving between pilots and the population."""
    rebound: Rebound | None = None
    """Share of the saving that additional activity takes back."""
    ict_input: PartShare | None = None
    """Additional ICT purchases at full adoption, per gross output."""
    addressable: PartShare | None = None
    """Share of the segment that the mechanism can reach."""


class ModelOverride(_Record):
    """Parameters of one sector model that a scenario states anew."""

    ict_intensity: Intensity | None = None
    """Emissions of the ICT industry per unit of its output."""
    ict_life_cycle: Multiple | None = None
    """Life-cycle emissions of an ICT purchase per emission counted in `ict_intensity`."""
    levers: dict[str, LeverOverride] = Field(default_factory=dict)
    """By use case."""


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
    year: Annotated[Whole, Field(ge=1990, le=2100)]
    """Calendar year."""
    value: Number
    """Central value."""
    low: Number
    """Low end of its 90 % interval."""
    high: Number
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

    @field_validator("of", mode="before")
    @classmethod
    def _several(cls, given: object) -> object:
        if isinstance(given, str) and given != "total":
            raise ValueError(f'"{given}" alone is no list: write ["{given}"], or "total"')
        return given

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high or self.low == self.high:
            raise ValueError(
                f"low {self.low} <= value {self.value} <= high {self.high} fails, or there is no "
                "range: an observation without error is no evidence that could be weighed"
            )
        beyond = [v for v in (self.low, self.value, self.high) if abs(v) > 1]
        if self.units == "1" and beyond:
            raise ValueError(
                f"{beyond[0]:g} is no share of the reference emissions; for {beyond[0]:g} % write "
                f"{beyond[0] / 100:g}, or state units = 'Mt CO2'"
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
    base_year: Whole
    """Year of the table; adoption is counted above the level of this year."""
    end_year: Whole
    """Last year of the projection."""
    sectors: Annotated[tuple[str, ...], Field(min_length=1)]
    """Sector models, by name or path."""
    sector_files: dict[str, str] = Field(default_factory=dict)
    """Path of each sector file, by the name it states; found when a scenario is loaded."""
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
    structure: dict[str, Driver] = Field(default_factory=dict)
    """Weight of a product of the table within each category of final demand, index."""
    coefficients: dict[str, Driver] = Field(default_factory=dict)
    """Intermediate use of a product of the table per unit of its purchasers' output, index."""
    adoption: dict[str, AdoptionGoal] = Field(default_factory=dict)
    """Spread of digital levers by sector model; a sector left out stays at today's level."""
    reference_adoption: dict[str, AdoptionGoal] = Field(default_factory=dict)
    """Spread that would come anyway and earns no credit; a sector left out stays at today's."""
    ict_account: Literal["china"] | None = None
    """Physical account of the whole ICT industry that the results hold; none if left out."""
    ict_activity: dict[str, Driver] = Field(default_factory=dict)
    """Quantities of that account that differ, in its units, in straight lines between points."""
    ict_intensity: Driver | None = None
    """Life-cycle emissions per ICT purchase, index with the base year at one; constant if none."""
    rebound_scale: Scale | None = None
    """Factor on the direct rebound of every lever."""
    overrides: dict[str, ModelOverride] = Field(default_factory=dict)
    """Parameters of sector models that differ from their files, by sector model."""

    outturn: str | None = None
    """Path of a table of what drivers came to; laid over their points when a file is loaded."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """Sources of your own, cited by key like the shipped ones."""
    observations: dict[str, Observation] = Field(default_factory=dict)
    """Independent evidence on what digital levers enable; none in the shipped scenarios."""

    @property
    def years(self) -> list[int]:
        """Years of the projection, the base year first."""
        return list(range(self.base_year, self.end_year + 1))

    @property
    def content_hash(self) -> str:
        """SHA-256 of every entry, inherited ones included; not of where files lie."""
        entries = self.model_dump(mode="json", exclude={"sector_files", "outturn"})
        return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if problems := misfits(self.model_dump()):
            raise ValueError("\n".join(problems))
        return self
