"""The page on the counterfactual runs, and what it shows is what its code prints."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "counterfactual.md"
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def trimmed(text):
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def test_blocks_print_what_the_page_shows(capsys):
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 5
    names = {}
    for code, shown in blocks:
        exec(compile(code, PAGE.name, "exec"), names)
        assert trimmed(capsys.readouterr().out) == trimmed(shown)


def test_the_page_has_a_chinese_summary():
    assert "## 中文摘要" in PAGE.read_text(encoding="utf-8")
