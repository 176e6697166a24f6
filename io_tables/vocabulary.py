"""Words that statistics offices use for the parts of a table, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from io_tables.table import EXPORTS, IMPORTED_INPUTS, IMPORTS, PRODUCT_TAXES

ERRORS = "errors"


def _made(words: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern, re.IGNORECASE), name) for pattern, name in words.items()]


TOTAL = re.compile(r"合计|小计|总计|总和|\btotals?\b|\bsum\b|subtotal|^tot$|_total|total_", re.I)
OUTPUT = re.compile(
    r"总产出|总投入|(?:gross|total) (?:out|in)put|^output|output_bp|^GO$|^TI$|^X$|\boutput\b",
    re.I,
)
CATEGORIES = _made(
    {
        r"农村居民|rural|^FU101$": "rural households",
        r"城镇居民|城市居民|urban|^FU102$": "urban households",
        r"non.?profit|npish|为居民服务|^CONS_np$": "non-profit institutions",
        r"居民|household|private|^CONS_h$|^HFCE$|\bPCE\b": "households",
        r"政府|government|^CONS_g$|^GGFC$|^FU103$": "government",
        r"固定资(?:本|产)|fixed capital|capital formation|investment|GFCF|^FU201$": "fixed capital",
        r"存货|库存|inventor|stock|^INVEN$|^INVNT$|^FU202$": "inventories",
        r"出口|export|^EXP?O?$": EXPORTS,
        r"进口|import|^IMP?O?$": IMPORTS,
        r"误差|其他$|\berrors?\b|discrepan|statistical difference|^ERR$": ERRORS,
        r"最终消费|final consumption|^TC$": "final consumption",
        r"最终使用|最终需求|final demand|final use": "final demand",
    }
)
COMPONENTS = _made(
    {
        r"劳动者报酬|compensation|wages|labou?r|^VA001$|D\.?1\b": "compensation of employees",
        r"生产税|taxes.*production|net.*tax.*production|^VA002$": "net taxes on production",
        r"折旧|depreciation|consumption of fixed|^VA003$": "depreciation",
        r"营业盈余|surplus|profit|^VA004$": "operating surplus",
        r"taxes.*products|product tax|产品税|subsidies on|^TXS|net_tax": PRODUCT_TAXES,
        r"进口|import": IMPORTED_INPUTS,
        r"增加值|value.?added|^VALU$|^VA$": "value added",
    }
)
ACCOUNTS = _made(
    {
        r"CO2|二氧化碳|carbon": "CO2",
        r"energy use|能源消费": "energy",
        r"(?<!of )employment|就业|jobs|^EMP": "employment",
    }
)
PRODUCT = _made({r"(?:taxes|subsidies).* on products|产品税": PRODUCT_TAXES})
UNITS = {
    r"万\s*元": "10^4 CNY",
    r"百\s*万\s*元": "10^6 CNY",
    r"亿\s*元": "10^8 CNY",
    r"10,?000 yuan|ten thousand yuan": "10^4 CNY",
    r"100 million yuan": "10^8 CNY",
}
_MONEY = {
    r"US\s*\$|US dollars?|USD|\bdollars?\b|美元": "USD",
    r"EUR|€|euros?|欧元": "EUR",
    r"CNY|RMB|yuan|人民币": "CNY",
    r"JPY|yen|日元": "JPY",
    r"GBP|£|pounds?": "GBP",
}
_SCALES = {r"million|mill?\.?|mn|百万": "10^6", r"billion|bn|十亿": "10^9", r"thousand": "10^3"}
PRICES = {
    r"生产者价格|producers?'? prices": "producers' prices",
    r"基本价格|basic prices": "basic prices",
    r"购买者价格|purchasers?'? prices": "purchasers' prices",
}
CURRENT = re.compile(r"当年|现价|current", re.I)
CONSTANT = re.compile(r"不变价|可比价|constant|previous year", re.I)


def named(texts: Iterable[str], words: list[tuple[re.Pattern[str], str]]) -> str | None:
    """
    Name what a heading speaks of.

    Parameters
    ----------
    texts : iterable of str
        Parts of the heading, the closest first.
    words : list
        One of the vocabularies of this module.

    Returns
    -------
    str or None
        The usual name.
    """
    for text in texts:
        for pattern, name in words:
            if pattern.search(text):
                return name
    return None


def units_in(texts: Iterable[str]) -> tuple[str, str] | None:
    """
    Find a monetary unit.

    Parameters
    ----------
    texts : iterable of str
        Titles and notes of a sheet.

    Returns
    -------
    tuple of str, or None
        The unit, and the text it stands in.

    Examples
    --------
    >>> units_in(["2017年中国投入产出表", "单位：万元"])
    ('10^4 CNY', '单位：万元')
    >>> units_in(["Table 15.4, million euro"])
    ('10^6 EUR', 'Table 15.4, million euro')
    """
    for text in texts:
        for pattern, unit in UNITS.items():
            if re.search(rf"(?<!百){pattern}" if pattern.startswith("万") else pattern, text, re.I):
                return unit, text
        money = next((m for p, m in _MONEY.items() if re.search(rf"(?i){p}", text)), None)
        scale = next((s for p, s in _SCALES.items() if re.search(rf"(?i)(?:{p})\b", text)), None)
        if money and scale:
            return f"{scale} {money}", text
    return None


def prices_in(texts: Iterable[str], year: int | None) -> tuple[str, str] | None:
    """
    Find the price basis.

    Parameters
    ----------
    texts : iterable of str
        Titles and notes of a sheet.
    year : int, optional
        Year of the flows, added to current prices.

    Returns
    -------
    tuple of str, or None
        The price basis, and the text it stands in.

    Examples
    --------
    >>> prices_in(["按当年生产者价格计算"], 2017)
    ("current producers' prices 2017", '按当年生产者价格计算')
    """
    for text in texts:
        kind = next((k for p, k in PRICES.items() if re.search(p, text, re.I)), None)
        if kind and not CONSTANT.search(text) and CURRENT.search(text):
            return " ".join(["current", kind, *([str(year)] if year else [])]), text
    return None
