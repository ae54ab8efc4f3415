"""What a refusal says: for how long, what it closes, how many requests there are."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from vantage_jira_plugin.transport.limits import (
    BackoffPolicy,
    Scope,
    announced_seconds,
    clock_time,
    closes,
    header_count,
)

_NOW = datetime(2026, 3, 26, 15, 59, 30, tzinfo=UTC).timestamp()


def _announced(**headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return announced_seconds(CaseInsensitiveDict(names), now=_NOW)


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


@given(st.integers(min_value=0, max_value=10**7))
def test_an_http_date_is_read_back(seconds):
    """The wait is what lies between now and the date."""
    moment = datetime.fromtimestamp(_NOW + seconds, UTC)
    assert _announced(Retry_After=format_datetime(moment, usegmt=True)) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_value_is_read_without_a_failure(retry_after, reset):
    """Whatever a gateway sends is a finite, non-negative wait or nothing."""
    seconds = _announced(Retry_After=retry_after, X_RateLimit_Reset=reset)
    assert seconds is None or 0 <= seconds < float("inf")


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
