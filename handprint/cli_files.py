"""Commands about files of the user: start a project, check a file, schemas, sector models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handprint.cli_options import Force, Json, Lang, Output


def init_command(
    folder: Annotated[Path, typer.Argument(help="Folder; made if needed.")],
    lang: Lang = "en",
    force: Force = False,
) -> None:
    """Start a project: a sector file and a scenario that run as they are, with comments."""
    from handprint.initialise import initialise

    for path in initialise(folder, lang=lang, force=force):
        typer.echo(path)


def validate_command(
    path: Annotated[Path, typer.Argument(help="Scenario, sector file or table.")],
    as_json: Json = False,
) -> None:
    """List every problem of a scenario, sector file or table, with its line."""
    from handprint.validate import validate

    kind, problems = validate(path)
    if as_json:
        listed = [{"line": p.line, "place": p.place, "problem": p.text} for p in problems]
        found = {"file": str(path), "kind": kind, "problems": listed}
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        typer.echo(f"{path} ({kind}): {len(problems)} problem(s)")
        for problem in problems:
            typer.echo(f"  - {problem}")
    if problems:
        raise typer.Exit(3)


def schema_command(
    kind: Annotated[str, typer.Argument(help="Kind of file: sector or scenario.")],
    output: Output,
    force: Force = False,
) -> None:
    """Write the JSON Schema of a kind of file, for editors."""
    from handprint.schemas import KINDS, write_schema

    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r}: give {' or '.join(KINDS)}", param_hint="KIND")
    typer.echo(write_schema(kind, output, force=force))


def sectors_list() -> None:
    """List the shipped sector models."""
    import sector_models

    for name in sector_models.names():
        typer.echo(name)


def sectors_show(
    name: Annotated[str, typer.Argument(help="Sector model or file.")],
    notes: Annotated[
        bool | None,
        typer.Option("--notes/--no-notes", help="Notes of numbers; in English by default."),
    ] = None,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Show what a sector model saves at full adoption, and where each number comes from."""
    from handprint.console_sector import print_sector, sector_record

    if as_json:
        typer.echo(json.dumps(sector_record(name), ensure_ascii=False, allow_nan=False))
    else:
        print_sector(name, lang, notes=notes)


def register(app: typer.Typer, sectors: typer.Typer) -> None:
    """
    Add the commands of this module.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    sectors : typer.Typer
        Its group about sector models.
    """
    app.command("init")(init_command)
    app.command("validate")(validate_command)
    app.command("schema")(schema_command)
    sectors.command("list")(sectors_list)
    sectors.command("show")(sectors_show)
