"""The pages on back-casts: they run, and their numbers and sentences are those of the code."""

import importlib.util
import re
from pathlib import Path

import pytest

from handprint.scenario import load_scenario

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["backcast.md", "backcast.zh-CN.md"]


def text(page):
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_backcast", DOCS / "make_backcast.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def blocks(script):
    """Every block that can be made here, by page and name."""
    return {(page, name): made for page, name, made in script.made()}


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    found = re.findall(r"```python\n(.*?)```", text(page), re.DOTALL)
    assert found
    names = {}
    for block in found:
        exec(compile(block, page, "exec"), names)
    assert "categories" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES)
def test_numbers_are_current(page, script, blocks):
    shown = dict(re.findall(r"<!-- ([\w-]+) -->\n(.*?)\n<!-- end -->", text(page), re.DOTALL))
    assert set(shown) == set(script.BLOCKS)
    for (where, name), made in blocks.items():
        if where == page:
            assert shown[name] == made, f"{page}, {name}: run python docs/make_backcast.py"


def test_both_pages_have_the_same_numbers(blocks):
    numbers = re.compile(r"[+-]?\d+\.\d")
    for (page, name), made in blocks.items():
        assert numbers.findall(made) == numbers.findall(blocks[PAGES[0], name]), (page, name)


def test_what_the_pages_say_of_the_ladder_holds(script):
    one, two, three, five, eight = (script.ladder(*pair) for pair in script.PAIRS)

    def at(found, name, rung="categories"):
        return round(found[name].sel(rung=rung).item())

    spans = (one, three, five)
    assert at(eight, "emissions_total_error") == 60
    assert [at(f, "output_wape") for f in spans] == [5, 9, 17]
    assert [at(f, "transactions_stpe", "margins") for f in spans] == [3, 4, 12]
    assert [at(f, "emissions_total_error") for f in spans] == [9, 12, 43]
    for found in spans:
        kept, used = (found["emissions_wape"].sel(rung=r) for r in ("unchanged", "categories"))
        assert kept < used
        assert found["output_contribution"].sel(known="imports") < 0
    assert two["emissions_wape"].sel(rung="unchanged") > two["emissions_wape"].sel(
        rung="categories"
    )
    # Who is worth how much: what demand by sector takes off, and the technology behind it.
    for found in (one, three):
        gain = found["output_contribution"]
        assert 0.8 < (gain.sel(known="demand") / gain.sel(known="margins")).item() < 1.2
        assert found["emissions_contribution"].idxmax().item() == "intensity"
    gain = five["output_contribution"]
    assert gain.sel(known="margins") > 2 * gain.sel(known="demand")
    assert five["emissions_contribution"].idxmax().item() == "margins"
    for found in (*spans, two, eight):
        left = found["output_wape"].sel(rung="demand") / found["output_wape"].sel(rung="categories")
        assert 0.5 < left.item() < 0.7
    mix = five["emissions_mix_error"]
    assert mix.sel(rung="margins") > 2 * mix.sel(rung="categories")
    sectors = five["output_error"].sel(rung="categories")
    assert [round(sectors.sel(sector=s).item()) for s in ("STE", "ICS")] == [75, -32]
    known = [script.ladder(*pair, ("categories", "intensity")) for pair in script.SPANS]
    assert [at(found, "emissions_wape", "intensity") for found in known] == [3, 5, 33]


def test_what_the_pages_say_of_the_scenarios_holds(script):
    tau = load_scenario("frozen-digitalisation").top_down_error
    assert (tau.value, tau.low, tau.high) == (0.2, 0.1, 0.3)
    spread, sectors = [], []
    for pair in (*script.SPANS, (2012, 2020)):
        found = script.ladder(*pair)
        right = script.total_right(found)
        spread.append(round(script.deviation(right, found["emissions_actual"])))
        sectors.append(abs(right))
    assert spread == [9, 12, 16, 26]
    assert max(error.sel(sector="ELE").item() for error in sectors[:3]) < 6
    assert round(max(error.sel(sector="TRA").item() for error in sectors[:3])) == 18
    assert round(max(error.sel(sector="CHE").item() for error in sectors[:3])) == 24
