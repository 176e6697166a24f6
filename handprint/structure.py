"""Where a sector stands in the economy: linkages, key cells, distance to final demand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, positions
from handprint.errors import OptionError, SectorOutputError, listed
from handprint.factor import Factor, coefficients, factorise
from handprint.guards import PAIR, TABLE, TEXT, WHOLE, checked
from handprint.linkage import CAVEAT, CAVEAT_ZH
from handprint.meaning import Meaning, variables
from io_tables import IOTable

Values = dict[str, tuple[tuple[str, ...], npt.ArrayLike]]

ABOVE = 1 + 1e-12  # above the mean by more than rounding, so that a tie is no matter of luck
MEANINGS = {
    "backward_direct": Meaning(
        "direct backward linkage", "直接后向关联", "ratio",
        "sum_i a_ij: inputs bought per unit of output.", "activity",
    ),
    "backward_total": Meaning(
        "total backward linkage", "完全后向关联", "ratio",
        "sum_i l_ij: output of all sectors per unit of final demand for j.", "activity",
    ),
    "forward_direct": Meaning(
        "direct forward linkage (Ghosh)", "直接前向关联（Ghosh）", "ratio",
        "sum_j b_ij = sum_j z_ij / x_i: share of output sold to sectors.", "activity",
    ),
    "forward_total": Meaning(
        "total forward linkage (Ghosh)", "完全前向关联（Ghosh）", "ratio",
        "sum_j g_ij: output of all sectors per unit of value added of i.", "activity",
    ),
    "power_of_dispersion": Meaning(
        "power of dispersion (Rasmussen)", "影响力系数", "1",
        "Total backward linkage over its mean of all sectors.", "activity",
    ),
    "sensitivity_of_dispersion": Meaning(
        "sensitivity of dispersion (Rasmussen)", "感应度系数", "1",
        "Row sum of L over its mean of all sectors: one unit of final demand everywhere.",
        "activity",
    ),
    "forward_normalised": Meaning(
        "normalised forward linkage (Ghosh)", "标准化前向关联（Ghosh）", "1",
        "Total forward linkage over its mean of all sectors.", "activity",
    ),
    "key": Meaning(
        "kind of sector", "部门类型", "1",
        "key: backward (power of dispersion) and forward (Ghosh) linkage both above 1; "
        "backward or forward: one of them; weak: none.", "activity",
    ),
    "multiplier": Meaning(
        "embodied emissions of a sector's product", "单位最终需求完全排放", "rate",
        "m_j = sum_i s_i l_ij.",
    ),
    "downstream": Meaning(
        "downstream emissions of a sector's value added (Ghosh)",
        "单位增加值下游排放（Ghosh）", "rate", "sum_j g_ij s_j.",
    ),
    "influence": Meaning(
        "total intensity of the field of influence of a cell", "影响域总强度", "ratio",
        "sum_k l_ki sum_l l_jl of cell (i, j): how much all entries of the inverse together "
        "rise per unit of a_ij, to first order.", "activity",
    ),
    "field": Meaning(
        "first-order field of influence of the cell", "一阶影响域", "ratio",
        "L[:, i] L[j, :].", "activity",
    ),
    "response": Meaning(
        "emissions per unit of a coefficient", "系数变动的排放响应", "total",
        "m_i x_j of cell (i, j): change of emissions per unit of a_ij, to first order.",
    ),
    "ranked_influence": Meaning(
        "total intensity of the cell", "该系数的影响域总强度", "ratio",
        "influence of the cells with the largest.", "activity",
    ),
    "ranked_coefficient": Meaning(
        "coefficient of the cell", "该直接消耗系数", "ratio", "a_ij.", "activity",
    ),
    "upstreamness": Meaning(
        "upstreamness: steps to final demand", "上游度", "1",
        "Row sum of G = inv(I - B): mean number of steps from a sector to final demand, one "
        "for a sector that sells to final demand only.", "activity",
    ),
    "downstreamness": Meaning(
        "downstreamness: steps from primary inputs", "下游度", "1",
        "Column sum of L: mean number of steps from primary inputs to a sector's product, one "
        "for a sector that buys no inputs.", "activity",
    ),
    "chain_length": Meaning(
        "mean length of supply chains", "平均生产链长度", "1",
        "Output over value added: mean upstreamness by value added.", "activity",
    ),
}  # fmt: skip


class Sums(NamedTuple):
    """Row and column sums of the inverses of a table."""

    a: Array
    factor: Factor
    backward: Array  # column sums of L
    sensitivity: Array  # row sums of L
    forward: Array  # row sums of G
    sold: Array  # row sums of B


@checked(table=TABLE, satellite=TEXT)
def key_sectors(table: IOTable, *, satellite: str | None = None) -> xr.Dataset:
    r"""
    Measure how strongly each sector pulls others and pushes into others.

    Parameters
    ----------
    table : IOTable
        A checked table.
    satellite : str, optional
        Account for the emissions behind both directions, scope "direct".

    Returns
    -------
    xarray.Dataset
        Dims (sector). Activity: ``backward_direct``, ``backward_total``, ``forward_direct``,
        ``forward_total`` [table units per table units]; ``power_of_dispersion``,
        ``sensitivity_of_dispersion``, ``forward_normalised`` [1]; ``key``: "key", "backward",
        "forward" or "weak". Burden, with a satellite: ``multiplier``, ``downstream``
        [satellite units per table units].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    SectorOutputError
        If a sector without output sells or buys.
    NotProductiveError
        If the table is not productive.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.

    Notes
    -----
    Backward linkages are column sums of A and :math:`L = (I - A)^{-1}`; forward linkages are
    row sums of :math:`B = \hat x^{-1} Z` and :math:`G = (I - B)^{-1} = \hat x^{-1} L \hat x`
    [1]_. Rasmussen's indices [2]_ divide by the mean,
    :math:`U_j = n \sum_i l_{ij} / \sum_{ij} l_{ij}`, with row sums of L for the sensitivity.
    Row sums are solved for; the inverse is not formed.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge
       University Press, 2009, ch. 12.
    .. [2] P. N. Rasmussen, Studies in Inter-sectoral Relations, North-Holland, 1956.
    """
    sums = _sums(table)
    power = sums.backward / sums.backward.mean()
    forward = sums.forward / sums.forward.mean()
    kinds = np.array([["weak", "forward"], ["backward", "key"]])
    by_sector = {
        "backward_direct": sums.a.sum(axis=0),
        "backward_total": sums.backward,
        "forward_direct": sums.sold,
        "forward_total": sums.forward,
        "power_of_dispersion": power,
        "sensitivity_of_dispersion": sums.sensitivity / sums.sensitivity.mean(),
        "forward_normalised": forward,
        "key": kinds[(power > ABOVE).astype(int), (forward > ABOVE).astype(int)],
    }
    if satellite is not None:
        s, x = intensities(table, satellite), table.output.values
        by_sector["multiplier"] = sums.factor.rows(s)
        by_sector["downstream"] = _ghosh(sums.factor, x, s)
    values: Values = {name: (("sector",), v) for name, v in by_sector.items()}
    return _dataset(table, values, satellite, "linkages of sectors")


@checked(table=TABLE, top=WHOLE, cell=PAIR, satellite=TEXT)
def field_of_influence(
    table: IOTable,
    *,
    top: int = 20,
    cell: tuple[str, str] | None = None,
    satellite: str | None = None,
) -> xr.Dataset:
    r"""
    Find the coefficients whose change would change the whole economy most.

    Parameters
    ----------
    table : IOTable
        A checked table.
    top : int
        How many cells are ranked.
    cell : tuple of str, optional
        (sector, purchaser) whose field is wanted.
    satellite : str, optional
        Account for the response of emissions, scope "direct".

    Returns
    -------
    xarray.Dataset
        ``influence`` (sector, purchaser): total intensity of each cell's field
        [table units per table units]. By rank, dims (rank): ``ranked_influence`` and
        ``ranked_coefficient`` with coordinates ``ranked_sector`` and ``ranked_purchaser``.
        With ``cell``: ``field`` (sector, purchaser). With ``satellite``: ``response``
        (sector, purchaser) [satellite units], a burden.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If ``top`` is not positive.
    UnknownSectorError
        If the cell names no sector of the table.
    NotProductiveError
        If the table is not productive.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.

    Notes
    -----
    First-order field of cell (i, j) [1]_: :math:`F(i,j) = L_{\cdot i} L_{j \cdot}`, the
    derivative of L by :math:`a_{ij}`; its total intensity is the sum of its entries,
    :math:`\sum_k l_{ki} \sum_l l_{jl}`. A finite change e moves the inverse by exactly
    :math:`e F / (1 - e\, l_{ji})`. Emissions respond by :math:`m_i x_j`.

    References
    ----------
    .. [1] M. Sonis and G. J. D. Hewings, Error and sensitivity input-output analysis: a new
       approach, in: Frontiers of Input-Output Analysis, Oxford University Press, 1989,
       232-244.
    """
    if top < 1:
        raise OptionError(f"top is {top}, needed at least 1")
    labels = pd.Index(table.sectors)
    a = coefficients(table)
    factor, ones = factorise(a, labels), np.ones(len(a))
    influence = np.outer(factor.rows(ones), factor.columns(ones))
    order = np.argsort(-influence, axis=None, kind="stable")[:top]
    i, j = np.unravel_index(order, influence.shape)
    values: Values = {
        "influence": (("sector", "purchaser"), influence),
        "ranked_influence": (("rank",), influence[i, j]),
        "ranked_coefficient": (("rank",), a[i, j]),
    }
    if cell is not None:
        (row,), (column,) = (positions([name], labels, "cell") for name in cell)
        unit = np.eye(len(a))
        field = np.outer(factor.columns(unit[row]), factor.rows(unit[column]))
        values["field"] = (("sector", "purchaser"), field)
    if satellite is not None:
        m = factor.rows(intensities(table, satellite))
        values["response"] = (("sector", "purchaser"), np.outer(m, table.output.values))
    made = _dataset(table, values, satellite, "fields of influence")
    return made.assign_coords(
        purchaser=table.sectors,
        rank=np.arange(1, len(order) + 1),
        ranked_sector=("rank", labels.to_numpy()[i]),
        ranked_purchaser=("rank", labels.to_numpy()[j]),
    )


@checked(table=TABLE)
def upstreamness(table: IOTable) -> xr.Dataset:
    r"""
    Measure how many steps each sector is away from final demand and from primary inputs.

    Parameters
    ----------
    table : IOTable
        A checked table. In a competitive table imports count as negative final demand;
        ``table.domestic()`` leaves domestic chains only.

    Returns
    -------
    xarray.Dataset
        ``upstreamness``, ``downstreamness`` (sector) and ``chain_length`` (0-d), all [1], all
        activity; the last is left out where final demand is not positive in sum.

    Raises
    ------
    ArgumentError
        If the table is none.
    SectorOutputError
        If a sector without output sells or buys.
    NotProductiveError
        If the table is not productive.

    Notes
    -----
    Upstreamness [1]_ is :math:`U = G 1`, with :math:`G = (I - B)^{-1}` and
    :math:`B = \hat x^{-1} Z`; downstreamness [2]_ is :math:`D = 1' L`. Weighted by value added
    and by final demand both means are the same chain length,
    :math:`v U / v 1 = D y / 1 y = 1 x / 1 y`.

    References
    ----------
    .. [1] P. Antras, D. Chor, T. Fally and R. Hillberry, Measuring the upstreamness of
       production and trade flows, American Economic Review 102(3) (2012) 412-416.
    .. [2] R. E. Miller and U. Temurshoev, Output upstreamness and input downstreamness of
       industries/countries in world production, International Regional Science Review 40
       (2017) 443-475.
    """
    sums = _sums(table)
    values: Values = {
        "upstreamness": (("sector",), sums.forward),
        "downstreamness": (("sector",), sums.backward),
    }
    demand = table.final_demand.values.sum()
    if demand > 0:
        values["chain_length"] = ((), table.output.values.sum() / demand)
    return _dataset(table, values, None, "distance to final demand and to primary inputs")


def _sums(table: IOTable) -> Sums:
    """Solve for row and column sums; forward ones need output wherever something is sold."""
    flows, x = table.transactions.values, table.output.values
    idle = (x <= 0) & (np.abs(flows).sum(axis=1) > table.tolerance)
    if idle.any():
        names = [s for s, bad in zip(table.sectors, idle, strict=True) if bad]
        raise SectorOutputError(
            f"no output but sales by {listed(names)}: shares of output are not defined; use "
            "table.domestic(), or aggregate these sectors"
        )
    a = coefficients(table)
    factor, ones = factorise(a, pd.Index(table.sectors)), np.ones(len(a))
    sold = np.divide(flows.sum(axis=1), x, out=np.zeros_like(x), where=x > 0)
    return Sums(a, factor, factor.rows(ones), factor.columns(ones), _ghosh(factor, x, ones), sold)


def _ghosh(factor: Factor, x: Array, right: Array) -> Array:
    """Return G @ right; a sector without output stands for itself alone."""
    spread = factor.columns(x * right)
    product: Array = np.divide(spread, x, out=right.astype(float), where=x > 0)
    return product


def _dataset(table: IOTable, values: Values, satellite: str | None, title: str) -> xr.Dataset:
    """Label the results."""
    emissions = "" if satellite is None else table.satellites[satellite].attrs["units"]
    money = table.units
    units = {
        "1": "1",
        "ratio": f"{money}/{money}",
        "rate": f"{emissions}/{money}",
        "total": emissions,
    }
    return xr.Dataset(
        variables(values, MEANINGS, units, CAVEAT),
        coords={"sector": table.sectors},
        attrs={
            "title": title if satellite is None else f"{title}, {satellite}",
            "note": CAVEAT,
            "note_zh": CAVEAT_ZH,
            "source": table.source,
            "price_basis": table.price_basis,
            "scope": table.scope or "not stated",
        },
    )
