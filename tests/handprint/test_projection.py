"""Drivers by year, the spread of levers, and the table of a year to come."""

import dataclasses

import numpy as np
import pytest

import io_tables
from handprint.errors import DriverError
from handprint.leontief import Solver
from handprint.projection import (
    GROUPS,
    adoption_path,
    base_solver,
    driver_path,
    drivers,
    table_in_year,
)
from handprint.scenario import AdoptionGoal, Driver, load_scenario

SAID = {"status": "assumption", "source": "assumption"}


def driver(*points):
    made = [{"year": y, "value": v, "low": low, "high": high, **SAID} for y, v, low, high in points]
    return Driver(title="t", title_zh="t", units="2020 = 1", points=made)


def goal(level, **others):
    return AdoptionGoal(**{"level": level, "low": level, "high": level, **SAID, **others})


def textbook(**changes):
    """Miller and Blair 2009, table 2.3, final demand in two parts, with invented emissions."""
    given = {
        "sectors": ["A", "B"],
        "categories": ["households", "exports"],
        "satellites": {"CO2": ([3, 5], "Mt"), "CH4": ([1, 1], "Mt")},
        "households": {"CO2": (2, "Mt")},
        "units": "USD",
        "price_basis": "current",
        "source": "Miller and Blair 2009, table 2.3",
        "scope": "direct",
        **changes,
    }
    return io_tables.from_arrays([[150, 500], [200, 100]], [[300, 50], [1000, 700]], **given)


def project(table, demand, intensity=(1.0, 1.0), households=1.0):
    return table_in_year(table, Solver(table), demand, np.array(intensity), households, 2030, "CO2")


def test_driver_grows_at_a_constant_rate_between_its_points():
    path = driver_path(driver((2020, 1, 1, 1), (2022, 1.21, 1.0, 1.44)), [2020, 2021, 2022])
    np.testing.assert_allclose(path.sel(year=2021), [1.0, 1.1, 1.2])
    np.testing.assert_allclose(path.sel(year=2022), [1.0, 1.21, 1.44])
    assert path.attrs["units"] == "2020 = 1"


@pytest.mark.parametrize("year", [2019, 2023])
def test_driver_says_nothing_outside_its_points(year):
    with pytest.raises(DriverError, match=rf"{year}.*2020 to 2022; add a point"):
        driver_path(driver((2020, 1, 1, 1), (2022, 1.21, 1.0, 1.44)), [2020, year])


def test_drivers_start_at_one_and_keep_their_order():
    paths = drivers(load_scenario("current-policy"))
    for array in (paths[group] for group, _ in GROUPS):
        np.testing.assert_array_equal(array.sel(year=2020), 1.0)
        low, central, high = (array.sel(estimate=e) for e in ("low", "central", "high"))
        assert ((low <= central) & (central <= high)).all()
    # Printed in the scenario file: 1.7 times the electricity of 2020 in 2030, 0.7544 the factor.
    ends = paths.sel(year=2030, estimate="central")
    assert float(ends["activity"].sel(model="power")) == pytest.approx(1.7)
    assert float(ends["intensity"].sel(group="power")) == pytest.approx(0.7544)


def test_every_value_of_a_driver_says_whether_it_is_stated():
    scenario = load_scenario("current-policy")
    paths = drivers(scenario)
    for group, dim in GROUPS:
        marks = paths[f"{group}_origin"]
        assert marks.dims == (dim, "year")
        for name, path in getattr(scenario, group).items():
            for year in scenario.years:
                wanted = "stated" if year in {p.year for p in path.points} else "interpolated"
                assert marks.sel({dim: name, "year": year}).item() == wanted
    # Printed in the scenario file: electricity use in 2020, 2022, 2024 and 2030.
    power = paths["activity_origin"].sel(model="power")
    assert power["year"].values[power.values == "stated"].tolist() == [2020, 2022, 2024, 2030]


def test_levers_spread_along_a_logistic_curve_through_both_ends():
    path = adoption_path(goal(0.7, midpoint=2025, speed=0.5), 0.1, range(2020, 2031))
    s = [1 / (1 + np.exp(-0.5 * (year - 2025))) for year in range(2020, 2031)]
    wanted = [0.1 + 0.6 * (v - s[0]) / (s[-1] - s[0]) for v in s]
    np.testing.assert_allclose(path.sel(estimate="central"), wanted, rtol=1e-12)
    assert float(path.sel(estimate="central", year=2020)) == 0.1
    assert float(path.sel(estimate="central", year=2030)) == 0.7


def test_levers_never_fall_below_the_start():
    path = adoption_path(goal(0.3, low=0.1, high=0.5), 0.2, [2020, 2025, 2030])
    np.testing.assert_array_equal(path.sel(estimate="low"), 0.2)
    assert (path.diff("year") >= 0).all()


@pytest.mark.parametrize("midpoint", [1990, 2100])
@pytest.mark.parametrize("speed", [0.01, 3])
def test_extreme_curves_still_meet_both_ends(midpoint, speed):
    path = adoption_path(goal(0.9, midpoint=midpoint, speed=speed), 0.0, range(2020, 2031))
    central = path.sel(estimate="central").values
    assert central[0] == 0.0
    assert central[-1] == pytest.approx(0.9, rel=1e-15)
    assert (np.diff(central) >= 0).all()


def test_without_a_goal_levers_stay():
    np.testing.assert_array_equal(adoption_path(None, 0.2, [2020, 2030]), 0.2)


def test_doubled_demand_doubles_everything():
    table = textbook()
    twice = project(table, {"households": 2, "exports": 2})
    np.testing.assert_allclose(twice.transactions, [[300, 1000], [400, 200]])
    np.testing.assert_allclose(twice.output, [2000, 4000])
    np.testing.assert_allclose(twice.value_added, 2 * table.value_added)
    np.testing.assert_allclose(twice.satellites["CO2"], [6, 10])
    assert float(twice.households["CO2"]) == 2
    assert list(twice.satellites) == ["CO2"]


def test_table_of_a_year_balances_and_gives_what_demand_needs():
    table = textbook()
    new = project(table, {"exports": 1.5}, intensity=(0.9, 0.5), households=0.8)
    flows, x = np.array([[150, 500], [200, 100]]), np.array([1000, 2000])
    a = flows / x
    y = np.array([300 + 1.5 * 50, 1000 + 1.5 * 700])
    wanted = np.linalg.solve(np.eye(2) - a, y)
    np.testing.assert_allclose(new.output, wanted)
    np.testing.assert_allclose(new.transactions, a * wanted)
    np.testing.assert_allclose(new.transactions.sum("purchaser") + y, wanted)
    np.testing.assert_allclose(
        new.transactions.sum("sector").values + new.value_added.values, wanted
    )
    np.testing.assert_allclose(new.satellites["CO2"], np.array([3, 5]) / x * wanted * [0.9, 0.5])
    assert float(new.households["CO2"]) == pytest.approx(1.6)
    assert new.check().ok
    assert "projected to 2030" in new.history[-1]


def test_chinese_table_of_every_year_balances(china):
    """Independent of the solver: residuals of the projected table, in shares of its output."""
    scenario = load_scenario("current-policy")
    paths = drivers(scenario).sel(estimate="central")
    rng = np.random.default_rng(1)
    intensity = rng.uniform(0.5, 1, len(china.sectors))
    for year in (2020, 2025, 2030):
        demand = dict(
            zip(paths["category"].values, paths["demand"].sel(year=year).values, strict=True)
        )
        new = table_in_year(china, Solver(china), demand, intensity, 1.0, year, "CO2")
        x = new.output.values
        uses = new.transactions.sum("purchaser") + new.final_demand.sum("category")
        np.testing.assert_allclose(uses, x, rtol=1e-9)
        inputs = new.transactions.sum("sector").values + new.primary_inputs.sum("component").values
        np.testing.assert_allclose(inputs, x, rtol=1e-9)
        np.testing.assert_allclose(
            new.transactions.values / x, china.transactions.values / china.output.values, rtol=1e-12
        )


def competitive(share=(0.2, 0.1)):
    """Two sectors; a share of all home use is imported."""
    z, home, exports = np.array([[10.0, 20], [5, 30]]), np.array([60.0, 70]), np.array([20.0, 5])
    imports = np.array(share) * (z.sum(axis=1) + home)
    return io_tables.from_arrays(
        z, np.column_stack([home, exports, -imports]), sectors=["A", "B"],
        categories=["households", "exports", "imports"], satellites={"CO2": ([5, 2], "Mt")},
        units="USD", price_basis="current", source="made up", scope="direct",
    )  # fmt: skip


def test_imports_keep_their_share_of_home_use():
    """Home demand doubles: imports and output are iterated until both stand still."""
    table, share = competitive(), np.array([0.2, 0.1])
    demand = {"households": 2.0}
    new = table_in_year(table, base_solver(table, demand), demand, np.ones(2), 1.0, 2030, "CO2")
    a, x = table.transactions.values / table.output.values, table.output.values
    for _ in range(300):
        used = a @ x + 2 * np.array([60.0, 70])
        x = used * (1 - share) + [20, 5]
    np.testing.assert_allclose(new.output, x, rtol=1e-12)
    np.testing.assert_allclose(new.final_demand.sel(category="imports"), -share * used, rtol=1e-12)
    assert new.check().ok
    fixed = np.linalg.solve(np.eye(2) - a, new.final_demand.sum("category").values)
    np.testing.assert_allclose(new.output, fixed, rtol=1e-12)


def test_without_growth_a_competitive_table_stays_as_it_is():
    table = io_tables.load("china-2020-cn24")
    new = table_in_year(table, base_solver(table, {}), {}, np.ones(24), 1.0, 2020, "CO2")
    slack = table.tolerance + 1e-9 * table.output.values
    assert (np.abs(new.output - table.output) <= slack).all()
    gap = np.abs(new.final_demand - table.final_demand).transpose("sector", "category").values
    assert (gap <= slack[:, None]).all()


def test_a_driver_of_imports_has_the_last_word():
    table, demand = competitive(), {"households": 2.0, "imports": 1.5}
    new = table_in_year(table, base_solver(table, demand), demand, np.ones(2), 1.0, 2030, "CO2")
    np.testing.assert_allclose(
        new.final_demand.sel(category="imports"), 1.5 * table.final_demand.sel(category="imports")
    )
    a = table.transactions.values / table.output.values
    wanted = np.linalg.solve(np.eye(2) - a, new.final_demand.sum("category").values)
    np.testing.assert_allclose(new.output, wanted, rtol=1e-12)


def test_output_of_both_rules_is_the_same_where_imports_respond():
    """A competitive table that responds grows as its domestic part does."""
    table, demand = competitive(), {"households": 1.7, "exports": 1.2}
    whole, own = (
        table_in_year(t, base_solver(t, demand), demand, np.ones(2), 1.0, 2030, "CO2")
        for t in (table, table.domestic())
    )
    np.testing.assert_allclose(whole.output, own.output, rtol=1e-12)


def test_emissions_of_a_sector_without_output_are_kept():
    table = io_tables.from_arrays(
        [[10, 0], [0, 0]], [90, 0], sectors=["A", "idle"], categories=["households"],
        satellites={"CO2": ([5, 2], "Mt")}, units="USD", price_basis="current", source="made up",
        scope="direct",
    )  # fmt: skip
    new = project(table, {"households": 3})
    np.testing.assert_allclose(new.satellites["CO2"], [15, 2])


def test_unknown_category_is_refused_with_the_nearest():
    with pytest.raises(DriverError, match=r"demand\.exprots.*'exports'"):
        project(textbook(), {"exprots": 2})


def test_a_projected_table_is_a_new_object():
    table = textbook()
    before = dataclasses.replace(table)
    project(table, {"exports": 9})
    assert table.content_hash == before.content_hash
