"""The pages of worked cases and published totals: current, running, in both languages."""

import importlib.util
import re
from pathlib import Path

import pytest

import sector_models

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["cases", "published-totals", "requirements"]


@pytest.fixture(scope="module")
def made():
    spec = importlib.util.spec_from_file_location(
        "make_sector_pages", DOCS / "make_sector_pages.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, list(module.made())


def test_pages_are_current(made):
    module, texts = made
    for path, name, text in texts:
        old = path.read_text(encoding="utf-8")
        new = text if name is None else module.filled(old, name, text)
        assert new == old, f"{path.name}: run python docs/make_sector_pages.py"


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_point_at_each_other(page):
    english, chinese = (
        (DOCS / "sectors" / f"{page}{end}.md").read_text("utf-8") for end in ("", ".zh-CN")
    )
    assert f"({page}.zh-CN.md)" in english
    assert f"({page}.md)" in chinese
    assert english.count("\n#") == chinese.count("\n#")
    assert english.count("\n|") == chinese.count("\n|")


@pytest.mark.parametrize("end", ["", ".zh-CN"])
@pytest.mark.parametrize(("page", "shown"), [("cases", "85.24"), ("requirements", "3 False")])
def test_python_blocks_run(page, shown, end, capsys):
    text = (DOCS / "sectors" / f"{page}{end}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize("end", ["", ".zh-CN"])
def test_every_case_and_every_case_that_is_named_stands_there(end):
    cases = (DOCS / "sectors" / f"cases{end}.md").read_text(encoding="utf-8")
    for name in sector_models.cases():
        assert f"`{name}`" in cases
    totals = (DOCS / "sectors" / f"published-totals{end}.md").read_text(encoding="utf-8")
    named = re.findall(r"(?:case|cases|案例) `(\w+)`", totals)
    assert named
    assert set(named) <= set(sector_models.cases())


def test_a_missing_block_is_told(made):
    module, _ = made
    with pytest.raises(SystemExit, match="0 times"):
        module.filled("no block", "studies", "text")
