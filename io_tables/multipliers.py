"""Coefficients and multipliers that the reports about tables are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from io_tables.errors import TableError

if TYPE_CHECKING:
    from io_tables.table import IOTable

Array = npt.NDArray[np.float64]


def coefficients(table: IOTable) -> Array:
    r"""
    Inputs per unit of output.

    Parameters
    ----------
    table : IOTable
        Any table.

    Returns
    -------
    numpy.ndarray
        :math:`A = Z \hat x^{-1}`; columns of sectors without output are zero [1].
    """
    return per_output(table.transactions.values, table.output.values)


def per_output(amounts: Array, output: Array) -> Array:
    """
    Divide columns by output, zero where there is none.

    Parameters
    ----------
    amounts : numpy.ndarray
        Last axis by sector.
    output : numpy.ndarray
        Gross output.

    Returns
    -------
    numpy.ndarray
        Same shape.
    """
    where = np.broadcast_to(output > 0, amounts.shape)
    out: Array = np.zeros(amounts.shape)
    np.divide(amounts, output, out=out, where=where)
    return out


def multipliers(table: IOTable, intensities: Array) -> Array:
    r"""
    Direct and indirect amounts per unit of final demand.

    Parameters
    ----------
    table : IOTable
        Any table.
    intensities : numpy.ndarray
        Amounts per unit of output, last axis by sector.

    Returns
    -------
    numpy.ndarray
        :math:`s (I - A)^{-1}`, same shape, by one solve of :math:`(I - A)^\top m = s`.

    Raises
    ------
    TableError
        If I - A is singular.
    """
    system = np.eye(len(table.sectors)) - coefficients(table).T
    try:
        return np.asarray(np.linalg.solve(system, intensities.T).T, dtype=np.float64)
    except np.linalg.LinAlgError:
        raise TableError(
            f"table {table.name}: I - A is singular: check the columns with table.check()"
        ) from None


def output_multipliers(table: IOTable) -> Array:
    r"""
    Output of all sectors per unit of final demand of each: column sums of the inverse.

    Parameters
    ----------
    table : IOTable
        Any table.

    Returns
    -------
    numpy.ndarray
        :math:`1^\top (I - A)^{-1}` [1].
    """
    return multipliers(table, np.ones(len(table.sectors)))


def stacked(table: IOTable) -> tuple[dict[str, str], Array]:
    """
    Multipliers of output and of every satellite account.

    Parameters
    ----------
    table : IOTable
        Any table.

    Returns
    -------
    dict, numpy.ndarray
        Name of each multiplier with its unit, and the multipliers, one row for each: output
        first [1], then the accounts [unit of the account per unit of money].
    """
    units = {"output": "1"}
    rows = [np.ones(len(table.sectors))]
    for name, account in table.satellites.items():
        units[name] = f"{account.attrs['units']}/({table.units})"
        rows.append(per_output(account.values, table.output.values))
    return units, multipliers(table, np.array(rows))
