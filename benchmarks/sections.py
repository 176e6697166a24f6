"""The registry of benchmarks: every section measures and hands back a table and its ratios."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import ways
from draws import FEW, RANK, loops, sweep_ways
from harness import Timing, interleaved, markdown, ratio, short
from synthetic import World, table
from ways import CALC_ALL, SOLVE, Array, Subject, T, economy, reciprocal

import io_tables
from handprint import Solver, structural_paths
from handprint.search import Economy, largest_paths

CHANGED, TOP, BATCH = 8, 1000, 100
BESIDE = ("times as fast as calc_all", "as numpy solve")
HEAD = ("n", "k", "way", "median", "fastest to slowest", "rounds", *BESIDE)
LIMIT = 900  # seconds after which a process of its own is given up

Key = tuple[str, ...]


@dataclass
class Plan:
    """What to measure."""

    cases: list[tuple[int, int]]
    sweeps: list[int] = field(default_factory=lambda: [42, 149])
    wide: list[int] = field(default_factory=lambda: [2464])
    paths: list[int] = field(default_factory=lambda: [149, 1000, 2464])
    books: list[int] = field(default_factory=lambda: [42, 153])
    texts: list[int] = field(default_factory=lambda: [2000])
    balanced: list[int] = field(default_factory=lambda: [42, 149, 2464])
    growing: int = 1000
    draws: int = 1000
    most: int | None = None  # rounds
    large: int = 2  # rounds of tables that take minutes
    memory: int = 1000  # sectors from which memory is measured
    weighed: list[str] = field(default_factory=ways.names)  # ways whose memory is measured
    fresh: int = 5  # processes for what happens once in a process
    times: tuple[int, ...] = (1, 3, 10)  # draws of whole runs, in multiples of `draws`
    scenarios: tuple[int, ...] = (1, 2, 5)  # that are run and compared

    def rounds(self, n: int) -> int:
        """Rounds that count, fewer for tables that take long."""
        usual = 7 if n < 400 else 5 if n < 2000 else 3 if n < 4000 else self.large
        return usual if self.most is None else min(usual, self.most)


class Section(NamedTuple):
    """A part of the report; the numbers are those that targets ask for."""

    title: str
    text: str
    numbers: dict[Key, float]


def multipliers(plan: Plan) -> Section:
    """Multipliers T and all accounts, by size and number of accounts."""
    rows, found = [], {}
    for n, k in plan.cases:
        most = k == max(kk for nn, kk in plan.cases if nn == n)
        weighed = plan.weighed if n >= plan.memory and most else []
        more, numbers = _beside(n, k, plan.rounds(n), weighed)
        rows += more
        found |= numbers
    return Section(
        "Multipliers and accounts",
        "T are the multipliers S (I - A)^-1 of k accounts, made from flows. Accounts are those "
        "by producer and by consumer; trade adds sources, imports and exports by region. "
        "`calc_all` has accounts and trade, and the inverse besides. The tables are "
        f"synthetic (`synthetic.py`), regions {_regions(plan)}; with more than "
        f"{ways.LARGE} sectors MARIO and the inverse are left out. Memory is that of a process "
        "which does nothing else: its peak with all imports and the table in the form that "
        "the way takes, and what was added while it ran.\n\n"
        + markdown(
            [*HEAD, "peak", "added"],
            rows,
        )
        + "\n\nLargest relative difference of any element of our T from that of numpy's "
        "solve: "
        + "; ".join(
            f"n = {n}, k = {k}: {found['error', str(n), str(k)]:.1e}" for n, k in plan.cases
        )
        + ".",
        found,
    )


def world_table(plan: Plan) -> Section:
    """The same on a real table of the world."""
    title = "A real table: WIOD 2013, 41 regions x 35 industries (n = 1435)"
    if ways.wiod(1) is None:
        return Section(title, "Not measured: the table is not here (HANDPRINT_SHARED).", {})
    rows: list[list[object]] = []
    for k in (5, 50):
        rows += _beside(0, k, plan.rounds(1435), [])[0]
    return Section(
        title,
        "Flows and output of 2009 as published; the accounts are invented, for the table has "
        "none. Some sectors have no output.\n\n"
        + markdown(
            HEAD,
            [[1435, *row[1:8]] for row in rows],
        ),
        {},
    )


def sweeps(plan: Plan) -> Section:
    """A thousand economies with some coefficients changed, all included."""
    rows, found, slower = [], {}, loops()
    for n in plan.sweeps:
        made = economy(n, 5)
        runs = sweep_ways(made, plan.draws)
        times = interleaved({w: (lambda r=r: r) for w, (r, _) in runs.items()}, plan.rounds(n))
        for way, timing in times.items():
            scale = runs[way][1]
            against = {
                loop: ratio(times[loop], timing) * runs[loop][1] / scale
                for loop in slower
                if loop in times
            }
            shown = [f"{against[loop]:.3g}x" if loop in against else "-" for loop in slower]
            told = f"{short(timing.median * scale)}" + ("" if scale == 1 else " *")
            rows.append([n, way, told, timing.spread, len(timing.seconds), *shown])
            for loop, value in against.items():
                found["sweep", str(n), way, loop] = value
    return Section(
        f"Sweeps of {plan.draws} draws",
        f"k = 5. A block of {RANK} x {RANK} cells, or {RANK} whole columns, changes by random "
        "shares. The base solve and the random numbers are inside the clock. Totals are one "
        "number per account and draw, T is a whole table of multipliers per draw. "
        f"`*`: from a loop of {FEW['calc_all']} (`calc_all`) or {FEW['calc_L']} (`calc_L`) "
        "draws, multiplied; the spread is that of the loop as it was run.\n\n"
        + markdown(
            ["n", "way", "median", "fastest to slowest", "rounds"]
            + [f"times as fast as {loop}" for loop in slower],
            rows,
        ),
        found,
    )


def wide(plan: Plan) -> Section:
    """Many draws of whole columns of a world table, beside one solve of T."""
    rows, found = [], {}
    for n in plan.wide:
        k, made = min(50, n), economy(n, min(50, n))
        checked, s = table(made), made.accounts * reciprocal(made.output)
        busy = np.flatnonzero(made.output > 0)[:CHANGED]
        part = made.flows[:, busy] * reciprocal(made.output)[busy]
        buyers, demand = [checked.sectors[i] for i in busy], made.demand.sum(axis=1)

        def batches(part: Array = part) -> Iterator[Array]:
            rng = np.random.default_rng(0)
            for _ in range(0, plan.draws, BATCH):
                size = min(BATCH, plan.draws)
                yield -rng.uniform(0, 0.5, (size, 1, part.shape[1])) * part

        def sweep(s: Array = s, y: Array = demand, to: list[str] = buyers, t=checked) -> object:
            return Solver(t).sweep(None, to, batches(), intensity=s, final_demand=y)

        def once(s: Array = s, t: io_tables.IOTable = checked) -> object:
            return Solver(t).multipliers(s)

        one, many = "one T solve", f"{plan.draws} draws, totals"
        times = interleaved({one: lambda r=once: r, many: lambda r=sweep: r}, plan.rounds(n))
        slower = ratio(times[many], times[one])
        found["wide", str(n)] = slower
        for way in (one, many):
            timing = times[way]
            told = f"{slower:.2f}x" if way == many else "1x"
            rows.append([n, k, way, short(timing.median), timing.spread, told])
    return Section(
        f"{plan.draws} draws of {CHANGED} whole columns",
        "The base solve and the random numbers are inside the clock.\n\n"
        + markdown(["n", "k", "what", "median", "fastest to slowest", "time of T"], rows),
        found,
    )


def paths(plan: Plan) -> Section:
    """The largest structural paths, exactly."""
    rows, found = [], {}
    for n in plan.paths:
        made = economy(n, 1)
        checked, scale = table(made), reciprocal(made.output)
        known = Economy(made.flows * scale, made.accounts[0] * scale, made.demand.sum(axis=1))

        def search(known: Economy = known) -> float:
            total = 0.0
            for _, (value, _) in zip(range(TOP), largest_paths(known, TOP), strict=False):
                total += value
            return total

        def whole(t: io_tables.IOTable = checked) -> object:
            return structural_paths(t, top=TOP, satellite="a000")

        ready, everything = "search, coefficients at hand", "structural_paths, all"
        times = interleaved(
            {ready: lambda r=search: r, everything: lambda r=whole: r}, min(3, plan.rounds(n))
        )
        covered = search() / float(made.accounts.sum())
        for way, timing in times.items():
            rows.append([n, way, short(timing.median), timing.spread, f"{covered:.0%}"])
        found["paths", str(n)] = times[ready].median
    return Section(
        f"Structural paths: the {TOP} largest, exactly",
        "No threshold is guessed. No peer has this search.\n\n"
        + markdown(["n", "what", "median", "fastest to slowest", "emissions covered"], rows),
        found,
    )


def growth(plan: Plan) -> Section:
    """How time grows with sectors, accounts and draws."""
    n = plan.growing
    size: list[list[object]] = []
    before: tuple[int, dict[str, Timing]] | None = None
    few = min(k for _, k in plan.cases)
    for m in sorted({nn for nn, k in plan.cases if k == few}):
        times = _timed(economy(m, few), [SOLVE, T], min(3, plan.rounds(m)))
        for way, timing in times.items():
            power = "-"
            if before is not None:
                larger, slower = m / before[0], timing.median / before[1][way].median
                power = f"{math.log(slower) / math.log(larger):.1f}"
            size.append([m, way, short(timing.median), power])
        before = m, times
    accounts: list[list[object]] = []
    for k in (1, 5, 20, 50, 200):
        times = _timed(economy(n, k), [SOLVE, T], min(3, plan.rounds(n)))
        accounts += [
            [k, way, short(t.median), short(t.median / k), f"{ratio(times[SOLVE], t):.3g}x"]
            for way, t in times.items()
        ]
    made, drawn = economy(plan.sweeps[-1], 5), []
    for draws in (plan.draws // 20, plan.draws // 5, plan.draws, 5 * plan.draws):
        ours = {w: r for w, (r, _) in sweep_ways(made, draws, peers=False).items()}
        many = interleaved({w: (lambda r=r: r) for w, r in ours.items()}, min(3, plan.rounds(149)))
        drawn += [[draws, way, short(t.median), short(t.median / draws)] for way, t in many.items()]
    return Section(
        "Growth",
        f"With sectors, k = {few}; the exponent is that of n since the row before:\n\n"
        + markdown(["n", "way", "median", "exponent"], size)
        + f"\n\nWith accounts, n = {n}:\n\n"
        + markdown(["k", "way", "median", "per account", "as numpy solve"], accounts)
        + f"\n\nWith draws, n = {plan.sweeps[-1]}, k = 5:\n\n"
        + markdown(["draws", "way", "median", "per draw"], drawn),
        {},
    )


SECTIONS: dict[str, Callable[[Plan], Section]] = {
    "multipliers": multipliers,
    "world": world_table,
    "sweeps": sweeps,
    "wide": wide,
    "paths": paths,
    "growth": growth,
}


def alone(*arguments: object, script: str = "run.py") -> dict[str, float] | None:
    """Run a script in a process of its own; None if it fails or takes too long."""
    try:
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=True,
            timeout=LIMIT,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _timed(made: World, names: list[str], rounds: int) -> dict[str, Timing]:
    return _run(Subject(made), names, rounds)


def _run(subject: Subject, names: list[str], rounds: int) -> dict[str, Timing]:
    return interleaved({way: ways.WAYS[way](subject) for way in names}, rounds)


def _beside(
    n: int, k: int, rounds: int, weighed: list[str]
) -> tuple[list[list[object]], dict[Key, float]]:
    """Rows and numbers of all ways on one table."""
    subject, place = Subject(economy(n, k)), (str(n), str(k))
    times = _run(subject, ways.names(n), rounds)
    found: dict[Key, float] = {("error", *place): ways.error(subject)}
    size = len(subject.made.flows)
    del subject
    rows: list[list[object]] = []
    for way, timing in times.items():
        cells = []
        for other in (CALC_ALL, SOLVE):
            if other in times:
                found["times", *place, way, other] = ratio(times[other], timing)
            cells.append(f"{ratio(times[other], timing):.3g}x" if other in times else "-")
        used = alone("--memory", way, n, k) if way in weighed else None
        if used is not None:
            found["peak", *place, way] = used["peak"]
            cells += [f"{used['peak']:,.0f} MiB", f"{used['added']:,.0f} MiB"]
        else:
            cells += ["-", "-"]
        counted = len(timing.seconds)
        rows.append([size, k, way, short(timing.median), timing.spread, counted, *cells])
    return rows, found


def _regions(plan: Plan) -> str:
    sizes = sorted({n for n, _ in plan.cases})
    return ", ".join(f"{ways.regions(n)} for n = {n}" for n in sizes)
