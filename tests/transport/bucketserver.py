"""Threads that ask a server with a token bucket, in virtual time. It uses no clock, no socket and no thread."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vantage_jira_plugin.transport.limits import Refusal, Scope
from vantage_jira_plugin.transport.standing import Ended, Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.transport.traffic import Traffic

__all__ = ["Bucket", "Run", "run"]

#: What a woken thread is late by, in seconds.
_LATE_SECONDS = 0.0005
#: What is lost in the rounding of moments.
_ROUNDING_SECONDS = 1e-6
#: What a run may take at most, so that one that never ends fails instead.
_MOST_EVENTS = 400_000
#: Steps of the golden ratio spread latencies evenly, the same in every run.
_GOLDEN = 0.618_033_988_749_895


@dataclass
class Bucket:
    """A token bucket as Atlassian describes it: empty, it closes the endpoint for a whole number of seconds.

    Attributes:
        others: what other apps take from it, per second, at a moment.
        announces: whether its answers carry its size and what is left.
    """

    rate: float
    capacity: int
    retry_after_seconds: int = 1
    announces: bool = True
    others: Callable[[float], float] = lambda _: 0.0
    tokens: float = field(init=False)
    filled_at: float = 0.0
    closed_until: float = 0.0
    answered_at: list[float] = field(default_factory=list)
    refused: int = 0
    in_closed_window: int = 0

    def __post_init__(self) -> None:
        self.tokens = float(self.capacity)

    def ask(self, now: float) -> tuple[int | None, int | None]:
        """Take a token; return `(Retry-After, remaining)`, the first None where the request is let through."""
        inflow = (now - self.filled_at) * (self.rate - self.others(now))
        self.tokens = max(0.0, min(self.capacity, self.tokens + inflow))
        self.filled_at = now
        if now < self.closed_until:
            self.in_closed_window += 1
        elif self.tokens >= 1:
            self.tokens -= 1
            self.answered_at.append(now)
            return None, int(self.tokens) if self.announces else None
        else:
            self.closed_until = now + max(self.retry_after_seconds, math.ceil((1 - self.tokens) / self.rate))
        self.refused += 1
        return max(1, math.ceil(self.closed_until - now - _ROUNDING_SECONDS)), None


@dataclass(frozen=True)
class Run:
    """How a run went: how long it took, what was refused, when the server let requests through."""

    seconds: float
    sent: int
    refused: int
    in_closed_window: int
    answered_at: list[float]
    waits: list[float]
    standing: Standing

    def answered_between(self, start: float, end: float) -> int:
        """Return how many requests were let through in a span of time."""
        return sum(start <= at < end for at in self.answered_at)


class _Threads:
    """One worker's threads: those that must wait do so in a queue, as at the gate."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.queue: deque[float] = deque()
        self.in_flight = 0


class _Simulation:
    def __init__(self, bucket: Bucket, traffic: Traffic, requests: int, latency_seconds: float, places: int) -> None:
        self.bucket = bucket
        self.traffic = traffic
        self.unasked = requests
        self.latency_seconds = latency_seconds
        self.places = places
        self.waits: list[float] = []
        self.ended_at = 0.0
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0

    def at(self, moment: float, act: Callable[[float], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (moment, self._count, act))

    def run(self) -> None:
        for _ in range(_MOST_EVENTS):
            if not self._events:
                return
            now, _, act = heapq.heappop(self._events)
            act(now)
        raise AssertionError("the run does not come to its end")

    def next_request(self, threads: _Threads, now: float) -> None:
        if self.unasked:
            self.unasked -= 1
            self.join(threads, now)

    def join(self, threads: _Threads, now: float) -> None:
        threads.queue.append(now)
        if len(threads.queue) == 1:
            self.try_first(threads, now)

    def try_first(self, threads: _Threads, now: float) -> None:
        """Let the first of the queue go, or look again when what it waits for is over."""
        if not threads.queue:
            return
        if threads.in_flight >= self.places:
            return  # the next answer lets it go
        hold = threads.standing.hold(self.traffic, now)
        if hold is not None:
            self.at(now + hold.seconds + _LATE_SECONDS, lambda later: self.try_first(threads, later))
            return
        threads.standing.begin(self.traffic, now)
        threads.in_flight += 1
        self.waits.append(now - threads.queue.popleft())
        spread = 0.5 + (self._count * _GOLDEN) % 1.0
        self.at(now + self.latency_seconds * spread / 2, lambda later: self.arrive(threads, later))
        self.at(now, lambda later: self.try_first(threads, later))

    def arrive(self, threads: _Threads, now: float) -> None:
        answer = self.bucket.ask(now)
        self.at(now + self.latency_seconds / 2, lambda later: self.answered(threads, answer, later))

    def answered(self, threads: _Threads, answer: tuple[int | None, int | None], now: float) -> None:
        retry_after, remaining = answer
        threads.in_flight -= 1
        limit = self.bucket.capacity if self.bucket.announces else None
        refusal = None
        if retry_after is not None:
            refusal = Refusal(Scope.ENDPOINT, "jira-burst-based", retry_after, limit)
        ended = Ended(now, answered=True, refusal=refusal, limit=limit, remaining=remaining)
        threads.standing.end(self.traffic, ended)
        if refusal is None:
            self.ended_at = now
            self.next_request(threads, now)
        else:
            self.join(threads, now)
        if threads.in_flight == self.places - 1:
            self.try_first(threads, now)


def run(
    bucket: Bucket,
    traffic: Traffic,
    *,
    requests: int = 1000,
    threads: int = 16,
    workers: int = 1,
    latency_seconds: float = 0.005,
    places: int = 64,
) -> Run:
    """Send requests through a bucket, each again until it is let through; say how that went.

    Of the `threads` each worker has its part; `workers` share nothing of what they know, and each has so many
    `places` for requests under way.
    """
    simulation = _Simulation(bucket, traffic, requests, latency_seconds, places)
    teams = [_Threads(Standing()) for _ in range(workers)]
    for number in range(threads):
        team = teams[number % workers]
        simulation.at(0.0, lambda now, team=team: simulation.next_request(team, now))  # type: ignore[misc]
    simulation.run()
    return Run(
        seconds=simulation.ended_at,
        sent=len(bucket.answered_at) + bucket.refused,
        refused=bucket.refused,
        in_closed_window=bucket.in_closed_window,
        answered_at=bucket.answered_at,
        waits=simulation.waits,
        standing=teams[0].standing,
    )
