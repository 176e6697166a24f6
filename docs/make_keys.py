"""
Write the reference of the manifest's keys anew: `python docs/make_keys.py`.

Everything between `<!-- name -->` and `<!-- end -->` of the page is made from the models that check
a manifest; a test compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from io_tables.manifest import Account, Manifest, RawFile
from io_tables.sheets import Address, Letters, Range, Tidy, Wide

PAGE = Path(__file__).with_name("tables") / "own-table.md"
MODELS: dict[str, type[BaseModel]] = {
    "manifest": Manifest,
    "wide": Wide,
    "tidy": Tidy,
    "account": Account,
    "file": RawFile,
}
HEAD = ("key", "takes", "default", "meaning")
PATTERNS = {
    TypeAdapter(kind).json_schema()["pattern"]: words
    for kind, words in (
        (Range, "cells, as `B2:D4`"),
        (Address, "a cell, as `B2`"),
        (Letters, "letters of a column"),
    )
}
PLAIN = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true, false",
}
REFERENCES = {"Account": "`[satellites.NAME]`", "RawFile": "`[[files]]`", "Wide": "`[wide]`",
              "Tidy": "`[tidy]`"}  # fmt: skip


def reference(model: type[BaseModel]) -> str:
    """
    List the keys of one part of the manifest.

    Parameters
    ----------
    model : type
        Pydantic model whose fields have docstrings.

    Returns
    -------
    str
        A table in Markdown: key, what it takes, default, meaning.
    """
    schema = model.model_json_schema()
    needed = schema.get("required", [])
    lines = [HEAD, ("---",) * len(HEAD)]
    for key, about in schema["properties"].items():
        default = "**needed**" if key in needed else _default(about.get("default"))
        meaning = " ".join(about["description"].split())
        lines.append((f"`{key}`", takes(about), default, meaning))
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def takes(about: Mapping[str, Any]) -> str:
    """
    Say what a key takes.

    Parameters
    ----------
    about : mapping
        Its JSON schema.

    Returns
    -------
    str
        Words.
    """
    if "anyOf" in about:
        return " or ".join(takes(a) for a in about["anyOf"] if a.get("type") != "null")
    if "$ref" in about:
        return REFERENCES[about["$ref"].rpartition("/")[2]]
    if "enum" in about:
        return ", ".join(_code(value) for value in about["enum"])
    if about["type"] == "array":
        several = about.get("minItems") if about.get("minItems") == about.get("maxItems") else None
        inside = about["items"] if "items" in about else about["prefixItems"][0]
        words = f"list of {several or 'any length'}: {takes(inside)}"
        return takes(inside) if "$ref" in inside else words
    if about["type"] == "object":
        named = about.get("patternProperties", {"": about.get("additionalProperties")})
        inside = next(iter(named.values()))
        return takes(inside) if "$ref" in inside else f"table: name = {takes(inside)}"
    return PATTERNS.get(about.get("pattern", ""), PLAIN[about["type"]])


def _default(value: object) -> str:
    """Write a default; none where there is nothing to say."""
    return "-" if value in (None, "", [], {}) else _code(value)


def _code(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Put the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, model in MODELS.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        made = reference(model)
        text, count = re.subn(
            pattern, lambda m, t=made: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL
        )
        if count != 1:
            raise SystemExit(f"{PAGE.name}: block {name} stands there {count} times")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
