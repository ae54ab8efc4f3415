"""Scripted misbehaviour: which fault meets a request and what it does to the answer. No sockets here."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.announcements import Announcements
from vantage_jira_plugin.simulator.faultkinds import KINDS, Manner, Reply
from vantage_jira_plugin.simulator.given import is_amount
from vantage_jira_plugin.simulator.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest

__all__ = ["Fault", "Faults"]

#: Status of a scripted answer that names none.
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

#: What their values must be beside, as a test and in words.
FIELD_RANGES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "times": (is_amount, "not below 0"),
    "after": (is_amount, "not below 0"),
    "status": (STATUSES.__contains__, f"from {STATUSES.start} to {STATUSES.stop - 1}"),
    "delay_seconds": (is_amount, "not below 0"),
    "probability": (lambda value: 0 <= value <= 1, "from 0 to 1"),
}

#: Seed of the dice, so that a run with `probability` can be repeated.
SEED = 20_261_124


@dataclass(frozen=True)
class Fault:
    """One scripted fault.

    Attributes:
        kind: one of `KINDS`.
        method: only requests with this method; None for all.
        path: regular expression, searched in the full path without the query; None for all.
        times: how many requests it meets; None for all.
        after: how many matching requests are let through first.
        status: status of the scripted answer; 503 where not given.
        headers: its headers; a 429 with `Retry-After` or `X-RateLimit-Reset` announces a closed window.
        body: its body: JSON data, text or bytes.
        delay_seconds: real seconds to wait before answering.
        probability: chance to meet a matching request, from 0 to 1; None for certain. Give `times=None`
            with it, else the first request that it meets is the last.
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
        for name, wanted in FIELD_RANGES.items():
            value = getattr(self, name)
            if value is not None and not wanted[0](value):
                raise ValueError(f"{name} is {wanted[1]}")
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
            acted = act()
            response = response if kind.scripted else acted
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
        self._announced = Announcements()
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
            if self._announced.cover(request, entry, now):
                entry.closed_window = True
            for scripted in self._scripted:
                if self._meets(scripted, request):
                    entry.fault = scripted.fault.kind
                    if KINDS[scripted.fault.kind].scripted:
                        self._announced.note(scripted.fault.answer(), scripted.fault.matches, entry, now)
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


def _is_spent(scripted: _Scripted) -> bool:
    return scripted.fault.times is not None and scripted.met >= scripted.fault.times
