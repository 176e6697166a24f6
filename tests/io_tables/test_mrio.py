"""Multi-region tables to and from pymrio; pymrio's own results as the oracle."""

from __future__ import annotations

import builtins
import copy
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from handprint.accounts import ledger, multiplier_matrix
from handprint.leontief import Solver
from io_tables import IOTable, from_arrays
from io_tables.errors import (
    BalanceError,
    LabelError,
    MissingExtraError,
    MissingValueError,
    UnitError,
)
from io_tables.extensions import Account
from io_tables.mrio import from_pymrio, region_totals
from io_tables.to_mrio import require_pymrio, to_pymrio

LABELS = pd.MultiIndex.from_tuples(
    [("north", "farms"), ("north", "works"), ("south", "farms"), ("south", "works")],
    names=["region", "sector"],
)
DEMAND = pd.MultiIndex.from_tuples(
    [("north", "households"), ("north", "investment"), ("south", "households")],
    names=["region", "category"],
)
Z = [[10.0, 20, 5, 0], [30, 40, 0, 10], [5, 0, 20, 30], [0, 10, 20, 40]]
Y = [[50.0, 10, 5], [80, 30, 10], [5, 0, 40], [10, 0, 120]]
X = [100.0, 200, 100, 200]
STRESSORS = pd.MultiIndex.from_tuples(
    [("CO2", "air"), ("CH4", "air"), ("CO2", "soil")], names=["stressor", "compartment"]
)


class System(SimpleNamespace):
    """What from_pymrio uses of a pymrio system, so that most tests run without it."""

    def get_extensions(self):
        return [k for k, v in vars(self).items() if hasattr(v, "F")]


def system(**change):
    """Two regions, two sectors; every sum can be done by hand."""
    emissions = SimpleNamespace(
        F=pd.DataFrame([[1e6, 2e6, 3e6, 4e6], [1, 1, 1, 1], [10, 0, 0, 0]], STRESSORS, LABELS),
        F_Y=pd.DataFrame([[5e5, 0, 7e5], [0, 0, 0], [0, 0, 0]], STRESSORS, DEMAND),
        unit=pd.DataFrame({"unit": ["t", "kg", "t"]}, STRESSORS),
    )
    inputs = pd.MultiIndex.from_tuples([("VA", "wages"), ("VA", "profits")], names=["type", "of"])
    values = np.array(X) - np.sum(Z, axis=0)
    given = {
        "Z": pd.DataFrame(Z, LABELS, LABELS),
        "Y": pd.DataFrame(Y, LABELS, DEMAND),
        "x": pd.DataFrame(X, LABELS, ["indout"]),
        "unit": pd.DataFrame({"unit": "M.EUR"}, LABELS),
        "emissions": emissions,
        "inputs": SimpleNamespace(
            F=pd.DataFrame([0.75 * values, 0.25 * values], inputs, LABELS),
            unit=pd.DataFrame({"unit": ["M.EUR"] * 2}, inputs),
        ),
    }
    return System(**(given | change))


def table(given=None, **options) -> IOTable:
    known = {
        "satellites": {"CO2": ("emissions", ("CO2", "air"), "Mt")},
        "price_basis": "current",
        "source": "by hand",
        "scope": "direct",
    }
    return from_pymrio(system() if given is None else given, **(known | options))


def test_labels_units_and_direct_amounts():
    made = table()
    assert made.sectors == ["north:farms", "north:works", "south:farms", "south:works"]
    assert made.transactions["region"].values.tolist() == ["north", "north", "south", "south"]
    assert made.transactions["industry"].values.tolist() == ["farms", "works"] * 2
    assert made.categories == ["north:households", "north:investment", "south:households"]
    assert made.units == "M.EUR"
    assert made.satellites["CO2"].values.tolist() == [1, 2, 3, 4]
    assert made.satellites["CO2"].attrs["units"] == "Mt"
    assert float(made.households["CO2"]) == pytest.approx(1.2)
    assert made.final_demand["direct CO2"].values == pytest.approx([0.5, 0, 0.7])
    assert made.history == ("CO2, extension emissions: times 1e-06 to Mt",)


def test_rows_are_chosen_by_name_key_or_list():
    accounts = {
        "CH4": ("emissions", "CH4"),
        "all": ("emissions", [("CO2", "air"), ("CO2", "soil")], "kt"),
        "ours": Account("emissions", "CH4", "boxes", 2.0),
        "same": ("emissions", "CH4", (2.0, "boxes")),
    }
    made = table(satellites=accounts).satellites
    assert (made["CH4"].values.tolist(), made["CH4"].attrs["units"]) == ([1, 1, 1, 1], "kg")
    assert made["all"].values == pytest.approx([1000.01, 2000, 3000, 4000])
    assert made["ours"].values.tolist() == made["same"].values.tolist() == [2, 2, 2, 2]
    assert made["same"].attrs["units"] == "boxes"


def test_what_is_missing_is_computed_and_said():
    coefficients = pd.DataFrame(np.array(Z) / X, LABELS, LABELS)
    by_rows, by_a = table(system(x=None)), table(system(Z=None, x=None, A=coefficients))
    assert by_rows.output.values.tolist() == X
    assert "x computed as row sums of Z and Y: the system had none" in by_rows.history
    np.testing.assert_allclose(by_a.output, X)
    np.testing.assert_allclose(by_a.transactions, Z, atol=1e-12)
    assert [s.partition(":")[0] for s in by_a.history[:2]] == [
        "x computed from A and Y",
        "Z computed as A times x",
    ]
    shares = system()
    shares.emissions.S, shares.emissions.F = shares.emissions.F / X, None
    made = table(shares, satellites={"CO2": ("emissions", ("CO2", "air"), "Mt")})
    np.testing.assert_allclose(made.satellites["CO2"], [1, 2, 3, 4])
    assert "CO2, extension emissions: F computed as S times x" in made.history


def test_value_added_by_component():
    made = table(value_added="inputs")
    assert made.primary_inputs["component"].values.tolist() == ["VA: wages", "VA: profits"]
    np.testing.assert_allclose(made.value_added, np.array(X) - np.sum(Z, axis=0))
    assert "value added" in table().primary_inputs["component"].values


def test_value_added_told_by_region_is_added_up():
    given = system()
    keys = pd.MultiIndex.from_product([["north", "south"], ["wages"]], names=["region", "type"])
    values = np.array(X) - np.sum(Z, axis=0)
    given.inputs.F = pd.DataFrame(
        [values * [1, 1, 0, 0], values * [0, 0, 1, 1]], keys, LABELS, dtype=float
    )
    given.inputs.unit = pd.DataFrame({"unit": ["M.EUR"] * 2}, keys)
    made = table(given, value_added="inputs")
    assert made.primary_inputs["component"].values.tolist() == ["wages"]
    np.testing.assert_allclose(made.value_added, values)


def test_columns_that_miss_output():
    given = system()
    given.inputs.F = given.inputs.F * 1.0
    given.inputs.F.iloc[0, 3] += 6
    with pytest.raises(BalanceError, match=r"column south:works: inputs of 206 differ from output"):
        table(given, value_added="inputs")
    made = table(given, value_added="inputs", gap="component")
    rest = made.primary_inputs.sel(component="statistical discrepancy")
    assert rest.values.tolist() == [0, 0, 0, -6]
    assert float(made.value_added[3]) == 126  # the discrepancy is no value added
    (remark,) = made.remarks
    assert "inputs miss output by up to -6 M.EUR, 1.000% of all output" in str(remark)
    assert remark in list(made.check())


def shuffled(frame):
    return frame.iloc[[1, 0, 2, 3]]


def regions_with_colon():
    return system().Z.rename(index={"north": "n:1"}, columns={"north": "n:1"})


BAD = {
    "x": ({"x": pd.DataFrame([100.0, 200, 100, 201], LABELS, ["indout"])}, BalanceError,
          "row south:works: uses of 200 differ from output 201"),
    "two columns of x": ({"x": pd.DataFrame([[1, 2]] * 4, LABELS)}, LabelError, "x has 2 columns"),
    "A": ({"A": pd.DataFrame(np.array(Z) / 100, LABELS, LABELS)}, BalanceError,
          "A and Z contradict each other by 40 in row north:works, column north:works"),
    "no Y": ({"Y": None}, MissingValueError, "the system has no Y"),
    "no Z": ({"Z": None}, MissingValueError, "neither Z nor A"),
    "mixed units": ({"unit": pd.DataFrame({"unit": ["M.EUR", "TJ", "M.EUR", "M.EUR"]}, LABELS)},
                    UnitError, "several units: M.EUR (3 rows), TJ (1 rows)"),
    "no units": ({"unit": None}, UnitError, "states no unit: give units="),
    "units of others": ({"unit": shuffled(system().unit)}, LabelError, "units do not carry"),
    "shuffled rows": ({"Z": shuffled(system().Z)}, LabelError, "in the same order"),
    "shuffled demand": ({"Y": shuffled(system().Y)}, LabelError, "rows of Y"),
    "other demand": ({"Y": system().Y.rename(index={"works": "work"})}, LabelError,
                     "('north', 'work'), ('south', 'work') differ"),
    "one level": ({"Z": pd.DataFrame(Z), "Y": pd.DataFrame(Y), "x": None}, LabelError,
                  "labels of Z have 1 levels"),
    "colon": ({"Z": regions_with_colon(), "Y": system().Y.rename(index={"north": "n:1"}),
               "x": None}, LabelError, "region 'n:1' has a colon"),
    "empty cell": ({"Z": system().Z.replace(40.0, np.nan)}, MissingValueError, "value is missing"),
    "singular": ({"Z": None, "x": None, "A": pd.DataFrame(np.eye(4), LABELS, LABELS)},
                 BalanceError, "singular"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_systems_are_refused(case):
    change, error, message = BAD[case]
    with pytest.raises(error) as caught:
        table(system(**change))
    assert message in str(caught.value)


def test_units_said_are_compared():
    assert table(units="M.EUR").units == table(system(unit=None), units="M.EUR").units
    with pytest.raises(UnitError, match=r"the system is in 'M.EUR', not in 'k.EUR'"):
        table(units="k.EUR")


ASKED = {
    "extension": (("emission", "CO2"), LabelError, "no extension 'emission'; did you mean 'emiss"),
    "row": (("emissions", "CO"), LabelError, "no row 'CO'; did you mean 'CO2'"),
    "several": (("emissions", "CO2"), LabelError, "2 rows are called 'CO2': name one by its full"),
    "twice": (("emissions", ["CH4", "CH4"]), LabelError, "are empty or name one twice"),
    "unit": (("emissions", "CH4", "TJ"), UnitError, "'kg' is mass, 'TJ' is energy"),
    "units": (("emissions", ["CH4", ("CO2", "air")]), UnitError, "in several units: kg, t"),
    "shape": (("emissions",), LabelError, "give (extension, row)"),
    "factor": (("emissions", "CH4", (np.nan, "t")), UnitError, "give a finite factor"),
}


@pytest.mark.parametrize("case", ASKED)
def test_bad_accounts_are_refused(case):
    asked, error, message = ASKED[case]
    with pytest.raises(error) as caught:
        table(satellites={"gas": asked})
    assert message in str(caught.value)


def test_bad_extensions_are_refused():
    given = system()
    given.emissions.F_Y = given.emissions.F_Y.drop(index=[("CO2", "soil")])
    both = {"CO2": ("emissions", [("CO2", "air"), ("CO2", "soil")])}
    with pytest.raises(LabelError, match="no row is taken for zero"):
        table(given, satellites=both)
    given.emissions.F_Y = given.emissions.F_Y.replace(5e5, np.nan)
    with pytest.raises(MissingValueError, match="F_Y is missing in column north:households"):
        table(given)
    given.emissions.unit = None
    with pytest.raises(UnitError, match="states no unit of all"):
        table(given)
    given.emissions.F = given.emissions.F.drop(columns=[("south", "works")])
    with pytest.raises(LabelError, match=r"columns missing \['south:works'\]"):
        table(given)
    given.emissions.F = None
    with pytest.raises(MissingValueError, match="neither F nor S"):
        table(given)
    given = system()
    given.inputs.unit = given.inputs.unit.replace("M.EUR", "GDP")
    with pytest.raises(UnitError, match=r"extension inputs is in 'GDP', the table in 'M\.EUR'"):
        table(given, value_added="inputs")


def test_columns_of_an_extension_meet_by_label():
    given = system()
    given.emissions.F = given.emissions.F.iloc[:, [2, 0, 3, 1]]
    made = table(given)
    assert made.satellites["CO2"].values.tolist() == [1, 2, 3, 4]
    assert any("put in the order of the table" in step for step in made.history)


def test_ledger_closes_and_regions_add_up():
    made = table()
    book = ledger(made, "CO2")  # refuses itself when it does not close
    embodied = region_totals(book["embodied"].sum("sector"), "category")
    produced = region_totals(book["produced"], "sector")
    assert produced["region"].values.tolist() == ["north", "south"]
    assert produced.values.tolist() == [3, 7]
    assert float(embodied.sum()) == pytest.approx(10)
    with pytest.raises(LabelError, match="sector 'A' names no region"):
        region_totals(book["produced"].assign_coords(sector=["A", "B", "C", "D"]), "sector")


def test_missing_extra(monkeypatch):
    plain = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "pymrio":
            raise ImportError(name)
        return plain(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'handprint\[mrio\]'"):
        require_pymrio()


def test_round_trip():
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    first = table(value_added="inputs")
    back = to_pymrio(first)
    given = system()
    for key in ("Z", "Y", "x", "unit"):
        pd.testing.assert_frame_equal(
            getattr(back, key), getattr(given, key), check_dtype=False, check_exact=True
        )
    np.testing.assert_array_equal(back.satellites.F.loc["CO2"], [1, 2, 3, 4])
    np.testing.assert_allclose(back.satellites.F_Y.loc["CO2"], [0.5, 0, 0.7])
    again = from_pymrio(
        back,
        satellites={"CO2": ("satellites", "CO2")},
        value_added="factor_inputs",
        price_basis="current",
        source="by hand",
        scope="direct",
    )
    assert again.content_hash == first.content_hash
    assert again.final_demand["direct CO2"].values.tolist() == [0.5, 0, 0.7]


def test_single_region_table_to_pymrio(textbook):
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    with pytest.raises(LabelError, match="give households="):
        to_pymrio(textbook)
    with pytest.raises(LabelError, match="did you mean 'households'"):
        to_pymrio(textbook, households="household")
    made = to_pymrio(textbook, region="US", households="households")
    assert made.get_regions().tolist() == ["US"]
    assert made.satellites.F_Y.loc["CO2"].tolist() == [1]
    made.calc_all()
    np.testing.assert_allclose(made.L.to_numpy(), Solver(textbook).inverse(), rtol=1e-12)
    assert to_pymrio(from_arrays([[1.0]], [2.0], sectors=["a"], units="u", price_basis="p",
                                 source="s")).Z.shape == (1, 1)  # fmt: skip


def test_changed_direct_amounts_are_refused():
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    from dataclasses import replace

    made = table()
    other = replace(made, households={"CO2": made.households["CO2"] * 2})
    other.households["CO2"].attrs["units"] = "Mt"
    with pytest.raises(LabelError, match=r"its categories sum to 1\.2"):
        to_pymrio(other)


@pytest.fixture(scope="module")
def oracle():
    """The test system that comes with pymrio, calculated by pymrio."""
    pymrio = pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    made = pymrio.load_test()
    return made, copy.deepcopy(made).calc_all()


def test_against_pymrio(oracle):
    raw, done = oracle
    made = from_pymrio(
        raw,
        satellites={
            "CO2": ("emissions", "emission_type1"),
            "water": ("emissions", "emission_type2"),
        },
        price_basis="invented",
        source="test system of pymrio",
        scope="direct",
    )
    for name, row in (("CO2", 0), ("water", 1)):
        multipliers = multiplier_matrix(made, name)
        np.testing.assert_allclose(
            multipliers["multiplier"].values, done.emissions.M.iloc[row], rtol=1e-9
        )
        own = done.emissions.S.iloc[row].to_numpy()[:, None] * done.L.to_numpy()
        np.testing.assert_allclose(multipliers.values, own, rtol=1e-9, atol=1e-12 * own.max())
        book = ledger(made, name)
        embodied = region_totals(book["embodied"], "category").values.reshape(6, 8, 6)
        np.testing.assert_allclose(  # by product bought and region that buys it
            embodied.sum(axis=0).T.ravel(), done.emissions.D_cba.iloc[row], rtol=1e-9
        )
        direct = region_totals(made.final_demand[f"direct {name}"], "category")
        total = region_totals(book["embodied"].sum("sector"), "category") + direct
        np.testing.assert_allclose(total, done.emissions.D_cba_reg.iloc[row], rtol=1e-9)
        made_there = region_totals(book["produced"], "sector") + direct
        np.testing.assert_allclose(made_there, done.emissions.D_pba_reg.iloc[row], rtol=1e-9)
    again = from_pymrio(done, price_basis="i", source="s")  # x and A of pymrio agree with Z and Y
    np.testing.assert_allclose(again.output, made.output, rtol=1e-12)
    assert again.history == ()


def test_round_trip_of_the_test_system(oracle):
    raw, done = oracle
    names = {"a": ("emissions", "emission_type1"), "b": ("emissions", "emission_type2")}
    back = to_pymrio(from_pymrio(raw, satellites=names, price_basis="i", source="s"))
    for key in ("Z", "Y"):
        pd.testing.assert_frame_equal(
            getattr(back, key), getattr(raw, key), check_dtype=False, check_exact=True
        )
    pd.testing.assert_frame_equal(back.x, done.x, rtol=1e-15)  # pymrio adds in another order
    for key in ("F", "F_Y"):
        mine, theirs = getattr(back.satellites, key), getattr(raw.emissions, key)
        np.testing.assert_array_equal(mine.to_numpy(), theirs.to_numpy())
        assert list(mine.columns) == list(theirs.columns)
    assert back.unit["unit"].tolist() == raw.unit["unit"].tolist()


def test_totals_of_the_test_system_are_not_trusted(oracle):
    raw, _ = oracle
    with pytest.raises(BalanceError, match="44 problems"):
        from_pymrio(raw, value_added="factor_inputs", price_basis="i", source="s")
    made = from_pymrio(
        raw, value_added="factor_inputs", gap="component", price_basis="i", source="s"
    )
    (remark,) = made.remarks
    assert "97.653% of all output" in str(remark)


def test_shared_copy_of_the_test_system(raw_folder, oracle):
    folder = raw_folder / "pymrio_test_mrio"
    if not folder.is_dir():
        pytest.skip(f"no test system of pymrio at {folder}")
    head = {"sep": "\t", "index_col": [0, 1, 2], "header": [0, 1]}
    files = {"Z": "trade_flows_Z.txt", "Y": "finald_demand_Y.txt"}
    frames = {k: pd.read_csv(folder / v, **head).droplevel(2) for k, v in files.items()}
    given = System(unit=None, **frames)
    made = from_pymrio(given, units="Mill USD", price_basis="invented", source="pymrio")
    raw, _ = oracle
    np.testing.assert_allclose(made.transactions, raw.Z, rtol=1e-12)
    np.testing.assert_allclose(made.final_demand, raw.Y, rtol=1e-12)
