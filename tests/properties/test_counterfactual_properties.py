"""The split of a change is exact for every economy and every set of interventions."""

from itertools import permutations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

import io_tables
from handprint.counterfactual import Intervention, counterfactual
from handprint.sharing import shapley_shares

N = 4
NAMES = list("abcd")
share = st.floats(0, 1)
interventions = st.lists(
    st.builds(
        Intervention,
        sector=st.sampled_from(NAMES),
        penetration=share,
        saving=st.dictionaries(st.sampled_from(NAMES), share),
        onsite=share,
        ict_input=st.dictionaries(st.sampled_from("cd"), st.floats(0, 0.01)),
        rebound=share,
    ),
    max_size=6,
)
economies = st.tuples(
    arrays(float, (N, N), elements=st.floats(0, 10)),
    arrays(float, N, elements=st.floats(60, 100)),
    arrays(float, N, elements=st.floats(0, 100)),
)


def table(z, y, e):
    return io_tables.from_arrays(
        z,
        y,
        sectors=NAMES,
        satellites={"CO2": (e, "Mt")},
        units="USD",
        price_basis="current",
        source="random",
        scope="direct",
    )


def brute_force(z, y, e, some):
    """Emissions of the changed economy, from the formulas of METHODS 4.3."""
    x = z.sum(axis=1) + y
    a, s = z / x, e / x
    bought = np.zeros((N, N))
    for one in some:
        j, reach = NAMES.index(one.sector), one.penetration * (1 - one.rebound)
        for name, theta in one.saving.items():
            a[NAMES.index(name), j] *= 1 - theta * reach
        for name, kappa in one.ict_input.items():
            bought[NAMES.index(name), j] += kappa * one.penetration
        s[j] *= 1 - one.onsite * reach
    return s @ np.linalg.solve(np.eye(N) - a - bought, y)


@settings(deadline=None)
@given(economies, interventions, share)
def test_the_parts_add_up_to_the_whole(economy, some, respend):
    result = counterfactual(table(*economy), some, respend=respend, ict=["c", "d"])
    size = max(1.0, economy[2].sum())
    whole = (result["total_after_respending"] - result["total_before"]).item()
    assert result["effect"].sum().item() == pytest.approx(whole, abs=1e-9 * size)
    before_respending = result["effect"].isel(order=slice(0, 3)).sum().item()
    assert before_respending == pytest.approx(-result["ner_td"].item(), abs=1e-9 * size)
    parts = result["cost_saving_by_intervention"].sum().item()
    assert parts == pytest.approx(result["cost_saving"].item(), abs=1e-9 * size)


@settings(deadline=None)
@given(economies, interventions)
def test_the_result_is_that_of_the_changed_economy(economy, some):
    result = counterfactual(table(*economy), some, ict=["c", "d"])
    after = brute_force(*economy, some)
    assert result["total_after"].item() == pytest.approx(after, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(economies, interventions)
def test_bought_ict_adds_and_savings_subtract(economy, some):
    effect = counterfactual(table(*economy), some, ict=["c", "d"])["effect"]
    assert (effect.sel(order="first") >= -1e-9).all()
    assert (effect.sel(order=["second_inputs", "second_onsite"]) <= 1e-9).all()


@settings(deadline=None)
@given(st.lists(share, min_size=1, max_size=6))
def test_shares_add_up_to_the_joint_saving(fractions):
    f = np.array(fractions)
    shares = shapley_shares(f)
    assert shares.sum() == pytest.approx(1 - np.prod(1 - f), abs=1e-12)
    assert (shares <= f + 1e-12).all()
    assert (shares >= -1e-12).all()


@settings(deadline=None)
@given(st.lists(share, min_size=2, max_size=4))
def test_shares_are_the_mean_over_all_orders(fractions):
    f = np.array(fractions)
    orders = list(permutations(range(len(f))))
    mean = np.zeros(len(f))
    for order in orders:
        left = 1.0
        for k in order:
            mean[k] += left * f[k] / len(orders)
            left *= 1 - f[k]
    np.testing.assert_allclose(shapley_shares(f), mean, atol=1e-12)
