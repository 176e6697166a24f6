"""Multipliers and accounts of world tables, beside pymrio and a careful numpy user."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from harness import extra_memory, interleaved, machine, markdown, peak, ratio, short
from synthetic import World, table, world

from handprint import Solver
from handprint.footprint import footprint

SIZES = {42: 1, 149: 1, 1000: 20, 2464: 44}
FULL = {4914: 189, 9800: 49}
Prepared = Callable[[], Callable[[], object]]


def contenders(made: World) -> dict[str, Prepared]:
    """
    Ways to the multipliers T or all accounts, from flows.

    Parameters
    ----------
    made : World
        A synthetic economy.

    Returns
    -------
    dict
        Name -> function that prepares a run.
    """
    checked = table(made)
    scale = np.divide(1.0, made.output, out=np.zeros_like(made.output), where=made.output > 0)
    s = made.accounts * scale
    eye = np.eye(len(s[0]))

    def inverse() -> object:
        return s @ np.linalg.inv(eye - made.flows * scale)

    def solve() -> object:
        return np.linalg.solve((eye - made.flows * scale).T, s.T).T

    found: dict[str, Prepared] = {
        "numpy inverse -> T": lambda: inverse,
        "numpy solve -> T": lambda: solve,
        "handprint Solver -> T": lambda: lambda: Solver(checked).multipliers(s),
        "handprint accounts": lambda: lambda: footprint(checked, trade=False),
        "handprint accounts and trade": lambda: lambda: footprint(checked),
        "handprint, table from arrays, accounts": (
            lambda: lambda: footprint(table(made), trade=False)
        ),
    }
    theirs = pymrio_calc_all(made)
    return found if theirs is None else {"pymrio calc_all": theirs, **found}


def pymrio_calc_all(made: World) -> Prepared | None:
    """Prepare pymrio's way, from its own frames; None where it is not installed."""
    try:
        import pymrio
    except ImportError:
        return None
    index = pd.MultiIndex.from_arrays([made.regions, made.industries], names=["region", "sector"])
    names = sorted(set(made.regions))
    use = pd.MultiIndex.from_product([names, ["final demand"]], names=["region", "category"])
    flows = pd.DataFrame(made.flows, index=index, columns=index)
    demand = pd.DataFrame(made.demand, index=index, columns=use)
    stressors = pd.Index([f"a{i:03d}" for i in range(len(made.accounts))], name="stressor")
    accounts = pd.DataFrame(made.accounts, index=stressors, columns=index)

    def prepare() -> Callable[[], object]:
        extension = {"name": "accounts", "F": accounts}
        system = pymrio.IOSystem(Z=flows, Y=demand, accounts=extension)
        return system.calc_all

    return prepare


def compare(n: int, regions: int, k: int, rounds: int, memory: bool) -> list[list[object]]:
    """Rows of the report for one size."""
    ways = contenders(world(n, regions, k))
    times = interleaved(ways, rounds)
    solve, theirs = times["numpy solve -> T"], times.get("pymrio calc_all")
    rows: list[list[object]] = []
    for name, timing in times.items():
        used = peak(__file__, ["--peak", name, n, regions, k]) if memory else None
        rows.append(
            [
                n,
                k,
                name,
                short(timing.median),
                timing.spread,
                f"{ratio(solve, timing):.2g}x",
                "-" if theirs is None else f"{ratio(theirs, timing):.3g}x",
                "-" if used is None else f"{used:,.0f} MiB",
            ]
        )
    return rows


def main() -> None:
    """Read the arguments and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", help="sectors, of those known")
    parser.add_argument("--rows", type=int, nargs="*", default=[5, 50], help="satellite accounts")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="also 4914 and 9800 sectors")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--peak", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of pymrio and pandas; ours are errors in the tests
    if options.peak:
        name, n, regions, k = options.peak
        run = contenders(world(int(n), int(regions), int(k)))[name]()
        print(extra_memory(run))
        return
    known = SIZES | FULL
    sizes = options.sizes or list(known if options.full else SIZES)
    print(machine(), "\n")
    head = ["n", "k", "way", "median", "spread", "x numpy solve", "x calc_all", "extra memory"]
    rows = [
        row
        for n in sizes
        for k in options.rows
        for row in compare(n, known[n], k, options.rounds, not options.no_memory)
    ]
    print(markdown(head, rows))


if __name__ == "__main__":
    main()
