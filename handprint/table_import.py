"""What ``handprint tables import`` prints and writes."""

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
