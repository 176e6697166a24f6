"""Linkages, key cells, distances and extraction: by hand, and against economies solved anew."""

import numpy as np
import pytest

import handprint
import io_tables
from handprint.errors import OptionError, SectorOutputError, UnknownSectorError
from handprint.extraction import extraction
from handprint.structure import field_of_influence, key_sectors, upstreamness

SHIPPED = [f"china-{year}-cn24" for year in (2012, 2017, 2018, 2020)]
KINDS = ("full", "row", "column", "demand")
ICT = ["ICM", "ICS"]


def table(z, y, e=None, **options):
    n = len(z)
    given = {} if e is None else {"satellites": {"CO2": (e, "Mt")}, "scope": "direct"}
    return io_tables.from_arrays(
        z, y, sectors=list("abcdefgh"[:n]), units="USD", price_basis="current",
        source="test", **given, **options,
    )  # fmt: skip


CHAIN = table([[0, 10, 0], [0, 0, 20], [0, 0, 0]], [0, 0, 40], [5, 0, 0])


def solved(economy):
    x = economy.output.values
    a = np.divide(economy.transactions.values, x, out=np.zeros((len(x),) * 2), where=x > 0)
    y = economy.final_demand.values.sum(axis=1)
    return a, np.linalg.inv(np.eye(len(x)) - a), y, economy.satellites["CO2"].values / x


def test_a_chain_of_three_is_three_steps_long():
    """a sells to b only, b to c only, c to final demand only."""
    result = upstreamness(CHAIN)
    np.testing.assert_allclose(result["upstreamness"], [3, 2, 1])
    np.testing.assert_allclose(
        result["downstreamness"], [1, 1.5, 1.75]
    )  # half of b and c is own work
    assert result["chain_length"].item() == pytest.approx(70 / 40)


def test_linkages_of_a_chain_by_hand():
    result = key_sectors(CHAIN, satellite="CO2")
    np.testing.assert_allclose(result["backward_direct"], [0, 0.5, 0.5])
    np.testing.assert_allclose(result["backward_total"], [1, 1.5, 1.75])
    np.testing.assert_allclose(result["forward_direct"], [1, 1, 0])
    np.testing.assert_allclose(result["forward_total"], [3, 2, 1])
    np.testing.assert_allclose(result["multiplier"], [0.5, 0.25, 0.125])
    np.testing.assert_allclose(result["downstream"], [0.5, 0, 0])
    assert list(result["key"].values) == ["forward", "backward", "backward"]


def test_every_variable_says_whether_it_is_activity_or_burden():
    economy = io_tables.load("china-2017-cn8")
    results = [
        key_sectors(economy, satellite="CO2"),
        upstreamness(economy),
        field_of_influence(economy, cell=("ELE", "ICT"), satellite="CO2"),
        handprint.linkage(economy, ["ICT"]),
        *(extraction(economy, ["ICT"], kind) for kind in KINDS),
    ]
    for result in results:
        assert "不是减排量" in result.attrs["note_zh"]
        for variable in result.data_vars.values():
            assert variable.attrs["kind"] in ("activity", "burden")
            assert variable.attrs["long_name_zh"]
            assert "not avoided emissions" in variable.attrs["description"]


@pytest.mark.parametrize("name", SHIPPED)
def test_means_weighted_by_value_added_and_demand_are_one(name):
    economy = io_tables.load(name)
    result = upstreamness(economy)
    v, y = economy.value_added.values, economy.final_demand.values.sum(axis=1)
    length = result["chain_length"].item()
    assert result["upstreamness"].values @ v / v.sum() == pytest.approx(length, rel=1e-9)
    assert result["downstreamness"].values @ y / y.sum() == pytest.approx(length, rel=1e-9)


@pytest.mark.parametrize("name", SHIPPED)
def test_linkages_are_sums_of_the_inverses(name):
    economy = io_tables.load(name)
    a, inverse, _, s = solved(economy)
    x = economy.output.values
    ghosh = inverse * x / x[:, None]
    result = key_sectors(economy, satellite="CO2")
    for variable, expected in {
        "backward_direct": a.sum(axis=0),
        "backward_total": inverse.sum(axis=0),
        "forward_direct": economy.transactions.values.sum(axis=1) / x,
        "forward_total": ghosh.sum(axis=1),
        "sensitivity_of_dispersion": 24 * inverse.sum(axis=1) / inverse.sum(),
        "power_of_dispersion": 24 * inverse.sum(axis=0) / inverse.sum(),
        "multiplier": s @ inverse,
        "downstream": ghosh @ s,
    }.items():
        np.testing.assert_allclose(result[variable], expected, rtol=1e-10)


def test_a_small_change_of_a_cell_moves_the_inverse_along_its_field():
    economy = io_tables.load("china-2017-cn24")
    a, inverse, y, s = solved(economy)
    result = field_of_influence(economy, cell=("ELE", "STE"), satellite="CO2")
    i, j = economy.sectors.index("ELE"), economy.sectors.index("STE")
    step = 0.01
    a[i, j] += step
    moved = np.linalg.inv(np.eye(24) - a)
    field = result["field"].values
    np.testing.assert_allclose(
        moved - inverse, step * field / (1 - step * inverse[j, i]), rtol=1e-8, atol=1e-13
    )
    assert result["influence"].sel(sector="ELE", purchaser="STE") == pytest.approx(field.sum())
    exact = s @ (moved - inverse) @ y
    response = result["response"].sel(sector="ELE", purchaser="STE").item()
    assert exact == pytest.approx(step * response / (1 - step * inverse[j, i]), rel=1e-9)


def test_cells_are_ranked():
    result = field_of_influence(io_tables.load("china-2017-cn8"), top=5)
    ranked = result["ranked_influence"].values
    assert (np.diff(ranked) <= 0).all()
    assert ranked[0] == result["influence"].values.max()
    first = {"sector": result["ranked_sector"][0], "purchaser": result["ranked_purchaser"][0]}
    assert result["influence"].sel(first).item() == ranked[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SHIPPED[1:3])
def test_extraction_is_the_economy_without(name, kind):
    economy = io_tables.load(name)
    a, inverse, y, s = solved(economy)
    c = [economy.sectors.index(sector) for sector in ICT]
    if kind in ("row", "full"):
        a[c] = 0
    if kind in ("column", "full"):
        a[:, c] = 0
    rest = y.copy()
    if kind in ("demand", "full"):
        rest[c] = 0
    left = np.linalg.solve(np.eye(24) - a, rest)
    result = extraction(economy, ICT, kind)
    np.testing.assert_allclose(result["after"], s * left, atol=1e-9 * s.max() * left.max())
    np.testing.assert_allclose(result["output_change"], left - inverse @ y, rtol=1e-7, atol=1)
    vanished = s @ (inverse @ y - left)
    assert result["extraction"].item() == pytest.approx(vanished, rel=1e-9)
    suffix = "" if kind == "full" else f"_{kind}"
    linked = handprint.linkage(economy, ICT)
    assert linked[f"extraction{suffix}"].item() == pytest.approx(vanished, rel=1e-9)


def test_full_extraction_is_the_normalised_multiplier_times_output():
    economy = io_tables.load("china-2017-cn8")
    _, inverse, _, s = solved(economy)
    c = economy.sectors.index("ICT")
    expected = (s @ inverse)[c] / inverse[c, c] * economy.output.values[c]
    assert extraction(economy, ["ICT"])["extraction"].item() == pytest.approx(expected, rel=1e-9)


def test_bad_requests_are_refused():
    with pytest.raises(OptionError, match="did you mean 'row'"):
        extraction(CHAIN, ["a"], "rows")
    with pytest.raises(OptionError, match="top is 0"):
        field_of_influence(CHAIN, top=0)
    with pytest.raises(UnknownSectorError, match="cell"):
        field_of_influence(CHAIN, cell=("a", "z"))


def test_sales_without_output_have_no_forward_linkage():
    """Everything sold is imported: no output, yet a row of flows."""
    economy = table(
        [[0, 10], [0, 0]], [[0, -10], [20, 0]], [0, 1], categories=["households", "imports"]
    )
    for function in (key_sectors, upstreamness):
        with pytest.raises(SectorOutputError, match="'a'"):
            function(economy)
