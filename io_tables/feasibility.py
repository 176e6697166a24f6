"""Can a matrix have these margins? What is forced to zero, and why balancing fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from io_tables.errors import InfeasibleError
from io_tables.report import Finding, as_error

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MOST_CELLS = 2_000_000  # cells up to which a failure is explained by a cut of the network
NAMED = 8  # labels spelled out in a message


def forced(
    positive: Any,
    negative: Any,
    margins: tuple[Array, Array],
    names: tuple[Sequence[str], Sequence[str]],
    notes: tuple[Sequence[str], Sequence[str]],
) -> tuple[Mask, Mask]:
    """
    Find rows and columns that must become zero, and refuse those that cannot be met.

    Parameters
    ----------
    positive, negative : array or sparse array
        Positive cells, and the size of negative cells; ``negative`` may be None.
    margins : tuple of numpy.ndarray
        Targets of rows and of columns.
    names : tuple of sequence of str
        Labels of rows and of columns.
    notes : tuple of sequence of str
        What to add about each target, for example that fixed cells were taken off.

    Returns
    -------
    tuple of numpy.ndarray
        Whether each row and each column keeps its cells. One with a target of zero and cells
        of one sign only is emptied.

    Raises
    ------
    InfeasibleError
        Naming every row and column that has no cell of the sign its target needs.
    """
    keep = (np.ones(len(margins[0]), dtype=bool), np.ones(len(margins[1]), dtype=bool))
    while True:
        changed = False
        findings: list[Finding] = []
        for side, name in enumerate(("row", "column")):
            other = keep[1 - side].astype(float)
            plus = positive @ other if side == 0 else other @ positive
            minus = np.zeros_like(plus)
            if negative is not None:
                minus = negative @ other if side == 0 else negative.T @ other
            target = margins[side]
            impossible = ((target > 0) & (plus == 0)) | ((target < 0) & (minus == 0))
            for i in np.flatnonzero(impossible).tolist():
                label = f"{name} {names[side][i]}"
                findings.append(_unmet(label, target[i], plus[i], minus[i], notes[side][i]))
            empty = keep[side] & (target == 0) & ~((plus > 0) & (minus > 0))
            keep[side][empty] = False
            changed |= bool((empty & ((plus > 0) | (minus > 0))).any())
        if findings:
            raise as_error("balancing", findings)
        if not changed:
            return keep


def _unmet(where: str, target: float, plus: float, minus: float, note: str) -> Finding:
    """Say why one target has no cell to meet it."""
    need = "positive" if target > 0 else "negative"
    if plus == 0 and minus == 0:
        what = f"target is {target:,.6g}{note}, but every cell that could meet it is zero"
    else:
        what = f"target is {target:,.6g}{note}, but there is no {need} cell, and signs are kept"
    fix = f"give it a {need} cell, free a fixed one, or correct the target"
    return Finding("error", what, where, fix, InfeasibleError, value=float(target))


def bottleneck(
    positive: Mask,
    negative: Mask,
    margins: tuple[Array, Array],
    names: tuple[Sequence[str], Sequence[str]],
) -> Finding | None:
    r"""
    Find rows and columns that together cannot meet their targets.

    Parameters
    ----------
    positive, negative : numpy.ndarray of bool
        Which cells are positive and which are negative.
    margins : tuple of numpy.ndarray
        Targets of rows and of columns, with equal sums.
    names : tuple of sequence of str
        Labels of rows and of columns.

    Returns
    -------
    Finding or None
        The block that is short, or None where the pattern of cells can meet the targets, or
        has too many cells to tell.

    Notes
    -----
    A positive cell carries a flow from its row to its column, a negative cell one back. A
    matrix with these signs exists exactly when a flow takes all of :math:`\sum_i u_i^+ +
    \sum_j v_j^-` from its sources; where the largest flow is less, the smallest cut names the
    rows and columns that are short (max-flow min-cut [1]_).

    References
    ----------
    .. [1] L. R. Ford and D. R. Fulkerson, Maximal flow through a network, Canadian Journal of
       Mathematics 8, 1956, 399-404.
    """
    count = int(positive.sum() + negative.sum())
    if not 0 < count <= MOST_CELLS:
        return None
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    rows, columns = margins
    m, n = len(rows), len(columns)
    net = np.concatenate([rows, -columns])  # what each node brings in
    supply = float(net[net > 0].sum())
    if supply == 0:
        return None
    most = 2**29
    capacity = np.rint(np.abs(net) / supply * most).astype(np.int64)
    source, sink = m + n, m + n + 1
    giving, taking = np.flatnonzero(net > 0), np.flatnonzero(net < 0)
    out_i, out_j = np.nonzero(positive)
    back_i, back_j = np.nonzero(negative)
    start = np.concatenate([out_i, m + back_j, np.full(len(giving), source), taking])
    end = np.concatenate([m + out_j, back_i, giving, np.full(len(taking), sink)])
    size = np.concatenate([np.full(count, most), capacity[giving], capacity[taking]])
    graph = csr_array(coo_array((size.astype(np.int32), (start, end)), shape=(m + n + 2,) * 2))
    result = maximum_flow(graph, source, sink)
    short = int(capacity[giving].sum()) - int(result.flow_value)
    if short <= 2 * (m + n):  # within rounding to whole numbers
        return None
    residual = csr_array(graph - result.flow)
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    reached, _ = breadth_first_order(residual, source, return_predecessors=True)
    inside = np.zeros(m + n + 2, dtype=bool)
    inside[reached] = True
    cut_rows, cut_columns = np.flatnonzero(inside[:m]), np.flatnonzero(inside[m : m + n])
    ask, take = float(rows[cut_rows].sum()), float(columns[cut_columns].sum())
    return Finding(
        "error",
        f"rows {_listed(cut_rows, names[0])} have positive cells only in columns "
        f"{_listed(cut_columns, names[1])}; these rows ask for {ask:,.6g}, these columns for "
        f"{take:,.6g}: {ask - take:,.6g} cannot be placed",
        f"row {_listed(cut_rows, names[0])}",
        "correct these targets, free a fixed cell, or give a cell outside the block a small "
        "value where a flow is possible",
        InfeasibleError,
        value=ask - take,
    )


def worst(
    gaps: tuple[Array, Array], names: tuple[Sequence[str], Sequence[str]], limit: int = 5
) -> Iterator[str]:
    """
    Name the rows and columns with the largest gaps.

    Parameters
    ----------
    gaps : tuple of numpy.ndarray
        Sum less target, of rows and of columns.
    names : tuple of sequence of str
        Labels of rows and of columns.
    limit : int
        How many of each.

    Yields
    ------
    str
        One text for each, largest first.
    """
    for side, name in enumerate(("row", "column")):
        order = np.argsort(-np.abs(gaps[side]))[:limit]
        for i in order:
            if gaps[side][i] != 0:
                yield f"{name} {names[side][i]} by {gaps[side][i]:,.6g}"


def _listed(places: npt.NDArray[np.intp], names: Sequence[str]) -> str:
    """Write labels, the first few spelled out."""
    if not len(places):
        return "(none)"
    text = ", ".join(str(names[i]) for i in places[:NAMED])
    return f"{text} and {len(places) - NAMED} more" if len(places) > NAMED else text
