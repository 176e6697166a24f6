"""Index decomposition: perfect, by hand, and with zeros as limits."""

import numpy as np
import pytest

from handprint.errors import DecompositionError, LabelMismatchError, OptionError, ShapeError
from handprint.lmdi import index_decomposition, log_mean

FORMS = ("additive", "multiplicative")


def test_a_square_shares_in_halves():
    """3 x 2 = 6 becomes 6 x 4 = 24: both factors double, so each takes half."""
    parts = index_decomposition([6], [24], {"a": [3], "b": [2]}, {"a": [6], "b": [4]})
    np.testing.assert_allclose(parts["total_effect"], [9, 9])
    ratio = index_decomposition(
        [6], [24], {"a": [3], "b": [2]}, {"a": [6], "b": [4]}, form="multiplicative"
    )
    np.testing.assert_allclose(ratio["ratio"], [2, 2])


def test_zeros_are_limits():
    """Ang and Liu 2007: the same numbers as with a tiny number in place of every zero."""
    before = {"a": np.array([0.0, 2, 0, 0, 3]), "b": np.array([2.0, 3, 0, 4, 1])}
    after = {"a": np.array([3.0, 0, 2, 0, 4]), "b": np.array([1.0, 1, 5, 2, 2])}
    v0, v1 = before["a"] * before["b"], after["a"] * after["b"]
    exact = index_decomposition(v0, v1, before, after)["effect"].values
    np.testing.assert_allclose(exact[:, :4], [[3, -6, 5, 0], [0, 0, 5, 0]])
    tiny = 1e-100
    f0, f1 = (np.array([np.where(f == 0, tiny, f) for f in d.values()]) for d in (before, after))
    w0, w1 = f0.prod(axis=0), f1.prod(axis=0)
    limit = np.array([log_mean(a, b) for a, b in zip(w1, w0, strict=True)]) * np.log(f1 / f0)
    np.testing.assert_allclose(exact, limit, atol=0.05)


@pytest.mark.parametrize("form", FORMS)
def test_one_number_stands_for_all_items(form):
    v0, v1 = np.array([2.0, 6]), np.array([3.0, 12])
    parts = index_decomposition(
        v0, v1, {"level": 2.0, "rest": v0 / 2}, {"level": 3.0, "rest": v1 / 3}, form=form
    )
    if form == "additive":
        assert parts["total_effect"].sum() == pytest.approx(7)
    else:
        assert parts["ratio"].prod() == pytest.approx(15 / 8)


def test_log_mean_keeps_its_digits():
    assert log_mean(1.0, 1.0 + 1e-14) == pytest.approx(1 + 5e-15, rel=1e-15)
    assert log_mean(1.0, 1e-300) == pytest.approx(1 / np.log(1e300))
    assert log_mean(np.array([2.0, 4]), np.array([2.0, 2])) == pytest.approx([2, 2 / np.log(2)])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([6], [6], {"a": [3]}, {"a": [6]}), DecompositionError, "multiply to 3"),
        (([-6], [6], {"a": [-6]}, {"a": [6]}), DecompositionError, "not negative"),
        (([6], [6], {"a": [6]}, {"b": [6]}), DecompositionError, "same names"),
        (([6], [6], {}, {}), DecompositionError, "factors"),
        (([6], [6, 6], {"a": [6]}, {"a": [6]}), ShapeError, "shapes"),
        (([6, 6], [6, 6], {"a": [6, 6, 6]}, {"a": [6, 6]}), ShapeError, "2 items"),
    ],
)
def test_bad_input_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        index_decomposition(*arguments)


def test_labels_decide():
    import pandas as pd

    v = pd.Series([1.0, 2], index=["x", "y"])
    with pytest.raises(LabelMismatchError):
        index_decomposition(v, v, {"a": v[::-1]}, {"a": v})


def test_ratios_need_totals_above_zero():
    with pytest.raises(DecompositionError, match="additive"):
        index_decomposition([0], [1], {"a": [0]}, {"a": [1]}, form="multiplicative")
    with pytest.raises(OptionError):
        index_decomposition([1], [1], {"a": [1]}, {"a": [1]}, form="ratio")
