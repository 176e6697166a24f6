"""A sweep of any kind equals fresh solves, and refuses exactly what they refuse."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from handprint.errors import NotProductiveError
from handprint.leontief import Solver

N = 8
coefficients = arrays(float, (N, N), elements=st.floats(0, 0.12))
vectors = arrays(float, N, elements=st.floats(0, 10))
places = st.one_of(st.none(), st.lists(st.integers(0, N - 1), min_size=1, max_size=N, unique=True))


def block(a, rows, columns, seed, low, high):
    at = np.ix_(range(N) if rows is None else rows, range(N) if columns is None else columns)
    return at, np.random.default_rng(seed).uniform(low, high, (3, *a[at].shape))


@settings(deadline=None)
@given(coefficients, places, places, st.integers(0, 99), vectors, vectors)
def test_every_sweep_equals_fresh_solves(a, rows, columns, seed, s, y):
    at, scale = block(a, rows, columns, seed, -0.9, 0.02)
    deltas = scale * a[at]
    solver = Solver(a)
    t = solver.sweep(rows, columns, deltas, intensity=s)
    e = solver.sweep(rows, columns, deltas, intensity=s, final_demand=y)
    for draw, delta in enumerate(deltas):
        whole = np.zeros((N, N))
        whole[at] = delta
        again = solver.updated(whole).multipliers(s)
        np.testing.assert_allclose(t[draw, 0], again, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(e[draw, 0], again.values @ y, rtol=1e-10, atol=1e-10)


@settings(deadline=None)
@given(coefficients, places, places, st.integers(0, 99))
def test_every_sweep_refuses_exactly_what_is_unproductive(a, rows, columns, seed):
    at, deltas = block(a, rows, columns, seed, 0, 0.15)
    radii = []
    for delta in deltas:
        changed = a.copy()
        changed[at] += delta
        radii.append(np.abs(np.linalg.eigvals(changed)).max())
    try:
        Solver(a).sweep(rows, columns, deltas, intensity=np.ones(N), final_demand=np.ones(N))
    except NotProductiveError:
        assert max(radii) > 1 - 1e-6
    else:
        assert max(radii) < 1 + 1e-6
