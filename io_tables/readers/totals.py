"""Totals of a wide sheet: what they are sums of, and whether they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from io_tables.readers.grid import wrong_totals
from io_tables.readers.sheet import TRANSACTIONS, Array, Axis, Sheet
from io_tables.report import Finding
from io_tables.sheets import Wide

NOISE = 1e-9  # of the largest total: a smaller gap is rounding of binary numbers
IMPORTED = "imported_inputs"
Terms = list[tuple[float, int | str]]


@dataclass(frozen=True)
class Frame:
    """
    Sectors of a sheet, and the axes they were found on.

    Parameters
    ----------
    sectors : list of str
        Labels in the order of the rows.
    lines, across : list of int
        Line and column of each.
    rows, columns : Axis
        Labels of the sheet.
    """

    sectors: list[str]
    lines: list[int]
    across: list[int]
    rows: Axis
    columns: Axis

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Rows and columns."""
        return self.rows, self.columns


@dataclass(frozen=True)
class Totals:
    """
    Totals of a sheet.

    Parameters
    ----------
    side, foot : mapping
        Place of a column, or line, with totals -> sign and place of what it is the sum of.
    """

    side: Mapping[int, Terms]
    foot: Mapping[int, Terms]

    def columns(self) -> list[int]:
        """Columns that are compared."""
        parts = [p for terms in self.side.values() for _, p in terms if isinstance(p, int)]
        return [*self.side, *parts]

    def lines(self) -> list[int]:
        """Lines that are compared."""
        parts = [p for terms in self.foot.values() for _, p in terms if isinstance(p, int)]
        return [*self.foot, *parts]

    def read(self, sheet: Sheet, frame: Frame) -> tuple[dict[int, Array], dict[int, Array]]:
        """Numbers of all columns and lines that are compared."""
        columns, lines = sorted({*self.columns()}), sorted({*self.lines()})
        side = sheet.block(frame.lines, columns, frame.axes).T
        foot = sheet.block(lines, frame.across, frame.axes)
        return dict(zip(columns, side, strict=True)), dict(zip(lines, foot, strict=True))

    def check(
        self,
        read: tuple[dict[int, Array], dict[int, Array]],
        flows: Array,
        imported: Array,
        frame: Frame,
        tolerance: float,
    ) -> Iterator[Finding]:
        """Compare totals with their parts, all as the sheet has them."""
        own = {
            "side": {TRANSACTIONS: flows.sum(axis=1)},
            "foot": {TRANSACTIONS: flows.sum(axis=0), IMPORTED: imported.sum(axis=0)},
        }
        for axis, terms_of, numbers, known in (
            (frame.columns, self.side, read[0], own["side"]),
            (frame.rows, self.foot, read[1], own["foot"]),
        ):
            for place, terms in terms_of.items():
                total = np.zeros(len(frame.sectors))
                for sign, part in terms:
                    total += sign * (numbers[part] if isinstance(part, int) else known[part])
                name = axis.named(place).removeprefix(f"{axis.kind} ")
                slack = max(tolerance, NOISE * float(np.abs(total).max(initial=0.0)))
                yield from wrong_totals(
                    axis.kind, frame.sectors, {name: numbers[place]}, {name: total}, slack
                )


def find_totals(wide: Wide, frame: Frame, findings: list[Finding]) -> Totals:
    """
    Find the totals that a manifest names, and their parts.

    Parameters
    ----------
    wide : Wide
        Description of the sheet.
    frame : Frame
        Sectors.
    findings : list of Finding
        One is added for each name that is not in the sheet.

    Returns
    -------
    Totals
        By place.
    """
    known = (TRANSACTIONS, IMPORTED)
    found: list[dict[int, Terms]] = []
    for axis, given, key in (
        (frame.columns, wide.total_columns, "total_columns"),
        (frame.rows, wide.total_rows, "total_rows"),
    ):
        places: dict[int, Terms] = {}
        for total, parts in given.items():
            place = axis.find(total, findings, key)
            terms: Terms = []
            for part in parts:
                minus = part.startswith("-") and part not in axis.joined
                bare = part[1:].strip() if minus else part
                at = bare if bare in known else axis.find(bare, findings, key)
                terms += [] if at is None else [(-1.0 if minus else 1.0, at)]
            if place is not None:
                places[place] = terms
        found.append(places)
    return Totals(*found)
