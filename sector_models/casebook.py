"""Worked cases: published inputs, formulas as data, and how far the published outputs agree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from sector_models.datafiles import read_shipped
from sector_models.errors import ParameterError, UnitError, did_you_mean
from sector_models.expressions import Quantity, dimension_text, evaluate, unit
from sector_models.parameters import Number, Parameter, Record, Source, Text

_ESTIMATES = ("low", "central", "high")
_SLACK = 1e-9  # of a computed number against a published bound


class UnknownCaseError(ParameterError):
    """No case has this name."""


class Input(Parameter):
    """A number that goes into a case."""

    title: Text
    """What it is, in English."""
    title_zh: Text
    """What it is, in Chinese."""


class Output(Record):
    """A number that comes out of a case."""

    title: Text
    """What it is, in English."""
    title_zh: Text
    """What it is, in Chinese."""
    formula: Text
    """Arithmetic with the names of inputs and of outputs above, in any units that fit."""
    units: Text
    """Units of the result."""
    published: Parameter | None = None
    """What the source prints; none where only a check is computed."""
    relation: Literal["equal", "at_least", "at_most", "within"] = "equal"
    """Whether the source gives the number, a bound of it, or a range in which it lies."""
    tolerance: Annotated[Number, Field(ge=0)] = 0.0
    """Rounding of the published number, in its units: half of its last digit."""


class Case(Record):
    """A worked case; made by `case`."""

    name: Text
    """Key."""
    group: Literal["white_paper", "totals", "worked"]
    """Cases of the base documents, published totals, other worked examples."""
    title: Text
    """Title in English."""
    title_zh: Text
    """Title in Chinese."""
    remark: Text
    """What it shows, and why computed and published differ, in English."""
    remark_zh: Text
    """The same in Chinese."""
    corners: Literal["all", "together"] = "all"
    """Whether inputs reach their ends independently, or all low and all high together."""
    inputs: Annotated[dict[str, Input], Field(min_length=1)]
    """Numbers that go in, by key."""
    outputs: Annotated[dict[str, Output], Field(min_length=1)]
    """Numbers that come out, by key; each may use those above it."""

    @model_validator(mode="after")
    def _computes(self) -> Case:
        problems = [f"outputs.{key}: also an input" for key in self.outputs if key in self.inputs]
        known = {key: unit(part.units) for key, part in self.inputs.items()}
        for key, output in self.outputs.items():
            if output.published and output.published.units != output.units:
                problems.append(
                    f"outputs.{key}.published: units are {output.published.units!r}, "
                    f"{output.units!r} is needed"
                )
            if output.published is None and (output.tolerance or output.relation != "equal"):
                problems.append(f"outputs.{key}: tolerance and relation need a published number")
            known[key] = unit(output.units)
        if problems:
            raise ValueError("\n".join(problems))
        _ = self.computed  # a formula that cannot be computed is refused when it is read
        return self

    @property
    def computed(self) -> pd.DataFrame:
        """
        Outputs computed from the inputs.

        Returns
        -------
        pandas.DataFrame
            Index output; columns low, central, high in the units of column ``units``.

        Raises
        ------
        SectorError
            If a formula cannot be computed or its units do not fit.

        Notes
        -----
        Low and high are the least and the largest result over all combinations of the ends of
        the inputs, or with all inputs at the same end where the case says so.
        """
        central = self._at(dict.fromkeys(self.inputs, "value"))
        corners = [self._at(ends) for ends in self._ends()]
        rows = {
            key: (
                min(found[key] for found in (central, *corners)),
                central[key],
                max(found[key] for found in (central, *corners)),
                output.units,
            )
            for key, output in self.outputs.items()
        }
        return _frame(rows, (*_ESTIMATES, "units"))

    @property
    def published(self) -> pd.DataFrame:
        """
        Outputs as the sources print them.

        Returns
        -------
        pandas.DataFrame
            Index output, those that are published; columns low, central, high, units, year,
            relation, tolerance, status, source.
        """
        columns = (*_ESTIMATES, "units", "year", "relation", "tolerance", "status", "source")
        rows = {
            key: (
                *(part.low, part.value, part.high, part.units, part.year),
                *(output.relation, output.tolerance, part.status, ", ".join(part.source)),
            )
            for key, output in self.outputs.items()
            for part in [output.published]
            if part is not None
        }
        return _frame(rows, columns)

    @property
    def discrepancy(self) -> pd.DataFrame:
        """
        How far computed and published outputs are apart.

        Returns
        -------
        pandas.DataFrame
            Index output, those that are published; columns computed, published, difference
            (computed less published, central values), units, relative (difference over
            published; NaN where that is zero), relation, allowed, agrees.

        Notes
        -----
        A number agrees within its rounding, both ends included where the source prints a
        range. A bound agrees if the whole computed range keeps it.
        """
        computed = self.computed.to_dict("index")
        rows = {}
        for key, output in self.outputs.items():
            if output.published is None:
                continue
            mine = {end: float(computed[key][end]) for end in _ESTIMATES}
            difference = mine["central"] - output.published.value
            rows[key] = (
                *(mine["central"], output.published.value, difference, output.units),
                difference / output.published.value if output.published.value else float("nan"),
                *(output.relation, output.tolerance, _agrees(mine, output, output.published)),
            )
        columns = ("computed", "published", "difference", "units", "relative")
        return _frame(rows, (*columns, "relation", "allowed", "agrees"))

    def to_dict(self) -> dict[str, object]:
        """
        Return plain data for JSON.

        Returns
        -------
        dict
            The record, and tables ``computed`` and ``discrepancy`` by output.
        """
        found = self.model_dump(mode="json", exclude_none=True)
        for name in ("computed", "discrepancy"):
            rows = getattr(self, name).to_dict("index")
            found[name] = {
                key: {k: None if v != v else v for k, v in row.items()} for key, row in rows.items()
            }
        return found

    def _ends(self) -> list[dict[str, str]]:
        """Combinations of the ends of the inputs that have a range."""
        open_ended = [key for key, part in self.inputs.items() if part.low < part.high]
        if not open_ended:
            return []
        closed = dict.fromkeys(self.inputs, "value")
        if self.corners == "together":
            return [closed | dict.fromkeys(open_ended, end) for end in ("low", "high")]
        return [
            closed | dict(zip(open_ended, ends, strict=True))
            for ends in product(("low", "high"), repeat=len(open_ended))
        ]

    def _at(self, ends: Mapping[str, str]) -> dict[str, float]:
        """Outputs in their units with each input at one end."""
        known: dict[str, Quantity] = {}
        for key, part in self.inputs.items():
            one = unit(part.units)
            known[key] = Quantity(getattr(part, ends[key]) * one.amount, one.dimension)
        found = {}
        for key, output in self.outputs.items():
            known[key] = evaluate(output.formula, known)
            one = unit(output.units)
            if known[key].dimension != one.dimension:
                gives = dimension_text(known[key].dimension)
                raise UnitError(
                    f"outputs.{key}: {output.formula!r} gives {gives}, not {output.units!r}"
                )
            found[key] = known[key].amount / one.amount
        return found


class _Book(Record):
    """The file of all cases."""

    sources: dict[str, Source] = Field(default_factory=dict)
    """Sources in addition to the shipped ones."""
    cases: Annotated[dict[str, Case], Field(min_length=1)]
    """Cases by name."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, raw: dict[str, object]) -> dict[str, object]:
        cases = raw.get("cases")
        if not isinstance(cases, dict):
            return raw
        return raw | {"cases": {key: {"name": key} | entry for key, entry in cases.items()}}


@cache
def _book() -> _Book:
    return read_shipped(_Book, "cases.toml")


def cases() -> list[str]:
    """
    List the worked cases.

    Returns
    -------
    list of str
        Names that `case` takes, in the order of the file.

    Examples
    --------
    >>> "aluminium_smelter" in cases()
    True
    """
    return list(_book().cases)


def case(name: str) -> Case:
    """
    Look up a worked case.

    Parameters
    ----------
    name : str
        One of `cases`.

    Returns
    -------
    Case
        Inputs with their sources, formulas, and the outputs ``computed``, ``published`` and
        their ``discrepancy``.

    Raises
    ------
    UnknownCaseError
        If there is none of this name.

    Examples
    --------
    >>> case("aluminium_smelter").computed.loc["electricity", ["low", "high"]].round(6).tolist()
    [90.0, 180.0]
    """
    if name not in cases():
        raise UnknownCaseError(f"no case {name!r}; {did_you_mean(name, cases())}")
    return _book().cases[name]


def case_sources() -> dict[str, Source]:
    """
    Sources that only the cases cite.

    Returns
    -------
    dict of Source
        In addition to `sources`.

    Examples
    --------
    >>> case_sources()["ademe_2020"].year
    2020
    """
    return dict(_book().sources)


def read_case(raw: Mapping[str, object]) -> Case:
    """
    Make a case of one's own from parsed data; its source keys are not resolved.

    Parameters
    ----------
    raw : mapping
        Fields of `Case`.

    Returns
    -------
    Case
        The checked case.

    Raises
    ------
    SectorError
        If a field is wrong or a formula cannot be computed.
    """
    try:
        return Case.model_validate(raw)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ParameterError("\n".join(lines)) from error


def _agrees(mine: Mapping[str, float], output: Output, printed: Parameter) -> bool:
    """Whether a computed range fits what is published."""
    slack = output.tolerance + _SLACK * abs(printed.value)
    if output.relation == "at_least":
        return mine["low"] >= printed.value - slack
    if output.relation == "at_most":
        return mine["high"] <= printed.value + slack
    if output.relation == "within":
        return mine["low"] >= printed.low - slack and mine["high"] <= printed.high + slack
    theirs = dict(zip(_ESTIMATES, (printed.low, printed.value, printed.high), strict=True))
    ends = _ESTIMATES if printed.low < printed.high else ("central",)
    return all(abs(mine[end] - theirs[end]) <= slack for end in ends)


def _frame(rows: Mapping[str, tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(dict(rows), orient="index", columns=list(columns))
    return frame.rename_axis("output")
