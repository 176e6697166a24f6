"""The tree below an indicator of a result: formula, parts, parameters, and where they come from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import xarray as xr

from handprint.bridge import OTHER, POWER
from handprint.cell import UnknownIndicatorError
from handprint.errors import LedgerError
from handprint.explanation import Corners, Term
from handprint.gross_to_net import gross_to_net
from handprint.headline import TOTAL
from handprint.origins import corners_of, driver_said, input_term, stated
from handprint.projection import ESTIMATES
from handprint.response import respending_response
from handprint.results import Results
from sector_models import Parameter, Sector

CLOSE = 1e-9
FIELDS = ("saving", "shrinkage", "addressable", "ict_input", "rebound")
SYMBOLS = {"saving": "θ", "shrinkage": "q", "addressable": "a", "ict_input": "κ", "rebound": "r"}


@cache
def variables() -> dict[str, dict[str, Any]]:
    """
    Read how each indicator is computed.

    Returns
    -------
    dict
        Quantity -> symbol, formula, the quantities in it, source of the definition.
    """
    text = (resources.files("handprint") / "data" / "variables.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class Teller:
    """
    Builds the tree below one quantity of one year.

    Parameters
    ----------
    results : Results
        A run.
    models : Mapping of str to Sector
        Its sector models, as they are today.
    year : int
        Year.
    """

    def __init__(self, results: Results, models: Mapping[str, Sector], year: int) -> None:
        self.results, self.models, self.year = results, models, year
        self.cases = results.bottom_up.sel(year=year)
        self.lines = {by: gross_to_net(results, by).sel(year=year) for by in ("sector", "use_case")}
        response = respending_response(results.bottom_up, results.top_down).sel(year=year)
        self.response = response

    def quantity(self, name: str, sector: str, title: str = "") -> Term:
        """
        Explain one quantity of a sector model, of all, or of a use case.

        Parameters
        ----------
        name, sector : str
            Quantity, and whose.
        title : str
            Name that is shown instead of that of the quantity.

        Returns
        -------
        Term
            With all that is below it.
        """
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
        return corners_of(array), str(array.attrs["units"])

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
            yield from self.spending(sector)
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
            yield from self.inputs(name, sector)

    def inputs(self, name: str, case: str) -> Iterator[Term]:
        """
        Name the parameters of one use case, with a proof that they give its value.

        Parameters
        ----------
        name, case : str
            Quantity, and use case.

        Yields
        ------
        Term
            One by one.

        Raises
        ------
        LedgerError
            If the parameters of today do not give the number in the result.
        """
        model, lever = case.split(".", 1) if case.split(".", 1)[0] in self.models else (case, "")
        record = self.models[model]
        use = record.use_cases[lever]
        now = self.cases.sel(use_case=case)
        more = now["adoption"] - now["reference_adoption"]
        adoption = [
            Term(s, n, corners_of(now[n]), "1", origin=self.goal(n, model))
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
            yield input_term("w", f"segment {use.segment}", share, record.sources)
            yield from adoption
            yield from (
                input_term(SYMBOLS[f], f, p, record.sources)
                for f, p in fields.items()
                if f in FIELDS[:3]
            )
            lost = now["alone"] - now["enabled"]
            yield Term("overlap", "overlap", corners_of(lost), "Mt CO2")
        elif name == "rebound_direct":
            self._prove(now["enabled"] * _of_parameter(use.rebound), now["rebound"], case)
            yield Term("ENB", "enabled", corners_of(now["enabled"]), "Mt CO2")
            yield input_term("r", "rebound", use.rebound, record.sources)
        elif name in ("footprint", "ict_purchases"):
            bought = now["ict_purchases"]
            yield Term("X_ICT", "ict_purchases", corners_of(bought), "10^4 CNY")
            yield from adoption
            yield input_term("κ", "ict_input", use.ict_input, record.sources)
            if name == "footprint":
                yield input_term("i", "ict_intensity", record.ict_intensity, record.sources)
                yield input_term("l", "ict_life_cycle", record.ict_life_cycle, record.sources)

    def goal(self, kind: str, model: str) -> dict[str, str]:
        """
        Say where the spread of a model's levers comes from.

        Parameters
        ----------
        kind : {"adoption", "reference_adoption"}
            Which of the two.
        model : str
            Sector model.

        Returns
        -------
        dict of str to str
            Status, year, note, sources.
        """
        scenario = self.results.scenario
        goal = getattr(scenario, kind).get(model)
        if goal is None:
            note = f"no goal in the scenario: level of {scenario.base_year}"
            return {"status": "derived", "note": note}
        return stated(goal, scenario.end_year, scenario.sources)

    def respend(self) -> Term:
        """
        Show the share of the saved cost that is spent again.

        Returns
        -------
        Term
            An input.
        """
        scenario = self.results.scenario
        share = scenario.respend
        origin = stated(share, share.year, scenario.sources)
        return Term("α", "respend", (share.low, share.value, share.high), "1", origin=origin)

    def spending(self, sector: str) -> Iterator[Term]:
        """
        Name what re-spending is computed from.

        Parameters
        ----------
        sector : str
            Sector model, use case or ``total``.

        Yields
        ------
        Term
            One by one.
        """
        yield self.respend()
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
        """Base year and drivers of the reference emissions, with a proof."""
        scenario, drivers = self.results.scenario, self.results.drivers
        name = model if model in self.models else model.split(".", 1)[0]
        base = self.results.bottom_up["reference"].sel(sector=name)
        first = scenario.base_year
        origin = {"status": "derived", "note": self.results.record.table_source}
        bought = _bought(self.results, self.models, name)
        own = float(base.sel(year=first)) - bought
        found = {("activity", name): 1.0, ("intensity", name): 1.0}
        yield Term("E_own", f"own emissions {first}", (own,) * 3, "Mt CO2", origin=origin)
        if bought:
            power = power_group(self.models)
            yield Term("E_bought", f"those of electricity bought {first}", (bought,) * 3, "Mt CO2",
                       origin=origin)  # fmt: skip
            found["intensity", power] = 1.0
        for group, label in found:
            dim = "model" if group == "activity" else "group"
            path = drivers[group].sel({dim: label, "year": self.year})
            found[group, label] = float(path.sel(estimate="central"))
            driver = getattr(scenario, group)[label]
            origin = driver_said(driver, self.year, scenario.sources)
            symbol = "grid" if (group, label) == ("intensity", power_group(self.models)) and (
                label != name
            ) else group  # fmt: skip
            yield Term(symbol, driver.title, corners_of(path), driver.units, origin=origin)
        whole = own * found["intensity", name]
        if bought:
            whole += bought * found["intensity", power_group(self.models)]
        computed = xr.DataArray(whole * found["activity", name])
        self._prove(computed, self.cases["reference"].sel(sector=name), f"{name}.reference")

    def _prove(self, computed: xr.DataArray, stored: xr.DataArray, case: str) -> None:
        """Refuse an explanation that does not give the number."""
        gap = float(abs(computed - stored).max())
        if gap > CLOSE * max(1.0, float(abs(stored).max())):
            raise LedgerError(
                f"{case}, {self.year}: the parameters give {corners_of(computed)}, the result has "
                f"{corners_of(stored)}: the sector file has changed since the run, run it again"
            )


def _bought(results: Results, models: Mapping[str, Sector], name: str) -> float:
    """Emissions of the electricity that a model buys in the base year."""
    twice = results.bottom_up["reference_twice"].sel(sector=name, year=results.scenario.base_year)
    if float(twice) or models[name].scope == "direct":
        return float(twice)
    from handprint.bridge import bridge_of
    from handprint.bridging import purchased_power
    from handprint.pipeline import table_of

    table = table_of(results)  # no model of the power sector: nothing in the result counts it twice
    bought = purchased_power(bridge_of(models, table), table, results.scenario.satellite)
    return float(bought.sel(model=name))


def power_group(models: Mapping[str, Sector]) -> str:
    """
    Name the group of drivers that power plants follow.

    Parameters
    ----------
    models : Mapping of str to Sector
        Sector models of a run.

    Returns
    -------
    str
        The model that covers most of their emissions, or ``other``.
    """
    shares = {
        name: sum(c.share for c in model.covers if POWER in c.emitters)
        for name, model in models.items()
    }
    first = max(shares, key=lambda name: shares[name], default=OTHER)
    return first if shares.get(first, 0.0) >= 0.5 else OTHER


def _of_parameter(parameter: Parameter) -> xr.DataArray:
    values = [parameter.low, parameter.value, parameter.high]
    return xr.DataArray(values, coords={"estimate": list(ESTIMATES)}, dims="estimate")


def _of(about: Mapping[str, Any]) -> dict[str, str]:
    return {"definition": str(about["source"])}
