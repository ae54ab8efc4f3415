from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.errors import CredentialStoreError
from vantage_jira_plugin.transport.board import Board
from vantage_jira_plugin.transport.limits import Refusal, Scope
from vantage_jira_plugin.transport.quota import QuotaLeft
from vantage_jira_plugin.transport.standing import Ended, Standing
from vantage_jira_plugin.transport.traffic import Traffic

_NOW = 1_790_000_000.0
_READ = Traffic("app", "site", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
_READ_ELSEWHERE = Traffic("app", "site-2", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
_READ_OF_ANOTHER_APP = Traffic("app-2", "site-3", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
_SEARCH = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues")
_BACKGROUND = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues", background=True)
_EDIT = Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue="DEV-1")
_BULK = Traffic("app", "site", "POST", "/rest/api/3/bulk/issues/delete", "delete issues", bulk=True)
_RENEWAL = Traffic("", "auth", "POST", "/oauth/token", "renew the login", takes_place=False)
_SITE = "limits/2/site/site"


class _Moment:
    """Seconds, set by the test."""

    def __init__(self, seconds=0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


class _Flaky(MemoryShared):
    """Fails while it is told to, in reading or in storing; counts."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: set[str] = set()
        self.reads = 0
        self.stored = 0
        self.before_replace = None

    def read(self, names):
        self.reads += 1
        if "read" in self.failing:
            raise CredentialStoreError("the shared state could not be read")
        return super().read(names)

    def replace(self, name, value, *, version, keep_seconds):
        if "replace" in self.failing:
            raise CredentialStoreError("the shared state could not be written")
        if self.before_replace is not None:
            self.before_replace(name)
        done = super().replace(name, value, version=version, keep_seconds=keep_seconds)
        self.stored += done
        return done


@pytest.fixture
def shared():
    """A host's shared state."""
    return _Flaky()


@pytest.fixture
def moment():
    """The boards' seconds."""
    return _Moment()


@pytest.fixture
def make(moment):
    """Return a function that makes the board of a worker, with a clock of its own."""

    def board(shared):
        return Board(shared, clock=_Moment(_NOW - 1000), monotonic=moment)

    return board


@pytest.fixture
def boards(shared, make):
    """Two workers of one host."""
    return make(shared), make(shared)


def _refused(scope=Scope.ENDPOINT, *, now=_NOW, seconds=10.0, limit=None):
    return Ended(now, answered=True, refusal=Refusal(scope, "jira-burst-based", seconds, limit))


def _answered(now=_NOW, **more):
    return Ended(now, answered=True, **more)


def _stored(shared, name=_SITE):
    return Standing.from_json(shared.values[name].value, now=_NOW)


def _ask(board, traffic, now=_NOW):
    """Ask whether a request may go at a moment."""
    board._clock.seconds = now
    return board.begin(traffic)


def _go(board, traffic, now=_NOW):
    """Send a request that is answered at once."""
    assert _ask(board, traffic, now) is None
    board.end(traffic, _answered(now))


# ---- one worker -----------------------------------------------------------------------------


def test_a_board_without_shared_state_keeps_limits_for_itself(make):
    """Refusals, spacing and pace hold for this worker's threads."""
    board, other = make(None), make(None)
    assert _ask(board, _READ, _NOW) is None
    board.end(_READ, _refused())
    assert _ask(board, _READ, _NOW + 9.9).closed
    assert _ask(board, _SEARCH, _NOW + 9.9) is None
    assert _ask(other, _READ, _NOW + 9.9) is None


@pytest.mark.parametrize("with_shared", [True, False])
def test_a_request_that_is_held_counts_for_nothing(shared, with_shared, make):
    """Asking again and again uses nothing up."""
    board = make(shared if with_shared else None)
    for _ in range(20):
        assert _ask(board, _EDIT, _NOW) is None
        board.end(_EDIT, _answered())
    for _ in range(50):
        assert _ask(board, _EDIT, _NOW + 1) is not None
    assert _ask(board, _EDIT, _NOW + 2.25) is None


# ---- two workers ----------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [Scope.ENDPOINT, Scope.SITE, Scope.APP])
def test_a_refusal_is_known_to_every_worker_at_once(boards, scope):
    """What closed for one worker holds the very next request of the other."""
    first, second = boards
    _go(second, _READ)
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(scope))
    hold = _ask(second, _READ, _NOW)
    assert (hold.seconds, hold.closed) == (10.0, True)
    assert _ask(second, _READ, _NOW + 10) is None


def test_threads_that_come_together_wait_for_the_one_that_reads(boards, shared):
    """While one thread reads what others have closed, none of the rest goes by what it knew before."""
    first, second = boards
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(Scope.APP))
    read, coming, together = shared.read, threading.Semaphore(0), 6

    def read_when_all_have_come(names):
        for _ in range(together):
            coming.acquire(timeout=5)
        shared.read = read
        return read(names)

    def ask():
        coming.release()
        return second.begin(_READ)

    shared.read = read_when_all_have_come
    with ThreadPoolExecutor(together) as pool:
        holds = [future.result() for future in [pool.submit(ask) for _ in range(together)]]
    assert [hold is not None and hold.closed for hold in holds] == [True] * together


def test_a_quota_of_the_app_closes_all_its_sites(boards):
    """The pool is the app's: other sites of the app wait, other apps do not."""
    first, second = boards
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(Scope.APP))
    assert _ask(second, _READ_ELSEWHERE, _NOW).closed
    assert _ask(second, _READ_OF_ANOTHER_APP, _NOW) is None


@pytest.mark.parametrize("scope", [Scope.ENDPOINT, Scope.SITE])
def test_other_sites_go_on(boards, scope):
    """What a site closes is that site's."""
    first, second = boards
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(scope))
    assert _ask(second, _READ_ELSEWHERE, _NOW) is None


def test_while_there_is_room_workers_tell_once_a_second(boards, shared, moment):
    """A request reads what the others have closed, and stores nothing; what it counted is told in the next second."""
    first, _ = boards
    _go(first, _READ)
    stored, reads = shared.stored, shared.reads
    for _ in range(10):
        _go(first, _READ)
    assert shared.stored == stored
    assert shared.reads == reads + 10
    moment.seconds += 1.0
    _go(first, _READ)
    assert shared.stored == stored + 1
    assert _stored(shared).lanes[_READ.lane].begun == 12


def test_what_both_have_counted_adds_up(boards, shared, moment):
    """Each takes over the other's counts and adds its own, so that none is lost."""
    first, second = boards
    for _ in range(4):
        _go(first, _READ)
        _go(second, _READ)
    moment.seconds += 1.0
    _go(first, _READ)
    _go(second, _READ)
    lane = _stored(shared).lanes[_READ.lane]
    assert lane.begun == 10


def test_a_refusal_that_is_not_told_yet_survives_a_value_that_knows_nothing_of_it(shared, moment, make):
    """Another worker's older value is taken over, and what happened here since is added to it."""
    first, second = make(shared), make(shared)
    _go(first, _READ)
    _go(second, _SEARCH)
    shared.failing = {"replace"}
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(seconds=60.0))
    shared.failing = set()
    moment.seconds += 11.0
    for _ in range(2):
        _go(second, _SEARCH)
        assert _ask(first, _READ, _NOW + 11).closed
        moment.seconds += 1.0
    _go(first, _SEARCH)
    assert _ask(second, _READ, _NOW + 13).closed


def test_a_refusal_while_the_host_rests_is_told_afterwards(shared, moment, make):
    """Limits that were hit while the state could not be shared are shared as soon as it can."""
    first, second = make(shared), make(shared)
    _go(second, _SEARCH)
    shared.failing = {"read"}
    _go(first, _SEARCH)
    shared.failing = set()
    moment.seconds += 5.0
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(seconds=60.0))
    assert _ask(second, _READ, _NOW) is None
    moment.seconds += 5.0
    _go(second, _SEARCH)
    _go(first, _SEARCH)
    assert _ask(first, _READ, _NOW + 5).closed
    assert _ask(second, _READ, _NOW + 5).closed


def test_scarce_points_slow_the_background_work_of_all(boards, moment):
    """Points that one worker spent hold the other's background work."""
    first, second = boards
    assert _ask(first, _BACKGROUND, _NOW) is None
    moment.seconds += 1.0
    first.end(_BACKGROUND, _answered(quota=QuotaLeft("tenant-app-quota", 100, _NOW + 600)))
    moment.seconds += 1.0
    first.spent(_BACKGROUND, 10)
    _go(first, _SEARCH)
    assert _ask(second, _BACKGROUND, _NOW).key == "background"
    assert _ask(second, _SEARCH, _NOW) is None


# ---- agreement ------------------------------------------------------------------------------


def test_the_last_place_is_taken_once(boards, shared):
    """Two workers at a slowed endpoint: when a request of one has gone, the other's waits for the pace."""
    first, second = boards
    assert _ask(first, _READ, _NOW) is None
    first.end(_READ, _refused(seconds=1.0, limit=10))
    opened_at = _NOW + 1.0
    assert _ask(second, _READ, opened_at) is None
    hold = _ask(first, _READ, opened_at)
    assert (hold.key, hold.closed) == (_READ.lane, False)
    stored = shared.stored
    assert _ask(second, _READ, opened_at) is not None
    assert shared.stored == stored


def test_bulk_operations_are_counted_over_all_workers(boards):
    """Three here and two there are five; the sixth waits wherever it is, and an end makes room for it."""
    first, second = boards
    for board in (first, second, first):
        assert _ask(board, _BULK, _NOW) is None
    for board in (first, second):
        board.end(_READ, _answered())
    for board in (second, first):
        assert _ask(board, _BULK, _NOW + 6) is None
    assert _ask(first, _BULK, _NOW + 6).key == "bulk"
    assert _ask(second, _BULK, _NOW + 6).key == "bulk"
    second.end(_BULK, _answered(_NOW + 6))
    assert _ask(second, _BULK, _NOW + 6) is None


@pytest.mark.parametrize(
    ("traffic", "before", "most"), [(_BULK, 1, 5), (_EDIT, 12, 8), (_READ, 1, 1)], ids=["bulk", "issue", "pace"]
)
def test_no_place_is_taken_twice_under_contention(shared, moment, traffic, before, most, make):
    """Eight workers ask at once for what few may have: as many go as may, and no more."""
    board = make(shared)
    for _ in range(before):
        _go(board, traffic, _NOW - 1.5)
    moment.seconds += 1.0
    refused = _refused(now=_NOW - 100, seconds=1.0) if traffic is _READ else _answered(_NOW - 1.5)
    board.end(traffic, refused)
    boards = [make(shared) for _ in range(8)]
    barrier = threading.Barrier(len(boards))

    def ask(board):
        barrier.wait()
        return sum(_ask(board, traffic, _NOW) is None for _ in range(10))

    with ThreadPoolExecutor(len(boards)) as pool:
        went = sum(pool.map(ask, boards))
    assert went == most


def test_what_another_stored_in_between_is_not_overwritten(boards, shared):
    """Where another worker was faster, its value is read again and the request decided anew."""
    first, second = boards
    for _ in range(3):
        assert _ask(first, _BULK, _NOW) is None
    first.end(_READ, _answered())

    def be_faster(name):
        shared.before_replace = None
        _ask(second, _BULK, _NOW + 6)

    shared.before_replace = be_faster
    assert _ask(first, _BULK, _NOW + 6) is None
    assert len(_stored(shared).bulk) == 5
    assert _ask(first, _BULK, _NOW + 6).key == "bulk"


def test_a_worker_that_is_never_the_fastest_goes_on_by_itself(boards, shared):
    """After many attempts a request goes, counted here alone, and once."""
    first, _ = boards
    _go(first, _BULK, _NOW - 10)
    attempts = []

    def be_faster(name):
        attempts.append(name)
        shared.values[name] = shared.values[name]._replace(version=1000 + len(attempts))

    shared.before_replace = be_faster
    for _ in range(4):
        assert _ask(first, _BULK, _NOW) is None
    assert len(attempts) == 4 * 20


# ---- a host that fails ----------------------------------------------------------------------


@pytest.mark.parametrize("failing", ["read", "replace"])
def test_a_host_that_fails_leaves_each_worker_on_its_own(boards, shared, moment, caplog, failing):
    """Requests go on, limits are kept here, one warning is written, and it is asked again after a rest."""
    first, _ = boards
    shared.failing = {failing}
    with caplog.at_level(logging.WARNING):
        assert _ask(first, _BULK, _NOW) is None
        first.end(_BULK, _refused(seconds=60.0))
        assert _ask(first, _BULK, _NOW + 1).closed
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "not shared with other workers for 10 s" in caplog.text
    reads = shared.reads
    _go(first, _READ)
    assert shared.reads == reads
    shared.failing = set()
    moment.seconds += 10.0
    _go(first, _READ)
    assert shared.reads > reads
    assert _stored(shared).closed[_BULK.lane][0] == _NOW + 60


def test_a_place_is_counted_once_where_the_host_fails_in_storing(boards, shared):
    """What could not be stored is counted here, and not twice: five places are five places."""
    first, _ = boards
    _go(first, _BULK, _NOW - 10)
    shared.failing = {"replace"}
    for _ in range(5):
        assert _ask(first, _BULK, _NOW) is None
    assert _ask(first, _BULK, _NOW).key == "bulk"


@pytest.mark.parametrize(
    "value",
    [{}, {"version": 2}, {"closed": {"*": 5}}, {**Standing().to_json(), "lanes": {"GET /x": {"pace": 1.0}}}, [], None],
)
def test_what_another_version_stored_counts_as_nothing(shared, moment, value, make):
    """A host that was upgraded, or goes back, keeps values of another shape: they are replaced, not read."""
    shared.replace(_SITE, {"closed": {}}, version=0, keep_seconds=60)
    shared.values[_SITE] = shared.values[_SITE]._replace(value=value)
    board = make(shared)
    _go(board, _READ)
    moment.seconds += 1.0
    _go(board, _READ)
    assert _stored(shared).lanes[_READ.lane].begun == 2


def test_what_the_host_forgot_is_stored_anew(boards, shared, moment):
    """A value that was not changed for long may be gone; the next worker starts it again."""
    first, second = boards
    _go(first, _READ)
    shared.values.clear()
    moment.seconds += 1.0
    _go(first, _READ)
    moment.seconds += 1.0
    _go(second, _READ)
    assert _stored(shared).lanes[_READ.lane].begun >= 2


@pytest.mark.parametrize("found", [None, [], {_SITE: ({}, 1)}, {_SITE: {"value": {}, "version": 1}}])
def test_a_host_that_keeps_no_contract_is_one_that_fails(make, shared, monkeypatch, found, caplog):
    """What it answers is not of the contract's form: each worker goes on alone."""
    monkeypatch.setattr(shared, "read", lambda names: found)
    board = make(shared)
    _go(board, _READ)
    assert "not of the contract's form" in caplog.text


def test_a_slow_host_is_left_alone_for_a_while(make, shared, moment, caplog):
    """Reading that takes a second does not slow every request: ten times as long nobody asks."""
    board = make(shared)
    read = shared.read

    def read_slowly(names):
        moment.seconds += 2.0
        return read(names)

    shared.read = read_slowly
    _go(board, _READ)
    reads = shared.reads
    assert "the host took 2.00 s" in caplog.text
    for _ in range(10):
        moment.seconds += 1.9
        _go(board, _READ)
    assert shared.reads == reads
    moment.seconds += 1.1
    _go(board, _READ)
    assert shared.reads > reads


def test_reading_takes_little_of_the_time(make, shared, moment):
    """A host that needs 10 ms is read twenty times a second, however often is asked; what was read is never old."""
    board = make(shared)
    read = shared.read

    def read_in_ten_ms(names):
        moment.seconds += 0.010
        return read(names)

    _go(board, _READ)
    shared.read = read_in_ten_ms
    before = shared.reads
    began_at = moment.seconds
    for number in range(2000):
        moment.seconds = max(moment.seconds, began_at + number * 0.0025)
        board.begin(_RENEWAL)
    assert 70 <= shared.reads - before <= 105


def test_looking_at_what_is_closed_asks_nobody(boards, shared):
    """Those who stand in a queue look often; what they see is what this worker knows."""
    first, _ = boards
    _go(first, _READ)
    first._clock.seconds = _NOW
    reads = shared.reads
    assert first.closed(_READ) is None
    assert shared.reads == reads
    assert _ask(first, _READ) is None
    first.end(_READ, _refused())
    reads = shared.reads
    assert first.closed(_READ).seconds == 10.0
    assert first.closed(_SEARCH) is None
    assert shared.reads == reads


# ---- clocks ---------------------------------------------------------------------------------


def test_time_does_not_go_back(make):
    """A clock that is set back an hour holds nothing up for an hour."""
    board = make(None)
    _go(board, _READ, _NOW)
    board.end(_READ, _refused(now=_NOW))
    assert _ask(board, _READ, _NOW - 3600).seconds == 10.0
    assert board.now() == _NOW
    assert _ask(board, _READ, _NOW - 3590) is None


def test_a_clock_that_is_ahead_is_followed(boards, moment):
    """A worker whose clock is a minute ahead closes a window: for the other it is closed as long, not longer."""
    ahead, behind = boards
    _go(ahead, _READ, _NOW + 60)
    ahead.end(_READ, _refused(now=_NOW + 60))
    hold = _ask(behind, _READ, _NOW)
    assert hold.seconds == pytest.approx(10.0)
    assert behind.now() == _NOW + 60
    assert _ask(behind, _READ, _NOW + 10) is None


def test_a_clock_that_is_wildly_ahead_is_not_followed(boards):
    """A worker a day ahead is wrong: its window is closed for an hour at most, and the time stays the own one."""
    ahead, behind = boards
    _go(ahead, _READ, _NOW + 86_400)
    ahead.end(_READ, _refused(now=_NOW + 86_400))
    assert _ask(behind, _READ, _NOW).seconds <= 3600.0
    assert behind.now() == _NOW


def test_the_pace_of_an_endpoint_is_told_without_asking_anybody(make, shared):
    """Each site has its own, which a refusal there lowers; the host's state is not read for it."""
    board = make(shared)
    documented = board.pace(_READ)
    _go(board, _READ, _NOW)
    board.end(_READ, _refused())
    reads = shared.reads
    assert 0 < board.pace(_READ) < documented
    assert board.pace(_READ_ELSEWHERE) == documented
    assert shared.reads == reads
