from __future__ import annotations

import pytest

from vantage_jira_plugin.simulator.announcements import Announcements
from vantage_jira_plugin.simulator.messages import Request, Response
from vantage_jira_plugin.simulator.requestlog import RequestLog

NOW = 1_795_521_600.0  # 2026-11-24T12:00:00Z


def met(method, path, template):
    """Return a request and its log entry."""
    request = Request(method, path)
    return request, RequestLog().begin(request, received_at=NOW, host="api", operation=f"{method} {template}")


def announced(headers, status=429):
    """Return what is announced after GET /issue/A-1 was refused with these headers."""
    announcements = Announcements()
    refused = met("GET", "/issue/A-1", "/issue/{key}")[1]
    announcements.note(Response(status, None, headers), lambda _request: True, refused, NOW)
    return announcements


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "5"}, 5),
        (429, {"retry-after": "5", "X-RateLimit-Reset": "2026-11-24T13:00:00Z"}, 5),
        (429, {"X-RateLimit-Reset": "2026-11-24T12:01Z"}, 60),
        (429, {"X-RateLimit-Reset": "2026-11-24T12:01"}, 0),
        (429, {"X-RateLimit-Reset": "soon"}, 0),
        (429, {"Retry-After": "Tue, 24 Nov 2026 12:00:05 GMT"}, 0),
        (429, {}, 0),
        (503, {"Retry-After": "5"}, 0),
    ],
)
def test_only_a_429_that_says_until_when_closes_a_window(status, headers, seconds):
    """Whole seconds, else the moment of the reset; a 503 asks to wait but closes nothing."""
    announcements, request = announced(headers, status), met("GET", "/issue/A-1", "/issue/{key}")
    assert announcements.cover(*request, NOW + seconds - 0.01) is (seconds > 0)
    assert announcements.cover(*request, NOW + seconds) is False


@pytest.mark.parametrize(
    ("reason", "covered"),
    [
        ("", {"GET A-1", "GET A-2"}),
        ("jira-burst-based", {"GET A-1", "GET A-2"}),
        ("jira-cost-based", {"GET A-1", "GET A-2"}),
        ("jira-per-issue-on-write", {"PUT A-1"}),
        ("jira-quota-tenant-based", {"GET A-1", "GET A-2", "PUT A-1", "GET myself"}),
    ],
)
def test_windows_reach_as_far_as_their_reason(reason, covered):
    """A burst closes the endpoint and method, writes on an issue that issue, a quota all that the fault is about."""
    announcements = announced({"Retry-After": "5", "RateLimit-Reason": reason})
    requests = {
        "GET A-1": met("GET", "/issue/A-1", "/issue/{key}"),
        "GET A-2": met("GET", "/issue/A-2", "/issue/{key}"),
        "PUT A-1": met("PUT", "/issue/A-1", "/issue/{key}"),
        "GET myself": met("GET", "/myself", "/myself"),
    }
    assert {name for name, request in requests.items() if announcements.cover(*request, NOW + 1)} == covered


def test_nothing_is_announced_after_clear():
    """What was announced can be forgotten."""
    announcements = announced({"Retry-After": "5"})
    announcements.clear()
    assert announcements.cover(*met("GET", "/issue/A-1", "/issue/{key}"), NOW) is False
