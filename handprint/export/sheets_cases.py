"""Levers one by one: enabling effect, rebound and footprint of each, in formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from handprint.export.book import Cell, Page
from handprint.export.inputs import Case, Material, opposite
from handprint.export.sheets_levers import Levers
from handprint.projection import ESTIMATES

NONE = "–"
FIRST = 2  # column of the first number
Found = dict[tuple[str, str, str], Cell]
COLUMNS = {
    "reference": "amount", "wb_share": "share", "wb_adoption": "share",
    "wb_reference_adoption": "share", "wb_additional": "share", "wb_saving": "share",
    "wb_shrinkage": "share", "wb_addressable": "share", "wb_fraction": "share",
    "wb_log_segment": "share", "wb_credited": "share",
    "wb_before_overlap": "amount", "wb_electric": "share", "wb_overlap_kept": "share",
    "enabled": "amount", "wb_rebound": "share",
    "rebound_direct": "amount", "wb_rebound_rate_opposed": "share", "wb_direct_opposed": "amount",
    "wb_ict_input": "rate", "wb_output": "money", "ict_purchases": "money",
    "wb_footprint_rate": "rate", "footprint": "amount",
}  # fmt: skip


class Line(NamedTuple):
    """One lever in one estimate: where it stands and what it takes."""

    page: Page
    row: int
    place: Mapping[str, int]
    levers: Levers
    case: Case
    estimate: str

    def given(self, key: str, estimate: str = "") -> Cell:
        """
        Return an input in use, of the lever or of its sector.

        Parameters
        ----------
        key : str
            Last part of the key.
        estimate : str, optional
            Other than that of the line.

        Returns
        -------
        Cell
            On the lever sheet.
        """
        own = (f"{self.case.label}.{key}", estimate or self.estimate)
        return (
            self.levers[own]
            if own in self.levers
            else self.levers[f"{self.case.sector}.{key}", own[1]]
        )

    def has(self, key: str) -> bool:
        """
        Tell whether the lever has an input.

        Parameters
        ----------
        key : str
            Last part of the key.

        Returns
        -------
        bool
            Whether it has.
        """
        return (f"{self.case.label}.{key}", self.estimate) in self.levers

    def put(self, name: str, pattern: str, cells: Sequence[Cell], value: float) -> Cell:
        """
        Write one quantity.

        Parameters
        ----------
        name : str
            Column.
        pattern : str
            Formula.
        cells : sequence of Cell
            What it refers to.
        value : float
            What it gives.

        Returns
        -------
        Cell
            Its cell.
        """
        style = f"{'strong' if name == 'enabled' else 'formula'}.{COLUMNS[name]}"
        return self.page.formula(self.row, self.place[name], pattern, cells, value, style)

    def link(self, name: str, cell: Cell) -> Cell:
        """
        Repeat an input.

        Parameters
        ----------
        name : str
            Column.
        cell : Cell
            On the lever sheet.

        Returns
        -------
        Cell
            On this sheet.
        """
        return self.put(name, "{}", (cell,), cell.value)

    def product(self, name: str, *cells: Cell) -> Cell:
        """
        Multiply cells.

        Parameters
        ----------
        name : str
            Column.
        *cells : Cell
            Factors.

        Returns
        -------
        Cell
            The product.
        """
        value = math.prod(float(cell.value) for cell in cells)
        return self.put(name, "*".join("{}" for _ in cells), cells, value)


def write_cases(page: Page, row: int, material: Material, levers: Levers) -> Found:
    """
    Write three blocks, one for each estimate, with a row for each lever.

    Parameters
    ----------
    page : Page
        Sheet.
    row : int
        First row.
    material : Material
        Levers.
    levers : mapping
        Inputs in use.

    Returns
    -------
    dict
        Cells by quantity, lever and estimate.
    """
    book, found = page.book, {}
    segments = [(case.sector, case.record.segment) for case in material.cases]
    shared = len(set(segments)) < len(segments)
    overlap = ("wb_before_overlap", "wb_electric", "wb_overlap_kept")
    wanted = {"wb_log_segment": shared, "wb_addressable": material.has("addressable")}
    wanted |= dict.fromkeys(overlap, material.has("electric"))
    columns = [name for name in COLUMNS if wanted.get(name, True)]
    place = {name: FIRST + i for i, name in enumerate(columns)}
    page.sheet.set_column(place["wb_output"], place["ict_purchases"], 16)
    page.text(row, 0, book.text("wb_cases_title"), "lead")
    page.text(row + 1, 0, book.text("wb_cases_hint"), "note")
    row += 2
    for estimate in ESTIMATES:
        _heads(page, row, columns, estimate)
        lines = [
            Line(page, row + 2 + i, place, levers, case, estimate)
            for i, case in enumerate(material.cases)
        ]
        alone = [_alone(line, material) for line in lines]
        savings = []
        for line, segment, (_, fraction) in zip(lines, segments, alone, strict=True):
            mates = [f for (_, f), other in zip(alone, segments, strict=True) if other == segment]
            savings.append(_saved(line, _credited(line, fraction, mates)))
        kept = _kept(lines, [math.prod(c.value for c in s) for s in savings], material.power)
        for line, (more, _), factors, rest in zip(lines, alone, savings, kept, strict=True):
            effect = _effect(line, more, [*factors, *rest])
            found.update({(name, line.case.label, estimate): c for name, c in effect.items()})
        row += len(lines) + 3
    return found


def _heads(page: Page, row: int, columns: Sequence[str], estimate: str) -> None:
    """Band of an estimate and the heads of its columns."""
    book = page.book
    for col in range(FIRST + len(columns)):
        text = book.text("wb_cases_head", estimate=book.text(estimate)) if col == 0 else ""
        page.text(row, col, text, "band")
    for col, name in enumerate(["sector", "lever", *columns]):
        page.text(row + 1, col, book.text(name), "header")
    page.sheet.set_row(row + 1, 66)


def _alone(line: Line, material: Material) -> tuple[Cell, Cell]:
    """Additional adoption of a lever, and its saving on its segment when it acts alone."""
    zh = line.page.book.lang == "zh"
    model, record = material.models[line.case.sector], line.case.record
    line.page.text(line.row, 0, model.title_zh if zh else model.title)
    line.page.text(line.row, 1, record.title_zh if zh else record.title)
    spread = line.link("wb_adoption", line.given("adoption"))
    before = line.link("wb_reference_adoption", line.given("reference_adoption"))
    value = max(0.0, spread.value - before.value)
    more = line.put("wb_additional", "MAX(0,{}-{})", (spread, before), value)
    saving = line.link("wb_saving", line.given("saving"))
    left = line.link("wb_shrinkage", line.given("shrinkage"))
    factors = [more, saving, left]
    if line.has("addressable"):
        factors.append(line.link("wb_addressable", line.given("addressable")))
    elif "wb_addressable" in line.place:
        line.page.text(line.row, line.place["wb_addressable"], NONE)
    return more, line.product("wb_fraction", *factors)


def _credited(line: Line, fraction: Cell, mates: Sequence[Cell]) -> Cell:
    """Credit on the segment: the saving itself, or its LMDI share of the joint saving."""
    if len(mates) == 1:
        if "wb_log_segment" in line.place:
            line.page.text(line.row, line.place["wb_log_segment"], NONE)
        return line.link("wb_credited", fraction)
    found = [mate.value for mate in mates]
    t = sum(0.0 if f >= 1 else math.log1p(-f) for f in found)
    terms = "+".join(f"LN(1-{{{i}}}*({{{i}}}<1))" for i in range(len(mates)))
    total = line.put("wb_log_segment", terms, mates, t)
    full = "+".join(f"({{{i}}}>=1)" for i in range(2, 2 + len(mates)))
    # The mean of e^t between 0 and the sum; a series near zero, where the quotient is rounding.
    mean = "IF(ABS({1})<0.0001,1+{1}/2+{1}^2/6+{1}^3/24,(EXP({1})-1)/{1})"
    pattern = f"IF({full}>0,({{0}}>=1)/MAX(1,{full}),-LN(1-{{0}}*({{0}}<1))*{mean})"
    count, f = sum(f >= 1 for f in found), fraction.value
    weight = math.expm1(t) / t if t else 1.0
    value = float(f >= 1) / count if count else -math.log1p(-f) * weight
    return line.put("wb_credited", pattern, (fraction, total, *mates), value)


def _saved(line: Line, credited: Cell) -> list[Cell]:
    """Emissions, segment and credited saving: what the effect of a lever is the product of."""
    reference = line.link("reference", line.given("reference"))
    factors = [reference, line.link("wb_share", line.given("share")), credited]
    return [line.product("wb_before_overlap", *factors)] if line.has("electric") else factors


def _kept(lines: Sequence[Line], effects: Sequence[float], power: str) -> list[list[Cell]]:
    """What is left beside cleaner, or less, electricity; see :func:`handprint.overlap`."""
    if not lines[0].has("electric"):
        return [[] for _ in lines]
    page, place = lines[0].page, lines[0].place
    shares = [line.link("wb_electric", line.given("electric")) for line in lines]
    own = [i for i, line in enumerate(lines) if line.case.sector == power]

    def _column(name: str, first: int, last: int) -> str:
        ends = (Cell(page.name, lines[i].row, place[name], 0.0) for i in (first, last))
        return page.span(*ends)

    last, found = len(lines) - 1, []
    used = f"SUMPRODUCT({_column('wb_before_overlap', 0, last)},{_column('wb_electric', 0, last)})"
    cleaner = f"SUM({_column('wb_before_overlap', own[0], own[-1])})"
    less = sum(e * float(s.value) for e, s in zip(effects, shares, strict=True))
    better = sum(effects[i] for i in own)
    for i, (line, share) in enumerate(zip(lines, shares, strict=True)):
        base = line.levers[f"{power}.reference", line.estimate]
        pattern, taken = f"1-{{1}}*{cleaner}/{{0}}/2", float(share.value) * better
        if i in own:
            pattern, taken = f"1-{used}/{{0}}/2", less
        value = 1 - taken / float(base.value) / 2
        found.append([line.put("wb_overlap_kept", pattern, (base, share), value)])
    return found


def _effect(line: Line, more: Cell, factors: Sequence[Cell]) -> dict[str, Cell]:
    """Enabling effect, rebound and footprint of a lever."""
    enabled = line.product("enabled", *factors)
    rate = line.link("wb_rebound", line.given("rebound"))
    against = line.given("rebound", opposite(line.estimate))
    worse = line.link("wb_rebound_rate_opposed", against)
    need = line.link("wb_ict_input", line.given("ict_input"))
    output = line.link("wb_output", line.given("output"))
    bought = line.product("ict_purchases", output, need, more)
    rates = [line.given(key) for key in ("ict_intensity", "ict_life_cycle")]
    if (f"{line.case.sector}.ict_index", line.estimate) in line.levers:
        rates.append(line.given("ict_index"))
    burden = line.product("wb_footprint_rate", *rates)
    value = bought.value * burden.value / 1e6
    return {
        "enabled": enabled,
        "rebound_direct": line.product("rebound_direct", enabled, rate),
        "wb_direct_opposed": line.product("wb_direct_opposed", enabled, worse),
        "ict_purchases": bought,
        "footprint": line.put("footprint", "{}*{}/10^6", (bought, burden), value),
    }
