from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.timestamps import (
    date_or_none,
    duration_or_none,
    duration_text,
    epoch_or_none,
    jira_date,
    jira_datetime,
)

_BERLIN = ZoneInfo("Europe/Berlin")


def test_times_are_written_as_jira_does() -> None:
    """Milliseconds, and an offset without a colon that follows summer time."""
    assert jira_datetime(1_777_383_687.114, _BERLIN) == "2026-04-28T15:41:27.114+0200"
    assert jira_datetime(1_795_521_600.0, _BERLIN) == "2026-11-24T13:00:00.000+0100"
    assert jira_date(1_795_564_800.0, _BERLIN) == "2026-11-25"


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_written_times_come_back(milliseconds: int) -> None:
    """What is written is read as the same instant, to the millisecond."""
    found = epoch_or_none(jira_datetime(milliseconds / 1000, _BERLIN))
    assert found is not None
    assert abs(found - milliseconds / 1000) < 0.0011


@pytest.mark.parametrize("text", ["2026-04-28", "2026-04-28T15:41", "2026-13-01T00:00:00Z", "", "now"])
def test_what_is_no_time(text: str) -> None:
    """Days, minutes without an offset and impossible months are none."""
    assert epoch_or_none(text) is None


@given(st.text(max_size=12) | st.dates().map(str))
def test_days(text: str) -> None:
    """A day of the calendar is itself, everything else nothing."""
    assert date_or_none(text) in {None, text}


def test_impossible_days() -> None:
    """February has no 30th."""
    assert date_or_none("2026-02-30") is None
    assert date_or_none("2026-02-28") == "2026-02-28"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3h 20m", 12_000),
        ("1w 1d 1h 1m", 176_460),
        ("1.5h", 5_400),
        ("90", 5_400),
        ("0m", None),
        ("", None),
        ("2y", None),
    ],
)
def test_lengths_of_work_are_read(text: str, seconds: int | None) -> None:
    """A week has five days of eight hours; nothing is no length."""
    assert duration_or_none(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(12_000, "3h 20m"), (176_460, "1w 1d 1h 1m"), (28_800, "1d"), (90, "1m"), (59, "0m")]
)
def test_lengths_of_work_are_written(seconds: int, text: str) -> None:
    """As few words as do; seconds are left out."""
    assert duration_text(seconds) == text
