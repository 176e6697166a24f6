"""Back-casts: by hand on two sectors, exact where all is known, else refused in words."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import io_tables
from handprint.backcast import KNOWN, STRUCTURE, backcast
from handprint.errors import (
    ArgumentError,
    DecompositionError,
    LabelMismatchError,
    MissingSatelliteError,
    OptionError,
    ScopeError,
    UnitMismatchError,
    YearsError,
)
from handprint.projection import base_solver, table_in_year

TOTALS = ("output_wape", "output_mix_error", "emissions_wape", "emissions_mix_error")


def small(flows, demand, year, emissions=(8, 2), **changes):
    """Two sectors; demand in columns households, exports and, where there are three, imports."""
    given = {
        "sectors": ["A", "B"],
        "categories": ["households", "exports", "imports"][: len(demand[0])],
        "satellites": {"CO2": (list(emissions), "Mt")},
        "units": "USD",
        "price_basis": f"current prices {year}",
        "source": "made up",
        "scope": "direct",
        **changes,
    }
    return io_tables.from_arrays(flows, demand, **given)


def before(**changes):
    """A = ((0.2, 0.25), (0.4, 0)), so L = ((10, 2.5), (4, 8)) / 7; output 100 and 80."""
    return small([[20, 20], [40, 0]], [[50, 10], [30, 10]], 2010, **changes)


def after(**changes):
    """Output 140 and 90: households buy 60 and 40, exports 20 and 20; total demand 100 -> 140."""
    return small([[40, 20], [30, 0]], [[60, 20], [40, 20]], 2015, (9.8, 1.8), **changes)


@pytest.fixture(scope="module")
def years():
    return {y: io_tables.load(f"china-{y}-cn24") for y in (2012, 2017, 2018, 2020)}


def test_ladder_by_hand():
    found = backcast(before(), after())
    assert found["rung"].values.tolist() == [
        "unchanged", "growth", "categories", "demand", "margins", "intensity",
    ]  # fmt: skip
    output = {r: found["output"].sel(rung=r).values for r in found["rung"].values}
    np.testing.assert_allclose(output["unchanged"], [100, 80])
    np.testing.assert_allclose(output["growth"], [140, 112])
    # Households grow from 80 to 100, exports from 20 to 40: demand 62.5 + 20 and 37.5 + 20.
    np.testing.assert_allclose(
        output["categories"], [(10 * 82.5 + 2.5 * 57.5) / 7, (4 * 82.5 + 8 * 57.5) / 7]
    )
    np.testing.assert_allclose(output["demand"], [(10 * 80 + 2.5 * 60) / 7, (4 * 80 + 8 * 60) / 7])
    np.testing.assert_allclose(output["margins"], [140, 90], rtol=1e-9)
    # Growth: 0 and 22 of 230 too much; scaled to 230 it is 127.78 and 102.22.
    growth = found.sel(rung="growth")
    np.testing.assert_allclose(growth["output_error"], [0, 100 * 22 / 90], atol=1e-12)
    assert growth["output_wape"].item() == pytest.approx(100 * 22 / 230)
    assert growth["output_total_error"].item() == pytest.approx(100 * 22 / 230)
    assert growth["output_mix_error"].item() == pytest.approx(
        100 * 2 * (140 - 140 * 230 / 252) / 230
    )
    # Flows times 1.4: 28, 28, 56, 0 beside 40, 20, 30, 0.
    assert growth["transactions_stpe"].item() == pytest.approx(100 * (12 + 8 + 26) / 90)
    # Intensities 0.08 and 0.025 give 11.2 and 2.8 beside 9.8 and 1.8.
    np.testing.assert_allclose(growth["emissions"], [11.2, 2.8])
    assert growth["emissions_wape"].item() == pytest.approx(100 * 2.4 / 11.6)
    # Output known: 11.2 and 2.25.
    assert found["emissions_wape"].sel(rung="margins").item() == pytest.approx(100 * 1.85 / 11.6)
    assert found["emissions_contribution"].sel(known="intensity").item() == pytest.approx(
        100 * 1.85 / 11.6
    )


def test_imports_respond_until_they_are_known():
    """One third of what is used of A at home is imported: 50 of 150."""
    old = small([[20, 20], [40, 0]], [[110, 0, -50], [30, 10, 0]], 2010)
    new = small([[20, 20], [40, 0]], [[140, 0, -80], [30, 10, 0]], 2015)
    found = backcast(old, new)
    assert list(found["known"].values) == list(KNOWN)
    # (I - (I - m) A) x = (2/3 140, 40) with (I - m) A = ((2/15, 1/6), (0.4, 0)).
    m = np.array([[1 - 2 / 15, -1 / 6], [-0.4, 1]])
    np.testing.assert_allclose(
        found["output"].sel(rung="demand"), np.linalg.solve(m, [280 / 3, 40])
    )
    np.testing.assert_allclose(found["output"].sel(rung="imports"), [100, 80])


def test_everything_scaled_is_everything_known():
    base = before()
    scaled = small(
        1.5 * base.transactions.values, 1.5 * base.final_demand.values, 2015,
        1.5 * base.satellites["CO2"].values,
    )  # fmt: skip
    found = backcast(base, scaled)
    rest = found.drop_sel(rung="unchanged")
    for name in (*TOTALS, "output_total_error", "emissions_total_error", "transactions_stpe"):
        np.testing.assert_allclose(rest[name], 0, atol=1e-7, err_msg=name)
    alone = found.sel(rung="unchanged")
    assert alone["output_total_error"].item() == pytest.approx(-100 / 3)
    assert alone["emissions_mix_error"].item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("pair", [(2017, 2018), (2018, 2020), (2017, 2020), (2012, 2017)])
def test_what_is_known_comes_out(years, pair):
    base, actual = (years[y] for y in pair)
    found = backcast(base, actual)
    for name, rung in (("output", "margins"), ("emissions", "intensity")):
        np.testing.assert_allclose(found[name].sel(rung=rung), found[f"{name}_actual"], rtol=1e-9)
    np.testing.assert_allclose(found["emissions_actual"], actual.satellites["CO2"])


def test_flows_are_those_of_an_update(years):
    base, actual = years[2017], years[2018]
    updated = io_tables.update(
        base,
        output=actual.output,
        sales=actual.transactions.sum("purchaser"),
        purchases=actual.transactions.sum("sector"),
        source="margins of 2018",
        price_basis=actual.price_basis,
    )
    gap = abs(updated.transactions - actual.transactions).sum() / actual.transactions.sum()
    stpe = backcast(base, actual, known=["margins"])["transactions_stpe"].sel(rung="margins")
    assert stpe.item() == pytest.approx(100 * gap.item(), rel=1e-6)


def test_steps_are_those_of_a_run(years):
    """Rung "categories" is the projection of a scenario, and "demand" agrees with it."""
    base = years[2017]
    index = {c: 1 + 0.1 * k for k, c in enumerate(base.categories) if c != "imports"}
    made = table_in_year(
        base, base_solver(base, index), index, np.ones(24), 1.0, 2025, "CO2"
    )  # fmt: skip
    actual = dataclasses.replace(made, price_basis="prices 2025")
    found = backcast(base, actual)
    for rung in ("categories", "demand", "imports", "margins"):
        for name in ("output", "emissions"):
            np.testing.assert_allclose(
                found[name].sel(rung=rung), found[f"{name}_actual"], rtol=1e-8, err_msg=rung
            )
    assert found["output_wape"].sel(rung="growth").item() > 0.1


def test_domestic_tables_have_the_same_ladder_without_imports(years):
    whole = backcast(years[2017], years[2018])
    domestic = backcast(years[2017].domestic(), years[2018].domestic())
    assert "imports" not in domestic["rung"]
    np.testing.assert_allclose(
        domestic["output"].sel(rung="margins"), whole["output"].sel(rung="margins"), rtol=1e-8
    )
    with pytest.raises(OptionError, match=r"'imports' cannot be known: the tables have no imports"):
        backcast(years[2017].domestic(), years[2018].domestic(), known=["imports"])


def test_what_is_known_may_be_chosen(years):
    tables = years[2017], years[2018]
    whole = backcast(*tables)
    some = backcast(*tables, known=["intensity", "demand"])
    assert some["rung"].values.tolist() == ["unchanged", "growth", "intensity", "demand"]
    np.testing.assert_array_equal(
        some["output"].sel(rung="demand"), whole["output"].sel(rung="demand")
    )
    np.testing.assert_array_equal(
        some["output"].sel(rung="intensity"), whole["output"].sel(rung="growth")
    )
    none = backcast(*tables, known=[])
    assert none.sizes["known"] == 0
    ends = none["emissions_wape"].sel(rung="growth").item(), 0.0
    assert whole["emissions_contribution"].sum().item() == pytest.approx(ends[0], abs=1e-6)


def test_uniform_inflation_moves_levels_only(years):
    tables = years[2017], years[2018]
    current, constant = backcast(*tables), backcast(*tables, deflator=1.05)
    rest = [r for r in current["rung"].values if r != "unchanged"]
    for name in ("output_wape", "output_total_error", "transactions_stpe", "emissions_mix_error"):
        np.testing.assert_allclose(
            constant[name].sel(rung=rest), current[name].sel(rung=rest), atol=1e-6
        )
    level = 1 + current["emissions_total_error"].sel(rung="growth").item() / 100
    assert constant["emissions_total_error"].sel(rung="growth").item() == pytest.approx(
        100 * (level / 1.05 - 1)
    )
    assert "constant" in constant.attrs["price_basis"]
    assert "deflated" in constant.attrs["note"]
    assert "Current prices" in current.attrs["note"]
    assert "inflation" in current.attrs["note"]


def test_relative_prices_are_taken_out():
    """A costs twice, B half, quantities are the same: nothing has changed."""
    base = before()
    p = np.array([2.0, 0.5])
    actual = small(
        base.transactions.values * p[:, None], base.final_demand.values * p[:, None], 2015
    )
    forms = ({"B": 0.5, "A": 2.0}, pd.Series(p, ["A", "B"]), p)
    for form in forms:
        found = backcast(base, actual, deflator=form)
        for name in (*TOTALS, "transactions_stpe"):
            np.testing.assert_allclose(found[name], 0, atol=1e-7, err_msg=name)
    assert backcast(base, actual)["output_wape"].sel(rung="growth").item() > 1


def test_category_that_ended_has_no_demand():
    old = small(
        [[20, 20], [40, 0]], [[50, 10], [30, 10]], 2010, categories=["households", "errors"]
    )
    new = small([[20, 20], [40, 0]], [[60], [40]], 2015)
    found = backcast(old, new)
    np.testing.assert_allclose(
        found["output"].sel(rung="categories"), backcast(
            small([[20, 20], [40, 0]], [[60], [40]], 2010),
            small([[20, 20], [40, 0]], [[62.5], [37.5]], 2015), known=["demand"],
        )["output"].sel(rung="demand"),
    )  # fmt: skip


def test_error_is_infinite_where_nothing_was_made():
    new = small([[40, 0], [30, 0]], [[100], [-30]], 2015, (9.8, 0), categories=["households"])
    old = before(categories=["households", "exports"])
    found = backcast(old, new, known=["demand"])
    assert found["output_actual"].sel(sector="B").item() == 0
    assert found["output_error"].sel(rung="growth", sector="B").item() == np.inf
    assert np.isfinite(found["output_wape"]).all()


OTHERS = {
    "sectors": ({"sectors": ["A", "C"]}, LabelMismatchError, "'C'"),
    "order": ({"sectors": ["B", "A"]}, LabelMismatchError, "order"),
    "money": ({"units": "million USD"}, UnitMismatchError, "million USD"),
    "emissions": ({"satellites": {"CO2": ([9, 1], "kt")}}, UnitMismatchError, "kt"),
    "scope": ({"scope": "direct+purchased"}, ScopeError, "purchased"),
    "account": ({"satellites": {"CH4": ([9, 1], "Mt")}}, MissingSatelliteError, "CH4"),
    "households": ({"households": {"CO2": (1, "Mt")}}, DecompositionError, "households"),
    "no year": ({"price_basis": "current"}, YearsError, "names no year"),
    "same year": ({"price_basis": "prices 2010"}, YearsError, "must be the earlier"),
    "new category": ({"categories": ["households", "army"]}, DecompositionError, "'army'"),
    "no emissions": (
        {"satellites": {"CO2": ([0, 0], "Mt")}}, DecompositionError, "nothing to compare",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_tables_that_do_not_fit_are_refused(case):
    changes, error, words = OTHERS[case]
    emissions = changes.pop("satellites", {"CO2": ([9.8, 1.8], "Mt")})
    with pytest.raises(error, match=words):
        backcast(before(), after(satellites=emissions, **changes))


WRONG = {
    "unknown": ({"known": ["margin"]}, OptionError, "'margins'"),
    "order": ({"known": ["margins", "demand"]}, OptionError, "in this order"),
    "twice": ({"known": ["intensity", "intensity"]}, OptionError, "each once"),
    "kind": ({"known": 3}, ArgumentError, "known is 3"),
    "satellite": ({"satellite": "CO"}, MissingSatelliteError, "'CO2'"),
    "deflator": ({"deflator": 0.0}, OptionError, "above zero"),
    "deflator in percent": ({"deflator": 110.0}, OptionError, "write 1.1"),
    "deflator by one": ({"deflator": {"A": 1.1}}, LabelMismatchError, "'B'"),
    "years": ({"years": (2015,)}, YearsError, "two whole numbers"),
    "turned": ({"years": (2015, 2010)}, YearsError, "must be the earlier"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_arguments_are_refused(case):
    options, error, words = WRONG[case]
    with pytest.raises(error, match=words):
        backcast(before(), after(), **options)


def test_table_turned_round_is_refused(years):
    with pytest.raises(YearsError, match="china-2020-cn24 is of 2020"):
        backcast(years[2020], years[2017])
    with pytest.raises(DecompositionError, match="competitive"):
        backcast(years[2017], years[2018].domestic())


def test_result_says_what_it_is(years):
    found = backcast(years[2017], years[2018])
    for name, array in found.data_vars.items():
        assert array.attrs["units"], name
        assert array.attrs["long_name"], name
        assert array.attrs["long_name_zh"], name
    assert (found.attrs["base_year"], found.attrs["actual_year"]) == (2017, 2018)
    assert set(STRUCTURE) < set(found["rung"].values)
