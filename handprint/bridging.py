"""From what levers save to the cells of a table, and from cells to what they emit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.bridge import POWER, Bridge, Cell, Kind
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


class Emitting:
    """
    What cells of a table emit.

    Parameters
    ----------
    table : IOTable
        Economy of one year.
    satellite : str
        Account.
    """

    def __init__(self, table: IOTable, satellite: str) -> None:
        self._own = dict(zip(table.sectors, table.satellites[satellite].values, strict=True))
        power, output = table.sectors.index(POWER), table.output.values
        rate = float(self._own[POWER]) / output[power] if output[power] else 0.0
        sold = rate * table.transactions.values[power]
        used = rate * table.final_demand.values[power]
        self._power = {
            "input": dict(zip(table.sectors, sold, strict=True)),
            "demand": dict(zip(table.categories, used, strict=True)),
        }
        self._homes = float(table.households.get(satellite, 0.0))

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
        return float(self._own[sector])

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
        return float(self._power[kind][purchaser])

    def households(self) -> float:
        """
        Return the direct emissions of households.

        Returns
        -------
        float
            Amount [units of the account].
        """
        return self._homes


def purchased_power(bridge: Bridge, table: IOTable, satellite: str) -> xr.DataArray:
    """
    Emissions of the electricity that the sector models buy, where their scope contains it.

    Parameters
    ----------
    bridge : Bridge
        Names the purchases: every cell of electricity that a lever of the model changes, with
        the largest share that one of them reaches.
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
        reached: dict[tuple[Kind, str], float] = {}
        for cell in bridge.cells if bridge.buys_power(model) else ():
            if cell.model == model and cell.row == POWER and cell.kind in ("input", "demand"):
                # Levers may reach different shares of one purchase: the widest is the model's.
                key = (cell.kind, cell.purchaser)
                reached[key] = max(reached.get(key, 0.0), cell.share)
        found[model] = sum(share * emitting.power(*key) for key, share in sorted(reached.items()))
    return xr.DataArray(list(found.values()), coords={"model": list(found)}, dims="model")


def lever_base(bridge: Bridge, model: str, lever: str, emitting: Emitting) -> float:
    """
    Emissions of the cells that a lever changes.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    model, lever : str
        Sector model and use case, or ``*``.
    emitting : Emitting
        What the cells of the table emit in one year.

    Returns
    -------
    float
        On-site emissions, those of the electricity bought, and those of households where the
        lever changes what fuel they buy [units of the account].
    """
    mine = bridge.of(model, lever)
    total = 0.0
    for cell in mine:
        if cell.kind == "onsite":
            total += cell.share * emitting.onsite(cell.purchaser)
        elif cell.row == POWER and cell.kind in ("input", "demand"):
            total += cell.share * emitting.power(cell.kind, cell.purchaser)
    if burns_at_home(mine):
        total += bridge.homes[model] * emitting.households()
    return total


def electric_share(bridge: Bridge, model: str, lever: str, emitting: Emitting) -> float:
    """
    Share of electricity in the emissions of the cells that a lever changes.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    model, lever : str
        Sector model and use case, or ``*``.
    emitting : Emitting
        What the cells of the table emit in one year.

    Returns
    -------
    float
        From 0 to 1 [1]; 0 for a lever whose cells emit nothing.
    """
    power = sum(
        c.share * emitting.power(c.kind, c.purchaser)
        for c in bridge.of(model, lever)
        if c.row == POWER and c.kind in ("input", "demand")
    )
    whole = lever_base(bridge, model, lever, emitting)
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
    for sector, here in adopters(bridge, saving.model, saving.lever).items():
        ict = [c for c in here if c.kind == "ict"]
        lasting = {c.row: c for c in ict if c.lifetime is not None}
        yield Intervention(
            sector=sector,
            penetration=1.0,
            saving={c.row: c.share * fraction for c in here if c.kind == "input"},
            onsite=fraction * sum(c.share for c in here if c.kind == "onsite"),
            ict_input={c.row: c.share * bought for c in ict if c.lifetime is None},
            ict_capital={
                row: c.share * bought * float(c.lifetime or 0.0) for row, c in lasting.items()
            },
            lifetime=next((c.lifetime for c in lasting.values()), None),
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
        ict_capital=_sum(dict(one.ict_capital), dict(other.ict_capital)),  # type: ignore[arg-type]
        lifetime=one.lifetime or other.lifetime,  # one model, one lifetime
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
        for cell in bridge.of(saving.model, saving.lever):
            if cell.kind == "demand":
                row, column = labels.index(cell.row), categories.index(cell.purchaser)
                change = changes.setdefault(saving.model, np.zeros(len(labels)))
                change[row] -= cell.share * net * demand[row, column]
    return {
        model: xr.DataArray(change, coords={"sector": labels}, dims="sector")
        for model, change in changes.items()
    }


def adopters(bridge: Bridge, model: str, lever: str) -> dict[str, list[Cell]]:
    """
    Sort the cells of a lever by the sector that applies it.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    model, lever : str
        Sector model and use case, or ``*``.

    Returns
    -------
    dict of str to list of Cell
        Without purchases of final demand, which no sector applies.
    """
    found: dict[str, list[Cell]] = {}
    for cell in bridge.of(model, lever):
        if cell.kind != "demand":
            found.setdefault(cell.purchaser, []).append(cell)
    return found
