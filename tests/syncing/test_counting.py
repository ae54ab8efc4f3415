"""Counts of ids against the simulator: what is gone, and when that is believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.syncing.following import as_copied, searches
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.syncing.counting import Counting

_DAY = 86_400
#: A query that names no project, so that Jira takes it whatever may be seen.
_RICH = "created > -3650d"
_ONLY_OPEN = "project = DEV AND priority != Lowest"


def _counts(sim):
    """Return the searches that list nothing but keys, in order of them."""
    return [body for body in searches(sim) if body["fields"] == ["key"] and "ORDER BY key" in body["jql"]]


def _archived(sim, *issues):
    """Let the next bulk fetch answer these issues, and say of those that are archived that they are.

    Source: recorded answers of Jira Data Center (`archiveddate`, `archivedby`); of Cloud none is recorded.
    """
    shown = [
        {
            "id": str(issue.id),
            "key": issue.key,
            "fields": {"updated": "2026-01-31T09:30:00.000+0100"}
            | ({"archiveddate": "2026-02-01T00:00:00.000+0100"} if issue.archived_at else {}),
        }
        for issue in issues
    ]
    body = {"issues": shown, "issueErrors": []}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=200, body=body))


def test_what_is_gone_is_told_apart(follow, site, sim):
    """Deleted, moved away, archived, out of the query: each is told as what it is, with its last or its new key."""
    follower = follow(_ONLY_OPEN)
    follower.call()
    site.delete_issue(site.find_issue("DEV-6"))
    others = [site.find_issue(key) for key in ("DEV-7", "DEV-8", "DEV-9")]
    site.move_issue(others[0], "OPS", site.default_account_id)
    site.archive_issue(others[1])
    site.change_issue(others[2], {"priority": "5"}, site.default_account_id)
    _archived(sim, *others)
    rows = {row["previousKey"] or row["key"]: row for row in follower.call(census=True)}
    assert {key: (row["change"], row["key"]) for key, row in rows.items()} == {
        "DEV-6": ("deleted", "DEV-6"),
        "DEV-7": ("moved", "OPS-11"),
        "DEV-8": ("archived", "DEV-8"),
        "DEV-9": ("left", "DEV-9"),
    }
    assert all(row["inQuery"] is False and row["summary"] is None for row in rows.values())
    assert rows["DEV-8"]["changedAt"] == "2026-01-31T23:00:00.000Z"
    assert rows["DEV-9"]["changedAt"] == "2026-01-31T08:30:00.000Z"
    assert rows["DEV-6"]["changedAt"] is not None
    assert [key for key, row in sorted(rows.items()) if row["url"]] == ["DEV-7", "DEV-9"]
    assert follower.metadata["complete"] is True
    assert follower.call(census=True) == []


def test_a_project_that_is_not_to_be_seen_is_lost(follow, site):
    """Issues of a project that the account may not browse any more are `lost`; when it may, they are created again."""
    follower = follow(_RICH)
    follower.call()
    known = len(follower.copy)
    site.deny(site.default_account_id, "BROWSE_PROJECTS", "OPS")
    follower.call(census=True)
    assert {(change, key.partition("-")[0]) for change, key in follower.changes} == {("lost", "OPS")}
    assert len(follower.rows) == 10
    site.allow(site.default_account_id, "BROWSE_PROJECTS", "OPS")
    follower.call(census=True)
    assert {(change, key.partition("-")[0]) for change, key in follower.changes} == {("created", "OPS")}
    assert len(follower.copy) == known


def test_issues_of_an_archived_project_are_archived(follow, site, sim):
    """Where the project says that it is archived, its issues are, though none of them is answered."""
    follower = follow()
    follower.call()
    site.delete_issue(site.find_issue("DEV-6"))
    page = {"values": [{"id": "10000", "key": "DEV", "archived": True}], "isLast": True}
    sim.faults.add(Fault("answer", path="/project/search", status=200, body=page))
    follower.call(census=True)
    assert follower.changes == [("archived", "DEV-6")]


def test_a_site_without_any_project_to_be_seen(follow, site, sim):
    """Jira answers 404 where no project matches: then they are lost."""
    follower = follow()
    follower.call()
    site.delete_issue(site.find_issue("DEV-6"))
    refusal = {"errorMessages": ["No projects were found."], "errors": {}}
    # Twice: a 404 may also come of an old token, so that it is asked again with a new one.
    sim.faults.add(Fault("answer", path="/project/search", times=2, status=404, body=refusal))
    follower.call(census=True)
    assert follower.changes == [("lost", "DEV-6")]


def test_a_restored_issue_is_created_again(follow, site):
    """What was told as archived or as moved away is told as created when the query finds it again."""
    follower = follow()
    follower.call()
    site.archive_issue(site.find_issue("DEV-8"))
    site.move_issue(site.find_issue("DEV-7"), "OPS", site.default_account_id)
    follower.call(census=True)
    site.restore_issue(site.find_issue("DEV-8"))
    site.move_issue(site.find_issue("OPS-11"), "DEV", site.default_account_id)
    follower.call(census=True)
    assert sorted(follower.changes) == [("created", "DEV-25"), ("created", "DEV-8")]
    assert follower.seen() == as_copied(site, (one for one in site.issues.values() if one.key.startswith("DEV-")))


def test_a_late_index_is_no_deletion(follow, site, sim):
    """An issue that search lost sight of for a while, and that still matches, is left alone."""
    follower = follow()
    follower.call()
    keys = sorted(row["key"] for row in follower.copy.values())
    found = [{"id": issue_id, "key": row["key"]} for issue_id, row in follower.copy.items() if row["key"] != keys[3]]
    sim.faults.add(Fault("answer", path="/search/jql", after=1, status=200, body={"issues": found, "isLast": True}))
    assert follower.call(census=True) == []
    assert follower.metadata["complete"] is True
    assert len(follower.copy) == 24


def test_an_issue_that_the_changes_did_not_show_is_found(follow, site, sim):
    """An issue that came into the query with an old `updated`, as one that may be seen now, is found by a count."""
    follower = follow(censusEvery="daily")
    follower.call()
    values = {"issuetype": "10003", "summary": "Hidden till now"}
    site.create_issue(site.project("DEV"), values, site.default_account_id, at=sim.clock() - 6 * 3600)
    assert follower.call() == []
    sim.clock.advance(_DAY)
    assert [(row["change"], row["summary"]) for row in follower.call()] == [("created", "Hidden till now")]
    assert follower.call(census=True) == []


@pytest.mark.parametrize(
    ("every", "days", "counted"),
    [("never", 30, 0), ("daily", 0.9, 0), ("daily", 1, 1), ("weekly", 6.9, 0), ("weekly", 7, 1), ("always", 0, 1)],
)
def test_ids_are_counted_when_that_is_due(follow, sim, every, days, counted):
    """A count comes at the interval that is wanted, and starts the interval anew."""
    follower = follow(censusEvery=every)
    follower.call()
    sim.clock.advance(days * _DAY)
    sim.clear_requests()
    follower.call()
    assert len(_counts(sim)) == counted
    follower.call()
    assert len(_counts(sim)) == counted * (2 if every == "always" else 1)


def test_a_page_of_a_count_holds_nothing_but_keys(follow, sim):
    """A count asks for keys alone, 5,000 to a page."""
    follower = follow()
    follower.call()
    sim.clear_requests()
    follower.call(census=True)
    (body,) = _counts(sim)
    assert (body["fields"], body["maxResults"]) == (["key"], 5000)


def test_half_of_all_is_not_believed(follow, site, sim):
    """More than half gone at once is not told, but warned of, until the caller confirms it."""
    follower = follow()
    follower.call()
    for number in range(1, 15):
        site.archive_issue(site.find_issue(f"DEV-{number}"))
    gone = {"issues": []}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=200, body={**gone, "issueErrors": []}))
    assert follower.call(census=True) == []
    assert follower.metadata["incompleteReason"] == "deletions_unconfirmed"
    assert "14 of 24 issues" in follower.metadata["warnings"][0]
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=200, body={**gone, "issueErrors": []}))
    follower.call(census=True, confirmDeletions=True)
    assert {change for change, _ in follower.changes} == {"deleted"}
    assert len(follower.rows) == 14


def test_unconfirmed_deletions_are_warned_of_until_another_count(follow, site, sim, edit):
    """Calls that count nothing are complete, and warn; a count that finds the issues again settles it."""
    follower = follow(censusEvery="daily")
    follower.call()
    issues = [site.find_issue(f"DEV-{number}") for number in range(1, 15)]
    for issue in issues:
        site.archive_issue(issue)
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=200, body={"issues": [], "issueErrors": []}))
    follower.call(census=True)
    edit("DEV-20", "Another")
    for changes in ([("updated", "DEV-20")], []):
        follower.call()
        assert follower.changes == changes
        assert follower.metadata["complete"] is True
        (warning,) = follower.metadata["warnings"]
        assert "neither confirmed nor refuted" in warning
    for issue in issues:
        site.restore_issue(issue)
    sim.clock.advance(_DAY)
    follower.call()
    assert (follower.metadata["complete"], follower.metadata["warnings"]) == (True, [])
    assert len(follower.copy) == 24
    follower.call()
    assert follower.metadata["complete"] is True


@pytest.mark.parametrize("inputs", [{}, {"census": True}, {"censusEvery": "always"}], ids=["due", "asked", "always"])
def test_a_caller_that_calls_until_all_is_complete_ends(follow, site, sim, inputs):
    """What is not confirmed makes one table of a day incomplete, however often ids are counted; others warn of it."""
    follower = follow(**inputs)
    follower.all()
    for number in range(1, 15):
        site.archive_issue(site.find_issue(f"DEV-{number}"))
    sim.faults.add(
        Fault("answer", path="/issue/bulkfetch", times=1000, status=200, body={"issues": [], "issueErrors": []})
    )
    for _ in range(2):
        sim.clock.advance(_DAY)
        follower.call()
        assert follower.metadata["incompleteReason"] == "deletions_unconfirmed"
        for _ in range(3):
            assert follower.all() == []
            (warning,) = follower.metadata["warnings"]
            assert "14 of 24 issues" in warning or "more than half" in warning
    follower.call(census=True, confirmDeletions=True)
    assert [change for change, _ in follower.changes] == ["deleted"] * 14
    assert (follower.metadata["complete"], follower.metadata["warnings"]) == (True, [])


def test_a_doubt_that_one_call_counts_twice_is_told(follow, site, sim, monkeypatch):
    """What an earlier call had counted is counted again, and the table is incomplete where both leave a doubt."""
    follower = follow(censusEvery="always")
    follower.all()
    for number in range(1, 15):
        site.archive_issue(site.find_issue(f"DEV-{number}"))
    with monkeypatch.context() as patched:
        patched.setattr(Counting, "_gone", lambda *_, **__: ([], "points"))
        follower.call()
    assert follower.metadata["incompleteReason"] == "points"
    sim.faults.add(
        Fault("answer", path="/issue/bulkfetch", times=1000, status=200, body={"issues": [], "issueErrors": []})
    )
    follower.call()
    assert follower.metadata["incompleteReason"] == "deletions_unconfirmed"


def test_confirmed_deletions_are_settled(follow, site, sim):
    """Once they were told, later calls are whole."""
    follower = follow()
    follower.call()
    for number in range(1, 15):
        site.archive_issue(site.find_issue(f"DEV-{number}"))
    sim.faults.add(
        Fault("answer", path="/issue/bulkfetch", times=2, status=200, body={"issues": [], "issueErrors": []})
    )
    follower.call(census=True)
    follower.call(census=True, confirmDeletions=True)
    assert follower.metadata["complete"] is True
    assert follower.call() == []
    assert follower.metadata["complete"] is True


def test_what_jira_answers_is_believed_however_much(follow, site, sim):
    """All issues archived at once are told as such: Jira says so of each."""
    follower = follow()
    follower.call()
    issues = [site.find_issue(f"DEV-{number}") for number in range(1, 25)]
    for issue in issues:
        site.archive_issue(issue)
    _archived(sim, *issues)
    follower.call(census=True)
    assert [change for change, _ in follower.changes] == ["archived"] * 24
    assert follower.copy == {}


def test_a_count_tells_no_more_rows_than_wanted(follow, site):
    """What is gone, and what came, is told over several calls of few rows, each once."""
    follower = follow(maxRows=4)
    follower.all()
    for number in range(1, 10):
        issue = site.find_issue(f"DEV-{number}")
        if issue is not None:  # not gone together with its parent
            site.delete_issue(issue)
    left = {issue.key for issue in site.issues.values() if issue.key.startswith("DEV-")}
    rows = follower.all(census=True)
    rows += follower.all()
    assert all(row["change"] == "deleted" for row in rows)
    assert len({row["id"] for row in rows}) == len(rows) == 24 - len(left)
    assert {row["key"] for row in follower.copy.values()} == left


def test_no_project_is_told_that_is_not_allowed(follow, site):
    """Where an issue moved to a project that the settings leave out, its new key is not told."""
    follower = follow(settings={"allowedProjects": ["DEV"]})
    follower.call()
    site.move_issue(site.find_issue("DEV-7"), "OPS", site.default_account_id)
    (row,) = follower.call(census=True)
    assert (row["change"], row["key"], row["previousKey"], row["url"]) == ("moved", "DEV-7", None, None)


def test_what_a_count_finds_tells_of_no_other_project(follow, site, sim):
    """The parent of an issue that came is told by key and id alone where its project is not allowed."""
    follower = follow(settings={"allowedProjects": ["DEV"]}, fields="summary,parent")
    follower.call()
    values = {"issuetype": "10003", "summary": "Found by a count"}
    issue = site.create_issue(site.project("DEV"), values, site.default_account_id, at=sim.clock() - 6 * 3600)
    issue.values["parent"] = site.find_issue("OPS-1").id
    (row,) = follower.call(census=True)
    assert (row["key"], row["parent"], row["parentSummary"]) == (issue.key, "OPS-1", None)


def test_other_allowed_projects_have_ids_counted(follow, site):
    """Once the settings allow another project, its issues come, though none of them changed."""
    jql = "project in (DEV, OPS)"
    narrow = follow(jql, settings={"allowedProjects": ["DEV"]})
    narrow.call()
    assert {row["key"].partition("-")[0] for row in narrow.rows} == {"DEV"}
    wide = follow(jql)
    wide.state = narrow.state
    wide.call()
    assert {change for change, _ in wide.changes} == {"created"}
    assert len([key for _, key in wide.changes if key.startswith("OPS-")]) == 10
    assert wide.call() == []


def test_many_that_left_are_told_with_few_points(follow, site, sim):
    """Where an hour's points do not last for what became of all issues, each call tells some, and all are told."""
    follower = follow(_ONLY_OPEN)
    follower.call()
    for number in range(1, 25):
        site.change_issue(site.find_issue(f"DEV-{number}"), {"priority": "5"}, site.default_account_id)
    poor = follow(_ONLY_OPEN, settings={"pointsPerHour": 12})
    poor.state, poor.copy = follower.state, follower.copy
    rows = []
    for _ in range(12):
        rows += poor.call(census=True)
        assert poor.rows or not poor.copy
        sim.clock.advance(3600)
        if poor.metadata["complete"]:
            break
    assert poor.metadata["complete"]
    assert {row["change"] for row in rows} == {"left"}
    assert poor.copy == {}


def test_what_happens_in_a_project_that_is_not_allowed_is_not_told(follow, site, sim):
    """An issue whose project the settings left out since then has left, at the time when that was noticed."""
    wide = follow("project in (DEV, OPS)")
    wide.call()
    narrow = follow("project in (DEV, OPS)", settings={"allowedProjects": ["DEV"]})
    narrow.state, narrow.copy = wide.state, wide.copy
    sim.clock.advance(7200)
    site.change_issue(site.find_issue("OPS-1"), {"summary": "Secret"}, site.default_account_id)
    sim.clock.advance(7200)
    narrow.call(census=True)
    assert {(row["change"], row["key"][:3], row["url"]) for row in narrow.rows} == {("left", "OPS", None)}
    assert {row["changedAt"][:19] for row in narrow.rows} == {datetime.fromtimestamp(sim.clock(), UTC).isoformat()[:19]}
