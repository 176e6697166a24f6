"""Tables of a counterfactual: who emits less and because of whom, inside or outside a boundary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array
from handprint.errors import InterventionError, OptionError, ShapeError
from handprint.guards import DATASET, NAMES, checked, shown
from handprint.ties import share_problem
from io_tables.errors import did_you_mean

Inside = Sequence[str] | Mapping[str, float]


@checked(result=DATASET, orders=NAMES)
def emitter_table(result: xr.Dataset, orders: Sequence[str] = ()) -> pd.DataFrame:
    r"""
    Show who emits more or less, because of which intervention.

    Parameters
    ----------
    result : xarray.Dataset
        Of :func:`handprint.counterfactual`.
    orders : sequence of str
        Orders that count; all by default.

    Returns
    -------
    pandas.DataFrame
        Change of emissions :math:`\Delta E_{ij}` by emitter (rows) and intervention (columns),
        negative is less, with sums in row and column ``total`` [units of ``effect``, also in
        ``attrs``].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If an order does not exist.
    ShapeError
        If the result is no single counterfactual.

    Examples
    --------
    >>> import handprint, io_tables
    >>> toy = io_tables.from_arrays(
    ...     [[10, 20], [10, 40]], [70, 50], sectors=["power", "industry"],
    ...     satellites={"CO2": ([80, 20], "Mt")}, units="USD", price_basis="current",
    ...     source="invented", scope="direct")
    >>> saver = handprint.Intervention("industry", 0.5, saving={"power": 0.2})
    >>> emitter_table(handprint.counterfactual(toy, [saver])).round(2)
    intervention  industry  total
    emitter
    power            -1.84  -1.84
    industry         -0.08  -0.08
    total            -1.92  -1.92
    """
    effect = _effect(result)
    known = [str(order) for order in effect["order"].values]
    unknown = [f"{order!r}, {did_you_mean(order, known)}" for order in orders if order not in known]
    if unknown:
        raise OptionError(f"orders: no order {'; '.join(unknown)}")
    cells = effect.sel(order=list(orders) or known).sum("order").values
    cells = np.vstack([cells, cells.sum(axis=0)])
    frame = pd.DataFrame(
        np.column_stack([cells, cells.sum(axis=1)]),
        index=pd.Index([*effect["emitter"].values, "total"], name="emitter"),
        columns=pd.Index([*effect["intervention"].values, "total"], name="intervention"),
    )
    frame.attrs["units"] = effect.attrs["units"]
    return frame


@checked(result=DATASET)
def boundary_split(result: xr.Dataset, boundary: Inside | Mapping[str, Inside]) -> pd.DataFrame:
    r"""
    Split the effects of each intervention into those inside a boundary and those upstream.

    Parameters
    ----------
    result : xarray.Dataset
        Of :func:`handprint.counterfactual`.
    boundary : sequence of str, or Mapping
        Emitters inside, one list for all interventions; a mapping emitter -> share that is
        inside; or a mapping intervention -> either of the two. The adopting sector is inside
        only where it is named.

    Returns
    -------
    pandas.DataFrame
        Rows (intervention, order), columns ``inside``, ``upstream`` and ``total``: change of
        emissions, negative is less [units of ``effect``].

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    InterventionError
        Listing unknown emitters and interventions, those without a boundary, and shares out of
        range.
    ShapeError
        If the result is no single counterfactual.

    Notes
    -----
    A bottom-up study counts what the adopting sector and the power sector emit less. The rest
    of what a table shows is upstream of that: shown beside it, never blended in.
    """
    effect = _effect(result)
    names = [str(name) for name in effect["intervention"].values]
    emitters = [str(name) for name in effect["emitter"].values]
    inside = effect * _shares(
        boundary, names, emitters, list(map(str, result["applied_in"].values))
    )
    parts = {"inside": inside.sum("emitter"), "total": effect.sum("emitter")}
    parts["upstream"] = parts["total"] - parts["inside"]
    columns = {
        part: parts[part].transpose("intervention", "order").values.ravel()
        for part in ("inside", "upstream", "total")
    }
    orders = [str(order) for order in effect["order"].values]
    index = pd.MultiIndex.from_product([names, orders], names=["intervention", "order"])
    frame = pd.DataFrame(columns, index=index)
    frame.attrs["units"] = effect.attrs["units"]
    return frame


@checked(result=DATASET)
def rebound_table(result: xr.Dataset) -> pd.DataFrame:
    r"""
    Show what rebound takes, in emissions and in per cent.

    Parameters
    ----------
    result : xarray.Dataset
        Of :func:`handprint.counterfactual`.

    Returns
    -------
    pandas.DataFrame
        Rows ``direct``, ``re-spending``, ``total``; columns ``emissions`` [units of the account]
        and ``per cent`` of the engineering saving [%], which is left out where nothing is
        saved.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    ShapeError
        If the result is no single counterfactual.

    Notes
    -----
    Total rebound is one minus actual over engineering saving [1]_:

    .. math:: r_{dir} + \frac{\alpha\, (s' L' \mu)\, \Delta cost}{E_0 - E_1|_{r = 0}}

    References
    ----------
    .. [1] J. Freire-González et al., Ecological Economics 131 (2017) 12-20.
    """
    effect = _effect(result)
    lost = np.array([float(result[f"rebound_{kind}"]) for kind in ("direct", "respending")])
    rows = ["direct", "re-spending", "total"]
    frame = pd.DataFrame({"emissions": [*lost, lost.sum()]}, index=rows)
    saved = float(result["engineering_saving"])
    if saved > 0:
        frame["per cent"] = 100 * frame["emissions"] / saved
    frame.attrs["units"] = {"emissions": effect.attrs["units"], "per cent": "%"}
    return frame


def _effect(result: xr.Dataset) -> xr.DataArray:
    """Take the effect of one counterfactual."""
    wanted = {"order", "emitter", "intervention"}
    if "effect" not in result or set(result["effect"].dims) != wanted:
        raise ShapeError(
            "give the result of one counterfactual; of a batch or several rules for imports "
            "select one first, for example result.sel(import_rule='competitive')"
        )
    return result["effect"].transpose("order", "emitter", "intervention")


def _shares(
    boundary: Inside | Mapping[str, Inside],
    names: Sequence[str],
    emitters: Sequence[str],
    places: Sequence[str],
) -> xr.DataArray:
    """Share of each emitter that is inside, (emitter, intervention)."""
    if isinstance(boundary, str):
        raise ShapeError(f"boundary: give a list of emitters, for example [{boundary!r}]")
    single = not isinstance(boundary, Mapping) or all(
        isinstance(value, int | float | np.number) for value in boundary.values()
    )
    by_name: dict[str, Inside] = (
        dict.fromkeys(names, boundary) if single else dict(boundary)  # type: ignore[arg-type]
    )
    problems = [
        f"no intervention {name!r}, {did_you_mean(name, names)}"
        for name in by_name
        if name not in names
    ]
    problems += [
        f"{name!r} (applied in {place!r}) has no boundary"
        for name, place in zip(names, places, strict=True)
        if name not in by_name
    ]
    shares: Array = np.zeros((len(emitters), len(names)))
    for name, inside in by_name.items():
        if not isinstance(inside, Mapping) and not NAMES.fits(inside):
            problems.append(f"{shown(inside)} is neither a list of emitters nor {{emitter: share}}")
            continue
        given = dict(inside) if isinstance(inside, Mapping) else dict.fromkeys(inside, 1.0)
        for emitter, share in given.items():
            problem = share_problem(f"share of {emitter!r}", share)
            if emitter not in emitters:
                problem = f"no emitter {emitter!r}, {did_you_mean(emitter, emitters)}"
            if problem:
                problems.append(problem)
            elif name in names:
                shares[emitters.index(emitter), names.index(name)] = share
    if problems:
        raise InterventionError(f"boundary: {'; '.join(dict.fromkeys(problems))}")
    coords = {"emitter": list(emitters), "intervention": list(names)}
    return xr.DataArray(shares, coords=coords, dims=("emitter", "intervention"))
