"""What a run is held against: national targets, and how fast technology has spread so far."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import Field

from handprint.records import Status, _Record


class Figure(_Record):
    """A published number with its range and origin."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    """Central value."""
    low: Annotated[float, Field(allow_inf_nan=False)]
    """Low end."""
    high: Annotated[float, Field(allow_inf_nan=False)]
    """High end."""
    units: str
    """Unit."""
    year: int
    """Year it refers to."""
    status: Status
    """Published, derived or assumption."""
    source: str
    """Key of an entry in ``sources.toml``."""
    note: str = ""
    """What it rests on."""


class Reached(Figure):
    """Change of the CO2 intensity of GDP from an earlier year to one of the run."""

    base_year: int
    """Year it is counted from."""


class Target(Reached):
    """What a country has set itself."""

    kind: Literal["intensity", "peak"]
    """Change of CO2 per unit of GDP, or year before which CO2 peaks."""
    title: str
    """What it is, in English."""
    title_zh: str
    """What it is, in Chinese."""


class National(_Record):
    """Targets of a country, with what had been reached before."""

    tables: str
    """Beginning of the names of its tables."""
    targets: dict[str, Target]
    """By name."""
    reached: dict[str, Reached]
    """By name."""


class History(_Record):
    """How far a technology has spread, and how fast."""

    title: str
    """What has spread, in English."""
    title_zh: str
    """What has spread, in Chinese."""
    end: Figure
    """Share in the last year [%]."""
    rise: Figure
    """By how much it has risen [percentage points]."""
    years: Annotated[int, Field(gt=0)]
    """Over how many years."""

    @property
    def pace(self) -> float:
        """
        Rise a year, as a share of what was left at the start [1/year].

        It is the measure of adoption in a scenario, so one can be held against the other.
        """
        left = 100 - self.end.value + self.rise.value
        return self.rise.value / left / self.years


def _data(name: str) -> dict[str, object]:
    text = (resources.files("handprint") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def national() -> National:
    """
    Return the national targets.

    Returns
    -------
    National
        From ``national_targets.toml``.

    Examples
    --------
    >>> sorted(national().targets)
    ['intensity_2025', 'intensity_2030', 'intensity_plan_15', 'peak']
    """
    return National.model_validate(_data("national_targets.toml"))


@cache
def histories() -> dict[str, History]:
    """
    Return how fast digital technology has spread so far.

    Returns
    -------
    dict
        Name -> history, from ``adoption_history.toml``.

    Examples
    --------
    >>> {name: round(past.pace, 3) for name, past in histories().items()}
    {'numerical_control': 0.045, 'design_tools': 0.055}
    """
    found = _data("adoption_history.toml")
    return {name: History.model_validate(entry) for name, entry in found.items()}
