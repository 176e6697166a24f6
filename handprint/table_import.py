"""What ``handprint tables import`` and ``handprint tables aggregate`` print and write."""

from __future__ import annotations

import json
from pathlib import Path

import typer

import io_tables
from handprint.results import fresh


def imported(
    path: Path,
    output: Path | None,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    force: bool = False,
    as_json: bool = False,
) -> bool:
    """
    Propose a manifest for a file, show what was recognised, and write it.

    Parameters
    ----------
    path : pathlib.Path
        File.
    output : pathlib.Path, optional
        Manifest; default the name of the file with ``.toml``.
    sheet : str, optional
        Sheet of a workbook: name, or number from one.
    encoding : str, optional
        Encoding of a text file.
    force : bool
        Whether an older manifest may be replaced.
    as_json : bool
        Whether to print JSON.

    Returns
    -------
    bool
        Whether the file reads with the manifest, but for what has to be filled in.

    Raises
    ------
    TableError
        If the file cannot be read, or nothing is recognised.
    OutputExistsError
        If the manifest exists.
    """
    target = output or path.with_suffix(".toml")
    fresh(target, force=force)
    chosen = int(sheet) if sheet is not None and sheet.isdigit() else sheet
    proposal = io_tables.propose(path, sheet=chosen, encoding=encoding)
    proposal.write(target, force=force)
    if as_json:
        typer.echo(json.dumps({**proposal.to_dict(), "written": str(target)}, ensure_ascii=False))
    else:
        typer.echo(proposal.text())
        typer.echo(f"written: {target}")
    return proposal.ok


def aggregated(name: str, to: str, output: Path, *, force: bool = False) -> None:
    """
    Add up the sectors of a table and write the result as a tidy table.

    Parameters
    ----------
    name : str
        Shipped table or file.
    to : str
        Concordance: a CSV file with columns ``sector`` and ``target``, or the name of a
        shipped classification.
    output : pathlib.Path
        CSV file; its manifest stands beside it.
    force : bool
        Whether older files may be replaced.

    Raises
    ------
    TableError
        If the concordance does not fit the table.
    OutputExistsError
        If a file exists.
    """
    for file in (output, output.with_suffix(".toml")):
        fresh(file, force=force)
    table = io_tables.load(name) if name in io_tables.names() else io_tables.read(name)
    if Path(to).is_file():
        concordance = io_tables.Concordance.read(to, source=Path(to).name)
    else:
        concordance = io_tables.load_concordance(_classification(table), to)
    made = table.aggregate(concordance)
    io_tables.write_tidy(made, output)
    typer.echo(f"{output}: {len(table.sectors)} sectors -> {len(made.sectors)}")


def _classification(table: io_tables.IOTable) -> str:
    """Name of the shipped classification that the sectors of a table belong to."""
    if table.sectors == list(io_tables.classification("cn24").index):
        return "cn24"
    year = next((y for y in ("2012", "2017", "2018", "2020") if y in table.price_basis), "")
    return f"nbs-{year}-{len(table.sectors)}"
