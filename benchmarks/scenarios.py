"""Sections on whole runs: the first one of a process, later ones, and those with draws."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from harness import Timing, markdown, short
from montecarlo import models_of
from sections import Key, Plan, Section, alone

WORKERS = 2
HEAD = ("draws", "sector models", "use cases", "scenarios", "threads")


class Case(NamedTuple):
    """Arguments of `montecarlo.py`."""

    draws: int
    models: int
    scenarios: int
    workers: int


def first_result(plan: Plan) -> Section:
    """The first answers of a fresh process."""
    parts: dict[str, Timing] = {}
    for what in ("comparison", "run"):
        found = [alone(what, script="first.py") for _ in range(plan.fresh)]
        seconds = [one for one in found if one is not None]
        if seconds:
            parts |= {part: Timing([one[part] for one in seconds]) for part in seconds[0]}
    rows = [[part, short(t.median), t.spread] for part, t in parts.items()]
    keys = {("first",): "read and compared", ("run",): "scenario run"}
    return Section(
        "First scenario result on 24 sectors of China",
        f"In {plan.fresh} fresh processes, after the import of what is called: the table of "
        "2020 is read and one intervention is compared with the economy as it is. In as many "
        "others: a whole run of a shipped scenario, all sectors and years. Imports, those "
        "of numpy, pandas and xarray included, are told apart: the package imports a part when "
        "it is first named.\n\n" + markdown(["what", "median", "fastest to slowest"], rows),
        {key: parts[part].median for key, part in keys.items() if part in parts},
    )


def whole_runs(plan: Plan) -> Section:
    """Whole runs without and with draws: how time and memory grow."""
    few, many = (len(models_of(name)) for name in ("current-policy", "verticals"))
    draws = [k * plan.draws for k in plan.times]
    most, all_of_them = draws[-1], plan.scenarios[-1]
    growths = {
        "draws": [[Case(d, m, 1, WORKERS) for d in draws] for m in (few, many)],
        "use cases": [[Case(most, m, 1, WORKERS) for m in (1, few, (few + many) // 2, many)]],
        "scenarios": [[Case(most, m, n, WORKERS) for n in plan.scenarios] for m in (few, many)],
    }
    still = [Case(0, m, 1, 1) for m in (few, many)]
    threads = [Case(most, many, 1, workers) for workers in (1, WORKERS)]
    wanted = [
        *still,
        *threads,
        *(case for lines in growths.values() for line in lines for case in line),
    ]
    found = {case: alone(*case, script="montecarlo.py") for case in dict.fromkeys(wanted)}
    goals = {
        name: Case(most, m, all_of_them, WORKERS) for name, m in (("few", few), ("many", many))
    }
    numbers: dict[Key, float] = {}
    for name, case in goals.items():
        if (one := found[case]) is not None:
            numbers |= {("draws", part, name): one[part] for part in ("seconds", "peak")}
    for name, case in zip(goals, still, strict=True):
        if (one := found[case]) is not None:
            numbers["draws", "none", name] = one["cpu"]
    text = [
        "Projection of 11 years on 24 sectors, both halves, ledger, quantiles by sector and use "
        f"case; {few} sector models are those of the shipped scenarios, {many} the finest there "
        "are. The sector models name sectors of the table of 24, so other tables are aggregated "
        "to it first, and what grows is the number of use cases. Each case has a process of its "
        "own, after one run without draws. Several scenarios are compared at the end. Memory is "
        "the peak of the process, imports included, and what was added by the runs.",
        "Processor time is that of all threads, which a busy neighbour stretches less. Without "
        "draws, the best of several:",
        _table(still, found),
    ]
    for what, lines in growths.items():
        text.append(f"With {what}; the exponent is that of processor time since the row before:")
        text.append(_table([case for line in lines for case in line], found, what))
    text += ["With threads:", _table(threads, found)]
    return Section("Whole runs of scenarios", "\n\n".join(text), numbers)


def _table(cases: list[Case], found: dict[Case, dict[str, float] | None], what: str = "") -> str:
    """Lay out cases, with how their time grows from one to the next of a line."""
    exponents = dict(zip(cases[1:], _exponents(cases, found, what), strict=True))
    rows = []
    for case in cases:
        one = found[case]
        if one is None:
            rows.append([*case[:2], "-", *case[2:], "the process failed", *["-"] * 3])
            continue
        row = [*case[:2], int(one["cases"]), *case[2:], short(one["seconds"]), short(one["cpu"])]
        row += [f"{one['peak']:,.0f} MiB", f"{one['added']:,.0f} MiB"]
        rows.append([*row, exponents.get(case, "-")] if what else row)
    head = [*HEAD, "time", "processor", "peak", "added", *(["exponent"] if what else [])]
    return markdown(head, rows)


def _exponents(
    cases: list[Case], found: dict[Case, dict[str, float] | None], what: str
) -> list[str]:
    """Power of what grows that the time grows with, for every case but the first."""
    told = []
    for before, case in pairwise(cases):
        one, other = found[before], found[case]
        if one is None or other is None:
            told.append("-")
            continue
        sizes = {
            "draws": case.draws / max(1, before.draws),
            "use cases": other["cases"] / one["cases"],
            "scenarios": case.scenarios / before.scenarios,
        }
        told.append(power(sizes.get(what, 1.0), other["cpu"] / one["cpu"]))
    return told


def power(larger: float, slower: float) -> str:
    """
    Exponent of a growth.

    Parameters
    ----------
    larger, slower : float
        Factors of size and time.

    Returns
    -------
    str
        A dash where the size does not grow.
    """
    return f"{math.log(slower) / math.log(larger):.1f}" if larger > 1 else "-"


SECTIONS = {"first": first_result, "scenarios": whole_runs}
