"""Windows that scripted 429s have closed, so that requests that come too early are seen. Answers nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.simulator.messages import Request, Response
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest

__all__ = ["Announcements"]

#: The one status that closes a window: `Retry-After` of a 503 asks to wait, but is no limit.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
_LIMITED = 429


@dataclass(frozen=True, slots=True)
class _Window:
    """What is closed: until when, by which refused request, and what its fault is about."""

    until: float
    reason: str
    refused: LoggedRequest
    is_about: Callable[[Request], bool]

    def covers(self, request: Request, entry: LoggedRequest) -> bool:
        """Return whether a request falls into the window, as far as the reason reaches.

        Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
        """
        if not self.is_about(request):
            return False
        if self.reason.startswith("jira-quota-"):
            return True
        if self.reason == "jira-per-issue-on-write":
            return request.method != "GET" and entry.path == self.refused.path
        return entry.operation == self.refused.operation


class Announcements:
    """The windows that are closed now; whoever calls holds a lock."""

    def __init__(self) -> None:
        self._windows: list[_Window] = []

    def clear(self) -> None:
        """Forget everything."""
        self._windows.clear()

    def note(self, response: Response, is_about: Callable[[Request], bool], refused: LoggedRequest, now: float) -> None:
        """Remember the window that a scripted answer closes, if it does."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        until = _opens_at(headers, now) if response.status == _LIMITED else None
        if until is not None:
            self._windows.append(_Window(until, headers.get("ratelimit-reason", ""), refused, is_about))

    def cover(self, request: Request, entry: LoggedRequest, now: float) -> bool:
        """Return whether a request comes before a window has opened."""
        if not self._windows:
            return False
        self._windows = [window for window in self._windows if now < window.until]
        return any(window.covers(request, entry) for window in self._windows)


def _opens_at(headers: dict[str, str], now: float) -> float | None:
    """Return when the window opens: `Retry-After` in seconds, else the moment of `X-RateLimit-Reset`."""
    seconds = headers.get("retry-after", "")
    if seconds.isascii() and seconds.isdigit():
        return now + int(seconds)
    try:
        reset = datetime.fromisoformat(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    return reset.timestamp() if reset.tzinfo else None
