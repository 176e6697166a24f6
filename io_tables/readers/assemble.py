"""From checked cells to a table, with every problem of the file in one error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from io_tables.cells import number
from io_tables.checks import bad_cell
from io_tables.errors import ManifestError, TableError
from io_tables.manifest import Manifest
from io_tables.report import Finding, as_error, refuse
from io_tables.table import IOTable, from_arrays


def parsed(text: str, where: str, bad: list[Finding]) -> float:
    """
    Read one cell as a number.

    Parameters
    ----------
    text : str
        Cell.
    where : str
        Its place, for the message.
    bad : list of Finding
        A finding is appended here when the cell is empty or not a finite number.

    Returns
    -------
    float
        The number; zero stands in for a bad cell, of which no table is made.
    """
    try:
        return number(text)
    except ValueError:
        what = f"{text!r} is not a number" if text.strip() else "the cell is empty"
        bad.append(bad_cell(what, where))
        return 0.0


def assembled(
    subject: str,
    findings: Sequence[Finding],
    manifest: Manifest,
    sectors: Sequence[str],
    **arrays: Any,
) -> IOTable:
    """
    Make a table unless something is wrong with the file or the table.

    Parameters
    ----------
    subject : str
        File name.
    findings : sequence of Finding
        What is wrong with the file although its cells are whole.
    manifest : Manifest
        Units, prices, source, tolerance.
    sectors : sequence of str
        Labels.
    **arrays
        Further arguments of :func:`io_tables.from_arrays`.

    Returns
    -------
    IOTable
        Checked.

    Raises
    ------
    ManifestError
        If the manifest does not name a region for each sector.
    TableError
        Of the class of the first problem; the text lists all.
    """
    if len(manifest.regions) not in (0, len(sectors)):
        raise ManifestError(
            f"{subject}: the manifest names {len(manifest.regions)} regions for {len(sectors)} "
            "sectors: name one for each"
        )
    if manifest.regions:
        pairs = zip(manifest.regions, sectors, strict=True)
        arrays["regions"] = manifest.regions
        sectors = [label.removeprefix(f"{region}:") for region, label in pairs]
    try:
        table = from_arrays(
            sectors=sectors,
            units=manifest.units,
            price_basis=manifest.price_basis,
            source=manifest.source,
            scope=manifest.scope,
            tolerance=manifest.tolerance,
            name=manifest.name,
            history=manifest.method,
            **arrays,
        )
    except TableError as error:
        alone = Finding("error", str(error), subject, "correct the file", type(error))
        raise as_error(subject, [*findings, *(error.findings or [alone])]) from error
    refuse(subject, findings)
    return table
