"""The benchmarks still run, at a size at which their times mean nothing."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTIONS = (
    "Targets",
    "Multipliers and accounts",
    "A real table",
    "Sweeps",
    "20 draws of",
    "Structural paths",
    "Growth",
    "First scenario result",
    "Reading",
    "Balancing",
    "Whole runs of scenarios",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What one run over the whole registry writes."""
    folder = tmp_path_factory.mktemp("bench")
    subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "run.py", "--tiny", "-o", folder / "RESULTS.md"],
        check=True,
        capture_output=True,
        timeout=300,
        env={**os.environ, "HANDPRINT_SHARED": str(folder), "PYTHONPATH": str(ROOT)},
    )
    return (folder / "RESULTS.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("title", SECTIONS)
def test_every_section_is_written(report, title):
    assert f"\n## {title}" in report


def test_our_ways_are_measured(report):
    for way in ("T", "T, accounts", "T, accounts, trade", "checks of arrays, T, accounts"):
        assert f"| handprint: {way} |" in report
    assert "the process failed" not in report


def test_our_ways_to_read_and_balance_are_measured(report):
    for way in ("cells alone", "checked table", "checked table, kept", "ras", "gras"):
        assert f"| handprint: {way} |" in report
    assert float(re.search(r"from that of the numpy loop.*n = 20: ([\d.e-]+)\.", report)[1]) < 1e-6


def run(*arguments, **environment):
    """Run the benchmarks with these arguments."""
    return subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "run.py", "--tiny", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
    )


def test_one_section_runs_alone(tmp_path):
    done = run("--only", "balancing", "-o", tmp_path / "r.md", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    titles = re.findall(r"^## (.*)", (tmp_path / "r.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert titles == ["Targets", "Balancing"]


def test_another_installed_copy_is_not_measured(tmp_path):
    """An installed package in place of the code beside the script is refused."""
    shutil.copytree(ROOT / "io_tables", tmp_path / "io_tables")
    for name in ("handprint", "sector_models"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = run("-o", tmp_path / "r.md", PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert "set PYTHONPATH=" in done.stderr
    assert not (tmp_path / "r.md").exists()


def test_what_was_not_measured_says_so(report):
    assert (
        "| T and accounts, n = 9800, k = 50 | at least 20 x calc_all | - | not measured |" in report
    )
    assert "Not measured: the table is not here" in report


def test_no_name_of_the_machine_and_no_folder(report):
    assert str(Path.home()) not in report
    assert str(ROOT) not in report


@pytest.mark.parametrize(
    ("package", "way"), [("pymrio", "calc_all"), ("mario", "MARIO w and f: T")]
)
def test_peers_run_where_they_are_installed(report, package, way):
    if find_spec(package) is None:
        assert f"Not installed, so not run: {package}" in report or f", {package}." in report
        pytest.skip(f"{package} is not installed: make bench has it in its own environment")
    assert f" {way} |" in report
