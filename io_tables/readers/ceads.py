"""
Emission and energy accounts of China by CEADs (Carbon Emission Accounts and Datasets).

The national inventory has 47 rows and, by column, CO2 of 17 fuels and of processes. The provincial
energy inventories, summed over provinces, have the same rows in slightly other words, final
consumption by energy carrier in physical units, and below them the conversion rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from io_tables.cells import Cells, existing, read_cells
from io_tables.checks import shortened
from io_tables.errors import BalanceError, LayoutError, TableFileError, did_you_mean
from io_tables.readers.assemble import parsed
from io_tables.report import Finding, refuse

TOTAL, PROCESS = "Scope 1 Total", "Process"
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
        If a row does not sum to its printed total.
    """
    rows = list(rows)
    cells = read_cells(path) if sheet is None else _sheet(path, sheet)
    header = [cell.strip() for cell in cells.rows[0]]
    if TOTAL not in header:
        raise LayoutError(f"{cells.name}: no column {TOTAL!r}: not a CEADs inventory")
    fuels = [c for c in header if c and c != "sector" and not c.startswith("Scope")]
    values = _values(cells, header, rows, [*fuels, TOTAL])
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
    """
    cells = read_cells(path)
    header = [cell.strip() for cell in cells.rows[0]]
    carriers = [c for c in header if "[" in c]
    names = [c.partition("[")[0].strip().replace("_", " ") for c in carriers]
    units = [c.partition("[")[2].rstrip("]") for c in carriers]
    for name, (expected, _, _) in UNITS.items():
        found = dict(zip(names, units, strict=True)).get(name)
        if found != expected:
            raise LayoutError(f"{cells.name}: {name} is in {found!r}, expected {expected!r}")
    values = _values(cells, header, [*rows.values(), *CONVERSION], carriers)
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
    absent = [row for row in rows if row not in lines]
    refuse(
        cells.name,
        [
            Finding("error", "is missing", f"row {row!r}", did_you_mean(row, lines), LayoutError)
            for row in absent
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


def _sheet(path: Path | str, sheet: str) -> Cells:
    """Read one sheet of a workbook as text."""
    from python_calamine import CalamineError, CalamineWorkbook

    path = existing(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            if sheet not in book.sheet_names:
                hint = did_you_mean(sheet, book.sheet_names)
                raise TableFileError(f"{path.name}: no sheet {sheet!r}; {hint}")
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise TableFileError(f"{path.name}: not a workbook: {error}") from error
    text = [[repr(c) if isinstance(c, float) else str(c) for c in row] for row in rows]
    return Cells(f"{path.name}, sheet {sheet}", text)
