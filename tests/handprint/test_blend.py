"""Both halves on one boundary: the test of their agreement, and the blend, by plain formulas."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from handprint.blend import _one, blend, by_model, net_enabled
from handprint.errors import ScenarioError

# 90 % of a normal lie within 1.6449 standard deviations on either side.
SPREAD = 2 * stats.norm.ppf(0.95)
MODELS = ["power", "industry", "transport", "buildings"]


def by_hand(z, v, c, tau):
    """Least squares of METHODS 5.2 with C = V and V_t = V + (tau z)^2: the shared error cancels."""
    s = v + v + np.diag((tau * z) ** 2) - v - v
    gain = (v - v) @ np.linalg.inv(s)
    chi2 = float((c - z) @ np.linalg.inv(s) @ (c - z))
    return z + gain @ (c - z), v - gain @ s @ gain.T, chi2


def sides(results, year, top=None):
    """z, V from corner ranges, and c of one year."""
    net = results.bottom_up["enabled"] - results.bottom_up["rebound"]
    z = {
        e: np.array(
            [
                float(net.sel(year=year, estimate=e).values[results.bottom_up["model"] == m].sum())
                for m in MODELS
            ]
        )
        for e in ("low", "central", "high")
    }
    v = np.diag(((z["high"] - z["low"]) / SPREAD) ** 2)
    top = results.top_down if top is None else top
    c = top["enabled"].sel(year=year, estimate="central", sector=MODELS).values
    return z["central"], v, c


@pytest.mark.parametrize("year", [2021, 2030])
def test_test_and_blend_by_plain_formulas(year, current):
    z, v, c = sides(current, year)
    estimate, covariance, chi2 = by_hand(z, v, c, 0.2)
    found = current.reconciled.sel(year=year)
    np.testing.assert_allclose(found["bottom_up"], z, rtol=1e-12)
    np.testing.assert_allclose(found["top_down"], c, rtol=1e-12)
    assert float(found["chi2"]) == pytest.approx(chi2, rel=1e-6)
    assert float(found["p_value"]) == pytest.approx(stats.chi2.sf(chi2, 4), rel=1e-6)
    assert bool(found["blended"])
    np.testing.assert_allclose(found["estimate"], estimate, rtol=1e-9)
    np.testing.assert_allclose(found["sd"], np.sqrt(np.diag(covariance)), rtol=1e-6)
    np.testing.assert_allclose(found["element_test"], (c - z) / (0.2 * z), rtol=1e-9)
    assert float(found["birge"]) == pytest.approx(np.sqrt(chi2 / 4), rel=1e-6)
    weight = 1 / z**2
    factor = (weight * z * c).sum() / (weight * z * z).sum()
    assert float(found["bias"]) == pytest.approx(factor, rel=0.02)
    assert float(found["bias_sd"]) == pytest.approx(0.1, rel=0.05)


@settings(deadline=None, max_examples=40)
@given(st.floats(1, 100), st.floats(0.5, 1.5), st.floats(0.05, 1), st.floats(0.05, 0.5))
def test_the_estimate_never_lies_outside_both_sides(z, factor, cv, tau):
    """With shared errors in per cent of each side's own value it does: Peelle's puzzle."""
    c = z * factor
    found = _one(np.array([z]), np.array([[(cv * z) ** 2]]), np.array([c]), tau)
    candidate = found.candidate.item()
    assert min(z, c) * (1 - 1e-7) <= candidate <= max(z, c) * (1 + 1e-7)
    assert candidate == pytest.approx(z, rel=1e-6)
    assert found.chi2 == pytest.approx(((c - z) / (tau * z)) ** 2, rel=1e-5, abs=1e-9)


def test_the_average_outside_both_sides_is_gone():
    """z = 16.9, c = 21.7: shares of two amounts gave 9.7."""
    z, c, v, tau = 16.9, 21.7, (0.35 * 16.9) ** 2, 0.2
    d = c / z
    s = v + d * d * v + (tau * c) ** 2 - 2 * d * v
    assert z + (v - d * v) / s * (c - z) < z
    found = _one(np.array([z]), np.array([[v]]), np.array([c]), tau)
    assert found.estimate.item() == pytest.approx(16.9, rel=1e-9)


def test_what_the_run_says_about_independence(current):
    attrs = current.reconciled.attrs
    assert "adds no information" in attrs["independence"]
    assert "10 of 10 years" in attrs["message"]
    assert "estimate is that of the sector models" in attrs["message"]


def test_the_audit_shows_what_lies_where(current):
    text = current.reconciled.attrs["boundary_audit"]
    now = current.top_down.sel(year=2030, estimate="central")
    for model in MODELS:
        change = now["emitters"].sel(sector=model)
        first = str(change.idxmin("emitter").item())
        assert f"outside the boundary {float(now['upstream'].sel(sector=model)):.1f}" in text
        assert f"at {first} {float(change.min()):+.1f}" in text
    both = current.reconciled.sel(year=2030)
    widest = abs(both["top_down"] - both["bottom_up"]).idxmax("sector").item()
    assert text.startswith(f"Mt CO2, 2030: {widest}: ")


def test_a_table_without_error_is_refused(current):
    exact = current.scenario.top_down_error.model_copy(update={"value": 0.0})
    scenario = current.scenario.model_copy(update={"top_down_error": exact})
    with pytest.raises(ScenarioError, match="top_down_error is 0"):
        blend(scenario, current.bottom_up, current.top_down)


@pytest.mark.parametrize("name", ["current", "accelerated"])
def test_the_estimate_never_leaves_both_halves(name, request):
    """A shared error scaled by the ratio of the halves would carry it outside (Peelle's puzzle)."""
    found = request.getfixturevalue(name).reconciled
    ends = np.stack([found["bottom_up"].values, found["top_down"].values])
    assert (found["estimate"] >= ends.min(axis=0) - 1e-9).all()
    assert (found["estimate"] <= ends.max(axis=0) + 1e-9).all()


def test_a_view_that_repeats_the_savings_adds_nothing(current):
    found = current.reconciled
    np.testing.assert_allclose(found["estimate"], found["bottom_up"], rtol=1e-12)
    _, v, _ = sides(current, 2030)
    np.testing.assert_allclose(found["sd"].sel(year=2030), np.sqrt(np.diag(v)), rtol=1e-9)


def test_covariance_comes_from_the_draws(drawn, current):
    year = 2030
    sample = np.random.default_rng(3).normal(size=(4, 500))
    mixed = np.array([[30, 0, 0, 0], [10, 20, 0, 0], [0, 0, 5, 0], [0, 0, 1, 4]]) @ sample
    z, _, c = sides(current, year)
    draws = net_enabled(current.bottom_up).isel(estimate=0, drop=True).expand_dims(draw=500)
    draws = draws.copy(data=np.broadcast_to(mixed.T[:, :, None], draws.shape))
    found = blend(current.scenario, current.bottom_up, current.top_down, draws).sel(year=year)
    estimate, covariance, chi2 = by_hand(z, np.cov(mixed), c, 0.2)
    assert float(found["chi2"]) == pytest.approx(chi2, rel=1e-6)
    np.testing.assert_allclose(found["estimate"], estimate, rtol=1e-9)
    np.testing.assert_allclose(found["sd"], np.sqrt(np.diag(covariance)), rtol=1e-6)
    assert not np.allclose(drawn.reconciled["sd"], current.reconciled["sd"])


def test_halves_that_disagree_are_both_shown_and_not_blended(current):
    top = current.top_down.assign(enabled=4 * current.top_down["enabled"])
    found = blend(current.scenario, current.bottom_up, top)
    for year in found["year"].values:
        now = found.sel(year=year)
        z, v, c = sides(current, year, top)
        _, _, chi2 = by_hand(z, v, c, 0.2)
        assert stats.chi2.sf(chi2, 4) < 0.05
        assert float(now["chi2"]) == pytest.approx(chi2, rel=1e-6)
        assert not bool(now["blended"])
        np.testing.assert_array_equal(now["estimate"], now["bottom_up"])
        np.testing.assert_allclose(now["sd"], np.sqrt(np.diag(v)), rtol=1e-9)
        np.testing.assert_allclose(now["top_down"], c, rtol=1e-12)
    assert "contradict each other in 10 of 10 years" in found.attrs["message"]


def test_nothing_is_blended_where_no_lever_does_anything(frozen):
    assert frozen.reconciled.sizes["year"] == 0
    assert "no lever" in frozen.reconciled.attrs["message"]


def test_the_base_year_has_nothing_to_blend(current):
    assert current.reconciled["year"].values.tolist() == list(range(2021, 2031))


def test_sectors_without_any_effect_are_left_out(current):
    parts = current.bottom_up.copy(deep=True)
    top = current.top_down.copy(deep=True)
    parts["enabled"].loc[{"use_case": parts["model"] == "industry"}] = 0
    parts["rebound"].loc[{"use_case": parts["model"] == "industry"}] = 0
    top["enabled"].loc[{"sector": "industry"}] = 0
    found = blend(current.scenario, parts, top)
    assert found["sector"].values.tolist() == ["power", "transport", "buildings"]
    z, v, c = sides(current, 2030)
    keep = [0, 2, 3]
    _, _, chi2 = by_hand(z[keep], v[np.ix_(keep, keep)], c[keep], 0.2)
    assert float(found["chi2"].sel(year=2030)) == pytest.approx(chi2, rel=1e-6)


def test_levers_are_summed_by_sector_in_order(current):
    enabled = current.bottom_up["enabled"]
    found = by_model(enabled)
    assert found["sector"].values.tolist() == MODELS
    for model in MODELS:
        wanted = enabled.values[current.bottom_up["model"].values == model].sum(axis=0)
        np.testing.assert_allclose(found.sel(sector=model), wanted, rtol=1e-12)
