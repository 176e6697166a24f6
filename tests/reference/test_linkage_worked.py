"""Worked numbers of the linkage block, METHODS 4.1, 4.2 and 4.4."""

import numpy as np
import pytest

import io_tables
from handprint.linkage import linkage

ECONOMY = io_tables.from_arrays(
    [[20, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]],
    [40, 160, 70, 225],
    sectors=list("PICS"),
    satellites={"CO2": ([450, 250, 10, 90], "Mt")},
    units="10^4 CNY",
    price_basis="current",
    source="worked example",
    scope="direct",
)


@pytest.fixture(scope="module")
def result():
    return linkage(ECONOMY, ict=["C"])


@pytest.mark.parametrize(
    ("name", "printed", "digits"),
    [
        ("R1", 0.1113, 4),
        ("R2", 1.3829, 4),
        ("R3", 0.5708, 4),
        ("R4", 0.7641, 4),
        ("internal", 5.38462, 5),
        ("mixed", 0.49180, 5),
        ("net_backward", 90.92374, 5),
        ("net_forward", 4.12358, 5),
        ("embodied", 96.8002, 4),
        ("direct", 10, 12),
        ("extraction", 164.72652, 5),
        ("downstream", 30.56551, 5),
    ],
)
def test_worked_values(result, name, printed, digits):
    assert result[name].item() == pytest.approx(printed, abs=0.5 * 10**-digits)


def test_worked_normalised_multiplier(result):
    assert result["normalised_multiplier"].item() == pytest.approx(0.968980, abs=5e-7)


def test_worked_emissions_by_demand(result):
    np.testing.assert_allclose(
        result["direct_by_demand"], [0.27680, 1.84878, 5.87642, 1.99801], atol=5e-6
    )


def test_ghosh_reading_spreads_all_emissions():
    """Value added of all sectors enables all emissions: v G s = 800."""
    everyone = sum(linkage(ECONOMY, ict=[c])["downstream"].item() for c in "PICS")
    assert everyone == pytest.approx(800, rel=1e-12)
