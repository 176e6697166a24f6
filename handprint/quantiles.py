"""Quantiles over draws, and whether the draws are enough for them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr

from handprint.alignment import Array
from handprint.headline import TOTAL
from handprint.i18n import label

QUANTILES = (0.05, 0.17, 0.5, 0.83, 0.95)
TOLERANCE = 0.03  # of the distance between the 5 and the 95 % quantile
CHECKED = ("NER", "NER_star")


class Convergence(NamedTuple):
    """
    How sure the quantiles of a run are.

    Parameters
    ----------
    error : float
        Largest standard error of a quantile of total NER and NER* in the last year, as a share
        of the distance between the 5 and the 95 % quantile [1].
    where : str
        Which quantile that is, for example ``NER p05``.
    enough : bool
        Whether it is within ``TOLERANCE``.
    needed : int
        Draws that would bring it there, as the error falls with their square root.
    """

    error: float
    where: str
    enough: bool
    needed: int


def quantiles(parts: xr.Dataset, dim: str = "sector") -> xr.Dataset:
    """
    Take quantiles over the draws, of ratios too: a ratio has no useful mean.

    Parameters
    ----------
    parts : xarray.Dataset
        Additive parts and NER, dims (sector, year, draw) or (use_case, year, draw).
    dim : {"sector", "use_case"}
        First of these dims.

    Returns
    -------
    xarray.Dataset
        Dims (sector, year, quantile): the additive parts and NER in all years; ``EI``
        [t CO2/10^4 CNY] and ``VEI_gross``, ``VEI_net``, ``VEI_share`` [1] over
        ``ratio_sector`` and ``ratio_year``, the sectors with a footprint and the years in
        which all of them have one in every draw. The same with ``use_case`` for ``sector``,
        where there is no VEI_share. Attributes say how sure the quantiles are, where there is
        a total.

    Notes
    -----
    Quantiles interpolate linearly between order statistics.
    """
    found, sure = {}, {}
    for key, array in parts.data_vars.items():
        if "draw" in array.dims:
            name = str(key)
            units = "10^4 CNY" if name == "ict_purchases" else "Mt CO2"
            ordered = _sorted(array, dim)
            found[name] = _taken(ordered, array, dim).assign_attrs(_about(name, units))
            if name in CHECKED and TOTAL in array[dim].values:
                at = list(array[dim].values).index(TOTAL)
                sure[name] = standard_errors(ordered[at, -1])
    for name, ratio, units in _ratios(parts, dim):
        taken = _taken(_sorted(ratio, dim), ratio, dim).assign_attrs(_about(name, units))
        found[name] = taken.rename({dim: f"ratio_{dim}", "year": "ratio_year"})
    data = xr.Dataset(found)
    if sure:
        checked = convergence(sure, parts.sizes["draw"])
        data.attrs = {**checked._asdict(), "enough": int(checked.enough), "tolerance": TOLERANCE}
    return data


def _ratios(parts: xr.Dataset, dim: str) -> Iterator[tuple[str, xr.DataArray, str]]:
    """Ratios draw by draw, where there is a footprint to divide by; one at a time in memory."""
    has = parts["footprint"] > 0
    some = has.any(["year", "draw"])
    filled = has.sel({dim: some}).all([dim, "draw"]) & some.any()
    if not filled.any():
        return
    at = {dim: some, "year": filled}
    yield "EI", parts["NER"].sel(at) * 1e6 / parts["ict_purchases"].sel(at), "t CO2/10^4 CNY"
    for name, above, below in (
        ("VEI_gross", "enabled", "footprint"),
        ("VEI_net", "NER", "footprint"),
        ("VEI_share", "NER", "reference"),
    ):
        if below in parts:
            yield name, parts[above].sel(at) / parts[below].sel(at), "1"


def standard_errors(ordered: Array) -> Array:
    r"""
    Estimate standard errors of the quantiles of independent draws.

    Parameters
    ----------
    ordered : numpy.ndarray
        Draws in rising order.

    Returns
    -------
    numpy.ndarray
        One for each of ``QUANTILES``, over the distance between the 5 and the 95 % quantile;
        zero if all draws are equal.

    Notes
    -----
    The rank of a quantile is binomial with standard deviation :math:`\sqrt{n p (1 - p)}`; a
    quarter of the distance between the order statistics two deviations below and above is the
    error, whatever the distribution [1]_. Latin hypercubes and Sobol sequences do better than that.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, Order Statistics, 3rd edition, Wiley 2003, chapter 7.
    """
    n = len(ordered)
    place = np.asarray(QUANTILES) * (n - 1)
    deviation = np.sqrt(n * np.asarray(QUANTILES) * (1 - np.asarray(QUANTILES)))
    reach = 2 * deviation  # over twice the distance the slope is steadier
    # Past the ends of a small sample the reach is cut, and the slope taken from what is left.
    low, high = (place - reach).clip(0, n - 1), (place + reach).clip(0, n - 1)
    width = _between(ordered, high) - _between(ordered, low)
    error = width * deviation / (high - low)
    span = float(np.diff(_between(ordered, place[[0, -1]]))[0])
    found: Array = error / span if span > 0 else np.zeros_like(error)
    return found


def convergence(sure: dict[str, Array], draws: int) -> Convergence:
    """
    Judge standard errors by the tolerance.

    Parameters
    ----------
    sure : dict of str to numpy.ndarray
        Quantity -> outcome of :func:`standard_errors`.
    draws : int
        Number of draws.

    Returns
    -------
    Convergence
        Of the least sure quantile.
    """
    error, where = max(
        (float(e), f"{name} p{100 * q:02.0f}")
        for name, errors in sure.items()
        for e, q in zip(errors, QUANTILES, strict=True)
    )
    needed = math.ceil(draws * (error / TOLERANCE) ** 2)
    return Convergence(error, where, error <= TOLERANCE, max(needed, 2))


def _about(name: str, units: str) -> dict[str, str]:
    texts = {"long_name": label(name, "en"), "long_name_zh": label(name, "zh")}
    return {"units": units, **texts, "source": "Monte Carlo draws"}


def _sorted(array: xr.DataArray, dim: str) -> Array:
    """Draws in rising order, in a copy."""
    return np.sort(array.transpose(dim, "year", "draw").values, axis=-1)


def _taken(ordered: Array, array: xr.DataArray, dim: str) -> xr.DataArray:
    """Quantiles of sorted draws under their labels."""
    values = _between(ordered, np.asarray(QUANTILES) * (ordered.shape[-1] - 1))
    coords = {dim: array[dim].values, "year": array["year"].values, "quantile": list(QUANTILES)}
    return xr.DataArray(values, coords=coords, dims=(dim, "year", "quantile"))


def _between(ordered: Array, place: Array) -> Array:
    """Interpolate between order statistics."""
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
    values: Array = ordered[..., below] + (place - below) * (
        ordered[..., above] - ordered[..., below]
    )
    return values
