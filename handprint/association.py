"""What went together with ICT in the past: evidence beside the counterfactual, not for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd

import io_tables
from handprint.alignment import ArrayInput
from handprint.decomposition import ASSOCIATION, ASSOCIATION_ZH, sda
from handprint.errors import ArgumentError
from handprint.i18n import label
from handprint.wording import number
from io_tables import IOTable

FACTORS = {
    "intensity": "factor_intensity",
    "technology, ICT rows": "factor_technology_ict_rows",
    "technology, other rows": "factor_technology_other_rows",
    "demand level": "factor_demand_level",
    "category mix": "factor_category_mix",
    "sector mix": "factor_sector_mix",
}
COLUMNS = ["from", "to", "factor", "effect", "share", "unit", "prices"]


def association(
    tables: Sequence[IOTable | str],
    *,
    ict: Sequence[str],
    satellite: str = "CO2",
    deflators: Sequence[ArrayInput | float] | Mapping[str, ArrayInput | float] | None = None,
) -> pd.DataFrame:
    """
    Share the change of emissions between years of a table among ICT inputs and other factors.

    Parameters
    ----------
    tables : sequence of IOTable or str
        Two years or more, oldest first; names of shipped tables will do.
    ict : sequence of str
        ICT sectors: their rows of A are a factor of their own.
    satellite : str
        Account that is followed.
    deflators : sequence or mapping, optional
        For each step, or by the name of the later table: price of products in the later year
        over the earlier [1], dims (sector) or one number. Without, tables stay in current
        prices, and price changes are part of the effects.

    Returns
    -------
    pandas.DataFrame
        Columns from, to, factor, effect, share (of the emissions before [1]), unit, prices
        ("current" or "deflated"). ``attrs`` carry the warning in both languages.

    Raises
    ------
    ArgumentError
        If there are fewer than two tables, or the deflators do not match the steps.
    DecompositionError
        If tables cannot be compared.

    Notes
    -----
    Structural decomposition between tables is an accounting identity. It is never called
    avoided emissions: nothing here says what would have happened without ICT.

    Examples
    --------
    >>> found = association(["china-2017-cn24", "china-2018-cn24"], ict=["ICM", "ICS"])
    >>> found.attrs["meaning"][:11]
    'Association'
    """
    given = [io_tables.load(t) if isinstance(t, str) else t for t in tables]
    if len(given) < 2 or not all(isinstance(t, IOTable) for t in given):
        raise ArgumentError("association takes two tables or more, oldest first")
    steps = list(pairwise(given))
    rows = []
    for (zero, one), prices in zip(steps, _prices(deflators, steps), strict=True):
        found = sda(zero, one, satellite=satellite, split=list(ict), deflators=prices)
        before = float(found["emissions"].isel(period=0).sum())
        for factor, effect in found["total_effect"].to_series().items():
            share = float(effect) / before
            kind = "current" if prices is None else "deflated"
            units = found["total_effect"].attrs["units"]
            rows.append((zero.name, one.name, str(factor), float(effect), share, units, kind))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame.attrs = {"meaning": ASSOCIATION, "meaning_zh": ASSOCIATION_ZH}
    return frame


def _prices(
    deflators: Sequence[ArrayInput | float] | Mapping[str, ArrayInput | float] | None,
    steps: Sequence[tuple[IOTable, IOTable]],
) -> list[ArrayInput | float | None]:
    """Deflators of each step."""
    names = [one.name for _, one in steps]
    if deflators is None:
        return [None] * len(steps)
    if isinstance(deflators, Mapping):
        if strange := [name for name in deflators if name not in names]:
            raise ArgumentError(f"deflators for {strange[0]!r}: later tables are {names}")
        return [deflators.get(name) for name in names]
    if len(deflators) != len(steps):
        raise ArgumentError(f"{len(deflators)} deflators for {len(steps)} steps between tables")
    return list(deflators)


def older_tables(name: str) -> list[str]:
    """
    Name the shipped tables of the same economy and sectors up to the year of a table.

    Parameters
    ----------
    name : str
        Shipped table such as ``china-2020-cn24``.

    Returns
    -------
    list of str
        Oldest first, the table itself the last; empty for a table that is not shipped.

    Examples
    --------
    >>> older_tables("china-2012-cn8")
    ['china-2007-cn8', 'china-2012-cn8']
    """
    shipped = io_tables.names()
    match = re.fullmatch(r"(.+-)(\d{4})(-.+)", name)
    if name not in shipped or match is None:
        return []
    same = re.compile(re.escape(match[1]) + r"(\d{4})" + re.escape(match[3]))
    years = {int(found[1]): known for known in shipped if (found := same.fullmatch(known))}
    return [years[year] for year in sorted(years) if year <= int(match[2])]


def association_rows(found: pd.DataFrame, lang: str) -> tuple[list[str], list[list[str]]]:
    """
    Lay out a decomposition for reading: a row for each step, a column for each factor.

    Parameters
    ----------
    found : pandas.DataFrame
        Outcome of :func:`association`.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    head : list of str
        Column titles.
    rows : list of list of str
        Numbers with their sign; the last column is the whole change.
    """
    factors = list(dict.fromkeys(found["factor"]))
    titles = [label(FACTORS[f], lang) for f in factors]
    head = [label("association_step", lang), *titles, label("association_all", lang)]
    rows = []
    for (zero, one), part in found.groupby(["from", "to"], sort=False):
        effects = part.set_index("factor")["effect"]
        numbers = [*(float(effects[f]) for f in factors), float(effects.sum())]
        rows.append([_step(str(zero), str(one)), *(number(v, 1, signed=True) for v in numbers)])
    return head, rows


def _step(zero: str, one: str) -> str:
    """Years where the names differ in nothing else."""
    first, second = (re.fullmatch(r"(.*?)(\d{4})(.*)", name) for name in (zero, one))
    if first and second and first.group(1, 3) == second.group(1, 3):
        return f"{first[2]}-{second[2]}"
    return f"{zero} → {one}"
