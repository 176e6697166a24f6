"""From additive parts to NER, EI and VEI: ratios are formed here, last, on sums."""

from __future__ import annotations

import xarray as xr

import sector_models
from handprint.blend import by_model
from handprint.observations import SPREAD
from handprint.projection import ESTIMATES
from handprint.response import respending_response, respent
from handprint.scenario import Share

TOTAL = "total"
MIRROR = {"low": "high", "central": "central", "high": "low"}


def headline(
    bottom_up: xr.Dataset, top_down: xr.Dataset, reconciled: xr.Dataset, respend: Share
) -> xr.Dataset:
    """
    Lay out the ledger of the handprint by sector and year, gross to net, line by line.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts by use case.
    top_down : xarray.Dataset
        Gives the re-spending, which no sector model can see.
    reconciled : xarray.Dataset
        Both halves on one boundary.
    respend : Share
        Share of the cost saving that is spent again.

    Returns
    -------
    xarray.Dataset
        Dims (sector, year, estimate) [Mt CO2 unless said otherwise], ``total`` the last
        sector: ``reference``, ``enabled`` (gross), ``rebound_direct``, ``rebound_respending``,
        ``footprint``, ``NER``, ``NER_star``, ``actual_reduction``, ``lesser_increase``,
        ``ict_purchases`` [10^4 CNY]. Low and high are corners, the unfavourable and the
        favourable end of every parameter at once, not a confidence interval. Amounts that are
        bad when large (footprint, rebound) keep their own low and high.
    """
    parts = xr.Dataset(
        {
            "enabled": by_model(bottom_up["enabled"]),
            "rebound_direct": by_model(bottom_up["rebound"]),
            "footprint": by_model(bottom_up["footprint"]),
            "ict_purchases": by_model(bottom_up["ict_purchases"]),
        }
    )
    response = respending_response(bottom_up, top_down)
    share = _corners(respend.low, respend.value, respend.high)
    net = parts["enabled"] - parts["rebound_direct"]
    parts["rebound_respending"] = share * respent(response, net, parts["ict_purchases"])
    parts["reference"] = bottom_up["reference"].expand_dims(estimate=list(ESTIMATES))
    parts = parts.transpose("sector", "year", "estimate")
    parts["NER"] = sector_models.ner(parts["enabled"], mirror(parts["footprint"]))
    parts["NER_star"] = parts["NER"] - _opposed_rebound(bottom_up, response, respend)
    left = parts["reference"] - (parts["enabled"] - parts["rebound_direct"])
    before = parts["reference"].isel(year=0, drop=True).broadcast_like(parts["reference"])
    actual, lesser = sector_models.actual_reduction(before, parts["reference"], left)
    parts["actual_reduction"], parts["lesser_increase"] = actual, lesser
    parts = with_total(parts, bottom_up["reference_twice"])
    for name, (units, title) in MEANINGS.items():
        kept = {k: v for k, v in parts[name].attrs.items() if k.startswith("definition")}
        parts[name].attrs = {"units": units, "long_name": title, "source": "sector models", **kept}
    parts["rebound_respending"].attrs["source"] = "counterfactual"
    parts["NER_star"].attrs["definition"] = NER_STAR
    parts["NER_star"].attrs["definition_zh"] = NER_STAR_ZH
    return parts.assign_attrs(
        range="low and high are corner ranges: all parameters at their unfavourable or "
        "favourable end at once; drivers of growth stay central",
        reconciled=f"{int(reconciled['blended'].sum())} of {reconciled.sizes['year']} years agree",
    )


def _opposed_rebound(bottom_up: xr.Dataset, response: xr.Dataset, respend: Share) -> xr.DataArray:
    """
    Rebound of the low, central and high effect where all else stands against and for it.

    One corner has one value of everything: where NER takes the high footprint, the same high
    purchases of ICT lower the cost that is saved.
    """
    enabled = by_model(bottom_up["enabled"])
    direct = by_model(bottom_up["enabled"] * mirror(bottom_up["rebound_rate"]))
    purchases = mirror(by_model(bottom_up["ict_purchases"]))
    again = respent(response, enabled - direct, purchases)
    # Spending more of it again is bad as long as there is something to spend.
    some = again > 0
    bad = some * respend.high + ~some * respend.low
    good = some * respend.low + ~some * respend.high
    estimate = again["estimate"]
    share = bad.where(estimate == "low", good.where(estimate == "high", respend.value))
    both: xr.DataArray = direct + share * again
    return both.transpose("sector", "year", "estimate")


def _corners(low: float, central: float, high: float) -> xr.DataArray:
    return xr.DataArray([low, central, high], coords={"estimate": list(ESTIMATES)}, dims="estimate")


NER_STAR = (
    "NER* = ENB - F - R: gross enabling effect less the ICT footprint, less direct rebound and "
    "less the emissions of what the saved cost is spent on."
)
NER_STAR_ZH = "扣除反弹的净赋能减排量 NER* = ENB − F − R：R 包括直接反弹和节省支出再消费的排放。"
MEANINGS = {
    "reference": ("Mt CO2", "reference emissions, without further digital levers"),
    "enabled": ("Mt CO2", "gross enabling effect (ENB)"),
    "rebound_direct": ("Mt CO2", "direct rebound"),
    "rebound_respending": ("Mt CO2", "rebound by re-spending of the saved cost"),
    "footprint": ("Mt CO2", "first-order footprint of the additional ICT (F)"),
    "NER": ("Mt CO2", "net enabling emission reduction"),
    "NER_star": ("Mt CO2", "net enabling emission reduction after rebound"),
    "actual_reduction": ("Mt CO2", "part of what is avoided that lies below the base year"),
    "lesser_increase": ("Mt CO2", "part of what is avoided that is slower growth only"),
    "ict_purchases": ("10^4 CNY", "additional ICT purchases"),
}


def mirror(array: xr.DataArray) -> xr.DataArray:
    """
    Swap low and high: the corner in which an amount that is bad when large hurts most.

    Parameters
    ----------
    array : xarray.DataArray
        With dim ``estimate``.

    Returns
    -------
    xarray.DataArray
        Same labels, low and high exchanged.
    """
    order = array["estimate"].values
    swapped = array.sel(estimate=[MIRROR[str(e)] for e in order])
    return swapped.assign_coords(estimate=order)


def indicator_ratios(indicators: xr.Dataset) -> xr.Dataset:
    """
    Form EI and VEI for the sectors with a footprint, in the years in which all of them have one.

    Parameters
    ----------
    indicators : xarray.Dataset
        Additive parts and NER.

    Returns
    -------
    xarray.Dataset
        ``EI`` [t CO2/10^4 CNY], ``VEI_gross``, ``VEI_net``, ``VEI_share`` [1], dims
        (sector, year, estimate), each with its definition; without variables where none
        qualifies. ``attrs["undefined"]`` lists the sectors and years left out.
    """
    has = indicators["footprint"] > 0
    some = has.any(["year", "estimate"])
    filled = has.sel(sector=some).all(["sector", "estimate"]) & some.any()
    left_out = [str(s) for s in indicators["sector"].values[~some.values] if filled.any()]
    left_out += [str(y) for y in indicators["year"].values[~filled.values]]
    undefined = f"no footprint, so no ratio, in {', '.join(left_out)}" if left_out else ""
    if not filled.any():
        return xr.Dataset(attrs={"undefined": undefined})
    parts = indicators.sel(sector=some, year=filled)
    footprint = mirror(parts["footprint"])
    tonnes = (parts["NER"] * 1e6).assign_attrs(units="t CO2").rename("NER")
    spent = mirror(parts["ict_purchases"]).where(tonnes >= 0, parts["ict_purchases"])
    intensity = sector_models.ei(tonnes, spent.assign_attrs(units="10^4 CNY"), "10^4 CNY")
    index = sector_models.vei(
        parts["enabled"], footprint, ner=parts["NER"], reference=parts["reference"]
    )
    found = {"EI": intensity, **{f"VEI_{kind}": value for kind, value in index.items()}}
    return xr.Dataset(found, attrs={"undefined": undefined})


def with_total(parts: xr.Dataset, twice: xr.DataArray) -> xr.Dataset:
    """
    Append the sum over sectors; corners add up, as if all sectors erred together.

    Parameters
    ----------
    parts : xarray.Dataset
        Additive quantities with dim ``sector``.
    twice : xarray.DataArray
        Part of ``reference`` that lies in that of another sector too, dims (sector, year).

    Returns
    -------
    xarray.Dataset
        With ``total`` as the last sector, which is the first dim.
    """
    total = parts.sum("sector", keep_attrs=True)
    if "reference" in parts:
        total["reference"] = total["reference"] - twice.sum("sector")
    total = total.expand_dims(sector=[TOTAL])
    return xr.concat([parts, total], dim="sector").transpose("sector", "year", ...)


def reconciled_range(reconciled: xr.Dataset) -> xr.DataArray:
    """
    Return the reconciled enabling effect as low, central and high.

    Parameters
    ----------
    reconciled : xarray.Dataset
        Outcome of the reconciliation.

    Returns
    -------
    xarray.DataArray
        Dims (sector, year, estimate) [Mt CO2]; low and high bound 90 % of a normal.
    """
    half = reconciled["sd"] * SPREAD / 2
    bands = [reconciled["estimate"] - half, reconciled["estimate"], reconciled["estimate"] + half]
    return xr.concat(bands, dim="estimate").assign_coords(estimate=list(ESTIMATES))
