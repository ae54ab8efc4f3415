"""Where standings are kept: in memory, and where the host shares state, agreed upon by all workers. It never waits."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.contract import SharedValue
from vantage_jira_plugin.errors import CredentialStoreError, PluginError

from .limits import Scope
from .standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.contract import SharedState

    from .standing import Ended, Hold
    from .traffic import Traffic

__all__ = ["Board"]

_LOG = logging.getLogger("vantage_jira_plugin.requests")
#: Names of the form that standings are stored in; another form has another name, so that neither misreads the other.
_FORM = "limits/2"
#: How long the host keeps a standing that nobody changes: longer than an hourly quota is closed.
_KEEP_SECONDS = 7200.0
#: What a worker has seen while there was room is told to the others so often, in seconds.
_TELL_SECONDS = 1.0
#: How often a change is tried again because another worker was faster.
_MAX_ATTEMPTS = 20
#: A host whose shared state failed, or took so long, is asked again after a rest; until then each worker is on its own.
_TOO_SLOW_SECONDS = 0.25
_REST_SECONDS = 10.0
#: Reading what others have stored may take this share of the time; but what was read is believed no longer than that.
_READING_SHARE = 0.02
_LONGEST_BELIEVED_SECONDS = 0.05
#: Another worker's clock is followed up to so many seconds ahead.
_FURTHEST_AHEAD_SECONDS = 3600.0


class Board:
    """The standings of sites and apps; many threads may use one.

    While there is room, a worker reads before a request what others have closed, counts for itself and tells once a
    second; where room is short, every request is agreed upon. The host's state is never asked under the lock that
    all requests need, and by one thread at a time: when it is slow, requests do not become so.

    Args:
        shared: what the host's workers share, or None.
        clock: epoch seconds.
        monotonic: seconds that never jump.
    """

    def __init__(
        self, shared: SharedState | None, *, clock: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._standings: defaultdict[str, Standing] = defaultdict(Standing)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._untold: defaultdict[str, list[Callable[[Standing], None]]] = defaultdict(list)
        self._told_at: defaultdict[str, float] = defaultdict(lambda: float("-inf"))
        self._rests_until = float("-inf")
        self._next_read_at = float("-inf")
        self._latest = float("-inf")
        self._ahead_seconds = 0.0

    def now(self) -> float:
        """Return the time that standings are kept in: epoch seconds that never go back, as fast as any worker's clock.

        A clock that is set back, or another machine's that is ahead, would else stop what is counted by time.
        """
        with self._lock:
            return self._now()

    def _now(self) -> float:
        now = self._clock() + self._ahead_seconds
        if now < self._latest:
            self._ahead_seconds += self._latest - now
            now = self._latest
        self._latest = now
        return now

    def closed(self, traffic: Traffic) -> Hold | None:
        """Return what is known to be closed to a request, or None; asks nobody."""
        with self._lock:
            return self._closed(traffic, self._now())

    def _closed(self, traffic: Traffic, now: float) -> Hold | None:
        of_app = self._standings[_app_name(traffic)].closed_hold(traffic, now)
        return of_app or self._standings[_site_name(traffic)].closed_hold(traffic, now)

    def pace(self, traffic: Traffic) -> float:
        """Return how many requests per second may go now, as far as is known; asks nobody."""
        with self._lock:
            return self._standings[_site_name(traffic)].pace(traffic)

    def begin(self, traffic: Traffic) -> Hold | None:
        """Count a request that goes now; or return what it waits for, and count nothing."""
        name = _site_name(traffic)
        self._look([_app_name(traffic), name])
        with self._lock:
            now = self._now()
            standing = self._standings[name]
            hold = (
                self._closed(traffic, now)
                or self._standings[_app_name(traffic)].rest_hold(traffic, now)
                or standing.hold(traffic, now)
            )
            if hold is not None:
                return hold
            if not (self._shares and standing.needs_agreement(traffic, now)):
                self._note(name, partial(Standing.begin, traffic=traffic, now=now))
                return None
        return self._agree(name, traffic)

    def end(self, traffic: Traffic, ended: Ended) -> None:
        """Take note of how a request ended; a refusal is told to the other workers at once."""
        name = _site_name(traffic)
        refused = ended.refusal
        with self._lock:
            self._note(name, partial(Standing.end, traffic=traffic, ended=ended), lasting=refused is not None)
            if refused is not None and refused.scope is Scope.APP:
                close = partial(Standing.close_everything, refused=refused, now=ended.at)
                self._note(_app_name(traffic), close, lasting=True)
            if ended.quota is not None and ended.quota.of_app:
                self._note(_app_name(traffic), partial(Standing.note_quota, quota=ended.quota))
        self._tell(name, urgent=refused is not None)
        self._tell(_app_name(traffic), urgent=refused is not None and refused.scope is Scope.APP)

    def spent(self, traffic: Traffic, points: int) -> None:
        """Let background work rest after it has spent points, where few are left."""
        with self._lock:
            for name in (_site_name(traffic), _app_name(traffic)):
                self._note(name, partial(Standing.spent, points=points, now=self._now()))

    # ---- sharing ----------------------------------------------------------------------------

    @property
    def _shares(self) -> bool:
        return self._shared is not None and self._monotonic() >= self._rests_until

    def _note(self, name: str, event: Callable[[Standing], None], *, lasting: bool = False) -> None:
        """Let an event happen here, and keep it for the others; while the host rests, only what is lasting."""
        event(self._standings[name])
        if self._shares or (lasting and self._shared is not None):
            self._untold[name].append(event)

    def _look(self, names: Sequence[str]) -> None:
        """Take over what other workers have stored, unless that was done just now; wait for a thread that is at it."""
        if not self._shares or self._monotonic() < self._next_read_at:
            return
        if not self._asking.acquire(timeout=_TOO_SLOW_SECONDS):
            return  # the host is slow: go by what is known
        try:
            if self._monotonic() < self._next_read_at:
                return
            began_at = self._monotonic()
            found = self._read(names)
            took_seconds = self._monotonic() - began_at
            with self._lock:
                for name, stored in found.items():
                    if stored.version != self._versions[name]:
                        self._adopt(name, stored)
            self._next_read_at = began_at + min(took_seconds / _READING_SHARE, _LONGEST_BELIEVED_SECONDS)
        finally:
            self._asking.release()

    def _tell(self, name: str, *, urgent: bool) -> None:
        """Tell the other workers what this one has seen, at once or where it is time."""
        if not self._shares or not self._untold[name]:
            return
        if urgent or self._monotonic() - self._told_at[name] >= _TELL_SECONDS:
            self._change(name, lambda _: None, patience_seconds=_TOO_SLOW_SECONDS if urgent else 0.0)

    def _adopt(self, name: str, stored: SharedValue | None) -> Standing:
        standing = Standing() if stored is None else Standing.from_json(stored.value, now=self._now())
        ahead_seconds = standing.stored_at - self._now()
        if 0 < ahead_seconds <= _FURTHEST_AHEAD_SECONDS:
            self._ahead_seconds += ahead_seconds
        for event in self._untold[name]:
            event(standing)
        self._standings[name] = standing
        self._versions[name] = 0 if stored is None else stored.version
        return standing

    def _agree(self, name: str, traffic: Traffic) -> Hold | None:
        """Begin a request in the shared standing, so that no other worker takes its place."""

        def take(standing: Standing) -> Hold | None:
            now = self._now()
            hold = standing.hold(traffic, now)
            if hold is None:
                standing.begin(traffic, now)
            return hold

        return self._change(name, take, patience_seconds=_TOO_SLOW_SECONDS)

    def _change(self, name: str, change: Callable[[Standing], Hold | None], *, patience_seconds: float) -> Hold | None:
        """Change a shared standing and tell what is untold; where the host fails, change it here alone."""
        if not self._asking.acquire(timeout=patience_seconds):
            with self._lock:
                return change(self._standings[name])
        hold, changed = None, False
        try:
            for _ in range(_MAX_ATTEMPTS):
                stored = self._read([name]).get(name)
                if not self._shares:
                    break
                with self._lock:
                    standing = self._adopt(name, stored)
                    hold, changed = change(standing), True
                    told, version = len(self._untold[name]), self._versions[name]
                    standing.stored_at = self._now()
                    value = standing.to_json()
                if hold is not None and not told:
                    return hold
                if self._replace(name, value, version=version):
                    with self._lock:
                        self._versions[name] = version + 1
                        del self._untold[name][:told]
                        self._told_at[name] = self._monotonic()
                    return hold
                if not self._shares:
                    break
        finally:
            self._asking.release()
        if changed:  # here alone, and not a second time
            return hold
        with self._lock:
            return change(self._standings[name])

    def _read(self, names: Sequence[str]) -> Mapping[str, SharedValue]:
        if self._shared is None:
            return {}
        began_at = self._monotonic()
        try:
            found: Any = self._shared.read(names)
            if not isinstance(found, Mapping) or not all(isinstance(value, SharedValue) for value in found.values()):
                raise CredentialStoreError("the state that the host's workers share is not of the contract's form")
        except PluginError as error:
            self._rest(error.message, began_at)
            return {}
        self._mind(began_at)
        known: Mapping[str, SharedValue] = found
        return known

    def _replace(self, name: str, value: Mapping[str, object], *, version: int) -> bool:
        if self._shared is None:
            return False
        began_at = self._monotonic()
        try:
            stored = self._shared.replace(name, value, version=version, keep_seconds=_KEEP_SECONDS)
        except PluginError as error:
            self._rest(error.message, began_at)
            return False
        self._mind(began_at)
        return stored

    def _mind(self, began_at: float) -> None:
        """Ask no more for a while where the host is slow."""
        took_seconds = self._monotonic() - began_at
        if took_seconds > _TOO_SLOW_SECONDS:
            self._rest(f"the host took {took_seconds:.2f} s", began_at)

    def _rest(self, why: str, began_at: float) -> None:
        """Go on alone for a while: limits that are not shared are still kept by each worker for itself."""
        rest_seconds = max(_REST_SECONDS, 10 * (self._monotonic() - began_at))
        _LOG.warning("rate limits are not shared with other workers for %g s: %s", rest_seconds, why)
        self._rests_until = self._monotonic() + rest_seconds


def _site_name(traffic: Traffic) -> str:
    return f"{_FORM}/site/{traffic.cloud_id}"


def _app_name(traffic: Traffic) -> str:
    return f"{_FORM}/app/{traffic.client_id}"
