"""Every problem of a user's file, in one list."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import io_tables
import sector_models
from handprint.errors import HandprintError, UnknownScenarioError
from handprint.scenario import load_scenario

Kind = Literal["scenario", "sector", "table"]


def validate(path: Path | str) -> tuple[Kind, list[str]]:
    """
    Check a scenario, a sector file or a table without running anything.

    Parameters
    ----------
    path : path
        TOML file of a scenario or sector, or any file that :func:`io_tables.read` takes.

    Returns
    -------
    kind : {"scenario", "sector", "table"}
        What the file was taken for.
    problems : list of str
        One line for each; none when all is well.

    Raises
    ------
    UnknownScenarioError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise UnknownScenarioError(f"no file {path}: give the path of a scenario, sector or table")
    kind = _kind(path)
    try:
        if kind == "scenario":
            load_scenario(path)
        elif kind == "sector":
            sector_models.load(path)
        else:
            return kind, [str(f) for f in io_tables.check(path).at("error")]
    except (HandprintError, sector_models.SectorError, io_tables.TableError) as error:
        return kind, _lines(str(error))
    return kind, []


def _kind(path: Path) -> Kind:
    """Tell a sector file from a scenario by what only a sector file has."""
    if path.suffix != ".toml":
        return "table"
    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return "scenario"
    return "sector" if {"use_cases", "segments"} & set(keys) else "scenario"


def _lines(message: str) -> list[str]:
    """Problems of a message that lists them below its first line, or the message itself."""
    listed = [line.strip().removeprefix("- ") for line in message.splitlines()[1:] if line.strip()]
    return listed or [message]
