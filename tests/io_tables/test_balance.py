"""RAS and GRAS: worked numbers, properties, and targets that cannot be met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from io_tables import gras, ras
from io_tables.balance import balance
from io_tables.errors import (
    BalanceError,
    ConvergenceError,
    InfeasibleError,
    LabelError,
    MissingValueError,
    TableError,
)

# Junius and Oosterhaven 2003, the example of the GRAS paper
JUNIUS = [[7, 3, 5, -3], [2, 9, 8, 1], [-2, 0, 2, 1]]
ROWS, COLUMNS = [15, 26, -1], [9, 16, 17, -2]
BALANCED = [
    [8.9764, 3.7432, 5.7217, -3.4413],
    [2.7993, 12.2568, 9.9923, 0.9515],
    [-2.7758, 0, 1.2860, 0.4898],
]


def test_gras_case_to_the_printed_digits():
    done = balance(JUNIUS, ROWS, COLUMNS)
    np.testing.assert_allclose(done.matrix, BALANCED, atol=5e-5)
    np.testing.assert_allclose(
        done.row_factors / done.row_factors[0], [1, 1.0915, 0.5619], atol=5e-5
    )
    assert done.report.gap <= 1e-10
    assert done.report.iterations == done.matrix.attrs["iterations"] > 1


def test_ras_by_hand():
    """One step is enough when the matrix is a product of its margins."""
    done = balance([[1, 2], [2, 4]], [10, 20], [12, 18], method="ras")
    assert done.report.iterations <= 2
    np.testing.assert_allclose(done.matrix, [[4, 6], [8, 12]], rtol=1e-12)


def test_cross_ratios_are_kept():
    """RAS keeps a11 a22 / (a12 a21): that defines it."""
    out = ras([[1, 2], [3, 4]], [4, 6], [5, 5]).values
    assert out[0, 0] * out[1, 1] / (out[0, 1] * out[1, 0]) == pytest.approx(4 / 6, rel=1e-9)


def test_labels_go_in_and_out():
    frame = pd.DataFrame([[1.0, 2], [3, 4]], index=["a", "b"], columns=["x", "y"])
    out = ras(frame, pd.Series({"a": 4, "b": 6}), {"x": 5, "y": 5})
    assert out.sel(row="a").sum() == pytest.approx(4)
    table = xr.DataArray(
        [[1.0, 2], [3, 4]],
        coords={"sector": ["a", "b"], "purchaser": ["a", "b"]},
        dims=("sector", "purchaser"),
        attrs={"units": "USD"},
    )
    again = ras(table, [4, 6], [5, 5])
    assert again.dims == table.dims
    assert again.attrs["units"] == "USD"
    assert again.attrs["method"] == "ras"
    np.testing.assert_allclose(again.values, out.values, rtol=1e-14)
    np.testing.assert_array_equal(table.values, [[1, 2], [3, 4]])  # what is given stays


def test_fixed_cells_stay():
    mask = np.array([[True, False], [False, False]])
    out = ras([[1, 2], [3, 4]], [4, 6], [5, 5], fixed=mask).values
    assert out[0, 0] == 1
    np.testing.assert_allclose(out, [[1, 3], [4, 2]], rtol=1e-9)
    known = ras([[1, 2], [3, 4]], [4, 6], [5, 5], fixed={(0, 0): 2.5})
    np.testing.assert_allclose(known, [[2.5, 1.5], [2.5, 3.5]], rtol=1e-9)
    assert known.attrs["fixed"] == 1


def test_a_target_of_zero_empties_a_row():
    done = balance([[1, 1], [1, 1]], [0, 4], [1, 3])
    assert done.matrix.values.tolist() == [[0, 0], [1, 3]]
    assert done.report.emptied == ("row 1",)


def test_over_relaxation_finds_the_same():
    plain, fast = (balance(JUNIUS, ROWS, COLUMNS, relaxation=r) for r in (1.0, 1.2))
    np.testing.assert_allclose(plain.matrix, fast.matrix, atol=1e-8)


def test_many_negative_cells_and_few_give_the_same():
    """Negative cells are kept sparse or full; the answer is one."""
    rng = np.random.default_rng(5)
    small = rng.normal(size=(6, 6)) + 0.5
    out = gras(small, *_margins(small, 0.1, rng))
    big = np.zeros((200, 200))
    big[:6, :6] = small
    big[6:, 6:] = 1.0
    rng = np.random.default_rng(5)
    rng.normal(size=(6, 6))
    u, v = _margins(small, 0.1, rng)
    inside = gras(big, [*u, *[194.0] * 194], [*v, *[194.0] * 194])
    np.testing.assert_allclose(inside.values[:6, :6], out, rtol=1e-7)


def _margins(matrix: np.ndarray, noise: float, rng: np.random.Generator) -> Any:
    """Margins of a matrix whose cells moved but kept their signs."""
    moved = matrix * rng.lognormal(0, noise, matrix.shape)
    return moved.sum(axis=1), moved.sum(axis=0)


cells = st.floats(0.1, 1e3)


# cells a thousand times larger than the others, in opposite corners, need thousands of iterations
@given(
    arrays(float, (4, 5), elements=st.floats(1, 50)),
    arrays(float, (4, 5), elements=st.floats(0.5, 2)),
)
@settings(deadline=None)
def test_margins_are_met_and_zeros_stay(matrix, factors):
    matrix[0, 1] = matrix[2, 3] = 0
    moved = matrix * factors
    out = ras(matrix, moved.sum(axis=1), moved.sum(axis=0)).values
    np.testing.assert_allclose(out.sum(axis=1), moved.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(out.sum(axis=0), moved.sum(axis=0), rtol=1e-9)
    assert out[0, 1] == out[2, 3] == 0
    np.testing.assert_allclose(gras(matrix, moved.sum(axis=1), moved.sum(axis=0)), out, rtol=1e-9)


@given(
    arrays(
        float, (4, 4), elements=st.one_of(st.just(0.0), st.floats(0.1, 10), st.floats(-5, -0.1))
    ),
    arrays(float, (4, 4), elements=st.floats(0.5, 2)),
)
@settings(deadline=None)
def test_signs_are_kept(matrix, factors):
    moved = matrix * factors
    u, v = moved.sum(axis=1), moved.sum(axis=0)
    out = gras(matrix, u, v, tolerance=1e-8).values
    assert ((np.sign(out) == np.sign(matrix)) | (out == 0)).all()
    scale = np.abs(moved).sum() + 1
    np.testing.assert_allclose(out.sum(axis=1), u, atol=1e-6 * scale)
    np.testing.assert_allclose(out.sum(axis=0), v, atol=1e-6 * scale)


@given(arrays(float, (3, 4), elements=cells), st.floats(0.1, 10))
@settings(deadline=None)
def test_its_own_margins_change_nothing_and_scale_scales(matrix, factor):
    u, v = matrix.sum(axis=1), matrix.sum(axis=0)
    np.testing.assert_allclose(ras(matrix, u, v), matrix, rtol=1e-8)
    np.testing.assert_allclose(ras(matrix, u * factor, v * factor), matrix * factor, rtol=1e-8)


TWO = [[1.0, 2.0], [3.0, 4.0]]
FRAME = pd.DataFrame(TWO, index=["a", "b"], columns=["x", "y"])
BAD = {
    "totals differ": (
        TWO,
        [4, 6],
        [5, 6],
        {},
        BalanceError,
        r"sum to 10, column targets to 11.*scal",
    ),
    "zero row": (
        [[0, 0], [1, 1]],
        [1, 1],
        [1, 1],
        {},
        InfeasibleError,
        r"row 1: target is 1, but every",
    ),
    "zero column": (
        [[0, 1], [0, 1]],
        [1, 1],
        [1, 1],
        {},
        InfeasibleError,
        r"column 1: target is 1",
    ),
    "sign": (
        [[1, 2], [3, 4]],
        [-1, 6],
        [2, 3],
        {},
        InfeasibleError,
        r"row 1: target is -1.*no negative",
    ),
    "row emptied by another": (
        [[1, 0], [1, 1]],
        [2, 0],
        [1, 1],
        {},
        InfeasibleError,
        r"column 2: target is 1",
    ),
    "blocks": (
        [[1, 1, 0], [1, 1, 0], [0, 0, 1]],
        [2, 2, 3],
        [2, 3, 2],
        {},
        InfeasibleError,
        r"rows 3 have positive cells only in columns 3; .* for 3, these columns for 2: 1 cannot",
    ),
    "no room": (
        [[1, 0, 0], [1, 0, 0], [1, 1, 1]],
        [3, 3, 1],
        [5, 1, 1],
        {},
        InfeasibleError,
        r"rows 1, 2 have positive cells only in columns 1",
    ),
    "fixed too much": (
        FRAME,
        [4, 6],
        [5, 5],
        {"fixed": {("a", "x"): 4.5}},
        InfeasibleError,
        r"row a: target is -0\.5 \(after fixed cells of 4\.5\)",
    ),
    "negative in ras": (
        JUNIUS,
        ROWS,
        COLUMNS,
        {"method": "ras"},
        TableError,
        r"row 1, column 4: negative",
    ),
    "cells to zero": (
        [[1, 1], [1, 0]],
        [1, 1],
        [1, 1],
        {},
        ConvergenceError,
        r"still miss.*row 1 by",
    ),
    "missing cell": (
        pd.DataFrame([[1, np.nan], [1, 1]], ["a", "b"], ["x", "y"]),
        [1, 1],
        [1, 1],
        {},
        MissingValueError,
        r"row a, column y: value is missing or infinite \(nan\)",
    ),
    "infinite cell": (
        [[1, np.inf], [1, 1]],
        [1, 1],
        [1, 1],
        {},
        MissingValueError,
        r"row 1, column 2",
    ),
    "text": ([[1, "x"], [1, 1]], [1, 1], [1, 1], {}, MissingValueError, r"'x' is not a number"),
    "missing target": (TWO, [4, np.nan], [5, 5], {}, MissingValueError, r"row 2: target is nan"),
    "text target": (TWO, [4, "six"], [5, 5], {}, MissingValueError, r"'six' is not a number"),
    "other labels": (
        FRAME,
        pd.Series({"a": 4, "c": 6}),
        [5, 5],
        {},
        LabelError,
        r"rows.*missing \['b'\]",
    ),
    "shuffled": (FRAME, pd.Series({"b": 6, "a": 4}), [5, 5], {}, LabelError, r"another order"),
    "labels on one side": (
        TWO,
        pd.Series({"a": 4, "b": 6}),
        [5, 5],
        {},
        LabelError,
        r"matrix has none",
    ),
    "too few": (TWO, [10], [5, 5], {}, LabelError, r"rows has shape \(1,\)"),
    "label twice": (
        pd.DataFrame(TWO, ["a", "a"], ["x", "y"]),
        [4, 6],
        [5, 5],
        {},
        LabelError,
        r"'a' occurs twice",
    ),
    "three dimensions": ([[[1]]], [1], [1], {}, LabelError, r"3 dimensions"),
    "mask shape": (TWO, [4, 6], [5, 5], {"fixed": [True]}, LabelError, r"shape \(1,\)"),
    "fixed label": (
        FRAME,
        [4, 6],
        [5, 5],
        {"fixed": {("a", "z"): 1}},
        LabelError,
        r"unknown column 'z'",
    ),
    "fixed text": (
        FRAME,
        [4, 6],
        [5, 5],
        {"fixed": {("a", "x"): "one"}},
        MissingValueError,
        r"'one'",
    ),
    "fixed position": (TWO, [4, 6], [5, 5], {"fixed": {(5, 0): 1}}, LabelError, r"give 0 to 1"),
    "tolerance": (TWO, [4, 6], [5, 5], {"tolerance": 0}, TableError, r"tolerance is 0"),
    "relaxation": (TWO, [4, 6], [5, 5], {"relaxation": 2}, TableError, r"relaxation is 2"),
    "iterations": (TWO, [4, 6], [5, 5], {"max_iterations": 0}, TableError, r"max_iterations is 0"),
    "method": (TWO, [4, 6], [5, 5], {"method": "kras"}, TableError, r"'kras'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    matrix, rows, columns, options, error, place = BAD[case]
    with pytest.raises(error, match=place) as caught:
        balance(matrix, rows, columns, **options)
    assert type(caught.value) is error


def test_feasible_but_out_of_iterations():
    with pytest.raises(ConvergenceError, match="after 3 iterations"):
        ras(TWO, [4, 6], [1, 9], max_iterations=3, tolerance=1e-14)


def test_negative_cells_can_carry_a_block():
    """A negative cell lets a flow back, so that these margins are possible."""
    out = gras([[1, 1, 0], [1, 1, 0], [-1, 0, 1]], [3, 3, 1], [2, 2, 3], tolerance=1e-9).values
    np.testing.assert_allclose(out.sum(axis=1), [3, 3, 1], rtol=1e-8)
    assert out[2, 0] < 0
