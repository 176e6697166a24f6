"""Differences of runs over draws that they share."""

import numpy as np
import pytest

from handprint import run
from handprint.compare import compare
from handprint.errors import ScenarioError
from handprint.paired import difference_quantile_table, difference_quantiles
from handprint.pipeline import central_run
from handprint.uncertainty import Plan, monte_carlo

END = {"sector": "total", "year": 2030}


@pytest.fixture(scope="module")
def pair():
    return [run(name, draws=300, seed=5) for name in ("current-policy", "accelerated")]


@pytest.fixture(scope="module")
def found(pair):
    return difference_quantiles(compare(pair))


def test_quantiles_are_those_of_the_difference_draw_by_draw(found):
    draws = [
        monte_carlo(central_run(name).model(), Plan(300, 5)).sectors["NER"].sel(END)
        for name in ("current-policy", "accelerated")
    ]
    gap = np.sort((draws[1] - draws[0]).values)
    mine = found["NER"].sel(END).sel(scenario="accelerated")
    np.testing.assert_allclose(mine, np.quantile(gap, mine["quantile"]), rtol=1e-12)
    share = float(found["higher"].sel(END).sel(scenario="accelerated"))
    assert 0.9 < share <= 1
    assert found.attrs == {"baseline": "current-policy", "draws": 300, "seed": 5}


def test_common_random_numbers_narrow_the_range(pair, found):
    other = run("accelerated", draws=300, seed=6)
    spans = [
        float(np.diff(r.quantiles["NER"].sel(END).sel(quantile=[0.05, 0.95]))[0])
        for r in (pair[0], other)
    ]
    ours = float(np.diff(found["NER"].sel(END).sel(quantile=[0.05, 0.95]))[0, 0])
    assert ours < 0.6 * np.hypot(*spans)  # what independent draws would give


def test_nothing_changes_in_the_base_year(found):
    start = found.sel(year=2020)
    assert (
        float(abs(start[["enabled", "footprint", "NER", "NER_star"]]).max().to_array().max()) == 0
    )
    assert float(start["higher"].max()) == 0


def test_tidy_table(found):
    frame = difference_quantile_table(found)
    row = frame.query(
        "sector == 'total' and year == 2030 and quantity == 'NER' and estimate == 'p50'"
    )
    assert row["value"].item() == pytest.approx(
        float(found["NER"].sel(END).sel(scenario="accelerated", quantile=0.5))
    )
    assert set(frame["unit"]) == {"Mt CO2", "1"}
    assert set(frame["baseline"]) == {"current-policy"}


def test_runs_that_share_no_draws_are_refused(pair):
    with pytest.raises(ScenarioError, match="without draws"):
        difference_quantiles(compare([run("current-policy"), run("accelerated")]))
    other = run("accelerated", draws=300, seed=6)
    with pytest.raises(ScenarioError, match="would be noise; give all runs one seed"):
        difference_quantiles(compare([pair[0], other]))


def test_draws_that_are_not_those_of_the_run_are_refused(pair):
    zero, one = pair
    moved = one.quantiles.copy(deep=True)
    moved["NER_star"] = moved["NER_star"] + 1
    changed = one.__class__(**{**vars(one), "quantiles": moved})
    with pytest.raises(ScenarioError, match="made again are not those"):
        difference_quantiles(compare([zero, changed]))
