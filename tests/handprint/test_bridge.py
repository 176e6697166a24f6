"""From what a lever saves to the cells of the table that change."""

import numpy as np
import pytest

import io_tables
import sector_models
from handprint.bridge import bridge_of
from handprint.bridging import (
    Emitting,
    Saving,
    demand_changes,
    interventions,
    lever_base,
    purchased_power,
)
from handprint.errors import ScenarioError, UnknownSectorError

MODELS = ("power", "industry", "transport", "buildings")


def changed(name, **fields):
    return {name: sector_models.load(name).model_copy(update=fields)}


def saving(model, lever="*", fraction=0.1, rebound=0.2, ict_purchases=0.0):
    return Saving(model, lever, fraction, rebound, ict_purchases)


def test_transport_saves_its_own_fuel_and_buys_ict(bridge, china):
    x = float(china.output.sel(sector="TRA"))
    ((model, measure),) = interventions(
        bridge, [saving("transport", ict_purchases=0.01 * x)], china.output
    )
    assert (model, measure.sector, measure.penetration, measure.rebound) == (
        "transport", "TRA", 1.0, 0.2,
    )  # fmt: skip
    assert measure.saving == {"COA": 0.1, "OIL": 0.1, "REF": 0.1, "GAS": 0.1}
    assert measure.onsite == 0.1
    # The sector file says: 60 % services, 40 % equipment that lasts five years.
    assert measure.ict_input == pytest.approx({"ICS": 0.006})
    assert measure.ict_capital == pytest.approx({"ICM": 0.004 * 5})
    assert measure.yearly == pytest.approx(1 / 5)


def test_shares_of_a_cell_scale_the_saving(bridge, china):
    found = {m.sector: m for _, m in interventions(bridge, [saving("industry")], china.output)}
    # A tenth of the coal that refineries buy is fuel, and a twentieth of the crude oil.
    assert found["REF"].saving["COA"] == pytest.approx(0.01)
    assert found["REF"].saving["OIL"] == pytest.approx(0.005)
    assert found["REF"].onsite == pytest.approx(0.1)


def test_ict_purchases_are_spread_by_output(bridge, china):
    bought = interventions(bridge, [saving("buildings", ict_purchases=1e6)], china.output)
    yearly = {
        m.sector: sum(m.ict_input.values()) + sum(m.ict_capital.values()) * m.yearly
        for _, m in bought
    }
    spent = {
        s: coefficient * float(china.output.sel(sector=s)) for s, coefficient in yearly.items()
    }
    assert sum(spent.values()) == pytest.approx(1e6)
    assert spent["PUB"] / spent["TRD"] == pytest.approx(
        float(china.output.sel(sector="PUB") / china.output.sel(sector="TRD"))
    )


def test_demand_management_saves_electricity_of_everyone_but_the_power_sector(bridge, china):
    found = [
        m for _, m in interventions(bridge, [saving("power", "demand_management")], china.output)
    ]
    assert {m.sector for m in found} == set(china.sectors) - {"ELE"}
    assert all(m.saving == {"ELE": 0.1} and m.onsite == 0 for m in found)


def test_households_buy_less_fuel_net_of_rebound(bridge, china):
    (change,) = demand_changes(bridge, [saving("transport")], china).values()
    bought = china.final_demand.sel(sector="REF", category=["rural households", "urban households"])
    # 80 % of their refined oil is vehicle fuel; saved 10 %, a fifth of it lost again.
    assert float(change.sel(sector="REF")) == pytest.approx(-0.8 * 0.1 * 0.8 * float(bought.sum()))
    assert float(np.abs(change).sum()) == pytest.approx(-float(change.sel(sector="REF")))


def test_models_without_household_cells_change_no_demand(bridge, china):
    assert demand_changes(bridge, [saving("industry")], china) == {}


def test_output_of_buyers_is_summed(bridge, china):
    assert set(bridge.ict_buyers("buildings")) == {"TRD", "BUS", "PUB"}
    wanted = float(china.output.sel(sector=["TRD", "BUS", "PUB"]).sum())
    found = bridge.ict_buyers_output("buildings", {2020: china, 2021: china})
    np.testing.assert_allclose(found, [wanted, wanted])
    assert found.attrs["units"] == "10^4 CNY"


def test_boundary_by_hand(bridge):
    shares = bridge.boundary
    assert float(shares.sel(emitter="ELE", group="power")) == 1
    assert float(shares.sel(emitter="households", group="transport")) == 0.281
    np.testing.assert_allclose(shares.sum("group"), 1)


def test_what_no_model_covers_is_other(china):
    shares = bridge_of(changed("transport"), china).boundary
    assert float(shares.sel(emitter="ELE", group="other")) == 1
    assert float(shares.sel(emitter="households", group="other")) == pytest.approx(1 - 0.281)


def test_other_sectors_are_refused_by_name():
    models = {name: sector_models.load(name) for name in MODELS}
    with pytest.raises(UnknownSectorError, match=r"missing COA.*unknown IND.*concordance to cn24"):
        bridge_of(models, io_tables.load("china-2017-cn8"))


def test_model_without_a_place_in_the_table_is_refused(china):
    with pytest.raises(ScenarioError, match=r"(?s)transport: covers is missing.*affected is"):
        bridge_of(changed("transport", covers=(), affected=()), china)


def test_emissions_are_not_given_to_two_models(china):
    twice = {"one": sector_models.load("transport"), "two": sector_models.load("transport")}
    with pytest.raises(
        ScenarioError, match="'TRA': the models claim 2 times its emissions: one, two"
    ):
        bridge_of(twice, china)


def test_a_part_never_comes_with_its_whole(china):
    part = sector_models.load("transport").model_copy(update={"part_of": "buildings"})
    with pytest.raises(ScenarioError, match="'transport' is part of 'buildings': take one"):
        bridge_of({"transport": part, "buildings": sector_models.load("buildings")}, china)


def test_missing_category_is_refused(china):
    renamed = china.final_demand.assign_coords(
        category=[c.replace("rural", "farm") for c in china.categories]
    )
    table = io_tables.from_arrays(
        china.transactions.values, renamed.values, sectors=china.sectors,
        categories=list(renamed["category"].values), output=china.output.values,
        units=china.units, price_basis=china.price_basis, source="made up", tolerance=1e6,
    )  # fmt: skip
    with pytest.raises(UnknownSectorError, match="no category 'rural households'"):
        bridge_of({name: sector_models.load(name) for name in MODELS}, table)


def test_electricity_bought_by_hand(china):
    """Purchase over output of the power sector, times what it emits."""
    model = sector_models.load("power").model_copy(update={"scope": "direct+purchased"})
    found = float(
        purchased_power(bridge_of({"power": model}, china), china, "CO2").sel(model="power")
    )
    bought = china.transactions.sel(sector="ELE").drop_sel(purchaser="ELE").sum()
    homes = china.final_demand.sel(sector="ELE", category=["rural households", "urban households"])
    share = float(bought + homes.sum()) / float(china.output.sel(sector="ELE"))
    assert found == pytest.approx(share * float(china.satellites["CO2"].sel(sector="ELE")))


def test_direct_models_buy_no_electricity_in_their_scope(bridge, china):
    assert float(abs(purchased_power(bridge, china, "CO2")).sum()) == 0


def test_levers_with_shares_of_their_cells_add_up(china):
    """On disjoint segments 10 % and 5 % of what transport burns are 15 %, net of rebound."""
    model = sector_models.load("transport")
    first, second = list(model.use_cases)[:2]
    cases = {
        key: case.model_copy(
            update={"affected": model.affected[:2] if key in (first, second) else ()}
        )
        for key, case in model.use_cases.items()
    }
    both = bridge_of(changed("transport", saving_of="cells", use_cases=cases), china)
    saved = [saving("transport", first, 0.1), saving("transport", second, 0.05, rebound=0.0)]
    ((_, measure),) = interventions(both, saved, china.output)
    assert measure.onsite == pytest.approx(0.1 * 0.8 + 0.05)
    assert measure.rebound == 0
    base = lever_base(both, "transport", first, Emitting(china, "CO2"))
    assert base == pytest.approx(float(china.satellites["CO2"].sel(sector="TRA")))
