"""What must hold for a run whatever the numbers in its scenario."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sector_models
from handprint.bridge import bridge_of
from handprint.bridging import Saving
from handprint.headline import headline
from handprint.leontief import Solver
from handprint.pipeline import bottom_up, economy, run
from handprint.projection import adoption_path, drivers, table_in_year
from handprint.scenario import AdoptionGoal, load_scenario
from handprint.topdown import one_year, project, top_down

FEW = settings(max_examples=8, deadline=None)
MANY = settings(max_examples=25, deadline=None)
SAID = {"status": "assumption", "source": "assumption"}
shares = st.floats(0, 1, allow_subnormal=False)


class Ground:
    """One sector model in two years: the smallest run with both halves."""

    def __init__(self, name="transport"):
        full = load_scenario("current-policy")
        keep = {
            g: {k: v for k, v in getattr(full, g).items() if k in (name, "other")}
            for g in ("activity", "intensity", "adoption")
        }
        self.name, self.model = name, sector_models.load(name)
        self.scenario = full.model_copy(update={"end_year": 2021, "sectors": (name,), **keep})
        self.paths = drivers(self.scenario)
        self.table = economy(self.scenario)
        self.bridge = bridge_of({name: self.model}, self.table)
        self.tables = project(
            self.scenario, self.bridge, self.table, self.paths, self.scenario.years
        )

    def bottom_up(self, *, goal=None, model=None):
        scenario = self.scenario
        if goal is not None:
            scenario = scenario.model_copy(update={"adoption": {self.name: goal}})
        bridge = bridge_of({self.name: model or self.model}, self.table)
        return bottom_up(scenario, bridge, self.tables, self.paths)

    def indicators(self, model):
        parts = self.bottom_up(model=model)
        top = top_down(self.scenario, self.bridge, self.tables, parts)
        blended = parts["reference"].isel(sector=0).rename("blended").to_dataset() > 0
        return headline(parts, top, blended, self.scenario.respend)


GROUND = Ground()


def goal(ends, **others):
    low, level, high = sorted(ends)
    return AdoptionGoal(low=low, level=level, high=high, **SAID, **others)


def with_rebound(model, rate):
    """The same sector with one rebound rate for all levers."""
    cases = {
        key: case.model_copy(
            update={
                "rebound": case.rebound.model_copy(
                    update={"value": rate, "low": rate, "high": rate}
                )
            }
        )
        for key, case in model.use_cases.items()
    }
    return model.model_copy(update={"use_cases": cases})


@FEW
@given(st.lists(shares, min_size=3, max_size=3), shares)
def test_more_adoption_never_lowers_the_effect(ends, more):
    low = goal(ends)
    high = goal([min(1.0, e + more) for e in ends])
    before, after = GROUND.bottom_up(goal=low), GROUND.bottom_up(goal=high)
    room = 1e-12 * after["reference"].max()
    for name in ("enabled", "footprint", "ict_purchases"):
        by_lever = name != "enabled"  # levers on one segment share a joint saving
        a, b = (x[name] if by_lever else x[name].sum("use_case") for x in (before, after))
        assert (b >= a - room).all(), name


@MANY
@given(shares, shares, st.floats(0, 0.9))
def test_more_saving_never_lowers_the_top_down_effect(first, second, rebound):
    less, more = sorted([first, second])
    table = GROUND.tables[2021]
    found = [
        one_year(
            GROUND.scenario,
            GROUND.bridge,
            table,
            [Saving("transport", "*", f, rebound, 0.0)],
            0.75,
        )
        for f in (less, more)
    ]
    for name in ("enabled", "upstream", "cost_saving"):
        assert found[1][name][0] >= found[0][name][0] - 1e-9
    assert found[1]["total_after"] <= found[0]["total_after"] + 1e-9


@MANY
@given(st.floats(0.05, 1), st.floats(1.01, 2))
def test_backfire_of_a_sector_adds_emissions(fraction, rebound):
    """The top-down half takes every rebound that a sector model may have."""
    saving = [Saving("transport", "*", fraction, rebound, 0.0)]
    found = one_year(GROUND.scenario, GROUND.bridge, GROUND.tables[2021], saving, 0.0)
    calm = one_year(GROUND.scenario, GROUND.bridge, GROUND.tables[2021], [], 0.0)
    assert found["enabled"][0] < 0
    assert found["total_after"] > calm["total_after"]


@settings(max_examples=5, deadline=None)
@given(st.floats(0, 0.95), st.floats(0, 0.95))
def test_more_direct_rebound_never_raises_what_is_left(first, second):
    less, more = sorted([first, second])
    a, b = (GROUND.indicators(with_rebound(GROUND.model, r)) for r in (less, more))
    np.testing.assert_array_equal(a["NER"], b["NER"])
    assert (b["NER_star"] <= a["NER_star"] + 1e-9).all()
    assert (b["rebound_direct"] >= a["rebound_direct"] - 1e-9).all()


@pytest.fixture(scope="module")
def two_years():
    scenario = load_scenario("current-policy").model_copy(update={"end_year": 2021})
    return scenario, run(scenario)


@settings(max_examples=4, deadline=None)
@given(
    st.sampled_from(list(itertools.permutations(["power", "industry", "transport", "buildings"])))
)
def test_order_of_sectors_does_not_matter(two_years, order):
    scenario, wanted = two_years
    found = run(scenario.model_copy(update={"sectors": order}))
    for name, array in wanted.indicators.data_vars.items():
        again = found.indicators[name].sel(sector=array["sector"].values)
        np.testing.assert_allclose(
            again.transpose(*array.dims), array, rtol=1e-9, atol=1e-9, err_msg=name
        )
    np.testing.assert_allclose(found.reconciled["chi2"], wanted.reconciled["chi2"], rtol=1e-6)


@MANY
@given(
    st.lists(shares, min_size=3, max_size=3),
    shares,
    st.floats(1990, 2100),
    st.floats(0.001, 3),
)
def test_spread_runs_from_start_to_goal_and_never_back(ends, start, midpoint, speed):
    wanted = goal(ends, midpoint=midpoint, speed=speed)
    path = adoption_path(wanted, start, range(2020, 2031))
    assert np.isfinite(path).all()
    assert (path.isel(year=0) == start).all()
    assert (path.diff("year") >= -1e-15).all()
    for estimate, end in zip(("low", "central", "high"), sorted(ends), strict=True):
        last = float(path.sel(estimate=estimate).isel(year=-1))
        assert last == pytest.approx(max(start, end), abs=1e-12)
    assert ((path >= 0) & (path <= 1 + 1e-12)).all()


@MANY
@given(st.lists(st.floats(0.2, 5), min_size=5, max_size=5), st.floats(0.1, 2))
def test_any_projected_table_balances(growth, intensity):
    table = GROUND.table
    names = [c for c in table.categories if (table.final_demand.sel(category=c) >= 0).all()]
    demand = dict(zip(names, growth, strict=False))
    index = np.full(len(table.sectors), intensity)
    new = table_in_year(table, Solver(table), demand, index, 1.0, 2030, "CO2")
    x = new.output.values
    uses = new.transactions.sum("purchaser").values + new.final_demand.sum("category").values
    np.testing.assert_allclose(uses, x, rtol=1e-7)
    per_output = new.satellites["CO2"].values / x
    before = table.satellites["CO2"].values / table.output.values
    np.testing.assert_allclose(per_output, intensity * before, rtol=1e-12)
