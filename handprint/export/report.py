"""The report under its contract name: the page of one run or more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from handprint.compare import compare
from handprint.errors import ArgumentError
from handprint.export.page import page
from handprint.guards import PATH, TEXT, checked
from handprint.i18n import check_language
from handprint.pipeline import run
from handprint.results import Results
from handprint.sampling import Method
from handprint.scenario import load_scenario
from io_tables import IOTable


@checked(path=PATH, lang=TEXT)
def report(
    results: Results | Sequence[Results],
    path: Path | str,
    lang: str = "en",
    *,
    table: IOTable | None = None,
) -> Path:
    """
    Write runs as one HTML page that needs nothing else.

    Parameters
    ----------
    results : Results or sequence of Results
        Runs on one table. One alone is put beside the scenario in which nothing spreads
        further: a copy of its own without goals of adoption.
    path : path
        File to write; an existing one is replaced.
    lang : {"en", "zh"}
        Language.
    table : IOTable, optional
        The table given to the run where it is not the one that its scenario names.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ArgumentError
        If there is no run.
    ScenarioError
        If the runs do not rest on the same table, years and sectors.
    """
    check_language(lang)
    runs = [results] if isinstance(results, Results) else list(results)
    if not runs or not all(isinstance(r, Results) for r in runs):
        raise ArgumentError("report takes results of handprint.run, one or more")
    if len(runs) == 1:
        runs.insert(0, _frozen(runs[0], table))
    return page(compare(runs), path, lang)


def _frozen(result: Results, table: IOTable | None) -> Results:
    """The same economy with digitalisation of the base year, drawn alike."""
    still = load_scenario("frozen-digitalisation")
    update = {
        "name": still.name if result.scenario.name != still.name else f"{still.name}-again",
        "title": still.title,
        "title_zh": still.title_zh,
        "adoption": {},
        "reference_adoption": {},
    }
    made = result.record
    return run(
        result.scenario.model_copy(update=update),
        draws=made.draws,
        seed=made.seed,
        table=table,
        sampling=cast("Method", made.sampling or "lhs"),  # none is noted without draws
        draw_drivers=made.draw_drivers,
    )
