from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.transport.virtualtime import VirtualTime
from vantage_jira_plugin.errors import CancelledError, RateLimitedError
from vantage_jira_plugin.telemetry import Telemetry
from vantage_jira_plugin.transport.board import Board
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.gate import Gate
from vantage_jira_plugin.transport.limits import Refusal, Scope
from vantage_jira_plugin.transport.quota import QuotaLeft
from vantage_jira_plugin.transport.standing import Ended, Hold
from vantage_jira_plugin.transport.traffic import Traffic

_READ = Traffic("app", "site", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
_SEARCH = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues")
_BACKGROUND = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues", background=True)
_EDITS = [
    Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue=f"DEV-{number}")
    for number in range(3)
]
_COMMENT = Traffic("app", "site", "POST", "/rest/api/3/issue/{issueIdOrKey}/comment", "add the comment", issue="DEV-0")
_RENEWAL = Traffic("", "auth", "POST", "/oauth/token", "renew the login", takes_place=False)
#: What a test waits at most for a thread of its own, in seconds; none takes nearly as long.
_STUCK_SECONDS = 20


class _Waits(Telemetry):
    """Remembers what was waited for."""

    def __init__(self) -> None:
        super().__init__(load_spans=lambda: None)
        self.waits = []

    def waiting(self, seconds, why, *, method, template):
        self.waits.append((seconds, why, f"{method} {template}"))


class _Scripted(Board):
    """Says in turn what it is told to."""

    def __init__(self, time, *said) -> None:
        super().__init__(None, clock=time, monotonic=time)
        self._said = list(said)

    def begin(self, traffic):
        said = self._said.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said


@pytest.fixture
def time():
    """The gate's time."""
    return VirtualTime()


@pytest.fixture
def telemetry():
    """What is told of waits."""
    return _Waits()


@pytest.fixture
def make(time, telemetry):
    """Return a function that makes a gate."""

    def gate(max_in_flight=8, sleep=time.sleep, board=None):
        board = board or Board(None, clock=time, monotonic=time)
        return Gate(board, telemetry, max_in_flight=max_in_flight, sleep=sleep, clock=time)

    return gate


def _pass(gate, traffic, time, budget=None, **ended):
    """Send a request that is answered at once; return the seconds it waited."""
    waited_seconds = gate.enter(traffic, budget or Budget(clock=time))
    gate.leave(traffic, Ended(time(), answered=True, **ended))
    return waited_seconds


def _close(gate, traffic, time, seconds, scope=Scope.ENDPOINT):
    _pass(gate, traffic, time, refusal=Refusal(scope, "jira-burst-based", seconds))


def _settle(gate, traffic, time):
    """Let so many requests pass that the endpoint is known to be healthy."""
    for _ in range(16):
        _pass(gate, traffic, time)


def _all(functions):
    """Run functions in a thread each; return what they return."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result(_STUCK_SECONDS) for future in [pool.submit(function) for function in functions]]


# ---- what waits -----------------------------------------------------------------------------


def test_an_open_gate_is_no_wait(make, time, telemetry):
    """A request that nothing holds goes at once."""
    assert _pass(make(), _READ, time) == 0.0
    assert telemetry.waits == []


def test_a_closed_window_is_waited_for_to_its_end(make, time, telemetry):
    """The wait is as long as the window, is the caller's to see, and is told as what it is."""
    gate, budget = make(), Budget(clock=time)
    _close(gate, _READ, time, 7.0)
    opens_at = time() + 7.0
    assert gate.enter(_READ, budget) == 7.0
    assert time() == opens_at
    assert budget.waited_seconds == 7.0
    assert telemetry.waits == [(7.0, "window", _READ.lane)]


def test_one_refusal_stops_every_thread(make, time):
    """None of sixteen threads sends before the window opens."""
    gate = make(max_in_flight=16)
    _settle(gate, _READ, time)
    _close(gate, _READ, time, 5.0)
    opens_at = time() + 5.0
    sent_at = []

    def send():
        gate.enter(_READ, Budget(clock=time))
        sent_at.append(time())
        gate.leave(_READ, Ended(time(), answered=True))

    _all([send] * 16)
    assert len(sent_at) == 16
    assert min(sent_at) == opens_at
    assert time.slept[0] == 5.0
    assert sum(seconds == 5.0 for seconds in time.slept) == 1


def test_a_refusal_that_comes_while_threads_wait_holds_them_too(make, time):
    """Who waits for the pace looks again before it goes: the window that closed meanwhile is kept."""
    opens_at = time() + 30.0

    def sleep(seconds):
        if not time.slept:
            gate.leave(_READ, Ended(time(), answered=True, refusal=Refusal(Scope.ENDPOINT, "jira-burst-based", 30.0)))
        time.sleep(seconds)

    gate = make(sleep=sleep)
    for _ in range(5):
        gate.enter(_READ, Budget(clock=time))
    assert time() == opens_at


def test_only_the_closed_endpoint_waits(make, time):
    """While a thread waits for one endpoint, another endpoint of the site is asked without a wait."""
    waiting, opened = threading.Event(), threading.Event()

    def sleep(seconds):
        waiting.set()
        assert opened.wait(_STUCK_SECONDS)
        time.sleep(seconds)

    gate = make(sleep=sleep)
    _close(gate, _READ, time, 5.0)
    thread = threading.Thread(target=_pass, args=(gate, _READ, time))
    thread.start()
    assert waiting.wait(_STUCK_SECONDS)
    assert [_pass(gate, _SEARCH, time) for _ in range(10)] == [0.0] * 10
    assert time.slept == []
    opened.set()
    thread.join(_STUCK_SECONDS)
    assert time.slept == [5.0]


def test_only_the_crowded_issue_waits(make, time, telemetry):
    """Twenty writes to one issue: the next to it waits, those to another do not."""
    gate = make()
    _settle(gate, _EDITS[0], time)
    for _ in range(4):
        _pass(gate, _EDITS[0], time)
    assert _pass(gate, _EDITS[1], time) == 0.0
    assert _pass(gate, _COMMENT, time) == pytest.approx(2.25)
    assert [why for _, why, _ in telemetry.waits] == ["pace"]


def test_who_waits_for_its_issue_lets_the_endpoint_go(make, time):
    """A request that has waited for its endpoint and then waits for its issue stands in nobody's way."""
    edit = _EDITS[0]
    endpoint = Hold(edit.lane, 5.0, "jira-burst-based", closed=True)
    issue = Hold("issue DEV-0", 2.0, "writes to one issue are spaced")
    taken = []

    def sleep(seconds):
        turns = [gate._turn(edit, key).lock.locked() for key in (edit.lane, "issue DEV-0")]
        taken.append((seconds, *turns))
        time.sleep(seconds)

    gate = make(sleep=sleep, board=_Scripted(time, endpoint, endpoint, issue, issue, None))
    assert gate.enter(edit, Budget(clock=time)) == 7.0
    assert taken == [(5.0, True, False), (2.0, False, True)]


def test_background_work_rests_and_others_do_not(make, time):
    """Points that background work has spent make it wait; those of others count for nothing here."""
    gate = make()
    _pass(gate, _BACKGROUND, time, quota=QuotaLeft("tenant-app-quota", 100, time() + 600))
    gate.spent(_SEARCH, 50)
    gate.spent(_BACKGROUND, 0)
    assert _pass(gate, _BACKGROUND, time, quota=QuotaLeft("tenant-app-quota", 100, time() + 600)) == 0.0
    gate.spent(_BACKGROUND, 20)
    assert _pass(gate, _SEARCH, time, quota=QuotaLeft("tenant-app-quota", 100, time() + 600)) == 0.0
    assert _pass(gate, _BACKGROUND, time) == pytest.approx(120.0)


# ---- how many at once -----------------------------------------------------------------------


def test_no_more_are_under_way_than_there_are_places(make, time):
    """Three places: three at once, never a fourth, and all twelve get their turn."""
    gate = make(max_in_flight=3)
    _settle(gate, _READ, time)
    three, lock = threading.Barrier(3), threading.Lock()
    under_way, most = 0, 0

    def send():
        nonlocal under_way, most
        gate.enter(_READ, Budget(clock=time))
        with lock:
            under_way += 1
            most = max(most, under_way)
        three.wait(_STUCK_SECONDS)
        with lock:
            under_way -= 1
        gate.leave(_READ, Ended(time(), answered=True))

    _all([send] * 12)
    assert most == 3


def test_a_renewal_takes_no_place(make, time):
    """Requests that hold all places wait for the token: its renewal must not wait for them."""
    gate = make(max_in_flight=1)
    gate.enter(_READ, Budget(clock=time))
    assert _pass(gate, _RENEWAL, time, Budget(1, clock=time)) == 0.0
    gate.leave(_READ, Ended(time(), answered=True))
    assert _pass(gate, _READ, time, Budget(1, clock=time)) == 0.0


def test_who_gets_no_place_in_time_is_told(make, time):
    """The caller's time ends the wait for a place; nothing is counted, so that the place is there later."""
    gate = make(max_in_flight=1)
    gate.enter(_READ, Budget(clock=time))
    with pytest.raises(CancelledError, match="nothing was sent"):
        gate.enter(_SEARCH, Budget(0.01))
    gate.leave(_READ, Ended(time(), answered=True))
    assert _pass(gate, _SEARCH, time) == 0.0


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
    assert standing.wait(_STUCK_SECONDS)
    pool.shutdown(wait=False)
    return future


def test_who_stands_behind_others_has_waited(make, time):
    """Though it did not sleep: its token may be old by now, and its caller sees the time."""
    gate = make()
    turn = gate._turn(_READ, _READ.lane)
    future = _stands(gate, _READ, time, turn)
    time.sleep(70.0)
    turn.lock.release()
    assert future.result(_STUCK_SECONDS) == pytest.approx(70.0)


def test_who_gets_no_turn_in_time_is_told(make, time):
    """The caller's time ends the wait behind others, too."""
    gate = make()
    turn = gate._turn(_READ, _READ.lane)
    with turn.lock:
        turn.busy_until = time() + 1000
        with pytest.raises(CancelledError, match="could not read the issue: others were waiting"):
            gate.enter(_READ, Budget(0.01))
    assert _pass(gate, _READ, time) == 0.0


def test_who_stands_behind_others_before_a_closed_window_is_told_at_once(make, time):
    """It does not stand there for its whole patience when the window outlasts it."""
    gate = make()
    _close(gate, _READ, time, 20.0)
    turn = gate._turn(_READ, _READ.lane)
    with turn.lock:
        turn.busy_until = time() + 1000
        with pytest.raises(RateLimitedError) as caught:
            gate.enter(_READ, Budget(5, clock=time))
    assert caught.value.retry_after_seconds == 20.0


def test_a_turn_that_was_lost_is_given_anew(make, time, monkeypatch):
    """A thread can be ended at any point, and with it the turn it has: the others do not wait for ever."""
    monkeypatch.setattr("vantage_jira_plugin.transport.gate._LOOK_SECONDS", 0.001)
    gate = make()
    lost = gate._turn(_READ, _READ.lane)
    with lost.lock:
        lost.busy_until = time()
        time.sleep(6.0)
        assert _pass(gate, _READ, time, Budget(10, clock=time)) < 5.0


def test_turns_do_not_pile_up(make, time):
    """Issues come and go; a turn that somebody has stays."""
    gate = make()
    held = gate._turn(_READ, _READ.lane)
    with held.lock:
        for number in range(3000):
            gate._turn(_READ, f"issue DEV-{number}")
        assert gate._turn(_READ, _READ.lane) is held
    assert len(gate._turns) <= 1002


# ---- how long is too long -------------------------------------------------------------------


def test_a_wait_longer_than_the_patience_is_refused_at_once(make, time):
    """It says until when and how long, waits for nothing, and keeps neither place nor turn."""
    gate = make(max_in_flight=1)
    _close(gate, _READ, time, 20.0)
    with pytest.raises(RateLimitedError) as caught:
        gate.enter(_READ, Budget(10, clock=time))
    error = caught.value
    assert (error.status, error.retry_after_seconds, error.retryable) == (429, 20.0, True)
    assert (error.method, error.path) == ("GET", _READ.template)
    assert "closed this endpoint (jira-burst-based) until 08:00:20 UTC" in error.message
    assert "nothing was sent" in error.message
    assert error.hint == "Try again after 08:00:20 UTC."
    assert time.slept == []
    assert _pass(gate, _SEARCH, time, Budget(1, clock=time)) == 0.0
    time.sleep(20.0)
    assert _pass(gate, _READ, time, Budget(1, clock=time)) == 0.0


def test_a_window_leaves_time_for_the_request(make, time):
    """Half a second must be left after the wait."""
    for patience, waits in ((10.6, True), (10.4, False)):
        gate = make()
        _close(gate, _READ, time, 10.0)
        if waits:
            assert gate.enter(_READ, Budget(patience, clock=time)) == 10.0
        else:
            with pytest.raises(RateLimitedError):
                gate.enter(_READ, Budget(patience, clock=time))


@pytest.mark.parametrize(("seconds", "waits"), [(59.9, True), (60.0, False), (1847.0, False)])
def test_a_window_of_a_minute_is_not_waited_for(make, time, seconds, waits):
    """However patient the caller: a wait must not outlast the token."""
    gate = make()
    _close(gate, _READ, time, seconds, Scope.SITE)
    if waits:
        assert gate.enter(_SEARCH, Budget(10_000, clock=time)) == pytest.approx(seconds)
    else:
        with pytest.raises(RateLimitedError) as caught:
            gate.enter(_SEARCH, Budget(10_000, clock=time))
        assert caught.value.retry_after_seconds == seconds


def test_windows_that_follow_each_other_add_up_to_less_than_a_minute(make, time):
    """A window that closes again and again is waited for as long as one may be."""
    closed = Hold(_READ.lane, 25.0, "jira-burst-based", closed=True)
    gate = make(board=_Scripted(time, *[closed] * 9))
    with pytest.raises(RateLimitedError):
        gate.enter(_READ, Budget(10_000, clock=time))
    assert time.slept == [25.0, 25.0]


def test_a_pace_is_waited_for_as_long_as_the_caller_likes(make, time):
    """Nothing is closed: background work may rest for minutes where its caller has them, else it is told."""
    resting = Hold("background", 100.0, "few points are left in this hour")
    gate = make(board=_Scripted(time, resting, resting, resting, None, resting, resting))
    assert gate.enter(_BACKGROUND, Budget(400, clock=time)) == 200.0
    with pytest.raises(RateLimitedError, match="has to wait for few points") as caught:
        gate.enter(_BACKGROUND, Budget(50, clock=time))
    assert caught.value.retry_after_seconds == 100.0


# ---- whatever happens -----------------------------------------------------------------------


class _Interrupted(BaseException):
    """As KeyboardInterrupt: no ordinary failure."""


@pytest.mark.parametrize("where", ["sleep", "begin", "begin again"])
def test_an_interrupt_keeps_nothing(make, time, where):
    """A thread that is stopped in the middle keeps neither a place nor a turn: the next request goes."""
    closed = Hold(_READ.lane, 5.0, "jira-burst-based", closed=True)
    script = {
        "sleep": [closed, closed],
        "begin": [_Interrupted()],
        "begin again": [closed, closed, _Interrupted()],
    }[where]

    def sleep(seconds):
        time.sleep(seconds)
        if where == "sleep":
            raise _Interrupted

    gate = make(max_in_flight=1, sleep=sleep, board=_Scripted(time, *script, None, None))
    with pytest.raises(_Interrupted):
        gate.enter(_READ, Budget(clock=time))
    assert gate.enter(_READ, Budget(1, clock=time)) == 0.0
    gate.leave(_READ, Ended(time(), answered=False))
    assert gate.enter(_READ, Budget(1, clock=time)) == 0.0


def test_requests_that_wait_for_different_things_do_not_lock_each_other(make, time):
    """Lane, issue and site at once, twelve threads, three places: all come through, within their limits."""
    gate = make(max_in_flight=3)
    for traffic in (*_EDITS, _COMMENT, _READ):
        _pass(gate, traffic, time)
    _close(gate, _COMMENT, time, 2.0, Scope.ISSUE)
    _close(gate, _EDITS[1], time, 3.0)
    _close(gate, _READ, time, 1.0, Scope.SITE)
    opens_at = {_EDITS[0].lane: time() + 3.0, _COMMENT.lane: time() + 2.0, _READ.lane: time() + 1.0}
    sent = []

    def send(traffic):
        def work():
            for _ in range(12):
                gate.enter(traffic, Budget(10_000, clock=time))
                sent.append((traffic, time()))
                gate.leave(traffic, Ended(time(), answered=True))

        return work

    _all([send(traffic) for traffic in (*_EDITS, _COMMENT, _COMMENT, _READ)] * 2)
    assert len(sent) == 12 * 12
    assert all(at >= opens_at[traffic.lane] for traffic, at in sent)
    to_one = sorted(at for traffic, at in sent if traffic.issue == "DEV-0")
    assert all(later - earlier >= 2.0 - 1e-6 for earlier, later in zip(to_one, to_one[20:], strict=False))


def test_a_request_without_an_answer_gives_its_place_back(make, time):
    """A connection that broke ends a request as an answer does."""
    gate = make(max_in_flight=1)
    for _ in range(3):
        gate.enter(_READ, Budget(1, clock=time))
        gate.leave(_READ, Ended(time(), answered=False))
    assert _pass(gate, _READ, time, Budget(1, clock=time)) == 0.0


def test_the_pace_is_told(make, time):
    """As the board knows it: what was refused is slower, and nothing waits for the answer."""
    gate = make()
    documented = gate.pace(_SEARCH)
    _close(gate, _SEARCH, time, 60.0)
    assert 0 < gate.pace(_SEARCH) < documented
    assert gate.pace(_READ) > 0
