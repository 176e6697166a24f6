"""A project of the user's own: runs as it is, from anywhere, and grows without program code."""

import re
import tomllib

import numpy as np
import openpyxl
import pytest

import handprint
import sector_models
from handprint.errors import OutputExistsError, ScenarioError
from handprint.export import workbook
from handprint.i18n import LanguageError
from handprint.initialise import initialise
from handprint.scenario import load_scenario
from handprint.validate import validate

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHORT = "end_year = 2022\n[adoption.my_sector]"
ORIGIN = 'status = "assumption", source = "my_source"'
KEPT = 'share = 1.0, status = "assumption", source = "assumption"'
SECOND = f"""
[use_cases.burner_check]
title = "Camera check of burners"
title_zh = "燃烧器图像检查"
mechanism = "Finds bad flames."
mechanism_zh = "识别不良火焰。"
segment = "kilns"
carriers = ["fuel", "electricity"]
emitter = "own"
saving = {{ value = 0.02, low = 0.01, high = 0.03, units = "1", year = 2020, {ORIGIN} }}
affected = [
  {{ kind = "onsite", purchasers = ["NMM"], {KEPT} }},
  {{ kind = "input", rows = ["ELE"], purchasers = ["NMM"], {KEPT} }},
  {{ kind = "ict", rows = ["ICM"], purchasers = ["NMM"], {KEPT} }},
]
"""


@pytest.fixture
def project(tmp_path):
    """A project whose scenario ends early."""
    initialise(tmp_path / "mine")
    path = tmp_path / "mine" / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    assert "[adoption.my_sector]" in text
    path.write_text(text.replace("[adoption.my_sector]", SHORT), encoding="utf-8")
    return tmp_path / "mine"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_that_is_written_is_valid(tmp_path, lang):
    paths = initialise(tmp_path / "new" / "mine", lang=lang)
    assert all(path.is_file() for path in paths)
    for path in paths:
        if path.suffix == ".toml":
            assert validate(path)[1] == []
    comments = "".join(
        line
        for path in paths
        if path.suffix == ".toml"
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        if line.startswith("#")
    )
    assert bool(CHINESE.search(comments)) == (lang == "zh")
    assert "#en" not in comments
    assert bool(CHINESE.search((tmp_path / "new/mine/README.md").read_text("utf-8"))) == (
        lang == "zh"
    )


def test_both_languages_say_the_same(tmp_path):
    one, other = (initialise(tmp_path / lang, lang=lang) for lang in ("en", "zh"))
    for a, b in zip(one, other, strict=True):
        texts = [path.read_text(encoding="utf-8") for path in (a, b)]
        if a.suffix == ".toml":
            assert tomllib.loads(texts[0]) == tomllib.loads(texts[1])
        elif a.suffix == ".md":
            assert texts[0].count("\n#") == texts[1].count("\n#")
            assert texts[0].count("handprint ") == texts[1].count("handprint ")


def test_the_use_case_has_every_field(tmp_path):
    initialise(tmp_path)
    raw = tomllib.loads((tmp_path / "sector.toml").read_text(encoding="utf-8"))
    (case,) = raw["use_cases"].values()
    assert set(case) == set(sector_models.UseCase.model_fields)
    segments = sector_models.load(tmp_path / "sector.toml").segments.values()
    assert {segment.activity is None for segment in segments} == {True, False}


def test_nothing_is_overwritten_without_force(tmp_path):
    (tmp_path / "scenario.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"scenario\.toml exists"):
        initialise(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.toml"]
    initialise(tmp_path, force=True)
    assert (tmp_path / "scenario.toml").read_text(encoding="utf-8") != "mine"


def test_unknown_language_writes_nothing(tmp_path):
    with pytest.raises(LanguageError):
        initialise(tmp_path / "mine", lang="fr")
    assert not (tmp_path / "mine").exists()


def test_it_runs_from_another_folder(project, tmp_path, monkeypatch):
    monkeypatch.chdir(project)
    here = handprint.run("scenario.toml")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    there = handprint.run("../mine/scenario.toml")
    assert there.scenario.sectors == ("power", "transport", "buildings", "my_sector")
    assert there.record.scenario_hash == here.record.scenario_hash
    assert there.record.sector_hashes == here.record.sector_hashes
    np.testing.assert_array_equal(there.indicators["NER"], here.indicators["NER"])
    assert float(there.indicators["NER"].sel(sector="my_sector", year=2022, estimate="central"))
    again = handprint.Results.read(there.save(elsewhere / "out")[0].parent)
    assert again.scenario == there.scenario


def test_a_part_follows_its_whole(project):
    scenario = load_scenario(project / "scenario.toml")
    base = load_scenario("current-policy")
    assert scenario.activity["my_sector"] == base.activity["industry"]
    assert scenario.intensity["my_sector"] == base.intensity["industry"]
    assert set(scenario.reference_adoption) <= {"power", "transport", "buildings", "my_sector"}


def test_a_file_goes_by_its_name_wherever_it_is_a_key(project):
    path = project / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("adoption.my_sector", 'adoption."./sector.toml"'), "utf-8")
    assert load_scenario(path).adoption["my_sector"].level == 0.5


def test_a_copy_of_a_shipped_file_takes_its_place(tmp_path):
    shipped = sector_models.files._DATA / "industry.toml"
    text = shipped.read_text(encoding="utf-8")
    (tmp_path / "industry.toml").write_text(text, encoding="utf-8")
    path = tmp_path / "s.toml"
    head = 'base = "current-policy"\nname = "s"\nend_year = 2021\nsectors = ["power", "{}"]\n'
    path.write_text(head.format("industry.toml"), encoding="utf-8")
    mine = handprint.run(path)
    assert mine.scenario.sector_files == {"industry": str((tmp_path / "industry.toml").resolve())}
    path.write_text(head.format("industry"), encoding="utf-8")
    ours = handprint.run(path)
    assert ours.scenario.sector_files == {}
    np.testing.assert_array_equal(mine.indicators["NER"], ours.indicators["NER"])


def test_a_scenario_beside_another_keeps_the_files_of_its_base(project, tmp_path):
    child = tmp_path / "child.toml"
    child.write_text('base = "mine/scenario.toml"\nname = "child"\n', encoding="utf-8")
    files = load_scenario(child).sector_files
    assert files == {"my_sector": str((project / "sector.toml").resolve())}
    child.write_text(
        'base = "mine/scenario.toml"\nname = "child"\nsectors = ["power"]\n', encoding="utf-8"
    )
    assert load_scenario(child).sector_files == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('sectors = ["./sector.toml", "./copy.toml"]', "'my_sector' stands there twice"),
        ('sectors = ["./nowhere.toml"]', "sectors.0: nowhere.toml: cannot be read"),
        ('sectors = ["powr"]', "sectors.0: no sector 'powr'; did you mean 'power'"),
        ('sector_files = { x = "y" }', "sector_files: unknown key; write the path"),
    ],
)
def test_wrong_names_of_files_are_told(project, line, said):
    (project / "copy.toml").write_bytes((project / "sector.toml").read_bytes())
    path = project / "scenario.toml"
    path.write_text(f'base = "current-policy"\nname = "wrong"\n{line}\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert said in str(caught.value)


def test_a_table_is_found_beside_the_scenario(project, tmp_path, monkeypatch):
    path = project / "scenario.toml"
    text = path.read_text(encoding="utf-8").replace('# table = "./table.csv"', 'table = "./t.csv"')
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_scenario("mine/scenario.toml").table == str((project / "t.csv").resolve())
    path.write_text(text.replace("./t.csv", "china-2020-cn24"), encoding="utf-8")
    assert load_scenario("mine/scenario.toml").table == "china-2020-cn24"
    path.write_text(text.replace("./t.csv", "china-2099"), encoding="utf-8")
    assert load_scenario("mine/scenario.toml").table == "china-2099"


def test_a_use_case_is_added_without_program_code(project, tmp_path):
    """Through both halves and into the workbook."""
    before = handprint.run(project / "scenario.toml")
    path = project / "sector.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[sources.my_source]", f"{SECOND}\n[sources.my_source]"), "utf-8")
    assert validate(path)[1] == []
    after = handprint.run(project / "scenario.toml")
    added = "my_sector.burner_check"
    last = {"year": 2022, "estimate": "central"}
    assert added in after.bottom_up["use_case"].values
    assert added not in before.bottom_up["use_case"].values
    for part in ("enabled", "footprint"):
        assert float(after.bottom_up[part].sel(use_case=added, **last)) > 0
    common = [run.top_down["enabled"].sel(sector="my_sector", **last) for run in (before, after)]
    assert float(common[1]) > float(common[0]) > 0
    power = [n for n in before.bottom_up["use_case"].values if str(n).startswith("power.")]
    assert power
    np.testing.assert_allclose(
        after.bottom_up["enabled"].sel(use_case=power),
        before.bottom_up["enabled"].sel(use_case=power),
    )
    assert after.record.ledger_gap < 1e-6
    workbook(after, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx", read_only=True)
    cells = {
        str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c
    }
    book.close()
    assert any("Camera check of burners" in cell or "burner_check" in cell for cell in cells)
    assert any("Measurements at our works" in cell for cell in cells)
