"""Purchased electricity and heat charged to the user."""

from __future__ import annotations

import pytest

import io_tables
from io_tables import from_arrays, purchased_energy, with_purchased_energy
from io_tables.energy import factor
from io_tables.errors import ScopeError, UnitError, UnknownTableError

ICT = {2012: (60.95, 33.05, 93.99), 2017: (82.97, 55.52, 138.49)}


@pytest.mark.parametrize("year", ICT)
def test_replication_of_the_white_paper(year):
    table = io_tables.load(f"china-{year}-cn24")
    co2 = with_purchased_energy(table, 0.6101, 0.11).satellites["CO2"]
    made, served, both = ICT[year]
    assert float(co2.sel(sector="ICM")) == pytest.approx(made, abs=0.005)
    assert float(co2.sel(sector="ICS")) == pytest.approx(served, abs=0.005)
    assert float(co2.sel(sector=["ICM", "ICS"]).sum()) == pytest.approx(both, abs=0.006)
    eight = with_purchased_energy(io_tables.load(f"china-{year}-cn8"), 0.6101, 0.11)
    assert float(eight.satellites["CO2"].sel(sector="ICT")) == pytest.approx(both, abs=0.006)


def test_sensitivity_to_the_grid_factor():
    table = io_tables.load("china-2017-cn24")
    ict = [
        float(
            with_purchased_energy(table, g, 0.11).satellites["CO2"].sel(sector=["ICM", "ICS"]).sum()
        )
        for g in (0.561, 0.6101, 0.65)
    ]
    assert ict[2] / ict[1] - 1 == pytest.approx(0.058, abs=0.0005)
    assert ict[0] / ict[1] - 1 == pytest.approx(-0.071, abs=0.0005)


def small(**change: object) -> io_tables.IOTable:
    """Two sectors and households with the three accounts."""
    given = {
        "satellites": {
            "CO2": ([5, 1], "Mt"),
            "electricity": ([10, 20], "TWh"),
            "heat": ([100, 0], "PJ"),
        },
        "households": {"CO2": (2, "Mt"), "electricity": (4, "TWh"), "heat": (10, "PJ")},
        "scope": "direct",
    }
    return from_arrays(
        [[1, 2], [3, 4]],
        [5, 6],
        sectors=["A", "B"],
        units="USD",
        price_basis="current",
        source="by hand",
        **(given | change),
    )


def test_by_hand():
    bought = purchased_energy(small(), 0.5, 0.1)
    assert bought.values.tolist() == [15, 10]
    assert bought.attrs["units"] == "Mt"
    charged = with_purchased_energy(small(), 0.5, 0.1)
    assert charged.satellites["CO2"].values.tolist() == [20, 11]
    assert float(charged.households["CO2"]) == 5
    assert charged.scope == "direct+purchased"
    assert charged.satellites["electricity"].values.tolist() == [10, 20]
    assert "electricity at 0.5 t/MWh" in charged.history[-1]


def test_shipped_factors_are_assumptions():
    assert (factor("electricity").value, factor("heat").value) == (0.6101, 0.11)
    assert factor("electricity").status == factor("heat").status == "assumption"
    assert factor("electricity").units == "t CO2/MWh"
    by_default, given = purchased_energy(small()), purchased_energy(small(), 0.6101, 0.11)
    assert by_default.identical(given)
    with pytest.raises(UnknownTableError, match="no factor 'steam'; valid: electricity, heat"):
        factor("steam")


def test_purchases_are_charged_once():
    with pytest.raises(ScopeError, match="scope 'direct\\+purchased'"):
        with_purchased_energy(with_purchased_energy(small()))
    with pytest.raises(ScopeError, match="scope None"):
        with_purchased_energy(small(scope=None))


def test_accounts_in_other_units():
    kwh = {"CO2": ([5, 1], "Mt"), "electricity": ([10, 20], "GWh"), "heat": ([1, 0], "PJ")}
    with pytest.raises(UnitError, match="electricity is in 'GWh', not 'TWh'"):
        purchased_energy(small(satellites=kwh, households={}))


def test_accounts_that_are_missing():
    with pytest.raises(UnitError, match="no account 'electricity' in TWh; valid: CO2"):
        purchased_energy(small(satellites={"CO2": ([5, 1], "Mt")}, households={}))
    with pytest.raises(UnitError, match="households: no account 'electricity'"):
        with_purchased_energy(small(households={"CO2": (2, "Mt")}))
