"""The table with and without digital interventions: what changes, at whom, and because of which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xarray as xr

from handprint.alignment import ArrayInput
from handprint.effect_labels import dataset, stated
from handprint.effects import outcome
from handprint.guards import TABLE, checked
from handprint.intervention import Intervention
from handprint.respending import ALL, BudgetChoice
from handprint.setting import Market, Options, listed_interventions, names_of, prepare
from io_tables import IOTable

__all__ = ["Intervention", "counterfactual"]


@checked(table=TABLE)
def counterfactual(
    table: IOTable,
    interventions: Sequence[Intervention],
    *,
    satellite: str = "CO2",
    respend: float = 0.0,
    ict: Sequence[str] = (),
    budget: BudgetChoice = ALL,
    budget_shares: ArrayInput | None = None,
    demand_changes: Mapping[str, ArrayInput] | None = None,
    household_onsite: Mapping[str, float] | None = None,
    capital: ArrayInput | None = None,
) -> xr.Dataset:
    r"""
    Compare the economy of a table with the same economy after digital interventions.

    Parameters
    ----------
    table : IOTable
        The economy before, with a satellite of scope "direct".
    interventions : sequence of Intervention
        Several on one sector multiply: each saves a share of what the others leave.
    satellite : str
        Name of the account.
    respend : float
        Share alpha of the saved cost that is spent again, 0 to 1.
    ict : sequence of str
        Sectors that count as ICT.
    budget : str, sequence of str or Mapping of str to float
        Who spends it. ``"final demand"``: all, in proportion to final demand, imports and exports
        included. ``"households"``: the categories with this word in their name; or a list of
        categories: each gets money in proportion to its spending. A mapping: category ->
        share of the money. Categories spend it as they spend now, unless ``budget_shares``
        say otherwise.
    budget_shares : array_like, optional
        Marginal budget shares mu, dims (sector), sum one; or (sector, category) for the
        categories of ``budget``, each sum one.
    demand_changes : Mapping of str to array_like, optional
        Label -> change of final demand, dims (sector) [table units], net of direct rebound:
        what households buy less because of digital services. Labels follow those of the
        interventions; the money counts as cost saved.
    household_onsite : Mapping of str to float, optional
        Label -> change of direct emissions of households [satellite units], negative is less,
        net of direct rebound; the same label as in ``demand_changes`` is one intervention. It
        is no part of the Leontief model; with it, emissions of households are in all totals
        and an emitter ``"households"`` closes the sum.
    capital : array_like, optional
        Capital goods K used per unit of output, dims (sector, purchaser) [table units per table
        units], for example of :func:`handprint.capital.capital_coefficients`: they become
        inputs and leave final demand. ICT capital of the interventions is annualised with or
        without it.

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
        saves nothing; infinite if ICT has no emissions upstream, negative with a rebound above
        one, missing for demand changes, which have no output that ICT could be related to.
        Where they apply: ``first_from_capital`` (intervention), ``multiplier`` and
        ``multiplier_without_capital`` (sector) [satellite units per table units],
        ``respending_by_category`` (category) [satellite units].

    Raises
    ------
    ArgumentError
        If an argument is of another kind, for example a matrix instead of a table.
    InterventionError
        Listing every unknown name, missing ICT sector and value out of range, ties that
        contradict each other, capital that final demand does not have, and budgets without sum.
    NotProductiveError
        If an economy is not productive.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.

    See Also
    --------
    handprint.draws.counterfactuals : Many draws of the same interventions.
    handprint.imports.import_sensitivity : The same under several rules for imports.
    handprint.emitters.emitter_table : Who emits less, because of which intervention.

    Notes
    -----
    For sector j with interventions k, ICT rows c, all other technology unchanged [1]_:

    .. math::
        a'_{ij} = a_{ij} \prod_k (1 - \theta_{ijk} p_k (1 - r_k)) + [i = c] \sum_k \kappa_k p_k,
        \quad s'_j = s_j \prod_k (1 - \phi_k p_k (1 - r_k))

    with output :math:`x = L y` before and :math:`x' = L' y` after; with endogenous capital
    :math:`L = (I - A - K)^{-1}` and :math:`y - K x` instead of y, so x is unchanged.
    The change splits exactly, with two-point means :math:`\bar s, \bar x`, into orders by
    emitter:

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
    options = Options(
        satellite=satellite,
        respend=respend,
        ict=ict,
        budget=budget,
        budget_shares=budget_shares,
        demand_changes=demand_changes,
        household_onsite=household_onsite,
        capital=capital,
    )
    return compared(table, listed_interventions(interventions), options)


def compared(
    table: IOTable,
    given: Sequence[Intervention],
    options: Options,
    rule: Market | None = None,
) -> xr.Dataset:
    """
    Compare under a rule for imports; see :func:`counterfactual`.

    Parameters
    ----------
    table : IOTable
        The economy before.
    given : sequence of Intervention
        What changes.
    options : Options
        Options of :func:`counterfactual`.
    rule : Market, optional
        Domestic flows; by default all flows of the table.

    Returns
    -------
    xarray.Dataset
        As :func:`counterfactual` returns.
    """
    setting = prepare(table, given, options, rule)
    effect, values = outcome(setting)
    satellite = options.get("satellite", "CO2")
    about = stated(
        table, satellite, setting.hearth is not None, setting.respend, options.get("capital")
    )
    return dataset(
        table, names_of(given, options), satellite, effect, values, setting.budget, about
    )
