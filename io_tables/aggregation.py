"""What adding up sectors does to multipliers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.concordance import Concordance
from io_tables.errors import ConcordanceError, did_you_mean
from io_tables.kinds import demand_table, demand_text
from io_tables.multipliers import stacked
from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
Weights = Literal["output", "final demand"]


def aggregation_report(
    table: IOTable,
    concordance: Concordance | Mapping[str, str],
    *,
    weights: Weights = "output",
) -> xr.Dataset:
    r"""
    Compare multipliers before and after aggregation.

    Parameters
    ----------
    table : IOTable
        Fine table.
    concordance : Concordance or mapping
        Share of every sector in every aggregate, or sector -> aggregate.
    weights : {"output", "final demand"}
        Weights of the sectors within an aggregate.

    Returns
    -------
    xarray.Dataset
        ``before`` (weighted mean of the fine multipliers), ``after`` (multiplier of the
        aggregate), ``bias`` = after - before, ``relative_bias`` [1], ``lowest`` and ``highest``
        fine multiplier of the aggregate, dims (quantity, sector). ``quantity`` is
        ``output`` (column sum of the inverse) and each satellite account; coordinate ``unit``.
        ``count``: number of sectors in each aggregate.

    Raises
    ------
    ConcordanceError
        If a sector is not mapped or mapped twice, or final demand of an aggregate is zero and
        cannot be a weight.

    Notes
    -----
    :math:`m = s (I - A)^{-1}` on the fine table, :math:`m^*` on the aggregated one; before:
    :math:`\sum_{j \in J} w_j m_j / \sum_{j \in J} w_j`. With final demand as weights the
    biases times final demand add up to zero, because both tables give the same total; with
    output they need not [1]_. Bias is zero where the sectors of an aggregate have the same input
    structure [2]_.

    References
    ----------
    .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge University
       Press, 2009, section 4.9.
    .. [2] M. Hatanaka, Note on consolidation within a Leontief system, Econometrica 20, 1952,
       301-303.

    Examples
    --------
    >>> import io_tables
    >>> fine = io_tables.load("china-2017-cn24")
    >>> report = aggregation_report(fine, io_tables.load_concordance("cn24", "cn8"))
    >>> ict = report.sel(sector="ICT", quantity="output")
    >>> [round(float(ict[name]), 3) for name in ("lowest", "before", "after", "highest")]
    [2.208, 3.296, 3.045, 3.94]
    """
    demand_table(table)
    if demand_text(weights, "weights", ConcordanceError) not in ("output", "final demand"):
        raise ConcordanceError(
            f"weights {weights!r}: {did_you_mean(weights, ('output', 'final demand'))}"
        )
    concordance = Concordance.of(concordance)
    coarse = table.aggregate(concordance)
    shares = concordance.for_sectors(table.sectors)
    units, fine = stacked(table)
    _, after = stacked(coarse)
    size = table.output.values if weights == "output" else table.final_demand.values.sum(axis=1)
    share = _weights(shares * size, shares, concordance.targets, weights)
    before = fine @ share.T
    belongs = shares > 0
    bias = after - before
    relative = np.divide(bias, before, out=np.zeros_like(bias), where=before != 0)
    dims = ("quantity", "sector")
    names = list(units)
    return xr.Dataset(
        {
            "before": (dims, before),
            "after": (dims, after),
            "bias": (dims, bias),
            "relative_bias": (dims, relative, {"units": "1"}),
            "lowest": (dims, np.where(belongs, fine[:, None, :], np.inf).min(axis=2)),
            "highest": (dims, np.where(belongs, fine[:, None, :], -np.inf).max(axis=2)),
            "count": ("sector", belongs.sum(axis=1), {"units": "1"}),
        },
        coords={
            "quantity": names,
            "sector": concordance.targets,
            "unit": ("quantity", [units[n] for n in names]),
        },
        attrs={
            "title": f"{table.name} aggregated to {len(coarse.sectors)} sectors",
            "concordance": concordance.source,
            "weights": weights,
            "source": table.source,
        },
    )


def _weights(amounts: Array, shares: Array, targets: list[str], weights: str) -> Array:
    """Weights that sum to one in each aggregate; sectors count alike where output is zero."""
    total = amounts.sum(axis=1)
    zero = np.flatnonzero(total == 0).tolist()
    if zero and weights != "output":
        raise ConcordanceError(
            f"final demand of {', '.join(targets[i] for i in zero[:10])} is zero and cannot be a "
            'weight: use weights="output"'
        )
    for i in zero:
        amounts[i], total[i] = shares[i], shares[i].sum()
    return np.asarray(amounts / total[:, None])
