"""How many issues were finished in each interval."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.stories import at, story
from vantage_jira_plugin.analysis.cycle_time import finished
from vantage_jira_plugin.analysis.intervals import intervals
from vantage_jira_plugin.analysis.throughput import THROUGHPUT_COLUMNS, throughput_chart, throughput_rows
from vantage_jira_plugin.analysis.work import BY_CATEGORY

_UTC = ZoneInfo("UTC")
_NOW = at("2026-02-01 00:00")


def _done(*moments, **fields):
    return [story(f"DEV-{n}", "2026-01-01 00:00 To Do", f"{moment} Done", **fields) for n, moment in enumerate(moments)]


def _rows(issues, first, last, kind="week", zone=_UTC, *, now=_NOW, averaged=2, grouping=None):
    spans = list(intervals(kind, date.fromisoformat(first), date.fromisoformat(last), zone))
    ended = finished(issues, BY_CATEGORY)
    return list(throughput_rows(ended, spans, now=now, averaged=averaged, grouping=grouping))


def test_weeks_by_hand():
    """2, 0, 1 and, in the week that goes on, 1; the mean of two is there from the second on, and not of that one."""
    issues = _done("2026-01-05 00:00", "2026-01-11 23:59", "2026-01-19 10:00", "2026-01-27 10:00")
    rows = _rows(issues, "2026-01-05", "2026-01-31")
    assert [list(row) for row in rows] == [[column["name"] for column in THROUGHPUT_COLUMNS]] * 4
    assert [tuple(row.values()) for row in rows] == [
        ("2026-01-05", "2026-01-11", None, 2, None, True),
        ("2026-01-12", "2026-01-18", None, 0, 1.0, True),
        ("2026-01-19", "2026-01-25", None, 1, 0.5, True),
        ("2026-01-26", "2026-02-01", None, 1, None, False),
    ]


def test_days_are_those_of_the_time_zone():
    """23:30 in UTC is the next day in Berlin."""
    issues = _done("2026-01-05 23:30")
    berlin = _rows(issues, "2026-01-05", "2026-01-06", "day", ZoneInfo("Europe/Berlin"))
    assert [row["finished"] for row in berlin] == [0, 1]


def test_groups_have_rows_for_every_interval():
    """Zeros too, also of a group that finished nothing within the intervals."""
    issues = [
        *_done("2026-01-05 10:00", priority={"name": "High"}),
        *_done("2026-01-13 10:00", priority={"name": "Low"}),
        *_done("2026-01-02 10:00"),
    ]
    rows = _rows(issues, "2026-01-05", "2026-01-18", grouping="priority")
    assert [(row["start"], row["group"], row["finished"]) for row in rows] == [
        ("2026-01-05", "(none)", 0),
        ("2026-01-05", "High", 1),
        ("2026-01-05", "Low", 0),
        ("2026-01-12", "(none)", 0),
        ("2026-01-12", "High", 0),
        ("2026-01-12", "Low", 1),
    ]


def test_what_is_finished_outside_does_not_count():
    """Neither before the first interval nor behind the last."""
    issues = _done("2026-01-04 23:59", "2026-01-12 00:00")
    assert [row["finished"] for row in _rows(issues, "2026-01-05", "2026-01-11")] == [0]


def test_an_issue_counts_when_it_was_finished_for_good():
    """Done, reopened and done again counts once, at the end; reopened now, not at all."""
    again = story("DEV-1", "2026-01-05 09:00 Done", "2026-01-06 09:00 To Do", "2026-01-13 09:00 Done")
    open_now = story("DEV-2", "2026-01-05 09:00 Done", "2026-01-06 09:00 To Do")
    assert [row["finished"] for row in _rows([again, open_now], "2026-01-05", "2026-01-18")] == [0, 1]


def test_no_issues_are_zeros():
    """Every interval is there; without any interval there are no rows."""
    assert [row["finished"] for row in _rows([], "2026-01-05", "2026-01-18")] == [0, 0]
    assert _rows([], "2026-01-18", "2026-01-05") == []


@given(st.lists(st.integers(0, 40 * 24 * 60), max_size=20), st.sampled_from(["day", "week", "month"]))
def test_intervals_add_up_to_what_was_finished(minutes, kind):
    """Each finished issue is in exactly one interval, whatever its kind."""
    first = at("2026-01-05 00:00")
    issues = [story("DEV-1", "2026-01-01 00:00 To Do", f"{_text(first + 60 * minute)} Done") for minute in minutes]
    assert sum(row["finished"] for row in _rows(issues, "2026-01-05", "2026-02-20", kind)) == len(issues)


def _text(moment):
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def test_the_drawing_shows_the_mean_where_there_is_one_line_of_it():
    """Bars and a line; of groups, bars alone."""
    assert len(throughput_chart(None)["layer"]) == 2
    assert throughput_chart("priority")["encoding"]["color"]["field"] == "group"
