"""Blocks of the pages on emissions and world databases run, one after another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "tables"


@pytest.mark.parametrize("name", ["emissions", "world-databases"])
def test_page_runs(name, capsys):
    if name == "world-databases":
        pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, f"{name}.md", "exec"), names)
    printed = capsys.readouterr().out
    for expected in {
        "emissions": [
            "[3.957 0.216]",
            "(1.1, 1.33) kgce/m3 derived 2022",
            "138.49",
            "remove_purchased",
        ],
        "world-databases": ["reg1:food Mill USD", "table mrio: 44 problems"],
    }[name]:
        assert expected in printed
