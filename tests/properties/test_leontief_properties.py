"""What must hold for every productive economy."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from handprint.errors import NotProductiveError
from handprint.leontief import Solver

N = 4
coefficients = arrays(float, (N, N), elements=st.floats(0, 0.24))
vectors = arrays(float, N, elements=st.floats(0, 10))
blocks = arrays(float, (3, 2, 2), elements=st.floats(-1, 1))


@settings(deadline=None)
@given(coefficients, vectors, vectors)
def test_both_ways_of_counting_agree(a, s, y):
    """Intensity times output equals multipliers times final demand."""
    solver = Solver(a)
    produced, embodied = s @ solver.output(y).values, solver.multipliers(s).values @ y
    np.testing.assert_allclose(produced, embodied, rtol=1e-10, atol=1e-12)


@settings(deadline=None)
@given(coefficients)
def test_the_inverse_is_the_sum_of_all_rounds(a):
    rounds, power = np.eye(N), a
    for _ in range(12):  # (I + A)(I + A^2)(I + A^4)...: the first 4096 rounds
        rounds, power = rounds + rounds @ power, power @ power
    np.testing.assert_allclose(Solver(a).inverse(), rounds, rtol=1e-9, atol=1e-12)


@settings(deadline=None)
@given(coefficients, blocks, vectors, vectors)
def test_a_sweep_equals_fresh_solves(a, scale, s, y):
    rows, columns = [0, 2], [1, 3]
    deltas = 0.9 * scale * a[np.ix_(rows, columns)] * np.where(scale > 0, 0.1, 1.0)
    solver = Solver(a)
    multipliers = solver.sweep(rows, columns, deltas, intensity=s)
    totals = solver.sweep(rows, columns, deltas, intensity=s, final_demand=y)
    for draw, delta in enumerate(deltas):
        whole = np.zeros((N, N))
        whole[np.ix_(rows, columns)] = delta
        again = solver.updated(whole)
        np.testing.assert_allclose(
            multipliers[draw, 0], again.multipliers(s), rtol=1e-10, atol=1e-10
        )
        np.testing.assert_allclose(
            totals[draw, 0], s @ again.output(y).values, rtol=1e-10, atol=1e-10
        )


@settings(deadline=None)
@given(arrays(float, (3, 3), elements=st.floats(0, 1)))
def test_only_productive_economies_are_accepted(a):
    """For non-negative A that is a spectral radius below one."""
    radius = np.abs(np.linalg.eigvals(a)).max()
    try:
        Solver(a)
    except NotProductiveError:
        assert radius > 1 - 1e-6
    else:
        assert radius < 1 + 1e-6


@settings(deadline=None)
@given(coefficients, blocks)
def test_a_sweep_refuses_exactly_what_a_fresh_solve_refuses(a, scale):
    deltas = np.abs(scale)
    whole = [np.zeros((N, N)) for _ in deltas]
    for w, delta in zip(whole, deltas, strict=True):
        w[np.ix_([0, 2], [1, 2])] = delta
    radii = [np.abs(np.linalg.eigvals(a + w)).max() for w in whole]
    try:
        Solver(a).sweep([0, 2], [1, 2], deltas, intensity=np.ones(N))
    except NotProductiveError:
        assert max(radii) > 1 - 1e-6
    else:
        assert max(radii) < 1 + 1e-6
