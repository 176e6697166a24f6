"""The overlap of saved electricity with cleaner electricity: the same tonne counts once."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

from handprint.bridge import ANY, OTHER, Bridge
from handprint.bridging import Emitting, electric_share
from handprint.errors import ScenarioError
from io_tables import IOTable


def without_overlap(
    bottom_up: xr.Dataset, bridge: Bridge, table: IOTable, satellite: str
) -> xr.Dataset:
    r"""
    Take out what levers on electricity use and levers in the power sector would both count.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts by use case, with ``model`` and ``lever`` on ``use_case``;
        ``reference`` (sector, year).
    bridge : Bridge
        Names the cells of the levers, and the model of the power sector.
    table : IOTable
        Base year: how much of what a lever acts on is electricity.
    satellite : str
        Account.

    Returns
    -------
    xarray.Dataset
        ``enabled`` and ``rebound`` without the overlap, and ``overlap_grid``, what was taken
        out of ``enabled`` [Mt CO2]; zero unless a model's emissions contain those of the
        electricity it buys while another model acts on the power sector.

    Notes
    -----
    The emissions :math:`E` of the power sector fall by a share :math:`e` because others buy
    less and by a share :math:`g` because it emits less per unit: together by
    :math:`e + g - e g`, as :math:`E` is use times intensity. Each side bears half of
    :math:`e g E`, its Shapley value. Source: own derivation from the rule that measures on one
    base combine multiplicatively.
    """
    power, model, enabled = bridge.power_model(), bottom_up["model"], bottom_up["enabled"]
    levers = zip(model.values.tolist(), bottom_up["lever"].values.tolist(), strict=True)
    shares = electric_shares(bridge, table, satellite, list(levers))
    if not any(shares):
        return bottom_up.assign(overlap_grid=xr.zeros_like(enabled).assign_attrs(ATTRS))
    electric = xr.DataArray(shares, {"use_case": bottom_up["use_case"]}, "use_case")
    base = bottom_up["reference"].sel(sector=power, drop=True)
    if not (base > 0).all():
        raise ScenarioError(
            f"{power}: its reference emissions are zero, so no share of them is saved"
        )
    used = (enabled * electric).sum("use_case") / base
    cleaner = enabled.where(model == power, 0.0).sum("use_case") / base
    mine = (model == power).astype(float)
    kept = (1 - (electric * cleaner + mine * used) / 2).drop_attrs()
    found = bottom_up.assign(
        enabled=(enabled * kept).transpose(*enabled.dims).assign_attrs(enabled.attrs),
        rebound=(bottom_up["rebound"] * kept)
        .transpose(*enabled.dims)
        .assign_attrs(bottom_up["rebound"].attrs),
    )
    taken = (enabled - found["enabled"]).assign_attrs(ATTRS)
    return found.assign(overlap_grid=taken)


def electric_shares(
    bridge: Bridge, table: IOTable, satellite: str, levers: Iterable[tuple[str, str]]
) -> list[float]:
    """
    Tell how much of what levers act on is electricity that the model of the power sector has too.

    Parameters
    ----------
    bridge : Bridge
        Names the cells of the levers, and the model of the power sector.
    table : IOTable
        Base year.
    satellite : str
        Account.
    levers : iterable of tuple
        Sector model and use case.

    Returns
    -------
    list of float
        Share of each lever [1]; zero without a model of the power sector, for its own levers,
        and for models of direct emissions.
    """
    power, emitting = bridge.power_model(), Emitting(table, satellite)
    return [
        electric_share(bridge, model, lever if lever in bridge.own_levers(model) else ANY, emitting)
        if power not in (OTHER, model) and bridge.buys_power(model)
        else 0.0
        for model, lever in levers
    ]


ATTRS = {
    "units": "Mt CO2",
    "long_name": "saved electricity that the power sector's own levers had made cleaner",
    "source": "sector models and table",
}
