"""How old unfinished work is, against what was finished."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.analysis.drawn import marks, texts
from tests.analysis.stories import at, story
from vantage_jira_plugin.analysis.aging_work import AGING_COLUMNS, aging_chart, aging_rows, risk
from vantage_jira_plugin.analysis.calendar import WorkCalendar, parse_working_hours
from vantage_jira_plugin.analysis.cycle_time import finished
from vantage_jira_plugin.analysis.work import BY_CATEGORY

_OFFICE = WorkCalendar(ZoneInfo("UTC"), parse_working_hours("Mon-Fri 09:00-17:00"))
_NOW = at("2026-01-19 12:00")  # a Monday
#: Cycle times of 1, 2, 3, 4 and 5 days: half of them took 3 days at most, 85 % took 3.4 of 4 steps, 4.4 days.
_PAST = [
    story("DEV-9", "2026-01-01 00:00 To Do", "2026-01-02 00:00 In Progress", f"2026-01-0{2 + days} 00:00 Done")
    for days in range(1, 6)
]


def _rows(*issues, past=_PAST, now=_NOW):
    return list(
        aging_rows(
            issues, finished(past, BY_CATEGORY), BY_CATEGORY, _OFFICE, now=now, site_url="https://x.atlassian.net"
        )
    )


def test_an_issue_by_hand():
    """Started on Thursday noon, in review since Friday noon, and it is Monday noon: four days and three."""
    (row,) = _rows(story("DEV-1", "2026-01-05 09:00 To Do", "2026-01-15 12:00 In Progress", "2026-01-16 12:00 Review"))
    assert list(row) == [column["name"] for column in AGING_COLUMNS]
    assert (row["status"], row["startedAt"]) == ("Review", "2026-01-15T12:00:00.000Z")
    # Of working time five hours on Thursday, eight on Friday, three on Monday.
    assert (row["ageDays"], row["ageWorkingHours"], row["daysInStatus"]) == (4.0, 16.0, 3.0)
    assert (row["p50CycleTimeDays"], row["p85CycleTimeDays"], row["risk"]) == (3.0, 4.4, "watch")


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (["2026-01-05 09:00 To Do"], False),
        (["2026-01-05 09:00 To Do", "2026-01-06 09:00 In Progress"], True),
        (["2026-01-05 09:00 To Do", "2026-01-06 09:00 In Progress", "2026-01-07 09:00 Done"], False),
        (["2026-01-05 09:00 To Do", "2026-01-06 09:00 In Progress", "2026-01-07 09:00 To Do"], True),
        (
            [
                "2026-01-05 09:00 To Do",
                "2026-01-06 09:00 In Progress",
                "2026-01-07 09:00 Done",
                "2026-01-08 09:00 To Do",
            ],
            True,
        ),
        (["2026-01-05 09:00 To Do", "2026-01-07 09:00 Done", "2026-01-08 09:00 To Do"], False),
    ],
    ids=["never started", "started", "finished", "put back", "reopened", "reopened and never started"],
)
def test_which_issues_age(steps, found):
    """What was started and is not finished, also where it was put back or reopened."""
    assert bool(_rows(story("DEV-1", *steps))) is found


@pytest.mark.parametrize(
    ("age_days", "expected"), [(0, "ok"), (3, "ok"), (3.1, "watch"), (4.4, "watch"), (4.5, "late")]
)
def test_risk_by_age(age_days, expected):
    """Up to the half all is well, beyond 85 % it is late."""
    assert risk(age_days, 3, 4.4) == expected


def test_without_anything_finished_there_is_no_risk():
    """Nothing to compare with: no percentiles, and no word on the risk."""
    (row,) = _rows(story("DEV-1", "2026-01-05 09:00 In Progress"), past=[])
    assert (row["p50CycleTimeDays"], row["p85CycleTimeDays"], row["risk"]) == (None, None, None)


def test_a_clock_behind_jiras_makes_nothing_younger_than_new():
    """An issue started after this machine's now is of age 0."""
    (row,) = _rows(story("DEV-1", "2026-01-19 13:00 In Progress"))
    assert (row["ageDays"], row["daysInStatus"], row["ageWorkingHours"]) == (0.0, 0.0, 0.0)


def test_the_drawing_has_lines_at_both_percentiles():
    """The points lie below two rules, each with its name."""
    drawn = [(one["encoding"]["y"]["field"], one["encoding"].get("text")) for one in aging_chart()["layer"]]
    assert drawn == [
        ("ageDays", None),
        ("p50CycleTimeDays", None),
        ("p50CycleTimeDays", {"value": "50 %"}),
        ("p85CycleTimeDays", None),
        ("p85CycleTimeDays", {"value": "85 %"}),
    ]


def test_points_without_a_risk_are_drawn_too():
    """Where nothing finished is there to compare with, each issue is a point still, of a colour of its own."""
    issues = [story(f"DEV-{number}", "2026-01-15 12:00 In Progress") for number in range(3)]
    unknown = marks(aging_chart(), _rows(*issues, past=[]), "symbol")
    assert len(unknown) == 3
    (color,) = {point.get("fill") for point in unknown}
    assert color not in {None, *(point["fill"] for point in marks(aging_chart(), _rows(*issues), "symbol"))}


def test_statuses_stand_in_the_order_of_work():
    """What was put back to do comes before what is in progress."""
    issues = [
        story("DEV-1", "2026-01-15 12:00 In Progress"),
        story("DEV-2", "2026-01-15 12:00 In Progress", "2026-01-16 12:00 To Do"),
    ]
    written = texts(aging_chart(), _rows(*issues))
    assert written.index("To Do") < written.index("In Progress")
