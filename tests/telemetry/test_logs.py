"""Log records: their levels, fields and messages."""

from __future__ import annotations

import contextvars
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from vantage_jira_plugin.errors import NotFoundError, UnknownOutcomeError
from vantage_jira_plugin.telemetry import Telemetry

_GET = {"method": "GET", "template": "/rest/api/3/issue/{issueIdOrKey}"}
_USAGE = {"requests": 3, "points": 4, "retries": 1, "waitedSeconds": 2.5, "cacheHits": 0}


@pytest.fixture
def telemetry():
    """Telemetry without OpenTelemetry, whose watch moves half a second at each look."""
    moments = iter(number / 2 for number in range(100))
    return Telemetry(load_spans=lambda: None, monotonic=lambda: next(moments))


def test_an_attempt_is_logged_with_its_fields(telemetry, logged, caplog):
    """One DEBUG record for each attempt, with status, trace id, duration and the message for people."""
    with telemetry.request(*_GET.values(), host="api.atlassian.com", cloud_id="c1", attempt=1) as note:
        note.answered(200, {"Atl-Traceid": "abc", "Set-Cookie": "secret"})
    fields = {"status": 200, "attempt": 1, "duration_seconds": 0.5, "trace_id": "abc", "cloud_id": "c1"}
    assert logged() == [("DEBUG", {"event": "request", **_GET, **fields})]
    assert caplog.messages == ["GET /rest/api/3/issue/{issueIdOrKey} answered 200 after 0.500 s"]


def test_an_attempt_without_an_answer_is_logged_by_its_class(telemetry, logged, caplog):
    """An exception is named by its class; its words, which hold the address, are not repeated."""
    note = telemetry.request(*_GET.values(), host="h")
    note.answered(200, {})
    with pytest.raises(ConnectionError), note:
        raise ConnectionError("https://h/search?jql=secret")
    [(_, fields)] = logged()
    assert (fields["error"], fields["status"]) == ("ConnectionError", 200)
    assert "answered 200, then failed (ConnectionError)" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("why", "level"),
    [("pace", "DEBUG"), ("window", "INFO"), ("refused", "INFO"), ("failure", "INFO"), ("index", "INFO")],
)
def test_waits_are_logged(telemetry, logged, why, level):
    """A wait is INFO with its reason; waiting for one's turn is everyday, and DEBUG."""
    telemetry.waiting(1.23456, why, **_GET)
    assert logged() == [(level, {"event": "wait", **_GET, "wait_seconds": 1.235, "wait_reason": why})]


def test_a_refusal_is_a_warning(telemetry, logged, caplog):
    """A closed window is WARNING, with Jira's reason and trace id."""
    telemetry.refused({"X-Trace-Id": "t1"}, 5, reason="jira-burst-based", cloud_id="c1", **_GET)
    fields = {"reason": "jira-burst-based", "wait_seconds": 5, "trace_id": "t1", "cloud_id": "c1"}
    assert logged() == [("WARNING", {"event": "refusal", **_GET, **fields})]
    assert caplog.messages == [
        "Jira refused GET /rest/api/3/issue/{issueIdOrKey} (jira-burst-based): nothing is sent there for 5.000 s"
    ]


def test_a_refusal_without_reason_or_time_says_so(telemetry, logged, caplog):
    """What a refusal does not tell is left out of the fields, and said in the message."""
    telemetry.refused({}, None, reason=None, **_GET)
    assert logged() == [("WARNING", {"event": "refusal", **_GET})]
    assert "(no reason given): nothing is sent there for a while" in caplog.text


def test_texts_from_outside_cannot_forge_lines(telemetry, logged, caplog):
    """Reasons and ids are cut to one line of harmless characters."""
    with telemetry.action("getIssue", run_id="r1\n2026 forged\x1b[31m", node_id="n" * 500) as note:
        telemetry.refused({}, 1, reason="a\r\nforged", **_GET)
        note.used(_USAGE, site=None, cloud_id=None)
    refusal, action = (fields for _, fields in logged())
    assert refusal["reason"] == "a??forged"
    assert action["run_id"] == "r1?2026 forged??31m"
    assert action["node_id"] == "n" * 100
    assert all(len(message.splitlines()) == 1 for message in caplog.messages)


def test_an_action_that_worked(telemetry, logged, caplog):
    """One INFO record says what it used, where, and in which run."""
    with telemetry.action("getIssue", run_id="r1", node_id=7) as note:
        note.used(_USAGE, site="https://acme.atlassian.net", cloud_id="c1")
    where = {"site": "https://acme.atlassian.net", "cloud_id": "c1", "run_id": "r1", "node_id": "7"}
    used = {"requests": 3, "points": 4, "retries": 1, "waited_seconds": 2.5, "cache_hits": 0}
    assert logged() == [("INFO", {"event": "action", "action": "getIssue", "duration_seconds": 0.5, **where, **used})]
    assert caplog.messages == ["getIssue worked after 0.500 s"]
    assert caplog.records[0].name == "vantage_jira_plugin.actions"


def test_an_action_that_failed(telemetry, logged, caplog):
    """The code and the trace id are there; Jira's words are not."""
    error = NotFoundError("no issue SECRET-1", status=404, method="GET", path="/x", trace_id="t1")
    with telemetry.action("getIssue") as note:
        note.failed(error)
    [(level, fields)] = logged()
    assert (level, fields["code"], fields["trace_id"]) == ("INFO", "not_found", "t1")
    assert caplog.messages == ["getIssue failed (not_found) after 0.500 s"]


def test_an_unknown_outcome_is_an_error(telemetry, logged, caplog):
    """Somebody has to look: ERROR, with what to do."""
    with telemetry.action("createIssue") as note:
        note.failed(UnknownOutcomeError("lost"))
    [(level, fields)] = logged()
    assert (level, fields["code"]) == ("ERROR", "unknown_outcome")
    assert "look there before it is done again" in caplog.text


def test_an_action_that_broke_is_named_by_the_exceptions_class(telemetry, logged):
    """An unexpected exception passes through; its class is logged."""
    with pytest.raises(KeyError), telemetry.action("getIssue"):
        raise KeyError("secret")
    assert [fields["code"] for _, fields in logged()] == ["KeyError"]


def test_records_name_the_action_they_belong_to(telemetry, logged):
    """Requests, waits and renewals within an action carry its name and run; afterwards nothing does."""
    with telemetry.action("searchIssues", run_id="r1"):
        with telemetry.request(*_GET.values(), host="h"):
            pass
        telemetry.waiting(1, "window", **_GET)
        telemetry.renewed()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(contextvars.copy_context().run, telemetry.renewed).result()
    telemetry.renewed()
    names = [(fields["event"], fields.get("action"), fields.get("run_id")) for _, fields in logged()]
    within = ("searchIssues", "r1")
    assert names == [
        ("request", *within),
        ("wait", *within),
        ("renewal", *within),
        ("renewal", *within),
        ("action", *within),
        ("renewal", None, None),
    ]


def test_a_name_from_outside_is_no_action(telemetry, logged):
    """An action that does not exist is `_OTHER`, so that no caller can flood metrics."""
    with telemetry.action(None):
        pass
    assert [fields["action"] for _, fields in logged()] == ["_OTHER"]


def test_nothing_is_made_for_a_level_that_is_off(telemetry, caplog):
    """At WARNING only refusals and unknown outcomes are records."""
    caplog.set_level(logging.WARNING, "vantage_jira_plugin")
    with telemetry.action("getIssue"), telemetry.request(*_GET.values(), host="h"):
        telemetry.waiting(1, "window", **_GET)
        telemetry.renewed()
    telemetry.refused({}, 1, reason=None, **_GET)
    caplog.set_level(logging.ERROR, "vantage_jira_plugin")
    telemetry.refused({}, 1, reason=None, **_GET)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_nothing_is_printed_where_nobody_set_up_logging():
    """Python's handler of last resort, which prints warnings to stderr, is not reached."""
    for name in ("vantage_jira_plugin.actions", "vantage_jira_plugin.requests"):
        assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger(name).handlers)
