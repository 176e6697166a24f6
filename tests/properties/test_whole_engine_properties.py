"""What must hold of every function that takes a table: no gaps, and no trace of the order."""

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import Phase, given, settings
from hypothesis.extra.numpy import arrays

import handprint
import io_tables
from handprint.capital import capital_coefficients

N = 5
LABELS = np.array(list("abcde"))
SAVERS = [
    handprint.Intervention("b", 0.5, {"a": 0.1, "b": 0.05}, onsite=0.1, ict_input={"d": 0.002}),
    handprint.Intervention("b", 0.3, {"a": 0.2}, ict_input={"d": 0.001}, rebound=0.4, name="two"),
    handprint.Intervention("c", 0.8, {"b": 0.1}, fuel_rows={"b": 0.5}, rebound=1.2),
]
# Shrinking whole economies takes minutes and shows nothing more.
few = settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
economies = st.tuples(
    arrays(float, (N, N), elements=st.one_of(st.just(0.0), st.floats(0.01, 10))),
    arrays(float, (N, 3), elements=st.floats(20, 60)),
    arrays(float, N, elements=st.one_of(st.just(0.0), st.floats(0.1, 100))),
)
orders = st.permutations(range(N))


def table(z, y, e, order=range(N), idle=False):
    """An economy in an order of its sectors; sector e may stand idle, but emit."""
    order = list(order)
    z, y, e = z.copy(), y.copy(), e.copy()
    e[0] += 1.0  # at least one emits
    if idle:
        z[4], z[:, 4], y[4] = 0, 0, 0
    x = z.sum(axis=1) + y.sum(axis=1)
    worn = 0.1 * x
    return io_tables.from_arrays(
        z[np.ix_(order, order)],
        y[order],
        sectors=list(LABELS[order]),
        categories=["households", "fixed capital", "exports"],
        value_added=np.stack([worn, x - z.sum(axis=0) - worn])[:, order],
        components=["depreciation", "rest"],
        satellites={"CO2": (e[order], "Mt"), "CH4": (e[order], "kt")},
        households={"CO2": (3.0, "Mt")},
        units="USD",
        price_basis="current",
        source="random",
        scope="direct",
    )


def everything(one, other):
    """All results of the engine on a table, and on a pair of tables."""
    homes = {"budget": "households", "respend": 0.5, "ict": ["d"]}
    yield "linkage", handprint.linkage(one, ["d", "b"])
    for kind in ("full", "row", "column", "demand"):
        yield kind, handprint.extraction(one, ["d", "b"], kind)
    yield "structure", handprint.key_sectors(one, satellite="CO2")
    fields = handprint.field_of_influence(one, cell=("a", "b"), satellite="CO2")
    yield "fields", fields[["influence", "field", "response"]]
    yield "distance", handprint.upstreamness(one)
    yield "counterfactual", handprint.counterfactual(one, SAVERS, **homes)
    yield (
        "capital",
        handprint.counterfactual(
            one, SAVERS, capital=capital_coefficients(one), household_onsite={"home": -1.0}, **homes
        ),
    )
    drawn = {"respend": np.array([0.1, 0.9])}
    options = {k: v for k, v in homes.items() if k != "respend"}
    yield "draws", handprint.counterfactuals(one, SAVERS, drawn, **options)
    for form in ("additive", "multiplicative"):
        yield form, handprint.sda(one, other, split=["d"], form=form, method="shapley")
    yield "prices", handprint.price_change(one, carbon_price=100.0, pass_through=0.7)
    yield "costs", handprint.cost_change(one, SAVERS)
    yield "footprint", handprint.footprint(one, ["CO2", "CH4"], gwp="AR6")
    frame = handprint.structural_paths(one, top=12)
    numbers = frame[["value", "share", "cumulative"]].to_numpy()
    yield "paths", xr.Dataset({"path": (("rank", "column"), numbers)})


def in_order(found, sectors):
    """Bring every axis of sectors into one order."""
    for dim in ("sector", "purchaser", "emitter", "industry", "product"):
        if dim in found.dims:
            kept = [s for s in sectors if s in found[dim].values]
            rest = [s for s in found[dim].values if s not in kept]
            found = found.sel({dim: [*kept, *rest]})
    return found


@few
@given(economies, economies, st.booleans())
def test_no_result_has_a_gap_or_an_infinite_number(before, after, idle):
    """Also with a sector that makes nothing but emits."""
    tables = table(*before, idle=idle), table(*after, idle=idle)
    for what, found in everything(*tables):
        for name, array in found.data_vars.items():
            if array.dtype.kind == "f" and not name.startswith("break_even"):
                assert np.isfinite(array.values).all(), f"{what}: {name}"


@few
@given(economies, economies, orders)
def test_no_result_depends_on_the_order_of_sectors(before, after, order):
    plain = everything(table(*before), table(*after))
    shuffled = everything(table(*before, order), table(*after, order))
    for (what, one), (_, other) in zip(plain, shuffled, strict=True):
        again = in_order(other, LABELS)
        for name, array in in_order(one, LABELS).data_vars.items():
            if name == "rebound_share":
                continue  # a ratio of small differences, which are compared themselves
            if array.dtype.kind == "f":
                size = max(1.0, np.abs(array.values[np.isfinite(array.values)]).max(initial=0.0))
                np.testing.assert_allclose(
                    again[name].transpose(*array.dims).values,
                    array.values,
                    rtol=0,
                    atol=1e-12 * size,
                    err_msg=f"{what}: {name}",
                )
            else:
                assert (again[name].values == array.values).all(), f"{what}: {name}"


@pytest.mark.parametrize("name", ["china-2017-cn8", "china-2020-cn24"])
def test_every_sector_alone_follows_the_closed_form(name):
    """Sherman-Morrison against a fresh solve, each sector of a real table as the only adopter."""
    economy = io_tables.load(name).domestic()
    a = handprint.technical_coefficients(economy).values
    x, n = economy.output.values, len(economy.sectors)
    s = economy.satellites["CO2"].values / x
    inverse = np.linalg.inv(np.eye(n) - a)
    ict = "ICT" if "ICT" in economy.sectors else "ICS"
    c, power = economy.sectors.index(ict), economy.sectors.index("ELE")
    for j, sector in enumerate(economy.sectors):
        one = handprint.Intervention(sector, 0.5, {"ELE": 0.1}, onsite=0.2, ict_input=0.002)
        found = handprint.counterfactual(economy, [one], ict=[ict])["ner_td"].item()
        u = np.zeros(n)
        u[power] -= 0.05 * a[power, j]
        u[c] += 0.001
        closed = (s @ inverse @ u - 0.1 * s[j]) * x[j] / (1 - (inverse @ u)[j])
        assert found == pytest.approx(-closed, rel=1e-8), sector


@pytest.mark.parametrize("name", io_tables.names())
def test_linkage_identities_hold_on_every_shipped_table(name):
    """internal + mixed + net forward = s x; internal + mixed + net backward = m y; (m/l) x."""
    economy = io_tables.load(name)
    if "CO2" not in economy.satellites or economy.scope != "direct":
        pytest.skip(f"{name} has no direct CO2")
    for group in (economy.sectors[:1], economy.sectors[1:4]):
        found = handprint.linkage(economy, group)
        value = {k: found[k].item() for k in found if found[k].ndim == 0}
        both = value["internal"] + value["mixed"]
        assert both + value["net_forward"] == pytest.approx(value["direct"], rel=1e-9)
        assert both + value["net_backward"] == pytest.approx(value["embodied"], rel=1e-9)
        x = handprint.Solver(economy).output(economy.final_demand.sum("category"))
        output = x.sel(sector=group).values
        whole = found["normalised_multiplier"].values @ output
        assert value["extraction"] == pytest.approx(whole, rel=1e-9)
        for kind in ("row", "column", "demand"):
            part = handprint.extraction(economy, group, kind)["extraction"].item()
            assert value[f"extraction_{kind}"] == pytest.approx(part, rel=1e-8, abs=1e-9)


def test_changes_of_china_add_up_over_the_years():
    """Consecutive changes by emitter sum to the change over the whole time."""
    years = (2012, 2017, 2018, 2020)
    tables = {year: io_tables.load(f"china-{year}-cn24") for year in years}
    steps = [handprint.sda(tables[a], tables[b])["change"] for a, b in pairwise(years)]
    whole = handprint.sda(tables[2012], tables[2020])["change"]
    np.testing.assert_allclose(sum(steps), whole, rtol=1e-9, atol=1e-9)
