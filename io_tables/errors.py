"""Errors of the first floor: each says what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io_tables.report import Finding


class TableError(ValueError):
    """Base of every error that a table, its file or its labels can cause."""

    findings: tuple[Finding, ...] = ()
    """Every problem of the input, when several were reported together."""


class LabelError(TableError):
    """Labels are duplicated, blank, padded with spaces, reordered or do not match."""


class MissingValueError(TableError):
    """A cell is empty, not a number, or infinite where a number is needed."""


class BalanceError(TableError):
    """Rows or columns do not add up to output within the stated tolerance."""


class UnitError(TableError):
    """A unit or a price basis is missing, unknown or mixed."""


class ScopeError(TableError):
    """The scope of an emission account is missing, unknown or unfit for the use."""


class ConcordanceError(TableError):
    """A concordance leaves a sector out, maps one twice or has shares that do not sum to one."""


class UnknownTableError(TableError):
    """No shipped table has this name."""


class ManifestError(TableError):
    """The description of a raw file is incomplete or has unknown keys."""


class LayoutError(TableError):
    """A file does not have the layout that its reader expects."""


class TableFileError(TableError):
    """A file cannot be found, opened or decoded."""


def did_you_mean(name: object, options: Iterable[object]) -> str:
    """Return a hint with the nearest valid names, or all of them when there are few."""
    names = [str(option) for option in options]
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    return f"valid: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"
