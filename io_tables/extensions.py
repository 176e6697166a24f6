"""Rows of pymrio extensions as accounts by sector: chosen, added up, converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from io_tables.errors import LabelError, MissingValueError, UnitError, did_you_mean
from io_tables.quantities import conversion

Array = npt.NDArray[np.float64]
BY_CATEGORY = "direct {name}"
"""Coordinate of final demand that holds the direct amounts of each category."""


@dataclass(frozen=True)
class Account:
    """
    Which rows of an extension make up an account, and its unit.

    Parameters
    ----------
    extension : str
        Name of the extension in the system.
    rows : str, tuple or list, optional
        First label of a row, its full key, or several rows to be added up; None for all.
    units : str, optional
        Unit wanted; default the extension's own.
    factor : float, optional
        What the numbers are multiplied with; default by the table of units.
    """

    extension: str
    rows: Any = None
    units: str | None = None
    factor: float | None = None

    def __post_init__(self) -> None:
        """Refuse a factor that leads to no stated unit."""
        if self.factor is not None and not (self.units and np.isfinite(self.factor)):
            raise UnitError(f"factor {self.factor}: give a finite factor and the unit it leads to")

    @classmethod
    def of(cls, given: Account | tuple[Any, ...]) -> Account:
        """
        Read (extension, row), (extension, row, unit) or (extension, row, (factor, unit)).

        Parameters
        ----------
        given : Account or tuple
            As the user writes it.

        Returns
        -------
        Account
            The same.

        Raises
        ------
        LabelError
            If it is none of these.
        """
        if isinstance(given, Account):
            return given
        if not isinstance(given, tuple) or len(given) not in (2, 3):
            raise LabelError(
                f"{given!r}: give (extension, row), (extension, row, unit) or "
                "(extension, row, (factor, unit))"
            )
        extension, rows, *rest = given
        if not rest or isinstance(rest[0], str):
            return cls(str(extension), rows, *rest)
        factor, units = rest[0]
        return cls(str(extension), rows, str(units), float(factor))


@dataclass(frozen=True)
class Taken:
    """
    What was taken from an extension.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows, as they are, in the order of the sectors.
    by_sector : numpy.ndarray
        Their sum in the unit wanted.
    by_category : numpy.ndarray or None
        Direct amounts of final demand, where the extension has them.
    units : str
        Unit.
    """

    rows: pd.DataFrame
    by_sector: Array
    by_category: Array | None
    units: str


def taken(
    system: Any,
    name: str,
    account: Account,
    labels: Sequence[str],
    categories: Sequence[str] | None,
    x: Array,
    steps: list[str],
) -> Taken:
    """
    Take an account out of a pymrio system.

    Parameters
    ----------
    system : pymrio.IOSystem
        With the extension.
    name : str
        Name of the account, for messages.
    account : Account
        Which rows.
    labels, categories : sequence of str
        Sectors and categories of the table; no categories, no direct amounts.
    x : numpy.ndarray
        Output, by sector.
    steps : list of str
        History, added to.

    Returns
    -------
    Taken
        Rows, sums and unit.

    Raises
    ------
    LabelError
        If the extension, a row, or a column of the table is not there.
    MissingValueError
        If the extension has neither F nor S, or a cell is missing.
    UnitError
        If the rows have no unit or several, or theirs cannot be converted.
    """
    known = [str(e) for e in system.get_extensions()]
    if account.extension not in known:
        hint = did_you_mean(account.extension, known) if known else "it has none"
        raise LabelError(f"{name}: no extension {account.extension!r}; {hint}")
    extension = getattr(system, account.extension)
    where = f"{name}, extension {account.extension}"
    frame = getattr(extension, "F", None)
    if frame is None:
        share = getattr(extension, "S", None)
        if share is None:
            raise MissingValueError(f"{where} has neither F nor S")
        frame = _ordered(share, labels, f"{where}, S", steps) * x[None, :]
        steps.append(f"{where}: F computed as S times x")
    keys = _keys(frame.index, account.rows, where)
    rows = _ordered(frame.loc[keys], labels, f"{where}, F", steps)
    units, factor = _converted(getattr(extension, "unit", None), keys, account, where)
    direct = getattr(extension, "F_Y", None) if categories is not None else None
    by_category = None
    if direct is not None and categories is not None:
        lost = [k for k in keys if k not in direct.index]
        if len(lost) == len(keys):
            steps.append(f"{where}: F_Y has none of these rows")
        elif lost:
            raise LabelError(f"{where}: F_Y lacks {lost[:3]}: no row is taken for zero")
        else:
            own = _ordered(direct.loc[keys], categories, f"{where}, F_Y", steps)
            by_category = own.to_numpy(float).sum(axis=0) * factor
            if not np.isfinite(by_category).all():
                at = categories[int(np.flatnonzero(~np.isfinite(by_category))[0])]
                raise MissingValueError(f"{where}: a cell of F_Y is missing in column {at}")
    if factor != 1.0:
        steps.append(f"{where}: times {factor:g} to {units}")
    return Taken(rows, rows.to_numpy(float).sum(axis=0) * factor, by_category, units)


def two_levels(index: pd.Index, what: str) -> tuple[list[str], list[str]]:
    """
    Split labels into region and name.

    Parameters
    ----------
    index : pandas.Index
        Rows or columns of a table.
    what : str
        Name for messages.

    Returns
    -------
    tuple of list of str
        Regions and names, one for each label.

    Raises
    ------
    LabelError
        If the index has not two levels, or a region has a colon in its name.
    """
    if index.nlevels != 2:
        raise LabelError(
            f"labels of {what} have {index.nlevels} levels ({', '.join(map(str, index.names))}): "
            "two are needed, region and name; units belong into a frame of their own"
        )
    regions, names = ([str(v) for v in index.get_level_values(i)] for i in (0, 1))
    odd = next((r for r in regions if ":" in r), None)
    if odd is not None:
        raise LabelError(f"region {odd!r} has a colon in its name: rename it")
    return regions, names


def joined(regions: Sequence[str], names: Sequence[str]) -> list[str]:
    """
    Join region and name.

    Parameters
    ----------
    regions, names : sequence of str
        One for each label.

    Returns
    -------
    list of str
        ``region:name``.
    """
    return [f"{r}:{n}" for r, n in zip(regions, names, strict=True)]


def unit_of_rows(frame: pd.DataFrame | None, labels: Sequence[str], said: str | None) -> str:
    """
    Find the one monetary unit of a table.

    Parameters
    ----------
    frame : pandas.DataFrame, optional
        Unit of each row.
    labels : sequence of str
        Rows of the table.
    said : str, optional
        What the user says.

    Returns
    -------
    str
        The unit.

    Raises
    ------
    UnitError
        If there is none, several, or another one than said.
    LabelError
        If the units belong to other rows.
    """
    if frame is None:
        if said is None:
            raise UnitError("the system states no unit: give units=")
        return said
    if joined(*two_levels(frame.index, "the units")) != list(labels):
        raise LabelError("the units do not carry the labels of the rows of Z")
    count = frame["unit"].astype(str).str.strip().value_counts()
    if len(count) != 1:
        listed = ", ".join(f"{unit} ({n} rows)" for unit, n in count.items())
        raise UnitError(
            f"rows of Z are in several units: {listed}: a table of mixed units has no output to "
            "add up; convert the rows, or leave the physical ones out"
        )
    unit = str(count.index[0])
    if said not in (None, unit):
        raise UnitError(f"the system is in {unit!r}, not in {said!r}")
    return unit


def _keys(index: pd.Index, rows: Any, where: str) -> list[Any]:
    """Full keys of the rows chosen."""
    if rows is None:
        return list(index)
    if isinstance(rows, list):
        keys = [key for row in rows for key in _keys(index, row, where)]
        if len(set(keys)) < len(keys) or not keys:
            raise LabelError(f"{where}: rows {rows} are empty or name one twice")
        return keys
    if rows in set(index):
        return [rows]
    first = [str(k[0]) if isinstance(k, tuple) else str(k) for k in index]
    found = [k for k, label in zip(index, first, strict=True) if label == str(rows)]
    if len(found) == 1:
        return found
    if found:
        raise LabelError(
            f"{where}: {len(found)} rows are called {rows!r}: name one by its full key, "
            f"{', '.join(map(repr, found[:4]))}, or give a list to add them up"
        )
    raise LabelError(f"{where}: no row {rows!r}; {did_you_mean(rows, dict.fromkeys(first))}")


def _ordered(
    frame: pd.DataFrame, labels: Sequence[str], what: str, steps: list[str]
) -> pd.DataFrame:
    """Columns by label in the order of the table; a set of other labels is refused."""
    own = joined(*two_levels(frame.columns, f"columns of {what}"))
    if own == list(labels):
        return frame
    missing, unknown = sorted({*labels} - {*own}), sorted({*own} - {*labels})
    if missing or unknown or len(own) != len(labels):
        raise LabelError(f"{what}: columns missing {missing[:3]}, unknown {unknown[:3]}")
    steps.append(f"{what}: columns put in the order of the table by their labels")
    place = {label: i for i, label in enumerate(own)}
    return frame.iloc[:, [place[label] for label in labels]]


def _converted(
    frame: pd.DataFrame | None, keys: list[Any], account: Account, where: str
) -> tuple[str, float]:
    """Unit of the account and the factor to it."""
    wanted = account.units
    if wanted is not None and account.factor is not None:
        return wanted, account.factor
    lost = "all" if frame is None else ", ".join(repr(k) for k in keys if k not in frame.index)
    if frame is None or lost:
        raise UnitError(f"{where} states no unit of {lost}: give (factor, unit)")
    stated = sorted({str(u).strip() for u in frame.loc[keys, "unit"]})
    if len(stated) != 1:
        raise UnitError(f"{where}: rows are in several units: {', '.join(stated)}")
    if wanted is None or wanted == stated[0]:
        return stated[0], 1.0
    try:
        return wanted, conversion(stated[0], wanted)
    except UnitError as error:
        raise UnitError(f"{where}: {error}; or give (factor, {wanted!r})") from None
