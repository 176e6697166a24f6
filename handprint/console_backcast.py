"""What a terminal and a CSV file show of a back-cast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import xarray as xr
from rich.console import Console

import io_tables
from handprint.backcast import START
from handprint.console import _console, _table
from handprint.errors import ArgumentError
from handprint.headline import TOTAL
from handprint.i18n import check_language, label
from handprint.wording import number
from io_tables.cells import existing

COLUMNS = ["base", "actual", "rung", "sector", "quantity", "value", "unit"]
SHOWN = ("total_error", "wape", "mix_error")


def all_rows(found: Sequence[xr.Dataset]) -> pd.DataFrame:
    """
    Lay out every number of some back-casts, one in each row.

    Parameters
    ----------
    found : sequence of xarray.Dataset
        As :func:`handprint.backcast` returns them.

    Returns
    -------
    pandas.DataFrame
        Columns base, actual, rung, sector, quantity, value, unit. What is known stands on rung
        "actual", sums on sector "total", a contribution on the rung that brings it.
    """
    return pd.DataFrame([row for one in found for row in _rows(one)], columns=COLUMNS)


def _rows(found: xr.Dataset) -> Iterator[tuple[object, ...]]:
    """Rows of one back-cast."""
    tables = (found.attrs["base"], found.attrs["actual"])
    for name, array in found.data_vars.items():
        quantity = str(name).removesuffix("_actual")
        for index, value in array.to_series().items():
            at = dict(zip(array.dims, index if isinstance(index, tuple) else (index,), strict=True))
            rung = at.get("rung", at.get("known", "actual"))
            sector = at.get("sector", TOTAL)
            yield *tables, rung, sector, quantity, float(value), array.attrs["units"]


def print_backcast(found: xr.Dataset, lang: str = "en", console: Console | None = None) -> None:
    """
    Print the ladder of one back-cast with what has to be said about it.

    Parameters
    ----------
    found : xarray.Dataset
        As :func:`handprint.backcast` returns it.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    about = found.attrs
    years = {"base": about["base"], "actual": about["actual"], "year": about["actual_year"]}
    table = _table(label("backcast_title", lang, satellite=about["satellite"], **years))
    table.add_column(label("backcast_rung", lang))
    names = [f"{what}_{measure}" for what in ("output", "emissions") for measure in SHOWN]
    names.insert(len(SHOWN), "transactions_stpe")
    for name in names:
        table.add_column(label(f"backcast_{name}", lang), justify="right")
    table.add_column(label("backcast_contribution", lang), justify="right")
    for rung in found["rung"].values.tolist():
        signs = {name: name.endswith("total_error") for name in names}
        cells = [number(float(found[n].sel(rung=rung)), 1, signed=s) for n, s in signs.items()]
        gain = ""
        if rung not in START:
            gain = number(float(found["emissions_contribution"].sel(known=rung)), 1, signed=True)
        table.add_row(label(f"rung_{rung}", lang), *cells, gain)
    out.print(table)
    out.print(about["note_zh" if lang == "zh" else "note"])
    out.print(label("backcast_order", lang))
    for name in (about["base"], about["actual"]):
        if _derived(name, about["satellite"]):
            out.print(label("backcast_derived", lang, satellite=about["satellite"], table=name))


def _derived(name: str, satellite: str) -> bool:
    """Tell whether an account of a shipped table is no published inventory."""
    if name not in io_tables.names():
        return False
    account = io_tables.describe(name).satellites.get(satellite)
    return account is not None and account.status != "published"


def read_deflator(path: Path) -> dict[str, float]:
    """
    Read prices by sector.

    Parameters
    ----------
    path : pathlib.Path
        CSV with columns sector and deflator.

    Returns
    -------
    dict of str to float
        Sector -> later price over earlier price [1].

    Raises
    ------
    TableFileError
        If there is no such file.
    ArgumentError
        If it is no such CSV, a sector stands there twice, or a price is no number.
    """
    try:
        frame = pd.read_csv(existing(path), dtype={"sector": str}, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ArgumentError(f"{path}: not a CSV in UTF-8: {error}") from error
    if not {"sector", "deflator"} <= set(frame.columns):
        raise ArgumentError(
            f"{path}: columns are {list(frame.columns)}, needed 'sector' and 'deflator'"
        )
    twice = frame["sector"][frame["sector"].duplicated()].unique().tolist()
    if twice:
        raise ArgumentError(f"{path}: sector {twice[0]!r} stands there twice: keep one row")
    values = pd.to_numeric(frame["deflator"], errors="coerce")
    if values.isna().any():
        row = frame[values.isna()].iloc[0]
        raise ArgumentError(
            f"{path}: deflator of {row['sector']!r} is {row['deflator']!r}, needed a number"
        )
    return dict(zip(frame["sector"], values.astype(float), strict=True))
