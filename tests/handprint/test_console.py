"""What a terminal shows, in both languages."""

import dataclasses
import io
import json
import re

import pytest
from rich.console import Console

import sector_models
from handprint.compare import compare
from handprint.console import (
    agreement_sentences,
    draws_sentence,
    print_agreement,
    print_comparison,
    print_headline,
    print_replication,
    spread,
)
from handprint.console_compare import print_reasons
from handprint.console_evidence import print_cases
from handprint.console_sector import print_sector, sector_record
from handprint.i18n import LanguageError, label
from handprint.replicate import caict_2021
from handprint.why import why
from handprint.wording import scenario_name

LANGUAGES = ["en", "zh"]
CASES = sector_models.cases()
# Three English words in a row are a sentence that was left over; names and units are not.
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}")


def shown(print_it, *arguments, width=400):
    out = io.StringIO()
    print_it(*arguments, console=Console(file=out, width=width, color_system=None))
    return out.getvalue()


@pytest.fixture(scope="module")
def replication():
    return caict_2021()


def test_headline_shows_the_numbers_of_the_run(current):
    text = shown(print_headline, current)
    for year in (2025, 2030):
        now = current.indicators.sel(sector="total", year=year)
        assert f"{float(now['NER'].sel(estimate='central')):.0f}" in text
        assert f"{float(now['NER_star'].sel(estimate='high')):.0f}" in text
    (row,) = [
        line for line in text.split("2030, current-policy")[1].splitlines()
        if line.strip().startswith("power")
    ][:1]  # fmt: skip
    cells = row.split()
    index = current.ratios["VEI_gross"].sel(sector="power", year=2030, estimate="central")
    assert cells[4] == f"{float(index):.0f}"
    share = current.ratios["VEI_share"].sel(sector="power", year=2030, estimate="central")
    assert cells[6] == f"{100 * float(share):.1f}"


def test_headline_says_what_the_ranges_are(current, drawn):
    corners, draws = shown(print_headline, current), shown(print_headline, drawn)
    assert "not confidence intervals" in corners
    assert "40 draws, seed 7" in draws
    assert "40 draws" not in corners


def test_ranges_of_draws_are_their_quantiles(drawn):
    low, central, high = spread(drawn, "NER", "total", 2030)
    cell = drawn.quantiles["NER"].sel(sector="total", year=2030)
    assert (low, high) == (float(cell.sel(quantile=0.05)), float(cell.sel(quantile=0.95)))
    assert central == float(
        drawn.indicators["NER"].sel(sector="total", year=2030, estimate="central")
    )
    low, _, high = spread(drawn, "EI", "power", 2025)
    cell = drawn.quantiles["EI"].sel(ratio_sector="power", ratio_year=2025)
    assert (low, high) == (float(cell.sel(quantile=0.05)), float(cell.sel(quantile=0.95)))


def test_frozen_scenario_says_that_nothing_happens(frozen):
    assert shown(print_headline, frozen).strip().startswith("No lever spreads in this scenario")
    assert shown(print_agreement, frozen) == ""


def test_sector_without_a_footprint_has_no_ratio(current):
    """One idle sector must not hide what the others do."""
    keep = [s for s in current.ratios["sector"].values if s != "transport"]
    idle = dataclasses.replace(current, ratios=current.ratios.sel(sector=keep))
    text = shown(print_headline, idle)
    row = next(line for line in text.splitlines() if line.strip().startswith("transport"))
    assert row.split()[-4:] == ["-", "-", "-", "-"]
    assert "No lever spreads" not in text


def test_agreement_shows_both_halves_and_the_test(current):
    text = shown(print_agreement, current)
    now = current.reconciled.sel(year=2030, sector="industry")
    row = next(line for line in text.splitlines() if line.strip().startswith("industry"))
    assert row.split()[1:3] == [f"{float(now['bottom_up']):.1f}", f"{float(now['top_down']):.1f}"]
    assert row.split()[3:6] == [f"{float(now['estimate']):.1f}", "±", f"{float(now['sd']):.1f}"]
    assert "estimate is that of the sector models" in text
    assert f"p = {float(now['p_value']):.2f}" in text


def test_disagreement_shows_no_blend(current):
    apart = current.reconciled.assign(
        blended=current.reconciled["blended"] & False,
        p_value=current.reconciled["p_value"] * 0 + 0.01,
    )
    results = dataclasses.replace(current, reconciled=apart)
    text = shown(print_agreement, results)
    row = next(line for line in text.splitlines() if line.strip().startswith("industry"))
    assert row.split()[3] == "-"
    assert "do not agree" in text
    assert "nothing is blended" in agreement_sentences(results)[0]


def test_comparison_shows_levels_and_sums(frozen, current, accelerated):
    comparison = compare([frozen, current, accelerated])
    text = shown(print_comparison, comparison)
    levels, sums = text.split("Sums over 2021-2030")
    for results in (current, accelerated):
        ner = results.indicators["NER"].sel(sector="total", estimate="central")
        assert f"{float(ner.sel(year=2030)):.0f}" in levels
        assert f"{float(ner.values[1:].sum()):.0f}" in sums
    assert "current-policy" in text


@pytest.mark.parametrize("name", ["power", "steel"])
def test_sector_shows_whole_names_and_notes(name):
    rows = sector_models.provenance(name)
    text = shown(print_sector, name)
    lines = {line.strip().partition(" = ")[0] for line in text.splitlines() if " = " in line}
    assert set(rows["parameter"]) <= lines
    flat = " ".join(text.split())
    for note in rows["note"]:
        assert " ".join(str(note).split()) in flat
    assert sector_models.load(name).note in flat


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("runs", ["corners", "draws"])
def test_comparison_says_what_its_ranges_are(frozen, current, drawn, runs, lang):
    named = drawn.scenario.model_copy(update={"name": "same"})
    pair = (
        [frozen, current]
        if runs == "corners"
        else [drawn, dataclasses.replace(drawn, scenario=named)]
    )
    found = compare(pair)
    text = shown(print_comparison, found, lang)
    assert (label("range_note", lang) in text) == (runs == "corners")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_narrow_windows_cut_no_word_off(frozen, current, accelerated, lang):
    runs = [frozen, current, accelerated]
    text = shown(print_comparison, compare(runs), lang, width=80)
    assert not re.search(r"[^\W\d]\s?…", text)  # the ellipsis of a range stands behind a number
    folded = "".join(text.split())
    for run in runs:
        head = scenario_name(run.scenario, lang)
        assert lang == "zh" or head in folded


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reasons_are_told_in_the_language_asked_for(frozen, current, lang):
    text = shown(print_reasons, {"current-policy": why(frozen, current)}, lang)
    for key in ("why_not_stated", "why_interaction"):
        assert label(key, lang) in text
        assert label(key, "en" if lang == "zh" else "zh") not in text
    assert "adoption.power" in text


def test_every_output_of_a_case_is_counted():
    rows = [line.split() for line in shown(print_cases).splitlines()]
    counts = {row[0]: sum(map(int, row[-3:])) for row in rows if row and row[0] in CASES}
    assert counts == {name: len(sector_models.case(name).outputs) for name in CASES}


def test_notes_of_numbers_are_left_out_in_chinese_unless_asked_for():
    note = sector_models.load("steel").note
    out = io.StringIO()
    console = Console(file=out, width=400, color_system=None)
    print_sector("steel", "zh", console, notes=True)
    assert note in out.getvalue()
    text = shown(print_sector, "steel", "zh")
    assert note not in text
    assert "--notes" in text


def test_units_are_shown_also_where_they_look_like_markup():
    assert "= 0.115 (0.1 … 0.13) [t CO2/t] · 2020" in shown(print_sector, "steel")


def test_record_of_a_sector_is_whole_and_strict_json():
    record = json.loads(json.dumps(sector_record("steel"), allow_nan=False))
    assert len(record["parameters"]) == len(sector_models.provenance("steel"))
    assert set(record["saving"]) == set(sector_models.load("steel").use_cases)
    cited = {key for row in record["parameters"] for key in row["source"].split(", ")}
    assert set(record["sources"]) == cited
    assert all(entry["title"] and entry["place"] for entry in record["sources"].values())


@pytest.mark.parametrize("name", ["power", "industry", "transport", "buildings"])
def test_sector_shows_every_lever_with_its_sources(name):
    text = shown(print_sector, name)
    assert "numbers are published" in text
    assert "assumption" in text
    assert "%" in text


def test_replication_shows_the_paper_beside_us(replication):
    text = shown(print_replication, replication)
    for number in ("82.25", "85.24", "137.61", "138.49", "+100.0", "+42.0"):
        assert number in text
    assert " ".join(replication.finding.split()) in " ".join(text.split())


def everything(lang, current, drawn, frozen, accelerated, replication):
    yield shown(print_headline, current, lang)
    yield shown(print_headline, drawn, lang)
    yield shown(print_headline, frozen, lang)
    yield shown(print_comparison, compare([frozen, current, accelerated]), lang)
    yield shown(print_replication, replication, lang)
    for name in ("power", "industry", "transport", "buildings"):
        yield shown(print_sector, name, lang)


def test_chinese_output_has_no_english_left(current, drawn, frozen, accelerated, replication):
    for text in everything("zh", current, drawn, frozen, accelerated, replication):
        assert re.search(r"[\u4e00-\u9fff]", text)
        assert not ENGLISH.findall(text)


def test_english_output_has_no_chinese(current, drawn, frozen, accelerated, replication):
    for text in everything("en", current, drawn, frozen, accelerated, replication):
        assert not re.search(r"[\u3000-\u9fff]", text)
        assert ENGLISH.search(text)


@pytest.mark.parametrize("print_it", [print_headline, print_agreement])
def test_unknown_language_is_refused(print_it, current):
    with pytest.raises(LanguageError, match="'fr'"):
        shown(print_it, current, "fr")


def test_draws_are_judged_in_both_languages(drawn):
    assert "too few" in draws_sentence(drawn)
    assert str(drawn.quantiles.attrs["needed"]) in draws_sentence(drawn)
    assert "不足" in draws_sentence(drawn, "zh")
    sure = dataclasses.replace(
        drawn, quantiles=drawn.quantiles.assign_attrs(drawn.quantiles.attrs | {"enough": 1})
    )
    assert "are enough" in draws_sentence(sure)
