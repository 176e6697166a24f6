"""Every number of a result can be explained, and no formula is shown that does not give it."""

import dataclasses
import json

import numpy as np
import pytest

import handprint
from handprint.cell import ENDS, UnknownIndicatorError, formulas
from handprint.cell_identities import IDENTITIES
from handprint.cli import main
from handprint.errors import LedgerError
from handprint.explain import explain, variables
from handprint.results import DATASETS, Results


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """A run with an observation, structure and coefficients, written and read again."""
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "seen.toml").write_text(
        """
base = "digital-structure"
name = "seen"
[observations.model]
title = "a model"
title_zh = "模型"
year = 2030
value = 1100
low = 900
high = 1300
units = "Mt CO2"
status = "assumption"
source = "assumption"
""",
        encoding="utf-8",
    )
    run = handprint.run(folder / "seen.toml", draws=60, seed=1)
    run.save(folder / "run")
    return Results.read(folder / "run")


def cells(results):
    """First and last label of every dim of every number."""
    for dataset in DATASETS:
        for name, array in getattr(results, dataset).data_vars.items():
            if array.dtype.kind == "U":
                continue
            dims = [d for d in array.dims if d not in ENDS]
            for place in (0, -1):
                yield dataset, name, array, {d: array[d].values[place] for d in dims}


def terms(term):
    yield term
    for part in term.parts:
        yield from terms(part)


def of_the_result(array, labels):
    values = array.sel(labels)
    if "quantile" in values.dims:
        values = values.sel(quantile=[0.05, 0.5, 0.95])
    return values.values.astype(float)


@pytest.mark.parametrize("which", ["drawn", "verticals", "evidence"])
def test_every_number_is_explained(which, request):
    run = handprint.run("verticals") if which == "verticals" else request.getfixturevalue(which)
    count = 0
    for dataset, name, array, labels in cells(run):
        found = explain(run, f"{dataset}.{name}", at={d: str(v) for d, v in labels.items()})
        np.testing.assert_allclose(found.term.values, of_the_result(array, labels), rtol=1e-12)
        assert found.term.formula or found.term.parts, (dataset, name)
        assert found.term.unit, (dataset, name)
        count += 1
    assert count > 120


def test_every_input_has_a_status_and_a_source(evidence):
    for name in ("top_down.enabled", "reconciled.element_test", "bottom_up.adoption"):
        sector = "power.dispatch" if name.startswith("bottom_up") else "power"
        inputs = [t for t in terms(explain(evidence, name, sector).term) if "status" in t.origin]
        assert inputs
        for term in inputs:
            assert term.origin["status"] in ("published", "derived", "assumption")
            assert term.origin["sources"] or term.origin["note"]


def test_each_formula_is_of_numbers_that_exist(drawn, evidence):
    known = {
        f"{d}.{v}" for run in (drawn, evidence) for d in DATASETS for v in getattr(run, d).data_vars
    }
    mentioned = {
        name
        for entries in formulas().values()
        for e in entries.values()
        for name in e.get("of", ())
    }
    assert mentioned <= known
    assert set(IDENTITIES) <= known
    stated = {f"{d}.{v}" for d, entries in formulas().items() for v in entries}
    assert stated - known == {"bottom_up.footprint_embodied"}  # only where all sectors have it


@pytest.mark.parametrize("place", sorted(IDENTITIES))
def test_a_number_that_its_formula_does_not_give_is_refused(place, evidence):
    dataset, name = place.split(".")
    data = getattr(evidence, dataset).copy(deep=True)
    array = data[name]
    data[name] = ~array if array.dtype == bool else array + 1.0
    changed = dataclasses.replace(evidence, **{dataset: data})
    labels = {d: str(array[d].values[-1]) for d in array.dims if d not in ENDS}
    with pytest.raises(LedgerError, match=rf"{name}.*changed since the run"):
        explain(changed, place, at=labels)


def test_a_changed_goal_is_no_explanation(current):
    bottom = current.bottom_up.copy(deep=True)
    bottom["adoption"] = bottom["adoption"] * 1.01
    changed = dataclasses.replace(current, bottom_up=bottom)
    with pytest.raises(LedgerError, match="the goal gives"):
        explain(changed, "adoption_2030", "power.dispatch")


def test_a_changed_account_is_no_explanation(current):
    ict = current.ict.copy(deep=True)
    ict["electricity"] = ict["electricity"] * 1.01
    changed = dataclasses.replace(current, ict=ict)
    with pytest.raises(LedgerError, match="the account gives"):
        explain(changed, "ict.electricity_2030", "phones")


def test_reference_of_sectors_that_buy_electricity():
    run = handprint.run("verticals")
    for sector in run.scenario.sectors:
        term = explain(run, "reference_2027", sector).term
        value = {part.symbol: part.values[1] for part in term.parts}
        bought = value.get("E_bought", 0.0) * value.get("grid", 0.0)
        total = (value["E_own"] * value["intensity"] + bought) * value["activity"]
        assert total == pytest.approx(term.values[1], rel=1e-12)


def test_a_reference_that_the_drivers_do_not_give_is_refused(current):
    bottom = current.bottom_up.copy(deep=True)
    bottom["reference"] = bottom["reference"] * np.linspace(1.0, 1.1, bottom.sizes["year"])
    with pytest.raises(LedgerError, match=r"power\.reference"):
        explain(dataclasses.replace(current, bottom_up=bottom), "reference_2030", "power")


def test_a_sector_of_the_table_among_emitters(current):
    found = explain(current, "top_down.emitters_2030", "STE")
    wanted = current.top_down["emitters"].sel(emitter="STE", year=2030).sum("sector")
    np.testing.assert_allclose(found.term.values, wanted)
    assert [part.name for part in found.term.parts] == list(current.scenario.sectors)
    one = explain(current, "emitters_2030", at={"emitter": "STE", "sector": "industry"}).term
    assert any(part.symbol == "α" for part in one.parts)


def test_many_summands_are_cut_and_add_up(current):
    found = explain(current, "top_down.emitters_2030", "industry").term
    assert found.parts[-1].name == "16 more"
    assert sum(part.values[1] for part in found.parts) == pytest.approx(found.values[1])


def test_an_indicator_with_its_dataset_is_the_same(current):
    plain, full = (explain(current, n, "power").term for n in ("NER", "indicators.NER_2030"))
    assert plain == full


@pytest.mark.parametrize(
    ("indicator", "options", "message"),
    [
        ("top_down.emiters_2030", {}, "did you mean 'top_down.emitters'"),
        ("top_down.emitters_2030", {}, "by emitter: name one with --sector or --at emitter=LABEL"),
        (
            "top_down.emitters",
            {"sector": "STEE"},
            "no sector or emitter 'STEE'; did you mean 'STE'",
        ),
        ("top_down.upstream", {"at": {"emitter": "STE"}}, "has no dim 'emitter': it is by sector"),
        ("top_down.upstream", {"at": {"sector": "powr"}}, "no sector 'powr'; did you mean 'power'"),
        ("top_down.upstream_2031", {}, "has 2020 to 2030, not 2031"),
        ("reconciled.chi2_2020", {}, "has 2021 to 2030, not 2020"),
        ("enabled", {"at": {"sector": "power"}}, "several datasets: name one of bottom_up.enabled"),
        ("drivers.demand_origin", {"sector": "exports"}, "a word beside drivers.demand"),
        ("rebound_rate_2030", {"sector": "power.dispatch"}, "same in all years"),
        ("top_down.upstream_20 30", {}, "no quantity"),
    ],
)
def test_what_is_not_there_is_named(indicator, options, message, current):
    with pytest.raises(UnknownIndicatorError, match=message):
        explain(current, indicator, **options)


def test_command_line(capsys):
    with pytest.raises(SystemExit) as end:
        main(
            ["explain", "top_down.emitters_2030", "--at", "emitter=STE", "--at", "sector=industry"]
        )
    assert end.value.code in (0, None)
    shown = capsys.readouterr().out
    assert "top_down.emitters" in shown
    assert "table" in shown or "National Bureau" in shown
    with pytest.raises(SystemExit):
        main(["explain", "reconciled.chi2", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["value"]["parts"][0]["symbol"] == "d/σ"
    with pytest.raises(SystemExit) as end:
        main(["explain", "reconciled.chi2", "--at", "2030"])
    assert end.value.code == 2


def test_symbols_of_quantiles(drawn):
    found = explain(drawn, "quantiles.NER_star_2030", "power").term
    assert found.symbol == "q(NER*)"
    assert found.parts[0].formula == variables()["NER_star"]["formula"]
    assert {"n", "ε"} <= {part.symbol for part in found.parts}
