"""Scenarios: a file that states only what differs from its base."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Set
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

import sector_models
from handprint.errors import (
    ArgumentError,
    ScenarioError,
    ScenarioFileError,
    UnknownScenarioError,
)
from handprint.fitting import misfits
from handprint.guards import shown
from handprint.model_files import beside
from handprint.outturn import with_outturn
from handprint.records import (
    AdoptionGoal,
    Driver,
    ModelOverride,
    Observation,
    Point,
    Scale,
    Scenario,
    Share,
)
from io_tables.errors import did_you_mean
from sector_models import SectorError, Source

__all__ = [
    "AdoptionGoal",
    "Driver",
    "Observation",
    "Point",
    "Scenario",
    "Share",
    "load_scenario",
    "problems_of",
    "scenario_names",
    "sources",
]

NUMBERS = {"value", "level", "low", "high"}
SHIPPED = resources.files("handprint") / "data" / "scenarios"


def scenario_names() -> list[str]:
    """
    List the shipped scenarios.

    Returns
    -------
    list of str
        Names that :func:`load_scenario` takes.

    Examples
    --------
    >>> scenario_names()[:3]
    ['accelerated', 'clean-grid', 'current-policy']
    """
    return sorted(
        f.name.removesuffix(".toml") for f in SHIPPED.iterdir() if f.name.endswith(".toml")
    )


def load_scenario(name_or_path: str | Path | Scenario) -> Scenario:
    """
    Load a shipped scenario, or one from a file, with everything it inherits.

    Parameters
    ----------
    name_or_path : str, path or Scenario
        Name of a shipped scenario, or path of a TOML file. A scenario passes through.

    Returns
    -------
    Scenario
        Complete and checked.

    Raises
    ------
    ArgumentError
        If it is neither a name, a path nor a scenario.
    UnknownScenarioError
        If there is neither a shipped scenario nor a file of this name.
    ScenarioError
        If the file cannot be read, inherits from itself, or has problems; all are listed.

    Examples
    --------
    >>> load_scenario("current-policy").base
    'frozen-digitalisation'
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    if not isinstance(name_or_path, str | Path):
        raise ArgumentError(
            f"scenario is {shown(name_or_path)}, needed a name, a path or a Scenario; "
            f"{did_you_mean('', scenario_names())}"
        )
    text, place, folder = _read(str(name_or_path), None)
    problems: list[str] = []
    raw = _inherit(_parse(text, place), place, folder, (place,), problems)
    raw, found = with_outturn(raw)
    return _checked(raw, place, problems + found)


def _checked(raw: dict[str, Any], place: str, known: list[str]) -> Scenario:
    """Validate, and translate pydantic's findings into one message."""
    own = raw.get("sources")
    keys = set(own) if isinstance(own, Mapping) else set()
    problems = _unresolved(raw, own=keys) + known
    problems += [
        f"sources.{key}: is the key of a shipped source, which it would replace; take another key"
        for key in sorted(keys & set(sources()))
    ]
    scenario = None
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as err:
        # What does not fit together is looked for also where single entries are wrong.
        problems = list(dict.fromkeys(problems_of(err) + misfits(raw) + problems))
    if problems or scenario is None:
        raise ScenarioFileError(place, problems)
    return scenario


def problems_of(error: ValidationError) -> list[str]:
    """
    Write the findings of a validation as sentences: place, what is wrong, what is valid.

    Parameters
    ----------
    error : pydantic.ValidationError
        From any record of this module.

    Returns
    -------
    list of str
        One line for each finding.
    """
    lines = []
    for finding in error.errors():
        place = ".".join(str(part) for part in finding["loc"]) or "file"
        if finding["type"] == "extra_forbidden":
            key = str(finding["loc"][-1])
            lines.append(f"{place}: unknown key; {did_you_mean(key, _keys(finding['loc'][:-1]))}")
        elif finding["type"] == "missing":
            lines.append(f"{place}: missing")
        elif finding["type"] in ("less_than_equal", "greater_than_equal"):
            given = finding["input"]
            share = finding["ctx"].get("le") == 1 and _percent(given)
            hint = f" (a share is written 0.1, not {given})" if share else ""
            lines.append(f"{place}: {finding['msg'].lower()}, given {given}{hint}")
        elif finding["type"] in ("float_type", "int_type"):
            kind = "number" if finding["type"] == "float_type" else "whole number"
            lines.append(f"{place}: needed a {kind}, given {shown(finding['input'])}")
        elif not finding["loc"]:
            lines += finding["msg"].removeprefix("Value error, ").splitlines()
        else:
            lines.append(f"{place}: {finding['msg'].removeprefix('Value error, ')}")
    return lines


def _percent(value: object) -> bool:
    return isinstance(value, int | float) and 1 < value <= 100


def _keys(place: tuple[int | str, ...]) -> list[str]:
    """Valid keys at a place of a scenario file."""
    if not place:
        return list(Scenario.model_fields)
    records: dict[str, type[BaseModel]] = {
        "demand": Driver, "activity": Driver, "intensity": Driver, "structure": Driver,
        "coefficients": Driver, "adoption": AdoptionGoal,
        "reference_adoption": AdoptionGoal, "respend": Share, "top_down_error": Share,
        "ict_intensity": Driver, "ict_activity": Driver, "rebound_scale": Scale,
        "overrides": ModelOverride, "observations": Observation, "sources": Source,
    }  # fmt: skip
    record = Point if "points" in place else records.get(str(place[0]), Scenario)
    return list(record.model_fields)


def _inherit(
    stated: dict[str, Any],
    place: str,
    folder: Path | None,
    seen: tuple[str, ...],
    problems: list[str],
) -> dict[str, Any]:
    """Lay a file's entries over those of its base, entry by entry; problems are added."""
    raw, found = beside(stated, folder)
    problems += found
    base = raw.get("base")
    if base is None:
        return raw
    if not isinstance(base, str):
        raise ScenarioError(
            f"{place}: base is {shown(base)}: give the name of a scenario or the path of a file"
        )
    text, parent, parent_folder = _read(base, folder)
    if parent in seen:
        raise ScenarioError(f"{place}: inherits from itself: {' -> '.join((*seen, parent))}")
    below = _inherit(_parse(text, parent), parent, parent_folder, (*seen, parent), problems)
    if isinstance(raw.get("sectors"), list):
        below = _for_sectors(below, raw["sectors"], raw["sector_files"])
    name = raw.get("name", below.get("name"))
    return _overlay(below | {"title": name, "title_zh": name, "description": ""}, raw)


def _for_sectors(
    below: Mapping[str, Any], sectors: list[Any], files: Mapping[str, str]
) -> dict[str, Any]:
    """
    Keep of a base what fits other sector models: a part follows the drivers of its whole.

    The growth of steel is that of industry until the scenario says otherwise.
    """
    wholes = {name: _whole_of(files.get(name, name)) for name in sectors if isinstance(name, str)}
    kept = {**below, "sector_files": {}}
    for group in ("activity", "intensity", "adoption", "reference_adoption"):
        given = below.get(group, {})
        fit = {name: given.get(name, given.get(whole)) for name, whole in wholes.items()}
        if group == "intensity":
            fit["other"] = given.get("other")
        kept[group] = {name: entry for name, entry in fit.items() if entry is not None}
    return kept


def _whole_of(name: str) -> str | None:
    """Sector model that another is a part of; a model that cannot be read is reported already."""
    try:
        return sector_models.load(name).part_of
    except SectorError:
        return None


def _overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables; a number that is replaced does not keep the origin of the old one."""
    merged = dict(below)
    if NUMBERS & set(above) and "source" in below:
        merged |= {"status": "assumption", "source": "assumption", "note": "set by the scenario"}
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _overlay(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _read(name: str, folder: Path | None) -> tuple[str, str, Path | None]:
    """Text, display name and folder of a shipped scenario or a file."""
    if name in scenario_names():
        return (SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name, None
    path = Path(name) if folder is None or Path(name).is_absolute() else folder / name
    if _is_file(path):
        try:
            return path.read_text(encoding="utf-8"), str(path), path.resolve().parent
        except UnicodeDecodeError as err:
            raise ScenarioError(
                f"{path}: not UTF-8 text (byte {err.start}): save it as UTF-8"
            ) from err
    raise UnknownScenarioError(
        f"no scenario {name!r}: neither shipped nor a file; {did_you_mean(name, scenario_names())}"
    )


def _is_file(path: Path) -> bool:
    """Tell whether a file is there; a text too long for a name is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _parse(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ScenarioError(f"{place}: not valid TOML: {err}") from err
    except RecursionError:
        raise ScenarioError(f"{place}: nested too deeply to be a scenario") from None


def _unresolved(raw: object, place: str = "", own: Set[str] = frozenset()) -> list[str]:
    """Source keys without an entry in ``sources.toml`` or the file's own, at any depth of it."""
    if isinstance(raw, list):
        return [line for i, v in enumerate(raw) for line in _unresolved(v, f"{place}.{i}", own)]
    if not isinstance(raw, Mapping):
        return []
    cited = raw.get("source")
    # Overrides are parameters of sector files, which have sources of their own.
    known = [*sources(), *own]
    if place.startswith("overrides"):
        known += sector_models.sources()
    found = [
        f"{place or 'file'}: source {key!r} has no entry; {did_you_mean(key, known)}"
        for key in (cited if isinstance(cited, list) else [cited])
        if isinstance(key, str) and key not in known
    ]
    below = ((f"{place}.{name}" if place else str(name), value) for name, value in raw.items())
    return found + [line for inner, value in below for line in _unresolved(value, inner, own)]


@cache
def sources() -> dict[str, dict[str, Any]]:
    """
    Return the sources that scenarios and drivers cite.

    Returns
    -------
    dict
        Key -> title, publisher, year, and where to find it.
    """
    text = (resources.files("handprint") / "data" / "sources.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
