"""What is written: never beside what would hide it, never in place of a folder."""

import json

import openpyxl
import pytest

from handprint.errors import OutputExistsError, ScenarioError, ScenarioFileError
from handprint.export import netcdf, report, workbook
from handprint.export.read_workbook import read_workbook
from handprint.i18n import label
from handprint.pipeline import run
from handprint.results import Results, fresh


def test_an_older_file_of_a_run_does_not_hide_a_newer_run(short, short_run, tmp_path):
    netcdf(short_run, tmp_path / "results.nc")
    other = run(short.model_copy(update={"name": "other"}))
    with pytest.raises(OutputExistsError, match=r"results\.nc exists"):
        other.save(tmp_path)
    other.save(tmp_path, force=True)
    assert Results.read(tmp_path).scenario.name == "other"


def test_a_folder_is_no_file_to_replace(tmp_path):
    with pytest.raises(OutputExistsError, match="is a folder: give the name of a file"):
        fresh(tmp_path, force=True)


def test_a_run_with_draws_has_a_page(short, tmp_path):
    page = report(run(short, draws=4, seed=1), tmp_path / "page.html")
    assert "<html" in page.read_text(encoding="utf-8")


def test_a_number_out_of_range_is_a_problem_of_the_workbook(tmp_path):
    path = workbook(run("current-policy"), tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book[label("wb_sheet_levers", "en")]
    row = next(r for r in sheet.iter_rows(min_row=5) if r[8].value == "respend")
    row[4].value = 75
    book.save(path)
    with pytest.raises(ScenarioFileError) as error:
        read_workbook(path)
    assert error.value.place == str(path)
    assert "a share is written 0.1" in str(error.value)


@pytest.mark.parametrize("wrong", [None, "x", float("nan")])
def test_a_run_with_a_damaged_number_is_not_read(wrong, short_run, tmp_path):
    short_run.save(tmp_path)
    path = tmp_path / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["indicators"]["data_vars"]["NER"]["data"][0][0][0] = wrong
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ScenarioError, match="NER has gaps"):
        Results.read(tmp_path)
    del content["indicators"]["data_vars"]["NER"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ScenarioError, match="not a complete run"):
        Results.read(tmp_path)
