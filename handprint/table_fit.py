"""Whether a scenario and its table speak of the same economy: base year and products."""

from __future__ import annotations

import re

from handprint.errors import DriverError, ScenarioError
from handprint.projection import BY_PRODUCT
from handprint.scenario import Scenario
from io_tables import IOTable
from io_tables.errors import did_you_mean

YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def year_of(table: IOTable) -> int | None:
    """
    Tell of which year a table is, where it says so.

    Parameters
    ----------
    table : IOTable
        Any table.

    Returns
    -------
    int or None
        The year of its prices where they are current ones: then it is that of the flows. None
        for constant prices, and where there is no year or more than one.

    Examples
    --------
    >>> import io_tables
    >>> year_of(io_tables.load("china-2020-cn24"))
    2020
    """
    years = set(YEAR.findall(table.price_basis))
    if "current" not in table.price_basis.lower() or len(years) != 1:
        return None
    return int(years.pop())


def refuse_misfit(scenario: Scenario, table: IOTable) -> None:
    """
    Refuse a table of another year, or without what the scenario speaks of.

    Parameters
    ----------
    scenario : Scenario
        States the base year and drivers by product.
    table : IOTable
        Table of the base year.

    Raises
    ------
    ScenarioError
        If the table is of another year than the base year, or in prices of another.
    DriverError
        Listing drivers of products and of categories that the table does not have.
    """
    year = year_of(table)
    if year is not None and year != scenario.base_year:
        raise ScenarioError(
            f"{scenario.name}: base_year is {scenario.base_year}, table {table.name} is of {year}: "
            f"take a table of {scenario.base_year}, or state base_year = {year} and drivers from "
            "there"
        )
    prices = YEAR.findall(table.price_basis)
    if "constant" in table.price_basis.lower() and prices != [str(scenario.base_year)]:
        raise ScenarioError(
            f"{scenario.name}: prices of table {table.name} are {table.price_basis!r}, purchases "
            f"of ICT and their emissions are per money of {scenario.base_year}: bring the table to "
            f"prices of {scenario.base_year}"
        )
    strangers = [
        f"{group}.{name}: the table has no such sector; {did_you_mean(name, table.sectors)}"
        for group, _ in BY_PRODUCT
        for name in getattr(scenario, group)
        if name not in table.sectors
    ]
    strangers += [
        f"demand.{name}: the table has no such category; {did_you_mean(name, table.categories)}"
        for name in scenario.demand
        if name not in table.categories
    ]
    if strangers:
        raise DriverError("\n".join(strangers))
