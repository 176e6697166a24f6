"""How much a counterfactual depends on the way imports are treated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import xarray as xr

from handprint.alignment import Array, Labels
from handprint.counterfactual import compared
from handprint.effect_labels import MEANINGS
from handprint.errors import InterventionError, LabelMismatchError, UnitMismatchError, listed
from handprint.factor import coefficients
from handprint.guards import TABLE, checked
from handprint.intervention import Intervention
from handprint.setting import Market, Options, listed_interventions, market
from io_tables import IOTable
from io_tables.table import EXPORTS, IMPORTS

COMPETITIVE, PROPORTIONAL, GIVEN = "competitive", "domestic, proportional", "domestic, given"
SLACK = 1e-6  # share of a flow by which two tables of one economy may differ


@checked(table=TABLE, domestic=TABLE)
def import_sensitivity(
    table: IOTable,
    interventions: Sequence[Intervention],
    *,
    domestic: IOTable | None = None,
    **options: Unpack[Options],
) -> xr.Dataset:
    r"""
    Run a counterfactual under several rules for imports.

    Parameters
    ----------
    table : IOTable
        Competitive: flows include imports, which are a negative category of final demand.
    interventions : sequence of Intervention
        As in :func:`handprint.counterfactual`.
    domestic : IOTable, optional
        A domestic table of the same economy, for example an official one.
    **options
        Options of :func:`handprint.counterfactual`.

    Returns
    -------
    xarray.Dataset
        The variables of :func:`handprint.counterfactual` that all rules have, with dim
        ``import_rule`` first, and ``domestic_share`` (import_rule, product) [1].

    Raises
    ------
    ArgumentError
        If an argument is of another kind, or an option unknown.
    InterventionError
        If the domestic table buys more than the competitive one, in named cells.
    LabelMismatchError, UnitMismatchError
        If the domestic table has other sectors, units or output, or an import column.
    ConcordanceError
        If the table has no import column, or the proportional rule does not fit it.

    Notes
    -----
    ==========================  ================================================================
    ``competitive``             :math:`A`; what is imported counts as made at home
    ``domestic, proportional``  :math:`A_d = (I - \hat m) A`, all home users import one share
    ``domestic, given``         :math:`A_d` of the given table
    ==========================  ================================================================

    Under ``competitive`` the column of imports stays as it is: what is bought less or more is
    made less or more at home. Where imports respond in proportion to all home use,
    :math:`M' = \hat m (A' x' + f')`, output is :math:`x' = (I - (I - \hat m) A')^{-1}
    ((I - \hat m) f' + e)`, which is the proportional rule: to let imports respond is to choose it.

    Interventions are the same under each: a share :math:`\theta` of an input is a share of its
    domestic part too, and of ICT, of household purchases and of what is spent again only the
    domestic share :math:`h_i` of all home use of product i changes domestic output. Money is
    counted on all purchases, imported or not. So the first column credits the world with
    domestic intensity, the others leave out what happens abroad [1]_.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge University
       Press, 2009, ch. 4.
    """
    given = listed_interventions(interventions)
    rules = {COMPETITIVE: market(table), PROPORTIONAL: _domestic(table, table.domestic())}
    if domestic is not None:
        _refuse_other(table, domestic)
        rules[GIVEN] = _domestic(table, domestic)
    found = {name: compared(table, given, options, rule) for name, rule in rules.items()}
    shared = [str(v) for v in found[COMPETITIVE] if all(v in one for one in found.values())]
    joined = xr.concat(
        [one[shared] for one in found.values()],
        dim=xr.Variable("import_rule", list(found)),
        join="exact",
        data_vars="all",
        combine_attrs="override",
    )
    meaning = MEANINGS["domestic_share"]
    joined["domestic_share"] = (
        ("import_rule", "product"),
        np.stack([rule.home for rule in rules.values()]),
        {"units": "1", "long_name": meaning.long_name, "description": meaning.description},
    )
    joined.coords["product"] = table.sectors
    joined.attrs["domestic"] = domestic.source if domestic is not None else "not given"
    return joined


def _home_use(table: IOTable) -> Array:
    """All use of a product at home, (sector)."""
    kept = [c for c in table.categories if c not in (IMPORTS, EXPORTS)]
    final = table.final_demand.sel(category=kept).transpose("sector", "category").values
    return np.asarray(table.transactions.values.sum(axis=1) + final.sum(axis=1))


def _domestic(table: IOTable, domestic: IOTable) -> Market:
    """Flows of a domestic table, and the share of home use that it covers."""
    whole, own = _home_use(table), _home_use(domestic)
    home = np.divide(own, whole, out=np.ones_like(whole), where=whole > 0)
    return market(domestic)._replace(home=np.clip(home, 0.0, 1.0))


def _refuse_other(table: IOTable, domestic: IOTable) -> None:
    """Refuse a domestic table of another economy, and one that is not domestic."""
    labels: Labels = table.transactions.indexes["sector"]
    if domestic.sectors != table.sectors:
        odd = labels.symmetric_difference(domestic.transactions.indexes["sector"]).tolist()
        raise LabelMismatchError(
            f"domestic table: sectors differ in {listed(odd) if odd else 'order only'}"
        )
    if IMPORTS in domestic.categories:
        raise LabelMismatchError(
            f"domestic table {domestic.name} has a category {IMPORTS!r}: it is competitive"
        )
    if domestic.units != table.units:
        raise UnitMismatchError(f"domestic table is in {domestic.units}, table in {table.units}")
    x, other = table.output.values, domestic.output.values
    slack = table.tolerance + domestic.tolerance + SLACK * np.abs(x)
    wrong = [table.sectors[i] for i in np.flatnonzero(np.abs(x - other) > slack)]
    if wrong:
        raise UnitMismatchError(f"output of the domestic table differs in {listed(wrong)}")
    a, own = coefficients(table), coefficients(domestic)
    cells = np.argwhere(own > a + SLACK * np.maximum(np.abs(a), 1e-3))
    if len(cells):
        named = [f"{table.sectors[i]} -> {table.sectors[j]}" for i, j in cells]
        raise InterventionError(f"domestic inputs exceed all inputs in {listed(named)}")
