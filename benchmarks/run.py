"""
Measure everything and write RESULTS.md: `make bench`, or `make bench-full` with world tables.

`make bench ARGS="--only scenarios -o runs.md"` measures one section, here whole runs of scenarios.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import balancing
import reading
import scenarios
import sections
import ways
from harness import extra_memory, machine, markdown, peak_memory
from sections import Key, Plan
from ways import ACCOUNTS, CALC_ALL, FULL, SIZES, TRADE, T

import io_tables

SECTIONS = {
    **sections.SECTIONS,
    **scenarios.SECTIONS,
    "reading": reading.reading,
    "balancing": balancing.balancing,
}
RESULTS = Path(__file__).with_name("RESULTS.md")
WORLD = 9800
TOTALS, WHOLE = "handprint: cells, totals", "handprint: cells, T"
LOOPS = ("calc_all loop", "calc_L, calc_M loop", "numpy solve loop")


def targets() -> list[tuple[str, str, Key, float, bool]]:
    """What is to be reached: name, unit, where it is measured, how much, and if more is better."""
    n = str(WORLD)
    found = [
        ("T and accounts, n = 9800, k = 50", "x calc_all",
         ("times", n, "50", ACCOUNTS, CALC_ALL), 20.0, True),
        ("T, accounts and trade, n = 9800, k = 50", "x calc_all",
         ("times", n, "50", TRADE, CALC_ALL), 10.0, True),
        ("T and accounts, n = 9800, k = 5", "x calc_all",
         ("times", n, "5", ACCOUNTS, CALC_ALL), 30.0, True),
        ("peak memory of T and accounts, n = 9800, k = 50", "of calc_all's",
         ("memory", n, "50"), 1 / 3, False),
        ("largest relative error of any element of T, n = 9800, k = 50", "",
         ("error", n, "50"), 1e-10, False),
    ]  # fmt: skip
    for what, way, least in (
        ("totals", TOTALS, (3000.0, 500.0, 100.0)),
        ("full T", WHOLE, (1000.0, 150.0, 25.0)),
    ):
        found += [
            (f"1000 draws, n = 149, {what}", f"x {loop}", ("sweep", "149", way, loop), goal, True)
            for loop, goal in zip(LOOPS, least, strict=True)
        ]
    return [
        *found,
        (f"1000 draws of {sections.CHANGED} columns, n = 9800", "x time of one T solve",
         ("wide", n), 3.0, False),
        ("RAS, n = 2464", "x MARIO's", ("ras", "2464"), 5.0, True),
        ("workbook of 153 sectors, checked", "s", ("reading", "book", "153"), 0.5, False),
        ("workbook of 153 sectors, checked", f"x {reading.PANDAS}",
         ("reading", "book", "153", reading.PANDAS), 5.0, True),
        ("text of 9800 x 9800 numbers, checked", "x pymrio's way to read",
         ("reading", "text", n, reading.PYMRIO), 1.0, True),
        ("the same again, from the cache", "x its reading as text",
         ("reading", "kept", n), 20.0, True),
        ("1000 largest paths, n = 9800, after T", "s", ("paths", n), 1.0, False),
        ("first scenario result, 24 sectors, after import", "s", ("first",), 0.05, False),
        ("first run of a shipped scenario, after import", "s", ("run",), 1.0, False),
        ("run of a shipped scenario without draws, warm", "s",
         ("draws", "none", "few"), 1.0, False),
        ("the same with all sector models", "s", ("draws", "none", "many"), 1.0, False),
        ("10 000 draws, five shipped scenarios", "s", ("draws", "seconds", "few"), 60.0, False),
        ("peak memory of that", "MiB", ("draws", "peak", "few"), 2048.0, False),
        ("10 000 draws, five scenarios, all sector models", "s",
         ("draws", "seconds", "many"), 60.0, False),
        ("peak memory of that", "MiB", ("draws", "peak", "many"), 2048.0, False),
    ]  # fmt: skip


def beside_targets(numbers: dict[Key, float]) -> str:
    """
    Put what was reached beside what was to be reached.

    Parameters
    ----------
    numbers : dict
        Measured.

    Returns
    -------
    str
        A table; what was not measured says so.
    """
    rows = []
    for what, unit, key, goal, more in targets():
        value = numbers.get(key)
        wanted = f"{'at least' if more else 'at most'} {goal:.3g} {unit}".strip()
        if value is None:
            rows.append([what, wanted, "-", "not measured"])
            continue
        share = value / goal if more else goal / value
        verdict = "reached" if share >= 1 else "not reached"
        rows.append([what, wanted, f"{value:.3g} {unit}".strip(), verdict])
    return markdown(["target", "wanted", "measured", ""], rows)


def report(plan: Plan, names: list[str], output: Path) -> None:
    """
    Measure the sections and write them down, anew after each of them.

    Parameters
    ----------
    plan : Plan
        What to measure.
    names : list of str
        Sections.
    output : pathlib.Path
        File to write, in Markdown.
    """
    about, start, loads = machine(), time.perf_counter(), [os.getloadavg()[0]]
    numbers: dict[Key, float] = {}
    parts: list[str] = []
    n = str(WORLD)
    for name in names:
        part = SECTIONS[name](plan)
        numbers |= part.numbers
        parts.append(f"## {part.title}\n\n{part.text}")
        loads.append(os.getloadavg()[0])
        ours, theirs = (numbers.get(("peak", n, "50", way)) for way in (ACCOUNTS, CALC_ALL))
        if ours and theirs:
            numbers["memory", n, "50"] = ours / theirs
        taken = time.perf_counter() - start
        print(f"{name}: {taken:.0f} s", flush=True)
        text = [
            "# Benchmark results",
            "Written by `benchmarks/run.py`: `make bench`, and `make bench-full` with tables of "
            "4914 and 9800 sectors.",
            *conditions(plan, about, loads),
            "## Targets",
            beside_targets(numbers),
            *parts,
            f"The run took {taken / 60:.1f} minutes.\n",
        ]
        output.write_text("\n\n".join(text), encoding="utf-8")


def conditions(plan: Plan, about: str, loads: list[float]) -> list[str]:
    """
    Say on what and how it was measured.

    Parameters
    ----------
    plan : Plan
        What is measured.
    about : str
        The machine.
    loads : list of float
        Processes that wanted to run, at the start and later.

    Returns
    -------
    list of str
        Paragraphs.
    """
    notes = [f"Machine: {about}. BLAS with its default threads."]
    if _busy(loads):
        notes.append(
            f"The machine was busy with other work: load {loads[0]:.1f} on {os.cpu_count()} cores "
            f"at the start, up to {max(loads):.1f} later, this run included. Absolute times are "
            "too long and ratios noisy: threads of BLAS wait for a core that others hold, which "
            "costs milliseconds in calls that take microseconds."
        )
    if plan.most is not None:
        notes.append(
            f"Fewer repetitions than usual: at most {plan.most} rounds, and {plan.large} for "
            "the largest tables."
        )
    if ways.missing():
        notes.append(f"Not installed, so not run: {', '.join(ways.missing())}.")
    if "mario" not in ways.missing():
        notes.append(
            f"MARIO is mariopy {version('mariopy')}, on the versions above and not on the older "
            "ones that it pins."
        )
    notes.append(
        "In each round every way runs once, so that a busy neighbour hits all alike; one round "
        "runs before those that count, and what takes under 50 ms is repeated within a round. "
        "Ratios are medians of the ratios within rounds, not ratios of the medians beside them. "
        "Ratios between 0.8 and 1.25 are no difference."
    )
    return notes


def _busy(loads: list[float]) -> bool:
    """Whether others were at work when the run began."""
    return loads[0] > 0.5 * (os.cpu_count() or 1)


def used(way: str, n: int, k: int) -> dict[str, float]:
    """
    Peak memory of one way in this process, in MiB.

    Parameters
    ----------
    way : str
        Of `ways.WAYS`.
    n, k : int
        Sectors and accounts.

    Returns
    -------
    dict
        ``peak`` of the process while it runs, and ``added`` to what was there before.
    """
    prepare = ways.WAYS[way](ways.Subject(ways.economy(n, k)))
    run = prepare()
    del prepare
    gc.collect()
    added = extra_memory(run)
    return {"peak": peak_memory(), "added": added}


def planned(options: argparse.Namespace) -> Plan:
    """Plan what the arguments ask for."""
    if options.tiny:
        return Plan(
            [(20, 2)], [20], [20], [20], [20], [20], [20], 20, 20, most=1, memory=0, weighed=[T],
            fresh=1, times=(1,), scenarios=(1, 2),
        )  # fmt: skip
    sizes = [*SIZES, *FULL] if options.full else list(SIZES)
    cases = [(n, k) for n in sizes for k in (5, 50)]
    plan = Plan(cases, most=options.rounds, large=options.rounds_large)
    if options.full:
        plan.texts.append(WORLD)
    for n, k in options.add:
        if (n, k) not in plan.cases:
            plan.cases.append((n, k))
    if any(n == WORLD for n, _ in plan.cases):
        plan.wide.append(WORLD)
        plan.paths.append(WORLD)
    return plan


def demand_checkout() -> None:
    """Refuse to measure an installed package in place of the code beside this file."""
    home, found = (Path(file).resolve().parents[1] for file in (__file__, io_tables.__file__))
    if home != found:
        raise SystemExit(f"io_tables is that of {found}: set PYTHONPATH={home}")


def main() -> None:
    """Read the arguments, measure and write the report."""
    demand_checkout()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also 4914 and 9800 sectors")
    parser.add_argument(
        "--add", nargs=2, type=int, action="append", default=[], metavar=("N", "K"),
        help="one more case: sectors and accounts",
    )  # fmt: skip
    parser.add_argument("--only", nargs="*", choices=list(SECTIONS), help="sections")
    parser.add_argument("--rounds", type=int, help="at most so many")
    parser.add_argument("--rounds-large", type=int, default=2, help="from 4914 sectors on")
    parser.add_argument("--tiny", action="store_true", help="20 sectors, to see that all runs")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    parser.add_argument("--memory", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the peers; ours are errors in the tests
    if options.memory:
        way, n, k = options.memory
        print(json.dumps(used(way, int(n), int(k))))
    else:
        report(planned(options), options.only or list(SECTIONS), options.output)


if __name__ == "__main__":
    main()
