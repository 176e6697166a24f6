"""Files made to harm: refused with a reason, in bounded memory, and nothing is written."""

from __future__ import annotations

import re
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

import io_tables
from io_tables.cells import read_cells
from io_tables.errors import ManifestError, TableError, TableFileError, UnsafeFileError
from io_tables.files import Limits
from io_tables.manifest import read_manifest

ROOT = Path(__file__).parents[2]
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(path: Path, cells: dict[str, object] | None = None) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("S")
        for place, cell in (cells or {"A1": 1, "B2": "x"}).items():
            sheet.write(place, cell)
    return path


def changed(path: Path, changes: dict[str, bytes | None], out: str = "bad.xlsx") -> Path:
    """Copy of a workbook with parts replaced, added, or (None) left out."""
    target = path.with_name(out)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return target


def sheet(body: str, before: str = "") -> bytes:
    return f"{before}<worksheet {NS}><sheetData>{body}</sheetData></worksheet>".encode()


PART = "xl/worksheets/sheet1.xml"
PARTS = {
    "zip bomb": ({"xl/media/x.bin": b"\0" * (30 * 2**20)}, "zip bomb"),
    "too large when unpacked": ({"a.bin": b"\0" * (3 * 2**20)}, "at most 2 MiB are read"),
    "huge dimensions": (
        {PART: sheet('<row r="1"><c r="A1"><v>1</v></c></row>'
                     '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')},
        "reaches line 1,048,576, column 16,384",
    ),
    "beyond every line": ({PART: sheet('<row r="1"><c r="A99999999999999"><v>1</v></c></row>')},
                          "reaches line"),
    "external links": ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "links to other files"),
    "macros": ({"xl/vbaProject.bin": b"x"}, "holds macros"),
    "entities": (
        {PART: sheet("", '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>')},
        "declares a document type",
    ),
    "path out": ({"../../evil.xml": b"x"}, "leads out of the archive"),
    "absolute path": ({"/etc/evil.xml": b"x"}, "leads out of the archive"),
    "formula without value": (
        {PART: sheet('<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><v>2</v></c></row>')},
        "formulas without a stored value in A1",
    ),
    "formulas never computed": (
        {PART: sheet('<row r="1">' + "".join(f'<c r="{c}1"><f>1+1</f><v>0</v></c>' for c in "ABC")
                     + "</row>")},
        "all 3 formulas have the stored value 0",
    ),
    "no sheet": ({PART: None}, "no XML of sheet 'S'"),
    "broken XML": (
        {PART: sheet('<row r="1"><c r="A1"><v>1</v></c></row>')[:-40]}, "not a workbook"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTS)
def test_workbooks_are_refused(tmp_path, case):
    changes, words = PARTS[case]
    path = changed(book(tmp_path / "good.xlsx"), changes)
    before = sorted(tmp_path.iterdir())
    limits = Limits(unpacked=2 * 2**20, ratio=2000) if "too large" in case else Limits()
    tracemalloc.start()
    with pytest.raises(TableFileError, match=re.escape(words)):
        read_cells(path, limits=limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 2**20
    assert sorted(tmp_path.iterdir()) == before


def test_false_sizes(tmp_path):
    """A directory that states a small size for data that unpack to a large one."""
    path = changed(book(tmp_path / "good.xlsx"), {"xl/x.bin": b"\0" * 5_000_000})
    raw = bytearray(path.read_bytes())
    for match in re.finditer(re.escape(struct.pack("<I", 5_000_000)), bytes(raw)):
        raw[match.start() : match.end()] = struct.pack("<I", 10)
    path.write_bytes(raw)
    with pytest.raises(UnsafeFileError, match="does not unpack to what it states"):
        read_cells(path)


def test_many_entries(tmp_path):
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        for i in range(60):
            made.writestr(f"{i}.xml", "x")
    with pytest.raises(UnsafeFileError, match="60 files inside"):
        read_cells(path, limits=Limits(entries=50))


def test_openpyxl_formulas_name_their_cells(tmp_path):
    made = openpyxl.Workbook()
    for i in range(1, 15):
        made.active[f"A{i}"] = "=1+1"
    made.save(tmp_path / "t.xlsx")
    with pytest.raises(UnsafeFileError, match=r"in A1, A2, .*A10 and 4 more: open the workbook"):
        read_cells(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
            'table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
            "</table:table-row>",
            "cells, at most 16,000,000 are read",
        ),
        ('<table:table-source xlink:href="file:///etc/passwd"/>', "links to other files"),
    ],
)
def test_open_document_bombs(tmp_path, open_document, body, words):
    with pytest.raises(UnsafeFileError, match=words):
        read_cells(open_document(body))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_truncated_workbook(tmp_path, share):
    path = book(tmp_path / "t.xlsx")
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(TableFileError, match=r"t\.xlsx"):
        read_cells(path)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.6, 0.95])
def test_truncated_old_workbook(tmp_path, raw_folder, share):
    raw = (raw_folder / "nbs_china_2007_published" / "0103.xls").read_bytes()
    path = tmp_path / "t.xls"
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(TableFileError, match=r"t\.xls"):
        read_cells(path)


def test_old_workbook_with_a_cell_far_away(tmp_path, raw_folder):
    raw = bytearray((raw_folder / "nbs_china_2007_published" / "0103.xls").read_bytes())
    number = re.search(rb"\x03\x02\x0e\x00", bytes(raw)).start()
    raw[number + 4 : number + 8] = b"\xff\xff\xff\xff"
    path = tmp_path / "t.xls"
    path.write_bytes(raw)
    with pytest.raises(UnsafeFileError, match="reaches line 65,536, column 65,536"):
        read_cells(path)


WRONG = {
    "text named workbook": ("t.xlsx", b"a,b\n1,2\n", "not a workbook, as its name says, but text"),
    "web page named workbook": ("t.xls", b"<html><table>", "not a workbook"),
    "workbook named text": ("t.csv", b"PK\x03\x04....", "not text, as its name says, but a zipped"),
    "old named new": ("t.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "or one with a password"),
    "gzip": ("t.csv", b"\x1f\x8b\x08", "a gzip archive"),
    "macro workbook": ("t.xlsm", b"PK\x03\x04", ".xlsm can hold macros"),
    "binary workbook": ("t.xlsb", b"PK\x03\x04", ".xlsb can hold macros"),
    "parquet cut off": ("t.parquet", b"PAR1\x00\x00", "not parquet, or cut off"),
    "nothing": ("t.xlsx", b"", "the file is empty"),
    "NUL": ("t.csv", b"a,b\n1,\x002\n", "is NUL"),
    "quotation mark open": ("t.csv", b'a,b\n"1,2\n', "not a CSV file"),
    "huge cell": ("t.csv", b"a,b\n" + b"9" * 300_000, "not a CSV file"),
    "GB 18030": ("t.csv", "部门,农业\n".encode("gb18030"), "say encoding='gb18030'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files(tmp_path, case):
    name, content, words = WRONG[case]
    path = tmp_path / name
    path.write_bytes(content)
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    with pytest.raises(TableFileError, match=re.escape(words)):
        read_cells(path)
    with pytest.raises(TableFileError):
        io_tables.read(path)


def test_large_text_is_refused_or_streamed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" * 1000)
    with pytest.raises(UnsafeFileError, match="at most 0 MiB are read at once: describe it"):
        read_cells(path, limits=Limits(text=100))


MANIFESTS = {
    "nested brackets": "a = " + "[" * 5000,
    "nested tables": "[" + ".".join("a" * 5000) + "]",
    "huge number": "a = " + "9" * 5000,
    "not text": "\udcff",
    "deep inline": "a = " + "{b = " * 900,
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_hostile_manifests(tmp_path, case):
    path = tmp_path / "t.toml"
    path.write_bytes(MANIFESTS[case].encode("utf-8", "surrogateescape"))
    with pytest.raises(ManifestError, match=r"t\.toml"):
        read_manifest(path)


def test_huge_manifest(tmp_path):
    path = tmp_path / "t.toml"
    path.write_text("#" * (3 * 2**20))
    with pytest.raises(UnsafeFileError, match="a manifest is a short text"):
        read_manifest(path)


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "a\\b.csv", "..", "C:x.csv"])
def test_manifests_stay_in_their_folder(tidy_manifest, name):
    with pytest.raises(ManifestError, match="without folder"):
        read_manifest({**tidy_manifest, "files": [{"name": name}]})


@pytest.mark.parametrize("link", [False, True])
def test_companions_stay_in_the_folder(tmp_path, link):
    """Neither `..` nor a symbolic link leads a manifest to files of others."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n")
    home = tmp_path / "home"
    home.mkdir()
    companion = "../secret.csv"
    if link:
        (home / "link.csv").symlink_to(secret)
        companion = "link.csv"
    (home / "t.csv").write_text("Code,Origin,CONS_h,GO\n")
    (home / "t.toml").write_text(
        'name = "t"\nlayout = "wiod"\nunits = "10^6 USD"\nprice_basis = "current"\n'
        f'source = "s"\n[options]\nemissions = "{companion}"\n'
    )
    with pytest.raises(ManifestError, match="leads out of its folder"):
        io_tables.read(home / "t.csv")


def test_no_pickle_anywhere():
    """No package unpickles: numpy is always told so, and nothing imports a pickler."""
    wrong = []
    for folder in ("io_tables", "sector_models", "handprint"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for call in re.findall(r"np\.load\([^)]*\)", text):
                if "allow_pickle=False" not in call:
                    wrong.append((path.name, call))
            pattern = (
                r"import (?:pickle|dill|joblib|shelve|marshal)\b|read_pickle|allow_pickle=True"
            )
            wrong += [(path.name, found) for found in re.findall(pattern, text)]
    assert wrong == []


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_labels_are_never_run(tmp_path, suffix):
    labels = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)"]
    table = io_tables.from_arrays(
        np.ones((4, 4)), np.ones((4, 1)), sectors=labels, categories=["=use"],
        units="USD", price_basis="current", source="made up",
    )  # fmt: skip
    path = tmp_path / f"t{suffix}"
    io_tables.write_wide(table, path)
    if suffix == ".csv":
        cells = [cell for row in read_cells(path).rows for cell in row if cell]
        assert not [c for c in cells if c.startswith(("=", "+", "@")) or c == "-2"]
    else:
        sheet_ = openpyxl.load_workbook(path).active
        assert {c.data_type for row in sheet_.iter_rows() for c in row} <= {"s", "n"}
    again = io_tables.read(path)
    assert again.sectors == labels
    assert again.content_hash == table.content_hash


def test_tidy_labels_are_never_run(tmp_path):
    table = io_tables.from_arrays(
        [[1.0]], [[1.0]], sectors=["=1+1"], categories=["+use"],
        units="USD", price_basis="current", source="made up",
    )  # fmt: skip
    path = tmp_path / "t.csv"
    io_tables.write_tidy(table, path)
    assert ",=1+1" not in path.read_text()
    assert io_tables.read(path).content_hash == table.content_hash


def test_only_our_errors_from_damaged_workbooks(tmp_path):
    """Every byte of a small workbook is changed once in turn; nothing but our errors comes out."""
    raw = book(tmp_path / "t.xlsx").read_bytes()
    path = tmp_path / "bad.xlsx"
    rng = np.random.default_rng(0)
    for at in rng.choice(len(raw), 150, replace=False).tolist():
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x5A]) + raw[at + 1 :])
        try:
            read_cells(path)
        except TableError:
            continue
