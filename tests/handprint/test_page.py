"""The page: complete, true to the results, closed to the outside, and safe."""

from __future__ import annotations

import dataclasses
import os
import re
from html.parser import HTMLParser

import pytest

import sector_models
from handprint.canvas import CHINESE_FONTS, installed_fonts
from handprint.compare import compare
from handprint.export.evidence import origins
from handprint.export.markup import Html, tag
from handprint.export.page import main_result, page
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.pipeline import run
from handprint.scenario import sources

VOID = {"meta", "img"}
CHINESE = bool(set(CHINESE_FONTS) & installed_fonts())
needs_chinese = pytest.mark.skipif(
    not CHINESE and "CI" not in os.environ, reason="no Chinese font on this machine"
)
LANGUAGES = ["en", pytest.param("zh", marks=needs_chinese)]


class Reader(HTMLParser):
    """Reads a page as a browser would: elements, texts, and whether every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, name, attributes):
        self.elements.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, text):
        if "style" not in self.open:
            self.texts.append(text)

    def all(self, name):
        return [attributes for n, attributes in self.elements if n == name]

    @property
    def text(self):
        return "\n".join(self.texts)


@pytest.fixture(scope="module")
def comparison():
    return compare([run("frozen-digitalisation"), run("current-policy"), run("accelerated")])


@pytest.fixture(scope="module")
def written(comparison, tmp_path_factory):
    return page(comparison, tmp_path_factory.mktemp("page") / "page.html").read_text("utf-8")


@pytest.fixture(scope="module")
def reader(written):
    return Reader(written)


def central(results, key, sector=TOTAL, year=2030):
    return float(results.indicators[key].sel(sector=sector, year=year, estimate="central"))


@pytest.mark.parametrize("key", ["NER", "NER_star", "enabled", "footprint"])
def test_numbers_of_every_scenario_are_there(comparison, reader, key):
    for results in comparison.results[1:]:
        assert f"{central(results, key):,.0f}" in reader.texts


def test_numbers_of_every_sector_are_there(comparison, reader):
    main = main_result(comparison)
    for sector in main.scenario.sectors:
        assert f"{central(main, 'NER', sector):,.0f}" in reader.texts


def test_answer_says_the_result_with_its_range(comparison, reader):
    main = main_result(comparison)
    (answer,) = [t for t in reader.texts if t.startswith("In 2030, digital levers")]
    star = main.indicators["NER_star"].sel(sector=TOTAL, year=2030)
    low, middle, high = (float(v) for v in star.sel(estimate=["low", "central", "high"]))
    assert f" {middle:,.0f} Mt CO2" in answer
    for end in (low, high):
        assert f"{abs(end):,.0f}" in answer
    assert ("range includes zero" in reader.text) == (low < 0 < high)


def test_sums_stand_apart_from_annual_figures(comparison, written):
    frame = written.split('class="apart"')[1].split("</section>")[0]
    total = float(comparison.cumulative["NER"].sel(
        sector=TOTAL, scenario="accelerated", estimate="central"))  # fmt: skip
    assert f">{total:,.0f}<" in frame
    assert "not to be mixed" in frame


def test_agreement_is_shown_with_its_test(comparison, reader):
    main = main_result(comparison)
    now = main.reconciled.sel(year=2030)
    for sector in main.scenario.sectors:
        assert f"{float(now['top_down'].sel(sector=sector)):,.1f}" in reader.texts
    assert f"{float(now['chi2']):.2f}" in reader.text
    assert label("independence") in reader.texts


def test_halves_that_disagree_are_not_blended(comparison, tmp_path):
    main = main_result(comparison)
    apart = main.reconciled.copy(deep=True)
    apart["blended"][:] = False
    apart["p_value"][:] = 0.001
    odd = dataclasses.replace(main, reconciled=apart)
    text = page(compare([comparison.results[0], odd]), tmp_path / "p.html").read_text("utf-8")
    assert "nothing is blended" in text
    assert " ± " not in text


def test_emitters_add_up(comparison, written):
    main = main_result(comparison)
    caption = label("page_emitters_table", year=2030)
    body = written.split(f"<caption>{caption}</caption>")[1].split("</table>")[0]
    rows = [re.findall(r">([^<>]+)</t[hd]>", row) for row in body.split("<tr>")[2:]]
    assert len(rows) == 10
    values = [float(row[1].replace("\N{MINUS SIGN}", "-").replace(",", "")) for row in rows]
    total = float(main.top_down["emitters"].sel(year=2030, estimate="central").sum())
    assert values[-1] == pytest.approx(total, abs=0.05)
    assert sum(values[:-1]) == pytest.approx(total, abs=0.5)
    sizes = [abs(v) for v in values[:-2]]
    assert sizes == sorted(sizes, reverse=True)


def test_parameters_are_counted_by_origin(comparison, reader):
    names, counts = origins(main_result(comparison))
    industry = sector_models.provenance("industry")["status"].value_counts()
    assert counts[names.index("industry")].tolist() == [
        industry["published"], industry["derived"], industry["assumption"],
    ]  # fmt: skip
    assert str(int(counts.sum())) in reader.texts


def test_record_and_sources_are_complete(comparison, reader):
    for results in comparison.results:
        assert results.record.scenario_hash in reader.texts
    record = comparison.results[0].record
    for entry in (record.table_hash, *record.sector_hashes.values()):
        assert entry in reader.texts
    anchors = {a["id"] for a in reader.all("li") if "id" in a}
    assert {f"source-{key}" for key in (*sources(), *sector_models.sources())} == anchors


def test_page_asks_for_nothing_from_outside(reader, written):
    for attributes in (a for _, a in reader.elements):
        assert attributes.get("src", "data:").startswith("data:image/svg+xml;base64,") or (
            "src" not in attributes
        )
    links = [a["href"] for a in reader.all("a")]
    shown = {str(entry["url"]) for entry in sources().values() if "url" in entry}
    shown |= {source.place for source in sector_models.sources().values()}
    assert all(link.startswith("#") or link in shown for link in links)
    assert not reader.all("script")
    assert not reader.all("link")
    assert "url(" not in written
    assert "@import" not in written


def test_page_can_be_read_aloud(reader):
    assert [a["lang"] for a in reader.all("html")] == ["en"]
    assert [n for n, _ in reader.elements].count("h1") == 1
    assert len(reader.all("img")) == 3
    assert all(len(a["alt"]) > 40 for a in reader.all("img"))
    assert len(reader.all("caption")) == len(reader.all("table"))
    assert all("scope" in a for a in reader.all("th"))
    ids = [a["id"] for _, a in reader.elements if "id" in a]
    assert len(ids) == len(set(ids))
    inner = {a["href"] for a in reader.all("a") if a["href"].startswith("#")}
    assert inner <= {f"#{i}" for i in ids}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_comparison_gives_the_same_bytes(comparison, tmp_path, lang):
    once, again = (page(comparison, tmp_path / f"{i}.html", lang) for i in range(2))
    assert once.read_bytes() == again.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@needs_chinese
def test_chinese_page_has_no_english_labels(comparison, tmp_path):
    reader = Reader(page(comparison, tmp_path / "p.html", "zh").read_text("utf-8"))
    assert [a["lang"] for a in reader.all("html")] == ["zh-CN"]
    for key in ("total", "page_indicators", "page_agreement", "range_note", "rebound_direct"):
        assert label(key) not in reader.texts
        assert label(key, "zh") in reader.texts
    assert f"{central(main_result(comparison), 'NER_star'):,.0f}" in reader.text


def test_hostile_titles_stay_text(comparison, tmp_path):
    main = main_result(comparison)
    evil = '<script>alert("x")</script><img src=x onerror=y>&amp;'
    scenario = main.scenario.model_copy(update={"title": evil})
    record = dataclasses.replace(main.record, table_source=evil)
    odd = dataclasses.replace(main, scenario=scenario, record=record)
    text = page(compare([comparison.results[0], odd]), tmp_path / "p.html").read_text("utf-8")
    reader = Reader(text)
    assert not reader.all("script")
    assert len(reader.all("img")) == 3
    assert evil in reader.text


def test_run_without_effect_is_explained(comparison, tmp_path):
    still = comparison.results[0]
    twin = dataclasses.replace(still, scenario=still.scenario.model_copy(update={"name": "twin"}))
    reader = Reader(page(compare([still, twin]), tmp_path / "p.html").read_text("utf-8"))
    assert label("no_effect") in reader.texts
    assert "\N{EN DASH}" in reader.texts  # no ratio is made up


def test_quantiles_are_shown_when_drawn(comparison, tmp_path):
    drawn = run("current-policy", draws=20, seed=3)
    still = run("frozen-digitalisation", draws=20, seed=3)
    text = page(compare([still, drawn]), tmp_path / "p.html").read_text("utf-8")
    cell = drawn.quantiles["NER"].sel(sector=TOTAL, year=2030, quantile=0.05)
    assert f">{float(cell):,.0f}<" in text
    assert "20 draws, seed 3" in text


def test_page_speaks_of_a_run_that_has_an_effect(comparison):
    frozen, _, fast = comparison.results
    assert main_result(comparison).scenario.name == "current-policy"
    assert main_result(compare([fast, frozen])) is fast


def test_markup_escapes_whatever_is_not_markup():
    assert tag("p", "<b>", tag("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"
    assert tag("a", "x", href='"><script>') == '<a href="&quot;&gt;&lt;script&gt;">x</a>'
    assert not isinstance(tag("p") + "x", Html)
