"""Worked cases: computed from inputs to outputs, against published figures and hand arithmetic."""

import copy
from pathlib import Path

import pytest

import sector_models
from sector_models import SectorError, case, cases
from sector_models.casebook import UnknownCaseError, read_case

# Computed by hand or printed in the literature: central value, tolerance.
CHECKS = {
    ("steel_hot_strip", "per_tonne"): (10.4, 1e-9),
    ("steel_hot_strip", "sector_share"): (0.00504, 5e-6),
    ("aluminium_smelter", "electricity"): (135, 1e-9),
    ("aluminium_smelter", "avoided"): (0.07528, 5e-6),
    ("truck_cruise", "cost_saving"): (0.012, 1e-12),
    ("connected_bus", "fuel_bill"): (200_000, 1e-6),
    ("commuter_bus", "per_rider"): (1.814, 5e-4),
    ("commuter_bus", "distance"): (9.07, 5e-3),
    ("commuter_bus", "per_year"): (635, 1e-9),
    ("energy_park", "not_energy"): (0.05, 1e-12),
    ("storage_cycles", "life"): (12000 / (1.75 * 365), 1e-9),
    ("office_park", "both"): (1011, 1e-9),
    ("office_park", "yield"): (211e3 / 340 / 0.5576, 1e-6),
    ("cement_kiln", "avoided"): (2.7, 1e-9),
    ("cement_kiln", "share"): (0.01, 1e-12),
    ("pedf_shenzhen", "per_area"): (26.667, 5e-4),
    ("pedf_shenzhen", "increase"): (0.7407, 5e-5),
    ("pedf_shenzhen", "per_hectare"): (37.5, 1e-6),
    ("ewaste_2012_2020", "avoided"): (68.88, 5e-3),
    ("ewaste_2012_2020", "implied"): (4.60, 5e-3),
    ("caict_sectors", "three"): (0.10755, 1e-9),
    ("caict_sectors", "power"): (0.132872, 5e-7),
    ("caict_ict_sector", "total_2017"): (137.61, 1e-9),
    ("caict_ict_sector", "manufacturing"): (0.5934, 5e-5),
    ("caict_ict_sector", "made_2012"): (58.08, 5e-3),
    ("caict_ict_sector", "served_2012"): (27.16, 5e-3),
    ("caict_ict_sector", "total_2012"): (85.24, 5e-3),
    ("caict_ict_sector", "growth"): (0.614, 5e-4),
    ("caict_ict_sector", "growth_printed"): (0.673, 5e-4),
    ("caict_ict_sector", "nation_2012"): (7.22, 5e-3),
    ("caict_ict_sector", "nation_2012_printed"): (6.97, 5e-3),
    ("caict_ict_sector", "nation_2017"): (9.30, 5e-3),
    ("annex_1_growth", "services"): (0.9586, 5e-5),
    ("annex_1_growth", "transport"): (1.1539, 5e-5),
    ("annex_1_growth", "construction"): (0.8987, 5e-5),
    ("annex_1_growth", "industry"): (0.3329, 5e-5),
    ("annex_1_growth", "power"): (0.2721, 5e-5),
    ("annex_1_growth", "output_construction"): (0.65, 5e-3),
    ("data_centres_2021", "factor"): (0.623, 5e-4),
    ("data_centres_2021", "national_electricity"): (8330.8, 0.05),
    ("data_centres_2021", "national"): (11.84, 5e-3),
    ("gsma_2018", "footprint"): (213.5, 1e-9),
    ("gsma_2018", "from_fuel"): (1302.5, 1e-9),
    ("gsma_2018", "grid"): (0.578, 5e-4),
    ("smarter2030", "sum"): (12.1, 1e-9),
    ("smarter2030", "ratio"): (9.66, 5e-3),
    ("smarter2030", "reference"): (63.45, 5e-3),
    ("smarter2030", "share"): (0.190, 5e-4),
    ("smart2020", "demat"): (0.468, 1e-9),
    ("smart2020", "sum"): (6.67, 5e-3),
    ("smart2020", "other"): (1.13, 5e-3),
    ("smart2020", "reference"): (52, 1e-9),
    ("smart2020", "footprint"): (1.56, 1e-9),
    ("bitkom_2021_germany", "listed"): (143, 1e-9),
    ("bitkom_2021_germany", "rest"): (8, 1e-9),
    ("bitkom_2021_germany", "share"): (0.188, 5e-4),
    ("bitkom_2021_germany", "need"): (262, 1e-9),
    ("bitkom_2021_germany", "of_need"): (0.576, 5e-4),
    ("bitkom_2021_germany", "footprint"): (22, 1e-9),
    ("bitkom_2021_germany", "vei_gross"): (6.86, 5e-3),
    ("bitkom_2024_germany", "need"): (308, 1e-9),
    ("bitkom_2024_germany", "of_need_fast"): (0.237, 5e-4),
    ("bitkom_2024_germany", "of_need_slow"): (0.162, 5e-4),
    ("bitkom_2024_germany", "gross_fast"): (76.8, 1e-9),
    ("bitkom_2024_germany", "gross_slow"): (52.1, 1e-9),
    ("bitkom_2024_germany", "vei_gross_fast"): (20.2, 0.05),
    ("bitkom_2024_germany", "vei_gross_slow"): (24.8, 0.05),
    ("bitkom_2024_germany", "vei_net_fast"): (19.2, 0.05),
    ("bitkom_2024_germany", "vei_net_slow"): (23.8, 0.05),
    ("malmodin_2030", "sum_medium"): (0.065, 1e-9),
    ("malmodin_2030", "sum_high"): (0.093, 1e-9),
    ("malmodin_2030", "joint_medium"): (0.0633, 5e-5),
    ("malmodin_2030", "joint_high"): (0.0898, 5e-5),
    ("gesi_mobile", "networks"): (36, 1e-9),
    ("vodafone_2020", "total"): (4.71, 5e-3),
    ("china_mobile_wwf", "footprint_2008"): (8.1, 0.05),
    ("china_mobile_wwf", "footprint_2009"): (9.0, 0.05),
    ("china_mobile_2023", "flow"): (2696, 0.5),
    ("china_mobile_2023", "vei_gross"): (5.5, 0.05),
    ("china_mobile_2023", "mean"): (320, 1e-9),
    ("andrae_2030", "net"): (4.5, 1e-9),
    ("ntt_japan_2030", "intensity"): (-0.0495, 5e-5),
    ("ipts_2020", "spread"): (0.5, 1e-9),
    ("ipts_2020", "sign"): (-0.06, 1e-9),
    ("france_2024", "telework_gross"): (2.71, 1e-9),
    ("france_2024", "telework_net"): (1.87, 1e-9),
    ("france_2024", "per_home"): (-666.7, 0.05),
    ("france_2024", "factor_saved"): (0.2, 1e-9),
    ("france_2024", "factor_added"): (0.05, 1e-9),
    ("france_2024", "sign"): (-0.025, 1e-9),
    ("ericsson_survey", "ratio"): (16.9, 0.05),
    ("ericsson_survey", "inside"): (0.17, 1e-9),
    ("gsma_2030", "sum"): (10.4, 1e-9),
    ("gsma_2030", "share"): (0.400, 5e-4),
    ("gsma_2030", "without_power"): (0.246, 5e-4),
    ("idc_japan_2020", "rest"): (0.18, 1e-9),
    ("idc_japan_2020", "industry"): (57.33, 5e-3),
    ("bt_3_to_1", "net"): (2, 1e-9),
    ("bt_3_to_1", "footprint"): (20, 1e-9),
    ("telework_ademe", "net"): (187, 1e-9),
    ("telework_ademe", "rate"): (0.31, 5e-4),
    ("telework_ademe", "unnamed"): (13.7, 1e-9),
    ("telework_ademe", "flex_on_net"): (284.24, 1e-9),
    ("telework_ademe", "flex_on_gross"): (327.92, 1e-9),
    ("cloud_backup", "saved"): (280, 1e-9),
    ("cloud_backup", "share"): (0.933, 5e-4),
    ("cloud_backup", "factor"): (15, 1e-9),
    ("cloud_backup", "net_ratio"): (14, 1e-9),
    ("verizon_restated", "change"): (-0.602, 5e-4),
    ("bitkom_trap", "footprint_2021"): (22, 1e-9),
    ("bitkom_trap", "vei_2021"): (6.86, 5e-3),
    ("bitkom_trap", "vei_2024"): (20.2, 0.05),
    ("bitkom_trap", "same_boundary"): (3.49, 5e-3),
}
RANGES = {
    ("aluminium_smelter", "electricity"): (90, 180),
    ("caict_sectors", "power"): (0.0974, 0.1683),
    ("caict_sectors", "three"): (0.0742, 0.1409),
    ("verizon_restated", "change"): (-0.642, -0.572),
    ("storage_cycles", "life"): (16.44, 21.92),
    ("pedf_shenzhen", "per_area"): (25.0, 28.57),
    ("andrae_2030", "net"): (3.0, 6.0),
}
DIFFER = {
    "storage_cycles": {"life"},
    "ewaste_2012_2020": {"avoided"},
    "caict_ict_sector": {"total_2012", "growth_printed"},
    "annex_1_growth": {"services", "transport", "construction", "industry", "power"},
    "data_centres_2021": {"factor"},
    "smarter2030": {"share"},
    "smart2020": {"sum"},
    "bitkom_2021_germany": {"share"},
}
TABLE = [(name, output) for name in cases() for output in case(name).outputs]


@pytest.mark.parametrize(("name", "output"), TABLE)
def test_every_output_of_every_case(name, output):
    expected, tolerance = CHECKS[name, output]
    row = case(name).computed.loc[output]
    assert row["central"] == pytest.approx(expected, rel=0, abs=tolerance)
    assert row["low"] <= row["central"] <= row["high"]


def test_every_check_belongs_to_an_output():
    assert set(CHECKS) == set(TABLE)


@pytest.mark.parametrize(("name", "output"), RANGES)
def test_ranges(name, output):
    low, high = RANGES[name, output]
    row = case(name).computed.loc[output]
    assert [row["low"], row["high"]] == pytest.approx([low, high], rel=1e-3)


@pytest.mark.parametrize("name", cases())
def test_what_differs_is_known_and_explained(name):
    found = case(name)
    table = found.discrepancy
    assert set(table.index[~table["agrees"].astype(bool)]) == DIFFER.get(name, set())
    assert (table["difference"] == table["computed"] - table["published"]).all()
    assert found.remark.strip()
    assert found.remark_zh.strip()


@pytest.mark.parametrize("name", cases())
def test_every_source_is_known(name):
    known = {*sector_models.sources(), *sector_models.case_sources()}
    found = case(name)
    printed = [o.published for o in found.outputs.values() if o.published]
    for parameter in (*found.inputs.values(), *printed):
        assert set(parameter.source) <= known
        assert (parameter.status == "assumption") == ("assumption" in parameter.source)


def test_every_additional_source_is_cited():
    cited = {
        key
        for name in cases()
        for part in (
            *case(name).inputs.values(),
            *(o.published for o in case(name).outputs.values() if o.published),
        )
        for key in part.source
    }
    assert set(sector_models.case_sources()) <= cited


def test_no_case_stands_in_the_list_of_sectors():
    assert "cases" not in sector_models.names()


def test_an_unknown_case_is_told():
    with pytest.raises(UnknownCaseError, match="did you mean 'aluminium_smelter'"):
        case("aluminum_smelter")


def test_a_case_as_plain_data():
    found = case("storage_cycles").to_dict()
    assert found["discrepancy"]["life"]["agrees"] is False
    assert found["inputs"]["cycles"]["value"] == 12000
    assert found["computed"]["life"]["units"] == "yr"


def raw():
    number = {"low": 2.0, "high": 2.0, "year": 2020, "status": "assumption", "source": "assumption"}
    named = {"title": "t", "title_zh": "t"}
    return copy.deepcopy(
        {
            "name": "own", "group": "worked", "title": "t", "title_zh": "t",
            "remark": "r", "remark_zh": "r",
            "inputs": {
                "rate": {"value": 2.0, "units": "kWh/t", **number, **named},
                "output": {"value": 2.0, "units": "Mt", **number, **named},
            },
            "outputs": {"saved": {"formula": "rate * output", "units": "GWh", **named}},
        }
    )  # fmt: skip


def test_units_are_carried_along():
    assert read_case(raw()).computed.loc["saved", "central"] == pytest.approx(4.0)


def _output(**change):
    data = raw()
    data["outputs"]["saved"] |= change
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_output(units="Mt"), "gives energy, not 'Mt'"),
        (_output(formula="rate + output"), "energy / mass and mass cannot be added"),
        (_output(formula="rate * outputs"), "no 'outputs'; did you mean 'output'"),
        (_output(formula="rate / (output - output)"), "divides by zero"),
        (_output(units="furlong"), "furlong"),
        (_output(tolerance=1.0), "need a published number"),
        (raw() | {"corner": "all"}, "corner"),
    ],
)
def test_what_is_wrong_is_told(data, message):
    with pytest.raises(SectorError, match=message):
        read_case(data)


@pytest.mark.parametrize(
    ("relation", "value", "agrees"),
    [
        ("equal", 4.0, True), ("equal", 4.4, False), ("at_least", 3.0, True),
        ("at_least", 5.0, False), ("at_most", 5.0, True), ("at_most", 3.0, False),
    ],
)  # fmt: skip
def test_relations(relation, value, agrees):
    printed = raw()["inputs"]["rate"] | {"value": value, "low": value, "high": value}
    printed = {k: v for k, v in printed.items() if not k.startswith("title")} | {"units": "GWh"}
    found = read_case(_output(published=printed, relation=relation, tolerance=0.1)).discrepancy
    assert bool(found.loc["saved", "agrees"]) is agrees


def test_corners_together_and_apart():
    data = raw()
    data["inputs"]["rate"] |= {"low": 1.0, "high": 3.0}
    data["inputs"]["output"] |= {"low": 1.0, "high": 3.0}
    data["outputs"]["saved"] |= {"formula": "rate / output", "units": "kWh/t/Mt"}
    apart, together = read_case(data), read_case(data | {"corners": "together"})
    assert apart.computed.loc["saved", ["low", "high"]].tolist() == pytest.approx([1 / 3, 3])
    assert together.computed.loc["saved", ["low", "high"]].tolist() == pytest.approx([1, 1])


def test_the_file_has_no_path_of_a_machine():
    text = (Path(sector_models.__file__).parent / "data" / "cases.toml").read_text("utf-8")
    assert "/work" not in text
    assert "/tmp" not in text
