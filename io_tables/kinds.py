"""Guards of the kinds of arguments: what is no table, text, number or list is said in words."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from io_tables.errors import LabelError, TableError, TableFileError

if TYPE_CHECKING:
    from io_tables.table import IOTable

SHOWN = 60  # characters of a wrong value that a message shows


def shown(value: object) -> str:
    """
    Show a value in a message.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
        Its kind and the beginning of how Python writes it, in one line.

    Examples
    --------
    >>> shown(3), shown(None)
    ('3 (int)', 'None')
    """
    text = " ".join(repr(value).split())
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    return text if value is None else f"{text} ({type(value).__name__})"


def demand_table(value: object, what: str = "table") -> IOTable:
    """
    Demand a table.

    Parameters
    ----------
    value : object
        What was given.
    what : str
        Name of the argument.

    Returns
    -------
    IOTable
        The same.

    Raises
    ------
    TableError
        If it is anything else.
    """
    from io_tables.table import IOTable

    if isinstance(value, IOTable):
        return value
    raise TableError(
        f"{what} is {shown(value)}: give a table, as io_tables.load, read or from_arrays make it"
    )


def demand_text(value: object, what: str, error: type[TableError] = TableError) -> str:
    """
    Demand text.

    Parameters
    ----------
    value : object
        What was given.
    what : str
        Name of the argument.
    error : type
        Class of the error.

    Returns
    -------
    str
        The same.

    Raises
    ------
    TableError
        If it is anything else.
    """
    if isinstance(value, str):
        return value
    raise error(f"{what} is {shown(value)}: give text")


def demand_number(value: object, what: str, *, whole: bool = False) -> float:
    """
    Demand a finite number.

    Parameters
    ----------
    value : object
        What was given.
    what : str
        Name of the argument.
    whole : bool
        Whether it must be a whole number.

    Returns
    -------
    float
        The number.

    Raises
    ------
    TableError
        If it is anything else, truth values included.
    """
    kind = numbers.Integral if whole else numbers.Real
    if isinstance(value, kind) and not isinstance(value, bool):
        try:
            if math.isfinite(float(value)):
                return float(value)
        except OverflowError:
            pass
    raise TableError(f"{what} is {shown(value)}: give a {'whole' if whole else 'finite'} number")


def demand_labels(values: object, what: str) -> list[str]:
    """
    Demand labels in an order of their own.

    Parameters
    ----------
    values : object
        What was given.
    what : str
        Name of the argument.

    Returns
    -------
    list of str
        Numbers as text; pandas, numpy and xarray vectors are welcome.

    Raises
    ------
    LabelError
        If it is one text, a set or no sequence, or a label is missing or no text.
    """
    if isinstance(values, str | bytes | set | frozenset) or not isinstance(values, Iterable):
        raise LabelError(f"{what} is {shown(values)}: give a list of labels")
    try:
        given = list(getattr(values, "values", values) if hasattr(values, "dtype") else values)
    except TypeError:  # an array without axis
        raise LabelError(f"{what} is {shown(values)}: give a list of labels") from None
    for place, label in enumerate(given, start=1):
        named = isinstance(label, str | numbers.Integral) or (
            isinstance(label, numbers.Real) and math.isfinite(label)
        )
        if not named:
            raise LabelError(f"{what} {place} is {shown(label)}: give it a name")
    return [str(label) for label in given]


def demand_mapping(value: object, what: str, of: str) -> Mapping[Any, Any]:
    """
    Demand a mapping with names as keys.

    Parameters
    ----------
    value : object
        What was given.
    what : str
        Name of the argument.
    of : str
        What it maps, for the message.

    Returns
    -------
    mapping
        The same.

    Raises
    ------
    TableError
        If it is anything else, or a key is no text.
    """
    if not isinstance(value, Mapping):
        raise TableError(f"{what} is {shown(value)}: give a mapping {of}")
    for key in value:
        if not isinstance(key, str):
            raise TableError(f"{what}: key {shown(key)}: give names")
    return value


def demand_path(value: object, what: str = "path") -> Path:
    """
    Demand a path.

    Parameters
    ----------
    value : object
        What was given.
    what : str
        Name of the argument.

    Returns
    -------
    pathlib.Path
        Whether it exists is not asked.

    Raises
    ------
    TableFileError
        If it is no text or path.
    """
    if isinstance(value, str | os.PathLike):
        path = os.fspath(value)
        if isinstance(path, str) and "\0" not in path:
            return Path(path)
    raise TableFileError(f"{what} is {shown(value)}: give the path of a file")
