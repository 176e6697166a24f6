"""Supply and use to a table: by hand, the printed table of China 2007, the BEA tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from python_calamine import CalamineWorkbook

from io_tables import from_arrays, from_supply_use, supply_use_report
from io_tables.errors import BalanceError, LabelError, MissingValueError, SupplyUseError

ABOUT: dict[str, Any] = {"units": "EUR", "price_basis": "basic 2020", "source": "by hand"}
NAMES = ["goods", "services"]
# Industry goods makes 90 of goods and 10 of services; services makes 100 of services.
SUPPLY = [[90, 0], [10, 100]]
USE = [[20, 30], [40, 10]]
DEMAND = [40, 60]


def made(model: str, **changes: Any) -> Any:
    keywords = {"final_demand": DEMAND, "sectors": NAMES, **ABOUT, **changes}
    supply, use = keywords.pop("supply", SUPPLY), keywords.pop("use", USE)
    return from_supply_use(supply, use, model=model, **keywords)


def test_industry_technology_by_hand():
    """T = g^-1 V = [[.9, .1], [0, 1]]."""
    table = made("B")
    np.testing.assert_allclose(table.transactions, [[18, 32], [36, 14]])
    np.testing.assert_allclose(table.output, [90, 110])
    np.testing.assert_allclose(table.value_added, [36, 64])
    np.testing.assert_allclose(table.final_demand.values[:, 0], DEMAND)


def test_fixed_product_sales_by_hand():
    """T = V q^-1 = [[1, 1/11], [0, 10/11]]."""
    table = made("D")
    flows = [[20 + 40 / 11, 30 + 10 / 11], [400 / 11, 100 / 11]]
    np.testing.assert_allclose(table.transactions, flows)
    np.testing.assert_allclose(table.output, [100, 100])
    np.testing.assert_allclose(table.final_demand.values[:, 0], [40 + 60 / 11, 600 / 11])
    np.testing.assert_allclose(table.value_added, [40, 60])


def test_product_technology_by_hand():
    """(V')^-1 = [[1/90, 0], [-1/900, 1/100]], T = [[1, 0], [-.1, 1.1]]."""
    table = made("A")
    np.testing.assert_allclose(table.transactions, [[17, 33], [39, 11]])
    np.testing.assert_allclose(table.value_added, [34, 66])


def test_fixed_industry_sales_by_hand():
    """T = g (V')^-1 = [[10/9, 0], [-1/9, 1]]."""
    table = made("C")
    flows = [[200 / 9, 300 / 9], [40 - 20 / 9, 10 - 30 / 9]]
    np.testing.assert_allclose(table.transactions, flows)
    np.testing.assert_allclose(table.final_demand.values[:, 0], [400 / 9, 60 - 40 / 9])


def test_accounts_by_industry_follow_the_model():
    accounts = {"CO2": ([10, 20], "Mt")}
    both = {m: made(m, satellites=accounts, households={"CO2": (1, "Mt")}) for m in "ABCD"}
    np.testing.assert_allclose(both["B"].satellites["CO2"], [9, 21])
    np.testing.assert_allclose(both["A"].satellites["CO2"], [8, 22])
    for model in "CD":
        np.testing.assert_array_equal(both[model].satellites["CO2"], [10, 20])
    assert all(float(t.households["CO2"]) == 1 for t in both.values())


def test_negatives_of_product_technology_are_listed_with_their_cells():
    table = made("A", use=[[20, 30], [2, 48]], final_demand=[40, 60])
    assert float(table.transactions.sel(sector="services", purchaser="goods")) == pytest.approx(
        -2.8
    )
    (negative,) = supply_use_report(table).at("warning")
    assert negative.where == "row services, column goods"
    assert negative.what.startswith("negative -2.8 created by model A")
    assert negative.code == "supply-use-negative"
    assert negative in table.check().at("warning")
    assert table.history[-1].endswith("; 1 negative cells created")


def test_negatives_of_fixed_industry_sales_are_listed_with_their_cells():
    table = made("C", use=[[20, 45], [40, 1]], final_demand=[25, 69])
    found = supply_use_report(table).at("warning")
    assert [f.where for f in found] == ["row services, column services"]
    assert found[0].value == pytest.approx(1 - 45 / 9)


def test_final_demand_and_value_added_may_stand_in_use():
    whole = pd.DataFrame(
        [[20, 30, 40], [40, 10, 60], [40, 60, np.nan]],
        index=[*NAMES, "wages"],
        columns=[*NAMES, "homes"],
    )
    supply = pd.DataFrame(SUPPLY, index=NAMES, columns=NAMES)
    table = from_supply_use(supply, whole, model="D", **ABOUT)
    assert table.categories == ["homes"]
    assert table.primary_inputs["component"].values.tolist() == ["wages"]
    apart = made("D")
    np.testing.assert_array_equal(table.transactions, apart.transactions)
    make = from_supply_use(supply.T, whole, orientation="make", **ABOUT)
    assert make.content_hash == table.content_hash
    raw = from_supply_use(SUPPLY, whole.fillna(0).values, sectors=NAMES, **ABOUT)
    np.testing.assert_array_equal(raw.transactions, table.transactions)


def test_what_is_missing_is_derived_and_said():
    table = from_supply_use(SUPPLY, USE, sectors=NAMES, model="B", **ABOUT)
    np.testing.assert_allclose(table.final_demand.values[:, 0], DEMAND)
    said = [f.where for f in supply_use_report(table).at("info")]
    assert said == ["final demand", "value added"]


def test_imports_are_a_negative_category():
    table = made("D", final_demand=[45, 60], imports={"goods": 5, "services": 0})
    assert table.categories == ["final demand", "imports"]
    assert float(table.final_demand.sel(category="imports").sum()) == pytest.approx(-5)
    assert table.domestic().check().ok


def test_margins_and_taxes_are_taken_out_at_one_rate():
    """Goods: 90 at basic prices, 9 of trade margin, 11 of tax, used at 110."""
    use = [[22, 33], [38.2, 7.3]]
    table = made(
        "B",
        supply=[[90, 0], [10, 100]],
        use=use,
        final_demand=[55, 55.5],
        margins=[9, -9],
        taxes=[11, 0],
        value_added=[[39.8, 59.7]],
        components=["wages"],
    )
    assert table.primary_inputs["component"].values.tolist() == [
        "wages",
        "taxes less subsidies on products",
    ]
    plain = from_supply_use(
        SUPPLY,
        [[18, 27], [40, 10]],
        model="B",
        final_demand=[45, 60],
        sectors=NAMES,
        value_added=[[39.8, 59.7], [2.2, 3.3]],
        **ABOUT,
    )
    np.testing.assert_allclose(table.transactions, plain.transactions)
    np.testing.assert_allclose(table.final_demand, plain.final_demand)
    np.testing.assert_allclose(table.value_added.sum(), 99.5)
    (said,) = supply_use_report(table).at("info")
    assert "taxes of 5.5 on final demand leave the table" in said.what


def test_a_product_that_nobody_makes_is_imported():
    table = from_supply_use(
        [[90, 0], [10, 100], [0, 0]],
        [[20, 30], [40, 10], [3, 2]],
        final_demand=[[40, 0], [60, 0], [4, -9]],
        categories=["homes", "imports"],
        products=[*NAMES, "oil"],
        industries=NAMES,
        model="D",
        **ABOUT,
    )
    imported = table.primary_inputs.sel(component="imported inputs")
    assert imported.values.tolist() == [3, 2]
    (said,) = [f for f in supply_use_report(table).at("info") if "product oil" in f.where]
    assert "imported inputs" in said.what
    kept = from_supply_use(
        [[90, 0], [10, 100], [0, 0]],
        [[20, 30], [40, 10], [3, 2]],
        final_demand=[[40, 0], [60, 0], [4, -9]],
        categories=["homes", "imports"],
        products=[*NAMES, "oil"],
        industries=NAMES,
        model="B",
        **ABOUT,
    )
    assert kept.sectors == [*NAMES, "oil"]
    assert float(kept.output.sel(sector="oil")) == 0


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Square supply with a strong diagonal, use and final demand that fit it."""
    n = draw(st.integers(2, 4))
    supply = draw(arrays(float, (n, n), elements=st.floats(0, 10))) + np.eye(n) * 200
    share = draw(arrays(float, (n, n), elements=st.floats(0.01, 1)))
    use = share / share.sum(axis=1, keepdims=True) * supply.sum(axis=1)[:, None] * 0.2
    return supply, use, supply.sum(axis=1) - use.sum(axis=1)


@given(pairs(), st.sampled_from("ABCD"))
@settings(deadline=None)
def test_totals_survive_every_model(pair, model):
    supply, use, demand = pair
    names = [f"s{i}" for i in range(len(use))]
    emissions = np.arange(1.0, len(use) + 1)
    table = from_supply_use(
        supply,
        use,
        final_demand=demand,
        model=model,
        sectors=names,
        satellites={"CO2": (emissions, "Mt")},
        **ABOUT,
    )
    assert float(table.output.sum()) == pytest.approx(supply.sum())
    assert float(table.transactions.sum()) == pytest.approx(use.sum())
    assert float(table.final_demand.sum()) == pytest.approx(demand.sum())
    assert float(table.value_added.sum()) == pytest.approx(supply.sum() - use.sum())
    assert float(table.satellites["CO2"].sum()) == pytest.approx(emissions.sum())
    axis = 1 if model in "AB" else 0
    np.testing.assert_allclose(table.output, supply.sum(axis=axis))


@given(pairs(), st.sampled_from("ABCD"))
@settings(deadline=None)
def test_without_secondary_products_all_models_give_use(pair, model):
    supply, use, demand = pair
    alone = np.diag(supply.sum(axis=1))
    names = [f"s{i}" for i in range(len(use))]
    table = from_supply_use(alone, use, final_demand=demand, model=model, sectors=names, **ABOUT)
    plain = from_arrays(use, demand, sectors=names, **ABOUT)
    np.testing.assert_allclose(table.transactions, plain.transactions, rtol=1e-9)
    np.testing.assert_allclose(table.final_demand, plain.final_demand, rtol=1e-9)


WIDE = {"supply": [[90, 0], [10, 100], [1, 0]], "use": [[20, 30], [40, 10], [0, 0]],
        "final_demand": [40, 60, 1], "sectors": None, "industries": NAMES,
        "products": [*NAMES, "third"]}  # fmt: skip
FRAME = pd.DataFrame(SUPPLY, index=["g", "s"], columns=["farms", "works"])
BAD = {
    "unknown model": ("E", {}, SupplyUseError, r"'E'; valid: A, B, C, D"),
    "rectangular A": ("A", WIDE, SupplyUseError, r"as many products as industries, not 3 and 2"),
    "rectangular C": ("C", WIDE, SupplyUseError, r"take model B or D"),
    "singular": (
        "A", {"supply": [[50, 50], [50, 50]], "final_demand": [50, 50]}, SupplyUseError,
        r"supply is singular"),
    "no output": (
        "C", {"supply": [[90, 0], [0, 0]], "use": [[20, 0], [0, 0]], "final_demand": [70, 0]},
        SupplyUseError, r"product services, industry services has no output"),
    "inputs without output": (
        "B", {"supply": [[90, 0], [0, 0]], "use": [[20, 10], [0, 0]], "final_demand": [60, 0],
              "value_added": [[70, -10]]}, SupplyUseError, r"industry services has inputs but no"),
    "use above supply": ("D", {"final_demand": [45, 60]}, BalanceError,
                         r"product goods: use of 95 differ from supply 90 by 5.*imports="),
    "inputs above output": ("D", {"value_added": [[45, 60]]}, BalanceError,
                            r"industry goods: inputs of 105 differ from output 100 by 5"),
    "negative supply": ("B", {"supply": [[-90, 0], [10, 100]], "final_demand": [-140, 60]},
                        BalanceError, r"product goods: supply is negative"),
    "margins that do not cancel": ("D", {"margins": [5, -4]}, BalanceError, r"margins sum to 1"),
    "tax on nothing": (
        "D", {"supply": [[0, 0], [100, 100]], "use": [[0, 0], [40, 10]], "final_demand": [0, 150],
              "taxes": [5, 0]}, BalanceError, r"product goods bears margins or taxes"),
    "imports twice": ("D", {"final_demand": [[45, -5], [60, 0]], "categories": ["homes", "imports"],
                            "imports": [5, 0]}, LabelError, r"'imports' is a category already"),
    "imports of others": ("D", {"imports": {"goods": 5, "service": 0}}, LabelError, r"service"),
    "missing imports": ("D", {"imports": [5, np.nan]}, MissingValueError, r"imports \[label serv"),
    "missing cell": ("D", {"supply": [[90, np.nan], [10, 100]]}, MissingValueError,
                     r"supply \[product goods, industry services\]"),
    "text": ("D", {"use": [[20, "x"], [40, 10]]}, MissingValueError, r"use \[1, 2\]: 'x'"),
    "turned supply": ("D", {"supply": FRAME.T, "use": FRAME, "sectors": None, "final_demand": None},
                      LabelError, r"use, rows against products of supply"),
    "orientation": ("D", {"orientation": "make-use"}, LabelError, r"did you mean 'make'"),
    "small use": ("D", {"use": [[20, 30]]}, LabelError, r"use has shape \(1, 2\)"),
    "demand twice": ("D", {"use": [[20, 30, 40], [40, 10, 60]]}, LabelError, r"leave one of them"),
    "value added twice": ("D", {"use": [[20, 30], [40, 10], [40, 60]], "value_added": [[40, 60]]},
                          LabelError, r"leave one of them"),
    "totals in the corner": (
        "D", {"use": [[20, 30, 40], [40, 10, 60], [40, 60, 9]], "final_demand": None}, LabelError,
        r"numbers below final demand \(9\)"),
    "other output": ("D", {"output": [100, 101]}, SupplyUseError,
                     r"industry services: output of 101 differs from supply by 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    model, changes, error, place = BAD[case]
    with pytest.raises(error, match=place) as caught:
        made(model, **changes)
    assert type(caught.value) is error


def test_report_needs_a_table_from_supply_and_use(textbook):
    with pytest.raises(SupplyUseError, match="was not made from supply and use"):
        supply_use_report(textbook)


# README of the folder: gross output, GDP, largest column sum of the inverse
BEA = {2012: (29_232_145, 16_253_967, 2.967), 2017: (34_468_135, 19_612_104, 2.774)}


@pytest.mark.parametrize("year", BEA)
def test_bea(year, raw_folder):
    folder = raw_folder / "us_bea_summary"
    make = pd.read_csv(folder / f"make_after_redef_{year}.csv", index_col=0)
    use = pd.read_csv(folder / f"use_producer_after_redef_{year}.csv", index_col=0)
    products, industries = list(make.columns[:-1]), list(make.index[:-1])
    final = [c for c in use.columns if c.startswith("F")]
    primary = ["V001", "V002", "V003"]
    block = use.loc[[*products, *primary], [*industries, *final]]
    block.loc[primary, final] = 0
    about: dict[str, Any] = {
        "units": "10^6 USD",
        "price_basis": f"current producers' prices {year}",
        "source": "US Bureau of Economic Analysis",
        "orientation": "make",
        "tolerance": 10,
    }
    supply = make.loc[industries, products]
    table = from_supply_use(supply, block, model="D", **about)
    output, gdp, largest = BEA[year]
    assert len(table.sectors) == 71
    assert float(table.output.sum()) == output
    assert float(table.value_added.sum()) == pytest.approx(gdp, abs=5)
    a = table.transactions.values / table.output.values
    inverse = np.linalg.inv(np.eye(71) - a)
    assert inverse.sum(axis=0).max() == pytest.approx(largest, abs=5e-4)
    assert table.tolerance <= 10
    assert table.check().ok
    by_product = from_supply_use(supply, block, model="B", **about)
    assert len(by_product.sectors) == 73
    assert float(by_product.output.sum()) == output
    for model in "AC":
        with pytest.raises(SupplyUseError, match="not 73 and 71"):
            from_supply_use(supply, block, model=model, **about)


def sheet(path: Any) -> tuple[list[list[Any]], dict[int, int], dict[int, int]]:
    """Cells of a published sheet, and where its 42 codes are in rows and columns."""
    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()

    def codes(line: list[Any]) -> dict[int, int]:
        found = {}
        for at, cell in enumerate(line):
            text = str(cell).strip().removesuffix(".0")
            if text.isdigit() and 1 <= int(text) <= 42:
                found.setdefault(int(text), at)
        return found

    columns = max((codes(row) for row in cells), key=len)
    rows = max((codes(list(c)) for c in zip(*cells, strict=True)), key=len)
    return cells, rows, columns


def test_published_table_of_china_2007_is_product_technology(raw_folder):
    """The bureau's 42-sector table is model A of its use and make tables, to the last digit."""
    folder = raw_folder / "nbs_china_2007_published"
    blocks = {}
    for name in ("0101", "0201", "0301"):
        cells, rows, columns = sheet(folder / f"{name}.xls")
        assert len(rows) == len(columns) == 42
        blocks[name] = np.array(
            [[float(cells[r][c]) for c in columns.values()] for r in rows.values()]
        )
    names = [f"{i:02d}" for i in range(1, 43)]
    about: dict[str, Any] = {**ABOUT, "sectors": names, "tolerance": 1.0}
    a, b = (from_supply_use(blocks["0301"], blocks["0201"], model=m, **about) for m in "AB")
    printed = blocks["0101"]
    np.testing.assert_allclose(a.transactions, printed, atol=1e-6)
    assert supply_use_report(a).at("warning") == ()
    assert float(a.output.sum()) / 1e4 == pytest.approx(818_859.0, abs=0.05)
    apart = np.abs(b.transactions.values - printed).sum() / printed.sum()
    assert apart == pytest.approx(0.0517, abs=1e-4)
