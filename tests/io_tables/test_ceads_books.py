"""Workbooks of CEADs: all years of the inventory, and the energy of provinces."""

from __future__ import annotations

import openpyxl
import pytest
import xarray as xr

from io_tables import accounts
from io_tables.errors import (
    BalanceError,
    LabelError,
    LayoutError,
    MissingValueError,
    TableFileError,
    UnitError,
)
from io_tables.readers import ceads, ceads_books

ROWS = {"Works": "Work", "Power": "Pow"}
INVENTORY = [
    [None, "Raw Coal", "Process", "Scope 2 Heat", "Scope 1 Total"],
    [None, "Mt CO2", "Mt CO2", "Mt CO2", "Mt CO2"],
    [None] * 5,
    ["Total Consumption", 30, 7, 0, 37],
    ["Works   ", 10, 7, 0, 17],
    ["Power", 20, 0, 0, 20],
]
SUMS = [INVENTORY[0], [2017, 30, 7, 0, 37], [2018, 30, 7, 0, 37]]
ENERGY = [
    ["Energy_inventory", "Raw_Coal", "Heat", "Electricity"],
    ["unit", "10^4 ton", "10^10 kj", "10^8 kwh"],
    ["Total Final Consumption", 5, 200, 30],
    ["Work", 4, 150, 20],
    ["Pow", 1, 50, 10],
    [None] * 4,
    ["Thermal Power", 8, 0, -30],
    ["Heating Supply", 2, -200, 0],
    ["Total Consumption", 99, 0, 0],  # apparent consumption: not the sum of the rows above
]


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def changed(rows, line, column, value):
    new = [list(row) for row in rows]
    new[line][column] = value
    return new


def inventory_book(path, **change):
    sheets = {"NOTE": [["about"]], "sum": SUMS, "2017": INVENTORY, "2018": INVENTORY}
    return book(path / "co2.xlsx", **(sheets | change))


def energy_book(path, **change):
    sheets = {"NOTE": [["about"]], "Beijing2017": ENERGY, "InnerMongolia2017": ENERGY}
    return book(path / "energy.xlsx", **(sheets | change))


def test_inventories(tmp_path):
    found = ceads_books.inventories(inventory_book(tmp_path), ROWS)
    assert found.dims == ("year", "row", "fuel")
    assert found["year"].values.tolist() == [2017, 2018]
    assert found.sel(year=2018, row="Works").values.tolist() == [10, 7]
    assert found.attrs["units"] == "Mt"
    one = ceads_books.inventories(inventory_book(tmp_path), ROWS, years=[2018])
    assert one["year"].values.tolist() == [2018]


BAD = {
    "year": ({"years": [2020]}, {}, TableFileError, "no sheet '2020'"),
    "total": ({}, {"sum": changed(SUMS, 2, 4, 38)}, BalanceError,
              "sheet sum, 2018: sectors sum to 37, 38 is printed"),
    "year not summed": ({}, {"sum": SUMS[:2]}, BalanceError, "sectors sum to 37, nan is printed"),
    "rows": ({}, {"2018": changed(INVENTORY, 3, 1, 31)}, BalanceError,
             "row 'Total Consumption', column Raw Coal: rows sum to 30, 31 is printed"),
    "columns": ({}, {"2018": changed(INVENTORY, 4, 4, 18)}, BalanceError,
                "row Works: fuels sum to 17, 18 is printed"),
    "unit": ({}, {"2018": changed(INVENTORY, 1, 1, "kt CO2")}, LayoutError,
             "'Mt CO2' is expected"),
    "fuel": ({}, {"2018": changed(INVENTORY, 0, 1, "Peat")}, LayoutError, "other fuels"),
    "row twice": ({}, {"2018": [*INVENTORY, INVENTORY[5]]}, LayoutError,
                  "row 'Power': occurs 2 times"),
    "empty": ({}, {"2018": changed(INVENTORY, 4, 1, None)}, MissingValueError, "row 'Works'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_inventories(case, tmp_path):
    options, change, error, message = BAD[case]
    with pytest.raises(error) as caught:
        ceads_books.inventories(inventory_book(tmp_path, **change), ROWS, **options)
    assert message in str(caught.value)


def test_other_workbooks(tmp_path):
    other = book(tmp_path / "x.xlsx", sheet=[["a"]])
    with pytest.raises(LayoutError, match="not that workbook"):
        ceads_books.inventories(other, ROWS)
    with pytest.raises(LayoutError, match="no sheet named like 'Beijing2017'"):
        ceads_books.provinces(other, ROWS)


def test_provinces(tmp_path):
    found = ceads_books.provinces(energy_book(tmp_path), ROWS)
    assert found.dims == ("province", "row", "carrier")
    assert found["province"].values.tolist() == ["Beijing", "InnerMongolia"]
    assert found["unit"].values.tolist() == ["10^4 ton", "10^10 kj", "10^8 kwh"]
    one = found.sel(province="Beijing", drop=True)
    assert ceads.final_use(one, "Electricity").values.tolist() == [2, 1]
    assert ceads.final_use(found.sum("province"), "Heat").values.tolist() == [3, 1]


BAD_ENERGY = {
    "rows": (changed(ENERGY, 3, 1, 5), BalanceError,
             "row 'Total Final Consumption', column Raw_Coal: rows sum to 6, 5 is printed"),
    "no units": ([ENERGY[0], *ENERGY[2:]], LayoutError, "the second line holds no units"),
    "other unit": (changed(ENERGY, 1, 2, "10^10 kcal"), LayoutError, "Heat is in '10^10 kcal'"),
    "no unit": (changed(ENERGY, 1, 1, "boxes"), UnitError, "unit 'boxes' is not known"),
    "units differ": (changed(ENERGY, 1, 1, "10^8 cu.m"), LayoutError, "unit differs in"),
    "carrier": (changed(ENERGY, 0, 1, "Peat"), LayoutError, "carrier differs in"),
    "row missing": (ENERGY[:3] + ENERGY[4:], LayoutError, "row 'Work': is missing"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ENERGY)
def test_bad_provinces(case, tmp_path):
    rows, error, message = BAD_ENERGY[case]
    with pytest.raises(error) as caught:
        ceads_books.provinces(energy_book(tmp_path, InnerMongolia2017=rows), ROWS)
    assert message in str(caught.value)


def test_sum_of_provinces_is_compared(tmp_path):
    found = ceads_books.provinces(energy_book(tmp_path), ROWS)
    total = found.sum("province")
    ceads_books.refuse_other_sum(found, total)
    wrong = total.copy(deep=True)
    wrong.loc["Works", "Heat"] += 1
    with pytest.raises(BalanceError, match="row Works, Heat: provinces sum to 300"):
        ceads_books.refuse_other_sum(found, wrong)
    with pytest.raises(LabelError, match="differ in row: 'Works'"):
        ceads_books.refuse_other_sum(found, total.isel(row=slice(1, None)))


# --- the real files -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(raw_folder):
    return raw_folder / "ceads_china"


def test_all_years_of_the_inventory(folder):
    (path,) = folder.glob("China_CO2*.xlsx")
    found = ceads_books.inventories(path, accounts.energy_rows())
    assert found["year"].values.tolist() == list(range(1997, 2020))
    assert dict(found.sizes) == {"year": 23, "row": 47, "fuel": 19}
    printed = {2007: (6546.30, 7.974), 2012: (9080.55, 4.528), 2017: (9408.17, 3.951),
               2018: (9621.12, 3.607)}  # fmt: skip
    electronics = "Electronic and Telecommunications Equipment"
    for year, (total, made) in printed.items():
        one = found.sel(year=year)
        assert float(one.sum()) == pytest.approx(total, abs=0.005)
        assert float(one.sel(row=electronics).sum()) == pytest.approx(made, abs=0.0005)
    text = ceads.inventory(
        folder / "national_co2_mt_by_sector_fuel_2007.csv", accounts.energy_rows()
    )
    xr.testing.assert_allclose(found.sel(year=2007, drop=True), text)


@pytest.mark.parametrize(
    ("year", "final", "electronics"), [(2012, 48152.2, 874.2), (2017, 61783.7, 1241.3)]
)
def test_provinces_and_their_sum(folder, year, final, electronics):
    rows = accounts.energy_rows()
    found = ceads_books.provinces(folder / f"provincial_energy_inventory_{year}.xlsx", rows)
    assert dict(found.sizes) == {"province": 30, "row": 49, "carrier": 20}
    together = ceads.energy(folder / f"sum_of_30_provinces_energy_{year}.csv", rows)
    ceads_books.refuse_other_sum(found, together)
    power = 10 * ceads.final_use(found.sum("province"), "Electricity")  # 10^8 kWh
    assert float(power.sum()) == pytest.approx(final, abs=0.05)
    made = float(power.sel(row="Electronic and Telecommunications Equipment"))
    assert made == pytest.approx(electronics, abs=0.05)
    other = 2012 if year == 2017 else 2017
    with pytest.raises(BalanceError, match="the sum says"):
        ceads_books.refuse_other_sum(
            found, ceads.energy(folder / f"sum_of_30_provinces_energy_{other}.csv", rows)
        )
