"""On which line of a TOML file a place stands, for messages about it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[A-Za-z0-9_+:-]+"
    r"|\n|[\[\]{}=.,]|[^\S\n]+",
    re.DOTALL,
)


def lines_of(text: str) -> dict[str, int]:
    """
    Find the line of every table, key and list entry of a TOML text.

    Parameters
    ----------
    text : str
        Valid TOML.

    Returns
    -------
    dict of int
        Line, from 1, by dotted place such as ``use_cases.control.saving.low`` or
        ``covers.0.share``; a table that is split over the file counts from where it begins.

    Examples
    --------
    >>> lines_of("[a.b]\\nc = { d = 1 }\\n[[e]]\\nf = [2,\\n3]")["e.0.f.1"]
    5
    """
    return _Reader(text).found


def line_of(place: str, lines: dict[str, int]) -> int | None:
    """
    Line of a place, or of the nearest table around it that the file has.

    Parameters
    ----------
    place : str
        Dotted place.
    lines : dict of int
        From `lines_of`.

    Returns
    -------
    int or None
        Line, from 1; None if nothing around the place stands in the file.
    """
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place)


class _Reader:
    """Walks once over the marks of a text; what they mean is left to `tomllib`."""

    def __init__(self, text: str) -> None:
        self.marks = list(_marks(text.removeprefix("\ufeff").replace("\r\n", "\n")))
        self.at = 0
        self.found: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        table = ""
        while self._skip("\n"):
            if self.marks[self.at][0] == "[":
                table = self._header()
            else:
                self._entry(table)

    def _skip(self, *marks: str) -> bool:
        """Pass over marks; tell whether any text is left."""
        while self.at < len(self.marks) and self.marks[self.at][0] in marks:
            self.at += 1
        return self.at < len(self.marks)

    def _take(self) -> tuple[str, int]:
        self.at += 1
        return self.marks[self.at - 1]

    def _note(self, above: str, keys: list[str], line: int) -> str:
        """Keep the first line of a dotted key and of the tables it opens."""
        place = above
        for key in keys:
            place = f"{place}.{key}" if place else key
            self.found.setdefault(place, line)
        return place

    def _keys(self) -> tuple[list[str], int]:
        """A dotted key."""
        keys, first = [], self.marks[self.at][1]
        while True:
            mark, _ = self._take()
            keys.append(str(tomllib.loads(f"k = {mark}")["k"]) if mark[0] in "\"'" else mark)
            if self.marks[self.at][0] != ".":
                return keys, first
            self.at += 1

    def _header(self) -> str:
        """The name of a table, or of the next table of a list."""
        self.at += 1
        listed = self.marks[self.at][0] == "["
        self.at += listed
        keys, line = self._keys()
        self.at += 1 + listed
        place = ""
        for number, key in enumerate(keys):
            place = self._note(place, [key], line)
            if listed and number == len(keys) - 1:
                self.counts[place] = self.counts.get(place, -1) + 1
            if place in self.counts:  # below a list of tables, its last one is meant
                place = self._note(place, [str(self.counts[place])], line)
        return place

    def _entry(self, table: str) -> None:
        keys, line = self._keys()
        self.at += 1
        self._value(self._note(table, keys, line))

    def _value(self, place: str) -> None:
        mark, _ = self._take()
        if mark == "{":
            while self._skip("\n", ",") and self.marks[self.at][0] != "}":
                self._entry(place)
            self.at += 1
        elif mark == "[":
            number = 0
            while self._skip("\n", ",") and self.marks[self.at][0] != "]":
                self._value(self._note(place, [str(number)], self.marks[self.at][1]))
                number += 1
            self.at += 1
        else:
            while self.at < len(self.marks) and self.marks[self.at][0] not in "\n,]}":
                self.at += 1  # the rest of a number or a date, such as .5 in 1.5


def _marks(text: str) -> Iterator[tuple[str, int]]:
    """Texts, words, brackets and ends of lines, each with its line."""
    line = 1
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark == "\n" or not (mark.isspace() or mark[0] == "#"):
            yield mark, line
        line += mark.count("\n")
