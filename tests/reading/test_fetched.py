"""Issues by their ids: asked for twice where Jira cannot answer, and no further than limits and time reach."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vantage_jira_plugin.errors import JiraUnavailableError, NetworkError, RateLimitedError
from vantage_jira_plugin.reading.fetched import ended_by, fetched_issues

_LIMITED = RateLimitedError("Jira lets nobody read", status=429, method="GET", path="/x")
_DOWN = JiraUnavailableError("down", status=503, method="GET", path="/x")


class _Jira:
    """A client whose bulk fetches answer, or fail, as they are told to, one after the other."""

    def __init__(self, *answers, over=None):
        self.settings = SimpleNamespace(max_in_flight=1)
        self.warnings = []
        self.asked = []
        self._answers = list(answers)
        self._over = over

    def why_stop(self):
        return self._over

    def call(self, operation, *, body):
        self.asked.append([int(issue_id) for issue_id in body["issueIdsOrKeys"]])
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            self._over = "timeout" if isinstance(answer, NetworkError) else self._over
            raise answer
        there, failed = answer
        return {
            "issues": [{"id": str(issue_id)} for issue_id in there],
            "issueErrors": [{"id": str(issue_id), "errorMessage": "not now"} for issue_id in failed],
        }


def _fetched(jira, ids, size):
    found = fetched_issues(jira, ids, ["updated"], size)
    return [int(issue["id"]) for issue in found.issues], found.failed, found.stopped


def test_what_is_gone_is_left_out():
    """Issues that Jira does not answer are in no list; so many are asked for at once."""
    jira = _Jira(([1, 2], []), ([3], []))
    assert _fetched(jira, [1, 2, 3, 4], 2) == ([1, 2, 3], set(), None)
    assert jira.asked == [[1, 2], [3, 4]]


@pytest.mark.parametrize(("again", "failed"), [(([2], []), set()), (([], [2]), {2})], ids=["answered", "failed"])
def test_what_jira_could_not_answer_is_asked_for_twice(again, failed):
    """In a smaller piece, since the answer may have been too large; then it counts as failed."""
    jira = _Jira(([1], [2]), again)
    assert _fetched(jira, [1, 2], 10) == ([1, *again[0]], failed, None)
    assert jira.asked == [[1, 2], [2]]


def test_an_error_that_names_nobody_is_everybodys():
    """Nobody knows then which issue is meant."""
    jira = _Jira(([], [99]), ([1, 2], []))
    assert _fetched(jira, [1, 2], 20) == ([1, 2], set(), None)


@pytest.mark.parametrize(
    ("error", "reason", "warnings"),
    [(_LIMITED, "rate_limited", [str(_LIMITED)]), (NetworkError("no answer in time"), "timeout", [])],
    ids=["limit", "time"],
)
def test_a_limit_and_the_callers_time_stop_it(error, reason, warnings):
    """Why not all were asked for is told, with a warning of the limit."""
    jira = _Jira(error)
    assert _fetched(jira, [1], 1) == ([], set(), reason)
    assert jira.warnings == warnings


def test_other_failures_are_failures():
    """They are no reason of a table."""
    with pytest.raises(JiraUnavailableError):
        _fetched(_Jira(_DOWN), [1], 1)
    assert ended_by(_Jira(), _DOWN) is None
