from __future__ import annotations

import itertools
import json

import pytest

from tests.simulator.asking import NOON, Asking, Clock, new_asking
from vantage_jira_plugin.simulator.histories import History, many_issues
from vantage_jira_plugin.simulator.seed import demo_sites

_DAY = 86_400
_COUNT = 600


@pytest.fixture(scope="module")
def ask() -> Asking:
    """The seeded site with many issues, of which nothing is changed here."""
    asking = new_asking()
    many_issues(asking.site, _COUNT)
    return asking


def _added(ask: Asking) -> list[int]:
    return list(ask.site.issues)[-_COUNT:]


def test_many_issues_are_the_same_for_the_same_seed() -> None:
    """Values, changes, comments and worklogs hang on the seed alone."""
    told = []
    for seed in (1, 1, 2):
        issues = many_issues(demo_sites(Clock())[0], 50, seed)
        told.append([(dict(one.values), one.changes, one.comments, one.worklogs) for one in issues])
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(("history", "least", "most"), [("even", 0, 12), ("skewed", 480, 492)])
def test_creation_is_spread_as_asked(history: History, least: int, most: int) -> None:
    """Two years, evenly, or with four of five in one week; ids rise with the time of creation."""
    issues = many_issues(demo_sites(Clock())[0], _COUNT, history=history)
    times = [issue.values["created"] for issue in issues]
    assert times == sorted(times)
    assert NOON - 731 * _DAY < times[0] < NOON - 729 * _DAY
    assert NOON - 35 * _DAY < times[-1] < NOON
    in_a_week = max(sum(at <= other < at + 7 * _DAY for other in times) for at in times)
    assert least <= in_a_week <= most


def test_nothing_happens_before_creation_or_after_now(ask: Asking) -> None:
    """Changes come in order within an issue's life, and `updated` is when the last thing happened."""
    for number in _added(ask):
        issue = ask.site.issues[number]
        changed = [change.created_at for change in issue.changes]
        happened = [*changed, *(one.created_at for one in (*issue.comments, *issue.worklogs))]
        assert changed == sorted(changed)
        assert all(issue.values["created"] <= at < NOON for at in happened)
        assert issue.values["updated"] == max([issue.values["created"], *happened])


def test_the_changelog_leads_to_the_present(ask: Asking) -> None:
    """Each change begins where the one before ended, and the last ends at what the issue holds."""
    site = ask.site
    for number in _added(ask):
        issue = site.issues[number]
        items = [item for change in issue.changes for item in change.items if item.field == "status"]
        for before, after in itertools.pairwise(items):
            assert before.to_id == after.from_id
        assert (items[-1].to_id if items else "10000") == issue.values["status"]
        sprints = [item for change in issue.changes for item in change.items if item.field == "Sprint"]
        held = issue.values.get("customfield_10020", ())
        if sprints:
            assert sprints[-1].to_id == ", ".join(map(str, held))
            assert sprints[0].from_id in sprints[-1].to_id
        done = issue.values["status"] == "10003"
        assert (issue.values.get("resolution") is not None) == done
        assert (issue.values.get("resolutiondate") in [c.created_at for c in issue.changes]) == done


def test_there_is_something_of_everything(ask: Asking) -> None:
    """Statuses, reopened issues, sprints, points, labels, parents, comments, worklogs and descriptions."""
    issues = [ask.site.issues[number] for number in _added(ask)]
    names = {ask.site.statuses[issue.values["status"]].name for issue in issues}
    assert {"To Do", "In Progress", "Done"} <= names
    paths = [
        [item.to_text for change in issue.changes for item in change.items if item.field == "status"]
        for issue in issues
    ]
    assert sum("Done" in path[:-1] for path in paths) > 30
    assert sum(len(path) >= 3 for path in paths) > 300
    for field in ("customfield_10010", "parent", "description", "assignee", "duedate", "labels"):
        assert 50 < sum(bool(issue.values.get(field)) for issue in issues) < _COUNT
    assert sum(len(issue.values.get("customfield_10020", ())) > 1 for issue in issues) > 30
    assert all(40 < sum(bool(parts) for parts in having) < 300 for having in (
        [issue.comments for issue in issues], [issue.worklogs for issue in issues]
    ))  # fmt: skip


def test_sprints_have_dates(ask: Asking) -> None:
    """Two weeks each, one after the other, all closed but the last, which is under way."""
    sprints = [sprint for sprint in ask.site.sprints.values() if sprint.start_date]
    assert len(sprints) == 52
    assert all(one.end_date == other.start_date for one, other in itertools.pairwise(sprints))
    assert [sprint.state for sprint in sprints] == ["closed"] * 51 + ["active"]
    assert sprints[-1].complete_date is None


def test_issues_are_as_large_as_real_ones(ask: Asking) -> None:
    """With all fields an issue takes several thousand bytes, so that a page has what a page has to have."""
    body = ask("POST", "/search/jql", {"jql": "project = DEV", "fields": ["*all"], "maxResults": 100}).body
    bytes_each = len(json.dumps(body["issues"], ensure_ascii=False, separators=(",", ":")).encode()) / 100
    assert 6_000 < bytes_each < 10_500


def test_parts_are_found_by_their_ids(ask: Asking) -> None:
    """Comments and worklogs of made-up issues are as good as others."""
    issue = next(ask.site.issues[number] for number in _added(ask) if ask.site.issues[number].comments)
    assert ask.site.find_comment(issue.comments[0].id) == (issue, issue.comments[0])
    logged = next(ask.site.issues[number] for number in _added(ask) if ask.site.issues[number].worklogs)
    assert ask.site.find_worklog(logged.worklogs[0].id) == (logged, logged.worklogs[0])


def test_other_projects_get_what_they_have() -> None:
    """A project without sprints and points gets issues without them, in its own statuses."""
    ask = new_asking()
    issues = many_issues(ask.site, 60, project_key="OPS")
    assert not any({"customfield_10010", "customfield_10020"} & set(issue.values) for issue in issues)
    assert {issue.values["status"] for issue in issues} <= {"10000", "10001", "10004", "10003"}
    assert ask("GET", f"/issue/{issues[-1].key}").status == 200
    assert list(ask.site.sprints) == [1, 2, 3]


def test_no_issues_change_nothing() -> None:
    """None asked for, none made, and no sprints either."""
    site = demo_sites(Clock())[0]
    assert many_issues(site, 0) == []
    assert list(site.sprints) == [1, 2, 3]
    with pytest.raises(KeyError):
        many_issues(site, 1, project_key="NOPE")
