"""NER, EI, VEI and the split of a reduction: worked numbers of METHODS 1 and 3."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sector_models import actual_reduction, ei, joint_saving, ner, vei
from sector_models.errors import (
    ActivityUnitError,
    LabelError,
    NotANumberError,
    UndefinedRatioError,
    UnitError,
    ValueRangeError,
)


def by_year(values, years=(2025, 2030), **attrs):
    return xr.DataArray(list(values), dims="year", coords={"year": list(years)}, attrs=attrs)


@pytest.mark.parametrize(
    ("net", "footprint", "gross", "vei_gross", "vei_net"),
    [(73, 3.8, 76.8, 20.2, 19.2), (50, 2.1, 52.1, 24.8, 23.8)],
)
def test_bitkom_2024_of_methods_3_1(net, footprint, gross, vei_gross, vei_net):
    """Germany 2030, accelerated and current pace: METHODS 3.1 no. 5."""
    assert ner(gross, footprint).item() == pytest.approx(net)
    index = vei(gross, footprint)
    assert index["gross"].item() == pytest.approx(vei_gross, abs=0.05)
    assert index["net"].item() == pytest.approx(vei_net, abs=0.05)


def test_china_mobile_2023_of_methods_3_1():
    """310 Mt and 115 kg/TB imply 2.70e9 TB; 310 over the cap of 56 Mt is 5.5: no. 10."""
    assert ei(310e9, 2.70e9, "TB").item() == pytest.approx(115, abs=0.5)
    assert vei(310, 56)["gross"].item() == pytest.approx(5.5, abs=0.05)


def test_smarter_2030_of_methods_3_1():
    """12.08 Gt over 1.25 Gt is 9.66; 19.0 % of a baseline of 63.45 Gt: no. 2."""
    index = vei(12.08, 1.25, ner=12.08, reference=63.45)
    assert index["gross"].item() == pytest.approx(9.66, abs=0.005)
    assert index["share"].item() == pytest.approx(0.190, abs=0.0005)


def test_telework_of_methods_3_2():
    """271 kg of commuting less 84 kg of rebound are 187 kg a year: METHODS 3.2 no. 1."""
    net = ner(271, 0, rebound=84)
    assert net.item() == 187
    assert net.name == "NER_star"


def test_cloud_backup_of_methods_3_2():
    """300 kg against 20 kg: 280 kg avoided, 93.3 %, factor 15: METHODS 3.2 no. 2."""
    saved = ner(300, 20)
    assert saved.item() == 280
    assert saved.item() / 300 == pytest.approx(0.933, abs=0.0005)
    assert vei(300, 20)["gross"].item() == 15


@pytest.mark.parametrize(
    ("reference", "digital", "actual", "lesser"),
    [(130, 110, 0, 20), (130, 90, 10, 30), (80, 70, 10, 0), (100, 120, 0, -20), (90, 95, 0, -5)],
)
def test_actual_reduction_of_methods_1_3(reference, digital, actual, lesser):
    found = actual_reduction(100, reference, digital)
    assert [part.item() for part in found] == [actual, lesser]


def test_identities_of_methods_1_2():
    enabled, footprint, rebound = 100.0, 8.0, 12.0
    index = vei(enabled, footprint)
    assert index["net"].item() == pytest.approx(index["gross"].item() - 1)
    star = ner(enabled, footprint, rebound)
    after = vei(enabled, footprint, ner=star)["net"]
    assert after.item() == pytest.approx(index["gross"].item() - 1 - rebound / footprint)
    assert "NER*" in after.attrs["definition"]


def test_a_negative_ner_is_a_result():
    assert ner(1, 5).item() == -4


def test_name_and_definition_say_whether_rebound_is_taken_off():
    before, after = ner(10, 1), ner(10, 1, np.float64(2))
    assert (before.name, after.name) == ("NER", "NER_star")
    assert "no rebound" in before.attrs["definition"]
    assert "less the rebound" in after.attrs["definition"]
    for array in (before, after, *vei(10, 1, reference=100).values(), ei(10, 1, "TB")):
        assert array.attrs["definition_zh"]
        assert array.attrs["units"]
        assert array.attrs["long_name"]


def test_a_rebound_of_zero_that_was_quantified_is_ner_star():
    assert ner(by_year([1, 2]), by_year([1, 1]), by_year([0, 0])).name == "NER_star"


@pytest.mark.parametrize("make", [np.array, pd.Series, lambda v: pd.DataFrame([v]), by_year])
def test_all_kinds_of_arrays(make):
    net = ner(make([10.0, 20.0]), make([1.0, 2.0]))
    assert isinstance(net, xr.DataArray)
    assert net.values.ravel().tolist() == [9.0, 18.0]


def test_a_number_meets_an_array():
    assert ner(by_year([10, 20]), 1).values.tolist() == [9, 19]


def test_units_are_taken_over_and_must_agree():
    net = ner(by_year([10, 20], units="Mt CO2", source="x"), 1.0)
    assert net.attrs["units"] == "Mt CO2"
    assert "source" not in net.attrs
    assert ei(net, 5, "EJ").attrs["units"] == "Mt CO2/EJ"
    with pytest.raises(UnitError, match="enabled in 'Mt CO2', footprint in 't CO2'"):
        ner(by_year([1, 2], units="Mt CO2"), by_year([1, 2], units="t CO2"))
    with pytest.raises(UnitError, match="reference in 'kt CO2'"):
        vei(by_year([1, 2], units="Mt CO2"), 1, reference=by_year([1, 2], units="kt CO2"))


def test_a_tiny_footprint_is_flagged():
    index = vei(by_year([10, 20]), by_year([0.05, 1.0]), reference=100)
    assert "1 of 2 cells" in index["gross"].attrs["flag"]
    assert "flag" in index["net"].attrs
    assert "flag" not in index["share"].attrs
    assert "flag" not in vei(10, 1, reference=100)["gross"].attrs


def test_never_a_bare_vei():
    names = {array.name for array in vei(10, 1, reference=100).values()}
    assert names == {"VEI_gross", "VEI_net", "VEI_share"}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ner(math.nan, 1), NotANumberError, "enabled: missing or infinite value"),
        (lambda: ner(1, math.inf), NotANumberError, "footprint"),
        (lambda: ner("10", 1), NotANumberError, "enabled: '10' is not a number"),
        (lambda: ner(None, 1), NotANumberError, "enabled"),
        (lambda: ner(np.ma.array([1.0], mask=[True]), 1), NotANumberError, "enabled"),
        (lambda: ner(by_year([1, math.nan]), 1), NotANumberError, "year=2030"),
        (lambda: ner(1, -1), ValueRangeError, "footprint is negative"),
        (lambda: ner(by_year([1, 2]), by_year([1, 2], (2025, 2031))), LabelError, "2030, 2031"),
        (lambda: ner(by_year([1, 2]), by_year([1, 2], (2030, 2025))), LabelError, "another order"),
        (lambda: ner(by_year([1, 2], (2030, 2030)), 1), LabelError, "2030 more than once"),
        (lambda: ner(by_year([1, 2]), np.array([1, 2])), LabelError, "footprint has no labels"),
        (lambda: ner(np.ones(2), np.ones(3)), LabelError, "sizes differ"),
        (
            lambda: ner(by_year([1, 2]), xr.DataArray([1.0, 2.0], dims="year")),
            LabelError,
            "footprint has no labels on 'year'",
        ),
        (lambda: ei(1, 1, ""), ActivityUnitError, "needs the unit"),
        (lambda: ei(1, 1, "  "), ActivityUnitError, "needs the unit"),
        (lambda: ei(1, 1, None), ActivityUnitError, "needs the unit"),
        (lambda: ei(1, by_year([1, 2], units="GB"), "TB"), ActivityUnitError, "'GB'"),
        (lambda: ei(1, 0, "TB"), ValueRangeError, "activity must be above zero"),
        (lambda: ei(1, by_year([1, -2]), "TB"), ValueRangeError, "year=2030"),
        (lambda: vei(1, 0), UndefinedRatioError, "footprint is zero"),
        (lambda: vei(1, by_year([1, 0])), UndefinedRatioError, "year=2030"),
        (lambda: vei(1, 1, reference=0), UndefinedRatioError, "reference is zero"),
        (lambda: vei(1, -1), ValueRangeError, "footprint is negative"),
        (lambda: actual_reduction(1, math.nan, 1), NotANumberError, "reference"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_a_tuple_is_a_list_of_numbers():
    assert joint_saving(1000, (0.2, 0.1, 0.15)) == pytest.approx(388.0)


def test_an_unnamed_index_does_not_make_an_outer_product():
    named = xr.DataArray([0.1, 0.2], dims="sector", coords={"sector": ["a", "b"]})
    with pytest.raises(LabelError, match="rename_axis"):
        ner(pd.Series([1.0, 2.0], index=["a", "b"]), named)
