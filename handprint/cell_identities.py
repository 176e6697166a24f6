"""Identities that numbers of a result must meet: no explanation without proof."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from scipy.stats import chi2 as chi_squared

from handprint.blend import by_use_case, net_enabled
from handprint.errors import LedgerError
from handprint.headline import TOTAL
from handprint.projection import ESTIMATES, driver_path
from handprint.reconcile import SIGNIFICANCE
from handprint.results import Results

CLOSE = 1e-9


def refuse_open(results: Results, dataset: str, variable: str) -> None:
    """
    Refuse to explain a number that its formula does not give.

    Parameters
    ----------
    results : Results
        A run.
    dataset, variable : str
        Which numbers: all of the variable are computed anew where that takes other numbers of
        the result only.

    Raises
    ------
    LedgerError
        If they differ by more than 1e-9 of the largest.
    """
    recompute = IDENTITIES.get(f"{dataset}.{variable}")
    if recompute is None:
        return
    stored = getattr(results, dataset)[variable]
    computed = recompute(results)
    here, there = xr.align(stored, computed.transpose(*stored.dims), join="exact")
    if not here.size:
        return
    gap = np.abs(here.values.astype(float) - there.values.astype(float)).max()
    if not gap <= CLOSE * max(1.0, float(np.abs(here.values.astype(float)).max())):
        raise LedgerError(
            f"{dataset}.{variable}: its formula gives other numbers than the result has, by up to "
            f"{gap:.3g}: the result has been changed since the run, run it again"
        )


def _total_after(r: Results) -> xr.DataArray:
    top = r.top_down
    second = top["enabled"] - top["households"] + top["upstream"]
    return top["total_before"] + (top["footprint"] - second).sum("sector")


def _respent(r: Results) -> xr.DataArray:
    share = r.scenario.respend
    ends = [share.low, share.value, share.high]
    return r.top_down["respending_of_all"] * xr.DataArray(
        ends, coords={"estimate": list(ESTIMATES)}, dims="estimate"
    )


def _emitters(r: Results) -> xr.DataArray:
    """Saving at all emitters, from what they emit more or less."""
    top = r.top_down
    change = top["emitters"].sum("emitter")
    rest = top["households"] - top["upstream"]
    saved: xr.DataArray = top["footprint"] + top["rebound_respending"] - change + rest
    return saved


def _element(r: Results) -> xr.DataArray:
    top, bottom = r.reconciled["top_down"], r.reconciled["bottom_up"]
    return (top - bottom) / abs(r.scenario.top_down_error.value * bottom)


def _bottom(r: Results) -> xr.DataArray:
    place = {d: r.reconciled[d].values for d in ("sector", "year")}
    return net_enabled(r.bottom_up).sel(estimate="central", drop=True).sel(place)


def _top(r: Results) -> xr.DataArray:
    place = {d: r.reconciled[d].values for d in ("sector", "year")}
    return r.top_down["enabled"].sel(estimate="central", drop=True).sel(place)


def _probability(r: Results) -> xr.DataArray:
    chi2 = r.reconciled["chi2"]
    return chi2.copy(data=chi_squared.sf(chi2.values, r.reconciled.sizes["sector"]))


def _gap(r: Results) -> xr.DataArray:
    return r.ledger["produced"] - r.ledger["embodied"] - r.ledger["not_allocated"]


def _counterfactual_gap(r: Results) -> xr.DataArray:
    top = r.top_down.sel(estimate="central", drop=True)
    change = top["total_after_respending"] - top["total_before"]
    return change - top["emitters"].sum(["sector", "emitter"])


def _avoided(r: Results) -> xr.DataArray:
    return r.indicators["enabled"] - r.indicators["rebound_direct"]


def _actual(r: Results) -> xr.DataArray:
    """Split by sector model, then added up."""
    models = [s for s in r.indicators["sector"].values if s != TOTAL]
    own = r.indicators.sel(sector=models)
    avoided = own["enabled"] - own["rebound_direct"]
    below = own["reference"].isel(year=0, drop=True) - (own["reference"] - avoided)
    split = np.minimum(avoided, below).clip(min=0.0)
    split = np.minimum(split, avoided.clip(min=0.0))
    total = split.sum("sector").expand_dims(sector=[TOTAL])
    whole: xr.DataArray = xr.concat([split, total], dim="sector")
    return whole


def _drivers(group: str) -> Callable[[Results], xr.DataArray]:
    def _paths(r: Results) -> xr.DataArray:
        stored = r.drivers[group]
        (dim,) = (d for d in stored.dims if d not in ("estimate", "year"))
        given = getattr(r.scenario, group)
        paths = [driver_path(given[str(k)], r.scenario.years) for k in stored[dim].values]
        joined = xr.concat(paths, dim=dim, combine_attrs="drop")
        return joined.assign_coords({dim: stored[dim].values})

    return _paths


IDENTITIES: dict[str, Callable[[Results], xr.DataArray]] = {
    "top_down.enabled": _emitters,
    "top_down.rebound_respending": _respent,
    "top_down.total_before": lambda r: r.top_down["emitters_before"].sum("emitter"),
    "top_down.total_after": _total_after,
    "top_down.total_after_respending": lambda r: (
        r.top_down["total_after"] + r.top_down["rebound_respending"].sum("sector")
    ),
    "reconciled.bottom_up": _bottom,
    "reconciled.top_down": _top,
    "reconciled.use_case_estimate": lambda r: by_use_case(r.bottom_up, r.reconciled),
    "reconciled.element_test": _element,
    "reconciled.chi2": lambda r: (_element(r) ** 2).sum("sector"),
    "reconciled.p_value": _probability,
    "reconciled.birge": lambda r: (r.reconciled["chi2"] / r.reconciled.sizes["sector"]) ** 0.5,
    "reconciled.blended": lambda r: r.reconciled["p_value"] >= SIGNIFICANCE,
    "indicators.actual_reduction": _actual,
    "indicators.lesser_increase": lambda r: _avoided(r) - r.indicators["actual_reduction"],
    "ledger.produced": lambda r: r.top_down["total_before"].sel(estimate="central", drop=True),
    "ledger.gap": _gap,
    "ledger.counterfactual_gap": _counterfactual_gap,
    "ict.footprint": lambda r: (r.ict["use"] + r.ict["embodied"]).sum("component"),
    "ict.electricity_total": lambda r: r.ict["electricity"].sum("component"),
    **{
        f"drivers.{group}": _drivers(group)
        for group in ("demand", "activity", "intensity", "structure", "coefficients")
    },
}
"""Variable -> the same numbers, from other numbers of the result."""
