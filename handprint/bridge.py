"""Which cells of the table a digital lever changes, and whose emissions a sector model covers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.counterfactual import Intervention
from handprint.errors import ScenarioError, UnknownSectorError
from handprint.scenario import sources
from io_tables import IOTable
from io_tables.errors import did_you_mean

Kind = Literal["onsite", "input", "demand", "ict"]
HOUSEHOLDS = "households"
ANY = "*"


@dataclass(frozen=True)
class Cell:
    """
    One cell that a lever changes.

    Parameters
    ----------
    model : str
        Sector model.
    lever : str
        Use case, or ``*`` for all levers of the model that have no cells of their own.
    kind : {"onsite", "input", "demand", "ict"}
        On-site emissions of a purchaser; its purchase from ``row``; a final-demand category's
        purchase from ``row``; additional ICT purchases from ``row``.
    row, purchaser : str
        Labels of the table; ``row`` is empty for on-site cells.
    share : float
        Share of the cell that the saving reaches; for ``ict``, share of the purchases.
    status, source, note : str
        Where the share comes from.
    """

    model: str
    lever: str
    kind: Kind
    row: str
    purchaser: str
    share: float
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class Saving:
    """
    What a group of levers of one sector model saves in one year.

    Parameters
    ----------
    model : str
        Sector model.
    lever : str
        Use case, or ``*`` for those without cells of their own.
    fraction : float
        Saved share of the model's reference emissions, before rebound [1].
    rebound : float
        Direct rebound [1].
    ict_purchases : float
        Additional purchases from ICT [units of the table].
    """

    model: str
    lever: str
    fraction: float
    rebound: float
    ict_purchases: float


@cache
def cells() -> tuple[Cell, ...]:
    """
    Read the bridge.

    Returns
    -------
    tuple of Cell
        Every cell of ``bridge.csv``.

    Raises
    ------
    ScenarioError
        If a share is outside 0..1 or a source key has no entry; all are listed.
    """
    rows = [Cell(**row | {"share": float(row["share"])}) for row in _rows("bridge.csv")]  # type: ignore[arg-type]
    _refuse("bridge.csv", [(f"{c.model} {c.row}->{c.purchaser}", c.share, c.source) for c in rows])
    return tuple(rows)


@cache
def boundary() -> xr.DataArray:
    """
    Read whose emissions each sector model covers.

    Returns
    -------
    xarray.DataArray
        Share of every emitter that belongs to a group, dims (emitter, group) [1]; the shares
        of an emitter sum to one. Emitters are sectors of ``cn24`` and ``households``; groups
        are sector models and ``other``.

    Raises
    ------
    ScenarioError
        If shares do not sum to one or a source key has no entry.
    """
    rows = list(_rows("boundary.csv"))
    _refuse("boundary.csv", [(r["emitter"], float(r["share"]), r["source"]) for r in rows])
    emitters = list(dict.fromkeys(r["emitter"] for r in rows))
    groups = list(dict.fromkeys(r["model"] for r in rows))
    shares = xr.DataArray(
        0.0, coords={"emitter": emitters, "group": groups}, dims=("emitter", "group")
    )
    for row in rows:
        shares.loc[row["emitter"], row["model"]] = float(row["share"])
    off = shares.sum("group")
    wrong = [str(e) for e, total in zip(emitters, off.values, strict=True) if abs(total - 1) > 1e-9]
    if wrong:
        raise ScenarioError(f"boundary.csv: shares of {', '.join(wrong)} do not sum to one")
    return shares.assign_attrs(units="1", source="boundary.csv")


def fits(table: IOTable, models: Sequence[str]) -> None:
    """
    Demand the sectors and categories that bridge and boundary speak of.

    Parameters
    ----------
    table : IOTable
        Table of a run.
    models : sequence of str
        Sector models of a run.

    Raises
    ------
    UnknownSectorError
        Naming what the table lacks or has in excess, or the model that has no cells.
    """
    bridged = list(dict.fromkeys(c.model for c in cells()))
    strange = [m for m in models if m not in bridged]
    if strange:
        raise UnknownSectorError(
            f"sectors: the bridge has no cells of the table for {', '.join(map(repr, strange))}; "
            f"{did_you_mean(strange[0], bridged)}"
        )
    known = [str(e) for e in boundary()["emitter"].values if e != HOUSEHOLDS]
    missing = [s for s in known if s not in table.sectors]
    extra = [s for s in table.sectors if s not in known]
    if missing or extra:
        raise UnknownSectorError(
            f"table {table.name}: the bridge speaks of the 24 sectors of cn24; missing "
            f"{', '.join(missing) or 'none'}; unknown {', '.join(extra) or 'none'}: aggregate it "
            "with a concordance to cn24"
        )
    for cell in cells():
        if cell.kind == "demand" and cell.purchaser not in table.categories:
            hint = did_you_mean(cell.purchaser, table.categories)
            raise UnknownSectorError(f"table {table.name}: no category {cell.purchaser!r}; {hint}")


def own_levers(model: str) -> tuple[str, ...]:
    """
    Name the levers of a model that have cells of their own.

    Parameters
    ----------
    model : str
        Sector model.

    Returns
    -------
    tuple of str
        Use cases; every other lever of the model shares the cells marked ``*``.
    """
    return tuple(dict.fromkeys(c.lever for c in cells() if c.model == model and c.lever != ANY))


def ict_buyers(model: str) -> list[str]:
    """
    Name the sectors of the table that buy the ICT of a model.

    Parameters
    ----------
    model : str
        Sector model.

    Returns
    -------
    list of str
        Labels of the table.
    """
    mine = (c.purchaser for c in cells() if c.model == model and c.kind == "ict")
    return list(dict.fromkeys(mine))


def ict_buyers_output(model: str, tables: Mapping[int, IOTable]) -> xr.DataArray:
    """
    Add up the gross output of the sectors that buy the ICT of a model.

    Parameters
    ----------
    model : str
        Sector model.
    tables : mapping of int to IOTable
        Table by year.

    Returns
    -------
    xarray.DataArray
        Dims (year) [units of the tables].
    """
    buyers = ict_buyers(model)
    values = [float(table.output.sel(sector=buyers).sum()) for table in tables.values()]
    units = next(iter(tables.values())).units
    return xr.DataArray(values, coords={"year": list(tables)}, dims="year", attrs={"units": units})


def interventions(
    savings: Sequence[Saving], output: xr.DataArray
) -> list[tuple[str, Intervention]]:
    """
    Turn savings into interventions on the table.

    Parameters
    ----------
    savings : sequence of Saving
        By sector model and lever.
    output : xarray.DataArray
        Gross output of the year, dims (sector) [units of the table]; ICT purchases are spread
        over the purchasers in proportion to it.

    Returns
    -------
    list of tuple
        Sector model and intervention, one for each adopting sector.
    """
    volume = output.to_series()
    found = []
    for saving in savings:
        bought = saving.ict_purchases / volume[ict_buyers(saving.model)].sum()
        for sector, here in _adopters(saving.model, saving.lever).items():
            shares = {
                kind: {c.row: c.share for c in here if c.kind == kind} for kind in ("input", "ict")
            }
            measure = Intervention(
                sector=sector,
                penetration=1.0,
                saving={row: share * saving.fraction for row, share in shares["input"].items()},
                onsite=saving.fraction * sum(c.share for c in here if c.kind == "onsite"),
                ict_input={row: share * bought for row, share in shares["ict"].items()},
                rebound=saving.rebound,
                name=f"{saving.model}: {saving.lever} in {sector}",
            )
            found.append((saving.model, measure))
    return found


def demand_changes(savings: Sequence[Saving], table: IOTable) -> dict[str, xr.DataArray]:
    """
    Turn savings into lower purchases of households.

    Parameters
    ----------
    savings : sequence of Saving
        By sector model and lever.
    table : IOTable
        Reference economy of the year.

    Returns
    -------
    dict of str to xarray.DataArray
        Sector model -> change of final demand, dims (sector) [units], zero or negative.
    """
    demand, labels, categories = table.final_demand.values, table.sectors, table.categories
    changes: dict[str, npt.NDArray[np.float64]] = {}
    for saving in savings:
        net = saving.fraction * (1 - saving.rebound)
        for cell in cells():
            if (cell.kind, cell.model, cell.lever) == ("demand", saving.model, saving.lever):
                row, column = labels.index(cell.row), categories.index(cell.purchaser)
                change = changes.setdefault(saving.model, np.zeros(len(labels)))
                change[row] -= cell.share * net * demand[row, column]
    return {
        model: xr.DataArray(change, coords={"sector": labels}, dims="sector")
        for model, change in changes.items()
    }


@cache
def _adopters(model: str, lever: str) -> dict[str, list[Cell]]:
    """Cells of a lever by the sector that applies it."""
    found: dict[str, list[Cell]] = {}
    for cell in cells():
        if (cell.model, cell.lever) == (model, lever) and cell.kind != "demand":
            found.setdefault(cell.purchaser, []).append(cell)
    return found


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("handprint") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _refuse(place: str, rows: Sequence[tuple[str, float, str]]) -> None:
    """Shares in 0..1 and sources that resolve, or one error with all that are not."""
    known: Mapping[str, object] = sources()
    problems = [
        f"{what}: share {share} is outside 0..1" for what, share, _ in rows if not 0 <= share <= 1
    ]
    problems += [
        f"{what}: source {key!r} has no entry; {did_you_mean(key, known)}"
        for what, _, key in rows
        if key not in known
    ]
    if problems:
        raise ScenarioError(f"{place}: " + "; ".join(problems))
