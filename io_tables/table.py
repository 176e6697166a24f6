"""The checked input-output table that everything else starts from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import xarray as xr

from io_tables.arrays import array_like
from io_tables.checks import (
    balance_findings,
    label_findings,
    text_findings,
    value_findings,
)
from io_tables.concordance import Concordance
from io_tables.kinds import demand_table
from io_tables.provenance import History, Provenance, aggregated, origin
from io_tables.report import Finding, Report, collector, graded, refuse, withhold

Scope = Literal["direct", "direct+purchased"]
IMPORTS, EXPORTS, IMPORTED_INPUTS = "imports", "exports", "imported inputs"
PRODUCT_TAXES = "taxes less subsidies on products"
TRANSPORT_MARGINS = "international transport margins"
DISCREPANCY = "statistical discrepancy"
NOT_VALUE_ADDED = (IMPORTED_INPUTS, PRODUCT_TAXES, TRANSPORT_MARGINS, DISCREPANCY)


@dataclass(frozen=True, eq=False)
class IOTable:
    """
    An input-output table that adds up, with its satellite accounts.

    Made by :func:`io_tables.load`, :func:`io_tables.read` or :func:`io_tables.from_arrays`;
    every change makes a new table. Arrays are read-only.

    Parameters
    ----------
    transactions : xarray.DataArray
        Flows Z, dims (sector, purchaser), same labels in the same order [units].
    final_demand : xarray.DataArray
        Final demand, dims (sector, category); imports are negative [units].
    output : xarray.DataArray
        Gross output x, dims (sector) [units].
    primary_inputs : xarray.DataArray
        Components of value added, and imported inputs of a domestic table,
        dims (component, sector) [units].
    satellites : Mapping of str to xarray.DataArray
        Accounts by sector, dims (sector), each with ``attrs["units"]``.
    households : Mapping of str to xarray.DataArray
        Direct amounts of households, 0-d, same units as the satellite of that name.
    units : str
        Monetary unit of flows.
    price_basis : str
        Prices and year, for example ``"current producers' prices 2017"``.
    source : str
        Publisher and table.
    scope : {"direct", "direct+purchased"}, optional
        Whether emissions are the sector's own, or include purchased electricity and heat.
    tolerance : float
        Largest gap between a row or column and output that counts as balanced [units].
    name : str
        Short name.
    history : tuple of str
        Steps from the publisher's file to this table.
    remarks : tuple of Finding
        What the reader of its file found and let pass; part of :meth:`check`.
    provenance : Provenance, optional
        File, sheet and cells that the table was read from; no part of the content hash.
    """

    transactions: xr.DataArray
    final_demand: xr.DataArray
    output: xr.DataArray
    primary_inputs: xr.DataArray
    satellites: Mapping[str, xr.DataArray]
    households: Mapping[str, xr.DataArray]
    units: str
    price_basis: str
    source: str
    scope: Scope | None = None
    tolerance: float = 0.0
    name: str = "table"
    history: tuple[str, ...] = ()
    remarks: tuple[Finding, ...] = ()
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        """Refuse what does not add up; every problem in one error."""
        for field in ("satellites", "households"):
            object.__setattr__(self, field, MappingProxyType(dict(getattr(self, field))))
        object.__setattr__(self, "history", History(self.history, self.provenance))
        findings = [*text_findings(self), *label_findings(self.sectors, "sector")]
        findings += label_findings(self.categories, "category")
        for what, array in self._arrays().items():
            findings += value_findings(array, what)
        if collector() is not None or not any(f.level == "error" for f in findings):
            findings += balance_findings(self)
        refuse(f"table {self.name}", findings)
        withhold(f"table {self.name}", self)
        for array in self._arrays().values():
            array.values.flags.writeable = False

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by fields, so that the copy is checked and read-only again."""
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        kept |= {k: dict(kept[k]) for k in ("satellites", "households")}
        return (_remade, (kept,))

    @property
    def sectors(self) -> list[str]:
        """Sector labels, in order."""
        return [str(s) for s in self.transactions["sector"].values]

    @property
    def categories(self) -> list[str]:
        """Final-demand categories, in order."""
        return [str(c) for c in self.final_demand["category"].values]

    @property
    def value_added(self) -> xr.DataArray:
        """
        Value added by sector, dims (sector) [units].

        Imported inputs, taxes on products and transport margins are primary inputs but no part
        of value added at basic prices.
        """
        own = [c for c in self.primary_inputs["component"].values if c not in NOT_VALUE_ADDED]
        total = self.primary_inputs.sel(component=own).sum("component")
        return total.rename("value_added").assign_attrs(self.transactions.attrs)

    @property
    def content_hash(self) -> str:
        """SHA-256 of labels, numbers, units, prices and scope: equal content, equal hash."""
        digest = hashlib.sha256()
        components = [str(c) for c in self.primary_inputs["component"].values]
        head = [self.units, self.price_basis, self.scope, self.sectors, self.categories, components]
        digest.update(json.dumps(head, ensure_ascii=True).encode())
        for what, array in sorted(self._arrays().items()):
            digest.update(f"{what} {array.attrs.get('units')} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array.values, dtype="<f8").tobytes())
        return digest.hexdigest()

    def check(self, against: IOTable | None = None) -> Report:
        """
        List what a user of this table should know.

        Parameters
        ----------
        against : IOTable, optional
            Another year or source of the same economy, to find breaks of level.

        Returns
        -------
        Report
            Findings with level, what, where and fix; errors first.
        """
        from io_tables.advice import advice
        from io_tables.levels import level_findings

        found = [*self.remarks, *advice(self)]
        if against is not None:
            found += level_findings(self, demand_table(against, "against"))
        return graded(f"table {self.name}", found)

    def aggregate(self, concordance: Concordance | Mapping[str, str]) -> IOTable:
        r"""
        Add up sectors.

        Parameters
        ----------
        concordance : Concordance or mapping
            Share of every sector in every aggregate, or sector -> aggregate.

        Returns
        -------
        IOTable
            With the aggregates as sectors; totals are unchanged.

        Raises
        ------
        ConcordanceError
            If a sector of the table is not mapped, or one is mapped that it does not have.

        Notes
        -----
        :math:`Z' = C Z C^\top`, :math:`f' = C f` with C the concordance, whose columns sum
        to one.
        """
        concordance = Concordance.of(concordance)
        c = concordance.for_sectors(self.sectors)
        targets = concordance.targets

        def add(array: xr.DataArray, values: object) -> xr.DataArray:
            """Put sums on the axes of the aggregates."""
            return array_like(array, np.asarray(values), targets)

        return replace(
            self,
            transactions=add(self.transactions, c @ self.transactions.values @ c.T),
            final_demand=add(self.final_demand, c @ self.final_demand.values),
            output=add(self.output, c @ self.output.values),
            primary_inputs=add(self.primary_inputs, self.primary_inputs.values @ c.T),
            satellites={k: add(v, c @ v.values) for k, v in self.satellites.items()},
            tolerance=self.tolerance * max(1.0, float(c.sum(axis=1).max())),
            history=(*self.history, f"aggregated to {len(targets)} sectors: {concordance.source}"),
            provenance=aggregated(self.provenance, c, self.sectors, targets, at=len(self.history)),
        )

    def domestic(self) -> IOTable:
        r"""
        Remove imports from a competitive table by the proportional rule.

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
        Every domestic user of product i, intermediate or final, takes the same share of
        imports, :math:`m_i = M_i / (x_i + M_i - E_i)`; exports are taken as domestic:
        :math:`Z_d = (I - \hat m) Z` [1]_. What the rule cannot know is how the shares
        differ by user: on China's 2017 table it puts the input of ICT into itself at 0.331
        where the official domestic table has 0.265; :func:`io_tables.import_report` shows it
        for any table.

        References
        ----------
        .. [1] R. E. Miller and P. D. Blair, Input-Output Analysis, 2nd ed., Cambridge
           University Press, 2009, ch. 4.
        """
        from io_tables.domestic import domestic

        return domestic(self)

    def origin(self, sector: str, purchaser: str) -> str:
        """
        Tell where a number comes from: file, sheet, cells, and the steps since.

        Parameters
        ----------
        sector, purchaser : str
            Row and column: see :func:`io_tables.provenance.origin`.

        Returns
        -------
        str
            Lines to be read by a person.

        Raises
        ------
        LabelError
            If the table has no such row or column.
        """
        return origin(self, sector, purchaser)

    @property
    def import_rule(self) -> str:
        """How imports are treated: "competitive", "proportional", "published" or "none"."""
        from io_tables.domestic import import_rule

        return import_rule(self)

    def split(
        self, sector: str, into: Mapping[str, float], *, source: str, **options: Any
    ) -> IOTable:
        """
        Split a sector by a stated proxy; aggregating again gives this table.

        Parameters
        ----------
        sector : str
            Sector to split.
        into : mapping
            Label -> share of output; shares sum to one.
        source : str
            Where the shares come from; kept in the history.
        **options : dict
            Other shares for sales, inputs, final demand, value added and accounts: see
            :func:`io_tables.splitting.split`.

        Returns
        -------
        IOTable
            With the parts in the place of the sector, balanced by RAS.

        Raises
        ------
        TableError
            If a share, a label or the balance does not fit, naming it.
        """
        from io_tables.splitting import split

        return split(self, sector, into, source=source, **options)

    def _arrays(self) -> dict[str, xr.DataArray]:
        return {
            "transactions": self.transactions,
            "final demand": self.final_demand,
            "output": self.output,
            "primary inputs": self.primary_inputs,
            **{f"satellite {k}": v for k, v in self.satellites.items()},
            **{f"households {k}": v for k, v in self.households.items()},
        }


def _remade(kept: dict[str, Any]) -> IOTable:
    """Make a table from its fields."""
    return IOTable(**kept)
