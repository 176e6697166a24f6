"""Sweeps: all kinds of blocks equal fresh solves; batches, memory, progress and years."""

import numpy as np
import pytest

from handprint import progress as progress_module
from handprint import sweep as sweep_module
from handprint.errors import LabelMismatchError, MemoryLimitError, NotProductiveError, ShapeError
from handprint.leontief import Solver
from handprint.sweep import sweep_years

N = 30
RNG = np.random.default_rng(5)
A = RNG.random((N, N)) * 0.5 / N * 2
S, Y = RNG.random((2, N)), RNG.random(N)
KINDS = {
    "cells": ([3, 7, 9], [0, 5]),
    "cells, fewer rows": ([3], [0, 5, 6, 7]),
    "cells, as many rows": ([3, 7], [0, 5]),
    "columns": (None, [4, 8]),
    "rows": ([2, 6], None),
    "a slice of rows": (slice(0, 3), None),
    "everything": (None, None),
}


def drawn(rows, columns, draws=12, seed=0):
    p = np.arange(N)[rows] if isinstance(rows, slice) else rows
    at = np.ix_(range(N) if p is None else p, range(N) if columns is None else columns)
    scale = np.random.default_rng(seed).uniform(-0.9, 0.2, (draws, *A[at].shape))
    return at, scale * A[at]


def fresh(at, deltas):
    made = []
    for delta in deltas:
        a = A.copy()
        a[at] += delta
        made.append(S @ np.linalg.inv(np.eye(N) - a))
    return np.array(made)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_equals_fresh_solves(kind):
    rows, columns = KINDS[kind]
    at, deltas = drawn(rows, columns)
    expected = fresh(at, deltas)
    solver = Solver(A)
    t = solver.sweep(rows, columns, deltas, intensity=S)
    e = solver.sweep(rows, columns, deltas, intensity=S, final_demand=Y)
    np.testing.assert_allclose(t, expected, rtol=1e-10)
    np.testing.assert_allclose(e, expected @ Y, rtol=1e-10)
    assert t.dims == ("draw", "stressor", "sector")
    assert e.dims == ("draw", "stressor")
    assert t.attrs["residual"] < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_batches_do_not_change_the_result(kind, monkeypatch):
    rows, columns = KINDS[kind]
    _, deltas = drawn(rows, columns)
    solver = Solver(A)
    whole = solver.sweep(rows, columns, deltas, intensity=S)
    given = solver.sweep(rows, columns, iter([deltas[:5], deltas[5:]]), intensity=S)
    monkeypatch.setattr(sweep_module, "BATCH", 5)
    parts = solver.sweep(rows, columns, deltas, intensity=S)
    np.testing.assert_allclose(parts, whole, rtol=1e-13)
    np.testing.assert_allclose(given, whole, rtol=1e-13)


@pytest.mark.parametrize("kind", ["cells", "columns"])
def test_an_iterated_base_gives_the_same_sweep(kind):
    rows, columns = KINDS[kind]
    at, deltas = drawn(rows, columns)
    t = Solver(A, method="bicgstab").sweep(rows, columns, deltas, intensity=S)
    np.testing.assert_allclose(t, fresh(at, deltas), rtol=1e-10)
    assert "bicgstab" in t.attrs["method"]


def test_the_method_tells_updates_from_fresh_solves():
    for kind, word in (("cells", "woodbury of rank 2"), ("everything", "lu")):
        rows, columns = KINDS[kind]
        e = Solver(A).sweep(rows, columns, drawn(rows, columns)[1], intensity=S, final_demand=Y)
        assert e.attrs["method"].startswith(word)


def test_a_high_rank_on_a_larger_table_is_solved_anew():
    n = 60
    a = np.random.default_rng(1).random((n, n)) / n
    deltas = np.random.default_rng(2).uniform(-0.5, 0.1, (3, n, n)) * a
    t = Solver(a).sweep(None, None, deltas, intensity=np.ones((1, n)))
    for draw, delta in zip(t.values, deltas, strict=True):
        np.testing.assert_allclose(
            draw, np.ones((1, n)) @ np.linalg.inv(np.eye(n) - a - delta), rtol=1e-10
        )


@pytest.mark.parametrize("kind", KINDS)
def test_unproductive_draws_are_named(kind):
    rows, columns = KINDS[kind]
    _, deltas = drawn(rows, columns)
    deltas[7] += 300.0
    with pytest.raises(NotProductiveError, match="draw 7"):
        Solver(A).sweep(rows, columns, deltas, intensity=S, final_demand=Y)


@pytest.mark.parametrize("kind", KINDS)
def test_a_delta_that_makes_a_coefficient_negative_is_named(kind):
    rows, columns = KINDS[kind]
    _, deltas = drawn(rows, columns)
    deltas[9, 0, 0] = -1.0
    with pytest.raises(NotProductiveError, match="draw 9: the delta takes more"):
        Solver(A).sweep(rows, columns, deltas, intensity=S)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "everything"])
def test_the_bound_of_a_sweep_holds(kind):
    rows, columns = KINDS[kind]
    at, deltas = drawn(rows, columns, draws=1)
    t = Solver(A).sweep(rows, columns, deltas, intensity=S)
    assert np.abs(t.values - fresh(at, deltas)).max() <= t.attrs["error_bound"] < 1e-12


def test_results_that_do_not_fit_are_refused():
    rows, columns = KINDS["cells"]
    _, deltas = drawn(rows, columns, draws=400)
    with pytest.raises(MemoryLimitError, match="final_demand"):
        Solver(A, memory=50_000).sweep(rows, columns, deltas, intensity=S)
    e = Solver(A, memory=50_000).sweep(rows, columns, deltas, intensity=S, final_demand=Y)
    assert e.shape == (400, 2)


def test_no_draws_give_no_totals_but_no_batch_is_refused():
    solver = Solver(A)
    assert solver.sweep([0], [1], np.zeros((0, 1, 1)), intensity=S).shape == (0, 2, N)
    with pytest.raises(ShapeError, match="no batch"):
        solver.sweep([0], [1], iter(()), intensity=S)


def test_progress_is_told():
    seen = []
    _, deltas = drawn([0], [1])
    Solver(A).sweep([0], [1], iter([deltas, deltas]), intensity=S, progress=seen.append)
    assert seen == [12, 24]


def test_a_bar_shows_on_a_terminal_after_a_second(monkeypatch):
    monkeypatch.setattr(progress_module, "PATIENCE", -1.0)
    monkeypatch.setattr(progress_module.sys.stderr, "isatty", lambda: True, raising=False)
    with progress_module.Ticker(total=2) as ticker:
        ticker.done(1)
        assert ticker._bar is not None
    assert ticker._bar.finished or not ticker._bar.live.is_started


def test_years_are_swept_one_by_one():
    solvers = {2020: Solver(A), 2030: Solver(0.9 * A)}
    deltas = np.full((4, 1, 1), 0.01)
    e = sweep_years(solvers, [0], [1], deltas, intensity={2020: S, 2030: 0.5 * S}, final_demand=Y)
    assert e.dims == ("year", "draw", "stressor")
    one = solvers[2030].sweep([0], [1], deltas, intensity=0.5 * S, final_demand=Y)
    np.testing.assert_array_equal(e.sel(year=2030), one)
    with pytest.raises(LabelMismatchError, match="no entry for 2030"):
        sweep_years(solvers, [0], [1], deltas, intensity={2020: S})
    with pytest.raises(LabelMismatchError, match="no year"):
        sweep_years({}, [0], [1], deltas, intensity=S)
