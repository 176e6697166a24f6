"""The command that decomposes the past: what changed together with ICT."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handprint.cli_options import Force, Json, Lang


def association_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Tables, oldest first: shipped names or files; default those of China in 24 "
            "sectors."
        ),
    ] = None,
    ict: Annotated[
        list[str] | None,
        typer.Option(help="Sector that counts as ICT, again for each; default ICM and ICS."),
    ] = None,
    satellite: Annotated[str, typer.Option(help="Account that is decomposed.")] = "CO2",
    deflator: Annotated[
        list[Path] | None,
        typer.Option(
            help="CSV with columns sector, deflator: later price over earlier price; again for "
            "each step between tables. Without, tables stay in current prices."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="All numbers as CSV.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Decompose the change of emissions between tables, ICT inputs apart: association only."""
    import pandas as pd

    from handprint.association import association, older_tables
    from handprint.console_association import print_association
    from handprint.console_backcast import read_deflator
    from handprint.results import fresh, write
    from handprint.table_aggregate import _table

    if output is not None:
        fresh(output, force=force)
    tables = [_table(name, {}) for name in names or older_tables("china-2020-cn24")]
    prices = [pd.Series(read_deflator(path)) for path in deflator or ()]
    found = association(
        tables, ict=ict or ["ICM", "ICS"], satellite=satellite, deflators=prices or None
    )
    if output is not None:
        write(output, found.to_csv(index=False, lineterminator="\n"))
    if as_json:
        typer.echo(found.to_json(orient="records", force_ascii=False))
        return
    print_association(found, lang)
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
    app.command("association")(association_command)
