"""Moments as hosts write them in records, and as they are written back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from vantage_jira_plugin.auth.record import iso_datetime, parse_expiry

_EXPIRY = datetime(2026, 1, 31, 9, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00.000Z",
        "2026-01-31T09:30Z",
        "2026-01-31 09:30:00+00:00",
        "2026-01-31T09:30:00",
        "2026-01-31T10:30:00+01:00",
        "20260131T093000Z",
        "  2026-01-31T09:30:00Z\n",
        1_769_851_800_000,
        1_769_851_800_000.0,
        1_769_851_800,
        "1769851800000",
        "1769851800",
        datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
        datetime(2026, 1, 31, 9, 30),  # noqa: DTZ001 - a naive moment is the case
        datetime(2026, 1, 31, 11, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=str,
)
def test_an_expiry_has_several_forms(value):
    """ISO 8601 and epoch milliseconds name one moment; a text without an offset is UTC."""
    assert parse_expiry(value) == _EXPIRY


def test_a_day_is_its_first_moment():
    """A date without a time is midnight in UTC, however it is written."""
    midnight = datetime(2026, 1, 31, tzinfo=UTC).timestamp()
    assert parse_expiry("2026-01-31") == midnight
    assert parse_expiry("20260131") == midnight


def test_no_expiry_is_none():
    """Null stays null; 0 is a moment."""
    assert parse_expiry(None) is None
    assert parse_expiry(0) == 0


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "2026-02-30",
        "9:30",
        True,
        False,
        [],
        {},
        b"2026-01-31",
        float("nan"),
        float("inf"),
        float("-inf"),
        1e300,
        -1e300,
        10**400,
        10**17,
        "9" * 5000,
        "99999999999999999999",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59.999999Z",
    ],
    ids=range(22),
)
def test_what_is_no_moment_is_refused(value):
    """Each unusable value is a ValueError, also where it is a moment no calendar reaches in UTC."""
    with pytest.raises(ValueError, match="neither ISO 8601 text nor epoch milliseconds"):
        parse_expiry(value)


@given(json_values() | st.text() | st.integers() | st.floats())
def test_any_value_is_a_moment_or_refused(value):
    """Every moment that is read can be written again; nothing else than ValueError is raised."""
    try:
        seconds = parse_expiry(value)
    except ValueError:
        return
    written = iso_datetime(seconds)
    assert (written is None) is (value is None)
    if written is not None:
        assert 0 <= seconds - parse_expiry(written) < 0.002


@given(st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.timezones()))  # noqa: DTZ001 - bounds are naive
def test_a_moment_is_read_whatever_its_offset(moment):
    """The text of an aware moment is that moment."""
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        return
    if expected.year < 9999:
        assert abs(parse_expiry(moment.isoformat()) - expected.timestamp()) < 0.001


def test_moments_are_written_in_utc_with_milliseconds():
    """One form goes out: ISO 8601 with Z."""
    assert iso_datetime(_EXPIRY) == "2026-01-31T09:30:00.000Z"
    assert iso_datetime(_EXPIRY + 0.25) == "2026-01-31T09:30:00.250Z"
    assert iso_datetime(0) == "1970-01-01T00:00:00.000Z"
    assert iso_datetime(None) is None
