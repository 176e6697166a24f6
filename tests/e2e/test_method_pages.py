"""The method pages run, and the numbers in them are those of the code."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["linkage.md", "decomposition.md", "counterfactual.md", "footprint.md"]


def text(page):
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tables():
    """Every block that can be made here, by page and name."""
    spec = importlib.util.spec_from_file_location("make_tables", DOCS / "make_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, {(page, name): made for page, name, made in module.made()}


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", text(page), re.DOTALL)
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    assert capsys.readouterr().out


@pytest.mark.parametrize("page", [*PAGES, "bridge.md", "bridge.zh-CN.md", "comparison.md"])
def test_numbers_are_current(page, tables):
    module, blocks = tables
    shown = dict(re.findall(r"<!-- ([\w-]+) -->\n(.*?)\n<!-- end -->", text(page), re.DOTALL))
    expected = {name: made for (where, name), made in blocks.items() if where == page}
    assert set(module.BLOCKS[page]) <= set(shown)
    for name, made in expected.items():
        assert shown[name] == made, f"{page}, {name}: run python docs/make_tables.py"


@pytest.mark.parametrize("page", PAGES)
def test_pages_have_a_chinese_summary(page):
    assert "## 中文摘要" in text(page)
