"""The floor of a pull: the requests that it sent, sent again by threads that parse the answers and drop them.

It knows nothing of who sent them, and does not judge.
"""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.fresh import outcome_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.workplace import Access

__all__ = ["Asked", "Floor", "asked", "floor", "send", "session_of"]

#: A request that takes longer hangs.
_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class Asked:
    """A request as the log has it."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    body: str


@dataclass(frozen=True)
class Floor:
    """What it took; `bad` answers were not 200."""

    seconds: float
    bad: int


def asked(log: Sequence[Mapping[str, Any]]) -> list[Asked]:
    """Return the requests of a log, in the order in which they came."""
    return [Asked(entry["method"], entry["path"], entry["query"], entry["body"]) for entry in log]


def floor(access: Access, requests_: Sequence[Asked], in_flight: int) -> Floor:
    """Send the requests anew in their order, so many at a time, from a process of its own."""
    said: Floor = outcome_of(_work, access, requests_, in_flight)
    return said


def session_of(access: Access) -> requests.Session:
    """Return a session with the access token and an open connection."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {access.grant['access_token']}"
    session.get(f"{access.site_url}/rest/api/3/myself", timeout=_TIMEOUT_SECONDS).raise_for_status()
    return session


def send(session: requests.Session, access: Access, one: Asked) -> requests.Response:
    """Send one request."""
    headers = {"Content-Type": "application/json"} if one.body else {}
    return session.request(
        one.method,
        access.api_url + one.path,
        params=dict(one.query),
        data=one.body.encode() or None,
        headers=headers,
        timeout=_TIMEOUT_SECONDS,
    )


# ---- in a process of its own ----------------------------------------------------------------


def _work(pipe: Any, access: Access, requests_: Sequence[Asked], in_flight: int) -> None:
    own = threading.local()
    everybody = threading.Barrier(in_flight)

    def connect() -> None:
        own.session = session_of(access)

    def wait(_: int) -> None:
        everybody.wait(_TIMEOUT_SECONDS)  # each thread has to take one of these

    with ThreadPoolExecutor(in_flight, initializer=connect) as pool:
        list(pool.map(wait, range(in_flight)))
        started = time.monotonic()
        good = sum(pool.map(partial(_read, own, access), requests_))
        pipe.send(Floor(time.monotonic() - started, len(requests_) - good))


def _read(own: Any, access: Access, one: Asked) -> bool:
    """Read and parse an answer; tell whether it was good."""
    answer = send(own.session, access, one)
    json.loads(answer.content)
    return answer.status_code == HTTPStatus.OK
