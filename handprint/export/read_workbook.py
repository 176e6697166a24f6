"""From a workbook back to a scenario: what was typed into its lever sheet."""

from __future__ import annotations

import zipfile
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from handprint.errors import ScenarioFileError
from handprint.export.book import WorkbookError
from handprint.export.inputs import Input, gather
from handprint.export.levers_to_scenario import Edit, Values, changes_of
from handprint.export.sheets_levers import CENTRAL, HEAD, HIGH, KEY, LOW, SCENARIO
from handprint.export.toml_text import toml_text
from handprint.guards import PATH, TABLE, checked
from handprint.i18n import LANGUAGES, label
from handprint.pipeline import run
from handprint.projection import ESTIMATES
from handprint.scenario import Scenario, load_scenario, scenario_names
from io_tables import IOTable
from io_tables.errors import did_you_mean

SAME = 1e-12  # spreadsheet programs keep 15 digits


class _Row(NamedTuple):
    """One row of the lever sheet: cells as typed, and their values."""

    number: int
    scenario: str
    typed: tuple[object, ...]
    values: tuple[object, ...]


@checked(path=PATH, table=TABLE)
def read_workbook(
    path: Path | str,
    *,
    base: str | Path | None = None,
    table: IOTable | None = None,
) -> Scenario:
    """
    Turn the edits made in the levers of an exported workbook into a scenario.

    Parameters
    ----------
    path : path
        Workbook of :func:`handprint.export.workbook`, saved by any spreadsheet program.
    base : str or path, optional
        Scenario in use in the workbook, where it is not a shipped one.
    table : IOTable, optional
        Table of the run where it is not the one that the scenario names.

    Returns
    -------
    Scenario
        The scenario in use with the numbers of the sheet; it states only what differs.

    Raises
    ------
    WorkbookError
        If the file is no such workbook, a cell holds no number, or a change cannot be a
        scenario's; all are listed.
    ScenarioFileError
        If a number is out of range.
    UnknownScenarioError
        If the scenario in use is not known.

    Examples
    --------
    >>> from handprint.export import workbook
    >>> with TemporaryDirectory() as folder:
    ...     path = workbook(run("current-policy"), Path(folder) / "book.xlsx")
    ...     read_workbook(path).overrides
    {}
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.toml"
        file.write_text(scenario_text(path, base=base, table=table), encoding="utf-8")
        try:
            return load_scenario(file)
        except ScenarioFileError as error:
            raise ScenarioFileError(str(path), error.problems) from None


def scenario_text(
    path: Path | str,
    *,
    base: str | Path | None = None,
    table: IOTable | None = None,
    name: str = "",
) -> str:
    """
    Write the edits of a workbook as the text of a scenario file.

    Parameters
    ----------
    path : path
        Workbook of :func:`handprint.export.workbook`.
    base : str or path, optional
        Scenario in use in the workbook, where it is not a shipped one.
    table : IOTable, optional
        Table of the run where it is not the one that the scenario names.
    name : str
        Of the new scenario; by default that of the base with ``-edited``.

    Returns
    -------
    str
        TOML with ``base`` and what differs from it.

    Raises
    ------
    WorkbookError
        As in :func:`read_workbook`.
    """
    path = Path(path)
    chosen, rows = _levers(path)
    stated = _base(chosen, base)
    scenario = load_scenario(stated)
    if scenario.name != chosen:
        raise WorkbookError(
            f"{path}: scenario {chosen!r} is in use, but the base given is {scenario.name!r}: "
            "give the scenario that was exported"
        )
    material = gather([run(scenario, table=table)], table)
    problems: list[str] = []
    edits = []
    for section in material.sections:
        for given in section.inputs:
            entry = given.by_scenario[scenario.name]
            found = rows.get(given.key)
            if found is None:
                problems.append(f"{given.key}: no row with this key on the lever sheet")
                continue
            now = _numbers(_in_use(found, chosen), given, entry.values, problems)
            if all(isclose(a, b, rel_tol=SAME) for a, b in zip(now, entry.values, strict=True)):
                continue
            fixed = given.fixed or bool(given.same_as)
            edits.append(Edit(given.key, section.sector, section.lever, now, entry.values, fixed))
    changes = changes_of(scenario, edits, problems)
    if problems:
        raise WorkbookError(f"{path}: no scenario can be made of it:\n  " + "\n  ".join(problems))
    head: dict[str, Any] = {
        "name": name or f"{scenario.name}-edited",
        "base": scenario.name if scenario.name == stated else str(Path(stated).resolve()),
        "title": f"{scenario.title}, edited in a workbook",
        "title_zh": f"{scenario.title_zh}（在工作簿中修改）",
    }
    return toml_text(head | changes)


def _base(chosen: str, base: str | Path | None) -> str:
    """Name or file that the new scenario inherits from."""
    if base is None and chosen not in scenario_names():
        raise WorkbookError(
            f"the workbook uses scenario {chosen!r}, which is not shipped: give its file as base; "
            f"{did_you_mean(chosen, scenario_names())}"
        )
    return chosen if base is None else str(base)


def _levers(path: Path) -> tuple[str, dict[str, list[_Row]]]:
    """Scenario in use, and the rows of the lever sheet by key."""
    try:
        typed, values = (openpyxl.load_workbook(path, data_only=d) for d in (False, True))
    except FileNotFoundError:
        raise WorkbookError(f"{path}: no such file") from None
    except (InvalidFileException, zipfile.BadZipFile, KeyError) as err:
        raise WorkbookError(f"{path}: not a workbook (.xlsx): {err}") from err
    names = [label("wb_sheet_levers", lang) for lang in LANGUAGES]
    title = next((n for n in names if n in typed.sheetnames), None)
    if title is None:
        raise WorkbookError(
            f"{path}: no sheet {' or '.join(map(repr, names))}: give a workbook that "
            "handprint exported"
        )
    chosen = typed[title].cell(3, SCENARIO + 1).value
    found: dict[str, list[_Row]] = {}
    pairs = zip(
        typed[title].iter_rows(min_row=HEAD + 2, max_col=KEY + 1),
        values[title].iter_rows(min_row=HEAD + 2, max_col=KEY + 1),
        strict=True,
    )
    for cells, cached in pairs:
        key = cells[KEY].value
        if key is None:
            continue
        row = _Row(
            cells[0].row or 0,
            str(cells[SCENARIO].value or ""),
            tuple(cells[c].value for c in (LOW, CENTRAL, HIGH)),
            tuple(cached[c].value for c in (LOW, CENTRAL, HIGH)),
        )
        found.setdefault(str(key), []).append(row)
    if not isinstance(chosen, str) or not found:
        raise WorkbookError(f"{path}: sheet {title!r} names no scenario in use, or no inputs")
    return chosen, found


def _in_use(rows: list[_Row], chosen: str) -> _Row:
    """Row that the workbook computes with: typed-over cells of the row in use come first."""
    own = [row for row in rows if row.scenario in ("", chosen)]
    picked = own[0] if own else rows[-1]
    if len(rows) == 1 or picked is rows[-1]:
        return picked
    last = rows[-1]
    typed = [a if _formula(b) else b for a, b in zip(picked.typed, last.typed, strict=True)]
    values = [
        a if _formula(t) else b
        for a, b, t in zip(picked.values, last.values, last.typed, strict=True)
    ]
    return picked._replace(typed=tuple(typed), values=tuple(values))


def _formula(cell: object) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def _numbers(row: _Row, given: Input, old: Values, problems: list[str]) -> Values:
    """Low, central and high of a row; those of an input without a range are its central."""
    found = list(old)
    for i, estimate in enumerate(ESTIMATES):
        typed, value = row.typed[i], row.values[i]
        if _formula(typed) and (given.same_as or (given.single and i != 1)):
            continue  # repeats another cell, as it was exported
        place = f"{given.key} {estimate} (row {row.number})"
        if value is None and _formula(typed):
            problems.append(
                f"{place}: a formula without a value: open the workbook in a spreadsheet program "
                "and save it"
            )
        elif isinstance(value, bool) or not isinstance(value, int | float):
            problems.append(f"{place}: {value!r} is no number")
        elif given.single and i != 1:
            problems.append(f"{place}: this input has no range: change its central value alone")
        else:
            found[i] = float(value)
    central = found[1]
    return (central,) * 3 if given.single else (found[0], central, found[2])
