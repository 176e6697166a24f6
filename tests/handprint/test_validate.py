"""Every problem of a user's file in one list with its line, whatever the file is."""

from pathlib import Path

import pytest

import sector_models
from handprint.errors import UnknownScenarioError
from handprint.validate import Problem, validate

DATA = Path(sector_models.__file__).parent / "data"
SECTOR = DATA / "transport.toml"
HEAD = 'base = "current-policy"\nname = "mine"\n'


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def changed(*replacements, name="steel"):
    """Text of a shipped sector file with first occurrences replaced, and their lines."""
    text = (DATA / f"{name}.toml").read_text(encoding="utf-8")
    lines = []
    for old, new in replacements:
        assert old in text
        lines.append(text[: text.index(old)].count("\n") + 1)
        text = text.replace(old, new, 1)
    return text, lines


def test_good_scenario_has_no_problems(written):
    assert validate(written("mine.toml", HEAD)) == ("scenario", [])


@pytest.mark.parametrize("name", sector_models.names())
def test_shipped_sector_files_have_no_problems(name):
    assert validate(DATA / f"{name}.toml") == ("sector", [])


def test_problems_of_a_scenario_are_listed_one_by_one(written):
    kind, problems = validate(
        written("mine.toml", HEAD + "tabel = 1\n[respend]\nhigh = 75\nsource = 'hearsay'\n")
    )
    assert kind == "scenario"
    assert [(p.line, p.place) for p in problems] == [
        (3, "tabel"),
        (4, "respend"),
        (5, "respend.high"),
    ]


SECTOR_BAD = {
    "percent": (("value = 0.115, low", "value = 11.5, low"), "value 11.5 is outside"),
    "label of a purchaser": (
        ('kind = "onsite", purchasers = ["STE"]', 'kind = "onsite", purchasers = ["STEEL"]'),
        "affected.0.purchasers.0: no label 'STEEL' in the table of 24 sectors; did you mean 'STE'",
    ),
    "label of an emitter": (
        ('emitters = ["STE"]', 'emitters = ["household"]'),
        "covers.0.emitters.0: no label 'household' in the table of 24 sectors; "
        "did you mean 'households'?",
    ),
    "shipped parameter": (
        ('ict_intensity = "common.ict_intensity"', 'ict_intensity = "common.ict_intensitty"'),
        "ict_intensity: no shipped parameter 'ict_intensitty'; did you mean 'ict_intensity'",
    ),
    "default": (('time_class = "medium"', 'time_class = "soon"'),
                "defaults.time_class: 'soon'"),
    "unit of an activity": (('units = "Mt", year', 'units = "kt", year'), "gives no Mt CO2"),
    "unknown key": (("title_zh = \"生铁产量\"", "titel_zh = \"生铁产量\""),
                    "activities.pig_iron.titel_zh: unknown key; did you mean 'title_zh'"),
    "no source": (('status = "assumption", source = "assumption", note = "fuel use"',
                   'status = "assumption", note = "fuel use"'),
                  "affected.1.source: is missing; add it: keys of entries"),
}  # fmt: skip


@pytest.mark.parametrize("case", SECTOR_BAD)
def test_problems_of_a_sector_file_have_their_line(case, written):
    replacement, said = SECTOR_BAD[case]
    text, lines = changed(replacement)
    kind, problems = validate(written("mine.toml", text))
    assert kind == "sector"
    found = [p for p in problems if said in p.text]
    assert found, problems
    if case == "unit of an activity":  # said of the segments that use it
        places = [f"[segments.{p.place.split('.')[1]}]" for p in found]
        rows = text.split("\n")
        assert all(mark in rows[: p.line] for mark, p in zip(places, found, strict=True))
        assert all(rows[p.line - 1].startswith("factor = ") for p in found)
    else:
        assert [p.line for p in found] == lines
        assert str(found[0]) == f"line {lines[0]}: {found[0].text}"


def test_several_problems_come_in_order_of_their_lines(written):
    text, lines = changed(*(replacement for replacement, _ in SECTOR_BAD.values()))
    _, problems = validate(written("mine.toml", text))
    found = [p.line for p in problems]
    assert found == sorted(found)
    assert set(found) >= set(lines[:5])


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("[adoption", "not valid TOML", 1),
        (HEAD + "x = = 1\n", "not valid TOML", 3),
        (HEAD.encode("utf-16"), "not UTF-8", 1),
        ((HEAD + "# ").encode() + "数字".encode("gb18030"), "not UTF-8", 3),
        ("", "table: missing", 1),
    ],
)
def test_what_cannot_be_read_is_one_problem_or_more(text, said, line, written):
    kind, problems = validate(written("mine.toml", text))
    assert kind == "scenario"
    assert {p.line for p in problems if said in p.text} == {line}


def test_a_sector_file_that_is_no_toml_is_called_one(written):
    kind, problems = validate(written("mine.toml", changed(("value = 0.115", "value = 0,115"))[0]))
    assert kind == "sector"
    assert len(problems) == 1
    assert problems[0].line == changed(("value = 0.115", ""))[1][0]


def test_sector_files_and_bridge_of_a_scenario_are_checked_too(written):
    written("steel.toml", changed(("value = 0.115, low", "value = 11.5, low"))[0])
    both = HEAD + 'sectors = [\n  "power",\n  "./steel.toml",\n]\n'
    _, problems = validate(written("mine.toml", both))
    assert [p.line for p in problems] == [5]
    assert "steel.toml: segments.coking.factor: value 11.5" in problems[0].text
    _, problems = validate(written("mine.toml", HEAD + 'sectors = ["power", "stel"]\n'))
    assert any("no sector 'stel'; did you mean 'steel'" in p.text for p in problems)
    assert {p.line for p in problems} == {3}
    _, problems = validate(written("mine.toml", HEAD + 'sectors = ["industry", "steel"]\n'))
    assert [(p.line, p.place) for p in problems] == [(3, "sectors")]
    assert "part of 'industry'" in problems[0].text
    wrong = HEAD + 'table = "china-2099"\n[overrides.power.levers.x]\n'
    _, problems = validate(written("mine.toml", wrong))
    assert [(p.line, p.place) for p in problems] == [
        (3, "table"),
        (4, "overrides.power.levers.x"),
    ]


def test_what_a_base_gets_wrong_is_shown_at_the_line_that_names_it(written):
    written("first.toml", HEAD + "[respend]\nhigh = 75\n")
    _, problems = validate(written("mine.toml", 'name = "child"\nbase = "first.toml"\n'))
    assert [(p.line, p.place) for p in problems] == [(2, "respend.high")]


def test_table_without_a_description_is_refused(written):
    kind, problems = validate(written("table.csv", "a,b\n1,2\n"))
    assert kind == "table"
    assert len(problems) >= 1
    assert problems[0].line is None
    assert str(problems[0]) == problems[0].text


def test_place_of_a_problem_without_one_is_empty():
    assert Problem("end_year 2019 is not after base_year 2020").place == ""


@pytest.mark.parametrize("name", ["nowhere.toml", "."])
def test_no_file_is_no_problem_list(name, tmp_path):
    with pytest.raises(UnknownScenarioError, match="no file"):
        validate(tmp_path / name)


def test_what_the_table_does_not_have_is_found_without_a_run(written):
    strange = (
        'ict = ["ICM", "ICX"]\n[demand.export]\ntitle = "x"\ntitle_zh = "x"\nunits = "2020 = 1"\n'
        "points = [\n{ year = 2020, value = 1, low = 1, high = 1, @ },\n"
        "{ year = 2030, value = 2, low = 1, high = 3, @ },\n]\n"
    ).replace("@", "status = 'assumption', source = 'assumption'")
    _, problems = validate(written("mine.toml", HEAD + strange))
    assert [(p.line, p.place) for p in problems] == [(4, "demand.export")]
    assert "did you mean 'exports'" in problems[0].text
    _, problems = validate(written("mine.toml", HEAD + strange.partition("\n")[0] + "\n"))
    assert [(p.line, p.place) for p in problems] == [(3, "ict")]
    assert "no sector 'ICX'" in problems[0].text


def test_a_place_is_named_once(written):
    _, problems = validate(written("mine.toml", HEAD + 'sectors = ["industry", "steel"]\n'))
    assert problems[0].text.count("sectors:") == 1
