"""The additive parts: enabling effect, direct rebound, footprint; and how savings overlap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sector_models.alignment import Numbers, as_array, where
from sector_models.errors import LabelError, ParameterError, ValueRangeError, did_you_mean

Floats = NDArray[np.float64]
Credit: TypeAlias = Literal["lmdi", "shapley"]
"""How a joint saving is shared between measures: logarithmic mean or Shapley value."""


def joint_saving(base: float, fractions: Numbers | Mapping[str, float]) -> float:
    r"""
    Joint saving of measures that act one on what the other leaves.

    Parameters
    ----------
    base : float
        Emissions on which all measures act, at least zero [any unit, e.g. Mt CO2].
    fractions : array or mapping
        Saving of each measure when it acts alone, share of the base, -1 to 1 [1]. A negative
        value is a measure that adds emissions.

    Returns
    -------
    float
        Joint saving [units of base]; never above the base.

    Raises
    ------
    ValueRangeError
        If the base is negative or a fraction lies outside -1 to 1.
    NotANumberError
        If a value is missing or not a number.

    Notes
    -----
    :math:`S = E\,(1 - \prod_i (1 - f_i))`. The order of measures does not matter. Adding the
    fractions instead would count the same tonne more than once.

    Examples
    --------
    >>> round(joint_saving(1000, [0.20, 0.10, 0.15]), 6)
    388.0
    """
    found = _fractions(fractions)
    return _base(base) * float(1.0 - (1.0 - found).prod())


def shapley(base: float, fractions: Numbers | Mapping[str, float]) -> xr.DataArray:
    r"""
    Share a joint saving between measures by the mean over all orders of introduction.

    Parameters
    ----------
    base : float
        Emissions on which all measures act, at least zero [any unit].
    fractions : array or mapping
        Saving of each measure when it acts alone, -1 to 1 [1].

    Returns
    -------
    xarray.DataArray
        Credit of each measure [units of base], labelled like ``fractions``; the sum is
        the joint saving.

    Raises
    ------
    ValueRangeError
        If the base is negative or a fraction lies outside -1 to 1.
    NotANumberError
        If a value is missing or not a number.

    Notes
    -----
    The mean over all :math:`n!` orders is the diagonal integral of the multilinear extension
    [1]_, here :math:`E f_i \int_0^1 \prod_{j \ne i} (1 - t f_j)\,dt`. The integrand is a
    polynomial of degree :math:`n - 1`, so Gauss-Legendre quadrature with :math:`n / 2` nodes
    gives it exactly, in :math:`O(n^2)` steps.

    References
    ----------
    .. [1] G. Owen, Multilinear extensions of games, Management Science 18(5), 1972, P64-P79.

    Examples
    --------
    >>> shapley(1000, [0.20, 0.10, 0.15]).round(6).values.tolist()
    [176.0, 83.5, 128.5]
    """
    return _credit(base, fractions, _shapley_shares, "Shapley value")


def lmdi(base: float, fractions: Numbers | Mapping[str, float]) -> xr.DataArray:
    r"""
    Share a joint saving between measures by the logarithmic mean.

    Parameters
    ----------
    base : float
        Emissions on which all measures act, at least zero [any unit].
    fractions : array or mapping
        Saving of each measure when it acts alone, -1 to 1 [1].

    Returns
    -------
    xarray.DataArray
        Credit of each measure [units of base], labelled like ``fractions``; the sum is
        the joint saving.

    Raises
    ------
    ValueRangeError
        If the base is negative or a fraction lies outside -1 to 1.
    NotANumberError
        If a value is missing or not a number.

    Notes
    -----
    :math:`S \ln(1 - f_i) / \sum_k \ln(1 - f_k)` [1]_, written as
    :math:`-E\,\ln(1 - f_i)\,(e^s - 1) / s` with :math:`s = \sum_k \ln(1 - f_k)`, which has a
    value for :math:`s = 0` too. A measure that removes everything (:math:`f_i = 1`) takes all
    credit in the limit; several of them share it.

    References
    ----------
    .. [1] B. W. Ang, The LMDI approach to decomposition analysis: a practical guide, Energy
       Policy 33(7), 2005, 867-871.

    Examples
    --------
    >>> lmdi(1000, [0.20, 0.10, 0.15]).round(3).values.tolist()
    [176.325, 83.255, 128.42]
    """
    return _credit(base, fractions, _lmdi_shares, "LMDI")


def enabling_effect(
    reference: xr.DataArray,
    share: xr.DataArray,
    fraction: xr.DataArray,
    segments: Sequence[str],
    credit: Credit = "lmdi",
) -> xr.DataArray:
    r"""
    Enabling effect of use cases, before rebound and before their own footprint.

    Parameters
    ----------
    reference : xarray.DataArray
        Emissions of the sector without additional use cases, dims (year, ...) [Mt CO2].
    share : xarray.DataArray
        Share of those emissions in the segment of each use case, dims (use_case, ...) [1].
    fraction : xarray.DataArray
        Saving of each use case on its segment, dims (use_case, year, ...) [1].
    segments : sequence of str
        Segment of each use case. Use cases on one segment act on what the others leave;
        segments are disjoint and add up.
    credit : {"lmdi", "shapley"}, optional
        How a joint saving is shared within a segment.

    Returns
    -------
    xarray.DataArray
        Enabling effect, dims (use_case, year, ...) [Mt CO2].

    Raises
    ------
    ParameterError
        If ``credit`` is unknown.
    LabelError
        If there is not one segment per use case.

    Notes
    -----
    :math:`E(t)\,w_m\,[p_m(t) - p_m^{ref}(t)]\,\theta_m\,q_m` for a use case alone on its
    segment; the bracket and what follows is ``fraction``. Any further dimension, such as
    draws, is carried along.
    """
    if credit not in _SHARES:
        raise ParameterError(f"no credit rule {credit!r}; {did_you_mean(credit, _SHARES)}")
    ordered = fraction.transpose("use_case", ...)
    if len(segments) != ordered.sizes["use_case"]:
        raise LabelError(f"{len(segments)} segments for {ordered.sizes['use_case']} use cases")
    saved = np.empty(ordered.shape)
    for segment in dict.fromkeys(segments):
        members = [i for i, name in enumerate(segments) if name == segment]
        saved[members] = _SHARES[credit](ordered.values[members])
    effect: xr.DataArray = reference * share * ordered.copy(data=saved)
    effect = effect.transpose("use_case", "year", ...)
    effect.attrs = {"units": "Mt CO2"}
    return effect.rename("enabled")


def direct_rebound(enabled: xr.DataArray, rate: xr.DataArray) -> xr.DataArray:
    """
    Additional emissions because a saving makes the same activity cheaper or easier.

    Parameters
    ----------
    enabled : xarray.DataArray
        Enabling effect [Mt CO2].
    rate : xarray.DataArray
        Share of the effect that is taken back; above one is backfire [1].

    Returns
    -------
    xarray.DataArray
        Direct rebound, positive when it adds emissions [Mt CO2].
    """
    rebound: xr.DataArray = enabled * rate
    rebound.attrs = {"units": "Mt CO2"}
    return rebound.rename("rebound")


def footprint(purchases: xr.DataArray, intensity: xr.DataArray) -> xr.DataArray:
    """
    First-order emissions of the ICT that use cases need.

    Parameters
    ----------
    purchases : xarray.DataArray
        Additional ICT purchases [10^4 CNY].
    intensity : xarray.DataArray
        Emissions per ICT purchase [t CO2/10^4 CNY].

    Returns
    -------
    xarray.DataArray
        Footprint [Mt CO2].
    """
    emitted: xr.DataArray = purchases * intensity / 1e6
    emitted.attrs = {"units": "Mt CO2"}
    return emitted.rename("footprint")


def _lmdi_shares(fractions: Floats) -> Floats:
    """Return the credit of each measure (first axis) per unit of base, logarithmic mean."""
    complete = fractions >= 1.0
    logs = np.log1p(-np.where(complete, 0.0, fractions))
    total = logs.sum(axis=0)
    mean = np.where(total == 0.0, 1.0, np.expm1(total) / np.where(total == 0.0, 1.0, total))
    count = complete.sum(axis=0)
    shares: Floats = np.where(count > 0, complete / np.maximum(count, 1), -mean * logs)
    return shares


def _shapley_shares(fractions: Floats) -> Floats:
    """Return the credit of each measure (first axis) per unit of base, Shapley value."""
    nodes, weights = np.polynomial.legendre.leggauss((len(fractions) + 1) // 2)
    integral = np.zeros_like(fractions)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        left = 1.0 - node * fractions
        integral += weight * left.prod(axis=0) / left
    return fractions * integral


_SHARES: Mapping[str, Callable[[Floats], Floats]] = {
    "lmdi": _lmdi_shares,
    "shapley": _shapley_shares,
}


def _credit(
    base: float,
    fractions: Numbers | Mapping[str, float],
    shares: Callable[[Floats], Floats],
    rule: str,
) -> xr.DataArray:
    """Share a joint saving by a rule and label the result."""
    found = _fractions(fractions)
    credit = found.copy(data=_base(base) * shares(found.values))
    credit.attrs = {"units": "units of base", "long_name": f"credited saving ({rule})"}
    return credit.rename("credit")


def _base(base: float) -> float:
    """Check the emissions that measures act on."""
    found = as_array(base, "base")
    if found.ndim or found < 0:
        raise ValueRangeError(f"base: one number, at least zero, is needed, not {base!r}")
    return float(found)


def _fractions(fractions: Numbers | Mapping[str, float]) -> xr.DataArray:
    """Check and label the saving fractions of measures on one base."""
    if isinstance(fractions, Mapping):
        found = xr.DataArray(
            list(fractions.values()), dims="use_case", coords={"use_case": list(fractions)}
        )
        found = as_array(found, "fractions")
    else:
        found = as_array(fractions, "fractions")
        if found.dims == ("dim_0",):
            found = found.rename(dim_0="use_case")
    if found.ndim != 1 or not found.size:
        raise LabelError(f"fractions: one per measure is needed, not shape {found.shape}")
    outside = abs(found) > 1
    if outside.any():
        value = float(found.values[outside.values][0])
        raise ValueRangeError(
            f"fractions: {value:g} at {where(outside)} is outside -1 to 1; "
            f"for {value:g} % write {value / 100:g}"
        )
    return found
