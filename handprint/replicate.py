"""Published results computed again from shipped data, with what does not fit said plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

import io_tables
from handprint.leontief import Solver
from io_tables import IOTable

YEARS = (2012, 2017)
SECTORS = {"services": "SER", "transport": "TRA", "construction": "CON", "industry": "IND",
           "electricity": "ELE"}  # fmt: skip

# CAICT, Digital carbon neutrality white paper, 2021, chapter 4(1) and annex 1 [Mt CO2, %].
PUBLISHED = {"manufacturing": (58.08, 81.66), "services": (27.16, 55.95), "ICT": (85.24, 137.61)}
PRINTED_2012 = 82.25
PUBLISHED_SHARE = (1.18, 1.48)
PUBLISHED_GROWTH = {"services": 100, "transport": 97, "construction": 42, "industry": 26,
                    "electricity": 19}  # fmt: skip
READINGS = {
    "t_x": "t(ICT,j) x output of j; ICT with instruments, the paper's ICT emissions",
    "b_x": "b(ICT,j) x output of j, money only; ICT with instruments",
    "t": "t(ICT,j) alone, the literal formula; domestic table, emissions as computed here",
    "R2_x": "R2: t(j,ICT) x output of ICT; domestic table, emissions as computed here",
}
READINGS_ZH = {
    "t_x": "t(ICT,j) × j部门总产出;ICT含仪器仪表,采用白皮书ICT排放量",
    "b_x": "b(ICT,j) × j部门总产出(仅价值量);ICT含仪器仪表",
    "t": "仅 t(ICT,j),公式字面含义;国内表,排放按本工具核算",
    "R2_x": "R2:t(j,ICT) × ICT总产出;国内表,排放按本工具核算",
}
TERMS_ZH = {
    "manufacturing": "ICT制造业", "services": "服务业", "ICT as printed": "ICT(印刷值)",
    "share of nation, %": "占全国比重,%", "paper 2012": "白皮书2012", "here 2012": "本工具2012",
    "paper 2017": "白皮书2017", "here 2017": "本工具2017", "paper": "白皮书",
    "transport": "交通运输业", "construction": "建筑业", "industry": "工业", "electricity": "电力",
}  # fmt: skip
FINDING = (
    "No reading reproduces all five growth rates. Requirement per unit times output of the "
    "sector (t_x) comes within 9 points on four of them, but construction output alone grew by "
    "65 %, so no reading that multiplies by it can give +42 %. The published rates behave like "
    "sector output times ICT requirement: an activity measure, a linkage, not avoided emissions. "
    "The 82.25 Mt printed for 2012 contradict the paper's own parts, which imply 85.24 Mt."
)
FINDING_ZH = (
    "没有任何一种读法能同时复现五个增长率。单位需求乘以部门产出(t_x)有四个在9个百分点以内;"
    "但仅建筑业产出就增长了65%,凡乘以该产出的读法都得不到+42%。公布的增长率更像“部门产出×ICT需求”,"
    "是活动量(关联)指标,不是减排量。白皮书2012年的8225万吨与其自身分项不符,分项隐含8524万吨。"
)


@dataclass(frozen=True, eq=False)
class Replication:
    """
    Two tables and a finding.

    Parameters
    ----------
    emissions : pandas.DataFrame
        ICT emissions by part [Mt CO2] and share of the nation [%], paper and here.
    growth : pandas.DataFrame
        Growth 2017 on 2012 by reading [%], the paper's in the first row.
    finding : str
        What the comparison shows.
    finding_zh : str
        The same in Chinese.
    """

    emissions: pd.DataFrame
    growth: pd.DataFrame
    finding: str = FINDING
    finding_zh: str = FINDING_ZH

    def to_dict(self) -> dict[str, object]:
        """
        Return plain data for JSON.

        Returns
        -------
        dict
            Tables row by row, None where there is no number, and the finding.
        """
        return {
            "emissions": [
                {k: None if v != v else v for k, v in row.items()}  # JSON knows no NaN
                for row in self.emissions.reset_index().to_dict("records")
            ],
            "growth": self.growth.reset_index().to_dict("records"),
            "finding": self.finding,
            "finding_zh": self.finding_zh,
        }


def caict_2021() -> Replication:
    r"""
    Replicate annex 1 of the 2021 white paper on the benchmark tables of 2012 and 2017.

    Returns
    -------
    Replication
        ICT emissions with purchased electricity and heat, and the growth of ICT-enabled totals
        by reading.

    Notes
    -----
    Annex 1 has :math:`T = S B` and :math:`IF = \sum_j t_{ij}`, i = ICT [1]_; with S a vector
    this is defined only if S is taken as a diagonal matrix, and formula and wording then
    disagree on the orientation. Purchased energy is charged at factors that are commonly
    quoted, not verified.

    References
    ----------
    .. [1] CAICT, Digital carbon neutrality white paper, 2021, annex 1.
    """
    accounts = {year: _ict_account(year) for year in YEARS}
    return Replication(_emissions(accounts), _growth(accounts))


def _ict_account(year: int) -> dict[str, float]:
    """ICT emissions with purchased energy, by part, and the nation's direct emissions [Mt]."""
    table = io_tables.load(f"china-{year}-cn24")
    total = _with_purchases(table)
    made, served = float(total.sel(sector="ICM")), float(total.sel(sector="ICS"))
    nation = float(table.satellites["CO2"].sum() + table.households["CO2"])
    return {"manufacturing": made, "services": served, "ICT": made + served, "nation": nation}


def _with_purchases(table: IOTable) -> xr.DataArray:
    """Direct emissions plus those of purchased electricity and heat, by sector [Mt]."""
    total: xr.DataArray = table.satellites["CO2"] + io_tables.purchased_energy(table)
    return total


def _emissions(accounts: Mapping[int, Mapping[str, float]]) -> pd.DataFrame:
    columns = [f"{who} {year}" for year in YEARS for who in ("paper", "here")]
    rows = {
        part: [v for i, y in enumerate(YEARS) for v in (PUBLISHED[part][i], accounts[y][part])]
        for part in PUBLISHED
    }
    rows["ICT as printed"] = [PRINTED_2012, np.nan, PUBLISHED["ICT"][1], np.nan]
    rows["share of nation, %"] = [
        v
        for i, y in enumerate(YEARS)
        for v in (PUBLISHED_SHARE[i], 100 * accounts[y]["ICT"] / accounts[y]["nation"])
    ]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("Mt CO2")


def _growth(accounts: Mapping[int, Mapping[str, float]]) -> pd.DataFrame:
    """Growth of what ICT is said to enable, under each reading [%]."""
    levels = {name: [] for name in READINGS}  # type: dict[str, list[pd.Series[float]]]
    for position, year in enumerate(YEARS):
        wide = io_tables.load(f"china-{year}-cn8-instruments")
        narrow = io_tables.load(f"china-{year}-cn8").domestic()
        row = Solver(wide).inverse().sel(sector="ICT").to_series()
        home = Solver(narrow).inverse()
        x_wide, x = wide.output.to_series(), narrow.output.to_series()
        paper = PUBLISHED["ICT"][position] / x_wide["ICT"]
        per_output = _with_purchases(narrow).to_series() / x
        levels["t_x"].append(paper * row * x_wide)
        levels["b_x"].append(row * x_wide)
        levels["t"].append(accounts[year]["ICT"] / x["ICT"] * home.sel(sector="ICT").to_series())
        levels["R2_x"].append(per_output * home.sel(purchaser="ICT").to_series() * x["ICT"])
    rows = {"paper": pd.Series(PUBLISHED_GROWTH, dtype=float)}
    for name, (first, last) in levels.items():
        change = 100 * (last / first - 1)
        rows[name] = pd.Series({label: change[code] for label, code in SECTORS.items()})
    return pd.DataFrame(rows).T.rename_axis("reading")
