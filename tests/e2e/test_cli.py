"""The command line from outside: exit codes, what goes to stdout and stderr, what is written."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sector_models
from handprint.cli import main
from handprint.export.sensitivity_folder import FILES as SENSITIVITY
from handprint.results import COLUMNS, FILES, Results

SHORT = 'base = "current-policy"\nname = "{}"\nend_year = 2021\n'
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}")


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; give exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run


@pytest.fixture
def mine(tmp_path):
    """A scenario of two years."""
    path = tmp_path / "mine.toml"
    path.write_text(SHORT.format("mine"), encoding="utf-8")
    return path


def tree(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def no_such_number(text):
    raise AssertionError(f"{text} is no JSON")


def parsed(text):
    return json.loads(text, parse_constant=no_such_number)


def test_run_writes_its_folder_and_prints_indicators(call, mine):
    code, out, err = call("run", mine, "-o", "out")
    assert (code, err) == (0, "")
    assert "NER" in out
    assert "2021" in out
    assert tree("out") == sorted(FILES)
    with Path("out/summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS
    assert {r["scenario"] for r in rows} == {"mine"}


def test_json_is_the_summary_and_nothing_else(call, mine):
    code, out, err = call("run", mine, "-o", "out", "--json", "--draws", "3", "--seed", "5")
    assert (code, err) == (0, "")
    rows = parsed(out)
    assert list(rows[0]) == COLUMNS
    assert {r["estimate"] for r in rows} >= {"low", "central", "high", "p05", "p50", "p95"}
    assert all(isinstance(r["value"], float | int) for r in rows)
    assert parsed(Path("out/run.json").read_text(encoding="utf-8"))["seed"] == 5


def test_nothing_is_overwritten_without_force(call, mine):
    Path("out").mkdir()
    Path("out/summary.csv").write_text("mine", encoding="utf-8")
    code, out, err = call("run", mine, "-o", "out")
    assert (code, out) == (1, "")
    assert "summary.csv exists" in err
    assert "--force" in err
    assert tree("out") == ["summary.csv"]
    assert Path("out/summary.csv").read_text(encoding="utf-8") == "mine"
    assert call("run", mine, "-o", "out", "--force")[0] == 0
    assert tree("out") == sorted(FILES)


def test_an_output_that_is_a_file_is_said_in_words(call, mine):
    Path("out").write_text("mine", encoding="utf-8")
    code, out, err = call("run", mine, "-o", "out")
    assert (code, out) == (1, "")
    assert err.startswith("error: out")
    assert "Traceback" not in err
    assert Path("out").read_text(encoding="utf-8") == "mine"


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """Folders of two short runs."""
    from handprint.pipeline import run
    from handprint.scenario import load_scenario

    folder = tmp_path_factory.mktemp("runs")
    for name, base in (("slow", "current-policy"), ("fast", "accelerated")):
        change = {"name": name, "end_year": 2021}
        run(load_scenario(base).model_copy(update=change)).save(folder / name)
    return folder / "slow", folder / "fast"


def test_compare_reads_runs_and_writes_all_or_nothing(call, two_runs):
    taken = Path("out/runs/fast/summary.csv")
    taken.parent.mkdir(parents=True)
    taken.write_text("mine", encoding="utf-8")
    code, out, err = call("compare", *two_runs, "-o", "out")
    assert (code, out) == (1, "")
    assert "summary.csv exists" in err
    assert tree("out") == ["runs/fast/summary.csv"]
    code, out, err = call("compare", *two_runs, "-o", "new", "--baseline", "fast", "--json")
    assert (code, err) == (0, "")
    assert {r["scenario"] for r in parsed(out)} == {"slow", "fast"}
    files = tree("new")
    runs = [f"runs/{name}/{file}" for name in ("fast", "slow") for file in FILES]
    assert set(files) == {"page.html", "handprint.xlsx", "summary.csv", "waterfall.png",
                          "differences.csv", "differences-cumulative.csv", "factors.csv",
                          "paths.csv", "ict.csv",
                          "wedges.png", "comparison.png", *runs}  # fmt: skip


def test_export_writes_a_workbook_once(call, two_runs):
    code, out, err = call("export", "xlsx", two_runs[0], "-o", "book.xlsx")
    assert (code, out, err) == (0, "book.xlsx\n", "")
    before = Path("book.xlsx").read_bytes()
    assert before.startswith(b"PK")
    code, out, err = call("export", "xlsx", two_runs[0], "-o", "book.xlsx")
    assert (code, out) == (1, "")
    assert "book.xlsx exists" in err
    assert Path("book.xlsx").read_bytes() == before
    assert tree(".") == ["book.xlsx"]


def test_export_writes_netcdf_that_can_be_exported_again(call, two_runs):
    code, out, err = call("export", "netcdf", two_runs[0], "-o", "run.nc")
    assert (code, out, err) == (0, "run.nc\n", "")
    assert Results.read("run.nc").record == Results.read(two_runs[0]).record
    assert call("export", "netcdf", two_runs[0], "-o", "run.nc")[0] == 1
    code, out, err = call("export", "netcdf", "run.nc", "-o", "again.nc")
    assert (code, out, err) == (0, "again.nc\n", "")
    assert tree(".") == ["again.nc", "run.nc"]


def test_sensitivity_writes_its_folder(call, mine):
    arguments = ["sensitivity", mine, "-o", "out", "--by", "kind", "--draws", "4"]
    code, out, err = call(*arguments, "--sector", "power")
    assert (code, err) == (0, "")
    assert out.splitlines()[:4] == [f"out/{name}" for name in SENSITIVITY]
    assert "too few" in out
    assert tree("out") == sorted(SENSITIVITY)
    assert call(*arguments)[0] == 1
    code, out, err = call(*arguments, "--force", "--json")
    assert (code, err) == (0, "")
    assert {r["quantity"] for r in parsed(out)} == {"NER", "NER_star"}


def test_a_run_with_few_draws_says_so(call, mine):
    code, out, _ = call("run", mine, "-o", "out", "--draws", "20", "--seed", "1")
    assert code == 0
    assert "too few" in " ".join(out.split())


def test_shipped_name_is_the_scenario_also_beside_a_folder_of_that_name(call, two_runs):
    """An old run that happens to lie in ./current-policy must not be taken for a new one."""
    folder = Path("current-policy")
    folder.mkdir()
    for name in FILES:
        (folder / name).write_bytes((two_runs[0] / name).read_bytes())
    code, out, _ = call("run", "current-policy", "-o", "out", "--json")
    assert code == 0
    assert {r["scenario"] for r in parsed(out)} == {"current-policy"}
    assert max(r["year"] for r in parsed(out)) == 2030


WRONG = {
    "missing argument": (2, ["run"], "Missing argument"),
    "missing output": (2, ["run", "current-policy"], "-o"),
    "unknown command": (2, ["rum"], "rum"),
    "unknown option": (2, ["run", "current-policy", "-o", "x", "--frce"], "--frce"),
    "draws below zero": (2, ["run", "current-policy", "-o", "x", "--draws", "-1"], "--draws"),
    "draws no number": (2, ["run", "current-policy", "-o", "x", "--draws", "many"], "--draws"),
    "unknown language": (2, ["run", "current-policy", "-o", "x", "--lang", "fr"], "en, zh"),
    "unknown export": (2, ["export", "pdf", "current-policy", "-o", "x"], "xlsx"),
    "no power of two": (
        2,
        ["sensitivity", "{short}", "-o", "x", "--draws", "100"],
        "power of two",
    ),
    "unknown way": (2, ["sensitivity", "{short}", "-o", "x", "--by", "sector"], "input or kind"),
    "unknown sector of it": (1, ["sensitivity", "{short}", "-o", "x", "--sector", "powr"], "power"),
    "one draw": (2, ["run", "{short}", "-o", "x", "--draws", "1"], "--draws"),
    "wrong scenario": (3, ["run", "{wrong}", "-o", "x"], "tabel: unknown key"),
    "wrong sector file": (3, ["sectors", "show", "{wrong}"], "wrong.toml"),
    "one run": (2, ["compare", "{short}", "-o", "x"], "two runs"),
    "unknown scenario": (4, ["run", "curent-policy", "-o", "x"], "'current-policy'"),
    "unknown sector": (4, ["sectors", "show", "powr"], "'power'"),
    "unknown table": (4, ["tables", "check", "china-2099"], "china-2099"),
    "no such file": (4, ["validate", "nowhere.toml"], "nowhere.toml"),
    "nothing to compare": (2, ["backcast", "china-2017-cn8"], "base table"),
    "years turned round": (1, ["backcast", "china-2018-cn8", "china-2017-cn8"], "of 2018"),
    "unknown table of it": (4, ["backcast", "china-2017-cn8", "china-2099"], "china-2099"),
    "unknown rung": (
        1,
        ["backcast", "china-2017-cn8", "china-2018-cn8", "--known", "margin"],
        "'margins'",
    ),
    "no prices": (
        4,
        ["backcast", "china-2017-cn8", "china-2018-cn8", "--deflator", "nowhere.csv"],
        "nowhere.csv",
    ),
    "prices of two pairs": (
        2,
        ["backcast", "china-2017-cn8", "china-2018-cn8", "china-2020-cn8", "--deflator", "x.csv"],
        "--deflator",
    ),
    "publishers' files missing": (
        4,
        ["tables", "build", "--source", "nowhere", "-o", "x"],
        "nowhere",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_end_in_words_on_stderr_with_their_code(case, call, mine, tmp_path):
    wanted, arguments, said = WRONG[case]
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SHORT.format("wrong") + "tabel = 1\n", encoding="utf-8")
    before = tree(".")
    code, out, err = call(*(a.format(short=mine, wrong=wrong) for a in arguments))
    assert code == wanted
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert tree(".") == before


def test_validate_lists_problems_on_stdout_and_ends_with_three(call, mine, tmp_path):
    assert call("validate", mine) == (0, f"{mine} (scenario): 0 problem(s)\n", "")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SHORT.format("wrong") + "tabel = 1\n[respend]\nhigh = 75\n", encoding="utf-8")
    code, out, err = call("validate", wrong)
    assert (code, err) == (3, "")
    assert out.splitlines()[0].endswith("(scenario): 2 problem(s)")
    assert len(out.splitlines()) == 3
    code, out, err = call("validate", wrong, "--json")
    assert (code, err) == (3, "")
    found = parsed(out)
    assert (found["kind"], len(found["problems"])) == ("scenario", 2)


def test_tables_and_sectors_are_listed(call):
    code, out, err = call("tables", "list")
    assert (code, err) == (0, "")
    assert "china-2020-cn24" in out.splitlines()
    code, out, err = call("sectors", "list")
    assert (code, err) == (0, "")
    assert out.split() == sector_models.names()
    assert {"power", "industry", "transport", "buildings", "steel"} <= set(out.split())
    code, out, err = call("tables", "check", "china-2020-cn24", "--json")
    assert (code, err) == (0, "")
    assert isinstance(parsed(out), dict)


def test_validate_names_the_line(call, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SHORT.format("wrong") + "tabel = 1\n", encoding="utf-8")
    code, out, _ = call("validate", wrong)
    assert code == 3
    assert out.splitlines()[1] == "  - line 4: tabel: unknown key; did you mean 'table'?"
    found = parsed(call("validate", wrong, "--json")[1])["problems"]
    assert [(p["line"], p["place"]) for p in found] == [(4, "tabel")]


def test_project_is_started_checked_and_run(call):
    code, out, err = call("init", "mine")
    assert (code, err) == (0, "")
    written = ["README.md", "scenario.schema.json", "scenario.toml", "sector.schema.json",
               "sector.toml"]  # fmt: skip
    assert tree("mine") == written
    assert sorted(Path(line).name for line in out.splitlines()) == written
    for name in ("sector", "scenario"):
        assert call("validate", f"mine/{name}.toml")[0] == 0
    code, out, err = call("run", "mine/scenario.toml", "-o", "out", "--json")
    assert (code, err) == (0, "")
    assert {"my_sector", "power", "total"} <= {row["sector"] for row in parsed(out)}
    code, _, err = call("init", "mine")
    assert code == 1
    assert "--force" in err
    assert call("init", "mine", "--force", "--lang", "zh")[0] == 0


def test_schema_is_written_once(call):
    assert call("schema", "sector", "-o", "sector.json") == (0, "sector.json\n", "")
    assert parsed(Path("sector.json").read_text(encoding="utf-8"))["title"] == "Sector"
    assert call("schema", "sector", "-o", "sector.json")[0] == 1
    code, _, err = call("schema", "tabel", "-o", "x.json")
    assert code == 2
    assert "sector or scenario" in err


def test_a_sector_is_shown_as_json(call):
    code, out, err = call("sectors", "show", "steel", "--json")
    assert (code, err) == (0, "")
    assert parsed(out)["part_of"] == "industry"


def test_unbalanced_table_is_refused_with_three(call, tmp_path):
    folder = Path(__file__).parents[1] / "io_tables"
    text = (folder / "conftest.py").read_text(encoding="utf-8").split('TIDY = """\\\n')[1]
    rows = text.split('"""')[0].replace("output,output,A,1000", "output,output,A,900")
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "t.toml").write_text(
        'name = "t"\nlayout = "tidy"\nunits = "USD"\nprice_basis = "current"\n'
        'source = "made up"\nscope = "direct"\n',
        encoding="utf-8",
    )
    code, out, _ = call("tables", "check", "t.csv", "--manifest", "t.toml")
    assert code == 3
    assert "differ from output" in out


def test_replication_is_printed_and_strict_json(call):
    code, out, err = call("replicate", "caict-2021")
    assert (code, err) == (0, "")
    assert "138.49" in out
    code, out, _ = call("replicate", "caict-2021", "--json")
    assert code == 0
    assert set(parsed(out)) == {"emissions", "growth", "finding", "finding_zh"}


def test_backcast_is_printed_and_written(call):
    names = ["china-2017-cn8", "china-2018-cn8", "china-2020-cn8"]
    code, out, err = call("backcast", *names, "-o", "found.csv")
    assert (code, err) == (0, "")
    assert out.count("Current prices") == 2
    assert out.count("is derived, not published") == 1
    with Path("found.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["actual"] for r in rows} == set(names[1:])
    wape = {
        r["rung"]: float(r["value"])
        for r in rows
        if (r["actual"], r["quantity"]) == (names[1], "emissions_wape")
    }
    assert f"{wape['growth']:.1f}" in out
    assert wape["intensity"] == pytest.approx(0, abs=1e-7)
    assert call("backcast", *names, "-o", "found.csv")[0] == 1
    code, out, err = call("backcast", *names, "-o", "found.csv", "--force", "--json")
    assert (code, err) == (0, "")
    assert len(parsed(out)) == len(rows)


def test_backcast_in_constant_prices(call):
    sectors = ["AGR", "IND", "ELE", "WAT", "CON", "TRA", "ICT", "SER"]
    asked = ["backcast", "china-2017-cn8", "china-2018-cn8", "--deflator", "p.csv"]
    Path("p.csv").write_text("sector,deflator\n" + "".join(f"{s},1.1\n" for s in sectors))
    code, out, err = call(*asked)
    assert (code, err) == (0, "")
    assert "deflated by sector" in out
    for text, said in (
        ("sector,price\nAGR,1\n", "'deflator'"),
        ("sector,deflator\nAGR,1\nAGR,2\n", "'AGR' stands there twice"),
        ("sector,deflator\nAGR,dear\n", "'dear'"),
        ("sector,deflator\nAGR,1\n", "'IND'"),
        ("", "not a CSV"),
    ):
        Path("p.csv").write_text(text)
        code, out, err = call(*asked)
        assert (code, out) == (1, "")
        assert said in err


def test_chinese_output_has_no_english_left(call, mine):
    for arguments in (
        ("run", mine, "-o", "out", "--lang", "zh"),
        ("sectors", "show", "power", "--lang", "zh"),
        ("replicate", "caict-2021", "--lang", "zh"),
        ("backcast", "china-2017-cn8", "china-2020-cn8", "--lang", "zh"),
    ):
        code, out, err = call(*arguments)
        assert (code, err) == (0, "")
        assert re.search(r"[\u4e00-\u9fff]", out)
        assert not ENGLISH.findall(out), arguments


def test_version(call):
    code, out, err = call("--version")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"handprint \d+\.\d+\.\d+\S*\n", out)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_does_not_wait_for_the_numbers(arguments):
    """In a fresh process: help needs none of the heavy packages."""
    code = (
        "import sys\n"
        "from handprint.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code\n"
        "heavy = {'xarray', 'pandas', 'numpy', 'scipy', 'matplotlib', 'xlsxwriter'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert done.stdout.strip()


def test_installed_command_runs(mine, tmp_path):
    """The real console script, with its streams apart."""
    program = Path(sys.executable).with_name("handprint" + (".exe" if os.name == "nt" else ""))
    if not program.exists():
        pytest.skip("the package is not installed beside this interpreter")
    environment = {**os.environ, "PYTHONWARNINGS": "error::FutureWarning", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [program, "run", mine, "-o", tmp_path / "out", "--json"],
        capture_output=True, text=True, encoding="utf-8", env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert {r["scenario"] for r in parsed(done.stdout)} == {"mine"}
    rows = csv.DictReader(io.StringIO((tmp_path / "out" / "summary.csv").read_text("utf-8")))
    assert len(list(rows)) == len(parsed(done.stdout))
    done = subprocess.run(
        [program, "run", "curent-policy", "-o", tmp_path / "x"],
        capture_output=True, text=True, encoding="utf-8", env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert done.stdout == ""
    assert "current-policy" in done.stderr
