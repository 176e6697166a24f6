"""Checks of plausibility: arithmetic by hand, every verdict, data with origins, wrong input."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

import handprint
from handprint.compare import compare
from handprint.errors import ArgumentError, ScenarioError
from handprint.export.judged import plausibility_section
from handprint.i18n import LanguageError
from handprint.pipeline import central_run
from handprint.plausibility import COLUMNS, _beside, economies, plausibility, rows_of, together
from handprint.scenario import sources
from handprint.yardsticks import histories, national


def changed(results, dataset, **variables):
    """The same run with other numbers in it."""
    data = getattr(results, dataset).assign(variables)
    return dataclasses.replace(results, **{dataset: data})


def row(found, check, where):
    """The one row of a check at a place."""
    mine = found[(found["check"] == check) & (found["where"] == where)]
    assert len(mine) == 1
    return mine.iloc[0]


@pytest.fixture(scope="module")
def found(current):
    return plausibility(current)


def test_table_is_public_and_complete(current, found):
    assert handprint.plausibility is plausibility
    assert list(found.columns) == COLUMNS
    assert set(found["scenario"]) == {"current-policy"}
    assert set(found["verdict"]) <= {"ok", "note", "warning", "fails"}
    assert not found.drop(columns="where").isna().any().any()
    checks = {"adoption_over_one", "adoption_pace", "saturation", "emissions_below_zero"}
    checks |= {"adoption_below_reference", "reference_apart"}
    assert set(found["check"]) == checks | set(national().targets)
    pace = found[found["check"] == "adoption_pace"]
    assert pace["where"].tolist() == list(current.scenario.sectors)


def test_reference_economy_is_that_of_the_projected_tables(current):
    data = economies(current)
    tables = central_run("current-policy").tables
    for year in (2020, 2025, 2030):
        table = tables[year]
        co2 = float(table.satellites["CO2"].sum() + table.households["CO2"])
        now = data.sel(year=year)
        assert float(now["emissions"].sel(economy="reference")) == pytest.approx(co2, rel=1e-12)
        assert float(now["gdp"]) == pytest.approx(float(table.value_added.sum()), rel=1e-12)


def test_economy_with_levers_is_less_by_what_they_do(current):
    data, top = economies(current), current.top_down.sel(estimate="central")
    less = data["emissions"].sel(economy="reference") - data["emissions"].sel(economy="with_levers")
    wanted = top["households"].sum("sector") - top["emitters"].sum(["sector", "emitter"])
    np.testing.assert_allclose(less, wanted, atol=1e-8)
    assert float(less.sel(year=2030)) > 500


def test_targets_by_hand(current, found):
    co2 = current.ledger["produced"] + current.ledger["households"]
    gdp = current.top_down["value_added"].sel(estimate="central")
    per = (co2 / gdp).to_series()
    mine = row(found, "intensity_2025", "reference")
    assert mine["value"] == pytest.approx(100 * (per[2025] / per[2020] - 1), rel=1e-12)
    assert (mine["threshold"], mine["unit"], mine["verdict"]) == (-18.0, "%", "warning")
    mine = row(found, "intensity_plan_15", "reference")
    assert mine["value"] == pytest.approx(100 * (per[2030] / per[2025] - 1), rel=1e-12)
    # Counted from 2005: the official change to 2020 is -48.4 %.
    mine = row(found, "intensity_2030", "reference")
    wanted = 100 * ((1 - 0.484) * per[2030] / per[2020] - 1)
    assert mine["value"] == pytest.approx(wanted, rel=1e-12)
    assert mine["verdict"] == ("ok" if wanted <= -65 else "warning")
    mine = row(found, "peak", "reference")
    assert (mine["value"], mine["verdict"]) == (co2.to_series().idxmax(), "warning")


def test_reference_to_2025_falls_like_the_statistics(found):
    """NBS changes of CO2 per GDP 2021-2025: -3.8, -0.8, 0, -3.4, -5 %; chained -12.4 %."""
    chained = 100 * (np.prod([0.962, 0.992, 1.0, 0.966, 0.95]) - 1)
    assert row(found, "intensity_2025", "reference")["value"] == pytest.approx(chained, abs=0.5)


def test_a_target_that_is_met_is_in_order(current):
    falling = 1 - 0.1 * (current.ledger["year"] - 2020)
    before = current.top_down["total_before"] * falling
    found = plausibility(changed(current, "top_down", total_before=before))
    for check in national().targets:
        assert row(found, check, "reference")["verdict"] == "ok"
    assert row(found, "peak", "reference")["value"] < 2022


def test_a_miss_is_never_shown_as_the_target_itself():
    assert [_beside(v, -65) for v in (-65.0, -64.9976, -61.857)] == ["-65.00", "-64.998", "-61.86"]


def test_a_peak_in_the_year_of_the_target_is_too_late(current):
    year = current.ledger["year"]
    rising = current.top_down["total_before"] * 0 + 1e4 + year
    late = plausibility(changed(current, "top_down", total_before=rising))
    assert row(late, "peak", "reference")["verdict"] == "warning"
    tent = current.top_down["total_before"] * 0 + 1e4 - 100 * abs(year - 2029)
    early = row(plausibility(changed(current, "top_down", total_before=tent)), "peak", "reference")
    assert (early["value"], early["verdict"]) == (2029, "ok")


@pytest.mark.parametrize(
    ("factor", "sector", "verdict"), [(1.0, "power", "ok"), (1.3, "power", "fails")]
)
def test_adoption_over_one_cannot_be(current, factor, sector, verdict):
    """Goal of power 0.85 at most: times 1.3 it is more than all there is."""
    spread = current.bottom_up["adoption"] * factor
    mine = row(
        plausibility(changed(current, "bottom_up", adoption=spread)), "adoption_over_one", sector
    )
    assert mine["value"] == pytest.approx(0.85 * factor)
    assert mine["verdict"] == verdict


def test_pace_is_the_mean_rise_of_what_was_left(current, found):
    mine = row(found, "adoption_pace", "power")
    assert mine["value"] == pytest.approx(0.7 / 10)
    # 26.4 points in ten years of the 48.1 that were left: 5.5 % a year.
    assert mine["threshold"] == pytest.approx(26.4 / (100 - 78.3 + 26.4) / 10)
    assert mine["verdict"] == "warning"
    assert row(found, "adoption_pace", "transport")["verdict"] == "ok"
    # From 0.5 to 0.75 half of what was left is adopted: 5 % a year.
    spread = current.bottom_up["adoption"] * 0.25 / 0.7 + 0.5
    mine = row(
        plausibility(changed(current, "bottom_up", adoption=spread)), "adoption_pace", "power"
    )
    assert mine["value"] == pytest.approx(0.05)


def test_saturation_is_looked_for_before_the_last_year(current, accelerated):
    mine = row(plausibility(accelerated), "saturation", "power")
    # High goal 1.0, logistic with midpoint 2024 and steepness 0.55 through both ends.
    s = 1 / (1 + np.exp(-0.55 * (np.array([2020, 2029, 2030]) - 2024)))
    assert mine["value"] == pytest.approx((s[1] - s[0]) / (s[2] - s[0]))
    assert mine["verdict"] == "warning"
    assert "2029" in mine["explanation"]
    spread = current.bottom_up["adoption"].copy()
    spread.loc[{"year": 2030}] = 1.0
    found = plausibility(changed(current, "bottom_up", adoption=spread))
    assert (found[found["check"] == "saturation"]["verdict"] == "ok").all()


def test_emissions_below_zero_cannot_be(current, found):
    where = found[found["check"] == "emissions_below_zero"]["where"].tolist()
    assert where[1] == "households"
    assert where[2] in current.scenario.sectors
    saved = current.top_down["emitters"].copy()
    saved.loc[{"sector": "power", "emitter": "STE", "year": 2028, "estimate": "high"}] = -1e5
    worse = plausibility(changed(current, "top_down", emitters=saved))
    mine = row(worse, "emissions_below_zero", "STE")
    assert mine["verdict"] == "fails"
    assert mine["value"] < -9e4
    assert "2028" in mine["explanation"]
    enabled = current.indicators["enabled"] * 50
    worse = plausibility(changed(current, "indicators", enabled=enabled))
    assert (worse.query("check == 'emissions_below_zero'")["verdict"] == "fails").sum() == 1
    at_home = current.top_down["households"] * 100
    worse = plausibility(changed(current, "top_down", households=at_home))
    assert row(worse, "emissions_below_zero", "households")["verdict"] == "fails"


def test_drivers_are_held_against_those_of_the_first(frozen, current):
    last = plausibility([frozen, current]).iloc[-1]
    assert (last["check"], last["scenario"]) == ("drivers_differ", "current-policy")
    assert (last["value"], last["where"], last["verdict"]) == (0, "", "ok")
    demand = current.drivers["demand"].copy()
    demand.loc[{"category": "exports", "estimate": "central", "year": 2030}] *= 1.01
    last = plausibility([frozen, changed(current, "drivers", demand=demand)]).iloc[-1]
    assert (last["value"], last["where"], last["verdict"]) == (1, "demand.exports", "note")
    assert last["scenario"] == "current-policy"


def test_drivers_of_other_models_and_of_ict_differ_too(current):
    fewer = current.drivers.drop_sel(model="transport")
    other = dataclasses.replace(current, drivers=fewer)
    assert plausibility([current, other]).iloc[-1]["where"] == "activity.transport"
    green = handprint.load_scenario("green-ict").ict_intensity
    scenario = current.scenario.model_copy(update={"ict_intensity": green})
    other = dataclasses.replace(current, scenario=scenario)
    assert plausibility([current, other]).iloc[-1]["where"] == "ict_intensity"


def test_a_comparison_is_its_runs(frozen, current):
    pd.testing.assert_frame_equal(
        plausibility(compare([frozen, current])), plausibility([frozen, current])
    )


def test_tables_of_another_country_have_no_targets_here(current):
    foreign = dataclasses.replace(
        current, record=dataclasses.replace(current.record, table="wiod-de")
    )
    mine = row(plausibility(foreign), "intensity_2025", "reference")
    assert mine["verdict"] == "note"
    assert np.isnan(mine["value"])
    assert "wiod-de" in mine["explanation"]


def test_a_run_that_ends_earlier_is_not_judged_by_targets(short_run):
    found = plausibility(short_run)
    for check in national().targets:
        assert row(found, check, "with_levers")["verdict"] == "note"
    assert "2020 to 2021" in row(found, "peak", "reference")["explanation"]
    # All of the goal in one year: far faster than anything before.
    assert row(found, "adoption_pace", "buildings")["value"] == pytest.approx(0.4)


def test_explanations_in_both_languages(current, found):
    chinese = plausibility(current, "zh")
    pd.testing.assert_frame_equal(
        found.drop(columns="explanation"), chinese.drop(columns="explanation")
    )
    assert chinese["explanation"].str.contains(r"[\u4e00-\u9fff]").all()
    assert not found["explanation"].str.contains(r"[\u4e00-\u9fff]").any()
    with pytest.raises(LanguageError):
        plausibility(current, "fr")


@pytest.mark.parametrize(
    "wrong",
    ["current-policy", 3, None, {"a": 1}, [1], ["current-policy"], pd.DataFrame({"a": [1]})],
)
def test_what_is_no_run_is_refused(wrong):
    with pytest.raises(ArgumentError, match="plausibility takes results of runs, given"):
        plausibility(wrong)


def test_no_run_and_an_old_run_are_refused(current):
    with pytest.raises(ScenarioError, match="given none"):
        plausibility([])
    old = dataclasses.replace(current, top_down=current.top_down.drop_vars("emitters_before"))
    with pytest.raises(ScenarioError, match=r"current-policy: .*run it again"):
        plausibility(old)


def test_every_yardstick_has_an_origin():
    known = national()
    numbers = [*known.targets.values(), *known.reached.values()]
    numbers += [n for past in histories().values() for n in (past.end, past.rise)]
    for entry in numbers:
        assert entry.source in sources()
        assert entry.low <= entry.value <= entry.high
        assert entry.status in ("published", "derived")
        assert entry.units
    for entry in (*known.targets.values(), *histories().values()):
        assert re.search(r"[\u4e00-\u9fff]", entry.title_zh)
    for target in known.targets.values():
        if target.base_year < 2020:
            assert any(r.base_year == target.base_year for r in known.reached.values())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page_lists_what_is_not_in_order(frozen, current, lang):
    comparison = compare([frozen, current])
    found = plausibility(comparison, lang)
    wrong = found[found["verdict"] != "ok"]
    shown = plausibility_section(comparison, lang)
    assert shown.count("<tr>") == len(together(rows_of(wrong))) + 1
    assert all(line in shown for line in wrong["explanation"])


def test_what_holds_for_all_runs_is_said_once(current, frozen):
    rows = rows_of(plausibility([frozen, current]))
    found = together(rows)
    assert sum(len(names) for names, _ in found) == len(rows)
    said = [row.explanation for _, row in found]
    assert len(set(said)) == len(said)
    both = [row for names, row in found if len(names) == 2]
    assert any("reference economy" in row.explanation for row in both)
