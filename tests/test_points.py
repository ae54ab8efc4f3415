from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.errors import (
    CancelledError,
    InputError,
    JiraInvalidError,
    JiraUnavailableError,
    NetworkError,
    RateLimitedError,
    ScopeMissingError,
    SiteGoneError,
    UnauthorizedError,
    UnknownOutcomeError,
)
from vantage_jira_plugin.operations import CREATE_ISSUE, GET_ISSUE, MYSELF, SEARCH_ISSUES
from vantage_jira_plugin.points import (
    Spent,
    Work,
    answer_points,
    budget_refusal,
    doubted_points,
    points_left,
    refusal_points,
)
from vantage_jira_plugin.settings import Settings

#: 2026-01-31 09:30 UTC, half an hour before an hour ends.
_NOW = 1_769_851_800.0
_HALF_HOUR = 1800.0


def _settings(**budgets):
    return Settings("service", "client", "credential", seed=None, **budgets)


def _refused(kind, status, path=GET_ISSUE.template):
    return kind("could not", status=status, method="GET", path=path)


# ---- what a request costs -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "data", "points"),
    [
        (GET_ISSUE, {"id": "1", "key": "DEV-1"}, 2),
        (SEARCH_ISSUES, {"issues": [{}] * 7}, 8),
        (SEARCH_ISSUES, {"issues": []}, 1),
        (MYSELF, {"accountId": "a"}, 3),
        (CREATE_ISSUE, {"id": "1", "key": "DEV-1"}, 1),
    ],
)
def test_a_good_answer_costs_what_is_documented(operation, data, points):
    """One for the request, one for each core object read, two for each person; a write is one."""
    assert answer_points(operation, data) == points


@pytest.mark.parametrize(
    ("error", "points"),
    [
        (_refused(JiraInvalidError, 400), 1),
        (_refused(JiraInvalidError, 404), 1),
        (_refused(JiraUnavailableError, 200), 1),
        (_refused(RateLimitedError, 429), 0),
        (_refused(JiraUnavailableError, 503), 0),
        (_refused(UnauthorizedError, 401), 0),
        (_refused(ScopeMissingError, 401), 0),
        (_refused(SiteGoneError, 404), 0),
        (_refused(JiraUnavailableError, 400, path="/oauth/token"), 0),
        (UnknownOutcomeError("perhaps"), 1),
        (NetworkError("no connection"), 0),
        (CancelledError("too late"), 0),
    ],
)
def test_a_failure_costs_what_jira_has_done_for_it(error, points):
    """Whatever Jira answered has its base point, but for a 429 and its own failures; nothing else costs."""
    assert refusal_points(GET_ISSUE, error) == points


@pytest.mark.parametrize(
    ("status", "repeated_status", "points"),
    [(404, 404, 1), (403, 403, 1), (404, 200, 0), (403, 404, 0), (401, 200, 0), (401, 401, 0)],
)
def test_an_answer_that_a_new_token_does_not_change_was_jiras(status, repeated_status, points):
    """It has its base point; else it was the gateway's word on the old token."""
    assert doubted_points(status, repeated_status) == points


# ---- whose work it is -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "work"),
    [
        ({}, Work(None, "interactive")),
        ({"priority": None, "runId": None}, Work(None, "interactive")),
        ({"priority": "background", "runId": "run-1"}, Work("run-1", "background")),
        ({"priority": "interactive", "runId": 7}, Work("7", "interactive")),
    ],
)
def test_the_context_says_whose_work_it_is(context, work):
    """Without a word people wait for it, and it belongs to no run."""
    assert Work.of(context) == work


@pytest.mark.parametrize("priority", ["urgent", "Background", "", 5, True, [], {}])
def test_other_priorities_are_refused_by_name(priority):
    """Two words are known; anything else is a mistake of the caller."""
    with pytest.raises(InputError) as caught:
        Work.of({"priority": priority})
    assert caught.value.errors == {"priority": ["must be interactive or background"]}
    assert "context.priority" in caught.value.message


# ---- what may be spent ----------------------------------------------------------------------


def test_without_budgets_nothing_is_refused():
    """What there is then is Atlassian's quota."""
    assert points_left(_settings(), Work("run-1", "background"), Spent(10**9, 10**9)) is None
    assert budget_refusal(_settings(), Work("run-1"), Spent(10**9, 10**9), now=_NOW) is None


def test_a_spent_hour_is_told_with_its_end():
    """The refusal says how much of how much, whose budget, what kind of work, until when, and who can change it."""
    refused = budget_refusal(_settings(points_per_hour=100), Work(), Spent(in_hour=101), now=_NOW)
    assert (refused.code, refused.retryable, refused.retry_after_seconds) == ("budget_spent", True, _HALF_HOUR)
    assert "101 of the 100 points of this hour are spent (setting pointsPerHour)" in refused.message
    assert "interactive work is refused until 10:00 UTC" in refused.message
    assert "backgroundShare" not in refused.message + refused.hint
    assert "administrator to raise pointsPerHour" in refused.hint


def test_background_work_is_refused_first():
    """From the share on, and no sooner; people go on to the end."""
    settings = _settings(points_per_hour=100, background_share=0.8)
    background = Work(priority="background")
    assert budget_refusal(settings, background, Spent(in_hour=79), now=_NOW) is None
    refused = budget_refusal(settings, background, Spent(in_hour=80), now=_NOW)
    assert "background work is refused until 10:00 UTC, from 80 points on (setting backgroundShare)" in refused.message
    assert "pointsPerHour or backgroundShare" in refused.hint
    assert budget_refusal(settings, Work(), Spent(in_hour=99), now=_NOW) is None
    whole = _settings(points_per_hour=100, background_share=1.0)
    assert "backgroundShare" not in budget_refusal(whole, background, Spent(in_hour=100), now=_NOW).message
    none = _settings(points_per_hour=100, background_share=0.0)
    assert budget_refusal(none, background, Spent(), now=_NOW) is not None


def test_a_spent_run_is_not_worth_waiting_for():
    """The run's budget is told before the hour's, since the next hour changes nothing about it."""
    settings = _settings(points_per_hour=10, points_per_run=50)
    refused = budget_refusal(settings, Work("run-1", "background"), Spent(in_hour=10, in_run=50), now=_NOW)
    assert (refused.retryable, refused.retry_after_seconds) == (False, None)
    assert "this run has spent 50 of its 50 points (setting pointsPerRun)" in refused.message
    assert "background work" in refused.message
    assert "pointsPerRun" in refused.hint


def test_a_call_outside_a_run_has_no_budget_of_a_run():
    """pointsPerRun is for calls with a run id."""
    settings = _settings(points_per_run=5)
    assert budget_refusal(settings, Work(), Spent(in_run=99), now=_NOW) is None
    assert points_left(settings, Work(), Spent(in_run=99)) is None


@given(
    st.none() | st.integers(1, 1000),
    st.none() | st.integers(1, 1000),
    st.floats(0, 1),
    st.sampled_from(["interactive", "background"]),
    st.integers(0, 1100),
    st.integers(0, 1100),
)
def test_what_is_left_and_what_is_refused_agree(per_hour, per_run, share, priority, in_hour, in_run):
    """Work is refused exactly where nothing is left for it."""
    settings = _settings(points_per_hour=per_hour, points_per_run=per_run, background_share=share)
    work, spent = Work("run-1", priority), Spent(in_hour, in_run)
    left = points_left(settings, work, spent)
    assert (budget_refusal(settings, work, spent, now=_NOW) is not None) == (left == 0)
    assert (left is None) == (per_hour is None and per_run is None)
