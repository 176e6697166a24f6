"""`handprint tables aggregate` on shipped tables, publishers' files and own sheets."""

from __future__ import annotations

import json

import numpy as np
import openpyxl
import pytest

import io_tables
from handprint.cli import main

OWN = """\
sector,target
A,all
B,all
"""


def run(*arguments) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as end:
        main(["tables", "aggregate", *map(str, arguments)])
    return int(end.value.code or 0)


@pytest.fixture
def by(tmp_path):
    path = tmp_path / "by.csv"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def own(tmp_path):
    """A sheet of one's own, with its manifest beside it."""
    table = io_tables.from_arrays(
        [[150, 500], [200, 100]], [350, 1700], sectors=["A", "B"], categories=["use"],
        satellites={"CO2": ([3, 5], "Mt")}, scope="direct",
        units="USD", price_basis="current 2005", source="by hand", name="own",
    )  # fmt: skip
    io_tables.write_wide(table, tmp_path / "own.xlsx")
    return tmp_path / "own.xlsx"


def test_shipped_table(tmp_path, capsys):
    out = tmp_path / "cn8.csv"
    assert run("china-2017-cn24", "--by", "cn8", "-o", out) == 0
    text = capsys.readouterr().out
    assert "ICT" in text
    assert "3.296" in text  # mean of the fine multipliers
    assert "3.045" in text  # multiplier of the aggregate
    assert "-0.251 (-7.6%)" in text
    assert "2.208 - 3.94" in text
    made = io_tables.read(out)
    shipped = io_tables.load("china-2017-cn24").aggregate(io_tables.load_concordance("cn24", "cn8"))
    assert made.content_hash == shipped.content_hash


def test_own_sheet_as_json(own, by, tmp_path, capsys):
    out = tmp_path / "one.csv"
    assert run(own, "--by", by, "-o", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["table"], told["sectors"], told["aggregates"]) == ("own", 2, 1)
    assert told["written"] == [str(out), str(out.with_suffix(".toml"))]
    output, co2 = told["multipliers"]
    # Miller and Blair 2009: inverse 1.2541 0.3300 / 0.2640 1.1221; one sector: 1 / (1 - 950/3000)
    assert output["before"] == pytest.approx((1000 * 1.51815 + 2000 * 1.45215) / 3000, abs=1e-4)
    assert output["after"] == pytest.approx(3000 / 2050)
    assert output["bias"] == pytest.approx(output["after"] - output["before"])
    assert output["relative_bias"] == pytest.approx(output["bias"] / output["before"])
    assert (output["count"], co2["quantity"]) == (2, "CO2")
    assert co2["after"] == pytest.approx(8 / 2050)
    assert io_tables.read(out).satellites["CO2"].values.tolist() == [8]


def test_workbook_as_output(own, by, tmp_path):
    out = tmp_path / "one.xlsx"
    assert run(own, "--by", by, "-o", out) == 0
    assert io_tables.read(out).transactions.values.tolist() == [[950]]


def test_concordance_in_a_workbook(own, tmp_path):
    made = openpyxl.Workbook()
    for row in (["sector", "target", "share"], ["A", "all", 1], ["B", "all", 1.0]):
        made.active.append(row)
    made.save(tmp_path / "by.xlsx")
    assert run(own, "--by", tmp_path / "by.xlsx", "-o", tmp_path / "one.csv") == 0


def test_publishers_file(raw_folder, tmp_path, capsys):
    """The Bureau's 149 sectors of 2017, by the shipped concordance."""
    path = next((raw_folder / "nbs_china_io").glob("*2017*149*.csv"))
    assert run(path, "--by", "cn24", "-o", tmp_path / "t.csv", "--year", 2017, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sectors"], told["aggregates"]) == (149, 24)
    made, shipped = io_tables.read(tmp_path / "t.csv"), io_tables.load("china-2017-cn24")
    np.testing.assert_allclose(made.transactions, shipped.transactions, rtol=1e-12)


def test_chinese(tmp_path, capsys):
    assert run("china-2017-cn24", "--by", "cn8", "-o", tmp_path / "t.csv", "--lang", "zh") == 0
    assert "归并前范围" in capsys.readouterr().out


def test_the_old_name_of_the_option(tmp_path):
    assert run("china-2017-cn24", "--to", "cn8", "-o", tmp_path / "t.csv") == 0


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("there", ["t", "t.toml"])
def test_nothing_is_replaced(tmp_path, capsys, suffix, there):
    out = tmp_path / f"t{suffix}"
    older = out if there == "t" else out.with_suffix(".toml")
    older.write_text("mine", encoding="utf-8")
    assert run("china-2017-cn24", "--by", "cn8", "-o", out) == 1
    assert "exists" in capsys.readouterr().err
    assert older.read_text(encoding="utf-8") == "mine"
    assert run("china-2017-cn24", "--by", "cn8", "-o", out, "--force") == 0
    assert len(io_tables.read(out).sectors) == 8


REFUSED = {
    "no such table": (("china-2017-cn42", "--by", "cn8"), 4, "did you mean 'china-2017-cn24'"),
    "no such file": (("nothing.csv", "--by", "cn8"), 4, "nothing.csv does not exist"),
    "no such concordance": (("china-2017-cn24", "--by", "no.csv"), 4, "no.csv does not exist"),
    "unknown level": (("china-2017-cn24", "--by", "cn9"), 3, "no concordance from cn24 to 'cn9'"),
    "other sectors": (("own.xlsx", "--by", "cn8"), 3, "those of no shipped classification"),
    "incomplete": (("own.xlsx", "--by", "half.csv"), 3, "B"),
    "no columns": (("own.xlsx", "--by", "odd.csv"), 3, "column 'sector' is missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, own, tmp_path, capsys, monkeypatch):
    arguments, code, words = REFUSED[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "half.csv").write_text("sector,target\nA,all\n", encoding="utf-8")
    (tmp_path / "odd.csv").write_text("a,b\nA,all\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    assert run(*arguments, "-o", tmp_path / "t.csv") == code
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_usage(tmp_path):
    assert run("china-2017-cn24", "-o", tmp_path / "t.csv") == 2
    assert run("china-2017-cn24", "--by", "cn8") == 2
    assert run("china-2017-cn24", "--by", "cn8", "-o", tmp_path / "t.csv", "--lang", "fr") == 2


def test_output_of_another_kind(tmp_path, capsys):
    assert run("china-2017-cn24", "--by", "cn8", "-o", tmp_path / "t.txt") == 2
    assert "written as .csv or .xlsx" in capsys.readouterr().err
