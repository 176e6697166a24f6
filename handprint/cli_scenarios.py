"""Commands about scenarios: list, show, and check whether their runs are plausible."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from handprint.cli_options import Json, Lang

if TYPE_CHECKING:
    from handprint.results import Results

Runner = Callable[[str, int, int | None], "Results"]


def scenarios_list(lang: Lang = "en") -> None:
    """List the shipped scenarios."""
    from handprint.scenario import load_scenario, scenario_names

    for name in scenario_names():
        scenario = load_scenario(name)
        typer.echo(f"{name}: {scenario.title_zh if lang == 'zh' else scenario.title}")


def scenarios_show(
    name: Annotated[str, typer.Argument(help="Name of a shipped scenario, or a file.")],
    notes: Annotated[
        bool | None,
        typer.Option("--notes/--no-notes", help="Notes of numbers; in English by default."),
    ] = None,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Show what a scenario says: drivers by year, adoption, sources, and what it inherits."""
    from handprint.console_scenario import print_scenario, scenario_record

    if as_json:
        typer.echo(json.dumps(scenario_record(name), ensure_ascii=False, allow_nan=False))
    else:
        print_scenario(name, lang, notes=notes)


def register(app: typer.Typer, scenarios: typer.Typer, run: Runner) -> None:
    """
    Add the commands of this module.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    scenarios : typer.Typer
        Its group about scenarios.
    run : callable
        Runs a scenario, or reads a folder that holds a run.
    """
    scenarios.command("list")(scenarios_list)
    scenarios.command("show")(scenarios_show)

    @app.command("plausibility")
    def _plausibility(
        names: Annotated[list[str], typer.Argument(help="Scenarios, files or run folders.")],
        every: Annotated[
            bool, typer.Option("--all", help="Print checks that are in order too.")
        ] = False,
        as_json: Json = False,
        lang: Lang = "en",
    ) -> None:
        """Check runs: what cannot be, what has never been, what misses national targets."""
        from handprint.console_scenario import print_plausibility
        from handprint.plausibility import plausibility

        runs = [run(name, 0, None) for name in names]
        if as_json:
            found = plausibility(runs, lang)
            typer.echo(found.to_json(orient="records", force_ascii=False))
        else:
            found = print_plausibility(runs, lang, every=every)
        if (found["verdict"] == "fails").any():
            raise typer.Exit(3)
