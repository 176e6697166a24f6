"""Errors of the first floor: each says what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from io_tables.report import Finding


class TableError(ValueError):
    """Base of every error that a table, its file or its labels can cause."""

    findings: tuple[Finding, ...] = ()
    """Every problem of the input, when several were reported together."""
    code: ClassVar[str] = "table"
    """Code of a finding of this class that has no closer one; see ``data/checks.toml``."""


class LabelError(TableError):
    """Labels are duplicated, blank, padded with spaces, reordered or do not match."""

    code: ClassVar[str] = "label"


class MissingValueError(TableError):
    """A cell is empty, not a number, or infinite where a number is needed."""

    code: ClassVar[str] = "value"


class BalanceError(TableError):
    """Rows or columns do not add up to output within the stated tolerance."""

    code: ClassVar[str] = "balance"


class UnitError(TableError):
    """A unit or a price basis is missing, unknown or mixed."""

    code: ClassVar[str] = "unit"


class ScopeError(TableError):
    """The scope of an emission account is missing, unknown or unfit for the use."""

    code: ClassVar[str] = "scope"


class ConcordanceError(TableError):
    """A concordance leaves a sector out, maps one twice or has shares that do not sum to one."""

    code: ClassVar[str] = "concordance"


class UnknownTableError(TableError):
    """No shipped table has this name."""


class ManifestError(TableError):
    """The description of a raw file is incomplete or has unknown keys."""

    code: ClassVar[str] = "manifest"


class LayoutError(TableError):
    """A file does not have the layout that its reader expects."""

    code: ClassVar[str] = "layout"


class MissingExtraError(TableError):
    """A package that an extra of the distribution brings is not installed."""


class TableFileError(TableError):
    """A file cannot be found, opened or decoded."""

    code: ClassVar[str] = "file"


class UnsafeFileError(TableFileError):
    """A file is too large, a bomb, or holds macros, links or formulas that were never computed."""


class InfeasibleError(TableError):
    """No matrix with these cells and signs can have the margins asked for."""

    code: ClassVar[str] = "infeasible"


class ConvergenceError(TableError):
    """Balancing stopped before the margins were met, though they may be possible."""

    code: ClassVar[str] = "convergence"


class SupplyUseError(TableError):
    """A supply and use pair cannot become a table by the model asked for."""

    code: ClassVar[str] = "supply-use"


def did_you_mean(name: object, options: Iterable[object]) -> str:
    """Return a hint with the nearest valid names, or all of them when there are few."""
    names = [str(option) for option in options]
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    return f"valid: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"
