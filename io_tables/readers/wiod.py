"""
National tables of the World Input-Output Database, release 2016, with JRC's CO2 accounts.

Rows ``Year, Code, Description, Origin``: industries twice, Domestic and Imports, then rows of
origin TOT; columns are industries, ``CONS_h CONS_np CONS_g GFCF INVEN EXP`` and ``GO``. Numbers
are rounded to million dollars, so rows and columns add up to about ten. Industries without
output are normal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from io_tables.arrays import same_labels
from io_tables.cells import Cells, read_cells
from io_tables.checks import label_findings
from io_tables.errors import LayoutError, ManifestError, ScopeError, did_you_mean
from io_tables.manifest import Manifest
from io_tables.readers.assemble import assembled
from io_tables.readers.grid import (
    Array,
    Grid,
    code_findings,
    country_in,
    label,
    placed,
    same_year,
    text,
    wrong_totals,
)
from io_tables.report import Finding, refuse
from io_tables.table import (
    EXPORTS,
    IMPORTED_INPUTS,
    IMPORTS,
    PRODUCT_TAXES,
    TRANSPORT_MARGINS,
    IOTable,
)

DEFAULTS: dict[str, object] = {
    "units": "10^6 USD",
    "source": "World Input-Output Database, release November 2016, national table",
}
PRICES = "current basic prices {year}"
OPTIONS = ("version", "emissions", "country")
COMPANIONS = ("emissions",)
TOLERANCE = 10.0  # 10^6 USD: each of 56 to 120 cells is rounded by up to a half
CATEGORIES = {
    "CONS_h": "households",
    "CONS_np": "non-profit institutions",
    "CONS_g": "government",
    "GFCF": "fixed capital",
    "INVEN": "inventories",
    "EXP": EXPORTS,
}
COMPONENTS = {
    "VA": "value added",
    "TXSP": PRODUCT_TAXES,
    "EXP_adj": "cif/fob adjustments on exports",
    "PURR": "direct purchases abroad by residents",
    "PURNR": "purchases by non-residents",
    "IntTTM": TRANSPORT_MARGINS,
}
SOMETIMES = ("EXP_adj", "PURR", "PURNR")  # belong to final use: zero in every industry
HEADER = ("Year", "Code", "Description", "Origin")
VERSIONS = ("domestic", "total")
HOUSEHOLDS = "FC_HH"
LEVEL_BREAK = 2015


def recognises(cells: Cells) -> bool:
    """
    Tell whether the first line has the columns of this layout.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    bool
        True if it has year, code and origin, and the final uses of WIOD.
    """
    return {"Code", "Origin", "CONS_h", "GO"} <= {text(c) for c in cells.rows[0]}


def facts(cells: Cells) -> dict[str, object]:
    """
    Read the year from the file.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    dict
        ``year``, if there is one.
    """
    year = _year(cells)
    return {} if year is None else {"year": year}


def read(cells: Cells, manifest: Manifest) -> IOTable:
    r"""
    Read a national table.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices and tolerance; ``options``: ``version`` ``"domestic"`` (default) or
        ``"total"``, ``emissions`` the file of JRC's accounts, ``country`` where the file's name
        does not begin with its code.

    Returns
    -------
    IOTable
        Domestic flows with imported inputs as a primary input, or total flows with imports as a
        negative column of final demand. With emissions: CO2 of industries and households [Mt].

    Raises
    ------
    LayoutError
        If a code is unknown or missing, or the year is another than stated.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If rows or columns miss output by more than the tolerance.
    ManifestError
        If an option has an unknown value.
    ScopeError
        If another scope than ``"direct"`` is stated for JRC's accounts.

    Notes
    -----
    Domestic: :math:`x = Z_d 1 + f_d`, :math:`x = 1 Z_d + 1 Z_m + v + t`. Total:
    :math:`x = (Z_d + Z_m) 1 + f_d + f_m - m`, with m the row sums of imports.
    """
    version = str(manifest.options.get("version", VERSIONS[0]))
    if version not in VERSIONS:
        hint = did_you_mean(version, VERSIONS)
        raise ManifestError(f"{cells.name}: no version {version!r}; {hint}")
    same_year(cells, manifest.year, _year(cells))
    if manifest.tolerance is None:
        manifest = manifest.model_copy(update={"tolerance": TOLERANCE})
    sectors, home, abroad = _grids(cells)
    finals = list(CATEGORIES)
    own, foreign = home.block(sectors, sectors), abroad.block(sectors, sectors)
    demand, bought = home.block(sectors, finals), abroad.block(sectors, finals)
    added = home.block(list(COMPONENTS), sectors)
    output, printed = home.column("GO", sectors), home.row("GO", sectors)
    inputs = home.row("II_fob", sectors)
    home.demand_numbers()
    findings = [
        *wrong_totals("row", sectors, {"GO": printed}, {"GO": output}, manifest.tolerance or 0),
        *wrong_totals(
            "row",
            sectors,
            {"II_fob": inputs},
            {"II_fob": own.sum(axis=0) + foreign.sum(axis=0)},
            manifest.tolerance or 0,
        ),
    ]
    used = [i for i, code in enumerate(COMPONENTS) if code not in SOMETIMES or added[i].any()]
    components = [list(COMPONENTS.values())[i] for i in used]
    parts: dict[str, Any] = {
        "transactions": own,
        "final_demand": demand,
        "categories": list(CATEGORIES.values()),
        "value_added": np.vstack([added[used], foreign.sum(axis=0)]),
        "components": [*components, IMPORTED_INPUTS],
    }
    if version == "total":
        imports = foreign.sum(axis=1) + bought.sum(axis=1)
        parts |= {
            "transactions": own + foreign,
            "final_demand": np.column_stack([demand + bought, -imports]),
            "categories": [*CATEGORIES.values(), IMPORTS],
            "value_added": added[used],
            "components": components,
        }
    if "emissions" in manifest.options:
        manifest, accounts, warnings = _with_emissions(cells, manifest, sectors)
        parts |= accounts
        findings += warnings
    titles = [text(cells.rows[home.rows[code]][2]) for code in sectors]
    return assembled(
        cells.name,
        findings,
        manifest,
        sectors,
        titles={"title": titles},
        output=output,
        located=placed(
            home,
            sectors,
            COMPONENTS,
            CATEGORIES | {"GO": "output"},
            abroad if version == "total" else None,
        ),
        **parts,
    )


def emissions(path: str, country: str, year: int, sectors: Sequence[str]) -> tuple[Array, float]:
    """
    Read JRC's CO2 accounts of one country and year.

    Parameters
    ----------
    path : str
        CSV file with columns ``country, code`` and years, in kt.
    country : str
        Three letters.
    year : int
        Year.
    sectors : sequence of str
        Industries wanted, in order.

    Returns
    -------
    numpy.ndarray
        CO2 of industries [kt].
    float
        CO2 of households [kt].

    Raises
    ------
    LayoutError
        If the file has no such country, year or industry.
    MissingValueError
        If a cell is empty or not a number.
    """
    cells = read_cells(path)
    header = [text(c) for c in cells.rows[0]]
    for column in ("country", "code", str(year)):
        if column not in header:
            raise LayoutError(f"{cells.name}: no column {column!r}; {did_you_mean(column, header)}")
    at, code_at = header.index("country"), header.index("code")
    lines = [(text(row[at]), text(row[code_at]), i) for i, row in enumerate(cells.rows) if i]
    codes = [code for c, code, _ in lines if c == country]
    if not codes:
        hint = did_you_mean(country, sorted({c for c, _, _ in lines}))
        raise LayoutError(f"{cells.name}: no country {country!r}; {hint}")
    refuse(cells.name, code_findings(f"{country} row", codes, [*sectors, HOUSEHOLDS]))
    grid = Grid(
        cells,
        {code: i for c, code, i in lines if c == country},
        {str(year): header.index(str(year))},
    )
    values = grid.column(str(year), [*sectors, HOUSEHOLDS])
    grid.demand_numbers()
    return values[:-1], float(values[-1])


def _with_emissions(
    cells: Cells, manifest: Manifest, sectors: Sequence[str]
) -> tuple[Manifest, dict[str, object], Iterable[Finding]]:
    """Satellite and households of CO2 in Mt, and what to know about their year."""
    path = str(manifest.options["emissions"])
    country = str(manifest.options.get("country") or country_in(cells.name) or "")
    if not country:
        raise ManifestError(
            f"{cells.name}: whose emissions? the file's name does not begin with a country's "
            'code: give country="CHN" or another'
        )
    if manifest.scope not in (None, "direct"):
        raise ScopeError(
            f"{cells.name}: scope {manifest.scope!r} is stated, JRC's accounts are direct "
            "emissions of each industry: leave it out"
        )
    year = manifest.year or _year(cells)
    if year is None:
        raise ManifestError(f"{cells.name}: emissions of which year? give year=")
    industries, households = emissions(path, country, year, sectors)
    accounts: dict[str, object] = {
        "satellites": {"CO2": (industries / 1000, "Mt")},
        "households": {"CO2": (households / 1000, "Mt")},
    }
    step = f"CO2 of {country} {year} from JRC's accounts consistent with WIOD 2016, kt to Mt"
    manifest = manifest.model_copy(update={"scope": "direct", "method": (*manifest.method, step)})
    return manifest, accounts, _level_break(path, country, year, sectors)


def _level_break(path: str, country: str, year: int, sectors: Sequence[str]) -> Iterator[Finding]:
    """Warn of the years in which JRC's series is on another level, with the size of the step."""
    if year < LEVEL_BREAK:
        return
    header = [text(c) for c in read_cells(path).rows[0]]
    sound = [y for y in map(str, range(LEVEL_BREAK - 1, LEVEL_BREAK - 6, -1)) if y in header]
    step = ""
    if sound:
        now, then = (
            float(emissions(path, country, y, sectors)[0].sum()) / 1000
            for y in (year, int(sound[0]))
        )
        step = f": industries of {country} have {now:,.6g} Mt, {then:,.6g} Mt in {sound[0]}"
    yield Finding(
        "warning",
        f"JRC's CO2 from {LEVEL_BREAK} on is not on the level of the years before{step}",
        f"{path.rsplit('/', 1)[-1]}, row {country}, column {year}",
        f"use a year up to {LEVEL_BREAK - 1}, and draw no growth across the break",
        code="level-jrc",
        value=year,
    )


def _grids(cells: Cells) -> tuple[list[str], Grid, Grid]:
    """Find codes: sectors, domestic and total rows, imported rows."""
    header = [label(c) for c in cells.rows[0]]
    places = {name: header.index(name) for name in HEADER if name in header}
    refuse(cells.name, code_findings("column", list(places), HEADER))
    rows: dict[str, list[tuple[str, int]]] = {"Domestic": [], "Imports": [], "TOT": []}
    findings: list[Finding] = []
    for i, row in enumerate(cells.rows[1:], start=1):
        origin = text(row[places["Origin"]]) if places["Origin"] < len(row) else ""
        if origin not in rows:
            where = f"{cells.name}, row {i} (line {i + 1}), column Origin"
            what, hint = f"unknown origin {origin!r}", did_you_mean(origin, rows)
            findings.append(Finding("error", what, where, hint, LayoutError))
            continue
        rows[origin].append((label(row[places["Code"]]), i))
    sectors = [code for code, _ in rows["Domestic"]]
    imported = [code for code, _ in rows["Imports"]]
    columns = [c for c in header if c not in HEADER]
    first = columns.index("CONS_h")
    findings += [
        *label_findings(sectors, "row"),
        *label_findings(columns[:first], "column"),
        *code_findings("column", columns[first:], [*CATEGORIES, "GO"]),
        *code_findings("row", [c for c, _ in rows["TOT"]], ["II_fob", *COMPONENTS, "GO"]),
    ]
    refuse(cells.name, findings)
    same_labels(columns[:first], sectors, f"{cells.name}: columns against rows")
    same_labels(imported, sectors, f"{cells.name}: imported against domestic rows")
    at: Mapping[str, int] = {c: j for j, c in enumerate(header) if c not in HEADER}
    home = Grid(cells, dict([*rows["Domestic"], *rows["TOT"]]), at)
    return sectors, home, Grid(cells, dict(rows["Imports"]), at, home.bad)


def _year(cells: Cells) -> int | None:
    """The one year of the column Year."""
    header = [text(c) for c in cells.rows[0]]
    if "Year" not in header:
        return None
    at = header.index("Year")
    years = {text(row[at]) for row in cells.rows[1:] if at < len(row)}
    if len(years) > 1:
        raise LayoutError(
            f"{cells.name}: column Year has {', '.join(sorted(years))}: give a file of one year"
        )
    year = years.pop() if years else ""
    return int(year) if year.isdigit() else None
