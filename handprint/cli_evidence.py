"""Commands that show evidence: worked cases, consequence trees, requirements, annex 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handprint.cli_options import Draws, Force, Json, Lang, Seed


def cases_command(
    name: Annotated[
        str | None, typer.Argument(help="Case; all are listed when it is left out.")
    ] = None,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Compute worked cases from published inputs and compare with the published outputs."""
    import sector_models
    from handprint.console_evidence import print_case, print_cases

    if name is None and as_json:
        every = {key: sector_models.case(key).to_dict() for key in sector_models.cases()}
        typer.echo(json.dumps(every, ensure_ascii=False, allow_nan=False))
    elif name is None:
        print_cases(lang)
    elif as_json:
        found = sector_models.case(name).to_dict()
        typer.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))
    else:
        print_case(sector_models.case(name), lang)


def tree_command(
    sector: Annotated[str, typer.Argument(help="Sector model or file.")],
    use_case: Annotated[str, typer.Argument(help="Key of the use case.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Picture, .png or .svg.")
    ] = None,
    force: Force = False,
    lang: Lang = "en",
) -> None:
    """Show the consequence tree of a use case as text, or draw it."""
    from rich import print as show

    from handprint.tree import tree_figure, tree_text

    if output is None:
        show(tree_text(sector, use_case, lang=lang))
        return
    from handprint.canvas import save_figure
    from handprint.results import fresh

    fresh(output, force=force)
    typer.echo(save_figure(tree_figure(sector, use_case, lang=lang), output))


def assess_command(
    name: Annotated[str, typer.Argument(help="Run folder or scenario.")],
    use_case: Annotated[
        str, typer.Option("--use-case", help="Show this one, as power.dispatch.")
    ] = "whole",
    draws: Draws = 0,
    seed: Seed = None,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Say which requirements of standards a run meets, by which numbers, and which tier."""
    from handprint.assessment import assess
    from handprint.cli import _run
    from handprint.console_evidence import print_assessment

    found = assess(_run(name, draws, seed))
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        print_assessment(found, lang, subject=use_case)


def annex_command(as_json: Json = False, lang: Lang = "en") -> None:
    """Replicate annex 2 of the 2021 white paper and derive the range of power."""
    from handprint.annex import annex_2
    from handprint.console_evidence import print_annex

    found = annex_2()
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        print_annex(found, lang)


def register(app: typer.Typer, replicate: typer.Typer) -> None:
    """
    Add the commands of this module.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    replicate : typer.Typer
        Its group of replications.
    """
    app.command("cases")(cases_command)
    app.command("tree")(tree_command)
    app.command("assess")(assess_command)
    replicate.command("annex-2")(annex_command)
