"""One graded report for any table or file: everything that is wrong, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from io_tables.advice import advice
from io_tables.catalogue import load, names, read
from io_tables.cells import existing
from io_tables.errors import LabelError, TableError
from io_tables.levels import level_findings
from io_tables.repairs import SEARCHED, cleaned, opened
from io_tables.report import Collector, Finding, Report, collecting, graded
from io_tables.table import IOTable

Given = Path | str | IOTable
STUMBLES = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
FILE_CELLS = ("cell-empty", "cell-text", "cell-absent")
FRAME = (  # with one of these, sums would mislead
    *("file", "layout", "manifest", "stumble", "cell-twice"),
    *("label", "label-blank", "label-differs", "label-duplicate"),
)
SUMS = ("total-mismatch", "balance-row", "balance-column", "output-negative", "output-zero-inputs")


def check(
    path_or_table: Given,
    *,
    manifest: Path | str | Mapping[str, object] | None = None,
    against: Given | None = None,
    **options: object,
) -> Report:
    """
    List everything that is wrong with a table or its file, and what to know about it.

    Parameters
    ----------
    path_or_table : path, str or IOTable
        File that :func:`io_tables.read` takes, name of a shipped table, or a table.
    manifest : path or mapping, optional
        What the file is; default the file of the same name with ``.toml``, if there is one.
    against : path, str or IOTable, optional
        Another year or source of the same economy, to find breaks of level.
    **options
        As for :func:`io_tables.read`.

    Returns
    -------
    Report
        Errors, warnings and information. Nothing is raised for a bad table, and nothing is
        changed or written.

    Raises
    ------
    TableFileError
        If a file does not exist.

    Examples
    --------
    >>> check("china-2020-cn8", against="china-2018-cn8").counts
    {'error': 0, 'warning': 0, 'info': 4}
    """
    base, trouble = _other(against)
    if isinstance(path_or_table, IOTable):
        report = path_or_table.check(base)
        return graded(report.subject, [*report, *trouble])
    if isinstance(path_or_table, str) and path_or_table in names():
        report = load(path_or_table).check(base)
        return graded(report.subject, [*report, *trouble])
    path = existing(path_or_table)
    if isinstance(manifest, (str, Path)):
        existing(manifest)
    table, book = attempt(path, manifest=manifest, **options)
    unsaid = _unsaid(book)
    if unsaid:  # go on without them: the rest of the file has faults of its own
        told, filled = book.findings, dict.fromkeys(unsaid, "not stated")
        table, book = attempt(path, manifest=manifest, **{**options, **filled})
        book.findings[:0] = told
    found = [*book.findings, *trouble]
    whole = table if table is not None else book.draft
    frame = [f for f in found if f.code in FRAME and not (unsaid and f.where in unsaid)]
    if whole is None or any(f.level == "error" for f in frame):
        found = [f for f in found if f.code not in SUMS]
        found += [*_spoilt(path, found), _stopped(path)]
    else:
        found += [*whole.remarks, *advice(whole)]
        found += level_findings(whole, base) if base is not None else []
    return graded(path.name, without_echoes(found))


def attempt(
    path: Path, *, manifest: Path | str | Mapping[str, object] | None = None, **options: object
) -> tuple[IOTable | None, Collector]:
    """
    Read a file as far as it can be read.

    Parameters
    ----------
    path : pathlib.Path
        File.
    manifest : path or mapping, optional
        What the file is.
    **options
        As for :func:`io_tables.read`.

    Returns
    -------
    IOTable or None
        The table, if nothing is wrong with it.
    Collector
        All findings, and the draft of a table that was refused.
    """
    table = None
    with collecting() as book:
        try:
            table = read(path, manifest=manifest, cache=False, **options)
        except TableError as error:
            book.findings += error.findings or (_alone(path, error),)
        except STUMBLES as error:
            if not any(f.level == "error" for f in book.findings):
                book.findings.append(_alone(path, error))
    if table is not None and any(f.level == "error" for f in book.findings):
        book.draft, table = table, None
    return table, book


def _unsaid(book: Collector) -> list[str]:
    """Fields that the manifest lacks, if nothing else kept the file from being read."""
    errors = [f for f in book.findings if f.level == "error"]
    missing = [f.where for f in errors if f.code == "manifest" and f.what == "is missing"]
    text = {"units", "price_basis", "source", "name"}
    return missing if len(missing) == len(errors) and set(missing) <= text else []


def _other(given: Given | None) -> tuple[IOTable | None, list[Finding]]:
    """Open what a table is compared with."""
    if given is None or isinstance(given, IOTable):
        return given, []
    if isinstance(given, str) and given in names():
        return load(given), []
    path = existing(given)
    table, book = attempt(path)
    if table is not None:
        return table, []
    count = sum(f.level == "error" for f in book.findings)
    return None, [
        Finding(
            "warning",
            f"has {count} error(s) itself: levels were not compared",
            f"against {path.name}",
            f"run the check on {path.name} first",
            code="against-unreadable",
        )
    ]


def _alone(path: Path, error: Exception) -> Finding:
    """Make a finding of an error that brings none."""
    what = " ".join(str(error).split()).removeprefix(f"{path.name}: ")
    if isinstance(error, TableError):
        told, colon, remedy = what.rpartition(": ")
        parts = (told, remedy) if colon else (what, "correct the file")
        return Finding("error", parts[0], path.name, parts[1], type(error))
    kind = type(error).__name__
    fix = "compare the file with the layout of its publisher"
    return Finding("error", f"the reader stumbles: {kind}: {what}", path.name, fix, code="stumble")


def _spoilt(path: Path, findings: list[Finding]) -> Iterator[Finding]:
    """Name labels near the top that blanks or odd letters keep from being recognised."""
    if any(f.code.startswith("label") or f.code == "file" for f in findings):
        return
    try:
        rows, _ = opened(path)
    except TableError:
        return
    for change in cleaned(rows[:SEARCHED], path.name)[1]:
        if change.kind == "label":
            yield Finding(
                "error",
                "label has blanks around it or characters that do not print",
                change.where,
                f"write {change.new!r}",
                LabelError,
                "label-padded",
                change.old,
            )


def _stopped(path: Path) -> Finding:
    """Say that later checks could not be made."""
    return Finding(
        "info",
        "balance, coefficients and levels were not tested: they need a whole frame of labels",
        path.name,
        "correct the errors and check again",
        code="check-stopped",
    )


def without_echoes(findings: Iterable[Finding]) -> Iterator[Finding]:
    """
    Leave out what the table says again after its file said it with a place.

    Parameters
    ----------
    findings : iterable of Finding
        Those of the reader before those of the table.

    Yields
    ------
    Finding
        The others.
    """
    every = list(findings)
    cells = any(f.code in FILE_CELLS for f in every)
    labels: set[tuple[Any, ...]] = {
        (f.code, f.place.label)
        for f in every
        if f.code.startswith("label") and not f.where.startswith(("sector ", "category "))
    }
    for finding in every:
        again = finding.where.startswith("sector ") and (finding.code, finding.place.label)
        if again in labels or (cells and finding.code == "value"):
            continue
        yield finding
