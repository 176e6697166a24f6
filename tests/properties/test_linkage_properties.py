"""Identities of the linkage block on random economies."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

import io_tables
from handprint.linkage import linkage

N = 5
flows = arrays(float, (N, N), elements=st.floats(0, 10))
demands = arrays(float, N, elements=st.floats(60, 100))  # rows of flows stay below output
emissions = arrays(float, N, elements=st.floats(0, 100))
groups = st.lists(st.sampled_from("abcde"), min_size=1, max_size=N, unique=True)


def economy(z, y, e):
    return io_tables.from_arrays(
        z,
        y,
        sectors=list("abcde"),
        satellites={"CO2": (e, "Mt")},
        units="USD",
        price_basis="current",
        source="random",
        scope="direct",
    )


@settings(deadline=None)
@given(flows, demands, emissions, groups)
def test_blocks_add_up(z, y, e, group):
    table = economy(z, y, e)
    c = [table.sectors.index(name) for name in group]
    result = linkage(table, group)
    own = result["internal"] + result["mixed"]
    multipliers = (e / table.output.values) @ np.linalg.inv(np.eye(N) - z / table.output.values)
    assert (own + result["net_forward"]).item() == pytest.approx(e[c].sum(), rel=1e-9, abs=1e-9)
    assert (own + result["net_backward"]).item() == pytest.approx(
        multipliers[c] @ y[c], rel=1e-9, abs=1e-9
    )


@settings(deadline=None)
@given(flows, demands, emissions, groups)
def test_extraction_is_the_economy_without_the_group(z, y, e, group):
    table = economy(z, y, e)
    x = table.output.values
    rest = [i for i, name in enumerate(table.sectors) if name not in group]
    a = (z / x)[np.ix_(rest, rest)]
    left = (e / x)[rest] @ np.linalg.solve(np.eye(len(rest)) - a, y[rest])
    assert linkage(table, group)["extraction"].item() == pytest.approx(
        e.sum() - left, rel=1e-9, abs=1e-9
    )


@settings(deadline=None)
@given(flows, demands, emissions, groups)
def test_linkages_are_burdens(z, y, e, group):
    result = linkage(economy(z, y, e), group)
    for name, variable in result.data_vars.items():
        assert (variable >= -1e-9).all(), name
