"""Splitting a sector and adding sectors up: what is kept, what changes, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import io_tables
from io_tables import Concordance, IOTable, aggregation_report, from_arrays, split_sensitivity
from io_tables.errors import ConcordanceError, InfeasibleError, LabelError, TableError
from io_tables.multipliers import output_multipliers

SOURCE = "revenue, invented"


@pytest.fixture(scope="module")
def china() -> IOTable:
    return io_tables.load("china-2017-cn8")


@pytest.fixture(scope="module")
def fine() -> IOTable:
    return io_tables.load("china-2017-cn24")


def same(one: IOTable, other: IOTable, rtol: float = 1e-12) -> None:
    """Compare two tables, label by label."""
    assert one.sectors == other.sectors
    scale = float(np.abs(other.output).max())
    for name in ("transactions", "final_demand", "output", "primary_inputs"):
        a, b = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-15 * scale, err_msg=name)
    for name, account in other.satellites.items():
        np.testing.assert_allclose(one.satellites[name], account, rtol=rtol)


def back(table: IOTable, parts: list[str], whole: str) -> IOTable:
    """Add the parts up again."""
    mapping = {s: whole if s in parts else s for s in table.sectors}
    return table.aggregate(Concordance.from_mapping(mapping, source="the parts"))


def test_by_hand(textbook):
    """Sector B of 2000 in halves: every cell of its row and column is halved."""
    table = textbook.split("B", {"B1": 0.5, "B2": 0.5}, source=SOURCE)
    assert table.sectors == ["A", "B1", "B2"]
    assert table.transactions.values.tolist() == [[150, 250, 250], [100, 25, 25], [100, 25, 25]]
    assert table.output.values.tolist() == [1000, 1000, 1000]
    assert table.final_demand.values[:, 0].tolist() == [350, 850, 850]
    assert table.satellites["CO2"].values.tolist() == [3, 2.5, 2.5]
    assert float(table.households["CO2"]) == 1
    assert table.history[-1] == (
        "split B into B1 0.5, B2 0.5 of output: revenue, invented; all cells by these shares"
    )


def test_own_shares_are_balanced_and_the_history_says_so(textbook):
    table = textbook.split(
        "B",
        {"B1": 0.5, "B2": 0.5},
        rows={"A": {"B1": 0.9, "B2": 0.1}},
        satellites={"B1": 1, "B2": 0},
        source=SOURCE,
    )
    sales = table.transactions.sel(purchaser="A", sector=["B1", "B2"]).values
    assert sales[0] > 150
    assert sales.sum() == pytest.approx(200, rel=1e-14)
    assert table.satellites["CO2"].values.tolist() == [3, 5, 0]
    assert "own shares for rows, satellites; balancing moved shares by up to" in table.history[-1]
    same(back(table, ["B1", "B2"], "B"), textbook)


def test_all_forms_of_shares_are_the_same(textbook):
    halves = {"B1": 0.4, "B2": 0.6}
    shares = {"B1": 0.7, "B2": 0.3}
    tables = [
        textbook.split("B", halves, rows=given, source=SOURCE)
        for given in (
            shares,
            {"A": shares, "B": shares},
            pd.DataFrame({"A": shares, "B": shares}),
            xr.DataArray(
                [[0.7, 0.7], [0.3, 0.3]],
                coords={"part": ["B1", "B2"], "purchaser": ["A", "B"]},
                dims=("part", "purchaser"),
            ),
        )
    ]
    assert len({t.content_hash for t in tables}) == 1
    amounts = textbook.split(
        "B",
        {"B1": 40, "B2": 60},
        rows={"A": {"B1": 7, "B2": 3}, "B": {"B1": 70, "B2": 30}},
        amounts=True,
        source=SOURCE,
    )
    np.testing.assert_allclose(amounts.transactions, tables[0].transactions, rtol=1e-12)


def test_shares_of_output_alone_make_copies(china):
    """Parts that differ in size only have the multipliers of the sector they came from."""
    table = china.split("ICT", {"ICM": 0.8, "ICS": 0.2}, source=SOURCE)
    before = dict(zip(china.sectors, output_multipliers(china), strict=True))
    after = dict(zip(table.sectors, output_multipliers(table), strict=True))
    for sector in table.sectors:
        whole = "ICT" if sector in ("ICM", "ICS") else sector
        assert after[sector] == pytest.approx(before[whole], rel=1e-12)


def truth(fine: IOTable) -> dict[str, Any]:
    """True shares of ICT's parts, taken from the finer table."""
    parts = ["ICM", "ICS"]
    other = io_tables.load_concordance("cn24", "cn8").shares.drop_sel(sector=parts)
    block = fine.transactions

    def shares(values: Any, names: list[str]) -> dict[str, dict[str, float]]:
        total = values.sum(axis=0)
        return {
            name: dict(zip(parts, (values[:, i] / total[i]).tolist(), strict=True))
            for i, name in enumerate(names)
            if total[i]
        }

    targets = [str(t) for t in other["target"].values if t != "ICT"]
    group = other.sel(target=targets).values
    sold = block.sel(sector=parts).drop_sel(purchaser=parts).values @ group.T
    bought = block.sel(purchaser=parts).drop_sel(sector=parts).values.T @ group.T
    output = fine.output.sel(sector=parts)
    return {
        "into": dict(zip(parts, (output / output.sum()).values.tolist(), strict=True)),
        "rows": shares(sold, targets),
        "columns": shares(bought, targets),
        "final_demand": shares(fine.final_demand.sel(sector=parts).values, fine.categories),
        "satellites": shares(
            np.array([fine.satellites[k].sel(sector=parts).values for k in fine.satellites]).T,
            list(fine.satellites),
        ),
    }


def test_with_true_shares_the_split_comes_near_the_finer_table(china, fine):
    """ICT of 2017 split by the shares of the 24-sector table: only own use is guessed."""
    keywords = truth(fine)
    table = china.split("ICT", keywords.pop("into"), source="cn24", **keywords)
    same(back(table, ["ICM", "ICS"], "ICT"), china)
    mapping = {s: s for s in ("ICM", "ICS")}
    eight = io_tables.load_concordance("cn24", "cn8")
    whole = {
        s: mapping.get(s, eight.targets[int(eight.shares.sel(sector=s).values.argmax())])
        for s in fine.sectors
    }
    nine = fine.aggregate(Concordance.from_mapping(whole, source="cn8 with ICT in two"))
    true, plain = nine, china.split("ICT", truth(fine)["into"], source="output only")

    def ict(t: IOTable) -> np.ndarray:
        return output_multipliers(t)[[t.sectors.index(s) for s in ("ICM", "ICS")]]

    near, far = np.abs(ict(table) - ict(true)), np.abs(ict(plain) - ict(true))
    assert (near < far).all()


@st.composite
def splits(draw: st.DrawFn) -> tuple[IOTable, dict[str, Any]]:
    """Any positive table, and any positive shares for its second sector."""
    n = draw(st.integers(2, 4))
    amounts = st.floats(0.5, 10)
    names = [f"s{i}" for i in range(n)]
    table = from_arrays(
        draw(arrays(float, (n, n), elements=amounts)),
        draw(arrays(float, (n, 2), elements=amounts)) * [1, -0.1] + [3, 0],
        sectors=names,
        categories=["homes", "imports"],
        value_added=None,
        satellites={"CO2": (draw(arrays(float, n, elements=amounts)), "Mt")},
        units="USD",
        price_basis="current",
        source="hypothesis",
    )
    part = st.floats(0.2, 0.8)

    def shares() -> dict[str, float]:
        first = draw(part)
        return {"x": first, "y": 1 - first}

    return table, {
        "into": shares(),
        "rows": {name: shares() for name in names},
        "columns": {name: shares() for name in draw(st.lists(st.sampled_from(names)))},
        "final_demand": {"homes": shares()},
        "satellites": shares(),
    }


@given(splits())
@settings(deadline=None)
def test_adding_the_parts_up_gives_the_table_back(given_):
    table, keywords = given_
    try:
        parted = table.split("s1", source=SOURCE, **keywords)
    except InfeasibleError:
        return  # shares that no table can have are refused, not bent
    same(back(parted, ["x", "y"], "s1"), table)
    weights = np.array(list(keywords["into"].values()))
    np.testing.assert_allclose(parted.output.values[1:3], weights * table.output.values[1])


def test_regions_stay():
    table = from_arrays(
        [[1, 2], [3, 4]],
        [10, 20],
        sectors=["ict", "rest"],
        regions=["CN", "US"],
        units="USD",
        price_basis="current",
        source="by hand",
    )
    parted = table.split("US:rest", {"US:a": 0.5, "US:b": 0.5}, source=SOURCE)
    assert parted.transactions["region"].values.tolist() == ["CN", "US", "US"]
    assert parted.transactions["industry"].values.tolist() == ["ict", "a", "b"]


HALF = {"x": 0.5, "y": 0.5}
BAD = {
    "unknown sector": (("C", HALF), {}, LabelError, r"unknown sector 'C'"),
    "one part": (("B", {"x": 1}), {}, LabelError, r"name at least two parts"),
    "label taken": (("B", {"A": 0.5, "y": 0.5}), {}, LabelError, r"'A' is a sector of the table"),
    "shares": (("B", {"x": 0.5, "y": 0.4}), {}, ConcordanceError, r"sum to 0\.9, not 1"),
    "negative": (("B", {"x": 1.5, "y": -0.5}), {}, ConcordanceError, r"share of y is -0\.5"),
    "missing": (("B", {"x": 0.5, "y": np.nan}), {}, ConcordanceError, r"share of y is nan"),
    "text": (("B", {"x": "half", "y": 0.5}), {}, ConcordanceError, r"give numbers"),
    "no source": (("B", HALF), {"source": " "}, TableError, r"source is empty"),
    "unknown purchaser": (("B", HALF), {"rows": {"Z": HALF}}, LabelError, r"rows: unknown 'Z'"),
    "unknown supplier": (("B", HALF), {"columns": {"Z": HALF}}, LabelError, r"columns: unknown"),
    "unknown category": (
        ("B", HALF), {"final_demand": {"home": HALF}}, LabelError, r"unknown 'home'; valid: house"),
    "unknown account": (("B", HALF), {"satellites": {"CH4": HALF}}, LabelError, r"'CH4'"),
    "part missing": (("B", HALF), {"rows": {"A": {"x": 1}}}, LabelError, r"rows, A: no share for"),
    "part unknown": (
        ("B", HALF), {"rows": {"A": {"x": 0.5, "z": 0.5}}}, LabelError, r"unknown part 'z'"),
    "shares of a purchaser": (
        ("B", HALF), {"rows": {"A": {"x": 0.5, "y": 0.6}}}, ConcordanceError, r"rows, A: shares"),
    "no mapping": (("B", HALF), {"rows": [1, 2]}, ConcordanceError, r"shares are list"),
    "mixed": (("B", HALF), {"rows": {"A": HALF, "B": 1}}, ConcordanceError, r"rows, B: give label"),
    "impossible sales": (
        ("B", HALF), {"rows": {"x": 1, "y": 0}, "final_demand": {"x": 1, "y": 0}}, InfeasibleError,
        r"split, sales of the parts: .*\n.*row y: target is 1,000"),
    "impossible inputs": (
        ("B", HALF), {"columns": {"x": 1, "y": 0}, "primary_inputs": {"x": 1, "y": 0}},
        InfeasibleError, r"split, inputs of the parts"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_split(case, textbook):
    arguments, changes, error, place = BAD[case]
    with pytest.raises(error, match=place) as caught:
        textbook.split(*arguments, **{"source": SOURCE, **changes})
    assert type(caught.value) is error


def test_sensitivity_is_zero_for_copies(china):
    cases = split_sensitivity(china, "ICT", {"ICM": 0.7, "ICS": 0.3}, source=SOURCE)
    assert cases["case"].values.tolist() == [
        "central",
        "ICM +20%",
        "ICM -20%",
        "ICS +20%",
        "ICS -20%",
    ]
    np.testing.assert_allclose(cases["share"].sel(case="ICM +20%"), [0.84, 0.16])
    np.testing.assert_allclose(cases["spread"], 0, atol=1e-9)
    assert cases["unit"].sel(quantity="CO2").item() == "Mt/(10^4 CNY)"


def test_sensitivity_to_proxies(china):
    columns = {"IND": {"ICM": 0.95, "ICS": 0.05}}
    cases = split_sensitivity(
        china,
        "ICT",
        {"ICM": 0.7, "ICS": 0.3},
        source=SOURCE,
        columns=columns,
        proxies={
            "employees": {"ICM": 0.5, "ICS": 0.5},
            "same inputs": {"columns": None},
        },
        change=0.1,
    )
    assert cases.sizes["case"] == 7
    output = cases["multiplier"].sel(quantity="output")
    central = china.split("ICT", {"ICM": 0.7, "ICS": 0.3}, columns=columns, source=SOURCE)
    expected = output_multipliers(central)[[6, 7]]
    np.testing.assert_allclose(output.sel(case="central"), expected)
    whole = output_multipliers(china)[china.sectors.index("ICT")]
    np.testing.assert_allclose(output.sel(case="same inputs"), [whole, whole])
    assert (cases["spread"].sel(quantity="output") > 0.01).all()


@pytest.mark.parametrize(
    ("changes", "error", "place"),
    [
        ({"change": 1.0}, ConcordanceError, "change is 1.0"),
        ({"into": {"x": 0.9, "y": 0.1}}, ConcordanceError, r"share of x is 0\.900: \+20%"),
        ({"proxies": {"p": {"x": 1}}}, LabelError, r"case 'p' has parts \['x'\]"),
        ({"proxies": {"p": {"row": {"A": {}}}}}, LabelError, "unknown 'row'; did you mean 'rows'"),
        ({"proxies": {"central": {"a": 1}}}, LabelError, "choose another name"),
    ],
)
def test_bad_sensitivity(changes, error, place, textbook):
    keywords = {"into": {"x": 0.5, "y": 0.5}, "source": SOURCE, **changes}
    with pytest.raises(error, match=place):
        split_sensitivity(textbook, "B", **keywords)


def test_aggregation_bias_by_hand(textbook):
    """Column sums of the printed inverse are 1.5182 and 1.4521; one sector: 1 / (1 - 950/3000)."""
    report = aggregation_report(textbook, {"A": "all", "B": "all"}).sel(sector="all")
    output = report.sel(quantity="output")
    assert float(output["lowest"]) == pytest.approx(1.4521, abs=1e-4)
    assert float(output["highest"]) == pytest.approx(1.5182, abs=1e-4)
    assert float(output["before"]) == pytest.approx((1.51815 + 2 * 1.45215) / 3, abs=1e-4)
    assert float(output["after"]) == pytest.approx(3000 / 2050)
    assert float(output["bias"]) == pytest.approx(float(output["after"] - output["before"]))
    assert int(report["count"]) == 2


def test_weighted_by_final_demand_the_biases_cancel(fine):
    concordance = io_tables.load_concordance("cn24", "cn8")
    report = aggregation_report(fine, concordance, weights="final demand")
    demand = fine.aggregate(concordance).final_demand.sum("category")
    total = np.abs(report["after"] * demand).sum("sector")
    assert ((report["bias"] * demand).sum("sector") / total < 1e-12).all()
    by_output = aggregation_report(fine, concordance)
    assert by_output.attrs["weights"] == "output"
    kept = by_output.sel(sector="CON")  # one sector of 24: only its suppliers were added up
    assert int(kept["count"]) == 1
    assert float(kept["lowest"].sel(quantity="output")) == pytest.approx(
        float(kept["before"].sel(quantity="output"))
    )


def test_no_bias_without_aggregation(textbook):
    report = aggregation_report(textbook, {"A": "a", "B": "b"})
    np.testing.assert_allclose(report["bias"], 0, atol=1e-12)


def test_shares_of_a_concordance_count(textbook):
    shares = xr.DataArray(
        [[1, 0.25], [0, 0.75]],
        coords={"target": ["x", "y"], "sector": ["A", "B"]},
        dims=("target", "sector"),
    )
    concordance = Concordance(shares, "by hand")
    coarse = textbook.aggregate(concordance)
    np.testing.assert_allclose(coarse.output, [1500, 1500])
    report = aggregation_report(textbook, concordance)
    fine = output_multipliers(textbook)
    before = (1000 * fine[0] + 500 * fine[1]) / 1500
    assert float(report["before"].sel(sector="x", quantity="output")) == pytest.approx(before)


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ({"A": "all"}, "not mapped: B"),
        ({"A": "all", "B": "all", "C": "all"}, "not in the table: C"),
    ],
)
def test_unmapped_sectors_are_named(mapping, place, textbook):
    with pytest.raises(ConcordanceError, match=place):
        aggregation_report(textbook, mapping)


def test_doubly_mapped_sectors_are_named():
    shares = xr.DataArray(
        [[1, 0.5], [1, 0.4]],
        coords={"target": ["x", "y"], "sector": ["A", "B"]},
        dims=("target", "sector"),
    )
    with pytest.raises(ConcordanceError) as caught:
        Concordance(shares, "by hand")
    assert "A: shares sum to 2" in str(caught.value)
    assert "B: shares sum to 0.9" in str(caught.value)


def test_weights_that_are_none(textbook):
    with pytest.raises(ConcordanceError, match="did you mean 'output'"):
        aggregation_report(textbook, {"A": "a", "B": "a"}, weights="outputs")  # type: ignore[arg-type]
    table = from_arrays(
        [[1, 1], [1, 1]], [0, 3], sectors=["A", "B"], units="USD", price_basis="now", source="s"
    )
    with pytest.raises(ConcordanceError, match="final demand of a is zero"):
        aggregation_report(table, {"A": "a", "B": "b"}, weights="final demand")
