"""An independent program recalculates the workbook and finds the numbers of the run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

import sector_models
from handprint.blend import by_model
from handprint.bridge import bridge_of
from handprint.export import workbook
from handprint.export.read_workbook import read_workbook
from handprint.headline import mirror
from handprint.i18n import label
from handprint.pipeline import bottom_up, economy, run
from handprint.projection import drivers
from handprint.topdown import project

NAMES = ("frozen-digitalisation", "current-policy", "accelerated")
ESTIMATES = ("low", "central", "high")
CLOSE = 1e-9


@pytest.fixture(scope="module")
def soffice() -> str:
    found = shutil.which("soffice")
    if found is None:
        reason = "LibreOffice is not installed: apt-get install libreoffice-calc-nogui"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def runs():
    return [run(name) for name in NAMES]


@pytest.fixture(scope="module")
def path(runs, tmp_path_factory) -> Path:
    return workbook(runs, tmp_path_factory.mktemp("book") / "handprint.xlsx")


def recalculated(soffice: str, book: openpyxl.Workbook, folder: Path) -> openpyxl.Workbook:
    """Save without values, so that they can only come from LibreOffice, and read them back."""
    given, made = folder / "given.xlsx", folder / "made"
    book.save(given)
    assert openpyxl.load_workbook(given, data_only=True)["Indicators"]["B3"].value is None
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", made, given],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return openpyxl.load_workbook(made / "given.xlsx", data_only=True)


def same(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= CLOSE * max(abs(a), abs(b)) or max(abs(a), abs(b)) < 1e-12
    return a == b


def row_of(page, key: str, scenario: str | None):
    """Row of an input on the lever sheet: low, central and high are its columns D to F."""
    rows = [r for r in page.iter_rows(min_row=6) if r[8].value == key and r[1].value == scenario]
    assert len(rows) == 1
    return rows[0]


def ner(book: openpyxl.Workbook, sector: int) -> list[float]:
    """NER low, central and high: of all sectors (0) or of the first, second ... sector."""
    rows = [r for r in book["Indicators"].iter_rows(min_row=9) if r[0].value == label("NER")]
    return [cell.value for cell in rows[0][2 + 3 * sector : 5 + 3 * sector]]


def expected(bottom, sector: str | None = None) -> list[float]:
    """NER in 2030 from the additive parts of the sector models."""
    net = (by_model(bottom["enabled"]) - mirror(by_model(bottom["footprint"]))).sel(year=2030)
    one = net.sum("sector") if sector is None else net.sel(sector=sector)
    return [float(one.sel(estimate=e)) for e in ESTIMATES]


def test_every_formula_gives_its_cached_value(soffice, path, tmp_path):
    formulas = openpyxl.load_workbook(path)
    cached = openpyxl.load_workbook(path, data_only=True)
    found = recalculated(soffice, openpyxl.load_workbook(path), tmp_path)
    wrong, count = [], 0
    for page in formulas:
        for row in page.iter_rows():
            for cell in row:
                count += cell.data_type == "f"
                a, b = (w[page.title][cell.coordinate].value for w in (cached, found))
                if not same(a, b):
                    wrong.append((page.title, cell.coordinate, cell.value, a, b))
    assert count > 2000
    assert wrong == []


def test_another_scenario_gives_its_own_numbers(soffice, path, runs, tmp_path):
    book = openpyxl.load_workbook(path)
    assert book["Levers"]["B3"].value == "current-policy"
    book["Levers"]["B3"] = "accelerated"
    found = recalculated(soffice, book, tmp_path)
    assert found["Indicators"]["B3"].value == "accelerated"
    for i, sector in enumerate(["total", *runs[2].scenario.sectors]):
        wanted = runs[2].indicators["NER"].sel(sector=sector, year=2030)
        assert ner(found, i) == pytest.approx(wanted.values.tolist(), rel=CLOSE)


def test_a_changed_saving_gives_the_ner_of_the_sector_model(soffice, path, runs, tmp_path):
    saving = dict(zip(ESTIMATES, (0.05, 0.21, 0.33), strict=True))
    book = openpyxl.load_workbook(path)
    row = row_of(book["Levers"], "industry.equipment_energy.saving", None)
    for cell, value in zip(row[3:6], saving.values(), strict=True):
        cell.value = value
    found = recalculated(soffice, book, tmp_path)

    scenario = runs[1].scenario
    models = {name: sector_models.load(name) for name in scenario.sectors}
    record = models["industry"]
    case = record.use_cases["equipment_energy"]
    new = {"low": saving["low"], "value": saving["central"], "high": saving["high"]}
    case = case.model_copy(update={"saving": case.saving.model_copy(update=new)})
    cases = {**record.use_cases, "equipment_energy": case}
    models["industry"] = record.model_copy(update={"use_cases": cases})
    paths = drivers(scenario)
    table = economy(scenario)
    bridge = bridge_of(models, table)
    tables = project(scenario, bridge, table, paths, scenario.years)
    bottom = bottom_up(scenario, bridge, tables, paths)
    assert ner(found, 0) == pytest.approx(expected(bottom), rel=CLOSE)
    assert ner(found, 2) == pytest.approx(expected(bottom, "industry"), rel=CLOSE)
    assert ner(found, 2) != pytest.approx(expected(runs[1].bottom_up, "industry"), rel=1e-3)


def test_a_changed_adoption_gives_the_ner_of_the_sector_model(soffice, path, runs, tmp_path):
    book = openpyxl.load_workbook(path)
    lever = str(runs[1].bottom_up["use_case"].values[-1])
    row = row_of(book["Levers"], f"{lever}.adoption", "current-policy")
    for cell, value in zip(row[3:6], (0.1, 0.8, 0.9), strict=True):
        cell.value = value
    found = recalculated(soffice, book, tmp_path)

    before = runs[1].bottom_up.sel(use_case=lever, year=2030)
    more = before["adoption"].copy(data=[0.1, 0.8, 0.9]) - before["reference_adoption"]
    old = before["adoption"] - before["reference_adoption"]
    gain = (more / old - 1) * before["enabled"]  # linear: a lever alone on its segment
    cost = mirror((more / old - 1) * before["footprint"])
    wanted = runs[1].indicators["NER"].sel(sector="total", year=2030) + gain - cost
    assert ner(found, 0) == pytest.approx(wanted.values.tolist(), rel=CLOSE)


def test_edits_come_back_as_a_scenario_with_the_ner_of_the_workbook(soffice, path, tmp_path):
    book = openpyxl.load_workbook(path)
    row = row_of(book["Levers"], "industry.equipment_energy.saving", None)
    for cell, value in zip(row[3:6], (0.05, 0.21, 0.33), strict=True):
        cell.value = value
    found = recalculated(soffice, book, tmp_path)
    edited = run(read_workbook(tmp_path / "made" / "given.xlsx"))
    assert edited.scenario.base == "current-policy"
    for i, sector in enumerate(["total", *edited.scenario.sectors]):
        wanted = edited.indicators["NER"].sel(sector=sector, year=2030)
        assert ner(found, i) == pytest.approx(wanted.values.tolist(), rel=CLOSE)


@pytest.fixture
def shared_segment(monkeypatch):
    """Two levers of industry on one segment."""
    load = sector_models.load

    def changed(name):
        record = load(name)
        if record.name != "industry":
            return record
        key = "process_improvement"
        case = record.use_cases[key].model_copy(update={"segment": "equipment"})
        return record.model_copy(update={"use_cases": {**record.use_cases, key: case}})

    monkeypatch.setattr(sector_models, "load", changed)


@pytest.mark.usefixtures("shared_segment")
@pytest.mark.parametrize("complete", [False, True])
def test_levers_on_one_segment_share_their_joint_saving(soffice, tmp_path, complete):
    results = run("current-policy")
    book = openpyxl.load_workbook(workbook(results, tmp_path / "shared.xlsx"))
    if complete:  # one lever saves everything: it takes all credit
        for field in ("saving", "adoption"):
            for cell in row_of(book["Levers"], f"industry.equipment_energy.{field}", None)[3:6]:
                cell.value = 1.0
    found = recalculated(soffice, book, tmp_path)["Indicators"]
    rows = [r for r in found.iter_rows(values_only=True) if r[0] == "Industry" and r[1]]
    assert len(rows) == 12
    for block in (rows[:4], rows[4:8], rows[8:]):
        base = block[0][2] * block[0][3]
        fractions = {i: line[9] for i, line in enumerate(block[:2])}
        assert (fractions[0] == 1) is complete
        credit = sector_models.lmdi(base, fractions)
        shown = [line[12] for line in block[:2]]
        assert shown == pytest.approx(credit.values.tolist(), rel=CLOSE)


def test_the_overlap_with_the_power_sector_follows_edits(soffice, tmp_path):
    """Cleaner power saves less where less of it is used, and the reverse."""
    book = openpyxl.load_workbook(workbook(run("verticals"), tmp_path / "verticals.xlsx"))
    for lever in ("power_grid.power_network_operation", "mobility.smart_charging"):
        for cell in row_of(book["Levers"], f"{lever}.saving", None)[3:6]:
            cell.value *= 0.5
    found = recalculated(soffice, book, tmp_path)
    edited = run(read_workbook(tmp_path / "made" / "given.xlsx"))
    for i, sector in enumerate(["total", *edited.scenario.sectors]):
        wanted = edited.indicators["NER"].sel(sector=sector, year=2030)
        assert ner(found, i) == pytest.approx(wanted.values.tolist(), rel=CLOSE)
