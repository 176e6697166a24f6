"""Options of the counterfactual: what is refused, and what the tables show."""

import numpy as np
import pandas as pd
import pytest

import io_tables
from handprint.capital import capital_coefficients
from handprint.counterfactual import Intervention, counterfactual
from handprint.emitters import boundary_split, emitter_table, rebound_table
from handprint.errors import (
    InterventionError,
    LabelMismatchError,
    MissingValueError,
    OptionError,
    ShapeError,
    UnitMismatchError,
)
from handprint.imports import import_sensitivity

SECTORS = ["power", "coal", "industry", "software"]
CATEGORIES = ["rural households", "urban households", "fixed capital", "imports"]
Z = np.array([[20.0, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]])
Y = np.array([[10, 30, 20, -20.0], [40, 80, 60, -20], [20, 30, 30, -10], [75, 100, 50, 0]])
X = Z.sum(axis=1) + Y.sum(axis=1)
WORN = np.array([20.0, 30, 10, 20])


def table(**options):
    given = {
        "sectors": SECTORS,
        "categories": CATEGORIES,
        "value_added": np.stack([WORN, X - Z.sum(axis=0) - WORN]),
        "components": ["depreciation", "operating surplus"],
        "satellites": {"CO2": ([450.0, 50, 250, 10], "Mt")},
        "households": {"CO2": (55.0, "Mt")},
        "units": "10^4 CNY",
        "price_basis": "current",
        "source": "test",
        "scope": "direct",
    }
    return io_tables.from_arrays(Z, Y, **{**given, **options})


def kiln(**options):
    return Intervention("industry", 0.5, **{"saving": {"power": 0.1, "coal": 0.2}, **options})


def refused(words, call, *args, error=InterventionError, **options):
    with pytest.raises(error) as caught:
        call(*args, **options)
    for part in words:
        assert part in str(caught.value), str(caught.value)


# Ties and capital of an intervention


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fuel_rows": ["coal"], "onsite": 0.1}, ["onsite is 0.1", "save 0.2"]),
        ({"fuel_rows": {"coal": 0.5}, "onsite": 0.2}, ["onsite is 0.2", "save 0.1"]),
        ({"fuel_rows": ["power", "coal"]}, ["different shares", "'power' 0.1", "'coal' 0.2"]),
        ({"fuel_rows": ["gas", "oil"]}, ["'gas'", "'oil'", "which saving does not"]),
        ({"fuel_rows": {"coal": 0.8, "power": 0.3}}, ["sum to 1.1"]),
        ({"fuel_rows": {"coal": 60}}, ["share of 'coal' in fuel_rows is 60", "(60 % is 0.6)"]),
        ({"fuel_rows": "coal"}, ["['coal']"]),
        ({"ict_capital": 0.1}, ["no lifetime"]),
        ({"ict_capital": 0.1, "lifetime": -5}, ["lifetime is -5, needed a positive number"]),
        ({"ict_capital": 0.1, "lifetime": 0}, ["lifetime is 0"]),
        ({"ict_capital": {"software": -1}, "discount": 8, "lifetime": "long"},
         ["ict_capital from 'software' is -1", "discount is 8", "lifetime is 'long'"]),
        ({"ict_capital": 12, "lifetime": 5}, ["2.4 a year"]),
        ({"ict_capital": np.inf, "lifetime": 5}, ["ict_capital is inf"]),
    ],
)  # fmt: skip
def test_contradictions_of_an_intervention_are_refused(options, words):
    refused(words, kiln, **options)


def test_a_tie_follows_the_saving_of_fuel():
    assert kiln(fuel_rows=["coal"]).own_saving == 0.2
    assert kiln(fuel_rows={"coal": 0.5, "power": 0.5}).own_saving == pytest.approx(0.15)
    assert kiln(fuel_rows=["coal"], onsite=0.2).own_saving == 0.2
    assert kiln(onsite=0.3).own_saving == 0.3


def test_ties_of_one_sector_must_agree():
    some = [
        kiln(fuel_rows={"coal": 0.7}, name="first"),
        kiln(fuel_rows={"coal": 0.4, "power": 0.5}, name="second"),
        kiln(name="third"),
    ]
    words = [
        "'second': 0.4 of the emissions of 'industry' comes from 'coal', but 0.7 according to 'fi",
        "sum to 1.2",
        "'third': saves 'coal', which 'industry' burns",
        "'third': saves 'power'",
    ]
    refused(words, counterfactual, table(), some)


def test_capital_of_an_unclear_ict_sector_is_refused():
    some = [kiln(ict_capital=0.1, lifetime=5), kiln(ict_capital={"sofware": 0.1}, lifetime=5)]
    words = ["ict_capital is one number but there are 0", "ict_capital names 'sofware', did you"]
    refused(words, counterfactual, table(), some)


# Capital


def test_problems_of_capital_are_reported_together():
    words = ["no category 'fixed capitl'", "no component 'wear'", "volume is 'some'"]
    refused(
        words,
        capital_coefficients,
        table(),
        "wear",
        volume="some",
        category="fixed capitl",
        error=OptionError,
    )


def test_negative_investment_names_the_sector():
    y = Y.copy()
    y[0, 2:] = [-5, 5]
    goods = io_tables.from_arrays(Z, y, sectors=SECTORS, categories=CATEGORIES, units="USD",
                                  price_basis="current", source="test")  # fmt: skip
    words = ["negative in 'power'", "no component 'depreciation'"]
    refused(words, capital_coefficients, goods, error=OptionError)


def test_capital_that_shrinks_is_refused():
    worn = np.array([80.0, 60, 20, 20])
    shrinking = table(value_added=np.stack([worn, X - Z.sum(axis=0) - worn]))
    refused(["capital shrinks", "180", "160"], capital_coefficients, shrinking, error=OptionError)
    whole = capital_coefficients(shrinking, volume="all")
    assert float((whole * shrinking.output.values).sum()) == pytest.approx(160)


def test_capital_by_operating_surplus():
    k = capital_coefficients(table(), by="operating surplus", volume="all")
    assert float((k * X).sum()) == pytest.approx(160)
    assert counterfactual(table(), [kiln()], capital=k)["total_before"].item() == pytest.approx(760)


@pytest.mark.parametrize(
    ("change", "words", "error"),
    [
        (lambda k: k.assign_coords(sector=SECTORS[::-1], purchaser=list("abcd")),
         ["capital, rows: same labels in another order", "capital, columns: labels differ"],
         InterventionError),
        (lambda k: k * 3, ["fixed capital", "power", "software"], InterventionError),
        (lambda k: -k, ["capital [power, power] is -"], InterventionError),
        (lambda k: k[:2], ["shape"], ShapeError),
        (lambda k: k.where(k < 0.01), ["missing"], MissingValueError),
    ],
)  # fmt: skip
def test_a_wrong_capital_matrix_is_refused(change, words, error):
    capital = change(capital_coefficients(table()))
    refused(words, counterfactual, table(), [kiln()], capital=capital, error=error)


def test_without_a_capital_category_final_demand_is_the_limit():
    plain = table(categories=["a", "b", "c", "imports"])
    big = np.diag([0.9, 0, 0, 0])
    refused(["final demand has in power"], counterfactual, plain, [], capital=big)


# Budgets and households


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"budget": "householders"}, ["'householders' names no category", "'urban households'"]),
        ({"budget": ["urban household", "x"]}, ["did you mean 'urban households'", "'x'"]),
        ({"budget": ["imports"]}, ["spend nothing"]),
        ({"budget": []}, ["no category given"]),
        ({"budget": {"rural households": 0.5, "urban households": 0.6}}, ["sum to 1.1"]),
        ({"budget": {"rural households": 50}}, ["is 50", "(50 % is 0.5)"]),
        ({"budget": "households", "budget_shares": [0, 0, 0, 1]}, ["contradict each other"]),
        ({"budget_shares": np.eye(4)[:, :2]}, ["say"]),
        ({"budget": ["rural households"], "budget_shares": np.full((4, 1), 0.5)}, ["sum to 2"]),
    ],
)
def test_wrong_budgets_are_refused(options, words):
    if words == ["say"]:
        words = ["who gets how much"]
    refused(words, counterfactual, table(), [kiln()], respend=1, **options)


def test_a_negative_basket_names_category_and_sector():
    y = Y.copy()
    y[0, :2] = [-10, 50]
    z = io_tables.from_arrays(Z, y, sectors=SECTORS, categories=CATEGORIES, units="USD",
                              satellites={"CO2": ([1.0] * 4, "Mt")}, price_basis="current",
                              source="test", scope="direct")  # fmt: skip
    words = ["'rural households' is negative in 'power'", "give budget_shares"]
    refused(words, counterfactual, z, [kiln()], respend=1, budget="households")


def test_households_share_money_by_their_spending_or_as_given():
    run = {"respend": 1.0}
    both = counterfactual(table(), [kiln()], budget="households", **run)
    named = counterfactual(table(), [kiln()], budget=CATEGORIES[:2], **run)
    weights = {"rural households": 145 / 385, "urban households": 240 / 385}
    shared = counterfactual(table(), [kiln()], budget=weights, **run)
    for other in (named, shared):
        np.testing.assert_allclose(both["effect"], other["effect"], rtol=1e-12)
    assert list(both["category"].values) == CATEGORIES[:2]
    joint = Y[:, :2].sum(axis=1) / 385
    one = counterfactual(table(), [kiln()], budget_shares=joint, **run)
    np.testing.assert_allclose(both["effect"], one["effect"], rtol=1e-12)


def test_marginal_budget_shares_by_household():
    shares = pd.DataFrame({c: [0, 0, 0, 1.0] for c in CATEGORIES[:2]}, index=SECTORS)
    result = counterfactual(table(), [kiln()], respend=1, budget="households", budget_shares=shares)
    alike = counterfactual(table(), [kiln()], respend=1, budget_shares=[0, 0, 0, 1])
    np.testing.assert_allclose(result["effect"], alike["effect"], rtol=1e-12)
    turned = shares[CATEGORIES[1::-1]]
    refused(["another order"], counterfactual, table(), [kiln()], respend=1, budget="households",
            budget_shares=turned)  # fmt: skip


def test_household_emissions_count_when_they_change():
    result = counterfactual(table(), [kiln()], household_onsite={"cars": -5.0})
    assert result["total_before"].item() == pytest.approx(760 + 55)
    assert list(result["emitter"].values) == [*SECTORS, "households"]
    assert result["applied_in"].sel(intervention="cars").item() == "households"
    alone = counterfactual(table(), [kiln()])["ner_td"].item()
    assert result["ner_td"].item() == pytest.approx(alone + 5)
    assert "part of totals" in result.attrs["households"]


@pytest.mark.parametrize(
    ("options", "change", "words"),
    [
        ({"households": {}}, -5, ["no direct CO2 of households"]),
        ({}, -56, ["56 Mt less", "emit 55"]),
        ({}, np.nan, ["'cars' is nan"]),
        ({}, "much", ["'cars' is 'much'"]),
    ],
)
def test_wrong_household_changes_are_refused(options, change, words):
    given = {"household_onsite": {"cars": change}}
    refused(words, counterfactual, table(**options), [kiln()], **given)


# Tables of a result


def test_the_emitter_table_has_all_sums():
    result = counterfactual(table(), [kiln(), kiln(name="other")], respend=0.5)
    frame = emitter_table(result)
    assert frame.loc["total", "total"] == pytest.approx(result["effect"].sum().item())
    assert frame.loc["power", "other"] == pytest.approx(
        result["effect"].sel(emitter="power", intervention="other").sum().item()
    )
    assert frame.attrs["units"] == "Mt"
    second = emitter_table(result, ["second_inputs", "second_onsite"])
    assert second.loc["total", "total"] < 0
    refused(["'frist', did you mean 'first'"], emitter_table, result, ["frist"], error=OptionError)


def test_a_boundary_splits_every_effect():
    result = counterfactual(table(), [kiln(), kiln(name="other")], respend=0.5)
    frame = boundary_split(result, ["industry", "power"])
    np.testing.assert_allclose(frame["inside"] + frame["upstream"], frame["total"])
    assert frame["total"].sum() == pytest.approx(result["effect"].sum().item())
    assert frame.loc[("other", "second_onsite"), "upstream"] == 0
    half = boundary_split(result, {"industry": {"power": 0.5}, "other": ["coal"]})
    expected = result["effect"].sel(intervention="industry", order="first", emitter="power") / 2
    assert half.loc[("industry", "first"), "inside"] == pytest.approx(expected.item())
    same = boundary_split(result, {"power": 0.5})
    assert same.loc[("other", "first"), "inside"] == pytest.approx(
        result["effect"].sel(intervention="other", order="first", emitter="power").item() / 2
    )


def test_a_wrong_boundary_is_refused_with_all_problems():
    result = counterfactual(table(), [kiln(), kiln(name="other")])
    wrong = {"industri": ["power"], "other": {"powr": 1, "coal": 3}}
    words = ["'industri', did you mean 'industry'", "'industry' (applied in 'industry') has no",
             "'powr', did you mean 'power'", "share of 'coal' is 3"]  # fmt: skip
    refused(words, boundary_split, result, wrong)
    refused(["['power']"], boundary_split, result, "power", error=ShapeError)


def test_rebound_in_per_cent():
    result = counterfactual(table(), [kiln(rebound=0.25)], respend=0.5)
    frame = rebound_table(result)
    assert frame.loc["total", "per cent"] == pytest.approx(100 * result["rebound_share"].item())
    assert frame.loc["direct", "emissions"] == pytest.approx(result["rebound_direct"].item())
    assert frame.loc[["direct", "re-spending"], "per cent"].sum() == pytest.approx(
        frame.loc["total", "per cent"]
    )
    costly = counterfactual(table(), [Intervention("coal", 1, ict_input={"software": 0.1})])
    assert "per cent" not in rebound_table(costly)


def test_tables_want_one_counterfactual():
    rules = import_sensitivity(table(), [kiln()])
    for show in (emitter_table, rebound_table):
        refused(["select one first"], show, rules, error=ShapeError)
        show(rules.sel(import_rule="competitive"))


# Rules for imports


def test_a_domestic_table_of_another_economy_is_refused():
    own = table().domestic()
    for other, words, error in (
        (table(), ["is competitive"], LabelMismatchError),
        (table(units="USD").domestic(), ["USD"], UnitMismatchError),
        (table(sectors=list("abcd")).domestic(), ["sectors differ"], LabelMismatchError),
    ):
        refused(words, import_sensitivity, table(), [kiln()], domestic=other, error=error)
    assert import_sensitivity(table(), kiln(), domestic=own)["import_rule"].size == 3


def test_domestic_inputs_above_all_inputs_are_refused():
    z = Z.copy()
    z[0, 0], final = 25, np.delete(Y, 3, axis=1)
    final[:, 2] += Y[:, 3]
    final[0, 2] -= 5
    other = io_tables.from_arrays(z, final, sectors=SECTORS, categories=["a", "b", "c"],
                                  units="10^4 CNY", price_basis="x", source="x")  # fmt: skip
    refused(["power -> power"], import_sensitivity, table(), [kiln()], domestic=other)
