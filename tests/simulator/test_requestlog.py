from __future__ import annotations

import pytest

from vantage_jira_plugin.simulator.messages import Request
from vantage_jira_plugin.simulator.requestlog import RequestLog


def entry_for(path):
    """Return the log entry of a request to a path."""
    return RequestLog().begin(Request("GET", path), received_at=0.0, host="api", operation="")


@pytest.mark.parametrize(
    ("path", "is_below"),
    [
        ("/ex/jira/c1/rest/api/3/issue", True),
        ("/ex/jira/c1/rest/api/3/issue/OPS-1", True),
        ("/ex/jira/c1/rest/api/3/issuetype", False),
        ("/ex/jira/c1/rest/api/3", False),
        ("/rest/api/3/issue", True),
    ],
)
def test_is_below_knows_the_segments_of_a_path(path, is_below):
    """A path is below another where it is the same or continues it after a slash."""
    assert entry_for(path).is_below("/rest/api/3/issue") is is_below


def test_log_keeps_the_order_and_forgets_on_clear():
    """Entries come back oldest first; a list that was taken does not change with the log."""
    log = RequestLog()
    for path in ("/a", "/b"):
        log.begin(Request("GET", path), received_at=1.0, host="auth", operation="")
    taken = log.entries()
    log.clear()
    assert [entry.path for entry in taken] == ["/a", "/b"]
    assert log.entries() == []


def test_entry_of_an_unanswered_request_has_no_status():
    """Until an answer is given, status is None."""
    assert entry_for("/a").status is None
