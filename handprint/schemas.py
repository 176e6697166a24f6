"""JSON Schemas of the files that users write, for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from handprint.errors import OptionError
from handprint.records import AdoptionGoal, Driver, Scale, Scenario, Share
from handprint.results import fresh, write
from io_tables.errors import did_you_mean
from sector_models.schema import DRAFT, for_toml, sector_schema

KINDS = ("sector", "scenario")


def schema(kind: str) -> dict[str, Any]:
    """
    JSON Schema of a kind of file.

    Parameters
    ----------
    kind : {"sector", "scenario"}
        Kind of file.

    Returns
    -------
    dict
        Draft 2020-12. A scenario with a base may leave out everything that the base states.

    Raises
    ------
    OptionError
        If there is no such kind.

    Examples
    --------
    >>> schema("scenario")["properties"]["end_year"]["description"]
    'Last year of the projection.'
    """
    if kind not in KINDS:
        raise OptionError(f"kind is {kind!r}; {did_you_mean(kind, KINDS)}")
    if kind == "sector":
        return sector_schema()
    found = Scenario.model_json_schema(mode="validation")
    del found["properties"]["sector_files"]
    for record in (AdoptionGoal, Driver, Scale, Share):
        found["$defs"][record.__name__].pop("required", None)  # a base may state the rest
    found["anyOf"] = [{"required": ["base", "name"]}, {"required": found.pop("required")}]
    return {"$schema": DRAFT, **for_toml(found, [])}


def schema_text(kind: str) -> str:
    """
    Write a schema as text.

    Parameters
    ----------
    kind : {"sector", "scenario"}
        Kind of file.

    Returns
    -------
    str
        JSON.
    """
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


def write_schema(kind: str, path: Path | str, *, force: bool = False) -> Path:
    """
    Write a schema to a file.

    Parameters
    ----------
    kind : {"sector", "scenario"}
        Kind of file.
    path : path
        JSON file.
    force : bool
        Replace an existing file.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputExistsError
        If the file exists and ``force`` is not set.
    """
    path = Path(path)
    fresh(path, force=force)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, schema_text(kind))
    return path
