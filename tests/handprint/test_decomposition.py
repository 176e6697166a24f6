"""Structural decomposition: closes, splits as the algebra says, and refuses unlike tables."""

import numpy as np
import pytest

import io_tables
from handprint.decomposition import sda
from handprint.errors import (
    DecompositionError,
    LabelMismatchError,
    OptionError,
    ScopeError,
    UnitMismatchError,
    UnknownSectorError,
)

YEARS = (2012, 2017, 2018, 2020)
ICT = ["ICM", "ICS"]
CHINA = {year: io_tables.load(f"china-{year}-cn24") for year in YEARS}
METHODS = ("polar", "shapley")


def small(scale=1.0, *, e=(10.0, 5.0), y=((50.0,), (60.0,)), z=((10, 20), (5, 15)), **options):
    given = {"units": "USD", "scope": "direct", "sectors": ["a", "b"]} | options
    return io_tables.from_arrays(
        scale * np.array(z, float), scale * np.array(y, float),
        satellites={"CO2": (np.array(e), options.pop("mass", "Mt"))},
        price_basis="current", source="test", **given,
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("split", [None, ICT])
@pytest.mark.parametrize(("first", "last"), [(2012, 2017), (2017, 2018), (2018, 2020)])
def test_parts_add_up_on_the_tables_of_china(first, last, split, method):
    before, after = CHINA[first], CHINA[last]
    result = sda(before, after, split=split, method=method)
    change = after.satellites["CO2"].values - before.satellites["CO2"].values
    gap = np.abs(result["effect"].sum("factor").values - change).max()
    assert gap < 1e-9 * after.satellites["CO2"].values.sum()
    np.testing.assert_allclose(result["total_effect"], result["effect"].sum("emitter"))
    ratios = sda(before, after, split=split, method=method, form="multiplicative")
    assert np.prod(ratios["ratio"]) == pytest.approx(ratios["total_ratio"].item(), rel=1e-9)
    np.testing.assert_allclose(np.log(ratios["ratio"]), ratios["log_effect"].sum("emitter"))
    homes = [t.households["CO2"].item() for t in (before, after)]
    np.testing.assert_array_equal(result["households"], homes)


@pytest.mark.parametrize("method", METHODS)
def test_splitting_technology_splits_its_part(method):
    whole = sda(CHINA[2012], CHINA[2017], method=method)["total_effect"]
    parts = sda(CHINA[2012], CHINA[2017], split=ICT, method=method)["total_effect"]
    technology = parts.values[1:3].sum()
    tolerance = 1e-12 if method == "polar" else 5e-3
    assert technology == pytest.approx(whole.sel(factor="technology").item(), rel=tolerance)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("form", ["additive", "multiplicative"])
def test_exchanging_the_tables_turns_every_sign(method, form):
    name = "effect" if form == "additive" else "log_effect"
    there = sda(CHINA[2012], CHINA[2017], split=ICT, method=method, form=form)[name]
    back = sda(CHINA[2017], CHINA[2012], split=ICT, method=method, form=form)[name]
    np.testing.assert_allclose(there, -back, atol=1e-9 * np.abs(there).max())


def test_one_factor_changes_alone():
    """Twice the demand in the same mix; half the intensity: only that factor moves."""
    base = small()
    grown = sda(base, small(2.0, e=(20.0, 10.0)))["total_effect"]
    np.testing.assert_allclose(grown, [0, 0, 15, 0, 0], atol=1e-12)
    cleaner = sda(base, small(e=(5.0, 2.5)))["total_effect"]
    np.testing.assert_allclose(cleaner, [-7.5, 0, 0, 0, 0], atol=1e-12)


def test_two_factors_share_the_joint_part_by_hand():
    """E = s Y: 2 x 10 = 20 becomes 1 x 30 = 30: -1 x 20 for s, +2/2 x 3/2 x 20 for Y."""
    made = [
        io_tables.from_arrays(
            [[0.0]], [y], sectors=["a"], satellites={"CO2": ([e], "Mt")}, units="USD",
            price_basis="current", source="test", scope="direct",
        )
        for y, e in ((10.0, 20.0), (30.0, 30.0))
    ]  # fmt: skip
    for method in METHODS:
        effect = sda(*made, method=method)["total_effect"]
        assert effect.sel(factor="intensity").item() == pytest.approx(-20)
        assert effect.sel(factor="demand level").item() == pytest.approx(30)
        ratio = sda(*made, method=method, form="multiplicative")["ratio"]
        assert ratio.sel(factor="intensity").item() == pytest.approx(0.5)
        assert ratio.sel(factor="demand level").item() == pytest.approx(3)


def test_two_factors_mean_the_same_in_both_methods():
    before, after = small(), small(3.0, e=(12.0, 9.0))
    np.testing.assert_allclose(
        sda(before, after)["effect"], sda(before, after, method="shapley")["effect"], atol=1e-12
    )


def test_deflators_undo_a_change_of_prices():
    """The same economy at other prices: nothing changes once deflated."""
    prices = np.array([1.5, 0.8])
    z, y, e = np.array([[10, 20], [5, 15.0]]), np.array([[50], [60.0]]), (10.0, 5.0)
    dear = small(e=e, z=z * prices[:, None], y=y * prices[:, None])
    still = sda(small(e=e), dear, deflators=prices)
    np.testing.assert_allclose(still["effect"], 0, atol=1e-12)
    assert still.attrs["price_basis"].startswith("constant prices")
    moved = sda(small(e=e), dear)
    assert np.abs(moved["effect"]).max() > 0.1
    assert moved.attrs["price_basis"].startswith("current prices")


def test_one_deflator_moves_only_intensity_and_level():
    real = sda(CHINA[2012], CHINA[2017], split=ICT, form="multiplicative", deflators=1.1)["ratio"]
    nominal = sda(CHINA[2012], CHINA[2017], split=ICT, form="multiplicative")["ratio"]
    moved = (real / nominal).to_series()
    assert moved["demand level"] == pytest.approx(1 / 1.1, rel=1e-3)
    assert moved["intensity"] == pytest.approx(1.1, rel=1e-3)
    np.testing.assert_allclose(moved.drop(["demand level", "intensity"]), 1, rtol=1e-3)


def test_a_category_that_appears_is_size_not_mix():
    """Exports begin: how large they are is new, what they consist of has no other year."""
    before = small(y=[[50.0], [60.0]], categories=["households"])
    after = small(y=[[50.0, 5], [60.0, 20]], categories=["households", "exports"])
    effect = sda(before, after)["total_effect"]
    assert effect.sel(factor="sector mix").item() == pytest.approx(0, abs=1e-12)
    assert abs(effect.sel(factor="category mix").item()) > 0.01
    assert effect.sum().item() == pytest.approx(0, abs=1e-12)  # emissions stay 15


def test_emissions_without_output_are_shown_apart():
    z, y = np.array([[0, 0], [0, 10.0]]), np.array([[0], [40.0]])
    result = sda(small(z=z, y=y, e=(3.0, 6.0)), small(z=z, y=y, e=(4.0, 8.0)))
    np.testing.assert_allclose(result["not_allocated"], [[3, 0], [4, 0]])
    assert result["total_effect"].sel(factor="intensity").item() == pytest.approx(2)


def test_results_say_that_they_are_no_causes():
    result = sda(CHINA[2012], CHINA[2017])
    assert "not causation" in result.attrs["note"]
    assert "非因果" in result.attrs["note_zh"]
    for variable in result.data_vars.values():
        assert variable.attrs["units"] in ("Mt", "1")
        assert variable.attrs["long_name_zh"]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"sectors": ["b", "a"]}, LabelMismatchError, "another order"),
        ({"sectors": ["a", "c"]}, LabelMismatchError, "unknown 'c'"),
        ({"units": "EUR"}, UnitMismatchError, "EUR"),
        ({"scope": None}, ScopeError, "None"),
        ({"households": {"CO2": (1.0, "Mt")}}, DecompositionError, "absent is not zero"),
        ({"y": [[-10.0], [-10.0]], "z": [[30, 20], [25, 15]]}, DecompositionError, "sums to -20"),
    ],
)
def test_unlike_tables_are_refused(change, error, words):
    with pytest.raises(error, match=words):
        sda(small(), small(**change))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"method": "polr"}, OptionError, "did you mean 'polar'"),
        ({"form": "ratio"}, OptionError, "form 'ratio'"),
        ({"deflators": [1.0, 0.0]}, OptionError, "'b' is 0"),
        ({"split": ["software"]}, UnknownSectorError, "split"),
    ],
)
def test_bad_options_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        sda(small(), small(2.0), **options)


def test_ratios_need_emissions():
    with pytest.raises(DecompositionError, match="additive"):
        sda(small(e=(0.0, 0.0)), small(), form="multiplicative")
