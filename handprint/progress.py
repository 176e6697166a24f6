"""A bar for long work on a terminal; silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0  # seconds before a bar is worth drawing


class Ticker:
    """
    Tell a callable, or a terminal after a second, how far the work is.

    Parameters
    ----------
    progress : callable, optional
        Called with the number of items done.
    total : int, optional
        Items in all, where known.
    """

    def __init__(
        self, progress: Callable[[int], object] | None = None, total: int | None = None
    ) -> None:
        self.progress, self.total = progress, total
        self._start = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> Ticker:
        """Start the clock."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away, also after an error or an interrupt."""
        if self._bar is not None:
            self._bar.stop()

    def done(self, items: int) -> None:
        """Report the number of items done so far."""
        if self.progress is not None:
            self.progress(items)
            return
        if self._bar is None:
            late = time.monotonic() - self._start > PATIENCE
            if not late or not sys.stderr.isatty():
                return
            self._draw()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=items, total=self.total)

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.add_task("draws", total=self.total)
        self._bar.start()
