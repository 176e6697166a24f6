"""Arrays become a checked table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from io_tables.arrays import Numbers, component_array, labelled, matrix, quantity, with_regions
from io_tables.errors import LabelError, TableError
from io_tables.kinds import demand_labels, demand_mapping, demand_number, demand_text, shown
from io_tables.report import Finding
from io_tables.table import IOTable, Scope


def from_arrays(
    transactions: object,
    final_demand: object,
    *,
    sectors: Sequence[str],
    categories: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
    satellites: Mapping[str, tuple[object, str]] | None = None,
    households: Mapping[str, tuple[float, str]] | None = None,
    units: str,
    price_basis: str,
    source: str,
    scope: Scope | None = None,
    output: object | None = None,
    tolerance: float | None = None,
    value_added: object | None = None,
    components: Sequence[str] | None = None,
    name: str = "table",
    history: Sequence[str] = (),
    remarks: Sequence[Finding] = (),
) -> IOTable:
    """
    Make a checked table from arrays.

    Parameters
    ----------
    transactions : array_like
        Flows, rows sell and columns buy, shape (n, n) [units]. A pandas or xarray object
        must carry exactly the labels of ``sectors`` in this order.
    final_demand : array_like
        Shape (n,) or (n, categories) [units]; imports negative.
    sectors : sequence of str
        Labels, n of them.
    categories : sequence of str, optional
        Names of the final-demand columns; needed when there are several and none are given
        by the object itself.
    regions : sequence of str, optional
        Region of each sector of a multi-region table; labels then read ``region:sector``.
    satellites : mapping, optional
        Name -> (vector by sector, unit), for example ``{"CO2": (e, "Mt")}``.
    households : mapping, optional
        Name -> (number, unit): direct amounts of households.
    units : str
        Monetary unit.
    price_basis : str
        Prices and year.
    source : str
        Publisher and table.
    scope : {"direct", "direct+purchased"}, optional
        Scope of the satellite accounts.
    output : array_like, optional
        Gross output; when missing, the sum of the rows.
    tolerance : float, optional
        Largest gap that counts as balanced [units]; default 1e-6 of the largest output.
    value_added : array_like, optional
        Shape (n,) or (components, n); when missing, what balances the columns.
    components : sequence of str, optional
        Names of the rows of ``value_added``.
    name : str
        Short name.
    history : sequence of str
        Steps that led to the arrays.
    remarks : sequence of Finding
        What a reader found and let pass.

    Returns
    -------
    IOTable
        Checked.

    Raises
    ------
    TableError
        Of the class of the first problem; the text lists all.

    Examples
    --------
    >>> table = from_arrays(
    ...     [[150, 500], [200, 100]], [350, 1700], sectors=["agriculture", "manufacturing"],
    ...     units="USD", price_basis="current", source="Miller and Blair 2009, table 2.3")
    >>> table.output.values
    array([1000., 2000.])
    """
    sectors = labels = demand_labels(sectors, "sectors")
    categories = None if categories is None else demand_labels(categories, "categories")
    components = None if components is None else demand_labels(components, "components")
    for what, text in (("source", source), ("name", name)):
        demand_text(text, what)
    if tolerance is not None:
        demand_number(tolerance, "tolerance")
    if regions is not None:
        regions = demand_labels(regions, "regions")
        if len(regions) != len(labels):
            raise LabelError(f"{len(regions)} regions for {len(labels)} sectors: give one for each")
        labels = [f"{r}:{s}" for r, s in zip(regions, labels, strict=True)]
    attrs = {"units": units, "price_basis": price_basis, "source": source}
    z = matrix(transactions, ("sector", "purchaser"), (labels, labels), "transactions")
    y = matrix(final_demand, ("sector", "category"), (labels, categories), "final demand")
    cells = _finite(z.values)
    if output is None:
        output = cells.sum(axis=1) + _finite(y.values).sum(axis=1)
    x = labelled(output, labels, "output")
    if value_added is None:
        va = component_array("value added", _finite(x.values) - cells.sum(axis=0), x)
    else:
        va = matrix(value_added, ("component", "sector"), (components, labels), "value added")
    given = {k: quantity(v, k, labels) for k, v in _accounts(satellites, "satellites").items()}
    own = {k: quantity(v, k, None) for k, v in _accounts(households, "households").items()}
    arrays: dict[str, Any] = {
        "transactions": z,
        "final_demand": y,
        "output": x,
        "primary_inputs": va,
    }
    if regions is not None:
        arrays = {k: with_regions(v, regions, sectors) for k, v in arrays.items()}
    if tolerance is None:
        tolerance = 1e-6 * float(np.nanmax(np.abs(x.values), initial=0.0))
    return IOTable(
        **{k: v.rename(k).assign_attrs(attrs) for k, v in arrays.items()},
        satellites=given,
        households=own,
        units=units,
        price_basis=price_basis,
        source=source,
        scope=scope,
        tolerance=tolerance,
        name=name,
        history=tuple(demand_labels(history, "history")),
        remarks=_remarks(remarks),
    )


def _finite(values: Numbers) -> Numbers:
    """Zero for a cell without a number: it is named once, and not again in the sums over it."""
    finite = np.isfinite(values)  # a copy of a world table is large: only where there are gaps
    return values if finite.all() else np.where(finite, values, 0.0)


def _accounts(given: object, what: str) -> Mapping[str, tuple[object, str]]:
    return {} if given is None else demand_mapping(given, what, "name -> (numbers, unit)")


def _remarks(given: object) -> tuple[Finding, ...]:
    if isinstance(given, Sequence) and all(isinstance(f, Finding) for f in given):
        return tuple(given)
    raise TableError(f"remarks is {shown(given)}: give a list of Finding")
