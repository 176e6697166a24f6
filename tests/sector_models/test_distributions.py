"""Distributions of parameters: what each promises, whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import integrate, stats

from sector_models import Parameter
from sector_models.estimates import corners, members_of
from sector_models.parameters import quantile

NAMES = ["triangular", "pert", "uniform", "lognormal", "beta"]
RANKS = np.linspace(0, 1, 201)
Z = stats.norm.ppf(0.975)


def parameter(low, value, high, distribution="triangular", shared=None):
    return Parameter(
        value=value, low=low, high=high, units="1", year=2020, status="assumption",
        source="assumption", distribution=distribution, shared=shared,
    )  # fmt: skip


@st.composite
def parameters(draw, names=NAMES, within=(-1e6, 1e6)):
    """A parameter of any distribution that its numbers allow."""
    name = draw(st.sampled_from(names))
    ends = (0.0, 1.0) if name == "beta" else (1e-3, 1e6) if name == "lognormal" else within
    low, value, high = sorted(draw(st.lists(st.floats(*ends), min_size=3, max_size=3)))
    assume(high == low or high - low > 1e-6 * max(abs(low), abs(high)))
    if name == "beta":
        spread = (high - low) / (2 * Z)
        assume(spread == 0 or spread**2 < 0.9 * value * (1 - value))
        assume(0.001 < value < 0.999)
    return parameter(low, value, high, name)


@given(parameters())
def test_values_stay_in_the_range_and_rise_with_the_rank(one):
    found = quantile(one, RANKS)
    slack = 1e-9 * max(abs(one.low), abs(one.high))
    assert np.isfinite(found).all()
    assert found.min() >= one.low - slack
    assert found.max() <= one.high + slack
    assert (np.diff(found) >= -slack).all()


@given(parameters())
def test_the_ends_of_the_ranks_are_the_ends_of_the_range(one):
    ends = quantile(one, np.array([0.0, 1.0]))
    np.testing.assert_allclose(ends, [one.low, one.high], rtol=1e-6, atol=1e-9)


@given(parameters())
def test_central_value_lies_between_the_corners(one):
    low, central, high = corners(one).values
    assert low <= central <= high
    assert central == one.value


@given(st.floats(1e-3, 1e3), st.floats(1.01, 20))
def test_median_of_a_lognormal_is_its_value(value, factor):
    one = parameter(value / factor, value, value * factor, "lognormal")
    assert quantile(one, np.array([0.5]))[0] == pytest.approx(value, rel=1e-9)


def test_lognormal_is_that_of_scipy_between_its_ends():
    one = parameter(0.5, 2.0, 8.0, "lognormal")
    spread = np.log(8.0 / 0.5) / (2 * Z)
    theirs = stats.lognorm(spread, scale=2.0)
    first, last = theirs.cdf([0.5, 8.0])
    wanted = theirs.ppf(first + RANKS * (last - first))
    np.testing.assert_allclose(quantile(one, RANKS), wanted, rtol=1e-9)


@given(st.floats(0.35, 0.65), st.floats(0.005, 0.1))
def test_mean_of_a_beta_is_its_value_where_nothing_is_cut_off(value, spread):
    """Away from 0 and 1 it is nearly even, so that cutting both tails moves the mean little."""
    half = Z * spread
    assume(value - half > 0)
    assume(value + half < 1)
    one = parameter(value - half, value, value + half, "beta")
    middle = (np.arange(4000) + 0.5) / 4000
    assert quantile(one, middle).mean() == pytest.approx(value, abs=0.1 * spread)


def test_beta_is_that_of_scipy_between_its_ends():
    one = parameter(0.1, 0.25, 0.5, "beta")
    size = 0.25 * 0.75 / (0.4 / (2 * Z)) ** 2 - 1
    theirs = stats.beta(0.25 * size, 0.75 * size)
    assert theirs.mean() == pytest.approx(0.25)
    assert theirs.std() == pytest.approx(0.4 / (2 * Z))
    first, last = theirs.cdf([0.1, 0.5])
    wanted = theirs.ppf(first + RANKS * (last - first))
    np.testing.assert_allclose(quantile(one, RANKS), wanted, rtol=1e-9)


@given(parameters(["triangular", "pert", "uniform"], (-1e3, 1e3)))
def test_means_on_paper(one):
    wide = one.high - one.low
    assume(wide > 1e-3)
    found, _ = integrate.quad(
        lambda rank: float(quantile(one, np.array([rank]))[0]), 0, 1, limit=200
    )
    wanted = {
        "triangular": (one.low + one.value + one.high) / 3,
        "pert": (one.low + 4 * one.value + one.high) / 6,
        "uniform": (one.low + one.high) / 2,
    }[one.distribution]
    assert found == pytest.approx(wanted, abs=1e-4 * wide)


@pytest.mark.parametrize("name", NAMES)
def test_no_range_no_spread(name):
    assert (quantile(parameter(0.3, 0.3, 0.3, name), RANKS) == 0.3).all()


@pytest.mark.parametrize(
    ("low", "value", "high", "name", "said"),
    [
        (0.0, 0.5, 1.0, "lognormal", "a lognormal parameter is above zero"),
        (-0.1, 0.5, 0.9, "beta", "lies between 0 and 1"),
        (0.1, 0.5, 1.1, "beta", "lies between 0 and 1"),
        (0.0, 0.001, 1.0, "beta", "no beta distribution has this mean and breadth"),
        (0.3, 0.2, 0.4, "pert", "value 0.2 is outside low 0.3 to 0.4"),
        (0.4, 0.3, 0.2, "uniform", "low 0.4 is above high 0.2"),
    ],
)
def test_impossible_distributions_are_refused(low, value, high, name, said):
    with pytest.raises(ValidationError, match=said):
        parameter(low, value, high, name)


def test_an_unknown_distribution_is_refused():
    with pytest.raises(ValidationError, match="distribution"):
        parameter(0.1, 0.2, 0.3, "gamma")


@given(parameters(), parameters(), st.integers(0, 2**32 - 1))
def test_parameters_with_a_shared_key_are_drawn_at_one_rank(one, other, seed):
    """Monotone in one rank: draws of both rise and fall together, whatever their names."""
    both = [p.model_copy(update={"shared": "grid_factor"}) for p in (one, other)]
    members, _ = members_of(30, seed)
    first, second = (members(p, name).values for p, name in zip(both, "ab", strict=True))
    order = np.argsort(first, kind="stable")
    slack = 1e-9 * max(abs(other.low), abs(other.high))
    steps, ties = np.diff(second[order]), np.diff(first[order]) == 0
    assert (steps[~ties] >= -slack).all()


def test_parameters_without_a_shared_key_are_drawn_apart():
    members, _ = members_of(2000, 1)
    one = parameter(0.0, 0.5, 1.0)
    first, second = members(one, "a").values, members(one, "b").values
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1
    shared = one.model_copy(update={"shared": "x"})
    assert (members(shared, "a").values == members(shared, "b").values).all()
    assert not (members(shared, "a").values == first).all()


def test_without_draws_the_members_are_the_corners():
    members, seed = members_of(0, 7)
    assert seed is None
    assert members(parameter(0.1, 0.2, 0.4), "a").values.tolist() == [0.1, 0.2, 0.4]
