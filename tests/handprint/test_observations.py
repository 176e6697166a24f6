"""Independent evidence stated by a scenario: weighed with the sector models, shown beside them."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from handprint import load_scenario, run
from handprint.blend import blend, by_model
from handprint.console import agreement_sentences
from handprint.errors import ScenarioError
from handprint.observations import Evidence, caps, moved_draws
from handprint.results import Results

DOCS = Path(__file__).parents[2] / "docs"
SEEN = """
base = "current-policy"
name = "with-evidence"

[observations.model]
title = "an equilibrium model, total"
title_zh = "一般均衡模型，合计"
year = 2030
value = 900
low = 700
high = 1100
units = "Mt CO2"
of = "total"
status = "assumption"
source = "assumption"

[observations.plants]
title = "a survey of plants"
title_zh = "企业调查"
year = 2026
value = 0.05
low = 0.03
high = 0.07
units = "1"
of = ["industry"]
status = "assumption"
source = "assumption"
"""


def stated(tmp_path, text=SEEN):
    path = tmp_path / "seen.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


@pytest.fixture
def evident(current, tmp_path):
    """Halves of the shipped scenario with the evidence of a user's file."""
    scenario = stated(tmp_path)
    return scenario, blend(scenario, current.bottom_up, current.top_down)


def by_hand(current, scenario):
    """Stack all years of a sector on one cause and condition on both observations."""
    z = current.reconciled["bottom_up"].transpose("sector", "year")
    sd = current.reconciled["sd"].transpose("sector", "year").values
    n, t = z.shape
    v = np.zeros((n * t, n * t))
    for i in range(n):
        v[i * t : (i + 1) * t, i * t : (i + 1) * t] = np.outer(sd[i], sd[i])
    years = z["year"].values.tolist()
    total = np.kron(np.ones(n), np.array(years) == 2030)
    plants = np.kron(z["sector"].values == "industry", np.array(years) == 2026)
    h = np.array([total, plants], float)
    reference = float(current.bottom_up["reference"].sel(sector="industry", year=2026))
    c = np.array([900, 0.05 * reference])
    r = np.diag((np.array([400, 0.04 * reference]) / 3.289707) ** 2)
    s = h @ v @ h.T + r
    gain = v @ h.T @ np.linalg.inv(s)
    d = c - h @ z.values.ravel()
    return (
        (z.values.ravel() + gain @ d).reshape(n, t),
        np.sqrt(np.diag(v - gain @ s @ gain.T)).reshape(n, t),
        float(d @ np.linalg.inv(s) @ d),
        d / np.sqrt(np.diag(s)),
        c,
    )


def test_evidence_is_blended_by_least_squares_over_all_years(current, evident):
    scenario, found = evident
    estimate, sd, chi2, residual, c = by_hand(current, scenario)
    assert bool(found["observed"])
    np.testing.assert_allclose(found["estimate"], estimate, rtol=1e-6)
    np.testing.assert_allclose(found["sd"], sd, rtol=1e-5)
    assert float(found["chi2_observations"]) == pytest.approx(chi2, rel=1e-5)
    np.testing.assert_allclose(found["observation_value"], c, rtol=1e-9)
    np.testing.assert_allclose(found["observation_residual"], residual, rtol=1e-5)
    assert "observations of the scenario consistent" in found.attrs["message"]


def test_every_year_moves_and_the_spread_falls(current, evident):
    _, found = evident
    before = current.reconciled
    assert (found["estimate"] != before["estimate"]).all()
    assert (found["sd"] < before["sd"]).any("year").all()
    assert (found["bottom_up"] == before["bottom_up"]).all()
    nearer = abs(found["observation_estimate"] - found["observation_value"])
    assert (nearer < abs(found["observation_implied"] - found["observation_value"])).all()


def test_the_test_of_the_halves_is_as_without_evidence(current, evident):
    np.testing.assert_array_equal(evident[1]["chi2"], current.reconciled["chi2"])


def test_evidence_against_the_sector_models_is_shown_and_not_blended(current, tmp_path):
    far = SEEN.replace(
        "value = 900\nlow = 700\nhigh = 1100", "value = 9000\nlow = 8900\nhigh = 9100"
    )
    found = blend(stated(tmp_path, far), current.bottom_up, current.top_down)
    assert not bool(found["observed"])
    assert abs(float(found["observation_residual"][0])) > 1.96
    np.testing.assert_array_equal(found["estimate"], current.reconciled["estimate"])
    assert "not blended" in found.attrs["message"]


def test_no_evidence_is_blended_where_the_halves_disagree(current, tmp_path):
    top = current.top_down.assign(enabled=4 * current.top_down["enabled"])
    found = blend(stated(tmp_path), current.bottom_up, top)
    assert not bool(found["observed"])
    np.testing.assert_array_equal(found["estimate"], found["bottom_up"])
    assert "the halves do not agree" in found.attrs["message"]


def test_the_reader_is_told(current, evident):
    _, found = evident
    results = dataclasses.replace(current, reconciled=found)
    assert isinstance(results, Results)
    english, chinese = (" ".join(agreement_sentences(results, lang)) for lang in ("en", "zh"))
    assert "an equilibrium model, total (2030): 900.0" in english
    assert "blended into" in english
    assert "sector models and independent evidence together" in english
    assert "estimate is that of the sector models." not in english
    assert "一般均衡模型，合计（2030年）900.0" in chinese


def test_draws_are_carried_over(current, tmp_path):
    """Quantiles of the reconciled draws; without evidence those of the draws themselves."""
    rng = np.random.default_rng(1)
    z = current.reconciled["bottom_up"].transpose("sector", "year")
    factor = xr.DataArray(rng.normal(1, 0.3, (4, 400)), dims=("sector", "draw"))
    draws = z.drop_vars("sector") * factor
    draws = draws.assign_coords(sector=z["sector"].values)
    plain = blend(current.scenario, current.bottom_up, current.top_down, draws)
    quantiles = plain["estimate_quantiles"]
    assert quantiles.dims == ("sector", "year", "quantile")
    np.testing.assert_allclose(
        quantiles.sel(quantile=0.95).values,
        np.quantile(draws.transpose("sector", "year", "draw"), 0.95, axis=-1),
    )
    seen = blend(stated(tmp_path), current.bottom_up, current.top_down, draws)
    width = seen["estimate_quantiles"].sel(quantile=0.95) - seen["estimate_quantiles"].sel(
        quantile=0.05
    )
    before = quantiles.sel(quantile=0.95) - quantiles.sel(quantile=0.05)
    assert bool(seen["observed"])
    assert (width.sum("sector") < before.sum("sector")).all()
    np.testing.assert_allclose(width / 3.29, seen["sd"], rtol=0.25)


def test_moved_draws_have_mean_and_covariance_of_the_posterior():
    rng = np.random.default_rng(8)
    values = rng.normal(size=(2, 2, 500)) * 10 + 100
    draws = xr.DataArray(
        values, coords={"sector": ["a", "b"], "year": [2029, 2030]}, dims=("sector", "year", "draw")
    )
    evidence = Evidence(np.array([[1.0, 1.0]]), np.array([230.0]), np.array([5.0]), [2030], ["x"])
    moved = moved_draws(draws, evidence).values.reshape(4, 500)
    sample = values.reshape(4, 500)
    v, mean, h = np.cov(sample), sample.mean(axis=1), np.array([[0.0, 1, 0, 1]])
    gain = v @ h.T / (h @ v @ h.T + 25)
    np.testing.assert_allclose(moved.mean(axis=1), mean + gain @ (230 - h @ mean), rtol=1e-9)
    np.testing.assert_allclose(np.cov(moved), v - gain @ h @ v, rtol=1e-7, atol=1e-7)


def test_a_run_with_evidence(tmp_path):
    text = SEEN.replace('name = "with-evidence"', 'name = "with-evidence"\nend_year = 2026')
    text = text.replace(
        "year = 2030\nvalue = 900\nlow = 700\nhigh = 1100",
        "year = 2026\nvalue = 500\nlow = 300\nhigh = 700",
    )
    results = run(stated(tmp_path, text), draws=8, seed=1)
    found = results.reconciled
    assert found["observation"].values.tolist() == ["model", "plants"]
    assert found["estimate_quantiles"].sizes["quantile"] == 5
    results.save(tmp_path / "out")
    again = Results.read(tmp_path / "out")
    np.testing.assert_allclose(again.reconciled["estimate"], found["estimate"])
    assert again.scenario.observations["model"].value == 500


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("year = 2030", "year = 2020", "observations.model.year: 2020 is not after 2020"),
        ("year = 2030", "year = 2031", "observations.model.year: 2031"),
        ('["industry"]', '["indstry"]', "unknown sector model 'indstry'; did you mean 'industry'"),
        ('units = "Mt CO2"', 'units = "kt"', "observations.model.units"),
        ("low = 700\nhigh = 1100", "low = 900\nhigh = 900", "no range"),
        ("low = 700", "low = 950", "low 950"),
        ("value = 900", "valu = 900", "did you mean 'value'"),
        ('source = "assumption"', 'source = "nobody"', "'nobody' has no entry"),
        ('title_zh = "企业调查"', "", "observations.plants.title_zh: missing"),
    ],
)
def test_bad_observations_are_refused(tmp_path, old, new, words):
    with pytest.raises(ScenarioError) as caught:
        stated(tmp_path, SEEN.replace(old, new, 1))
    assert words in str(caught.value)


def test_evidence_of_what_no_lever_does_is_refused(tmp_path, current):
    parts, top = current.bottom_up.copy(deep=True), current.top_down.copy(deep=True)
    for name in ("enabled", "rebound"):
        parts[name].loc[{"use_case": parts["model"] == "industry"}] = 0
    top["enabled"].loc[{"sector": "industry"}] = 0
    with pytest.raises(ScenarioError, match=r"observations\.plants: no lever"):
        blend(stated(tmp_path), parts, top)


def test_the_published_potential_is_shown_beside_the_verticals(tmp_path):
    """The page on reconciliation states these numbers."""
    path = tmp_path / "seen.toml"
    path.write_text(
        'base = "verticals"\nname = "seen"\n[observations.paper]\ntitle = "t"\ntitle_zh = "t"\n'
        'year = 2030\nvalue = 0.17\nlow = 0.12\nhigh = 0.22\nunits = "1"\n'
        'status = "published"\nsource = "caict_2021"\n',
        encoding="utf-8",
    )
    found = run(path).reconciled
    assert not bool(found["observed"])
    row = found.sel(observation="paper")
    page = (DOCS / "reconciliation.md").read_text(encoding="utf-8")
    value, sd, implied = (float(row[f"observation_{name}"]) for name in ("value", "sd", "implied"))
    assert f"{value:,.0f} ± {sd:.0f} against {implied:.0f} Mt CO2" in page
    assert f"{float(row['observation_residual']):.1f} standard deviations above" in page
    assert "homes_offices" in found.attrs["message"]
    assert "nothing is blended" in found.attrs["message"]


def test_use_cases_add_up_to_the_reconciled_sectors(current, evident):
    """Least squares over use cases and years, all errors of a sector from one cause."""
    _, data = evident
    scenario = evident[0]
    found = data["use_case_estimate"]
    np.testing.assert_allclose(by_model(found), data["estimate"], rtol=1e-12)
    net = (current.bottom_up["enabled"] - current.bottom_up["rebound"]).sel(year=data["year"])
    net = net.transpose("use_case", "year", "estimate")
    sd = ((net.sel(estimate="high") - net.sel(estimate="low")) / 3.289707).values
    z, model = net.sel(estimate="central").values, net["model"].values
    same = np.repeat(model, z.shape[1])
    v = np.outer(sd, sd) * (same[:, None] == same[None, :])
    years = data["year"].values
    total = np.tile(years == 2030, len(model))
    plants = np.repeat(model == "industry", len(years)) & np.tile(years == 2026, len(model))
    h = np.array([total, plants], float)
    reference = float(current.bottom_up["reference"].sel(sector="industry", year=2026))
    r = np.diag((np.array([400, 0.04 * reference]) / 3.289707) ** 2)
    d = np.array([900, 0.05 * reference]) - h @ z.ravel()
    wanted = z.ravel() + v @ h.T @ np.linalg.solve(h @ v @ h.T + r, d)
    np.testing.assert_allclose(found.values.ravel(), wanted, rtol=1e-6)
    assert scenario.name == "with-evidence"


def test_use_cases_stay_where_nothing_is_blended(current):
    net = current.bottom_up["enabled"] - current.bottom_up["rebound"]
    wanted = net.sel(estimate="central", year=current.reconciled["year"])
    np.testing.assert_allclose(current.reconciled["use_case_estimate"], wanted, rtol=1e-12)


def asked(tmp_path, value, spread):
    """Evidence on industry in the last year that asks for much."""
    text = SEEN.split("[observations.plants]")[0].replace('of = "total"', 'of = ["industry"]')
    for old, new in (("900", value), ("700", value - spread), ("1100", value + spread)):
        text = text.replace(f"= {old}\n", f"= {new}\n")
    return stated(tmp_path, text)


def test_caps_are_what_full_adoption_avoids_at_high_savings(current, tmp_path):
    """Industry of annex 2 saves 22 % at most."""
    data = blend(asked(tmp_path, 600, 600), current.bottom_up, current.top_down)
    reference = current.bottom_up["reference"].sel(sector="industry", year=data["year"])
    np.testing.assert_allclose(data["cap"].sel(sector="industry"), 0.22 * reference, rtol=1e-9)
    assert bool(data["observed"])
    assert not data["cap_active"].any()
    assert (data["estimate"] <= data["cap"]).all()


def test_evidence_far_beyond_full_adoption_is_not_blended(current, tmp_path, monkeypatch):
    scenario = asked(tmp_path, 420, 30)
    low = caps(scenario, current.bottom_up, current.reconciled["bottom_up"]) * 0.37
    home = sys.modules["handprint.blend"]
    monkeypatch.setattr(home, "caps", lambda *_: low)
    data = blend(scenario, current.bottom_up, current.top_down)
    assert bool(data["cap_active"].any())
    assert float(data["cap_deviations"].max()) > 1.96
    assert not bool(data["observed"])
    np.testing.assert_allclose(data["estimate"], data["bottom_up"], rtol=1e-12)
    assert "more than full adoption with savings at their high ends" in data.attrs["message"]


def test_a_cap_that_holds_is_met_exactly_by_estimate_and_draws(current, tmp_path, monkeypatch):
    scenario = asked(tmp_path, 420, 200)
    home = sys.modules["handprint.blend"]
    z = current.reconciled["bottom_up"]
    low = (z * 1.02).transpose("sector", "year").assign_attrs(units="Mt CO2")
    monkeypatch.setattr(home, "caps", lambda *_: low)
    rng = np.random.default_rng(1)
    draws = z.expand_dims(draw=300) * (1 + 0.2 * rng.standard_normal((300, 1, 1)))
    data = blend(scenario, current.bottom_up, current.top_down, draws)
    assert bool(data["observed"])
    held = data["cap_active"].sel(sector="industry")
    assert bool(held.any())
    np.testing.assert_allclose(
        data["estimate"].sel(sector="industry").where(held, drop=True),
        low.sel(sector="industry").where(held, drop=True),
    )
    top = data["estimate_quantiles"].sel(quantile=0.95, sector="industry")
    assert (top <= low.sel(sector="industry") + 1e-9).where(held, other=True).all()
