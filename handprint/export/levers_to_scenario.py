"""What edits of the lever sheet mean in the words of a scenario file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isclose
from typing import Any, NamedTuple, TypeAlias

from handprint.overrides import models_of
from handprint.records import Scenario
from sector_models import Parameter, Sector

Values: TypeAlias = tuple[float, float, float]
NOTE = "set in the workbook"
MADE = {"status": "assumption", "source": "assumption", "note": NOTE}
LEVER_FIELDS = ("addressable", "saving", "shrinkage", "rebound", "ict_input")
MODEL_FIELDS = ("ict_intensity", "ict_life_cycle")
GOALS = ("adoption", "reference_adoption")
ELSEWHERE = {
    "reference": "it follows from the table and the drivers activity and intensity",
    "reference_base": "it comes from the table",
    "reference_twice": "it follows from the table and the drivers",
    "output": "it follows from the table and the drivers of final demand",
    "share": "it is the share of a segment: change the sector file",
    "electric": "it comes from the table",
    "cost_saved": "it comes from the run",
    "respending": "it comes from the run",
}


class Edit(NamedTuple):
    """An input whose numbers differ from those of the run."""

    key: str
    sector: str
    lever: str
    values: Values
    before: Values
    fixed: bool

    @property
    def field(self) -> str:
        """Last part of the key: what kind of input it is."""
        return self.key.rsplit(".", 1)[-1]


def changes_of(scenario: Scenario, edits: Sequence[Edit], problems: list[str]) -> dict[str, Any]:
    """
    Put edits into the entries of a scenario file.

    Parameters
    ----------
    scenario : Scenario
        That the workbook was made of.
    edits : sequence of Edit
        Inputs that differ.
    problems : list of str
        Edits that no scenario can state are added here.

    Returns
    -------
    dict
        Entries of a scenario file that differ from those of the scenario.
    """
    models = models_of(scenario)
    found: dict[str, Any] = {}
    for edit in edits:
        if edit.fixed or edit.field in ELSEWHERE:
            why = ELSEWHERE.get(edit.field, "it repeats another cell")
            problems.append(f"{edit.key}: no scenario can set this, {why}")
        elif edit.key == "respend":
            found["respend"] = _numbers(edit.values) | {"year": scenario.base_year} | MADE
        elif edit.field == "ict_index":
            found["ict_intensity"] = _index(scenario, edit)
        elif edit.field in MODEL_FIELDS:
            parameter = getattr(models[edit.sector], edit.field)
            _override(found, edit.sector)[edit.field] = _parameter(parameter, edit.values)
        elif edit.field in LEVER_FIELDS:
            parameter = getattr(models[edit.sector].use_cases[edit.lever], edit.field)
            levers = _override(found, edit.sector).setdefault("levers", {})
            levers.setdefault(edit.lever, {})[edit.field] = _parameter(parameter, edit.values)
    for kind in GOALS:
        goals = _goals(scenario, kind, [e for e in edits if e.field == kind], models, problems)
        if goals:
            found[kind] = goals
    if scenario.rebound_scale is not None and any(e.field == "rebound" for e in edits):
        _unscaled(found, models)
    return found


def _override(found: dict[str, Any], sector: str) -> dict[str, Any]:
    entry: dict[str, Any] = found.setdefault("overrides", {}).setdefault(sector, {})
    return entry


def _numbers(values: Values) -> dict[str, float]:
    return {"value": values[1], "low": values[0], "high": values[2]}


def _parameter(old: Parameter, values: Values) -> dict[str, Any]:
    """A parameter with other numbers, which are an assumption now."""
    kept = old.model_dump(include={"units", "year", "distribution", "shared"}, exclude_none=True)
    return _numbers(values) | kept | MADE


def _index(scenario: Scenario, edit: Edit) -> dict[str, Any]:
    """The driver of the emissions of ICT with another value in the end year."""
    driver = scenario.ict_intensity
    value = edit.values[1]
    # Range of the driver in proportion: the sheet holds its central value alone.
    last = {"year": scenario.end_year, "value": value, "low": value, "high": value} | MADE
    first = {"year": scenario.base_year, "value": 1.0, "low": 1.0, "high": 1.0} | MADE
    kept: dict[str, Any] = {
        "title": "Life-cycle emissions per ICT purchase",
        "title_zh": "单位ICT采购的生命周期排放",
        "units": f"{scenario.base_year} = 1",
    }
    points = [first]
    if driver is not None:
        kept = driver.model_dump(include={"title", "title_zh", "units"})
        points = [p.model_dump() for p in driver.points if p.year < scenario.end_year]
    return kept | {"points": [*points, last]}


def _goals(
    scenario: Scenario,
    kind: str,
    edits: Iterable[Edit],
    models: Mapping[str, Sector],
    problems: list[str],
) -> dict[str, Any]:
    """Goals of adoption, one for all levers of a sector, as scenarios state them."""
    found = {}
    by_sector: dict[str, dict[str, Values]] = {}
    for edit in edits:
        by_sector.setdefault(edit.sector, {})[edit.lever] = edit.values
    for sector, changed in by_sector.items():
        start = {
            lever: float(case.adoption.over([scenario.base_year])[0])
            for lever, case in models[sector].use_cases.items()
        }
        low, value, high = (min(column) for column in zip(*changed.values(), strict=True))
        level = (low, value, high)
        old = getattr(scenario, kind).get(sector)
        before = (old.low, old.level, old.high) if old else (0.0, 0.0, 0.0)
        wrong = [
            lever
            for lever, first in start.items()
            if not _same(level, changed.get(lever, _at_least(first, before)), first)
        ]
        if wrong:
            problems.append(
                f"{sector}: {kind} of {', '.join(wrong)} is not that of the other levers "
                f"({', '.join(f'{v:g}' for v in level)}), or below today's level: a scenario "
                "states one goal for all levers of a sector; give all the same numbers"
            )
            continue
        goal: dict[str, Any] = {"level": value, "low": low, "high": high} | MADE
        if old is not None:
            goal |= {"midpoint": old.midpoint, "speed": old.speed}
        found[sector] = goal
    return found


def _at_least(start: float, values: Values) -> Values:
    """Adoption never falls below today's."""
    low, central, high = (max(v, start) for v in values)
    return low, central, high


def _same(level: Values, wanted: Values, start: float) -> bool:
    pairs = zip(_at_least(start, level), wanted, strict=True)
    return all(isclose(a, b, rel_tol=1e-12) for a, b in pairs)


def _unscaled(found: dict[str, Any], models: Mapping[str, Sector]) -> None:
    """State every rebound as the sheet has it, for the base would scale what was typed again."""
    found["rebound_scale"] = {"value": 1.0, "low": 1.0, "high": 1.0} | MADE
    for name, model in models.items():
        for lever, case in model.use_cases.items():
            levers = _override(found, name).setdefault("levers", {})
            mine = levers.setdefault(lever, {})
            whole = case.rebound.model_dump(mode="json", exclude_none=True)
            mine.setdefault("rebound", whole)
