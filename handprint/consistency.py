"""Whether the parts of a run fit each other: drivers and table, adoption and its reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from handprint.bridge import HOUSEHOLDS
from handprint.errors import HandprintError
from handprint.i18n import label
from handprint.overrides import models_of
from handprint.results import Results
from handprint.wording import sector_name
from sector_models import Sector
from sector_models.errors import SectorError

ROUNDING = 1e-9


class Finding(NamedTuple):
    """Outcome of a check at one place of a run."""

    check: str
    where: str
    value: float
    threshold: float
    unit: str
    verdict: Literal["ok", "note", "warning"]
    because: str


def credit(run: Results, lang: str) -> Iterator[Finding]:
    """
    Check that levers spread at least as far as they would without effort.

    Parameters
    ----------
    run : Results
        One run.
    lang : {"en", "zh"}
        Language of the explanations.

    Yields
    ------
    Finding
        By sector model: the smallest difference of adoption, central case [1].
    """
    case = run.bottom_up.sel(estimate="central", drop=True)
    more = (case["adoption"] - case["reference_adoption"]).min("year").groupby("model").min()
    for model in run.scenario.sectors:
        least = float(more.sel(model=model))
        below = least < -ROUNDING
        key = "because_less_than_reference" if below else "because_more_than_reference"
        said = label(key, lang, sector=sector_name(model, lang), value=least)
        yield Finding(
            "adoption_below_reference", model, least, 0.0, "1", "warning" if below else "ok", said
        )


def growth(run: Results, lang: str) -> Iterator[Finding]:
    """
    Check that sector models grow like the sectors of the projected table that they cover.

    Parameters
    ----------
    run : Results
        One run.
    lang : {"en", "zh"}
        Language of the explanations.

    Yields
    ------
    Finding
        By sector model: its own reference emissions over those of the table, central case, in
        the year in which they are furthest apart [1]. The threshold is one plus the high end of
        ``top_down_error``. A note where the files of the sector models are no longer there.
    """
    try:
        models = models_of(run.scenario)
    except (HandprintError, SectorError) as error:
        said = label("because_no_sector_file", lang, error=str(error).splitlines()[0])
        yield Finding("reference_apart", "economy", np.nan, np.nan, "1", "note", said)
        return
    limit = 1 + run.scenario.top_down_error.high
    direct = run.bottom_up["reference"] - run.bottom_up["reference_twice"]
    for name, model in models.items():
        own = _booked(run, model)
        ratio = (direct.sel(sector=name) / own.where(own > 0)).fillna(1.0)
        distance: xr.DataArray = abs(xr.apply_ufunc(np.log, ratio.clip(min=1e-12)))
        year = int(distance.idxmax("year"))
        value = float(ratio.sel(year=year))
        apart = not 1 / limit <= value <= limit
        key = "because_grows_apart" if apart else "because_grows_alike"
        said = label(key, lang, sector=sector_name(name, lang), value=value, year=year, limit=limit)
        verdict: Literal["ok", "warning"] = "warning" if apart else "ok"
        yield Finding("reference_apart", name, value, limit, "1", verdict, said)


def _booked(run: Results, model: Sector) -> xr.DataArray:
    """Emissions that the projected tables book for what a model covers, by year."""
    before = run.top_down["emitters_before"].sel(estimate="central", drop=True)
    found = xr.zeros_like(run.ledger["households"])
    for covered in model.covers:
        for emitter in covered.emitters:
            homes = emitter == HOUSEHOLDS
            own = run.ledger["households"] if homes else before.sel(emitter=emitter, drop=True)
            found = found + covered.share * own
    return found
