"""Whether the parts of a run fit each other: drivers and table, adoption and its reference."""

import dataclasses

import pytest

import handprint
import io_tables
from handprint.errors import ScenarioError, ScenarioFileError
from handprint.plausibility import plausibility

HEAD = 'base = "current-policy"\nname = "mine"\n'
POINT = "low = {0}, high = {0}, value = {0}, status = 'assumption', source = 'assumption'"


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def driver(group, end, units="2020 = 1"):
    return f"""
[{group}]
title = "t"
title_zh = "t"
units = "{units}"
points = [
  {{ year = 2020, {POINT.format(1)} }},
  {{ year = 2030, {POINT.format(end)} }},
]
"""


def row(found, check, where):
    (mine,) = found[(found["check"] == check) & (found["where"] == where)].to_dict("records")
    return mine


def test_shipped_drivers_go_with_their_table(current):
    found = plausibility(current)
    for sector in current.scenario.sectors:
        assert row(found, "reference_apart", sector)["verdict"] == "ok"
        assert row(found, "adoption_below_reference", sector)["verdict"] == "ok"


def test_the_ratio_by_hand(current):
    """Transport: the model's reference over what the table books for its emitters."""
    year, model = 2030, handprint.overrides.models_of(current.scenario)["transport"]
    before = current.top_down["emitters_before"].sel(year=year, estimate="central")
    homes = float(current.ledger["households"].sel(year=year))
    own = sum(
        c.share * (homes if e == "households" else float(before.sel(emitter=e)))
        for c in model.covers
        for e in c.emitters
    )
    wanted = float(current.bottom_up["reference"].sel(sector="transport", year=year)) / own
    assert row(plausibility(current), "reference_apart", "transport")["value"] == pytest.approx(
        wanted
    )


@pytest.mark.parametrize("end", [17.0, 0.2])
def test_activity_that_demand_does_not_explain_is_flagged(end, tmp_path):
    found = plausibility(handprint.run(write(tmp_path, driver("activity.power", end))))
    power = row(found, "reference_apart", "power")
    assert power["verdict"] == "warning"
    assert "2030" in power["explanation"]
    assert row(found, "reference_apart", "transport")["verdict"] == "ok"


def test_less_adoption_than_without_effort_is_flagged(tmp_path):
    text = """
[reference_adoption.power]
level = 0.8
low = 0.8
high = 0.8
midpoint = 2025
speed = 0.5
status = "assumption"
source = "assumption"
"""
    found = plausibility(handprint.run(write(tmp_path, text)))
    power = row(found, "adoption_below_reference", "power")
    assert power["verdict"] == "warning"
    assert power["value"] == pytest.approx(-0.1)


def test_files_that_are_gone_are_told_and_not_guessed(current):
    scenario = current.scenario.model_copy(
        update={
            "sectors": ("gone", *current.scenario.sectors[1:]),
            "sector_files": {"gone": "/nowhere/gone.toml"},
        }
    )
    from handprint.consistency import growth

    (found,) = growth(dataclasses.replace(current, scenario=scenario), "en")
    assert found.verdict == "note"
    assert "gone" in found.because


@pytest.mark.parametrize("end", [170000, 1e-5])
def test_an_index_out_of_range_is_refused(end, tmp_path):
    with pytest.raises(ScenarioFileError, match=r"leaves the range 0\.001 to 1000"):
        handprint.load_scenario(write(tmp_path, driver("activity.power", end)))


def test_a_table_in_prices_of_another_year_is_refused(tmp_path):
    table = io_tables.load("china-2020-cn24")
    other = dataclasses.replace(table, price_basis="constant 2015 prices")
    with pytest.raises(ScenarioError, match=r"'constant 2015 prices', .* bring the table to"):
        handprint.run("current-policy", table=other)
    same = dataclasses.replace(table, price_basis="constant 2020 prices")
    assert handprint.run("current-policy", table=same).record.table == table.name


def test_one_sector_of_an_observation_is_a_list(tmp_path):
    text = """
[observations.one]
title = "t"
title_zh = "t"
year = 2030
value = 300
low = 200
high = 400
units = "Mt CO2"
of = "power"
status = "assumption"
source = "assumption"
"""
    with pytest.raises(ScenarioFileError, match=r'write \["power"\], or "total"'):
        handprint.load_scenario(write(tmp_path, text))
