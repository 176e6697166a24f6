"""Workbooks of the National Bureau of Statistics: an imitation, and the volume of 2007."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

import io_tables
from io_tables import read
from io_tables.errors import BalanceError, LabelError, LayoutError, MissingValueError
from io_tables.readers.nbs_book import read_coefficients, read_make, read_use

# Codes as text, as numbers and missing; headings of several lines; imports positive.
FLOWS = [
    ["基本流量表  "],
    ["Basic Matrix"],
    ["（Data are calculated at producers' prices in 2007)"],
    ["单位：万元", None, None, None, None, "(10000 yuan)"],
    ["产出", None, "代码", "中间使用", None, None, "最终使用"],
    [None, None, None, "农\n业", "工 业", "中间使用合计", "最终消费支出"],
    [None] * 6 + ["居民消费支出", None, None, "政府消费支出", "合计", "固定资本\n形成总额"]
    + ["存货增加", "合计", "出口", "最终使用合计", "进口", "其他", "总产出"],
    [None] * 6 + ["农村居民", "城镇居民", "小计"],
    ["代码", None, "-", "01", 2.0, None, "FU101", "FU102", "THC", "FU103", None, "FU201", "FU202",
     None, "EX", "TFU", None, None, "GO"],
    ["中间投入", "农业", "01", 10, 20, 30, 5, 10, 15, 1, 16, 4, -1, 3, 8, 27, 7, 2, 52],
    [None, "工业", 2.0, 30, 40, 70, 5, 10, 15, 2, 17, 20, 3, 23, 15, 55, 12, -3, 110],
    [None, "中间投入合计", "TII", 40, 60, 100],
    ["增加值", "劳动者报酬", "VA001", 8, 20, 28],
    [None, "生产税净额", None, -3, 10, 7],
    [None, "固定资产折旧", "VA003", 2, 8, 10],
    [None, "营业盈余", "VA004", 5, 12, 17],
    [None, "增加值合计", "TVA", 12, 50, 62],
    ["总投入", None, "TI", 52, 110],
]  # fmt: skip
CUMULATIVE = [
    ["完全消耗系数表"],
    ["Matrix of Cumulative Input Coefficients"],
    [None, "代码", "农业", "工业"],
    ["代码", "-", "01", 2.0],
    ["农业", "01", 0.25, 0.5],
    ["工业", 2.0, 0.125, 0.75],
]
USE = [
    ["基本流量表"],
    ["单位：万元"],
    [None, "产业部门\n\n产品部门", " 代\n 码", "农业", "工业", "中间使用合计"],
    ["代码 ", None, "-", "01", "02"],
    [None, "农业", "01", 10, 20, 30],
    [None, "工业", "02", 30, 40, 70],
    [None, "中间投入合计", "TII", 40, 60, 100],
    ["增加值", "劳动者报酬", "VA001", 8, 20, 28],
    [None, "生产税净额", "VA002", -3, 10, 7],
    [None, "固定资产折旧", "VA003", 2, 8, 10],
    [None, "营业盈余", "VA004", 5, 12, 17],
    [None, "增加值合计", "TVA", 12, 50, 62],
    ["总投入", None, "TI", 52, 110, 162],
]
MAKE = [
    ["基本流量表 "],
    ["产业部门", "代\n码", "农业", "工业", "产品部门\n总产出"],
    ["代码", "-", "01", "02", "SUM"],
    ["农业", "01", 50, 2, 52],
    ["工业", "02", 5, 105, 110],
    ["产业部门总产出", "SUM", 55, 107, 162],
]
AT = {"农业": 9, "工业": 10}


@pytest.fixture
def write_book(tmp_path):
    """Writer of rows to a workbook, headings merged as the Bureau does."""

    def write(rows, name="0101.xlsx", merge=()):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for span in merge:
            book.active.merge_cells(span)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def flows():
    """Rows of the imitation, to be changed."""
    return [list(row) for row in FLOWS]


def test_codes_are_found_by_content(write_book, nbs_rows, write_csv):
    book = read(write_book(FLOWS, merge=["A1:F1", "D5:E5", "G5:P5", "G7:I7", "Q5:Q6"]))
    same = read(write_csv(nbs_rows), year=2007)
    assert book.sectors == ["1", "2"]
    assert book.categories == same.categories
    for name in ("transactions", "final_demand", "output", "primary_inputs"):
        assert getattr(book, name).values.tolist() == getattr(same, name).values.tolist()


def test_year_titles_and_units_come_from_the_sheet(write_book):
    table = read(write_book(FLOWS))
    assert table.price_basis == "current producers' prices 2007"
    assert table.units == "10^4 CNY"
    assert table.output["title_zh"].values.tolist() == ["农业", "工业"]


def test_moved_columns_make_no_difference(flows, write_book):
    moved = [["注", *row] for row in [[], *flows]]
    assert read(write_book(moved)).content_hash == read(write_book(FLOWS)).content_hash


def test_imports_are_subtracted_and_the_error_column_added(write_book):
    demand = read(write_book(FLOWS)).final_demand
    assert demand.sel(category="imports").values.tolist() == [-7, -12]
    assert demand.sel(category="errors").values.tolist() == [2, -3]


BAD = {
    "another year": ({}, {"year": 2012}, LayoutError, "year 2012 is stated, the file says 2007"),
    "empty cell": ({(9, 3): None}, {}, MissingValueError, r"row 1 \(line 10\), column 1: the"),
    "text": ({(10, 4): "…"}, {}, MissingValueError, r"row 2 \(line 11\), column 2: '…' is not"),
    "total": ({(9, 5): 31}, {}, BalanceError, "column TIU, row 1: 31 is printed"),
    "no import column": ({(6, 16): None}, {}, LayoutError, "column IM: is missing"),
    "codes shuffled": ({(8, 3): "02", (8, 4): "01"}, {}, LabelError, "another order"),
    "code twice": ({(10, 2): "01"}, {}, LabelError, "row '1': label occurs 2 times"),
    "imports negative": (
        {(9, 16): -7, (10, 16): -12},
        {},
        BalanceError,
        "imports are stored negative",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_workbook_is_refused(case, flows, write_book):
    changes, options, error, text = BAD[case]
    for (i, j), value in changes.items():
        flows[i][j] = value
    with pytest.raises(error, match=text):
        read(write_book(flows), **options)


def test_all_problems_are_named_at_once(flows, write_book):
    flows[9][5], flows[10][18], flows[11][3] = 31, 111, 41
    with pytest.raises(BalanceError, match=r"0101.xlsx: \d problems") as caught:
        read(write_book(flows))
    for text in ("column TIU, row 1", "row TII, column 1", "row TI, column 2", "row 2"):
        assert text in str(caught.value)


def test_cumulative_coefficients_leave_the_unit_diagonal_out(write_book):
    printed = read_coefficients(write_book(CUMULATIVE))
    assert printed.values.tolist() == [[0.25, 0.5], [0.125, 0.75]]
    assert printed.attrs["kind"] == "cumulative input coefficients"
    assert printed.attrs["definition"] == "(I - A)^-1 - I, without unit diagonal"
    assert printed.attrs["precision"] == 5e-5


def test_an_inverse_with_its_diagonal_is_not_the_printed_one(write_book):
    rows = [list(row) for row in CUMULATIVE]
    rows[4][2] += 1
    rows[5][3] += 1
    with pytest.raises(BalanceError, match="the printed ones leave the unit out"):
        read_coefficients(write_book(rows))


def test_use_and_make(write_book):
    use, make = read_use(write_book(USE)), read_make(write_book(MAKE))
    assert use["use"].dims == ("product", "industry")
    assert use["output"].values.tolist() == [52, 110]
    assert make.sel(product="1", industry="2") == 2
    assert make.sum("product").values.tolist() == [55, 107]


def test_total_of_a_make_table(write_book):
    rows = [list(row) for row in MAKE]
    rows[3][4] = 53
    with pytest.raises(BalanceError, match="column SUM, row 1: 53 is printed"):
        read_make(write_book(rows))


@pytest.mark.parametrize(
    ("rows", "function"),
    [(CUMULATIVE, "read_coefficients"), (USE, "read_use"), (MAKE, "read_make")],
)
def test_other_workbooks_say_what_reads_them(rows, function, write_book):
    with pytest.raises(LayoutError, match=f"read it with io_tables.readers.nbs_book.{function}"):
        read(write_book(rows))
    wrong = read_make if rows is not MAKE else read_use
    with pytest.raises(LayoutError, match=r"not a (make|use) table"):
        wrong(write_book(rows))


# The volume of 2007: n, flows, direct, cumulative
VOLUME = [(42, "0101", "0102", "0103"), (135, "0401", "0402", "0403")]


@pytest.fixture
def volume(raw_folder) -> Path:
    """Folder of the workbooks."""
    return raw_folder / "nbs_china_2007_published"


@pytest.mark.parametrize(("n", "flows", "direct", "cumulative"), VOLUME)
def test_printed_coefficients_are_reproduced(n, flows, direct, cumulative, volume):
    table = read(volume / f"{flows}.xls")
    inputs = table.transactions.sum("sector").values + table.primary_inputs.sum("component").values
    a = table.transactions.values / inputs  # the Bureau divides by TI, not by GO
    printed = read_coefficients(volume / f"{direct}.xls")
    assert len(table.sectors) == n
    assert printed["sector"].values.tolist() == table.sectors
    assert np.abs(printed.values - a).max() < 1e-12
    inverse = np.linalg.inv(np.eye(n) - a)
    printed = read_coefficients(volume / f"{cumulative}.xls")
    assert np.abs(printed.values - (inverse - np.eye(n))).max() < printed.attrs["precision"]
    assert np.abs(printed.values - inverse).max() > 0.9


@pytest.mark.parametrize(("n", "name"), [(42, "0101"), (135, "0401")])
def test_published_totals(n, name, volume):
    table = read(volume / f"{name}.xls")
    final = table.final_demand.sum("sector") / 1e4
    assert float(table.output.sum()) / 1e4 == pytest.approx(818859.0, abs=0.05)
    assert float(table.value_added.sum()) / 1e4 == pytest.approx(266043.8, abs=0.05)
    assert float(final.sel(category="imports")) == pytest.approx(-74020.6, abs=0.05)
    assert float(final.sel(category="errors")) == pytest.approx(1860.4, abs=0.05)
    assert table.check().ok


def test_workbook_and_csv_are_the_same_table(volume, raw_folder):
    book = read(volume / "0401.xls")
    csv = read(raw_folder / "nbs_china_io" / "china_2007_135.csv", year=2007)
    assert book.sectors == csv.sectors
    assert np.abs(book.transactions.values - csv.transactions.values).max() < 1e-5
    assert np.abs(book.output.values - csv.output.values).max() < 1e-6


def test_total_input_misses_output_in_one_sector(volume):
    with pytest.raises(BalanceError, match=r"column 090: inputs of .* by -0\.4449"):
        read(volume / "0401.xls", tolerance=0.1)


def test_names_of_the_volume(volume):
    names = read(volume / "0101.xls").output["title_zh"]
    assert names.sel(sector="29") == "信息传输、计算机服务和软件业"


def test_use_make_and_their_coefficients_fit(volume):
    use, make = read_use(volume / "0201.xls"), read_make(volume / "0301.xls")
    industry, product = make.sum("product").values, make.sum("industry").values
    assert np.abs(use["output"].values - industry).max() < 0.5
    b = read_coefficients(volume / "0202.xls")
    assert np.abs(b.values - use["use"].values / industry).max() < 1e-12
    c, d = (read_coefficients(volume / f"{name}.xls") for name in ("0302", "0303"))
    assert (c.attrs["kind"], d.attrs["kind"]) == ("product-mix matrix", "market-share matrix")
    assert np.abs(c.values - make.values / industry).max() < 1e-12
    assert product.sum() / 1e4 == pytest.approx(818859.0, abs=0.05)
    shares = make.values / product[:, None]
    assert min(np.abs(d.values - shares).max(), np.abs(d.values - shares.T).max()) < 1e-12


def test_intermediate_use_by_product_is_the_same_in_both_tables(volume):
    use = read_use(volume / "0201.xls")["use"].sum("industry").values
    flows = io_tables.read(volume / "0101.xls").transactions.sum("purchaser").values
    assert np.abs(use - flows).max() < 0.5
