"""Bounds: the nearest state within them, what they cost, and what excludes every state."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from handprint.errors import (
    InfeasibleBoundsError,
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


def bounded(bounds, **change):
    given = {"top_down": [330], "top_down_covariance": [400]}
    return reconcile(Z, V, TOTAL, bounds=bounds, **(given | change))


def test_wide_bounds_change_nothing():
    free, held = bounded(None), bounded((0, 1000))
    np.testing.assert_array_equal(held.estimate, free.estimate)
    assert held.active_bounds == ()
    assert not held.bounds["multiplier"].any()
    assert held.bounds.attrs["distance"] == 0


def test_one_cap_by_hand():
    """Held at u, the others move by their covariance with it; the multiplier is the pull."""
    free, held = bounded(None), bounded({"industry": (None, 170)})
    z, v = free.estimate.values, free.covariance.values
    gap = z[1] - 170
    np.testing.assert_allclose(held.estimate, z - v[:, 1] / v[1, 1] * gap, rtol=1e-12)
    assert held.estimate.values[1] == 170
    assert held.active_bounds == ("industry <= 170",)
    assert held.bounds["multiplier"].values[1] == pytest.approx(gap / v[1, 1])
    assert held.bounds["deviations"].values[1] == pytest.approx(gap / np.sqrt(v[1, 1]))
    assert held.bounds.attrs["distance"] == pytest.approx(gap**2 / v[1, 1])
    np.testing.assert_allclose(
        held.covariance, v - np.outer(v[:, 1], v[1]) / v[1, 1], rtol=1e-9, atol=1e-9
    )
    assert held.bounds["multiplier"].attrs["units"] == "1/(Mt CO2)"
    assert "held by the bounds industry <= 170" in held.message


def test_a_cap_far_from_the_evidence_is_a_conflict():
    assert not bounded((None, [None, 180, None])).bounds["conflict"].any()
    held = bounded((None, [None, 60, None]))
    assert held.bounds["conflict"].values.tolist() == [False, True, False]


def test_the_multiplier_is_the_gain_of_relaxing():
    tight, step = bounded((None, 150)), 1e-4
    relaxed = bounded((None, 150 + step))
    gain = (tight.bounds.attrs["distance"] - relaxed.bounds.attrs["distance"]) / step / 2
    assert gain == pytest.approx(float(tight.bounds["multiplier"].sum()), rel=1e-4)


def test_negative_values_stay_unless_a_bound_forbids_them():
    z = Z.copy(data=[-20.0, 200, 50])
    free = reconcile(z, V, TOTAL, [230], [400])
    assert free.estimate.values[0] < 0
    held = reconcile(z, V, TOTAL, [230], [400], bounds=(0, None))
    assert held.estimate.values[0] == 0
    assert held.active_bounds == ("power >= 0",)


@pytest.mark.parametrize(
    "bounds",
    [
        (None, [1000, 170, np.inf]),
        (-np.inf, pd.Series([1000, 170, 1e6], index=SECTORS)),
        (None, xr.DataArray([1000.0, 170, np.inf], coords={"sector": SECTORS})),
        {"industry": (None, 170)},
        [None, [None, 170, None]],
    ],
)
def test_all_forms_of_bounds_give_the_same(bounds):
    np.testing.assert_array_equal(
        bounded(bounds).estimate, bounded((None, [None, 170, None])).estimate
    )


def test_exact_identities_stay_met_within_bounds():
    held = bounded({"power": (None, 90)}, exact=([[1, -1, 0]], [-90]))
    assert held.estimate.values[0] == 90
    assert held.estimate.values[1] == pytest.approx(180, rel=1e-12)


def test_a_hard_total_stays_met_within_bounds():
    held = bounded((None, [95, 190, None]), top_down=[350], top_down_covariance=0)
    assert held.estimate.values.tolist() == pytest.approx([95, 190, 65], rel=1e-12)
    assert held.estimate.sum().item() == pytest.approx(350, rel=1e-12)


def test_the_bottom_up_estimate_is_brought_within_bounds_where_nothing_is_blended():
    held = bounded((None, [None, 180, None]), top_down=[900])
    assert not held.blended
    assert held.estimate.values.tolist() == [100, 180, 50]
    assert held.bottom_up.values.tolist() == [100, 200, 50]
    assert held.covariance.values[1, 1] == 0


def test_bounds_that_exclude_each_other_are_named():
    with pytest.raises(InfeasibleBoundsError) as caught:
        reconcile(Z, V, [[1, 1, 0]], [300], 0, bounds=(None, [100, 150, 20]))
    assert "power <= 100, industry <= 150" in str(caught.value)
    assert "transport" not in str(caught.value)


def test_a_bound_on_what_is_known_exactly_is_refused():
    with pytest.raises(InfeasibleBoundsError, match="industry <= 150"):
        reconcile(Z, [400, 0, 100], TOTAL, [340], [400], bounds=(None, [None, 150, None]))


@pytest.mark.parametrize(
    ("bounds", "error", "words"),
    [
        ((200, 100), InfeasibleBoundsError, "'power': 200 > 100"),
        (3, ShapeError, "the pair"),
        ((1, 2, 3), ShapeError, "the pair"),
        ((None, [1, 2]), ShapeError, "3 values"),
        ((None, [1, np.nan, 2]), MissingValueError, "missing"),
        ((None, -np.inf), MissingValueError, "infinite"),
        ((None, "much"), MissingValueError, "not a number"),
        ({"pwer": (0, 1)}, LabelMismatchError, "did you mean 'power'"),
        ({"power": 3}, ShapeError, "'power'"),
        ((None, pd.Series([1, 2, 3], index=SECTORS[::-1])), LabelMismatchError, "another order"),
        (
            (None, xr.DataArray([1.0, 2, 3], dims="sector", attrs={"units": "kt CO2"})),
            UnitMismatchError,
            "'kt CO2'",
        ),
    ],
)
def test_bad_bounds_are_refused(bounds, error, words):
    with pytest.raises(error, match=words):
        bounded(bounds)


N = 4
states = arrays(float, N, elements=st.floats(-100, 100))
roots = arrays(float, (N, N), elements=st.floats(-1, 1))
caps = arrays(float, N, elements=st.floats(-50, 50))


@settings(deadline=None, max_examples=60)
@given(states, roots, caps, st.floats(1, 50))
def test_the_conditions_of_an_optimum_hold(z, root, low, width):
    """Karush-Kuhn-Tucker: feasible, multipliers of active bounds only, and the right signs."""
    v = np.eye(N) + root @ root.T
    free = reconcile(z, v, np.ones((1, N)), [z.sum()], [1.0])
    held = reconcile(z, v, np.ones((1, N)), [z.sum()], [1.0], bounds=(low, low + width))
    found, b = held.estimate.values, held.bounds
    assert (found >= low).all()
    assert (found <= low + width).all()
    assert (b["multiplier"] >= 0).all()
    signed = b["multiplier"].values * -b["active"].values
    moved = free.covariance.values @ signed
    np.testing.assert_allclose(found - free.estimate, moved, atol=1e-6)
    assert ((b["multiplier"] == 0) | (b["active"] != 0)).all()


def test_an_independent_solver_finds_the_same():
    rng = np.random.default_rng(2)
    root = rng.normal(size=(3, 3))
    v = root @ root.T + np.eye(3)
    free = reconcile(Z, v, TOTAL, [360], [100])
    limits = [(95, 100), (199, 201), (40, 52)]
    held = reconcile(Z, v, TOTAL, [360], [100], bounds=dict(zip(SECTORS, limits, strict=True)))
    weight = np.linalg.inv(free.covariance.values)
    other = minimize(
        lambda x: (x - free.estimate.values) @ weight @ (x - free.estimate.values),
        [97, 200, 45],
        bounds=limits,
        method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10},
    )
    assert held.active_bounds
    np.testing.assert_allclose(held.estimate, other.x, rtol=1e-5)
