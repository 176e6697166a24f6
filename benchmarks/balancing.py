"""RAS and GRAS beside MARIO's RAS and loops of numpy, all to the same gap."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt
from harness import interleaved, markdown, ratio, short
from sections import Key, Plan, Section

from io_tables import gras, ras

Array = npt.NDArray[np.float64]
Case = tuple[Array, Array, Array]
TOLERANCE = 1e-8
NEGATIVE = 0.002  # share of negative cells in the table for GRAS
DIAGONAL = 500  # sectors up to which products with diagonal matrices are bearable
MARIO, PLAIN, PLAIN_GRAS = "MARIO ras", "numpy loop: RAS", "numpy loop: GRAS"
HEAD = ("n", "way", "median", "fastest to slowest", "rounds")
OURS, RELAXED, OURS_GRAS = "handprint: ras", "handprint: ras, relaxation 1.4", "handprint: gras"


def balancing(plan: Plan) -> Section:
    """
    Time RAS and GRAS by size.

    Parameters
    ----------
    plan : Plan
        ``balanced`` are the sizes.

    Returns
    -------
    Section
        Ratios to MARIO, to plain loops, and the largest difference of results.
    """
    found: dict[Key, float] = {}
    rows: list[list[object]] = []
    apart: list[str] = []
    for n in plan.balanced:
        runs, base = _ways(n)
        if MARIO in runs:
            runs[MARIO]()  # its modules come with the first call
        times = interleaved({way: (lambda r=run: r) for way, run in runs.items()}, plan.rounds(n))
        for way, timing in times.items():
            by_mario = f"{ratio(times[MARIO], timing):.3g}x" if MARIO in times else "-"
            shown = [f"{ratio(times[base[way]], timing):.3g}x"]
            shown.append("-" if base[way] == PLAIN_GRAS else by_mario)
            counted = len(timing.seconds)
            rows.append([n, way, short(timing.median), timing.spread, counted, *shown])
        if MARIO in times:
            found["ras", str(n)] = ratio(times[MARIO], times[OURS])
        found["gras", str(n)] = ratio(times[PLAIN_GRAS], times[OURS_GRAS])
        apart.append(f"n = {n}: {_apart(runs, base):.0e}")
    return Section(
        "Balancing",
        f"Lognormal tables with 46 % of cells in use, targets moved by 30 %; for GRAS "
        f"{NEGATIVE:.1%} of the cells are negative. Everything stops when each row and column "
        f"meets its target to {TOLERANCE:g}; ours checks labels, targets and feasibility besides."
        "\n\n"
        + markdown(
            [*HEAD, "times as fast as the numpy loop", "as MARIO"],
            rows,
        )
        + "\n\nLargest difference of any cell from that of the numpy loop, over the largest cell: "
        + "; ".join(apart)
        + ".",
        found,
    )


def case(n: int, negative: float) -> Case:
    """
    Draw a table and the targets of one like it.

    Parameters
    ----------
    n : int
        Sectors.
    negative : float
        Share of negative cells.

    Returns
    -------
    tuple
        Cells, row targets and column targets; no row or column is empty.
    """
    rng = np.random.default_rng(n)
    table = rng.lognormal(0, 2, (n, n)) * (rng.random((n, n)) < 0.46)
    table += np.diag(rng.lognormal(0, 2, n))
    if negative:
        spots = rng.random((n, n)) < negative
        table[spots] *= -0.1
    moved = table * rng.lognormal(0, 0.3, (n, 1)) * rng.lognormal(0, 0.3, (1, n))
    moved *= rng.lognormal(0, 0.3, (n, n))
    return table, moved.sum(axis=1), moved.sum(axis=0)


def _ways(n: int) -> tuple[dict[str, Callable[[], Array]], dict[str, str]]:
    """Ways to balance, and the loop that each is compared with."""
    positive, mixed = case(n, 0.0), case(n, NEGATIVE)
    runs: dict[str, Callable[[], Array]] = {}
    if find_spec("mario") is not None:
        runs[MARIO] = lambda: _mario(*positive)
    runs[PLAIN] = lambda: plain(*positive)
    if n <= DIAGONAL:
        runs["numpy loop: diagonal matrices"] = lambda: diagonal(*positive)
    runs[OURS] = lambda: ras(*positive, tolerance=TOLERANCE).values
    runs[RELAXED] = lambda: ras(*positive, tolerance=TOLERANCE, relaxation=1.4).values
    runs[PLAIN_GRAS] = lambda: plain_gras(*mixed)
    runs[OURS_GRAS] = lambda: gras(*mixed, tolerance=TOLERANCE).values
    return runs, {way: PLAIN_GRAS if way in (PLAIN_GRAS, OURS_GRAS) else PLAIN for way in runs}


def _apart(runs: dict[str, Callable[[], Array]], base: dict[str, str]) -> float:
    """Largest difference of a result from that of the loop it is compared with."""
    results = {way: run() for way, run in runs.items()}
    return max(
        float(np.abs(result - results[base[way]]).max() / np.abs(results[base[way]]).max())
        for way, result in results.items()
    )


def _mario(table: Array, rows: Array, columns: Array) -> Array:
    """Balance as MARIO does."""
    import mario

    done: Array = mario.ras(table, rows, columns, tol=TOLERANCE, max_iter=5000)
    return done


def plain(table: Array, rows: Array, columns: Array) -> Array:
    """RAS as it is written in textbooks: the matrix is scaled in every step."""
    out = table.copy()
    for _ in range(5000):
        out *= (rows / out.sum(axis=1))[:, None]
        sums = out.sum(axis=0)
        if np.abs(sums / columns - 1).max() <= TOLERANCE:
            return out
        out *= columns / sums
    raise RuntimeError("no convergence")


def diagonal(table: Array, rows: Array, columns: Array) -> Array:
    """RAS by products with diagonal matrices, for small tables."""
    out = table.copy()
    for _ in range(5000):
        out = np.diag(rows / out.sum(axis=1)) @ out
        sums = out.sum(axis=0)
        if np.abs(sums / columns - 1).max() <= TOLERANCE:
            return out
        out = out @ np.diag(columns / sums)
    raise RuntimeError("no convergence")


def plain_gras(table: Array, rows: Array, columns: Array) -> Array:
    """GRAS on full positive and negative matrices, as in the papers."""
    p, n = np.maximum(table, 0), np.maximum(-table, 0)
    r, s = np.ones(len(rows)), np.ones(len(columns))
    for _ in range(5000):
        up, down = p @ s, n @ (1 / s)
        r = (rows + np.sqrt(rows**2 + 4 * up * down)) / (2 * up)
        up, down = p.T @ r, n.T @ (1 / r)
        new = (columns + np.sqrt(columns**2 + 4 * up * down)) / (2 * up)
        done = np.abs(new / s - 1).max() <= TOLERANCE
        s = new
        if done:
            return p * r[:, None] * s - n / r[:, None] / s
    raise RuntimeError("no convergence")
