"""What a unit amounts to, as far as it can be read: money by currency, mass in tonnes."""

from __future__ import annotations

import re
from types import MappingProxyType

CURRENCIES = MappingProxyType(
    {
        "CNY": ("cny", "rmb", "yuan", "元", "人民币"),
        "USD": ("usd", "us$", "us dollar", "dollar", "美元"),
        "EUR": ("eur", "euro", "欧元"),
        "GBP": ("gbp", "pound", "英镑"),
        "JPY": ("jpy", "yen", "日元"),
        "INR": ("inr", "rupee"),
        "KRW": ("krw", "won", "韩元"),
    }
)
WORDS = MappingProxyType(
    {
        "thousand": 1e3, "thsd": 1e3, "million": 1e6, "millions": 1e6, "mio": 1e6, "mn": 1e6,
        "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12,
    }
)  # fmt: skip
HANZI = MappingProxyType({"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8})
TONNES = MappingProxyType(
    {"g": 1e-6, "kg": 1e-3, "t": 1.0, "kt": 1e3, "gg": 1e3, "mt": 1e6, "tg": 1e6, "gt": 1e9,
     "pg": 1e9}
)  # fmt: skip
WORLD_OUTPUT = MappingProxyType(  # a ceiling: more than the gross output of the whole world
    {"USD": 5e14, "EUR": 5e14, "GBP": 4e14, "CNY": 4e15, "JPY": 8e16, "INR": 5e16, "KRW": 8e17}
)
WORLD_GAS = 1e11  # t CO2e a year, twice what the world emits
_POWER = re.compile(r"(?:1?0\s*\^|1e|10\*\*)\s*(\d{1,2})")
_LARGEST = 40


def money(unit: str) -> tuple[float, str] | None:
    """
    Read a monetary unit.

    Parameters
    ----------
    unit : str
        For example ``"10^4 CNY"``, ``"million USD"``, ``"亿元"``.

    Returns
    -------
    tuple of float and str, or None
        Factor and currency; None when either cannot be read.

    Examples
    --------
    >>> money("10^4 CNY") == money("万元") == (1e4, "CNY")
    True
    >>> money("units of account") is None
    True
    """
    text = unit.strip().casefold()
    found = [(len(w), c) for c, words in CURRENCIES.items() for w in words if w in text]
    return (_factor(text), max(found)[1]) if found else None  # the longest: 美元 holds 元


def _factor(text: str) -> float:
    """Read the number before a unit."""
    power = _POWER.search(text)
    if power:
        return 10.0 ** min(int(power[1]), _LARGEST)
    factor = 1.0
    for sign in re.findall("[十百千万亿]", text):
        factor *= HANZI[sign]
    for word in re.findall(r"[a-z]+", text):
        factor *= WORDS.get(word, 1.0)
    return factor


def tonnes(unit: str) -> float | None:
    """
    Read a unit of mass.

    Parameters
    ----------
    unit : str
        For example ``"Mt"``, ``"kt CO2"``, ``"万吨"``.

    Returns
    -------
    float or None
        Tonnes in one unit; None when it is no mass.

    Examples
    --------
    >>> tonnes("Mt CO2"), tonnes("万吨"), tonnes("TWh")
    (1000000.0, 10000.0, None)
    """
    text = unit.strip()
    if "吨" in text:
        return _factor(text)
    head = re.match(r"(?:(?:10\^|1e)(\d{1,2})\s*)?([A-Za-z]+)(?:\s|$)", text)
    if head is None or head[2].casefold() not in TONNES:
        return None
    return 10.0 ** min(int(head[1] or 0), _LARGEST) * TONNES[head[2].casefold()]


def ratio(unit: str, other: str) -> float | None:
    """
    Tell how many of another unit make one of this.

    Parameters
    ----------
    unit, other : str
        Units.

    Returns
    -------
    float or None
        None when they cannot be compared.

    Examples
    --------
    >>> ratio("10^8 CNY", "10^4 CNY"), ratio("Mt", "kt"), ratio("USD", "CNY")
    (10000.0, 1000.0, None)
    """
    if unit.strip() == other.strip():
        return 1.0
    mine, yours = money(unit), money(other)
    if mine and yours:
        return mine[0] / yours[0] if mine[1] == yours[1] else None
    mass, base = tonnes(unit), tonnes(other)
    return mass / base if mass and base else None
