"""The command that says where the uncertainty of a scenario comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from handprint.cli_options import Force, Json, Lang, Output, progress


def _power_of_two(draws: int) -> int:
    """Refuse a number of draws at which a Sobol sequence is not balanced."""
    if draws < 2 or draws & (draws - 1):
        raise typer.BadParameter(f"{draws} is no power of two: give 512, 1024, 2048 ...")
    return draws


def sensitivity_command(
    name: Annotated[str, typer.Argument(help="Name of a shipped scenario, or a file.")],
    output: Output,
    sector: Annotated[
        str | None, typer.Option(help="A sector model to look at besides the total.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Year; default the last.")] = None,
    by: Annotated[
        str, typer.Option(help="Every input alone, or by kind: input or kind.")
    ] = "input",
    draws: Annotated[
        int, typer.Option(callback=_power_of_two, help="Rows of the sample, a power of two.")
    ] = 1024,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sample.")] = 1,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Say which inputs move NER and NER* most: tornado, shares of the variance, figure."""
    from handprint.export.sensitivity_folder import FILES, write_sensitivity
    from handprint.plots_sensitivity import sure_sentence
    from handprint.results import fresh
    from handprint.sensitivity import sensitivity

    if by not in ("input", "kind"):
        raise typer.BadParameter(f"{by!r}: give input or kind", param_hint="--by")
    fresh(*(output / file for file in FILES), force=force)
    with progress(name) as follow:
        found = sensitivity(
            name, sector=sector, year=year, by=by, draws=draws, seed=seed, progress=follow  # type: ignore[arg-type]
        )  # fmt: skip
    written = write_sensitivity(found, output, lang=lang, force=force)
    if as_json:
        typer.echo(found.indices.to_json(orient="records", force_ascii=False))
        return
    for path in written:
        typer.echo(path)
    typer.echo(sure_sentence(found, lang))


def register(app: typer.Typer) -> None:
    """
    Add the command of this module.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command("sensitivity")(sensitivity_command)
