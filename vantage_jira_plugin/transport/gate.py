"""The gate that every request passes: it waits there until it may go. What may go is decided in `standing`."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from vantage_jira_plugin.errors import CancelledError, RateLimitedError

from .limits import MAX_TOTAL_WAIT_SECONDS, RESERVE_SECONDS, clock_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vantage_jira_plugin.telemetry import Telemetry

    from .board import Board
    from .budget import Budget
    from .standing import Ended, Hold
    from .traffic import Traffic

__all__ = ["Gate"]


class Gate:
    """Lets requests through one by one where they wait for the same thing; many threads may use one.

    Args:
        sleep: waits for some seconds.
        clock: epoch seconds.
    """

    def __init__(
        self,
        board: Board,
        telemetry: Telemetry,
        *,
        max_in_flight: int,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._board = board
        self._telemetry = telemetry
        self._sleep = sleep
        self._clock = clock
        self._places = threading.BoundedSemaphore(max_in_flight)
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def enter(self, traffic: Traffic, budget: Budget) -> float:
        """Wait until a request may go, and count it; returns the seconds waited.

        Raises:
            RateLimitedError: it would wait longer than it may; nothing was sent.
            CancelledError: the caller's time was over before its turn came.
        """
        waited_seconds = 0.0
        hold = None
        turn = self._turn(f"{traffic.cloud_id} {traffic.lane}")
        if not turn.locked():  # else others wait already
            hold = self._begun(traffic, budget)
            if hold is None:
                return 0.0
            turn = self._turn(f"{traffic.cloud_id} {hold.key}")
        while True:
            with self._taken(turn, traffic, budget):
                hold = self._begun(traffic, budget)
                while hold is not None and self._turn(f"{traffic.cloud_id} {hold.key}") is turn:
                    waited_seconds += self._wait(hold, traffic, budget, waited_seconds)
                    hold = self._begun(traffic, budget)
            if hold is None:
                return waited_seconds
            turn = self._turn(f"{traffic.cloud_id} {hold.key}")

    def leave(self, traffic: Traffic, ended: Ended) -> None:
        """Take note of how a request that was let through ended."""
        if traffic.takes_place:
            self._places.release()
        self._board.end(traffic, ended)

    def spent(self, traffic: Traffic, points: int) -> None:
        """Take note of points that background work has spent."""
        if traffic.background and points:
            self._board.spent(traffic, points, self._clock())

    def _turn(self, key: str) -> threading.Lock:
        with self._lock:
            return self._turns[key]

    @contextmanager
    def _taken(self, turn: threading.Lock, traffic: Traffic, budget: Budget) -> Iterator[None]:
        """Wait for the turn of those who wait for the same thing."""
        if not turn.acquire(timeout=max(0.0, budget.remaining_seconds)):
            raise _too_late(traffic, budget)
        try:
            yield
        finally:
            turn.release()

    def _begun(self, traffic: Traffic, budget: Budget) -> Hold | None:
        """Begin a request, holding one of the places; or return what it waits for."""
        if not traffic.takes_place:
            return self._board.begin(traffic, self._clock())
        if not self._places.acquire(timeout=max(0.0, budget.remaining_seconds)):
            raise _too_late(traffic, budget)
        hold = None
        begun = False
        try:
            hold = self._board.begin(traffic, self._clock())
            begun = hold is None
        finally:
            if not begun:
                self._places.release()
        return hold

    def _wait(self, hold: Hold, traffic: Traffic, budget: Budget, waited_seconds: float) -> float:
        """Wait for what holds a request up.

        Raises:
            RateLimitedError: that takes too long.
        """
        seconds = hold.seconds
        too_long = hold.closed and waited_seconds + seconds >= MAX_TOTAL_WAIT_SECONDS
        if too_long or seconds + RESERVE_SECONDS > budget.remaining_seconds:
            raise self._refused(hold, traffic)
        self._telemetry.waiting(
            seconds, "window" if hold.closed else "pace", method=traffic.method, template=traffic.template
        )
        self._sleep(seconds)
        budget.waited_seconds += seconds
        return seconds

    def _refused(self, hold: Hold, traffic: Traffic) -> RateLimitedError:
        until = clock_time(self._clock() + hold.seconds)
        what = (
            f"Jira has closed this until {until} ({hold.reason})" if hold.closed else f"it has to wait: {hold.reason}"
        )
        return RateLimitedError(
            f"could not {traffic.does}: {what}, and this call cannot wait as long; nothing was sent",
            status=requests.codes.too_many_requests,
            method=traffic.method,
            path=traffic.template,
            retry_after_seconds=round(hold.seconds, 3),
            hint=f"Try again after {until}.",
        )


def _too_late(traffic: Traffic, budget: Budget) -> CancelledError:
    return CancelledError(
        f"could not {traffic.does}: others were waiting for the same limit of Jira's, and the {budget.seconds:g} s "
        "that the caller waits are over; nothing was sent",
        hint="Give the action more time (context.timeoutSeconds), or run fewer at once.",
    )
