"""Savings at full adoption: what annex 2 of the 2021 white paper prints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from sector_models.abatement import enabling_effect
from sector_models.estimates import constant, corners, stack
from sector_models.files import load, load_economy
from sector_models.model import WHOLE
from sector_models.records import Sector


def segment_shares(sector: Sector | str | Path) -> xr.DataArray:
    """
    Share of each segment in the emissions of a sector.

    Parameters
    ----------
    sector : Sector, str or pathlib.Path
        A sector, or its name or file.

    Returns
    -------
    xarray.DataArray
        Shares, dims (segment, estimate) [1].

    Examples
    --------
    >>> float(segment_shares("power").sel(segment="grid_losses", estimate="central"))
    0.066
    """
    record = sector if isinstance(sector, Sector) else load(sector)
    shares = stack({key: corners(record.segment_share(key)) for key in record.segments}, "segment")
    shares.attrs = {"units": "1", "long_name": "share of the emissions of the sector"}
    return shares.rename("share")


def saving_potential(sector: Sector | str | Path) -> xr.Dataset:
    r"""
    Saving of a sector at full adoption, without reference adoption and rebound.

    Parameters
    ----------
    sector : Sector, str or pathlib.Path
        A sector, or its name or file.

    Returns
    -------
    xarray.Dataset
        ``saving`` per use case, their ``total``, and the ``published`` total if the sector
        file has one; dims (use_case, estimate) and (estimate) [1].

    Notes
    -----
    :math:`\sum_m w_m a_m \theta_m q_m` where every use case has a segment of its own, the
    configuration of annex 2 [1]_; use cases on one segment save jointly.

    References
    ----------
    .. [1] CAICT, Digital carbon neutrality white paper, December 2021.

    Examples
    --------
    >>> saving_potential("industry")["total"].round(9).values.tolist()
    [0.13, 0.175, 0.22]
    """
    record = sector if isinstance(sector, Sector) else load(sector)
    cases = record.use_cases
    fraction = stack(
        {
            key: corners(case.saving) * corners(case.addressable or WHOLE) * corners(case.shrinkage)
            for key, case in cases.items()
        }
    )
    saving = enabling_effect(
        constant(1.0, np.array([record.emissions.year])),
        stack({key: corners(record.share(key)) for key in cases}),
        fraction,
        [case.segment for case in cases.values()],
    ).squeeze("year", drop=True)
    found = xr.Dataset(
        {"saving": saving, "total": saving.sum("use_case")}, attrs={"sector": record.name}
    )
    if record.total is not None:
        found["published"] = corners(record.total)
        found.attrs["published_status"] = record.total.status
    for name in found:
        found[name].attrs = {"units": "1"}
    if record.total is not None:
        found["published"].attrs["source"] = ", ".join(record.total.source)
    return found


def economy_saving() -> xr.Dataset:
    """
    Saving of the whole economy at full adoption of all shipped use cases.

    Returns
    -------
    xarray.Dataset
        ``share`` of each sector in the emissions, its ``saving``, the weighted ``total`` and
        the ``published`` total; dims (sector, estimate) and (estimate) [1].

    Notes
    -----
    Sum over sectors of share times saving. With the saving that annex 2 of [1]_ prints for
    three sectors and the one that its total implies for power, this is the published 12 to
    22 %.

    References
    ----------
    .. [1] CAICT, Digital carbon neutrality white paper, December 2021.

    Examples
    --------
    >>> economy_saving()["total"].round(9).values.tolist()
    [0.12, 0.17, 0.22]
    """
    economy = load_economy()
    share = stack({key: corners(part) for key, part in economy.shares.items()}, "sector")
    saving = stack({key: saving_potential(key)["total"] for key in economy.shares}, "sector")
    found = xr.Dataset(
        {
            "share": share,
            "saving": saving,
            "total": (share * saving).sum("sector"),
            "published": corners(economy.total),
        }
    )
    for name in found:
        found[name].attrs = {"units": "1"}
    found["published"].attrs["source"] = ", ".join(economy.total.source)
    return found
