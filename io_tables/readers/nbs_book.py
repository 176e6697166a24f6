"""
Original workbooks of the National Bureau of Statistics of China.

One sheet a workbook: titles in Chinese and English, merged headings of several lines, then a row
and a column of codes, found by content. Flows are a table for :func:`io_tables.read`;
coefficients, use and make tables have functions of their own here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from io_tables.cells import Cells, read_cells
from io_tables.errors import BalanceError, LayoutError
from io_tables.manifest import Manifest
from io_tables.readers import nbs
from io_tables.readers.grid import Array, Grid, code_findings, same_year, wrong_totals
from io_tables.readers.nbs_sheet import CODE, KINDS, Sheet, bare, find_codes, year_of
from io_tables.report import Finding, refuse
from io_tables.table import IOTable

DEFAULTS: dict[str, object] = {
    "units": "10^4 CNY",
    "source": "National Bureau of Statistics of China, input-output table, original workbook",
}
PRICES = nbs.PRICES
PRECISION = 5e-5  # of the printed 完全消耗系数
ROUNDING = 1e-9  # of the other printed coefficients


def recognises(cells: Cells) -> bool:
    """
    Tell whether the sheet has a cell 代码 and a title of these tables.

    Parameters
    ----------
    cells : Cells
        The sheet.

    Returns
    -------
    bool
        True if both are there.
    """
    top = [bare(cell) for row in cells.rows[:15] for cell in row if isinstance(cell, str)]
    return CODE in top and any(kind in cell for kind in KINDS for cell in top)


def facts(cells: Cells) -> dict[str, object]:
    """
    Read the year from the titles.

    Parameters
    ----------
    cells : Cells
        The sheet.

    Returns
    -------
    dict
        ``year``, where the titles say it.

    Raises
    ------
    LayoutError
        If the sheet holds no flows by product: only those have prices and a year.
    """
    demand_flows(cells, find_codes(cells).kind)
    year = year_of(cells)
    return {} if year is None else {"year": year}


def read(cells: Cells, manifest: Manifest) -> IOTable:
    """
    Read a workbook of flows, product by product.

    Parameters
    ----------
    cells : Cells
        The sheet.
    manifest : Manifest
        Units, prices and tolerance.

    Returns
    -------
    IOTable
        As :func:`io_tables.readers.nbs.read` makes it; the Chinese names of the sectors are the
        coordinate ``title_zh`` of ``output``.

    Raises
    ------
    LayoutError
        If the sheet holds coefficients, a use or a make table, or codes are wrong.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a total is not the sum of its parts, or the table does not add up.
    """
    sheet = find_codes(cells)
    same_year(cells, manifest.year, sheet.year)
    demand_flows(cells, sheet.kind)
    frame = sheet.frame
    needed = [c for c in nbs.COLUMN_CODES if c not in ("THC", "TC", "GCF", "TFU", "ERR")]
    refuse(
        cells.name,
        [
            *code_findings("row", list(frame.lines)[len(frame.sectors) :], nbs.ROW_CODES),
            *code_findings(
                "column", list(frame.columns)[len(frame.sectors) :], nbs.COLUMN_CODES, needed
            ),
        ],
    )
    return nbs.from_frame(cells, frame, manifest, titles={"title_zh": sheet.names})


def demand_flows(cells: Cells, kind: str) -> None:
    """
    Refuse a sheet that is no table of flows by product, and say what reads it.

    Parameters
    ----------
    cells : Cells
        The sheet.
    kind : str
        What it is.

    Raises
    ------
    LayoutError
        If it is anything else.
    """
    if kind == "flows":
        return
    function = {"use": "read_use", "make": "read_make"}.get(kind, "read_coefficients")
    what = f"a {kind} table" if kind in ("use", "make") else kind
    raise LayoutError(
        f"{cells.name}: {what}, not a table of flows by product: read it with "
        f"io_tables.readers.nbs_book.{function}"
    )


def read_coefficients(path: Path | str) -> xr.DataArray:
    r"""
    Read a workbook of coefficients as it is printed.

    Parameters
    ----------
    path : path
        Direct or cumulative input coefficients, product-mix or market-share matrix.

    Returns
    -------
    xarray.DataArray
        Dims (sector, purchaser), coordinates ``title_zh`` [1]; ``attrs["kind"]`` says which
        coefficients, ``attrs["precision"]`` how far the print can be trusted.

    Raises
    ------
    LayoutError
        If the sheet holds flows, or codes are wrong.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a printed total is not the sum of its parts, or cumulative coefficients have the unit
        diagonal that the Bureau leaves out.

    Notes
    -----
    Cumulative input coefficients 完全消耗系数 are :math:`(I - A)^{-1} - I`: the Leontief inverse
    without its unit diagonal, printed to five digits.
    """
    cells = _opened(path)
    sheet = find_codes(cells)
    if sheet.kind in ("flows", "use", "make"):
        raise LayoutError(f"{cells.name}: {sheet.kind}, not coefficients")
    frame = sheet.frame
    grid, sectors = Grid(cells, frame.lines, frame.columns), frame.sectors
    values = grid.block(sectors, sectors)
    printed = {c: grid.row(c, sectors) for c in ("TII", "TI", "SUM") if c in frame.lines}
    side = {"SUM": grid.column("SUM", sectors)} if "SUM" in frame.columns else {}
    if "TI" in frame.lines:
        parts = grid.block(list(nbs.COMPONENTS), sectors).sum(axis=0)
    grid.demand_numbers()
    sums = {"TII": values.sum(axis=0), "SUM": values.sum(axis=0)}
    if "TI" in frame.lines:
        sums["TI"] = sums["TII"] + parts
    cumulative = sheet.kind == "cumulative input coefficients"
    refuse(
        cells.name,
        [
            *wrong_totals("row", sectors, printed, sums, ROUNDING),
            *wrong_totals("column", sectors, side, {"SUM": values.sum(axis=1)}, ROUNDING),
            *([_unit_diagonal(cells)] if cumulative and (np.diag(values) >= 1).all() else []),
        ],
    )
    return _array(values, ("sector", "purchaser"), sheet, "1").assign_attrs(
        kind=sheet.kind,
        definition="(I - A)^-1 - I, without unit diagonal" if cumulative else sheet.kind,
        precision=PRECISION if cumulative else ROUNDING,
    )


def read_use(path: Path | str) -> xr.Dataset:
    """
    Read a workbook of intermediate use, product by industry.

    Parameters
    ----------
    path : path
        Use table.

    Returns
    -------
    xarray.Dataset
        ``use`` (product, industry), ``value_added`` (component, industry) and ``output``
        (industry) [10^4 CNY].

    Raises
    ------
    LayoutError
        If the sheet holds something else, or codes are wrong.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a printed total is not the sum of its parts.
    """
    cells = _opened(path)
    sheet = _demand(cells, "use")
    frame = sheet.frame
    grid, sectors = Grid(cells, frame.lines, frame.columns), frame.sectors
    values = grid.block(sectors, sectors)
    added = grid.block(list(nbs.COMPONENTS), sectors)
    foot = {code: grid.row(code, sectors) for code in ("TII", "TVA", "TI")}
    side = {"TIU": grid.column("TIU", sectors)}
    grid.demand_numbers()
    below = {"TII": values.sum(axis=0), "TVA": added.sum(axis=0)}
    below["TI"] = below["TII"] + below["TVA"]
    refuse(
        cells.name,
        [
            *wrong_totals("row", sectors, foot, below, nbs.TOLERANCE),
            *wrong_totals("column", sectors, side, {"TIU": values.sum(axis=1)}, nbs.TOLERANCE),
        ],
    )
    units = str(DEFAULTS["units"])
    components = list(nbs.COMPONENTS.values())
    return xr.Dataset(
        {
            "use": _array(values, ("product", "industry"), sheet, units),
            "value_added": (("component", "industry"), added, {"units": units}),
            "output": ("industry", foot["TI"], {"units": units}),
        },
        coords={"component": components},
    )


def read_make(path: Path | str) -> xr.DataArray:
    """
    Read a workbook of make, which the Bureau prints with products in rows.

    Parameters
    ----------
    path : path
        Make table.

    Returns
    -------
    xarray.DataArray
        Dims (product, industry): what each industry makes of each product [10^4 CNY].

    Raises
    ------
    LayoutError
        If the sheet holds something else, or codes are wrong.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a printed total is not the sum of its parts.
    """
    cells = _opened(path)
    sheet = _demand(cells, "make")
    frame = sheet.frame
    grid, sectors = Grid(cells, frame.lines, frame.columns), frame.sectors
    values = grid.block(sectors, sectors)
    foot, side = {"SUM": grid.row("SUM", sectors)}, {"SUM": grid.column("SUM", sectors)}
    grid.demand_numbers()
    refuse(
        cells.name,
        [
            *wrong_totals("row", sectors, foot, {"SUM": values.sum(axis=0)}, nbs.TOLERANCE),
            *wrong_totals("column", sectors, side, {"SUM": values.sum(axis=1)}, nbs.TOLERANCE),
        ],
    )
    return _array(values, ("product", "industry"), sheet, str(DEFAULTS["units"]))


def open_book(path: Path | str) -> Cells:
    """
    Open the first sheet of a workbook.

    Parameters
    ----------
    path : path
        Workbook, or the same sheet as CSV.

    Returns
    -------
    Cells
        Text and numbers as they are.

    Raises
    ------
    TableFileError
        If the file is missing or no workbook.
    """
    return read_cells(path)


def _opened(path: Path | str) -> Cells:
    """Open a workbook that has this layout."""
    cells = open_book(path)
    if not recognises(cells):
        raise LayoutError(f"{cells.name}: no cell {CODE} with a title of the Bureau's tables")
    return cells


def _demand(cells: Cells, kind: str) -> Sheet:
    """Find the codes of a sheet that must be of one kind."""
    sheet = find_codes(cells)
    if sheet.kind != kind:
        raise LayoutError(f"{cells.name}: {sheet.kind}, not a {kind} table")
    return sheet


def _array(values: Array, dims: tuple[str, str], sheet: Sheet, units: str) -> xr.DataArray:
    """Label a square block of a sheet."""
    codes = list(sheet.frame.sectors)
    first = f"{dims[0]}_title_zh", f"{dims[1]}_title_zh"
    return xr.DataArray(
        values,
        coords={
            dims[0]: codes,
            dims[1]: codes,
            first[0]: (dims[0], list(sheet.names)),
            first[1]: (dims[1], list(sheet.column_names)),
        },
        dims=dims,
        attrs={"units": units, "source": DEFAULTS["source"]},
    )


def _unit_diagonal(cells: Cells) -> Finding:
    """Say that the diagonal is not the printed one."""
    return Finding(
        "error",
        "every coefficient of the diagonal is at least 1, the printed ones leave the unit out",
        f"{cells.name}, diagonal",
        "this is (I - A)^-1 itself: subtract the unit matrix",
        BalanceError,
    )
