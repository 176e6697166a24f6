"""Files that a scenario names: found beside the scenario, wherever the program is run from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import io_tables
import sector_models
from sector_models import SectorError
from sector_models.errors import SectorFileError

BY_MODEL = ("activity", "intensity", "adoption", "reference_adoption", "overrides")
"""Tables of a scenario whose keys are sector models."""


def beside(raw: Mapping[str, Any], folder: Path | None) -> tuple[dict[str, Any], list[str]]:
    """
    Resolve the paths of a scenario file against its folder; a sector file goes by its name.

    Parameters
    ----------
    raw : mapping
        Parsed scenario. A path in ``sectors`` is replaced by the ``name`` that the file states,
        also where it is a key; ``sector_files`` keeps the path.
    folder : path, optional
        Where the scenario lies; None for a shipped one, which names no files.

    Returns
    -------
    resolved : dict
        Entries with paths that hold from anywhere.
    problems : list of str
        Every problem of every sector file, and names of no model.
    """
    found = dict(raw)
    problems = []
    if "sector_files" in found:
        del found["sector_files"]
        problems.append("sector_files: unknown key; write the path of the file into sectors")
    if isinstance(table := found.get("table"), str):
        found["table"] = _table(table, folder)
    if isinstance(outturn := found.get("outturn"), str) and folder is not None:
        found["outturn"] = str((folder / outturn).resolve())
    if not isinstance(found.get("sectors"), list):
        return found, problems
    names: dict[str, str] = {}
    files: dict[str, str] = {}
    for place, entry in enumerate(found["sectors"]):
        if isinstance(entry, str) and entry not in sector_models.names():
            path = _path(entry, folder)
            names[entry], wrong = _named(entry, path)
            problems += [f"sectors.{place}: {line}" for line in wrong]
            if path is not None and not wrong:
                files[names[entry]] = str(path)
    found["sectors"] = [_renamed(entry, names) for entry in found["sectors"]]
    for group in BY_MODEL:
        if isinstance(found.get(group), Mapping):
            found[group] = {_renamed(key, names): v for key, v in found[group].items()}
    listed = [name for name in found["sectors"] if isinstance(name, str)]
    problems += [
        f"sectors: {name!r} stands there twice: a sector file goes by its name; change `name` there"
        for name in dict.fromkeys(listed)
        if listed.count(name) > 1
    ]
    return found | {"sector_files": files}, problems


def _renamed(entry: Any, names: Mapping[str, str]) -> Any:
    return names.get(entry, entry) if isinstance(entry, str) else entry


def _path(entry: str, folder: Path | None) -> Path | None:
    """Place of a sector file; none for what can only be meant as a name."""
    path = Path(entry) if folder is None else folder / entry
    return path.resolve() if path.suffix or path.name != entry or path.is_file() else None


def _named(entry: str, path: Path | None) -> tuple[str, list[str]]:
    """Name that a sector file states, or that of the file if it cannot be read, and why."""
    try:
        return sector_models.load(entry if path is None else path).name, []
    except SectorFileError as error:
        return Path(entry).stem, [f"{error.place}: {line}" for line in error.problems]
    except SectorError as error:
        return entry, [str(error)]


def _table(entry: str, folder: Path | None) -> str:
    """Path of a table beside the scenario; a name that is no file stays for the message."""
    if folder is None or entry in io_tables.names():
        return entry
    path = folder / entry
    return str(path.resolve()) if path.suffix or path.exists() else entry
