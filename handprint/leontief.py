"""The Leontief engine: coefficients, one factorisation of I - A, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensity, ledger, multiplier_matrix
from handprint.alignment import (
    Array,
    ArrayInput,
    Block,
    Labels,
    demand_labels,
    positions,
    read,
)
from handprint.errors import NotProductiveError, ShapeError, SingularSystemError
from handprint.factor import ROUNDING, coefficients, factorise
from io_tables import IOTable

__all__ = ["Solver", "intensity", "ledger", "multiplier_matrix", "technical_coefficients"]

TableOrCoefficients: TypeAlias = "IOTable | ArrayInput"


def technical_coefficients(table: IOTable) -> xr.DataArray:
    r"""
    Input of each sector's product per unit of a purchaser's output.

    Parameters
    ----------
    table : IOTable
        Flows :math:`Z` and output :math:`x` [table units].

    Returns
    -------
    xarray.DataArray
        Coefficients :math:`A`, dims (sector, purchaser) [table units per table units].

    Raises
    ------
    SectorOutputError
        If a sector without output buys inputs.

    Notes
    -----
    :math:`A = Z \hat x^{-1}` [1]_. A sector with neither output nor inputs has a column of
    zeros: nothing is made there, so nothing is needed.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge
       University Press, 2009, ch. 2.
    """
    return xr.DataArray(
        coefficients(table),
        coords={"sector": table.sectors, "purchaser": table.sectors},
        dims=("sector", "purchaser"),
        name="technical_coefficients",
        attrs={
            "units": f"{table.units}/{table.units}",
            "long_name": "technical coefficients",
            "price_basis": table.price_basis,
            "source": table.source,
        },
    )


class Solver:
    r"""
    One factorisation of I - A, used for every question that is put to the table.

    Parameters
    ----------
    table_or_coefficients : IOTable or array_like
        A table, or coefficients :math:`A`, dims (sector, purchaser), square. Labels decide;
        plain arrays are taken by position.

    Raises
    ------
    ShapeError
        If the coefficients are not square.
    LabelMismatchError
        If rows and columns are not labelled alike.
    MissingValueError
        If a cell is missing, infinite or no number.
    NotProductiveError
        If no non-negative output can meet every final demand.

    Notes
    -----
    Multipliers :math:`m = s (I - A)^{-1}` and output :math:`x = (I - A)^{-1} y` are solved
    from the LU factors; the inverse is formed only by :meth:`inverse`.

    Examples
    --------
    >>> solver = Solver([[0.15, 0.25], [0.20, 0.05]])
    >>> solver.output([600, 1500]).round(1).values
    array([1247.5, 1841.6])
    """

    def __init__(self, table_or_coefficients: TableOrCoefficients) -> None:
        if isinstance(table_or_coefficients, IOTable):
            self._a = coefficients(table_or_coefficients)
            self._labels: Labels = pd.Index(table_or_coefficients.sectors)
        else:
            self._a, self._labels = _square(table_or_coefficients, "coefficients")
        self._factor = factorise(self._a, self._labels)

    @property
    def method(self) -> str:
        """How systems are solved."""
        return "lu"

    @property
    def sectors(self) -> list[object]:
        """Sector labels, in order; positions where none were given."""
        return list(self._labels)

    def multipliers(self, intensity: ArrayInput) -> xr.DataArray:
        r"""
        Total requirement of each stressor per unit of final demand for each product.

        Parameters
        ----------
        intensity : array_like
            Direct amount per unit of output :math:`s`, dims (sector) or (stressor, sector).

        Returns
        -------
        xarray.DataArray
            :math:`s (I - A)^{-1}`, same dims [units of the intensity].

        Raises
        ------
        ShapeError, LabelMismatchError, MissingValueError
            If the intensity does not fit the sectors.
        """
        block = self._by_sector(intensity, "intensity", dims=(..., "sector"))
        stressor = _other_axis(block, 0, "stressor") if block.values.ndim == 2 else {}
        return xr.DataArray(
            self._factor.rows(block.values),
            coords={**stressor, "sector": self._labels},
            dims=(*stressor, "sector"),
            name="multipliers",
            attrs={"units": block.units or "units of the intensity", "long_name": "multipliers"},
        )

    def output(self, final_demand: ArrayInput) -> xr.DataArray:
        r"""
        Output that every sector must deliver for one or several final demands.

        Parameters
        ----------
        final_demand : array_like
            Final demand :math:`y`, dims (sector) or (sector, category).

        Returns
        -------
        xarray.DataArray
            :math:`(I - A)^{-1} y`, same dims [units of final demand].

        Raises
        ------
        ShapeError, LabelMismatchError, MissingValueError
            If final demand does not fit the sectors.
        """
        block = self._by_sector(final_demand, "final demand", dims=("sector", ...), axis=0)
        category = _other_axis(block, 1, "category") if block.values.ndim == 2 else {}
        return xr.DataArray(
            self._factor.columns(block.values),
            coords={"sector": self._labels, **category},
            dims=("sector", *category),
            name="output",
            attrs={"units": block.units or "units of final demand", "long_name": "output"},
        )

    def inverse(self) -> xr.DataArray:
        r"""
        Total requirements, formed only here.

        Returns
        -------
        xarray.DataArray
            :math:`L = (I - A)^{-1}`, dims (sector, purchaser) [output per final demand].
        """
        return xr.DataArray(
            self._factor.columns(np.eye(len(self._a))),
            coords={"sector": self._labels, "purchaser": self._labels},
            dims=("sector", "purchaser"),
            name="leontief_inverse",
            attrs={"units": "1", "long_name": "Leontief inverse"},
        )

    def updated(self, coefficients_delta: ArrayInput) -> Solver:
        """
        Solve the economy with changed coefficients.

        Parameters
        ----------
        coefficients_delta : array_like
            Added to the coefficients, dims (sector, purchaser).

        Returns
        -------
        Solver
            A new one; this one stays as it is.

        Raises
        ------
        NotProductiveError
            If the changed economy is not productive.
        ShapeError, LabelMismatchError, MissingValueError
            If the change does not fit the sectors.
        """
        delta, labels = _square(coefficients_delta, "change of coefficients", self._labels)
        return Solver(pd.DataFrame(self._a + delta, index=labels, columns=labels))

    def sweep(
        self,
        rows: Sequence[object],
        columns: Sequence[object],
        deltas: ArrayInput,
        *,
        intensity: ArrayInput,
        final_demand: ArrayInput | None = None,
    ) -> xr.DataArray:
        r"""
        Multipliers, or totals, for many changes of one block of coefficients.

        Parameters
        ----------
        rows, columns : sequence
            Sectors that sell and that buy; positions where the coefficients had no labels.
        deltas : array_like
            Added to the coefficients of the block, dims (draw, rows, columns).
        intensity : array_like
            Direct amount per unit of output, dims (sector) or (stressor, sector).
        final_demand : array_like, optional
            One final demand, dims (sector).

        Returns
        -------
        xarray.DataArray
            Totals, dims (draw, stressor), when final demand is given; otherwise multipliers,
            dims (draw, stressor, sector).

        Raises
        ------
        NotProductiveError
            If a draw makes a coefficient negative or the economy unproductive; it is named.
        ShapeError, LabelMismatchError, MissingValueError, UnknownSectorError
            If an argument does not fit the sectors.

        Notes
        -----
        With D added to rows p and columns c, the update is exact [1]_:
        :math:`T_d = T + T_p D (I - L_{cp} D)^{-1} L_c` and
        :math:`e_d = e + T_p D (I - L_{cp} D)^{-1} x_c`; only the rows c of L are solved for.

        References
        ----------
        .. [1] W. W. Hager, Updating the inverse of a matrix, SIAM Review 31 (1989) 221-239.
        """
        block = self._by_sector(intensity, "intensity", dims=(..., "sector"))
        stressor = (
            _other_axis(block, 0, "stressor") if block.values.ndim == 2 else {"stressor": [0]}
        )
        p = positions(rows, self._labels, "rows")
        c = positions(columns, self._labels, "columns")
        change = self._changes(deltas, p, c)
        demand = None if final_demand is None else self._one_demand(final_demand)
        base = self._factor.rows(np.atleast_2d(block.values))
        requirements = self._factor.rows(np.eye(len(self._a))[c])
        gain = self._gain(np.vstack([base, self._factor.prices]), requirements, change, p, c)
        dims = ("draw", *stressor)
        coords = {"draw": np.arange(len(change)), **stressor}
        if demand is None:
            values = base + gain @ requirements
            dims, coords = (*dims, "sector"), {**coords, "sector": self._labels}
        else:
            values = base @ demand + gain @ (requirements @ demand)
        units = block.units or "units of the intensity"
        return xr.DataArray(
            values,
            coords=coords,
            dims=dims,
            name="multipliers" if demand is None else "totals",
            attrs={"units": units if demand is None else f"({units}) x final demand"},
        )

    def _gain(
        self,
        base: Array,
        requirements: Array,
        change: Array,
        p: npt.NDArray[np.intp],
        c: npt.NDArray[np.intp],
    ) -> Array:
        """Return T_p D (I - L_cp D)^-1, (draw, stressor, columns), of productive draws only."""
        inner = np.eye(len(c)) - requirements[:, p] @ change
        seen = base[:, p] @ change
        try:
            gain = np.linalg.solve(inner.swapaxes(1, 2), seen.swapaxes(1, 2)).swapaxes(1, 2)
        except np.linalg.LinAlgError as singular:
            at = int(np.abs(np.linalg.det(inner)).argmin())
            raise SingularSystemError(f"draw {at}: I - A is singular") from singular
        prices = self._factor.prices[c] + gain[:, -1] @ requirements[:, c]
        if (prices <= 0).any():
            draw, k = np.argwhere(prices <= 0)[0]
            raise NotProductiveError(
                f"draw {draw}: the economy is not productive, the inputs of "
                f"{self._labels[c[k]]!r} exceed its output: narrow the distribution"
            )
        return gain[:, :-1].astype(np.float64, copy=False)

    def _changes(
        self, deltas: ArrayInput, p: npt.NDArray[np.intp], c: npt.NDArray[np.intp]
    ) -> Array:
        """Read the draws of a block and refuse those that make a coefficient negative."""
        block = read(deltas, "deltas")
        if block.values.shape[1:] != (len(p), len(c)) or block.values.ndim != 3:
            raise ShapeError(
                f"deltas have shape {block.values.shape}: give (draw, {len(p)} rows, "
                f"{len(c)} columns)"
            )
        demand_labels(block.labels[1], self._labels[p], "deltas, rows")
        demand_labels(block.labels[2], self._labels[c], "deltas, columns")
        present = self._a[np.ix_(p, c)]
        wrong = np.argwhere(present + block.values < np.minimum(present, 0) - ROUNDING)
        if len(wrong):
            draw, i, j = wrong[0]
            raise NotProductiveError(
                f"draw {draw}: the delta takes more from coefficient "
                f"[{self._labels[p[i]]}, {self._labels[c[j]]}] than its {present[i, j]:.6g}"
            )
        return block.values

    def _one_demand(self, final_demand: ArrayInput) -> Array:
        """Read one final demand vector."""
        block = self._by_sector(final_demand, "final demand", dims=("sector", ...), axis=0)
        if block.values.ndim != 1:
            raise ShapeError("a sweep takes one final demand by sector: sum over its categories")
        return block.values

    def _by_sector(
        self,
        values: ArrayInput,
        what: str,
        *,
        dims: tuple[str | EllipsisType, ...],
        axis: int = -1,
    ) -> Block:
        """Read a vector or a matrix that has the sectors on one axis."""
        block = read(values, what, dims=dims)
        if block.values.ndim not in (1, 2) or block.values.shape[axis] != len(self._labels):
            raise ShapeError(
                f"{what} has shape {block.values.shape}: its {'first' if axis == 0 else 'last'} "
                f"axis needs the {len(self._labels)} sectors"
            )
        demand_labels(block.labels[axis], self._labels, f"{what}, sector")
        return block


def _square(values: object, what: str, labels: Labels | None = None) -> tuple[Array, Labels]:
    """Read a square matrix with the same labels on both axes."""
    block = read(values, what, dims=("sector", "purchaser"))
    if block.values.ndim != 2 or len(set(block.values.shape)) != 1 or not block.values.size:
        raise ShapeError(f"{what}: shape {block.values.shape} is not square: one row per column")
    rows = block.labels[0] if labels is None else labels
    if rows is None:
        rows = pd.RangeIndex(len(block.values))
    if len(rows) != len(block.values):
        raise ShapeError(f"{what}: {len(block.values)} rows for {len(rows)} sectors")
    demand_labels(block.labels[0], rows, f"{what}, rows")
    demand_labels(block.labels[1], rows, f"{what}, columns")
    return block.values, rows


def _other_axis(block: Block, axis: int, default: str) -> dict[str, object]:
    """Name and label the axis that does not hold the sectors."""
    labels = block.labels[axis]
    values = np.arange(block.values.shape[axis]) if labels is None else labels
    return {block.dims[axis] or default: values}
