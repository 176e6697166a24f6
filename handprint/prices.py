"""The price side of the table: what a cost at one sector does to all prices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, ArrayInput, Labels, demand_labels, positions, read
from handprint.errors import OptionError, ShapeError, UnitMismatchError
from handprint.factor import Factor, coefficients, factorise
from handprint.guards import NAMES, NUMBER, TABLE, TEXT, checked
from handprint.intervention import Intervention, fractions, listed_ict, refuse_problems
from handprint.meaning import Meaning, variables
from handprint.setting import listed_interventions
from io_tables import IOTable

Values = dict[str, tuple[tuple[str, ...], npt.ArrayLike]]

TONNES = {"t": 1.0, "kt": 1e3, "Mt": 1e6, "Gt": 1e9, "kg": 1e-3}
WORDS = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
NOTE = "Quantities, technology and the import share stay as they are: costs travel, nobody reacts."
NOTE_ZH = "数量、技术和进口比重不变：只有成本传导，没有行为反应。"
MEANINGS = {
    "price": Meaning(
        "price after over price before", "价格指数（基期为1）", "1", "p_j; one without a change.",
        "activity",
    ),
    "price_change": Meaning(
        "relative change of price", "价格相对变化", "1", "p_j - 1.", "activity",
    ),
    "direct_cost": Meaning(
        "change of the sector's own cost per unit of output", "单位产出直接成本变化", "ratio",
        "Before costs of its suppliers are passed on to it.", "activity",
    ),
    "carbon_cost": Meaning(
        "carbon cost of the sector", "部门碳成本", "money",
        "Carbon price times direct emissions, whoever bears it in the end.", "activity",
    ),
    "absorbed": Meaning(
        "carbon cost not passed on", "未转嫁的碳成本", "money",
        "Carbon cost that the sector bears out of its value added.", "activity",
    ),
    "price_index": Meaning(
        "price index of the category's purchases", "最终需求类别价格指数", "1",
        "sum_j p_j y_jc / sum_j y_jc: fixed basket. Categories with negative entries, such as "
        "imports, have no basket and are left out.", "activity",
    ),
    "category_cost": Meaning(
        "change of cost of the category's purchases", "最终需求类别支出变化", "money",
        "sum_j (p_j - 1) y_jc.", "activity",
    ),
    "cost_saving": Meaning(
        "cost saved at unchanged final demand", "最终需求不变时节约的成本", "money",
        "-sum_j dc_j x'_j = sum_j (1 - p_j) y_j: what final users can spend again.", "activity",
    ),
}  # fmt: skip


@checked(table=TABLE, carbon_price=NUMBER, satellite=TEXT)
def price_change(
    table: IOTable,
    *,
    value_added_change: ArrayInput | Mapping[str, float] | None = None,
    carbon_price: float | None = None,
    satellite: str = "CO2",
    pass_through: ArrayInput | float = 1.0,
) -> xr.Dataset:
    r"""
    Pass changes of cost on through all prices (Leontief price model).

    Parameters
    ----------
    table : IOTable
        A checked table; with ``carbon_price`` also its satellite, scope "direct".
    value_added_change : array_like or Mapping of str to float, optional
        Change of value added per unit of output, dims (sector), or sector -> change, other
        sectors none [table units per table units].
    carbon_price : float, optional
        Price of emissions [currency of the table per tonne].
    satellite : str
        Name of the account that is priced.
    pass_through : array_like or float
        Share of its own carbon cost that a sector puts on its price, 0 to 1, dims (sector) or
        one number; costs of suppliers are passed on in full.

    Returns
    -------
    xarray.Dataset
        Dims (sector): ``price``, ``price_change`` [1], ``direct_cost`` [table units per table
        units], with a carbon price ``carbon_cost`` and ``absorbed`` [table units]. Dims
        (category), categories without negative entries: ``price_index`` [1] and
        ``category_cost`` [table units].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If a carbon price or pass-through is out of range, or a price would not stay positive.
    UnitMismatchError
        If the units of account or table are not a mass and a currency.
    UnknownSectorError, ShapeError, LabelMismatchError, MissingValueError
        If values by sector do not fit the table.
    NotProductiveError
        If the table is not productive.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.

    Notes
    -----
    Prices obey :math:`p = p A + v` with v all cost outside A per unit of output, so that
    :math:`p = v L` is one for every sector of an unchanged table [1]_. A carbon price
    :math:`\tau` and a change of value added give

    .. math:: p - 1 = (\Delta v + \theta \tau s) L

    and what final demand pays more is what sectors charge more, :math:`(p - 1) y =
    (\Delta v + \theta \tau s) x`. The carbon cost of households' own fuel is outside.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge
       University Press, 2009, ch. 2.6.
    """
    labels = pd.Index(table.sectors)
    cost = _by_sector(value_added_change, labels, "value_added_change", 0.0)
    share = _by_sector(pass_through, labels, "pass_through", 1.0)
    if (share < 0).any() or (share > 1).any():
        bad = int(np.argmax(np.maximum(-share, share - 1)))
        raise OptionError(f"pass_through of {labels[bad]!r} is {share[bad]:g}, needed 0 to 1")
    values: Values = {}
    if carbon_price is not None:
        if not (np.isfinite(carbon_price) and carbon_price >= 0):
            raise OptionError(f"carbon_price is {carbon_price!r}, needed a number from 0")
        s = intensities(table, satellite)
        tau = carbon_price * tonnes(table.satellites[satellite].attrs["units"])
        rate = tau / money(table.units)[0] * s
        cost = cost + share * rate
        values["carbon_cost"] = (("sector",), rate * table.output.values)
        values["absorbed"] = (("sector",), (1 - share) * rate * table.output.values)
    factor = factorise(coefficients(table), labels)
    values |= _passed_on(table, cost, factor)
    made = _dataset(table, values, "prices after a change of costs")
    if carbon_price is not None:
        currency = money(table.units)[1]
        made.attrs |= {"carbon_price": f"{carbon_price:g} {currency}/t", "satellite": satellite}
    return made


@checked(table=TABLE, ict=NAMES)
def cost_change(
    table: IOTable, interventions: Sequence[Intervention], *, ict: Sequence[str] = ()
) -> xr.Dataset:
    r"""
    Find what digital interventions do to costs and prices, before anybody spends the saving.

    Parameters
    ----------
    table : IOTable
        The economy before.
    interventions : sequence of Intervention
        As for :func:`handprint.counterfactual.counterfactual`.
    ict : sequence of str
        Sectors that count as ICT.

    Returns
    -------
    xarray.Dataset
        Dims (sector): ``price``, ``price_change`` [1], ``direct_cost`` [table units per table
        units]: inputs bought more or less per unit of output. Dims (category): ``price_index``
        [1], ``category_cost`` [table units]. 0-d: ``cost_saving`` [table units].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    InterventionError
        Listing every unknown name and missing ICT sector.
    OptionError
        If a price would not stay positive.
    NotProductiveError
        If an economy is not productive.

    Notes
    -----
    With the coefficients :math:`A'` of the counterfactual and unchanged value added per unit,
    :math:`p = v L'`, hence :math:`p - 1 = \Delta c\, L'` with
    :math:`\Delta c = 1' (A' - A)`. At unchanged final demand :math:`x' = L' y` and
    :math:`(1 - p) y = -\Delta c\, x'`: the saving of final users is the ``cost_saving`` of the
    counterfactual. This is the dual of the quantity model [1]_.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge
       University Press, 2009, ch. 2.6.
    """
    labels, ict = pd.Index(table.sectors), listed_ict(ict)
    given = listed_interventions(interventions)
    refuse_problems(given, labels, ict, 0.0)
    a, change = coefficients(table), fractions(given, labels, ict)
    kept, added = np.ones_like(a), np.zeros_like(a)
    np.multiply.at(kept, change.column, 1 - change.saving)
    np.add.at(added, change.column, change.added)
    after = a * kept.T + added.T
    cost = (after - a).sum(axis=0)
    factor = factorise(after, labels)
    values = _passed_on(table, cost, factor)
    y = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    values["cost_saving"] = ((), -(cost @ factor.columns(y)))
    return _dataset(table, values, "prices after digital interventions")


def tonnes(units: str) -> float:
    """
    Read how many tonnes a unit of mass is.

    Parameters
    ----------
    units : str
        For example "Mt" or "kt CO2e".

    Returns
    -------
    float
        Tonnes.

    Raises
    ------
    UnitMismatchError
        If it is no unit of mass.

    Examples
    --------
    >>> tonnes("Mt CO2e")
    1000000.0
    """
    name = units.partition(" ")[0]
    if name not in TONNES:
        raise UnitMismatchError(
            f"{units!r} is no mass: a carbon price needs emissions in {', '.join(TONNES)}"
        )
    return TONNES[name]


def money(units: str) -> tuple[float, str]:
    """
    Read a monetary unit as a multiple of its currency.

    Parameters
    ----------
    units : str
        For example "10^4 CNY", "million USD" or "EUR".

    Returns
    -------
    tuple of float and str
        Multiple, and currency.

    Raises
    ------
    UnitMismatchError
        If it is none of these.

    Examples
    --------
    >>> money("10^4 CNY")
    (10000.0, 'CNY')
    """
    found = re.fullmatch(r"(?:(?:10\^(\d+)|(thousand|million|billion)) )?([A-Z]{3})", units)
    if not found:
        raise UnitMismatchError(
            f"{units!r} is no monetary unit: write it as '10^4 CNY', 'million USD' or 'EUR'"
        )
    power, word, currency = found.groups()
    return (10.0 ** int(power) if power else WORDS[word or ""]), currency


def _by_sector(
    given: ArrayInput | Mapping[str, float] | float | None,
    labels: Labels,
    what: str,
    default: float,
) -> Array:
    """Read values by sector; one number stands for all, a mapping leaves the others as is."""
    values = np.full(len(labels), default)
    if given is None:
        return values
    if isinstance(given, Mapping):
        if given:
            at = positions(list(given), labels, what)
            values[at] = read(list(given.values()), what).values
        return values
    block = read(given, what)
    if block.values.shape not in ((), values.shape):
        raise ShapeError(f"{what}: shape {block.values.shape} for {len(labels)} sectors")
    if block.values.shape:
        demand_labels(block.labels[0], labels, what)
    values[:] = block.values
    return values


def _passed_on(table: IOTable, cost: Array, factor: Factor) -> Values:
    """Prices from a change of own cost per unit of output, and what final demand pays."""
    rise = factor.rows(cost)
    if rise.min() <= -1:
        worst = table.sectors[int(rise.argmin())]
        raise OptionError(
            f"the price of {worst!r} would be {1 + rise.min():.3g} of what it was: costs fall by "
            "more than there are; give changes per unit of output"
        )
    demand = table.final_demand.transpose("sector", "category").values
    basket = (demand >= 0).all(axis=0) & (demand.sum(axis=0) > 0)
    extra = rise @ demand[:, basket]
    return {
        "price": (("sector",), 1 + rise),
        "price_change": (("sector",), rise),
        "direct_cost": (("sector",), cost),
        "price_index": (("category",), 1 + extra / demand[:, basket].sum(axis=0)),
        "category_cost": (("category",), extra),
    }


def _dataset(table: IOTable, values: Values, title: str) -> xr.Dataset:
    """Label the results."""
    units = {"1": "1", "money": table.units, "ratio": f"{table.units}/{table.units}"}
    demand = table.final_demand.transpose("sector", "category").values
    basket = (demand >= 0).all(axis=0) & (demand.sum(axis=0) > 0)
    return xr.Dataset(
        variables(values, MEANINGS, units),
        coords={
            "sector": table.sectors,
            "category": [c for c, ok in zip(table.categories, basket, strict=True) if ok],
        },
        attrs={
            "title": title,
            "note": NOTE,
            "note_zh": NOTE_ZH,
            "source": table.source,
            "price_basis": table.price_basis,
        },
    )
