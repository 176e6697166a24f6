"""Scenarios from the command line: list, show, plausibility; exit codes, both languages, JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from handprint.cli import main
from handprint.scenario import scenario_names


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run


def test_scenarios_are_listed(call):
    code, out, err = call("scenarios", "list")
    assert (code, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines()] == scenario_names()
    assert "低增长情景" in call("scenarios", "list", "--lang", "zh")[1]


def test_a_scenario_is_shown(call):
    code, out, err = call("scenarios", "show", "clean-grid")
    assert (code, err) == (0, "")
    for text in ("inherits from: current-policy", "What differs from current-policy", "(0.83)"):
        assert text in out
    assert "judgement" in out
    assert "judgement" not in call("scenarios", "show", "clean-grid", "--no-notes")[1]
    code, out, _ = call("scenarios", "show", "clean-grid", "--lang", "zh")
    assert code == 0
    for text in ("继承自", "内插", "与current-policy的不同", "假设"):
        assert text in out
    code, out, _ = call("scenarios", "show", "clean-grid", "--json")
    assert code == 0
    assert json.loads(out)["inherits"] == ["current-policy", "frozen-digitalisation"]


def test_an_unknown_scenario_is_refused_with_the_nearest(call):
    for command in (("scenarios", "show"), ("plausibility",)):
        code, out, err = call(*command, "cleangrid")
        assert (code, out) == (4, "")
        assert "did you mean 'clean-grid'" in err


def test_run_prints_the_panel_and_a_folder_can_be_judged_later(call):
    code, out, err = call("run", "current-policy", "-o", "out")
    assert (code, err) == (0, "")
    panel = out[out.index("Plausibility: what to look at") :]
    assert "2030 on 2005: -6" in panel
    code, again, _ = call("plausibility", "out")
    assert code == 0
    assert again == panel
    code, out, _ = call("plausibility", "out", "low-growth", "--lang", "zh", "--json")
    rows = json.loads(out)
    assert code == 0
    assert rows[-1]["check"] == "drivers_differ"
    assert rows[-1]["value"] == 9
    assert "不只来自数字化手段" in rows[-1]["explanation"]
    code, out, _ = call("run", "current-policy", "-o", "out", "--force", "--json")
    assert code == 0
    assert isinstance(json.loads(out), list)


def test_what_cannot_be_ends_with_an_error_code(call, tmp_path):
    """A file of a run in which someone has written an adoption of two."""
    assert call("run", "current-policy", "-o", "out")[0] == 0
    path = tmp_path / "out" / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    spread = content["bottom_up"]["data_vars"]["adoption"]["data"]
    spread[0][-1][-1] = 2.0
    path.write_text(json.dumps(content), encoding="utf-8")
    code, out, _ = call("plausibility", "out")
    assert code == 3
    assert "fails · power: adoption reaches 2.00" in out


def test_comparison_prints_the_panel(call, tmp_path):
    names = ("frozen-digitalisation", "current-policy")
    code, out, _ = call("compare", *names, "-o", "both", "--lang", "zh")
    assert code == 0
    assert "合理性检查：需留意的结果" in out
    page = (tmp_path / "both" / "page.html").read_text(encoding="utf-8")
    assert '<section id="plausibility"><h2>结果是否合理</h2>' in page
    assert "2030年前未见峰值" in page


def test_options_that_a_finished_run_cannot_follow_are_refused(call):
    made = ("--draws", "3", "--seed", "5")
    assert call("run", "low-growth", "-o", "out", *made)[0] == 0
    for asked in (("--draws", "4"), ("--seed", "6"), ("--draws", "3", "--seed", "6")):
        code, out, err = call("run", "out", "-o", "again", *asked)
        assert (code, out) == (2, "")
        assert "3 draws and seed 5" in err
    assert call("run", "out", "-o", "again", *made)[0] == 0


def test_a_negative_seed_is_a_matter_of_usage(call):
    code, out, err = call("run", "low-growth", "-o", "out", "--draws", "3", "--seed", "-1")
    assert (code, out) == (2, "")
    assert "--seed" in err


def test_a_workbook_becomes_a_scenario_under_any_file_name(call, tmp_path):
    assert call("export", "xlsx", "current-policy", "-o", "book.xlsx")[0] == 0
    code, _, err = call("import-xlsx", "book.xlsx", "-o", "my scenario (2).toml")
    assert (code, err) == (0, "")
    text = (tmp_path / "my scenario (2).toml").read_text(encoding="utf-8")
    assert text.startswith('name = "my-scenario-2"\n')


def test_runs_with_different_seeds_have_no_range_of_their_difference(call):
    for name, seed in (("low-growth", "1"), ("clean-grid", "2")):
        assert call("run", name, "-o", name, "--draws", "3", "--seed", seed)[0] == 0
    code, out, _ = call("compare", "low-growth/", "./clean-grid", "-o", "both")
    assert code == 0
    assert "No range of the difference" in out


def test_the_module_can_be_called_like_the_command():
    """A call that does nothing and ends well would look like a run."""
    command = [sys.executable, "-m", "handprint.cli", "run", "no-such-scenario", "-o", "out"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (4, "")
    assert "no scenario 'no-such-scenario'" in found.stderr


def test_a_seed_without_draws_is_not_ignored(call):
    code, _, err = call("run", "current-policy", "--seed", "1", "-o", "out")
    assert code == 2
    assert "does nothing without --draws" in " ".join(err.replace("│", " ").split())


def test_a_file_of_a_run_folder_stands_for_it(call):
    assert call("run", "current-policy", "-o", "run")[0] == 0
    code, out, _ = call("plausibility", "run/results.json")
    assert code == 0
    assert "Plausibility" in out


def test_reasons_of_another_amount(call):
    words = ("compare", "current-policy", "high-rebound", "--why", "-o", "out")
    code, out, _ = call(*words, "--of", "NER_star")
    assert code == 0
    assert "Why NER* of high-rebound differs in 2030" in out
    assert "rebound_scale" in Path("out/why-high-rebound.csv").read_text(encoding="utf-8")
    code, _, err = call(*words, "--of", "NERR", "--force")
    assert code == 2
    assert "no amount 'NERR'; did you mean 'NER'" in " ".join(err.replace("│", " ").split())
