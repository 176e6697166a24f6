"""What every detailed sector file holds, whoever wrote it."""

import numpy as np
import pytest

import sector_models
from sector_models import load, provenance, saving_potential

ROLL_UPS = {"power", "industry", "transport", "buildings"}
DETAILED = sorted(set(sector_models.names()) - ROLL_UPS)
CASES = [(name, key) for name in DETAILED for key in load(name).use_cases]


def test_there_are_detailed_files_for_every_roll_up():
    assert len(DETAILED) >= 13
    assert {load(name).part_of for name in DETAILED} >= ROLL_UPS


@pytest.mark.parametrize(("name", "key"), CASES)
def test_use_case_is_described_in_full(name, key):
    case = load(name).use_cases[key]
    assert {consequence.order for consequence in case.consequences} == {"first", "second", "higher"}
    assert {c.counted for c in case.consequences} >= {"ict_input", "saving"}
    assert case.quality is not None
    assert case.time_class is not None
    assert case.embodied is not None
    assert 0 < case.embodied.value < 1
    assert case.reference_adoption is not None
    assert case.saving.note, "a saving says what it is measured on"
    assert case.saving.value != 0
    assert case.affected or load(name).affected


@pytest.mark.parametrize(("name", "key"), CASES)
def test_an_addressable_share_says_why(name, key):
    addressable = load(name).use_cases[key].addressable
    if addressable is not None:
        assert addressable.note
        assert 0 < addressable.value <= 1


@pytest.mark.parametrize("name", DETAILED)
def test_sources_resolve_and_are_used(name):
    sector = load(name)
    own = set(sector.sources)
    cited = {key for keys in provenance(sector)["source"] for key in keys.split(", ")}
    listed = [*sector.covers, *sector.affected]
    listed += [cell for case in sector.use_cases.values() for cell in case.affected]
    cited |= {key for entry in listed for key in entry.source}
    assert cited <= own | set(sector_models.sources())
    assert own <= cited
    assert all(source.place for source in sector.sources.values())


@pytest.mark.parametrize("name", DETAILED)
def test_whole_is_a_shipped_roll_up(name):
    whole = load(name).part_of
    assert whole is None or whole in ROLL_UPS
    assert load(name).covers


@pytest.mark.parametrize("name", DETAILED)
def test_shares_of_ict_purchases_sum_to_one(name):
    sector = load(name)
    groups = {"sector": sector.affected}
    groups |= {key: case.affected for key, case in sector.use_cases.items()}
    bought = 0
    for place, cells in groups.items():
        ict = [cell for cell in cells if cell.kind == "ict"]
        total = sum(cell.share * len(cell.rows) for cell in ict)
        assert not ict or total == pytest.approx(1.0), place
        bought += bool(ict)
    assert bought, "nobody buys the ICT"


@pytest.mark.parametrize("name", DETAILED)
def test_full_adoption_saves_something_but_not_everything(name):
    total = saving_potential(name)["total"]
    low, central, high = (float(total.sel(estimate=e)) for e in ("low", "central", "high"))
    assert 0 < central < 1
    assert low <= central <= high < 1


@pytest.mark.parametrize("name", DETAILED)
def test_numbers_that_are_no_assumption_cite_more_than_an_assumption(name):
    rows = provenance(name)
    firm = rows[rows["status"] != "assumption"]
    assert not (firm["source"] == "assumption").any()
    assumed = rows[(rows["status"] == "assumption") & (rows["source"] == "assumption")]
    assert (assumed["note"].str.len() > 0).all()
    assert np.isfinite(rows[["value", "low", "high"]].to_numpy(float)).all()
