"""Where the savings of a run act in its tables: every label looked up once, then plain arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from handprint.alignment import Array, positions
from handprint.bridge import Bridge, Cell
from handprint.bridging import Saving, adopters
from handprint.intervention import Fractions
from handprint.ties import BACKFIRE
from io_tables import IOTable

Places = npt.NDArray[np.intp]


class Entries(NamedTuple):
    """Cells of one kind: the place that each moves, by which saving and by which share of it."""

    at: Places
    of: Places
    share: Array

    def moved(self, amount: Array) -> Array:
        """Return what each cell moves, (entry), given the amount of every saving."""
        moved: Array = self.share * amount[self.of]
        return moved

    def total(self, amount: Array, *shape: int) -> Array:
        """Add it up by place."""
        return _summed(self.at, self.moved(amount), shape)


class Amounts(NamedTuple):
    """Numbers of savings as arrays, (saving)."""

    fraction: Array
    rebound: Array
    purchases: Array


@dataclass(frozen=True)
class Incidence:
    """
    Cells of a table that a list of savings changes; made by :func:`incidence_of`.

    Parameters
    ----------
    owners : tuple of str
        Sector model of every intervention, then of every change of final demand.
    column : numpy.ndarray
        Position of the sector of every intervention, (intervention).
    leader : numpy.ndarray
        First saving of every intervention, (intervention): the one whose rebound it has.
    adds : numpy.ndarray
        Whether the levers of a saving add up, so that each counts net of rebound, (saving).
    buyers, saving, onsite, bought, equipment, demand : Entries
        Sectors that buy the ICT of a saving; inputs, own emissions, ICT, the part of it that is
        equipment, and final demand.
    lifetime : numpy.ndarray
        Years that the equipment of an intervention lasts, (intervention); zero without any.
    used : numpy.ndarray
        Cell of final demand of every entry of ``demand``, row by row of the table.
    sectors : int
        Number of sectors.
    """

    owners: tuple[str, ...]
    column: Places
    leader: Places
    adds: npt.NDArray[np.bool_]
    buyers: Entries
    saving: Entries
    onsite: Entries
    bought: Entries
    equipment: Entries
    demand: Entries
    lifetime: Array
    used: Places
    sectors: int

    def fractions(self, given: Amounts, output: Array) -> Fractions | None:
        """
        Put savings on the axes of the table, as :func:`handprint.intervention.fractions` does.

        Parameters
        ----------
        given : Amounts
            What is saved, in the order of the savings.
        output : numpy.ndarray
            Gross output of the year, (sector) [units of the table].

        Returns
        -------
        Fractions or None
            None where a number is not what an intervention takes.
        """
        size, net = len(self.column), given.fraction * (1 - given.rebound)
        acting, unit = np.where(self.adds, net, given.fraction), self._per_output(given, output)
        kinds = ((self.saving, acting), (self.onsite, acting), (self.bought, unit))
        saving = self.saving.total(acting, size, self.sectors)
        onsite = self.onsite.total(acting, size)
        bought = self.bought.total(unit, size, self.sectors)
        shares = [saving, onsite, bought, *(entries.moved(amount) for entries, amount in kinds)]
        shares.append(given.rebound[~self.adds] / BACKFIRE)
        if not all(((s >= 0) & (s <= 1)).all() for s in shares) or not np.isfinite(net).all():
            return None
        reach = np.where(self.adds, 1.0, 1 - given.rebound)[self.leader]
        capital = self.equipment.total(unit, size, self.sectors)
        return Fractions(self.column, saving * reach[:, None], onsite * reach, bought, capital)

    def _per_output(self, given: Amounts, output: Array) -> Array:
        """ICT that a saving buys per output of those who buy it; infinite if they have none."""
        volume = np.bincount(self.buyers.of, output[self.buyers.at], len(given.purchases))
        some = np.bincount(self.buyers.of, minlength=len(volume)) > 0
        with np.errstate(divide="ignore", invalid="ignore"):  # refused where ICT is bought
            return np.where(some, given.purchases / volume, 0.0)

    def in_place(self, given: Amounts, output: Array) -> Array:
        """
        Value of the ICT equipment whose yearly share is bought.

        Parameters
        ----------
        given : Amounts
            What is saved and bought, in the order of the savings.
        output : numpy.ndarray
            Gross output of the year, (sector) [units of the table].

        Returns
        -------
        numpy.ndarray
            (intervention) [units of the table]: yearly purchases times lifetime.
        """
        unit = self._per_output(given, output)
        yearly = self.equipment.total(unit, len(self.column), self.sectors).sum(axis=1)
        value: Array = yearly * output[self.column] * self.lifetime
        return value

    def shift(self, given: Amounts, final_demand: Array) -> Array:
        """
        Return what final demand changes by, as :func:`handprint.bridging.demand_changes` does.

        Parameters
        ----------
        given : Amounts
            What is saved.
        final_demand : numpy.ndarray
            Of the year, (sector, category) [units of the table].

        Returns
        -------
        numpy.ndarray
            (sector model with such changes, sector) [units], zero or negative.
        """
        shape = len(self.owners) - len(self.column), self.sectors
        moved = self.demand.moved(given.fraction * (1 - given.rebound))
        fewer = moved * final_demand.ravel()[self.used]
        return -_summed(self.demand.at, fewer, shape)

    def sellers(self) -> set[int]:
        """Return the positions of the sectors that ICT is bought from."""
        return {int(i) for i in self.bought.at % self.sectors}


def amounts_of(savings: Sequence[Saving]) -> Amounts:
    """
    Take the numbers out of savings.

    Parameters
    ----------
    savings : sequence of Saving
        In the order of their incidence.

    Returns
    -------
    Amounts
        One number of each for every saving.
    """
    rows = [(s.fraction, s.rebound, s.ict_purchases) for s in savings]
    return Amounts(*np.array(rows, dtype=np.float64).reshape(-1, 3).T)


def incidence_of(bridge: Bridge, savings: Sequence[Saving], table: IOTable) -> Incidence:
    """
    Look up where savings act.

    Parameters
    ----------
    bridge : Bridge
        Names the cells.
    savings : sequence of Saving
        By sector model and lever; their numbers do not matter.
    table : IOTable
        Gives the axes.

    Returns
    -------
    Incidence
        The same interventions and changes of demand, in the same order, as
        :func:`handprint.bridging.interventions` and :func:`handprint.bridging.demand_changes`.

    Raises
    ------
    UnknownSectorError
        If a cell names a sector or a category that the table does not have.
    """
    cells = [c for s in savings for c in bridge.of(s.model, s.lever)]
    labels = [c.row for c in cells if c.row] + [c.purchaser for c in cells if c.kind != "demand"]
    rows = _places(labels, table.sectors, "cells of levers")
    homes = [c.purchaser for c in cells if c.kind == "demand"]
    columns = _places(homes, table.categories, "purchases that levers change")
    n, models = len(table.sectors), bridge.models
    adds = [models[s.model].saving_of == "cells" for s in savings]
    measures: dict[tuple[str, str, str], int] = {}
    households: dict[str, int] = {}
    leader: list[int] = []
    used: list[int] = []
    found: dict[str, list[tuple[int, int, float]]] = {
        kind: [] for kind in ("buyers", "input", "onsite", "ict", "equipment", "demand")
    }
    lifetime: list[float] = []
    for g, saving in enumerate(savings):
        buyers = bridge.ict_buyers(saving.model, saving.lever)
        found["buyers"] += [(rows[b], g, 1.0) for b in buyers]
        for sector, here in adopters(bridge, saving.model, saving.lever).items():
            key = (saving.model, "" if adds[g] else saving.lever, sector)
            k = measures.setdefault(key, len(measures))
            if k == len(leader):
                leader.append(g)
                lifetime.append(0.0)
            found["onsite"].append((k, g, sum(c.share for c in here if c.kind == "onsite")))
            for kind in ("input", "ict"):
                found[kind] += [(k * n + rows[c.row], g, c.share) for c in here if c.kind == kind]
            lasting = [c for c in here if c.lifetime is not None]
            found["equipment"] += [(k * n + rows[c.row], g, c.share) for c in lasting]
            lifetime[k] = max([lifetime[k], *(c.lifetime or 0.0 for c in lasting)])
        for cell in _bought_at_home(bridge, saving):
            h = households.setdefault(saving.model, len(households))
            found["demand"].append((h * n + rows[cell.row], g, cell.share))
            used.append(rows[cell.row] * len(table.categories) + columns[cell.purchaser])
    made = {kind: _entries(entries) for kind, entries in found.items()}
    return Incidence(
        owners=(*(model for model, _, _ in measures), *households),
        column=np.array([rows[sector] for _, _, sector in measures], dtype=np.intp),
        leader=np.array(leader, dtype=np.intp),
        adds=np.array(adds, dtype=bool),
        buyers=made["buyers"],
        saving=made["input"],
        onsite=made["onsite"],
        bought=made["ict"],
        equipment=made["equipment"],
        demand=made["demand"],
        lifetime=np.array(lifetime, dtype=np.float64),
        used=np.array(used, dtype=np.intp),
        sectors=n,
    )


def _bought_at_home(bridge: Bridge, saving: Saving) -> list[Cell]:
    return [c for c in bridge.of(saving.model, saving.lever) if c.kind == "demand"]


def _places(names: Iterable[str], labels: Sequence[str], what: str) -> dict[str, int]:
    """Positions of names on an axis, exactly."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    return dict(zip(wanted, positions(wanted, pd.Index(labels), what).tolist(), strict=True))


def _summed(at: Places, values: Array, shape: tuple[int, ...]) -> Array:
    """Add values up by place, in the order in which they come."""
    flat = np.bincount(at, values, math.prod(shape)).astype(np.float64, copy=False)
    return flat.reshape(shape)


def _entries(found: Sequence[tuple[int, int, float]]) -> Entries:
    at, of, share = zip(*found, strict=True) if found else ((), (), ())
    return Entries(
        np.array(at, dtype=np.intp), np.array(of, dtype=np.intp), np.array(share, dtype=np.float64)
    )
