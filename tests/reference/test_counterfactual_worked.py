"""Worked numbers of the counterfactual, METHODS 4.4 and 4.5."""

import numpy as np
import pytest

import io_tables
from handprint.counterfactual import Intervention, counterfactual

ECONOMY = io_tables.from_arrays(
    [[20, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]],
    [40, 160, 70, 225],
    sectors=list("PICS"),
    satellites={"CO2": ([450, 250, 10, 90], "Mt")},
    units="10^4 CNY",
    price_basis="current",
    source="worked example",
    scope="direct",
)
SCENARIO = [
    Intervention("I", 0.5, saving={"P": 0.10, "I": 0.02}, onsite=0.06, ict_input=0.004),
    Intervention("S", 0.5, saving={"P": 0.08, "S": 0.05}, onsite=0.04, ict_input=0.006),
]
PRINTED = 5e-7  # the numbers are printed to six decimals


@pytest.fixture(scope="module")
def result():
    return counterfactual(ECONOMY, SCENARIO, ict=["C"])


def test_worked_totals(result):
    assert result["total_before"].item() == pytest.approx(800, rel=1e-12)
    assert result["total_after"].item() == pytest.approx(773.155283, abs=PRINTED)
    assert result["ner_td"].item() == pytest.approx(26.844717, abs=PRINTED)


def test_worked_orders(result):
    orders = result["effect"].sum(["emitter", "intervention"])
    np.testing.assert_allclose(orders, [2.878946, -20.463150, -9.260513, 0], atol=PRINTED)


def test_worked_emitters(result):
    emitters = result["effect"].sum(["order", "intervention"])
    np.testing.assert_allclose(emitters, [-14.933828, -9.712577, 0.118316, -2.316629], atol=PRINTED)


def test_worked_cost_saving(result):
    assert result["cost_saving"].item() == pytest.approx(4.868174, abs=PRINTED)


@pytest.mark.parametrize(
    ("respend", "ner", "share"), [(0.5, 23.042845, 0.1416), (1, 19.240972, 0.2832)]
)
def test_worked_respending(respend, ner, share):
    result = counterfactual(ECONOMY, SCENARIO, respend=respend, ict=["C"])
    assert result["ner_td_star"].item() == pytest.approx(ner, abs=PRINTED)
    assert result["rebound_share"].item() == pytest.approx(share, abs=5e-5)


def test_worked_marginal_emissions_of_respending():
    """METHODS 4.5: s'L'mu = 1.56193, times the cost saving = 7.603746 = E2 - E1."""
    result = counterfactual(ECONOMY, SCENARIO, respend=1, ict=["C"])
    respent = result["rebound_respending"].item()
    assert respent == pytest.approx(7.603746, abs=PRINTED)
    assert respent / result["cost_saving"].item() == pytest.approx(1.56193, abs=5e-6)


def test_worked_single_column():
    """Column I alone, inputs only: closed form = brute force = -14.714182."""
    alone = [Intervention("I", 0.5, saving={"P": 0.10, "I": 0.02}, ict_input=0.004)]
    result = counterfactual(ECONOMY, alone, ict=["C"])
    assert result["effect"].sum().item() == pytest.approx(-14.714182, abs=PRINTED)
    z, x = ECONOMY.transactions.values, ECONOMY.output.values
    inverse = np.linalg.inv(np.eye(4) - z / x)
    m = np.array([450, 250, 10, 90]) / x @ inverse
    u = np.array([-0.1 * 0.5 * 60, -0.02 * 0.5 * 200, 0.002 * 500, 0]) / 500
    closed = m @ u * 500 / (1 - (inverse @ u)[1])
    assert result["effect"].sum().item() == pytest.approx(closed, rel=1e-12)


def test_worked_break_even(result):
    assert result["break_even"].sel(intervention="I").item() == pytest.approx(0.023478, abs=PRINTED)


@pytest.mark.parametrize(("onsite", "name"), [(0, "break_even"), (0.06, "break_even_with_onsite")])
def test_nothing_is_saved_at_break_even(onsite, name, result):
    kappa = result[name].sel(intervention="I").item() / 0.5
    exhausted = Intervention("I", 0.5, {"P": 0.10, "I": 0.02}, onsite, kappa)
    found = counterfactual(ECONOMY, [exhausted], ict=["C"])
    assert found["ner_td"].item() == pytest.approx(0, abs=1e-9)
