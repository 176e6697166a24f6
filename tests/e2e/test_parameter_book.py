"""The parameter book: current, whole, honest about what is assumed, in both languages."""

import importlib.util
import re
from pathlib import Path

import pytest

import sector_models

DOCS = Path(__file__).parents[2] / "docs"
ENDS = ["", ".zh-CN"]
ROLL_UPS = {"power", "industry", "transport", "buildings"}
STATUS = ("published", "derived", "assumption")


@pytest.fixture(scope="module")
def made():
    spec = importlib.util.spec_from_file_location("make_parameters", DOCS / "make_parameters.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=ENDS)
def text(request):
    return (DOCS / "sectors" / f"parameters{request.param}.md").read_text(encoding="utf-8")


def test_pages_are_current(made):
    for path, wanted in made.made():
        assert path.read_text(encoding="utf-8") == wanted, "run python docs/make_parameters.py"


def part(text, name):
    return text.split(f'<a id="{name}"></a>')[1].split("\n## ")[1]


@pytest.mark.parametrize("name", sector_models.names())
def test_every_number_of_a_sector_stands_there(text, name):
    """Under its own name or under the defaults."""
    written = set(re.findall(r"^\| `([^` ]+)", part(text, name), re.MULTILINE))
    for parameter in sector_models.provenance(name)["parameter"]:
        fallback = re.sub(r"^use_cases\.[^.]+", "defaults", parameter)
        assert {parameter, fallback} & written, parameter


def test_shared_parameters_say_what_they_stand_for(text):
    shared = set(re.findall(r"^\| `([^` ]+)", part(text, "common"), re.MULTILINE))
    named = set(re.findall(r"^\| `[^` ]+ = common\.(\w+)`", text, re.MULTILINE))
    assert named == shared == set(sector_models.files.common())


def test_every_quantity_of_the_account_stands_there(text):
    rows = part(text, "ict_account").count("\n| `")
    assert rows == len(sector_models.account_provenance())


def test_share_of_savings_and_activities_that_is_traced(text):
    found = dict.fromkeys(STATUS, 0)
    for name in set(sector_models.names()) - ROLL_UPS:
        rows = sector_models.provenance(name)
        mine = rows[rows["parameter"].str.match(r"use_cases\.[^.]+\.saving$|activities\.")]
        for status in mine["status"]:
            found[status] += 1
    total = sum(found.values())
    sentence = next(
        line for line in text.split("\n") if line.startswith((f"Of the {total} ", "细分模型的"))
    )
    numbers = [int(n) for n in re.findall(r"\d+", sentence)]
    assert numbers[:4] == [total, *found.values()]
    share = (found["published"] + found["derived"]) / total
    assert f"{share:.0%}" in sentence
    reaches = "reaches" in sentence or ("达到" in sentence and "未达到" not in sentence)
    assert reaches == (share >= 0.8)


def test_sources_have_addresses_and_are_all_listed(text):
    body, listed = re.split(r"\n## (?:Sources|来源)\n", text)
    entries = dict(re.findall(r"^- `(\w+)`: (.+)$", listed, re.MULTILINE))
    rows = [line for line in body.split("\n") if line.startswith("| `")]
    cited = {key for row in rows for key in re.findall(r"`(\w+)`", row.split(" | ")[5])}
    assert cited == set(entries)
    assert all(len(entry) > 20 for entry in entries.values())


def test_both_languages_hold_the_same():
    english, chinese = (
        (DOCS / "sectors" / f"parameters{end}.md").read_text(encoding="utf-8") for end in ENDS
    )
    assert "(parameters.zh-CN.md)" in english
    assert "(parameters.md)" in chinese
    for mark in ("\n#", "\n|", "\n- `"):
        assert english.count(mark) == chinese.count(mark)
