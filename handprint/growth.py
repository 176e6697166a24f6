"""Growth of the economy with its uncertainty: drivers, and output that answers to demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from handprint.errors import DriverError
from handprint.projection import GROUPS, base_solver, driver_path, table_in_year
from handprint.sampling import Sample, spread
from handprint.scenario import Driver, Scenario
from io_tables import IOTable


@dataclass(frozen=True)
class Growth:
    """
    Drivers of a scenario, to be drawn; made by :func:`growth_of`.

    Parameters
    ----------
    scenario : Scenario
        Gives the drivers.
    response : xarray.DataArray
        Output of each sector of the table by the demand it answers to, dims (category, sector)
        [units of the table]: the sum of demand index times response; category ``rest`` holds
        what does not move. With dim year too where structure or technology change.
    """

    scenario: Scenario
    response: xr.DataArray

    def paths(self, sample: Sample | None) -> xr.Dataset:
        """
        Draw the drivers, each at one rank in all years.

        Parameters
        ----------
        sample : Sample, optional
            Draws; stream ``demand.<category>``, ``activity.<model>``, ``intensity.<group>``.

        Returns
        -------
        xarray.Dataset
            ``demand`` (category, year, draw), ``activity`` (model, year, draw), ``intensity``
            (group, year, draw); indices with the base year at one.

        Raises
        ------
        TypeError
            Without a sample.
        """
        if sample is None:
            raise TypeError("drivers are drawn from a sample")
        found = {}
        for kind, dim in GROUPS:
            given: Mapping[str, Driver] = getattr(self.scenario, kind)
            coords = {dim: list(given), "year": self.scenario.years, "draw": np.arange(sample.size)}
            values = [
                _path(driver, f"{kind}.{name}", self.scenario.years, sample)
                for name, driver in given.items()
            ]
            found[kind] = xr.DataArray(np.array(values), coords=coords, dims=(dim, "year", "draw"))
        return xr.Dataset(found)

    def output(self, sectors: Sequence[str], demand: xr.DataArray) -> xr.DataArray:
        """
        Gross output of some sectors together under drawn demand.

        Parameters
        ----------
        sectors : sequence of str
            Labels of the table.
        demand : xarray.DataArray
            Index of demand, dims (category, year, draw).

        Returns
        -------
        xarray.DataArray
            Dims (year, draw) [units of the table].
        """
        share = self.response.sel(sector=list(sectors)).sum("sector")
        drawn = demand.transpose("category", "year", "draw")
        if "year" in share.dims:
            share = share.sel(year=drawn["year"].values)
        by_category = [share.sel(category=c).values for c in drawn["category"].values]
        total = np.empty(drawn.shape[1:])
        total[:] = np.reshape(share.sel(category="rest").values, (-1, 1))
        # One after another: a sum must not depend on how many draws are added up at once.
        for weight, values in zip(by_category, drawn.values, strict=True):
            total += np.reshape(weight, (-1, 1)) * values
        attrs = {"units": self.response.attrs["units"]}
        return xr.DataArray(total, drawn.isel(category=0, drop=True).coords, attrs=attrs)


def growth_of(
    scenario: Scenario, table: IOTable, tables: Mapping[int, IOTable] | None = None
) -> Growth:
    """
    Make the drivers of a scenario ready to be drawn.

    Parameters
    ----------
    scenario : Scenario
        Gives the drivers.
    table : IOTable
        Base year.
    tables : mapping of int to IOTable, optional
        Reference economy by year; needed where the scenario changes structure or technology,
        which then stay central.

    Returns
    -------
    Growth
        Exact for any demand: output is linear in final demand, imports included.

    Raises
    ------
    DriverError
        If ``tables`` are needed and missing.
    """
    if not scenario.structure and not scenario.coefficients:
        response = _response(scenario, table, dict.fromkeys(scenario.demand, 1.0))
    elif tables is None:
        raise DriverError(
            f"{scenario.name} changes structure or technology: give the projected tables too"
        )
    else:
        central = {
            name: driver_path(driver, list(tables)).sel(estimate="central")
            for name, driver in scenario.demand.items()
        }
        found = [
            _response(scenario, one, {name: float(p.sel(year=y)) for name, p in central.items()})
            for y, one in tables.items()
        ]
        response = xr.concat(found, dim=pd.Index(list(tables), name="year"), join="exact")
    return Growth(scenario, response.assign_attrs(units=table.units))


def _response(scenario: Scenario, table: IOTable, reached: Mapping[str, float]) -> xr.DataArray:
    """Output by what it answers to, of a table whose demand has reached an index."""
    ones = dict.fromkeys(scenario.demand, 1.0)
    solver = base_solver(table, ones)
    still = np.ones(len(table.sectors))

    def _output(demand: Mapping[str, float]) -> xr.DataArray:
        made = table_in_year(
            table, solver, demand, still, 1.0, scenario.base_year, scenario.satellite
        )
        return made.output.drop_attrs()

    whole = _output(ones)
    parts = {name: _output(ones | {name: 2.0}) - whole for name in ones}
    rest = whole - sum(parts.values())
    scaled = [part / reached[name] for name, part in parts.items()]
    response = xr.concat([*scaled, rest], dim="category", join="exact")
    return response.assign_coords(category=[*parts, "rest"])


def drawn_response(
    response: xr.Dataset, central: xr.Dataset, drawn: xr.Dataset, weights: xr.DataArray
) -> xr.Dataset:
    r"""
    Let the re-spending of a run follow drawn drivers.

    Parameters
    ----------
    response : xarray.Dataset
        Outcome of :func:`handprint.response.respending_response`.
    central, drawn : xarray.Dataset
        Central drivers, and draws of them.
    weights : xarray.DataArray
        Direct emissions of each group, dims (group).

    Returns
    -------
    xarray.Dataset
        ``cost`` (sector, year, draw) and ``emissions`` (year, draw).

    Notes
    -----
    A cost goes with activity and not with emissions, so the cost saved per tonne rises where a
    tonne stands for more activity: :math:`c\,(\bar\iota / \iota)` with intensity
    :math:`\iota`. What is bought instead emits in proportion to the mean intensity of all
    groups, weighted by emissions: first order, as the shares of what is bought stay.
    """
    ratio = drawn["intensity"] / central["intensity"]
    models = response["sector"].values
    own = ratio.sel(group=models).rename(group="sector")
    mean = 0.0 * ratio.isel(group=0, drop=True)
    for group in ratio["group"].values:
        mean = mean + ratio.sel(group=group, drop=True) * (
            float(weights.sel(group=group)) / float(weights.sum())
        )
    return xr.Dataset({"cost": response["cost"] / own, "emissions": response["emissions"] * mean})


def _path(driver: Driver, stream: str, years: Sequence[int], sample: Sample) -> np.ndarray:
    """Interpolate drawn points geometrically, shape (year, draw)."""
    stated = [p.year for p in driver.points]
    logs = [np.log(sample(spread(p.low, p.value, p.high), stream)) for p in driver.points]
    path = np.zeros((len(years), sample.size))
    for k, values in enumerate(logs):
        weight = np.interp(years, stated, np.eye(len(stated))[k])
        path += weight[:, None] * values
    return np.exp(path)
