"""Tables of the National Bureau of Statistics: by hand on an imitation, and the real files."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from io_tables import IOTable, read
from io_tables.errors import BalanceError, TableFileError


@pytest.fixture
def table(nbs_rows, write_csv) -> IOTable:
    return read(write_csv(nbs_rows), year=2012)


def test_imports_are_subtracted_and_errors_kept(table):
    assert table.categories == [
        "rural households",
        "urban households",
        "government",
        "fixed capital",
        "inventories",
        "exports",
        "imports",
        "errors",
    ]
    demand = table.final_demand
    assert demand.sel(category="imports").values.tolist() == [-7, -12]
    assert demand.sel(category="errors").values.tolist() == [2, -3]
    assert demand.sum("category").values.tolist() == [22, 40]


def test_totals_are_never_sectors(table):
    assert table.sectors == ["01", "02"]
    assert table.transactions.values.tolist() == [[10, 20], [30, 40]]
    assert table.output.values.tolist() == [52, 110]


def test_components_of_value_added_may_be_negative(table):
    assert table.primary_inputs["component"].values.tolist() == [
        "compensation of employees",
        "net taxes on production",
        "depreciation",
        "operating surplus",
    ]
    taxes = table.primary_inputs.sel(component="net taxes on production")
    assert taxes.values.tolist() == [-3, 10]
    assert table.value_added.values.tolist() == [12, 50]


def test_units_and_prices(table):
    assert table.units == table.transactions.attrs["units"] == "10^4 CNY"
    assert table.price_basis == "current producers' prices 2012"
    assert table.tolerance == 0.5
    assert table.scope is None


def test_codes_are_found_by_content(nbs_rows, write_csv, table):
    moved = [[row[2], row[0], row[1], *row[3:]] for row in nbs_rows]
    titled = [["2012 年投入产出表"], [], *moved, []]
    again = read(write_csv(titled), year=2012)
    assert again.content_hash == table.content_hash


def test_absent_totals_are_not_missed(nbs_rows, write_csv, table):
    at = [nbs_rows[0].index(code) for code in ("THC", "TC", "GCF", "TFU")]
    short = [[cell for i, cell in enumerate(row) if i not in at] for row in nbs_rows]
    assert read(write_csv(short), year=2012).content_hash == table.content_hash


def test_tolerance_is_part_of_the_manifest(nbs_rows, write_csv):
    nbs_rows[1][-1] = "52.4"
    assert read(write_csv(nbs_rows), year=2012).output.values[0] == 52.4
    with pytest.raises(BalanceError, match=r"row 01.*by -0\.4"):
        read(write_csv(nbs_rows), year=2012, tolerance=0.1)


def test_manifest_beside_the_file_is_found(nbs_rows, write_csv, tmp_path):
    path = write_csv(nbs_rows)
    lines = [
        'name = "imitation"',
        'layout = "nbs"',
        'units = "10^8 CNY"',
        'price_basis = "basic prices"',
        'source = "by hand"',
    ]
    path.with_suffix(".toml").write_text("\n".join(lines), encoding="utf-8")
    table = read(path)
    assert (table.name, table.units, table.tolerance) == ("imitation", "10^8 CNY", 0.5)


def test_another_file_than_the_one_described(nbs_rows, write_csv):
    path = write_csv(nbs_rows)
    described = {
        "name": "x",
        "layout": "nbs",
        "units": "u",
        "price_basis": "p",
        "source": "s",
        "files": [{"name": "table.csv", "sha256": "0" * 64}],
    }
    with pytest.raises(TableFileError, match="its SHA-256 is not the one in the manifest"):
        read(path, manifest=described)


def test_non_competitive_table(write_csv):
    text = """\
Code,Title,Origin,01,02,TIU,TC,FU201,FU202,EX,TFU,GO
01,Farms,Domestic,10,20,30,15,4,-1,4,22,52
02,Works,Domestic,20,30,50,30,20,3,7,60,110
01,Farms,Imports,0,5,5,1,0,0,0,1,6
02,Works,Imports,10,5,15,2,0,0,0,2,17
TII,Inputs,TOT,40,60,100,48,24,2,11,85,185
VA001,Wages,TOT,8,20,28,,,,,,
VA002,Taxes,TOT,-3,10,7,,,,,,
VA003,Depreciation,TOT,2,8,10,,,,,,
VA004,Surplus,TOT,5,12,17,,,,,,
TVA,Value added,TOT,12,50,62,,,,,,
TI,Inputs,TOT,52,110,162,,,,,,
"""
    table = read(write_csv([line.split(",") for line in text.splitlines()]), year=2017)
    assert table.categories == ["final consumption", "fixed capital", "inventories", "exports"]
    assert table.primary_inputs.sel(component="imported inputs").values.tolist() == [10, 10]
    assert table.value_added.values.tolist() == [12, 50]
    assert table.transactions.values.tolist() == [[10, 20], [20, 30]]


# n, gross output, GDP, imports, error column, in 100 million yuan
REAL = {
    "china_2002_122": (122, 313430.5, 121858.9, 26942.5, 600.9),
    "china_2005_42": (42, 546764.7, 186256.1, 59398.5, -1309.7),
    "china_2007_135": (135, 818859.0, 266043.8, 74020.6, 1860.4),
    "china_2010_41": (41, 1252644.9, 403649.0, 101515.2, 2962.9),
    "china_2012_139": (139, 1601627.1, 536800.2, 122027.0, 2052.8),
    "china_2015_42": (42, 2081446.5, 680254.1, 125153.1, -9346.7),
    "china_2017_149": (149, 2257733.5, 823215.7, 149268.4, None),
    "china_2018_153": (153, 2495498.3, 922057.2, 168634.2, None),
    "china_2020_153": (153, 2699027.8, 1016422.0, 162659.2, None),
}


@pytest.mark.parametrize("name", REAL)
def test_published_totals(name, raw_folder):
    n, output, gdp, imports, errors = REAL[name]
    table = read(raw_folder / "nbs_china_io" / f"{name}.csv", year=int(name.split("_")[1]))
    final = table.final_demand.sum("sector") / 1e4
    assert len(table.sectors) == n
    assert float(table.output.sum()) / 1e4 == pytest.approx(output, abs=0.05)
    assert float(table.value_added.sum()) / 1e4 == pytest.approx(gdp, abs=0.05)
    assert float(final.sel(category="imports")) == pytest.approx(-imports, abs=0.05)
    if errors is None:
        assert "errors" not in table.categories
    else:
        assert float(final.sel(category="errors")) == pytest.approx(errors, abs=0.05)
    assert table.check().ok


@pytest.mark.parametrize("year", [2017, 2018, 2020])
def test_domestic_and_competitive_tables_agree(year, raw_folder):
    folder = raw_folder / "nbs_china_io"
    domestic = read(folder / f"china_{year}_42_domestic_import.csv", year=year)
    _, output, gdp, *_ = next(v for k, v in REAL.items() if k.startswith(f"china_{year}"))
    assert float(domestic.output.sum()) / 1e4 == pytest.approx(output, abs=0.05)
    assert float(domestic.value_added.sum()) / 1e4 == pytest.approx(gdp, abs=0.05)
    assert "imported inputs" in domestic.primary_inputs["component"].values


@pytest.mark.parametrize(("name", "gap"), [("china_2012_139", 3.8e6), ("china_2015_42", 9.7e7)])
def test_dropping_the_error_column_breaks_rows(name, gap, raw_folder, write_csv):
    with (raw_folder / "nbs_china_io" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    at = rows[0].index("ERR")
    largest = max(abs(float(row[at])) for row in rows[1:] if row[0].isdigit())
    assert largest > gap
    path = write_csv([row[:at] + row[at + 1 :] for row in rows])
    with pytest.raises(BalanceError, match="an error column left out"):
        read(path, year=2012)


def test_subsidies_of_agriculture_2017(raw_folder):
    table = read(raw_folder / "nbs_china_io" / "china_2017_149.csv", year=2017)
    farms = ["001", "002", "003", "004", "005"]
    taxes = table.primary_inputs.sel(component="net taxes on production", sector=farms)
    assert float(taxes.sum()) / 1e5 == pytest.approx(-341, abs=1)  # billion yuan
    assert np.all(table.value_added.values > 0)


def test_year_stated_by_the_file_name(nbs_rows, write_csv):
    table = read(write_csv(nbs_rows, "china_2012_2.csv"))
    assert table.price_basis == "current producers' prices 2012"
