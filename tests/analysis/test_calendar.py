"""Working time between moments, over weekends, holidays and changes of the clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.analysis.calendar import ALWAYS, Shift, WorkCalendar, parse_working_hours

_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia"]
_BERLIN = ZoneInfo("Europe/Berlin")
_HOUR = 3600
#: From 2001 to 2033: Apia skipped the whole of 2011-12-30.
_MOMENTS = st.integers(1_000_000_000, 2_000_000_000)
_OFFICE = parse_working_hours("Mon-Fri 09:00-17:00")


def _berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=_BERLIN).timestamp()


def _hours(calendar, start, end):
    return calendar.seconds_between(_berlin(start), _berlin(end)) / _HOUR


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-05 09:00", "2026-01-05 17:00", 8),  # a Monday
        ("2026-01-05 07:00", "2026-01-05 23:00", 8),  # before and after do not count
        ("2026-01-05 10:30", "2026-01-05 12:00", 1.5),
        ("2026-01-05 18:00", "2026-01-06 08:00", 0),  # a night
        ("2026-01-09 16:00", "2026-01-12 10:00", 2),  # Friday's last hour and Monday's first
        ("2026-01-10 00:00", "2026-01-12 00:00", 0),  # a weekend
        ("2026-01-05 00:00", "2026-02-02 00:00", 160),  # four weeks of 40 hours
        ("2025-12-29 00:00", "2026-01-05 00:00", 40),  # over the turn of the year
        ("2026-01-05 12:00", "2026-01-05 12:00", 0),
        ("2026-01-06 12:00", "2026-01-05 12:00", 0),  # backwards
    ],
)
def test_office_hours_by_hand(start, end, expected):
    """Eight hours from Monday to Friday."""
    assert _hours(WorkCalendar(_BERLIN, _OFFICE), start, end) == expected


def test_holidays_have_no_working_time():
    """The week of 2026-01-05 without Tuesday has 32 hours; a holiday on a Sunday takes nothing."""
    calendar = WorkCalendar(_BERLIN, _OFFICE, frozenset({date(2026, 1, 6), date(2026, 1, 11)}))
    assert _hours(calendar, "2026-01-05 00:00", "2026-01-12 00:00") == 32


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        # Clocks in Berlin go from 02:00 to 03:00 on 2026-03-29, from 03:00 back to 02:00 on 2026-10-25, both Sundays.
        ("Sun 00:00-06:00", "2026-03-29", 5),
        ("Sun 00:00-06:00", "2026-10-25", 7),
        ("Sun 09:00-17:00", "2026-03-29", 8),
        ("Sun 09:00-17:00", "2026-10-25", 8),
        ("Sun 02:15-02:45", "2026-03-29", 0),  # skipped
        ("Sun 01:30-02:30", "2026-03-29", 0.5),  # until the clock jumps
        ("Sun 02:30-04:00", "2026-03-29", 1),  # from the jump on
        ("Sun 02:00-03:00", "2026-10-25", 2),  # the hour that comes twice
    ],
)
def test_where_clocks_change(text, day, expected):
    """Shifts are on the clock; what it skips lasts no time, and a night is as long as it really was."""
    calendar = WorkCalendar(_BERLIN, parse_working_hours(text))
    assert _hours(calendar, f"{day} 00:00", f"{day} 23:59") == expected


@given(st.sampled_from(_ZONES), _MOMENTS, _MOMENTS)
def test_all_hours_are_all_the_time(zone, one, other):
    """A calendar of every hour counts what passes, whatever clocks do."""
    start, end = sorted((one, other))
    assert WorkCalendar(ZoneInfo(zone)).seconds_between(start, end) == end - start


@given(st.sampled_from(_ZONES), st.tuples(_MOMENTS, _MOMENTS, _MOMENTS).map(sorted))
def test_parts_add_up(zone, moments):
    """Working time from a to c is that from a to b and from b to c, and never more than what passes."""
    calendar = WorkCalendar(ZoneInfo(zone), parse_working_hours("Fri-Sun 01:30-02:30; Sat 03:00-24:00"))
    start, middle, end = moments
    whole = calendar.seconds_between(start, end)
    assert whole == calendar.seconds_between(start, middle) + calendar.seconds_between(middle, end)
    assert 0 <= whole <= end - start


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 09:00-17:00", [(0, 540, 1020)]),
        ("mon-tue 9:00 - 17:00", [(0, 540, 1020), (1, 540, 1020)]),
        ("Sat-Mon 00:00-24:00", [(0, 0, 1440), (5, 0, 1440), (6, 0, 1440)]),
        ("Mon, Wed 09:00-12:00; Mon 13:00-14:00", [(0, 540, 720), (0, 780, 840), (2, 540, 720)]),
        ("Mon 09:00-10:00, Tue 09:00-10:00", [(0, 540, 600), (1, 540, 600)]),
        ("Mon-Tue, Fri 09:00-10:00", [(0, 540, 600), (1, 540, 600), (4, 540, 600)]),
        ("Mon 09:00-12:00; Mon 12:00-13:00", [(0, 540, 720), (0, 720, 780)]),
    ],
)
def test_working_hours_are_read(text, expected):
    """Days alone, spans of days over the end of the week, several parts; in order."""
    assert parse_working_hours(text) == tuple(Shift(*shift) for shift in expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("always", "such as Mon-Fri 09:00-17:00"),
        ("Mon-Fri", "such as Mon-Fri 09:00-17:00"),
        ("Mon 09:00-17:00;", "such as Mon-Fri 09:00-17:00"),
        ("Mon 09:00-17:00 Tue 09:00-17:00", "such as Mon-Fri 09:00-17:00"),
        ("Mon 9-17", "such as Mon-Fri 09:00-17:00"),
        ("Mon-Wed-Fri 09:00-17:00", "such as Mon-Fri 09:00-17:00"),
        ("Mon 22:00-06:00", "Mon 22:00-24:00; Tue 00:00-06:00"),
        ("Mon 09:00-09:00", "end after they begin"),
        ("Mon 09:00-24:01", "24:01 is none"),
        ("Mon 09:60-10:00", "09:60 is none"),
        ("Mon-Fri 09:00-17:00; Wed 16:00-18:00", "those of Wed do"),
    ],
)
def test_wrong_working_hours_are_told(text, said):
    """What is wrong, and what would be right."""
    with pytest.raises(ValueError, match=said):
        parse_working_hours(text)


def test_the_whole_week_can_be_written_out():
    """Every hour of every day is the calendar where none is given."""
    assert parse_working_hours("Mon-Sun 00:00-24:00") == ALWAYS
