"""Reading workbooks and large text beside pandas and pymrio's way, and again from the cache."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from harness import Timing, extra_memory, interleaved, markdown, peak, ratio, short
from sections import Key, Plan, Section

import io_tables
from io_tables.cells import letters
from io_tables.manifest import read_manifest

PANDAS, PYMRIO = "pandas + openpyxl", "as pymrio reads: labels and numbers"
CELLS, READ = "handprint: cells alone", "handprint: checked table"
KEPT = "handprint: checked table, kept"
HEAD = ("file", "way", "median", "fastest to slowest", "rounds")
REGION = 200  # industries of a region
ABOUT = {"units": "USD", "price_basis": "-", "source": "random"}


def reading(plan: Plan) -> Section:
    """
    Time what opens a file, and what checks it too.

    Parameters
    ----------
    plan : Plan
        ``books`` and ``texts`` are the sizes of workbooks and of text tables.

    Returns
    -------
    Section
        Workbooks beside pandas, text beside the call of pymrio's parsers.
    """
    found: dict[Key, float] = {}
    books: list[list[object]] = []
    texts: list[list[object]] = []
    with tempfile.TemporaryDirectory() as home:
        for n in plan.books:
            rows, times = _measured(book(Path(home), n), PANDAS, plan.rounds(n))
            books += rows
            found["reading", "book", str(n)] = times[READ].median
            found["reading", "book", str(n), PANDAS] = ratio(times[PANDAS], times[READ])
        for n in plan.texts:
            path = text(Path(home), n)
            rows, times = _measured(path, PYMRIO, plan.rounds(n))
            path.unlink()
            texts += rows
            found["reading", "text", str(n), PYMRIO] = ratio(times[PYMRIO], times[READ])
            found["reading", "kept", str(n)] = ratio(times[READ], times[KEPT])
    return Section(
        "Reading",
        "A checked table is the whole way: guards of the file, cells, labels, totals, balance, the "
        "hash of all numbers where the manifest states it. The ways of pandas give a frame that "
        f"nobody has looked at. Workbooks as `io_tables.write_wide` makes them, compared with "
        f"{PANDAS}:\n\n"
        + markdown([*HEAD, "times as fast", "added memory"], books)
        + "\n\nText is tab-separated with two labels in front of each line and above each column, "
        "numbers with all their digits; compared with the call of pymrio's parsers, "
        '`read_csv(sep="\\t", index_col=[0, 1], header=[0, 1])`. Kept tables come from the cache, '
        "which digests the file anew each time. Memory is added to that after all imports, each "
        "way in a process of its own.\n\n"
        + markdown([*HEAD, "times as fast", "added memory"], texts),
        found,
    )


def book(folder: Path, n: int) -> Path:
    """
    Write a workbook of n sectors with final demand and output.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    n : int
        Sectors.

    Returns
    -------
    pathlib.Path
        Workbook; its manifest stands beside it.
    """
    rng = np.random.default_rng(0)
    table = io_tables.from_arrays(
        rng.lognormal(8, 3, (n, n)),
        rng.lognormal(10, 2, (n, 8)),
        sectors=[f"{i:03d}" for i in range(1, n + 1)],
        categories=list("abcdefgh"),
        **ABOUT,
    )
    path = folder / f"book{n}.xlsx"
    io_tables.write_wide(table, path)
    return path


def text(folder: Path, n: int) -> Path:
    """
    Write tab-separated text of n industries in regions, with two lines of labels.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    n : int
        Industries.

    Returns
    -------
    pathlib.Path
        Text, about 18 bytes for each number; its manifest stands beside it.
    """
    rng = np.random.default_rng(1)
    regions = [f"r{i // REGION:02d}" for i in range(n)]
    industries = [f"i{i % REGION:03d}" for i in range(n)]
    path = folder / f"text{n}.txt"
    with path.open("w", encoding="utf-8") as file:
        for labels, last in ((regions, ""), (industries, "use")):
            file.write("\t".join(["", "", *labels, last]) + "\n")
        for region, industry in zip(regions, industries, strict=True):
            row = rng.lognormal(0, 3, n + 1)
            row[:n][rng.random(n) < 0.4] = 0.0
            file.write("\t".join([region, industry, *map(repr, row.tolist())]) + "\n")
    end = letters(n + 1)
    wide = {
        "header": [1, 2],
        "labels": ["A", "B"],
        "transactions": f"C3:{end}{n + 2}",
        "regions": True,
        "final_demand": {"use": "use"},
    }
    manifest = {"name": "t", "layout": "wide", **ABOUT, "wide": wide}
    path.with_suffix(".toml").write_text(read_manifest(manifest).to_toml(), encoding="utf-8")
    return path


def _ways(path: Path) -> dict[str, Callable[[], object]]:
    """Ways to read a file; what is compared with comes first."""
    whole: dict[str, Callable[[], object]] = {READ: lambda: io_tables.read(path, cache=False)}
    if path.suffix == ".xlsx":
        return {
            PANDAS: lambda: pd.read_excel(path, index_col=0, engine="openpyxl"),
            "pandas + calamine": lambda: pd.read_excel(path, index_col=0, engine="calamine"),
            CELLS: lambda: io_tables.read_cells(path),
            **whole,
        }
    return {
        PYMRIO: lambda: pd.read_csv(path, sep="\t", index_col=[0, 1], header=[0, 1]),
        "pandas read_csv: numbers": lambda: pd.read_csv(path, sep="\t", header=None, skiprows=2),
        **whole,
        KEPT: lambda: io_tables.read(path, cache=path.parent / "cache"),
    }


def _measured(path: Path, base: str, rounds: int) -> tuple[list[list[object]], dict[str, Timing]]:
    """Rows of the report for one file."""
    runs = _ways(path)
    times = interleaved({way: (lambda r=run: r) for way, run in runs.items()}, rounds)
    name = f"{path.stem}, {path.stat().st_size / 1e6:.3g} MB"
    return list(_rows(path, name, times, base)), times


def _rows(path: Path, name: str, times: dict[str, Timing], base: str) -> Iterator[list[object]]:
    for way, timing in times.items():
        added = peak(__file__, [path, way])
        yield [
            name,
            way,
            short(timing.median),
            timing.spread,
            len(timing.seconds),
            f"{ratio(times[base], timing):.3g}x",
            "-" if added is None else f"{added:,.0f} MiB",
        ]


def _weighed(path: Path, way: str) -> float:
    """Memory that one way adds in this process [MiB]."""
    small = path.parent / "small.csv"  # imports are no part of reading
    small.write_text(",a\na,1\n", encoding="utf-8")
    wide = {"transactions": "B2:B2"}
    io_tables.read(small, manifest={"name": "s", "layout": "wide", **ABOUT, "wide": wide})
    pd.read_csv(small)
    return extra_memory(_ways(path)[way])


if __name__ == "__main__":
    print(_weighed(Path(sys.argv[1]), sys.argv[2]))
