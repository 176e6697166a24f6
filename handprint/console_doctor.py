"""The check of the installation on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from handprint.doctor import Check
from handprint.i18n import label

STYLES = {"ok": "green", "note": "yellow", "fail": "bold red"}


def print_checks(checks: Sequence[Check], lang: str = "en", console: Console | None = None) -> None:
    """
    Print what was found and what to do.

    Parameters
    ----------
    checks : sequence of Check
        Of :func:`handprint.doctor.doctor`.
    lang : {"en", "zh"}
        Language of the titles.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    table = Table(title=label("doctor_title", lang), title_justify="left")
    for key in ("check", "state", "found", "advice"):
        table.add_column(label(f"doctor_{key}", lang), overflow="fold")
    for check in checks:
        state = Text(label(f"doctor_state_{check.state}", lang), style=STYLES[check.state])
        table.add_row(check.name, state, check.found, check.advice)
    (console or Console()).print(table)
