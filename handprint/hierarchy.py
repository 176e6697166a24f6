"""National totals, groups, sectors and use cases: one tree, one set of numbers that add up."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import ArrayInput, Labels, read
from handprint.errors import ContradictionError, HierarchyError, ShapeError
from handprint.guards import shown
from handprint.reconcile import Reconciled, reconcile
from handprint.sides import read_covariance
from io_tables.errors import did_you_mean

Tree = Mapping[str, Sequence[str]]


@dataclass(frozen=True, eq=False)
class ReconciledHierarchy:
    """
    Estimates at all levels of a tree that add up.

    Parameters
    ----------
    estimate : xarray.DataArray
        Dims (node): groups first, then leaves. Sums of the leaves, whether or not blended.
    covariance : xarray.DataArray
        Dims (node, node_other).
    given : xarray.DataArray
        The estimates that were given, dims (given).
    leaves : Reconciled
        The reconciliation of the leaves; its observations are the groups that had estimates.
    """

    estimate: xr.DataArray
    covariance: xr.DataArray
    given: xr.DataArray
    leaves: Reconciled

    @property
    def blended(self) -> bool:
        """Whether the levels agree, so that ``estimate`` rests on all of them."""
        return self.leaves.blended


def aggregation_of(tree: Tree, leaves: Sequence[str] | None = None) -> pd.DataFrame:
    """
    Say which leaves make up which group.

    Parameters
    ----------
    tree : Mapping
        Group -> its parts, groups or leaves.
    leaves : sequence of str, optional
        Leaves in the order wanted; by default those of the tree, in its order.

    Returns
    -------
    pandas.DataFrame
        H, 1 where the leaf (column) is part of the group (row), else 0.

    Raises
    ------
    HierarchyError
        Listing parts that are neither group nor leaf, parts of two groups, leaves in no group,
        empty groups, and groups that contain themselves.

    Examples
    --------
    >>> aggregation_of({"nation": ["industry", "power"], "industry": ["steel", "cement"]})
              power  steel  cement
    nation      1.0    1.0     1.0
    industry    0.0    1.0     1.0
    """
    _refuse_kinds(tree)
    parts = [part for children in tree.values() for part in children]
    own = list(dict.fromkeys(part for part in parts if part not in tree))
    wanted = own if leaves is None else list(leaves)
    problems = _problems(tree, parts, own, wanted)
    if problems:
        raise HierarchyError(f"tree: {'; '.join(problems)}")
    rows = {node: _below(node, tree) for node in tree}
    values = [[float(leaf in rows[node]) for leaf in wanted] for node in tree]
    return pd.DataFrame(values, index=pd.Index(list(tree)), columns=pd.Index(wanted))


def reconcile_hierarchy(
    estimates: ArrayInput | Mapping[str, float],
    variances: ArrayInput | Mapping[str, float],
    tree: Tree,
    *,
    bounds: object | None = None,
) -> ReconciledHierarchy:
    r"""
    Make estimates of groups and parts coherent.

    Parameters
    ----------
    estimates : Mapping, pandas.Series or xarray.DataArray
        Node -> estimate: every leaf, and any groups.
    variances : Mapping, array_like or covariance
        Of the estimates, with the same nodes in the same order; zero for what holds exactly.
        A covariance may be full, groups and leaves correlated.
    tree : Mapping
        Group -> its parts, as in :func:`aggregation_of`.
    bounds : tuple or Mapping, optional
        Bounds on leaves, as in :func:`handprint.reconcile`.

    Returns
    -------
    ReconciledHierarchy
        Not blended where the levels contradict each other: the leaves then stay as given and
        the groups are their sums.

    Raises
    ------
    HierarchyError
        If the tree is none, an estimate is of no node, a leaf has none, or estimates that hold
        exactly do not add up.
    CovarianceError, ShapeError, LabelMismatchError, MissingValueError
        If numbers do not fit.

    Notes
    -----
    The same as trace minimisation [1]_, :math:`z = (S' W^{-1} S)^{-1} S' W^{-1} y` with
    :math:`S = [H; I]` and the covariance W of all estimates, but it takes exact totals too.

    References
    ----------
    .. [1] S. L. Wickramasuriya, G. Athanasopoulos and R. J. Hyndman, Optimal forecast
       reconciliation for hierarchical and grouped time series through trace minimization,
       Journal of the American Statistical Association 114 (2019) 804-819.

    Examples
    --------
    >>> tree = {"nation": ["power", "industry"], "industry": ["steel", "cement"]}
    >>> given = {"nation": 100, "power": 40, "steel": 30, "cement": 20}
    >>> found = reconcile_hierarchy(given, {"nation": 0, "power": 4, "steel": 4, "cement": 2}, tree)
    >>> found.estimate.sel(node=["nation", "industry", "power"]).values.round(6).tolist()
    [100.0, 56.0, 44.0]
    """
    whole = aggregation_of(tree)
    array, nodes, units = _labelled(estimates)
    spread = _spread(variances, nodes)
    leaves, groups = list(whole.columns), list(whole.index)
    _refuse_nodes(nodes, leaves, groups)
    at = [nodes.index(leaf) for leaf in leaves]
    seen = [i for i, node in enumerate(nodes) if node in groups]
    if not seen:
        raise HierarchyError("no group has an estimate: there is nothing to reconcile the parts to")
    try:
        found = reconcile(
            xr.DataArray(array[at], coords={"node": leaves}, dims="node", attrs=units),
            spread[np.ix_(at, at)],
            whole.loc[[nodes[i] for i in seen]],
            pd.Series(array[seen], index=[nodes[i] for i in seen]),
            spread[np.ix_(seen, seen)],
            cross_covariance=spread[np.ix_(at, seen)],
            bounds=bounds,
        )
    except ContradictionError as err:
        names = ", ".join(f"{i + 1} {nodes[j]!r}" for i, j in enumerate(seen))
        raise HierarchyError(
            f"estimates that hold exactly do not add up: {err} (observations: {names})"
        ) from err
    s = np.vstack([whole.values, np.eye(len(leaves))])
    every = [*groups, *leaves]
    coords = {"node": every, "node_other": every}
    attrs = found.estimate.attrs
    return ReconciledHierarchy(
        xr.DataArray(s @ found.estimate.values, coords={"node": every}, dims="node", attrs=attrs),
        xr.DataArray(
            s @ found.covariance.values @ s.T,
            coords=coords,
            dims=("node", "node_other"),
            attrs=found.covariance.attrs,
        ),
        xr.DataArray(array, coords={"given": nodes}, dims="given", attrs=attrs),
        found,
    )


def _problems(tree: Tree, parts: list[str], own: list[str], wanted: list[str]) -> list[str]:
    """Say all that keeps groups and parts from being a tree over the wanted leaves."""
    known = [*tree, *wanted]
    found = [f"{node!r} has no parts" for node, children in tree.items() if not children]
    found += [f"{leaf!r} is both a group and a leaf" for leaf in wanted if leaf in tree]
    found += [
        f"{name!r} is part of {' and '.join(repr(n) for n in owners)}"
        for name in dict.fromkeys(parts)
        if len(owners := [n for n, children in tree.items() for c in children if c == name]) > 1
    ]
    found += [
        f"unknown part {name!r}; {did_you_mean(name, known)}" for name in own if name not in wanted
    ]
    found += [f"leaf {leaf!r} is in no group" for leaf in wanted if leaf not in parts]
    found += [
        f"leaf {leaf!r} is given twice" for leaf in dict.fromkeys(wanted) if wanted.count(leaf) > 1
    ]
    for node in tree:
        path = [node]
        if _circle(path, tree):
            found.append(f"{' contains '.join(repr(n) for n in path)}")
            break
    return found


def _circle(path: list[str], tree: Tree) -> bool:
    """Walk down from the end of a path; stop, with the way there, where it meets its start."""
    for child in tree.get(path[-1], ()):
        if child == path[0]:
            path.append(child)
            return True
        if child in tree and child not in path:
            path.append(child)
            if _circle(path, tree):
                return True
            path.pop()
    return False


def _below(node: str, tree: Tree) -> set[str]:
    if node not in tree:
        return {node}
    return set().union(*(_below(child, tree) for child in tree[node]))


def _refuse_kinds(tree: object) -> None:
    if not isinstance(tree, Mapping) or not tree:
        raise HierarchyError(f"tree is {shown(tree)}, needed a mapping group -> list of its parts")
    odd = [
        node
        for node, children in tree.items()
        if isinstance(children, str)
        or not isinstance(children, Sequence)
        or not all(isinstance(c, Hashable) for c in children)
    ]
    if odd:
        raise HierarchyError(f"tree: parts of {odd[0]!r} are {shown(tree[odd[0]])}, needed a list")


def _labelled(
    estimates: ArrayInput | Mapping[str, float],
) -> tuple[np.ndarray, list[str], dict[str, str]]:
    given = pd.Series(dict(estimates)) if isinstance(estimates, Mapping) else estimates
    block = read(given, "estimates")
    if block.values.ndim != 1 or block.labels[0] is None:
        raise ShapeError("estimates: give a mapping or a labelled vector node -> estimate")
    units = {"units": block.units} if block.units else {}
    return block.values, list(block.labels[0]), units


def _spread(variances: ArrayInput | Mapping[str, float], nodes: list[str]) -> np.ndarray:
    labels: Labels = pd.Index(nodes)
    if not isinstance(variances, Mapping):
        return read_covariance(variances, "variances", labels)
    lacking = [node for node in nodes if node not in variances]
    unknown = [node for node in variances if node not in nodes]
    if lacking or unknown:
        lines = [f"{node!r} has an estimate but no variance" for node in lacking]
        lines += [f"{node!r} has a variance but no estimate" for node in unknown]
        raise HierarchyError(f"variances: {'; '.join(lines)}")
    return read_covariance([variances[node] for node in nodes], "variances", labels)


def _refuse_nodes(nodes: list[str], leaves: list[str], groups: list[str]) -> None:
    """Demand an estimate for every leaf and none for what is not in the tree."""
    known = [*groups, *leaves]
    problems = [
        f"no node {node!r}; {did_you_mean(node, known)}" for node in nodes if node not in known
    ]
    problems += [f"leaf {leaf!r} has none" for leaf in leaves if leaf not in nodes]
    if problems:
        raise HierarchyError(f"estimates: {'; '.join(problems)}")
