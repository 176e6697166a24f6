"""Wide and tidy sheets of any origin: what the manifest says is where the table is."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import io_tables
from io_tables import TableError, from_arrays, read, write_wide
from io_tables.errors import (
    BalanceError,
    LayoutError,
    ManifestError,
    MissingValueError,
    TableFileError,
)
from io_tables.sheets import Wide
from io_tables.streams import LargeText, open_text

# Two sectors, every sum by hand: 10+20+30-5=55, 15+25+70-0=110; 10+15+30=55, 20+25+65=110.
SHEET = [
    ["Table 1", "", "", "", "", "", "", "", ""],
    ["Unit: 10^4 CNY", "", "", "", "", "", "", "", ""],
    ["", "Code", "A", "B", "Total", "Households", "Exports", "Imports", "Output"],
    ["Farms", "A", 10, 20, 30, 20, 10, 5, 55],
    ["Works", "B", 15, 25, 40, 40, 30, 0, 110],
    ["Total", "T", 25, 45, 70, 60, 40, 5, 165],
    ["Wages", "W", 20, 40, "", "", "", "", ""],
    ["Profits", "P", 10, 25, "", "", "", "", ""],
    ["Output", "X", 55, 110, "", "", "", "", ""],
    ["CO2", "C", 1.5, 2.5, "", 0.5, "", "", ""],
]
WIDE = {
    "header": [3],
    "labels": ["B"],
    "transactions": "C4:D5",
    "final_demand": {"Households": "households", "Exports": "exports"},
    "imports": "Imports",
    "imports_sign": "positive",
    "value_added": {"Wages": "wages", "P": "profits"},
    "output_column": "$I",
    "output_row": "X",
    "total_columns": {"Total": ["transactions"]},
    "total_rows": {"T": ["transactions"]},
    "satellites": {"C": "CO2"},
    "households": {"CO2": "F10"},
    "title": "A",
}
MANIFEST = {
    "name": "two",
    "layout": "wide",
    "units": "10^4 CNY",
    "price_basis": "current",
    "source": "made up",
    "scope": "direct",
    "satellites": {"CO2": "Mt"},
}


def manifest(**changes):
    wide = {k: v for k, v in (WIDE | changes).items() if v is not None}
    return {**MANIFEST, "wide": wide}


@pytest.fixture
def sheet():
    return [list(row) for row in SHEET]


@pytest.fixture
def save(tmp_path):
    def write(rows, suffix=".csv") -> Path:
        path = tmp_path / f"t{suffix}"
        if suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        elif suffix == ".xlsx":
            pd.DataFrame(rows).replace("", None).to_excel(path, header=False, index=False)
        else:
            frame = pd.DataFrame([[None if c == "" else str(c) for c in row] for row in rows])
            frame.columns = [f"c{i}" for i in range(frame.shape[1])]
            frame.to_parquet(path)
        return path

    return write


def same(a, b):
    """Equal but for the order of sectors."""
    order = sorted(a.sectors)
    assert sorted(b.sectors) == order
    for x, y in ((a.transactions, b.transactions), (a.final_demand, b.final_demand)):
        x, y = x.sel(sector=order), y.sel(sector=order)
        if "purchaser" in x.dims:
            x, y = x.sel(purchaser=order), y.sel(purchaser=order)
        np.testing.assert_array_equal(x.values, y.values)
    np.testing.assert_array_equal(a.output.sel(sector=order), b.output.sel(sector=order))


def test_everything_is_found(sheet, save):
    table = read(save(sheet), manifest=manifest())
    assert table.sectors == ["A", "B"]
    assert table.transactions.values.tolist() == [[10, 20], [15, 25]]
    assert table.categories == ["households", "exports", "imports"]
    assert table.final_demand.values.tolist() == [[20, 10, -5], [40, 30, 0]]
    assert table.output.values.tolist() == [55, 110]
    assert table.primary_inputs["component"].values.tolist() == ["wages", "profits"]
    assert table.satellites["CO2"].values.tolist() == [1.5, 2.5]
    assert float(table.households["CO2"]) == 0.5
    assert table.output["title"].values.tolist() == ["Farms", "Works"]


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_other_kinds_of_file(sheet, save, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    told = manifest()
    if suffix == ".parquet":  # the names of its columns are the first line
        wide = {k: v for k, v in told["wide"].items() if k != "households"}
        told["wide"] = wide | {
            "header": [4], "transactions": "C5:D6", "households": {"CO2": "F11"}
        }  # fmt: skip
    table = read(save(sheet, suffix), manifest=told)
    assert table.content_hash == read(save(sheet), manifest=manifest()).content_hash


def test_named_sheet(tmp_path, sheet):
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame([["nothing"]]).to_excel(book, sheet_name="notes", header=False, index=False)
        frame = pd.DataFrame(sheet).replace("", None)
        frame.to_excel(book, sheet_name="2017", header=False, index=False)
    table = read(path, manifest={**manifest(), "sheet": "2017"})
    assert table.provenance.sheet == "2017"
    assert read(path, manifest=manifest(), sheet=2).content_hash == table.content_hash


def test_european_numbers(sheet, save, tmp_path):
    rows = [[f"{c * 1000.5:.1f}".replace(".", ",") if isinstance(c, int | float) and c else c
             for c in row] for row in sheet]  # fmt: skip
    rows[9][2:4] = ["1.234,5", "2,5"]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(";".join(map(str, row)) for row in rows), encoding="utf-8")
    table = read(path, manifest=manifest(decimal=",", thousands="."))
    assert table.transactions.values[0, 0] == 10005.0
    assert table.satellites["CO2"].values.tolist() == [1234.5, 2.5]


@pytest.mark.parametrize(("cell", "thousands"), [("1,23", ","), ("12,3456", ","), ("1 23", " ")])
def test_thousands_come_in_threes(sheet, save, cell, thousands):
    sheet[9][2] = cell
    with pytest.raises(MissingValueError, match=re.escape(f"C10: {cell!r} is not a number")):
        read(save(sheet), manifest=manifest(thousands=thousands))


def test_empty_is_zero_only_when_declared(sheet, save):
    sheet[3][3], sheet[4][2] = "", "-"
    sheet[3][4] = sheet[5][2] = 10
    sheet[4][4] = sheet[5][3] = 25
    sheet[3][5], sheet[4][5], sheet[6][2], sheet[6][3] = 40, 55, 35, 60
    with pytest.raises(MissingValueError) as caught:
        read(save(sheet), manifest=manifest())
    assert "t.csv, row A (line 4), column B: D4: the cell is empty" in str(caught.value)
    assert "t.csv, row B (line 5), column A: C5: '-' is not a number" in str(caught.value)
    table = read(save(sheet), manifest=manifest(zero_marks=["", "-"]))
    assert table.transactions.values.tolist() == [[10, 0], [0, 25]]


def test_rename_and_skip(sheet, save):
    sheet.insert(4, ["subtotal", "S", 10, 20, "", "", "", "", ""])
    for row in sheet:
        row.insert(3, "x")
    sheet[2][4] = "Works"
    told = manifest(
        transactions="C4:E6", skip_rows=[5], skip_columns=["D"], rename={"Works": "B"},
        output_column="$J", households={"CO2": "G11"},
    )  # fmt: skip
    assert read(save(sheet), manifest=told).transactions.values.tolist() == [[10, 20], [15, 25]]


def test_sectors_by_label(sheet, save):
    told = manifest(transactions=None, sectors=["A", "B"])
    assert read(save(sheet), manifest=told).output.values.tolist() == [55, 110]


def test_by_position(sheet, save):
    sheet[2][2:4] = ["col 1", "col 2"]
    with pytest.raises(LayoutError, match="no column has this label"):
        read(save(sheet), manifest=manifest())
    table = read(save(sheet), manifest=manifest(match="position"))
    assert table.sectors == ["A", "B"]


def test_two_lines_of_labels_are_regions(save):
    rows = [
        ["", "", "r1", "", "r2", "", "use"],
        ["", "", "a", "b", "a", "b", ""],
        *(
            [r, s, *np.arange(4), 20]
            for r, s in (("r1", "a"), ("r1", "b"), ("r2", "a"), ("r2", "b"))
        ),
    ]
    told = {"header": [1, 2], "labels": ["A", "B"], "transactions": "C3:F6", "regions": True,
            "final_demand": {"$G": "use"}}  # fmt: skip
    table = read(save(rows), manifest={**MANIFEST, "satellites": {}, "wide": told})
    assert table.sectors == ["r1:a", "r1:b", "r2:a", "r2:b"]
    assert table.transactions["region"].values.tolist() == ["r1", "r1", "r2", "r2"]


def test_non_competitive(save):
    rows = [
        ["", "A", "B", "use", "out"],
        ["A", 10, 20, 70, 100], ["B", 5, 15, 80, 100],
        ["A", 1, 2, "", ""], ["B", 3, 4, "", ""],
        ["in", 19, 41, "", ""], ["VA", 81, 59, "", ""],
    ]  # fmt: skip
    told = {"transactions": "B2:C3", "imported_inputs": "B4:C5", "final_demand": {"use": "use"},
            "value_added": {"VA": "value added"}, "output_column": "out",
            "total_rows": {"in": ["transactions", "imported_inputs"]}}  # fmt: skip
    table = read(save(rows), manifest={**MANIFEST, "satellites": {}, "wide": told})
    assert table.primary_inputs.sel(component="imported inputs").values.tolist() == [4, 6]
    assert table.import_rule == "published"


BAD = {
    "no block": ({"wide": None}, ManifestError, "needs a block [wide]"),
    "no such column": ({"final_demand": {"Housholds": "h"}}, LayoutError, "'Households'"),
    "no such row": ({"value_added": {"Wage": "w"}}, LayoutError, "'Wages'"),
    "column twice": ({"final_demand": {"Households": "h", "$F": "i"}}, ManifestError,
                     "column Households (F): is counted more than once"),
    "name twice": ({"final_demand": {"Households": "h", "Exports": "h"}}, ManifestError, "twice"),
    "sector as demand": ({"final_demand": {"$D": "h"}}, ManifestError, "more than once"),
    "wrong sign": ({"imports_sign": "negative"}, BalanceError, "row A: uses of 65 differ"),
    "wrong total": ({"total_columns": {"Total": ["transactions", "Exports"]}}, BalanceError,
                    "column Total (E), row A: 30 is printed, the parts sum to 40"),
    "beyond the sheet": ({"transactions": "C4:Z99"}, LayoutError, "the sheet ends at I10"),
    "label missing": ({"labels": ["H"]}, LayoutError, "no column has this label"),
    "rename of nothing": ({"rename": {"Q": "R"}}, LayoutError, "wide.rename: is not in the sheet"),
    "account without unit": ({"satellites": {"C": "SO2"}}, TableError, "SO2: has no unit"),
    "households without number": ({"households": {"CO2": "E10"}}, LayoutError, "E10: no number"),
    "total ambiguous": ({"output_row": "Output", "labels": ["A"]}, TableError, "t.csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_manifests(sheet, save, case):
    changes, error, words = BAD[case]
    told = manifest(**changes) if "wide" not in changes else dict(MANIFEST)
    with pytest.raises(error) as caught:
        read(save(sheet), manifest=told)
    assert words in str(caught.value)


def test_all_problems_in_one_report(sheet, save):
    told = manifest(final_demand={"Housholds": "h"}, value_added={"Wage": "w"}, output_row="Z9")
    with pytest.raises(LayoutError) as caught:
        read(save(sheet), manifest=told)
    assert "3 problems" in str(caught.value)
    report = io_tables.check(save(sheet), manifest=told)
    assert len([f for f in report.at("error") if "is not in the sheet" in f.what]) == 3


def test_ambiguous_names_are_asked_for(sheet, save):
    sheet[2][6] = "Households"
    with pytest.raises(LayoutError, match=r"stands there 2 times -> say \$F or \$G"):
        read(save(sheet), manifest=manifest())


@pytest.mark.parametrize(
    "wide",
    [{}, {"transactions": "C4"}, {"transactions": "A1:B2", "sectors": ["A", "B"]},
     {"transactions": "A1:B2", "decimal": ",", "thousands": ","}, {"sectors": ["A", "B"], "x": 1}],
)  # fmt: skip
def test_schema_refuses(wide):
    with pytest.raises(ValueError):
        Wide.model_validate(wide)


def test_unknown_key_gets_a_hint(sheet, save):
    with pytest.raises(ManifestError, match="did you mean 'final_demand'"):
        read(save(sheet), manifest=manifest(final_demands={}))


numbers = st.floats(0, 1e12).map(lambda x: 0.0 if x < 1e-12 else x)
signs = st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["C", "Z"])
label = st.text(signs, min_size=1, max_size=6)


@st.composite
def tables(draw):
    n = draw(st.integers(2, 5))
    k = draw(st.integers(1, 3))
    names = draw(st.lists(label, min_size=n + k, max_size=n + k, unique_by=str.casefold))
    z = draw(arrays(float, (n, n), elements=numbers))
    y = draw(arrays(float, (n, k), elements=numbers)) + 1.0
    try:
        return from_arrays(
            z, y, sectors=names[:n], categories=names[n:], units="USD", price_basis="current",
            source="drawn", satellites={"CO2": (np.arange(n) / 3, "Mt")}, scope="direct",
            households={"CO2": (1 / 7, "Mt")},
        )  # fmt: skip
    except TableError:  # labels that look alike are refused; that is tested elsewhere
        return None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(table=tables(), suffix=st.sampled_from([".csv", ".xlsx"]))
def test_reading_after_writing_is_identity(tmp_path_factory, table, suffix):
    if table is None:
        return
    path = tmp_path_factory.mktemp("w") / f"t{suffix}"
    write_wide(table, path)
    again = read(path)
    assert again.content_hash == table.content_hash
    assert (again.units, again.source, again.tolerance) == ("USD", "drawn", table.tolerance)


@settings(deadline=None, max_examples=40)
@given(rows=st.permutations([3, 4]), columns=st.permutations([2, 3]), seed=st.integers(0, 99))
def test_shuffled_labels_give_identical_results(tmp_path_factory, rows, columns, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    z, y = rng.random((n, n)), rng.random(n) + 1
    names = [f"s{i}" for i in range(n)]
    body = [[names[i], *z[i], y[i]] for i in range(n)]
    one = [["", *names, "use"], *body]
    down, across = rng.permutation(n), [0, *(1 + rng.permutation(n)), n + 1]
    two = [[row[j] for j in across] for row in [one[0], *(body[i] for i in down)]]
    end = chr(ord("A") + n)
    wide = {"transactions": f"B2:{end}{n + 1}", "final_demand": {"use": "use"}}
    told = {**MANIFEST, "satellites": {}, "tolerance": 1e-9, "wide": wide}
    found = []
    for rows_ in (one, two):
        path = tmp_path_factory.mktemp("s") / "t.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows_)
        found.append(read(path, manifest=told))
    a, b = found
    order = a.sectors
    back = b.transactions.sel(sector=order, purchaser=order)
    np.testing.assert_array_equal(a.transactions.values, back.values)
    np.testing.assert_allclose(a.output.values, b.output.sel(sector=order).values, rtol=1e-14)


def test_large_text_is_read_line_by_line(tmp_path, monkeypatch):
    """The same table, streamed or not; quotation marks, blanks and bad cells included."""
    rng = np.random.default_rng(1)
    n = 40
    names = [f'sector "{i}", x' for i in range(n)]
    table = from_arrays(
        rng.lognormal(0, 5, (n, n)), rng.random((n, 2)), sectors=names, categories=["a", "b"],
        units="USD", price_basis="current", source="drawn",
    )  # fmt: skip
    path = tmp_path / "t.csv"
    write_wide(table, path)
    whole = read(path)
    for module in ("io_tables.readers",):
        monkeypatch.setattr(f"{module}.STREAMED", 100)
    monkeypatch.setattr("io_tables.streams.CHUNK", 5000)
    assert isinstance(io_tables.readers.opened(path, io_tables.manifest.read_manifest(
        path.with_suffix(".toml"))), LargeText)  # fmt: skip
    streamed = read(path)
    assert streamed.content_hash == whole.content_hash == table.content_hash
    lines = path.read_text().splitlines()
    good = lines[5]
    lines[5] = good.replace(good.split(",")[-5], "oops")
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(MissingValueError, match=r"line 6.*'oops' is not a number"):
        read(path)
    lines[5] = ",".join(good.split(",")[:9])
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(LayoutError, match=r"line 6: \d+ cells where"):
        read(path)


@pytest.mark.parametrize("content", [b"a,b\n\xff\xfe,1\n", b"a,b\n\x00,1\n", b""])
def test_large_text_is_guarded(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(TableFileError):
        open_text(path)


TIDY = {
    "columns": [("from", "to", "amount"), ("A", "A", 10), ("A", "B", 20), ("B", "A", 15),
                ("B", "B", 25), ("A", "C", 70), ("B", "C", 60), ("wage", "A", 75),
                ("wage", "B", 55), ("sum", "A", 100)],
}  # fmt: skip
TOLD = {
    "row": "from", "column": "to", "value": "amount", "final_demand": {"C": "households"},
    "value_added": {"wage": "wages"}, "ignore": ["sum"],
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_tidy_with_other_names(save, suffix):
    path = save([list(row) for row in TIDY["columns"]], suffix)
    told = {**MANIFEST, "layout": "tidy", "satellites": {}, "tidy": TOLD}
    table = read(path, manifest=told)
    assert table.transactions.values.tolist() == [[10, 20], [15, 25]]
    assert table.categories == ["households"]
    assert table.primary_inputs.values.tolist() == [[75, 55]]
    assert "cell C3" in table.origin("A", "B")


def test_tidy_that_lists_no_zeros(save):
    rows = [list(row) for row in TIDY["columns"] if row[:2] != ("A", "B")]
    rows[5][2] = 80 if rows[5][0] == "wage" else rows[5][2]
    told = {**MANIFEST, "layout": "tidy", "satellites": {}, "tidy": TOLD | {"value_added": {}}}
    told["tidy"] = {**told["tidy"], "ignore": ["sum", "wage"]}
    with pytest.raises(MissingValueError, match="absent is never zero"):
        read(save(rows), manifest=told)
    told["tidy"]["absent"] = "zero"
    assert read(save(rows), manifest=told).transactions.values.tolist() == [[10, 0], [15, 25]]


def test_tidy_column_missing(save):
    told = {**MANIFEST, "layout": "tidy", "satellites": {}, "tidy": TOLD | {"value": "amonut"}}
    with pytest.raises(
        LayoutError, match=r"tidy\.value: is not in the sheet -> did you mean 'amount'"
    ):
        read(save([list(row) for row in TIDY["columns"]]), manifest=told)


def test_write_wide_never_overwrites(textbook, tmp_path):
    path = tmp_path / "t.csv"
    write_wide(textbook, path)
    with pytest.raises(TableFileError, match="exists"):
        write_wide(textbook, path)
    write_wide(textbook, path, force=True)
    with pytest.raises(TableFileError, match=r"written as \.csv or \.xlsx"):
        write_wide(textbook, tmp_path / "t.ods")
