"""What must fit together in a sector; on plain tables, so that a wrong file is checked too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import isfinite
from typing import Any

from sector_models.errors import did_you_mean

MEASURES = (
    ("Mt", "t CO2/t"),
    ("TWh", "t CO2/MWh"),
    ("10^9 t-km", "kg CO2/t-km"),
    ("10^9 p-km", "kg CO2/p-km"),
    ("10^9 m2", "kg CO2/m2"),
    ("10^6 pcs", "t CO2/pcs"),
    ("10^6 racks", "t CO2/rack"),
)
"""Units of an activity and of its emission factor whose product is Mt CO2."""


def misfits(raw: Mapping[str, Any]) -> list[str]:
    """
    List what does not fit together: names that stand for nothing, units, shares over one.

    Parameters
    ----------
    raw : mapping
        A sector as in its file; entries of a wrong kind are passed over.

    Returns
    -------
    list of str
        One sentence for each problem, with its place.
    """
    named = [*_unknown(raw, "segment"), *_unknown(raw, "activity")]
    return [*named, *_measures(raw), *_shares(raw), *_cells(raw)]


def _tables(raw: Mapping[str, Any], group: str) -> dict[str, Mapping[str, Any]]:
    """Entries of a group of tables."""
    found = raw.get(group)
    found = found if isinstance(found, Mapping) else {}
    return {str(key): entry for key, entry in found.items() if isinstance(entry, Mapping)}


def _entry(table: Mapping[str, Any] | None, *keys: str) -> Any:
    """What stands at a place, if anything does."""
    found: Any = table
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _unknown(raw: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Mentions of a segment or an activity that the file does not have."""
    plural = {"segment": "segments", "activity": "activities"}[kind]
    groups = ("use_cases",) if kind == "segment" else ("use_cases", "segments")
    given = _entry(raw, plural)
    known = list(given) if isinstance(given, Mapping) else []
    if kind == "segment" and not known:
        return
    for group in groups:
        for key, entry in _tables(raw, group).items():
            name = entry.get(kind)
            if isinstance(name, str) and name not in known:
                hint = did_you_mean(name, known)
                yield f"{group}.{key}.{kind}: no {kind} {name!r}; {hint}"


def _measures(raw: Mapping[str, Any]) -> Iterator[str]:
    """Pairs of activity and factor whose product is not Mt CO2."""
    pairs = ", ".join(f"{a} and {b}" for a, b in MEASURES)
    for key, part in _tables(raw, "segments").items():
        activity = _tables(raw, "activities").get(str(part.get("activity")))
        units, per = _entry(activity, "amount", "units"), _entry(part, "factor", "units")
        if isinstance(units, str) and isinstance(per, str) and (units, per) not in MEASURES:
            yield (
                f"segments.{key}.factor: {per!r} times {units!r} gives no Mt CO2; "
                f"valid pairs: {pairs}"
            )


def _shares(raw: Mapping[str, Any]) -> Iterator[str]:
    """High shares of the segments that add up to more than everything."""
    total = 0.0
    for part in _tables(raw, "segments").values():
        share = _number(_entry(part, "share", "high"))
        activity = _tables(raw, "activities").get(str(part.get("activity")))
        amount = _number(_entry(activity, "amount", "value"))
        emissions = _number(_entry(raw, "emissions", "value"))
        factor = _number(_entry(part, "factor", "high"))
        total += share or (factor * amount / emissions if emissions > 0 else 0.0)
    if total > 1 + 1e-9:
        yield f"segments: high shares of the segments add up to {total:g}, more than 1"


def _cells(raw: Mapping[str, Any]) -> Iterator[str]:
    """Cells that are named twice, ICT that is not bought in whole, equipment without lifetime."""
    groups = {"affected": raw.get("affected")}
    cases = _tables(raw, "use_cases")
    groups |= {f"use_cases.{key}.affected": case.get("affected") for key, case in cases.items()}
    for place, listed in groups.items():
        seen: set[tuple[object, ...]] = set()
        bought: dict[str, float] = {}
        for number, cell in enumerate(listed if isinstance(listed, list | tuple) else ()):
            if not isinstance(cell, Mapping):
                continue
            kind, capital = cell.get("kind"), bool(cell.get("capital"))
            for row, buyer in product(_texts(cell, "rows") or [""], _texts(cell, "purchasers")):
                if (kind, capital, row, buyer) in seen:
                    what = f"{row} to {buyer}" if row else buyer
                    yield f"{place}.{number}: the cell {what} of kind {kind!r} is named twice"
                seen.add((kind, capital, row, buyer))
                if kind == "ict":
                    bought[buyer] = bought.get(buyer, 0.0) + _number(cell.get("share", 1.0))
            if capital and raw.get("ict_lifetime") is None:
                yield f"{place}.{number}: equipment needs ict_lifetime, the years that it lasts"
        for buyer, total in bought.items():
            if abs(total - 1) > 1e-9:
                yield (
                    f"{place}: the shares of ICT that {buyer} buys add up to {total:g}, not to 1: "
                    "all additional ICT comes from the sectors named"
                )


def _texts(cell: Mapping[str, Any], key: str) -> list[str]:
    """Labels of a cell; what is none is reported where it stands."""
    listed = cell.get(key)
    return [t for t in listed if isinstance(t, str)] if isinstance(listed, list | tuple) else []


def _number(value: object) -> float:
    """A number, or zero for anything else, which is reported where it stands."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if isfinite(value) else 0.0
