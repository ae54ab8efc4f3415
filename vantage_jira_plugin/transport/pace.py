"""How fast one endpoint may be asked: a pace learnt from answers and refusals. Pure; no clock, no HTTP.

A lane is one endpoint and method of one site. Atlassian refills its bucket at a steady rate that all apps
and tokens of the site share, so that what is left for this one is below the documented rate and moves.
Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09), "burst".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from .inflow import Inflow

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Lane", "documented_rate"]

#: Steady requests per second of one endpoint, by method. Source: page above, 2026-10-09.
_RATES: Mapping[str, float] = {"GET": 100.0, "POST": 100.0, "PUT": 50.0, "DELETE": 50.0}
#: Endpoints with a rate of their own. Source: as above.
_OWN_RATES: Mapping[tuple[str, str], float] = {
    ("GET", "/rest/api/3/issue/{issueIdOrKey}"): 150.0,
    ("GET", "/rest/api/3/issue/{issueIdOrKey}/changelog"): 200.0,
    ("GET", "/rest/api/3/user"): 150.0,
    ("GET", "/rest/api/3/attachment/content/{id}"): 300.0,
    ("GET", "/rest/api/3/attachment/thumbnail/{id}"): 200.0,
    ("GET", "/rest/api/3/component"): 200.0,
    ("GET", "/rest/api/3/project/{projectIdOrKey}/role/{id}"): 200.0,
    ("POST", "/rest/api/3/search/approximate-count"): 150.0,
    ("POST", "/rest/api/3/expression/evaluate"): 150.0,
    ("PUT", "/rest/api/3/component/{id}"): 500.0,
    ("GET", "/rest/servicedeskapi/servicedesk/{serviceDeskId}/customer"): 5.0,
}

#: A bucket is taken to hold what flows in within so many seconds, until answers show its size. Those recorded hold
#: 200 (POST) to 400 (GET issue): 2 to 6 seconds' worth of most endpoints.
_BUCKET_SECONDS = 2.0
#: A lane of which nothing is known starts slowly: so many requests under way at first, one more for each answer,
#: until there were so many answers, or for so many seconds. Others look again that often.
_FIRST_REQUESTS = 4
_FIRST_ANSWERS = 16
_START_SECONDS = 5.0
_START_POLL_SECONDS = 0.02
#: The share of the bucket that is left for what is already on its way, and its bounds in requests.
_RESERVE_SHARE = 0.2
_LEAST_RESERVE = 2.0
_MOST_RESERVE = 16.0
#: A smaller bucket shows too little in its headers.
_SMALLEST_SHOWN = 4
#: What lies above the reserve is spent within so many seconds.
_SPEND_SECONDS = 2.0
#: How far back the inflow is measured, and how much is needed for a first measurement, in seconds.
_HORIZON_SECONDS = 5.0
_SHORTEST_BASELINE_SECONDS = 0.5
#: Before it is measured, the inflow of a bucket is taken to fill it in so many seconds; Atlassian's fill in 2 to 6.
_GUESSED_FILL_SECONDS = 4.0
#: Where every request waits for its turn, so much is kept: what one that wakes late has missed, not enough for two.
_MOST_LEVEL = 1.5
#: Slowest pace, per second: an endpoint that is refused again and again is still asked.
_SLOWEST = 0.2
#: After so many seconds without a refusal, what a bucket shows slows down to so many per second and no further; and
#: where the bucket stays as it is, the pace may exceed what flows in by this factor.
_FORGIVEN_SECONDS = 30.0
_LEAST_SHOWN = 5.0
_CREEP = 1.05
#: What of a lane may be unknown.
_MAYBE_NONE = frozenset({"limit", "remaining"})


def documented_rate(method: str, template: str) -> float:
    """Return the documented steady rate of an endpoint, requests per second."""
    return _OWN_RATES.get((method, template), _RATES.get(method, min(_RATES.values())))


@dataclass(slots=True)
class Lane:
    """What is known of one endpoint's bucket, and how fast it is asked.

    Two sources. Answers that carry `X-RateLimit-Limit` and `-Remaining` (size of the bucket, what is left in it)
    show the bucket itself: the pace is what flows in, plus what lies above a reserve, so that the bucket is neither
    full nor empty. Where they do not, only refusals tell: see `inflow`.

    Attributes:
        documented: steady rate, per second; the pace never exceeds it.
        pace: requests per second now.
        level: requests that may go at once, as of `level_at`.
        spare: requests that may go beyond the pace, since a closed window has left them in the bucket.
        samples: `(at, remaining, answered)` of the last seconds, oldest first.
        inflow: what refusals have shown.
    """

    documented: float
    pace: float
    level: float
    level_at: float
    started_at: float
    begun: int = 0
    ended: int = 0
    answered: int = 0
    limit: int | None = None
    remaining: int | None = None
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    spare: float = 0.0
    inflow: Inflow = field(default_factory=Inflow)

    @classmethod
    def fresh(cls, documented: float, now: float) -> Self:
        """Return the lane of an endpoint of which nothing is known yet."""
        level = documented * _BUCKET_SECONDS
        return cls(documented=documented, pace=documented, level=level, level_at=now, started_at=now)

    @property
    def is_tight(self) -> bool:
        """Whether the pace is below the documented one."""
        return self.pace < self.documented

    # ---- sending ----------------------------------------------------------------------------

    def wait_seconds(self, now: float) -> float:
        """Return how long the next request has to wait; 0: it may go."""
        self._refill(now)
        starting = self.answered < _FIRST_ANSWERS and now - self.started_at < _START_SECONDS
        if starting and self._under_way >= _FIRST_REQUESTS + self.answered:
            return _START_POLL_SECONDS
        return 0.0 if self.level >= 1.0 else (1.0 - self.level) / (self.pace + self.spare / _SPEND_SECONDS)

    def begin(self, now: float) -> None:
        """Count a request that goes now."""
        self._refill(now)
        self.level -= 1.0
        self.begun += 1

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self.level_at)
        most = _MOST_LEVEL if self.is_tight else self.documented * _BUCKET_SECONDS
        spent = min(1.0, passed / _SPEND_SECONDS) * self.spare
        self.spare -= spent
        self.level = max(self.level, min(most, self.level + passed * self.pace + spent))
        self.level_at = max(now, self.level_at)

    @property
    def _under_way(self) -> int:
        return self.begun - self.ended

    def end(self) -> None:
        """Count a request that came to its end, however it did."""
        self.ended += 1

    # ---- learning ---------------------------------------------------------------------------

    def answer(self, now: float, *, limit: int | None, remaining: int | None) -> None:
        """Take note of an answer that was let through, and of the bucket that it shows."""
        self._refill(now)
        self.inflow.answer(now, self.answered)
        self.answered += 1
        if limit is None or remaining is None or not 0 <= remaining <= limit or limit < _SMALLEST_SHOWN:
            self.remaining = None
            self._recover(now)
            return
        self.limit, self.remaining, self.spare = limit, remaining, 0.0
        inflow = self._inflow(now, remaining)
        reserve = min(max(_LEAST_RESERVE, _RESERVE_SHARE * limit), _MOST_RESERVE)
        spare = remaining - reserve
        if inflow is None:
            inflow = min(self.documented, limit / _GUESSED_FILL_SECONDS)
        self.pace = self._bounded(max(inflow + spare / _SPEND_SECONDS, self._least(now, remaining, inflow, reserve)))
        under_way = self._under_way if self.answered <= _FIRST_ANSWERS else 0
        self.level = min(self.level, max(0.0, spare - under_way))

    def _least(self, now: float, remaining: int, inflow: float, reserve: float) -> float:
        """Return below what the pace does not fall for what a bucket shows, while nothing is refused.

        A bucket that stays as it is while it is asked has room for a little more. Without that, an answer that always
        shows the same low figure, or other apps that take what is given up, would slow this one for ever.
        """
        refused_at = self.inflow.refused_at
        if refused_at is not None and now - refused_at < _FORGIVEN_SECONDS:
            return _SLOWEST
        steady = remaining >= self.samples[0][1] and remaining >= reserve / 2
        return max(_LEAST_SHOWN, inflow * _CREEP) if steady else _LEAST_SHOWN

    def refuse(self, now: float, *, until: float, limit: int | None) -> None:
        """Take note of a refusal that closes the endpoint until then: its bucket was empty."""
        self._refill(now)
        if not self.inflow.refuse(now, self.answered, until=until, pace=self.pace, limit=limit or self.limit):
            return
        self.limit = limit or self.limit
        self.pace = self._bounded(min(self.inflow.pace(now) or self.pace, self.pace))
        self.level = 1.0  # when it opens again, there is at least what the refused request needs
        self.level_at = max(now, until)
        self.spare = self.inflow.spare if self.remaining is None else 0.0
        self.samples = [(now, 0, self.answered)]

    def _inflow(self, now: float, remaining: int) -> float | None:
        """Return what flowed into the bucket lately, per second, others' requests taken off; None: not known yet."""
        if not self.samples or now - self.samples[-1][0] >= _HORIZON_SECONDS / 10:
            self.samples.append((now, remaining, self.answered))
        while len(self.samples) > 1 and now - self.samples[1][0] > _HORIZON_SECONDS:
            self.samples.pop(0)
        at, left, answered = self.samples[0]
        if now - at < _SHORTEST_BASELINE_SECONDS:
            return None
        return max(0.0, (remaining - left + self.answered - answered) / (now - at))

    def _recover(self, now: float) -> None:
        """Ask as fast as refusals allow, until that is the documented pace."""
        pace = self.inflow.pace(now)
        if pace is None:
            return
        self.pace = self._bounded(pace)
        if now < self.inflow.opened_at:
            self.spare = self.inflow.spare
        if not self.is_tight:
            self.inflow.forget()

    def _bounded(self, pace: float) -> float:
        return min(self.documented, max(_SLOWEST, pace))

    # ---- sharing ----------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        data = {name: getattr(self, name) for name in self.__slots__}
        return {**data, "inflow": self.inflow.to_json()}

    @classmethod
    def from_json(cls, data: Any) -> Self | None:
        """Return the lane for its JSON data; None where it is none, so that what was learnt is learnt anew."""
        try:
            numbers = {name: data[name] for name in cls.__slots__ if name not in {"samples", "inflow"}}
            samples = [(float(at), int(remaining), int(answered)) for at, remaining, answered in data["samples"]]
            lane = cls(**numbers, samples=samples, inflow=Inflow.from_json(data["inflow"]))
            plausible = lane.documented > 0 and _SLOWEST <= lane.pace <= lane.documented
            finite = all(math.isfinite(number) for number in numbers.values() if number is not None)
            complete = all(numbers[name] is not None for name in numbers.keys() - _MAYBE_NONE)
        except (KeyError, TypeError, ValueError):
            return None
        return lane if plausible and finite and complete else None
