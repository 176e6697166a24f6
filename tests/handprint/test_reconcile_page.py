"""The page on reconciliation: its blocks run, its scenario loads, and Chinese has a summary."""

import re
from pathlib import Path

from handprint import load_scenario

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reconciliation.md").read_text(encoding="utf-8")


def test_python_blocks_run_and_their_numbers_hold():
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, "reconciliation.md", "exec"), names)
    assert sum(block.count("assert ") for block in blocks) >= 6


def test_the_scenario_with_evidence_loads(tmp_path):
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "seen.toml"
    path.write_text(block, encoding="utf-8")
    seen = load_scenario(path).observations["model"]
    assert (seen.low, seen.value, seen.high, seen.of) == (700, 900, 1100, "total")
    for key in ("estimate_quantiles", "boundary_audit", "observed", "deviations"):
        assert key in PAGE


def test_the_summary_in_chinese_names_every_function_of_the_page():
    chinese = (DOCS / "reconciliation.zh-CN.md").read_text(encoding="utf-8")
    for name in ("reconcile_years", "reconcile_hierarchy", "shared_covariance", "observations"):
        assert name in PAGE
        assert name in chinese
    assert "reconciliation.md" in chinese
