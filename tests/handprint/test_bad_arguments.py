"""Table of wrong arguments: each is refused by an error of the house that says what to give."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import handprint
import io_tables
from handprint.accounts import intensity, ledger, multiplier_matrix
from handprint.errors import ArgumentError, HandprintError, ShapeError
from handprint.guards import shown
from io_tables.errors import TableError, UnknownTableError

TABLE = io_tables.load("china-2017-cn8")
MATRIX = handprint.technical_coefficients(TABLE)
SAVER = handprint.Intervention("IND", 0.5, {"ELE": 0.1}, ict_input=0.001)
ICT = ["ICT"]
RESULT = handprint.counterfactual(TABLE, [SAVER], ict=ICT, respend=0.5)

# Function -> arguments that work; each is exchanged for everything in WRONG.
CALLS = {
    "technical_coefficients": {"table": TABLE},
    "linkage": {"table": TABLE, "ict": ICT, "satellite": "CO2"},
    "extraction": {"table": TABLE, "ict": ICT, "kind": "full", "satellite": "CO2"},
    "key_sectors": {"table": TABLE, "satellite": "CO2"},
    "field_of_influence": {"table": TABLE, "top": 3, "cell": ("IND", "ELE"), "satellite": "CO2"},
    "upstreamness": {"table": TABLE},
    "counterfactual": {
        "table": TABLE,
        "interventions": [SAVER],
        "satellite": "CO2",
        "respend": 0.5,
        "ict": ICT,
        "budget": "final demand",
        "budget_shares": None,
        "demand_changes": None,
        "household_onsite": None,
        "capital": None,
    },
    "counterfactuals": {
        "table": TABLE,
        "interventions": [SAVER],
        "draws": {"respend": np.array([0.1, 0.2])},
        "ict": ICT,
        "respend": 0.5,
    },
    "central_values": {"table": TABLE, "interventions": [SAVER], "ict": ICT},
    "import_sensitivity": {
        "table": TABLE,
        "interventions": [SAVER],
        "domestic": None,
        "ict": ICT,
    },
    "capital_coefficients": {
        "table": TABLE,
        "by": "depreciation",
        "volume": "replacement",
        "category": "fixed capital",
    },
    "emitter_table": {"result": RESULT, "orders": ["first"]},
    "boundary_split": {"result": RESULT, "boundary": ["IND"]},
    "rebound_table": {"result": RESULT},
    "sda": {
        "table0": TABLE,
        "table1": TABLE,
        "satellite": "CO2",
        "split": ICT,
        "method": "polar",
        "form": "additive",
        "deflators": None,
    },
    "backcast": {
        "base": TABLE,
        "actual": TABLE,
        "satellite": "CO2",
        "known": ["demand"],
        "deflator": None,
        "years": (2017, 2018),
    },
    "index_decomposition": {
        "v0": [6.0],
        "v1": [24.0],
        "factors0": {"a": [2.0], "b": [3.0]},
        "factors1": {"a": [4.0], "b": [6.0]},
        "form": "additive",
        "units": "1",
    },
    "structural_paths": {
        "table": TABLE,
        "top": 3,
        "satellite": "CO2",
        "sector": "ICT",
        "difference_to": None,
    },
    "price_change": {
        "table": TABLE,
        "value_added_change": None,
        "carbon_price": 100,
        "satellite": "CO2",
        "pass_through": 1.0,
    },
    "cost_change": {"table": TABLE, "interventions": [SAVER], "ict": ICT},
    "footprint": {"table": TABLE, "satellites": ["CO2"], "gwp": "AR6", "memory": 10**9},
    "Intervention": {
        "sector": "IND",
        "penetration": 0.5,
        "saving": {"ELE": 0.1},
        "onsite": 0.0,
        "ict_input": 0.0,
        "rebound": 0.0,
        "name": "",
        "ict_capital": 0.0,
        "lifetime": None,
        "discount": 0.0,
        "fuel_rows": (),
    },
    "reconcile": {
        "bottom_up": [900.0, 1200.0],
        "covariance": [100.0, 100.0],
        "aggregation": [1.0, 1.0],
        "top_down": 2000.0,
        "top_down_covariance": 50.0,
        "cross_covariance": None,
        "bounds": None,
        "exact": None,
    },
    "load_scenario": {"name_or_path": "current-policy"},
}
WRONG = [
    None,
    True,
    3,
    2.5,
    float("nan"),
    "nonsense",
    "x" * 5000,
    b"x",
    object(),
    [],
    [1],
    [None],
    (1, 2),
    {},
    {"a": 1},
    {None: None},
    np.ones(3),
    np.ones((2, 2)),
    xr.DataArray([1.0, 2.0]),
    pd.DataFrame(),
    MATRIX,
    MATRIX.values,
    TABLE,
]


def refused(call, arguments):
    """Call; return whether an error of the project refused it. Any other error passes through."""
    try:
        call(**arguments)
    except (HandprintError, TableError) as error:
        return bool(str(error).strip())
    return False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_no_wrong_argument_ends_in_an_error_of_python(name):
    call, fit = getattr(handprint, name), CALLS[name]
    assert not refused(call, fit)
    for argument in fit:
        count = sum(refused(call, {**fit, argument: value}) for value in WRONG)
        # an argument that takes nearly everything would make this test an empty one
        assert count >= len(WRONG) // 3, f"{name}({argument}=): only {count} refused"


def wrong_runs():
    return {
        "table": [3, MATRIX, [], "china-1917"],
        "scenario": [None, 3, [], MATRIX, {"name": "x"}],
        "draws": [None, 2.5, "many", 1, -1, True],
        "seed": ["seven", 2.5, [1]],
    }


@pytest.mark.parametrize(
    ("argument", "value"), [(k, v) for k, values in wrong_runs().items() for v in values]
)
def test_a_run_refuses_what_it_cannot_take(short, argument, value):
    assert refused(handprint.run, {"scenario": short, "draws": 0, argument: value})


def test_a_run_takes_the_name_of_a_shipped_table(short):
    """A table instead of the scenario's, by name and as it is."""
    named = handprint.run(short, table="china-2020-cn24")
    given = handprint.run(short, table=io_tables.load("china-2020-cn24"))
    assert named.record.table == "china-2020-cn24"
    xr.testing.assert_identical(named.indicators, given.indicators)
    with pytest.raises(UnknownTableError, match="china-2020-cn24"):
        handprint.run(short, table="china-2020-cn42")


@pytest.mark.parametrize("results", [None, 3, "run", [3], [None, None], {}])
def test_exports_and_comparisons_want_results(results, tmp_path):
    assert refused(handprint.compare, {"results": results})
    path = tmp_path / "book.xlsx"
    assert refused(handprint.export.workbook, {"results": results, "path": path})
    assert not path.exists()


def test_a_workbook_wants_a_path(short_run):
    with pytest.raises(ArgumentError, match="path is 3, needed a path"):
        handprint.export.workbook(short_run, 3)


# What the messages say


@pytest.mark.parametrize("matrix", [MATRIX, MATRIX.values, MATRIX.to_pandas()])
@pytest.mark.parametrize(
    "call",
    [
        lambda m: handprint.linkage(m, ICT),
        lambda m: handprint.counterfactual(m, [SAVER]),
        handprint.technical_coefficients,
        handprint.key_sectors,
        handprint.structural_paths,
        handprint.footprint,
        lambda m: handprint.sda(m, m),
        lambda m: intensity(m, "CO2"),
        lambda m: ledger(m, "CO2"),
        lambda m: multiplier_matrix(m, "CO2"),
    ],
)
def test_a_matrix_is_no_table_and_the_message_says_what_is(call, matrix):
    with pytest.raises(ArgumentError) as caught:
        call(matrix)
    for words in (type(matrix).__name__, "an IOTable", "io_tables.load", "no emissions"):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: handprint.counterfactual(TABLE, None), ArgumentError, "interventions is None"),
        (lambda: handprint.counterfactual(TABLE, [3]), ArgumentError, "interventions holds 3"),
        (lambda: handprint.counterfactual(TABLE, "kiln"), ArgumentError, "'kiln', needed a list"),
        (
            lambda: handprint.counterfactual(TABLE, [SAVER], demand_changes=[1]),
            ArgumentError,
            "demand_changes is [1], needed a mapping",
        ),
        (
            lambda: handprint.counterfactual(TABLE, [SAVER], ict=ICT, budget=3),
            ArgumentError,
            "budget is 3, needed 'final demand'",
        ),
        (
            lambda: handprint.import_sensitivity(TABLE, [SAVER], ict=ICT, respnd=0.5),
            ArgumentError,
            "no option 'respnd', did you mean 'respend'",
        ),
        (
            lambda: handprint.sda(1, 2),
            ArgumentError,
            "sda: table0 is 1, needed an IOTable",
        ),
        (lambda: handprint.sda(1, 2), ArgumentError, "table1 is 2"),
        (lambda: handprint.structural_paths(None), ArgumentError, "table is None"),
        (
            lambda: handprint.reconcile([1], [1], [1], 1, 1, exact=3),
            ShapeError,
            "the pair (G, g)",
        ),
        (lambda: handprint.export.workbook(3, "a.xlsx"), ArgumentError, "handprint.run, given 3"),
        (lambda: handprint.compare(3), ArgumentError, "a list of results of runs, given 3"),
        (lambda: handprint.load_scenario(None), ArgumentError, "needed a name, a path"),
        (
            lambda: handprint.field_of_influence(TABLE, cell=("IND",)),
            ArgumentError,
            "cell is ('IND',), needed two names",
        ),
        (
            lambda: handprint.field_of_influence(TABLE, top=2.5),
            ArgumentError,
            "top is 2.5, needed a whole number",
        ),
        (
            lambda: handprint.price_change(TABLE, carbon_price="100"),
            ArgumentError,
            "carbon_price is '100', needed a number",
        ),
        (
            lambda: handprint.central_values(TABLE, [SAVER], ict="ICT"),
            ShapeError,
            "['ICT']",
        ),
        (lambda: handprint.Intervention(3, 0.5), ArgumentError, "sector is 3, needed a text"),
    ],
)
def test_messages_say_what_is_needed(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_names_may_come_as_an_array():
    """ICT sectors as list, tuple, array and index give the same."""
    expected = handprint.linkage(TABLE, ICT)["R1"].item()
    for names in (("ICT",), np.array(["ICT"]), pd.Index(["ICT"])):
        assert handprint.linkage(TABLE, names)["R1"].item() == expected
        again = handprint.counterfactual(TABLE, [SAVER], ict=names, respend=0.5)
        xr.testing.assert_identical(again, RESULT)


def test_long_values_are_shown_by_their_type():
    assert shown("abc") == "'abc'"
    assert shown(list(range(100))) == "a list"
    assert shown(MATRIX) == "a DataArray"
    assert shown(TABLE) == "an IOTable"
