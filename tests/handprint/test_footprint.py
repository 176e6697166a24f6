"""Footprint accounts: by hand on two regions, against pymrio, and closed to nine digits."""

from dataclasses import replace

import numpy as np
import pytest

import io_tables
from handprint.errors import (
    LedgerError,
    MemoryLimitError,
    MissingSatelliteError,
    ScopeError,
    UnitMismatchError,
    UnknownSectorError,
)
from handprint.footprint import MEANINGS, footprint, refuse_open
from handprint.warming import BASIS, potentials

# Two regions, two industries: A makes goods for both, B buys goods abroad.
Z = [[10, 5, 5, 0], [5, 10, 0, 0], [0, 0, 10, 10], [0, 0, 5, 10]]
Y = [[60, 20], [80, 5], [5, 75], [0, 85]]
X = [100, 100, 100, 100]
CO2 = [50, 10, 30, 0]


def made(satellites=None, final_demand=Y, **options):
    given = {
        "sectors": ["goods", "services"] * 2,
        "regions": ["A", "A", "B", "B"],
        "categories": ["A:final demand", "B:final demand"],
        "satellites": satellites or {"CO2": (CO2, "Mt")},
        "units": "USD",
        "price_basis": "current",
        "source": "by hand",
        "scope": "direct",
        "output": X,
    } | options
    return io_tables.from_arrays(Z, final_demand, **given)


def test_two_regions_by_hand():
    book = footprint(made()).sel(stressor="CO2")
    # A buys nothing from B but the 5 of goods in final demand; B's goods need B's inputs.
    b = np.linalg.inv(np.eye(2) - [[0.1, 0.1], [0.05, 0.1]])  # B alone
    own = np.array([0.3, 0.0]) @ b
    assert book["imports"].sel(use="A").item() == pytest.approx(own[0] * 5)
    assert book["produced"].values.tolist() == [60, 30]
    net = book["exports"] - book["imports"].rename(use="region")
    np.testing.assert_allclose(book["produced"] - book["consumed"].values, net.values)
    assert book["consumed"].sum().item() == pytest.approx(90)
    np.testing.assert_allclose(book["consumed_product"].sum("industry"), book["consumed"])


def test_every_variable_says_what_it_is():
    """Names in both languages, a unit, and that nothing of it is avoided."""
    world = footprint(with_homes([5.0, 2.0], categories=["A:rural", "B:rural"]))
    nation = footprint(io_tables.load("china-2017-cn24"), ["CO2"])
    assert set(MEANINGS) == set(world) | set(nation)
    for book in (world, nation):
        for name, array in book.data_vars.items():
            assert {"long_name", "long_name_zh", "units", "kind"} <= set(array.attrs), name
            assert "avoided" in array.attrs["description"]
            assert "avoided" not in array.attrs["long_name"]
            assert array.attrs["kind"] == "account"
    assert world["multiplier"].attrs["units"] == "(Mt)/USD"
    assert "method" in world["multiplier"].attrs


def test_source_to_use_is_intensity_times_output_for_each_use():
    book = footprint(made()).sel(stressor="CO2")
    inverse = np.linalg.inv(np.eye(4) - np.array(Z) / X)
    flows = (np.array(CO2) / X)[:, None] * (inverse @ Y)
    np.testing.assert_allclose(
        book["source_to_use"], flows.reshape(2, 2, 2).sum(axis=1), rtol=1e-12
    )


def test_shuffled_sectors_give_the_same_accounts():
    order = [2, 0, 3, 1]
    shuffled = io_tables.from_arrays(
        np.array(Z)[np.ix_(order, order)],
        np.array(Y)[order],
        sectors=["goods", "goods", "services", "services"],
        regions=["B", "A", "B", "A"],
        categories=["A:final demand", "B:final demand"],
        satellites={"CO2": (np.array(CO2)[order], "Mt")},
        units="USD",
        price_basis="current",
        source="by hand",
        scope="direct",
        output=X,
    )
    one, other = footprint(made()), footprint(shuffled)
    for name in ("produced", "consumed", "source_to_use", "imports", "exports"):
        again = other[name].reindex({d: one[d] for d in one[name].dims})
        np.testing.assert_allclose(again, one[name], rtol=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_pymrio_gives_the_same_accounts():
    pymrio = pytest.importorskip("pymrio", reason="pymrio is not installed")
    world = pymrio.load_test()
    world.calc_all()
    account = world.emissions
    regions = [str(r) for r in world.Z.index.get_level_values(0)]
    table = io_tables.from_arrays(
        world.Z.to_numpy(),
        world.Y.to_numpy(),
        sectors=[str(s) for s in world.Z.index.get_level_values(1)],
        regions=regions,
        categories=[f"{r}:{c}" for r, c in world.Y.columns],
        satellites={str(i): (row.to_numpy(), "kg") for i, row in account.F.iterrows()},
        units="EUR",
        price_basis="current",
        source="pymrio test system",
        scope="direct",
        output=world.x.to_numpy().ravel(),
    )
    book = footprint(table)
    kinds = ["multiplier", "consumed", "imports", "exports", "produced"]
    theirs = [account.M, account.D_cba_reg, account.D_imp_reg, account.D_exp_reg, account.D_pba_reg]
    order = list(dict.fromkeys(regions))
    for kind, frame in zip(kinds, theirs, strict=True):
        households = kind in ("consumed", "produced") and account.F_Y is not None
        expected = frame.to_numpy(copy=True)
        if households:
            expected -= account.F_Y.T.groupby(level=0).sum().T[order].to_numpy()
        np.testing.assert_allclose(book[kind].values, expected, rtol=1e-9, err_msg=kind)
    np.testing.assert_allclose(
        book["consumed_product"].values.reshape(2, -1), account.D_cba.to_numpy(), rtol=1e-9
    )


# Gases, value added, employment


def test_gases_become_co2e_of_a_stated_set():
    table = made(
        {"CO2": (CO2, "Mt"), "CH4 fossil": ([100, 0, 50, 0], "kt CH4"), "jobs": (X, "persons")},
        households={"CO2": (7.0, "Mt")},
    )
    book = footprint(table, gwp="AR6")
    assert book["units"].values.tolist() == ["Mt CO2e", "Mt CO2e", "persons", "Mt CO2e"]
    produced = book["produced"].sum("region")
    assert produced.sel(stressor="CH4 fossil").item() == pytest.approx(0.15 * 29.8)
    assert produced.sel(stressor="GHG").item() == pytest.approx(90 + 0.15 * 29.8)
    assert produced.sel(stressor="jobs").item() == 400
    assert book["households"].sel(stressor="GHG").item() == 7.0
    assert book["gwp"].values.tolist() == [1.0, 29.8, 0.0, 1.0]
    assert book.attrs["gwp_set"] == "AR6, 100 years"
    total = book["multiplier"].sel(stressor=["CO2", "CH4 fossil"]).sum("stressor")
    np.testing.assert_allclose(book["multiplier"].sel(stressor="GHG"), total, rtol=1e-12)


def test_without_a_set_gases_stay_apart():
    table = made({"CO2": (CO2, "Mt"), "CH4": ([1, 0, 0, 0], "kt")})
    book = footprint(table)
    assert book["units"].values.tolist() == ["Mt", "kt"]
    assert "gwp" not in book.coords
    assert book["consumed"].attrs["units"] == "see coordinate units"


@pytest.mark.parametrize("gwp", ["AR4", "AR5", "AR6"])
def test_every_set_has_the_same_gases_and_a_source(gwp):
    found = potentials(gwp)
    assert set(found) == set(potentials("AR6"))
    assert found["CO2"].value == 1
    assert all(gwp in p.source for p in found.values())


def by_hand_gwp():
    """Printed 100-year values, IPCC: AR4 table 2.14, AR5 table 8.A.1, AR6 tables 7.15, 7.SM.7."""
    gases = ["CH4", "CH4 fossil", "CH4 biogenic", "N2O", "SF6", "NF3", "CF4"]
    printed = {
        "AR4": [25, 25, 25, 298, 22800, 17200, 7390],
        "AR5": [28, 30, 28, 265, 23500, 16100, 6630],
        "AR6": [27.9, 29.8, 27.0, 273, 25200, 17400, 7380],
    }
    return [(s, g, v) for s, row in printed.items() for g, v in zip(gases, row, strict=True)]


@pytest.mark.parametrize(("gwp", "gas", "value"), by_hand_gwp())
def test_potentials_are_those_printed(gwp, gas, value):
    assert potentials(gwp)[gas].value == value


@pytest.mark.parametrize("gwp", BASIS)
def test_every_potential_states_its_table_and_feedback(gwp):
    word = "with carbon-cycle response" if gwp == "AR6" else "without climate-carbon feedback"
    assert all("table" in p.source and word in p.source for p in potentials(gwp).values())
    book = footprint(made({"CO2": (CO2, "Mt")}), gwp=gwp)
    assert book.attrs["gwp_basis"] == BASIS[gwp]


# Households


def with_homes(amounts, total=None, **options):
    """A table whose categories of final demand emit."""
    table = made(households={"CO2": (sum(amounts) if total is None else total, "Mt")}, **options)
    demand = table.final_demand.assign_coords({"direct CO2": ("category", np.array(amounts))})
    return replace(table, final_demand=demand)


def test_households_emit_by_category_and_region():
    categories = ["A:rural", "B:rural"]
    book = footprint(with_homes([5.0, 2.0], categories=categories)).sel(stressor="CO2")
    assert book["households"].item() == 7
    assert book["households_category"].sel(category="B:rural").item() == 2
    assert book["households_region"].sel(region=["A", "B"]).values.tolist() == [5, 2]
    whole = book["produced"] + book["households_region"]
    assert whole.values.tolist() == [65, 32]


def test_several_categories_of_a_region_add_up():
    split = [[40, 20, 20], [50, 30, 5], [5, 35, 40], [0, 45, 40]]
    table = with_homes(
        [5.0, 1.0, 2.0], categories=["A:rural", "B:rural", "B:urban"], final_demand=split
    )
    book = footprint(table).sel(stressor="CO2")
    assert book["households_region"].values.tolist() == [5, 3]


def test_household_gases_are_weighed_by_category():
    table = made(
        {"CO2": (CO2, "Mt"), "CH4": ([1, 0, 0, 0], "kt")},
        households={"CO2": (7.0, "Mt"), "CH4": (100.0, "kt")},
    )
    split = {"direct CO2": ("category", [5.0, 2.0]), "direct CH4": ("category", [0.0, 100.0])}
    book = footprint(
        replace(table, final_demand=table.final_demand.assign_coords(split)), gwp="AR5"
    )
    warming = book["households_region"].sel(stressor="GHG")
    np.testing.assert_allclose(warming, [5, 2 + 2.8])
    np.testing.assert_allclose(warming.sum(), book["households"].sel(stressor="GHG"))


def test_households_of_unknown_region_stay_a_sum():
    """One gas without categories: no split is made up for it."""
    table = with_homes([5.0, 2.0], satellites={"CO2": (CO2, "Mt"), "CH4": (CO2, "kt")})
    methane = table.households["CO2"].assign_attrs(units="kt")
    table = replace(table, households={**table.households, "CH4": methane})
    book = footprint(table)
    assert {"households_region", "households_category"} & set(book) == set()
    assert book["households"].values.tolist() == [7, 7]
    assert "households_region" in footprint(table, ["CO2"])


def test_households_of_one_region_are_all_its_own():
    book = footprint(io_tables.load("china-2017-cn24"), ["CO2"]).sel(stressor="CO2")
    assert book["households_region"].values.tolist() == [book["households"].item()]
    assert "households_category" not in book


def test_categories_that_miss_their_sum_are_refused():
    with pytest.raises(LedgerError, match="is 8, its categories sum to 7"):
        footprint(with_homes([5.0, 2.0], total=8.0))


def test_household_emissions_of_nobody_are_refused():
    with pytest.raises(LedgerError, match="outside its regions"):
        footprint(with_homes([5.0, 2.0], categories=["A:rural", "rest of world"]))


# Value added and jobs


def test_jobs_are_those_behind_what_a_region_buys():
    """Employment by source and use; one person per unit of output."""
    book = footprint(made({"jobs": (X, "persons")}), ["jobs"]).sel(stressor="jobs")
    inverse = np.linalg.inv(np.eye(4) - np.array(Z) / X)
    np.testing.assert_allclose(book["consumed"], (inverse @ Y).sum(axis=0), rtol=1e-12)
    assert book["produced"].values.tolist() == [200, 200]
    flows = book["source_to_use"]
    np.testing.assert_allclose(flows.sum("use"), book["produced"], rtol=1e-12)
    np.testing.assert_allclose(flows.sum("region"), book["consumed"], rtol=1e-12)
    assert book["units"].item() == "persons"


def test_value_added_of_a_closed_world_is_final_demand():
    book = footprint(made(), ["value added"]).sel(stressor="value added")
    np.testing.assert_allclose(book["multiplier"], 1.0, rtol=1e-12)
    np.testing.assert_allclose(book["consumed"], np.sum(Y, axis=0), rtol=1e-12)
    assert book["units"].item() == "USD"


# One region, and what does not close


def test_accounts_that_do_not_fit_are_refused_with_the_estimate():
    """A world of 500 sectors in 100 kB; nothing is started."""
    rng = np.random.default_rng(1)
    n = 500
    flows = rng.uniform(0, 1, (n, n))
    large = io_tables.from_arrays(
        flows,
        flows.sum(axis=1, keepdims=True),
        sectors=[f"s{i}" for i in range(n)],
        satellites={"CO2": (np.ones(n), "Mt")},
        units="USD",
        price_basis="current",
        source="random",
        scope="direct",
    )
    with pytest.raises(MemoryLimitError, match="needs about 2 MiB and may use"):
        footprint(large, memory=100_000, method="lu")
    assert footprint(large, memory=10**9)["consumed"].sum() == pytest.approx(n)


def national(categories, y, **options):
    return io_tables.from_arrays(
        [[10, 5], [5, 5]],
        y,
        sectors=["a", "b"],
        categories=categories,
        satellites={"CO2": ([8, 2], "Mt")},
        units="USD",
        price_basis="current",
        source="test",
        scope="direct",
        **options,
    )


def test_one_region_tells_exports_and_imports_as_if_made_at_home():
    book = footprint(national(["homes", "exports", "imports"], [[80, 20, -15], [40, 10, -10]]))
    one = book.sel(stressor="CO2")
    assert one["produced"].sum().item() == 10
    closed = one["consumed"].sum() + one["exports"].sum() - one["imports"].sum()
    assert closed.item() == pytest.approx(10, rel=1e-12)
    assert book.attrs["imports"] == "as if made at home"


def test_a_table_that_knows_no_imports_has_none():
    book = footprint(national(["homes"], [[85], [40]]))
    assert "imports" not in book
    assert "households" not in book


def test_shipped_tables_close():
    for name in io_tables.names():
        table = io_tables.load(name)
        if "CO2" in table.satellites and table.scope == "direct":
            assert footprint(table, ["CO2", "value added"])["consumed"].min() > 0


def test_emissions_on_a_sector_without_output_are_listed():
    table = io_tables.from_arrays(
        [[10, 0], [0, 0]],
        [90, 0],
        sectors=["a", "idle"],
        units="USD",
        price_basis="current",
        source="test",
        scope="direct",
        satellites={"CO2": ([5, 3], "Mt")},
    )
    loose = footprint(table)["not_allocated"].sel(stressor="CO2", reason="zero output")
    assert loose.item() == 3


@pytest.mark.parametrize("name", ["consumed", "source_to_use"])
def test_an_open_ledger_is_refused(name):
    book = footprint(made())
    book[name] = book[name] * (1 + 1e-8)
    with pytest.raises(LedgerError, match="gap"):
        refuse_open(book, np.array([90.0]))


@pytest.mark.parametrize(
    ("options", "arguments", "error", "words"),
    [
        ({"scope": "direct+purchased"}, {}, ScopeError, "twice"),
        ({}, {"satellites": ["CO"]}, MissingSatelliteError, "CO2"),
        ({}, {"satellites": "CO2"}, MissingSatelliteError, "list"),
        ({}, {"satellites": []}, MissingSatelliteError, "no account"),
        ({}, {"gwp": "AR7"}, UnitMismatchError, "AR6"),
        ({}, {"satellites": ["value added"], "gwp": "AR6"}, MissingSatelliteError, "is a gas"),
        ({"satellites": {"CO2": (CO2, "TJ")}}, {"gwp": "AR6"}, UnitMismatchError, "mass"),
        ({"satellites": {"CH4": (CO2, "t CO2e")}}, {"gwp": "AR6"}, UnitMismatchError, "itself"),
        ({"categories": ["A:final demand", "C:homes"]}, {}, UnknownSectorError, "'C:homes'"),
    ],
)
def test_trouble_is_named(options, arguments, error, words):
    with pytest.raises(error, match=words):
        footprint(made(**options), **arguments)
