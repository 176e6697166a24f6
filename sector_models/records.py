"""What a sector file holds: frozen records that refuse what cannot be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sector_models.levers import Affected, UseCase
from sector_models.parameters import (
    Emissions,
    Intensity,
    Lifetime,
    Money,
    Multiple,
    Number,
    Parameter,
    Record,
    Share,
    Source,
    Sources,
    Status,
    Text,
)
from sector_models.whole import misfits


class Activity(Record):
    """What a sector does, in physical units."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    amount: Parameter
    """Amount per year."""

    @field_validator("amount", mode="after")
    @classmethod
    def _positive(cls, amount: Parameter) -> Parameter:
        if amount.low <= 0:
            raise ValueError(f"low {amount.low:g}: an activity is above zero")
        return amount


class Covered(Record):
    """Emitters of the table whose emissions belong to a sector."""

    emitters: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Sectors of the table, or ``households``."""
    share: Annotated[Number, Field(gt=0, le=1)] = 1.0
    """Share of their emissions."""
    status: Status
    """Printed in the source, computed from it, or assumed."""
    source: Sources
    """Keys of entries in `sources.toml`, or in the table `sources` of the same file."""
    note: Text | None = None
    """How it was derived or why it was assumed."""


class Segment(Record):
    """A part of the emissions of a sector; segments do not overlap."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    share: Share | None = None
    """Share of the emissions of the sector; else they are activity times factor."""
    activity: Text | None = None
    """Key of the activity that causes the emissions."""
    factor: Parameter | None = None
    """Emissions per activity."""

    @model_validator(mode="after")
    def _one_way(self) -> Segment:
        if (self.share is None) != (self.activity is not None and self.factor is not None):
            raise ValueError("give either share, or activity and factor")
        if self.share is not None and (self.activity or self.factor):
            raise ValueError("give either share, or activity and factor, not both")
        return self


class Sector(Record):
    """One sector: its emissions, their segments, and the digital levers on them."""

    name: Text
    """Short name, also the name of the file."""
    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    note: Text | None = None
    """What a user should know about the boundary."""
    part_of: Text | None = None
    """Sector whose emissions contain those of this one; a run takes only one of the two."""
    scope: Literal["direct", "direct+purchased"] = "direct"
    """Whether the emissions of the sector contain those of the electricity it buys."""
    saving_of: Literal["sector", "cells"] = "sector"
    """Whether a saving, as a share, is taken of the emissions of the sector or of the cells."""
    emissions: Emissions
    """Emissions of the base year, the default reference."""
    total: Share | None = None
    """Saving of the whole sector at full adoption according to the source."""
    output: Money
    """Gross output of the sector that buys the ICT."""
    ict_intensity: Intensity
    """Emissions of the ICT industry per unit of its output."""
    ict_life_cycle: Multiple
    """Life-cycle emissions of an ICT purchase per emission counted in `ict_intensity`."""
    ict_lifetime: Lifetime | None = None
    """Years that ICT equipment lasts: it is annualised in a straight line."""
    covers: tuple[Covered, ...] = ()
    """Emitters of the table that belong to the sector."""
    affected: tuple[Affected, ...] = ()
    """Cells of the table that use cases without cells of their own change."""
    activities: dict[str, Activity] = Field(default_factory=dict)
    """Physical activities, by key."""
    segments: Annotated[dict[str, Segment], Field(min_length=1)]
    """Parts of the emissions, by key."""
    use_cases: Annotated[dict[str, UseCase], Field(min_length=1)]
    """Digital levers, by key."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """Sources in addition to the shipped ones, by key."""

    @model_validator(mode="after")
    def _fits_together(self) -> Sector:
        if problems := misfits(self.model_dump()):
            raise ValueError("\n".join(problems))
        return self

    def segment_share(self, segment: str) -> Parameter:
        """
        Share of a segment in the emissions of the sector.

        Parameters
        ----------
        segment : str
            Key of the segment.

        Returns
        -------
        Parameter
            As given, or activity times factor over the emissions of the sector, where the
            range is that of the factor [1].
        """
        part = self.segments[segment]
        if part.share is not None:
            return part.share
        if part.activity is None or part.factor is None:
            raise ValueError(f"segments.{segment}: neither a share nor an activity with its factor")
        amount = self.activities[part.activity].amount
        scale = amount.value / self.emissions.value
        return Parameter(
            value=part.factor.value * scale,
            low=part.factor.low * scale,
            high=part.factor.high * scale,
            units="1",
            year=amount.year,
            status="assumption"
            if "assumption" in (amount.status, part.factor.status)
            else "derived",
            source=tuple(dict.fromkeys((*amount.source, *part.factor.source))),
            note="activity times factor over the emissions of the sector",
            distribution=part.factor.distribution,
            shared=part.factor.shared,
        )

    def share(self, use_case: str) -> Parameter:
        """
        Share of the emissions of the sector on which a use case acts.

        Parameters
        ----------
        use_case : str
            Key of the use case.

        Returns
        -------
        Parameter
            The share of its segment [1].
        """
        return self.segment_share(self.use_cases[use_case].segment)


class Economy(Record):
    """How sectors make up the economy."""

    emissions: Emissions
    """National emissions."""
    total: Share
    """Saving of the whole economy at full adoption according to the source."""
    shares: dict[str, Share]
    """Share of each sector in the emissions, by name of the sector."""
