"""How long issues were in each status."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.drawn import marks, texts
from tests.analysis.stories import STATUSES, at, story
from vantage_jira_plugin.analysis.calendar import WorkCalendar, parse_working_hours
from vantage_jira_plugin.analysis.chart import HEIGHT
from vantage_jira_plugin.analysis.history import Stay
from vantage_jira_plugin.analysis.time_in_status import STATUS_COLUMNS, status_chart, status_rows, status_times

_UTC = ZoneInfo("UTC")
_ALWAYS = WorkCalendar(_UTC)
_OFFICE = WorkCalendar(_UTC, parse_working_hours("Mon-Fri 09:00-17:00"))
_HOUR = 3600
#: 2026-01-05 is a Monday.
_REOPENED = story(
    "DEV-1",
    "2026-01-05 09:00 To Do",
    "2026-01-05 12:00 In Progress",
    "2026-01-06 12:00 Done",
    "2026-01-07 09:00 In Progress",
    "2026-01-07 10:00 Done",
)
_NOW = at("2026-01-08 10:00")


def test_an_issue_by_hand():
    """Two visits each of In Progress and Done, added up; the last one counts until now."""
    rows = list(status_rows([_REOPENED], _OFFICE, _NOW, "https://x.atlassian.net"))
    assert [list(row) for row in rows] == [[column["name"] for column in STATUS_COLUMNS]] * 3
    told = ("status", "statusCategoryKey", "visits", "hours", "workingSeconds", "enteredFirst", "leftLast", "current")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("To Do", "new", 1, 3.0, 3 * _HOUR, "2026-01-05T09:00:00.000Z", "2026-01-05T12:00:00.000Z", False),
        # 24 hours and 1; of working time 12:00-17:00, 09:00-12:00, and 09:00-10:00.
        (
            "In Progress",
            "indeterminate",
            2,
            25.0,
            9 * _HOUR,
            "2026-01-05T12:00:00.000Z",
            "2026-01-07T10:00:00.000Z",
            False,
        ),
        # 21 hours and 24; of working time 12:00-17:00, then 10:00-17:00 and 09:00-10:00.
        ("Done", "done", 2, 45.0, 13 * _HOUR, "2026-01-06T12:00:00.000Z", None, True),
    ]


def test_seconds_are_told_to_the_millisecond():
    """Half a millisecond of rounding is no more than Jira's own."""
    rows = list(status_rows([_REOPENED], _ALWAYS, _NOW + 0.0004, None))
    assert rows[-1]["seconds"] == 45 * _HOUR


@given(
    st.lists(st.tuples(st.integers(0, 59), st.sampled_from(list(STATUSES))), min_size=1, max_size=8).map(
        lambda steps: sorted(steps, key=lambda step: step[0])
    ),
    st.integers(0, 10**7),
)
def test_the_statuses_of_an_issue_add_up_to_its_age(steps, later):
    """Whatever the moves, the seconds of all statuses are now - created, and visits those of the stays."""
    issue = story("DEV-1", *(f"2026-01-05 09:{minute:02d} {status}" for minute, status in steps))
    now = at("2026-01-05 10:00") + later
    times = list(status_times(issue, _ALWAYS, now))
    assert sum(time.seconds for time in times) == pytest.approx(now - issue.created_at)
    assert [time.working_seconds for time in times] == pytest.approx([time.seconds for time in times])
    assert sum(len(time.stays) for time in times) == len(issue.stays)
    assert [time.stays[-1].left_at is None for time in times].count(True) == 1


def test_statuses_of_one_name_are_told_apart_by_id():
    """Team-managed projects have statuses of the same names; those without an id are told apart by name."""
    issue = story("DEV-1", "2026-01-05 09:00 To Do")
    stays = (
        Stay("To Do", "1", "new", 0.0, 1.0),
        Stay("To Do", "901", "new", 1.0, 2.0),
        Stay("Gone", None, "undefined", 2.0, 3.0),
        Stay("Lost", None, "undefined", 3.0, 4.0),
        Stay("Gone", None, "undefined", 4.0, None),
    )
    moved = type(issue)(**{name: getattr(issue, name) for name in issue.__slots__} | {"stays": stays})
    times = [
        (time.stays[0].status, time.stays[0].status_id, len(time.stays)) for time in status_times(moved, _ALWAYS, 5.0)
    ]
    assert times == [("To Do", "1", 1), ("To Do", "901", 1), ("Gone", None, 2), ("Lost", None, 1)]


def test_a_clock_behind_jiras_takes_no_time_back():
    """A status entered after this machine's now has lasted no time, rather than less."""
    (time,) = status_times(story("DEV-1", "2026-01-05 09:00 To Do"), _ALWAYS, at("2026-01-05 08:59"))
    assert time.seconds == 0


def test_the_drawing_aggregates_everything_it_tells():
    """A column told beside the mean would cut the bars to pieces; being done is not drawn."""
    chart = status_chart()
    assert chart["encoding"]["y"]["aggregate"] == "mean"
    assert [told["field"] for told in chart["encoding"]["tooltip"] if "aggregate" not in told] == ["status"]
    assert "done" in chart["transform"][0]["filter"]


def test_statuses_stand_in_the_order_of_work():
    """What is to do comes before what is in progress."""
    rows = list(status_rows([story("DEV-1", "2026-01-05 09:00 To Do", "2026-01-06 09:00 Review")], _ALWAYS, _NOW, None))
    written = texts(status_chart(), rows)
    assert written.index("To Do") < written.index("Review")


def test_means_are_not_added_up():
    """A status of one name that two projects have put into different categories has a bar for each, from the bottom."""
    on_hold = {"status": "On hold", "statusCategoryKey": "new", "hours": 6.0}
    bars = marks(status_chart(), [on_hold, {**on_hold, "statusCategoryKey": "indeterminate", "hours": 3.0}], "rect")
    assert sorted(bar["height"] / HEIGHT for bar in bars) == [0.5, 1.0]
    assert {bar["y"] + bar["height"] for bar in bars} == {HEIGHT}
