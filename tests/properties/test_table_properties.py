"""What holds for any table and its footprints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from handprint.leontief import Solver, intensity, ledger
from io_tables import Concordance, IOTable, check, fix, from_arrays, read, write_tidy

MOST = 6
amounts = st.floats(0, 1e6, allow_subnormal=False)
demands = st.floats(1, 1e3)
coefficients = st.floats(0, 0.9 / MOST, allow_subnormal=False)
KEYS = {"units": "USD", "price_basis": "current 2005", "source": "hypothesis", "scope": "direct"}


@st.composite
def economies(draw: st.DrawFn) -> IOTable:
    """Draw a productive table, perhaps with a sector that makes nothing but has emissions."""
    n = draw(st.integers(1, MOST))
    a = draw(arrays(float, (n, n), elements=coefficients))
    demand = draw(arrays(float, (n, 2), elements=demands))
    emissions = draw(arrays(float, n, elements=amounts))
    if draw(st.booleans()):
        at = draw(st.integers(0, n - 1))
        a[at], a[:, at], demand[at] = 0, 0, 0
    flows = a * np.linalg.solve(np.eye(n) - a, demand.sum(axis=1))
    return from_arrays(
        flows,
        demand,
        sectors=[f"S{i}" for i in range(n)],
        categories=["homes", "state"],
        satellites={"CO2": (emissions, "Mt")},
        households={"CO2": (1.0, "Mt")},
        **KEYS,
    )


def shuffled(table: IOTable, order: list[int]) -> IOTable:
    """Take the sectors in another order."""
    return from_arrays(
        table.transactions.values[np.ix_(order, order)],
        table.final_demand.values[order],
        sectors=[table.sectors[i] for i in order],
        categories=table.categories,
        output=table.output.values[order],
        value_added=table.primary_inputs.values[:, order],
        components=[str(c) for c in table.primary_inputs["component"].values],
        satellites={"CO2": (table.satellites["CO2"].values[order], "Mt")},
        households={"CO2": (1.0, "Mt")},
        tolerance=table.tolerance,
        **KEYS,
    )


@settings(deadline=None)
@given(economies())
def test_the_ledger_closes(table):
    book, produced = ledger(table, "CO2"), float(table.satellites["CO2"].sum())
    accounted = float(book["embodied"].sum() + book["not_allocated"].sum())
    assert abs(produced - accounted) <= 1e-9 * produced


@settings(deadline=None)
@given(economies(), st.data())
def test_aggregation_commutes_with_footprint_totals(table, data):
    """In all, and for what is not allocated as long as idle sectors stay among themselves."""
    idle = table.output.values <= 0
    targets = ["idle" if i else data.draw(st.sampled_from("XYZ")) for i in idle]
    mapping = dict(zip(table.sectors, targets, strict=True))
    coarse = table.aggregate(Concordance.from_mapping(mapping, source="hypothesis"))
    fine_book, coarse_book = ledger(table, "CO2"), ledger(coarse, "CO2")
    size = float(fine_book["produced"].sum())
    for name in ("produced", "embodied", "not_allocated"):
        total = float(fine_book[name].sum())
        assert float(coarse_book[name].sum()) == pytest.approx(total, rel=1e-9, abs=1e-9 * size)


@settings(deadline=None)
@given(economies(), st.randoms(use_true_random=False))
def test_shuffled_labels_give_identical_results(table, random):
    order = list(range(len(table.sectors)))
    random.shuffle(order)
    other = shuffled(table, order)
    multipliers = [Solver(t).multipliers(intensity(t, "CO2")) for t in (table, other)]
    again = multipliers[1].sel(sector=table.sectors)
    np.testing.assert_allclose(again, multipliers[0], rtol=1e-8, atol=1e-12)
    books = [ledger(t, "CO2")["embodied"] for t in (table, other)]
    same = books[1].sel(sector=table.sectors)
    np.testing.assert_allclose(same, books[0], rtol=1e-8, atol=1e-6)
    counts = [t.check().counts for t in (table, other)]
    assert counts[0] == counts[1]


@settings(deadline=None)
@given(economies(), st.randoms(use_true_random=False))
def test_a_shuffled_file_is_put_in_order_again(tmp_path_factory, table, random):
    """Columns of a wide file carry their labels, so that their order can be restored."""
    from io_tables.repairs import reordered

    n = len(table.sectors)
    order = list(range(n))
    random.shuffle(order)
    header = ["", *table.sectors, "output"]
    rows = [
        [s, *map(repr, z), repr(x)]
        for s, z, x in zip(
            table.sectors,
            table.transactions.values.tolist(),
            table.output.values.tolist(),
            strict=True,
        )
    ]
    places = [0, *(1 + i for i in order), n + 1]
    mixed = [[row[i] for i in places] for row in [header, *rows]]
    assert reordered(mixed, "t")[0] == [header, *rows]


@settings(deadline=None)
@given(economies())
def test_check_and_fix_leave_a_sound_file_as_it_is(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("sound")
    path = folder / "t.csv"
    write_tidy(table, path)
    before = path.read_bytes()
    assert check(path).ok
    assert check(path).findings == table.check().findings
    log = fix(path, folder / "new.csv", difference=False)
    assert (log.changes, log.written) == ((), None)
    assert path.read_bytes() == before
    assert read(path).content_hash == table.content_hash
