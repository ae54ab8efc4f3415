from __future__ import annotations

import contextvars
import threading
from types import SimpleNamespace

import pytest

from vantage_jira_plugin.errors import NetworkError
from vantage_jira_plugin.reading.crew import Crew, Errands, side_by_side


def _client(max_in_flight=4):
    return SimpleNamespace(settings=SimpleNamespace(max_in_flight=max_in_flight))


def test_results_come_in_the_order_asked():
    """The one asked first is answered first, though it is done last."""
    last_is_done = threading.Event()

    def slow_first(number):
        if number == 0:
            assert last_is_done.wait(5)
        if number == 3:
            last_is_done.set()
        return number

    assert list(side_by_side(_client(), slow_first, range(4))) == [0, 1, 2, 3]


def test_as_many_are_under_way_as_the_connection_may_have():
    """Four meet at a barrier that lets nobody through alone; a fifth is never with them."""
    barrier = threading.Barrier(4)
    most = []
    lock = threading.Lock()

    def meet(_):
        barrier.wait(60)
        with lock:
            most.append(threading.active_count())
        return threading.get_ident()

    threads = set(side_by_side(_client(), meet, range(12)))

    assert len(threads) == 4
    assert len(most) == 12


def test_work_is_asked_for_only_as_far_ahead_as_needed():
    """Of endless work little is begun, so that results do not pile up."""
    asked = []

    def endless():
        number = 0
        while True:
            asked.append(number)
            yield number
            number += 1

    results = side_by_side(_client(2), lambda number: number, endless())
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    results.close()

    assert len(asked) <= 3 + 2 * 2


def test_the_first_failure_ends_the_work():
    """A failure is raised while an older one still runs, and nothing more is begun."""
    release = threading.Event()
    begun = []

    def fail_second(number):
        begun.append(number)
        if number == 0:
            release.wait(5)
        if number == 1:
            release.set()
            raise NetworkError("the network is gone")
        return number

    with pytest.raises(NetworkError):
        list(side_by_side(_client(2), fail_second, range(1000)))
    assert len(begun) < 10


def test_threads_see_the_caller_s_context():
    """What the caller's context says holds in the threads, as a span does."""
    variable = contextvars.ContextVar("variable", default="nothing")
    variable.set("said")

    assert list(side_by_side(_client(), lambda _: variable.get(), range(3))) == ["said"] * 3


def test_a_result_is_there_though_later_work_is_not_done():
    """The oldest result is waited for, not all that is under way."""
    release = threading.Event()

    def last_waits(number):
        if number == 7:
            assert release.wait(60)
        return number

    results = side_by_side(_client(), last_waits, range(8))
    assert [next(results) for _ in range(7)] == list(range(7))
    release.set()
    assert list(results) == [7]


def test_results_are_gone_on_with_as_they_come():
    """In the thread that asks for them, whichever is done first."""
    release = threading.Event()
    seen = []

    def note(result):
        seen.append((result, threading.get_ident()))

    with Crew(_client(2)).working() as crew:
        errands = Errands(crew)
        errands.begin(lambda: "slow" if release.wait(60) else "never", note)
        errands.begin(lambda: "fast", note)
        assert len(errands) == 2
        errands.next()()
        assert len(errands) == 1
        release.set()
        errands.next()()
    assert seen == [("fast", threading.get_ident()), ("slow", threading.get_ident())]
    assert not errands


def test_an_errand_that_failed_is_told():
    """It is under way no more, and nothing goes on from it."""

    def fail():
        raise NetworkError("the network is gone")

    with Crew(_client(2)).working() as crew:
        errands = Errands(crew)
        errands.begin(fail, lambda _: pytest.fail("it has no result"))
        with pytest.raises(NetworkError):
            errands.next()
    assert not errands


def test_a_crew_may_have_threads_to_spare():
    """Beyond the requests that the connection may have in flight."""
    assert Crew(_client(8), spare=2).size == 10
