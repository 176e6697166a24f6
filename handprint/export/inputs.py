"""What the lever sheet holds: every number that the indicators of the end year rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import xarray as xr

from handprint.bridge import Bridge, bridge_of
from handprint.export.book import WorkbookError
from handprint.headline import MIRROR
from handprint.overlap import electric_shares
from handprint.overrides import models_of
from handprint.pipeline import economy
from handprint.projection import ESTIMATES, drivers, ict_index
from handprint.response import respending_response
from handprint.results import Results
from handprint.topdown import project
from io_tables import IOTable
from sector_models import Parameter, Sector, UseCase

RUN = "run"  # source key of what was computed in the run itself
BOUNDS = {"saving": (-1.0, 1.0), "rebound": (-1.0, 2.0)}  # others lie in 0..1


class Entry(NamedTuple):
    """Low, central and high of an input with its origin."""

    values: tuple[float, float, float]
    status: str
    source: str
    note: str = ""


class Input(NamedTuple):
    """
    One input, in one or several scenarios.

    ``key`` is unique; ``parameter`` names the text that describes it; ``single`` inputs have
    no range; ``bounds`` is what may be typed in; ``fixed`` ones come from the run and are no
    levers; ``same_as`` is the key of the input whose cells it repeats.
    """

    key: str
    parameter: str
    units: str
    number: str
    by_scenario: Mapping[str, Entry]
    single: bool = False
    bounds: tuple[float, float] | None = None
    fixed: bool = False
    same_as: str = ""


class Section(NamedTuple):
    """Inputs under one heading; ``lever`` is empty for those of a whole sector."""

    sector: str
    lever: str
    title: str
    title_zh: str
    inputs: tuple[Input, ...]


class Case(NamedTuple):
    """One lever with all it takes to compute its effect."""

    label: str
    sector: str
    record: UseCase


class Material(NamedTuple):
    """Everything the sheets are made of."""

    results: tuple[Results, ...]
    chosen: Results
    year: int
    table: IOTable
    models: Mapping[str, Sector]
    sections: tuple[Section, ...]
    cases: tuple[Case, ...]
    power: str  # model that power plants belong to

    def has(self, key: str) -> bool:
        """
        Tell whether some lever or sector has an input of this kind.

        Parameters
        ----------
        key : str
            Last part of the key of the input.

        Returns
        -------
        bool
            Whether one has.
        """
        keys = (given.key for section in self.sections for given in section.inputs)
        return any(given.rsplit(".", 1)[-1] == key for given in keys)


def gather(results: Sequence[Results], table: IOTable | None) -> Material:
    """
    Collect what the workbook shows.

    Parameters
    ----------
    results : sequence of Results
        Runs on one table, with the same years and sectors.
    table : IOTable, optional
        Table of the runs where it is not the one their scenario names.

    Returns
    -------
    Material
        For the sheets.

    Raises
    ------
    WorkbookError
        If the table is not the one of the runs.
    """
    names = [r.scenario.name for r in results]
    chosen = results[names.index("current-policy")] if "current-policy" in names else results[-1]
    scenario = chosen.scenario
    base = economy(scenario, table)
    if base.content_hash != chosen.record.table_hash:
        raise WorkbookError(
            f"the run {scenario.name} rests on another table than {base.name}: give the table of "
            "the run with table=..."
        )
    models = models_of(scenario)
    by_run = {r.scenario.name: models_of(r.scenario) for r in results}
    bridge = bridge_of(models, base)
    cases = tuple(
        Case(f"{name}.{key}", name, case)
        for name, model in models.items()
        for key, case in model.use_cases.items()
    )
    levers = [(case.sector, case.label.partition(".")[2]) for case in cases]
    shares = electric_shares(bridge, base, scenario.satellite, levers)
    electric = dict(zip(levers, shares, strict=True))
    sections = [_shared(results)]
    projected = {r.scenario.name: _projected(r, bridge, base) for r in results}
    for name in models:
        mine = {run: found[name] for run, found in by_run.items()}
        sections.append(_sector(results, name, mine, bridge, projected))
        sections += _levers(results, name, mine, electric)
    return Material(
        tuple(results), chosen, scenario.end_year, base, models, tuple(sections), cases,
        bridge.power_model(),
    )  # fmt: skip


def _shared(results: Sequence[Results]) -> Section:
    """Inputs that all sectors have in common."""
    entries = {}
    for r in results:
        share = r.scenario.respend
        values = (share.low, share.value, share.high)
        entries[r.scenario.name] = Entry(values, share.status, share.source, share.note)
    respend = Input("respend", "wb_respend", "1", "share", entries, bounds=(0.0, 1.0))
    return Section("", "", "All sectors", "所有部门", (respend,))


def _sector(
    results: Sequence[Results],
    name: str,
    models: Mapping[str, Sector],
    bridge: Bridge,
    projected: Mapping[str, IOTable],
) -> Section:
    """Inputs of a whole sector."""
    first, last, output, cost, again = {}, {}, {}, {}, {}
    for r in results:
        scenario, year = r.scenario, r.scenario.end_year
        reference = r.bottom_up["reference"].sel(sector=name)
        before, after = (float(reference.sel(year=y)) for y in (scenario.base_year, year))
        first[scenario.name] = _computed(before, "reference emissions of the table, base year")
        last[scenario.name] = _computed(after, "base year x activity x intensity")
        bought = bridge.ict_buyers_output(name, {year: projected[scenario.name]})
        output[scenario.name] = _computed(
            float(bought.sel(year=year)), "gross output of the sectors that buy the ICT, projected"
        )
        response = respending_response(r.bottom_up, r.top_down).sel(year=year)
        saved = float(response["cost"].sel(sector=name))
        cost[scenario.name] = _computed(
            saved, "cost saved at home per enabling effect after rebound"
        )
        again[scenario.name] = _computed(
            float(response["emissions"]), "emissions of final demand per unit of its cost"
        )
    found = [
        _amount(f"{name}.reference", "reference", "Mt CO2", last),
        _amount(f"{name}.reference_base", "wb_reference_base", "Mt CO2", first),
        *_counted_twice(results, name),
        _amount(f"{name}.output", "wb_output", "10^4 CNY", output),
        _parameter(
            f"{name}.ict_intensity", "rate", {r: m.ict_intensity for r, m in models.items()}, 1e4
        ),
        _parameter(
            f"{name}.ict_life_cycle", "ratio", {r: m.ict_life_cycle for r, m in models.items()}, 1e3
        ),
        *_ict_index(results, name),
        _response(f"{name}.cost_saved", "wb_cost_saved", "10^4 CNY/Mt CO2", cost),
        _response(f"{name}.respending", "wb_respending_rate", "Mt CO2/10^4 CNY", again),
    ]
    model = next(iter(models.values()))
    return Section(name, "", model.title, model.title_zh, tuple(found))


def _ict_index(results: Sequence[Results], name: str) -> Iterator[Input]:
    """Change of the emissions of ICT to the end year, where a scenario states one."""
    if all(r.scenario.ict_intensity is None for r in results):
        return
    entries = {}
    for r in results:
        value = float(ict_index(r.scenario).sel(year=r.scenario.end_year))
        entries[r.scenario.name] = _computed(value, "driver of the scenario; one without it")
    key, text = f"{name}.ict_index", "wb_ict_index"
    yield Input(key, text, "1", "ratio", entries, single=True, bounds=(0.0, 10.0))


def _counted_twice(results: Sequence[Results], name: str) -> Iterator[Input]:
    """Emissions of the electricity bought, which the model of the power sector counts too."""
    if not any(float(abs(r.bottom_up["reference_twice"]).sum()) for r in results):
        return
    entries = {}
    for r in results:
        value = r.bottom_up["reference_twice"].sel(sector=name, year=r.scenario.end_year)
        entries[r.scenario.name] = _computed(float(value), "electricity bought, in the table")
    yield _amount(f"{name}.reference_twice", "wb_reference_twice", "Mt CO2", entries)


def _levers(
    results: Sequence[Results],
    name: str,
    models: Mapping[str, Sector],
    electric: Mapping[tuple[str, str], float],
) -> Iterator[Section]:
    """Inputs of each lever of a sector."""
    owners: dict[str, str] = {}
    for lever, case in next(iter(models.values())).use_cases.items():
        key = f"{name}.{lever}"
        shares = {run: model.share(lever) for run, model in models.items()}
        share = _parameter(f"{key}.share", "share", shares, 1.0)
        owner = owners.setdefault(case.segment, share.key)
        found = [share._replace(same_as="" if owner == share.key else owner)]
        reach = ("addressable",) if case.addressable else ()
        for field in (*reach, "saving", "shrinkage", "rebound", "ict_input"):
            number = "rate" if field == "ict_input" else "share"
            stated = {run: getattr(m.use_cases[lever], field) for run, m in models.items()}
            given = _parameter(f"{key}.{field}", number, stated, 1.0)
            found.append(given._replace(bounds=BOUNDS.get(field, (0.0, 1.0))))
        found += _adoption(results, key, name, case)
        if any(electric.values()):
            entry = _computed(electric[name, lever], "in emissions of its cells of the table")
            every = {r.scenario.name: entry for r in results}
            power = Input(f"{key}.electric", "wb_electric", "1", "share", every, True, fixed=True)
            found.append(power)
        yield Section(name, lever, case.title, case.title_zh, tuple(found))


def _adoption(results: Sequence[Results], key: str, name: str, case: UseCase) -> Iterator[Input]:
    """Reference adoption and adoption of a lever in the end year."""
    before, spread = {}, {}
    for r in results:
        now = r.bottom_up.sel(use_case=key, year=r.scenario.end_year)
        kept = _corners(now["reference_adoption"])
        before[r.scenario.name] = Entry(kept, "derived", RUN, "level of the base year")
        goal = r.scenario.adoption.get(name)
        source = goal.source if goal else ", ".join(case.adoption.source)
        status = goal.status if goal else case.adoption.status
        note = goal.note if goal else "no goal in this scenario: level of the base year"
        spread[r.scenario.name] = Entry(_corners(now["adoption"]), status, source, note)
    for field, entries in (("reference_adoption", before), ("adoption", spread)):
        yield Input(f"{key}.{field}", f"wb_{field}", "1", "share", entries, bounds=(0.0, 1.0))


def _parameter(key: str, number: str, records: Mapping[str, Parameter], high: float) -> Input:
    """Input from a parameter of a sector file, as each scenario takes it."""
    entries = {
        run: Entry(
            (record.low, record.value, record.high),
            record.status,
            ", ".join(record.source),
            record.note or "",
        )
        for run, record in records.items()
    }
    units = next(iter(records.values())).units
    text = f"wb_{key.rsplit('.', 1)[1]}"
    return Input(key, text, units, number, entries, bounds=(0.0, high))


def _amount(key: str, text: str, units: str, entries: Mapping[str, Entry]) -> Input:
    """Input that has no range."""
    number, most = ("money", 1e12) if "CNY" in units else ("amount", 1e6)
    return Input(key, text, units, number, entries, single=True, bounds=(0.0, most))


def _response(key: str, text: str, units: str, entries: Mapping[str, Entry]) -> Input:
    """Response of re-spending in the run: it cannot be set, for the table stands behind it."""
    return Input(key, text, units, "rate", entries, single=True, fixed=True)


def _computed(value: float, note: str) -> Entry:
    return Entry((value, value, value), "derived", RUN, note)


def _corners(array: xr.DataArray) -> tuple[float, float, float]:
    """Low, central and high of what may have no range."""
    if "estimate" not in array.dims:
        return (float(array),) * 3
    low, central, high = (float(array.sel(estimate=e)) for e in ESTIMATES)
    return low, central, high


def _projected(result: Results, bridge: Bridge, base: IOTable) -> IOTable:
    """Table of the end year."""
    year = result.scenario.end_year
    return project(result.scenario, bridge, base, drivers(result.scenario), [year])[year]


def opposite(estimate: str) -> str:
    """
    Name the estimate that counts against this one.

    Parameters
    ----------
    estimate : {"low", "central", "high"}
        An estimate.

    Returns
    -------
    str
        High for low, low for high.

    Examples
    --------
    >>> opposite("low")
    'high'
    """
    return MIRROR[estimate]
