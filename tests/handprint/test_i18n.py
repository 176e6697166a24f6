"""Texts in two languages: each there twice, each in use, each with the same blanks."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

import handprint
import sector_models
from handprint.i18n import LanguageError, check_language, label
from handprint.scenario import load_scenario, scenario_names

ROOT = Path(handprint.__file__).parent
LABELS = tomllib.loads((ROOT / "data" / "labels.toml").read_text(encoding="utf-8"))
SOURCES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")}


def docstrings(tree):
    """Ids of the strings that say what something is: no use of a label."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def strings():
    """Every string in the code."""
    for tree in SOURCES.values():
        ignored = docstrings(tree)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in ignored
            ):
                yield node.value


def patterns():
    """Prefix and suffix of every formatted string with one blank, such as wb_{name}."""
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr):
                continue
            text = "".join(v.value if isinstance(v, ast.Constant) else "\0" for v in node.values)
            if text.count("\0") == 1 and re.fullmatch(r"\w*\0\w*", text) and text != "\0":
                yield tuple(text.split("\0"))


def called():
    """First argument of every label(...) that is written out, and its place."""
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "label"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                given = {k.arg for k in node.keywords}
                yield f"{path.name}:{node.lineno}", node.args[0].value, given


CALLS = list(called())


def test_calls_are_found():
    assert len(CALLS) > 50


@pytest.mark.parametrize(("place", "key", "given"), CALLS, ids=[f"{p} {k}" for p, k, _ in CALLS])
def test_every_text_that_is_asked_for_is_there_with_its_blanks(place, key, given):
    assert key in LABELS, place
    if None in given:  # ** passes what cannot be seen here
        return
    for text in LABELS[key].values():
        assert blanks(text) <= given, place


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", LABELS)
def test_every_text_stands_in_both_languages(key):
    entry = LABELS[key]
    assert set(entry) == {"en", "zh"}
    assert entry["en"].strip()
    assert entry["zh"].strip()
    assert blanks(entry["en"]) == blanks(entry["zh"])
    assert not re.search(r"[\u3000-\u9fff]", entry["en"])


def test_no_text_is_unused():
    words = set(strings())
    words |= {str(n) for n in range(10)} | set(sector_models.names())
    for name in scenario_names():
        words |= {c.replace(" ", "_") for c in load_scenario(name).demand}
    # Categories of the shipped table that have no driver.
    words |= {"inventories", "imports"}
    frames = set(patterns())
    unused = [
        key
        for key in LABELS
        if key not in words
        and not any(
            key.startswith(a) and key.endswith(b) and key[len(a) : len(key) - len(b)] in words
            for a, b in frames
            if len(key) > len(a) + len(b)
        )
    ]
    assert unused == []


def test_text_is_filled_in():
    assert label("span", "en", low=1, high=2) == "1 to 2"
    assert label("span", "zh", low=1, high=2) == "1 至 2"


def test_unknown_text_is_refused_with_the_nearest():
    with pytest.raises(LanguageError, match=r"'trasport'.*'transport'"):
        label("trasport")


@pytest.mark.parametrize("lang", ["fr", "EN", ""])
def test_unknown_language_is_refused(lang):
    with pytest.raises(LanguageError, match="en, zh"):
        check_language(lang)
