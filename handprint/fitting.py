"""What must fit together in a scenario; on plain tables, so that a wrong file is checked too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handprint.ict_fitting import ict_problems
from io_tables.errors import did_you_mean


def misfits(raw: Mapping[str, Any]) -> list[str]:
    """
    List what does not fit together: years, names of sector models, ends of drivers.

    Parameters
    ----------
    raw : mapping
        A scenario as in its file; entries of a wrong kind are passed over.

    Returns
    -------
    list of str
        One sentence for each problem, most with their place.
    """
    base, end = _year(raw.get("base_year")), _year(raw.get("end_year"))
    found = []
    if base is not None and end is not None and end <= base:
        found.append(f"end_year {end} is not after base_year {base}")
    found += _whole(raw)
    if isinstance(raw.get("sectors"), list | tuple):
        found += _names(raw, [name for name in raw["sectors"] if isinstance(name, str)])
    if base is not None and end is not None:
        found += _ends(raw, base, end)
        found += _seen(raw, base, end)
        found += ict_problems(raw, base, end)
    return found


def _whole(raw: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the run as a whole."""
    ict = raw.get("ict")
    for name in _twice(ict if isinstance(ict, list | tuple) else []):
        yield f"ict: {name!r} stands there twice"
    if _table(raw, "top_down_error").get("value") == 0:
        yield (
            "top_down_error.value: is 0: no table is exact, and any difference between the halves "
            "would be a contradiction; state the error of table and bridge"
        )


def _names(raw: Mapping[str, Any], sectors: list[str]) -> Iterator[str]:
    """Entries by sector model that are missing or of none."""
    for group in ("adoption", "reference_adoption"):
        for name in _table(raw, group):
            if name not in sectors:
                yield f"{group}.{name}: unknown sector model; {did_you_mean(name, sectors)}"
    for group in ("activity", "intensity"):
        given = _table(raw, group)
        allowed = [*sectors, *(["other"] if group == "intensity" else [])]
        yield from (f"{group}.{name}: missing" for name in allowed if name not in given)
        for name in given:
            if name not in allowed:
                yield f"{group}.{name}: unknown sector model; {did_you_mean(name, allowed)}"


def _ends(raw: Mapping[str, Any], base: int, end: int) -> Iterator[str]:
    """Drivers that do not start at one in the base year, or end too early."""
    paths = {
        f"{group}.{name}": driver
        for group in ("demand", "activity", "intensity", "structure", "coefficients")
        for name, driver in _table(raw, group).items()
    }
    for place, driver in (paths | {"ict_intensity": raw.get("ict_intensity")}).items():
        points = driver.get("points") if isinstance(driver, Mapping) else None
        if not isinstance(points, list | tuple) or not points:
            continue
        if not all(isinstance(point, Mapping) for point in points):
            continue
        first, last = points[0], _year(points[-1].get("year"))
        year, value = _year(first.get("year")), first.get("value")
        if year is None or last is None or not isinstance(value, int | float):
            continue
        if (units := driver.get("units")) != f"{base} = 1" and isinstance(units, str):
            yield (
                f"{place}: units are {units!r}, needed '{base} = 1': an index of the base year, of "
                "volumes at its prices and not of values in current prices"
            )
        if year != base or value != 1:
            yield f"{place}: must start with value 1 in {base}, starts with {value:g} in {year}"
        elif (ends := [first.get("low"), first.get("high")]) != [1, 1] and all(map(_number, ends)):
            yield (
                f"{place}: low and high must be 1 in {base} too, where the index is 1 by "
                f"definition; given {ends[0]:g} and {ends[1]:g}"
            )
        if last < end:
            yield f"{place}: ends in {last}, needed to {end}"


def _seen(raw: Mapping[str, Any], base: int, end: int) -> Iterator[str]:
    """Observations of no year of the run, or of no sector model of it."""
    sectors = raw.get("sectors")
    for name, seen in _table(raw, "observations").items():
        if not isinstance(seen, Mapping):
            continue
        year, of = _year(seen.get("year")), seen.get("of", "total")
        if year is not None and not base < year <= end:
            yield f"observations.{name}.year: {year} is not after {base} and up to {end}"
        if not isinstance(of, list | tuple) or not isinstance(sectors, list | tuple):
            continue
        for part in _twice(of):
            yield f"observations.{name}.of: {part!r} stands there twice, and would count twice"
        for part in of:
            if isinstance(part, str) and part not in sectors:
                yield (
                    f"observations.{name}.of: unknown sector model {part!r}; "
                    f"{did_you_mean(part, sectors)}"
                )


def _twice(names: list[Any] | tuple[Any, ...]) -> list[Any]:
    """What stands in a list more than once."""
    return [name for i, name in enumerate(names) if names[:i].count(name) == 1]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table(raw: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    found = raw.get(group)
    return found if isinstance(found, Mapping) else {}


def _year(value: object) -> int | None:
    """A year, or none for anything else, which is reported where it stands."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
