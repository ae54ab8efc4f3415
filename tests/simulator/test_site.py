from __future__ import annotations

import time

import pytest

from tests.simulator.asking import NOON, Asking, Clock, new_asking
from vantage_jira_plugin.simulator.seed import demo_sites, second_site
from vantage_jira_plugin.simulator.stories import STORIES


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_the_seed_is_the_same_every_time() -> None:
    """Two sites seeded at the same time are equal, and their keys are those of the stories."""
    first, second = (demo_sites(Clock())[0] for _ in range(2))
    assert first.cloud_id == second.cloud_id
    assert [issue.key for issue in first.issues.values()] == [story.key for story in STORIES]
    assert [dict(issue.values) for issue in first.issues.values()] == [
        dict(issue.values) for issue in second.issues.values()
    ]


def test_seeding_is_quick() -> None:
    """A reset may seed anew: it takes milliseconds."""
    best = min(_seconds_of_seeding() for _ in range(5))
    assert best < 0.05


def _seconds_of_seeding() -> float:
    begun = time.perf_counter()
    demo_sites(Clock())
    return time.perf_counter() - begun


def test_nothing_in_the_seed_happens_in_the_future(ask: Asking) -> None:
    """Issues, changes and comments lie before now."""
    for issue in ask.site.issues.values():
        moments = [issue.values["created"], issue.values["updated"]]
        moments += [change.created_at for change in issue.changes]
        moments += [comment.created_at for comment in issue.comments]
        assert max(moments) <= NOON


def test_a_second_site_is_another() -> None:
    """The sites differ in id and address and share nothing."""
    first, second = demo_sites(Clock())[0], second_site(Clock())
    assert (first.cloud_id, first.url) != (second.cloud_id, second.url)
    assert second.find_issue("LAB-1") is not None
    assert first.find_issue("LAB-1") is None


def test_issues_are_found_by_any_name(ask: Asking) -> None:
    """Ids, keys in any case and former keys find an issue."""
    issue = ask.site.find_issue("DEV-3")
    assert issue is not None
    assert ask.site.find_issue("dev-3") is ask.site.find_issue(str(issue.id)) is issue
    ask.site.move_issue(issue, "OPS", ask.account_id)
    assert issue.key == "OPS-11"
    assert ask.site.find_issue("DEV-3") is issue
    assert ask("GET", "/issue/DEV-3").body["key"] == "OPS-11"


def test_permissions_hide_and_come_back(ask: Asking) -> None:
    """What may not be browsed is not there; allowing it brings it back."""
    assert ask("GET", "/issue/HR-1").status == 404
    ask.site.allow(ask.account_id, "BROWSE_PROJECTS", "HR")
    assert ask("GET", "/issue/HR-1").status == 200
    ask.site.deny(ask.account_id, "BROWSE_PROJECTS", "DEV")
    assert ask("GET", "/issue/DEV-1").status == 404
    assert ask.keys("project in (OPS, HR) and key = HR-1") == ["HR-1"]


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


def test_a_changed_status_moves_its_category_date(ask: Asking) -> None:
    """Only a change of category moves `statuscategorychangedate`."""
    before = ask("GET", "/issue/DEV-4").body["fields"]["statuscategorychangedate"]
    ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "31"}})
    assert ask("GET", "/issue/DEV-4").body["fields"]["statuscategorychangedate"] == before
    ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "41"}})
    assert ask("GET", "/issue/DEV-4").body["fields"]["statuscategorychangedate"] != before


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
