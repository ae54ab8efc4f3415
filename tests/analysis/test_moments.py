"""Moments of Jira's as epoch seconds and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.analysis.moments import days, epoch, hours, iso


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-04-28T15:31:13.533+0200", 1777383073.533),
        ("2026-04-28T13:31:13.533Z", 1777383073.533),
        ("2026-04-28T13:31:13.533", 1777383073.533),
        (1777383073, 1777383073.0),
        (1777383073533, 1777383073.533),
        (None, None),
        ("", None),
        ("yesterday", None),
        (True, None),
        ({}, None),
        ("9999-12-31T23:59:00.000-0700", None),
        ("0001-01-01T00:00:00.000+0100", None),
        (10**20, None),
    ],
)
def test_every_form_of_a_moment_is_read(value, expected):
    """ISO 8601 with Jira's offsets, epoch seconds and milliseconds; None for what is no moment."""
    assert epoch(value) == expected


@given(st.integers(0, 4_000_000_000_000))
def test_writing_and_reading_are_inverse(milliseconds):
    """A moment with milliseconds, as Jira's have, survives being written and read."""
    assert epoch(iso(milliseconds / 1000)) == milliseconds / 1000


@pytest.mark.parametrize("written", ["0026-01-05T09:00:00.000Z", "9997-12-31T23:59:59.999Z"])
def test_a_mistyped_year_has_four_digits(written):
    """A year that people mistyped is written as ISO 8601 has it."""
    assert iso(epoch(written)) == written


def test_no_moment_is_written_as_none():
    """None stays None."""
    assert iso(None) is None


def test_lengths_are_in_days_and_hours():
    """36 hours are a day and a half."""
    assert (days(129_600), hours(129_600)) == (1.5, 36.0)
