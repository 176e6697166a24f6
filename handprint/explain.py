"""Where a number of a result comes from: formula, inputs, intermediate values, sources."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import xarray as xr

import sector_models
from handprint.errors import HandprintError, LedgerError, ScenarioError
from handprint.explanation import Corners, Explanation, Term
from handprint.gross_to_net import gross_to_net
from handprint.headline import TOTAL
from handprint.overrides import models_of
from handprint.projection import ESTIMATES
from handprint.response import respending_response
from handprint.results import Results
from handprint.scenario import sources as driver_sources
from io_tables.errors import did_you_mean
from sector_models import Parameter, Sector

_CELL = re.compile(r"([A-Za-z_]+?)(?:_(\d{4}))?")
CLOSE = 1e-9
FIELDS = ("saving", "shrinkage", "addressable", "ict_input", "rebound")
SYMBOLS = {"saving": "θ", "shrinkage": "q", "addressable": "a", "ict_input": "κ", "rebound": "r"}


class UnknownIndicatorError(HandprintError):
    """An indicator, sector or use case is asked for that the result does not have."""


@cache
def variables() -> dict[str, dict[str, Any]]:
    """
    Read how each quantity is computed.

    Returns
    -------
    dict
        Quantity -> symbol, formula, the quantities in it, source of the definition.
    """
    text = (resources.files("handprint") / "data" / "variables.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def explain(results: Results, indicator: str, sector: str = TOTAL) -> Explanation:
    """
    Explain one number of a result down to its inputs and their sources.

    Parameters
    ----------
    results : Results
        A run.
    indicator : str
        Quantity and year, such as ``NER_2030``; the last year if it is left out.
    sector : str
        Sector model, ``total``, a use case such as ``power.dispatch``, or a sector of the
        table such as ``STE``, which is explained by the model that covers it.

    Returns
    -------
    Explanation
        Recomputed from the inputs.

    Raises
    ------
    UnknownIndicatorError
        If the result has no such quantity, year or sector.
    LedgerError
        If the inputs do not give the number in the result, for example because sector files
        have changed since: never a wrong explanation.

    Examples
    --------
    >>> import handprint
    >>> answer = explain(handprint.run("current-policy"), "NER_2030", "industry")
    >>> answer.term.formula, [part.symbol for part in answer.term.parts]
    ('ENB - F', ['ENB', 'F'])
    """
    name, year = _cell(results, indicator)
    models = models_of(results.scenario)
    covered = _covering(models, sector)
    labels = [*results.scenario.sectors, TOTAL, *map(str, results.bottom_up["use_case"].values)]
    if sector not in labels and not covered:
        table = [str(e) for e in results.top_down["emitter"].values]
        raise UnknownIndicatorError(
            f"no sector {sector!r} in the result; {did_you_mean(sector, [*labels, *table])}"
        )
    shown = next(iter(covered)) if sector not in labels else sector
    term = _Teller(results, models, year).quantity(name, shown)
    change: dict[str, float] = {}
    if covered:
        emitters = results.top_down["emitters"].sel(emitter=sector, year=year, estimate="central")
        change = {str(m): float(emitters.sel(sector=m)) for m in emitters["sector"].values}
    return Explanation(results.scenario.name, name, shown, year, term, change, covered)


def _cell(results: Results, indicator: str) -> tuple[str, int]:
    """Quantity and year that a text names."""
    match = _CELL.fullmatch(indicator) if isinstance(indicator, str) else None
    known = list(variables())
    name = match[1] if match else str(indicator)
    if name not in known:
        raise UnknownIndicatorError(f"no quantity {name!r}; {did_you_mean(name, known)}")
    year = int(match[2]) if match and match[2] else results.scenario.end_year
    if year not in results.scenario.years:
        first, last = results.scenario.years[0], results.scenario.years[-1]
        raise UnknownIndicatorError(f"{indicator}: the run goes from {first} to {last}")
    return name, year


def _covering(models: Mapping[str, Sector], emitter: str) -> dict[str, float]:
    """Sector models that a sector of the table belongs to, the largest share first."""
    shares = {
        name: sum(c.share for c in model.covers if emitter in c.emitters)
        for name, model in models.items()
    }
    return dict(sorted(((m, s) for m, s in shares.items() if s), key=lambda item: -item[1]))


class _Teller:
    """Builds the tree below one quantity of one year."""

    def __init__(self, results: Results, models: Mapping[str, Sector], year: int) -> None:
        self.results, self.models, self.year = results, models, year
        self.cases = results.bottom_up.sel(year=year)
        self.lines = {by: gross_to_net(results, by).sel(year=year) for by in ("sector", "use_case")}
        response = respending_response(results.bottom_up, results.top_down).sel(year=year)
        self.response = response

    def quantity(self, name: str, sector: str, title: str = "") -> Term:
        """One quantity of a sector model, of all, or of a use case."""
        about = variables()[name]
        values, unit = self._value(name, sector)
        parts = tuple(self.quantity(part, sector) for part in about["of"])
        if not parts:
            parts = tuple(self._below(name, sector))
        return Term(
            about["symbol"], title or name, values, unit, about["formula"], _of(about), parts
        )

    def _value(self, name: str, sector: str) -> tuple[Corners, str]:
        by = "use_case" if sector in self.cases["use_case"].values else "sector"
        if name in self.lines[by]:
            array = self.lines[by][name].sel({by: sector})
        elif by == "use_case" and name in self.cases:
            array = self.cases[name].sel(use_case=sector)
        elif name in self.results.indicators:
            array = self.results.indicators[name].sel(sector=sector, year=self.year)
        else:
            return self._ratio(name, sector, by)
        return _corners(array), str(array.attrs["units"])

    def _ratio(self, name: str, sector: str, by: str) -> tuple[Corners, str]:
        from handprint.indicator_table import indicator_table

        table = indicator_table(self.results, by, years=[self.year])  # type: ignore[arg-type]
        usual = table["preset"].isin(["", "ict_input", "reference"])
        row = table[(table["name"] == sector) & (table["indicator"] == name) & usual]
        if row.empty:
            raise UnknownIndicatorError(
                f"{name} of {sector} in {self.year} is not defined: there is no footprint to "
                "divide by"
            )
        first = row.iloc[0]
        return (float(first["low"]), float(first["central"]), float(first["high"])), first["unit"]

    def _below(self, name: str, sector: str) -> Iterator[Term]:
        """What a sum is made of: sector models, then use cases, then parameters."""
        if name == "rebound_respending":
            yield from self._spending(sector)
        elif sector == TOTAL:
            for model in self.models:
                values, unit = self._value(name, model)
                yield Term(variables()[name]["symbol"], model, values, unit)
        elif name == "reference":
            yield from self._drivers(sector)
        elif sector in self.models:
            for key in self.models[sector].use_cases:
                yield self.quantity(name, f"{sector}.{key}", f"{sector}.{key}")
        else:
            yield from self._inputs(name, sector)

    def _inputs(self, name: str, case: str) -> Iterator[Term]:
        """Parameters of one use case, with a proof that they give its value."""
        model, lever = case.split(".", 1) if case.split(".", 1)[0] in self.models else (case, "")
        record = self.models[model]
        use = record.use_cases[lever]
        now = self.cases.sel(use_case=case)
        more = now["adoption"] - now["reference_adoption"]
        adoption = [
            Term(s, n, _corners(now[n]), "1", origin=self._goal(n, model))
            for s, n in (("p", "adoption"), ("p_ref", "reference_adoption"))
        ]
        fields = {f: p for f in FIELDS if (p := getattr(use, f)) is not None}
        if name == "enabled":
            reference = self.cases["reference"].sel(sector=model)
            share = record.segment_share(use.segment)
            used = [share, *(p for f, p in fields.items() if f in FIELDS[:3])]
            alone = reference * more.clip(min=0.0)
            for parameter in used:
                alone = alone * _of_parameter(parameter)
            self._prove(alone, now["alone"], case)
            yield Term("E_ref", "reference", (float(reference),) * 3, "Mt CO2")
            yield _input("w", f"segment {use.segment}", share, record)
            yield from adoption
            yield from (
                _input(SYMBOLS[f], f, p, record) for f, p in fields.items() if f in FIELDS[:3]
            )
            lost = now["alone"] - now["enabled"]
            yield Term("overlap", "overlap", _corners(lost), "Mt CO2")
        elif name == "rebound_direct":
            self._prove(now["enabled"] * _of_parameter(use.rebound), now["rebound"], case)
            yield Term("ENB", "enabled", _corners(now["enabled"]), "Mt CO2")
            yield _input("r", "rebound", use.rebound, record)
        elif name in ("footprint", "ict_purchases"):
            bought = now["ict_purchases"]
            yield Term("X_ICT", "ict_purchases", _corners(bought), "10^4 CNY")
            yield from adoption
            yield _input("κ", "ict_input", use.ict_input, record)
            if name == "footprint":
                yield _input("i", "ict_intensity", record.ict_intensity, record)
                yield _input("l", "ict_life_cycle", record.ict_life_cycle, record)

    def _goal(self, kind: str, model: str) -> dict[str, str]:
        """Origin of the spread of a model's levers."""
        goal = getattr(self.results.scenario, kind).get(model)
        if goal is None:
            year = self.results.scenario.base_year
            return {"status": "derived", "note": f"no goal in the scenario: level of {year}"}
        origin = {"status": goal.status, "year": str(self.results.scenario.end_year)}
        return {
            **origin,
            "note": goal.note,
            "sources": _cited((goal.source,), self.results.scenario.sources),
        }

    def _spending(self, sector: str) -> Iterator[Term]:
        share = self.results.scenario.respend
        origin = {"status": share.status, "year": str(share.year), "note": share.note}
        origin["sources"] = _cited((share.source,), self.results.scenario.sources)
        yield Term("α", "respend", (share.low, share.value, share.high), "1", origin=origin)
        rate = float(self.response["emissions"])
        run = {"status": "derived", "note": "counterfactual economy, central run"}
        yield Term("m", "emissions per cost", (rate,) * 3, "Mt CO2/10^4 CNY", origin=run)
        model = sector.split(".", 1)[0]
        if model in self.models:
            cost = float(self.response["cost"].sel(sector=model))
            yield Term("c", "cost saved per effect", (cost,) * 3, "10^4 CNY/Mt CO2", origin=run)
        yield from (
            Term(variables()[n]["symbol"], n, *self._value(n, sector))
            for n in ("enabled", "rebound_direct", "ict_purchases")
        )

    def _drivers(self, model: str) -> Iterator[Term]:
        """Base year and drivers of the reference emissions."""
        name = model if model in self.models else model.split(".", 1)[0]
        base = self.results.bottom_up["reference"].sel(sector=name)
        first = self.results.scenario.base_year
        origin = {"status": "derived", "note": self.results.record.table_source}
        start = float(base.sel(year=first))
        yield Term("E_0", f"emissions {first}", (start,) * 3, "Mt CO2", origin=origin)
        for group, dim in (("activity", "model"), ("intensity", "group")):
            driver = getattr(self.results.scenario, group)[name]
            path = self.results.drivers[group].sel({dim: name, "year": self.year})
            before = max((p for p in driver.points if p.year <= self.year), key=lambda p: p.year)
            after = min((p for p in driver.points if p.year >= self.year), key=lambda p: p.year)
            keys = tuple(dict.fromkeys((before.source, after.source)))
            origin = {
                "status": after.status,
                "year": str(after.year),
                "note": after.note
                if after.year == self.year
                else f"between {before.year} and {after.year}: {after.note}",
                "sources": _cited(keys, self.results.scenario.sources),
            }
            yield Term(group, driver.title, _corners(path), driver.units, origin=origin)

    def _prove(self, computed: xr.DataArray, stored: xr.DataArray, case: str) -> None:
        """Refuse an explanation that does not give the number."""
        gap = float(abs(computed - stored).max())
        if gap > CLOSE * max(1.0, float(abs(stored).max())):
            raise LedgerError(
                f"{case}, {self.year}: the parameters give {_corners(computed)}, the result has "
                f"{_corners(stored)}: the sector file has changed since the run, run it again"
            )


def _corners(array: xr.DataArray) -> Corners:
    if "estimate" not in array.dims:
        return (float(array),) * 3
    low, central, high = (float(array.sel(estimate=e)) for e in ESTIMATES)
    return low, central, high


def _of_parameter(parameter: Parameter) -> xr.DataArray:
    values = [parameter.low, parameter.value, parameter.high]
    return xr.DataArray(values, coords={"estimate": list(ESTIMATES)}, dims="estimate")


def _input(symbol: str, name: str, parameter: Parameter, record: Sector) -> Term:
    origin = {
        "status": parameter.status,
        "year": str(parameter.year),
        "note": parameter.note or "",
        "sources": _cited(parameter.source, record.sources),
    }
    values = (parameter.low, parameter.value, parameter.high)
    return Term(symbol, name, values, parameter.units, origin=origin)


def _cited(keys: tuple[str, ...], own: Mapping[str, sector_models.Source]) -> str:
    """Sources in words: title, publisher, year, place."""
    shipped, found = {**sector_models.sources(), **own}, []
    for key in keys:
        if key in shipped:
            source = shipped[key]
            found.append(f"{source.title} ({source.publisher}, {source.year}; {source.place})")
        elif key in driver_sources():
            entry = driver_sources()[key]
            place = f"; {entry['url']}" if "url" in entry else ""
            found.append(f"{entry['title']} ({entry['publisher']}, {entry['year']}{place})")
        else:
            raise ScenarioError(f"source {key!r} has no entry")
    return " | ".join(found)


def _of(about: Mapping[str, Any]) -> dict[str, str]:
    return {"definition": str(about["source"])}
