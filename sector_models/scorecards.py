"""Scorecards: indicators of the user on a common scale, with every weight in view."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sector_models.cards import Card, card
from sector_models.errors import SectorError, did_you_mean


class ScorecardError(SectorError):
    """
    Values do not fit a scorecard; lists all problems.

    Parameters
    ----------
    name : str
        The scorecard.
    problems : iterable of str
        Everything that is wrong with the values.
    """

    def __init__(self, name: str, problems: Iterable[str]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"scorecard {name}:", *self.problems]))


class MissingIndicatorError(ScorecardError):
    """Values are missing and the scorecard was not asked to go on without them."""


@dataclass(frozen=True, eq=False)
class Scorecard:
    """
    Scores of one set of values.

    Parameters
    ----------
    name : str
        Name of the scorecard.
    card : Card
        What it asks for.
    indicators : pandas.DataFrame
        By indicator: group, titles, value, units, worst, best, direction, score (0 to 100),
        weight in the group, share in the total, whether the value lies beyond the bounds
        (``better``, ``worse`` or empty), whether a limit is met (or None), status, source.
    groups : pandas.DataFrame
        By group: titles, score (0 to 100), weight, share in the total.
    total : float
        Weighted mean of the groups, 0 to 100.
    missing : tuple of str
        What was left out.
    """

    name: str
    card: Card
    indicators: pd.DataFrame
    groups: pd.DataFrame
    total: float
    missing: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """
        Return everything as plain values.

        Returns
        -------
        dict
            Ready for JSON.
        """
        return {
            "scorecard": self.name,
            "title": self.card.title,
            "title_zh": self.card.title_zh,
            "total": self.total,
            "groups": self.groups.reset_index().to_dict("records"),
            "indicators": self.indicators.reset_index().to_dict("records"),
            "missing": list(self.missing),
            "weights": self.card.weights.model_dump(mode="json"),
            "note": self.card.note,
            "note_zh": self.card.note_zh,
        }


def scorecard(name: str, values: Mapping[str, Any], *, partial: bool = False) -> Scorecard:
    r"""
    Score values of the user; arithmetic on what is given, no judgement beyond it.

    Parameters
    ----------
    name : str
        Scorecard: ``ict_product``, ``ict_enterprise``, ``ict_service_enterprise``,
        ``ict_industry`` or ``data_centre``.
    values : mapping
        Numbers by key (`scorecard_template` lists them), or ``{"value": ..., "units": ...}`` to
        have the unit checked; the key of a choice as text.
    partial : bool, optional
        Go on without missing values; their weights go to the others and they are listed.

    Returns
    -------
    Scorecard
        Score of each indicator, group and in total.

    Raises
    ------
    UnknownScorecardError
        If there is no such scorecard.
    MissingIndicatorError
        If values are missing and ``partial`` is not set, or if all are.
    ScorecardError
        If a key is unknown, a unit another one, or a number impossible; lists all problems.

    Notes
    -----
    An indicator scores :math:`100\,(v - w)/(b - w)` between its worst value :math:`w` and its
    best value :math:`b`, 0 and 100 beyond; what lies beyond is marked. Groups and total are
    weighted means.

    Examples
    --------
    >>> found = scorecard("ict_product", {"warranty": 3.0, "repairability": 8.0}, partial=True)
    >>> found.indicators["score"].tolist(), found.total
    ([50.0, 80.0], 65.0)
    """
    what = card(name)
    given, problems = _given(what, values)
    computed = {k: v for k, v in given.items() if k in what.indicators}
    best: dict[str, float] = {}
    for key, (_, indicator) in what.indicators.items():
        if indicator.ratio is not None and set(indicator.ratio) <= set(given):
            above, below = (given[i] for i in indicator.ratio)
            if below == 0:
                problems.append(f"{indicator.ratio[1]}: {key} divides by zero")
            else:
                computed[key] = above / below
        if indicator.best_by is None:
            best[key] = float(indicator.best or 0.0)
        elif indicator.best_by in given:
            best[key] = what.choices[indicator.best_by][given[indicator.best_by]].limit.value
    if problems:
        raise ScorecardError(name, problems)
    usable = [key for key in what.indicators if key in computed and key in best]
    missing = tuple(key for key in what.asked() if key not in given)
    if missing and not (partial and usable):
        hint = "" if partial else "; to go on without them say partial=True (--partial)"
        raise MissingIndicatorError(name, [f"no value for {', '.join(missing)}{hint}"])
    return _scored(name, what, {k: computed[k] for k in usable}, best, missing)


def _given(what: Card, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Check the values of the user: keys, units, numbers, choices."""
    asked, given, problems = what.asked(), {}, []
    for key, raw in values.items():
        if key not in asked:
            ratio = what.indicators[key][1].ratio if key in what.indicators else None
            hint = f"is not asked for; {did_you_mean(key, asked)}"
            if ratio is not None:
                hint = f"is formed from {ratio[0]} and {ratio[1]}"
            problems.append(f"{key}: {hint}")
        elif key in what.choices:
            if raw in what.choices[key]:
                given[key] = raw
            else:
                problems.append(f"{key}: {raw!r}; {did_you_mean(raw, what.choices[key])}")
        else:
            problem = _problem(what, key, raw, asked[key])
            if problem:
                problems.append(problem)
            else:
                given[key] = raw["value"] if isinstance(raw, Mapping) else raw
    return given, problems


def _problem(what: Card, key: str, raw: Any, units: str) -> str | None:
    """Say what is wrong with one number."""
    if isinstance(raw, Mapping):
        if set(raw) - {"value", "units"} or "value" not in raw:
            return f"{key}: a table holds value and units, not {', '.join(map(str, raw))}"
        stated, raw = raw.get("units", units), raw["value"]
        if stated != units:
            return f"{key}: is in {stated!r}, {units!r} is needed"
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return f"{key}: {raw!r} is not a finite number"
    indicator = what.indicators[key][1] if key in what.indicators else None
    low = 0.0 if indicator is None else indicator.minimum
    high = math.inf if indicator is None or indicator.maximum is None else indicator.maximum
    if not low <= raw <= high:
        percent = units == "1" and high == 1.0 and 1 < raw <= 100
        meant = f"; for {raw:g} % write {raw / 100:g}" if percent else ""
        return f"{key}: {raw:g} is outside {low:g} to {high:g} {units}{meant}"
    return None


def _scored(
    name: str,
    what: Card,
    values: dict[str, float],
    best: dict[str, float],
    missing: tuple[str, ...],
) -> Scorecard:
    """Scale, weigh and add up."""
    rows = []
    for key, value in values.items():
        group, indicator = what.indicators[key]
        score = (value - indicator.worst) / (best[key] - indicator.worst)
        rows.append(
            {
                "indicator": key,
                "group": group,
                "title": indicator.title,
                "title_zh": indicator.title_zh,
                "value": float(value),
                "units": indicator.units,
                "worst": indicator.worst,
                "best": best[key],
                "direction": indicator.direction,
                "score": 100.0 * min(max(score, 0.0), 1.0),
                "weight": indicator.weight,
                "beyond": "better" if score > 1 + 1e-12 else "worse" if score < -1e-12 else "",
                "met": bool(value < best[key]) if indicator.best_by else None,
                "status": indicator.status,
                "source": ", ".join(indicator.source),
            }
        )
    table = pd.DataFrame(rows).set_index("indicator")
    table["met"] = table["met"].astype(object)
    within = table["weight"] / table.groupby("group")["weight"].transform("sum")
    scores = (within * table["score"]).groupby(table["group"]).sum()
    groups = pd.DataFrame(
        [
            {"group": key, "title": group.title, "title_zh": group.title_zh, "score": scores[key],
             "weight": group.weight}
            for key, group in what.groups.items()
            if key in scores.index
        ]
    ).set_index("group")  # fmt: skip
    groups["share"] = groups["weight"] / groups["weight"].sum()
    table["share"] = within * table["group"].map(groups["share"])
    total = float((groups["share"] * groups["score"]).sum())
    return Scorecard(name, what, table, groups, total, missing)
