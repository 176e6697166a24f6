"""Tables to pymrio systems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from io_tables.errors import LabelError, MissingExtraError, did_you_mean
from io_tables.extensions import BY_CATEGORY
from io_tables.kinds import demand_table
from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
_OWN = 1e-9  # a gap that counts as none, of the sum of absolute values


def to_pymrio(table: IOTable, *, region: str = "all", households: str | None = None) -> Any:
    """
    Make a pymrio system of a table.

    Parameters
    ----------
    table : IOTable
        Sectors and categories read ``region:name``.
    region : str
        Region of sectors and categories that name none.
    households : str, optional
        Category that bears direct household amounts, where the table does not tell them by
        category.

    Returns
    -------
    pymrio.IOSystem
        Z, Y, x and units; extensions ``satellites`` and ``factor_inputs``. Nothing is calculated.

    Raises
    ------
    MissingExtraError
        If pymrio is not installed.
    LabelError
        If household amounts have no category to stand on.
    """
    demand_table(table)
    pymrio = require_pymrio()
    sectors = _index(table.sectors, region, ("region", "sector"))
    categories = _index(table.categories, region, ("region", "category"))
    names = list(table.satellites)
    satellites = {
        "name": "satellites",
        "F": _frame([table.satellites[n].values for n in names], names, "stressor", sectors),
        "unit": _units([table.satellites[n].attrs["units"] for n in names], names, "stressor"),
    }
    if table.households:
        rows = [_by_category(table, n, households) for n in names]
        satellites["F_Y"] = _frame(rows, names, "stressor", categories)
    components = [str(c) for c in table.primary_inputs["component"].values]
    primary = {
        "name": "factor_inputs",
        "F": _frame(table.primary_inputs.values, components, "inputtype", sectors),
        "unit": _units([table.units] * len(components), components, "inputtype"),
    }
    return pymrio.IOSystem(
        Z=pd.DataFrame(table.transactions.values.copy(), index=sectors, columns=sectors),
        Y=pd.DataFrame(table.final_demand.values.copy(), index=sectors, columns=categories),
        x=pd.DataFrame(table.output.values.copy(), index=sectors, columns=["indout"]),
        unit=pd.DataFrame(table.units, index=sectors, columns=["unit"]),
        name=table.name,
        price=table.price_basis,
        description=table.source,
        factor_inputs=primary,
        **({"satellites": satellites} if names else {}),
    )


def require_pymrio() -> Any:
    """
    Import pymrio, or say which extra brings it.

    Returns
    -------
    module
        The package pymrio.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import pymrio
    except ImportError as error:
        raise MissingExtraError(
            "world databases are read through pymrio, which is not installed: "
            "pip install 'handprint[mrio]'"
        ) from error
    return pymrio


def _by_category(table: IOTable, name: str, category: str | None) -> Array:
    """Direct amounts of each category."""
    total = table.households.get(name)
    amounts = np.zeros(len(table.categories))
    if total is None:
        return amounts
    key = BY_CATEGORY.format(name=name)
    if key in table.final_demand.coords:
        amounts = np.asarray(table.final_demand[key].values, dtype=float)
        if abs(amounts.sum() - float(total)) <= _OWN * np.abs(amounts).sum():
            return amounts
        raise LabelError(
            f"{name} of households is {float(total):,.8g}, its categories sum to "
            f"{amounts.sum():,.8g}: drop the coordinate {key!r} and say which category bears it"
        )
    if category not in table.categories:
        hint = did_you_mean(category or "households", table.categories)
        raise LabelError(
            f"table {table.name} does not say which category emits the {name} of households: "
            f"give households=; {hint}"
        )
    amounts[table.categories.index(category)] = float(total)
    return amounts


def _index(labels: Sequence[str], region: str, names: tuple[str, str]) -> pd.MultiIndex:
    """Labels ``region:name`` as two levels."""
    parts = [label.partition(":") for label in labels]
    pairs = [(head, tail) if colon else (region, head) for head, colon, tail in parts]
    return pd.MultiIndex.from_tuples(pairs, names=list(names))


def _frame(rows: Any, names: Sequence[str], level: str, columns: pd.MultiIndex) -> pd.DataFrame:
    """Rows of an extension."""
    index = pd.Index(list(names), name=level)
    return pd.DataFrame(np.array(rows, dtype=float), index=index, columns=columns)


def _units(units: Sequence[str], names: Sequence[str], level: str) -> pd.DataFrame:
    """Units of the rows of an extension."""
    return pd.DataFrame({"unit": list(units)}, index=pd.Index(list(names), name=level))
