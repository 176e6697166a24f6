"""Exact low-rank updates of one economy, many draws at a time: plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array
from handprint.certificate import Certificate, Weights, certify
from handprint.engine import Engine, units
from handprint.errors import NotProductiveError, SingularSystemError

Places = npt.NDArray[np.intp]


class Worst(NamedTuple):
    """The draw that comes nearest to an unproductive economy."""

    margin: float
    delta: Array
    gain: Array


@dataclass(eq=False)
class ByColumns:
    r"""
    Updates of rank |c|: only the rows c of the inverse are needed.

    Parameters
    ----------
    engine : Engine
        The base economy.
    p, c : numpy.ndarray
        Rows and columns that change.
    intensity : numpy.ndarray
        Shape (k, n).
    demand : numpy.ndarray or None
        For totals; multipliers otherwise.

    Notes
    -----
    :math:`T_d = T + G L_c`, :math:`e_d = e + G x_c`, :math:`G = T_p D (I - L_{cp} D)^{-1}`.
    The productive vector p of the base is carried as one more row: the changed economy is
    productive exactly when the updated one is positive at the columns that changed.
    """

    engine: Engine
    p: Places
    c: Places
    intensity: Array
    demand: Array | None

    def __post_init__(self) -> None:
        """Solve the base once."""
        k, n = self.intensity.shape
        self.proof = _row_proof(self.engine)
        solved, self.base = self.engine.solve(np.vstack([self.intensity, units(self.c, n)]), "rows")
        self.t, self.lc = solved[:k], solved[k:]
        self.seen = np.vstack([self.t[:, self.p], self.proof.p[None, self.p], self.lc[:, self.p]])
        self.lcc = self.lc[:, self.c]
        self.worst: Worst | None = None
        if self.demand is not None:
            self.total, self.xc = self.t @ self.demand, self.lc @ self.demand

    @property
    def cells(self) -> int:
        """Numbers held for one draw."""
        k, n = map(int, self.intensity.shape)
        c = len(self.c)
        return 3 * (k + 1 + c) * c + (0 if self.demand is not None else 2 * k * n)

    def run(self, change: Array, first: int) -> Array:
        """Return totals or multipliers of some draws, the first of which has this number."""
        k, c = len(self.intensity), len(self.c)
        reach = self.seen @ change
        inner = np.eye(c) - reach[:, k + 1 :]
        gain = _solved(inner.swapaxes(1, 2), reach[:, : k + 1].swapaxes(1, 2), first)
        gain = gain.swapaxes(1, 2)
        prices = self.proof.p[self.c] + gain[:, k] @ self.lcc
        _refuse_unproductive(prices, self.engine, self.c, first)
        margin = prices.min(axis=1)
        at = int(margin.argmin())
        if self.worst is None or margin[at] < self.worst.margin:
            self.worst = Worst(float(margin[at]), change[at].copy(), gain[at].copy())
        if self.demand is None:
            made = _spread(gain[:, :k], self.lc)
            made += self.t
            return made
        return np.asarray(self.total + gain[:, :k] @ self.xc)

    def certificate(self) -> Certificate:
        """Certify the worst draw."""
        name = f"woodbury of rank {len(self.c)} on {self.base.method}"
        if self.worst is None:
            return self.base
        k, (_, delta, gain) = len(self.intensity), self.worst
        t, p = self.t + gain[:k] @ self.lc, self.proof.p + gain[k] @ self.lc
        left = self.intensity - t + self.engine.system.row_products(t)
        left[:, self.c] += t[:, self.p] @ delta
        found = certify(left, t, _positive(p, self.proof), name, self.base.steps)
        return found if self.demand is None else _scaled(found, float(np.abs(self.demand).sum()))


@dataclass(eq=False)
class ByRows:
    r"""
    Updates of rank |p|: only the columns p of the inverse are needed.

    Parameters
    ----------
    engine : Engine
        The base economy.
    p, c : numpy.ndarray
        Rows and columns that change.
    intensity : numpy.ndarray
        Shape (k, n).
    demand : numpy.ndarray or None
        For totals; multipliers otherwise.

    Notes
    -----
    :math:`x_d = x + L_p (I - D L_{cp})^{-1} D x_c`, :math:`e_d = s x_d`; multipliers are
    :math:`T_d = T + G L_c` with :math:`G = T_p (I - D L_{cp})^{-1} D`, solved for or taken
    from the rows c of L, whichever is less.
    """

    engine: Engine
    p: Places
    c: Places
    intensity: Array
    demand: Array | None

    def __post_init__(self) -> None:
        """Solve the base once."""
        n, r = self.intensity.shape[1], len(self.p)
        self.proof = _column_proof(self.engine)
        wanted = [units(self.p, n)] + ([] if self.demand is None else [self.demand[None]])
        solved, self.base = self.engine.solve(np.vstack(wanted), "columns")
        self.lp = solved[:r]
        self.tp = self.intensity @ self.lp.T
        front = [self.lp, self.proof.p[None]]
        if self.demand is not None:
            self.x = solved[r]
            self.total = self.intensity @ self.x
            front.append(self.x[None])
        self.seen = np.ascontiguousarray(np.vstack(front)[:, self.c].T)
        self.lpp = self.lp[:, self.p]
        self.worst: Worst | None = None
        self.lc: Array | None = None
        if self.demand is None:
            self.t, self.base = self.engine.solve(self.intensity, "rows")

    @property
    def cells(self) -> int:
        """Numbers held for one draw."""
        k, n = self.intensity.shape
        r = len(self.p)
        return 3 * r * (r + 2) + (0 if self.demand is not None else 3 * k * n + k * len(self.c))

    def run(self, change: Array, first: int) -> Array:
        """Return totals or multipliers of some draws, the first of which has this number."""
        r = len(self.p)
        reach = (change.reshape(-1, len(self.c)) @ self.seen).reshape(len(change), r, -1)
        inner = np.eye(r) - reach[:, :, :r]
        z = _solved(inner, reach[:, :, r:], first)
        quantities = self.proof.p[self.p] + z[:, :, 0] @ self.lpp
        _refuse_unproductive(quantities, self.engine, self.p, first)
        margin = quantities.min(axis=1)
        at = int(margin.argmin())
        if self.worst is None or margin[at] < self.worst.margin:
            self.worst = Worst(float(margin[at]), change[at].copy(), z[at].copy())
        if self.demand is not None:
            return np.asarray(self.total + z[:, :, 1] @ self.tp.T)
        left = np.broadcast_to(self.tp, (len(change), *self.tp.shape))
        gain = _solved(inner.swapaxes(1, 2), left.swapaxes(1, 2), first).swapaxes(1, 2) @ change
        made = self._spread(gain)
        made += self.t
        return made

    def _spread(self, gain: Array) -> Array:
        """Return G L_c for every draw."""
        draws, k, _ = gain.shape
        n = self.intensity.shape[1]
        if self.lc is None and draws * k >= len(self.c):
            whole = len(self.c) == n
            self.lc = (
                self.engine.inverse()[self.c]
                if whole
                else self.engine.solve(units(self.c, n), "rows")[0]
            )
        if self.lc is not None:
            return _spread(gain, self.lc)
        right = np.zeros((draws * k, n))
        right[:, self.c] = gain.reshape(draws * k, -1)
        return self.engine.solve(right, "rows")[0].reshape(draws, k, n)

    def certificate(self) -> Certificate:
        """Certify the worst draw."""
        name = f"woodbury of rank {len(self.p)} on {self.base.method}"
        if self.worst is None:
            return self.base
        if self.demand is None:
            return self._of_multipliers(self.worst.delta, name)
        _, delta, z = self.worst
        x, w = self.x + z[:, 1] @ self.lp, self.proof.p + z[:, 0] @ self.lp
        left = self.demand - x + self.engine.system.column_products(x)
        left[self.p] += delta @ x[self.c]
        found = certify(left[None], x[None], _positive(w, self.proof), name, self.base.steps)
        return _scaled(found, float(np.abs(self.intensity).sum(axis=1).max()))

    def _of_multipliers(self, delta: Array, name: str) -> Certificate:
        """Certify the multipliers of one draw; the productive vector is one more row."""
        proof, r = _row_proof(self.engine), len(self.p)
        seen = np.vstack([self.tp, proof.p[None, self.p]])
        inner = np.eye(r) - delta @ self.seen[:, :r]
        gain = np.linalg.solve(inner.T, seen.T).T @ delta
        made = np.vstack([self.t, proof.p[None]]) + self._spread(gain[None])[0]
        t, p = made[:-1], made[-1]
        left = self.intensity - t + self.engine.system.row_products(t)
        left[:, self.c] += t[:, self.p] @ delta
        return certify(left, t, _positive(p, proof), name, self.base.steps)


def _row_proof(engine: Engine) -> Weights:
    """Return p with p (I - A) = d > 0 for A itself, also where a coefficient is negative."""
    found = None if engine.system.negative else engine.proof("rows")
    if found is None:
        ones = np.ones((1, engine.n))
        found = Weights(engine.solve(ones, "rows")[0][0], ones[0], plain=False)
    return found


def _column_proof(engine: Engine) -> Weights:
    """Return w with (I - A) w = g > 0."""
    found = None if engine.system.negative else engine.proof("columns")
    if found is None:
        ones = np.ones((1, engine.n))
        found = Weights(engine.solve(ones, "columns")[0][0], ones[0], plain=False)
    return found


def _positive(p: Array, base: Weights) -> Weights | None:
    """Return the proof for a changed economy: the same d, and p updated."""
    return Weights(p, base.d, plain=False) if (p > 0).all() else None


def _scaled(found: Certificate, factor: float) -> Certificate:
    """Turn the bound of an element into that of a total."""
    bound = None if found.error_bound is None else found.error_bound * factor
    return Certificate(found.method, found.steps, found.residual, bound, (), found.bound)


def _spread(gain: Array, rows: Array) -> Array:
    """Return gain @ rows of every draw in one product, many times as fast as one for each."""
    flat: Array = gain.reshape(-1, gain.shape[2]) @ rows
    return flat.reshape(*gain.shape[:2], -1)


def _solved(inner: Array, right: Array, first: int) -> Array:
    """Solve the small systems of all draws; a singular one is named."""
    try:
        return np.asarray(np.linalg.solve(inner, right), dtype=np.float64)
    except np.linalg.LinAlgError as singular:
        at = first + int(np.abs(np.linalg.det(inner)).argmin())
        raise SingularSystemError(f"draw {at}: I - A is singular") from singular


def _refuse_unproductive(proof: Array, engine: Engine, at: Places, first: int) -> None:
    """Name the draws that make the economy unproductive."""
    wrong = ~(proof > 0)
    if not wrong.any():
        return
    draws = np.flatnonzero(wrong.any(axis=1))
    where = engine.labels[at[int(wrong[draws[0]].argmax())]]
    more = f" (and {len(draws) - 1} more)" if len(draws) > 1 else ""
    raise NotProductiveError(
        f"draw {first + draws[0]}{more}: the economy is not productive, the inputs of "
        f"{where!r} exceed its output: narrow the distribution"
    )
