"""The gate that every request passes: it waits there until it may go. What may go is decided in `standing`."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import requests

from vantage_jira_plugin.errors import CancelledError, RateLimitedError

from .limits import MAX_TOTAL_WAIT_SECONDS, RESERVE_SECONDS, clock_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.telemetry import Telemetry, WaitReason

    from .board import Board
    from .budget import Budget
    from .standing import Ended, Hold
    from .traffic import Traffic

__all__ = ["Gate"]

#: How often one who waits for others looks whether what they wait for is closed to it for too long, in seconds.
_LOOK_SECONDS = 1.0
#: A turn whose holder was to wake so long ago is lost: an exception from outside can end a thread at any point.
_LOST_SECONDS = 5.0
#: A shorter stand among others is none.
_LEAST_WAIT_SECONDS = 0.001
#: Turns that nobody holds are forgotten when there are so many.
_MOST_TURNS = 1000


class _Turn:
    """Who waits for the same thing goes one by one. It is a matter of manners: the board decides who may go."""

    __slots__ = ("busy_until", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        #: When its holder is to be done, or to wake.
        self.busy_until = 0.0


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
        self._max_in_flight = max_in_flight
        self._places = threading.BoundedSemaphore(max_in_flight)
        self._turns: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the time that limits are kept in; see `Board.now`."""
        return self._board.now()

    def pace(self, traffic: Traffic) -> float:
        """Return how many requests per second may go now; see `Standing.pace`."""
        return self._board.pace(traffic)

    def enter(self, traffic: Traffic, budget: Budget) -> float:
        """Wait until a request may go, and count it; returns the seconds waited.

        Raises:
            RateLimitedError: it would wait longer than it may; nothing was sent.
            CancelledError: the caller's time was over before its turn came.
        """
        left_seconds = budget.remaining_seconds
        slept_seconds = self._entered(traffic, budget)
        stood_seconds = left_seconds - budget.remaining_seconds
        waited_seconds = max(slept_seconds, stood_seconds if stood_seconds >= _LEAST_WAIT_SECONDS else 0.0)
        budget.count(waited_seconds=waited_seconds)
        return waited_seconds

    def _entered(self, traffic: Traffic, budget: Budget) -> float:
        slept_seconds = 0.0
        key = traffic.lane
        if not self._turn(traffic, key).lock.locked():  # else others wait already
            hold = self._begun(traffic, budget)
            if hold is None:
                return 0.0
            key = hold.key
        while True:
            turn = self._taken(traffic, key, budget, slept_seconds)
            try:
                hold = self._begun(traffic, budget)
                while hold is not None and hold.key == key:
                    slept_seconds += self._wait(hold, turn, traffic, budget, slept_seconds)
                    hold = self._begun(traffic, budget)
            finally:
                turn.lock.release()
            if hold is None:
                return slept_seconds
            key = hold.key

    def leave(self, traffic: Traffic, ended: Ended) -> None:
        """Take note of how a request that was let through ended."""
        if traffic.takes_place:
            self._places.release()
        self._board.end(traffic, ended)

    def spent(self, traffic: Traffic, points: int) -> None:
        """Take note of points that background work has spent."""
        if traffic.background and points:
            self._board.spent(traffic, points)

    # ---- turns and places -------------------------------------------------------------------

    def _turn(self, traffic: Traffic, key: str, *, instead_of: _Turn | None = None) -> _Turn:
        """Return the turn of those who wait for the same thing; a new one in place of one that is lost."""
        name = f"{traffic.cloud_id} {key}"
        with self._lock:
            if len(self._turns) > _MOST_TURNS:
                self._turns = {other: turn for other, turn in self._turns.items() if turn.lock.locked()}
            turn = self._turns.get(name)
            if turn is None or turn is instead_of:
                turn = self._turns[name] = _Turn()
            return turn

    def _taken(self, traffic: Traffic, key: str, budget: Budget, slept_seconds: float) -> _Turn:
        """Wait for the turn of those who wait for the same thing, and take it.

        Raises:
            RateLimitedError: what all wait for is closed for longer than this one may wait.
            CancelledError: the caller's time is over.
        """
        turn = self._turn(traffic, key)
        while True:
            hold = self._board.closed(traffic)
            if hold is not None:
                self._check(hold, traffic, budget, slept_seconds)
            if turn.lock.acquire(timeout=min(_LOOK_SECONDS, budget.remaining_seconds)):
                turn.busy_until = self._board.now()
                return turn
            if budget.remaining_seconds <= 0:
                raise _too_late(traffic, budget, "others were waiting for the same limit of Jira's")
            if self._board.now() > turn.busy_until + _LOST_SECONDS:
                turn = self._turn(traffic, key, instead_of=turn)

    def _begun(self, traffic: Traffic, budget: Budget) -> Hold | None:
        """Begin a request, holding one of the places; or return what it waits for."""
        if not traffic.takes_place:
            return self._board.begin(traffic)
        if not self._places.acquire(timeout=budget.remaining_seconds):
            why = f"{self._max_in_flight} requests of this connection were under way (setting maxInFlight)"
            raise _too_late(traffic, budget, why)
        begun = False
        try:
            hold = self._board.begin(traffic)
            begun = hold is None
        finally:
            if not begun:
                self._places.release()
        return hold

    # ---- waits ------------------------------------------------------------------------------

    def _wait(self, hold: Hold, turn: _Turn, traffic: Traffic, budget: Budget, slept_seconds: float) -> float:
        """Wait for what holds a request up; returns the seconds slept.

        Raises:
            RateLimitedError: that takes too long.
        """
        self._check(hold, traffic, budget, slept_seconds)
        turn.busy_until = self._board.now() + hold.seconds
        why: WaitReason = "window" if hold.closed else "pace"
        self._telemetry.waiting(hold.seconds, why, method=traffic.method, template=traffic.template)
        self._sleep(hold.seconds)
        return hold.seconds

    def _check(self, hold: Hold, traffic: Traffic, budget: Budget, slept_seconds: float) -> None:
        """Refuse a request that would wait longer than it may."""
        too_long = hold.closed and slept_seconds + hold.seconds >= MAX_TOTAL_WAIT_SECONDS
        if too_long or hold.seconds + RESERVE_SECONDS > budget.remaining_seconds:
            raise self._refused(hold, traffic)

    def _refused(self, hold: Hold, traffic: Traffic) -> RateLimitedError:
        now = self._clock()
        until = clock_time(now + hold.seconds, now=now)
        what = f"Jira has closed {hold.reason} until {until}" if hold.closed else f"it has to wait for {hold.reason}"
        return RateLimitedError(
            f"could not {traffic.does}: {what}, and this call cannot wait as long; nothing was sent",
            status=requests.codes.too_many_requests,
            method=traffic.method,
            path=traffic.template,
            retry_after_seconds=round(hold.seconds, 3),
            hint=f"Try again after {until}.",
        )


def _too_late(traffic: Traffic, budget: Budget, why: str) -> CancelledError:
    return CancelledError(
        f"could not {traffic.does}: {why}, and the {budget.seconds:g} s that the caller waits are over; "
        "nothing was sent",
        hint="Give the action more time (context.timeoutSeconds), or run fewer at once.",
    )
