"""
Tables of the National Bureau of Statistics of China, as CSV.

Rows are sectors, then ``TII``, ``VA001`` to ``VA004``, ``TVA``, ``TI``; columns are sectors, then
``TIU``, final uses with their totals, ``IM``, ``ERR`` and ``GO``. Imports are stored as positive
numbers and subtracted; the error column exists until 2015 and belongs to the row. Tables with a
column of origins (Domestic, Imports) are non-competitive: imported inputs stand apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from io_tables.arrays import same_labels
from io_tables.cells import Cells
from io_tables.checks import label_findings, shortened
from io_tables.errors import BalanceError, LayoutError, did_you_mean
from io_tables.manifest import Manifest
from io_tables.readers.assemble import assembled, parsed
from io_tables.report import Finding, refuse
from io_tables.table import EXPORTS, IMPORTED_INPUTS, IMPORTS, IOTable

Array = npt.NDArray[np.float64]

DEFAULTS: dict[str, object] = {
    "units": "10^4 CNY",
    "source": "National Bureau of Statistics of China, input-output table",
}
TOLERANCE = 0.5  # 10^4 CNY: half of the last digit that the bureau prints
CATEGORIES = {
    "FU101": "rural households",
    "FU102": "urban households",
    "FU103": "government",
    "FU201": "fixed capital",
    "FU202": "inventories",
    "EX": EXPORTS,
    "IM": IMPORTS,
    "ERR": "errors",
}
DOMESTIC_CATEGORIES = {
    "TC": "final consumption",
    "FU201": "fixed capital",
    "FU202": "inventories",
    "EX": EXPORTS,
}
COMPONENTS = {
    "VA001": "compensation of employees",
    "VA002": "net taxes on production",
    "VA003": "depreciation",
    "VA004": "operating surplus",
}
PARTS = {  # what a total of final uses is the sum of
    "THC": ("FU101", "FU102"),
    "TC": ("FU101", "FU102", "FU103"),
    "GCF": ("FU201", "FU202"),
}
ROW_CODES = ("TII", *COMPONENTS, "TVA", "TI")
COLUMN_CODES = ("TIU", "THC", "TC", "GCF", "TFU", *CATEGORIES, "GO")


@dataclass(frozen=True)
class _Frame:
    """Where things stand: columns by code, lines by code, all counted from zero."""

    sectors: Sequence[str]
    columns: Mapping[str, int]
    lines: Mapping[str, int]
    imported: Mapping[str, int]
    """Lines of imported inputs; empty in a competitive table."""

    @property
    def categories(self) -> dict[str, str]:
        """Final uses that the table has, by code."""
        wanted = DOMESTIC_CATEGORIES if self.imported else CATEGORIES
        return {code: name for code, name in wanted.items() if code in self.columns}


def recognises(cells: Cells) -> bool:
    """
    Tell whether a line of the file has the codes of this layout.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    bool
        True if one line has both ``TIU`` and ``GO``.
    """
    return any({"TIU", "GO"} <= set(row) for row in cells.rows)


def read(cells: Cells, manifest: Manifest) -> IOTable:
    r"""
    Read a table of the National Bureau of Statistics.

    Parameters
    ----------
    cells : Cells
        The file.
    manifest : Manifest
        Units, prices and tolerance.

    Returns
    -------
    IOTable
        Sectors are labelled by their codes; imports are a negative column of final demand,
        the error column the category ``"errors"``. A non-competitive table has domestic flows
        only, and imported inputs among its primary inputs.

    Raises
    ------
    LayoutError
        If a code is unknown or missing.
    LabelError
        If rows and columns list the sectors differently.
    MissingValueError
        If a cell is empty or not a number.
    BalanceError
        If a total is not the sum of its parts, or the table does not add up.

    Notes
    -----
    :math:`x = Z 1 + f_{101} + f_{102} + f_{103} + f_{201} + f_{202} + e - m + \varepsilon`. Of
    the final uses a non-competitive table gives total consumption in place of the first three.
    """
    if manifest.tolerance is None:
        manifest = manifest.model_copy(update={"tolerance": TOLERANCE})
    frame = _frame(cells)
    bad: list[Finding] = []

    def block(lines: Mapping[str, int], rows: Sequence[str], columns: Sequence[str]) -> Array:
        """Read the cells where rows and columns cross."""
        return np.array(
            [
                [
                    _cell(cells, lines[row], frame.columns[column], (row, column), bad)
                    for column in columns
                ]
                for row in rows
            ]
        )

    sectors = frame.sectors
    flows = block(frame.lines, sectors, sectors)
    finals = list(frame.categories)
    demand = block(frame.lines, sectors, finals)
    value_added = block(frame.lines, list(COMPONENTS), sectors)
    totals = [c for c in ("TIU", *PARTS, "TFU", "GO") if c in frame.columns and c not in finals]
    side = dict(zip(totals, block(frame.lines, sectors, totals).T, strict=True))
    foot = dict(
        zip(("TII", "TVA", "TI"), block(frame.lines, ("TII", "TVA", "TI"), sectors), strict=True)
    )
    imported = block(frame.imported, list(frame.imported), sectors).reshape(-1, len(sectors))
    refuse(cells.name, shortened(bad, cells.name))

    use = dict(zip(finals, demand.T, strict=True))
    at_home = [use[c] for c in finals if c not in ("IM", "ERR")]
    sums = {"TIU": flows.sum(axis=1), "TFU": np.sum(at_home, axis=0)}
    sums |= {t: np.sum([use[p] for p in parts], axis=0) for t, parts in PARTS.items() if t in side}
    below = {
        "TII": flows.sum(axis=0) + imported.sum(axis=0),
        "TVA": value_added.sum(axis=0),
        "TI": side["GO"],
    }
    findings = [
        *_wrong_totals("column", sectors, side, sums, manifest.tolerance),
        *_wrong_totals("row", sectors, foot, below, manifest.tolerance),
    ]
    signs = [-1.0 if code == "IM" else 1.0 for code in finals]
    primary, names = value_added, list(COMPONENTS.values())
    if frame.imported:
        primary = np.vstack([value_added, imported.sum(axis=0)])
        names.append(IMPORTED_INPUTS)
    return assembled(
        cells.name,
        findings,
        manifest,
        sectors,
        transactions=flows,
        final_demand=demand * signs,
        categories=list(frame.categories.values()),
        output=side["GO"],
        value_added=primary,
        components=names,
    )


def _frame(cells: Cells) -> _Frame:
    """Find codes of rows and columns by content."""
    top = next(i for i, row in enumerate(cells.rows) if {"TIU", "GO"} <= set(row))
    header, body = cells.rows[top], list(enumerate(cells.rows))[top + 1 :]
    foot = next((i for i, row in body if "TII" in row), None)
    if foot is None:
        raise LayoutError(
            f"{cells.name}: no row TII (total intermediate input) below line {top + 1}: "
            "is the file cut off?"
        )
    code_at = cells.rows[foot].index("TII")
    coded = [(row[code_at] if code_at < len(row) else "", i) for i, row in body]
    abroad = [(code, i) for code, i in coded if i < foot and "Imports" in cells.rows[i]]
    at_home = [pair for pair in coded if pair not in abroad]
    codes = [code for code, _ in at_home]
    sectors = codes[: codes.index("TII")]
    first = header.index("TIU")
    text = {i for i, cell in enumerate(cells.rows[foot][:first]) if not _numeric(cell)}
    own = [c for i, c in enumerate(header[:first]) if i not in text]
    refuse(
        cells.name,
        [
            *label_findings(sectors, "row"),
            *label_findings([code for code, _ in abroad], "imported row"),
            *label_findings(own, "column"),
            *_code_findings("row", codes[len(sectors) :], ROW_CODES, ROW_CODES),
            *_code_findings(
                "column",
                [c for c in header[first:] if c],
                COLUMN_CODES,
                ("TIU", *(DOMESTIC_CATEGORIES if abroad else list(CATEGORIES)[:-1]), "GO"),
            ),
        ],
    )
    same_labels(own, sectors, f"{cells.name}: columns against rows")
    if abroad:
        same = [code for code, _ in abroad]
        same_labels(same, sectors, f"{cells.name}: imported against domestic rows")
    columns = {c: i for i, c in enumerate(header) if i not in text}
    return _Frame(sectors, columns, dict(at_home), dict(abroad))


def _code_findings(
    axis: str, found: Sequence[str], known: Sequence[str], needed: Sequence[str]
) -> Iterator[Finding]:
    """Name codes that are unknown, missing or given twice."""
    for code, count in Counter(found).items():
        if code not in known:
            hint = did_you_mean(code, known)
            yield Finding("error", "unknown code", f"{axis} {code!r}", hint, LayoutError)
        elif count > 1:
            what = f"stands there {count} times"
            yield Finding("error", what, f"{axis} {code}", "leave one", LayoutError)
    for code in needed:
        if code not in found:
            yield Finding(
                "error", "is missing", f"{axis} {code}", "is the file cut off?", LayoutError
            )


def _wrong_totals(
    axis: str,
    sectors: Sequence[str],
    printed: Mapping[str, Array],
    sums: Mapping[str, Array],
    tolerance: float | None,
) -> list[Finding]:
    """Compare printed totals with sums of their parts."""
    found = []
    for code, total in sums.items():
        if code in printed:
            for i in np.flatnonzero(np.abs(printed[code] - total) > (tolerance or 0)).tolist():
                other = "row" if axis == "column" else "column"
                found.append(
                    Finding(
                        "error",
                        f"{printed[code][i]:,.6g} is printed, the parts sum to {total[i]:,.6g}",
                        f"{axis} {code}, {other} {sectors[i]}",
                        "compare the parts with the publisher's table",
                        BalanceError,
                    )
                )
    return shortened(found, "totals")


def _cell(
    cells: Cells, line: int, column: int, codes: tuple[str, str], bad: list[Finding]
) -> float:
    """Read one number; a line that ends early has empty cells."""
    row = cells.rows[line]
    where = f"{cells.name}, row {codes[0]} (line {line + 1}), column {codes[1]}"
    return parsed(row[column] if column < len(row) else "", where, bad)


def _numeric(cell: str) -> bool:
    """Whether a cell could be a number."""
    return cell.strip()[:1] in tuple("+-.0123456789")
