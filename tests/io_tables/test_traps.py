"""The traps of official tables, one row each: what the report says, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from io_tables import IOTable, check, from_arrays, read
from io_tables.errors import (
    BalanceError,
    LabelError,
    LayoutError,
    ManifestError,
    MissingValueError,
    ScopeError,
    TableError,
    UnitError,
)
from io_tables.wording import codes

Rows = list[list[str]]
KEYS: dict[str, Any] = {"units": "USD", "price_basis": "current 2005", "source": "by hand"}


class Trap(NamedTuple):
    """What is done to a sound table, and what must be said about it."""

    change: Callable[[Rows], Any]
    code: str
    error: type[TableError]
    where: str
    fix: str
    manifest: Mapping[str, Any] = MappingProxyType({})


def put(line: int, column: int, text: str) -> Callable[[Rows], Any]:
    """Change one cell; lines count from 1 as in messages, columns from 0."""
    return lambda rows: rows[line - 1].__setitem__(column, text)


def drop(line: int) -> Callable[[Rows], Any]:
    """Take a line out."""
    return lambda rows: rows.__delitem__(line - 1)


def nothing(rows: Rows) -> None:
    """Leave the file as it is: the manifest is the trap."""


def swapped(rows: Rows) -> None:
    """Exchange the codes of two columns but not their numbers."""
    rows[0][3], rows[0][4] = rows[0][4], rows[0][3]


GIVE = "give the number; write 0 only if it is zero"
SIGNS = "check signs (imports are negative in final demand)"
TIDY = {
    "missing cell": Trap(drop(3), "cell-absent", MissingValueError, "transactions [A, B]", GIVE),
    "empty cell": Trap(
        put(3, 3, ""), "cell-empty", MissingValueError, "line 3: transactions [A, B]", GIVE
    ),
    "text in a number": Trap(
        put(12, 3, "3 Mt"), "cell-text", MissingValueError, "line 12: satellite [CO2, A]", GIVE
    ),
    "cell given twice": Trap(
        lambda rows: rows.append(list(rows[3])), "cell-twice", LabelError, "line 15", "leave one"
    ),
    "trailing blank": Trap(
        put(2, 1, "A "), "label-padded", LabelError, "sector 1 ('A ')", "write 'A'"
    ),
    "zero-width letter": Trap(
        put(2, 1, "A\u200b"), "label-padded", LabelError, "sector 1", "write 'A'"
    ),
    "full-width look-alike": Trap(
        put(4, 1, "Ａ"), "label-alike", LabelError, "sector 'Ａ'", "clearly different names"
    ),
    "Cyrillic look-alike": Trap(
        put(4, 1, "А"), "label-alike", LabelError, "sector 'А'", "clearly different names"
    ),
    "look-alike but for case": Trap(
        put(4, 1, "a"), "label-alike", LabelError, "sector 'a'", "clearly different names"
    ),
    "unknown sector": Trap(
        put(12, 2, "C"), "label", LabelError, "satellite, column 'C'", "valid: A, B"
    ),
    "unbalanced row": Trap(put(6, 3, "351"), "balance-row", BalanceError, "row A", SIGNS),
    "unbalanced column": Trap(put(10, 3, "651"), "balance-column", BalanceError, "column A", SIGNS),
    "negative output": Trap(
        put(8, 3, "-9"), "output-negative", BalanceError, "sector A", "signs of final demand"
    ),
    "zero output with inputs": Trap(
        put(8, 3, "0"), "output-zero-inputs", BalanceError, "sector A", "clear the column"
    ),
    "wrong unit": Trap(put(5, 4, "EUR"), "unit-mixed", UnitError, "transactions B", "convert one"),
    "unit of households": Trap(
        put(14, 4, "kt"), "unit-mixed", UnitError, "households CO2", "convert one of them"
    ),
    "households without account": Trap(
        put(14, 1, "CH4"), "account-unknown", LabelError, "households CH4", "valid: CO2"
    ),
    "wrong price basis": Trap(
        nothing,
        "price-basis-year",
        UnitError,
        "price basis",
        "correct the year",
        {"price_basis": "current producers' prices 2012", "year": 2017},
    ),
    "no unit": Trap(nothing, "manifest", ManifestError, "units", "correct", {"units": " "}),
    "mixed scope": Trap(
        nothing,
        "manifest",
        ManifestError,
        "scope",
        "correct the value",
        {"scope": "direct, purchased"},
    ),
    "cut off": Trap(lambda rows: rows[-1].pop(), "layout", LayoutError, "line 14", "cut off?"),
}
BUREAU = {
    "shuffled labels": Trap(swapped, "label-order", LabelError, "columns against rows", "reindex"),
    "duplicated labels": Trap(put(3, 0, "01"), "label-duplicate", LabelError, "row '01'", "rename"),
    "blank label": Trap(put(3, 0, ""), "label-blank", LabelError, "row 2 ('')", "name it"),
    "error column dropped": Trap(
        lambda rows: [row.pop(-2) for row in rows],
        "balance-row",
        BalanceError,
        "row 01",
        "an error column left out",
    ),
    "wrong total": Trap(
        put(2, 5, "31"), "total-mismatch", BalanceError, "column TIU, row 01", "compare the parts"
    ),
    "code unknown": Trap(put(1, 6, "FU110"), "layout", LayoutError, "column 'FU110'", "'FU101'"),
}


def told(trap: Trap, path: Any, **options: Any) -> None:
    """Assert what the report and the refusal say."""
    report = check(path, **options)
    found = [f for f in report.at("error") if f.code == trap.code]
    assert any(trap.where in f.where and trap.fix in f.fix for f in found), str(report)
    assert {f.error for f in found} == {trap.error}
    assert codes()[trap.code].error == trap.error.__name__
    with pytest.raises(TableError) as caught:
        read(path, **options)
    assert trap.error in {type(caught.value), *(f.error for f in caught.value.findings)}
    assert path.exists()


@pytest.mark.parametrize("name", TIDY)
def test_trap_of_a_tidy_table(name, tidy_rows, tidy_manifest, write_csv):
    trap = TIDY[name]
    trap.change(tidy_rows)
    told(trap, write_csv(tidy_rows), manifest={**tidy_manifest, **trap.manifest})


@pytest.mark.parametrize("name", BUREAU)
def test_trap_of_a_table_of_the_bureau(name, nbs_rows, write_csv):
    trap = BUREAU[name]
    trap.change(nbs_rows)
    told(trap, write_csv(nbs_rows), year=2012)


def made(**change: Any) -> IOTable:
    """Make a sound table with something changed."""
    given: dict[str, Any] = {
        "transactions": [[150, 500], [200, 100]],
        "final_demand": [350, 1700],
        "sectors": ["A", "ICT"],
        "categories": ["homes"],
        "scope": "direct",
        "satellites": {"CO2": ([3, 5], "Mt")},
        **KEYS,
    }
    return from_arrays(**(given | change))


IDLE: dict[str, Any] = {"transactions": [[150, 0], [0, 0]], "final_demand": [350, 0]}
ADVICE: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "zero output with emissions": (IDLE, "output-zero-account", "warning", "sector ICT", "ledger"),
    "zero output without": (
        IDLE | {"satellites": {}}, "output-zero", "info", "sector ICT", "nothing to do",
    ),
    "column sum above one": (
        {"final_demand": [-320, 1700]}, "column-sum", "warning", "column A", "check the column",
    ),
    "not productive": (
        {"transactions": [[5, 30], [40, 5]], "final_demand": [-15, 5]},
        "not-productive", "error", "sector A", "exceed its output",
    ),
    "not productive, a negative flow": (
        {"transactions": [[5, 30], [40, -1]], "final_demand": [-15, 5]},
        "not-productive", "error", "sector", "exceed its output",
    ),
    "singular": (
        {"transactions": [[5, 5], [5, 5]], "final_demand": [0, 0]},
        "singular", "error", "table", "check the columns A, ICT",
    ),
    "negative flow": (
        {"transactions": [[150, -5], [200, 100]]},
        "flow-negative", "warning", "row A, column ICT", "by-product or a slip",
    ),
    "negative component": (
        {"value_added": [[700, 1500], [-50, -100]], "components": ["wages", "taxes"]},
        "component-negative", "info", "sector A", "only the sum need be positive",
    ),
    "negative account": (
        {"satellites": {"CO2": ([3, -5], "Mt")}},
        "account-negative", "warning", "sector ICT", "check the sign",
    ),
    "kt taken for Mt": (
        {"satellites": {"CO2": ([3e6, 5e6], "Mt")}},
        "account-implausible", "warning", "satellite CO2", "check the unit",
    ),
    "10^4 taken for 10^8": (
        {"transactions": [[1e9, 0], [0, 1e9]], "final_demand": [1e10, 1e9], "units": "10^8 CNY"},
        "unit-implausible", "warning", "units", "power of ten",
    ),
    "imports positive": (
        {"final_demand": [[350, 20], [1700, 30]], "categories": ["homes", "imports"]},
        "imports-sign", "warning", "column imports", "negative numbers",
    ),
    "imports exceed use": (
        {"final_demand": [[10, 400, -210], [1700, 0, 0]],
         "categories": ["homes", "exports", "imports"], "transactions": [[100, 50], [9, 9]]},
        "imports-exceed-use", "warning", "sector A", "goods in transit",
    ),
    "no ICT": ({"sectors": ["A", "B"]}, "ict-missing", "info", "sectors", "ict="),
    "scope not stated": ({"scope": None}, "scope-missing", "warning", "scope", 'scope="direct"'),
    "purchased power in the account": (
        {"scope": "direct+purchased"}, "scope-purchased", "info", "scope", "twice",
    ),
    "prices without a year": (
        {"price_basis": "current"}, "price-basis-no-year", "info", "price basis", "2017",
    ),
    "gap within the tolerance": (
        {"output": [1000.4, 2000], "tolerance": 0.5}, "balance-gap", "info", "row A", "nothing",
    ),
    "spectral radius": ({}, "spectral-radius", "info", "table", "every final demand"),
}  # fmt: skip


@pytest.mark.parametrize("name", ADVICE)
def test_advice(name):
    change, code, level, where, fix = ADVICE[name]
    found = [f for f in made(**change).check() if f.code == code]
    assert found, str(made(**change).check())
    assert {f.level for f in found} == {level}
    assert where in found[0].where
    assert fix in found[0].fix


def test_scope_errors_are_of_their_class():
    with pytest.raises(ScopeError, match="unknown scope 'all'"):
        made(scope="all")
    assert {f.error for f in made(scope=None).check().at("warning")} == {ScopeError}
