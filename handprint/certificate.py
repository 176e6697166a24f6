"""What a solution proves about itself: its residual and how far off it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handprint.alignment import Array

PASSES = 40  # rounds of the supply chain tried for a proof; beyond, the factors decide
SHARE = 0.9  # of its start that the last round may leave: the bound grows by at most ten
UNIT = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class Weights:
    r"""
    Positive p with :math:`p^\top (I - |A|) = d > 0`: the proof that the economy is productive.

    Parameters
    ----------
    p, d : numpy.ndarray
        Both positive; for the column side :math:`(I - |A|) p = d`.
    plain : bool
        Whether p is a vector of ones, so that d is one minus the column sums.
    """

    p: Array
    d: Array
    plain: bool


def weights(absolute: Callable[[Array], Array], start: Array) -> Weights | None:
    r"""
    Find the proof by adding up rounds of the supply chain.

    Parameters
    ----------
    absolute : callable
        Returns v |A| (or |A| v).
    start : numpy.ndarray
        Positive.

    Returns
    -------
    Weights or None
        None if the rounds do not fade: the economy may be near-singular or unproductive.

    Notes
    -----
    With :math:`p = v_0 + v_1 + ... + v_m`, :math:`v_{l+1} = v_l |A|`, the sum telescopes:
    :math:`p (I - |A|) = v_0 - v_{m+1}`. One round is the test by column sums; every further
    round covers economies in which some column sums are one or more [1]_.

    References
    ----------
    .. [1] A. Berman and R. J. Plemmons, Nonnegative Matrices in the Mathematical Sciences,
       SIAM, 1994, ch. 6, theorem 2.3.
    """
    p, last = start.copy(), start
    for rounds in range(PASSES):
        last = absolute(last)
        share = float((last / start).max())
        if share <= SHARE:
            return Weights(p, start - last, plain=not rounds and bool((start == 1).all()))
        if not share < 1e30:
            return None
        p += last
    return None


@dataclass(frozen=True)
class Certificate:
    """
    How a result was made and how far off it can be.

    Parameters
    ----------
    method : str
        What was used.
    steps : int
        Passes over the table, or corrections; zero for a direct solve.
    residual : float
        Largest entry of s - t (I - A), in units of the result's right-hand side.
    error_bound : float or None
        Largest possible error of any element.
    by_row : tuple of float
        The same for each row, or column, of the result.
    bound : str
        Where the bound comes from, or why there is none.
    """

    method: str
    steps: int
    residual: float
    error_bound: float | None
    by_row: tuple[float, ...]
    bound: str

    @property
    def summary(self) -> str:
        """One line for people."""
        steps = f"{self.steps} steps, " if self.steps else ""
        return f"{self.method}: {steps}residual {self.residual:.1e}"

    def attrs(self) -> dict[str, object]:
        """Return plain attributes that any file format takes."""
        kept: dict[str, object] = {
            "method": self.method,
            "steps": self.steps,
            "residual": self.residual,
            "bound": self.bound,
        }
        if self.error_bound is not None:
            kept["error_bound"] = self.error_bound
            if self.by_row:
                kept["error_bound_by_row"] = list(self.by_row)
        return kept


def certify(
    residual: Array,
    solution: Array,
    proof: Weights | None,
    method: str,
    steps: int,
    *,
    blur: Array | float = 0.0,
) -> Certificate:
    r"""
    Bound the error of every element by the residual.

    Parameters
    ----------
    residual : numpy.ndarray
        :math:`R = S - T (I - A)`, shape (k, n).
    solution : numpy.ndarray
        T, same shape.
    proof : Weights or None
        That the economy is productive.
    method : str
        What was used.
    steps : int
        Passes made.
    blur : numpy.ndarray or float
        What the residual may lack because the table is stored rounded, same shape.

    Returns
    -------
    Certificate
        With the bound, or why there is none.

    Notes
    -----
    The error is :math:`R L`, and :math:`|L| \le (I - |A|)^{-1}`, so with
    :math:`p^\top (I - |A|) = d > 0`: :math:`|T - T^*|_{kj} \le p_j \max_i |R_{ki}| / d_i`.
    With p = 1 that is :math:`\max_i |R_{ki}| / (1 - c_i)`, c the column sums of A. Four units
    in the last place of T stand for the rounding of the residual itself. A further step
    :math:`T + R M^{-1}`, M the domestic part of I - A or I, keeps the bound, as
    :math:`0 \le L - M^{-1} \le L`.
    """
    size = np.abs(residual)
    worst = float(size.max(initial=0.0))
    if proof is None:
        why = "none: no proof by rounds of the supply chain; see the condition number"
        return Certificate(method, steps, worst, None, (), why)
    rows = ((size + blur + 4 * UNIT * np.abs(solution)) / proof.d).max(axis=1) * float(
        proof.p.max()
    )
    kind = "residual / (1 - column sums)" if proof.plain else "residual / productive vector"
    bounds = tuple(float(b) for b in rows)
    return Certificate(method, steps, worst, max(bounds, default=0.0), bounds, kind)
