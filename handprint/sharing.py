"""How measures that save the same input share what they save together."""

from __future__ import annotations

from functools import cache

import numpy as np

from handprint.alignment import Array


def shapley_shares(fractions: Array) -> Array:
    r"""
    Share out the joint saving of measures that each save a fraction of what is left.

    Parameters
    ----------
    fractions : numpy.ndarray
        Saving of each measure alone, shape (measure, ...).

    Returns
    -------
    numpy.ndarray
        Same shape; the sum over measures is :math:`1 - \prod_k (1 - f_k)`.

    Notes
    -----
    The Shapley value of measure k is its mean marginal saving over all orders of the measures,
    :math:`f_k \int_0^1 \prod_{l \ne k} (1 - t f_l)\, dt` (Owen's multilinear extension [1]_);
    Gauss-Legendre quadrature is exact for this polynomial.

    References
    ----------
    .. [1] G. Owen, Multilinear extensions of games, Management Science 18 (1972) 64-79.

    Examples
    --------
    >>> shapley_shares(np.array([0.2, 0.5])).round(12)
    array([0.15, 0.45])
    """
    nodes, weights = _quadrature((len(fractions) + 1) // 2)
    left = 1 - np.multiply.outer(nodes, fractions)
    others = left.prod(axis=1, keepdims=True) / left
    shares: Array = fractions * np.einsum("t,t...->...", weights, others)
    return shares


@cache
def _quadrature(order: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss-Legendre quadrature on the open interval from 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return (nodes + 1) / 2, weights / 2
