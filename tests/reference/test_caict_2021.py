"""Replication of the 2021 white paper against the numbers of METHODS 6.2, as printed there."""

import json

import pytest

from handprint.replicate import FINDING, FINDING_ZH, caict_2021

EMISSIONS = {  # paper 2012, here 2012, paper 2017, here 2017 [Mt CO2]
    "manufacturing": (58.08, 60.95, 81.66, 82.97),
    "services": (27.16, 33.05, 55.95, 55.52),
    "ICT": (85.24, 93.99, 137.61, 138.49),
    "share of nation, %": (1.18, 1.04, 1.48, 1.47),
}
GROWTH = {  # services, transport, construction, industry, electricity [%]
    "paper": (100, 97, 42, 26, 19),
    "t_x": (91, 101, 80, 25, 12),
    "b_x": (100, 109, 88, 30, 17),
    "t": (16, 42, 23, 19, 21),
    "R2_x": (32, 31, -57, 13, 33),
}


@pytest.fixture(scope="module")
def replication():
    return caict_2021()


@pytest.mark.parametrize("part", EMISSIONS)
def test_emissions_to_the_printed_decimals(part, replication):
    row = replication.emissions.loc[part]
    assert tuple(row.index) == ("paper 2012", "here 2012", "paper 2017", "here 2017")
    assert [round(v, 2) for v in row] == list(EMISSIONS[part])


def test_misprint_is_kept_beside_the_sum_of_its_parts(replication):
    assert replication.emissions.loc["ICT as printed", "paper 2012"] == 82.25
    assert replication.emissions.loc["ICT as printed", "paper 2017"] == 137.61
    # +40.6 % and +106.0 % from the parts of 2017 give 58.08 and 27.16, not 82.25 together.
    parts = 81.66 / 1.406 + 55.95 / 2.06
    assert parts == pytest.approx(85.24, abs=0.01)


@pytest.mark.parametrize("reading", GROWTH)
def test_growth_rates_to_the_printed_integers(reading, replication):
    row = replication.growth.loc[reading]
    assert tuple(row.index) == ("services", "transport", "construction", "industry", "electricity")
    assert list(row) == pytest.approx(GROWTH[reading], abs=0.6)


def test_finding_holds_in_the_numbers(replication):
    growth = replication.growth
    gap = (growth.drop("paper") - growth.loc["paper"]).abs()
    assert not (gap <= 9).all(axis="columns").any()
    assert (gap.loc["t_x"].drop("construction") <= 9).all()
    # The paper's +42 % lies below what construction output alone grew by.
    assert (growth.loc[["t_x", "b_x"], "construction"] > 65).all()


def test_construction_grew_by_65_percent():
    """METHODS 6.3: gross output of construction, 100 million yuan."""
    growth = 100 * (228_786 / 138_613 - 1)
    assert growth == pytest.approx(65, abs=0.5)


def test_finding_is_printed_in_both_languages(replication):
    assert (replication.finding, replication.finding_zh) == (FINDING, FINDING_ZH)
    for text, said in (
        (FINDING, ["No reading", "65 %", "+42 %", "not avoided", "85.24"]),
        (FINDING_ZH, ["65%", "+42%", "不是减排量", "8524"]),
    ):
        for part in said:
            assert part in text


def test_plain_data_for_json(replication):
    plain = replication.to_dict()
    back = json.loads(json.dumps(plain, ensure_ascii=False, allow_nan=False))
    assert [r["reading"] for r in back["growth"]] == list(GROWTH)
    assert back["growth"][0]["services"] == 100.0
    (printed,) = [r for r in back["emissions"] if r["Mt CO2"] == "ICT as printed"]
    assert (printed["paper 2012"], printed["here 2012"]) == (82.25, None)
    assert back["finding"] == FINDING
