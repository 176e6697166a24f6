"""Covariances and the one conditioning step that reconciliation rests on: plain arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from handprint.alignment import Array
from handprint.errors import ContradictionError, CovarianceError

ROUNDING = 1e-10  # negative share of the largest eigenvalue that counts as zero
NULL = 1e-12  # share of the largest eigenvalue below which a direction has no variance


class Posterior(NamedTuple):
    """State after conditioning on observations."""

    estimate: Array
    covariance: Array
    root: Array  # B with B B' = covariance; rows that nothing can move are zero to rounding
    adjustment_covariance: Array  # prior minus posterior covariance
    chi2: float
    degrees_of_freedom: int


def refuse_covariance(covariance: Array, what: str) -> None:
    """
    Refuse a matrix that is no covariance.

    Parameters
    ----------
    covariance : numpy.ndarray
        Square.
    what : str
        Name for messages.

    Raises
    ------
    CovarianceError
        If it is not symmetric, has a negative variance or is not positive semidefinite.
    """
    variances = np.diag(covariance)
    if (variances < 0).any():
        at = int(variances.argmin())
        raise CovarianceError(
            f"{what}: variance {at + 1} is {variances[at]:.6g}: a variance is not negative"
        )
    deviations = np.sqrt(variances)  # their product stays in range where that of variances does not
    scale = np.outer(deviations, deviations)
    skew = np.abs(covariance - covariance.T)
    if (skew > 1e-9 * scale).any():
        i, j = np.unravel_index(skew.argmax(), skew.shape)
        raise CovarianceError(
            f"{what}: not symmetric: entry ({i + 1}, {j + 1}) is {covariance[i, j]:.6g}, "
            f"entry ({j + 1}, {i + 1}) is {covariance[j, i]:.6g}"
        )
    correlation = _scaled(covariance, variances)
    lowest = float(np.linalg.eigvalsh(correlation)[0]) if len(variances) else 0.0
    stray = (np.abs(covariance) > 0) & (scale == 0)
    if lowest < -ROUNDING * len(variances) or stray.any():
        raise CovarianceError(
            f"{what}: not positive semidefinite (smallest eigenvalue of the correlations "
            f"{lowest:.3g}): correlations contradict each other; check their signs and sizes"
        )


def condition(prior: Array, v: Array, h: Array, c: Array, r: Array, cross: Array) -> Posterior:
    r"""
    Condition a Gaussian state on observations whose errors may go with those of the prior.

    Parameters
    ----------
    prior, v : numpy.ndarray
        Estimate z_b (n) and covariance V_b (n, n).
    h, c, r : numpy.ndarray
        Observations c (m) of H z (m, n), covariance V_t (m, m), zero for exact ones.
    cross : numpy.ndarray
        Covariance C of the errors of z_b and c, (n, m).

    Returns
    -------
    Posterior
        With the chi-square of the innovation.

    Raises
    ------
    ContradictionError
        If observations contradict each other in a direction that has no variance.

    Notes
    -----
    :math:`S = H V_b H' + V_t - H C - C' H'`, :math:`K = (V_b H' - C) S^{-1}`,
    :math:`\hat z = z_b + K d`, :math:`\hat V = V_b - K S K'`, :math:`J = d' S^{-1} d` with
    :math:`d = c - H z_b`. Not computed so: with a root of both sides' errors,
    :math:`e_b = L_b \xi`, :math:`e_t = L_t \xi`, the innovation is :math:`M \xi`,
    :math:`M = L_t - H L_b`, and the state is :math:`z_b - L_b M^{+} d` with what :math:`M` leaves
    of :math:`L_b` as the root of its covariance. No variances are subtracted from each other,
    so exact observations stay exact; redundant ones do no harm. Rows are scaled to unit length,
    and the degrees of freedom are the rank of M.
    """
    below, above = _roots(v, r, cross)
    if not len(c):
        return Posterior(prior, v, below, np.zeros_like(v), 0.0, 0)
    m = above - h @ below
    innovation = c - h @ prior
    length = np.sqrt((m**2).sum(axis=1))
    before = np.sqrt((above**2).sum(axis=1) + ((np.abs(h) @ np.abs(below)) ** 2).sum(axis=1))
    size = np.where(length > ROUNDING * before, length, np.where(before > 0, before, 1.0))
    left, values, right = np.linalg.svd(m / size[:, None], full_matrices=False)
    seen = values > ROUNDING
    left, values, right = left[:, seen], values[seen], right[seen]
    scaled = innovation / size
    silent = scaled - left @ (left.T @ scaled)
    magnitude = (np.abs(c) + np.abs(h) @ np.abs(prior)) / size
    if (np.abs(silent) > 1e-8 * np.maximum(magnitude, 1e-300)).any():
        at = int(np.abs(silent).argmax())
        raise ContradictionError(
            f"observation {at + 1} says {c[at]:.6g}, but nothing can move from "
            f"{c[at] - innovation[at]:.6g} to it: exact observations contradict each other or "
            "what they observe has no variance"
        )
    white = (left.T @ scaled) / values
    lost = below @ right.T
    root = below - lost @ right
    return Posterior(
        prior - lost @ white,
        root @ root.T,
        root,
        lost @ lost.T,
        float(white @ white),
        int(seen.sum()),
    )


def _roots(v: Array, r: Array, cross: Array) -> tuple[Array, Array]:
    """Root of the errors of both sides, one block of columns where they share any."""
    n = len(v)
    if cross.any():
        both = root_of(np.block([[v, cross], [cross.T, r]]))
        return both[:n], both[n:]
    below, above = root_of(v), root_of(r)
    return (
        np.hstack([below, np.zeros((n, above.shape[1]))]),
        np.hstack([np.zeros((len(r), below.shape[1])), above]),
    )


def _scaled(covariance: Array, variances: Array) -> Array:
    """Correlations; rows without variance are left as they are."""
    deviation = np.sqrt(np.where(variances > 0, variances, 1.0))
    scaled: Array = covariance / deviation[:, None] / deviation
    return scaled


def root_of(covariance: Array) -> Array:
    r"""
    Take a root of a covariance, of full column rank.

    Parameters
    ----------
    covariance : numpy.ndarray
        Positive semidefinite, (n, n).

    Returns
    -------
    numpy.ndarray
        B with :math:`B B' = V`, (n, rank). Directions without variance are left out.
    """
    variances = np.diag(covariance).clip(min=0)
    if not len(variances):
        return covariance
    size = np.sqrt(np.where(variances > 0, variances, 1.0))
    values, vectors = np.linalg.eigh(_scaled((covariance + covariance.T) / 2, variances))
    seen = values > NULL * max(float(values[-1]), NULL)
    root: Array = vectors[:, seen] * np.sqrt(values[seen]) * size[:, None]
    return root


def tighten(covariance: Array, rows: Array, deviation: Array) -> tuple[Array, Array]:
    r"""
    Condition a spread on independent observations, whatever values they take.

    Parameters
    ----------
    covariance : numpy.ndarray
        V, (n, n).
    rows : numpy.ndarray
        G, what is observed, (m, n).
    deviation : numpy.ndarray
        Their standard deviations (m), zero for exact ones.

    Returns
    -------
    covariance : numpy.ndarray
        :math:`(V^{-1} + G' R^{-1} G)^{-1}` on the range of V.
    shrink : numpy.ndarray
        T with :math:`T V T' =` this covariance: turns draws of the one spread into draws of
        the other.

    Notes
    -----
    With :math:`V = B B'` and singular values s of :math:`R^{-1/2} G B` the spread along each
    singular vector is divided by :math:`\sqrt{1 + s^2}`: nothing is subtracted, so tight
    observations of a wide prior lose no digits.
    """
    root = root_of(covariance)
    if not root.shape[1]:
        return np.zeros_like(covariance), np.eye(len(covariance))
    seen, exact = rows @ root, deviation == 0
    left = np.eye(root.shape[1])
    if exact.any():
        # Exact observations leave the null space of what they see; the others shrink it.
        length = np.sqrt((seen[exact] ** 2).sum(axis=1, keepdims=True))
        _, values, vectors = np.linalg.svd(seen[exact] / np.where(length > 0, length, 1.0))
        left = vectors[int((values > 1e-10).sum()) :].T
    soft = (seen[~exact] / deviation[~exact, None]) @ left
    _, values, vectors = np.linalg.svd(soft)
    factor = np.ones(left.shape[1])
    factor[: len(values)] = 1 / np.sqrt(1 + values**2)
    basis = left @ vectors.T
    inner = (basis * factor) @ basis.T
    return root @ inner @ inner.T @ root.T, root @ inner @ np.linalg.pinv(root)
