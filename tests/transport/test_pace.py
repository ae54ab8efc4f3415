from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transport.bucketserver import Bucket, run
from vantage_jira_plugin.transport.pace import Lane, documented_rate
from vantage_jira_plugin.transport.traffic import Traffic

_READ = Traffic("app", "site", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
_SEARCH = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues")
_DOCUMENTED = 150.0
_SLOWEST = 0.2


def _efficiency(bucket, traffic=_READ, *, requests=1000, others=0.0, **more):
    """Return a run, and its time as a multiple of what the bucket alone needs."""
    ran = run(bucket, traffic, requests=requests, **more)
    return ran, ran.seconds / ((requests - bucket.capacity) / (bucket.rate - others))


# ---- the documented rates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "template", "rate"),
    [
        ("GET", "/rest/api/3/field", 100.0),
        ("POST", "/rest/api/3/issue", 100.0),
        ("PUT", "/rest/api/3/issue/{issueIdOrKey}", 50.0),
        ("DELETE", "/rest/api/3/issue/{issueIdOrKey}", 50.0),
        ("GET", "/rest/api/3/issue/{issueIdOrKey}", 150.0),
        ("GET", "/rest/api/3/issue/{issueIdOrKey}/changelog", 200.0),
        ("POST", "/rest/api/3/search/approximate-count", 150.0),
        ("GET", "/rest/servicedeskapi/servicedesk/{serviceDeskId}/customer", 5.0),
        ("PATCH", "/rest/api/3/anything", 50.0),
    ],
)
def test_each_endpoint_has_its_documented_rate(method, template, rate):
    """By method, unless the endpoint has a rate of its own; an unknown method gets the lowest."""
    assert documented_rate(method, template) == rate


# ---- whole runs -----------------------------------------------------------------------------


@pytest.mark.parametrize("retry_after", [1, 5])
@pytest.mark.parametrize(
    ("capacity", "most"), [(5, 1.05), (10, 1.05), (20, 1.05), (50, 1.05), (100, 1.05), (350, 1.05)]
)
def test_announced_buckets_are_used_to_the_full(capacity, most, retry_after):
    """Sixteen threads get nearly all that a bucket of 10 per second gives, and are hardly ever refused."""
    ran, ratio = _efficiency(Bucket(10, capacity, retry_after))
    assert len(ran.answered_at) == 1000
    assert ratio <= most
    assert ran.in_closed_window <= 0.01 * ran.sent
    assert ran.refused <= 0.01 * ran.sent


@pytest.mark.parametrize("retry_after", [1, 5])
@pytest.mark.parametrize("others", [0.0, 80.0])
def test_slow_answers_and_other_apps_do_not_matter(others, retry_after):
    """With 150 ms to an answer, and others taking 80 % of the rate, the rest is still used to the full."""
    bucket = Bucket(100, 350, retry_after, others=lambda _: others)
    ran, ratio = _efficiency(bucket, requests=3000, others=others, latency_seconds=0.15, threads=32)
    assert ratio <= 1.05
    assert ran.in_closed_window <= 0.01 * ran.sent


def test_a_small_bucket_behind_slow_answers():
    """What is on its way is reckoned with: ten requests in the bucket, 150 ms to an answer, sixteen threads."""
    ran, ratio = _efficiency(Bucket(10, 10, 5), latency_seconds=0.15)
    assert ratio <= 1.05
    assert ran.in_closed_window <= 0.01 * ran.sent


@pytest.mark.parametrize("retry_after", [1, 5])
def test_workers_that_share_nothing_see_each_other_in_the_bucket(retry_after):
    """Two workers that are on their own find the rate they have together."""
    ran, ratio = _efficiency(Bucket(10, 10, retry_after), workers=2)
    assert ratio <= 1.05
    assert ran.in_closed_window <= 0.01 * ran.sent


def _least_ratio(bucket, seconds, windows):
    """Return what so many refusals cost at least: closed for that long, less what is in the bucket when it opens."""
    lost = bucket.retry_after_seconds - min(bucket.capacity / bucket.rate, bucket.retry_after_seconds)
    return 1 + windows * lost / seconds


@pytest.mark.parametrize("latency_seconds", [0.005, 0.15])
@pytest.mark.parametrize("retry_after", [1, 5])
@pytest.mark.parametrize("fill_seconds", [1, 2, 4])
@pytest.mark.parametrize("rate", [2, 5, 10, 20, 50])
def test_a_bucket_that_announces_nothing_is_learnt_from_refusals(rate, fill_seconds, retry_after, latency_seconds):
    """Over 100 s an eighth is lost beside what the refusals cost; what is sent into closed windows was on its way.

    Two to four refusals are enough for most; a few more where there is little to count, or much in the bucket.
    """
    bucket = Bucket(rate, rate * fill_seconds, retry_after, announces=False)
    ran = run(bucket, _SEARCH, requests=rate * (100 + fill_seconds), latency_seconds=latency_seconds)
    windows = ran.refused - ran.in_closed_window
    assert windows <= (6 if retry_after == 5 else 10)
    assert ran.seconds / 100 <= _least_ratio(bucket, 100, windows) + 0.12
    assert ran.in_closed_window <= 15 + (windows - 1) * (1 + 2 * rate * latency_seconds)


@pytest.mark.parametrize("threads", [8, 16])
@pytest.mark.parametrize(("retry_after", "most"), [(1, 1.1), (5, 1.3)])
def test_a_short_pull_through_a_bucket_that_announces_nothing(threads, retry_after, most):
    """Two hundred pages at ten per second: one refusal of five seconds is not followed by another before the end."""
    ran, ratio = _efficiency(
        Bucket(10, 10, retry_after, announces=False), _SEARCH, requests=210, threads=threads, latency_seconds=0.15
    )
    assert ratio <= most
    assert ran.refused - ran.in_closed_window <= 2


@pytest.mark.parametrize("retry_after", [1, 5])
def test_two_workers_on_their_own_behind_a_bucket_that_announces_nothing(retry_after):
    """Each learns its share: what the other takes is not in the bucket."""
    ran, ratio = _efficiency(Bucket(10, 10, retry_after, announces=False), workers=2)
    assert ratio <= (1.05 if retry_after == 1 else 1.15)
    assert ran.in_closed_window <= 20


@pytest.mark.parametrize("retry_after", [1, 5])
@pytest.mark.parametrize("capacity", [1, 5])
def test_buckets_that_hold_less_than_a_second_need_more_time(capacity, retry_after):
    """What they held is taken for more than it is: the pace is found from below."""
    ran, ratio = _efficiency(Bucket(10, capacity, retry_after, announces=False))
    assert len(ran.answered_at) == 1000
    assert ratio <= 1.4
    assert ran.refused <= 15


@pytest.mark.parametrize(
    ("announces", "seconds", "requests"), [pytest.param(True, 5, 3_000, id="shown"), pytest.param(False, 300, 20_000)]
)
def test_the_pace_returns_when_others_stop(announces, seconds, requests):
    """Others take nine tenths for half a minute; then the whole rate comes back: in seconds, unseen in minutes."""
    bucket = Bucket(100, 100, 1, announces=announces, others=lambda now: 90.0 if now < 30 else 0.0)
    ran = run(bucket, _SEARCH, requests=requests, threads=16, latency_seconds=0.02)
    assert ran.answered_between(15, 30) <= 1.25 * 15 * 10
    assert ran.answered_between(30 + seconds, 40 + seconds) >= 0.9 * 10 * 100


@pytest.mark.parametrize("announces", [True, False])
def test_a_healthy_endpoint_is_not_slowed(announces):
    """A bucket as Atlassian's are: the first hundred requests of a few threads wait for nothing at all."""
    ran = run(Bucket(100, 350, announces=announces), _SEARCH, requests=100, threads=4, latency_seconds=0.02)
    assert ran.waits == [0.0] * 100
    assert ran.refused == 0


def test_an_unknown_endpoint_is_tried_by_a_few_requests_first():
    """Many threads at once do not run into a small bucket blindly, and are held up for a few answers only."""
    ran = run(Bucket(100, 350), _SEARCH, requests=100, threads=64, latency_seconds=0.1)
    assert ran.waits[:4] == [0.0] * 4
    assert 0.0 < max(ran.waits) <= 0.4


def test_a_lane_that_hears_nothing_stops_being_careful():
    """When no answer comes for some seconds, requests are let go all the same."""
    lane = Lane.fresh(_DOCUMENTED, 0.0)
    for _ in range(4):
        assert lane.wait_seconds(0.0) == 0.0
        lane.begin(0.0)
    assert lane.wait_seconds(1.0) > 0.0
    assert lane.wait_seconds(5.0) == 0.0


# ---- single steps ---------------------------------------------------------------------------


def _busy_lane():
    """A lane that has had many answers without headers, at ten per second, until t = 10 s."""
    lane = Lane.fresh(_DOCUMENTED, 0.0)
    for number in range(100):
        lane.begin(number / 10)
        lane.end()
        lane.answer(number / 10, limit=None, remaining=None)
    return lane


def test_the_pace_never_exceeds_the_documented_one():
    """However full the bucket is, a second's requests are the documented rate's."""
    lane = Lane.fresh(_DOCUMENTED, 0.0)
    for number in range(20):
        lane.begin(0.0)
        lane.end()
        lane.answer(number / 10, limit=400, remaining=399)
    assert lane.pace == _DOCUMENTED
    assert not lane.is_tight


def test_a_refused_request_goes_when_its_window_opens():
    """A refusal costs the time it names and no more: the first request after it waits for nothing."""
    lane = Lane.fresh(_DOCUMENTED, 0.0)
    lane.begin(0.0)
    lane.end()
    lane.refuse(0.1, until=3.1, limit=None)
    assert lane.wait_seconds(3.1) == 0.0
    lane.begin(3.1)
    assert lane.wait_seconds(3.1) > 0.0


def test_a_thread_that_wakes_late_does_not_slow_the_lane():
    """What was missed meanwhile is made up for at the next turn; two at once do not go."""
    lane = _busy_lane()
    lane.refuse(10.0, until=10.5, limit=None)
    lane.spare = 0.0
    lane.begin(10.5)
    late = 10.5 + 1.3 / lane.pace
    lane.begin(late)
    assert lane.wait_seconds(late) == pytest.approx(0.7 / lane.pace)
    lane.begin(late + 60.0)
    assert lane.wait_seconds(late + 60.0) > 0.0


def test_refusals_that_were_on_their_way_count_once():
    """Sixteen requests that were refused together say no more than one."""
    lane = _busy_lane()
    lane.refuse(10.0, until=11.0, limit=None)
    pace = lane.pace
    for _ in range(15):
        lane.refuse(10.05, until=11.05, limit=None)
    assert lane.pace == pace
    lane.refuse(14.0, until=15.0, limit=None)
    assert lane.pace < pace


def test_a_second_refusal_measures_what_flows_in():
    """Between two refusals a headerless bucket let through what flowed in, and that becomes the pace."""
    lane = _busy_lane()
    lane.refuse(10.0, until=11.0, limit=10)
    for number in range(100):
        lane.begin(11.0 + number / 10)
        lane.end()
        lane.answer(11.0 + number / 10, limit=None, remaining=None)
    lane.refuse(21.0, until=22.0, limit=10)
    assert lane.pace == pytest.approx(10.0, rel=0.3)


def test_a_lane_that_rested_for_days_answers():
    """However long nothing was asked, the growth of the pace is a number: an overflow would lose the place."""
    lane = _busy_lane()
    lane.refuse(10.0, until=11.0, limit=10)
    lane.answer(11.0 + 30 * 86_400.0, limit=None, remaining=None)
    assert lane.pace == _DOCUMENTED
    assert lane.inflow.per_second is None


def test_a_bucket_that_empties_slows_before_it_refuses():
    """The less is left above the reserve, the slower; a bucket below it lets nothing go at once."""
    paces = []
    for remaining in (300, 100, 30, 5):
        lane = Lane.fresh(100.0, 0.0)
        lane.begin(0.0)
        lane.end()
        lane.answer(0.0, limit=350, remaining=remaining)
        lane.answer(1.0, limit=350, remaining=remaining)
        paces.append(lane.pace)
    assert all(faster >= slower for faster, slower in pairwise(paces))
    assert paces[0] == 100.0
    assert paces[-1] <= 5.0
    assert lane.wait_seconds(1.0) > 0.0


@pytest.mark.parametrize(
    ("limit", "remaining"), [(None, 5), (350, None), (350, 351), (3, 2), (0, 0), (350, -1), (None, None)]
)
def test_headers_that_show_no_bucket_change_nothing(limit, remaining):
    """Half a pair, more left than it holds, or too small a bucket to see anything: as an answer without headers."""
    lane, plain = Lane.fresh(100.0, 0.0), Lane.fresh(100.0, 0.0)
    lane.answer(1.0, limit=limit, remaining=remaining)
    plain.answer(1.0, limit=None, remaining=None)
    assert lane == plain


def test_a_clock_that_goes_back_gives_nothing_away():
    """Tokens come from time that has passed, once."""
    lane = Lane.fresh(10.0, 100.0)
    for _ in range(20):
        lane.begin(100.0)
    lane.wait_seconds(50.0)
    lane.wait_seconds(100.0)
    assert lane.level == 0.0


# ---- properties -----------------------------------------------------------------------------

#: As headers are read: whole numbers of up to twelve digits.
_counts = st.none() | st.integers(min_value=0, max_value=10**12 - 1) | st.sampled_from([0, 1, 4, 10, 350, 600_000])
_steps = st.lists(
    st.tuples(
        st.floats(min_value=-10, max_value=1e7) | st.sampled_from([0.0, 0.001, 0.5, 1.0]),
        st.sampled_from(["begin", "end", "answer", "refuse", "wait"]),
        _counts,
        _counts,
        st.floats(min_value=0, max_value=1e6),
    ),
    max_size=40,
)


def _take(lane, now, kind, limit, remaining, seconds):
    match kind:
        case "begin":
            lane.begin(now)
        case "end":
            lane.end()
        case "answer":
            lane.answer(now, limit=limit, remaining=remaining)
        case "refuse":
            lane.refuse(now, until=now + seconds, limit=limit)
        case "wait":
            lane.wait_seconds(now)


@given(_steps, st.sampled_from([5.0, 50.0, 150.0]))
def test_whatever_comes_the_pace_is_a_pace(steps, documented):
    """Between the slowest and the documented one; the wait is a number, not negative; and it is shared as it is."""
    now = 1_800_000_000.0
    lane = Lane.fresh(documented, now)
    for passed, kind, limit, remaining, seconds in steps:
        now += passed
        _take(lane, now, kind, limit, remaining, seconds)
        assert _SLOWEST <= lane.pace <= documented
        assert 0.0 <= lane.wait_seconds(now) < math.inf
        assert lane.level <= 2 * documented
        assert Lane.from_json(json.loads(json.dumps(lane.to_json(), allow_nan=False))) == lane
