"""What ICT pulls through the table, and what is pulled through it: linkages, never "avoided"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, positions
from handprint.errors import SectorOutputError, listed
from handprint.factor import coefficients, factorise
from handprint.guards import NAMES, TABLE, TEXT, checked
from handprint.meaning import Meaning, variables
from io_tables import IOTable

CAVEAT = "A linkage, not avoided emissions: no economy without ICT is compared."
CAVEAT_ZH = "关联排放，不是减排量：未与没有数字技术的情景比较。"


MEANINGS = {
    "R1": Meaning(
        "ICT's own emissions pulled by every sector, reading 1",
        "读法一：各部门单位最终需求拉动的ICT直接排放之和",
        "rate",
        "s_c sum_j l_cj: direct emissions of ICT for one unit of final demand of every sector. "
        "With several ICT sectors the sum over them.",
    ),
    "R2": Meaning(
        "embodied emissions of ICT products, reading 2",
        "读法二：ICT产品单位最终需求的完全排放",
        "rate",
        "m_c = sum_j s_j l_jc: emissions along the supply chain of one unit of final demand for "
        "ICT. With several ICT sectors the sum over them: one unit of each.",
    ),
    "R3": Meaning(
        "ICT requirement weighted with users' intensity, reading 3",
        "读法三：按用户排放强度加权的ICT完全需要",
        "rate",
        "sum_j l_cj s_j: no accounting identity stands behind it. With several ICT sectors the "
        "sum over them.",
    ),
    "R4": Meaning(
        "downstream emissions per unit of ICT value added, reading 4 (Ghosh)",
        "读法四：ICT单位增加值的下游（收入）责任排放（Ghosh）",
        "rate",
        "sum_j g_cj s_j: emissions of those who use ICT's product directly and further down, "
        "called enabled emissions in the literature and a burden there. With several ICT "
        "sectors the sum over them.",
    ),
    "R1_by_sector": Meaning(
        "reading 1 by the sector whose final demand pulls", "读法一，按拉动部门", "rate",
        "t_cj = s_c l_cj, sector j.",
    ),
    "R2_by_sector": Meaning(
        "reading 2 by the sector that emits", "读法二，按排放部门", "rate",
        "t_jc = s_j l_jc, sector j.",
    ),
    "R3_by_sector": Meaning(
        "reading 3 by the sector that uses ICT", "读法三，按使用部门", "rate",
        "l_cj s_j, sector j.",
    ),
    "R4_by_sector": Meaning(
        "reading 4 by the sector downstream", "读法四，按下游部门", "rate",
        "g_cj s_j, sector j.",
    ),
    "direct": Meaning(
        "direct emissions of ICT", "ICT直接排放", "total",
        "s_c x_c = internal + mixed + net_forward.",
    ),
    "embodied": Meaning(
        "emissions embodied in final demand for ICT", "ICT最终需求隐含排放", "total",
        "m_c y_c = internal + mixed + net_backward.",
    ),
    "internal": Meaning(
        "internal linkage", "内部关联", "total",
        "s_c (1 - a_cc)^-1 y_c: ICT's own emissions for its final demand through ICT alone.",
    ),
    "mixed": Meaning(
        "mixed linkage", "混合关联", "total",
        "s_c [l_cc - (1 - a_cc)^-1] y_c: ICT's own emissions that return to it through other "
        "sectors.",
    ),
    "net_backward": Meaning(
        "net backward linkage", "净后向关联", "total",
        "sum_i s_i l_ic y_c, i not ICT: others' emissions for final demand of ICT.",
    ),
    "net_forward": Meaning(
        "net forward linkage", "净前向关联", "total",
        "s_c sum_j l_cj y_j, j not ICT: ICT's own emissions for others' final demand.",
    ),
    "extraction": Meaning(
        "full hypothetical extraction", "完全假设抽取", "total",
        "(m_c / l_cc) x_c: what would vanish with ICT's sales, purchases and final demand if "
        "nothing replaced them.",
    ),
    "extraction_row": Meaning(
        "partial extraction: ICT's sales to sectors", "部分假设抽取：ICT的中间销售", "total",
        "(m_c / l_cc) (x_c - y_c): what would vanish if no sector bought from ICT, itself "
        "included, and nothing replaced it; final demand for ICT stays.",
    ),
    "extraction_column": Meaning(
        "partial extraction: ICT's purchases", "部分假设抽取：ICT的中间投入", "total",
        "((m_c - s_c) / l_cc) x_c: what would vanish if ICT bought from no sector, itself "
        "included, and made its product of nothing; its sales and final demand stay.",
    ),
    "extraction_demand": Meaning(
        "partial extraction: final demand for ICT", "部分假设抽取：ICT的最终需求", "total",
        "m_c y_c: what would vanish with final demand for ICT; equal to embodied.",
    ),
    "normalised_multiplier": Meaning(
        "multiplier of ICT output", "ICT单位总产出的完全排放", "rate",
        "m_c / l_cc, for a group m_C inv(L_CC): emissions per unit of gross output without "
        "counting ICT's purchases from itself twice; times output it gives the extraction.",
    ),
    "direct_by_demand": Meaning(
        "ICT's direct emissions by the sector whose final demand causes them",
        "ICT直接排放，按引起排放的最终需求部门", "total",
        "t_cj y_j; the sum over sectors is ICT's direct emissions.",
    ),
    "downstream": Meaning(
        "downstream emissions of ICT value added (Ghosh)", "ICT增加值的下游排放（Ghosh）", "total",
        "sum_j v_c g_cj s_j: emissions along the sales chain of ICT.",
    ),
}  # fmt: skip


class Economy(NamedTuple):
    """A solved table: intensities, final demand, and what its group of ICT sectors needs."""

    a_own: Array  # A among the group
    s: Array
    y: Array
    x: Array  # L y
    rows: Array  # rows of L that belong to the group
    columns: Array  # columns of L that belong to the group
    m: Array  # s L
    value_added: Array
    group: npt.NDArray[np.intp]


@checked(table=TABLE, ict=NAMES, satellite=TEXT)
def linkage(table: IOTable, ict: Sequence[str], satellite: str = "CO2") -> xr.Dataset:
    r"""
    Measure how a group of sectors hangs together with the emissions of all others.

    These are burdens and dependencies. None of them is an avoided emission: all are
    non-negative for non-negative final demand, rise with dirtier supply chains and compare
    no economy without ICT.

    Parameters
    ----------
    table : IOTable
        With the satellite account, scope "direct".
    ict : sequence of str
        The sectors c that count as ICT; several are treated as one group C.
    satellite : str
        Name of the account.

    Returns
    -------
    xarray.Dataset
        Rates [satellite units per table units]: ``R1`` to ``R4`` (0-d), ``R1_by_sector`` to
        ``R4_by_sector`` (sector), ``normalised_multiplier`` (ict). Totals [satellite units]:
        ``direct``, ``embodied``, ``internal``, ``mixed``, ``net_backward``, ``net_forward``,
        ``extraction``, ``extraction_row``, ``extraction_column``, ``extraction_demand``,
        ``downstream`` (0-d), ``direct_by_demand`` (sector). Each carries ``long_name``,
        ``long_name_zh``, ``units``, ``kind`` and ``description``.

    Raises
    ------
    UnknownSectorError
        If a name is no sector of the table.
    ArgumentError
        If an argument is of another kind, for example a matrix instead of a table.
    SectorOutputError
        If an ICT sector has no output.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.
    NotProductiveError
        If the table is not productive.

    Notes
    -----
    Readings of the linkage indicator, for one sector c: :math:`R_1 = s_c \sum_j l_{cj}`,
    :math:`R_2 = \sum_j s_j l_{jc}`, :math:`R_3 = \sum_j l_{cj} s_j`,
    :math:`R_4 = \sum_j g_{cj} s_j` with :math:`G = \hat x^{-1} L \hat x`. Blocks [1]_ and the
    identities they obey:
    internal + mixed + net forward = :math:`s_C x_C`,
    internal + mixed + net backward = :math:`m_C y_C`,
    extraction = :math:`m_C L_{CC}^{-1} x_C`.
    Output is :math:`x = L y`. Partial extractions, by emitter too, are in
    :func:`handprint.extraction.extraction`.

    References
    ----------
    .. [1] R. Duarte, J. Sanchez-Choliz and J. Bielsa, Water use in the Spanish economy: an
       input-output approach, Ecological Economics 43 (2002) 71-85, after G. Cella, The
       input-output measurement of interindustry linkages, Oxford Bulletin of Economics and
       Statistics 46 (1984) 73-84.
    """
    economy = _solved(table, positions(ict, pd.Index(table.sectors), "ict"), satellite)
    money, units = table.units, table.satellites[satellite].attrs["units"]
    resolved = {"total": units, "rate": f"{units}/{money}"}
    found = {}
    for name, values in {**_readings(economy), **_blocks(economy)}.items():
        by = "ict" if name.startswith("norm") else "sector"
        found[name] = ((by,)[: np.ndim(values)], values)
    return xr.Dataset(
        variables(found, MEANINGS, resolved, CAVEAT),
        coords={"sector": table.sectors, "ict": list(ict)},
        attrs={
            "title": f"{satellite} linkages of {', '.join(ict)}",
            "note": CAVEAT,
            "note_zh": CAVEAT_ZH,
            "source": table.source,
            "price_basis": table.price_basis,
            "scope": table.scope or "not stated",
        },
    )


def _solved(table: IOTable, group: npt.NDArray[np.intp], satellite: str) -> Economy:
    """Solve for the rows and columns of L that the group needs, not for the whole inverse."""
    idle = [table.sectors[i] for i in group if table.output.values[i] <= 0]
    if idle:
        raise SectorOutputError(
            f"ict: no output in {listed(idle)}: leave it out or aggregate it with a sector that "
            "has output"
        )
    a, s = coefficients(table), intensities(table, satellite)
    factor = factorise(a, pd.Index(table.sectors))
    y = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    unit = np.eye(len(a))[group]
    return Economy(
        a_own=a[np.ix_(group, group)],
        s=s,
        y=y,
        x=factor.columns(y),
        rows=factor.rows(unit),
        columns=factor.columns(unit.T),
        m=factor.rows(s),
        value_added=table.value_added.values,
        group=group,
    )


def _readings(economy: Economy) -> dict[str, Array | np.float64]:
    """Compute the four readings of the indicator, in total and by the other sector."""
    s, x, c = economy.s, economy.x, economy.group
    ghosh = economy.rows * x / x[c, None]
    by_sector = {
        "R1_by_sector": s[c] @ economy.rows,
        "R2_by_sector": s * economy.columns.sum(axis=1),
        "R3_by_sector": economy.rows.sum(axis=0) * s,
        "R4_by_sector": ghosh.sum(axis=0) * s,
    }
    totals = {name.removesuffix("_by_sector"): v.sum() for name, v in by_sector.items()}
    return {**totals, **by_sector, "downstream": economy.value_added[c] @ ghosh @ s}


def _blocks(economy: Economy) -> dict[str, Array | np.float64]:
    """Compute the linkage blocks and the extraction of the group."""
    s, y, c = economy.s, economy.y, economy.group
    alone = np.linalg.solve(np.eye(len(c)) - economy.a_own, y[c])
    internal = s[c] @ alone
    own = s[c] @ (economy.columns[c] @ y[c])
    by_demand = (s[c] @ economy.rows) * y
    embodied = economy.m[c] @ y[c]
    normalised = np.linalg.solve(economy.columns[c].T, economy.m[c])
    return {
        "direct": s[c] @ economy.x[c],
        "embodied": embodied,
        "internal": internal,
        "mixed": own - internal,
        "net_backward": embodied - own,
        "net_forward": by_demand.sum() - own,
        "extraction": normalised @ economy.x[c],
        "extraction_row": normalised @ (economy.x[c] - y[c]),
        "extraction_column": normalised @ economy.x[c]
        - s[c] @ np.linalg.solve(economy.columns[c], economy.x[c]),
        "extraction_demand": embodied,
        "normalised_multiplier": normalised,
        "direct_by_demand": by_demand,
    }
