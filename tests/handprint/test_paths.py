"""Structural paths: the exact largest, checked against all paths of small economies."""

from itertools import pairwise

import numpy as np
import pytest

import io_tables
from handprint.errors import (
    DecompositionError,
    LabelMismatchError,
    MissingSatelliteError,
    NotProductiveError,
    OptionError,
    UnknownSectorError,
)
from handprint.paths import structural_paths
from handprint.search import Economy, upstream_bound

CHINA = {year: io_tables.load(f"china-{year}-cn24") for year in (2012, 2017)}


def economy(z, y, e, **options):
    n = len(z)
    given = {"sectors": list("abcdefgh"[:n]), "scope": "direct", "units": "USD"} | options
    return io_tables.from_arrays(
        z, y, satellites={"CO2": (e, "Mt")}, price_basis="current", source="test", **given,
    )  # fmt: skip


def test_paths_of_a_chain_by_hand():
    """a sells 10 to b, b sells 20 to c, c sells 40; a emits 6, b 4: 0.6 x 0.5 x 40 ..."""
    table = economy([[0, 10, 0], [0, 0, 20], [0, 0, 0]], [0, 0, 40], [6, 4, 0])
    found = structural_paths(table)
    assert list(found["path"]) == ["a -> b -> c", "b -> c"]
    np.testing.assert_allclose(found["value"], [6, 4])
    np.testing.assert_allclose(found["cumulative"], [0.6, 1])
    assert list(found["order"]) == [2, 1]
    assert set(found["unit"]) == {"Mt"}
    assert found.attrs["coverage"] == pytest.approx(1)
    assert found.attrs["total"] == pytest.approx(10)


@pytest.mark.parametrize("table", [CHINA[2017], CHINA[2017].domestic()], ids=["net", "domestic"])
def test_paths_are_those_of_the_table(table):
    found = structural_paths(table, top=300)
    x = table.output.values
    a, s = table.transactions.values / x, table.satellites["CO2"].values / x
    y = table.final_demand.values.sum(axis=1)
    for row in found.itertuples():
        nodes = [table.sectors.index(name) for name in row.path.split(" -> ")]
        steps = [a[i, j] for i, j in pairwise(nodes)]
        assert row.value == pytest.approx(s[nodes[0]] * np.prod(steps) * y[nodes[-1]], rel=1e-12)
        assert row.order == len(steps)
    assert found["path"].is_unique
    assert (np.diff(found["value"].abs()) <= 0).all()
    total = table.satellites["CO2"].values.sum()
    assert found.attrs["total"] == pytest.approx(total, rel=1e-9)
    assert found.attrs["coverage"] == pytest.approx(found["value"].sum() / total, rel=1e-9)
    assert 0.5 < found.attrs["coverage_gross"] <= 1


def test_more_paths_begin_with_the_fewer():
    few, many = (structural_paths(CHINA[2012], top=k) for k in (20, 200))
    assert list(few["path"]) == list(many["path"][:20])


def test_paths_of_one_sector_are_its_share_of_all():
    table = CHINA[2017].domestic()
    own = structural_paths(table, top=40, sector="CON")
    everyone = structural_paths(table, top=2000)
    wanted = everyone[everyone["path"].str.endswith("CON")].head(40)
    assert list(own["path"]) == list(wanted["path"])
    np.testing.assert_allclose(own["value"], wanted["value"])
    assert own.attrs["total"] < everyone.attrs["total"]


def test_another_account():
    found = structural_paths(CHINA[2017], top=5, satellite="electricity")
    assert set(found["unit"]) == {"TWh"}


def test_the_order_of_sectors_does_not_matter():
    table = CHINA[2017]
    turned = table.sectors[::-1]
    same = economy(
        table.transactions.values[::-1, ::-1], table.final_demand.values[::-1].sum(axis=1),
        table.satellites["CO2"].values[::-1], sectors=turned,
    )  # fmt: skip
    one, other = structural_paths(table, top=200), structural_paths(same, top=200)
    assert list(one["path"]) == list(other["path"])
    np.testing.assert_allclose(one["value"], other["value"], rtol=1e-12)


def test_changes_are_differences_of_the_same_paths():
    found = structural_paths(CHINA[2012], difference_to=CHINA[2017], top=100)
    np.testing.assert_allclose(found["value"], found["after"] - found["before"], atol=1e-12)
    change = sum(
        sign * CHINA[year].satellites["CO2"].values.sum() for year, sign in ((2017, 1), (2012, -1))
    )
    assert found.attrs["total"] == pytest.approx(change, rel=1e-6)
    every = {}
    for year, column in ((2012, "before"), (2017, "after")):
        wide = structural_paths(CHINA[year], top=5000).set_index("path")["value"]
        every[column] = wide
    for path, value, before in zip(found["path"], found["value"], found["before"], strict=True):
        if path in every["before"].index:
            assert before == pytest.approx(every["before"][path], rel=1e-12)
        assert abs(value) > 0
    joined = (every["after"] - every["before"]).dropna().abs()
    missed = joined[joined > found["value"].abs().iloc[-1] * (1 + 1e-9)].index
    assert set(missed) <= set(found["path"])


def test_prices_cancel_along_every_chain():
    """Deflating the rows of a table changes no path."""
    table = CHINA[2017]
    p = np.linspace(0.8, 1.4, 24)[:, None]
    real = economy(
        table.transactions.values * p, table.final_demand.values.sum(axis=1, keepdims=True) * p,
        table.satellites["CO2"].values, sectors=table.sectors, units=table.units,
        households={"CO2": (1.0, "Mt")},
    )  # fmt: skip
    assert structural_paths(table, difference_to=real, top=10).empty


def test_an_economy_does_not_differ_from_itself():
    assert structural_paths(CHINA[2017], difference_to=CHINA[2017]).empty


def test_the_bound_is_the_best_chain_even_round_in_circles():
    a = np.array([[0.9, 0.5], [0.1, 0.0]])
    np.testing.assert_allclose(upstream_bound(a, np.array([1.0, 8.0])), [1, 8])
    np.testing.assert_allclose(upstream_bound(a, np.array([30.0, 1.0])), [30, 15])
    assert np.isinf(upstream_bound(2 * a, np.ones(2))).all()
    assert Economy(a, a[0], a[1]).a is a


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"top": 0}, OptionError, "top is 0"),
        ({"top": 2.5}, OptionError, "whole"),
        ({"sector": "steel"}, UnknownSectorError, "sector"),
        ({"satellite": "CH4"}, MissingSatelliteError, "CH4"),
        ({"difference_to": io_tables.load("china-2017-cn8")}, LabelMismatchError, "missing"),
    ],
)
def test_bad_requests_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        structural_paths(CHINA[2017], **options)


def test_a_search_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("handprint.search.LONGEST_QUEUE", 50)
    with pytest.raises(DecompositionError, match="ask for fewer"):
        structural_paths(CHINA[2012], difference_to=CHINA[2017], top=5000)


def test_endless_chains_are_refused():
    grown = economy([[20, 1], [1, 1]], [[-5], [9]], [1, 1])
    with pytest.raises(NotProductiveError):
        structural_paths(grown)
