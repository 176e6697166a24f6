"""Annex 2 as one configuration, against exact arithmetic."""

from fractions import Fraction

import pytest

from handprint.annex import annex_2

PRINTED = {
    "industry": ("0.13", "0.22"), "buildings": ("0.23", "0.40"), "transport": ("0.10", "0.33"),
    "any_sector": ("0.10", "0.40"), "economy": ("0.12", "0.22"),
}  # fmt: skip
SHARES = {"industry": "0.36", "buildings": "0.08", "transport": "0.09", "power": "0.47"}


@pytest.fixture(scope="module")
def found():
    return annex_2()


def power(end):
    others = sum(
        Fraction(SHARES[k]) * Fraction(PRINTED[k][end])
        for k in ("industry", "buildings", "transport")
    )
    return (Fraction(PRINTED["economy"][end]) - others) / Fraction(SHARES["power"])


@pytest.mark.parametrize(("end", "name"), [(0, "low"), (1, "high")])
def test_power_is_derived_from_what_is_printed(found, end, name):
    assert found.power.loc[name, "saving"] == pytest.approx(float(power(end)), abs=1e-12)
    assert found.savings.loc["power", name] == pytest.approx(float(power(end)), abs=1e-9)
    assert found.savings.loc["power", "status"] == "derived"


def test_power_is_97_to_168_per_mille(found):
    assert round(found.power.loc["low", "saving"], 3) == 0.097
    assert round(found.power.loc["high", "saving"], 3) == 0.168


@pytest.mark.parametrize("name", PRINTED)
def test_printed_ranges_are_reproduced_in_whole_per_cent(found, name):
    row = found.savings.loc[name]
    for end, key in enumerate(("low", "high")):
        assert row[f"published_{key}"] == float(PRINTED[name][end])
        assert round(100 * row[key]) == round(100 * float(PRINTED[name][end]))
    assert row["agrees"]


def test_shares_add_up(found):
    assert found.savings.loc[list(SHARES), "share"].sum() == pytest.approx(1.0)


def test_power_lies_below_the_printed_range_before_rounding(found):
    assert found.savings.loc["any_sector", "low"] < 0.10
