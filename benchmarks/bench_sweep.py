"""A thousand draws of one block of coefficients, all included, beside loops of fresh solves."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from harness import interleaved, machine, markdown, ratio, short
from synthetic import table, world

from handprint import Solver

Array = npt.NDArray[np.float64]
RANK, SUBSET = 4, 20


def compare(n: int, draws: int, k: int, rounds: int) -> list[list[object]]:
    """
    Rows of the report for one size: base solve and random numbers inside the clock.

    Parameters
    ----------
    n, draws, k : int
        Sectors, draws and satellite accounts.
    rounds : int
        Interleaved rounds.

    Returns
    -------
    list
        One row for each way. pymrio runs on a few draws and is scaled up.
    """
    made = world(n, 1 if n < 1000 else n // 50, k)
    checked = table(made)
    scale = np.divide(1.0, made.output, out=np.zeros_like(made.output), where=made.output > 0)
    s, y, a = made.accounts * scale, made.demand.sum(axis=1), made.flows * scale
    busy = np.flatnonzero(made.output > 0)
    p, c = busy[:RANK], busy[RANK : 2 * RANK]
    names = checked.sectors
    sellers, buyers = [names[i] for i in p], [names[i] for i in c]
    rng = np.random.default_rng(0)

    def cells() -> Array:
        return -rng.uniform(0, 0.5, (draws, RANK, RANK)) * a[np.ix_(p, c)]

    def columns() -> Array:
        return -rng.uniform(0, 0.5, (draws, 1, RANK)) * a[:, c]

    def loop(solve: Callable[[Array], object], count: int) -> None:
        eye = np.eye(n)
        for delta in cells()[:count]:
            changed = a.copy()
            changed[np.ix_(p, c)] += delta
            solve(eye - changed)

    def fresh(count: int) -> Callable[[], object]:
        return lambda: loop(lambda m: np.linalg.solve(m.T, s.T).T @ y, count)

    def ours(whole: bool, totals: bool) -> object:
        demand = y if totals else None
        solver = Solver(checked)
        if whole:
            return solver.sweep(None, buyers, columns(), intensity=s, final_demand=demand)
        return solver.sweep(sellers, buyers, cells(), intensity=s, final_demand=demand)

    some = draws if n < 1000 else SUBSET
    ways: dict[str, tuple[Callable[[], object], float]] = {
        "numpy solve loop": (fresh(some), draws / some),
        "cells -> totals": (lambda: ours(False, True), 1),
        "columns -> totals": (lambda: ours(True, True), 1),
        "cells -> T": (lambda: ours(False, False), 1),
        "columns -> T": (lambda: ours(True, False), 1),
    }
    few = min(SUBSET, draws)
    try:
        import pymrio

        frame = pd.DataFrame(s)
        ways["pymrio calc_L and calc_M loop"] = (
            lambda: loop(
                lambda m: pymrio.calc_M(frame, pymrio.calc_L(pd.DataFrame(np.eye(n) - m))), few
            ),
            draws / few,
        )
    except ImportError:
        pass
    times = interleaved({name: (lambda run=run: run) for name, (run, _) in ways.items()}, rounds)
    base = times["numpy solve loop"]
    return [
        [
            n,
            draws,
            name,
            short(timing.median * ways[name][1]),
            timing.spread,
            f"{ratio(base, timing) * ways['numpy solve loop'][1] / ways[name][1]:.3g}x",
        ]
        for name, timing in times.items()
    ]


def main() -> None:
    """Read the arguments and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[42, 149, 1000])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=5, help="satellite accounts")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(machine(), "\n")
    rows = [
        r for n in options.sizes for r in compare(n, options.draws, options.rows, options.rounds)
    ]
    print(
        markdown(["n", "draws", "way", "median", "spread of a round", "x numpy solve loop"], rows)
    )


if __name__ == "__main__":
    main()
