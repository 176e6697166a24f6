"""Wide sheets of any origin: a manifest says where the parts of the table stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from io_tables.cells import Cells, letters
from io_tables.checks import label_findings, shortened
from io_tables.errors import BalanceError, LayoutError, ManifestError, UnitError, did_you_mean
from io_tables.manifest import Manifest
from io_tables.provenance import Located
from io_tables.readers.assemble import assembled
from io_tables.readers.sheet import Array, Axis, Sheet
from io_tables.readers.totals import Frame, find_totals
from io_tables.report import Finding, refuse
from io_tables.sheets import Wide, column_at, corners
from io_tables.table import IMPORTED_INPUTS, IMPORTS, IOTable

DEFAULTS: dict[str, object] = {}
DECLARED = True  # never recognised: a manifest has to say so
STREAMS = True  # reads large text files line by line
ERRORS, OUTPUT = "errors", "output"


def recognises(cells: Cells) -> bool:
    """
    Accept any sheet: its manifest says what it is.

    Parameters
    ----------
    cells : Cells
        The sheet.

    Returns
    -------
    bool
        True.
    """
    return bool(cells.rows)


def read(cells: Cells, manifest: Manifest) -> IOTable:
    r"""
    Read a wide sheet as its manifest describes it.

    Parameters
    ----------
    cells : Cells
        The sheet, or a large text file.
    manifest : Manifest
        With a block ``wide``.

    Returns
    -------
    IOTable
        Sectors in the order of the rows; columns are matched by label.

    Raises
    ------
    ManifestError
        If there is no block ``wide``.
    LayoutError
        If something the manifest names is not in the sheet, or stands there twice.
    LabelError
        If rows and columns are not labelled alike.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a total is not the sum of its parts, or the table does not add up.

    Notes
    -----
    :math:`x_i = \sum_j z_{ij} + \sum_k f_{ik} \pm m_i + \varepsilon_i` and
    :math:`x_j = \sum_i z_{ij} + \sum_c v_{cj}`, plus imported inputs in a non-competitive table.
    """
    if manifest.wide is None:
        raise ManifestError(f"{cells.name}: layout wide needs a block [wide] in the manifest")
    wide, findings = manifest.wide, list[Finding]()
    sheet = Sheet(cells, wide)
    frame = _frame(sheet, wide, findings)
    finals = _found(frame.columns, _finals(wide), "final_demand", findings)
    primary = _found(frame.rows, wide.value_added, "value_added", findings)
    accounts = _found(frame.rows, wide.satellites, "satellites", findings)
    totals = find_totals(wide, frame, findings)
    output = _one(frame.columns, wide.output_column, "output_column", findings)
    foot = _one(frame.rows, wide.output_row, "output_row", findings)
    abroad = _lines_of(wide.imported_inputs)
    findings += _clashes(frame, finals, primary)
    refuse(cells.name, findings)

    parts = [*finals.values(), *totals.columns(), *([] if output is None else [output])]
    below = [*primary.values(), *accounts.values(), *totals.lines(), *abroad]
    below += [] if foot is None else [foot]
    sheet.load([*frame.lines, *below], [*frame.across, *parts])
    flows = sheet.block(frame.lines, frame.across, frame.axes)
    demand = sheet.block(frame.lines, list(finals.values()), frame.axes).copy()
    added = sheet.block(list(primary.values()), frame.across, frame.axes)
    imported = sheet.block(abroad, frame.across, frame.axes)
    satellites = sheet.block(list(accounts.values()), frame.across, frame.axes)
    given = _output(sheet, frame, output, foot)
    sums = totals.read(sheet, frame)
    households = _households(sheet, manifest)
    refuse(cells.name, shortened(sheet.bad, cells.name))

    if IMPORTS in finals and wide.imports_sign == "positive":
        demand[:, list(finals).index(IMPORTS)] *= -1.0
    if wide.regions:
        regions = [label.partition(":")[0] for label in frame.sectors]
        manifest = manifest.model_copy(update={"regions": tuple(regions)})
    tolerance = manifest.tolerance
    if tolerance is None:
        tolerance = 1e-6 * float(np.abs(flows).sum(axis=1).max(initial=0.0))
    checked = [*totals.check(sums, flows, imported, frame, tolerance)]
    checked += _sides(given, frame, tolerance)
    checked += _units(manifest, accounts)
    return assembled(
        cells.name,
        checked,
        manifest,
        frame.sectors,
        titles=_titles(sheet, wide, frame),
        located=_located(frame, finals, primary, accounts, abroad, output),
        transactions=flows,
        final_demand=demand,
        categories=list(finals),
        output=next((g for g in given.values()), None),
        **_value_added(added, list(primary), imported),
        satellites={
            name: (row, manifest.satellites[name].units if name in manifest.satellites else "?")
            for name, row in zip(accounts, satellites, strict=True)
        },
        households=households,
    )


def _frame(sheet: Sheet, wide: Wide, findings: list[Finding]) -> Frame:
    """Find the sectors in rows and columns, and match them."""
    name = sheet.cells.name
    if wide.transactions is not None:
        top, left, bottom, right = corners(wide.transactions)
        rows, columns = sheet.row_axis(left), sheet.column_axis(top)
    else:
        rows = sheet.row_axis(0)
        columns = sheet.column_axis(0)
        (top, bottom), (left, right) = (
            _ends(axis, wide.sectors or (), findings) for axis in (rows, columns)
        )
        refuse(name, findings)
    if bottom >= len(rows.parts) or right >= len(columns.parts):
        what = f"wide.transactions reaches {letters(right)}{bottom + 1}"
        fix = f"the sheet ends at {letters(len(columns.parts) - 1)}{len(rows.parts)}"
        refuse(name, [Finding("error", what, name, fix, LayoutError)])
    left_out = {column_at(c) for c in wide.skip_columns}
    lines = [i for i in range(top, bottom + 1) if i + 1 not in wide.skip_rows]
    across = [j for j in range(left, right + 1) if j not in left_out]
    found = [wide.rename.get(rows.joined[i], rows.joined[i]) for i in lines]
    above = [wide.rename.get(columns.joined[j], columns.joined[j]) for j in across]
    every = {*rows.joined, *columns.joined}
    for label in wide.rename:
        if label not in every:
            where, fix = f"{name}, row {label!r}", did_you_mean(label, sorted(every - {""}))
            findings.append(
                Finding("error", "wide.rename: is not in the sheet", where, fix, LayoutError)
            )
    findings += _blank(name, rows, [(i, label) for i, label in zip(lines, found, strict=True)])
    findings += list(label_findings([s for s in found if s], "row"))
    if wide.match == "label":
        findings += list(label_findings([s for s in above if s], "column"))
        findings += _unmatched(name, found, above)
        refuse(name, findings)
        places = dict(zip(above, across, strict=True))
        across = [places[label] for label in found]
    elif len(lines) != len(across):
        what = f"{len(lines)} rows and {len(across)} columns of sectors"
        findings.append(Finding("error", what, name, "correct wide.transactions", LayoutError))
    refuse(name, findings)
    return Frame(found, lines, across, rows, columns)


def _ends(axis: Axis, sectors: Sequence[str], findings: list[Finding]) -> tuple[int, int]:
    """First and last place of the sectors that the manifest names."""
    places = [axis.find(label, findings, "sectors") for label in sectors]
    found = [p for p in places if p is not None]
    return (min(found), max(found)) if found else (0, 0)


def _blank(name: str, rows: Axis, labels: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    """Name lines between the sectors that have no label."""
    for line, label in labels:
        if not label:
            where = f"{name}, {rows.named(line)}"
            fix = f"put {line + 1} into wide.skip_rows, or label it"
            yield Finding("error", "has no label", where, fix, LayoutError)


def _unmatched(name: str, rows: Sequence[str], columns: Sequence[str]) -> Iterator[Finding]:
    """Name labels that only rows, or only columns, have."""
    for axis, own, other in (("row", rows, columns), ("column", columns, rows)):
        known = frozenset(other)
        alone = [label for label in own if label not in known]
        fix = 'rename it, skip it, or say match = "position" if the order is the same'
        for label in alone[:10]:
            hint = did_you_mean(label, other)
            what = f"no {'column' if axis == 'row' else 'row'} has this label; {hint}"
            yield Finding("error", what, f"{name}, {axis} {label!r}", fix, LayoutError)
        if len(alone) > 10:
            what = f"{len(alone) - 10} more have no partner"
            yield Finding("error", what, f"{name}, {axis}s", fix, LayoutError)


def _finals(wide: Wide) -> dict[str, str]:
    """Columns of final demand, imports and errors among them."""
    given = dict(wide.final_demand)
    for column, category in ((wide.imports, IMPORTS), (wide.errors, ERRORS)):
        given |= {} if column is None else {column: category}
    return given


def _found(
    axis: Axis, wanted: Mapping[str, str], key: str, findings: list[Finding]
) -> dict[str, int]:
    """Places by the names they get; a name that is given twice is one too many."""
    found: dict[str, int] = {}
    for selector, name in wanted.items():
        place = axis.find(selector, findings, key)
        if name in found:
            what = f"wide.{key}: {name!r} is given twice"
            where, fix = f"{axis.where}, {axis.kind} {selector!r}", "give each its own name"
            findings.append(Finding("error", what, where, fix, ManifestError))
        elif place is not None:
            found[name] = place
    return found


def _one(axis: Axis, selector: str | None, key: str, findings: list[Finding]) -> int | None:
    return None if selector is None else axis.find(selector, findings, key)


def _lines_of(cells: str | None) -> list[int]:
    """Lines of a range."""
    if cells is None:
        return []
    top, _, bottom, _ = corners(cells)
    return list(range(top, bottom + 1))


def _clashes(
    frame: Frame, finals: Mapping[str, int], primary: Mapping[str, int]
) -> Iterator[Finding]:
    """Name columns and rows that are counted twice."""
    for axis, own, parts in (
        (frame.columns, frame.across, finals),
        (frame.rows, frame.lines, primary),
    ):
        for place, count in Counter([*own, *parts.values()]).items():
            if count > 1:
                where = f"{axis.where}, {axis.named(place)}"
                fix = "leave one of them in the manifest"
                yield Finding("error", "is counted more than once", where, fix, ManifestError)


def _output(sheet: Sheet, frame: Frame, column: int | None, row: int | None) -> dict[str, Array]:
    """Output as its column and its row have it."""
    given: dict[str, Array] = {}
    if column is not None:
        given["column"] = sheet.block(frame.lines, [column], frame.axes).ravel()
    if row is not None:
        given["row"] = sheet.block([row], frame.across, frame.axes).ravel()
    return given


def _sides(given: Mapping[str, Array], frame: Frame, tolerance: float) -> Iterator[Finding]:
    """Compare the row of output with the column."""
    if len(given) < 2:
        return
    found = []
    for i in np.flatnonzero(np.abs(given["column"] - given["row"]) > tolerance).tolist():
        column, row = float(given["column"][i]), float(given["row"][i])
        where = f"{frame.rows.where}, row {frame.sectors[i]} (line {frame.lines[i] + 1})"
        what = f"output is {column:,.10g} in its column and {row:,.10g} in its row"
        fix = "correct one of them, or give a tolerance if the publisher has it so"
        found.append(
            Finding("error", what, where, fix, BalanceError, "total-mismatch", (column, row))
        )
    yield from shortened(found, frame.rows.where)


def _households(sheet: Sheet, manifest: Manifest) -> dict[str, tuple[float, str]]:
    """Direct amounts of households, each in a cell of its own."""
    found: dict[str, tuple[float, str]] = {}
    for account, cell in (manifest.wide.households if manifest.wide else {}).items():
        line, column, _, _ = corners(cell)
        row = sheet.cells.rows[line] if line < len(sheet.cells.rows) else ()
        try:
            value = sheet.number(row[column] if column < len(row) else None)
        except ValueError:
            what, where = f"{cell}: no number for households", f"{sheet.cells.name}, cell {cell}"
            sheet.bad.append(Finding("error", what, where, "correct wide.households", LayoutError))
            continue
        units = manifest.satellites[account].units if account in manifest.satellites else "?"
        found[account] = value, units
    return found


def _units(manifest: Manifest, accounts: Mapping[str, int]) -> Iterator[Finding]:
    """Name accounts without a unit."""
    wide = manifest.wide
    for name in {**accounts, **(wide.households if wide else {})}:
        if name not in manifest.satellites:
            fix = f'say satellites.{name} = "unit" in the manifest'
            where = f"satellite {name}"
            yield Finding("error", "has no unit", where, fix, UnitError, "unit-missing")


def _value_added(added: Array, names: list[str], imported: Array) -> dict[str, Any]:
    """Primary inputs, imported ones last; nothing where the sheet has none."""
    if len(imported):
        added = np.vstack([added, imported.sum(axis=0)])
        names = [*names, IMPORTED_INPUTS]
    return {"value_added": added, "components": names} if names else {}


def _titles(sheet: Sheet, wide: Wide, frame: Frame) -> dict[str, list[str]]:
    """Names of the sectors beside their labels."""
    titles = {}
    for name, column in (("title", wide.title), ("title_zh", wide.title_zh)):
        if column is not None:
            at = column_at(column)
            parts = [frame.rows.parts[i] for i in frame.lines]
            titles[name] = [p[at] if at < len(p) else "" for p in parts]
    return titles


def _located(
    frame: Frame,
    finals: Mapping[str, int],
    primary: Mapping[str, int],
    accounts: Mapping[str, int],
    abroad: list[int],
    output: int | None,
) -> Located:
    """Where each label stands, for :meth:`io_tables.IOTable.origin`."""
    rows: dict[str, tuple[int, ...]] = {
        s: (i,) for s, i in zip(frame.sectors, frame.lines, strict=True)
    }
    rows |= {name: (i,) for name, i in {**accounts, **primary}.items()}
    rows |= {IMPORTED_INPUTS: tuple(abroad)} if abroad else {}
    columns = dict(zip(frame.sectors, frame.across, strict=True)) | dict(finals)
    columns |= {} if output is None else {OUTPUT: output}
    return Located(rows, columns)
