"""Shipped concordances against the mapping that came with the tables."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from io_tables import Concordance, classification, load_concordance
from io_tables.catalogue import DATA

TABLES = ("nbs-2012-139", "nbs-2017-149", "nbs-2018-153", "nbs-2020-153")
SLIP = "农、林、牧、渔专用机械"


def mapping(concordance: Concordance) -> dict[str, str]:
    """Sector -> target of a concordance without shares."""
    best = concordance.shares.argmax("target").values
    return {s: concordance.targets[i] for s, i in zip(concordance.sectors, best, strict=True)}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("target", ["cn24", "cn8", "cn24-instruments", "cn8-instruments"])
def test_every_sector_goes_somewhere_whole(name, target):
    concordance = load_concordance(name, target)
    assert concordance.targets == classification(target.partition("-")[0]).index.tolist()
    assert set(np.unique(concordance.shares)) == {0.0, 1.0}
    assert (concordance.shares.sum("sector") > 0).all()
    assert len(concordance.sectors) == int(name[-3:])


@pytest.mark.parametrize("name", TABLES)
def test_against_the_mapping_of_the_source(name, raw_folder):
    ours = mapping(load_concordance(name, "cn8"))
    with (raw_folder / "nbs_china_io" / "mapping_8sector.csv").open(encoding="utf-8") as file:
        rows = [
            r
            for r in csv.DictReader(file)
            if r["table"] == name.replace("nbs-", "china_").replace("-", "_")
        ]
    differing = [r for r in rows if ours[r["code"]] != r["sector8"]]
    assert len(rows) == len(ours)
    if name in ("nbs-2012-139", "nbs-2017-149"):
        assert differing == []
    else:  # machinery for agriculture is machinery; the source has it in agriculture by mistake
        assert [(r["code"], r["name_cn"], r["sector8"]) for r in differing] == [
            ("076", SLIP, "AGR")
        ]
        assert ours["076"] == "IND"


@pytest.mark.parametrize("name", TABLES)
def test_machinery_for_agriculture_is_machinery(name):
    with (DATA / "concordances" / f"{name}.csv").open(encoding="utf-8") as file:
        targets = {row["title_zh"]: row["cn24"] for row in csv.DictReader(file)}
    assert targets[SLIP] == "MAC"


@pytest.mark.parametrize("name", TABLES)
def test_variant_differs_in_instruments_only(name):
    plain, variant = (mapping(load_concordance(name, f"cn8{v}")) for v in ("", "-instruments"))
    (code,) = [c for c in plain if plain[c] != variant[c]]
    assert (plain[code], variant[code]) == ("IND", "ICT")


def test_rules_of_assignment_2017():
    ours = mapping(load_concordance("nbs-2017-149", "cn24"))
    expected = {
        "005": "AGR",
        "006": "COA",
        "007": "OIL",
        "011": "MIN",
        "040": "LIG",
        "042": "REF",
        "050": "CHE",
        "053": "CHE",
        "060": "NMM",
        "063": "STE",
        "065": "NFM",
        "066": "MET",
        "071": "MAC",
        "081": "VEH",
        "084": "MAC",
        "088": "ICM",
        "093": "ICM",
        "094": "OTH",
        "097": "OTH",
        "098": "ELE",
        "104": "CON",
        "106": "TRD",
        "118": "TRA",
        "120": "TRD",
        "122": "ICS",
        "126": "BUS",
        "134": "BUS",
        "135": "PUB",
        "149": "PUB",
    }
    assert {code: ours[code] for code in expected} == expected


def test_cn24_nests_in_cn8():
    ours = mapping(load_concordance("cn24", "cn8"))
    assert {c for c, target in ours.items() if target == "ICT"} == {"ICM", "ICS"}
    assert {c for c, target in ours.items() if target == "SER"} == {"TRD", "BUS", "PUB"}
    assert ours["GAS"] == "IND"


def test_one_after_the_other():
    first = Concordance.from_mapping({"a": "x", "b": "x", "c": "y"}, source="first")
    second = Concordance.from_mapping({"x": "all", "y": "all"}, source="second")
    both = first.then(second)
    assert (both.sectors, both.targets) == (["a", "b", "c"], ["all"])
    assert both.source == "first; second"


def test_shares_are_read(write_csv):
    rows = [["sector", "target", "share"], ["a", "x", "0.25"], ["a", "y", "0.75"], ["b", "y", "1"]]
    concordance = Concordance.read(write_csv(rows), source="by hand")
    assert concordance.for_sectors(["b", "a"]).tolist() == [[0, 0.25], [1, 0.75]]


def test_titles_in_two_languages():
    titles = classification("cn24")
    assert titles.shape == (24, 2)
    assert titles.loc["ICS"].tolist() == ["ICT services", "信息通信服务"]
