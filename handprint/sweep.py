"""Thousands of draws of one block of coefficients: low-rank updates, or fresh solves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, positions, read
from handprint.certificate import Certificate
from handprint.choice import SMALL, refuse_beyond
from handprint.engine import Engine
from handprint.errors import LabelMismatchError, NotProductiveError, ShapeError, SingularSystemError
from handprint.factor import ROUNDING
from handprint.progress import Ticker
from handprint.system import System
from handprint.woodbury import ByColumns, ByRows, Places

if TYPE_CHECKING:
    from handprint.leontief import Solver

Deltas: TypeAlias = "ArrayInput | Iterator[ArrayInput]"
BATCH = 4096  # draws; more do not fit the cache
WORKING = 1 << 25  # bytes of a batch
STACKED = 42  # sectors up to which whole systems are solved in one call


def sweep(
    engine: Engine,
    p: Places,
    c: Places,
    deltas: Deltas,
    intensity: Array,
    demand: Array | None,
    progress: Callable[[int], object] | None = None,
) -> tuple[Array, Certificate]:
    """
    Totals or multipliers for many changes of A[p, c].

    Parameters
    ----------
    engine : Engine
        The base economy.
    p, c : numpy.ndarray
        Positions of the rows and columns that change.
    deltas : array_like or iterator
        Shape (draw, p, c), or batches of that.
    intensity : numpy.ndarray
        Shape (k, n).
    demand : numpy.ndarray or None
        Final demand for totals.
    progress : callable, optional
        Told how many draws are done.

    Returns
    -------
    values : numpy.ndarray
        Shape (draw, k) or (draw, k, n).
    certificate : Certificate
        Of the draw nearest to its limit.
    """
    k, n = intensity.shape
    batches = deltas if isinstance(deltas, Iterator) else iter([deltas])
    held = batches is not deltas
    kernel: ByColumns | ByRows | Fresh | None = None
    present = engine.system.cells(p, c)
    made: list[Array] = []
    done = 0
    with Ticker(progress) as ticker:
        for batch in batches:
            change = _changes(batch, present, p, c, engine.labels, done)
            each = k * 8 * (1 if demand is not None else n)
            refuse_beyond(
                each * (done + len(change)),
                engine.memory,
                f"{done + len(change)} draws",
                "give final_demand for totals only, or sweep fewer draws at a time",
            )
            if kernel is None:
                kernel = _kernel(engine, p, c, intensity, demand)
            ticker.total = len(change) if held else None
            room = WORKING if engine.memory is None else min(WORKING, engine.memory // 4)
            step = int(np.clip(room // (8 * kernel.cells), 1, BATCH))
            for i in range(0, len(change), step):
                part = change[i : i + step]
                made.append(kernel.run(part, done))
                done += len(part)
                ticker.done(done)
    if kernel is None:
        raise ShapeError("deltas: no batch was given")
    empty = np.empty((0, k) if demand is not None else (0, k, n))
    values = made[0] if len(made) == 1 else np.concatenate(made) if made else empty
    return values, kernel.certificate()


def sweep_years(
    solvers: Mapping[int, Solver],
    rows: Sequence[object] | slice | None,
    columns: Sequence[object] | slice | None,
    deltas: ArrayInput | Mapping[int, ArrayInput],
    *,
    intensity: ArrayInput | Mapping[int, ArrayInput],
    final_demand: ArrayInput | Mapping[int, ArrayInput] | None = None,
    progress: Callable[[int], object] | None = None,
) -> xr.DataArray:
    """
    Sweep the economies of several years.

    Parameters
    ----------
    solvers : mapping of int to Solver
        Year -> economy.
    rows, columns : sequence, or None for all
        As in :meth:`handprint.Solver.sweep`.
    deltas, intensity, final_demand : array_like or mapping
        The same for all years, or year -> array.
    progress : callable, optional
        Told how many draws are done in the current year.

    Returns
    -------
    xarray.DataArray
        Dims (year, draw, stressor) or (year, draw, stressor, sector); the residual and the
        bound are the largest of all years.

    Raises
    ------
    LabelMismatchError
        If a mapping lacks a year, or none is given.
    """
    if not solvers:
        raise LabelMismatchError("solvers: no year given")

    def of(given: Any, year: int, what: str) -> Any:
        """Pick the entry of a year."""
        if not isinstance(given, Mapping):
            return given
        if year not in given:
            raise LabelMismatchError(f"{what}: no entry for {year}; it has {list(given)}")
        return given[year]

    found = [
        solver.sweep(
            rows,
            columns,
            of(deltas, year, "deltas"),
            intensity=of(intensity, year, "intensity"),
            final_demand=of(final_demand, year, "final demand"),
            progress=progress,
        )
        for year, solver in solvers.items()
    ]
    joined = xr.concat(found, dim=xr.Variable("year", list(solvers)), combine_attrs="override")
    worst = {
        key: max(f.attrs[key] for f in found)
        for key in ("steps", "residual", "error_bound")
        if all(key in f.attrs for f in found)
    }
    kept = {k: v for k, v in found[0].attrs.items() if not k.startswith("error_bound")}
    joined.attrs = {**kept, **worst}
    return joined


def places(given: Sequence[object] | slice | None, labels: Labels, what: str) -> Places:
    """
    Find where sectors stand; None or a slice stands for all, or a part.

    Parameters
    ----------
    given : sequence, slice or None
        Sector labels, positions of a slice, or all.
    labels : pandas.Index
        The table's sectors.
    what : str
        Role of the names, for messages.

    Returns
    -------
    numpy.ndarray
        Positions.

    Raises
    ------
    LabelMismatchError, UnknownSectorError, ShapeError
        If a name is no sector, is given twice or none is given.
    """
    if given is None or isinstance(given, slice):
        found = np.arange(len(labels))[given if given is not None else slice(None)]
        if not len(found):
            raise LabelMismatchError(f"{what}: {given} holds no sector")
        return found
    return positions(given, labels, what)


class Fresh:
    """
    Every draw solved anew, from the domestic blocks of the base where there are some.

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
    """

    def __init__(
        self, engine: Engine, p: Places, c: Places, intensity: Array, demand: Array | None
    ) -> None:
        self.engine, self.cell, self.demand = engine, np.ix_(p, c), demand
        self.intensity = intensity
        self.a = engine.system.coefficients()
        self.found: list[Certificate] = []

    @property
    def cells(self) -> int:
        """Numbers held for one draw."""
        return (2 * self.a.size if len(self.a) <= STACKED else 0) + self.intensity.size

    def run(self, change: Array, first: int) -> Array:
        """Return totals or multipliers of some draws, the first of which has this number."""
        if len(self.a) <= STACKED and not self.engine.system.negative:
            t = self._stacked(change, first)
        else:
            t = np.stack([self._one(delta, first + i) for i, delta in enumerate(change)])
        return t if self.demand is None else np.asarray(t @ self.demand)

    def _stacked(self, change: Array, first: int) -> Array:
        """Solve small systems in one call, with the row that proves them productive."""
        n = len(self.a)
        system = np.broadcast_to(np.eye(n) - self.a, (len(change), n, n)).copy()
        system[:, self.cell[0], self.cell[1]] -= change
        right = np.vstack([self.intensity, np.ones((1, n))])
        try:
            t = np.linalg.solve(system.swapaxes(1, 2), right.T).swapaxes(1, 2)
        except np.linalg.LinAlgError as singular:
            at = first + int(np.abs(np.linalg.det(system)).argmin())
            raise SingularSystemError(f"draw {at}: I - A is singular") from singular
        wrong = np.flatnonzero(~(t[:, -1] > 0).all(axis=1))
        if len(wrong):
            raise NotProductiveError(
                f"draw {first + wrong[0]}: the economy is not productive: narrow the distribution"
            )
        left = right - t + t @ (np.eye(n) - system)
        size, bound = float(np.abs(left).max()), "none: fresh solves of small systems"
        self.found.append(Certificate("lu, anew", 0, size, None, (), bound))
        return np.ascontiguousarray(t[:, :-1])

    def _one(self, delta: Array, draw: int) -> Array:
        """Solve one draw by the way that fits its size."""
        kept = self.a[self.cell]
        try:
            self.a[self.cell] += delta
            regions = self.engine.system.regions if len(self.a) > SMALL else None
            fresh = self.engine.renewed(System(self.a, None, regions))
            t, found = fresh.solve(self.intensity, "rows")
        except SingularSystemError as error:
            raise SingularSystemError(f"draw {draw}: {error}") from error
        except NotProductiveError as error:
            raise NotProductiveError(f"draw {draw}: {error}") from error
        finally:
            self.a[self.cell] = kept
        self.found.append(found)
        return t

    def certificate(self) -> Certificate:
        """Return the largest residual of all draws."""
        worst = max(self.found, key=lambda f: f.residual)
        bounds = [f.error_bound for f in self.found if f.error_bound is not None]
        whole = len(bounds) == len(self.found) and self.demand is None
        why = worst.bound if whole else "none: fresh solves, residual of the multipliers"
        return Certificate(
            worst.method, worst.steps, worst.residual, max(bounds) if whole else None, (), why
        )


def _kernel(
    engine: Engine, p: Places, c: Places, intensity: Array, demand: Array | None
) -> ByColumns | ByRows | Fresh:
    """Choose by rank: an update of the smaller side, or fresh solves beyond an eighth of n."""
    n, rank = engine.n, min(len(p), len(c))
    if rank > max(n / 8, min(n / 2, 32)):
        return Fresh(engine, p, c, intensity, demand)
    small = len(p) < len(c) or (len(p) == len(c) and demand is not None)  # totals need x alone
    kind = ByRows if small else ByColumns
    return kind(engine, p, c, intensity, demand)


def _changes(
    deltas: ArrayInput, present: Array, p: Places, c: Places, labels: Labels, first: int
) -> Array:
    """Read draws of a block and refuse those that make a coefficient negative."""
    block = read(deltas, "deltas")
    change = block.values
    if change.shape[1:] != present.shape or change.ndim != 3:
        raise ShapeError(
            f"deltas have shape {change.shape}: give (draw, {len(p)} rows, {len(c)} columns)"
        )
    for found, at, side in ((block.labels[1], p, "rows"), (block.labels[2], c, "columns")):
        if found is not None:
            demand_labels(found, labels[at], f"deltas, {side}")
    floor = np.minimum(present, 0) - ROUNDING - present
    if len(change) and (change.min(axis=0) < floor).any():
        draw, i, j = np.argwhere(change < floor)[0]
        raise NotProductiveError(
            f"draw {first + draw}: the delta takes more from coefficient "
            f"[{labels[p[i]]}, {labels[c[j]]}] than its {present[i, j]:.6g}"
        )
    return change
