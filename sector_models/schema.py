"""What a sector file may hold, as a JSON Schema for editors."""

from __future__ import annotations

from typing import Any

from sector_models.files import common
from sector_models.levers import UseCase
from sector_models.records import Sector

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_OWN = ("title", "title_zh", "mechanism", "mechanism_zh", "segment")


def sector_schema() -> dict[str, Any]:
    """
    JSON Schema of a sector file; titles and descriptions are those of the records.

    Returns
    -------
    dict
        Draft 2020-12. It knows what is filled in on reading: defaults under the use cases, and
        names of shipped parameters. Ranges, sums and sources are left to `load`.

    Examples
    --------
    >>> schema = sector_schema()
    >>> schema["properties"]["defaults"]["properties"]["rebound"]["anyOf"][1]["enum"]
    ['common.ict_intensity', 'common.ict_life_cycle', 'common.ict_lifetime', 'common.grid_factor']
    """
    schema = Sector.model_json_schema(mode="validation")
    levers = schema["$defs"][UseCase.__name__]
    levers["required"] = list(_OWN)  # the rest may stand in the defaults
    schema["properties"]["defaults"] = {
        "title": "Defaults",
        "description": "Laid under every use case; a use case overrides single fields whole.",
        "type": "object",
        "properties": levers["properties"],
        "additionalProperties": False,
    }
    return {"$schema": DRAFT, **for_toml(schema, list(common()))}


def for_toml(node: Any, shared: list[str]) -> Any:
    """
    Turn the schema of a record into that of a TOML file.

    Parameters
    ----------
    node : dict, list or plain value
        Schema as made from a record, or part of it.
    shared : list of str
        Keys of shipped parameters; empty where they may not be named.

    Returns
    -------
    dict, list or plain value
        Without null, which TOML does not have, and with ``common.KEY`` beside a parameter.
    """
    if isinstance(node, list):
        return [for_toml(entry, shared) for entry in node]
    if not isinstance(node, dict):
        return node
    found = {key: for_toml(value, shared) for key, value in node.items()}
    if found.get("default", 0) is None:
        del found["default"]
    options = found.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        options = [option for option in options if option != {"type": "null"}]
        found["anyOf"] = options
        if len(options) == 1:
            del found["anyOf"]
            found = options[0] | found
    if shared and found.get("$ref") == "#/$defs/Parameter":
        names = [f"common.{key}" for key in shared]
        by_name = {"description": "A shipped parameter.", "enum": names}
        found = {"anyOf": [{"$ref": found.pop("$ref")}, by_name], **found}
    return found
