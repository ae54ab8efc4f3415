"""Which issues were written lately, so that a search can be asked to see them. Memory and a shared note; no HTTP."""

from __future__ import annotations

import math
import re
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from vantage_jira_plugin.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vantage_jira_plugin.contract import SharedState

__all__ = ["RecentWrites", "Written", "written_issue"]

#: Issues that one search can be asked to see as they are.
#: Source: OpenAPI file, POST search/jql, reconcileIssues ("Accepts max 50 ids").
MOST_ISSUES = 50
#: How long Jira's index may lag behind a write: "seconds, up to minutes".
#: Source: https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/
RECENT_SECONDS = 600.0
#: Written again so soon is no news.
_NEWS_SECONDS = 1.0
#: How many tokens of pages are remembered, and how long workers tell each other of one.
_MOST_TOKENS = 256
_TOKEN_SECONDS = 3600.0
#: How long the highest number of a project that is known is looked behind, and of how many projects. It stays taken
#: for ever, but the older it is, the more issues are behind it.
_NUMBER_SECONDS = 3600.0
_MOST_PROJECTS = 1000
#: How often the shared note is tried while others write it too; it is no more than a help.
_SHARED_ATTEMPTS = 3
#: The numeric id of an issue in the address of the issue or of a part of it.
_ISSUE_IN_ADDRESS = re.compile(r"/issue/([1-9][0-9]{0,18})(?:/|$)", re.ASCII)


class Written(NamedTuple):
    """An issue that was written: its numeric id, its key where that is known, and when (epoch seconds)."""

    id: int
    key: str | None
    at: float

    @classmethod
    def from_json(cls, data: Any) -> Self | None:
        """Read `[id, key, at]`; None where it is none."""
        match data:
            case [int(issue_id), str() | None as key, int() | float() as at]:
                return cls(issue_id, key, float(at))
            case _:
                return None


def written_issue(answer: Any, *, at: float) -> Written | None:
    """Return the issue that an answer to a write speaks of: `{"self": ".../issue/10001[/comment/...]", "key"?}`."""
    if not isinstance(answer, dict):
        return None
    found = _ISSUE_IN_ADDRESS.search(str(answer.get("self")))
    key = answer.get("key")
    return None if found is None else Written(int(found[1]), key if isinstance(key, str) else None, at)


class RecentWrites:
    """The issues that this connection, or a worker that shares state with it, wrote lately; many threads may use it.

    Args:
        shared: the host's state, or None. Its failures are none here: a search that lags a little is no failure.
        clock: epoch seconds.
    """

    def __init__(self, shared: SharedState | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._shared = shared
        self._clock = clock
        self._lock = threading.Lock()
        self._written: dict[str, list[Written]] = {}
        self._lists: OrderedDict[str, list[int]] = OrderedDict()
        self._numbers: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def note(self, cloud_id: str, answer: Any, *, created: bool = False) -> None:
        """Take note of the issue that an answer to a write speaks of, and of its number where it was just created."""
        written = written_issue(answer, at=self._clock())
        if written is None:
            return
        project_key, _, number = (written.key or "").rpartition("-")
        if created and number.isdecimal():
            self.keep_number(cloud_id, project_key, int(number))
        with self._lock:
            known = self._written.get(cloud_id, [])
            if any(written[:2] == one[:2] and written.at - one.at < _NEWS_SECONDS for one in known):
                return
            self._written[cloud_id] = _newest([written, *known], self._clock())
        if self._shared is not None:
            try:
                self._tell(self._shared, cloud_id, written)
            except PluginError:
                return

    def issues(self, cloud_id: str) -> list[Written]:
        """Return what was written lately, newest first."""
        told: list[Written] = []
        if self._shared is not None:
            try:
                told, _ = _told(self._shared, cloud_id)
            except PluginError:
                told = []
        with self._lock:
            return _newest([*self._written.get(cloud_id, ()), *told], self._clock())

    def newest_number(self, cloud_id: str, project_key: str) -> int | None:
        """Return the highest number in a project that was lately seen to be taken: `7` of `DEV-7`."""
        with self._lock:
            number, seen_at = self._numbers.get((cloud_id, project_key), (0, -math.inf))
        return number if self._clock() - seen_at <= _NUMBER_SECONDS else None

    def keep_number(self, cloud_id: str, project_key: str, number: int) -> None:
        """Remember a number of a project that is taken now, and was the highest not long ago."""
        known = self.newest_number(cloud_id, project_key)
        if known is not None and known >= number:
            return
        with self._lock:
            self._numbers[cloud_id, project_key] = (number, self._clock())
            self._numbers.move_to_end((cloud_id, project_key))
            while len(self._numbers) > _MOST_PROJECTS:
                self._numbers.popitem(last=False)

    def ids_for(self, cloud_id: str, next_page_token: str | None) -> list[int] | None:
        """Return the ids for a search to see as they are: the same on every page, so that a token has its own.

        None stands for a token of which nothing can be known: its search may have been begun by a worker that does not
        tell this one.
        Source: OpenAPI file, reconcileIssues: "This list of ids should be consistent with each paginated request".
        """
        if next_page_token is None:
            return [written.id for written in self.issues(cloud_id)]
        with self._lock:
            ids = self._lists.get(next_page_token)
        if ids is not None or self._shared is None:
            return ids
        name = _page_name(next_page_token)
        try:
            stored = self._shared.read([name]).get(name)
        except PluginError:
            return None
        listed = [] if stored is None else stored.value.get("issues")
        return [issue_id for issue_id in listed if isinstance(issue_id, int)] if isinstance(listed, list) else []

    def keep_for(self, next_page_token: str | None, ids: Sequence[int]) -> None:
        """Remember with which ids a search goes on under a token."""
        if next_page_token is None:
            return
        with self._lock:
            self._lists[next_page_token] = list(ids)
            self._lists.move_to_end(next_page_token)
            while len(self._lists) > _MOST_TOKENS:
                self._lists.popitem(last=False)
        if self._shared is not None and ids:
            with suppress(PluginError):
                value = {"issues": list(ids)}
                self._shared.replace(_page_name(next_page_token), value, version=0, keep_seconds=_TOKEN_SECONDS)

    def _tell(self, shared: SharedState, cloud_id: str, written: Written) -> None:
        for _ in range(_SHARED_ATTEMPTS):
            told, version = _told(shared, cloud_id)
            value = {"issues": [list(one) for one in _newest([written, *told], self._clock())]}
            if shared.replace(_name(cloud_id), value, version=version, keep_seconds=RECENT_SECONDS):
                return


def _name(cloud_id: str) -> str:
    return f"recent/{cloud_id}"


def _page_name(next_page_token: str) -> str:
    """Return the name of a token's list; tokens are long, and nobody else's business."""
    return f"page/{sha256(next_page_token.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _told(shared: SharedState, cloud_id: str) -> tuple[list[Written], int]:
    """Return what workers have told each other, and its version."""
    stored = shared.read([_name(cloud_id)]).get(_name(cloud_id))
    if stored is None:
        return [], 0
    listed = stored.value.get("issues")
    entries = map(Written.from_json, listed if isinstance(listed, list) else [])
    return [entry for entry in entries if entry is not None], stored.version


def _newest(written: Iterable[Written], now: float) -> list[Written]:
    """Return each issue once, newest first, as many as a search can be asked for."""
    by_id: dict[int, Written] = {}
    for one in sorted(written, key=lambda one: one.at, reverse=True):
        if now - one.at <= RECENT_SECONDS:
            by_id.setdefault(one.id, one)
    return list(by_id.values())[:MOST_ISSUES]
