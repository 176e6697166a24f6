"""Ways of a sweep: a thousand economies with some coefficients changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import ways
from synthetic import World, table
from ways import Array, reciprocal

from handprint import Solver

RANK = 4  # rows and columns of the block that changes
FEW = {"calc_all": 5, "calc_L": 20}  # draws of a slow loop that is scaled up


def loops() -> list[str]:
    """Loops over draws that can run here, peers first."""
    peers = [] if "pymrio" in ways.missing() else ["calc_all loop", "calc_L, calc_M loop"]
    return [*peers, "numpy solve loop"]


def sweep_ways(
    made: World, draws: int, *, peers: bool = True
) -> dict[str, tuple[Callable[[], object], float]]:
    """Ways of a sweep, each with what its time is to be multiplied by."""
    n, checked, scale = len(made.flows), table(made), reciprocal(made.output)
    a, s, y = made.flows * scale, made.accounts * scale, made.demand.sum(axis=1)
    busy = np.flatnonzero(made.output > 0)
    p, c = busy[:RANK], busy[RANK : 2 * RANK]
    sellers, buyers = ([checked.sectors[i] for i in at] for at in (p, c))
    block = np.ix_(p, c)

    def cells() -> Array:
        rng = np.random.default_rng(0)
        return -rng.uniform(0, 0.5, (draws, RANK, RANK)) * a[block]

    def columns() -> Array:
        rng = np.random.default_rng(0)
        return -rng.uniform(0, 0.5, (draws, 1, RANK)) * a[:, c]

    def loop(solve: Callable[[Array], object], count: int) -> Callable[[], object]:
        def run() -> object:
            last: object = None
            for delta in cells()[:count]:
                changed = a.copy()
                changed[block] += delta
                last = solve(changed)
            return last

        return run

    def ours(whole: bool, totals: bool) -> Callable[[], object]:
        rows, change = (None, columns) if whole else (sellers, cells)
        demand = y if totals else None
        return lambda: Solver(checked).sweep(
            rows, buyers, change(), intensity=s, final_demand=demand
        )

    def solved(changed: Array) -> object:
        return np.linalg.solve((np.eye(n) - changed).T, s.T).T @ y

    found: dict[str, tuple[Callable[[], object], float]] = {}
    if peers and "pymrio" not in ways.missing():
        import pymrio

        index = pd.MultiIndex.from_arrays([made.regions, made.industries])
        index.names = ["region", "sector"]
        use = pd.MultiIndex.from_product([sorted(set(made.regions)), ["final demand"]])
        use.names = ["region", "category"]
        demand = pd.DataFrame(made.demand, index=index, columns=use)
        frame = pd.DataFrame(s, columns=index)

        def everything(changed: Array) -> object:
            coefficients = pd.DataFrame(changed, index=index, columns=index)
            extension = {"name": "accounts", "S": frame}
            system = pymrio.IOSystem(A=coefficients, Y=demand, accounts=extension)
            return system.calc_all()

        def inverse(changed: Array) -> object:
            coefficients = pd.DataFrame(changed, index=index, columns=index)
            return pymrio.calc_M(frame, pymrio.calc_L(coefficients))

        for name, solve, few in (
            ("calc_all loop", everything, min(FEW["calc_all"], draws)),
            ("calc_L, calc_M loop", inverse, min(FEW["calc_L"], draws)),
        ):
            found[name] = loop(solve, few), draws / few
    if peers:
        found["numpy solve loop"] = loop(solved, draws), 1
    found["handprint: cells, totals"] = ours(False, True), 1
    found["handprint: columns, totals"] = ours(True, True), 1
    found["handprint: cells, T"] = ours(False, False), 1
    found["handprint: columns, T"] = ours(True, False), 1
    return found
