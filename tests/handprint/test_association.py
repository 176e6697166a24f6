"""The past, decomposed: on the command line, on the page, in both languages."""

import json

import pandas as pd
import pytest

import io_tables
from handprint import association
from handprint.association import association_rows, older_tables
from handprint.cli import main
from handprint.export.association_section import association_section
from handprint.export.markup import Html

TABLES = ["china-2017-cn8", "china-2018-cn8"]


def call(*words):
    with pytest.raises(SystemExit) as end:
        main([str(w) for w in words])
    return end.value.code or 0


def test_tables_of_the_same_economy_are_found():
    assert older_tables("china-2017-cn8") == ["china-2007-cn8", "china-2012-cn8", "china-2017-cn8"]
    assert older_tables("china-2020-cn24")[-1] == "china-2020-cn24"
    assert older_tables("my-2020-table") == []
    assert older_tables("somewhere.csv") == []


@pytest.mark.parametrize(("lang", "word"), [("en", "not causation"), ("zh", "关联而非因果")])
def test_it_is_printed_as_association(lang, word, capsys):
    assert call("association", *TABLES, "--ict", "ICT", "--lang", lang) == 0
    shown = capsys.readouterr().out
    assert word in shown
    assert "2017-2018" in shown
    assert "avoided" not in shown


def test_the_command_says_what_the_function_says(capsys, tmp_path):
    out = tmp_path / "past.csv"
    assert call("association", *TABLES, "--ict", "ICT", "--json", "-o", out) == 0
    wanted = association(TABLES, ict=["ICT"])
    found = pd.DataFrame(json.loads(capsys.readouterr().out))
    pd.testing.assert_frame_equal(found, wanted, check_exact=False, rtol=1e-9)
    kept = pd.read_csv(out)
    assert kept["effect"].sum() == pytest.approx(wanted["effect"].sum())
    assert call("association", *TABLES, "--ict", "ICT", "-o", out) == 1


def test_deflators_are_taken_step_by_step(capsys, tmp_path):
    table = io_tables.load(TABLES[1])
    price = tmp_path / "prices.csv"
    pd.DataFrame({"sector": table.sectors, "deflator": 1.05}).to_csv(price, index=False)
    assert call("association", *TABLES, "--ict", "ICT", "--deflator", price, "--json") == 0
    found = pd.DataFrame(json.loads(capsys.readouterr().out))
    wanted = association(TABLES, ict=["ICT"], deflators=[1.05])
    assert set(found["prices"]) == {"deflated"}
    assert found["effect"].tolist() == pytest.approx(wanted["effect"].tolist())
    code = call("association", *TABLES, "--ict", "ICT", "--deflator", price, "--deflator", price)
    assert code == 1
    assert "2 deflators for 1 steps" in capsys.readouterr().err


def test_rows_add_up_to_the_whole_change():
    found = association(TABLES, ict=["ICT"])
    head, rows = association_rows(found, "en")
    assert head[0] == "tables"
    assert len(head) == len(rows[0])
    numbers = [float(cell.replace("−", "-").replace(",", "")) for cell in rows[0][1:]]
    assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.4)


def test_the_page_shows_it(current):
    shown = association_section(current, "en")
    assert isinstance(shown, Html)
    for word in ("2007-2012", "2018-2020", "technology, ICT rows", "price changes are part"):
        assert word in shown


def test_the_page_says_where_there_are_no_older_tables(current):
    from dataclasses import replace

    scenario = current.scenario.model_copy(update={"table": "mine.csv"})
    shown = association_section(replace(current, scenario=scenario), "zh")
    assert "没有该经济体的更早随附表" in shown
