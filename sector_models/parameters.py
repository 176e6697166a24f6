"""What a sector file holds: frozen records that refuse what cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from scipy.special import betaincinv

from sector_models.adoption import adopt
from sector_models.errors import did_you_mean

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Text = Annotated[str, StringConstraints(pattern=r"\S")]
Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]
Status: TypeAlias = Literal["published", "derived", "assumption"]


def _listed(value: object) -> object:
    """Let a single source be written without brackets."""
    return (value,) if isinstance(value, str) else value


Sources = Annotated[tuple[Text, ...], Field(min_length=1), BeforeValidator(_listed)]


class Record(BaseModel):
    """Base of the records: no unknown keys, no changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Source(Record):
    """Where numbers come from."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    publisher: Text
    """Who published it."""
    year: Year
    """Year of publication, or of the data where that identifies them."""
    place: Text
    """Where to find it: an address or a bibliographic place."""
    note: Text | None = None
    """What a user should know about it."""


class Parameter(Record):
    """One number with its range and its origin."""

    value: Number
    """Central value."""
    low: Number
    """Low end of the range, at most the value."""
    high: Number
    """High end of the range, at least the value."""
    units: Text
    """Units; "1" for shares, which are never written in percent."""
    year: Year
    """Year to which the number belongs."""
    status: Status
    """Printed in the source, computed from it, or assumed."""
    source: Sources
    """Keys of entries in `sources.toml`, or in the table `sources` of the same file."""
    note: Text | None = None
    """How it was derived or why it was assumed."""
    distribution: Literal["triangular", "pert", "uniform"] = "triangular"
    """Distribution between low and high from which it is drawn."""

    @model_validator(mode="after")
    def _in_order(self) -> Parameter:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value:g} is outside low {self.low:g} to {self.high:g}")
        return self


def _between(low: float, high: float, units: str = "1") -> AfterValidator:
    """Make a check that a parameter has a unit and stays in a range."""

    def check(parameter: Parameter) -> Parameter:
        if parameter.units != units:
            raise ValueError(f"units are {parameter.units!r}, {units!r} is needed")
        for key in ("value", "low", "high"):
            number = getattr(parameter, key)
            if not low <= number <= high:
                meant = f"; for {number:g} % write {number / 100:g}" if units == "1" else ""
                raise ValueError(f"{key} {number:g} is outside {low:g} to {high:g}{meant}")
        return parameter

    return AfterValidator(check)


Share = Annotated[Parameter, _between(0.0, 1.0)]
Saving = Annotated[Parameter, _between(-1.0, 1.0)]
Rebound = Annotated[Parameter, _between(-1.0, 2.0)]
Multiple = Annotated[Parameter, _between(0.0, 1000.0)]
Emissions = Annotated[Parameter, _between(0.0, 1e6, "Mt CO2")]
Money = Annotated[Parameter, _between(0.0, 1e12, "10^4 CNY")]
Intensity = Annotated[Parameter, _between(0.0, 1e4, "t CO2/10^4 CNY")]


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


class Segment(Record):
    """A part of the emissions of a sector; segments do not overlap."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    share: Share
    """Share of the emissions of the sector."""


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
    segment: Text
    """Key of the segment on which it acts."""
    saving: Saving
    """Saving on the segment at an adopter; negative when it adds emissions."""
    rebound: Rebound
    """Share of the saving that additional activity takes back; above one is backfire."""
    shrinkage: Share
    """What is left of the saving between pilots and the population."""
    ict_input: Share
    """Additional ICT purchases at full adoption, per gross output of the adopting sector."""
    adoption: Adoption
    """Spread in the digital scenario."""
    reference_adoption: Adoption | None = None
    """Spread that comes without further effort; none when missing."""
    carriers: Annotated[tuple[Literal["fuel", "electricity"], ...], Field(min_length=1)]
    """Energy carriers that are saved."""
    emitter: Literal["own", "power"]
    """Where most of the avoided emissions occur: at the sector itself or at power plants."""
    tier: Literal[1, 2, 3]
    """Depth of the assessment after ITU-T L.1480; 3 is a screening and not for publication."""
    evidence: dict[str, Parameter] = {}
    """Published case figures that support or question the saving."""


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
    emissions: Emissions
    """Emissions of the base year, the default reference."""
    total: Share
    """Saving of the whole sector at full adoption according to the source."""
    output: Money
    """Gross output of the sector that buys the ICT."""
    ict_intensity: Intensity
    """Emissions of the ICT industry per unit of its output."""
    ict_life_cycle: Multiple
    """Life-cycle emissions of an ICT purchase per emission counted in `ict_intensity`."""
    segments: Annotated[dict[str, Segment], Field(min_length=1)]
    """Parts of the emissions, by key."""
    use_cases: Annotated[dict[str, UseCase], Field(min_length=1)]
    """Digital levers, by key."""
    sources: dict[str, Source] = {}
    """Sources in addition to the shipped ones, by key."""

    @field_validator("segments", mode="after")
    @classmethod
    def _disjoint(cls, segments: dict[str, Segment]) -> dict[str, Segment]:
        total = sum(segment.share.high for segment in segments.values())
        if total > 1 + 1e-9:
            raise ValueError(f"high shares of the segments add up to {total:g}, more than 1")
        return segments

    @model_validator(mode="after")
    def _known_segments(self) -> Sector:
        used = {name: case.segment for name, case in self.use_cases.items()}
        unknown = unknown_segments(self.segments, used)
        if unknown:
            raise ValueError("; ".join(unknown))
        return self

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
        return self.segments[self.use_cases[use_case].segment].share


class Economy(Record):
    """How sectors make up the economy."""

    emissions: Emissions
    """National emissions."""
    total: Share
    """Saving of the whole economy at full adoption according to the source."""
    shares: dict[str, Share]
    """Share of each sector in the emissions, by name of the sector."""


def unknown_segments(segments: Iterable[str], used: dict[str, Any]) -> list[str]:
    """
    List use cases whose segment does not exist.

    Parameters
    ----------
    segments : iterable of str
        Keys of the segments.
    used : dict
        Segment of each use case, by key of the use case.

    Returns
    -------
    list of str
        One sentence per problem.
    """
    names = list(segments)
    return [
        f"use_cases.{case}.segment: no segment {segment!r}; {did_you_mean(segment, names)}"
        for case, segment in used.items()
        if segment not in names
    ]


def sample(parameter: Parameter, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    r"""
    Draw values of a parameter.

    Parameters
    ----------
    parameter : Parameter
        Its range and distribution.
    rng : numpy.random.Generator
        Source of randomness; generators in the same state give the same ranks for any
        parameter.
    size : int
        Number of draws.

    Returns
    -------
    numpy.ndarray
        Draws between low and high [units of the parameter]; all equal to the value when low
        and high coincide.

    Notes
    -----
    Inverse of the distribution function at uniform numbers. PERT is the beta distribution on
    the range with shape parameters :math:`1 + 4 (m - l)/(h - l)` and
    :math:`1 + 4 (h - m)/(h - l)`, mean :math:`(l + 4 m + h) / 6`.

    Examples
    --------
    >>> share = Parameter(value=0.2, low=0.1, high=0.3, units="1", year=2020,
    ...                   status="assumption", source="assumption")
    >>> draws = sample(share, np.random.default_rng(1), 1000)
    >>> bool(draws.min() >= 0.1 and draws.max() <= 0.3)
    True
    """
    rank = rng.random(size)
    low, mode, width = parameter.low, parameter.value, parameter.high - parameter.low
    if width == 0:
        return np.full(size, mode)
    peak = (mode - low) / width
    if parameter.distribution == "uniform":
        place = rank
    elif parameter.distribution == "pert":
        place = betaincinv(1 + 4 * peak, 1 + 4 * (1 - peak), rank)
    else:
        place = np.where(rank < peak, np.sqrt(rank * peak), 1 - np.sqrt((1 - rank) * (1 - peak)))
    return low + width * place
