"""What must hold for every pair of estimates."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from handprint.reconcile import reconcile

N = 4
states = arrays(float, N, elements=st.floats(1, 1000))
relative = arrays(float, N, elements=st.floats(0.01, 1))
roots = arrays(float, (N, N), elements=st.floats(-1, 1))
factors = st.floats(0.5, 1.5)
TOTAL = np.ones((1, N))


@settings(deadline=None)
@given(states, relative, factors, st.floats(0.01, 1))
def test_the_candidate_lies_between_the_sides(z, cv, factor, top_cv):
    total = z.sum() * factor
    result = reconcile(z, (cv * z) ** 2, TOTAL, [total], [(top_cv * total) ** 2])
    low, high = sorted([z.sum(), total])
    assert low - 1e-6 <= result.candidate.sum().item() <= high + 1e-6


@settings(deadline=None)
@given(states, relative, roots, factors)
def test_information_never_widens_the_spread(z, cv, root, factor):
    scale = cv * z
    v = np.diag(scale) @ (np.eye(N) + root @ root.T) @ np.diag(scale)
    result = reconcile(z, v, TOTAL, [z.sum() * factor], [z.sum()])
    assert (np.diag(result.candidate_covariance) <= np.diag(v) * (1 + 1e-9)).all()
    assert np.linalg.eigvalsh(result.candidate_covariance)[0] >= -1e-7 * np.abs(v).max()


@settings(deadline=None)
@given(states, relative, factors)
def test_a_hard_total_holds(z, cv, factor):
    total = z.sum() * factor
    candidate = reconcile(z, (cv * z) ** 2, TOTAL, [total], 0).candidate
    np.testing.assert_allclose(candidate.sum(), total, rtol=1e-9)


@settings(deadline=None)
@given(states, relative, factors)
def test_a_contradiction_is_never_blended(z, cv, factor):
    result = reconcile(z, (cv * z) ** 2, TOTAL, [z.sum() * factor], [1.0])
    assert result.blended == (result.p_value >= 0.05)
    kept = result.candidate if result.blended else result.bottom_up
    np.testing.assert_array_equal(result.estimate, kept)


@settings(deadline=None)
@given(states, relative, factors)
def test_units_do_not_matter(z, cv, factor):
    def by(unit):
        v = (cv * z * unit) ** 2
        return reconcile(z * unit, v, TOTAL, [z.sum() * factor * unit], [(10 * unit) ** 2])

    np.testing.assert_allclose(by(1e6).candidate / 1e6, by(1.0).candidate, rtol=1e-8)
