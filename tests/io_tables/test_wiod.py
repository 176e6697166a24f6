"""National tables of WIOD with JRC's CO2: by hand on an imitation, and the real files."""

from __future__ import annotations

import numpy as np
import pytest

from io_tables import read
from io_tables.errors import (
    BalanceError,
    LabelError,
    LayoutError,
    ManifestError,
    MissingValueError,
    ScopeError,
    TableFileError,
)
from io_tables.readers.wiod import emissions

# Industry A makes 100 and B 50; C is idle. A uses 5, B 2 of imports.
NIOT = """\
Year,Code,Description,Origin,A,B,C,CONS_h,CONS_np,CONS_g,GFCF,INVEN,EXP,GO
2012,A,Farms,Domestic,10,20,0,40,1,4,10,-5,20,100
2012,B,Works,Domestic,30,5,0,5,1,3,1,1,4,50
2012,C,None,Domestic,0,0,0,0,0,0,0,0,0,0
2012,A,Farms,Imports,4,1,0,3,0,0,0,0,1,0
2012,B,Works,Imports,1,1,0,2,0,0,0,0,0,0
2012,C,None,Imports,0,0,0,0,0,0,0,0,0,0
2012,II_fob,Inputs,TOT,45,27,0,50,2,7,11,-4,25,0
2012,TXSP,Taxes,TOT,-2,1,0,6,0,0,1,0,0,0
2012,EXP_adj,Adjustments,TOT,0,0,0,0,0,0,0,0,0,0
2012,PURR,Abroad,TOT,0,0,0,9,0,0,0,0,0,0
2012,PURNR,Visitors,TOT,0,0,0,-8,0,0,0,0,0,0
2012,VA,Value added,TOT,54,21,0,0,0,0,0,0,0,0
2012,IntTTM,Margins,TOT,3,1,0,1,0,0,0,0,0,0
2012,GO,Output,TOT,100,50,0,58,2,7,12,-4,25,0
"""
CO2 = """\
country,code,2012,2015
CHN,A,3000,2000
CHN,B,5000,4000
CHN,C,7,8
CHN,FC_HH,1000,900
USA,A,1,1
USA,B,1,1
USA,C,1,1
USA,FC_HH,1,1
"""


@pytest.fixture
def rows():
    """Lines of the table, to be changed."""
    return [line.split(",") for line in NIOT.splitlines()]


@pytest.fixture
def co2(write_csv):
    """JRC's accounts in a file."""
    return write_csv([line.split(",") for line in CO2.splitlines()], "jrc.csv")


def test_domestic_table(rows, write_csv):
    table = read(write_csv(rows, "CHN_2012.csv"))
    assert table.sectors == ["A", "B", "C"]
    assert table.transactions.values.tolist() == [[10, 20, 0], [30, 5, 0], [0, 0, 0]]
    assert "imports" not in table.categories
    bought = table.primary_inputs.sel(component="imported inputs")
    assert bought.values.tolist() == [5, 2, 0]
    assert table.price_basis == "current basic prices 2012"
    assert table.output["title"].values.tolist() == ["Farms", "Works", "None"]


def test_total_table(rows, write_csv):
    table = read(write_csv(rows, "CHN_2012.csv"), version="total")
    assert table.transactions.values.tolist() == [[14, 21, 0], [31, 6, 0], [0, 0, 0]]
    assert table.final_demand.sel(category="imports").values.tolist() == [-9, -4, 0]
    assert table.final_demand.sel(category="households").values.tolist() == [43, 7, 0]
    assert table.output.values.tolist() == [100, 50, 0]


@pytest.mark.parametrize("version", ["domestic", "total"])
def test_taxes_and_margins_are_no_value_added(version, rows, write_csv):
    table = read(write_csv(rows), version=version)
    assert table.value_added.values.tolist() == [54, 21, 0]
    parts = table.primary_inputs["component"].values
    assert "direct purchases abroad by residents" not in parts
    taxes = table.primary_inputs.sel(component="taxes less subsidies on products")
    assert taxes.values.tolist() == [-2, 1, 0]


def test_emissions_in_megatonnes_with_their_scope(rows, write_csv, co2):
    table = read(write_csv(rows, "CHN_2012.csv"), emissions=co2)
    assert table.satellites["CO2"].values.tolist() == [3, 5, 0.007]
    assert table.satellites["CO2"].attrs["units"] == "Mt"
    assert float(table.households["CO2"]) == 1
    assert table.scope == "direct"
    assert "CO2 of CHN 2012" in table.history[-1]


def test_emissions_on_zero_output_are_reported(rows, write_csv, co2):
    report = read(write_csv(rows, "CHN_2012.csv"), emissions=co2).check()
    assert report.ok
    assert any("of CO2 on zero output" in f.what and "C" in f.where for f in report)


def test_country_from_the_call(rows, write_csv, co2):
    table = read(write_csv(rows), emissions=co2, country="USA")
    assert table.satellites["CO2"].values.tolist() == [0.001, 0.001, 0.001]


@pytest.fixture
def years(rows, write_csv, co2):
    """Reader of the table in another year, with JRC's accounts of that year."""

    def of(year: int, text: str = CO2):
        write_csv([line.split(",") for line in text.splitlines()], "jrc.csv")
        dated = [[cell.replace("2012", str(year)) for cell in row] for row in rows]
        return read(write_csv(dated, f"CHN_{year}.csv"), emissions=co2)

    return of


def test_years_after_the_level_break_warn(years):
    found = [f for f in years(2015).check() if f.code == "level-jrc"]
    assert [(f.level, f.value) for f in found] == [("warning", 2015)]
    assert "not on the level of the years before: industries of CHN" in found[0].what
    assert "jrc.csv, row CHN, column 2015" in found[0].where
    assert not [f for f in years(2012).check() if f.code == "level-jrc"]


def test_the_level_break_has_its_size(years):
    text = CO2.replace("2012", "2014")
    (found,) = (f for f in years(2015, text).check() if f.code == "level-jrc")
    assert "industries of CHN have 6.008 Mt, 8.007 Mt in 2014" in found.what


def test_the_level_break_of_the_other_table_is_told(years):
    sound, other = years(2012), years(2015)
    found = [f for f in sound.check(against=other) if f.code == "level-jrc"]
    assert [f.where.partition(":")[0] for f in found] == ["CHN_2015"]
    assert len([f for f in other.check(against=sound) if f.code == "level-jrc"]) == 1


def test_the_level_break_of_china(raw_folder):
    """METHODS: 9.9 Gt in 2014 and 8.2 Gt in 2016."""
    path = raw_folder / "wiod2016_niot" / "jrc_co2_kt_2000_2016.csv"
    table = read(raw_folder / "wiod2016_niot" / "CHN_2014.csv", emissions=path)
    assert float(table.satellites["CO2"].sum()) == pytest.approx(9946, rel=1e-3)
    later, _ = emissions(str(path), "CHN", 2016, table.sectors)
    assert later.sum() / 1000 == pytest.approx(8219, rel=1e-3)


def test_rounded_numbers_pass_to_ten(rows, write_csv):
    rows[1][-1], rows[-1][4] = "108", "108"
    assert read(write_csv(rows)).output.values[0] == 108
    rows[1][-1], rows[-1][4] = "112", "112"
    with pytest.raises(BalanceError, match=r"row A.*by -12"):
        read(write_csv(rows))


BAD = {
    "output twice": ((1, 13, "80"), {}, BalanceError, "row GO, column A: 100 is printed"),
    "inputs": ((7, 4, "60"), {}, BalanceError, "row II_fob, column A: 60 is printed"),
    "empty cell": ((2, 5, ""), {}, MissingValueError, r"row B \(line 3\), column B: the cell is"),
    "imported cell": ((5, 4, "x"), {}, MissingValueError, r"row B \(line 6\), column A: 'x'"),
    "origin": ((3, 3, "domestic"), {}, LayoutError, "unknown origin 'domestic'"),
    "missing row": ((13, 1, "VAL"), {}, LayoutError, "row VAL|row 'VAL'"),
    "column": ((0, 8, "CONS_n"), {}, LayoutError, "column 'CONS_n': unknown code"),
    "shuffled": ((0, 4, "B"), {}, LabelError, "column 'B': label occurs 2 times"),
    "two years": ((4, 0, "2013"), {}, LayoutError, "column Year has 2012, 2013"),
    "stated year": ((0, 0, "Year"), {"year": 2014}, LayoutError, "2014 is stated, the file says"),
    "version": ((0, 0, "Year"), {"version": "both"}, ManifestError, "no version 'both'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_table_is_refused(case, rows, write_csv):
    (i, j, text), options, error, message = BAD[case]
    rows[i][j] = text
    with pytest.raises(error, match=message):
        read(write_csv(rows), **options)


EMISSIONS = {
    "no country": ("table.csv", {}, ManifestError, 'give country="CHN"'),
    "unknown country": ("CHM_2012.csv", {}, LayoutError, "no country 'CHM'; did you mean 'CHN'"),
    "scope": ("CHN_2012.csv", {"scope": "direct+purchased"}, ScopeError, "are direct emissions"),
    "no such file": ("CHN_2012.csv", {"emissions": "nowhere.csv"}, TableFileError, "nowhere.csv"),
}


@pytest.mark.parametrize("case", EMISSIONS)
def test_bad_emissions_are_refused(case, rows, write_csv, co2):
    name, options, error, message = EMISSIONS[case]
    with pytest.raises(error, match=message):
        read(write_csv(rows, name), **{"emissions": co2, **options})


def test_industry_without_emissions_is_named(rows, write_csv):
    lines = [line.split(",") for line in CO2.splitlines() if not line.startswith("CHN,B")]
    accounts = write_csv(lines, "jrc.csv")
    with pytest.raises(LayoutError, match="CHN row B: is missing"):
        read(write_csv(rows, "CHN_2012.csv"), emissions=accounts)


# output, value added, industries without output, CO2 of industries (Mt)
REAL = {
    "CHN_2007": (10654374, 3495059, 9, None),
    "CHN_2012": (25593235, 8318792, 9, 9511.1),
    "CHN_2014": (31745104, 10283985, 9, 9946.2),
    "IND_2012": (3720165, 1823182, 11, None),
    "IND_2014": (3983529, 1994316, 11, None),
    "JPN_2012": (11351475, 5871593, 5, None),
    "JPN_2014": (8668734, 4437885, 5, None),
    "USA_2012": (28663254, 16155252, 1, 4215.4),
    "USA_2014": (30971024, 17348069, 1, 4343.5),
}


@pytest.mark.parametrize("version", ["domestic", "total"])
@pytest.mark.parametrize("name", REAL)
def test_published_totals(name, version, raw_folder):
    output, added, idle, co2 = REAL[name]
    folder = raw_folder / "wiod2016_niot"
    table = read(
        folder / f"{name}.csv", version=version, emissions=folder / "jrc_co2_kt_2000_2016.csv"
    )
    assert len(table.sectors) == 56
    assert float(table.output.sum()) == output
    assert float(table.value_added.sum()) == added
    assert int((table.output.values == 0).sum()) == idle
    if co2 is not None:
        assert float(table.satellites["CO2"].sum()) == pytest.approx(co2, abs=0.05)
    assert float(table.households["CO2"]) > 0
    assert table.check().ok


def test_ict_of_china_2014(raw_folder):
    folder = raw_folder / "wiod2016_niot"
    table = read(folder / "CHN_2014.csv", emissions=folder / "jrc_co2_kt_2000_2016.csv")
    ict = table.satellites["CO2"].sel(sector=["C26", "J61", "J62_J63"])
    assert np.round(ict.values, 2).tolist() == [11.27, 1.41, 0.92]
    idle = table.output.sel(sector=["J58", "J59_J60"])
    assert idle.values.tolist() == [0, 0]
