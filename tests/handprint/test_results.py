"""Results on disk: read back as they were saved, never overwritten, never half."""

import csv
import dataclasses
import json
import math
from pathlib import Path

import pytest
import xarray as xr

from handprint import export, storage
from handprint import results as results_module
from handprint.errors import OutputExistsError, ScenarioError
from handprint.results import COLUMNS, DATASETS, FILES, Results, fresh, read_summary, write
from handprint.storage import MissingExtraError


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


@pytest.mark.parametrize("name", ["drawn", "frozen"])
def test_a_netcdf_file_gives_the_run_back(name, request, tmp_path):
    before = request.getfixturevalue(name)
    path = export.netcdf(before, tmp_path / "run.nc")
    assert [p.name for p in tmp_path.iterdir()] == ["run.nc"]
    after = Results.read(path)
    for group in DATASETS:
        a, b = getattr(before, group), getattr(after, group)
        assert a.identical(b), group
        for key in a.variables:
            assert a[key].dims == b[key].dims
            assert a[key].dtype.kind.replace("O", "U") == b[key].dtype.kind.replace("O", "U")
    assert after.scenario == before.scenario
    assert after.record == before.record
    assert after.summary().equals(before.summary())


def test_a_folder_may_hold_netcdf_instead_of_json(drawn, tmp_path):
    export.netcdf(drawn, tmp_path / "results.nc")
    assert Results.read(tmp_path).record == drawn.record


def test_netcdf_says_what_the_numbers_are(drawn, tmp_path):
    path = export.netcdf(drawn, tmp_path / "run.nc")
    for group in DATASETS:
        with xr.open_dataset(path, group=group, engine="h5netcdf") as data:
            for key, array in data.data_vars.items():
                assert array.attrs["units"], (group, key)
    with xr.open_dataset(path, engine="h5netcdf") as root:
        assert json.loads(root.attrs["record"])["seed"] == 7
        entries = json.loads(root.attrs["sources"])
    assert entries["people_ii_2028"]["title"]


def test_netcdf_without_its_libraries_says_what_to_install(frozen, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"h5netcdf and h5py: pip install 'handprint"):
        export.netcdf(frozen, tmp_path / "run.nc")
    assert not list(tmp_path.iterdir())


def test_a_netcdf_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "text.nc").write_text("no")
    xr.Dataset({"a": 1.0}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    for name in ("text.nc", "other.nc"):
        with pytest.raises(ScenarioError, match=rf"{name}: not a complete run"):
            Results.read(tmp_path / name)


def test_a_netcdf_file_that_breaks_off_leaves_the_old_one(frozen, tmp_path, monkeypatch):
    path = export.netcdf(frozen, tmp_path / "run.nc")
    old = path.read_bytes()
    whole, calls = xr.Dataset.to_netcdf, []

    def breaks(self, *args, **options):
        calls.append(options)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        return whole(self, *args, **options)

    monkeypatch.setattr(xr.Dataset, "to_netcdf", breaks)
    with pytest.raises(OSError, match="No space"):
        export.netcdf(frozen, path)
    assert [p.name for p in tmp_path.iterdir()] == ["run.nc"]
    assert path.read_bytes() == old


def breaking(real, calls, step):
    """Let a method work until it has been called so often."""

    def breaks(self, *args):
        calls.append(self)
        if len(calls) == step + 1:
            raise KeyboardInterrupt
        return real(self, *args)

    return breaks


@pytest.mark.parametrize("step", range(6))
def test_a_run_that_stops_leaves_a_complete_result_or_none(
    step, drawn, frozen, tmp_path, monkeypatch
):
    """Break off at every write and rename: what can be read back is whole, or there is nothing."""
    drawn.save(tmp_path)
    calls = []
    with monkeypatch.context() as broken:
        for method in ("write_bytes", "replace"):
            broken.setattr(Path, method, breaking(getattr(Path, method), calls, step))
        with pytest.raises(KeyboardInterrupt):
            frozen.save(tmp_path, force=True)
    assert len(calls) == step + 1
    assert not [p for p in tmp_path.iterdir() if p.name.endswith(".part")]
    if (tmp_path / "results.json").exists():
        assert Results.read(tmp_path).record == drawn.record
        assert read_summary(tmp_path / "summary.csv").equals(drawn.summary())
        assert json.loads((tmp_path / "run.json").read_text())["seed"] == 7
    else:
        with pytest.raises(ScenarioError, match="no results"):
            Results.read(tmp_path)


def test_the_summary_is_read_back_to_the_last_bit(drawn, saved, tmp_path):
    assert read_summary(saved / "summary.csv").equals(drawn.summary())
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(ScenarioError, match="columns are x, y; needed scenario"):
        read_summary(tmp_path / "a.csv")
