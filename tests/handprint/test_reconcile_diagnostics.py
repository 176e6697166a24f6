"""What lies behind a reconciled number."""

import dataclasses

import numpy as np
import pytest

from handprint.diagnostics import bias, diagnose, information_gain, prior_swap
from handprint.errors import CovarianceError, MissingValueError, OptionError
from handprint.reconcile import reconcile

Z = np.array([100.0, 200, 50])
V = np.array([400.0, 900, 100])
H = np.array([[1.0, 1, 1], [0, 1, 0]])
C = np.array([330.0, 190])
R = np.array([400.0, 225])


@pytest.fixture(scope="module")
def result():
    return reconcile(Z, V, H, C, R)


def test_leaving_out_is_reconciling_without(result):
    shift = result.diagnostics["left_out_shift"]
    for i in range(2):
        j = 1 - i
        without = reconcile(Z, V, H[[j]], C[[j]], R[[j]])
        np.testing.assert_allclose(shift[i], without.candidate - result.candidate, atol=1e-10)
        assert result.diagnostics["left_out_p_value"].values[i] == pytest.approx(without.p_value)


def test_without_the_only_observation_the_bottom_up_half_is_left():
    single = reconcile(2900, 372.6**2, 1, 2300, 200**2)
    shift = single.diagnostics["left_out_shift"].item()
    assert single.estimate.item() + shift == pytest.approx(2900)


def test_identities_and_bounds_stay_when_one_is_left_out():
    found = reconcile(Z, V, H, C, R, exact=([[1, -1, 0]], [-90]), bounds=(None, [None, 185, None]))
    left = found.candidate.values + found.diagnostics["left_out_shift"].values
    np.testing.assert_allclose(left[:, 1] - left[:, 0], 90, rtol=1e-12)
    assert (left[:, 1] <= 185).all()


def test_shares_of_the_adjustment(result):
    moved = np.abs(result.candidate.values - Z)
    np.testing.assert_allclose(
        result.diagnostics["adjustment_share"], moved / moved.sum(), rtol=1e-12
    )
    agreed = reconcile(Z, V, [[1, 1, 1]], [350], [400])
    assert not agreed.diagnostics["adjustment_share"].any()


def test_information_gain_is_the_ratio_of_determinants(result):
    """det V_b / det V = det S / det V_t for independent errors."""
    s = H @ np.diag(V) @ H.T + np.diag(R)
    expected = np.log(np.linalg.det(s) / R.prod())
    gain, fixed = information_gain(result)
    assert gain == pytest.approx(expected, rel=1e-9)
    assert fixed == 0
    assert gain == pytest.approx(
        np.log(V.prod() / np.linalg.det(result.covariance.values)), rel=1e-9
    )


def test_a_hard_total_fixes_one_direction():
    gain, fixed = information_gain(reconcile(Z, V, [[1, 1, 1]], 330, 0))
    assert fixed == 1
    assert gain == pytest.approx(0, abs=1e-9)
    assert information_gain(reconcile(Z, [0, 0, 0], [[1, 1, 1]], 350, 0)) == (0.0, 0)


def test_swapping_the_prior_is_reconciling_with_other_deviations(result):
    found = result.diagnostics
    for i, factor in enumerate((0.5, 2.0)):
        other = reconcile(Z, V * factor**2, H, C, R)
        np.testing.assert_allclose(found["swapped"][i], other.candidate, rtol=1e-10)
        assert found["swapped_p_value"].values[i] == pytest.approx(other.p_value)
    assert found["factor"].values.tolist() == [0.5, 2]


def test_a_shared_error_is_swapped_on_both_sides():
    """C = V: the observation is the prior and an error of its own, whatever the prior's spread."""
    shared = reconcile(Z, V, np.eye(3), Z + 1, V + 4.0, cross_covariance=np.diag(V))
    found = prior_swap(shared)
    np.testing.assert_allclose(found["swapped"], [Z, Z], rtol=1e-9)
    np.testing.assert_allclose(found["swapped_p_value"], shared.p_value, rtol=1e-6)


def test_factors_are_checked(result):
    for wrong in (0, -1, float("inf"), "two"):
        with pytest.raises(OptionError, match="factors"):
            diagnose(result, [wrong])


def test_a_factor_that_the_shared_error_has_no_room_for():
    """Half the variance of the observation gone, but all that it shares still there."""
    tight = reconcile(Z, V, [[1, 0, 0]], [101], [100.0], cross_covariance=[[200.0], [0], [0]])
    less = dataclasses.replace(tight, sides=tight.sides._replace(r=tight.sides.r / 2))
    with pytest.raises(CovarianceError, match=r"factor 0\.01"):
        prior_swap(less, [0.01])


def test_bias_of_one_number():
    """c = beta z: the ratio, with the error of both."""
    beta, sd = bias(reconcile(100, 25, 1, 120, 16))
    assert beta == pytest.approx(1.2)
    assert sd == pytest.approx(np.sqrt(1.2**2 * 25 + 16) / 100)


def test_bias_of_several_numbers_lies_between_their_ratios(result):
    beta, sd = bias(result)
    ratios = C / (H @ Z)
    assert ratios.min() < beta < ratios.max()
    x = H @ Z
    weight = np.linalg.inv(H @ np.diag(V) @ H.T + np.diag(R))
    first = x @ weight @ C / (x @ weight @ x)
    weight = np.linalg.inv(first**2 * H @ np.diag(V) @ H.T + np.diag(R))
    assert beta == pytest.approx(x @ weight @ C / (x @ weight @ x))
    assert sd == pytest.approx((x @ weight @ x) ** -0.5)


def test_no_bias_of_nothing():
    zero = reconcile([0.0], [4.0], [1.0], 1.0, 1.0)
    with pytest.raises(MissingValueError, match="zero"):
        bias(zero)
    assert "bias" not in zero.diagnostics
