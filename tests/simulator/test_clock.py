from __future__ import annotations

import time

import pytest

from vantage_jira_plugin.simulator.clock import Clock, iso_at


def test_advance_jumps_ahead_of_the_machine():
    """Advancing adds to the machine's time, and reset takes it back."""
    clock = Clock()
    clock.advance(3600)
    clock.advance(0.5)
    assert clock() - time.time() == pytest.approx(3600.5, abs=0.5)
    assert clock.offset_seconds == 3600.5
    clock.reset()
    assert clock() == pytest.approx(time.time(), abs=0.5)


def test_clock_never_goes_back():
    """A negative jump is refused."""
    with pytest.raises(ValueError, match="forward only"):
        Clock().advance(-1)


def test_iso_at_is_utc_with_seconds():
    """Epoch seconds become ISO 8601 in UTC."""
    assert iso_at(1_759_935_600) == "2025-10-08T15:00:00Z"
