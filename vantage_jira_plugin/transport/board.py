"""Where standings are kept: in memory, and where the host shares state, agreed upon by all workers. It never waits."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import PluginError

from .limits import Scope
from .standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.contract import SharedState, SharedValue

    from .standing import Ended, Hold
    from .traffic import Traffic

__all__ = ["Board"]

_LOG = logging.getLogger("vantage_jira_plugin.requests")
#: How long the host keeps a standing that nobody changes: longer than an hourly quota is closed.
_KEEP_SECONDS = 7200.0
#: What a worker has seen while there was room is told to the others so often, in seconds.
_TELL_SECONDS = 1.0
#: How often a change is tried again because another worker was faster.
_MAX_ATTEMPTS = 20
#: A host whose shared state failed is asked again after so many seconds; until then each worker is on its own.
_REST_SECONDS = 10.0

_Event = "Callable[[Standing], None]"


class Board:
    """The standings of sites and apps; many threads may use one.

    While there is room, a worker reads before each request what others have closed, counts for itself and tells
    once a second; where room is short, every single request is agreed upon.

    Args:
        shared: what the host's workers share, or None.
        monotonic: seconds that never jump.
    """

    def __init__(self, shared: SharedState | None, *, monotonic: Callable[[], float]) -> None:
        self._shared = shared
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._standings: defaultdict[str, Standing] = defaultdict(Standing)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._untold: defaultdict[str, list[Callable[[Standing], None]]] = defaultdict(list)
        self._told_at: defaultdict[str, float] = defaultdict(lambda: float("-inf"))
        self._rests_until = float("-inf")

    def begin(self, traffic: Traffic, now: float) -> Hold | None:
        """Count a request that goes now; or return what it waits for, and count nothing."""
        with self._lock:
            of_site = _site_name(traffic)
            self._look([_app_name(traffic), of_site])
            hold = self._standings[_app_name(traffic)].closed_hold(traffic, now)
            standing = self._standings[of_site]
            hold = hold or standing.hold(traffic, now)
            if hold is not None:
                return hold
            begin = partial(Standing.begin, traffic=traffic, now=now)
            if self._shares and standing.needs_agreement(traffic, now):
                return self._agree(of_site, traffic, now)
            self._note(of_site, begin)
            return None

    def end(self, traffic: Traffic, ended: Ended) -> None:
        """Take note of how a request ended; a refusal is told to the other workers at once."""
        with self._lock:
            refused = ended.refusal
            end = partial(Standing.end, traffic=traffic, ended=ended)
            self._note(_site_name(traffic), end, urgent=refused is not None)
            if refused is not None and refused.scope is Scope.APP:
                close = partial(Standing.close_everything, refused=refused)
                self._note(_app_name(traffic), close, urgent=True)

    def spent(self, traffic: Traffic, points: int, now: float) -> None:
        """Let background work rest after it has spent points, where few are left."""
        with self._lock:
            self._note(_site_name(traffic), partial(Standing.spent, points=points, now=now))

    # ---- sharing ----------------------------------------------------------------------------

    @property
    def _shares(self) -> bool:
        return self._shared is not None and self._monotonic() >= self._rests_until

    def _note(self, name: str, event: Callable[[Standing], None], *, urgent: bool = False) -> None:
        """Let an event happen here, and keep it for the others; while the host rests, only what is urgent."""
        event(self._standings[name])
        if self._shares or (urgent and self._shared is not None):
            self._untold[name].append(event)
        if not self._shares:
            return
        if urgent or self._monotonic() - self._told_at[name] >= _TELL_SECONDS:
            self._change(name, lambda _: None)

    def _look(self, names: Sequence[str]) -> None:
        """Take over what other workers have stored."""
        if self._shares:
            for name, stored in self._read(names).items():
                if stored.version != self._versions[name]:
                    self._adopt(name, stored)

    def _adopt(self, name: str, stored: SharedValue | None) -> Standing:
        standing = _standing(stored)
        for event in self._untold[name]:
            event(standing)
        self._standings[name] = standing
        self._versions[name] = 0 if stored is None else stored.version
        return standing

    def _agree(self, name: str, traffic: Traffic, now: float) -> Hold | None:
        """Begin a request in the shared standing, so that no other worker takes its place."""

        def take(standing: Standing) -> Hold | None:
            hold = standing.hold(traffic, now)
            if hold is None:
                standing.begin(traffic, now)
            return hold

        return self._change(name, take)

    def _change(self, name: str, change: Callable[[Standing], Hold | None]) -> Hold | None:
        """Tell what is untold and change the shared standing; where a change is refused, nothing else is stored.

        Where the host fails, the change is made here alone.
        """
        hold, changed = None, False
        for _ in range(_MAX_ATTEMPTS):
            stored = self._read([name]).get(name)
            if not self._shares:
                break
            standing = self._adopt(name, stored)
            hold, changed = change(standing), True
            if hold is not None and not self._untold[name]:
                return hold
            if self._replace(name, standing, version=self._versions[name]):
                self._versions[name] += 1
                self._untold[name].clear()
                self._told_at[name] = self._monotonic()
                return hold
            if not self._shares:
                break
        return hold if changed else change(self._standings[name])

    def _read(self, names: Sequence[str]) -> Mapping[str, SharedValue]:
        if self._shared is None:
            return {}
        try:
            return self._shared.read(names)
        except PluginError as error:
            self._rest(error)
            return {}

    def _replace(self, name: str, standing: Standing, *, version: int) -> bool:
        if self._shared is None:
            return False
        try:
            return self._shared.replace(name, standing.to_json(), version=version, keep_seconds=_KEEP_SECONDS)
        except PluginError as error:
            self._rest(error)
            return False

    def _rest(self, error: PluginError) -> None:
        """Go on alone for a while: limits that are not shared are still kept by each worker for itself."""
        _LOG.warning("rate limits are not shared for %g s: %s", _REST_SECONDS, error.message)
        self._rests_until = self._monotonic() + _REST_SECONDS


def _standing(stored: SharedValue | None) -> Standing:
    """Return a standing as stored; one that another version of this program wrote counts as none."""
    if stored is None:
        return Standing()
    try:
        return Standing.from_json(stored.value)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Standing()


def _site_name(traffic: Traffic) -> str:
    return f"limits/site/{traffic.cloud_id}"


def _app_name(traffic: Traffic) -> str:
    return f"limits/app/{traffic.client_id}"
