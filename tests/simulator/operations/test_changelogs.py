from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _all(ask: Asking, **body: Any) -> list[list[tuple[str, str]]]:
    """Return the ids of issue and change, page by page."""
    pages = []
    while True:
        answer = ask("POST", "/changelog/bulkfetch", body)
        assert answer.status == 200, answer.body
        logs = answer.body["issueChangeLogs"]
        pages.append([(log["issueId"], change["id"]) for log in logs for change in log["changeHistories"]])
        if "nextPageToken" not in answer.body:
            assert set(answer.body) == {"issueChangeLogs"}
            return pages
        body["nextPageToken"] = answer.body["nextPageToken"]


def test_changes_come_as_each_issue_shows_them(ask: Asking) -> None:
    """The history of an issue is the one of its own changelog, found by id or key, in any case, once."""
    answer = ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["dev-3", "DEV-3", "DEV-7"]}).body
    by_issue = {log["issueId"]: log["changeHistories"] for log in answer["issueChangeLogs"]}
    for key in ("DEV-3", "DEV-7"):
        own = ask("GET", f"/issue/{key}/changelog").body["values"]
        assert own
        assert by_issue.pop(ask("GET", f"/issue/{key}", fields="summary").body["id"]) == own
    assert by_issue == {}


def test_pages_count_changes_over_all_issues(ask: Asking) -> None:
    """Oldest first over all issues; an issue goes on on the next page; nothing is lost or comes twice."""
    keys = [f"DEV-{number}" for number in range(1, 25)]
    (whole,) = _all(ask, issueIdsOrKeys=keys)
    pages = _all(ask, issueIdsOrKeys=keys, maxResults=4)
    assert [len(page) for page in pages[:-1]] == [4] * (len(pages) - 1)
    assert sorted(pair for page in pages for pair in page) == sorted(whole)
    times = {change.id: change.created_at for issue in ask.site.issues.values() for change in issue.changes}
    last = [max(times[int(change)] for _issue, change in page) for page in pages]
    first = [min(times[int(change)] for _issue, change in page) for page in pages]
    assert all(before <= after for before, after in zip(last, first[1:], strict=False))
    assert any({issue for issue, _ in page} & {issue for issue, _ in after} for page, after in zip(pages, pages[1:]))  # noqa: B905, RUF007


def test_a_full_page_may_be_the_last(ask: Asking) -> None:
    """No token comes where nothing is left, however full the page."""
    count = len(ask("GET", "/issue/DEV-3/changelog").body["values"])
    body = {"issueIdsOrKeys": ["DEV-3"], "maxResults": count}
    assert "nextPageToken" not in ask("POST", "/changelog/bulkfetch", body).body
    assert "nextPageToken" in ask("POST", "/changelog/bulkfetch", {**body, "maxResults": count - 1}).body


def test_only_certain_fields(ask: Asking) -> None:
    """Changes without the wanted fields are left out, and of the others only the wanted items come."""
    ask("PUT", "/issue/DEV-3", {"fields": {"summary": "Other", "priority": {"name": "Low"}}})
    ask("PUT", "/issue/DEV-3", {"fields": {"labels": ["x"]}})
    answer = ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["DEV-3"], "fieldIds": ["summary", "labels"]}).body
    (log,) = answer["issueChangeLogs"]
    assert [[item["fieldId"] for item in change["items"]] for change in log["changeHistories"]] == [
        ["summary"],
        ["labels"],
    ]


def test_what_is_not_seen_is_left_out(ask: Asking) -> None:
    """Missing issues, unseen ones and such without changes have no entry."""
    answer = ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["HR-1", "NOPE-1", "DEV-5", "DEV-999"]})
    assert (answer.status, answer.body) == (200, {"issueChangeLogs": []})


def test_tokens_belong_to_their_question(ask: Asking) -> None:
    """A token of other issues, fields or callers, or none at all, is refused."""
    body = {"issueIdsOrKeys": ["DEV-3"], "maxResults": 1}
    token = ask("POST", "/changelog/bulkfetch", body).body["nextPageToken"]
    assert ask("POST", "/changelog/bulkfetch", {**body, "nextPageToken": token}).status == 200
    for wrong in ({"issueIdsOrKeys": ["DEV-4"]}, {"fieldIds": ["status"]}, {"nextPageToken": "garbage"}):
        assert ask("POST", "/changelog/bulkfetch", {**body, "nextPageToken": token, **wrong}).status == 400
    ask.account_id = ask.person("Jun")
    assert ask("POST", "/changelog/bulkfetch", {**body, "nextPageToken": token}).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": 1},
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": [str(number) for number in range(1_001)]},
        {"issueIdsOrKeys": [10_000]},
        {"issueIdsOrKeys": "DEV-1"},
        {"fieldIds": [f"customfield_{number}" for number in range(11)]},
        {"fieldIds": ["status", "status"]},
        {"maxResults": 0},
        {"maxResults": 10_001},
        {"maxResults": "5"},
        {"maxResults": True},
        {"nextPageToken": 5},
    ],
)
def test_bodies_are_read_strictly(ask: Asking, wrong: dict[str, Any]) -> None:
    """Unknown members, wrong types and numbers out of their range are refused."""
    assert ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["DEV-1"], **wrong}).status == 400
