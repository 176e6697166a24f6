"""The pages on the ICT industry run, and the numbers in their text are those of the code."""

import re
from pathlib import Path

import pytest

import sector_models

DOCS = Path(__file__).parents[2] / "docs" / "sectors"


@pytest.mark.parametrize("page", ["ict.md", "ict.zh-CN.md"])
def test_python_blocks_run(page, capsys):
    blocks = re.findall(
        r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL
    )
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    assert capsys.readouterr().out


def test_numbers_in_the_text_are_current():
    english, chinese = (
        (DOCS / f"ict{end}.md").read_text(encoding="utf-8") for end in ("", ".zh-CN")
    )
    corners = sector_models.data_centre_check().set_index("check").loc["ministry_2021"]
    assert (
        f"{corners['central']:.0f} TWh with central values, {-corners['difference']:.0%}".replace(
            "%", " %"
        )
        in english
    )
    drawn = sector_models.data_centre_check(draws=2000, seed=1).set_index("check")
    low, high = (drawn.loc["ministry_2021", k] for k in ("low", "high"))
    # Half a TWh of slack: the last digit of a quantile depends on the draws.
    for text, pattern in ((english, r"(\d+) to (\d+) TWh in 90 %"), (chinese, r"(\d+)—(\d+) TWh")):
        shown = [float(number) for number in re.search(pattern, text).groups()]
        assert shown == pytest.approx([low, high], abs=1.0)
    needed = 216.6e9 / (5.4e6 * 1.49 * 8760)
    assert f"{needed:.2f} kW of IT per rack" in english
    assert f"{3.87 * 0.55:.2f} kW" in english
    assert f"{len(sector_models.load('ict').use_cases)}: cooling control" in english


def test_both_languages_point_at_each_other():
    assert "(ict.zh-CN.md)" in (DOCS / "ict.md").read_text(encoding="utf-8")
    assert "(ict.md)" in (DOCS / "ict.zh-CN.md").read_text(encoding="utf-8")


def test_the_whole_beside_the_part_is_current(current):
    english, chinese = (
        (DOCS / f"ict{end}.md").read_text(encoding="utf-8") for end in ("", ".zh-CN")
    )
    part = current.indicators["footprint"].sel(sector="total", year=2030).values
    whole = current.ict["footprint"].sel(year=2030).values
    assert f"{part[1]:.0f} beside {whole[1]:.0f} Mt CO2" in english
    ends = f"corners {part[0]:.0f} to {part[2]:.0f} and {whole[0]:,.0f} to {whole[2]:,.0f}"
    assert ends in english
    assert f"{part[1]:.0f}对{whole[1]:.0f} Mt CO2" in chinese
