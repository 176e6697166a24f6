"""
Emission and energy accounts of China by CEADs (Carbon Emission Accounts and Datasets).

The national inventory has 47 rows and, by column, CO2 of 17 fuels and of processes. The provincial
energy inventories, summed over provinces, have the same rows in slightly other words, final
consumption by energy carrier in physical units, and below them the conversion rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from io_tables.cells import Cells, read_book, read_cells
from io_tables.checks import shortened
from io_tables.errors import BalanceError, LayoutError, did_you_mean
from io_tables.quantities import unit
from io_tables.readers.assemble import parsed
from io_tables.report import Finding, refuse

TOTAL, PROCESS = "Scope 1 Total", "Process"
ALL_ROWS, ALL_FINAL = "Total Consumption", "Total Final Consumption"
"""Row that sums the 47 others, in the CO2 and in the energy inventories."""
CONVERSION = ("Thermal Power", "Heating Supply")
UNITS = {"Electricity": ("10^8 kwh", 0.1, "TWh"), "Heat": ("10^10 kj", 0.01, "PJ")}


def inventory(path: Path | str, rows: Iterable[str], *, sheet: str | None = None) -> xr.DataArray:
    """
    Read a national CO2 inventory, scope 1.

    Parameters
    ----------
    path : path
        CSV file of one year, or the publisher's workbook.
    rows : iterable of str
        The rows that the inventory must have, in the order wanted.
    sheet : str, optional
        Sheet of the workbook.

    Returns
    -------
    xarray.DataArray
        CO2, dims (row, fuel), the fuel ``"Process"`` among them [Mt].

    Raises
    ------
    TableFileError
        If the file or sheet cannot be read.
    LayoutError
        If a row is unknown or missing.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a row does not sum to its printed total, or a fuel not to its printed sum over rows.
    """
    return co2_by_row(read_cells(path) if sheet is None else _sheet(path, sheet), list(rows))


def co2_by_row(cells: Cells, rows: Sequence[str]) -> xr.DataArray:
    """
    Read the cells of a national CO2 inventory; see :func:`inventory`.

    Parameters
    ----------
    cells : Cells
        One year.
    rows : sequence of str
        The rows that the inventory must have, in the order wanted.

    Returns
    -------
    xarray.DataArray
        CO2, dims (row, fuel) [Mt].

    Raises
    ------
    LayoutError
        If a row is unknown, missing or occurs twice, or a column is not in Mt.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If rows or columns do not sum to their printed totals.
    """
    header = [cell.strip() for cell in cells.rows[0]]
    if TOTAL not in header:
        raise LayoutError(f"{cells.name}: no column {TOTAL!r}: not a CEADs inventory")
    fuels = [c for c in header if c and c != "sector" and not c.startswith("Scope")]
    values = _values(cells, header, rows, [*fuels, TOTAL])
    _refuse_other_units(cells)
    total = values.sel(column=TOTAL)
    co2 = values.sel(column=fuels).rename(column="fuel")
    wrong = np.flatnonzero(np.abs(co2.sum("fuel").values - total.values) > 1e-6).tolist()
    refuse(
        cells.name,
        [
            Finding(
                "error",
                f"fuels sum to {float(co2[i].sum()):,.6g}, {float(total[i]):,.6g} is printed",
                f"row {rows[i]}",
                "compare with the publisher's file",
                BalanceError,
            )
            for i in wrong
        ],
    )
    _refuse_wrong_sum(cells, header, values, ALL_ROWS)
    return co2.rename("CO2").assign_attrs(units="Mt")


def energy(path: Path | str, rows: Mapping[str, str]) -> xr.DataArray:
    """
    Read an energy inventory, summed over provinces.

    Parameters
    ----------
    path : path
        CSV file with carriers as ``Name [unit]``.
    rows : mapping
        Row of the CO2 inventory -> the same row in the words of the energy inventory.

    Returns
    -------
    xarray.DataArray
        Final consumption, dims (row, carrier), and the conversion rows of power and heat;
        coordinate ``unit`` on carrier.

    Raises
    ------
    LayoutError
        If a row is unknown or missing, or a carrier has another unit than expected.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If the rows do not add up to the printed total of a carrier.
    UnitError
        If a unit is unknown.
    """
    cells = read_cells(path)
    header = [cell.strip() for cell in cells.rows[0]]
    carriers = [c for c in header if "[" in c]
    units = [c.partition("[")[2].rstrip("]") for c in carriers]
    return energy_by_row(cells, header, carriers, units, rows)


def energy_by_row(
    cells: Cells,
    header: Sequence[str],
    carriers: Sequence[str],
    units: Sequence[str],
    rows: Mapping[str, str],
) -> xr.DataArray:
    """
    Read the cells of an energy inventory; see :func:`energy`.

    Parameters
    ----------
    cells : Cells
        One year and place.
    header : sequence of str
        Column names.
    carriers : sequence of str
        Columns to read.
    units : sequence of str
        Their units.
    rows : mapping
        Row of the CO2 inventory -> the same row in the words of the energy inventory.

    Returns
    -------
    xarray.DataArray
        Dims (row, carrier), coordinate ``unit`` on carrier.

    Raises
    ------
    LayoutError
        If a row is unknown, missing or occurs twice, or a unit is not the one expected.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If the rows do not add up to the printed total of a carrier.
    UnitError
        If a unit is unknown.
    """
    names = [c.partition("[")[0].strip().replace("_", " ") for c in carriers]
    for name, (expected, _, _) in UNITS.items():
        found = dict(zip(names, units, strict=True)).get(name)
        if found != expected:
            raise LayoutError(f"{cells.name}: {name} is in {found!r}, expected {expected!r}")
    for text in units:
        unit(text)
    values = _values(cells, header, [*rows.values(), *CONVERSION], carriers)
    _refuse_wrong_sum(cells, header, values.drop_sel(row=list(CONVERSION)), ALL_FINAL)
    return values.rename(column="carrier").assign_coords(
        row=[*rows, *CONVERSION], carrier=names, unit=("carrier", units)
    )


def final_use(energy_by_row: xr.DataArray, carrier: str) -> xr.DataArray:
    """
    Final consumption of electricity or heat.

    Parameters
    ----------
    energy_by_row : xarray.DataArray
        From :func:`energy`.
    carrier : {"Electricity", "Heat"}
        Which.

    Returns
    -------
    xarray.DataArray
        Dims (row), without the conversion rows [TWh or PJ].
    """
    _, factor, units = UNITS[carrier]
    final = energy_by_row.sel(carrier=carrier, drop=True).drop_sel(row=list(CONVERSION))
    return (final * factor).drop_vars("unit", errors="ignore").assign_attrs(units=units)


def _values(
    cells: Cells, header: Sequence[str], rows: Sequence[str], columns: Sequence[str]
) -> xr.DataArray:
    """Cells by row and column name, dims (row, column)."""
    lines = {row[0].strip(): i for i, row in enumerate(cells.rows) if row and row[0].strip()}
    count = Counter(row[0].strip() for row in cells.rows if row)
    refuse(
        cells.name,
        [
            Finding("error", "is missing", f"row {row!r}", did_you_mean(row, lines), LayoutError)
            for row in rows
            if row not in lines
        ]
        + [
            Finding("error", f"occurs {count[row]} times", f"row {row!r}", "leave one", LayoutError)
            for row in rows
            if count[row] > 1
        ],
    )
    bad: list[Finding] = []
    values = [
        [
            parsed(
                cells.rows[lines[row]][at] if at < len(cells.rows[lines[row]]) else "",
                f"{cells.name}, row {row!r} (line {lines[row] + 1}), column {column}",
                bad,
            )
            for column, at in ((c, header.index(c)) for c in columns)
        ]
        for row in rows
    ]
    refuse(cells.name, shortened(bad, cells.name))
    coords = {"row": list(rows), "column": list(columns)}
    return xr.DataArray(values, coords=coords, dims=("row", "column"))


def _refuse_other_units(cells: Cells) -> None:
    """Refuse a CO2 sheet whose line of units says anything but Mt CO2."""
    said = (
        {cell.strip() for cell in cells.rows[1] if cell.strip()} if len(cells.rows) > 1 else set()
    )
    if said and all(re.search(r"\bCO2\b", cell) for cell in said) and said != {"Mt CO2"}:
        raise LayoutError(f"{cells.name}: units {', '.join(sorted(said))}: 'Mt CO2' is expected")


def _refuse_wrong_sum(cells: Cells, header: Sequence[str], values: xr.DataArray, name: str) -> None:
    """Refuse columns that do not add up to the row of all rows, where the file has one."""
    if not any(row and row[0].strip() == name for row in cells.rows):
        return
    columns = [str(c) for c in values["column"].values]
    printed = _values(cells, header, [name], columns).values[0]
    found = values.sum("row").values
    refuse(
        cells.name,
        [
            Finding(
                "error",
                f"rows sum to {found[i]:,.8g}, {printed[i]:,.8g} is printed",
                f"row {name!r}, column {columns[int(i)]}",
                "compare with the publisher's file",
                BalanceError,
            )
            for i in np.flatnonzero(np.abs(found - printed) > 1e-6 + 1e-9 * np.abs(printed))
        ],
    )


def _sheet(path: Path | str, sheet: str) -> Cells:
    """Read one sheet of a workbook as text."""
    return next(sheets(path, [sheet]))


def sheets(path: Path | str, names: Iterable[str] | None = None) -> Iterator[Cells]:
    """
    Read sheets of a workbook as text.

    Parameters
    ----------
    path : path
        Workbook.
    names : iterable of str, optional
        Which sheets; default all.

    Yields
    ------
    Cells
        One a sheet, its name after the file's.

    Raises
    ------
    TableFileError
        If the file is no workbook or has no such sheet.
    """
    for cells in read_book(path, None if names is None else list(names)):
        text = [[repr(c) if isinstance(c, float) else str(c) for c in row] for row in cells.rows]
        yield Cells(f"{Path(path).name}, sheet {cells.sheet}", text)
