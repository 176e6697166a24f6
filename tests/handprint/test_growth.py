"""Drivers that are drawn, and output that answers to demand."""

import numpy as np
import pytest
import xarray as xr

import io_tables
from handprint.growth import drawn_response, growth_of
from handprint.projection import base_solver, driver_path, table_in_year
from handprint.sampling import OneAtATime, Recorder
from handprint.scenario import load_scenario


@pytest.fixture(scope="module")
def policy():
    return load_scenario("current-policy")


@pytest.mark.parametrize("imports", ["domestic", "competitive"])
def test_output_is_that_of_the_projected_table(imports, policy):
    table = io_tables.load("china-2020-cn24")
    table = table.domestic() if imports == "domestic" else table
    growth = growth_of(policy, table)
    rng = np.random.default_rng(1)
    names = list(policy.demand)
    index = dict(zip(names, rng.uniform(0.8, 1.6, len(names)), strict=True))
    ones = np.ones(len(table.sectors))
    wanted = table_in_year(table, base_solver(table, index), index, ones, 1, 2030, "CO2").output
    demand = xr.DataArray(
        np.array(list(index.values()))[:, None, None],
        coords={"category": names, "year": [2030], "draw": [0]},
        dims=("category", "year", "draw"),
    )
    for sectors in (["ELE"], ["ICM", "ICS"]):
        found = growth.output(sectors, demand)
        assert found.attrs["units"] == table.units
        np.testing.assert_allclose(
            found.values[0, 0], float(wanted.sel(sector=sectors).sum()), rtol=1e-10
        )


def test_ends_of_a_driver_are_its_low_and_high_paths(policy, china):
    streams = ("intensity.power", "activity.power")
    sample = OneAtATime(tuple(frozenset([s]) for s in streams))
    paths = growth_of(policy, china).paths(sample)
    driver = driver_path(policy.intensity["power"], policy.years)
    found = paths["intensity"].sel(group="power")
    for draw, estimate in ((0, "central"), (1, "low"), (2, "high"), (3, "central")):
        np.testing.assert_allclose(found.sel(draw=draw), driver.sel(estimate=estimate), rtol=1e-12)
    other = driver_path(policy.activity["power"], policy.years)
    np.testing.assert_allclose(
        paths["activity"].sel(model="power", draw=4), other.sel(estimate="high"), rtol=1e-12
    )


def test_every_driver_is_one_stream(policy, china):
    recorder = Recorder()
    growth_of(policy, china).paths(recorder)
    wanted = {f"demand.{c}" for c in policy.demand} | {f"activity.{m}" for m in policy.activity}
    assert set(recorder.asked) == wanted | {f"intensity.{g}" for g in policy.intensity}


def test_drivers_without_a_sample_are_a_mistake(policy, china):
    with pytest.raises(TypeError, match="drawn from a sample"):
        growth_of(policy, china).paths(None)


def test_response_follows_intensity_by_hand():
    """Half the intensity of the one sector: a tonne costs twice, what is bought emits 3/4."""
    coords = {"group": ["a", "other"], "year": [2030]}
    central = xr.Dataset({"intensity": (("group", "year"), [[1.0], [1.0]])}, coords=coords)
    drawn = xr.Dataset(
        {"intensity": (("group", "year", "draw"), [[[0.5]], [[1.0]]])}, coords=coords
    )
    response = xr.Dataset(
        {"cost": (("sector", "year"), [[10.0]]), "emissions": ("year", [0.4])},
        coords={"sector": ["a"], "year": [2030]},
    )
    weights = xr.DataArray([5.0, 5.0], coords={"group": ["a", "other"]}, dims="group")
    found = drawn_response(response, central, drawn, weights)
    assert found["cost"].values.item() == pytest.approx(20)
    assert found["emissions"].values.item() == pytest.approx(0.3)
