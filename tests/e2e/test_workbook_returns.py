"""What is typed into a workbook becomes a scenario that gives the workbook's numbers."""

from __future__ import annotations

import openpyxl
import pytest

from handprint.export import workbook
from handprint.export.book import WorkbookError
from handprint.export.read_workbook import read_workbook, scenario_text
from handprint.pipeline import run
from handprint.scenario import load_scenario


@pytest.fixture(scope="module")
def exported(tmp_path_factory, current, accelerated):
    folder = tmp_path_factory.mktemp("book")
    return workbook([current, accelerated], folder / "book.xlsx")


@pytest.fixture
def edited(exported, tmp_path):
    """Write numbers into the low, central and high cells of inputs and read the book back."""

    def _edit(*changes, choice=None, **options):
        book = openpyxl.load_workbook(exported)
        page = book["Levers"]
        if choice:
            page["B3"] = choice
        for key, scenario, values in changes:
            found = [
                r for r in page.iter_rows(min_row=6) if r[8].value == key and r[1].value == scenario
            ]
            assert len(found) == 1
            for cell, value in zip(found[0][3:6], values, strict=True):
                if value is not None:
                    cell.value = value
        path = tmp_path / "edited.xlsx"
        book.save(path)
        return path

    return _edit


def test_a_book_as_it_was_exported_changes_nothing(exported, current):
    scenario = read_workbook(exported)
    assert scenario.base == "current-policy"
    same = {"name", "title", "title_zh", "base", "description", "sector_files"}
    assert scenario.model_dump(exclude=same) == current.scenario.model_dump(exclude=same)
    assert "overrides" not in scenario_text(exported)


def test_a_saving_becomes_an_override_and_nothing_else(edited):
    path = edited(("industry.equipment_energy.saving", None, (0.05, 0.21, 0.33)))
    scenario = read_workbook(path)
    assert set(scenario.overrides) == {"industry"}
    assert set(scenario.overrides["industry"].levers) == {"equipment_energy"}
    saving = scenario.overrides["industry"].levers["equipment_energy"].saving
    assert (saving.low, saving.value, saving.high) == (0.05, 0.21, 0.33)
    assert saving.status == "assumption"
    text = scenario_text(path)
    assert "adoption" not in text
    assert "respend" not in text


def test_adoption_ict_and_respending_come_back_too(edited, current):
    levers = [
        str(k) for k in current.bottom_up["lever"].values[current.bottom_up["model"] == "transport"]
    ]
    changes = [(f"transport.{k}.adoption", "current-policy", (0.1, 0.5, 0.7)) for k in levers]
    path = edited(
        *changes,
        ("respend", None, (0.1, 0.2, 0.3)),
        ("industry.ict_intensity", None, (None, None, 9.0)),
    )
    scenario = read_workbook(path)
    goal = scenario.adoption["transport"]
    assert (goal.low, goal.level, goal.high) == (0.1, 0.5, 0.7)
    assert goal.speed == current.scenario.adoption["transport"].speed
    assert (scenario.respend.low, scenario.respend.value, scenario.respend.high) == (0.1, 0.2, 0.3)
    assert scenario.overrides["industry"].ict_intensity.high == 9.0


def test_the_scenario_in_use_is_the_base(edited, accelerated):
    path = edited(choice="accelerated")
    assert read_workbook(path).adoption == accelerated.scenario.adoption


def test_scaled_rebound_is_not_scaled_again(tmp_path):
    results = run("high-rebound")
    path = workbook(results, tmp_path / "rebound.xlsx")
    book = openpyxl.load_workbook(path)
    rows = [
        r
        for r in book["Levers"].iter_rows(min_row=6)
        if r[8].value == "industry.equipment_energy.rebound"
    ]
    for cell, value in zip(rows[0][3:6], (0.2, 0.6, 0.9), strict=True):
        cell.value = value
    book.save(path)
    scenario = read_workbook(path)
    after = run(scenario).bottom_up["rebound_rate"]
    key = "industry.equipment_energy"
    assert after.sel(use_case=key).values.tolist() == [0.2, 0.6, 0.9]
    rest = [str(k) for k in after["use_case"].values if k != key]
    before = results.bottom_up["rebound_rate"]
    assert (after.sel(use_case=rest).values == before.sel(use_case=rest).values).all()


BAD = {
    "no number": (("respend", None, ("many", 0.2, 0.3)), "respend low .*'many' is no number"),
    "one lever": (
        ("industry.equipment_energy.adoption", "current-policy", (0.0, 0.9, 0.95)),
        "one goal for all levers of a sector",
    ),
    "from the table": (
        ("industry.reference_base", None, (None, 1.0, None)),
        "comes from the table",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_no_scenario_can_state_is_refused(what, edited):
    change, message = BAD[what]
    with pytest.raises(WorkbookError, match=message):
        read_workbook(edited(change))


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(WorkbookError, match="no sheet 'Levers'"):
        read_workbook(path)
    path.write_text("no workbook")
    with pytest.raises(WorkbookError, match="not a workbook"):
        read_workbook(path)
    with pytest.raises(WorkbookError, match="no such file"):
        read_workbook(tmp_path / "none.xlsx")


def test_an_unknown_scenario_needs_its_file(tmp_path):
    own = load_scenario("current-policy").model_copy(update={"name": "mine"})
    path = workbook(run(own), tmp_path / "mine.xlsx")
    with pytest.raises(WorkbookError, match="'mine', which is not shipped"):
        read_workbook(path)
    file = tmp_path / "mine.toml"
    file.write_text(
        'base = "current-policy"\nname = "mine"\ntitle = "Mine"\ntitle_zh = "我的"\n', "utf-8"
    )
    assert read_workbook(path, base=file).name == "mine-edited"
