"""Breaks of level between two tables of one economy: other units, other scopes, other accounts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from io_tables.checks import Array, price_years, shortened
from io_tables.report import Finding
from io_tables.units import ratio

if TYPE_CHECKING:
    from io_tables.table import IOTable

SCALE = 30.0  # a total so many times another is no growth: a power of ten is wrong
FALL = 0.12  # largest fall of a total; WIOD with JRC loses 17 % of China's CO2 from 2014 to 2016
RISE = 1.25  # largest growth of a total in a year
RISE_UNDATED = 2.0  # largest growth where the years are not known
SECTOR = 3.0  # a sector may change by this factor more, or less, than its total
SHARE = 0.001  # of the total; smaller sectors change as they like


@dataclass(frozen=True)
class _Pair:
    """One quantity in both tables, by sector and in one unit."""

    name: str
    units: str
    now: Array
    then: Array


def level_findings(table: IOTable, other: IOTable) -> Iterator[Finding]:
    """
    Compare the level of a table with another year or source.

    Parameters
    ----------
    table : IOTable
        The table that is checked.
    other : IOTable
        What it is compared with; need not have the same sectors.

    Yields
    ------
    Finding
        A warning for each total and each sector whose level breaks, and for a break that the
        reader of the other table knows of; what cannot be compared is said.

    Notes
    -----
    A total breaks when it falls by more than ``FALL`` or grows faster than ``RISE`` a year; a
    sector, when its ratio to the other table differs from that of the total by more than
    ``SECTOR`` and it has more than ``SHARE`` of one of the two totals. Flows in current prices
    grow with prices; a break is a question, not a verdict.
    """
    common, at, there = _common(table, other)
    if len(common) < max(len(table.sectors), len(other.sectors)):
        yield Finding(
            "info",
            f"{len(common)} of {len(table.sectors)} sectors have a namesake in {other.name}: "
            "only totals are compared",
            "sectors",
            "aggregate both to one classification to compare sectors",
            code="against-sectors",
            value=len(common),
        )
        common = []
    yield from _scope(table, other)
    yield from _known(other)
    pairs, skipped = _pairs(table, other)
    yield from skipped
    span = _years(table, other)
    sound: dict[str, _Pair] = {}
    told: set[tuple[str, str]] = set()
    for pair in pairs:
        broken = list(_total(pair, other.name, span))
        yield from broken
        if any(f.code == "unit-scale" for f in broken):
            continue
        if common:
            same = _Pair(pair.name, pair.units, pair.now[at], pair.then[there])
            sound[pair.name] = same
            for finding in _by_sector(same, common, other.name):
                told.add((pair.name, finding.where))
                yield finding
    yield from _intensities(sound, common, other.name, told)


def _common(table: IOTable, other: IOTable) -> tuple[list[str], list[int], list[int]]:
    """Sectors of both tables, and where they stand."""
    place = {label: i for i, label in enumerate(other.sectors)}
    found = [(s, i, place[s]) for i, s in enumerate(table.sectors) if s in place]
    return [f[0] for f in found], [f[1] for f in found], [f[2] for f in found]


def _scope(table: IOTable, other: IOTable) -> Iterator[Finding]:
    if table.satellites and other.satellites and table.scope != other.scope:
        yield Finding(
            "warning",
            f"{table.scope or 'not stated'!r} against {other.scope or 'not stated'!r} "
            f"in {other.name}",
            "scope",
            "bring both accounts to one scope before comparing them",
            code="scope-differs",
        )


def _known(other: IOTable) -> Iterator[Finding]:
    """Breaks that the reader of the other table knows of; those of the table it says itself."""
    for remark in other.remarks:
        if remark.code == "level-jrc":
            yield replace(remark, where=f"{other.name}: {remark.where}")


def _pairs(table: IOTable, other: IOTable) -> tuple[list[_Pair], list[Finding]]:
    """Quantities that both tables have, in the units of the first."""
    here = {"output": table.output, "value added": table.value_added, **table.satellites}
    there = {"output": other.output, "value added": other.value_added, **other.satellites}
    pairs, skipped = [], []
    for name in (n for n in here if n in there):
        money = name in ("output", "value added")
        units = table.units if money else str(here[name].attrs["units"])
        base = other.units if money else str(there[name].attrs["units"])
        factor = ratio(base, units)
        if factor is None:
            what = f"{name} in {units!r} cannot be compared with {base!r} of {other.name}"
            fix = "convert one of them"
            skipped.append(Finding("info", what, "units", fix, code="against-units"))
        else:
            pairs.append(_Pair(name, units, here[name].values, there[name].values * factor))
    return pairs, skipped


def _years(table: IOTable, other: IOTable) -> int | None:
    """Years from the other table to this one; None when one is not known."""
    years = price_years(table.price_basis), price_years(other.price_basis)
    return years[0][-1] - years[1][-1] if all(years) else None


def _total(pair: _Pair, other: str, span: int | None) -> Iterator[Finding]:
    """Compare the sums, the later with the earlier."""
    now, then = float(np.nansum(pair.now)), float(np.nansum(pair.then))
    if then == 0 or now / then <= 0:
        return
    change = now / then
    shown = f"{pair.name} of {now:,.6g} {pair.units} is {change:.3g} times that of {other}"
    grown = 1 / change if span is not None and span < 0 else change
    most = RISE_UNDATED if span is None else RISE ** max(1, abs(span))
    if not 1 / SCALE < change < SCALE:
        power = round(math.log10(change))
        yield Finding(
            "warning",
            shown,
            "units",
            f"the unit seems to be wrong by 10^{power}: compare with the publisher's note",
            code="unit-scale",
            value=change,
        )
    elif not 1 - FALL <= grown <= most:
        yield Finding(
            "warning",
            shown,
            f"total {pair.name}",
            "a break of level: other boundary, other edition, other prices? do not use the two "
            "as one series",
            code="level-total",
            value=change,
        )


def _by_sector(pair: _Pair, names: list[str], other: str) -> list[Finding]:
    """Compare sectors with the change of their total."""
    total_now, total_then = float(np.nansum(pair.now)), float(np.nansum(pair.then))
    if total_now <= 0 or total_then <= 0:
        return []
    share = np.maximum(np.abs(pair.now) / total_now, np.abs(pair.then) / total_then)
    found = []
    for i in np.flatnonzero(share > SHARE):
        now, then = float(pair.now[i]), float(pair.then[i])
        relative = (now / total_now) / (then / total_then) if then else math.inf
        if not 1 / SECTOR <= relative <= SECTOR:
            found.append(_sector(f"{pair.name} of {now:,.6g} {pair.units}", then, names[i], other))
    return shortened(found, pair.name)


def _intensities(
    pairs: dict[str, _Pair], names: list[str], other: str, told: set[tuple[str, str]]
) -> Iterator[Finding]:
    """Compare accounts per output, by sector, where the account itself shows no break."""
    output = pairs.get("output")
    if output is None:
        return
    for name, pair in pairs.items():
        if name in ("output", "value added"):
            continue
        made = (output.now > 0) & (output.then > 0) & (pair.now > 0) & (pair.then > 0)
        mean = (pair.now.sum() / output.now.sum()) / (pair.then.sum() / output.then.sum())
        heavy = np.maximum(pair.now / pair.now.sum(), pair.then / pair.then.sum()) > SHARE
        found = []
        for i in np.flatnonzero(made & heavy):
            now, then = pair.now[i] / output.now[i], pair.then[i] / output.then[i]
            known = (name, f"sector {names[i]}") in told
            if not known and not 1 / SECTOR <= now / then / mean <= SECTOR:
                what = f"{name} per output of {now:,.4g} {pair.units}/{output.units}"
                found.append(_sector(what, float(then), names[i], other))
        yield from shortened(found, f"{name} per output")


def _sector(what: str, then: float, name: str, other: str) -> Finding:
    """Make a finding about one sector."""
    return Finding(
        "warning",
        f"{what} against {then:,.6g} in {other}",
        f"sector {name}",
        "a break of level: compare what the two count in this sector",
        code="level-sector",
        value=then,
    )
