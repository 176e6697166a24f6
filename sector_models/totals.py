"""From additive effects to indicators: ratios are formed on sums only."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

from sector_models.errors import LabelError
from sector_models.estimates import opposed
from sector_models.indicators import ner, vei


def sector_indicators(effects: xr.Dataset) -> dict[str, xr.DataArray]:
    """
    NER and VEI of a sector, or of several combined ones, from their additive effects.

    Parameters
    ----------
    effects : xarray.Dataset
        Result of `run` or `combine`.

    Returns
    -------
    dict of xarray.DataArray
        ``NER``, ``NER_star`` [Mt CO2] for all years; ``VEI_gross``, ``VEI_net`` and
        ``VEI_share`` [1] for the years in which there is a footprint. The other years are
        listed in their attribute ``undefined``; without any such year the VEI are left out.

    Notes
    -----
    Effects are summed over use cases first; ratios are formed on the sums. Estimate ``low``
    sets the low enabling effect against the high footprint and the high rebound rate,
    ``high`` the reverse: corners, not a confidence interval. Draws are taken as they are.

    Examples
    --------
    >>> from sector_models import run
    >>> found = sector_indicators(run("industry", years=[2020, 2030]))
    >>> found["VEI_gross"].attrs["undefined"], found["NER"].sizes["year"]
    ('2020', 2)
    """
    enabled = _summed(effects["enabled"])
    own = _summed(opposed(effects["footprint"]))
    back = _summed(effects["enabled"] * opposed(effects["rebound_rate"]))
    back.attrs["units"] = "Mt CO2"
    reference = effects["reference"]
    found = {"NER": ner(enabled, own), "NER_star": ner(enabled, own, back)}
    positive = ((own > 0) & (reference > 0)).all([dim for dim in enabled.dims if dim != "year"])
    defined = positive["year"].values[positive.values]
    if defined.size:
        at = {"year": defined}
        ratios = vei(enabled.sel(at), own.sel(at), found["NER"].sel(at), reference.sel(at))
        found |= {f"VEI_{key}": value for key, value in ratios.items()}
    undefined = ", ".join(str(year) for year in effects["year"].values if year not in defined)
    for name, indicator in found.items():
        if "estimate" in indicator.dims:
            indicator.attrs["estimate_rule"] = (
                "low: low enabling effect, high footprint, high rebound rate; high: the reverse; "
                "a range of corners, not a confidence interval"
            )
        if undefined and name.startswith("VEI"):
            indicator.attrs["undefined"] = undefined
    return found


def combine(effects: Iterable[xr.Dataset]) -> xr.Dataset:
    """
    Put several sectors together; their effects and reference emissions add up.

    Parameters
    ----------
    effects : iterable of xarray.Dataset
        Results of `run` for different sectors over the same years and estimates or draws.

    Returns
    -------
    xarray.Dataset
        All use cases side by side (coordinate ``sector`` says whose they are), and the sum of
        the reference emissions.

    Raises
    ------
    LabelError
        If years, estimates or draws differ, or two sectors have a use case of the same name.

    Examples
    --------
    >>> from sector_models import run
    >>> both = combine([run("power", years=[2030]), run("transport", years=[2030])])
    >>> both["reference"].values.tolist()
    [5880.0]
    """
    parts = list(effects)
    if not all("footprint_embodied" in part for part in parts):
        parts = [part.drop_vars("footprint_embodied", errors="ignore") for part in parts]
    if not parts:
        raise LabelError("effects: at least one sector is needed")
    labels = [label for part in parts for label in part["use_case"].values.tolist()]
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise LabelError(f"use case {twice!r} occurs in more than one of the sectors")
    try:
        side_by_side = xr.concat(
            [part.drop_vars("reference") for part in parts],
            "use_case",
            join="exact",
            combine_attrs="drop_conflicts",
            data_vars="all",
            coords="minimal",
            compat="override",
        )
        xr.align(*(part["reference"] for part in parts), join="exact")
    except ValueError as err:
        raise LabelError("the sectors differ in their years, estimates or draws") from err
    total: xr.DataArray = sum((part["reference"] for part in parts[1:]), parts[0]["reference"])
    total.attrs = parts[0]["reference"].attrs | {"source": "sum of the sectors"}
    return side_by_side.assign(reference=total)


def _summed(effect: xr.DataArray) -> xr.DataArray:
    """Add up use cases and keep the unit."""
    total = effect.sum("use_case")
    total.attrs = {key: effect.attrs[key] for key in ("units",) if key in effect.attrs}
    return total
