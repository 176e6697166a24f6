"""I - A as an operator: products with A straight from flows and output, A itself never formed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array
from handprint.errors import MethodError

Blocks = tuple[npt.NDArray[np.intp], ...]
PANEL = 1 << 19  # cells of a panel that is widened or made positive at a time: 4 MiB


@dataclass(frozen=True, eq=False)
class System:
    r"""
    The matrix A of an economy, held as flows and the reciprocal of output.

    Parameters
    ----------
    flows : numpy.ndarray
        Flows Z, or the coefficients themselves; float64, or float32 in the low-memory form.
    scale : numpy.ndarray or None
        :math:`1/x`, zero where a sector has no output; None if ``flows`` are coefficients.
    regions : tuple of numpy.ndarray or None
        Positions of the sectors of each region.
    rounding : float
        Largest relative error of a stored flow against the table it was taken from.

    Notes
    -----
    :math:`tA = (tZ) \circ (1/x)` and :math:`Av = Z(v \circ 1/x)`: one pass over the table for
    all rows of a block.
    """

    flows: npt.NDArray[Any]
    scale: Array | None
    regions: Blocks | None = None
    rounding: float = 0.0
    _memo: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def n(self) -> int:
        """Number of sectors."""
        return len(self.flows)

    @property
    def negative(self) -> bool:
        """Whether a coefficient is negative."""
        if "negative" not in self._memo:
            self._memo["negative"] = bool(self.flows.min() < 0)
        return self._memo["negative"]

    @property
    def narrow(self) -> bool:
        """Whether the table is held in single precision."""
        return self.flows.dtype == np.float32

    def row_products(self, t: Array) -> Array:
        """Return t A for rows t."""
        product = self._panelled(t) if self.narrow else t @ self.flows
        if self.scale is not None:
            product *= self.scale
        return product

    def column_products(self, v: Array) -> Array:
        """Return (A v')' for columns kept as the rows of v."""
        if self.scale is not None:
            v = v * self.scale
        if not self.narrow:
            product: Array = v @ self.flows.T
            return product
        return self._panelled_columns(v)

    def absolute_rows(self, t: Array) -> Array:
        """Return t |A| for a row or rows t."""
        if not self.negative:
            return self.row_products(t)
        product = np.zeros_like(t)
        for panel in self._panels():
            product += t[..., panel] @ np.abs(self.flows[panel])
        return product if self.scale is None else product * self.scale

    def absolute_columns(self, v: Array) -> Array:
        """Return |A| v for a column v, or columns kept as the rows of v."""
        if not self.negative:
            return self.column_products(v)
        if self.scale is not None:
            v = v * self.scale
        parts = [v @ np.abs(self.flows[panel]).T for panel in self._panels()]
        return np.concatenate(parts, axis=-1)

    def cells(self, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> Array:
        """Return A[rows, columns]."""
        part = self.flows[np.ix_(rows, columns)].astype(np.float64)
        return part if self.scale is None else part * self.scale[columns]

    def coefficients(self) -> Array:
        """Return A as a new array."""
        wide = self.flows.astype(np.float64)
        if self.scale is not None:
            wide *= self.scale
        return wide

    def system(self, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
        """Return a new array I - A, made panel by panel so that nothing else is as large."""
        made = np.empty(self.flows.shape, dtype=dtype)
        factor = -1.0 if self.scale is None else -self.scale
        for panel in self._panels():
            np.multiply(self.flows[panel], factor, out=made[panel], casting="unsafe")
        made[np.diag_indices(self.n)] += 1
        return made

    def rounded(self) -> System:
        """Return the same economy with the table held in single precision."""
        if self.narrow:
            return self
        flows = self.flows.astype(np.float32)
        if not np.isfinite(flows).all():
            raise MethodError("the table holds numbers too large for single precision")
        return System(flows, self.scale, self.regions, float(np.finfo(np.float32).eps) / 2)

    def _panels(self) -> list[slice]:
        step = max(1, PANEL // self.n)
        return [slice(i, i + step) for i in range(0, self.n, step)]

    def _panelled(self, t: Array) -> Array:
        """Return t Z, widening a panel of rows at a time."""
        product = np.zeros_like(t)
        for panel in self._panels():
            product += t[..., panel] @ self.flows[panel].astype(np.float64)
        return product

    def _panelled_columns(self, v: Array) -> Array:
        """Return (Z v')', widening a panel of rows at a time."""
        product = np.empty_like(v)
        for panel in self._panels():
            product[..., panel] = v @ self.flows[panel].astype(np.float64).T
        return product


@dataclass(frozen=True, eq=False)
class DomesticBlocks:
    """
    Inverses of I - A within each region: the preconditioner of world tables.

    Parameters
    ----------
    places : tuple
        Where the sectors of each region are; a slice where they follow each other.
    inverses : tuple of numpy.ndarray
        Inverse of I - A of each region.
    """

    places: tuple[slice | npt.NDArray[np.intp], ...]
    inverses: tuple[Array, ...]

    @classmethod
    def of(cls, system: System) -> DomesticBlocks:
        """
        Invert the domestic blocks.

        Parameters
        ----------
        system : System
            With regions.

        Returns
        -------
        DomesticBlocks
            One for each region.

        Raises
        ------
        MethodError
            If the system has no regions.
        numpy.linalg.LinAlgError
            If a domestic block is singular.
        """
        if system.regions is None:
            raise MethodError(
                'method "bj+gmres" needs the region of every sector: make the table with '
                'from_arrays(..., regions=...), or take "bicgstab" or "lu"'
            )
        inverses: tuple[Array, ...] = tuple(
            np.asarray(np.linalg.inv(np.eye(len(r)) - system.cells(r, r)), dtype=np.float64)
            for r in system.regions
        )
        together = (len(r) == r[-1] - r[0] + 1 for r in system.regions)
        places = tuple(
            slice(int(r[0]), int(r[-1]) + 1) if whole else r
            for r, whole in zip(system.regions, together, strict=True)
        )
        return cls(places, inverses)

    def rows(self, t: Array) -> Array:
        """Return t M^-1, M the domestic part of I - A."""
        out = np.empty_like(t)
        for at, inverse in zip(self.places, self.inverses, strict=True):
            out[:, at] = t[:, at] @ inverse
        return out

    def columns(self, v: Array) -> Array:
        """Return (M^-1 v')' for columns kept as the rows of v."""
        out = np.empty_like(v)
        for at, inverse in zip(self.places, self.inverses, strict=True):
            out[:, at] = v[:, at] @ inverse.T
        return out


def grouped(regions: npt.ArrayLike | None) -> Blocks | None:
    """
    Positions of the members of each region, in the order of first appearance.

    Parameters
    ----------
    regions : array_like or None
        Region of each sector.

    Returns
    -------
    tuple of numpy.ndarray or None
        None for fewer than two regions, where blocks would be the whole table.

    Examples
    --------
    >>> grouped(["CN", "CN", "DE"])
    (array([0, 1]), array([2]))
    """
    if regions is None:
        return None
    names, first, code = np.unique(np.asarray(regions), return_index=True, return_inverse=True)
    if len(names) < 2:
        return None
    return tuple(np.flatnonzero(code == i) for i in np.argsort(first))
