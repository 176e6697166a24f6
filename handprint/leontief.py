"""The Leontief engine: coefficients, and every question that I - A answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensity, ledger, multiplier_matrix, technical_coefficients
from handprint.alignment import Array, ArrayInput, Labels, by_sector, other_axis, positions, square
from handprint.choice import SMALL, known
from handprint.engine import Engine, units
from handprint.errors import ShapeError
from handprint.factor import coefficients, reciprocal
from handprint.sweep import places, sweep
from handprint.system import System, grouped
from io_tables import IOTable

__all__ = ["Solver", "intensity", "ledger", "multiplier_matrix", "technical_coefficients"]

TableOrCoefficients: TypeAlias = "IOTable | ArrayInput"


class Solver:
    r"""
    The economy I - A, ready for every question that is put to the table.

    Parameters
    ----------
    table_or_coefficients : IOTable or array_like
        A table, or coefficients :math:`A`, dims (sector, purchaser), square. Labels decide;
        plain arrays are taken by position. A coordinate ``region`` on sector, or the first
        level of a frame's labels, is the region.
    method : {"lu", "bj+gmres", "bicgstab", "lu32", "float32-table"}, optional
        How to solve; when missing, the fastest for the table and the question. The last two
        save memory: factors in single precision with refinement, and a table held in single
        precision.
    memory : int, optional
        Bytes that a solve may use beside the table; by default what the machine has.

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
    MethodError
        If the method is unknown or does not fit the table.
    MemoryLimitError
        If nothing fits in the memory.

    Notes
    -----
    Multipliers :math:`m = s (I - A)^{-1}` and output :math:`x = (I - A)^{-1} y` are solved
    from LU factors, or from flows by an iteration in which A is never formed; the inverse is
    formed only by :meth:`inverse`. Every result states in ``attrs`` its ``method``, ``steps``,
    ``residual`` and ``error_bound``, the largest possible error of any element, or in
    ``bound`` why none is known. With negative coefficients and more than 400 sectors only a
    fading supply chain is proved, not that every entry of the inverse is positive.

    Examples
    --------
    >>> solver = Solver([[0.15, 0.25], [0.20, 0.05]])
    >>> solver.output([600, 1500]).round(1).values
    array([1247.5, 1841.6])
    """

    def __init__(
        self,
        table_or_coefficients: TableOrCoefficients,
        *,
        method: str | None = None,
        memory: int | None = None,
    ) -> None:
        way = known(method)
        if isinstance(table_or_coefficients, IOTable):
            system, self._labels = _system(table_or_coefficients, way)
        else:
            a, self._labels = square(table_or_coefficients, "coefficients")
            system = System(a, None, grouped(_regions(table_or_coefficients)))
        self._engine = Engine(system, self._labels, way, memory)

    @property
    def method(self) -> str:
        """How systems are solved; after a solve also its steps and residual."""
        return self._engine.method

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
            :math:`s (I - A)^{-1}`, same dims [units of the intensity], with its certificate.

        Raises
        ------
        ShapeError, LabelMismatchError, MissingValueError
            If the intensity does not fit the sectors.
        MemoryLimitError, ConvergenceError
            If the memory or the accuracy is out of reach.
        """
        block = by_sector(intensity, "intensity", self._labels, dims=(..., "sector"))
        stressor = other_axis(block, 0, "stressor") if block.values.ndim == 2 else {}
        values, certificate = self._engine.solve(np.atleast_2d(block.values), "rows")
        return xr.DataArray(
            values if stressor else values[0],
            coords={**stressor, "sector": self._labels},
            dims=(*stressor, "sector"),
            name="multipliers",
            attrs={
                "units": block.units or "units of the intensity",
                "long_name": "multipliers",
                **certificate.attrs(),
            },
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
            :math:`(I - A)^{-1} y`, same dims [units of final demand], with its certificate.

        Raises
        ------
        ShapeError, LabelMismatchError, MissingValueError
            If final demand does not fit the sectors.
        MemoryLimitError, ConvergenceError
            If the memory or the accuracy is out of reach.
        """
        block = by_sector(final_demand, "final demand", self._labels, dims=("sector", ...))
        category = other_axis(block, 1, "category") if block.values.ndim == 2 else {}
        right = np.ascontiguousarray(np.atleast_2d(block.values.T))
        values, certificate = self._engine.solve(right, "columns")
        return xr.DataArray(
            values.T if category else values[0],
            coords={"sector": self._labels, **category},
            dims=("sector", *category),
            name="output",
            attrs={
                "units": block.units or "units of final demand",
                "long_name": "output",
                **certificate.attrs(),
            },
        )

    def inverse(self) -> xr.DataArray:
        r"""
        Total requirements, formed only here and in one array.

        Returns
        -------
        xarray.DataArray
            :math:`L = (I - A)^{-1}`, dims (sector, purchaser) [output per final demand].

        Raises
        ------
        MemoryLimitError
            If the inverse does not fit.
        """
        return self._requirements(self._engine.inverse(), self._labels, self._labels)

    def inverse_rows(self, sectors: Sequence[object]) -> xr.DataArray:
        r"""
        Rows of the inverse: what these sectors deliver for every product.

        Parameters
        ----------
        sectors : sequence
            Labels; positions where the coefficients had none.

        Returns
        -------
        xarray.DataArray
            Rows of :math:`L`, dims (sector, purchaser), solved in batches that fit the memory.

        Raises
        ------
        UnknownSectorError
            If a name is no sector.
        MemoryLimitError
            If the rows themselves do not fit.
        """
        at = positions(sectors, self._labels, "rows")
        values, _ = self._engine.solve(units(at, len(self._labels)), "rows")
        return self._requirements(values, self._labels[at], self._labels)

    def inverse_columns(self, sectors: Sequence[object]) -> xr.DataArray:
        r"""
        Columns of the inverse: what everyone delivers for these products.

        Parameters
        ----------
        sectors : sequence
            Labels; positions where the coefficients had none.

        Returns
        -------
        xarray.DataArray
            Columns of :math:`L`, dims (sector, purchaser), solved in batches that fit the memory.

        Raises
        ------
        UnknownSectorError
            If a name is no sector.
        MemoryLimitError
            If the columns themselves do not fit.
        """
        at = positions(sectors, self._labels, "columns")
        values, _ = self._engine.solve(units(at, len(self._labels)), "columns")
        return self._requirements(values.T, self._labels, self._labels[at])

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
        delta, _ = square(coefficients_delta, "change of coefficients", self._labels)
        system = self._engine.system
        clone = object.__new__(Solver)
        clone.__dict__.update(self.__dict__)
        changed = System(system.coefficients() + delta, None, system.regions, system.rounding)
        clone._engine = Engine(changed, self._labels, self._engine.asked, self._engine.memory)
        return clone

    def sweep(
        self,
        rows: Sequence[object] | slice | None,
        columns: Sequence[object] | slice | None,
        deltas: ArrayInput | Iterator[ArrayInput],
        *,
        intensity: ArrayInput,
        final_demand: ArrayInput | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> xr.DataArray:
        r"""
        Multipliers, or totals, for many changes of one block of coefficients.

        Parameters
        ----------
        rows, columns : sequence, or None for all
            Sectors that sell and that buy; positions where the coefficients had no labels.
            ``rows=None`` changes whole columns, ``columns=None`` whole rows.
        deltas : array_like, or an iterator of such
            Added to the coefficients of the block, dims (draw, rows, columns). An iterator
            gives them in batches, so that not all need be held at once.
        intensity : array_like
            Direct amount per unit of output, dims (sector) or (stressor, sector).
        final_demand : array_like, optional
            One final demand, dims (sector).
        progress : callable, optional
            Called with the number of draws done; by default a bar shows on a terminal when
            the sweep takes over a second.

        Returns
        -------
        xarray.DataArray
            Totals, dims (draw, stressor), when final demand is given; otherwise multipliers,
            dims (draw, stressor, sector). The certificate is that of the draw nearest to
            its limit.

        Raises
        ------
        NotProductiveError
            If a draw makes a coefficient negative or the economy unproductive; it is named.
        ShapeError, LabelMismatchError, MissingValueError, UnknownSectorError
            If an argument does not fit the sectors.
        MemoryLimitError
            If the results do not fit.

        Notes
        -----
        With D added to rows p and columns c, the update is exact [1]_:
        :math:`T_d = T + T_p D (I - L_{cp} D)^{-1} L_c` and
        :math:`e_d = e + T_p D (I - L_{cp} D)^{-1} x_c`. Only the rows c of L are solved for,
        or only its columns p where these are fewer. A change of high rank is solved anew.

        References
        ----------
        .. [1] W. W. Hager, Updating the inverse of a matrix, SIAM Review 31 (1989) 221-239.
        """
        block = by_sector(intensity, "intensity", self._labels, dims=(..., "sector"))
        stressor = other_axis(block, 0, "stressor") if block.values.ndim == 2 else {"stressor": [0]}
        demand = None if final_demand is None else self._one_demand(final_demand)
        p = places(rows, self._labels, "rows")
        c = places(columns, self._labels, "columns")
        values, certificate = sweep(
            self._engine, p, c, deltas, np.atleast_2d(block.values), demand, progress
        )
        given = block.units or "units of the intensity"
        last = {} if demand is not None else {"sector": self._labels}
        return xr.DataArray(
            values,
            coords={"draw": np.arange(len(values)), **stressor, **last},
            dims=("draw", *stressor, *last),
            name="multipliers" if demand is None else "totals",
            attrs={
                "units": given if demand is None else f"({given}) x final demand",
                **certificate.attrs(),
            },
        )

    def _requirements(self, values: Array, rows: Labels, columns: Labels) -> xr.DataArray:
        """Label a part of the inverse."""
        certificate = self._engine.last
        return xr.DataArray(
            values,
            coords={"sector": rows, "purchaser": columns},
            dims=("sector", "purchaser"),
            name="leontief_inverse",
            attrs={
                "units": "1",
                "long_name": "Leontief inverse",
                **({} if certificate is None else certificate.attrs()),
            },
        )

    def _one_demand(self, final_demand: ArrayInput) -> Array:
        """Read one final demand vector."""
        block = by_sector(final_demand, "final demand", self._labels, dims=("sector", ...))
        if block.values.ndim != 1:
            raise ShapeError("a sweep takes one final demand by sector: sum over its categories")
        return block.values


def _system(table: IOTable, method: str | None) -> tuple[System, Labels]:
    """Take flows and output of a table; a small one is turned into coefficients at once."""
    labels = table.transactions.indexes["sector"].rename(None)
    if len(labels) <= SMALL and method in (None, "lu"):
        return System(coefficients(table), None), labels
    regions = table.transactions.coords.get("region")
    groups = grouped(None if regions is None else regions.values)
    return System(table.transactions.values, reciprocal(table), groups), labels


def _regions(values: object) -> npt.NDArray[Any] | None:
    """Find the region of each sector in what brought the coefficients."""
    if isinstance(values, xr.DataArray) and "region" in values.coords:
        at = values.coords["region"]
        return at.values if at.dims == ("sector",) else None
    if isinstance(values, pd.DataFrame) and isinstance(values.index, pd.MultiIndex):
        return values.index.get_level_values(0).to_numpy()
    return None
