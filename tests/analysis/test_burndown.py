from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.analysis.recorded import recorded_issues
from tests.analysis.sprint_stories import FIELDS, sprint, work
from tests.analysis.stories import at
from vantage_jira_plugin.analysis.burndown import BURNDOWN_COLUMNS, burndown, burndown_chart
from vantage_jira_plugin.analysis.calendar import WorkCalendar, parse_working_hours
from vantage_jira_plugin.analysis.sprints import sprints_of, work_of

_UTC = ZoneInfo("UTC")
_ALWAYS = WorkCalendar(_UTC)
#: From a Friday morning to the Tuesday behind it; the next one is running.
_ONE = sprint(1, "closed", "2026-01-09 09:00", "2026-01-13 09:00", "2026-01-13 09:00")
_TWO = sprint(2, "active", "2026-01-13 12:00", "2026-01-16 12:00")


def _rows(*works, calendar=_ALWAYS, now="2026-01-14 06:00", with_points=True):
    sprints = {one.id: one for each in works for one in sprints_of(each.issue.fields, FIELDS)}
    rows = list(burndown(works, sprints.values(), calendar, now=at(now), with_points=with_points))
    assert all(list(row) == [column["name"] for column in BURNDOWN_COLUMNS] for row in rows)
    return rows


def _told(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


_DONE = work(
    "A-1",
    "2026-01-08 09:00",
    ("2026-01-10 10:00", "status", "To Do", "Done"),
    status="Done",
    sprints=(_ONE,),
    points=6,
)
_ADDED = work("A-2", "2026-01-11 09:00", ("2026-01-12 10:00", "points", "2", "3"), sprints=(_ONE,), points=3)
_LEFT = work("A-3", "2026-01-08 09:00", ("2026-01-11 11:00", "sprint", "1", ""), points=2)


def test_a_closed_sprint_by_hand():
    """What is left at the start, at the end of each day and at the end; estimates are those of the moment."""
    rows = _rows(_DONE, _ADDED, _LEFT)
    # A-1 (6) and A-3 (2) at the start; A-1 done on the 10th; on the 11th A-2 (2) comes and A-3 leaves;
    # on the 12th A-2 becomes 3. The ideal line falls over 96 hours; the first day ends 15 hours after the start.
    assert _told(rows, "at", "date", "remainingIssues", "remainingPoints", "scopeIssues", "idealPoints") == [
        ("2026-01-09T09:00:00.000Z", "2026-01-09", 2, 8, 2, 8),
        ("2026-01-10T00:00:00.000Z", "2026-01-09", 2, 8, 2, 6.75),
        ("2026-01-11T00:00:00.000Z", "2026-01-10", 1, 2, 2, 4.75),
        ("2026-01-12T00:00:00.000Z", "2026-01-11", 1, 2, 2, 2.75),
        ("2026-01-13T00:00:00.000Z", "2026-01-12", 1, 3, 2, 0.75),
        ("2026-01-13T09:00:00.000Z", "2026-01-13", 1, 3, 2, 0),
    ]


def test_the_ideal_line_is_level_where_nobody_works():
    """On a weekend and on a holiday nothing is expected to burn."""
    working = WorkCalendar(_UTC, parse_working_hours("Mon-Fri 09:00-17:00"))
    # Friday 09-17 and Monday 09-17 are all the hours: 8 points fall by 4 on each, and not on the weekend.
    assert _told(_rows(_DONE, _LEFT, calendar=working), "idealPoints") == [(8,), (4,), (4,), (4,), (0,), (0,)]


def test_a_sprint_of_a_mistyped_year_has_no_rows_for_its_days():
    """Two hundred years are three rows, its start, now and its end, not seventy thousand; its year may be any."""
    for end, ends in (("2206-01-16 12:00", "2206-01-16"), ("9999-01-16 12:00", "2026-01-14")):
        late = sprint(2, "active", "2026-01-13 12:00", end)
        rows = _rows(work("A-1", "2026-01-08 09:00", sprints=(late,), points=3))
        assert _told(rows[-1:], "date") == [(ends,)]
        assert len(rows) <= 3


def test_sprints_of_one_name_have_a_line_each():
    """Boards may each have a sprint of one name; lines are apart by the id."""
    assert burndown_chart(with_points=True)["encoding"]["detail"]["field"] == "sprintId"


def test_an_active_sprint_has_the_ideal_line_ahead():
    """Behind now there is no count, and one row is for now; days end at midnight of the calendar's zone."""
    berlin = WorkCalendar(ZoneInfo("Europe/Berlin"))
    rows = _rows(work("A-1", "2026-01-08 09:00", sprints=(_TWO,), points=3), calendar=berlin)
    assert _told(rows, "at", "date", "remainingPoints", "idealPoints") == [
        ("2026-01-13T12:00:00.000Z", "2026-01-13", 3, 3),
        ("2026-01-13T23:00:00.000Z", "2026-01-13", 3, 2.54),  # 11 of 72 hours are over
        ("2026-01-14T06:00:00.000Z", "2026-01-14", 3, 2.25),  # 18 of 72
        ("2026-01-14T23:00:00.000Z", "2026-01-14", None, 1.54),
        ("2026-01-15T23:00:00.000Z", "2026-01-15", None, 0.54),
        ("2026-01-16T12:00:00.000Z", "2026-01-16", None, 0),
    ]


def test_a_sprint_that_goes_on_behind_its_end_ends_now():
    """The ideal line stays at nothing there."""
    rows = _rows(work("A-1", "2026-01-08 09:00", sprints=(_TWO,), points=3), now="2026-01-17 06:00")
    assert _told(rows[-2:], "at", "remainingPoints", "idealPoints") == [
        ("2026-01-17T00:00:00.000Z", 3, 0),
        ("2026-01-17T06:00:00.000Z", 3, 0),
    ]


def test_estimates_of_tenths_add_up():
    """A tenth and two are three tenths, and nothing behind."""
    works = [work(f"A-{number}", "2026-01-02 09:00", sprints=(_TWO,), points=number / 10) for number in (1, 2)]
    assert _told(_rows(*works), "scopePoints", "remainingPoints")[0] == (0.3, 0.3)


@pytest.mark.parametrize("planned", [sprint(3, "future"), sprint(3, "future", "2026-02-01 09:00")])
def test_a_sprint_to_come_has_no_rows(planned):
    """Nothing has burnt of what has not begun."""
    assert _rows(work("A-1", "2026-01-08 09:00", sprints=(planned,), points=3)) == []


def test_without_estimates_points_are_none():
    """Issues are counted still."""
    row = _rows(_DONE, with_points=False)[0]
    assert [row[name] for name in ("remainingIssues", "remainingPoints", "scopePoints", "idealPoints")] == [
        1,
        None,
        None,
        None,
    ]


def test_a_real_sprint(shared_jira):
    """The recorded `Scrum Sprint 3` by day; see the report's test for what happened."""
    works = [work_of(issue, FIELDS) for issue in recorded_issues(shared_jira, "SP-13", "SP-14", "SP-15")]
    rows = _rows(*works, now="2022-04-25 00:00")
    counted = {row["date"]: (row["remainingIssues"], row["remainingPoints"]) for row in rows}
    # 13 + 14 points until both were done on the 19th at 01:53; the 13 of SP-15 since the 24th at 17:26.
    assert [counted[f"2022-04-{day}"] for day in (15, 18, 19, 23, 24, 25)] == [
        (2, 27),
        (2, 27),
        (0, 0),
        (0, 0),
        (1, 13),
        (None, None),
    ]
    assert rows[-1]["at"] == "2022-04-26T16:51:00.000Z"  # its planned end


@pytest.mark.parametrize(
    "dates", [(None, "2026-01-13 09:00", "2026-01-13 09:00"), ("2026-01-09 09:00", None, None)], ids=["start", "end"]
)
def test_a_closed_sprint_without_a_date_has_no_days(dates):
    """Nobody knows which they were; it does not last until now."""
    assert _rows(work("A-1", "2026-01-08 09:00", sprints=(sprint(1, "closed", *dates),))) == []


def test_an_active_sprint_without_an_end_has_no_ideal_line():
    """It is not to be empty just now; what is left is counted still."""
    rows = _rows(work("A-1", "2026-01-08 09:00", sprints=(sprint(1, "active", "2026-01-13 12:00"),), points=5))
    told = _told(rows, "remainingIssues", "remainingPoints", "idealIssues", "idealPoints")
    assert told == [(1, 5, None, None)] * 3
