"""The shipped data: every share, range, label and source key."""

import tomllib
from collections import defaultdict

import pytest

import io_tables
import sector_models
from handprint.bridge import _cells, bridge_of
from handprint.scenario import SHIPPED, load_scenario, scenario_names, sources

TABLE = io_tables.load("china-2020-cn24")
STATUS = {"published", "derived", "assumption"}


WHOLES = ("power", "industry", "transport", "buildings")
MODELS = {name: sector_models.load(name) for name in sector_models.names()}
PARTS = tuple(name for name in MODELS if name not in WHOLES)
CELLS = {name: tuple(_cells(name, model)) for name, model in MODELS.items()}
PLACED = [g for m in MODELS.values() for g in (*m.covers, *m.affected)]
PLACED += [g for m in MODELS.values() for case in m.use_cases.values() for g in case.affected]


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
    for group in PLACED:
        # What is partly assumed may be derived from it: then it cites more than the assumption.
        assert group.status != "assumption" or "assumption" in group.source, group
        assert group.status == "assumption" or group.source != ("assumption",), group


def test_places_in_the_table_say_why():
    assert all(group.note for group in PLACED)


@pytest.mark.parametrize("names", [WHOLES, PARTS], ids=["wholes", "parts"])
def test_models_fit_the_table(names):
    if not names:
        pytest.skip("no detailed sector models")
    bridge = bridge_of({name: MODELS[name] for name in names}, TABLE)
    left = bridge.boundary.sel(group="other").to_series()
    assert (left >= -1e-12).all()


@pytest.mark.parametrize("name", MODELS)
def test_no_cell_stands_twice(name):
    keys = [(c.lever, c.kind, c.row, c.purchaser) for c in CELLS[name]]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", MODELS)
def test_ict_shares_of_a_purchaser_sum_to_one(name):
    sums = defaultdict(float)
    for cell in CELLS[name]:
        if cell.kind == "ict":
            assert cell.row in ("ICM", "ICS"), cell
            sums[cell.lever, cell.purchaser] += cell.share
    assert sums
    assert all(total == pytest.approx(1, abs=1e-12) for total in sums.values())


def test_no_cell_is_saved_more_than_once_over():
    """Two models that save the same purchase of the same buyer share it: at most all of it."""
    sums = defaultdict(float)
    for cell in (cell for name in WHOLES for cell in CELLS[name]):
        if cell.kind in ("input", "demand"):
            sums[cell.row, cell.purchaser] += cell.share
    assert max(sums.values()) <= 1 + 1e-12


@pytest.mark.parametrize("name", MODELS)
def test_a_model_saves_on_site_only_where_its_emissions_are_counted(name):
    covered = {e for group in MODELS[name].covers for e in group.emitters}
    onsite = {c.purchaser for c in CELLS[name] if c.kind == "onsite"}
    assert onsite <= covered
    if name in WHOLES:
        assert covered - {"households"} == onsite


def test_every_source_is_cited_or_about_the_method():
    texts = [(SHIPPED / f"{n}.toml").read_text(encoding="utf-8") for n in scenario_names()]
    yardsticks = ("national_targets.toml", "adoption_history.toml")
    texts += [(SHIPPED.parent / name).read_text(encoding="utf-8") for name in yardsticks]
    cited = "\n".join(texts)
    background = {"caict_2021", "caict_2023", "chamon_prasad_2008"}
    assert {key for key in sources() if key not in cited} <= background


def test_shipped_files_state_no_key_twice():
    for name in scenario_names():
        tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
        assert load_scenario(name).name == name
