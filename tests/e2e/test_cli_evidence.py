"""Cases, trees, requirements and annex 2 from the command line: both languages, JSON, codes."""

import json

import pytest

import handprint
from handprint.cli import main
from sector_models import case, cases


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "220")

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run


def test_cases_are_listed(call):
    code, out, err = call("cases")
    assert (code, err) == (0, "")
    for name in cases():
        assert name in out
    assert "核算案例" in call("cases", "--lang", "zh")[1]


@pytest.mark.parametrize(
    ("lang", "texts"),
    [("en", ("82.25", "85.24", "differs", "misprint")), ("zh", ("82.25", "不一致", "误印"))],
)
def test_a_case_shows_both_numbers_and_why_they_differ(call, lang, texts):
    code, out, err = call("cases", "caict_ict_sector", "--lang", lang)
    assert (code, err) == (0, "")
    for text in texts:
        assert text in out


def test_cases_as_json(call):
    code, out, _ = call("cases", "--json")
    assert code == 0
    assert list(json.loads(out, parse_constant=pytest.fail)) == cases()
    code, out, _ = call("cases", "aluminium_smelter", "--json")
    found = json.loads(out)
    assert found["computed"]["electricity"]["low"] == pytest.approx(90)
    assert found["discrepancy"]["electricity"]["agrees"] is True


def test_an_unknown_case_is_told(call):
    code, out, err = call("cases", "aluminum")
    assert (code, out) == (3, "")
    assert "aluminium_smelter" in err


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ("9.7 … 16.8", "derived", "calibrated", "14.09", "power =")),
        ("zh", ("9.7 … 16.8", "推算", "校准", "电力 =")),
    ],
)
def test_annex_2(call, lang, texts):
    code, out, err = call("replicate", "annex-2", "--lang", lang)
    assert (code, err) == (0, "")
    for text in texts:
        assert text in out


def test_annex_2_as_json(call):
    _, out, _ = call("replicate", "annex-2", "--json")
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["power"]["low"]["saving"] == pytest.approx(0.097447, abs=5e-7)
    assert found["savings"]["any_sector"]["share"] is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("run") / "current"
    handprint.run("current-policy").save(place)
    return str(place)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ("R (M)", "Tier 3; publishable: no", "not assessed by the tool", "No conformance")),
        ("zh", ("层级3；可发布：否", "工具不作评估", "不作任何符合性声明")),
    ],
)
def test_a_run_is_assessed(call, folder, lang, texts):
    code, out, err = call("assess", folder, "--lang", lang)
    assert (code, err) == (0, "")
    for text in texts:
        assert text in out


def test_one_use_case_is_assessed(call, folder):
    code, out, _ = call("assess", folder, "--use-case", "power.dispatch")
    assert code == 0
    assert "of 1 use cases" in out
    code, _, err = call("assess", folder, "--use-case", "power.dispach")
    assert code == 1
    assert "did you mean 'power.dispatch'" in err


def test_an_assessment_as_json(call, folder):
    _, out, _ = call("assess", folder, "--json")
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["publishable"] is False
    assert {gate["status"] for gate in found["gates"]} == {"not_assessed"}


def test_a_scenario_without_effect_is_told(call):
    code, out, err = call("assess", "frozen-digitalisation")
    assert (code, out) == (1, "")
    assert "nothing to assess" in err


LEVER = """
name = "own"
title = "Own"
title_zh = "自有"
emissions = { value = 10.0, low = 10.0, high = 10.0, units = "Mt CO2", year = 2020, status = "assumption", source = "assumption" }
output = { value = 1e6, low = 1e6, high = 1e6, units = "10^4 CNY", year = 2020, status = "assumption", source = "assumption" }
ict_intensity = "common.ict_intensity"
ict_life_cycle = "common.ict_life_cycle"

[segments.all]
title = "All"
title_zh = "全部"
share = { value = 1.0, low = 1.0, high = 1.0, units = "1", year = 2020, status = "assumption", source = "assumption" }

[use_cases.control]
title = "Control [of heat]"
title_zh = "供热控制"
mechanism = "Less heat."
mechanism_zh = "减少供热。"
segment = "all"
carriers = ["fuel"]
emitter = "own"
tier = 3
saving = { value = 0.1, low = 0.1, high = 0.1, units = "1", year = 2020, status = "assumption", source = "assumption" }
rebound = { value = 0.1, low = 0.1, high = 0.1, units = "1", year = 2020, status = "assumption", source = "assumption" }
shrinkage = { value = 1.0, low = 1.0, high = 1.0, units = "1", year = 2020, status = "assumption", source = "assumption" }
ict_input = { value = 0.001, low = 0.001, high = 0.001, units = "1", year = 2020, status = "assumption", source = "assumption" }
adoption = { curve = "linear", start = 0.0, end = 1.0, first_year = 2020, last_year = 2030, status = "assumption", source = "assumption" }
consequences = [
  { order = "first", effect = "adds", text = "Meters are made.", text_zh = "仪表生产。", counted = "ict_input" },
  { order = "second", effect = "saves", text = "Less heat is made.", text_zh = "供热减少。", counted = "saving" },
]
"""  # noqa: E501


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(LEVER, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        (
            "en",
            (
                "Control [of heat] (Own)",
                "First order",
                "+ Meters are made. [footprint]",
                "none named",
            ),
        ),
        ("zh", ("供热控制", "二阶", "\u2212 供热减少。 [节省率]", "未列")),
    ],
)
def test_a_tree_as_text(call, own, lang, texts):
    code, out, err = call("tree", own, "control", "--lang", lang)
    assert (code, err) == (0, "")
    for text in texts:
        assert text in out


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_tree_as_a_picture(call, own, tmp_path, kind):
    path = tmp_path / f"tree.{kind}"
    code, _, err = call("tree", own, "control", "-o", str(path))
    assert (code, err) == (0, "")
    first = path.read_bytes()
    assert first.startswith(b"\x89PNG" if kind == "png" else b"<?xml")
    code, _, err = call("tree", own, "control", "-o", str(path))
    assert code == 1
    assert "--force" in err
    assert call("tree", own, "control", "-o", str(path), "--force")[0] == 0
    assert path.read_bytes() == first


def test_a_tree_that_is_not_there_is_told(call, own):
    code, _, err = call("tree", own, "controll")
    assert code == 1
    assert "did you mean 'control'" in err
    code, _, err = call("tree", "power", "dispatch")
    assert code == 1
    assert "lists no consequences" in err
    code, _, err = call("tree", own, "control", "-o", "tree.pdf")
    assert code == 1
    assert "pdf" in err


def test_the_help_names_the_commands(call):
    out = call("--help")[1]
    for command in ("cases", "tree", "assess"):
        assert command in out
    assert "annex-2" in call("replicate", "--help")[1]


def test_every_remark_is_printed_in_full(call):
    for name in ("office_park", "bitkom_trap"):
        out = call("cases", name)[1]
        assert " ".join(out.split()).endswith(case(name).remark)
