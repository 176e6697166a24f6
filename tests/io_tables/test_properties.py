"""What holds for any table."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from io_tables import Concordance, IOTable, from_arrays, read, write_tidy

labels = st.text(string.ascii_uppercase + '电力,"', min_size=1, max_size=4)
amounts = st.floats(0, 1e9, allow_subnormal=False)


@st.composite
def tables(draw: st.DrawFn) -> IOTable:
    """Any balanced table with an account."""
    sectors = draw(st.lists(labels, min_size=1, max_size=5, unique=True))
    n = len(sectors)
    return from_arrays(
        draw(arrays(float, (n, n), elements=amounts)) + 1e-3,
        draw(arrays(float, (n, 2), elements=amounts)),
        sectors=sectors,
        categories=["homes", "state"],
        satellites={"CO2": (draw(arrays(float, n, elements=amounts)), "Mt")},
        households={"CO2": (draw(amounts), "Mt")},
        units=draw(st.sampled_from(["10^4 CNY", "USD"])),
        price_basis="current",
        source="hypothesis",
        scope=draw(st.sampled_from([None, "direct", "direct+purchased"])),
    )


@given(tables())
@settings(deadline=None)
def test_write_and_read_is_identity(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("tidy") / "t.csv"
    write_tidy(table, path)
    again = read(path)
    assert again.content_hash == table.content_hash
    assert again.sectors == table.sectors
    assert np.array_equal(again.transactions.values, table.transactions.values)
    assert again.tolerance == table.tolerance


@given(tables(), st.data())
@settings(deadline=None)
def test_aggregation_keeps_totals(table, data):
    targets = data.draw(st.lists(st.sampled_from("XYZ"), min_size=len(table.sectors), max_size=5))
    mapping = dict(zip(table.sectors, targets, strict=False))
    coarse = table.aggregate(Concordance.from_mapping(mapping, source="hypothesis"))
    for fine, sums in (
        (table.transactions, coarse.transactions),
        (table.output, coarse.output),
        (table.value_added, coarse.value_added),
        (table.satellites["CO2"], coarse.satellites["CO2"]),
    ):
        assert float(sums.sum()) == pytest.approx(float(fine.sum()), rel=1e-12, abs=1e-3)
    for category in table.categories:
        expected = float(table.final_demand.sel(category=category).sum())
        found = float(coarse.final_demand.sel(category=category).sum())
        assert found == pytest.approx(expected, rel=1e-12)


@given(tables(), tables())
@settings(deadline=None)
def test_equal_content_equal_hash(one, other):
    again = from_arrays(
        one.transactions,
        one.final_demand,
        sectors=one.sectors,
        satellites={"CO2": (one.satellites["CO2"], "Mt")},
        households={"CO2": (float(one.households["CO2"]), "Mt")},
        units=one.units,
        price_basis="current",
        source="anything",
        scope=one.scope,
    )
    assert again.content_hash == one.content_hash
    same = one.sectors == other.sectors and np.array_equal(one.output.values, other.output.values)
    assert same or one.content_hash != other.content_hash
