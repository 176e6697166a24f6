"""A run, by arithmetic on a sector with invented numbers."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sector_models import combine, run, sector_indicators
from sector_models.errors import (
    LabelError,
    NotANumberError,
    ParameterError,
    UnitError,
    UnknownDriverError,
    UnknownSectorError,
    UnknownUseCaseError,
    ValueRangeError,
    YearError,
)

YEARS = [2020, 2025, 2030]


def by_year(values, years=YEARS, **attrs):
    return xr.DataArray(list(values), dims="year", coords={"year": list(years)}, attrs=attrs)


def test_enabling_effect_by_hand(tiny):
    """1000 Mt; mill 0.4 x 0.25; kiln 0.6 x (1 - 0.8 x 0.9) shared by two levers."""
    effects = run(tiny, years=YEARS)
    central = effects["enabled"].sel(year=2030, estimate="central")
    assert central.sel(use_case="sorting").item() == pytest.approx(100)
    kiln = central.where(effects["segment"] == "kiln", drop=True)
    assert kiln.sum().item() == pytest.approx(600 * 0.28)
    logs = np.log([0.8, 0.9])
    np.testing.assert_allclose(kiln, 600 * 0.28 * logs / logs.sum())


def test_half_the_adoption_of_a_lone_lever_is_half_the_effect(tiny):
    effects = run(tiny, years=YEARS)["enabled"].sel(use_case="sorting", estimate="central")
    np.testing.assert_allclose(effects, [0, 50, 100])


def test_shapley_credit(tiny):
    effects = run(tiny, years=[2030], credit="shapley")["enabled"].sel(estimate="central")
    np.testing.assert_allclose(effects.values[:, 0], [600 * 0.19, 600 * 0.09, 100])


def test_rebound_scales_with_the_effect(tiny):
    effects = run(tiny, years=YEARS)
    rate = xr.DataArray([0.0, 0.1, 0.2], dims="estimate")
    np.testing.assert_allclose(effects["rebound"], effects["enabled"] * rate)


def test_footprint_by_hand(tiny):
    """2e8 x 0.01 x 0.5 x 2 t = 2 Mt at full adoption; high: twice the input and intensity."""
    footprint = run(tiny, years=[2025, 2030])["footprint"].sel(use_case="sorting")
    np.testing.assert_allclose(footprint, [[0.5, 1, 4], [1, 2, 8]])


def test_reference_adoption_is_taken_off(tiny):
    effects = run(tiny, {"sorting": 0.8}, years=[2030], reference_adoption={"sorting": 0.3}).sel(
        use_case="sorting", estimate="central"
    )
    assert effects["enabled"].item() == pytest.approx(50)
    assert effects["footprint"].item() == pytest.approx(1)


def test_adoption_below_the_reference_is_credited_with_nothing_and_said(tiny):
    effects = run(
        tiny, {"sorting": 0.2}, YEARS, reference_adoption={"sorting": by_year([0, 0.5, 1])}
    )
    enabled = effects["enabled"].sel(use_case="sorting", estimate="central")
    np.testing.assert_allclose(enabled, [20, 0, 0])
    assert effects.attrs["below_reference"] == "sorting: 2025, 2030"
    assert "below_reference" not in run(tiny, years=YEARS).attrs


@pytest.mark.parametrize(
    "path",
    [
        by_year([0, 0.5, 1]),
        {2020: 0, 2025: 0.5, 2030: 1},
        pd.Series([0, 0.5, 1], index=YEARS),
    ],
)
def test_paths_of_any_kind(tiny, path):
    given = run(tiny, {"sorting": path}, YEARS)
    xr.testing.assert_allclose(given, run(tiny, years=YEARS))


def test_adoption_as_one_array(tiny):
    paths = xr.concat([by_year([0, 0, 0.5]), by_year([0, 0, 1])], "use_case")
    paths = paths.assign_coords(use_case=["heat_recovery", "sorting"])
    adoption = run(tiny, paths, YEARS)["adoption"].sel(year=2030)
    assert adoption.values.tolist() == [1.0, 0.5, 1.0]


def test_adoption_that_differs_by_estimate(tiny):
    path = xr.concat([by_year([0, 0, level]) for level in (0.2, 0.5, 0.8)], "estimate")
    path = path.assign_coords(estimate=["low", "central", "high"])
    effects = run(tiny, {"sorting": path}, YEARS, reference_adoption={"sorting": 0.3})
    last = effects.sel(use_case="sorting", year=2030)
    # 1000 x 0.4 x saving x additional adoption; low stays below the reference
    np.testing.assert_allclose(last["enabled"], [0, 400 * 0.25 * 0.2, 400 * 0.3 * 0.5])
    np.testing.assert_allclose(last["adoption"], [0.2, 0.5, 0.8])
    assert effects["adoption"].dims == ("use_case", "year", "estimate")
    assert effects.attrs["below_reference"] == "sorting: 2020, 2025, 2030"


def test_additional_purchases_by_hand(tiny):
    """2e8 x 0.01 x adoption; high: twice the input."""
    purchases = run(tiny, years=[2025, 2030])["ict_purchases"]
    np.testing.assert_allclose(
        purchases.sel(use_case="sorting"), [[1e6, 1e6, 2e6], [2e6, 2e6, 4e6]]
    )
    assert purchases.attrs["units"] == "10^4 CNY"
    assert purchases.attrs["source"] == "made_up"


def test_drivers(tiny):
    effects = run(
        tiny,
        years=YEARS,
        drivers={
            "reference": by_year([1000, 1100, 1200], units="Mt CO2"),
            "output": by_year([2e8, 3e8, 4e8]),
            "ict_intensity": 3.0,
        },
    ).sel(use_case="sorting", year=2030, estimate="central")
    assert effects["enabled"].item() == pytest.approx(120)
    assert effects["footprint"].item() == pytest.approx(4e8 * 0.01 * 3 / 1e6)
    assert effects["reference"].attrs["source"] == "given by the caller"


def test_ict_purchases_per_use_case(tiny):
    cases = list(tiny.use_cases)
    purchases = xr.DataArray(
        [[1e6, 2e6, 3e6]],
        dims=("year", "use_case"),
        coords={"year": [2030], "use_case": cases},
    )
    effects = run(tiny, years=[2030], drivers={"ict_input": purchases, "ict_intensity": 1.0})
    assert effects["footprint"].dims == ("use_case", "year", "estimate")
    np.testing.assert_allclose(effects["footprint"].sel(estimate="low").values[:, 0], [1, 2, 3])


def test_ict_purchases_of_the_whole_sector_are_counted_once(tiny):
    drivers = {"ict_input": by_year([0, 3e6, 6e6]), "ict_intensity": 1.0}
    footprint = run(tiny, years=YEARS, drivers=drivers)["footprint"].sel(estimate="central")
    np.testing.assert_allclose(footprint.sum("use_case"), [0, 3, 6])


def test_result_is_described(tiny):
    effects = run(tiny, years=YEARS)
    assert effects["enabled"].dims == ("use_case", "year", "estimate")
    assert effects["estimate"].values.tolist() == ["low", "central", "high"]
    for name in ("reference", "enabled", "rebound", "footprint"):
        assert effects[name].attrs["units"] == "Mt CO2"
        assert effects[name].attrs["source"] == "made_up"
        assert effects[name].attrs["long_name"]
    assert effects.attrs["title_zh"] == "小"
    assert set(effects["segment"].values) == {"kiln", "mill"}


def test_indicators_oppose_what_counts_against_each_other(tiny):
    effects = run(tiny, years=[2030])
    found = sector_indicators(effects)
    enabled, own = effects["enabled"].sum("use_case"), effects["footprint"].sum("use_case")
    low, high = {"estimate": "low", "year": 2030}, {"estimate": "high", "year": 2030}
    assert found["NER"].sel(low) == pytest.approx((enabled.sel(low) - own.sel(high)).item())
    assert found["NER_star"].sel(low) == pytest.approx(
        (0.8 * enabled.sel(low) - own.sel(high)).item()
    )
    assert found["NER_star"].sel(high) == pytest.approx((enabled.sel(high) - own.sel(low)).item())
    assert found["VEI_gross"].sel(low) == pytest.approx((enabled.sel(low) / own.sel(high)).item())
    assert found["VEI_share"].sel(low) == pytest.approx(found["NER"].sel(low).item() / 1000)
    assert "corners" in found["NER"].attrs["estimate_rule"]


def test_years_without_footprint_have_no_ratio(tiny):
    found = sector_indicators(run(tiny, years=YEARS))
    assert found["NER"]["year"].values.tolist() == YEARS
    assert found["VEI_net"]["year"].values.tolist() == [2025, 2030]
    assert found["VEI_net"].attrs["undefined"] == "2020"


def test_a_scenario_without_footprint_has_no_ratio_at_all(tiny):
    found = sector_indicators(run(tiny, dict.fromkeys(tiny.use_cases, 0.0), YEARS))
    assert set(found) == {"NER", "NER_star"}
    assert not found["NER"].any()
    assert found["NER_star"].name == "NER_star"


def test_combined_sectors_add_up():
    wholes = ("power", "industry", "transport", "buildings")
    parts = [run(name, years=YEARS) for name in wholes]
    total = combine(parts)
    assert total.sizes["use_case"] == sum(part.sizes["use_case"] for part in parts)
    np.testing.assert_allclose(total["reference"], 10_500)
    net = sum(sector_indicators(part)["NER"] for part in parts)
    np.testing.assert_allclose(sector_indicators(total)["NER"], net)
    assert total["enabled"].attrs["units"] == "Mt CO2"


def test_sectors_that_cannot_be_combined(tiny):
    part = run(tiny, years=YEARS)
    with pytest.raises(LabelError, match="'control' occurs in more than one"):
        combine([part, part])
    with pytest.raises(LabelError, match="differ in their years"):
        combine([part, run("power", years=[2030])])
    with pytest.raises(LabelError, match="at least one sector"):
        combine([])


def test_draws_stay_in_range_and_repeat(tiny):
    effects = run(tiny, years=[2030], draws=200, seed=7)
    assert effects["enabled"].dims == ("use_case", "year", "draw")
    corners = run(tiny, years=[2030])
    for name in ("enabled", "rebound", "footprint"):
        total = effects[name].sum("use_case")
        assert (total >= corners[name].sum("use_case").sel(estimate="low") - 1e-9).all()
        assert (total <= corners[name].sum("use_case").sel(estimate="high") + 1e-9).all()
    xr.testing.assert_identical(effects, run(tiny, years=[2030], draws=200, seed=7))
    other = run(tiny, years=[2030], draws=200, seed=8)
    assert not np.array_equal(effects["enabled"], other["enabled"])


def test_draws_without_a_seed_note_the_one_they_used(tiny):
    effects = run(tiny, years=[2030], draws=5)
    xr.testing.assert_identical(
        effects, run(tiny, years=[2030], draws=5, seed=effects.attrs["seed"])
    )


def test_savings_of_a_sector_are_drawn_together_and_sectors_apart():
    industry = run("industry", years=[2030], draws=500, seed=1)["enabled"][:, 0]
    rank = np.corrcoef(industry)
    assert (rank > 0.99).all()
    power = run("power", years=[2030], draws=500, seed=1)["enabled"][:, 0]
    assert abs(np.corrcoef(industry[0], power[0])[0, 1]) < 0.2


def test_indicators_of_draws_take_each_draw_as_it_is(tiny):
    effects = run(tiny, years=[2030], draws=50, seed=1)
    found = sector_indicators(effects)["NER_star"]
    parts = effects[["enabled", "footprint", "rebound"]].sum("use_case")
    np.testing.assert_allclose(found, parts["enabled"] - parts["footprint"] - parts["rebound"])
    assert "estimate_rule" not in found.attrs


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"sector": "industri"}, UnknownSectorError, "did you mean 'industry'"),
        ({"adoption": {"sortin": 0.5}}, UnknownUseCaseError, "did you mean 'sorting'"),
        ({"adoption": {"sorting": 40}}, ValueRangeError, "for 40 % write 0.4"),
        ({"adoption": {"sorting": by_year([0, 1.2, 0])}}, ValueRangeError, "1.2 at year=2025"),
        ({"adoption": {"sorting": by_year([0, math.nan, 0])}}, NotANumberError, "year=2025"),
        ({"adoption": {"sorting": "much"}}, NotANumberError, "'much' is not a number"),
        ({"adoption": {"sorting": {2020: 0, 2030: 1}}}, YearError, "no value for 2025"),
        (
            {"adoption": {"sorting": by_year([0, 0, 0, 0], [2020, 2025, 2028, 2030])}},
            YearError,
            "2028 not among the years of the run",
        ),
        (
            {"adoption": {"sorting": by_year([0, 0.5, 1], [2020, 2030, 2025])}},
            YearError,
            "years out of order",
        ),
        (
            {"adoption": {"sorting": by_year([0, 0, 0.5, 1], [2020, 2025, 2025, 2030])}},
            YearError,
            "a year is given more than once",
        ),
        ({"adoption": {"sorting": [0, 0.5, 1]}}, YearError, "label the dimension 'year'"),
        ({"adoption": 0.5}, LabelError, "does not say which use case"),
        ({"adoption": by_year([0, 0, 0])}, LabelError, "no labels on 'use_case'"),
        (
            {"adoption": {"sorting": by_year([0, 0, 0]).expand_dims(region=2)}},
            LabelError,
            "no dimension 'region' in this run; allowed: year, estimate",
        ),
        (
            {"adoption": {"sorting": by_year([0, 0, 0]).expand_dims(estimate=["low", "high"])}},
            LabelError,
            "adoption['sorting']: estimate is ['low', 'high'], needed is",
        ),
        (
            {"adoption": {"sorting": by_year([0, 0, 0]).expand_dims(draw=[0, 1])}},
            LabelError,
            "no dimension 'draw' in this run",
        ),
        ({"reference_adoption": {"sorting": -0.1}}, ValueRangeError, "reference_adoption"),
        ({"years": [2030, 2025]}, YearError, "2025 is out of order"),
        ({"years": [2030, 2030]}, YearError, "2030 is given more than once"),
        ({"years": []}, YearError, "at least one year"),
        ({"drivers": {"refrence": 1.0}}, UnknownDriverError, "did you mean 'reference'"),
        ({"drivers": {"reference": -1.0}}, ValueRangeError, "driver reference is negative"),
        ({"drivers": {"reference": {2020: 1.0}}}, YearError, "driver reference: no value for 2025"),
        (
            {"drivers": {"reference": by_year([1, 2, 3], units="kt CO2")}},
            UnitError,
            "driver reference is in 'kt CO2', 'Mt CO2' is needed",
        ),
        (
            {"drivers": {"ict_input": by_year([1, 2, 3], units="1")}},
            UnitError,
            "'10^4 CNY' is needed",
        ),
        (
            {"drivers": {"output": by_year([1, 2, 3]).expand_dims(use_case=["sorting"])}},
            LabelError,
            "no dimension 'use_case' in this run",
        ),
        (
            {"drivers": {"ict_input": by_year([1, 2, 3]).expand_dims(use_case=["sorting"])}},
            LabelError,
            "use_case is ['sorting'], needed is ['control', 'heat_recovery', 'sorting']",
        ),
        (
            {"drivers": {"reference": by_year([1, 2, 3]).expand_dims(estimate=["low"])}},
            LabelError,
            "estimate is ['low']",
        ),
        ({"credit": "equal"}, ParameterError, "no credit rule 'equal'"),
        ({"draws": -1}, ParameterError, "draws: -1"),
        ({"draws": 2.5}, ParameterError, "draws: 2.5"),
        ({"draws": 2, "seed": -1}, ParameterError, "seed: -1"),
    ],
)
def test_bad_input(tiny, arguments, error, words):
    with pytest.raises(error) as caught:
        run(**({"sector": tiny, "years": YEARS} | arguments))
    assert words in str(caught.value)
