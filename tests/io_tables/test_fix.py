"""Safe repairs: a new file, a log of every change, and no invented number."""

from __future__ import annotations

import csv
import json
import tomllib

import numpy as np
import pytest

import io_tables
from handprint.cli import main
from io_tables import check, fix, from_arrays, read, write_tidy
from io_tables.errors import ManifestError, TableFileError
from io_tables.repairs import cleaned, opened, reordered

from .test_wiod import CO2, NIOT

YEAR = {"year": 2012}


@pytest.fixture
def sound(nbs_rows, write_csv):
    """The table as it should be."""
    return read(write_csv(nbs_rows, "sound.csv"), **YEAR)


def swapped(rows):
    """Exchange two whole columns, codes with numbers."""
    for row in rows:
        row[3], row[4] = row[4], row[3]


def put(line, column, text):
    return lambda rows: rows[line - 1].__setitem__(column, text)


SAFE = {
    "trailing blank in a code": (put(2, 0, "01 "), "label"),
    "zero-width letter": (put(1, 4, "\u200b02"), "label"),
    "line break in a heading": (put(1, 4, "02\n"), "label"),
    "full-width digits": (put(3, 0, "０２"), "label"),
    "full-width letters": (put(4, 0, "ＴＩＩ"), "label"),
    "typographic minus": (put(6, 3, "−3"), "number"),
    "columns in another order": (swapped, "order"),
    "wrong total": (put(2, 5, "31"), "total"),
}


@pytest.mark.parametrize("name", SAFE)
def test_safe_repairs_give_the_sound_table(name, nbs_rows, write_csv, sound, tmp_path):
    change, kind = SAFE[name]
    change(nbs_rows)
    path = write_csv(nbs_rows)
    before = path.read_bytes()
    log = fix(path, tmp_path / "new.csv", **YEAR)
    assert {c.kind for c in log.changes} == {kind}
    assert log.ok
    assert read(tmp_path / "new.csv").content_hash == sound.content_hash
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("new")) == [
        "new.csv",
        "new.fixes.csv",
        "new.fixes.json",
        "new.toml",
    ]


def test_thousands_separators(tmp_path):
    table = from_arrays(
        [[1500, 500], [2000, 1000]],
        [3500, 17000],
        sectors=["A", "B"],
        units="USD",
        price_basis="current 2005",
        source="by hand",
    )
    path = tmp_path / "t.csv"
    write_tidy(table, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[*row[:3], row[3].replace("1500.0", "1,500.0")] for row in csv.reader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert [f.code for f in check(path).at("error")] == ["cell-text"]
    log = fix(path, tmp_path / "new.csv")
    assert [(c.kind, c.old, c.new, c.where) for c in log.changes] == [
        ("number", "1,500.0", "1500.0", "t.csv, line 2, column D")
    ]
    assert np.array_equal(read(tmp_path / "new.csv").transactions, table.transactions)


@pytest.mark.parametrize(
    ("encoding", "named"), [("gb18030", "gb18030"), ("utf-16", "utf-16"), ("utf-8-sig", "UTF-8 w")]
)
def test_encodings(encoding, named, nbs_rows, write_csv, sound, tmp_path):
    path = write_csv(nbs_rows)
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    log = fix(path, tmp_path / "new.csv", **YEAR)
    assert [c.kind for c in log.changes] == ["encoding"]
    assert log.changes[0].old.startswith(named)
    assert read(tmp_path / "new.csv").content_hash == sound.content_hash


def test_an_uncertain_encoding_is_not_guessed(nbs_rows, write_csv, tmp_path):
    nbs_rows[1][1] = "Énergie, pétrole"
    path = write_csv([row[:2] + row[3:] for row in nbs_rows])
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(TableFileError, match="UTF-8"):
        fix(path, tmp_path / "new.csv", **YEAR)


def test_a_missing_number_is_never_invented(nbs_rows, write_csv, tmp_path):
    nbs_rows[1][4] = ""
    nbs_rows[2][0] = "02 "
    log = fix(write_csv(nbs_rows), tmp_path / "new.csv", **YEAR)
    assert log.written is None
    assert [c.kind for c in log.changes] == ["label"]
    assert [f.code for f in log.report.at("error")] == ["cell-empty"]
    assert not list(tmp_path.glob("new*"))
    assert "errors are left" in str(log)
    assert "未写入文件" in log.text("zh")


UNSAFE = {
    "sectors that differ in case": [["steel", "Steel"]],
    "a blank makes two sectors one": [["A", "A "]],
}


@pytest.mark.parametrize("name", UNSAFE)
def test_labels_that_differ_in_more_are_left(name, tidy_rows, tidy_manifest, write_csv, tmp_path):
    first, second = UNSAFE[name][0]
    for row in tidy_rows[1:]:
        for at in (1, 2):
            row[at] = {"A": first, "B": second}.get(row[at], row[at])
    log = fix(write_csv(tidy_rows), tmp_path / "new.csv", manifest=tidy_manifest)
    assert log.written is None
    assert not log.ok


def test_a_total_that_hides_an_imbalance_stays_an_error(nbs_rows, write_csv, tmp_path):
    nbs_rows[1][3] = "11"  # row, column and two totals
    log = fix(write_csv(nbs_rows), tmp_path / "new.csv", **YEAR)
    assert log.written is None
    assert {"balance-row", "balance-column"} <= {f.code for f in log.report.at("error")}


def test_gaps_within_the_tolerance_get_a_column(tmp_path):
    table = from_arrays(
        [[150, 500], [200, 100]],
        [350, 1700],
        sectors=["A", "B"],
        output=[1000.25, 2000],
        value_added=[650, 1400],
        tolerance=0.5,
        satellites={"CO2": ([3, 5], "Mt")},
        scope="direct",
        units="USD",
        price_basis="current 2005",
        source="by hand",
    )
    path = tmp_path / "t.csv"
    write_tidy(table, path, accounts={"CO2": {"status": "published"}}, title="Two", year=2005)
    log = fix(path, tmp_path / "new.csv")
    again, manifest = read(tmp_path / "new.csv"), (tmp_path / "new.toml").read_text("utf-8")
    assert [(c.kind, c.where, c.new) for c in log.changes] == [
        ("difference", "row A, column statistical difference", "0.25")
    ]
    assert again.final_demand.sel(category="statistical difference").values.tolist() == [0.25, 0]
    gaps = [f.value for f in again.check() if f.code == "balance-gap"]
    assert gaps == [0.0, 0.25]
    assert np.array_equal(again.output, table.output)
    assert 'title = "Two"' in manifest
    assert 'status = "published"' in manifest
    assert fix(path, tmp_path / "other.csv", difference=False).written is None
    assert fix(tmp_path / "new.csv", tmp_path / "third.csv").changes == ()


def test_nothing_to_repair(tmp_path, textbook):
    write_tidy(textbook, tmp_path / "t.csv")
    log = fix(tmp_path / "t.csv", tmp_path / "new.csv")
    assert (log.ok, log.written, log.changes) == (True, None, ())
    assert "nothing to repair" in str(log)


def test_nothing_is_overwritten(tmp_path, textbook):
    write_tidy(textbook, tmp_path / "t.csv")
    for name in ("new.csv", "new.toml", "new.fixes.csv", "new.fixes.json"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
        with pytest.raises(TableFileError, match="exists"):
            fix(tmp_path / "t.csv", tmp_path / "new.csv")
        assert (tmp_path / name).read_text(encoding="utf-8") == "mine"
        (tmp_path / name).unlink()
    with pytest.raises(TableFileError, match="exists"):
        fix(tmp_path / "t.csv", tmp_path / "t.csv")
    with pytest.raises(TableFileError, match="a tidy CSV file"):
        fix(tmp_path / "t.csv", tmp_path / "new.xlsx")
    with pytest.raises(TableFileError, match="make it first"):
        fix(tmp_path / "t.csv", tmp_path / "no" / "new.csv")


def test_the_log_says_everything_and_runs_nothing(nbs_rows, write_csv, tmp_path):
    nbs_rows[1][1] = "=cmd()\u200b"
    log = fix(write_csv(nbs_rows), tmp_path / "new.csv", **YEAR)
    data = json.loads((tmp_path / "new.fixes.json").read_text(encoding="utf-8"))
    assert data == json.loads(json.dumps(log.to_dict()))
    assert data["changes"][0]["old"] == "=cmd()\u200b"
    with (tmp_path / "new.fixes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["kind", "where", "old", "new", "why"]
    assert rows[0]["old"].startswith("'=")
    history = read(tmp_path / "new.csv").history[-1]
    assert history == "table.csv repaired in 1 place(s), listed in new.fixes.csv"


def test_numbers_that_are_labels_stay_labels():
    rows = [["code", "511,512", "x"], ["511,512", "1", "2,345"], ["９", "2", "-1,000.5"]]
    assert cleaned(rows, "t")[0] == [
        ["code", "511,512", "x"],
        ["511,512", "1", "2345"],
        ["9", "2", "-1000.5"],
    ]


def test_chinese_punctuation_stays():
    rows = [["名称", "软件（服务）、其他，等"]]
    assert cleaned(rows, "t") == (rows, [])


def test_tidy_files_have_no_order_of_columns(tidy_rows):
    assert reordered(tidy_rows, "t") == (tidy_rows, [])


def test_short_lines_move_too():
    rows = [["", "B", "A", "end"], ["A", "1", "2"], ["B", "3"]]
    moved, changes = reordered(rows, "t")
    assert moved == [["", "A", "B", "end"], ["A", "2", "1"], ["B", "", "3"]]
    assert [c.new for c in changes] == ["A", "B"]


def test_a_workbook_can_be_repaired(raw_folder, tmp_path):
    path = raw_folder / "nbs_china_2007_published" / "0101.xls"
    log = fix(path, tmp_path / "new.csv", year=2007)
    assert log.ok
    assert opened(path)[1] == []
    before, after = read(path, year=2007), read(tmp_path / "new.csv")
    assert np.array_equal(before.transactions, after.transactions)
    assert io_tables.check(tmp_path / "new.csv").counts["warning"] == 0


# --- tables of several files ----------------------------------------------------------------

WIOD = """\
name = "china"
layout = "wiod"
units = "10^6 USD"
price_basis = "current basic prices 2012"
source = "by hand"

[options]
emissions = "jrc.csv"
country = "CHN"
"""


@pytest.fixture
def table_with_emissions(write_csv):
    """A table of WIOD and JRC's accounts beside it, with thousands separators in the accounts."""
    accounts = [line.split(",") for line in CO2.splitlines()]
    accounts[1][2], accounts[2][0] = "3,000", "CHN "
    write_csv(accounts, "jrc.csv")
    return write_csv([line.split(",") for line in NIOT.splitlines()], "CHN_2012.csv")


@pytest.mark.parametrize("way", ["manifest", "call"])
def test_further_files_are_repaired_too(table_with_emissions, tmp_path, way):
    path, options = table_with_emissions, {}
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    if way == "manifest":
        path.with_suffix(".toml").write_text(WIOD, encoding="utf-8")
    else:
        options = {"emissions": path.with_name("jrc.csv")}
    log = fix(path, tmp_path / "new.csv", **options)
    assert log.ok
    assert [(c.kind, c.where.partition(",")[0]) for c in log.changes] == [
        ("number", "jrc.csv"), ("label", "jrc.csv"),
    ]  # fmt: skip
    table = read(tmp_path / "new.csv")  # whole by itself
    assert table.satellites["CO2"].values.tolist() == [3, 5, 0.007]
    told = tomllib.loads((tmp_path / "new.toml").read_text(encoding="utf-8"))
    assert [f["name"] for f in told["files"]] == ["CHN_2012.csv", "jrc.csv"]
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_a_fault_of_a_further_file_is_named(table_with_emissions, tmp_path):
    accounts = table_with_emissions.with_name("jrc.csv")
    accounts.write_text(CO2.replace("5000", ""), encoding="utf-8")
    log = fix(table_with_emissions, tmp_path / "new.csv", emissions=accounts)
    assert (log.ok, log.written) == (False, None)
    assert any("jrc.csv" in f.where and f.code == "cell-empty" for f in log.report)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (("jrc.csv", "nothing.csv"), TableFileError, "nothing.csv does not exist"),
        (("jrc.csv", "../jrc.csv"), ManifestError, "leads out of its folder"),
        (("emissions =", "emision ="), ManifestError, "no option 'emision'"),
    ],
)
def test_further_files_that_cannot_be_used(table_with_emissions, tmp_path, change, error, words):
    text = WIOD.replace(*change)
    table_with_emissions.with_suffix(".toml").write_text(text, encoding="utf-8")
    with pytest.raises(error, match=words):
        fix(table_with_emissions, tmp_path / "new.csv")
    assert not (tmp_path / "new.csv").exists()


def test_command_line_with_further_files(table_with_emissions, tmp_path, capsys):
    table_with_emissions.with_suffix(".toml").write_text(WIOD, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["tables", "check", str(table_with_emissions), "--fix"])
    assert end.value.code in (0, None)
    assert "jrc.csv" in capsys.readouterr().out
    assert read(tmp_path / "CHN_2012-fixed.csv").satellites["CO2"].values.tolist()[0] == 3


def test_encoding_and_delimiter_of_a_manifest(tmp_path, tidy_rows, tidy_manifest):
    """What opened the file before its repair does not open the copy."""
    tidy_rows[1][1] = " A"
    text = "\n".join(";".join(row) for row in tidy_rows)
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode("utf-16"))
    said = {**tidy_manifest, "encoding": "utf-16", "delimiter": ";"}
    log = fix(path, tmp_path / "new.csv", manifest=said)
    assert [c.kind for c in log.changes] == ["encoding", "label"]
    assert log.ok
    assert read(tmp_path / "new.csv").transactions.values.tolist() == [[150, 500], [200, 100]]
