"""Every problem of a user's file in one list, whatever the file is."""

from pathlib import Path

import pytest

import sector_models
from handprint.errors import UnknownScenarioError
from handprint.validate import validate

SECTOR = Path(sector_models.__file__).parent / "data" / "transport.toml"
HEAD = 'base = "current-policy"\nname = "mine"\n'


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_good_scenario_has_no_problems(written):
    assert validate(written("mine.toml", HEAD)) == ("scenario", [])


def test_good_sector_file_has_no_problems(written):
    assert validate(written("mine.toml", SECTOR.read_bytes())) == ("sector", [])


def test_problems_of_a_scenario_are_listed_one_by_one(written):
    kind, problems = validate(
        written("mine.toml", HEAD + "tabel = 1\n[respend]\nhigh = 75\nsource = 'hearsay'\n")
    )
    assert kind == "scenario"
    assert [p.split(":")[0] for p in problems] == ["respend.high", "tabel", "respend"]


def test_problems_of_a_sector_file_are_listed_one_by_one(written):
    text = SECTOR.read_text(encoding="utf-8")
    wrong = text.replace("tier = 3", "tier = 9", 1).replace(
        'segment = "private_road"', 'segment = "x"', 1
    )
    kind, problems = validate(written("mine.toml", wrong))
    assert kind == "sector"
    assert problems
    assert any("tier" in p for p in problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[adoption", "not valid TOML"), (HEAD.encode("utf-16"), "not UTF-8"), ("", "table: missing")],
)
def test_what_cannot_be_read_is_one_problem_or_more(text, said, written):
    kind, problems = validate(written("mine.toml", text))
    assert kind == "scenario"
    assert any(said in p for p in problems)


def test_table_without_a_description_is_refused(written):
    kind, problems = validate(written("table.csv", "a,b\n1,2\n"))
    assert kind == "table"
    assert len(problems) >= 1


@pytest.mark.parametrize("name", ["nowhere.toml", "."])
def test_no_file_is_no_problem_list(name, tmp_path):
    with pytest.raises(UnknownScenarioError, match="no file"):
        validate(tmp_path / name)
