"""The economy of every year with and without the levers of a run, added up by sector model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, Labels, demand_labels
from handprint.bridge import POWER, Bridge
from handprint.bridging import Saving, burns_at_home, demand_changes, interventions
from handprint.counterfactual import counterfactual
from handprint.effects import Setting, outcome
from handprint.incidence import amounts_of, incidence_of
from handprint.scenario import Scenario
from handprint.setting import Options, prepare
from io_tables import IOTable


class Comparisons:
    """
    What the comparisons of all years share: labels are looked up once.

    Parameters
    ----------
    scenario : Scenario
        Names satellite, ICT sectors and sector models.
    bridge : Bridge
        Names the cells of the levers.
    table : IOTable
        Gives the axes.
    saved : sequence of Saving
        Sector models and levers of every comparison, in their order.
    """

    def __init__(
        self, scenario: Scenario, bridge: Bridge, table: IOTable, saved: Sequence[Saving]
    ) -> None:
        self.scenario, self.bridge = scenario, bridge
        self.axes: tuple[Labels, Labels] = pd.Index(table.sectors), pd.Index(table.categories)
        self.incidence = incidence_of(bridge, saved, table)
        owners = [*self.incidence.owners, *(s.model for s in saved)]
        each = np.array([[o == model for model in scenario.sectors] for o in owners], float)
        each = each.reshape(len(owners), len(scenario.sectors))
        self.owned = each[: len(self.incidence.owners)]
        self.inside = _inside(scenario, bridge, table)
        at_home = np.array([float(_at_home(bridge, s)) for s in saved])
        self.at_home = each[len(self.incidence.owners) :] * at_home[:, None]
        self.homes = np.array([bridge.homes[model] for model in scenario.sectors])
        ict = {str(self.axes[0][i]) for i in self.incidence.sellers()}
        self.known = not scenario.ict or ict <= set(scenario.ict)

    def year(self, table: IOTable) -> Callable[[Sequence[Saving], float], dict[str, Array]]:
        """
        Solve the economy of one year, which all comparisons of the year start from.

        Parameters
        ----------
        table : IOTable
            Reference economy of the year.

        Returns
        -------
        callable
            Takes savings and the share of the cost saving that is spent again, and returns
            what :func:`handprint.topdown.one_year` does.

        Raises
        ------
        LabelMismatchError
            If the table has other sectors or categories.
        HandprintError
            If there is no fit account, or the economy is not productive.
        """
        for labels, wanted, what in zip(
            (table.sectors, table.categories), self.axes, ("sectors", "categories"), strict=True
        ):
            demand_labels(pd.Index(labels), wanted, f"{table.name}, {what}")
        before = prepare(table, [], self._options())

        def _compare(saved: Sequence[Saving], share: float) -> dict[str, Array]:
            return self._parts(table, saved, share, self._outcome(table, before, saved))

        return _compare

    def _options(self) -> Options:
        """Spend all of the saving again: any share follows from it."""
        return {
            "satellite": self.scenario.satellite,
            "respend": 1.0,
            "ict": list(self.scenario.ict),
        }

    def _outcome(self, table: IOTable, before: Setting, saved: Sequence[Saving]) -> _Outcome:
        """Compare the economy before with that after the savings, on plain arrays."""
        given, output = amounts_of(saved), table.output.values
        alone = self.incidence.fractions(given, output) if self.known else None
        if alone is None:  # something is wrong with them: the public functions say what
            found = plain(self.scenario, self.bridge, table, saved)
            return _Outcome(**{n: found[n].values for n in _Outcome._fields if n in found})
        demand = table.final_demand.transpose("sector", "category").values
        shift = self.incidence.shift(given, demand)
        setting = before._replace(alone=alone, shift=shift, smoke=np.zeros(len(shift)))
        effect, values = outcome(setting)
        rest = {n: np.asarray(values[n][1]) for n in _Outcome._fields[1:] if n in values}
        return _Outcome(effect, **rest)

    def _parts(
        self, table: IOTable, saved: Sequence[Saving], share: float, found: _Outcome
    ) -> dict[str, Array]:
        """Add up by sector model and boundary."""
        first, inputs, onsite, higher = found.effect @ self.owned
        second = -(inputs + onsite)
        within = (second * self.inside).sum(axis=0)
        # Direct emissions of households are outside the table, so the same on both sides.
        own = float(table.households.get(self.scenario.satellite, 0.0))
        net = np.array([s.fraction * (1 - s.rebound) for s in saved])
        at_home = own * self.homes * (net @ self.at_home)
        return {
            "enabled": within + at_home,
            "households": at_home,
            "upstream": second.sum(axis=0) - within,
            "footprint": first.sum(axis=0),
            "footprint_equipment": self._made(found),
            "ict_equipment": self._in_place(table, saved),
            "rebound_respending": share * higher.sum(axis=0),
            "respending_of_all": higher.sum(axis=0),
            "cost_saving": found.cost_saving_by_intervention @ self.owned,
            "emitters": (first - second + share * higher).T,
            "emitters_before": table.satellites[self.scenario.satellite].values,
            "value_added": table.value_added.values.sum(),
            "total_before": found.total_before,
            "total_after": found.total_after,
            # Linear in the share: the run spends all of the saving.
            "total_after_respending": found.total_after + share * higher.sum(),
        }

    def _made(self, found: _Outcome) -> Array:
        """Emissions of making the equipment, by sector model."""
        made: Array = np.zeros(len(self.owned)) if found.first_from_capital is None else (
            found.first_from_capital
        )  # fmt: skip
        by_model: Array = made @ self.owned
        return by_model

    def _in_place(self, table: IOTable, saved: Sequence[Saving]) -> Array:
        """Value of the equipment in place, by sector model."""
        value = self.incidence.in_place(amounts_of(saved), table.output.values)
        by_model: Array = value @ self.owned[: len(value)]
        return by_model


class _Outcome(NamedTuple):
    """Part of the results of a counterfactual, under their names there."""

    effect: Array
    cost_saving_by_intervention: Array
    total_before: Array
    total_after: Array
    first_from_capital: Array | None = None


def plain(
    scenario: Scenario, bridge: Bridge, table: IOTable, saved: Sequence[Saving]
) -> xr.Dataset:
    """
    Compare the economy of one year with and without the levers by the public functions.

    Parameters
    ----------
    scenario : Scenario
        Names satellite and ICT sectors.
    bridge : Bridge
        Names the cells of the levers.
    table : IOTable
        Reference economy of the year.
    saved : sequence of Saving
        What the levers save.

    Returns
    -------
    xarray.Dataset
        As :func:`handprint.counterfactual` returns: interventions of the sector models, then
        their changes of final demand; all of the saved cost is spent again.

    Raises
    ------
    InterventionError
        Listing what is no share, and ICT from a sector that is not the scenario's.
    """
    return counterfactual(
        table,
        [measure for _, measure in interventions(bridge, saved, table.output)],
        satellite=scenario.satellite,
        respend=1.0,
        ict=list(scenario.ict),
        demand_changes=demand_changes(bridge, saved, table),
    )


def _inside(scenario: Scenario, bridge: Bridge, table: IOTable) -> Array:
    """Share of each emitter that lies on the boundary of each model, shape (emitter, model)."""
    inside = bridge.boundary.sel(emitter=table.sectors, group=list(scenario.sectors)).copy()
    for model in scenario.sectors:
        if bridge.buys_power(model):
            inside.loc[POWER, model] = 1.0
    values: Array = inside.values
    return values


def _at_home(bridge: Bridge, saving: Saving) -> bool:
    """Whether a saving lowers what households emit themselves."""
    cells = bridge.of(saving.model, saving.lever)
    return bridge.models[saving.model].saving_of == "sector" or burns_at_home(cells)
