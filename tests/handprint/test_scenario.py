"""Scenario files: what they inherit, and every way in which they can be wrong."""

import tomllib

import pytest

from handprint.errors import HandprintError, ScenarioError, UnknownScenarioError
from handprint.scenario import SHIPPED, load_scenario, scenario_names, sources

HEAD = 'base = "current-policy"\nname = "mine"\n'
POINT = '{{ year = {}, value = {}, low = {}, high = {}, status = "assumption", source = "{}" }}'


@pytest.fixture
def written(tmp_path):
    """Write a scenario file, text or bytes."""

    def write(text, name="mine.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def points(*rows, key="[demand.exports]"):
    """One driver with points (year, value, low, high, source)."""
    return f"{key}\npoints = [{', '.join(POINT.format(*row) for row in rows)}]\n"


START, END = (2020, 1, 1, 1, "definition"), (2030, 2, 1.5, 2.5, "assumption")


def test_only_what_a_file_states_differs_from_its_base(written):
    base = load_scenario("current-policy").model_dump()
    mine = load_scenario(written(HEAD + "[adoption.power]\nlevel = 0.6\n")).model_dump()
    differing = {key for key in base if base[key] != mine[key]}
    assert differing == {"name", "title", "title_zh", "description", "base", "adoption"}
    changed = {"level": 0.6, "status": "assumption", "source": "assumption"}
    assert mine["adoption"] == base["adoption"] | {
        "power": base["adoption"]["power"] | changed | {"note": "set by the scenario"}
    }


def test_a_replaced_number_does_not_keep_its_origin(written):
    mine = load_scenario(written(HEAD + "[adoption.industry]\nlevel = 0.6\n"))
    goal = mine.adoption["industry"]
    assert (goal.status, goal.source) == ("assumption", "assumption")
    assert load_scenario("current-policy").adoption["industry"].status == "derived"


def test_points_replace_those_of_the_base(written):
    mine = load_scenario(written(HEAD + points(START, END)))
    assert [p.year for p in mine.demand["exports"].points] == [2020, 2030]
    assert mine.demand["exports"].title == "Exports"


def test_inherits_from_a_file_beside_it(written, tmp_path, monkeypatch):
    written(HEAD + "[respend]\nvalue = 0.6\n", "parents/first.toml")
    child = written('base = "../parents/first.toml"\nname = "child"\n', "children/child.toml")
    monkeypatch.chdir(tmp_path)
    for path in (child, "children/child.toml"):
        scenario = load_scenario(path)
        assert (scenario.name, scenario.respend.value) == ("child", 0.6)
        assert scenario.adoption == load_scenario("current-policy").adoption


def test_hash_covers_what_is_inherited(written):
    first = load_scenario(written(HEAD))
    assert first.content_hash == load_scenario(written(HEAD)).content_hash
    parent = written(HEAD.replace("mine", "parent") + "[respend]\nvalue = 0.6\n", "parent.toml")
    child = load_scenario(written(f'base = "{parent.name}"\nname = "mine"\n', "child.toml"))
    same_base = child.model_copy(update={"base": first.base})
    assert same_base.content_hash != first.content_hash


def test_loaded_scenario_passes_through(short):
    assert load_scenario(short) is short


def test_shipped_scenarios_state_only_differences():
    top = [n for n in scenario_names() if "base" not in tomllib.loads(text_of(n))]
    assert top == ["frozen-digitalisation"]
    for name in set(scenario_names()) - set(top):
        own, parent = tomllib.loads(text_of(name)), load_scenario(text_base(name)).model_dump()
        assert not [k for k in own if k != "adoption" and own[k] == parent.get(k)]


def text_of(name):
    return (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")


def text_base(name):
    return tomllib.loads(text_of(name))["base"]


OBSERVED = (
    "[observations.a]\ntitle = 'x'\ntitle_zh = 'x'\nyear = 2025\nvalue = {}\nlow = {}\nhigh = {}\n"
    "units = '{}'\nof = {}\nstatus = 'assumption'\nsource = 'assumption'"
)

# Text below HEAD, and what the message must say: the place, what is wrong, what would be right.
WRONG = {
    "unknown key": ("tabel = 1", ["tabel: unknown key", "'table'"]),
    "unknown key of a goal": (
        "[adoption.power]\nlevle = 0.5",
        ["adoption.power.levle: unknown key", "'level'"],
    ),
    "unknown key of a driver": (
        "[activity.power]\ntilte = 'x'",
        ["activity.power.tilte: unknown key", "'title'"],
    ),
    "unknown key of a point": (
        points(START, END).replace("status", "stauts", 1),
        ["demand.exports.points.0.stauts: unknown key", "'status'"],
    ),
    "unknown sector model": (
        "[adoption.indutry]\nlevel = 0.5\nlow = 0.4\nhigh = 0.6\nstatus = 'assumption'\n"
        "source = 'assumption'",
        ["adoption.indutry: unknown sector model", "'industry'"],
    ),
    "percent": ("[respend]\nhigh = 75", ["respend.high", "a share is written 0.1, not 75"]),
    "adoption over one": ("[adoption.power]\nhigh = 1.2", ["adoption.power.high", "1.2"]),
    "adoption not a number": ("[adoption.power]\nlevel = nan", ["adoption.power"]),
    "low above high": ("[adoption.power]\nlow = 0.8", ["adoption.power", "low 0.8", "0.7"]),
    "low above value of a point": (
        points(START, (2030, 2, 2.1, 2.5, "assumption")),
        ["demand.exports.points.1", "low 2.1 <= value 2.0"],
    ),
    "years out of order": (
        points(START, END, (2025, 1.5, 1.5, 1.5, "assumption")),
        ["demand.exports", "years must rise", "2020, 2030, 2025"],
    ),
    "year repeated": (points(START, END, END), ["demand.exports", "years must rise"]),
    "end year without a value": (
        points(START, (2029, 2, 2, 2, "assumption")),
        ["demand.exports: ends in 2029, needed to 2030"],
    ),
    "base year without a value": (
        points((2021, 1, 1, 1, "assumption"), END),
        ["demand.exports: must start with value 1 in 2020", "2021"],
    ),
    "start is not one": (
        points((2020, 1.5, 1.5, 1.5, "assumption"), END),
        ["demand.exports: must start with value 1 in 2020", "1.5"],
    ),
    "zero in a driver": (
        points(START, (2030, 1, 0, 1, "assumption")),
        ["demand.exports", "above zero"],
    ),
    "infinite value": (
        points(START, (2030, "inf", 1, "inf", "assumption")),
        ["demand.exports.points.1"],
    ),
    "true for a number": (
        "[adoption.power]\nlevel = true\nhigh = true",
        ["adoption.power.level: needed a number, given True"],
    ),
    "a number in quotes": (
        "[respend]\nvalue = '0.7'",
        ["respend.value: needed a number, given '0.7'"],
    ),
    "a year in quotes": ("end_year = '2025'", ["end_year: needed a whole number, given '2025'"]),
    "percent as the unit of a share": ("[respend]\nunits = '%'", ["respend.units", "'1'"]),
    "a share of no year": ("[respend]\nyear = 20", ["respend.year", "given 20"]),
    "a range in the base year": (
        points((2020, 1, 0.5, 2, "assumption"), END),
        ["demand.exports: low and high must be 1 in 2020", "given 0.5 and 2"],
    ),
    "no error of the table": (
        "[top_down_error]\nvalue = 0\nlow = 0",
        ["top_down_error.value: is 0", "state the error"],
    ),
    "ICT twice": ("ict = ['ICM', 'ICM']", ["ict: 'ICM' stands there twice"]),
    "observed in percent": (
        OBSERVED.format(12, 10, 14, 1, "['power']"),
        ["observations.a: 10 is no share", "write 0.1"],
    ),
    "observed twice": (
        OBSERVED.format(0.1, 0.05, 0.14, 1, "['power', 'power']"),
        ["observations.a.of: 'power' stands there twice"],
    ),
    "a shipped source": (
        "[sources.assumption]\ntitle = 'x'\ntitle_zh = 'x'\npublisher = 'x'\nyear = 2020\n"
        "place = 'x'",
        ["sources.assumption: is the key of a shipped source", "another key"],
    ),
    "base is no name": (b'base = 3\nname = "mine"\n', ["base is 3", "name of a scenario"]),
    "no points": ("[demand.exports]\npoints = []", ["demand.exports.points"]),
    "missing sector": ('sectors = ["power", "homes"]', ["activity.homes: missing"]),
    "unknown source": (
        points(START, (2030, 2, 1.5, 2.5, "asumption")),
        ["demand.exports.points.1: source 'asumption' has no entry", "'assumption'"],
    ),
    "unknown source of a goal": (
        "[adoption.power]\nsource = 'x'",
        ["adoption.power: source 'x' has no entry"],
    ),
    "text for a number": ("[adoption.power]\nlevel = 'high'", ["adoption.power.level"]),
    "years the wrong way round": ("end_year = 2019", ["end_year 2019 is not after base_year 2020"]),
    "midpoint far away": ("[adoption.power]\nmidpoint = 26", ["adoption.power.midpoint"]),
    "no such imports": ("imports = 'none'", ["imports", "domestic"]),
    "name is a folder": (HEAD.replace("mine", "..").splitlines()[1], ["name"]),
    "not TOML": ("[adoption", ["not valid TOML"]),
    "key twice": ("end_year = 2025\nend_year = 2026", ["not valid TOML", "line 4"]),
    "nested without end": ("x = " + "[" * 100_000, ["nested too deeply"]),
    "not UTF-8": ("title = '数字化'".encode("gb18030"), ["not UTF-8", "save it as UTF-8"]),
    "of itself": (b'base = "mine.toml"\nname = "mine"\n', ["inherits from itself", "mine.toml"]),
    "of no one": (
        b'base = "curent-policy"\nname = "mine"\n',
        ["curent-policy", "'current-policy'"],
    ),
    "nothing stated": (
        b'name = "mine"\n',
        ["table: missing", "demand: missing", "respend: missing"],
    ),
    "empty": (b"", ["name: missing"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_refused_with_the_place(case, written):
    text, said = WRONG[case]
    if case == "name is a folder":
        text = f'base = "current-policy"\n{text}\n'.encode()
    path = written(text if isinstance(text, bytes) else f"{HEAD}{text}\n")
    kind = UnknownScenarioError if case == "of no one" else ScenarioError
    with pytest.raises(HandprintError) as error:
        load_scenario(path)
    assert isinstance(error.value, kind)
    for part in said:
        assert part in str(error.value)
    if kind is ScenarioError:
        assert str(error.value).startswith(str(path))


def test_all_problems_are_in_one_report(written):
    text = (
        "tabel = 1\n[respend]\nhigh = 75\nsource = 'hearsay'\n[adoption.power]\nlow = 0.9\n"
        + points(START, END, END)
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(written(HEAD + text))
    lines = str(error.value).splitlines()
    assert lines[0].endswith("5 problem(s)")
    assert len(lines) == 6
    for place in (
        "tabel:",
        "respend.high:",
        "respend: source",
        "adoption.power:",
        "demand.exports:",
    ):
        assert sum(line.startswith(f"  - {place}") for line in lines) == 1


def test_rules_between_entries_are_reported_line_by_line(written):
    text = "end_year = 2019\n" + points((2021, 1, 1, 1, "assumption"), END)
    with pytest.raises(ScenarioError) as error:
        load_scenario(written(HEAD + text))
    first, *lines = str(error.value).splitlines()
    assert first.endswith("2 problem(s)")
    assert [line.split(":")[0] for line in lines] == [
        "  - end_year 2019 is not after base_year 2020",
        "  - demand.exports",
    ]


def test_what_does_not_fit_together_is_found_beside_wrong_entries(written):
    text = "end_year = 2019\n[adoption.powr]\nlevel = 45\n[respend]\nhigh = 75\n" + points(
        (2021, 1, 1, 1, "assumption"), END
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(written(HEAD + text))
    said = str(error.value)
    for part in (
        "end_year 2019 is not after",
        "adoption.powr: unknown sector model; did you mean 'power'?",
        "adoption.powr.level:",
        "respend.high:",
        "demand.exports: must start with value 1 in 2020",
    ):
        assert said.count(part) == 1, part


def test_only_shares_are_hinted_to_be_no_percentages(written):
    scale = "[rebound_scale]\nvalue = 1\nlow = 1\nhigh = 12\nstatus = 'assumption'\n"
    with pytest.raises(ScenarioError, match=r"rebound_scale\.high") as error:
        load_scenario(written(HEAD + scale + "source = 'assumption'\n"))
    assert "is written" not in str(error.value)


def test_circle_over_several_files_is_refused(written):
    first = written('base = "b/b.toml"\n', "a.toml")
    written('base = "./c.toml"\n', "b/b.toml")
    written('base = "../b/../a.toml"\n', "b/c.toml")
    with pytest.raises(ScenarioError, match="inherits from itself"):
        load_scenario(first)


@pytest.mark.parametrize("name", ["curent-policy", "nowhere/mine.toml", ""])
def test_missing_file_is_refused_with_the_nearest_name(name):
    with pytest.raises(UnknownScenarioError, match="current-policy"):
        load_scenario(name)


def test_sources_say_who_and_when():
    for key, entry in sources().items():
        assert entry["title"], key
        assert entry["publisher"], key
        assert 1990 <= entry["year"] <= 2100, key
