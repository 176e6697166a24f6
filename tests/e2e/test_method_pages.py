"""The method pages run, and the numbers in them are those of the code."""

import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["linkage.md", "decomposition.md", "counterfactual.md", "footprint.md"]
TABLES = ["bridge.md", "bridge.zh-CN.md", "comparison.md", "comparison.zh-CN.md"]
BOTH = ["comparison", "projection", "reconciliation", "uncertainty"]
FENCED = re.compile(r"```\w*\n.*?```|^    \S.*?$", re.DOTALL | re.MULTILINE)


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


@pytest.mark.parametrize("page", [*PAGES, *TABLES])
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


def code(page):
    """Blocks of code without comments; Chinese pages ask for Chinese output."""
    return [
        re.sub(r" *#.*", "", block).replace(" --lang zh", "")
        for block in FENCED.findall(text(page))
    ]


def counted(pattern, page):
    """How often each number, formula or word of code stands in the prose and tables of a page."""
    return Counter(re.findall(pattern, FENCED.sub("", text(page)), re.DOTALL))


@pytest.mark.parametrize("page", BOTH)
def test_both_languages_hold_the_same(page):
    pages = english, chinese = f"{page}.md", f"{page}.zh-CN.md"
    assert f"]({english})" in text(chinese)
    assert code(english) == code(chinese)
    for mark in (r"^#+ ", r"^\|", r"^- ", r"^\d\. ", "^<!-- .*"):
        found = [re.findall(mark, FENCED.sub("", text(p)), re.MULTILINE) for p in pages]
        assert found[0] == found[1], mark
    # display and inline formulas, what is set as code, citations, numbers
    for what in (r"\$\$.+?\$\$", r"(?<!\$)\$[^$]+\$(?!\$)", r"`[^`]+`", r"\[\d\]"):
        assert counted(what, english) == counted(what, chinese), what
    number = r"\d+(?:[.,]\d+)*"
    assert counted(number, english).keys() == counted(number, chinese).keys()


@pytest.mark.parametrize("page", ["uncertainty.md", "uncertainty.zh-CN.md"])
def test_quantiles_of_the_page_on_uncertainty(page):
    (block,) = re.findall(r"```python\n(.*?)```", text(page), re.DOTALL)
    names = {}
    exec(compile(block, page, "exec"), names)
    results = names["results"]
    star = results.quantiles["NER_star"].sel(sector="total", year=2030)
    assert results.quantiles.attrs["enough"]
    assert list(star["quantile"].values) == [0.05, 0.17, 0.5, 0.83, 0.95]
    assert (star.diff("quantile") > 0).all()
    assert "power.grid_operation" in results.use_case_quantiles["use_case"].values
