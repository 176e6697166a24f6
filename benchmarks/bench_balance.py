"""
Time RAS and GRAS against a plain numpy loop, interleaved.

Run ``python benchmarks/bench_balance.py [--sizes 149 2464] [--rounds 7]``. All methods stop at the
same gap; each round runs every method once, in turn, so that a busy machine slows all of them
alike. Printed are medians and the median of the ratios within a round.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from io_tables import gras, ras

Array = npt.NDArray[np.float64]
TOLERANCE = 1e-8


def plain(matrix: Array, rows: Array, columns: Array) -> Array:
    """RAS as it is written in textbooks: the matrix is scaled in every step."""
    out = matrix.copy()
    for _ in range(5000):
        out *= (rows / out.sum(axis=1))[:, None]
        sums = out.sum(axis=0)
        if np.abs(sums / columns - 1).max() <= TOLERANCE:
            return out
        out *= columns / sums
    raise RuntimeError("no convergence")


def diagonal(matrix: Array, rows: Array, columns: Array) -> Array:
    """RAS by products with diagonal matrices, for small tables."""
    out = matrix.copy()
    for _ in range(5000):
        out = np.diag(rows / out.sum(axis=1)) @ out
        sums = out.sum(axis=0)
        if np.abs(sums / columns - 1).max() <= TOLERANCE:
            return out
        out = out @ np.diag(columns / sums)
    raise RuntimeError("no convergence")


def plain_gras(matrix: Array, rows: Array, columns: Array) -> Array:
    """GRAS on full positive and negative matrices, as in the papers."""
    p, n = np.maximum(matrix, 0), np.maximum(-matrix, 0)
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


def case(size: int, negative: float) -> tuple[Array, Array, Array]:
    """Lognormal table, 46 % dense; targets of the same table moved by 30 %."""
    rng = np.random.default_rng(size)
    table = rng.lognormal(0, 2, (size, size)) * (rng.random((size, size)) < 0.46)
    table += np.diag(rng.lognormal(0, 2, size))
    if negative:
        spots = rng.random((size, size)) < negative
        table[spots] *= -0.1
    moved = table * rng.lognormal(0, 0.3, (size, 1)) * rng.lognormal(0, 0.3, (1, size))
    moved *= rng.lognormal(0, 0.3, (size, size))
    return table, moved.sum(axis=1), moved.sum(axis=0)


def seconds(work: Callable[[], object]) -> float:
    """Time one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[42, 149, 2464])
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    print(f"{'n':>5} {'method':<22} {'median ms':>10} {'against plain':>14}")
    for size in given.sizes:
        positive, mixed = case(size, 0.0), case(size, 0.002)
        runs: dict[str, tuple[str, Callable[[], object]]] = {
            "plain RAS": ("plain RAS", lambda d=positive: plain(*d)),
            "ras": ("plain RAS", lambda d=positive: ras(*d, tolerance=TOLERANCE)),
            "ras, relaxation 1.4": (
                "plain RAS",
                lambda d=positive: ras(*d, tolerance=TOLERANCE, relaxation=1.4),
            ),
            "plain GRAS": ("plain GRAS", lambda d=mixed: plain_gras(*d)),
            "gras": ("plain GRAS", lambda d=mixed: gras(*d, tolerance=TOLERANCE)),
        }
        if size <= 500:
            runs["diagonal RAS"] = ("plain RAS", lambda d=positive: diagonal(*d))
        np.testing.assert_allclose(
            ras(*positive, tolerance=1e-11), plain(*positive), rtol=1e-4, atol=1e-9
        )
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _, work in runs.values():
            work()  # warm
        for _ in range(given.rounds):
            for name, (_, work) in runs.items():
                times[name].append(seconds(work))
        for name, (base, _) in runs.items():
            ratios = [b / t for b, t in zip(times[base], times[name], strict=True)]
            median = statistics.median(times[name]) * 1e3
            print(f"{size:>5} {name:<22} {median:>10.2f} {statistics.median(ratios):>13.1f}x")


if __name__ == "__main__":
    main()
