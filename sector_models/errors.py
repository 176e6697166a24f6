"""Errors of the second floor: each says what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SectorError(ValueError):
    """Base of every error that a sector file, a parameter or an argument can cause."""


class UnknownSectorError(SectorError):
    """No shipped sector and no file has this name."""


class UnknownUseCaseError(SectorError):
    """An adoption path is given for a use case that the sector does not have."""


class UnknownDriverError(SectorError):
    """A driver has a name that the model does not know."""


class SectorFileError(SectorError):
    """
    A file cannot be read, or something in it is wrong.

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
        count = len(self.problems)
        head = f"{self.place}: {count} problem{'' if count == 1 else 's'}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


class ParameterError(SectorError):
    """An argument is missing, unknown or of the wrong kind."""


class AdoptionError(ParameterError):
    """An adoption curve or one of its parameters is unknown, missing or impossible."""


class NotANumberError(SectorError):
    """A value is missing, infinite, or text where a number is needed."""


class ValueRangeError(SectorError):
    """A number lies outside the range in which it has a meaning."""


class LabelError(SectorError):
    """Labels are missing, duplicated, reordered or differ between arrays."""


class YearError(LabelError):
    """Years are missing, duplicated, out of order or not whole numbers."""


class UnitError(SectorError):
    """A unit is missing, or not the one that the place needs."""


class ActivityUnitError(UnitError):
    """The denominator of an enabling intensity has no unit or another one than stated."""


class UndefinedRatioError(SectorError):
    """A ratio would divide by zero."""


def did_you_mean(name: object, options: Iterable[object]) -> str:
    """
    Return a hint with the nearest valid names, or all of them when none is near.

    Parameters
    ----------
    name : object
        What was written.
    options : iterable of object
        What could have been meant.

    Returns
    -------
    str
        A phrase to end an error message with.

    Examples
    --------
    >>> did_you_mean("bilding", ["buildings", "power"])
    "did you mean 'buildings'?"
    """
    names = [str(option) for option in options]
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(match) for match in close)}?"
    return f"valid: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"
