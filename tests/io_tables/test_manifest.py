"""Manifests: TOML in, the same TOML out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from io_tables.errors import ManifestError, TableFileError
from io_tables.manifest import Manifest, read_manifest

text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
names = text.filter(lambda name: not {*name} & {*"/\\:"} and name not in (".", ".."))
manifests = st.builds(
    Manifest,
    name=text,
    layout=st.sampled_from(["nbs", "tidy"]),
    units=text,
    price_basis=text,
    source=text,
    title_zh=st.just("投入产出表"),
    year=st.none() | st.integers(1900, 2200),
    tolerance=st.none() | st.floats(0, 1e12),
    notes=st.lists(text, max_size=2).map(tuple),
    satellites=st.dictionaries(
        text, text | st.builds(dict, units=text, note=text, status=st.just("derived")), max_size=2
    ),
    files=st.lists(st.builds(dict, name=names, sha256=st.just("0" * 64)), max_size=2).map(tuple),
)


@given(manifests)
def test_toml_and_back(tmp_path_factory, manifest):
    path = tmp_path_factory.mktemp("manifest") / "m.toml"
    path.write_text(manifest.to_toml(), encoding="utf-8", newline="\n")
    assert read_manifest(path) == manifest


def test_truth_values_and_back(tidy_manifest, tmp_path):
    about = {**tidy_manifest, "layout": "wide", "wide": {"transactions": "B2:C3", "regions": True}}
    path = tmp_path / "m.toml"
    path.write_text(read_manifest(about).to_toml(), encoding="utf-8")
    assert read_manifest(path).wide.regions is True


def test_options_override(tidy_manifest):
    manifest = read_manifest(tidy_manifest, units="EUR", year=None)
    assert (manifest.units, manifest.year) == ("EUR", None)


def test_missing_keys_are_explained(tidy_manifest):
    del tidy_manifest["units"], tidy_manifest["source"]
    with pytest.raises(ManifestError) as caught:
        read_manifest(tidy_manifest)
    assert "units: is missing -> Monetary unit of all flows" in str(caught.value)
    assert "source: is missing" in str(caught.value)


def test_not_toml(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text("name = table", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"m\.toml: not a TOML file"):
        read_manifest(path)


def test_no_file(tmp_path):
    with pytest.raises(TableFileError, match="does not exist"):
        read_manifest(tmp_path / "m.toml")


def test_manifest_is_frozen(tidy_manifest):
    manifest = read_manifest(tidy_manifest)
    with pytest.raises(ValueError, match="frozen"):
        manifest.units = "EUR"
