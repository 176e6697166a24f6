"""Structure of final demand and input coefficients over the years."""

import numpy as np
import pytest

import io_tables
from handprint import load_scenario, run
from handprint.errors import ConvergenceError, DriverError, ScenarioError
from handprint.growth import growth_of
from handprint.pipeline import central_run
from handprint.projection import base_solver, import_shares, table_in_year
from handprint.records import Driver
from handprint.technology import reweighted, with_inputs

POINT = {"status": "assumption", "source": "assumption"}


def driver(end, last=2030):
    points = [
        {"year": 2020, "value": 1.0, "low": 1.0, "high": 1.0, **POINT},
        {"year": last, "value": end, "low": end, "high": end, **POINT},
    ]
    return Driver(title="t", title_zh="t", units="2020 = 1", points=points)


def two(demand=((350.0,), (1700.0,)), categories=("all",)):
    """Miller and Blair 2009, table 2.3, with emissions."""
    return io_tables.from_arrays(
        [[150, 500], [200, 100]], demand, sectors=["farms", "works"], categories=list(categories),
        units="USD", price_basis="current", source="Miller and Blair 2009, table 2.3",
        satellites={"CO2": ([10.0, 40.0], "Mt")}, scope="direct",
    )  # fmt: skip


@pytest.fixture(scope="module")
def china():
    return io_tables.load("china-2020-cn24")


def test_weights_shift_products_and_keep_the_total():
    table = two([[350.0, 0.0], [1000.0, 700.0]], ["homes", "state"])
    found = reweighted(table.final_demand, np.array([2.0, 1.0]))
    # 350 * 2 : 1000 share 1350 as 700 : 1000
    np.testing.assert_allclose(found.sel(category="homes"), [1350 * 0.7 / 1.7, 1350 / 1.7])
    np.testing.assert_allclose(found.sel(category="state"), [0, 700])
    assert found.dims == table.final_demand.dims


def test_imports_are_no_use_and_stay(china):
    rng = np.random.default_rng(2)
    found = reweighted(china.final_demand, rng.uniform(0.5, 2, 24))
    imports = found.sel(category="imports")
    np.testing.assert_array_equal(imports, china.final_demand.sel(category="imports"))
    np.testing.assert_allclose(found.sum("sector"), china.final_demand.sum("sector"), rtol=1e-12)


def test_a_category_that_cancels_is_refused():
    table = two([[350.0, 600.0], [1710.0, -10.0]], ["homes", "stocks"])
    with pytest.raises(DriverError, match="category stocks from 590 into -400"):
        reweighted(table.final_demand, np.array([1.0, 100.0]))


def test_margins_of_two_sectors_by_hand():
    """One unknown: u1 + u2 = 0.35 x1 + 0.3 x2 with u1 = 2 k (.15 x1 + .25 x2)."""
    found = with_inputs(two(), np.array([2.0, 1.0]))
    a = np.array([[0.15, 0.25], [0.2, 0.05]])
    x, f = found.output.values, np.array([350.0, 1700.0])
    u = np.array([2.0, 1.0]) * (a @ x)
    u *= (0.35 * x[0] + 0.30 * x[1]) / u.sum()
    np.testing.assert_allclose(x, u + f, rtol=1e-10)
    np.testing.assert_allclose(found.transactions.sum("purchaser"), u, rtol=1e-8)
    np.testing.assert_allclose(found.transactions.sum("sector"), [0.35, 0.30] * x, rtol=1e-8)
    # Biproportional: the cross ratio of the cells is that of before.
    z = found.transactions.values
    assert z[0, 0] * z[1, 1] / (z[0, 1] * z[1, 0]) == pytest.approx(0.15 * 0.05 / (0.25 * 0.2))
    np.testing.assert_allclose(found.satellites["CO2"] / x, [0.01, 0.02], rtol=1e-12)
    assert found.check().ok


def test_only_proportions_matter():
    one, other = (with_inputs(two(), k * np.array([2.0, 1.0])) for k in (1, 3))
    np.testing.assert_allclose(one.transactions, other.transactions, rtol=1e-9)


def test_without_change_nothing_changes(china):
    solver = base_solver(china.domestic(), {})
    plain = table_in_year(china.domestic(), solver, {}, np.ones(24), 1.0, 2030, "CO2")
    for same in (
        table_in_year(
            china.domestic(), solver, {}, np.ones(24), 1.0, 2030, "CO2",
            weights=np.ones(24), uses=np.ones(24),
        ),
        with_inputs(plain, np.full(24, 1.7)),
    ):  # fmt: skip
        for name in ("transactions", "final_demand", "output", "primary_inputs"):
            np.testing.assert_allclose(
                getattr(same, name), getattr(plain, name), rtol=1e-8, atol=1e-3
            )


@pytest.mark.parametrize("imports", ["domestic", "competitive"])
def test_china_keeps_what_is_held(imports, china):
    table = china.domestic() if imports == "domestic" else china
    demand = {} if imports == "competitive" else dict.fromkeys(table.categories, 1.3)
    rng = np.random.default_rng(4)
    uses = rng.uniform(0.7, 1.5, 24)
    new = table_in_year(
        table, base_solver(table, demand), demand, np.ones(24), 1.0, 2030, "CO2", uses=uses
    )
    assert new.check().ok
    a, b = (t.transactions.values.sum(axis=0) / t.output.values for t in (table, new))
    np.testing.assert_allclose(a, b, rtol=1e-9)
    per_output = [t.satellites["CO2"].values / t.output.values for t in (table, new)]
    np.testing.assert_allclose(*per_output, rtol=1e-12)
    gained = new.transactions.values.sum(axis=1)
    base = table.transactions.values / table.output.values @ new.output.values
    np.testing.assert_allclose(gained / base / uses, (gained / base / uses)[0], rtol=1e-8)
    if imports == "competitive":
        np.testing.assert_allclose(import_shares(new), import_shares(table), rtol=1e-8, atol=1e-12)


def test_changes_that_no_inputs_can_meet_are_refused():
    """Each product is bought by the other sector alone: margins leave no choice."""
    wild = io_tables.from_arrays(
        [[0.0, 99.0], [99.0, 0.0]], [1.0, 1.0], sectors=["a", "b"], units="USD",
        price_basis="current", source="made for the test",
    )  # fmt: skip
    with pytest.raises(DriverError, match=r"no inputs of table fit(.|\n)*cannot be placed"):
        with_inputs(wild, np.array([1.0, 1e6]))


def test_margins_that_never_settle_are_refused(monkeypatch):
    monkeypatch.setattr("handprint.technology.ROUNDS", 3)
    with pytest.raises(ConvergenceError, match="do not settle in 3 rounds"):
        with_inputs(two(), np.array([2.0, 1.0]))


def test_a_product_without_output_is_named():
    idle = io_tables.from_arrays(
        [[100, 0], [200, 0]], [400, -200], sectors=["a", "b"], units="USD",
        price_basis="current", source="made for the test",
    )  # fmt: skip
    with pytest.raises(DriverError, match="coefficients: b is used, but the table has no output"):
        with_inputs(idle, np.array([1.0, 2.0]))


def test_a_run_follows_structure_and_coefficients():
    scenario = load_scenario("current-policy")
    other = scenario.model_copy(
        update={
            "name": "digital",
            "structure": {"ICS": driver(1.3)},
            "coefficients": {"ICM": driver(1.4)},
        }
    )
    plain, moved = central_run(scenario), central_run(other)
    np.testing.assert_allclose(moved.tables[2020].output, plain.tables[2020].output, rtol=1e-9)
    for year in (2025, 2030):
        new, old = moved.tables[year], plain.tables[year]
        totals = [t.final_demand.sum("sector").values for t in (new, old)]
        np.testing.assert_allclose(*totals, rtol=1e-9)
        assert float(new.output.sel(sector="ICS")) > float(old.output.sel(sector="ICS"))
        assert float(new.transactions.sel(sector="ICM").sum()) > float(
            old.transactions.sel(sector="ICM").sum()
        )
    assert set(moved.paths) >= {"structure", "coefficients"}
    result = run(other)
    assert float(abs(result.ledger["gap"]).max()) < 1e-6


def test_drawn_output_follows_the_technology_of_the_year():
    scenario = load_scenario("current-policy").model_copy(
        update={"coefficients": {"ICM": driver(1.4)}, "structure": {"ICS": driver(1.2)}}
    )
    central = central_run(scenario)
    growth = growth_of(scenario, central.tables[2020], central.tables)
    index = central.paths["demand"].sel(estimate="central", drop=True)
    demand = index.expand_dims(draw=[0]).transpose("category", "year", "draw")
    for year in (2020, 2026, 2030):
        found = growth.output(["ICM", "ICS"], demand.sel(year=[year]))
        wanted = central.tables[year].output.sel(sector=["ICM", "ICS"]).sum()
        np.testing.assert_allclose(found.values[0, 0], float(wanted), rtol=1e-10)
    with pytest.raises(DriverError, match="give the projected tables"):
        growth_of(scenario, central.tables[2020])


def test_unknown_products_are_named():
    scenario = load_scenario("current-policy")
    for group in ("structure", "coefficients"):
        odd = scenario.model_copy(update={group: {"ICX": driver(1.2)}})
        with pytest.raises(DriverError, match=rf"{group}\.ICX: the table has no such sector.*IC"):
            run(odd)


def test_drivers_by_product_are_checked_like_others(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'base = "current-policy"\nname = "mine"\ntitle = "m"\ntitle_zh = "m"\n'
        '[structure.ICS]\ntitle = "t"\ntitle_zh = "t"\nunits = "2020 = 1"\n'
        'points = [{ year = 2020, value = 1.0, low = 1.0, high = 1.0, status = "assumption", '
        'source = "assumption" }, { year = 2025, value = 1.2, low = 1.2, high = 1.2, '
        'status = "assumption", source = "assumption" }]\n',
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=r"structure\.ICS: ends in 2025, needed to 2030"):
        load_scenario(path)


def test_the_shipped_shift_follows_the_share_of_core_digital_industries():
    tables = central_run("digital-structure").tables
    share = {}
    for year in (2020, 2023, 2025, 2030):
        added = tables[year].value_added
        share[year] = float(added.sel(sector=["ICM", "ICS"]).sum() / added.sum())
    for year, of_gdp in ((2023, 9.9), (2025, 10.0), (2030, 12.5)):
        assert share[year] / share[2020] == pytest.approx(of_gdp / 7.8, rel=1e-3)


def test_a_table_in_memory_of_another_year_is_refused():
    with pytest.raises(ScenarioError, match="is of 2018"):
        run("current-policy", table=io_tables.load("china-2018-cn24"))
