"""Table of bad inputs: each is refused by the right error, which names the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import io_tables
from io_tables import Concordance, from_arrays, read
from io_tables.errors import (
    BalanceError,
    ConcordanceError,
    LabelError,
    LayoutError,
    ManifestError,
    MissingValueError,
    ScopeError,
    TableError,
    TableFileError,
    UnitError,
    UnknownTableError,
)

Rows = list[list[str]]


def cell(line: int, column: int, text: str) -> Callable[[Rows], Any]:
    """Change one cell; lines count from 1 as in messages, columns from 0."""
    return lambda rows: rows[line - 1].__setitem__(column, text)


def cut(start: int, stop: int | None = None) -> Callable[[Rows], Any]:
    """Take lines out."""
    return lambda rows: rows.__delitem__(slice(start - 1, stop and stop - 1))


def without(name: str) -> Callable[[Rows], Any]:
    """Take a column out."""

    def change(rows: Rows) -> None:
        at = rows[0].index(name)
        for row in rows:
            del row[at]

    return change


def twice(line: int) -> Callable[[Rows], Any]:
    """Repeat a line at the end."""
    return lambda rows: rows.append(list(rows[line - 1]))


def swapped(rows: Rows) -> None:
    rows[0][3], rows[0][4] = rows[0][4], rows[0][3]


def imports_negative(rows: Rows) -> None:
    for line in (1, 2):
        rows[line][-3] = "-" + rows[line][-3]


def broken_line(rows: Rows) -> None:
    del rows[2][10:]
    del rows[3:]


NBS = {
    "missing cell": (cell(2, 4, ""), MissingValueError, ["row 01 (line 2), column 02", "empty"]),
    "missing total": (cell(3, 5, " "), MissingValueError, ["row 02 (line 3), column TIU"]),
    "text in a number": (
        cell(5, 3, "n.a."),
        MissingValueError,
        ["row VA001 (line 5), column 01", "'n.a.'"],
    ),
    "thousands separator": (cell(3, 4, "1,040"), MissingValueError, ["column 02", "'1,040'"]),
    "infinite": (cell(3, 4, "inf"), MissingValueError, ["row 02 (line 3), column 02"]),
    "shuffled labels": (swapped, LabelError, ["another order", "position 1 ('02'"]),
    "duplicated column": (cell(1, 4, "01"), LabelError, ["column '01'", "2 times"]),
    "duplicated row": (cell(3, 0, "01"), LabelError, ["row '01'", "2 times"]),
    "trailing blank": (cell(2, 0, "01 "), LabelError, ["row 1 ('01 ')", "write '01'"]),
    "look-alike label": (cell(3, 0, "０1"), LabelError, ["row '０1'", "looks like '01'"]),
    "blank label": (cell(3, 0, ""), LabelError, ["row 2 ('')", "blank"]),
    "unknown column": (cell(1, 6, "FU110"), LayoutError, ["column 'FU110'", "'FU101'"]),
    "unknown row": (cell(5, 0, "VA01"), LayoutError, ["row 'VA01'", "'VA001'"]),
    "no import column": (without("IM"), LayoutError, ["column IM: is missing"]),
    "error column dropped": (without("ERR"), BalanceError, ["row 01", "by -2", "row 02", "by 3"]),
    "imports stored negative": (imports_negative, BalanceError, ["row 01", "by 14"]),
    "unbalanced row": (cell(2, -1, "53"), BalanceError, ["row 01", "by -1", "row TI, column 01"]),
    "wrong total": (cell(2, 5, "31"), BalanceError, ["column TIU, row 01", "31", "sum to 30"]),
    "use twice": (cell(1, 13, "FU202"), LayoutError, ["column FU202: stands there 2 times"]),
    "component twice": (cell(6, 0, "VA001"), LayoutError, ["row VA001: stands there 2 times"]),
    "truncated before the foot": (cut(4), LayoutError, ["no row TII", "cut off"]),
    "truncated in the foot": (cut(8), LayoutError, ["row VA004: is missing", "row TI: is missing"]),
    "truncated in a line": (broken_line, LayoutError, ["no row TII"]),
    "short line": (lambda rows: rows[2].__delitem__(slice(15, None)), MissingValueError, ["GO"]),
}

TIDY = {
    "missing cell": (cut(3, 4), MissingValueError, ["transactions [A, B]", "never zero"]),
    "missing account cell": (cut(13, 14), MissingValueError, ["satellite [CO2, B]"]),
    "empty cell": (cell(3, 3, ""), MissingValueError, ["line 3: transactions [A, B]", "empty"]),
    "text in a number": (cell(12, 3, "3 Mt"), MissingValueError, ["line 12", "'3 Mt'"]),
    "cell twice": (twice(4), LabelError, ["line 15", "transactions [B, A]", "twice"]),
    "trailing blank": (cell(7, 1, "B "), LabelError, ["final_demand, row 'B '", "'B'"]),
    "blank in a sector": (cell(2, 1, "A "), LabelError, ["'A '"]),
    "look-alike sector": (cell(4, 1, "a"), LabelError, ["'a'", "looks like 'A'"]),
    "unknown sector": (cell(12, 2, "C"), LabelError, ["satellite, column 'C'"]),
    "unknown block": (cell(2, 0, "transaction"), LayoutError, ["line 2", "'transactions'"]),
    "unknown column": (cell(1, 4, "units"), LayoutError, ["column 'units'", "valid"]),
    "column missing": (without("column"), LayoutError, ["column column: is missing"]),
    "no final demand": (cut(6, 8), LayoutError, ["block final_demand"]),
    "truncated in a line": (lambda rows: rows[-1].pop(), LayoutError, ["line 14", "4 cells"]),
    "wrong unit": (cell(5, 4, "EUR"), UnitError, ["transactions B", "EUR, USD"]),
    "no unit": (
        lambda rows: [row.__setitem__(4, "") for row in rows[11:]],
        UnitError,
        ["satellite CO2: has no unit", 'satellites.CO2 = "unit"'],
    ),
    "households in another unit": (cell(14, 4, "kt"), UnitError, ["households CO2", "'kt'"]),
    "household without account": (cell(14, 1, "CH4"), LabelError, ["households CH4"]),
    "unbalanced row": (cell(6, 3, "351"), BalanceError, ["row A", "by 1 USD"]),
    "unbalanced column": (cell(10, 3, "651"), BalanceError, ["column A", "by 1 USD"]),
    "negative output": (cell(8, 3, "-1000"), BalanceError, ["sector A: output is negative"]),
    "zero output with inputs": (cell(8, 3, "0"), BalanceError, ["sector A: output is zero but"]),
}


@pytest.mark.parametrize("case", NBS)
def test_bureau_table_is_refused(case, nbs_rows, write_csv):
    change, error, texts = NBS[case]
    change(nbs_rows)
    with pytest.raises(error) as caught:
        read(write_csv(nbs_rows), year=2012)
    assert type(caught.value) is error
    assert all(text in str(caught.value) for text in ["table.csv", *texts]), str(caught.value)


@pytest.mark.parametrize("case", TIDY)
def test_tidy_table_is_refused(case, tidy_rows, tidy_manifest, write_csv):
    change, error, texts = TIDY[case]
    change(tidy_rows)
    with pytest.raises(error) as caught:
        read(write_csv(tidy_rows), manifest=tidy_manifest)
    assert type(caught.value) is error
    assert all(text in str(caught.value) for text in ["table.csv", *texts]), str(caught.value)


MANIFEST = {
    "unknown key": ({"unit": "USD"}, ["unit: unknown key", "'units'"]),
    "unknown account key": (
        {"satellites": {"CO2": {"units": "Mt", "state": "derived"}}},
        ["satellites.CO2.state", "'status'"],
    ),
    "unit empty": ({"units": " "}, ["units"]),
    "no price basis": ({"price_basis": None}, ["price_basis"]),
    "unknown scope": ({"scope": "scope 1"}, ["scope", "'direct'"]),
    "unknown layout": ({"layout": "broad"}, ["layout", "'tidy'"]),
    "regions for some sectors": ({"regions": ["CN"]}, ["1 regions for 2 sectors"]),
    "negative tolerance": ({"tolerance": -1}, ["tolerance"]),
    "two at once": ({"unit": "USD", "year": "soon"}, ["2 problems", "unit", "year"]),
}


@pytest.mark.parametrize("case", MANIFEST)
def test_manifest_is_refused(case, tidy_rows, tidy_manifest, write_csv):
    change, texts = MANIFEST[case]
    with pytest.raises(ManifestError) as caught:
        read(write_csv(tidy_rows), manifest=tidy_manifest | change)
    assert all(text in str(caught.value) for text in texts), str(caught.value)


def arrays(**change: object) -> io_tables.IOTable:
    """Textbook table with something changed."""
    given: dict[str, Any] = {
        "transactions": [[150, 500], [200, 100]],
        "final_demand": [350, 1700],
        "sectors": ["A", "B"],
        "units": "USD",
        "price_basis": "current",
        "source": "textbook",
        "satellites": {"CO2": ([3, 5], "Mt")},
        "households": {"CO2": (1, "Mt")},
        "scope": "direct",
    }
    return from_arrays(**(given | change))


SHUFFLED = pd.DataFrame([[100, 200], [500, 150]], index=["B", "A"], columns=["B", "A"])
ARRAYS = {
    "missing cell": (
        {"transactions": [[150, np.nan], [200, 100]]},
        MissingValueError,
        "transactions [sector A, purchaser B]",
    ),
    "text in a number": (
        {"transactions": [[150, "many"], [200, 100]]},
        MissingValueError,
        "transactions [1, 2]: 'many'",
    ),
    "ragged": ({"transactions": [[150], [200, 100]]}, MissingValueError, "unequal length"),
    "shuffled labels": ({"transactions": SHUFFLED}, LabelError, "another order"),
    "other labels": ({"final_demand": pd.Series([1, 2], ["A", "C"])}, LabelError, "['C']"),
    "duplicated labels": ({"sectors": ["A", "A"]}, LabelError, "sector 'A': label occurs 2"),
    "trailing blank": ({"sectors": ["A", "B "]}, LabelError, "sector 2 ('B ')"),
    "zero-width blank": ({"sectors": ["A", "B\u200b"]}, LabelError, "do not print"),
    "look-alike labels": ({"sectors": ["Steel", "steel"]}, LabelError, "looks like 'Steel'"),
    "too few labels": ({"sectors": ["A"]}, LabelError, "2 sector entries for 1 labels"),
    "too many dimensions": ({"final_demand": np.ones((2, 1, 1))}, LabelError, "3 dimensions"),
    "short account": ({"satellites": {"CO2": ([3], "Mt")}}, LabelError, "CO2 has shape (1,)"),
    "account without unit": ({"satellites": {"CO2": [3, 5]}}, UnitError, "CO2: give (values"),
    "account with empty unit": ({"satellites": {"CO2": ([3, 5], " ")}}, UnitError, "CO2"),
    "households in another unit": ({"households": {"CO2": (1, "kt")}}, UnitError, "'kt'"),
    "households by sector": ({"households": {"CO2": ([1, 2], "Mt")}}, LabelError, "one number"),
    "no unit": ({"units": ""}, UnitError, "units: is empty"),
    "no price basis": ({"price_basis": " "}, UnitError, "price basis: is empty"),
    "unknown scope": ({"scope": "1"}, ScopeError, "unknown scope '1'"),
    "regions too short": ({"regions": ["X"]}, LabelError, "1 regions for 2 sectors"),
    "unbalanced": ({"output": [1001, 2000]}, BalanceError, "row A: uses of 1,000"),
    "negative output": ({"final_demand": [-5000, 1700]}, BalanceError, "output is negative"),
    "zero output with inputs": ({"final_demand": [-650, 1700]}, BalanceError, "sector A"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_arrays_are_refused(case):
    change, error, text = ARRAYS[case]
    with pytest.raises(error) as caught:
        arrays(**change)
    assert type(caught.value) is error
    assert text in str(caught.value)


CONCORDANCES = {
    "unmapped sector": ({"A": "X"}, "not mapped: B"),
    "unknown sector": ({"A": "X", "B": "X", "C": "X"}, "not in the table: C"),
}


@pytest.mark.parametrize("case", CONCORDANCES)
def test_concordance_does_not_fit(case, textbook):
    mapping, text = CONCORDANCES[case]
    with pytest.raises(ConcordanceError) as caught:
        textbook.aggregate(mapping)
    assert text in str(caught.value)


CONCORDANCE_FILES = {
    "doubly mapped": (["A,X", "A,Y", "B,X"], "A: shares sum to 2, not 1"),
    "mapped twice alike": (["A,X", "A,X"], "line 3: 'A' is mapped twice"),
    "unknown target": (["A,X", "B,Z"], "line 3: unknown target 'Z'"),
    "empty target": (["A,X", "B, "], "line 3: an empty cell"),
    "line cut off": (["A,X", "B"], "line 3: cannot read 'B'"),
}


@pytest.mark.parametrize("case", CONCORDANCE_FILES)
def test_concordance_file_is_refused(case, write_csv):
    lines, text = CONCORDANCE_FILES[case]
    path = write_csv([line.split(",") for line in ["sector,target", *lines]])
    with pytest.raises(ConcordanceError) as caught:
        Concordance.read(path, source="test", targets=["X", "Y"])
    assert text in str(caught.value)


def test_concordance_share_that_is_no_number(write_csv):
    path = write_csv([["sector", "target", "share"], ["A", "X", "half"]])
    with pytest.raises(ConcordanceError, match="line 2: cannot read 'A,X,half'"):
        Concordance.read(path, source="test")


def test_concordance_share_below_zero():
    table = from_arrays([[1]], [1], sectors=["A"], units="u", price_basis="p", source="s")
    shares = table.transactions.rename(sector="target", purchaser="sector") * -1
    with pytest.raises(ConcordanceError, match="A: a share is not a number from 0 to 1"):
        Concordance(shares, "test")


def test_concordance_without_its_column(write_csv):
    path = write_csv([["sector", "targets"], ["A", "X"]])
    with pytest.raises(
        ConcordanceError, match="column 'target' is missing; did you mean 'targets'"
    ):
        Concordance.read(path, source="test")


def test_concordance_to_an_unknown_target():
    with pytest.raises(ConcordanceError, match="A goes to unknown 'Z'"):
        Concordance.from_mapping({"A": "Z"}, source="test", targets=["X"])


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(
        UnknownTableError, match="no table 'china-2017-cn25'; did you mean 'china-20"
    ):
        io_tables.load("china-2017-cn25")
    with pytest.raises(UnknownTableError, match="no classification 'cn9'; did you mean 'cn8'"):
        io_tables.classification("cn9")
    with pytest.raises(
        ConcordanceError, match="no concordance 'nbs-2017'; did you mean 'nbs-2017-149"
    ):
        io_tables.load_concordance("nbs-2017", "cn8")
    with pytest.raises(ConcordanceError, match="from nbs-2017-149 to 'cn42'; did you mean 'cn24'"):
        io_tables.load_concordance("nbs-2017-149", "cn42")


FILES = {
    "empty": (b"", TableFileError, "empty"),
    "not text": (b"\xff\xfe\x00\x01", TableFileError, "not UTF-8"),
    "cut in a quoted cell": (b'block,value\n"transac', TableFileError, "not a CSV file"),
    "huge cell": (b"block,value\n" + b"9" * 200_000, TableFileError, "not a CSV file"),
    "another layout": (b"a,b\n1,2\n", LayoutError, "unknown layout, the first line reads 'a, b'"),
    "header only": (b"block,row,column,value\n", LayoutError, "block transactions: has no lines"),
}


@pytest.mark.parametrize("case", FILES)
def test_file_is_refused(case, tmp_path):
    content, error, text = FILES[case]
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        read(path, units="USD", price_basis="current", source="test")
    assert type(caught.value) is error
    assert text in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(TableFileError, match=r"nothing\.csv does not exist"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(TableFileError, match="is a folder"):
        read(tmp_path)


def test_unknown_option_is_answered_with_the_nearest(nbs_rows, write_csv):
    with pytest.raises(ManifestError, match="unit: unknown key -> did you mean 'units'"):
        read(write_csv(nbs_rows), year=2012, unit="10^4 CNY")


def test_bureau_table_without_year_is_not_guessed(nbs_rows, write_csv):
    with pytest.raises(ManifestError, match="price_basis: is missing"):
        read(write_csv(nbs_rows))


def test_manifest_of_another_layout(nbs_rows, tidy_manifest, write_csv):
    with pytest.raises(LayoutError, match="the manifest says layout 'tidy', the file has 'Code"):
        read(write_csv(nbs_rows), manifest=tidy_manifest)


def test_all_problems_of_a_file_are_in_one_error(nbs_rows, write_csv):
    for line, column, text in ((2, 3, ""), (2, 4, "x"), (3, 5, "-"), (5, 3, "?")):
        cell(line, column, text)(nbs_rows)
    with pytest.raises(TableError) as caught:
        read(write_csv(nbs_rows), year=2012)
    assert len(caught.value.findings) == 4
    assert "4 problems" in str(caught.value)
    assert [finding.where for finding in caught.value.findings] == [
        "table.csv, row 01 (line 2), column 01",
        "table.csv, row 01 (line 2), column 02",
        "table.csv, row VA001 (line 5), column 01",
        "table.csv, row 02 (line 3), column TIU",
    ]


def test_totals_and_balance_are_reported_together(nbs_rows, write_csv):
    cell(2, 3, "11")(nbs_rows)  # one flow too large: its row, its column and two printed totals
    with pytest.raises(BalanceError) as caught:
        read(write_csv(nbs_rows), year=2012)
    places = [finding.where for finding in caught.value.findings]
    assert places == ["column TIU, row 01", "row TII, column 01", "row 01", "column 01"]


def test_long_lists_are_cut_and_counted(nbs_rows, write_csv):
    for line in (2, 3, 5, 6):
        nbs_rows[line - 1][3:] = [""] * (len(nbs_rows[0]) - 3)
    with pytest.raises(MissingValueError) as caught:
        read(write_csv(nbs_rows), year=2012)
    assert len(caught.value.findings) == 11
    assert "more of these" in str(caught.value)
