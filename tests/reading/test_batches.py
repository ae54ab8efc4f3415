from __future__ import annotations

import pytest

from vantage_jira_plugin.errors import CancelledError, JiraUnavailableError, RateLimitedError
from vantage_jira_plugin.reading import batches
from vantage_jira_plugin.reading.pull import Pulled


class _Jira:
    """A client that only takes note of progress."""

    def __init__(self, over=None):
        self.done = []
        self.warnings = []
        self._over = over

    def why_stop(self):
        return self._over

    def progress(self, done, total, message):
        self.done.append(done)


@pytest.fixture
def site(monkeypatch):
    """Return a function that puts a search in place that answers so, and the wishes that it was asked."""

    def answering(*answers):
        asked = []
        left = list(answers)

        def pull(jira, jql, fields, *, max_rows, make, next_page_token=None):
            asked.append((max_rows, next_page_token))
            numbers, reason, token = left.pop(0)
            return Pulled([make({"id": str(number)}) for number in numbers], reason, token)

        monkeypatch.setattr(batches, "pull", pull)
        return asked

    return answering


def _gather(max_rows, missing=None, each=1, over=None):
    read = []

    def rows_of(made):
        for number in made:
            read.append(number)
            yield [{"of": number}] * each, missing

    found = batches.gather(
        _Jira(over), "project = A", ["x"], max_rows=max_rows, make=lambda issue: issue["id"], rows_of=rows_of
    )
    return [row["of"] for row in found.rows], found.incomplete_reason, read


def test_a_small_result_is_one_batch(site):
    """What ends by itself is whole."""
    asked = site(([1, 2], None, None))
    assert _gather(10)[:2] == (["1", "2"], None)
    assert asked == [(100, None)]


def test_issues_are_read_on_until_there_are_enough_rows(site):
    """The next batch begins where the last one ended, and is larger; an issue that comes again is one."""
    asked = site(([1, 2], "maxRows", "t1"), ([2, 3], "maxRows", "t2"), ([4], None, None))
    assert _gather(200)[:2] == (["1", "2", "3", "4"], None)
    assert asked == [(200, None), (400, "t1"), (800, "t2")]


def test_a_search_that_cannot_go_on_is_read_as_a_whole(site):
    """What was read comes again, and counts once."""
    asked = site(([1, 2], "maxRows", None), ([1, 2, 3], None, None))
    assert _gather(200)[:2] == (["1", "2", "3"], None)
    assert asked == [(200, None), (batches.MOST_ISSUES, None)]


def test_enough_is_enough(site):
    """Neither further issues nor further parts are read once there is a row too many."""
    site(([1, 2, 3, 4], "maxRows", "t1"))
    assert _gather(2) == (["1", "2"], "maxRows", ["1", "2", "3"])
    site(([1, 2], None, None))
    assert _gather(3, each=2)[:2] == (["1", "1", "2"], "maxRows")


def test_the_first_reason_is_told(site):
    """Why issues are missing, or parts of one, makes the table incomplete; reading does not go on behind a trouble."""
    asked = site(([1], "timeout", "t1"))
    assert _gather(10)[:2] == (["1"], "timeout")
    assert len(asked) == 1
    site(([1], None, None))
    assert _gather(10, missing="issue_not_found")[:2] == (["1"], "issue_not_found")


@pytest.mark.parametrize("over", ["timeout", "points"])
def test_no_batch_is_begun_when_time_or_points_are_over(site, over):
    """What was read until then is told, with the reason, instead of failing at a request that may not be sent."""
    asked = site(([1, 2], "maxRows", "t1"))
    assert _gather(200, over=over)[:2] == (["1", "2"], over)
    assert len(asked) == 1


_DOWN = JiraUnavailableError("down", status=503, method="GET", path="/x")
_LIMITED = RateLimitedError("Jira lets nobody read", status=429, method="GET", path="/x")


@pytest.mark.parametrize(
    ("error", "over", "reason"),
    [(_LIMITED, None, "rate_limited"), (CancelledError("too late"), "timeout", "timeout")],
    ids=["limit", "time"],
)
def test_rows_before_a_limit_are_kept(site, error, over, reason):
    """Where time or Jira's limits end the reads for a batch, the table says so and has what was read before."""
    site(([1, 2, 3], None, None))
    jira = _Jira(over)

    def rows_of(made):
        yield [{"of": made[0]}], None
        raise error

    found = batches.gather(jira, "project = A", ["x"], max_rows=10, make=lambda issue: issue["id"], rows_of=rows_of)
    assert (found.rows, found.incomplete_reason) == ([{"of": "1"}], reason)
    assert jira.warnings == ([str(error)] if error is _LIMITED else [])


@pytest.mark.parametrize(
    ("before", "error", "over"),
    [
        (0, _LIMITED, None),
        (0, CancelledError("too late"), "timeout"),
        (1, _DOWN, None),
    ],
    ids=["limit without rows", "no time for any row", "another failure"],
)
def test_other_failures_are_none_of_a_table(site, before, error, over):
    """A failure never looks like a short or an empty table."""
    site(([1], None, None))

    def rows_of(made):
        yield [{"of": made[0]}] * before, None
        raise error

    with pytest.raises(type(error)):
        batches.gather(_Jira(over), "project = A", ["x"], max_rows=10, make=lambda issue: issue["id"], rows_of=rows_of)
