"""The first answer of a fresh process: `python first.py comparison` or `python first.py run`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

# The peers bring pint along, and xarray imports it, 100 ms, wherever it is installed: here it
# counts as missing, as it is for who installs this project alone.
sys.modules["pint"] = None  # type: ignore[assignment]


def comparison() -> dict[str, float]:
    """Read a shipped table of China and compare one intervention with the economy as it is."""
    start = time.perf_counter()
    import io_tables
    from handprint import Intervention, counterfactual

    load = io_tables.load  # naming it imports it
    named = time.perf_counter()
    handed = Intervention("STE", 0.3, saving={"COA": 0.1, "ELE": 0.05}, ict_input=0.002)
    table = load("china-2020-cn24")
    read = time.perf_counter()
    counterfactual(table, [handed], ict=["ICS"])
    end = time.perf_counter()
    return {
        "imports, comparison": named - start,
        "table read": read - named,
        "compared": end - read,
        "read and compared": end - named,
    }


def scenario() -> dict[str, float]:
    """Run a shipped scenario: eight sectors, all years, top-down check and ledger."""
    start = time.perf_counter()
    from handprint import run

    named = time.perf_counter()
    run("current-policy")
    end = time.perf_counter()
    return {"imports, scenario": named - start, "scenario run": end - named}


WHAT: dict[str, Callable[[], dict[str, float]]] = {"comparison": comparison, "run": scenario}

if __name__ == "__main__":
    print(json.dumps(WHAT[sys.argv[1]]()))
