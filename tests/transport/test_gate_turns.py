"""Places and turns at the gate: how many go at once, who stands behind whom, and that nothing keeps one for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.transport.gates import (
    COMMENT,
    EDITS,
    READ,
    RENEWAL,
    SEARCH,
    STUCK_SECONDS,
    ScriptedBoard,
    all_at_once,
    close,
    pass_through,
    settle,
)
from vantage_jira_plugin.errors import CancelledError, RateLimitedError
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.limits import Scope
from vantage_jira_plugin.transport.standing import Ended, Hold


def test_no_more_are_under_way_than_there_are_places(make_gate, time):
    """Three places: three at once, never a fourth, and all twelve get their turn."""
    gate = make_gate(max_in_flight=3)
    settle(gate, READ, time)
    three, lock = threading.Barrier(3), threading.Lock()
    under_way, most = 0, 0

    def send():
        nonlocal under_way, most
        gate.enter(READ, Budget(clock=time))
        with lock:
            under_way += 1
            most = max(most, under_way)
        three.wait(STUCK_SECONDS)
        with lock:
            under_way -= 1
        gate.leave(READ, Ended(time(), answered=True))

    all_at_once([send] * 12)
    assert most == 3


def test_a_renewal_takes_no_place(make_gate, time):
    """Requests that hold all places wait for the token: its renewal must not wait for them."""
    gate = make_gate(max_in_flight=1)
    gate.enter(READ, Budget(clock=time))
    assert pass_through(gate, RENEWAL, time, Budget(1, clock=time)) == 0.0
    gate.leave(READ, Ended(time(), answered=True))
    assert pass_through(gate, READ, time, Budget(1, clock=time)) == 0.0


def test_who_gets_no_place_in_time_is_told(make_gate, time):
    """The caller's time ends the wait for a place; nothing is counted, so that the place is there later."""
    gate = make_gate(max_in_flight=1)
    gate.enter(READ, Budget(clock=time))
    with pytest.raises(CancelledError, match="nothing was sent"):
        gate.enter(SEARCH, Budget(0.01))
    gate.leave(READ, Ended(time(), answered=True))
    assert pass_through(gate, SEARCH, time) == 0.0


def _stands(gate, traffic, time, turn):
    """Hold a turn while a thread stands behind it; return that thread's future, and what ends its stand."""
    standing = threading.Event()
    closed = gate._board.closed

    def look(of):
        standing.set()
        return closed(of)

    gate._board.closed = look
    turn.lock.acquire()
    turn.busy_until = time()
    pool = ThreadPoolExecutor(1)
    future = pool.submit(gate.enter, traffic, Budget(290, clock=time))
    assert standing.wait(STUCK_SECONDS)
    pool.shutdown(wait=False)
    return future


def test_who_stands_behind_others_has_waited(make_gate, time):
    """Though it did not sleep: its token may be old by now, and its caller sees the time."""
    gate = make_gate()
    turn = gate._turn(READ, READ.lane)
    future = _stands(gate, READ, time, turn)
    time.sleep(70.0)
    turn.lock.release()
    assert future.result(STUCK_SECONDS) == pytest.approx(70.0)


def test_who_gets_no_turn_in_time_is_told(make_gate, time):
    """The caller's time ends the wait behind others, too."""
    gate = make_gate()
    turn = gate._turn(READ, READ.lane)
    with turn.lock:
        turn.busy_until = time() + 1000
        with pytest.raises(CancelledError, match="could not read the issue: others were waiting"):
            gate.enter(READ, Budget(0.01))
    assert pass_through(gate, READ, time) == 0.0


def test_who_stands_behind_others_before_a_closed_window_is_told_at_once(make_gate, time):
    """It does not stand there for its whole patience when the window outlasts it."""
    gate = make_gate()
    close(gate, READ, time, 20.0)
    turn = gate._turn(READ, READ.lane)
    with turn.lock:
        turn.busy_until = time() + 1000
        with pytest.raises(RateLimitedError) as caught:
            gate.enter(READ, Budget(5, clock=time))
    assert caught.value.retry_after_seconds == 20.0


def test_a_turn_that_was_lost_is_given_anew(make_gate, time, monkeypatch):
    """A thread can be ended at any point, and with it the turn it has: the others do not wait for ever."""
    monkeypatch.setattr("vantage_jira_plugin.transport.gate._LOOK_SECONDS", 0.001)
    gate = make_gate()
    lost = gate._turn(READ, READ.lane)
    with lost.lock:
        lost.busy_until = time()
        time.sleep(6.0)
        assert pass_through(gate, READ, time, Budget(10, clock=time)) < 5.0


def test_turns_do_not_pile_up(make_gate, time):
    """Issues come and go; a turn that somebody has stays."""
    gate = make_gate()
    held = gate._turn(READ, READ.lane)
    with held.lock:
        for number in range(3000):
            gate._turn(READ, f"issue DEV-{number}")
        assert gate._turn(READ, READ.lane) is held
    assert len(gate._turns) <= 1002


class _Interrupted(BaseException):
    """As KeyboardInterrupt: no ordinary failure."""


@pytest.mark.parametrize("where", ["sleep", "begin", "begin again"])
def test_an_interrupt_keeps_nothing(make_gate, time, where):
    """A thread that is stopped in the middle keeps neither a place nor a turn: the next request goes."""
    closed = Hold(READ.lane, 5.0, "jira-burst-based", closed=True)
    script = {
        "sleep": [closed, closed],
        "begin": [_Interrupted()],
        "begin again": [closed, closed, _Interrupted()],
    }[where]

    def sleep(seconds):
        time.sleep(seconds)
        if where == "sleep":
            raise _Interrupted

    gate = make_gate(max_in_flight=1, sleep=sleep, board=ScriptedBoard(time, *script, None, None))
    with pytest.raises(_Interrupted):
        gate.enter(READ, Budget(clock=time))
    assert gate.enter(READ, Budget(1, clock=time)) == 0.0
    gate.leave(READ, Ended(time(), answered=False))
    assert gate.enter(READ, Budget(1, clock=time)) == 0.0


def test_requests_that_wait_for_different_things_do_not_lock_each_other(make_gate, time):
    """Lane, issue and site at once, twelve threads, three places: all come through, within their limits."""
    gate = make_gate(max_in_flight=3)
    for traffic in (*EDITS, COMMENT, READ):
        pass_through(gate, traffic, time)
    close(gate, COMMENT, time, 2.0, Scope.ISSUE)
    close(gate, EDITS[1], time, 3.0)
    close(gate, READ, time, 1.0, Scope.SITE)
    opens_at = {EDITS[0].lane: time() + 3.0, COMMENT.lane: time() + 2.0, READ.lane: time() + 1.0}
    sent = []

    def send(traffic):
        def work():
            for _ in range(12):
                gate.enter(traffic, Budget(10_000, clock=time))
                sent.append((traffic, time()))
                gate.leave(traffic, Ended(time(), answered=True))

        return work

    all_at_once([send(traffic) for traffic in (*EDITS, COMMENT, COMMENT, READ)] * 2)
    assert len(sent) == 12 * 12
    assert all(at >= opens_at[traffic.lane] for traffic, at in sent)
    to_one = sorted(at for traffic, at in sent if traffic.issue == "DEV-0")
    assert all(later - earlier >= 2.0 - 1e-6 for earlier, later in zip(to_one, to_one[20:], strict=False))


def test_a_request_without_an_answer_gives_its_place_back(make_gate, time):
    """A connection that broke ends a request as an answer does."""
    gate = make_gate(max_in_flight=1)
    for _ in range(3):
        gate.enter(READ, Budget(1, clock=time))
        gate.leave(READ, Ended(time(), answered=False))
    assert pass_through(gate, READ, time, Budget(1, clock=time)) == 0.0


def test_who_waits_for_its_issue_lets_the_endpoint_go(make_gate, time):
    """A request that has waited for its endpoint and then waits for its issue stands in nobody's way."""
    edit = EDITS[0]
    endpoint = Hold(edit.lane, 5.0, "jira-burst-based", closed=True)
    issue = Hold("issue DEV-0", 2.0, "writes to one issue are spaced")
    taken = []

    def sleep(seconds):
        turns = [gate._turn(edit, key).lock.locked() for key in (edit.lane, "issue DEV-0")]
        taken.append((seconds, *turns))
        time.sleep(seconds)

    gate = make_gate(sleep=sleep, board=ScriptedBoard(time, endpoint, endpoint, issue, issue, None))
    assert gate.enter(edit, Budget(clock=time)) == 7.0
    assert taken == [(5.0, True, False), (2.0, False, True)]
