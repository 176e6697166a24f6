"""Timing side by side: interleaved rounds, medians of paired ratios, peak memory."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

SHORT = 0.05  # seconds; a shorter run is repeated
PACKAGES = ("numpy", "scipy", "pandas", "xarray", "pymrio", "handprint")


class Timing(NamedTuple):
    """Seconds of every round of one contender."""

    seconds: list[float]

    @property
    def median(self) -> float:
        """Middle round."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> str:
        """Fastest to slowest round."""
        return f"{short(min(self.seconds))} to {short(max(self.seconds))}"


def interleaved(
    contenders: Mapping[str, Callable[[], Callable[[], object]]], rounds: int
) -> dict[str, Timing]:
    """
    Run every contender once a round, so that a busy neighbour hits all alike.

    Parameters
    ----------
    contenders : mapping
        Name -> function that prepares, outside the clock, what is timed.
    rounds : int
        Rounds that count; one more runs before them.

    Returns
    -------
    dict
        Name -> timing.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, prepare in contenders.items():
            taken = _timed(prepare)
            if taken < SHORT:  # warm, as such calls are made: in a loop
                again = [_timed(prepare) for _ in range(min(99, int(SHORT / taken) + 1))]
                taken = statistics.median(again)
            if turn:
                seconds[name].append(taken)
        gc.collect()
    return {name: Timing(s) for name, s in seconds.items()}


def _timed(prepare: Callable[[], Callable[[], object]]) -> float:
    """Time one run; what it made is freed outside the clock."""
    run = prepare()
    start = time.perf_counter()
    kept = run()
    taken = time.perf_counter() - start
    del kept
    return taken


def ratio(slow: Timing, fast: Timing) -> float:
    """Median of the ratios of paired rounds."""
    return statistics.median(a / b for a, b in zip(slow.seconds, fast.seconds, strict=True))


def peak(script: str, arguments: Sequence[object]) -> float | None:
    """
    Run a script in a process of its own and read the extra memory it prints.

    Parameters
    ----------
    script : str
        Path; its last line of output is a number of MiB.
    arguments : sequence
        Handed over as text.

    Returns
    -------
    float or None
        MiB beside what was there before; None if the process failed.
    """
    made = subprocess.run(
        [sys.executable, script, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return float(made.stdout.split()[-1]) if made.returncode == 0 and made.stdout else None


def extra_memory(run: Callable[[], object]) -> float:
    """High-water mark of this process while it runs, above the memory at start, in MiB."""
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")  # forget earlier peaks
        before = _status("VmRSS")
        kept = run()
        found = (_status("VmHWM") - before) / 1024
    except OSError:
        import resource

        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        kept = run()
        found = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) / 1024
    del kept
    return found


def peak_memory() -> float:
    """High-water mark of this process since it was reset, in MiB."""
    try:
        return _status("VmHWM") / 1024
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return float(line.split()[1])
    raise OSError(key)


def machine() -> str:
    """Machine and versions, without names of hosts or folders."""
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return (
        f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, load {load:.1f} at start; "
        f"python {platform.python_version()}, {', '.join(found)}"
    )


def short(seconds: float) -> str:
    """Write a time with its unit."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
