"""What drivers came to: laid over the points of a scenario, and refused with the line."""

import re
from pathlib import Path

import numpy as np
import pytest

from handprint import load_scenario, run
from handprint.errors import ScenarioError
from handprint.pipeline import central_run
from handprint.projection import driver_path
from handprint.results import cited

HEADER = "driver,year,value,low,high,units,status,source,note\n"
HEAD = 'base = "current-policy"\nname = "mine"\ntitle = "m"\ntitle_zh = "m"\n'
OWN = (
    '[sources.book]\ntitle = "Our statistics"\ntitle_zh = "本院统计"\npublisher = "we"\n'
    'year = 2026\nplace = "archive"\n'
)


@pytest.fixture
def made(tmp_path):
    """Write a scenario with an outturn, and load it."""

    def _made(rows, header=HEADER, own=OWN, head=HEAD):
        (tmp_path / "seen.csv").write_text(header + rows, encoding="utf-8")
        path = tmp_path / "mine.toml"
        path.write_text(f'{head}outturn = "seen.csv"\n{own}', encoding="utf-8")
        return load_scenario(path)

    return _made


def points(driver):
    return {p.year: p for p in driver.points}


def test_outturn_takes_the_place_of_points_and_later_ones_keep_their_growth(made):
    before = load_scenario("current-policy").demand["exports"]
    path = driver_path(before, range(2020, 2031)).sel(estimate="central")
    mine = made(
        "demand.exports,2022,1.30,,,2020 = 1,published,book,as booked\n"
        "demand.exports,2026,1.50,1.4,1.6,2020 = 1,derived,book,\n"
    ).demand["exports"]
    now, old = points(mine), points(before)
    assert (now[2022].value, now[2022].low, now[2022].high) == (1.3, 1.3, 1.3)
    assert (now[2022].status, now[2022].source, now[2022].note) == (
        "published",
        "book",
        "as booked",
    )
    assert (now[2026].low, now[2026].value, now[2026].high) == (1.4, 1.5, 1.6)
    factor = 1.5 / float(path.sel(year=2026))
    for name in ("low", "value", "high"):
        assert getattr(now[2030], name) == pytest.approx(getattr(old[2030], name) * factor)
    assert "growth as stated, from the outturn of 2026" in now[2030].note
    growth = driver_path(mine, [2026, 2030]).sel(estimate="central").values
    wanted = path.sel(year=[2026, 2030]).values
    assert growth[1] / growth[0] == pytest.approx(wanted[1] / wanted[0])
    assert now[2021] == old[2021]


def test_a_run_rests_on_the_outturn_and_cites_it(made):
    scenario = made("activity.power,2023,1.5,,,2020 = 1,published,book,\n")
    plain = load_scenario("current-policy")
    assert scenario.content_hash != plain.content_hash
    assert cited(scenario)["book"]["title"] == "Our statistics"
    mine, theirs = run(scenario).drivers, run(plain).drivers
    assert float(mine["activity"].sel(model="power", year=2023, estimate="central")) == 1.5
    np.testing.assert_array_equal(mine["demand"], theirs["demand"])
    marks = mine["activity_origin"].sel(model="power")
    assert marks.sel(year=[2021, 2022, 2023]).values.tolist() == [
        "interpolated",
        "stated",
        "outturn",
    ]


def test_where_the_file_lies_changes_no_hash(made, tmp_path):
    scenario = made("activity.power,2023,1.5,,,2020 = 1,published,book,\n")
    assert str(tmp_path) in scenario.outturn
    moved = scenario.model_copy(update={"outturn": "elsewhere.csv"})
    assert moved.content_hash == scenario.content_hash


def test_every_problem_is_told_with_its_line(made):
    rows = (
        "demand.export,2022,1.3,,,2020 = 1,published,book,\n"
        "demand.exports,2022,high,,,2020 = 1,published,book,\n"
        "demand.exports,2022,-1,,,2020 = 1,published,book,\n"
        "activity.power,2022,1.2,,,TWh,published,book,\n"
        "activity.industry,2035,1.2,,,2020 = 1,published,book,\n"
        "activity.transport,2022,1.2,,,2020 = 1,published,book,\n"
        "activity.transport,2022,1.3,,,2020 = 1,published,book,\n"
        "intensity.power,soon,1.3,,,2020 = 1,published,book,\n"
        "intensity.power,2022\n"
    )
    with pytest.raises(ScenarioError) as caught:
        made(rows)
    told = str(caught.value)
    for words in (
        "line 2: the scenario has no driver 'demand.export'; did you mean 'demand.exports'",
        "line 3: value is 'high', needed a number",
        "line 4: value is -1, needed a number above zero",
        "line 5: activity.power is in 'TWh', the scenario has it in '2020 = 1': convert it",
        "line 6: activity.industry of 2035 is not from 2020 to 2030",
        "line 8: activity.transport has 2022 twice",
        "line 9: year is 'soon', needed a whole number",
        "line 10: has more or fewer cells than the header",
    ):
        assert words in told, words


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        ("", "driver,year,value,units,status\n", "no column 'source'"),
        ("", HEADER.replace("note", "notes"), "unknown column 'notes'; did you mean 'note'"),
        ("activity.power,2022,1.2,1.3,1.4,2020 = 1,published,book,\n", HEADER, "low 1.3 <= value"),
        (
            "activity.power,2022,1.2,,,2020 = 1,published,bok,\n",
            HEADER,
            "source 'bok' has no entry",
        ),
        ("activity.power,2022,1.2,,,2020 = 1,guess,book,\n", HEADER, "status"),
        ("activity.power,2020,1.2,,,2020 = 1,published,book,\n", HEADER, "must start with value 1"),
    ],
)
def test_what_does_not_fit_is_refused(rows, header, words, made):
    with pytest.raises(ScenarioError, match=words):
        made(rows, header)


def test_a_file_that_is_missing_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + 'outturn = "nowhere.csv"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"outturn: .*nowhere\.csv cannot be read"):
        load_scenario(path)


@pytest.mark.parametrize("units", ["current prices", "2019 = 1", "10^8 CNY"])
def test_a_driver_that_is_no_index_of_the_base_year_is_refused(units, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + f'[demand.exports]\nunits = "{units}"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="not of values in current prices"):
        load_scenario(path)


def test_a_table_of_another_year_is_refused():
    scenario = load_scenario("current-policy")
    with pytest.raises(ScenarioError, match="base_year is 2020, table china-2018-cn24 is of 2018"):
        run(scenario, table="china-2018-cn24")
    with pytest.raises(ScenarioError, match="is of 2017: take a table of 2020"):
        run(scenario.model_copy(update={"table": "china-2017-cn24"}))


def test_the_example_of_the_docs_works(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "projection.md").read_text(encoding="utf-8")
    rows, own = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("csv", "toml"))
    (tmp_path / "seen.csv").write_text(rows, encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(f'{HEAD}outturn = "seen.csv"\n{own}', encoding="utf-8")
    scenario = load_scenario(path)
    assert points(scenario.demand["exports"])[2023].value == 1.31
    assert cited(scenario)["book"]["publisher"] == "Statistics office"


def test_the_docs_state_the_shift_of_the_shipped_scenario():
    text = (Path(__file__).parents[2] / "docs" / "projection.md").read_text(encoding="utf-8")
    tables = central_run("digital-structure").tables
    shares = []
    for year in (2020, 2030):
        added = tables[year].value_added
        shares.append(100 * float(added.sel(sector=["ICM", "ICS"]).sum() / added.sum()))
    assert f"from {shares[0]:.1f} to {shares[1]:.1f} % in 2030" in text.replace("\n", " ")
