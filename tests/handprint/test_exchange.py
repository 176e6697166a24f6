"""Exchange tables, the page under its contract name, and the check of the installation."""

import dataclasses
import json
import tomllib

import openpyxl
import pandas as pd
import pytest

import handprint
from handprint import doctor as doctor_module
from handprint.cli import main
from handprint.doctor import doctor
from handprint.errors import ArgumentError, OptionError
from handprint.export import iamc, read_iamc, report
from handprint.export.iamc import ExchangeError, iamc_frame
from handprint.export.toml_text import toml_text


def call(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    return stop.value.code or 0


@pytest.mark.parametrize("form", ["wide", "long"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_written_is_read_back(form, ending, current, accelerated, tmp_path):
    path = iamc([current, accelerated], tmp_path / f"runs.{ending}", form=form)
    found = read_iamc(path).set_index(["Scenario", "Variable", "Year"])["Value"]
    for result in (current, accelerated):
        name = result.scenario.name
        now = result.indicators["NER"].sel(estimate="low", sector="industry")
        for year in (2020, 2030):
            value = found[name, "Avoided Emissions|CO2|Net|Industry|Low", year]
            assert value == pytest.approx(float(now.sel(year=year)), rel=1e-12)
        total = float(result.indicators["NER"].sel(estimate="central", sector="total").sum())
        key = (name, "Cumulative|Avoided Emissions|CO2|Net", 2030)
        assert found[key] == pytest.approx(total, rel=1e-12)
    assert (name, "Cumulative|Avoided Emissions|CO2|Net", 2029) not in found.index


def test_units_tell_annual_from_cumulative(current):
    frame = iamc_frame(current)
    summed = frame["Variable"].str.startswith("Cumulative|")
    assert frame.loc[summed, "Unit"].str.endswith("cumulated 2021-2030").all()
    assert not frame.loc[~summed, "Unit"].str.contains("cumulated").any()
    assert set(frame["Region"]) == {"China"}


def test_an_independent_reader_takes_the_file(current, tmp_path):
    pyam = pytest.importorskip("pyam", reason="pyam is not installed")
    path = iamc(current, tmp_path / "run.csv")
    assert pyam.IamDataFrame(path).scenario == ["current-policy"]


def test_another_table_needs_a_region(current, tmp_path):
    other = dataclasses.replace(current, record=dataclasses.replace(current.record, table="x"))
    with pytest.raises(ExchangeError, match="region of table 'x'"):
        iamc(other, tmp_path / "a.csv")
    assert set(iamc_frame(other, region="X")["Region"]) == {"X"}


def test_wrong_arguments_are_refused(current, tmp_path):
    with pytest.raises(OptionError, match=r"not '\.txt'"):
        iamc(current, tmp_path / "a.txt")
    with pytest.raises(OptionError, match="form is 'tall'"):
        iamc(current, tmp_path / "a.csv", form="tall")
    with pytest.raises(ExchangeError, match="row occurs twice"):
        iamc([current, current], tmp_path / "a.csv")
    with pytest.raises(ArgumentError, match=r"results of handprint\.run"):
        report([], tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


GOOD = {"Model": "m", "Scenario": "s", "Region": "r", "Variable": "v", "Unit": "t", "2020": 1.0}
BROKEN = {
    "no column 'Region'": [{k: v for k, v in GOOD.items() if k != "Region"}],
    "row occurs twice: m / s / r / v": [GOOD, GOOD],
    "v: several units": [GOOD, {**GOOD, "Scenario": "z", "Unit": "kg"}],
    "v, 2020: no number": [{**GOOD, "2020": "many"}],
    "column 'note' is no year": [{**GOOD, "note": 1.0}],
    "column 'Unit' has empty cells": [{**GOOD, "Unit": None}],
}


@pytest.mark.parametrize("message", BROKEN)
def test_a_broken_table_is_refused(message, tmp_path):
    path = tmp_path / "broken.csv"
    frame = pd.DataFrame(BROKEN[message])
    frame.to_csv(path, index=False)
    wanted = message.replace("'note'", "'Note'")
    with pytest.raises(ExchangeError, match=wanted):
        read_iamc(path)


def test_a_page_of_one_run_stands_beside_no_spread(short_run, tmp_path):
    path = report(short_run, tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") or text.lower().startswith("<!doctype html>")
    assert "No further" in text or "frozen" in text.lower()


def test_a_run_with_draws_stands_beside_the_same_draws(drawn, tmp_path):
    text = report(drawn, tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"{drawn.record.draws} draws" in text
    assert "frozen-digitalisation" in text


def test_settings_survive_as_toml():
    content = {
        "a b": {"x": 1.5, "y": [1, {"z": 'q"\n\\ 中'}]},
        "t": True,
        "deep": {"l": {"m": {"v": 1}}},
    }
    assert tomllib.loads(toml_text(content)) == content


def test_import_command_writes_a_scenario_that_runs(tmp_path, capsys):
    book, made = tmp_path / "book.xlsx", tmp_path / "mine.toml"
    assert call("export", "xlsx", "current-policy", "-o", book) == 0
    pages = openpyxl.load_workbook(book)
    for row in pages["Levers"].iter_rows(min_row=6):
        if row[8].value == "respend":
            for cell, value in zip(row[3:6], (0.1, 0.2, 0.3), strict=True):
                cell.value = value
    pages.save(book)
    assert call("import-xlsx", book, "-o", made) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(made)
    scenario = handprint.load_scenario(made)
    assert (scenario.name, scenario.respend.value) == ("mine", 0.2)
    assert call("import-xlsx", book, "-o", made) == 1
    assert "exists" in capsys.readouterr().err


def test_export_command_writes_exchange_tables(tmp_path, capsys):
    path = tmp_path / "run.csv"
    assert call("export", "iamc", "current-policy", "-o", path) == 0
    assert len(read_iamc(path)) > 1000
    capsys.readouterr()


def test_a_sound_installation_passes(capsys):
    assert [c for c in doctor("zh") if c.state == "fail"] == []
    assert call("doctor") == 0
    assert call("doctor", "--json") == 0
    out = capsys.readouterr().out.splitlines()[-1]
    assert {c["name"] for c in json.loads(out)} >= {"Python", "numpy", "handprint"}


def test_what_is_wrong_is_named_with_a_way_out(monkeypatch, capsys, tmp_path):
    def requirements(_):
        return ["numpy>=99", "no-such-package-here>=1", 'ignored>=1; extra == "dev"']

    monkeypatch.setattr(doctor_module, "requires", requirements)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HANDPRINT_CACHE", str(tmp_path / "cache"))
    found = {c.name: c for c in doctor()}
    assert found["numpy"].state == "fail"
    assert '"numpy>=99"' in found["numpy"].advice
    assert found["no-such-package-here"].found == "missing"
    assert "ignored" not in found
    assert found["cache of tables"].state == "ok"
    assert call("doctor") == 1
    capsys.readouterr()


def test_a_changed_table_is_found(monkeypatch):
    load = doctor_module.io_tables.load

    def changed(name):
        table = load(name)
        return table if name != "china-2020-cn24" else load("china-2018-cn24")

    monkeypatch.setattr(doctor_module.io_tables, "load", changed)
    failed = [c for c in doctor() if c.state == "fail"]
    assert len(failed) == 1
    assert "china-2020-cn24: content" in failed[0].found
