"""The economy of the end year with the levers of a run at work: as a table, and by use case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.bridge import ANY, POWER, Bridge, bridge_of
from handprint.bridging import Saving, demand_changes, interventions
from handprint.counterfactual import Intervention, counterfactual
from handprint.effects import Economy, _after
from handprint.overrides import models_of
from handprint.pipeline import table_of
from handprint.projection import drivers
from handprint.results import Results
from handprint.savings import savings
from handprint.setting import prepare
from handprint.topdown import project
from io_tables import IOTable

BOUNDARY = ("inside", "upstream")
INTERACTION = "interaction"


class EndYear(NamedTuple):
    """Reference economy of the end year, and what its levers save there (central)."""

    table: IOTable
    bridge: Bridge
    saved: list[Saving]


def end_year(result: Results, table: IOTable | None = None) -> EndYear:
    """
    Rebuild the reference economy of the end year of a run.

    Parameters
    ----------
    result : Results
        A run.
    table : IOTable, optional
        Table of the run where it is not the one that its scenario names.

    Returns
    -------
    EndYear
        Table, bridge and central savings.

    Raises
    ------
    ScenarioError
        If the table is not that of the run.
    """
    scenario, year = result.scenario, result.scenario.end_year
    base = table_of(result, table)
    bridge = bridge_of(models_of(scenario), base)
    tables = project(scenario, bridge, base, drivers(scenario), [year])
    saved = savings(scenario, bridge, tables, result.bottom_up.sel(year=[year]))
    return EndYear(tables[year], bridge, saved[year, "central"])


def with_levers(result: Results, table: IOTable | None = None) -> IOTable:
    r"""
    Make the table of the end year with all levers at work, before re-spending.

    Parameters
    ----------
    result : Results
        A run.
    table : IOTable, optional
        Table of the run where it is not the one that its scenario names.

    Returns
    -------
    IOTable
        :math:`Z' = A' \hat x'`, :math:`e' = \hat s' x'`. Value added takes what is left of
        output, in the proportions of before; emissions are those of sectors.
    """
    now = end_year(result, table)
    base, satellite = now.table, result.scenario.satellite
    given = [one for _, one in interventions(now.bridge, now.saved, base.output)]
    changes = demand_changes(now.bridge, now.saved, base)
    setting = prepare(
        base, given, {"satellite": satellite, "ict": list(result.scenario.ict),
                      "demand_changes": changes}
    )  # fmt: skip
    after: Economy = _after(setting, setting.alone)
    flows = after.a * after.x
    demand = base.final_demand.transpose("sector", "category")
    total = demand.values.sum(axis=1)
    # What households no longer buy leaves final demand; its categories keep their proportions.
    kept = np.divide(setting.demand_after, total, out=np.ones_like(total), where=total != 0)
    left, before = after.x - flows.sum(axis=0), base.primary_inputs
    paid = before.transpose(..., "sector").values
    whole = paid.sum(axis=0)
    scale = np.divide(left, whole, out=np.zeros_like(left), where=whole != 0)
    account = base.satellites[satellite]
    return replace(
        base,
        transactions=base.transactions.copy(data=flows),
        final_demand=demand.copy(data=demand.values * kept[:, None]),
        output=base.output.copy(data=after.x),
        primary_inputs=before.transpose(..., "sector").copy(data=paid * scale),
        satellites=MappingProxyType({satellite: account.copy(data=after.s * after.x)}),
        name=f"{base.name} with levers",
        history=(*base.history, f"levers of {result.scenario.name} at work"),
    )


def emitters_by_use_case(result: Results, table: IOTable | None = None) -> pd.DataFrame:
    r"""
    Show who emits less in the end year, and because of whose lever.

    Parameters
    ----------
    result : Results
        A run.
    table : IOTable, optional
        Table of the run where it is not the one that its scenario names.

    Returns
    -------
    pandas.DataFrame
        Central change of emissions [Mt CO2] along supply chains, negative is less, before
        re-spending. Rows (boundary, emitter): ``inside`` the emissions that the bottom-up half
        counts for the sector model of the lever, ``upstream`` what lies outside it, ICT's
        supply chain included, and is never blended. Columns: use cases; ``interaction`` is
        what levers do together beyond what each does in the joint accounting; ``total`` is
        that of the run.

    Notes
    -----
    Each use case is an intervention of its own in one counterfactual of all, where savings on
    one input multiply and are credited by the Shapley value. The run adds up levers that act
    on disjoint segments of one sector model; ``interaction`` closes the gap to it.
    """
    now = end_year(result, table)
    sectors, names = now.table.sectors, [str(u) for u in result.bottom_up["use_case"].values]
    index = pd.MultiIndex.from_product([BOUNDARY, sectors], names=["boundary", "emitter"])
    together = np.sum(list(_split(result, now, now.saved, "").values()), axis=0).ravel()
    alone = _split(result, now, list(_by_lever(result, now)), "#")
    columns = {n: alone[n].ravel() if n in alone else np.zeros(len(index)) for n in names}
    gap = together - np.sum(list(columns.values()), axis=0)
    frame = pd.DataFrame({**columns, INTERACTION: gap, "total": together}, index=index)
    frame.attrs = {
        "units": "Mt CO2",
        "year": result.scenario.end_year,
        "scenario": result.scenario.name,
    }
    return frame


def _split(
    result: Results, now: EndYear, saved: Sequence[Saving], mark: str
) -> dict[str, npt.NDArray[np.float64]]:
    """
    Change of emissions by owner of the savings, each (boundary, emitter).

    With a mark, a saving belongs to the use case behind it in its name; without, to its model.
    """
    table, bridge = now.table, now.bridge
    groups: dict[str, list[Saving]] = {}
    for one in saved:
        groups.setdefault(one.lever.partition(mark)[2] if mark else one.model, []).append(one)
    measures: list[Intervention] = []
    changes: dict[str, xr.DataArray] = {}
    owners, later = [], []
    for owner, mine in groups.items():
        plain = [s._replace(lever=s.lever.partition(mark)[0]) for s in mine] if mark else mine
        found = [one for _, one in interventions(bridge, plain, table.output)]
        measures += found
        owners += [(owner, mine[0].model)] * len(found)
        for change in demand_changes(bridge, plain, table).values():
            changes[owner] = change
            later.append((owner, mine[0].model))
    effect = counterfactual(
        table, measures, satellite=result.scenario.satellite, ict=list(result.scenario.ict),
        demand_changes=changes,
    )["effect"].values  # fmt: skip
    split: dict[str, npt.NDArray[np.float64]] = {}
    for place, (owner, model) in enumerate([*owners, *later]):
        inside = bridge.boundary.sel(emitter=table.sectors, group=model).values.copy()
        if bridge.buys_power(model):
            inside[table.sectors.index(POWER)] = 1.0
        first, second = effect[0, :, place], effect[1:3, :, place].sum(axis=0)
        part = np.stack([second * inside, second * (1 - inside) + first])
        split[owner] = split[owner] + part if owner in split else part
    return split


def _by_lever(result: Results, now: EndYear) -> Iterator[Saving]:
    """Savings of single use cases: ``lever`` is ``CELLS#USE CASE``, cells as in the run."""
    whole = {(s.model, s.lever): s for s in now.saved}
    parts = result.bottom_up.sel(year=result.scenario.end_year, estimate="central")
    gross = parts["enabled"].to_series()
    cells = {}
    for case in parts["use_case"].values:
        own = parts.sel(use_case=case)
        model, lever = str(own["model"].item()), str(own["lever"].item())
        cells[str(case)] = (
            (model, lever if lever in now.bridge.own_levers(model) else ANY),
            (model, lever if lever in now.bridge.ict_levers(model) else ANY),
        )
    for case, (group, seller) in cells.items():
        together = sum(float(gross[c]) for c, (g, _) in cells.items() if g == group)
        mine = float(gross[case])
        rebound = float(parts["rebound"].sel(use_case=case)) / mine if mine else 0.0
        share = mine / together if together else 0.0
        fraction = whole[group].fraction * share
        bought = float(parts["ict_purchases"].sel(use_case=case))
        alike = group == seller
        yield Saving(group[0], f"{group[1]}#{case}", fraction, rebound, bought if alike else 0.0)
        if not alike:
            yield Saving(seller[0], f"{seller[1]}#{case}", 0.0, 0.0, bought)
