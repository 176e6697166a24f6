"""The indicator sheet: from the levers to NER, EI and VEI, in formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from handprint.export.book import Book, Cell, Page, WorkbookError
from handprint.export.inputs import Material, opposite
from handprint.export.sheets_cases import NONE, Found, write_cases
from handprint.export.sheets_levers import Levers
from handprint.headline import TOTAL
from handprint.projection import ESTIMATES
from handprint.results import Results

CLOSE = 1e-9  # relative difference from the run that a formula may have
FIRST = 2  # column of the first number of the summary
SUMMARY = {
    "reference": ("Mt CO2", "amount"),
    "wb_reference_base": ("Mt CO2", "amount"),
    "wb_reference_twice": ("Mt CO2", "amount"),
    "enabled": ("Mt CO2", "amount"),
    "footprint": ("Mt CO2", "amount"),
    "rebound_direct": ("Mt CO2", "amount"),
    "rebound_respending": ("Mt CO2", "amount"),
    "wb_direct_opposed": ("Mt CO2", "amount"),
    "wb_respent_opposed": ("Mt CO2", "amount"),
    "wb_rebound_opposed": ("Mt CO2", "amount"),
    "NER": ("Mt CO2", "amount"),
    "NER_star": ("Mt CO2", "amount"),
    "actual_reduction": ("Mt CO2", "amount"),
    "lesser_increase": ("Mt CO2", "amount"),
    "wb_growth_share": ("1", "percent"),
    "ict_purchases": ("10^4 CNY", "money"),
    "EI": ("t CO2/10^4 CNY", "ratio"),
    "VEI_gross": ("1", "ratio"),
    "VEI_net": ("1", "ratio"),
    "VEI_share": ("1", "percent"),
}
STRONG = ("NER", "NER_star")


class Column(NamedTuple):
    """One sector and estimate of the summary: where it stands and what is there already."""

    page: Page
    place: Mapping[str, int]
    col: int
    sector: str
    estimate: str
    found: Found

    def cell(self, name: str) -> Cell:
        """
        Return a quantity of this column.

        Parameters
        ----------
        name : str
            Quantity.

        Returns
        -------
        Cell
            Its cell.
        """
        return self.found[name, self.sector, self.estimate]

    def opposed(self, name: str) -> Cell:
        """
        Return a quantity of the same sector at the opposite end.

        Parameters
        ----------
        name : str
            Quantity.

        Returns
        -------
        Cell
            High for low, low for high.
        """
        return self.found[name, self.sector, opposite(self.estimate)]

    def put(self, name: str, pattern: str, cells: Sequence[Cell], value: object) -> Cell:
        """
        Write a quantity into this column.

        Parameters
        ----------
        name : str
            Quantity.
        pattern : str
            Formula.
        cells : sequence of Cell
            What it refers to.
        value : float or str
            What it gives.

        Returns
        -------
        Cell
            Its cell.
        """
        style = f"{'strong' if name in STRONG else 'formula'}.{SUMMARY[name][1]}"
        cell = self.page.formula(self.place[name], self.col, pattern, cells, value, style)
        self.found[name, self.sector, self.estimate] = cell
        return cell

    def add_up(self, name: str, sectors: Sequence[str]) -> None:
        """
        Write the sum over sectors into this column.

        Parameters
        ----------
        name : str
            Quantity.
        sectors : sequence of str
            What is added up.
        """
        cells = [self.found[name, sector, self.estimate] for sector in sectors]
        self.put(name, "+".join("{}" for _ in cells), cells, _sum(cells))

    def count_once(self, sectors: Sequence[str]) -> None:
        """
        Take out of the reference of all what two sectors count.

        Parameters
        ----------
        sectors : sequence of str
            What is added up.
        """
        cells = [self.found["reference", sector, self.estimate] for sector in sectors]
        twice = self.cell("wb_reference_twice")
        pattern = "+".join("{}" for _ in cells) + "-{}"
        self.put("reference", pattern, [*cells, twice], _sum(cells) - float(twice.value))


def write_indicators(book: Book, material: Material, levers: Levers, choice: Cell) -> Found:
    """
    Write the effect of every lever and the indicators of every sector as formulas.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Levers and sectors.
    levers : mapping
        Inputs in use.
    choice : Cell
        Scenario in use.

    Returns
    -------
    dict
        Cells by quantity, sector (or ``total``) and estimate.

    Raises
    ------
    WorkbookError
        If a formula does not give the number of the run.
    """
    page = book.pages["indicators"]
    page.title(book.text("wb_indicators_title", year=material.year), book.text("range_note"))
    page.text(2, 0, book.text("scenario"), "bold")
    page.formula(2, 1, "{}", (choice,), choice.value, "lead")
    page.text(3, 0, book.text("wb_corner_rule"), "note")
    page.text(4, 0, book.text("wb_respending_note"), "note")
    page.sheet.set_column(0, 0, 40)
    page.sheet.set_column(1, 1, 46)
    page.sheet.set_column(2, 40, 12)
    page.sheet.fit_to_pages(1, 1)
    page.sheet.freeze_panes(3, 2)
    page.sheet.repeat_rows(0, 2)
    below = 8 + len(_rows(material)) + 2
    effects = write_cases(page, below, material, levers)
    found = _summary(page, 6, material, levers, effects)
    _headline(page, found)
    refuse_difference(found, material.chosen, material.year)
    return found


def _headline(page: Page, found: Found) -> None:
    """One line with the result for the whole economy."""
    cells = [found["NER", TOTAL, e] for e in ("central", "low", "high")]
    shown = [_rounded(c.value) for c in cells]
    parts = [f'TEXT(ROUND({{{i}}},0),"0")' for i in range(3)]
    pattern = f'"NER "&{parts[0]}&" ("&{parts[1]}&" … "&{parts[2]}&") Mt CO₂"'
    value = f"NER {shown[0]} ({shown[1]} … {shown[2]}) Mt CO₂"
    page.formula(2, FIRST + 2, pattern, cells, value, "lead")


def _rounded(value: float) -> str:
    """Round half away from zero, as ROUND does."""
    return f"{math.copysign(math.floor(abs(value) + 0.5), value) + 0.0:.0f}"


def _summary(page: Page, row: int, material: Material, levers: Levers, effects: Found) -> Found:
    """Columns by sector and estimate, the whole economy first; a row for each quantity."""
    book, zh = page.book, page.book.lang == "zh"
    titles = {TOTAL: book.text(TOTAL).capitalize()}
    titles |= {name: m.title_zh if zh else m.title for name, m in material.models.items()}
    column = {}
    page.text(row + 1, 0, book.text("quantity"), "header")
    page.text(row + 1, 1, book.text("unit"), "header")
    page.text(row, 0, "", "header")
    page.text(row, 1, "", "header")
    for i, (sector, title) in enumerate(titles.items()):
        col = FIRST + 3 * i
        page.sheet.merge_range(row, col, row, col + 2, title, book.styles["header"])
        for j, estimate in enumerate(ESTIMATES):
            page.text(row + 1, col + j, book.text(estimate), "header")
            column[sector, estimate] = col + j
    place = {name: row + 2 + i for i, name in enumerate(_rows(material))}
    for name in place:
        units = SUMMARY[name][0]
        page.text(place[name], 0, book.text(name), "bold" if name in STRONG else "text")
        page.text(place[name], 1, book.units(units))
    found: Found = {}
    sectors = list(material.models)
    columns = {
        (sector, estimate): Column(page, place, col, sector, estimate, found)
        for (sector, estimate), col in column.items()
    }
    for sector in sectors:
        mine = [c.label for c in material.cases if c.sector == sector]
        for estimate in ESTIMATES:
            _parts(columns[sector, estimate], levers, effects, mine)
        for estimate in ESTIMATES:
            _opposed(columns[sector, estimate], levers)
    for estimate in ESTIMATES:
        for name in list(dict.fromkeys(name for name, _, _ in found)):
            columns[TOTAL, estimate].add_up(name, sectors)
        if "wb_reference_twice" in place:
            columns[TOTAL, estimate].count_once(sectors)
    for sector in (*sectors, TOTAL):
        for estimate in ESTIMATES:
            _net(columns[sector, estimate])
            if sector != TOTAL:
                _split(columns[sector, estimate])
    for estimate in ESTIMATES:
        for name in ("actual_reduction", "lesser_increase"):
            columns[TOTAL, estimate].add_up(name, sectors)
    for one in columns.values():
        _ratios(one)
    return found


def _parts(column: Column, levers: Levers, effects: Found, cases: Sequence[str]) -> None:
    """Additive parts of a sector: sums over its levers."""
    sector, estimate = column.sector, column.estimate
    for name in ("reference", "wb_reference_base", "wb_reference_twice"):
        if name in column.place:
            given = levers[f"{sector}.{name.removeprefix('wb_')}", estimate]
            column.put(name, "{}", (given,), given.value)
    for name in ("enabled", "footprint", "rebound_direct", "ict_purchases"):
        cells = [effects[name, case, estimate] for case in cases]
        column.put(name, f"SUM({column.page.span(cells[0], cells[-1])})", (), _sum(cells))
    gross, back, spent = (
        column.cell("enabled"), column.cell("rebound_direct"), column.cell("ict_purchases")
    )  # fmt: skip
    cost, rate = (levers[f"{sector}.{key}", estimate] for key in ("cost_saved", "respending"))
    share = levers["respend", estimate]
    value = share.value * rate.value * (cost.value * (gross.value - back.value) - spent.value)
    factors = (share, rate, cost, gross, back, spent)
    column.put("rebound_respending", "{}*{}*({}*({}-{})-{})", factors, value)
    opposed = [effects["wb_direct_opposed", case, estimate] for case in cases]
    pattern = f"SUM({column.page.span(opposed[0], opposed[-1])})"
    column.put("wb_direct_opposed", pattern, (), _sum(opposed))


def _opposed(column: Column, levers: Levers) -> None:
    """Rebound that NER* takes off: purchases and rates of the opposite end, as in NER."""
    sector, estimate = column.sector, column.estimate
    gross, back = column.cell("enabled"), column.cell("wb_direct_opposed")
    spent = column.opposed("ict_purchases")
    cost, rate = (levers[f"{sector}.{key}", estimate] for key in ("cost_saved", "respending"))
    left = rate.value * (cost.value * (gross.value - back.value) - spent.value)
    again = column.put(
        "wb_respent_opposed", "{}*({}*({}-{})-{})", (rate, cost, gross, back, spent), left
    )
    # Spending more of it again is bad as long as there is something to spend.
    more, less = levers["respend", opposite(estimate)], levers["respend", estimate]
    share = more if left > 0 else less
    column.put(
        "wb_rebound_opposed",
        "{0}+IF({1}>0,{2},{3})*{1}",
        (back, again, more, less),
        back.value + share.value * left,
    )


def _net(column: Column) -> None:
    """NER and NER*: what counts against the effect comes from the opposite end."""
    gross, own = column.cell("enabled"), column.opposed("footprint")
    net = column.put("NER", "{}-{}", (gross, own), gross.value - own.value)
    rebound = column.cell("wb_rebound_opposed")
    column.put("NER_star", "{}-{}", (net, rebound), net.value - rebound.value)


def _split(column: Column) -> None:
    """Fall below the base year, and slower growth."""
    gross, back = column.cell("enabled"), column.cell("rebound_direct")
    before, reference = column.cell("wb_reference_base"), column.cell("reference")
    avoided = gross.value - back.value
    fall = min(avoided, before.value - reference.value + avoided)
    actual = column.put(
        "actual_reduction",
        "IF({0}-{1}>0,MAX(0,MIN({0}-{1},{2}-{3}+({0}-{1}))),0)",
        (gross, back, before, reference),
        max(0.0, fall) if avoided > 0 else 0.0,
    )
    column.put("lesser_increase", "{}-{}-{}", (gross, back, actual), avoided - actual.value)


def _ratios(column: Column) -> None:
    """Ratios, formed on sums; a dash where there is nothing to divide by."""
    actual, lesser = column.cell("actual_reduction"), column.cell("lesser_increase")
    whole = actual.value + lesser.value
    column.put(
        "wb_growth_share",
        f'IF({{0}}+{{1}}>0,{{1}}/({{0}}+{{1}}),"{NONE}")',
        (actual, lesser),
        lesser.value / whole if whole > 0 else NONE,
    )
    net, spent, more = (
        column.cell("NER"), column.opposed("ict_purchases"), column.cell("ict_purchases")
    )  # fmt: skip
    divisor = spent if net.value >= 0 else more
    column.put(
        "EI",
        f'IF(MIN({{1}},{{2}})>0,{{0}}*10^6/IF({{0}}>=0,{{1}},{{2}}),"{NONE}")',
        (net, spent, more),
        net.value * 1e6 / divisor.value if min(spent.value, more.value) > 0 else NONE,
    )
    gross, own = column.cell("enabled"), column.opposed("footprint")
    reference = column.cell("reference")
    ratios = {"VEI_gross": (gross, own), "VEI_net": (net, own), "VEI_share": (net, reference)}
    for name, (above, below) in ratios.items():
        value = above.value / below.value if below.value > 0 else NONE
        column.put(name, f'IF({{1}}>0,{{0}}/{{1}},"{NONE}")', (above, below), value)


def _rows(material: Material) -> list[str]:
    """Quantities of the summary; electricity counted by two models only where there is some."""
    twice = material.has("reference_twice")
    return [name for name in SUMMARY if twice or name != "wb_reference_twice"]


def _sum(cells: Sequence[Cell]) -> float:
    return float(np.sum([cell.value for cell in cells]))


def refuse_difference(found: Found, results: Results, year: int) -> None:
    """
    Compare what the formulas give with the run.

    Parameters
    ----------
    found : dict
        Cells by quantity, sector and estimate.
    results : Results
        Scenario in use.
    year : int
        End year.

    Raises
    ------
    WorkbookError
        Naming the first indicator that differs.
    """
    scale = float(results.indicators["reference"].sel(sector=TOTAL, year=year).max())
    for (name, sector, estimate), cell in found.items():
        data = results.indicators if name in results.indicators else results.ratios
        if name not in data or year not in data["year"].values:
            continue
        if sector not in data["sector"].values:
            continue
        wanted = float(data[name].sel(sector=sector, year=year, estimate=estimate))
        amount = data is results.indicators and data[name].attrs["units"] != "10^4 CNY"
        room = CLOSE * (abs(wanted) + (1e-6 * scale if amount else 0.0))
        if isinstance(cell.value, str) or abs(cell.value - wanted) > room:
            raise WorkbookError(
                f"{results.scenario.name}: {name} of {sector}, {estimate}, is {wanted:.12g} in the "
                f"run and {cell.value} by the formulas of the workbook: sector files or table have "
                "changed since the run, run it again"
            )
