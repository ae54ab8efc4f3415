"""What waits at the gate, for how long, and what is refused instead."""

from __future__ import annotations

import threading

import pytest

from tests.transport.gates import (
    BACKGROUND,
    COMMENT,
    EDITS,
    READ,
    SEARCH,
    STUCK_SECONDS,
    ScriptedBoard,
    all_at_once,
    close,
    pass_through,
    settle,
)
from vantage_jira_plugin.errors import RateLimitedError
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.limits import Refusal, Scope
from vantage_jira_plugin.transport.quota import QuotaLeft
from vantage_jira_plugin.transport.standing import Ended, Hold


def test_an_open_gate_is_no_wait(make_gate, time, telemetry):
    """A request that nothing holds goes at once."""
    assert pass_through(make_gate(), READ, time) == 0.0
    assert telemetry.waits == []


def test_a_closed_window_is_waited_for_to_its_end(make_gate, time, telemetry):
    """The wait is as long as the window, is the caller's to see, and is told as what it is."""
    gate, budget = make_gate(), Budget(clock=time)
    close(gate, READ, time, 7.0)
    opens_at = time() + 7.0
    assert gate.enter(READ, budget) == 7.0
    assert time() == opens_at
    assert budget.waited_seconds == 7.0
    assert telemetry.waits == [(7.0, "window", READ.lane)]


def test_one_refusal_stops_every_thread(make_gate, time):
    """None of sixteen threads sends before the window opens."""
    gate = make_gate(max_in_flight=16)
    settle(gate, READ, time)
    close(gate, READ, time, 5.0)
    opens_at = time() + 5.0
    sent_at = []

    def send():
        gate.enter(READ, Budget(clock=time))
        sent_at.append(time())
        gate.leave(READ, Ended(time(), answered=True))

    all_at_once([send] * 16)
    assert len(sent_at) == 16
    assert min(sent_at) == opens_at
    assert time.slept[0] == 5.0
    assert sum(seconds == 5.0 for seconds in time.slept) == 1


def test_a_refusal_that_comes_while_threads_wait_holds_them_too(make_gate, time):
    """Who waits for the pace looks again before it goes: the window that closed meanwhile is kept."""
    opens_at = time() + 30.0

    def sleep(seconds):
        if not time.slept:
            gate.leave(READ, Ended(time(), answered=True, refusal=Refusal(Scope.ENDPOINT, "jira-burst-based", 30.0)))
        time.sleep(seconds)

    gate = make_gate(sleep=sleep)
    for _ in range(5):
        gate.enter(READ, Budget(clock=time))
    assert time() == opens_at


def test_only_the_closed_endpoint_waits(make_gate, time):
    """While a thread waits for one endpoint, another endpoint of the site is asked without a wait."""
    waiting, opened = threading.Event(), threading.Event()

    def sleep(seconds):
        waiting.set()
        assert opened.wait(STUCK_SECONDS)
        time.sleep(seconds)

    gate = make_gate(sleep=sleep)
    close(gate, READ, time, 5.0)
    thread = threading.Thread(target=pass_through, args=(gate, READ, time))
    thread.start()
    assert waiting.wait(STUCK_SECONDS)
    assert [pass_through(gate, SEARCH, time) for _ in range(10)] == [0.0] * 10
    assert time.slept == []
    opened.set()
    thread.join(STUCK_SECONDS)
    assert time.slept == [5.0]


def test_only_the_crowded_issue_waits(make_gate, time, telemetry):
    """Twenty writes to one issue: the next to it waits, those to another do not."""
    gate = make_gate()
    settle(gate, EDITS[0], time)
    for _ in range(4):
        pass_through(gate, EDITS[0], time)
    assert pass_through(gate, EDITS[1], time) == 0.0
    assert pass_through(gate, COMMENT, time) == pytest.approx(2.25)
    assert [why for _, why, _ in telemetry.waits] == ["pace"]


def test_background_work_rests_and_others_do_not(make_gate, time):
    """Points that background work has spent make_gate it wait; those of others count for nothing here."""
    gate = make_gate()
    pass_through(gate, BACKGROUND, time, quota=QuotaLeft("tenant-app-quota", 100, time() + 600))
    gate.spent(SEARCH, 50)
    gate.spent(BACKGROUND, 0)
    assert pass_through(gate, BACKGROUND, time, quota=QuotaLeft("tenant-app-quota", 100, time() + 600)) == 0.0
    gate.spent(BACKGROUND, 20)
    assert pass_through(gate, SEARCH, time, quota=QuotaLeft("tenant-app-quota", 100, time() + 600)) == 0.0
    assert pass_through(gate, BACKGROUND, time) == pytest.approx(120.0)


def test_a_wait_longer_than_the_patience_is_refused_at_once(make_gate, time):
    """It says until when and how long, waits for nothing, and keeps neither place nor turn."""
    gate = make_gate(max_in_flight=1)
    close(gate, READ, time, 20.0)
    with pytest.raises(RateLimitedError) as caught:
        gate.enter(READ, Budget(10, clock=time))
    error = caught.value
    assert (error.status, error.retry_after_seconds, error.retryable) == (429, 20.0, True)
    assert (error.method, error.path) == ("GET", READ.template)
    assert "closed this endpoint (jira-burst-based) until 08:00:20 UTC" in error.message
    assert "nothing was sent" in error.message
    assert error.hint == "Try again after 08:00:20 UTC."
    assert time.slept == []
    assert pass_through(gate, SEARCH, time, Budget(1, clock=time)) == 0.0
    time.sleep(20.0)
    assert pass_through(gate, READ, time, Budget(1, clock=time)) == 0.0


def test_a_window_leaves_time_for_the_request(make_gate, time):
    """Half a second must be left after the wait."""
    for patience, waits in ((10.6, True), (10.4, False)):
        gate = make_gate()
        close(gate, READ, time, 10.0)
        if waits:
            assert gate.enter(READ, Budget(patience, clock=time)) == 10.0
        else:
            with pytest.raises(RateLimitedError):
                gate.enter(READ, Budget(patience, clock=time))


@pytest.mark.parametrize(("seconds", "waits"), [(59.9, True), (60.0, False), (1847.0, False)])
def test_a_window_of_a_minute_is_not_waited_for(make_gate, time, seconds, waits):
    """However patient the caller: a wait must not outlast the token."""
    gate = make_gate()
    close(gate, READ, time, seconds, Scope.SITE)
    if waits:
        assert gate.enter(SEARCH, Budget(10_000, clock=time)) == pytest.approx(seconds)
    else:
        with pytest.raises(RateLimitedError) as caught:
            gate.enter(SEARCH, Budget(10_000, clock=time))
        assert caught.value.retry_after_seconds == seconds


def test_windows_that_follow_each_other_add_up_to_less_than_a_minute(make_gate, time):
    """A window that closes again and again is waited for as long as one may be."""
    closed = Hold(READ.lane, 25.0, "jira-burst-based", closed=True)
    gate = make_gate(board=ScriptedBoard(time, *[closed] * 9))
    with pytest.raises(RateLimitedError):
        gate.enter(READ, Budget(10_000, clock=time))
    assert time.slept == [25.0, 25.0]


def test_a_pace_is_waited_for_as_long_as_the_caller_likes(make_gate, time):
    """Nothing is closed: background work may rest for minutes where its caller has them, else it is told."""
    resting = Hold("background", 100.0, "few points are left in this hour")
    gate = make_gate(board=ScriptedBoard(time, resting, resting, resting, None, resting, resting))
    assert gate.enter(BACKGROUND, Budget(400, clock=time)) == 200.0
    with pytest.raises(RateLimitedError, match="has to wait for few points") as caught:
        gate.enter(BACKGROUND, Budget(50, clock=time))
    assert caught.value.retry_after_seconds == 100.0


def test_the_pace_is_told(make_gate, time):
    """As the board knows it: what was refused is slower, and nothing waits for the answer."""
    gate = make_gate()
    documented = gate.pace(SEARCH)
    close(gate, SEARCH, time, 60.0)
    assert 0 < gate.pace(SEARCH) < documented
    assert gate.pace(READ) > 0
