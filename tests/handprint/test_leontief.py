"""The engine: labels decide, trouble is named, a sweep equals fresh solves."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import io_tables
from handprint import accounts
from handprint.errors import (
    LabelMismatchError,
    LedgerError,
    MissingSatelliteError,
    MissingValueError,
    NotProductiveError,
    ScopeError,
    SectorOutputError,
    ShapeError,
    SingularSystemError,
    UnknownSectorError,
)
from handprint.leontief import Solver, intensity, ledger, multiplier_matrix, technical_coefficients

A = np.array([[0.1, 0.3, 0.0], [0.2, 0.1, 0.4], [0.0, 0.2, 0.1]])
NAMES = ["farm", "mill", "shop"]


def frame(a=A, names=NAMES):
    return pd.DataFrame(a, index=names, columns=names)


def table(z, y, emissions, scope="direct", **options):
    names = [f"s{i}" for i in range(len(y))]
    return io_tables.from_arrays(
        z,
        y,
        sectors=names,
        satellites={"CO2": (emissions, "Mt")},
        units="10^4 CNY",
        price_basis="current",
        source="test",
        scope=scope,
        **options,
    )


IDLE = table([[10, 5, 0], [5, 5, 0], [0, 0, 0]], [85, 40, 0], [8, 2, 3])


# Solver: what comes in


def test_all_containers_give_the_same_solution():
    labelled = xr.DataArray(A, coords={"sector": NAMES, "purchaser": NAMES})
    expected = np.linalg.inv(np.eye(3) - A)
    for source in (A, A.tolist(), frame(), labelled, labelled.T):
        np.testing.assert_allclose(Solver(source).inverse(), expected, rtol=1e-12)


def test_the_solver_does_not_change_its_input():
    a = A.copy()
    Solver(a).updated(np.full((3, 3), 0.01))
    np.testing.assert_array_equal(a, A)


def test_results_carry_labels_and_units():
    s = xr.DataArray(
        [[1.0, 2, 3]], coords={"gas": ["CO2"], "sector": NAMES}, attrs={"units": "Mt/USD"}
    )
    m = Solver(frame()).multipliers(s)
    assert m.dims == ("gas", "sector")
    assert list(m["sector"].values) == NAMES
    assert m.attrs["units"] == "Mt/USD"


def test_transposed_intensity_is_recognised_by_its_dims():
    s = xr.DataArray([[1.0, 2, 3]], coords={"gas": ["CO2"], "sector": NAMES})
    solver = Solver(frame())
    xr.testing.assert_equal(solver.multipliers(s), solver.multipliers(s.T))


def test_multipliers_of_one_stressor_are_a_vector():
    assert Solver(A).multipliers([1, 2, 3]).dims == ("sector",)


def test_output_of_several_demands_keeps_their_labels():
    y = pd.DataFrame([[1, 2], [3, 4], [5, 6]], index=NAMES, columns=["homes", "exports"])
    x = Solver(frame()).output(y)
    assert x.dims == ("sector", "category")
    assert list(x["category"].values) == ["homes", "exports"]
    np.testing.assert_allclose(x - A @ x.values, y, rtol=1e-12)


def test_region_and_sector_levels_are_joined():
    index = pd.MultiIndex.from_product([["CN"], NAMES])
    assert Solver(frame(names=index)).sectors == ["CN:farm", "CN:mill", "CN:shop"]


def test_one_factorisation_is_the_method():
    assert Solver(A).method == "lu"


def test_update_is_a_new_solver():
    base = Solver(frame())
    changed = base.updated(np.diag([0.05, 0, 0]))
    np.testing.assert_allclose(
        changed.inverse(), np.linalg.inv(np.eye(3) - A - np.diag([0.05, 0, 0])), rtol=1e-12
    )
    np.testing.assert_allclose(base.inverse(), np.linalg.inv(np.eye(3) - A), rtol=1e-12)


# Solver: bad input, one row each

HOLE = A.copy()
HOLE[1, 2] = np.nan
ENDLESS = A.copy()
ENDLESS[0, 1] = np.inf


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        (frame(HOLE), MissingValueError, r"\[mill, shop\]"),
        (ENDLESS, MissingValueError, r"\[0, 1\]"),
        ([["0.1", "x"], ["0", "0"]], MissingValueError, "'x' is not a number"),
        ([[0.1, 0.2], [0.3]], ShapeError, "unequal length"),
        (A[:2], ShapeError, "not square"),
        (A[0], ShapeError, "not square"),
        (np.zeros((0, 0)), ShapeError, "not square"),
        (frame()[["mill", "farm", "shop"]], LabelMismatchError, "another order"),
        (frame(names=["farm", "farm", "shop"]), LabelMismatchError, "'farm'"),
        (
            pd.DataFrame(A, index=NAMES, columns=["farm", "mil", "shop"]),
            LabelMismatchError,
            "missing 'mill'; unknown 'mil' .did you mean 'mill'",
        ),
        (xr.DataArray(A, dims=("row", "column")), ShapeError, "dims"),
        (frame([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 0.1]]), SingularSystemError, "farm"),
        (frame([[0.5, 0.6, 0], [0.5, 0.5, 0], [0, 0, 0.1]]), NotProductiveError, "mill"),
        (frame(np.diag([10, 0.1, 0.1])), NotProductiveError, r"farm \(10.000\)"),
        (
            frame([[0.0, -0.5, 0], [0, 0, 0], [0, 0, 0]]),
            NotProductiveError,
            "negative output of 'farm'",
        ),
    ],
)
def test_bad_coefficients_are_named(source, error, words):
    with pytest.raises(error, match=words):
        Solver(source)


def test_a_column_sum_above_one_is_allowed_when_the_economy_is_productive():
    a = np.array([[0.1, 0.9], [0.1, 0.3]])
    np.testing.assert_allclose(Solver(a).inverse(), np.linalg.inv(np.eye(2) - a))


def test_a_negative_coefficient_is_allowed_when_the_inverse_is_not_negative():
    a = np.array([[0.5, 0.4], [0.4, -0.01]])
    assert Solver(a).inverse().min() > 0


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ([1, 2], ShapeError),
        (np.ones((3, 2)), ShapeError),
        (np.ones((1, 1, 3)), ShapeError),
        ([1, np.nan, 3], MissingValueError),
        (pd.Series([1, 2, 3], index=["mill", "farm", "shop"]), LabelMismatchError),
        (xr.DataArray([1, 2, 3], dims="industry"), ShapeError),
    ],
)
def test_bad_intensities_are_refused(values, error):
    with pytest.raises(error):
        Solver(frame()).multipliers(values)


def test_shuffled_final_demand_is_refused():
    with pytest.raises(LabelMismatchError, match="final demand"):
        Solver(frame()).output(pd.Series([1, 2, 3], index=["shop", "mill", "farm"]))


def test_shuffled_change_is_refused():
    with pytest.raises(LabelMismatchError, match="change of coefficients"):
        Solver(frame()).updated(frame(names=["shop", "mill", "farm"]))


# Sweeps

S = np.array([[1.0, 2, 3], [0.5, 0.1, 0.2]])
Y = np.array([3.0, 2, 1])
DELTAS = np.random.default_rng(1).uniform(-0.1, 0.05, size=(20, 2, 1))


def fresh(delta):
    a = A.copy()
    a[np.ix_([0, 1], [1])] += delta
    return np.linalg.inv(np.eye(3) - a)


def test_sweep_gives_multipliers():
    t = Solver(frame()).sweep(["farm", "mill"], ["mill"], DELTAS, intensity=S)
    assert t.dims == ("draw", "stressor", "sector")
    np.testing.assert_allclose(t, [S @ fresh(d) for d in DELTAS], rtol=1e-10)


def test_sweep_gives_totals():
    e = Solver(frame()).sweep(["farm", "mill"], ["mill"], DELTAS, intensity=S, final_demand=Y)
    assert e.dims == ("draw", "stressor")
    np.testing.assert_allclose(e, [S @ fresh(d) @ Y for d in DELTAS], rtol=1e-10)


def test_sweep_by_position_with_one_stressor_keeps_its_axis():
    e = Solver(A).sweep([0, 1], [1], DELTAS, intensity=S[0], final_demand=Y)
    assert e.shape == (20, 1)


@pytest.mark.parametrize(
    ("rows", "columns", "deltas", "demand", "error", "words"),
    [
        (["farn"], ["mill"], np.zeros((1, 1, 1)), Y, UnknownSectorError, "'farm'"),
        ("farm", ["mill"], np.zeros((1, 1, 1)), Y, ShapeError, "list"),
        ([], ["mill"], np.zeros((1, 0, 1)), Y, LabelMismatchError, "no sector"),
        (["farm", "farm"], ["mill"], np.zeros((1, 2, 1)), Y, LabelMismatchError, "twice"),
        (["farm"], ["mill"], np.zeros((1, 1)), Y, ShapeError, "draw, 1 rows"),
        (["farm"], ["mill"], np.full((1, 1, 1), -0.4), Y, NotProductiveError, "draw 0"),
        (["farm"], ["mill"], [[[0.0]], [[9.0]]], Y, NotProductiveError, "draw 1"),
        (["farm"], ["mill"], np.zeros((1, 1, 1)), np.ones((3, 2)), ShapeError, "sum over"),
    ],
)
def test_bad_sweeps_are_refused(rows, columns, deltas, demand, error, words):
    with pytest.raises(error, match=words):
        Solver(frame()).sweep(rows, columns, deltas, intensity=S, final_demand=demand)


def test_a_singular_draw_is_named():
    with pytest.raises(SingularSystemError, match="draw 1"):
        Solver(np.zeros((1, 1))).sweep([0], [0], [[[0.0]], [[1.0]]], intensity=[1.0])


# Tables and their accounts


def test_a_sector_without_output_and_inputs_has_a_column_of_zeros():
    a = technical_coefficients(IDLE)
    assert (a.sel(purchaser="s2") == 0).all()
    assert a.attrs["units"] == "10^4 CNY/10^4 CNY"


def test_a_sector_without_output_but_inputs_is_named():
    flows = IDLE.transactions.copy(deep=True)
    flows[0, 2] = 5.0
    with pytest.raises(SectorOutputError, match="'s2'"):
        technical_coefficients(exchanged(IDLE, transactions=flows))


def exchanged(table, **arrays):
    """Copy a table and exchange its arrays behind its checks."""
    clone = object.__new__(type(table))
    clone.__dict__.update(table.__dict__, **arrays)
    return clone


def test_intensity_carries_its_unit():
    s = intensity(IDLE, "CO2")
    np.testing.assert_allclose(s, [0.08, 0.04, 0.0])
    assert s.attrs["units"] == "Mt/10^4 CNY"


def test_emissions_on_a_sector_without_output_are_listed_not_lost():
    book = ledger(IDLE, "CO2")
    assert book["not_allocated"].sel(reason="zero output").values.tolist() == [0, 0, 3]
    accounted = book["embodied"].sum() + book["not_allocated"].sum()
    assert accounted.item() == pytest.approx(13, rel=1e-12)


def test_the_gap_of_a_rounded_table_is_listed_not_lost():
    rounded = table([[10, 5], [5, 5]], [85.4, 40], [8, 2], output=[100, 50], tolerance=1.0)
    book = ledger(rounded, "CO2")
    unbalanced = book["not_allocated"].sel(reason="unbalanced row")
    assert unbalanced.sum().item() < 0
    assert (book["embodied"].sum() + unbalanced.sum()).item() == pytest.approx(10, rel=1e-12)


def test_an_open_ledger_is_refused():
    book = ledger(IDLE, "CO2")
    book["embodied"] = book["embodied"] * 1.001
    with pytest.raises(LedgerError, match="gap"):
        accounts.refuse_open(book)


@pytest.mark.parametrize("function", [intensity, multiplier_matrix, ledger])
def test_purchased_electricity_is_refused(function):
    with pytest.raises(ScopeError, match="count that electricity twice"):
        function(table([[1.0]], [9.0], [1.0], scope="direct+purchased"), "CO2")


def test_an_unknown_satellite_is_answered_with_the_nearest():
    with pytest.raises(MissingSatelliteError, match="'CO2'"):
        intensity(IDLE, "CO2e")


def test_a_table_without_satellites_says_so():
    bare = io_tables.from_arrays(
        [[1.0]], [9.0], sectors=["a"], units="USD", price_basis="current", source="test"
    )
    with pytest.raises(MissingSatelliteError, match="it has none"):
        ledger(bare, "CO2")
