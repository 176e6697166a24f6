"""Every number of a run in one tidy table, and back again."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from handprint.cli import main
from handprint.errors import OutputExistsError, ScenarioError
from handprint.export import tidy
from handprint.results import DATASETS, Results


@pytest.fixture(scope="module")
def folder(drawn, tmp_path_factory):
    place = tmp_path_factory.mktemp("tidy")
    tidy(drawn, place)
    return place


def changed(folder, tmp_path, change):
    """A copy of the folder with other rows."""
    with (folder / "numbers.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *change(rows, head)])
    (tmp_path / "numbers.csv").write_text(out.getvalue(), encoding="utf-8")
    (tmp_path / "about.json").write_bytes((folder / "about.json").read_bytes())
    return tmp_path


def assert_same(one, other):
    for name in DATASETS:
        assert getattr(one, name).identical(getattr(other, name)), name
    assert one.scenario == other.scenario
    assert one.record == other.record


def test_a_run_comes_back_to_the_last_bit(drawn, folder):
    assert_same(Results.read(folder), drawn)


def test_an_empty_run_comes_back(frozen, tmp_path):
    tidy(frozen, tmp_path)
    assert_same(Results.read(tmp_path), frozen)


def test_rows_may_stand_in_any_order(drawn, folder, tmp_path):
    assert_same(Results.read(changed(folder, tmp_path, lambda rows, _: rows[::-1])), drawn)


def test_numbers_are_plain_to_other_programs(drawn, folder):
    frame = pd.read_csv(folder / "numbers.csv")
    at = {"dataset": "top_down", "variable": "emitters", "sector": "industry", "emitter": "STE"}
    rows = frame[(frame[list(at)] == pd.Series(at)).all(axis=1) & (frame["year"] == 2030)]
    wanted = drawn.top_down["emitters"].sel(sector="industry", emitter="STE", year=2030)
    found = rows.set_index("estimate")["value"].astype(float)
    assert found["central"] == pytest.approx(float(wanted.sel(estimate="central")))
    assert set(rows["unit"]) == {"Mt CO2"}
    assert rows["definition"].iloc[0].startswith("change of emissions by emitter")
    racks = frame[(frame["dataset"] == "ict") & (frame["quantity"] == "racks")]
    assert set(racks[racks["variable"] == "activity"]["unit"]) == {"10^6 racks"}


def test_every_number_has_a_unit_and_a_definition(folder):
    frame = pd.read_csv(folder / "numbers.csv", dtype=str, keep_default_na=False)
    assert (frame["unit"] != "").all()
    assert (frame["definition"] != "").all(), frame[frame["definition"] == ""]["variable"].unique()
    assert {"sources", "record", "scenario", "datasets"} <= set(
        json.loads((folder / "about.json").read_text(encoding="utf-8"))
    )


def relabelled(rows, head):
    column = head.index("sector")
    place = next(i for i, row in enumerate(rows) if row[column] == "power")
    rows[place][column] = "pwer"
    return rows


def spoiled(rows, head):
    rows[0][head.index("value")] = "much"
    return rows


def renamed(rows, head):
    rows[0][head.index("variable")] = "enabeld"
    return rows


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows, _: rows[1:], "bottom_up.enabled: 0 rows for .*, needed one"),
        (lambda rows, _: [*rows, rows[0]], "bottom_up.enabled: 2 rows for .*, needed one"),
        (relabelled, "unknown sector 'pwer'"),
        (spoiled, "could not convert string to float: 'much'"),
        (renamed, "nothing is known of bottom_up.enabeld"),
    ],
)
def test_a_damaged_table_is_refused(change, message, folder, tmp_path):
    with pytest.raises(ScenarioError, match=message):
        Results.read(changed(folder, tmp_path, change))


def test_a_missing_column_is_named(folder, tmp_path):
    frame = pd.read_csv(folder / "numbers.csv", dtype=str, keep_default_na=False)
    for column in ("variable", "estimate"):
        frame.drop(columns=column).to_csv(tmp_path / "numbers.csv", index=False)
        (tmp_path / "about.json").write_bytes((folder / "about.json").read_bytes())
        with pytest.raises(ScenarioError, match=rf"no column '?{column}"):
            Results.read(tmp_path)


def test_nothing_is_overwritten(drawn, folder):
    before = (folder / "numbers.csv").read_bytes()
    with pytest.raises(OutputExistsError, match="exists"):
        tidy(drawn, folder)
    assert (folder / "numbers.csv").read_bytes() == before
    tidy(drawn, folder, force=True)


def test_command_line(tmp_path):
    run = tmp_path / "run"
    for words in (["run", "current-policy", "-o", str(run)],
                  ["export", "csv", str(run), "-o", str(tmp_path / "csv")],
                  ["explain", "NER_2030", "--scenario", str(tmp_path / "csv")]):  # fmt: skip
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code in (0, None)
    assert_same(Results.read(tmp_path / "csv"), Results.read(run))


@pytest.mark.parametrize("words", [["--draws", "70"], ["--seed", "2"]])
def test_other_draws_than_those_kept_are_refused(words, drawn, tmp_path, capsys):
    drawn.save(tmp_path / "run")
    with pytest.raises(SystemExit) as end:
        main(["explain", "NER_2030", "--scenario", str(tmp_path / "run"), *words])
    assert end.value.code == 2
    shown = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "is a finished run with 40 draws and seed 7" in shown


def test_marks_and_truth_values_are_kept(folder, drawn):
    found = Results.read(folder)
    assert found.reconciled["blended"].dtype == bool
    assert found.drivers["demand_origin"].dtype.kind == "U"
    np.testing.assert_array_equal(found.drivers["demand_origin"], drawn.drivers["demand_origin"])
