"""Imports: the proportional rule, what it changes, and the official domestic table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import io_tables
from io_tables import Concordance, IOTable, from_arrays, import_report, read
from io_tables.domestic import import_shares
from io_tables.errors import ConcordanceError, LabelError, TableError

CN8 = ["AGR", "IND", "ELE", "WAT", "CON", "TRA", "ICT", "SER"]


@pytest.fixture
def competitive() -> IOTable:
    """Two sectors; a fifth of A's and no B's domestic use is imported."""
    return from_arrays(
        [[10, 30], [20, 10]],
        [[40, 20, -16], [50, 20, 0]],
        sectors=["A", "B"],
        categories=["homes", "exports", "imports"],
        units="USD",
        price_basis="current",
        source="by hand",
    )


def test_rule_by_hand(competitive):
    assert import_shares(competitive).values.tolist() == [0.2, 0]
    table = competitive.domestic()
    np.testing.assert_allclose(table.transactions, [[8, 24], [20, 10]])
    np.testing.assert_allclose(table.final_demand, [[32, 20], [50, 20]])
    imported = table.primary_inputs.sel(component="imported inputs")
    np.testing.assert_allclose(imported, [2, 6])
    np.testing.assert_allclose(table.output, competitive.output)
    np.testing.assert_allclose(table.value_added, competitive.value_added)


def test_rule_is_stored(competitive, textbook):
    assert competitive.import_rule == "competitive"
    table = competitive.domestic()
    assert table.import_rule == "proportional"
    assert table.history[-1] == "imports removed by the proportional rule"
    assert table.aggregate({"A": "all", "B": "all"}).import_rule == "proportional"
    assert textbook.import_rule == "none"


def test_imported_inputs_that_are_there_are_added_to(competitive):
    parts = competitive.primary_inputs.values
    table = from_arrays(
        competitive.transactions,
        competitive.final_demand,
        sectors=["A", "B"],
        categories=competitive.categories,
        value_added=np.vstack([parts - 1, np.ones((1, 2))]),
        components=["wages", "imported inputs"],
        units="USD",
        price_basis="current",
        source="by hand",
    ).domestic()
    assert table.primary_inputs["component"].values.tolist() == ["wages", "imported inputs"]
    np.testing.assert_allclose(table.primary_inputs.sel(component="imported inputs"), [3, 7])


def test_report_by_hand(competitive):
    report = import_report(competitive)
    assert report["rule"].values.tolist() == ["competitive", "proportional"]
    x = competitive.output.values
    np.testing.assert_allclose(report["own_input"], [[10 / x[0], 10 / x[1]], [8 / x[0], 10 / x[1]]])
    assert (report["output_multiplier"][1] < report["output_multiplier"][0]).all()
    assert "largest_gap" not in report
    assert "same import share" in report.attrs["rule"]


def test_report_refuses(competitive, textbook):
    with pytest.raises(ConcordanceError, match="no final-demand category 'imports'"):
        import_report(textbook)
    with pytest.raises(TableError, match="is 'proportional', not a published"):
        import_report(competitive, competitive.domestic())
    with pytest.raises(LabelError, match="published table"):
        import_report(competitive, io_tables.load("china-2017-cn8"))


def test_imports_above_use_are_refused():
    table = from_arrays(
        [[1, 1], [1, 1]],
        [[1, 20, -5], [5, 0, 0]],
        sectors=["A", "B"],
        categories=["homes", "exports", "imports"],
        units="USD",
        price_basis="current",
        source="by hand",
    )
    with pytest.raises(ConcordanceError, match=r"outside 0\.\.1 in A \(1\.667\)"):
        table.domestic()


@pytest.mark.parametrize("name", io_tables.names())
def test_no_multiplier_grows_without_imports(name):
    report = import_report(io_tables.load(name))
    before, after = report["output_multiplier"].values
    assert (after <= before).all()
    assert ((report["import_share"] >= 0) & (report["import_share"] <= 1)).all()


def to_eight(folder: Path, table: str) -> Concordance:
    """Concordance that came with the tables."""
    with (folder / "nbs_china_io" / "mapping_8sector.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == table]
    mapping = {row["code"]: row["sector8"] for row in rows}
    return Concordance.from_mapping(mapping, source="mapping_8sector.csv", targets=CN8)


def test_against_the_official_domestic_table_of_2017(raw_folder):
    """ICT, 8 sectors: column sum 3.05 against 2.20, own input 0.331 against 0.265."""
    tables = {}
    for name in ("china_2017_149", "china_2017_42_domestic_import"):
        table = read(raw_folder / "nbs_china_io" / f"{name}.csv", year=2017)
        tables[name] = table.aggregate(to_eight(raw_folder, name))
    report = import_report(tables["china_2017_149"], tables["china_2017_42_domestic_import"])
    ict = report.sel(sector="ICT")
    np.testing.assert_allclose(ict["output_multiplier"], [3.045, 2.433, 2.196], atol=5e-4)
    np.testing.assert_allclose(ict["own_input"], [0.4211, 0.3313, 0.2655], atol=5e-5)
    assert ict["gap_row"].item() == "ICT"
    assert float(ict["largest_gap"]) == pytest.approx(0.0658, abs=1e-4)
    others = report["largest_gap"].drop_sel(sector="ICT")
    assert float(abs(others).max()) == pytest.approx(0.0412, abs=1e-4)  # what building buys
    assert tables["china_2017_42_domestic_import"].import_rule == "published"


@pytest.mark.parametrize("year", [2017, 2018, 2020])
def test_official_domestic_tables_load_as_such(year, raw_folder):
    path = raw_folder / "nbs_china_io" / f"china_{year}_42_domestic_import.csv"
    table = read(path, year=year)
    assert table.import_rule == "published"
    assert table.aggregate(to_eight(raw_folder, path.stem)).import_rule == "published"
