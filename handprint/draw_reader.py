"""Draws of intervention parameters: labels, ranges and ties, checked before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.batch import Draws, Places
from handprint.errors import HandprintError, InterventionError, listed
from handprint.intervention import Intervention, by_ict_sector, ict_sectors
from handprint.setting import Options
from handprint.ties import BACKFIRE, EXACT
from io_tables.errors import did_you_mean

DRAW, WHO, INPUT = "draw", "intervention", "input"
AXES = {
    "penetration": (DRAW, WHO),
    "saving": (DRAW, WHO, INPUT),
    "onsite": (DRAW, WHO),
    "ict_input": (DRAW, WHO, INPUT),
    "rebound": (DRAW, WHO),
    "respend": (DRAW,),
}


class Given(NamedTuple):
    """One array of draws on its axes, length one where it does not vary."""

    values: Array
    inputs: Places  # positions of the axis input; empty without one


class DrawReader:
    """
    Bring draws onto the axes of interventions and table; problems are collected.

    Parameters
    ----------
    given : sequence of Intervention
        Whose parameters are drawn, and their values where they are not.
    names : sequence of str
        Their labels.
    labels : pandas.Index
        Sectors of the table.
    options : Options
        Of the counterfactual.
    """

    def __init__(
        self, given: Sequence[Intervention], names: Sequence[str], labels: Labels, options: Options
    ) -> None:
        self.given, self.names, self.labels = given, list(names), labels
        self.listed = options.get("ict", ())
        self.group = ict_sectors(given, self.listed)
        self.respend = options.get("respend", 0.0)
        self.problems: list[str] = []
        self.count: tuple[int, str] | None = None
        self.labels_of_draws: Labels | None = None

    def draws(self, draws: xr.Dataset | Mapping[str, ArrayInput]) -> tuple[Draws, Places]:
        """
        Read draws.

        Parameters
        ----------
        draws : xarray.Dataset or Mapping of str to array_like
            Parameter -> values.

        Returns
        -------
        values : Draws
            On full axes.
        rows : numpy.ndarray
            Positions of the rows that a draw may change.

        Raises
        ------
        InterventionError
            Listing every problem.
        """
        known: dict[str, ArrayInput] = {str(name): draws[str(name)] for name in draws}
        self.problems += [
            f"no parameter {name!r}, {did_you_mean(name, AXES)}"
            for name in known
            if name not in AXES
        ]
        found: dict[str, Given] = {}
        for name in AXES:
            if name in known:
                try:
                    found[name] = self._placed(name, known[name])
                except HandprintError as error:
                    self.problems.append(str(error))
        if not self.problems and (self.count is None or not self.count[0]):
            self.problems.append("none given: no array has a dim 'draw' with entries")
        self._refuse()
        values, rows = self._filled(found)
        self._refuse()
        return values, rows

    def _refuse(self) -> None:
        if self.problems:
            raise InterventionError(f"draws: {'; '.join(self.problems)}")

    def _placed(self, name: str, given: ArrayInput) -> Given:
        """Check dims, labels and range of one array."""
        axes = AXES[name]
        dims = list(axes)
        if isinstance(given, xr.DataArray):
            needed = axes[1:] if INPUT in axes else ()
            if not set(needed) <= set(given.dims) <= set(axes):
                raise InterventionError(f"{name} has dims {given.dims}, needed {axes}")
            dims = [d for d in axes if d in given.dims]
        block = read(given, name, dims=dims)
        if block.values.ndim != len(dims):
            raise InterventionError(f"{name} has {block.values.ndim} dims, needed {tuple(dims)}")
        labels = dict(zip(dims, block.labels, strict=True))
        sizes = dict(zip(dims, block.values.shape, strict=True))
        values = block.values.reshape([sizes.get(axis, 1) for axis in axes])
        if DRAW in dims:
            self._same_draws(name, len(values), labels[DRAW])
        if WHO in dims:
            self._same_interventions(name, values.shape[1], labels[WHO])
        self._refuse_no_shares(name, values)
        inputs = np.zeros(0, dtype=np.intp)
        if INPUT in axes:
            inputs = self._inputs(name, values, labels[INPUT])
        return Given(values, inputs)

    def _same_draws(self, name: str, count: int, labels: Labels | None) -> None:
        """All arrays hold the same draws."""
        self.count = self.count or (count, name)
        if count != self.count[0]:
            raise InterventionError(
                f"{name} has {count} draws, {self.count[1]} has {self.count[0]}"
            )
        if labels is not None and self.labels_of_draws is not None:
            demand_labels(labels, self.labels_of_draws, f"{name}, draws")
        elif labels is not None:
            self.labels_of_draws = labels

    def _same_interventions(self, name: str, count: int, labels: Labels | None) -> None:
        """Interventions are those given, in their order."""
        if labels is None and count != len(self.names):
            raise InterventionError(f"{name}: {count} interventions, needed {len(self.names)}")
        demand_labels(labels, pd.Index(self.names, dtype=object), f"{name}, interventions")

    def _refuse_no_shares(self, name: str, values: Array) -> None:
        """Every value is a share."""
        most = BACKFIRE if name == "rebound" else 1.0
        wrong = np.argwhere((values < 0) | (values > most))
        if len(wrong):
            first = tuple(wrong[0])
            place = f"draw {first[0]}"
            if len(first) > 1 and values.shape[1] == len(self.names):
                place += f", {self.names[first[1]]!r}"
            self.problems.append(
                f"{name}: {len(wrong)} values outside 0 to {most:g}, "
                f"first {values[first]:g} at {place}"
            )

    def _inputs(self, name: str, values: Array, labels: Labels | None) -> Places:
        """Positions of the inputs; without labels they are all sectors of the table."""
        if labels is None:
            if values.shape[2] != len(self.labels):
                raise InterventionError(
                    f"{name}: {values.shape[2]} inputs without labels, the table has "
                    f"{len(self.labels)} sectors"
                )
            labels = self.labels
        unknown = [f"{x!r}, {did_you_mean(x, self.labels)}" for x in labels if x not in self.labels]
        if unknown:
            raise InterventionError(f"{name}: no sector {'; '.join(unknown)}")
        positions = self.labels.get_indexer(labels)
        if name == "ict_input" and self.listed:
            bought = np.flatnonzero(values.sum(axis=(0, 1)) > 0)
            odd = [x for x in labels[bought] if x not in self.group]
            if odd:
                raise InterventionError(f"{name} from {listed(odd)}, not among ict {self.group}")
        return np.asarray(positions)

    def _filled(self, found: Mapping[str, Given]) -> tuple[Draws, Places]:
        """Put all values on the same axes; what is not drawn comes from the interventions."""
        count, k = self.count[0] if self.count else 0, len(self.given)
        default = {
            "saving": [i.saving for i in self.given],
            "ict_input": [by_ict_sector(i.ict_input, self.group) for i in self.given],
        }
        capital = [
            {c: v * i.yearly for c, v in by_ict_sector(i.ict_capital, self.group).items()}
            for i in self.given
        ]
        cells = {n: found[n] if n in found else self._of(rows) for n, rows in default.items()}
        invested = self._of(capital)
        rows = np.unique(np.concatenate([g.inputs for g in (*cells.values(), invested)]))
        saving, bought, yearly = (
            _on_rows(g, rows) for g in (cells["saving"], cells["ict_input"], invested)
        )
        plain = {
            "penetration": np.array([[i.penetration for i in self.given]], dtype=float),
            "rebound": np.array([[i.rebound for i in self.given]], dtype=float),
            "respend": np.array([self.respend], dtype=float),
        }
        plain |= {n: found[n].values for n in plain if n in found}
        onsite = self._tied(found["onsite"].values if "onsite" in found else None, saving, rows)
        wide, deep = (count, k), (count, k, len(rows))
        values = Draws(
            reach=np.broadcast_to(plain["penetration"], wide),
            rebound=np.broadcast_to(plain["rebound"], wide),
            saving=np.broadcast_to(saving, deep),
            onsite=np.broadcast_to(onsite, wide),
            added=np.broadcast_to(bought + yearly, deep),
            respend=np.broadcast_to(plain["respend"], (count,)),
        )
        return values, rows

    def _of(self, mappings: Sequence[Mapping[str, float]]) -> Given:
        """Values of the interventions themselves."""
        used = {row for mapping in mappings for row in mapping}
        inputs = [sector for sector in self.labels if sector in used]
        values = [[[m.get(row, 0.0) for row in inputs] for m in mappings]]
        shape = (1, len(mappings), len(inputs))
        places = np.asarray(self.labels.get_indexer(pd.Index(inputs, dtype=object)), dtype=np.intp)
        return Given(np.array(values, dtype=float).reshape(shape), places)

    def _tied(self, drawn: Array | None, saving: Array, rows: Places) -> Array:
        """On-site savings; where fuel rows tie them they follow the savings of each draw."""
        own = np.array([[i.onsite for i in self.given]], dtype=float) if drawn is None else drawn
        size = max(len(own), len(saving))
        onsite = np.broadcast_to(own, (size, len(self.given))).copy()
        for k, one in enumerate(self.given):
            if not one.fuel_rows:
                continue
            fuels = self.labels.get_indexer(pd.Index(list(one.fuel_rows), dtype=object))
            here = np.isin(fuels, rows)  # a fuel that no draw saves is not on the rows
            burnt = np.zeros((len(saving), len(fuels)))
            burnt[:, here] = saving[:, k, np.searchsorted(rows, fuels[here])]
            if isinstance(one.fuel_rows, Mapping):
                tied = burnt @ np.array(list(one.fuel_rows.values()), dtype=float)
            else:
                tied = burnt[:, 0]
                if np.ptp(burnt, axis=1).max() > EXACT:
                    self.problems.append(
                        f"saving of {self.names[k]!r}: its fuel rows {list(one.fuel_rows)} save "
                        "different shares: give the share of own emissions of each in fuel_rows"
                    )
            off = np.abs(onsite[:, k] - tied) > EXACT
            if drawn is not None and off.any():
                self.problems.append(
                    f"onsite of {self.names[k]!r} contradicts its fuel rows in {off.sum()} draws, "
                    f"first draw {int(off.argmax())}: leave onsite out, it follows the saving"
                )
            onsite[:, k] = tied
        return onsite


def _on_rows(given: Given, rows: Places) -> Array:
    """Spread inputs over the rows that any draw changes."""
    full = np.zeros((*given.values.shape[:2], len(rows)))
    full[:, :, np.searchsorted(rows, given.inputs)] = given.values
    return full
