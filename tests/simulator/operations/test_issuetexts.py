from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.asking import Asking, document, new_asking
from vantage_jira_plugin.simulator.catalogue import Status
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.operations.issuetexts import issue_list
from vantage_jira_plugin.simulator.operations.selection import issue_json, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.simulator.operations.selection import Selection

_SELECTIONS: list[dict[str, Any]] = [
    {"wanted": ["*all"]},
    {"wanted": ["*navigable"]},
    {"wanted": ["id"]},
    {"wanted": ["key"]},
    {"wanted": ["summary", "parent", "customfield_10020"]},
    {"wanted": ["-description"]},
    {"wanted": ["*all"], "expand": ["names", "schema"]},
    {"wanted": ["*all"], "expand": ["changelog", "transitions", "renderedFields"]},
    {"wanted": ["summary"], "properties": ["a"]},
]


@pytest.fixture
def ask() -> Asking:
    """The seeded site, with issues that have all there is."""
    ask = new_asking()
    many_issues(ask.site, 60)
    many_issues(ask.site, 10, project_key="OPS")
    ask("PUT", "/issue/DEV-3/properties/a", {"b": "ä\u2028"})
    ask("POST", "/issue/DEV-3/worklog", {"started": "2026-11-24T10:00:00.000+0000", "timeSpent": "1h"})
    ask.attach("DEV-4", ("file", "a.txt", b"a"))
    ask.create(summary='Quotes " and \\ and ä \U0001f600', description=document("x\ty"), labels=["ü"])
    return ask


def _select(ask: Asking, given: dict[str, Any]) -> Selection:
    return select(ask.site, given["wanted"], default="id", excluding_from="*navigable", **{
        name: value for name, value in given.items() if name != "wanted"
    })  # fmt: skip


def _read(ask: Asking, selection: Selection) -> list[Any]:
    listed = [(issue, issue.values) for issue in ask.site.issues.values()]
    return list(json.loads(issue_list(ask.site, listed, selection, after=b"]}").text)["issues"])


def _expected(ask: Asking, selection: Selection) -> list[Any]:
    return [issue_json(ask.site, issue, issue.values, selection) for issue in ask.site.issues.values()]


@pytest.mark.parametrize("given", _SELECTIONS)
def test_texts_say_what_the_data_says(ask: Asking, given: dict[str, Any]) -> None:
    """Whatever is selected, the text is that of the issue's JSON, in the same order, written anew or kept."""
    selection = _select(ask, given)
    for _ in range(2):
        read, expected = _read(ask, selection), _expected(ask, selection)
        assert read == expected
        assert [json.dumps(issue) for issue in read] == [json.dumps(issue) for issue in expected]


def _rename_status(ask: Asking) -> None:
    ask.site.statuses["10000"] = Status("10000", "Open", "new")


_CHANGES: dict[str, Callable[[Asking], object]] = {
    "a field": lambda ask: ask("PUT", "/issue/DEV-3", {"fields": {"summary": "Changed"}}),
    "a comment": lambda ask: ask("POST", "/issue/DEV-3/comment", {"body": document("New")}),
    "another comment's text": lambda ask: ask(
        "PUT", f"/issue/DEV-1/comment/{_comment_id(ask)}", {"body": document("Other")}
    ),
    "a comment less": lambda ask: ask("DELETE", f"/issue/DEV-1/comment/{_comment_id(ask)}"),
    "a worklog": lambda ask: ask.site.add_worklog(
        ask.site.find_issue("DEV-2"), ask.account_id, started_at=ask.clock.at, spent_seconds=60
    ),
    "a file": lambda ask: ask.attach("DEV-3", ("file", "b.txt", b"b")),
    "the parent's summary": lambda ask: ask("PUT", "/issue/DEV-1", {"fields": {"summary": "Changed"}}),
    "the sub-task's status": lambda ask: ask("POST", "/issue/DEV-10/transitions", {"transition": {"id": "11"}}),
    "the linked issue": lambda ask: ask("PUT", "/issue/DEV-4", {"fields": {"summary": "Changed"}}),
    "a linked issue less": lambda ask: ask("DELETE", "/issue/DEV-4"),
    "the project": lambda ask: ask.site.move_issue(ask.site.find_issue("DEV-2"), "OPS", ask.account_id),
    "the name of a status": _rename_status,
    "a new field": lambda ask: ask.site.add_field("Colour", "text"),
    "the length of lists": lambda ask: setattr(ask.site, "embedded_comments", 0),
}


def _comment_id(ask: Asking) -> str:
    comments = ask("GET", "/issue/DEV-1/comment").body["comments"]
    if comments:
        return str(comments[0]["id"])
    return str(ask("POST", "/issue/DEV-1/comment", {"body": document("First")}).body["id"])


@pytest.mark.parametrize("change", _CHANGES)
def test_a_change_shows_at_once(ask: Asking, change: str) -> None:
    """Whatever changes, no text is kept that shows it as it was, though no time has passed."""
    _comment_id(ask)
    before = _read(ask, _select(ask, {"wanted": ["*all"]}))
    _CHANGES[change](ask)
    selection = _select(ask, {"wanted": ["*all"]})
    after = _read(ask, selection)
    assert after == _expected(ask, selection) != before


def test_what_is_the_same_is_not_written_again(ask: Asking) -> None:
    """The bytes of unchanged issues are the very same ones, and so is what they are compressed with."""
    selection = _select(ask, {"wanted": ["*all"]})
    listed = [(issue, issue.values) for issue in ask.site.issues.values()]
    first, again = (issue_list(ask.site, listed, selection, after=b"]}") for _ in range(2))
    assert all(one is other for one, other in zip(first.things, again.things, strict=True))
    assert first.packing is again.packing


def test_a_former_state_is_shown_as_it_was(ask: Asking) -> None:
    """Values that a lagging index still has are shown, and the latest ones are when they are wanted again."""
    issue, selection = ask.site.find_issue("DEV-2"), _select(ask, {"wanted": ["summary"]})
    former = issue.values
    ask("PUT", f"/issue/{issue.key}", {"fields": {"summary": "Changed"}})
    for values in (issue.values, former, issue.values):
        text = issue_list(ask.site, [(issue, values)], selection, after=b"]}").text
        assert json.loads(text)["issues"][0]["fields"] == {"summary": values["summary"]}
