"""The Leontief sheet: base-year table, inverse, multipliers and ICT linkages as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

import io_tables
from handprint.export.book import Book, Cell, Page, WorkbookError
from handprint.export.inputs import Material
from handprint.linkage import MEANINGS
from handprint.topdown import CLOSED
from io_tables import IOTable
from io_tables.errors import TableError

TOP = 14  # row of the first block; the summary stands above it
CODE, TITLE, FIRST = 0, 1, 2
READINGS = ("R1", "R2", "R3", "R4")
CATEGORIES = (
    "rural households", "urban households", "government", "fixed capital", "inventories",
    "exports", "imports",
)  # fmt: skip


class Engine(NamedTuple):
    """Numbers of the table, and what the formulas make of them."""

    z: Any
    y: Any
    e: Any
    x: Any
    a: Any
    inverse: Any
    s: Any
    m: Any
    scale: float  # from the unit of emissions to tonnes


def write_leontief(book: Book, material: Material) -> None:
    """
    Write the table of the base year and the whole calculation on it.

    Parameters
    ----------
    book : Book
        Workbook.
    material : Material
        Gives the table, its satellite and the sectors that count as ICT.

    Raises
    ------
    WorkbookError
        If the ledger of the table does not close.
    """
    page, table = book.pages["leontief"], material.table
    scenario = material.chosen.scenario
    engine = _engine(table, scenario.satellite)
    n, size = len(table.sectors), len(table.categories)
    page.title(
        book.text("wb_leontief_title", year=scenario.base_year, n=n),
        book.text("wb_leontief_hint", source=table.source, prices=table.price_basis),
    )
    page.sheet.set_column(CODE, CODE, 8)
    page.sheet.set_column(TITLE, TITLE, 48)
    page.sheet.set_column(FIRST, FIRST + n + size + 1, 15)
    page.sheet.set_paper(8)
    page.sheet.freeze_panes(0, FIRST)
    titles = _titles(table, book.lang)
    flows, use, output = _flows(page, TOP, table, engine, titles)
    row = TOP + n + 6
    coefficients = _coefficients(page, row, table, engine, titles, flows, output)
    row += n + 4
    inverse = _inverse(page, row, table, engine, titles, coefficients)
    row += 2 * (n + 4)
    vectors = _vectors(page, row, table, engine, titles, use, output, inverse, scenario.satellite)
    readings = _readings(page, row + 10, table, engine, vectors, inverse, list(scenario.ict))
    _summary(page, table, engine, vectors, readings, scenario.satellite)
    page.sheet.set_h_pagebreaks([TOP + 2 * n + 10])


def _engine(table: IOTable, satellite: str) -> Engine:
    """Compute what the formulas of the sheet compute, from the same cells."""
    z = table.transactions.transpose("sector", "purchaser").values
    y = table.final_demand.transpose("sector", "category").values
    account = table.satellites[satellite]
    x = z.sum(axis=1) + y.sum(axis=1)
    scale = 1e6 if account.attrs["units"].startswith("Mt") else 1.0
    a = np.divide(z, x, out=np.zeros_like(z), where=x > 0)
    s = np.divide(account.values * scale, x, out=np.zeros_like(x), where=x > 0)
    inverse = np.linalg.inv(np.eye(len(x)) - a)
    return Engine(z, y, account.values, x, a, inverse, s, s @ inverse, scale)


def _titles(table: IOTable, lang: str) -> list[str]:
    """Names of the sectors, where the classification is a shipped one."""
    for name in ("cn24", "cn8"):
        try:
            known = io_tables.classification(name)
        except TableError:
            continue
        if all(sector in known.index for sector in table.sectors):
            column = "title_zh" if lang == "zh" else "title"
            return [str(known.loc[sector, column]) for sector in table.sectors]
    return list(table.sectors)


def _frame(
    page: Page, row: int, title: str, rows: Sequence[tuple[str, str]], heads: Sequence[str]
) -> None:
    """Title of a block, its column heads and the names of its rows."""
    for col in range(FIRST + len(heads)):
        page.text(row, col, title if col == 0 else "", "band")
    for col, head in enumerate(["", "", *heads]):
        page.text(row + 1, col, head, "header")
    for i, (code, name) in enumerate(rows):
        page.text(row + 2 + i, CODE, code, "bold")
        page.text(row + 2 + i, TITLE, name)


def _flows(
    page: Page, row: int, table: IOTable, engine: Engine, titles: Sequence[str]
) -> tuple[list[list[Cell]], list[Cell], list[Cell]]:
    """Transactions and final demand; output is a formula."""
    book, n = page.book, len(table.sectors)
    heads = [*table.sectors, *(_category(book, c) for c in table.categories)]
    heads += [book.text("wb_final_demand"), book.text("wb_output_x")]
    units = book.units(table.units)
    named = list(zip(table.sectors, titles, strict=True))
    _frame(page, row, book.text("wb_block_flows", units=units), named, heads)
    page.sheet.set_row(row + 1, 30)
    flows, use, output = [], [], []
    last = FIRST + n + len(table.categories)
    for i in range(n):
        line = [
            page.number(row + 2 + i, FIRST + j, v, "data.money") for j, v in enumerate(engine.z[i])
        ]
        demand = [
            page.number(row + 2 + i, FIRST + n + k, v, "data.money")
            for k, v in enumerate(engine.y[i])
        ]
        total = page.total(row + 2 + i, last, demand, "formula.money")
        pattern = f"SUM({page.span(line[0], line[-1])})+{{}}"
        x = page.formula(row + 2 + i, last + 1, pattern, (total,), engine.x[i], "strong.money")
        flows.append(line)
        use.append(total)
        output.append(x)
    below = row + 2 + n
    page.text(below, TITLE, book.text("wb_inputs_sum"))
    page.text(below + 1, TITLE, book.text("wb_primary_inputs"))
    for j in range(n):
        column = [flows[i][j] for i in range(n)]
        bought = page.total(below, FIRST + j, column, "formula.money")
        page.formula(
            below + 1, FIRST + j, "{}-{}", (output[j], bought), output[j].value - bought.value,
            "formula.money",
        )  # fmt: skip
    return flows, use, output


def _category(book: Book, name: str) -> str:
    """Name of a category of final demand, where there is a translation."""
    return book.text(f"wb_category_{name.replace(' ', '_')}") if name in CATEGORIES else name


def _coefficients(
    page: Page,
    row: int,
    table: IOTable,
    engine: Engine,
    titles: Sequence[str],
    flows: Sequence[Sequence[Cell]],
    output: Sequence[Cell],
) -> list[list[Cell]]:
    """Input coefficients A = Z / x."""
    _frame(
        page,
        row,
        page.book.text("wb_block_a"),
        list(zip(table.sectors, titles, strict=True)),
        table.sectors,
    )
    return [
        [
            page.formula(
                row + 2 + i, FIRST + j, "IF({1}>0,{0}/{1},0)", (flow, output[j]), engine.a[i, j],
                "formula.rate",
            )
            for j, flow in enumerate(line)
        ]
        for i, line in enumerate(flows)
    ]  # fmt: skip


def _inverse(
    page: Page,
    row: int,
    table: IOTable,
    engine: Engine,
    titles: Sequence[str],
    coefficients: Sequence[Sequence[Cell]],
) -> list[list[Cell]]:
    """I - A, and below it the Leontief inverse as one array formula."""
    named = list(zip(table.sectors, titles, strict=True))
    _frame(page, row, page.book.text("wb_block_i_a"), named, table.sectors)
    rest = np.eye(len(named)) - engine.a
    cells = [
        [
            page.formula(
                row + 2 + i, FIRST + j, f"{int(i == j)}-{{}}", (a,), rest[i, j], "formula.rate"
            )
            for j, a in enumerate(line)
        ]
        for i, line in enumerate(coefficients)
    ]
    row += len(named) + 4
    _frame(page, row, page.book.text("wb_block_l"), named, table.sectors)
    block = page.span(cells[0][0], cells[-1][-1])
    return page.array(row + 2, FIRST, f"MINVERSE({block})", engine.inverse, "formula.rate")


def _vectors(
    page: Page,
    row: int,
    table: IOTable,
    engine: Engine,
    titles: Sequence[str],
    use: Sequence[Cell],
    output: Sequence[Cell],
    inverse: Sequence[Sequence[Cell]],
    satellite: str,
) -> dict[str, list[Cell]]:
    """Output, emissions, intensities, multipliers and embodied emissions by sector."""
    book = page.book
    mass = book.units(f"{table.satellites[satellite].attrs['units']} {satellite}")
    rate = book.units(f"{'t' if engine.scale > 1 else mass} {satellite}/{table.units}")
    names = {"x": book.units(table.units), "y": book.units(table.units), "e": mass, "s": rate,
             "m": rate, "embodied": mass}  # fmt: skip
    rows = [
        (key if len(key) == 1 else "m·y", f"{book.text(f'wb_vector_{key}')} [{u}]")
        for key, u in names.items()
    ]
    _frame(page, row, book.text("wb_block_vectors"), rows, table.sectors)
    top = row + 2
    found: dict[str, list[Cell]] = {}
    cols = range(FIRST, FIRST + len(output))
    found["x"] = [
        page.formula(top, c, "{}", (x,), x.value, "formula.money")
        for c, x in zip(cols, output, strict=True)
    ]
    found["y"] = [
        page.formula(top + 1, c, "{}", (y,), y.value, "formula.money")
        for c, y in zip(cols, use, strict=True)
    ]
    found["e"] = [
        page.number(top + 2, c, e, "data.amount") for c, e in zip(cols, engine.e, strict=True)
    ]
    factor = f"*{engine.scale:.0f}" if engine.scale > 1 else ""
    found["s"] = [
        page.formula(top + 3, c, f"IF({{1}}>0,{{0}}/{{1}}{factor},0)", (e, x), s, "formula.rate")
        for c, e, x, s in zip(cols, found["e"], found["x"], engine.s, strict=True)
    ]
    block = page.span(inverse[0][0], inverse[-1][-1])
    product = f"MMULT({page.span(found['s'][0], found['s'][-1])},{block})"
    found["m"] = page.array(top + 4, FIRST, product, engine.m[None, :], "strong.rate")[0]
    divided = f"/{engine.scale:.0f}" if engine.scale > 1 else ""
    found["embodied"] = [
        page.formula(
            top + 5,
            c,
            f"{{}}*{{}}{divided}",
            (m, y),
            m.value * y.value / engine.scale,
            "formula.amount",
        )
        for c, m, y in zip(cols, found["m"], found["y"], strict=True)
    ]
    return found


def _readings(
    page: Page,
    row: int,
    table: IOTable,
    engine: Engine,
    vectors: dict[str, list[Cell]],
    inverse: Sequence[Sequence[Cell]],
    ict: Sequence[str],
) -> dict[str, Cell]:
    """Four readings of the ICT linkage by sector and in total; none is an avoided emission."""
    book, n = page.book, len(table.sectors)
    group = [table.sectors.index(c) for c in ict]
    zh = book.lang == "zh"
    rows = [(r, MEANINGS[r].long_name_zh if zh else MEANINGS[r].long_name) for r in READINGS]
    heads = [*table.sectors, book.text("total")]
    _frame(page, row, book.text("wb_block_linkage", ict=", ".join(ict)), rows, heads)
    x, s = vectors["x"], vectors["s"]
    values = _by_sector(engine, group)
    found = {}
    for i, reading in enumerate(READINGS):
        line = []
        for j in range(n):
            pattern, cells = _pattern(reading, j, group, x, s, inverse)
            value = values[reading][j]
            line.append(page.formula(row + 2 + i, FIRST + j, pattern, cells, value, "formula.rate"))
        found[reading] = page.total(row + 2 + i, FIRST + n, line, "strong.rate")
    page.text(row + 6, CODE, book.text("wb_linkage_note"), "note")
    return found


def _pattern(
    reading: str,
    j: int,
    group: Sequence[int],
    x: Sequence[Cell],
    s: Sequence[Cell],
    inverse: Sequence[Sequence[Cell]],
) -> tuple[str, list[Cell]]:
    """Formula of one reading for one sector."""
    k = len(group)
    if reading == "R1":
        pattern = "+".join(f"{{{i}}}*{{{k + i}}}" for i in range(k))
        return pattern, [*(s[c] for c in group), *(inverse[c][j] for c in group)]
    if reading == "R2":
        pattern = f"{{{k}}}*(" + "+".join(f"{{{i}}}" for i in range(k)) + ")"
        return pattern, [*(inverse[j][c] for c in group), s[j]]
    if reading == "R3":
        pattern = f"{{{k}}}*(" + "+".join(f"{{{i}}}" for i in range(k)) + ")"
        return pattern, [*(inverse[c][j] for c in group), s[j]]
    terms = "+".join(f"{{{i}}}*{{{2 * k + 1}}}/{{{k + i}}}" for i in range(k))
    return f"{{{2 * k}}}*({terms})", [
        *(inverse[c][j] for c in group),
        *(x[c] for c in group),
        s[j],
        x[j],
    ]


def _by_sector(engine: Engine, group: Sequence[int]) -> dict[str, Any]:
    rows, columns = engine.inverse[group], engine.inverse[:, group]
    ghosh = rows * engine.x / engine.x[group, None]
    return {
        "R1": engine.s[group] @ rows,
        "R2": engine.s * columns.sum(axis=1),
        "R3": rows.sum(axis=0) * engine.s,
        "R4": ghosh.sum(axis=0) * engine.s,
    }


def _summary(
    page: Page,
    table: IOTable,
    engine: Engine,
    vectors: dict[str, list[Cell]],
    readings: dict[str, Cell],
    satellite: str,
) -> None:
    """Ledger and linkage in figures, above everything else."""
    book = page.book
    mass = book.units(f"{table.satellites[satellite].attrs['units']} {satellite}")
    e, x, embodied = vectors["e"], vectors["x"], vectors["embodied"]
    page.text(2, CODE, book.text("wb_ledger_title", units=mass), "lead")
    idle = float(sum(a.value for a, b in zip(e, x, strict=True) if b.value <= 0))
    lines = (
        "wb_produced",
        "wb_embodied",
        "wb_not_allocated",
        "wb_gap",
        "wb_verdict",
        "wb_households",
    )
    for i, key in enumerate(lines):
        page.text(3 + i, TITLE, book.text(key))
    produced = page.total(3, FIRST, e, "formula.amount")
    caused = page.total(4, FIRST, embodied, "formula.amount")
    pattern = f'SUMIF({page.span(x[0], x[-1])},"<=0",{page.span(e[0], e[-1])})'
    left = page.formula(5, FIRST, pattern, (), idle, "formula.amount")
    gap = page.formula(
        6, FIRST, "ROUND({}-{}-{},6)", (produced, caused, left),
        round(produced.value - caused.value - left.value, 6) + 0.0, "formula.amount",
    )  # fmt: skip
    closed, open_ = book.text("wb_closed"), book.text("wb_open")
    if abs(gap.value) > max(CLOSED * abs(produced.value), 1e-6):
        raise WorkbookError(f"table {table.name}: the ledger is open by {gap.value:.3g}")
    pattern = f'IF(ABS({{0}}-{{1}}-{{2}})<={CLOSED:.9f}*ABS({{0}}),"{closed}","{open_}")'
    page.formula(7, FIRST, pattern, (produced, caused, left), closed, "verdict")
    own = table.households.get(satellite)
    page.number(8, FIRST, 0.0 if own is None else float(own), "data.amount")
    right = FIRST + 4
    rate = book.units(f"{'t' if engine.scale > 1 else mass} {satellite}/{table.units}")
    page.text(2, right, book.text("wb_linkage_title", units=rate), "lead")
    zh = book.lang == "zh"
    for i, (reading, cell) in enumerate(readings.items()):
        name = MEANINGS[reading].long_name_zh if zh else MEANINGS[reading].long_name
        page.formula(3 + i, right, "{}", (cell,), cell.value, "strong.rate")
        page.text(3 + i, right + 1, f"  {reading}  {name}", "note")
    page.text(7, right, book.text("wb_linkage_note"), "note")
    for row, key in ((10, "wb_order_note"), (11, "wb_data_note")):
        page.text(row, CODE, book.text(key), "note")
