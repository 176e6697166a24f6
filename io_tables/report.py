"""Findings about a table: graded, located, with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from io_tables.errors import TableError

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One thing found in a table."""

    level: Level
    what: str
    where: str
    fix: str
    error: type[TableError] = field(default=TableError, repr=False, compare=False)

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
        return not any(f.level == "error" for f in self.findings)

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
        rows = [{k: v for k, v in asdict(f).items() if k != "error"} for f in self.findings]
        return {"subject": self.subject, "ok": self.ok, "findings": rows}

    def __str__(self) -> str:
        """Write the report as text, one finding a line."""
        if not self.findings:
            return f"{self.subject}: nothing found"
        return "\n".join([f"{self.subject}: {len(self)} finding(s)", *map(str, self.findings)])


def graded(subject: str, findings: Iterable[Finding]) -> Report:
    """
    Sort findings by level.

    Parameters
    ----------
    subject : str
        What was checked.
    findings : iterable of Finding
        In any order.

    Returns
    -------
    Report
        Errors before warnings before information.
    """
    rank = {"error": 0, "warning": 1, "info": 2}
    return Report(subject, tuple(sorted(findings, key=lambda f: rank[f.level])))


def refuse(subject: str, findings: Iterable[Finding]) -> None:
    """
    Raise one error that lists every error among the findings.

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
    errors = tuple(f for f in findings if f.level == "error")
    if errors:
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
