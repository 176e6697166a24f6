"""A scenario on the terminal: drivers and their marks, origins, bases, differences."""

import dataclasses
import io
import json

import pytest
from rich.console import Console

from handprint.compare import compare
from handprint.console_scenario import print_plausibility, print_scenario, scenario_record
from handprint.errors import ArgumentError, UnknownScenarioError
from handprint.inherited import differences, driver_groups, lineage, settings
from handprint.projection import adoption_path, driver_path
from handprint.scenario import load_scenario, scenario_names

OWN = """
base = "{base}"
name = "{name}"
[adoption.industry]
level = 0.3
low = 0.2
high = 0.4
status = "assumption"
source = "assumption"
note = "half of what is planned"
"""


def shown(function, *given, width=200, **options):
    out = io.StringIO()
    function(*given, console=Console(file=out, width=width), **options)
    return out.getvalue()


@pytest.fixture
def own(tmp_path):
    """A file that inherits from a file that inherits from a shipped scenario."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "below.toml").write_text(OWN.format(base="clean-grid", name="below"), "utf-8")
    path = tmp_path / "sub" / "own.toml"
    text = OWN.format(base="../below.toml", name="own")
    path.write_text(text.replace("[adoption.industry]", "end_year = 2028\n[adoption.industry]"))
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", scenario_names())
def test_every_shipped_scenario_is_shown_whole(name, lang):
    scenario = load_scenario(name)
    text = shown(print_scenario, name, lang)
    assert (scenario.title_zh if lang == "zh" else scenario.title) in text
    for base in lineage(name)[1:]:
        assert base.name in text
    for group, drivers in driver_groups(scenario).items():
        for key, driver in drivers.items():
            assert (group if group == key else f"{group}.{key}") in text
            for point in driver.points:
                assert f"{point.year}: {point.value:g}" in text
                assert point.source in text
    assert (scenario.description in text) == (lang == "en")
    assert ("judgement" in text) == (lang == "en")


def cells(text, name):
    """Numbers of the first row that starts with a name."""
    return next(line for line in text.splitlines() if line.startswith(f"  {name}  ")).split()[1:]


def test_interpolated_values_stand_in_brackets():
    text = shown(print_scenario, "current-policy")
    # Stated in the file: 2020, 2022, 2024 and 2030.
    path = driver_path(load_scenario("current-policy").activity["power"], range(2020, 2031))
    wanted = [
        f"{v:.2f}" if y in (2020, 2022, 2024, 2030) else f"({v:.2f})"
        for y, v in zip(range(2020, 2031), path.sel(estimate="central").values, strict=True)
    ]
    assert cells(text, "power") == wanted
    assert "(Brackets): interpolated" in text


def test_adoption_by_year_and_what_it_rests_on():
    text = shown(print_scenario, "current-policy")
    part = text.split("Share used of the digital potential left in 2020")[1]
    path = adoption_path(
        load_scenario("current-policy").adoption["industry"], 0.0, range(2020, 2031)
    )
    wanted = [f"{v:.0%}" for v in path.sel(estimate="central").values]
    assert cells(part, "industry") == wanted
    assert "adoption.industry = 0.55 (0.41 … 0.65), fastest in 2025" in part
    assert "derived: people_ii_2028" in part
    assert "credit, of that left in 2020: stays as it was" in part
    assert "left in 2020: stays as it was" in shown(print_scenario, "frozen-digitalisation")


def changes(name, **options):
    text = shown(print_scenario, name, notes=False, **options)
    lines = text.split("What differs from ")[1].split("\n\n")[0].splitlines()
    return lines[0], [line.strip() for line in lines[1:]]


def test_what_differs_from_the_base():
    base, lines = changes("high-rebound")
    assert base == "current-policy"
    assert lines == ["respend: 0.75 (0.5 … 1) → 1 (0.9 … 1)", "rebound_scale: new: 2 (1.5 … 3)"]
    assert changes("clean-grid")[1] == [
        "intensity.power.2030: 0.7544 (0.6491 … 0.8596) → 0.64 (0.55 … 0.71)"
    ]
    _, lines = changes("verticals")
    assert "activity.power.2030: gone: 1.7 (1.58 … 1.82)" in lines
    assert "adoption.steel: new: 0.55 (0.41 … 0.65)" in lines
    assert len([line for line in lines if line.startswith("activity.steel")]) == 1
    assert "What differs" not in shown(print_scenario, "frozen-digitalisation")


def test_a_new_point_of_a_known_driver_is_no_new_driver(tmp_path):
    driver = load_scenario("current-policy").activity["buildings"]
    points = [p.model_dump() for p in driver.points]
    points.insert(1, points[0] | {"year": 2022, "value": 1.1, "low": 1.0, "high": 1.2})
    points.insert(2, points[1] | {"year": 2023})
    written = ",\n".join(
        "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in p.items()) + "}" for p in points
    )
    path = tmp_path / "own.toml"
    path.write_text(
        f'base = "current-policy"\nname = "own"\n[activity.buildings]\npoints = [{written}]\n'
    )
    assert changes(path)[1] == [
        "activity.buildings.2022: new: 1.1 (1 … 1.2)",
        "activity.buildings.2023: new: 1.1 (1 … 1.2)",
    ]


def test_a_file_inherits_along_its_own_folder(own):
    assert [s.name for s in lineage(own)] == [
        "own", "below", "clean-grid", "current-policy", "frozen-digitalisation",
    ]  # fmt: skip
    base, lines = changes(own)
    assert (base, lines) == ("below", ["end_year: 2030 → 2028"])
    text = shown(print_scenario, own)
    assert "below → clean-grid → current-policy → frozen-digitalisation" in text


def test_overrides_and_observations_are_shown_with_their_origin(tmp_path):
    said = 'low = 0.2\nhigh = 0.4\nstatus = "assumption"\nsource = "assumption"\nnote = "a test"\n'
    path = tmp_path / "own.toml"
    path.write_text(
        'base = "current-policy"\nname = "own"\n'
        "[overrides.buildings.levers.hot_water_control.rebound]\nvalue = 0.3\n"
        f'units = "1"\nyear = 2020\n{said}'
        '[observations.survey]\ntitle = "Survey"\ntitle_zh = "调查"\nyear = 2025\n'
        f'value = 0.25\nunits = "1"\n{said}'
    )
    text = shown(print_scenario, path)
    place = "overrides.buildings.levers.hot_water_control.rebound"
    assert f"{place} = 0.3 (0.2 … 0.4) [1] · assumption: assumption" in text
    assert "observations.survey = 0.25 (0.2 … 0.4) [1] · assumption: assumption" in text
    assert f"{place}: new: 0.3 (0.2 … 0.4)" in changes(path)[1]
    assert "observations.survey: new: 0.25 (0.2 … 0.4)" in changes(path)[1]


def test_differences_are_settings_and_no_words():
    first, second = lineage("low-growth")[:2]
    found = differences(first, second)
    assert {d.place.split(".")[0] for d in found} == {"demand", "activity"}
    for change in found:
        assert settings(second)[change.place] == change.before
        assert settings(first)[change.place] == change.after
    assert differences(first, first) == []


def test_a_long_horizon_fits_beside_each_other():
    scenario = load_scenario("current-policy")
    driver = scenario.activity["power"]
    last = driver.points[-1].model_copy(update={"year": 2060})
    groups = {}
    for group in ("demand", "activity", "intensity"):
        longer = driver.model_copy(update={"points": (driver.points[0], last)})
        groups[group] = dict.fromkeys(getattr(scenario, group), longer)
    text = shown(print_scenario, scenario.model_copy(update={"end_year": 2060, **groups}))
    assert cells(text, "driver") == [str(y) for y in range(2020, 2061, 4)]
    assert cells(text, "power")[-1] == "1.70"


def test_record_for_other_programs():
    record = json.loads(json.dumps(scenario_record("green-ict"), allow_nan=False))
    assert record["inherits"] == ["current-policy", "frozen-digitalisation"]
    power = record["drivers"]["activity"]["power"]
    assert dict(zip(record["years"], power["origin"], strict=True))[2021] == "interpolated"
    assert power["central"][-1] == pytest.approx(1.7)
    assert record["drivers"]["ict_intensity"]["ict_intensity"]["central"][-1] == pytest.approx(0.55)
    assert record["adoption"]["industry"]["high"][-1] == pytest.approx(0.65)
    assert record["reference_adoption"] == {}
    assert {d["place"].split(".")[0] for d in record["differences"]} == {
        "ict_intensity",
        "ict_activity",
    }
    assert record["sources"]["people_ii_2028"]["title"]
    assert scenario_record("frozen-digitalisation")["differences"] == []


def test_what_cannot_be_shown(tmp_path):
    with pytest.raises(UnknownScenarioError, match=r"'lowgrowth'.*'low-growth'"):
        print_scenario("lowgrowth")
    path = tmp_path / "own.toml"
    path.write_text(OWN.format(base="curent-policy", name="own"), encoding="utf-8")
    with pytest.raises(UnknownScenarioError, match=r"'curent-policy'.*'current-policy'"):
        print_scenario(path)
    with pytest.raises(ArgumentError, match="needed a name, a path or a Scenario"):
        print_scenario(3)


def test_panel_lists_what_is_not_in_order(current, frozen):
    text = shown(print_plausibility, current)
    found = print_plausibility(current, console=Console(file=io.StringIO()))
    wrong = found[found["verdict"] != "ok"]
    assert all(line in text for line in wrong["explanation"])
    assert not any(line in text for line in found[found["verdict"] == "ok"]["explanation"])
    assert "current-policy" not in text
    assert shown(print_plausibility, current, every=True).count("\n") == len(found) + 2
    several = shown(print_plausibility, compare([frozen, current]), "zh")
    assert "警示 · current-policy · " in several
    assert "warning" not in several


def test_panel_says_when_all_is_in_order(current):
    """Half the adoption, and emissions that fall by a tenth a year: 4 x 5 + 3 + 4 x 2 checks."""
    top, falling = current.top_down, 1 - 0.1 * (current.ledger["year"] - 2020)
    totals = {name: top[name] * falling for name in ("total_before", "total_after_respending")}
    calm = dataclasses.replace(
        current,
        bottom_up=current.bottom_up.assign(adoption=current.bottom_up["adoption"] / 2),
        top_down=top.assign(totals),
    )
    text = shown(print_plausibility, calm)
    assert text.strip() == "Plausibility: all 31 checks are in order."
