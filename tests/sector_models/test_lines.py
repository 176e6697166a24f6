"""Lines of places in TOML: against the parser, on every shipped file and on awkward texts."""

import tomllib
from pathlib import Path

import pytest

import sector_models
from sector_models.lines import line_of, lines_of

ROOT = Path(sector_models.__file__).parents[1]
SHIPPED = sorted(p for pack in ("sector_models", "handprint", "io_tables")
                 for p in (ROOT / pack / "data").rglob("*.toml"))  # fmt: skip

AWKWARD = '''# [not.a.table]
plain = 1 # x = 2
"quoted.key" = "a # b = [c]"
dotted . 'key' = { inner = [1, 2.5, { deep = "}" }], more = true }
text = """
[fake]
fake = 1 \\"""
""" # end
literal = \'\'\'
[[fake]]
\'\'\'
when = 1979-05-27T07:32:00-08:00
big = 1_000_000
many = [
  # comment with ] and }
  "one", "two # no comment",

  [ "three",
    4 ],
]
[table."x y".z]
key = -inf
[[list]]
a = 1
[[list.inner]]
b = 2
[[list.inner]]
c = 3
[list.inner.deep]
d = 4
[[list]]
a = 5
'''


def places(value, above=""):
    """Every place of parsed TOML, written with dots."""
    if isinstance(value, dict):
        entries = value.items()
    else:
        entries = enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        place = f"{above}.{key}" if above else str(key)
        yield place
        yield from places(inner, place)


def expect_the_parser(text):
    found = lines_of(text)
    assert set(found) == set(places(tomllib.loads(text)))
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_every_place_of_shipped_files_is_found_on_a_line_that_names_it(path):
    text = path.read_text(encoding="utf-8")
    rows = text.split("\n")
    for place, line in expect_the_parser(text).items():
        key = place.rpartition(".")[2]
        assert key in rows[line - 1] or key.isdigit(), place


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_awkward_text(end):
    found = expect_the_parser(AWKWARD.replace("\n", end))
    assert found["plain"] == 2
    assert found["quoted.key"] == 3
    assert found["dotted.key.inner.2.deep"] == 4
    assert found["dotted.key.more"] == 4
    assert found["text"] == 5
    assert found["literal"] == 9
    assert found["when"] == 12
    assert found["many.1"] == 16
    assert found["many.2.1"] == 19
    assert found["table.x y"] == found["table.x y.z"] == 21
    assert found["table.x y.z.key"] == 22
    assert found["list"] == found["list.0"] == 23
    assert found["list.0.inner.1.c"] == 28
    assert found["list.0.inner.1.deep.d"] == 30
    assert found["list.1.a"] == 32


def test_empty_text_and_text_without_an_end_of_line():
    assert lines_of("") == {}
    assert lines_of("# nothing") == {}
    assert lines_of("a = [1,\n2]") == {"a": 1, "a.0": 1, "a.1": 2}
    assert lines_of("\ufeffa = 1") == {"a": 1}


def test_what_is_missing_is_looked_for_in_the_table_around_it():
    lines = lines_of("[a.b]\nc = 1\n")
    assert line_of("a.b.c.d.e", lines) == 2
    assert line_of("a.b.x", lines) == 1
    assert line_of("x.y", lines) is None
    assert line_of("", lines) is None
