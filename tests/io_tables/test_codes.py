"""Codes of findings: all registered, in both languages, and the page about them current."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from io_tables import errors
from io_tables.check_page import END, START, page
from io_tables.wording import codes, words

ROOT = Path(__file__).parents[2]
CALLS = {"Finding": 5, "bad_cell": 2, "_label_error": 3}  # function -> position of the code


def used() -> dict[str, str]:
    """Codes that the package writes, with a file that does."""
    found = {}
    for path in sorted((ROOT / "io_tables").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            at = CALLS.get(node.func.id)
            if at is None:
                continue
            given = [k.value for k in node.keywords if k.arg == "code"] + node.args[at : at + 1]
            for value in (
                v for g in given if not isinstance(g, ast.JoinedStr) for v in ast.walk(g)
            ):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found[value.value] = path.name
    return found


def test_every_code_is_registered():
    assert len(used()) > 40
    assert {code: file for code, file in used().items() if code not in codes()} == {}


def test_codes_of_error_classes_are_registered():
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    assert {c.code for c in classes if issubclass(c, errors.TableError)} <= set(codes())


@pytest.mark.parametrize("name", codes())
def test_every_code_has_texts_in_both_languages(name):
    code = codes()[name]
    assert code.level in ("error", "warning", "info")
    assert code.stops in ("", "reading", "engine")
    assert (code.level == "error") == bool(code.stops)
    for field in ("title", "meaning", "fix"):
        assert code.text(field, "en").isascii()
        assert any("一" <= c <= "鿿" for c in code.text(field, "zh"))
    assert not code.error or issubclass(getattr(errors, code.error), errors.TableError)


def test_words_are_the_same_in_both_languages():
    assert words("en").keys() == words("zh").keys()


def test_the_page_is_current():
    text = (ROOT / "docs" / "tables" / "checks.md").read_text(encoding="utf-8")
    written = text[text.index(START) : text.index(END) + len(END)]
    assert written == page(), "run python -m io_tables.check_page docs/tables/checks.md"
