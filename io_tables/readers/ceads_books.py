"""
Workbooks of CEADs: the national CO2 inventory of all years, and the energy of provinces.

The national workbook has one sheet per year, 1997 to 2019, and a sheet ``sum`` with the totals of
all years. The provincial workbook has one sheet per province, named ``Beijing2017``, with the units
in its second line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from io_tables.errors import BalanceError, LabelError, LayoutError, did_you_mean
from io_tables.readers.ceads import TOTAL, co2_by_row, energy_by_row, sheets
from io_tables.report import Finding, refuse

SUMS = "sum"
"""Sheet of the national workbook with the totals of all years."""


def inventories(
    path: Path | str, rows: Iterable[str], *, years: Iterable[int] | None = None
) -> xr.DataArray:
    """
    Read the national CO2 inventories of several years.

    Parameters
    ----------
    path : path
        The publisher's workbook.
    rows : iterable of str
        The rows that each inventory must have, in the order wanted.
    years : iterable of int, optional
        Which; default all.

    Returns
    -------
    xarray.DataArray
        CO2, dims (year, row, fuel), the fuel ``"Process"`` among them [Mt].

    Raises
    ------
    TableFileError
        If the file is no workbook, or has no sheet of a year.
    LayoutError
        If a sheet has other rows or columns.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If the rows of a sheet, or the sheets and the sheet of totals, do not agree.
    """
    rows = list(rows)
    names = None if years is None else [str(y) for y in years]
    found, totals = {}, None
    for cells in sheets(path, None if names is None else [*names, SUMS]):
        name = cells.name.rpartition(" ")[2]
        if name == SUMS:
            totals = cells
        elif re.fullmatch(r"\d{4}", name):
            found[int(name)] = co2_by_row(cells, rows)
    if not found or totals is None:
        raise LayoutError(f"{Path(path).name}: no sheets of years and {SUMS!r}: not that workbook")
    first, *others = found.values()
    fuels = [str(f) for f in first["fuel"].values]
    for year, sheet in found.items():
        if [str(f) for f in sheet["fuel"].values] != fuels:
            raise LayoutError(f"{Path(path).name}, sheet {year}: other fuels than the first sheet")
    lines = {_year(row[0]): row for row in totals.rows if row}
    header = [cell.strip() for cell in totals.rows[0]]
    wrong = []
    for year, sheet in found.items():
        printed = _printed(lines.get(year, ()), header)
        if not abs(float(sheet.sum()) - printed) <= 1e-6:
            what = f"sectors sum to {float(sheet.sum()):,.8g}, {printed:,.8g} is printed"
            fix = "compare with the publisher's file"
            wrong.append(Finding("error", what, f"sheet {SUMS}, {year}", fix, BalanceError))
    refuse(Path(path).name, wrong)
    axis = xr.DataArray(list(found), dims="year", name="year")
    stacked = xr.concat([first, *others], dim=axis, join="exact")
    return stacked.rename("CO2").assign_attrs(units="Mt")


def _printed(row: Sequence[str], header: Sequence[str]) -> float:
    """Total that the publisher printed for a year; NaN where there is none."""
    at = header.index(TOTAL) if TOTAL in header else len(row)
    try:
        return float(row[at]) if at < len(row) else np.nan
    except ValueError:
        return np.nan


def provinces(path: Path | str, rows: Mapping[str, str]) -> xr.DataArray:
    """
    Read the energy inventories of all provinces.

    Parameters
    ----------
    path : path
        The publisher's workbook of one year.
    rows : mapping
        Row of the CO2 inventory -> the same row in the words of the energy inventory.

    Returns
    -------
    xarray.DataArray
        Final consumption and the conversion rows of power and heat, dims
        (province, row, carrier), coordinate ``unit`` on carrier; provinces in the order of the
        sheets.

    Raises
    ------
    TableFileError
        If the file is no workbook.
    LayoutError
        If a sheet has other rows, carriers or units than the first.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If the 47 rows of a province do not add up to its printed total.
    """
    found: dict[str, xr.DataArray] = {}
    for cells in sheets(path):
        place = re.fullmatch(r"(.+?)\d{4}", cells.name.rpartition("sheet ")[2])
        if place is None:
            continue
        header = [cell.strip() for cell in cells.rows[0]]
        units = [cell.strip() for cell in cells.rows[1]] if len(cells.rows) > 1 else []
        if not units or units[0] != "unit":
            raise LayoutError(f"{cells.name}: the second line holds no units")
        columns = [c for c in header[1:] if c]
        said = [units[header.index(c)] for c in columns]
        found[place[1]] = energy_by_row(cells, header, columns, said, rows)
    if not found:
        raise LayoutError(f"{Path(path).name}: no sheet named like 'Beijing2017'")
    first = next(iter(found.values()))
    for name, sheet in found.items():
        for axis in ("carrier", "unit"):
            if list(sheet[axis].values) != list(first[axis].values):
                odd = sorted({*sheet[axis].values} ^ {*first[axis].values}) or "order"
                raise LayoutError(f"{Path(path).name}, {name}: {axis} differs in {odd}")
    province = xr.DataArray(list(found), dims="province", name="province")
    return xr.concat(list(found.values()), dim=province, join="exact")


def refuse_other_sum(by_province: xr.DataArray, together: xr.DataArray) -> None:
    """
    Compare provinces with their published or own sum.

    Parameters
    ----------
    by_province : xarray.DataArray
        From :func:`provinces`.
    together : xarray.DataArray
        From :func:`io_tables.readers.ceads.energy`.

    Raises
    ------
    LabelError
        If rows, carriers or units differ.
    BalanceError
        Naming the cells whose sum over provinces is another one.
    """
    for axis in ("row", "carrier", "unit"):
        mine, yours = ([str(v) for v in a[axis].values] for a in (by_province, together))
        if mine != yours:
            odd = next((m for m in mine if m not in yours), mine[0])
            raise LabelError(
                f"provinces and their sum differ in {axis}: {odd!r}; {did_you_mean(odd, yours)}"
            )
    found, printed = by_province.sum("province").values, together.values
    refuse(
        "sum of provinces",
        [
            Finding(
                "error",
                f"provinces sum to {found[i, j]:,.8g}, the sum says {printed[i, j]:,.8g}",
                f"row {together['row'].values[i]}, {together['carrier'].values[j]}",
                "one of the files was changed or is of another year",
                BalanceError,
            )
            for i, j in np.argwhere(np.abs(found - printed) > 1e-6)[:10]
        ],
    )


def _year(text: str) -> int | None:
    """Year in a cell, which may be written as 2017.0."""
    try:
        return int(float(text))
    except ValueError:
        return None
