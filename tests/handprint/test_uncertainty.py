"""Draws, and quantiles of what follows from them."""

import numpy as np
import pytest
import xarray as xr

from handprint.errors import ArgumentError, MemoryLimitError, OptionError, ScenarioError
from handprint.pipeline import bottom_up, central_run, economy, run
from handprint.projection import drivers
from handprint.quantiles import TOLERANCE, convergence, quantiles, standard_errors
from handprint.response import respending_response
from handprint.sampling import Drawn, Ranks
from handprint.topdown import project
from handprint.uncertainty import Plan, case_parts, monte_carlo, sector_parts

LEVELS = [0.05, 0.17, 0.5, 0.83, 0.95]
RATIOS = ("EI", "VEI_gross", "VEI_net", "VEI_share")
ALL_SPENT = xr.DataArray(1.0)


def sample_parts(drawn, response):
    return sector_parts(case_parts(drawn, response, ALL_SPENT), drawn)


def sample(draws, seed):
    return Drawn(Ranks(draws, seed), slice(None))


def random_parts(draws=37, **zeros):
    """Parts of two sectors in two years; nothing happens in the first year."""
    rng = np.random.default_rng(5)
    coords = {"sector": ["a", "b", "total"], "year": [2020, 2030], "draw": np.arange(draws)}
    shape = tuple(len(c) for c in coords.values())
    parts = xr.Dataset(
        {
            name: (tuple(coords), rng.uniform(1, 10, shape))
            for name in ("enabled", "footprint", "ict_purchases", "NER")
        },
        coords=coords,
    )
    parts["reference"] = parts["enabled"].isel(draw=0, drop=True) * 0 + 100
    for name in ("enabled", "footprint", "ict_purchases", "NER"):
        parts[name].loc[{"year": 2020, **zeros}] = 0
    return parts


@pytest.mark.parametrize("draws", [2, 3, 37])
def test_quantiles_are_those_of_numpy(draws):
    parts = random_parts(draws)
    found = quantiles(parts)
    for name in ("enabled", "footprint", "NER", "ict_purchases"):
        wanted = np.quantile(parts[name].values, LEVELS, axis=-1)
        np.testing.assert_allclose(np.moveaxis(found[name].values, -1, 0), wanted, rtol=1e-12)
    assert found["quantile"].values.tolist() == LEVELS


def test_quantiles_of_ratios_are_taken_draw_by_draw():
    parts = random_parts()
    found = quantiles(parts)
    later = parts.sel(year=[2030])
    wanted = {
        "EI": later["NER"] * 1e6 / later["ict_purchases"],
        "VEI_gross": later["enabled"] / later["footprint"],
        "VEI_net": later["NER"] / later["footprint"],
        "VEI_share": later["NER"] / 100,
    }
    assert found["ratio_year"].values.tolist() == [2030]
    for name, ratio in wanted.items():
        expected = np.quantile(ratio.transpose("sector", "year", "draw").values, LEVELS, axis=-1)
        np.testing.assert_allclose(np.moveaxis(found[name].values, -1, 0), expected, rtol=1e-12)


def test_ratios_keep_to_sectors_with_a_footprint():
    parts = random_parts()
    for name in ("footprint", "ict_purchases"):
        parts[name].loc[{"sector": "b"}] = 0
    found = quantiles(parts)
    assert found["ratio_sector"].values.tolist() == ["a", "total"]
    assert not any(np.isnan(a).any() for a in found.data_vars.values())


def test_without_a_footprint_there_are_no_ratios():
    parts = random_parts()
    parts["footprint"][:] = 0
    assert not set(RATIOS) & set(quantiles(parts).data_vars)


def test_quantiles_of_a_run_come_from_its_draws(short, bridge):
    """Draw again with the same seed, sum by hand, take numpy's quantile."""
    results = run(short, draws=25, seed=11, draw_drivers=False)
    paths = drivers(short)
    tables = project(short, bridge, economy(short), paths, short.years)
    parts = bottom_up(short, bridge, tables, paths, sample=sample(25, 11))
    footprint = parts["footprint"].transpose("use_case", "year", "draw").values
    enabled = parts["enabled"].transpose("use_case", "year", "draw").values
    for sector in (*short.sectors, "total"):
        mine = (parts["model"].values == sector) | (sector == "total")
        ner = enabled[mine].sum(axis=0) - footprint[mine].sum(axis=0)
        found = results.quantiles["NER"].sel(sector=sector)
        np.testing.assert_allclose(found.values.T, np.quantile(ner, LEVELS, axis=-1), atol=1e-9)
        gross = enabled[mine].sum(axis=0)[1:] / footprint[mine].sum(axis=0)[1:]
        found = results.quantiles["VEI_gross"].sel(ratio_sector=sector)
        np.testing.assert_allclose(found.values.T, np.quantile(gross, LEVELS, axis=-1), rtol=1e-9)


def test_levers_of_a_sector_spread_together_and_sectors_apart(short, bridge, china):
    paths = drivers(short)
    tables = project(short, bridge, china, paths, short.years)
    parts = bottom_up(short, bridge, tables, paths, sample=sample(9, 1))
    order = {}
    for case in parts["use_case"].values:
        levels = parts["adoption"].sel(use_case=case, year=2021).values
        assert len(set(levels)) == 9
        order.setdefault(case.split(".")[0], set()).add(tuple(np.argsort(levels)))
    assert all(len(orders) == 1 for orders in order.values())
    assert len(set().union(*order.values())) == len(bridge.models)


def test_parts_that_nobody_asks_for_are_left_out_and_the_others_stay(short, bridge, china):
    paths = drivers(short)
    tables = project(short, bridge, china, paths, short.years)
    every = bottom_up(short, bridge, tables, paths, sample=sample(5, 1))
    wanted = ["enabled", "rebound", "footprint"]
    found = bottom_up(short, bridge, tables, paths, sample=sample(5, 1), only=wanted)
    assert set(found.data_vars) == {*wanted, "reference", "reference_twice", "overlap_grid"}
    for name in found.data_vars:
        assert found[name].identical(every[name])


def test_parts_of_a_draw_by_hand():
    """Two levers in one sector; each tonne avoided saves 3 units, each unit respent emits 0.1."""
    coords = {"use_case": ["a", "b"], "year": [2030], "draw": [0, 1]}

    def over(first, second):
        return xr.DataArray(np.array([[first], [second]], float), coords=coords, dims=tuple(coords))

    drawn = xr.Dataset(
        {
            "enabled": over([10, 20], [5, 5]),
            "rebound": over([1, 4], [0, 1]),
            "footprint": over([2, 3], [1, 1]),
            "ict_purchases": over([6, 10], [4, 5]),
            "reference": xr.DataArray(
                [[100.0]], coords={"sector": ["s"], "year": [2030]}, dims=("sector", "year")
            ),
            "reference_twice": xr.DataArray(
                [[0.0]], coords={"sector": ["s"], "year": [2030]}, dims=("sector", "year")
            ),
        }
    ).assign_coords(model=("use_case", ["s", "s"]))
    response = xr.Dataset(
        {
            "cost": xr.DataArray(
                [[3.0]], coords={"sector": ["s"], "year": [2030]}, dims=("sector", "year")
            ),
            "emissions": xr.DataArray([0.1], coords={"year": [2030]}, dims="year"),
        }
    )
    found = sample_parts(drawn, response).sel(year=2030)
    for sector in ("s", "total"):
        here = found.sel(sector=sector)
        np.testing.assert_allclose(here["NER"], [15 - 3, 25 - 4])
        again = [0.1 * (3 * (15 - 1) - 10), 0.1 * (3 * (25 - 5) - 15)]
        np.testing.assert_allclose(here["rebound_respending"], again)
        np.testing.assert_allclose(here["NER_star"], [12 - 1 - again[0], 21 - 5 - again[1]])


def test_linear_response_gives_the_central_run_back(current):
    """At the central parameters the straight line through the central run is exact."""
    response = respending_response(current.bottom_up, current.top_down)
    centre = current.bottom_up.sel(estimate="central").expand_dims(draw=[0])
    parts = sample_parts(centre, response).isel(draw=0)
    wanted = current.top_down["respending_of_all"].sel(estimate="central").sum("sector")
    np.testing.assert_allclose(parts["rebound_respending"].sel(sector="total"), wanted, atol=1e-9)


def test_response_is_zero_where_nothing_is_saved(frozen):
    response = respending_response(frozen.bottom_up, frozen.top_down)
    for array in response.data_vars.values():
        np.testing.assert_array_equal(array, 0)


def test_same_seed_gives_the_same_bits_and_another_seed_does_not(short, short_run):
    first, again, other = (run(short, draws=8, seed=s) for s in (3, 3, 4))
    assert first.quantiles.identical(again.quantiles)
    assert first.reconciled.identical(again.reconciled)
    for name in ("enabled", "NER", "NER_star"):
        assert (first.quantiles[name] != other.quantiles[name]).sel(year=2021).any()
    # Central run and corners do not depend on draws.
    for results in (first, other):
        assert results.indicators.drop_attrs().identical(short_run.indicators.drop_attrs())


def test_seed_is_made_and_kept_when_none_is_given(short):
    first = run(short, draws=2)
    assert first.record.seed is not None
    assert first.quantiles.identical(run(short, draws=2, seed=first.record.seed).quantiles)
    # Two draws are few, but enough for a covariance.
    assert np.isfinite(first.reconciled["sd"]).all()


def test_quantiles_rise_and_hold_the_central_run(drawn):
    for array in drawn.quantiles.data_vars.values():
        assert (array.diff("quantile") >= 0).all()
    # Wide enough that the central run lies inside 5 to 95 %.
    now = drawn.quantiles["enabled"].sel(sector="total", year=2030)
    central = float(drawn.indicators["enabled"].sel(
        sector="total", year=2030, estimate="central"))  # fmt: skip
    assert float(now[0]) < central < float(now[-1])


def test_draws_lie_between_the_corners_while_drivers_are_central(short):
    results = run(short, draws=40, seed=7, draw_drivers=False)
    corners = results.indicators["enabled"]
    found = results.quantiles["enabled"]
    room = 1e-9
    assert (found >= corners.sel(estimate="low", drop=True) - room).all()
    assert (found <= corners.sel(estimate="high", drop=True) + room).all()


@pytest.mark.parametrize("draws", [1, -1])
def test_a_number_of_draws_without_a_spread_is_refused(draws, short):
    with pytest.raises(ScenarioError, match=rf"draws is {draws}: give 0 .* two or more"):
        run(short, draws=draws, seed=1)


@pytest.fixture(scope="module")
def central(short):
    return central_run(short)


@pytest.mark.parametrize("sampling", ["lhs", "sobol", "random"])
def test_neither_chunks_nor_threads_change_a_bit(sampling, central):
    model = central.model()
    whole = monte_carlo(model, Plan(53, 3, sampling))
    for plan in (Plan(53, 3, sampling, chunk=7), Plan(53, 3, sampling, chunk=20, workers=2)):
        again = monte_carlo(model, plan)
        assert again.sectors.identical(whole.sectors)
        assert again.cases.identical(whole.cases)


def test_ranks_are_the_same_in_every_scenario(short):
    """Twice the goals, the same order: differences between scenarios are no noise."""
    goals = {
        key: goal.model_copy(update={"low": 0.9, "level": 0.95, "high": 1.0})
        for key, goal in short.adoption.items()
    }
    other = short.model_copy(update={"adoption": goals, "name": "other"})
    plan = Plan(31, 5)
    one, two = (monte_carlo(central_run(s).model(), plan).sectors for s in (short, other))
    for name in ("rebound_respending", "reference", "top_down"):
        assert one[name].dims == two[name].dims
    assert one["reference"].identical(two["reference"])
    factors = [
        d["top_down"].sel(sector=short.sectors[0], year=2021)
        / (d["enabled"] - d["rebound_direct"]).sel(sector=short.sectors[0], year=2021)
        for d in (one, two)
    ]
    np.testing.assert_array_equal(np.argsort(factors[0]), np.argsort(factors[1]))


def test_a_goal_less_takes_no_rank_from_the_others(short):
    less = {k: g for k, g in short.adoption.items() if k != "transport"}
    other = short.model_copy(update={"adoption": less})
    for sampling in ("lhs", "sobol", "random"):
        plan = Plan(16, 5, sampling)
        one, two = (monte_carlo(central_run(s).model(), plan).sectors for s in (short, other))
        kept = one["footprint"].sel(sector="industry")
        assert kept.identical(two["footprint"].sel(sector="industry"))
        assert one["footprint"].sel(sector="transport", year=2021).all()
        assert not two["footprint"].sel(sector="transport").any()


def test_drivers_are_drawn_only_if_wanted(central):
    still = monte_carlo(central.model(draw_drivers=False), Plan(20, 1)).sectors
    assert "draw" not in still["reference"].dims
    later = central_run("current-policy")
    moved = monte_carlo(later.model(), Plan(20, 1)).sectors
    ends = moved["reference"].sel(sector="industry", year=2030)
    assert np.unique(ends).size == 20
    # The base year is as the table has it in every draw.
    np.testing.assert_allclose(
        moved["reference"].sel(year=2020).std("draw") / moved["reference"].sel(year=2020).mean(),
        0, atol=1e-12,
    )  # fmt: skip


def test_top_down_follows_the_bottom_up_draws_with_the_stated_error(central):
    found = monte_carlo(central.model(), Plan(4096, 1)).sectors.sel(year=2021)
    net = found["enabled"] - found["rebound_direct"]
    top = central.top["enabled"].sel(estimate="central", year=2021)
    low = central.bottom["enabled"] - central.bottom["rebound"]
    for sector in central.scenario.sectors:
        mine = low.sel(use_case=central.bottom["model"] == sector, estimate="central", year=2021)
        factor = found["top_down"].sel(sector=sector) / net.sel(sector=sector)
        factor = factor * float(mine.sum()) / float(top.sel(sector=sector))
        assert float(factor.min()) > 0
        assert float(np.log(factor).std()) == pytest.approx(0.2, rel=0.02)
        assert float(factor.mean()) == pytest.approx(1, abs=0.005)
    whole = found["top_down"].sel(sector=list(central.scenario.sectors)).sum("sector")
    np.testing.assert_allclose(found["top_down"].sel(sector="total"), whole)


def test_use_cases_add_up_to_their_sector(central):
    found = monte_carlo(central.model(), Plan(12, 1))
    for name, array in found.cases.data_vars.items():
        for sector in central.scenario.sectors:
            mine = array.sel(use_case=found.cases["model"] == sector).sum("use_case")
            np.testing.assert_allclose(mine, found.sectors[name].sel(sector=sector), atol=1e-9)


def test_quantiles_of_use_cases_are_those_of_their_draws(short):
    results = run(short, draws=25, seed=11)
    found = monte_carlo(central_run(short).model(), Plan(25, 11)).cases
    wanted = np.quantile(found["NER_star"].values, LEVELS, axis=-1)
    got = results.use_case_quantiles["NER_star"]
    np.testing.assert_allclose(np.moveaxis(got.values, -1, 0), wanted, rtol=1e-12, atol=1e-12)
    assert got["use_case"].values.tolist() == results.bottom_up["use_case"].values.tolist()
    assert results.use_case_quantiles["VEI_gross"].dims == (
        "ratio_use_case", "ratio_year", "quantile",
    )  # fmt: skip


def test_standard_error_of_a_normal_is_the_textbook_one():
    """sqrt(p (1 - p) / n) over the density, as a share of 3.29 standard deviations."""
    n = 100_000
    ordered = np.sort(np.random.default_rng(1).standard_normal(n))
    density = np.exp(-(1.6448536**2) / 2) / np.sqrt(2 * np.pi)
    wanted = np.sqrt(0.05 * 0.95 / n) / density / (2 * 1.6448536)
    found = standard_errors(ordered)
    assert found[0] == pytest.approx(wanted, rel=0.1)
    assert found[4] == pytest.approx(wanted, rel=0.1)
    assert found[2] == pytest.approx(np.sqrt(0.25 / n) * np.sqrt(2 * np.pi) / 3.29, rel=0.1)


def test_equal_draws_are_sure():
    np.testing.assert_array_equal(standard_errors(np.ones(9)), 0)


def test_few_draws_are_told_and_how_many_are_needed(short):
    few = run(short, draws=50, seed=1, draw_drivers=False).quantiles.attrs
    assert not few["enough"]
    assert few["error"] > TOLERANCE
    many = run(short, draws=few["needed"] * 2, seed=1, draw_drivers=False).quantiles.attrs
    assert many["enough"]
    assert many["error"] < few["error"]


def test_needed_draws_grow_with_the_square_of_the_error():
    sure = {"NER": np.array([0, 0, 2 * TOLERANCE, 0, 0])}
    found = convergence(sure, 100)
    assert found == (2 * TOLERANCE, "NER p50", False, 400)


def test_error_falls_with_the_stratified_ways(central):
    """The mean of many independent inputs: classes hit once beat plain draws."""
    model = central.model(draw_drivers=False)

    def scatter(sampling):
        means = [
            float(monte_carlo(model, Plan(64, seed, sampling)).sectors["enabled"]
                  .sel(sector="total", year=2021).mean())
            for seed in range(12)
        ]  # fmt: skip
        return np.std(means)

    plain = scatter("random")
    assert scatter("lhs") < plain / 2
    assert scatter("sobol") < plain / 2


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"sampling": "sobel"}, OptionError, "did you mean 'sobol'"),
        ({"workers": 0}, ScenarioError, "workers is 0: give a whole number from 1"),
        ({"chunk": 0}, ScenarioError, "chunk is 0"),
        ({"seed": -1}, ScenarioError, "seed is -1"),
        ({"draw_drivers": 1}, ArgumentError, "draw_drivers is 1, needed True or False"),
    ],
)
def test_options_that_cannot_be_are_refused(options, error, words, short):
    with pytest.raises(error, match=words):
        run(short, **({"draws": 4, "seed": 1} | options))


def test_draws_that_no_memory_holds_are_refused_before_they_start(short):
    with pytest.raises(MemoryLimitError, match=r"1000000000000 draws.*take fewer"):
        run(short, draws=10**12, seed=1)
