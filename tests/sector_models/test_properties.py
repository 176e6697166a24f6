"""What must hold whatever the numbers are."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sector_models
from sector_models import actual_reduction, adopt, joint_saving, lmdi, ner, run, shapley, vei

share = st.floats(0, 1)
fractions = st.lists(share, min_size=1, max_size=16)
amount = st.floats(0, 1e6)


@given(fractions, share, amount)
def test_more_levers_save_more_but_never_more_than_the_base(levers, another, base):
    before, after = joint_saving(base, levers), joint_saving(base, [*levers, another])
    assert -1e-9 * base <= before <= base * (1 + 1e-12)
    assert after >= before - 1e-9 * base


@given(fractions, st.randoms(use_true_random=False))
def test_order_does_not_matter(levers, random):
    order = list(range(len(levers)))
    random.shuffle(order)
    shuffled = [levers[i] for i in order]
    assert joint_saving(1, shuffled) == pytest.approx(joint_saving(1, levers), abs=1e-12)
    for rule in (lmdi, shapley):
        np.testing.assert_allclose(
            rule(1, shuffled), rule(1, levers).values[order], rtol=1e-9, atol=1e-12
        )


@given(fractions)
def test_credits_add_up_to_the_joint_saving_and_none_is_negative(levers):
    for rule in (lmdi, shapley):
        credit = rule(1000, levers)
        assert credit.sum().item() == pytest.approx(joint_saving(1000, levers), abs=1e-9)
        assert (credit >= 0).all()


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12))
def test_levers_that_add_emissions_are_credited_with_them(levers):
    for rule in (lmdi, shapley):
        credit = rule(1000, levers)
        assert credit.sum().item() == pytest.approx(joint_saving(1000, levers), rel=1e-9, abs=1e-6)


@given(amount, amount, st.floats(1e-3, 1e6))
def test_ner_falls_with_the_footprint(enabled, footprint, more):
    assert ner(enabled, footprint + more) < ner(enabled, footprint)


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(1, 1e3)), min_size=1, max_size=8))
def test_the_ratio_of_sums_lies_among_the_ratios(parts):
    enabled, footprint = (np.array(side) for side in zip(*parts, strict=True))
    total = vei(enabled.sum(), footprint.sum())["gross"].item()
    each = vei(enabled, footprint)["gross"]
    assert each.min() * (1 - 1e-9) <= total <= each.max() * (1 + 1e-9)


@given(amount, amount, amount)
def test_actual_reduction_and_lesser_increase_are_all_that_is_avoided(before, reference, digital):
    actual, lesser = actual_reduction(before, reference, digital)
    assert (actual + lesser).item() == pytest.approx(reference - digital, abs=1e-6)
    assert 0 <= actual <= max(reference - digital, 0)


@given(share, share, st.floats(2000, 2050), st.floats(0.01, 5))
def test_adoption_is_a_share_and_never_falls(start, ceiling, midpoint, speed):
    start, ceiling = sorted((start, ceiling))
    path = adopt(
        "logistic", range(1990, 2080), start=start, ceiling=ceiling, midpoint=midpoint, speed=speed
    )
    assert path.min() >= start
    assert path.max() <= ceiling
    assert (path.diff("year") >= 0).all()


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(sector_models.names()), st.lists(share, min_size=4, max_size=4))
def test_effects_of_a_sector(name, levels):
    sector = sector_models.load(name)
    # Some levers may add emissions at the low end: a saving below zero is legal.
    savers = {key: case for key, case in sector.use_cases.items() if case.saving.low >= 0}
    sector = sector.model_copy(update={"use_cases": savers})
    adoption = dict(zip(savers, itertools.cycle(levels), strict=False))
    effects = run(sector, adoption, [2030], reference_adoption=dict.fromkeys(adoption, 0.0))
    assert (effects["enabled"] >= 0).all()
    assert (effects["enabled"].sum("use_case") <= effects["reference"]).all()
    assert (effects["enabled"].diff("estimate") >= -1e-9).all()
    none = effects.where(effects["adoption"] == 0, drop=True)
    for part in ("enabled", "rebound", "footprint"):
        assert not none[part].any()
