"""CEADs inventories: reading, the split of Others, the estimate of a later year."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from io_tables import accounts
from io_tables.errors import (
    BalanceError,
    LabelError,
    LayoutError,
    MissingValueError,
    TableFileError,
)
from io_tables.readers import ceads

INVENTORY = [
    ["sector", "Raw Coal", "Crude Oil", "Process", "Scope 1 Total"],
    ["Total Consumption", "30", "3", "7", "40"],
    ["Works  ", "10", "1", "7", "18"],
    ["Power", "20", "2", "0", "22"],
]
ENERGY = [
    ["sector", "Raw_Coal [10^4 ton]", "Heat [10^10 kj]", "Electricity [10^8 kwh]"],
    ["Total Final Consumption", "5", "200", "30"],
    ["Work", "4", "150", "20"],
    ["Pow", "1", "50", "10"],
    ["Thermal Power", "8", "0", "-30"],
    ["Heating Supply", "2", "-200", "0"],
]
ROWS = {"Works": "Work", "Power": "Pow"}


def test_inventory(write_csv):
    co2 = ceads.inventory(write_csv(INVENTORY), ROWS)
    assert co2.sel(row="Works").values.tolist() == [10, 1, 7]
    assert co2["fuel"].values.tolist() == ["Raw Coal", "Crude Oil", "Process"]
    assert co2.attrs["units"] == "Mt"


def test_energy_in_our_units(write_csv):
    energy = ceads.energy(write_csv(ENERGY), ROWS)
    power = ceads.final_use(energy, "Electricity")
    assert power.values.tolist() == [2, 1]  # 10^8 kWh is 0.1 TWh
    assert power.attrs["units"] == "TWh"
    heat = ceads.final_use(energy, "Heat")
    assert heat.values.tolist() == [1.5, 0.5]  # 10^10 kJ is 10^13 J, 0.01 PJ
    assert heat.attrs["units"] == "PJ"


BAD = {
    "row missing": (
        INVENTORY,
        (2, 0, "Work"),
        LayoutError,
        "row 'Works': is missing -> did you mean 'Work'",
    ),
    "text": (INVENTORY, (2, 1, "-"), MissingValueError, "row 'Works' (line 3), column Raw Coal"),
    "sum": (INVENTORY, (3, 4, "23"), BalanceError, "row Power: fuels sum to 22, 23 is printed"),
    "no total": (INVENTORY, (0, 4, "Total"), LayoutError, "no column 'Scope 1 Total'"),
    "unit": (ENERGY, (0, 2, "Heat [10^10 kcal]"), LayoutError, "Heat is in '10^10 kcal'"),
    "conversion": (ENERGY, (4, 0, "Power plants"), LayoutError, "row 'Thermal Power'"),
}


@pytest.mark.parametrize("case", BAD)
def test_inventory_is_refused(case, write_csv):
    rows, (line, column, text), error, message = BAD[case]
    changed = [list(row) for row in rows]
    changed[line][column] = text
    path = write_csv(changed)
    reader = ceads.inventory if rows is INVENTORY else ceads.energy
    with pytest.raises(error) as caught:
        reader(path, ROWS)
    assert message in str(caught.value)


def test_workbook_and_csv_agree(raw_folder):
    rows = list(accounts.energy_rows())
    folder = raw_folder / "ceads_china"
    (workbook,) = folder.glob("China_CO2*.xlsx")
    for year, total in ((2012, 9080.55), (2018, 9621.12)):
        text = ceads.inventory(folder / f"national_co2_mt_by_sector_fuel_{year}.csv", rows)
        sheet = ceads.inventory(workbook, rows, sheet=str(year))
        xr.testing.assert_allclose(text, sheet)
        assert float(text.sum()) == pytest.approx(total, abs=0.005)
    assert float(ceads.inventory(workbook, rows, sheet="2019").sum()) == pytest.approx(
        9794.76, abs=0.005
    )
    with pytest.raises(TableFileError, match="no sheet '2020'; did you mean"):
        ceads.inventory(workbook, rows, sheet="2020")


def test_not_a_workbook(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_text("no workbook", encoding="utf-8")
    with pytest.raises(TableFileError, match="not a workbook"):
        ceads.inventory(path, [], sheet="2019")


def test_rows_and_households():
    concordance = accounts.ceads_concordance("cn24", {"ICS": 0.1, "BUS": 0.6, "PUB": 0.3})
    assert len(concordance.sectors) == 47
    assert concordance.targets[-1] == "households"
    rows = xr.DataArray(
        np.ones(47), coords={"row": concordance.sectors}, dims="row", attrs={"units": "Mt"}
    )
    sectors, households = accounts.by_sector(rows, concordance)
    assert households == 2  # urban and rural
    assert float(sectors.sum()) == pytest.approx(45)
    assert sectors.sel(sector=["ICS", "BUS", "PUB"]).values.tolist() == [0.1, 0.6, 0.3]
    assert float(sectors.sel(sector="LIG")) == 12
    assert float(sectors.sel(sector="TRA")) == 1


def test_instruments_row_moves():
    shares = {"ICS": 0.1, "BUS": 0.6, "PUB": 0.3}
    plain, variant = (accounts.ceads_concordance(t, shares) for t in ("cn24", "cn24-instruments"))
    moved = (plain.shares != variant.shares).any("target")
    assert moved["sector"].values[moved.values].tolist() == [
        "Instruments, Meters, Cultural and Office Machinery"
    ]


def energy(values: list[list[float]]) -> xr.DataArray:
    rows = ["Works", "Tiny", accounts.POWER_ROW, *ceads.CONVERSION]
    return xr.DataArray(
        values,
        coords={"row": rows, "carrier": ["Raw Coal", "Gas"], "unit": ("carrier", ["t", "t"])},
        dims=("row", "carrier"),
    )


def test_carried_forward_by_hand():
    before = energy([[10, 4], [1, 0], [99, 9], [60, 2], [29, 4]])
    after = energy([[12, 2], [5, 1], [1, 1], [70, 3], [33, 3]])
    co2 = xr.DataArray(
        [[20, 8, 1], [2, 3, 1], [100, 6, 0]],
        coords={
            "row": ["Works", "Tiny", accounts.POWER_ROW],
            "fuel": ["Raw Coal", "Gas", "Process"],
        },
        dims=("row", "fuel"),
        attrs={"units": "Mt"},
    )
    process = co2.sel(fuel="Process", drop=True) * 3
    found = accounts.carried_forward(co2, before, after, process)
    # coal of Tiny grew fivefold: not believed, all rows went from 100 to 120
    coal = [20 * 12 / 10, 2 * 120 / 100, 100 * 103 / 89]
    # gas of Works halved, which is just believed; Tiny had none: all rows went from 10 to 9
    gas = [8 * 2 / 4, 3 * 9 / 10, 6 * 6 / 6]
    np.testing.assert_allclose(found.sel(fuel="Raw Coal"), coal)
    np.testing.assert_allclose(found.sel(fuel="Gas"), gas)
    np.testing.assert_allclose(found.sel(fuel="Process"), [3, 3, 0])
    assert found.attrs["units"] == "Mt"
    with pytest.raises(LabelError, match=r"energy by fuel: labels differ: missing \['Gas'\]"):
        accounts.carried_forward(co2, before.drop_sel(carrier="Gas"), after, process)


@pytest.mark.parametrize(
    ("base", "year", "bias", "by_row"), [(2012, 2017, 0.041, 0.079), (2017, 2018, 0.022, 0.037)]
)
def test_estimate_where_the_answer_is_known(base, year, bias, by_row, raw_folder):
    rows, folder = accounts.energy_rows(), raw_folder / "ceads_china"
    first, last = (
        ceads.inventory(folder / f"national_co2_mt_by_sector_fuel_{y}.csv", rows)
        for y in (base, year)
    )
    before, after = (
        ceads.energy(folder / f"sum_of_30_provinces_energy_{y}.csv", rows) for y in (base, year)
    )
    estimate = accounts.carried_forward(
        first, before, after, last.sel(fuel=ceads.PROCESS, drop=True)
    )
    fuels = [f for f in last["fuel"].values if f != ceads.PROCESS]
    found, known = (e.sel(fuel=fuels).sum("fuel") for e in (estimate, last))
    assert float(found.sum() / known.sum()) - 1 == pytest.approx(bias, abs=5e-4)
    assert float(abs(found - known).sum() / known.sum()) == pytest.approx(by_row, abs=5e-4)


def test_estimate_of_2020_beside_the_inventories(raw_folder):
    rows, folder = accounts.energy_rows(), raw_folder / "ceads_china"
    inventory = ceads.inventory(folder / "national_co2_mt_by_sector_fuel_2018.csv", rows)
    before, after = (
        ceads.energy(folder / f"sum_of_30_provinces_energy_{y}.csv", rows) for y in (2018, 2020)
    )
    book = next(folder.glob("China_CO2*.xlsx"))
    later = ceads.inventory(book, rows, sheet="2019")
    estimate = accounts.carried_forward(
        inventory, before, after, later.sel(fuel=ceads.PROCESS, drop=True)
    )
    totals = [float(e.sum()) for e in (inventory, later, estimate)]
    assert totals == pytest.approx([9621.12, 9794.76, 10014.1], abs=0.05)
    growth = [totals[2] / totals[0] - 1, totals[2] / totals[1] - 1, totals[1] / totals[0] - 1]
    assert growth == pytest.approx([0.041, 0.022, 0.018], abs=5e-4)
