"""Scorecards: arithmetic by hand, missing values, wrong values, the lists of the report."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sector_models import scorecard, scorecard_names, scorecard_template
from sector_models.cards import Card, UnknownScorecardError, card, load_cards
from sector_models.errors import SectorFileError
from sector_models.scorecards import MissingIndicatorError, ScorecardError
from sector_models.values import read_values

CENTRE = {
    "zone": "cold",
    "energy": 1000.0,
    "direct_output": 5.5e6,
    "digital_value_added": 888e6,
    "digitalised_value_added": 7.21e9,
    "enabled": 85.0,
    "own_emissions": 10.0,
    "pue": 1.24,
}


def full(name, share=1.0):
    """Every indicator part of the way from worst to best."""
    what = card(name)
    return {k: i.worst + share * (i.best - i.worst) for k, (_, i) in what.indicators.items()}


def test_data_centre_by_hand():
    found = scorecard("data_centre", CENTRE)
    scores = found.indicators["score"].to_dict()
    assert scores == pytest.approx(
        {
            "direct_productivity": 50.0,  # 5,500 of 11,000 CNY/tce
            "digital_productivity": 100.0,
            "digitalised_productivity": 100.0,  # twice the benchmark
            "enabled_over_own": 85.0,
            "pue": 100.0,
        }
    )
    assert found.groups["score"].to_dict() == pytest.approx(
        {"productivity": 250 / 3, "enabling": 85.0, "pue_limit": 100.0}
    )
    assert found.total == pytest.approx((250 / 3 + 85 + 100) / 3)
    assert found.indicators.loc["digitalised_productivity", "beyond"] == "better"
    assert found.indicators.loc["pue", "met"] is True


@pytest.mark.parametrize(
    ("zone", "limit"),
    [("severe_cold", 1.25), ("cold", 1.25), ("hub", 1.25), ("other", 1.3), ("strict_local", 1.15)],
)
def test_the_limit_follows_the_zone_and_is_met_from_below_only(zone, limit):
    at = scorecard("data_centre", CENTRE | {"zone": zone, "pue": limit})
    assert at.indicators.loc["pue", "met"] is False
    assert at.indicators.loc["pue", "best"] == limit
    below = scorecard("data_centre", CENTRE | {"zone": zone, "pue": limit - 0.001})
    assert below.indicators.loc["pue", "met"] is True
    above = scorecard("data_centre", CENTRE | {"zone": zone, "pue": (2.0 + limit) / 2})
    assert above.indicators.loc["pue", "score"] == pytest.approx(50.0)


@pytest.mark.parametrize("name", [n for n in scorecard_names() if n != "data_centre"])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_all_the_way_is_100_and_none_is_0(name, share):
    found = scorecard(name, full(name, share))
    assert found.total == pytest.approx(100 * share, abs=1e-9)
    assert (found.indicators["beyond"] == "").all()
    assert found.indicators["share"].sum() == pytest.approx(1.0)
    assert found.missing == ()


def test_lists_of_the_report():
    """Figs. 9 to 11 of the report of 2023: groups and number of indicators."""
    counts = {
        name: {k: len(g.indicators) for k, g in what.groups.items()}
        for name, what in load_cards().items()
    }
    assert list(counts["ict_product"].values()) == [3, 4, 3, 4]
    assert list(counts["ict_enterprise"].values()) == [5, 5, 3, 2]
    # the last group: the report's scenarios and, as an addition, NER
    assert list(counts["ict_industry"].values()) == [6, 2, 2, 3, 2, 2]
    assert counts["ict_service_enterprise"] == {
        k: n for k, n in counts["ict_enterprise"].items() if k != "manufacturing"
    }


def test_weights_are_equal_and_called_assumptions():
    for what in load_cards().values():
        assert what.weights.status == "assumption"
        weights = [g.weight for g in what.groups.values()]
        weights += [i.weight for _, i in what.indicators.values()]
        assert set(weights) == {1.0}


def test_benchmarks_of_the_statement():
    best = {k: i.best for k, (_, i) in card("data_centre").indicators.items()}
    assert best["direct_productivity"] == 11_000
    assert best["digital_productivity"] == 888_000
    assert best["digitalised_productivity"] == 3_605_000
    assert best["enabled_over_own"] == 10


def test_missing_values_are_an_error_unless_asked_for():
    values = full("ict_enterprise")
    del values["process"], values["product_recycling"]
    with pytest.raises(MissingIndicatorError, match=r"process, product_recycling.*partial"):
        scorecard("ict_enterprise", values)
    found = scorecard("ict_enterprise", values, partial=True)
    assert found.missing == ("process", "product_recycling")
    # The weight goes to the others of the group: a quarter of a quarter each.
    assert found.indicators.loc["green_design", "share"] == pytest.approx(1 / 16)
    assert found.groups["share"].tolist() == [0.25] * 4


def test_a_group_without_values_gives_its_weight_away():
    found = scorecard("ict_product", {"warranty": 1.0, "repairability": 10.0}, partial=True)
    assert found.groups["share"].to_dict() == {"durability": 0.5, "repair": 0.5}
    assert found.total == 50.0


def test_nothing_given_is_an_error_even_in_part():
    with pytest.raises(MissingIndicatorError, match="no value"):
        scorecard("ict_product", {}, partial=True)


def test_a_ratio_without_its_second_half_is_missing():
    values = {k: v for k, v in CENTRE.items() if k != "own_emissions"}
    found = scorecard("data_centre", values, partial=True)
    assert "enabled_over_own" not in found.indicators.index
    assert found.missing == ("own_emissions",)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"pu": 1.2}, "pu: is not asked for; did you mean 'pue'"),
        ({"enabled_over_own": 8.5}, "is formed from enabled and own_emissions"),
        ({"zone": "coldd"}, "did you mean 'cold'"),
        ({"pue": 0.9}, "0.9 is outside 1"),
        ({"pue": "1.2"}, "'1.2' is not a finite number"),
        ({"pue": True}, "True is not a finite number"),
        ({"pue": math.nan}, "nan is not a finite number"),
        ({"energy": -1.0}, "-1 is outside 0"),
        ({"energy": 0.0}, "divides by zero"),
        ({"energy": {"value": 1.0, "units": "MWh"}}, "is in 'MWh', 'tce' is needed"),
        ({"energy": {"amount": 1.0}}, "holds value and units"),
    ],
)
def test_wrong_values_are_refused(changed, text):
    with pytest.raises(ScorecardError, match=text):
        scorecard("data_centre", CENTRE | changed)


def test_percent_is_recognised():
    with pytest.raises(ScorecardError, match=r"for 80 % write 0.8"):
        scorecard("ict_industry", full("ict_industry") | {"site_sharing": 80.0})


def test_all_problems_come_together():
    with pytest.raises(ScorecardError) as error:
        scorecard("data_centre", CENTRE | {"pue": 0.5, "energy": -1.0, "foo": 1})
    assert len(error.value.problems) == 3


def test_an_unknown_scorecard_is_told():
    with pytest.raises(UnknownScorecardError, match="did you mean 'ict_product'"):
        scorecard("ict_produkt", {})


def test_units_may_be_given():
    given = {"value": 1.24, "units": "1"}
    assert scorecard("data_centre", CENTRE | {"pue": given}).total == pytest.approx(
        scorecard("data_centre", CENTRE).total
    )


def test_negative_ner_is_allowed_and_marked():
    found = scorecard("ict_industry", full("ict_industry") | {"ner_over_footprint": -2.0})
    assert found.indicators.loc["ner_over_footprint", ["score", "beyond"]].tolist() == [
        0.0,
        "worse",
    ]


def test_plain_values_for_json():
    plain = json.loads(json.dumps(scorecard("data_centre", CENTRE).to_dict(), allow_nan=False))
    assert plain["total"] == pytest.approx(89.444444)
    assert len(plain["indicators"]) == 5


@given(st.floats(0, 10), st.floats(0, 10))
def test_better_values_never_score_less(one, other):
    low, high = sorted((one, other))
    scores = [scorecard("ict_product", {"robustness": v}, partial=True).total for v in (low, high)]
    assert scores[0] <= scores[1]


@pytest.mark.parametrize("name", scorecard_names())
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_template_asks_for_everything(name, lang, tmp_path):
    text = scorecard_template(name, lang)
    path = tmp_path / "values.toml"
    path.write_text(text, encoding="utf-8")
    assert read_values(path) == {}  # all commented out
    for key in card(name).asked():
        assert f"# {key} =" in text


def test_a_filled_template_scores(tmp_path):
    lines = scorecard_template("ict_service_enterprise").splitlines()
    filled = [
        line[2:].replace(" =  ", " = 0.5 ") if line.startswith("# ") and " =  " in line else line
        for line in lines
    ]
    path = tmp_path / "values.toml"
    path.write_text("\n".join(filled), encoding="utf-8")
    assert scorecard("ict_service_enterprise", read_values(path)).missing == ()


def test_values_from_csv(tmp_path):
    path = tmp_path / "values.csv"
    rows = [f"{k},{v},{'tce' if k == 'energy' else ''}" for k, v in CENTRE.items()]
    path.write_text("\ufeffkey,value,units\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert scorecard("data_centre", read_values(path)).total == pytest.approx(
        scorecard("data_centre", CENTRE).total
    )


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "name,value\npue,1\n", "needed: key, value, units"),
        ("a.csv", "key,value\npue,1\npue,2\n", "occurs twice"),
        ("a.csv", "key,value\npue,\n", "is empty"),
        ("a.csv", "key,value\npue,1,2\n", "number of cells"),
        ("a.toml", "pue = \n", "not TOML"),
    ],
)
def test_damaged_files_are_refused(tmp_path, name, text, problem):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SectorFileError, match=problem):
        read_values(path)


def test_other_bad_files(tmp_path):
    with pytest.raises(SectorFileError, match="cannot be read"):
        read_values(tmp_path / "none.toml")
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SectorFileError, match="UTF-8"):
        read_values(path)


def test_a_card_refuses_what_does_not_fit_together():
    raw = card("data_centre").model_dump()
    raw["choices"] = {}
    del raw["inputs"]["enabled"]
    with pytest.raises(ValueError, match=r"no input 'enabled'.*no choice 'zone'"):
        Card.model_validate(raw)
