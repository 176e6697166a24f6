"""Every problem of a user's file, in one list, each with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import io_tables
import sector_models
from handprint.bridge import HOUSEHOLDS, bridge_of
from handprint.errors import DriverError, HandprintError, ScenarioFileError, UnknownScenarioError
from handprint.model_files import BY_MODEL
from handprint.overrides import models_of
from handprint.pipeline import economy
from handprint.records import Scenario
from handprint.scenario import load_scenario
from io_tables.errors import did_you_mean
from sector_models.errors import SectorFileError
from sector_models.lines import line_of, lines_of

Kind = Literal["scenario", "sector", "table"]
LABELS = "china-2020-cn24"
"""Shipped table whose labels sector files speak of."""


@dataclass(frozen=True)
class Problem:
    """
    One thing that is wrong with a file.

    Parameters
    ----------
    text : str
        Place, what is wrong, what is valid, what to do.
    line : int, optional
        Line of a text file, from 1.
    """

    text: str
    line: int | None = None

    @property
    def place(self) -> str:
        """Dotted place in the file; empty for what concerns all of it."""
        place, found, _ = self.text.partition(": ")
        return place if found and " " not in place else ""

    def __str__(self) -> str:
        return self.text if self.line is None else f"line {self.line}: {self.text}"


def validate(path: Path | str) -> tuple[Kind, list[Problem]]:
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
    problems : list of Problem
        In order of their lines; none when all is well.

    Raises
    ------
    UnknownScenarioError
        If there is no such file.

    Examples
    --------
    >>> validate(Path(sector_models.__file__).parent / "data" / "steel.toml")
    ('sector', [])
    """
    path = Path(path)
    if not path.is_file():
        raise UnknownScenarioError(f"no file {path}: give the path of a scenario, sector or table")
    if path.suffix != ".toml":
        return "table", [Problem(text) for text in _of_table(path)]
    content = path.read_bytes()
    text = content.decode("utf-8", errors="replace")
    try:
        raw = tomllib.loads(content.decode("utf-8"))
        lines = lines_of(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raw, lines = {}, {}
    kind = _kind(raw, text)
    found = _of_sector(path, raw) if kind == "sector" else _of_scenario(path)
    problems = [Problem(one, _line(one, lines, content)) for one in found]
    return kind, sorted(problems, key=lambda problem: problem.line or 0)


def _kind(raw: Mapping[str, Any], text: str) -> Kind:
    """Tell a sector file from a scenario by the keys that only one of them has."""
    found = set(raw) or set(re.findall(r"(?m)^\s*\[*\s*(\w+)", text))
    sector = found & {*sector_models.Sector.model_fields, "defaults"}
    return "sector" if len(sector) > len(found & set(Scenario.model_fields)) else "scenario"


def _of_table(path: Path) -> list[str]:
    try:
        return [str(finding) for finding in io_tables.check(path).at("error")]
    except io_tables.TableError as error:
        return _listed(error)


def _of_sector(path: Path, raw: Mapping[str, Any]) -> list[str]:
    """Problems of a sector file, labels of the table included."""
    found = list(_labels(raw))
    try:
        sector_models.load(path)
    except SectorFileError as error:
        found += error.problems
    return found


def _of_scenario(path: Path) -> list[str]:
    """Problems of a scenario file, its sector models, and how they fit the table."""
    try:
        scenario = load_scenario(path)
    except ScenarioFileError as error:
        return list(error.problems)
    except HandprintError as error:
        return _listed(error)
    found: list[str] = []
    models, table = None, None
    try:
        models = models_of(scenario)
    except ScenarioFileError as error:
        found += error.problems
    except sector_models.SectorError as error:
        found.append(f"sectors: {error}")
    try:
        table = economy(scenario)
    except DriverError as error:
        found += str(error).splitlines()
    except (HandprintError, io_tables.TableError) as error:
        found.append(f"table: {error}")
    if models is not None and table is not None:
        try:
            bridge_of(models, table)
            found += [
                f"ict: the table has no sector {name!r}; {did_you_mean(name, table.sectors)}"
                for name in scenario.ict
                if name not in table.sectors
            ]
        except HandprintError as error:
            found.append(f"sectors: {str(error).removeprefix('sectors: ')}")
    return found


def _labels(raw: Mapping[str, Any]) -> Iterator[str]:
    """Labels in bridge cells and covers that the table of 24 sectors does not have."""
    table = io_tables.load(LABELS)
    groups = {"covers": raw.get("covers"), "affected": raw.get("affected")}
    cases = raw.get("use_cases")
    for name, case in cases.items() if isinstance(cases, dict) else ():
        groups[f"use_cases.{name}.affected"] = (
            case.get("affected") if isinstance(case, dict) else None
        )
    for place, listed in groups.items():
        for number, cell in enumerate(listed if isinstance(listed, list) else ()):
            for key in ("emitters", "rows", "purchasers") if isinstance(cell, dict) else ():
                known = list(table.sectors)
                if key == "emitters":
                    known.append(HOUSEHOLDS)
                elif key == "purchasers" and cell.get("kind") == "demand":
                    known = list(table.categories)
                yield from _unknown(f"{place}.{number}.{key}", cell.get(key), known)


def _unknown(place: str, labels: object, known: list[str]) -> Iterator[str]:
    for number, label in enumerate(labels if isinstance(labels, list) else ()):
        if isinstance(label, str) and label not in known:
            hint = did_you_mean(label, known)
            yield f"{place}.{number}: no label {label!r} in the table of 24 sectors; {hint}"


def _listed(error: Exception) -> list[str]:
    """Problems of a message that lists them below its first line, or the message itself."""
    message = str(error)
    listed = [line.strip().removeprefix("- ") for line in message.splitlines()[1:] if line.strip()]
    return listed or [message]


def _line(text: str, lines: dict[str, int], content: bytes) -> int | None:
    """Line on which to look for a problem."""
    if not lines:
        return _line_of_damage(text, content)
    place = text.partition(": ")[0].split(" ")[0]
    around = ["sectors"] if place.split(".")[0] in BY_MODEL else []
    for candidate in (place, *around, "base"):
        found = line_of(candidate, lines)
        if found is not None:
            return found
    return 1


def _line_of_damage(text: str, content: bytes) -> int | None:
    """Line on which a file stops being readable, as its message says."""
    if found := re.search(r"at line (\d+)", text):
        return int(found[1])
    if found := re.search(r"byte (\d+)", text):
        return content[: int(found[1])].count(b"\n") + 1
    return content.count(b"\n") + 1 if "end of document" in text else 1
