"""From whom a scenario inherits, and in what it differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from handprint.records import Driver, Scenario
from handprint.scenario import load_scenario, scenario_names

# What names or explains an entry and is no setting.
WORDS = ("name", "title", "title_zh", "description", "base", "sector_files", "note", "source",
         "status", "units", "outturn")  # fmt: skip


class Difference(NamedTuple):
    """One entry that a scenario states otherwise than its base."""

    place: str
    before: object
    after: object


def lineage(scenario: str | Path | Scenario) -> list[Scenario]:
    """
    Load a scenario and everything it inherits from.

    Parameters
    ----------
    scenario : str, path or Scenario
        As in :func:`handprint.scenario.load_scenario`.

    Returns
    -------
    list of Scenario
        The scenario first, then its base, and so on.

    Raises
    ------
    UnknownScenarioError
        If there is neither a shipped scenario nor a file of this name; the base of a
        `Scenario` that is given is looked for in the working folder.
    ScenarioError
        If one of them cannot be read, or is not complete by itself.

    Examples
    --------
    >>> [s.name for s in lineage("accelerated")]
    ['accelerated', 'current-policy', 'frozen-digitalisation']
    """
    found = [load_scenario(scenario)]
    folder = Path()
    if not isinstance(scenario, Scenario) and str(scenario) not in scenario_names():
        folder = Path(scenario).resolve().parent
    while (base := found[-1].base) is not None:
        if base not in scenario_names():
            path = (folder / base).resolve()  # a whole path stays as it is
            base, folder = str(path), path.parent
        found.append(load_scenario(base))
    return found


def driver_groups(scenario: Scenario) -> dict[str, dict[str, Driver]]:
    """
    Collect every driver of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Complete.

    Returns
    -------
    dict
        Group, an entry of the scenario that holds drivers, -> name -> driver. A driver without
        a table around it is a group of one, under its own name.

    Examples
    --------
    >>> list(driver_groups(load_scenario("green-ict")))
    ['demand', 'activity', 'intensity', 'ict_activity', 'ict_intensity']
    """
    found: dict[str, dict[str, Driver]] = {}
    for group in Scenario.model_fields:
        value = getattr(scenario, group)
        if isinstance(value, Driver):
            found[group] = {group: value}
        elif isinstance(value, Mapping):
            drivers = {str(k): v for k, v in value.items() if isinstance(v, Driver)}
            if drivers:
                found[group] = drivers
    return found


def differences(scenario: Scenario, base: Scenario) -> list[Difference]:
    """
    List the settings of a scenario that are not those of another.

    Parameters
    ----------
    scenario, base : Scenario
        Complete.

    Returns
    -------
    list of Difference
        Place, such as ``adoption.power.level`` or ``activity.power.2030.value``, with the entry
        of the base and of the scenario; None where there is none.

    Examples
    --------
    >>> first, second, *_ = lineage("high-rebound")
    >>> [d.place for d in differences(first, second)][:3]
    ['respend.value', 'respend.low', 'rebound_scale.value']
    """
    after, before = settings(scenario), settings(base)
    places = list(dict.fromkeys([*before, *after]))
    return [
        Difference(place, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    ]


def settings(scenario: Scenario) -> dict[str, Any]:
    """
    List every setting of a scenario; words about it and its sources are left out.

    Parameters
    ----------
    scenario : Scenario
        Complete.

    Returns
    -------
    dict
        Place -> setting, points of a driver under their year.

    Examples
    --------
    >>> settings(load_scenario("current-policy"))["activity.power.2030.high"]
    1.82
    """
    return _flat(scenario.model_dump(mode="json"))


def _flat(value: object, place: str = "") -> dict[str, Any]:
    """Every setting under its place; points of a driver under their year."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        value = {str(p["year"]): {k: v for k, v in p.items() if k != "year"} for p in value}
    if not isinstance(value, Mapping):
        return {} if value is None else {place: value}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if key in WORDS:
            continue
        # `points` says nothing that the years below it do not.
        below = place if key == "points" else f"{place}.{key}" if place else str(key)
        found |= _flat(inner, below)
    return found
