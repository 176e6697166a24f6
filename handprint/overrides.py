"""Sector models as a scenario wants them: parameters it states anew, rebound it scales."""

from __future__ import annotations

from collections.abc import Mapping

import sector_models
from handprint.errors import ScenarioFileError
from handprint.records import LeverOverride, ModelOverride, Scale, Scenario
from io_tables.errors import did_you_mean
from sector_models import Parameter, Sector, UseCase

MOST_REBOUND = 2.0


def files_of(scenario: Scenario) -> dict[str, Sector]:
    """
    Load the sector models of a scenario as their files have them.

    Parameters
    ----------
    scenario : Scenario
        Names shipped models and files.

    Returns
    -------
    dict of str to Sector
        By name as in the scenario.

    Raises
    ------
    SectorError
        If a model cannot be read.
    """
    files = scenario.sector_files
    return {name: sector_models.load(files.get(name, name)) for name in scenario.sectors}


def models_of(scenario: Scenario, files: Mapping[str, Sector] | None = None) -> dict[str, Sector]:
    """
    Load the sector models of a scenario with what it changes in them.

    Parameters
    ----------
    scenario : Scenario
        Names the models, overrides and scales.
    files : mapping of str to Sector, optional
        The models as their files have them; read if missing.

    Returns
    -------
    dict of str to Sector
        By name as in the scenario.

    Raises
    ------
    ScenarioError
        If an override names no model, no lever, or a parameter that the lever does not have;
        all are listed.
    SectorError
        If a model cannot be read.
    """
    models = files or files_of(scenario)
    problems = list(_strange(scenario.overrides, models))
    if problems:
        raise ScenarioFileError(scenario.name, problems)
    return {
        name: _changed(model, scenario.overrides.get(name), scenario.rebound_scale)
        for name, model in models.items()
    }


def _strange(overrides: Mapping[str, ModelOverride], models: Mapping[str, Sector]) -> list[str]:
    """Names in overrides that stand for nothing."""
    found = []
    for name, override in overrides.items():
        if name not in models:
            found.append(f"overrides.{name}: no such model here; {did_you_mean(name, models)}")
            continue
        cases = models[name].use_cases
        found += [
            f"overrides.{name}.levers.{lever}: no such lever; {did_you_mean(lever, cases)}"
            for lever in override.levers
            if lever not in cases
        ]
        found += [
            f"overrides.{name}.levers.{lever}.addressable: the lever reaches its whole segment; "
            "change the sector file instead"
            for lever, change in override.levers.items()
            if change.addressable is not None
            and lever in cases
            and cases[lever].addressable is None
        ]
    return found


def _changed(model: Sector, override: ModelOverride | None, scale: Scale | None) -> Sector:
    """A model with its parameters replaced, then its rebound scaled."""
    if override is None and scale is None:
        return model
    change = override or ModelOverride()
    cases = {
        key: _lever(case, change.levers.get(key), scale) for key, case in model.use_cases.items()
    }
    update: dict[str, object] = {"use_cases": cases}
    for field in ("ict_intensity", "ict_life_cycle"):
        given = getattr(change, field)
        if given is not None:
            update[field] = given
    return model.model_copy(update=update)


def _lever(case: UseCase, change: LeverOverride | None, scale: Scale | None) -> UseCase:
    update: dict[str, object] = {}
    if change is not None:
        update = {k: v for k in LeverOverride.model_fields if (v := getattr(change, k)) is not None}
    if scale is not None:
        rebound = update.get("rebound", case.rebound)
        update["rebound"] = _scaled(rebound, scale) if isinstance(rebound, Parameter) else rebound
    return case.model_copy(update=update) if update else case


def _scaled(rebound: Parameter, scale: Scale) -> Parameter:
    """Rebound times the scale; ends meet ends, and no end passes the most that is allowed."""
    ends = [rebound.low * scale.low, rebound.value * scale.value, rebound.high * scale.high]
    low, value, high = sorted(min(MOST_REBOUND, max(-1.0, end)) for end in ends)
    return rebound.model_copy(
        update={
            "low": low,
            "value": value,
            "high": high,
            "status": "assumption",
            "source": tuple(dict.fromkeys((*rebound.source, "assumption"))),
            "note": f"{rebound.note or ''}; times {scale.value:g} ({scale.low:g} to {scale.high:g})"
            f" by the scenario: {scale.note}",
        }
    )
