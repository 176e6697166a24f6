"""Coefficients of a table and the factors of I - A: plain arrays, no labels but in messages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array, Labels
from handprint.errors import NotProductiveError, SectorOutputError, SingularSystemError, listed
from io_tables import IOTable

SMALLEST_CONDITION = 1e-14  # reciprocal; below it no digit of a solution can be trusted
ROUNDING = 1e-9  # share of the largest entry that a negative one may have as rounding


def coefficients(table: IOTable) -> Array:
    """
    Technical coefficients as a plain array; see :func:`technical_coefficients`.

    Parameters
    ----------
    table : IOTable
        Flows and output.

    Returns
    -------
    numpy.ndarray
        Shape (sector, purchaser).

    Raises
    ------
    SectorOutputError
        If a sector without output buys inputs beyond the table's tolerance.
    """
    flows, output = table.transactions.values, table.output.values
    active = output > 0
    idle = ~active & (np.abs(flows).sum(axis=0) > table.tolerance)
    if idle.any():
        names = [s for s, bad in zip(table.sectors, idle, strict=True) if bad]
        raise SectorOutputError(
            f"no output but inputs in {listed(names)}: correct the output, clear the column "
            "or aggregate the sector with one that has output"
        )
    share: Array = np.divide(flows, output, out=np.zeros_like(flows), where=active)
    return share


@dataclass(frozen=True, eq=False)
class Factor:
    """
    LU factors of I - A of an economy that is known to be productive.

    Parameters
    ----------
    lu, pivots : numpy.ndarray
        As LAPACK's ``getrf`` leaves them.
    prices : numpy.ndarray
        Solution p of (I - A)'p = 1: the proof that the economy is productive.
    """

    lu: Array
    pivots: npt.NDArray[np.intc]
    prices: Array

    def rows(self, right: Array) -> Array:
        """Return right @ inv(I - A) for a vector or for rows, without the inverse."""
        from scipy.linalg import lapack

        solved: Array = lapack.dgetrs(self.lu, self.pivots, right.T, trans=1)[0]
        return solved.T

    def columns(self, right: Array) -> Array:
        """Return inv(I - A) @ right for a vector or for columns, without the inverse."""
        from scipy.linalg import lapack

        solved: Array = lapack.dgetrs(self.lu, self.pivots, right)[0]
        return solved


def factorise(a: Array, labels: Labels) -> Factor:
    r"""
    Factorise I - A and prove that the economy is productive.

    Parameters
    ----------
    a : numpy.ndarray
        Coefficients, square and finite.
    labels : pandas.Index
        Sectors, for messages.

    Returns
    -------
    Factor
        Reused by every solve.

    Raises
    ------
    SingularSystemError
        If I - A is singular to working precision.
    NotProductiveError
        If the inverse has a negative entry.

    Notes
    -----
    For :math:`A \ge 0` the inverse is non-negative exactly when some :math:`p > 0` has
    :math:`p^\top (I - A) > 0` [1]_, so one solve of :math:`(I - A)^\top p = 1` decides, also
    where a column sum is above one. With negative coefficients the inverse is looked at.

    References
    ----------
    .. [1] A. Berman and R. J. Plemmons, Nonnegative Matrices in the Mathematical Sciences,
       SIAM, 1994, ch. 6, theorem 2.3.
    """
    from scipy.linalg import lapack

    system = np.array(-a, order="F")
    np.fill_diagonal(system, 1 - np.diag(a))
    norm = float(np.abs(system).sum(axis=0).max())
    lu, pivots, info = lapack.dgetrf(system, overwrite_a=True)
    if info > 0 or lapack.dgecon(lu, norm)[0] < SMALLEST_CONDITION:
        raise SingularSystemError(
            f"I - A is singular, so no output can meet a final demand: {_suspects(a, labels)}"
        )
    factor = Factor(lu, pivots, lapack.dgetrs(lu, pivots, np.ones(len(a)), trans=1)[0])
    if (a >= 0).all():
        if not (factor.prices > 0).all():
            raise NotProductiveError(
                f"the economy needs more of a product than it makes: {_suspects(a, labels)}"
            )
        return factor
    inverse = factor.columns(np.eye(len(a)))
    if inverse.min() < -ROUNDING * np.abs(inverse).max():
        i, j = divmod(int(inverse.argmin()), len(a))
        raise NotProductiveError(
            f"final demand for {labels[j]!r} would need a negative output of {labels[i]!r}: "
            "check the negative coefficients of the table"
        )
    return factor


def _suspects(a: Array, labels: Labels) -> str:
    """Name the columns whose inputs are as large as output: without one A is productive."""
    sums = a.sum(axis=0)
    worst = [i for i in np.argsort(-sums) if sums[i] >= 1 - ROUNDING]
    named = [f"{labels[i]} ({sums[i]:.3f})" for i in worst]
    return (
        f"inputs per unit of output in {listed(named)} leave no value added: "
        "check these columns, their output and their units"
    )
