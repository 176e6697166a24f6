"""From parts to indicators: gross to net with opposite corners, ratios on sums."""

import numpy as np
import pytest
import xarray as xr

from handprint.headline import (
    headline,
    indicator_ratios,
    mirror,
    reconciled_range,
    with_total,
)
from handprint.scenario import Share

OPPOSITE = {"low": "high", "central": "central", "high": "low"}
ADDITIVE = ("reference", "enabled", "rebound_direct", "rebound_respending", "footprint", "NER",
            "NER_star", "actual_reduction", "lesser_increase", "ict_purchases")  # fmt: skip
EVERYWHERE = [(e, y) for e in OPPOSITE for y in (2020, 2025, 2030)]
RESPEND = Share(value=0.5, low=0.25, high=1, year=2020, status="assumption", source="assumption")


def over(*values, **dims):
    """Values by the named dims, with year and estimate last."""
    coords = {**dims, "year": [2020, 2030], "estimate": ["low", "central", "high"]}
    shape = [len(c) for c in coords.values()]
    return xr.DataArray(np.array(values, float).reshape(shape), coords=coords, dims=list(coords))


def two_levers():
    """One sector, two levers of 10/20/40 and 0/10/10 Mt in 2030; rebound 10, 20 and 40 %."""
    cases = {"use_case": ["a", "b"]}
    none = [0, 0, 0]
    enabled = over([none, [10, 20, 40]], [none, [0, 10, 10]], **cases)
    rate = xr.DataArray(
        [[0.1, 0.2, 0.4]] * 2,
        coords={**cases, "estimate": ["low", "central", "high"]},
        dims=("use_case", "estimate"),
    )
    bottom = xr.Dataset(
        {
            "enabled": enabled,
            "rebound": enabled * rate,
            "footprint": over([none, [1, 2, 4]], [none, [0, 1, 2]], **cases),
            "ict_purchases": over([none, [100, 200, 400]], [none, [0, 100, 200]], **cases),
            "rebound_rate": rate,
            "reference": xr.DataArray(
                [[100.0, 130.0]],
                coords={"sector": ["s"], "year": [2020, 2030]},
                dims=("sector", "year"),
            ),
            "reference_twice": xr.DataArray(
                [[0.0, 0.0]],
                coords={"sector": ["s"], "year": [2020, 2030]},
                dims=("sector", "year"),
            ),
        }
    ).assign_coords(model=("use_case", ["s", "s"]))
    # 24 Mt net save (420 + 300 for ICT) / 24 = 30 each; what is spent again emits 0.01.
    top = xr.Dataset(
        {
            "cost_saving": over([none, [1, 420, 3]], sector=["s"]),
            "respending_of_all": over([none, [2, 4.2, 8]], sector=["s"]),
        }
    )
    reconciled = xr.Dataset({"blended": ("year", [True])}, coords={"year": [2030]})
    return headline(bottom, top, reconciled, RESPEND)


def test_two_levers_by_hand():
    found = two_levers().sel(sector="s", year=2030)
    for name, wanted in {
        "enabled": [10, 30, 50],
        "footprint": [1, 3, 6],
        # High footprint against the low effect, and the reverse.
        "NER": [10 - 6, 30 - 3, 50 - 1],
        "rebound_direct": [1, 6, 20],
        # share x 0.01 x (30 x net - ICT): 9 - 100, 24 - 300, 30 - 600.
        "rebound_respending": [0.25 * 1.7, 0.5 * 4.2, 3],
        # The low effect loses 40 % and buys ICT for 600: what is missing, 4.2, is spared by a
        # quarter. The high one loses 10 %, buys for 100 and spends a quarter of 12.5 again.
        "NER_star": [4 - 4 + 0.25 * 4.2, 27 - 6 - 0.5 * 4.2, 49 - 5 - 0.25 * 12.5],
        # 100 before, 130 without levers; 9, 24 or 30 net of rebound: 121, 106, 100 left.
        "actual_reduction": [0, 0, 0],
        "lesser_increase": [9, 24, 30],
        "ict_purchases": [100, 300, 600],
    }.items():
        np.testing.assert_allclose(found[name], wanted, atol=1e-12, err_msg=name)
    assert found["ict_purchases"].attrs["units"] == "10^4 CNY"
    assert found["NER"].attrs["units"] == "Mt CO2"


def test_ratios_of_two_levers_by_hand():
    found = indicator_ratios(two_levers()).sel(sector="s", year=2030)
    np.testing.assert_allclose(found["VEI_gross"], [10 / 6, 30 / 3, 50 / 1])
    np.testing.assert_allclose(found["VEI_net"], [4 / 6, 27 / 3, 49 / 1])
    np.testing.assert_allclose(found["VEI_share"], [4 / 130, 27 / 130, 49 / 130])
    np.testing.assert_allclose(found["EI"], [4e6 / 600, 27e6 / 300, 49e6 / 100])
    assert found["EI"].attrs["units"] == "t CO2/10^4 CNY"


@pytest.mark.parametrize("name", ADDITIVE)
def test_total_is_the_sum_of_the_sectors(name, current):
    array = current.indicators[name]
    assert array["sector"].values[-1] == "total"
    np.testing.assert_allclose(
        array.sel(sector="total"), array.values[:-1].sum(axis=0), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize(("estimate", "year"), EVERYWHERE)
def test_net_is_gross_less_footprint_and_rebound_of_the_opposite_corner(estimate, year, current):
    here = current.indicators.sel(year=year, estimate=estimate)
    there = current.indicators.sel(year=year, estimate=OPPOSITE[estimate])
    np.testing.assert_allclose(here["NER"], here["enabled"] - there["footprint"], atol=1e-9)
    now = current.bottom_up.sel(year=year)
    back = now["rebound_rate"].sel(estimate=OPPOSITE[estimate])
    centre = current.top_down.sel(year=year, estimate="central")
    spent = float(centre["cost_saving"].sum())
    rate = float(centre["respending_of_all"].sum()) / spent if spent else 0.0
    for sector in current.scenario.sectors:
        mine = (now["model"] == sector).values
        direct = float((now["enabled"].sel(estimate=estimate) * back).values[mine].sum())
        wanted = float(here["NER"].sel(sector=sector)) - direct
        net = float(here["enabled"].sel(sector=sector)) - direct
        middle = current.indicators.sel(year=year, estimate="central", sector=sector)
        base = float(middle["enabled"] - middle["rebound_direct"])
        saved = float(centre["cost_saving"].sel(sector=sector) + middle["ict_purchases"])
        cost = net * saved / base if base else 0.0
        again = rate * (cost - float(there["ict_purchases"].sel(sector=sector)))
        ends = {"low": (1.0, 0.5), "central": (0.75, 0.75), "high": (0.5, 1.0)}[estimate]
        wanted -= ends[again <= 0] * again
        assert float(here["NER_star"].sel(sector=sector)) == pytest.approx(wanted, abs=1e-9)


def test_gross_parts_are_sums_over_levers(current):
    mine = current.bottom_up["model"].values == "industry"
    parts = {"enabled": "enabled", "rebound_direct": "rebound", "footprint": "footprint"}
    for name, part in (parts | {"ict_purchases": "ict_purchases"}).items():
        wanted = current.bottom_up[part].transpose("use_case", ...).values[mine].sum(axis=0)
        np.testing.assert_allclose(current.indicators[name].sel(sector="industry"), wanted)


def test_split_into_reduction_and_lesser_increase(current):
    parts = current.indicators.drop_sel(sector="total")
    avoided = parts["enabled"] - parts["rebound_direct"]
    before = parts["reference"].sel(year=2020)
    left = parts["reference"] - avoided
    wanted = np.minimum(avoided, before - left).clip(0, avoided.clip(0))
    np.testing.assert_allclose(
        parts["actual_reduction"], wanted.transpose(*parts["actual_reduction"].dims), atol=1e-9
    )
    np.testing.assert_allclose(
        (parts["actual_reduction"] + parts["lesser_increase"]).transpose(*avoided.dims),
        avoided,
        atol=1e-9,
    )
    assert float(parts["actual_reduction"].max()) > 0


@pytest.mark.parametrize(("estimate", "year"), [(e, y) for e, y in EVERYWHERE if y > 2020])
@pytest.mark.parametrize("sector", ["power", "industry", "transport", "buildings", "total"])
def test_ratios_are_formed_on_sums(sector, estimate, year, current):
    here = current.indicators.sel(sector=sector, year=year, estimate=estimate)
    there = current.indicators.sel(sector=sector, year=year, estimate=OPPOSITE[estimate])
    found = current.ratios.sel(sector=sector, year=year, estimate=estimate)
    footprint = float(there["footprint"])
    # A negative NER per purchase is worst where little is bought.
    spent = float(there["ict_purchases"] if here["NER"] >= 0 else here["ict_purchases"])
    assert float(found["VEI_gross"]) == pytest.approx(float(here["enabled"]) / footprint)
    assert float(found["VEI_net"]) == pytest.approx(float(here["NER"]) / footprint)
    assert float(found["VEI_share"]) == pytest.approx(float(here["NER"] / here["reference"]))
    assert float(found["EI"]) == pytest.approx(1e6 * float(here["NER"]) / spent)


def test_every_ratio_says_what_it_is(current):
    for name in ("EI", "VEI_gross", "VEI_net", "VEI_share"):
        assert current.ratios[name].attrs["definition"]
        assert current.ratios[name].attrs["definition_zh"]
        assert current.ratios[name].attrs["units"]
    assert "2020" in current.ratios.attrs["undefined"]


def test_no_ratio_without_a_footprint(frozen):
    assert not frozen.ratios.data_vars
    assert "2020" in frozen.ratios.attrs["undefined"]
    assert "2030" in frozen.ratios.attrs["undefined"]


def test_ratios_keep_to_sectors_with_a_footprint(current):
    parts = current.indicators.copy(deep=True)
    for name in ("footprint", "ict_purchases", "enabled", "NER"):
        parts[name].loc[{"sector": "transport"}] = 0
    found = indicator_ratios(parts)
    assert found["sector"].values.tolist() == ["power", "industry", "buildings", "total"]
    assert found["year"].values.tolist() == list(range(2021, 2031))
    assert "transport" in found.attrs["undefined"]
    np.testing.assert_array_equal(
        found["EI"].sel(sector="power"), current.ratios["EI"].sel(sector="power")
    )


def test_mirror_swaps_the_ends_only():
    array = over([1, 2, 3], [4, 5, 6])
    np.testing.assert_array_equal(mirror(array), [[3, 2, 1], [6, 5, 4]])
    assert mirror(array)["estimate"].values.tolist() == ["low", "central", "high"]


def test_total_keeps_units():
    parts = xr.Dataset({"a": over([1, 2, 3], [4, 5, 6], sector=["s"]).assign_attrs(units="Mt")})
    found = with_total(parts, xr.zeros_like(parts["a"]))
    assert found["a"].attrs["units"] == "Mt"
    assert found["sector"].values.tolist() == ["s", "total"]


def test_reconciled_range_is_ninety_percent_of_a_normal(current):
    low, central, high = (
        reconciled_range(current.reconciled).sel(estimate=e) for e in ("low", "central", "high")
    )
    np.testing.assert_allclose(central - low, 1.6449 * current.reconciled["sd"], rtol=1e-4)
    np.testing.assert_allclose(high - central, central - low, rtol=1e-9)
