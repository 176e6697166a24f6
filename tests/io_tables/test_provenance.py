"""Where a table and its cells come from, through every step; no part of the content hash."""

from __future__ import annotations

import copy
import hashlib
import shutil

import numpy as np
import pytest

import io_tables
from io_tables import Concordance, read
from io_tables.errors import LabelError
from io_tables.provenance import History, reader_version

from .conftest import NBS

TO_ONE = {"01": "all", "02": "all"}


@pytest.fixture
def table(nbs_rows, write_csv):
    return read(write_csv(nbs_rows, "nbs.csv"), year=2012)


def test_a_table_knows_its_file(table):
    source = table.provenance
    assert source.file == "nbs.csv"
    assert source.sha256 == hashlib.sha256(NBS.encode()).hexdigest()
    assert source.reader == f"nbs {reader_version()}"
    assert str(table.history).startswith("-- nbs.csv (SHA-256 ")


@pytest.mark.parametrize(
    ("row", "column", "cell", "value"),
    [
        ("01", "02", "E2", "20"), ("02", "exports", "O3", "15"), ("01", "imports", "Q2", "-7"),
        ("depreciation", "02", "E7", "8"), ("02", "output", "S3", "110"),
        ("01", "errors", "R2", "2"),
    ],
)  # fmt: skip
def test_cells_of_a_publishers_file(table, row, column, cell, value):
    first, second = table.origin(row, column).splitlines()[:2]
    assert first == f"nbs [{row}, {column}] = {value} 10^4 CNY"
    assert second == f"from nbs.csv, cell {cell}"


def test_origin_names_what_is_unknown(table):
    with pytest.raises(LabelError, match="no row '03'; did you mean '02' or '01'"):
        table.origin("03", "01")
    with pytest.raises(LabelError, match="no column 'export'; did you mean 'exports'"):
        io_tables.origin(table, "01", "export")


def test_aggregation_lists_its_cells(table):
    text = table.aggregate(TO_ONE).origin("all", "all")
    assert "from the sum of 4 cells of nbs.csv:" in text
    assert all(f"  {cell} [" in text for cell in ("D2", "E2", "D3", "E3"))
    assert text.endswith("step 1: aggregated to 1 sectors: given by the user")


def test_shares_are_named(table):
    shares = np.array([[1.0, 0.25], [0.0, 0.75]])
    coords = {"target": ["a", "b"], "sector": ["01", "02"]}
    import xarray as xr

    mapping = Concordance(xr.DataArray(shares, coords=coords, dims=("target", "sector")), "s")
    text = table.aggregate(mapping).origin("a", "a")
    assert "  E3 [02, 02], times 0.0625" in text


def test_splits_and_unrecorded_steps(table):
    parts = table.split("02", {"x": 0.5, "y": 0.5}, source="assumed")
    text = parts.origin("x", "01")
    assert "from a cell of nbs.csv" in text
    assert "D3 [02, 01], a share of it" in text
    again = parts.aggregate({"01": "01", "x": "02", "y": "02"}).domestic()
    text = again.origin("01", "01")
    assert "D2" in text
    assert "step 3: imports removed by the proportional rule (not recorded cell by cell)" in text


def test_long_sums_are_cut(raw_folder):
    table = read(raw_folder / "nbs_china_io" / "china_2020_153.csv", year=2020)
    made = table.aggregate(io_tables.load_concordance("nbs-2020-153", "cn8"))
    text = made.origin("ICT", "SER")
    assert "and 296 more" in text
    assert len(text.splitlines()) < 20


def test_imports_of_a_total_table_are_two_cells(raw_folder):
    path = raw_folder / "wiod2016_niot" / "CHN_2012.csv"
    text = read(path, version="total").origin("A01", "A02")
    assert "from the sum of 2 cells of CHN_2012.csv" in text
    assert read(path).origin("A01", "A02").splitlines()[1] == "from CHN_2012.csv, cell F2"


def test_cells_of_a_workbook(raw_folder):
    table = read(raw_folder / "nbs_china_2007_published" / "0101.xls")
    assert "0101.xls, sheet Sheet1, cell E11" in table.origin("01", "02")


def test_arrays_have_no_file(textbook):
    text = textbook.aggregate({"A": "x", "B": "x"}).origin("x", "x")
    assert "not recorded: the table was made from arrays" in text
    assert "step 1: aggregated" in text
    assert textbook.origin("CO2", "households").startswith("table [CO2, households] = 1 Mt")
    assert textbook.origin("CO2", "A").startswith("table [CO2, A] = 3 Mt")


def test_provenance_is_not_content(table, nbs_rows, write_csv, tmp_path):
    """Another name, another line ending, another file: the same content, the same hash."""
    other = tmp_path / "other.csv"
    other.write_bytes((tmp_path / "nbs.csv").read_bytes().replace(b"\n", b"\r\n"))
    again = read(other, year=2012, name="nbs")
    assert again.provenance.sha256 != table.provenance.sha256
    assert again.content_hash == table.content_hash
    assert copy.deepcopy(table).provenance == table.provenance


def test_shipped_tables_tell_their_steps():
    table = io_tables.load("china-2017-cn8")
    lines = str(table.history).splitlines()
    assert lines[0].startswith("1. china_2017_149.csv: imports subtracted")
    assert lines[-1].startswith("-- china-2017-cn8.csv (SHA-256 ")


def test_history_is_a_tuple():
    history = History(["a", "b"])
    assert history == ("a", "b")
    assert (*history, "c") == ("a", "b", "c")
    assert str(History()) == "no steps"


def test_version_follows_the_code(tmp_path, monkeypatch):
    from io_tables import provenance

    home = tmp_path / "io_tables"
    shutil.copytree(
        provenance.Path(provenance.__file__).parent, home,
        ignore=shutil.ignore_patterns("data", "__pycache__"),
    )  # fmt: skip
    monkeypatch.setattr(provenance, "__file__", str(home / "provenance.py"))
    same = reader_version.__wrapped__()
    (home / "cells.py").write_text("changed = 1\n")
    assert same == reader_version()
    assert reader_version.__wrapped__() != same
