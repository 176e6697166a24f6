"""Counterfactuals of many draws: what is read, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput
from handprint.batch import WORKING, Kernel, Outcomes
from handprint.draw_reader import DRAW, INPUT, WHO, DrawReader
from handprint.effect_labels import MEANINGS, NOTE, stated, units_of
from handprint.effects import ORDERS, Values, differences
from handprint.guards import DRAWN, NAMES, TABLE, checked
from handprint.intervention import Intervention, by_ict_sector, ict_sectors, refuse_problems
from handprint.meaning import variables
from handprint.progress import Ticker
from handprint.setting import Options, listed_interventions, names_of, prepare, read_options
from io_tables import IOTable


@checked(table=TABLE, draws=DRAWN)
def counterfactuals(
    table: IOTable,
    interventions: Sequence[Intervention],
    draws: xr.Dataset | Mapping[str, ArrayInput],
    *,
    progress: Callable[[int], object] | None = None,
    **options: Unpack[Options],
) -> xr.Dataset:
    r"""
    Run the counterfactual of many draws at once.

    Parameters
    ----------
    table : IOTable
        The economy before.
    interventions : sequence of Intervention
        Where they apply, and the value of all that is not drawn.
    draws : xarray.Dataset or Mapping of str to array_like
        Drawn values [1]: ``penetration``, ``onsite``, ``rebound`` with dims (draw,
        intervention), ``saving`` and ``ict_input`` (draw, intervention, input), ``respend``
        (draw). Labels of ``intervention`` are those of the result of
        :func:`handprint.counterfactual`, inputs are sectors; cells that are not given are
        zero. An xarray object may lack ``draw`` or, save for inputs, ``intervention``: its
        values then hold for all. See :func:`central_values`.
    progress : callable, optional
        Told how many draws are done.
    **options
        Options of :func:`handprint.counterfactual`.

    Returns
    -------
    xarray.Dataset
        ``effect`` (draw, order, intervention): change of emissions, summed over emitters. Dims
        (draw): totals and their differences as in :func:`handprint.counterfactual`,
        ``rebound_share`` only if every draw saves something. ``cost_saving`` (draw),
        ``cost_saving_by_intervention`` (draw, intervention).

    Raises
    ------
    ArgumentError
        If an argument is of another kind, or an option unknown.
    InterventionError
        Listing all names, labels, shapes, values and ties of the draws that do not fit.
    NotProductiveError
        Naming the first draw whose economy is not productive.

    Notes
    -----
    Exact, not approximate: every draw changes the same columns J, so the Woodbury identity
    :math:`L' = L + L U (I - L_J U)^{-1} L_J` [1]_ gives its totals from one factorisation and
    systems of size \|J\|. Draws are taken in batches of 32 MiB.

    References
    ----------
    .. [1] W. W. Hager, Updating the inverse of a matrix, SIAM Review 31 (1989) 221-239.
    """
    given, options = listed_interventions(interventions), read_options(options)
    if "respend" in draws:
        options["respend"] = 1.0  # read the budget; the share comes with each draw
    setting = prepare(table, given, options)
    names, places, extra = names_of(given, options)
    reader = DrawReader(given, names[: len(given)], setting.labels, options)
    values, rows = reader.draws(draws)
    kernel = Kernel(setting, rows)
    step = max(1, WORKING // (8 * kernel.cells))
    found = []
    with Ticker(progress, len(values.respend)) as ticker:
        for first in range(0, len(values.respend), step):
            part = values.part(slice(first, first + step))
            found.append(kernel.run(part, first))
            ticker.done(first + len(part.respend))
    merged = Outcomes(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    emitted = setting.before.emissions, setting.hearth or 0.0, float(setting.smoke.sum())
    satellite = options.get("satellite", "CO2")
    drawn = None if "respend" in draws else setting.respend
    about = stated(table, satellite, bool(extra), drawn, options.get("capital"))
    made = variables(_values(merged, *emitted), MEANINGS, units_of(table, satellite), NOTE)
    coords = {
        **({DRAW: reader.labels_of_draws} if reader.labels_of_draws is not None else {}),
        "order": list(ORDERS),
        WHO: np.array(names, dtype=str),
        "applied_in": (WHO, np.array(places, dtype=str)),
    }
    return xr.Dataset(made, coords=coords, attrs=about)


@checked(table=TABLE, ict=NAMES)
def central_values(
    table: IOTable, interventions: Sequence[Intervention], *, ict: Sequence[str] = ()
) -> xr.Dataset:
    """
    Write interventions as one draw, to make others from.

    Parameters
    ----------
    table : IOTable
        Its sectors order the inputs.
    interventions : sequence of Intervention
        As in :func:`counterfactuals`.
    ict : sequence of str
        Where a single number of ``ict_input`` is bought.

    Returns
    -------
    xarray.Dataset
        ``penetration``, ``onsite``, ``rebound`` (intervention), ``saving`` and ``ict_input``
        (intervention, input) [1]. ``onsite`` is left out where it is tied to fuel rows.

    Examples
    --------
    >>> import io_tables
    >>> toy = io_tables.from_arrays(
    ...     [[10, 20], [10, 40]], [70, 50], sectors=["power", "industry"],
    ...     satellites={"CO2": ([80, 20], "Mt")}, units="USD", price_basis="current",
    ...     source="invented", scope="direct")
    >>> saver = Intervention("industry", 0.5, saving={"power": 0.2})
    >>> draws = central_values(toy, [saver])[["saving"]] * xr.DataArray([0.5, 1.5], dims="draw")
    >>> counterfactuals(toy, [saver], draws)["ner_td"].values.round(4)
    array([0.9597, 2.8681])
    """
    given = listed_interventions(interventions)
    refuse_problems(given, pd.Index(table.sectors), ict, 0.0)
    names, _, _ = names_of(given, Options())
    group = ict_sectors(given, ict)
    bought = [by_ict_sector(i.ict_input, group) for i in given]
    used = {row for i in given for row in i.saving} | {row for b in bought for row in b}
    inputs = [sector for sector in table.sectors if sector in used]

    def cells(mappings: Sequence[Mapping[str, float]]) -> tuple[tuple[str, str], Array]:
        """Put rows of interventions on the axis of inputs."""
        rows = [[m.get(row, 0.0) for row in inputs] for m in mappings]
        return (WHO, INPUT), np.array(rows, dtype=float).reshape(len(mappings), len(inputs))

    data = {
        "penetration": ((WHO,), np.array([i.penetration for i in given], dtype=float)),
        "rebound": ((WHO,), np.array([i.rebound for i in given], dtype=float)),
        "saving": cells([i.saving for i in given]),
        "ict_input": cells(bought),
    }
    if not any(i.fuel_rows for i in given):
        data["onsite"] = ((WHO,), np.array([i.onsite for i in given], dtype=float))
    return xr.Dataset(data, coords={WHO: names, INPUT: inputs}).assign_attrs(units="1")


def _values(found: Outcomes, e0: float, at_home: float, less: float) -> Values:
    """Totals of all draws; households where they count."""
    higher = found.effect[:, 3].sum(axis=1)
    every = differences(
        np.full(len(higher), e0 + at_home),  # type: ignore[arg-type]
        found.after + at_home + less,  # type: ignore[arg-type]
        found.ideal + at_home + less,  # type: ignore[arg-type]
        higher,
    )
    values: Values = {name: ((DRAW,), total) for name, total in every.items()}
    saved = np.asarray(every["engineering_saving"])
    if (saved > 0).all():
        lost = np.asarray(every["rebound_direct"]) + higher
        values["rebound_share"] = ((DRAW,), lost / saved)
    values["effect"] = ((DRAW, "order", WHO), found.effect)
    values["cost_saving"] = ((DRAW,), found.cost.sum(axis=1))
    values["cost_saving_by_intervention"] = ((DRAW, WHO), found.cost)
    return values
