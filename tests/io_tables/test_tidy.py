"""The tidy layout: what is written is read back, to the last bit."""

from __future__ import annotations

import pytest

import io_tables
from io_tables import from_arrays, read, write_tidy
from io_tables.errors import MissingValueError, TableFileError
from io_tables.manifest import read_manifest


def test_textbook_table(tidy_rows, tidy_manifest, write_csv, textbook):
    table = read(write_csv(tidy_rows), manifest=tidy_manifest)
    assert table.sectors == ["A", "B"]
    assert table.categories == ["households"]
    assert float(table.households["CO2"]) == 1
    assert table.satellites["CO2"].attrs["units"] == "Mt"
    assert table.content_hash == textbook.content_hash


def test_only_flows_are_needed(tidy_rows, tidy_manifest, write_csv):
    table = read(write_csv(tidy_rows[:7]), manifest=tidy_manifest)
    assert table.output.values.tolist() == [1000, 2000]
    assert table.value_added.values.tolist() == [650, 1400]
    assert not table.satellites


def test_order_of_lines_does_not_matter_but_for_sectors(tidy_rows, tidy_manifest, write_csv):
    expected = read(write_csv(tidy_rows), manifest=tidy_manifest)
    moved = [tidy_rows[0], *tidy_rows[5:], *tidy_rows[1:5]]
    assert read(write_csv(moved), manifest=tidy_manifest).content_hash == expected.content_hash


def test_units_of_accounts_may_stand_in_the_manifest(tidy_rows, tidy_manifest, write_csv):
    path = write_csv([row[:4] for row in tidy_rows])
    table = read(path, manifest=tidy_manifest | {"satellites": {"CO2": "kt"}})
    assert table.satellites["CO2"].attrs["units"] == "kt"
    assert table.households["CO2"].attrs["units"] == "kt"


def test_account_that_the_manifest_promises(tidy_rows, tidy_manifest, write_csv):
    promised = tidy_manifest | {"satellites": {"CO2": "Mt", "heat": "PJ"}}
    with pytest.raises(MissingValueError, match="satellite heat: the manifest names it"):
        read(write_csv(tidy_rows), manifest=promised)


def test_file_without_manifest(tidy_rows, write_csv):
    table = read(write_csv(tidy_rows), units="USD", price_basis="current", source="textbook")
    assert (table.name, table.source) == ("table", "textbook")


@pytest.mark.parametrize("name", ["china-2012-cn8", "china-2017-cn24"])
@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.domestic()])
def test_written_and_read(name, change, tmp_path):
    table = change(io_tables.load(name))
    written = write_tidy(table, tmp_path / "copy.csv", title="A copy", year=int(name[6:10]))
    again = read(tmp_path / "copy.csv")
    assert again.content_hash == table.content_hash == written.content_hash
    for field in ("units", "price_basis", "source", "scope", "tolerance", "name", "history"):
        assert getattr(again, field) == getattr(table, field)
    assert read_manifest(tmp_path / "copy.toml") == written
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.csv", "copy.toml"]


def test_regions_survive(tmp_path):
    table = from_arrays(
        [[1, 2], [3, 4]],
        [5, 6],
        sectors=["steel", "steel"],
        regions=["CN", "EU"],
        units="USD",
        price_basis="current",
        source="by hand",
    )
    write_tidy(table, tmp_path / "world.csv")
    again = read(tmp_path / "world.csv")
    assert again.content_hash == table.content_hash
    assert again.sectors == ["CN:steel", "EU:steel"]
    assert again.transactions["region"].values.tolist() == ["CN", "EU"]
    assert again.transactions["industry"].values.tolist() == ["steel", "steel"]


def test_changed_numbers_are_noticed(tmp_path, textbook):
    path = tmp_path / "table.csv"
    write_tidy(textbook, path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("CO2,A,3.0", "CO2,A,3.5"), encoding="utf-8")
    with pytest.raises(TableFileError, match="not those its manifest was written for"):
        read(path)


def test_line_ends_of_another_system_do_not_matter(tmp_path, textbook):
    path = tmp_path / "table.csv"
    write_tidy(textbook, path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read(path).content_hash == textbook.content_hash
