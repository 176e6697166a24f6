"""Monte Carlo over the parameters of the sector models, and quantiles of what follows."""

from __future__ import annotations

import numpy as np
import xarray as xr

from handprint.blend import by_model
from handprint.headline import with_total
from handprint.response import respent
from handprint.scenario import Share

QUANTILES = (0.05, 0.17, 0.5, 0.83, 0.95)


def sample_parts(drawn: xr.Dataset, response: xr.Dataset, respend: Share, seed: int) -> xr.Dataset:
    """
    Form the parts and NER of every draw, by sector model with a total.

    Parameters
    ----------
    drawn : xarray.Dataset
        Additive parts by use case, dims (use_case, year, draw).
    response : xarray.Dataset
        Outcome of :func:`respending_response`.
    respend : Share
        Drawn from a triangle over its range.
    seed : int
        Of the draws.

    Returns
    -------
    xarray.Dataset
        Dims (sector, year, draw) [Mt CO2; ICT purchases 10^4 CNY].
    """
    parts = xr.Dataset(
        {
            "enabled": by_model(drawn["enabled"]),
            "rebound_direct": by_model(drawn["rebound"]),
            "footprint": by_model(drawn["footprint"]),
            "ict_purchases": by_model(drawn["ict_purchases"]),
        }
    )
    net = parts["enabled"] - parts["rebound_direct"]
    share = triangle(
        respend.low, respend.value, respend.high, f"{seed}:respend", drawn.sizes["draw"]
    )
    parts["rebound_respending"] = share * respent(response, net, parts["ict_purchases"])
    parts["NER"] = parts["enabled"] - parts["footprint"]
    parts["NER_star"] = parts["NER"] - parts["rebound_direct"] - parts["rebound_respending"]
    parts["reference"] = drawn["reference"]
    return with_total(parts, drawn["reference_twice"])


def triangle(low: float, mode: float, high: float, stream: str, size: int) -> xr.DataArray:
    """
    Draw from a triangle over a range, in a stream of its own.

    Parameters
    ----------
    low, mode, high : float
        The range; equal ends give its value.
    stream : str
        Seed and name of what is drawn.
    size : int
        Number of draws.

    Returns
    -------
    xarray.DataArray
        Dims (draw).
    """
    rng = np.random.default_rng(np.frombuffer(stream.encode(), dtype=np.uint8))
    values = np.full(size, mode) if low == high else rng.triangular(low, mode, high, size)
    return xr.DataArray(values, coords={"draw": np.arange(size)}, dims="draw")


def quantiles(parts: xr.Dataset) -> xr.Dataset:
    """
    Take quantiles over the draws, of ratios too: a ratio has no useful mean.

    Parameters
    ----------
    parts : xarray.Dataset
        Outcome of :func:`sample_parts`.

    Returns
    -------
    xarray.Dataset
        Dims (sector, year, quantile): the additive parts and NER in all years; ``EI``
        [t CO2/10^4 CNY] and ``VEI_gross``, ``VEI_net``, ``VEI_share`` [1] over
        ``ratio_sector`` and ``ratio_year``, the sectors with a footprint and the years in
        which all of them have one in every draw.
    """
    found = {str(n): _over_draws(a) for n, a in parts.data_vars.items() if "draw" in a.dims}
    for name, array in found.items():
        array.attrs["units"] = "10^4 CNY" if name == "ict_purchases" else "Mt CO2"
    has = parts["footprint"] > 0
    sectors = has.any(["year", "draw"])
    filled = has.sel(sector=sectors).all(["sector", "draw"]) & sectors.any()
    if filled.any():
        some = parts.sel(sector=sectors, year=filled)
        ratios = {
            "EI": (some["NER"] * 1e6 / some["ict_purchases"], "t CO2/10^4 CNY"),
            "VEI_gross": (some["enabled"] / some["footprint"], "1"),
            "VEI_net": (some["NER"] / some["footprint"], "1"),
            "VEI_share": (some["NER"] / some["reference"], "1"),
        }
        for name, (array, units) in ratios.items():
            taken = _over_draws(array).rename(sector="ratio_sector", year="ratio_year")
            found[name] = taken.assign_attrs(units=units)
    return xr.Dataset(found)


def _over_draws(array: xr.DataArray) -> xr.DataArray:
    """Quantiles by sorting once and interpolating between order statistics."""
    ordered = np.sort(array.transpose("sector", "year", "draw").values, axis=-1)
    place = np.asarray(QUANTILES) * (ordered.shape[-1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
    values = ordered[..., below] + (place - below) * (ordered[..., above] - ordered[..., below])
    coords = {"sector": array["sector"], "year": array["year"], "quantile": list(QUANTILES)}
    return xr.DataArray(values, coords=coords, dims=("sector", "year", "quantile"))
