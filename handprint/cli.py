"""The command line: results to stdout, progress and problems to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handprint import (
    cli_assess,
    cli_association,
    cli_backcast,
    cli_evidence,
    cli_explain,
    cli_export,
    cli_files,
    cli_scenarios,
    cli_sensitivity,
)
from handprint.cli_options import (
    Draws,
    Force,
    Json,
    Lang,
    Output,
    Seed,
    one_seed,
    progress,
)

if TYPE_CHECKING:
    from handprint.results import Results

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How much CO2 digital technology helps an economy avoid, net of footprint and rebound.",
)
tables_app = typer.Typer(no_args_is_help=True, help="Input-output tables: list, check, build.")
sectors_app = typer.Typer(no_args_is_help=True, help="Sector models: list, show with sources.")
scenarios_app = typer.Typer(no_args_is_help=True, help="Scenarios: list, show with sources.")
replicate_app = typer.Typer(no_args_is_help=True, help="Published results from shipped data.")
app.add_typer(tables_app, name="tables")
app.add_typer(sectors_app, name="sectors")
app.add_typer(scenarios_app, name="scenarios")
app.add_typer(replicate_app, name="replicate")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"handprint {version('handprint')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options that come before a command."""


def _run(name: str, draws: int, seed: int | None) -> Results:
    """Run a scenario, or read a folder that holds a run."""
    from handprint.kept import kept_as
    from handprint.pipeline import run
    from handprint.results import Results
    from handprint.scenario import scenario_names

    # A shipped name always means the scenario, also beside a folder of that name.
    if name not in scenario_names() and kept_as(Path(name)):
        found = Results.read(name)
        _refuse_other_draws(name, found, draws, seed)
        return found
    if seed is not None and not draws:
        raise typer.BadParameter("--seed does nothing without --draws", param_hint="--seed")
    with progress(name) as follow:
        return run(name, draws=draws, seed=seed, progress=follow)


def _refuse_other_draws(name: str, found: Results, draws: int, seed: int | None) -> None:
    """Refuse options that a finished run cannot follow any more."""
    own = found.record
    if draws not in (0, own.draws) or seed not in (None, own.seed):
        made = f"{own.draws} draws and seed {own.seed}" if own.draws else "no draws"
        raise typer.BadParameter(
            f"{name} is a finished run with {made}: leave --draws and --seed out, give what it "
            f"was made with, or name the scenario {own.scenario!r} to run it anew"
        )


@app.command("run")
def run_command(
    name: Annotated[str, typer.Argument(help="Name of a shipped scenario, or a file.")],
    output: Output,
    draws: Draws = 0,
    seed: Seed = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Run one scenario and write its folder: results.json, summary.csv, run.json."""
    from handprint.console import print_headline
    from handprint.console_scenario import print_plausibility
    from handprint.kept import WHOLE
    from handprint.results import FILES, fresh

    fresh(*(output / file for file in (*FILES, WHOLE)), force=force)
    results = _run(name, draws, seed)
    results.save(output, force=force)
    if as_json:
        typer.echo(results.summary().to_json(orient="records", force_ascii=False))
    else:
        print_headline(results, lang)
        print_plausibility(results, lang)


def _additive(quantity: str) -> str:
    """Refuse an indicator that cannot be explained by its inputs, before any run."""
    from handprint.headline import MEANINGS
    from io_tables.errors import did_you_mean

    if quantity not in MEANINGS:
        raise typer.BadParameter(f"no amount {quantity!r}; {did_you_mean(quantity, MEANINGS)}")
    return quantity


def _several_names(names: list[str]) -> list[str]:
    """Refuse to compare less than two runs."""
    if len(names) < 2:
        raise typer.BadParameter(f"a comparison needs two runs or more, given {len(names)}")
    return names


@app.command("compare")
def compare_command(
    names: Annotated[
        list[str],
        typer.Argument(callback=_several_names, help="Scenarios, files or run folders."),
    ],
    output: Output,
    baseline: Annotated[str | None, typer.Option(help="Compare with this one.")] = None,
    explained: Annotated[
        bool, typer.Option("--why", help="Replace inputs one by one: why.csv for each run.")
    ] = False,
    quantity: Annotated[
        str,
        typer.Option(
            "--of",
            callback=_additive,
            help="What --why explains: NER, NER_star, enabled, footprint ...",
        ),
    ] = "NER",
    draws: Draws = 0,
    seed: Seed = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Put scenarios side by side: differences and why, figures, a page and a workbook."""
    from handprint.compare import compare
    from handprint.console import print_comparison
    from handprint.console_compare import (
        print_factors,
        print_ranges,
        print_reasons,
        write_reasons,
    )
    from handprint.console_scenario import print_plausibility
    from handprint.export.folder import write_comparison

    seed = one_seed(draws, seed)
    comparison = compare([_run(name, draws, seed) for name in names], baseline)
    write_comparison(comparison, output, lang=lang, force=force)
    reasons = {}
    if explained:
        reasons = write_reasons(comparison, output, quantity=quantity, force=force)
    if as_json:
        typer.echo(comparison.summary().to_json(orient="records", force_ascii=False))
    else:
        print_comparison(comparison, lang)
        print_ranges(comparison, output, lang)
        print_factors(comparison, lang)
        print_reasons(reasons, lang)
        print_plausibility(comparison, lang)


@app.command("demo")
def demo_command(
    output: Output = Path("out"),
    draws: Draws = 1000,
    seed: Seed = 1,
    force: Force = False,
    lang: Lang = "en",
) -> None:
    """Run the shipped scenarios on China's table of 2020 and write everything under out/."""
    from handprint.compare import compare
    from handprint.console import print_comparison, print_headline
    from handprint.console_scenario import print_plausibility
    from handprint.export.folder import write_comparison

    names = ["frozen-digitalisation", "current-policy", "accelerated"]
    runs = [_run(name, draws, seed) for name in names]
    comparison = compare(runs, names[0])
    written = write_comparison(comparison, output, lang=lang, force=force)
    print_headline(runs[1], lang)
    print_comparison(comparison, lang)
    print_plausibility(comparison, lang)
    for path in written:
        typer.echo(path)


@tables_app.command("list")
def tables_list() -> None:
    """List the shipped tables."""
    import io_tables

    for name in io_tables.names():
        typer.echo(name)


@tables_app.command("check")
def tables_check(
    name: Annotated[str, typer.Argument(help="Shipped table or file.")],
    manifest: Annotated[Path | None, typer.Option(help="Description of the file.")] = None,
    year: Annotated[int | None, typer.Option(help="Year, where the file does not say.")] = None,
    against: Annotated[
        str | None, typer.Option(help="Another year of the economy: shipped table or file.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Report as .xlsx; with --fix the table.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe into a new file.")
    ] = False,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Check a table or a file and list everything that is found; nothing is changed."""
    from handprint.table_check import checked, fixed

    options = {"manifest": manifest, "year": year}
    if fix:
        ok = fixed(name, output, options, as_json=as_json, lang=lang)
    else:
        ok = checked(name, output, against, options, force=force, as_json=as_json, lang=lang)
    if not ok:
        raise typer.Exit(3)


@tables_app.command("import")
def tables_import(
    path: Annotated[Path, typer.Argument(help="Sheet of any origin: text, workbook, parquet.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Manifest; default FILE.toml.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of text, as gb18030.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Recognise what a sheet holds and write a manifest for editing."""
    from handprint.table_import import imported

    ok = imported(path, output, sheet=sheet, encoding=encoding, force=force, as_json=as_json)
    if not ok:
        raise typer.Exit(3)


@tables_app.command("aggregate")
def tables_aggregate(
    name: Annotated[str, typer.Argument(help="Shipped table or file.")],
    by: Annotated[
        str, typer.Option("--by", "--to", help="File with columns sector, target; or cn8, cn24.")
    ],
    output: Output,
    manifest: Annotated[Path | None, typer.Option(help="Description of the file.")] = None,
    year: Annotated[int | None, typer.Option(help="Year, where the file does not say.")] = None,
    force: Force = False,
    as_json: Json = False,
    lang: Lang = "en",
) -> None:
    """Add up the sectors of a table, write it, and show what that does to multipliers."""
    from handprint.table_aggregate import aggregated

    options = {"manifest": manifest, "year": year}
    aggregated(name, by, output, options, force=force, as_json=as_json, lang=lang)


@tables_app.command("build")
def tables_build(
    source: Annotated[Path, typer.Option(help="Folder with nbs_china_io and ceads_china.")],
    output: Output,
    force: Force = False,
) -> None:
    """Compute the shipped tables from the publishers' files."""
    from handprint.errors import OutputExistsError
    from io_tables.shipped import build

    if output.exists() and any(output.iterdir()) and not force:
        raise OutputExistsError(f"{output} is not empty: choose another folder, or --force")
    for path in build(source, output):
        typer.echo(path)


@replicate_app.command("caict-2021")
def replicate_caict(as_json: Json = False, lang: Lang = "en") -> None:
    """Replicate annex 1 of the 2021 white paper on the tables of 2012 and 2017."""
    from handprint.console import print_replication
    from handprint.replicate import caict_2021

    replication = caict_2021()
    if as_json:
        typer.echo(json.dumps(replication.to_dict(), ensure_ascii=False))
    else:
        print_replication(replication, lang)


cli_files.register(app, sectors_app)
cli_assess.register(app)
cli_evidence.register(app, replicate_app)
cli_explain.register(app, _run)
cli_scenarios.register(app, scenarios_app, _run)
cli_sensitivity.register(app)
cli_export.register(app, _run)
cli_backcast.register(app)
cli_association.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line; a problem is printed in words, with an exit code of its kind.

    Parameters
    ----------
    arguments : sequence of str, optional
        Instead of those of the process.

    Raises
    ------
    SystemExit
        0 ok, 1 model error, 2 usage, 3 validation failed, 4 data missing.
    """
    try:
        app(args=arguments)
    except ValueError as error:
        code = _exit_code(error)
        if code is None:
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(code)
    except OSError as error:
        typer.echo(f"error: {error.filename or 'output'}: {error.strerror or error}", err=True)
        sys.exit(1)


def _exit_code(error: ValueError) -> int | None:
    """Exit code of an error of ours; None for any other."""
    from handprint import errors as house
    from io_tables import errors as tables
    from sector_models import errors as sectors

    missing = (
        house.UnknownScenarioError,
        tables.UnknownTableError,
        tables.TableFileError,
        sectors.UnknownSectorError,
    )
    invalid = (house.ScenarioError, tables.TableError, sectors.SectorError)
    if isinstance(error, missing):
        return 4
    if isinstance(error, invalid):
        return 3
    return 1 if isinstance(error, house.HandprintError) else None


if __name__ == "__main__":
    main()
