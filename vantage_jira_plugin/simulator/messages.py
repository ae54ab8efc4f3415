"""What travels inside the simulator: a request, an answer, a refusal. No sockets, no Jira state."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Caller", "JiraRefusal", "Request", "Response"]


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
class Response:
    """An HTTP answer; `body` is JSON data, bytes as they are, or None for an empty body."""

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
