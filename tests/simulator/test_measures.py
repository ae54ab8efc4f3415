from __future__ import annotations

import math

from tests.simulator.asking import document, new_asking
from vantage_jira_plugin.simulator.measures import stored_issues, summary
from vantage_jira_plugin.simulator.messages import Request
from vantage_jira_plugin.simulator.requestlog import RequestLog


def log():
    """Return a log of five requests: three reads (one refused, one early), a lost write, one unknown."""
    requests = RequestLog()
    for at, operation, status, closed, fault in (
        (10.0, "GET /issue/{key}", 200, False, None),
        (11.0, "GET /issue/{key}", 429, False, None),
        (12.0, "GET /issue/{key}", 429, True, None),
        (13.0, "POST /issue", None, False, "lost_answer"),
        (14.0, "GET (unknown)", 404, False, None),
    ):
        entry = requests.begin(Request("GET", "/x"), received_at=at, host="api", operation=operation)
        entry.status, entry.closed_window, entry.fault = status, closed, fault
    return requests.entries()


def test_requests_are_counted_by_operation():
    """Each operation has its counts, and so has the whole."""
    told = summary(log(), since=-math.inf)
    assert (told["requests"], told["refused"], told["closed_window"], told["faults"]) == (5, 2, 1, 1)
    assert (told["first_at"], told["last_at"]) == (10.0, 14.0)
    assert told["by_operation"]["GET /issue/{key}"] == {
        "requests": 3,
        "refused": 2,
        "closed_window": 1,
        "faults": 0,
        "first_at": 10.0,
        "last_at": 12.0,
        "by_status": {"200": 1, "429": 2},
    }
    assert told["by_operation"]["POST /issue"]["by_status"] == {"none": 1}
    assert list(told["by_operation"]) == ["GET (unknown)", "GET /issue/{key}", "POST /issue"]


def test_counting_can_begin_later():
    """What came before `since` is left out; nothing at all is counted as nothing."""
    assert summary(log(), since=13.0)["requests"] == 2
    nothing = summary(log(), since=15.0)
    assert (nothing["requests"], nothing["first_at"], nothing["by_operation"]) == (0, None, {})


def test_stored_issues_are_seen_at_once():
    """Neither a lagging index nor permissions hide what is stored, properties and comments included."""
    ask = new_asking()
    ask.site.index_lag_seconds = 600
    ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "OPS")
    body = {
        "fields": {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "New"},
        "properties": [{"key": "vantage.idempotencyKey", "value": {"key": "k1"}}],
    }
    created = ask("POST", "/issue", body).body
    ask("POST", f"/issue/{created['key']}/comment", {"body": document("Hello")})
    assert stored_issues(ask.site, ask.site.project("DEV"))[-1] == {
        "id": created["id"],
        "key": created["key"],
        "summary": "New",
        "properties": {"vantage.idempotencyKey": {"key": "k1"}},
        "comments": 1,
        "worklogs": 0,
        "attachments": 0,
    }
    keys = {issue["key"].partition("-")[0] for issue in stored_issues(ask.site, None)}
    assert keys == {"DEV", "OPS", "HR"}


def test_deleted_issues_are_not_stored():
    """A deleted issue is gone, though the index may still show it."""
    ask = new_asking()
    ask.site.index_lag_seconds = 600
    ask("DELETE", "/issue/DEV-23")
    assert "DEV-23" not in {issue["key"] for issue in stored_issues(ask.site, None)}
