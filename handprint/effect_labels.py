"""Names, units and descriptions of the results of a counterfactual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from handprint.alignment import Array
from handprint.effects import ORDERS, Values
from handprint.meaning import Meaning, variables
from handprint.respending import Budget
from io_tables import IOTable

NOTE = "Technology is changed by the interventions only; prices and behaviour stay as they are."
MEANINGS = {
    "effect": Meaning(
        "change of emissions by order, emitter and intervention", "按层级、排放方和措施的排放变化",
        "emissions", "Positive is more; the sum is the whole change.", "change",
    ),
    "total_before": Meaning(
        "emissions before", "措施前排放", "emissions", "E0.", "total",
    ),
    "total_after": Meaning(
        "emissions after the interventions", "措施后排放", "emissions", "E1.", "total",
    ),
    "total_after_respending": Meaning(
        "emissions after interventions and re-spending", "措施及再支出后排放", "emissions", "E2.",
        "total",
    ),
    "ner_td": Meaning(
        "net avoided emissions, top-down, before re-spending", "自上而下净减排（再支出前）",
        "emissions", "E0 - E1, direct rebound taken off.", "avoided",
    ),
    "ner_td_star": Meaning(
        "net avoided emissions, top-down, after re-spending", "自上而下净减排（再支出后）",
        "emissions", "E0 - E2.", "avoided",
    ),
    "engineering_saving": Meaning(
        "net avoided emissions without any rebound", "无反弹时的净减排", "emissions",
        "E0 - E1 with r = 0.", "avoided",
    ),
    "rebound_direct": Meaning(
        "savings lost by direct rebound", "直接反弹损失的减排", "emissions", "", "change",
    ),
    "rebound_respending": Meaning(
        "savings lost by re-spending of the saved cost", "节约成本再支出带来的排放", "emissions",
        "E2 - E1.", "change",
    ),
    "rebound_share": Meaning(
        "share of the engineering saving lost by rebound", "反弹占工程减排的份额", "one",
        "Direct and re-spending together.", "ratio",
    ),
    "cost_saving": Meaning(
        "cost saved, net of the ICT bought", "节约的成本（扣除ICT采购）", "money", "", "activity",
    ),
    "cost_saving_by_intervention": Meaning(
        "cost saved, net of the ICT bought", "各措施节约的成本（扣除ICT采购）", "money", "",
        "activity",
    ),
    "break_even": Meaning(
        "ICT coefficient that uses up the saving of inputs", "抵消投入节约的ICT系数", "ratio",
        "Penetration and annualised capital included; infinite if ICT has no emissions upstream.",
        "ratio",
    ),
    "break_even_with_onsite": Meaning(
        "ICT coefficient that uses up the saving of inputs and own fuel",
        "抵消投入和现场燃料节约的ICT系数", "ratio",
        "Penetration and annualised capital included.", "ratio",
    ),
    "first_from_capital": Meaning(
        "part of the first order that annualised ICT capital causes", "一阶影响中ICT投资年化部分",
        "emissions", "", "change",
    ),
    "multiplier": Meaning(
        "emissions per unit of final demand, capital goods included", "含资本品的排放乘数",
        "intensity", "m = s (I - A - K)^-1, before the interventions.", "burden",
    ),
    "multiplier_without_capital": Meaning(
        "emissions per unit of final demand, capital goods left in final demand",
        "不含资本品的排放乘数", "intensity", "m = s (I - A)^-1.", "burden",
    ),
    "respending_by_category": Meaning(
        "emissions of what each category spends again", "各类最终需求再支出带来的排放",
        "emissions", "", "change",
    ),
    "domestic_share": Meaning(
        "share of purchases that is made at home", "采购中本国产品的份额", "one",
        "Of all intermediate and domestic final use of a product.", "ratio",
    ),
}  # fmt: skip


def units_of(table: IOTable, satellite: str) -> dict[str, str]:
    """
    Name the units of results.

    Parameters
    ----------
    table : IOTable
        The economy.
    satellite : str
        Account.

    Returns
    -------
    dict of str to str
        Key of :data:`MEANINGS` -> unit.
    """
    emissions = str(table.satellites[satellite].attrs["units"])
    return {
        "emissions": emissions,
        "money": table.units,
        "one": "1",
        "ratio": f"{table.units}/{table.units}",
        "intensity": f"{emissions}/{table.units}",
    }


def stated(
    table: IOTable,
    satellite: str,
    households: bool,
    respend: float | None,
    capital: object,
) -> dict[str, Any]:
    """
    Say what a result rests on.

    Parameters
    ----------
    table : IOTable
        The economy before.
    satellite : str
        Account.
    households : bool
        Whether direct emissions of households count.
    respend : float or None
        Share that is spent again; None where it is drawn.
    capital : object
        As given.

    Returns
    -------
    dict
        Attrs of the result.
    """
    inside = "direct emissions of households are part of totals and of order second_onsite"
    outside = "direct emissions of households are outside and unchanged"
    attrs = {
        "title": f"{satellite} with and without the interventions",
        "sign": "effects are changes of emissions; avoided emissions are positive when good",
        "households": inside if households else outside,
        "respend": "drawn" if respend is None else respend,
        "scope": table.scope or "not stated",
        "source": table.source,
        "price_basis": table.price_basis,
    }
    if capital is not None:
        known = capital.attrs if isinstance(capital, xr.DataArray) else {}
        attrs["capital"] = f"endogenous: {known.get('assumption', 'matrix as given')}"
    return attrs


def dataset(
    table: IOTable,
    names: tuple[Sequence[str], Sequence[str], Sequence[str]],
    satellite: str,
    effect: Array,
    values: Values,
    budget: Budget | None,
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    """
    Label the results of one counterfactual.

    Parameters
    ----------
    table : IOTable
        The economy before.
    names : tuple
        Labels of interventions, where they are applied, emitters beside the sectors.
    satellite : str
        Account.
    effect : numpy.ndarray
        (order, emitter, intervention).
    values : dict
        Name -> (dims, numbers).
    budget : Budget or None
        Gives the categories that spend again.
    attrs : Mapping
        Attrs of the dataset.

    Returns
    -------
    xarray.Dataset
        With coordinates and units.
    """
    labels, places, extra = names
    every: Values = {"effect": (("order", "emitter", "intervention"), effect), **values}
    coords: dict[str, Any] = {
        "order": list(ORDERS),
        "emitter": [*table.sectors, *extra],
        "intervention": np.array(labels, dtype=str),
        "applied_in": ("intervention", np.array(places, dtype=str)),
    }
    if "multiplier" in values:
        coords["sector"] = table.sectors
    if "respending_by_category" in values and budget is not None:
        coords["category"] = list(budget.categories)
    made = variables(every, MEANINGS, units_of(table, satellite), NOTE)
    return xr.Dataset(made, coords=coords, attrs=dict(attrs))
