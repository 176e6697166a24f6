"""The command that projects an old table to a year whose table is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handprint.cli_options import Force, Json, Lang


def _some_later(names: list[str]) -> list[str]:
    """Refuse a base table without anything to compare it with."""
    if len(names) < 2:
        raise typer.BadParameter("a back-cast needs a base table and at least one later table")
    return names


def backcast_command(
    names: Annotated[
        list[str],
        typer.Argument(
            callback=_some_later, help="Base table, then later tables: shipped names or files."
        ),
    ],
    satellite: Annotated[str, typer.Option(help="Account that is projected.")] = "CO2",
    known: Annotated[
        list[str] | None,
        typer.Option(
            help="What is taken from the later table, again for each: categories, demand, "
            "imports, margins, intensity; default all."
        ),
    ] = None,
    deflator: Annotated[
        Path | None,
        typer.Option(help="CSV with columns sector, deflator: later price over base price."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="All numbers, by sector, as CSV.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Project a table to later years whose tables are known, and say how far off that is."""
    from handprint.backcast import backcast
    from handprint.console_backcast import all_rows, print_backcast, read_deflator
    from handprint.results import fresh, write
    from handprint.table_aggregate import _table

    if output is not None:
        fresh(output, force=force)
    if deflator is not None and len(names) > 2:
        raise typer.BadParameter(
            "belongs to one pair of years: give one later table", param_hint="--deflator"
        )
    base, *later = (_table(name, {}) for name in names)
    prices = None if deflator is None else read_deflator(deflator)
    found = [
        backcast(base, table, satellite=satellite, known=known, deflator=prices) for table in later
    ]
    rows = all_rows(found)
    if output is not None:
        write(output, rows.to_csv(index=False, lineterminator="\n"))
    if as_json:
        typer.echo(rows.to_json(orient="records", force_ascii=False))
        return
    for one in found:
        print_backcast(one, lang)
    if output is not None:
        typer.echo(output)


def register(app: typer.Typer) -> None:
    """
    Add the command of this module.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command("backcast")(backcast_command)
