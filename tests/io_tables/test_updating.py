"""A table brought to new margins: the next year, its own year, and 149 sectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import io_tables
from io_tables import read, update
from io_tables.errors import BalanceError, LabelError, MissingValueError, TableError, UnitError


@pytest.fixture(scope="module")
def tables() -> Any:
    return io_tables.load("china-2017-cn24"), io_tables.load("china-2018-cn24")


def updated(old: Any, new: Any, **changes: Any) -> Any:
    keywords = {
        "output": new.output,
        "final_demand": new.final_demand,
        "value_added": new.primary_inputs,
        "source": "NBS 2018",
        "price_basis": new.price_basis,
    }
    return update(old, **{k: v for k, v in (keywords | changes).items() if v is not None})


def test_update_to_the_next_year(tables):
    old, new = tables
    guess = updated(old, new)
    np.testing.assert_allclose(guess.output, new.output)
    for axis in (0, 1):
        np.testing.assert_allclose(
            guess.transactions.values.sum(axis=axis),
            new.transactions.values.sum(axis=axis),
            atol=old.tolerance,
        )
    error = [float(abs(t.transactions - new.transactions).sum()) for t in (guess, old)]
    assert error[0] < 0.3 * error[1]
    assert guess.price_basis == new.price_basis
    assert guess.history[-1].startswith("updated to NBS 2018 by GRAS: ")
    assert guess.history[-1].endswith("accounts left out")
    assert guess.satellites == {}
    assert guess.check().ok


def test_update_to_its_own_margins_is_identity(tables):
    old, _ = tables
    again = updated(old, old, satellites="intensity")
    np.testing.assert_allclose(again.transactions, old.transactions, rtol=1e-9)
    np.testing.assert_allclose(again.satellites["CO2"], old.satellites["CO2"], rtol=1e-12)
    assert again.scope == old.scope


def test_update_by_totals_and_margins(tables):
    old, new = tables
    by_totals = updated(
        old, new, final_demand=new.final_demand.sum("category"), value_added=new.value_added
    )
    np.testing.assert_allclose(by_totals.value_added, new.value_added, rtol=1e-9)
    signs = np.sign(by_totals.final_demand.values) == np.sign(old.final_demand.values)
    assert signs.all()
    by_margins = updated(
        old,
        new,
        final_demand=None,
        value_added=None,
        sales=new.transactions.sum("purchaser"),
        purchases=new.transactions.sum("sector").rename(purchaser="sector"),
    )
    np.testing.assert_allclose(by_margins.transactions, by_totals.transactions, rtol=1e-6)


def test_update_with_accounts_and_fixed_cells(tables):
    old, new = tables
    cell = ("AGR", "LIG")
    known = float(new.transactions.sel(sector="AGR", purchaser="LIG"))
    table = updated(
        old,
        new,
        satellites={"CO2": (new.satellites["CO2"], "Mt")},
        households={"CO2": (float(new.households["CO2"]), "Mt")},
        fixed={cell: known},
    )
    assert float(table.transactions.sel(sector="AGR", purchaser="LIG")) == known
    np.testing.assert_array_equal(table.satellites["CO2"], new.satellites["CO2"])


@pytest.mark.parametrize(
    ("changes", "error", "place"),
    [
        ({"sales": [1]}, TableError, "one of each pair"),
        ({"final_demand": None}, TableError, "one of each pair"),
        ({"source": " "}, TableError, "source is empty"),
        ({"satellites": "kept"}, TableError, "'kept'"),
        ({"households": {"CO2": (1, "Mt")}}, UnitError, "households without satellites"),
        ({"output": [1, 2]}, LabelError, "output has shape"),
    ],
)
def test_update_refuses(changes, error, place, tables):
    with pytest.raises(error, match=place):
        updated(*tables, **changes)


def test_update_refuses_margins_that_differ(tables):
    old, new = tables
    with pytest.raises(BalanceError, match=r"intermediate sales sum to .* purchases to"):
        updated(old, new, value_added=new.value_added * 1.01)
    odd = new.value_added.copy()
    odd.loc["COA"] = -1
    with pytest.raises(BalanceError, match="value added of COA is -1"):
        updated(old, new, value_added=odd)
    holes = new.final_demand.copy()
    holes.loc["COA", "exports"] = np.nan
    with pytest.raises(MissingValueError, match="sector COA, category exports"):
        updated(old, new, final_demand=holes)
    missing = new.output.copy()
    missing.loc["COA"] = np.nan
    with pytest.raises(MissingValueError, match="sector COA: output is nan"):
        updated(old, new, output=missing)


def test_149_sectors_to_new_margins(raw_folder):
    """China 2017 moved to margins 30 % away, and back."""
    old = read(raw_folder / "nbs_china_io" / "china_2017_149.csv", year=2017)
    rng = np.random.default_rng(1)
    moved = old.transactions * rng.lognormal(0, 0.3, old.transactions.shape)
    sales = moved.values.sum(axis=1)
    purchases = moved.values.sum(axis=0)
    output = sales + old.final_demand.values.sum(axis=1)
    wages = output - purchases
    keywords = {"price_basis": old.price_basis, "output": output}
    new = update(
        old,
        final_demand=old.final_demand,
        value_added=np.array([wages, *[0 * wages] * 3]),
        source="a test",
        **keywords,
    )
    np.testing.assert_allclose(new.transactions.values.sum(axis=1), sales, atol=0.5)
    np.testing.assert_allclose(new.transactions.values.sum(axis=0), purchases, atol=0.5)
    assert (np.sign(new.transactions.values) == np.sign(old.transactions.values)).all()
    np.testing.assert_array_equal(new.final_demand, old.final_demand)
    back = update(
        new,
        output=old.output,
        sales=old.transactions.values.sum(axis=1),
        value_added=old.primary_inputs,
        price_basis=old.price_basis,
        source="back",
    )
    np.testing.assert_allclose(back.transactions, old.transactions, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(back.final_demand, old.final_demand, rtol=1e-6, atol=1e-3)
    assert len(back.history) == len(old.history) + 2
