"""Many draws of one set of interventions at once, by low-rank updates of one economy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array
from handprint.effects import Setting
from handprint.errors import HandprintError, NotProductiveError, SingularSystemError
from handprint.factor import factorise
from handprint.sharing import shapley_shares

WORKING = 1 << 25  # bytes of a batch

Places = npt.NDArray[np.intp]


class Draws(NamedTuple):
    """Values of draws on the axes of the interventions; savings and purchases on rows P."""

    reach: Array  # penetration, (draw, intervention)
    rebound: Array  # (draw, intervention)
    saving: Array  # (draw, intervention, row)
    onsite: Array  # (draw, intervention)
    added: Array  # ICT per unit of output where applied, capital included, likewise
    respend: Array  # (draw)

    def part(self, chosen: slice) -> Draws:
        """Return some of the draws."""
        return Draws(*(values[chosen] for values in self))


class Outcomes(NamedTuple):
    """Results of draws."""

    effect: Array  # (draw, order, intervention)
    after: Array  # (draw)
    ideal: Array  # without direct rebound, (draw)
    cost: Array  # (draw, intervention)


class Updated(NamedTuple):
    """The economies of some draws, as far as the changed columns see them."""

    gain: Array  # (I - L_J U)^-1, (draw, c, c)
    change: Array  # U on the rows P, (draw, row, c)
    cleaner: Array  # intensity saved, (draw, c)
    x: Array  # output of the changed columns, (draw, c)
    emissions: Array  # (draw)


class Kernel:
    r"""
    Update the base economy in the columns J of the interventions.

    Parameters
    ----------
    setting : Setting
        The base economy, solved, and what does not vary.
    rows : numpy.ndarray
        Positions P of the rows that a draw may change.

    Notes
    -----
    With U the change of the columns J, and R the rows J of L,

    .. math:: L' = L + L U (I - R U)^{-1} R

    so that nothing larger than (rows, |J|) is made for a draw: multipliers of any intensity
    :math:`\sigma` that differs from s in J only are :math:`\sigma L' = \rho + \rho U G R`,
    :math:`\rho = s L - \delta R`, and output in J is :math:`G R y`.
    """

    def __init__(self, setting: Setting, rows: Places) -> None:
        before, self.setting, self.rows = setting.before, setting, rows
        self.columns, self.owner = np.unique(setting.alone.column, return_inverse=True)
        unit = np.zeros((len(self.columns), len(before.s)))
        unit[np.arange(len(self.columns)), self.columns] = 1.0
        self.r = before.factor.rows(unit) if len(unit) else unit
        self.m = before.factor.rows(before.s)
        self.inputs = before.a[np.ix_(rows, self.columns)].T[self.owner]  # (intervention, row)
        self.priced = setting.cost[np.ix_(rows, self.columns)].T[self.owner]
        self.intensity = before.s[setting.alone.column]
        self.negative = bool((before.a < 0).any())

    @property
    def cells(self) -> int:
        """Numbers held for one draw."""
        k, p, c = len(self.owner), len(self.rows), len(self.columns)
        return 8 * k * p + 4 * p * c + 8 * c * c + 16 * k + 16

    def run(self, draws: Draws, first: int) -> Outcomes:
        """Return the results of some draws, the first of which has this number."""
        saving = draws.saving * (draws.reach * (1 - draws.rebound))[:, :, None]
        onsite = draws.onsite * draws.reach * (1 - draws.rebound)
        bought = draws.added * draws.reach[:, :, None]
        saving, onsite = self._credited(saving), self._credited(onsite)
        after = self._update(saving, onsite, bought, first)
        ideal = after.emissions
        if draws.rebound.any():
            full = draws.saving * draws.reach[:, :, None]
            clean = draws.onsite * draws.reach
            ideal = self._update(
                self._credited(full), self._credited(clean), bought, first
            ).emissions
        per_output = np.einsum("dkp,kp->dk", saving, self.priced) - bought.sum(axis=2)
        shift = self.setting.shift
        paid = np.broadcast_to(-shift.sum(axis=1), (len(saving), len(shift)))
        cost = np.concatenate([per_output * after.x[:, self.owner], paid], axis=1)
        effect = self._effect(after, saving, onsite, bought)
        mean_emissions = self._multiplied(after, after.cleaner, self.setting.mu[None, :])
        effect[:, 3] = draws.respend[:, None] * cost * mean_emissions
        return Outcomes(effect, after.emissions, ideal, cost)

    def _credited(self, fractions: Array) -> Array:
        """Share joint savings among the interventions of one sector."""
        shared = fractions
        for j in np.flatnonzero(np.bincount(self.owner, minlength=len(self.columns)) > 1):
            if shared is fractions:
                shared = fractions.copy()
            rivals = self.owner == j
            of_j = np.moveaxis(fractions[:, rivals], 1, 0)
            shared[:, rivals] = np.moveaxis(shapley_shares(of_j), 0, 1)
        return shared

    def _update(self, saving: Array, onsite: Array, bought: Array, first: int) -> Updated:
        """Solve the changed economies and prove them productive."""
        home = self.setting.home[self.rows]
        change = self._by_column(bought * home - saving * self.inputs).swapaxes(1, 2)
        cleaner = self._by_column(onsite * self.intensity)
        inner = np.eye(len(self.columns)) - self.r[:, self.rows] @ change
        try:
            gain = np.asarray(np.linalg.inv(inner), dtype=np.float64)
        except np.linalg.LinAlgError as singular:
            draw = first + int(np.abs(np.linalg.det(inner)).argmin())
            raise SingularSystemError(f"draw {draw}: I - A is singular") from singular
        self._refuse_unproductive(change, gain, first)
        demand = self.setting.demand_after
        x = gain @ (self.r @ demand)
        found = Updated(gain, change, cleaner, x, np.zeros(len(x)))
        total = self._multiplied(found, cleaner, demand[None, :])[:, 0]
        return found._replace(emissions=total)

    def _by_column(self, values: Array) -> Array:
        """Sum over the interventions of each column, axis 1."""
        summed = np.zeros((len(values), len(self.columns), *values.shape[2:]))
        for k, j in enumerate(self.owner):
            summed[:, j] += values[:, k]
        return summed

    def _multiplied(self, after: Updated, cleaner: Array, demands: Array) -> Array:
        """Return emissions of final demands, (draw, demand), at intensities s - cleaner."""
        gained = self._gained(after, cleaner)
        base = demands @ self.m
        return np.asarray(base + (gained - cleaner) @ (self.r @ demands.T))

    def _gained(self, after: Updated, cleaner: Array) -> Array:
        """Return (s - cleaner) L U G, (draw, c)."""
        rho = self.m[self.rows] - cleaner @ self.r[:, self.rows]
        pulled = rho[:, None, :] @ after.change @ after.gain
        return np.asarray(pulled[:, 0])

    def _effect(self, after: Updated, saving: Array, onsite: Array, bought: Array) -> Array:
        """Split the changes, (draw, order, intervention); the higher order is left open."""
        setting, half = self.setting, after.cleaner / 2
        x0 = setting.before.x[self.columns][self.owner]
        gained = self._gained(after, half) - half
        mean = self.m[self.rows] + gained @ self.r[:, self.rows]
        effect = np.zeros((len(saving), 4, len(x0) + len(setting.shift)))
        k = len(x0)
        added, saved = bought * setting.home[self.rows], saving * self.inputs
        effect[:, 0, :k] = np.einsum("dkp,dp->dk", added, mean) * x0
        effect[:, 1, :k] = -np.einsum("dkp,dp->dk", saved, mean) * x0
        effect[:, 1, k:] = self._multiplied(after, half, setting.shift * setting.home)
        effect[:, 2, :k] = -onsite * self.intensity * (x0 + after.x[:, self.owner]) / 2
        effect[:, 2, k:] = setting.smoke
        return effect

    def _refuse_unproductive(self, change: Array, gain: Array, first: int) -> None:
        """Refuse draws whose economy needs more of a product than it makes."""
        if self.negative:
            self._factorise_each(change, first)
            return
        prices = self.setting.before.factor.prices
        grown = (prices[self.rows] @ change)[:, None, :] @ gain @ self.r[:, self.columns]
        wrong = np.argwhere(prices[self.columns] + grown[:, 0] <= 0)
        if len(wrong):
            draw, j = wrong[0]
            name = self.setting.labels[self.columns[j]]
            raise NotProductiveError(
                f"draw {first + draw}: the economy needs more of a product than it makes after "
                f"the change of {name!r}: narrow the draws of its ICT inputs"
            )

    def _factorise_each(self, change: Array, first: int) -> None:
        """Look at the inverse of every draw, as a table with negative cells needs."""
        before = self.setting.before
        base = before.a if before.k is None else before.a + before.k
        for draw, delta in enumerate(change):
            a = base.copy()
            a[np.ix_(self.rows, self.columns)] += delta
            try:
                factorise(a, self.setting.labels)
            except HandprintError as error:
                raise type(error)(f"draw {first + draw}: {error}") from error
