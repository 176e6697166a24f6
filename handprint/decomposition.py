"""Structural decomposition: which parts of two economies go with the change of emissions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import factorial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.alignment import Array, ArrayInput
from handprint.errors import DecompositionError
from handprint.guards import NAMES, TABLE, TEXT, checked
from handprint.lmdi import CLOSURE, FORMS, demand_option, log_mean
from handprint.meaning import Meaning, variables
from handprint.snapshot import (
    DEMAND,
    INTENSITY,
    Snapshot,
    comparable_snapshots,
    final_demand,
    mixed_emissions,
)
from io_tables import IOTable

Form = Literal["additive", "multiplicative"]
Method = Literal["polar", "shapley"]
ASSOCIATION = (
    "Association, not causation: parts of a change that go together with a factor, in the "
    "accounting of two tables; they do not say what would have happened without ICT."
)
ASSOCIATION_ZH = "关联而非因果：核算上与某因素同步的变化，不说明没有数字技术时会怎样。"
MEANINGS = {
    "effect": Meaning(
        "part of the change by factor and emitter", "按因素和排放部门的变化", "total",
        "Change of emissions of the emitter that goes with the factor.",
    ),
    "total_effect": Meaning(
        "part of the change by factor", "按因素的变化", "total", "Sum of effect over emitters.",
    ),
    "log_effect": Meaning(
        "part of the logarithm of the ratio", "对数比的组成", "1",
        "Contribution of the emitter to the logarithm of the factor's ratio.",
    ),
    "ratio": Meaning(
        "ratio of emissions by factor", "按因素的排放比", "1",
        "Emissions after over before as far as they go with the factor; the product of all is "
        "total_ratio.",
    ),
    "total_ratio": Meaning(
        "emissions of sectors after over before", "部门排放后与前之比", "1", "E1 / E0.",
    ),
    "emissions": Meaning(
        "emissions of sectors explained by the factors", "因素所解释的部门排放", "total",
        "s_i x_i with x = L y, before and after.",
    ),
    "change": Meaning(
        "change of emissions of sectors", "部门排放变化", "total",
        "By emitter; the sum over factors of effect.",
    ),
    "households": Meaning(
        "direct emissions of households", "居民直接排放", "total",
        "Before and after; a term of its own that no factor explains.",
    ),
    "not_allocated": Meaning(
        "emissions no factor explains", "未分配排放", "total",
        "Account minus s L y: sectors without output, and gaps within the table's tolerance.",
    ),
}  # fmt: skip


class Step(NamedTuple):
    """Emissions before and after one step, and the parts of it by factor."""

    weight: float
    before: float
    after: float
    parts: dict[str, Array]  # factor -> change by emitter


@checked(table0=TABLE, table1=TABLE, satellite=TEXT, split=NAMES, method=TEXT, form=TEXT)
def sda(
    table0: IOTable,
    table1: IOTable,
    *,
    satellite: str = "CO2",
    split: Sequence[str] | None = None,
    method: Method = "polar",
    form: Form = "additive",
    deflators: ArrayInput | float | None = None,
) -> xr.Dataset:
    r"""
    Share the change of emissions between two tables among technology, demand and intensity.

    Parameters
    ----------
    table0, table1 : IOTable
        Before and after: same sectors, units and scope, with the account, scope "direct".
        A final-demand category that only one table has is one without spending in the other.
    satellite : str
        Name of the account.
    split : sequence of str, optional
        ICT sectors: technology is split into their rows of A and all other rows.
    method : {"polar", "shapley"}
        Mean of the two polar orders of the factors, or of all orders.
    form : {"additive", "multiplicative"}
        Differences or ratios.
    deflators : array_like or float, optional
        Price of each sector's product in table1 over its price in table0, dims (sector), or
        one number [1]. Rows of table1 are divided by it. Without, both tables stay in current
        prices and price changes are part of the effects.

    Returns
    -------
    xarray.Dataset
        Factors: "intensity", "technology" (with ``split``: "technology, ICT rows" and
        "technology, other rows"), "demand level", "category mix", "sector mix". Additive:
        ``effect`` (factor, emitter), ``total_effect`` (factor) [satellite units].
        Multiplicative: ``ratio`` (factor), ``log_effect`` (factor, emitter), ``total_ratio``
        [1]. Always ``emissions`` (period, emitter), ``change`` (emitter), and apart from the
        factors ``not_allocated`` (period, emitter) and, where the tables have them,
        ``households`` (period) [satellite units].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    DecompositionError
        If households stand in one table only, final demand is not positive in sum, a ratio is
        asked for where emissions are not positive, or the parts do not add up to 1e-9.
    LabelMismatchError, UnitMismatchError, ScopeError
        If the tables differ in sectors, units or scope.
    OptionError
        If method or form is unknown, or a deflator not positive.
    UnknownSectorError
        If ``split`` names no sector of the tables.
    NotProductiveError
        If an economy is not productive; ``method="shapley"`` also mixes the ICT rows of one
        table with the other rows of the other.
    MissingSatelliteError
        If a table lacks the account.

    Notes
    -----
    :math:`E = s L y`, :math:`y = Y\, B\, k`: level Y (sum of final demand), size
    :math:`k_c = \sum_i |y_{ic}| / Y` of category c, its mix
    :math:`b_{ic} = y_{ic} / \sum_i |y_{ic}|`, so that imports and stock changes are mixes like
    any other. Technology enters by the exact split [1]_

    .. math::
        L_1 - L_0 = L_1\, \Delta A\, L_0 = L_1 (\Delta A_{ICT} + \Delta A_{other}) L_0

    (:math:`L_0 \Delta A L_1` in the second polar order). "polar" is the mean of the two
    orders in which factors change first to last and last to first [1]_; "shapley" the mean of
    all orders [2]_. In ratios a step from :math:`E_a` to :math:`E_b` with parts d has the
    logarithms :math:`d / L(E_b, E_a)`, L the logarithmic mean, and ratios are the geometric
    mean over the orders [3]_.

    References
    ----------
    .. [1] E. Dietzenbacher and B. Los, Structural decomposition techniques: sense and
       sensitivity, Economic Systems Research 10 (1998) 307-324.
    .. [2] J. W. Sun, Changes in energy consumption and energy intensity: a complete
       decomposition model, Energy Economics 20 (1998) 85-100; it is the Shapley value, see
       J. Albrecht, D. Francois and K. Schoors, Energy Policy 30 (2002) 727-736.
    .. [3] E. Dietzenbacher, A. R. Hoen and B. Los, Labor productivity in Western Europe
       1975-1985, Journal of Regional Science 40 (2000) 425-452; parts of a ratio by emitter
       as in K. H. Choi and B. W. Ang, Energy Economics 34 (2012) 171-176.
    """
    demand_option("method", method, ("polar", "shapley"))
    demand_option("form", form, FORMS)
    pair = comparable_snapshots(table0, table1, satellite, split, deflators)
    steps = _polar(*pair) if method == "polar" else _shapley(*pair)
    factors = [INTENSITY, *pair[0].rows, *DEMAND]
    parts = _shared(list(steps), factors, form)
    emissions = np.array([mixed_emissions(p, p, frozenset()) for p in pair])
    _refuse_gap(parts, emissions, form)
    values: dict[str, tuple[tuple[str, ...], npt.ArrayLike]] = {
        "emissions": (("period", "emitter"), emissions),
        "change": (("emitter",), emissions[1] - emissions[0]),
        "not_allocated": (("period", "emitter"), [p.account for p in pair] - emissions),
    }
    if form == "additive":
        values["effect"] = (("factor", "emitter"), parts)
        values["total_effect"] = (("factor",), parts.sum(axis=1))
    else:
        values["log_effect"] = (("factor", "emitter"), parts)
        values["ratio"] = (("factor",), np.exp(parts.sum(axis=1)))
        values["total_ratio"] = ((), emissions[1].sum() / emissions[0].sum())
    homes = [t.households[satellite].item() for t in (table0, table1) if satellite in t.households]
    if homes:
        values["households"] = (("period",), homes)
    prices = f"current prices of each table: {table0.price_basis}; {table1.price_basis}"
    if deflators is not None:
        prices = f"constant prices of the first table ({table0.price_basis}), deflators given"
    units = {"total": str(table0.satellites[satellite].attrs["units"]), "1": "1"}
    return xr.Dataset(
        variables(values, MEANINGS, units, ASSOCIATION),
        coords={"factor": factors, "emitter": table0.sectors, "period": ["before", "after"]},
        attrs={
            "title": f"{satellite}: structural decomposition from {table0.name} to {table1.name}",
            "method": method,
            "form": form,
            "note": ASSOCIATION,
            "note_zh": ASSOCIATION_ZH,
            "price_basis": prices,
            "source": f"{table0.source}; {table1.source}",
            "scope": table0.scope or "not stated",
        },
    )


def _polar(zero: Snapshot, one: Snapshot) -> Iterator[Step]:
    """Take the factors in order from first to last, and with the two tables exchanged."""
    for sign, old, new in ((1.0, zero, one), (-1.0, one, zero)):
        solve = new.factor.columns
        x = old.factor.columns(final_demand(old, old, set()))
        known = [(old.s * x, {INTENSITY: (new.s - old.s) * x})]
        changes = {name: new.rows[name] - old.rows[name] for name in new.rows}
        known.append((new.s * x, {name: new.s * solve(d @ x) for name, d in changes.items()}))
        demand = [final_demand(old, new, set(DEMAND[:k])) for k in range(len(DEMAND) + 1)]
        for name, (y, later) in zip(DEMAND, pairwise(demand), strict=True):
            known.append((new.s * solve(y), {name: new.s * solve(later - y)}))
        known.append((new.s * solve(demand[-1]), {}))
        for (start, parts), (end, _) in pairwise(known):
            ends = (float(start.sum()), float(end.sum()))
            before, after = ends if sign > 0 else ends[::-1]
            yield Step(0.5, before, after, {k: sign * v for k, v in parts.items()})


def _shapley(zero: Snapshot, one: Snapshot) -> Iterator[Step]:
    """Let every factor change after every set of others."""
    factors = [INTENSITY, *zero.rows, *DEMAND]
    n = len(factors)
    emissions = {
        changed: mixed_emissions(zero, one, frozenset(factors[k] for k in changed))
        for size in range(n + 1)
        for changed in combinations(range(n), size)
    }
    for changed, start in emissions.items():
        weight = (
            factorial(len(changed)) * factorial(n - len(changed) - 1) if len(changed) < n else 0
        )
        for k in set(range(n)) - set(changed):
            end = emissions[tuple(sorted((*changed, k)))]
            yield Step(
                weight / factorial(n),
                float(start.sum()),
                float(end.sum()),
                {factors[k]: end - start},
            )


def _shared(steps: Sequence[Step], factors: Sequence[str], form: Form) -> Array:
    """Add up the parts of all steps by factor, in differences or in logarithms."""
    low = min(min(step.before, step.after) for step in steps)
    if form == "multiplicative" and low <= 0:
        raise DecompositionError(
            f"emissions are {low:.6g} on the way from one table to the other: ratios need them "
            'above zero; use form="additive"'
        )
    parts = dict.fromkeys(factors, np.zeros(()))
    for step in steps:
        mean = log_mean(step.after, step.before) if form == "multiplicative" else 1.0
        for name, part in step.parts.items():
            parts[name] = parts[name] + step.weight * part / mean
    return np.array(list(parts.values()))


def _refuse_gap(parts: Array, emissions: Array, form: Form) -> None:
    """Refuse parts that do not add up to the change."""
    before, after = emissions
    if form == "additive":
        gap = float(np.abs(parts.sum(axis=0) - (after - before)).max())
        size = float(np.abs(emissions).sum(axis=1).max())
    else:
        gap = abs(float(parts.sum() - np.log(after.sum() / before.sum())))
        size = max(1.0, float(np.abs(parts).sum()))
    if not gap <= CLOSURE * size:
        raise DecompositionError(
            f"the parts miss the change by {gap:.3g}: the tables are too badly conditioned, or "
            "an economy on the way is close to unproductive"
        )
