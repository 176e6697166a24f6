"""What a scenario changes in the sector models."""

import numpy as np
import pytest

from handprint.errors import ScenarioError
from handprint.overrides import models_of
from handprint.pipeline import run
from handprint.scenario import load_scenario

DISPATCH = "[overrides.power.levers.dispatch]"
STATED = 'units = "1", year = 2030, status = "assumption", source = "assumption"'
TENTH = f"{{ value = 0.1, low = 0.1, high = 0.1, {STATED} }}"


def scenario(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(f'base = "current-policy"\nname = "own"\n{text}', encoding="utf-8")
    return load_scenario(path)


def test_a_lever_takes_the_parameter_of_the_scenario(tmp_path, current):
    own = scenario(
        tmp_path,
        DISPATCH + "\nsaving = " + TENTH.replace("0.1", "0.068"),
    )
    assert models_of(own)["power"].use_cases["dispatch"].saving.value == 0.068
    before = current.scenario.sectors
    assert models_of(current.scenario)["power"].use_cases["dispatch"].saving.value != 0.068
    found = run(own.model_copy(update={"end_year": 2021})).bottom_up["enabled"]
    usual = run(current.scenario.model_copy(update={"end_year": 2021})).bottom_up["enabled"]
    case = {"use_case": "power.dispatch", "year": 2021, "estimate": "central"}
    old = models_of(current.scenario)["power"].use_cases["dispatch"].saving.value
    assert float(found.sel(case)) == pytest.approx(float(usual.sel(case)) * 0.068 / old)
    rest = [c for c in usual["use_case"].values if c != "power.dispatch"]
    np.testing.assert_array_equal(found.sel(use_case=rest), usual.sel(use_case=rest))
    assert own.sectors == before


def test_rebound_is_scaled_and_says_so():
    models, usual = (
        models_of(load_scenario("high-rebound")),
        models_of(load_scenario("current-policy")),
    )
    for name, model in models.items():
        for key, case in model.use_cases.items():
            old = usual[name].use_cases[key].rebound
            assert case.rebound.value == pytest.approx(min(2.0, 2 * old.value))
            assert case.rebound.high == pytest.approx(min(2.0, 3 * old.high))
            assert "by the scenario" in case.rebound.note


def test_cleaner_ict_lowers_the_footprint_only(current):
    green = run("green-ict")
    here, there = (r.indicators.sel(sector="total", year=2030) for r in (green, current))
    np.testing.assert_allclose(here["footprint"], 0.55 * there["footprint"])
    np.testing.assert_array_equal(here["enabled"], there["enabled"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"[overrides.pwoer]\nict_life_cycle = {TENTH}",
         "overrides.pwoer: no such model here; did you mean 'power'"),
        (f"[overrides.power.levers.dispach]\nsaving = {TENTH}",
         "no such lever; did you mean 'dispatch'"),
        (f"{DISPATCH}\naddressable = {TENTH}",
         "reaches its whole segment"),
    ],
)  # fmt: skip
def test_overrides_of_nothing_are_named(text, message, tmp_path):
    with pytest.raises(ScenarioError, match=message):
        models_of(scenario(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{DISPATCH}\nsaving = " + TENTH.replace("0.1", "10"),
         "for 10 % write 0.1"),
        ("[rebound_scale]\nvalue = 2\nlow = 3\nhigh = 4\n"
         "status = 'assumption'\nsource = 'assumption'",
         "low 3.0 <= value 2.0"),
        (f"{DISPATCH}\nsavings = 1", "savings"),
    ],
)  # fmt: skip
def test_overrides_are_checked_like_a_sector_file(text, message, tmp_path):
    with pytest.raises(ScenarioError, match=message):
        scenario(tmp_path, text)
