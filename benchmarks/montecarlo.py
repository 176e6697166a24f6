"""Monte Carlo over whole runs: `python montecarlo.py DRAWS SECTORS SCENARIOS` measures one case."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import extra_memory

from handprint import Results, compare, run

SEED = 1
FILE = 'base = "{}"\nname = "s{}"\nsectors = {}\n'


def models_of(scenario: str) -> list[str]:
    """Sector models of a shipped scenario."""
    from handprint import load_scenario

    return list(load_scenario(scenario).sectors)


def measure(draws: int, sectors: int, scenarios: int) -> dict[str, float]:
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

    Returns
    -------
    dict
        ``seconds`` after the imports, ``added`` memory [MiB], ``cases``: use cases.
    """
    base = "current-policy" if sectors <= len(models_of("current-policy")) else "verticals"
    names = models_of(base)[:sectors]
    found: list[Results] = []
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"s{k}.toml" for k in range(scenarios)]
        for k, file in enumerate(files):
            file.write_text(FILE.format(base, k, json.dumps(names)), encoding="utf-8")
        run(files[0])  # imports, and what is read once in a process
        start = time.perf_counter()

        def whole() -> None:
            seed = SEED if draws else None
            found.extend(run(file, draws=draws, seed=seed) for file in files)
            if scenarios > 1:
                compare(found)

        added = extra_memory(whole)
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "added": added, "cases": found[0].bottom_up.sizes["use_case"]}


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:4]))))
