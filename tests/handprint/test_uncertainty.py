"""Draws, and quantiles of what follows from them."""

import numpy as np
import pytest
import xarray as xr

from handprint.errors import ScenarioError
from handprint.pipeline import bottom_up, economy, run
from handprint.projection import drivers
from handprint.response import respending_response
from handprint.scenario import Share
from handprint.topdown import project
from handprint.uncertainty import quantiles, sample_parts, triangle

LEVELS = [0.05, 0.17, 0.5, 0.83, 0.95]
RATIOS = ("EI", "VEI_gross", "VEI_net", "VEI_share")
ALL_SPENT = Share(value=1, low=1, high=1, year=2020, status="assumption", source="assumption")


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
    results = run(short, draws=25, seed=11)
    paths = drivers(short)
    tables = project(short, bridge, economy(short), paths, short.years)
    parts = bottom_up(short, bridge, tables, paths, draws=25, seed=11)
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
    parts = bottom_up(short, bridge, tables, paths, draws=9, seed=1)
    order = {}
    for case in parts["use_case"].values:
        levels = parts["adoption"].sel(use_case=case, year=2021).values
        assert len(set(levels)) == 9
        order.setdefault(case.split(".")[0], set()).add(tuple(np.argsort(levels)))
    assert all(len(orders) == 1 for orders in order.values())
    assert len(set().union(*order.values())) == len(bridge.models)


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
    found = sample_parts(drawn, response, ALL_SPENT, 1).sel(year=2030)
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
    parts = sample_parts(centre, response, ALL_SPENT, 1).isel(draw=0)
    wanted = current.top_down["respending_of_all"].sel(estimate="central").sum("sector")
    np.testing.assert_allclose(parts["rebound_respending"].sel(sector="total"), wanted, atol=1e-9)


def test_response_is_zero_where_nothing_is_saved(frozen):
    response = respending_response(frozen.bottom_up, frozen.top_down)
    for array in response.data_vars.values():
        np.testing.assert_array_equal(array, 0)


def test_triangle_keeps_to_its_range_and_mean():
    sample = triangle(0.2, 0.3, 0.7, "1:x", 4000).values
    assert 0.2 <= sample.min() < 0.22
    assert 0.66 < sample.max() <= 0.7
    # Standard error of the mean: 0.108 / sqrt(4000) = 0.0017.
    assert sample.mean() == pytest.approx((0.2 + 0.3 + 0.7) / 3, abs=0.007)


def test_triangle_without_width_is_its_value():
    np.testing.assert_array_equal(triangle(0.3, 0.3, 0.3, "1:x", 5), 0.3)


def test_streams_differ_by_name_and_seed():
    streams = ["1:power.adoption", "1:industry.adoption", "11:power.adoption", "1:respend"]
    samples = [tuple(triangle(0, 0.5, 1, s, 5).values) for s in streams]
    assert len(set(samples)) == len(streams)
    assert samples[0] == tuple(triangle(0, 0.5, 1, streams[0], 5).values)


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


def test_draws_lie_between_the_corners(drawn):
    corners = drawn.indicators["enabled"]
    found = drawn.quantiles["enabled"]
    room = 1e-9
    assert (found >= corners.sel(estimate="low", drop=True) - room).all()
    assert (found <= corners.sel(estimate="high", drop=True) + room).all()


@pytest.mark.parametrize("draws", [1, -1])
def test_a_number_of_draws_without_a_spread_is_refused(draws, short):
    with pytest.raises(ScenarioError, match=rf"draws is {draws}: give 0 .* two or more"):
        run(short, draws=draws, seed=1)
