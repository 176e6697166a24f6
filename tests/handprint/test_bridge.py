"""From what a lever saves to the cells of the table that change."""

import numpy as np
import pytest

import io_tables
from handprint import bridge
from handprint.bridge import Saving, boundary, demand_changes, fits, ict_buyers, interventions
from handprint.errors import ScenarioError, UnknownSectorError

MODELS = ("power", "industry", "transport", "buildings")


def saving(model, lever="*", fraction=0.1, rebound=0.2, ict_purchases=0.0):
    return Saving(model, lever, fraction, rebound, ict_purchases)


def test_transport_saves_its_own_fuel_and_buys_ict(china):
    x = float(china.output.sel(sector="TRA"))
    ((model, measure),) = interventions([saving("transport", ict_purchases=0.01 * x)], china.output)
    assert (model, measure.sector, measure.penetration, measure.rebound) == (
        "transport", "TRA", 1.0, 0.2,
    )  # fmt: skip
    assert measure.saving == {"COA": 0.1, "OIL": 0.1, "REF": 0.1, "GAS": 0.1}
    assert measure.onsite == 0.1
    # bridge.csv: 60 % services, 40 % equipment.
    assert measure.ict_input == pytest.approx({"ICS": 0.006, "ICM": 0.004})


def test_shares_of_a_cell_scale_the_saving(china):
    found = {m.sector: m for _, m in interventions([saving("industry")], china.output)}
    # bridge.csv: a tenth of the coal that refineries buy is fuel, a twentieth of the crude oil.
    assert found["REF"].saving["COA"] == pytest.approx(0.01)
    assert found["REF"].saving["OIL"] == pytest.approx(0.005)
    assert found["REF"].onsite == pytest.approx(0.1)


def test_ict_purchases_are_spread_by_output(china):
    bought = interventions([saving("buildings", ict_purchases=1e6)], china.output)
    spent = {
        m.sector: sum(m.ict_input.values()) * float(china.output.sel(sector=m.sector))
        for _, m in bought
    }
    assert sum(spent.values()) == pytest.approx(1e6)
    assert spent["PUB"] / spent["TRD"] == pytest.approx(
        float(china.output.sel(sector="PUB") / china.output.sel(sector="TRD"))
    )


def test_demand_management_saves_electricity_of_everyone_but_the_power_sector(china):
    found = [m for _, m in interventions([saving("power", "demand_management")], china.output)]
    assert {m.sector for m in found} == set(china.sectors) - {"ELE"}
    assert all(m.saving == {"ELE": 0.1} and m.onsite == 0 for m in found)


def test_households_buy_less_fuel_net_of_rebound(china):
    (change,) = demand_changes([saving("transport")], china).values()
    bought = china.final_demand.sel(sector="REF", category=["rural households", "urban households"])
    # bridge.csv: 80 % of their refined oil is vehicle fuel; saved 10 %, a fifth of it lost again.
    assert float(change.sel(sector="REF")) == pytest.approx(-0.8 * 0.1 * 0.8 * float(bought.sum()))
    assert float(np.abs(change).sum()) == pytest.approx(-float(change.sel(sector="REF")))


def test_models_without_household_cells_change_no_demand(china):
    assert demand_changes([saving("industry")], china) == {}


def test_output_of_buyers_is_summed(china):
    assert set(ict_buyers("buildings")) == {"TRD", "BUS", "PUB"}
    wanted = float(china.output.sel(sector=["TRD", "BUS", "PUB"]).sum())
    found = bridge.ict_buyers_output("buildings", {2020: china, 2021: china})
    np.testing.assert_allclose(found, [wanted, wanted])
    assert found.attrs["units"] == "10^4 CNY"


def test_boundary_by_hand():
    shares = boundary()
    assert float(shares.sel(emitter="ELE", group="power")) == 1
    assert float(shares.sel(emitter="households", group="transport")) == 0.281
    np.testing.assert_allclose(shares.sum("group"), 1)


def test_shipped_table_fits(china):
    fits(china, MODELS)


def test_other_sectors_are_refused_by_name():
    with pytest.raises(UnknownSectorError, match=r"missing COA.*unknown IND.*concordance to cn24"):
        fits(io_tables.load("china-2017-cn8"), MODELS)


def test_model_without_cells_is_refused_with_the_nearest(china):
    with pytest.raises(UnknownSectorError, match=r"no cells.*'biuldings'.*'buildings'"):
        fits(china, ["power", "biuldings"])


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
        fits(table, MODELS)


CELL = {
    "model": "power", "lever": "*", "kind": "onsite", "row": "", "purchaser": "ELE",
    "status": "assumption", "note": "",
}  # fmt: skip


def test_problems_of_the_bridge_are_listed_together(monkeypatch):
    rows = [
        CELL | {"share": "10", "source": "assumption"},
        CELL | {"share": "0.5", "source": "asumption"},
    ]
    monkeypatch.setattr(bridge, "_rows", lambda name: rows)
    with pytest.raises(ScenarioError) as error:
        bridge.cells.__wrapped__()
    assert "share 10.0 is outside 0..1" in str(error.value)
    assert "source 'asumption' has no entry; did you mean 'assumption'" in str(error.value)


def test_boundary_must_share_out_all_of_an_emitter(monkeypatch):
    rows = [
        {"emitter": "ELE", "model": "power", "share": "0.9", "source": "assumption"},
        {"emitter": "TRA", "model": "power", "share": "1", "source": "assumption"},
    ]
    monkeypatch.setattr(bridge, "_rows", lambda name: rows)
    with pytest.raises(ScenarioError, match="shares of ELE do not sum to one"):
        bridge.boundary.__wrapped__()
