"""Why two runs differ, and their differences draw by draw: runs and arguments that do not fit."""

import dataclasses

import pytest

import io_tables
from handprint.compare import compare
from handprint.errors import ArgumentError, OptionError, ScenarioError
from handprint.paired import difference_quantiles
from handprint.pipeline import run
from handprint.sensitivity import sensitivity
from handprint.uncertainty import Plan
from handprint.why import lever_ranking, why


@pytest.fixture(scope="module")
def dirty(short):
    """Two runs with a table of the user's own, which emits half as much again."""
    table = io_tables.load("china-2020-cn24")
    more = {**table.satellites, "CO2": 1.5 * table.satellites["CO2"]}
    more["CO2"].attrs = table.satellites["CO2"].attrs
    own = dataclasses.replace(table, satellites=more, name="mine-2020")
    less = short.model_copy(update={"adoption": {"power": short.adoption["power"]}})
    return own, run(less, table=own), run(short, table=own)


def test_effects_are_those_on_the_table_of_the_runs(dirty):
    own, zero, one = dirty
    frame = why(zero, one, table=own)
    assert "sector files, table data and versions" not in set(frame["input"])
    assert frame["effect"].sum() == pytest.approx(frame.attrs["difference"], rel=1e-9)
    with pytest.raises(ScenarioError, match="give the table of the run as table="):
        why(zero, one)
    with pytest.raises(ScenarioError, match="was made with table mine-2020"):
        why(zero, one, table=io_tables.load("china-2020-cn24"))


def test_content_of_a_table_that_has_changed_is_named(short_run):
    old = dataclasses.replace(short_run.record, table_hash="0" * 64)
    frame = why(dataclasses.replace(short_run, record=old), short_run)
    assert frame["input"].tolist() == ["sector files, table data and versions"]
    assert "000000000000 then" in frame["note"].iloc[0]


@pytest.mark.parametrize("wrong", ["current-policy", None, 3])
def test_what_is_no_run_is_refused(wrong, short_run):
    for call in (lambda: why(wrong, short_run), lambda: lever_ranking(wrong)):
        with pytest.raises(ArgumentError, match=r"results of a run \(handprint.run"):
            call()
    with pytest.raises(ArgumentError, match=r"outcome of handprint.compare"):
        difference_quantiles(wrong)


def test_plans_that_nothing_can_be_drawn_with_are_refused(short, short_run):
    for change in ({"draws": 1}, {"draws": True}, {"seed": -1}, {"workers": 0}, {"chunk": 0}):
        ((name, _),) = change.items()
        with pytest.raises(OptionError, match=f"{name} is .*give a whole number from"):
            Plan(**({"draws": 4, "seed": 1} | change))
    with pytest.raises(OptionError, match="seed is -1"):
        lever_ranking(short_run, draws=4, seed=-1)
    with pytest.raises(ArgumentError, match="draws is '4'"):
        lever_ranking(short_run, draws="4")
    with pytest.raises(OptionError, match="seed is -1"):
        sensitivity(short, draws=4, seed=-1)


def test_a_difference_needs_a_worker(short):
    other = short.model_copy(update={"name": "other"})
    runs = compare([run(s, draws=4, seed=1) for s in (short, other)])
    with pytest.raises(OptionError, match="workers is 0"):
        difference_quantiles(runs, workers=0)
