"""Monte Carlo over whole runs: `python montecarlo.py DRAWS SECTORS SCENARIOS` measures one case."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import extra_memory

import sector_models
from handprint import Results, compare, run

SEED = 1
FILE = 'base = "current-policy"\nname = "s{}"\nsectors = {}\n'


def finest() -> list[str]:
    """Sector models that no other is a part of, the account of ICT itself left out."""
    models = {name: sector_models.load(name) for name in sector_models.names() if name != "ict"}
    wholes = {model.part_of for model in models.values()}
    return [name for name in models if name not in wholes]


def shipped() -> list[str]:
    """Sector models of the shipped scenarios."""
    from handprint import load_scenario

    return list(load_scenario("current-policy").sectors)


def measure(draws: int, sectors: int, scenarios: int) -> dict[str, float]:
    """
    Run scenarios of so many sector models and put them side by side.

    Parameters
    ----------
    draws : int
        Of each scenario; zero for none.
    sectors : int
        Sector models: up to those of the shipped scenarios the first of these, beyond the
        finest ones there are.
    scenarios : int
        Alike but for their names.

    Returns
    -------
    dict
        ``seconds`` after the imports, ``added`` memory [MiB], ``cases``: use cases.
    """
    names = (shipped() if sectors <= len(shipped()) else finest())[:sectors]
    found: list[Results] = []
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"s{k}.toml" for k in range(scenarios)]
        for k, file in enumerate(files):
            file.write_text(FILE.format(k, json.dumps(names)), encoding="utf-8")
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
