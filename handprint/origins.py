"""Where the numbers of scenarios and sector models come from, in words."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

import sector_models
from handprint.errors import ScenarioError
from handprint.explanation import Corners, Term
from handprint.projection import ESTIMATES
from handprint.records import AdoptionGoal, Driver, Observation, Point, Scale, Share
from handprint.scenario import sources as driver_sources
from sector_models import Parameter, Source


def corners_of(array: xr.DataArray) -> Corners:
    """
    Take low, central and high.

    Parameters
    ----------
    array : xarray.DataArray
        One number, or dims (estimate).

    Returns
    -------
    tuple of float
        Thrice the same for one number.
    """
    if "estimate" not in array.dims:
        return (float(array),) * 3
    low, central, high = (float(array.sel(estimate=e)) for e in ESTIMATES)
    return low, central, high


def input_term(symbol: str, name: str, parameter: Parameter, own: Mapping[str, Source]) -> Term:
    """
    Show a parameter with its origin.

    Parameters
    ----------
    symbol, name : str
        How it is called.
    parameter : Parameter
        Value, range, status, sources.
    own : Mapping of str to Source
        Sources beside the shipped ones.

    Returns
    -------
    Term
        An input.
    """
    origin = {
        "status": parameter.status,
        "year": str(parameter.year),
        "note": parameter.note or "",
        "sources": cited(parameter.source, own),
    }
    values = (parameter.low, parameter.value, parameter.high)
    return Term(symbol, name, values, parameter.units, origin=origin)


def stated(
    record: AdoptionGoal | Share | Scale | Point | Observation,
    year: int,
    own: Mapping[str, Source],
    note: str = "",
) -> dict[str, str]:
    """
    Say where a number of a scenario comes from.

    Parameters
    ----------
    record : AdoptionGoal, Share, Scale, Point or Observation
        With status, source and note.
    year : int
        Year it is for.
    own : Mapping of str to Source
        Sources beside the shipped ones.
    note : str
        Put before its own.

    Returns
    -------
    dict of str to str
        Status, year, note, sources.
    """
    return {
        "status": record.status,
        "year": str(year),
        "note": note + record.note,
        "sources": cited((record.source,), own),
    }


def driver_said(driver: Driver, year: int, own: Mapping[str, Source]) -> dict[str, str]:
    """
    Say where a driver's value of one year comes from.

    Parameters
    ----------
    driver : Driver
        Stated at points.
    year : int
        Within them.
    own : Mapping of str to Source
        Sources beside the shipped ones.

    Returns
    -------
    dict of str to str
        Status, year, note and sources of the point, or of those around it.
    """
    before = max((p for p in driver.points if p.year <= year), key=lambda p: p.year)
    after = min((p for p in driver.points if p.year >= year), key=lambda p: p.year)
    between = "" if after.year == year else f"between {before.year} and {after.year}: "
    keys = tuple(dict.fromkeys((before.source, after.source)))
    return {**stated(after, after.year, own, between), "sources": cited(keys, own)}


def cited(keys: tuple[str, ...], own: Mapping[str, Source]) -> str:
    """
    Put sources into words: title, publisher, year, place.

    Parameters
    ----------
    keys : tuple of str
        Of sources.
    own : Mapping of str to Source
        Sources beside the shipped ones.

    Returns
    -------
    str
        One after another.

    Raises
    ------
    ScenarioError
        If a key has no entry.
    """
    shipped, found = {**sector_models.sources(), **own}, []
    for key in keys:
        if key in shipped:
            source = shipped[key]
            found.append(f"{source.title} ({source.publisher}, {source.year}; {source.place})")
        elif key in driver_sources():
            entry = driver_sources()[key]
            place = f"; {entry['url']}" if "url" in entry else ""
            found.append(f"{entry['title']} ({entry['publisher']}, {entry['year']}{place})")
        else:
            raise ScenarioError(f"source {key!r} has no entry")
    return " | ".join(found)
