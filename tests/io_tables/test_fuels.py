"""Units, emission factors of fuels, and energy times factors."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from io_tables import accounts
from io_tables.concordance import Concordance
from io_tables.emissions import energy_emissions
from io_tables.errors import (
    ConcordanceError,
    LabelError,
    MissingValueError,
    ScopeError,
    UnitError,
    UnknownTableError,
)
from io_tables.fuels import (
    Constant,
    calorific_values,
    carriers,
    combustion_factor,
    fuel_factor_sets,
    fuel_factors,
)
from io_tables.quantities import UNITS, conversion
from io_tables.readers import ceads

CONVERSIONS = [
    ("10^4 t", "t", 1e4),
    ("10^4 ton", "kt", 10),
    ("万吨", "10^4 t", 1),
    ("10^8 cu.m", "m3", 1e8),
    ("亿立方米", "10^8 m3", 1),
    ("10^10 kj", "PJ", 0.01),
    ("百万千焦", "GJ", 1),
    ("10^8 kwh", "TWh", 0.1),
    ("亿千瓦时", "10^8 kWh", 1),
    ("10^4 tce", "TJ", 293.076),
    ("万吨标准煤", "tce", 1e4),
    ("kgce/kg", "GJ/t", 29.3076),
    ("kgce/kWh", "MJ/kWh", 29.3076),
    ("kg CO2/m3", "t CO2/m3", 1e-3),
    ("t C/TJ", "t C/GJ", 1e-3),
    ("kWh", "MJ", 3.6),
]


@pytest.mark.parametrize(("given", "wanted", "factor"), CONVERSIONS)
def test_conversions(given, wanted, factor):
    assert conversion(given, wanted) == pytest.approx(factor, rel=1e-12)
    assert conversion(wanted, given) == pytest.approx(1 / factor, rel=1e-12)


REFUSED = [
    ("t", "m3", "'t' is mass, 'm3' is volume"),
    ("t", "t CO2", "mass, 't CO2' is mass of CO2"),
    ("t CO2", "t CO2e", "mass of CO2, 't CO2e' is mass of CO2e"),
    ("t C", "t CO2", "does not turn into the other"),
    ("GJ/t", "GJ/m3", "energy per mass, 'GJ/m3' is energy per volume"),
    ("GJ", "GJ/t", "is energy, 'GJ/t' is energy per mass"),
    ("kt", "knots", "unit 'knots' is not known"),
    ("mt", "Mt", "unit 'mt' is not known; did you mean"),
    ("10^4", "t", "is not known"),
    ("t/t/t", "1", "more than one '/'"),
    ("", "t", "unit '' is not known"),
]


@pytest.mark.parametrize(("given", "wanted", "message"), REFUSED)
def test_units_that_do_not_meet(given, wanted, message):
    with pytest.raises(UnitError) as caught:
        conversion(given, wanted)
    assert message in str(caught.value)


def test_every_unit_has_a_kind():
    assert {u.kind.partition(" of ")[0] for u in UNITS.values()} == {"mass", "volume", "energy"}


def test_shipped_numbers_are_those_of_the_sources(raw_folder):
    with (raw_folder / "china_energy_coefficients" / "standard_coal_factors.csv").open() as file:
        printed = {row["fuel"]: row for row in csv.DictReader(file)}
    printed["electricity"] = printed.pop("electricity_calorific")
    ours = calorific_values()
    assert set(ours) == set(printed)
    for fuel, number in ours.items():
        assert number.limits == (float(printed[fuel]["low"]), float(printed[fuel]["high"]))
        assert number.units == printed[fuel]["unit"]
        assert number.value == pytest.approx(sum(number.limits) / 2)
        assert number.status == ("published" if len(set(number.limits)) == 1 else "derived")
    with (raw_folder / "ceads_china" / "implied_emission_factors_2017.csv").open() as file:
        derived = list(csv.DictReader(file))
    known = carriers("ceads")
    ours = fuel_factors("ceads-2017")
    assert {known[row["fuel"].replace("_", " ")] for row in derived} == set(ours)
    for row in derived:
        number = ours[known[row["fuel"].replace("_", " ")]]
        assert number.value == float(row["factor"])
        assert number.units == row["unit"].replace(" per ", "/")
        assert number.constant == (row["usable_as_constant"] == "yes")


# Factors of purchased tables of the same constants: quoted beside GB/T 2589 [kg CO2/kg, /m3].
QUOTED = {"raw_coal": 1.9003, "coke": 2.8604, "crude_oil": 3.0202, "fuel_oil": 3.1705,
          "gasoline": 2.9251, "kerosene": 3.0179, "diesel": 3.0959, "lpg": 3.1013,
          "refinery_gas": 3.0119}  # fmt: skip


def test_factors_made_of_parts():
    made = fuel_factors("guidelines-2011")
    for fuel, quoted in QUOTED.items():
        assert made[fuel].value == pytest.approx(quoted, rel=2e-3), fuel
        assert made[fuel].units == "t CO2/t"
        assert made[fuel].status == "assumption"
    gas = made["natural_gas"]
    assert gas.limits[1] * 1e3 == pytest.approx(2.1622, rel=2e-3)  # at 1.33 kgce/m3
    assert gas.units == "t CO2/m3"
    assert "yearbook" in gas.source.lower()
    assert "guidelines" in gas.source.lower()


def test_sets_agree_within_reason():
    """Liquid fuels and natural gas differ by less than 13 % between the sets; coal by more."""
    derived, quoted, ipcc = (fuel_factors(n) for n in fuel_factor_sets())
    for fuel in ("crude_oil", "gasoline", "kerosene", "diesel", "fuel_oil", "lpg", "natural_gas"):
        scale = conversion(derived[fuel].units, quoted[fuel].units)
        for other in (quoted, ipcc):
            assert other[fuel].value == pytest.approx(derived[fuel].value * scale, rel=0.13), fuel
    assert ipcc["raw_coal"].value / derived["raw_coal"].value == pytest.approx(1.22, abs=0.01)


def test_one_factor_by_hand():
    made = combustion_factor(
        Constant(20.0, "GJ/t", "published", "a", low=18.0, high=22.0, year=2022),
        Constant(100.0, "t CO2/TJ", "derived", "b", low=90.0, high=110.0, year=2006),
        Constant(0.9, "1", "published", "b", low=0.8, high=1.0),
    )
    assert made.value == pytest.approx(1.8)  # 20 GJ/t x 0.1 t/GJ x 0.9
    assert made.limits == pytest.approx((18 * 0.09 * 0.8, 22 * 0.11 * 1.0))
    assert (made.status, made.source, made.year) == ("derived", "a; b", 2022)
    carbon = Constant(30.0, "t C/TJ", "derived", "b")
    whole = Constant(1.0, "1", "derived", "c")
    made = combustion_factor(Constant(10.0, "MJ/m3", "derived", "a"), carbon, whole)
    assert (made.value, made.units) == (pytest.approx(0.01 * 0.03 * 44 / 12), "t CO2/m3")


def test_bad_constants():
    for numbers in ({"value": -1.0}, {"value": 1.0, "low": 2.0}, {"value": float("nan")}):
        with pytest.raises(MissingValueError, match="give low <= value <= high"):
            Constant(units="1", status="derived", source="x", **numbers)
    with pytest.raises(UnitError, match="status 'guess'"):
        Constant(1.0, "1", "guess", "x")
    good = Constant(20.0, "GJ/t", "derived", "x"), Constant(100.0, "t CO2/TJ", "derived", "x")
    with pytest.raises(UnitError, match="oxidation is a share"):
        combustion_factor(*good, Constant(98.0, "1", "derived", "x"))
    with pytest.raises(UnitError, match="energy per energy"):
        combustion_factor(
            Constant(1.0, "GJ/TJ", "derived", "x"), good[1], Constant(1.0, "1", "derived", "x")
        )
    with pytest.raises(UnknownTableError, match="did you mean 'ipcc-2006'"):
        fuel_factors("ipcc-2007")
    with pytest.raises(UnknownTableError, match="no carriers of 'ipcc'"):
        carriers("ipcc")


# --- energy times factors -------------------------------------------------------------------

FACTORS = {
    "coal": Constant(2.0, "t CO2/t", "derived", "by hand", low=1.5, high=2.5),
    "gas": Constant(2.0, "kg CO2/m3", "derived", "by hand", constant=False),
    "waste": Constant(0.1, "t CO2/GJ", "assumption", "by eye"),
}
ENERGY = pd.DataFrame(
    {
        "Coal [10^4 t]": [100.0, 10],
        "Town gas [10^8 m3]": [5.0, 0],
        "Waste [10^4 tce]": [0.0, 1],
        "Power [10^8 kWh]": [20.0, 30],
        "Heat [10^10 kJ]": [100.0, 0],
        "Else [t]": [1.0, 1],
    },
    index=["Works", "Offices"],
)
MAP = {
    "Coal": "coal",
    "Town gas": "gas",
    "Waste": "waste",
    "Power": "electricity",
    "Heat": "heat",
    "Else": "not burnt",
}


def test_account_by_hand():
    made = energy_emissions(ENERGY, FACTORS, fuels=MAP)
    # 1 Mt coal x 2, 0.5 km3 x 2 kg/m3, 1e4 tce x 29.3076 GJ x 0.1 t
    assert made["CO2"].values == pytest.approx([2.0 + 1.0, 0.2 + 0.0293076])
    assert made["CO2"].attrs["units"] == "Mt"
    assert made["by_fuel"].sel(sector="Works").values == pytest.approx([2, 1, 0, 0, 0, 0])
    assert made["limits"].sel(limit="low").values == pytest.approx([1.5 + 1, 0.15 + 0.0293076])
    assert made["limits"].sel(limit="high").values == pytest.approx([2.5 + 1, 0.25 + 0.0293076])
    assert made["electricity"].values == pytest.approx([2, 3])
    assert made["heat"].values == pytest.approx([1, 0])
    assert made.attrs["scope"] == "direct"
    assert made.attrs["source"] == "by hand; by eye"
    assert "varies the factor of gas: a middle value is used" in made.attrs["remarks"]
    assert "factors assumed: waste" in made.attrs["remarks"]


def test_electricity_and_heat_charged_to_users():
    made = energy_emissions(
        ENERGY,
        FACTORS,
        fuels=MAP,
        scope="direct+purchased",
        electricity_factor=0.5,
        heat_factor=0.1,
    )
    assert made["CO2"].values == pytest.approx([3.0 + 1.0 + 0.1, 0.2293076 + 1.5])
    assert made.attrs["scope"] == "direct+purchased"
    assert "electricity charged at 0.5 t/MWh, heat at 0.1 t/GJ" in made.attrs["remarks"]
    shipped = energy_emissions(ENERGY, FACTORS, fuels=MAP, scope="direct+purchased")
    assert shipped["CO2"].values == pytest.approx([3.0 + 2 * 0.6101 + 0.11, 0.2293076 + 3 * 0.6101])


def test_a_carrier_split_by_a_concordance():
    shares = xr.DataArray(
        [[0.75, 1.0], [0.25, 0.0]],
        coords={"target": ["coal", "not burnt"], "sector": ["Mixed", "Coal"]},
        dims=("target", "sector"),
    )
    energy = pd.DataFrame({"Mixed [t]": [4e6], "Coal [kt]": [1e3]}, index=["Works"])
    made = energy_emissions(energy, FACTORS, fuels=Concordance(shares, "by hand"))
    assert made["by_fuel"].values.tolist() == [[6.0, 2.0]]


def test_arrays_keep_the_name_of_their_dim():
    energy = xr.DataArray(
        [[1.0], [2.0]],
        coords={"row": ["a", "b"], "fuel": ["coal"], "unit": ("fuel", ["Mt"])},
        dims=("row", "fuel"),
    )
    made = energy_emissions(energy, FACTORS)
    assert made["CO2"].dims == ("row",)
    assert made["CO2"].values.tolist() == [2.0, 4.0]
    given = energy_emissions(energy.drop_vars("unit"), FACTORS, units={"coal": "kt"})
    assert given["CO2"].values == pytest.approx([2e-3, 4e-3])


def named(**change):
    return {**MAP, **change}


def energy_with(column, values):
    return ENERGY.assign(**{column: values})


BAD = {
    "unmapped": ({"fuels": {k: v for k, v in MAP.items() if k != "Coal"}}, ConcordanceError,
                 "not mapped: Coal"),
    "mapped, not there": ({"fuels": named(Coke="coal")}, ConcordanceError,
                          "not in the table: Coke"),
    "twice": ({"fuels": [*MAP.items(), ("Coal", "waste")]}, ConcordanceError,
              "carrier 'Coal': is mapped twice: coal, waste"),
    "no factor": ({"fuels": named(Coal="peat", Waste="pest")}, ConcordanceError,
                  "fuels: 2 problems"),
    "wrong kind": ({"fuels": named(Coal="gas")}, UnitError,
                   "carrier 'Coal' [10^4 t]: 'Mt CO2/10^4 t' is mass of CO2 per mass"),
    "calorific": ({"fuels": named(Coal="waste")}, UnitError, "give a factor by calorific value"),
    "power in t": ({"fuels": named(Coal="electricity")}, UnitError, "'10^4 t' is mass, 'TWh' is"),
    "contradiction": ({"units": {"Coal": "t"}}, UnitError, "is in '10^4 t' and said to be in 't'"),
    "unit of none": ({"units": {"Coke": "t"}}, UnitError, "unit of no carrier"),
    "scope": ({"scope": "scope 2"}, ScopeError, "unknown scope 'scope 2'"),
    "needless factor": ({"electricity_factor": 0.5}, ScopeError, 'say scope="direct+purchased"'),
    "negative factor": ({"scope": "direct+purchased", "heat_factor": -1.0}, UnitError,
                        "give numbers not below zero"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_accounts_are_refused(case):
    change, error, message = BAD[case]
    with pytest.raises(error) as caught:
        energy_emissions(ENERGY, FACTORS, **({"fuels": MAP} | change))
    assert message in str(caught.value)


BAD_ENERGY = {
    "negative": (energy_with("Coal [10^4 t]", [1.0, -1.0]), MissingValueError,
                 "energy [Offices, Coal]: -1.0 is no amount burnt"),
    "missing": (energy_with("Coal [10^4 t]", [np.nan, 1.0]), MissingValueError, "[Works, Coal]"),
    "text": (energy_with("Coal [10^4 t]", ["a", "b"]), MissingValueError, "no number"),
    "no unit": (ENERGY.rename(columns={"Coal [10^4 t]": "Coal"}), UnitError,
                "carrier 'Coal': has no unit"),
    "unknown unit": (ENERGY.rename(columns={"Coal [10^4 t]": "Coal [boxes]"}), UnitError, "boxes"),
    "same carrier": (energy_with("Coal [t]", [1.0, 1.0]), LabelError, "carrier occurs twice"),
    "same sector": (ENERGY.rename(index={"Offices": "Works"}), LabelError, "sector occurs twice"),
    "one dim": (xr.DataArray([1.0], dims="fuel"), LabelError, "two are needed"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ENERGY)
def test_bad_energy_is_refused(case):
    energy, error, message = BAD_ENERGY[case]
    with pytest.raises(error) as caught:
        energy_emissions(energy, FACTORS, fuels=MAP)
    assert message in str(caught.value)


# --- China 2017: the inventory computed again -----------------------------------------------


@pytest.fixture(scope="module")
def china(raw_folder):
    """Fuel CO2 by row: computed from the sum of provinces, and the national inventory."""
    folder, rows = raw_folder / "ceads_china", accounts.energy_rows()
    inventory = ceads.inventory(folder / "national_co2_mt_by_sector_fuel_2017.csv", rows)
    energy = ceads.energy(folder / "sum_of_30_provinces_energy_2017.csv", rows)
    burnt = accounts.burnt(energy, list(carriers("ceads")))
    return burnt, inventory.drop_sel(fuel=ceads.PROCESS)


def test_total_is_near_and_sectors_are_not(china):
    burnt, inventory = china
    made = energy_emissions(burnt, fuel_factors("ceads-2017"), fuels=carriers("ceads"))
    known = inventory.sum("fuel")
    assert float(made["CO2"].sum()) == pytest.approx(8685.69, abs=0.01)
    assert float(known.sum()) == pytest.approx(8730.83, abs=0.01)  # -0.5 %
    gaps = made["CO2"] - known
    assert float(np.abs(gaps).sum() / known.sum()) == pytest.approx(0.1396, abs=1e-4)
    rows = {
        "Smelting and Pressing of Ferrous Metals": (1427.0, 1693.7),
        "Nonmetal Mineral Products": (249.6, 484.9),
        "Coal Mining and Dressing": (234.5, 69.5),
        accounts.POWER_ROW: (4137.5, 4211.1),
    }
    for row, (ours, theirs) in rows.items():
        found = float(made["CO2"].sel(row=row)), float(known.sel(row=row))
        assert found == pytest.approx((ours, theirs), abs=0.05)
    assert float(made["electricity"].sum()) == pytest.approx(6178.4, abs=0.05)
    assert "raw_coal" in made.attrs["remarks"]


@pytest.mark.parametrize(
    ("name", "total"), [("guidelines-2011", 9449.2), ("ipcc-2006", 9737.0)]
)  # fmt: skip
def test_other_factors_give_another_total(china, name, total):
    burnt, _ = china
    factors = fuel_factors("ceads-2017") | fuel_factors(name)
    made = energy_emissions(burnt, factors, fuels=carriers("ceads"))
    assert float(made["CO2"].sum()) == pytest.approx(total, abs=0.05)
    low, high = made["limits"].sum("row").values
    assert low < total < high
