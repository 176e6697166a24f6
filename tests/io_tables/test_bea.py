"""Make and use tables of the BEA: by hand on an imitation, and the real files."""

from __future__ import annotations

import numpy as np
import pytest

from io_tables import read
from io_tables.errors import BalanceError, LabelError, LayoutError, ManifestError, MissingValueError
from io_tables.readers.bea import CATEGORIES, read_make, read_names, read_use

FINAL = {"a": {"F010": 50, "F040": 25, "F050": -5}, "b": {"F010": 10, "F040": 9, "F050": -4}}
USE = {"a": [10, 20], "b": [30, 5]}
OUTPUT = {"a": 100, "b": 50}
FOOT = {
    "Total Intermediate": [40, 25],
    "V001": [40, 20],
    "V002": [-2, 2],
    "V003": [20, 5],
    "Total Value Added": [58, 27],
    "Total Industry Output": [98, 52],
}
MAKE = """\
code,a,b,Total Industry Output
X,95,3,98
Y,5,47,52
Total Commodity Output,100,50,150
"""


@pytest.fixture
def use_rows():
    """Use table of two commodities and two industries, with every final use of the BEA."""
    header = ["code", "X", "Y", "Total Intermediate", *CATEGORIES]
    rows = [[*header, "Total Final Uses (GDP)", "Total Commodity Output"]]
    for code, inner in USE.items():
        final = [FINAL[code].get(c, 0) for c in CATEGORIES]
        rows.append([code, *inner, sum(inner), *final, sum(final), OUTPUT[code]])
    rows += [[code, *values, sum(values), *[0] * 22] for code, values in FOOT.items()]
    return [[str(cell) for cell in row] for row in rows]


@pytest.fixture
def make_rows():
    """Make table that fits."""
    return [line.split(",") for line in MAKE.splitlines()]


@pytest.fixture
def pair(use_rows, make_rows, write_csv):
    """Paths of both."""
    return write_csv(use_rows, "use_2012.csv"), write_csv(make_rows, "make_2012.csv")


def test_use_table(pair):
    use = read_use(pair[0])
    assert use["use"].sel(product="a", industry="Y") == 20
    assert use["final_demand"].sel(product="b", category="imports") == -4
    assert use["value_added"].sum("component").values.tolist() == [58, 27]
    assert use["output"].values.tolist() == [98, 52]
    assert use["product_output"].values.tolist() == [100, 50]


def test_make_table(pair):
    make = read_make(pair[1])
    assert make.sel(industry="X", product="b") == 3
    assert make.dims == ("industry", "product")


def test_industry_table(pair):
    pytest.importorskip("io_tables.supply_use", reason="models of supply and use are not here")
    table = read(pair[0], make=pair[1], model="D")
    assert table.sectors == ["X", "Y"]
    assert table.transactions.values == pytest.approx(np.array([[11.3, 19.3], [28.7, 5.7]]))
    assert table.output.values.tolist() == [98, 52]
    assert table.value_added.values.tolist() == [58, 27]
    assert table.price_basis == "current producers' prices 2012"
    assert float(table.final_demand.sel(category="imports").sum()) == pytest.approx(-9)


def test_alone_neither_is_a_table(pair):
    for path in pair:
        with pytest.raises(ManifestError, match="read the use table with make=PATH"):
            read(path)


BAD = {
    "empty cell": ((1, 2, ""), MissingValueError, r"row a \(line 2\), column Y: the cell is empty"),
    "flow": ((1, 2, "40"), BalanceError, "column Total Intermediate, row a: 30 is printed"),
    "final use": ((0, 4, "F01"), LayoutError, "column 'F01': unknown code -> did you mean 'F010'"),
    "padded": ((1, 0, "a "), LabelError, "write 'a'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_use_table_is_refused(case, use_rows, write_csv):
    (i, j, text), error, message = BAD[case]
    use_rows[i][j] = text
    with pytest.raises(error, match=message):
        read_use(write_csv(use_rows))


def test_rounding_passes(make_rows, write_csv):
    make_rows[1][3] = "106"
    assert read_make(write_csv(make_rows)).sum() == 150
    make_rows[1][3] = "107"
    with pytest.raises(BalanceError, match="column Total Industry Output, row X: 107 is printed"):
        read_make(write_csv(make_rows))


def test_a_make_table_is_no_use_table(pair):
    with pytest.raises(LayoutError, match="not a use table"):
        read_use(pair[1])
    with pytest.raises(LayoutError, match="not a make table"):
        read_make(pair[0])


def test_names(write_csv):
    path = write_csv([["code", "name"], ["334", "Computers"]])
    assert read_names(path) == {"334": "Computers"}
    with pytest.raises(LayoutError, match="a code of its own and a name"):
        read_names(write_csv([["code", "name"], ["334", "a"], ["334", "b"]]))


# gross output of industries in the use table, GDP as the sum of value added
REAL = {2012: (29232152, 16253967), 2017: (34468125, 19612104)}


@pytest.mark.parametrize("year", REAL)
def test_published_totals(year, raw_folder):
    folder = raw_folder / "us_bea_summary"
    use = read_use(folder / f"use_producer_after_redef_{year}.csv")
    make = read_make(folder / f"make_after_redef_{year}.csv")
    output, gdp = REAL[year]
    assert make.shape == (71, 73)
    assert float(use["output"].sum()) == output
    assert float(use["value_added"].sum()) == pytest.approx(gdp, abs=5)  # rounded parts
    assert np.abs(make.sum("industry").values - use["product_output"].values).max() <= 3
    assert np.abs(make.sum("product").values - use["output"].values).max() <= 3
    names = read_names(folder / "industry_names.csv")
    assert list(names) == use["industry"].values.tolist()
    assert read_names(folder / "commodity_names.csv")["514"].startswith("Data processing")


@pytest.mark.parametrize(("year", "largest"), [(2012, 2.967), (2017, 2.774)])
def test_industry_technology_inverse(year, largest, raw_folder):
    pytest.importorskip("io_tables.supply_use", reason="models of supply and use are not here")
    folder = raw_folder / "us_bea_summary"
    table = read(
        folder / f"use_producer_after_redef_{year}.csv",
        make=folder / f"make_after_redef_{year}.csv",
        names=folder / "industry_names.csv",
    )
    assert len(table.sectors) == 71
    assert table.output["title"].values[0] == "Farms"
    a = table.transactions.values / table.output.values
    assert np.linalg.inv(np.eye(71) - a).sum(axis=0).max() == pytest.approx(largest, abs=5e-4)
