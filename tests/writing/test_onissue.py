from __future__ import annotations

import pytest

from vantage_jira_plugin.operations import LIST_COMMENTS
from vantage_jira_plugin.rehearsal import Estimate
from vantage_jira_plugin.writing.entry import Entry
from vantage_jira_plugin.writing.onissue import OnIssue, may_be_since, not_whole

#: 2026-11-24T12:00:00Z.
_NOW = 1_795_521_600.0
_ENTRY = Entry.reserved(owner="a", digest="d", place="DEV-1", now=_NOW)


@pytest.mark.parametrize(
    ("created", "may_be"),
    [
        ("2026-11-24T12:00:01.000+0000", True),
        ("2026-11-24T12:57:30.000+0100", False),
        ("2026-11-24T11:58:00.000+0000", True),
        ("2026-11-24T11:57:59.999+0000", False),
        (int((_NOW + 5) * 1000), True),
        (int((_NOW - 500) * 1000), False),
        (None, True),
        ("yesterday", True),
        ({}, True),
    ],
)
def test_only_a_readable_time_leaves_something_out(created, may_be):
    """Clocks may differ by two minutes; moments come as texts or numbers, in any zone."""
    assert may_be_since(_ENTRY, {"created": created}) is may_be


def test_the_issue_stands_for_what_is_on_it(connect):
    """Nothing costs anything before the write, and nothing is refused afterwards: the issue was looked at."""
    finder = OnIssue(connect(allowedProjects=["DEV"])._client(), "DEV-1", "k")
    assert (finder.here, finder.after(), finder.cost_of_after()) == ("DEV-1", None, Estimate())
    assert (finder.named({"key": "OPS-1"}), finder.only_allowed("OPS-1")) == ("DEV-1", None)
    assert (finder.described("DEV-2"), finder.described("OPS-1")) == ("issue DEV-2", None)
    assert finder.mark == "the property vantage.idempotencyKey = k"


def test_a_look_that_was_not_whole_says_where_to_look():
    """The place is told, and what to do there."""
    error = not_whole("the comments of DEV-1", LIST_COMMENTS, "Look there.")
    assert "the comments of DEV-1" in error.message
    assert (error.code, error.hint, error.path) == ("jira_unavailable", "Look there.", LIST_COMMENTS.template)
