"""
Time reading of workbooks and text tables side by side with pandas, interleaved.

Run ``python benchmarks/bench_reading.py [--text 2000] [--rounds 5]``; ``--text 9800`` is the size
of a world database (1.7 GB of text, minutes). Each round runs every way once, in turn, so that a
busy machine slows all of them alike. Printed are medians, the median of the ratios within a
round, and the largest memory over that at the start, each way in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import io_tables

MANIFEST = {"name": "t", "layout": "wide", "units": "USD", "price_basis": "-", "source": "random"}


def workbook(folder: Path, n: int) -> tuple[Path, dict[str, object]]:
    """A workbook of n sectors with final demand and output."""
    rng = np.random.default_rng(0)
    z, y = rng.lognormal(8, 3, (n, n)), rng.lognormal(10, 2, (n, 8))
    sectors = [f"{i:03d}" for i in range(1, n + 1)]
    table = io_tables.from_arrays(
        z, y, sectors=sectors, categories=list("abcdefgh"), units="USD", price_basis="-",
        source="random",
    )  # fmt: skip
    path = folder / f"book{n}.xlsx"
    io_tables.write_wide(table, path)
    return path, {}


def text(folder: Path, n: int) -> tuple[Path, dict[str, object]]:
    """Tab-separated text of n industries in regions of 200, with two lines of labels."""
    rng = np.random.default_rng(1)
    regions = [f"r{i // 200:02d}" for i in range(n)]
    industries = [f"i{i % 200:03d}" for i in range(n)]
    path = folder / f"text{n}.txt"
    with path.open("w", encoding="utf-8") as file:
        for labels, last in ((regions, ""), (industries, "use")):
            file.write("\t".join(["", "", *labels, last]) + "\n")
        for region, industry in zip(regions, industries, strict=True):
            row = rng.lognormal(0, 3, n + 1)
            row[:n][rng.random(n) < 0.4] = 0.0
            file.write("\t".join([region, industry, *map(repr, row.tolist())]) + "\n")
    end = io_tables.cells.letters(n + 1)
    wide = {
        "header": [1, 2], "labels": ["A", "B"], "transactions": f"C3:{end}{n + 2}",
        "regions": True, "final_demand": {"use": "use"},
    }  # fmt: skip
    return path, {**MANIFEST, "wide": wide}


def ways(path: Path, manifest: dict[str, object], cache: Path) -> dict[str, Callable[[], object]]:
    """Ways to read a file; the first is the one compared with."""
    told = manifest or None
    if path.suffix == ".xlsx":
        return {
            "pandas + openpyxl": lambda: pd.read_excel(path, index_col=0, engine="openpyxl"),
            "pandas + calamine": lambda: pd.read_excel(path, index_col=0, engine="calamine"),
            "cells": lambda: io_tables.read_cells(path),
            "checked table": lambda: io_tables.read(path, manifest=told),
        }
    return {
        "pandas, two lines of labels": lambda: pd.read_csv(
            path, sep="\t", header=[0, 1], index_col=[0, 1]
        ),
        "checked table": lambda: io_tables.read(path, manifest=told),
        "checked table, kept": lambda: io_tables.read(path, manifest=told, cache=cache),
    }


def times(path: Path, manifest: dict[str, object], cache: Path, rounds: int) -> None:
    """Print medians and ratios."""
    found = ways(path, manifest, cache)
    for run in found.values():
        run()
    taken: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, run in found.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    base = next(iter(taken.values()))
    print(f"\n{path.name}, {path.stat().st_size / 1e6:.1f} MB, {rounds} rounds")
    for name, seconds in taken.items():
        ratio = statistics.median(b / s for b, s in zip(base, seconds, strict=True))
        peak = memory(path, manifest, cache, name)
        print(
            f"  {name:28s} {statistics.median(seconds) * 1e3:10,.1f} ms   {ratio:6.2f} x"
            f"   {peak:8,.0f} MB"
        )


def memory(path: Path, manifest: dict[str, object], cache: Path, name: str) -> float:
    """Largest memory of one way over that at the start [MB]."""
    told = json.dumps([str(path), manifest, str(cache), name])
    done = subprocess.run(
        [sys.executable, __file__, "--measure", told], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def measure(told: str) -> None:
    """Run one way and print the largest memory it took."""
    import resource

    path, manifest, cache, name = json.loads(told)
    run = ways(Path(path), manifest, Path(cache))[name]
    small = Path(cache).parent / "small.csv"  # imports are no part of reading
    small.write_text(",a\na,1\n", encoding="utf-8")
    io_tables.read(small, manifest={**MANIFEST, "wide": {"transactions": "B2:B2"}})
    pd.read_csv(small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=int, default=2000, help="industries of the text table")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure)
        return
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        for n in (42, 153):
            times(*workbook(folder, n), folder / "cache", given.rounds)
        times(*text(folder, given.text), folder / "cache", given.rounds)


if __name__ == "__main__":
    main()
