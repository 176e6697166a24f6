"""Reading shipped data that are no sector files; sources are checked as in sector files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sector_models.errors import SectorFileError, did_you_mean
from sector_models.files import sources

RecordT = TypeVar("RecordT", bound=BaseModel)


def read_shipped(model: type[RecordT], place: str) -> RecordT:
    """
    Read a shipped file into a record.

    Parameters
    ----------
    model : type
        Record of the whole file.
    place : str
        Name of the file in the data folder.

    Returns
    -------
    record
        The checked record.

    Raises
    ------
    SectorFileError
        If something in the file is wrong; lists all problems.
    """
    text = (files("sector_models") / "data" / place).read_text(encoding="utf-8")
    return checked(model, tomllib.loads(text), place)


def checked(model: type[RecordT], raw: Mapping[str, Any], place: str) -> RecordT:
    """
    Make a record of parsed TOML and resolve its source keys.

    Parameters
    ----------
    model : type
        Record of the whole file.
    raw : mapping
        Parsed TOML; a table ``sources`` adds to the shipped sources.
    place : str
        Name of the file, for messages.

    Returns
    -------
    record
        The checked record.

    Raises
    ------
    SectorFileError
        If a key, a value or a source is wrong; lists all problems.
    """
    known = {*sources(), *raw.get("sources", {})}
    body = {key: value for key, value in raw.items() if key != "sources"}
    problems = [
        f"{path}: no source {key!r}; {did_you_mean(key, known)}"
        for path, key in _source_keys(body, "")
        if key not in known
    ]
    try:
        record = model.model_validate(raw)
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    if problems:
        raise SectorFileError(place, problems)
    return record


def _source_keys(node: object, path: str) -> Iterator[tuple[str, str]]:
    """Each source key with its place, also inside lists."""
    if isinstance(node, list):
        for number, entry in enumerate(node):
            yield from _source_keys(entry, f"{path}[{number}]")
    elif isinstance(node, dict):
        for key, value in node.items():
            place = f"{path}.{key}" if path else str(key)
            if key == "source":
                listed = value if isinstance(value, list) else [value]
                yield from ((place, str(entry)) for entry in listed)
            else:
                yield from _source_keys(value, place)
