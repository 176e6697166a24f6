"""The table with and without digital interventions: what changes, at whom, and because of which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, ArrayInput, Labels, demand_labels, positions, read
from handprint.errors import InterventionError, ShapeError
from handprint.factor import Factor, coefficients, factorise
from handprint.intervention import (
    Fractions,
    Intervention,
    credited,
    fractions,
    ict_sectors,
    refuse_problems,
)
from io_tables import IOTable

__all__ = ["Intervention", "counterfactual"]

FINAL_DEMAND = "final demand"
ORDERS = ("first", "second_inputs", "second_onsite", "higher")


class Change(NamedTuple):
    """What each intervention changes in the column of its sector."""

    column: npt.NDArray[np.intp]  # position of the sector, (intervention)
    saved: Array  # coefficients, (intervention, sector)
    onsite: Array  # intensity, (intervention)
    added: Array  # ICT coefficients, (intervention, sector)


class Economy(NamedTuple):
    """A solved economy."""

    a: Array
    s: Array
    factor: Factor
    x: Array

    @property
    def emissions(self) -> float:
        """Direct emissions of all sectors."""
        return float(self.s @ self.x)


def counterfactual(
    table: IOTable,
    interventions: Sequence[Intervention],
    *,
    satellite: str = "CO2",
    respend: float = 0.0,
    ict: Sequence[str] = (),
    budget_shares: ArrayInput | None = None,
    demand_changes: Mapping[str, ArrayInput] | None = None,
) -> xr.Dataset:
    r"""
    Compare the economy of a table with the same economy after digital interventions.

    Parameters
    ----------
    table : IOTable
        The economy before, with a satellite of scope "direct". Direct emissions of households
        are outside: no intervention touches them.
    interventions : sequence of Intervention
        Several on one sector multiply: each saves a share of what the others leave.
    satellite : str
        Name of the account.
    respend : float
        Share alpha of the saved cost that is spent again, 0 to 1.
    ict : sequence of str
        Sectors that count as ICT.
    budget_shares : array_like, optional
        Marginal budget shares mu of re-spending, dims (sector), sum one; by default
        proportional to final demand, imports and exports included.
    demand_changes : Mapping of str to array_like, optional
        Label -> change of final demand, dims (sector) [table units], net of direct rebound:
        what households buy less because of digital services. Labels follow those of the
        interventions; the money counts as cost saved.

    Returns
    -------
    xarray.Dataset
        ``effect`` (order, emitter, intervention): change of emissions, positive is more; its
        sum is the whole change. 0-d, [satellite units]: ``total_before`` E0, ``total_after``
        E1, ``total_after_respending`` E2, ``ner_td`` = E0 - E1, ``ner_td_star`` = E0 - E2,
        ``engineering_saving`` = E0 - E1 without direct rebound, ``rebound_direct``,
        ``rebound_respending``; ``rebound_share`` of the engineering saving [1], left out when
        that is not positive; ``cost_saving`` (0-d) and ``cost_saving_by_intervention``
        [table units]. With ``ict``: ``break_even`` and ``break_even_with_onsite``
        (intervention): ICT coefficient, penetration included, at which an intervention alone
        saves nothing; infinite if ICT has no emissions upstream, missing for demand changes,
        which have no output that ICT could be related to.

    Raises
    ------
    InterventionError
        Listing every unknown name, missing ICT sector and value out of range.
    NotProductiveError
        If an economy is not productive.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.

    Notes
    -----
    For sector j with interventions k, ICT rows c, all other technology unchanged [1]_:

    .. math::
        a'_{ij} = a_{ij} \prod_k (1 - \theta_{ijk} p_k (1 - r_k)) + [i = c] \sum_k \kappa_k p_k,
        \quad s'_j = s_j \prod_k (1 - \phi_k p_k (1 - r_k))

    with output :math:`x = L y` before and :math:`x' = L' y` after. The change splits exactly,
    with two-point means :math:`\bar s, \bar x`, into orders by emitter:

    .. math::
        s'x' - s x = \underbrace{\bar s L' \Delta A_{ICT} x}_{first}
        + \underbrace{\bar s L' (\Delta A_{saved} x + \Delta y)}_{second, inputs}
        + \underbrace{\Delta s\, \bar x}_{second, onsite}

    and re-spending adds :math:`s' L' \alpha\, \Delta cost\, \mu` (higher). "First" is ICT that
    is bought, "second" all that is saved, on whichever row. The split is linear in the changes,
    so each intervention has its own part; where several save the same input, the joint saving
    is shared by the Shapley value, which does not depend on their order. An intervention alone
    changes emissions by :math:`(m u + \Delta s_j) x_j / (1 - (L u)_j)`, u the change of its
    column: it breaks even where :math:`m_c u_c = \sum_i m_i |u_i|` (+ :math:`|\Delta s_j|`).

    References
    ----------
    .. [1] R. Wood et al., Prioritizing consumption-based carbon policy based on the evaluation
       of mitigation potential using input-output methods, Journal of Industrial Ecology 22
       (2018) 540-552.
    """
    labels = pd.Index(table.sectors)
    given = [interventions] if isinstance(interventions, Intervention) else list(interventions)
    refuse_problems(given, labels, ict, respend)
    y = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    before = _solve(coefficients(table), intensities(table, satellite), y, labels)
    alone = fractions(given, labels, ict)
    shift = _by_sector(demand_changes or {}, labels)
    demand = y + shift.sum(axis=0)
    after = _solve(*_changed(before, alone), demand, labels)
    ideal = after
    if any(i.rebound for i in given):
        unspoilt = fractions(given, labels, ict, rebound=False)
        ideal = _solve(*_changed(before, unspoilt), demand, labels)
    change = _change(before, credited(alone))
    cost = (change.saved - change.added).sum(axis=1) * after.x[change.column]
    cost = np.concatenate([cost, -shift.sum(axis=1)])
    respent = np.zeros((len(cost), len(y)))
    if respend:
        respent = np.outer(cost, respend * _budget(budget_shares, y, labels))
    effect = _effect(before, after, change, shift, respent)
    values = _totals(before.emissions, after.emissions, ideal.emissions, float(effect[3].sum()))
    values |= {"cost_saving": cost.sum(), "cost_saving_by_intervention": cost}
    group = ict_sectors(given, ict)
    if group and not demand_changes:
        values |= _break_even(before, _change(before, alone), positions(group, labels, "ict"))
    names = [(i.label, i.sector) for i in given]
    names += [(label, FINAL_DEMAND) for label in demand_changes or {}]
    return _dataset(table, names, satellite, effect, values, respend)


def _solve(a: Array, s: Array, y: Array, labels: Labels) -> Economy:
    factor = factorise(a, labels)
    return Economy(a, s, factor, factor.columns(y))


def _changed(before: Economy, alone: Fractions) -> tuple[Array, Array]:
    """Coefficients and intensities after all interventions: savings multiply, purchases add."""
    kept, own, added = np.ones_like(before.a), np.ones_like(before.s), np.zeros_like(before.a)
    np.multiply.at(kept, alone.column, 1 - alone.saving)
    np.multiply.at(own, alone.column, 1 - alone.onsite)
    np.add.at(added, alone.column, alone.added)
    return before.a * kept.T + added.T, before.s * own


def _change(before: Economy, share: Fractions) -> Change:
    """Turn fractions into coefficients and intensities."""
    j = share.column
    return Change(j, before.a[:, j].T * share.saving, before.s[j] * share.onsite, share.added)


def _effect(before: Economy, after: Economy, change: Change, shift: Array, respent: Array) -> Array:
    """Split the change of emissions exactly, (order, emitter, intervention)."""
    j, x = change.column, before.x[change.column, None]
    bought = np.vstack([change.added * x, np.zeros_like(shift)])
    spared = np.vstack([-change.saved * x, shift])
    pulled = np.stack([bought, spared, respent])
    output = after.factor.columns(pulled.reshape(-1, len(before.x)).T)
    first, second, higher = output.reshape(len(before.x), 3, -1).transpose(1, 0, 2)
    s = ((before.s + after.s) / 2)[:, None]
    onsite = np.zeros_like(first)
    onsite[j, np.arange(len(j))] = -change.onsite * (before.x[j] + after.x[j]) / 2
    return np.stack([s * first, s * second, onsite, after.s[:, None] * higher])


def _by_sector(changes: Mapping[str, ArrayInput], labels: Labels) -> Array:
    """Read vectors by sector, one row each."""
    rows = np.zeros((len(changes), len(labels)))
    for row, (name, values) in zip(rows, changes.items(), strict=True):
        block = read(values, name, dims=("sector",))
        if block.values.shape != (len(labels),):
            raise ShapeError(f"{name}: shape {block.values.shape} for {len(labels)} sectors")
        demand_labels(block.labels[0], labels, name)
        row[:] = block.values
    return rows


def _budget(shares: ArrayInput | None, y: Array, labels: Labels) -> Array:
    """Marginal budget shares: those given, or proportional to final demand."""
    if shares is None:
        if y.sum() <= 0:
            raise InterventionError(
                "respend: final demand is not positive in sum, so it gives no budget shares: "
                "give budget_shares"
            )
        proportional: Array = y / y.sum()
        return proportional
    mu: Array = _by_sector({"budget_shares": shares}, labels)[0]
    if abs(mu.sum() - 1) > 1e-9:
        raise InterventionError(f"budget_shares sum to {mu.sum():.6g}, needed 1")
    return mu


def _totals(e0: float, e1: float, engineering: float, higher: float) -> dict[str, float | Array]:
    """Totals and their differences; E1 without direct rebound is ``engineering``."""
    ideal = e0 - engineering
    values: dict[str, float | Array] = {
        "total_before": e0,
        "total_after": e1,
        "total_after_respending": e1 + higher,
        "ner_td": e0 - e1,
        "ner_td_star": e0 - e1 - higher,
        "engineering_saving": ideal,
        "rebound_direct": e1 - engineering,
        "rebound_respending": higher,
    }
    lost = e1 - engineering + higher
    if ideal > 0 or lost == 0:
        values["rebound_share"] = lost / ideal if lost else 0.0
    return values


def _break_even(
    before: Economy, alone: Change, ict: npt.NDArray[np.intp]
) -> dict[str, float | Array]:
    """ICT coefficient at which each intervention alone saves nothing, in its own mix of ICT."""
    m = before.factor.rows(before.s)
    bought = alone.added[:, ict]
    none = bought.sum(axis=1) == 0
    bought[none] = before.x[ict]
    per_unit = bought @ m[ict] / bought.sum(axis=1)
    inputs = alone.saved @ m
    never = np.full(len(inputs), np.inf)
    return {
        name: np.divide(saved, per_unit, out=never.copy(), where=per_unit > 0)
        for name, saved in {
            "break_even": inputs,
            "break_even_with_onsite": inputs + alone.onsite,
        }.items()
    }


LONG_NAMES = {
    "effect": "change of emissions by order, emitter and intervention",
    "total_before": "emissions of all sectors before",
    "total_after": "emissions of all sectors after the interventions",
    "total_after_respending": "emissions of all sectors after interventions and re-spending",
    "ner_td": "net avoided emissions, top-down, before re-spending",
    "ner_td_star": "net avoided emissions, top-down, after re-spending",
    "engineering_saving": "net avoided emissions without any rebound",
    "rebound_direct": "savings lost by direct rebound",
    "rebound_respending": "savings lost by re-spending of the saved cost",
    "rebound_share": "share of the engineering saving lost by rebound",
    "cost_saving": "cost saved, net of the ICT bought",
    "cost_saving_by_intervention": "cost saved, net of the ICT bought",
    "break_even": "ICT coefficient that uses up the saving of inputs",
    "break_even_with_onsite": "ICT coefficient that uses up the saving of inputs and own fuel",
}


def _dataset(
    table: IOTable,
    interventions: Sequence[tuple[str, str]],
    satellite: str,
    effect: Array,
    values: Mapping[str, float | Array],
    respend: float,
) -> xr.Dataset:
    """Label the results."""
    emissions = str(table.satellites[satellite].attrs["units"])
    special = {
        "rebound_share": "1",
        "cost_saving": table.units,
        "cost_saving_by_intervention": table.units,
        "break_even": f"{table.units}/{table.units}",
        "break_even_with_onsite": f"{table.units}/{table.units}",
    }
    variables = {"effect": xr.Variable(("order", "emitter", "intervention"), effect)}
    for name, value in values.items():
        variables[name] = xr.Variable(("intervention",)[: np.ndim(value)], value)
    for name, variable in variables.items():
        variable.attrs = {
            "units": special.get(name, emissions),
            "long_name": LONG_NAMES[name],
        }
    labels = [label for label, _ in interventions]
    again = [labels[:k].count(label) + 1 for k, label in enumerate(labels)]
    names = [f"{n} #{k}" if k > 1 else n for n, k in zip(labels, again, strict=True)]
    return xr.Dataset(
        variables,
        coords={
            "order": list(ORDERS),
            "emitter": table.sectors,
            "intervention": names,
            "applied_in": ("intervention", [place for _, place in interventions]),
        },
        attrs={
            "title": f"{satellite} with and without the interventions",
            "sign": "effects are changes of emissions; avoided emissions are positive when good",
            "households": "direct emissions of households are outside and unchanged",
            "respend": respend,
            "scope": table.scope or "not stated",
            "source": table.source,
            "price_basis": table.price_basis,
        },
    )
