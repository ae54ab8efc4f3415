from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_search_lags_behind(ask: Asking) -> None:
    """With a lagging index a new issue is found later, and an edit shows its former state until then."""
    ask.site.index_lag_seconds = 30
    created = ask.create(summary="Lagging")
    query = "summary ~ Lagging"
    assert ask("GET", f"/issue/{created['key']}").status == 200
    assert ask.keys(query) == []
    assert ask.keys(query, reconcileIssues=[int(created["id"])]) == [created["key"]]
    ask.clock.at += 30
    assert ask.keys(query) == [created["key"]]
    ask("PUT", f"/issue/{created['key']}", {"fields": {"summary": "Changed"}})
    assert ask.keys(query) == [created["key"]]
    page = ask("POST", "/search/jql", {"jql": query, "fields": ["summary"]})
    assert page.body["issues"][0]["fields"]["summary"] == "Lagging"
    ask.clock.at += 31
    assert ask.keys(query) == []


def test_deleted_issues_linger_in_the_index(ask: Asking) -> None:
    """Search still finds a deleted issue until its index catches up; reading it fails at once."""
    ask.site.index_lag_seconds = 30
    ask("DELETE", "/issue/DEV-23")
    assert ask("GET", "/issue/DEV-23").status == 404
    assert "DEV-23" in ask.keys("project = DEV")
    ask.clock.at += 31
    assert "DEV-23" not in ask.keys("project = DEV")


def test_archived_issues_linger_in_the_index(ask: Asking) -> None:
    """Search still finds an archived issue until its index catches up; reading it goes on, also in bulk."""
    ask.site.index_lag_seconds = 30
    ask.site.archive_issue(ask.site.find_issue("DEV-3"))
    assert {"DEV-3", "DEV-10", "DEV-11"} <= set(ask.keys("project = DEV"))
    ask.clock.at += 31
    assert not {"DEV-3", "DEV-10", "DEV-11"} & set(ask.keys("project = DEV"))
    assert ask("GET", "/issue/DEV-3").status == 200
    fetched = ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["DEV-3", "DEV-10"], "fields": ["key"]}).body
    assert [issue["key"] for issue in fetched["issues"]] == ["DEV-3", "DEV-10"]


def test_archived_issues_leave_later_pages(ask: Asking) -> None:
    """An issue archived between two pages is missing from the second."""
    body = {"jql": "project = DEV order by key", "fields": ["key"], "maxResults": 3}
    body["nextPageToken"] = ask("POST", "/search/jql", body).body["nextPageToken"]
    ask.site.archive_issue(ask.site.find_issue("DEV-5"))
    answer = ask("POST", "/search/jql", body).body
    assert [issue["key"] for issue in answer["issues"]] == ["DEV-4", "DEV-6"]


def test_a_changed_creation_is_found_where_it_is_now(ask: Asking) -> None:
    """Values that are written otherwise than by an edit are in the index as well."""
    issue = ask.site.find_issue("DEV-24")
    issue.write({**issue.values, "created": 5.0}, ask.clock.at)
    assert ask.keys("created < 10000") == ["DEV-24"]
    assert "DEV-24" not in ask.keys("created > -2d")
    ask.site.delete_issue(issue)
    assert ask.keys("created < 10000") == []
