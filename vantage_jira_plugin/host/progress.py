"""How far a long action has come, as people see it: a bar on a terminal, a line now and then elsewhere. No actions."""

from __future__ import annotations

import sys
import time
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ProgressDisplay"]

#: A bar is not drawn more often than this; drawing costs more than most reports are worth.
_REDRAW_SECONDS = 0.1
#: A log gets a line no more often than this, the first after as long: short actions say nothing.
_LINE_SECONDS = 10.0


class ProgressDisplay:
    """Shows the progress of one action after the other. It may be told in several threads at once.

    Args:
        stream: where it is shown; stderr by default.
        clock: seconds that never jump.
    """

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._lock = Lock()
        self._bar: Progress | None = None
        self._shown_at: float | None = None

    def show(self, done: int, total: int | None, message: str) -> None:
        """Show that so many rows of so many are done; `message` says what is done with them."""
        with self._lock:
            if self._stream.isatty():
                self._draw(done, total, message)
            else:
                self._write(done, total, message)

    def end(self) -> None:
        """Take the bar away: the action has ended."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            self._bar = self._shown_at = None

    def _draw(self, done: int, total: int | None, message: str) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=Console(file=self._stream),
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._bar.add_task(message, total=total)
            self._bar.start()
        task = self._bar.tasks[0]
        if task.description != message:
            self._bar.reset(task.id)
        self._bar.update(task.id, description=message, completed=done)
        task.total = total  # `update` takes None for "as it was"
        if self._is_due(_REDRAW_SECONDS, first=True) or done == total:
            self._bar.refresh()

    def _write(self, done: int, total: int | None, message: str) -> None:
        if self._is_due(_LINE_SECONDS, first=False):
            self._stream.write(f"{done}{'' if total is None else f' of {total}'} {message}\n")
            self._stream.flush()

    def _is_due(self, seconds: float, *, first: bool) -> bool:
        """Tell whether enough time has passed since something was shown; at first, whether that is shown."""
        now = self._clock()
        due = first if self._shown_at is None else now - self._shown_at >= seconds
        if due or self._shown_at is None:
            self._shown_at = now
        return due
