"""A bar on standard error for work that takes more than a second; silent without a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 1.0  # seconds before a bar appears
EVERY = 1000  # items after which the bar is told


@contextmanager
def following(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """
    Follow work that goes on in steps.

    Parameters
    ----------
    title : str
        What is being done.
    total : float
        Size of the whole.

    Yields
    ------
    callable
        To be told the size of each step.
    """
    if sys.stderr is None or not sys.stderr.isatty():  # windowed programs have none
        yield lambda _: None
        return
    bar = _Bar(title, total)
    try:
        yield bar.step
    finally:
        bar.close()


def followed(title: str, items: Sequence[T]) -> Iterator[T]:
    """
    Follow many small items, one after another.

    Parameters
    ----------
    title : str
        What is being done.
    items : sequence
        What is worked through.

    Yields
    ------
    object
        Each item.
    """
    with following(title, len(items)) as step:
        for count, item in enumerate(items, start=1):
            yield item
            if count % EVERY == 0:
                step(EVERY)


class _Bar:
    """A bar that is imported and drawn only when the work takes long."""

    def __init__(self, title: str, total: float) -> None:
        self.title, self.total, self.done = title, total, 0.0
        self.since = self.shown = time.monotonic()
        self.bars: object = None

    def step(self, size: float) -> None:
        """Note a step; draw at most ten times a second."""
        self.done += size
        now = time.monotonic()
        if now - self.since < PATIENCE or now - self.shown < 0.1:
            return
        from rich.console import Console
        from rich.progress import Progress

        if not isinstance(self.bars, Progress):
            self.bars = Progress(console=Console(stderr=True), transient=True)
            self.bars.start()
            self.bars.add_task(self.title, total=self.total)
        self.bars.update(self.bars.task_ids[0], completed=self.done)
        self.shown = now

    def close(self) -> None:
        """Take the bar away."""
        if self.bars is not None:
            self.bars.stop()  # type: ignore[attr-defined]
