"""Numbers and names as people read them: in figures and on pages, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

import sector_models
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.scenario import Scenario

MINUS = "\u2212"


def number(value: float, digits: int | None = None, *, signed: bool = False) -> str:
    """
    Write a number in as many digits as it deserves.

    Parameters
    ----------
    value : float
        Number.
    digits : int, optional
        Digits after the point; by default none from 100 on, otherwise one.
    signed : bool
        Whether a plus is written.

    Returns
    -------
    str
        With thousands separated and a true minus; zero has no sign.

    Examples
    --------
    >>> number(1219.47), number(9.96), number(109.0, signed=True)
    ('1,219', '10.0', '+109')
    """
    if digits is None:
        digits = precision([value])
    text = f"{abs(value):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + text


def numbers(values: Iterable[float]) -> list[str]:
    """
    Write numbers that are read together, all with the digits of the largest.

    Parameters
    ----------
    values : iterable of float
        Numbers.

    Returns
    -------
    list of str
        In the same order.

    Examples
    --------
    >>> numbers([7.1, 47.93, 354.8])
    ['7', '48', '355']
    """
    found = list(values)
    digits = precision(found)
    return [number(v, digits) for v in found]


def precision(values: Iterable[float]) -> int:
    """
    Say how many digits after the point a set of numbers deserves.

    Parameters
    ----------
    values : iterable of float
        Numbers.

    Returns
    -------
    int
        None from 100 on, otherwise one.

    Examples
    --------
    >>> precision([3.2, 99.96]), precision([3.2])
    (0, 1)
    """
    return 0 if max(map(abs, values), default=0.0) >= 99.95 else 1


def corners(cell: xr.DataArray) -> tuple[float, float, float]:
    """
    Take low, central and high out of an array.

    Parameters
    ----------
    cell : xarray.DataArray
        Dims (estimate).

    Returns
    -------
    tuple of float
        Low, central, high.
    """
    low, central, high = (float(cell.sel(estimate=e)) for e in ("low", "central", "high"))
    return low, central, high


def span(cell: xr.DataArray, lang: str = "en", digits: int | None = None) -> str:
    """
    Write the range of an amount in words.

    Parameters
    ----------
    cell : xarray.DataArray
        Dims (estimate).
    lang : {"en", "zh"}
        Language.
    digits : int, optional
        Digits after the point.

    Returns
    -------
    str
        For example ``63 to 1,850``, the smaller number first.
    """
    values = corners(cell)
    if digits is None:
        digits = precision(values)
    return label("span", lang, low=number(min(values), digits), high=number(max(values), digits))


ROLLUPS = ("power", "industry", "transport", "buildings")  # with short names in the labels


def sector_name(sector: str, lang: str = "en") -> str:
    """
    Name a sector model.

    Parameters
    ----------
    sector : str
        Key.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        A user's own model is shown under its key.

    Examples
    --------
    >>> sector_name("power", "zh"), sector_name("my steel.toml")
    ('电力', 'my steel.toml')
    """
    if sector == TOTAL or sector in ROLLUPS:
        return label(sector, lang)
    if sector not in sector_models.names():
        return sector
    model = sector_models.load(sector)
    return model.title_zh if lang == "zh" else model.title


def scenario_name(scenario: Scenario, lang: str = "en") -> str:
    """
    Name a scenario in few words.

    Parameters
    ----------
    scenario : Scenario
        Any.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        The name; in Chinese the title as far as its colon.

    Examples
    --------
    >>> from handprint.scenario import load_scenario
    >>> scenario_name(load_scenario("current-policy"), "zh")
    '现行政策'
    """
    if lang != "zh":
        return scenario.name
    return scenario.title_zh.replace("\uff1a", ":").split(":")[0]
