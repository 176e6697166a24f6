"""Every notebook runs from top to bottom and keeps no outputs."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_no_outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path):
    # In a process of its own: the kernel talks to its client over sockets, which tests may not.
    program = Path(sys.executable).with_name("jupyter-execute")
    command = [str(program), f"--output={tmp_path / 'run'}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(tmp_path / "run.ipynb", as_version=4).cells
    ran = [cell for cell in cells if cell.cell_type == "code"]
    assert ran
    assert all(cell.execution_count for cell in ran)
