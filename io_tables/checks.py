"""Checks of a table that stop its use: texts, labels, cells, balance."""

from __future__ import annotations

import math
import re
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
    UnitError,
    did_you_mean,
)
from io_tables.report import Finding, collector

if TYPE_CHECKING:
    from io_tables.manifest import Manifest
    from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
SCOPES = ("direct", "direct+purchased")
LISTED = 10  # findings of one kind that an error spells out before "... and n more"
REPORTED = 1000  # the same for a report, which is to be complete
LOOK_ALIKE = str.maketrans(  # Cyrillic and Greek letters that print like Latin ones
    "АВЕКМНОРСТХУЅІЈаеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTXYSIJaeopcyxsijABEZHIKMNOPTYXo",
)


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
    stated = {
        "units": (table.units, "unit-missing"),
        "price basis": (table.price_basis, "price-basis-missing"),
    }
    for what, (text, code) in stated.items():
        if not isinstance(text, str) or not text.strip():
            yield Finding("error", "is empty", what, f"say the {what}", UnitError, code)
    if not isinstance(table.tolerance, int | float) or not 0 <= table.tolerance < math.inf:
        what, fix = f"{table.tolerance!r} is no amount of money", "give a number, zero or more"
        yield Finding("error", what, "tolerance", fix)
    if table.scope is not None and (not isinstance(table.scope, str) or table.scope not in SCOPES):
        fix = did_you_mean(table.scope, SCOPES)
        what = f"unknown scope {table.scope!r}"
        yield Finding("error", what, "scope", fix, ScopeError, "scope-unknown")
    for name, value in table.households.items():
        mate = table.satellites.get(name)
        where = f"households {name}"
        if mate is None:
            fix = did_you_mean(name, table.satellites)
            what = "no satellite of this name"
            yield Finding("error", what, where, fix, LabelError, "account-unknown")
        elif mate.attrs["units"] != value.attrs["units"]:
            what = f"{value.attrs['units']!r} against {mate.attrs['units']!r} of the sectors"
            fix = "convert one of them"
            yield Finding("error", what, where, fix, UnitError, "unit-mixed")


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
            blank = "label is blank"
            yield Finding("error", blank, where, "name it", LabelError, "label-blank")
        elif label != _visible(label):
            yield Finding(
                "error",
                "label has blanks around it or characters that do not print",
                where,
                f"write {_visible(label)!r}",
                LabelError,
                "label-padded",
                label,
            )
    for label, count in Counter(labels).items():
        if count > 1:
            yield Finding(
                "error",
                f"label occurs {count} times",
                f"{what} {label!r}",
                "rename",
                LabelError,
                "label-duplicate",
                count,
            )
    folded: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        plain = folded_label(label)
        other = folded.setdefault(plain, label)
        if other != label and _visible(other) != _visible(label):
            yield Finding(
                "error",
                f"label looks like {other!r}",
                f"{what} {label!r}",
                "give the two clearly different names",
                LabelError,
                "label-alike",
                other,
            )


def folded_label(label: str) -> str:
    """
    Reduce a label to what an eye sees of it.

    Parameters
    ----------
    label : str
        Any label.

    Returns
    -------
    str
        Without blanks, case, width and the difference of letters that print alike.

    Examples
    --------
    >>> folded_label("Ｃ26 ") == folded_label("с26")
    True
    """
    text = "".join(_visible(label).split())
    return unicodedata.normalize("NFKC", text).translate(LOOK_ALIKE).casefold()


def _visible(label: str) -> str:
    """Drop surrounding blanks and every control or zero-width character."""
    if label.isascii() and label.isprintable():  # nearly all labels, and world tables have many
        return label.strip()
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
    wrong = np.argwhere(~np.isfinite(array.values))
    for index in wrong[: limit()]:
        place = ", ".join(
            f"{dim} {array[dim].values[i]!s}" for dim, i in zip(array.dims, index, strict=True)
        )
        shown = "missing" if np.isnan(array.values[tuple(index)]) else "infinite"
        yield bad_cell(f"value is {shown}", f"{what} [{place}]")
    if len(wrong) > limit():
        yield bad_cell(f"{len(wrong) - limit()} more of these", what)


def bad_cell(what: str, where: str, code: str = "value") -> Finding:
    """
    Make a finding about a cell that holds no number.

    Parameters
    ----------
    what, where : str
        What is wrong, and the place of the cell.
    code : str
        Kind of trouble.

    Returns
    -------
    Finding
        An error.
    """
    fix = "give the number; write 0 only if it is zero"
    return Finding("error", what, where, fix, MissingValueError, code)


def limit() -> int:
    """Return how many findings of one kind are spelled out: more in a report than in an error."""
    return LISTED if collector() is None else REPORTED


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
    kept, most = list(findings[: limit()]), limit()
    if len(findings) > most:
        rest = f"{len(findings) - most} more of these"
        kept.append(replace(findings[-1], what=rest, where=where, value=len(findings) - most))
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
                f"balance-{side}",
                float(gaps[i]),
            )
    for i in np.flatnonzero(x < 0):
        yield Finding(
            "error",
            f"output is negative ({x[i]:,.6g})",
            f"sector {table.sectors[i]}",
            "output is a sum of uses: check the signs of final demand",
            BalanceError,
            "output-negative",
            float(x[i]),
        )
    idle = np.flatnonzero(x == 0)
    for i in idle[np.abs(z[:, idle]).sum(axis=0) > table.tolerance]:
        yield Finding(
            "error",
            "output is zero but inputs are not",
            f"sector {table.sectors[i]}",
            "correct the output or clear the column",
            BalanceError,
            "output-zero-inputs",
        )


def year_findings(manifest: Manifest) -> Iterator[Finding]:
    """
    Compare the year of the flows with the year of their prices.

    Parameters
    ----------
    manifest : Manifest
        Description of the file.

    Yields
    ------
    Finding
        An error where current prices are those of another year.
    """
    years = price_years(manifest.price_basis)
    current = re.search(r"\bcurrent\b|当年|现价", manifest.price_basis, re.I)
    if current and manifest.year is not None and years and manifest.year not in years:
        yield Finding(
            "error",
            f"{manifest.price_basis!r} in a table of {manifest.year}",
            "price basis",
            'correct the year, or write "constant prices" if the flows were deflated',
            UnitError,
            "price-basis-year",
            years[0],
        )


def price_years(text: str) -> list[int]:
    """
    List the years that a price basis names.

    Parameters
    ----------
    text : str
        Price basis.

    Returns
    -------
    list of int
        In the order written.

    Examples
    --------
    >>> price_years("current producers' prices 2017")
    [2017]
    """
    return [int(y) for y in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)]
