"""Targets of the action plan: figures, paths by hand, what cannot be told, errors."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sector_models import ict_footprint, load_targets, target_paths, track_targets
from sector_models.errors import (
    LabelError,
    NotANumberError,
    ParameterError,
    SectorFileError,
    UnitError,
    ValueRangeError,
    YearError,
)
from sector_models.targets import STATUSES, targets_template
from sector_models.values import read_paths


def statuses(name, path):
    found = track_targets({name: path})
    rows = found[found["target"] == name]
    return dict(zip(rows["year"], rows["status"], strict=True))


def reasons(name, path):
    found = track_targets({name: path})
    return found.loc[found["target"] == name, "reason"].tolist()


@pytest.mark.parametrize(
    ("name", "limit", "bound", "relative"),
    [
        ("energy_per_traffic", -0.20, "at_most", True),
        ("energy_per_business", -0.15, "at_most", True),
        ("pue_new_large", 1.3, "below", False),
        ("pue_core_rooms", 1.5, "below", False),
        ("efficiency_5g", 0.20, "at_least", True),
        ("site_sharing", 0.80, "at_least", False),
        ("scenarios", 30, "at_least", False),
    ],
)
def test_figures_of_the_plan(name, limit, bound, relative):
    target = load_targets()[name]
    assert (target.limit.value, target.bound, target.relative) == (limit, bound, relative)
    assert target.limit.year == 2025
    assert target.limit.status == "published"
    assert "action_plan" in target.limit.source


def test_a_relative_target_by_hand():
    """From 10 in 2020 to 8 in 2025: the straight way passes 8.8 in 2023."""
    path = {2020: 10.0, 2021: 9.7, 2023: 8.8, 2024: 8.0, 2025: 8.01, 2026: 7.9}
    expected = ["on_track", "behind", "on_track", "met", "missed", "met"]
    assert list(statuses("energy_per_traffic", path).values()) == expected
    rows = track_targets({"energy_per_traffic": path}).set_index("year")
    rows = rows[rows["target"] == "energy_per_traffic"]
    assert rows["level"].tolist() == [8.0] * 6
    assert rows.loc[2023, "line"] == pytest.approx(8.8)
    assert rows.loc[2026, "line"] is None


def test_at_the_level_itself():
    """Below means below; at most and at least include the level."""
    assert statuses("pue_new_large", {2025: 1.3}) == {2025: "missed"}
    assert statuses("pue_new_large", {2025: 1.2999}) == {2025: "met"}
    assert statuses("site_sharing", {2025: 0.8}) == {2025: "met"}
    assert statuses("energy_per_business", {2020: 10.0, 2025: 8.5}) == {
        2020: "on_track",
        2025: "met",
    }


def test_efficiency_rises():
    path = {2020: 1.0, 2022: 1.08, 2023: 1.1, 2025: 1.2}
    assert list(statuses("efficiency_5g", path).values()) == [
        "on_track",
        "on_track",
        "behind",
        "met",
    ]


def test_what_cannot_be_told():
    assert reasons("energy_per_traffic", {2023: 8.0, 2025: 7.0}) == ["no_base", "no_base"]
    assert reasons("pue_new_large", {2023: 1.4}) == ["no_base"]
    assert reasons("pue_new_large", {2023: 1.2}) == [""]  # the level needs no base
    assert reasons("scenarios", {2021: 3.0, 2022: 5.0}) == ["before_base", ""]
    found = track_targets({})
    assert set(found["status"]) == {"cannot_be_told"}
    assert set(found["reason"]) == {"no_value", "words"}
    assert (found["year"] >= 2025).all()
    aims = found[found["reason"] == "words"]
    assert aims["year"].tolist() == [2030] * 3


def test_estimates_on_both_sides_cannot_be_told():
    path = xr.DataArray(
        [[1.28, 1.29, 1.31], [1.2, 1.22, 1.25]],
        dims=("year", "estimate"),
        coords={"year": [2025, 2026], "estimate": ["low", "central", "high"]},
    )
    assert statuses("pue_new_large", path) == {2025: "cannot_be_told", 2026: "met"}
    assert reasons("pue_new_large", path) == ["range", ""]


def test_draws_agree_from_95_percent():
    values = np.full((1, 100), 1.2)
    values[0, :5] = 1.4
    path = xr.DataArray(values, dims=("year", "draw"), coords={"year": [2025]})
    assert statuses("pue_new_large", path) == {2025: "met"}
    path[0, :6] = 1.4
    assert statuses("pue_new_large", path) == {2025: "cannot_be_told"}


def test_every_status_is_known():
    found = track_targets({"energy_per_traffic": {2020: 1.0, 2021: 1.0, 2024: 0.7, 2025: 0.9}})
    assert set(found["status"]) <= set(STATUSES)
    assert not found["status"].isna().any()


@pytest.mark.parametrize(
    ("paths", "error", "text"),
    [
        ({"energy_per_trafic": {2025: 1.0}}, ParameterError, "did you mean 'energy_per_traffic'"),
        ({"site_sharing": {2025: -0.1}}, ValueRangeError, "negative"),
        ({"site_sharing": {2025: float("nan")}}, NotANumberError, "2025"),
        ({"site_sharing": {2025: "high"}}, NotANumberError, "high"),
        ({"site_sharing": {}}, YearError, "at least one"),
        ({"site_sharing": {2025: 0.5, 2024: 0.4}}, YearError, "out of order"),
        ({"site_sharing": xr.DataArray([0.5], dims="x")}, LabelError, "by year"),
        (
            {"site_sharing": xr.DataArray([50.0], {"year": [2025]}, attrs={"units": "%"})},
            UnitError,
            "'%'",
        ),
    ],
)
def test_wrong_paths_are_refused(paths, error, text):
    with pytest.raises(error, match=text):
        track_targets(paths)


@pytest.fixture(scope="module")
def account():
    return ict_footprint()


def test_the_account_by_hand(account):
    """TWh x 0.1228 kgce/kWh over 10^6 TB: 10^3 kgce/TB."""
    years = range(2020, 2031)
    traffic = dict.fromkeys(years, 500.0)
    found = target_paths(account, traffic=traffic, business=pd.Series(15000.0, index=years))
    parts = ["stations_2g3g", "stations_4g", "stations_5g", "rooms", "fixed_network"]
    energy = account["electricity"].sel(component=parts, year=2021, estimate="central").sum()
    cell = found["energy_per_traffic"].sel(year=2021, estimate="central")
    assert float(cell) == pytest.approx(float(energy) * 0.1228e3 / 500)
    cell = found["energy_per_business"].sel(year=2021, estimate="central")
    assert float(cell) == pytest.approx(float(energy) * 0.1228e5 / 15000)
    rows = track_targets(found)
    assert "missed" in set(rows.loc[rows["target"] == "energy_per_traffic", "status"])


def test_the_account_does_not_judge_what_it_assumes(account):
    assert set(target_paths(account)) == {"average_pue"}
    with_driver = ict_footprint(
        drivers={"power_5g": {y: 1.56 * 0.95 ** (y - 2020) for y in range(2020, 2031)}}
    )
    found = target_paths(with_driver)["efficiency_5g"].sel(estimate="central")
    assert float(found.sel(year=2020)) == 1.0
    assert float(found.sel(year=2021)) > 1 / 0.95  # less power and more sleep


def test_volumes_are_checked(account):
    with pytest.raises(LabelError, match="years"):
        target_paths(account, traffic={2020: 1.0})
    with pytest.raises(ValueRangeError, match="above zero"):
        target_paths(account, traffic=dict.fromkeys(range(2020, 2031), 0.0))


def test_paths_from_files(tmp_path):
    table = tmp_path / "paths.csv"
    table.write_text(
        "key,year,value,units\nsite_sharing,2025,0.81,1\nsite_sharing,2024,0.7,\n", encoding="utf-8"
    )
    found = read_paths(table)["site_sharing"]
    assert found["year"].values.tolist() == [2024, 2025]
    assert found.attrs["units"] == "1"
    text = tmp_path / "paths.toml"
    text.write_text('[site_sharing]\nunits = "1"\n2024 = 0.7\n2025 = 0.81\n', encoding="utf-8")
    xr.testing.assert_identical(read_paths(text)["site_sharing"], found)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "key,year,value\nx,20a,1\n", "'20a' is no year"),
        ("a.csv", "key,year,value\nx,2020,a\n", "'a' is not a number"),
        ("a.csv", "key,year,value\nx,2020,1\nx,2020,2\n", "occurs twice"),
        ("a.csv", "key,year,value,units\nx,2020,1,m\nx,2021,2,km\n", "'m' and in 'km'"),
        ("a.csv", "key,year,value\n", "no path"),
        ("a.toml", "x = 1\n", "a table of years"),
        ("a.toml", '[x]\n2020 = "a"\n', "not a number"),
    ],
)
def test_damaged_path_files_are_refused(tmp_path, name, text, problem):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SectorFileError, match=problem):
        read_paths(path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_template_names_every_target(lang):
    text = targets_template(lang)
    for name, target in load_targets().items():
        assert f"# [{name}]" in text
        assert (target.title_zh if lang == "zh" else target.title) in text
