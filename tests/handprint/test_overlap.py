"""Saved electricity and cleaner electricity on one base."""

import numpy as np
import pytest
import xarray as xr

import sector_models
from handprint.bridge import bridge_of
from handprint.bridging import Emitting, electric_share
from handprint.overlap import without_overlap

NAMES = ("power", "buildings")


@pytest.fixture(scope="module")
def both(china):
    """Buildings whose emissions contain those of the electricity that services buy."""
    buildings = sector_models.load("buildings")
    electricity = sector_models.Affected(
        kind="input", rows=("ELE",), purchasers=("TRD", "BUS"), status="assumption",
        source="assumption",
    )  # fmt: skip
    cooling = buildings.use_cases["cooling_control"].model_copy(update={"affected": (electricity,)})
    changed = buildings.model_copy(
        update={
            "scope": "direct+purchased",
            "use_cases": {**buildings.use_cases, "cooling_control": cooling},
        }
    )
    return bridge_of({"power": sector_models.load("power"), "buildings": changed}, china)


def parts(saved):
    """One lever in each of two models; the power sector emits 1000."""
    labels = list(saved)
    values = np.array(list(saved.values()), dtype=float).reshape(-1, 1, 1)
    dims, years = ("use_case", "year", "estimate"), [2030]
    enabled = xr.DataArray(
        values,
        coords={
            "use_case": labels, "year": years, "estimate": ["central"],
            "model": ("use_case", [k.split(".")[0] for k in labels]),
            "lever": ("use_case", [k.split(".")[1] for k in labels]),
        },
        dims=dims, attrs={"units": "Mt CO2"},
    )  # fmt: skip
    reference = xr.DataArray(
        [[1000.0], [500.0]], coords={"sector": list(NAMES), "year": years}, dims=("sector", "year")
    )
    rebound = (0.1 * enabled).assign_attrs(units="Mt CO2")
    return xr.Dataset({"enabled": enabled, "rebound": rebound, "reference": reference})


def test_two_sides_of_one_base_by_hand(both, china):
    """A tenth less use of what is a fifth cleaner: 280 of 1000, each side bears 10 of the 20."""
    found = without_overlap(
        parts({"power.dispatch": 200, "buildings.cooling_control": 100}), both, china, "CO2"
    )
    np.testing.assert_allclose(found["enabled"].values.ravel(), [190, 90])
    np.testing.assert_allclose(found["overlap_grid"].values.ravel(), [10, 10])
    np.testing.assert_allclose(found["rebound"].values.ravel(), [19, 9])


def test_fuel_does_not_overlap_with_the_grid(both, china):
    assert electric_share(both, "buildings", "*", Emitting(china, "CO2")) == 0
    given = parts({"power.dispatch": 200, "buildings.heating_control": 100})
    found = without_overlap(given, both, china, "CO2")
    np.testing.assert_array_equal(found["enabled"], given["enabled"])
    assert float(found["overlap_grid"].sum()) == 0


def test_models_of_direct_emissions_overlap_with_nothing(bridge, china):
    given = parts({"power.dispatch": 200, "buildings.cooling_control": 100})
    found = without_overlap(given, bridge, china, "CO2")
    np.testing.assert_array_equal(found["enabled"], given["enabled"])
