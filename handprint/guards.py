"""Arguments of public functions: a wrong kind is refused before anything else looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from handprint.errors import ArgumentError
from io_tables import IOTable

P = ParamSpec("P")
R = TypeVar("R")


class Kind(NamedTuple):
    """What an argument must be, and how to say so."""

    name: str
    fits: Callable[[object], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _is_names(value: object) -> bool:
    """Texts in one row; a single text passes, for it gets a better hint further on."""
    if isinstance(value, str):
        return True
    listed = isinstance(value, Sequence | pd.Index) or (
        isinstance(value, np.ndarray) and value.ndim == 1
    )
    return listed and not isinstance(value, bytes) and all(isinstance(v, str) for v in value)  # type: ignore[attr-defined]


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and _is_names(value)


TABLE = Kind(
    "an IOTable (io_tables.load, read or from_arrays make one; a matrix alone has no emissions, "
    "output or final demand)",
    lambda value: isinstance(value, IOTable),
)
TABLE_OR_NAME = Kind(
    "an IOTable or the name of a shipped table", lambda value: isinstance(value, IOTable | str)
)
TEXT = Kind("a text", lambda value: isinstance(value, str))
PATH = Kind("a path", lambda value: isinstance(value, str | Path))
NAMES = Kind("a list of names", _is_names)
PAIR = Kind("two names", _is_pair)
NUMBER = Kind("a number", _is_number)
WHOLE = Kind(
    "a whole number",
    lambda value: isinstance(value, int | np.integer) and not isinstance(value, bool),
)
YES_OR_NO = Kind("True or False", lambda value: isinstance(value, bool | np.bool_))
LABELLED = Kind(
    "a mapping with texts as keys",
    lambda value: isinstance(value, Mapping) and all(isinstance(key, str) for key in value),
)
DRAWN = Kind(
    "a Dataset or a mapping of arrays by name",
    lambda value: isinstance(value, xr.Dataset) or LABELLED.fits(value),
)
DATASET = Kind(
    "the xarray.Dataset of one counterfactual", lambda value: isinstance(value, xr.Dataset)
)


def refuse_kinds(function: str, given: Mapping[str, object], kinds: Mapping[str, Kind]) -> None:
    """
    Refuse arguments of the wrong kind, all of them in one error.

    Parameters
    ----------
    function : str
        Name for the message.
    given : Mapping of str to object
        Argument -> value; what is not there is not looked at.
    kinds : Mapping of str to Kind
        Argument -> what it must be.

    Raises
    ------
    ArgumentError
        Saying what each is and what it should be.
    """
    problems = [
        f"{name} is {shown(given[name])}, needed {kind.name}"
        for name, kind in kinds.items()
        if name in given and not kind.fits(given[name])
    ]
    if problems:
        raise ArgumentError(f"{function}: {'; '.join(problems)}")


def checked(**kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Let a function refuse arguments of the wrong kind.

    Parameters
    ----------
    **kinds : Kind
        Argument -> what it must be. None is refused unless it is the default.

    Returns
    -------
    callable
        Decorator.

    Examples
    --------
    >>> @checked(top=WHOLE)
    ... def first(items, top=None):
    ...     return items[:top]
    >>> first("abc", top=2)
    'ab'
    >>> first("abc", top="2")
    Traceback (most recent call last):
    handprint.errors.ArgumentError: first: top is '2', needed a whole number
    """

    def _decorated(function: Callable[P, R]) -> Callable[P, R]:
        form = signature(function)

        @wraps(function)
        def _guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            given = form.bind(*args, **kwargs).arguments
            left_out = {n for n in given if given[n] is None and form.parameters[n].default is None}
            present = {name: kind for name, kind in kinds.items() if name not in left_out}
            refuse_kinds(function.__name__, given, present)
            return function(*args, **kwargs)

        return _guarded

    return _decorated


def shown(value: object) -> str:
    """
    Write a value for a message: short ones as they are, others by their type.

    Parameters
    ----------
    value : object
        As given.

    Returns
    -------
    str
        For example ``'3'`` or ``'a DataArray'``.
    """
    plain = isinstance(value, int | float | str | bytes | list | tuple | dict | None)
    text = repr(value) if plain else ""
    if text and len(text) <= 40:
        return text
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"
