"""Options that several commands share."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer


def _language(lang: str) -> str:
    """Refuse an unknown language before any work is done."""
    from handprint.i18n import LanguageError, check_language

    try:
        return check_language(lang)
    except LanguageError as error:
        raise typer.BadParameter(str(error)) from None


def _several_draws(draws: int) -> int:
    """Refuse a single draw, which has no range."""
    if draws == 1:
        raise typer.BadParameter("1 draw has no range: give 0 for corner ranges, or two or more")
    return draws


Output = Annotated[Path, typer.Option("-o", "--output", help="Where to write.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files of an earlier run.")]
Lang = Annotated[
    str, typer.Option("--lang", callback=_language, help="Language of what is printed: en or zh.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Draws = Annotated[
    int,
    typer.Option(
        min=0, callback=_several_draws, help="Monte Carlo draws; 0 for corner ranges only."
    ),
]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of the draws.")]


def one_seed(draws: int, seed: int | None) -> int | None:
    """
    Choose one seed for several runs, so that their differences are not noise.

    Parameters
    ----------
    draws : int
        Number of draws.
    seed : int, optional
        The seed that was asked for.

    Returns
    -------
    int or None
        A fresh one where there are draws and none was asked for.
    """
    if not draws or seed is not None:
        return seed
    return secrets.randbits(32)


@contextmanager
def progress(title: str) -> Iterator[Callable[[list[int]], Iterable[int]]]:
    """
    Show a bar on stderr while a sequence is worked through; silent without a terminal.

    Parameters
    ----------
    title : str
        Beside the bar.

    Yields
    ------
    callable
        Wraps a sequence.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bars:

        def follow(items: list[int]) -> Iterator[int]:
            """Move the bar with the items."""
            yield from bars.track(items, description=title)

        yield follow
