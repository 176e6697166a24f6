"""Krylov solvers for many right-hand sides that share every pass over the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from handprint.alignment import Array

Operator: TypeAlias = Callable[[Array], Array]
CAP = 60  # steps; a table that needs more is solved directly


def gmres(
    operator: Operator, right: Array, tolerance: Array, *, cap: int = CAP
) -> tuple[Array, int]:
    r"""
    Solve u K = s for several rows s, each with its own Krylov space, all in one pass a step.

    Parameters
    ----------
    operator : callable
        Returns v K for rows v.
    right : numpy.ndarray
        Rows s, shape (k, n).
    tolerance : numpy.ndarray
        Residual of each row, in the 2-norm, at which all may stop; shape (k,).
    cap : int
        Largest number of steps.

    Returns
    -------
    solution : numpy.ndarray
        Rows u; the best of the space if the cap was reached.
    steps : int
        Passes made.

    Notes
    -----
    GMRES without restart [1]_: classical Gram-Schmidt, the least-squares problem of all rows
    kept triangular by Givens rotations. One orthogonalisation is enough here: the caller
    computes the true residual and solves once more for what is left.

    References
    ----------
    .. [1] Y. Saad and M. H. Schultz, GMRES, SIAM Journal on Scientific and Statistical
       Computing 7 (1986) 856-869.
    """
    k, n = right.shape
    size = np.linalg.norm(right, axis=1)
    basis = np.empty((k, cap + 1, n))
    basis[:, 0] = right / np.where(size > 0, size, 1.0)[:, None]
    upper, turns = np.zeros((k, cap, cap)), np.zeros((2, k, cap))
    goal = np.zeros((k, cap + 1))
    goal[:, 0] = size
    steps = 0
    while steps < cap and (np.abs(goal[:, steps]) > tolerance).any():
        new = operator(basis[:, steps])
        h = np.empty((k, steps + 1))
        for row, known in enumerate(basis[:, : steps + 1]):  # faster than one batched product
            h[row] = known @ new[row]
            new[row] -= h[row] @ known
        rest = np.linalg.norm(new, axis=1)
        basis[:, steps + 1] = new / np.where(rest > 0, rest, 1.0)[:, None]
        _rotate(upper, turns, goal, h, rest, steps)
        steps += 1
    if not steps:
        return np.zeros_like(right), 0
    weights = np.linalg.solve(upper[:, :steps, :steps], goal[:, :steps, None])[:, :, 0]
    return (weights[:, None, :] @ basis[:, :steps])[:, 0], steps


def _rotate(upper: Array, turns: Array, goal: Array, h: Array, rest: Array, at: int) -> None:
    """Bring one column of every Hessenberg matrix to triangular form."""
    cosine, sine = turns
    for i in range(at):
        h[:, i], h[:, i + 1] = (
            cosine[:, i] * h[:, i] + sine[:, i] * h[:, i + 1],
            cosine[:, i] * h[:, i + 1] - sine[:, i] * h[:, i],
        )
    length = np.hypot(h[:, at], rest)
    full = length > 0
    safe = np.where(full, length, 1.0)
    cosine[:, at] = np.where(full, h[:, at] / safe, 1.0)
    sine[:, at] = np.where(full, rest / safe, 0.0)
    h[:, at] = safe  # a row already solved gets a harmless one
    upper[:, : at + 1, at] = h
    goal[:, at + 1] = -sine[:, at] * goal[:, at]
    goal[:, at] = cosine[:, at] * goal[:, at]


def bicgstab(
    operator: Operator, right: Array, tolerance: Array, *, cap: int = CAP
) -> tuple[Array, int]:
    r"""
    Solve u K = s for several rows s with short recurrences, all in one pass a step.

    Parameters
    ----------
    operator : callable
        Returns v K for rows v.
    right : numpy.ndarray
        Rows s, shape (k, n).
    tolerance : numpy.ndarray
        Residual of each row, in the 2-norm, at which all may stop; shape (k,).
    cap : int
        Largest number of passes.

    Returns
    -------
    solution : numpy.ndarray
        Rows u; what was reached if the cap was or a recurrence broke down.
    steps : int
        Passes made, two for every iteration.

    Notes
    -----
    Bi-CGSTAB [1]_. Its residual may drift from the true one: the caller computes that.

    References
    ----------
    .. [1] H. A. van der Vorst, Bi-CGSTAB, SIAM Journal on Scientific and Statistical
       Computing 13 (1992) 631-644.
    """
    solution, residual = np.zeros_like(right), right.copy()
    shadow, direction = right.copy(), right.copy()
    overlap = _dot(shadow, residual)
    steps = 0
    while steps + 1 < cap and (np.linalg.norm(residual, axis=1) > tolerance).any():
        image = operator(direction)
        alpha = _ratio(overlap, _dot(shadow, image))
        residual -= alpha * image
        second = operator(residual)
        omega = _ratio(_dot(second, residual), _dot(second, second))
        solution += alpha * direction
        solution += omega * residual
        residual -= omega * second
        before, overlap = overlap, _dot(shadow, residual)
        beta = _ratio(overlap, before) * _ratio(alpha, omega)
        direction = residual + beta * (direction - omega * image)
        steps += 2
    return solution, steps


def _dot(a: Array, b: Array) -> Array:
    dots: Array = np.einsum("kn,kn->k", a, b)[:, None]
    return dots


def _ratio(above: Array, below: Array) -> Array:
    """Divide; zero where the recurrence has broken down or the row is solved."""
    ratio: Array = np.divide(above, below, out=np.zeros_like(above), where=below != 0)
    return ratio
