"""The simulator's time: the machine's, plus what a test has skipped. No waiting here."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

__all__ = ["Clock", "iso_at"]


class Clock:
    """A clock that is called for the time in epoch seconds and can be moved forward."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset_seconds = 0.0

    def __call__(self) -> float:
        """Return the time, epoch seconds."""
        return time.time() + self._offset_seconds

    @property
    def offset_seconds(self) -> float:
        """How far this clock is ahead of the machine's."""
        return self._offset_seconds

    def advance(self, seconds: float) -> None:
        """Jump forward; time never runs backwards here."""
        if seconds < 0:
            raise ValueError(f"a clock moves forward only, not by {seconds} seconds")
        with self._lock:
            self._offset_seconds += seconds

    def reset(self) -> None:
        """Return to the machine's time."""
        with self._lock:
            self._offset_seconds = 0.0


def iso_at(at: float) -> str:
    """Write epoch seconds as ISO 8601 in UTC, whole seconds, as `X-RateLimit-Reset` has it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
