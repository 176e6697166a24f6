"""The page on reconciliation, in both languages: its blocks run, its scenario loads."""

import re
from pathlib import Path

import pytest

from handprint import load_scenario

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    name: (DOCS / name).read_text(encoding="utf-8")
    for name in ("reconciliation.md", "reconciliation.zh-CN.md")
}


@pytest.mark.parametrize("name", PAGES)
def test_python_blocks_run_and_their_numbers_hold(name):
    blocks = re.findall(r"```python\n(.*?)```", PAGES[name], re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, name, "exec"), names)
    assert sum(block.count("assert ") for block in blocks) >= 6


@pytest.mark.parametrize("name", PAGES)
def test_the_scenario_with_evidence_loads(name, tmp_path):
    (block,) = re.findall(r"```toml\n(.*?)```", PAGES[name], re.DOTALL)
    path = tmp_path / "seen.toml"
    path.write_text(block, encoding="utf-8")
    seen = load_scenario(path).observations["model"]
    assert (seen.low, seen.value, seen.high, seen.of) == (700, 900, 1100, "total")
    for key in ("estimate_quantiles", "boundary_audit", "observed", "deviations"):
        assert key in PAGES[name]
