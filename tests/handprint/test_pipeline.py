"""A whole run: zero where nothing happens, complete where something does."""

import dataclasses

import numpy as np
import pytest

import handprint
import io_tables
from handprint.errors import (
    DriverError,
    InterventionError,
    MissingSatelliteError,
    ScopeError,
    UnitMismatchError,
    UnknownSectorError,
)
from handprint.pipeline import economy, run
from handprint.results import DATASETS
from handprint.scenario import scenario_names
from io_tables.errors import TableFileError
from sector_models import SectorError

EFFECTS = {
    "indicators": ("enabled", "rebound_direct", "rebound_respending", "footprint", "NER",
                   "NER_star", "actual_reduction", "lesser_increase", "ict_purchases"),
    "bottom_up": ("enabled", "rebound", "footprint", "ict_purchases"),
    "top_down": ("enabled", "households", "upstream", "footprint", "rebound_respending",
                 "respending_of_all", "cost_saving", "emitters"),
}  # fmt: skip


@pytest.fixture(scope="module", params=scenario_names())
def shipped(request):
    made = {
        "frozen-digitalisation": "frozen",
        "current-policy": "current",
        "accelerated": "accelerated",
    }
    if request.param in made:
        return request.getfixturevalue(made[request.param])
    return run(request.param)


def numbers(dataset):
    return [(n, a) for n, a in dataset.variables.items() if a.dtype.kind == "f"]


def test_nothing_happens_in_the_frozen_scenario(frozen):
    for group, names in EFFECTS.items():
        for name in names:
            np.testing.assert_array_equal(getattr(frozen, group)[name], 0, err_msg=name)
    top = frozen.top_down
    np.testing.assert_array_equal(top["total_after"], top["total_before"])
    np.testing.assert_array_equal(top["total_after_respending"], top["total_before"])


def test_nothing_happens_in_the_base_year(shipped):
    for group, names in EFFECTS.items():
        for name in names:
            first = getattr(shipped, group)[name].sel(year=2020)
            np.testing.assert_array_equal(first, 0, err_msg=name)


def test_something_happens_in_every_sector_afterwards(current):
    later = current.indicators.sel(year=slice(2021, None), estimate="central")
    for name in ("enabled", "rebound_direct", "footprint"):
        assert (later[name] > 0).all(), name


def test_no_number_is_missing_or_infinite(shipped, drawn):
    for results in (shipped, drawn):
        for group in DATASETS:
            for name, array in numbers(getattr(results, group)):
                assert np.isfinite(array.values).all(), (group, name)
        assert np.isfinite(results.summary()["value"].to_numpy(dtype=float)).all()


def test_low_central_and_high_stand_in_order(shipped):
    for name in ("enabled", "footprint", "NER", "NER_star", "rebound_direct"):
        low, central, high = (
            shipped.indicators[name].sel(estimate=e) for e in ("low", "central", "high")
        )
        assert ((low <= central) & (central <= high)).all(), name


def test_every_number_has_a_unit(drawn):
    for group in ("top_down", "bottom_up", "indicators", "ratios", "quantiles", "ledger"):
        for name, array in getattr(drawn, group).data_vars.items():
            assert array.attrs["units"], (group, name)


def test_faster_spread_avoids_more(frozen, current, accelerated):
    gross = [r.indicators["enabled"].sel(sector="total", year=2030, estimate="central")
             for r in (frozen, current, accelerated)]  # fmt: skip
    assert 0 == float(gross[0]) < float(gross[1]) < float(gross[2])


def test_scenarios_share_one_reference(frozen, current, accelerated):
    for other in (current, accelerated):
        assert other.indicators["reference"].identical(frozen.indicators["reference"])


def test_a_run_repeats_to_the_last_bit(short, short_run):
    first, second = run(short), short_run
    for group in DATASETS:
        assert getattr(first, group).identical(getattr(second, group)), group


def test_record_says_with_what_the_run_was_made(drawn, china):
    record = drawn.record
    assert (record.draws, record.seed) == (40, 7)
    assert record.table_hash == china.content_hash
    assert record.scenario_hash == drawn.scenario.content_hash
    assert set(record.sector_hashes) == set(drawn.scenario.sectors)
    assert record.ledger_gap == float(np.abs(drawn.ledger["gap"]).max())
    assert record.versions["numpy"] == np.__version__


def test_progress_wraps_every_year(short):
    seen = []
    run(short, progress=lambda years: seen.extend(years) or iter(years))
    assert seen == [2020, 2021]


def rescaled(table, factor, units):
    """The same economy with another emission account."""
    accounts = {
        kind: {**getattr(table, kind), "CO2": (factor * getattr(table, kind)["CO2"]).assign_attrs(
            units=units)}
        for kind in ("satellites", "households")
    }  # fmt: skip
    return dataclasses.replace(table, **accounts)


def test_table_can_be_given(short, short_run):
    table = io_tables.load("china-2020-cn24")
    twice = run(short, table=rescaled(table, 2, "Mt"))
    assert twice.record.table_hash == economy(short, rescaled(table, 2, "Mt")).content_hash
    assert twice.record.table_hash != short_run.record.table_hash
    for name in ("enabled", "reference", "rebound_direct"):
        np.testing.assert_allclose(twice.indicators[name], 2 * short_run.indicators[name])
    np.testing.assert_allclose(twice.top_down["upstream"], 2 * short_run.top_down["upstream"])


def test_account_in_another_unit_is_refused_not_mislabelled(short):
    table = rescaled(io_tables.load("china-2020-cn24"), 1000, "kt")
    with pytest.raises(UnitMismatchError, match=r"'kt'.*counts in 'Mt'"):
        run(short, table=table)


def test_money_in_another_unit_is_refused(short):
    table = dataclasses.replace(io_tables.load("china-2020-cn24"), units="10^8 CNY")
    with pytest.raises(SectorError, match=r"output is in '10\^8 CNY', '10\^4 CNY' is needed"):
        run(short, table=table)


def test_imports_stay_in_the_table_where_the_scenario_says_so(short, short_run):
    raw = io_tables.load("china-2020-cn24")
    kept = short.model_copy(update={"imports": "competitive"})
    assert economy(kept).content_hash == raw.content_hash
    assert economy(short).content_hash == raw.domestic().content_hash != raw.content_hash
    with_imports, without = run(kept), short_run
    # Competitive coefficients book foreign supply chains at home, so more is saved upstream.
    upstream = [float(r.top_down["upstream"].sel(year=2021, estimate="central").sum())
                for r in (with_imports, without)]  # fmt: skip
    assert upstream[0] > upstream[1] > 0
    np.testing.assert_allclose(
        with_imports.indicators["reference"], without.indicators["reference"], rtol=1e-12
    )


REFUSED = {
    "other sectors": ({"table": "china-2020-cn8"}, UnknownSectorError, "concordance to cn24"),
    "no such table": (
        {"table": "china-2020-cn25"},
        TableFileError,
        "'china-2020-cn25' is neither shipped nor a file; did you mean 'china-2020-cn24'",
    ),
    "no such account": ({"satellite": "CO3"}, MissingSatelliteError, "'CO2'"),
    "no such ICT sector": ({"ict": ("ICM", "ICX")}, InterventionError, "'ICX'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case, short):
    changes, kind, said = REFUSED[case]
    with pytest.raises(ValueError, match=said) as error:
        run(short.model_copy(update=changes))
    assert type(error.value) is kind


def test_unknown_category_is_refused_with_the_nearest(short):
    demand = {"exprots": short.demand["exports"]}
    with pytest.raises(DriverError, match=r"demand\.exprots.*'exports'"):
        run(short.model_copy(update={"demand": demand}))


def test_account_with_purchased_electricity_is_refused(short):
    table = dataclasses.replace(io_tables.load("china-2020-cn24"), scope="direct+purchased")
    with pytest.raises(ScopeError, match="count that electricity twice"):
        run(short, table=table)


def test_own_sector_file_runs_like_a_shipped_one(short, short_run, tmp_path):
    """A file says itself whose emissions it covers and which cells its levers change."""
    own = str(tmp_path / "works.toml")
    text = handprint.scenario.SHIPPED.parents[1].parent / "sector_models" / "data" / "industry.toml"
    (tmp_path / "works.toml").write_text(text.read_text(encoding="utf-8"), encoding="utf-8")
    groups = {
        g: {(own if k == "industry" else k): v for k, v in getattr(short, g).items()}
        for g in ("activity", "intensity", "adoption")
    }
    sectors = tuple(own if s == "industry" else s for s in short.sectors)
    found = run(short.model_copy(update={"sectors": sectors, **groups}))
    for part in ("NER", "NER_star"):
        np.testing.assert_allclose(
            found.indicators[part].sel(sector=own),
            short_run.indicators[part].sel(sector="industry"),
            rtol=1e-12,
        )


def test_levers_of_one_sector_alone_still_count(short, short_run):
    """Sectors without a goal stay where they are; ratios and the blend leave them out."""
    alone = run(short.model_copy(update={"adoption": {"power": short.adoption["power"]}}))
    np.testing.assert_array_equal(
        alone.indicators["NER"].sel(sector="total"),
        short_run.indicators["NER"].sel(sector="power"),
    )
    assert alone.reconciled["sector"].values.tolist() == ["power"]
    assert alone.reconciled.sizes["year"] == 1
    assert alone.ratios["sector"].values.tolist() == ["power", "total"]


def test_reference_adoption_earns_no_credit(short):
    """Where all of the spread would come anyway, nothing is avoided."""
    same = run(short.model_copy(update={"reference_adoption": short.adoption}))
    for name in EFFECTS["indicators"]:
        np.testing.assert_array_equal(same.indicators[name], 0, err_msg=name)
