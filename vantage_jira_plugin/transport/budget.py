"""How long one action may still take, and what it has used so far. No sockets, no decisions."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vantage_jira_plugin.contract import Usage

__all__ = ["CONNECT_TIMEOUT_SECONDS", "DEFAULT_TIMEOUT_SECONDS", "READ_TIMEOUT_SECONDS", "Budget"]

#: Patience of an action whose caller names none (`context.timeoutSeconds`).
DEFAULT_TIMEOUT_SECONDS = 300.0
#: A TCP and TLS handshake that takes longer is a dead network.
CONNECT_TIMEOUT_SECONDS = 10.0
#: Jira's own gateway gives up after about a minute; wait a little longer than it does.
READ_TIMEOUT_SECONDS = 65.0
#: A socket needs some time even when the budget is nearly spent.
_SHORTEST_SOCKET_TIMEOUT_SECONDS = 0.05


class Budget:
    """The deadline and the meter of one action.

    It travels as `timeout=` through requests down to the adapter, which is how every attempt of
    every request of an action knows what is left. An action may read in several threads at once; then
    `waited_seconds` adds up what each of them waited.
    """

    def __init__(
        self, seconds: float = DEFAULT_TIMEOUT_SECONDS, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._ends_at = clock() + seconds
        #: When the last attempt of a request began to be sent, epoch seconds; None before the first.
        self.sent_at: float | None = None
        self.requests = 0
        self.points = 0
        self.retries = 0
        self.waited_seconds = 0.0
        self.cache_hits = 0

    @property
    def remaining_seconds(self) -> float:
        """Seconds until the caller gives up; never negative."""
        return max(0.0, self._ends_at - self._clock())

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let a part of the action take no longer than this."""
        ends_at = self._ends_at
        self._ends_at = min(ends_at, self._clock() + seconds)
        try:
            yield
        finally:
            self._ends_at = ends_at

    def socket_timeout(self) -> tuple[float, float]:
        """Return connect and read timeouts in seconds for one attempt."""
        left = max(self.remaining_seconds, _SHORTEST_SOCKET_TIMEOUT_SECONDS)
        return min(CONNECT_TIMEOUT_SECONDS, left), min(READ_TIMEOUT_SECONDS, left)

    def count(
        self,
        *,
        requests: int = 0,
        points: int = 0,
        retries: int = 0,
        waited_seconds: float = 0.0,
        cache_hits: int = 0,
    ) -> None:
        """Count what was used."""
        with self._lock:
            self.requests += requests
            self.points += points
            self.retries += retries
            self.waited_seconds += waited_seconds
            self.cache_hits += cache_hits

    def add(self, part: Budget) -> None:
        """Count what a part of the action used that had a patience of its own."""
        self.count(requests=part.requests, retries=part.retries, waited_seconds=part.waited_seconds)

    def usage(self) -> Usage:
        """Return what was used, as the envelope shows it."""
        return {
            "requests": self.requests,
            "points": self.points,
            "retries": self.retries,
            "waitedSeconds": round(self.waited_seconds, 3),
            "cacheHits": self.cache_hits,
        }
