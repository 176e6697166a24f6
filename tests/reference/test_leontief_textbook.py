"""Published and worked numbers of the Leontief engine."""

import numpy as np
import pytest

import io_tables
from handprint.leontief import Solver, ledger, multiplier_matrix, technical_coefficients


@pytest.fixture
def miller_blair():
    """Miller and Blair, Input-Output Analysis, 2nd ed. 2009, chapter 2, table 2.3."""
    return io_tables.from_arrays(
        [[150, 500], [200, 100]],
        [350, 1700],
        sectors=["agriculture", "manufacturing"],
        satellites={"labour": ([300, 500], "workers")},
        units="USD",
        price_basis="current",
        source="Miller and Blair 2009, table 2.3",
        scope="direct",
    )


@pytest.fixture
def economy():
    """The four sectors of METHODS 4.4: power, industry, ICT, services."""
    return io_tables.from_arrays(
        [[20, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]],
        [40, 160, 70, 225],
        sectors=list("PICS"),
        satellites={"CO2": ([450, 250, 10, 90], "Mt")},
        units="10^4 CNY",
        price_basis="current",
        source="worked example",
        scope="direct",
    )


def test_textbook_coefficients(miller_blair):
    """Table 2.4."""
    a = technical_coefficients(miller_blair)
    assert a.dims == ("sector", "purchaser")
    np.testing.assert_allclose(a, [[0.15, 0.25], [0.20, 0.05]], rtol=1e-15)


def test_textbook_inverse(miller_blair):
    """Chapter 2, printed to eight decimals in later editions of the example."""
    published = [[1.25412541, 0.330033], [0.2640264, 1.12211221]]
    np.testing.assert_allclose(Solver(miller_blair).inverse(), published, atol=5e-9)


def test_textbook_output_for_new_demand(miller_blair):
    """Final demand of 600 and 1500 needs output of 1247.5 and 1841.6."""
    output = Solver(miller_blair).output([600, 1500])
    np.testing.assert_allclose(output, [1247.5, 1841.6], atol=0.05)


def test_textbook_labour(miller_blair):
    """Labour of 374.25 and 460.4, which the book computes from rounded outputs."""
    output = Solver(miller_blair).output([600, 1500])
    np.testing.assert_allclose([0.3, 0.25] * output, [374.25, 460.4], atol=0.02)


def test_worked_multipliers(economy):
    m = Solver(economy).multipliers([450 / 150, 250 / 500, 10 / 170, 90 / 380])
    np.testing.assert_allclose(m, [4.086900, 1.986263, 1.382859, 0.986319], atol=5e-7)


def test_worked_inverse_entry(economy):
    assert Solver(economy).inverse().sel(sector="C", purchaser="C").item() == pytest.approx(
        1.427130, abs=5e-7
    )


def test_worked_multiplier_matrix_sums_to_multipliers(economy):
    t = multiplier_matrix(economy, "CO2")
    np.testing.assert_allclose(t["multiplier"], [4.086900, 1.986263, 1.382859, 0.986319], atol=5e-7)
    by_demand = t.sel(sector="C") * [40, 160, 70, 225]
    np.testing.assert_allclose(by_demand, [0.27680, 1.84878, 5.87642, 1.99801], atol=5e-6)


def test_worked_ledger_closes(economy):
    book = ledger(economy, "CO2")
    assert book["produced"].sum().item() == 800
    assert book["embodied"].sum().item() == pytest.approx(800, rel=1e-12)
    assert book["embodied"].sel(sector="C").sum().item() == pytest.approx(96.8002, abs=5e-5)
