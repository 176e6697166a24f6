"""Which cells of the table a digital lever changes, and whose emissions a sector model covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from handprint.alignment import positions
from handprint.errors import ScenarioError, UnknownSectorError
from io_tables import IOTable
from io_tables.errors import did_you_mean
from sector_models import Sector

Kind = Literal["onsite", "input", "demand", "ict"]
HOUSEHOLDS = "households"
OTHER = "other"
POWER = "ELE"
ANY = "*"


class Cell(NamedTuple):
    """One cell that a lever changes: see :class:`sector_models.Affected`."""

    model: str
    lever: str
    kind: Kind
    row: str
    purchaser: str
    share: float
    source: tuple[str, ...]
    lifetime: float | None = None


@dataclass(frozen=True)
class Bridge:
    """
    Between the sector models of a run and its table; made by :func:`bridge_of`.

    Parameters
    ----------
    cells : tuple of Cell
        Every cell that a lever changes.
    boundary : xarray.DataArray
        Share of every emitter that belongs to a group, dims (emitter, group) [1]; the shares
        of an emitter sum to one. Emitters are the sectors of the table and ``households``;
        groups are the sector models and ``other``.
    models : Mapping of str to Sector
        The sector models.
    """

    cells: tuple[Cell, ...]
    boundary: xr.DataArray
    models: Mapping[str, Sector]

    @cached_property
    def by_lever(self) -> dict[tuple[str, str], tuple[Cell, ...]]:
        """Cells by model and lever."""
        found: dict[tuple[str, str], list[Cell]] = {}
        for cell in self.cells:
            found.setdefault((cell.model, cell.lever), []).append(cell)
        return {key: tuple(cells) for key, cells in found.items()}

    def of(self, model: str, lever: str) -> tuple[Cell, ...]:
        """
        Return the cells of one lever.

        Parameters
        ----------
        model, lever : str
            Sector model, and use case or ``*``.

        Returns
        -------
        tuple of Cell
            Empty if the lever has none of its own.
        """
        return self.by_lever.get((model, lever), ())

    def own_levers(self, model: str) -> tuple[str, ...]:
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
        return tuple(lever for name, lever in self.by_lever if name == model and lever != ANY)

    def ict_levers(self, model: str) -> tuple[str, ...]:
        """
        Name the levers of a model whose ICT is bought in cells of their own.

        Parameters
        ----------
        model : str
            Sector model.

        Returns
        -------
        tuple of str
            Use cases; the ICT of the others is bought in the cells marked ``*``.
        """
        return tuple(
            lever
            for lever in self.own_levers(model)
            if any(c.kind == "ict" for c in self.of(model, lever))
        )

    def ict_buyers(self, model: str, lever: str | None = None) -> list[str]:
        """
        Name the sectors of the table that buy the ICT of a model.

        Parameters
        ----------
        model : str
            Sector model.
        lever : str, optional
            Only those of one lever, or of the cells marked ``*``.

        Returns
        -------
        list of str
            Labels of the table.
        """
        levers = (ANY, *self.own_levers(model)) if lever is None else (lever,)
        mine = (c.purchaser for key in levers for c in self.of(model, key) if c.kind == "ict")
        return list(dict.fromkeys(mine))

    def ict_buyers_output(self, model: str, tables: Mapping[int, IOTable]) -> xr.DataArray:
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
        buyers = self.ict_buyers(model)
        values = [_output_of(table, buyers) for table in tables.values()]
        units = next(iter(tables.values())).units
        return xr.DataArray(
            values, coords={"year": list(tables)}, dims="year", attrs={"units": units}
        )

    def buys_power(self, model: str) -> bool:
        """
        Tell whether the emissions of a model contain those of the electricity it buys.

        Parameters
        ----------
        model : str
            Sector model.

        Returns
        -------
        bool
            From the scope of the sector file.
        """
        return self.models[model].scope == "direct+purchased"

    @cached_property
    def homes(self) -> dict[str, float]:
        """Share of the direct emissions of households that belongs to each group [1]."""
        own = self.boundary.sel(emitter=HOUSEHOLDS)
        groups = (str(group) for group in own["group"].values)
        return dict(zip(groups, own.values.tolist(), strict=True))

    def power_model(self) -> str:
        """
        Name the group that power plants belong to.

        Returns
        -------
        str
            The model that covers most of their emissions, or ``other``.
        """
        shares = self.boundary.sel(emitter=POWER)
        return str(shares["group"].values[int(shares.values.argmax())])


def bridge_of(models: Mapping[str, Sector], table: IOTable) -> Bridge:
    """
    Join sector models and the table of a run.

    Parameters
    ----------
    models : mapping of str to Sector
        Sector models by name.
    table : IOTable
        Table of the base year.

    Returns
    -------
    Bridge
        Checked: every label is one of the table, no emissions belong to two models.

    Raises
    ------
    ScenarioError
        If a model comes together with a part of it, covers nothing, changes no cell, or claims
        emissions that others have; all problems are listed.
    UnknownSectorError
        Naming the labels that the table lacks.
    """
    cells = tuple(cell for name, model in models.items() for cell in _cells(name, model))
    _known(models, cells, table)
    problems = [
        f"sectors: {name!r} is part of {model.part_of!r}: take one of the two"
        for name, model in models.items()
        if model.part_of in {m.name for m in models.values()}
    ]
    problems += [
        f"sectors.{name}: {key} is missing in the sector file, so its place in the table is unknown"
        for name, model in models.items()
        for key, given in (
            ("covers", model.covers),
            ("affected", any(c.model == name for c in cells)),
        )
        if not given
    ]
    boundary = _boundary(models, table)
    over = boundary.sum("group").to_series()
    problems += [
        f"emitter {emitter!r}: the models claim {total:.4g} times its emissions: "
        + ", ".join(m for m in models if float(boundary.sel(emitter=emitter, group=m)) > 0)
        for emitter, total in over.items()
        if total > 1 + 1e-9
    ]
    if problems:
        raise ScenarioError("; ".join(problems))
    boundary.loc[{"group": OTHER}] = 1 - boundary.sum("group")
    return Bridge(cells, boundary.assign_attrs(units="1", source="sector files"), dict(models))


def _output_of(table: IOTable, sectors: Sequence[str]) -> float:
    """Gross output of some sectors together."""
    if not sectors:
        return 0.0
    at = positions(sectors, table.output.indexes["sector"], f"table {table.name}")
    return float(table.output.values[at].sum())


def _cells(name: str, model: Sector) -> Iterator[Cell]:
    """Cells of a sector file, one by one."""
    levers = {ANY: model.affected} | {key: c.affected for key, c in model.use_cases.items()}
    for lever, affected in levers.items():
        for group in affected:
            for row in group.rows or ("",):
                for purchaser in group.purchasers:
                    yield Cell(
                        name, lever, group.kind, row, purchaser, group.share, group.source,
                        model.ict_lifetime.value if group.capital and model.ict_lifetime else None,
                    )  # fmt: skip


def _known(models: Mapping[str, Sector], cells: Sequence[Cell], table: IOTable) -> None:
    """Every label is one of the table."""
    emitters = [e for m in models.values() for c in m.covers for e in c.emitters]
    named = [e for e in emitters if e != HOUSEHOLDS]
    named += [c.row for c in cells if c.row]
    named += [c.purchaser for c in cells if c.kind != "demand"]
    missing = [label for label in dict.fromkeys(named) if label not in table.sectors]
    if missing:
        spare = [label for label in table.sectors if label not in named]
        raise UnknownSectorError(
            f"table {table.name}: the sector models speak of the 24 sectors of cn24; missing "
            f"{', '.join(missing)}; unknown {', '.join(spare) or 'none'}: aggregate it with a "
            "concordance to cn24"
        )
    for cell in cells:
        if cell.kind == "demand" and cell.purchaser not in table.categories:
            hint = did_you_mean(cell.purchaser, table.categories)
            raise UnknownSectorError(f"table {table.name}: no category {cell.purchaser!r}; {hint}")


def _boundary(models: Mapping[str, Sector], table: IOTable) -> xr.DataArray:
    """Shares that the models claim of each emitter; ``other`` is still zero."""
    emitters, groups = [*table.sectors, HOUSEHOLDS], [*models, OTHER]
    shares = xr.DataArray(
        np.zeros((len(emitters), len(groups))),
        coords={"emitter": emitters, "group": groups},
        dims=("emitter", "group"),
    )
    for name, model in models.items():
        for covered in model.covers:
            for emitter in covered.emitters:
                shares.loc[emitter, name] += covered.share
    return shares
