"""Commands that write what others read, read what others wrote, and check the installation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handprint.cli_options import Force, Json, Lang, Output

if TYPE_CHECKING:
    from handprint.results import Results

Runner = Callable[[str, int, int | None], "Results"]
KINDS = ("xlsx", "html", "iamc", "netcdf", "csv")


def register(app: typer.Typer, run: Runner) -> None:
    """
    Add the commands.

    Parameters
    ----------
    app : typer.Typer
        Command line.
    run : callable
        Runs a scenario, or reads a folder that holds a run.
    """

    @app.command("export")
    def _export(
        kind: Annotated[str, typer.Argument(help=f"What to write: {', '.join(KINDS)}.")],
        source: Annotated[str, typer.Argument(help="Run folder or scenario.")],
        output: Output,
        region: Annotated[str, typer.Option(help="Name of the economy, for iamc.")] = "",
        force: Force = False,
        lang: Lang = "en",
    ) -> None:
        """
        Export a run: live workbook, web page, exchange table of scenarios (IAMC), netCDF, or a
        folder with every number in one tidy CSV.
        """
        from handprint.export import iamc, netcdf, report, tidy, workbook
        from handprint.kept import TIDY
        from handprint.results import fresh
        from handprint.storage import need_netcdf

        if kind not in KINDS:
            raise typer.BadParameter(
                f"{kind!r} is not available: {', '.join(KINDS)} are", param_hint="KIND"
            )
        if kind == "csv":
            fresh(*(output / name for name in TIDY), force=force)
        else:
            fresh(output, force=force)
        if kind == "netcdf":
            need_netcdf()  # before a run that may take long
        results = run(source, 0, None)
        output.parent.mkdir(parents=True, exist_ok=True)
        if kind == "xlsx":
            workbook(results, output, lang=lang)
        elif kind == "iamc":
            iamc(results, output, region=region)
        elif kind == "netcdf":
            netcdf(results, output)
        elif kind == "csv":
            tidy(results, output, force=force)
        else:
            report(results, output, lang)
        typer.echo(output)

    @app.command("import-xlsx")
    def _import(
        path: Annotated[Path, typer.Argument(help="Workbook that was exported and edited.")],
        output: Output,
        base: Annotated[
            str | None, typer.Option(help="File of the scenario in use, where it is your own.")
        ] = None,
        force: Force = False,
    ) -> None:
        """Make a scenario of what was typed into the levers of a workbook."""
        from handprint.errors import ScenarioFileError
        from handprint.export.read_workbook import scenario_text
        from handprint.results import fresh, write
        from handprint.scenario import load_scenario

        fresh(output, force=force)
        name = re.sub(r"[^\w.-]+", "-", output.stem).strip("-.")  # as scenarios may be called
        text = scenario_text(path, base=base, name=name)
        output.parent.mkdir(parents=True, exist_ok=True)
        part = output.with_name(f".{output.stem}.part.toml")
        try:
            write(part, text)
            load_scenario(part)  # a file that could not be run is not left behind
            part.replace(output)
        except ScenarioFileError as error:
            raise ScenarioFileError(str(output), error.problems) from None
        finally:
            part.unlink(missing_ok=True)
        typer.echo(output)

    @app.command("doctor")
    def _doctor(as_json: Json = False, lang: Lang = "en") -> None:
        """Check versions, optional packages, fonts, folders and shipped data."""
        from handprint.console_doctor import print_checks
        from handprint.doctor import doctor

        checks = doctor(lang)
        if as_json:
            typer.echo(json.dumps([c._asdict() for c in checks], ensure_ascii=False))
        else:
            print_checks(checks, lang)
        if any(c.state == "fail" for c in checks):
            raise typer.Exit(1)
