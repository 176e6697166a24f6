"""Arguments of the wrong kind: every public function answers with the package's own error."""

from __future__ import annotations

import decimal
import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import io_tables
from io_tables import from_arrays
from io_tables.errors import (
    ConcordanceError,
    LabelError,
    MissingValueError,
    TableError,
    TableFileError,
    UnknownTableError,
)

Z, Y = [[1.0, 2.0], [3.0, 4.0]], [[5.0], [6.0]]
GIVEN = {
    "sectors": ["A", "B"], "categories": ["use"], "units": "USD",
    "price_basis": "current 2005", "source": "by hand",
}  # fmt: skip
TO_ONE = {"A": "all", "B": "all"}
HALVES = {"x": 0.5, "y": 0.5}


def made(transactions=None, final_demand=None, **change) -> io_tables.IOTable:
    z = Z if transactions is None else transactions
    return from_arrays(z, Y if final_demand is None else final_demand, **{**GIVEN, **change})


TABLE = made(satellites={"CO2": ([1, 2], "Mt")}, scope="direct")
OBJECTS = np.array([[object(), 1], [2, 3]], dtype=object)
MASKED = np.ma.masked_array(Z, mask=[[0, 1], [0, 0]])

NAMED = {
    "read": (lambda: io_tables.read(None), TableFileError, "path is None: give the path"),
    "read a number": (lambda: io_tables.read(3), TableFileError, "path is 3 (int)"),
    "read bytes": (lambda: io_tables.read(b"t.csv"), TableFileError, "path is b't.csv' (bytes)"),
    "long name": (lambda: io_tables.read("a" * 5000), TableFileError, "File name too long"),
    "load": (lambda: io_tables.load(3), UnknownTableError, "table name is 3 (int): give text"),
    "load a list": (lambda: io_tables.load([]), UnknownTableError, "table name is [] (list)"),
    "tolerance": (lambda: made(tolerance="x"), TableError, "tolerance is 'x' (str): give a finite"),
    "tolerance of nothing": (lambda: made(tolerance=float("nan")), TableError, "tolerance is nan"),
    "tolerance of all": (lambda: made(tolerance=float("inf")), TableError, "tolerance is inf"),
    "tolerance below zero": (lambda: made(tolerance=-1), TableError, "-1 is no amount of money"),
    "complex": (
        lambda: made(np.array(Z) + 1j), MissingValueError, "transactions holds complex numbers",
    ),
    "dates": (
        lambda: made(np.zeros((2, 2), "M8[D]")), MissingValueError, "transactions holds dates",
    ),
    "objects": (lambda: made(OBJECTS), MissingValueError, "transactions [1, 1]: '<object"),
    "complex object": (
        lambda: made(np.array([[1, 2], [3, 1j]], dtype=object)),
        MissingValueError,
        "transactions [2, 2]: '1j' is not a number",
    ),
    "masked": (lambda: made(MASKED), MissingValueError, "transactions [1, 2]: the cell is masked"),
    "too large": (
        lambda: made([[10**400, 1], [1, 1]]), MissingValueError, "transactions [1, 1]: '1000",
    ),
    "dataset": (lambda: made(xr.Dataset()), MissingValueError, "transactions is <xarray.Dataset>"),
    "one text as labels": (lambda: made(sectors="AB"), LabelError, "sectors is 'AB' (str)"),
    "labels without order": (lambda: made(sectors={"A", "B"}), LabelError, "give a list of labels"),
    "label missing": (lambda: made(sectors=["A", None]), LabelError, "sectors 2 is None"),
    "label not a number": (lambda: made(sectors=["A", np.nan]), LabelError, "sectors 2 is nan"),
    "accounts": (lambda: made(satellites=[1]), TableError, "satellites is [1] (list): give a map"),
    "source": (lambda: made(source=3), TableError, "source is 3 (int): give text"),
    "history": (lambda: made(history="one step"), LabelError, "history is 'one step' (str)"),
    "remarks": (lambda: made(remarks=["x"]), TableError, "give a list of Finding"),
    "aggregate": (lambda: TABLE.aggregate(3), ConcordanceError, "concordance is 3 (int)"),
    "targets": (lambda: TABLE.aggregate({"A": 1, "B": 2}), ConcordanceError, "target of A is 1"),
    "against": (lambda: TABLE.check(against=3), TableError, "against is 3 (int): give a table"),
    "split": (lambda: TABLE.split("A", [1], source="s"), TableError, "split: into is [1] (list)"),
    "ras": (lambda: io_tables.ras(MASKED, [3, 7], [4, 6]), MissingValueError, "cell is masked"),
    "iterations": (
        lambda: io_tables.ras(Z, [3, 7], [4, 6], max_iterations=2.5),
        TableError,
        "max_iterations is 2.5 (float): give a whole number",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMED)
def test_the_message_names_argument_and_value(case):
    call, error, words = NAMED[case]
    with pytest.raises(error, match=re.escape(words)) as caught:
        call()
    assert type(caught.value) is error


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("given", ["output", "nothing"])
def test_a_cell_without_number_is_named_once(value, given):
    """Output and value added that are sums over it are no further problems."""
    more = {"output": [8, 13]} if given == "output" else {}
    with pytest.raises(MissingValueError) as caught:
        made([[1, value], [3, 4]], **more)
    (finding,) = caught.value.findings
    assert "A" in finding.where
    assert "B" in finding.where
    assert "transactions" in finding.where


def test_a_missing_final_demand_is_named_once():
    with pytest.raises(MissingValueError) as caught:
        made(final_demand=[[np.nan], [6]])
    (finding,) = caught.value.findings
    assert "final demand" in finding.where


ODD = [
    None, 3, 3.5, -1, 10**400, "x", "", "\0", "/", "a" * 5000, b"x", [], {}, (), {"A", "B"}, "AB",
    object(), True, 1j, float("nan"), float("inf"), decimal.Decimal("NaN"), np.datetime64("2020"),
    np.array(1.0), np.array([1, 2]), np.zeros((0, 0)), np.zeros((2, 2, 2)), np.array([[1j, 2]] * 2),
    np.array([["a", "b"], ["c", "d"]]), OBJECTS, MASKED, [1, 2], ["A", "A"], ["A", None], [[1], []],
    {"a": 1}, {1: 2}, {"CO2": 3}, {"CO2": (1,)}, {"CO2": ([1, 2], 3)}, {"CO2": ("x", "Mt")},
    {3: ([1, 2], "Mt")}, {"A": None}, iter([1, 2]), range(2), lambda: 0, TABLE,
    pd.Series([1, 2], index=["A", "C"]), pd.DataFrame({"a": [1]}), pd.DataFrame(Z),
    pd.DataFrame([["a", 2], [3, 4]], index=["A", "B"], columns=["A", "B"]),
    xr.DataArray(Z), xr.Dataset(), [10**400, 1],
]  # fmt: skip

FREE = {k: v for k, v in GIVEN.items() if k not in ("sectors", "categories")}
CALLS = {
    "load": io_tables.load,
    "read": io_tables.read,
    "check": io_tables.check,
    "propose": io_tables.propose,
    "read_cells": io_tables.read_cells,
    "describe": io_tables.describe,
    "classification": io_tables.classification,
    "load_concordance": lambda o: io_tables.load_concordance(o, "cn8"),
    "target": lambda o: io_tables.load_concordance("cn24", o),
    "aggregate": TABLE.aggregate,
    "aggregation_report": lambda o: io_tables.aggregation_report(o, TO_ONE),
    "report concordance": lambda o: io_tables.aggregation_report(TABLE, o),
    "weights": lambda o: io_tables.aggregation_report(TABLE, TO_ONE, weights=o),
    "import_report": io_tables.import_report,
    "region_totals": lambda o: io_tables.region_totals(o, "sector"),
    "dim": lambda o: io_tables.region_totals(TABLE.output, o),
    "from_pymrio": lambda o: io_tables.from_pymrio(o, price_basis="p", source="s"),
    "against": lambda o: TABLE.check(against=o),
    "origin": lambda o: TABLE.origin(o, "A"),
    "from_supply_use": lambda o: io_tables.from_supply_use(o, Z, final_demand=Y, **FREE),
    "use": lambda o: io_tables.from_supply_use(Z, o, final_demand=Y, **FREE),
    "model": lambda o: io_tables.from_supply_use(Z, Z, final_demand=Y, model=o, **FREE),
    "transactions": lambda o: from_arrays(o, Y, **GIVEN),
    "final demand": lambda o: from_arrays(Z, o, **GIVEN),
    "split sector": lambda o: TABLE.split(o, HALVES, source="s"),
    "split into": lambda o: TABLE.split("A", o, source="s"),
    "split source": lambda o: TABLE.split("A", HALVES, source=o),
    "update": lambda o: io_tables.update(o, output=[1, 2], source="s", price_basis="p"),
    "update output": lambda o: io_tables.update(TABLE, output=o, source="s", price_basis="p"),
}
KEYWORDS = (
    "sectors", "categories", "regions", "satellites", "households", "units", "price_basis",
    "source", "scope", "output", "tolerance", "value_added", "components", "name", "history",
    "remarks",
)  # fmt: skip
CALLS |= {f"from_arrays {k}": lambda o, k=k: made(**{k: o}) for k in KEYWORDS}
CALLS |= {
    f"split {k}": lambda o, k=k: TABLE.split("A", HALVES, source="s", **{k: o})
    for k in ("rows", "columns", "final_demand", "primary_inputs", "satellites", "tolerance")
}
for way in (io_tables.ras, io_tables.gras):
    name = way.__name__
    CALLS |= {
        f"{name} matrix": lambda o, way=way: way(o, [3, 7], [4, 6]),
        f"{name} rows": lambda o, way=way: way(Z, o, [4, 6]),
        f"{name} columns": lambda o, way=way: way(Z, [3, 7], o),
    }
    CALLS |= {
        f"{name} {k}": lambda o, way=way, k=k: way(Z, [3, 7], [4, 6], **{k: o})
        for k in ("fixed", "tolerance", "max_iterations", "relaxation")
    }


def demand_own_error(call, odd) -> None:
    """Success is allowed, as some of these fit some arguments; a stranger's error is not."""
    try:
        call(odd)
    except TableError:
        return


@pytest.mark.parametrize("case", CALLS)
def test_only_our_errors(case):
    for odd in ODD:
        demand_own_error(CALLS[case], odd)


OPTIONS = ("manifest", "sheet", "encoding", "delimiter", "year", "tolerance", "units",
           "price_basis", "source", "scope", "emissions", "version")  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_read(option, tidy_rows, tidy_manifest, write_csv, tmp_path):
    path = write_csv(tidy_rows)
    io_tables.read_cells(path)
    for odd in ODD:
        given = {"manifest": tidy_manifest, option: odd}
        demand_own_error(lambda o, given=given: io_tables.read(path, **given), odd)
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize("writer", [io_tables.write_tidy, io_tables.write_wide])
def test_writers(writer, tmp_path):
    for odd in ODD:
        if odd is not TABLE:
            with pytest.raises(TableError):
                writer(odd, tmp_path / "t.csv")
    for odd in (None, 3, b"x", [], object()):
        with pytest.raises(TableFileError, match="give the path of a file"):
            writer(TABLE, odd)
    assert list(tmp_path.iterdir()) == []


def test_repairs(tmp_path, tidy_rows, write_csv):
    path = write_csv(tidy_rows)
    for odd in (None, 3, b"x", [], object(), "\0"):
        with pytest.raises(TableFileError, match="give the path of a file"):
            io_tables.fix(odd, tmp_path / "new.csv")
        with pytest.raises(TableFileError, match="give the path of a file"):
            io_tables.fix(path, odd)
