"""Blocks of the pages on balancing, supply and use, imports and splitting run, in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "tables"
PRINTED = {
    "balancing": [
        "[[1.7577, 2.2423], [3.2423, 2.7577]]",
        "[8.9764, 3.7432, 5.7217, -3.4413]",
        "positive cells only in columns",
        "[0.027, 0.103]",
        "updated to NBS 2018 by GRAS: ",
    ],
    "supply-use": ["[[23.64, 30.91], [36.36, 9.09]]", "row services, column goods: negative -2.8"],
    "domestic": ["competitive proportional", "[3.045 2.433]", "[0.421 0.331]", "0.213"],
    "aggregation-splitting": ["[2.208, 3.296, 3.045, 3.94]", "balancing moved shares by up to"],
}


@pytest.mark.parametrize("name", PRINTED)
def test_page_runs(name, capsys):
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, f"{name}.md", "exec"), names)
    printed = capsys.readouterr().out
    for expected in PRINTED[name]:
        assert expected in printed


@pytest.mark.parametrize("name", PRINTED)
def test_page_ends_in_chinese(name):
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert text.rpartition("\n## ")[2].startswith("中文摘要")
