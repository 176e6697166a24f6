"""CO2, electricity and heat by sector of the table, from the CEADs rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from io_tables.arrays import same_labels
from io_tables.catalogue import DATA, classification
from io_tables.cells import read_cells
from io_tables.concordance import Concordance
from io_tables.readers.ceads import CONVERSION, PROCESS, UNITS
from io_tables.table import IOTable

OTHERS = ("ICS", "BUS", "PUB")
"""Sectors of `cn24` that make up the CEADs row "Others"."""
FUELS = ("COA", "REF", "GAS")
"""Sectors of `cn24` that sell fuels to be burnt; crude oil is processed, not burnt."""
POWER_ROW = "Production and Supply of Electric Power, Steam and Hot Water"
HOUSEHOLDS = "households"


def energy_rows() -> dict[str, str]:
    """
    Rows of the CEADs inventories.

    Returns
    -------
    dict
        Row of the CO2 inventory -> row of the energy inventory, 47 of them.
    """
    rows = read_cells(DATA / "concordances" / "ceads.csv").rows
    return {row[0]: row[1] for row in rows[1:]}


def others_shares(table: IOTable, sellers: Sequence[str]) -> dict[str, float]:
    """
    Split the row "Others" by what its sectors buy.

    Parameters
    ----------
    table : IOTable
        With the sectors of `cn24`.
    sellers : sequence of str
        Sectors whose sales decide.

    Returns
    -------
    dict
        Share of each of ``OTHERS`` in the purchases of all of them; sums to one.
    """
    bought = table.transactions.sel(sector=list(sellers), purchaser=list(OTHERS)).sum("sector")
    shares = bought / bought.sum()
    return dict(zip(OTHERS, shares.values.tolist(), strict=True))


def ceads_concordance(target: str, shares: Mapping[str, float]) -> Concordance:
    """
    Concordance from the CEADs rows to the sectors of `cn24` and households.

    Parameters
    ----------
    target : {"cn24", "cn24-instruments"}
        Whether instruments are other manufacturing or ICT manufacturing.
    shares : mapping
        Shares of the sectors that make up "Others".

    Returns
    -------
    Concordance
        Targets: the sectors of `cn24` in order, then ``"households"``.
    """
    header, *rows = read_cells(DATA / "concordances" / "ceads.csv").rows
    at = header.index(target)
    targets = [*classification("cn24").index, HOUSEHOLDS]
    matrix = xr.DataArray(
        np.zeros((len(targets), len(rows))),
        coords={"target": targets, "sector": [row[0] for row in rows]},
        dims=("target", "sector"),
    )
    for row in rows:
        goals = row[at].split("+")
        for goal in goals:
            matrix.loc[goal, row[0]] = shares[goal] if len(goals) > 1 else 1.0
    return Concordance(matrix, f"CEADs rows to {target}, Others by purchases")


def by_sector(rows: xr.DataArray, concordance: Concordance) -> tuple[xr.DataArray, float]:
    """
    Add up CEADs rows to sectors.

    Parameters
    ----------
    rows : xarray.DataArray
        Dims (row).
    concordance : Concordance
        From :func:`ceads_concordance`.

    Returns
    -------
    tuple
        Amounts by sector, dims (sector), and the direct amount of households
        [units of the rows].
    """
    labels = [str(r) for r in rows["row"].values]
    amounts = xr.DataArray(
        concordance.for_sectors(labels) @ rows.values,
        coords={"sector": concordance.targets},
        dims="sector",
        attrs={"units": rows.attrs["units"]},
    )
    return amounts.drop_sel(sector=HOUSEHOLDS), float(amounts.sel(sector=HOUSEHOLDS))


def carried_forward(
    inventory: xr.DataArray,
    before: xr.DataArray,
    after: xr.DataArray,
    process: xr.DataArray,
    *,
    limit: float = 2.0,
) -> xr.DataArray:
    r"""
    Estimate an inventory from an earlier one and the energy of both years.

    Parameters
    ----------
    inventory : xarray.DataArray
        Earlier inventory, dims (row, fuel) [Mt].
    before, after : xarray.DataArray
        Energy of the earlier and the later year, dims (row, carrier), same units.
    process : xarray.DataArray
        Process emissions that are taken over as they are, dims (row) [Mt].
    limit : float
        Ratios outside 1/limit .. limit are not believed [1].

    Returns
    -------
    xarray.DataArray
        Estimated inventory, dims (row, fuel) [Mt].

    Raises
    ------
    LabelError
        If the energy lacks a fuel of the inventory.

    Notes
    -----
    :math:`e'_{rf} = e_{rf}\, q'_{rf} / q_{rf}` by row r and fuel f, with q final consumption and,
    in the row of power and heat, the fuel burnt in power and heating plants. Where the ratio is
    undefined or outside its limits the row was reclassified or is tiny, and the ratio of the
    fuel over all rows takes its place (1 where nobody used it). Applied to years whose
    inventories exist the rule gives, for fuels, 2017 from 2012: +4.1 %; 2018 from 2017: +2.2 %;
    the sum of absolute errors by row is 7.9 % and 3.7 % of the total.
    """
    fuels = [str(f) for f in inventory["fuel"].values if f != PROCESS]
    same_labels([f for f in fuels if f in before["carrier"].values], fuels, "energy by fuel")
    q0, q1 = (burnt(e, fuels).drop_vars("unit") for e in (before, after))
    all_rows = q1.sum("row") / q0.sum("row").where(q0.sum("row") > 0)
    ratio = q1 / q0.where(q0 > 0)
    believed = (ratio >= 1 / limit) & (ratio <= limit)
    ratio = ratio.where(believed, all_rows).fillna(1.0)
    fuel_co2 = inventory.sel(fuel=fuels)
    estimate = fuel_co2 * ratio.sel(row=fuel_co2["row"])
    last = process.expand_dims(fuel=[PROCESS]).transpose("row", "fuel")
    return xr.concat([estimate, last], dim="fuel", join="exact").assign_attrs(inventory.attrs)


def burnt(energy: xr.DataArray, fuels: Sequence[str]) -> xr.DataArray:
    """
    Fuel behind the CO2 of each row: final consumption, and what power and heating plants burn.

    Parameters
    ----------
    energy : xarray.DataArray
        From :func:`io_tables.readers.ceads.energy`, dims (row, carrier).
    fuels : sequence of str
        Carriers wanted.

    Returns
    -------
    xarray.DataArray
        Dims (row, fuel), coordinate ``unit`` on fuel. In the row of power and heat stands the
        input of the plants and not the row's own final consumption, as in the inventories; of
        electricity and heat, which plants put out, it is final consumption in every row.
    """
    use = energy.sel(carrier=list(fuels)).rename(carrier="fuel")
    plants = use.sel(row=list(CONVERSION)).sum("row")
    final = use.drop_sel(row=list(CONVERSION))
    made = final["fuel"].isin(list(UNITS))
    return final.where((final["row"] != POWER_ROW) | made, plants)
