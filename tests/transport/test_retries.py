"""How long a failed read is waited for, and when it is given up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.transport.limits import GiveUp, Wait
from vantage_jira_plugin.transport.retries import RetryPolicy


def _retry(*, attempt=0, jitter=1.0, announced=None, waited=0.0, lost=0.0, patience=300.0):
    return RetryPolicy().decide(
        attempt=attempt,
        jitter=jitter,
        announced=announced,
        waited_seconds=waited,
        lost_seconds=lost,
        patience_seconds=patience,
    )


@pytest.mark.parametrize("jitter", [0.7, 1.0, 1.3])
@pytest.mark.parametrize(("attempt", "seconds"), [(0, 0.25), (1, 0.5), (2, 1.0), (3, 2.0)])
def test_a_failed_read_is_repeated_soon_then_later(attempt, seconds, jitter):
    """A quarter of a second, doubled each time, times the jitter."""
    assert _retry(attempt=attempt, jitter=jitter) == Wait(seconds * jitter)


def test_a_failed_read_is_repeated_four_times():
    """The fifth failure is told to the caller."""
    assert _retry(attempt=4) == GiveUp(4.0)


def test_a_503_that_names_a_time_is_not_repeated_sooner():
    """`Retry-After` is the least; our own wait where it is longer."""
    assert _retry(announced=7.0) == Wait(7.0)
    assert _retry(announced=0.0) == Wait(0.25)
    assert _retry(announced=1.0, attempt=3) == Wait(2.0)


@pytest.mark.parametrize(
    ("announced", "decision"), [(59.9, Wait(59.9)), (60.0, GiveUp(60.0)), (3600.0, GiveUp(3600.0))]
)
def test_an_outage_of_a_minute_is_not_waited_for(announced, decision):
    """A wait that outlasts the leeway of the token is the caller's to make."""
    assert _retry(announced=announced) == decision


def test_the_waits_of_a_read_stay_below_a_minute_together():
    """Outages that follow each other are waited for as one."""
    assert _retry(announced=25.0, waited=25.0) == Wait(25.0)
    assert _retry(announced=25.0, waited=50.0) == GiveUp(25.0)


@pytest.mark.parametrize(
    ("lost", "patience", "decision"),
    [
        (0.0, 0.35, Wait(0.25)),
        (0.0, 0.34, GiveUp(0.25)),
        (5.0, 5.25, Wait(0.25)),
        (5.0, 5.2, GiveUp(0.25)),
        (65.0, 60.0, GiveUp(0.25)),
    ],
)
def test_a_read_is_repeated_only_where_there_is_time_for_it(lost, patience, decision):
    """What is left must hold the wait and an attempt as long as the one that was lost."""
    assert _retry(lost=lost, patience=patience) == decision


@given(
    announced=st.none() | st.floats(min_value=0, max_value=1e9),
    jitter=st.floats(min_value=0.7, max_value=1.3),
    lost=st.floats(min_value=0, max_value=100),
    patience=st.floats(min_value=0, max_value=1000),
)
def test_a_failing_read_ends_in_time(announced, jitter, lost, patience):
    """A read that fails for ever is given up after five attempts at most, and before the patience is over."""
    attempt = 0
    while isinstance(
        decision := _retry(attempt=attempt, jitter=jitter, announced=announced, lost=lost, patience=patience), Wait
    ):
        assert decision.seconds >= (announced or 0)
        patience -= decision.seconds + lost
        assert patience >= 0
        attempt += 1
        assert attempt <= 4
