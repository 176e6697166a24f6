"""Where a number comes from: the tree must give the number."""

import json
import sys

import numpy as np
import pytest

import handprint
from handprint.cli import main
from handprint.errors import LedgerError
from handprint.explain import UnknownIndicatorError, explain, variables


def leaves(term):
    if not term.parts:
        yield term
    for part in term.parts:
        yield from leaves(part)


def terms(term):
    yield term
    for part in term.parts:
        yield from terms(part)


@pytest.mark.parametrize("sector", ["power", "industry", "transport", "buildings", "total"])
@pytest.mark.parametrize("name", ["NER", "NER_star", "enabled", "footprint", "rebound_direct"])
def test_the_number_is_that_of_the_result(name, sector, current):
    found = explain(current, f"{name}_2030", sector).term
    wanted = current.indicators[name].sel(sector=sector, year=2030)
    np.testing.assert_allclose(found.values, wanted, rtol=1e-12)
    assert found.unit == "Mt CO2"


def test_parts_add_up_to_the_whole(current):
    net = explain(current, "NER_2030", "industry").term
    gross, own = net.parts
    assert net.values[1] == pytest.approx(gross.values[1] - own.values[1])
    assert gross.values[1] == pytest.approx(sum(part.values[1] for part in gross.parts))


def test_a_use_case_is_the_product_of_its_inputs(current):
    found = explain(current, "enabled_2030", "power.dispatch").term
    value = {part.symbol: part.values[1] for part in found.parts}
    product = value["E_ref"] * value["w"] * (value["p"] - value["p_ref"]) * value["θ"] * value["q"]
    assert found.values[1] == pytest.approx(product - value["overlap"])


def test_every_input_says_where_it_comes_from(current):
    found = list(leaves(explain(current, "NER_star_2030", "buildings").term))
    inputs = [leaf for leaf in found if leaf.symbol in ("w", "θ", "q", "κ", "i", "l", "r", "α")]
    assert {leaf.symbol for leaf in inputs} == {"w", "θ", "q", "κ", "i", "l", "r", "α"}
    for leaf in inputs:
        assert leaf.origin["status"] in ("published", "derived", "assumption")
        assert leaf.origin["sources"]
        assert leaf.origin["year"]


def test_reference_emissions_show_their_drivers(current):
    found = explain(current, "reference_2030", "transport").term
    value = {part.symbol: part.values[1] for part in found.parts}
    assert found.values[1] == pytest.approx(value["E_own"] * value["activity"] * value["intensity"])


def test_a_sector_of_the_table_is_explained_by_the_model_that_covers_it(current):
    found = explain(current, "NER_2030", "STE")
    assert found.covered == {"industry": 1.0}
    assert found.sector == "industry"
    wanted = current.top_down["emitters"].sel(emitter="STE", year=2030, estimate="central")
    assert sum(found.table.values()) == pytest.approx(float(wanted.sum()))
    assert found.table["industry"] < 0


@pytest.mark.parametrize("name", ["EI", "VEI_gross", "VEI_net", "VEI_share"])
def test_ratios_are_formed_on_what_is_shown(name, current):
    found = explain(current, name, "power").term
    wanted = current.ratios[name].sel(sector="power", year=2030)
    np.testing.assert_allclose(found.values, wanted)
    above, below = (part.values[1] for part in found.parts)
    scale = 1e6 if name == "EI" else 1
    assert found.values[1] == pytest.approx(scale * above / below)


def test_verticals_are_explained_too():
    run = handprint.run("verticals")
    found = explain(run, "NER", "STE")
    assert found.sector == "steel"
    assert any(term.symbol == "a" for term in terms(found.term))
    np.testing.assert_allclose(
        found.term.values, run.indicators["NER"].sel(sector="steel", year=2030)
    )


@pytest.mark.parametrize(
    ("indicator", "sector", "message"),
    [
        ("NERR_2030", "total", "no quantity 'NERR'; did you mean 'NER'"),
        ("NER_2031", "total", "the run goes from 2020 to 2030"),
        ("NER_2030", "STEE", "no sector 'STEE' in the result; did you mean 'STE'"),
        ("VEI_gross_2020", "power", "no footprint"),
        (3, "power", "no quantity"),
    ],
)
def test_what_is_not_there_is_named(indicator, sector, message, current):
    with pytest.raises(UnknownIndicatorError, match=message):
        explain(current, indicator, sector)


def test_a_changed_parameter_is_no_explanation(current, monkeypatch):
    home = sys.modules["handprint.explain"]
    real = home.models_of

    def changed(scenario):
        models = real(scenario)
        power = models["power"]
        case = power.use_cases["dispatch"]
        saving = case.saving.model_copy(update={"value": 0.15})
        cases = {**power.use_cases, "dispatch": case.model_copy(update={"saving": saving})}
        return {**models, "power": power.model_copy(update={"use_cases": cases})}

    monkeypatch.setattr(home, "models_of", changed)
    with pytest.raises(LedgerError, match=r"power\.dispatch.*has changed since the run"):
        home.explain(current, "NER_2030", "power")


def test_formulas_name_known_quantities():
    known = variables()
    for entry in known.values():
        assert set(entry["of"]) <= set(known)
        assert entry["source"]


@pytest.mark.parametrize(("lang", "word"), [("en", "source (assumption)"), ("zh", "来源 (假设)")])
def test_command_line_prints_the_tree(lang, word, capsys):
    with pytest.raises(SystemExit) as end:
        main(["explain", "NER_2030", "--sector", "STE", "--lang", lang])
    assert end.value.code in (0, None)
    shown = capsys.readouterr().out
    assert word in shown
    assert "industry" in shown
    assert "Σ E_ref · w · a" in shown


def test_command_line_prints_json(capsys):
    with pytest.raises(SystemExit):
        main(["explain", "VEI_gross_2030", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["value"]["formula"] == "ENB / F"
