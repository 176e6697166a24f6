"""Purchased electricity and heat charged to the user."""

from __future__ import annotations

import pytest

import io_tables
from handprint.accounts import ledger, multiplier_matrix
from handprint.errors import ScopeError as EngineScopeError
from io_tables import from_arrays, purchased_energy, with_purchased_energy
from io_tables.energy import factor, remove_purchased
from io_tables.errors import LabelError, ScopeError, UnitError, UnknownTableError

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


# --- the correction of the double count -----------------------------------------------------


def test_taken_back_by_hand():
    charged = with_purchased_energy(small(), 0.5, 0.1)
    assert charged.satellites["CO2"].values.tolist() == [20, 11]  # 5 + 5 + 10, 1 + 10 + 0
    direct = remove_purchased(charged)
    assert direct.satellites["CO2"].values.tolist() == [5, 1]
    assert float(direct.households["CO2"]) == 2
    assert direct.scope == "direct"
    assert direct.satellites["CO2"].attrs == {"units": "Mt"}
    assert direct.history[-1].startswith("charge of electricity at 0.5 t/MWh")


@pytest.mark.parametrize(
    "name", [n for n in io_tables.names() if "electricity" in io_tables.describe(n).satellites]
)
def test_round_trip_of_every_shipped_table(name):
    table = io_tables.load(name)
    back = remove_purchased(with_purchased_energy(table))
    for mine, theirs in (
        (back.satellites["CO2"].values, table.satellites["CO2"].values),
        (back.households["CO2"].values, table.households["CO2"].values),
    ):
        assert mine == pytest.approx(theirs, rel=1e-13, abs=1e-13)
    assert multiplier_matrix(back, "CO2").values == pytest.approx(
        multiplier_matrix(table, "CO2").values, rel=1e-12, abs=1e-18
    )


def test_it_survives_aggregation():
    table = io_tables.load("china-2017-cn24")
    coarse = with_purchased_energy(table).aggregate(io_tables.load_concordance("cn24", "cn8"))
    back = remove_purchased(coarse)
    expected = io_tables.load("china-2017-cn8").satellites["CO2"]
    assert back.satellites["CO2"].values == pytest.approx(expected.values, rel=1e-9)


def test_the_engine_refuses_and_names_the_correction():
    charged = with_purchased_energy(io_tables.load("china-2017-cn8"))
    with pytest.raises(EngineScopeError, match=r"io_tables\.remove_purchased\(table\)"):
        ledger(charged, "CO2")
    assert float(ledger(remove_purchased(charged), "CO2")["produced"].sum()) > 0


def test_what_the_double_count_amounts_to():
    """China 2017: electricity and heat charged to users stand in the power sector as well."""
    table = io_tables.load("china-2017-cn24")
    direct, charged = (
        float(t.satellites["CO2"].sum()) for t in (table, with_purchased_energy(table))
    )
    assert charged / direct - 1 == pytest.approx(0.4245, abs=5e-4)


def test_emissions_go_back_to_their_supplier():
    """An account that handed the plants' emissions to users keeps its total."""
    handed = from_arrays(
        [[1, 2], [3, 4]],
        [5, 6],
        sectors=["power", "B"],
        satellites={
            "CO2": ([2, 11], "Mt"),
            "electricity": ([2, 20], "TWh"),
            "heat": ([0, 0], "PJ"),
        },
        households={"CO2": (4, "Mt"), "electricity": (4, "TWh"), "heat": (0, "PJ")},
        units="USD",
        price_basis="current",
        source="by hand",
        scope="direct+purchased",
    )
    back = remove_purchased(handed, 0.5, 0.0, supplier="power")
    assert back.satellites["CO2"].values.tolist() == [2 - 1 + 13, 1]
    assert float(back.households["CO2"]) == 2
    assert back.satellites["CO2"].values.sum() + 2 == 2 + 11 + 4
    assert "13 Mt given back to power" in back.history[-1]
    with pytest.raises(LabelError, match="no sector 'pwer'; did you mean 'power'"):
        remove_purchased(handed, 0.5, 0.0, supplier="pwer")


def test_taking_back_is_refused():
    with pytest.raises(ScopeError, match='only from a table of scope "direct'):
        remove_purchased(small())
    charged = with_purchased_energy(small(), 0.5, 0.1)
    with pytest.raises(ScopeError, match=r"electricity was charged at 0\.5, not at 0\.6"):
        remove_purchased(charged, 0.6)
    read_again = small(scope="direct+purchased")
    with pytest.raises(ScopeError, match="does not say at which factor electricity was charged"):
        remove_purchased(read_again)
    with pytest.raises(ScopeError, match="does not say at which factor heat was charged"):
        remove_purchased(read_again, 0.1)
    with pytest.raises(ScopeError, match="less than nothing would be left of A, B, households"):
        remove_purchased(read_again, 0.5, 0.1)
    with pytest.raises(UnitError, match="give a number not below zero"):
        remove_purchased(read_again, -0.5, 0.1)
    bare = small(
        scope="direct+purchased",
        satellites={"CO2": ([5, 1], "Mt"), "electricity": ([1, 1], "TWh")},
        households={},
    )
    with pytest.raises(UnitError, match="no account 'heat' in PJ"):
        remove_purchased(bare, 0.1, 0.1)
    with pytest.raises(UnitError, match="no account 'CO2'"):
        remove_purchased(small(scope="direct+purchased", satellites={}, households={}), 0.1, 0.1)
    with pytest.raises(UnitError, match="give numbers not below zero"):
        with_purchased_energy(small(), float("nan"))
