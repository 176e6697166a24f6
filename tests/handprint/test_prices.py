"""The price side: by hand, dual to quantities, and equal to the counterfactual's savings."""

import numpy as np
import pytest

import io_tables
from handprint.counterfactual import Intervention, counterfactual
from handprint.errors import (
    InterventionError,
    OptionError,
    ScopeError,
    ShapeError,
    UnitMismatchError,
    UnknownSectorError,
)
from handprint.prices import cost_change, money, price_change, tonnes

NAMES = [f"china-{year}-{kind}" for year in (2012, 2017, 2020) for kind in ("cn8", "cn24")]
STEPS = [
    Intervention("STE", 0.5, saving={"ELE": 0.1, "COA": 0.1}, ict_input=0.002, rebound=0.1),
    Intervention("STE", 0.3, saving={"ELE": 0.1}, onsite=0.1, name="again"),
    Intervention("TRA", 0.4, saving={"REF": 0.05}, ict_input=0.001),
]


def one_sector(units="10^4 CNY", mass="Mt", scope="direct"):
    """Half of output 200 goes into itself; 3 Mt."""
    return io_tables.from_arrays(
        [[100.0]], [[100.0]], sectors=["a"], categories=["households"],
        satellites={"CO2": ([3.0], mass)}, units=units, price_basis="current", source="test",
        scope=scope,
    )  # fmt: skip


def test_one_sector_by_hand():
    """3 Mt x 10 CNY/t = 3e7 CNY on 2e6 CNY of output: 15 per unit, 30 with its own input."""
    result = price_change(one_sector(), carbon_price=10)
    assert result["direct_cost"].item() == pytest.approx(15)
    assert result["price_change"].item() == pytest.approx(30)
    assert result["price"].item() == pytest.approx(31)
    assert result["price_index"].sel(category="households").item() == pytest.approx(31)
    assert result["category_cost"].item() == pytest.approx(3000)
    assert result["carbon_cost"].item() == pytest.approx(3000)
    assert result["absorbed"].item() == 0
    half = price_change(one_sector(), carbon_price=10, pass_through=0.5)
    assert half["price_change"].item() == pytest.approx(15)
    assert half["absorbed"].item() == pytest.approx(1500)


@pytest.mark.parametrize(
    ("units", "mass", "rise"),
    [("CNY", "t", 0.3), ("million USD", "Mt", 0.3), ("10^8 EUR", "kt CO2e", 3e-6)],
)
def test_units_are_read(units, mass, rise):
    result = price_change(one_sector(units, mass), carbon_price=10)
    assert result["price_change"].item() == pytest.approx(rise)


@pytest.mark.parametrize("name", NAMES)
def test_an_unchanged_economy_has_prices_of_one(name):
    result = price_change(io_tables.load(name))
    np.testing.assert_array_equal(result["price"], 1)
    assert "imports" not in result["category"]
    np.testing.assert_array_equal(result["price_index"], 1)


@pytest.mark.parametrize("name", NAMES)
def test_all_cost_outside_the_table_makes_prices_of_one(name):
    """p = v L = 1 with v all cost that is no input from a sector."""
    table = io_tables.load(name)
    x = table.output.values
    v = 1 - table.transactions.values.sum(axis=0) / x
    result = price_change(table, value_added_change=v)
    np.testing.assert_allclose(result["price_change"], 1, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_what_final_demand_pays_is_what_sectors_charge(name):
    table = io_tables.load(name)
    rng = np.random.default_rng(5)
    extra, share = rng.uniform(0, 0.1, len(table.sectors)), rng.uniform(0, 1, len(table.sectors))
    result = price_change(table, value_added_change=extra, carbon_price=60, pass_through=share)
    y, x = table.final_demand.values.sum(axis=1), table.output.values
    paid = result["price_change"].values @ y
    assert paid == pytest.approx(result["direct_cost"].values @ x, rel=1e-9)
    charged = extra @ x + (result["carbon_cost"] - result["absorbed"]).sum().item()
    assert paid == pytest.approx(charged, rel=1e-9)
    tax = 60 * table.satellites["CO2"].values.sum() * 1e6 / 1e4
    assert result["carbon_cost"].sum().item() == pytest.approx(tax)


def test_costs_of_one_sector_can_be_named():
    table = io_tables.load("china-2017-cn24")
    by_name = price_change(table, value_added_change={"ELE": 0.1})
    row = np.linalg.inv(np.eye(24) - table.transactions.values / table.output.values)[15]
    np.testing.assert_allclose(by_name["price_change"], 0.1 * row, rtol=1e-9)


@pytest.mark.parametrize("steps", [STEPS[:1], STEPS])
def test_savings_are_those_of_the_counterfactual(steps):
    table = io_tables.load("china-2017-cn24")
    prices = cost_change(table, steps, ict=["ICS"])
    quantities = counterfactual(table, steps, ict=["ICS"])
    saved = prices["cost_saving"].item()
    assert saved == pytest.approx(quantities["cost_saving"].item(), rel=1e-9)
    y = table.final_demand.values.sum(axis=1)
    assert -prices["price_change"].values @ y == pytest.approx(saved, rel=1e-9)
    assert (prices["direct_cost"] != 0).sum() == len({step.sector for step in steps})


def test_no_intervention_saves_nothing():
    table = io_tables.load("china-2017-cn8")
    assert cost_change(table, [])["cost_saving"].item() == 0


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"carbon_price": -1}, OptionError, "carbon_price is -1"),
        ({"carbon_price": float("nan")}, OptionError, "nan"),
        ({"carbon_price": 1, "pass_through": 1.5}, OptionError, "1.5, needed 0 to 1"),
        ({"value_added_change": {"power": 1}}, UnknownSectorError, "value_added_change"),
        ({"value_added_change": [1, 2]}, ShapeError, "8 sectors"),
        ({"value_added_change": {"ELE": -1}}, OptionError, "price of 'ELE'"),
        ({"carbon_price": 1, "satellite": "electricity"}, UnitMismatchError, "'TWh' is no mass"),
    ],
)
def test_bad_requests_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        price_change(io_tables.load("china-2017-cn8"), **options)


def test_bad_interventions_are_refused():
    with pytest.raises(InterventionError, match="steel"):
        cost_change(io_tables.load("china-2017-cn8"), [Intervention("steel", 0.5)])


def test_bad_units_and_scopes_are_refused():
    with pytest.raises(UnitMismatchError, match="monetary"):
        money("coins")
    with pytest.raises(UnitMismatchError, match="mass"):
        tonnes("TWh")
    with pytest.raises(ScopeError):
        price_change(one_sector(scope="direct+purchased"), carbon_price=1)
