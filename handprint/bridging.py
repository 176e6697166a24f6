"""From what levers save to the cells of a table, and from cells to what they emit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.bridge import HOUSEHOLDS, POWER, Bridge, Cell, Kind
from handprint.counterfactual import Intervention
from io_tables import IOTable


class Saving(NamedTuple):
    """
    What a group of levers of one sector model saves in one year.

    Parameters
    ----------
    model : str
        Sector model.
    lever : str
        Use case, or ``*`` for those without cells of their own.
    fraction : float
        Saved share of what the levers act on, before rebound [1]: the reference emissions of
        the model, or the emissions of the lever's cells.
    rebound : float
        Direct rebound [1].
    ict_purchases : float
        Additional purchases from ICT [units of the table].
    """

    model: str
    lever: str
    fraction: float
    rebound: float
    ict_purchases: float


class Emitting(NamedTuple):
    """
    What cells of a table emit.

    Parameters
    ----------
    table : IOTable
        Economy of one year.
    satellite : str
        Account.
    """

    table: IOTable
    satellite: str

    def onsite(self, sector: str) -> float:
        """
        Return the direct emissions of a sector.

        Parameters
        ----------
        sector : str
            Label of the table.

        Returns
        -------
        float
            Amount [units of the account].
        """
        account = self.table.satellites[self.satellite]
        return float(account.values[self.table.sectors.index(sector)])

    def power(self, kind: Kind, purchaser: str) -> float:
        """
        Return the emissions of power plants for the electricity that someone buys.

        Parameters
        ----------
        kind : {"input", "demand"}
            Whether a sector or a category of final demand buys it.
        purchaser : str
            Its label.

        Returns
        -------
        float
            Amount [units of the account].
        """
        table = self.table
        row = table.sectors.index(POWER)
        if kind == "input":
            bought = float(table.transactions.values[row, table.sectors.index(purchaser)])
        else:
            bought = float(table.final_demand.values[row, table.categories.index(purchaser)])
        output = float(table.output.values[row])
        return self.onsite(POWER) * bought / output if output else 0.0

    def households(self) -> float:
        """
        Return the direct emissions of households.

        Returns
        -------
        float
            Amount [units of the account].
        """
        return float(self.table.households.get(self.satellite, xr.DataArray(0.0)))


def purchased_power(bridge: Bridge, table: IOTable, satellite: str) -> xr.DataArray:
    """
    Emissions of the electricity that the sector models buy, where their scope contains it.

    Parameters
    ----------
    bridge : Bridge
        Names the purchases: every cell of electricity that a lever of the model changes.
    table : IOTable
        Economy of one year.
    satellite : str
        Account.

    Returns
    -------
    xarray.DataArray
        Dims (model) [units of the account]; zero for models of direct emissions.
    """
    emitting = Emitting(table, satellite)
    found = {}
    for model in bridge.models:
        cells = {
            (c.kind, c.purchaser)
            for c in bridge.cells
            if c.model == model and c.row == POWER and c.kind in ("input", "demand")
        }
        own = sorted(cells) if bridge.buys_power(model) else []
        found[model] = sum(emitting.power(kind, purchaser) for kind, purchaser in own)
    return xr.DataArray(list(found.values()), coords={"model": list(found)}, dims="model")


def lever_base(bridge: Bridge, model: str, lever: str, table: IOTable, satellite: str) -> float:
    """
    Emissions of the cells that a lever changes.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    model, lever : str
        Sector model and use case, or ``*``.
    table : IOTable
        Economy of one year.
    satellite : str
        Account.

    Returns
    -------
    float
        On-site emissions, those of the electricity bought, and those of households where the
        lever changes what fuel they buy [units of the account].
    """
    emitting = Emitting(table, satellite)
    mine = [c for c in bridge.cells if (c.model, c.lever) == (model, lever)]
    total = 0.0
    for cell in mine:
        if cell.kind == "onsite":
            total += cell.share * emitting.onsite(cell.purchaser)
        elif cell.row == POWER and cell.kind in ("input", "demand"):
            total += cell.share * emitting.power(cell.kind, cell.purchaser)
    if burns_at_home(mine):
        total += float(bridge.boundary.sel(emitter=HOUSEHOLDS, group=model)) * emitting.households()
    return total


def electric_share(bridge: Bridge, model: str, lever: str, table: IOTable, satellite: str) -> float:
    """
    Share of electricity in the emissions of the cells that a lever changes.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    model, lever : str
        Sector model and use case, or ``*``.
    table : IOTable
        Economy of one year.
    satellite : str
        Account.

    Returns
    -------
    float
        From 0 to 1 [1]; 0 for a lever whose cells emit nothing.
    """
    emitting = Emitting(table, satellite)
    power = sum(
        c.share * emitting.power(c.kind, c.purchaser)
        for c in bridge.cells
        if (c.model, c.lever, c.row) == (model, lever, POWER) and c.kind in ("input", "demand")
    )
    whole = lever_base(bridge, model, lever, table, satellite)
    return power / whole if whole else 0.0


def burns_at_home(cells: Sequence[Cell]) -> bool:
    """
    Tell whether a lever changes what households burn themselves.

    Parameters
    ----------
    cells : sequence of Cell
        Cells of the lever.

    Returns
    -------
    bool
        Whether one is a purchase of fuel by households.
    """
    return any(c.kind == "demand" and c.row != POWER for c in cells)


def interventions(
    bridge: Bridge, savings: Sequence[Saving], output: xr.DataArray
) -> list[tuple[str, Intervention]]:
    """
    Turn savings into interventions on the table.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    savings : sequence of Saving
        By sector model and lever.
    output : xarray.DataArray
        Gross output of the year, dims (sector) [units of the table]; ICT purchases are spread
        over the purchasers in proportion to it.

    Returns
    -------
    list of tuple
        Sector model and intervention, one for each adopting sector and lever; levers whose
        savings are shares of their cells act on disjoint segments, so one intervention of the
        model adds them up.
    """
    volume = {str(k): float(v) for k, v in output.to_series().items()}
    alone = [
        (saving, measure) for saving in savings for measure in _measures(bridge, saving, volume)
    ]
    found: dict[tuple[str, str, str], Intervention] = {}
    for saving, measure in alone:
        adds = bridge.models[saving.model].saving_of == "cells"
        key = (saving.model, "" if adds else saving.lever, measure.sector)
        found[key] = _added(found[key], measure) if key in found else measure
    return [(model, measure) for (model, _, _), measure in found.items()]


def _measures(
    bridge: Bridge, saving: Saving, volume: Mapping[str, float]
) -> Iterator[Intervention]:
    """What the levers of a saving change in the column of each sector that applies them."""
    adds = bridge.models[saving.model].saving_of == "cells"
    # Where several levers are added up, each counts net: their rates of rebound differ.
    fraction = saving.fraction * (1 - saving.rebound) if adds else saving.fraction
    buyers = bridge.ict_buyers(saving.model, saving.lever)
    bought = saving.ict_purchases / sum(volume[b] for b in buyers) if buyers else 0.0
    for sector, here in _adopters(bridge, saving.model, saving.lever).items():
        shares = {
            kind: {c.row: c.share for c in here if c.kind == kind} for kind in ("input", "ict")
        }
        yield Intervention(
            sector=sector,
            penetration=1.0,
            saving={row: share * fraction for row, share in shares["input"].items()},
            onsite=fraction * sum(c.share for c in here if c.kind == "onsite"),
            ict_input={row: share * bought for row, share in shares["ict"].items()},
            rebound=0.0 if adds else saving.rebound,
            name=f"{saving.model}: {saving.lever} in {sector}",
        )


def _added(one: Intervention, other: Intervention) -> Intervention:
    """Sum of two interventions in one sector that act on different parts of its cells."""

    def _sum(a: Mapping[str, float], b: Mapping[str, float]) -> dict[str, float]:
        return {key: a.get(key, 0.0) + b.get(key, 0.0) for key in {**a, **b}}

    return Intervention(
        sector=one.sector,
        penetration=1.0,
        saving=_sum(one.saving, other.saving),
        onsite=one.onsite + other.onsite,
        ict_input=_sum(dict(one.ict_input), dict(other.ict_input)),  # type: ignore[arg-type]
        name=f"{one.name.split(':')[0]} in {one.sector}",
    )


def demand_changes(
    bridge: Bridge, savings: Sequence[Saving], table: IOTable
) -> dict[str, xr.DataArray]:
    """
    Turn savings into lower purchases of households.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    savings : sequence of Saving
        By sector model and lever.
    table : IOTable
        Reference economy of the year.

    Returns
    -------
    dict of str to xarray.DataArray
        Sector model -> change of final demand, dims (sector) [units], zero or negative.
    """
    demand, labels, categories = table.final_demand.values, table.sectors, table.categories
    changes: dict[str, npt.NDArray[np.float64]] = {}
    for saving in savings:
        net = saving.fraction * (1 - saving.rebound)
        for cell in bridge.cells:
            if (cell.kind, cell.model, cell.lever) == ("demand", saving.model, saving.lever):
                row, column = labels.index(cell.row), categories.index(cell.purchaser)
                change = changes.setdefault(saving.model, np.zeros(len(labels)))
                change[row] -= cell.share * net * demand[row, column]
    return {
        model: xr.DataArray(change, coords={"sector": labels}, dims="sector")
        for model, change in changes.items()
    }


def _adopters(bridge: Bridge, model: str, lever: str) -> dict[str, list[Cell]]:
    """Cells of a lever by the sector that applies it."""
    found: dict[str, list[Cell]] = {}
    for cell in bridge.cells:
        if (cell.model, cell.lever) == (model, lever) and cell.kind != "demand":
            found.setdefault(cell.purchaser, []).append(cell)
    return found
