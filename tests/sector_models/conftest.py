"""A sector with invented numbers that a reader can compute with."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sector_models
from sector_models import Sector

TINY = Path(__file__).with_name("tiny.toml")


@pytest.fixture
def tiny_file(tmp_path: Path) -> Callable[..., Path]:
    """Write the tiny sector, with some text replaced."""

    def write(*replacements: tuple[str, str]) -> Path:
        text = TINY.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "tiny.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def tiny() -> Sector:
    return sector_models.load(TINY)
