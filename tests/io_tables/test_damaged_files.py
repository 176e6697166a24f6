"""Whatever is wrong with a publisher's file, the error is the package's own and names something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from io_tables import TableError, read

from .conftest import NBS
from .test_eurostat import DUTCH, GERMAN, TEXTBOOK
from .test_nbs_book import FLOWS
from .test_oecd import TABLE
from .test_wiod import NIOT

Rows = list[list[str]]


def split(text: str, separator: str = ",") -> Rows:
    return [line.split(separator) for line in text.splitlines()]


FILES: dict[str, tuple[Rows, dict[str, object]]] = {
    "CHN_2012.csv": (split(NIOT), {}),
    "OECD_2012.csv": (split(TABLE), {}),
    "germany_1995.csv": (split(GERMAN), {}),
    "netherlands_2006.csv": (split(DUTCH, ";"), {}),
    "miller_blair_2009.csv": (split(TEXTBOOK), {}),
    "nbs.csv": (split(NBS), {"year": 2012}),
    "book.csv": ([["" if c is None else str(c) for c in row] for row in FLOWS], {}),
}


def damaged(rows: Rows) -> Iterator[Rows]:
    """Change, blank, drop, repeat and cut."""
    for i, row in enumerate(rows):
        for j in range(len(row)):
            for text in ("", "x", "01"):
                yield [*rows[:i], [*row[:j], text, *row[j + 1 :]], *rows[i + 1 :]]
        for instead in ([], [row, row], [row[:2]], [[]]):
            yield [*rows[:i], *instead, *rows[i + 1 :]]
        yield rows[: i + 1]
    for j in range(max(map(len, rows))):
        yield [row[:j] + row[j + 1 :] for row in rows]


@pytest.mark.parametrize("name", FILES)
def test_only_our_own_errors(name, write_csv):
    rows, options = FILES[name]
    read(write_csv(rows, name), **options)
    messages = []
    for change in damaged(rows):
        path = write_csv(change, name)
        try:
            read(path, **options)
        except TableError as error:
            messages.append(str(error))
    assert len(messages) > 20
    assert all(message.startswith((name, "manifest")) for message in messages)
