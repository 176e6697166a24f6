"""Runs side by side: differences, sums over years, and what cannot be compared."""

import dataclasses

import numpy as np
import pytest

from handprint.compare import compare
from handprint.errors import ScenarioError
from handprint.results import COLUMNS


@pytest.fixture(scope="module")
def three(frozen, current, accelerated):
    return compare([frozen, current, accelerated])


def test_levels_are_those_of_the_runs(three, frozen, current, accelerated):
    assert three.scenarios == ["frozen-digitalisation", "current-policy", "accelerated"]
    for results in (frozen, current, accelerated):
        mine = three.levels.sel(scenario=results.scenario.name, drop=True)
        for name, array in results.indicators.data_vars.items():
            np.testing.assert_array_equal(mine[name], array.transpose(*mine[name].dims))
            assert three.levels[name].attrs["units"] == array.attrs["units"]


def test_difference_is_level_less_baseline_corner_by_corner(current, accelerated):
    found = compare([current, accelerated], baseline="accelerated")
    assert found.scenarios == ["accelerated", "current-policy"]
    for name in ("NER", "NER_star", "enabled", "footprint"):
        np.testing.assert_array_equal(found.difference[name].sel(scenario="accelerated"), 0)
        for estimate in ("low", "central", "high"):
            a, b = (
                float(r.indicators[name].sel(sector="total", year=2030, estimate=estimate))
                for r in (current, accelerated)
            )
            cell = found.difference[name].sel(
                scenario="current-policy", sector="total", year=2030, estimate=estimate
            )
            assert float(cell) == a - b
            assert cell.attrs["long_name"] == "difference from accelerated"


def test_sums_run_from_the_year_after_the_base_year(three, current):
    array = current.indicators["NER"].sel(sector="power", estimate="high")
    by_hand = sum(float(array.sel(year=year)) for year in range(2021, 2031))
    found = three.cumulative["NER"].sel(scenario="current-policy", sector="power", estimate="high")
    assert float(found) == pytest.approx(by_hand, rel=1e-12)
    # The base year is left out: the reference is not zero there.
    reference = current.indicators["reference"].sel(sector="total", estimate="central")
    found = three.cumulative["reference"].sel(
        scenario="current-policy", sector="total", estimate="central"
    )
    assert float(found) == pytest.approx(float(reference.values[1:].sum()), rel=1e-12)
    assert three.cumulative["NER"].attrs["long_name"] == "sum over 2021-2030"
    assert not {"EI", "VEI_gross"} & set(three.cumulative.data_vars)


def test_summary_is_that_of_all_runs(three, frozen, current):
    table = three.summary()
    assert list(table.columns) == COLUMNS
    assert len(table) == sum(len(r.summary()) for r in three.results)
    assert not table.duplicated(COLUMNS[:5]).any()


def renamed(results, name, **record):
    scenario = results.scenario.model_copy(update={"name": name})
    return dataclasses.replace(
        results, scenario=scenario, record=dataclasses.replace(results.record, **record)
    )


def test_one_run_is_no_comparison(current):
    with pytest.raises(ScenarioError, match="two runs or more, given 1"):
        compare([current])


def test_one_name_stands_once(current):
    with pytest.raises(ScenarioError, match="'current-policy' is given twice"):
        compare([current, current])


def test_baseline_is_one_of_them(current, frozen):
    with pytest.raises(ScenarioError, match=r"'acelerated'.*"):
        compare([current, frozen], baseline="acelerated")


DIFFERENT = {
    "table": lambda r: renamed(r, "other", table_hash="0" * 64),
    "sector files": lambda r: renamed(r, "other", sector_hashes={"power": "0"}),
    "years": lambda r: dataclasses.replace(
        r, scenario=r.scenario.model_copy(update={"name": "other", "end_year": 2029})
    ),
    "sectors": lambda r: dataclasses.replace(
        r, scenario=r.scenario.model_copy(update={"name": "other", "sectors": ("power",)})
    ),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_runs_on_other_ground_are_refused(what, current):
    with pytest.raises(ScenarioError, match=rf"differ in more than the scenario: {what} of other"):
        compare([current, DIFFERENT[what](current)])
