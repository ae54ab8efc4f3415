"""A clock that moves when somebody sleeps. It knows no requests."""

from __future__ import annotations

import threading

__all__ = ["VirtualTime"]

#: Less is lost in the rounding of epoch seconds, and no time would pass.
_SHORTEST_SECONDS = 1e-6


class VirtualTime:
    """Seconds since the epoch that pass only while somebody sleeps; those who sleep at once sleep side by side."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass, though it be the shortest wait there is; returns at once."""
        began_at = self._now
        with self._lock:
            self.slept.append(seconds)
            self._now = max(self._now, began_at + max(seconds, _SHORTEST_SECONDS))
