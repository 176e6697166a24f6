"""The workbook: formulas with the values of the run, in both languages."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

import io_tables
import sector_models
from handprint.accounts import multiplier_matrix
from handprint.errors import HandprintError, ScenarioError
from handprint.export import workbook
from handprint.export.book import WorkbookError
from handprint.i18n import LanguageError, label
from handprint.linkage import linkage
from handprint.pipeline import economy, run
from handprint.results import Results
from sector_models.account import load_account

NAMES = ("frozen-digitalisation", "current-policy", "accelerated")
ADDITIVE = (
    "reference", "enabled", "footprint", "rebound_direct", "rebound_respending", "NER", "NER_star",
    "actual_reduction", "lesser_increase", "ict_purchases",
)  # fmt: skip
RATIOS = ("EI", "VEI_gross", "VEI_net", "VEI_share")


@pytest.fixture(scope="module")
def runs() -> list[Results]:
    return [run(name) for name in NAMES]


@pytest.fixture(scope="module", params=["en", "zh"])
def book(request, runs, tmp_path_factory):
    """Language, formulas and cached values of a workbook with three scenarios."""
    path = workbook(runs, tmp_path_factory.mktemp("book") / "handprint.xlsx", request.param)
    return request.param, openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


def sheet(book, key: str):
    lang, formulas, values = book
    return formulas[label(f"wb_sheet_{key}", lang)], values[label(f"wb_sheet_{key}", lang)]


def summary(page, lang: str, results: Results) -> dict[tuple[str, str, str], object]:
    """Values of the indicator summary by quantity, sector and estimate."""
    found = {}
    titles = ["total", *results.scenario.sectors]
    rows = {row[0].value: row for row in page.iter_rows(min_row=9, max_row=27)}
    for quantity in (*ADDITIVE, *RATIOS):
        cells = rows[label(quantity, lang)][2:]
        for i, sector in enumerate(titles):
            for j, estimate in enumerate(("low", "central", "high")):
                found[quantity, sector, estimate] = cells[3 * i + j].value
    return found


def by_code(page, code: str) -> list[float]:
    """Numbers of the last row that begins with a code."""
    row = [r for r in page.iter_rows() if r[0].value == code][-1]
    return [cell.value for cell in row[2:] if isinstance(cell.value, int | float)]


def test_sheets_are_named_in_the_language(book):
    lang, formulas, _ = book
    wanted = {
        "en": [
            "Guide",
            "Levers",
            "Indicators",
            "Leontief",
            "Results",
            "ICT",
            "Scenarios",
            "Sources",
        ],
        "zh": ["说明", "手段", "指标", "Leontief", "结果", "ICT行业", "情景", "来源"],
    }
    assert formulas.sheetnames == wanted[lang]


def test_all_ict_stands_on_a_sheet_of_its_own(book, runs):
    lang, _, values = book
    page = values["ICT" if lang == "en" else "ICT行业"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5)]
    name = runs[-1].scenario.name
    wanted = runs[-1].ict["footprint"].sel(year=2030).values
    total, footprint, activity, stated = (
        label(key, lang) for key in ("total", "ict_footprint", "ict_activity", "origin_stated")
    )
    racks_title = {"en": "title", "zh": "title_zh"}[lang]
    racks_title = getattr(load_account().quantities["racks"], racks_title)
    (found,) = [r for r in rows if r[:4] == [name, total, 2030, footprint]]
    assert found[4:7] == pytest.approx(list(wanted))
    (racks,) = [r for r in rows if r[:4] == [name, racks_title, 2023, activity]]
    assert racks[7:9] == ["10^6 racks", stated]


def test_indicators_show_the_numbers_of_the_run(book, runs):
    lang = book[0]
    found = summary(sheet(book, "indicators")[1], lang, runs[1])
    at = {"year": 2030}
    for (quantity, sector, estimate), value in found.items():
        data = runs[1].indicators if quantity in ADDITIVE else runs[1].ratios
        wanted = float(data[quantity].sel(at).sel(sector=sector, estimate=estimate))
        assert value == pytest.approx(wanted, rel=1e-9, abs=1e-9), (quantity, sector, estimate)


def test_every_indicator_is_a_formula(book, runs):
    lang = book[0]
    found = summary(sheet(book, "indicators")[0], lang, runs[1])
    assert all(isinstance(value, str) and value.startswith("=") for value in found.values())


def test_leontief_is_formulas_with_the_values_of_the_engine(book, runs):
    formulas, values = sheet(book, "leontief")
    arrays = [
        cell.value.text
        for row in formulas.iter_rows()
        for cell in row
        if isinstance(cell.value, openpyxl.worksheet.formula.ArrayFormula)
    ]
    assert [text.split("(")[0] for text in arrays] == ["=MINVERSE", "=MMULT"]
    table = economy(runs[1].scenario)
    multipliers = multiplier_matrix(table, "CO2")["multiplier"].values * 1e6
    assert by_code(values, "m") == pytest.approx(multipliers.tolist(), rel=1e-9)
    assert by_code(values, "x") == pytest.approx(table.output.values.tolist(), rel=1e-9)
    linked = linkage(table, ["ICM", "ICS"])
    for reading in ("R1", "R2", "R3", "R4"):
        *parts, total = by_code(values, reading)
        wanted = linked[f"{reading}_by_sector"].values * 1e6
        assert parts == pytest.approx(wanted.tolist(), rel=1e-9)
        assert total == pytest.approx(float(linked[reading]) * 1e6, rel=1e-9)


def test_ledger_closes_and_linkage_is_called_that(book):
    lang, _, values = book[0], *book[1:]
    page = values["Leontief"]
    shown = [cell.value for row in page.iter_rows(max_row=12) for cell in row]
    assert label("wb_closed", lang) in shown
    assert label("wb_linkage_note", lang) in shown


def test_no_cell_holds_an_error_and_every_formula_has_a_value(book):
    _, formulas, values = book
    count = 0
    for page in formulas:
        for row in page.iter_rows():
            for cell in row:
                shown = values[page.title][cell.coordinate].value
                assert not (isinstance(shown, str) and shown.startswith("#")), cell.coordinate
                if cell.data_type == "f":
                    count += 1
                    assert shown is not None, (page.title, cell.coordinate)
    assert count > 2000


def test_every_input_has_unit_status_and_a_source_that_is_explained(book):
    lang = book[0]
    _, levers = sheet(book, "levers")
    _, sources = sheet(book, "sources")
    explained = {row[0].value for row in sources.iter_rows(min_row=5) if row[1].value}
    states = {label(s, lang) for s in ("published", "derived", "assumption")}
    rows = [r for r in levers.iter_rows(min_row=6) if r[8].value and r[6].value]
    assert len(rows) > 100
    for row in rows:
        assert row[2].value, row[8].value
        assert row[6].value in states
        assert set(row[7].value.split(", ")) <= explained


def test_results_sheet_is_the_summary_of_all_runs(book, runs):
    _, page = sheet(book, "results")
    shown = [row[6] for row in page.iter_rows(min_row=5, values_only=True)]
    wanted = np.concatenate([r.summary()["value"].to_numpy() for r in runs])
    np.testing.assert_allclose(shown, wanted, rtol=1e-9)


def test_charts_are_native_and_nobody_is_named(book):
    lang, formulas, _ = book
    assert {formulas.properties.creator, formulas.properties.lastModifiedBy} == {"handprint"}
    assert len(formulas[label("wb_sheet_scenarios", lang)]._charts) == 2


def test_bars_from_gross_to_net_end_where_they_should(book, runs):
    _, page = sheet(book, "scenarios")
    lang = book[0]
    ends = {row[0].value: row[3].value for row in page.iter_rows() if row[3].value is not None}
    total = runs[1].indicators.sel(sector="total", year=2030, estimate="central")
    for quantity in ("NER", "NER_star"):
        assert ends[label(quantity, lang)] == pytest.approx(float(total[quantity]), rel=1e-9)


def test_a_scenario_without_effect_has_dashes_for_ratios(runs, tmp_path):
    path = workbook(runs[0], tmp_path / "frozen.xlsx")
    page = openpyxl.load_workbook(path, data_only=True)["Indicators"]
    found = summary(page, "en", runs[0])
    assert {found[q, "total", "central"] for q in ("EI", "VEI_gross", "VEI_net")} == {"–"}
    assert found["NER", "total", "high"] == 0


@pytest.fixture
def shared_segment(monkeypatch):
    """Two levers of industry on one segment."""
    load = sector_models.load

    def changed(name):
        record = load(name)
        if record.name != "industry":
            return record
        cases = dict(record.use_cases)
        key = "process_improvement"
        cases[key] = cases[key].model_copy(update={"segment": "equipment"})
        return record.model_copy(update={"use_cases": cases})

    monkeypatch.setattr(sector_models, "load", changed)


@pytest.mark.usefixtures("shared_segment")
def test_levers_on_one_segment_are_credited_like_in_the_model(tmp_path):
    results = run("current-policy")
    path = workbook(results, tmp_path / "shared.xlsx")
    found = summary(openpyxl.load_workbook(path, data_only=True)["Indicators"], "en", results)
    wanted = results.indicators["enabled"].sel(sector="industry", year=2030, estimate="high")
    assert found["enabled", "industry", "high"] == pytest.approx(float(wanted), rel=1e-9)
    formulas = openpyxl.load_workbook(path)
    cells = [c.value for row in formulas["Indicators"].iter_rows() for c in row]
    assert sum(isinstance(c, str) and c.startswith("=LN(") for c in cells) == 6
    rows = [
        r
        for r in formulas["Levers"].iter_rows()
        if r[8].value == "industry.process_improvement.share"
    ]
    assert rows[0][4].value.startswith("=")  # one share, one input


def test_refuses_what_it_cannot_write(runs, tmp_path):
    path = tmp_path / "none.xlsx"
    with pytest.raises(WorkbookError, match="no run to write"):
        workbook([], path)
    with pytest.raises(LanguageError, match="no texts in 'fr'"):
        workbook(runs, path, lang="fr")
    with pytest.raises(ScenarioError, match="given twice"):
        workbook([runs[0], runs[0]], path)
    assert list(tmp_path.iterdir()) == []


def test_refuses_a_run_that_its_formulas_do_not_give(runs, tmp_path):
    record = replace(runs[1].record, table_hash="0" * 64)
    with pytest.raises(WorkbookError, match="another table"):
        workbook(replace(runs[1], record=record), tmp_path / "table.xlsx")
    other = runs[1].indicators.copy()
    other["NER"] = other["NER"] * 1.001
    with pytest.raises(HandprintError, match=r"NER of .* run it again"):
        workbook(replace(runs[1], indicators=other), tmp_path / "other.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_quantiles_of_draws_are_among_the_results(tmp_path):
    results = run("current-policy", draws=20, seed=1)
    book = openpyxl.load_workbook(workbook(results, tmp_path / "draws.xlsx"), data_only=True)
    found = {row[5] for row in book["Results"].iter_rows(min_row=5, values_only=True)}
    assert {"low", "central", "high", "p05", "p50", "p95"} <= found


def test_a_table_given_to_the_run_is_given_to_the_workbook_too(tmp_path):
    shipped = io_tables.load("china-2020-cn24")
    more = {**shipped.satellites, "CO2": (1.1 * shipped.satellites["CO2"]).assign_attrs(units="Mt")}
    table = dataclasses.replace(shipped, satellites=more, name="mine")
    results = run("current-policy", table=table)
    with pytest.raises(WorkbookError, match="another table"):
        workbook(results, tmp_path / "table.xlsx")
    book = openpyxl.load_workbook(workbook(results, tmp_path / "table.xlsx", table=table))
    assert book["Sources"]["A6"].value == "mine"


def test_replaces_an_earlier_file_and_leaves_no_other(runs, tmp_path):
    path = tmp_path / "new" / "handprint.xlsx"
    assert workbook(runs[1], path) == path
    workbook(runs[1], path)
    assert [p.name for p in path.parent.iterdir()] == ["handprint.xlsx"]


def test_verticals_give_the_numbers_of_their_run(tmp_path):
    """Reach within a segment and electricity counted once: the formulas must meet the run."""
    results = run("verticals")
    path = tmp_path / "verticals.xlsx"
    workbook(results, path)  # refuses where formulas and run differ
    page = openpyxl.load_workbook(path, data_only=True)["Indicators"]
    rows = {row[0].value: row for row in page.iter_rows(min_row=9, max_row=28)}
    found = [cell.value for cell in rows[label("reference", "en")][2:5]]
    wanted = results.indicators["reference"].sel(sector="total", year=2030)
    np.testing.assert_allclose(found, wanted)
    twice = float(results.bottom_up["reference_twice"].sel(year=2030).sum())
    assert rows[label("wb_reference_twice", "en")][2].value == pytest.approx(twice)
    assert twice > 100
