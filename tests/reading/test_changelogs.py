"""Changelogs of many issues: chunks side by side, pages by token, and nothing lost without a word."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.errors import JiraUnavailableError
from vantage_jira_plugin.reading.changelogs import read_changelogs


def _history(number):
    return {"id": str(number), "created": "2026-01-05T09:00:00.000+0000", "items": [{"field": "status"}]}


class _Jira:
    """A Jira whose issues have changes: pages by token, over all issues of a call, oldest first."""

    def __init__(self, changes, page_size=1000):
        self.changes = changes
        self.page_size = page_size
        self.asked = []
        self.settings = SimpleNamespace(max_in_flight=3)

    @contextmanager
    def rows_reserved(self, wanted):
        yield wanted

    def call(self, operation, *, body):
        self.asked.append(body)
        every = sorted(
            (number, issue_id) for issue_id in body["issueIdsOrKeys"] for number in self.changes.get(issue_id, ())
        )
        start = int(body.get("nextPageToken", 0))
        end = start + min(self.page_size, body["maxResults"])
        logs: dict[str, list] = {}
        for number, issue_id in every[start:end]:
            logs.setdefault(issue_id, []).append(_history(number))
        more = {"nextPageToken": str(end)} if end < len(every) else {}
        return {"issueChangeLogs": [{"issueId": key, "changeHistories": found} for key, found in logs.items()], **more}


class _Scripted(_Jira):
    """Answers whatever it is told to, again and again."""

    def __init__(self, *answers):
        super().__init__({})
        self.answers = answers

    def call(self, operation, *, body):
        self.asked.append(body)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def _ids(read):
    return [(one.issue_id, [int(history["id"]) for history in one.histories]) for one in read]


@given(
    st.dictionaries(st.integers(1, 60).map(str), st.sets(st.integers(1, 10**6), max_size=6), max_size=40),
    st.integers(1, 9),
)
def test_every_issue_has_all_its_changes(changes, page_size):
    """However pages cut through issues, each has its own changes, oldest first, in the order of the ids."""
    jira = _Jira(changes, page_size)
    assert _ids(read_changelogs(jira, changes)) == [(key, sorted(numbers)) for key, numbers in changes.items()]


def test_a_thousand_issues_a_call():
    """2,500 issues are three calls of at most a thousand, in their order; an id that comes twice is read once."""
    ids = [str(number) for number in range(2500)]
    jira = _Jira({"7": [1], "2400": [2]})
    read = _ids(read_changelogs(jira, [*ids, "7"]))
    assert [issue_id for issue_id, _ in read] == ids
    assert [entry for entry in read if entry[1]] == [("7", [1]), ("2400", [2])]
    assert sorted(len(body["issueIdsOrKeys"]) for body in jira.asked) == [500, 1000, 1000]


def test_no_issues_are_no_calls():
    """Nothing is asked about nothing, which Jira would refuse."""
    jira = _Jira({})
    assert list(read_changelogs(jira, [])) == []
    assert jira.asked == []


@pytest.mark.parametrize(("given", "sent"), [((), {}), (("status",), {"fieldIds": ["status"]})])
def test_fields_restrict_what_is_read(given, sent):
    """Named fields go out with every page; without them, changes of all fields are read."""
    jira = _Jira({"1": [1, 2, 3]}, page_size=1)
    list(read_changelogs(jira, ["1"], given))
    assert [{key: body[key] for key in body if key == "fieldIds"} for body in jira.asked] == [sent] * 3


def test_a_history_that_comes_twice_counts_once():
    """A page that begins with what ended the one before."""
    log = [{"issueId": "1", "changeHistories": [_history(1), _history(2)]}]
    again = [{"issueId": "1", "changeHistories": [_history(2), _history(3)]}]
    jira = _Scripted({"issueChangeLogs": log, "nextPageToken": "t"}, {"issueChangeLogs": again, "nextPageToken": None})
    assert _ids(read_changelogs(jira, ["1"])) == [("1", [1, 2, 3])]


_SOME = [{"issueId": "1", "changeHistories": [_history(1)]}]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"issueChangeLogs": _SOME, "nextPageToken": "t"}, "a page token that came before"),
        ({"issueChangeLogs": _SOME, "nextPageToken": 7}, "a page token that is no text"),
        ({"issueChangeLogs": [{"issueId": "2", "changeHistories": []}]}, "an issue that was not asked for"),
        ({"issueChangeLogs": ["x"]}, "an issue that was not asked for"),
    ],
    ids=["repeated token", "no token", "foreign issue", "no log"],
)
def test_answers_that_lead_nowhere_are_failures(answer, said):
    """A table that would lack changes is none; the failure says what was wrong."""
    with pytest.raises(JiraUnavailableError, match=said):
        list(read_changelogs(_Scripted(answer), ["1"]))


def test_empty_pages_without_end_are_a_failure():
    """New tokens, and never a change, come to an end."""

    class _Endless(_Jira):
        def call(self, operation, *, body):
            self.asked.append(body)
            return {"issueChangeLogs": [], "nextPageToken": f"t{len(self.asked)}"}

    jira = _Endless({})
    with pytest.raises(JiraUnavailableError, match="10 empty pages"):
        list(read_changelogs(jira, ["1"]))
    assert len(jira.asked) == 10


@pytest.mark.parametrize(("page_size", "one_page"), [(2, True), (1, False)])
def test_a_list_of_several_pages_says_so(page_size, one_page):
    """Of an issue that went between pages, changes may lack."""
    assert [one.one_page for one in read_changelogs(_Jira({"1": [1], "2": [2]}, page_size), ["1", "2"])] == [
        one_page
    ] * 2
