"""The live workbook: levers in, indicators out, every computed cell a formula with its value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from handprint.compare import compare
from handprint.errors import ArgumentError
from handprint.export.book import Book, WorkbookError, open_book
from handprint.export.inputs import Material, gather
from handprint.export.sheets_ict import write_ict
from handprint.export.sheets_indicators import write_indicators
from handprint.export.sheets_leontief import write_leontief
from handprint.export.sheets_levers import write_levers
from handprint.export.sheets_scenarios import write_scenarios
from handprint.export.sheets_tables import write_guide, write_results, write_sources
from handprint.guards import PATH, TABLE, TEXT, checked, shown
from handprint.i18n import check_language
from handprint.results import Results
from io_tables import IOTable


@checked(path=PATH, lang=TEXT, table=TABLE)
def workbook(
    results: Results | Sequence[Results],
    path: Path | str,
    lang: str = "en",
    *,
    table: IOTable | None = None,
) -> Path:
    """
    Write runs as a workbook that recalculates when a lever is changed.

    Sheets: guide, levers (inputs), indicators (formulas from the levers, end year), Leontief
    (the base-year table with inverse, multipliers, ledger and linkages as formulas), results
    (all years and scenarios as values), ICT (the whole industry, as values), scenarios (charts),
    sources. Formulas carry the values
    of the run, so that programs that do not recalculate show them too. A file of the same
    name is replaced.

    Parameters
    ----------
    results : Results or sequence of Results
        One run or more, on one table, with the same years and sectors. The scenario in use is
        ``current-policy`` where it is among them, else the last.
    path : path
        File to write, by custom ``.xlsx``.
    lang : {"en", "zh"}
        Language of sheets and labels.
    table : IOTable, optional
        The table given to the runs where it is not the one that their scenario names.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    LanguageError
        If there are no texts in this language.
    ScenarioError
        If the runs do not rest on the same table, years and sectors.
    WorkbookError
        If there is no run, or the formulas would not give its numbers.

    Examples
    --------
    >>> import tempfile
    >>> from handprint.pipeline import run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     workbook(run("current-policy"), Path(folder) / "handprint.xlsx").name
    'handprint.xlsx'
    """
    check_language(lang)
    runs = _runs(results)
    if not runs:
        raise WorkbookError("no run to write: give the results of one scenario or more")
    if len(runs) > 1:
        compare(runs)
    material = gather(runs, table)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        book = open_book(part, lang)
        _write(book, material)
        book.file.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _runs(results: object) -> list[Results]:
    """Take one run or several."""
    given = [results] if isinstance(results, Results) else results
    listed = list(given) if isinstance(given, Iterable) else [given]
    runs = [run for run in listed if isinstance(run, Results)]
    if len(runs) < len(listed):
        raise ArgumentError(f"workbook takes results of handprint.run, given {shown(results)}")
    return runs


def _write(book: Book, material: Material) -> None:
    """Fill the sheets; each hands on the cells that the next refers to."""
    book.file.set_properties(
        {
            "title": book.text("wb_guide_title"),
            "subject": book.text("wb_subject"),
            "author": "handprint",
            "company": "",
            "comments": f"handprint {version('handprint')}, table {material.table.name}",
        }
    )
    book.file.set_calc_mode("auto")
    scenarios = write_guide(book, material)
    levers, choice = write_levers(book, material, scenarios)
    found = write_indicators(book, material, levers, choice)
    write_leontief(book, material)
    write_results(book, material)
    write_ict(book, material)
    write_scenarios(book, material, found, choice)
    write_sources(book, material)
