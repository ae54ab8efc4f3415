"""What is known of the limits of one site, or of one app: what is closed, how fast one may go. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from .limits import Refusal, Scope
from .pace import Lane, documented_rate
from .quota import QuotaLeft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .traffic import Traffic

__all__ = ["Ended", "Hold", "Standing"]

#: Writes to one issue: so many in so many seconds. Source: see `limits`, "Per-issue write limits".
PER_ISSUE_WRITES = ((20, 2.0), (100, 30.0))
#: Bulk operations at once, over all users of a site. Source: OpenAPI file, "Bulk operations".
MAX_BULK_REQUESTS = 5
#: A bulk request whose end was never noted counts so long, in seconds.
_BULK_LEASE_SECONDS = 120.0
#: How often a request looks for a free bulk place.
_BULK_POLL_SECONDS = 0.5
#: From this share of a count on, workers agree on each single request.
_SHARED_FROM = 0.5
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
    """

    closed: dict[str, tuple[float, str]] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    writes: dict[str, list[float]] = field(default_factory=dict)
    bulk: list[float] = field(default_factory=list)
    quota: QuotaLeft | None = None
    background_at: float = 0.0

    # ---- before a request -------------------------------------------------------------------

    def hold(self, traffic: Traffic, now: float) -> Hold | None:
        """Return why a request may not go now, or None where it may."""
        return self.closed_hold(traffic, now) or self._spacing(traffic, now)

    def closed_hold(self, traffic: Traffic, now: float) -> Hold | None:
        """Return what Jira has closed to a request, or None."""
        for key in (_EVERYTHING, traffic.lane, _issue_key(traffic)):
            until, reason = self.closed.get(key, (0.0, ""))
            if until > now:
                return Hold(key, until - now, reason, closed=True)
        return None

    def _spacing(self, traffic: Traffic, now: float) -> Hold | None:
        """Return what a request waits for that nobody has closed."""
        if traffic.background and self.background_at > now:
            return Hold(_BACKGROUND, self.background_at - now, "few points are left in this hour")
        if traffic.issue is not None:
            wait_seconds = self._issue_wait_seconds(traffic.issue, now)
            if wait_seconds > 0:
                return Hold(_issue_key(traffic), wait_seconds, "writes to one issue are spaced")
        if traffic.bulk and sum(ends_at > now for ends_at in self.bulk) >= MAX_BULK_REQUESTS:
            return Hold(_BULK, _BULK_POLL_SECONDS, "five bulk operations are under way")
        wait_seconds = self._lane(traffic, now).wait_seconds(now)
        return Hold(traffic.lane, wait_seconds, "the pace of this endpoint") if wait_seconds > 0 else None

    def _issue_wait_seconds(self, issue: str, now: float) -> float:
        moments = self.writes.get(issue, [])
        waits = [0.0]
        for count, seconds in PER_ISSUE_WRITES:
            if len(moments) >= count:
                waits.append(moments[-count] + seconds - now)
        return max(waits)

    def needs_agreement(self, traffic: Traffic, now: float) -> bool:
        """Tell whether workers must agree on this very request, since there is little room."""
        moments = self.writes.get(traffic.issue or "", [])
        crowded = any(
            sum(moment > now - seconds for moment in moments) >= count * _SHARED_FROM
            for count, seconds in PER_ISSUE_WRITES
        )
        return crowded or traffic.bulk or self._lane(traffic, now).is_tight

    def begin(self, traffic: Traffic, now: float) -> None:
        """Count a request that goes now."""
        self._lane(traffic, now).begin(now)
        if traffic.bulk:
            self.bulk = [*(ends_at for ends_at in self.bulk if ends_at > now), now + _BULK_LEASE_SECONDS]
        if traffic.issue is not None:
            longest = max(seconds for _, seconds in PER_ISSUE_WRITES)
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
            self.quota = ended.quota

    def _close(self, traffic: Traffic, refused: Refusal, now: float) -> None:
        if refused.scope in {Scope.SITE, Scope.APP}:
            self.close_everything(refused)
            return
        key = _issue_key(traffic) if refused.scope is Scope.ISSUE and traffic.issue is not None else traffic.lane
        self.closed = {name: window for name, window in self.closed.items() if window[0] > now}
        until = max(refused.until, self.closed.get(key, (0.0, ""))[0])
        self.closed[key] = (until, refused.reason)
        if key == traffic.lane:
            self._lane(traffic, now).refuse(now, until=until, limit=refused.limit)

    def close_everything(self, refused: Refusal) -> None:
        """Close all that this standing is about."""
        until, _ = self.closed.get(_EVERYTHING, (0.0, ""))
        self.closed[_EVERYTHING] = (max(until, refused.until), refused.reason)

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

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "closed": {key: list(window) for key, window in self.closed.items()},
            "lanes": {key: lane.to_json() for key, lane in self.lanes.items()},
            "writes": self.writes,
            "bulk": self.bulk,
            "quota": None if self.quota is None else asdict(self.quota),
            "backgroundAt": self.background_at,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the standing for its JSON data.

        Raises:
            KeyError, TypeError, ValueError: another version of this program wrote it.
        """
        return cls(
            closed={key: (float(until), str(reason)) for key, (until, reason) in data["closed"].items()},
            lanes={key: Lane.from_json(lane) for key, lane in data["lanes"].items()},
            writes={issue: list(moments) for issue, moments in data["writes"].items()},
            bulk=list(data["bulk"]),
            quota=None if data["quota"] is None else QuotaLeft(**data["quota"]),
            background_at=float(data["backgroundAt"]),
        )


def _issue_key(traffic: Traffic) -> str:
    return f"issue {traffic.issue}"
