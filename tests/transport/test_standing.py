from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.transport.limits import BackoffPolicy, Refusal, Scope
from vantage_jira_plugin.transport.pace import Lane
from vantage_jira_plugin.transport.quota import QuotaLeft
from vantage_jira_plugin.transport.standing import Ended, Standing
from vantage_jira_plugin.transport.traffic import Traffic

_NOW = 1_790_000_000.0
_READ = Traffic("app", "site", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
_EDIT = Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue="DEV-1")
_EDIT_OTHER = Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue="DEV-2")
_COMMENT = Traffic("app", "site", "POST", "/rest/api/3/issue/{issueIdOrKey}/comment", "add the comment", issue="DEV-1")
_SEARCH = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues")
_BULK = Traffic("app", "site", "POST", "/rest/api/3/bulk/issues/delete", "delete issues", bulk=True)
_BULK_EDIT = Traffic("app", "site", "POST", "/rest/api/3/bulk/issues/fields", "edit issues", bulk=True)
_BACKGROUND = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues", background=True)
_ALL = {
    "read": _READ,
    "edit": _EDIT,
    "edit of another": _EDIT_OTHER,
    "comment": _COMMENT,
    "search": _SEARCH,
    "bulk": _BULK,
}


def _answered(now=_NOW, **more):
    return Ended(now, answered=True, **more)


def _refused(traffic, reason, *, seconds=10.0, now=_NOW, standing=None):
    """Return a standing after a request was refused for this reason."""
    standing = standing or Standing()
    standing.begin(traffic, now)
    headers = {"RateLimit-Reason": reason, "Retry-After": repr(seconds)}
    refused = BackoffPolicy().refusal(headers, attempt=0, now=now, jitter=1.0)
    standing.end(traffic, _answered(now, refusal=refused))
    return standing


def _closed(standing, now=_NOW):
    return {name for name, traffic in _ALL.items() if standing.closed_hold(traffic, now) is not None}


# ---- what a refusal closes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "closed"),
    [
        ("jira-burst-based", {"edit", "edit of another"}),
        ("jira-per-issue-on-write", {"edit", "comment"}),
        ("jira-quota-tenant-based", set(_ALL)),
        ("jira-quota-global-based", set(_ALL)),
        ("jira-cost-based", {"edit", "edit of another"}),
        ("jira-max-concurrent-threads-across-all-instances-per-tenant-per-user", {"edit", "edit of another"}),
        ("", {"edit", "edit of another"}),
    ],
)
def test_each_reason_closes_what_it_is_about(reason, closed):
    """Endpoint and method, the writes to one issue, or everything; a reason nobody knows is the endpoint's."""
    standing = _refused(_EDIT, reason)
    assert _closed(standing) == closed
    assert _closed(standing, _NOW + 9.9) == closed
    assert _closed(standing, _NOW + 10.0) == set()


def test_a_hold_says_why_and_how_long():
    """It names what is waited for, Jira's own word for it, and that Jira closed it."""
    hold = _refused(_READ, "jira-burst-based").hold(_READ, _NOW + 4)
    assert (hold.key, hold.seconds, hold.reason, hold.closed) == (
        _READ.lane,
        6.0,
        "this endpoint (jira-burst-based)",
        True,
    )


def test_a_per_issue_refusal_of_what_writes_to_no_issue_closes_its_endpoint():
    """Where no issue is known, the endpoint stands in for it."""
    assert _closed(_refused(_SEARCH, "jira-per-issue-on-write")) == {"search"}


def test_a_per_issue_refusal_does_not_slow_the_endpoint():
    """The endpoint's bucket was not empty, so that its pace stays."""
    standing = _refused(_EDIT, "jira-per-issue-on-write")
    assert not standing.lanes[_EDIT.lane].is_tight
    assert _refused(_EDIT, "jira-burst-based").lanes[_EDIT.lane].is_tight


def test_a_window_is_never_opened_early():
    """A later refusal that names less time leaves the longer one, of an endpoint and of everything."""
    for reason in ("jira-burst-based", "jira-quota-tenant-based"):
        standing = _refused(_READ, reason, seconds=30.0)
        _refused(_READ, reason, seconds=1.0, standing=standing)
        assert standing.hold(_READ, _NOW).seconds == 30.0


def test_windows_that_are_over_are_forgotten():
    """What is closed does not pile up."""
    standing = Standing()
    for number in range(50):
        write = Traffic("app", "site", "PUT", _EDIT.template, "update", issue=f"DEV-{number}")
        _refused(write, "jira-per-issue-on-write", seconds=1.0, now=_NOW + 2 * number, standing=standing)
    assert len(standing.closed) == 1


# ---- spacing --------------------------------------------------------------------------------


def _write_until_held(standing, now, most):
    """Begin and end writes to DEV-1 at one moment until one is held; return how many went."""
    for count in range(most):
        if standing.hold(_EDIT, now) is not None:
            return count
        standing.begin(_EDIT, now)
        standing.end(_EDIT, _answered(now, limit=300, remaining=299))
    return most


def test_twenty_writes_to_one_issue_in_two_seconds():
    """The twenty-first waits until the first is two seconds old, and a little; other issues do not."""
    standing = Standing()
    assert _write_until_held(standing, _NOW, 30) == 20
    hold = standing.hold(_EDIT, _NOW + 0.5)
    assert (hold.seconds, hold.closed) == (1.75, False)
    assert standing.hold(_COMMENT, _NOW + 0.5).key == hold.key
    assert standing.hold(_EDIT_OTHER, _NOW + 0.5) is None
    assert standing.hold(_READ, _NOW + 0.5) is None
    assert standing.hold(_EDIT, _NOW + 2.24) is not None
    assert standing.hold(_EDIT, _NOW + 2.25) is None


def test_a_hundred_writes_to_one_issue_in_thirty_seconds():
    """Twenty every two seconds use up the hundred; the next waits until the first is thirty seconds old."""
    standing = Standing()
    for burst in range(5):
        assert _write_until_held(standing, _NOW + 2.5 * burst, 30) == 20
    assert _write_until_held(standing, _NOW + 12.5, 30) == 0
    assert standing.hold(_EDIT, _NOW + 12.5).seconds == 17.75
    assert standing.hold(_EDIT, _NOW + 30.2) is not None
    assert _write_until_held(standing, _NOW + 30.25, 30) == 20


def test_writes_of_long_ago_are_forgotten():
    """What is remembered of issues does not pile up."""
    standing = Standing()
    for number in range(100):
        write = Traffic("app", "site", "PUT", _EDIT.template, "update", issue=f"DEV-{number}")
        standing.begin(write, _NOW + number)
    assert len(standing.writes) <= 31


def test_five_bulk_operations_at_once():
    """A sixth waits until one has ended, of whichever kind; what is no bulk operation does not wait."""
    standing = Standing()
    for traffic in (_BULK, _BULK, _BULK, _BULK_EDIT, _BULK_EDIT):
        assert standing.hold(traffic, _NOW) is None
        standing.begin(traffic, _NOW)
    for traffic in (_BULK, _BULK_EDIT):
        hold = standing.hold(traffic, _NOW)
        assert (hold.key, hold.closed) == ("bulk", False)
    assert standing.hold(_READ, _NOW) is None
    standing.end(_BULK_EDIT, _answered())
    assert standing.hold(_BULK, _NOW) is None


def test_a_bulk_operation_whose_end_was_never_noted_lapses():
    """A worker that died does not keep a place for ever: two minutes."""
    standing = Standing()
    for _ in range(5):
        standing.begin(_BULK, _NOW)
    assert standing.hold(_BULK, _NOW + 119.9) is not None
    assert standing.hold(_BULK, _NOW + 120.0) is None
    standing.begin(_BULK, _NOW + 120.0)
    assert len(standing.bulk) == 1


def test_an_end_without_a_beginning_is_no_failure():
    """Another worker's value may know nothing of a request that ends."""
    standing = Standing()
    standing.end(_BULK, Ended(_NOW, answered=False))
    assert standing.hold(_BULK, _NOW) is None


# ---- pace -----------------------------------------------------------------------------------


def test_a_pace_is_the_documented_one_until_something_else_is_learnt():
    """Of an endpoint that nobody has asked it is known besides; asking changes nothing."""
    standing = Standing()
    documented = standing.pace(_SEARCH)
    assert documented > 0
    assert standing == Standing()
    standing.begin(_SEARCH, _NOW)
    assert standing.pace(_SEARCH) == documented


def test_a_refusal_slows_its_endpoint_alone():
    """The others keep their pace."""
    standing = Standing()
    before = {traffic: standing.pace(traffic) for traffic in (_SEARCH, _READ)}
    _refused(_SEARCH, "jira-burst-based", standing=standing)
    assert 0 < standing.pace(_SEARCH) < before[_SEARCH]
    assert standing.pace(_READ) == before[_READ]


# ---- points ---------------------------------------------------------------------------------


def test_background_work_rests_where_points_are_scarce():
    """What it has spent is spread over the time to the reset; what somebody waits for goes on."""
    standing = Standing()
    standing.end(_BACKGROUND, _answered(quota=QuotaLeft("tenant-app-quota", 1000, _NOW + 600)))
    standing.spent(50, _NOW)
    hold = standing.hold(_BACKGROUND, _NOW)
    assert (hold.key, hold.seconds, hold.closed) == ("background", pytest.approx(30.0), False)
    assert standing.hold(_SEARCH, _NOW) is None
    standing.spent(50, _NOW + 10)
    assert standing.hold(_BACKGROUND, _NOW + 10).seconds == pytest.approx(20 + 29.5)
    assert standing.hold(_BACKGROUND, _NOW + 60) is None


def test_background_work_does_not_rest_beyond_the_reset():
    """A page dearer than all that is left waits for the next hour, not for the one after."""
    standing = Standing()
    standing.end(_BACKGROUND, _answered(quota=QuotaLeft("tenant-app-quota", 10, _NOW + 600)))
    standing.spent(5000, _NOW)
    assert standing.hold(_BACKGROUND, _NOW).seconds == 600.0
    assert standing.hold(_BACKGROUND, _NOW + 600) is None


def test_background_work_goes_on_while_there_is_plenty():
    """Without a word on the quota, or after its reset, spending means nothing."""
    standing = Standing()
    standing.spent(50_000, _NOW)
    assert standing.hold(_BACKGROUND, _NOW) is None
    standing.end(_BACKGROUND, _answered(quota=QuotaLeft("tenant-app-quota", 1, _NOW + 5)))
    standing.spent(50_000, _NOW + 6)
    assert standing.hold(_BACKGROUND, _NOW + 6) is None


# ---- agreement and sharing ------------------------------------------------------------------


def test_workers_agree_where_there_is_little_room():
    """On a slowed endpoint, on bulk operations, and on the writes to one issue; else not."""
    standing = Standing()
    assert not standing.needs_agreement(_READ, _NOW)
    assert standing.needs_agreement(_BULK, _NOW)
    assert standing.needs_agreement(_EDIT, _NOW)
    assert _refused(_READ, "jira-burst-based").needs_agreement(_READ, _NOW)


_traffics = st.sampled_from([*_ALL.values(), _BACKGROUND])
_refusals = st.builds(
    Refusal,
    scope=st.sampled_from(Scope),
    reason=st.sampled_from(["jira-burst-based", "rate limit"]),
    seconds=st.floats(min_value=0, max_value=3600),
    limit=st.none() | st.integers(min_value=0, max_value=10**12),
)
_ends = st.builds(
    Ended,
    at=st.floats(min_value=_NOW, max_value=_NOW + 4000),
    answered=st.booleans(),
    refusal=st.none() | _refusals,
    limit=st.none() | st.integers(min_value=0, max_value=10**12),
    remaining=st.none() | st.integers(min_value=0, max_value=10**12),
    quota=st.none()
    | st.builds(
        QuotaLeft, st.just("global-app-quota"), st.integers(min_value=0, max_value=10**12), st.just(_NOW + 600)
    ),
)


@given(st.lists(st.tuples(_traffics, st.none() | _ends, st.integers(min_value=0, max_value=10_000)), max_size=25))
def test_a_standing_is_shared_as_it_is(steps):
    """Whatever has happened, JSON holds all of it, and the next request goes or has a finite wait."""
    standing = Standing()
    now = _NOW
    for traffic, ended, points in steps:
        if ended is None:
            standing.begin(traffic, now)
        else:
            now = max(now, ended.at)
            standing.end(traffic, ended)
        standing.spent(points, now)
        hold = standing.hold(traffic, now)
        assert hold is None or 0 < hold.seconds <= 4000
    assert Standing.from_json(json.loads(json.dumps(standing.to_json(), allow_nan=False)), now=now) == standing


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "x",
        {},
        {"closed": 5, "lanes": [], "writes": None, "bulk": {}, "quota": [], "backgroundAt": "soon", "storedAt": None},
        {"closed": {"*": 5, "x": [], "y": ["soon", "why"], "z": [float("nan"), "why"]}, "quota": {"left": 5}},
        {
            "lanes": {
                "GET /x": {"pace": 1.0},
                "GET /y": None,
                "GET /z": {**Lane.fresh(100.0, 0.0).to_json(), "pace": "1"},
            }
        },
    ],
)
def test_what_another_version_wrote_is_left_out(data):
    """What cannot be read counts as nothing; it neither fails nor closes anything."""
    standing = Standing.from_json(data, now=_NOW)
    assert standing == Standing()
    assert standing.hold(_READ, _NOW) is None


def test_the_rest_of_what_another_version_wrote_counts():
    """One lane that makes no sense does not open what is closed, nor forget what was learnt of another."""
    standing = _refused(_READ, "jira-burst-based")
    data = standing.to_json()
    data["lanes"]["GET /x"] = {"pace": 1.0}
    assert Standing.from_json(data, now=_NOW) == standing


def test_a_stored_window_is_closed_for_an_hour_at_most():
    """A value that was stored by a clock gone wrong closes nothing for ever."""
    data = {"closed": {_READ.lane: [_NOW + 1e9, "jira-burst-based"]}, "backgroundAt": _NOW + 1e9}
    standing = Standing.from_json(data, now=_NOW)
    assert standing.hold(_READ, _NOW).seconds == 3600.0
    assert standing.hold(_BACKGROUND, _NOW).seconds == 3600.0
