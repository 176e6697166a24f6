"""The ICT account: arithmetic by hand, published figures, drivers, errors."""

import tomllib
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import sector_models
from sector_models import account_provenance, data_centre, data_centre_check, ict_footprint
from sector_models.account import Account, load_account
from sector_models.datafiles import checked
from sector_models.errors import (
    LabelError,
    NotANumberError,
    ParameterError,
    SectorFileError,
    UnitError,
    UnknownDriverError,
    ValueRangeError,
    YearError,
)


@pytest.fixture(scope="module")
def found():
    return ict_footprint()


def central(found, name, year, **where):
    return float(found[name].sel(year=year, estimate="central", **where))


def value(name, year):
    return next(p.value for p in load_account().quantities[name].points if p.year == year)


def test_data_centres_of_2021_by_hand(found):
    """5.4 million racks x 3.87 kW x 0.55 x PUE 1.49 x 8760 h = 150.0 TWh."""
    by_hand = 5.4e6 * 3.87 * 0.55 * 1.49 * 8760 / 1e9
    here = {"component": "data_centres"}
    assert central(found, "electricity", 2021, **here) == pytest.approx(by_hand, rel=1e-12)
    factor = (0.5576 + 0.5366) / 2  # half-way between 2020 and 2022
    use = by_hand * ((1 - 0.0014) * factor + 0.0014 * 0.71)
    assert central(found, "use", 2021, **here) == pytest.approx(use, rel=1e-12)
    assert central(found, "generators", 2021) == pytest.approx(by_hand * 0.0014 * 0.71)
    assert central(found, "embodied", 2021, **here) == pytest.approx(use / 9, rel=1e-12)
    assert central(found, "water", 2021) == pytest.approx(by_hand / 1.49 * 1.8, rel=1e-12)
    assert central(found, "copper", 2021) == pytest.approx(5.4 * 3.87 * 27, rel=1e-12)
    assert central(found, "pue", 2021) == 1.49


def test_stations_by_hand(found):
    asleep = 0.15 * (0.2 + 0.6 / 10)
    here = {"component": "stations_5g"}
    by_hand = 1.425 * 1.56 * (1 - asleep) * 8.76
    assert central(found, "electricity", 2021, **here) == pytest.approx(by_hand, rel=1e-12)
    assert central(found, "power_5g", 2021) == pytest.approx(1.56 * (1 - asleep), rel=1e-12)
    made = 1.425 * 2.5 * 0.92 / 8
    assert central(found, "embodied", 2021, **here) == pytest.approx(made, rel=1e-12)


def test_station_power_adds_up_to_what_it_is_derived_from(found):
    """Telecom is about 1 % of 216.6 TWh / 2.6 %; the account stays within a tenth of it."""
    parts = ["stations_2g3g", "stations_4g", "stations_5g", "rooms", "fixed_network"]
    total = found["electricity"].sel(component=parts, year=2021, estimate="central").sum()
    assert float(total) == pytest.approx(0.01 * 216.6 / 0.026, rel=0.1)
    stations = 5.9 + 2.635 + 3 * 1.425
    power = 0.7 * 0.01 * 216.6 / 0.026 * 1e3 / 8760 / stations
    assert value("power_4g", 2021) == pytest.approx(power, abs=5e-3)
    assert value("power_5g", 2021) == pytest.approx(3 * value("power_4g", 2021))


def test_published_figures_lie_within_the_range_and_the_difference_is_shown():
    corners = data_centre_check().set_index("check")
    assert corners["within"].all()
    assert corners.loc["ministry_2021", "published"] == 216.6
    assert corners.loc["ministry_2021_co2", "published"] == 135.0
    assert corners.loc["ministry_2021", "difference"] == pytest.approx(150.02 / 216.6 - 1, abs=1e-4)
    drawn = data_centre_check(draws=4000, seed=3).set_index("check")
    assert drawn["within"].all()
    assert (drawn["low"] > corners["low"]).all()
    assert (drawn["high"] < corners["high"]).all()


def test_a_check_outside_the_range_is_told(monkeypatch):
    account = load_account()
    figure = account.checks["ministry_2021"].published.model_copy(update={"value": 1000.0})
    check = account.checks["ministry_2021"].model_copy(update={"published": figure})
    changed = account.model_copy(update={"checks": {"far": check}})
    monkeypatch.setattr("sector_models.ict.load_account", lambda: changed)
    assert data_centre_check()["within"].tolist() == [False]


def test_the_example_of_the_report_of_2023():
    """1500 racks x 8 kW x 0.75 x 8760 h = 78.84 GWh; operation 90 % and the IT over 60 %."""
    about = load_account().example
    found = data_centre(
        about.racks.value, about.rack_power.value, about.load.value, about.pue.value, wue=1.8
    )
    assert found["it_electricity"] == pytest.approx(78.84)
    assert found["electricity"] == pytest.approx(118.26)
    assert found["operation"] == pytest.approx(118.26 * 0.5366)
    assert found["operation"] / found["life_cycle"] == pytest.approx(0.9)
    assert found["it_share"] == pytest.approx(0.6)
    assert found["water"] == pytest.approx(78.84 * 1.8)


def test_one_data_centre_agrees_with_the_account(found):
    rack = data_centre(5.4e6, 3.87, 0.55, 1.49)
    assert rack["electricity"] / 1e3 == pytest.approx(
        central(found, "electricity", 2021, component="data_centres"), rel=1e-12
    )


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"load": 75}, "load: 75"),
        ({"pue": 0.9}, "pue: 0.9"),
        ({"racks": float("nan")}, "racks: nan"),
        ({"operation": 0.0}, "operation"),
        ({"wue": -1.0}, "wue"),
    ],
)
def test_an_impossible_data_centre_is_refused(changed, text):
    with pytest.raises(ValueRangeError, match=text):
        data_centre(**{"racks": 10, "rack_power": 5.0, "load": 0.5, "pue": 1.3} | changed)


def test_recycling_coefficients_of_the_report():
    found = sector_models.ewaste_recycling(100.0)
    expected = {"co2": 473, "so2": 4.6, "waste_water": 2423, "solid_waste": 1361, "coal": 197}
    assert found == pytest.approx(expected)
    # 14.5627 Mt treated in 2012-2020 and about 67 Mt avoided: 3 % apart.
    assert sector_models.ewaste_recycling(14.5627e6)["co2"] / 1e6 == pytest.approx(67, rel=0.04)
    with pytest.raises(ValueRangeError, match="tonnes"):
        sector_models.ewaste_recycling(-1.0)


def test_recycling_follows_the_waste_and_is_not_subtracted(found):
    recycled = found["recycled"].sel(year=2025, estimate="central")
    for key, factor in {"so2": 0.046, "waste_water": 24.23, "coal": 1.97}.items():
        cell = found[f"recycling_{key}"].sel(year=2025, estimate="central")
        assert float(cell) == pytest.approx(float(recycled) * factor)
    more = ict_footprint(drivers={"recycling": 1.0})
    xr.testing.assert_equal(more["embodied"], found["embodied"])


def test_the_other_view_is_the_white_paper():
    found = ict_footprint([2012, 2017], drivers=everything_else_of_2020())["industry"]
    assert found.sel(year=2017, branch="manufacturing").values.tolist() == [81.66] * 3
    total = found.sel(year=2017, estimate="central").sum()
    assert float(total) == pytest.approx(137.61)
    assert float(found.sel(year=2012, estimate="central").sum()) == pytest.approx(85.24)


def everything_else_of_2020():
    """Every quantity but the branches, held at its first value."""
    known = load_account().quantities
    return {
        k: q.points[0].value for k, q in known.items() if k not in ("manufacturing", "services")
    }


def test_low_is_low_and_high_is_high(found):
    for name in ("electricity", "use", "embodied", "e_waste"):
        values = found[name].transpose(..., "estimate").values
        assert (np.diff(values, axis=-1) >= 0).all(), name


def test_drivers_replace_quantities():
    years = [2020, 2021]
    base = ict_footprint(years)
    better = ict_footprint(years, drivers={"pue": {2020: 1.555, 2021: 1.2}})
    ratio = better["electricity"] / base["electricity"]
    cells = ratio.sel(component="data_centres", estimate="central")
    assert cells.values == pytest.approx([1.0, 1.2 / 1.49])
    assert (ratio.drop_sel(component="data_centres") == 1).all()
    assert better.attrs["drivers"] == "pue"
    series = pd.Series([1.555, 1.2], index=years)
    xr.testing.assert_equal(ict_footprint(years, {"pue": series})["use"], better["use"])


def test_a_driver_may_differ_by_estimate():
    path = xr.DataArray(
        [[0.5, 0.6, 0.7]],
        dims=("year", "estimate"),
        coords={"year": [2021], "estimate": ["low", "central", "high"]},
    )
    found = ict_footprint([2021], drivers={"grid_factor": path})
    cells = found["use"].sel(component="phones", year=2021)
    assert (cells / found["electricity"].sel(component="phones", year=2021)).values == (
        pytest.approx([0.5, 0.6, 0.7])
    )


@pytest.mark.parametrize(
    ("drivers", "error", "text"),
    [
        ({"pu": 1.2}, UnknownDriverError, "did you mean 'pue'"),
        ({"pue": 0.8}, ValueRangeError, "outside 1"),
        ({"load": 55}, ValueRangeError, "for 55 % write 0.55"),
        ({"load": -0.1}, ValueRangeError, "outside 0"),
        ({"pue": {2020: 1.2}}, YearError, "2021"),
        ({"pue": {2020: 1.2, 2021: float("nan")}}, NotANumberError, "2021"),
        ({"pue": "1.2"}, NotANumberError, "pue"),
        ({"pue": xr.DataArray(1.2, attrs={"units": "kW"})}, UnitError, "'kW'"),
        ({"pue": xr.DataArray([1.2], dims="region")}, LabelError, "region"),
        ([1.2], UnknownDriverError, "mapping"),
    ],
)
def test_wrong_drivers_are_refused(drivers, error, text):
    with pytest.raises(error, match=text):
        ict_footprint([2020, 2021], drivers=drivers)


def test_years_outside_the_account_need_drivers():
    with pytest.raises(YearError, match=r"2020 to 2030, not 2035"):
        ict_footprint([2030, 2035])


def test_impossible_draws():
    with pytest.raises(ParameterError, match="draws"):
        ict_footprint(draws=-1)


def test_draws_are_repeatable_and_lie_within_the_corners(found):
    years = [2021, 2030]
    drawn = ict_footprint(years, draws=200, seed=5)
    xr.testing.assert_identical(drawn, ict_footprint(years, draws=200, seed=5))
    corners = found["use"].sel(year=years)
    assert (drawn["use"] >= corners.sel(estimate="low") - 1e-9).all()
    assert (drawn["use"] <= corners.sel(estimate="high") + 1e-9).all()
    assert drawn.attrs["seed"] == 5


def test_points_of_one_quantity_are_drawn_at_one_rank():
    drawn = ict_footprint([2020, 2021], draws=500, seed=1)["pue"]
    orders = [drawn.sel(year=y).values.argsort().argsort() for y in (2020, 2021)]
    assert np.corrcoef(*orders)[0, 1] > 0.99


@settings(max_examples=8, deadline=None)
@given(st.floats(1.0, 3.0), st.floats(0.1, 3.0))
def test_use_is_linear_in_pue_and_in_racks(pue, scale):
    base = ict_footprint([2021], drivers={"pue": 1.0, "racks": 1.0})
    other = ict_footprint([2021], drivers={"pue": pue, "racks": scale})
    here = {"component": "data_centres"}
    np.testing.assert_allclose(
        other["use"].sel(here), base["use"].sel(here) * pue * scale, rtol=1e-10
    )


def test_every_number_has_a_source_and_assumptions_say_why():
    table = account_provenance()
    assert set(table["status"]) == {"published", "derived", "assumption"}
    bare = table[(table["status"] != "published") & (table["note"] == "")]
    assert bare.empty
    assumed = table["status"] == "assumption"
    assert table.loc[assumed, "source"].str.contains("assumption").all()


def test_every_quantity_is_used():
    """A driver that changes nothing would be a dead number."""
    base = ict_footprint([2020])
    for name, quantity in load_account().quantities.items():
        if name == "coal_equivalent":
            continue  # used by the targets
        start = quantity.points[0].value
        moved = quantity.minimum + (start - quantity.minimum) * 0.9
        other = ict_footprint([2020], drivers={name: moved})
        assert not other.equals(base), name


def test_a_damaged_account_lists_its_problems():
    text = (files("sector_models") / "data" / "ict_account.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    raw["quantities"]["pue"]["points"][0]["source"] = "nowhere"
    raw["quantities"]["racks"]["points"].reverse()
    raw["quantities"]["load"]["points"][0]["high"] = 75.0
    with pytest.raises(SectorFileError) as error:
        checked(Account, raw, "ict_account.toml")
    assert "no source 'nowhere'" in str(error.value)
    assert "do not ascend" in str(error.value)
    assert "range 0 to 1" in str(error.value)


def test_the_levers_of_the_industry():
    """15 levers; at full adoption the industry saves about an eighth of its emissions."""
    sector = sector_models.load("ict")
    cases = dict.fromkeys(sector.use_cases, 1.0)
    effects = sector_models.run(
        sector, adoption=cases, reference_adoption=dict.fromkeys(cases, 0.0), years=[2030]
    )
    saved = effects["enabled"].sum("use_case").sel(year=2030)
    assert float(saved.sel(estimate="central")) / 137.61 == pytest.approx(0.115, abs=0.005)
    design = sector.use_cases["centre_design"]
    assert design.saving.value == pytest.approx(1 - 0.27 / 0.555, abs=0.005)
    assert sector.use_cases["station_hardware"].saving.value == pytest.approx(1 - 1 / 1.2, abs=1e-3)
    share = sector.segments["data_centre_overhead"].share
    it = sector.segments["data_centre_it"].share
    assert share.value / it.value == pytest.approx(0.555, abs=0.01)
    orders = {c.order for case in sector.use_cases.values() for c in case.consequences}
    assert orders == {"first", "second", "higher"}
