from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.transport.budget import (
    CONNECT_TIMEOUT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    Budget,
)


class _Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_the_time_left_runs_down_to_zero():
    """What is left follows the clock and is never negative."""
    clock = _Clock()
    budget = Budget(30, clock=clock)
    assert budget.remaining_seconds == 30
    clock.now += 12.5
    assert budget.remaining_seconds == 17.5
    clock.now += 100
    assert budget.remaining_seconds == 0


def test_a_part_may_take_less_but_never_more():
    """A part of an action that must end earlier does, and afterwards the action has what it had."""
    clock = _Clock()
    budget = Budget(30, clock=clock)
    with budget.within(10):
        assert budget.remaining_seconds == 10
        clock.now += 4
    assert budget.remaining_seconds == 26
    with budget.within(100):
        assert budget.remaining_seconds == 26


def test_a_caller_that_names_no_time_has_the_default():
    """The patience is part of the budget, for messages."""
    assert Budget(clock=_Clock()).seconds == DEFAULT_TIMEOUT_SECONDS
    assert Budget(5, clock=_Clock()).seconds == 5


@pytest.mark.parametrize(
    ("left", "timeouts"),
    [(300, (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)), (20, (CONNECT_TIMEOUT_SECONDS, 20)), (3, (3, 3))],
)
def test_an_attempt_gets_no_more_time_than_is_left(left, timeouts):
    """Connecting and reading end with the action."""
    assert Budget(left, clock=_Clock()).socket_timeout() == timeouts


def test_a_spent_budget_still_gives_a_socket_some_time():
    """A timeout of zero would mean another thing to a socket."""
    clock = _Clock()
    budget = Budget(1, clock=clock)
    clock.now += 5
    assert budget.socket_timeout() == (0.05, 0.05)


@given(st.floats(min_value=0, max_value=1e6), st.floats(min_value=0, max_value=1e6))
def test_socket_timeouts_are_positive_and_bounded(seconds, later):
    """Whatever is left, both timeouts are usable."""
    clock = _Clock()
    budget = Budget(seconds, clock=clock)
    clock.now += later
    connect, read = budget.socket_timeout()
    assert 0 < connect <= CONNECT_TIMEOUT_SECONDS
    assert connect <= read <= READ_TIMEOUT_SECONDS


def test_a_fresh_budget_has_used_nothing():
    """The meter starts at zero, and each budget has its own."""
    first, second = Budget(clock=_Clock()), Budget(clock=_Clock())
    first.requests += 1
    assert second.usage() == {"requests": 0, "points": 0, "retries": 0, "waitedSeconds": 0.0, "cacheHits": 0}


def test_threads_count_everything():
    """An action that reads in several threads loses nothing of what any of them used."""
    budget = Budget(clock=_Clock())

    def use():
        for _ in range(2000):
            budget.count(requests=1, points=2, retries=1, waited_seconds=0.5, cache_hits=1)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.usage() == {
        "requests": 8000,
        "points": 16_000,
        "retries": 8000,
        "waitedSeconds": 4000.0,
        "cacheHits": 8000,
    }


def test_what_is_not_named_is_not_counted():
    """Each use counts what it is, and the rest stays."""
    budget = Budget(clock=_Clock())
    budget.count(points=3)
    budget.count(requests=1)
    assert (budget.requests, budget.points, budget.retries, budget.waited_seconds, budget.cache_hits) == (1, 3, 0, 0, 0)


def test_a_part_with_a_patience_of_its_own_counts_with_the_whole():
    """Its requests and waits are the action's; its points are counted where they are spent."""
    whole, part = Budget(clock=_Clock()), Budget(5, clock=_Clock())
    whole.count(requests=1, waited_seconds=1.0)
    part.count(requests=2, points=7, retries=1, waited_seconds=0.25)
    whole.add(part)
    assert whole.usage() == {"requests": 3, "points": 0, "retries": 1, "waitedSeconds": 1.25, "cacheHits": 0}


def test_the_meter_is_shown_as_json_data():
    """Usage has the names of the envelope, and seconds to the millisecond."""
    budget = Budget(clock=_Clock())
    budget.requests, budget.points, budget.retries, budget.cache_hits = 4, 9, 2, 1
    budget.waited_seconds = 2.00049 + 0.1
    usage = budget.usage()
    assert usage == {"requests": 4, "points": 9, "retries": 2, "waitedSeconds": 2.1, "cacheHits": 1}
    assert json.loads(json.dumps(usage)) == usage
