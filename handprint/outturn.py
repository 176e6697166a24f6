"""What drivers came to, from a table of the user's: laid over the points of a scenario."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from io_tables.errors import did_you_mean

GROUPS = ("demand", "activity", "intensity", "structure", "coefficients")
ALONE = "ict_intensity"
NEEDED = ("driver", "year", "value", "units", "status", "source")
OPTIONAL = ("low", "high", "note")
NUMBERS = ("value", "low", "high")


class _Row(NamedTuple):
    line: int
    driver: str
    units: str
    point: dict[str, Any]


def with_outturn(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    r"""
    Lay the outturn that a scenario names over its drivers.

    Parameters
    ----------
    raw : mapping
        Complete scenario as in its files; ``outturn`` is the path of a CSV file with columns
        driver (for example ``demand.exports``), year, value, units, status, source, and if
        wanted low, high and note.

    Returns
    -------
    laid : dict
        The scenario with drivers changed.
    problems : list of str
        Everything that is wrong with the file, with its line.

    Notes
    -----
    A row replaces what the driver states for its year. Later points keep their growth from the
    last year T of the outturn: :math:`p'_t = p_t\, o_T / p_T` with the stated path p and the
    outturn o, low and high alike, so that a path does not jump where it leaves what is known.
    """
    place = raw.get("outturn")
    if not isinstance(place, str):
        return dict(raw), []
    problems: list[str] = []
    rows = list(_rows(Path(place), problems))
    laid = dict(raw)
    for name in dict.fromkeys(row.driver for row in rows):
        own = [row for row in rows if row.driver == name]
        driver, wrong = _driver(raw, own)
        problems += [f"{Path(place).name}, {line}" for line in wrong]
        if driver is None:
            continue
        group, _, key = name.partition(".")
        laid[group] = {**laid[group], key: driver} if key else driver
    return laid, problems


def _rows(path: Path, problems: list[str]) -> Iterator[_Row]:
    """Rows of the file that can be used."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns = list(table.fieldnames or ())
            lines = [(table.line_num, row) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(f"outturn: {path} cannot be read: {error}")
        return
    allowed = [*NEEDED, *OPTIONAL]
    missing = [name for name in NEEDED if name not in columns]
    unknown = [name for name in columns if name not in allowed]
    problems += [f"{path.name}: no column {name!r}" for name in missing]
    problems += [
        f"{path.name}: unknown column {name!r}; {did_you_mean(str(name), allowed)}"
        for name in unknown
    ]
    if missing or unknown:
        return
    for line, row in lines:
        wrong, point = _point(row)
        problems += [f"{path.name}, line {line}: {text}" for text in wrong]
        if not wrong:
            yield _Row(line, row["driver"].strip(), row["units"].strip(), point)


def _point(row: Mapping[str, str | None]) -> tuple[list[str], dict[str, Any]]:
    """One point of a driver, or what keeps it from being one."""
    wrong = []
    if None in row or None in row.values():
        return ["has more or fewer cells than the header"], {}
    cells = {name: str(value).strip() for name, value in row.items()}
    numbers: dict[str, float] = {}
    for name in NUMBERS:
        text = cells.get(name, "") or (cells["value"] if name != "value" else "")
        try:
            numbers[name] = float(text)
        except ValueError:
            wrong.append(f"{name} is {text!r}, needed a number")
            continue
        if not math.isfinite(numbers[name]) or numbers[name] <= 0:
            wrong.append(f"{name} is {text}, needed a number above zero")
    if not cells["year"].isdecimal():
        wrong.append(f"year is {cells['year']!r}, needed a whole number")
    if wrong:
        return wrong, {}
    kept = {"status": cells["status"], "source": cells["source"], "note": cells.get("note", "")}
    return [], {"year": int(cells["year"]), **numbers, **kept, "outturn": True}


def _driver(raw: Mapping[str, Any], rows: list[_Row]) -> tuple[dict[str, Any] | None, list[str]]:
    """A driver with the outturn on it, or why there is none."""
    name = rows[0].driver
    group, _, key = name.partition(".")
    found = raw.get(ALONE) if name == ALONE else _table(raw, group).get(key)
    if group not in (*GROUPS, ALONE) or found is None:
        known = [f"{g}.{k}" for g in GROUPS for k in _table(raw, g)]
        known += [ALONE] if raw.get(ALONE) else []
        hint = did_you_mean(name, known)
        return None, [f"line {rows[0].line}: the scenario has no driver {name!r}; {hint}"]
    points = _stated(found)
    if points is None:
        return None, []  # the driver itself is wrong, which is reported where it stands
    wrong = [
        f"line {row.line}: {name} is in {row.units!r}, the scenario has it in "
        f"{found.get('units')!r}: convert it"
        for row in rows
        if row.units != found.get("units")
    ]
    years = [row.point["year"] for row in rows]
    wrong += [
        f"line {row.line}: {name} has {row.point['year']} twice"
        for at, row in enumerate(rows)
        if row.point["year"] in years[:at]
    ]
    first, last = points[0]["year"], points[-1]["year"]
    wrong += [
        f"line {row.line}: {name} of {row.point['year']} is not from {first} to {last}, the years "
        "of the driver"
        for row in rows
        if not first <= row.point["year"] <= last
    ]
    if wrong:
        return None, wrong
    return {**found, "points": _laid(points, [row.point for row in rows])}, []


def _laid(points: list[dict[str, Any]], outturn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Points with the outturn in their place, and later ones on its level."""
    seen = {point["year"]: point for point in outturn}
    end = max(seen)
    years = [point["year"] for point in points]
    path = np.exp(np.interp(end, years, np.log([point["value"] for point in points])))
    factor = seen[end]["value"] / float(path)
    kept = [point for point in points if point["year"] < end and point["year"] not in seen]
    later = [
        {
            **point,
            **{name: point[name] * factor for name in NUMBERS},
            "status": "assumption" if point.get("status") == "assumption" else "derived",
            "note": f"{point.get('note', '')}; growth as stated, from the outturn of {end}".lstrip(
                "; "
            ),
        }
        for point in points
        if point["year"] > end
    ]
    return sorted([*kept, *outturn, *later], key=lambda point: int(point["year"]))


def _stated(driver: object) -> list[dict[str, Any]] | None:
    """Points of a driver in order, none if they cannot be read."""
    points = driver.get("points") if isinstance(driver, Mapping) else None
    if not isinstance(points, list | tuple) or not points:
        return None
    for point in points:
        if not isinstance(point, Mapping) or not isinstance(point.get("year"), int):
            return None
        if not all(isinstance(point.get(n), int | float) and point[n] > 0 for n in NUMBERS):
            return None
    years = [point["year"] for point in points]
    return [dict(point) for point in points] if years == sorted(set(years)) else None


def _table(raw: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    found = raw.get(group)
    return found if isinstance(found, Mapping) else {}
