"""``handprint tables check`` as a user calls it: output, exit codes, files."""

from __future__ import annotations

import json

import openpyxl
import pytest

from handprint.cli import main
from io_tables import from_arrays, write_tidy


@pytest.fixture
def bad(tmp_path):
    """A table with an empty cell and a padded label."""
    table = from_arrays(
        [[150, 500], [200, 100]],
        [350, 1700],
        sectors=["A", "ICT"],
        units="USD",
        price_basis="current 2005",
        source="by hand",
    )
    path = tmp_path / "bad.csv"
    write_tidy(table, path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("transactions,A,ICT,500.0", "transactions,A,ICT,")
    path.write_text(text.replace("final_demand,A,", "final_demand,A ,"), encoding="utf-8")
    return path


def call(*arguments: object) -> int:
    """Run the command; return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in ("tables", "check", *arguments)])
    return int(stop.value.code or 0)


def test_a_shipped_table(capsys):
    assert call("china-2020-cn24", "--against", "china-2018-cn24") == 0
    assert "spectral radius" in capsys.readouterr().out


def test_a_bad_file_lists_everything(bad, capsys):
    assert call(bad) == 3
    out = capsys.readouterr().out
    assert "the cell is empty" in out
    assert "final_demand, row 'A '" in out


def test_json(bad, capsys):
    assert call(bad, "--json") == 3
    data = json.loads(capsys.readouterr().out)
    assert data["ok"] is False
    assert "cell-empty" in {f["code"] for f in data["findings"]}


def test_chinese_workbook(bad, tmp_path, capsys):
    path = tmp_path / "report.xlsx"
    assert call(bad, "--lang", "zh", "-o", path) == 3
    assert "错误" in capsys.readouterr().out
    assert openpyxl.load_workbook(path).sheetnames == ["报告", "检查结果"]
    assert call(bad, "-o", path) == 1
    assert call(bad, "-o", path, "--force") == 3


def test_missing_file(capsys):
    assert call("nothing.csv") == 4
    assert "does not exist" in capsys.readouterr().err


def test_fix_writes_nothing_while_a_number_is_missing(bad, tmp_path, capsys):
    before = sorted(tmp_path.iterdir())
    assert call(bad, "--fix") == 3
    assert "errors are left" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == before


def test_fix(bad, tmp_path, capsys):
    text = bad.read_text(encoding="utf-8")
    bad.write_text(text.replace("transactions,A,ICT,", "transactions,A,ICT,500.0"), "utf-8")
    assert call(bad) == 3
    capsys.readouterr()
    assert call(bad, "--fix", "--json") == 0
    log = json.loads(capsys.readouterr().out)
    assert [c["kind"] for c in log["changes"]] == ["label"]
    assert log["written"] == str(tmp_path / "bad-fixed.csv")
    assert call(tmp_path / "bad-fixed.csv") == 0
    assert call(bad, "--fix") == 4
    assert "exists" in capsys.readouterr().err
