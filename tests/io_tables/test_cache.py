"""Kept tables: found by content, never old, never trusted when damaged."""

from __future__ import annotations

import json
import os
import re
import threading

import numpy as np
import pytest

import io_tables
from io_tables import catalogue, from_arrays, read, write_wide
from io_tables.cache import cache_folder, cache_key, load_cached, store
from io_tables.report import Finding


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A file large enough for the cache, as the limit is lowered."""
    monkeypatch.setattr(catalogue, "SMALLEST", 0)
    table = from_arrays(
        np.arange(9.0).reshape(3, 3), np.ones((3, 2)), sectors=["a", "b", "c"],
        categories=["x", "y"], units="USD", price_basis="current", source="made up",
        satellites={"CO2": ([1, 2, 3], "Mt")}, households={"CO2": (0.5, "Mt")}, scope="direct",
    )  # fmt: skip
    write_wide(table, tmp_path / "t.csv", year=2020)
    return tmp_path / "t.csv"


@pytest.fixture
def reads(monkeypatch):
    """How often a file is really read."""
    count = []
    real = catalogue._read
    monkeypatch.setattr(catalogue, "_read", lambda *a: (count.append(1), real(*a))[1])
    return count


def test_the_second_time_nothing_is_parsed(path, tmp_path, reads):
    home = tmp_path / "cache"
    first, second = read(path, cache=home), read(path, cache=home)
    assert len(reads) == 1
    assert second.content_hash == first.content_hash
    assert second.history == first.history
    assert second.provenance == first.provenance
    assert second.origin("a", "b") == first.origin("a", "b")
    assert not second.transactions.values.flags.writeable
    assert [p.name for p in home.iterdir()] == [cache_key(path, path.with_suffix(".toml"), {})]


def changed(path, what):
    if what == "file":
        path.write_text(path.read_text().replace("a,0.0,1.0", "a,1.0,0.0"))
    elif what == "same size and date":
        then = path.stat()
        path.write_text(path.read_text().replace("b,3.0,4.0", "b,4.0,3.0"))
        os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    else:
        beside = path.with_suffix(".toml")
        beside.write_text(beside.read_text().replace("made up", "invented"))


@pytest.mark.parametrize("what", ["file", "same size and date", "manifest"])
def test_never_old(path, tmp_path, reads, what):
    beside = path.with_suffix(".toml")
    text = re.sub(r"content_hash = .*", "", beside.read_text())
    beside.write_text(re.sub(r"tolerance = .*", "tolerance = 9.0", text))
    first = read(path, cache=tmp_path / "cache")
    changed(path, what)
    second = read(path, cache=tmp_path / "cache")
    assert len(reads) == 2
    assert (first.content_hash, first.source) != (second.content_hash, second.source)


def test_options_and_readers_count(path, tmp_path, reads, monkeypatch):
    read(path, cache=tmp_path)
    assert read(path, cache=tmp_path, source="other").source == "other"
    monkeypatch.setattr("io_tables.cache.reader_version", lambda: "next")
    read(path, cache=tmp_path)
    assert len(reads) == 3


def test_companions_count(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\n")
    (tmp_path / "co2.csv").write_text("1\n")
    told = {"options": {"emissions": str(tmp_path / "co2.csv")}}
    before = cache_key(path, told, {}), cache_key(path, None, told["options"])
    (tmp_path / "co2.csv").write_text("2\n")
    after = cache_key(path, told, {}), cache_key(path, None, told["options"])
    assert before[0] != after[0]
    assert before[1] != after[1]


def spoil(home, how):
    entry = next(home.iterdir())
    if how == "cut":
        (entry / "0.npy").write_bytes((entry / "0.npy").read_bytes()[:-9])
    elif how == "bit":
        raw = bytearray((entry / "0.npy").read_bytes())
        raw[-3] ^= 1
        (entry / "0.npy").write_bytes(raw)
    elif how == "pickle":
        np.save(entry / "0.npy", np.array([print], dtype=object), allow_pickle=True)
    elif how == "json":
        (entry / "table.json").write_text("{")
    elif how == "other":
        told = json.loads((entry / "table.json").read_text())
        (entry / "table.json").write_text(json.dumps({**told, "key": "0" * 64}))
    elif how == "unbalanced":
        told = json.loads((entry / "table.json").read_text())
        told["fields"]["tolerance"] = "none"
        (entry / "table.json").write_text(json.dumps(told))
    else:
        (entry / "1.npy").unlink()


@pytest.mark.parametrize("how", ["cut", "bit", "pickle", "json", "other", "unbalanced", "gone"])
def test_damage_is_noticed_and_repaired(path, tmp_path, reads, how):
    home = tmp_path / "cache"
    first = read(path, cache=home)
    spoil(home, how)
    assert read(path, cache=home).content_hash == first.content_hash
    assert read(path, cache=home).content_hash == first.content_hash
    assert len(reads) == 2


def test_small_files_are_read_again(path, tmp_path, monkeypatch, reads):
    monkeypatch.setattr(catalogue, "SMALLEST", 10**6)
    read(path, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_nothing_is_kept_unless_asked(path, tmp_path, monkeypatch):
    monkeypatch.delenv("HANDPRINT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    read(path)
    io_tables.check(path)
    assert not (tmp_path / "xdg").exists()
    monkeypatch.setenv("HANDPRINT_CACHE", "1")
    io_tables.check(path)
    assert not (tmp_path / "xdg").exists()
    read(path)
    assert list((tmp_path / "xdg" / "handprint" / "tables").iterdir())


@pytest.mark.parametrize(
    ("given", "variable", "folder"),
    [(None, "", None), (None, "0", None), (False, "1", None), (None, "here", "here"),
     ("there", "here", "there"), (True, "", "xdg/handprint/tables")],
)  # fmt: skip
def test_where(monkeypatch, given, variable, folder):
    monkeypatch.setenv("HANDPRINT_CACHE", variable)
    monkeypatch.setenv("XDG_CACHE_HOME", "xdg")
    found = cache_folder(given)
    assert (found and found.as_posix()) == folder


def test_no_place_to_write(path, tmp_path):
    """A folder that cannot be made is no reason not to read."""
    (tmp_path / "file").write_text("")
    assert read(path, cache=tmp_path / "file" / "cache").sectors == ["a", "b", "c"]


def test_remarks_and_regions_come_back(tmp_path):
    table = from_arrays(
        np.eye(2), np.ones((2, 1)), sectors=["s", "s"], regions=["r", "q"], units="USD",
        categories=["use"], price_basis="current", source="made up",
        remarks=[Finding("warning", "w", "x", "y", io_tables.errors.UnitError, value=(1.0, 2.0))],
    )  # fmt: skip
    assert store(tmp_path, "k", table)
    again = load_cached(tmp_path, "k")
    assert again.remarks == table.remarks
    assert again.remarks[0].error is io_tables.errors.UnitError
    assert again.transactions["region"].values.tolist() == ["r", "q"]
    assert again.content_hash == table.content_hash


def test_many_at_once(path, tmp_path):
    hashes = []
    work = [
        threading.Thread(
            target=lambda: hashes.append(read(path, cache=tmp_path / "c").content_hash)
        )
        for _ in range(8)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(hashes) == 8
    assert len({*hashes}) == 1
    assert not [p for p in (tmp_path / "c").iterdir() if p.name.startswith(".")]
