"""Checks of a table: what stops its use, what to know about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.errors import BalanceError, LabelError, MissingValueError, ScopeError, TableError
from io_tables.report import Finding

if TYPE_CHECKING:
    from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
SCOPES = ("direct", "direct+purchased")
LISTED = 10  # findings of one kind that are spelled out before "... and n more"


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
        if not label.strip():
            yield Finding("error", "label is blank", where, "name it", LabelError)
        elif label != label.strip():
            yield Finding(
                "error",
                "label has blanks around it",
                where,
                f"write {label.strip()!r}",
                LabelError,
            )
    for label, count in Counter(labels).items():
        if count > 1:
            yield Finding(
                "error", f"label occurs {count} times", f"{what} {label!r}", "rename", LabelError
            )
    folded: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        other = folded.setdefault("".join(label.split()).casefold(), label)
        if other != label and other.strip() != label.strip():
            yield Finding(
                "error",
                f"label looks like {other!r}",
                f"{what} {label!r}",
                "give the two clearly different names",
                LabelError,
            )


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
    bad = np.argwhere(~np.isfinite(array.values))
    for index in bad[:LISTED]:
        place = ", ".join(
            f"{dim} {array[dim].values[i]!s}" for dim, i in zip(array.dims, index, strict=True)
        )
        value = array.values[tuple(index)]
        shown = "missing" if np.isnan(value) else "infinite"
        yield Finding(
            "error",
            f"value is {shown}",
            f"{what} [{place}]",
            "give the number; write 0 only if it is zero",
            MissingValueError,
        )
    if len(bad) > LISTED:
        yield Finding(
            "error",
            f"{len(bad) - LISTED} more missing or infinite values",
            what,
            "give the numbers",
            MissingValueError,
        )


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
