"""What one connection spends of Jira's points, and what one call of an action may. What costs what is in `points`."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from .points import Spent, budget_refusal, hour_of, points_left

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .contract import Usage, UsageEntry, UsageStore
    from .errors import BudgetSpentError
    from .points import Work
    from .settings import Settings
    from .transport.budget import Budget

__all__ = ["Account", "Meter"]

#: Runs whose points a connection remembers; the one that rested longest is forgotten.
_MOST_RUNS = 1000
#: What a call has used before it began.
_NOTHING: Usage = {"requests": 0, "points": 0, "retries": 0, "waitedSeconds": 0.0, "cacheHits": 0}

_log = logging.getLogger(__name__)


class Meter:
    """What is spent by way of one connection; the host's count where it keeps one. Many threads may use it.

    Without the host, other connections and workers are not seen, nor is what came before a restart. An
    action counts while it runs, here, and once it has ended, everywhere, each answer in the UTC hour in
    which it came. So workers overspend a budget by no more than what they have under way.

    Args:
        store: the host's count over all its workers (`services.usage`), or None.
    """

    def __init__(self, store: UsageStore | None, client_id: str) -> None:
        self._store = store
        self._client_id = client_id
        self._lock = threading.Lock()
        self._hour = 0.0
        #: Points by cloud id, in that hour.
        self._sites: dict[str | None, int] = {}
        self._runs: OrderedDict[str, int] = OrderedDict()
        self._open: dict[int, Account] = {}

    def begin(self, account: Account) -> None:
        """Take what an action spends into account while it runs."""
        with self._lock:
            self._open[id(account)] = account

    def end(self, account: Account, entries: Sequence[UsageEntry]) -> bool:
        """Count an action that has ended, given as an entry for each hour; False where the host could not."""
        told = [self._told_host(entry) for entry in entries]
        with self._lock:
            self._open.pop(id(account), None)
            for entry in entries:
                self._count(entry)
        return all(told)

    def spent(self, cloud_id: str, run_id: str | None, *, now: float) -> tuple[Spent, bool]:
        """Return what is spent, and False where the host could not say and only this connection counts."""
        with self._lock:  # first, so that what ends meanwhile is counted twice rather than not at all
            self._enter(hour_of(now))
            running = [(account.work.run_id, account.points, account.points_in(now)) for account in self._open.values()]
            in_hour, in_run = self._sites.get(cloud_id, 0), self._runs.get(run_id or "", 0)
        told = self._asked_host(cloud_id, run_id, hour_of(now))
        if told is not None:
            in_hour, in_run = told
        in_hour += sum(points for _, _, points in running)
        in_run += sum(points for of, points, _ in running if of == run_id)
        return Spent(in_hour, in_run), told is not None or self._store is None

    def _count(self, entry: UsageEntry) -> None:
        hour, cloud_id, run_id = hour_of(entry["at"]), entry["cloudId"], entry["runId"]
        self._enter(hour)
        if hour == self._hour:
            self._sites[cloud_id] = self._sites.get(cloud_id, 0) + entry["points"]
        if run_id is not None:
            self._runs[run_id] = self._runs.pop(run_id, 0) + entry["points"]
            if len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)

    def _enter(self, hour: float) -> None:
        if hour > self._hour:
            self._hour = hour
            self._sites.clear()

    def _told_host(self, entry: UsageEntry) -> bool:
        if self._store is None:
            return True
        try:
            self._store.add(entry)
        except Exception as error:  # noqa: BLE001 - the host's own, and counting must fail no action
            _log.warning("what an action used could not be counted (%s)", type(error).__name__)
            return False
        return True

    def _asked_host(self, cloud_id: str, run_id: str | None, hour: float) -> tuple[int, int] | None:
        if self._store is None:
            return None
        try:
            in_hour = self._store.points(client_id=self._client_id, cloud_id=cloud_id, since=hour)
            in_run = 0 if run_id is None else self._store.points(client_id=self._client_id, run_id=run_id)
        except Exception as error:  # noqa: BLE001 - as above
            _log.warning("what is spent could not be read (%s)", type(error).__name__)
            return None
        return in_hour, in_run


class Account:
    """What one call of an action may spend, and spends: the budgets of the settings against the meter.

    The threads of one call may share it.
    """

    def __init__(
        self, settings: Settings, meter: Meter, budget: Budget, work: Work, *, clock: Callable[[], float]
    ) -> None:
        self.work = work
        #: What is wrong with the count, for people, or None.
        self.trouble: str | None = None
        #: What the call's points may come to, as of the last look at the meter; None: whatever they do.
        self._most: float | None = None
        self._settings = settings
        self._meter = meter
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        #: Points of requests that are about to be answered.
        self._reserved = 0
        #: When the UTC hour of the last answer began, and points spent in it; one value, since other threads read it.
        self._in_hour = (float("-inf"), 0)
        #: For each UTC hour in which answers came: when the last one did, and what the call had used by then.
        self._marks: dict[float, tuple[float, Usage]] = {}

    @property
    def points(self) -> int:
        """Points that the call has spent so far."""
        return self._budget.points

    def points_in(self, now: float) -> int:
        """Return the points that the call has spent in the UTC hour of a moment, which is about now."""
        hour, points = self._in_hour
        return points if hour >= hour_of(now) else 0

    def spend(self, points: int) -> None:
        """Count the points of an answer that has just come."""
        with self._lock:
            now = self._now()
            last_hour, in_hour = self._in_hour
            hour = hour_of(now)
            self._budget.count(points=points)
            self._in_hour = hour, points + (in_hour if hour == last_hour else 0)
            self._marks[hour] = now, self._budget.usage()

    def reserve(self, points: int) -> int:
        """Set points aside for a request that is about to be sent, as many of these as are left; returns how many."""
        with self._lock:
            left = self.left
            reserved = points if left is None else min(points, left)
            self._reserved += reserved
            return reserved

    def release(self, points: int) -> None:
        """Give back what was set aside: the answer has come, and its points are counted."""
        with self._lock:
            self._reserved -= points

    def _now(self) -> float:
        """Return the time; where a clock was set back over the turn of an hour, no earlier hour than before."""
        return max(self._clock(), self._in_hour[0])

    @property
    def left(self) -> int | None:
        """Points that the call may still set aside or spend, as of the last look; None where no budget applies."""
        return None if self._most is None else max(0, int(self._most - self.points - self._reserved))

    @property
    def limited(self) -> bool:
        """Whether a budget applies at all."""
        settings = self._settings
        return settings.points_per_hour is not None or (
            settings.points_per_run is not None and self.work.run_id is not None
        )

    def refusal(self, cloud_id: str) -> BudgetSpentError | None:
        """Return why nothing more may be spent at this site now, or None."""
        if not self.limited:
            return None
        now = self._clock()
        points = self.points  # first, so that what another thread spends meanwhile counts twice rather than not at all
        spent, known = self._meter.spent(cloud_id, self.work.run_id, now=now)
        if not known:
            self.trouble = "the host could not say what is spent, so that only what this connection spent was counted"
        left = points_left(self._settings, self.work, spent)
        self._most = None if left is None else points + left
        return budget_refusal(self._settings, self.work, spent, now=now)

    def begin(self) -> None:
        """Let other calls of the connection see what this one spends."""
        self._meter.begin(self)

    def end(self, *, action: str, cloud_id: str | None, site: str | None, code: str | None) -> None:
        """Count the call, which has ended; `code` is that of its failure.

        What it used until the last answer of an earlier UTC hour is counted in that hour, the rest, and the call, now.
        """
        now = self._now()
        earlier = [mark for hour, mark in self._marks.items() if hour < hour_of(now)]
        entries: list[UsageEntry] = []
        before = _NOTHING
        for at, usage in [*earlier, (now, self._budget.usage())]:
            last = len(entries) == len(earlier)
            entry: UsageEntry = {
                "at": at,
                "credentialId": self._settings.credential_id,
                "clientId": self._settings.client_id,
                "cloudId": cloud_id,
                "site": site,
                "action": action,
                "runId": self.work.run_id,
                "priority": self.work.priority,
                "calls": 1 if last else 0,
                "requests": usage["requests"] - before["requests"],
                "points": usage["points"] - before["points"],
                "retries": usage["retries"] - before["retries"],
                "waitedSeconds": round(usage["waitedSeconds"] - before["waitedSeconds"], 3),
                "code": code if last else None,
            }
            entries.append(entry)
            before = usage
        if not self._meter.end(self, entries):
            self.trouble = "the host could not count what this call used"
