"""What a scenario says of the account of ICT must fit it; on plain tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from io_tables.errors import did_you_mean
from sector_models.account import Quantity, load_account


def ict_problems(raw: Mapping[str, Any], base: int, end: int) -> Iterator[str]:
    """
    List what of ``ict_activity`` does not fit the account of ICT.

    Parameters
    ----------
    raw : mapping
        A scenario as in its file; entries of a wrong kind are passed over.
    base, end : int
        First and last year.

    Yields
    ------
    str
        One sentence for each problem, with its place.
    """
    given = raw.get("ict_activity")
    if not isinstance(given, Mapping) or not given:
        return
    if raw.get("ict_account") is None:
        yield 'ict_activity: there is no account to change; state ict_account = "china"'
    known = load_account().quantities
    for name, driver in given.items():
        place = f"ict_activity.{name}"
        if name not in known:
            yield f"{place}: the account has no such quantity; {did_you_mean(name, list(known))}"
            continue
        if not isinstance(driver, Mapping):
            continue
        units = driver.get("units")
        if isinstance(units, str) and units != known[name].units:
            yield f"{place}: units are {units!r}, the account has it in {known[name].units!r}"
        points = driver.get("points")
        if isinstance(points, list | tuple) and all(isinstance(p, Mapping) for p in points):
            yield from _span(place, points, base, end)
            yield from _meaning(place, points, known[name])


def _span(place: str, points: Any, base: int, end: int) -> Iterator[str]:
    years = [p.get("year") for p in points if isinstance(p.get("year"), int)]
    if years and (min(years) > base or max(years) < end):
        yield f"{place}: stated from {min(years)} to {max(years)}, needed from {base} to {end}"


def _meaning(place: str, points: Any, quantity: Quantity) -> Iterator[str]:
    for point in points:
        values = [point.get(k) for k in ("low", "value", "high")]
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        if any(not quantity.minimum <= v <= quantity.maximum for v in numbers):
            yield (
                f"{place}: {point.get('year')} leaves the range {quantity.minimum:g} to "
                f"{quantity.maximum:g} of {quantity.title}"
            )
