"""The tables of codes in ``docs/tables/checks.md``, written from ``data/checks.toml``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from io_tables.wording import codes, words

START, END = "<!-- codes: written by io_tables.check_page -->", "<!-- end of codes -->"
HEADINGS = {
    "en": ("Code", "Level", "Stops", "What it means", "What to do"),
    "zh": ("代码", "级别", "阻止", "含义", "处理办法"),
}
STOPS = {"en": {"": ""}, "zh": {"": "", "reading": "读取", "engine": "计算"}}


def page() -> str:
    """
    Write the part of the page that lists the codes, in both languages.

    Returns
    -------
    str
        Markdown between the two marks.
    """
    parts = [START, "", "### Codes", "", *_table("en"), "", "### 检查代码", "", *_table("zh")]
    return "\n".join([*parts, "", END])


def _table(lang: str) -> Iterator[str]:
    """One row for each code; a star where ``--fix`` can help."""
    yield "| " + " | ".join(HEADINGS[lang]) + " |"
    yield "|---|---|---|---|---|"
    for name, code in codes().items():
        star = " *" if code.fixable else ""
        cells = (
            f"`{name}`{star}",
            words(lang)[code.level],
            STOPS[lang].get(code.stops, code.stops),
            f"**{code.text('title', lang)}** {code.text('meaning', lang)}",
            code.text("fix", lang),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def renew(path: Path | str) -> None:
    """
    Write the part anew in a page that has the two marks.

    Parameters
    ----------
    path : path
        Markdown file.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    before, after = text[: text.index(START)], text[text.index(END) + len(END) :]
    path.write_text(before + page() + after, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    renew(sys.argv[1])
