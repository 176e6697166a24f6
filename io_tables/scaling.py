"""The iteration of RAS and GRAS on two vectors of factors."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from io_tables.errors import TableError
from io_tables.margins import Axis, cells
from io_tables.progress import following
from io_tables.report import as_error

Array = npt.NDArray[np.float64]
Method = Literal["ras", "gras"]

SMALL = 30_000  # cells up to which a full matrix of negative cells is faster than a sparse one
DENSE = 0.15  # share of negative cells from which they are kept as a full matrix
BLOCK, MIN_ROWS = 150_000, 16  # cells that stay in the processor's cache while used twice
WINDOW, LEAST = 250, 0.02  # a stall: the gap shrank by less than LEAST in WINDOW iterations


class Steps:
    """
    The two vectors of factors, and the matrix they scale.

    Parameters
    ----------
    positive, negative : array or sparse array
        Positive cells, and the size of negative cells or None.
    targets : tuple of numpy.ndarray
        Targets of rows and of columns.
    keep : tuple of numpy.ndarray
        Whether each row and column keeps its cells.
    """

    def __init__(
        self, positive: Any, negative: Any, targets: tuple[Array, Array], keep: tuple[Any, Any]
    ) -> None:
        self.positive, self.negative = positive, negative
        self.turned = None if negative is None else negative.T
        self.targets, self.keep = targets, keep
        self.r, self.s = (k.astype(float) for k in keep)
        self.sizes = (np.zeros_like(targets[0]), np.zeros_like(targets[1]))
        self.iterations = 0
        m, n = positive.shape
        rows = max(MIN_ROWS, BLOCK // n)
        self.blocks = [slice(i, i + rows) for i in range(0, m, rows)]

    def run(self, tolerance: float, most: int, relaxation: float) -> bool:
        """
        Iterate.

        Parameters
        ----------
        tolerance : float
            Largest gap over the absolute sum of a row or column [1].
        most : int
            Number of iterations.
        relaxation : float
            Exponent of the column steps [1].

        Returns
        -------
        bool
            Whether the targets were met; False also when the gap no longer shrinks.

        Notes
        -----
        The row step and the sums for the column step are taken block by block of rows, so that
        the matrix comes from memory once in each iteration.
        """
        v, keep = self.targets[1], self.keep[1]
        floor, mark, first, reached = np.abs(v), np.inf, 0.0, 0.0
        # the bar follows the digits gained, on the way from the first gap to the tolerance
        with np.errstate(all="ignore"), following("balancing", 1.0) as tell:
            for self.iterations in range(1, most + 1):
                up, down = self._rows()
                now = up * self.s
                back = 0.0 if down is None else down * _inverse(self.s)
                size = np.maximum(now + back, floor)
                gaps = np.abs(now - back - v) / size
                largest = float(gaps.max() if keep.all() else gaps[size > 0].max(initial=0.0))
                self.sizes = (self.sizes[0], size)
                if not np.isfinite(largest):
                    return False
                if largest <= tolerance:
                    return True
                first = first or largest
                share = math.log(first / largest) / math.log(first / tolerance)
                if share > reached:
                    tell(share - reached)
                    reached = share
                if self.iterations % WINDOW == 0:
                    if largest > (1 - LEAST) * mark:
                        return False
                    mark = largest
                step = _factors(v, up, down, keep)
                if relaxation != 1.0:
                    step = np.where(keep, self.s * (step / self.s) ** relaxation, 0.0)
                self.s = step
        return False

    def _rows(self) -> tuple[Array, Array | None]:
        """Take the row step; give the sums of positive and of negative cells by column."""
        u, keep = self.targets[0], self.keep[0]
        down = None if self.negative is None else self.negative @ _inverse(self.s)
        total = np.zeros_like(self.s)
        for block in self.blocks:
            cells_ = self.positive[block]
            up = cells_ @ self.s
            part = None if down is None else down[block]
            r = self.r[block] = _factors(u[block], up, part, keep[block])
            self.sizes[0][block] = up * r if part is None else up * r + part * _inverse(r)
            total += r @ cells_
        np.maximum(self.sizes[0], np.abs(u), out=self.sizes[0])
        return total, None if self.turned is None else self.turned @ _inverse(self.r)


def _factors(target: Array, up: Array, down: Array | None, keep: Any) -> Array:
    """Solve for the factors; a plain quotient where no cell is negative."""
    if down is not None:
        return root(target, up, down, keep)
    return np.divide(target, up, out=np.zeros_like(up), where=keep)


def root(target: Array, up: Array, down: Array, keep: Any) -> Array:
    """
    Solve the quadratic of one row or column.

    Parameters
    ----------
    target : numpy.ndarray
        Sums asked for.
    up, down : numpy.ndarray
        Sums of positive cells, and of the size of negative ones.
    keep : numpy.ndarray of bool
        Where a factor is wanted; zero elsewhere.

    Returns
    -------
    numpy.ndarray
        r > 0 with up r - down / r = target, in the form that loses no digits.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.hypot(target, 2 * np.sqrt(up * down))
        above = (target + spread) / (2 * up)
        below = 2 * down / (spread - target)
    return np.where(keep, np.where(target >= 0, above, below), 0.0)


def tolerance_for(allowed: float, largest: float) -> float:
    """
    Choose a relative tolerance that keeps a table within its own.

    Parameters
    ----------
    allowed : float
        Tolerance of the table [units].
    largest : float
        Largest sum to be met [units].

    Returns
    -------
    float
        A tenth of it, between 1e-13 and 1e-10 [1].
    """
    return float(np.clip(0.1 * allowed / largest if largest else 1e-10, 1e-13, 1e-10))


def _inverse(factors: Array) -> Array:
    """Reciprocals; zero for a row or column that was emptied."""
    return np.divide(1.0, factors, out=np.zeros_like(factors), where=factors > 0)


def parts(values: Array, method: Method, rows: Axis, columns: Axis) -> tuple[Any, Any, Any]:
    """
    Take positive and negative cells apart.

    Parameters
    ----------
    values : numpy.ndarray
        The matrix.
    method : {"ras", "gras"}
        Whether negative cells are allowed.
    rows, columns : Axis
        Labels.

    Returns
    -------
    tuple
        Positive cells, the size of negative cells, and where they are; the last two are None
        where no cell is negative.

    Raises
    ------
    TableError
        If the method is RAS and a cell is negative.
    """
    below = values < 0
    count = int(np.count_nonzero(below))
    if not count:
        return values, None, None
    if method == "ras":
        what = "negative cell {:,.6g}"
        fix = "use gras, which keeps signs, or correct the cell"
        raise as_error("RAS", cells(values, below, rows, columns, what, fix, TableError))
    where = np.nonzero(below)
    sizes = -values[where]
    positive = np.maximum(values, 0.0)
    if count > DENSE * values.size or values.size <= SMALL:
        return positive, np.maximum(-values, 0.0), where
    from scipy.sparse import csr_array

    return positive, csr_array((sizes, where), shape=values.shape), where


def scaled(values: Array, steps: Steps, where: Any) -> Array:
    """
    Apply the factors once.

    Parameters
    ----------
    values : numpy.ndarray
        The matrix.
    steps : Steps
        Factors.
    where : tuple of numpy.ndarray or None
        Places of the negative cells.

    Returns
    -------
    numpy.ndarray
        Balanced matrix.
    """
    out: Array = values * steps.s
    out *= steps.r[:, None]
    if where is not None:
        out[where] = values[where] * _inverse(steps.r)[where[0]] * _inverse(steps.s)[where[1]]
    return out
