"""Settings as TOML text: tables under headings, short tables in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(content: Mapping[str, Any]) -> str:
    """
    Write nested settings as TOML.

    Parameters
    ----------
    content : mapping
        Text, numbers, booleans, lists and mappings, at any depth.

    Returns
    -------
    str
        Text that :func:`tomllib.loads` turns into the same.

    Examples
    --------
    >>> print(toml_text({"name": "x", "respend": {"value": 0.5, "low": 0.1}}))
    name = "x"
    respend = { value = 0.5, low = 0.1 }
    <BLANKLINE>
    """
    lines = []
    for key, value in content.items():
        lines += _lines(_key(key), value)
    return "\n".join(lines) + "\n"


def _lines(key: str, value: object) -> list[str]:
    """Entries of a mapping of mappings under dotted keys, everything else in one line."""
    if isinstance(value, Mapping) and all(isinstance(v, Mapping) for v in value.values()):
        return [line for k, v in value.items() for line in _lines(f"{key}.{_key(k)}", v)]
    return [f"{key} = {_inline(value)}"]


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    # JSON text is TOML text but for the one control sign that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
