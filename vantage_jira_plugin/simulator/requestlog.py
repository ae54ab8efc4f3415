"""What came in over the wire and how it was answered, for tests to read. Decides nothing."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.messages import Request

__all__ = ["LoggedRequest", "RequestLog"]

#: Requests kept; the oldest go first. A soak run must not fill the memory.
KEPT_REQUESTS = 200_000

#: What comes before Jira's own path on the gateway.
GATEWAY_PREFIX = re.compile(r"^/ex/jira/[^/]+(?=/|$)")


@dataclass(slots=True)
class LoggedRequest:
    """One request; `status` stays None where no answer was given (yet).

    Attributes:
        host: which of the two hosts got it, "auth" or "api".
        operation: method and template of the operation (`GET /rest/api/3/issue/{issueIdOrKey}`), or method
            and path where it is none of a site's; `GET (unknown)` for all that nobody knows.
        received_at: simulator time, epoch seconds.
        account_id: whose token came with it, where the token is good.
        closed_window: True where it came before an announced Retry-After had passed; a request of another
            thread that was under way already counts, too.
        fault: kind of the scripted fault that met it, or None.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes
    received_at: float
    host: str = "api"
    operation: str = ""
    status: int | None = None
    account_id: str | None = None
    closed_window: bool = False
    fault: str | None = None
    site_path: str = field(init=False)

    def __post_init__(self) -> None:
        self.site_path = GATEWAY_PREFIX.sub("", self.path)

    def is_below(self, path: str) -> bool:
        """Return whether the path below `/ex/jira/{cloudId}` is `path` or continues it after a slash."""
        path = path.rstrip("/")
        return self.site_path == path or self.site_path.startswith(f"{path}/")


class RequestLog:
    """All requests since the start or the last reset, in the order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[LoggedRequest] = deque(maxlen=KEPT_REQUESTS)

    def begin(self, request: Request, *, received_at: float, host: str, operation: str) -> LoggedRequest:
        """Write down a request that has just come in; the caller fills in how it ended."""
        entry = LoggedRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=request.body,
            received_at=received_at,
            host=host,
            operation=operation,
        )
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[LoggedRequest]:
        """Return what is logged now, oldest first."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
