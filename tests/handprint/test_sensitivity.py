"""Tornado and variance shares, against arithmetic by hand, a published example and scipy."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc, sobol_indices

from handprint import sensitivity
from handprint.errors import OptionError, OutputExistsError
from handprint.export.sensitivity_folder import FILES, write_sensitivity
from handprint.input_names import KINDS, input_name
from handprint.pipeline import run
from handprint.plots_sensitivity import sensitivity_figure, sure_sentence
from handprint.sampling import Ranks, spread
from handprint.sensitivity import Crossed, variance_shares


@pytest.fixture(scope="module")
def found(short):
    return sensitivity(short, sector="industry", draws=64, seed=3)


@pytest.fixture(scope="module")
def by_kind(short):
    return sensitivity(short, by="kind", draws=64, seed=3)


@pytest.fixture(scope="module")
def still(short):
    """Nothing spreads, so nothing can vary."""
    return sensitivity(short.model_copy(update={"adoption": {}}), draws=4)


def blocks(function, inputs, rows, seed=1):
    """Results of A, B and the crossed samples of a function on the unit cube."""
    points = qmc.Sobol(2 * inputs, scramble=True, rng=seed).random(rows)
    a, b = points[:, :inputs], points[:, inputs:]
    crossed = []
    for k in range(inputs):
        mixed = a.copy()
        mixed[:, k] = b[:, k]
        crossed.append(function(mixed))
    return function(a), function(b), np.array(crossed)


def test_shares_of_a_sum_are_those_of_its_variances():
    """3 u + 4 v + 0 w: variances 9 and 16 in twelfths."""
    first, total = variance_shares(*blocks(lambda x: x @ [3.0, 4.0, 0.0], 3, 4096))
    np.testing.assert_allclose(first, [0.36, 0.64, 0], atol=0.01)
    np.testing.assert_allclose(total, [0.36, 0.64, 0], atol=0.01)


def ishigami(points):
    x, y, z = (2 * np.pi * points - np.pi).T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_shares_of_ishigamis_function_are_the_published_ones():
    """Ishigami and Homma 1990 with a = 7, b = 0.1; shares follow from its analytic variance."""
    first, total = variance_shares(*blocks(ishigami, 3, 16384))
    np.testing.assert_allclose(first, [0.3139, 0.4424, 0], atol=0.01)
    np.testing.assert_allclose(total, [0.5576, 0.4424, 0.2437], atol=0.01)


def test_shares_are_those_of_scipy():
    a, b, ab = blocks(ishigami, 3, 512)
    theirs = sobol_indices(
        func={"f_A": a[None], "f_B": b[None], "f_AB": ab[:, None]}, n=512
    )  # fmt: skip
    first, total = variance_shares(a, b, ab)
    np.testing.assert_allclose(first, np.ravel(theirs.first_order), atol=1e-3)
    np.testing.assert_allclose(total, np.ravel(theirs.total_order), atol=1e-3)


def test_without_variance_shares_are_zero():
    for values in variance_shares(np.ones(8), np.ones(8), np.ones((2, 8))):
        np.testing.assert_array_equal(values, 0)


def test_a_crossed_sample_takes_one_input_from_the_other_side():
    ranks = Ranks(4, 1, "sobol", tuple(f"{x}:{s}" for s in "pqr" for x in "AB"))
    inputs = (frozenset("p"), frozenset("qr"))
    uniform = spread(0, 0.5, 1).model_copy(update={"distribution": "uniform"})
    whole = Crossed(ranks, inputs, slice(None))
    assert whole.size == 16
    for stream, exchanged in (("p", 2), ("q", 3), ("r", 3)):
        values = whole(uniform, stream).reshape(4, 4)
        for block in range(4):
            side = "B" if block in (1, exchanged) else "A"
            np.testing.assert_allclose(values[block], ranks.of(f"{side}:{stream}"))
    part = Crossed(ranks, inputs, slice(3, 11))
    np.testing.assert_array_equal(part(uniform, "q"), whole(uniform, "q")[3:11])


def test_tornado_is_the_run_with_one_number_at_its_end(found, short):
    """Turn the adoption goal of power by hand and run again."""
    rows = found.tornado.set_index(["sector", "quantity", "input"])
    goal = short.adoption["power"]
    for sector in ("total", "industry"):
        for end in ("low", "high"):
            level = getattr(goal, end)
            fixed = goal.model_copy(update={"low": level, "level": level, "high": level})
            other = short.model_copy(update={"adoption": {**short.adoption, "power": fixed}})
            wanted = run(other).indicators["NER"].sel(sector=sector, year=2021, estimate="central")
            key = (sector, "NER", "power.adoption")
            if sector == "total":
                assert rows.loc[key, end] == pytest.approx(float(wanted), rel=1e-12)
            elif key in rows.index:
                # Cleaner power leaves industry less to save: the overlap, nothing else.
                assert rows.loc[key, end] == pytest.approx(float(wanted), rel=1e-12)


def test_centre_of_the_tornado_is_the_central_run(found, short_run):
    for (sector, quantity), rows in found.tornado.groupby(["sector", "quantity"]):
        wanted = short_run.indicators[quantity].sel(sector=sector, year=2021, estimate="central")
        np.testing.assert_allclose(rows["central"], float(wanted), rtol=1e-9)
        assert rows["swing"].is_monotonic_decreasing
        assert (rows["swing"] > 0).all()


def test_inputs_with_one_cause_are_one_input(found):
    names = found.indices["input"].unique().tolist()
    assert len(names) == len(set(names))
    # Savings of all use cases of a sector follow one figure; the life cycle holds for all sectors.
    assert names.count("power.saving") == 1
    assert names.count("ict_life_cycle") == 1


def test_shares_of_a_kind_are_near_the_sum_of_its_inputs(found, by_kind):
    def shares(frame, name):
        rows = frame[(frame["sector"] == "total") & (frame["quantity"] == "NER")]
        return rows.set_index("input")["total"].filter(regex=name).sum()

    assert shares(by_kind.indices, "^saving$") == pytest.approx(
        shares(found.indices, r"\.saving$"), abs=0.15
    )
    assert len(by_kind.indices) < len(found.indices) / 2


def test_the_same_seed_gives_the_same_tables(found, short):
    again = sensitivity(short, sector="industry", draws=64, seed=3)
    pd.testing.assert_frame_equal(again.indices, found.indices)
    pd.testing.assert_frame_equal(again.tornado, found.tornado)
    other = sensitivity(short, sector="industry", draws=64, seed=4)
    assert not other.indices.equals(found.indices)
    pd.testing.assert_frame_equal(other.tornado, found.tornado)


def test_drivers_are_no_inputs_if_they_stay(short):
    long = short.model_copy(update={"end_year": 2022})
    names = {
        wanted: set(sensitivity(long, draws=2, draw_drivers=wanted).indices["input"])
        for wanted in (True, False)
    }
    assert not any(n.startswith(("demand.", "activity.", "intensity.")) for n in names[False])
    assert "intensity.power" in names[True]


def test_few_draws_are_told_and_how_many_are_needed(found):
    assert not found.enough
    assert found.needed > 64
    assert found.needed & (found.needed - 1) == 0
    assert f"take {found.needed}" in sure_sentence(found)
    assert str(found.needed) in sure_sentence(found, "zh")


def test_nothing_spreads_nothing_varies(still):
    assert still.tornado.empty
    assert not still.indices[["first", "total"]].to_numpy().any()
    assert still.enough
    assert "enough" in sure_sentence(still)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"draws": 100}, "draws is 100: give a power of two"),
        ({"by": "sector"}, "by is 'sector': give 'input' or 'kind'"),
        ({"sector": "industri"}, "did you mean 'industry'"),
        ({"year": 2050}, "year is 2050: the scenario runs from 2020 to 2021"),
    ],
)
def test_options_that_cannot_be_are_refused(options, words, short):
    with pytest.raises(OptionError, match=words):
        sensitivity(short, **options)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_figure_has_a_bar_for_every_end_and_share(found, lang):
    figure = sensitivity_figure(found, lang=lang)
    left, right = figure.axes
    rows = found.tornado[
        (found.tornado["sector"] == "total") & (found.tornado["quantity"] == "NER_star")
    ].head(12)
    bars = {p.get_gid(): p for p in left.patches}
    for row in rows.to_dict("records"):
        for end in ("low", "high"):
            bar = bars[f"{end}.{row['input']}"]
            assert bar.get_x() + bar.get_width() == pytest.approx(row[end])
    shown = {p.get_gid() for p in right.patches}
    assert {g.split(".")[0] for g in shown} == {"total", "first"}
    assert len(shown) == 24


def test_figure_says_so_where_nothing_moves(still):
    figure = sensitivity_figure(still)
    assert not figure.axes
    assert any("No input moves" in text.get_text() for text in figure.texts)


def test_folder_is_written_once_and_names_inputs_in_both_languages(by_kind, tmp_path):
    written = write_sensitivity(by_kind, tmp_path / "new")
    assert [p.name for p in written] == list(FILES)
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(FILES)
    rows = pd.read_csv(tmp_path / "new" / "sobol.csv")
    assert rows["name_en"].tolist()[0] == input_name(rows["input"][0])
    assert rows["name_zh"].tolist()[0] == input_name(rows["input"][0], "zh")
    pd.testing.assert_series_equal(rows["total"], by_kind.indices["total"])
    made = json.loads((tmp_path / "new" / "sensitivity.json").read_text(encoding="utf-8"))
    assert (made["draws"], made["seed"], made["sampling"]) == (64, 3, "sobol")
    with pytest.raises(OutputExistsError):
        write_sensitivity(by_kind, tmp_path / "new")


def test_every_input_of_the_shipped_models_has_a_name(found):
    for key in found.indices["input"].unique():
        assert input_name(key) != key
        assert input_name(key, "zh") != input_name(key)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_name(kind):
    assert input_name(kind) != input_name(kind, "zh")


def test_segments_and_categories_are_named():
    assert input_name("power.grid_losses.share").endswith("grid_losses: shares of the segments")
    assert input_name("demand.rural households", "zh") == "农村居民消费：最终需求"
    assert input_name("mine.toml.saving") == "mine.toml: savings of the levers"
