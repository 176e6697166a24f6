"""Overlap arithmetic against the worked numbers of METHODS 2.5 and against brute force."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sector_models import joint_saving, lmdi, shapley
from sector_models.abatement import enabling_effect
from sector_models.errors import LabelError, NotANumberError, ParameterError, ValueRangeError

FRACTIONS = [0.20, 0.10, 0.15]


def test_joint_saving_of_methods_2_5():
    assert joint_saving(1000, FRACTIONS) == pytest.approx(388.0)


def test_shapley_of_methods_2_5():
    np.testing.assert_allclose(shapley(1000, FRACTIONS), [176.0, 83.5, 128.5])


def test_lmdi_of_methods_2_5():
    np.testing.assert_allclose(lmdi(1000, FRACTIONS), [176.325, 83.255, 128.420], atol=5e-4)


def test_order_of_introduction_of_methods_2_5():
    left = np.cumprod([1000, 0.8, 0.9])
    np.testing.assert_allclose(left * FRACTIONS, [200, 80, 108])


def test_shapley_is_the_mean_over_all_orders():
    fractions = [0.3, 0.05, 0.6, -0.1, 0.45]
    credit = np.zeros(5)
    for order in itertools.permutations(range(5)):
        left = 1000.0
        for i in order:
            credit[i] += left * fractions[i] / math.factorial(5)
            left *= 1 - fractions[i]
    np.testing.assert_allclose(shapley(1000, fractions), credit, rtol=1e-12)


def test_a_measure_without_effect_gets_exactly_nothing():
    for rule in (lmdi, shapley):
        credit = rule(1000, [0.2, 0.0, 0.15])
        assert credit.values[1] == 0.0
        np.testing.assert_allclose(credit.sum(), joint_saving(1000, [0.2, 0.15]))
        assert rule(1000, [0.0, 0.0]).values.tolist() == [0.0, 0.0]


def test_lmdi_when_a_measure_removes_everything():
    assert lmdi(1000, [1.0, 0.5]).values.tolist() == [1000.0, 0.0]
    assert lmdi(1000, [1.0, 0.5, 1.0]).values.tolist() == [500.0, 0.0, 500.0]


def test_shapley_when_measures_remove_everything():
    np.testing.assert_allclose(shapley(1000, [1.0, 1.0]), [500, 500])
    np.testing.assert_allclose(shapley(1000, [1.0, 0.5]), [750, 250])


def test_one_measure_takes_the_whole_saving():
    assert lmdi(50, [0.4]).item() == pytest.approx(20)
    assert shapley(50, [0.4]).item() == pytest.approx(20)


@pytest.mark.parametrize(
    "fractions",
    [
        {"a": 0.2, "b": 0.1},
        pd.Series([0.2, 0.1], index=pd.Index(["a", "b"], name="use_case")),
        xr.DataArray([0.2, 0.1], dims="use_case", coords={"use_case": ["a", "b"]}),
    ],
)
def test_labels_are_kept(fractions):
    credit = lmdi(100, fractions)
    assert credit["use_case"].values.tolist() == ["a", "b"]
    assert credit.sum().item() == pytest.approx(28)


@pytest.mark.parametrize(
    ("base", "fractions", "error", "words"),
    [
        (1000, [20, 0.1], ValueRangeError, "20 at use_case=0 is outside -1 to 1; for 20 % write"),
        (-1, [0.1], ValueRangeError, "base"),
        (math.nan, [0.1], NotANumberError, "base"),
        ([1, 2], [0.1], ValueRangeError, "base"),
        (1000, [0.1, math.nan], NotANumberError, "fractions"),
        (1000, ["a"], NotANumberError, "'a' is not a number"),
        (1000, [], LabelError, "one per measure"),
        (1000, 0.1, LabelError, "one per measure"),
        (1000, {"a": 0.1, "b": None}, NotANumberError, "fractions"),
    ],
)
@pytest.mark.parametrize("function", [joint_saving, shapley, lmdi])
def test_bad_input(function, base, fractions, error, words):
    with pytest.raises(error) as caught:
        function(base, fractions)
    assert words in str(caught.value)


def effect(fraction, segments, credit="lmdi"):
    cases = [f"case {i}" for i in range(len(fraction))]
    return enabling_effect(
        xr.DataArray([1000.0], dims="year", coords={"year": [2030]}),
        xr.DataArray([0.5] * len(cases), dims="use_case", coords={"use_case": cases}),
        xr.DataArray(
            np.reshape(fraction, (-1, 1)),
            dims=("use_case", "year"),
            coords={"use_case": cases, "year": [2030]},
        ),
        segments,
        credit,
    )


def test_segments_add_up_and_levers_on_one_segment_do_not():
    apart = effect([0.2, 0.1], ["a", "b"])
    np.testing.assert_allclose(apart.values.ravel(), [100, 50])
    together = effect([0.2, 0.1], ["a", "a"])
    assert together.sum().item() == pytest.approx(500 * 0.28)
    np.testing.assert_allclose(effect([0.2, 0.1], ["a", "a"], "shapley").values[:, 0], [95, 45])


def test_unknown_credit_rule():
    with pytest.raises(ParameterError, match="did you mean 'shapley'"):
        effect([0.2], ["a"], "shaply")


def test_one_segment_per_use_case():
    with pytest.raises(LabelError, match="1 segments for 2 use cases"):
        effect([0.2, 0.1], ["a"])
