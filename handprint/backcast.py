"""Back-casts: an old table projected to a year whose table is known, and how far that is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, ArrayInput, demand_labels
from handprint.backcast_errors import MEANINGS, errors
from handprint.errors import DecompositionError, OptionError, YearsError
from handprint.factor import coefficients
from handprint.guards import NAMES, TABLE, TEXT, WHOLE, checked, shown
from handprint.leontief import Solver
from handprint.meaning import variables
from handprint.projection import base_solver, table_in_year
from handprint.snapshot import price_ratio, refuse_unlike
from io_tables import IOTable, gras
from io_tables.checks import price_years
from io_tables.errors import did_you_mean
from io_tables.table import EXPORTS, IMPORTS

START = ("unchanged", "growth")
STRUCTURE = ("categories", "demand", "imports", "margins")  # each includes those before it
INTENSITY = "intensity"
KNOWN = (*STRUCTURE, INTENSITY)
CURRENT = (
    "Current prices: both tables are in the prices of their own year, so inflation and changes of "
    "relative prices are part of every error, and an emission intensity of the base year is per "
    "unit of older money."
)
CURRENT_ZH = (
    "现价：两表均按各自年份价格，误差含通货膨胀与相对价格变化；基年排放强度按较早的货币单位计。"
)
CONSTANT = "Prices of the base year: the known table is deflated by sector with the deflator given."
CONSTANT_ZH = "基年价格：已知年份的表已按给定的分部门价格指数平减。"


class _Actual(NamedTuple):
    """What the known table says, in the prices of the comparison."""

    flows: Array
    demand: Mapping[str, Array]  # category -> by sector
    output: Array
    emissions: Array

    @property
    def total_demand(self) -> float:
        """Sum of final demand, imports taken off: GDP by expenditure of a competitive table."""
        return float(sum(column.sum() for column in self.demand.values()))


@checked(base=TABLE, actual=TABLE, satellite=TEXT, known=NAMES)
def backcast(
    base: IOTable,
    actual: IOTable,
    *,
    satellite: str = "CO2",
    known: Sequence[str] | None = None,
    deflator: ArrayInput | Mapping[str, float] | float | None = None,
    years: tuple[int, int] | None = None,
) -> xr.Dataset:
    r"""
    Project a table to a later year whose table is known, and say how far off that is.

    Parameters
    ----------
    base, actual : IOTable
        Earlier and later table: same sectors, units, scope and treatment of imports, with the
        account, scope "direct".
    satellite : str
        Name of the account.
    known : sequence of str, optional
        What is taken from the later table, one after another; each adds to those before.
        "categories": totals of final demand by category. "demand": final demand by category
        and sector, imports in their old shares of home use. "imports": imports by sector.
        "margins": row and column sums of the flows. These four in this order, some may be left
        out; "intensity", emissions per unit of output, may stand anywhere. Default: all.
    deflator : array_like or mapping, optional
        Price of each sector's product in ``actual`` over its price in ``base``, dims (sector),
        or one number [1]. Rows of ``actual`` are divided by it. Without, both tables stay in
        current prices.
    years : tuple of int, optional
        Years of both tables, where their price basis does not end with them.

    Returns
    -------
    xarray.Dataset
        Dims (rung, sector): ``output``, ``emissions`` [units of table and account] and
        ``output_error``, ``emissions_error`` [%]. Dims (sector): ``output_actual``,
        ``emissions_actual``. Dims (rung): ``output_total_error``, ``output_wape``,
        ``output_mix_error``, the same for emissions, ``transactions_stpe`` [%]. Dims (known):
        ``output_contribution``, ``emissions_contribution`` [percentage points]. Rungs:
        "unchanged" (the base table as it is), "growth" (everything grows with total final
        demand), then each of ``known``.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    YearsError
        If a year is not known, or the base year is not before the other.
    OptionError
        If ``known`` has an unknown name or another order, or a deflator is not positive.
    LabelMismatchError, UnitMismatchError, ScopeError, DecompositionError
        If the tables cannot be compared, or final demand of the base cannot be scaled.
    MissingSatelliteError
        If a table lacks the account.
    NotProductiveError, TableError
        If an economy cannot be solved, or the flows cannot meet the margins.

    Notes
    -----
    "growth" and "categories" are :func:`handprint.projection.table_in_year`, as in a run:
    :math:`x = L y`, :math:`Z = A \hat x`, :math:`e = \hat s x`. "demand" and "imports" put the
    known final demand into the same equations, "margins" replaces A by the base flows balanced
    by :func:`io_tables.gras` to the known sums. Errors by sector are weighted as in the
    standardised total percentage error (STPE) of table updating [1]_,
    :math:`100 \sum |p - a| / \sum |a|`; for a vector it is the weighted absolute percentage
    error (WAPE). Emissions on a sector without output have no intensity: no rung has them.

    References
    ----------
    .. [1] For example H. Wang, C. Wang, H. Zheng, H. Feng, R. Guan and W. Long, Updating
       input-output tables with benchmark table series, Economic Systems Research, 2015.

    Examples
    --------
    >>> import io_tables
    >>> found = backcast(*(io_tables.load(f"china-{y}-cn8") for y in (2017, 2018)))
    >>> found["emissions_wape"].sel(rung=["growth", "intensity"]).values.round(1)
    array([9.3, 0. ])
    """
    year0, year1 = _ordered_years(base, actual, years)
    refuse_unlike(base, actual, satellite)
    if base.import_rule != actual.import_rule:
        raise DecompositionError(
            f"imports of table {base.name} are {base.import_rule!r}, of table {actual.name} "
            f"{actual.import_rule!r}: use both tables as published, or domestic() of both"
        )
    wanted = _known(known, IMPORTS in base.categories)
    truth = _deflated(actual, satellite, deflator)
    s0 = intensities(base, satellite)
    s1 = np.divide(truth.emissions, truth.output, out=np.zeros_like(s0), where=truth.output > 0)
    rungs = [(base.output.values, base.transactions.values, base.satellites[satellite].values)]
    structure, s = "growth", s0
    for name in ("growth", *wanted):
        structure, s = (structure, s1) if name == INTENSITY else (name, s)
        output, flows = _projected(base, truth, structure, year1, satellite)
        rungs.append((output, flows, s * output))
    values = errors(rungs, (truth.output, truth.flows, truth.emissions), len(START))
    units = {
        "money": base.units,
        "total": str(base.satellites[satellite].attrs["units"]),
        "%": "%",
        "points": "percentage points",
    }
    basis = f"current prices of each table: {base.price_basis}; {actual.price_basis}"
    if deflator is not None:
        basis = f"constant prices of the base table ({base.price_basis}), deflator given"
    return xr.Dataset(
        variables(values, MEANINGS, units),
        coords={"rung": [*START, *wanted], "sector": base.sectors, "known": wanted},
        attrs={
            "title": f"{satellite}: {base.name} projected to {year1} beside {actual.name}",
            "base": base.name,
            "actual": actual.name,
            "base_year": year0,
            "actual_year": year1,
            "satellite": satellite,
            "price_basis": basis,
            "note": CURRENT if deflator is None else CONSTANT,
            "note_zh": CURRENT_ZH if deflator is None else CONSTANT_ZH,
            "source": f"{base.source}; {actual.source}",
            "scope": base.scope or "not stated",
        },
    )


def _ordered_years(
    base: IOTable, actual: IOTable, years: tuple[int, int] | None
) -> tuple[int, int]:
    """Years of both tables, the base year first."""
    if years is None:
        read = [price_years(t.price_basis) for t in (base, actual)]
        for table, found in zip((base, actual), read, strict=True):
            if not found:
                raise YearsError(
                    f"table {table.name}: its price basis {table.price_basis!r} names no year; "
                    "give years=(base, actual)"
                )
        years = read[0][-1], read[1][-1]
    pair = isinstance(years, tuple | list) and len(years) == 2
    if not pair or not all(WHOLE.fits(year) for year in years):
        raise YearsError(f"years is {shown(years)}, needed two whole numbers (base, actual)")
    year0, year1 = years
    if year0 >= year1:
        raise YearsError(
            f"table {base.name} is of {year0}, table {actual.name} of {year1}: the base year must "
            "be the earlier one"
        )
    return year0, year1


def _known(known: Sequence[str] | None, competitive: bool) -> list[str]:
    """Rungs of the ladder after the start, refused where their order has no meaning."""
    possible = [name for name in KNOWN if competitive or name != IMPORTS]
    if known is None:
        return possible
    listed = [known] if isinstance(known, str) else list(known)
    for name in listed:
        if name not in possible:
            why = ": the tables have no imports" if name == IMPORTS else ""
            raise OptionError(
                f"known: {name!r} cannot be known{why}; {did_you_mean(name, possible)}"
            )
    order = [STRUCTURE.index(name) for name in listed if name != INTENSITY]
    if order != sorted(set(order)) or listed.count(INTENSITY) > 1:
        raise OptionError(
            f"known is {listed}: each includes those before it, so give each once and "
            f"{', '.join(STRUCTURE)} in this order; {INTENSITY} may stand anywhere"
        )
    return listed


def _deflated(
    actual: IOTable, satellite: str, deflator: ArrayInput | Mapping[str, float] | float | None
) -> _Actual:
    """Numbers of the known table in the prices of the base year; emissions have none."""
    labels = pd.Index(actual.sectors)
    if isinstance(deflator, Mapping):
        given = pd.Series(dict(deflator))
        if set(given.index) == set(labels):
            given = given.reindex(labels)  # a mapping has no order
        demand_labels(given.index, labels, "deflator")
        deflator = given
    p = price_ratio(deflator, labels)
    return _Actual(
        flows=actual.transactions.values / p[:, None],
        demand={c: actual.final_demand.sel(category=c).values / p for c in actual.categories},
        output=actual.output.values / p,
        emissions=actual.satellites[satellite].values,
    )


def _projected(
    base: IOTable, truth: _Actual, structure: str, year: int, satellite: str
) -> tuple[Array, Array]:
    """Output and flows with part of the structure known."""
    if structure in ("growth", "categories"):
        demand = _indices(base, truth, whole=structure == "growth")
        solver, same = base_solver(base, demand), np.ones(len(base.sectors))
        made = table_in_year(base, solver, demand, same, 1.0, year, satellite)
        return made.output.values, made.transactions.values
    demanded = np.sum(list(truth.demand.values()), axis=0)
    if structure == "margins":
        rows, columns = (truth.flows.sum(axis=k) for k in (1, 0))
        flows = gras(base.transactions, rows, columns).values
        x = truth.output
        a = np.divide(flows, x, out=np.zeros_like(flows), where=x != 0)
        return Solver(a).output(demanded).values, flows
    if structure == "demand" and IMPORTS in base.categories:
        demanded = _home_made(base, truth)
        x = base_solver(base, {}).output(demanded).values
    else:
        x = Solver(base).output(demanded).values
    return x, coefficients(base) * x


def _indices(base: IOTable, truth: _Actual, *, whole: bool) -> dict[str, float]:
    """Index of final demand by category; imports are left to respond, as in a run."""
    totals = {c: float(base.final_demand.sel(category=c).sum()) for c in base.categories}
    if whole:
        level = sum(totals.values())
        if level <= 0:
            raise DecompositionError(
                f"table {base.name}: final demand sums to {level:g}, so it has no growth"
            )
        growth = truth.total_demand / level
        return {c: growth for c in totals if c != IMPORTS}
    later = {c: float(column.sum()) for c, column in truth.demand.items()}
    lost = [c for c, total in later.items() if total and not totals.get(c) and c != IMPORTS]
    if lost:
        raise DecompositionError(
            f"table {base.name} has no {lost[0]!r} that could grow to {later[lost[0]]:g}: add the "
            'category to another one in both tables, or leave "categories" out of known'
        )
    return {c: later.get(c, 0.0) / t if t else 1.0 for c, t in totals.items() if c != IMPORTS}


def _home_made(base: IOTable, truth: _Actual) -> Array:
    """Known final demand less imports in the old share of the use of each product at home."""
    none = np.zeros(len(base.sectors))
    old = {c: base.final_demand.sel(category=c).values for c in base.categories}
    imported = -old[IMPORTS]
    used = base.output.values + imported - old.get(EXPORTS, none)
    share = np.divide(imported, used, out=np.zeros_like(used), where=used != 0)
    home = [column for c, column in truth.demand.items() if c not in (EXPORTS, IMPORTS)]
    made: Array = (1 - share) * np.sum(home, axis=0) + truth.demand.get(EXPORTS, none)
    return made
