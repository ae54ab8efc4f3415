"""Scripted misbehaviour: which fault meets a request and what it does to the answer. No sockets here."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import Request, Response
from vantage_jira_plugin.simulator.wire import body_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest

__all__ = ["KINDS", "Fault", "Faults", "Manner", "Reply"]

#: What a proxy puts in place of Jira's answer when it wants a login.
LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Log in to continue</title></head><body>Log in</body></html>\n"

#: Content type of an answer that is JSON text already.
JSON_HEADERS = {"Content-Type": "application/json;charset=UTF-8"}

#: Status of an "answer" fault that names none.
DEFAULT_STATUS = 503

#: Statuses of final answers. Source: https://www.rfc-editor.org/rfc/rfc9110#section-15
STATUSES = range(200, 600)

#: What the fields of a fault hold; a control request may hold anything.
FIELD_TYPES: Mapping[str, tuple[type, ...]] = {
    "method": (str, NoneType),
    "path": (str, NoneType),
    "times": (int, NoneType),
    "after": (int,),
    "status": (int, NoneType),
    "headers": (Mapping, NoneType),
    "delay_seconds": (int, float),
    "probability": (int, float, NoneType),
}

#: Seed of the dice, so that a run with `probability` can be repeated.
SEED = 20_261_124


class Manner(Enum):
    """How an answer leaves."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server shall do: send `response` in this manner, after this delay."""

    response: Response | None
    manner: Manner = Manner.WHOLE
    delay_seconds: float = 0.0


def _cut(response: Response) -> Response:
    text = body_bytes(response).decode()
    return replace(response, body=text[: len(text) // 2].encode(), headers={**JSON_HEADERS, **response.headers})


def _emptied(_response: Response) -> Response:
    return Response(200)


def _login_page(_response: Response) -> Response:
    return Response(200, LOGIN_PAGE.encode(), {"Content-Type": "text/html;charset=UTF-8"})


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of fault does: how often the request is acted on, what becomes of the answer."""

    acts: int
    change: Callable[[Response], Response] = replace
    manner: Manner = Manner.WHOLE


#: Every kind of fault.
KINDS: Mapping[str, Kind] = {
    # The scripted answer is given; nothing is done.
    "answer": Kind(0),
    # The connection is reset before anything is done.
    "reset": Kind(0, manner=Manner.RESET),
    # The request is acted on, then the connection is reset.
    "lost_answer": Kind(1, manner=Manner.RESET),
    # It is acted on twice, as when a proxy replays it; the second answer is given.
    "duplicate": Kind(2),
    # The answer comes late.
    "slow": Kind(1),
    # Full Content-Length, half the body, then the connection is closed.
    "truncate": Kind(1, manner=Manner.TRUNCATED),
    # The answer is well framed, but half its JSON text is missing.
    "cut_json": Kind(1, _cut),
    # 200 without a body.
    "empty": Kind(1, _emptied),
    # 200 with a login page.
    "html": Kind(1, _login_page),
}


@dataclass(frozen=True)
class Fault:
    """One scripted fault.

    Attributes:
        kind: one of `KINDS`.
        method: only requests with this method; None for all.
        path: regular expression, searched in the full path without the query; None for all.
        times: how many requests it meets; None for all.
        after: how many matching requests are let through first.
        status: status of "answer"; 503 where not given.
        headers: headers of "answer".
        body: body of "answer": JSON data, text or bytes.
        delay_seconds: real seconds to wait before answering.
        probability: chance to meet a matching request; None for certain.
    """

    kind: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    after: int = 0
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: Any = None
    delay_seconds: float = 0.0
    probability: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; known: {', '.join(KINDS)}")
        for name, types in FIELD_TYPES.items():
            value = getattr(self, name)
            if not isinstance(value, types) or isinstance(value, bool):
                raise TypeError(f"{name} has the wrong type")
        if self.status is not None and self.status not in STATUSES:
            raise ValueError(f"status is from {STATUSES.start} to {STATUSES.stop - 1}")
        if not all(isinstance(text, str) for pair in (self.headers or {}).items() for text in pair):
            raise ValueError("headers have names and values that are texts")
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}") from error

    def matches(self, request: Request) -> bool:
        """Return whether this request is one that the fault is about."""
        if self.method is not None and self.method.upper() != request.method:
            return False
        return self.path is None or re.search(self.path, request.path) is not None

    def answer(self) -> Response:
        """Return the scripted answer."""
        status = DEFAULT_STATUS if self.status is None else self.status
        body, headers = self.body, dict(self.headers or {})
        if isinstance(body, str):
            content_type = "text/html" if body.lstrip().startswith("<") else "text/plain"
            if "content-type" not in {name.lower() for name in headers}:
                headers["Content-Type"] = f"{content_type};charset=UTF-8"
            body = body.encode("utf-8", "replace")
        return Response(status, body, headers)

    def meet(self, act: Callable[[], Response]) -> Reply:
        """Return what becomes of a request; `act` does what it asks for."""
        kind = KINDS[self.kind]
        response = self.answer()
        for _ in range(kind.acts):
            response = act()
        if kind.manner is Manner.RESET:
            return Reply(None, kind.manner, self.delay_seconds)
        return Reply(kind.change(response), kind.manner, self.delay_seconds)


@dataclass(slots=True)
class _Scripted:
    fault: Fault
    passed: int = 0
    met: int = 0


class Faults:
    """The faults in force, in the order in which they were added; the first that fits is met."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._scripted: list[_Scripted] = []
        self._announced: list[tuple[Fault, float]] = []
        self._dice = random.Random(SEED)  # noqa: S311 - dice for tests, nothing secret

    def add(self, *faults: Fault) -> None:
        """Put faults in force."""
        with self._lock:
            self._scripted += [_Scripted(fault) for fault in faults]

    def clear(self) -> None:
        """Lift all faults and forget what they announced."""
        with self._lock:
            self._scripted.clear()
            self._announced.clear()
            self._dice = random.Random(SEED)  # noqa: S311 - dice for tests, nothing secret

    @property
    def pending(self) -> list[Fault]:
        """The faults that can still meet a request, oldest first."""
        with self._lock:
            return [entry.fault for entry in self._scripted if not _is_spent(entry)]

    def take(self, request: Request, entry: LoggedRequest) -> Fault | None:
        """Return the fault that meets this request; notes in its log entry if it came too early."""
        if not self._scripted:
            return None
        with self._lock:
            now = self._clock()
            if any(now < until and fault.matches(request) for fault, until in self._announced):
                entry.closed_window = True
            for scripted in self._scripted:
                if self._meets(scripted, request):
                    entry.fault = scripted.fault.kind
                    self._note_announcement(scripted.fault, now)
                    return scripted.fault
        return None

    def _meets(self, scripted: _Scripted, request: Request) -> bool:
        fault = scripted.fault
        if _is_spent(scripted) or not fault.matches(request):
            return False
        if scripted.passed < fault.after:
            scripted.passed += 1
            return False
        if fault.probability is not None and self._dice.random() >= fault.probability:
            return False
        scripted.met += 1
        return True

    def _note_announcement(self, fault: Fault, now: float) -> None:
        if fault.kind != "answer":
            return
        for name, value in (fault.headers or {}).items():
            if name.lower() == "retry-after" and value.isdigit():
                self._announced.append((fault, now + int(value)))


def _is_spent(scripted: _Scripted) -> bool:
    return scripted.fault.times is not None and scripted.met >= scripted.fault.times
