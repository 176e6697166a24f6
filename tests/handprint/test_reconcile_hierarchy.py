"""Trees of groups and parts: sums that hold, and errors that say what is no tree."""

import numpy as np
import pandas as pd
import pytest

from handprint.errors import (
    CovarianceError,
    HierarchyError,
    InfeasibleBoundsError,
    MissingValueError,
    ShapeError,
)
from handprint.hierarchy import aggregation_of, reconcile_hierarchy

TREE = {
    "nation": ["power", "industry", "transport"],
    "industry": ["steel", "cement"],
    "steel": ["steel.furnace", "steel.mill"],
}
LEAVES = ["power", "transport", "cement", "steel.furnace", "steel.mill"]
GIVEN = {
    "nation": 230.0, "industry": 120.0, "power": 80.0, "transport": 20.0, "cement": 50.0,
    "steel.furnace": 30.0, "steel.mill": 25.0,
}  # fmt: skip
VARIANCE = {
    "nation": 100.0, "industry": 64.0, "power": 36.0, "transport": 9.0, "cement": 25.0,
    "steel.furnace": 16.0, "steel.mill": 4.0,
}  # fmt: skip


def test_each_group_is_the_sum_of_its_leaves():
    h = aggregation_of(TREE)
    assert list(h.columns) == LEAVES
    assert h.loc["nation"].tolist() == [1, 1, 1, 1, 1]
    assert h.loc["industry"].tolist() == [0, 0, 1, 1, 1]
    assert h.loc["steel"].tolist() == [0, 0, 0, 1, 1]


def test_leaves_come_in_the_order_wanted():
    h = aggregation_of(TREE, LEAVES[::-1])
    assert list(h.columns) == LEAVES[::-1]
    assert h.loc["steel"].tolist() == [1, 1, 0, 0, 0]


def mint(y, w):
    """Trace minimisation in full: z = (S' W^-1 S)^-1 S' W^-1 y over the nodes that have one."""
    h = aggregation_of(TREE)
    s = pd.concat([h, pd.DataFrame(np.eye(5), LEAVES, LEAVES)]).loc[list(y)].values
    weight = np.linalg.inv(w)
    return np.linalg.solve(s.T @ weight @ s, s.T @ weight @ np.array(list(y.values())))


def test_the_result_is_that_of_trace_minimisation():
    found = reconcile_hierarchy(GIVEN, VARIANCE, TREE)
    expected = mint(GIVEN, np.diag(list(VARIANCE.values())))
    np.testing.assert_allclose(found.estimate.sel(node=LEAVES), expected, rtol=1e-12)


def test_correlated_levels_too():
    root = np.random.default_rng(4).normal(size=(7, 7)) + 5 * np.eye(7)
    w = root @ root.T
    found = reconcile_hierarchy(GIVEN, w, TREE)
    np.testing.assert_allclose(found.estimate.sel(node=LEAVES), mint(GIVEN, w), rtol=1e-10)


def test_all_levels_add_up_with_their_covariance():
    found = reconcile_hierarchy(GIVEN, VARIANCE, TREE)
    z = found.estimate
    assert found.blended
    for group, parts in TREE.items():
        assert z.sel(node=group) == pytest.approx(z.sel(node=parts).sum().item(), rel=1e-12)
    leaves = found.covariance.sel(node=LEAVES, node_other=LEAVES).values
    top = found.covariance.sel(node="nation", node_other="nation")
    assert top == pytest.approx(leaves.sum(), rel=1e-12)
    assert found.given.sel(given="nation") == 230


def test_levels_that_contradict_each_other_are_not_blended():
    found = reconcile_hierarchy(GIVEN | {"nation": 400.0}, VARIANCE, TREE)
    assert not found.blended
    assert found.estimate.sel(node="nation") == 205
    assert found.given.sel(given="nation") == 400


def test_bounds_hold_for_leaves():
    found = reconcile_hierarchy(GIVEN, VARIANCE, TREE, bounds={"cement": (None, 48)})
    assert found.estimate.sel(node="cement") == 48
    assert found.leaves.active_bounds == ("cement <= 48",)
    with pytest.raises(InfeasibleBoundsError, match=r"steel\.mill <= 1"):
        reconcile_hierarchy(
            GIVEN, VARIANCE | {"steel.mill": 0.0}, TREE, bounds={"steel.mill": (None, 1)}
        )


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"a": ["b", "c"], "d": ["c"]}, "'c' is part of 'a' and 'd'"),
        ({"a": ["b", "b"]}, "'b' is part of 'a' and 'a'"),
        ({"a": ["b", "c"], "b": ["a"]}, "'a' contains 'b' contains 'a'"),
        ({"a": ["a", "b"]}, "'a' contains 'a'"),
        ({"a": []}, "'a' has no parts"),
        ({"a": "bc"}, "needed a list"),
        ({"a": 3}, "needed a list"),
        ({}, "needed a mapping"),
        (None, "needed a mapping"),
    ],
)
def test_what_is_no_tree_is_refused(tree, words):
    with pytest.raises(HierarchyError, match=words):
        aggregation_of(tree)


@pytest.mark.parametrize(
    ("leaves", "words"),
    [
        (["power", "steel", "cement"], "'steel' is both"),
        ([*LEAVES, "waste"], "leaf 'waste' is in no group"),
        (LEAVES[1:], "unknown part 'power'"),
        ([*LEAVES, "power"], "'power' is given twice"),
    ],
)
def test_leaves_must_be_those_of_the_tree(leaves, words):
    with pytest.raises(HierarchyError, match=words):
        aggregation_of(TREE, leaves)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"estimates": GIVEN | {"stel": 3}}, HierarchyError, "'stel' has an estimate but no"),
        (
            {"estimates": GIVEN | {"stel": 3}, "variances": VARIANCE | {"stel": 1}},
            HierarchyError,
            "no node 'stel'; did you mean 'steel'",
        ),
        (
            {
                "estimates": {k: v for k, v in GIVEN.items() if k != "cement"},
                "variances": {k: v for k, v in VARIANCE.items() if k != "cement"},
            },
            HierarchyError,
            "leaf 'cement' has none",
        ),
        ({"variances": VARIANCE | {"waste": 3}}, HierarchyError, "'waste' has a variance but no"),
        ({"variances": VARIANCE | {"power": -3}}, CovarianceError, "not negative"),
        ({"estimates": GIVEN | {"power": float("nan")}}, MissingValueError, "power"),
        ({"estimates": [1.0, 2]}, ShapeError, "labelled vector"),
        (
            {"estimates": {k: GIVEN[k] for k in LEAVES}, "variances": dict.fromkeys(LEAVES, 1.0)},
            HierarchyError,
            "no group has an estimate",
        ),
        ({"variances": dict.fromkeys(GIVEN, 0.0)}, HierarchyError, "do not add up.*'nation'"),
    ],
)
def test_bad_estimates_are_refused(change, error, words):
    given = {"estimates": GIVEN, "variances": VARIANCE, "tree": TREE}
    with pytest.raises(error, match=words):
        reconcile_hierarchy(**(given | change))


def test_exact_estimates_that_add_up_are_taken():
    exact = dict.fromkeys(GIVEN, 0.0)
    found = reconcile_hierarchy(GIVEN | {"nation": 205.0, "industry": 105.0}, exact, TREE)
    assert found.estimate.sel(node="nation") == 205
