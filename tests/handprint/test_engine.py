"""Every way of solving gives the same numbers, says how good they are, and refuses in time."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import io_tables
from handprint import engine as engine_module
from handprint.errors import (
    ConvergenceError,
    MemoryLimitError,
    MethodError,
    NotProductiveError,
    SingularSystemError,
    UnknownSectorError,
)
from handprint.leontief import Solver

METHODS = ["lu", "bj+gmres", "bicgstab", "lu32"]


def economy(n=60, regions=6, seed=0, trade=0.3, level=0.53):
    """Draw skewed flows that are mostly domestic, with idle sectors, and output."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(regions), n // regions)
    a = rng.lognormal(0, 2, (n, n)) * (rng.random((n, n)) < 0.46)
    away = region[:, None] != region
    a[away] *= trade / max(regions - 1, 1)
    idle = rng.random(n) < 0.04
    a[idle], a[:, idle] = 0, 0
    a *= np.clip(rng.normal(level, 0.1, n), 0.1, 0.9) / np.maximum(a.sum(axis=0), 1e-300)
    a[:, idle] = 0
    y = np.where(idle, 0, rng.lognormal(3, 1, n))
    return a, np.linalg.solve(np.eye(n) - a, y), region


def world(n=60, regions=6, **options):
    a, x, region = economy(n, regions, **options)
    names = [f"R{r}" for r in region]
    made = io_tables.from_arrays(
        a * x,
        np.maximum(x - (a * x).sum(axis=1), 0),
        sectors=[f"i{i % (n // regions)}" for i in range(n)],
        regions=names,
        categories=["R0:all"],
        units="USD",
        price_basis="current",
        source="drawn",
        output=x,
        tolerance=1e-6 * x.max(),
    )
    return made, a


def stressors(n, k=3, seed=1):
    return np.random.default_rng(seed).lognormal(0, 2, (k, n))


def exact(a, s):
    return np.linalg.solve((np.eye(len(a)) - a).T, np.atleast_2d(s).T).T


# The same numbers


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_the_same_rows_and_columns(method):
    table, a = world()
    s = stressors(60)
    solver = Solver(table, method=method)
    t = solver.multipliers(s)
    np.testing.assert_allclose(t, exact(a, s), rtol=1e-10)
    assert solver.method.startswith(method)
    assert "residual" in solver.method
    x = solver.output(s.T)
    np.testing.assert_allclose(x, np.linalg.solve(np.eye(60) - a, s.T), rtol=1e-10)


def test_a_table_in_single_precision_is_right_within_its_stated_bound():
    table, a = world()
    s = stressors(60)
    t = Solver(table, method="float32-table").multipliers(s)
    error = np.abs(t.values - exact(a, s)).max()
    assert 1e-12 < error <= t.attrs["error_bound"] < 1e-3


@pytest.mark.parametrize("method", METHODS)
def test_the_bound_holds(method):
    for seed in range(5):
        table, a = world(seed=seed, level=0.7)
        s = stressors(60)
        solver = Solver(table, method=method)
        t, x = solver.multipliers(s), solver.output(s.T)
        error = np.abs(t.values - exact(a, s)).max(axis=1)
        assert (error <= t.attrs["error_bound_by_row"]).all()
        assert (
            np.abs(x.values - np.linalg.solve(np.eye(60) - a, s.T)).max() <= x.attrs["error_bound"]
        )


def test_the_choice_follows_size_and_question():
    table, a = world(480, 12)
    solver = Solver(table)
    assert solver.method == "bj+gmres"
    s = stressors(480, 20)
    np.testing.assert_allclose(solver.multipliers(s[:2]), exact(a, s[:2]), rtol=1e-10)
    assert solver.method.startswith("bj+gmres: ")
    solver.multipliers(s)  # more than n / 30 rows
    assert solver.method.startswith("lu: ")
    plain = Solver(a)
    np.testing.assert_allclose(plain.multipliers(s[:2]), exact(a, s[:2]), rtol=1e-10)
    assert plain.method.startswith("bicgstab: ")


def test_regions_come_from_a_coordinate_or_from_the_levels_of_a_frame():
    _, a = world()
    index = pd.MultiIndex.from_product([[f"R{i}" for i in range(6)], [f"i{i}" for i in range(10)]])
    frame = pd.DataFrame(a, index=index, columns=index)
    array = xr.DataArray(
        a,
        coords={
            "sector": range(60),
            "purchaser": range(60),
            "region": ("sector", [0] * 30 + [1] * 30),
        },
        dims=("sector", "purchaser"),
    )
    for source in (frame, array):
        t = Solver(source, method="bj+gmres").multipliers(np.ones(60))
        np.testing.assert_allclose(t, exact(a, np.ones(60))[0], rtol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_results_do_not_depend_on_the_order_of_sectors(method):
    a, _, region = economy()
    s = stressors(60)
    order = np.random.default_rng(3).permutation(60)

    def solved(at):
        array = xr.DataArray(
            a[np.ix_(at, at)],
            coords={"sector": at, "purchaser": at, "region": ("sector", region[at])},
            dims=("sector", "purchaser"),
        )
        return Solver(array, method=method).multipliers(s[:, at]).values

    np.testing.assert_allclose(solved(order), solved(np.arange(60))[:, order], rtol=1e-12)


def test_results_do_not_depend_on_the_number_of_threads():
    program = (
        "import sys, numpy as np; sys.path.insert(0, sys.argv[1])\n"
        "from test_engine import stressors, world\n"
        "from handprint.leontief import Solver\n"
        "t = Solver(world(420, 7)[0]).multipliers(stressors(420))\n"
        "print(' '.join(repr(float(v)) for v in t.values[:, ::7].ravel()))\n"
    )

    def run(threads):
        made = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        return np.array([float(v) for v in made.stdout.split()])

    np.testing.assert_allclose(run("1"), run("2"), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "regions", "k"), [(1000, 20, 5), (2464, 44, 5), (2464, 44, 50)])
@pytest.mark.parametrize("method", [None, "lu", "bj+gmres", "bicgstab", "lu32"])
def test_elements_are_right_to_ten_digits_on_large_tables(n, regions, k, method):
    table, a = world(n, regions)
    s = stressors(n, k)
    expected = exact(a, s)
    np.testing.assert_allclose(Solver(table, method=method).multipliers(s), expected, rtol=1e-10)


# Parts of the inverse


def test_rows_and_columns_of_the_inverse_are_parts_of_it():
    table, a = world()
    solver = Solver(table, method="bj+gmres")
    whole = solver.inverse()
    np.testing.assert_allclose(whole, np.linalg.inv(np.eye(60) - a), rtol=1e-10, atol=1e-14)
    some = [table.sectors[7], table.sectors[41]]
    rows, columns = solver.inverse_rows(some), solver.inverse_columns(some)
    np.testing.assert_allclose(rows, whole.sel(sector=some), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(columns, whole.sel(purchaser=some), rtol=1e-9, atol=1e-12)
    assert columns.dims == ("sector", "purchaser")
    with pytest.raises(UnknownSectorError):
        solver.inverse_rows(["R0:i99"])


# Hard tables


def test_a_column_sum_above_one_is_bounded_by_a_productive_vector():
    a = economy(480, 12)[0]
    a[:, 5] *= 1.02 / a[:, 5].sum()
    t = Solver(a).multipliers(np.ones(480))
    assert t.attrs["bound"] == "residual / productive vector"
    assert np.abs(t.values - exact(a, np.ones(480))[0]).max() <= t.attrs["error_bound"] < 1e-8


@pytest.mark.parametrize("method", [None, *METHODS[:1], "bicgstab", "lu32"])
def test_an_unproductive_economy_is_refused_by_every_method(method):
    a = np.array([[0.5, 0.6, 0], [0.5, 0.5, 0], [0, 0, 0.1]])
    with pytest.raises(NotProductiveError, match="1 "):
        Solver(a, method=method)


def test_a_large_unproductive_economy_is_named():
    a = economy(450)[0]
    a[3, 4], a[4, 3] = 1.1, 1.1
    with pytest.raises(NotProductiveError, match=r"4 \("):
        Solver(a)


@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9, 1e-11, 1e-13, 1e-15])
def test_near_singular_means_right_or_refused(gap):
    a = np.array([[0.5, 0.5 - gap], [0.5, 0.5]])
    truth = np.array([0.5 + 0.5, 0.5 - gap + 0.5]) / (0.5 * gap)  # adjugate over determinant
    try:
        t = Solver(a).multipliers(np.ones(2))
    except SingularSystemError:
        assert gap < 1e-8
    else:
        np.testing.assert_allclose(t, truth, rtol=1e-5)


def test_a_stalled_iteration_ends_in_factors():
    n = 450
    a = np.zeros((n, n))
    a[np.arange(n), np.arange(n) - 1] = 0.97  # a ring: as many rounds as sectors
    solver = Solver(a)
    t = solver.multipliers(np.eye(n)[:2])
    np.testing.assert_allclose(t, exact(a, np.eye(n)[:2]), rtol=1e-9, atol=1e-12)
    assert solver.method.startswith("lu")


def test_a_result_too_large_for_a_number_is_refused():
    with pytest.raises(ConvergenceError, match="too large"):
        Solver([[0.9]]).multipliers([1e308])


def test_zero_rows_and_no_rows_are_answered():
    table, _ = world()
    for method in METHODS:
        solver = Solver(table, method=method)
        assert not solver.multipliers(np.zeros((2, 60))).values.any()
        assert solver.multipliers(np.zeros((0, 60))).shape == (0, 60)


def test_negative_coefficients_are_covered_where_the_supply_chain_fades():
    a, _, _ = economy(450)
    a[0, 1] = -0.001
    t = Solver(a).multipliers(np.ones(450))
    assert np.abs(t.values - exact(a, np.ones(450))[0]).max() <= t.attrs["error_bound"] < 1e-8


# Methods and memory


def test_an_unknown_method_is_answered_with_the_nearest():
    with pytest.raises(MethodError, match="bj\\+gmres"):
        Solver([[0.1]], method="bj-gmres")


def test_blocks_need_regions():
    with pytest.raises(MethodError, match="regions="):
        Solver(economy()[0], method="bj+gmres")


def test_what_does_not_fit_is_refused_with_the_estimate():
    table, _ = world(480, 12)
    with pytest.raises(MemoryLimitError, match="MiB"):
        Solver(table, memory=10_000).multipliers(np.ones(480))
    with pytest.raises(MemoryLimitError, match="inverse_rows"):
        Solver(table, memory=1_000_000).inverse()


def test_short_memory_solves_a_few_rows_at_a_time():
    table, a = world(480, 12)
    s = stressors(480, 12)
    solver = Solver(table, memory=800_000, method="bj+gmres")
    t = solver.multipliers(s)
    np.testing.assert_allclose(t, exact(a, s), rtol=1e-10)
    assert len(t.attrs["error_bound_by_row"]) == 12


def test_short_memory_takes_factors_in_single_precision():
    a = economy(480)[0]
    solver = Solver(a, memory=6 * 480**2)
    np.testing.assert_allclose(
        solver.multipliers(stressors(480, 40)), exact(a, stressors(480, 40)), rtol=1e-10
    )
    assert solver.method.startswith("lu32")


def test_an_interrupt_leaves_the_solver_as_it_was(monkeypatch):
    table, a = world()
    solver = Solver(table, method="bj+gmres")
    before = {k: v for k, v in vars(solver._engine).items() if k not in ("_proofs", "_blocks")}

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(engine_module, "gmres", interrupted)
        with pytest.raises(KeyboardInterrupt):
            solver.multipliers(np.ones(60))
    assert {k: vars(solver._engine)[k] for k in before} == before
    np.testing.assert_allclose(
        solver.multipliers(np.ones(60)), exact(a, np.ones(60))[0], rtol=1e-10
    )


@pytest.mark.parametrize("n", [60, 420])
@pytest.mark.parametrize("side", ["multipliers", "output"])
def test_solves_that_keep_nothing_equal_those_by_what_is_kept(n, side, monkeypatch):
    a, _, _ = economy(n)
    given = np.random.default_rng(1).random((3, n))
    solve = getattr(Solver(a, method="lu"), side)
    found = [solve(given if side == "multipliers" else given.T).values for _ in range(4)]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-12)
    monkeypatch.setattr(engine_module, "ONE_SHOT", 0)
    kept = getattr(Solver(a, method="lu"), side)(given if side == "multipliers" else given.T)
    np.testing.assert_allclose(kept.values, found[0], rtol=1e-12)
    assert kept.attrs["method"] == "lu"
