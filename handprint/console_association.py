"""What a terminal shows of a decomposition of the past."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from handprint.association import association_rows
from handprint.console import _console, _table
from handprint.i18n import check_language, label


def print_association(
    found: pd.DataFrame, lang: str = "en", console: Console | None = None
) -> None:
    """
    Print which factors the change of emissions went together with.

    Parameters
    ----------
    found : pandas.DataFrame
        As :func:`handprint.association.association` returns it.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    head, rows = association_rows(found, lang)
    table = _table(label("association_title", lang, unit=str(found["unit"].iloc[0])))
    table.add_column(head[0])
    for column in head[1:]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    out.print(found.attrs["meaning_zh" if lang == "zh" else "meaning"])
    prices = str(found["prices"].iloc[0])
    out.print(label(f"association_{prices}", lang))
