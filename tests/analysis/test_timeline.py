from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.analysis.recorded import recorded_issues
from tests.analysis.sprint_stories import field
from tests.analysis.stories import at, story
from vantage_jira_plugin.analysis.timeline import TIMELINE_COLUMNS, project_timeline, start_fields

_UTC = ZoneInfo("UTC")
_NOW = at("2026-02-10 12:00")
_START = field(10015, "Start date", "date")


def _rows(*issues, fields=(_START,), zone=_UTC):
    rows = list(project_timeline(issues, fields, zone, now=_NOW, site_url="https://acme.atlassian.net"))
    assert all(list(row) == [column["name"] for column in TIMELINE_COLUMNS] for row in rows)
    return rows


def _row(*steps, zone=_UTC, **fields):
    (row,) = _rows(story("DEV-1", *steps, **fields), zone=zone)
    return row


_WORKED = ("2026-01-05 09:00 To Do", "2026-01-07 23:30 In Progress", "2026-01-09 09:00 To Do")


def test_the_start_is_planned_or_seen_or_the_creation():
    """A start date wins, then the first day in progress, then the day of creation."""
    planned = _row(*_WORKED, **{_START.id: "2026-01-20"})
    assert (planned["start"], planned["startBasis"]) == ("2026-01-20", "startDate")
    seen = _row(*_WORKED)
    assert (seen["start"], seen["startBasis"]) == ("2026-01-07", "inProgress")
    created = _row("2026-01-05 09:00 To Do", "2026-01-06 09:00 Done")
    assert (created["start"], created["startBasis"]) == ("2026-01-05", "created")


def test_days_are_those_of_the_zone():
    """Half past eleven at night in UTC is the next day in Berlin."""
    assert _row(*_WORKED, zone=ZoneInfo("Europe/Berlin"))["start"] == "2026-01-08"


def test_a_planned_time_is_on_its_day_in_the_zone():
    """A field of times counts as the day that it is then in the zone."""
    moment = field(10016, "Kick-off", "datetime")
    issue = story("DEV-1", *_WORKED, **{moment.id: "2026-01-20T23:30:00.000+0000"})
    (row,) = _rows(issue, fields=(moment,), zone=ZoneInfo("Europe/Berlin"))
    assert (row["start"], row["startBasis"]) == ("2026-01-21", "startDate")


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_planned_time_of_a_mistyped_year_is_a_day_as_it_is_written(year):
    """Where a time of no calendar is typed, other zones may have no day for it."""
    moment = field(10016, "Kick-off", "datetime")
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        issue = story("DEV-1", *_WORKED, **{moment.id: f"{year}-06-30T23:30:00.000+0000"})
        (row,) = _rows(issue, fields=(moment,), zone=ZoneInfo(zone))
        assert (row["start"], row["startBasis"]) == (f"{year}-06-30", "startDate")


def test_the_end_is_planned_or_seen_or_none():
    """Until it is done a due date wins, then the resolution, then the day on which it came to be done."""
    done = ("2026-01-05 09:00 To Do", "2026-01-06 09:00 Done", "2026-01-08 09:00 Closed")
    resolved = {"resolutiondate": "2026-01-07T09:00:00.000+0000"}
    ends = [_row(*done, **more) for more in ({"duedate": "2026-01-31", **resolved}, resolved, {})]
    assert [(row["end"], row["endBasis"]) for row in ends] == [
        ("2026-01-07", "resolved"),
        ("2026-01-07", "resolved"),
        ("2026-01-06", "done"),
    ]
    assert [row["duedate"] for row in ends] == ["2026-01-31", None, None]
    due, gone = _row(*_WORKED, duedate="2026-01-31", **resolved), _row(*_WORKED, **resolved)
    assert (due["end"], due["endBasis"]) == ("2026-01-31", "dueDate")
    assert (gone["end"], gone["endBasis"]) == ("2026-01-07", "resolved")
    assert (_row(*_WORKED)["end"], _row(*_WORKED)["endBasis"]) == (None, None)


@pytest.mark.parametrize(
    ("due", "status", "expected"),
    [
        ("2026-02-09", "To Do", True),
        ("2026-02-10", "To Do", False),
        ("2026-02-09", "Done", False),
        (None, "To Do", False),
        ("not a date", "To Do", False),
    ],
)
def test_overdue_is_what_is_not_done_after_its_day(due, status, expected):
    """The day on which it is due is its last one."""
    assert _row(f"2026-01-05 09:00 {status}", duedate=due)["overdue"] is expected


def test_progress_is_the_share_of_children_that_are_done():
    """Children are the issues of the table with this parent; without any, only what is done has a progress."""
    parent = {"parent": {"key": "DEV-1"}}
    rows = _rows(
        story("DEV-1", "2026-01-05 09:00 In Progress", issuetype={"name": "Epic", "hierarchyLevel": 1}),
        story("DEV-2", "2026-01-05 09:00 Done", issuetype={"name": "Story", "hierarchyLevel": 0}, **parent),
        story("DEV-3", "2026-01-05 09:00 To Do", issuetype={"name": "Sub-task", "subtask": True}, **parent),
        story("DEV-4", "2026-01-05 09:00 Closed", **parent),
    )
    told = [tuple(row[name] for name in ("level", "parentKey", "children", "childrenDone")) for row in rows]
    assert told == [
        ("epic", None, 3, 2),
        ("issue", "DEV-1", 0, 0),
        ("subtask", "DEV-1", 0, 0),
        (None, "DEV-1", 0, 0),
    ]
    assert [row["progressPercent"] for row in rows] == [66.7, 100, None, 100]


def test_blockers_are_those_that_block_it():
    """What it blocks itself, and links of other kinds, are no blockers; a renamed type is known by its words."""
    links = [
        {"type": {"name": "Blocks", "inward": "is blocked by"}, "inwardIssue": {"key": "DEV-7"}},
        {"type": {"name": "Blocks", "inward": "is blocked by"}, "outwardIssue": {"key": "DEV-8"}},
        {"type": {"name": "Cloners", "inward": "is cloned by"}, "inwardIssue": {"key": "DEV-9"}},
        {"type": {"name": "Blocker", "inward": "is blocked by"}, "inwardIssue": {"key": "OPS-1"}},
    ]
    assert _row("2026-01-05 09:00 To Do", issuelinks=links)["blockedBy"] == ["DEV-7", "OPS-1"]


def test_fields_of_the_planned_start():
    """`Start date` comes before `Target start`; a text that is called so is none of them."""
    target = field(1, "Target start", "date", "com.atlassian.jpo:jpo-custom-field-baseline-start")
    fields = [target, field(2, "Start date", "string"), _START, field(3, "Due", "date")]
    assert start_fields(fields) == (_START, target)


def test_real_issues(shared_jira):
    """Three recorded issues: two done in April 2022, the third blocked by one of them."""
    # SP-13 came from Backlog into Selected for Development (in progress on that site) on 2022-04-19 at 01:31 and was
    # done at 01:53, SP-14 likewise; SP-15 was selected on 2022-04-24 and is not done. No one has a date.
    rows = _rows(*recorded_issues(shared_jira, "SP-13", "SP-14", "SP-15"))
    names = ("key", "level", "start", "startBasis", "end", "endBasis", "progressPercent", "blockedBy")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("SP-13", "issue", "2022-04-19", "inProgress", "2022-04-19", "resolved", 100, []),
        ("SP-14", "issue", "2022-04-19", "inProgress", "2022-04-19", "resolved", 100, []),
        ("SP-15", "issue", "2022-04-24", "inProgress", None, None, None, ["SP-14"]),
    ]
    assert rows[0]["url"] == "https://acme.atlassian.net/browse/SP-13"
