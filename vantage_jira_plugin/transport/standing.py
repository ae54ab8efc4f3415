"""What is known of the limits of one site, or of one app: what is closed, how fast one may go. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from .limits import LONGEST_CLOSED_SECONDS, Refusal, Scope
from .pace import Lane, documented_rate
from .quota import QuotaLeft

if TYPE_CHECKING:
    from .traffic import Traffic

__all__ = ["Ended", "Hold", "Standing"]

#: Writes to one issue: so many in so many seconds. Source: see `limits`, "Per-issue write limits".
PER_ISSUE_WRITES = ((20, 2.0), (100, 30.0))
#: Jira counts a write when it arrives, this side when it goes; what their ways may differ in.
_ARRIVAL_SECONDS = 0.25
#: Bulk operations at once, over all users of a site. Source: OpenAPI file, "Bulk operations".
MAX_BULK_REQUESTS = 5
#: A bulk request whose end was never noted counts so long, in seconds.
_BULK_LEASE_SECONDS = 120.0
#: How often a request looks for a free bulk place.
_BULK_POLL_SECONDS = 0.5
#: Keys of what is closed as a whole.
_EVERYTHING = "*"
_BACKGROUND = "background"
_BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a request may not go yet.

    Attributes:
        key: what it waits for; requests that wait for the same go one after the other.
        seconds: how long.
        reason: for people.
        closed: whether Jira has closed it, so that nothing may be sent before.
    """

    key: str
    seconds: float
    reason: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended: with a refusal, or an answer whose headers show the bucket, or with no answer."""

    at: float
    answered: bool
    refusal: Refusal | None = None
    limit: int | None = None
    remaining: int | None = None
    quota: QuotaLeft | None = None


@dataclass(slots=True)
class Standing:
    """What all requests to one site, or of one app, have to agree on; moments are epoch seconds.

    Attributes:
        closed: what Jira has closed: key to `(until, reason)`.
        lanes: endpoints by their key.
        writes: issue to the moments of its latest writes.
        bulk: when the bulk requests under way are taken to have ended.
        quota: points left, where they are scarce.
        background_at: when background work may go on.
        stored_at: when it was stored last, by the clock of the worker that did.
    """

    closed: dict[str, tuple[float, str]] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    writes: dict[str, list[float]] = field(default_factory=dict)
    bulk: list[float] = field(default_factory=list)
    quota: QuotaLeft | None = None
    background_at: float = 0.0
    stored_at: float = 0.0

    # ---- before a request -------------------------------------------------------------------

    def hold(self, traffic: Traffic, now: float) -> Hold | None:
        """Return why a request may not go now, or None where it may."""
        return self.closed_hold(traffic, now) or self._spacing(traffic, now)

    def closed_hold(self, traffic: Traffic, now: float) -> Hold | None:
        """Return what Jira has closed to a request, or None."""
        if not self.closed:
            return None
        for key in (_EVERYTHING, traffic.lane, _issue_key(traffic)):
            until, reason = self.closed.get(key, (0.0, ""))
            if until > now:
                return Hold(key, until - now, reason, closed=True)
        return None

    def _spacing(self, traffic: Traffic, now: float) -> Hold | None:
        """Return what a request waits for that nobody has closed."""
        rest = self.rest_hold(traffic, now)
        if rest is not None:
            return rest
        if traffic.issue is not None:
            wait_seconds = self._issue_wait_seconds(traffic.issue, now)
            if wait_seconds > 0:
                return Hold(_issue_key(traffic), wait_seconds, "the spacing of writes to one issue")
        if traffic.bulk and sum(ends_at > now for ends_at in self.bulk) >= MAX_BULK_REQUESTS:
            return Hold(_BULK, _BULK_POLL_SECONDS, "one of five bulk operations to end")
        wait_seconds = self._lane(traffic, now).wait_seconds(now)
        return Hold(traffic.lane, wait_seconds, "the pace of this endpoint") if wait_seconds > 0 else None

    def rest_hold(self, traffic: Traffic, now: float) -> Hold | None:
        """Return how long background work rests because few points are left, or None."""
        if traffic.background and self.background_at > now:
            return Hold(_BACKGROUND, self.background_at - now, "points of the next hour: few are left in this one")
        return None

    def _issue_wait_seconds(self, issue: str, now: float) -> float:
        moments = self.writes.get(issue, [])
        waits = [0.0]
        for count, seconds in PER_ISSUE_WRITES:
            if len(moments) >= count:
                waits.append(moments[-count] + seconds + _ARRIVAL_SECONDS - now)
        return max(waits)

    def needs_agreement(self, traffic: Traffic, now: float) -> bool:
        """Tell whether workers must agree on this very request, since there is little room.

        For the writes to one issue there always is: several workers could each see half of them.
        """
        return traffic.issue is not None or traffic.bulk or self._lane(traffic, now).is_tight

    def begin(self, traffic: Traffic, now: float) -> None:
        """Count a request that goes now."""
        self._lane(traffic, now).begin(now)
        if traffic.bulk:
            self.bulk = [*(ends_at for ends_at in self.bulk if ends_at > now), now + _BULK_LEASE_SECONDS]
        if traffic.issue is not None:
            longest = max(seconds for _, seconds in PER_ISSUE_WRITES) + _ARRIVAL_SECONDS
            self.writes = {
                issue: moments for issue, moments in self.writes.items() if moments and moments[-1] > now - longest
            }
            recent = [moment for moment in self.writes.get(traffic.issue, []) if moment > now - longest]
            self.writes[traffic.issue] = [*recent, now]

    # ---- after it ---------------------------------------------------------------------------

    def end(self, traffic: Traffic, ended: Ended) -> None:
        """Take note of how a request ended."""
        lane = self._lane(traffic, ended.at)
        lane.end()
        if traffic.bulk and self.bulk:
            self.bulk.pop(0)
        if ended.refusal is not None:
            self._close(traffic, ended.refusal, ended.at)
        elif ended.answered:
            lane.answer(ended.at, limit=ended.limit, remaining=ended.remaining)
            self.note_quota(ended.quota)

    def _close(self, traffic: Traffic, refused: Refusal, now: float) -> None:
        if refused.scope in {Scope.SITE, Scope.APP}:
            self.close_everything(refused, now)
            return
        key = _issue_key(traffic) if refused.scope is Scope.ISSUE and traffic.issue is not None else traffic.lane
        self.closed = {name: window for name, window in self.closed.items() if window[0] > now}
        until = max(now + refused.seconds, self.closed.get(key, (0.0, ""))[0])
        self.closed[key] = (until, _words(refused))
        if key == traffic.lane:
            self._lane(traffic, now).refuse(now, until=until, limit=refused.limit)

    def note_quota(self, quota: QuotaLeft | None) -> None:
        """Take note of the points that are left, None where they are plenty."""
        self.quota = quota

    def close_everything(self, refused: Refusal, now: float) -> None:
        """Close all that this standing is about."""
        until, _ = self.closed.get(_EVERYTHING, (0.0, ""))
        self.closed[_EVERYTHING] = (max(until, now + refused.seconds), _words(refused))

    def spent(self, points: int, now: float) -> None:
        """Let background work rest after it has spent points, where few are left."""
        if self.quota is not None and self.quota.resets_at > now:
            pause_seconds = self.quota.background_pause_seconds(points, now)
            self.background_at = min(max(self.background_at, now) + pause_seconds, self.quota.resets_at)

    def _lane(self, traffic: Traffic, now: float) -> Lane:
        lane = self.lanes.get(traffic.lane)
        if lane is None:
            lane = self.lanes[traffic.lane] = Lane.fresh(documented_rate(traffic.method, traffic.template), now)
        return lane

    # ---- sharing ----------------------------------------------------------------------------

    def pace(self, traffic: Traffic) -> float:
        """Return how many requests per second of this kind may go, as far as is known."""
        lane = self.lanes.get(traffic.lane)
        return documented_rate(traffic.method, traffic.template) if lane is None else lane.pace

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "closed": {key: list(window) for key, window in self.closed.items()},
            "lanes": {key: lane.to_json() for key, lane in self.lanes.items()},
            "writes": self.writes,
            "bulk": self.bulk,
            "quota": None if self.quota is None else asdict(self.quota),
            "backgroundAt": self.background_at,
            "storedAt": self.stored_at,
        }

    @classmethod
    def from_json(cls, data: object, *, now: float) -> Self:
        """Return the standing for its JSON data; what cannot be read of it is left out, the rest counts."""
        if not isinstance(data, Mapping):
            return cls()
        quota = data.get("quota")
        try:
            left = None if quota is None else QuotaLeft(**quota)
        except TypeError:
            left = None
        return cls(
            closed={
                key: window for key, value in _items(data, "closed") if (window := _window(value, now)) is not None
            },
            lanes={key: lane for key, value in _items(data, "lanes") if (lane := Lane.from_json(value)) is not None},
            writes={issue: _moments(value) for issue, value in _items(data, "writes")},
            bulk=_moments(data.get("bulk")),
            quota=left,
            background_at=min(_seconds(data.get("backgroundAt")), now + LONGEST_CLOSED_SECONDS),
            stored_at=_seconds(data.get("storedAt")),
        )


def _items(data: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    found = data.get(name)
    return list(found.items()) if isinstance(found, Mapping) else []


def _window(value: Any, now: float) -> tuple[float, str] | None:
    """Return `[until, reason]`, closed no longer than Jira closes anything."""
    match value:
        case [int() | float() as until, str(reason)] if math.isfinite(until):
            return min(float(until), now + LONGEST_CLOSED_SECONDS), reason
    return None


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0


def _moments(value: Any) -> list[float]:
    return [_seconds(moment) for moment in value] if isinstance(value, (list, tuple)) else []


def _words(refused: Refusal) -> str:
    return f"{refused.scope.words} ({refused.reason})"


def _issue_key(traffic: Traffic) -> str:
    return f"issue {traffic.issue}"
