"""Rows and summaries of how long finished issues took."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.analysis.stories import story
from vantage_jira_plugin.analysis.calendar import WorkCalendar, parse_working_hours
from vantage_jira_plugin.analysis.cycle_time import (
    CYCLE_COLUMNS,
    SUMMARY_COLUMNS,
    cycle_chart,
    cycle_rows,
    finished,
    summary_chart,
    summary_rows,
)
from vantage_jira_plugin.analysis.work import BY_CATEGORY

_UTC = ZoneInfo("UTC")
_OFFICE = WorkCalendar(_UTC, parse_working_hours("Mon-Fri 09:00-17:00"))
#: 2026-01-05 is a Monday.
_QUICK = story("DEV-1", "2026-01-05 09:00 To Do", "2026-01-05 12:00 In Progress", "2026-01-06 12:00 Done")
_SLOW = story(
    "DEV-2",
    "2026-01-05 09:00 To Do",
    "2026-01-09 15:00 In Progress",
    "2026-01-12 15:00 Done",
    issuetype={"name": "Bug"},
    components=[{"name": "web"}, {"name": "api"}],
)
_STRAIGHT = story("OPS-3", "2026-01-05 09:00 To Do", "2026-02-04 09:00 Done")
_OPEN = story("DEV-4", "2026-01-05 09:00 To Do", "2026-01-06 09:00 In Progress")
_ALL = [_QUICK, _SLOW, _STRAIGHT, _OPEN]


def _rows(issues=_ALL, calendar=_OFFICE):
    return {row["key"]: row for row in cycle_rows(finished(issues, BY_CATEGORY), calendar, "https://x.atlassian.net")}


def test_only_finished_issues_have_rows():
    """In the order of the issues, what is unfinished is left out; columns are those declared."""
    rows = _rows()
    assert list(rows) == ["DEV-1", "DEV-2", "OPS-3"]
    assert all(list(row) == [column["name"] for column in CYCLE_COLUMNS] for row in rows.values())


def test_an_issue_by_hand():
    """Friday 15:00 to Monday 15:00: three days, and of working time Friday's last two hours and Monday's first six."""
    row = _rows()["DEV-2"]
    assert (row["startedAt"], row["finishedAt"]) == ("2026-01-09T15:00:00.000Z", "2026-01-12T15:00:00.000Z")
    assert (row["cycleTimeDays"], row["cycleTimeWorkingHours"]) == (3.0, 8.0)
    # From Monday 09:00 to Monday 15:00: a week and six hours; five days of eight hours, and six.
    assert (row["leadTimeDays"], row["leadTimeWorkingHours"]) == (7.25, 46.0)
    assert (row["url"], row["issuetype"], row["projectKey"]) == ("https://x.atlassian.net/browse/DEV-2", "Bug", "DEV")


def test_ranks_are_among_the_issues_with_a_cycle_time():
    """Of two, the quick one took no longer than half of them; what went straight to done has no rank."""
    assert [row["percentile"] for row in _rows().values()] == [50.0, 100.0, None]


def test_straight_to_done_has_a_lead_time_alone():
    """30 days from creation to done, and nothing is said of the work between."""
    row = _rows()["OPS-3"]
    assert (row["leadTimeDays"], row["cycleTimeDays"], row["cycleTimeWorkingHours"]) == (30.0, None, None)


def test_without_working_hours_all_hours_count():
    """A calendar of all hours has 72 in three days."""
    assert _rows(calendar=WorkCalendar(_UTC))["DEV-2"]["cycleTimeWorkingHours"] == 72.0


def test_a_summary_of_all():
    """One row: of 1 and 3 days the half is 2, 85 % are 1 + 0.85 * 2; lead times are 1.125, 7.25 and 30 days."""
    (row,) = summary_rows(finished(_ALL, BY_CATEGORY), None, _UTC)
    assert row == {
        "group": None,
        "finished": 3,
        "count": 2,
        "p50CycleTimeDays": 2.0,
        "p70CycleTimeDays": 2.4,
        "p85CycleTimeDays": 2.7,
        "p95CycleTimeDays": 2.9,
        "meanCycleTimeDays": 2.0,
        "minCycleTimeDays": 1.0,
        "maxCycleTimeDays": 3.0,
        "p50LeadTimeDays": 7.25,
        "p85LeadTimeDays": 23.175,  # 7.25 + 0.7 * 22.75
    }
    assert list(row) == [column["name"] for column in SUMMARY_COLUMNS]


@pytest.mark.parametrize(
    ("grouping", "expected"),
    [
        ("issuetype", {"Bug": 1, "Task": 2}),
        ("project", {"DEV": 2, "OPS": 1}),
        ("month", {"2026-01": 2, "2026-02": 1}),
        ("component", {"(none)": 2, "api": 1, "web": 1}),
    ],
)
def test_a_summary_by_group(grouping, expected):
    """A row for each group, in order; an issue of two components is in both."""
    rows = summary_rows(finished(_ALL, BY_CATEGORY), grouping, _UTC)
    assert [(row["group"], row["finished"]) for row in rows] == list(expected.items())


def test_the_month_is_that_of_the_time_zone():
    """What is finished in UTC's January is finished in February where the day has begun."""
    late = story("DEV-1", "2026-01-05 09:00 To Do", "2026-01-31 20:00 Done")
    (row,) = summary_rows(finished([late], BY_CATEGORY), "month", ZoneInfo("Asia/Tokyo"))
    assert row["group"] == "2026-02"


def test_a_group_without_cycle_times_says_so():
    """It has a count of 0 and no percentiles, but lead times."""
    (row,) = summary_rows(finished([_STRAIGHT], BY_CATEGORY), None, _UTC)
    assert (row["finished"], row["count"], row["p50CycleTimeDays"], row["meanCycleTimeDays"]) == (1, 0, None, None)
    assert row["p50LeadTimeDays"] == 30.0


def test_nothing_finished():
    """A summary of all is a row of zero; one by group has no rows."""
    assert [row["finished"] for row in summary_rows([], None, _UTC)] == [0]
    assert summary_rows([], "issuetype", _UTC) == []


def test_drawings_have_no_rows():
    """They name their data, and whoever draws puts it in."""
    assert [chart["data"] for chart in (cycle_chart(), summary_chart())] == [{"name": "rows"}] * 2
