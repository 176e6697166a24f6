"""The shipped data: every share, range, label and source key."""

import csv
import tomllib
from collections import defaultdict
from importlib import resources

import pytest

import io_tables
import sector_models
from handprint.scenario import SHIPPED, load_scenario, scenario_names, sources

DATA = resources.files("handprint") / "data"
TABLE = io_tables.load("china-2020-cn24")
STATUS = {"published", "derived", "assumption"}


def rows(name):
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


BRIDGE, BOUNDARY = rows("bridge.csv"), rows("boundary.csv")


def points():
    """Every stated point of every shipped scenario, inherited ones included."""
    for name in scenario_names():
        scenario = load_scenario(name)
        for group in ("demand", "activity", "intensity"):
            for key, driver in getattr(scenario, group).items():
                for point in driver.points:
                    yield f"{name} {group}.{key} {point.year}", point


POINTS = dict(points())


@pytest.mark.parametrize("place", POINTS)
def test_points_are_ordered_and_sourced(place):
    point = POINTS[place]
    assert 0 < point.low <= point.value <= point.high
    assert point.source in sources()
    assert point.status in STATUS
    assert point.note


@pytest.mark.parametrize("name", scenario_names())
def test_goals_are_ordered_and_sourced(name):
    scenario = load_scenario(name)
    goals = [*scenario.adoption.values(), *scenario.reference_adoption.values()]
    for goal in goals:
        assert 0 <= goal.low <= goal.level <= goal.high <= 1
    for record in (*goals, scenario.respend, scenario.top_down_error):
        assert record.source in sources()
        assert record.note
    assert scenario.title
    assert scenario.title_zh
    assert set(scenario.demand) <= set(TABLE.categories)


def test_an_assumption_says_so():
    """What cites no one is an assumption, and the reverse."""
    for place, point in POINTS.items():
        assert (point.status == "assumption") == (point.source == "assumption"), place
    for row in (*BRIDGE, *BOUNDARY):
        assert (row["status"] == "assumption") == (row["source"] == "assumption"), row


@pytest.mark.parametrize("name", ["bridge.csv", "boundary.csv"])
def test_rows_are_complete_and_sourced(name):
    for row in rows(name):
        assert row["source"] in sources(), row
        assert row["status"] in STATUS, row
        assert 0 < float(row["share"]) <= 1, row
        assert row["note"], row


def test_bridge_speaks_of_the_sectors_and_categories_of_the_table():
    for row in BRIDGE:
        assert row["model"] in sector_models.names(), row
        assert row["kind"] in ("onsite", "input", "demand", "ict"), row
        if row["kind"] == "demand":
            assert row["purchaser"] in TABLE.categories, row
        else:
            assert row["purchaser"] in TABLE.sectors, row
        assert (row["row"] in TABLE.sectors) == (row["kind"] != "onsite"), row
        if row["kind"] == "ict":
            assert row["row"] in ("ICM", "ICS"), row


def test_bridge_names_levers_of_the_models():
    for row in BRIDGE:
        assert row["lever"] == "*" or row["lever"] in sector_models.load(row["model"]).use_cases


def test_no_cell_stands_twice():
    keys = [(r["model"], r["lever"], r["kind"], r["row"], r["purchaser"]) for r in BRIDGE]
    assert len(set(keys)) == len(keys)


def test_ict_shares_of_a_purchaser_sum_to_one():
    sums = defaultdict(float)
    for row in BRIDGE:
        if row["kind"] == "ict":
            sums[row["model"], row["purchaser"]] += float(row["share"])
    assert {model for model, _ in sums} == set(sector_models.names())
    assert all(total == pytest.approx(1, abs=1e-12) for total in sums.values())


def test_no_cell_is_saved_more_than_once_over():
    """Two models that save the same purchase of the same buyer share it: at most all of it."""
    sums = defaultdict(float)
    for row in BRIDGE:
        if row["kind"] in ("input", "demand"):
            sums[row["row"], row["purchaser"]] += float(row["share"])
    assert max(sums.values()) <= 1 + 1e-12


def test_boundary_covers_every_emitter_once_over():
    sums = defaultdict(float)
    for row in BOUNDARY:
        sums[row["emitter"]] += float(row["share"])
        assert row["model"] in (*sector_models.names(), "other"), row
    assert set(sums) == {*TABLE.sectors, "households"}
    assert all(total == pytest.approx(1, abs=1e-12) for total in sums.values())


def test_bridge_and_boundary_agree_on_whose_fuel_is_saved():
    """A model saves on site only where its emissions are counted."""
    inside = {(r["model"], r["emitter"]) for r in BOUNDARY}
    onsite = {(r["model"], r["purchaser"]) for r in BRIDGE if r["kind"] == "onsite"}
    assert onsite <= inside
    covered = {(m, e) for m, e in inside if m != "other" and e != "households"}
    assert covered == onsite


def test_every_source_is_cited_or_about_the_method():
    texts = [(DATA / n).read_text(encoding="utf-8") for n in ("bridge.csv", "boundary.csv")]
    texts += [(SHIPPED / f"{n}.toml").read_text(encoding="utf-8") for n in scenario_names()]
    cited = "\n".join(texts)
    background = {"caict_2021", "caict_2023", "chamon_prasad_2008"}
    assert {key for key in sources() if key not in cited} <= background


def test_shipped_files_state_no_key_twice():
    for name in scenario_names():
        tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
        assert load_scenario(name).name == name
