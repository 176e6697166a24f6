"""Every reader's door: files made to harm are refused by CEADs, NBS, WIOD and pymrio alike."""

from __future__ import annotations

import itertools
import re
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from io_tables.errors import TableFileError
from io_tables.files import Limits
from io_tables.folders import refuse_hostile
from io_tables.readers import ceads, ceads_books, nbs_book, wiod_world
from io_tables.world import read_world

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PART = "xl/worksheets/sheet1.xml"
MIB = 2**20


def sheet(body: str, before: str = "") -> bytes:
    return f"{before}<worksheet {NS}><sheetData>{body}</sheetData></worksheet>".encode()


def good(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet("sum")
        page.write("A1", 1)
    return path


def changed(path: Path, changes: dict[str, bytes]) -> Path:
    """A workbook with parts replaced or added."""
    source = good(path.with_name("good.tmp"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    source.unlink()
    return path


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
BOOKS = {
    "zip bomb": ({"xl/media/x.bin": b"\0" * (30 * MIB)}, "a zip bomb"),
    "huge dimensions": ({PART: sheet(FAR)}, "reaches line 1,048,576, column 16,384"),
    "external links": ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "links to other files"),
    "macros": ({"xl/vbaProject.bin": b"x"}, "holds macros"),
    "entities": ({PART: sheet("", '<!DOCTYPE x [<!ENTITY a "a">]>')}, "declares a document type"),
    "formula without value": (
        {PART: sheet('<row r="1"><c r="A1"><f>1+1</f></c></row>')},
        "formulas without a stored value in A1",
    ),
}


def ceads_inventory(path):
    ceads.inventory(path, ["Farming"])


def ceads_inventory_sheet(path):
    ceads.inventory(path, ["Farming"], sheet="sum")


def ceads_energy(path):
    ceads.energy(path, {"Farming": "Farming"})


def ceads_inventories(path):
    ceads_books.inventories(path, ["Farming"])


def ceads_provinces(path):
    ceads_books.provinces(path, {"Farming": "Farming"})


def pymrio_folder(path):
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    read_world(path.parent, "wiod", year=2009)


def pymrio_packed(path):
    """The same workbook inside an archive, as extensions are downloaded."""
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    packed = path.parent / "CO2_May12.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.write(path, "AUS_CO2.xlsx")
    path.unlink()
    read_world(path.parent, "wiod", year=2009)


READERS = [
    ceads_inventory,
    ceads_inventory_sheet,
    ceads_energy,
    ceads_inventories,
    ceads_provinces,
    nbs_book.open_book,
    nbs_book.read_coefficients,
    nbs_book.read_use,
    nbs_book.read_make,
    pymrio_folder,
    pymrio_packed,
]


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.__name__)
@pytest.mark.parametrize("case", BOOKS)
def test_hostile_workbooks(tmp_path, reader, case):
    changes, words = BOOKS[case]
    path = changed(tmp_path / "t.xlsx", changes)
    tracemalloc.start()
    with pytest.raises(TableFileError, match=re.escape(words)):
        reader(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * MIB


@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.__name__)
@pytest.mark.parametrize("name", ["cut.xlsx", "password.xlsx", "macros.xlsm", "cut.xls"])
def test_workbooks_cut_off_or_locked(tmp_path, reader, name):
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    content = {
        "cut.xlsx": good(tmp_path / "whole.tmp").read_bytes()[:3000],
        "password.xlsx": old + bytes(600),
        "macros.xlsm": b"PK\x03\x04",
        "cut.xls": old + bytes(600),
    }[name]
    (tmp_path / "whole.tmp").unlink()
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableFileError):
        reader(path)


@pytest.mark.parametrize("reader", READERS[:9], ids=lambda r: r.__name__)
def test_wrong_encoding(tmp_path, reader):
    path = tmp_path / "t.csv"
    path.write_bytes("代码,农业,Scope 1 Total\n".encode("gb18030"))
    with pytest.raises(TableFileError, match=r"t\.csv"):
        reader(path)


def test_wrong_encoding_for_pymrio(tmp_path):
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    (tmp_path / "ICIO2021_2018.csv").write_bytes(",农业\n".encode("gb18030"))
    with pytest.raises(TableFileError, match="could not read it as oecd"):
        read_world(tmp_path, "oecd", year=2018)


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def flagged(path: Path) -> Path:
    """The archive with its first file marked as encrypted."""
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    return path


def overlapping(path: Path) -> Path:
    """An archive whose directory names the same data many times over."""
    raw = archive(path, {"a.txt": np.random.default_rng(0).bytes(4000)}).read_bytes()
    at, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry = raw[at:end]
    entries = b"".join(entry.replace(b"a.txt", b"%d.txt" % i) for i in range(9))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, len(entries), at, 0)
    path.write_bytes(raw[:at] + entries + tail)
    return path


ARCHIVES = {
    "bomb": (lambda p: archive(p, {"Z.txt": b"0" * (5 * MIB)}), "a zip bomb"),
    "paths": (lambda p: archive(p, {"../Z.txt": b"x"}), "leads out of the archive"),
    "pickle": (lambda p: archive(p, {"Z.pkl": b"x"}), "a pickle is never opened"),
    "encrypted": (lambda p: flagged(archive(p, {"Z.txt": b"x"})), "is encrypted"),
    "method": (lambda p: archive(p, {"Z.txt": b"x"}, zipfile.ZIP_LZMA), "packed by method 14"),
    "overlap": (overlapping, "MiB when unpacked"),
    "parameters": (
        lambda p: archive(p, {"file_parameters.json": b" " * (3 * MIB)}, zipfile.ZIP_STORED),
        "bytes for a list of files",
    ),
    "deep parameters": (
        lambda p: archive(p, {"file_parameters.json": b'{"files":' * 5000}), "not a list of files"
    ),
    "cut": (lambda p: p.write_bytes(b"PK\x03\x04 cut off"), "not a zip archive"),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_hostile_archives_for_pymrio(tmp_path, case):
    pytest.importorskip("pymrio", reason="the extra mrio is not installed")
    made, words = ARCHIVES[case]
    path = tmp_path / "IOT_2015_ixi.zip"
    made(path)
    with pytest.raises(TableFileError, match=words):
        read_world(path, "exiobase3")


def test_limits_of_an_archive(tmp_path):
    path = archive(tmp_path / "t.zip", {f"{i}.txt": b"x" for i in range(9)})
    assert refuse_hostile(path) == []
    with pytest.raises(TableFileError, match="9 files inside"):
        refuse_hostile(path, Limits(entries=8))
    with pytest.raises(TableFileError, match="MiB when unpacked"):
        refuse_hostile(path, Limits(unpacked=8))


def test_errors_in_cells_are_told(tmp_path):
    """Parsers take #REF! for an empty cell, so that the table has to say it."""
    made = openpyxl.Workbook()
    made.active["B3"] = "#REF!"
    made.active["B3"].data_type = "e"
    made.save(tmp_path / "t.xlsx")
    (warning,) = refuse_hostile(tmp_path)
    assert (warning.level, warning.where) == ("warning", "t.xlsx, sheet xl/worksheets/sheet1.xml")
    assert "1 cells hold errors, which the parser takes as empty: B3 #REF!" in warning.what


def test_arrays_of_the_world_table(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "w.npz"
    np.savez_compressed(path, Z=np.zeros((1000, 1000)), x=rng.random(3))
    with pytest.raises(TableFileError, match="a zip bomb"):
        wiod_world.open_archive(path)
    np.savez(path, x=rng.random(3))
    flagged(path)
    with pytest.raises(TableFileError, match="is encrypted"):
        wiod_world.open_archive(path)


def test_damaged_archives_raise_only_our_errors(tmp_path):
    raw = archive(tmp_path / "t.zip", {"file_parameters.json": b'{"files": {}}'}).read_bytes()
    path = tmp_path / "t.zip"
    for at, bit in itertools.product(range(len(raw)), (1, 0x80)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :])
        try:
            refuse_hostile(path)
        except TableFileError:
            continue
