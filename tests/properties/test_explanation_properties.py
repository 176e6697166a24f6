"""What must hold on any economy: decompositions close, paths are the largest, prices are dual."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

import io_tables
from handprint.decomposition import sda
from handprint.extraction import extraction
from handprint.lmdi import index_decomposition
from handprint.paths import structural_paths
from handprint.prices import price_change
from handprint.structure import field_of_influence, key_sectors, upstreamness

N = 3
cells = st.one_of(st.just(0.0), st.floats(0.01, 10))
flows = arrays(float, (N, N), elements=cells)
demands = arrays(float, (N, 2), elements=st.floats(20, 60))
emissions = arrays(float, N, elements=st.one_of(st.just(0.0), st.floats(0.1, 100)))
economies = st.tuples(flows, demands, emissions)
groups = st.lists(st.sampled_from("abc"), min_size=1, max_size=N, unique=True)
quick = settings(max_examples=40, deadline=None)
LONGEST = 8


def table(z, y, e):
    return io_tables.from_arrays(
        z, y, sectors=list("abc"), categories=["home", "abroad"], satellites={"CO2": (e, "Mt")},
        households={"CO2": (1.0, "Mt")}, units="USD", price_basis="current", source="random",
        scope="direct",
    )  # fmt: skip


def all_paths(economy):
    """Values of all paths of up to eight sectors, by sectors from emitter to final demand."""
    x = economy.output.values
    a, s = economy.transactions.values / x, economy.satellites["CO2"].values / x
    y = economy.final_demand.values.sum(axis=1)
    weights = {(j,): y[j] for j in range(N)}
    values = {}
    for _ in range(LONGEST):
        values |= {path: w * s[path[0]] for path, w in weights.items()}
        weights = {
            (k, *path): w * a[k, path[0]]
            for path, w in weights.items()
            for k in range(N)
            if a[k, path[0]] > 0
        }
    left = max(weights.values(), default=0.0) * s.max()
    return values, 2 * left  # what any longer path can carry at most; circles shrink


def named(path):
    return " -> ".join("abc"[i] for i in path)


@quick
@given(economies, st.integers(1, 30))
def test_paths_are_the_largest_of_all(parts, top):
    economy = table(*parts)
    values, longer = all_paths(economy)
    wanted = sorted((v for v in values.values() if v > 0), reverse=True)[:top]
    found = structural_paths(economy, top=top)
    known = {named(path): value for path, value in values.items()}
    for path, value in zip(found["path"], found["value"], strict=True):
        assert path not in known or value == pytest.approx(known[path], rel=1e-12)
    for value, best in zip(found["value"], wanted, strict=False):
        assert value == pytest.approx(best, rel=1e-9, abs=longer)
    assert len(found) >= len(wanted)
    total = parts[2].sum()
    assert found.attrs["total"] == pytest.approx(total, rel=1e-9, abs=1e-12)
    assert found["value"].sum() <= total * (1 + 1e-9)


@quick
@given(economies, economies, st.integers(1, 30))
def test_changed_paths_are_the_largest_changes(before, after, top):
    old, new = table(*before), table(*after)
    (v0, left0), (v1, left1) = all_paths(old), all_paths(new)
    change = {path: v1.get(path, 0.0) - v0.get(path, 0.0) for path in {*v0, *v1}}
    wanted = sorted(map(abs, change.values()), reverse=True)[:top]
    found = structural_paths(old, difference_to=new, top=top)
    for value, best in zip(found["value"].abs(), wanted, strict=False):
        assert value == pytest.approx(best, rel=1e-9, abs=left0 + left1 + 1e-12)


@quick
@given(economies, economies, st.sampled_from(["polar", "shapley"]))
def test_structural_decomposition_closes(before, after, method):
    old, new = table(*before), table(*after)
    result = sda(old, new, split=["b"], method=method)
    np.testing.assert_allclose(
        result["effect"].sum("factor"), after[2] - before[2], atol=1e-9 * (1 + after[2].sum())
    )
    assert np.isfinite(result["effect"]).all()
    back = sda(new, old, split=["b"], method=method)
    np.testing.assert_allclose(back["effect"], -result["effect"], atol=1e-9)
    if min(before[2].min(), after[2].min()) > 0:
        ratios = sda(old, new, split=["b"], method=method, form="multiplicative")
        expected = after[2].sum() / before[2].sum()
        assert ratios["ratio"].prod().item() == pytest.approx(expected, rel=1e-9)


@quick
@given(
    arrays(float, (2, 3, 4), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3))),
)
def test_index_decomposition_is_perfect(values):
    v = values.prod(axis=1)
    names = ["activity", "structure", "intensity"]
    before, after = (dict(zip(names, period, strict=True)) for period in values)
    result = index_decomposition(v[0], v[1], before, after)
    assert np.isfinite(result["effect"]).all()
    np.testing.assert_allclose(
        result["effect"].sum("factor"), v[1] - v[0], atol=1e-9 * max(1, v.sum())
    )
    back = index_decomposition(v[1], v[0], after, before)
    np.testing.assert_allclose(back["effect"], -result["effect"], atol=1e-9 * max(1, v.sum()))
    if v.sum(axis=1).min() > 0:
        ratios = index_decomposition(v[0], v[1], before, after, form="multiplicative")
        expected = v[1].sum() / v[0].sum()
        assert ratios["ratio"].prod().item() == pytest.approx(expected, rel=1e-9)


@quick
@given(economies, groups)
def test_extractions_are_burdens_and_the_full_one_is_largest(parts, group):
    economy = table(*parts)
    lost = {k: extraction(economy, group, k) for k in ("full", "row", "column", "demand")}
    for result in lost.values():
        assert (result["change"] <= 1e-9).all()
        assert (result["after"] >= -1e-9).all()
        assert result["extraction"].item() <= lost["full"]["extraction"].item() + 1e-9


@quick
@given(economies)
def test_linkages_reach_at_least_themselves(parts):
    economy = table(*parts)
    linked, distance = key_sectors(economy), upstreamness(economy)
    for name in ("backward_total", "forward_total"):
        assert (linked[name] >= 1 - 1e-12).all()
    np.testing.assert_allclose(distance["upstreamness"], linked["forward_total"])
    for index in ("power_of_dispersion", "sensitivity_of_dispersion", "forward_normalised"):
        assert linked[index].mean().item() == pytest.approx(1)
    x, v = economy.output.values, economy.value_added.values
    assert distance["upstreamness"].values @ v == pytest.approx(x.sum(), rel=1e-9)
    fields = field_of_influence(economy)
    total = linked["backward_total"].sum().item()
    assert fields["influence"].sum().item() == pytest.approx(total**2, rel=1e-9)


@quick
@given(economies, arrays(float, N, elements=st.floats(0, 1)), st.floats(0, 500))
def test_prices_are_dual_to_quantities(parts, cost, carbon):
    economy = table(*parts)
    result = price_change(economy, value_added_change=cost, carbon_price=carbon)
    paid = result["category_cost"].sum().item()
    charged = cost @ economy.output.values + result["carbon_cost"].sum().item()
    assert paid == pytest.approx(charged, rel=1e-9, abs=1e-9)
    assert (result["price"] >= 1 - 1e-12).all()
