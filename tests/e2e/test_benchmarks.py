"""The benchmarks still run, at a size at which their times mean nothing."""

import os
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
    "Monte Carlo over whole runs",
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
