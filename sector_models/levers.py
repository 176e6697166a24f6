"""Digital levers: what a use case is, how far it has spread, and what it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import xarray as xr
from pydantic import Field, model_validator

from sector_models.adoption import adopt
from sector_models.parameters import (
    Number,
    Parameter,
    Rebound,
    Record,
    Saving,
    Share,
    Sources,
    Status,
    Text,
)


class Adoption(Record):
    """How far one use case has spread; the parameters are those of `adopt`."""

    curve: Literal["linear", "logistic", "bass"]
    """Shape of the path."""
    start: Number | None = None
    """Adoption from which the path leaves [1]."""
    end: Number | None = None
    """Adoption in the last year, linear [1]."""
    ceiling: Number | None = None
    """Adoption that is never exceeded, logistic and Bass [1]."""
    first_year: Number | None = None
    """Year in which the path leaves its start."""
    last_year: Number | None = None
    """Year in which a linear path ends."""
    midpoint: Number | None = None
    """Year half-way, logistic."""
    speed: Number | None = None
    """Steepness, logistic [1/year]."""
    innovation: Number | None = None
    """Coefficient of innovation, Bass [1/year]."""
    imitation: Number | None = None
    """Coefficient of imitation, Bass [1/year]."""
    status: Status
    """Printed in the source, computed from it, or assumed."""
    source: Sources
    """Keys of entries in `sources.toml`."""
    note: Text | None = None
    """Why the path was chosen."""

    @model_validator(mode="after")
    def _possible(self) -> Adoption:
        self.over([2020])
        return self

    @property
    def curve_parameters(self) -> dict[str, float]:
        """
        Return the parameters of the curve that are set.

        Returns
        -------
        dict of float
            Arguments for `adopt`.
        """
        about = {"curve", "status", "source", "note"}
        return self.model_dump(exclude=about, exclude_none=True)

    def over(self, years: Iterable[int]) -> xr.DataArray:
        """
        Adoption in each year.

        Parameters
        ----------
        years : iterable of int
            Ascending years.

        Returns
        -------
        xarray.DataArray
            Adoption, dims (year) [1].
        """
        return adopt(self.curve, years, **self.curve_parameters)


class Affected(Record):
    """Cells of the table that a lever changes."""

    kind: Literal["onsite", "input", "demand", "ict"]
    """On-site emissions, purchases, purchases of households, or additional ICT purchases."""
    rows: tuple[Text, ...] = ()
    """Sectors bought from; none for on-site emissions."""
    purchasers: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Sectors that buy or burn; categories of final demand for ``demand``."""
    share: Annotated[Number, Field(gt=0, le=1)] = 1.0
    """Share of the cell that the saving reaches; for ICT the share of the purchases."""
    capital: bool = False
    """For ICT: whether it is equipment, bought as its value over `ict_lifetime` each year."""
    status: Status
    """Printed in the source, computed from it, or assumed."""
    source: Sources
    """Keys of entries in `sources.toml`, or in the table `sources` of the same file."""
    note: Text | None = None
    """How it was derived or why it was assumed."""

    @model_validator(mode="after")
    def _rows_where_bought(self) -> Affected:
        if (self.kind == "onsite") != (not self.rows):
            raise ValueError(
                "rows: on-site emissions have none"
                if self.rows
                else f"rows: cells of kind {self.kind!r} name the sectors bought from"
            )
        if self.capital and self.kind != "ict":
            raise ValueError(f"capital: only cells of kind 'ict' are equipment, not {self.kind!r}")
        return self


class Consequence(Record):
    """One effect of using a lever, in the order of effects of ITU-T L.1480."""

    order: Literal["first", "second", "higher"]
    """First: life cycle of the ICT; second: change by using it; higher: behaviour, structure."""
    effect: Literal["saves", "adds"]
    """Whether emissions fall or rise."""
    text: Text
    """The effect in English."""
    text_zh: Text
    """The effect in Chinese."""
    counted: Literal["saving", "rebound", "ict_input", "top_down", "no"]
    """Which quantity counts it; ``no`` if it is only named."""


class UseCase(Record):
    """One digital lever on one segment."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    mechanism: Text
    """How it saves emissions, in English."""
    mechanism_zh: Text
    """How it saves emissions, in Chinese."""
    kind: Literal["optimisation", "substitution", "flexibility", "design"] = "optimisation"
    """Whether it makes the same activity leaner, replaces it, shifts it, or designs it anew."""
    segment: Text
    """Key of the segment on which it acts."""
    activity: Text | None = None
    """Key of the activity for which an enabling intensity is given."""
    addressable: Share | None = None
    """Share of the segment that the mechanism can reach; all of it when missing."""
    saving: Saving
    """Saving on the segment at an adopter; negative when it adds emissions."""
    rebound: Rebound
    """Share of the saving that additional activity takes back; above one is backfire."""
    shrinkage: Share
    """What is left of the saving between pilots and the population."""
    ict_input: Share
    """Additional ICT purchases at full adoption, per gross output of the adopting sector."""
    embodied: Share | None = None
    """Share of the life-cycle emissions of the ICT that are embodied in it; the rest is use."""
    adoption: Adoption
    """Spread in the digital scenario."""
    reference_adoption: Adoption | None = None
    """Spread that comes without further effort; none when missing."""
    carriers: Annotated[tuple[Literal["fuel", "electricity"], ...], Field(min_length=1)]
    """Energy carriers that are saved."""
    emitter: Literal["own", "power"]
    """Where most of the avoided emissions occur: at the sector itself or at power plants."""
    time_class: Literal["immediate", "medium", "long"] | None = None
    """When the effect sets in: at once, after years, or with the turnover of a stock."""
    tier: Literal[1, 2, 3]
    """Depth of the assessment after ITU-T L.1480; 3 is a screening and not for publication."""
    quality: Literal[1, 2, 3, 4, 5] | None = None
    """Quality of the saving: 1 measured in the population, 2 several measured cases, 3 one
    measured case, 4 a published range or model, 5 judgement."""
    consequences: tuple[Consequence, ...] = ()
    """Effects by order: the consequence tree."""
    affected: tuple[Affected, ...] = ()
    """Cells of the table that it changes; those of the sector when missing."""
    evidence: dict[str, Parameter] = Field(default_factory=dict)
    """Published case figures that support or question the saving."""
