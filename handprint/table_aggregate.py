"""What ``handprint tables aggregate`` prints and writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
import xarray as xr
from rich import box
from rich.console import Console
from rich.table import Table

import io_tables
from handprint.i18n import check_language, label
from handprint.results import fresh
from io_tables.catalogue import concordance_for
from io_tables.cells import existing

KINDS = (".csv", ".xlsx")  # tidy text, or a wide sheet
FIGURES = ("before", "after", "bias", "relative_bias", "lowest", "highest")


def aggregated(
    name: str,
    by: str,
    output: Path,
    options: Mapping[str, Any],
    *,
    force: bool = False,
    as_json: bool = False,
    lang: str = "en",
) -> None:
    """
    Add up the sectors of a table, write the result, and print what that does to multipliers.

    Parameters
    ----------
    name : str
        Shipped table or file.
    by : str
        Concordance: a file with columns ``sector``, ``target`` and, where needed, ``share``, or
        the name of a shipped classification.
    output : pathlib.Path
        ``.csv`` for the tidy layout, ``.xlsx`` for a wide sheet; the manifest stands beside it.
    options : mapping
        Manifest and year of a file.
    force : bool
        Whether older files may be replaced.
    as_json : bool
        Whether to print JSON.
    lang : {"en", "zh"}
        Language of headings.

    Raises
    ------
    TableFileError
        If a file does not exist.
    TableError
        If the concordance does not fit the table, or the table cannot be solved.
    OutputExistsError
        If a file exists.
    typer.BadParameter
        If the output is of another kind.
    """
    check_language(lang)
    if output.suffix.lower() not in KINDS:
        text = f"{output.name}: a table is written as {' or '.join(KINDS)}"
        raise typer.BadParameter(text, param_hint="-o")
    files = (output, output.with_suffix(".toml"))
    for file in files:
        fresh(file, force=force)
    table = _table(name, options)
    concordance = _concordance(by, table)
    report = io_tables.aggregation_report(table, concordance)
    made = table.aggregate(concordance)
    if output.suffix.lower() == ".csv":
        io_tables.write_tidy(made, output)
    else:
        io_tables.write_wide(made, output, force=force)
    if as_json:
        typer.echo(json.dumps(_plain(report, table, files), ensure_ascii=False))
        return
    _print(report, lang)
    typer.echo(f"{output}: {len(table.sectors)} -> {len(made.sectors)}")


def _table(name: str, options: Mapping[str, Any]) -> io_tables.IOTable:
    """Load a shipped table, or read a file; a name without file gets the nearest shipped one."""
    if name in io_tables.names() or not (Path(name).exists() or Path(name).suffix):
        return io_tables.load(name)
    return io_tables.read(name, **options)


def _concordance(by: str, table: io_tables.IOTable) -> io_tables.Concordance:
    """Read a concordance from a file, or take the shipped one for the sectors of the table."""
    if Path(by).is_file() or Path(by).suffix:
        return io_tables.Concordance.read(existing(by), source=Path(by).name)
    return concordance_for(table, by)


def _rows(report: xr.Dataset) -> Iterator[dict[str, Any]]:
    """Multipliers by quantity and aggregate."""
    for quantity in report["quantity"].values.tolist():
        for sector in report["sector"].values.tolist():
            cell = report.sel(quantity=quantity, sector=sector)
            yield {
                "quantity": quantity,
                "unit": str(cell["unit"].values),
                "sector": sector,
                "count": int(cell["count"]),
                **{figure: float(cell[figure]) for figure in FIGURES},
            }


def _plain(
    report: xr.Dataset, table: io_tables.IOTable, files: tuple[Path, ...]
) -> dict[str, object]:
    """Return plain data for JSON."""
    return {
        "table": table.name,
        "concordance": report.attrs["concordance"],
        "weights": report.attrs["weights"],
        "sectors": len(table.sectors),
        "aggregates": report.sizes["sector"],
        "written": [str(file) for file in files],
        "multipliers": list(_rows(report)),
    }


def _print(report: xr.Dataset, lang: str) -> None:
    """Print one table for each quantity."""
    console = Console()
    out = console if console.is_terminal else Console(width=120)
    rows = list(_rows(report))
    for quantity in report["quantity"].values.tolist():
        mine = [row for row in rows if row["quantity"] == quantity]
        title = label("aggregation_title", lang, quantity=quantity, unit=mine[0]["unit"])
        shown = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
        shown.add_column(label("sector", lang))
        for key in ("count", "before", "after", "bias", "range"):
            shown.add_column(label(f"aggregation_{key}", lang), justify="right")
        for row in mine:
            shown.add_row(
                row["sector"],
                str(row["count"]),
                f"{row['before']:.4g}",
                f"{row['after']:.4g}",
                f"{row['bias']:+.3g} ({row['relative_bias']:+.1%})",
                f"{row['lowest']:.4g} - {row['highest']:.4g}",
            )
        out.print(shown)
    out.print(label("aggregation_note", lang))
