"""How long a refused request is waited for, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from vantage_jira_plugin.transport.limits import BackoffPolicy, GiveUp, Wait

_NOW = datetime(2026, 3, 26, 15, 59, 30, tzinfo=UTC).timestamp()

_finite_seconds = st.floats(min_value=0, max_value=1e9)
_jitters = st.floats(min_value=0.7, max_value=1.3)


def _decide(policy, headers=None, *, attempt=0, jitter=1.0, waited=0.0, patience=300.0):
    refused = policy.refusal(CaseInsensitiveDict(headers or {}), attempt=attempt, now=_NOW, jitter=jitter)
    return policy.decide(refused, attempt=attempt, waited_seconds=waited, patience_seconds=patience)


@pytest.mark.parametrize("jitter", [0.7, 1.0, 1.3])
@pytest.mark.parametrize(("attempt", "seconds"), [(0, 2), (1, 4), (2, 8), (3, 16)])
def test_without_a_time_the_wait_doubles(attempt, seconds, jitter):
    """Our own guess is 2, 4, 8, 16 seconds, times the jitter."""
    assert _decide(BackoffPolicy(), attempt=attempt, jitter=jitter) == Wait(seconds * jitter)


def test_the_doubling_stops_at_thirty_seconds():
    """However often it is refused, the guess stays at 30 seconds."""
    patient = BackoffPolicy(max_retries=10)
    assert _decide(patient, attempt=4) == Wait(30)
    assert _decide(patient, attempt=9) == Wait(30)


def test_an_announced_time_is_waited_as_it_is():
    """Jitter applies to our own guess only: sooner is never right."""
    assert _decide(BackoffPolicy(), {"Retry-After": "5"}, jitter=0.7, attempt=2) == Wait(5)
    assert _decide(BackoffPolicy(), {"retry-after": "0"}, jitter=1.3) == Wait(0)


def test_the_setting_is_used_where_no_time_is_announced():
    """`retryAfter` takes the place of the guess, and yields to what Jira says."""
    policy = BackoffPolicy(fallback_seconds=7)
    assert _decide(policy, attempt=3, jitter=0.7) == Wait(7)
    assert _decide(policy, {"Retry-After": "2"}) == Wait(2)
    assert _decide(policy, {"X-RateLimit-Reset": "2026-03-26T16:00Z"}) == Wait(30)
    assert _decide(BackoffPolicy(fallback_seconds=0)) == Wait(0)


def test_a_request_is_repeated_four_times():
    """The fifth refusal is the last."""
    assert isinstance(_decide(BackoffPolicy(), {"Retry-After": "1"}, attempt=3), Wait)
    assert _decide(BackoffPolicy(), {"Retry-After": "1"}, attempt=4) == GiveUp(1)


@pytest.mark.parametrize(
    ("patience", "decision"),
    [(10.5, Wait(10)), (10.4, GiveUp(10)), (9.0, GiveUp(10)), (0.0, GiveUp(10)), (300.0, Wait(10))],
)
def test_nobody_waits_longer_than_the_caller(patience, decision):
    """A wait that leaves no time for the request is not begun, and says how long it would have been."""
    assert _decide(BackoffPolicy(), {"Retry-After": "10"}, patience=patience) == decision


@pytest.mark.parametrize(
    ("waited", "seconds", "decision"),
    [
        (0, "59.9", Wait(59.9)),
        (0, "60", GiveUp(60)),
        (0, "1847", GiveUp(1847)),
        (50, "9", Wait(9)),
        (50, "10", GiveUp(10)),
        (59.9, "0", Wait(0)),
    ],
)
def test_all_waits_of_a_request_stay_below_a_minute(waited, seconds, decision):
    """A request never waits as long as the leeway before its token expires."""
    assert _decide(BackoffPolicy(), {"Retry-After": seconds}, waited=waited) == decision


@given(
    announced=st.none() | _finite_seconds,
    fallback=st.none() | _finite_seconds,
    jitter=_jitters,
    patience=st.floats(min_value=0, max_value=1000),
)
def test_a_refused_request_ends_in_time(announced, fallback, jitter, patience):
    """A wait is never shorter than announced or longer than the patience; together they stay below 60 s."""
    policy = BackoffPolicy(fallback_seconds=fallback)
    headers = {} if announced is None else {"Retry-After": repr(announced)}
    waited, attempt = 0.0, 0
    while isinstance(
        decision := _decide(policy, headers, attempt=attempt, jitter=jitter, waited=waited, patience=patience - waited),
        Wait,
    ):
        assert announced is None or decision.seconds >= announced
        assert decision.seconds <= patience - waited
        waited += decision.seconds
        attempt += 1
        assert attempt <= 4
    assert waited < 60
    assert waited <= patience
    assert decision.seconds >= min(announced or 0, 3600)
