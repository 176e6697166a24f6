"""Checks of a table: what stops its use, what to know about it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.errors import (
    BalanceError,
    LabelError,
    MissingValueError,
    ScopeError,
    TableError,
    UnitError,
    did_you_mean,
)
from io_tables.report import Finding

if TYPE_CHECKING:
    from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
SCOPES = ("direct", "direct+purchased")
LISTED = 10  # findings of one kind that are spelled out before "... and n more"


def text_findings(table: IOTable) -> Iterator[Finding]:
    """
    Find units, prices and scopes that are missing, unknown or mixed.

    Parameters
    ----------
    table : IOTable
        Any table.

    Yields
    ------
    Finding
        One for each.
    """
    for what, text in {"units": table.units, "price basis": table.price_basis}.items():
        if not text.strip():
            yield Finding("error", "is empty", what, f"say the {what}", UnitError)
    if table.scope is not None and table.scope not in SCOPES:
        fix = did_you_mean(table.scope, SCOPES)
        yield Finding("error", f"unknown scope {table.scope!r}", "scope", fix, ScopeError)
    for name, value in table.households.items():
        mate = table.satellites.get(name)
        where = f"households {name}"
        if mate is None:
            fix = did_you_mean(name, table.satellites)
            yield Finding("error", "no satellite of this name", where, fix, LabelError)
        elif mate.attrs["units"] != value.attrs["units"]:
            what = f"{value.attrs['units']!r} against {mate.attrs['units']!r} of the sectors"
            yield Finding("error", what, where, "convert one of them", UnitError)


def label_findings(labels: Sequence[str], what: str) -> Iterator[Finding]:
    """
    Find labels that are blank, padded, duplicated or alike but for case and spaces.

    Parameters
    ----------
    labels : sequence of str
        In the order of the axis.
    what : str
        Name of the axis, for the message.

    Yields
    ------
    Finding
        One for each bad label.
    """
    for position, label in enumerate(labels):
        where = f"{what} {position + 1} ({label!r})"
        if not _visible(label):
            yield Finding("error", "label is blank", where, "name it", LabelError)
        elif label != _visible(label):
            yield Finding(
                "error",
                "label has blanks around it or characters that do not print",
                where,
                f"write {_visible(label)!r}",
                LabelError,
            )
    for label, count in Counter(labels).items():
        if count > 1:
            yield Finding(
                "error", f"label occurs {count} times", f"{what} {label!r}", "rename", LabelError
            )
    folded: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        plain = unicodedata.normalize("NFKC", "".join(_visible(label).split())).casefold()
        other = folded.setdefault(plain, label)
        if other != label and _visible(other) != _visible(label):
            yield Finding(
                "error",
                f"label looks like {other!r}",
                f"{what} {label!r}",
                "give the two clearly different names",
                LabelError,
            )


def _visible(label: str) -> str:
    """Drop surrounding blanks and every control or zero-width character."""
    return "".join(c for c in label if unicodedata.category(c) not in ("Cc", "Cf")).strip()


def value_findings(array: xr.DataArray, what: str) -> Iterator[Finding]:
    """
    Find cells that are missing or infinite.

    Parameters
    ----------
    array : xarray.DataArray
        Any labelled array.
    what : str
        Its name, for the message.

    Yields
    ------
    Finding
        One for each bad cell, up to a limit that is then stated.
    """
    bad = []
    for index in np.argwhere(~np.isfinite(array.values)):
        place = ", ".join(
            f"{dim} {array[dim].values[i]!s}" for dim, i in zip(array.dims, index, strict=True)
        )
        shown = "missing" if np.isnan(array.values[tuple(index)]) else "infinite"
        bad.append(bad_cell(f"value is {shown}", f"{what} [{place}]"))
    yield from shortened(bad, what)


def bad_cell(what: str, where: str) -> Finding:
    """
    Make a finding about a cell that holds no number.

    Parameters
    ----------
    what, where : str
        What is wrong, and the place of the cell.

    Returns
    -------
    Finding
        An error.
    """
    fix = "give the number; write 0 only if it is zero"
    return Finding("error", what, where, fix, MissingValueError)


def shortened(findings: Sequence[Finding], where: str) -> list[Finding]:
    """
    Spell out the first findings of one kind and count the others.

    Parameters
    ----------
    findings : sequence of Finding
        Of one kind.
    where : str
        What they are about as a whole.

    Returns
    -------
    list of Finding
        At most one more than the limit.
    """
    kept = list(findings[:LISTED])
    if len(findings) > LISTED:
        last = findings[-1]
        kept.append(replace(last, what=f"{len(findings) - LISTED} more of these", where=where))
    return kept


def balance_findings(table: IOTable) -> Iterator[Finding]:
    """
    Compare rows and columns with output, within the table's tolerance.

    Parameters
    ----------
    table : IOTable
        Any table.

    Yields
    ------
    Finding
        One for each row or column that does not add up.
    """
    z, x = table.transactions.values, table.output.values
    sides = {
        "row": (z.sum(axis=1) + table.final_demand.values.sum(axis=1), "uses"),
        "column": (z.sum(axis=0) + table.primary_inputs.values.sum(axis=0), "inputs"),
    }
    for side, (total, name) in sides.items():
        gaps = total - x
        for i in np.flatnonzero(np.abs(gaps) > table.tolerance):
            yield Finding(
                "error",
                f"{name} of {total[i]:,.6g} differ from output {x[i]:,.6g} by {gaps[i]:,.6g} "
                f"{table.units} (tolerance {table.tolerance:g})",
                f"{side} {table.sectors[i]}",
                "check signs (imports are negative in final demand), totals taken for sectors, "
                "and an error column left out",
                BalanceError,
            )
    for i in np.flatnonzero(x < 0):
        yield Finding(
            "error",
            f"output is negative ({x[i]:,.6g})",
            f"sector {table.sectors[i]}",
            "output is a sum of uses: check the signs of final demand",
            BalanceError,
        )
    idle = (x == 0) & (np.abs(z).sum(axis=0) > table.tolerance)
    for i in np.flatnonzero(idle):
        yield Finding(
            "error",
            "output is zero but inputs are not",
            f"sector {table.sectors[i]}",
            "correct the output or clear the column",
            BalanceError,
        )


def advice(table: IOTable) -> Iterator[Finding]:
    """
    Say what a user of the table should know: nothing here stops its use but a singular system.

    Parameters
    ----------
    table : IOTable
        A table that adds up.

    Yields
    ------
    Finding
        Warnings and information.
    """
    z, x = table.transactions.values, table.output.values
    used = x > 0
    a = np.divide(z, x, out=np.zeros_like(z), where=used)
    for i in np.flatnonzero(a.sum(axis=0) >= 1):
        yield Finding(
            "warning",
            f"inputs are {a[:, i].sum():.3f} of output",
            f"column {table.sectors[i]}",
            "value added is not positive here: check the column",
        )
    for i, j in np.argwhere(z < 0)[:LISTED]:
        yield Finding(
            "warning",
            f"negative flow {z[i, j]:,.6g}",
            f"row {table.sectors[i]}, column {table.sectors[j]}",
            "a by-product or a slip: find out which",
        )
    for name, satellite in table.satellites.items():
        for i in np.flatnonzero((x == 0) & (satellite.values != 0)):
            yield Finding(
                "warning",
                f"{satellite.values[i]:,.6g} {satellite.attrs['units']} of {name} on zero output",
                f"sector {table.sectors[i]}",
                "it stays in the ledger as not allocated",
            )
        for i in np.flatnonzero(satellite.values < 0):
            yield Finding(
                "warning", f"{name} is negative", f"sector {table.sectors[i]}", "check the sign"
            )
    if table.satellites and table.scope is None:
        yield Finding(
            "warning",
            "the scope of the satellite accounts is not stated",
            "scope",
            'say scope="direct", or "direct+purchased" if purchased energy is included',
            ScopeError,
        )
    yield from _productive(a, table.sectors)


def _productive(a: Array, sectors: Sequence[str]) -> Iterator[Finding]:
    """Test Hawkins-Simon by one solve: for A >= 0, (I - A)'p = 1 has p > 0 exactly then."""
    try:
        price = np.linalg.solve(np.eye(len(a)) - a.T, np.ones(len(a)))
    except np.linalg.LinAlgError:
        yield Finding("error", "I - A is singular", "table", "check the columns", TableError)
        return
    for i in np.flatnonzero(price <= 0):
        yield Finding(
            "error",
            "the table is not productive (Hawkins-Simon)",
            f"sector {sectors[int(i)]}",
            "its inputs, direct and indirect, exceed its output: check the column",
            TableError,
        )
