"""The handprint line by line: from the gross enabling effect to NER and NER*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from handprint.blend import by_model
from handprint.errors import ScenarioError
from handprint.headline import mirror
from handprint.i18n import label
from handprint.projection import ESTIMATES
from handprint.response import respending_response
from handprint.results import Results

By = Literal["sector", "use_case"]
LINES = {
    "alone": 1,
    "overlap_levers": -1,
    "overlap_grid": -1,
    "enabled": 0,
    "rebound_direct": -1,
    "rebound_respending": -1,
    "footprint": -1,
    "NER": 0,
    "NER_star": 0,
    "actual_reduction": 0,
    "lesser_increase": 0,
}
"""Lines of the ledger and their sign in NER*; zero for sums and splits of them."""


@dataclass(frozen=True)
class Attribution:
    """
    Who may claim which part of a handprint.

    Parameters
    ----------
    shares : Mapping of str to float
        Party -> share of NER; at most one in all, the rest stays unallocated.
    rule : str
        What the shares rest on, for example cost or value added.

    Raises
    ------
    ScenarioError
        If a share is outside 0 to 1, the sum is above one, or no rule is stated.
    """

    shares: Mapping[str, float]
    rule: str

    def __post_init__(self) -> None:
        """Refuse shares without a rule, and more than the whole."""
        problems = [
            f"attribution: share of {party!r} is {share!r}, needed 0 to 1"
            for party, share in self.shares.items()
            if not isinstance(share, int | float) or not 0 <= share <= 1
        ]
        if not problems and sum(self.shares.values()) > 1 + 1e-12:
            total = sum(self.shares.values())
            problems = [f"attribution: shares add up to {total:g}, more than the whole"]
        if not isinstance(self.rule, str) or not self.rule.strip():
            problems.append("attribution: state the rule that the shares rest on")
        if problems:
            raise ScenarioError("; ".join(problems))


def gross_to_net(
    results: Results, by: By = "sector", *, attribution: Attribution | None = None
) -> xr.Dataset:
    r"""
    Lay out the ledger of the handprint line by line, never a net figure alone.

    Parameters
    ----------
    results : Results
        A run.
    by : {"sector", "use_case"}
        Whether lines are given by sector model, with a total, or by use case.
    attribution : Attribution, optional
        Splits NER between parties; without it all of it is ``unallocated``, the solution as
        a whole.

    Returns
    -------
    xarray.Dataset
        Dims (sector or use_case, year, estimate) [Mt CO2]: ``alone``, what each lever would
        save if no other acted; less ``overlap_levers`` on one segment and ``overlap_grid``
        between saved and cleaner electricity: ``enabled`` (ENB); ``rebound_direct``,
        ``rebound_respending``, ``footprint`` and, where all sector files state it, its
        ``footprint_embodied`` part; ``NER`` and ``NER_star``; their split into
        ``actual_reduction`` and ``lesser_increase``, by use case in proportion to the net
        effect of its sector. ``NER_of`` (party, ...) says who may claim what. Amounts of one
        year; nothing is cumulated.

    Raises
    ------
    ScenarioError
        If ``by`` is unknown.

    Notes
    -----
    .. math::
        ENB &= \sum alone - overlap, \quad NER = ENB - F, \quad NER^* = NER - R

    Low and high are corners: NER low takes the high footprint, NER* the rebound at the
    opposite rates. Amounts that are bad when large keep their own low and high. ITU-T L.1480
    asks for effects of both signs and for actual reduction apart from lesser increase.

    Examples
    --------
    >>> import handprint
    >>> lines = handprint.gross_to_net(handprint.run("current-policy"))
    >>> end = lines.sel(sector="total", year=2030, estimate="central")
    >>> gross = end["alone"] - end["overlap_levers"] - end["overlap_grid"]
    >>> bool(abs(gross - end["enabled"]) < 1e-9)
    True
    """
    if by not in ("sector", "use_case"):
        raise ScenarioError(f"by is {by!r}: give 'sector' or 'use_case'")
    found = _by_case(results) if by == "use_case" else _by_sector(results)
    found = found.transpose(by, "year", "estimate")
    found = found.assign(_claims(found["NER"], attribution))
    for name, array in found.data_vars.items():
        array.attrs = {
            "units": "Mt CO2",
            "long_name": label(str(name), "en"),
            "long_name_zh": label(str(name), "zh"),
            "source": "sector models and counterfactual",
        }
    rule = attribution.rule if attribution else "none: the solution as a whole"
    return found.assign_attrs(
        scenario=results.scenario.name, attribution=rule, view="annual: amounts of each year"
    )


def _by_case(results: Results) -> xr.Dataset:
    """Lines of each use case; re-spending is linear, so use cases add up to their sector."""
    parts = results.bottom_up
    found = xr.Dataset(
        {
            "alone": parts["alone"],
            "overlap_grid": parts["overlap_grid"],
            "enabled": parts["enabled"],
            "rebound_direct": parts["rebound"],
            "footprint": parts["footprint"],
        }
    )
    if "footprint_embodied" in parts:
        found["footprint_embodied"] = parts["footprint_embodied"]
    found["overlap_levers"] = found["alone"] - found["overlap_grid"] - found["enabled"]
    response = respending_response(parts, results.top_down)
    model = parts["model"].rename("sector")
    cost = response["cost"].sel(sector=model).drop_vars("sector")
    share = results.scenario.respend
    spent = xr.DataArray(
        [share.low, share.value, share.high], coords={"estimate": list(ESTIMATES)}, dims="estimate"
    )
    net = found["enabled"] - found["rebound_direct"]
    again = response["emissions"] * (cost * net - parts["ict_purchases"])
    found["rebound_respending"] = spent * again
    found["NER"] = found["enabled"] - mirror(found["footprint"])
    direct = found["enabled"] * mirror(parts["rebound_rate"])
    opposed = response["emissions"] * (
        cost * (found["enabled"] - direct) - mirror(parts["ict_purchases"])
    )
    found["NER_star"] = found["NER"] - direct - _opposed_share(results, opposed, model) * opposed
    whole = results.indicators.sel(sector=model).drop_vars("sector")
    base = whole["enabled"] - whole["rebound_direct"]
    part = (net / base.where(base != 0, 1.0)).where(base != 0, 0.0)
    for name in ("actual_reduction", "lesser_increase"):
        found[name] = part * whole[name]
    return found.drop_vars(["segment", "emitter", "tier"], errors="ignore")


def _opposed_share(results: Results, opposed: xr.DataArray, model: xr.DataArray) -> xr.DataArray:
    """Share spent again in the corner, chosen for the sector as in its NER*."""
    share = results.scenario.respend
    some = by_model(opposed).sel(sector=model).drop_vars("sector") > 0
    bad = some * share.high + ~some * share.low
    good = some * share.low + ~some * share.high
    estimate = opposed["estimate"]
    chosen: xr.DataArray = bad.where(estimate == "low", good.where(estimate == "high", share.value))
    return chosen


def _by_sector(results: Results) -> xr.Dataset:
    """Lines of each sector model and of all."""
    lines = results.indicators[[name for name in LINES if name in results.indicators]]
    parts = results.bottom_up
    sums = {name: by_model(parts[name]) for name in ("alone", "overlap_grid")}
    if "footprint_embodied" in parts:
        sums["footprint_embodied"] = by_model(parts["footprint_embodied"])
    extra = xr.Dataset(sums)
    total = extra.sum("sector").expand_dims(sector=["total"])
    found = lines.merge(xr.concat([extra, total], dim="sector"), join="exact")
    found["overlap_levers"] = found["alone"] - found["overlap_grid"] - found["enabled"]
    return found


def _claims(net: xr.DataArray, attribution: Attribution | None) -> dict[str, xr.DataArray]:
    shares = dict(attribution.shares) if attribution else {}
    shares["unallocated"] = 1.0 - sum(shares.values())
    weights = xr.DataArray(
        np.array(list(shares.values())), coords={"party": list(shares)}, dims="party"
    )
    return {"NER_of": weights * net}
