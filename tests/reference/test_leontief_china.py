"""ICT requirements and emissions of China's benchmark tables, METHODS 6.3."""

import numpy as np
import pytest

import io_tables
from handprint.leontief import Solver, ledger
from handprint.linkage import linkage


@pytest.mark.parametrize(
    ("year", "printed"),
    [
        (2012, [0.0253, 0.0745, 0.0542, 0.0511, 0.0765, 0.0617, 1.7823, 0.0710]),
        (2017, [0.0288, 0.0827, 0.0604, 0.0509, 0.0880, 0.0803, 1.7667, 0.0793]),
    ],
)
def test_requirements_of_ict(year, printed):
    inverse = Solver(io_tables.load(f"china-{year}-cn8")).inverse()
    np.testing.assert_allclose(inverse.sel(sector="ICT"), printed, atol=5.001e-5)


@pytest.mark.parametrize(("year", "printed"), [(2012, 6.15), (2017, 6.94)])
def test_direct_emissions_of_ict(year, printed):
    result = linkage(io_tables.load(f"china-{year}-cn8"), ["ICT"])
    assert result["direct"].item() == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize("name", io_tables.names())
def test_every_shipped_ledger_closes(name):
    book = ledger(io_tables.load(name), "CO2")
    accounted = book["embodied"].sum() + book["not_allocated"].sum()
    assert accounted.item() == pytest.approx(book["produced"].sum().item(), rel=1e-9)
