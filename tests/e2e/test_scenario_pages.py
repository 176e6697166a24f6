"""The scenario pages: tables of the code, examples that run, the same in both languages."""

import importlib.util
import re
from pathlib import Path

import pytest

from handprint.scenario import load_scenario, scenario_names

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["scenarios.md", "scenarios.zh-CN.md"]


def text(page):
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_scenarios", DOCS / "make_scenarios.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_tables_are_current(maker):
    made = list(maker.made())
    for path, name, wanted in made:
        blocks = dict(
            re.findall(r"<!-- ([\w-]+) -->\n(.*?)\n<!-- end -->", text(path.name), re.DOTALL)
        )
        assert blocks[name] == wanted, f"{path.name}, {name}: run python docs/make_scenarios.py"
    assert len(made) == sum(text(page).count("<!-- end -->") for page in PAGES)


def test_headline_is_that_of_a_run(maker, current):
    low, central, high = (
        f"{float(current.indicators['NER'].sel(sector='total', year=2030, estimate=e)):,.0f}"
        for e in ("low", "central", "high")
    )
    for page in PAGES:
        assert f"{central} ({low} … {high})" in text(page)


@pytest.mark.parametrize("page", PAGES)
def test_every_shipped_scenario_is_described(page, maker):
    assert set(maker.NAMES) == set(scenario_names())
    for name in scenario_names():
        assert f"\n- `{name}`" in text(page)


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page, tmp_path, capsys):
    for block in re.findall(r"```python\n(.*?)```", text(page), re.DOTALL):
        exec(compile(block, page, "exec"), {})
    assert capsys.readouterr().out.strip() == "[2020, 2022, 2024, 2030]"
    (block,) = re.findall(r"```toml\n(.*?)```", text(page), re.DOTALL)
    path = tmp_path / "own.toml"
    path.write_text(block, encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.adoption["industry"].level == 0.3
    assert scenario.adoption["industry"].midpoint == 2025
    assert scenario.overrides["buildings"].levers["hot_water_control"].rebound.value == 0.3


def test_both_languages_hold_the_same():
    english, chinese = (text(page) for page in PAGES)
    assert "(scenarios.zh-CN.md)" in english
    assert "(scenarios.md)" in chinese
    for mark in ("\n#", "\n|", "\n- ", "\n```", "<!--"):
        assert english.count(mark) == chinese.count(mark)
    for readme in ("README.md", "README.zh-CN.md"):
        assert "docs/scenarios" in (DOCS.parent / readme).read_text(encoding="utf-8")
