"""Paths over years: movement kept, anchors met, years checked."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from handprint.errors import (
    ContradictionError,
    CovarianceError,
    InfeasibleBoundsError,
    LabelMismatchError,
    OptionError,
    ShapeError,
    UnitMismatchError,
    YearsError,
)
from handprint.movement import reconcile_years
from handprint.reconcile import reconcile

YEARS = [2026, 2027, 2028, 2029, 2030]
PATHS = pd.DataFrame(
    [[50.0, 60, 75, 90, 110], [200.0, 190, 185, 170, 160]], ["power", "industry"], YEARS
)
VARIANCE = (0.2 * PATHS) ** 2
TOTAL = [[1, 1]]
END = pd.DataFrame([[300.0]], ["nation"], [2030])


def test_a_single_year_is_a_plain_reconciliation():
    one = PATHS[[2030]]
    found = reconcile_years(one, VARIANCE[[2030]], TOTAL, END, [[400.0]])
    plain = reconcile(one[2030], VARIANCE[2030], TOTAL, [300], [400])
    np.testing.assert_allclose(found.estimate.values[:, 0], plain.estimate, rtol=1e-12)
    assert found.stacked.chi2 == pytest.approx(plain.chi2)


def test_without_movement_and_persistence_other_years_stay():
    found = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[400.0]])
    np.testing.assert_allclose(found.ratio.values[:, :-1], 1.0)
    assert (found.ratio.values[:, -1] > 1).all()


def test_the_objective_is_that_of_generalised_least_squares():
    """Prior, observations and squared changes of the ratio in one least-squares problem."""
    sigma, deviation = 0.05, 20.0
    found = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[deviation**2]], movement=sigma)
    z, n = PATHS.values.ravel(), PATHS.size
    change = np.zeros((8, n))
    for i in range(2):
        for t in range(4):
            change[4 * i + t, 5 * i + t] = -1 / z[5 * i + t]
            change[4 * i + t, 5 * i + t + 1] = 1 / z[5 * i + t + 1]
    total = np.zeros((1, n))
    total[0, [4, 9]] = 1
    rows = np.vstack([np.diag(1 / (0.2 * z)), total / deviation, change / sigma])
    wanted = np.concatenate([np.full(n, 5.0), [300 / deviation], np.zeros(8)])
    solved, *_ = np.linalg.lstsq(rows, wanted, rcond=None)
    np.testing.assert_allclose(found.estimate.values.ravel(), solved, rtol=1e-10)
    spread = np.linalg.inv(rows.T @ rows)
    np.testing.assert_allclose(found.stacked.covariance, spread, rtol=1e-7)
    np.testing.assert_allclose(found.sd.values.ravel(), np.sqrt(np.diag(spread)), rtol=1e-9)


def test_movement_adds_nothing_to_the_test():
    found = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[400.0]], movement=0.05)
    assert found.stacked.degrees_of_freedom == 1
    same = reconcile_years(PATHS, VARIANCE, TOTAL, END * 0 + 270, [[400.0]], movement=0.05)
    assert same.stacked.chi2 == pytest.approx(0, abs=1e-20)


def test_no_movement_at_all_is_a_constant_ratio():
    found = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[400.0]], movement=0)
    ratio = found.ratio.values
    np.testing.assert_allclose(ratio, np.repeat(ratio[:, :1], 5, axis=1), rtol=1e-12)
    assert ratio[1, 0] != pytest.approx(1, abs=1e-3)


def test_errors_with_one_cause_move_the_whole_path():
    found = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[400.0]], persistence=1.0)
    ratio = found.ratio.values
    np.testing.assert_allclose(ratio, np.repeat(ratio[:, -1:], 5, axis=1), rtol=1e-9)
    alone = reconcile(PATHS[2030], VARIANCE[2030], TOTAL, [300], [400])
    np.testing.assert_allclose(found.estimate.values[:, -1], alone.estimate, rtol=1e-9)
    np.testing.assert_allclose(
        found.sd.values[:, -1], np.sqrt(np.diag(alone.covariance)), rtol=1e-9
    )


def test_persistence_is_the_correlation_of_years():
    half = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[400.0]], persistence=0.5)
    v = half.stacked.sides.v
    assert v[0, 1] / np.sqrt(v[0, 0] * v[1, 1]) == pytest.approx(0.5)
    assert v[0, 2] / np.sqrt(v[0, 0] * v[2, 2]) == pytest.approx(0.25)
    assert v[0, 5] == 0


def test_all_forms_of_the_covariance_give_the_same():
    by_year = np.stack([np.diag(VARIANCE[y]) for y in YEARS])
    given = (PATHS, VARIANCE, TOTAL, END, [[400.0]])
    expected = reconcile_years(*given, movement=0.1).estimate
    for other in (by_year, np.diag(VARIANCE.values.ravel())):
        found = reconcile_years(PATHS, other, *given[2:], movement=0.1)
        np.testing.assert_allclose(found.estimate, expected, rtol=1e-10)


def test_not_every_observation_needs_every_year():
    ragged = pd.Series(
        [300.0, 170.0],
        pd.MultiIndex.from_tuples([("nation", 2030), ("industry", 2027)]),
    )
    h = [[1, 1], [0, 1]]
    found = reconcile_years(PATHS, VARIANCE, h, ragged, [400.0, 100], movement=0.05)
    assert found.stacked.top_down["observation"].values.tolist() == ["nation:2030", "industry:2027"]
    assert found.estimate.sel(sector="industry", year=2027) < 190
    assert found.blended
    assert found.estimate.dims == ("sector", "year")


def test_xarray_and_pandas_give_the_same():
    array = xr.DataArray(PATHS, dims=("sector", "year")).assign_attrs(units="Mt CO2")
    found = reconcile_years(array.T, VARIANCE, TOTAL, END, [[400.0]], movement=0.1)
    plain = reconcile_years(PATHS, VARIANCE, TOTAL, END, [[400.0]], movement=0.1)
    np.testing.assert_array_equal(found.estimate, plain.estimate)
    assert found.estimate.attrs["units"] == "Mt CO2"


def test_identities_and_bounds_hold_in_every_year():
    found = reconcile_years(
        PATHS, VARIANCE, TOTAL, END, [[400.0]], movement=0.1,
        exact=([[1, 1]], [[250, 255, 262, 270, 290]]), bounds={"power": (52, 112)},
    )  # fmt: skip
    np.testing.assert_allclose(found.estimate.sum("sector"), [250, 255, 262, 270, 290], rtol=1e-12)
    assert (found.estimate.sel(sector="power") >= 52).all()
    assert (found.estimate.sel(sector="power") <= 112).all()
    assert "power:2026 >= 52" in found.stacked.active_bounds


def test_bounds_by_year():
    cap = np.full((2, 5), 1000.0)
    cap[0, 4] = 100
    found = reconcile_years(
        PATHS, VARIANCE, TOTAL, END, [[400.0]], movement=0.1, bounds=(None, cap)
    )
    assert found.stacked.active_bounds == ("power:2030 <= 100",)
    assert found.estimate.values[0, 4] == 100


def test_a_bound_below_a_hard_anchor_is_refused():
    one = PATHS.loc[["power"]]
    anchor = pd.DataFrame([[100.0]], ["power"], [2028])
    with pytest.raises(InfeasibleBoundsError, match="power:2028 <= 95"):
        reconcile_years(one, one**2, [[1]], anchor, 0, movement=1e-3, bounds=(None, 95))


def test_halves_that_contradict_each_other_are_not_blended():
    found = reconcile_years(PATHS, VARIANCE, TOTAL, END * 3, [[400.0]], movement=0.1)
    assert not found.blended
    assert "not blended" in found.message
    np.testing.assert_array_equal(found.estimate, PATHS)


def test_anchors_that_contradict_a_constant_ratio_are_refused():
    one = PATHS.loc[["power"]]
    anchors = pd.DataFrame([[100.0, 100]], ["power"], [2028, 2030])
    with pytest.raises(ContradictionError):
        reconcile_years(one, one**2, [[1]], anchors, 0, movement=0)


def test_a_path_at_zero_has_a_ratio_of_one_but_no_movement():
    paths = PATHS.copy()
    paths.loc["power", 2026] = 0
    found = reconcile_years(paths, VARIANCE, TOTAL, END, [[400.0]])
    assert found.ratio.values[0, 0] == 1
    with pytest.raises(YearsError, match="'power' in 2026"):
        reconcile_years(paths, VARIANCE, TOTAL, END, [[400.0]], movement=0.1)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"bottom_up": PATHS.drop(columns=2028)}, YearsError, "missing 2028"),
        ({"bottom_up": PATHS[YEARS[::-1]]}, YearsError, "not in order"),
        ({"bottom_up": PATHS.rename(columns={2028: "soon"})}, YearsError, "whole numbers"),
        ({"bottom_up": PATHS.values}, ShapeError, "labels on both axes"),
        ({"top_down": END.rename(columns={2030: 2031})}, YearsError, "2031"),
        ({"top_down": END.values}, ShapeError, "with labels, or a series"),
        ({"top_down": END.loc["nation"]}, ShapeError, r"index \(observation, year\)"),
        ({"top_down": pd.concat([END, END * 2], keys=["a", "b"])}, ShapeError, "2 observations"),
        ({"aggregation": [[1, 1, 1]]}, ShapeError, "need 2 sectors"),
        (
            {"aggregation": pd.DataFrame(TOTAL, columns=["power", "indstry"])},
            LabelMismatchError,
            "did you mean 'industry'",
        ),
        ({"covariance": VARIANCE.iloc[:, 1:]}, ShapeError, r"variances \(2, 5\)"),
        ({"covariance": -VARIANCE}, CovarianceError, "negative"),
        ({"top_down_covariance": [1, 2]}, ShapeError, "top_down_covariance"),
        ({"top_down_covariance": [[-1.0]]}, CovarianceError, "top_down_covariance"),
        ({"movement": -1}, OptionError, "movement"),
        ({"movement": "little"}, OptionError, "movement"),
        ({"persistence": 1.5}, OptionError, "persistence"),
        ({"exact": 3}, ShapeError, "pair"),
        ({"exact": ([[1, 1]], [1, 2, 3])}, ShapeError, r"give \(1\) or \(1, 5\)"),
        ({"bounds": (None, np.ones((2, 4)))}, ShapeError, r"needed \(2, 5\)"),
    ],
)
def test_bad_input_is_refused(change, error, words):
    given = {
        "bottom_up": PATHS,
        "covariance": VARIANCE,
        "aggregation": TOTAL,
        "top_down": END,
        "top_down_covariance": [[400.0]],
    }
    with pytest.raises(error, match=words):
        reconcile_years(**(given | change))


def test_bounds_by_year_meet_by_label():
    cap = PATHS * 0 + 1000.0
    cap.loc["power", 2030] = 100
    expected = {"power:2030 <= 100"}
    given = (PATHS, VARIANCE, TOTAL, END, [[400.0]])
    for side in (cap, xr.DataArray(cap, dims=("sector", "year")).T):
        found = reconcile_years(*given, movement=0.1, bounds=(None, side))
        assert set(found.stacked.active_bounds) == expected
    with pytest.raises(LabelMismatchError, match="another order"):
        reconcile_years(*given, bounds=(None, cap[YEARS[::-1]]))
    with pytest.raises(InfeasibleBoundsError, match="'power:2030': 150 > 100"):
        reconcile_years(*given, bounds=([150, None], cap))


H = pd.DataFrame([[1, 1], [1, 0]], ["nation", "power alone"], ["power", "industry"])
SEEN = pd.DataFrame([[260.0, 300], [55, 120]], ["nation", "power alone"], [2028, 2030])
ERRORS = pd.DataFrame([[400.0, 400], [25, 25]], SEEN.index, SEEN.columns)
LABELLED = {
    "bottom_up": PATHS,
    "covariance": VARIANCE,
    "aggregation": H,
    "top_down": SEEN,
    "top_down_covariance": ERRORS,
}
IDENTITY = pd.DataFrame([[1.0, 1], [0, 1]], ["sum", "one"], ["power", "industry"])
WHOLE = pd.DataFrame(np.diag(VARIANCE.values.ravel()), list("abcdefghij"), list("abcdefghij"))


@pytest.mark.parametrize(
    "change",
    [
        {"covariance": VARIANCE.iloc[::-1]},
        {"covariance": VARIANCE[YEARS[::-1]]},
        {"covariance": VARIANCE.rename(index={"power": "steel"})},
        {"covariance": WHOLE},
        {"covariance": xr.DataArray(
            np.stack([np.diag(VARIANCE[y]) for y in YEARS]),
            {"year": YEARS[::-1]}, ("year", "sector", "sector_other"),
        )},
        {"aggregation": H.iloc[::-1]},
        {"aggregation": H.rename(index={"nation": "world"})},
        {"top_down": SEEN.iloc[::-1]},
        {"top_down_covariance": ERRORS.iloc[::-1]},
        {"top_down_covariance": ERRORS[[2030, 2028]]},
        {"top_down_covariance": pd.DataFrame(np.eye(4), list("abcd"), list("abcd"))},
        {"exact": (IDENTITY, pd.Series([250.0, 100], ["one", "sum"]))},
        {"exact": (IDENTITY.iloc[:1], pd.DataFrame([[1, 2, 3, 4, 5]], ["sum"], YEARS[::-1]))},
    ],
)  # fmt: skip
def test_labels_decide_on_every_axis(change):
    """What stands in another order, or is about something else, is never taken by position."""
    assert reconcile_years(**LABELLED).blended
    with pytest.raises(LabelMismatchError):
        reconcile_years(**(LABELLED | change))


def test_named_dims_may_stand_in_any_order():
    expected = reconcile_years(**LABELLED).estimate
    turned = {
        "covariance": xr.DataArray(VARIANCE, dims=("sector", "year")).T,
        "top_down": xr.DataArray(SEEN, dims=("observation", "year")).T,
        "top_down_covariance": xr.DataArray(ERRORS, dims=("observation", "year")).T,
    }
    np.testing.assert_array_equal(reconcile_years(**(LABELLED | turned)).estimate, expected)


def test_a_series_of_observations_meets_the_rows_by_name():
    rows = [("power alone", 2030), ("nation", 2028), ("nation", 2030), ("power alone", 2028)]
    index = pd.MultiIndex.from_tuples(rows)
    given = {
        "top_down": pd.Series([SEEN.loc[row] for row in rows], index),
        "top_down_covariance": pd.Series([ERRORS.loc[row] for row in rows], index),
    }
    found = reconcile_years(**(LABELLED | given)).estimate
    np.testing.assert_allclose(found, reconcile_years(**LABELLED).estimate, rtol=1e-12)


def test_units_of_both_halves_must_agree():
    path = xr.DataArray(PATHS, dims=("sector", "year"), attrs={"units": "Mt CO2"})
    seen = xr.DataArray(SEEN, dims=("observation", "year"), attrs={"units": "Gt CO2"})
    with pytest.raises(UnitMismatchError, match="Gt CO2"):
        reconcile_years(**(LABELLED | {"bottom_up": path, "top_down": seen}))


def test_identities_with_labels_meet_by_label():
    target = pd.Series([250.0, 150], ["sum", "one"])
    found = reconcile_years(
        **(LABELLED | {"exact": (IDENTITY, target), "top_down_covariance": 1e6 * ERRORS})
    )
    np.testing.assert_allclose(found.stacked.candidate[5:], 150, rtol=1e-9)
