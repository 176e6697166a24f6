"""World tables as archives of arrays: by hand on an imitation, hostile ones, and the real file."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from io_tables import read
from io_tables.errors import BalanceError, LayoutError, TableFileError

# Two countries with one industry each; every sum can be done by hand.
WORLD = {
    "Z": [[10, 20], [30, 5]],
    "Y": [[30, 1, 4, 10, -5, 20, 0, 5, 3, 2], [5, 0, 1, 1, 0, 6, 0, 1, 1, 0]],
    "x": [100, 50],
    "countries": ["CHN", "USA"],
    "industries": ["c1"],
}


@pytest.fixture
def archive(tmp_path):
    """Writer of an archive with some arrays changed."""

    def write(name="wiot_2009_2.npz", **changes):
        np.savez(tmp_path / name, **{k: np.array(v) for k, v in {**WORLD, **changes}.items()})
        return tmp_path / name

    return write


def test_world_table(archive):
    table = read(archive())
    assert table.sectors == ["CHN:c1", "USA:c1"]
    assert table.transactions["region"].values.tolist() == ["CHN", "USA"]
    assert table.categories[:2] == ["CHN:households", "CHN:non-profit institutions"]
    assert table.value_added.values.tolist() == [60, 25]
    assert table.price_basis == "current basic prices 2009"


def test_rounding_passes(archive):
    assert read(archive(x=[204, 50])).output.values[0] == 204
    with pytest.raises(BalanceError, match=r"row CHN:c1.*by -106"):
        read(archive(x=[206, 50]))


def test_shapes_are_compared(archive):
    with pytest.raises(LayoutError, match=r"array x: has shape \(3,\)") as caught:
        read(archive(x=[1, 2, 3], Y=[[1], [2]]))
    assert len(caught.value.findings) == 2


def test_other_arrays(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(LayoutError, match="unknown layout"):
        read(tmp_path / "other.npz")


def test_pickles_are_never_read(archive):
    path = archive(countries=np.array(["CHN", object()], dtype=object))
    with pytest.raises(TableFileError, match=r"countries.npy holds pickled objects"):
        read(path)


def test_a_header_that_promises_too_much(tmp_path, archive):
    path = archive()
    with zipfile.ZipFile(path) as old:
        members = {info.filename: old.read(info) for info in old.infolist()}
    start = members["Z.npy"]
    members["Z.npy"] = start.replace(b"(2, 2), }", b"(9000000, 9000000), }")[: len(start)]
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    with pytest.raises(TableFileError, match=r"bomb\.npz"):
        read(tmp_path / "bomb.npz")


def test_an_archive_that_unpacks_to_too_much(tmp_path, monkeypatch, archive):
    monkeypatch.setattr("io_tables.readers.wiod_world.LARGEST", 100)
    with pytest.raises(TableFileError, match="when unpacked, at most"):
        read(archive())


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_no_archive(content, tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(TableFileError, match="not an archive of arrays"):
        read(path)


def test_world_2009(raw_folder):
    table = read(raw_folder / "wiod2013_world" / "wiot_2009_1435.npz")
    gap = table.transactions.values.sum(axis=1) + table.final_demand.values.sum(axis=1)
    assert len(table.sectors) == 1435
    assert float(table.output.sum()) == 114158086
    assert int((table.output.values == 0).sum()) == 22
    assert np.abs(gap - table.output.values).max() == 104
    assert table.check().ok
