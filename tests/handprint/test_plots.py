"""Figures: every bar, line and label is a number of the results."""

from __future__ import annotations

import dataclasses
import os

import matplotlib
import numpy as np
import pytest

from handprint import canvas, plots
from handprint.compare import compare
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.pipeline import run

CENTRAL = {"sector": TOTAL, "estimate": "central"}
CHINESE = bool(set(canvas.CHINESE_FONTS) & canvas.installed_fonts())
needs_chinese = pytest.mark.skipif(
    not CHINESE and "CI" not in os.environ, reason="no Chinese font on this machine"
)


@pytest.fixture(scope="module")
def results():
    return run("current-policy")


@pytest.fixture(scope="module")
def comparison(results):
    return compare([run("frozen-digitalisation"), results, run("accelerated")])


@pytest.fixture(scope="module")
def waterfall(results):
    return plots.waterfall_figure(results)


def named(figure, gid):
    found = figure.findobj(lambda artist: artist.get_gid() == gid)
    assert found, f"nothing is called {gid}"
    return found[0]


def texts(figure):
    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]


def changed(results, **replaced):
    """The same run with other indicators in the total of the end year."""
    data = results.indicators.copy(deep=True)
    for name, values in replaced.items():
        data[name].loc[{"sector": TOTAL, "year": 2030}] = values
    return dataclasses.replace(results, indicators=data)


def test_gross_bar_is_the_stack_of_the_sectors(results, waterfall):
    foot = 0.0
    for sector in results.scenario.sectors:
        bar = named(waterfall, f"enabled.{sector}")
        cell = results.indicators["enabled"].sel(sector=sector, year=2030, estimate="central")
        assert bar.get_height() == pytest.approx(float(cell))
        assert bar.get_y() == pytest.approx(foot)
        foot += bar.get_height()
    assert foot == pytest.approx(float(results.indicators["enabled"].sel(year=2030, **CENTRAL)))


def test_each_step_starts_where_the_one_before_leaves_off(results, waterfall):
    now = results.indicators.sel(year=2030, **CENTRAL)
    level = float(now["enabled"])
    for key in ("footprint", "rebound_direct", "rebound_respending"):
        bar = named(waterfall, key)
        assert bar.get_height() == pytest.approx(-float(now[key]))
        assert bar.get_y() == pytest.approx(level)
        level += bar.get_height()
        if key == "footprint":
            assert named(waterfall, "NER").get_height() == pytest.approx(level)
    assert named(waterfall, "NER_star").get_height() == pytest.approx(level)
    assert level == pytest.approx(float(now["NER_star"]))


@pytest.mark.parametrize("key", ["enabled", "NER", "NER_star"])
def test_whiskers_reach_from_corner_to_corner(results, waterfall, key):
    (ends,) = named(waterfall, f"range.{key}").get_segments()
    cell = results.indicators[key].sel(sector=TOTAL, year=2030)
    assert ends[:, 1] == pytest.approx(cell.sel(estimate=["low", "high"]).values)


def test_numbers_stand_on_the_bars(waterfall, results):
    star = float(results.indicators["NER_star"].sel(year=2030, **CENTRAL))
    assert f"{star:,.0f}" in texts(waterfall)


def test_negative_net_effect_hangs_below_zero(results):
    worse = changed(results, footprint=[1e3, 2e3, 3e3], NER=[-2e3, -850.0, -2e2], NER_star=-900.0)
    figure = plots.waterfall_figure(worse)
    assert named(figure, "NER").get_height() == pytest.approx(-850)
    assert figure.axes[0].get_ylim()[0] < -2000
    assert "\N{MINUS SIGN}850" in texts(figure)


def test_gain_by_less_spending_is_explained(results):
    assert label("respend_gain") in "".join(texts(plots.waterfall_figure(changed(
        results, rebound_respending=-20.0)))).replace("\n", "")  # fmt: skip
    positive = plots.waterfall_figure(changed(results, rebound_respending=20.0))
    assert label("respend_gain") not in "".join(texts(positive))


def test_wedges_lie_between_reference_and_levers(results):
    figure = plots.wedges_figure(results)
    data = results.indicators.sel(**CENTRAL)
    left = data["reference"] - data["enabled"] + data["rebound_direct"]
    years = results.scenario.years
    for gid, values in (("reference", data["reference"]), ("with_levers", left)):
        assert named(figure, gid).get_xdata() == pytest.approx(years)
        assert named(figure, gid).get_ydata() == pytest.approx(values.values)
    assert figure.axes[0].get_ylim()[0] == 0
    drawn = named(figure, "wedge.power").get_paths()[0].vertices
    power = results.indicators.sel(sector="power", estimate="central", year=2030)
    ends = drawn[drawn[:, 0] == 2030][:, 1]
    assert np.ptp(ends) == pytest.approx(float(power["enabled"] - power["rebound_direct"]))


def test_wedges_alone_add_up(results):
    figure = plots.wedges_figure(results)
    data = results.indicators.sel(**CENTRAL)
    total = (data["enabled"] - data["rebound_direct"]).values
    assert named(figure, "avoided.total").get_ydata() == pytest.approx(total)
    assert figure.axes[1].get_ylim()[0] == 0


def test_comparison_has_a_line_for_each_scenario_with_effect(comparison):
    figure = plots.comparison_figure(comparison)
    for run_ in comparison.results[1:]:
        for key in ("NER", "NER_star"):
            line = named(figure, f"{key}.{run_.scenario.name}")
            assert line.get_ydata() == pytest.approx(run_.indicators[key].sel(**CENTRAL).values)
            drawn = named(figure, f"range.{key}.{run_.scenario.name}").get_paths()[0].vertices
            corners = run_.indicators[key].sel(sector=TOTAL, year=2030)
            assert drawn[:, 1].max() == pytest.approx(float(corners.sel(estimate="high")))
    assert not figure.findobj(lambda a: a.get_gid() == "NER.frozen-digitalisation")
    assert "frozen-\ndigitalisation" in texts(figure) or "frozen-digitalisation" in texts(figure)
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


@pytest.mark.parametrize("draw", [plots.waterfall_figure, plots.wedges_figure])
def test_without_effect_a_sentence_says_so(comparison, draw):
    figure = draw(comparison.results[0])
    assert named(figure, "sentence").get_text() == label("no_effect")
    assert not figure.axes


def test_comparison_without_any_effect_says_so(comparison):
    still = comparison.results[0]
    twin = dataclasses.replace(still, scenario=still.scenario.model_copy(update={"name": "twin"}))
    figure = plots.comparison_figure(compare([still, twin]))
    assert named(figure, "sentence").get_text() == label("no_effect")


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_same_results_give_the_same_bytes(results, kind):
    once, again = (plots.picture(plots.waterfall_figure(results), kind) for _ in range(2))
    assert once == again
    assert b"Matplotlib" not in once


def test_png_has_the_stated_size(results, tmp_path):
    path = plots.save_figure(plots.wedges_figure(results), tmp_path / "w.png")
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(header[i : i + 4]) for i in (16, 20)] == [1500, 952]
    assert [f.name for f in tmp_path.iterdir()] == ["w.png"]


def test_unknown_format_is_refused_before_anything_is_written(results, tmp_path):
    with pytest.raises(plots.FigureFormatError, match=r"svgg.*svg"):
        plots.save_figure(plots.wedges_figure(results), tmp_path / "w.svgg")
    assert not list(tmp_path.iterdir())


def test_chinese_without_a_font_names_one_to_install(results, monkeypatch):
    monkeypatch.setattr(canvas, "installed_fonts", lambda: {"DejaVu Sans"})
    with pytest.raises(plots.FontError, match="fonts-noto-cjk"):
        plots.waterfall_figure(results, lang="zh")


def test_missing_character_is_an_error_not_a_box(results, monkeypatch):
    monkeypatch.setattr(canvas, "installed_fonts", lambda: {"DejaVu Sans"})
    odd = results.scenario.model_copy(update={"name": "政策"})
    with pytest.raises(plots.FontError, match="none of the fonts"):
        plots.waterfall_figure(dataclasses.replace(results, scenario=odd))


@needs_chinese
def test_chinese_figures_are_complete(comparison):
    figures = [
        plots.waterfall_figure(comparison.results[1], lang="zh"),
        plots.wedges_figure(comparison.results[1], lang="zh"),
        plots.comparison_figure(comparison, lang="zh"),
    ]
    for figure in figures:
        assert plots.picture(figure, "svg")
        english = {label("total"), label("reference_line"), label("emissions_axis")}
        assert not english & set(texts(figure))


def test_formula_signs_in_titles_are_letters(results):
    odd = results.scenario.model_copy(update={"name": "a$b_{c}$"})
    figure = plots.wedges_figure(dataclasses.replace(results, scenario=odd))
    assert any("a$b_{c}$" in text for text in texts(figure))


def test_user_settings_of_matplotlib_do_not_leak(results):
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"axes.facecolor": "black"}):
        dark = plots.picture(plots.wedges_figure(results), "png")
    assert dict(matplotlib.rcParams) == before
    assert dark == plots.picture(plots.wedges_figure(results), "png")


def test_own_table_is_named_as_the_source(results):
    own = results.scenario.model_copy(update={"table": "my/table.csv"})
    record = dataclasses.replace(results.record, table_source="My office, 2022")
    figure = plots.wedges_figure(dataclasses.replace(results, scenario=own, record=record))
    assert "My office, 2022" in named(figure, "source").get_text()
