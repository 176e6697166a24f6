"""Coefficients of a table and the factors of I - A: plain arrays, no labels but in messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array, Labels
from handprint.choice import SMALL
from handprint.errors import NotProductiveError, SectorOutputError, SingularSystemError, listed
from handprint.system import System
from io_tables import IOTable

SMALLEST_CONDITION = 1e-14  # reciprocal; below it no digit of a solution can be trusted
SMALLEST_SINGLE_CONDITION = 1e-5  # the same for single precision with refinement
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
    scale = reciprocal(table)
    share: Array = np.divide(flows, output, out=np.zeros_like(flows), where=scale > 0)
    return share


def reciprocal(table: IOTable) -> Array:
    """
    One over output, zero where a sector has none.

    Parameters
    ----------
    table : IOTable
        Flows and output.

    Returns
    -------
    numpy.ndarray
        Shape (sector,).

    Raises
    ------
    SectorOutputError
        If a sector without output buys inputs beyond the table's tolerance.
    """
    flows, output = table.transactions.values, table.output.values
    idle = np.flatnonzero(output <= 0)
    if len(idle):
        bought = np.abs(flows[:, idle]).sum(axis=0) > table.tolerance
        if bought.any():
            sectors = table.sectors
            raise SectorOutputError(
                f"no output but inputs in {listed([sectors[i] for i in idle[bought]])}: correct "
                "the output, clear the column or aggregate the sector with one that has output"
            )
    scale: Array = np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)
    return scale


class Factor(Protocol):
    """I - A of an economy that is known to be productive, ready to be solved with."""

    @property
    def prices(self) -> Array:
        """Solution p of (I - A)'p = 1: the proof that the economy is productive."""
        ...

    def rows(self, right: Array) -> Array:
        """Return right @ inv(I - A) for a vector or for rows."""
        ...

    def columns(self, right: Array) -> Array:
        """Return inv(I - A) @ right for a vector or for columns."""
        ...

    def inverse(self, *, keep: bool = True) -> Array:
        """Return inv(I - A), a new array; without ``keep`` what is here may be lost."""
        ...


@dataclass(frozen=True, eq=False)
class Inverted:
    """
    A small economy: its inverse costs less than factors do, and every solve is one product.

    Parameters
    ----------
    made : numpy.ndarray
        inv(I - A).
    prices : numpy.ndarray
        Its column sums.

    Notes
    -----
    All in numpy: another library's LAPACK brings threads of its own, and the two sets wait
    for each other's cores, for a hundred times as long as a small solve takes.
    """

    made: Array
    prices: Array

    def rows(self, right: Array) -> Array:
        """Return right @ inv(I - A) for a vector or for rows."""
        solved: Array = right @ self.made
        return solved

    def columns(self, right: Array) -> Array:
        """Return inv(I - A) @ right for a vector or for columns."""
        solved: Array = self.made @ right
        return solved

    def inverse(self, *, keep: bool = True) -> Array:
        """Return inv(I - A)."""
        return self.made.copy() if keep else self.made


@dataclass(frozen=True, eq=False)
class Factors:
    """
    LU factors of a large economy.

    Parameters
    ----------
    lu, pivots : numpy.ndarray
        Of the transpose of I - A, as LAPACK's ``getrf`` leaves them.
    prices : numpy.ndarray
        Solution p of (I - A)'p = 1.
    """

    lu: Array
    pivots: npt.NDArray[np.intc]
    prices: Array

    def rows(self, right: Array) -> Array:
        """Return right @ inv(I - A) for a vector or for rows, without the inverse."""
        from scipy.linalg import lapack

        solved: Array = lapack.dgetrs(self.lu, self.pivots, right.T)[0]
        return solved.T

    def columns(self, right: Array) -> Array:
        """Return inv(I - A) @ right for a vector or for columns, without the inverse."""
        from scipy.linalg import lapack

        solved: Array = lapack.dgetrs(self.lu, self.pivots, right, trans=1)[0]
        return solved

    def inverse(self, *, keep: bool = True) -> Array:
        """Return inv(I - A); without ``keep`` in the memory of the factors, which are lost."""
        from scipy.linalg import lapack

        lu = self.lu.copy(order="F") if keep else self.lu
        made: Array = np.asarray(lapack.dgetri(lu, self.pivots, overwrite_lu=True)[0]).T
        return made


@dataclass(frozen=True, eq=False)
class SingleFactor:
    """
    The same factors in single precision, for refinement.

    Parameters
    ----------
    lu, pivots : numpy.ndarray
        Of the transpose of I - A.
    """

    lu: npt.NDArray[np.float32]
    pivots: npt.NDArray[np.intc]

    def rows(self, right: Array) -> Array:
        """Return right @ inv(I - A) to single precision, each row scaled by its largest entry."""
        return self._solve(right, 0)

    def columns(self, right: Array) -> Array:
        """Return the same for columns that are kept as the rows of right."""
        return self._solve(right, 1)

    def _solve(self, right: Array, trans: int) -> Array:
        from scipy.linalg import lapack

        size = np.abs(right).max(axis=1, keepdims=True)
        size[size == 0] = 1.0
        narrow = (right / size).astype(np.float32)
        solved = lapack.sgetrs(self.lu, self.pivots, narrow.T, trans=trans)[0]
        wide: Array = np.asarray(solved.T, dtype=np.float64) * size
        return wide


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
    return factor_system(System(a, None), labels)


def factor_system(system: System, labels: Labels) -> Factor:
    """
    Factorise I - A of an economy held as flows; see :func:`factorise`.

    Parameters
    ----------
    system : System
        Flows and output, or coefficients.
    labels : pandas.Index
        Sectors, for messages.

    Returns
    -------
    Factor
        Made in one array as large as the table.

    Raises
    ------
    SingularSystemError
        If I - A is singular to working precision.
    NotProductiveError
        If the inverse has a negative entry.
    """
    factor = _inverted(system) if system.n <= SMALL else _factors(system)
    if factor is None:
        raise SingularSystemError(
            "I - A is singular to working precision, so no output can meet a final demand: "
            f"{suspects(system, labels)}"
        )
    if not system.negative:
        if not (factor.prices > 0).all():
            raise NotProductiveError(
                f"the economy needs more of a product than it makes: {suspects(system, labels)}"
            )
        return factor
    inverse = factor.made if isinstance(factor, Inverted) else factor.inverse()
    if inverse.min() < -ROUNDING * np.abs(inverse).max():
        i, j = divmod(int(inverse.argmin()), system.n)
        raise NotProductiveError(
            f"final demand for {labels[j]!r} would need a negative output of {labels[i]!r}: "
            "check the negative coefficients of the table"
        )
    return factor


def _inverted(system: System) -> Inverted | None:
    """Invert I - A; None if it is singular to working precision."""
    matrix = system.system()
    try:
        made: Array = np.linalg.inv(matrix.T).T
    except np.linalg.LinAlgError:
        return None
    norms = [float(np.abs(m).sum(axis=0).max()) for m in (matrix, made)]
    if not norms[0] * norms[1] * SMALLEST_CONDITION < 1:
        return None
    return Inverted(made, made.sum(axis=0))


def _factors(system: System) -> Factors | None:
    """Factorise I - A in one array; None if it is singular to working precision."""
    from scipy.linalg import lapack

    matrix = system.system().T  # in Fortran's order without a copy
    norm = lapack.dlange("I", matrix)  # type: ignore[call-arg]
    lu, pivots, info = lapack.dgetrf(matrix, overwrite_a=True)
    if info > 0 or lapack.dgecon(lu, norm, norm="I")[0] < SMALLEST_CONDITION:
        return None
    return Factors(lu, pivots, lapack.dgetrs(lu, pivots, np.ones(system.n))[0])


def single_factor(system: System) -> SingleFactor | None:
    """
    Factorise I - A in single precision.

    Parameters
    ----------
    system : System
        Flows and output, or coefficients.

    Returns
    -------
    SingleFactor or None
        None if I - A is too near singular for seven digits.
    """
    from scipy.linalg import lapack

    matrix = system.system(np.float32).T
    norm = lapack.slange("I", matrix)  # type: ignore[call-arg]
    lu, pivots, info = lapack.sgetrf(matrix, overwrite_a=True)
    if info > 0 or lapack.sgecon(lu, norm, norm="I")[0] < SMALLEST_SINGLE_CONDITION:
        return None
    return SingleFactor(lu, pivots)


def suspects(system: System, labels: Labels) -> str:
    """
    Name the columns whose inputs are as large as output: without one, A >= 0 is productive.

    Parameters
    ----------
    system : System
        The economy.
    labels : pandas.Index
        Sectors.

    Returns
    -------
    str
        End of a message, with what to do.
    """
    sums = system.row_products(np.ones(system.n))
    worst = [i for i in np.argsort(-sums) if sums[i] >= 1 - ROUNDING]
    if not worst:
        top = int(sums.argmax())
        return f"inputs per unit of output are largest in {labels[top]} ({sums[top]:.6f})"
    named = [f"{labels[i]} ({sums[i]:.3f})" for i in worst]
    return (
        f"inputs per unit of output in {listed(named)} leave no value added: "
        "check these columns, their output and their units"
    )
