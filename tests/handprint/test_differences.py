"""Differences between runs: each adds up, and every number is that of the runs."""

import dataclasses

import numpy as np
import pytest

import io_tables
from handprint.association import association
from handprint.compare import compare
from handprint.decomposition import sda
from handprint.differences import (
    QUANTITIES,
    difference_by_factor,
    difference_table,
    factor_table,
    path_differences,
    path_table,
)
from handprint.end_year import emitters_by_use_case, with_levers
from handprint.errors import ArgumentError, OptionError, ScenarioError
from handprint.pipeline import run
from handprint.why import lever_ranking, why

END = {"year": 2030, "estimate": "central"}


@pytest.fixture(scope="module")
def low_growth():
    return run("low-growth")


@pytest.fixture(scope="module")
def verticals():
    return run("verticals")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_factors_add_up_to_the_difference(quantity, current, low_growth):
    parts = difference_by_factor(current, low_growth, quantity=quantity)
    for sector in parts["sector"].values:
        gaps = []
        for r in (current, low_growth):
            now = r.indicators.sel(END).sel(sector=sector)
            gaps.append(
                float(
                    now["reference"] - now["NER_star"] if quantity == "emissions" else now[quantity]
                )
            )
        found = float(parts["effect"].sel(sector=sector).sum())
        assert found == pytest.approx(gaps[1] - gaps[0], abs=1e-9 * abs(gaps[0]))
    if quantity != "footprint":
        assert abs(float(parts["effect"].sel(factor="intensity", sector="total"))) < 1e-9
    assert float(parts["effect"].sel(factor="activity", sector="total")) < -1


def test_each_factor_is_credited_with_what_alone_changed(current, accelerated):
    parts = difference_by_factor(current, accelerated)["effect"].sel(sector="total")
    others = parts.drop_sel(factor=["digital", "rebound"])
    np.testing.assert_allclose(others, 0, atol=1e-9)
    assert float(parts.sel(factor="digital")) < -100
    rebound = difference_by_factor(current, run("high-rebound"))["effect"].sel(sector="total")
    np.testing.assert_allclose(rebound.drop_sel(factor="rebound"), 0, atol=1e-9)
    assert float(rebound.sel(factor="rebound")) > 50
    clean = difference_by_factor(current, run("clean-grid"))["effect"]
    for sector in ("power", "total"):  # what buyers emit less too is counted once in the total
        assert float(clean.sel(factor="grid", sector=sector)) < -500
    others = clean.sel(factor=["activity", "structure", "intensity"])
    np.testing.assert_allclose(others, 0, atol=1e-9)


def test_electricity_counted_twice_leaves_the_total(verticals):
    still = run(verticals.scenario.model_copy(update={"name": "still", "adoption": {}}))
    slow = verticals.scenario.activity["steel"]
    flat = dict.fromkeys(("low", "value", "high"), 1.0)
    points = tuple(p.model_copy(update=flat) for p in slow.points)
    activity = {**verticals.scenario.activity, "steel": slow.model_copy(update={"points": points})}
    other = run(still.scenario.model_copy(update={"name": "slow", "activity": activity}))
    parts = difference_by_factor(still, other)
    total, by_sector = parts["effect"].sel(sector="total"), parts["effect"].drop_sel(sector="total")
    assert float(total.sum()) == pytest.approx(float(parts["change"].sel(sector="total")), abs=1e-8)
    # Steel buys electricity that the power model counts too: less of it leaves the total.
    assert float(total.sum()) > float(by_sector.sum())


def test_what_is_asked_for_must_exist(current, accelerated):
    with pytest.raises(OptionError, match="quantity is 'NERD'"):
        difference_by_factor(current, accelerated, quantity="NERD")
    with pytest.raises(OptionError, match="no year 2040"):
        difference_by_factor(current, accelerated, year=2040)
    with pytest.raises(OptionError, match="no 'NERD'"):
        why(current, accelerated, quantity="NERD")


def test_runs_with_other_draws_are_refused(current, drawn):
    named = drawn.scenario.model_copy(update={"name": "drawn"})
    other = type(drawn)(**{**drawn.__dict__, "scenario": named})
    with pytest.raises(ScenarioError, match="number of draws of drawn"):
        compare([current, other])


def test_annual_and_cumulative_never_share_a_table(current, accelerated):
    comparison = compare([current, accelerated])
    annual = difference_table(comparison)
    summed = difference_table(comparison, cumulative=True)
    assert set(annual["year"]) == set(range(2020, 2031))
    assert set(summed["year"]) == {"2021-2030"}
    assert not set(annual["unit"]) & set(summed["unit"])
    assert {"Mt CO2 cumulated 2021-2030"} < set(summed["unit"])
    assert set(annual["by"]) == {"sector", "lever", "order"}
    keys = ["by", "item", "quantity", "estimate"]
    later = annual[annual["year"] > 2020].groupby(keys)["absolute"].sum()
    np.testing.assert_allclose(
        summed.set_index(keys)["absolute"].loc[later.index], later, rtol=1e-9, atol=1e-6
    )
    one = annual[(annual["item"] == "total") & (annual["quantity"] == "NER")]
    one = one[(one["year"] == 2030) & (one["estimate"] == "central")].iloc[0]
    assert one["absolute"] == one["value"] - one["baseline_value"]
    assert one["relative"] == pytest.approx(one["value"] / one["baseline_value"] - 1)
    # Nothing to relate to in the base year.
    zero = annual[(annual["year"] == 2020) & (annual["quantity"] == "NER")]
    assert zero["relative"].isna().all()


def test_orders_add_up_to_the_economy(current, accelerated):
    frame = difference_table(compare([current, accelerated]))
    frame = frame[(frame["by"] == "order") & (frame["year"] == 2030)]
    found = frame[frame["estimate"] == "central"].set_index("item")["value"]
    top = accelerated.top_down.sel(END)
    change = float(top["total_after"] - top["total_before"])
    at_home = float(top["households"].sum())  # outside the sectors of the table
    assert found["first"] + found["second"] == pytest.approx(change - at_home)


def test_factor_table_lists_all(current, accelerated, frozen):
    frame = factor_table(compare([frozen, current, accelerated]))
    assert set(frame["scenario"]) == {"current-policy", "accelerated"}
    total = frame[(frame["sector"] == "total") & (frame["quantity"] == "enabled")]
    wanted = current.indicators["enabled"].sel(sector="total").sel(END)
    mine = total[total["scenario"] == "current-policy"]["effect"].sum()
    assert mine == pytest.approx(float(wanted), rel=1e-9)


def test_why_adds_up_and_ranks(current, accelerated, low_growth):
    frame = why(current, accelerated)
    assert list(frame["input"])[:4] == [
        "adoption.industry", "adoption.power", "adoption.transport", "adoption.buildings",
    ]  # fmt: skip
    assert frame["effect"].sum() == pytest.approx(frame.attrs["difference"], rel=1e-12)
    frame = why(current, low_growth)
    assert frame["effect"].sum() == pytest.approx(frame.attrs["difference"], rel=1e-9)
    assert frame["input"].iloc[0] == "activity.power"
    assert (frame["input"] == "interaction").sum() == 1


def test_why_is_empty_for_the_same_run(short_run):
    assert why(short_run, short_run).empty


def test_emitters_by_use_case_close_to_the_run(current, verticals):
    for result in (current, verticals):
        frame = emitters_by_use_case(result)
        top = result.top_down.sel(END)
        change = float(top["total_after"] - top["total_before"])
        assert float(frame["total"].sum()) == pytest.approx(change, rel=1e-9)
        inside = float((top["enabled"] - top["households"]).sum())
        assert float(frame.loc["inside", "total"].sum()) == pytest.approx(-inside, rel=1e-9)
        sums = frame.drop(columns="total").sum(axis=1)
        np.testing.assert_allclose(sums, frame["total"], atol=1e-9)
        assert abs(frame["interaction"].sum()) < 0.05 * abs(change)
    frame = emitters_by_use_case(current)
    assert frame["power.dispatch"].idxmin() == ("inside", "ELE")
    assert frame.loc["upstream", "buildings.hot_water_control"].sum() > 0


def test_the_table_with_levers_emits_what_is_left(current, accelerated):
    table = with_levers(current)
    left = float(current.top_down["total_after"].sel(END))
    assert float(table.satellites["CO2"].sum()) == pytest.approx(left, rel=1e-9)
    assert not [f for f in table.check().findings if f.level == "error"]
    paths = path_differences(current, accelerated, top=20)
    change = accelerated.top_down["total_after"] - current.top_down["total_after"]
    assert paths.attrs["total"] == pytest.approx(float(change.sel(END)), rel=1e-6)


def test_ranking_of_levers(current):
    frame = lever_ranking(current, draws=60, seed=3)
    assert frame["net"].is_monotonic_decreasing
    assert list(frame["rank"]) == list(range(1, 16))
    assert frame["same_rank"].between(0, 1).all()
    assert (frame["highest_rank"] <= frame["lowest_rank"]).all()
    assert 0.8 < frame.attrs["kendall_tau"] < 1
    again = lever_ranking(current, draws=60, seed=3)
    assert frame.equals(again)


def test_association_is_the_decomposition_of_each_step(current):
    ict = list(current.scenario.ict)
    names = ["china-2017-cn24", "china-2018-cn24", "china-2020-cn24"]
    frame = association(names, ict=ict)
    first = sda(io_tables.load(names[0]), io_tables.load(names[1]), split=ict)
    mine = frame[frame["from"] == names[0]]["effect"].sum()
    assert mine == pytest.approx(float(first["change"].sum()), rel=1e-9)
    assert "not causation" in frame.attrs["meaning"]
    assert set(frame["prices"]) == {"current"}
    cheap = association(names, ict=ict, deflators={"china-2018-cn24": 1.05})
    assert list(cheap["prices"].unique()) == ["deflated", "current"]
    changed = cheap["effect"].iloc[:6].to_numpy() - frame["effect"].iloc[:6].to_numpy()
    assert abs(changed).max() > 100
    np.testing.assert_array_equal(cheap["effect"].iloc[6:], frame["effect"].iloc[6:])
    with pytest.raises(ArgumentError, match="two tables or more"):
        association(names[:1], ict=ict)
    with pytest.raises(ArgumentError, match="1 deflators for 2 steps"):
        association(names, ict=ict, deflators=[1.0])


def test_a_table_that_is_not_that_of_the_run_is_refused(current, accelerated):
    shipped = io_tables.load("china-2020-cn24")
    more = {**shipped.satellites, "CO2": (2 * shipped.satellites["CO2"]).assign_attrs(units="Mt")}
    other = dataclasses.replace(shipped, satellites=more)
    for call in (
        lambda: path_differences(current, accelerated, table=other),
        lambda: difference_by_factor(current, accelerated, table=other),
        lambda: lever_ranking(current, draws=2, table=other),
    ):
        with pytest.raises(ScenarioError, match="give the table of the run"):
            call()


def test_paths_of_each_run(current, accelerated, frozen):
    frame = path_table(compare([frozen, current, accelerated]), top=5)
    assert list(frame["scenario"].unique()) == ["current-policy", "accelerated"]
    assert (frame["rank"] == [1, 2, 3, 4, 5] * 2).all()
    assert (frame["value"] < 0).all()
