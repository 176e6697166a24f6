"""What a terminal shows of a sector model: its savings, and each number with its origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

import sector_models
from handprint.console import _console, _table
from handprint.console_evidence import range_text
from handprint.i18n import check_language, label
from sector_models import Affected, Sector

STATUS = ("published", "derived", "assumption")
ESTIMATES = ("low", "central", "high")


def print_sector(
    name: str | Path,
    lang: str = "en",
    console: Console | None = None,
    *,
    notes: bool | None = None,
) -> None:
    """
    Print what a sector model saves at full adoption and where each number comes from.

    Parameters
    ----------
    name : str or path
        Sector model.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    notes : bool, optional
        Print the notes of numbers, which are written in English; if not given, in English only.
    """
    out = console or _console()
    check_language(lang)
    sector = sector_models.load(name)
    title = sector.title_zh if lang == "zh" else sector.title
    notes = lang == "en" if notes is None else notes
    potential = sector_models.saving_potential(sector)
    table = _table(label("sector_title", lang, title=title))
    table.add_column(label("lever", lang))
    for estimate in ESTIMATES:
        table.add_column(label(estimate, lang), justify="right")
    for key, case in sector.use_cases.items():
        values = potential["saving"].sel(use_case=key)
        table.add_row(
            case.title_zh if lang == "zh" else case.title,
            *(f"{float(values.sel(estimate=e)):.2%}" for e in ESTIMATES),
        )
    whole = potential["saving"].sum("use_case")
    cells = [f"{float(whole.sel(estimate=e)):.2%}" for e in ESTIMATES]
    table.add_row(label("total", lang), *cells, style="bold")
    out.print(table)
    if notes and sector.note:
        out.print(f"{escape(sector.note)}\n", highlight=False)
    out.print(f"[bold]{escape(label('parameters_title', lang, title=title))}[/bold]")
    rows = sector_models.provenance(sector)
    for row in rows.to_dict("records"):
        out.print(_number(row, lang), highlight=False, soft_wrap=True)
        if notes and row["note"]:
            out.print(f"    {escape(str(row['note']))}", highlight=False, style="dim")
    out.print(f"[bold]{escape(label('cells_title', lang, title=title))}[/bold]")
    for place, cell in _cells(sector):
        out.print(_cell(place, cell, lang), highlight=False, soft_wrap=True)
        if notes and cell.note:
            out.print(f"    {escape(cell.note)}", highlight=False, style="dim")
    if not notes:
        out.print(label("notes_left_out", lang))
    counts = rows["status"].value_counts()
    by_status = {s: int(counts.get(s, 0)) for s in STATUS}
    out.print(label("provenance_share", lang, count=len(rows), **by_status))


def _number(row: dict[Any, Any], lang: str) -> str:
    """One number with its full name, range, units, year, status and sources."""
    if row["units"] == "year" and row["low"] == row["high"]:  # a calendar year
        value = f"{row['value']:g}"
    else:
        value = range_text(*(float(row[key]) for key in ("low", "value", "high")))
    origin = f"{label(str(row['status']), lang)}: {escape(str(row['source']))}"
    about = escape(f"{value} [{row['units']}] · {row['year']}")
    return f"  [bold]{escape(str(row['parameter']))}[/bold] = {about} · {origin}"


def _cells(sector: Sector) -> Iterator[tuple[str, Affected]]:
    """Cells of the table with the levers that change them."""
    yield from (("*", cell) for cell in sector.affected)
    for key, case in sector.use_cases.items():
        yield from ((key, cell) for cell in case.affected)


def _cell(place: str, cell: Affected, lang: str) -> str:
    """One line: whose, which cells, share, status and sources."""
    kind = label(f"cell_{'equipment' if cell.capital else cell.kind}", lang)
    comma = "、" if lang == "zh" else ", "
    rows = f"{comma.join(cell.rows)} → " if cell.rows else ""
    who = label("all_other_levers", lang) if place == "*" else place
    what = escape(f"{rows}{comma.join(cell.purchasers)}: {cell.share:g}")
    origin = f"{label(cell.status, lang)}: {escape(', '.join(cell.source))}"
    return f"  [bold]{escape(who)}[/bold] · {kind} · {what} · {origin}"


def sector_record(name: str | Path) -> dict[str, Any]:
    """
    Describe a sector model for other programs.

    Parameters
    ----------
    name : str or path
        Sector model.

    Returns
    -------
    dict
        Name, titles, note, saving at full adoption by lever, every number with its origin, the
        cells of the table that levers change, and the sources that are cited.
    """
    sector = sector_models.load(name)
    potential = sector_models.saving_potential(sector)["saving"]
    rows = sector_models.provenance(sector)
    known = sector_models.sources() | sector.sources
    keys_of = {key for keys in rows["source"] for key in keys.split(", ")}
    cited = sorted(keys_of.union(*(cell.source for _, cell in _cells(sector))))
    return {
        **_words(sector),
        "saving": {
            key: {e: float(potential.sel(use_case=key, estimate=e)) for e in ESTIMATES}
            for key in sector.use_cases
        },
        "parameters": rows.to_dict("records"),
        "cells": [
            {"lever": place, **cell.model_dump(exclude_none=True)} for place, cell in _cells(sector)
        ],
        "sources": {key: known[key].model_dump(exclude_none=True) for key in cited},
    }


def _words(sector: Sector) -> dict[str, Any]:
    names = ("name", "title", "title_zh", "note", "part_of", "scope")
    return {key: getattr(sector, key) for key in names}
