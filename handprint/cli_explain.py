"""The command that answers where a number comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from handprint.cli_options import Draws, Json, Lang, Seed

if TYPE_CHECKING:
    from handprint.results import Results

Runner = Callable[[str, int, int | None], "Results"]


def register(app: typer.Typer, run: Runner) -> None:
    """
    Add the command.

    Parameters
    ----------
    app : typer.Typer
        Command line.
    run : callable
        Runs a scenario, or reads a folder that holds a run.
    """

    @app.command("explain")
    def _explain(
        indicator: Annotated[
            str,
            typer.Argument(
                help="Quantity and year, such as NER_2030, or any number of a result by its "
                "dataset, such as top_down.upstream_2030."
            ),
        ],
        sector: Annotated[
            str,
            typer.Option(help="Sector model, use case, sector of the table such as STE, or total."),
        ] = "total",
        scenario: Annotated[
            str, typer.Option(help="Scenario, its file, or the folder of a run.")
        ] = "current-policy",
        at: Annotated[
            list[str] | None,
            typer.Option(help="Label on a dim, such as emitter=STE; may be repeated."),
        ] = None,
        draws: Draws = 0,
        seed: Seed = None,
        as_json: Json = False,
        lang: Lang = "en",
    ) -> None:
        """Explain a number: formula, inputs, intermediate values, sources."""
        from handprint.console_explain import print_explanation
        from handprint.explain import explain

        labels = dict(_pair(text) for text in at or [])
        found = explain(run(scenario, draws, seed), indicator, sector, labels)
        if as_json:
            typer.echo(json.dumps(found.to_dict(), ensure_ascii=False))
        else:
            print_explanation(found, sector, lang)


def _pair(text: str) -> tuple[str, str]:
    dim, sign, name = text.partition("=")
    if not (dim and sign and name):
        raise typer.BadParameter(f"{text!r}: write dim=label, such as emitter=STE")
    return dim, name
