"""Requirements of standards on a run: status, evidence, tiers, and what is never claimed."""

from dataclasses import replace

import pytest

import handprint
import sector_models
from handprint.assessment import AssessmentError, assess
from handprint.evidence_tests import TESTS, WHOLE, Finding, Lever, tier_of
from handprint.standards import KEYS, standards
from sector_models import Consequence, Parameter


@pytest.fixture(scope="module")
def results():
    return handprint.run("current-policy")


@pytest.fixture(scope="module")
def found(results):
    return assess(results)


@pytest.fixture
def lever(results):
    cells = results.bottom_up.sel(use_case="power.dispatch", year=2030)
    sector = sector_models.load("power")
    return Lever("power.dispatch", sector, sector.use_cases["dispatch"], cells)


def test_every_requirement_has_a_test_and_every_test_a_requirement():
    assert set(TESTS) == set(standards().requirements)


def test_duties_of_the_feature_table():
    """METHODS 2.3, the columns of the four texts, row by row."""
    table = {key: [r.duty(k).duty for k in KEYS] for key, r in standards().requirements.items()}
    assert table == {
        "reference_scenario": ["R", "R", "R", "R"],
        "first_order": ["R", "R", "R", "R"],
        "both_signs": ["R", "R", "R", "R"],
        "consequence_tree": ["R", "R", "-", "S"],
        "higher_order": ["R", "S", "S", "R"],
        "tier_stored": ["R", "S", "R", "-"],
        "claim_gate": ["R", "S", "-", "S"],
        "eligibility": ["-", "-", "R", "-"],
        "actual_reduction": ["R", "-", "S", "-"],
        "time_perspective": ["R", "R", "R", "R"],
        "extrapolation": ["R", "R", "R", "S"],
        "overlap": ["R", "R", "R", "R"],
        "allocation": ["R", "S", "S", "S"],
        "uncertainty": ["R", "R", "R", "R"],
        "separate_inventory": ["R", "R", "R", "R"],
        "data_record": ["R", "R", "R", "R"],
    }


def test_each_use_case_and_the_whole_are_assessed(found, results):
    subjects = set(found.requirements["subject"])
    assert subjects == {WHOLE, *map(str, results.bottom_up["use_case"].values)}
    counts = found.requirements.groupby("subject").size()
    assert (counts == len(TESTS)).all()
    assert (found.requirements["evidence"].str.len() > 0).all()
    assert (found.requirements["evidence_zh"] != found.requirements["evidence"]).all()


def test_the_levers_of_annex_2_are_a_screening(found):
    assert (found.tier, found.publishable) == (3, False)
    assert not found.tiers["publishable"].any()
    whole = found.of(WHOLE).set_index("requirement")["status"]
    assert whole["consequence_tree"] == "not_met"
    assert whole["claim_gate"] == "met"


def test_gates_are_left_to_a_person(found):
    assert set(found.gates["status"]) == {"not_assessed"}
    rows = found.requirements
    open_ones = rows["requirement"] == "eligibility"
    assert set(rows.loc[open_ones, "status"]) == {"not_assessed"}


def test_only_verified_requirements_are_counted(found):
    summary = found.summary()
    verified = sum(
        r.duty("L1480").duty == "R" and r.duty("L1480").basis == "V"
        for r in standards().requirements.values()
    )
    counts = summary.loc["L1480", ["met", "partly", "not_met", "not_assessed"]]
    assert counts.sum() == verified
    assert summary.loc["L1480", "unverified"] == 15 - verified
    assert summary.loc["WBCSD", "not_assessed"] == 1


def test_evidence_is_the_number_of_the_run(found, results):
    cell = results.indicators.sel(sector="total", year=2030, estimate="central")
    rows = found.of(WHOLE).set_index("requirement")["evidence"]
    assert f"{float(cell['footprint']):,.0f} Mt" in rows["first_order"]
    assert f"{float(cell['lesser_increase']):,.0f} Mt" in rows["actual_reduction"]
    assert f"{float(cell['reference']):,.0f} Mt" in rows["reference_scenario"]


def test_draws_meet_the_requirement_of_uncertainty(results, found):
    drawn = assess(handprint.run("current-policy", draws=4, seed=1))
    status = [a.of(WHOLE).set_index("requirement")["status"] for a in (found, drawn)]
    assert [s["uncertainty"] for s in status] == ["partly", "met"]


ORDERS = ("first", "second", "higher")


def described(lever, *, orders=ORDERS, quality=1, assumed=False, tier=1):
    """The lever as a file with more evidence would describe it."""
    effects = tuple(
        Consequence(order=o, effect="adds", text="t", text_zh="t", counted="no") for o in orders
    )
    status = "assumption" if assumed else "published"

    def _known(parameter: Parameter) -> Parameter:
        return parameter.model_copy(update={"status": status})

    case = lever.case
    change = {"consequences": effects, "quality": quality, "tier": tier}
    change |= {"saving": _known(case.saving), "rebound": _known(case.rebound)}
    return replace(lever, case=case.model_copy(update=change))


@pytest.mark.parametrize(
    ("given", "tier"),
    [
        ({}, 1),
        ({"quality": 2}, 1),
        ({"quality": 3}, 2),
        ({"quality": None}, 2),
        ({"assumed": True}, 2),
        ({"orders": ("first", "second")}, 3),
        ({"orders": ()}, 3),
        ({"tier": 2}, 2),
        ({"tier": 3}, 3),
    ],
)
def test_tiers(lever, given, tier):
    graded = tier_of(described(lever, **given))
    assert graded["tier"] == tier
    assert graded["publishable"] is (tier < 3)


def test_without_footprint_there_is_no_net_second_order_effect(lever):
    bare = replace(lever, cells=lever.cells.assign(footprint=0 * lever.cells["footprint"]))
    assert tier_of(described(bare))["tier"] == 3


@pytest.mark.parametrize(
    ("scores", "status"),
    [((1, 1), "met"), ((1, 0), "partly"), ((0.5,), "partly"), ((0, 0), "not_met"),
     ((), "not_assessed")],
)  # fmt: skip
def test_status_of_scores(scores, status):
    assert Finding(scores, "evidence_allocation").status == status


def test_a_run_without_effect_is_refused():
    with pytest.raises(AssessmentError, match="nothing to assess"):
        assess(handprint.run("frozen-digitalisation"))


def test_a_run_of_another_sector_file_is_refused(results):
    record = replace(results.record, sector_hashes={**results.record.sector_hashes, "power": "0"})
    with pytest.raises(AssessmentError, match="'power' is not the one of the run"):
        assess(replace(results, record=record))


def test_a_run_read_back_gives_the_same(results, found, tmp_path):
    results.save(tmp_path / "run")
    again = assess(handprint.Results.read(tmp_path / "run"))
    assert again.to_dict() == found.to_dict()


def test_evidence_names_the_sector_in_its_language(found):
    rows = found.of("power.dispatch").set_index("requirement")
    title, title_zh = (getattr(sector_models.load("power"), k) for k in ("title", "title_zh"))
    assert rows.loc["actual_reduction", "evidence"].startswith(f"{title}: ")
    assert rows.loc["actual_reduction", "evidence_zh"].startswith(title_zh)


def test_detailed_sectors_have_trees_and_a_higher_supported_tier():
    found = assess(handprint.run("verticals"))
    assert found.tiers["consequence_tree"].all()
    assert found.of(WHOLE).set_index("requirement")["status"]["consequence_tree"] == "met"
    assert (found.tiers["supported"] <= 2).all()
    assert (found.tiers["tier"] == found.tiers[["declared", "supported"]].max(axis=1)).all()
