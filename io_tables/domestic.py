"""Domestic tables: the proportional import rule, and what it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.arrays import component_array, same_labels
from io_tables.errors import ConcordanceError, TableError
from io_tables.kinds import demand_table
from io_tables.multipliers import coefficients, output_multipliers
from io_tables.table import EXPORTS, IMPORTED_INPUTS, IMPORTS, IOTable

Array = npt.NDArray[np.float64]
Rule = Literal["competitive", "proportional", "published", "none"]
STEP = "imports removed by the proportional rule"


def import_rule(table: IOTable) -> Rule:
    """
    Tell how a table treats imports.

    Parameters
    ----------
    table : IOTable
        Any table.

    Returns
    -------
    {"competitive", "proportional", "published", "none"}
        Imports still in the flows; removed by :meth:`IOTable.domestic`; removed by the
        publisher (imported inputs stand apart); or no imports shown at all.

    Examples
    --------
    >>> import io_tables
    >>> table = io_tables.load("china-2017-cn8")
    >>> import_rule(table), import_rule(table.domestic())
    ('competitive', 'proportional')
    """
    if IMPORTS in table.categories:
        return "competitive"
    if any(step.startswith(STEP) for step in table.history):
        return "proportional"
    if IMPORTED_INPUTS in table.primary_inputs["component"].values:
        return "published"
    return "none"


def import_shares(table: IOTable) -> xr.DataArray:
    r"""
    Share of imports in the domestic use of each product.

    Parameters
    ----------
    table : IOTable
        Competitive table.

    Returns
    -------
    xarray.DataArray
        Dims (sector) [1].

    Raises
    ------
    ConcordanceError
        If the table has no import column, or imports exceed domestic use of a sector.

    Notes
    -----
    :math:`m_i = M_i / (\sum_j z_{ij} + \sum_{c \ne exports} f_{ic})` [1]_.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge University
       Press, 2009, ch. 4.
    """
    if IMPORTS not in table.categories:
        raise ConcordanceError(
            f"table {table.name} has no final-demand category {IMPORTS!r} to remove; "
            f"it has {', '.join(table.categories)}"
        )
    imports = -table.final_demand.sel(category=IMPORTS).values
    at_home = [c for c in table.categories if c not in (IMPORTS, EXPORTS)]
    use = table.transactions.values.sum(axis=1)
    use = use + table.final_demand.sel(category=at_home).values.sum(axis=1)
    share = np.divide(imports, use, out=np.zeros_like(use), where=imports != 0)
    wrong = np.flatnonzero((share < 0) | (share > 1) | ~np.isfinite(share))
    if len(wrong):
        shown = ", ".join(f"{table.sectors[i]} ({share[i]:.3f})" for i in wrong.tolist())
        raise ConcordanceError(
            f"table {table.name}: import shares outside 0..1 in {shown}: "
            "the proportional rule does not fit; aggregate them or give a domestic table"
        )
    made = xr.DataArray(share, coords={"sector": table.sectors}, dims="sector")
    return made.rename("import_share").assign_attrs(units="1")


def domestic(table: IOTable) -> IOTable:
    r"""
    Remove imports from a competitive table by the proportional rule.

    Parameters
    ----------
    table : IOTable
        Competitive table: imports are a negative column of final demand.

    Returns
    -------
    IOTable
        Domestic flows only; imported inputs are a primary input, no import column is left.

    Raises
    ------
    ConcordanceError
        If the table has no import column, or imports exceed domestic use of a sector.

    Notes
    -----
    Every domestic user of product i, intermediate or final, takes the same share of imports,
    :math:`m_i` of :func:`import_shares`; exports are taken as domestic: :math:`Z_d = (I -
    \hat m) Z` [1]_. What the rule cannot know is how the shares differ by user:
    :func:`import_report` sets it beside a published domestic table.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge University
       Press, 2009, ch. 4.
    """
    share = import_shares(table).values
    kept = [c for c in table.categories if c != IMPORTS]
    demand = table.final_demand.sel(category=kept)
    scale = np.where([c == EXPORTS for c in kept], 1.0, 1 - share[:, None])
    flows = table.transactions
    imported = component_array(IMPORTED_INPUTS, share @ flows.values, table.primary_inputs)
    own = table.primary_inputs
    if IMPORTED_INPUTS in own["component"].values:  # of products that nobody makes at home
        imported = imported + own.sel(component=[IMPORTED_INPUTS])
        own = own.drop_sel(component=IMPORTED_INPUTS)
    primary = xr.concat([own, imported], dim="component", coords="minimal", compat="override")
    return replace(
        table,
        transactions=flows.copy(data=flows.values * (1 - share)[:, None]),
        final_demand=demand.copy(data=demand.values * scale),
        primary_inputs=primary.assign_attrs(own.attrs),
        history=(*table.history, STEP),
    )


def import_report(table: IOTable, published: IOTable | None = None) -> xr.Dataset:
    r"""
    Show what removing imports changes, sector by sector.

    Parameters
    ----------
    table : IOTable
        Competitive table.
    published : IOTable, optional
        Domestic table of the same sectors by the publisher, to judge the rule by.

    Returns
    -------
    xarray.Dataset
        ``output_multiplier`` (column sum of the inverse) and ``own_input`` (diagonal of A),
        dims (rule, sector), rules ``competitive``, ``proportional`` and, where given,
        ``published``; ``import_share`` and, where given, ``largest_gap``: the largest
        difference of an input coefficient between rule and publisher, with ``gap_row`` naming
        the input, dims (sector) [1].

    Raises
    ------
    ConcordanceError
        If the table has no import column, or the rule does not fit it.
    LabelError
        If the published table has other sectors.
    TableError
        If what is given as published still has imports in its flows.

    Notes
    -----
    :math:`A = Z \hat x^{-1}`, :math:`A_d = (I - \hat m) A`; multipliers :math:`1^\top (I -
    A)^{-1}` [1]_.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge University
       Press, 2009, ch. 2 and 4.

    Examples
    --------
    >>> import io_tables
    >>> report = import_report(io_tables.load("china-2017-cn8"))
    >>> report.output_multiplier.sel(sector="ICT").round(2).values
    array([3.05, 2.43])
    """
    demand_table(table)
    if import_rule(table) != "competitive":
        import_shares(table)
    tables = {"competitive": table, "proportional": domestic(table)}
    if published is not None:
        same_labels(published.sectors, table.sectors, "published table")
        if import_rule(published) != "published":
            raise TableError(
                f"table {published.name} is {import_rule(published)!r}, not a published domestic "
                "table: give one whose imported inputs stand apart"
            )
        tables["published"] = published
    inputs = {rule: coefficients(t) for rule, t in tables.items()}
    coords = {"rule": list(tables), "sector": table.sectors}
    both = ("rule", "sector")
    report = xr.Dataset(
        {
            "output_multiplier": (both, np.array([output_multipliers(t) for t in tables.values()])),
            "own_input": (both, np.array([np.diag(a) for a in inputs.values()])),
            "import_share": ("sector", import_shares(table).values),
        },
        coords=coords,
        attrs={
            "title": f"imports of {table.name}",
            "rule": "proportional: every domestic user of a product takes the same import share",
            "source": table.source,
            "price_basis": table.price_basis,
        },
    )
    if published is not None:
        gap = inputs["proportional"] - inputs["published"]
        at = np.abs(gap).argmax(axis=0)
        report["largest_gap"] = ("sector", gap[at, np.arange(len(at))])
        report["gap_row"] = ("sector", [table.sectors[i] for i in at.tolist()])
        report.attrs["published"] = published.source
    for name in ("output_multiplier", "own_input", "import_share", "largest_gap"):
        if name in report:
            report[name].attrs["units"] = "1"
    return report
