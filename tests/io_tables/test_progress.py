"""A bar on a terminal for work that takes long; silence everywhere else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import io_tables
from handprint.cli import main
from io_tables import progress
from io_tables.streams import STREAMED

ROOT = Path(__file__).parents[2]
rng = np.random.default_rng(0)


class Terminal(io.StringIO):
    """Standard error as a terminal has it."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Stand in for a terminal, without patience; a fixture's would be undone by the capture."""
    screen = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "PATIENCE", -1.0)
        patch.setattr(progress.time, "monotonic", _clock())
        patch.setattr(sys, "stderr", screen)
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", "120")
        patch.delenv("NO_COLOR", raising=False)
        yield screen


def _clock():
    """Seconds that pass with every look at the clock."""
    now = 0.0

    def tick() -> float:
        nonlocal now
        now += 1.0
        return now

    return tick


def table(n: int = 40):
    flows = rng.random((n, n))
    return io_tables.from_arrays(
        flows, flows.sum(axis=1), sectors=[f"s{i}" for i in range(n)], categories=["use"],
        units="USD", price_basis="current", source="made up", name="big",
    )  # fmt: skip


def test_text(tmp_path):
    io_tables.write_tidy(table(), tmp_path / "big.csv")
    with terminal() as screen:
        io_tables.read(tmp_path / "big.csv")
    assert "big.csv: cells" in screen.getvalue()
    assert "big.csv: lines" in screen.getvalue()


def test_command_line(tmp_path, capsys):
    io_tables.write_tidy(table(), tmp_path / "big.csv")
    with terminal() as screen:
        main_ok(["tables", "check", str(tmp_path / "big.csv")])
    assert "big.csv: lines" in screen.getvalue()
    assert "big.csv: lines" not in capsys.readouterr().out


def main_ok(arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code in (0, None)


def test_workbook(tmp_path):
    io_tables.write_wide(table(4), tmp_path / "big.xlsx")
    with terminal() as screen:
        io_tables.read(tmp_path / "big.xlsx")
    assert "big.xlsx: sheets" in screen.getvalue()


def test_large_text_is_streamed(tmp_path):
    """More than eight mebibytes, which are read line by line."""
    path = tmp_path / "big.csv"
    io_tables.write_wide(table(700), path)
    assert path.stat().st_size > STREAMED
    with terminal() as screen:
        io_tables.read(path, cache=False)
    assert "big.csv: labels" in screen.getvalue()
    assert "big.csv: numbers" in screen.getvalue()


def test_balancing():
    matrix = rng.random((30, 30)) + 0.01
    goal = rng.random(30) + 1
    with terminal() as screen:
        io_tables.ras(matrix, goal, goal)
    assert "balancing" in screen.getvalue()
    shown = screen.getvalue().rpartition("%")[0].rpartition(" ")[2]
    assert 0 < int(shown) <= 100


def test_silent_without_a_terminal(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    io_tables.write_tidy(table(), tmp_path / "big.csv")
    io_tables.read(tmp_path / "big.csv")
    io_tables.ras([[1, 2], [3, 4]], [4, 6], [5, 5])
    assert capfd.readouterr() == ("", "")


def test_no_standard_error_at_all(monkeypatch):
    """Programs with windows have none."""
    monkeypatch.setattr(sys, "stderr", None)
    assert io_tables.ras([[1, 2], [3, 4]], [4, 6], [5, 5]).shape == (2, 2)


def test_short_work_shows_nothing(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    io_tables.ras([[1, 2], [3, 4]], [4, 6], [5, 5])
    assert screen.getvalue() == ""


def broken() -> None:
    with progress.following("work", 2) as step:
        step(1)
        raise ZeroDivisionError


def test_the_bar_is_taken_away_after_an_error():
    with terminal() as screen, pytest.raises(ZeroDivisionError):
        broken()
    assert "work" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")  # transient: the line is erased


def test_a_real_process_without_terminal():
    """Nothing is drawn into a pipe."""
    code = (
        "import io_tables\nfrom io_tables import progress\nprogress.PATIENCE = -1.0\n"
        "io_tables.ras([[1, 2], [3, 4]], [4, 6], [5, 5])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
