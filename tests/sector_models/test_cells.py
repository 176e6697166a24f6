"""Cells of the table that a sector file names: whole, once, and equipment with a lifetime."""

from importlib import resources

import pytest

import sector_models
from sector_models.errors import SectorError

STEEL = (resources.files("sector_models") / "data" / "steel.toml").read_text(encoding="utf-8")
SERVICES = 'rows = ["ICS"], purchasers = ["STE"], share = 0.6'
FUEL = 'rows = ["COA", "OIL", "REF", "GAS"]'
BAD = {
    "ICT that is not bought in whole": (
        (SERVICES, SERVICES.replace("0.6", "0.5")),
        "affected: the shares of ICT that STE buys add up to 0.9, not to 1",
    ),
    "more ICT than there is": (
        (SERVICES, SERVICES.replace("0.6", "0.7")),
        "affected: the shares of ICT that STE buys add up to 1.1, not to 1",
    ),
    "a cell that is named twice": (
        (FUEL, FUEL.replace("COA", "REF")),
        "affected.1: the cell REF to STE of kind 'input' is named twice",
    ),
    "equipment without a lifetime": (
        ('ict_lifetime = "common.ict_lifetime"\n', ""),
        "affected.3: equipment needs ict_lifetime, the years that it lasts",
    ),
    "equipment that is no ICT": (
        ('kind = "input", rows = ["COA", "OIL", "REF", "GAS"],',
         'kind = "input", capital = true, rows = ["COA", "OIL", "REF", "GAS"],'),
        "affected.1: capital: only cells of kind 'ict' are equipment, not 'input'",
    ),
    "a lifetime in months": (
        ('ict_lifetime = "common.ict_lifetime"',
         'ict_lifetime = { value = 60, low = 36, high = 120, units = "month", year = 2020, '
         'status = "assumption", source = "assumption" }'),
        "ict_lifetime: units are 'month', 'year' is needed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("replacement", "words"), BAD.values(), ids=BAD.keys())
def test_cells_that_do_not_fit_are_named(replacement, words, tmp_path):
    assert replacement[0] in STEEL
    place = tmp_path / "steel.toml"
    place.write_text(STEEL.replace(*replacement, 1), encoding="utf-8")
    with pytest.raises(SectorError) as found:
        sector_models.load(place)
    assert words in str(found.value)


def test_one_row_may_be_service_and_equipment(tmp_path):
    place = tmp_path / "steel.toml"
    place.write_text(STEEL.replace(SERVICES, SERVICES.replace("ICS", "ICM")), encoding="utf-8")
    kinds = [(c.rows, c.capital) for c in sector_models.load(place).affected if c.kind == "ict"]
    assert kinds == [(("ICM",), False), (("ICM",), True)]


@pytest.mark.parametrize("name", sector_models.names())
def test_shipped_equipment_is_annualised(name):
    model = sector_models.load(name)
    assert model.ict_lifetime is not None
    assert sum(c.capital for c in model.affected) == 1
