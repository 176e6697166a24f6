"""Arithmetic in the files of the grid and the process industries that a reader can redo."""

import pytest

from sector_models import load, run, saving_potential, segment_shares

VERTICALS = ["cement", "chemicals", "manufacturing", "nonferrous", "power_grid", "steel"]


def central(name, case):
    """Saving of one use case at full adoption [Mt CO2]."""
    record = load(name)
    share = saving_potential(record)["saving"].sel(use_case=case, estimate="central")
    return float(share) * record.emissions.value


def test_aluminium_cells_save_100_to_200_kwh_per_t():
    case = load("nonferrous").use_cases["cell_control"]
    kwh_per_t = 13_599.0
    printed = case.evidence["aluminium_electricity"]
    for end in ("low", "value", "high"):
        assert getattr(case.saving, end) * kwh_per_t == pytest.approx(
            getattr(printed, end), rel=0.01
        )
    # One smelter of 0.9 Mt: more than 90 GWh a year.
    assert 0.9 * printed.low == pytest.approx(case.evidence["smelter"].value)


def test_aluminium_saves_less_than_its_kwh_on_the_grid():
    """Money shares give smelters less electricity than they use: 4 TWh on the grid are more."""
    output = load("nonferrous").activities["primary_aluminium"].amount.value
    case = load("nonferrous").use_cases["cell_control"]
    physical = output * 0.150 * case.shrinkage.value * 0.5576
    assert 0.4 * physical < central("nonferrous", "cell_control") < physical


def test_cement_splits_as_printed():
    """83 % of building materials: 57.5 % limestone, 38.5 % fuel, 4 % electricity."""
    shares = segment_shares("cement").sel(estimate="central").to_series()
    cement = shares.drop(["quarry", "other_materials"])
    assert cement.sum() == pytest.approx(0.83, abs=1e-4)
    assert shares["calcination"] / 0.83 == pytest.approx(0.575, abs=1e-4)
    assert (shares["kiln_fuel"] + shares["kiln_stops"]) / 0.83 == pytest.approx(0.385, abs=1e-4)
    assert (shares["mills"] + shares["auxiliaries"]) / 0.83 == pytest.approx(0.04, abs=1e-4)


def test_no_lever_reaches_the_limestone():
    assert "calcination" not in {case.segment for case in load("cement").use_cases.values()}


def test_blast_furnaces_emit_iron_times_factor():
    share = segment_shares("steel").sel(segment="blast_furnace", estimate="central")
    emitted = float(share) * load("steel").emissions.value
    assert emitted == pytest.approx(887.52 * 1.30, rel=1e-6)


def test_energy_centre_saves_ten_kilograms_of_coal_per_tonne():
    case = load("steel").use_cases["energy_centre"]
    system = float(segment_shares("steel").sel(segment="energy_system", estimate="central"))
    average = case.evidence["average_energy"].value
    assert case.saving.value * system * average == pytest.approx(10, rel=0.01)


def test_curtailed_power_is_the_sum_of_wind_sun_and_water():
    amount = load("power_grid").activities["curtailed"].amount.value
    assert amount == pytest.approx(16.6 + 5.26 + 30.1)
    assert central("power_grid", "dispatch_integration") == pytest.approx(
        51.96 * 0.82 * 0.25 * 0.5, rel=1e-4
    )


def test_uses_of_electricity_follow_the_inventory():
    """Final use 7,350.92 TWh shares 93.4 % of the emissions; 6.6 % are losses."""
    shares = segment_shares("power_grid").sel(estimate="central").to_series()
    for segment, used in (("homes", 1092.148), ("services", 1143.072), ("own_use", 758.453)):
        assert shares[segment] == pytest.approx(0.934 * used / 7350.923, rel=1e-4)
    assert shares["losses"] == 0.066


@pytest.mark.parametrize("name", VERTICALS)
def test_details_stay_below_the_roll_up(name):
    record = load(name)
    assert record.part_of == ("power" if name == "power_grid" else "industry")
    roll_up = saving_potential(record.part_of)["total"].sel(estimate="central")
    assert 0 < saving_potential(record)["total"].sel(estimate="central") < roll_up


@pytest.mark.parametrize("name", VERTICALS)
def test_ict_of_all_use_cases_is_half_to_two_percent_of_output(name):
    total = sum(case.ict_input.value for case in load(name).use_cases.values())
    assert 0.0049 < total < 0.0201


@pytest.mark.parametrize("name", VERTICALS)
def test_savings_of_electricity_lie_at_power_plants(name):
    for key, case in load(name).use_cases.items():
        if case.carriers == ("electricity",) and name != "power_grid":
            assert case.emitter == "power", key
            assert {row for cell in case.affected for row in cell.rows} == {"ELE"}, key
            assert {cell.kind for cell in case.affected} == {"input"}, key


@pytest.mark.parametrize("name", VERTICALS)
def test_runs_alone(name):
    effects = run(name, years=[2020, 2030])
    net = effects["enabled"] - effects["rebound"]
    assert (net.sel(year=2030, estimate="central") > 0).all()
    assert (effects["enabled"].sel(year=2020) == 0).all()
