"""Runs compare on plain arrays; the public functions, label by label, must say the same."""

from dataclasses import replace

import numpy as np
import pytest

from handprint.bridging import Saving, interventions
from handprint.errors import InterventionError, LabelMismatchError
from handprint.incidence import amounts_of, incidence_of
from handprint.pipeline import central_run
from handprint.savings import savings
from handprint.topdown import one_year
from handprint.yearly import Comparisons, plain

ESTIMATES = ("low", "central", "high")


@pytest.fixture(scope="module", params=["current-policy", "verticals"])
def ground(request):
    central = central_run(request.param)
    saved = savings(central.scenario, central.bridge, central.tables, central.bottom)
    return central, saved


def by_owner(central, saved, outcome):
    """Effects of the public function by order, emitter and sector model."""
    table = central.tables[2030]
    owners = [model for model, _ in interventions(central.bridge, saved, table.output)]
    places = outcome["applied_in"].values == "final demand"
    owners += outcome["intervention"].values[places].tolist()
    which = np.array([[o == model for model in central.scenario.sectors] for o in owners], float)
    return outcome["effect"].values @ which


@pytest.mark.parametrize("estimate", ESTIMATES)
def test_a_year_of_a_run_equals_the_public_functions(ground, estimate):
    central, saved = ground
    scenario, table, mine = central.scenario, central.tables[2030], saved[2030, estimate]
    outcome = plain(scenario, central.bridge, table, mine)
    first, inputs, onsite, higher = by_owner(central, mine, outcome)
    share = {"low": scenario.respend.low, "high": scenario.respend.high}.get(
        estimate, scenario.respend.value
    )
    top = central.top.sel(year=2030, estimate=estimate)
    wanted = {
        "footprint": first.sum(axis=0),
        "respending_of_all": higher.sum(axis=0),
        "rebound_respending": share * higher.sum(axis=0),
        "emitters": (first + inputs + onsite + share * higher).T,
        "total_before": outcome["total_before"].values,
        "total_after": outcome["total_after"].values,
    }
    for name, values in wanted.items():
        room = 1e-12 * np.abs(values).max()
        np.testing.assert_allclose(top[name].values, values, rtol=1e-12, atol=room, err_msg=name)
    avoided = -(inputs + onsite).sum(axis=0)
    found = (top["enabled"] - top["households"] + top["upstream"]).values
    np.testing.assert_allclose(found, avoided, rtol=1e-12)
    assert float(top["cost_saving"].sum()) == pytest.approx(float(outcome["cost_saving"]), 1e-12)


def test_shared_labels_change_nothing_in_any_year(ground):
    central, saved = ground
    for year in (2020, 2025):
        alone = one_year(
            central.scenario, central.bridge, central.tables[year], saved[year, "central"],
            central.scenario.respend.value,
        )  # fmt: skip
        for name, values in alone.items():
            run = central.top[name].sel(year=year, estimate="central").values
            np.testing.assert_array_equal(values, run, err_msg=name)


def test_interventions_stand_where_the_public_function_puts_them(ground):
    central, saved = ground
    table, mine = central.tables[2030], saved[2030, "high"]
    found = incidence_of(central.bridge, mine, table)
    listed = interventions(central.bridge, mine, table.output)
    assert [table.sectors[j] for j in found.column] == [one.sector for _, one in listed]
    assert list(found.owners[: len(listed)]) == [model for model, _ in listed]
    fractions = found.fractions(amounts_of(mine), table.output.values)
    for k, (_, one) in enumerate(listed):
        reach = 1 - one.rebound
        assert fractions.onsite[k] == pytest.approx(one.onsite * reach, rel=1e-12)
        saving = {n: s for n, s in zip(table.sectors, fractions.saving[k], strict=True) if s}
        wanted = {row: share * reach for row, share in one.saving.items() if share}
        assert saving == pytest.approx(wanted, rel=1e-12)
        bought = {n: s for n, s in zip(table.sectors, fractions.added[k], strict=True) if s}
        equipment = {n: v * one.yearly for n, v in one.ict_capital.items() if v}
        current = {n: s for n, s in one.ict_input.items() if s}
        assert bought == pytest.approx(current | equipment, rel=1e-12)
        lasting = {n: s for n, s in zip(table.sectors, fractions.capital[k], strict=True) if s}
        assert lasting == pytest.approx(equipment, rel=1e-12)


def test_equipment_is_a_part_of_the_first_order(ground):
    """Made emissions as the public function has them; value in place from shares and lifetime."""
    central, saved = ground
    table, mine = central.tables[2030], saved[2030, "central"]
    public = plain(central.scenario, central.bridge, table, mine)["first_from_capital"].values
    listed = interventions(central.bridge, mine, table.output)
    now = central.top.sel(year=2030, estimate="central")
    for model in central.scenario.sectors:
        made = sum(v for v, (owner, _) in zip(public, listed, strict=False) if owner == model)
        assert float(now["footprint_equipment"].sel(sector=model)) == pytest.approx(made)
        assert 0 < made < float(now["footprint"].sel(sector=model))
        bought = sum(s.ict_purchases for s in mine if s.model == model)
        (share,) = {c.share for c in central.bridge.cells if c.model == model and c.lifetime}
        assert float(now["ict_equipment"].sel(sector=model)) == pytest.approx(bought * share * 5)


def test_without_equipment_there_is_none_in_place(short, bridge, china):
    cells = tuple(c._replace(lifetime=None) for c in bridge.cells)
    saved = [Saving("industry", "*", 0.1, 0.0, 1e5)]
    found = one_year(short, replace(bridge, cells=cells), china, saved, 0.5)
    both = one_year(short, bridge, china, saved, 0.5)
    assert not found["footprint_equipment"].any()
    assert not found["ict_equipment"].any()
    np.testing.assert_allclose(found["footprint"], both["footprint"], rtol=1e-12)


@pytest.mark.parametrize(
    ("fraction", "rebound", "purchases", "told"),
    [
        (1.2, 0.0, 0.0, "1.2"),
        (-0.1, 0.0, 0.0, "-0.1"),
        (0.1, 2.5, 0.0, "rebound is 2.5"),
        (0.1, 0.0, 1e12, "ict_input"),
        (np.nan, 0.0, 0.0, "nan"),
    ],
)
def test_what_is_no_share_is_refused_in_the_same_words(
    short, bridge, china, fraction, rebound, purchases, told
):
    saved = [Saving("industry", "*", fraction, rebound, purchases)]
    with pytest.raises(InterventionError) as public:
        plain(short, bridge, china, saved)
    with pytest.raises(InterventionError, match=told) as found:
        one_year(short, bridge, china, saved, 0.5)
    assert str(found.value) == str(public.value)


def test_ict_from_a_sector_that_is_not_the_scenarios_is_refused(short, bridge, china):
    other = short.model_copy(update={"ict": ("CON",)})
    with pytest.raises(InterventionError, match="not among ict"):
        one_year(other, bridge, china, [Saving("industry", "*", 0.1, 0.0, 1e6)], 0.5)


def test_a_year_with_other_sectors_is_refused(short, bridge, china):
    saved = [Saving("industry", "*", 0.1, 0.0, 1e6)]
    whole = Comparisons(short, bridge, china, saved)
    whole.axes = (whole.axes[0][::-1], whole.axes[1])
    with pytest.raises(LabelMismatchError, match="another order"):
        whole.year(china)


def test_nothing_saved_changes_nothing(short, bridge, china):
    found = one_year(short, bridge, china, [], 0.5)
    assert not found["enabled"].any()
    assert found["total_after"] == pytest.approx(float(found["total_before"]), rel=1e-14)
