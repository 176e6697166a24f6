"""Closure: what producers emit is in final demand or listed as not allocated, for every table."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

import io_tables
from handprint.errors import HandprintError
from handprint.leontief import Solver, ledger
from io_tables import IOTable, from_arrays

KEYS = {"units": "USD", "price_basis": "current 2005", "source": "by hand", "scope": "direct"}
SHARED = Path(os.environ.get("HANDPRINT_SHARED", Path(__file__).parents[3] / "shared" / "data"))
OPTIONS: dict[str, dict[str, object]] = {  # what a file does not say itself, by pattern
    "nbs_china_io/china_*.csv": {},
    "nbs_china_2007_published/0[14]01.xls": {"year": 2007},
    "oecd_iot_2021ed/CHN_*.csv": {},
    "wiod2016_niot/[A-Z]*_20*.csv": {},
    "wiod2013_world/*.npz": {},
    "eurostat_manual_examples/germany_1995_beutel_15_4.csv": {"tolerance": 50},
    "eurostat_manual_examples/netherlands_2006.csv": {"tolerance": 3000},
    "us_bea_summary/use_*_2012.csv": {"make": "make_after_redef_2012.csv"},
    "us_bea_summary/use_*_2017.csv": {"make": "make_after_redef_2017.csv"},
    "textbook/*_table.csv": {},
}
FILES = [
    (path, given) for pattern, given in OPTIONS.items() for path in sorted(SHARED.glob(pattern))
]


def with_account(table: IOTable, seed: int) -> IOTable:
    """Give a table emissions, also on sectors without output."""
    drawn = np.random.default_rng(seed).uniform(0.1, 10, len(table.sectors))
    given = {name: getattr(table, name) for name in ("transactions", "final_demand", "output")}
    return from_arrays(
        given["transactions"].values,
        given["final_demand"].values,
        sectors=table.sectors,
        categories=table.categories,
        output=given["output"].values,
        value_added=table.primary_inputs.values,
        components=[str(c) for c in table.primary_inputs["component"].values],
        satellites={"CO2": (drawn, "Mt")},
        tolerance=table.tolerance,
        **{**KEYS, "units": table.units},
    )


def closes(table: IOTable) -> None:
    """Assert the identity to 1e-9 of the emissions, and that nothing on idle sectors is lost."""
    book = ledger(table, "CO2")
    produced = float(table.satellites["CO2"].sum())
    accounted = float(book["embodied"].sum() + book["not_allocated"].sum())
    assert abs(produced - accounted) <= 1e-9 * produced
    idle = table.output.values <= 0
    kept = book["not_allocated"].sel(reason="zero output").values
    np.testing.assert_array_equal(kept[idle], table.satellites["CO2"].values[idle])
    assert not kept[~idle].any()


def test_emissions_on_a_sector_without_output_stay_in_the_ledger():
    table = from_arrays(
        [[10, 0], [0, 0]],
        [90, 0],
        sectors=["ICT", "idle"],
        satellites={"CO2": ([7, 4], "Mt")},
        **KEYS,
    )
    book = ledger(table, "CO2")
    assert float(book["embodied"].sum()) == pytest.approx(7)
    assert book["not_allocated"].sel(reason="zero output").values.tolist() == [0, 4]
    warned = [f for f in table.check().at("warning") if f.code == "output-zero-account"]
    assert [(f.where, f.value) for f in warned] == [("sector idle", 4.0)]
    closes(table)


@pytest.mark.parametrize("name", io_tables.names())
def test_shipped_tables_close(name):
    table = io_tables.load(name)
    closes(table)
    closes(table.domestic())


@pytest.mark.parametrize(
    ("path", "given"), FILES, ids=[f"{p.parent.name}/{p.stem}" for p, _ in FILES]
)
def test_publishers_tables_close_with_emissions_on_every_sector(path, given):
    companion = {k: path.parent / str(v) if k == "make" else v for k, v in given.items()}
    year = re.search(r"(?:19|20)\d\d", path.name)
    if year and "china" in path.name:
        companion["year"] = int(year[0])
    table = io_tables.read(path, **companion)
    closes(with_account(table, seed=len(table.sectors)))


def test_publishers_tables_are_there():
    if not SHARED.is_dir():
        pytest.skip(f"publishers' files are not at {SHARED}: set HANDPRINT_SHARED")
    assert len(FILES) >= 30


@pytest.mark.parametrize(
    "flows", [[[5, 5], [5, 5]], [[5, 30], [40, 5]]], ids=["singular", "not productive"]
)
def test_what_the_check_calls_an_error_the_engine_refuses(flows):
    output = np.array([10.0, 10.0]) if flows[0][1] == 5 else np.array([20.0, 50.0])
    demand = output - np.sum(flows, axis=1)
    table = from_arrays(flows, demand, sectors=["ICT", "B"], **KEYS)
    assert not table.check().ok
    with pytest.raises(HandprintError):
        Solver(table)
