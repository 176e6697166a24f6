"""Options of readers: in the call, in a manifest, and where their files may be."""

from __future__ import annotations

import pytest

from io_tables import read
from io_tables.errors import ManifestError, TableFileError
from io_tables.manifest import read_manifest
from io_tables.readers import LAYOUTS
from io_tables.readers.options import READER_OPTIONS

from .test_wiod import CO2, NIOT

MANIFEST = """\
name = "china"
layout = "wiod"
units = "10^6 USD"
price_basis = "current basic prices 2012"
source = "by hand"

[options]
version = "total"
emissions = "jrc.csv"
country = "CHN"
"""


@pytest.fixture
def table_file(write_csv):
    """A table and its emissions side by side."""
    write_csv([line.split(",") for line in CO2.splitlines()], "jrc.csv")
    return write_csv([line.split(",") for line in NIOT.splitlines()], "CHN_2012.csv")


def test_options_of_a_manifest(table_file):
    table_file.with_suffix(".toml").write_text(MANIFEST, encoding="utf-8")
    table = read(table_file)
    assert "imports" in table.categories
    assert table.satellites["CO2"].values.tolist() == [3, 5, 0.007]
    assert "imports" not in read(table_file, version="domestic").categories


def test_options_survive_writing(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(MANIFEST, encoding="utf-8")
    manifest = read_manifest(path)
    path.write_text(manifest.to_toml(), encoding="utf-8")
    assert read_manifest(path) == manifest


@pytest.mark.parametrize("away", ["../jrc.csv", "/etc/hostname", "a/../../jrc.csv"])
def test_a_manifest_cannot_lead_out_of_its_folder(away, table_file):
    text = MANIFEST.replace("jrc.csv", away)
    table_file.with_suffix(".toml").write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match="leads out of its folder"):
        read(table_file)


def test_companion_is_the_one_described(table_file):
    digest = '\n[[files]]\nname = "jrc.csv"\nsha256 = "' + "0" * 64 + '"\n'
    table_file.with_suffix(".toml").write_text(MANIFEST + digest, encoding="utf-8")
    with pytest.raises(TableFileError, match=r"jrc\.csv: its SHA-256"):
        read(table_file)


def test_option_of_another_reader(table_file):
    with pytest.raises(ManifestError, match="layout 'wiod' has no option 'make'"):
        read(table_file, make="make.csv")


def test_option_of_no_reader(table_file):
    with pytest.raises(ManifestError, match="verson: unknown key"):
        read(table_file, verson="total")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_reader_keeps_the_protocol(layout):
    reader = LAYOUTS[layout]
    assert isinstance(reader.DEFAULTS, dict)
    assert callable(reader.recognises)
    assert callable(reader.read)
    assert set(getattr(reader, "COMPANIONS", ())) <= set(getattr(reader, "OPTIONS", ()))
    assert set(getattr(reader, "OPTIONS", ())) <= READER_OPTIONS
