"""Interventions: what is refused, how several share, what stays untouched."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

import io_tables
from handprint.counterfactual import Intervention, counterfactual
from handprint.draws import counterfactuals
from handprint.emitters import rebound_table
from handprint.errors import (
    InterventionError,
    LabelMismatchError,
    NotProductiveError,
    ScopeError,
    ShapeError,
)

SECTORS = ["power", "industry", "equipment", "software"]
Z = np.array([[20.0, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]])
Y = np.array([40.0, 160, 70, 225])
E = np.array([450.0, 250, 10, 90])
ICT = ["equipment", "software"]


def table(scope="direct", emissions=E):
    return io_tables.from_arrays(
        Z,
        Y,
        sectors=SECTORS,
        satellites={"CO2": (emissions, "Mt")},
        households={"CO2": (55.0, "Mt")},
        units="10^4 CNY",
        price_basis="current",
        source="test",
        scope=scope,
    )


def heating(**options):
    return Intervention("industry", 0.5, **{"saving": {"power": 0.1}, **options})


# Interventions


def test_all_problems_of_an_intervention_are_reported_together():
    with pytest.raises(InterventionError) as caught:
        Intervention(
            "industry", 1.5, {"power": 10, "gas": "much"}, onsite=-0.1, ict_input=3, rebound=np.nan
        )
    for words in (
        "penetration is 1.5",
        r"saving of 'power' is 10, needed 0 to 1 (10 % is 0.1)",
        "saving of 'gas' is 'much', no number",
        "onsite is -0.1",
        "ict_input is 3",
        "rebound is nan",
    ):
        assert words in str(caught.value)


def test_ict_input_by_sector_is_checked_too():
    with pytest.raises(InterventionError, match="ict_input from 'software' is 2"):
        heating(ict_input={"software": 2})


def test_an_intervention_does_not_share_its_mapping():
    saving = {"power": 0.1}
    one = heating(saving=saving)
    saving["power"] = 0.9
    assert asdict(one)["saving"] == {"power": 0.1}


def test_all_names_that_do_not_fit_are_reported_together():
    wrong = [
        heating(saving={"powr": 0.1}, ict_input={"softwear": 0.01}),
        Intervention("industri", 0.5, name="kiln"),
    ]
    with pytest.raises(InterventionError) as caught:
        counterfactual(table(), wrong, respend=2, ict=["equipmnt"])
    for words in (
        "'industry': saving names 'powr', did you mean 'power'",
        "'industry': ict_input names 'softwear', did you mean 'software'",
        "'kiln': sector names 'industri', did you mean 'industry'",
        "respend is 2",
        "ict: no sector 'equipmnt', did you mean 'equipment'",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("one", "ict", "words"),
    [
        (heating(ict_input=0.01), [], "0 ICT sectors"),
        (heating(ict_input=0.01), ICT, "a mapping ICT sector"),
        (heating(ict_input={"power": 0.01}), ICT, "not among ict"),
    ],
)
def test_unclear_ict_inputs_are_refused(one, ict, words):
    with pytest.raises(InterventionError, match=words):
        counterfactual(table(), [one], ict=ict)


def test_ict_must_be_a_list():
    with pytest.raises(ShapeError, match="list"):
        counterfactual(table(), [heating()], ict="software")


def test_purchased_electricity_is_refused():
    with pytest.raises(ScopeError):
        counterfactual(table(scope="direct+purchased"), [heating()])


def test_ict_that_costs_more_than_the_output_is_refused():
    greedy = Intervention("industry", 1.0, ict_input={"equipment": 1.0, "software": 1.0})
    with pytest.raises(NotProductiveError, match="industry"):
        counterfactual(table(), [greedy])


# What comes out


def test_nothing_changes_without_interventions():
    result = counterfactual(table(), [], respend=0.5, ict=["software"])
    assert result["effect"].shape == (4, 4, 0)
    assert result["ner_td"].item() == 0
    assert result["rebound_share"].item() == 0


def test_nothing_changes_without_penetration():
    idle = Intervention("industry", 0, {"power": 0.1}, 0.1, {"software": 0.01}, 0.1)
    result = counterfactual(table(), [idle], respend=0.5)
    np.testing.assert_allclose(result["effect"], 0, atol=1e-12)
    assert result["rebound_share"].item() == 0


def test_one_intervention_needs_no_list():
    one, listed = (counterfactual(table(), i) for i in (heating(), [heating()]))
    np.testing.assert_array_equal(one["effect"], listed["effect"])


def test_household_emissions_stay_outside():
    result = counterfactual(table(), [heating()])
    assert result["total_before"].item() == pytest.approx(800)
    assert "households" in result.attrs


def test_units_are_stated():
    result = counterfactual(table(), [heating()], ict=["software"])
    units = {name: v.attrs["units"] for name, v in result.data_vars.items()}
    assert units["effect"] == units["ner_td"] == "Mt"
    assert units["cost_saving"] == "10^4 CNY"
    assert units["break_even"] == "10^4 CNY/10^4 CNY"
    assert all(v.attrs["long_name"] for v in result.data_vars.values())


def test_equal_labels_are_numbered():
    result = counterfactual(table(), [heating(), heating(name="kiln"), heating()])
    assert list(result["intervention"].values) == ["industry", "kiln", "industry #2"]
    assert set(result["applied_in"].values) == {"industry"}


def test_savings_of_one_input_multiply_and_are_shared_fairly():
    """Halving twice leaves a quarter; two equal measures get equal credit."""
    half = Intervention("industry", 1, {"power": 0.5}, onsite=0.5)
    twice = counterfactual(table(), [half, half])
    once = counterfactual(table(), [Intervention("industry", 1, {"power": 0.75}, onsite=0.75)])
    assert twice["total_after"].item() == pytest.approx(once["total_after"].item(), rel=1e-12)
    parts = twice["effect"].sum(["order", "emitter"]).values
    assert parts[0] == pytest.approx(parts[1], rel=1e-12)


def test_the_order_of_interventions_does_not_matter():
    some = [heating(name=str(k), saving={"power": 0.1 * k}, rebound=0.1 * k) for k in range(1, 5)]
    forward = counterfactual(table(), some)["effect"].sum(["order", "emitter"])
    backward = counterfactual(table(), some[::-1])["effect"].sum(["order", "emitter"])
    np.testing.assert_allclose(forward, backward.values[::-1], rtol=1e-12)


def test_an_ict_sector_can_digitalise_itself():
    """Its own row and column: what is saved counts as second order, what is bought as first."""
    own = Intervention("software", 0.5, {"software": 0.2}, ict_input={"software": 0.01})
    result = counterfactual(table(), [own], ict=ICT)
    orders = result["effect"].sum(["emitter", "intervention"])
    assert orders.sel(order="first") > 0 > orders.sel(order="second_inputs")
    a = Z / (Z.sum(axis=1) + Y)
    a[3, 3] = a[3, 3] * 0.9 + 0.005
    x = np.linalg.solve(np.eye(4) - a, Y)
    after = E / (Z.sum(axis=1) + Y) @ x
    assert result["total_after"].item() == pytest.approx(after, rel=1e-12)


def test_direct_rebound_takes_its_share():
    spoilt = counterfactual(table(), [heating(rebound=0.25, onsite=0.1)])
    ideal = counterfactual(table(), [heating(onsite=0.1)])
    assert spoilt["engineering_saving"].item() == pytest.approx(ideal["ner_td"].item(), rel=1e-12)
    lost = ideal["ner_td"].item() - spoilt["ner_td"].item()
    assert spoilt["rebound_direct"].item() == pytest.approx(lost, rel=1e-12)
    assert spoilt["rebound_share"].item() == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("rebound", [1.0, 1.5, 2.0])
def test_backfire_is_legal(rebound):
    """Above one the adopter uses more than before: a'_PI = a_PI (1 + 0.05 (r - 1))."""
    one = heating(rebound=rebound, onsite=0.1, ict_input={"software": 0.001})
    result = counterfactual(table(), [one], respend=0.5)
    a, s = Z / (Z.sum(axis=1) + Y), E / (Z.sum(axis=1) + Y)
    grown = 0.5 * (rebound - 1)
    a[0, 1] *= 1 + 0.1 * grown
    s[1] *= 1 + 0.1 * grown
    a[3, 1] += 0.0005
    after = s @ np.linalg.solve(np.eye(4) - a, Y)
    assert result["total_after"].item() == pytest.approx(after, rel=1e-12)
    assert result["ner_td"].item() < 0
    assert result["engineering_saving"].item() > 0
    direct = rebound_table(result).loc["direct", "per cent"]
    assert direct >= 100
    assert direct == pytest.approx(100 * rebound, rel=0.02)
    change = result["total_after_respending"] - result["total_before"]
    assert result["effect"].sum().item() == pytest.approx(change.item(), abs=1e-9 * E.sum())
    even = result["break_even"].item()
    assert even == 0 if rebound == 1 else even < 0  # nothing that ICT could use up
    assert result["cost_saving"].item() < 0  # what is spent on ICT and fuel is not spent again
    assert result["rebound_respending"].item() < 0


def test_draws_of_backfire_are_single_runs():
    rates = np.array([0.5, 1.2, 2.0])
    many = counterfactuals(table(), [heating(onsite=0.1)], {"rebound": rates[:, None]})
    for rate, found in zip(rates, many["ner_td"].values, strict=True):
        one = counterfactual(table(), [heating(onsite=0.1, rebound=rate)])
        assert found == pytest.approx(one["ner_td"].item(), rel=1e-9)


def test_two_that_backfire_on_one_input_multiply():
    some = [heating(rebound=1.5, name="kiln"), heating(rebound=2.0, name="drive")]
    result = counterfactual(table(), some)
    a = Z / (Z.sum(axis=1) + Y)
    a[0, 1] *= 1.025 * 1.05
    after = E / (Z.sum(axis=1) + Y) @ np.linalg.solve(np.eye(4) - a, Y)
    assert result["total_after"].item() == pytest.approx(after, rel=1e-12)
    parts = result["effect"].sum(["order", "emitter"])
    assert 0 < parts[0] < parts[1]


def test_there_is_a_limit_to_backfire():
    with pytest.raises(InterventionError, match=r"rebound is 30, needed 0 to 2 \(30 % is 0.3\)"):
        heating(rebound=30)
    with pytest.raises(InterventionError, match=r"rebound: 1 values outside 0 to 2, first 2\.5"):
        counterfactuals(table(), [heating()], {"rebound": [[1.0], [2.5]]})


def test_a_net_increase_is_legal_and_has_no_rebound_share():
    costly = heating(ict_input={"software": 0.2})
    result = counterfactual(table(), [costly], respend=0.5)
    assert result["ner_td"].item() < 0
    assert "rebound_share" not in result


def test_break_even_of_several_ict_sectors_uses_the_mix_that_is_bought():
    mixed = heating(ict_input={"equipment": 0.003, "software": 0.001})
    coefficient = counterfactual(table(), [mixed])["break_even"].item() / 0.5
    spent = heating(ict_input={"equipment": 0.75 * coefficient, "software": 0.25 * coefficient})
    assert counterfactual(table(), [spent])["ner_td"].item() == pytest.approx(0, abs=1e-9)


def test_ict_without_emissions_never_breaks_even():
    """Sectors that only power supplies, and power emits nothing."""
    clean = counterfactual(table(emissions=np.zeros(4)), [heating()], ict=["software"])
    assert np.isinf(clean["break_even"].item())


# Re-spending and final demand


def test_respending_on_given_budget_shares():
    shares = pd.Series([0, 0, 0, 1.0], index=SECTORS)
    result = counterfactual(table(), [heating()], respend=1, budget_shares=shares)
    a = Z / (Z.sum(axis=1) + Y)
    a[0, 1] *= 0.95
    m = E / (Z.sum(axis=1) + Y) @ np.linalg.inv(np.eye(4) - a)
    expected = result["cost_saving"].item() * m[3]
    assert result["rebound_respending"].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("shares", "error", "words"),
    [
        ([0.5, 0.5, 0, 0.5], InterventionError, "sum to 1.5"),
        ([0.5, 0.5], ShapeError, "for 4 sectors"),
        (pd.Series([1.0, 0, 0, 0], index=SECTORS[::-1]), LabelMismatchError, "another order"),
    ],
)
def test_bad_budget_shares_are_refused(shares, error, words):
    with pytest.raises(error, match=words):
        counterfactual(table(), [heating()], respend=1, budget_shares=shares)


def test_final_demand_without_a_positive_sum_gives_no_budget():
    imports = io_tables.from_arrays(
        [[0.0, 0.1], [15, 0]],
        [9.9, -14],
        sectors=["power", "industry"],
        satellites={"CO2": ([1, 1], "Mt")},
        units="USD",
        price_basis="current",
        source="test",
        scope="direct",
    )
    with pytest.raises(InterventionError, match="budget_shares"):
        counterfactual(imports, [heating()], respend=1)


def test_households_that_buy_less_are_a_saving_of_inputs():
    less = np.array([-4.0, 0, 0, 0])
    result = counterfactual(
        table(), [heating()], respend=0.5, ict=["software"], demand_changes={"homes": less}
    )
    change = result["total_after_respending"] - result["total_before"]
    assert result["effect"].sum().item() == pytest.approx(change.item(), rel=1e-12)
    homes = result["effect"].sel(intervention="homes").sum("emitter")
    assert homes.sel(order="second_inputs") < 0
    assert homes.sel(order=["first", "second_onsite"]).values.tolist() == [0, 0]
    assert result["cost_saving_by_intervention"].sel(intervention="homes").item() == 4
    assert result["applied_in"].sel(intervention="homes").item() == "final demand"
    assert "break_even" not in result  # a household has no ICT coefficient


def test_a_demand_change_of_the_wrong_length_is_refused():
    with pytest.raises(ShapeError, match="homes"):
        counterfactual(table(), [], demand_changes={"homes": [1.0]})
