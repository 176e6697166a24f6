"""What a sector file leaves out: defaults of its use cases, and shipped parameters by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sector_models.errors import did_you_mean

_COMMON = re.compile(r"common\.(\w+)")
_TEXTS = ("source", "title", "title_zh", "note", "text", "text_zh", "mechanism", "mechanism_zh")


def expanded(raw: Mapping[str, Any], common: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """
    Fill in what a sector file takes from its defaults and from the shipped parameters.

    Parameters
    ----------
    raw : mapping
        Parsed file. ``defaults`` lies under every use case, field by field; a string
        ``common.KEY`` stands for a shipped parameter.
    common : mapping
        Shipped parameters by key.

    Returns
    -------
    filled : dict
        The file without ``defaults``.
    problems : list of str
        One sentence for each name that stands for nothing.
    """
    problems = [
        f"{place}: no shipped parameter {key!r}; {did_you_mean(key, common)}"
        for place, key in _named(raw, "")
        if key not in common
    ]
    filled = {key: value for key, value in raw.items() if key != "defaults"}
    below, cases = raw.get("defaults", {}), raw.get("use_cases")
    if not isinstance(below, dict):
        problems.append("defaults: not a table")
    elif isinstance(cases, dict):
        filled["use_cases"] = {
            name: below | case if isinstance(case, dict) else case for name, case in cases.items()
        }
    return _replaced(filled, common), problems


def at_defaults(problems: Iterable[str], raw: Mapping[str, Any]) -> list[str]:
    """
    Say problems of the defaults once, where they stand, and not for every use case.

    Parameters
    ----------
    problems : iterable of str
        Sentences that begin with a place.
    raw : mapping
        Parsed file as it was written.

    Returns
    -------
    list of str
        The same without repetition.
    """
    below, cases = raw.get("defaults"), raw.get("use_cases")
    if not isinstance(below, dict) or not isinstance(cases, dict):
        return list(problems)
    found = []
    for problem in problems:
        group, _, rest = problem.partition(".")
        for name, case in cases.items() if group == "use_cases" else ():
            inner = rest.removeprefix(f"{name}.")
            field = re.split(r"[.:]", inner)[0]
            if inner != rest and field in below and isinstance(case, dict) and field not in case:
                problem = f"defaults.{inner}"
                break
        found.append(problem)
    return list(dict.fromkeys(found))


def _named(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Each mention of a shipped parameter with its place."""
    for key, value in table.items():
        place = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            yield from _named(value, place)
        elif name := _name(key, value):
            yield place, name


def _replaced(table: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in table.items():
        name = _name(key, value)
        if isinstance(value, dict):
            found[key] = _replaced(value, common)
        else:
            found[key] = common.get(name, value) if name else value
    return found


def _name(key: str, value: object) -> str | None:
    """Key of the shipped parameter that a text stands for."""
    if not isinstance(value, str) or key in _TEXTS:
        return None
    match = _COMMON.fullmatch(value)
    return match[1] if match else None
