"""The whole ICT industry in a run: its account, the grid of the scenario, what is changed."""

import numpy as np
import pytest
import xarray as xr

import sector_models
from handprint import load_scenario, run
from handprint.errors import ScenarioError
from handprint.export import netcdf
from handprint.ict_path import ACTIVITY, ict_path, ict_sentence, ict_table
from handprint.projection import driver_path
from handprint.results import Results
from sector_models.account import load_account

YEARS = list(range(2020, 2031))
HEAD = 'base = "current-policy"\nname = "mine"\ntitle = "m"\ntitle_zh = "m"\n'


def points(*rows, status="assumption"):
    lines = [
        f"  {{ year = {y}, value = {v}, low = {low}, high = {high}, "
        f'status = "{status}", source = "assumption" }},\n'
        for y, v, low, high in rows
    ]
    return "points = [\n" + "".join(lines) + "]\n"


@pytest.fixture
def made(tmp_path):
    def _made(text):
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + text, encoding="utf-8")
        return load_scenario(path)

    return _made


@pytest.fixture(scope="module")
def green():
    return run("green-ict")


def test_without_changes_it_is_the_account_on_the_grid_of_the_scenario(current):
    scenario = current.scenario
    start = load_account().quantities["grid_factor"].points[0]
    index = driver_path(scenario.intensity["power"], YEARS).transpose("year", "estimate")
    ends = [start.low, start.value, start.high]
    grid = index * xr.DataArray(ends, {"estimate": ["low", "central", "high"]}, "estimate")
    wanted = sector_models.ict_footprint(YEARS, drivers={"grid_factor": grid.drop_attrs()})
    for name in ("electricity", "use", "embodied", "traffic_energy", "computing_energy"):
        np.testing.assert_allclose(current.ict[name], wanted[name], rtol=1e-12)
    whole = (wanted["use"] + wanted["embodied"]).sum("component")
    np.testing.assert_allclose(current.ict["footprint"], whole, rtol=1e-12)
    shown = current.ict["activity"].sel(quantity="grid_factor")
    np.testing.assert_allclose(shown, grid, rtol=1e-12)


def test_what_is_stated_is_told_from_what_lies_between(current):
    marks = current.ict["activity_origin"]
    for name in ACTIVITY:
        own = marks.sel(quantity=name)
        if name == "grid_factor":
            assert set(own.values) == {"grid of the scenario"}
            continue
        stated = {p.year for p in load_account().quantities[name].points}
        for year in YEARS:
            wanted = "stated" if year in stated else "interpolated"
            assert own.sel(year=year).item() == wanted, (name, year)
    units = current.ict["quantity_units"]
    assert units.sel(quantity="racks").item() == "10^6 racks"


def test_electricity_per_traffic_by_hand(current):
    here = current.ict.sel(year=2023, estimate="central")
    names = [f"stations_{g}" for g in ("2g3g", "4g", "5g")]
    power = float(here["electricity"].sel(component=names).sum())
    traffic = float(here["activity"].sel(quantity="mobile_traffic"))
    assert float(here["traffic_energy"]) == pytest.approx(power / traffic)


def test_a_scenario_changes_a_quantity(made, current):
    scenario = made(
        '[ict_activity.racks]\ntitle = "Racks"\ntitle_zh = "机架"\nunits = "10^6 racks"\n'
        + points((2020, 4, 4, 4), (2030, 24, 20, 30))
    )
    found = ict_path(scenario, "power")
    racks = found["activity"].sel(quantity="racks", estimate="central")
    np.testing.assert_allclose(racks, np.linspace(4, 24, 11))
    assert list(found["activity_origin"].sel(quantity="racks").values[[0, 1, 10]]) == [
        "stated", "interpolated", "stated",
    ]  # fmt: skip
    before, after = (
        d["electricity"].sel(component="data_centres", year=2030, estimate="central")
        for d in (current.ict, found)
    )
    was = float(current.ict["activity"].sel(quantity="racks", year=2030, estimate="central"))
    assert float(after / before) == pytest.approx(24 / was)


def test_more_sleep_lowers_the_footprint_at_its_low_end_too(made, current):
    scenario = made(
        '[ict_activity.sleep_coverage]\ntitle = "Sleep"\ntitle_zh = "休眠"\nunits = "1"\n'
        + points((2020, 0.2, 0.1, 0.4), (2030, 0.8, 0.5, 0.95))
    )
    found = ict_path(scenario, "power")
    for estimate in ("low", "central", "high"):
        np.testing.assert_allclose(
            found["footprint"].sel(estimate=estimate),
            current.ict["footprint"].sel(estimate=estimate),
            rtol=1e-12,
        )


def test_green_ict_emits_less_and_a_clean_grid_too(current, green):
    clean = run("clean-grid")
    end = {"year": 2030, "estimate": "central"}
    for other in (green, clean):
        assert float(other.ict["footprint"].sel(end)) < float(current.ict["footprint"].sel(end))
    assert float(clean.ict["electricity_total"].sel(end)) == pytest.approx(
        float(current.ict["electricity_total"].sel(end))
    )


def test_it_is_kept_and_read_back(current, tmp_path):
    current.save(tmp_path / "run")
    xr.testing.assert_identical(Results.read(tmp_path / "run").ict, current.ict)
    netcdf(current, tmp_path / "run.nc")
    xr.testing.assert_identical(Results.read(tmp_path / "run.nc").ict, current.ict)


def test_tidy_table(current, green):
    frame = ict_table([current, green])
    row = frame.query(
        "scenario == 'current-policy' and item == 'racks' and year == 2023"
        " and estimate == 'central'"
    )
    assert (row["value"].item(), row["unit"].item(), row["origin"].item()) == (
        8.1, "10^6 racks", "stated",
    )  # fmt: skip
    assert set(frame["scenario"]) == {"current-policy", "green-ict"}
    assert not frame.duplicated(["scenario", "item", "year", "quantity", "estimate"]).any()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sentence_keeps_both_counts_apart(lang, current):
    said = ict_sentence(current, lang)
    whole = float(current.ict["footprint"].sel(year=2030, estimate="central"))
    added = current.indicators["footprint"].sel(sector="total", year=2030, estimate="central")
    assert f"{whole:,.0f}" in said
    assert f"{float(added):,.0f}" in said


def test_a_scenario_without_an_account_has_none(current):
    scenario = current.scenario.model_copy(update={"ict_account": None})
    result = run(scenario)
    assert not result.ict.sizes
    assert ict_sentence(result) is None
    assert ict_table([result]).empty
    xr.testing.assert_identical(result.indicators, current.indicators)


@pytest.mark.parametrize(
    ("name", "units", "rows", "words"),
    [
        ("rack", "10^6 racks", [(2020, 4, 4, 4), (2030, 5, 5, 5)], "did you mean 'racks'"),
        (
            "racks",
            "racks",
            [(2020, 4, 4, 4), (2030, 5, 5, 5)],
            "the account has it in '10.6 racks'",
        ),
        ("racks", "10^6 racks", [(2020, 4, 4, 4), (2025, 5, 5, 5)], "needed from 2020 to 2030"),
        ("racks", "10^6 racks", [(2022, 4, 4, 4), (2030, 5, 5, 5)], "stated from 2022 to 2030"),
        ("pue", "1", [(2020, 0.9, 0.9, 0.9), (2030, 1.2, 1.2, 1.2)], "2020 leaves the range 1 to"),
    ],
)
def test_what_does_not_fit_the_account_is_refused(name, units, rows, words, made):
    text = f'[ict_activity.{name}]\ntitle = "t"\ntitle_zh = "t"\nunits = "{units}"\n'
    with pytest.raises(ScenarioError, match=words):
        made(text + points(*rows))
