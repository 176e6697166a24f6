"""National tables of the OECD: by hand on an imitation, and the real files."""

from __future__ import annotations

import numpy as np
import pytest

from io_tables import read
from io_tables.errors import BalanceError, LayoutError, ManifestError, MissingValueError

# Industry 01 makes 100, 02 makes 50, 45 nothing; imports are stored negative.
TABLE = """\
Code,Description,01,02,45,HFCE,NPISH,GGFC,GFCF,INVNT,CONS_ABR,CONS_NONRES,EXPO,IMPO
01,Farms,10,20,0,45,1,4,10,-5,2,1,20,-8
02,Works,30,5,0,5,1,3,1,1,0,0,9,-5
45,Households,0,0,0,0,0,0,0,0,0,0,0,0
TXS_IMP_FNL,Taxes abroad,-0.5,0,0,0,0,0,0,0,3,0,0,-3
TXS_INT_FNL,Taxes,2.5,1,0,4,0,0,1,0,0,0,0,0
TTL_INT_FNL,Inputs,42,26,0,54,2,7,12,-4,5,1,29,-16
VALU,Value added,58,24,0,0,0,0,0,0,0,0,0,0
OUTPUT,Output,100,50,0,0,0,0,0,0,0,0,0,0
"""


@pytest.fixture
def rows():
    """Lines of the table, to be changed."""
    return [line.split(",") for line in TABLE.splitlines()]


def test_table(rows, write_csv):
    table = read(write_csv(rows, "CHN_2012.csv"))
    assert table.transactions.values.tolist() == [[10, 20, 0], [30, 5, 0], [0, 0, 0]]
    assert table.final_demand.sel(category="imports").values.tolist() == [-8, -5, 0]
    assert table.price_basis == "current basic prices 2012"
    assert table.units == "10^6 USD"
    assert table.output["title"].values.tolist() == ["Farms", "Works", "Households"]


def test_taxes_are_no_value_added(rows, write_csv):
    table = read(write_csv(rows, "CHN_2012.csv"))
    taxes = table.primary_inputs.sel(component="taxes less subsidies on products")
    assert taxes.values.tolist() == [2, 1, 0]
    assert table.value_added.values.tolist() == [58, 24, 0]


def test_an_industry_without_output_is_normal(rows, write_csv):
    assert read(write_csv(rows, "CHN_2012.csv")).check().ok


def test_rounding_passes(rows, write_csv):
    rows[-1][2] = "100.8"
    assert read(write_csv(rows, "CHN_2012.csv")).output.values[0] == 100.8
    rows[-1][2] = "100.9"
    with pytest.raises(BalanceError, match=r"row 01.*by -0\.9"):
        read(write_csv(rows, "CHN_2012.csv"))


BAD = {
    "positive imports": ((1, 13, "8"), BalanceError, "imports of 8 are positive, the OECD stores"),
    "wrong total": ((6, 2, "44"), BalanceError, "row TTL_INT_FNL, column 01: 44 is printed"),
    "empty cell": ((2, 3, ""), MissingValueError, r"row 02 \(line 3\), column 02"),
    "row": ((7, 0, "VALUE"), LayoutError, "row 'VALUE': unknown code -> did you mean 'VALU'"),
    "column": ((0, 6, "NPIS"), LayoutError, "column 'NPIS': unknown code"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_table_is_refused(case, rows, write_csv):
    (i, j, text), error, message = BAD[case]
    rows[i][j] = text
    with pytest.raises(error, match=message):
        read(write_csv(rows, "CHN_2012.csv"))


def test_cut_off(rows, write_csv):
    with pytest.raises(LayoutError, match="is the file cut off"):
        read(write_csv(rows[:4], "CHN_2012.csv"))


def test_year_is_asked_for_and_compared(rows, write_csv):
    with pytest.raises(ManifestError, match="price_basis"):
        read(write_csv(rows))
    assert read(write_csv(rows), year=2012).price_basis.endswith("2012")
    with pytest.raises(LayoutError, match="year 2017 is stated, the file says 2012"):
        read(write_csv(rows, "CHN_2012.csv"), year=2017)


REAL = {
    2007: (9791092.1, 3181084.6),
    2012: (23036557.6, 7720915.5),
    2017: (31022989.8, 11331684.1),
    2018: (35015787.5, 12790122.7),
}


@pytest.mark.parametrize("year", REAL)
def test_published_totals(year, raw_folder):
    table = read(raw_folder / "oecd_iot_2021ed" / f"CHN_{year}.csv")
    output, added = REAL[year]
    assert float(table.output.sum()) == pytest.approx(output, abs=0.05)
    assert float(table.value_added.sum()) == pytest.approx(added, abs=0.05)
    assert np.flatnonzero(table.output.values == 0).tolist() == [44]
    assert (table.final_demand.sel(category="imports").values <= 0).all()
    assert table.check().ok
