from __future__ import annotations

from types import SimpleNamespace

from vantage_jira_plugin.errors import JiraUnavailableError, NetworkError
from vantage_jira_plugin.writing.doubt import elsewhere, in_doubt, under_way, unsettled
from vantage_jira_plugin.writing.entry import Entry

_NOW = 1_800_000_000.0
_FINDER = SimpleNamespace(
    mark="the property vantage.idempotencyKey = run-7/file",
    place="project DEV",
    described=lambda place: f"project {place}" if place == "OPS" else None,
)
_ENTRY = Entry.reserved(owner="a", digest="d", place="DEV", now=_NOW)


def test_a_doubt_says_what_to_check_and_what_settles_it():
    """Where, since when and with what key; and that it may be run again, and when."""
    cause = JiraUnavailableError("no", status=503, method="POST", path="/", trace_id="t")
    error = in_doubt("lost", _ENTRY.lost(began_at=_NOW, now=_NOW), _FINDER, now=_NOW + 10, cause=cause)
    assert (error.code, error.retryable, error.retry_after_seconds) == ("unknown_outcome", True, 115)
    assert (error.status, error.trace_id) == (503, "t")
    for word in (
        "same idempotencyKey",
        "project DEV",
        "2027-01-15T08:00:00.000Z",
        "vantage.idempotencyKey = run-7/file",
    ):
        assert word in error.hint


def test_a_look_that_failed_hands_its_reason_on():
    """Message, wait and hint are those of the look."""
    cause = NetworkError("could not search issues: no connection", hint="Check the network.")
    error = unsettled(cause)
    assert (error.code, error.retryable, error.hint) == ("unknown_outcome", True, "Check the network.")
    assert "could not search issues" in error.message
    assert "same idempotencyKey" in unsettled(NetworkError("no")).hint


def test_a_look_that_failed_is_not_repeated_at_once():
    """A cause that names a time is believed; any other one gives Jira a minute."""
    cause = JiraUnavailableError("no", status=200, method="POST", path="/", retry_after_seconds=400.0)
    assert unsettled(cause).retry_after_seconds == 400
    assert unsettled(NetworkError("no")).retry_after_seconds == 60


def test_a_key_of_another_place_is_the_callers_move():
    """The input is named; the place as far as it may be told."""
    error = elsewhere(_FINDER, "OPS")
    assert (error.code, error.retryable, list(error.errors)) == ("input_invalid", False, ["idempotencyKey"])
    assert "was used before for project OPS" in error.message
    for hidden in (elsewhere(_FINDER, "SECRET"), elsewhere(_FINDER, None)):
        assert "was used before for another place" in hidden.message
        assert "SECRET" not in f"{hidden.message} {hidden.errors} {hidden.hint}"


def test_another_worker_is_given_until_its_lease_ends():
    """The wait is never negative."""
    error = under_way(_ENTRY, now=_NOW + 50)
    assert (error.code, error.retryable, error.retry_after_seconds) == ("conflict", True, 175)
    assert under_way(_ENTRY, now=_NOW + 500).retry_after_seconds == 0
