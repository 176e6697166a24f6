"""Emission accounts of a table: intensities, who causes what, and the ledger that must close."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, Labels
from handprint.errors import LedgerError, MissingSatelliteError, ScopeError
from handprint.factor import Factor, coefficients, factorise
from handprint.guards import TABLE, TEXT, checked
from io_tables import IOTable
from io_tables.errors import did_you_mean

CLOSURE = 1e-9  # largest gap of a ledger, as a share of the emissions in it


@checked(table=TABLE)
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
    ArgumentError
        If it is no table.
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


@checked(table=TABLE, satellite=TEXT)
def intensity(table: IOTable, satellite: str) -> xr.DataArray:
    r"""
    Direct amount of each sector per unit of its output.

    Parameters
    ----------
    table : IOTable
        With the satellite account, scope "direct".
    satellite : str
        Name of the account, for example ``"CO2"``.

    Returns
    -------
    xarray.DataArray
        Intensity :math:`s`, dims (sector) [satellite units per table units]; zero where a
        sector has no output: what is booked there is listed by :func:`ledger`.

    Raises
    ------
    MissingSatelliteError
        If the table has no such account.
    ScopeError
        If the account includes purchased electricity and heat.

    Notes
    -----
    :math:`s_i = e_i / x_i`.
    """
    units = _account(table, satellite).attrs["units"]
    return xr.DataArray(
        intensities(table, satellite),
        coords={"sector": table.sectors},
        dims="sector",
        name="intensity",
        attrs={
            "units": f"{units}/{table.units}",
            "long_name": f"direct {satellite} intensity",
            "price_basis": table.price_basis,
            "source": table.source,
        },
    )


def intensities(table: IOTable, satellite: str) -> Array:
    """
    Direct intensities as a plain array; see :func:`intensity`.

    Parameters
    ----------
    table : IOTable
        With the satellite account.
    satellite : str
        Name of the account.

    Returns
    -------
    numpy.ndarray
        Shape (sector,).

    Raises
    ------
    MissingSatelliteError
        If the table has no such account.
    ScopeError
        If the account includes purchased electricity and heat.
    """
    emissions, output = _account(table, satellite).values, table.output.values
    share: Array = np.divide(emissions, output, out=np.zeros_like(output), where=output > 0)
    return share


@checked(table=TABLE, satellite=TEXT)
def multiplier_matrix(table: IOTable, satellite: str) -> xr.DataArray:
    r"""
    Who emits for one unit of final demand of whose product.

    Parameters
    ----------
    table : IOTable
        With the satellite account, scope "direct".
    satellite : str
        Name of the account.

    Returns
    -------
    xarray.DataArray
        :math:`T = \hat s L`, dims (sector, purchaser) [satellite units per table units]; the
        column sums :math:`m = s L` are its coordinate ``multiplier`` on purchaser.

    Raises
    ------
    MissingSatelliteError
        If the table has no such account.
    ScopeError
        If the account includes purchased electricity and heat.
    NotProductiveError
        If the table is not productive.
    """
    s = intensity(table, satellite)
    matrix = s.values[:, None] * _factor(table).columns(np.eye(len(s)))
    return xr.DataArray(
        matrix,
        coords={
            "sector": table.sectors,
            "purchaser": table.sectors,
            "multiplier": ("purchaser", matrix.sum(axis=0), {"units": s.attrs["units"]}),
        },
        dims=("sector", "purchaser"),
        name="multiplier_matrix",
        attrs={**s.attrs, "long_name": f"{satellite} multipliers by emitter"},
    )


@checked(table=TABLE, satellite=TEXT)
def ledger(table: IOTable, satellite: str) -> xr.Dataset:
    r"""
    Prove that every emission is accounted for.

    Parameters
    ----------
    table : IOTable
        With the satellite account, scope "direct".
    satellite : str
        Name of the account.

    Returns
    -------
    xarray.Dataset
        ``produced`` (sector): emissions by producer. ``embodied`` (sector, category):
        emissions embodied in final demand of each product. ``not_allocated``
        (reason, sector): emissions on sectors without output ("zero output") and embodied in
        the gap that the table's tolerance leaves between uses and output ("unbalanced row").
        All in satellite units; direct emissions of households are no part of it.

    Raises
    ------
    LedgerError
        If the two sides differ by more than 1e-9 of the emissions.
    MissingSatelliteError
        If the table has no such account.
    ScopeError
        If the account includes purchased electricity and heat.
    NotProductiveError
        If the table is not productive.

    Notes
    -----
    With :math:`m = s L` and the row gap :math:`d = x - A x - y`,
    :math:`\sum_i e_i = \sum_{jk} m_j y_{jk} + \sum_{i: x_i = 0} e_i + \sum_j m_j d_j`.
    """
    produced, output = _account(table, satellite), table.output.values
    a, demand = coefficients(table), table.final_demand.transpose("sector", "category").values
    m = factorise(a, _labels(table)).rows(intensities(table, satellite))
    idle = np.where(output > 0, 0.0, produced.values)
    unbalanced = m * (output - a @ output - demand.sum(axis=1))
    attrs = {"units": produced.attrs["units"]}
    book = xr.Dataset(
        {
            "produced": ("sector", produced.values, attrs),
            "embodied": (("sector", "category"), m[:, None] * demand, attrs),
            "not_allocated": (("reason", "sector"), np.array([idle, unbalanced]), attrs),
        },
        coords={
            "sector": table.sectors,
            "category": table.categories,
            "reason": ["zero output", "unbalanced row"],
        },
        attrs={
            "title": f"{satellite} ledger",
            "identity": "produced = embodied + not allocated",
            "scope": table.scope or "not stated",
            "source": table.source,
        },
    )
    refuse_open(book)
    return book


def refuse_open(book: xr.Dataset) -> None:
    """
    Refuse a ledger whose sides differ.

    Parameters
    ----------
    book : xarray.Dataset
        As :func:`ledger` returns it.

    Raises
    ------
    LedgerError
        With both sides and the gap.
    """
    produced = float(book["produced"].sum())
    accounted = float(book["embodied"].sum() + book["not_allocated"].sum())
    size = float(np.abs(book["produced"]).sum())
    if not abs(produced - accounted) <= CLOSURE * size:
        units = book["produced"].attrs["units"]
        raise LedgerError(
            f"the ledger does not close: produced {produced:.12g} {units}, accounted for "
            f"{accounted:.12g} {units}, gap {produced - accounted:.3g}: the table is too badly "
            "conditioned or its arrays were exchanged after its checks"
        )


def _account(table: IOTable, satellite: str) -> xr.DataArray:
    """Find an account that the engine may spread over the supply chain."""
    if satellite not in table.satellites:
        hint = did_you_mean(satellite, table.satellites) if table.satellites else "it has none"
        raise MissingSatelliteError(
            f"table {table.name} has no satellite {satellite!r}: {hint}; give it with "
            f'satellites={{"{satellite}": (vector, unit)}}'
        )
    if table.scope == "direct+purchased":
        raise ScopeError(
            f"{satellite} of table {table.name} includes purchased electricity and heat: the "
            "supply chain would count that electricity twice, at the user and at the power "
            'sector; give emissions of scope "direct": io_tables.remove_purchased(table) takes the '
            "charge back"
        )
    return table.satellites[satellite]


def _factor(table: IOTable) -> Factor:
    return factorise(coefficients(table), _labels(table))


def _labels(table: IOTable) -> Labels:
    return pd.Index(table.sectors)
