"""Runs as the table that integrated-assessment teams exchange, and such a table read back."""

from __future__ import annotations

import re
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from handprint.errors import ArgumentError, HandprintError, OptionError
from handprint.guards import PATH, TEXT, checked
from handprint.headline import TOTAL
from handprint.results import Results, write
from handprint.sums import cumulated

Form = Literal["wide", "long"]
INDEX = ["Model", "Scenario", "Region", "Variable", "Unit"]
ENDS = {"central": "", "low": "|Low", "high": "|High"}
_YEAR = re.compile(r"[12]\d{3}")


class ExchangeError(HandprintError):
    """A table of the exchange format has missing columns, repeated rows or no numbers."""


@checked(path=PATH, region=TEXT, form=TEXT)
def iamc(
    results: Results | Sequence[Results],
    path: Path | str,
    *,
    region: str = "",
    form: Form = "wide",
) -> Path:
    """
    Write runs in the format of the Integrated Assessment Modeling Consortium.

    Parameters
    ----------
    results : Results or sequence of Results
        One run or more.
    path : path
        File to write, ``.csv`` or ``.xlsx``; an existing one is replaced.
    region : str
        Name of the economy; by default China where the table is a shipped one of China.
    form : {"wide", "long"}
        A column for each year, or one row for each value.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ExchangeError
        If no region is given for another table, or the runs repeat a scenario.
    OptionError
        If the ending of the file or the form is unknown.
    """
    frame = iamc_frame(results, region=region)
    path = Path(path)
    if form not in ("wide", "long"):
        raise OptionError(f"form is {form!r}: give 'wide' or 'long'")
    if form == "long":
        frame = _long(frame)
    if path.suffix == ".csv":
        write(path, frame.to_csv(index=False, lineterminator="\n"))
    elif path.suffix == ".xlsx":
        part = path.with_name(f".{path.stem}.part.xlsx")
        try:
            frame.to_excel(part, sheet_name="data", index=False, engine="xlsxwriter")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    else:
        raise OptionError(f"{path}: write .csv or .xlsx, not {path.suffix or 'no ending'!r}")
    return path


def iamc_frame(results: Results | Sequence[Results], *, region: str = "") -> pd.DataFrame:
    """
    Lay out runs with a row for each variable and a column for each year.

    Parameters
    ----------
    results : Results or sequence of Results
        One run or more.
    region : str
        Name of the economy; by default China where the table is a shipped one of China.

    Returns
    -------
    pandas.DataFrame
        Columns Model, Scenario, Region, Variable, Unit and the years. A cumulated variable
        has a value in the last year alone; a ratio none in years without footprint.

    Raises
    ------
    ExchangeError
        If no region is given for another table, or the runs repeat a scenario.
    """
    runs = [results] if isinstance(results, Results) else list(results)
    if not runs or not all(isinstance(r, Results) for r in runs):
        raise ArgumentError("iamc takes results of handprint.run, one or more")
    rows = [row for run in runs for row in _rows(run, region or _region(run))]
    frame = pd.DataFrame(rows)
    years = sorted(c for c in frame.columns if c not in INDEX)
    frame = frame[INDEX + years].rename(columns={y: str(y) for y in years})
    return validated(frame, "these runs")


@checked(path=PATH)
def read_iamc(path: Path | str) -> pd.DataFrame:
    """
    Read a file of the exchange format, wide or long.

    Parameters
    ----------
    path : path
        ``.csv`` or ``.xlsx``.

    Returns
    -------
    pandas.DataFrame
        Columns Model, Scenario, Region, Variable, Unit, Year (whole) and Value.

    Raises
    ------
    ExchangeError
        If columns are missing, a row occurs twice, a unit changes within a variable, or a
        value is no number.
    """
    path = Path(path)
    try:
        frame = (
            pd.read_excel(path, engine="openpyxl") if path.suffix == ".xlsx" else pd.read_csv(path)
        )
    except FileNotFoundError:
        raise ExchangeError(f"{path}: no such file") from None
    except (ValueError, zipfile.BadZipFile) as err:
        raise ExchangeError(f"{path}: cannot be read as a table: {err}") from err
    # Spelling of the columns varies: "model" and "Model" are the same.
    frame.columns = [c.capitalize() if isinstance(c, str) else str(c) for c in frame.columns]
    if {"Year", "Value"} <= set(frame.columns):
        if repeated := frame.duplicated([c for c in frame.columns if c != "Value"]).sum():
            raise ExchangeError(f"{path}: {repeated} rows occur twice")
        keys = [c for c in INDEX if c in frame.columns]
        wide = frame.set_index([*keys, "Year"])["Value"].unstack("Year")  # noqa: PD010
        frame = wide.reset_index().rename(columns=str).rename_axis(columns=None)
    return _long(validated(frame, str(path)))


def validated(frame: pd.DataFrame, place: str) -> pd.DataFrame:
    """
    Check the structure of a wide table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns Model, Scenario, Region, Variable, Unit and years.
    place : str
        Named in errors.

    Returns
    -------
    pandas.DataFrame
        The same.

    Raises
    ------
    ExchangeError
        With all that is wrong.
    """
    problems = [f"no column {c!r}" for c in INDEX if c not in frame.columns]
    years = [c for c in frame.columns if c not in INDEX]
    problems += [f"column {c!r} is no year" for c in years if not _YEAR.fullmatch(str(c))]
    if not years:
        problems.append("no column of a year")
    if not problems:
        empty = [c for c in INDEX if frame[c].isna().any()]
        problems += [f"column {c!r} has empty cells" for c in empty]
        keys = INDEX[:4]
        twice = frame.loc[frame.duplicated(keys), keys].astype(str)
        problems += [f"row occurs twice: {' / '.join(row)}" for row in twice.values.tolist()]
        units = frame.groupby("Variable")["Unit"].nunique()
        problems += [f"{name}: several units" for name in units[units > 1].index]
        for year in years:
            numbers = pd.to_numeric(frame[year], errors="coerce")
            bad = frame.loc[(numbers.isna() & frame[year].notna()) | np.isinf(numbers), "Variable"]
            problems += [f"{name}, {year}: no number" for name in bad]
    if problems:
        raise ExchangeError(f"{place}: not the exchange format:\n  " + "\n  ".join(problems))
    return frame


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each value."""
    found = frame.melt(id_vars=INDEX, var_name="Year", value_name="Value").dropna(subset="Value")
    found["Year"] = found["Year"].astype(int)
    return found.sort_values([*INDEX, "Year"], ignore_index=True)


@cache
def _tree() -> dict[str, Any]:
    text = (resources.files("handprint") / "data" / "iamc.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _region(run: Results) -> str:
    """Region of a shipped table."""
    if run.record.table.startswith("china-"):
        return "China"
    raise ExchangeError(
        f"the region of table {run.record.table!r} is not known: give region=..., or --region"
    )


def _rows(run: Results, region: str) -> Iterator[dict[str, object]]:
    """Rows of one run: annual, then cumulated."""
    head = {"Model": f"handprint {version('handprint')}", "Scenario": run.scenario.name,
            "Region": region}  # fmt: skip
    for data in (run.indicators, run.ratios):
        for quantity, array in data.data_vars.items():
            name = _tree()["annual"][quantity]
            units = _annual(array.attrs["units"], data is run.ratios)
            for sector in array["sector"].values:
                for estimate, end in ENDS.items():
                    values = array.sel(sector=sector, estimate=estimate).to_series()
                    path = {str(y): float(v) for y, v in values.items() if np.isfinite(v)}
                    variable = name + _branch(str(sector)) + end
                    yield {**head, "Variable": variable, "Unit": units, **path}
    prefix, last = _tree()["cumulative"]["prefix"], str(run.scenario.end_year)
    for quantity, array in cumulated(run.indicators).data_vars.items():
        name = _tree()["annual"][quantity]
        for sector in array["sector"].values:
            for estimate, end in ENDS.items():
                variable = f"{prefix}|{name}{_branch(str(sector))}{end}"
                value = float(array.sel(sector=sector, estimate=estimate))
                yield {**head, "Variable": variable, "Unit": array.attrs["units"], last: value}


def _annual(units: str, ratio: bool) -> str:
    """Unit of a yearly flow; a ratio is none."""
    return units if ratio else f"{units}/yr"


def _branch(sector: str) -> str:
    return "" if sector == TOTAL else f"|{sector.replace('_', ' ').title()}"
