"""What holds for any table."""

from __future__ import annotations

import csv
import os
import string
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from io_tables import Concordance, IOTable, from_arrays, read, write_tidy
from io_tables.manifest import read_manifest
from io_tables.multipliers import multipliers

ROOT = Path(__file__).parents[2]
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


@st.composite
def economies(draw: st.DrawFn) -> IOTable:
    """Any table whose sectors all sell to final demand, so that I - A loses no digits."""
    sectors = draw(st.lists(labels, min_size=1, max_size=4, unique=True))
    n = len(sectors)
    return from_arrays(
        draw(arrays(float, (n, n), elements=st.floats(0, 100))),
        draw(arrays(float, (n, 1), elements=st.floats(50, 1000))),
        sectors=sectors,
        categories=["use"],
        satellites={"CO2": (draw(arrays(float, n, elements=st.floats(0, 1000))), "Mt")},
        units="USD",
        price_basis="current",
        source="hypothesis",
        scope="direct",
    )


def embodied(table: IOTable) -> xr.DataArray:
    """Emissions by the sector whose product is bought."""
    intensity = table.satellites["CO2"].values / table.output.values
    footprint = multipliers(table, intensity) * table.final_demand.sum("category").values
    return table.output.copy(data=footprint)


@given(economies(), st.data())
@settings(deadline=None, max_examples=50)
def test_aggregation_commutes_with_footprint_totals(table, data):
    """Aggregates have other multipliers, and the same total: every tonne is embodied once."""
    targets = data.draw(st.lists(st.sampled_from("XY"), min_size=len(table.sectors), max_size=4))
    coarse = table.aggregate(dict(zip(table.sectors, targets, strict=False)))
    total = float(table.satellites["CO2"].sum())
    assert float(embodied(table).sum()) == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert float(embodied(coarse).sum()) == pytest.approx(total, rel=1e-9, abs=1e-9)


@given(economies(), st.data())
@settings(deadline=None, max_examples=50)
def test_shuffled_labels_give_identical_results(tmp_path_factory, table, data):
    """The order of sectors carries no meaning: numbers follow their labels."""
    order = data.draw(st.permutations(table.sectors))
    path = tmp_path_factory.mktemp("shuffled") / "t.csv"
    write_tidy(table, path)
    head, *lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rank = {label: i for i, label in enumerate(order)}
    lines.sort(key=lambda row: (row[0] != "transactions", rank.get(row[1], -1), row[2]))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *lines])
    manifest = read_manifest(path.with_suffix(".toml")).model_dump(exclude_defaults=True)
    again = read(path, manifest={**manifest, "content_hash": None})
    assert again.sectors == order
    for one, other in ((again.transactions, table.transactions), (again.output, table.output)):
        np.testing.assert_array_equal(one, other.sel({d: one[d] for d in one.dims}))
    np.testing.assert_allclose(embodied(again), embodied(table).sel(sector=order), rtol=1e-9)


# SHA-256 of the textbook table, computed once; another machine must find the same.
PINNED = "05ebc8275ca2a598989e015c54eccf7208d92a0898463710ec59981d1686d82e"


@pytest.mark.parametrize("kind", ["<f8", ">f8", "<f4", "i8", object])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_hash_is_that_of_any_machine(textbook, kind, order):
    """Neither byte order, memory layout nor the type of the numbers given matters."""
    again = from_arrays(
        np.array([[150, 500], [200, 100]], dtype=kind, order=order),
        np.array([350, 1700], dtype=kind),
        sectors=["A", "B"],
        categories=["households"],
        satellites={"CO2": (np.array([3, 5], dtype=kind), "Mt")},
        households={"CO2": (1, "Mt")},
        units="USD",
        price_basis="current",
        source="another",
        scope="direct",
    )
    assert again.content_hash == textbook.content_hash == PINNED


def test_the_hash_does_not_depend_on_the_process():
    code = (
        "import io_tables; print(io_tables.from_arrays([[1, 2], [3, 4]], [5, 6], "
        "sectors=['电力', 'B'], satellites={'CO2': ([1, 2], 'Mt'), 'CH4': ([3, 4], 'Mt')}, "
        "units='USD', price_basis='p', source='s').content_hash)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "LC_ALL": language},
        ).stdout
        for seed, language in (("0", "C"), ("12345", "C.UTF-8"))
    }  # fmt: skip
    assert len(found) == 1
