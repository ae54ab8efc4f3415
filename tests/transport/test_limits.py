from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from tests.reading.strategies import calm
from vantage_jira_plugin.transport.limits import (
    BackoffPolicy,
    GiveUp,
    RetryPolicy,
    Scope,
    Wait,
    announced_seconds,
    clock_time,
    closes,
    header_count,
)

_NOW = datetime(2026, 3, 26, 15, 59, 30, tzinfo=UTC).timestamp()

_finite_seconds = st.floats(min_value=0, max_value=1e9)
_jitters = st.floats(min_value=0.7, max_value=1.3)


def _announced(**headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return announced_seconds(CaseInsensitiveDict(names), now=_NOW)


def _decide(policy, headers=None, *, attempt=0, jitter=1.0, waited=0.0, patience=300.0):
    refused = policy.refusal(CaseInsensitiveDict(headers or {}), attempt=attempt, now=_NOW, jitter=jitter)
    return policy.decide(refused, attempt=attempt, waited_seconds=waited, patience_seconds=patience)


# ---- what an answer announces ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1),
        ("0", 0),
        ("1847", 1847),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("Thu, 26 Mar 2026 16:00:00 GMT", 30),
        ("Thu, 26 Mar 2026 17:00:00 +0100", 30),
        ("Thursday, 26-Mar-26 16:00:00 GMT", 30),
        ("Thu, 26 Mar 2026 15:00:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Thu, 26 Mar 2026 16:00:00 -0000", 30),
        ("Thu, 26 Mar 2026 16:00:00", 30),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    """Both forms of RFC 9110 are read; a date that is past, and 0, ask for no wait."""
    assert _announced(Retry_After=text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "-0.5", "inf", "-inf", "nan", "1e400", "1 2", "Thu, 99 Foo 2026"])
def test_a_retry_after_that_is_no_time_counts_as_absent(text):
    """Garbage is neither a wait nor a failure, and the reset time is used in its place."""
    assert _announced(Retry_After=text) is None
    assert _announced(Retry_After=text, X_RateLimit_Reset="2026-03-26T16:00Z") == 30


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-26T16:00:00Z",
        "2026-03-26T16:00Z",
        "2026-03-26T16:00:00.000Z",
        "2026-03-26T16:00:00+00:00",
        "2026-03-26T17:00+01:00",
        "2026-03-26T11:00:00-05:00",
        "2026-03-26T16:00:00",
        "2026-03-26T16:00",
        " 2026-03-26T16:00Z ",
    ],
)
def test_the_reset_time_is_iso_8601(text):
    """`X-RateLimit-Reset` is read with and without seconds and offset; without an offset it is UTC."""
    assert _announced(X_RateLimit_Reset=text) == 30


def test_a_reset_in_the_past_asks_for_no_wait():
    """A wait is never negative."""
    assert _announced(X_RateLimit_Reset="2026-01-01T01:01:01Z") == 0


@pytest.mark.parametrize("text", ["", "soon", "16:00", "2026-13-01T00:00Z", "2026-03-26T16:00Z and more"])
def test_a_reset_that_is_no_time_counts_as_absent(text):
    """Garbage is no wait."""
    assert _announced(X_RateLimit_Reset=text) is None


def test_retry_after_wins_over_the_reset_time():
    """Where both are there, `Retry-After` is what Jira asks for."""
    assert _announced(Retry_After="5", X_RateLimit_Reset="2026-03-26T16:00Z") == 5
    assert _announced(Retry_After="0", X_RateLimit_Reset="2026-03-26T16:00Z") == 0


def test_an_answer_without_either_header_announces_nothing():
    """Other rate-limit headers name no time."""
    assert _announced(X_RateLimit_Limit="350", X_RateLimit_Remaining="0") is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the local time zone cannot be changed here")
def test_the_time_zone_of_the_machine_does_not_matter(monkeypatch):
    """A date without a zone is UTC wherever the worker runs."""
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert _announced(Retry_After="Thu, 26 Mar 2026 16:00:00 -0000") == 30
        assert _announced(X_RateLimit_Reset="2026-03-26T16:00:00") == 30
    finally:
        monkeypatch.delenv("TZ") if before is None else monkeypatch.setenv("TZ", before)
        time.tzset()


@calm
@given(st.integers(min_value=0, max_value=10**7))
def test_an_http_date_is_read_back(seconds):
    """The wait is what lies between now and the date."""
    moment = datetime.fromtimestamp(_NOW + seconds, UTC)
    assert _announced(Retry_After=format_datetime(moment, usegmt=True)) == seconds


@calm
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_value_is_read_without_a_failure(retry_after, reset):
    """Whatever a gateway sends is a finite, non-negative wait or nothing."""
    seconds = _announced(Retry_After=retry_after, X_RateLimit_Reset=reset)
    assert seconds is None or 0 <= seconds < float("inf")


# ---- the decision ---------------------------------------------------------------------------


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


@calm
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


# ---- what a refusal closes ------------------------------------------------------------------


def _refusal(headers, *, attempt=0, policy=None):
    return (policy or BackoffPolicy()).refusal(CaseInsensitiveDict(headers), attempt=attempt, now=_NOW, jitter=1.0)


@pytest.mark.parametrize(
    ("reason", "scope"),
    [
        ("jira-burst-based", Scope.ENDPOINT),
        ("jira-per-issue-on-write", Scope.ISSUE),
        ("jira-quota-tenant-based", Scope.SITE),
        ("jira-quota-global-based", Scope.APP),
        ("JIRA-Quota-Global-Based", Scope.APP),
        (" jira-per-issue-on-write ", Scope.ISSUE),
        ("jira-cost-based", Scope.ENDPOINT),
        ("jira-quota-based", Scope.ENDPOINT),
        ("", Scope.ENDPOINT),
    ],
)
def test_the_reason_says_what_is_closed(reason, scope):
    """Jira's four reasons, in any case; what nobody knows closes the endpoint only."""
    assert _refusal({"RateLimit-Reason": reason}).scope is scope


def test_a_refusal_is_read_whole():
    """Scope, Jira's word, for how long, and the size of the bucket."""
    refused = _refusal({"RateLimit-Reason": "jira-burst-based", "X-RateLimit-Limit": "350", "Retry-After": "2.5"})
    assert (refused.reason, refused.seconds, refused.limit) == ("jira-burst-based", 2.5, 350)
    assert closes({"RateLimit-Reason": "jira-burst-based"}) == (Scope.ENDPOINT, "jira-burst-based")


def test_the_refusal_of_a_gateway_names_neither():
    """Without a reason and with a limit that is no number, it is a rate limit of unknown size."""
    refused = _refusal({"X-Failure-Category": "FAILURE CLIENT RATE LIMITED", "X-RateLimit-Limit": "many"})
    assert (refused.scope, refused.reason, refused.limit) == (Scope.ENDPOINT, "rate limit", None)


@pytest.mark.parametrize("reason", ["jira-quota-tenant-based", "jira-quota-global-based"])
def test_a_quota_that_names_no_time_begins_anew_with_the_hour(reason):
    """The quota is the UTC clock hour's, whatever the setting says about other limits; a time that is named wins."""
    policy = BackoffPolicy(fallback_seconds=1)
    assert _refusal({"RateLimit-Reason": reason}, policy=policy).seconds == 30.0
    assert _refusal({"RateLimit-Reason": reason, "Retry-After": "0"}).seconds == 30.0
    assert _refusal({"RateLimit-Reason": reason, "Retry-After": "7"}).seconds == 7.0


def test_a_time_that_did_not_suffice_is_not_gone_by_again():
    """`Retry-After: 0` is kept once; refused again, the wait doubles as where no time is named."""
    assert [_refusal({"Retry-After": "0"}, attempt=attempt).seconds for attempt in range(5)] == [0, 2, 4, 8, 16]
    assert [_refusal({"Retry-After": "1"}, attempt=attempt).seconds for attempt in range(5)] == [1] * 5


def test_each_scope_has_its_words():
    """What is closed can be told to people, and no two are the same."""
    assert len({scope.words for scope in Scope}) == len(Scope)


@pytest.mark.parametrize("reason", ["a b", "x" * 81, "<b>", "Bearer\tx", "ümlaut"])
def test_a_reason_that_is_no_word_is_not_quoted(reason):
    """What a header says ends up in messages and logs only where it is a plain word."""
    assert _refusal({"RateLimit-Reason": reason}).reason == "rate limit"


def test_nothing_is_closed_for_ever():
    """A nonsensical time closes an endpoint for an hour at most, the longest of Jira's limits."""
    assert _refusal({"Retry-After": "1e300"}).seconds == 3600.0
    assert _refusal({"Retry-After": "3599"}).seconds == 3599.0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("350", 350),
        (" 0 ", 0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("9" * 12, 10**12 - 1),
        ("9" * 13, None),
        ("1e3", None),
    ],
)
def test_counts_are_plain_whole_numbers(text, count):
    """Anything else counts as absent, also what Python would take for a number."""
    assert header_count({"X-RateLimit-Limit": text}, "X-RateLimit-Limit") == count


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (_NOW, "15:59:30 UTC"),
        (_NOW + 0.2, "15:59:31 UTC"),
        (_NOW + 30_000, "2026-03-27 00:19:30 UTC"),
        (1e300, "9999-12-31 23:59:59 UTC"),
    ],
)
def test_a_moment_for_people(at, text):
    """Whole seconds, never too early, with the day where it is not today's; one that no calendar has is no failure."""
    assert clock_time(at, now=_NOW) == text


_junk_headers = st.dictionaries(
    st.sampled_from(["Retry-After", "RateLimit-Reason", "X-RateLimit-Limit", "X-RateLimit-Reset"]),
    st.text(max_size=40) | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["1e300", "9" * 400]),
)


@calm
@given(_junk_headers)
def test_any_refusal_is_read_without_a_failure(headers):
    """Whatever stands in the headers of a 429, it closes something for a while that can be told to people."""
    for attempt in range(5):
        refused = _refusal(headers, attempt=attempt)
        assert 0 <= refused.seconds <= 3600
        assert refused.reason
        assert clock_time(_NOW + refused.seconds, now=_NOW).endswith("UTC")
    announced = _announced(**headers)
    assert announced is None or clock_time(_NOW + announced, now=_NOW).endswith("UTC")


# ---- reads that failed ----------------------------------------------------------------------


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


@calm
@given(
    announced=st.none() | _finite_seconds,
    jitter=_jitters,
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
