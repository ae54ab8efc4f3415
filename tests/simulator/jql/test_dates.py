from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.asking import NOON
from vantage_jira_plugin.simulator.jql.dates import Calendar
from vantage_jira_plugin.simulator.jql.errors import JqlError

_NEW_YORK = ZoneInfo("America/New_York")
_CALENDAR = Calendar(NOON, _NEW_YORK)


def _shown(at: float) -> str:
    return f"{datetime.fromtimestamp(at, _NEW_YORK):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", "2026-11-20 00:00"),
        ("2026/11/20", "2026-11-20 00:00"),
        ("2026-11-20 15:30", "2026-11-20 15:30"),
        ("2026/1/2 3:05", "2026-01-02 03:05"),
        ("-5m", "2026-11-24 06:55"),
        ("-2w", "2026-11-10 07:00"),
        ("-1d 2h", "2026-11-23 05:00"),
        ("4w 2d", "2026-12-24 07:00"),
        ("1795521600000", "2026-11-24 07:00"),
    ],
)
def test_dates_are_read_in_the_callers_zone(text: str, expected: str) -> None:
    """Absolute dates, periods and epoch milliseconds mean a minute in the caller's time zone."""
    assert _shown(_CALENDAR.instant(text, "created")) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "2026/01-02", "2026-11-20T10", "", "5"])
def test_wrong_dates_are_refused(text: str) -> None:
    """What is no date is refused in Jira's words; a bare number counts as milliseconds."""
    if text == "5":
        assert _CALENDAR.instant(text, "created") == 0.005
        return
    with pytest.raises(JqlError, match=r"is invalid\. Valid formats include: 'yyyy/MM/dd HH:mm'"):
        _CALENDAR.instant(text, "created")


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("now", (), "2026-11-24 07:00"),
        ("startOfDay", (), "2026-11-24 00:00"),
        ("startOfDay", ("-1",), "2026-11-23 00:00"),
        ("startOfDay", ("-1w",), "2026-11-17 00:00"),
        ("endOfDay", ("+1",), "2026-11-25 23:59"),
        ("startOfWeek", (), "2026-11-22 00:00"),
        ("startOfMonth", (), "2026-11-01 00:00"),
        ("startOfMonth", ("+14d",), "2026-11-15 00:00"),
        ("startOfMonth", ("-1",), "2026-10-01 00:00"),
        ("endOfMonth", (), "2026-11-30 23:59"),
        ("endOfMonth", ("3",), "2027-02-28 23:59"),
        ("startOfYear", ("-1y",), "2025-01-01 00:00"),
        ("endOfYear", (), "2026-12-31 23:59"),
    ],
)
def test_date_functions(function: str, arguments: tuple[str, ...], expected: str) -> None:
    """Functions answer edges of days, weeks, months and years, moved by their increment."""
    assert _shown(_CALENDAR.computed(function, arguments)) == expected


def test_a_week_begins_where_the_caller_lives() -> None:
    """A German week begins on a Monday."""
    german = Calendar(NOON, _NEW_YORK, "de_DE")
    assert _shown(german.computed("startOfWeek", ())) == "2026-11-23 00:00"


def test_increments_are_checked() -> None:
    """An increment that is none is refused."""
    with pytest.raises(JqlError, match=r"\(\+/-\)n\(yMwdhm\)"):
        _CALENDAR.computed("startOfDay", ("soon",))
    with pytest.raises(JqlError, match="expected '0' arguments but received '1'"):
        _CALENDAR.computed("now", ("1",))


@given(st.text(max_size=25))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    """Whatever comes is a point in time or refused."""
    try:
        assert isinstance(_CALENDAR.instant(text, "created"), float)
    except JqlError as error:
        assert error.about_values


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001 - read in a zone
def test_written_minutes_come_back(moment: datetime) -> None:
    """A minute written as text is that minute of the caller's clock."""
    text = f"{moment:%Y-%m-%d %H:%M}"
    at = _CALENDAR.instant(text, "created")
    assert at == moment.replace(second=0, microsecond=0, tzinfo=_NEW_YORK).timestamp()
