from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.analysis.intervals import INTERVAL_KINDS, day_of, intervals, midnight

_BERLIN = ZoneInfo("Europe/Berlin")
_DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
_ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Asia/Kolkata"])


def _spans(kind, first, last, zone=_BERLIN):
    return [(span.first_day.isoformat(), span.last_day.isoformat()) for span in intervals(kind, first, last, zone)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("day", [("2026-12-30", "2026-12-30"), ("2026-12-31", "2026-12-31"), ("2027-01-01", "2027-01-01")]),
        ("week", [("2026-12-28", "2027-01-03")]),  # 2026-12-30 is a Wednesday
        ("month", [("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-31")]),
    ],
)
def test_whole_intervals_over_the_end_of_a_year(kind, expected):
    """Weeks begin on Monday, months with their first day; those that the days fall into come whole."""
    assert _spans(kind, date(2026, 12, 30), date(2027, 1, 1)) == expected


def test_no_days_have_no_intervals():
    """A last day before the first gives nothing."""
    assert _spans("day", date(2026, 1, 2), date(2026, 1, 1)) == []


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-01", 24)])
def test_a_day_is_as_long_as_its_clocks_say(day, hours):
    """In Berlin clocks go on at the end of March and back at the end of October."""
    (span,) = intervals("day", date.fromisoformat(day), date.fromisoformat(day), _BERLIN)
    assert span.end_at - span.start_at == hours * 3600


def test_a_day_without_midnight_begins_where_clocks_skip_it():
    """On 2017-10-15 clocks in Sao Paulo went from midnight to one o'clock, which is 03:00 in UTC."""
    start = midnight(date(2017, 10, 15), ZoneInfo("America/Sao_Paulo"))
    assert datetime.fromtimestamp(start, UTC).isoformat() == "2017-10-15T03:00:00+00:00"


@given(st.sampled_from(INTERVAL_KINDS), _DAYS, st.integers(0, 500), _ZONES)
def test_intervals_leave_no_gap(kind, first, length, zone_name):
    """Each interval begins where the one before ends, and together they hold all the days asked for."""
    zone, last = ZoneInfo(zone_name), first + timedelta(days=length)
    spans = list(intervals(kind, first, last, zone))
    assert spans[0].first_day <= first
    assert spans[-1].last_day >= last
    for before, after in pairwise(spans):
        assert before.end_at == after.start_at
        assert before.last_day + timedelta(days=1) == after.first_day


@given(st.floats(946_684_800, 2_200_000_000), _ZONES)
def test_a_moment_is_within_its_day(moment, zone_name):
    """The day of a moment begins at or before it, and the next one after it."""
    zone = ZoneInfo(zone_name)
    day = day_of(moment, zone)
    assert midnight(day, zone) <= moment < midnight(day + timedelta(days=1), zone)
