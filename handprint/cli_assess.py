"""Commands that put figures of the user beside published ones: scorecards and targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handprint.cli_options import Json, Lang


def scorecard_command(
    name: Annotated[
        str | None, typer.Argument(help="Scorecard; all are listed when it is left out.")
    ] = None,
    file: Annotated[Path | None, typer.Argument(help="Values as TOML or CSV.")] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a file of values to be filled in.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Go on without missing values and list them.")
    ] = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Score values of a product, enterprise, industry or data centre; arithmetic, no rating."""
    import sector_models
    from handprint.console_assess import print_scorecard
    from sector_models.cards import card
    from sector_models.values import read_values

    if name is None:
        for known in sector_models.scorecard_names():
            about = card(known)
            typer.echo(f"{known}: {about.title_zh if lang == 'zh' else about.title}")
        return
    if template:
        typer.echo(sector_models.scorecard_template(name, lang), nl=False)
        return
    card(name)  # an unknown name is told before a missing file
    if file is None:
        raise typer.BadParameter("a file of values, or --template", param_hint="FILE")
    found = sector_models.scorecard(name, read_values(file), partial=partial)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print_scorecard(found, lang)


def targets_command(
    file: Annotated[
        Path | None, typer.Argument(help="Paths as TOML or CSV; default the shipped account.")
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a file of paths to be filled in.")
    ] = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Say for each target of the action plan 2022-2025 and year whether a path meets it."""
    import sector_models
    from handprint.console_assess import print_targets
    from sector_models.targets import targets_template
    from sector_models.values import read_paths

    if template:
        typer.echo(targets_template(lang), nl=False)
        return
    if file is None:
        paths = sector_models.target_paths(sector_models.ict_footprint())
    else:
        paths = read_paths(file)
    found = sector_models.track_targets(paths)
    if as_json:
        typer.echo(json.dumps(found.to_dict("records"), ensure_ascii=False, allow_nan=False))
    else:
        print_targets(found, lang, own=file is not None)


def register(app: typer.Typer) -> None:
    """
    Add the commands of this module.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command("scorecard")(scorecard_command)
    app.command("targets")(targets_command)
