"""Covariances from shared sources, found by their keys."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from handprint.errors import CovarianceError, LabelMismatchError, MissingValueError, ShapeError
from handprint.reconcile import reconcile
from handprint.shared_sources import shared_covariance

BELOW = pd.DataFrame(
    {"adoption": [10.0, 5, 0], "kiln": [0.0, 20, 0], "grid": [8.0, 3, -4]},
    index=["power", "industry", "transport"],
)
ABOVE = pd.DataFrame({"grid": [6.0, 2], "table": [15.0, 5], "adoption": [14.0, 4]}, ["all", "ind"])
OWN = pd.Series([25.0, 16], index=["all", "ind"])


def test_only_what_both_sides_rest_on_goes_into_the_cross_covariance():
    found = shared_covariance(BELOW, ABOVE, OWN)
    assert found.shared == ("adoption", "grid")
    assert found.cross_covariance.loc["power", "all"] == 10 * 14 + 8 * 6
    assert found.cross_covariance.loc["transport", "ind"] == -4 * 2
    assert found.covariance.loc["power", "industry"] == 10 * 5 + 8 * 3
    assert found.top_down_covariance.loc["all", "all"] == 6**2 + 15**2 + 14**2 + 25
    assert found.top_down_covariance.loc["all", "ind"] == 6 * 2 + 15 * 5 + 14 * 4


def test_without_shared_keys_the_sides_are_independent():
    found = shared_covariance(BELOW[["kiln"]], ABOVE[["table"]], OWN)
    assert found.shared == ()
    assert not found.cross_covariance.values.any()


def test_own_variances_of_sectors_are_added():
    own = pd.Series([1.0, 2, 3], index=BELOW.index)
    found = shared_covariance(BELOW, ABOVE, OWN, bottom_up_own=own)
    without = shared_covariance(BELOW, ABOVE, OWN)
    np.testing.assert_allclose(found.covariance - without.covariance, np.diag(own), atol=1e-12)


def test_the_outcome_is_that_of_the_joint_distribution():
    """Condition every source on the observed difference, by hand."""
    z, c = np.array([100.0, 200, 50]), np.array([370.0, 190])
    h = pd.DataFrame([[1, 1, 1], [0, 1, 0]], ABOVE.index, BELOW.index)
    parts = shared_covariance(BELOW, ABOVE, OWN)
    found = reconcile(
        pd.Series(z, BELOW.index),
        parts.covariance,
        h,
        pd.Series(c, ABOVE.index),
        parts.top_down_covariance,
        cross_covariance=parts.cross_covariance,
    )
    keys = ["adoption", "kiln", "grid", "table"]
    low = BELOW.reindex(columns=keys, fill_value=0.0).values
    high = ABOVE.reindex(columns=keys, fill_value=0.0).values
    m = np.hstack([high - h.values @ low, np.diag(np.sqrt(OWN))])
    sources = m.T @ np.linalg.solve(m @ m.T, c - h.values @ z)
    np.testing.assert_allclose(found.candidate, z - low @ sources[:4], rtol=1e-9)


def test_a_side_that_takes_all_from_the_other_adds_nothing():
    above = BELOW.copy()
    own = pd.Series([100.0, 400, 25], index=BELOW.index)
    parts = shared_covariance(BELOW, above, own)
    z = pd.Series([100.0, 200, 50], BELOW.index)
    found = reconcile(
        z, parts.covariance, np.eye(3), z + np.array([5.0, -8, 3]), parts.top_down_covariance,
        cross_covariance=parts.cross_covariance,
    )  # fmt: skip
    np.testing.assert_allclose(found.estimate, z, rtol=1e-9)
    assert found.chi2 == pytest.approx(25 / 100 + 64 / 400 + 9 / 25)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"own": OWN[["all"]]}, LabelMismatchError, "own variance: labels differ: missing 'ind'"),
        ({"own": -OWN}, CovarianceError, "own variance of 'all' is -25"),
        ({"own": OWN * np.nan}, MissingValueError, "own variance"),
        ({"own": [25.0, 16]}, ShapeError, "labelled vector"),
        ({"bottom_up": BELOW.values}, ShapeError, "sources meet by their keys"),
        ({"bottom_up": BELOW.mask(BELOW == 20)}, MissingValueError, "industry, kiln"),
        (
            {"top_down": ABOVE.rename(columns={"table": "grid"})},
            LabelMismatchError,
            "labels occur twice: 'grid'",
        ),
        (
            {"bottom_up_own": pd.Series([1.0, 2], index=["power", "industry"])},
            LabelMismatchError,
            "missing 'transport'",
        ),
    ],
)
def test_bad_loadings_are_refused(change, error, words):
    given = {"bottom_up": BELOW, "top_down": ABOVE, "own": OWN}
    with pytest.raises(error, match=words):
        shared_covariance(**(given | change))


def test_named_dims_of_loadings_may_stand_in_any_order():
    turned = xr.DataArray(BELOW, dims=("sector", "source")).T
    found, expected = shared_covariance(turned, ABOVE, OWN), shared_covariance(BELOW, ABOVE, OWN)
    assert found.shared == expected.shared
    pd.testing.assert_frame_equal(found.covariance, expected.covariance, check_names=False)
