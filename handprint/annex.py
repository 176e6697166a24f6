"""Annex 2 of the 2021 white paper as one configuration of the shipped sector models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

import sector_models
from sector_models import Parameter

YEAR = 2030
ESTIMATES = ("low", "central", "high")
FORMULA = "power = (economy - sum of share x saving of the other sectors) / share of power"
FORMULA_ZH = "电力 = (全社会 − 其余行业占比×减排比例之和) / 电力占比"
FINDING = (
    "Savings at full adoption, without reference adoption and rebound. Annex 2 prints totals of "
    "three sectors and of the economy, none for power: its range is derived, and lies within the "
    "10 to 40 % printed for any sector once rounded to whole per cent. The levers of the shipped "
    "files are calibrated to these totals, so the agreement proves the arithmetic and not the "
    "savings."
)
FINDING_ZH = (
    "为完全应用时的减排比例,不计基准应用与反弹。附录2只给出三个行业与全社会的总量,未给电力:"
    "其区间为推导值,取整后落在“各行业10%—40%”之内。随附文件中的措施按这些总量校准,"
    "因此吻合只说明算术一致,不能证明减排比例本身。"
)


@dataclass(frozen=True, eq=False)
class AnnexTwo:
    """
    The configuration of annex 2 beside what is printed.

    Parameters
    ----------
    savings : pandas.DataFrame
        Index sector, ``any_sector`` and ``economy``; columns ``share`` of the emissions,
        computed ``low``, ``central``, ``high``, and ``published_low``, ``published_high`` [1];
        ``status`` of the published range and whether it ``agrees`` in whole per cent.
    power : pandas.DataFrame
        Derivation of the saving of power: index estimate; columns economy, others, share,
        saving [1].
    formula : str
        Of the derivation.
    formula_zh : str
        The same in Chinese.
    finding : str
        What the table shows.
    finding_zh : str
        The same in Chinese.
    """

    savings: pd.DataFrame
    power: pd.DataFrame
    formula: str = FORMULA
    formula_zh: str = FORMULA_ZH
    finding: str = FINDING
    finding_zh: str = FINDING_ZH

    def to_dict(self) -> dict[str, object]:
        """
        Return plain data for JSON.

        Returns
        -------
        dict
            Tables by row, None where there is no number, the formula and the finding.
        """
        savings = {
            str(key): {k: None if v != v else v for k, v in row.items()}
            for key, row in self.savings.to_dict("index").items()
        }
        told = ("formula", "formula_zh", "finding", "finding_zh")
        return {
            "savings": savings,
            "power": self.power.to_dict("index"),
            **{name: getattr(self, name) for name in told},
        }


def annex_2() -> AnnexTwo:
    r"""
    Run the shipped sector models at full adoption and derive the saving of power.

    Returns
    -------
    AnnexTwo
        Savings by sector and of the economy beside the printed ranges [1]_.

    Notes
    -----
    With emission shares :math:`w` of fig. 2 and savings :math:`r` of annex 2,
    :math:`r_{power} = (r_{economy} - \sum_{j \ne power} w_j r_j) / w_{power}`, each end of the
    ranges by itself.

    References
    ----------
    .. [1] CAICT, Digital carbon neutrality white paper, December 2021, annex 2 and fig. 2.

    Examples
    --------
    >>> annex_2().power.loc[["low", "high"], "saving"].round(4).tolist()
    [0.0974, 0.1683]
    """
    book = sector_models.case("caict_sectors")
    closed = book.computed.to_dict("index")["power"]
    printed: dict[str, Parameter] = {
        key: book.inputs[key] for key in ("industry", "buildings", "transport")
    }
    rows = {key: _row(_saving(key), _share(key), printed[key]) for key in printed}
    rows["power"] = _row(_saving("power"), _share("power"), None)
    rows["power"] |= {f"published_{e}": closed[e] for e in ("low", "high")} | {"status": "derived"}
    spread = {
        "low": min(row["low"] for row in rows.values()),
        "central": float("nan"),
        "high": max(row["high"] for row in rows.values()),
    }
    economy = {e: sum(row["share"] * row[e] for row in rows.values()) for e in ESTIMATES}
    rows["any_sector"] = _row(spread, float("nan"), book.outputs["power"].published)
    rows["economy"] = _row(economy, 1.0, book.inputs["economy"])
    savings = pd.DataFrame.from_dict(rows, orient="index").rename_axis("sector")
    savings["agrees"] = [
        all(round(100 * row[e]) == round(100 * row[f"published_{e}"]) for e in ("low", "high"))
        for row in rows.values()
    ]
    return AnnexTwo(savings, _derivation(book))


def _saving(sector: str) -> dict[str, float]:
    """Saving of a sector model with all levers everywhere and none in the reference."""
    levers = sector_models.load(sector).use_cases
    full, none = dict.fromkeys(levers, 1.0), dict.fromkeys(levers, 0.0)
    effects = sector_models.run(sector, adoption=full, reference_adoption=none, years=[YEAR])
    share = (effects["enabled"].sum("use_case") / effects["reference"]).sel(year=YEAR)
    return {e: float(share.sel(estimate=e)) for e in ESTIMATES}


def _share(sector: str) -> float:
    return sector_models.load_economy().shares[sector].value


def _row(saving: Mapping[str, float], share: float, printed: Parameter | None) -> dict[str, Any]:
    row: dict[str, Any] = {"share": share, **saving}
    if printed is not None:
        row |= {"published_low": printed.low, "published_high": printed.high}
        row["status"] = printed.status
    return row


def _derivation(book: sector_models.Case) -> pd.DataFrame:
    """How the range of power follows from what is printed."""
    computed, economy = book.computed.to_dict("index"), book.inputs["economy"]
    totals = {"low": economy.low, "central": economy.value, "high": economy.high}
    rows = {
        e: {
            "economy": totals[e],
            "others": computed["three"][e],
            "share": book.inputs["w_power"].value,
            "saving": computed["power"][e],
        }
        for e in ESTIMATES
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("estimate")
