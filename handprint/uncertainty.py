"""Monte Carlo over both halves of a run: draws in, additive parts of every draw out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from handprint.alignment import Array
from handprint.blend import by_model, net_enabled
from handprint.bottomup import bottom_up
from handprint.bridge import Bridge
from handprint.choice import refuse_beyond
from handprint.errors import OptionError
from handprint.growth import drawn_response, growth_of
from handprint.guards import WHOLE, shown
from handprint.headline import with_total
from handprint.response import respending_response
from handprint.sampling import Drawn, Method, Ranks, Recorder, Sample, spread
from handprint.scenario import Scenario, Share
from handprint.topdown import Progress, emissions_by_group
from io_tables import IOTable

WORKING = 32 * 2**20  # bytes of one array of use cases, years and draws
RESPEND, TABLE_ERROR = "respend", "top_down_error"
BY_CASE = {
    "enabled": "enabled",
    "rebound_direct": "rebound",
    "footprint": "footprint",
    "ict_purchases": "ict_purchases",
}


@dataclass(frozen=True)
class Plan:
    """
    How to draw.

    Parameters
    ----------
    draws : int
        Number of draws.
    seed : int
        Of the draws.
    sampling : {"lhs", "sobol", "random"}
        See :class:`handprint.sampling.Ranks`.
    draw_drivers : bool
        Whether drivers of growth are drawn too.
    workers : int
        Threads; the numbers do not depend on it.
    chunk : int, optional
        Draws that are worked on at once; the numbers do not depend on it.

    Raises
    ------
    OptionError
        If one is no whole number, or too small.
    """

    draws: int
    seed: int
    sampling: Method = "lhs"
    draw_drivers: bool = True
    workers: int = 1
    chunk: int | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that nothing can be drawn with."""
        for name, least in (("draws", 2), ("seed", 0), ("workers", 1), ("chunk", 1)):
            value = getattr(self, name)
            if value is not None and not (WHOLE.fits(value) and value >= least):
                raise OptionError(f"{name} is {shown(value)}: give a whole number from {least}")


class Drawing(NamedTuple):
    """
    Additive parts of every draw.

    Parameters
    ----------
    sectors : xarray.Dataset
        Dims (sector, year, draw), ``total`` last.
    cases : xarray.Dataset
        Dims (use_case, year, draw).
    """

    sectors: xr.Dataset
    cases: xr.Dataset


class Model:
    """
    A run as a function of its uncertain numbers.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    bridge : Bridge
        Between the sector models and the tables.
    tables : mapping of int to IOTable
        Reference economy by year.
    paths : xarray.Dataset
        Drivers, low, central and high.
    bottom : xarray.Dataset
        Bottom-up half of the central run.
    top : xarray.Dataset
        Its top-down half.
    draw_drivers : bool
        Whether drivers of growth are uncertain.
    """

    def __init__(
        self,
        scenario: Scenario,
        bridge: Bridge,
        tables: Mapping[int, IOTable],
        paths: xr.Dataset,
        bottom: xr.Dataset,
        top: xr.Dataset,
        *,
        draw_drivers: bool = True,
    ) -> None:
        self.scenario, self.bridge, self.tables, self.paths = scenario, bridge, tables, paths
        first = tables[scenario.base_year]
        self.growth = growth_of(scenario, first, tables) if draw_drivers else None
        self.weights = emissions_by_group(bridge, first, scenario.satellite)
        self.response = respending_response(bottom, top)
        self.ratio = top_down_ratio(bottom, top)

    def parts(self, sample: Sample, years: Sequence[int] | None = None) -> Drawing:
        """
        Form the parts and NER of every draw.

        Parameters
        ----------
        sample : Sample
            Values of all uncertain numbers.
        years : sequence of int, optional
            Years wanted; by default all.

        Returns
        -------
        Drawing
            [Mt CO2; ICT purchases 10^4 CNY].
        """
        years = self.scenario.years if years is None else list(years)
        drawn = bottom_up(
            self.scenario,
            self.bridge,
            self.tables,
            self.paths,
            sample=sample,
            growth=self.growth,
            years=years,
            only=BY_CASE.values(),
        )
        response = self.response.sel(year=years)
        if self.growth is not None:
            central = self.paths.sel(estimate="central", drop=True).sel(year=years)
            moved = self.growth.paths(sample).sel(year=years)
            response = drawn_response(response, central, moved, self.weights)
        cases = case_parts(drawn, response, respend_share(self.scenario.respend, sample))
        return Drawing(sector_parts(cases, drawn), cases)

    def top_down(self, net: xr.DataArray, sample: Drawn) -> xr.DataArray:
        r"""
        Estimate of the top-down half in every draw.

        Parameters
        ----------
        net : xarray.DataArray
            Enabling effect after direct rebound by sector model, dims (sector, year, draw).
        sample : Drawn
            Stream ``top_down_error.<sector>``.

        Returns
        -------
        xarray.DataArray
            Dims (sector, year, draw) [Mt CO2].

        Notes
        -----
        :math:`c = z\,(c_0 / z_0)\,e^{\tau n - \tau^2 / 2}` with the bottom-up estimate
        :math:`z`, central values :math:`c_0, z_0`, a standard normal :math:`n` for each sector
        model, the same in all years, and the relative standard deviation :math:`\tau` of table
        and bridge: a factor with mean one that is never negative.
        """
        tau = self.scenario.top_down_error.value
        sectors = [str(s) for s in net["sector"].values]
        logs = [tau * sample.normal(f"{TABLE_ERROR}.{s}") - tau**2 / 2 for s in sectors]
        factor = xr.DataArray(np.exp(logs), coords={"sector": sectors}, dims=("sector", "draw"))
        return (net * self.ratio * factor).transpose("sector", "year", "draw")

    def streams(self) -> Recorder:
        """
        Ask the model which numbers it draws.

        Returns
        -------
        Recorder
            Every stream with its numbers; those of the top-down error are not among them.
        """
        recorder = Recorder()
        self.parts(recorder, self.scenario.years[-1:])
        return recorder


def monte_carlo(model: Model, plan: Plan, progress: Progress = iter) -> Drawing:
    """
    Draw a run many times, in chunks.

    Parameters
    ----------
    model : Model
        The run.
    plan : Plan
        How to draw.
    progress : callable
        Wraps the chunks.

    Returns
    -------
    Drawing
        Additive parts of every draw, and ``top_down`` by sector [Mt CO2].

    Raises
    ------
    MemoryLimitError
        If the draws need more memory than the machine has.

    Notes
    -----
    Ranks are made for all draws at once, by the name of their stream, and every draw is worked
    on by itself: neither chunks nor threads change a bit.
    """
    sectors = list(model.scenario.sectors)
    cases = sum(len(m.use_cases) for m in model.bridge.models.values())
    cells = len(model.scenario.years) * (len(BY_CASE) + 4) * (cases + len(sectors) + 1)
    refuse_beyond(8 * plan.draws * cells, None, f"a run with {plan.draws} draws", "take fewer")
    names: tuple[str, ...] = ()
    if plan.sampling == "sobol":
        errors = [f"{TABLE_ERROR}.{s}" for s in sectors]
        names = (*model.streams().asked, *errors)
    ranks = Ranks(plan.draws, plan.seed, plan.sampling, names)
    most = max(1, WORKING // (8 * cases * len(model.scenario.years)))
    step = plan.chunk or min(most, -(-plan.draws // plan.workers))
    kept: dict[str, dict[str, Array]] = {"sectors": {}, "cases": {}}
    forms: dict[str, xr.Dataset] = {}

    def _chunk(first: int) -> Drawing:
        sample = Drawn(ranks, slice(first, min(first + step, plan.draws)))
        found = model.parts(sample)
        some = found.sectors.sel(sector=sectors)
        top = model.top_down(some["enabled"] - some["rebound_direct"], sample)
        whole = xr.concat([top, top.sum("sector").expand_dims(sector=["total"])], dim="sector")
        return Drawing(found.sectors.assign(top_down=whole), found.cases)

    def _keep(first: int, found: Drawing) -> None:
        for group, data in found._asdict().items():
            if group not in forms:  # a copy, for a view would hold the draws of the chunk
                forms[group] = data.isel(draw=0, drop=True).copy(deep=True)
            for name, array in data.data_vars.items():
                values = array.values
                shape = (*values.shape[:2], plan.draws)
                if "draw" not in array.dims:
                    kept[group][str(name)] = values
                    continue
                store = kept[group].setdefault(str(name), np.empty(shape))
                store[..., first : first + values.shape[-1]] = values

    starts = list(range(0, plan.draws, step))
    made = _mapped(_chunk, starts, plan.workers)
    for first in progress(starts):
        _keep(first, next(made))  # no name for it here, which would hold it beside the next one
    return Drawing(*(_dataset(forms[g], kept[g]) for g in ("sectors", "cases")))


def _mapped(
    function: Callable[[int], Drawing], items: Sequence[int], workers: int
) -> Iterator[Drawing]:
    """Work through items in order, in threads if there are several."""
    if workers == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(function, items)


def _dataset(form: xr.Dataset, kept: Mapping[str, Array]) -> xr.Dataset:
    """Put draws under the labels of one of them."""
    data = {
        name: (
            (*form[name].dims, "draw") if values.ndim > form[name].ndim else form[name].dims,
            values,
        )
        for name, values in kept.items()
    }
    return xr.Dataset(data, coords=form.coords)


def case_parts(drawn: xr.Dataset, response: xr.Dataset, share: xr.DataArray) -> xr.Dataset:
    """
    Form the parts and NER of every use case and draw.

    Parameters
    ----------
    drawn : xarray.Dataset
        Additive parts by use case, dims (use_case, year, draw).
    response : xarray.Dataset
        Outcome of :func:`handprint.response.respending_response`, or of
        :func:`handprint.growth.drawn_response`.
    share : xarray.DataArray
        Share of the cost saving that is spent again, dims (draw).

    Returns
    -------
    xarray.Dataset
        Dims (use_case, year, draw) [Mt CO2; ICT purchases 10^4 CNY], ``model`` on ``use_case``.
    """
    parts = xr.Dataset({name: drawn[key] for name, key in BY_CASE.items()})
    parts = parts.drop_vars([c for c in parts.coords if c not in ("use_case", "year", "model")])
    cost = response["cost"].sel(sector=drawn["model"].rename("sector")).drop_vars("sector")
    saved = cost * (parts["enabled"] - parts["rebound_direct"]) - parts["ict_purchases"]
    del cost  # draws are large
    parts["rebound_respending"] = share * (response["emissions"] * saved)
    del saved
    parts["NER"] = parts["enabled"] - parts["footprint"]
    parts["NER_star"] = parts["NER"] - parts["rebound_direct"] - parts["rebound_respending"]
    return parts.transpose("use_case", "year", "draw").drop_vars("draw", errors="ignore")


def sector_parts(cases: xr.Dataset, drawn: xr.Dataset) -> xr.Dataset:
    """
    Add up the parts of use cases by sector model, with a total.

    Parameters
    ----------
    cases : xarray.Dataset
        Outcome of :func:`case_parts`.
    drawn : xarray.Dataset
        Gives ``reference`` and ``reference_twice``.

    Returns
    -------
    xarray.Dataset
        Dims (sector, year, draw).
    """
    parts = xr.Dataset({str(name): by_model(array) for name, array in cases.data_vars.items()})
    parts["reference"] = drawn["reference"].drop_vars("draw", errors="ignore")
    twice = drawn["reference_twice"].drop_vars("draw", errors="ignore")
    return with_total(parts, twice).transpose("sector", "year", "draw", missing_dims="ignore")


def respend_share(respend: Share, sample: Sample) -> xr.DataArray:
    """
    Draw the share of the cost saving that is spent again.

    Parameters
    ----------
    respend : Share
        Its range.
    sample : Sample
        Stream ``respend``.

    Returns
    -------
    xarray.DataArray
        Dims (draw) [1], triangular.
    """
    values = sample(spread(respend.low, respend.value, respend.high), RESPEND)
    return xr.DataArray(values, dims="draw")


def top_down_ratio(bottom: xr.Dataset, top: xr.Dataset) -> xr.DataArray:
    """
    Ratio of the top-down to the bottom-up estimate in the central run.

    Parameters
    ----------
    bottom : xarray.Dataset
        Additive parts by use case, low, central and high.
    top : xarray.Dataset
        Counterfactual.

    Returns
    -------
    xarray.DataArray
        Dims (sector, year) [1]; one where nothing is enabled, which leaves it at zero.
    """
    net = net_enabled(bottom).sel(estimate="central", drop=True)
    other = top["enabled"].sel(estimate="central", drop=True)
    return (other / net.where(net != 0, 1.0)).where(net != 0, 1.0).drop_attrs()
