"""Results on disk: read back as they were saved, never overwritten, never half."""

import csv
import dataclasses
import json
import math
from pathlib import Path

import pytest

from handprint import results as results_module
from handprint.errors import OutputExistsError, ScenarioError
from handprint.results import COLUMNS, DATASETS, FILES, Results, fresh, write


@pytest.fixture(scope="module")
def saved(drawn, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "new" / "run"
    drawn.save(folder)
    return folder


def no_such_number(text):
    raise AssertionError(f"{text} is no JSON")


@pytest.mark.parametrize("group", DATASETS)
@pytest.mark.parametrize("name", ["drawn", "frozen"])
def test_what_is_read_is_what_was_saved(group, name, request, tmp_path):
    before = request.getfixturevalue(name)
    before.save(tmp_path)
    after = Results.read(tmp_path)
    a, b = getattr(before, group), getattr(after, group)
    assert a.identical(b)
    for key in a.variables:
        assert a[key].dims == b[key].dims
        if a[key].size:
            assert a[key].dtype.kind.replace("O", "U") == b[key].dtype.kind.replace("O", "U")


def test_scenario_and_record_come_back(drawn, saved):
    after = Results.read(saved)
    assert after.scenario == drawn.scenario
    assert after.scenario.content_hash == drawn.record.scenario_hash
    assert after.record == drawn.record
    assert after.summary().equals(drawn.summary())


def test_files_are_strict_json_and_tidy_csv(drawn, saved):
    assert sorted(p.name for p in saved.iterdir()) == sorted(FILES)
    for name in ("results.json", "run.json"):
        json.loads((saved / name).read_text(encoding="utf-8"), parse_constant=no_such_number)
    with (saved / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS
    assert len(rows) == len(drawn.summary())
    assert all(math.isfinite(float(r["value"])) and r["unit"] for r in rows)
    keys = [tuple(r[c] for c in COLUMNS[:5]) for r in rows]
    assert len(set(keys)) == len(keys)
    assert {r["scenario"] for r in rows} == {"current-policy"}
    assert {r["estimate"] for r in rows} == {
        "low",
        "central",
        "high",
        "p05",
        "p17",
        "p50",
        "p83",
        "p95",
    }


def test_summary_holds_the_numbers_of_the_datasets(drawn):
    rows = drawn.summary().set_index(COLUMNS[1:5])["value"]
    assert rows["total", 2030, "NER", "low"] == float(
        drawn.indicators["NER"].sel(sector="total", year=2030, estimate="low")
    )
    assert rows["power", 2025, "VEI_net", "central"] == float(
        drawn.ratios["VEI_net"].sel(sector="power", year=2025, estimate="central")
    )
    assert rows["power", 2025, "VEI_net", "p95"] == float(
        drawn.quantiles["VEI_net"].sel(ratio_sector="power", ratio_year=2025, quantile=0.95)
    )
    assert rows["industry", 2030, "footprint", "p05"] == float(
        drawn.quantiles["footprint"].sel(sector="industry", year=2030, quantile=0.05)
    )


def test_run_record_holds_the_ledger(drawn, saved):
    made = json.loads((saved / "run.json").read_text(encoding="utf-8"))
    assert made["seed"] == 7
    assert made["ledger"]["year"] == list(range(2020, 2031))
    assert made["ledger"]["produced"] == drawn.ledger["produced"].values.tolist()


@pytest.mark.parametrize("taken", FILES)
def test_nothing_is_written_where_one_file_exists(taken, frozen, tmp_path):
    (tmp_path / taken).write_text("mine")
    with pytest.raises(OutputExistsError, match=rf"{taken} exists.*--force"):
        frozen.save(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_force_replaces(frozen, tmp_path):
    for name in FILES:
        (tmp_path / name).write_text("old")
    assert frozen.save(tmp_path, force=True) == [tmp_path / n for n in FILES]
    assert Results.read(tmp_path).record == frozen.record


def test_a_failing_disk_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write(path, "old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert path.read_text() == "old"


def test_text_is_written_as_utf8(tmp_path):
    write(tmp_path / "a.txt", "碳")
    assert (tmp_path / "a.txt").read_bytes() == b"\xe7\xa2\xb3"


def test_fresh_takes_what_is_free_or_forced(tmp_path):
    (tmp_path / "a").touch()
    fresh(tmp_path / "b", force=False)
    fresh(tmp_path / "a", force=True)
    with pytest.raises(OutputExistsError):
        fresh(tmp_path / "b", tmp_path / "a", force=False)


BROKEN = {
    "cut off": lambda text: text[: len(text) // 2],
    "not JSON": lambda text: "run",
    "a list": lambda text: "[1, 2]",
    "part missing": lambda text: json.dumps(
        {k: v for k, v in json.loads(text).items() if k != "ledger"}
    ),
    "part of another kind": lambda text: json.dumps(json.loads(text) | {"ledger": [1]}),
    "part without dims": lambda text: json.dumps(json.loads(text) | {"ledger": {"coords": {}}}),
    "scenario edited": lambda text: text.replace('"end_year": 2030', '"end_year": 1930'),
    "record of another version": lambda text: text.replace('"draws"', '"samples"'),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_runs_are_refused_in_words(case, frozen, tmp_path):
    frozen.save(tmp_path)
    path = tmp_path / "results.json"
    before = path.read_text(encoding="utf-8")
    after = BROKEN[case](before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    with pytest.raises(ScenarioError, match="not a complete run") as error:
        Results.read(tmp_path)
    assert "run it again" in str(error.value)


def test_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match=r"no results\.json here"):
        Results.read(tmp_path)


def test_every_dataset_is_saved():
    """A new dataset of a run must not be forgotten when it is saved."""
    fields = {f.name for f in dataclasses.fields(Results)}
    assert fields == set(DATASETS) | {"scenario", "record"}


def test_only_plain_numbers_go_to_json():
    with pytest.raises(TypeError, match="cannot write set"):
        results_module._plain({1})
