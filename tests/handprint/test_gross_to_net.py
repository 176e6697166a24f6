"""The handprint line by line, and its indicators with words beside them."""

import numpy as np
import pytest

import handprint
import sector_models
from handprint.errors import HandprintError, ScenarioError
from handprint.gross_to_net import Attribution, gross_to_net
from handprint.indicator_table import indicator_table, sentences

BY = ("sector", "use_case")


@pytest.fixture(scope="module")
def lines(current):
    return {by: gross_to_net(current, by) for by in BY}


@pytest.mark.parametrize("by", BY)
def test_lines_lead_from_gross_to_net(by, lines):
    """Central: what counts against the effect is not taken from another corner there."""
    here = lines[by].sel(estimate="central")
    gross = here["alone"] - here["overlap_levers"] - here["overlap_grid"]
    np.testing.assert_allclose(gross, here["enabled"], atol=1e-9)
    net = gross - here["footprint"]
    np.testing.assert_allclose(net, here["NER"], atol=1e-9)
    rebound = here["rebound_direct"] + here["rebound_respending"]
    np.testing.assert_allclose(net - rebound, here["NER_star"], atol=1e-9)
    avoided = here["actual_reduction"] + here["lesser_increase"]
    np.testing.assert_allclose(avoided, here["enabled"] - here["rebound_direct"], atol=1e-9)


def test_use_cases_add_up_to_their_sector(lines, current):
    model = lines["use_case"]["model"]
    for name in lines["use_case"].data_vars:
        if name == "NER_of":
            continue
        for sector in current.scenario.sectors:
            mine = lines["use_case"][name].sel(use_case=(model == sector).values).sum("use_case")
            wanted = lines["sector"][name].sel(sector=sector)
            np.testing.assert_allclose(
                mine, wanted, rtol=1e-9, atol=1e-9, err_msg=f"{name} {sector}"
            )


def test_levers_on_one_segment_overlap(current, lines):
    """Alone 10 % and 20 % of a segment; together 28 %: the overlap is 2 %."""
    model = sector_models.load("buildings")
    cases = {
        key: case.model_copy(update={"segment": "heating"}) for key, case in model.use_cases.items()
    }
    share = model.segments["heating"].share.value
    packed = model.model_copy(update={"use_cases": cases})
    found = sector_models.run(
        packed,
        adoption=dict.fromkeys(cases, 1.0),
        years=[2030],
        reference_adoption=dict.fromkeys(cases, 0.0),
    ).sel(estimate="central")
    savings = [case.saving.value for case in cases.values()]
    base = model.emissions.value * share
    assert float(found["alone"].sum()) == pytest.approx(base * sum(savings))
    joint = base * (1 - np.prod([1 - s for s in savings]))
    assert float(found["enabled"].sum()) == pytest.approx(joint)


def test_without_a_rule_nothing_is_claimed(lines):
    found = lines["sector"]
    assert found["party"].values.tolist() == ["unallocated"]
    np.testing.assert_array_equal(found["NER_of"].sel(party="unallocated"), found["NER"])


def test_a_recorded_rule_splits_the_net_effect(current):
    rule = Attribution({"operator": 0.3, "vendor": 0.2}, rule="cost shares")
    found = gross_to_net(current, attribution=rule).sel(
        sector="total", year=2030, estimate="central"
    )
    net = float(found["NER"])
    np.testing.assert_allclose(found["NER_of"], [0.3 * net, 0.2 * net, 0.5 * net])
    assert found.attrs["attribution"] == "cost shares"


@pytest.mark.parametrize(
    ("shares", "rule", "message"),
    [
        ({"operator": 30}, "cost", "share of 'operator' is 30"),
        ({"operator": 0.7, "vendor": 0.5}, "cost", "add up to 1.2"),
        ({"operator": 0.5}, " ", "state the rule"),
    ],
)
def test_claims_of_more_than_the_whole_are_refused(shares, rule, message):
    with pytest.raises(ScenarioError, match=message):
        Attribution(shares, rule)


def test_other_splits_are_refused(current):
    with pytest.raises(ScenarioError, match="'sector' or 'use_case'"):
        gross_to_net(current, "region")


def test_indicators_of_sectors_are_those_of_the_run(current):
    table = indicator_table(current, years=[2025, 2030])
    here = table.set_index(["name", "year", "indicator"]).sort_index()
    for name in (*current.scenario.sectors, "total"):
        for indicator, data in (("NER", current.indicators), ("VEI_gross", current.ratios)):
            row = here.loc[(name, 2030, indicator)]
            wanted = data[indicator].sel(sector=name, year=2030)
            np.testing.assert_allclose(
                [row["low"], row["central"], row["high"]], wanted, rtol=1e-12
            )
            assert row["definition"]
            assert row["definition_zh"]


def test_indicators_of_use_cases_by_hand(current):
    table = indicator_table(current, "use_case").set_index(["name", "indicator"])
    now = current.bottom_up.sel(use_case="power.dispatch", year=2030)
    gross, own = (float(now[k].sel(estimate="central")) for k in ("enabled", "footprint"))
    assert table.loc[("power.dispatch", "NER"), "central"] == pytest.approx(gross - own)
    assert table.loc[("power.dispatch", "VEI_net"), "central"] == pytest.approx(gross / own - 1)
    spent = float(now["ict_purchases"].sel(estimate="central"))
    wanted = (gross - own) * 1e6 / spent
    assert table.loc[("power.dispatch", "EI"), "central"] == pytest.approx(wanted)


def test_intensity_per_traffic_by_hand(current):
    table = indicator_table(current, traffic={2030: 1e9})
    row = table[(table["name"] == "total") & (table["preset"] == "traffic")].iloc[0]
    net = float(current.indicators["NER"].sel(sector="total", year=2030, estimate="central"))
    assert row["central"] == pytest.approx(net)
    assert row["unit"] == "kg CO2/TB"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"years": [2031]}, "the run goes from 2020 to 2030"),
        ({"traffic": {2029: 1e9}}, r"TB above zero is needed for \[2030\]"),
    ],
)
def test_years_and_traffic_are_checked(options, message, current):
    with pytest.raises(ScenarioError, match=message):
        indicator_table(current, **options)


def test_a_sentence_beside_each_number(current):
    english, chinese = sentences(current), sentences(current, "zh")
    assert len(english) == len(chinese) == len(indicator_table(current))
    total = next(
        s for s in english if "548" not in s and "1,005" in s and "net of the footprint" in s
    )
    assert "1,005 Mt CO2" in total
    assert any("净减排1,005 Mt CO2" in s for s in chinese)
    with pytest.raises(HandprintError, match="valid: en, zh"):
        sentences(current, "fr")


def test_a_scenario_without_effect_has_amounts_only(frozen):
    table = indicator_table(frozen)
    assert set(table["indicator"]) == {"NER", "NER_star"}
    assert "no footprint" in table.attrs["undefined"]


def test_public_names():
    assert handprint.gross_to_net is gross_to_net
    assert handprint.indicator_table is indicator_table
