"""Pages that show code, commands and what comes out: all of it runs, and comes out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from handprint.cli import main
from io_tables.sheets import Tidy, Wide

DOCS = Path(__file__).parents[2] / "docs"
PAGES = DOCS / "tables"
BLOCK = re.compile(r"```(python|sh)\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)


def command(line: str) -> None:
    """Run a command of the page; one that finds nothing wrong."""
    program, *arguments = line.split()
    assert program == "handprint"
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code in (0, None), line


@pytest.mark.parametrize("name", ["own-table.md", "own-table.zh-CN.md", "files.md"])
def test_what_is_shown_comes_out(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANDPRINT_CACHE", raising=False)
    names: dict[str, object] = {}
    compared = 0
    for kind, code, shown in BLOCK.findall((PAGES / name).read_text(encoding="utf-8")):
        if kind == "python":
            exec(compile(code, name, "exec"), names)
        else:
            for line in code.splitlines():
                command(line)
        printed = capsys.readouterr().out
        if shown:
            assert printed.strip().splitlines() == shown.strip().splitlines()
            compared += 1
    assert compared >= 3


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("textbook", "[[ 650. 1400.]]"),
        ("wiod-world", "1435 10^6 USD current basic prices 2009"),
        ("ceads", "{'row': 47, 'fuel': 19}"),
    ],
)
def test_page_of_a_reader(name, printed, tmp_path, monkeypatch, capsys, raw_folder):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANDPRINT_SHARED", str(raw_folder))
    text = (PAGES / "readers" / f"{name}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(block, f"{name}.md", "exec"), {})
    assert printed in capsys.readouterr().out


@pytest.fixture(scope="module")
def keys():
    """The script that makes the reference of the manifest."""
    spec = importlib.util.spec_from_file_location("make_keys", DOCS / "make_keys.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_of_keys_is_current(keys):
    text = keys.PAGE.read_text(encoding="utf-8")
    shown = dict(re.findall(r"<!-- (\w+) -->\n(.*?)\n<!-- end -->", text, re.DOTALL))
    assert set(shown) == set(keys.MODELS)
    for name, model in keys.MODELS.items():
        assert shown[name] == keys.reference(model), f"{name}: run python docs/make_keys.py"


def test_the_chinese_page_has_every_key_of_a_sheet():
    text = (PAGES / "own-table.zh-CN.md").read_text(encoding="utf-8")
    for heading, model in (("[wide]", Wide), ("[tidy]", Tidy)):
        part = text.partition(f"`{heading}`\n")[2].partition("\n#")[0]
        assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == list(model.model_fields)


def test_the_index_links_every_page():
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+\.md)\)", text))
    there = {str(p.relative_to(PAGES)) for p in PAGES.rglob("*.md")} - {"README.md"}
    assert there <= linked


def test_every_page_has_chinese():
    for page in PAGES.rglob("*.md"):
        assert "中文" in page.read_text(encoding="utf-8"), page.name


def test_links_between_pages_lead_somewhere():
    for page in PAGES.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
