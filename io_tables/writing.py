"""Wide sheets with their manifests: what is written is read back to the last bit."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

from io_tables.cells import inert, letters
from io_tables.errors import LabelError, TableFileError
from io_tables.kinds import demand_path, demand_table
from io_tables.manifest import Manifest, read_manifest
from io_tables.readers.sheet import words
from io_tables.table import IOTable

KINDS = (".csv", ".xlsx")
HOUSEHOLDS, OUTPUT = "households", "output"


class _Exact(float):
    """A number that a workbook gets with all its digits: sixteen are not always enough."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def write_wide(
    table: IOTable, path: Path | str, *, force: bool = False, **about: object
) -> Manifest:
    """
    Write a table as a wide sheet, and the manifest beside it.

    Parameters
    ----------
    table : IOTable
        Table.
    path : path
        ``.csv`` or ``.xlsx``; the manifest gets the same name with ``.toml``.
    force : bool
        Whether older files may be replaced.
    **about
        Further fields of the manifest: ``title``, ``year``, ``notes`` ...

    Returns
    -------
    Manifest
        As written. Reading the file gives the same table to the last bit; labels that a
        spreadsheet would take for formulas are written as text.

    Raises
    ------
    TableFileError
        If a file exists, or is of another kind.
    LabelError
        If two labels differ in blanks only.
    """
    demand_table(table)
    path = demand_path(path)
    beside = path.with_suffix(".toml")
    if path.suffix.lower() not in KINDS:
        raise TableFileError(f"{path.name}: a wide sheet is written as {' or '.join(KINDS)}")
    for file in (path, beside):
        if file.exists() and not force:
            raise TableFileError(f"{file} exists: choose another name, or replace it by force")
    rows = _rows(table)
    manifest = read_manifest({**about, **_described(table, rows)})
    draft = path.with_name(path.name + ".part")
    if path.suffix.lower() == ".csv":
        text = io.StringIO()
        lines = [[inert(c) if isinstance(c, str) else repr(c) for c in row] for row in rows]
        csv.writer(text, lineterminator="\n").writerows(lines)
        draft.write_text(text.getvalue(), encoding="utf-8", newline="\n")
    else:
        _workbook(draft, rows)
    draft.replace(path)
    note = beside.with_name(beside.name + ".part")
    note.write_text(manifest.to_toml(), encoding="utf-8", newline="\n")
    note.replace(beside)
    return manifest


def _rows(table: IOTable) -> list[list[Any]]:
    """Lines of the sheet: sectors, primary inputs, output, accounts."""
    sectors, categories = table.sectors, table.categories
    lines: list[list[Any]] = [["", *sectors, *categories, OUTPUT, HOUSEHOLDS]]
    blocks = np.hstack([table.transactions.values, table.final_demand.values])
    for label, line, x in zip(sectors, blocks.tolist(), table.output.values.tolist(), strict=True):
        lines.append([label, *line, x, ""])
    blank = [""] * (len(categories) + 1)
    components = [str(c) for c in table.primary_inputs["component"].values]
    for label, line in zip(components, table.primary_inputs.values.tolist(), strict=True):
        lines.append([label, *line, *blank, ""])
    lines.append([OUTPUT, *table.output.values.tolist(), *blank, ""])
    for name, array in table.satellites.items():
        own = float(table.households[name]) if name in table.households else ""
        lines.append([name, *array.values.tolist(), *blank, own])
    return lines


def _described(table: IOTable, rows: list[list[Any]]) -> dict[str, Any]:
    """Fields of the manifest; rows and columns are named by their places."""
    n, k = len(table.sectors), len(table.categories)
    components = [str(c) for c in table.primary_inputs["component"].values]
    renamed = {words(s): s for s in table.sectors if words(s) != s}
    if len({words(s) for s in table.sectors}) != n:
        raise LabelError(f"table {table.name}: two sectors differ in blanks only: rename one")
    foot = n + 2 + len(components)
    wide: dict[str, Any] = {
        "transactions": f"B2:{letters(n)}{n + 1}",
        "final_demand": {f"${letters(n + 1 + j)}": c for j, c in enumerate(table.categories)},
        "value_added": {f"${n + 2 + i}": c for i, c in enumerate(components)},
        "output_column": f"${letters(n + k + 1)}",
        "output_row": f"${foot}",
        "satellites": {f"${foot + 1 + i}": name for i, name in enumerate(table.satellites)},
        "households": {
            name: f"{letters(n + k + 2)}{foot + 1 + i}"
            for i, name in enumerate(table.satellites)
            if name in table.households
        },
        "rename": renamed,
    }
    return {
        "name": table.name,
        "layout": "wide",
        "units": table.units,
        "price_basis": table.price_basis,
        "source": table.source,
        "scope": table.scope,
        "tolerance": table.tolerance,
        "content_hash": table.content_hash,
        "method": list(table.history),
        "regions": [str(r) for r in table.transactions["region"].values]
        if "region" in table.transactions.coords
        else [],
        "satellites": {name: array.attrs["units"] for name, array in table.satellites.items()},
        "wide": {key: value for key, value in wide.items() if value},
    }


def _workbook(path: Path, rows: list[list[Any]]) -> None:
    """Write one sheet; text stays text, whatever it begins with."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        sheet = book.add_worksheet("table")
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                else:
                    sheet.write_number(i, j, _Exact(cell))
        sheet.freeze_panes(1, 1)
