from __future__ import annotations

from contextlib import contextmanager

import pytest

from tests.reading.fakejira import MINUTE, FakeJira, Made
from vantage_jira_plugin.errors import JiraInvalidError, NetworkError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.reading.query import Query
from vantage_jira_plugin.reading.questions import Questions
from vantage_jira_plugin.reading.slices import Slice

_QUERY = Query("type = Bug", "ORDER BY created DESC", ("summary", "created"))


def _jira(*minutes):
    """Return a Jira with issues that were created in these minutes, numbered from 1."""
    return FakeJira([Made(number, (MINUTE + minute) * 60_000) for number, minute in enumerate(minutes, 1)])


def test_a_slice_is_counted_without_its_order():
    """One request, whose points are the least."""
    jira = _jira(1, 2, 2, 3)
    assert Questions(jira, _QUERY).count(Slice(MINUTE + 2, MINUTE + 3)) == 2
    low, high = (MINUTE + 2) * 60_000, (MINUTE + 3) * 60_000
    assert jira.requests(COUNT_ISSUES) == [{"jql": f"(type = Bug) AND created >= {low} AND created < {high}"}]


@pytest.mark.parametrize(("newest", "end"), [(True, (MINUTE + 9, "2")), (False, (MINUTE + 1, "3"))])
def test_the_end_of_a_search_is_one_issue(newest, end):
    """Whatever the order of the query is: the first in one direction of `created`."""
    jira = _jira(5, 9, 1)
    assert Questions(jira, _QUERY).end(newest=newest) == end
    (body,) = jira.requests(SEARCH_ISSUES)
    assert (body["fields"], body["maxResults"]) == (["created"], 1)


def test_a_search_that_finds_nothing_has_no_end():
    """That is told, and is no failure."""
    assert Questions(_jira(), _QUERY).end(newest=True) == (None, "")


def test_issues_are_looked_at_by_their_ids():
    """Ids that name none, or one that may not be seen, are left out."""
    jira = _jira(5, 9, 1)
    assert sorted(Questions(jira, _QUERY).created(["1", "3", "77"])) == [(1, MINUTE + 5), (3, MINUTE + 1)]
    assert jira.requests(BULK_FETCH_ISSUES) == [{"issueIdsOrKeys": ["1", "3", "77"], "fields": ["created"]}]


def test_what_is_no_issue_shows_nothing():
    """An answer may hold what has no number, or no time."""
    jira = _jira()
    times = {"fields": {"created": "2026-01-31T09:30:00.000+0000"}}
    jira.call = lambda *_, body: {"issues": [None, {"id": "7"}, {"id": "x", **times}, {"id": "8", **times}]}
    assert Questions(jira, _QUERY).created(["7", "8"]) == [(8, MINUTE)]


def test_issues_are_not_looked_at_where_points_are_few():
    """A pull goes on without; the request is not sent."""
    jira = _jira(5, 9, 1)

    @contextmanager
    def few(wanted):
        yield wanted - 1

    jira.rows_reserved = few
    assert Questions(jira, _QUERY).created(["1", "2"]) == []
    assert jira.asked == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [(JiraInvalidError("no", status=400, method="POST", path="/"), False), (NetworkError("the network is gone"), True)],
)
def test_a_refusal_to_show_issues_is_no_failure(error, raised):
    """Where Jira answers at all; a network that is gone is one."""
    jira = _jira(5)

    def fail(_):
        raise error

    jira.before = fail
    questions = Questions(jira, _QUERY)
    if raised:
        with pytest.raises(NetworkError):
            questions.created(["1"])
    else:
        assert questions.created(["1"]) == []
