"""From checked cells to a table, with every problem of the file in one error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from io_tables.building import from_arrays
from io_tables.cells import number
from io_tables.checks import bad_cell, year_findings
from io_tables.errors import ManifestError, TableError
from io_tables.manifest import Manifest
from io_tables.provenance import Located, Provenance, attached
from io_tables.report import Finding, as_error, refuse, withhold
from io_tables.table import IOTable


def parsed(cell: object, where: str, bad: list[Finding]) -> float:
    """
    Read one cell as a number.

    Parameters
    ----------
    cell : str, float, int or None
        Cell.
    where : str
        Its place, for the message.
    bad : list of Finding
        A finding is appended here when the cell is empty or not a finite number.

    Returns
    -------
    float
        The number; NaN stands in for a bad cell, of which no table is made.
    """
    try:
        return number(cell)
    except (TypeError, ValueError):
        text = "" if cell is None else str(cell)
        empty = not text.strip()
        what = "the cell is empty" if empty else f"{text!r} is not a number"
        bad.append(bad_cell(what, where, "cell-empty" if empty else "cell-text"))
        return math.nan


def assembled(
    subject: str,
    findings: Sequence[Finding],
    manifest: Manifest,
    sectors: Sequence[str],
    titles: Mapping[str, Sequence[str]] | None = None,
    located: Located | None = None,
    **arrays: Any,
) -> IOTable:
    """
    Make a table unless something is wrong with the file or the table.

    Parameters
    ----------
    subject : str
        File name.
    findings : sequence of Finding
        What is wrong with the file although its cells are whole; warnings stay with the table.
    manifest : Manifest
        Units, prices, source, tolerance.
    sectors : sequence of str
        Labels.
    titles : mapping, optional
        Names of the sectors, ``title`` or ``title_zh``: coordinates of ``output``.
    located : Located, optional
        Where the labels stand in the sheet.
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
    findings = [*findings, *year_findings(manifest)]
    if len(manifest.regions) not in (0, len(sectors)):
        raise ManifestError(
            f"{subject}: the manifest names {len(manifest.regions)} regions for {len(sectors)} "
            "sectors: name one for each"
        )
    if manifest.regions:
        pairs = zip(manifest.regions, sectors, strict=True)
        arrays["regions"] = manifest.regions
        sectors = [label.removeprefix(f"{region}:") for region, label in pairs]
    errors = [f for f in findings if f.level == "error"]
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
            remarks=[f for f in findings if f.level != "error"],
            **arrays,
        )
    except TableError as error:
        alone = Finding("error", str(error), subject, "correct the file", type(error))
        raise as_error(subject, [*errors, *(error.findings or [alone])]) from error
    refuse(subject, errors)
    withhold(subject, table)
    if titles:
        named = {name: ("sector", list(texts)) for name, texts in titles.items()}
        table = replace(table, output=table.output.assign_coords(named))
    return table if located is None else attached(table, Provenance(located=located))
