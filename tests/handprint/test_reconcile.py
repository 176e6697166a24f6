"""Reconciliation: when it blends, what it refuses, how it labels."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from handprint.errors import (
    CovarianceError,
    LabelMismatchError,
    MissingValueError,
    ShapeError,
    UnitMismatchError,
)
from handprint.reconcile import reconcile

SECTORS = ["power", "industry", "transport"]
Z = xr.DataArray([100.0, 200, 50], coords={"sector": SECTORS}, attrs={"units": "Mt CO2"})
V = np.array([400.0, 900, 100])
TOTAL = [[1, 1, 1]]


def test_the_result_carries_labels_and_units():
    result = reconcile(Z, V, TOTAL, [330], [400])
    assert list(result.estimate["sector"].values) == SECTORS
    assert result.estimate.attrs["units"] == "Mt CO2"
    assert result.covariance.dims == ("sector", "sector_other")
    assert result.covariance.attrs["units"] == "(Mt CO2)^2"
    assert list(result.element_tests["sector"].values) == SECTORS


def test_all_containers_give_the_same():
    h = pd.DataFrame(TOTAL, index=["nation"], columns=SECTORS)
    c = pd.Series([330.0], index=["nation"])
    v = pd.DataFrame(np.diag(V), index=SECTORS, columns=SECTORS)
    labelled = reconcile(Z, v, h, c, pd.DataFrame([[400]], index=["nation"], columns=["nation"]))
    plain = reconcile(Z.values, V, [1, 1, 1], 330, 400)
    np.testing.assert_allclose(labelled.estimate, plain.estimate, rtol=1e-14)
    assert list(labelled.top_down["observation"].values) == ["nation"]


def test_labels_of_the_aggregation_name_plain_vectors():
    h = pd.DataFrame(TOTAL, index=["nation"], columns=SECTORS)
    result = reconcile(Z.values, V, h, 330, 400)
    assert list(result.estimate["sector"].values) == SECTORS
    assert list(result.top_down["observation"].values) == ["nation"]


def test_agreement_changes_nothing_but_the_spread():
    result = reconcile(Z, V, TOTAL, [350], [400])
    np.testing.assert_allclose(result.estimate, Z)
    assert (np.diag(result.covariance) < V).all()
    assert result.p_value == 1
    assert result.birge == 0
    np.testing.assert_allclose(result.inflated_covariance, result.covariance)


def test_contradiction_is_not_blended():
    result = reconcile(Z, V, TOTAL, [900], [400])
    assert result.p_value < 0.05
    assert not result.blended
    np.testing.assert_array_equal(result.estimate, Z)
    np.testing.assert_array_equal(result.covariance, np.diag(V))
    assert result.candidate.sum() > 700
    assert "900 against 350" in result.message
    assert "side by side" in result.message
    assert result.element_tests["flag_single"].all()
    assert result.element_tests["flag"].all()


def test_the_birge_ratio_widens_the_spread():
    result = reconcile(Z, V, TOTAL, [300], [400])
    assert result.birge == pytest.approx(np.sqrt(result.chi2))
    np.testing.assert_allclose(
        result.inflated_covariance, result.covariance * result.chi2, rtol=1e-12
    )


def test_sidak_is_stricter_than_a_single_test():
    """sqrt(4.4) lies between 1.96 and the threshold for three tests, 2.39."""
    gap = np.sqrt(4.4 * (V.sum() + 400))
    result = reconcile(Z, V, TOTAL, [350 + gap], [400])
    assert result.element_tests["flag_single"].all()
    assert not result.element_tests["flag"].any()
    assert result.element_tests.attrs["threshold"] == pytest.approx(2.3877, abs=1e-4)


def test_a_sector_that_nothing_observes_is_untested():
    result = reconcile(Z, V, [[1, 1, 0]], [280], [400])
    tests = result.element_tests
    assert tests["tested"].values.tolist() == [True, True, False]
    assert tests["d"].values[2] == 0
    assert not tests["flag"].values[2]
    assert result.estimate.values[2] == 50


def test_a_sector_known_exactly_stays():
    result = reconcile(Z, [400, 0, 100], TOTAL, [340], [400])
    assert result.estimate.values[1] == 200
    assert not result.element_tests["tested"].values[1]


def test_shared_errors_are_those_of_the_joint_distribution():
    """Brute force: condition (e_b, e_t) jointly on c - z_b' H' = e_t - H e_b."""
    rng = np.random.default_rng(5)
    root = rng.normal(size=(5, 5))
    joint = root @ root.T
    v, cross, r = joint[:3, :3], joint[:3, 3:], joint[3:, 3:]
    h = np.array([[1.0, 1, 1], [0, 1, 0]])
    c = h @ Z.values + [0.5, -0.3]
    result = reconcile(Z, v, h, c, r, cross_covariance=cross)
    contrast = np.hstack([-h, np.eye(2)])
    gain = joint @ contrast.T @ np.linalg.inv(contrast @ joint @ contrast.T)
    errors = gain @ (c - h @ Z.values)
    np.testing.assert_allclose(result.candidate, Z - errors[:3], rtol=1e-10)
    left = joint - gain @ contrast @ joint
    np.testing.assert_allclose(result.candidate_covariance, left[:3, :3], atol=1e-10)


def test_identities_hold_exactly():
    result = reconcile(Z, V, TOTAL, [330], [400], exact=([[1, -1, 0]], [-90]))
    assert result.estimate.values[1] - result.estimate.values[0] == pytest.approx(90, rel=1e-12)
    assert result.degrees_of_freedom == 2


def test_a_repeated_identity_does_no_harm():
    once = reconcile(Z, V, TOTAL, [330], [400], exact=([[1, -1, 0]], [-90]))
    twice = reconcile(Z, V, TOTAL, [330], [400], exact=([[1, -1, 0], [2, -2, 0]], [-90, -180]))
    np.testing.assert_allclose(twice.estimate, once.estimate, rtol=1e-10)
    assert twice.chi2 == pytest.approx(once.chi2, rel=1e-9)
    assert twice.degrees_of_freedom == 2


def test_identities_that_contradict_each_other_are_refused():
    with pytest.raises(CovarianceError, match="contradict"):
        reconcile(Z, V, TOTAL, [330], [400], exact=([[1, -1, 0], [1, -1, 0]], [-90, -80]))


def test_an_exact_state_cannot_be_moved_by_an_exact_total():
    with pytest.raises(CovarianceError, match="no variance"):
        reconcile(Z, [0, 0, 0], TOTAL, [330], 0)


def test_observations_that_agree_exactly_leave_nothing_to_test():
    result = reconcile(Z, [0, 0, 0], TOTAL, [350], 0)
    assert result.degrees_of_freedom == 0
    assert result.p_value == 1
    np.testing.assert_array_equal(result.estimate, Z)


SKEW = np.diag(V) + np.array([[0.0, 50, 0], [0, 0, 0], [0, 0, 0]])
IMPOSSIBLE = np.full((3, 3), -0.9) + 1.9 * np.eye(3)
STRAY = np.array([[0.0, 5, 0], [5, 900, 0], [0, 0, 100]])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"covariance": SKEW}, CovarianceError, r"entry \(1, 2\) is 50"),
        ({"covariance": IMPOSSIBLE}, CovarianceError, "not positive semidefinite"),
        ({"covariance": STRAY}, CovarianceError, "not positive semidefinite"),
        ({"covariance": [400, -900, 100]}, CovarianceError, "variance 2 is -900"),
        ({"covariance": V[:2]}, ShapeError, "3 variances"),
        ({"covariance": 400}, ShapeError, "3 variances"),
        ({"covariance": [400, np.nan, 100]}, MissingValueError, r"covariance: .*\[1\]"),
        ({"covariance": pd.Series(V, index=SECTORS[::-1])}, LabelMismatchError, "another order"),
        ({"bottom_up": np.ones((2, 2))}, ShapeError, "one vector"),
        ({"aggregation": [[1, 1]]}, ShapeError, "needed .1, 3."),
        (
            {"aggregation": pd.DataFrame(TOTAL, columns=["power", "industry", "trnsport"])},
            LabelMismatchError,
            "did you mean 'transport'",
        ),
        ({"top_down": []}, ShapeError, "one vector"),
        ({"top_down_covariance": [-1]}, CovarianceError, "top_down_covariance"),
        ({"cross_covariance": [[100.0], [0], [900]]}, CovarianceError, "both sides together"),
        ({"cross_covariance": [[1.0], [0]]}, ShapeError, "cross_covariance"),
        (
            {"top_down": xr.DataArray([330.0], dims="observation", attrs={"units": "kt CO2"})},
            UnitMismatchError,
            "'kt CO2'",
        ),
    ],
)
def test_bad_input_is_refused(change, error, words):
    given = {
        "bottom_up": Z,
        "covariance": V,
        "aggregation": TOTAL,
        "top_down": [330],
        "top_down_covariance": [400],
    }
    with pytest.raises(error, match=words):
        reconcile(**(given | change))


@pytest.mark.parametrize("labels", [None, ["a", "b"]])
def test_identities_may_have_labels(labels):
    rows = pd.DataFrame([[1, 0, 0], [0, 1, 0]], ["a", "b"], SECTORS)
    target = [90.0, 210] if labels is None else pd.Series([90.0, 210], labels)
    found = reconcile(Z, V, TOTAL, [350], [400], exact=(rows, target))
    np.testing.assert_allclose(found.estimate[:2], [90, 210], rtol=1e-12)
    with pytest.raises(LabelMismatchError, match="another order"):
        reconcile(Z, V, TOTAL, [350], [400], exact=(rows, pd.Series([210.0, 90], ["b", "a"])))


@pytest.mark.parametrize("size", [1e100, 1e-100])
def test_the_size_of_the_unit_does_not_matter(size):
    small = reconcile(Z, V, TOTAL, [330], [400])
    found = reconcile(Z * size, V * size**2, TOTAL, [330 * size], [400 * size**2])
    np.testing.assert_allclose(found.estimate / size, small.estimate, rtol=1e-12)


@pytest.mark.parametrize("kind", ["datetime64[D]", "timedelta64[D]", "complex128"])
def test_what_would_turn_into_a_number_is_refused(kind):
    with pytest.raises(MissingValueError, match="where numbers are needed"):
        reconcile(np.array([1, 2, 3]).astype(kind), V, TOTAL, [330], [400])
