"""The split stays exact with capital, households and budgets, and draws agree with single runs."""

import dataclasses

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

import io_tables
from handprint.capital import capital_coefficients
from handprint.counterfactual import Intervention, counterfactual
from handprint.draws import counterfactuals
from handprint.imports import import_sensitivity

N = 4
NAMES = list("abcd")
CATEGORIES = ["rural households", "urban households", "fixed capital", "exports", "imports"]
share = st.floats(0, 1)
few = settings(deadline=None, max_examples=40)


@st.composite
def measures(draw, most=5):
    """Interventions, some tied to fuel, some with capital; ties of one sector agree."""
    found = []
    for k in range(draw(st.integers(0, most))):
        saving = draw(st.dictionaries(st.sampled_from(NAMES), share))
        fuels = dict.fromkeys(saving, 0.2) if draw(st.booleans()) else ()
        found.append(
            Intervention(
                draw(st.sampled_from(NAMES)),
                draw(share),
                saving,
                onsite=0.0 if fuels else draw(st.floats(0.01, 1)),
                ict_input=draw(st.dictionaries(st.sampled_from("cd"), st.floats(0, 0.01))),
                rebound=draw(share),
                name=f"k{k}",
                ict_capital=draw(st.dictionaries(st.sampled_from("cd"), st.floats(0, 0.03))),
                lifetime=draw(st.floats(3, 20)),
                discount=draw(st.sampled_from([0, 0.03, 0.2])),
                fuel_rows=fuels,
            )
        )
    return found


@st.composite
def tables(draw):
    z = draw(arrays(float, (N, N), elements=st.floats(0, 10)))
    y = draw(arrays(float, (N, 5), elements=st.floats(8, 20)))
    y[:, 4] = -draw(arrays(float, N, elements=st.floats(0, 8)))
    x = z.sum(axis=1) + y.sum(axis=1)
    worn = np.minimum(draw(arrays(float, N, elements=st.floats(0.1, 5))), x - z.sum(axis=0))
    worn = np.maximum(worn, 0.0)
    worn[0] += 1e-3
    return io_tables.from_arrays(
        z,
        y,
        sectors=NAMES,
        categories=CATEGORIES,
        satellites={"CO2": (draw(arrays(float, N, elements=st.floats(0, 100))), "Mt")},
        households={"CO2": (50.0, "Mt")},
        value_added=np.stack([worn, x - z.sum(axis=0) - worn]),
        components=["depreciation", "rest"],
        units="USD",
        price_basis="current",
        source="random",
        scope="direct",
    )


@st.composite
def options(draw, table):
    found = {"ict": ["c", "d"], "respend": draw(share)}
    found["budget"] = draw(
        st.sampled_from(
            [
                "final demand",
                "households",
                ["urban households"],
                {CATEGORIES[0]: 0.3, CATEGORIES[1]: 0.7},
            ]
        )
    )
    if draw(st.booleans()):
        found["capital"] = capital_coefficients(table)
    if draw(st.booleans()):
        found["demand_changes"] = {"homes": -draw(arrays(float, N, elements=st.floats(0, 3)))}
    if draw(st.booleans()):
        found["household_onsite"] = {
            draw(st.sampled_from(["homes", "cars"])): draw(st.floats(-50, 9))
        }
    return found


def brute_force(table, some, given):
    """Emissions after interventions, before re-spending, from the formulas."""
    x = table.output.values
    a, s = table.transactions.values / x, table.satellites["CO2"].values / x
    y = table.final_demand.values.sum(axis=1)
    k = np.zeros((N, N))
    if "capital" in given:
        f, d = table.final_demand.values[:, 2], table.primary_inputs.values[0]
        k = np.outer(f / f.sum(), d / x)
        y = y - k @ x
    for change in given.get("demand_changes", {}).values():
        y = y + change
    bought = np.zeros((N, N))
    for one in some:
        j, reach = NAMES.index(one.sector), one.penetration * (1 - one.rebound)
        r, n = one.discount, one.lifetime
        yearly = r / (1 - (1 + r) ** -n) if r else 1 / n
        for name, theta in one.saving.items():
            a[NAMES.index(name), j] *= 1 - theta * reach
        for name, amount in one.ict_input.items():
            bought[NAMES.index(name), j] += amount * one.penetration
        for name, amount in one.ict_capital.items():
            bought[NAMES.index(name), j] += amount * yearly * one.penetration
        fuel = sum(0.2 * theta for theta in one.saving.values())
        s[j] *= 1 - (fuel if one.fuel_rows else one.onsite) * reach
    homes = given.get("household_onsite", {})
    at_home = 50 + sum(homes.values()) if homes else 0
    return s @ np.linalg.solve(np.eye(N) - a - k - bought, y) + at_home


@few
@given(st.data())
def test_the_split_is_exact_under_all_options(data):
    table = data.draw(tables())
    some, given = data.draw(measures()), data.draw(options(table))
    result = counterfactual(table, some, **given)
    size = max(1.0, result["total_before"].item())
    after = brute_force(table, some, given)
    assert result["total_after"].item() == pytest.approx(after, abs=1e-9 * size)
    change = (result["total_after_respending"] - result["total_before"]).item()
    assert result["effect"].sum().item() == pytest.approx(change, abs=1e-9 * size)
    technology = result["effect"].isel(order=slice(0, 3)).sum().item()
    assert technology == pytest.approx(-result["ner_td"].item(), abs=1e-9 * size)
    if "respending_by_category" in result:
        parts = result["respending_by_category"].sum().item()
        assert parts == pytest.approx(result["rebound_respending"].item(), abs=1e-9 * size)
    if "first_from_capital" in result:
        first = result["effect"].sel(order="first").sum("emitter")
        assert (result["first_from_capital"] <= first + 1e-9 * size).all()


@few
@given(st.data())
def test_endogenous_capital_leaves_the_base_as_it_is(data):
    table = data.draw(tables())
    with_capital = counterfactual(table, [], capital=capital_coefficients(table))
    assert with_capital["total_before"].item() == pytest.approx(
        table.satellites["CO2"].sum().item(), rel=1e-9, abs=1e-9
    )
    more = with_capital["multiplier"] - with_capital["multiplier_without_capital"]
    assert (more >= -1e-9 * abs(with_capital["multiplier"]).max()).all()


def parameters(draw, some, count):
    """Draw every parameter of some interventions."""
    k = len(some)
    found = {
        "penetration": draw(arrays(float, (count, k), elements=share)),
        "rebound": draw(arrays(float, (count, k), elements=share)),
        "saving": draw(arrays(float, (count, k, N), elements=share)),
        "ict_input": draw(arrays(float, (count, k, N), elements=st.floats(0, 0.01))),
        "respend": draw(arrays(float, count, elements=share)),
    }
    found["ict_input"][:, :, :2] = 0
    if not any(one.fuel_rows for one in some):
        found["onsite"] = draw(arrays(float, (count, k), elements=st.floats(0.01, 1)))
    kept = draw(st.sets(st.sampled_from(sorted(found)), min_size=1))
    return {name: found[name] for name in found if name in kept}


def with_values(one, k, drawn, d):
    """One intervention with the values of one draw."""
    changed = {n: v[d, k] for n, v in drawn.items() if n in ("penetration", "rebound", "onsite")}
    changed |= {
        n: dict(zip(NAMES, v[d, k], strict=True))
        for n, v in drawn.items()
        if n in ("saving", "ict_input")
    }
    if "ict_input" in changed:
        changed["ict_input"] = {n: v for n, v in changed["ict_input"].items() if n in "cd"}
    return dataclasses.replace(one, **changed)


@few
@given(st.data())
def test_draws_agree_with_single_runs(data):
    table = data.draw(tables())
    some, given = data.draw(measures(most=4)), data.draw(options(table))
    drawn = parameters(data.draw, some, 3)
    many = counterfactuals(table, some, drawn, **given)
    for d in range(3):
        respend = {"respend": drawn["respend"][d]} if "respend" in drawn else {}
        now = [with_values(one, k, drawn, d) for k, one in enumerate(some)]
        one = counterfactual(table, now, **{**given, **respend})
        found, size = many.isel(draw=d), max(1.0, one["total_before"].item())
        np.testing.assert_allclose(found["effect"], one["effect"].sum("emitter"), atol=1e-10 * size)
        for name in one.data_vars:
            if name in many and name not in ("effect", "rebound_share"):
                np.testing.assert_allclose(found[name], one[name], atol=1e-10 * size, err_msg=name)


@few
@given(st.data())
def test_draws_in_batches_are_the_same(data):
    table, some = data.draw(tables()), data.draw(measures(most=3))
    drawn = {"penetration": xr.DataArray(np.linspace(0, 1, 7), dims="draw")}
    whole = counterfactuals(table, some, drawn, ict=["c", "d"], respend=0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("handprint.draws.WORKING", 1)
        single = counterfactuals(table, some, drawn, ict=["c", "d"], respend=0.5)
    xr.testing.assert_allclose(whole, single, rtol=1e-12, atol=1e-12)


@few
@given(st.data())
def test_every_rule_for_imports_has_an_exact_split(data):
    table = data.draw(tables())
    some, given = data.draw(measures(most=3)), data.draw(options(table))
    rules = import_sensitivity(table, some, domestic=table.domestic(), **given)
    size = max(1.0, float(rules["total_before"].max()))
    change = rules["total_after_respending"] - rules["total_before"]
    whole = rules["effect"].sum(["order", "emitter", "intervention"])
    np.testing.assert_allclose(whole, change, atol=1e-9 * size)
    np.testing.assert_allclose(rules["total_before"], rules["total_before"][0], rtol=1e-9)
    plain = counterfactual(table, some, **given)
    assert rules["ner_td_star"][0].item() == plain["ner_td_star"].item()
    given_one, proportional = (rules["effect"].isel(import_rule=i) for i in (2, 1))
    np.testing.assert_allclose(given_one, proportional, atol=1e-10 * size)


@few
@given(st.data())
def test_sectors_in_another_order_give_the_same(data):
    table, some = data.draw(tables()), data.draw(measures(most=3))
    turned = NAMES[::-1]
    other = dataclasses.replace(
        table,
        transactions=table.transactions.sel(sector=turned, purchaser=turned),
        final_demand=table.final_demand.sel(sector=turned),
        output=table.output.sel(sector=turned),
        primary_inputs=table.primary_inputs.sel(sector=turned),
        satellites={"CO2": table.satellites["CO2"].sel(sector=turned)},
    )
    for each in (table, other):
        assert each.sectors in (NAMES, turned)
    given = {"ict": ["c", "d"], "respend": 0.5, "budget": "households"}
    one, two = (
        counterfactual(t, some, capital=capital_coefficients(t), **given) for t in (table, other)
    )
    np.testing.assert_allclose(
        one["effect"].sel(emitter=turned), two["effect"], atol=1e-12 * max(1, one["total_before"])
    )
