"""Worked numbers of the reconciliation, METHODS 5.4."""

import numpy as np
import pandas as pd
import pytest

from handprint.hierarchy import reconcile_hierarchy
from handprint.movement import reconcile_years
from handprint.reconcile import reconcile

Z = np.array([900.0, 1200, 500, 300])
V = (np.array([0.25, 0.20, 0.30, 0.30]) * Z) ** 2
TOTAL = np.ones((1, 4))


@pytest.fixture(scope="module")
def result():
    aggregation = [[1, 1, 1, 1], [0, 1, 0, 0]]
    return reconcile(Z, V, aggregation, [2300, 1000], [200**2, 150**2])


def test_independent_observations(result):
    np.testing.assert_allclose(result.estimate, [731.93, 1002.46, 425.30, 273.11], atol=0.005)
    assert result.estimate.sum().item() == pytest.approx(2432.80, abs=0.005)
    deviations = np.sqrt(np.diag(result.covariance))
    np.testing.assert_allclose(deviations, [178.81, 119.48, 137.17, 87.31], atol=0.005)


def test_consistency(result):
    assert result.chi2 == pytest.approx(2.0139, abs=5e-5)
    assert result.p_value == pytest.approx(0.365, abs=5e-4)
    assert result.degrees_of_freedom == 2
    assert result.blended


def test_elements(result):
    d = result.element_tests["d"]
    np.testing.assert_allclose(d, [-1.231, -0.949, -1.231, -1.231], atol=5e-4)


def test_hard_total():
    """Stone: the total holds exactly."""
    result = reconcile(Z, V, TOTAL, 2300, 0)
    np.testing.assert_allclose(result.estimate, [681.20, 951.05, 402.76, 264.99], atol=0.005)
    assert result.estimate.sum().item() == pytest.approx(2300, rel=1e-12)


def test_variances_in_proportion_reproduce_pro_rata():
    result = reconcile(Z, Z, TOTAL, 2300, 0)
    np.testing.assert_allclose(result.candidate, [713.79, 951.72, 396.55, 237.93], atol=0.005)
    np.testing.assert_allclose(result.candidate, Z * 2300 / Z.sum(), rtol=1e-12)


def test_caps():
    """The same with caps on every sector: three of them hold."""
    aggregation = [[1, 1, 1, 1], [0, 1, 0, 0]]
    caps = (1000, 900, 450, 250)
    result = reconcile(Z, V, aggregation, [2300, 1000], [200**2, 150**2], bounds=(None, caps))
    np.testing.assert_allclose(result.estimate, [788.28, 900, 450, 250], atol=0.005)
    assert result.estimate.sum().item() == pytest.approx(2388.28, abs=0.005)
    assert result.active_bounds == ("1 <= 900", "2 <= 450", "3 <= 250")


def test_one_number_on_each_side():
    result = reconcile(2900, 372.6**2, 1, 2300, 200**2)
    assert result.estimate.item() == pytest.approx(2434.21, abs=0.005)
    assert np.sqrt(result.covariance.item()) == pytest.approx(176.22, abs=0.005)
    assert result.chi2 == pytest.approx(2.013, abs=5e-4)
    assert result.p_value == pytest.approx(0.156, abs=5e-4)


def test_mint_gives_the_same(result):
    """Wickramasuriya et al. 2019: z = (S' W^-1 S)^-1 S' W^-1 y, S = [H; I]."""
    h = np.array([[1, 1, 1, 1], [0, 1, 0, 0]])
    s = np.vstack([h, np.eye(4)])
    weight = np.diag(1 / np.concatenate([[200.0**2, 150.0**2], V]))
    seen = np.concatenate([[2300, 1000], Z])
    mint = np.linalg.solve(s.T @ weight @ s, s.T @ weight @ seen)
    np.testing.assert_allclose(result.estimate, mint, rtol=1e-12)


def test_hierarchy_gives_the_same(result):
    """The same two totals as groups of a tree over four leaves."""
    tree = {"total": ["a", "group", "c", "d"], "group": ["b"]}
    given = dict(zip(["total", "group", "a", "b", "c", "d"], [2300, 1000, *Z], strict=True))
    spread = dict(zip(given, [200**2, 150**2, *V], strict=True))
    found = reconcile_hierarchy(given, spread, tree).estimate.sel(node=["a", "b", "c", "d"])
    np.testing.assert_allclose(found, result.estimate, rtol=1e-12)


def test_proportional_denton_runs_straight_between_anchors():
    """Denton 1971: hard anchors, a wide prior and tight movement give straight lines."""
    years = np.arange(2020, 2031)
    path = pd.DataFrame([10 * 1.1 ** (years - 2020)], ["a"], years)
    anchors = pd.Series(
        [1.2 * path.loc["a", 2022], 0.8 * path.loc["a", 2026], 0.9 * path.loc["a", 2028]],
        pd.MultiIndex.from_product([["a"], [2022, 2026, 2028]]),
    )
    found = reconcile_years(path, path**2, [[1]], anchors, 0, movement=1e-4)
    expected = np.interp(years, [2022, 2026, 2028], [1.2, 0.8, 0.9])
    np.testing.assert_allclose(found.ratio.values[0], expected, rtol=1e-6)
