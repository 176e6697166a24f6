"""Errors of the house: each says what is wrong, where, what would be right and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class HandprintError(ValueError):
    """Base of every error that the engine, the scenarios and the exports can raise."""


class ArgumentError(HandprintError):
    """An argument is of another kind than the function takes, such as a matrix for a table."""


class ShapeError(HandprintError):
    """An array has the wrong number of dimensions, the wrong length or the wrong dims."""


class LabelMismatchError(HandprintError):
    """Labels of two arrays differ, are out of order or occur twice."""


class MissingValueError(HandprintError):
    """A cell is empty, infinite or not a number where a number is needed."""


class UnitMismatchError(HandprintError):
    """Two quantities that must have one unit have two."""


class NotProductiveError(HandprintError):
    """The economy needs more of some product than it makes: the inverse is not non-negative."""


class SingularSystemError(NotProductiveError):
    """I - A cannot be solved."""


class MethodError(HandprintError):
    """A way of solving is unknown or does not fit the table."""


class MemoryLimitError(HandprintError):
    """A calculation would need more memory than it may have; nothing was started."""


class ConvergenceError(HandprintError):
    """A result cannot be computed to the accuracy that is promised."""


class SectorOutputError(HandprintError):
    """A sector has zero or negative output where a positive one is needed."""


class MissingSatelliteError(HandprintError):
    """The table has no satellite account of this name."""


class ScopeError(HandprintError):
    """Emissions have a scope that the calculation would count twice."""


class LedgerError(HandprintError):
    """Emissions by producer and emissions accounted for do not agree."""


class UnknownSectorError(HandprintError):
    """A sector is not one of the table's."""


class InterventionError(HandprintError):
    """An intervention is out of range, incomplete or in conflict with another."""


class CovarianceError(HandprintError):
    """A covariance is not symmetric, not positive semidefinite or leaves no room for the data."""


class ContradictionError(CovarianceError):
    """Exact observations contradict each other, or what they observe cannot move."""


class InfeasibleBoundsError(HandprintError):
    """Bounds on reconciled values exclude every solution."""


class HierarchyError(HandprintError):
    """Groups and their parts are no tree, or estimates without error do not add up."""


class YearsError(HandprintError):
    """Years of two paths do not fit, or a path has a gap in its years."""


class DriverError(HandprintError):
    """A driver of the projection is missing, out of range or has a gap in its years."""


class ScenarioError(HandprintError):
    """A scenario file has unknown keys, values out of range or rules that conflict."""


class ScenarioFileError(ScenarioError):
    """
    Something in a scenario file is wrong.

    Parameters
    ----------
    place : str
        Name of the file.
    problems : iterable of str
        Everything that is wrong with it, each with its table and key.
    """

    def __init__(self, place: str, problems: Iterable[str]) -> None:
        self.place = place
        self.problems = tuple(problems)
        super().__init__(place, self.problems)

    def __str__(self) -> str:
        head = f"{self.place}: {len(self.problems)} problem(s)"
        return "\n".join([head, *(f"  - {problem}" for problem in self.problems)])


class UnknownScenarioError(HandprintError):
    """No shipped scenario has this name and no file has this path."""


class OptionError(HandprintError):
    """An argument names a choice that does not exist, or a number outside its range."""


class DecompositionError(HandprintError):
    """Two states cannot be compared, or the parts of a change do not add up to it."""


class OutputExistsError(HandprintError):
    """An output would overwrite an existing file."""


def listed(items: Sequence[object], limit: int = 5) -> str:
    """
    Write labels for a message, the first few of a long list.

    Parameters
    ----------
    items : sequence
        Labels.
    limit : int
        How many are spelled out.

    Returns
    -------
    str
        For example ``'coal', 'power' and 3 more``.

    Examples
    --------
    >>> listed(["coal", "power", "gas"], limit=2)
    "'coal', 'power' and 1 more"
    """
    shown = ", ".join(repr(item) for item in items[:limit])
    rest = len(items) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown
