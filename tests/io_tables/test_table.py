"""The table itself: arithmetic by hand, and what it refuses to let happen."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from io_tables import Concordance, IOTable, from_arrays
from io_tables.errors import ConcordanceError

KEYS = {"units": "USD", "price_basis": "current", "source": "by hand"}


def competitive() -> IOTable:
    """Two sectors; A imports 20 of its supply, exports go past the import share."""
    return from_arrays(
        [[10, 30], [20, 40]],
        [[40, 40, -20], [60, 10, -30]],
        sectors=["A", "B"],
        categories=["households", "exports", "imports"],
        **KEYS,
    )


def test_output_and_value_added_close_the_table(textbook):
    assert textbook.output.values.tolist() == [1000, 2000]
    assert textbook.value_added.values.tolist() == [650, 1400]
    assert textbook.tolerance == pytest.approx(2e-3)


def test_every_array_carries_its_unit(textbook):
    assert textbook.final_demand.attrs["units"] == "USD"
    assert textbook.value_added.attrs["units"] == "USD"
    assert textbook.households["CO2"].attrs["units"] == "Mt"


def test_a_transposed_array_is_taken_by_name():
    flows = xr.DataArray(
        [[150, 200], [500, 100]],
        coords={"purchaser": ["A", "B"], "sector": ["A", "B"]},
        dims=("purchaser", "sector"),
    )
    table = from_arrays(flows, [350, 1700], sectors=["A", "B"], **KEYS)
    assert table.transactions.values.tolist() == [[150, 500], [200, 100]]


def test_frames_bring_their_labels():
    flows = pd.DataFrame([[150, 500], [200, 100]], index=["A", "B"], columns=["A", "B"])
    demand = pd.DataFrame({"homes": [300, 1600], "state": [50, 100]}, index=["A", "B"])
    table = from_arrays(flows, demand, sectors=["A", "B"], **KEYS)
    assert table.categories == ["homes", "state"]


def test_nothing_in_a_table_can_be_changed(textbook):
    with pytest.raises(FrozenInstanceError):
        textbook.units = "EUR"
    with pytest.raises(ValueError, match="read-only"):
        textbook.transactions[0, 0] = 0
    with pytest.raises(TypeError, match="does not support item assignment"):
        textbook.satellites["CO2"] = textbook.output
    with pytest.raises(ValueError, match="read-only"):
        textbook.aggregate({"A": "all", "B": "all"}).output[0] = 0


def test_input_arrays_are_copied():
    flows = np.array([[150.0, 500.0], [200.0, 100.0]])
    table = from_arrays(flows, [350, 1700], sectors=["A", "B"], **KEYS)
    flows[0, 0] = 0
    assert table.transactions.values[0, 0] == 150


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])  # noqa: S301
def test_a_copy_is_checked_and_read_only_too(clone, textbook):
    again = clone(textbook)
    assert again.content_hash == textbook.content_hash
    with pytest.raises(ValueError, match="read-only"):
        again.satellites["CO2"][0] = 0


def test_hash_follows_content(textbook):
    same = from_arrays(
        textbook.transactions,
        textbook.final_demand,
        sectors=["A", "B"],
        satellites={"CO2": ([3, 5], "Mt")},
        households={"CO2": (1, "Mt")},
        units="USD",
        price_basis="current",
        source="another source",
        scope="direct",
        name="another name",
    )
    assert same.content_hash == textbook.content_hash
    hashes = {textbook.content_hash}
    for change in (
        {"units": "EUR"},
        {"price_basis": "2020"},
        {"scope": None},
        {"satellites": {"CO2": ([3, 5], "kt")}, "households": {"CO2": (1, "kt")}},
        {"satellites": {"CO2": ([3, 5.000001], "Mt")}},
        {"households": {}},
        {"sectors": ["A", "C"]},
        {"components": ["wages"], "value_added": [650, 1400]},
    ):
        given = {
            "sectors": ["A", "B"],
            "satellites": {"CO2": ([3, 5], "Mt")},
            "households": {"CO2": (1, "Mt")},
            "scope": "direct",
        }
        flows = textbook.transactions.values
        hashes.add(from_arrays(flows, [350, 1700], **(KEYS | given | change)).content_hash)
    assert len(hashes) == 9


def test_aggregation_adds_up(textbook):
    one = textbook.aggregate({"A": "all", "B": "all"})
    assert one.transactions.values.tolist() == [[950]]
    assert one.output.values.tolist() == [3000]
    assert one.satellites["CO2"].values.tolist() == [8]
    assert float(one.households["CO2"]) == 1
    assert "aggregated to 1 sectors" in one.history[-1]


def test_shares_split_a_sector_between_targets(textbook):
    shares = xr.DataArray(
        [[0.25, 0.0], [0.75, 1.0]],
        coords={"target": ["X", "Y"], "sector": ["A", "B"]},
        dims=("target", "sector"),
    )
    table = textbook.aggregate(Concordance(shares, "by hand"))
    assert table.output.values.tolist() == [250, 2750]
    assert table.satellites["CO2"].values.tolist() == [0.75, 7.25]


def test_domestic_table_by_hand():
    table = competitive().domestic()
    # A: output 100, supply at home 100 + 20 - 40 = 80, import share 1/4; B: 100, 120, 1/4
    assert table.transactions.values.tolist() == [[7.5, 22.5], [15, 30]]
    assert table.final_demand.sel(category="households").values.tolist() == [30, 45]
    assert table.final_demand.sel(category="exports").values.tolist() == [40, 10]
    assert table.categories == ["households", "exports"]
    imported = table.primary_inputs.sel(component="imported inputs")
    assert imported.values.tolist() == [7.5, 17.5]
    assert table.value_added.values.tolist() == competitive().value_added.values.tolist()
    assert table.output.values.tolist() == [100, 100]


def test_domestic_table_needs_imports(textbook):
    with pytest.raises(ConcordanceError, match="no final-demand category 'imports'"):
        textbook.domestic()


def test_imports_beyond_domestic_use_are_named():
    table = from_arrays(
        [[10, 30], [20, 40]],
        [[0, 90, -50], [60, 10, -30]],
        sectors=["A", "B"],
        categories=["households", "exports", "imports"],
        **KEYS,
    )
    with pytest.raises(ConcordanceError, match=r"A \(1\.250\)"):
        table.domestic()


def test_emissions_on_zero_output_are_reported():
    table = from_arrays(
        [[1, 0], [0, 0]], [1, 0], sectors=["A", "idle"], satellites={"CO2": ([1, 4], "Mt")}, **KEYS
    )
    found = [str(f) for f in table.check().at("warning")]
    assert any("sector idle: 4 Mt of CO2 on zero output" in text for text in found)
    assert any("scope of the satellite accounts is not stated" in text for text in found)


def test_tolerance_of_a_rounded_publication():
    table = from_arrays(
        [[1]], [2], sectors=["A"], output=[3.4], value_added=[2], tolerance=0.5, **KEYS
    )
    assert table.output.values.tolist() == [3.4]


def test_unproductive_table_is_found():
    table = from_arrays([[5, 30], [40, 5]], [-15, 5], sectors=["A", "B"], **KEYS)
    report = table.check()
    assert not report.ok
    assert "not productive" in str(report)
    assert report.to_dict()["ok"] is False


def test_report_of_a_sound_table_says_how_well_it_adds_up(textbook):
    report = textbook.check()
    assert report.ok
    assert report.counts == {"error": 0, "warning": 0, "info": 5}
    assert "largest gap of 2 rows is 0 USD (tolerance 0.002)" in str(report)


def test_negative_flows_and_accounts_are_mentioned():
    table = from_arrays(
        [[5, -1], [4, 5]],
        [15, 5],
        sectors=["A", "B"],
        satellites={"CO2": ([1, -2], "Mt")},
        scope="direct",
        **KEYS,
    )
    text = str(table.check())
    assert "row A, column B: negative flow -1" in text
    assert "sector B: CO2 is negative" in text
