"""RAS and GRAS: the matrix closest in structure that has given row and column sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.errors import BalanceError, ConvergenceError, TableError
from io_tables.feasibility import bottleneck, forced, worst
from io_tables.kinds import demand_number
from io_tables.margins import Axis, front, margin, named
from io_tables.report import Finding, as_error
from io_tables.scaling import Method, Steps, parts, scaled

Array = npt.NDArray[np.float64]
Fixed = Mapping[tuple[object, object], float] | npt.ArrayLike | xr.DataArray


@dataclass(frozen=True)
class Convergence:
    """
    How balancing went.

    Parameters
    ----------
    method : {"ras", "gras"}
        Method.
    iterations : int
        Pairs of a row step and a column step.
    gap : float
        Largest gap between a sum and its target, over the absolute sum of that row or column [1].
    amount : float
        Largest gap [units of the matrix].
    where : str
        Row or column with the largest amount.
    tolerance : float
        Largest ``gap`` that was allowed [1].
    relaxation : float
        Exponent of the column steps [1].
    fixed : int
        Number of cells held fixed.
    emptied : tuple of str
        Rows and columns whose target is zero and whose cells became zero with it.
    """

    method: Method
    iterations: int
    gap: float
    amount: float
    where: str
    tolerance: float
    relaxation: float
    fixed: int
    emptied: tuple[str, ...]

    def __str__(self) -> str:
        """One line."""
        extra = f", {self.fixed} cells fixed" if self.fixed else ""
        extra += f", emptied: {', '.join(self.emptied)}" if self.emptied else ""
        return (
            f"{self.method.upper()}: {self.iterations} iterations, largest gap {self.amount:.3g} "
            f"in {self.where} ({self.gap:.1e} of its cells){extra}"
        )


@dataclass(frozen=True, eq=False)
class Balanced:
    """
    A balanced matrix with its factors and the way there.

    Parameters
    ----------
    matrix : xarray.DataArray
        Same labels and dims as the matrix given; ``attrs`` repeat the report.
    row_factors, column_factors : numpy.ndarray
        Factors r and s: positive cells are multiplied by r s, negative ones divided by it [1].
    report : Convergence
        Iterations and gaps.
    """

    matrix: xr.DataArray
    row_factors: Array
    column_factors: Array
    report: Convergence


def ras(matrix: object, rows: object, columns: object, **options: Any) -> xr.DataArray:
    r"""
    Scale rows and columns of a non-negative matrix until they have the sums asked for.

    Parameters
    ----------
    matrix : array_like
        Non-negative cells; numpy, pandas or xarray.
    rows, columns : array_like or mapping
        Targets of row and column sums; labels, where given, must be those of the matrix in the
        same order. Both must have the same total.
    **options : dict
        ``fixed``, ``tolerance``, ``max_iterations``, ``relaxation`` as in :func:`balance`.

    Returns
    -------
    xarray.DataArray
        Balanced matrix with the labels given; ``attrs`` hold method, iterations and gaps.

    Raises
    ------
    BalanceError
        If the totals of rows and columns differ.
    InfeasibleError
        If the pattern of cells cannot meet the targets, naming rows and columns.
    ConvergenceError
        If the targets were not met in time.
    LabelError
        If labels differ, in set or in order.
    MissingValueError
        If a cell is missing, infinite or text.
    TableError
        If a cell is negative, or an option is out of range.

    Notes
    -----
    :math:`x_{ij} = r_i a_{ij} s_j` with :math:`r_i = u_i / \sum_j a_{ij} s_j` and :math:`s_j =
    v_j / \sum_i r_i a_{ij}` in turn [1]_. Zeros stay zero.

    References
    ----------
    .. [1] M. Bacharach, Biproportional Matrices and Input-Output Change, Cambridge University
       Press, 1970; R. Stone, A Programme for Growth, vol. 3, 1963.

    Examples
    --------
    >>> ras([[1, 2], [3, 4]], [4, 6], [5, 5]).round(4).values
    array([[1.7577, 2.2423],
           [3.2423, 2.7577]])
    """
    return balance(matrix, rows, columns, method="ras", **options).matrix


def gras(matrix: object, rows: object, columns: object, **options: Any) -> xr.DataArray:
    r"""
    Balance a matrix with positive and negative cells; every cell keeps its sign.

    Parameters
    ----------
    matrix : array_like
        Cells of either sign; numpy, pandas or xarray.
    rows, columns : array_like or mapping
        Targets of row and column sums, of either sign; labels, where given, must be those of
        the matrix in the same order. Both must have the same total.
    **options : dict
        ``fixed``, ``tolerance``, ``max_iterations``, ``relaxation`` as in :func:`balance`.

    Returns
    -------
    xarray.DataArray
        Balanced matrix with the labels given; ``attrs`` hold method, iterations and gaps.

    Raises
    ------
    TableError
        As :func:`ras`, but negative cells are welcome.

    Notes
    -----
    With :math:`p_i = \sum_j a^+_{ij} s_j` and :math:`n_i = \sum_j |a^-_{ij}| / s_j` the row
    factor is the positive root of :math:`p_i r_i - n_i / r_i = u_i`,

    .. math:: r_i = \frac{u_i + \sqrt{u_i^2 + 4 p_i n_i}}{2 p_i},

    and :math:`-n_i/u_i` where a row has negative cells only; columns alike. Positive cells
    become :math:`r_i a_{ij} s_j`, negative ones :math:`a_{ij} / (r_i s_j)` [1]_ [2]_ [3]_. For
    :math:`u_i < 0` the equal form :math:`2 n_i / (\sqrt{u_i^2 + 4 p_i n_i} - u_i)` is computed,
    which loses no digits.

    References
    ----------
    .. [1] T. Junius and J. Oosterhaven, The solution of updating or regionalizing a matrix with
       both positive and negative entries, Economic Systems Research 15, 2003, 87-96.
    .. [2] M. Lenzen, R. Wood and B. Gallego, Some comments on the GRAS method, Economic Systems
       Research 19, 2007, 461-465.
    .. [3] U. Temurshoev, R. E. Miller and M. C. Bouwmeester, A note on the GRAS method, Economic
       Systems Research 25, 2013, 361-367, doi 10.1080/09535314.2012.746645.

    Examples
    --------
    >>> gras([[7, 3, 5, -3], [2, 9, 8, 1], [-2, 0, 2, 1]], [15, 26, -1], [9, 16, 17, -2]
    ...     ).round(4).values
    array([[ 8.9764,  3.7432,  5.7217, -3.4413],
           [ 2.7993, 12.2568,  9.9923,  0.9515],
           [-2.7758,  0.    ,  1.286 ,  0.4898]])
    """
    return balance(matrix, rows, columns, method="gras", **options).matrix


def balance(
    matrix: object,
    rows: object,
    columns: object,
    *,
    method: Method = "gras",
    fixed: Fixed | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 5000,
    relaxation: float = 1.0,
) -> Balanced:
    """
    Balance a matrix and tell how it went.

    Parameters
    ----------
    matrix : array_like
        Numpy, pandas or xarray, two dimensions.
    rows, columns : array_like or mapping
        Targets of row and column sums.
    method : {"gras", "ras"}
        Whether negative cells are allowed; without any both give the same.
    fixed : array_like of bool or mapping, optional
        Cells that keep their value; or (row, column) -> value of cells known from elsewhere.
        They are taken off the targets and put back at the end.
    tolerance : float
        Largest gap of a row or column over the sum of its absolute cells [1].
    max_iterations : int
        Iterations before giving up; a stall is noticed earlier.
    relaxation : float
        Exponent of the column steps, 1 to below 2. Above 1 often saves a third of the
        iterations; there is no proof that it always converges, so it is off.

    Returns
    -------
    Balanced
        Matrix, factors, report.

    Raises
    ------
    TableError
        As :func:`ras` and :func:`gras`.

    Notes
    -----
    The matrix is never rewritten while iterating: only the two vectors of factors change, which
    costs two reads of the matrix in each iteration. Negative cells are kept apart, sparse
    where they are few.
    """
    _options(method, tolerance, max_iterations, relaxation)
    given = front(matrix)
    u = margin(rows, given.rows, "rows")
    v = margin(columns, given.columns, "columns")
    values, held, u_free, v_free = _held(given.values, given.rows, given.columns, fixed, u, v)
    _same_total(u, v, tolerance)
    positive, negative, where = parts(values, method, given.rows, given.columns)
    names = (given.rows.names, given.columns.names)
    notes = (_notes(u, u_free), _notes(v, v_free))
    keep = forced(positive, negative, (u_free, v_free), names, notes)
    steps = Steps(positive, negative, (u_free, v_free), keep)
    done = steps.run(tolerance, max_iterations, relaxation)
    with np.errstate(over="ignore", invalid="ignore"):  # factors of what cannot be met grow away
        out = scaled(values, steps, where)
    gaps = (out.sum(axis=1) - u_free, out.sum(axis=0) - v_free)
    relative = tuple(
        np.abs(g) / np.where(z > 0, z, 1) for g, z in zip(gaps, steps.sizes, strict=True)
    )
    if not done:
        raise _failure(values, (u_free, v_free), gaps, names, steps, tolerance)
    if held is not None:
        out[held[0]] = held[1]
    side = int(np.abs(gaps[1]).max(initial=0) > np.abs(gaps[0]).max(initial=0))
    at = int(np.abs(gaps[side]).argmax())
    report = Convergence(
        method,
        steps.iterations,
        float(max(r.max(initial=0.0) for r in relative)),
        float(np.abs(gaps[side][at])),
        f"{('row', 'column')[side]} {names[side][at]}",
        tolerance,
        relaxation,
        0 if held is None else int(held[0].sum()),
        tuple(
            f"{kind} {names[k][i]}"
            for k, kind in enumerate(("row", "column"))
            for i in np.flatnonzero(~keep[k]).tolist()
            if values.take(i, axis=k).any()
        ),
    )
    facts = {k: v for k, v in asdict(report).items() if k != "emptied"}
    result = given.like(out).assign_attrs(**facts)
    return Balanced(result, steps.r, steps.s, report)


def _held(
    values: Array, rows: Axis, columns: Axis, fixed: Fixed | None, u: Array, v: Array
) -> tuple[Array, tuple[Any, Array] | None, Array, Array]:
    """Take fixed cells out of the matrix and off the targets."""
    if fixed is None:
        return values, None, u, v
    mask, held = named(fixed, values, rows, columns)
    kept = np.where(mask, held, 0.0)
    free = np.where(mask, 0.0, values)
    rest = []
    for target, axis in ((u, 1), (v, 0)):
        left = target - kept.sum(axis=axis)
        scale = np.abs(target) + np.abs(kept).sum(axis=axis)
        rest.append(np.where(np.abs(left) <= 1e-12 * scale, 0.0, left))
    return free, (mask, held[mask]), rest[0], rest[1]


def _same_total(u: Array, v: Array, tolerance: float) -> None:
    """Refuse margins that cannot both be met."""
    total, other = float(u.sum()), float(v.sum())
    scale = max(float(np.abs(u).sum()), float(np.abs(v).sum()))
    if abs(total - other) > 0.1 * tolerance * scale:
        raise BalanceError(
            f"row targets sum to {total:,.10g}, column targets to {other:,.10g}: they differ by "
            f"{total - other:,.6g}. Correct the margin that is wrong, or say which one rules by "
            "scaling the other to its total, for example columns * rows.sum() / columns.sum()"
        )


def _notes(target: Array, free: Array) -> Sequence[str]:
    """Say where fixed cells changed a target."""
    if target is free:
        return [""] * len(target)
    pairs = zip(target, free, strict=True)
    return ["" if t == f else f" (after fixed cells of {t - f:,.6g})" for t, f in pairs]


def _options(method: str, tolerance: float, max_iterations: int, relaxation: float) -> None:
    """Refuse options out of range."""
    if method not in ("ras", "gras"):
        raise TableError(f"method is {method!r}: give 'ras' or 'gras'")
    demand_number(tolerance, "tolerance")
    demand_number(max_iterations, "max_iterations", whole=True)
    demand_number(relaxation, "relaxation")
    if not 1e-14 <= tolerance < 1:
        raise TableError(f"tolerance is {tolerance!r}: give a relative gap from 1e-14 to below 1")
    if max_iterations < 1:
        raise TableError(f"max_iterations is {max_iterations!r}: give at least 1")
    if not 1 <= relaxation < 2:
        raise TableError(f"relaxation is {relaxation!r}: give 1 (off) to below 2, for example 1.4")


def _failure(
    values: Array,
    targets: tuple[Array, Array],
    gaps: tuple[Array, Array],
    names: tuple[Sequence[str], Sequence[str]],
    steps: Steps,
    tolerance: float,
) -> TableError:
    """Explain why the targets were not met."""
    live = np.outer(*steps.keep)
    block = bottleneck((values > 0) & live, (values < 0) & live, targets, names)
    if block is not None:
        return as_error("balancing", [block])
    listed = "; ".join(worst(gaps, names)) or "no gap is left to name"
    what = f"after {steps.iterations} iterations these sums still miss their targets: {listed}"
    fix = (
        "some cells would have to become zero, or nearly: give a larger tolerance than "
        f"{tolerance:g} or more max_iterations, or look for a target that is out of line"
    )
    return as_error("balancing", [Finding("error", what, "matrix", fix, ConvergenceError)])
