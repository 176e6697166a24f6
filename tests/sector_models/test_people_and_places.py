"""Arithmetic in the files on mobility, buildings and daily life that a reader can do by hand."""

from collections import defaultdict

import pytest

from sector_models import load, run

FILES = ("mobility", "homes_offices", "agriculture", "daily_life", "cities", "carbon_management")


def test_telework_is_the_published_case():
    case = load("daily_life").use_cases["telework"]
    saved, added, net = (
        case.evidence[key].value for key in ("commute_saving", "rebound_total", "net_saving")
    )
    assert net == saved - added == 187
    # Rebound adds emissions: the sign is positive, and 84 of 271 kg are 31 %.
    assert case.rebound.value == pytest.approx(added / saved, abs=0.005)
    assert case.saving.value == 1 / 5  # one day of five


def test_telework_in_a_run():
    found = run("daily_life", adoption={"telework": 1.0}, reference_adoption={"telework": 0.0},
                years=[2030]).sel(use_case="telework", estimate="central")  # fmt: skip
    # 69.36 Mt, of which 43.9 % commuting by car; 35 % can telework; one day of five.
    alone = 69.36 * 0.43909 * 0.35 * 0.2
    assert found["alone"].item() == pytest.approx(alone, rel=1e-3)
    assert (found["rebound"] / found["enabled"]).item() == pytest.approx(0.31)


def test_empty_trucks():
    empty, full = 0.311 * 0.33, 0.448 * 0.67  # l/km times share of the mileage
    saving = load("mobility").use_cases["freight_matching"].saving
    assert saving.value == pytest.approx(0.45 * empty / (empty + full), abs=0.001)


def test_freight_is_tonne_kilometres_times_factor():
    mobility = load("mobility")
    share = mobility.segment_share("road_freight").value
    assert share * mobility.emissions.value == pytest.approx(6908.765 * 0.04125)  # Mt


def test_electricity_is_terawatt_hours_times_grid_factor():
    homes = load("homes_offices")
    part = homes.segment_share("home_cooling")
    assert part.value * homes.emissions.value == pytest.approx(1092.148 * 0.2 * 0.5576)
    assert part.shared == "grid_factor"


def test_flexible_building_of_the_white_paper():
    case = load("homes_offices").use_cases["flexible_dc"]
    per_area = case.evidence["city_effect"].value / 3.75e6 * 1000  # kg CO2/m2
    assert case.saving.value == pytest.approx(per_area / (75 * 0.5576), abs=0.005)


def test_every_emitter_is_shared_out_once():
    covered = defaultdict(float)
    for name in FILES:
        for part in load(name).covers:
            for emitter in part.emitters:
                covered[emitter] += part.share
    assert {emitter: round(share, 9) for emitter, share in covered.items()} == dict.fromkeys(
        ("TRA", "TRD", "BUS", "PUB", "households", "AGR", "CON", "GAS", "WAT"), 1.0
    )


@pytest.mark.parametrize("name", FILES)
def test_measured_cases_save_less_than_the_potentials_of_annex_2(name):
    sector = load(name)
    everything = dict.fromkeys(sector.use_cases, 1.0)
    nothing = dict.fromkeys(sector.use_cases, 0.0)
    found = run(name, adoption=everything, reference_adoption=nothing, years=[2030])
    saved = (found["enabled"].sum("use_case") / sector.emissions.value).squeeze()
    low, central, high = (float(saved.sel(estimate=e)) for e in ("low", "central", "high"))
    assert 0 < low < central < high < 0.4
    assert f"{100 * central:.1f} %" in sector.note
