"""Adoption curves, by arithmetic that can be done by hand."""

import math

import numpy as np
import pytest

from sector_models import adopt
from sector_models.errors import AdoptionError, YearError


def test_linear_is_constant_outside_its_years():
    path = adopt(
        "linear",
        [2018, 2020, 2024, 2030, 2035],
        start=0.1,
        end=0.6,
        first_year=2020,
        last_year=2030,
    )
    np.testing.assert_allclose(path, [0.1, 0.1, 0.3, 0.6, 0.6])


def test_logistic_is_half_way_at_its_midpoint():
    path = adopt("logistic", [2025, 2026], start=0.2, ceiling=0.8, midpoint=2025, speed=math.log(3))
    # one year after the midpoint the odds are 3 to 1
    np.testing.assert_allclose(path, [0.5, 0.2 + 0.6 * 0.75])


def test_logistic_with_a_first_year_leaves_its_start_there():
    path = adopt(
        "logistic",
        [2019, 2020, 2021],
        start=0.1,
        ceiling=0.9,
        midpoint=2020,
        speed=math.log(3),
        first_year=2020,
    )
    # sigma is 1/2 in 2020 and 3/4 in 2021, so half of the way from 2020 on is done
    np.testing.assert_allclose(path, [0.1, 0.1, 0.5])


def test_bass_without_imitation_is_exponential():
    path = adopt("bass", [2019, 2020, 2022], innovation=0.5, imitation=0.0, first_year=2020)
    np.testing.assert_allclose(path, [0, 0, 1 - math.exp(-1)])


def test_bass_by_hand():
    path = adopt("bass", [2021], innovation=0.1, imitation=0.3, first_year=2020, ceiling=0.5).item()
    fading = math.exp(-0.4)
    assert path == pytest.approx(0.5 * (1 - fading) / (1 + 3 * fading))


def test_far_years_do_not_overflow():
    path = adopt("logistic", [1900, 2200], ceiling=1.0, midpoint=2025, speed=50.0)
    assert path.values.tolist() == [0.0, 1.0]


def test_result_says_what_it_is():
    path = adopt("logistic", range(2020, 2023), ceiling=1.0, midpoint=2025, speed=0.5)
    assert path.dims == ("year",)
    assert path.attrs["units"] == "1"
    assert path.attrs["curve"] == "logistic"


@pytest.mark.parametrize(
    ("curve", "parameters", "words"),
    [
        ("logistc", {}, "did you mean 'logistic'"),
        ("linear", {"start": 0, "end": 1, "first_year": 2020}, "needs last_year"),
        (
            "logistic",
            {"ceilling": 1, "midpoint": 2025, "speed": 1},
            "no parameter 'ceilling'; did you mean 'ceiling'",
        ),
        ("logistic", {"ceiling": 80, "midpoint": 2025, "speed": 1}, "for 80 % write 0.8"),
        ("logistic", {"ceiling": 1.2, "midpoint": 2025, "speed": 1}, "ceiling 1.2 is outside"),
        ("logistic", {"ceiling": 1, "midpoint": 25, "speed": 1}, "midpoint 25 is not a year"),
        ("logistic", {"ceiling": 1, "midpoint": 2025, "speed": 0}, "speed 0 must be above zero"),
        (
            "logistic",
            {"ceiling": 0.2, "start": 0.5, "midpoint": 2025, "speed": 1},
            "start 0.5 is above the ceiling 0.2",
        ),
        (
            "logistic",
            {"ceiling": 1, "midpoint": 1990, "speed": 1, "first_year": 2020},
            "the curve is flat there",
        ),
        (
            "linear",
            {"start": 0, "end": 1, "first_year": 2030, "last_year": 2020},
            "must come before last_year",
        ),
        ("linear", {"start": "0", "end": 1, "first_year": 2020, "last_year": 2030}, "start: '0'"),
        ("bass", {"innovation": math.nan, "imitation": 0, "first_year": 2020}, "innovation: nan"),
        ("bass", {"innovation": 0.1, "imitation": -1, "first_year": 2020}, "imitation -1"),
    ],
)
def test_bad_parameters_are_named(curve, parameters, words):
    with pytest.raises(AdoptionError) as caught:
        adopt(curve, [2020], **parameters)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ([], "at least one year"),
        ([2021, 2020], "2020 is out of order"),
        ([2020, 2020], "2020 is given more than once"),
        ([2020.5], "not all whole years"),
        ([math.nan], "not all whole years"),
        (["soon"], "not all numbers"),
        (2020, "not a sequence"),
    ],
)
def test_bad_years_are_named(years, words):
    with pytest.raises(YearError) as caught:
        adopt("logistic", years, ceiling=1.0, midpoint=2025, speed=0.5)
    assert words in str(caught.value)
