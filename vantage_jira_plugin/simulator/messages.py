"""What travels inside the simulator: a request, an answer, a refusal. No sockets, no Jira state."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .packing import Packing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Caller", "JiraRefusal", "JsonText", "Request", "Response"]


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as it came in; header names in lower case, path percent-encoded as sent."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON data; raises ValueError where it is none, or holds half a character."""
        data = json.loads(self.body)
        if b"\\" in self.body or not self.body.isascii():
            # Half a surrogate pair is read, from an escape or from bytes, but is no text that could be answered.
            json.dumps(data, ensure_ascii=False).encode()
        return data

    def value(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default


@dataclass(frozen=True, slots=True)
class JsonText:
    """JSON that is written already, in UTF-8: a list of things, what is before them and what comes after them."""

    before: bytes
    things: Sequence[bytes]
    after: bytes
    packing: Packing = field(default_factory=Packing)

    @property
    def text(self) -> bytes:
        """The whole text."""
        return self._beginning() + self.after

    @property
    def gzip(self) -> bytes:
        """The whole text, compressed."""
        return self.packing.gzip(self._beginning, self.after)

    def __len__(self) -> int:
        commas = max(0, len(self.things) - 1)
        return len(self.before) + sum(map(len, self.things)) + commas + len(self.after)

    def _beginning(self) -> bytes:
        return self.before + b",".join(self.things)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer; `body` is JSON data, or its text, bytes as they are, or None for an empty body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls through the gateway, and what the token allows."""

    account_id: str
    client_id: str
    scopes: frozenset[str] = frozenset()


class JiraRefusal(Exception):  # noqa: N818 - an answer that travels as an exception, not a fault
    """An answer in Jira's ErrorCollection shape."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.messages = list(messages)
        self.errors = dict(errors or {})

    def response(self) -> Response:
        """Return the refusal as Jira writes it."""
        return Response(self.status, {"errorMessages": self.messages, "errors": self.errors})
