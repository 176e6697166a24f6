"""The toy economy with capital, fuel ties and households: numbers a reader can follow."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

import io_tables
from handprint.capital import capital_coefficients
from handprint.counterfactual import Intervention, counterfactual
from handprint.imports import import_sensitivity

Z = np.array([[20.0, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]])
HOUSEHOLDS, INVESTMENT = np.array([40.0, 60, 50, 165]), np.array([0.0, 100, 20, 60])
E = np.array([450.0, 250, 10, 90])
X = Z.sum(axis=1) + HOUSEHOLDS + INVESTMENT
WORN = np.array([30.0, 40, 10, 20])  # sums to 100 of 180 invested
ECONOMY = io_tables.from_arrays(
    Z,
    np.column_stack([HOUSEHOLDS, INVESTMENT]),
    sectors=list("PICS"),
    categories=["households", "fixed capital"],
    value_added=np.stack([WORN, X - Z.sum(axis=0) - WORN]),
    components=["depreciation", "rest"],
    satellites={"CO2": (E, "Mt")},
    households={"CO2": (60.0, "Mt")},
    units="10^4 CNY",
    price_basis="current",
    source="worked example",
    scope="direct",
)
PLAIN = np.linalg.inv(np.eye(4) - Z / X)


def test_capital_of_one_cell_by_hand():
    """I sells 100 of 180 investment; P wears out 30 of its output of 150: 100/180 x 30/150."""
    k = capital_coefficients(ECONOMY)
    assert k.sel(sector="I", purchaser="P").item() == pytest.approx(100 / 180 * 30 / 150)
    np.testing.assert_allclose(k.values.sum(axis=0) * X, WORN)
    np.testing.assert_allclose(k.values @ X, INVESTMENT * 100 / 180)


def test_all_of_investment_can_be_endogenous():
    k = capital_coefficients(ECONOMY, volume="all")
    np.testing.assert_allclose(k.values @ X, INVESTMENT)


def test_multipliers_with_capital_are_those_of_the_larger_matrix():
    k = capital_coefficients(ECONOMY)
    result = counterfactual(ECONOMY, [], capital=k)
    larger = E / X @ np.linalg.inv(np.eye(4) - Z / X - k.values)
    np.testing.assert_allclose(result["multiplier"], larger, rtol=1e-12)
    np.testing.assert_allclose(result["multiplier_without_capital"], E / X @ PLAIN, rtol=1e-12)
    assert result["total_before"].item() == pytest.approx(800, rel=1e-12)
    assert "replacement" in result.attrs["capital"]


@pytest.mark.parametrize("volume", [None, "replacement", "all"])
def test_closed_form_of_one_sector_with_capital_and_onsite(volume):
    """(m u + ds_j) x_j / (1 - (L u)_j) = brute force, METHODS 4.3."""
    capital = None if volume is None else capital_coefficients(ECONOMY, volume=volume)
    k = np.zeros((4, 4)) if capital is None else capital.values
    one = Intervention(
        "I", 0.5, {"P": 0.1}, onsite=0.06, ict_input=0.004, ict_capital=0.05, lifetime=5
    )
    a, s = Z / X, E / X
    u = np.array([-0.05 * a[0, 1], 0, 0.5 * (0.004 + 0.05 / 5), 0])
    inverse = np.linalg.inv(np.eye(4) - a - k)
    closed = (s @ inverse @ u - 0.03 * s[1]) * X[1] / (1 - (inverse @ u)[1])
    after, cleaner = a.copy(), s.copy()
    after[:, 1] += u
    cleaner[1] *= 0.97
    y = HOUSEHOLDS + INVESTMENT - k @ X
    brute = cleaner @ np.linalg.solve(np.eye(4) - after - k, y) - 800
    result = counterfactual(ECONOMY, [one], ict=["C"], capital=capital)
    assert result["effect"].sum().item() == pytest.approx(closed, rel=1e-12)
    assert closed == pytest.approx(brute, rel=1e-12)


def test_break_even_with_capital_leaves_nothing_saved():
    """At the break-even coefficient the intervention alone changes nothing."""
    capital = capital_coefficients(ECONOMY)
    one = Intervention("I", 0.5, {"P": 0.1}, onsite=0.06, ict_capital=0.01, lifetime=4)
    found = counterfactual(ECONOMY, [one], ict=["C"], capital=capital)
    coefficient = found["break_even_with_onsite"].item()
    spent = Intervention("I", 0.5, {"P": 0.1}, 0.06, ict_capital=coefficient / 0.5 * 4, lifetime=4)
    result = counterfactual(ECONOMY, [spent], ict=["C"], capital=capital)
    assert result["ner_td"].item() == pytest.approx(0, abs=1e-9)
    plain = counterfactual(ECONOMY, [one], ict=["C"])["break_even_with_onsite"].item()
    assert coefficient != pytest.approx(plain, rel=1e-3)  # capital goods change both sides


def test_capital_over_ten_years_is_a_tenth_a_year():
    bought = Intervention("I", 0.5, ict_capital={"C": 0.04}, lifetime=10)
    rented = Intervention("I", 0.5, ict_input={"C": 0.004})
    one, two = (counterfactual(ECONOMY, [i]) for i in (bought, rented))
    np.testing.assert_allclose(one["effect"], two["effect"], rtol=1e-12)
    first = one["effect"].sel(order="first").sum().item()
    assert one["first_from_capital"].item() == pytest.approx(first, rel=1e-12)


def test_annuity_with_interest():
    """8 % over 5 years: 0.08 / (1 - 1.08^-5) = 0.2504564546."""
    lent = Intervention("I", 0.5, ict_capital={"C": 0.04}, lifetime=5, discount=0.08)
    paid = Intervention("I", 0.5, ict_input={"C": 0.04 * 0.2504564546})
    one, two = (counterfactual(ECONOMY, [i])["total_after"].item() for i in (lent, paid))
    assert one == pytest.approx(two, rel=1e-9)


def test_a_tie_to_fuel_is_the_same_saving():
    """70 % of own emissions come from row P, the rest is process: 0.7 x 0.1."""
    tied = Intervention("I", 0.5, {"P": 0.1}, fuel_rows={"P": 0.7})
    free = Intervention("I", 0.5, {"P": 0.1}, onsite=0.07)
    one, two = (counterfactual(ECONOMY, [i])["effect"] for i in (tied, free))
    np.testing.assert_allclose(one, two, rtol=1e-12)


def test_households_that_burn_less():
    """5 Mt less of 60, and 4 less bought from P: m_P = 4.0869 in the toy economy."""
    change = {"homes": np.array([-4.0, 0, 0, 0])}
    result = counterfactual(ECONOMY, [], demand_changes=change, household_onsite={"homes": -5})
    assert result["total_before"].item() == pytest.approx(860)
    assert result["ner_td"].item() == pytest.approx(5 + 4 * 4.086900, abs=5e-6)
    onsite = result["effect"].sel(order="second_onsite", intervention="homes")
    assert onsite.sel(emitter="households").item() == -5
    assert onsite.sum().item() == -5


def test_respending_of_households_by_hand():
    """All saved money goes to what households buy: 4.868174 x m' mu."""
    one = Intervention("I", 0.5, {"P": 0.1, "I": 0.02}, ict_input=0.004)
    result = counterfactual(ECONOMY, [one], ict=["C"], respend=1, budget="households")
    a = Z / X
    a[:, 1] *= [0.95, 0.99, 1, 1]
    a[2, 1] += 0.002
    m = E / X @ np.linalg.inv(np.eye(4) - a)
    expected = result["cost_saving"].item() * m @ HOUSEHOLDS / HOUSEHOLDS.sum()
    assert result["rebound_respending"].item() == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(result["respending_by_category"], [expected], rtol=1e-12)


FOLDER = Path(os.environ.get("HANDPRINT_SHARED", "../shared/data")) / "nbs_china_io"
OFFICIAL = FOLDER / "china_2017_42_domestic_import.csv"


def official():
    """The official tables of 2017, 42 sectors: all use, and use of what is made at home."""
    with OFFICIAL.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    sectors = header[4:46]
    parts = {
        origin: np.array([r[4:] for r in rows if r[3] == origin and r[0] in sectors], dtype=float)
        for origin in ("Domestic", "Imports")
    }
    last = {name: header.index(name) - 4 for name in ("TC", "FU201", "FU202", "EX", "GO")}
    final = [last[name] for name in ("TC", "FU201", "FU202", "EX")]
    both = parts["Domestic"] + parts["Imports"]
    imported = -parts["Imports"][:, [*range(42), *final]].sum(axis=1, keepdims=True)
    kept = ["consumption", "fixed capital", "inventories", "exports"]
    stated = {
        "sectors": sectors,
        "satellites": {"CO2": (np.ones(42), "Mt")},
        "units": "10^4 CNY",
        "price_basis": "current",
        "source": "NBS",
        "scope": "direct",
        "output": parts["Domestic"][:, last["GO"]],
        "tolerance": 1.0,
    }
    competitive = io_tables.from_arrays(
        both[:, :42], np.hstack([both[:, final], imported]), categories=[*kept, "imports"], **stated
    )
    own = parts["Domestic"]
    return competitive, io_tables.from_arrays(own[:, :42], own[:, final], categories=kept, **stated)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the publishers' files are not here")
def test_the_official_domestic_table_is_a_rule_of_its_own():
    """China 2017, 42 sectors, communication equipment (20): proportional rule against NBS."""
    table, domestic = official()
    one = Intervention("14", 0.5, {"20": 0.1, "25": 0.1})
    rules = import_sensitivity(table, [one], domestic=domestic)
    assert list(rules["import_rule"].values) == [
        "competitive",
        "domestic, proportional",
        "domestic, given",
    ]
    shares = rules["domestic_share"].sel(product="20").values
    assert shares[0] == 1
    assert 0.3 < shares[2] < 0.9
    saved = rules["ner_td"].values
    assert saved[0] > saved[1:].max() > 0
    change = rules["total_after"] - rules["total_before"]
    whole = rules["effect"].sum(["order", "emitter", "intervention"])
    np.testing.assert_allclose(whole, change, atol=1e-9 * 42)


def test_imports_that_respond_are_the_proportional_rule():
    """Imports as a share of home use, iterated together with output until both stand still."""
    use = Z.sum(axis=1) + HOUSEHOLDS + INVESTMENT
    share = np.array([1 / 3, 0.1, 0, 0])
    exports = np.array([10.0, 20, 0, 5])
    y = np.column_stack([HOUSEHOLDS, INVESTMENT, exports, -share * use])
    x = Z.sum(axis=1) + y.sum(axis=1)
    table = io_tables.from_arrays(
        Z,
        y,
        sectors=list("PICS"),
        categories=["households", "fixed capital", "exports", "imports"],
        satellites={"CO2": (E, "Mt")},
        units="USD",
        price_basis="current",
        source="worked example",
        scope="direct",
    )
    one = Intervention("I", 0.5, {"P": 0.1, "I": 0.2}, ict_input=0.004)
    rules = import_sensitivity(table, [one], ict=["C"])["total_after"]
    a = Z / x
    a[:, 1] *= [0.95, 0.9, 1, 1]
    a[2, 1] += 0.002
    after = x.copy()
    for _ in range(500):
        home = a @ after + HOUSEHOLDS + INVESTMENT
        after = home - share * home + exports
    assert rules[1].item() == pytest.approx(E / x @ after, rel=1e-10)
    fixed = np.linalg.solve(np.eye(4) - a, y.sum(axis=1))  # the import column stays
    assert rules[0].item() == pytest.approx(E / x @ fixed, rel=1e-10)


def test_import_rules_of_a_toy():
    """A third of P at home is imported: both domestic rules see two thirds of it."""
    use = Z.sum(axis=1) + HOUSEHOLDS + INVESTMENT
    imports = np.array([-use[0] / 3, 0, 0, 0])
    table = io_tables.from_arrays(
        Z,
        np.column_stack([HOUSEHOLDS, INVESTMENT, imports]),
        sectors=list("PICS"),
        categories=["households", "fixed capital", "imports"],
        satellites={"CO2": (E, "Mt")},
        units="USD",
        price_basis="current",
        source="worked example",
        scope="direct",
    )
    one = Intervention("I", 0.5, {"P": 0.1}, ict_input=0.004)
    rules = import_sensitivity(table, [one], domestic=table.domestic(), ict=["C"])
    np.testing.assert_allclose(rules["domestic_share"][1], [2 / 3, 1, 1, 1])
    x = use + imports
    a = Z / x
    a[0] *= 2 / 3
    u = np.array([-0.05 * a[0, 1], 0, 0.002, 0])
    inverse = np.linalg.inv(np.eye(4) - a)
    closed = E / x @ inverse @ u * x[1] / (1 - (inverse @ u)[1])
    np.testing.assert_allclose(rules["ner_td"][1:], -closed, rtol=1e-10)
