"""Ranks by the name of their stream."""

import numpy as np
import pytest

from handprint.sampling import METHODS, Drawn, OneAtATime, Ranks, Recorder, spread


@pytest.mark.parametrize("method", METHODS)
def test_ranks_are_uniform_and_inside(method):
    ranks = Ranks(4096, 1, method, ("a", "b")).of("a")
    assert 0 < ranks.min() < 0.002
    assert 0.998 < ranks.max() < 1
    # Standard error of the mean of plain draws: 0.289 / 64 = 0.0045.
    assert ranks.mean() == pytest.approx(0.5, abs=0.015)


def test_a_latin_hypercube_hits_every_class_once():
    ranks = Ranks(100, 1).of("a")
    assert sorted((ranks * 100).astype(int)) == list(range(100))


def test_a_sobol_sequence_is_balanced_in_pairs():
    ranks = Ranks(256, 1, "sobol", ("a", "b"))
    cells = np.histogram2d(ranks.of("a"), ranks.of("b"), bins=16, range=[[0, 1], [0, 1]])[0]
    np.testing.assert_array_equal(cells, 1)


def test_any_number_of_draws_can_be_taken_from_a_sobol_sequence():
    long, cut = (Ranks(n, 1, "sobol", ("a",)).of("a") for n in (64, 41))
    np.testing.assert_array_equal(long[:41], cut)


@pytest.mark.parametrize("method", METHODS)
def test_streams_differ_by_name_and_seed(method):
    names = ("power.adoption", "industry.adoption")
    found = [Ranks(8, seed, method, names).of(name) for seed in (1, 11) for name in names]
    assert len({tuple(ranks) for ranks in found}) == 4
    again = Ranks(8, 1, method, names).of(names[0])
    np.testing.assert_array_equal(found[0], again)


def test_parts_of_the_draws_make_up_the_whole():
    ranks = Ranks(10, 1)
    parameter = spread(0.2, 0.3, 0.7)
    whole = Drawn(ranks, slice(None))(parameter, "x")
    parts = [Drawn(ranks, slice(a, b)) for a, b in ((0, 3), (3, 10))]
    np.testing.assert_array_equal(np.concatenate([p(parameter, "x") for p in parts]), whole)
    assert [p.size for p in parts] == [3, 7]


def test_triangle_keeps_to_its_range_and_mean():
    sample = Drawn(Ranks(4000, 1), slice(None))(spread(0.2, 0.3, 0.7), "x")
    assert 0.2 <= sample.min() < 0.22
    assert 0.66 < sample.max() <= 0.7
    # One draw in each class: far surer than independent draws.
    assert sample.mean() == pytest.approx((0.2 + 0.3 + 0.7) / 3, abs=1e-4)


def test_normal_has_its_moments():
    sample = Drawn(Ranks(4000, 1), slice(None)).normal("x")
    assert sample.mean() == pytest.approx(0, abs=1e-3)
    assert sample.std() == pytest.approx(1, abs=1e-2)


def test_recorder_notes_what_is_asked_and_what_moves():
    recorder = Recorder()
    assert recorder(spread(0, 0.5, 1), "a").tolist() == [0.5]
    recorder(spread(0.5, 0.5, 0.5), "b")
    recorder(spread(0.5, 0.5, 0.6), "a")
    assert recorder.moving() == ["a"]
    assert [len(found) for found in recorder.asked.values()] == [2, 1]


def test_one_at_a_time_turns_each_group_alone():
    sample = OneAtATime((frozenset("ab"), frozenset("c")))
    assert sample(spread(0, 0.4, 1), "a").tolist() == [0.4, 0, 1, 0.4, 0.4]
    assert sample(spread(0, 0.4, 1), "c").tolist() == [0.4, 0.4, 0.4, 0, 1]
    assert sample(spread(0, 0.4, 1), "d").tolist() == [0.4] * 5
