"""From the table of one year to a coherent table of each year to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.errors import DriverError
from handprint.leontief import Solver
from handprint.scenario import AdoptionGoal, Driver, Scenario
from handprint.technology import reweighted, with_inputs
from io_tables import IOTable
from io_tables.errors import did_you_mean
from io_tables.table import EXPORTS, IMPORTS

ESTIMATES = ("low", "central", "high")
# Tables of drivers in a scenario file, each with its dim in the results.
GROUPS = (("demand", "category"), ("activity", "model"), ("intensity", "group"))
# Those that a scenario may leave out, by product; they stay central when drivers are drawn.
BY_PRODUCT = (("structure", "product"), ("coefficients", "product_used"))
STATED, INTERPOLATED, OUTTURN = "stated", "interpolated", "outturn"


def driver_path(driver: Driver, years: Sequence[int]) -> xr.DataArray:
    """
    Interpolate a driver to every year, at constant growth between its stated points.

    Parameters
    ----------
    driver : Driver
        Stated points.
    years : sequence of int
        Years wanted; none may lie outside the points.

    Returns
    -------
    xarray.DataArray
        Dims (estimate, year) [units of the driver].

    Raises
    ------
    DriverError
        If a year lies before the first or after the last point.

    Examples
    --------
    >>> point = dict(low=1.0, high=1.0, status="assumption", source="assumption")
    >>> driver = Driver(title="t", title_zh="t", units="2020 = 1", points=[
    ...     dict(year=2020, value=1.0, **point),
    ...     dict(year=2022, value=1.21, **point | {"high": 1.21})])
    >>> driver_path(driver, [2020, 2021, 2022]).sel(estimate="central").values.round(3)
    array([1.  , 1.1 , 1.21])
    """
    stated = [p.year for p in driver.points]
    outside = [y for y in years if not stated[0] <= y <= stated[-1]]
    if outside:
        raise DriverError(
            f"{driver.title}: no value for {outside}: stated from {stated[0]} to {stated[-1]}; "
            "add a point"
        )
    by_estimate = {
        "low": [p.low for p in driver.points],
        "central": [p.value for p in driver.points],
        "high": [p.high for p in driver.points],
    }
    path = [np.exp(np.interp(years, stated, np.log(by_estimate[e]))) for e in ESTIMATES]
    coords = {"estimate": list(ESTIMATES), "year": list(years)}
    about = {"units": driver.units, "long_name": driver.title}
    return xr.DataArray(path, coords, ("estimate", "year"), attrs=about)


TITLES = {
    "demand": "final demand by category",
    "activity": "activity of each sector model",
    "intensity": "direct emissions per activity without further digitalisation",
    "structure": "weight of a product within final demand",
    "coefficients": "use of a product as input per output of its purchasers",
}


def drivers(scenario: Scenario) -> xr.Dataset:
    """
    Lay out the drivers of a scenario by year.

    Parameters
    ----------
    scenario : Scenario
        Complete scenario.

    Returns
    -------
    xarray.Dataset
        ``demand`` (category, estimate, year), ``activity`` (model, estimate, year) and
        ``intensity`` (group, estimate, year); indices with the base year at one. A group is a
        sector model or ``other``. Where the scenario states them, ``structure`` (product,
        estimate, year) and ``coefficients`` (product_used, estimate, year). ``demand_origin``
        (category, year) and so on say whether a value is ``"stated"`` in the scenario,
        ``"interpolated"``, or the ``"outturn"``.
    """
    found = {}
    for name, dim in (*GROUPS, *BY_PRODUCT):
        given: Mapping[str, Driver] = getattr(scenario, name)
        if not given:
            continue
        paths = [driver_path(d, scenario.years) for d in given.values()]
        stacked = xr.concat(paths, dim=dim, combine_attrs="drop").assign_coords({dim: list(given)})
        units = f"{scenario.base_year} = 1"
        found[name] = stacked.assign_attrs(units=units, long_name=TITLES[name])
        marks = [driver_origin(d, scenario.years) for d in given.values()]
        found[f"{name}_origin"] = xr.concat(marks, dim=dim).assign_coords({dim: list(given)})
    return xr.Dataset(found)


def driver_origin(driver: Driver, years: Sequence[int]) -> xr.DataArray:
    """
    Say of each value of a driver whether it is stated or lies between stated ones.

    Parameters
    ----------
    driver : Driver
        Stated points.
    years : sequence of int
        Years wanted.

    Returns
    -------
    xarray.DataArray
        Dims (year): ``"stated"``, ``"interpolated"`` or ``"outturn"``.

    Examples
    --------
    >>> point = dict(value=1.0, low=1.0, high=1.0, status="assumption", source="assumption")
    >>> driver = Driver(title="t", title_zh="t", units="2020 = 1", points=[
    ...     dict(year=2020, **point), dict(year=2022, **point)])
    >>> driver_origin(driver, [2020, 2021, 2022]).values.tolist()
    ['stated', 'interpolated', 'stated']
    """
    marks = {p.year: OUTTURN if p.outturn else STATED for p in driver.points}
    values = [marks.get(year, INTERPOLATED) for year in years]
    title = f"{STATED} in the scenario, {INTERPOLATED}, or {OUTTURN}"
    attrs = {"units": "1", "long_name": title}
    return xr.DataArray(values, coords={"year": list(years)}, dims="year", attrs=attrs)


def ict_index(scenario: Scenario) -> xr.DataArray:
    """
    Lay out how the life-cycle emissions of an ICT purchase change over the years.

    Parameters
    ----------
    scenario : Scenario
        With or without a driver ``ict_intensity``.

    Returns
    -------
    xarray.DataArray
        Dims (year), the base year at one [1]; one throughout without a driver. Central: its
        range is not drawn, like those of the other drivers of growth.
    """
    years = scenario.years
    if scenario.ict_intensity is None:
        path = xr.DataArray(np.ones(len(years)), coords={"year": years}, dims="year")
    else:
        path = driver_path(scenario.ict_intensity, years).sel(estimate="central", drop=True)
    return path.drop_attrs()


def adoption_path(
    goal: AdoptionGoal | None, start: float, years: Sequence[int], level: xr.DataArray | None = None
) -> xr.DataArray:
    r"""
    Follow the spread of a lever from today's level to the goal of the end year.

    Parameters
    ----------
    goal : AdoptionGoal, optional
        Level of the last year with its range; None keeps today's level.
    start : float
        Share reached in the first year.
    years : sequence of int
        Rising; the first is the base year.
    level : xarray.DataArray, optional
        Levels of the last year instead of low, central and high, for example dims (draw).

    Returns
    -------
    xarray.DataArray
        Dims (year, estimate), or (year, draw) [1]; exactly ``start`` in the first year, and
        it never falls.

    Notes
    -----
    :math:`p_t = p_0 + (p_T - p_0)\,(\sigma_t - \sigma_0) / (\sigma_T - \sigma_0)` with the
    logistic :math:`\sigma_t = 1 / (1 + e^{-k (t - t_m)})`: an S-curve through both ends.

    Examples
    --------
    >>> adoption_path(None, 0.2, [2020, 2021]).sel(estimate="high").values
    array([0.2, 0.2])
    """
    if level is None:
        ends = [start] * 3 if goal is None else [goal.low, goal.level, goal.high]
        level = xr.DataArray(ends, coords={"estimate": list(ESTIMATES)}, dims="estimate")
    time = np.asarray(years, dtype=float)
    shape = np.zeros_like(time)
    if goal is not None:
        sigma = 1 / (1 + np.exp(-goal.speed * (time - goal.midpoint)))
        # sigma_t - sigma_0 up to a constant factor, without cancellation where it is near one.
        risen = -sigma * np.expm1(-goal.speed * (time - time[0]))
        shape = risen / risen[-1]
    rise = xr.DataArray(shape, coords={"year": list(years)}, dims="year")
    path: xr.DataArray = start + rise * (level.clip(min=start) - start)
    return path.assign_attrs(units="1", long_name="adoption")


def imports_respond(table: IOTable, demand: Mapping[str, float]) -> bool:
    """
    Tell whether imports of a table follow its home use.

    Parameters
    ----------
    table : IOTable
        Base year.
    demand : mapping of str to float
        Index of final demand by category.

    Returns
    -------
    bool
        True for a competitive table, unless ``demand`` says how its imports go.
    """
    return IMPORTS in table.categories and IMPORTS not in demand


def base_solver(table: IOTable, demand: Mapping[str, float]) -> Solver:
    """
    Make the solver that :func:`table_in_year` needs.

    Parameters
    ----------
    table : IOTable
        Base year.
    demand : mapping of str to float
        Index of final demand by category; only its names matter.

    Returns
    -------
    Solver
        Of what is made at home where imports follow home use, else of all flows.

    Raises
    ------
    ConcordanceError
        If imports of a product exceed its use at home.
    """
    return Solver(table.domestic() if imports_respond(table, demand) else table)


def table_in_year(
    table: IOTable,
    solver: Solver,
    demand: Mapping[str, float],
    intensity: npt.NDArray[np.float64],
    households: float,
    year: int,
    satellite: str,
    *,
    weights: npt.NDArray[np.float64] | None = None,
    uses: npt.NDArray[np.float64] | None = None,
) -> IOTable:
    r"""
    Project a table to one year: new final demand and emission intensities.

    Parameters
    ----------
    table : IOTable
        Base year.
    solver : Solver
        As :func:`base_solver` makes it.
    demand : mapping of str to float
        Index of final demand by category; a category left out stays, but for imports, which
        keep their share of the use of each product at home.
    intensity : numpy.ndarray
        Index of direct emissions per unit of output, by sector.
    households : float
        Index of direct household emissions.
    year : int
        Year, for the history.
    satellite : str
        Account that is projected; others are dropped, for nothing is known about them.
    weights : numpy.ndarray, optional
        Weight of each product within the categories of final demand [1]; see
        :func:`handprint.technology.reweighted`. By default the structure of the base year.
    uses : numpy.ndarray, optional
        Index of the intermediate use of each product [1]; see
        :func:`handprint.technology.with_inputs`. By default the technology of the base year.

    Returns
    -------
    IOTable
        Balanced by construction, in prices of the base year.

    Raises
    ------
    DriverError
        If ``demand`` names a category that the table does not have.

    Notes
    -----
    :math:`x_t = L y_t`, :math:`Z_t = A \hat x_t`, :math:`e_t = \hat s_t x_t`. In a competitive
    table, with home final demand f, exports e and import shares m of home use,
    :math:`x_t = (I - (I - \hat m) A)^{-1} ((I - \hat m) f_t + e_t)` and imports are what is
    used beyond that.
    """
    unknown = [c for c in demand if c not in table.categories]
    if unknown:
        raise DriverError(
            f"demand.{unknown[0]}: the table has no such category; "
            f"{did_you_mean(unknown[0], table.categories)}"
        )
    index = np.array([demand.get(c, 1.0) for c in table.categories])
    shaped = table.final_demand if weights is None else reweighted(table.final_demand, weights)
    final_demand = shaped * xr.DataArray(
        index, coords={"category": table.categories}, dims="category"
    )
    base, made_at_home = table.output.values, None
    if imports_respond(table, demand):
        made_at_home = 1 - import_shares(table)
        output, bought = _with_imports(table, solver, final_demand)
        final_demand.loc[{"category": IMPORTS}] = -bought
    else:
        output = solver.output(final_demand.sum("category")).values
    growth = np.divide(output, base, out=np.ones_like(base), where=base != 0)
    account = table.satellites[satellite]
    own = table.households.get(satellite)
    kept = {} if own is None else {satellite: (own * households).assign_attrs(own.attrs)}
    projected = replace(
        table,
        transactions=table.transactions.copy(data=table.transactions.values * growth),
        final_demand=final_demand.assign_attrs(table.final_demand.attrs),
        output=table.output.copy(data=base * growth),
        primary_inputs=table.primary_inputs.copy(data=table.primary_inputs.values * growth),
        satellites=MappingProxyType(
            {satellite: account.copy(data=account.values * growth * intensity)}
        ),
        households=MappingProxyType(kept),
        tolerance=max(table.tolerance, 1e-9 * float(base.max())) * float(growth.max()),
        name=f"{table.name} projected to {year}",
        history=(*table.history, f"projected to {year}: final demand and intensities by drivers"),
    )
    if uses is None or (uses == 1).all():
        return projected
    return with_inputs(projected, uses, made_at_home)


def import_shares(table: IOTable) -> npt.NDArray[np.float64]:
    """
    Return imports over use at home, by product.

    Parameters
    ----------
    table : IOTable
        Competitive.

    Returns
    -------
    numpy.ndarray
        Dims (sector) [1].
    """
    base = table.output.values
    exports, imports = (
        table.final_demand.sel(category=name).values if name in table.categories else 0.0
        for name in (EXPORTS, IMPORTS)
    )
    used = base - imports - exports
    share: npt.NDArray[np.float64] = np.divide(
        -imports, used, out=np.zeros_like(base), where=used != 0
    )
    return share


def _with_imports(
    table: IOTable, solver: Solver, final_demand: xr.DataArray
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Output, and imports that keep their share of the use of each product at home."""
    base, flows = table.output.values, table.transactions.values
    share = import_shares(table)
    abroad = final_demand["category"].isin([EXPORTS])
    exports = final_demand.where(abroad, 0.0).sum("category").values
    home = final_demand.where(~abroad, 0.0).drop_sel(category=IMPORTS).sum("category").values
    output = solver.output((1 - share) * home + exports).values
    growth = np.divide(output, base, out=np.ones_like(base), where=base != 0)
    return output, flows @ growth + home + exports - output
