"""Numbers with a range and an origin, and how they are drawn."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from scipy.special import betainc, betaincinv, ndtr, ndtri

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Text = Annotated[str, StringConstraints(pattern=r"\S")]
Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]
Status: TypeAlias = Literal["published", "derived", "assumption"]
Distribution: TypeAlias = Literal["triangular", "pert", "uniform", "lognormal", "beta"]
_BREADTH = 2 * 1.959963984540054  # standard deviations between low and high, lognormal and beta


def _listed(value: object) -> object:
    """Let a single source be written without brackets."""
    return (value,) if isinstance(value, str) else value


_Keys = Annotated[tuple[Text, ...], Field(min_length=1)]
Sources = Annotated[_Keys, BeforeValidator(_listed, json_schema_input_type=Text | _Keys)]


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
    distribution: Distribution = "triangular"
    """Distribution between low and high from which it is drawn."""
    shared: Text | None = None
    """Key of a common cause: parameters with one key are drawn at one rank."""

    @model_validator(mode="after")
    def _in_order(self) -> Parameter:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value:g} is outside low {self.low:g} to {self.high:g}")
        if self.distribution == "lognormal" and self.low <= 0:
            raise ValueError(f"low {self.low:g}: a lognormal parameter is above zero")
        if self.distribution == "beta":
            spread = (self.high - self.low) / _BREADTH
            if (
                self.low < 0
                or self.high > 1
                or (spread and spread**2 >= self.value * (1 - self.value))
            ):
                raise ValueError(
                    f"{self.low:g} to {self.high:g} around {self.value:g}: no beta distribution "
                    "has this mean and breadth; a beta parameter lies between 0 and 1"
                )
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
Lifetime = Annotated[Parameter, _between(0.5, 100.0, "year")]


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

    See Also
    --------
    quantile : The value at a rank.

    Examples
    --------
    >>> share = Parameter(value=0.2, low=0.1, high=0.3, units="1", year=2020,
    ...                   status="assumption", source="assumption")
    >>> draws = sample(share, np.random.default_rng(1), 1000)
    >>> bool(draws.min() >= 0.1 and draws.max() <= 0.3)
    True
    """
    return quantile(parameter, rng.random(size))


def quantile(parameter: Parameter, rank: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""
    Value of a parameter at a rank: the inverse of its distribution function.

    Parameters
    ----------
    parameter : Parameter
        Its range and distribution.
    rank : numpy.ndarray
        Numbers from 0 to 1, any shape [1].

    Returns
    -------
    numpy.ndarray
        Values between low and high, shape of ``rank`` [units of the parameter].

    Notes
    -----
    With low :math:`l`, value :math:`m` and high :math:`h`:

    - triangular: mode :math:`m`; uniform: from :math:`l` to :math:`h`;
    - PERT: beta distribution on the range with shape parameters
      :math:`1 + 4 (m - l)/(h - l)` and :math:`1 + 4 (h - m)/(h - l)`, mean
      :math:`(l + 4 m + h) / 6`;
    - lognormal: median :math:`m`, standard deviation of the logarithm
      :math:`\ln(h / l) / 3.92`, cut off at :math:`l` and :math:`h`;
    - beta: on 0 to 1, mean :math:`m`, standard deviation :math:`(h - l) / 3.92`, cut off at
      :math:`l` and :math:`h`.

    Examples
    --------
    >>> factor = Parameter(value=2.0, low=1.0, high=4.0, units="1", year=2020,
    ...                    status="assumption", source="assumption", distribution="lognormal")
    >>> quantile(factor, np.array([0.0, 0.5, 1.0])).round(12).tolist()
    [1.0, 2.0, 4.0]
    """
    low, mode, width = parameter.low, parameter.value, parameter.high - parameter.low
    if width == 0:
        return np.full(rank.shape, mode)
    if parameter.distribution == "lognormal":
        spread = np.log(parameter.high / low) / _BREADTH
        first, last = ndtr(np.log(np.array([low, parameter.high]) / mode) / spread)
        drawn: NDArray[np.float64] = mode * np.exp(spread * ndtri(first + rank * (last - first)))
        return drawn.clip(low, parameter.high)
    if parameter.distribution == "beta":
        size = mode * (1 - mode) / (width / _BREADTH) ** 2 - 1
        shape = (mode * size, (1 - mode) * size)
        first, last = betainc(*shape, np.array([low, parameter.high]))
        drawn = betaincinv(*shape, first + rank * (last - first))
        return drawn.clip(low, parameter.high)
    peak = (mode - low) / width
    if parameter.distribution == "uniform":
        place = rank
    elif parameter.distribution == "pert":
        place = betaincinv(1 + 4 * peak, 1 + 4 * (1 - peak), rank)
    else:
        place = np.where(rank < peak, np.sqrt(rank * peak), 1 - np.sqrt((1 - rank) * (1 - peak)))
    return low + width * place
