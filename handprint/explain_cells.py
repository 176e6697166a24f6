"""The tree below any number of a result: formula, the numbers in it, inputs, sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import xarray as xr

from handprint.cell import ENDS, Asked, Cell, find_cell, formulas
from handprint.cell_identities import refuse_open
from handprint.cell_inputs import INPUTS
from handprint.explanation import Term
from handprint.origins import corners_of
from handprint.results import Results
from handprint.telling import Teller, variables
from sector_models import Sector

SHOWN = 8  # numbers of a sum that are shown one by one
DRAWN = {"quantiles": "sector", "use_case_quantiles": "use_case"}
OF_TABLE = ("top_down", "ledger")


class CellTeller:
    """
    Builds the tree below one number of a result.

    Parameters
    ----------
    results : Results
        A run.
    models : Mapping of str to Sector
        Its sector models, as they are today.
    """

    def __init__(self, results: Results, models: Mapping[str, Sector]) -> None:
        self.results, self.models = results, models

    def term(self, asked: Asked) -> Term:
        """
        Explain a number.

        Parameters
        ----------
        asked : Asked
            What is asked for.

        Returns
        -------
        Term
            With all that is below it.

        Raises
        ------
        UnknownIndicatorError
            If there is no such number.
        LedgerError
            If its formula does not give the number.
        """
        cell = find_cell(self.results, asked)
        if cell.dataset in DRAWN:
            return self._quantile(cell)
        if cell.variable in variables() and cell.dataset in ("indicators", "ratios"):
            return self._teller(cell).quantity(cell.variable, str(cell.labels["sector"]))
        entry = formulas()[cell.dataset][cell.variable]
        if "as" in entry:
            whose = str(next(v for k, v in cell.labels.items() if k in ("use_case", "sector")))
            return self._teller(cell).quantity(entry["as"], whose)
        refuse_open(self.results, cell.dataset, cell.variable)
        top = self._alone(cell, entry)
        parts = list(self._summands(cell) if cell.summed else self._parts(cell, entry))
        return replace(top, formula=str(entry.get("formula", "")), parts=tuple(parts))

    def _teller(self, cell: Cell) -> Teller:
        return Teller(self.results, self.models, self._year(cell))

    def _year(self, cell: Cell) -> int:
        last = self.results.scenario.end_year
        return int(cell.labels.get("year", cell.labels.get("ratio_year", last)))

    def _alone(self, cell: Cell, entry: Mapping[str, Any]) -> Term:
        """The number without what is below it."""
        origin = {"definition": cell.title}
        if cell.dataset in OF_TABLE:
            origin |= {"status": "derived", "sources": self.results.record.table_source}
        return Term(str(entry["symbol"]), _named(cell), cell.values, cell.unit, origin=origin)

    def _summands(self, cell: Cell) -> Iterator[Term]:
        """What a total is the sum of, the largest first."""
        array = getattr(self.results, cell.dataset)[cell.variable].sel(cell.labels)
        yield from _listed(array, cell.summed, cell)

    def _parts(self, cell: Cell, entry: Mapping[str, Any]) -> Iterator[Term]:
        for name in entry.get("of", ()):
            yield from self._other(cell, name)
        for name in entry.get("inputs", ()):
            tell: Callable[[Results, Mapping[str, Sector], Cell], Iterator[Term]] = INPUTS[name]
            yield from tell(self.results, self.models, cell)

    def _other(self, cell: Cell, name: str) -> Iterator[Term]:
        """Another number of the result at the same labels, or all that are there."""
        dataset, variable = name.split(".")
        if variable not in getattr(self.results, dataset):
            return  # evidence, where the scenario has none
        array = getattr(self.results, dataset)[variable]
        labels = {k: v for k, v in cell.labels.items() if k in array.dims}
        if "year" not in labels and "year" in array.dims:
            labels["year"] = _year_of(self.results, cell)
        chosen = array.sel(labels)
        open_dims = [str(d) for d in chosen.dims if d not in ENDS]
        entry = formulas()[dataset].get(variable, {"symbol": variable})
        unit = str(array.attrs.get("units", "1"))
        found = Cell(dataset, variable, labels, (0.0, 0.0, 0.0), unit, array.attrs["long_name"])
        if not open_dims:
            values = corners_of(chosen)
            yield Term(str(entry["symbol"]), _named(found), values, unit)
        elif len(open_dims) == 1:
            yield from _listed(chosen, open_dims[0], found)

    def _quantile(self, cell: Cell) -> Term:
        """A quantile: which draws it is over, and the central run below it."""
        by = DRAWN[cell.dataset]
        whose = str(cell.labels.get(by, cell.labels.get(f"ratio_{by}")))
        record = self.results.record
        source = {"definition": cell.title}
        draws = tuple(INPUTS["draws"](self.results, self.models, cell))
        formula = f"5, 50 and 95 % quantile over {record.draws} draws ({record.sampling})"
        if cell.variable == "top_down":
            year = self._year(cell)
            same = Asked("reconciled", "top_down", year, whose)
            inside = whose in self.results.reconciled["sector"].values
            parts = (self.term(same),) if inside and year in _years(self.results) else ()
        else:
            parts = (self._teller(cell).quantity(cell.variable, whose),)
        symbol = variables().get(cell.variable, {"symbol": "c"})["symbol"]
        return Term(
            f"q({symbol})", _named(cell), cell.values, cell.unit, formula, source, (*parts, *draws)
        )


def _years(results: Results) -> list[int]:
    return [int(y) for y in results.reconciled["year"].values]


def _year_of(results: Results, cell: Cell) -> int:
    """Year of a number that has none of its own: that of its observation, or the last."""
    if "observation" in cell.labels:
        where = results.reconciled["observation_year"].sel(observation=cell.labels["observation"])
        return int(where)
    return results.scenario.end_year


def _named(cell: Cell) -> str:
    labels = [str(v) for k, v in cell.labels.items() if k not in ("year", "ratio_year")]
    return f"{cell.name} {', '.join(labels)}".strip()


def _listed(array: xr.DataArray, dim: str, cell: Cell) -> Iterator[Term]:
    """Numbers along a dim, the largest first, and what is left as one where they add up."""
    symbol = formulas()[cell.dataset].get(cell.variable, {"symbol": cell.variable})["symbol"]
    units = array.coords.get(cell.unit)
    parts = {str(v): array.sel({dim: v}) for v in array[dim].values}
    terms = [
        Term(str(symbol), name, corners_of(part),
             cell.unit if units is None else str(units.sel({dim: name}).item()))
        for name, part in parts.items()
    ]  # fmt: skip
    if units is not None or len(terms) <= SHOWN + 1:
        yield from terms
        return
    terms.sort(key=lambda t: -abs(t.values[1]))
    yield from terms[:SHOWN]
    left = [t.values for t in terms[SHOWN:]]
    low, central, high = (float(sum(v[i] for v in left)) for i in range(3))
    yield Term(str(symbol), f"{len(left)} more", (low, central, high), cell.unit)
