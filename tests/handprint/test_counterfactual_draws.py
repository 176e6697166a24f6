"""Draws of a counterfactual: what is refused, ties that hold in each, and hard cases."""

import numpy as np
import pytest
import xarray as xr

import io_tables
from handprint.counterfactual import Intervention, counterfactual
from handprint.draws import central_values, counterfactuals
from handprint.errors import InterventionError, NotProductiveError

SECTORS = ["power", "coal", "industry", "software"]
CATEGORIES = ["rural households", "urban households", "fixed capital", "imports"]
Z = np.array([[20.0, 60, 10, 20], [30, 200, 50, 60], [5, 30, 40, 25], [15, 60, 30, 50]])
Y = np.array([[10, 30, 20, -20.0], [40, 80, 60, -20], [20, 30, 30, -10], [75, 100, 50, 0]])


def table():
    return io_tables.from_arrays(
        Z,
        Y,
        sectors=SECTORS,
        categories=CATEGORIES,
        satellites={"CO2": ([450.0, 50, 250, 10], "Mt")},
        units="10^4 CNY",
        price_basis="current",
        source="test",
        scope="direct",
    )


def kiln(**options):
    return Intervention("industry", 0.5, **{"saving": {"power": 0.1, "coal": 0.2}, **options})


def refused(words, call, *args, error=InterventionError, **options):
    with pytest.raises(error) as caught:
        call(*args, **options)
    for part in words:
        assert part in str(caught.value), str(caught.value)


def test_all_problems_of_draws_are_reported_together():
    draws = {
        "penetratoin": [0.5],
        "penetration": np.full((3, 1), 1.5),
        "onsite": np.zeros((2, 1)),
        "rebound": xr.DataArray([[0.1]], dims=("draw", "who")),
        "saving": xr.DataArray(
            np.zeros((3, 1, 1)), dims=("draw", "intervention", "input"),
            coords={"input": ["powr"], "intervention": ["industry"]},
        ),
        "ict_input": np.zeros((3, 1, 2)),
        "respend": ["much", 0, 0],
    }  # fmt: skip
    words = [
        "no parameter 'penetratoin', did you mean 'penetration'",
        "penetration: 3 values outside 0 to 1, first 1.5 at draw 0, 'industry'",
        "onsite has 2 draws, penetration has 3",
        "rebound has dims",
        "saving: no sector 'powr', did you mean 'power'",
        "ict_input: 2 inputs without labels, the table has 4",
        "'much' is not a number",
    ]
    refused(words, counterfactuals, table(), [kiln()], draws)


@pytest.mark.parametrize(
    ("draws", "words"),
    [
        ({}, ["no array has a dim 'draw'"]),
        ({"respend": np.zeros(0)}, ["none given"]),
        ({"onsite": np.zeros((2, 3))}, ["3 interventions, needed 1"]),
        ({"onsite": np.zeros(2)}, ["1 dims"]),
        (xr.Dataset({"onsite": (("draw", "intervention"), [[0.1]])},
                    coords={"intervention": ["industri"]}),
         ["missing 'industry'", "unknown 'industri'"]),
        ({"ict_input": np.full((2, 1, 4), 0.01)}, ["not among ict ['software']"]),
    ],
)  # fmt: skip
def test_wrong_draws_are_refused(draws, words):
    refused(words, counterfactuals, table(), [kiln()], draws, ict=["software"])


def test_draws_that_contradict_a_tie_are_refused():
    one = kiln(fuel_rows=["coal"])
    draws = {"onsite": np.array([[0.2], [0.3]])}
    words = ["contradicts its fuel rows in 1 draws, first draw 1"]
    refused(words, counterfactuals, table(), one, draws)
    both = kiln(saving={"power": 0.2, "coal": 0.2}, fuel_rows=["coal", "power"])
    draws = {"saving": np.array([[[0.1, 0.2, 0, 0]]])}
    refused(["save different shares"], counterfactuals, table(), both, draws)


def test_tied_draws_follow_the_fuel():
    factor = xr.DataArray([0.0, 0.5, 1.0], dims="draw", coords={"draw": list("abc")})
    one = kiln(fuel_rows=["coal"])
    draws = central_values(table(), [one])[["saving"]] * factor
    found = counterfactuals(table(), [one], draws)
    onsite = found["effect"].sel(order="second_onsite").sum("intervention").values
    assert onsite[0] == 0
    assert onsite[1] == pytest.approx(onsite[2] / 2, rel=0.01)
    assert list(found["draw"].values) == list("abc")
    gone = {"saving": xr.DataArray(np.full((1, 1, 1), 0.1), dims=("draw", "intervention", "input"),
                                   coords={"input": ["power"]})}  # fmt: skip
    assert counterfactuals(table(), [one], gone)["effect"].sel(order="second_onsite").sum() == 0


def test_an_unproductive_draw_is_named():
    draws = {"ict_input": np.zeros((3, 1, 4))}
    draws["ict_input"][2, 0] = 1
    one, words = Intervention("industry", 1.0), ["draw 2", "'industry'"]
    refused(words, counterfactuals, table(), [one], draws, error=NotProductiveError)


def test_draws_without_interventions_change_nothing():
    found = counterfactuals(table(), [], {"respend": [0.0, 1.0]})
    np.testing.assert_allclose(found["ner_td"], 0, atol=1e-9)
    assert found["effect"].shape == (2, 4, 0)


def test_an_interrupt_leaves_nothing_behind(monkeypatch):
    """Stopped in the second batch; the same call again gives what it would have given."""
    monkeypatch.setattr("handprint.draws.WORKING", 1)
    drawn = {"penetration": np.linspace(0.1, 0.9, 5)[:, None]}
    whole = counterfactuals(table(), [kiln()], drawn)

    def stop(done):
        if done > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counterfactuals(table(), [kiln()], drawn, progress=stop)
    xr.testing.assert_identical(counterfactuals(table(), [kiln()], drawn), whole)


def test_progress_counts_draws():
    seen = []
    counterfactuals(table(), [kiln()], {"respend": np.linspace(0, 1, 5)}, progress=seen.append)
    assert seen[-1] == 5


def test_a_table_with_negative_cells_is_looked_at_draw_by_draw():
    z = Z.copy()
    z[2, 0] = -1
    odd = io_tables.from_arrays(z, Y, sectors=SECTORS, categories=CATEGORIES, units="USD",
                                satellites={"CO2": ([1.0, 2, 3, 4], "Mt")}, price_basis="x",
                                source="x", scope="direct")  # fmt: skip
    found = counterfactuals(odd, [kiln()], {"penetration": np.array([[0.5]])})
    one = counterfactual(odd, [kiln()])
    assert found["total_after"].item() == pytest.approx(one["total_after"].item(), rel=1e-12)
    refused(["draw 0"], counterfactuals, odd, [Intervention("industry", 1.0)],
            {"ict_input": np.ones((1, 1, 4))}, error=NotProductiveError)  # fmt: skip
