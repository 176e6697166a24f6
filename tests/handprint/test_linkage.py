"""Linkages: labelled so that nobody reads them as avoided emissions."""

import numpy as np
import pytest

import io_tables
from handprint.errors import (
    LabelMismatchError,
    MissingSatelliteError,
    ScopeError,
    SectorOutputError,
    ShapeError,
    UnknownSectorError,
)
from handprint.linkage import linkage

SECTORS = ["power", "industry", "equipment", "software", "services"]
Z = np.random.default_rng(3).uniform(0, 10, size=(5, 5))
Y = np.array([20.0, 60, 15, 25, 40])
E = np.array([300.0, 200, 5, 1, 30])


def table(scope="direct", z=Z, y=Y):
    return io_tables.from_arrays(
        z,
        y,
        sectors=SECTORS,
        satellites={"CO2": (E, "Mt")},
        units="10^4 CNY",
        price_basis="current",
        source="test",
        scope=scope,
    )


def test_every_variable_says_that_it_is_no_avoided_emission():
    result = linkage(table(), ["software"])
    for variable in result.data_vars.values():
        assert "not avoided emissions" in variable.attrs["description"]
        assert variable.attrs["long_name"]
        assert variable.attrs["long_name_zh"]
        assert variable.attrs["units"] in ("Mt", "Mt/10^4 CNY")
    assert "not avoided" in result.attrs["note"]
    assert "不是减排量" in result.attrs["note_zh"]


def test_readings_by_sector_add_up():
    result = linkage(table(), ["software"])
    for reading in ("R1", "R2", "R3", "R4"):
        by_sector = result[f"{reading}_by_sector"]
        assert by_sector.sum().item() == pytest.approx(result[reading].item())
        assert list(by_sector["sector"].values) == SECTORS


def test_readings_of_a_group_are_sums():
    group = linkage(table(), ["equipment", "software"])
    alone = [linkage(table(), [s]) for s in ("equipment", "software")]
    for reading in ("R1", "R2", "R3", "R4", "direct", "embodied", "downstream"):
        together = sum(one[reading].item() for one in alone)
        assert group[reading].item() == pytest.approx(together)


def test_extraction_of_a_group_is_the_economy_without_it():
    economy = table()
    x = economy.output.values
    kept = [0, 1, 4]
    a = economy.transactions.values / x
    rest = np.linalg.solve(np.eye(3) - a[np.ix_(kept, kept)], Y[kept])
    vanished = E.sum() - (E / x)[kept] @ rest
    result = linkage(economy, ["equipment", "software"])
    assert result["extraction"].item() == pytest.approx(vanished, rel=1e-12)
    by_output = result["normalised_multiplier"].values @ x[2:4]
    assert by_output == pytest.approx(vanished, rel=1e-12)


@pytest.mark.parametrize(
    ("ict", "error", "words"),
    [
        (["softwear"], UnknownSectorError, "did you mean 'software'"),
        ("software", ShapeError, "list"),
        ([], LabelMismatchError, "no sector"),
        (["software", "software"], LabelMismatchError, "twice"),
    ],
)
def test_bad_groups_are_refused(ict, error, words):
    with pytest.raises(error, match=words):
        linkage(table(), ict)


def test_an_ict_sector_without_output_is_refused():
    z, y = Z.copy(), Y.copy()
    z[3], z[:, 3], y[3] = 0, 0, 0
    with pytest.raises(SectorOutputError, match="'software'"):
        linkage(table(z=z, y=y), ["software"])


def test_purchased_electricity_is_refused():
    with pytest.raises(ScopeError):
        linkage(table(scope="direct+purchased"), ["software"])


def test_an_unknown_satellite_is_refused():
    with pytest.raises(MissingSatelliteError):
        linkage(table(), ["software"], satellite="CH4")
