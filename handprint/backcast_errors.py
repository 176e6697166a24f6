"""How far a projected table is off: errors by sector and in sum, and what each rung takes off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array
from handprint.errors import DecompositionError
from handprint.meaning import Meaning

Values = dict[str, tuple[tuple[str, ...], npt.ArrayLike]]

MEANINGS = {
    "output": Meaning(
        "projected output", "推算总产出", "money", "Gross output by rung.", "activity",
    ),
    "output_actual": Meaning(
        "output of the known table", "实际总产出", "money", "In base prices if deflated.",
        "activity",
    ),
    "output_error": Meaning(
        "relative error of output", "总产出相对误差", "%",
        "Projected over actual less one; infinite where only the projection has any.", "activity",
    ),
    "output_total_error": Meaning(
        "relative error of total output", "总产出合计误差", "%", "Of the sum over sectors.",
        "activity",
    ),
    "output_wape": Meaning(
        "weighted absolute error of output", "总产出加权绝对误差", "%",
        "Sum of absolute errors by sector over total output.", "activity",
    ),
    "output_mix_error": Meaning(
        "error of the mix of output", "总产出结构误差", "%",
        "The same after the projection is scaled to the actual total.", "activity",
    ),
    "transactions_stpe": Meaning(
        "standardised total percentage error of flows", "中间流量标准化总百分误差(STPE)", "%",
        "Sum of absolute errors of all cells over the sum of actual flows.", "activity",
    ),
    "emissions": Meaning(
        "projected emissions of sectors", "推算部门排放", "total",
        "Intensity times output; direct emissions of households are no part.",
    ),
    "emissions_actual": Meaning(
        "emissions of the known table", "实际部门排放", "total", "Without households.",
    ),
    "emissions_error": Meaning(
        "relative error of emissions", "排放相对误差", "%",
        "Projected over actual less one; infinite where only the projection has any.",
    ),
    "emissions_total_error": Meaning(
        "relative error of total emissions", "排放合计误差", "%", "Of the sum over sectors.",
    ),
    "emissions_wape": Meaning(
        "weighted absolute error of emissions", "排放加权绝对误差", "%",
        "Sum of absolute errors by sector over total emissions.",
    ),
    "emissions_mix_error": Meaning(
        "error of the mix of emissions", "排放结构误差", "%",
        "The same after the projection is scaled to the actual total: no uniform inflation or "
        "common change of intensity is left in it.",
    ),
    "output_contribution": Meaning(
        "what knowing this takes off the error of output", "已知该项使总产出误差减少", "points",
        "Fall of output_wape from the rung before; negative where it rises.", "activity",
    ),
    "emissions_contribution": Meaning(
        "what knowing this takes off the error of emissions", "已知该项使排放误差减少", "points",
        "Fall of emissions_wape from the rung before; negative where it rises. Depends on the "
        "order of what is known.",
    ),
}  # fmt: skip


def errors(
    rungs: Sequence[tuple[Array, Array, Array]], known: tuple[Array, Array, Array], start: int
) -> Values:
    r"""
    Compare projections of output, flows and emissions with what is known.

    Parameters
    ----------
    rungs : sequence of tuple of numpy.ndarray
        Projected output (sector), flows (sector, purchaser) and emissions (sector), by rung.
    known : tuple of numpy.ndarray
        The same of the known table.
    start : int
        Number of rungs on which nothing is known yet.

    Returns
    -------
    dict
        Name as in :data:`MEANINGS` -> (dims, numbers).

    Raises
    ------
    DecompositionError
        If known or projected numbers do not sum to more than zero.

    Notes
    -----
    Weighted errors are :math:`100 \sum |p - a| / \sum |a|`.
    """
    output, flows, emissions = (list(part) for part in zip(*rungs, strict=True))
    values: Values = {
        "transactions_stpe": (("rung",), [_weighted(z, known[1], "flows") for z in flows])
    }
    for name, projected, actual in (
        ("output", output, known[0]),
        ("emissions", emissions, known[2]),
    ):
        wape = np.array([_weighted(p, actual, name) for p in projected])
        totals = np.array([p.sum() for p in projected])
        values |= {
            name: (("rung", "sector"), projected),
            f"{name}_actual": (("sector",), actual),
            f"{name}_error": (("rung", "sector"), [_relative(p, actual) for p in projected]),
            f"{name}_total_error": (("rung",), 100 * (totals / actual.sum() - 1)),
            f"{name}_wape": (("rung",), wape),
            f"{name}_mix_error": (("rung",), [_mix(p, actual, name) for p in projected]),
            f"{name}_contribution": (("known",), -np.diff(wape[start - 1 :])),
        }
    return values


def _weighted(projected: Array, known: Array, what: str) -> float:
    """Sum of absolute errors over the sum of what is known, in per cent."""
    if not known.sum() > 0:
        raise DecompositionError(
            f"{what} of the known table sum to {known.sum():g}: there is nothing to compare with"
        )
    return 100 * float(np.abs(projected - known).sum() / np.abs(known).sum())


def _mix(projected: Array, known: Array, what: str) -> float:
    """Weighted error that is left when the total is right."""
    if not projected.sum() > 0:
        raise DecompositionError(
            f"projected {what} sum to {projected.sum():g}: a projection without {what} has no mix"
        )
    return _weighted(projected * (known.sum() / projected.sum()), known, what)


def _relative(projected: Array, known: Array) -> Array:
    """Relative error in per cent; infinite where nothing is known but something projected."""
    gap = projected - known
    limit = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
    error: Array = np.divide(100 * gap, np.abs(known), out=limit, where=known != 0)
    return error
