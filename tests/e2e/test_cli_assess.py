"""Scorecards and targets from the command line: exit codes, both languages, JSON."""

import json
from pathlib import Path

import pytest

from handprint.cli import main
from sector_models import scorecard_names

VALUES = 'warranty = 3.0\nlifetime = 9.0\nrepairability = { value = 8.0, units = "points" }\n'
PATHS = (
    "key,year,value\nenergy_per_traffic,2020,10\nenergy_per_traffic,2023,9\nsite_sharing,2025,0.9\n"
)


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("values.toml").write_text(VALUES, encoding="utf-8")
    Path("paths.csv").write_text(PATHS, encoding="utf-8")

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run


def test_scorecards_are_listed(call):
    code, out, err = call("scorecard", "--lang", "zh")
    assert (code, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines()] == scorecard_names()
    assert "绿色低碳评价" in out


def test_a_scorecard_is_printed_with_weights_and_what_is_missing(call):
    code, out, err = call("scorecard", "ict_product", "values.toml", "--partial")
    assert (code, err) == (0, "")
    for text in ("77.5", "50.0%", "beyond the best", "assumption", "robustness", "no rating"):
        assert text in out
    code, out, _ = call("scorecard", "ict_product", "values.toml", "--partial", "--lang", "zh")
    assert code == 0
    for text in ("77.5", "假设", "优于100分值", "不构成评级或认证", "权重"):
        assert text in out


def test_a_scorecard_as_json(call):
    code, out, _ = call("scorecard", "ict_product", "values.toml", "--partial", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["total"] == pytest.approx(77.5)
    assert "robustness" in found["missing"]


def test_what_is_wrong_is_told(call):
    code, out, err = call("scorecard", "ict_product", "values.toml")
    assert (code, out) == (3, "")
    assert "--partial" in err
    code, _, err = call("scorecard", "ict_produkt", "values.toml")
    assert code == 4
    assert "did you mean 'ict_product'" in err
    code, _, err = call("scorecard", "ict_product")
    assert code == 2
    code, _, err = call("scorecard", "ict_product", "none.toml")
    assert code == 3
    assert "none.toml" in err


def test_templates(call):
    code, out, _ = call("scorecard", "data_centre", "--template")
    assert code == 0
    assert '# zone = "severe_cold"' in out
    code, out, _ = call("targets", "--template", "--lang", "zh")
    assert code == 0
    assert "# [energy_per_traffic]" in out
    assert "单位信息流量综合能耗" in out


def test_targets_of_a_file(call):
    code, out, err = call("targets", "paths.csv")
    assert (code, err) == (0, "")
    for text in ("on track", "behind the straight way", "met", "cannot be told", "aim in words"):
        assert text in out
    assert "shipped account" not in out
    code, out, _ = call("targets", "paths.csv", "--lang", "zh")
    assert code == 0
    for text in ("进度正常", "落后于线性路径", "已达到", "无法判断", "定性目标"):
        assert text in out


def test_targets_of_the_shipped_account(call):
    code, out, _ = call("targets")
    assert code == 0
    assert "shipped account" in out
    assert "the range lies on" in out


def test_targets_as_json(call):
    code, out, _ = call("targets", "paths.csv", "--json")
    rows = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    found = {(r["target"], r["year"]): r["status"] for r in rows}
    assert found["energy_per_traffic", 2023] == "behind"
    assert found["site_sharing", 2025] == "met"
    assert found["pue_new_large", 2025] == "cannot_be_told"


def test_an_unknown_target_is_told(call):
    Path("bad.csv").write_text("key,year,value\nsite_sharin,2025,1\n", encoding="utf-8")
    code, _, err = call("targets", "bad.csv")
    assert code == 3
    assert "did you mean 'site_sharing'" in err
