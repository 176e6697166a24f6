"""The top-down half against plain linear algebra on the cells of the sector files."""

import tomllib
from importlib import resources

import numpy as np
import pytest

import sector_models
from handprint.bridge import bridge_of
from handprint.bridging import Saving
from handprint.errors import LedgerError
from handprint.pipeline import bottom_up, run
from handprint.projection import drivers
from handprint.topdown import closure, emissions_by_group, one_year, project, savings

MODELS = ("power", "industry", "transport", "buildings")


def written(model):
    """A sector file as it is written."""
    text = (resources.files("sector_models") / "data" / f"{model}.toml").read_text("utf-8")
    return tomllib.loads(text)


def cells():
    """Cells of all levers, one by one."""
    for model in MODELS:
        file = written(model)
        levers = {"*": file} | file["use_cases"]
        for lever, entry in levers.items():
            for group in entry.get("affected", ()):
                for row in group.get("rows", [""]):
                    for purchaser in group["purchasers"]:
                        yield {
                            "model": model, "lever": lever, "kind": group["kind"], "row": row,
                            "purchaser": purchaser, "share": group["share"],
                        }  # fmt: skip


def covers():
    """Whose emissions belong to which model."""
    return [
        {"emitter": emitter, "model": model, "share": group["share"]}
        for model in MODELS
        for group in written(model)["covers"]
        for emitter in group["emitters"]
    ]


def plain(table):
    """A, s, y, x of a table as arrays, x solved from y."""
    x0 = table.output.values
    a = table.transactions.values / x0
    s = table.satellites["CO2"].values / x0
    y = table.final_demand.sum("category").values
    return a, s, y, np.linalg.solve(np.eye(len(y)) - a, y)


def by_hand(table, saving):
    """What one saving does, written out from the cells; one intervention in each sector."""
    labels, (a, s, y, x) = table.sectors, plain(table)
    net = saving.fraction * (1 - saving.rebound)
    mine = [r for r in cells() if (r["model"], r["lever"]) == (saving.model, saving.lever)]
    everyone = {
        r["purchaser"] for r in cells()
        if r["model"] == saving.model and r["kind"] == "ict"
    }  # fmt: skip
    volume = sum(float(table.output.sel(sector=b)) for b in everyone)
    saved, bought, own, shift = (
        np.zeros_like(a),
        np.zeros_like(a),
        np.zeros_like(s),
        np.zeros_like(y),
    )
    for r in mine:
        share, kind = float(r["share"]), r["kind"]
        i = labels.index(r["row"]) if r["row"] else None
        if kind == "onsite":
            own[labels.index(r["purchaser"])] = net * share
        elif kind == "input":
            j = labels.index(r["purchaser"])
            saved[i, j] = a[i, j] * share * net
        elif kind == "ict":
            bought[i, labels.index(r["purchaser"])] = share * saving.ict_purchases / volume
        elif kind == "demand":
            shift[i] -= (
                share
                * net
                * float(table.final_demand.sel(sector=r["row"], category=r["purchaser"]))
            )
    after = np.linalg.inv(np.eye(len(y)) - (a - saved + bought))
    s1, x1 = s * (1 - own), after @ (y + shift)
    mean = (s + s1) / 2
    cost = float(((saved - bought) @ x1).sum() - shift.sum())
    respent = after @ (y / y.sum()) * cost
    return {
        "first": mean * (after @ bought @ x),
        "second": -mean * (after @ (shift - saved @ x)) + (s - s1) * (x + x1) / 2,
        "respending": float(s1 @ respent),
        "before": float(s @ x),
        "after": float(s1 @ x1),
        "cost": cost,
    }


def covered(table, model):
    """Share of each sector's emissions inside a model, and that of households."""
    mine = {r["emitter"]: float(r["share"]) for r in covers() if r["model"] == model}
    return np.array([mine.get(s, 0.0) for s in table.sectors]), mine.get("households", 0.0)


@pytest.mark.parametrize(
    "saving",
    [
        Saving("power", "*", 0.12, 0.05, 3e7),
        Saving("power", "demand_management", 0.04, 0.05, 0.0),
        Saving("industry", "*", 0.1, 0.1, 2e8),
        Saving("transport", "*", 0.15, 0.2, 2e7),
        Saving("buildings", "*", 0.3, 0.15, 1e8),
    ],
    ids=lambda s: f"{s.model}:{s.lever}",
)
def test_one_saving_by_hand(saving, bridge, china, short):
    found = one_year(short, bridge, china, [saving], share=0.75)
    wanted = by_hand(china, saving)
    inside, at_home = covered(china, saving.model)
    home = float(china.households["CO2"]) * at_home * saving.fraction * (1 - saving.rebound)
    within = float(inside @ wanted["second"])
    here = MODELS.index(saving.model)
    expected = {
        "enabled": within + home,
        "households": home,
        "upstream": float(wanted["second"].sum()) - within,
        "footprint": float(wanted["first"].sum()),
        "respending_of_all": wanted["respending"],
        "rebound_respending": 0.75 * wanted["respending"],
        "cost_saving": wanted["cost"],
    }
    for name, value in expected.items():
        assert found[name][here] == pytest.approx(value, rel=1e-9, abs=1e-9), name
        np.testing.assert_array_equal(np.delete(found[name], here), 0, err_msg=name)
    assert found["total_before"] == pytest.approx(wanted["before"], rel=1e-12)
    assert found["total_after"] == pytest.approx(wanted["after"], rel=1e-12)
    assert found["total_after_respending"] == pytest.approx(
        wanted["after"] + 0.75 * wanted["respending"], rel=1e-12
    )


def test_orders_add_up_to_the_change_of_all_emissions(current):
    top = current.top_down
    parts = (top["footprint"] - (top["enabled"] - top["households"]) - top["upstream"]).sum(
        "sector"
    )
    np.testing.assert_allclose(top["total_after"] - top["total_before"], parts, atol=1e-9)
    emitters = top["emitters"].sum(["sector", "emitter"])
    np.testing.assert_allclose(
        top["total_after_respending"] - top["total_before"], emitters, atol=1e-9
    )


def test_respending_takes_the_share_of_the_scenario(current):
    top = current.top_down
    for estimate, share in (("low", 0.5), ("central", 0.75), ("high", 1.0)):
        np.testing.assert_allclose(
            top["rebound_respending"].sel(estimate=estimate),
            share * top["respending_of_all"].sel(estimate=estimate),
            rtol=1e-12,
        )


def test_savings_are_shares_of_the_reference(current, bridge, china):
    parts = current.bottom_up
    tables = dict.fromkeys(current.scenario.years, china)
    every = savings(current.scenario, bridge, tables, parts)[2030, "high"]
    saved = {(s.model, s.lever): s for s in every}
    now = parts.sel(year=2030, estimate="high")
    reference = float(now["reference"].sel(sector="power"))
    own = now.sel(use_case="power.demand_management")
    shared = [u for u in now["use_case"].values if u.startswith("power.")]
    shared.remove("power.demand_management")
    rest = now.sel(use_case=shared)
    found = saved["power", "demand_management"]
    assert found.fraction == pytest.approx(float(own["enabled"]) / reference)
    assert found.rebound == pytest.approx(float(own["rebound"] / own["enabled"]))
    assert found.ict_purchases == 0
    found = saved["power", "*"]
    assert found.fraction == pytest.approx(float(rest["enabled"].sum()) / reference)
    # The ICT of all levers of a model is bought once, with the cells they share.
    assert found.ict_purchases == pytest.approx(
        float(rest["ict_purchases"].sum() + own["ict_purchases"])
    )
    assert set(saved) == {(m, "*") for m in MODELS} | {("power", "demand_management")}


def test_emissions_of_groups_by_hand(bridge, china):
    found = emissions_by_group(bridge, china, "CO2")
    e, home = china.satellites["CO2"], float(china.households["CO2"])
    assert float(found.sel(group="power")) == pytest.approx(float(e.sel(sector="ELE")))
    assert float(found.sel(group="transport")) == pytest.approx(
        float(e.sel(sector="TRA")) + 0.281 * home
    )
    assert float(found.sum()) == pytest.approx(float(e.sum()) + home)


def test_reference_is_base_times_activity_times_intensity(current, bridge, china):
    base = emissions_by_group(bridge, china, "CO2")
    paths = current.drivers.sel(estimate="central")
    for model in MODELS:
        wanted = (
            float(base.sel(group=model))
            * paths["activity"].sel(model=model).values
            * paths["intensity"].sel(group=model).values
        )
        np.testing.assert_allclose(current.bottom_up["reference"].sel(sector=model), wanted)


def test_projected_economy_follows_the_drivers(current, bridge, china):
    a, s, _, _ = plain(china)
    paths = current.drivers.sel(estimate="central", year=2030)
    index = dict(zip(paths["category"].values, paths["demand"].values, strict=True))
    y = sum(china.final_demand.sel(category=c).values * index.get(c, 1.0) for c in china.categories)
    x = np.linalg.solve(np.eye(len(y)) - a, y)
    group = dict.fromkeys(china.sectors, "other") | {r["emitter"]: r["model"] for r in covers()}
    change = [float(paths["intensity"].sel(group=group[c])) for c in china.sectors]
    table = project(current.scenario, bridge, china, current.drivers, [2030])[2030]
    np.testing.assert_allclose(table.output, x, rtol=1e-9)
    np.testing.assert_allclose(table.satellites["CO2"], s * change * x, rtol=1e-9)
    # Households follow transport and buildings, weighted by what these cover of them.
    use = {
        m: float(paths["activity"].sel(model=m) * paths["intensity"].sel(group=m)) for m in MODELS
    }
    wanted = float(china.households["CO2"]) * (0.281 * use["transport"] + 0.719 * use["buildings"])
    assert float(table.households["CO2"]) == pytest.approx(wanted)


@pytest.mark.parametrize("year", [2020, 2025, 2030])
def test_ledger_of_a_year_by_hand(year, current, bridge, china):
    table = project(current.scenario, bridge, china, current.drivers, [year])[year]
    a, s, y, _ = plain(table)
    m = s @ np.linalg.inv(np.eye(len(y)) - a)
    book = current.ledger.sel(year=year)
    assert float(book["produced"]) == pytest.approx(float(table.satellites["CO2"].sum()))
    assert float(book["embodied"]) == pytest.approx(float(m @ y), rel=1e-9)
    assert float(book["households"]) == pytest.approx(float(table.households["CO2"]))
    assert abs(float(book["gap"])) <= 1e-9 * float(book["produced"])
    assert abs(float(book["counterfactual_gap"])) <= 1e-9 * float(book["produced"])
    assert abs(float(book["not_allocated"])) <= 1e-9 * float(book["produced"])


def test_open_ledger_stops_the_run(current, bridge, china):
    tables = project(current.scenario, bridge, china, current.drivers, current.scenario.years)
    top = current.top_down.copy(deep=True)
    top["emitters"].loc[{"year": 2025, "estimate": "central", "emitter": "STE"}] += 1e-3
    with pytest.raises(LedgerError, match="current-policy, 2025: the ledger is open"):
        closure(current.scenario, tables, top)


def subset(scenario, *names):
    """A scenario with some of the sector models only."""
    keep = {
        g: {k: v for k, v in getattr(scenario, g).items() if k in (*names, "other")}
        for g in ("activity", "intensity", "adoption")
    }
    return scenario.model_copy(update={"sectors": names, **keep})


def test_one_sector_model_alone_gives_the_same_bottom_up_effect(short, short_run):
    alone, together = run(subset(short, "transport"), draws=3, seed=1), short_run
    np.testing.assert_allclose(
        alone.indicators["NER"].sel(sector="total"),
        together.indicators["NER"].sel(sector="transport"),
        rtol=1e-12,
    )
    assert alone.reconciled["sector"].values.tolist() == ["transport"]


def test_without_models_households_stay_and_sectors_follow_other(short, china):
    scenario = subset(short, "power")
    alone = bridge_of({"power": sector_models.load("power")}, china)
    table = project(scenario, alone, china, drivers(scenario), [2021])[2021]
    assert float(table.households["CO2"]) == float(china.households["CO2"])
    change = table.satellites["CO2"] / table.output / (china.satellites["CO2"] / china.output)
    printed = {p.year: p.value for p in short.intensity["other"].points}
    assert float(change.sel(sector="STE")) == pytest.approx(printed[2021])
    assert float(change.sel(sector="TRA")) == pytest.approx(printed[2021])
    power = {p.year: p.value for p in short.intensity["power"].points}
    assert float(change.sel(sector="ELE")) == pytest.approx(power[2021])


def test_bottom_up_names_every_lever_once(short, bridge, china):
    models = bridge.models
    tables = project(short, bridge, china, drivers(short), short.years)
    parts = bottom_up(short, bridge, tables, drivers(short))
    labels = parts["use_case"].values.tolist()
    assert len(set(labels)) == len(labels) == sum(len(m.use_cases) for m in models.values())
    assert all(
        label == f"{model}.{lever}"
        for label, model, lever in zip(
            labels, parts["model"].values, parts["lever"].values, strict=True
        )
    )
