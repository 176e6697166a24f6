"""What ``handprint tables check`` prints and writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

import io_tables
from handprint.i18n import check_language
from handprint.results import fresh

SPELLED_OUT = 20  # findings of one code that the terminal shows; --json and -o have all


def checked(
    name: str,
    output: Path | None,
    against: str | None,
    options: Mapping[str, Any],
    *,
    force: bool = False,
    as_json: bool = False,
    lang: str = "en",
) -> bool:
    """
    Check a table, print the report and write it where asked.

    Parameters
    ----------
    name : str
        Shipped table or file.
    output : pathlib.Path, optional
        Workbook for the report.
    against : str, optional
        Another year of the economy.
    options : mapping
        Manifest and year.
    force : bool
        Whether an older workbook may be replaced.
    as_json : bool
        Whether to print JSON.
    lang : {"en", "zh"}
        Language of headings and levels.

    Returns
    -------
    bool
        Whether the table can be used.

    Raises
    ------
    TableFileError
        If a file does not exist.
    OutputExistsError
        If the workbook exists.
    """
    check_language(lang)
    if output is not None:
        fresh(output, force=force)
    report = io_tables.check(name, against=against, **options)
    if output is not None:
        output.unlink(missing_ok=True)
        report.to_xlsx(output, lang=lang)
    _print(report.to_dict() if as_json else report.text(lang, limit=SPELLED_OUT))
    return report.ok


def fixed(
    name: str,
    output: Path | None,
    options: Mapping[str, Any],
    *,
    as_json: bool = False,
    lang: str = "en",
) -> bool:
    """
    Repair a file and print what was changed.

    Parameters
    ----------
    name : str
        File.
    output : pathlib.Path, optional
        New table; default the name of the file with ``-fixed.csv``.
    options : mapping
        Manifest and year.
    as_json : bool
        Whether to print JSON.
    lang : {"en", "zh"}
        Language of headings and levels.

    Returns
    -------
    bool
        Whether the repaired table can be used.

    Raises
    ------
    TableFileError
        If the file does not exist, or an output exists.
    """
    check_language(lang)
    path = Path(name)
    log = io_tables.fix(path, output or path.with_name(f"{path.stem}-fixed.csv"), **options)
    _print(log.to_dict() if as_json else log.text(lang))
    return log.ok


def _print(what: object) -> None:
    """Print text as it is, anything else as JSON."""
    typer.echo(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False))
