"""The package as a door: light to import, complete in its names."""

from __future__ import annotations

import subprocess
import sys

import pytest

import io_tables


def test_import_is_light():
    code = (
        "import io_tables, sys; print(sorted({'numpy', 'xarray', 'pydantic'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_public_name_resolves():
    assert set(io_tables.__all__) <= set(dir(io_tables))
    assert all(callable(getattr(io_tables, name)) for name in io_tables.__all__)


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = io_tables.laod
