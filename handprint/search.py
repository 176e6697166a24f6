"""Exact search for the largest products along chains of a matrix: plain arrays, no labels."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array
from handprint.errors import DecompositionError

CHUNK = 32  # rows of a matrix that are looked at together
SWEEPS = 200  # of the bound on differences; every one of them leaves a valid bound
LONGEST_QUEUE = 500_000  # chains that may wait, some 200 MB
FLOOR = 1e-14  # share of the largest path below which a difference is rounding

Path = tuple[int, ...]  # positions from emitter to final demand


class Economy(NamedTuple):
    """Coefficients, intensities and final demand, signed."""

    a: Array
    s: Array
    y: Array


def is_positive(economy: Economy) -> bool:
    """
    Tell whether no path upstream can be negative.

    Parameters
    ----------
    economy : Economy
        Coefficients and intensities.

    Returns
    -------
    bool
        True without negative entries.
    """
    return bool(economy.a.min(initial=0) >= 0 and economy.s.min(initial=0) >= 0)


class Prefix(NamedTuple):
    """The end of a path at final demand, as far upstream as it is known."""

    node: int
    weight: float  # product so far
    parent: Prefix | None
    options: tuple[npt.NDArray[np.intp], Array]  # what may come next, best first, with bounds


def upstream_bound(a: Array, s: Array) -> Array:
    r"""
    Find the largest single path upstream of each sector, the sector's own emissions included.

    Parameters
    ----------
    a : numpy.ndarray
        Coefficients, square; absolute values count.
    s : numpy.ndarray
        Intensities.

    Returns
    -------
    numpy.ndarray
        :math:`m_i = \max(|s_i|, \max_k |a_{ki}| m_k)`, infinite or above any path if chains
        grow without end.

    Notes
    -----
    Each sweep takes chains one step longer, through the sectors whose bound has grown. In a
    productive economy the product around a circle is below one, so no best chain visits a
    sector twice and n sweeps suffice; in practice three or four.
    """
    best: Array = np.abs(s)
    grown = np.flatnonzero(best)
    for _ in range(len(s) + 1):
        longer = best.copy()
        for start in range(0, len(grown), CHUNK):
            rows = grown[start : start + CHUNK]
            reach = a[rows]
            reach *= best[rows, None]
            np.maximum(longer, np.abs(reach, out=reach).max(axis=0), out=longer)
        grown = np.flatnonzero(longer > best)
        if not len(grown):
            return best
        best = longer
    return np.full(len(s), np.inf)


def largest_paths(economy: Economy, top: int) -> Iterator[tuple[float, Path]]:
    """
    Search for the paths with the largest absolute values and yield them in that order.

    Parameters
    ----------
    economy : Economy
        Productive.
    top : int
        How many will be asked for; a hint that spares sorting.

    Yields
    ------
    tuple of float and tuple of int
        Value, and sectors from emitter to final demand.
    """
    a, s, y = economy
    bound = upstream_bound(a, s)
    direct = np.sort(np.abs(s * y))[::-1]
    least = float(direct[top - 1]) if top <= len(direct) else 0.0
    known: dict[int, tuple[npt.NDArray[np.intp], Array]] = {}

    def _options(node: int, weight: float) -> tuple[npt.NDArray[np.intp], Array]:
        """Sort what may come upstream of a sector, once."""
        # The first visit has the largest weight, so what cannot matter then never will.
        if node not in known:
            values = np.append(np.abs(a[:, node]) * bound, abs(s[node]))
            known[node] = _sorted(values, least / abs(weight))
        return known[node]

    heap: list[tuple[float, int, Prefix, int]] = []
    root = Prefix(-1, 1.0, None, _sorted(np.abs(y) * bound, least))
    count = _push(heap, 0, root, 0)
    while heap:
        _, _, prefix, rank = heapq.heappop(heap)
        count = _push(heap, count, prefix, rank + 1)
        chosen = int(prefix.options[0][rank])
        if chosen == len(s):
            yield prefix.weight * float(s[prefix.node]), _path(prefix)
            continue
        step = y[chosen] if prefix.node < 0 else a[chosen, prefix.node]
        weight = prefix.weight * float(step)
        if weight != 0:
            child = Prefix(chosen, weight, prefix, _options(chosen, weight))
            count = _push(heap, count, child, 0)


def _sorted(values: Array, least: float) -> tuple[npt.NDArray[np.intp], Array]:
    """Positions of the values that are at least so large, and the values, largest first."""
    kept = np.flatnonzero((values > 0) & (values >= least * (1 - 1e-9)))
    order = kept[np.argsort(-values[kept], kind="stable")]
    return order, values[order]


def _push(heap: list[tuple[float, int, Prefix, int]], count: int, prefix: Prefix, rank: int) -> int:
    """Queue one option of a prefix under its bound."""
    values = prefix.options[1]
    if rank < len(values):
        heapq.heappush(heap, (-abs(prefix.weight) * float(values[rank]), count, prefix, rank))
    return count + 1


def _path(prefix: Prefix | None) -> Path:
    nodes = []
    while prefix is not None and prefix.node >= 0:
        nodes.append(prefix.node)
        prefix = prefix.parent
    return tuple(nodes)


def path_value(economy: Economy, path: Path) -> float:
    """
    Compute the emissions of one path.

    Parameters
    ----------
    economy : Economy
        Coefficients, intensities, final demand.
    path : tuple of int
        Sectors from emitter to final demand.

    Returns
    -------
    float
        s of the first, times the coefficients on the way, times y of the last.
    """
    value = float(economy.y[path[-1]])
    for supplier, user in zip(path[-2::-1], path[:0:-1], strict=True):
        value *= float(economy.a[supplier, user])
    return value * float(economy.s[path[0]])


class DifferenceBound:
    r"""
    Bound on how far a path can differ between two economies.

    Parameters
    ----------
    old, new : Economy
        Same sectors.

    Notes
    -----
    For the unknown upstream part q of a path at sector k, with known parts u:
    :math:`|u_1 q_1 - u_0 q_0| \le |u_1 - u_0|\, m^1_k + |u_0|\, d_k`, the same with 0 and 1
    exchanged, and at most the larger of :math:`|u_1| m^1_k, |u_0| m^0_k` (their sum where the
    signs differ). Here m bounds :math:`|q|` and d bounds :math:`|q_1 - q_0|`; d is found by
    putting it through the same inequality again and again, starting from a valid bound.
    """

    def __init__(self, old: Economy, new: Economy) -> None:
        self.old, self.new = old, new
        self.same_sign = is_positive(old) and is_positive(new)
        self.m = (upstream_bound(old.a, old.s), upstream_bound(new.a, new.s))
        self.d = self._differences()
        self.scale = max(
            float((np.abs(e.y) * m).max()) for e, m in zip((old, new), self.m, strict=True)
        )

    def _differences(self) -> Array:
        m0, m1 = self.m
        own = np.abs(self.new.s - self.old.s)
        bound = np.maximum(m0, m1) if self.same_sign else m0 + m1
        floor = FLOOR / 100 * bound
        for _ in range(SWEEPS):
            tighter = own.copy()
            for start in range(0, len(own), CHUNK):
                part = slice(start, start + CHUNK)
                reach = self._bound(self.old.a[part], self.new.a[part], part, bound, axis=True)
                np.maximum(tighter, reach.max(axis=0), out=tighter)
            tighter = np.minimum(tighter, bound)
            settled = (tighter >= 0.999 * bound) | (bound <= floor)
            bound = tighter
            if settled.all():
                break
        return bound

    def _bound(self, u0: Array, u1: Array, part: slice, d: Array, *, axis: bool = False) -> Array:
        """Bound paths whose known parts are u and that go on at the sectors of the part."""
        m0, m1, d = self.m[0][part], self.m[1][part], d[part]
        if axis:
            m0, m1, d = m0[:, None], m1[:, None], d[:, None]
        gap, size0, size1 = np.abs(u1 - u0), np.abs(u0), np.abs(u1)
        bound: Array = np.minimum(gap * m1 + size0 * d, gap * m0 + size1 * d)
        both = size0 * m0 + size1 * m1
        if self.same_sign:
            both = np.where(u0 * u1 >= 0, np.maximum(size0 * m0, size1 * m1), both)
        return np.minimum(bound, both)

    def next(self, u0: Array, u1: Array) -> Array:
        """
        Bound paths that go on at each sector.

        Parameters
        ----------
        u0, u1 : numpy.ndarray
            Known parts in both economies, the step to each sector included, shape (sector).

        Returns
        -------
        numpy.ndarray
            Largest absolute difference of any path, shape (sector).
        """
        return self._bound(u0, u1, slice(None), self.d)


def largest_differences(old: Economy, new: Economy, top: int) -> dict[Path, float]:
    """
    Find the paths that differ most between two economies, by absolute difference.

    Parameters
    ----------
    old, new : Economy
        Productive, with the same sectors.
    top : int
        How many.

    Returns
    -------
    dict
        Path -> value in the new economy minus value in the old; at least the ``top`` largest,
        fewer only where no more differ by more than rounding.

    Raises
    ------
    DecompositionError
        If too many chains might differ by as much as the last of them.
    """
    bound = DifferenceBound(old, new)
    floor = FLOOR * bound.scale
    found: dict[Path, float] = {}
    best: list[float] = []  # the largest differences so far, smallest first

    def _note(path: Path, difference: float) -> None:
        """Keep a difference that is not rounding."""
        if path not in found and abs(difference) > floor:
            found[path] = difference
            (heapq.heappush if len(best) < top else heapq.heappushpop)(best, abs(difference))

    for economy in (old, new):
        for _, (_, path) in zip(range(top), largest_paths(economy, top), strict=False):
            _note(path, path_value(new, path) - path_value(old, path))
    heap: list[tuple[float, Path, float, float]] = [(-np.inf, (), 1.0, 1.0)]
    while heap:
        reach, path, w0, w1 = heapq.heappop(heap)
        least = max(floor, best[0] * (1 - 1e-9) if len(best) == top else 0.0)
        if -reach <= least:
            break
        u0, u1 = (w0 * old.y, w1 * new.y) if not path else (
            w0 * old.a[:, path[0]], w1 * new.a[:, path[0]]
        )  # fmt: skip
        bounds = bound.next(u0, u1)
        for k in np.flatnonzero(bounds > least).tolist():
            v0, v1, longer = float(u0[k]), float(u1[k]), (k, *path)
            _note(longer, v1 * float(new.s[k]) - v0 * float(old.s[k]))
            heapq.heappush(heap, (-float(bounds[k]), longer, v0, v1))
        if len(heap) > LONGEST_QUEUE:
            raise DecompositionError(
                f"more than {LONGEST_QUEUE} chains may differ by {least:.3g} or more, and only "
                f"{len(found)} paths were found that do: ask for fewer paths"
            )
    return found
