"""One worker of the soak: a process with the reference host that reads an issue in a loop, in several threads.

It reports what it did to whoever started it and judges nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.credential_store import SqlCredentialStore, SqlTransaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection

    from vantage_jira_plugin.host.application import Link

#: The one credential that all workers share.
CREDENTIAL_ID = "soak"
#: What they read.
ISSUE_KEY = "DEV-1"
#: How often a worker says what it did, in seconds. A killed one takes its last, unsaid part with it.
REPORT_SECONDS = 0.5
#: Bounds of the factor by which a pause differs from the last one, so that threads do not march in step.
PAUSE_SPREAD = (0.5, 1.5)


@dataclass(frozen=True)
class Work:
    """What a worker does: `shared` tells whether its threads use one connection or one each."""

    environ: Mapping[str, str]
    threads: int
    pause_seconds: float
    shared: bool
    announces: bool


class _Tally:
    """What the threads of this worker did since the last report."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._answered = 0
        self._failed: Counter[str] = Counter()
        self._slowest_seconds = 0.0

    def add(self, failure: str | None, seconds: float) -> None:
        with self._lock:
            if failure is None:
                self._answered += 1
            else:
                self._failed[failure] += 1
            self._slowest_seconds = max(self._slowest_seconds, seconds)

    def take(self) -> dict[str, Any]:
        """Return `{answered, failed: {why: how often}, slowest_seconds}` and begin anew."""
        with self._lock:
            report = {"answered": self._answered, "failed": self._failed, "slowest_seconds": self._slowest_seconds}
            self._begin()
        return report


class _AnnouncingStore(SqlCredentialStore):
    """Says when it has got hold of the credential, so that somebody can take aim."""

    announce: Callable[[], None]

    @contextmanager
    def exclusive(self, credential_id: str, *, timeout_seconds: float) -> Iterator[SqlTransaction]:
        """Hold the record, and say so."""
        with super().exclusive(credential_id, timeout_seconds=timeout_seconds) as transaction:
            self.announce()
            yield transaction


def work(reports: Connection, what: Work) -> None:
    """Call until something comes back through `reports`; the main function of a worker's process."""
    sending = threading.Lock()

    def say(message: dict[str, Any]) -> None:
        with sending:
            reports.send(message)

    host = Host.open(what.environ)
    if what.announces:
        store = _AnnouncingStore(host.database, host.sealer)
        store.announce = lambda: say({"holds": True})
        host = replace(host, credentials=store)
    first = host.link(CREDENTIAL_ID)
    links = [first if what.shared or not number else host.link(CREDENTIAL_ID) for number in range(what.threads)]
    tally, ended = _Tally(), threading.Event()
    threads = [threading.Thread(target=_call, args=(link, what.pause_seconds, tally, ended)) for link in links]
    for thread in threads:
        thread.start()
    while not reports.poll(REPORT_SECONDS):
        say(tally.take())
    ended.set()
    for thread in threads:
        thread.join()
    say(tally.take())
    host.close()


def _call(link: Link, pause_seconds: float, tally: _Tally, ended: threading.Event) -> None:
    while not ended.wait(pause_seconds * random.uniform(*PAUSE_SPREAD)):  # noqa: S311 - spreads calls
        started = time.monotonic()
        envelope = link.execute("getIssue", {"issueKey": ISSUE_KEY}, {})
        seconds = time.monotonic() - started
        if "error" in envelope:
            error = envelope["error"]
            tally.add(f"{error['code']}: {error['message']}", seconds)
        else:
            tally.add(None if envelope["output1"]["data"] else "no row", seconds)
