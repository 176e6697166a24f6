"""Findings about a table: graded, located, with what to do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from io_tables.errors import TableError
from io_tables.places import Place, place

Level = Literal["error", "warning", "info"]
Value = float | str | tuple[float, ...] | None
LEVELS: tuple[Level, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """
    One thing found in a table.

    Parameters
    ----------
    level : {"error", "warning", "info"}
        Errors stop the use of a table.
    what, where, fix : str
        What is wrong, its place in the words of :mod:`io_tables.places`, and what to do.
    error : type
        Class of the error that this finding raises.
    code : str
        Short stable name, listed in ``data/checks.toml``; default that of the error class.
    value : float, str or tuple of float, optional
        The number or text that was found, for programs.
    """

    level: Level
    what: str
    where: str
    fix: str
    error: type[TableError] = field(default=TableError, repr=False, compare=False)
    code: str = ""
    value: Value = None

    def __post_init__(self) -> None:
        """Take the code of the error class where none is given."""
        if not self.code:
            object.__setattr__(self, "code", self.error.code)

    @property
    def place(self) -> Place:
        """File, sheet, line, row, column and label, as far as ``where`` names them."""
        return place(self.where)

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {
            "level": self.level,
            "code": self.code,
            "what": self.what,
            "where": self.where,
            **self.place.to_dict(),
            "fix": self.fix,
            "value": _plain(self.value),
        }

    def __str__(self) -> str:
        """One line: level, place, what is wrong, what to do."""
        return f"{self.level}: {self.where}: {self.what} -> {self.fix}"


@dataclass(frozen=True)
class Report:
    """
    All findings about one table.

    Parameters
    ----------
    subject : str
        What was checked.
    findings : tuple of Finding
        Errors first.
    """

    subject: str
    findings: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Finding]:
        """Iterate over the findings."""
        return iter(self.findings)

    def __len__(self) -> int:
        """Count the findings."""
        return len(self.findings)

    @property
    def ok(self) -> bool:
        """Whether nothing stops the use of the table."""
        return not self.at("error")

    @property
    def counts(self) -> dict[Level, int]:
        """Number of findings by level."""
        found = Counter(f.level for f in self.findings)
        return {level: found[level] for level in LEVELS}

    def at(self, level: Level) -> tuple[Finding, ...]:
        """
        Return the findings of one level.

        Parameters
        ----------
        level : {"error", "warning", "info"}
            Which findings.

        Returns
        -------
        tuple of Finding
            In the order found.
        """
        return tuple(f for f in self.findings if f.level == level)

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        rows = [f.to_dict() for f in self.findings]
        return {"subject": self.subject, "ok": self.ok, "counts": self.counts, "findings": rows}

    def text(self, lang: str = "en", *, limit: int | None = None) -> str:
        """
        Write the report as text, one finding a line.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of headings, levels and, in Chinese, of the title and fix of each code.
        limit : int, optional
            Findings of one code that are spelled out; default all.

        Returns
        -------
        str
            Lines.
        """
        from io_tables.wording import report_text

        return report_text(self, lang, limit)

    def to_xlsx(self, path: Path | str, *, lang: str = "en") -> Path:
        """
        Write the report as a workbook: a summary, and a sheet with a row for each finding.

        Parameters
        ----------
        path : path
            File that does not exist yet.
        lang : {"en", "zh"}
            Language of headings and levels.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        TableFileError
            If the file exists.
        """
        from io_tables.report_sheet import write_report

        return write_report(self, path, lang)

    def __str__(self) -> str:
        """Write the report in English."""
        return self.text()


@dataclass
class Collector:
    """
    What a reader finds while a file is only looked at.

    Parameters
    ----------
    findings : list of Finding
        In the order found.
    draft : object
        The table that was refused last, if the reader came so far.
    """

    findings: list[Finding] = field(default_factory=list)
    draft: Any = None


_COLLECTOR: ContextVar[Collector | None] = ContextVar("collector", default=None)


@contextmanager
def collecting() -> Iterator[Collector]:
    """
    Collect findings where :func:`refuse` would raise, so that a reader goes on to the next.

    Bad cells are NaN from then on. No table comes out of it: one with errors is refused when it
    is made, and stays behind as the collector's draft.

    Yields
    ------
    Collector
        Filled as the block runs.
    """
    book = Collector()
    token = _COLLECTOR.set(book)
    try:
        yield book
    finally:
        _COLLECTOR.reset(token)


def collector() -> Collector | None:
    """Return the collector of the block that is running, if there is one."""
    return _COLLECTOR.get()


def graded(subject: str, findings: Iterable[Finding]) -> Report:
    """
    Sort findings by level.

    Parameters
    ----------
    subject : str
        What was checked.
    findings : iterable of Finding
        In any order; one that stands there twice is kept once.

    Returns
    -------
    Report
        Errors before warnings before information.
    """
    return Report(
        subject, tuple(sorted(dict.fromkeys(findings), key=lambda f: LEVELS.index(f.level)))
    )


def refuse(subject: str, findings: Iterable[Finding]) -> None:
    """
    Raise one error that lists every error among the findings; only note them while collecting.

    Parameters
    ----------
    subject : str
        What was checked.
    findings : iterable of Finding
        Warnings and information pass.

    Raises
    ------
    TableError
        Of the class of the first error; its text lists all, its ``findings`` holds them.
    """
    book = collector()
    if book is not None:
        book.findings.extend(findings)
        return
    errors = tuple(f for f in findings if f.level == "error")
    if errors:
        raise as_error(subject, errors)


def withhold(subject: str, draft: object) -> None:
    """
    Refuse a finished table if anything was wrong while it was read; keep it as a draft.

    Parameters
    ----------
    subject : str
        What was checked.
    draft : object
        The table.

    Raises
    ------
    TableError
        While collecting, if an error was collected before.
    """
    book = collector()
    if book is None:
        return
    errors = [f for f in book.findings if f.level == "error"]
    if errors:
        book.draft = draft
        raise as_error(subject, errors)


def as_error(subject: str, problems: Sequence[Finding]) -> TableError:
    """
    Make one error of several problems.

    Parameters
    ----------
    subject : str
        What was checked.
    problems : sequence of Finding
        At least one.

    Returns
    -------
    TableError
        Of the class of the first problem; its text lists all, its ``findings`` holds them.
    """
    lines = "\n".join(f"  - {f.where}: {f.what} -> {f.fix}" for f in problems)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    error = problems[0].error(f"{subject}: {count}\n{lines}")
    error.findings = tuple(problems)
    return error


def _plain(value: Value) -> object:
    """Return a value that JSON can hold: what is not finite becomes text."""
    if isinstance(value, tuple):
        return [_plain(float(v)) for v in value]
    if value is None or isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else str(float(value))
