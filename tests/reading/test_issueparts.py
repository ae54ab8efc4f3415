from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given

from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.issueparts import COMMENTS, WORKLOGS, Holder, holder, whole_parts


def _issue(page):
    return {"id": "10001", "key": "DEV-1", "fields": {"comment": page}}


@pytest.mark.parametrize(
    ("page", "parts"),
    [
        ({"comments": [], "total": 0}, []),
        ({"comments": [{"id": "1"}], "total": 1}, [{"id": "1"}]),
        ({"comments": [{"id": "1"}], "total": 2}, None),
        ({"comments": [], "total": 1}, None),
        ({"comments": [{"id": "1"}]}, None),
        ({"total": 0}, None),
        (None, None),
    ],
)
def test_an_issue_that_may_hold_less_than_all_is_asked(page, parts):
    """Only a list that is as long as it says is whole; silence is no empty list."""
    found = holder(_issue(page), COMMENTS)
    assert (found.issue_id, found.issue_key, found.parts) == ("10001", "DEV-1", parts)


class _Jira:
    """An issue with so many comments; `after` is told the number of each page, and may delete some."""

    settings = SimpleNamespace(max_in_flight=1)

    def __init__(self, count, after=lambda page, ids: None, *, deaf=False):
        self.ids = list(range(count))
        self.pages = 0
        self._after = after
        self._deaf = deaf

    def why_stop(self):
        return None

    @contextmanager
    def rows_reserved(self, wanted):
        yield wanted

    def call(self, _operation, _path, *, query):
        start = 0 if self._deaf else query["startAt"]
        page = [{"id": str(number)} for number in self.ids[start : start + query["maxResults"]]]
        answer = {"comments": page, "total": len(self.ids)}
        self.pages += 1
        self._after(self.pages, self.ids)
        return answer


def _all(jira):
    [(_, parts, reason)] = whole_parts(jira, [Holder("10001", "DEV-1", None)], COMMENTS)
    return {int(part["id"]) for part in parts}, reason


@pytest.mark.parametrize("page", [1, 2])
def test_what_is_deleted_meanwhile_hides_nothing_else(page):
    """Old comments that go move the others forward; whatever stays is read."""

    def delete(number, ids):
        if number == page:
            del ids[10:15]

    jira = _Jira(250, delete)
    read, reason = _all(jira)
    assert reason is None
    assert set(jira.ids) <= read


def test_a_server_that_always_begins_anew_is_not_believed():
    """As many as there are came, but the same ones again."""
    read, reason = _all(_Jira(250, deaf=True))
    assert (len(read), reason) == (100, "page_repeated")


@given(json_values("comment", "worklog", "comments", "worklogs"))
def test_any_issue_is_a_holder(value):
    """Whatever Jira answers, parts are objects or not known."""
    for kind in (COMMENTS, WORKLOGS):
        parts = holder({"fields": value}, kind).parts
        assert parts is None or all(isinstance(part, dict) for part in parts)
