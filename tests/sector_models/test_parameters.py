"""Draws of a parameter."""

import numpy as np
import pytest

from sector_models import Parameter
from sector_models.parameters import sample


def parameter(low, value, high, distribution="triangular"):
    return Parameter(
        value=value,
        low=low,
        high=high,
        units="1",
        year=2020,
        status="assumption",
        source="assumption",
        distribution=distribution,
    )


@pytest.mark.parametrize(
    ("distribution", "mean"),
    [("triangular", (1 + 2 + 6) / 3), ("pert", (1 + 4 * 2 + 6) / 6), ("uniform", (1 + 6) / 2)],
)
def test_mean_of_each_distribution(distribution, mean):
    draws = sample(parameter(1, 2, 6, distribution), np.random.default_rng(1), 100_000)
    assert draws.mean() == pytest.approx(mean, rel=0.01)
    assert draws.min() >= 1
    assert draws.max() <= 6


def test_triangular_agrees_with_numpy():
    ours = sample(parameter(1, 2, 6), np.random.default_rng(1), 100_000)
    theirs = np.random.default_rng(2).triangular(1, 2, 6, 100_000)
    ranks = [0.01, 0.2, 0.5, 0.9, 0.99]
    np.testing.assert_allclose(np.quantile(ours, ranks), np.quantile(theirs, ranks), rtol=0.02)


@pytest.mark.parametrize("distribution", ["triangular", "pert", "uniform"])
@pytest.mark.parametrize("value", [1, 6])
def test_a_value_at_the_edge_of_its_range(distribution, value):
    draws = sample(parameter(1, value, 6, distribution), np.random.default_rng(1), 1000)
    assert np.isfinite(draws).all()
    assert draws.min() >= 1
    assert draws.max() <= 6


def test_without_a_range_all_draws_are_the_value():
    assert sample(parameter(2, 2, 2), np.random.default_rng(1), 3).tolist() == [2, 2, 2]


@pytest.mark.parametrize("distribution", ["pert", "uniform"])
def test_equal_generators_give_equal_ranks(distribution):
    one = sample(parameter(1, 2, 6), np.random.default_rng(5), 50)
    other = sample(parameter(0, 3, 4, distribution), np.random.default_rng(5), 50)
    assert np.array_equal(one.argsort(), other.argsort())
