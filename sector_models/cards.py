"""What scorecards ask for: groups, indicators, bounds and weights as data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, model_validator

from sector_models.datafiles import checked
from sector_models.errors import UnknownSectorError, did_you_mean
from sector_models.parameters import Number, Parameter, Record, Source, Sources, Status, Text

Positive = Annotated[Number, Field(gt=0)]


class UnknownScorecardError(UnknownSectorError):
    """There is no scorecard of this name."""


class Input(Record):
    """A number of the user from which indicators are formed."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    units: Text
    """Units."""


class Choice(Record):
    """One of several circumstances, each with a limit of its own."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    limit: Parameter
    """The limit."""


class Indicator(Record):
    """One indicator and the two values between which it is scaled."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    units: Text
    """Units of the value and of the bounds."""
    worst: Number
    """Value that scores 0."""
    best: Number | None = None
    """Value that scores 100; that of a choice when missing."""
    best_by: Text | None = None
    """Key of the choice whose limit is the best value."""
    ratio: tuple[Text, Text] | None = None
    """Keys of the inputs whose quotient is the value; else the user gives the value."""
    minimum: Number = 0.0
    """Lowest value that is possible."""
    maximum: Number | None = None
    """Highest value that is possible."""
    weight: Positive = 1.0
    """Weight within the group."""
    status: Status
    """Whether the bounds are printed in the source, computed from it, or assumed."""
    source: Sources
    """Keys of sources of the bounds."""
    note: Text | None = None
    """Why these bounds."""

    @model_validator(mode="after")
    def _scaled(self) -> Indicator:
        if (self.best is None) == (self.best_by is None):
            raise ValueError("give either best or best_by")
        if self.best == self.worst:
            raise ValueError("best and worst are the same")
        return self

    @property
    def direction(self) -> str:
        """
        Return which way is better.

        Returns
        -------
        str
            ``higher`` or ``lower``; limits are always met from below.
        """
        return "higher" if self.best is not None and self.best > self.worst else "lower"


class Group(Record):
    """Indicators that belong together."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    weight: Positive = 1.0
    """Weight within the scorecard."""
    indicators: Annotated[dict[str, Indicator], Field(min_length=1)]
    """Indicators by key."""


class Weights(Record):
    """Where the weights come from."""

    status: Status
    """Printed in the source, computed from it, or assumed."""
    source: Sources
    """Keys of sources."""
    note: Text
    """What they rest on, in English."""
    note_zh: Text
    """What they rest on, in Chinese."""


class Card(Record):
    """What a scorecard asks for and how it adds up."""

    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    note: Text
    """What it says and does not say, in English."""
    note_zh: Text
    """What it says and does not say, in Chinese."""
    source: Sources
    """Keys of sources of the list of indicators."""
    weights: Weights
    """Where the weights come from."""
    inputs: dict[str, Input] = Field(default_factory=dict)
    """Numbers from which indicators are formed."""
    choices: dict[str, dict[str, Choice]] = Field(default_factory=dict)
    """Circumstances that set limits."""
    groups: Annotated[dict[str, Group], Field(min_length=1)]
    """Groups by key."""

    @property
    def indicators(self) -> dict[str, tuple[str, Indicator]]:
        """
        Return all indicators with their group.

        Returns
        -------
        dict of tuple
            Key of the group and indicator, by key of the indicator.
        """
        return {k: (g, i) for g, group in self.groups.items() for k, i in group.indicators.items()}

    def asked(self) -> dict[str, str]:
        """
        Return what a user gives, with units.

        Returns
        -------
        dict of str
            Units by key; empty for a choice.
        """
        own = {k: i.units for k, (_, i) in self.indicators.items() if i.ratio is None}
        return dict.fromkeys(self.choices, "") | {k: i.units for k, i in self.inputs.items()} | own

    @model_validator(mode="after")
    def _complete(self) -> Card:
        problems = []
        for key, (_, indicator) in self.indicators.items():
            if indicator.best_by is not None and indicator.best_by not in self.choices:
                problems.append(f"{key}: no choice {indicator.best_by!r}")
            problems += [
                f"{key}: no input {i!r}" for i in indicator.ratio or () if i not in self.inputs
            ]
        count = sum(len(group.indicators) for group in self.groups.values())
        if count != len(self.indicators):
            problems.append("an indicator stands in two groups")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class _Cards(Record):
    """The shipped scorecards."""

    cards: dict[str, Card]
    sources: dict[str, Source] = Field(default_factory=dict)


@cache
def load_cards() -> dict[str, Card]:
    """
    Read the shipped scorecards.

    Returns
    -------
    dict of Card
        Scorecards by name.

    Examples
    --------
    >>> sorted(load_cards())
    ['data_centre', 'ict_enterprise', 'ict_industry', 'ict_product', 'ict_service_enterprise']
    """
    text = (files("sector_models") / "data" / "scorecards.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    known = raw.pop("sources", {})
    for name, card in list(raw.items()):
        if "base" in card:
            own = {key: value for key, value in card.items() if key not in ("base", "leave_out")}
            below = raw[card["base"]]
            groups = {k: g for k, g in below["groups"].items() if k not in card["leave_out"]}
            raw[name] = below | {"groups": groups} | own
    return checked(_Cards, {"cards": raw, "sources": known}, "scorecards.toml").cards


def card(name: str) -> Card:
    """
    Look up a scorecard.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    Card
        What it asks for and how it adds up.

    Raises
    ------
    UnknownScorecardError
        If there is none of this name.
    """
    known = load_cards()
    if name not in known:
        raise UnknownScorecardError(f"no scorecard {name!r}; {did_you_mean(name, known)}")
    return known[name]


def scorecard_names() -> list[str]:
    """
    List the scorecards.

    Returns
    -------
    list of str
        Names that `scorecard` takes.
    """
    return sorted(load_cards())


def scorecard_template(name: str, lang: str = "en") -> str:
    """
    Write a file of values to be filled in.

    Parameters
    ----------
    name : str
        Scorecard.
    lang : {"en", "zh"}
        Language of the comments.

    Returns
    -------
    str
        TOML; every key is commented out.

    Raises
    ------
    UnknownScorecardError
        If there is no such scorecard.
    """
    what, zh = card(name), lang == "zh"
    lines = [f"# {what.title_zh if zh else what.title}", f"# {what.note_zh if zh else what.note}"]
    for key, options in what.choices.items():
        lines += [
            "",
            *(
                f"# {k}: {o.title_zh if zh else o.title}, {o.limit.value:g}"
                for k, o in options.items()
            ),
        ]
        lines.append(f'# {key} = "{next(iter(options))}"')
    if what.inputs:
        lines.append("")
    lines += [
        f"# {k} =   # {i.title_zh if zh else i.title} [{i.units}]" for k, i in what.inputs.items()
    ]
    for group in what.groups.values():
        asked = {k: i for k, i in group.indicators.items() if i.ratio is None}
        if asked:
            lines += ["", f"# {group.title_zh if zh else group.title}"]
        for key, i in asked.items():
            best = f"{i.best:g}" if i.best is not None else str(i.best_by)
            scale = f"{i.worst:g} → 0, {best} → 100"
            lines.append(f"# {key} =   # {i.title_zh if zh else i.title} [{i.units}]; {scale}")
    return "\n".join(lines) + "\n"
