"""One case of whole runs: `python montecarlo.py DRAWS SECTORS SCENARIOS THREADS` measures it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import extra_memory, peak_memory

from handprint import Results, compare, run

SEED = 1
ROUNDS = 5  # without draws, where a run is short
FILE = 'base = "{}"\nname = "s{}"\nsectors = {}\n'


def models_of(scenario: str) -> list[str]:
    """Sector models of a shipped scenario."""
    from handprint import load_scenario

    return list(load_scenario(scenario).sectors)


def measure(draws: int, sectors: int, scenarios: int, workers: int = 1) -> dict[str, float]:
    """
    Run scenarios of so many sector models and put them side by side.

    Parameters
    ----------
    draws : int
        Of each scenario; zero for none.
    sectors : int
        Sector models: the first of the four roll-ups, or of the verticals beyond four.
    scenarios : int
        Alike but for their names.
    workers : int
        Threads for the draws.

    Returns
    -------
    dict
        ``seconds`` after the imports and ``cpu`` of all threads, the best of several rounds
        without draws; ``added`` memory and ``peak`` of the process [MiB], ``cases``: use cases.
    """
    base = "current-policy" if sectors <= len(models_of("current-policy")) else "verticals"
    names = models_of(base)[:sectors]
    found: list[Results] = []
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"s{k}.toml" for k in range(scenarios)]
        for k, file in enumerate(files):
            file.write_text(FILE.format(base, k, json.dumps(names)), encoding="utf-8")
        run(files[0])  # imports, and what is read once in a process
        times: list[tuple[float, float]] = []

        def whole() -> None:
            seed = SEED if draws else None
            found[:] = [run(file, draws=draws, seed=seed, workers=workers) for file in files]
            if scenarios > 1:
                compare(found)

        def timed() -> None:
            clocks = time.perf_counter(), time.process_time()
            whole()
            times.append((time.perf_counter() - clocks[0], time.process_time() - clocks[1]))

        added, peak = extra_memory(timed), peak_memory()
        for _ in range(0 if draws else ROUNDS - 1):
            timed()
    seconds, cpu = (min(clock) for clock in zip(*times, strict=True))
    cases = found[0].bottom_up.sizes["use_case"]
    return {"seconds": seconds, "cpu": cpu, "added": added, "peak": peak, "cases": cases}


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:5]))))
