"""Runs that many tests look at: made once."""

import pytest

import sector_models
from handprint.bridge import bridge_of
from handprint.pipeline import economy, run
from handprint.scenario import load_scenario


@pytest.fixture(scope="session")
def frozen():
    return run("frozen-digitalisation")


@pytest.fixture(scope="session")
def current():
    return run("current-policy")


@pytest.fixture(scope="session")
def accelerated():
    return run("accelerated")


@pytest.fixture(scope="session")
def drawn():
    """A run with few draws, for arithmetic on them."""
    return run("current-policy", draws=40, seed=7)


@pytest.fixture(scope="session")
def short():
    """Current policy with its goal already in 2021: two years instead of eleven."""
    return load_scenario("current-policy").model_copy(update={"end_year": 2021})


@pytest.fixture(scope="session")
def short_run(short):
    return run(short)


@pytest.fixture(scope="session")
def china():
    """Table of the shipped scenarios without imports."""
    return economy(load_scenario("current-policy"))


@pytest.fixture(scope="session")
def bridge(current, china):
    """Between the sector models of the shipped scenarios and their table."""
    return bridge_of({name: sector_models.load(name) for name in current.scenario.sectors}, china)
